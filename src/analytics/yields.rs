//! The internal rate of return of a tranche, by days.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Flow, years};
use crate::root::bracketed;

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
