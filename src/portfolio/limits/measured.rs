//! One limit measured over some receivables.

use chrono::NaiveDate;

use super::excess::{excess, share_of};
use super::{Limit, Measure, Reader};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::pool::Pool;
use crate::portfolio::characteristic::{Characteristic, Kind, NUMBER_PLACES};
use crate::portfolio::column::{Column, Figure};
use crate::portfolio::groups::Groups;
use crate::portfolio::stratification::masked;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The figure.
    pub value: Figure,
    /// The group that it is of, where there is one: the largest.
    pub group: Option<String>,
    /// Receivables that could not be read and are not in the figure.
    pub missing: usize,
}

/// A limit tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What was measured; `None` where there is nothing to measure or the tape lacks the column.
    pub measured: Option<Measured>,
    /// Whether it is met.
    pub passes: bool,
    /// How far the figure is from the nearer end of what is allowed; below zero when it is not met.
    pub headroom: Option<Figure>,
    /// The principal above what is allowed, where the limit is one of principal.
    pub excess: Amount,
}

impl Tested {
    /// A limit whose column the tape does not have.
    pub(super) fn without_column(_: Kind) -> Tested {
        Tested { measured: None, passes: false, headroom: None, excess: Amount::ZERO }
    }
}

/// Tests one limit over the receivables at those places.
pub(super) fn test(
    limit: &Limit,
    reader: &Reader,
    (pool, at): (&Pool, NaiveDate),
    places: &[usize],
) -> Tested {
    let balance = |place: usize| pool.receivables[place].outstanding_principal;
    let total: Amount = places.iter().map(|place| balance(*place)).sum();
    match (&limit.measure, reader) {
        (Measure::Share(_), Reader::Condition(condition)) => {
            let inside = places.iter().filter(|place| condition.holds(**place, at));
            let part: Amount = inside.map(|place| balance(*place)).sum();
            shares(limit, part, total, None)
        }
        (Measure::Amount(_), Reader::Condition(condition)) => {
            let inside = places.iter().filter(|place| condition.holds(**place, at));
            let part: Amount = inside.map(|place| balance(*place)).sum();
            amount(limit, part, None)
        }
        (Measure::LargestShare(of), Reader::Groups(groups)) => {
            let sums = sums(groups, places, pool);
            let (part, group) = largest(of, groups, &sums);
            let mut tested = shares(limit, part, total, Some(group));
            if let Some(most) = limit.most {
                tested.excess = excess(&sums, Rate::from_parts(most));
            }
            tested
        }
        (Measure::LargestAmount(of), Reader::Groups(groups)) => {
            let sums = sums(groups, places, pool);
            let (part, group) = largest(of, groups, &sums);
            let mut tested = amount(limit, part, Some(group));
            if let Some(most) = limit.most.map(Amount::from_minor) {
                tested.excess = sums.iter().map(|sum| (*sum - most).max(Amount::ZERO)).sum();
            }
            tested
        }
        (Measure::TopShare(_, top), Reader::Groups(groups)) => {
            let mut sums = sums(groups, places, pool);
            sums.sort_unstable_by(|a, b| b.cmp(a));
            shares(limit, sums.into_iter().take(*top).sum(), total, None)
        }
        (Measure::Groups(_), Reader::Groups(groups)) => {
            let mut seen = vec![false; groups.len()];
            places.iter().for_each(|place| seen[groups.place(*place)] = true);
            let count = seen.iter().filter(|seen| **seen).count();
            plain(limit, i64::try_from(count).expect("receivables are few"), Kind::Count)
        }
        (Measure::Average(_), Reader::Figure(column)) => average(limit, column, at, places),
        (Measure::Total, Reader::Balance) => amount(limit, total, None),
        (measure, _) => unreachable!("{} is read otherwise", measure.word()),
    }
}

/// The principal by group.
pub(in crate::portfolio) fn sums(groups: &Groups, places: &[usize], pool: &Pool) -> Vec<Amount> {
    let mut sums = vec![Amount::ZERO; groups.len()];
    for place in places {
        sums[groups.place(*place)] += pool.receivables[*place].outstanding_principal;
    }
    sums
}

