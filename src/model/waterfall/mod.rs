//! The priority of payments as a chain of lines: what is due, what is paid, what is left.
//!
//! ```text
//! available ─▶ due, paid, left ─▶ due, paid, left ─▶ … ─▶ carried to the next date
//! ```
//!
//! A step computes nothing; it lowers to lines. A claim that is not paid stays owed; a limit (the
//! balance of a pass-through tranche) does not. Every pot (the collection account, other accounts,
//! what a facility can lend) has a chain of its own, and a step pays out of one of them.

mod chain;
mod draws;
mod due;
mod limits;
mod market;
mod on_paid;
mod owed;
mod purchase;
mod support;

use super::build::{Builder, Column};
use super::collateral::Months;
use super::dated::Dated;
use super::line::{Closing, Topic};
use super::pots::{flows_into, home};
use super::tranches::Closed;
use crate::config::Text;
use crate::deal::{Deal, Pot, Receipt};
use crate::formula::{Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

pub(super) use chain::{Chain, Paid};
pub(super) use chain::{Setting, down, face_unit};
pub use due::{payee, pot_name};
pub(super) use limits::{After, Held};
pub(super) use market::{Basket, Market};
pub(super) use owed::Owed;
pub(super) use purchase::{Purchased, Stock};
pub(super) use support::lower as support;

/// The cash of a date before anything is paid.
pub(super) struct Cash {
    /// Carried from the date before.
    pub opening: LineId,
    /// Collected since the date before.
    pub collected: LineId,
    /// Income of the account.
    pub income: LineId,
    /// The sum.
    pub available: LineId,
}

/// Income of the account that the deal file lists by payment date.
pub(super) fn income(lines: &mut Builder, deal: &Deal, to: Account) -> LineId {
    if let Some(line) = lines.find("cash.account_income") {
        return line;
    }
    let column = cash_column("account_income");
    let count = deal.schedule.payments.len();
    let earned =
        (0..count).map(|place| deal.account_income.get(place).map_or(0, |income| income.minor()));
    let income = lines.given(column, Sort::Amount, earned.collect());
    lines.moves(income, Movement { from: Account::Bank, to })
}

pub(super) fn cash_column(part: &'static str) -> Column {
    Column::payment(Topic::Waterfall, format!("cash.{part}"), &Text::default(), part)
}

/// Lowers the cash available on a date; `received` are net payments of counterparties, and what
/// purchase dates have spent is gone.
pub(super) fn available(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    received: &[LineId],
    dated: Option<&Dated>,
) -> Cash {
    let opening = lines.promise(cash_column("carried_in"), Sort::Amount);
    lines.stock(opening);
    let flows = flows_into(deal, months, Pot::Collection);
    let since = if flows.len() == months.flows.len() {
        Formula::Since(months.cash)
    } else {
        Formula::sum(flows.into_iter().map(Formula::Since).collect())
    };
    let collected = lines.compute(cash_column("collected"), since);
    let income = income(lines, deal, super::pots::ledger(home(deal, Receipt::AccountIncome, None)));
    let own = home(deal, Receipt::AccountIncome, None) == Pot::Collection;
    let parts = [opening, collected].into_iter().chain(own.then_some(income));
    let parts = parts.chain(received.iter().copied()).map(Formula::Line).collect();
    let mut sum = Formula::sum(parts);
    if let Some(dated) = dated.filter(|dated| dated.pot == Pot::Collection) {
        let spent = lines.compute(cash_column("spent_on_purchases"), dated.spent());
        lines.stock(spent);
        sum = Formula::less(sum, Formula::Line(spent));
    }
    let available = lines.compute(cash_column("available"), sum);
    lines.stock(available);
    Cash { opening, collected, income, available }
}

/// What a date has to distribute: the cash, the price of the call, and support that was called.
pub(super) fn to_distribute(
    lines: &mut Builder,
    cash: &Cash,
    more: &[LineId],
    part: &'static str,
) -> LineId {
    if more.is_empty() {
        return cash.available;
    }
    let parts = std::iter::once(cash.available).chain(more.iter().copied());
    let sum = Formula::sum(parts.map(Formula::Line).collect());
    let line = lines.compute(cash_column(part), sum);
    lines.stock(line)
}

/// Closes the account: what is left is carried; at closing, proceeds less the price of the pool and
/// what other accounts are given.
pub(super) fn close(
    lines: &mut Builder,
    deal: &Deal,
    cash: &Cash,
    paid: &Paid,
    closed: &Closed,
    funded: Vec<Formula>,
) {
    let nobody = Text::default();
    let price = lines.compute(cash_column("purchase_price"), Formula::ZERO);
    let proceeds = || closed.issued.iter().map(|line| Formula::Line(*line)).collect();
    let net = |funded: Vec<Formula>| {
        if funded.is_empty() {
            Formula::sum(proceeds())
        } else {
            Formula::less(Formula::sum(proceeds()), Formula::sum(funded))
        }
    };
    let paid_price = match deal.purchase_price {
        Some(amount) => {
            let key = "pool.purchase_price".to_string();
            let minor = amount.minor();
            Formula::Input(lines.input(key, &nobody, "purchase_price", Sort::Amount, minor))
        }
        None => net(funded.clone()),
    };
    lines.closing(price, Closing::Formula(paid_price));
    lines.moves(price, Movement { from: Account::Collection, to: Account::Originator });
    let held = paid.held_in(Pot::Collection);
    let left = std::iter::once(paid.left).chain(held).map(Formula::Line).collect();
    lines.keep(paid.carry, Formula::sum(left));
    lines.closing_later(paid.carry, Formula::less(net(funded), Formula::Line(price)));
    lines.keep(cash.opening, Formula::Prior(paid.carry));
}
