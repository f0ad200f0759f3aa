//! The mend file: cells of a tape that are to be read otherwise than they stand.
//!
//! ```text
//! sheet       row  key            未偿本金余额(元)  放款日        only columns with a wrong cell
//! 应收账款明细  17   9f31c07a55e2   5149.19
//! 应收账款明细  90   04be7711d3aa                   2025-06-20    an empty cell mends nothing
//! ```
//!
//! A row is named by its number and by a keyed hash of its identifier, so that a mend never lands on
//! another receivable when the tape was sorted or sent anew. The tape itself stays as it is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::cell::{Cell, Raw, column_of, letters};
use super::header::{Header, normal};
use super::layout::{Headers, Layout};
use super::source::Source;
use super::{Error, TapeManifest};
use crate::finding::{Finding, Origin};

/// A cell that was read otherwise than it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The cell, such as `H17`.
    pub cell: String,
    /// The header above it.
    pub header: String,
    /// What stands there, masked where it is personal.
    pub old: String,
    /// What is read instead, masked likewise.
    pub new: String,
}

/// The headings of a mend file that name the row; anything else is a column of the tape.
const SHEET: [&str; 2] = ["sheet", "工作表"];
const ROW: [&str; 2] = ["row", "行号"];
const KEY: [&str; 2] = ["key", "校验码"];
/// Headings for the reader's eye.
const TALK: [&str; 3] = ["finding", "问题", "检查结果"];

/// One row of a mend file.
#[derive(Clone, Debug)]
struct Mend {
    origin: Origin,
    key: String,
    cells: Vec<(usize, Raw<'static>)>,
    met: bool,
}

/// A mend file.
#[derive(Clone, Debug, Default)]
pub(super) struct Mends {
    file: String,
    /// The columns of the mend file that mend, with their headings.
    columns: Vec<(usize, String, Origin)>,
    /// By sheet and row of the tape; the cells are by column of the mend file.
    rows: BTreeMap<(String, u32), Mend>,
    findings: Vec<Finding>,
}

impl Mends {
    /// Reads a mend file: the first sheet of a workbook, or a text table.
    pub(super) fn read(path: &Path) -> Result<Mends, Error> {
        let mut source = Source::open(path)?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let sheet = source.sheets().into_iter().next().map(|sheet| sheet.name).unwrap_or_default();
        let mut mends = Mends { file, ..Mends::default() };
        let mut named: Option<[Option<usize>; 3]> = None;
        source.rows(&sheet, &mut |number, cells| {
            match named {
                None => named = Some(mends.headings(&sheet, number, cells)),
                Some(named) => mends.row(&sheet, number, (named, cells)),
            }
            true
        })?;
        Ok(mends)
    }

    /// The columns of sheet, row and key; the others mend.
    fn headings(&mut self, sheet: &str, number: u32, cells: &[Cell]) -> [Option<usize>; 3] {
        let mut named = [None; 3];
        for cell in cells {
            let text = cell.raw.text().into_owned();
            let is = |words: &[&str]| words.iter().any(|word| normal(word) == normal(&text));
            match [&SHEET[..], &ROW, &KEY].into_iter().position(is) {
                Some(place) => named[place] = Some(cell.column),
                None if is(&TALK) => {}
                None => {
                    let at = format!("{}{number}", letters(cell.column));
                    let origin = Origin::cell(&self.file, sheet, at);
                    self.columns.push((cell.column, text, origin));
                }
            }
        }
        named
    }

