//! Tapes at the size that hurts: how long, and how much memory.
//!
//! `cargo bench --bench intake [--features parquet] -- [rows] [many]`
//!
//! - an xlsx of `rows` × 12 (a million) to an accepted pool, against a bare loop over its cells and
//!   against openpyxl in read-only mode, where python3 has it;
//! - a synthetic csv, and with the feature a Parquet file, of `many` × 23 (ten million; 0 for none),
//!   to the plan: `cashfall check` of a deal of one tranche, every row and file check on.
//!
//! Each in a process of its own, so that the peak of memory is its own. Tapes are written to the folder
//! for temporary files; those of many rows are removed again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use calamine::{Reader, Xlsx};
use cashfall::job::{Job, Request};
use cashfall::pool::{self, PoolTerms, ProductTerms};
use cashfall::tape::Mapping;
use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const HEADERS: [&str; 12] = [
    "借据号",
    "客户号",
    "产品名称",
    "省份",
    "放款日",
    "首期应还日",
    "初始本金(元)",
    "未偿本金余额(元)",
    "总期数",
    "已还期数",
    "还款方式",
    "年化利率(%)",
];

fn main() {
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [what, path] = words.as_slice()
        && what.parse::<u32>().is_err()
    {
        return alone(what, Path::new(path));
    }
    let number = |place: usize| words.get(place).and_then(|word| word.parse().ok());
    let (rows, many) = (number(0).unwrap_or(1_000_000), number(1).unwrap_or(10_000_000));
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load {}", load.split(' ').next().unwrap_or("unknown"));
    if rows > 0 {
        let path = std::env::temp_dir().join(format!("cashfall-intake-{rows}.xlsx"));
        if !path.exists() {
            write(&path, rows);
        }
        println!("{rows} x 12 xlsx");
        let (bare, load) = (child("bare", &path), child("load", &path));
        let ratio = |other: f64| load / other;
        println!("  ratio to the bare loop {:.2}", ratio(bare));
        if let Some(python) = openpyxl(&path) {
            println!("  ratio to openpyxl {:.2}", ratio(python));
        }
    }
    if many > 0 {
        let formats: &[&str] =
            if cfg!(feature = "parquet") { &["csv", "parquet"] } else { &["csv"] };
        formats.iter().for_each(|format| to_plan(format, many));
    }
}

/// One of the measures, in this process.
fn alone(what: &str, path: &Path) {
    match what {
        "bare" => report("bare loop over the cells", || bare(path)),
        "load" => report("tape to accepted pool", || load(path)),
        "plan" => report("tape to plan", || plan(path)),
        other => panic!("no measure is called {other}"),
    }
}

fn child(what: &str, path: &Path) -> f64 {
    let start = Instant::now();
    let this = std::env::current_exe().expect("this program has a path");
    let run = Command::new(this).arg(what).arg(path).status();
    assert!(run.is_ok_and(|status| status.success()), "{what} runs");
    start.elapsed().as_secs_f64()
}

fn report(what: &str, run: impl FnOnce() -> usize) {
    let start = Instant::now();
    let count = run();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("").trim();
    println!("  {what}: {:.2} s, peak {peak}, {count} counted", start.elapsed().as_secs_f64());
}

/// The cells through openpyxl; `None` where there is none.
fn openpyxl(path: &Path) -> Option<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/read_only.py");
    let output = Command::new("python3").arg(script).arg(path).output();
    let output = output.ok().filter(|output| output.status.success());
    let Some(output) = output else {
        println!("  openpyxl read-only: absent (python3 with openpyxl)");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.split_whitespace().collect();
    let [seconds, peak, cells] = words.as_slice() else { return None };
    println!("  openpyxl read-only: {seconds} s, peak {peak} kB, {cells} counted");
    seconds.parse().ok()
}

