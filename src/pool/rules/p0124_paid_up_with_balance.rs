//! # P0124 · all instalments are paid, and something is outstanding

use super::Draft;
use crate::money::Amount;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (outstanding, total) = (row.outstanding_principal?, draft.instalments?);
    let over = draft.paid? == total && total > 0 && outstanding > Amount::ZERO;
    over.then(|| {
        draft
            .fault("P0124", Field::PaidInstalments)
            .showing(&["instalments", "outstanding_principal"])
            .with("total", total)
            .with("outstanding", outstanding)
    })
}
