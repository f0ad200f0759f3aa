//! # P0154 · the maturity is not about the last due date of the contract

use super::Draft;
use crate::tape::{Fault, Field};
use crate::time::due_date;

/// Months of different length, holidays, a first period longer than a month.
const DAYS_MOST: i64 = 31;

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let maturity =
        row.maturity.filter(|m| row.origination.is_none_or(|origination| origination < *m))?;
    let total = draft.instalments.filter(|total| *total > 0 && !draft.is_rep_line)?;
    let last = match draft.given.and_then(<[_]>::last) {
        Some(line) => line.due,
        None => {
            let day = draft.due_day.filter(|day| (1..=31).contains(day))?;
            due_date(draft.first_due?, day, u32::from(total) - 1)
        }
    };
    ((maturity - last).num_days().abs() > DAYS_MOST).then(|| {
        draft
            .fault("P0154", Field::MaturityDate)
            .showing(&["first_due_date", "instalments"])
            .with("maturity", maturity)
            .with("last", last)
            .with("instalments", total)
    })
}
