//! # P0151 · the annual cost stated is not the one that the instalments give
//!
//! ```text
//! principal = Σ instalment i / (1 + r)^i       effective (1 + r)^12 − 1, nominal 12·r
//! ```
//!
//! [PBOC announcement 2021 no. 3] allows both; the one stated must agree within a basis point.

use super::Draft;
use crate::money::{Amount, Rate};
use crate::plan::contract_schedule;
use crate::pool::Method;
use crate::tape::{Fault, Field};

/// A basis point, with room for the last digit of two decimals of a percent.
const TOLERANCE: f64 = 0.000_1 + 0.000_000_5;

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let stated = draft.row.apr?;
    // A given schedule lists what is still due, not all that was.
    if draft.is_rep_line || draft.method? == Method::Given || draft.instalments? == 0 {
        return None;
    }
    let receivable = draft.receivable(0)?;
    if receivable.original_principal <= Amount::ZERO || !super::is_computable(receivable.rate) {
        return None;
    }
    let cash: Vec<f64> = contract_schedule(&receivable, draft.terms)
        .iter()
        .map(|line| (line.principal + line.interest + line.fee).to_f64())
        .collect();
    let rate = per_period(receivable.original_principal.to_f64(), &cash)?;
    let (effective, nominal) = ((1.0 + rate).powi(12) - 1.0, 12.0 * rate);
    let number = stated.to_f64();
    let possible = match draft.row.apr_percent {
        Some(true) => [number / 100.0; 2],
        Some(false) => [number; 2],
        None => [number / 100.0, number],
    };
    let agrees = |rate: f64| possible.iter().any(|stated| (stated - rate).abs() <= TOLERANCE);
    (!agrees(effective) && !agrees(nominal)).then(|| {
        draft
            .fault("P0151", Field::Apr)
            .showing(&["rate", "instalments", "repayment_method"])
            .with("stated", text(draft.row.apr_percent, stated))
            .with("effective", percent(effective))
            .with("nominal", percent(nominal))
    })
}

fn text(is_percent: Option<bool>, stated: Rate) -> String {
    match is_percent {
        Some(true) => format!("{stated} %"),
        Some(false) => stated.percent(),
        None => stated.to_string(),
    }
}

fn percent(rate: f64) -> String {
    format!("{:.4} %", rate * 100.0)
}

/// The rate per instalment at which the instalments are worth the principal, by halving; `None` when
/// they do not even repay it.
fn per_period(principal: f64, cash: &[f64]) -> Option<f64> {
    let worth = |rate: f64| cash.iter().rev().fold(0.0, |sum, cash| (sum + cash) / (1.0 + rate));
    let (mut low, mut high) = (0.0, 10.0);
    if worth(low) < principal - 0.005 || worth(high) > principal {
        return None;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if worth(middle) > principal { low = middle } else { high = middle }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 × 0.6 % flat costs 13.8418 % a year, 24 × 1 % flat 23.8371 %, 36 × 1 % flat 23.3861 %.
    #[test]
    fn the_annual_cost_is_the_published_one() {
        for (instalments, fee, effective) in
            [(12, 0.6, 13.841_8), (12, 1.0, 23.698_4), (24, 1.0, 23.837_1), (36, 1.0, 23.386_1)]
        {
            let part = 100_000.0 / f64::from(instalments) + 1_000.0 * fee;
            let cash = vec![part; usize::try_from(instalments).expect("few")];
            let rate = per_period(100_000.0, &cash).expect("it repays");
            let found = ((1.0 + rate).powi(12) - 1.0) * 100.0;
            assert!((found - effective).abs() < 0.000_1, "{instalments} × {fee} %: {found}");
        }
    }
}
