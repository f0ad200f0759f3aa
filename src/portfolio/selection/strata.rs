//! Candidates that are alike for every limit, taken together.
//!
//! A stratum is a combination of: inside or outside each condition, the group of each limit on few
//! groups, and a band of each figure that is averaged. Limits on many small groups (single obligors)
//! play no part here; they are kept receivable by receivable.

use crate::portfolio::limits::{Limits, Measure, Reader, average_scale};

/// Groups up to this number are a dimension of the strata.
pub(super) const FEW_GROUPS: usize = 64;
/// More strata than this make coarser bands.
const MOST_STRATA: usize = 4_000;

/// The strata of the candidates.
pub(super) struct Strata {
    /// The stratum of each candidate.
    pub(super) of: Vec<u32>,
    /// Principal of each stratum, in minor units.
    pub(super) balances: Vec<i64>,
    /// The place in the pool of one candidate of each stratum, which stands for all where they are
    /// alike.
    pub(super) examples: Vec<usize>,
    /// For each limit on an average, by stratum: Σ balance × figure, and Σ balance of those that have
    /// the figure.
    pub(super) averages: Vec<Option<Vec<(i128, i128)>>>,
}

impl Strata {
    /// The strata of the candidates (places of the pool) that are `kept`.
    pub(super) fn of(limits: &Limits, candidates: &[usize], kept: &[bool]) -> Strata {
        let mut bands = 8;
        loop {
            let keys = keys(limits, candidates, bands);
            let strata = Strata::by(&keys, limits, candidates, kept);
            if strata.balances.len() <= MOST_STRATA || bands == 1 {
                return strata;
            }
            bands /= 2;
        }
    }

    fn by(keys: &[u64], limits: &Limits, candidates: &[usize], kept: &[bool]) -> Strata {
        let mut distinct = keys.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let place = |key: &u64| {
            let place = distinct.binary_search(key).expect("every key is among them");
            u32::try_from(place).expect("fewer than 2^32")
        };
        let of: Vec<u32> = keys.iter().map(place).collect();
        let mut balances = vec![0; distinct.len()];
        let mut examples = vec![0; distinct.len()];
        let balance =
            |index: usize| limits.pool().receivables[candidates[index]].outstanding_principal;
        for (index, stratum) in of.iter().enumerate() {
            let stratum = wide(*stratum);
            examples[stratum] = candidates[index];
            if kept[index] {
                balances[stratum] += balance(index).minor();
            }
        }
        let averages = (0..limits.limits().len()).map(|number| {
            let Some(Reader::Figure(column)) = limits.reader(number) else { return None };
            let scale = average_scale(column.kind());
            let mut sums = vec![(0, 0); distinct.len()];
            for (index, stratum) in of.iter().enumerate().filter(|(index, _)| kept[*index]) {
                let Some(parts) = column.parts(candidates[index], limits.at()) else { continue };
                let (weight, sum) = (i128::from(balance(index).minor()), &mut sums[wide(*stratum)]);
                *sum = (sum.0 + weight * i128::from(parts) * scale, sum.1 + weight);
            }
            Some(sums)
        });
        let averages = averages.collect();
        Strata { of, balances, examples, averages }
    }
}

/// A key for each candidate: equal when no limit tells them apart.
fn keys(limits: &Limits, candidates: &[usize], bands: usize) -> Vec<u64> {
    let mut keys = vec![0_u64; candidates.len()];
    let mut add = |codes: &dyn Fn(usize) -> usize, many: usize| {
        for (key, place) in keys.iter_mut().zip(candidates) {
            // Wrapping keeps keys apart but by a rare accident, which only makes a stratum coarser.
            let many = u64::try_from(many).expect("groups are few");
            let code = u64::try_from(codes(*place)).expect("groups are few");
            *key = key.wrapping_mul(many).wrapping_add(code);
        }
    };
    for (number, limit) in limits.limits().iter().enumerate() {
        match limits.reader(number) {
            Some(Reader::Condition(condition)) => {
                add(&|place| usize::from(condition.holds(place, limits.at())), 2);
            }
            Some(Reader::Groups(groups)) if is_few(&limit.measure, groups.len()) => {
                add(&|place| groups.place(place), groups.len());
            }
            Some(Reader::Figure(column)) => {
                let figure = |place: usize| column.parts(place, limits.at());
                let edges = edges(candidates.iter().map(|place| figure(*place)), bands);
                let band = |place| match figure(place) {
                    Some(parts) => 1 + edges.partition_point(|edge| *edge < parts),
                    None => 0,
                };
                add(&band, edges.len() + 2);
            }
            Some(Reader::Groups(_) | Reader::Balance) | None => {}
        }
    }
    keys
}

/// Whether the groups of a limit are a dimension of the strata.
pub(super) fn is_few(measure: &Measure, groups: usize) -> bool {
    groups <= FEW_GROUPS && !matches!(measure, Measure::Groups(_))
}

/// Figures that cut the candidates into bands of about the same number.
fn edges(figures: impl Iterator<Item = Option<i64>>, bands: usize) -> Vec<i64> {
    let mut figures: Vec<i64> = figures.flatten().collect();
    figures.sort_unstable();
    let mut edges: Vec<i64> =
        (1..bands).filter_map(|band| figures.get(figures.len() * band / bands).copied()).collect();
    edges.dedup();
    edges
}

pub(super) fn wide(place: u32) -> usize {
    usize::try_from(place).expect("a place is an index")
}