/// The largest group: the first of equals. An obligor is masked, as in a stratification.
fn largest(of: &Characteristic, groups: &Groups, sums: &[Amount]) -> (Amount, String) {
    let mut best = (Amount::ZERO, "");
    for (sum, label) in sums.iter().zip(&groups.labels) {
        if *sum > best.0 {
            best = (*sum, label);
        }
    }
    let label = if of.name() == "obligor_id" { masked(best.1) } else { best.1.to_string() };
    (best.0, label)
}

/// A share of principal; whether it passes is decided on the amounts.
fn shares(limit: &Limit, part: Amount, total: Amount, group: Option<String>) -> Tested {
    let (part, whole) = (i128::from(part.minor()), i128::from(total.minor()));
    let one = i128::from(Rate::ONE.parts());
    let parts = if whole == 0 { 0 } else { divide(part * one, whole, Rounding::HalfUp) };
    let mut tested = plain(limit, parts, Kind::Rate);
    let most = limit.most.is_none_or(|most| part * one <= i128::from(most) * whole);
    let least = limit.least.is_none_or(|least| part * one >= i128::from(least) * whole);
    tested.passes = most && least;
    if let Some(measured) = &mut tested.measured {
        measured.group = group;
    }
    if let Some(most) = limit.most {
        let cap = share_of(total, Rate::from_parts(most));
        let part = Amount::from_minor(i64::try_from(part).expect("a part of the total"));
        tested.excess = (part - cap).max(Amount::ZERO);
    }
    tested
}

fn amount(limit: &Limit, part: Amount, group: Option<String>) -> Tested {
    let mut tested = plain(limit, part.minor(), Kind::Money);
    if let Some(measured) = &mut tested.measured {
        measured.group = group;
    }
    let over = limit.most.map(|most| part - Amount::from_minor(most));
    tested.excess = over.unwrap_or_default().max(Amount::ZERO);
    tested
}

/// The average of a figure, weighted by principal.
///
/// ```text
/// Σ balance × figure / Σ balance      over receivables whose figure can be read
/// ```
fn average(limit: &Limit, column: &Column, at: NaiveDate, places: &[usize]) -> Tested {
    let (mut weighted, mut weight, mut missing) = (0_i128, 0_i128, 0);
    for place in places {
        let balance = column.pool().receivables[*place].outstanding_principal.minor();
        match column.parts(*place, at) {
            Some(parts) => {
                weighted += i128::from(parts) * i128::from(balance);
                weight += i128::from(balance);
            }
            None => missing += 1,
        }
    }
    if weight == 0 {
        return Tested { measured: None, passes: false, headroom: None, excess: Amount::ZERO };
    }
    let kind = limit.measure.kind();
    let scale = average_scale(column.kind());
    let mut tested = plain(limit, divide(weighted * scale, weight, Rounding::HalfUp), kind);
    // The rounded average may sit on the limit when the exact one does not.
    let bound = |parts: i64| i128::from(parts) * weight;
    tested.passes = limit.most.is_none_or(|most| weighted * scale <= bound(most))
        && limit.least.is_none_or(|least| weighted * scale >= bound(least));
    if let Some(measured) = &mut tested.measured {
        measured.missing = missing;
    }
    tested
}

/// What the parts of a figure are multiplied with to be those of its average.
pub(in crate::portfolio) fn average_scale(kind: Kind) -> i128 {
    match kind {
        Kind::Count | Kind::Date => 10_i128.pow(NUMBER_PLACES),
        Kind::Money | Kind::Rate | Kind::Number | Kind::Text => 1,
    }
}

/// A figure against the ends of what is allowed.
fn plain(limit: &Limit, parts: i64, kind: Kind) -> Tested {
    let above = limit.least.map(|least| parts - least);
    let below = limit.most.map(|most| most - parts);
    let headroom = above.into_iter().chain(below).min();
    Tested {
        measured: Some(Measured { value: Figure { kind, parts }, group: None, missing: 0 }),
        passes: headroom.is_none_or(|headroom| headroom >= 0),
        headroom: headroom.map(|parts| Figure { kind, parts }),
        excess: Amount::ZERO,
    }
}
