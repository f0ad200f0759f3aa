//! Parquet: a table of typed columns, read a few thousand rows at a time.
//!
//! Columns have names and rows have numbers from 1; there are no letters and no header row. What
//! stands in a column is taken as exactly as its type allows:
//!
//! | Type | Read as |
//! |---|---|
//! | decimal, whole numbers | the number, exactly |
//! | double, float | the number with the fewest digits that is this one; money of it has two decimals or a finding (P0108) |
//! | date, time stamp | the day |
//! | text, and anything in a dictionary | the text |
//! | list, map | nothing |

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescPtr;
use rust_decimal::Decimal;

use super::Error;
use super::cell::{Cell, Raw};
use super::source::{Each, open_error};

/// Rows that are held at a time.
const ROWS: usize = 4096;

/// A Parquet file that was recognised.
pub(super) struct ParquetTable {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

impl ParquetTable {
    pub(super) fn open(path: &Path) -> Result<ParquetTable, Error> {
        let file = File::open(path).map_err(|source| open_error(path, source))?;
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, error))?;
        Ok(ParquetTable { path: path.into(), reader })
    }

    /// Hands the names of the columns to `each` as row 0, then every row.
    pub(super) fn rows(&self, each: Each) -> Result<(), Error> {
        let failed = |error| damaged(&self.path, error);
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let names: Vec<Cell> = (schema.columns().iter().enumerate())
            .filter(|(_, column)| column.max_rep_level() == 0)
            .map(|(column, of)| Cell { column, raw: Raw::Text(Cow::Owned(of.path().string())) })
            .collect();
        if !each(0, &names) {
            return Ok(());
        }
        let mut number = 0_u32;
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group).map_err(failed)?;
            let mut columns = Vec::with_capacity(names.len());
            for Cell { column, .. } in &names {
                let reader = group.get_column_reader(*column).map_err(failed)?;
                columns.push(Column::new(*column, schema.column(*column), reader));
            }
            let mut left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            while left > 0 {
                let rows = left.min(ROWS);
                for column in &mut columns {
                    column.read(rows).map_err(failed)?;
                }
                for _ in 0..rows {
                    number = number.saturating_add(1);
                    let cells: Vec<Cell> = columns.iter_mut().filter_map(Column::next).collect();
                    if !cells.is_empty() && !each(number, &cells) {
                        return Ok(());
                    }
                }
                left -= rows;
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, error: ParquetError) -> Error {
    let reason = "damaged, cut off, or packed in a way that is not supported";
    Error::NotAWorkbook { path: path.into(), reason, source: Some(Box::new(error)) }
}

/// A column of a group of rows while it is read.
struct Column {
    /// Its place among all columns.
    column: usize,
    values: Values,
}

/// What a column's numbers mean.
#[derive(Clone, Copy)]
enum Meaning {
    Number,
    Unsigned,
    /// A whole number of 10⁻ˢᶜᵃˡᵉ.
    Decimal(u32),
    /// Days since 1970-01-01.
    Day,
    /// Time since 1970-01-01, so many to a day.
    Moment(i64),
    Text,
}

enum Values {
    Bool(Batch<parquet::data_type::BoolType>),
    Int32(Batch<parquet::data_type::Int32Type>, Meaning),
    Int64(Batch<parquet::data_type::Int64Type>, Meaning),
    Int96(Batch<parquet::data_type::Int96Type>),
    Float(Batch<parquet::data_type::FloatType>),
    Double(Batch<parquet::data_type::DoubleType>),
    Bytes(Batch<parquet::data_type::ByteArrayType>, Meaning),
    Fixed(Batch<parquet::data_type::FixedLenByteArrayType>, Meaning),
}

/// The rows at hand: which of them have a value, and the values.
struct Batch<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// The level of definition at which there is a value.
    defined: i16,
    levels: Vec<i16>,
    values: Vec<T::T>,
    row: usize,
    value: usize,
}

impl<T: DataType> Batch<T> {
    fn new(reader: ColumnReaderImpl<T>, defined: i16) -> Batch<T> {
        let (levels, values) = (Vec::new(), Vec::new());
        Batch { reader, defined, levels, values, row: 0, value: 0 }
    }

    fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        self.values.clear();
        (self.row, self.value) = (0, 0);
        let mut done = 0;
        while done < rows {
            let levels = (self.defined > 0).then_some(&mut self.levels);
            let (records, _, _) =
                self.reader.read_records(rows - done, levels, None, &mut self.values)?;
            if records == 0 {
                let message = "a column ends before its rows do".to_string();
                return Err(ParquetError::General(message));
            }
            done += records;
        }
        Ok(())
    }

    /// The value of the next row.
    #[inline]
    fn next(&mut self) -> Option<&T::T> {
        let row = self.row;
        self.row += 1;
        if self.defined > 0 && self.levels.get(row).is_none_or(|level| *level < self.defined) {
            return None;
        }
        self.value += 1;
        self.values.get(self.value - 1)
    }
}

impl Column {
    fn new(column: usize, of: ColumnDescPtr, reader: ColumnReader) -> Column {
        let (meaning, defined) = (meaning(&of), of.max_def_level());
        let values = match reader {
            ColumnReader::BoolColumnReader(reader) => Values::Bool(Batch::new(reader, defined)),
            ColumnReader::Int32ColumnReader(reader) => {
                Values::Int32(Batch::new(reader, defined), meaning)
            }
            ColumnReader::Int64ColumnReader(reader) => {
                Values::Int64(Batch::new(reader, defined), meaning)
            }
            ColumnReader::Int96ColumnReader(reader) => Values::Int96(Batch::new(reader, defined)),
            ColumnReader::FloatColumnReader(reader) => Values::Float(Batch::new(reader, defined)),
            ColumnReader::DoubleColumnReader(reader) => Values::Double(Batch::new(reader, defined)),
            ColumnReader::ByteArrayColumnReader(reader) => {
                Values::Bytes(Batch::new(reader, defined), meaning)
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                Values::Fixed(Batch::new(reader, defined), meaning)
            }
        };
        Column { column, values }
    }

    fn read(&mut self, rows: usize) -> Result<(), ParquetError> {
        match &mut self.values {
            Values::Bool(batch) => batch.read(rows),
            Values::Int32(batch, _) => batch.read(rows),
            Values::Int64(batch, _) => batch.read(rows),
            Values::Int96(batch) => batch.read(rows),
            Values::Float(batch) => batch.read(rows),
            Values::Double(batch) => batch.read(rows),
            Values::Bytes(batch, _) => batch.read(rows),
            Values::Fixed(batch, _) => batch.read(rows),
        }
    }

    /// The cell of the next row, when there is something in it.
    fn next(&mut self) -> Option<Cell<'_>> {
        let column = self.column;
        let raw = match &mut self.values {
            Values::Bool(batch) => {
                let word = if *batch.next()? { "TRUE" } else { "FALSE" };
                Some(Raw::Text(Cow::Borrowed(word)))
            }
            Values::Int32(batch, meaning) => {
                let value = *batch.next()?;
                let unsigned = i64::from(value.cast_unsigned());
                let is_unsigned = matches!(meaning, Meaning::Unsigned);
                whole(if is_unsigned { unsigned } else { i64::from(value) }.into(), *meaning)
            }
            Values::Int64(batch, meaning) => {
                let value = *batch.next()?;
                let is_unsigned = matches!(meaning, Meaning::Unsigned);
                whole(
                    if is_unsigned { value.cast_unsigned().into() } else { value.into() },
                    *meaning,
                )
            }
            Values::Int96(batch) => {
                // The last word is a Julian day.
                let day = i64::from(*batch.next()?.data().last()?);
                date(day - 2_440_588)
            }
            // The digits that a reader of the file is shown.
            Values::Float(batch) => number(batch.next()?.to_string().parse().ok()?),
            Values::Double(batch) => number(*batch.next()?),
            Values::Bytes(batch, meaning) => bytes(batch.next()?.data(), *meaning),
            Values::Fixed(batch, meaning) => bytes(batch.next()?.data(), *meaning),
        };
        let raw = raw.filter(|raw| !matches!(raw, Raw::Text(text) if text.trim().is_empty()))?;
        Some(Cell { column, raw })
    }
}

