//! 等额本息: equal instalments of principal and interest.

use super::Loan;
use crate::money::Amount;
use crate::plan::Cash;

/// Equal instalments; interest on the balance, the rest of the instalment is principal.
///
/// ```text
/// A           = P·r / (1 − (1 + r)^−n)          rounded by the product's rule; P/n at rate 0
/// interest_i  = ROUND(balance · r, 2)
/// principal_i = A − interest_i                  at least 0, at most the balance
/// principal_n = balance
/// ```
///
/// The remainder is always with the last instalment, whose total may differ from `A`: there is no
/// "first" in a recursion. `given` replaces `A` when the tape states it (plan from the balance).
pub(in crate::plan) fn schedule<'a>(
    loan: Loan<'a>,
    given: Option<Amount>,
) -> impl Iterator<Item = Cash> + use<'a> {
    let rounding = loan.terms.instalment_rounding;
    let instalment =
        given.unwrap_or_else(|| loan.factor.level_instalment(loan.principal, rounding));
    let mut balance = loan.principal;
    // An exclusive range is the faster one to fold.
    (0..loan.instalments).map(move |before| {
        let interest = loan.factor.charge(balance);
        let principal = if before + 1 == loan.instalments {
            balance
        } else {
            (instalment - interest).max(Amount::ZERO).min(balance)
        };
        balance -= principal;
        Cash { principal, interest, fee: Amount::ZERO }
    })
}
