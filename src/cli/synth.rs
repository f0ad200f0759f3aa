//! `cashfall synth`: a synthetic tape of any size with its known answers beside it.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::{LangArg, Outcome, Result, may_write, say};
use crate::job::is_workbook;
use crate::money::Amount;
use crate::report::{lines_xlsx, write_whole, write_whole_with};
use crate::synth::{HEADERS, Line, Lines, Spec};

/// The version of the schema of the answers.
const SCHEMA: &str = "cashfall.synth/1";
/// Rows below the headers of a sheet.
const SHEET_ROWS: u32 = 1_048_575;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall synth --rows 10000 --out tape.xlsx\n  cashfall synth --rows 10000000 --seed 7 --product jintiao --out tape.csv\n  cashfall synth --rows 10000000 --format parquet --out tape.parquet\n  cashfall synth --rows 50000 --errors 200 --spec marginals.toml --out dirty.csv"
)]
pub(super) struct Options {
    /// Receivables.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    rows: u32,
    /// The tape to write: a workbook, csv or Parquet, by its name. Its answers are written beside it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The format, whatever the name says. Parquet needs a program built with it
    /// (`cargo install --path . --features parquet`).
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The same seed gives the same tape on every machine.
    #[arg(long, default_value_t = 618)]
    seed: u64,
    /// The marginals that the tape is drawn from.
    #[arg(long, value_enum, default_value_t = Product::Baitiao)]
    product: Product,
    /// Marginals of one's own instead (docs/reference/desk.md).
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// Whether originations follow the calendar of sales (618, 双11).
    #[arg(long, value_enum, default_value_t = Season::Sales)]
    season: Season,
    /// Wrong cells to plant, one in a row; at most one row of three is wrong.
    #[arg(long, default_value_t = 0)]
    errors: u32,
    /// The cut-off date.
    #[arg(long, value_name = "DATE", default_value = "2025-12-31")]
    cutoff: NaiveDate,
    /// Overwrite the files when they are there already.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A workbook of one sheet, up to 1,048,575 rows.
    Xlsx,
    /// Text, of any size.
    Csv,
    /// Typed columns, of any size; with planted errors all columns are text.
    Parquet,
}

impl Format {
    fn of(path: &Path) -> Format {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "parquet" => Format::Parquet,
            _ if is_workbook(path) => Format::Xlsx,
            _ => Format::Csv,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Product {
    /// Instalments of purchases.
    Baitiao,
    /// Cash loans.
    Jintiao,
    /// Car loans.
    Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Season {
    /// As the marginals say.
    Sales,
    /// Every month alike.
    Flat,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (out, answers) = (&options.out, options.out.with_extension("answers.json"));
    may_write(out, options.force, lang)?;
    may_write(&answers, options.force, lang)?;
    let format = options.format.unwrap_or_else(|| Format::of(out));
    if format == Format::Parquet && cfg!(not(feature = "parquet")) {
        let refused = say(
            lang,
            "此程序未含 Parquet: 请用 `cargo install --path . --features parquet` 构建, 或写成 csv",
            "this program was built without Parquet: build it with `cargo install --path . \
             --features parquet`, or write a csv",
        );
        return Err(refused.into());
    }
    if format == Format::Xlsx && options.rows > SHEET_ROWS {
        let refused = say(
            lang,
            "工作表最多 1,048,575 行数据; 请写成 csv",
            "a sheet holds 1,048,575 rows: write a csv",
        );
        return Err(refused.into());
    }
    if options.cutoff < NaiveDate::from_ymd_opt(1950, 1, 1).unwrap_or(NaiveDate::MIN)
        || options.cutoff > NaiveDate::from_ymd_opt(2190, 1, 1).unwrap_or(NaiveDate::MAX)
    {
        return Err(
            say(lang, "--cutoff 须在 1950 至 2190 年间", "--cutoff is from 1950 to 2190").into()
        );
    }
    let spec = spec(options)?;
    let mut known = Answers::default();
    let bar = indicatif::ProgressBar::new(options.rows.into());
    let rows = (options.seed, options.rows);
    let lines = Lines::new(&spec, rows, options.cutoff, options.errors).map(|line| {
        known.add(&line);
        bar.inc(1);
        line.cells
    });
    write_whole_with(out, |path| -> Result<()> {
        match format {
            Format::Xlsx => Ok(lines_xlsx(path, &HEADERS, lines)?),
            Format::Csv => Ok(csv(path, lines)?),
            Format::Parquet => parquet(path, options.errors == 0, lines),
        }
    })?;
    bar.finish_and_clear();
    let json = known.as_json(options);
    write_whole(&answers, serde_json::to_string_pretty(&json)?.as_bytes())?;
    println!("{}", out.display());
    println!("{}", answers.display());
    let (outstanding, planted) = (known.total.outstanding.grouped(), known.planted.len());
    println!(
        "{}: {}, {}: {outstanding}, {}: {planted}",
        say(lang, "笔数", "receivables"),
        known.total.count,
        say(lang, "未偿本金", "outstanding"),
        say(lang, "植入错误", "errors planted"),
    );
    Ok(Outcome::Done)
}

fn spec(options: &Options) -> Result<Spec> {
    let spec = match &options.spec {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
            Spec::from_toml(&text).map_err(|error| format!("`{}`: {error}", path.display()))?
        }
        None => {
            let name = match options.product {
                Product::Baitiao => "baitiao",
                Product::Jintiao => "jintiao",
                Product::Auto => "auto",
            };
            Spec::built_in(name).expect("every product has its marginals")
        }
    };
    Ok(if options.season == Season::Flat { spec.without_season() } else { spec })
}

/// Texts without commas and quotes, so that joining them is all.
fn csv(path: &Path, lines: impl Iterator<Item = Vec<String>>) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path)?);
    writeln!(file, "{}", HEADERS.join(","))?;
    for cells in lines {
        writeln!(file, "{}", cells.join(","))?;
    }
    file.flush()
}

