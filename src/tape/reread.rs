//! The text of single rows, read again on demand.

use std::collections::BTreeMap;
use std::path::Path;

use super::cell::{Cell, letters};
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

/// The cells of several rows, in one pass over each sheet that has some of them.
///
/// # Errors
///
/// When the file cannot be read any more.
pub fn read_rows(
    path: &Path,
    manifest: &TapeManifest,
    rows: &[RowOrigin],
) -> Result<BTreeMap<RowOrigin, Vec<CellText>>, Error> {
    let mut source = Source::open(path)?;
    let mut found = BTreeMap::new();
    for (index, name) in manifest.sheets.iter().enumerate() {
        let sheet = u16::try_from(index).expect("a workbook has fewer than 65536 sheets");
        let wanted: Vec<u32> = rows.iter().filter(|r| r.sheet == sheet).map(|r| r.row).collect();
        let Some(last) = wanted.iter().copied().max() else { continue };
        let header_row = manifest.header_rows.get(index).copied().unwrap_or(0);
        let mut headers: BTreeMap<usize, String> = BTreeMap::new();
        source.rows(name, &mut |number, cells| {
            if number == header_row {
                headers = cells.iter().map(|cell| (cell.column, one_line(cell))).collect();
            }
            if wanted.contains(&number) {
                let texts = cells.iter().map(|cell| CellText {
                    column: letters(cell.column),
                    header: headers.get(&cell.column).cloned().unwrap_or_default(),
                    text: one_line(cell),
                });
                found.insert(RowOrigin { sheet, row: number }, texts.collect());
            }
            number < last
        })?;
    }
    Ok(found)
}

fn one_line(cell: &Cell) -> String {
    cell.raw.text().split_whitespace().collect::<Vec<_>>().join(" ")
}
