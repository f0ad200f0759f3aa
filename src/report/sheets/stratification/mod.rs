//! The shape of a pool as sheets: summary, distributions, cross-tables, the largest obligors.
//!
//! Counts and amounts of the buckets are grey values of the tape; totals, shares and averages of
//! amounts are formulas over them, so that a reader can follow and change what he likes.

mod cross;
mod distributions;
mod obligors;
mod summary;

pub(in crate::report) use summary::{as_cell, look};

use super::portfolio::Heading;
use crate::portfolio::stratification::Stratification;
use crate::report::workbook::Sheet;

/// The sheets of a stratification. `suffix` tells two of them in one workbook apart.
pub fn stratification_sheets(heading: &Heading, of: &Stratification, suffix: &str) -> Vec<Sheet> {
    let (distributions, totals) = distributions::sheet(heading, of, suffix);
    let mut sheets = vec![summary::sheet(heading, of, &totals, &distributions.name), distributions];
    if !of.crosses.is_empty() {
        sheets.push(cross::sheet(heading, of));
    }
    if !of.summary.top.is_empty() {
        sheets.push(obligors::sheet(heading, of));
    }
    if !suffix.is_empty() {
        for sheet in sheets.iter_mut().filter(|sheet| !sheet.name.ends_with(suffix)) {
            sheet.name += suffix;
        }
    }
    sheets
}
