//! What all sheets about a portfolio begin with: whose pool, of which day, from which file.

use chrono::NaiveDate;

use super::super::labels::Labels;
use super::super::workbook::{Content, Ink, Kind, Sheet};
use crate::config::Text;
use crate::pool::Pool;

/// The row of the first table.
pub(super) const TOP: u32 = 4;

/// What a sheet about a portfolio says at its top.
#[derive(Clone, Debug)]
pub struct Heading {
    /// The deal, or the tape when there is no deal.
    pub name: Text,
    /// The currency.
    pub currency: String,
    /// The day the figures are of.
    pub at: NaiveDate,
    /// The tape.
    pub file: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// The language of the report.
    pub labels: Labels,
}

impl Heading {
    /// The heading for a pool.
    pub fn of(pool: &Pool, deal: Option<(&Text, &str)>, labels: Labels) -> Heading {
        let (name, currency) = match deal {
            Some((name, currency)) => (name.clone(), currency.to_string()),
            None => (Text::same(pool.manifest.file.clone()), String::new()),
        };
        Heading {
            name,
            currency,
            at: pool.cutoff,
            file: pool.manifest.file.clone(),
            sha256: pool.manifest.sha256.clone(),
            labels,
        }
    }

    /// A sheet with its title, what it is about, and where it comes from; columns of these widths.
    pub(super) fn sheet(&self, key: &str, widths: &[f64]) -> Sheet {
        let labels = self.labels;
        let mut sheet = Sheet {
            name: labels.sheet(key).to_string(),
            landscape: true,
            tab: Some(0x2E75B6),
            widths: (0..).zip(widths.iter().copied()).collect(),
            ..Sheet::default()
        };
        let name = labels.name(&self.name);
        sheet.text(0, 0, format!("{} — {name}", labels.title(key)), Kind::Title);
        sheet.text(1, 0, labels.about(key), Kind::Note);
        let from = labels
            .text("portfolio_source")
            .replace("{file}", &self.file)
            .replace("{sha}", &self.sha256.chars().take(16).collect::<String>())
            .replace("{at}", &self.at.to_string())
            .replace("{currency}", if self.currency.is_empty() { "–" } else { &self.currency });
        sheet.text(2, 0, from, Kind::Note);
        sheet
    }
}

/// The headings of a table.
pub(super) fn header(sheet: &mut Sheet, labels: Labels, row: u32, keys: &[&str]) {
    for (column, key) in (0..).zip(keys) {
        sheet.text(row, column, labels.text(key), Kind::Header);
    }
    sheet.heights.push((row, 28.0));
}

/// A number of the engine: grey.
pub(super) fn grey(sheet: &mut Sheet, row: u32, column: u16, number: f64, kind: Kind) {
    sheet.put(row, column, Content::Number(number), kind, Ink::Engine);
}

/// A formula with its value.
pub(super) fn live(
    sheet: &mut Sheet,
    (row, column): (u32, u16),
    (formula, value): (String, f64),
    look: (Kind, Ink),
) {
    sheet.put(row, column, Content::Formula(formula, value), look.0, look.1);
}

/// A whole number as a cell holds it.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("receivables are fewer than 2^32"))
}

/// The number that a spreadsheet's ROUND gives.
pub(super) fn rounded(number: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    let near = (number * scale).round() / scale;
    if near == 0.0 { 0.0 } else { near }
}
