//! The rows of any table, top down, for forms that are no tape: static pools, a servicer's months.

use std::path::Path;

use super::Error;
use super::cell::Cell;
use super::source::{Source, hashes};

/// Takes a row: its sheet, its number as the spreadsheet shows it, its cells that are not empty.
/// Returns whether to go on with the sheet.
pub(crate) type EachRow<'f> = &'f mut dyn FnMut(&str, u32, &[Cell<'_>]) -> bool;

/// Hands every row of every visible sheet to `each`; gives the SHA-256 of the file.
///
/// The name of the sheet is empty for text tables.
///
/// # Errors
///
/// When the file cannot be read, or is neither a workbook nor a text table.
pub(crate) fn each_row(path: &Path, each: EachRow) -> Result<String, Error> {
    let mut source = Source::open(path)?;
    for sheet in source.sheets().into_iter().filter(|sheet| sheet.visible) {
        source.rows(&sheet.name, &mut |number, cells| each(&sheet.name, number, cells))?;
    }
    Ok(hashes(path)?.0)
}
