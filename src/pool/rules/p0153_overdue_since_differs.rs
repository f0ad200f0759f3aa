//! # P0153 · the day since when it is overdue is not the days past due before the cut-off
//!
//! The day counts as the due date or as the day after it.

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let (start, stated) = (draft.row.overdue_start?, draft.row.past_due_days?);
    let days = (draft.cutoff - start).num_days();
    let stated = i64::from(stated);
    // A day that stands there from former arrears says nothing of a receivable that is current.
    let differs = stated > 0 && stated != days && stated != days + 1;
    (differs || days < 0).then(|| {
        draft
            .fault("P0153", Field::OverdueStart)
            .showing(&["past_due_days"])
            .with("start", start)
            .with("stated", stated)
            .with("days", days)
    })
}
