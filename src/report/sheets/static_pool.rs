//! The base case as a workbook: every step from the servicer's amounts to the stressed rates is a
//! formula.
//!
//! ```text
//! Base case   vintages: observed · growth = ultimate; weighted, mean, base; ratings    ◀─┐
//! Triangle    vintage × age: amounts (grey), weights (blue), links                       │
//! Ladder      by age: sums, links, growth to the end, timing, balance left ──────────────┘
//! Curves      by age: the vintages' default rates and the base case, with a chart
//! Roll rates  by month: buckets, rolls, the chain to default
//! Ratios      every amount over every base
//! ```

use super::super::labels::Labels;
use super::super::workbook::{Content, Ink, Kind, Sheet, Workbook};
use super::{static_base, static_ladder, static_ratios};
use crate::money::Amount;
use crate::static_pool::{StaticPool, Study, Ways};

/// The names of the sheets of one study, and its figures.
pub(super) struct Page<'a> {
    pub(super) labels: &'a Labels,
    pub(super) study: &'a Study,
    /// Follows the names of sheets when there are several studies.
    pub(super) suffix: String,
}

impl Page<'_> {
    /// The name of a sheet.
    pub(super) fn name(&self, key: &str) -> String {
        format!("{}{}", self.labels.sheet(key), self.suffix)
    }

    /// The name of a sheet in a formula.
    pub(super) fn quoted(&self, key: &str) -> String {
        format!("'{}'", self.name(key))
    }

    /// An empty sheet with its title.
    pub(super) fn sheet(&self, key: &str, tab: u32) -> Sheet {
        let mut sheet =
            Sheet { name: self.name(key), landscape: true, tab: Some(tab), ..Sheet::default() };
        let title = self.labels.title(key);
        let product = &self.study.product;
        let title = if product.is_empty() { title } else { format!("{title} · {product}") };
        sheet.text(0, 0, title, Kind::Title);
        sheet.text(1, 0, self.labels.about(key), Kind::Note);
        sheet
    }
}

/// The workbook of a static pool.
pub fn static_pool_workbook(
    pool: &StaticPool,
    studies: &[Study],
    ways: &Ways,
    labels: &Labels,
) -> Workbook {
    let mut sheets = Vec::new();
    for (place, study) in studies.iter().enumerate() {
        let suffix = if studies.len() > 1 { format!(" {}", place + 1) } else { String::new() };
        let page = Page { labels, study, suffix };
        if let (Some(ladder), Some(base)) = (&study.ladder, &study.base) {
            sheets.push(static_base::sheet(&page, pool, ladder, base));
            sheets.push(static_ladder::triangle(&page, ladder, base));
            sheets.push(static_ladder::ladder(&page, ladder, base));
            sheets.push(static_ladder::curves(&page, ladder, base));
        }
        if let Some(rolls) = &study.rolls {
            sheets.push(static_ratios::rolls(&page, rolls, ways));
        }
        sheets.push(static_ratios::ratios(&page));
    }
    Workbook { sheets, title: labels.title("static_base") }
}

/// A figure of the servicer: grey.
pub(super) fn grey(sheet: &mut Sheet, (row, column): (u32, u16), amount: Amount) {
    let content = Content::Number(amount.to_f64());
    sheet.put(row, column, content, Kind::Money, Ink::Engine);
}

/// A formula with its value.
pub(super) fn formula(sheet: &mut Sheet, at: (u32, u16), text: String, value: f64, kind: Kind) {
    sheet.put(at.0, at.1, Content::Formula(text, value), kind, Ink::Formula);
}

/// A figure that may be changed: blue.
pub(super) fn input(sheet: &mut Sheet, (row, column): (u32, u16), value: f64, kind: Kind) {
    sheet.put(row, column, Content::Number(value), kind, Ink::Input);
}

pub(super) fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("a sheet has a million rows")
}

pub(super) fn column(place: usize) -> u16 {
    u16::try_from(place).expect("a sheet has 16384 columns")
}
