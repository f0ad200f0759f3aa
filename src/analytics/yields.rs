//! Internal rates of return: of a receivable by instalments, of a tranche by days.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::root::bracketed;
use super::{Flow, years};

/// The annualised cost of a receivable: the effective yearly rate at which its instalments are
/// worth what was lent.
///
/// ```text
/// P = Σ CF_i / (1 + IRR)^(i/n)
/// ```
///
/// | Symbol | Meaning                                  | Unit, domain                    |
/// |--------|------------------------------------------|---------------------------------|
/// | `P`    | amount lent, less what is kept from it   | money, above 0                  |
/// | `CF_i` | principal, interest and fee of instalment `i`, from 1 | money              |
/// | `n`    | instalments per year                     | 12 for monthly                  |
/// | `IRR`  | effective yearly rate                    | fraction of 1, above −1         |
///
/// `None` when `P` is not positive or no rate above −99.9 % per instalment fits (all instalments
/// are zero). The instalments of a receivable are not negative, so there is one solution.
///
/// # Rounding
///
/// None; published with 4 decimals in percent.
///
/// # Source
///
/// People's Bank of China, announcement (2021) no. 3 `[F]`.
///
/// # Excel
///
/// ```text
/// =(1+IRR(B1:B13))^12-1
/// ```
///
/// # Example
///
/// 100,000 lent, 110,000 returned after two years: 4.8809 %. Twelve instalments with 0.6 % of the
/// original principal each cost 13.8418 % a year, nearly twice the 7.2 % they seem to.
///
/// ```
/// use cashfall::analytics::internal_rate;
/// let two_years = internal_rate(100_000.0, &[0.0, 110_000.0], 1.0).unwrap();
/// assert_eq!(format!("{:.4}", 100.0 * two_years), "4.8809");
/// let flat_fee = internal_rate(12.0, &[1.0 + 0.006 * 12.0; 12], 12.0).unwrap();
/// assert_eq!(format!("{:.4}", 100.0 * flat_fee), "13.8418");
/// ```
pub fn internal_rate(lent: f64, instalments: &[f64], per_year: f64) -> Option<f64> {
    if lent <= 0.0 {
        return None;
    }
    // In the discount factor v of one instalment this is a polynomial that rises from −P.
    let value_and_slope = |v: f64| {
        let (value, slope) = instalments
            .iter()
            .rev()
            .fold((0.0, 0.0), |(value, slope), &cash| (value * v + cash, slope * v + value));
        (value * v - lent, slope * v + value)
    };
    let mut high = 1.0;
    while value_and_slope(high).0 < 0.0 {
        high *= 2.0;
        if high > 1024.0 {
            return None;
        }
    }
    let v = bracketed(value_and_slope, 0.0, high);
    Some(v.powf(-per_year) - 1.0)
}

/// The effective yearly rate at which all flows are worth nothing together, by actual days over
/// 365.
///
/// ```text
/// Σ CF_k / (1 + XIRR)^(days_k / 365) = 0      days from the first flow
/// ```
///
/// Flows paid out are negative; their order does not matter, and flows of one day count together.
///
/// `None` when there is no meaningful solution: the flows do not change sign exactly once (with two
/// changes a spreadsheet shows one of several rates), or the rate is not within −99.99 % to
/// 1,000,000 %.
///
/// # Rounding
///
/// None; published with 6 decimals in percent.
///
/// # Excel
///
/// ```text
/// =XIRR(amounts,dates)
/// ```
///
/// # Example
///
/// 100 out, 110 back after a year of 365 days:
///
/// ```
/// use cashfall::analytics::{Flow, xirr};
/// let flow = |date: &str, amount| Flow::new(date.parse().unwrap(), amount);
/// let rate = xirr(&[flow("2026-01-15", -100.0), flow("2027-01-15", 110.0)]).unwrap();
/// assert_eq!(format!("{:.6}", 100.0 * rate), "10.000000");
/// assert_eq!(xirr(&[flow("2026-01-15", -100.0)]), None);
/// ```
pub fn xirr(flows: &[Flow]) -> Option<f64> {
    let mut by_day = BTreeMap::<NaiveDate, f64>::new();
    for flow in flows {
        *by_day.entry(flow.date).or_default() += flow.amount;
    }
    let (&start, _) = by_day.first_key_value()?;
    let flows: Vec<(f64, f64)> = by_day
        .iter()
        .filter(|(_, cash)| **cash != 0.0)
        .map(|(d, c)| (years(start, *d), *c))
        .collect();
    let changes = flows.windows(2).filter(|pair| (pair[0].1 < 0.0) != (pair[1].1 < 0.0)).count();
    if changes != 1 {
        return None;
    }
    // In x = −ln(1 + rate) the value rises when the first flow is paid out.
    let direction = -flows[0].1.signum();
    let value_and_slope = |x: f64| {
        flows.iter().fold((0.0, 0.0), |(value, slope), &(years, cash)| {
            let present = direction * cash * (x * years).exp();
            (value + present, slope + present * years)
        })
    };
    let (low, high) = (-(10_001_f64.ln()), -(0.0001_f64.ln()));
    if value_and_slope(low).0 >= 0.0 || value_and_slope(high).0 < 0.0 {
        return None;
    }
    Some((-bracketed(value_and_slope, low, high)).exp_m1())
}
