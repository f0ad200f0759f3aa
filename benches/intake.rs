//! How long a tape of a million rows takes, against a bare loop over its cells.
//!
//! `cargo bench --bench intake -- [rows]`: writes an xlsx of 12 columns (once), then times both,
//! and prints the ratio and the peak of memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use calamine::{Reader, Xlsx};
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
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let first = words.next();
    let rows = first.as_ref().and_then(|word| word.parse().ok()).unwrap_or(1_000_000);
    let path = std::env::temp_dir().join(format!("cashfall-intake-{rows}.xlsx"));
    if !path.exists() {
        write(&path, rows);
    }
    // One of the two in a process of its own, so that the peak of memory is its own.
    match words.next().as_deref() {
        Some("bare") => report("bare loop over the cells", || bare(&path)),
        Some("load") => report("tape to accepted pool", || load(&path)),
        _ => {
            let (bare_seconds, load_seconds) = (alone(rows, "bare"), alone(rows, "load"));
            println!("ratio {:.2}", load_seconds / bare_seconds);
        }
    }
}

fn alone(rows: u32, what: &str) -> f64 {
    let start = Instant::now();
    let this = std::env::current_exe().expect("this program has a path");
    let run = std::process::Command::new(this).args([&rows.to_string(), what]).status();
    assert!(run.is_ok_and(|status| status.success()), "{what} runs");
    start.elapsed().as_secs_f64()
}

fn report(what: &str, run: impl FnOnce() -> usize) {
    let start = Instant::now();
    let count = run();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("").trim();
    println!("{what}: {:.2} s, peak {peak}, {count} counted", start.elapsed().as_secs_f64());
}

fn bare(path: &PathBuf) -> usize {
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
