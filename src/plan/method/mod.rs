//! The repayment methods: one file each, each one an exact iterator over its instalments.
//!
//! | Method                     | Principal of an instalment            | Charge                            |
//! |----------------------------|---------------------------------------|-----------------------------------|
//! | [`level_pay`] 等额本息      | instalment − interest                 | `ROUND(balance*rate,2)`           |
//! | [`equal_principal`] 等额本金 | equal parts                          | `ROUND(balance*rate,2)`           |
//! | [`flat_fee`] 等本等费        | equal parts                          | equal parts of `ROUND(P*rate*n,2)` |
//! | [`interest_only`] 先息后本   | all at the last                      | `ROUND(balance*rate,2)`           |
//! | [`daily`] 按日计息           | equal parts                          | `ROUND(balance*rate*days,2)`      |
//! | [`bill`]                   | all at the last                       | none, or as the rate says         |
//! | [`given`]                  | as the tape has it                    | as the tape has it                |
//!
//! No instalment is negative and the principals sum to what is repaid, whatever the rounding: equal
//! parts that were rounded up stop when nothing is left.

pub(super) mod bill;
pub(super) mod daily;
pub(super) mod equal_principal;
pub(super) mod flat_fee;
pub(super) mod given;
pub(super) mod interest_only;
pub(super) mod level_pay;

use super::factor::Factor;
use crate::money::{Amount, divide};
use crate::plan::Cash;
use crate::pool::{ProductTerms, Remainder};

/// What is repaid, over how many instalments, at what rate.
#[derive(Clone, Copy)]
pub(super) struct Loan<'a> {
    /// The principal repaid by these instalments.
    pub principal: Amount,
    /// Their number.
    pub instalments: u16,
    /// Their rate, per instalment or per day as the method needs it.
    pub factor: &'a Factor,
    /// Rounding and remainder.
    pub terms: &'a ProductTerms,
}

impl Loan<'_> {
    /// An instalment's part of the principal, before the remainder.
    fn part(&self) -> Amount {
        let minor = self.principal.minor().into();
        Amount::from_minor(divide(minor, self.instalments.into(), self.terms.instalment_rounding))
    }

    /// The principal in equal parts.
    #[inline]
    fn equal_principals(&self) -> impl Iterator<Item = Amount> + use<> {
        equal_parts(self.principal, self.part(), self.instalments, self.terms.remainder)
    }
}

/// `total` in `n` parts of `part` each; the last or the first takes what remains.
#[inline]
pub(super) fn equal_parts(
    total: Amount,
    part: Amount,
    n: u16,
    remainder: Remainder,
) -> impl Iterator<Item = Amount> + use<> {
    let others = Amount::from_minor(part.minor() * (i64::from(n) - 1));
    let first = match remainder {
        Remainder::Last => part,
        Remainder::First => (total - others).max(Amount::ZERO),
    };
    let mut left = total;
    let mut next = first;
    (0..n).map(move |before| {
        let due = if before + 1 == n { left } else { next.min(left) };
        next = part;
        left -= due;
        due
    })
}

/// Principal with the interest that `charge` puts on the balance before it.
#[inline]
fn with_interest(
    total: Amount,
    principals: impl Iterator<Item = Amount>,
    mut charge: impl FnMut(Amount) -> Amount,
) -> impl Iterator<Item = Cash> {
    let mut balance = total;
    principals.map(move |principal| {
        let interest = charge(balance);
        balance -= principal;
        Cash { principal, interest, fee: Amount::ZERO }
    })
}

/// Nothing until the last instalment, which repays all.
fn all_at_the_last(total: Amount, n: u16) -> impl Iterator<Item = Amount> {
    (0..n).map(move |before| if before + 1 == n { total } else { Amount::ZERO })
}
