//! Revolving purchases (循环购买): what a date's budget buys.
//!
//! ```text
//! budget = MAX(MIN(left, caps) − provision, 0), nothing while the step is shut or below the least
//!
//! whole receivables, in the order of the list:
//!   spent(i) = spent(i − 1) + price(i), if i is eligible and price(i) ≤ budget − spent(i − 1)
//!
//! standard receivables, by share:
//!   part(i)   = ROUNDDOWN(budget × share of the first i, 2) − part of those before
//!   bought(i) = ROUNDDOWN(part(i) ÷ price ratio, 2)      price(i) = ROUND(bought(i) × price ratio, 2)
//! ```
//!
//! A price is never more than its part of the budget, because the principal is rounded down first. With
//! a supply, what an offer sells is at most its share of what was supplied since the date before:
//!
//! ```text
//!   bought(i) = MIN(ROUNDDOWN(part(i) ÷ price ratio, 2), supplied(i))
//!   supplied(i) = ROUNDDOWN(supply × share of the first i, 2) − that of those before
//!   purchase ratio = ROUND(price ÷ budget, 12), 1 without a budget
//! ```
//!
//! What is not bought of it lapses: the originator sells it elsewhere.

use super::super::collateral::Offer;
use super::super::dated::Dated;
use super::super::line::{Axis, Closing};
use super::chain::Chain;
use super::limits::Held;
use super::market::{Basket, Market};
use crate::deal::{Payment, Purchase};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::money::{Rate, Rounding};

/// What can be bought.
#[derive(Clone, Copy)]
pub(in crate::model) struct Stock<'a> {
    /// The offers.
    pub offers: &'a [Offer],
    /// Eligible new receivables by month; without them there is enough.
    pub supply: Option<LineId>,
    /// Draws on credit lines that the trust does not own; then they are what is bought.
    pub draws: Option<LineId>,
    /// The limits that what is bought is held to.
    pub limits: Held<'a>,
    /// Purchases between payment dates, where the deal makes them.
    pub dated: Option<&'a Dated>,
}

/// What was bought on a date.
#[derive(Clone, Copy)]
pub(in crate::model) struct Purchased {
    /// What could be spent.
    pub budget: LineId,
    /// What was spent.
    pub price: LineId,
    /// Outstanding principal bought, by offer.
    pub by_offer: LineId,
    /// Outstanding principal bought.
    pub principal: LineId,
    /// What was supplied since the date before, where it bounds what is bought.
    pub supply: Option<LineId>,
    /// What was spent ÷ what could be spent.
    pub ratio: LineId,
    /// Of purchases between payment dates: whether the deal buys after this one, and the mean by day
    /// of the cash that stayed.
    pub dated: Option<(LineId, LineId)>,
}

