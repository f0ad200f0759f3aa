//! Workbooks: xlsx, xlsm and xlsb cell by cell; xls and ods, which their reader parses whole.
//!
//! Cells are read as they stand in the file, never as a bounding box: a sheet formatted down to its
//! last row costs nothing.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SyncSender};

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError,
    Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::Error;
use super::cell::{Cell, Raw, plain};
use super::source::{Each, Sheet, open_error};

/// Most cells of one sheet: a million rows of 250 columns.
const CELLS_MAX: u64 = 250_000_000;
/// Largest xls or ods file, which is parsed whole.
const WHOLE_BYTES_MAX: u64 = 256 << 20;

type Input = BufReader<File>;
type Open = fn(&Path) -> Result<Book, Error>;

enum Book {
    Xlsx(Xlsx<Input>),
    Xlsb(Xlsb<Input>),
    Xls(Xls<Input>),
    Ods(Ods<Input>),
}

/// An open workbook.
pub(super) struct Workbook {
    path: PathBuf,
    book: Book,
}

impl Workbook {
    pub(super) fn open(path: &Path) -> Result<Workbook, Error> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
        let mut formats: [Open; 4] = [xlsx, xlsb, ods, xls];
        // The format that the name promises goes first: its complaint is the one to report.
        let first = match extension.as_str() {
            "xlsb" => 1,
            "ods" => 2,
            "xls" => 3,
            _ => 0,
        };
        formats.swap(0, first);
        let mut complaint = None;
        for format in formats {
            match format(path) {
                Ok(book) => return Ok(Workbook { path: path.into(), book }),
                Err(error @ (Error::Encrypted { .. } | Error::TooLarge { .. })) => {
                    return Err(error);
                }
                Err(error) => complaint = complaint.or(Some(error)),
            }
        }
        Err(complaint.expect("four formats were tried"))
    }

    /// Whether the reader of the format says nothing of how cells are formatted.
    pub(super) fn hides_percent(&self) -> bool {
        !matches!(self.book, Book::Xlsx(_))
    }

    /// Whether nothing can be said of hidden rows and of formulas.
    pub(super) fn hides_rows(&self) -> bool {
        matches!(self.book, Book::Xls(_))
    }

    pub(super) fn sheets(&self) -> Vec<Sheet> {
        let metadata = match &self.book {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        let tables = metadata.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        tables
            .map(|sheet| Sheet {
                name: sheet.name.clone(),
                visible: sheet.visible == SheetVisible::Visible,
            })
            .collect()
    }

    pub(super) fn rows(&mut self, sheet: &str, each: Each) -> Result<(), Error> {
        let path = &self.path;
        match &mut self.book {
            Book::Xlsx(book) => xlsx_rows(book, path, sheet, each),
            Book::Xlsb(book) => xlsb_rows(book, path, sheet, each),
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|e| damaged(path, e))?;
                whole_rows(&range, path, each)
            }
            Book::Ods(book) => {
                let range = book.worksheet_range(sheet).map_err(|e| damaged(path, e))?;
                whole_rows(&range, path, each)
            }
        }
    }
}

fn input(path: &Path) -> Result<Input, Error> {
    File::open(path).map(BufReader::new).map_err(|source| open_error(path, source))
}

fn xlsx(path: &Path) -> Result<Book, Error> {
    Xlsx::new(input(path)?).map(Book::Xlsx).map_err(|error| match error {
        XlsxError::Password => Error::Encrypted { path: path.into() },
        other => damaged(path, other),
    })
}

fn xlsb(path: &Path) -> Result<Book, Error> {
    Xlsb::new(input(path)?).map(Book::Xlsb).map_err(|error| match error {
        XlsbError::Password => Error::Encrypted { path: path.into() },
        other => damaged(path, other),
    })
}

fn xls(path: &Path) -> Result<Book, Error> {
    small_enough(path)?;
    Xls::new(input(path)?).map(Book::Xls).map_err(|error| match error {
        XlsError::Password => Error::Encrypted { path: path.into() },
        other => damaged(path, other),
    })
}

