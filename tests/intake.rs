//! Tapes in all their formats and quirks, read to accepted pools.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use cashfall::finding::{Checked, Finding};
use cashfall::money::{Amount, Rate, Rounding};
use cashfall::pool::{self, Method, Pool, PoolTerms, ProductTerms, RatePeriod};
use cashfall::tape::{self, Mapping, RowOrigin};
use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}

fn terms() -> PoolTerms {
    PoolTerms {
        cutoff: day(2025, 12, 31),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    }
}

fn amount(text: &str) -> Amount {
    text.parse().expect("an amount")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn written(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = scratch(name);
    std::fs::write(&path, bytes).expect("a folder for temporary files");
    path
}

fn load_with(path: &Path, mapping: &str) -> Checked<Pool> {
    let (mapping, findings) = Mapping::from_toml(mapping, "mapping.toml").into_parts();
    assert_eq!(findings, [], "the mapping is well formed");
    pool::load(path, &mapping, &terms()).expect("the file can be read")
}

fn accepted(path: &Path, mapping: &str) -> (Pool, Vec<Finding>) {
    load_with(path, mapping).accept().unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code).collect()
}

const TABLE: &str = "\
借据号,客户号,产品名称,省份,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率(%),月供(元)
A-1,U1,分期,浙江,2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12,888.49
A-2,U2,分期,江苏,2025/6/20,20250720,\"10,000.00\",5149.19,12,6,等额本息,12,888.49
A-3,U3,白条,浙江,2025年11月5日,2025.12.5,１２００,800.00,３,1,等本等费,6,406.00
";

/// The table above without its deliberate spread of notations, as every format must give it.
fn assert_is_the_table(pool: &Pool) {
    assert_eq!(pool.outstanding_principal(), amount("11098.38"));
    assert_eq!(pool.receivables.len(), 3);
    let third = &pool.receivables[2];
    assert_eq!((&*third.id, third.method), ("A-3", Method::FlatFee));
    assert_eq!((third.instalments, third.paid_instalments, third.due_day), (3, 1, 5));
    assert_eq!((third.origination, third.first_due), (day(2025, 11, 5), day(2025, 12, 5)));
    assert_eq!(third.rate.rate, "0.06".parse::<Rate>().expect("a rate"));
    assert_eq!(third.rate.per, RatePeriod::Year);
    let region = &pool.attributes["region"];
    let names: Vec<&str> = region.codes.iter().map(|c| &*region.values[*c as usize]).collect();
    assert_eq!(names, ["浙江", "江苏", "浙江"]);
    assert_eq!(pool.products.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["分期", "白条"]);
}

