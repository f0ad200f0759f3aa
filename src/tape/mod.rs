//! The tape: spreadsheet or text table → typed rows that know where they stand.
//!
//! ```text
//! file ─▶ Source (by content) ─▶ rows of cells ─▶ Layout (headers, aliases, mapping) ─▶ Row
//!     xlsx xlsb xls ods csv Parquet   one pass        the unit is read from the header
//! ```
//!
//! This is the only reader of workbooks and text tables. Rows are parsed as they stream by; of the
//! cells nothing is kept but typed values and identifiers, and [`read_row`] reads a row's text again
//! when somebody asks for it. Numbers become money exactly or not at all; nothing is guessed by
//! position; everything found is reported at once.

mod archive;
mod cell;
mod error;
mod fault;
mod field;
#[cfg(feature = "parquet")]
mod from_parquet;
mod from_text;
mod from_workbook;
mod grid;
mod header;
mod intern;
mod layout;
mod lines;
mod mapping;
mod mend;
mod privacy;
mod read;
mod recompute;
mod registry;
mod reread;
mod row;
mod schedule;
mod sheet_ods;
mod sheet_scan;
mod sheet_xlsb;
mod sheet_xml;
mod sheets;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

pub use cell::MoneyUnit;
pub(crate) use cell::{Cell, Reading, letters};
pub use error::{Cause, Error};
pub(crate) use fault::{Fault, Faults};
pub use field::{ATTRIBUTES, Field, Kind, is_revolving};
pub(crate) use grid::each_row;
pub(crate) use header::{Header, normal};
pub use header::{Per, Unit};
pub(crate) use intern::hash;
pub use mapping::{
    ColumnRef, Decimals, Derivation, Hidden, Located, Mapping, RegistryRef, ScheduleRef,
};
pub use mend::Mended;
pub use privacy::{Personal, PrivacyTerms};
pub(crate) use privacy::{Privacy, Treatment};
pub use read::{Confidence, Proposal, ProposedColumn, Why, propose, read, read_keeping};
pub(crate) use read::{is_one_table, read_in_blocks};
pub(crate) use registry::says_yes;
pub use registry::{Held, Registry};
pub use reread::{CellText, MarkedRow, read_marked_rows, read_row, read_rows};
pub use row::{Row, RowOrigin, ScheduleRow};
pub use sheets::{CellValue, SheetCells, address, sheets};
pub use source::shared_key;

use crate::finding::Finding;

/// What was read: for the manifest, the control totals and `explain`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TapeManifest {
    /// The file as the user named it.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The sheets that were read, in order; one empty name for text files.
    pub sheets: Vec<String>,
    /// For each sheet the row of its headers.
    pub header_rows: Vec<u32>,
    /// For each field the column letters (`H`) it was read from, and the header text; fields of the
    /// schedule are named `schedule.…`.
    pub columns: BTreeMap<String, (String, String)>,
    /// Data rows read, before any finding.
    pub rows: usize,
    /// Whether a cell is named by its column's name and its row, not by letters: a tape without sheets.
    pub(crate) names_columns: bool,
    /// The cells that were read otherwise than they stand, in the order of the tape.
    pub mends: Vec<Mended>,
    /// The file of mends.
    pub mend_path: Option<PathBuf>,
    /// The file of receivables that other deals hold.
    pub registry_path: Option<PathBuf>,
    /// What is masked or hashed of each column.
    pub(crate) privacy: Privacy,
}

impl TapeManifest {
    /// A cell as a finding names it: `H4211`, or `未偿本金余额, 4211` where columns have no letters.
    pub(crate) fn cell(&self, letters: &str, header: &str, row: u32) -> String {
        match self.names_columns {
            true if row == 0 => header.to_string(),
            true if header.is_empty() => row.to_string(),
            true => format!("{header}, {row}"),
            false => format!("{letters}{row}"),
        }
    }

    /// The column letters and the row of such a name; the row of a header is 0 there.
    pub(crate) fn letters_and_row(&self, cell: &str) -> Option<(String, u32)> {
        if !self.names_columns {
            let digits = cell.find(|c: char| c.is_ascii_digit()).unwrap_or(cell.len());
            let (letters, row) = cell.split_at(digits);
            return Some((letters.to_string(), row.parse().ok()?));
        }
        let (header, row) = cell.rsplit_once(", ").unwrap_or(("", cell));
        let letters = self.columns.values().find(|(_, text)| text == header);
        Some((letters.map(|(letters, _)| letters.clone()).unwrap_or_default(), row.parse().ok()?))
    }
}

/// A text column, each distinct text once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts {
    /// The distinct texts, in order, after the mapping's `[values]`.
    pub values: Vec<Box<str>>,
    /// For each row the index of its text; rows without one have the empty text.
    pub codes: Vec<u32>,
}

/// The rows of a tape as typed fields, with what was found while reading them.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// What was read.
    pub manifest: TapeManifest,
    /// The receivables' rows, in the order of the tape.
    pub rows: Vec<Row>,
    /// Text columns by canonical name; always `product`, `repayment_method` and `status`.
    pub texts: BTreeMap<String, Texts>,
    /// The lines of the repayment schedule, in the order of the tape; `None` without one.
    pub schedule: Option<Vec<ScheduleRow>>,
    /// The receivables that other deals hold; `None` without a registry.
    pub registry: Option<Arc<Registry>>,
    /// How the rate's numbers are to be taken, by sheet.
    pub rate_units: Vec<Unit>,
    /// The cut-off date stated by the mapping.
    pub cutoff: Option<NaiveDate>,
    /// The rule "first due date that many months after origination", when the mapping states it.
    pub months_after_origination: Option<u32>,
    /// The fields that some column, constant or rule provides.
    pub provided: BTreeSet<Field>,
    /// What was found about the file, its headers and its totals.
    pub findings: Vec<Finding>,
    /// For each sheet of receivables the column letters and header by field.
    pub(crate) sheet_columns: Vec<BTreeMap<String, (String, String)>>,
    /// What was found about cells.
    pub(crate) faults: Faults,
    /// The file.
    pub(crate) path: PathBuf,
    /// The file of the schedule, when it is another one.
    pub(crate) schedule_path: Option<PathBuf>,
}
