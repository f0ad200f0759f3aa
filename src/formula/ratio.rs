//! `times… ÷ over…`: the one operation that rounds, over values in the units of their sorts.

use super::{Formula, Sort, Sorts, tens, wide};
use crate::money::{Rate, Rounding, divide};

/// Powers of ten that bring units together, and the step in which the result is counted.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    times: i128,
    over: i128,
    step: i64,
}

impl Scale {
    /// Of a portion: its result is money.
    pub(super) fn of_portion(
        amount: &Formula,
        times: &[Formula],
        over: &[Formula],
        sorts: &impl Sorts,
    ) -> Scale {
        // The units of the result and of the divisors multiply, those of the factors divide.
        let up = tens(Sort::Amount) + all_tens(over, sorts);
        Scale::new(up, tens(amount.sort(sorts)) + all_tens(times, sorts), 1)
    }

    /// Of a quotient: its result is a rate of that many decimals.
    pub(super) fn of_quotient(
        part: &Formula,
        times: &[Formula],
        whole: &Formula,
        places: u32,
        sorts: &impl Sorts,
    ) -> Scale {
        let up = tens(whole.sort(sorts)) + places;
        let down = tens(part.sort(sorts)) + all_tens(times, sorts);
        Scale::new(up, down, 10_i64.pow(Rate::DECIMALS - places))
    }

    fn new(up: u32, down: u32, step: i64) -> Scale {
        let power =
            |tens: u32| 10_i128.checked_pow(tens).expect("units differ by few powers of ten");
        Scale { times: power(up.saturating_sub(down)), over: power(down.saturating_sub(up)), step }
    }
}

fn all_tens(formulas: &[Formula], sorts: &impl Sorts) -> u32 {
    formulas.iter().map(|formula| tens(formula.sort(sorts))).sum()
}

/// The divisors of a ratio, multiplied and made ready: what ratios over the same divisors share.
pub(super) struct Over {
    scale: Scale,
    /// The product, where it fits 128 bits.
    product: Option<i128>,
}

impl Over {
    /// The product of divisors in the scale of the units.
    #[inline]
    pub fn of(scale: Scale, over: impl Iterator<Item = i64>) -> Over {
        Over { scale, product: exact(scale.over, over) }
    }

    /// `times… ÷ over…`, rounded once; 0 when a divisor is 0, and the largest number there is where it
    /// would be larger: a ratio to almost nothing says "very many times". `over` are the divisors
    /// again, for products beyond 128 bits.
    #[inline]
    pub fn under(
        &self,
        times: impl Iterator<Item = i64> + Clone,
        over: impl Iterator<Item = i64>,
        rounding: Rounding,
    ) -> i64 {
        let step = self.scale.step;
        let steps = self.steps(times, over, rounding);
        if step == 1 { steps } else { steps.clamp(-(i64::MAX / step), i64::MAX / step) * step }
    }

    #[inline]
    fn steps(
        &self,
        times: impl Iterator<Item = i64> + Clone,
        over: impl Iterator<Item = i64>,
        rounding: Rounding,
    ) -> i64 {
        if self.product == Some(0) {
            return 0;
        }
        match (exact(self.scale.times, times.clone()), self.product) {
            (Some(numerator), Some(product)) if numerator > i128::MIN && product > i128::MIN => {
                nearest(numerator * product.signum(), product.abs(), rounding)
            }
            (_, _) => wide::ratio((self.scale.times, times), (self.scale.over, over), rounding),
        }
    }
}

/// The ratio to a positive number, rounded; held at the largest whole number there is.
#[inline]
fn nearest(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    // What is below 2⁶² times the denominator fits, rounded up too; most are.
    if (numerator.unsigned_abs() >> 62) < denominator.unsigned_abs() {
        return divide(numerator, denominator, rounding);
    }
    // Anything over more than 2⁶⁴ fits, because the numerator has 127 bits.
    match denominator.checked_mul(i128::from(i64::MAX)) {
        Some(most) if numerator > most => i64::MAX,
        Some(most) if numerator < -most => -i64::MAX,
        Some(_) | None => divide(numerator, denominator, rounding),
    }
}

/// A product, when it fits 128 bits.
#[inline]
fn exact(start: i128, factors: impl Iterator<Item = i64>) -> Option<i128> {
    let mut product = start;
    for factor in factors {
        product = match i64::try_from(product) {
            // Two numbers of 64 bits always fit, and their product is much the cheaper.
            Ok(small) => i128::from(small) * i128::from(factor),
            Err(_) => product.checked_mul(i128::from(factor))?,
        };
    }
    Some(product)
}
