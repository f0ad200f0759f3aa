//! A contract rate for a number of instalments: what an instalment and its interest are, exactly.
//!
//! Everything that does not depend on the amount is prepared once per (rate, number of
//! instalments) and kept, because a pool of a million receivables has some hundred of them.

use crate::money::{Amount, Rate, Rounding, divide};
use crate::plan::natural::Natural;
use crate::pool::{ContractRate, RatePeriod};

/// What one charge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// One monthly instalment: a yearly rate over 12, a daily one times 30.
    Instalment,
    /// One day: a yearly rate over 360, a rate per instalment over 30.
    Day,
}

/// A rate per unit as a reduced fraction `p / q`, with the annuity of `n` instalments.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    p: u64,
    q: u64,
    /// `⌊2⁶⁴ / q⌋ + 1`, for a division by multiplication.
    reciprocal: u64,
    /// The greatest balance in minor units for which that division is exact.
    exact_up_to: u64,
    n: u16,
    /// Lower and upper bound of `2⁶² ÷ Σ (1 + r)^−k`, when both fit.
    level: Option<(u64, u64)>,
}

impl Factor {
    /// # Panics
    ///
    /// When the rate is negative or above nine million, or there is no instalment: the pool has
    /// refused them.
    pub(super) fn new(rate: ContractRate, unit: Unit, n: u16) -> Factor {
        assert!(n > 0, "a receivable has at least one instalment");
        let parts = u64::try_from(rate.rate.parts()).expect("a contract rate is not negative");
        let one = u64::try_from(Rate::ONE.parts()).expect("one is positive");
        let (times, over) = match (unit, rate.per) {
            (Unit::Instalment, RatePeriod::Instalment) | (Unit::Day, RatePeriod::Day) => (1, 1),
            (Unit::Instalment, RatePeriod::Year) => (1, 12),
            (Unit::Instalment, RatePeriod::Day) => (30, 1),
            (Unit::Day, RatePeriod::Instalment) => (1, 30),
            (Unit::Day, RatePeriod::Year) => (1, 360),
        };
        let (p, q) = (parts.checked_mul(times).expect("a contract rate is small"), one * over);
        let common = greatest_common_divisor(p, q);
        let (p, q) = (p / common, q / common);
        // With q = 1 (no charge, or a multiple of 100 %) the reciprocal does not fit, nor is needed.
        let reciprocal = if q == 1 { 0 } else { u64::MAX / q + 1 };
        let exact_up_to = match p {
            0 => u64::MAX,
            _ if q == 1 => 0,
            _ => (u64::MAX / q).saturating_sub(q / 2) / p,
        };
        Factor { p, q, reciprocal, exact_up_to, n, level: level_bounds(p, q, n) }
    }

    /// `balance × rate`, rounded half up to the minor unit.
    ///
    /// That is `⌊x / q⌋` with `x = balance·p + ⌊q/2⌋`. With `m = ⌊2⁶⁴/q⌋ + 1 = (2⁶⁴ + e)/q`,
    /// `0 < e ≤ q`, the product `x·m / 2⁶⁴` exceeds `x/q` by `x·e / (q·2⁶⁴)`: less than the `1/q`
    /// that would reach the next whole number as long as `x ≤ (2⁶⁴ − 1)/q`.
    #[inline]
    pub(super) fn charge(&self, balance: Amount) -> Amount {
        let minor = u64::try_from(balance.minor()).expect("a balance is not negative");
        if minor > self.exact_up_to {
            return self.charge_wide(balance);
        }
        if self.p == 0 {
            return Amount::ZERO;
        }
        let x = minor * self.p + self.q / 2;
        let quotient = high(u128::from(x) * u128::from(self.reciprocal));
        Amount::from_minor(i64::try_from(quotient).expect("a charge fits 64-bit minor units"))
    }

    #[cold]
    fn charge_wide(&self, balance: Amount) -> Amount {
        let product = i128::from(balance.minor()) * i128::from(self.p);
        Amount::from_minor(divide(product, i128::from(self.q), Rounding::HalfUp))
    }

