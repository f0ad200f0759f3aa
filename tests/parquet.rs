//! Parquet tapes: the same pool as from text, each type read exactly, and places by column and row.
//!
//! `cargo test --features parquet --test parquet`

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cashfall::finding::{Finding, Lang, render};
use cashfall::pool::{self, Parts, Pool, PoolTerms, ProductTerms, Receivable};
use cashfall::tape::Mapping;
use chrono::NaiveDate;
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

fn terms() -> PoolTerms {
    PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    }
}

fn load(path: &Path) -> (Pool, Vec<Finding>) {
    let checked = pool::load(path, &Mapping::default(), &terms());
    checked.unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_parts()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parquet").join(name);
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
}

fn cashfall(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let told = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    (output.status.code().unwrap_or(-1), told.into_owned())
}

/// The receivables without the rows that they stand in: a text table has a header row.
fn plain(pool: &Pool) -> Vec<Receivable> {
    let none = pool.receivables.iter().cloned();
    none.map(|receivable| Receivable { origin: Default::default(), ..receivable }).collect()
}

#[test]
fn a_synthetic_tape_is_the_same_pool_as_its_text() {
    let folder = folder("synth");
    for (name, arguments) in [
        ("clean", ["--rows", "3000", "--errors", "0"]),
        ("dirty", ["--rows", "3000", "--errors", "40"]),
    ] {
        for format in ["csv", "parquet"] {
            let out = format!("{name}.{format}");
            let synth = ["synth", "--format", format, "--out", &out, "--force"];
            let (code, told) = cashfall(&folder, &[&synth[..], &arguments[..]].concat());
            assert_eq!(code, 0, "{told}");
        }
        let (text, found) = load(&folder.join(format!("{name}.csv")));
        let (typed, of_typed) = load(&folder.join(format!("{name}.parquet")));
        assert_eq!(plain(&text), plain(&typed), "{name}");
        assert_eq!(text.attributes, typed.attributes, "{name}");
        let codes = |findings: &[Finding]| -> Vec<(&str, usize)> {
            findings.iter().map(|finding| (finding.code, finding.more)).collect()
        };
        assert_eq!(codes(&found), codes(&of_typed), "{name}");
        assert_eq!(typed.receivables[0].origin.row, 1, "rows count from 1");
        let rows = typed.receivables.len() + usize::from(name == "dirty");
        assert!(rows > 2_900, "{name}: {rows}");
    }
}

#[test]
fn blocks_of_a_parquet_tape_are_its_pool() {
    let folder = folder("blocks");
    let synth = ["synth", "--rows", "2000", "--errors", "30", "--force", "--out", "t.parquet"];
    assert_eq!(cashfall(&folder, &synth).0, 0);
    let path = folder.join("t.parquet");
    let (whole, findings) = load(&path);
    let columns = BTreeSet::new();
    let taken = pool::load_in_blocks(
        &path,
        &Mapping::default(),
        &terms(),
        Parts { rows: 333, most: 5, columns: &columns },
        Vec::new,
        |all: &mut Vec<Box<str>>, part| {
            all.extend(part.receivables.iter().map(|receivable| receivable.id.clone()));
        },
    );
    let (taken, found) = taken.expect("a tape").expect("one table").into_parts();
    assert_eq!(findings, found);
    let ids: Vec<Box<str>> = whole.receivables.iter().map(|of| of.id.clone()).collect();
    assert_eq!(taken.made, ids);
}

