//! The measures of one tranche from a run: life, yield at par, price.

use chrono::NaiveDate;

use super::{Compounding, Flow, price, wal_years, xirr};
use crate::deal::Deal;
use crate::formula::LineId;
use crate::model::{Axis, Model, Run};
use crate::money::Amount;

/// The measures of a tranche.
#[derive(Clone, Debug, PartialEq)]
pub struct TrancheMeasures {
    /// Weighted average life from closing, actual days over 365; `None` without principal.
    pub wal: Option<f64>,
    /// Yearly yield of a purchase at the issue price at closing, `None` when there is no meaningful root.
    pub xirr: Option<f64>,
    /// Price per 100 face at closing at the tranche's pricing yield, yearly compounding (formula 2).
    pub price: Option<f64>,
    /// The same with as many compoundings a year as the deal has payments (formula 1).
    pub price_periodic: Option<f64>,
    /// Interest, principal and remainder paid over life.
    pub paid: [Amount; 3],
    /// The last date with principal.
    pub last_paid: Option<NaiveDate>,
    /// Principal never paid: the balance at the end and what was written down.
    pub short: Amount,
}

/// Measures a tranche, by its place in the deal.
pub fn of_tranche(deal: &Deal, model: &Model, run: &Run, place: usize) -> TrancheMeasures {
    let tranche = &deal.tranches[place];
    let line = |part: &str| model.line(&format!("tranche.{}.{part}", tranche.id));
    let dates = model.timeline.dates(Axis::Payments);
    let amount = |line: Option<LineId>, tick: usize| {
        line.map_or(Amount::ZERO, |line| run.amount(line, tick))
    };
    let [interest, principal, remainder] =
        ["interest_paid", "principal_paid", "remainder_paid"].map(line);
    let principal_flows: Vec<Flow> = (1..dates.len())
        .map(|tick| Flow::new(dates[tick], amount(principal, tick).to_f64()))
        .collect();
    let all = |tick| amount(interest, tick) + amount(principal, tick) + amount(remainder, tick);
    let flows: Vec<Flow> =
        (1..dates.len()).map(|tick| Flow::new(dates[tick], all(tick).to_f64())).collect();
    let face = tranche.face.to_f64();
    // A strip has no face to be priced per 100 of.
    let yielding = tranche.pricing_yield.filter(|_| tranche.strip.is_none());
    let price_paid = amount(line("issued"), 0).to_f64();
    let mut invested = vec![Flow::new(dates[0], -price_paid)];
    invested.extend(&flows);
    let per_hundred: Vec<Flow> =
        flows.iter().map(|flow| Flow::new(flow.date, flow.amount / face * 100.0)).collect();
    let priced =
        |compounding| yielding.map(|y| price(&per_hundred, dates[0], y.to_f64(), compounding));
    let per_year = 12 / deal.dates.payment_every.months();
    TrancheMeasures {
        wal: wal_years(&principal_flows, dates[0]),
        xirr: xirr(&invested),
        price: priced(Compounding::Annual),
        price_periodic: priced(Compounding::PerYear(per_year)),
        paid: [interest, principal, remainder]
            .map(|line| line.map_or(Amount::ZERO, |line| run.total(line))),
        last_paid: principal_flows
            .iter()
            .rev()
            .find(|flow| flow.amount > 0.0)
            .map(|flow| flow.date),
        short: amount(line("closing_balance"), dates.len() - 1)
            + line("written_down").map_or(Amount::ZERO, |line| run.total(line)),
    }
}
