//! Sub-pools (子资产池, loan groups): several tapes in one deal.

use super::Text;
use crate::pool::PoolTerms;

/// The receivables of one tape among several of a deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Subpool {
    /// The name in the deal file, and the value of the attribute `pool`.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The tape, relative to the deal file.
    pub tape: String,
    /// The column mapping of the tape.
    pub mapping: Option<String>,
    /// Its cut-off date, the deal's or a later one, and the terms of its products.
    pub terms: PoolTerms,
}