/// A tape of three rows in types that other programs write; the third has faults.
fn typed(path: &Path, compression: Compression) {
    let schema = "message tape {
        required int64 借据号;
        optional binary 还款方式 (UTF8);
        optional int32 放款日 (DATE);
        optional int64 首期应还日 (TIMESTAMP_MICROS);
        optional double 初始本金;
        optional fixed_len_byte_array(9) 未偿本金余额 (DECIMAL(20,4));
        required int32 总期数 (UINT_8);
        optional float 已还期数;
        required double 年化利率;
        required boolean 是否质押;
        optional group 明细 (LIST) { repeated group list { optional int32 element; } }
    }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(compression).build();
    let file = std::fs::File::create(path).expect("a folder for temporary files");
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(properties)).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut number = 0;
    while let Some(mut column) = group.next_column().expect("a column") {
        let day = |text: &str| {
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a day");
            (text.parse::<NaiveDate>().expect("a day") - epoch).num_days()
        };
        let all: [i16; 3] = [1, 1, 1];
        let fixed = |value: i128| FixedLenByteArray::from(value.to_be_bytes()[7..].to_vec());
        match number {
            // More digits than a double has.
            0 => column.typed::<Int64Type>().write_batch(
                &[9_007_199_254_740_993, 9_007_199_254_740_995, 12],
                None,
                None,
            ),
            1 => column.typed::<ByteArrayType>().write_batch(
                &["等额本息"; 3].map(ByteArray::from),
                Some(&all),
                None,
            ),
            2 => {
                let day = i32::try_from(day("2025-06-10")).expect("a day");
                column.typed::<Int32Type>().write_batch(&[day; 3], Some(&all), None)
            }
            3 => {
                let moment = day("2025-07-10") * 86_400_000_000 + 1_000_000;
                column.typed::<Int64Type>().write_batch(&[moment; 3], Some(&all), None)
            }
            4 => {
                let amounts = [10_000.10, 10_000.0, 10_000.005];
                column.typed::<DoubleType>().write_batch(&amounts, Some(&all), None)
            }
            5 => {
                let amounts = [51_491_900, 100_000_000].map(fixed);
                column.typed::<FixedLenByteArrayType>().write_batch(
                    &amounts,
                    Some(&[1, 1, 0]),
                    None,
                )
            }
            6 => column.typed::<Int32Type>().write_batch(&[12; 3], None, None),
            7 => {
                let paid = [6.0, 0.0, f32::NAN];
                column.typed::<FloatType>().write_batch(&paid, Some(&all), None)
            }
            8 => column.typed::<DoubleType>().write_batch(&[0.12; 3], None, None),
            9 => column.typed::<BoolType>().write_batch(&[false, false, false], None, None),
            _ => column.typed::<Int32Type>().write_batch(&[], Some(&[0; 3]), Some(&[0; 3])),
        }
        .expect("written");
        column.close().expect("written");
        number += 1;
    }
    group.close().expect("written");
    writer.close().expect("written");
}

#[test]
fn every_type_is_read_exactly_and_faults_name_column_and_row() {
    let folder = folder("types");
    for (name, compression) in [
        ("plain", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
        ("zstd", Compression::ZSTD(Default::default())),
        ("gzip", Compression::GZIP(Default::default())),
        ("lz4", Compression::LZ4_RAW),
    ] {
        let path = folder.join(format!("{name}.parquet"));
        typed(&path, compression);
        let mapping = "[units]\nrate = { unit = \"fraction\", per = \"year\" }\n";
        let (mapping, found) = Mapping::from_toml(mapping, "mapping.toml").into_parts();
        assert_eq!(found, [], "the mapping is well formed");
        let checked = pool::load(&path, &mapping, &terms()).expect("a tape");
        let (pool, findings) = checked.into_parts();
        let text = render(&findings, Lang::En);
        let ids: Vec<&str> = pool.receivables.iter().map(|of| &*of.id).collect();
        assert_eq!(ids, ["9007199254740993", "9007199254740995"], "{text}");
        let first = &pool.receivables[0];
        assert_eq!(first.original_principal.to_string(), "10000.10");
        assert_eq!(first.outstanding_principal.to_string(), "5149.19");
        assert_eq!(first.origination.to_string(), "2025-06-10");
        assert_eq!(first.first_due.to_string(), "2025-07-10");
        assert_eq!((first.instalments, first.paid_instalments), (12, 6));
        assert_eq!(first.rate.rate.to_string(), "0.12");
        let fault = findings.iter().find(|finding| finding.code == "P0108").expect("half a cent");
        assert_eq!(fault.origin.cell, "初始本金, 3", "{text}");
        assert!(text.contains("│     借据号    初始本金"), "{text}");
        assert!(text.contains(&format!("{name}.parquet:初始本金, 3")), "{text}");
    }
}

#[test]
fn a_damaged_file_is_an_error() {
    let folder = folder("damaged");
    let path = folder.join("whole.parquet");
    typed(&path, Compression::SNAPPY);
    let bytes = std::fs::read(&path).expect("just written");
    let mut broken = 0;
    for length in (4..bytes.len()).step_by(bytes.len() / 37) {
        let cut = folder.join("cut.parquet");
        std::fs::write(&cut, &bytes[..length]).expect("written");
        assert!(pool::load(&cut, &Mapping::default(), &terms()).is_err(), "cut at {length}");
        let mut spoilt = bytes.clone();
        spoilt[length] ^= 0xff;
        std::fs::write(&cut, &spoilt).expect("written");
        // Some bytes are padding or names; what matters is that nothing panics.
        broken += usize::from(pool::load(&cut, &Mapping::default(), &terms()).is_err());
    }
    assert!(broken > 3, "{broken}");
}
