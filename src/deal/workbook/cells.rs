//! The words by which a sheet is recognised, and its cells by heading.

use crate::config::CellPlace;
use crate::tape::{CellValue, SheetCells, address};

/// The headings of the terms' keys and values.
pub(super) const TERMS: [&str; 2] = ["key", "value"];
/// The heading of the numbers of entries.
pub(super) const NUMBER: &str = "#";
/// The heading of the names of tables.
pub(super) const NAME: &str = "*";
/// The heading of comments.
pub(super) const NOTE: &str = "note";
/// The key of a comment that belongs to no key.
pub(super) const COMMENT: &str = "#";

/// A row of a sheet.
pub(super) type Row = (u32, Vec<(usize, CellValue)>);

/// What a sheet holds, by its first cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// The single tables.
    Terms,
    /// `[[path]]`: a list of tables.
    List(String),
    /// `[path.*]`: tables by name.
    Named(String),
    /// `path[]`: a list of values.
    Series(String),
}

/// A sheet that was recognised.
pub(super) struct Table<'a> {
    pub(super) holds: Holds,
    pub(super) name: &'a str,
    /// The columns that have headings, each with the key on its last line.
    pub(super) headings: Vec<(usize, String)>,
    /// The rows below the headings.
    pub(super) rows: &'a [Row],
}

impl<'a> Table<'a> {
    /// The table of a sheet; `None` when the sheet is none of ours.
    pub(super) fn of(sheet: &'a SheetCells) -> Option<Table<'a>> {
        let place = sheet.rows.iter().position(is_heading)?;
        let headings: Vec<(usize, String)> = sheet.rows[place]
            .1
            .iter()
            .filter_map(|(column, value)| Some((*column, last_line(value)?)))
            .collect();
        let is_terms = headings.first().is_some_and(|(_, key)| key == TERMS[0]);
        let holds = if is_terms { Holds::Terms } else { token(&sheet.rows[..place])? };
        Some(Table { holds, name: &sheet.name, headings, rows: &sheet.rows[place + 1..] })
    }

    /// The place of a cell.
    pub(super) fn at(&self, row: u32, column: usize) -> CellPlace {
        CellPlace { sheet: self.name.to_string(), cell: address(row, column) }
    }

    /// The column of a heading.
    pub(super) fn column(&self, heading: &str) -> Option<usize> {
        self.headings.iter().find(|(_, key)| key == heading).map(|(column, _)| *column)
    }
}

/// The cell of a row in a column.
pub(super) fn cell(row: &Row, column: Option<usize>) -> Option<&CellValue> {
    row.1.iter().find(|(known, _)| Some(*known) == column).map(|(_, value)| value)
}

/// The text of a row in a column; empty when there is none.
pub(super) fn text(row: &Row, column: Option<usize>) -> &str {
    note(row, column).trim()
}

/// The same with its blank lines.
pub(super) fn note(row: &Row, column: Option<usize>) -> &str {
    if let Some(CellValue::Text(text)) = cell(row, column) { text } else { "" }
}

fn is_heading(row: &Row) -> bool {
    let first = row.1.first().and_then(|(_, value)| last_line(value));
    let second = row.1.get(1).and_then(|(_, value)| last_line(value));
    match first.as_deref() {
        Some(first) if first == TERMS[0] => second.as_deref() == Some(TERMS[1]),
        Some(first) => first == NUMBER && second.is_some(),
        None => false,
    }
}

fn last_line(value: &CellValue) -> Option<String> {
    if let CellValue::Text(text) = value {
        text.trim().lines().last().map(|line| line.trim().to_string())
    } else {
        None
    }
}

/// What the first cell of a sheet says that it holds.
fn token(rows: &[Row]) -> Option<Holds> {
    let (_, first) = rows.first()?.1.first()?;
    let CellValue::Text(text) = first else { return None };
    let token = text.split_whitespace().next()?;
    holds(token)
}

/// `[[tranche]]`, `[pool.product.*]`, `account_income[]`.
pub(super) fn holds(token: &str) -> Option<Holds> {
    let within = |open: &str, close: &str| token.strip_prefix(open)?.strip_suffix(close);
    if let Some(path) = within("[[", "]]") {
        Some(Holds::List(path.to_string()))
    } else if let Some(path) = within("[", ".*]") {
        Some(Holds::Named(path.to_string()))
    } else {
        token.strip_suffix("[]").map(|path| Holds::Series(path.to_string()))
    }
}
