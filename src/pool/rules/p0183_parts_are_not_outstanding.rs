//! # P0183 · what is overdue and what is not yet due are not what is outstanding

use super::Draft;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let (overdue, unbilled) = (row.overdue_principal?, row.unbilled_principal?);
    let outstanding = row.outstanding_principal?;
    let sum = overdue + unbilled;
    (sum != outstanding).then(|| {
        draft
            .fault("P0183", Field::UnbilledPrincipal)
            .showing(&["overdue_principal", "outstanding_principal"])
            .with("overdue", overdue)
            .with("unbilled", unbilled)
            .with("sum", sum)
            .with("outstanding", outstanding)
            .with("difference", outstanding - sum)
    })
}
