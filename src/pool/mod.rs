//! The receivables: what the tape says of each, checked, in the form that everything below reads.

mod from_tape;
mod from_terms;
mod join;
mod receivable;
mod roll;
mod rules;

pub use from_tape::{Parts, Taken, load, load_in_blocks, load_keeping, rate_unit};
pub use from_terms::credit_limit;
pub use join::{PoolTape, SUBPOOL, join};
pub use receivable::{
    ArrearsRule, Attribute, ContractRate, GivenInstalment, InDefault, Method, PlanBasis, Pool,
    PoolTerms, ProductTerms, RatePeriod, Receivable, Remainder,
};

pub use roll::{Moved, Residual, Roll, Unexplained};

pub use crate::tape::{Mended, RowOrigin, TapeManifest};
