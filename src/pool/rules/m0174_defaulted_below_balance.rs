//! # M0174 · more is outstanding than defaulted

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let (defaulted, outstanding) = (draft.row.default_principal?, draft.row.outstanding_principal?);
    (outstanding > defaulted).then(|| {
        draft
            .fault("M0174", Field::DefaultPrincipal)
            .showing(&["outstanding_principal"])
            .with("defaulted", defaulted)
            .with("outstanding", outstanding)
    })
}
