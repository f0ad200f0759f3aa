//! The trend of the vintages: where their ends lead, by a straight line through them.
//!
//! ```text
//! slope  = Σ (t − t̄)(U − Ū) ÷ Σ (t − t̄)²           a month, t the month of origination
//! end    = Ū + slope · (t of the latest vintage − t̄)
//! error  = √(Σ (U − Ū − slope · (t − t̄))² ÷ (n − 2) ÷ Σ (t − t̄)²)      of the slope
//! add-on = MAX(end − weighted, 0)
//! ```
//!
//! Ordinary least squares, every vintage that counts once. A trend that falls adds nothing.

use chrono::{Datelike, NaiveDate};

use super::round12;

/// The straight line through the ends of the vintages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// The change of the ratio from one month of origination to the next.
    pub slope: f64,
    /// The standard error of the slope; `None` of fewer than three vintages.
    pub error: Option<f64>,
    /// The line at the latest vintage.
    pub end: f64,
    /// What it adds to the weighted mean.
    pub add_on: f64,
}

impl Trend {
    /// The line through the months and ratios of vintages; `None` when all are of one month.
    ///
    /// ```
    /// # use cashfall::static_pool::Trend;
    /// let month = |month| chrono::NaiveDate::from_ymd_opt(2024, month, 1).unwrap();
    /// let ends = [(month(1), 0.02), (month(2), 0.03), (month(3), 0.025), (month(4), 0.035)];
    /// let trend = Trend::of(&ends, 0.0275).unwrap();
    /// assert_eq!((trend.slope, trend.end, trend.add_on), (0.004, 0.0335, 0.006));
    /// assert_eq!(trend.error, Some(0.002121320344));
    /// ```
    pub fn of(ends: &[(NaiveDate, f64)], weighted: f64) -> Option<Trend> {
        let count = f64::from(u32::try_from(ends.len()).ok().filter(|count| *count > 1)?);
        let mean_of =
            |value: &dyn Fn(&(NaiveDate, f64)) -> f64| ends.iter().map(value).sum::<f64>() / count;
        let (of_month, of_ratio) = (mean_of(&|end| month(end.0)), mean_of(&|end| end.1));
        let moved = |end: &(NaiveDate, f64)| month(end.0) - of_month;
        let spread: f64 = ends.iter().map(|end| moved(end) * moved(end)).sum();
        if spread == 0.0 {
            return None;
        }
        let products: f64 = ends.iter().map(|end| moved(end) * (end.1 - of_ratio)).sum();
        let slope = round12(products / spread);
        let last = ends.iter().map(|end| month(end.0)).fold(f64::MIN, f64::max);
        let end = round12(of_ratio + slope * (last - of_month));
        let rest = |end: &(NaiveDate, f64)| end.1 - of_ratio - slope * moved(end);
        let squares: f64 = ends.iter().map(|end| rest(end) * rest(end)).sum();
        let error = (count > 2.0).then(|| round12((squares / (count - 2.0) / spread).sqrt()));
        Some(Trend { slope, error, end, add_on: round12((end - weighted).max(0.0)) })
    }
}

/// Months since the year 0.
pub(crate) fn month(date: NaiveDate) -> f64 {
    f64::from(date.year()) * 12.0 + f64::from(date.month())
}
