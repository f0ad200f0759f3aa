//! Money as a whole number of minor units (fen, cents), rates as whole 10⁻¹² parts, and the one
//! operation that rounds.
//!
//! | Operation                          | Rounds | Excel image                |
//! |------------------------------------|--------|----------------------------|
//! | `Amount ± Amount`                  | never  | `A+B`, `A-B`               |
//! | [`portion`]`(a, [r, d], [b], mode)`| once   | `ROUND(a*r*d/b,2)`         |
//! | `amount.at(rate)`                  | once   | `ROUND(a*r,2)`             |
//!
//! There is no `Amount * Amount` and no `From<f64>`: a float cannot become money by accident.

use std::fmt::{self, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// A signed amount of money in minor units (fen, cents) of the deal's currency.
///
/// The currency belongs to the deal, which is single-currency; it is not repeated on each amount.
///
/// ```
/// use cashfall::money::Amount;
/// assert_eq!(Amount::from_minor(123_456).to_string(), "1234.56");
/// assert_eq!("1,234.56".parse::<Amount>().unwrap().minor(), 123_456);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// Which way an exact amount is rounded to the minor unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rounding {
    /// To the nearest minor unit, halves away from zero: Excel's `ROUND`. The default.
    #[default]
    HalfUp,
    /// Away from zero: Excel's `ROUNDUP`. Used by lenders that round the instalment up (进一法).
    Up,
    /// Towards zero: Excel's `ROUNDDOWN`. Used where payment is per unit of face.
    Down,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Amount = Amount(0);

    /// `Amount::from_minor(123_456)` is 1234.56.
    #[inline]
    pub const fn from_minor(minor: i64) -> Amount {
        Amount(minor)
    }

    /// The number of minor units.
    #[inline]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// This amount times `rate`, rounded once, halves away from zero.
    ///
    /// ```
    /// use cashfall::money::{Amount, Rate};
    /// let fee = Amount::from_minor(643_300).at("0.0055".parse::<Rate>().unwrap());
    /// assert_eq!(fee.to_string(), "35.38"); // 35.3815
    /// ```
    pub fn at(self, rate: Rate) -> Amount {
        Amount(portion(self.0, &[rate.0], &[Rate::ONE.0], Rounding::HalfUp))
    }

    /// The amount nearest to `value` major units, or `None` when it has more than two decimals
    /// or does not fit.
    pub fn from_decimal_exact(value: Decimal) -> Option<Amount> {
        let minor = value.checked_mul(Decimal::ONE_HUNDRED)?;
        if minor.fract() != Decimal::ZERO {
            return None;
        }
        minor.to_i64().map(Amount)
    }

    /// `value` major units rounded to the minor unit in the given mode; `None` when out of range.
    pub fn from_decimal_rounded(value: Decimal, rounding: Rounding) -> Option<Amount> {
        let strategy = match rounding {
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::Up => RoundingStrategy::AwayFromZero,
            Rounding::Down => RoundingStrategy::ToZero,
        };
        value
            .round_dp_with_strategy(2, strategy)
            .checked_mul(Decimal::ONE_HUNDRED)?
            .to_i64()
            .map(Amount)
    }

    /// The amount in major units, exactly.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The double nearest to the amount in major units: for spreadsheet cells and analytics only.
    #[allow(clippy::cast_precision_loss)]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// Divides this amount among `claims` by cumulative rounding: no cent lost, none invented.
    ///
    /// Payee `k` receives the share of the first `k` claims less the share of the first `k − 1`.
    /// The parts sum to `self` exactly, each is less than one minor unit from its exact share, and
    /// when `self` does not exceed the claims, no part exceeds its claim.
    ///
    /// # Panics
    ///
    /// When an amount is negative, or when there is money but no claim.
    ///
    /// ```
    /// use cashfall::money::Amount;
    /// let claim = Amount::from_minor(10_001);
    /// let parts = Amount::from_minor(10_001).split(&[claim, claim, Amount::ZERO]);
    /// assert_eq!(parts.map(|part| part.minor()), [5_001, 5_000, 0]);
    /// ```
    pub fn split<const N: usize>(self, claims: &[Amount; N]) -> [Amount; N] {
        let total: Amount = claims.iter().copied().sum();
        if self == Amount::ZERO {
            return [Amount::ZERO; N];
        }
        let (mut claimed, mut paid) = (0_i64, 0_i64);
        claims.map(|claim| {
            assert!(claim >= Amount::ZERO, "a claim is never negative");
            claimed += claim.0;
            let part = portion(self.0, &[claimed], &[total.0], Rounding::HalfUp) - paid;
            paid += part;
            Amount(part)
        })
    }
}

