//! All cells of a workbook as they stand, for forms that are no tape.

use std::path::Path;

use chrono::NaiveDate;

use super::Error;
use super::cell::{Cell, Raw, letters};
use super::source::Source;

/// A sheet with its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetCells {
    /// Its name.
    pub name: String,
    /// The rows that hold something, by number from 1, each with its cells by column from 0.
    pub rows: Vec<(u32, Vec<(usize, CellValue)>)>,
    /// Cells with a formula and no stored value, by row from 1 and column from 0: they look empty.
    pub unvalued: Vec<(u32, usize)>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// Text, with `TRUE` and `FALSE` for flags.
    Text(String),
    /// A number; `percent` when the cell is formatted as one.
    Number {
        /// The double that the file holds.
        value: f64,
        /// Whether it is shown as a percentage.
        percent: bool,
    },
    /// A day.
    Date(NaiveDate),
}

/// Reads every visible sheet of a workbook.
///
/// # Errors
///
/// When the file cannot be read, or is no workbook.
pub fn sheets(path: &Path) -> Result<Vec<SheetCells>, Error> {
    let mut source = Source::open(path)?;
    if matches!(source, Source::Text(_)) {
        let reason = "a text, whatever its name says";
        return Err(Error::NotAWorkbook { path: path.into(), reason, source: None });
    }
    let mut sheets = Vec::new();
    for sheet in source.sheets().into_iter().filter(|sheet| sheet.visible) {
        let mut rows = Vec::new();
        source.rows(&sheet.name, &mut |number, cells| {
            rows.push((number, cells.iter().map(value).collect()));
            true
        })?;
        let unvalued = super::sheet_xml::read(path, &sheet.name, 0)?.empty;
        sheets.push(SheetCells { name: sheet.name, rows, unvalued });
    }
    Ok(sheets)
}

/// The address of a cell: `D7`.
pub fn address(row: u32, column: usize) -> String {
    format!("{}{row}", letters(column))
}

fn value(cell: &Cell) -> (usize, CellValue) {
    let value = match &cell.raw {
        Raw::Text(text) => CellValue::Text(text.to_string()),
        Raw::Number { value, percent } => CellValue::Number { value: *value, percent: *percent },
        Raw::Date(date) => CellValue::Date(*date),
    };
    (cell.column, value)
}
