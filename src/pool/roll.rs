//! The roll-forward: last month's tape against this month's, receivable by receivable.
//!
//! ```text
//! closing = opening − scheduled + unpaid − prepaid − closed + new + unexplained
//! ```
//!
//! All are whole minor units, so the line is exact; what no rule explains is listed with its cell.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Pool, Receivable};
use crate::finding::{Finding, Origin};
use crate::money::Amount;
use crate::plan::remaining_schedule;
use crate::tape::Field;
use crate::time::due_date;

/// A count of receivables with their principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many receivables.
    pub count: usize,
    /// Their principal.
    pub amount: Amount,
}

impl Moved {
    fn add(&mut self, amount: Amount) {
        if amount != Amount::ZERO {
            self.count += 1;
            self.amount += amount;
        }
    }
}

/// Why a movement is not explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unexplained {
    /// The balance is higher than last month.
    Rose,
    /// It is not new by its origination, and was not in the last tape.
    Appeared,
    /// Less was paid than fell due, and nothing says that it is past due.
    UnpaidButCurrent,
    /// The principal lent or the origination date is another.
    TermsChanged,
}

impl Unexplained {
    /// The code of its finding.
    pub fn code(self) -> &'static str {
        match self {
            Unexplained::Rose => "P0160",
            Unexplained::Appeared => "P0161",
            Unexplained::UnpaidButCurrent => "P0162",
            Unexplained::TermsChanged => "P0163",
        }
    }
}

/// One receivable whose movement is not explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residual {
    /// The receivable, as the pool knows it.
    pub id: String,
    /// Its row in this month's tape.
    pub row: u32,
    /// Why.
    pub why: Unexplained,
    /// Its balance in the last tape.
    pub opening: Amount,
    /// What the balance should be.
    pub expected: Amount,
    /// Its balance in this tape.
    pub closing: Amount,
}

/// Last month's tape against this month's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roll {
    /// The cut-off date of the last tape.
    pub from: NaiveDate,
    /// The cut-off date of this tape.
    pub to: NaiveDate,
    /// The last tape.
    pub opening: Moved,
    /// Principal that was in arrears or fell due in between, by the plan of the last tape.
    pub scheduled: Moved,
    /// Of it, not paid, and past due in this tape.
    pub unpaid: Moved,
    /// Paid beyond the schedule, and still in the tape.
    pub prepaid: Moved,
    /// Gone from the tape before the last instalment: settled early, bought back, refunded.
    pub closed: Moved,
    /// Originated in between.
    pub new: Moved,
    /// The rest, up or down.
    pub unexplained: Moved,
    /// This tape.
    pub closing: Moved,
    /// Each receivable that the rest is made of, and those whose terms changed.
    pub residuals: Vec<Residual>,
}

impl Roll {
    /// Rolls the last pool forward to this one, each at its own cut-off date.
    ///
    /// # Panics
    ///
    /// When the parts do not sum to the closing balance, which they do by construction.
    pub fn of(last: &Pool, this: &Pool) -> Roll {
        let (none, zero) = (Moved::default(), Vec::new());
        let mut roll = Roll {
            from: last.cutoff,
            to: this.cutoff,
            opening: Moved { count: last.receivables.len(), amount: last.outstanding_principal() },
            closing: Moved { count: this.receivables.len(), amount: this.outstanding_principal() },
            scheduled: none,
            unpaid: none,
            prepaid: none,
            closed: none,
            new: none,
            unexplained: none,
            residuals: zero,
        };
        let mut former: BTreeMap<&str, &Receivable> =
            last.receivables.iter().map(|receivable| (&*receivable.id, receivable)).collect();
        for now in &this.receivables {
            match former.remove(&*now.id) {
                Some(then) => roll.both(last, then, now),
                None => roll.only_now(now),
            }
        }
        for then in former.into_values() {
            let due = due(last, then, roll.to);
            roll.scheduled.add(due);
            roll.closed.add(then.outstanding_principal - due);
        }
        assert_eq!(roll.expected(), roll.closing.amount, "a roll-forward sums to the tape");
        roll
    }

