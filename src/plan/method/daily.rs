//! 按日计息: equal principal, interest by actual days.

use super::{Loan, with_interest};
use crate::money::Amount;
use crate::plan::Cash;

/// Equal parts of principal, and `ROUND(balance*daily rate*days,2)` of interest with each.
///
/// `days` are the actual days of each instalment: from the due date before it, or from origination.
pub(in crate::plan) fn schedule<'a>(
    loan: Loan<'a>,
    mut days: impl Iterator<Item = i64> + 'a,
) -> impl Iterator<Item = Cash> + 'a {
    with_interest(loan.principal, loan.equal_principals(), move |balance| {
        let days = days.next().expect("every instalment has its days");
        loan.factor.charge(Amount::from_minor(balance.minor() * days))
    })
}
