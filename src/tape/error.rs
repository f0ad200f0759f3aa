//! What keeps a tape from being read at all: the surroundings, not the data.

use std::error::Error as StdError;
use std::path::PathBuf;

/// A cause in a third party's words, kept for the chain.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// Why a file could not be read as a tape.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("cannot open the tape `{}`", path.display())]
    Open {
        /// The file as the user named it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is encrypted.
    #[error("`{}` is protected with a password: save a copy without one", path.display())]
    Encrypted {
        /// The file as the user named it.
        path: PathBuf,
    },
    /// The content is no workbook and no text table, or a damaged one.
    #[error("`{}` is no readable workbook or text table ({reason})", path.display())]
    NotAWorkbook {
        /// The file as the user named it.
        path: PathBuf,
        /// What it seems to be instead.
        reason: &'static str,
        /// What the reader of the format said.
        source: Option<Cause>,
    },
    /// The file is Parquet, and the program was built without a reader of it.
    #[error(
        "`{}` is Parquet, which this program was built without: build it with \
         `cargo install --path . --features parquet`, or save the tape as csv",
        path.display()
    )]
    NoParquet {
        /// The file as the user named it.
        path: PathBuf,
    },
    /// A part of the file is larger than any tape's, or packed as tightly as only a trap is.
    #[error(
        "`{}` unpacks to more than {megabytes} MB (`{part}`): no tape is packed so; \
         save the sheet as csv",
        path.display()
    )]
    Inflates {
        /// The file as the user named it.
        path: PathBuf,
        /// The part of the archive.
        part: String,
        /// What it unpacks to, at least.
        megabytes: u64,
    },
    /// The mapping asks for a sheet that is not there.
    #[error("`{}` has no sheet `{sheet}`; it has {}", path.display(), present.join(", "))]
    NoSuchSheet {
        /// The file as the user named it.
        path: PathBuf,
        /// The sheet asked for.
        sheet: String,
        /// The sheets present, in order.
        present: Vec<String>,
    },
    /// The file holds more cells than can be read.
    #[error("`{}` holds more than {cells} cells: split it, or save it as csv", path.display())]
    TooLarge {
        /// The file as the user named it.
        path: PathBuf,
        /// The limit.
        cells: u64,
    },
}
