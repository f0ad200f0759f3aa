//! Roll rates: what share of a bucket is in the next one a month later, and the chain to default.
//!
//! ```text
//! roll(k → k+1, t) = M(k+1) at t ÷ M(k) at t−1
//! gross flow       = Π of the mean rolls, from not past due to default
//! ```
//!
//! For tracking, not for the loss of a term alone. Source: domain note §5.1; formula 13 of the
//! standard formulas.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Measure, StaticPool, ratio, round12};
use crate::money::Amount;
use crate::time::months_between;

/// One step of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Roll {
    /// The bucket a month ago.
    pub from: Measure,
    /// The bucket now.
    pub to: Measure,
    /// By month.
    pub rates: Vec<(NaiveDate, Option<f64>)>,
    /// The mean of the last months.
    pub mean: Option<f64>,
}

/// The chain of roll rates.
#[derive(Clone, Debug, PartialEq)]
pub struct RollRates {
    /// How many months are averaged.
    pub months: usize,
    /// The buckets of the chain, default at its end.
    pub buckets: Vec<Measure>,
    /// Their amounts by month.
    pub balances: Vec<(NaiveDate, Vec<Option<Amount>>)>,
    /// The steps.
    pub rolls: Vec<Roll>,
}

impl RollRates {
    /// The chain of a pool, over all vintages; `None` without buckets.
    pub fn of(pool: &StaticPool, months: usize) -> Option<RollRates> {
        let mut sums: BTreeMap<NaiveDate, BTreeMap<Measure, Amount>> = BTreeMap::new();
        for vintage in &pool.vintages {
            for month in vintage.months.values() {
                let sum = sums.entry(month.date).or_default();
                for measure in buckets() {
                    if let Some(amount) = month.get(measure) {
                        *sum.entry(measure).or_default() += amount;
                    }
                }
                if let Some(amount) = vintage.new_default(month.mob) {
                    *sum.entry(Measure::NewDefault).or_default() += amount;
                }
            }
        }
        let all = || buckets().chain([Measure::NewDefault]);
        let known: Vec<Measure> =
            all().filter(|measure| sums.values().any(|sum| sum.contains_key(measure))).collect();
        if known.len() < 2 || known[0] != Measure::Normal {
            return None;
        }
        let rolls = known.windows(2).map(|pair| roll(&sums, (pair[0], pair[1]), months));
        let rolls = rolls.collect();
        let row = |(date, sum): (&NaiveDate, &BTreeMap<Measure, Amount>)| {
            (*date, known.iter().map(|measure| sum.get(measure).copied()).collect())
        };
        let balances = sums.iter().map(row).collect();
        Some(RollRates { months, rolls, balances, buckets: known })
    }

    /// The share that flows from not past due to the end of the chain in one month.
    pub fn gross_flow(&self) -> Option<f64> {
        let means: Option<Vec<f64>> = self.rolls.iter().map(|roll| roll.mean).collect();
        Some(means?.into_iter().fold(1.0, |flow, mean| round12(flow * mean)))
    }

    /// Twelve months of the flow, without compounding.
    pub fn yearly(&self) -> Option<f64> {
        self.gross_flow().map(|flow| round12(12.0 * flow))
    }
}

fn buckets() -> impl Iterator<Item = Measure> {
    [Measure::Normal].into_iter().chain(Measure::BUCKETS)
}

fn roll(
    sums: &BTreeMap<NaiveDate, BTreeMap<Measure, Amount>>,
    (from, to): (Measure, Measure),
    months: usize,
) -> Roll {
    let dates: Vec<NaiveDate> = sums.keys().copied().collect();
    let adjoining = dates.windows(2).filter(|pair| months_between(pair[0], pair[1]) == 1);
    let rates: Vec<(NaiveDate, Option<f64>)> = adjoining
        .map(|pair| {
            let before = sums[&pair[0]].get(&from);
            let rate = before.zip(sums[&pair[1]].get(&to)).and_then(|(b, now)| ratio(*now, *b));
            (pair[1], rate)
        })
        .collect();
    let known: Vec<f64> = rates.iter().filter_map(|(_, rate)| *rate).collect();
    let last = &known[known.len().saturating_sub(months)..];
    let count = f64::from(u32::try_from(last.len()).expect("months are few"));
    let mean = (!last.is_empty()).then(|| round12(last.iter().sum::<f64>() / count));
    Roll { from, to, rates, mean }
}
