//! What the supply of receivables does to a deal: bought and idle by payment date, and what follows.

use chrono::NaiveDate;

use super::{TrancheMeasures, of_tranche};
use crate::config::Text;
use crate::deal::{Consequence, Coupon, Deal, Due};
use crate::formula::LineId;
use crate::model::{Axis, Model, Run};
use crate::money::{Amount, Rate};

/// A payment date.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplyDate {
    /// The day.
    pub date: NaiveDate,
    /// Whether the deal revolves.
    pub revolving: bool,
    /// Eligible receivables supplied since the date before.
    pub supply: Amount,
    /// What could be spent.
    pub budget: Amount,
    /// What was spent.
    pub price: Amount,
    /// What was spent of what could be; 1 where nothing could be.
    pub ratio: Rate,
    /// What stays in the account after payment.
    pub idle: Amount,
    /// The pool at the end of the last collection month.
    pub pool: Amount,
    /// The negative carry of the period that ends here:
    /// `idle of the date before × (coupon − deposit rate) × days ÷ 365`, the coupon weighted by the
    /// balances of the tranches that are not subordinated.
    pub carry: f64,
    /// Excess spread a year: income of the pool less costs and these coupons, of the pool at the
    /// beginning; `None` without a pool.
    pub spread: Option<f64>,
}

/// A trigger that tripped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The first date on which it tripped.
    pub date: NaiveDate,
}

/// A run seen from the supply.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplyPath {
    /// The payment dates.
    pub dates: Vec<SupplyDate>,
    /// The first date that should revolve and does not; `None` when the period ends as scheduled.
    pub early_end: Option<NaiveDate>,
    /// The first trigger that trips of those that end the revolving period.
    pub breach: Option<Breach>,
    /// Mean of the excess spreads, weighted by pool and days.
    pub spread: Option<f64>,
    /// The measures of each tranche, in the deal's order.
    pub tranches: Vec<TrancheMeasures>,
}

impl SupplyPath {
    /// Measures a run. `deposit` is what idle cash earns a year.
    pub fn of(deal: &Deal, model: &Model, run: &Run, deposit: Rate) -> SupplyPath {
        let lines = Lines::of(deal, model, run, deposit);
        let count = model.timeline.len(Axis::Payments);
        let dates: Vec<SupplyDate> = (1..=count).map(|tick| lines.date(tick)).collect();
        let (mut weighted, mut weight) = (0.0, 0.0);
        for (tick, date) in (1..).zip(&dates) {
            if let Some(spread) = date.spread {
                let part = lines.pool_before(tick).to_f64() * lines.collection_days(tick);
                weighted += spread * part;
                weight += part;
            }
        }
        SupplyPath {
            early_end: lines.early_end(count),
            breach: lines.breach(count),
            spread: (weight > 0.0).then(|| weighted / weight),
            tranches: (0..deal.tranches.len())
                .map(|place| of_tranche(deal, model, run, place))
                .collect(),
            dates,
        }
    }

    /// Supplied, of which could be spent, of which was spent, over the revolving period.
    pub fn totals(&self) -> [Amount; 3] {
        let while_revolving = || self.dates.iter().filter(|date| date.revolving);
        [
            while_revolving().map(|date| date.supply).sum(),
            while_revolving().map(|date| date.budget).sum(),
            while_revolving().map(|date| date.price).sum(),
        ]
    }

    /// What was spent of what could be; 1 where nothing could be.
    pub fn ratio(&self) -> f64 {
        let [_, budget, price] = self.totals();
        if budget == Amount::ZERO { 1.0 } else { price.to_f64() / budget.to_f64() }
    }

    /// The most that stayed idle after a payment.
    pub fn idle_most(&self) -> Amount {
        self.dates.iter().map(|date| date.idle).max().unwrap_or(Amount::ZERO)
    }

    /// The negative carry over the deal's life.
    pub fn carry(&self) -> f64 {
        self.dates.iter().map(|date| date.carry).sum()
    }
}

/// The lines of a run that the measures read.
struct Lines<'a> {
    deal: &'a Deal,
    model: &'a Model,
    run: &'a Run,
    deposit: f64,
    step: Option<(usize, usize)>,
}

