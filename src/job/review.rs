//! A job with every finding kept apart, and the rows of the tape that the findings speak of.

use std::collections::BTreeMap;

use super::{Error, Job, Request};
use crate::finding::Finding;
use crate::pool::PoolTape;
use crate::report::ShownRow;
use crate::tape::{self, RowOrigin, TapeManifest};

/// The most findings of one code that are kept apart for a workbook.
const MOST: usize = 10_000;

/// What was found, with the rows that show it.
#[derive(Clone, Debug)]
pub struct Review {
    /// The job, unless a finding forbids to go on.
    pub job: Option<Job>,
    /// The findings, each by itself.
    pub findings: Vec<Finding>,
    /// The rows that they speak of, in the order of the tape.
    pub rows: Vec<ShownRow>,
}

impl Job {
    /// Reads and checks all files of a request like [`Job::open`], and shows every row of the tape
    /// that has a finding.
    ///
    /// # Errors
    ///
    /// When a file cannot be read at all.
    pub fn review(request: &Request) -> Result<Review, Error> {
        let (checked, tapes) = Job::opened(request, MOST)?;
        let (job, findings) = checked.into_parts();
        let several = tapes.len() > 1;
        let mut rows = Vec::new();
        for PoolTape { path, manifest, .. } in &tapes {
            let blamed = blamed(&findings, manifest);
            let origins: Vec<RowOrigin> = blamed.keys().copied().collect();
            let mut read = tape::read_marked_rows(path, manifest, &origins)?;
            let shown = |(origin, blamed): (RowOrigin, BTreeMap<String, Vec<usize>>)| {
                let row = read.remove(&origin).unwrap_or_default();
                let cells = row.cells.into_iter();
                let sheet = &manifest.sheets[usize::from(origin.sheet)];
                let sheet = match (several, sheet.is_empty()) {
                    (false, _) => sheet.clone(),
                    (true, true) => manifest.file.clone(),
                    (true, false) => format!("{} › {sheet}", manifest.file),
                };
                ShownRow {
                    sheet,
                    row: origin.row,
                    key: row.key,
                    cells: cells.map(|cell| (cell.column, cell.header, cell.text)).collect(),
                    blamed,
                }
            };
            rows.extend(blamed.into_iter().map(shown));
        }
        Ok(Review { job, findings, rows })
    }
}

/// The rows of the tape that findings speak of, each with the columns to blame.
fn blamed(
    findings: &[Finding],
    manifest: &TapeManifest,
) -> BTreeMap<RowOrigin, BTreeMap<String, Vec<usize>>> {
    let mut blamed: BTreeMap<RowOrigin, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let origin = &finding.origin;
        let sheet = manifest.sheets.iter().position(|sheet| *sheet == origin.sheet);
        let Some(sheet) = sheet.filter(|_| origin.file == manifest.file) else { continue };
        let header_row = manifest.header_rows.get(sheet).copied().unwrap_or_default();
        let place = manifest.letters_and_row(&origin.cell).filter(|(_, row)| *row > header_row);
        let Some((letters, row)) = place else { continue };
        let sheet = u16::try_from(sheet).expect("a workbook has fewer than 65536 sheets");
        let of_row = blamed.entry(RowOrigin { sheet, row }).or_default();
        of_row.entry(letters).or_default().push(index);
    }
    blamed
}
