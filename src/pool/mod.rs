//! The receivables: what the tape says of each, checked, in the form that everything below reads.

mod receivable;

pub use receivable::{
    ArrearsRule, Attribute, ContractRate, GivenInstalment, Method, PlanBasis, Pool, PoolTerms,
    ProductTerms, RatePeriod, Receivable, Remainder, RowOrigin, TapeManifest,
};