fn meaning(column: &ColumnDescPtr) -> Meaning {
    const DAY_SECONDS: i64 = 86_400;
    let scale = || u32::try_from(column.type_scale()).unwrap_or(0);
    let moment = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => DAY_SECONDS * 1_000,
        TimeUnit::MICROS => DAY_SECONDS * 1_000_000,
        TimeUnit::NANOS => DAY_SECONDS * 1_000_000_000,
    };
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Decimal(_)), _) | (_, ConvertedType::DECIMAL) => {
            Meaning::Decimal(scale())
        }
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Meaning::Day,
        (Some(LogicalType::Timestamp(of)), _) => Meaning::Moment(moment(&of.unit)),
        (_, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Moment(moment(&TimeUnit::MILLIS)),
        (_, ConvertedType::TIMESTAMP_MICROS) => Meaning::Moment(moment(&TimeUnit::MICROS)),
        (Some(LogicalType::Integer(of)), _) if !of.is_signed => Meaning::Unsigned,
        (
            _,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
        ) => Meaning::Unsigned,
        (None, ConvertedType::NONE) => match column.physical_type() {
            parquet::basic::Type::BYTE_ARRAY | parquet::basic::Type::FIXED_LEN_BYTE_ARRAY => {
                Meaning::Text
            }
            _ => Meaning::Number,
        },
        (Some(LogicalType::Integer(_)), _)
        | (
            _,
            ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64,
        ) => Meaning::Number,
        _ => Meaning::Text,
    }
}

/// Whole numbers below this are doubles, and so are their decimal fractions as far as digits go.
const EXACT: u128 = 1_000_000_000_000_000;

/// A whole number by its meaning.
fn whole(value: i128, meaning: Meaning) -> Option<Raw<'static>> {
    match meaning {
        Meaning::Day => date(i64::try_from(value).ok()?),
        Meaning::Moment(of_day) => date(i64::try_from(value).ok()?.div_euclid(of_day)),
        Meaning::Decimal(scale) => Some(decimal(value, scale)),
        Meaning::Number | Meaning::Unsigned | Meaning::Text => Some(decimal(value, 0)),
    }
}

/// A decimal number: as the double that is written with its digits, or as those digits.
#[allow(clippy::cast_precision_loss)]
fn decimal(value: i128, scale: u32) -> Raw<'static> {
    if value.unsigned_abs() < EXACT && scale <= 15 {
        // Both are exact, so the quotient is the double next to the decimal number.
        let power = 10_u64.pow(scale) as f64;
        return Raw::Number { value: value as f64 / power, percent: false };
    }
    let text = match Decimal::try_from_i128_with_scale(value, scale) {
        Ok(number) => number.to_string(),
        Err(_) => format!("{value}e-{scale}"),
    };
    Raw::Text(Cow::Owned(text))
}

fn date(day: i64) -> Option<Raw<'static>> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    let days = Days::new(day.unsigned_abs());
    let date = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    Some(date.map_or_else(|| Raw::Text(Cow::Owned(format!("day {day}"))), Raw::Date))
}

/// A double; some writers store "not a number" where there is nothing.
fn number(value: f64) -> Option<Raw<'static>> {
    match () {
        () if value.is_nan() => None,
        () if value.is_infinite() => Some(Raw::Text(Cow::Owned(value.to_string()))),
        () => Some(Raw::Number { value, percent: false }),
    }
}

/// Bytes: text, or a decimal number, the highest byte first.
fn bytes(bytes: &[u8], meaning: Meaning) -> Option<Raw<'_>> {
    let Meaning::Decimal(scale) = meaning else {
        return Some(Raw::Text(String::from_utf8_lossy(bytes)));
    };
    if bytes.is_empty() || bytes.len() > 16 {
        return Some(Raw::Text(Cow::Owned(format!("decimal of {} bytes", bytes.len()))));
    }
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [sign; 16];
    wide[16 - bytes.len()..].copy_from_slice(bytes);
    Some(decimal(i128::from_be_bytes(wide), scale))
}
