//! # P0111 · more instalments are paid than there are

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let (paid, total) = (draft.paid?, draft.instalments?);
    (paid > total).then(|| {
        draft
            .fault("P0111", Field::PaidInstalments)
            .showing(&["instalments"])
            .with("paid", paid)
            .with("total", total)
    })
}
