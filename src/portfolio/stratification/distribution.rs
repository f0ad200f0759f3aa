//! The receivables of each bucket, summed.

use super::buckets::Buckets;
use super::{Dimension, Facts, wide};
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
    balance: i64,
    /// Σ balance × rate, in parts of minor units.
    weighted: i128,
}

impl Sum {
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
    let figures = facts.balances.iter().zip(&facts.rates).zip(&facts.obligors.alone);
    for (code, ((balance, rate), alone)) in buckets.codes.iter().zip(figures) {
        let sum = &mut sums[usize::from(*code)];
        sum.count += 1;
        sum.obligors += usize::from(*alone);
        sum.balance += balance;
        sum.weighted += i128::from(*balance) * i128::from(*rate);
    }
    // Obligor by obligor, so one who is not the last one of a bucket is new to it.
    let mut last = vec![None; sums.len()];
    for (index, obligor) in &facts.obligors.shared {
        let code = usize::from(buckets.codes[wide(*index)]);
        if last[code] != Some(*obligor) {
            last[code] = Some(*obligor);
            sums[code].obligors += 1;
        }
    }
    let different = facts.obligors.count;
    let mut total = Sum { obligors: different.unwrap_or(0), ..Sum::default() };
    for sum in &sums {
        total.count += sum.count;
        total.balance += sum.balance;
        total.weighted += sum.weighted;
    }
    let labels = buckets.labels.iter().cloned();
    let made = sums.iter().zip(labels).map(|(sum, label)| sum.bucket(label, different.is_some()));
    let label = Text { zh: "合计".to_string(), en: "Total".to_string() };
    Distribution {
        dimension: dimension.clone(),
        buckets: made.collect(),
        total: total.bucket(label, different.is_some()),
    }
}
