//! # P0140 · a cut-off date of its own before the pool's
//!
//! Its balance would be of a day on which nothing belongs to the deal yet, and what was paid in
//! between would be sold a second time.

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    (draft.cutoff < draft.pool_cutoff).then(|| {
        draft
            .fault("P0140", Field::CutoffDate)
            .showing(&["outstanding_principal"])
            .with("own", draft.cutoff)
            .with("cutoff", draft.pool_cutoff)
    })
}