    /// The level instalment `A = P·r / (1 − (1 + r)^−n)`, rounded once.
    ///
    /// The quotient is bracketed in 62-bit fixed point. When both ends of the bracket round to the
    /// same amount that is the answer; when they do not (a tie, or nearly one) the comparison is
    /// made in whole numbers of full length. So the result is the rounding of the exact value.
    #[inline]
    pub(super) fn level_instalment(&self, principal: Amount, rounding: Rounding) -> Amount {
        let minor = principal.minor();
        if self.p == 0 {
            return Amount::from_minor(divide(minor.into(), self.n.into(), rounding));
        }
        if self.n == 1 {
            let grown = i128::from(minor) * i128::from(self.q + self.p);
            return Amount::from_minor(divide(grown, self.q.into(), rounding));
        }
        let principal = u64::try_from(minor).expect("a principal is not negative");
        if let Some((low, high)) = self.level {
            let low = rounded_62(u128::from(principal) * u128::from(low), rounding);
            let high = rounded_62(u128::from(principal) * u128::from(high), rounding);
            if low == high {
                return Amount::from_minor(low);
            }
        }
        Amount::from_minor(self.level_exactly(principal, rounding))
    }

    /// The smallest `m` for which the exact `A` is below (up: not above) the point where `m` ends:
    /// `m + ½`, `m` or `m + 1`. With `x = (q+p)ⁿ`, `y = qⁿ`: `2A = 2·P·p·x / (q·(x − y))`.
    #[cold]
    fn level_exactly(&self, principal: u64, rounding: Rounding) -> i64 {
        let x = Natural::power(self.q + self.p, self.n);
        let denominator = x.clone().minus(&Natural::power(self.q, self.n)).times(self.q);
        let twice = x.times(self.p).times(principal).times(2);
        let reached = |m: u64| match rounding {
            Rounding::HalfUp => twice < denominator.clone().times(2 * m + 1),
            Rounding::Up => twice <= denominator.clone().times(2 * m),
            Rounding::Down => twice < denominator.clone().times(2 * m + 2),
        };
        // An instalment is at least an n-th of the principal, at most all of it and its interest.
        let whole = i128::from(principal) * i128::from(self.q + self.p);
        let most = divide(whole, self.q.into(), Rounding::Up);
        let (mut low, mut high) =
            (principal / u64::from(self.n), u64::try_from(most).expect("a sum of money"));
        while low < high {
            let middle = low + (high - low) / 2;
            if reached(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        i64::try_from(low).expect("an instalment fits 64-bit minor units")
    }
}

/// Bounds of `2⁶² / a` where `a = Σ_{k=1..n} v^k`, `v = q / (q + p)`; `None` when they need more
/// than 63 bits (a rate above 100 % an instalment).
///
/// `a` is summed from the inside, `s ← v·(1 + s)`, in fixed point of `bits` bits rounded down. No
/// difference of nearly equal numbers is taken, so rates near zero are as good as any. Step `k`
/// loses less than `k + 2` units, all of them less than `n (n + 5) / 2`.
fn level_bounds(p: u64, q: u64, n: u16) -> Option<(u64, u64)> {
    let wide = u128::from(n);
    let bits = (126 - (wide + 1).ilog2() - 1) / 2;
    let one = 1_u128 << bits;
    let v = u128::from(q) * one / u128::from(q.checked_add(p)?);
    let sum = (0..n).fold(0_u128, |sum, _| (v * (one + sum)) >> bits);
    let lost = wide * (wide + 5) / 2;
    let scaled = 1_u128 << (62 + bits);
    let low = u64::try_from(scaled / (sum + lost)).ok()?;
    let high = u64::try_from(scaled.checked_div(sum)? + 1).ok()?;
    (high < 1 << 63).then_some((low, high))
}

/// `x / 2⁶²` to a whole number in the given mode.
#[inline]
fn rounded_62(x: u128, rounding: Rounding) -> i64 {
    let added = match rounding {
        Rounding::HalfUp => 1_u128 << 61,
        Rounding::Up => (1 << 62) - 1,
        Rounding::Down => 0,
    };
    i64::try_from((x + added) >> 62).expect("an instalment fits 64-bit minor units")
}

/// The upper 64 of 128 bits.
#[inline]
fn high(wide: u128) -> u64 {
    u64::try_from(wide >> 64).expect("the upper half fits 64 bits")
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The level instalment of one receivable, which is [`Factor::level_instalment`].
///
/// # Panics
///
/// When the rate is negative or above a hundred thousand per instalment, or there is no instalment.
pub(crate) fn level_instalment(
    principal: Amount,
    rate: ContractRate,
    instalments: u16,
    rounding: Rounding,
) -> Amount {
    Factor::new(rate, Unit::Instalment, instalments).level_instalment(principal, rounding)
}

/// The factors met so far: each in the first free of a few slots, or, when none is free, in place of
/// another. What is found is the same with or without it.
pub(super) struct Factors {
    slots: Vec<Option<(Key, Factor)>>,
    /// Where a key may begin to look: a power of two.
    starts: usize,
}

type Key = (ContractRate, Unit, u16);

impl Factors {
    /// Slots looked at for one key.
    const TRIES: usize = 8;

    /// Room for a pool.
    pub(super) fn for_pool() -> Factors {
        Factors { slots: vec![None; 1024 + Factors::TRIES], starts: 1024 }
    }

    /// Room for one receivable.
    pub(super) fn for_one() -> Factors {
        Factors { slots: vec![None; 1 + Factors::TRIES], starts: 1 }
    }

    /// The factor of that rate and number of instalments.
    #[inline]
    pub(super) fn get(&mut self, rate: ContractRate, unit: Unit, n: u16) -> &Factor {
        let key = (rate, unit, n);
        let place = self.place(&key);
        let slot = &mut self.slots[place];
        if slot.as_ref().is_none_or(|(kept, _)| *kept != key) {
            *slot = Some((key, Factor::new(rate, unit, n)));
        }
        let (_, factor) = slot.as_ref().expect("the slot was just filled");
        factor
    }

    /// Where the key is, or may be put.
    #[inline]
    fn place(&self, key: &Key) -> usize {
        let first = spread(key.0.rate, key.2) & (self.starts - 1);
        let tries = &self.slots[first..first + Factors::TRIES];
        let found = tries.iter().position(|slot| match slot {
            Some((kept, _)) => kept == key,
            None => true,
        });
        first + found.unwrap_or(0)
    }
}

/// Spreads rates and numbers of instalments: the top ten bits of a product.
#[inline]
fn spread(rate: Rate, n: u16) -> usize {
    let mixed = rate.parts().unsigned_abs() ^ (u64::from(n) << 48);
    let spread = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
    usize::try_from(spread).expect("ten bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(rate: &str, per: RatePeriod, n: u16) -> Factor {
        let rate = rate.parse().expect("a rate of the test");
        Factor::new(ContractRate { rate, per }, Unit::Instalment, n)
    }

    #[test]
    fn an_instalment_that_is_exactly_a_half_is_rounded_as_asked() {
        // 100.50 over 2 at 1 %: A = 10050 × 10201 / (100 × 201) = 5100.5 fen exactly.
        let two = factor("0.01", RatePeriod::Instalment, 2);
        let instalment = |rounding| two.level_instalment(Amount::from_minor(10_050), rounding);
        assert_eq!(instalment(Rounding::HalfUp).minor(), 5_101);
        assert_eq!(instalment(Rounding::Up).minor(), 5_101);
        assert_eq!(instalment(Rounding::Down).minor(), 5_100);
        // 201.00 over 2: exactly 10 201 fen in every mode.
        for rounding in [Rounding::HalfUp, Rounding::Up, Rounding::Down] {
            assert_eq!(two.level_instalment(Amount::from_minor(20_100), rounding).minor(), 10_201);
        }
    }

    #[test]
    fn the_bracket_and_the_full_length_comparison_agree() {
        for (rate, n) in [("0.0125", 7), ("0.000000000001", 36), ("0.1407", 60), ("1.5", 12)] {
            let factor = factor(rate, RatePeriod::Year, n);
            for principal in [1, 99, 999_999, 2_800_000, 20_000_000_007] {
                for rounding in [Rounding::HalfUp, Rounding::Up, Rounding::Down] {
                    let fast = factor.level_instalment(Amount::from_minor(principal), rounding);
                    let principal = u64::try_from(principal).expect("positive");
                    assert_eq!(fast.minor(), factor.level_exactly(principal, rounding));
                }
            }
        }
        // Beyond 100 % an instalment there is no bracket, only the comparison.
        let usury = factor("3", RatePeriod::Instalment, 2); // A = P × 16 / 5
        assert_eq!(
            usury.level_instalment(Amount::from_minor(1_000), Rounding::HalfUp).minor(),
            3_200
        );
    }

    #[test]
    fn a_charge_by_multiplication_is_the_charge_by_division() {
        for rate in ["0.0055", "0.1407", "0.333333333333", "0.000000000001", "0", "12", "24"] {
            let factor = factor(rate, RatePeriod::Year, 12);
            for balance in [0, 1, 7, 999_999, 123_456_789, 9_000_000_000_000_000] {
                let balance = Amount::from_minor(balance);
                assert_eq!(factor.charge(balance), factor.charge_wide(balance), "{rate} {balance}");
            }
            // At the limit of the multiplication and beside it.
            let limit = i64::try_from(factor.exact_up_to).unwrap_or(i64::MAX >> 8);
            for balance in (limit - 999).max(0)..limit {
                let balance = Amount::from_minor(balance.min(i64::MAX >> 8));
                assert_eq!(factor.charge(balance), factor.charge_wide(balance), "{rate} {balance}");
            }
        }
    }
}
