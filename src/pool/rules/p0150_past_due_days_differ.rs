//! # P0150 · the days past due are not those of the oldest unpaid instalment
//!
//! ```text
//! days = max(0, cut-off − due date of instalment (paid + 1))
//! ```

use super::Draft;
use crate::money::Amount;
use crate::pool::Method;
use crate::tape::{Fault, Field};
use crate::time::due_date;

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let stated = row.past_due_days?;
    let (total, paid) = (draft.instalments?, draft.paid?);
    // What was paid by a rule of the mapping is an estimate, and a line has no instalments.
    let is_counted = row.paid_instalments.is_some() || row.remaining_instalments.is_some();
    let owes = row.outstanding_principal? > Amount::ZERO && paid < total;
    let lines = draft.is_rep_line || draft.method == Some(Method::Revolving);
    if !is_counted || lines || !owes {
        return None;
    }
    let of_schedule = draft.given.and_then(|lines| lines.iter().find(|l| l.number == paid + 1));
    let due = match of_schedule {
        Some(line) => line.due,
        None => {
            let day = draft.due_day.filter(|day| (1..=31).contains(day))?;
            let first = draft.first_due.filter(|first| row.origination.is_none_or(|o| o <= *first));
            due_date(first?, day, u32::from(paid))
        }
    };
    let days = (draft.cutoff - due).num_days().max(0);
    (i64::from(stated) != days).then(|| {
        draft
            .fault("P0150", Field::PastDueDays)
            .showing(&["paid_instalments", "first_due_date"])
            .with("stated", stated)
            .with("days", days)
            .with("due", due)
            .with("number", paid + 1)
    })
}