/// `amount × times… ÷ over…`, exact in 128-bit integers and rounded **once** in the given mode.
///
/// One function covers accrual (`balance × coupon × days ÷ basis`), tax, pro rata and plan shares.
/// A [`Rate`] enters as its 10⁻¹² parts with `Rate::ONE` among the divisors.
///
/// # Panics
///
/// When the divisor is not positive, or a product leaves 128 bits (2 bn × 12 places × 366 days uses
/// 86 of them).
///
/// ```
/// use cashfall::money::{portion, Rate, Rounding};
/// // 22 500.00 × 2.60 % × 31 / 365 = 49.684…
/// let coupon: Rate = "0.026".parse().unwrap();
/// let interest = portion(2_250_000, &[coupon.parts(), 31], &[365, Rate::ONE.parts()], Rounding::HalfUp);
/// assert_eq!(interest, 49_68);
/// ```
pub fn portion(amount: i64, times: &[i64], over: &[i64], rounding: Rounding) -> i64 {
    let product = |start: i128, factors: &[i64]| {
        factors.iter().fold(start, |product, &factor| {
            product.checked_mul(i128::from(factor)).expect("a portion stays within 128 bits")
        })
    };
    divide(product(i128::from(amount), times), product(1, over), rounding)
}

/// `numerator ÷ denominator` to a whole number in the given mode.
///
/// # Panics
///
/// When the denominator is not positive or the result does not fit 64 bits.
#[inline]
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    assert!(denominator > 0, "a portion is taken over something positive");
    // Most quotients fit 64 bits, where division is several times faster.
    if let (Ok(n), Ok(d)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        let (quotient, rest) = (n / d, n % d);
        return quotient
            + away_from_zero(n < 0, rest.unsigned_abs().into(), d.unsigned_abs().into(), rounding);
    }
    // One wide division, and the remainder by multiplication: a second one would cost as much again.
    let quotient = numerator / denominator;
    let rest = numerator - quotient * denominator;
    let quotient = i64::try_from(quotient).expect("a portion fits 64-bit minor units");
    quotient
        + away_from_zero(numerator < 0, rest.unsigned_abs(), denominator.unsigned_abs(), rounding)
}

/// One unit away from zero when the remainder asks for it.
#[inline]
fn away_from_zero(negative: bool, rest: u128, denominator: u128, rounding: Rounding) -> i64 {
    let step = match rounding {
        Rounding::HalfUp => rest >= denominator - rest,
        Rounding::Up => rest > 0,
        Rounding::Down => false,
    };
    if rest == 0 || !step {
        0
    } else if negative {
        -1
    } else {
        1
    }
}

impl Add for Amount {
    type Output = Amount;
    #[inline]
    fn add(self, other: Amount) -> Amount {
        Amount(self.0.checked_add(other.0).expect("amounts stay within 64 bits"))
    }
}

impl Sub for Amount {
    type Output = Amount;
    #[inline]
    fn sub(self, other: Amount) -> Amount {
        Amount(self.0.checked_sub(other.0).expect("amounts stay within 64 bits"))
    }
}

impl Neg for Amount {
    type Output = Amount;
    #[inline]
    fn neg(self) -> Amount {
        Amount(-self.0)
    }
}

impl AddAssign for Amount {
    #[inline]
    fn add_assign(&mut self, other: Amount) {
        *self = *self + other;
    }
}

impl SubAssign for Amount {
    #[inline]
    fn sub_assign(&mut self, other: Amount) {
        *self = *self - other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, Add::add)
    }
}

/// `-1234.56`: plain digits, for files. People's tables use [`Amount::grouped`].
impl Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let (sign, minor) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        out.pad(&format!("{sign}{}.{:02}", minor / 100, minor % 100))
    }
}

impl Amount {
    /// `-1,234,567.89`: for people.
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (whole, cents) = plain.split_at(plain.len() - 3);
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let mut grouped = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}{grouped}{cents}")
    }
}

/// Why a text is not an amount or a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANumber {
    /// The text is no decimal number.
    #[error("is not a number")]
    Text,
    /// The number has more decimals than the type keeps.
    #[error("has more decimals than can be kept")]
    Decimals,
    /// The number is out of range.
    #[error("is out of range")]
    Range,
}

impl FromStr for Amount {
    type Err = NotANumber;
    fn from_str(text: &str) -> Result<Amount, NotANumber> {
        let plain = text.trim().replace(',', "");
        let value = Decimal::from_str_exact(&plain).map_err(|_| NotANumber::Text)?;
        if value.normalize().scale() > 2 {
            return Err(NotANumber::Decimals);
        }
        Amount::from_decimal_exact(value).ok_or(NotANumber::Range)
    }
}

