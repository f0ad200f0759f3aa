//! # P0115 · the first due date lies before the origination

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (origination, first_due) = (row.origination?, row.first_due?);
    (first_due < origination).then(|| {
        draft
            .fault("P0115", Field::FirstDueDate)
            .showing(&["origination_date"])
            .with("origination", origination)
            .with("first_due", first_due)
    })
}