fn ods(path: &Path) -> Result<Book, Error> {
    small_enough(path)?;
    Ods::new(input(path)?).map(Book::Ods).map_err(|error| match error {
        OdsError::Password => Error::Encrypted { path: path.into() },
        other => damaged(path, other),
    })
}

fn small_enough(path: &Path) -> Result<(), Error> {
    let length = path.metadata().map_err(|source| open_error(path, source))?.len();
    if length > WHOLE_BYTES_MAX {
        return Err(Error::TooLarge { path: path.into(), cells: CELLS_MAX });
    }
    Ok(())
}

fn damaged(path: &Path, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    let reason = "damaged, cut off, or of another format than its name says";
    Error::NotAWorkbook { path: path.into(), reason, source: Some(Box::new(cause)) }
}

/// Gathers the cells that are not empty into rows.
struct Rows<'a, 'f> {
    row: u32,
    /// Cells of the reader with whether they are formatted as percentages; their text is borrowed.
    held: Vec<Held<'a>>,
    each: Each<'f>,
}

impl<'a, 'f> Rows<'a, 'f> {
    fn new(each: Each<'f>) -> Rows<'a, 'f> {
        Rows { row: 0, held: Vec::new(), each }
    }

    /// Takes the next cell; false when the reader of the rows has enough.
    #[inline]
    fn push(&mut self, cell: calamine::Cell<DataRef<'a>>, percent: bool) -> bool {
        if matches!(cell.get_value(), DataRef::Empty) {
            return true;
        }
        let row = cell.get_position().0;
        if row != self.row && !self.finish() {
            return false;
        }
        self.row = row;
        self.held.push((cell, percent));
        true
    }

    fn finish(&mut self) -> bool {
        let mut cells = Vec::with_capacity(self.held.len());
        for (cell, percent) in &self.held {
            let column = cell.get_position().1 as usize;
            cells.extend(raw(cell.get_value(), *percent).map(|raw| Cell { column, raw }));
        }
        let go_on = cells.is_empty() || (self.each)(self.row + 1, &cells);
        drop(cells);
        self.held.clear();
        go_on
    }
}

/// A cell of the reader with whether it is formatted as a percentage.
type Held<'a> = (calamine::Cell<DataRef<'a>>, bool);

/// Cells that are handed from the unpacking thread to the parsing one at a time, and how many such
/// batches may wait.
const BATCH: usize = 4096;
const BATCHES: usize = 8;

/// One thread unpacks the sheet, this one parses: the order of the cells stays that of the file.
fn xlsx_rows(book: &mut Xlsx<Input>, path: &Path, sheet: &str, each: Each) -> Result<(), Error> {
    let (sender, batches) = mpsc::sync_channel(BATCHES);
    std::thread::scope(|scope| {
        let unpacking = scope.spawn(move || unpack(book, path, sheet, &sender));
        let mut rows = Rows::new(each);
        let all = batches.iter().flatten().all(|(cell, percent)| rows.push(cell, percent));
        if all {
            rows.finish();
        }
        // Without a receiver the other thread stops at its next batch.
        drop(batches);
        unpacking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn unpack<'a>(
    book: &'a mut Xlsx<Input>,
    path: &Path,
    sheet: &str,
    sender: &SyncSender<Vec<Held<'a>>>,
) -> Result<(), Error> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| damaged(path, e))?;
    let is_percent = |style: &calamine::Style| {
        style.number_format.as_ref().is_some_and(|format| multiplies(&format.format_code))
    };
    let percent: Vec<bool> = reader.styles().iter().map(is_percent).collect();
    let mut seen = 0_u64;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            let next = reader.next_cell_with_style_id().map_err(|e| damaged(path, e));
            let next = match next {
                Ok(next) => next,
                Err(error) => {
                    // What came before the damage is still told.
                    let _ = sender.send(batch);
                    return Err(error);
                }
            };
            let Some((cell, style)) = next else {
                let _ = sender.send(batch);
                return Ok(());
            };
            seen += 1;
            if !matches!(cell.get_value(), DataRef::Empty) {
                batch.push((cell, percent.get(style).copied().unwrap_or(false)));
            }
            within_limit(seen, path)?;
        }
        if sender.send(batch).is_err() {
            return Ok(());
        }
    }
}

