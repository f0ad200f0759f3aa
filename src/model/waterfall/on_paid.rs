//! The fee on what is paid to holders (兑付手续费), without a circle.

use super::super::build::{Builder, Column};
use super::super::line::{Closing, Topic};
use crate::deal::Fee;
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// The registrar's closed form: the largest D with D + ROUND(D × f) ≤ A, and the fee on it.
///
/// `C = ROUND(A ÷ (1 + f), 2)`, `D = MIN(claims, C, A − ROUND(C × f, 2))`, `fee = ROUND(D × f, 2)`.
pub(super) struct OnPaid {
    /// The fee.
    pub fee: LineId,
    /// What can be paid to holders.
    pub distributable: LineId,
    /// What the cash would let be paid, when the claims may be fewer.
    pub most: Option<Formula>,
}

/// Lowers a fee on what is paid, out of what is left; `claims` bounds what holders can receive.
pub(super) fn on_paid(
    lines: &mut Builder,
    fee: &Fee,
    key: &str,
    rate: Rate,
    left: Formula,
    claims: Option<Formula>,
) -> OnPaid {
    let topic = if key.starts_with("test.") { Topic::Support } else { Topic::Fees };
    let column =
        |part: &'static str| Column::payment(topic, format!("{key}.{part}"), &fee.name, part);
    let input = format!("fee.{}.rate", fee.id);
    let rate = lines.input(input, &fee.name, "rate", Sort::Rate, rate.parts());
    let gross = Formula::Sum(vec![Formula::ONE, Formula::Input(rate)]);
    let most =
        lines.compute(column("net_of_fee"), Formula::portion(left.clone(), vec![], vec![gross]));
    let on_most = lines.compute(
        column("fee_on_net"),
        Formula::portion(Formula::Line(most), vec![Formula::Input(rate)], vec![]),
    );
    let mut bounds = vec![Formula::Line(most), Formula::less(left, Formula::Line(on_most))];
    let most_of_cash = claims.is_some().then(|| Formula::Least(bounds.clone()));
    bounds.extend(claims);
    let distributable = lines.compute(column("distributable"), Formula::Least(bounds));
    let fee = lines.compute(
        column("accrued"),
        Formula::portion(Formula::Line(distributable), vec![Formula::Input(rate)], vec![]),
    );
    for line in [most, on_most, distributable] {
        lines.stock(line);
        lines.closing(line, Closing::Empty);
    }
    OnPaid { fee, distributable, most: most_of_cash }
}
