//! Prices from yields, yields from prices, accrued interest and sensitivities.

use chrono::NaiveDate;

use super::{Flow, years};
use crate::root::bracketed;

/// How a yearly yield discounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compounding {
    /// Formula 1: `(1 + y/f)^(f·days/365)`, `f` payments a year; the most common `[F]`.
    PerYear(u32),
    /// Formula 2: `(1 + y)^(days/365)`.
    Annual,
}

/// Whose convention counts the days of accrued interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// Days from the start of the accrual to settlement.
    Interbank,
    /// One day more: the exchanges count both ends `[F]`.
    Exchange,
}

/// The dirty price of the flows after settlement at a yearly yield.
///
/// ```text
/// formula 1    Σ CF_k · (1 + y/f)^(−f·d_k/365)
/// formula 2    Σ CF_k · (1 + y)^(−d_k/365)         d_k = actual days, settlement → payment
/// ```
///
/// The price has the unit of the flows: per 100 face when they are. Flows on or before the
/// settlement day belong to the seller and are left out. The clean price is the dirty price less
/// [`accrued_interest`].
///
/// # Rounding
///
/// None; published with 6 to 8 decimals.
///
/// # Source
///
/// Worked example, C18; domain note on pricing, formulas 1 and 2 `[F]`.
///
/// # Excel
///
/// ```text
/// =SUMPRODUCT(flows,(1+y)^(-(dates-settlement)/365))
/// ```
///
/// # Example
///
/// 62.50 of principal left, four payments with 3.2 % coupon, at 2.50 %:
///
/// ```
/// use cashfall::analytics::{Compounding, Flow, price};
/// let flows = [
///     Flow::new("2025-03-26".parse().unwrap(), 12.50 + 62.50 * 0.032 * 28.0 / 365.0),
///     Flow::new("2025-04-28".parse().unwrap(), 15.00 + 50.00 * 0.032 * 31.0 / 365.0),
///     Flow::new("2025-05-26".parse().unwrap(), 17.50 + 35.00 * 0.032 * 30.0 / 365.0),
///     Flow::new("2025-06-26".parse().unwrap(), 17.50 + 17.50 * 0.032 * 31.0 / 365.0),
/// ];
/// let settlement = "2025-03-07".parse().unwrap();
/// let annual = price(&flows, settlement, 0.025, Compounding::Annual);
/// assert_eq!(format!("{annual:.8}"), "62.63329724");
/// let monthly = price(&flows, settlement, 0.025, Compounding::PerYear(12));
/// assert_eq!(format!("{monthly:.8}"), "62.62993821");
/// ```
pub fn price(
    flows: &[Flow],
    settlement: NaiveDate,
    yearly_yield: f64,
    compounding: Compounding,
) -> f64 {
    value_and_slope(flows, settlement, force(yearly_yield, compounding)).0
}

/// The yearly yield at which the flows after settlement are worth `dirty_price`.
///
/// `None` when the price is not positive, or no yield between −90 % and 10,000 % gives it.
///
/// ```
/// use cashfall::analytics::{Compounding, Flow, yield_at};
/// let flows = [Flow::new("2027-01-15".parse().unwrap(), 103.0)];
/// let at_par = yield_at(&flows, "2026-01-15".parse().unwrap(), 100.0, Compounding::Annual);
/// assert!((at_par.unwrap() - 0.03).abs() < 1e-12);
/// ```
pub fn yield_at(
    flows: &[Flow],
    settlement: NaiveDate,
    dirty_price: f64,
    compounding: Compounding,
) -> Option<f64> {
    let short = |force: f64| {
        let (value, slope) = value_and_slope(flows, settlement, force);
        (dirty_price - value, -slope)
    };
    let (low, high) = (0.1_f64.ln(), 101_f64.ln());
    if dirty_price <= 0.0 || short(low).0 >= 0.0 || short(high).0 < 0.0 {
        return None;
    }
    let force = bracketed(short, low, high);
    Some(match compounding {
        Compounding::Annual => force.exp_m1(),
        Compounding::PerYear(f) => f64::from(f) * (force / f64::from(f)).exp_m1(),
    })
}

