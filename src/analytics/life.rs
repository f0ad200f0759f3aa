//! How long principal stays out.

use chrono::NaiveDate;

use super::{Flow, years};

/// The weighted-average life: the average time until a unit of principal is paid.
///
/// ```text
/// WAL = Σ principal_k · days(from → paid_k) / 365 / Σ principal_k
/// ```
///
/// `principal` holds principal only, on the days it is actually paid; `from` is the closing or
/// settlement date. `None` when there is no principal.
///
/// # Rounding
///
/// None; published with 6 decimals.
///
/// # Excel
///
/// ```text
/// =SUMPRODUCT(principal,dates-from)/365/SUM(principal)
/// ```
///
/// # Example
///
/// A fifth after 73 days, the rest after a year: `0.2·0.2 + 0.8·1 = 0.84` years.
///
/// ```
/// use cashfall::analytics::{Flow, wal_years};
/// let from = "2026-01-01".parse().unwrap();
/// let flow = |date: &str, amount| Flow::new(date.parse().unwrap(), amount);
/// let life = wal_years(&[flow("2026-03-15", 20.0), flow("2027-01-01", 80.0)], from);
/// assert!((life.unwrap() - 0.84).abs() < 1e-12);
/// ```
pub fn wal_years(principal: &[Flow], from: NaiveDate) -> Option<f64> {
    let total: f64 = principal.iter().map(|flow| flow.amount).sum();
    let weighted: f64 = principal.iter().map(|flow| flow.amount * years(from, flow.date)).sum();
    (total > 0.0).then(|| weighted / total)
}