    /// The closing balance as the sum of the parts.
    pub fn expected(&self) -> Amount {
        self.opening.amount - self.scheduled.amount + self.unpaid.amount
            - self.prepaid.amount
            - self.closed.amount
            + self.new.amount
            + self.unexplained.amount
    }

    /// A receivable of both tapes.
    fn both(&mut self, last: &Pool, then: &Receivable, now: &Receivable) {
        let (opening, closing) = (then.outstanding_principal, now.outstanding_principal);
        let due = due(last, then, self.to);
        let expected = opening - due;
        self.scheduled.add(due);
        let difference = closing - expected;
        if difference < Amount::ZERO {
            self.prepaid.add(-difference);
        } else if closing > opening {
            self.residual(now, Unexplained::Rose, (opening, expected));
        } else if difference > Amount::ZERO && is_behind(now, self.to) {
            self.unpaid.add(difference);
        } else if difference > Amount::ZERO {
            self.residual(now, Unexplained::UnpaidButCurrent, (opening, expected));
        }
        let terms = |of: &Receivable| (of.original_principal, of.origination);
        if terms(then) != terms(now) && !now.is_rep_line {
            self.residuals.push(Residual {
                id: now.id.to_string(),
                row: now.origin.row,
                why: Unexplained::TermsChanged,
                opening,
                expected: closing,
                closing,
            });
        }
    }

    /// A receivable of this tape alone.
    fn only_now(&mut self, now: &Receivable) {
        match now.origination > self.from {
            true => self.new.add(now.outstanding_principal),
            false => self.residual(now, Unexplained::Appeared, (Amount::ZERO, Amount::ZERO)),
        }
    }

    fn residual(
        &mut self,
        now: &Receivable,
        why: Unexplained,
        (opening, expected): (Amount, Amount),
    ) {
        let closing = now.outstanding_principal;
        self.unexplained.add(closing - expected);
        let (id, row) = (now.id.to_string(), now.origin.row);
        self.residuals.push(Residual { id, row, why, opening, expected, closing });
    }

    /// A finding for each residual, at its balance in this month's tape.
    pub fn findings(&self, this: &Pool) -> Vec<Finding> {
        let manifest = &this.manifest;
        let column = manifest.columns.get(Field::OutstandingPrincipal.name());
        let letters = column.map_or("", |(letters, _)| letters.as_str());
        let sheet = manifest.sheets.first().map_or("", String::as_str);
        let finding = |residual: &Residual| {
            let cell = format!("{letters}{}", residual.row);
            Finding::new(residual.why.code(), Origin::cell(&manifest.file, sheet, cell))
                .with("id", &residual.id)
                .with("opening", residual.opening)
                .with("expected", residual.expected)
                .with("closing", residual.closing)
                .with("difference", residual.closing - residual.expected)
                .with("from", self.from)
                .with("to", self.to)
        };
        self.residuals.iter().map(finding).collect()
    }
}

/// The principal in arrears at the last cut-off date or due by this one, by the last tape's plan.
fn due(last: &Pool, then: &Receivable, to: NaiveDate) -> Amount {
    let (schedule, _) = remaining_schedule(then, last.terms(then), last.cutoff);
    let due = schedule.iter().filter(|line| line.arrears || line.due <= to);
    due.map(|line| line.principal).sum()
}

/// Whether this month's tape says that an instalment is past due, by days or by the paid ones.
fn is_behind(now: &Receivable, to: NaiveDate) -> bool {
    let next = due_date(now.first_due, now.due_day, u32::from(now.paid_instalments));
    now.past_due_days.is_some_and(|days| days > 0)
        || (now.past_due_days.is_none() && now.paid_instalments < now.instalments && next <= to)
}
