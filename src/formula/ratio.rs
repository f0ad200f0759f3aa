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

/// `times… ÷ over…` in the scale of the units.
pub(super) struct Ratio<T, O> {
    pub scale: Scale,
    pub times: T,
    pub over: O,
}

impl<T: Iterator<Item = i64> + Clone, O: Iterator<Item = i64> + Clone> Ratio<T, O> {
    /// The ratio, rounded once; 0 when a divisor is 0, and the largest number there is where it would
    /// be larger: a ratio to almost nothing says "very many times".
    #[inline]
    pub fn rounded(self, rounding: Rounding) -> i64 {
        let step = self.scale.step;
        let steps = self.steps(rounding);
        if step == 1 { steps } else { steps.clamp(-(i64::MAX / step), i64::MAX / step) * step }
    }

    #[inline]
    fn steps(self, rounding: Rounding) -> i64 {
        let Scale { times: up, over: down, .. } = self.scale;
        let over = exact(down, self.over.clone());
        if over == Some(0) {
            return 0;
        }
        match (exact(up, self.times.clone()), over) {
            (Some(times), Some(over)) if times > i128::MIN => {
                nearest(times * over.signum(), over.abs(), rounding)
            }
            (_, _) => wide::ratio((up, self.times), (down, self.over), rounding),
        }
    }
}

/// A product, when it fits 128 bits.
#[inline]
fn exact(start: i128, mut factors: impl Iterator<Item = i64>) -> Option<i128> {
    factors.try_fold(start, |product, factor| product.checked_mul(i128::from(factor)))
}

fn nearest(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    // Anything over more than 2⁶⁴ fits, because the numerator has 127 bits.
    match denominator.checked_mul(i128::from(i64::MAX)) {
        Some(most) if numerator > most => i64::MAX,
        Some(most) if numerator < -most => -i64::MAX,
        Some(_) | None => divide(numerator, denominator, rounding),
    }
}
