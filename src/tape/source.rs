//! The file behind a tape: which format it is by its content, its sheets, its rows as cells.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Error;
use super::cell::Cell;
use super::from_text::{Encoding, TextTable};
use super::from_workbook::Workbook;

/// A sheet of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sheet {
    /// Its name; empty for text files.
    pub(super) name: String,
    /// Whether a reader of the file sees it.
    pub(super) visible: bool,
}

/// An open file.
pub(super) enum Source {
    /// xlsx, xlsm, xlsb, xls, ods.
    Workbook(Box<Workbook>),
    /// csv and its kin.
    Text(TextTable),
    /// Parquet.
    #[cfg(feature = "parquet")]
    Parquet(Box<super::from_parquet::ParquetTable>),
}

/// Takes a row: its number as the spreadsheet shows it and its cells that are not empty. Returns
/// whether to go on.
pub(super) type Each<'f> = &'f mut dyn FnMut(u32, &[Cell<'_>]) -> bool;

impl Source {
    /// Opens the file by its first bytes; the name only decides between the zipped formats.
    pub(super) fn open(path: &Path) -> Result<Source, Error> {
        let mut head = [0; 512];
        let mut file = File::open(path).map_err(|source| open_error(path, source))?;
        let length = file.read(&mut head).map_err(|source| open_error(path, source))?;
        let head = &head[..length];
        if is_container(head) {
            super::archive::check(path)?;
            Workbook::open(path).map(Box::new).map(Source::Workbook)
        } else if head.starts_with(b"PAR1") {
            Source::parquet(path)
        } else {
            TextTable::open(path).map(Source::Text)
        }
    }

    #[cfg(feature = "parquet")]
    fn parquet(path: &Path) -> Result<Source, Error> {
        super::from_parquet::ParquetTable::open(path).map(Box::new).map(Source::Parquet)
    }

    #[cfg(not(feature = "parquet"))]
    fn parquet(path: &Path) -> Result<Source, Error> {
        Err(Error::NoParquet { path: path.into() })
    }

    /// Whether this has sheets with names; anything else is one table.
    pub(super) fn has_sheets(&self) -> bool {
        matches!(self, Source::Workbook(_))
    }

    /// Whether a cell that is formatted as a percentage cannot be told from a plain number.
    pub(super) fn hides_percent(&self) -> bool {
        matches!(self, Source::Workbook(workbook) if workbook.hides_percent())
    }

    /// Whether hidden rows and formulas of the format cannot be seen.
    pub(super) fn hides_rows(&self) -> bool {
        matches!(self, Source::Workbook(workbook) if workbook.hides_rows())
    }

    /// Whether columns have names and no letters, and rows are counted below them.
    pub(super) fn names_columns(&self) -> bool {
        match self {
            Source::Workbook(_) | Source::Text(_) => false,
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => true,
        }
    }

    /// Whether the file is one table from its first line to its last, read as a stream.
    pub(super) fn is_one_table(path: &Path) -> Result<bool, Error> {
        let mut head = [0; 8];
        let mut file = File::open(path).map_err(|source| open_error(path, source))?;
        let length = file.read(&mut head).map_err(|source| open_error(path, source))?;
        Ok(!is_container(&head[..length]))
    }

    /// The sheets, in order.
    pub(super) fn sheets(&self) -> Vec<Sheet> {
        match self {
            Source::Workbook(workbook) => workbook.sheets(),
            Source::Text(_) => vec![Sheet { name: String::new(), visible: true }],
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => vec![Sheet { name: String::new(), visible: true }],
        }
    }

    /// How a text file was decoded; `None` for anything else.
    pub(super) fn encoding(&self) -> Option<Encoding> {
        match self {
            Source::Workbook(_) => None,
            Source::Text(table) => Some(table.encoding),
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => None,
        }
    }

    /// Hands every row of a sheet to `each`, top down, until it returns false.
    pub(super) fn rows(&mut self, sheet: &str, each: Each) -> Result<(), Error> {
        match self {
            Source::Workbook(workbook) => workbook.rows(sheet, each),
            Source::Text(table) => table.rows(each),
            #[cfg(feature = "parquet")]
            Source::Parquet(table) => table.rows(each),
        }
    }
}

/// Whether the first bytes are those of a workbook: a zip archive, or an older container.
fn is_container(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// The SHA-256 of a file in hex, and another hash of it that only who has the file can make.
pub(super) fn hashes(path: &Path) -> Result<(String, [u8; 32]), Error> {
    let mut file = File::open(path).map_err(|source| open_error(path, source))?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 17]);
    let mut secret = Sha256::new_with_prefix(b"cashfall personal data");
    loop {
        let length = file.read(&mut buffer).map_err(|source| open_error(path, source))?;
        if length == 0 {
            break;
        }
        hasher.update(&buffer[..length]);
        secret.update(&buffer[..length]);
    }
    let shown = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((shown, secret.finalize().into()))
}

/// A key for the hashes of several tapes, made from one of them; only who has that tape can make it.
///
/// # Errors
///
/// When the file cannot be read.
pub fn shared_key(path: &Path) -> Result<String, Error> {
    Ok(hashes(path)?.1.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn open_error(path: &Path, source: std::io::Error) -> Error {
    Error::Open { path: PathBuf::from(path), source }
}
