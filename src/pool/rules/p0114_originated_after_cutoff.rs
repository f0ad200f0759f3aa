//! # P0114 · originated after the cut-off date

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let origination = row.origination?;
    (origination > draft.cutoff).then(|| {
        draft
            .fault("P0114", Field::OriginationDate)
            .with("origination", origination)
            .with("cutoff", draft.cutoff)
    })
}
