//! The receivables of each bucket, summed.

use super::buckets::Buckets;
use super::{Dimension, Facts};
use crate::config::Text;
use crate::money::{Amount, Rate, Rounding, divide};

/// One bucket, or all of them together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// What it is called.
    pub label: Text,
    /// Receivables.
    pub count: usize,
    /// Different obligors; `None` when the tape has no obligors. An obligor may be in several
    /// buckets, so they need not add up.
    pub obligors: Option<usize>,
    /// Outstanding principal.
    pub balance: Amount,
    /// The nominal annual rate weighted by principal; `None` without principal.
    pub rate: Option<Rate>,
}

/// A pool by one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// By what.
    pub dimension: Dimension,
    /// The buckets in order; the last holds what is missing.
    pub buckets: Vec<Bucket>,
    /// All of them.
    pub total: Bucket,
}

/// Shares of a whole with two decimals in percent, as fractions; they sum to one when the whole is
/// not nothing, because the last part that is not nothing takes what rounding leaves over.
///
/// # Rounding
///
/// Halves away from zero; `even = false` leaves the last part as it is rounded.
///
/// # Example
///
/// Three equal parts are 33.33 %, 33.33 % and 33.34 %.
///
/// ```
/// use cashfall::portfolio::stratification::shares;
/// let thirds: Vec<String> = shares(&[1, 1, 1, 0], true).iter().map(|s| s.percent()).collect();
/// assert_eq!(thirds, ["33.33 %", "33.33 %", "33.34 %", "0 %"]);
/// ```
pub fn shares(parts: &[i64], even: bool) -> Vec<Rate> {
    const PLACE: i64 = 100_000_000;
    let whole: i128 = parts.iter().map(|part| i128::from(*part)).sum();
    if whole == 0 {
        return vec![Rate::ZERO; parts.len()];
    }
    let share = |part: &i64| divide(i128::from(*part) * 10_000, whole, Rounding::HalfUp) * PLACE;
    let mut shares: Vec<i64> = parts.iter().map(share).collect();
    if let Some(last) = parts.iter().rposition(|part| *part != 0).filter(|_| even) {
        shares[last] += Rate::ONE.parts() - shares.iter().sum::<i64>();
    }
    shares.into_iter().map(Rate::from_parts).collect()
}

impl Distribution {
    /// The share of each bucket in principal.
    pub fn balance_shares(&self) -> Vec<Rate> {
        let balances: Vec<i64> = self.buckets.iter().map(|bucket| bucket.balance.minor()).collect();
        shares(&balances, true)
    }

    /// The share of each bucket in the number of receivables.
    pub fn count_shares(&self) -> Vec<Rate> {
        let count = |bucket: &Bucket| i64::try_from(bucket.count).expect("receivables are few");
        shares(&self.buckets.iter().map(count).collect::<Vec<_>>(), true)
    }
}

/// What is summed for a bucket.
#[derive(Clone, Copy, Default)]
struct Sum {
    count: usize,
    obligors: usize,
    last: Option<u32>,
    balance: i64,
    /// Σ balance × rate, in parts of minor units.
    weighted: i128,
}

impl Sum {
    fn add(&mut self, obligor: Option<u32>, balance: i64, rate: i64) {
        self.count += 1;
        self.balance += balance;
        self.weighted += i128::from(balance) * i128::from(rate);
        // Receivables stand obligor by obligor, so a new one is another one.
        if obligor.is_some() && obligor != self.last {
            self.obligors += 1;
            self.last = obligor;
        }
    }

    fn bucket(&self, label: Text, has_obligors: bool) -> Bucket {
        let rate = (self.balance > 0)
            .then(|| divide(self.weighted, self.balance.into(), Rounding::HalfUp));
        Bucket {
            label,
            count: self.count,
            obligors: has_obligors.then_some(self.obligors),
            balance: Amount::from_minor(self.balance),
            rate: rate.map(Rate::from_parts),
        }
    }
}

/// The distribution of the facts over buckets.
pub(super) fn of(dimension: &Dimension, buckets: &Buckets, facts: &Facts) -> Distribution {
    let mut sums = vec![Sum::default(); buckets.labels.len()];
    let mut total = Sum::default();
    for (index, code) in buckets.codes.iter().enumerate() {
        let obligor = facts.obligors.get(index).copied();
        let (balance, rate) = (facts.balances[index], facts.rates[index]);
        sums[usize::from(*code)].add(obligor, balance, rate);
        total.add(obligor, balance, rate);
    }
    let has_obligors = !facts.obligors.is_empty() || facts.places.is_empty();
    let labels = buckets.labels.iter().cloned();
    let made = sums.iter().zip(labels).map(|(sum, label)| sum.bucket(label, has_obligors));
    let label = Text { zh: "合计".to_string(), en: "Total".to_string() };
    Distribution {
        dimension: dimension.clone(),
        buckets: made.collect(),
        total: total.bucket(label, has_obligors),
    }
}
