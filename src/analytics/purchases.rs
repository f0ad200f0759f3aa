//! What was decided on each purchase date, and why: the table that an auditor re-performs.

use chrono::NaiveDate;

use super::purchase_bound::Tests;
use crate::config::Text;
use crate::deal::{Deal, Due};
use crate::formula::LineId;
use crate::model::{Model, OfferSize, Refusal, Run};
use crate::money::Amount;

/// What became of an offer on a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was bought.
    Bought,
    /// It fails a criterion.
    Refused(Refusal),
    /// A limit on the pool would not hold after it.
    BeyondLimit(Text),
    /// Its price exceeded the cash that was left.
    TooDear,
}

/// An offer on a purchase date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The date, from 1: of payments, or of purchases where the deal buys between them.
    pub payment: usize,
    /// The day.
    pub date: NaiveDate,
    /// The offer, by place.
    pub offer: usize,
    /// Outstanding principal: on offer of a whole receivable, bought of a standard one.
    pub outstanding: Amount,
    /// Its price.
    pub price: Amount,
    /// What was decided.
    pub decision: Decision,
    /// What was left of the budget after it.
    pub left: Amount,
}

/// A date on which a list was bought from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListDate {
    /// The date, from 1: of payments, or of purchases where the deal buys between them.
    pub payment: usize,
    /// The day.
    pub date: NaiveDate,
    /// What could be spent.
    pub budget: Amount,
    /// What was.
    pub price: Amount,
    /// The most that could have been spent, if receivables could be bought in part: no other choice of
    /// the day spends more.
    pub most: f64,
}

/// Purchases over the deal's life.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Purchases {
    /// The offers of each date, in their order.
    pub offers: Vec<Purchase>,
    /// Budgets of all dates together; of dates between payments, what was spent and what the last of
    /// each period could have spent and did not.
    pub budget: Amount,
    /// Paid.
    pub price: Amount,
    /// Outstanding principal bought.
    pub principal: Amount,
    /// The dates on which something of a list was on offer.
    pub dates: Vec<ListDate>,
}

impl Purchases {
    /// The purchases of a run; `None` when the deal buys nothing.
    pub fn of(deal: &Deal, model: &Model, run: &Run) -> Option<Purchases> {
        let (step, place) = deal.steps.iter().enumerate().find_map(|(step, terms)| {
            let place = terms.pay.iter().position(|payment| payment.due == Due::Purchase)?;
            Some((step, place))
        })?;
        let of_step = |part: &str| model.line(&format!("step.{}.{}.{part}", step + 1, place + 1));
        let by_payment = of_step("budget")?;
        let Some(bought) = model.line("purchase.bought") else {
            // Draws on credit lines are bought from one seller, without offers.
            let [price, principal] = ["purchase_price", "purchased_principal"].map(of_step);
            let (price, principal) = (run.total(price?), run.total(principal?));
            let offers = Vec::new();
            let (budget, dates) = (run.total(by_payment), Vec::new());
            return Some(Purchases { offers, budget, price, principal, dates });
        };
        let axis = model.lines[bought.0].axis;
        let budget = model.line("purchase.budget").unwrap_or(by_payment);
        let lines = Lines {
            bought,
            paid: model.line("purchase.paid")?,
            offered: model.line("purchase.offered"),
            asked: model.line("purchase.offer_price"),
            allowed: allowed(model),
        };
        let mut purchases = Purchases { budget: run.total(by_payment), ..Purchases::default() };
        let tests = Tests::of(model, axis);
        for payment in 1..=model.timeline.len(axis) {
            let mut left = run.amount(budget, payment);
            let (budget, before) = (left, purchases.offers.len());
            for offer in 0..model.offers.len() {
                let Some(purchase) = lines.purchase(model, run, payment, offer, &mut left) else {
                    continue;
                };
                if purchase.decision == Decision::Bought {
                    purchases.price += purchase.price;
                    purchases.principal += purchase.outstanding;
                }
                purchases.offers.push(purchase);
            }
            if lines.offered.is_some() && purchases.offers.len() > before {
                let most = tests.bound((model, run), &lines, payment, budget);
                let date = model.date(axis, payment);
                let price = budget - left;
                purchases.dates.push(ListDate { payment, date, budget, price, most });
            }
        }
        Some(purchases)
    }
}

/// Whether each limit allows an offer, by limit.
fn allowed(model: &Model) -> Vec<LineId> {
    let lines = model.lines.iter().enumerate();
    let allowed = lines.filter(|(_, line)| {
        line.part == "limit_allowed" && line.key.starts_with("purchase.limit.")
    });
    allowed.map(|(place, _)| LineId(place)).collect()
}

pub(super) struct Lines {
    pub bought: LineId,
    pub paid: LineId,
    pub offered: Option<LineId>,
    pub asked: Option<LineId>,
    allowed: Vec<LineId>,
}

impl Lines {
    /// The first limit that leaves an offer out; else it is too dear.
    fn refusing_limit(&self, model: &Model, run: &Run, payment: usize, offer: usize) -> Decision {
        let broken = self.allowed.iter().find(|line| run.value(**line, payment, offer) == 0);
        broken.map_or(Decision::TooDear, |line| {
            Decision::BeyondLimit(model.lines[line.0].subject.clone())
        })
    }

    fn purchase(
        &self,
        model: &Model,
        run: &Run,
        payment: usize,
        offer: usize,
        left: &mut Amount,
    ) -> Option<Purchase> {
        let of = |line: LineId| Amount::from_minor(run.value(line, payment, offer));
        let (bought, paid) = (of(self.bought), of(self.paid));
        *left -= paid;
        let is_bought = bought > Amount::ZERO;
        let (outstanding, price, decision) = match &model.offers[offer].size {
            OfferSize::Share { .. } if is_bought => (bought, paid, Decision::Bought),
            OfferSize::Whole { payment: on, outstanding, refused, .. } if *on == payment => {
                let offered = self.offered.map_or(*outstanding, of);
                let asked = self.asked.map_or(Amount::ZERO, of);
                let decision = match refused {
                    Some(refusal) => Decision::Refused(refusal.clone()),
                    None if is_bought => Decision::Bought,
                    None => self.refusing_limit(model, run, payment, offer),
                };
                (offered, asked, decision)
            }
            OfferSize::Share { .. } | OfferSize::Whole { .. } => return None,
        };
        let date = model.date(model.lines[self.bought.0].axis, payment);
        Some(Purchase { payment, date, offer, outstanding, price, decision, left: *left })
    }
}
