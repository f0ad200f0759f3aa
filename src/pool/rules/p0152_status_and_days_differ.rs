//! # P0152 · the status says one thing of arrears, the days past due another
//!
//! Of M1, M2 … both numberings are taken: M1 as 1–30 days, and M1 as 31–60.

use super::Draft;
use crate::tape::{Fault, Field};

/// Words for a receivable that is paid as agreed.
const CURRENT: [&str; 6] =
    ["正常", "正常还款", "current", "normal", "performing", "fully performing"];
/// Words for arrears of any length.
const LATE: [&str; 4] = ["逾期", "overdue", "late", "delinquent"];

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let days = draft.row.past_due_days?;
    let status = draft.status.trim().to_lowercase();
    let differs = if CURRENT.contains(&status.as_str()) {
        days > 0
    } else if let Some(bucket) = bucket(&status) {
        let (one, zero) = (bucket.saturating_sub(1) * 30, bucket * 30);
        let within = |from: u32| (from + 1..=from + 30).contains(&days);
        !within(one) && !within(zero)
    } else {
        LATE.contains(&status.as_str()) && days == 0
    };
    differs.then(|| {
        draft
            .fault("P0152", Field::Status)
            .showing(&["past_due_days"])
            .with("status", draft.status)
            .with("days", days)
    })
}

/// The number of `M3`, `逾期M3`; nothing for `M6+`, which has no end.
fn bucket(status: &str) -> Option<u32> {
    let number = status.trim_start_matches("逾期").trim().strip_prefix('m')?;
    number.parse().ok().filter(|bucket| (1..=24).contains(bucket))
}
