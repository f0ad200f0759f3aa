//! The base case and what ratings ask above it: multiples and quantiles.
//!
//! ```text
//! weighted  = Σ U(v)·original(v) / Σ original(v)       mean and sample deviation beside it
//! base      = weighted + add-on, rounded up to a step; the add-on given, or that of a trend
//! stressed  = base · multiple(rating)
//! quantile  = exp(μ + z(1 − p)·σ),  σ² = ln(1 + (deviation/weighted)²) or its floor,  μ = ln weighted − σ²/2
//! seasoned  = (base − base·τ(m)) / b(m)                of the balance left at age m
//! revolving = base · (1 + purchased / initial)         of the initial pool
//! ```
//!
//! Multiples and target probabilities are the user's figures, not an agency's. Source: domain note
//! §5.1, §5.2.

use super::{Exclusion, Ladder, Measure, StaticPool, Trend, inverse_normal, ratio, round12};
use crate::money::{Amount, Rate};

/// What the base case is made of beside the ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Vintages that do not count in the averages.
    pub exclude: Vec<Exclusion>,
    /// Added for the trend.
    pub add_on: Rate,
    /// Whether what is added is fitted to the vintages, in place of `add_on`.
    pub fit_trend: bool,
    /// The base case is rounded up to a multiple of this; 0 rounds nothing.
    pub round_up: Rate,
    /// σ of the lognormal fit is at least this.
    pub sigma_floor: Rate,
    /// Purchased over initial balance in a revolving period.
    pub purchased: Rate,
    /// The ratings.
    pub ratings: Vec<Rating>,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            exclude: Vec::new(),
            add_on: Rate::ZERO,
            fit_trend: false,
            round_up: Rate::ZERO,
            sigma_floor: Rate::ZERO,
            purchased: Rate::ZERO,
            ratings: Vec::new(),
        }
    }
}

/// What a rating asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Rating {
    /// Its name.
    pub name: String,
    /// The multiple of the base case.
    pub multiple: Option<Rate>,
    /// The probability that the quantile may be passed with.
    pub probability: Option<Rate>,
}

/// The lognormal distribution with the mean and the deviation of the vintages' ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    /// The mean of the logarithm, with the deviation used.
    pub mu: f64,
    /// The deviation of the logarithm.
    pub sigma: f64,
    /// The deviation used: not below the floor.
    pub used: f64,
}

/// The rates of one rating, side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Stressed {
    /// The rating.
    pub rating: Rating,
    /// Base case × multiple.
    pub by_multiple: Option<f64>,
    /// The quantile of the lognormal fit.
    pub by_quantile: Option<f64>,
}

/// The base case with its steps.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseCase {
    /// The terms.
    pub terms: Terms,
    /// Whether each vintage counts.
    pub counts: Vec<bool>,
    /// Σ U ÷ Σ original.
    pub weighted: f64,
    /// The mean of the vintages' U.
    pub mean: f64,
    /// Their sample deviation; `None` of fewer than two.
    pub deviation: Option<f64>,
    /// The trend of the ends, where it is fitted and there is one.
    pub trend: Option<Trend>,
    /// The base case.
    pub base: f64,
    /// The lognormal fit; `None` when nothing defaults, or there are fewer than two vintages.
    pub lognormal: Option<Lognormal>,
    /// By rating.
    pub stressed: Vec<Stressed>,
    /// For each age of the ladder, where balances are known: the share of the amount lent that is
    /// still outstanding, and the defaults to come of it.
    pub seasoned: Vec<Option<(f64, f64)>>,
    /// Of the initial pool, with purchases.
    pub revolving: f64,
}