/// Writes a synthetic tape, runs it to the plan in a process of its own, removes it.
fn to_plan(format: &str, rows: u32) {
    let folder = std::env::temp_dir().join(format!("cashfall-intake-{rows}-{format}"));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = folder.join(format!("tape.{format}"));
    let start = Instant::now();
    let synth = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(["synth", "--force", "--rows", &rows.to_string(), "--out"])
        .arg(&tape)
        .output();
    assert!(synth.is_ok_and(|output| output.status.success()), "the tape is written");
    let size = tape.metadata().expect("just written").len() / 1_000_000;
    println!("{rows} x 23 {format}, {size} MB (written in {:.0} s)", start.elapsed().as_secs_f64());
    let answers = std::fs::read_to_string(folder.join("tape.answers.json")).expect("the answers");
    let answers: serde_json::Value = serde_json::from_str(&answers).expect("JSON");
    let face = answers["total"]["outstanding"].as_str().expect("the outstanding principal");
    let deal = DEAL.replace("{tape}", &format!("tape.{format}")).replace("{face}", face);
    std::fs::write(folder.join("deal.toml"), deal).expect("a folder for temporary files");
    child("plan", &folder.join("deal.toml"));
    std::fs::remove_dir_all(&folder).expect("just made");
}

/// A deal of one tranche over a synthetic tape.
const DEAL: &str = r#"
[deal]
name = { zh = "基准", en = "Bench" }

[pool]
cutoff = 2025-12-31
tape = "{tape}"

[dates]
closing = 2026-01-15
first_payment = 2026-02-15
legal_maturity = 2029-12-15
calendar = "weekends"

[[tranche]]
id = "A"
face = {face}
coupon = "2 %"

[[step]]
clause = "1"
pay = [{ tranche = "A", due = "interest" }]

[[step]]
clause = "2"
pay = [{ tranche = "A", due = "principal" }, { tranche = "A", due = "remainder" }]
"#;

fn plan(deal: &Path) -> usize {
    let request = Request { deal: deal.into(), sums_only: true, ..Request::default() };
    let opened = Job::open(&request).expect("the files can be read");
    let (job, findings) = opened.into_parts();
    let job = job.unwrap_or_else(|| panic!("{findings:#?}"));
    assert_eq!(job.collateral.outstanding(), job.outstanding, "the plan is that of the tape");
    job.count
}

fn bare(path: &Path) -> usize {
    let file = BufReader::new(File::open(path).expect("just written"));
    let mut book = Xlsx::new(file).expect("a workbook");
    let sheet = book.sheet_names()[0].clone();
    let mut reader = book.worksheet_cells_reader(&sheet).expect("a sheet");
    let mut cells = 0;
    while reader.next_cell().expect("a cell").is_some() {
        cells += 1;
    }
    cells
}

fn load(path: &Path) -> usize {
    let terms = PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    };
    let checked = pool::load(path, &Mapping::default(), &terms).expect("the file can be read");
    let (pool, findings) = checked.accept().unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(findings, []);
    pool.receivables.len()
}

fn write(path: &Path, rows: u32) {
    let provinces = ["浙江", "江苏", "广东", "四川", "河南", "湖北", "山东", "福建"];
    let mut workbook = Workbook::new();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let sheet = workbook.add_worksheet_with_constant_memory().expect("a temporary file");
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(0, column, header).expect("a cell");
    }
    for row in 1..=rows {
        let spread = u64::from(row).wrapping_mul(0x9E37_79B9) >> 7;
        let pick = |most: u64| u32::try_from(spread % most).expect("small");
        let (paid, cents) = (pick(11), 100_000 + pick(3_000_000));
        let original = f64::from(cents) / 100.0;
        let balance = (original * f64::from(12 - paid) / 12.0 * 100.0).round() / 100.0;
        let id = format!("JD2025{:012}", spread % 1_000_000 * 1_000_003 + u64::from(row));
        let texts = [
            (0, id.as_str()),
            (1, &format!("U{:09}", pick(700_000))),
            (2, "白条分期"),
            (3, provinces[pick(8) as usize]),
            (10, "等本等费"),
        ];
        for (column, text) in texts {
            sheet.write(row, column, text).expect("a cell");
        }
        let month = u8::try_from(1 + pick(10)).expect("small");
        let day = u8::try_from(1 + pick(28)).expect("small");
        for (column, month) in [(4, month), (5, month + 1)] {
            let moment = ExcelDateTime::from_ymd(2025, month, day).expect("a day");
            sheet.write_with_format(row, column, &moment, &date).expect("a cell");
        }
        let rate = 7.2 + f64::from(pick(5));
        let rate = (rate * 100.0).round() / 100.0;
        for (column, number) in
            [(6, original), (7, balance), (8, 12.0), (9, f64::from(paid)), (11, rate)]
        {
            sheet.write(row, column, number).expect("a cell");
        }
    }
    workbook.save(path).expect("a folder for temporary files");
}
