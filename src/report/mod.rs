//! The report: a neutral workbook of sheets and cells, and the writers that turn it into files.
//!
//! ```text
//! Model + Run + Labels ─▶ Layout (where every line stands) ─▶ Workbook (cells) ─▶ to_xlsx
//! ```
//!
//! Sheets know no file format; only `to_*` does. Orientation lives in one place, the layout.

mod deal_xlsx;
mod findings_xlsx;
pub mod labels;
mod layout;
mod mend_template;
mod pages;
mod pool_xlsx;
mod sheets;
#[cfg(feature = "parquet")]
mod tape_parquet;
mod tape_xlsx;
mod to_json;
mod to_xlsx;
mod workbook;

pub use deal_xlsx::deal_xlsx;
pub use findings_xlsx::{ShownRow, findings_xlsx};
pub use labels::{Labels, ReportLang};
pub use layout::{Layout, Spot};
pub use mend_template::{mend_csv, mend_xlsx};
pub use pool_xlsx::ROWS_MOST;
pub use sheets::{
    BreakEvenLine, Context, Heading, LIVE_COHORTS, Manifest, ManifestFile, SelectionLine,
    StressFigures, StressLine, TickSheet, TrackLine, TrackRow, TrackTerms, account_name,
    decrement_sheet, failures_sheet, ladder_sheet, limit_cut_sheets, limits_sheet, selection_sheet,
    static_pool_workbook, stratification_sheets, stress_sheet, tick_sheet, track_sheet, workbook,
};
#[cfg(feature = "parquet")]
pub use tape_parquet::lines_parquet;
pub use tape_xlsx::{lines_xlsx, tape_xlsx};
pub(crate) use to_json::findings_json;
pub use to_json::to_json;
pub use to_xlsx::{Caches, Error, write_pool_xlsx, write_xlsx};
pub use workbook::{
    Cell, Chart, Content, Form, Ink, Kind, Series, Sheet, Workbook, cell_name, column_name,
};

use std::path::Path;

/// Writes a whole file: to a temporary file beside it, then renamed, so that a reader sees the old
/// file or the new one and never half of one.
///
/// # Errors
///
/// When the folder cannot be written or the file is open elsewhere.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    write_whole_with(path, |temporary| std::fs::write(temporary, bytes))
}

/// The same for a file that is too large to be held: `write` is given the temporary file's path.
///
/// # Errors
///
/// When `write` fails, the folder cannot be written, or the file is open elsewhere.
pub fn write_whole_with<E: From<std::io::Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let written =
        write(&temporary).and_then(|()| std::fs::rename(&temporary, path).map_err(E::from));
    written.inspect_err(|_| {
        // Take the temporary file away; the first error is the one that counts.
        let _ = std::fs::remove_file(&temporary);
    })
}