impl BaseCase {
    /// The base case of a ladder; `None` when no vintage counts.
    pub fn new(pool: &StaticPool, ladder: &Ladder, terms: &Terms) -> Option<BaseCase> {
        let triangle = &ladder.triangle;
        let out = |vintage: &usize| {
            let month = triangle.vintages[*vintage];
            terms.exclude.iter().any(|e| e.vintage == month && e.mob.is_none())
        };
        let counts: Vec<bool> = (0..triangle.cells.len()).map(|vintage| !out(&vintage)).collect();
        let chosen = || (0..counts.len()).filter(|vintage| counts[*vintage]);
        let lent: Amount = chosen().map(|vintage| triangle.originals[vintage]).sum();
        if lent == Amount::ZERO {
            return None;
        }
        let amounts: f64 = chosen().map(|vintage| ladder.ultimates[vintage].amount).sum();
        let weighted = round12(amounts / lent.to_f64());
        let ends: Vec<f64> = chosen().map(|vintage| ladder.ultimates[vintage].ratio).collect();
        let (mean, deviation) = moments(&ends);
        let months = chosen().map(|vintage| triangle.vintages[vintage]);
        let dated: Vec<_> = months.zip(ends.iter().copied()).collect();
        let trend = terms.fit_trend.then(|| Trend::of(&dated, weighted)).flatten();
        let add_on = trend.map_or(terms.add_on.to_f64(), |trend| trend.add_on);
        let raised = round12(weighted + add_on);
        let base = match terms.round_up.to_f64() {
            step if step > 0.0 => round12((round(raised / step)).ceil() * step),
            _ => raised,
        };
        let lognormal = deviation
            .filter(|_| weighted > 0.0)
            .map(|deviation| lognormal(weighted, deviation, terms.sigma_floor.to_f64()));
        let stressed = terms.ratings.iter().map(|rating| Stressed {
            by_multiple: rating.multiple.map(|multiple| round12(base * multiple.to_f64())),
            by_quantile: rating
                .probability
                .zip(lognormal)
                .map(|(probability, fit)| fit.quantile(probability.to_f64())),
            rating: rating.clone(),
        });
        let seasoned = triangle.mobs.iter().zip(&ladder.timing).map(|(mob, timing)| {
            let left = survivors(pool, *mob)?;
            (left > 0.0).then(|| (left, round12((base - round12(base * timing)) / left)))
        });
        Some(BaseCase {
            weighted,
            mean,
            deviation,
            trend,
            base,
            lognormal,
            stressed: stressed.collect(),
            seasoned: seasoned.collect(),
            revolving: round12(base * (1.0 + terms.purchased.to_f64())),
            terms: terms.clone(),
            counts,
        })
    }
}

/// A quotient that is whole but for the last bits of a double is whole.
fn round(x: f64) -> f64 {
    super::round(x, 9)
}

/// The share of what was lent that is outstanding at an age, over the vintages that know it.
fn survivors(pool: &StaticPool, mob: u32) -> Option<f64> {
    let (left, lent) = surviving(pool, mob);
    ratio(left, lent)
}

/// The balances at an age and what their vintages lent.
pub(crate) fn surviving(pool: &StaticPool, mob: u32) -> (Amount, Amount) {
    let known = || {
        pool.vintages.iter().filter_map(|vintage| {
            let balance = vintage.months.get(&mob)?.get(Measure::BalanceEnd)?;
            Some((balance, vintage.original))
        })
    };
    (known().map(|(balance, _)| balance).sum(), known().map(|(_, lent)| lent).sum())
}

/// Mean and sample deviation, to 12 places.
fn moments(values: &[f64]) -> (f64, Option<f64>) {
    let count = f64::from(u32::try_from(values.len()).expect("vintages are few"));
    let mean = round12(values.iter().sum::<f64>() / count);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let deviation = (values.len() > 1).then(|| round12((squares / (count - 1.0)).sqrt()));
    (mean, deviation)
}

fn lognormal(mean: f64, deviation: f64, floor: f64) -> Lognormal {
    let ratio = deviation / mean;
    let sigma = round12((1.0 + ratio * ratio).ln().sqrt());
    let used = sigma.max(floor);
    Lognormal { mu: round12(mean.ln() - used * used / 2.0), sigma, used }
}

impl Lognormal {
    /// The rate that is passed with a probability.
    ///
    /// # Panics
    ///
    /// When the probability is not strictly between 0 and 1.
    ///
    /// ```text
    /// =ROUND(EXP(mu+NORMSINV(1-p)*sigma),12)
    /// ```
    pub fn quantile(&self, probability: f64) -> f64 {
        round12((self.mu + inverse_normal(1.0 - probability) * self.used).exp())
    }
}
