//! A bill: everything at once, usually after 30 days.

use super::{Loan, all_at_the_last, with_interest};
use crate::money::Amount;
use crate::plan::Cash;

/// All principal with the last instalment (usually the only one), and no charge at rate 0.
///
/// With a rate per day, `days` are counted as in [`daily`](super::daily) and `loan.factor` is per
/// day; otherwise `days` is `1` for every instalment and the charge is per instalment.
pub(in crate::plan) fn schedule<'a>(
    loan: Loan<'a>,
    mut days: impl Iterator<Item = i64> + 'a,
) -> impl Iterator<Item = Cash> + 'a {
    let principals = all_at_the_last(loan.principal, loan.instalments);
    with_interest(loan.principal, principals, move |balance| {
        let days = days.next().expect("every instalment has its days");
        loan.factor.charge(Amount::from_minor(balance.minor() * days))
    })
}
