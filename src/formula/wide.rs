//! Ratios of products beyond 128 bits: rare, slow, and exact.

use std::cmp::Ordering;

use crate::money::Rounding;

/// A product as it is given: a power of ten and the factors beside it.
type Product<F> = (i128, F);

/// `times ÷ over` rounded once; 0 when a divisor is 0, held at the largest whole number there is.
pub(super) fn ratio(
    times: Product<impl Iterator<Item = i64>>,
    over: Product<impl Iterator<Item = i64>>,
    rounding: Rounding,
) -> i64 {
    let (numerator, denominator) = (Wide::of(times), Wide::of(over));
    if denominator.is_zero() {
        return 0;
    }
    let quotient = numerator.divided(&denominator, rounding);
    if numerator.negative == denominator.negative { quotient } else { -quotient }
}

/// A whole number of any size, its digits of 2⁶⁴ from the lowest.
#[derive(Clone)]
struct Wide {
    digits: Vec<u64>,
    negative: bool,
}

impl Wide {
    fn of((start, factors): Product<impl Iterator<Item = i64>>) -> Wide {
        let start = start.unsigned_abs();
        let mask = u128::from(u64::MAX);
        let digit = |part: u128| u64::try_from(part & mask).expect("a digit has 64 bits");
        let one = Wide { digits: vec![digit(start), digit(start >> 64)], negative: false };
        factors.fold(one, |product, factor| Wide {
            negative: product.negative != (factor < 0),
            ..product.times(factor.unsigned_abs())
        })
    }

    fn is_zero(&self) -> bool {
        self.digits.iter().all(|digit| *digit == 0)
    }

    fn times(&self, factor: u64) -> Wide {
        let mut carry = 0_u128;
        let mut digits: Vec<u64> = Vec::with_capacity(self.digits.len() + 1);
        for digit in &self.digits {
            let product = u128::from(*digit) * u128::from(factor) + carry;
            digits.push(u64::try_from(product & u128::from(u64::MAX)).expect("64 bits are kept"));
            carry = product >> 64;
        }
        digits.push(u64::try_from(carry).expect("a carry has 64 bits"));
        Wide { digits, negative: self.negative }
    }

    /// The size without the sign.
    fn compare(&self, other: &Wide) -> Ordering {
        let digit = |wide: &Wide, place: usize| wide.digits.get(place).copied().unwrap_or(0);
        let places = 0..self.digits.len().max(other.digits.len());
        let differ = places.rev().map(|place| digit(self, place).cmp(&digit(other, place)));
        differ.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// The quotient of the sizes, found by halving: only products are compared.
    fn divided(&self, over: &Wide, rounding: Rounding) -> i64 {
        let most = i64::MAX.unsigned_abs();
        let reaches = |quotient: u64| over.times(quotient).compare(self).is_le();
        let (mut low, mut high) = (0, most);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if reaches(middle) { low = middle } else { high = middle - 1 }
        }
        let rest = over.times(low).compare(self).is_lt();
        // 2 × numerator ≥ (2 × quotient + 1) × denominator: the rest is half or more.
        let half = self.times(2).compare(&over.times(2 * low + 1)).is_ge();
        let away = match rounding {
            Rounding::HalfUp => half,
            Rounding::Up => rest,
            Rounding::Down => false,
        };
        let quotient = if away { (low + 1).min(most) } else { low };
        i64::try_from(quotient).expect("held at the largest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::divide;

    #[test]
    fn a_ratio_of_small_products_is_that_of_128_bits() {
        for rounding in [Rounding::HalfUp, Rounding::Up, Rounding::Down] {
            for numerator in -40..40_i64 {
                for over in 1..9_i64 {
                    let expected = divide(i128::from(numerator), i128::from(over), rounding);
                    let factors = |number| std::iter::once(number);
                    let found = ratio((1, factors(numerator)), (1, factors(over)), rounding);
                    assert_eq!(found, expected, "{numerator} / {over}");
                    let found = ratio((1, factors(-numerator)), (1, factors(-over)), rounding);
                    assert_eq!(found, expected, "-{numerator} / -{over}");
                }
            }
        }
    }

    #[test]
    fn factors_beyond_128_bits_cancel_exactly() {
        let big = i64::MAX;
        let three = [big, big, big].into_iter();
        let half = ratio((3, three.clone()), (2, three), Rounding::Down);
        assert_eq!(half, 1);
        let up = ratio((3, [big, -big, 5].into_iter()), (2, [big, big].into_iter()), Rounding::Up);
        assert_eq!(up, -8);
        let capped =
            ratio((1, [big, big, -big].into_iter()), (1, [big].into_iter()), Rounding::HalfUp);
        assert_eq!(capped, -big);
        assert_eq!(ratio((1, [big].into_iter()), (1, [big, 0].into_iter()), Rounding::Up), 0);
    }
}
