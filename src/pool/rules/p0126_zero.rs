//! # P0126 · no instalments, or no due day

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let field = match (draft.instalments, row.due_day) {
        (Some(0), _) => Field::Instalments,
        (_, Some(0)) => Field::DueDay,
        (Some(_) | None, Some(_) | None) => return None,
    };
    Some(draft.fault("P0126", field).with("field", field.name()))
}
