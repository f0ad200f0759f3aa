//! What a tape leaves out and the terms of the contract give: the balance, the origination date.

use chrono::{Months, NaiveDate};

use super::from_tape::{day_of, on_day};
use super::rules::is_computable;
use super::{Method, ProductTerms, Receivable};
use crate::money::Amount;
use crate::plan::contract_schedule;
use crate::tape::{Field, Row};

/// A row with empty cells, and which of them are filled in here.
pub(super) struct Filled {
    /// The row.
    pub(super) row: Row,
    /// Whether its balance is from the terms.
    pub(super) balance: bool,
    /// Whether its origination is from the first due date.
    pub(super) origination: bool,
}

impl Filled {
    /// The row, when there is something to fill in. Cells that cannot be read stay as they are.
    pub(super) fn of(row: &Row) -> Option<Filled> {
        let balance =
            row.outstanding_principal.is_none() && !row.is_unreadable(Field::OutstandingPrincipal);
        let origination = row.origination.is_none() && !row.is_unreadable(Field::OriginationDate);
        (balance || origination).then(|| Filled { row: row.clone(), balance, origination })
    }

    /// Sets the origination `months` before the first due date, on the due day, and never after the
    /// cut-off date: the rule for the first due date, reversed.
    pub(super) fn originate(
        &mut self,
        (first_due, due_day): (Option<NaiveDate>, Option<u8>),
        months: u32,
        cutoff: NaiveDate,
    ) {
        let before = first_due.and_then(|due| {
            let day = due_day.filter(|day| *day > 0).unwrap_or(day_of(due));
            on_day(due.checked_sub_months(Months::new(months))?, day)
        });
        self.row.origination = before.map(|date| date.min(cutoff));
        self.origination = before.is_some();
    }

    /// Sets the principal of the contract's instalments after the paid ones, or of the given
    /// schedule's. `receivable` is the row's with any balance; `None` when it lacks something else.
    pub(super) fn set_balance(&mut self, receivable: Option<&Receivable>, terms: &ProductTerms) {
        let balance = receivable.filter(|receivable| has_schedule(receivable)).map(|receivable| {
            let paid = receivable.paid_instalments;
            let schedule = contract_schedule(receivable, terms).into_iter();
            let left = schedule.filter(|instalment| instalment.number > paid);
            left.map(|instalment| instalment.principal).sum::<Amount>()
        });
        self.row.outstanding_principal = balance;
        self.balance = balance.is_some();
    }
}

/// Whether a contract schedule can be made of it.
fn has_schedule(receivable: &Receivable) -> bool {
    receivable.original_principal > Amount::ZERO
        && receivable.instalments > 0
        && is_computable(receivable.rate)
        && (receivable.method != Method::Given || receivable.given.is_some())
}
