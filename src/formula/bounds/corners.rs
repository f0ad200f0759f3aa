//! The bounds of products: their extremes stand in the corners.

use super::{Bounds, Ranges};
use crate::formula::InputId;
use crate::formula::ratio::{Over, Scale};
use crate::money::{Rate, Rounding};

/// The most corners of a product that are looked at: twelve factors that vary.
const CORNERS: usize = 4096;

/// A ratio grows or falls with each of its factors while no divisor changes its sign, and rounding
/// keeps the order: so the extremes stand in the corners, a divisor next to 0 among them.
pub(super) fn ratio(
    scale: Scale,
    times: Vec<Bounds>,
    over: Vec<Bounds>,
    rounding: Rounding,
) -> Bounds {
    let may_be_zero = over.iter().any(|divisor| divisor.contains(0));
    let nothing = may_be_zero.then_some(Bounds::only(0));
    let factors: Vec<Vec<i64>> = times.into_iter().map(ends).collect();
    let divisors: Vec<Vec<i64>> = over.into_iter().map(ends_beside_zero).collect();
    let choices: Vec<&Vec<i64>> = factors.iter().chain(&divisors).collect();
    let corners = choices.iter().try_fold(1_usize, |count, of| count.checked_mul(of.len()));
    let Some(corners) = corners.filter(|count| *count <= CORNERS) else { return Bounds::ANY };
    let corner = |number: usize| {
        let values = corner(&choices, number);
        let (times, over) = values.split_at(factors.len());
        let (times, over) = (times.iter().copied(), over.iter().copied());
        Bounds::only(Over::of(scale, over.clone()).under(times, over, rounding))
    };
    let found = (0..corners).map(corner).chain(nothing).reduce(Bounds::or);
    found.expect("a divisor that can only be 0 gives 0")
}

/// One choice for each factor: the number of the corner, digit by digit.
fn corner(choices: &[&Vec<i64>], mut number: usize) -> Vec<i64> {
    let choose = |of: &&Vec<i64>| {
        let chosen = of[number % of.len()];
        number /= of.len();
        chosen
    };
    choices.iter().map(choose).collect()
}

fn ends(bounds: Bounds) -> Vec<i64> {
    match bounds.single() {
        Some(value) => vec![value],
        None => vec![bounds.low, bounds.high],
    }
}

/// The ends that are not 0, and the whole numbers next to 0 that lie inside.
fn ends_beside_zero(bounds: Bounds) -> Vec<i64> {
    let mut ends = vec![bounds.low, -1, 1, bounds.high];
    ends.retain(|end| *end != 0 && bounds.contains(*end));
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// `Σ value × weight × rate`; everything where 128 bits do not do.
pub(super) fn lagged(
    value: Bounds,
    weights: &[InputId],
    rate: InputId,
    ranges: &impl Ranges,
) -> Bounds {
    let wide = |bounds: Bounds| (i128::from(bounds.low), i128::from(bounds.high));
    let mut sum = Some((0_i128, 0_i128));
    for weight in weights {
        let term = multiplied(wide(value), wide(ranges.of_input(*weight)));
        sum = sum
            .zip(term)
            .and_then(|(sum, term)| Some((sum.0.checked_add(term.0)?, sum.1.checked_add(term.1)?)));
    }
    let product = sum.and_then(|sum| multiplied(sum, wide(ranges.of_input(rate))));
    let one = i128::from(Rate::ONE.parts());
    let rounded = |value| crate::money::divide(value, one * one, Rounding::HalfUp);
    product.map_or(Bounds::ANY, |(low, high)| Bounds { low: rounded(low), high: rounded(high) })
}

fn multiplied(one: (i128, i128), other: (i128, i128)) -> Option<(i128, i128)> {
    let product = |a: i128, b: i128| a.checked_mul(b);
    let corners = [
        product(one.0, other.0)?,
        product(one.0, other.1)?,
        product(one.1, other.0)?,
        product(one.1, other.1)?,
    ];
    corners.into_iter().min().zip(corners.into_iter().max())
}
