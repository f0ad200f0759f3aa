//! 等本等费: equal principal, and a fee on the original principal whatever has been repaid.

use super::{Loan, equal_parts};
use crate::money::Amount;
use crate::plan::Cash;

/// Equal parts of principal with the contract's fees.
///
/// ```text
/// principal = ROUND(P/n,2)      the last (or first) takes P − principal·(n − 1)
/// fee       = ROUND(P0·r,2)     the last (or first) takes ROUND(P0·r·n,2) − fee·(n − 1)
/// ```
///
/// `P0` is the original principal; at rate 0 the receivable is interest-free (免息分期).
pub(in crate::plan) fn schedule<'a>(
    loan: Loan<'a>,
    fees: impl Iterator<Item = Amount> + 'a,
) -> impl Iterator<Item = Cash> + 'a {
    let cash = |(principal, fee)| Cash { principal, interest: Amount::ZERO, fee };
    loan.equal_principals().zip(fees).map(cash)
}

/// The fees of all instalments of the contract.
pub(in crate::plan) fn fees(contract: Loan) -> impl Iterator<Item = Amount> + use<> {
    let n = contract.instalments;
    let whole = Amount::from_minor(contract.principal.minor() * i64::from(n));
    let (total, fee) = (contract.factor.charge(whole), contract.factor.charge(contract.principal));
    equal_parts(total, fee, n, contract.terms.remainder)
}
