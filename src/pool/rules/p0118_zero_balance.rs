//! # P0118 · nothing is outstanding

use super::Draft;
use crate::money::Amount;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let lent = row.original_principal? > Amount::ZERO;
    let nothing = lent && row.outstanding_principal? == Amount::ZERO;
    nothing.then(|| draft.fault("P0118", Field::OutstandingPrincipal).showing(&["status"]))
}
