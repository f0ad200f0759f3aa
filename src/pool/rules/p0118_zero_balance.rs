//! # P0118 · nothing is outstanding

use super::Draft;
use crate::money::Amount;
use crate::pool::Method;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let lent = row.original_principal? > Amount::ZERO;
    // A line that is not drawn is open to be drawn.
    let lent = lent && draft.method != Some(Method::Revolving);
    let nothing = lent && row.outstanding_principal? == Amount::ZERO;
    nothing.then(|| draft.fault("P0118", Field::OutstandingPrincipal).showing(&["status"]))
}
