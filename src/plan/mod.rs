//! The plan: what the receivables owe by contract, to the minor unit, summed by cohort and month.
//!
//! ```text
//! Receivable ─▶ remaining instalments ─┬─ due after the cut-off ─▶ cohort × month: principal, interest, fee
//!  (tape's balance is the truth)       └─ due before it ────────▶ arrears of the cohort
//! ```
//!
//! The plan is a sum of whole numbers, so it is the same for any order of the receivables and any
//! number of threads, and it is the sum of the schedules that [`remaining_schedule`] gives one by
//! one: both read the same iterators of [`method`].

mod days;
mod factor;
mod method;
mod natural;
mod schedule;

use std::ops::AddAssign;

pub use schedule::{Basis, Instalment, contract_schedule, remaining_schedule};

use crate::money::Amount;

/// Principal, interest and fee that belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// 本金.
    pub principal: Amount,
    /// 利息.
    pub interest: Amount,
    /// 手续费.
    pub fee: Amount,
}

impl Cash {
    /// Nothing.
    pub const ZERO: Cash =
        Cash { principal: Amount::ZERO, interest: Amount::ZERO, fee: Amount::ZERO };

    /// Principal, interest and fee together.
    pub fn total(self) -> Amount {
        self.principal + self.interest + self.fee
    }
}

impl AddAssign for Cash {
    #[inline]
    fn add_assign(&mut self, other: Cash) {
        self.principal += other.principal;
        self.interest += other.interest;
        self.fee += other.fee;
    }
}
