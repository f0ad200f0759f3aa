//! 先息后本: interest only, the principal at the last instalment.

use super::{Loan, all_at_the_last, with_interest};
use crate::plan::Cash;

/// `ROUND(P*r,2)` of interest with each instalment, all principal with the last.
pub(in crate::plan) fn schedule<'a>(loan: Loan<'a>) -> impl Iterator<Item = Cash> + use<'a> {
    let principals = all_at_the_last(loan.principal, loan.instalments);
    with_interest(loan.principal, principals, |balance| loan.factor.charge(balance))
}
