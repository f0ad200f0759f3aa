//! What a budget buys of what is on offer on a date, whole receivables or standard ones.

use super::super::build::{Builder, Column};
use super::super::collateral::{Offer, OfferSize};
use super::super::line::{Axis, Dim, Topic};
use super::limits::{After, Held};
use crate::config::Text;
use crate::deal::{Price, Purchase};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::money::{Rate, Rounding};

/// The lines by offer of one series of purchase dates.
pub(in crate::model) struct Market<'a> {
    pub lines: &'a mut Builder,
    pub offers: &'a [Offer],
    /// The axis of the dates.
    pub axis: Axis,
    /// The number of dates.
    pub dates: usize,
    /// What stands before the keys of a dry run.
    pub prefix: String,
    /// The limits that what is bought is held to.
    pub limits: Held<'a>,
}

/// What was bought on a date, by offer.
pub(in crate::model) struct Basket {
    /// What it cost.
    pub paid: LineId,
    /// Outstanding principal.
    pub bought: LineId,
    /// The pool after it, where limits are followed.
    pub after: Option<After>,
}

impl Market<'_> {
    /// Whether what is on offer is a list of whole receivables.
    pub fn is_a_list(offers: &[Offer]) -> bool {
        offers.iter().any(|offer| matches!(offer.size, OfferSize::Whole { .. }))
    }

    /// Spends a budget at the terms of the deal; a supply bounds what standard receivables there are.
    pub fn buy(&mut self, terms: &Purchase, budget: LineId, supply: Option<LineId>) -> Basket {
        if self.offers.is_empty() {
            return self.nothing();
        }
        let ratio = self.ratios(terms);
        let (paid, bought) = if Market::is_a_list(self.offers) {
            self.whole_receivables(budget, ratio)
        } else {
            self.standard_receivables(budget, ratio, supply)
        };
        let after = self.limits_after(bought, budget);
        Basket { paid, bought, after }
    }

    /// Nothing is bought where nothing is on offer.
    fn nothing(&mut self) -> Basket {
        let [bought, paid] =
            [("bought", "purchased_principal"), ("paid", "purchase_price")].map(|(key, part)| {
                let column = self.offer_column(key, part);
                self.lines.compute(column, Formula::ZERO)
            });
        Basket { paid, bought, after: None }
    }

    /// The price of one unit of outstanding principal, by offer.
    fn ratios(&mut self, terms: &Purchase) -> Formula {
        let nobody = Text::default();
        if let Price::Ratio(ratio) = terms.price {
            let key = "purchase.price".to_string();
            let ratio = self.lines.input(key, &nobody, "price_ratio", Sort::Rate, ratio.parts());
            return Formula::Input(ratio);
        }
        let ratios = self.offers.iter().enumerate().map(|(place, offer)| {
            let key = format!("offer.{}.price", place + 1);
            let parts = offer.price.parts();
            let ratio = self.lines.figure(key, &offer.name, "price_ratio", Sort::Rate, parts);
            Formula::Input(ratio)
        });
        Formula::ByElement(ratios.collect())
    }

    pub(super) fn offer_column(&self, key: &str, part: &'static str) -> Column {
        Column {
            key: format!("{}purchase.{key}", self.prefix),
            subject: Text::default(),
            part,
            topic: Topic::Purchases,
            axis: self.axis,
            dim: Dim::Offer,
        }
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

    /// Whole receivables in the order of the list: the first that fits is bought, one that does not is
    /// left out, and those after it still have their turn.
    fn whole_receivables(&mut self, budget: LineId, ratio: Formula) -> (LineId, LineId) {
        let (dates, offers) = (self.dates, self.offers);
        let by_date = |value: &dyn Fn(usize, &OfferSize) -> i64| -> Vec<i64> {
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
        let trial = self.trial();
        let column = self.offer_column("spent", "spent");
        let spent = self.lines.promise(column, Sort::Amount);
        self.lines.stock(spent);
        let before = || Formula::Above(spent);
        let fits = Formula::compare(
            Comparison::AtMost,
            Formula::Line(price),
            Formula::less(Formula::Line(budget), before()),
        );
        let tests = [Formula::Line(eligible), fits].into_iter().chain(trial.allowed());
        let taken = Formula::All(tests.collect());
        let more = Formula::when(taken, Formula::Line(price), Formula::ZERO);
        self.lines.keep(spent, Formula::sum(vec![before(), more]));
        let column = self.offer_column("paid", "purchase_price");
        let paid = Formula::less(Formula::Line(spent), Formula::Above(spent));
        let paid = self.lines.compute(column, paid);
        let is_paid = Formula::compare(Comparison::Above, Formula::Line(paid), Formula::ZERO);
        let column = self.offer_column("bought", "purchased_principal");
        let bought = Formula::when(is_paid, Formula::Line(offered), Formula::ZERO);
        let bought = self.lines.compute(column, bought);
        self.close_trial(trial, offered, bought);
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
        for (place, offer) in self.offers.iter().enumerate() {
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
        let affordable = down(Formula::Line(part), vec![], vec![ratio.clone()]);
        let wanted = match most {
            Some(most) => Formula::Least(vec![affordable, Formula::Line(most)]),
            None => affordable,
        };
        let bought = self.cut(wanted);
        let column = self.offer_column("bought", "purchased_principal");
        let bought = self.lines.compute(column, bought);
        let column = self.offer_column("paid", "purchase_price");
        let paid = Formula::portion(Formula::Line(bought), vec![ratio], vec![]);
        let paid = self.lines.compute(column, paid);
        (paid, bought)
    }
}
