//! 抽样: receivables drawn for the tie-out with contracts and ledgers.
//!
//! | Method        | How                                                             | Each receivable's chance      |
//! |---------------|-----------------------------------------------------------------|-------------------------------|
//! | random        | without putting back, from the seed                             | the same                      |
//! | monetary unit | every interval-th minor unit of principal from a random start   | by its principal; certain above the interval |
//! | stratified    | random within the values of a characteristic, by principal      | the same within a stratum     |
//!
//! The same pool, size, method and seed give the same sample on every machine.

use std::collections::BTreeMap;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::characteristic::Characteristic;
use super::column::Column;
use super::draw::below;
use super::groups::Groups;
use crate::money::Amount;
use crate::pool::Pool;

/// How a sample is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Simple random sampling without replacement.
    Random,
    /// Systematic sampling of minor units of principal.
    MonetaryUnit,
    /// Random within each value of a characteristic, by its share of principal.
    Stratified(Characteristic),
}

/// A receivable of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Its place in the pool.
    pub place: usize,
    /// The stratum it was drawn for; empty when there are none.
    pub stratum: String,
    /// How many of the selected minor units are its own: 1 but for receivables above the interval.
    pub hits: usize,
}

/// A sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The receivables, in the order of the tape.
    pub drawn: Vec<Drawn>,
    /// Receivables of the population.
    pub population: usize,
    /// Principal of the population: its control total.
    pub total: Amount,
    /// Principal of the sample.
    pub covered: Amount,
    /// Minor units between two selected ones, for monetary unit sampling.
    pub interval: Option<Amount>,
}

/// Draws `size` receivables of a pool, all of them when there are fewer. The name of the column when
/// the tape does not have that of a stratified sample.
///
/// Receivables without principal can be in a random sample and in a stratum, and never in a monetary
/// unit sample.
pub fn draw(pool: &Pool, size: usize, method: &Method, seed: u64) -> Result<Sample, String> {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let everybody: Vec<usize> = (0..pool.receivables.len()).collect();
    let total = pool.outstanding_principal();
    let (mut drawn, interval) = match method {
        Method::Random => {
            let places = without_replacement(&everybody, size, &mut random);
            (plain(places, ""), None)
        }
        Method::MonetaryUnit => monetary(pool, size, &mut random),
        Method::Stratified(of) => (stratified(pool, of, size, &mut random)?, None),
    };
    drawn.sort_by_key(|drawn| drawn.place);
    let covered = |drawn: &Drawn| pool.receivables[drawn.place].outstanding_principal;
    let covered = drawn.iter().map(covered).sum();
    Ok(Sample { drawn, population: everybody.len(), total, covered, interval })
}

fn plain(places: Vec<usize>, stratum: &str) -> Vec<Drawn> {
    let drawn = |place| Drawn { place, stratum: stratum.to_string(), hits: 1 };
    places.into_iter().map(drawn).collect()
}

/// The first `size` of a shuffle of the places.
fn without_replacement(places: &[usize], size: usize, random: &mut Pcg64Mcg) -> Vec<usize> {
    let mut places = places.to_vec();
    let size = size.min(places.len());
    for first in 0..size {
        let left = u64::try_from(places.len() - first).expect("receivables are few");
        let other = first + usize::try_from(below(random, left)).expect("an index");
        places.swap(first, other);
    }
    places.truncate(size);
    places
}

/// Every interval-th minor unit from a random start within the first interval.
///
/// ```text
/// interval = total / size      units: start, start + interval, start + 2 interval, …
/// ```
fn monetary(pool: &Pool, size: usize, random: &mut Pcg64Mcg) -> (Vec<Drawn>, Option<Amount>) {
    let total = pool.outstanding_principal().minor();
    let wanted = i64::try_from(size).unwrap_or(i64::MAX).min(total);
    if wanted <= 0 {
        return (Vec::new(), None);
    }
    let interval = total / wanted;
    let start = below(random, u64::try_from(interval).expect("not below zero"));
    let mut next = i64::try_from(start).expect("below an interval");
    let (mut drawn, mut passed, mut left): (Vec<Drawn>, i64, i64) = (Vec::new(), 0, wanted);
    for (place, receivable) in pool.receivables.iter().enumerate() {
        passed += receivable.outstanding_principal.minor();
        let mut hits = 0;
        while next < passed && left > 0 {
            (next, left, hits) = (next + interval, left - 1, hits + 1);
        }
        if hits > 0 {
            drawn.push(Drawn { place, stratum: String::new(), hits });
        }
    }
    (drawn, Some(Amount::from_minor(interval)))
}

/// By value of a characteristic, in proportion to principal by largest remainders.
fn stratified(
    pool: &Pool,
    of: &Characteristic,
    size: usize,
    random: &mut Pcg64Mcg,
) -> Result<Vec<Drawn>, String> {
    let column = Column::of(pool, of, false).map_err(|lacking| {
        if lacking.is_empty() { of.name().to_string() } else { lacking.to_string() }
    })?;
    let groups = Groups::of(&column, pool.cutoff);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for place in 0..pool.receivables.len() {
        members.entry(groups.place(place)).or_default().push(place);
    }
    let strata: Vec<(usize, Vec<usize>)> = members.into_iter().collect();
    let sizes = allotted(pool, &strata, size);
    let drawn = strata.iter().zip(sizes).flat_map(|((group, members), size)| {
        plain(without_replacement(members, size, random), &groups.labels[*group])
    });
    Ok(drawn.collect())
}

/// How many of each stratum: in proportion to principal, never more than there are; the largest
/// remainders take what rounding down leaves, then whoever has members left.
fn allotted(pool: &Pool, strata: &[(usize, Vec<usize>)], size: usize) -> Vec<usize> {
    let balance = |members: &[usize]| -> i128 {
        members
            .iter()
            .map(|place| i128::from(pool.receivables[*place].outstanding_principal.minor()))
            .sum()
    };
    let balances: Vec<i128> = strata.iter().map(|(_, members)| balance(members)).collect();
    let total: i128 = balances.iter().sum::<i128>().max(1);
    let wanted = i128::try_from(size).expect("a sample is small");
    let whole = |balance: &i128| usize::try_from(balance * wanted / total).expect("a part of it");
    let mut sizes: Vec<usize> =
        balances.iter().zip(strata).map(|(b, (_, m))| whole(b).min(m.len())).collect();
    let mut order: Vec<usize> = (0..strata.len()).collect();
    order.sort_by_key(|place| (std::cmp::Reverse(balances[*place] * wanted % total), *place));
    let all: usize = strata.iter().map(|(_, members)| members.len()).sum();
    let mut left = size.min(all) - sizes.iter().sum::<usize>().min(size.min(all));
    while left > 0 {
        for place in &order {
            if left > 0 && sizes[*place] < strata[*place].1.len() {
                (sizes[*place], left) = (sizes[*place] + 1, left - 1);
            }
        }
    }
    sizes
}
