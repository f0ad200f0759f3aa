//! # M0173 · defaulted after the cut-off date, or before it was lent

use super::Draft;
use crate::tape::{Fault, Field};

/// Whether the stated day of default cannot be.
pub(in crate::pool) fn is_odd(draft: &Draft) -> bool {
    let lent_later = |day| draft.row.origination.is_some_and(|origination| day < origination);
    draft.row.default_date.is_some_and(|day| day > draft.cutoff || lent_later(day))
}

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let day = draft.row.default_date.filter(|_| is_odd(draft))?;
    let origination = draft.row.origination.map_or("—".to_string(), |day| day.to_string());
    let fault = draft.fault("M0173", Field::DefaultDate).showing(&["origination_date"]);
    Some(fault.with("day", day).with("origination", origination).with("cutoff", draft.cutoff))
}