    fn row(
        &mut self,
        sheet: &str,
        number: u32,
        ([of_sheet, of_row, of_key], cells): ([Option<usize>; 3], &[Cell]),
    ) {
        let at = |column: Option<usize>| {
            cells.iter().find(|cell| Some(cell.column) == column).map(|cell| &cell.raw)
        };
        let text = |column| at(column).map(|raw| raw.text().into_owned()).unwrap_or_default();
        let cell = |column: Option<usize>| {
            let place = column.map(letters).unwrap_or_default();
            Origin::cell(&self.file, sheet, format!("{place}{number}"))
        };
        let mending: Vec<(usize, Raw<'static>)> = cells
            .iter()
            .filter(|cell| self.columns.iter().any(|(column, ..)| *column == cell.column))
            .map(|cell| (cell.column, owned(&cell.raw)))
            .collect();
        if mending.is_empty() {
            return;
        }
        let Ok(row) = text(of_row).parse::<u32>() else {
            self.findings.push(Finding::new("T0034", cell(of_row)).with("row", text(of_row)));
            return;
        };
        let mend = Mend { origin: cell(of_key), key: text(of_key), cells: mending, met: false };
        if self.rows.insert((text(of_sheet), row), mend).is_some() {
            self.findings.push(Finding::new("T0034", cell(of_row)).with("row", row));
        }
    }

    /// The columns of a sheet of the tape that the mend file's columns mean.
    pub(super) fn bind(&mut self, headers: &Headers, layout: &Layout) -> BTreeMap<usize, usize> {
        let mut bound = BTreeMap::new();
        for (column, heading, origin) in &self.columns {
            let by_letters = heading.strip_prefix('=').and_then(column_of);
            let by_header =
                || headers.iter().find(|(_, header)| header.is(heading)).map(|(at, _)| *at);
            let by_field =
                || layout.columns.get(heading.as_str()).and_then(|(letters, _)| column_of(letters));
            match by_letters.or_else(by_header).or_else(by_field) {
                Some(of_tape) => {
                    bound.insert(*column, of_tape);
                }
                None => {
                    let seen = super::layout::seen(headers);
                    let finding = Finding::new("T0033", origin.clone())
                        .with("column", heading)
                        .with("seen", seen);
                    self.findings.push(finding);
                }
            }
        }
        bound
    }

    /// Whether any row of the tape is mended.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The cells of a row of the tape as they are to be read, by column of the tape; nothing when
    /// no mend is for it or the key is another receivable's.
    pub(super) fn of_row(
        &mut self,
        (sheet, row): (&str, u32),
        bound: &BTreeMap<usize, usize>,
        key: impl FnOnce() -> String,
    ) -> Vec<(usize, Raw<'static>)> {
        let Some(mend) = self.rows.get_mut(&(sheet.to_string(), row)) else { return Vec::new() };
        mend.met = true;
        if !mend.key.eq_ignore_ascii_case(&key()) {
            let finding = Finding::new("T0032", mend.origin.clone()).with("row", row);
            self.findings.push(finding.with("sheet", sheet));
            return Vec::new();
        }
        let cells = mend.cells.iter();
        cells.filter_map(|(column, raw)| Some((*bound.get(column)?, raw.clone()))).collect()
    }

    /// What was found; rows that the tape does not have among it.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings;
        for ((sheet, row), mend) in self.rows {
            if !mend.met {
                let finding = Finding::new("T0032", mend.origin).with("row", row);
                findings.push(finding.with("sheet", sheet));
            }
        }
        findings
    }
}

fn owned(raw: &Raw) -> Raw<'static> {
    match raw {
        Raw::Text(text) => Raw::Text(Cow::Owned(text.to_string())),
        Raw::Number { value, percent } => Raw::Number { value: *value, percent: *percent },
        Raw::Date(date) => Raw::Date(*date),
    }
}

/// A row's cells with the mended ones in their place.
pub(super) fn overlaid<'c>(cells: &[Cell<'c>], mends: Vec<(usize, Raw<'static>)>) -> Vec<Cell<'c>> {
    let mut cells = cells.to_vec();
    for (column, raw) in mends {
        match cells.iter_mut().find(|cell| cell.column == column) {
            Some(cell) => cell.raw = raw,
            None => {
                let place = cells.partition_point(|cell| cell.column < column);
                cells.insert(place, Cell { column, raw });
            }
        }
    }
    cells
}

/// The notes of what was mended.
pub(super) fn notes(manifest: &TapeManifest) -> Vec<Finding> {
    let note = |mended: &Mended| {
        let origin = Origin::cell(&manifest.file, &mended.sheet, &mended.cell);
        Finding::new("T0035", origin)
            .with("header", &mended.header)
            .with("old", &mended.old)
            .with("new", &mended.new)
    };
    manifest.mends.iter().map(note).collect()
}

/// The header of a column as it stands.
pub(super) fn header_of(headers: &[(usize, Header)], column: usize) -> String {
    let header = headers.iter().find(|(at, _)| *at == column);
    header.map(|(_, header)| header.text.clone()).unwrap_or_default()
}
