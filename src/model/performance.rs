//! How the pool performed since the date before, as the ratios that early amortisation looks at.
//!
//! ```text
//! balance           Σ over the months: what is there at their start, and what is bought in them
//! payment rate      principal received ÷ balance                               a month
//! portfolio yield   12 × (interest + fees) ÷ balance                           a year
//! charge-off rate   12 × defaulted ÷ balance                                   a year
//! excess spread     12 × (interest + fees + recoveries − defaults − refunds not made good
//!                   − tax, fees and interest due) ÷ balance                    a year
//! ```
//!
//! Each is rounded once to 12 places, and nothing where there is no balance.

use super::build::Builder;
use super::collateral::Months;
use super::scope::Scope;
use crate::deal::Deal;
use crate::formula::{Formula, LineId};
use crate::money::{Rate, Rounding};

/// The balances at the start of the months since the date before, with what was bought in them.
fn balance(months: &Months) -> Formula {
    let bought = months.bought.as_ref().map(|bought| bought.total);
    let balances = std::iter::once(months.opening).chain(bought);
    Formula::sum(balances.map(Formula::Since).collect())
}

fn ratio(lines: &mut Builder, months: &Months, part: Formula, times: Vec<Formula>) -> Formula {
    let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
    Formula::Quotient {
        part: Box::new(part),
        times,
        whole: Box::new(balance(months)),
        places: (places, Rate::DECIMALS),
        rounding: Rounding::HalfUp,
    }
}

fn since(lines: impl IntoIterator<Item = LineId>) -> Formula {
    Formula::sum(lines.into_iter().map(Formula::Since).collect())
}

/// Names what the months alone say, as far as the deal asks.
pub(super) fn of_months(lines: &mut Builder, deal: &Deal, months: &Months, scope: &mut Scope) {
    let mut name = |name: &str, part: Formula, yearly: bool| {
        if deal.reads(name) {
            let times = if yearly { vec![lines.twelve()] } else { vec![] };
            scope.add(name, ratio(lines, months, part, times));
        }
    };
    name("pool.payment_rate", since(months.principal.iter().copied()), false);
    name("pool.portfolio_yield", since([months.interest, months.fee]), true);
    name("pool.charge_off_rate", since([months.defaulted]), true);
    let seller = months.accounts.map_or(Formula::ZERO, |of| Formula::Latest(of.seller));
    scope.add("pool.seller_interest", seller);
}

/// Names the excess spread, once it is known what is due, if the deal asks.
pub(super) fn excess_spread(lines: &mut Builder, deal: &Deal, months: &Months, scope: &mut Scope) {
    if !deal.reads("pool.excess_spread") {
        return;
    }
    let earned = [months.interest, months.fee].into_iter();
    let earned = since(earned.chain(months.recovered).chain(months.disposed));
    let lost = since([months.defaulted].into_iter().chain(months.originator.dilution_loss));
    let fees = deal.fees.iter().map(|fee| format!("fee.{}.due", fee.id));
    let notes = deal.tranches.iter().map(|note| format!("tranche.{}.interest_due", note.id));
    let due = std::iter::once("tax.due".to_string()).chain(fees).chain(notes);
    let due = due.map(|name| scope.name(&name));
    let gone = Formula::sum(std::iter::once(lost).chain(due).collect());
    let twelve = lines.twelve();
    let spread = ratio(lines, months, Formula::less(earned, gone), vec![twelve]);
    scope.add("pool.excess_spread", spread);
}
