//! # P0132 · the schedule does not repay what is outstanding

use super::Draft;
use crate::money::Amount;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (outstanding, lines) = (row.outstanding_principal?, draft.given?);
    let scheduled: Amount = lines.iter().map(|line| line.principal).sum();
    (scheduled != outstanding).then(|| {
        draft
            .fault("P0132", Field::OutstandingPrincipal)
            .with("scheduled", scheduled)
            .with("outstanding", outstanding)
            .with("difference", scheduled - outstanding)
    })
}
