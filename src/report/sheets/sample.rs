//! The tick sheet of a tie-out: what was drawn and how, and a row for each attribute to compare.
//!
//! The columns are those of a workpaper: what is expected stands there, what is found is filled in,
//! the difference is live.

use super::super::labels::Labels;
use super::portfolio::{Heading, TOP, count, grey, header, live};
use crate::money::Amount;
use crate::pool::Pool;
use crate::portfolio::sample::{Method, Sample};
use crate::portfolio::{Characteristic, Column, Figure, Kind as FigureKind};
use crate::report::workbook::{Content, Ink, Kind, Sheet};

use super::stratification::{as_cell, look};

const HEADERS: [&str; 15] = [
    "tick_number",
    "tick_receivable",
    "tick_row",
    "tick_stratum",
    "tick_attribute",
    "tick_document",
    "tick_page",
    "tick_expected",
    "tick_found",
    "tick_difference",
    "tick_mark",
    "tick_exception",
    "tick_preparer",
    "tick_reviewer",
    "tick_date",
];
/// What is compared with the contract for each receivable.
const ATTRIBUTES: [&str; 8] = [
    "original_principal",
    "outstanding_principal",
    "instalments",
    "paid_instalments",
    "annual_rate",
    "origination_date",
    "first_due_date",
    "past_due_days",
];

/// What a sample was drawn by, for the head of its sheet.
#[derive(Clone, Debug)]
pub struct TickSheet<'a> {
    /// The sample.
    pub sample: &'a Sample,
    /// How it was drawn.
    pub method: &'a Method,
    /// The seed.
    pub seed: u64,
}

/// The tick sheet of a sample.
pub fn tick_sheet(heading: &Heading, pool: &Pool, of: &TickSheet) -> Sheet {
    let widths =
        [7.0, 22.0, 8.0, 16.0, 26.0, 20.0, 8.0, 18.0, 18.0, 14.0, 8.0, 24.0, 12.0, 12.0, 12.0];
    let mut sheet = heading.sheet("sample", &widths);
    let top = population(&mut sheet, heading, of);
    header(&mut sheet, heading.labels, top, &HEADERS);
    sheet.freeze = (top + 1, 2);
    sheet.repeat = Some((top, top));
    let columns: Vec<Column> = ATTRIBUTES
        .iter()
        .filter_map(|name| Column::of(pool, &Characteristic::of(name), true).ok())
        .collect();
    let mut row = top + 1;
    for (number, drawn) in of.sample.drawn.iter().enumerate() {
        let receivable = &pool.receivables[drawn.place];
        for column in &columns {
            let figure = column.figure(drawn.place, pool.cutoff);
            grey(&mut sheet, row, 0, count(number + 1), Kind::Rank);
            sheet.text(row, 1, receivable.id.to_string(), Kind::Text);
            grey(&mut sheet, row, 2, f64::from(receivable.origin.row), Kind::Rank);
            sheet.text(row, 3, drawn.stratum.clone(), Kind::Text);
            let name = heading.labels.name(&column.characteristic().label());
            sheet.text(row, 4, name, Kind::Text);
            if let Some(figure) = figure {
                compared(&mut sheet, row, figure);
            }
            for blank in [5, 6, 8, 10, 11, 12, 13, 14] {
                let empty = Content::Text(String::new());
                let kind =
                    if blank == 8 { figure.map_or(Kind::Text, cell_kind) } else { Kind::Text };
                sheet.put(row, blank, empty, kind, Ink::Input);
            }
            row += 1;
        }
    }
    sheet
}

/// Expected, and found less expected once something was found.
fn compared(sheet: &mut Sheet, row: u32, figure: Figure) {
    let cell = row + 1;
    grey(sheet, row, 7, value(figure), cell_kind(figure));
    let places = if figure.kind == FigureKind::Rate { 12 } else { 2 };
    let formula = format!("IF(I{cell}=\"\",0,ROUND(I{cell}-H{cell},{places}))");
    live(sheet, (row, 9), (formula, 0.0), (Kind::Zero, Ink::Formula));
}

/// Dates are the day numbers of the spreadsheet.
fn value(figure: Figure) -> f64 {
    /// Day 0 of spreadsheets, counted from the beginning of the common era.
    const EPOCH: i64 = 693_594;
    match figure.kind {
        FigureKind::Date => as_cell(Figure { parts: figure.parts - EPOCH, ..figure }),
        _ => as_cell(figure),
    }
}

fn cell_kind(figure: Figure) -> Kind {
    if figure.kind == FigureKind::Date { Kind::Date } else { look(figure) }
}

/// The method in words.
fn method(labels: Labels, method: &Method) -> String {
    match method {
        Method::Random => labels.text("method_random"),
        Method::MonetaryUnit => labels.text("method_monetary_unit"),
        Method::Stratified(by) => labels.text_of("method_stratified", &by.label()),
    }
}

/// Population, control total, size, method, seed; the row of the headings below.
fn population(sheet: &mut Sheet, heading: &Heading, of: &TickSheet) -> u32 {
    let labels = heading.labels;
    let mut row = TOP;
    let mut line = |sheet: &mut Sheet, key: &str, content: Content, kind: Kind| {
        sheet.text(row, 1, labels.text(key), Kind::Strong);
        sheet.put(row, 4, content, kind, Ink::Engine);
        row += 1;
    };
    let amount = |amount: Amount| Content::Number(amount.to_f64());
    let number = |number: usize| Content::Number(count(number));
    let sample = of.sample;
    line(sheet, "tick_population", number(sample.population), Kind::Count);
    line(sheet, "tick_total", amount(sample.total), Kind::Money);
    line(sheet, "tick_size", number(sample.drawn.len()), Kind::Count);
    line(sheet, "tick_covered", amount(sample.covered), Kind::Money);
    line(sheet, "tick_method", Content::Text(method(labels, of.method)), Kind::Text);
    line(sheet, "tick_seed", Content::Text(of.seed.to_string()), Kind::Text);
    if let Some(interval) = sample.interval {
        line(sheet, "tick_interval", amount(interval), Kind::Money);
    }
    row + 1
}