/// The modified duration in years: the loss of price per unit of yield, by one basis point each
/// way.
///
/// ```text
/// D = (P(y − 1 bp) − P(y + 1 bp)) / (2 · 0.0001 · P(y))
/// ```
///
/// ```
/// use cashfall::analytics::{Compounding, Flow, modified_duration};
/// let flows = [Flow::new("2027-01-15".parse().unwrap(), 100.0)];
/// let settlement = "2026-01-15".parse().unwrap();
/// let duration = modified_duration(&flows, settlement, 0.03, Compounding::Annual);
/// assert_eq!(format!("{duration:.6}"), format!("{:.6}", 1.0 / 1.03));
/// ```
pub fn modified_duration(
    flows: &[Flow],
    settlement: NaiveDate,
    yearly_yield: f64,
    compounding: Compounding,
) -> f64 {
    let [down, at, up] = around(flows, settlement, yearly_yield, compounding);
    (down - up) / (2.0 * BASIS_POINT * at)
}

/// The convexity in years squared: the second difference of the price, by one basis point each way.
///
/// ```text
/// C = (P(y − 1 bp) − 2·P(y) + P(y + 1 bp)) / (0.0001² · P(y))
/// ```
pub fn convexity(
    flows: &[Flow],
    settlement: NaiveDate,
    yearly_yield: f64,
    compounding: Compounding,
) -> f64 {
    let [down, at, up] = around(flows, settlement, yearly_yield, compounding);
    (down - 2.0 * at + up) / (BASIS_POINT * BASIS_POINT * at)
}

const BASIS_POINT: f64 = 0.0001;

/// The price one basis point below, at and above the yield.
fn around(
    flows: &[Flow],
    settlement: NaiveDate,
    yearly_yield: f64,
    compounding: Compounding,
) -> [f64; 3] {
    [-BASIS_POINT, 0.0, BASIS_POINT]
        .map(|shift| price(flows, settlement, yearly_yield + shift, compounding))
}

/// The days of interest accrued at settlement since `accrual_start`.
///
/// ```
/// use cashfall::analytics::{Market, accrued_days};
/// let (start, settlement) = ("2025-02-26".parse().unwrap(), "2025-03-07".parse().unwrap());
/// assert_eq!(accrued_days(start, settlement, Market::Interbank), 9);
/// assert_eq!(accrued_days(start, settlement, Market::Exchange), 10);
/// ```
pub fn accrued_days(accrual_start: NaiveDate, settlement: NaiveDate, market: Market) -> i64 {
    (accrual_end(settlement, market) - accrual_start).num_days()
}

/// The interest accrued at settlement since `accrual_start`, in the unit of the balance.
///
/// ```text
/// accrued = balance · coupon · days / 365       days by the market's convention
/// ```
///
/// ```
/// use cashfall::analytics::{Market, accrued_interest};
/// let (start, settlement) = ("2025-02-26".parse().unwrap(), "2025-03-07".parse().unwrap());
/// let accrued = |market| accrued_interest(62.50, 0.032, (start, settlement), market);
/// assert_eq!(format!("{:.8}", accrued(Market::Interbank)), "0.04931507");
/// assert_eq!(format!("{:.8}", accrued(Market::Exchange)), "0.05479452");
/// ```
pub fn accrued_interest(
    balance: f64,
    coupon: f64,
    (accrual_start, settlement): (NaiveDate, NaiveDate),
    market: Market,
) -> f64 {
    balance * coupon * years(accrual_start, accrual_end(settlement, market))
}

/// The first day that is not counted in the accrued interest.
fn accrual_end(settlement: NaiveDate, market: Market) -> NaiveDate {
    match market {
        Market::Interbank => settlement,
        Market::Exchange => settlement.succ_opt().expect("settlement has a next day"),
    }
}

/// The continuous yearly rate that discounts like the yield.
fn force(yearly_yield: f64, compounding: Compounding) -> f64 {
    match compounding {
        Compounding::Annual => yearly_yield.ln_1p(),
        Compounding::PerYear(f) => f64::from(f) * (yearly_yield / f64::from(f)).ln_1p(),
    }
}

/// `Σ CF·e^(−force·t)` over the flows after settlement, and its slope in the force.
fn value_and_slope(flows: &[Flow], settlement: NaiveDate, force: f64) -> (f64, f64) {
    let after = flows.iter().filter(|flow| flow.date > settlement);
    after.fold((0.0, 0.0), |(value, slope), flow| {
        let time = years(settlement, flow.date);
        let present = flow.amount * (-force * time).exp();
        (value + present, slope - present * time)
    })
}