/// Whether a number format shows the number times a hundred: a percent sign that is not merely
/// quoted (`0.00"%"` shows 6.9 as 6.90%).
fn multiplies(code: &str) -> bool {
    let (mut quoted, mut letters) = (false, code.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' => {
                letters.next();
            }
            '%' if !quoted => return true,
            _ => {}
        }
    }
    false
}

fn within_limit(seen: u64, path: &Path) -> Result<(), Error> {
    if seen > CELLS_MAX {
        return Err(Error::TooLarge { path: path.into(), cells: CELLS_MAX });
    }
    Ok(())
}

fn xlsb_rows(book: &mut Xlsb<Input>, path: &Path, sheet: &str, each: Each) -> Result<(), Error> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| damaged(path, e))?;
    let (mut rows, mut seen) = (Rows::new(each), 0);
    while let Some(cell) = reader.next_cell().map_err(|e| damaged(path, e))? {
        seen += 1;
        if !rows.push(cell, false) {
            return Ok(());
        }
        within_limit(seen, path)?;
    }
    rows.finish();
    Ok(())
}

fn whole_rows(range: &calamine::Range<Data>, path: &Path, each: Each) -> Result<(), Error> {
    let (top, left) = range.start().unwrap_or_default();
    let mut seen = 0;
    for (row, values) in (top..).zip(range.rows()) {
        seen += values.len() as u64;
        within_limit(seen, path)?;
        let cells: Vec<Cell> = (left as usize..)
            .zip(values)
            .filter_map(|(column, value)| owned(value).map(|raw| Cell { column, raw }))
            .collect();
        if !cells.is_empty() && !each(row + 1, &cells) {
            break;
        }
    }
    Ok(())
}

/// The cell's content, its text borrowed from the reader's cell.
#[inline]
fn raw<'c>(value: &'c DataRef<'_>, percent: bool) -> Option<Raw<'c>> {
    match value {
        #[allow(clippy::cast_precision_loss)]
        DataRef::Int(value) => Some(Raw::Number { value: *value as f64, percent }),
        DataRef::Float(value) => Some(Raw::Number { value: *value, percent }),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text_of(Cow::Borrowed(text))
        }
        DataRef::SharedString(text) => text_of(Cow::Borrowed(text)),
        DataRef::Bool(value) => text_of(Cow::Borrowed(if *value { "TRUE" } else { "FALSE" })),
        DataRef::DateTime(moment) => Some(day_of(*moment)),
        DataRef::Error(error) => text_of(Cow::Owned(error.to_string())),
        DataRef::Empty => None,
    }
}

/// The same for the readers that own their cells.
fn owned(value: &Data) -> Option<Raw<'_>> {
    match value {
        #[allow(clippy::cast_precision_loss)]
        Data::Int(value) => Some(Raw::Number { value: *value as f64, percent: false }),
        Data::Float(value) => Some(Raw::Number { value: *value, percent: false }),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text_of(Cow::Borrowed(text))
        }
        Data::Bool(value) => text_of(Cow::Borrowed(if *value { "TRUE" } else { "FALSE" })),
        Data::DateTime(moment) => Some(day_of(*moment)),
        Data::Error(error) => text_of(Cow::Owned(error.to_string())),
        Data::Empty => None,
    }
}

fn text_of(text: Cow<str>) -> Option<Raw> {
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(plain(text)),
        Cow::Owned(text) => Cow::Owned(plain(&text).to_string()),
    };
    (!text.is_empty()).then_some(Raw::Text(text))
}

fn day_of(moment: ExcelDateTime) -> Raw<'static> {
    match moment.as_datetime() {
        Some(time) if moment.is_datetime() => Raw::Date(time.date()),
        Some(_) | None => Raw::Number { value: moment.as_f64(), percent: false },
    }
}
