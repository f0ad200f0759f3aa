//! # P0106 · a repayment method that is not known

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let unknown = draft.method.is_none() && !draft.method_text.is_empty();
    unknown.then(|| draft.fault("P0106", Field::RepaymentMethod).with("text", draft.method_text))
}
