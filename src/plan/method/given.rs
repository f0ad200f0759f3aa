//! The schedule stands in the tape.

use crate::money::Amount;
use crate::plan::Cash;
use crate::pool::GivenInstalment;

/// The given instalments as they are, while they sum to the outstanding principal.
///
/// The tape's balance is the truth: an instalment never repays more than is left, and the last one
/// repays all that is left.
pub(in crate::plan) fn schedule(
    given: &[GivenInstalment],
    outstanding: Amount,
) -> impl Iterator<Item = Cash> {
    let mut left = outstanding;
    given.iter().enumerate().map(move |(place, instalment)| {
        let is_last = place + 1 == given.len();
        let principal = if is_last { left } else { instalment.principal.min(left) };
        left -= principal;
        Cash { principal, interest: instalment.interest, fee: instalment.fee }
    })
}
