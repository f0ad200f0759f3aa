//! # P0121 · the first due date cannot be known

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let readable = [Field::FirstDueDate, Field::DueDay, Field::OriginationDate]
        .into_iter()
        .all(|field| !row.is_unreadable(field));
    let askable = row.origination.is_some() && row.due_day != Some(0);
    let provided = [Field::FirstDueDate, Field::DueDay].iter().any(|f| draft.provided.contains(f));
    let unknown = draft.first_due.is_none() && readable && askable && provided;
    unknown.then(|| draft.fault("P0121", Field::FirstDueDate).showing(&["origination_date"]))
}
