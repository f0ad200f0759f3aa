//! The pool as a portfolio: what can be said of each receivable, which of them may be sold, what
//! they may be together, their shape, and the choice among them.
//!
//! ```text
//! Pool ─▶ Column (one characteristic of every receivable)
//!           ├─▶ eligibility   criteria one by one      ─▶ ladder: what each removed
//!           ├─▶ limits        the portfolio as a whole ─▶ value, limit, headroom, excess
//!           ├─▶ stratification buckets                 ─▶ distributions, cross-tables, averages
//!           ├─▶ selection     a target under all of these
//!           ├─▶ order         what is looked at first where receivables are bought
//!           └─▶ sample        receivables to tie out
//! ```
//!
//! A condition that reads a column which the tape does not have is a finding, and holds for nobody.

mod characteristic;
mod column;
mod condition;
mod draw;
pub mod eligibility;
mod groups;
pub mod limits;
pub mod order;
pub mod sample;
pub mod selection;
pub mod stratification;

pub use characteristic::{Characteristic, KNOWN, Kind, Known};
pub use column::{Column, Figure};
pub(crate) use column::{day_parts, method_word};
pub use condition::{Bound, BoundCondition, Condition, Outcome, Requirement};
pub use groups::Groups;
