//! # P0131 · "as the schedule says", and no schedule says anything

use super::Draft;
use crate::money::Amount;
use crate::pool::Method;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let lines = draft.given.map_or(0, <[_]>::len);
    let outstanding = row.outstanding_principal? > Amount::ZERO;
    let lacking = draft.method == Some(Method::Given) && lines == 0 && outstanding;
    lacking.then(|| draft.fault("P0131", Field::RepaymentMethod))
}
