//! `[purchase]`: the terms of revolving purchases.

use super::super::{Cadence, CashByDay, Due, LimitRule, Price, Purchase, Stage, Step};
use super::Reader;
use crate::config::{Document, Section};
use crate::finding::{Finding, Origin};
use crate::money::Rate;
use crate::portfolio::order::Order;

/// A price of more than twice the principal is a percent without its sign.
const PRICE_MOST: Rate = Rate::from_parts(2 * Rate::ONE.parts());

const CASH: [(&str, CashByDay); 2] = [("even", CashByDay::Even), ("due_days", CashByDay::DueDays)];

const LIMITS: [(&str, LimitRule); 2] = [("cut", LimitRule::Cut), ("test", LimitRule::Test)];

/// Which receivables of the list are looked at first; a seed belongs to a drawn order, and only to it.
fn order(section: &Section) -> Order {
    const ORDERS: [(&str, Order); 5] = [
        ("list", Order::List),
        ("fifo", Order::Fifo),
        ("seed", Order::Seed(0)),
        ("yield", Order::Yield),
        ("optimise", Order::Optimise),
    ];
    let order = section.choice("order", &ORDERS).unwrap_or_default();
    let seed = section.count("seed", u32::MAX.into()).map(|seed| seed.unsigned_abs());
    match (order, seed) {
        (Order::Seed(_), None) if !section.has("seed") => section.missing("seed"),
        (Order::List | Order::Fifo | Order::Yield | Order::Optimise, _) if section.has("seed") => {
            section.find("D0290", "seed", &[]);
        }
        (Order::Seed(_), Some(seed)) => return Order::Seed(seed),
        _ => {}
    }
    order
}

impl Reader<'_> {
    /// The terms of revolving purchases.
    pub(super) fn purchase(&self, section: Section) -> Purchase {
        let (ratio, yields) = (section.rate("price", PRICE_MOST), section.rate("yield", Rate::ONE));
        if section.has("price") && section.has("yield") {
            section.find("D0282", "yield", &[]);
        }
        let price = yields.map_or(Price::Ratio(ratio.unwrap_or(Rate::ONE)), Price::Yield);
        let (every, days) = self.cadence(&section);
        if every == Cadence::Payment && section.has("cash") {
            section.find("D0390", "cash", &[]);
        }
        let purchase = Purchase {
            price,
            provision: self.size(&section, "provision", Stage::Due),
            least: section.amount("least"),
            candidates: section.file("candidates"),
            candidates_mapping: section.file("candidates_mapping"),
            every,
            days,
            cash: section.choice("cash", &CASH).unwrap_or_default(),
            pool: self.pool_of(&section, "pool").unwrap_or(0),
            order: order(&section),
            limits: section.choice("limits", &LIMITS).unwrap_or_default(),
        };
        let of_a_list = ["candidates_mapping", "order", "seed"];
        if of_a_list.iter().any(|key| section.has(key)) && !section.has("candidates") {
            section.missing("candidates");
        }
        section.finish();
        purchase
    }

    /// Purchases have their terms, their step, and a time in which they are made.
    pub(super) fn purchases_fit(
        &self,
        document: &Document,
        steps: &[Step],
        origins: &[Origin],
        purchase: Option<&Purchase>,
    ) {
        let buys = |step: &&Step| step.pay.iter().any(|payment| payment.due == Due::Purchase);
        let places: Vec<&Origin> =
            steps.iter().zip(origins).filter(|(step, _)| buys(step)).map(|(_, at)| at).collect();
        let terms = self.root.origin("purchase");
        match (places.as_slice(), purchase) {
            ([], Some(_)) => document.find(Finding::new("D0281", terms)),
            ([first, ..], None) if !self.root.reported_any(&["purchase"]) => {
                document.find(Finding::new("D0280", (*first).clone()));
            }
            ([_, second, ..], Some(_)) => document.find(Finding::new("D0283", (*second).clone())),
            ([at], Some(terms)) => {
                for step in steps.iter().filter(buys) {
                    Self::buys_between_payments(document, step, at, terms);
                }
            }
            ([], None) | ([_, ..], None) => {}
        }
    }
}
