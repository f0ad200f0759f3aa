//! # P0119 · the status says that it is over, the balance that it is not

use super::Draft;
use crate::money::Amount;
use crate::tape::{Fault, Field};

/// Texts that mean the end of a receivable.
const ENDED: [&str; 10] = [
    "已结清",
    "结清",
    "settled",
    "提前结清",
    "已核销",
    "核销",
    "written_off",
    "fully paid",
    "prepaid",
    "charged off",
];

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let outstanding = row.outstanding_principal?;
    let ended = draft.status.len() <= 40 && ENDED.contains(&draft.status.to_lowercase().as_str());
    (ended && outstanding > Amount::ZERO).then(|| {
        draft
            .fault("P0119", Field::Status)
            .showing(&["outstanding_principal"])
            .with("status", draft.status)
            .with("outstanding", outstanding)
    })
}
