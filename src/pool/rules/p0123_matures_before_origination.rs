//! # P0123 · the maturity does not follow the origination

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (origination, maturity) = (row.origination?, row.maturity?);
    (maturity <= origination).then(|| {
        draft
            .fault("P0123", Field::MaturityDate)
            .showing(&["origination_date"])
            .with("origination", origination)
            .with("maturity", maturity)
    })
}
