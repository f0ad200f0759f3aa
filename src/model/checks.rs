//! Zeros, if all is well: asserted by every run and live in the workbook.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::line::Topic;
use super::pots::{Held, flows_into};
use super::tranches::Closed;
use super::waterfall::{Cash, Paid};
use crate::config::Text;
use crate::deal::{Deal, Pot};
use crate::formula::{Formula, LineId};

/// What the checks of a date compare.
pub(super) struct Checked<'a> {
    pub deal: &'a Deal,
    pub months: &'a Months,
    pub cash: &'a Cash,
    pub held: &'a [Held],
    /// The pool's balance that left with the call.
    pub sold: Option<LineId>,
}

fn column(part: &'static str, key: String, subject: &Text) -> Column {
    Column::payment(Topic::Checks, key, subject, part)
}

fn sum(lines: impl Iterator<Item = LineId>) -> Formula {
    Formula::sum(lines.map(Formula::Line).collect())
}

impl Checked<'_> {
    /// Lowers the checks of every payment date.
    pub fn lower(
        &self,
        lines: &mut Builder,
        paid: &Paid,
        to_distribute: LineId,
        closed: &Closed,
        accounts: &[LineId],
    ) {
        let nobody = Text::default();
        // Cash in = cash paid + cash carried, in every account.
        let zero = conserved(Pot::Collection, to_distribute, paid, paid.carry);
        lines.compute(column("cash_conserved", "check.cash".into(), &nobody), zero);
        for (place, account) in self.deal.accounts.iter().enumerate() {
            let available = self.held[place].available;
            let zero = conserved(Pot::Account(place), available, paid, accounts[place]);
            let key = format!("check.account.{}", account.id);
            lines.compute(column("cash_conserved", key, &account.name), zero);
        }
        // What the months collected is what the date distributes.
        let flows = flows_into(self.deal, self.months, Pot::Collection).into_iter();
        let flows = Formula::sum(flows.map(Formula::Since).collect());
        let collected = Formula::less(Formula::Line(self.cash.collected), flows);
        lines.compute(column("collections_agree", "check.collections".into(), &nobody), collected);
        self.tranches(lines, paid, closed);
        // Every payment is the lesser of what is due and what is left; shares of a pot sum to it.
        for (key, payee, paid_line, rule) in &paid.restated {
            let difference = Formula::less(Formula::Line(*paid_line), rule.clone());
            let key = format!("check.step.{key}");
            lines.compute(column("paid_as_due", key, payee), difference);
        }
        self.pool(lines);
        let overdrawn = Formula::excess(Formula::ZERO, Formula::Line(paid.carry));
        lines.compute(column("not_overdrawn", "check.overdrawn".into(), &nobody), overdrawn);
        for (place, account) in self.deal.accounts.iter().enumerate() {
            let overdrawn = Formula::excess(Formula::ZERO, Formula::Line(accounts[place]));
            let key = format!("check.overdrawn.{}", account.id);
            lines.compute(column("not_overdrawn", key, &account.name), overdrawn);
        }
    }

    /// Opening + capitalised − principal − written down = closing, and every payment within what was
    /// outstanding; the tranches' sheet repeats what the waterfall paid.
    fn tranches(&self, lines: &mut Builder, paid: &Paid, closed: &Closed) {
        for (place, tranche) in self.deal.tranches.iter().enumerate() {
            let note = &paid.owed.notes[place];
            let grown = std::iter::once(note.opening).chain(closed.capitalised[place]);
            let gone = note.principal.iter().copied().chain(closed.written_down[place]);
            let gone = gone.chain([closed.closing[place]]);
            let roll = Formula::less(sum(grown), sum(gone));
            let key = format!("check.tranche.{}", tranche.id);
            lines.compute(column("balance_rolls", key, &tranche.name), roll);
            let over = Formula::excess(Formula::ZERO, Formula::Line(closed.closing[place]));
            let key = format!("check.overpaid.{}", tranche.id);
            lines.compute(column("not_overpaid", key, &tranche.name), over);
        }
        for (place, tranche) in self.deal.tranches.iter().enumerate() {
            let of_waterfall = sum(paid.owed.notes[place].interest.paid.iter().copied());
            let difference = Formula::less(Formula::Line(closed.interest[place]), of_waterfall);
            let key = format!("check.interest.{}", tranche.id);
            lines.compute(column("interest_agrees", key, &tranche.name), difference);
        }
    }

    /// The pool rolls: what it was and what joined it, less what left it, is what it is.
    fn pool(&self, lines: &mut Builder) {
        let months = self.months;
        let left = std::iter::once(months.defaulted).chain(months.left.iter().copied());
        let mut gone: Vec<Formula> = left.chain(self.sold).map(Formula::Since).collect();
        gone.push(Formula::Latest(months.closing));
        let bought = months.bought.as_ref().map(|bought| bought.total);
        let joined = months.joined.into_iter().chain(bought).map(Formula::Since);
        let grown = std::iter::once(Formula::Before(months.closing)).chain(joined).collect();
        let rolls = Formula::less(Formula::sum(grown), Formula::sum(gone));
        let rolling = column("pool_rolls", "check.pool".into(), &Text::default());
        lines.compute(rolling, rolls);
        if months.parts.is_empty() {
            return;
        }
        // The sub-pools together are the pool: what is there, and the cash of the date.
        let mut agree = |key: &str, part, read: &dyn Fn(&Months) -> Formula| {
            let parts = Formula::sum(months.parts.iter().map(read).collect());
            let difference = Formula::less(read(months), parts);
            lines.compute(column(part, format!("check.{key}"), &Text::default()), difference);
        };
        let balance = |months: &Months| Formula::Latest(months.closing);
        agree("subpools.balance", "subpools_agree", &balance);
        let defaulted = |months: &Months| Formula::Latest(months.cumulative_default);
        agree("subpools.default", "subpools_default_agree", &defaulted);
        let cash = |months: &Months| Formula::Since(months.cash);
        agree("subpools.cash", "subpools_cash_agree", &cash);
    }
}

/// What a pot held, less what it paid, plus what was paid into it, less what it holds: zero.
fn conserved(pot: Pot, available: LineId, paid: &Paid, closing: LineId) -> Formula {
    let out = paid.payments.iter().filter(|(_, from, _)| *from == pot).map(|(line, ..)| *line);
    let into = paid.payments.iter().filter(|(_, _, into)| *into == Some(pot));
    let received = std::iter::once(available).chain(into.map(|(line, ..)| *line));
    Formula::less(sum(received), sum(out.chain([closing])))
}