impl<'a> Lines<'a> {
    fn of(deal: &'a Deal, model: &'a Model, run: &'a Run, deposit: Rate) -> Lines<'a> {
        let step = deal.steps.iter().enumerate().find_map(|(step, terms)| {
            let place = terms.pay.iter().position(|payment| payment.due == Due::Purchase)?;
            Some((step + 1, place + 1))
        });
        Lines { deal, model, run, deposit: deposit.to_f64(), step }
    }

    fn value(&self, key: &str, tick: usize) -> Option<i64> {
        self.model.line(key).map(|line| self.run.value(line, tick, 0))
    }

    fn amount(&self, key: &str, tick: usize) -> Amount {
        Amount::from_minor(self.value(key, tick).unwrap_or(0))
    }

    fn of_step(&self, part: &str, tick: usize) -> Option<i64> {
        let (step, place) = self.step?;
        self.value(&format!("step.{step}.{place}.{part}"), tick)
    }

    /// The collection months from the date before to this one.
    fn months(&self, tick: usize) -> std::ops::RangeInclusive<usize> {
        let at = |tick| self.model.timeline.other_at(Axis::Payments, tick);
        at(tick - 1) + 1..=at(tick)
    }

    fn since(&self, key: &str, tick: usize) -> f64 {
        self.months(tick).map(|month| self.amount(key, month).to_f64()).sum()
    }

    #[allow(clippy::cast_precision_loss)]
    fn days(&self, axis: Axis, from: usize, to: usize) -> f64 {
        let dates = self.model.timeline.dates(axis);
        (dates[to] - dates[from]).num_days() as f64
    }

    fn collection_days(&self, tick: usize) -> f64 {
        let months = self.months(tick);
        self.days(Axis::Months, months.start() - 1, *months.end())
    }

    fn pool_before(&self, tick: usize) -> Amount {
        self.amount("pool.closing", self.months(tick).start() - 1)
    }

    /// The coupon of the tranches that are not subordinated, weighted by balance, and their balance.
    fn coupon(&self, tick: usize) -> (f64, f64) {
        let (mut interest, mut balances) = (0.0, 0.0);
        for tranche in self.deal.tranches.iter().filter(|tranche| !tranche.subordinated) {
            let balance = self.amount(&format!("tranche.{}.opening_balance", tranche.id), tick);
            let rate = match &tranche.coupon {
                Coupon::Fixed(rate) => *rate,
                Coupon::Stepped(_) | Coupon::Floating(_) => {
                    let key = format!("tranche.{}.coupon_in_force", tranche.id);
                    Rate::from_parts(self.value(&key, tick).unwrap_or(0))
                }
            };
            interest += balance.to_f64() * rate.to_f64();
            balances += balance.to_f64();
        }
        (if balances > 0.0 { interest / balances } else { 0.0 }, balances)
    }

    fn date(&self, tick: usize) -> SupplyDate {
        let money = |value: Option<i64>| Amount::from_minor(value.unwrap_or(0));
        let (coupon, balances) = self.coupon(tick);
        let years = self.days(Axis::Payments, tick - 1, tick) / 365.0;
        let idle_before = self.amount("cash.carry", tick - 1).to_f64();
        let carry = idle_before * (coupon - self.deposit) * years;
        let (pool, earned) = (self.pool_before(tick).to_f64(), self.collection_days(tick) / 365.0);
        let fee = match self.model.line("pool.fee_income") {
            Some(_) => "pool.fee_income",
            None => "pool.fee",
        };
        let income = self.since("pool.interest", tick) + self.since(fee, tick);
        let costs = self.amount("cash.costs_paid", tick).to_f64();
        let spread = (pool > 0.0 && earned > 0.0)
            .then(|| income / earned / pool - (costs / years + coupon * balances) / pool);
        let last = *self.months(tick).end();
        SupplyDate {
            date: self.model.date(Axis::Payments, tick),
            revolving: self.value("state.revolving", tick) == Some(1),
            supply: money(self.of_step("supply", tick)),
            budget: money(self.of_step("budget", tick)),
            price: money(self.of_step("purchase_price", tick)),
            ratio: self.of_step("purchase_ratio", tick).map_or(Rate::ONE, Rate::from_parts),
            idle: self.amount("cash.carry", tick),
            pool: self.amount("pool.closing", last),
            carry,
            spread,
        }
    }

    fn early_end(&self, count: usize) -> Option<NaiveDate> {
        let should = |tick| self.value("dates.revolving", tick) == Some(1);
        let does = |tick| self.value("state.revolving", tick) == Some(1);
        let first = (1..=count).find(|tick| should(*tick) && !does(*tick))?;
        Some(self.model.date(Axis::Payments, first))
    }

    fn breach(&self, count: usize) -> Option<Breach> {
        let ends =
            self.deal.triggers.iter().filter(|trigger| trigger.consequence != Consequence::Flag);
        let tripped = ends.filter_map(|trigger| {
            let line: LineId = self.model.line(&format!("trigger.{}.tripped", trigger.id))?;
            let first = (1..=count).find(|tick| self.run.value(line, *tick, 0) != 0)?;
            Some((first, trigger))
        });
        let (first, trigger) = tripped.min_by_key(|(first, _)| *first)?;
        let date = self.model.date(Axis::Payments, first);
        Some(Breach { id: trigger.id.clone(), name: trigger.name.clone(), date })
    }
}
