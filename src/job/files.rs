//! The files of a job: read once, hashed, named as the user named them.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::Error;
use crate::config::{Document, Source};
use crate::finding::Finding;
use crate::report::{Manifest, ManifestFile};

/// The role of a file that another one extends.
const BASE: &str = "base_file";

/// Reads a file of the user's keys, with the files that it extends.
pub(super) fn document(
    path: &Path,
    role: &'static str,
    manifest: &mut Manifest,
) -> Result<Result<Document, Vec<Finding>>, Error> {
    let failed = |source| Error::Read { path: path.to_path_buf(), source };
    let source = read(path, &name(path), role, manifest).map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut load = |base: &str| read(&folder.join(base), base, BASE, manifest).map(Source::from);
    Ok(Document::open(&name(path), source.into(), &mut load))
}

/// Reads a file's text.
pub(super) fn text(
    path: &Path,
    role: &'static str,
    manifest: &mut Manifest,
) -> Result<String, Error> {
    let failed = |source| Error::Read { path: path.to_path_buf(), source };
    read(path, &name(path), role, manifest).map_err(failed)
}

/// Reads a text beside another file, under the name that the other file gives it.
pub(super) fn read(
    path: &Path,
    name: &str,
    role: &'static str,
    manifest: &mut Manifest,
) -> std::io::Result<String> {
    let bytes = std::fs::read(path)?;
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    manifest.files.push(ManifestFile { role, name: name.to_string(), sha256 });
    let text = String::from_utf8(bytes).map_err(std::io::Error::other)?;
    Ok(text.strip_prefix('\u{feff}').map(ToString::to_string).unwrap_or(text))
}

/// The file's own name: reports and findings must not depend on where the user's folder is.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
