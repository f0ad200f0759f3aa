//! The text of single rows, read again on demand.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::cell::{Cell, column_of, letters};
use super::field::Field;
use super::privacy::{ANYWHERE, Columns, Privacy, Treatment, without_names};
use super::source::Source;
use super::{Error, RowOrigin, TapeManifest};

/// One cell of a row as a reader of the file sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellText {
    /// Column letters.
    pub column: String,
    /// The header above it; empty when there is none.
    pub header: String,
    /// Its text; numbers by their shortest exact digits.
    pub text: String,
}

/// A row of the tape with what a mend names it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedRow {
    /// The keyed hash of its identifier.
    pub key: String,
    /// Its cells, in order of their columns.
    pub cells: Vec<CellText>,
}

/// The cells of one row, in order of their columns.
///
/// Reads the file from its start to that row.
///
/// # Errors
///
/// When the file cannot be read any more.
pub fn read_row(
    path: &Path,
    manifest: &TapeManifest,
    row: RowOrigin,
) -> Result<Vec<CellText>, Error> {
    Ok(read_rows(path, manifest, &[row])?.remove(&row).unwrap_or_default())
}

/// The cells of several rows, in one pass over each sheet that has some of them; what is personal in
/// them is masked or hashed.
///
/// # Errors
///
/// When the file cannot be read any more.
pub fn read_rows(
    path: &Path,
    manifest: &TapeManifest,
    rows: &[RowOrigin],
) -> Result<BTreeMap<RowOrigin, Vec<CellText>>, Error> {
    let rows = read_marked_rows(path, manifest, rows)?;
    Ok(rows.into_iter().map(|(origin, row)| (origin, row.cells)).collect())
}

/// The same, with what a mend names each row by.
///
/// # Errors
///
/// When the file cannot be read any more.
pub fn read_marked_rows(
    path: &Path,
    manifest: &TapeManifest,
    rows: &[RowOrigin],
) -> Result<BTreeMap<RowOrigin, MarkedRow>, Error> {
    let id_column = manifest.columns.get(Field::ReceivableId.name());
    let id_column = id_column.and_then(|(letters, _)| column_of(letters));
    let mut source = Source::open(path)?;
    let mut found = BTreeMap::new();
    for (index, name) in manifest.sheets.iter().enumerate() {
        let sheet = u16::try_from(index).expect("a workbook has fewer than 65536 sheets");
        let wanted: BTreeSet<u32> =
            rows.iter().filter(|r| r.sheet == sheet).map(|r| r.row).collect();
        let Some(last) = wanted.last().copied() else { continue };
        let header_row = manifest.header_rows.get(index).copied().unwrap_or(0);
        let mut headers: BTreeMap<usize, String> = BTreeMap::new();
        let none = Columns::default();
        let personal = (&manifest.privacy, manifest.privacy.sheets.get(index).unwrap_or(&none));
        source.rows(name, &mut |number, cells| {
            if number == header_row {
                let header = |cell: &Cell| (cell.column, one_line(&cell.raw.text()));
                headers = cells.iter().map(header).collect();
            }
            if wanted.contains(&number) {
                let names = names(cells, personal.1);
                let texts = cells.iter().map(|cell| CellText {
                    column: letters(cell.column),
                    header: headers.get(&cell.column).cloned().unwrap_or_default(),
                    text: one_line(&shown(cell, personal, &names)),
                });
                let cells_of_row = texts.collect();
                let id = cells.iter().find(|cell| Some(cell.column) == id_column);
                let id = match (id, id_column) {
                    (Some(cell), _) => cell.raw.text().into_owned(),
                    (None, Some(_)) => String::new(),
                    (None, None) => number.to_string(),
                };
                let row = MarkedRow { key: personal.0.fingerprint(&id), cells: cells_of_row };
                found.insert(RowOrigin { sheet, row: number }, row);
            }
            number < last
        })?;
    }
    Ok(found)
}

/// The names in a row.
fn names(cells: &[Cell], personal: &Columns) -> Vec<String> {
    let names = cells.iter().filter(|cell| personal.names.contains(&cell.column));
    names.map(|cell| cell.raw.text().into_owned()).collect()
}

/// A cell's text as anybody may see it.
fn shown<'c>(
    cell: &'c Cell,
    (privacy, columns): (&Privacy, &Columns),
    names: &[String],
) -> Cow<'c, str> {
    let text = privacy.text(columns.of(cell.column), cell.raw.text());
    match columns.names.contains(&cell.column) {
        true => text,
        false if columns.of(cell.column) == Treatment::Keep => without_names(text, names),
        false => privacy.people.masked(without_names(text, names), ANYWHERE),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