impl Chain<'_> {
    /// Lowers the purchases of a date; the line of what they cost.
    pub(super) fn purchase(
        &mut self,
        place: usize,
        payment: &Payment,
        bounds: Vec<Formula>,
        gates: Vec<Formula>,
    ) -> LineId {
        let terms = self.deal.purchase.clone().expect("resolved: the deal has terms of purchase");
        let budget = self.budget(place, payment, &terms, bounds, gates);
        let (paid, bought, supply) = match self.stock.draws {
            Some(seller) => self.draws(place, payment, budget, seller),
            None => self.offers(place, payment, &terms, budget),
        };
        let mut total = |part: &'static str, of: LineId| {
            let column = self.column(place, payment, part);
            self.compute(column, Formula::Total(of))
        };
        let principal = total("purchased_principal", bought);
        let price = total("purchase_price", paid);
        let spent = self.spent_of_budget(place, payment, price, budget);
        let by_offer = bought;
        self.purchased = Some(Purchased {
            budget,
            price,
            by_offer,
            principal,
            supply,
            ratio: spent,
            dated: None,
        });
        price
    }

    /// Lowers what a date buys of the offers: what each costs, its principal, and the supply.
    fn offers(
        &mut self,
        place: usize,
        payment: &Payment,
        terms: &Purchase,
        budget: LineId,
    ) -> (LineId, LineId, Option<LineId>) {
        let supply = match Market::is_a_list(self.stock.offers) {
            true => None,
            false => self.supply(place, payment),
        };
        let prefix = self.key("");
        let mut market = Market {
            lines: &mut *self.lines,
            offers: self.stock.offers,
            axis: Axis::Payments,
            dates: self.deal.schedule.payments.len(),
            prefix,
            limits: self.stock.limits,
        };
        let Basket { paid, bought, .. } = market.buy(terms, budget, supply);
        (paid, bought, supply)
    }

    /// What was supplied since the date before.
    fn supply(&mut self, place: usize, payment: &Payment) -> Option<LineId> {
        let supply = Formula::Since(self.stock.supply?);
        let column = self.column(place, payment, "supply");
        Some(self.compute(column, supply))
    }

    /// The purchase ratio (购买比例): what was spent ÷ what could be spent; 1 where nothing could be.
    fn spent_of_budget(
        &mut self,
        place: usize,
        payment: &Payment,
        price: LineId,
        budget: LineId,
    ) -> LineId {
        let places = self.lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
        let ratio = Formula::Quotient {
            part: Box::new(Formula::Line(price)),
            times: vec![],
            whole: Box::new(Formula::Line(budget)),
            places: (places, Rate::DECIMALS),
            rounding: Rounding::HalfUp,
        };
        let any = Formula::compare(Comparison::Above, Formula::Line(budget), Formula::ZERO);
        let column = self.column(place, payment, "purchase_ratio");
        self.compute(column, Formula::when(any, ratio, Formula::ONE))
    }

    fn budget(
        &mut self,
        place: usize,
        payment: &Payment,
        terms: &Purchase,
        mut bounds: Vec<Formula>,
        gates: Vec<Formula>,
    ) -> LineId {
        let most = if bounds.len() == 1 { bounds.remove(0) } else { Formula::Least(bounds) };
        let subject = self.payee(payment);
        let free = match terms.provision {
            Some(size) => {
                let key = "purchase.provision".to_string();
                let kept = self.scope.size(self.lines, size, key, &subject, "provision");
                Formula::excess(most, kept)
            }
            None => most,
        };
        let least = terms.least.map(|least| {
            let key = "purchase.least".to_string();
            let least = self.lines.input(key, &subject, "least", Sort::Amount, least.minor());
            Formula::compare(Comparison::AtLeast, free.clone(), Formula::Input(least))
        });
        let gates: Vec<Formula> = gates.into_iter().chain(least).collect();
        let free = match gates.len() {
            0 => free,
            1 => Formula::when(gates[0].clone(), free, Formula::ZERO),
            _ => Formula::when(Formula::All(gates), free, Formula::ZERO),
        };
        let column = self.column(place, payment, "budget");
        let line = self.compute(column, free);
        self.lines.stock(line)
    }
    /// Purchases between payment dates: what would be spent here stays in the pot for the dates that
    /// follow, and what they spent since the date before is told.
    pub(super) fn keep_for_purchases(&mut self, place: usize, payment: &Payment, dated: &Dated) {
        let terms = self.deal.purchase.clone().expect("resolved: the deal has terms of purchase");
        let called = self.called().map(|called| Formula::Not(Box::new(called)));
        let gates: Vec<Formula> = self.gate().into_iter().chain(called).collect();
        let open = match gates.len() {
            0 => Formula::Whole(1, Sort::Flag),
            1 => gates[0].clone(),
            _ => Formula::All(gates),
        };
        let column = self.column(place, payment, "purchases_open");
        let open = self.compute(column, open);
        self.lines.closing(open, Closing::Given(vec![i64::from(dated.open_at_closing())]));
        let left = Formula::Line(self.owed.left[&self.from]);
        let subject = self.payee(payment);
        let free = match terms.provision {
            Some(size) => {
                let key = "purchase.provision".to_string();
                let kept = self.scope.size(self.lines, size, key, &subject, "provision");
                Formula::excess(left.clone(), kept)
            }
            None => left.clone(),
        };
        let column = self.column(place, payment, "kept_for_purchases");
        let kept = Formula::when(Formula::Line(open), free, Formula::ZERO);
        let kept = self.compute(column, kept);
        self.lines.stock(kept);
        self.hold(kept);
        self.leave(place, payment, Formula::less(left, Formula::Line(kept)));
        if !self.is_dry() {
            self.purchased = Some(self.bought_since(place, payment, dated, open));
        }
    }

    /// What the purchase dates since the payment date before spent of what they could.
    fn bought_since(
        &mut self,
        place: usize,
        payment: &Payment,
        dated: &Dated,
        open: LineId,
    ) -> Purchased {
        let mut since = |part: &'static str, formula: Formula| {
            let column = self.column(place, payment, part);
            self.compute(column, formula)
        };
        let supply = dated.supply.map(|line| since("supply", Formula::Since(line)));
        let principal = since("purchased_principal", Formula::Since(dated.principal));
        let price = since("purchase_price", dated.spent());
        let could = vec![Formula::Line(price), Formula::Since(dated.unspent)];
        let budget = since("budget", Formula::sum(could));
        let idle =
            Formula::portion(Formula::Since(dated.idle), vec![], vec![Formula::Since(dated.days)]);
        let idle = since("idle_cash", idle);
        for line in [principal, price, budget, idle].into_iter().chain(supply) {
            self.lines.stock(line);
        }
        let ratio = self.spent_of_budget(place, payment, price, budget);
        let by_offer = dated.by_offer;
        let dated = Some((open, idle));
        Purchased { budget, price, by_offer, principal, supply, ratio, dated }
    }
}