/// A rate, ratio or weight: a fraction of one kept as a whole number of 10⁻¹² parts.
///
/// 5 % is `0.05`, whatever the input's notation. What period a rate belongs to is said by the name
/// of the field that holds it (`annual_rate`, `coupon`, `smm`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(i64);

impl Rate {
    /// Decimal places kept by every rate; the workbook rounds computed rates to the same number.
    pub const DECIMALS: u32 = 12;
    /// 0 %.
    pub const ZERO: Rate = Rate(0);
    /// 100 %.
    pub const ONE: Rate = Rate(1_000_000_000_000);

    /// The rate of that many 10⁻¹² parts.
    pub const fn from_parts(parts: i64) -> Rate {
        Rate(parts)
    }

    /// The rate as a whole number of 10⁻¹² parts.
    pub const fn parts(self) -> i64 {
        self.0
    }

    /// The rate nearest to `fraction`, halves away from zero; `None` beyond ±9 million.
    pub fn from_decimal(fraction: Decimal) -> Option<Rate> {
        let rounded =
            fraction.round_dp_with_strategy(Rate::DECIMALS, RoundingStrategy::MidpointAwayFromZero);
        rounded.checked_mul(Decimal::from(Rate::ONE.0))?.to_i64().map(Rate)
    }

    /// The rate nearest to a float, at 12 places. Only behaviour rates (powers) come this way.
    ///
    /// # Panics
    ///
    /// When the fraction is not finite or beyond ±9 million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    pub fn from_f64(fraction: f64) -> Rate {
        let parts = (fraction * Rate::ONE.0 as f64).round();
        assert!(parts.abs() < 9e18, "a rate is finite and below nine million");
        Rate(parts as i64)
    }

    /// The exact decimal fraction.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, Rate::DECIMALS)
    }

    /// The double nearest to the fraction: spreadsheet cells, powers and analytics only.
    #[allow(clippy::cast_precision_loss)]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Rate::ONE.0 as f64
    }

    /// `13.8418 %` without trailing zeros: `2.6 %`.
    pub fn percent(self) -> String {
        format!("{} %", (self.to_decimal() * Decimal::ONE_HUNDRED).normalize())
    }
}

impl Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.pad(&self.to_decimal().normalize().to_string())
    }
}

/// Reads `0.026`, `2.6%` and `2.6 %`.
impl FromStr for Rate {
    type Err = NotANumber;
    fn from_str(text: &str) -> Result<Rate, NotANumber> {
        let text = text.trim();
        let (digits, percent) = match text.strip_suffix(['%', '％']) {
            Some(digits) => (digits.trim_end(), true),
            None => (text, false),
        };
        let value = Decimal::from_str_exact(digits).map_err(|_| NotANumber::Text)?;
        let fraction = if percent { value / Decimal::ONE_HUNDRED } else { value };
        if fraction.normalize().scale() > Rate::DECIMALS {
            return Err(NotANumber::Decimals);
        }
        Rate::from_decimal(fraction).ok_or(NotANumber::Range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_rounded_once_in_the_mode_asked_for() {
        let cases = [
            // (numerator, denominator, half up, up, down)
            (5, 2, 3, 3, 2),
            (-5, 2, -3, -3, -2),
            (7, 3, 2, 3, 2),
            (-7, 3, -2, -3, -2),
            (6, 3, 2, 2, 2),
            (1, 3, 0, 1, 0),
        ];
        for (n, d, half_up, up, down) in cases {
            assert_eq!(divide(n, d, Rounding::HalfUp), half_up, "{n}/{d}");
            assert_eq!(divide(n, d, Rounding::Up), up, "{n}/{d} up");
            assert_eq!(divide(n, d, Rounding::Down), down, "{n}/{d} down");
            let wide = 1_i128 << 70;
            assert_eq!(divide(n * wide, d * wide, Rounding::HalfUp), half_up, "{n}/{d} wide");
        }
    }

    #[test]
    fn text_becomes_money_and_rates_exactly_or_not_at_all() {
        assert_eq!("-0.05".parse::<Amount>().map(Amount::minor), Ok(-5));
        assert_eq!("1.005".parse::<Amount>(), Err(NotANumber::Decimals));
        assert_eq!("12,00.5x".parse::<Amount>(), Err(NotANumber::Text));
        assert_eq!("2.6 %".parse::<Rate>(), Ok(Rate::from_parts(26_000_000_000)));
        assert_eq!("0.026".parse::<Rate>(), Ok(Rate::from_parts(26_000_000_000)));
        assert_eq!(Amount::from_minor(-123_456_789).grouped(), "-1,234,567.89");
    }
}
