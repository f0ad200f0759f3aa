//! Notional amounts: what a swap or an interest-only tranche accrues on.

use super::build::{Builder, Column};
use super::scope::Scope;
use super::tranches::Openings;
use crate::deal::{Deal, Notional, NotionalPart};
use crate::formula::{Formula, LineId, Sort};

/// `Σ balances before payment + the pool at the start of the collection period + defined amounts`, or
/// a column by payment date. Amounts in minor units; exact, nothing is rounded.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    openings: &Openings,
    scope: &Scope,
    notional: &Notional,
    column: Column,
) -> LineId {
    let line = match notional {
        Notional::Sum(parts) => {
            let part = |part: &NotionalPart| match part {
                NotionalPart::Tranche(place) => Formula::Line(openings.opening[*place]),
                NotionalPart::Pool => scope.name("pool.opening"),
                NotionalPart::Defined(place) => scope.definition(*place),
            };
            lines.compute(column, Formula::sum(parts.iter().map(part).collect()))
        }
        Notional::Scheduled(amounts) => {
            let at = |tick: usize| amounts.get(tick).map_or(0, |amount| amount.minor());
            let values = (0..deal.schedule.payments.len()).map(at).collect();
            lines.given(column, Sort::Amount, values)
        }
    };
    lines.stock(line)
}
