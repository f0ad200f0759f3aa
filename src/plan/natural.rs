//! Whole numbers of any size: just enough to decide a rounding exactly.

use std::cmp::Ordering;

/// A whole number, in 64-bit digits from the lowest, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Natural(Vec<u64>);

impl Natural {
    /// `base` to the power `exponent`, by multiplication.
    pub(super) fn power(base: u64, exponent: u16) -> Natural {
        let mut power = Natural(vec![1]);
        for _ in 0..exponent {
            power = power.times(base);
        }
        power
    }

    /// `self × factor`.
    pub(super) fn times(mut self, factor: u64) -> Natural {
        let mut carry = 0_u128;
        for digit in &mut self.0 {
            let product = u128::from(*digit) * u128::from(factor) + carry;
            *digit = low(product);
            carry = product >> 64;
        }
        self.0.push(low(carry));
        self.trimmed()
    }

    /// `self − other`.
    ///
    /// # Panics
    ///
    /// When `other` is greater.
    pub(super) fn minus(mut self, other: &Natural) -> Natural {
        let mut borrow = false;
        for place in 0..self.0.len() {
            let take = other.0.get(place).copied().unwrap_or(0);
            let (rest, under) = self.0[place].overflowing_sub(take);
            let (rest, under_too) = rest.overflowing_sub(u64::from(borrow));
            self.0[place] = rest;
            borrow = under || under_too;
        }
        assert!(!borrow && other.0.len() <= self.0.len(), "a natural number is not negative");
        self.trimmed()
    }

    fn trimmed(mut self) -> Natural {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Natural) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Natural) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// The lowest 64 bits.
fn low(wide: u128) -> u64 {
    u64::try_from(wide & u128::from(u64::MAX)).expect("64 bits fit 64 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_products_and_differences_are_those_of_128_bits() {
        let of = |wide: u128| Natural(vec![low(wide), low(wide >> 64)]).trimmed();
        assert_eq!(Natural::power(101, 18), of(101_u128.pow(18)));
        assert_eq!(of(u128::from(u64::MAX)).times(u64::MAX), of(u128::from(u64::MAX).pow(2)));
        assert_eq!(of(1 << 64).minus(&of(1)), of(u128::from(u64::MAX)));
        assert!(of(1 << 64) > of(u128::from(u64::MAX)));
        assert_eq!(of(5).minus(&of(5)), Natural(vec![]));
    }
}
