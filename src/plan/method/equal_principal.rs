//! 等额本金: equal principal, interest on the balance.

use super::{Loan, with_interest};
use crate::plan::Cash;

/// Equal parts of principal, and `ROUND(balance*r,2)` of interest with each.
pub(in crate::plan) fn schedule<'a>(loan: Loan<'a>) -> impl Iterator<Item = Cash> + use<'a> {
    with_interest(loan.principal, loan.equal_principals(), |balance| loan.factor.charge(balance))
}
