//! # P0117 · an empty cell in a column that every receivable needs

use super::Draft;
use crate::money::Rate;
use crate::tape::{Fault, Field};

/// Whether some column gives the field; paid instalments also come of the remaining ones.
fn provided(draft: &Draft, field: Field) -> bool {
    let by = |field: Field| draft.provided.contains(&field);
    by(field) || field == Field::PaidInstalments && by(Field::RemainingInstalments)
}

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let row = draft.row;
    let no_paid = draft.paid.is_none() && row.remaining_instalments.is_none();
    let rated = row.rate.is_some_and(|rate| rate > Rate::ZERO);
    let no_period = rated && row.rate_per.is_none() && draft.rate.is_none();
    let dated = [Field::OriginationDate, Field::FirstDueDate, Field::DueDay];
    let lines = !dated.iter().any(|field| provided(draft, *field));
    let undated = row.origination.is_none() && draft.first_due.is_none();
    let empty = [
        (Field::RemainingInstalments, lines && row.remaining_instalments.is_none()),
        (Field::SeasoningMonths, lines && row.seasoning_months.is_none()),
        (Field::OriginalPrincipal, row.original_principal.is_none() && !draft.is_rep_line),
        (Field::Instalments, draft.instalments.is_none()),
        (Field::PaidInstalments, no_paid),
        (Field::RepaymentMethod, draft.method.is_none() && draft.method_text.is_empty()),
        (Field::Rate, row.rate.is_none() && !draft.needs_no_rate()),
        (Field::RateType, no_period),
        (Field::OriginationDate, row.origination.is_none()),
        (Field::FirstDueDate, undated && !provided(draft, Field::OriginationDate)),
    ];
    // The terms give the balance unless something else is missing.
    let rest = empty.iter().any(|(_, empty)| *empty) || draft.first_due.is_none();
    let no_balance = row.outstanding_principal.is_none()
        && !row.is_unreadable(Field::OutstandingPrincipal)
        && !rest;
    if no_balance {
        let field = Field::OutstandingPrincipal;
        return Some(draft.fault("P0117", field).with("field", field.name()));
    }
    let told = |field: Field| {
        !provided(draft, field)
            || row.is_unreadable(field)
            || field == Field::PaidInstalments && row.is_unreadable(Field::RemainingInstalments)
    };
    let (field, _) = empty.into_iter().find(|(field, empty)| *empty && !told(*field))?;
    Some(draft.fault("P0117", field).with("field", field.name()))
}
