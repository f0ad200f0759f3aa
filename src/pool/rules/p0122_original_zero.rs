//! # P0122 · nothing was lent

use super::Draft;
use crate::money::Amount;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let nothing = row.original_principal? == Amount::ZERO;
    nothing.then(|| draft.fault("P0122", Field::OriginalPrincipal))
}
