//! # P0125 · more is overdue than is outstanding

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (overdue, outstanding) = (row.overdue_principal?, row.outstanding_principal?);
    (overdue > outstanding).then(|| {
        draft
            .fault("P0125", Field::OverduePrincipal)
            .showing(&["outstanding_principal"])
            .with("overdue", overdue)
            .with("outstanding", outstanding)
    })
}
