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

use super::super::build::Column;
use super::super::collateral::{Offer, OfferSize};
use super::super::line::{Dim, Topic};
use super::chain::Chain;
use crate::config::Text;
use crate::deal::{Payment, Price, Purchase};
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
        let ratio = self.ratios(&terms);
        let whole = |size: &OfferSize| matches!(size, OfferSize::Whole { .. });
        let (paid, bought, supply) = if let Some(seller) = self.stock.draws {
            self.draws(place, payment, budget, seller)
        } else if self.stock.offers.iter().any(|offer| whole(&offer.size)) {
            let (paid, bought) = self.whole_receivables(budget, ratio);
            (paid, bought, None)
        } else {
            let supply = self.supply(place, payment);
            let (paid, bought) = self.standard_receivables(budget, ratio, supply);
            (paid, bought, supply)
        };
        let mut total = |part: &'static str, of: LineId| {
            let column = self.column(place, payment, part);
            self.compute(column, Formula::Total(of))
        };
        let principal = total("purchased_principal", bought);
        let price = total("purchase_price", paid);
        let spent = self.spent_of_budget(place, payment, price, budget);
        let by_offer = bought;
        self.purchased =
            Some(Purchased { budget, price, by_offer, principal, supply, ratio: spent });
        price
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

    /// The most that each offer can sell: its share of the supply.
    fn supply_cap(&mut self, supply: LineId, shares: Formula) -> LineId {
        let so_far = Formula::Portion {
            amount: Box::new(Formula::Line(supply)),
            times: vec![shares],
            over: vec![],
            rounding: Rounding::Down,
        };
        let column = self.offer_column("supply_so_far", "supply_so_far");
        let so_far = self.lines.compute(column, so_far);
        self.lines.stock(so_far);
        let own = Formula::less(Formula::Line(so_far), Formula::Above(so_far));
        let column = self.offer_column("supplied", "part_of_supply");
        let own = self.lines.compute(column, own);
        self.lines.stock(own)
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

    /// The price of one unit of outstanding principal, by offer.
    fn ratios(&mut self, terms: &Purchase) -> Formula {
        let nobody = Text::default();
        if let Price::Ratio(ratio) = terms.price {
            let key = "purchase.price".to_string();
            let ratio = self.lines.input(key, &nobody, "price_ratio", Sort::Rate, ratio.parts());
            return Formula::Input(ratio);
        }
        let ratios = self.stock.offers.iter().enumerate().map(|(place, offer)| {
            let key = format!("offer.{}.price", place + 1);
            let parts = offer.price.parts();
            let ratio = self.lines.figure(key, &offer.name, "price_ratio", Sort::Rate, parts);
            Formula::Input(ratio)
        });
        Formula::ByElement(ratios.collect())
    }

    fn offer_column(&self, key: &str, part: &'static str) -> Column {
        let key = self.key(&format!("purchase.{key}"));
        let nobody = Text::default();
        Column { dim: Dim::Offer, ..Column::payment(Topic::Purchases, key, &nobody, part) }
    }

    /// Whole receivables in the order of the list: the first that fits is bought, one that does not is
    /// left out, and those after it still have their turn.
    fn whole_receivables(&mut self, budget: LineId, ratio: Formula) -> (LineId, LineId) {
        let dates = self.deal.schedule.payments.len();
        let by_date = |value: &dyn Fn(usize, &OfferSize) -> i64| -> Vec<i64> {
            let offers = self.stock.offers;
            (1..=dates)
                .flat_map(|date| offers.iter().map(move |offer| value(date, &offer.size)))
                .collect()
        };
        let outstanding = by_date(&|date, size| match size {
            OfferSize::Whole { payment, outstanding, .. } if *payment == date => {
                outstanding.minor()
            }
            OfferSize::Whole { .. } | OfferSize::Share { .. } => 0,
        });
        let eligible = by_date(&|date, size| match size {
            OfferSize::Whole { payment, refused, .. } => {
                i64::from(*payment == date && refused.is_none())
            }
            OfferSize::Share { .. } => 0,
        });
        let column = self.offer_column("offered", "offered");
        let offered = self.lines.recorded(column, Sort::Amount, outstanding);
        self.lines.stock(offered);
        let column = self.offer_column("eligible", "eligible");
        let eligible = self.lines.recorded(column, Sort::Flag, eligible);
        let column = self.offer_column("offer_price", "offer_price");
        let price = Formula::portion(Formula::Line(offered), vec![ratio], vec![]);
        let price = self.lines.compute(column, price);
        self.lines.stock(price);
        let column = self.offer_column("spent", "spent");
        let spent = self.lines.promise(column, Sort::Amount);
        self.lines.stock(spent);
        let before = || Formula::Above(spent);
        let fits = Formula::compare(
            Comparison::AtMost,
            Formula::Line(price),
            Formula::less(Formula::Line(budget), before()),
        );
        let taken = Formula::All(vec![Formula::Line(eligible), fits]);
        let more = Formula::when(taken, Formula::Line(price), Formula::ZERO);
        self.lines.keep(spent, Formula::sum(vec![before(), more]));
        let column = self.offer_column("paid", "purchase_price");
        let paid = Formula::less(Formula::Line(spent), Formula::Above(spent));
        let paid = self.lines.compute(column, paid);
        let is_paid = Formula::compare(Comparison::Above, Formula::Line(paid), Formula::ZERO);
        let column = self.offer_column("bought", "purchased_principal");
        let bought = Formula::when(is_paid, Formula::Line(offered), Formula::ZERO);
        let bought = self.lines.compute(column, bought);
        (paid, bought)
    }

    /// Standard receivables, each for its share of the budget.
    fn standard_receivables(
        &mut self,
        budget: LineId,
        ratio: Formula,
        supply: Option<LineId>,
    ) -> (LineId, LineId) {
        let mut below = 0;
        let mut shares = Vec::new();
        for (place, offer) in self.stock.offers.iter().enumerate() {
            let share = match offer.size {
                OfferSize::Share { share } => share.parts(),
                OfferSize::Whole { .. } => 0,
            };
            below = (below + share).min(Rate::ONE.parts());
            let key = format!("offer.{}.share_so_far", place + 1);
            let part = "share_so_far";
            shares.push(Formula::Input(self.lines.input(
                key,
                &offer.name,
                part,
                Sort::Rate,
                below,
            )));
        }
        let down = |amount: Formula, times: Vec<Formula>, over: Vec<Formula>| Formula::Portion {
            amount: Box::new(amount),
            times,
            over,
            rounding: Rounding::Down,
        };
        let column = self.offer_column("budget_so_far", "budget_so_far");
        let so_far = down(Formula::Line(budget), vec![Formula::ByElement(shares.clone())], vec![]);
        let so_far = self.lines.compute(column, so_far);
        self.lines.stock(so_far);
        let part = Formula::less(Formula::Line(so_far), Formula::Above(so_far));
        let column = self.offer_column("part", "part_of_budget");
        let part = self.lines.compute(column, part);
        self.lines.stock(part);
        let most = supply.map(|supply| self.supply_cap(supply, Formula::ByElement(shares)));
        let column = self.offer_column("bought", "purchased_principal");
        let affordable = down(Formula::Line(part), vec![], vec![ratio.clone()]);
        let bought = match most {
            Some(most) => Formula::Least(vec![affordable, Formula::Line(most)]),
            None => affordable,
        };
        let bought = self.lines.compute(column, bought);
        let column = self.offer_column("paid", "purchase_price");
        let paid = Formula::portion(Formula::Line(bought), vec![ratio], vec![]);
        let paid = self.lines.compute(column, paid);
        (paid, bought)
    }
}
