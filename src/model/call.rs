//! The clean-up call: when it may be exercised, whether it covers what it must, and what ends with it.
//!
//! The call is a flag that stays. On its date the price enters the cash before the first step; from
//! then on the pool belongs to whoever called, and every flow of a later month is nothing.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::line::{Dim, Topic};
use super::scope::Scope;
use super::tranches::{Accrual, Openings};
use super::waterfall::{Cash, Owed};
use crate::config::Text;
use crate::deal::{Call, CallWhen, Charge, Covers, Deal, Pot};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

/// A call that has been decided on a date.
pub(super) struct Decided {
    /// Whether it has been exercised, now or before.
    pub called: LineId,
    /// The price that enters the cash.
    pub price: LineId,
    /// The pool's balance that leaves with the call, by month.
    pub sold: LineId,
}

/// What the decision reads.
pub(super) struct Decision<'a> {
    pub deal: &'a Deal,
    pub months: &'a Months,
    pub cash: &'a Cash,
    pub openings: &'a Openings,
    pub accruals: &'a [Accrual],
    pub owed: &'a Owed,
}

fn column(key: &str, part: &'static str) -> Column {
    let subject = Text { zh: "清仓回购".to_string(), en: "Clean-up call".to_string() };
    Column::payment(Topic::Triggers, format!("call.{key}"), &subject, part)
}

impl Decision<'_> {
    /// Decides the call of a date, and ends the pool with it.
    pub fn lower(&self, lines: &mut Builder, call: &Call, scope: &mut Scope) -> Decided {
        let subject = column("", "").subject;
        let exercise = lines.input(
            "call.exercise".to_string(),
            &subject,
            "exercise",
            Sort::Flag,
            i64::from(call.exercise),
        );
        let may = self.may(lines, call, &subject, scope);
        let price = match call.price {
            Some(size) => scope.size(lines, size, "call.price".to_string(), &subject, "call_price"),
            None => Formula::Latest(self.months.closing),
        };
        let price = lines.compute(column("price", "call_price"), price);
        lines.stock(price);
        let mut conditions = vec![Formula::Input(exercise), may];
        if call.covers != Covers::Nothing {
            conditions.push(self.covered(lines, call, price));
        }
        let called = lines.promise(column("exercised", "exercised"), Sort::Flag);
        let now = Formula::All(conditions);
        lines.keep(called, Formula::Any(vec![Formula::Prior(called), now]));
        scope.add("call.exercised", Formula::Line(called));
        let first = Formula::All(vec![
            Formula::Line(called),
            Formula::Not(Box::new(Formula::Prior(called))),
        ]);
        let paid = Formula::when(first, Formula::Line(price), Formula::ZERO);
        let paid = lines.compute(column("price_paid", "price_paid"), paid);
        lines.moves(paid, Movement { from: Account::Originator, to: Account::Collection });
        let sold = self.end_the_pool(lines, called);
        Decided { called, price: paid, sold }
    }

    /// Whether the documents allow the call on this date, cover aside; nothing is left to call once
    /// every tranche is paid.
    fn may(&self, lines: &mut Builder, call: &Call, subject: &Text, scope: &Scope) -> Formula {
        let allowed = match call.when {
            CallWhen::Defined(place) => scope.definition(place),
            CallWhen::PoolFactor(share) => {
                let key = "call.pool_factor".to_string();
                let share =
                    lines.input(key, subject, "call_pool_factor", Sort::Rate, share.parts());
                let limit = Formula::portion(
                    Formula::Input(self.months.initial),
                    vec![Formula::Input(share)],
                    vec![],
                );
                let limit = lines.compute(column("limit", "call_limit"), limit);
                lines.stock(limit);
                let pool = Formula::Latest(self.months.closing);
                Formula::compare(Comparison::AtMost, pool, Formula::Line(limit))
            }
        };
        let alive = Formula::compare(
            Comparison::Above,
            Formula::Line(self.openings.securities),
            Formula::ZERO,
        );
        Formula::Line(
            lines.compute(column("allowed", "call_allowed"), Formula::All(vec![allowed, alive])),
        )
    }

    /// Whether cash, accounts and price cover tax, fees, lenders and the tranches that count.
    fn covered(&self, lines: &mut Builder, call: &Call, price: LineId) -> Formula {
        let mut holders = Vec::new();
        for (place, tranche) in self.deal.tranches.iter().enumerate() {
            if call.covers == Covers::All || !tranche.subordinated {
                holders.push(Formula::Line(self.openings.opening[place]));
                holders.push(self.accruals[place].interest.clone());
                holders.extend(self.accruals[place].arrears.map(Formula::Line));
            }
        }
        let holders = lines.compute(column("holders", "call_holders"), Formula::sum(holders));
        lines.stock(holders);
        let mut claims = vec![Formula::Line(holders)];
        claims.extend(self.owed.tax.iter().map(|claim| Formula::Line(claim.owed)));
        claims.extend(self.owed.fees.iter().flatten().map(|claim| Formula::Line(claim.owed)));
        for lent in &self.owed.facilities {
            claims.extend(
                [lent.opening, lent.interest.owed, lent.commitment.owed].map(Formula::Line),
            );
        }
        for swap in &self.owed.swaps {
            claims.push(Formula::Line(swap.owed.owed));
            claims.extend(swap.termination.iter().map(|claim| Formula::Line(claim.owed)));
        }
        for fee in &self.deal.fees {
            if let Charge::OnPaid { rate } = fee.charge {
                let key = format!("fee.{}.rate", fee.id);
                let rate = lines.input(key, &fee.name, "rate", Sort::Rate, rate.parts());
                let on =
                    Formula::portion(Formula::Line(holders), vec![Formula::Input(rate)], vec![]);
                claims.push(on);
            }
        }
        let claims = lines.compute(column("claims", "call_claims"), Formula::sum(claims));
        lines.stock(claims);
        let mut means = vec![Formula::Line(self.cash.available), Formula::Line(price)];
        let accounts = self.owed.left.iter().filter(|(pot, _)| matches!(pot, Pot::Account(_)));
        means.extend(accounts.map(|(_, line)| Formula::Line(*line)));
        let means = lines.compute(column("means", "call_means"), Formula::sum(means));
        lines.stock(means);
        let covered =
            Formula::compare(Comparison::AtLeast, Formula::Line(means), Formula::Line(claims));
        Formula::Line(lines.compute(column("covered", "call_covered"), covered))
    }

    /// From the month after the call on every flow and balance of the pool is nothing; what was
    /// there is sold.
    fn end_the_pool(&self, lines: &mut Builder, called: LineId) -> LineId {
        let gone = || Formula::Latest(called);
        for line in &self.months.of_pool {
            let flow = lines.formula(*line);
            lines.keep(*line, Formula::when(gone(), Formula::ZERO, flow));
        }
        let column = Column::month(Topic::Pool, Dim::One, "pool.sold", "sold");
        let balance = Formula::Prior(self.months.closing);
        let sold = lines.compute(column, Formula::when(gone(), balance, Formula::ZERO));
        lines.stock(sold);
        sold
    }
}
