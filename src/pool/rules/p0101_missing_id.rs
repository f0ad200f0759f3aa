//! # P0101 · a row without an identifier

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let missing = row.id.is_empty()
        && draft.provided.contains(&Field::ReceivableId)
        && !row.is_unreadable(Field::ReceivableId);
    missing.then(|| {
        Fault::new("P0101", row.origin, Field::ReceivableId.name())
            .showing(&["original_principal", "outstanding_principal"])
    })
}
