//! The pool as a whole: totals over the cohorts, and the cash that they bring.

use super::super::build::{Builder, Column};
use super::super::line::{Closing, Dim, Topic};
use super::corkscrew::CohortLines;
use super::{Bought, Collateral, Months};
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

/// Collections that reach the account months later: what the servicer collected then.
fn transferred(
    lines: &mut Builder,
    flows: &[(LineId, &'static str)],
    months: u32,
) -> Vec<(LineId, &'static str)> {
    let late = flows.iter().map(|(flow, label)| {
        let late = (1..=months).fold(*flow, |line, month| {
            let key = format!("pool.{label}.late.{month}");
            let column = Column::month(Topic::Pool, Dim::One, &key, "received_from_servicer");
            lines.compute(column, Formula::Prior(line))
        });
        lines.moves(late, Movement { from: Account::Servicer, to: Account::Collection });
        (late, *label)
    });
    late.collect()
}

/// Lowers the totals and the cash.
pub(super) fn totals(
    lines: &mut Builder,
    pool: &Collateral,
    days: LineId,
    cohort: &CohortLines,
    recovered: Option<LineId>,
    commingling_months: u32,
) -> Months {
    let column =
        |key: &str, part| Column::month(Topic::Pool, Dim::One, &format!("pool.{key}"), part);
    let total = |lines: &mut Builder, key: &str, part, line| {
        lines.compute(column(key, part), Formula::Total(line))
    };
    let joined = cohort.joined.map(|joined| total(lines, "joined", "joined", joined));
    let opening = total(lines, "opening", "opening_balance", cohort.opening);
    lines.stock(opening);
    let bought = cohort.bought.map(|(by_cohort, month)| {
        let bought = total(lines, "purchased", "purchased_principal", by_cohort);
        (by_cohort, month, bought)
    });
    let defaulted = total(lines, "default", "defaulted", cohort.defaulted);
    let scheduled = total(lines, "scheduled", "scheduled_principal", cohort.scheduled);
    let prepaid = total(lines, "prepaid", "prepaid_principal", cohort.prepaid);
    let closing = total(lines, "closing", "closing_balance", cohort.closing);
    lines.stock(closing);
    lines.closing(closing, Closing::Formula(Formula::Total(cohort.closing)));
    let interest = total(lines, "interest", "interest", cohort.interest);
    let mut flows = vec![
        (scheduled, "scheduled_principal"),
        (prepaid, "prepaid_principal"),
        (interest, "interest"),
    ];
    let mut fee = total(lines, "fee", "fee", cohort.fee);
    flows.push((fee, "fee"));
    if let Some(early) = cohort.early {
        let early = total(lines, "early_charges", "early_charges_paid", early);
        flows.push((early, "early_charges_paid"));
        let column = column("fee_income", "fee_income");
        fee = lines.compute(column, Formula::sum(vec![Formula::Line(fee), Formula::Line(early)]));
    }
    let mut of_pool = vec![opening, defaulted, closing];
    of_pool.extend(joined);
    of_pool.extend(bought.map(|(.., total)| total));
    let recovered = recovered.map(|recovered| total(lines, "recovered", "recovered", recovered));
    flows.extend(recovered.map(|recovered| (recovered, "recovered")));
    of_pool.extend(flows.iter().map(|(flow, _)| *flow));
    let to = if commingling_months == 0 { Account::Collection } else { Account::Servicer };
    for (flow, _) in &flows {
        lines.moves(*flow, Movement { from: Account::Obligors, to });
    }
    if commingling_months > 0 {
        flows = transferred(lines, &flows, commingling_months);
    }
    let cash = lines.compute(
        column("cash", "cash_collected"),
        Formula::sum(flows.iter().map(|(line, _)| Formula::Line(*line)).collect()),
    );
    let cumulative =
        lines.promise(column("cumulative_default", "cumulative_default"), Sort::Amount);
    lines
        .keep(cumulative, Formula::sum(vec![Formula::Prior(cumulative), Formula::Line(defaulted)]));
    lines.stock(cumulative);
    let bought = bought.map(|(by_cohort, month, total)| {
        let column = column("cumulative_purchased", "cumulative_purchased");
        let cumulative = lines.promise(column, Sort::Amount);
        let sum = Formula::sum(vec![Formula::Prior(cumulative), Formula::Line(total)]);
        lines.keep(cumulative, sum);
        lines.stock(cumulative);
        Bought { by_cohort, month, total, cumulative }
    });
    let initial = lines.figure(
        "pool.initial_balance".to_string(),
        &Text::default(),
        "initial_balance",
        Sort::Amount,
        pool.outstanding().minor(),
    );
    Months {
        opening,
        closing,
        days,
        defaulted,
        scheduled,
        prepaid,
        recovered,
        interest,
        fee,
        cash,
        cumulative_default: cumulative,
        initial,
        joined,
        bought,
        offers: pool.offers.clone(),
        flows,
        of_pool,
    }
}
