//! # P0110 · more is outstanding than was lent

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (original, outstanding) = (row.original_principal?, row.outstanding_principal?);
    (outstanding > original).then(|| {
        draft
            .fault("P0110", Field::OutstandingPrincipal)
            .showing(&["original_principal"])
            .with("original", original)
            .with("outstanding", outstanding)
            .with("excess", outstanding - original)
    })
}
