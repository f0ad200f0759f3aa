//! The cash of a collection month that is there on a purchase date within it.
//!
//! ```text
//! evenly:       ROUND(cash × days elapsed ÷ days of the month, 2)
//! by due days:  ROUND(due of the pool × share(d), 2) + ROUND(due of what was bought × share of it(d), 2)
//!               + ROUND(other cash × days elapsed ÷ days of the month, 2)
//! ```
//!
//! Due is contract cash: scheduled principal, interest and fees. The shares are of contracts, so what
//! default and prepayment leave of it comes on the same days. Prepayments, recoveries and what the
//! originator pays have no due day.

use super::build::{Builder, Column};
use super::collateral::{Collateral, Flow, Months};
use super::dated::{column, pot};
use super::due_days::DueShares;
use super::line::{Dim, Topic};
use super::pots::{home, receipt};
use crate::deal::Deal;
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// A day of a month.
pub(super) struct Day {
    /// The days that are over.
    pub elapsed: LineId,
    /// The days of the month.
    pub days: LineId,
}

/// The labels of contract cash, with the line of each by cohort.
const DUE: [(&str, &str); 3] = [
    ("scheduled_principal", "collections.scheduled"),
    ("interest", "collections.interest"),
    ("fee", "collections.fee"),
];

/// Cash that comes the same on every day.
pub(super) fn even(cash: LineId, elapsed: LineId, days: LineId) -> Formula {
    let (elapsed, days) = (Formula::Line(elapsed), Formula::Latest(days));
    Formula::portion(Formula::Latest(cash), vec![elapsed], vec![days])
}

/// Contract cash by due days, the rest evenly; `cash` is all that a month brings into the pot.
pub(super) fn by_due_days(
    lines: &mut Builder,
    deal: &Deal,
    (pool, shares): (&Collateral, &DueShares),
    months: &Months,
    cash: LineId,
    day: Day,
) -> Formula {
    let month = |key: &str, part| Column::month(Topic::Pool, Dim::One, key, part);
    let is_home = |flow: &&Flow| {
        let is_due = DUE.iter().any(|(label, _)| *label == flow.label);
        is_due && home(deal, receipt(flow.label), flow.pool) == pot(deal)
    };
    let due = months.flows.iter().filter(is_home).map(|flow| Formula::Line(flow.line)).collect();
    let due = lines.compute(month("pool.due_cash", "due_cash"), Formula::sum(due));
    let mut given = |key: &str, part, shares: &[Rate]| {
        let values = shares.iter().map(|share| share.parts()).collect();
        lines.given(column(key, part), Sort::Rate, values)
    };
    let of_pool = given("due_share", "due_share_of_pool", &shares.pool);
    let mut terms = Vec::new();
    let mut own = due;
    if pool.cohorts.iter().any(|cohort| cohort.bought.is_some()) {
        let of_bought = given("due_share_of_bought", "due_share_of_bought", &shares.bought);
        let bought = of_purchases(lines, deal, pool);
        let bought = Formula::Least(vec![Formula::Total(bought), Formula::Line(due)]);
        let bought = lines.compute(month("pool.due_of_bought", "due_cash_of_bought"), bought);
        let rest = Formula::less(Formula::Line(due), Formula::Line(bought));
        own = lines.compute(month("pool.due_of_pool", "due_cash_of_pool"), rest);
        let share = vec![Formula::Line(of_bought)];
        terms.push(Formula::portion(Formula::Latest(bought), share, vec![]));
    }
    let other = Formula::less(Formula::Line(cash), Formula::Line(due));
    let other = lines.compute(month("pool.other_cash", "other_cash"), other);
    let share = vec![Formula::Line(of_pool)];
    terms.insert(0, Formula::portion(Formula::Latest(own), share, vec![]));
    terms.push(even(other, day.elapsed, day.days));
    Formula::sum(terms)
}

/// By cohort the contract cash of what was bought, as far as it flows into the pot.
fn of_purchases(lines: &mut Builder, deal: &Deal, pool: &Collateral) -> LineId {
    let of = |cohort: &super::Cohort| {
        if cohort.bought.is_none() {
            return Formula::ZERO;
        }
        let subpool = pool.subpool_of.get(cohort.segment).copied();
        let due = DUE.iter().filter(|(label, _)| home(deal, receipt(label), subpool) == pot(deal));
        let due = due.map(|(_, key)| lines.find(key).expect("every pool collects it"));
        Formula::sum(due.map(Formula::Line).collect())
    };
    let formula = Formula::ByElement(pool.cohorts.iter().map(of).collect());
    let key = "collections.due_of_bought";
    let column = Column::month(Topic::Collections, Dim::Cohort, key, "due_cash_of_bought");
    lines.compute(column, formula)
}
