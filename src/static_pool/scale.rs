//! Monthly default rates raised or lowered together, so that they make the base case.
//!
//! ```text
//! a(m)   = Σ closing ÷ Σ (opening − new defaults)      what repayments leave of what did not default
//! B(1)   = Σ opening ÷ Σ original,   B(m+1) = B(m) · (1 − k·MDR(m)) · a(m)
//! base   = Σ k·MDR(m) · B(m)                           solved for k by halving
//! ```
//!
//! Rates as observed make the defaults that were observed: they know nothing of a tail, an add-on,
//! a rounding, a trend or a vintage that does not count. Source: methodology 12.8.

use super::{AgeRate, Measure, StaticPool, Vintage, ratio, round12};
use crate::money::{Amount, Rate};

/// Default rates by month on book that make the base case.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// What each observed rate is multiplied by, to 12 places.
    pub factor: f64,
    /// What the rates as observed make of the amount lent, to 12 places.
    pub observed: f64,
    /// What they are scaled to: the base case.
    pub base: f64,
    /// The rates of the months on book from 1, to 12 places; none after the last that the table
    /// knows, which ends the list with 0.
    pub rates: Vec<Rate>,
    /// The share of the amount lent that is outstanding after the last age.
    pub left: f64,
}

/// The rates of the months on book from 1; an age that nobody states carries the one before, and
/// what happens in the month of origination counts in the first month.
pub(super) fn by_month(rates: &[AgeRate]) -> Vec<Rate> {
    let last = rates.last().map_or(1, |rate| rate.age.max(1));
    let at = |age: u32| {
        let known = rates.iter().rev().find(|rate| rate.age <= age);
        known.map_or(Rate::ZERO, |rate| below_one(Rate::from_f64(rate.rate)))
    };
    (1..=last).map(at).collect()
}

/// Rates of an assumptions file are below 1.
pub(super) fn below_one(rate: Rate) -> Rate {
    rate.min(Rate::from_parts(Rate::ONE.parts() - 1))
}

impl Scaled {
    /// Scales observed rates to a base case; `None` when there are none, when nothing of them is
    /// above zero, or when no factor reaches it.
    pub(super) fn to(base: f64, mdr: &[AgeRate], pool: &StaticPool) -> Option<Scaled> {
        let survival = Survival::of(mdr, pool)?;
        let (observed, _) = survival.defaults(1.0);
        let mut high = 1.0;
        while survival.defaults(high).0 < base {
            high *= 2.0;
            if high > 1e9 {
                return None;
            }
        }
        let mut low = 0.0;
        for _ in 0..120 {
            let middle = f64::midpoint(low, high);
            if survival.defaults(middle).0 < base {
                low = middle;
            } else {
                high = middle;
            }
        }
        let factor = round12(high);
        let (_, left) = survival.defaults(factor);
        let mut rates: Vec<Rate> =
            survival.rates.iter().map(|rate| Rate::from_f64(at_most(rate * factor))).collect();
        rates.push(Rate::ZERO);
        Some(Scaled { factor, observed: round12(observed), base, rates, left: round12(left) })
    }
}

/// A rate below 1.
fn at_most(rate: f64) -> f64 {
    rate.min(below_one(Rate::ONE).to_f64())
}

/// How a vintage runs off, by month on book from 1.
struct Survival {
    /// Observed default rates of the opening balance.
    rates: Vec<f64>,
    /// What repayments leave of what did not default.
    kept: Vec<f64>,
    /// The share of the amount lent that opens the first month.
    start: f64,
}

impl Survival {
    fn of(mdr: &[AgeRate], pool: &StaticPool) -> Option<Survival> {
        let first = mdr.iter().find(|rate| rate.age >= 1).or(mdr.last())?;
        let rates: Vec<f64> = by_month(mdr).into_iter().map(Rate::to_f64).collect();
        let mut kept = Vec::new();
        for age in 1..=rates.len() {
            let age = u32::try_from(age).expect("ages are few");
            let known = remains(pool, age + pool.mob_base);
            kept.push(known.unwrap_or_else(|| kept.last().copied().unwrap_or(1.0)));
        }
        let mob = first.age + pool.mob_base;
        let lent = pool.vintages.iter().filter_map(|v| Some((v.opening(mob)?, v.original)));
        let lent: Vec<(Amount, Amount)> = lent.collect();
        let opening = lent.iter().map(|(opening, _)| *opening).sum();
        let start = ratio(opening, lent.iter().map(|(_, original)| *original).sum())?;
        Some(Survival { rates, kept, start })
    }

    /// Of the amount lent: what defaults with every rate times a factor, and what is left.
    fn defaults(&self, factor: f64) -> (f64, f64) {
        let (mut defaulted, mut balance) = (0.0, self.start);
        for (rate, kept) in self.rates.iter().zip(&self.kept) {
            let default = balance * at_most(rate * factor);
            defaulted += default;
            balance = (balance - default) * kept;
        }
        (defaulted, balance)
    }
}

/// The share of what did not default in a month that is there at its end, over the vintages that
/// know both; at most 1.
fn remains(pool: &StaticPool, mob: u32) -> Option<f64> {
    let known = || {
        pool.vintages.iter().filter_map(|vintage| {
            let good = vintage.opening(mob)? - vintage.new_default(mob)?;
            Some((closing(vintage, mob)?, good))
        })
    };
    let good = known().map(|(_, good)| good).sum();
    ratio(known().map(|(closing, _)| closing).sum(), good).map(|share| share.min(1.0))
}

/// The balance at the end of a month: as stated, or what the next month begins with.
fn closing(vintage: &Vintage, mob: u32) -> Option<Amount> {
    let stated = vintage.months.get(&mob).and_then(|month| month.get(Measure::BalanceEnd));
    let next = || vintage.months.get(&(mob + 1))?.get(Measure::BalanceBegin);
    stated.or_else(next)
}