/// Typed columns; what an error leaves in a cell may be of no type.
#[cfg(feature = "parquet")]
fn parquet(path: &Path, is_typed: bool, lines: impl Iterator<Item = Vec<String>>) -> Result<()> {
    use crate::synth::ColumnKind;
    let kind = |header| if is_typed { ColumnKind::of(header) } else { ColumnKind::Text };
    let headers = HEADERS.map(|header| (header, kind(header)));
    Ok(crate::report::lines_parquet(path, &headers, lines)?)
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: &Path, _: bool, _: impl Iterator<Item = Vec<String>>) -> Result<()> {
    unreachable!("refused before anything was written")
}

/// A count with its principal.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u64,
    original: Amount,
    outstanding: Amount,
}

impl Sum {
    fn add(&mut self, line: &Line) {
        self.count += 1;
        self.original += line.meant.original;
        self.outstanding += line.meant.outstanding;
    }

    fn as_json(&self) -> Value {
        json!({
            "count": self.count,
            "original": self.original.to_string(),
            "outstanding": self.outstanding.to_string(),
        })
    }
}

/// What is known of a synthetic tape.
#[derive(Debug, Default)]
struct Answers {
    total: Sum,
    by: BTreeMap<&'static str, BTreeMap<String, Sum>>,
    planted: Vec<Value>,
}

impl Answers {
    fn add(&mut self, line: &Line) {
        let meant = &line.meant;
        self.total.add(line);
        let month = meant.origination.format("%Y-%m").to_string();
        let term = format!("{:03}", meant.term);
        let keys = [
            ("score_band", &meant.grade),
            ("originated", &month),
            ("product", &meant.product),
            ("region", &meant.region),
            ("scene", &meant.scene),
            ("status", &meant.status),
            ("term", &term),
        ];
        for (by, key) in keys {
            let sums = self.by.entry(by).or_default();
            match sums.get_mut(key.as_str()) {
                Some(sum) => sum.add(line),
                None => sums.entry(key.clone()).or_default().add(line),
            }
        }
        if let Some(planted) = &line.planted {
            self.planted.push(json!({
                "code": planted.code,
                "cell": planted.cell,
                "row": line.row,
                "receivable": meant.id,
            }));
        }
    }

    fn as_json(&self, options: &Options) -> Value {
        let by = self.by.iter().map(|(by, sums)| {
            let sums: serde_json::Map<String, Value> =
                sums.iter().map(|(key, sum)| (key.clone(), sum.as_json())).collect();
            ((*by).to_string(), Value::Object(sums))
        });
        json!({
            "schema": SCHEMA,
            "rows": options.rows,
            "seed": options.seed,
            "cutoff": options.cutoff.to_string(),
            "total": self.total.as_json(),
            "by": Value::Object(by.collect()),
            "planted": self.planted,
        })
    }
}
