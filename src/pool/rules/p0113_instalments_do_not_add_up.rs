//! # P0113 · paid and remaining instalments are not the total

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let total = draft.instalments?;
    let remaining = row.remaining_instalments?;
    let paid = row.paid_instalments.unwrap_or(0);
    let sum = u32::from(paid) + u32::from(remaining);
    let differs = match row.paid_instalments {
        Some(_) => sum != u32::from(total),
        None => remaining > total,
    };
    differs.then(|| {
        draft
            .fault("P0113", Field::Instalments)
            .showing(&["paid_instalments", "remaining_instalments"])
            .with("total", total)
            .with("paid", paid)
            .with("remaining", remaining)
            .with("sum", sum)
    })
}
