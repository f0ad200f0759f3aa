//! Zipped workbooks before they are unpacked: whether a part is larger than any tape's; and single
//! parts of them.
//!
//! Parts that the reader holds whole (shared texts, styles, the list of sheets) are measured by
//! unpacking them, whatever the archive says of their size; sheets are read cell by cell and go by
//! what it says.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::Error;
use super::source::open_error;

/// The most bytes of a part that is held whole.
const WHOLE_MAX: u64 = 1 << 30;
/// The most bytes of a sheet: a million rows of 250 columns at 32 bytes a cell.
const SHEET_MAX: u64 = 8 << 30;
/// Parts above this size must not be packed tighter than tapes ever are.
const LARGE: u64 = 64 << 20;
/// How tightly a part may be packed: sheets of equal rows reach fifty.
const RATIO_MAX: u64 = 250;

/// Refuses an archive with a part that no tape has. What is no archive is left to its own reader.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let file = File::open(path).map_err(|source| open_error(path, source))?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(()) };
    for place in 0..archive.len() {
        let Ok(mut part) = archive.by_index(place) else { continue };
        let Ok(name) = part.name().map(|name| name.into_owned()) else { continue };
        let size = part.size();
        let refused = |bytes: u64| {
            let (path, part) = (path.into(), name.clone());
            Err(Error::Inflates { path, part, megabytes: bytes >> 20 })
        };
        let is_sheet = name.contains("/worksheets/");
        let most = if is_sheet { SHEET_MAX } else { WHOLE_MAX };
        let packed = part.compressed_size().max(1);
        if size > most || (size > LARGE && size / packed > RATIO_MAX) {
            return refused(size);
        }
        // A size that is not true would be found too late in a part that is held whole.
        if !is_sheet {
            let limit = size.max(LARGE).min(most);
            let unpacked = std::io::copy(&mut part.by_ref().take(limit + 1), &mut std::io::sink());
            if unpacked.is_ok_and(|bytes| bytes > limit) {
                return refused(limit);
            }
        }
    }
    Ok(())
}

/// Reads a part of an archive by its name; `None` when there is none, or the file is no archive.
pub(super) fn read_part<T>(
    path: &Path,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> std::io::Result<T>,
) -> Result<Option<T>, Error> {
    let file = File::open(path).map_err(|source| open_error(path, source))?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(None) };
    let Ok(mut part) = archive.by_name(name) else { return Ok(None) };
    read(&mut part).map(Some).map_err(|source| open_error(path, source))
}
