//! What a tape leaves out and the terms of the contract give: the balance, the origination date, and
//! the dates of a representative line.

use chrono::{Months, NaiveDate};

use super::from_tape::{day_of, on_day};
use super::rules::is_computable;
use super::{Method, ProductTerms, Receivable};
use crate::money::Amount;
use crate::plan::contract_schedule;
use crate::tape::{Field, Row};
use crate::time::is_month_end;

/// A row with empty cells, and which of them are filled in here.
pub(super) struct Filled {
    /// The row.
    pub(super) row: Row,
    /// Whether its balance is from the terms.
    pub(super) balance: bool,
    /// Whether its origination is from the first due date.
    pub(super) origination: bool,
    /// Whether its dates are from its seasoning.
    pub(super) rep_line: bool,
}

impl Filled {
    /// The row, when there is something to fill in. Cells that cannot be read stay as they are.
    pub(super) fn of(row: &Row) -> Option<Filled> {
        let balance =
            row.outstanding_principal.is_none() && !row.is_unreadable(Field::OutstandingPrincipal);
        let origination = row.origination.is_none() && !row.is_unreadable(Field::OriginationDate);
        let filled = || Filled { row: row.clone(), balance, origination, rep_line: false };
        (balance || origination).then(filled)
    }

    /// The row of a credit line (循环额度): it has no schedule, so all that is drawn counts as due a
    /// month after the cut-off date, and what was lent is the limit, or what is drawn beyond it.
    pub(super) fn revolving(row: &Row, cutoff: NaiveDate, limit: Option<&str>) -> Filled {
        let mut row = row.clone();
        let due = cutoff.checked_add_months(Months::new(1));
        let limit = limit.and_then(credit_limit).filter(|limit| *limit > Amount::ZERO);
        let lent = [row.original_principal, row.outstanding_principal, limit];
        row.original_principal = lent.into_iter().flatten().max();
        row.origination = row.origination.or(Some(cutoff));
        (row.instalments, row.paid_instalments, row.remaining_instalments) =
            (Some(1), Some(0), None);
        (row.first_due, row.due_day, row.paid_from) = (due, due.map(day_of), None);
        // An expiry of the line and a minimum payment are no terms of a schedule.
        (row.maturity, row.instalment_amount, row.apr) = (None, None, None);
        Filled { row, balance: false, origination: false, rep_line: false }
    }

    /// Makes a representative line of a row without dates, when it has a remaining term and a
    /// seasoning; whether it did.
    ///
    /// ```text
    /// origination = cut-off − seasoning months      first remaining due date = cut-off + 1 month
    /// instalments = remaining + seasoning           month ends stay month ends
    /// ```
    ///
    /// What was lent is not known and plays no part: the balance takes its place.
    pub(super) fn line_up(&mut self, cutoff: NaiveDate) -> bool {
        let row = &mut self.row;
        let (Some(remaining), Some(seasoning)) = (row.remaining_instalments, row.seasoning_months)
        else {
            return false;
        };
        let day = if is_month_end(cutoff) { 31 } else { day_of(cutoff) };
        let back = cutoff.checked_sub_months(Months::new(seasoning.into()));
        row.origination = back.and_then(|date| on_day(date, day));
        let next = row.origination.and_then(|date| date.checked_add_months(Months::new(1)));
        row.first_due = next.and_then(|date| on_day(date, day));
        row.due_day = Some(day);
        row.instalments = Some(remaining + seasoning);
        row.paid_instalments = Some(seasoning);
        row.original_principal = row.original_principal.or(row.outstanding_principal);
        (self.origination, self.rep_line) = (false, true);
        true
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

/// The limit of a credit line as its column has it; `None` when that is no amount.
///
/// ```
/// # use cashfall::pool::credit_limit;
/// assert_eq!(credit_limit("50,000").unwrap().to_string(), "50000.00");
/// assert_eq!(credit_limit("—"), None);
/// ```
pub fn credit_limit(text: &str) -> Option<Amount> {
    let text = text.trim().replace([',', '，'], "");
    let amount = text.parse::<Amount>().ok()?;
    (amount >= Amount::ZERO && amount.minor() <= LIMIT_MOST).then_some(amount)
}

/// Ten billion: no account has such a limit.
const LIMIT_MOST: i64 = 1_000_000_000_000;

/// Whether a contract schedule can be made of it.
fn has_schedule(receivable: &Receivable) -> bool {
    receivable.original_principal > Amount::ZERO
        && receivable.instalments > 0
        && is_computable(receivable.rate)
        && (receivable.method != Method::Given || receivable.given.is_some())
}