#[test]
fn a_text_table_is_read_in_any_encoding_and_with_any_separator() {
    let gbk = encoding_rs::GBK.encode(TABLE).0.into_owned();
    let utf16: Vec<u8> =
        "\u{feff}".encode_utf16().chain(TABLE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let semicolons =
        TABLE.replace("\"10,000.00\"", "10 000.00").replace(',', ";").replace("10 000", "10000");
    let files: [(&str, Vec<u8>, &[&str]); 6] = [
        ("utf8.csv", TABLE.into(), &[]),
        ("bom.csv", format!("\u{feff}{TABLE}").into(), &[]),
        ("gbk.csv", gbk, &["T0016"]),
        ("utf16.txt", utf16, &[]),
        ("semicolon.csv", semicolons.clone().into(), &[]),
        ("tab.txt", semicolons.replace(';', "\t").into(), &[]),
    ];
    for (name, bytes, found) in files {
        let (pool, findings) = accepted(&written(name, bytes), "");
        assert_is_the_table(&pool);
        assert_eq!(codes(&findings), found, "{name}");
    }
}

#[test]
fn titles_units_and_sums_around_the_table_are_understood() {
    let table = TABLE
        .replace("未偿本金余额(元)", "未偿本金余额（万元）")
        .replace("5149.19", "0.514919")
        .replace("800.00", "0.08");
    let text = format!(
        "应收账款明细表,,,\n封包日,2025-12-31,,\n\n{table}小计,,,,,,21200,1.109838,,,,,\n合计,,,,,,\"21,200.00\",1.109838,,,,,\n制表人：张三\n"
    );
    let (pool, findings) = accepted(&written("titles.csv", text), "");
    assert_is_the_table(&pool);
    assert_eq!(codes(&findings), ["T0050"], "the line with 制表人");
    assert_eq!(pool.manifest.header_rows, [4]);
}

/// The table as a workbook: real dates, numbers, a percent column, a title above.
fn workbook() -> Workbook {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("明细").expect("a sheet name");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let percent = Format::new().set_num_format("0.00%");
    sheet.write(0, 0, "应收账款明细表").expect("a cell");
    let headers = TABLE.lines().next().expect("headers").replace("年化利率(%)", "年化利率");
    for (column, text) in (0..).zip(headers.split(',')) {
        sheet.write(2, column, text).expect("a cell");
    }
    let rows = [
        (
            "A-1",
            "U1",
            "分期",
            "浙江",
            (2025, 6, 10),
            (2025, 7, 10),
            10_000.0,
            5149.19,
            12,
            6,
            "等额本息",
            0.12,
            888.49,
        ),
        (
            "A-2",
            "U2",
            "分期",
            "江苏",
            (2025, 6, 20),
            (2025, 7, 20),
            10_000.0,
            5149.19,
            12,
            6,
            "等额本息",
            0.12,
            888.49,
        ),
        (
            "A-3",
            "U3",
            "白条",
            "浙江",
            (2025, 11, 5),
            (2025, 12, 5),
            1_200.0,
            800.0,
            3,
            1,
            "等本等费",
            0.06,
            406.0,
        ),
    ];
    for (row, r) in (3..).zip(rows) {
        for (column, text) in [(0, r.0), (1, r.1), (2, r.2), (3, r.3), (10, r.10)] {
            sheet.write(row, column, text).expect("a cell");
        }
        for (column, (y, m, d)) in [(4, r.4), (5, r.5)] {
            let moment = ExcelDateTime::from_ymd(y, m, d).expect("a day");
            sheet.write_with_format(row, column, &moment, &date).expect("a cell");
        }
        for (column, number) in
            [(6, r.6), (7, r.7), (8, f64::from(r.8)), (9, f64::from(r.9)), (12, r.12)]
        {
            sheet.write(row, column, number).expect("a cell");
        }
        sheet.write_with_format(row, 11, r.11, &percent).expect("a cell");
    }
    // Formatted far below the table: costs nothing.
    sheet.write_blank(1_048_575, 16_383, &date).expect("a cell");
    workbook
}

#[test]
fn a_workbook_with_real_dates_and_percent_cells_gives_the_same_pool() {
    let path = scratch("table.xlsx");
    workbook().save(&path).expect("a folder for temporary files");
    let (pool, findings) = accepted(&path, "");
    // 6 % a year of a flat fee is 406.00 only by the instalment: 400 + 6.
    assert_is_the_table(&pool);
    assert_eq!(findings, []);
    let column = ("L".to_string(), "年化利率".to_string());
    assert_eq!(pool.manifest.columns["rate"], column);

    let row = RowOrigin { sheet: 0, row: 6 };
    let cells = tape::read_row(&path, &pool.manifest, row).expect("the file is there");
    assert_eq!((cells[11].header.as_str(), cells[11].text.as_str()), ("年化利率", "6 %"));
    assert_eq!((cells[4].column.as_str(), cells[4].text.as_str()), ("E", "2025-11-05"));
}

#[test]
fn the_other_workbook_formats_give_the_same_pool() {
    for name in ["table.ods", "table.xls", "table.xlsb", "table1904.xlsx"] {
        let (pool, findings) = accepted(
            &fixture("tapes").join(name),
            "[units]\nrate = { unit = \"fraction\", per = \"year\" }",
        );
        assert_is_the_table(&pool);
        let unseen: &[&str] = if name == "table.xls" { &["T0058"] } else { &[] };
        assert_eq!(codes(&findings), unseen, "{name}");
    }
}

#[test]
fn an_identifier_of_sixteen_digits_must_be_text() {
    let path = scratch("digits.xlsx");
    let mut workbook = workbook();
    let sheet = workbook.worksheet_from_index(0).expect("a sheet");
    sheet.write(3, 0, 6_222_020_000_000_000_123.0).expect("a cell");
    sheet.write(4, 0, "6222020000000000123").expect("a cell");
    sheet.write(5, 0, 12_345.0).expect("a cell");
    workbook.save(&path).expect("a folder for temporary files");
    let (pool, findings) = load_with(&path, "").into_parts();
    assert_eq!(codes(&findings), ["P0103"]);
    assert_eq!(findings[0].origin.cell, "A4");
    let ids: Vec<&str> = pool.receivables.iter().map(|r| &*r.id).collect();
    assert_eq!(ids, ["6222020000000000123", "12345"]);
}

#[test]
fn a_schedule_on_the_second_sheet_gives_the_instalments() {
    let path = scratch("schedule.xlsx");
    let mut workbook = workbook();
    let sheet = workbook.worksheet_from_index(0).expect("a sheet");
    sheet.write(5, 10, "按计划").expect("a cell");
    let sheet = workbook.add_worksheet().set_name("还款计划").expect("a sheet name");
    let lines = [
        "借据号,期次,应还日期,应还本金,应还手续费",
        "A-3,2,2026-01-05,400.00,6",
        "A-3,3,2026-02-05,400.00,6",
    ];
    for (row, line) in (0..).zip(lines) {
        for (column, text) in (0..).zip(line.split(',')) {
            sheet.write(row, column, text).expect("a cell");
        }
    }
    workbook.save(&path).expect("a folder for temporary files");
    let (pool, findings) = accepted(&path, "");
    assert_eq!(findings, []);
    let given = pool.receivables[2].given.as_deref().expect("a schedule");
    assert_eq!(given.iter().map(|line| line.principal).sum::<Amount>(), amount("800"));
    assert_eq!((given[1].number, given[1].due, given[1].fee), (3, day(2026, 2, 5), amount("6")));
    assert_eq!(pool.manifest.sheets, ["明细", "还款计划"]);
}

#[test]
fn rate_periods_may_differ_from_row_to_row() {
    let by_type = "\
借据号,产品名称,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率(%),利率类型
A-1,分期,2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12,年利率
A-2,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,等本等费,0.6,月费率
A-3,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,按日计息,0.03,每日
A-4,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,等额本金,12,固定利率
A-5,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,免息分期,0,
合计,,,,50000,25149.19,,,,,
";
    let by_column = "\
借据号,产品名称,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率(%),月费率(%),日利率
A-1,分期,2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12,,
A-2,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,等本等费,,0.6,0
A-3,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,按日计息,—,,0.03%
A-4,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,等额本金,12,0,0
A-5,分期,2025-06-20,2025-07-20,10000.00,5000.00,12,6,免息分期,0,0,0
";
    for (name, text) in [("by_type.csv", by_type), ("by_column.csv", by_column)] {
        let (pool, findings) = accepted(&written(name, text), "");
        assert_eq!(findings, [], "{name}");
        let rates: Vec<(String, RatePeriod)> =
            pool.receivables.iter().map(|r| (r.rate.rate.to_string(), r.rate.per)).collect();
        let percent = |text: &str| text.parse::<Rate>().expect("a rate").to_string();
        assert_eq!(rates[0], (percent("0.12"), RatePeriod::Year), "{name}");
        assert_eq!(rates[1], (percent("0.006"), RatePeriod::Instalment), "{name}");
        assert_eq!(rates[2], (percent("0.0003"), RatePeriod::Day), "{name}");
        assert_eq!(rates[3], (percent("0.12"), RatePeriod::Year), "{name}");
        assert_eq!(rates[4].0, percent("0"), "{name}");
    }
    let weekly = by_type.replace("月费率", "周利率");
    let checked = load_with(&written("weekly.csv", &weekly), "");
    assert_eq!(codes(checked.findings()), ["P0127"]);
    assert_eq!(checked.findings()[0].origin.cell, "K3");
    let (_, findings) =
        accepted(&written("weekly.csv", weekly), "[values.rate_type]\n\"周利率\" = \"instalment\"");
    assert_eq!(findings, []);
}

#[test]
fn a_synthetic_tape_of_every_method_comes_back_as_it_was() {
    let cutoff = day(2024, 12, 31);
    let rows = cashfall::synth::rows(618, 500, cutoff);
    let path = written("synthetic.xlsx", cashfall::report::tape_xlsx(&rows).expect("a workbook"));
    let by_product = [("金条等额本息", Rounding::Up), ("白条免息", Rounding::Down)];
    let terms = |rounding| ProductTerms { instalment_rounding: rounding, ..Default::default() };
    let by_product = by_product.map(|(name, rounding)| (name.to_string(), terms(rounding)));
    let terms = PoolTerms {
        cutoff,
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::from(by_product),
    };
    let checked = pool::load(&path, &Mapping::default(), &terms).expect("the file can be read");
    let (pool, findings) = checked.accept().unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(codes(&findings), ["P0130"]);
    assert_eq!(pool.receivables.len(), rows.len());
    for (read, row) in pool.receivables.iter().zip(&rows) {
        let meant = &row.receivable;
        assert_eq!(read.outstanding_principal, meant.outstanding_principal);
        assert_eq!((read.method, read.due_day), (meant.method, meant.due_day));
        assert_eq!((read.origination, read.first_due), (meant.origination, meant.first_due));
        assert_eq!(read.rate.rate, meant.rate.rate);
        assert!(read.rate.per == meant.rate.per || read.rate.rate == Rate::ZERO);
    }
}

/// The tape as it was published: no balance, no origination, a method by its English code.
#[test]
fn worked_example_cn_receivables_load_as_published() {
    let (pool, findings) = accepted(&fixture("tapes/worked_example_receivables.csv"), "");
    assert_eq!(codes(&findings), ["P0137", "P0138"]);
    assert_eq!(findings[0].facts["count"], "6");
    assert_eq!(pool.outstanding_principal(), amount("30000.00"));
    let balances: Vec<Amount> = pool.receivables.iter().map(|r| r.outstanding_principal).collect();
    let published = ["6433.00", "4500.00", "5000.00", "8000.00", "2800.00", "3267.00"];
    assert_eq!(balances, published.map(amount));
    let (second, fourth) = (&pool.receivables[1], &pool.receivables[3]);
    assert_eq!((second.origination, second.due_day), (day(2025, 6, 12), 12));
    assert_eq!((fourth.method, fourth.rate.per), (Method::LevelPay, RatePeriod::Instalment));
    assert_eq!(fourth.rate.rate, "0.015".parse::<Rate>().expect("a rate"));
}

#[test]
fn an_empty_balance_is_the_one_that_the_contract_leaves() {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let rows = cashfall::synth::rows(7, 300, day(2025, 12, 31));
    for row in &rows {
        let of = &row.receivable;
        // A given schedule stands in another sheet.
        if of.method == Method::Given {
            continue;
        }
        let per = match of.rate.per {
            RatePeriod::Year => "年",
            RatePeriod::Instalment => "期",
            RatePeriod::Day => "日",
        };
        let line = |balance: &str| {
            format!(
                "{},{},{},{},{},{},{balance},{},{},{},{per}",
                of.id,
                row.method,
                of.origination,
                of.first_due,
                of.due_day,
                of.original_principal,
                of.instalments,
                of.paid_instalments,
                of.rate.rate
            )
        };
        with.push(line(&of.outstanding_principal.to_string()));
        without.push(line(""));
    }
    let header = "借据号,还款方式,放款日,首期应还日,还款日,初始本金,未偿本金,总期数,已还期数,利率(小数),利率类型";
    let table = |lines: &[String]| format!("{header}\n{}\n", lines.join("\n"));
    let level = |pool: &Pool| -> Vec<Amount> {
        // The default terms round half up, the synthetic level instalments up.
        let others = pool.receivables.iter().filter(|r| r.method != Method::LevelPay);
        others.filter(|r| r.rate.rate > Rate::ZERO).map(|r| r.outstanding_principal).collect()
    };
    let (given, _) = accepted(&written("balances.csv", table(&with)), "");
    let (computed, findings) = accepted(&written("no_balances.csv", table(&without)), "");
    assert_eq!(codes(&findings), ["P0137"]);
    assert_eq!(computed.receivables.len(), given.receivables.len());
    assert_eq!(level(&computed), level(&given));
}

/// 1,000,000 over 8 months at 12.5 %, 53 months old, at the close of a month and of a day within one.
#[test]
fn a_line_without_dates_counts_them_from_its_cutoff_date() {
    let table = "借据号,基准日,未偿本金,年化利率(%),剩余期数,账龄(月)\n\
                 L-1,,1000000.00,12.5,8,53\n\
                 L-2,2026-02-28,1000000.00,12.5,8,53\n\
                 L-3,2026-01-15,1000000.00,12.5,8,0\n";
    let (pool, findings) = accepted(&written("lines.csv", table), "");
    assert_eq!(codes(&findings), ["P0139", "P0141"]);
    let of = |place: usize| {
        let line = &pool.receivables[place];
        let terms = pool.terms(line);
        let (schedule, basis) = cashfall::plan::remaining_schedule(line, terms, pool.cutoff);
        assert_eq!((line.method, basis), (Method::LevelPay, cashfall::plan::Basis::Balance));
        assert_eq!(schedule.len(), 8);
        assert!(schedule.iter().all(|instalment| !instalment.arrears));
        // 1,000,000 × r ÷ (1 − (1 + r)^−8), r = 12.5 % ÷ 12.
        let first = schedule[0];
        assert_eq!((first.principal + first.interest).to_string(), "130930.21");
        (line.origination, line.own_cutoff, first.due, schedule[1].due)
    };
    let none = None;
    let (jan, feb, mar) = (day(2026, 1, 31), day(2026, 2, 28), day(2026, 3, 31));
    assert_eq!(of(0), (day(2021, 7, 31), none, jan, feb));
    assert_eq!(of(1), (day(2021, 9, 30), Some(feb), mar, day(2026, 4, 30)));
    let within = day(2026, 1, 15);
    assert_eq!(of(2), (within, Some(within), day(2026, 2, 15), day(2026, 3, 15)));
    assert_eq!(pool.receivables[0].instalments, 61);
}

/// A line needs a remaining term and a seasoning, and a row with neither dates nor these says so.
#[test]
fn a_row_with_neither_dates_nor_seasoning_is_never_dropped_in_silence() {
    let head = "借据号,首期应还日,还款方式,初始本金,未偿本金,总期数,剩余期数,账龄,年化利率(%)";
    let rows = "A,2025-07-10,等额本息,10000.00,5149.19,12,6,,12\n\
                B,,等额本息,,5000.00,,6,6,12\n\
                C,,等额本息,10000.00,5149.19,12,6,,12\n\
                D,,等额本息,10000.00,5149.19,12,,6,12\n";
    let checked = load_with(&written("mixed_lines.csv", format!("{head}\n{rows}")), "");
    let (pool, findings) = checked.into_parts();
    let ids: Vec<&str> = pool.receivables.iter().map(|receivable| &*receivable.id).collect();
    assert_eq!(ids, ["A", "B"]);
    let missing = |finding: &Finding| finding.facts["id"].clone() + " " + &finding.facts["field"];
    let errors: Vec<String> =
        findings.iter().filter(|finding| finding.code == "P0117").map(missing).collect();
    assert_eq!(errors, ["C first_due_date", "D paid_instalments"]);
    let lacking =
        load_with(&written("no_term.csv", "借据号,未偿本金,年化利率(%),账龄\nL,1.00,12,3\n"), "");
    let told = lacking.findings().iter().find(|finding| finding.code == "T0007");
    assert_eq!(told.map(|finding| &*finding.facts["field"]), Some("remaining_instalments"));
}

#[test]
fn headers_on_two_lines_are_read_together() {
    let rows = "\
A-1,U1,分期,浙江,2025-06-10,2025-07-10,1,0.514919,12,6,等额本息,12,888.49
A-2,U2,分期,江苏,2025/6/20,20250720,1.0,0.514919,12,6,等额本息,12,888.49
A-3,U3,白条,浙江,2025年11月5日,2025.12.5,０.１２,0.08,３,1,等本等费,6,406.00
";
    // Few headers stand on the upper line alone, many, and all that matter on the lower.
    let heads = [
        "借据号,债务人,,,日期,,金额(万元),,期数,,,,\n,客户号,产品名称,省份,放款日,首期应还日,初始本金,未偿本金,总期数,已还期数,还款方式,年化利率(%),月供(元)\n",
        "借据号,客户号,产品名称,省份,放款日,首期应还日,金额（万元）,,期数,,还款方式,利率(%),月供(元)\n,,,,,,初始本金,未偿本金,总期数,已还期数,,年化,\n",
        "明细,,\n借据号,客户号,产品名称,省份,放款日,首期应还日,初始本金(万元),未偿本金(万元),总期数,已还期数,还款方式,年化利率(%),月供(元)\n",
    ];
    for head in heads {
        let (pool, findings) = accepted(&written("two_lines.csv", format!("{head}{rows}")), "");
        assert_eq!(findings, [], "{head}");
        assert_is_the_table(&pool);
        assert_eq!(pool.manifest.header_rows, [2]);
    }
}

#[test]
fn rows_of_several_sheets_are_one_tape_and_hidden_sheets_are_left() {
    let lines: Vec<&str> = TABLE.lines().collect();
    let mut workbook = Workbook::new();
    let mut write = |name: &str, lines: &[&str], shift: u16, hidden: bool| {
        let sheet = workbook.add_worksheet().set_name(name).expect("a sheet name");
        sheet.set_hidden(hidden);
        for (row, line) in (0..).zip(lines) {
            let line = line.replace("\"10,000.00\"", "10000");
            for (column, text) in (shift..).zip(line.split(',')) {
                sheet.write(row, column, text).expect("a cell");
            }
        }
    };
    write("一月", &lines[..3], 0, false);
    write("二月", &[lines[0], lines[3]], 1, false);
    write("旧", &lines, 0, true);
    let path = scratch("sheets.xlsx");
    workbook.save(&path).expect("a folder for temporary files");
    let (pool, findings) = accepted(&path, "sheets = [\"一月\", \"二月\"]");
    assert_eq!(findings, []);
    assert_is_the_table(&pool);
    assert_eq!(pool.receivables[2].origin, RowOrigin { sheet: 1, row: 2 });
    // A finding names the column of its own sheet.
    let twice = load_with(&path, "sheets = [\"二月\", \"一月\", \"旧\"]");
    let cells: Vec<&str> = twice.findings().iter().map(|f| f.origin.cell.as_str()).collect();
    assert_eq!(codes(twice.findings()), ["P0102", "P0102", "P0102"]);
    assert_eq!(cells, ["A2", "A3", "A4"]);
    let only = load_with(&path, "");
    assert_eq!(codes(only.findings()), ["T0020", "T0008"]);
}

/// The same table of two receivables of 5,149.19, the second in a hidden row, or its balances as
/// formulas.
#[test]
fn hidden_rows_and_formulas_are_read_as_the_file_and_the_mapping_say() {
    let read = |folder: &str, mapping: &str| {
        let path = fixture(&format!("broken/{folder}/pool.xlsx"));
        let (pool, findings) = load_with(&path, mapping).into_parts();
        let ids: Vec<String> = pool.receivables.iter().map(|of| of.id.to_string()).collect();
        (ids.join(" "), pool.outstanding_principal().to_string(), codes(&findings).join(" "))
    };
    let (both, first) = (("A-1 A-2", "10298.38"), ("A-1", "5149.19"));
    for (folder, mapping, (ids, balance), found) in [
        ("T0040_hidden_rows_read", "", both, "T0040"),
        ("T0040_hidden_rows_read", "hidden = \"read\"", both, "T0040"),
        ("T0040_hidden_rows_read", "hidden = \"skip\"", first, "T0041"),
        ("T0040_hidden_rows_read", "hidden = \"refuse\"", both, "T0042"),
        ("T0043_hidden_column", "", both, "T0043"),
        ("T0045_formulas", "", both, "T0045"),
        ("T0047_out_of_date", "", both, "T0047"),
        // Nothing is taken for an empty balance, which the contract would fill in.
        ("T0044_formula_without_value", "", ("", "0.00"), "T0044 T0044"),
    ] {
        let expected = (ids.to_string(), balance.to_string(), found.to_string());
        assert_eq!(read(folder, mapping), expected, "{folder} {mapping}");
    }
}

#[test]
fn row_order_changes_neither_values_nor_codes() {
    let mut lines: Vec<&str> = TABLE.lines().collect();
    lines[1..].reverse();
    let (forward, _) = accepted(&written("forward.csv", TABLE), "");
    let (backward, _) = accepted(&written("backward.csv", lines.join("\n")), "");
    for (name, column) in &forward.attributes {
        assert_eq!(column.values, backward.attributes[name].values, "{name}");
    }
    assert_eq!(forward.products, backward.products);
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let table = TABLE.replace("浙江", "=1+1").replace("江苏", "@SUM(A1)").replace("A-1", "-A1");
    let (pool, _) = accepted(&written("formula.csv", table), "");
    assert_eq!(*pool.attributes["region"].values, ["=1+1".into(), "@SUM(A1)".into()]);
    assert_eq!(&*pool.receivables[0].id, "-A1");
}

#[test]
fn columns_can_be_named_by_letters_when_there_are_no_headers() {
    let table: String = TABLE.lines().skip(1).map(|line| format!("{line}\n")).collect();
    let mapping = "\
header_row = 0
[columns]
receivable_id = \"=A\"
product = \"=C\"
region = \"=D\"
origination_date = \"=E\"
first_due_date = \"=F\"
original_principal = \"=G\"
outstanding_principal = \"=H\"
instalments = \"=I\"
paid_instalments = \"=J\"
repayment_method = \"=K\"
rate = \"=L\"
[units]
rate = { unit = \"percent\", per = \"year\" }
";
    let (pool, findings) = accepted(&written("letters.csv", table), mapping);
    assert_is_the_table(&pool);
    assert_eq!(findings, []);
}

#[test]
fn a_flood_of_findings_is_folded() {
    let mut table = TABLE.lines().next().expect("headers").to_string() + "\n";
    for row in 0..1000 {
        table +=
            &format!("A-{row},U,分期,浙江,2025-06-10,2025-07-10,1000,2000,12,6,等额本息,12,\n");
    }
    let (pool, findings) = load_with(&written("flood.csv", table), "").into_parts();
    assert_eq!(codes(&findings), ["P0110"; 5]);
    assert_eq!(findings[4].more, 995);
    assert!(pool.receivables.is_empty());
}

#[test]
fn files_that_are_no_tapes_are_told_apart() {
    let xlsx = scratch("whole.xlsx");
    workbook().save(&xlsx).expect("a folder for temporary files");
    let bytes = std::fs::read(&xlsx).expect("the file just written");
    let none = Mapping::default();
    let error = |name: &str, bytes: &[u8]| {
        let read = tape::read(&written(name, bytes), &none);
        read.map(|tape| tape.findings).expect_err("no tape").to_string()
    };
    for length in (0..bytes.len()).step_by(97) {
        let _ = tape::read(&written("cut.xlsx", &bytes[..length]), &none);
        let mut broken = bytes.clone();
        broken[length] ^= 0x55;
        let _ = tape::read(&written("flipped.xlsx", &broken), &none);
    }
    assert!(error("half.xlsx", &bytes[..bytes.len() / 2]).contains("damaged"));
    assert!(error("page.xls", b"<html><table></table></html>").contains("web page"));
    assert!(error("paper.csv", b"%PDF-1.7").contains("PDF"));
    assert!(error("empty.csv", b"").contains("empty"));
    assert!(error("binary.csv", &[0, 1, 2, 3]).contains("binary"));
    assert!(matches!(tape::read(&scratch("absent.xlsx"), &none), Err(tape::Error::Open { .. })));
    let encrypted = tape::read(&fixture("tapes/encrypted.xlsx"), &none);
    assert!(matches!(encrypted, Err(tape::Error::Encrypted { .. })));
    // A workbook under another name is read for what it is.
    assert!(tape::read(&written("workbook.csv", &bytes), &none).is_ok());
    let sheet = Mapping { sheets: vec!["Tape".to_string()], ..Mapping::default() };
    let message = tape::read(&xlsx, &sheet).expect_err("no such sheet").to_string();
    assert!(message.ends_with("has no sheet `Tape`; it has 明细"), "{message}");
}

#[test]
fn the_line_of_a_row_is_the_one_that_an_editor_shows() {
    let wrong =
        TABLE.replace("5149.19,12,6,等额本息,12,888.49\nA-2", "x,12,6,等额本息,12,888.49\nA-2");
    let quoted = wrong.replace("A-1,U1,分期", "A-1,\"U\n\n1\",分期");
    for (name, ends) in [("lf", "\n"), ("crlf", "\r\n")] {
        for blank in 0..4 {
            let lines: Vec<&str> = wrong.lines().collect();
            let gap = ends.repeat(1 + blank);
            let text = format!("{}{}{ends}", ends.repeat(blank), lines.join(&gap));
            let path = written(&format!("blank_{name}.csv"), text);
            let checked = load_with(&path, "");
            assert_eq!(checked.findings()[0].origin.cell, format!("H{}", 2 + 2 * blank), "{name}");
        }
    }
    let checked = load_with(&written("quoted.csv", quoted.replace("A-2,U2", "A-2,U2\u{20}")), "");
    assert_eq!(checked.findings()[0].origin.cell, "H2");
    let below = TABLE
        .replace("A-1,U1", "A-1,\"U\n\n1\"")
        .replace("A-3,U3,白条,浙江,2025", "A-3,U3,白条,浙江,x");
    let checked = load_with(&written("below.csv", below), "");
    assert_eq!(checked.findings()[0].origin.cell, "E6", "a quoted text has lines of its own");
}

#[test]
fn a_quote_that_nothing_closes_does_not_take_a_large_file_in() {
    let mut text = TABLE.replace("A-3,", "\"A-3,");
    text += &"A-9,U1,分期,浙江,2025-06-10,2025-07-10,10000.00,5149.19,12,6\n".repeat(400_000);
    let error = tape::read(&written("unclosed.csv", text), &Mapping::default());
    let error = error.map(|tape| tape.rows.len()).expect_err("no table").to_string();
    assert!(error.contains("quote"), "{error}");
}

/// The workbook's parts, with one changed or added.
fn with_part(name: &str, part: &str, content: &dyn Fn(&mut dyn Write)) -> PathBuf {
    let whole = scratch(&format!("of_{name}"));
    workbook().save(&whole).expect("a folder for temporary files");
    let bytes = std::fs::read(&whole).expect("the file just written");
    let mut from = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook is an archive");
    let path = scratch(name);
    let file = std::fs::File::create(&path).expect("a folder for temporary files");
    let mut to = zip::ZipWriter::new(file);
    for place in 0..from.len() {
        let old = from.by_index_raw(place).expect("a part");
        if old.name().expect("a name") != part {
            to.raw_copy_file(old).expect("a part can be copied");
        }
    }
    let options = zip::write::SimpleFileOptions::default();
    to.start_file(part, options).expect("a part can be added");
    content(&mut to);
    to.finish().expect("a folder for temporary files");
    path
}

#[test]
fn a_workbook_that_unpacks_beyond_reason_is_refused_before_it_is_unpacked() {
    let much = |out: &mut dyn Write| {
        let block = vec![b' '; 1 << 20];
        (0..80).for_each(|_| out.write_all(&block).expect("a part can be written"));
    };
    for part in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
        let path = with_part("bomb.xlsx", part, &much);
        assert!(path.metadata().expect("a file").len() < 1 << 20, "a small file");
        let error = tape::read(&path, &Mapping::default()).expect_err("a trap");
        assert!(matches!(error, tape::Error::Inflates { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_workbook_with_macros_or_many_texts_is_read_like_any_other() {
    let macros = |out: &mut dyn Write| out.write_all(b"\xd0\xcf\x11\xe0 not run").expect("a part");
    let path = with_part("macros.xlsm", "xl/vbaProject.bin", &macros);
    let (pool, _) = accepted(&path, "");
    assert_is_the_table(&pool);
    // Texts that no cell names cost their own size and nothing more.
    let texts = |out: &mut dyn Write| {
        out.write_all(b"<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">")
            .expect("a part");
        for number in 0..200_000_u64 {
            let text = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            write!(out, "<si><t>{text:x}</t></si>").expect("a part");
        }
        out.write_all(b"</sst>").expect("a part");
    };
    let path = with_part("texts.xlsx", "xl/sharedStrings.xml", &texts);
    // The table's own texts are gone with the part: that is told, not guessed.
    let (_, findings) = load_with(&path, "").into_parts();
    assert_eq!(codes(&findings), ["T0005"]);
}

#[test]
fn no_damage_to_a_text_table_is_fatal() {
    let (mapping, _) = Mapping::from_toml("", "mapping.toml").into_parts();
    for place in (0..TABLE.len()).step_by(3) {
        for byte in [b',', b'\n', b'"', b'9', b'-', 0xff] {
            let mut bytes = TABLE.as_bytes().to_vec();
            bytes[place] = byte;
            let path = written("damaged.csv", bytes);
            let _ = pool::load(&path, &mapping, &terms()).map(|checked| checked.findings().len());
        }
    }
}

#[test]
fn the_template_of_a_mapping_is_well_formed() {
    let text = include_str!("../templates/mapping.toml");
    let (mapping, findings) = Mapping::from_toml(text, "mapping.toml").into_parts();
    assert_eq!(findings, []);
    assert!(mapping.columns.contains_key("outstanding_principal"));
}

fn lendingclub() -> Checked<Pool> {
    let folder = fixture("cases/lendingclub");
    let text = std::fs::read_to_string(folder.join("mapping.toml")).expect("the mapping");
    let (mapping, findings) = Mapping::from_toml(&text, "mapping.toml").into_parts();
    assert_eq!(findings, []);
    let default_terms =
        ProductTerms { instalment_rounding: Rounding::Up, ..ProductTerms::default() };
    let terms = PoolTerms { cutoff: day(2018, 3, 31), default_terms, by_product: BTreeMap::new() };
    pool::load(&folder.join("loans.csv"), &mapping, &terms).expect("the file can be read")
}

#[test]
fn lendingclub_totals_are_the_published_ones() {
    let (pool, _) = lendingclub().accept().unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(pool.receivables.len(), 10_000);
    let lent: Amount = pool.receivables.iter().map(|r| r.original_principal).sum();
    assert_eq!(lent, amount("163619225"));
    assert_eq!(pool.outstanding_principal(), amount("144589166.10"));
    let first = &pool.receivables[0];
    assert_eq!((first.instalments, first.paid_instalments, first.due_day), (60, 0, 31));
    assert_eq!((first.origination, first.first_due), (day(2018, 3, 31), day(2018, 4, 30)));
    assert_eq!(pool.attributes["obligor_id"].values.len(), 10_000);
}

#[test]
fn lendingclub_instalments_reproduce_but_for_three_modified_loans() {
    let checked = lendingclub();
    let named = |code: &str| -> Vec<(String, usize)> {
        let findings = checked.findings().iter().filter(|finding| finding.code == code);
        findings.map(|f| (f.facts["id"].clone(), f.more)).collect()
    };
    let modified: Vec<String> = named("P0120").into_iter().map(|(id, _)| id).collect();
    assert_eq!(modified, ["1548", "1968", "9687"]);
    let settled = named("P0118");
    assert_eq!(settled.iter().map(|(_, more)| 1 + more).sum::<usize>(), 455);
    assert!(settled.iter().all(|(id, _)| id.parse::<u32>().is_ok()));
}
