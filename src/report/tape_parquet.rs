//! A synthetic tape as Parquet, a group of rows at a time.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use rust_decimal::Decimal;

use crate::synth::ColumnKind;

/// Rows of a group: what is held in memory.
const ROWS: usize = 1 << 16;
/// Decimals of a rate in percent.
const RATE_SCALE: u32 = 10;

/// Writes a synthetic tape of any length in bounded memory: typed columns under `headers`, rows of
/// texts that fit their kinds.
///
/// # Errors
///
/// When a text does not fit the kind of its column, or the file cannot be written.
pub fn lines_parquet(
    path: &Path,
    headers: &[(&str, ColumnKind)],
    lines: impl Iterator<Item = Vec<String>>,
) -> Result<(), ParquetError> {
    let fields = headers.iter().map(|(name, kind)| field(name, *kind).map(Arc::new));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("tape").with_fields(fields).build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("cashfall synth".to_string())
        .build();
    let file = File::create(path).map_err(|error| ParquetError::External(Box::new(error)))?;
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
    let mut columns: Vec<Column> = headers.iter().map(|(_, kind)| Column::new(*kind)).collect();
    let mut rows = 0;
    for line in lines {
        for (column, text) in columns.iter_mut().zip(line) {
            column.push(text)?;
        }
        rows += 1;
        if rows == ROWS {
            write(&mut writer, &mut columns)?;
            rows = 0;
        }
    }
    if rows > 0 {
        write(&mut writer, &mut columns)?;
    }
    writer.close()?;
    Ok(())
}

fn field(name: &str, kind: ColumnKind) -> Result<Type, ParquetError> {
    let scale = |scale: u32| i32::try_from(scale).expect("a scale is small");
    let of = |physical, logical| {
        Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
    };
    match kind {
        ColumnKind::Text => of(Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnKind::Date => of(Physical::INT32, Some(LogicalType::Date)),
        ColumnKind::Count => of(Physical::INT64, None),
        ColumnKind::Money => of(Physical::INT64, Some(LogicalType::decimal(2, 18)))
            .with_precision(18)
            .with_scale(scale(2)),
        ColumnKind::Rate => of(Physical::INT64, Some(LogicalType::decimal(scale(RATE_SCALE), 18)))
            .with_precision(18)
            .with_scale(scale(RATE_SCALE)),
    }
    .build()
}

/// The values of a column in the group of rows at hand.
enum Column {
    Text(Vec<ByteArray>),
    Date(Vec<i32>),
    Decimal(Vec<i64>, u32),
}

impl Column {
    fn new(kind: ColumnKind) -> Column {
        match kind {
            ColumnKind::Text => Column::Text(Vec::new()),
            ColumnKind::Date => Column::Date(Vec::new()),
            ColumnKind::Count => Column::Decimal(Vec::new(), 0),
            ColumnKind::Money => Column::Decimal(Vec::new(), 2),
            ColumnKind::Rate => Column::Decimal(Vec::new(), RATE_SCALE),
        }
    }

    fn push(&mut self, text: String) -> Result<(), ParquetError> {
        let unfit = || ParquetError::General(format!("`{text}` does not fit its column"));
        match self {
            Column::Text(values) => values.push(ByteArray::from(text.into_bytes())),
            Column::Date(values) => {
                let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day of the calendar");
                let date: NaiveDate = text.parse().map_err(|_| unfit())?;
                let days = (date - epoch).num_days();
                values.push(i32::try_from(days).map_err(|_| unfit())?);
            }
            Column::Decimal(values, scale) => {
                let mut number = Decimal::from_str_exact(&text).map_err(|_| unfit())?;
                let exact = number;
                number.rescale(*scale);
                let whole = i64::try_from(number.mantissa()).ok().filter(|_| number == exact);
                values.push(whole.ok_or_else(unfit)?);
            }
        }
        Ok(())
    }
}

/// Writes the rows at hand as a group and forgets them.
fn write(
    writer: &mut SerializedFileWriter<File>,
    columns: &mut [Column],
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for column in columns {
        let mut out = group.next_column()?.expect("the schema has a column for each");
        match column {
            Column::Text(values) => {
                out.typed::<ByteArrayType>().write_batch(values, None, None)?;
                values.clear();
            }
            Column::Date(values) => {
                out.typed::<Int32Type>().write_batch(values, None, None)?;
                values.clear();
            }
            Column::Decimal(values, _) => {
                out.typed::<Int64Type>().write_batch(values, None, None)?;
                values.clear();
            }
        }
        out.close()?;
    }
    group.close()?;
    Ok(())
}
