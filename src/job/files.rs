//! The files of a job: read once, hashed, named as the user named them.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Error;
use crate::config::{Block, Document, Source};
use crate::deal::keys::File;
use crate::deal::workbook::{file_of_sheets, from_cells};
use crate::finding::{Checked, Finding};
use crate::report::{Manifest, ManifestFile};
use crate::tape::{self, Mapping};

/// The role of a file that another one extends.
const BASE: &str = "base_file";

/// Whether a file's name promises a workbook.
pub fn is_workbook(path: &Path) -> bool {
    const WORKBOOKS: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xls", "ods"];
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    WORKBOOKS.contains(&extension.as_str())
}

/// The keys of a deal or assumptions file by themselves, whatever it extends. `None` when it cannot
/// be understood at all.
///
/// # Errors
///
/// When the file cannot be read.
pub fn read_keys(path: &Path) -> Result<Checked<Option<Block>>, Error> {
    let source = if is_workbook(path) {
        let sheets = tape::sheets(path)?;
        from_cells(file_of_sheets(&sheets), &name(path), &sheets)
    } else {
        text(path, "deal_file", &mut Manifest::default())?.into()
    };
    Ok(match Document::alone(&name(path), source) {
        Ok(document) => {
            let tree = document.tree();
            Checked::new(Some(tree), document.into_findings())
        }
        Err(findings) => Checked::new(None, findings),
    })
}

/// The keys of a deal or assumptions file with those that it inherits. `None` when a file that it
/// extends cannot be understood.
///
/// # Errors
///
/// When a file cannot be read.
pub fn read_whole(path: &Path, file: File) -> Result<Option<Block>, Error> {
    let role = if file == File::Deal { super::DEAL } else { super::ASSUMPTIONS };
    let document = document(path, role, &mut Manifest::default())?;
    Ok(document.ok().map(|document| document.tree()))
}

/// Reads a file of the user's keys, with the files that it extends.
pub(super) fn document(
    path: &Path,
    (role, file): (&'static str, File),
    manifest: &mut Manifest,
) -> Result<Result<Document, Vec<Finding>>, Error> {
    let first = source(path, &name(path), (role, file), manifest)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut load = |base: &str| {
        let read = source(&folder.join(base), base, (BASE, file), manifest);
        read.map_err(|error| match error {
            Error::Read { source, .. } => source,
            Error::Tape(error) => std::io::Error::other(error),
        })
    };
    Ok(Document::open(&name(path), first, &mut load))
}

/// The findings without those at a cell whose formula has no value: these only follow from that.
pub(super) fn without_echoes(mut findings: Vec<Finding>) -> Vec<Finding> {
    let place = |finding: &Finding| {
        let origin = &finding.origin;
        (origin.file.clone(), origin.sheet.clone(), origin.cell.clone())
    };
    let unvalued: Vec<_> = findings.iter().filter(|f| f.code == "F0127").map(place).collect();
    if !unvalued.is_empty() {
        findings.retain(|f| f.code == "F0127" || !unvalued.contains(&place(f)));
    }
    findings
}

/// The keys of a file as text, with the cells they come from when it is a workbook.
fn source(
    path: &Path,
    name: &str,
    (role, file): (&'static str, File),
    manifest: &mut Manifest,
) -> Result<Source, Error> {
    let bytes = bytes(path, name, role, manifest)?;
    if is_workbook(path) {
        return Ok(from_cells(file, name, &tape::sheets(path)?));
    }
    decoded(path, bytes).map(Source::from)
}

/// Reads a file's text.
pub(super) fn text(
    path: &Path,
    role: &'static str,
    manifest: &mut Manifest,
) -> Result<String, Error> {
    let bytes = bytes(path, &name(path), role, manifest)?;
    decoded(path, bytes)
}

/// Notes a file that somebody else reads.
pub(super) fn note(path: &Path, role: &'static str, manifest: &mut Manifest) -> Result<(), Error> {
    bytes(path, &name(path), role, manifest).map(|_| ())
}

/// Reads a column mapping; without a file, that of standard headers.
pub(super) fn mapping(
    path: Option<PathBuf>,
    role: &'static str,
    manifest: &mut Manifest,
    findings: &mut Vec<Finding>,
) -> Result<Mapping, Error> {
    let Some(path) = path else { return Ok(Mapping::default()) };
    let text = text(&path, role, manifest)?;
    let (mapping, found) = Mapping::from_toml(&text, &name(&path)).into_parts();
    findings.extend(found);
    Ok(mapping)
}

/// Reads a text beside another file, under the name that the other file gives it.
pub(super) fn beside(
    folder: &Path,
    file: &str,
    role: &'static str,
    manifest: &mut Manifest,
) -> std::io::Result<String> {
    let path = folder.join(file);
    let read = bytes(&path, file, role, manifest).and_then(|bytes| decoded(&path, bytes));
    read.map_err(std::io::Error::other)
}

fn bytes(
    path: &Path,
    name: &str,
    role: &'static str,
    manifest: &mut Manifest,
) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_path_buf(), source };
    let bytes = std::fs::read(path).map_err(failed)?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    manifest.files.push(ManifestFile { role, name: name.to_string(), sha256 });
    Ok(bytes)
}

fn decoded(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    let failed = |source| Error::Read { path: path.to_path_buf(), source };
    let text = String::from_utf8(bytes).map_err(|error| failed(std::io::Error::other(error)))?;
    Ok(text.strip_prefix('\u{feff}').map(ToString::to_string).unwrap_or(text))
}

/// The file's own name: reports and findings must not depend on where the user's folder is.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
