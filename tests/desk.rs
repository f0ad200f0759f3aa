//! The desk where tapes come in: the proposal of a mapping, the workbook of findings, the roll
//! against the last tape, all through the program.

use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::tape::{CellValue, Mapping, SheetCells};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("desk").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
    }
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).expect("a writable folder");
}

/// Runs the program; its exit code, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text in UTF-8");
    let code = output.status.code().expect("the program ends by itself");
    (code, text(output.stdout), text(output.stderr))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// A tape with odd headers: a longer name for the balance, no unit of the rate, ten thousands.
const ODD: &str = "\
某某公司应收账款明细,,,,,,,,,,
借据号,客户名称,放款日,首期应还日,初始本金（万元）,期末剩余本金余额,总期数,已还期数,还款方式,利率,月供,渠道
A-1,张三,2025-06-10,2025-07-10,1,0.514919,12,6,等额本息,12,888.49,线上
A-2,李四,2025-06-20,2025-07-20,1,0.514919,12,6,等额本息,12,888.49,线下
A-3,王五,2025-06-20,2025-07-20,1,0.514919,12,6,等额本息,12,888.49,线上
";

#[test]
fn a_proposed_mapping_says_what_is_certain_and_what_is_not() {
    let folder = folder("map");
    write(&folder, "pool.csv", ODD);
    let (code, out, err) = run(&folder, &["map", "pool.csv", "--json"]);
    assert_eq!(code, 0, "{err}");
    let proposal = json(&out);
    assert_eq!(proposal["header_row"], 2);
    let column = |letters: &str| {
        let columns = proposal["columns"].as_array().expect("columns");
        let found = columns.iter().find(|column| column["column"] == letters);
        found.unwrap_or_else(|| panic!("column {letters}")).clone()
    };
    assert_eq!(column("A")["field"], "receivable_id");
    assert_eq!(column("A")["confidence"], "certain");
    // Personal data is masked even here, and is no field.
    assert_eq!(
        (&column("B")["field"], &column("B")["samples"][0]),
        (&serde_json::Value::Null, &"张*".into())
    );
    assert_eq!(column("E")["unit"], serde_json::json!(["wan_yuan"]));
    assert_eq!(column("E")["unit_is_guess"], false);
    assert_eq!(column("F")["field"], "outstanding_principal");
    assert_eq!(column("F")["confidence"], "likely");
    assert_eq!(column("F")["unit"], serde_json::json!(["wan_yuan"]));
    assert_eq!(column("F")["unit_is_guess"], true);
    // 12 is 12 % a year by recomputing the instalment; nobody said so.
    assert_eq!(column("J")["unit"], serde_json::json!(["percent", "year"]));
    assert_eq!(column("L")["confidence"], "none");
    assert_eq!(proposal["missing"], serde_json::json!([]));
}

#[test]
fn nothing_likely_is_used_before_somebody_confirms_it() {
    let folder = folder("confirm");
    write(&folder, "pool.csv", ODD);
    let (code, _, err) = run(&folder, &["map", "pool.csv", "--out", "mapping.toml"]);
    assert_eq!(code, 0, "{err}");
    let text = std::fs::read_to_string(folder.join("mapping.toml")).expect("the mapping");
    let mapping = |text: &str| {
        let (mapping, findings) = Mapping::from_toml(text, "mapping.toml").into_parts();
        assert_eq!(findings, [], "{text}");
        mapping
    };
    let proposed = mapping(&text);
    assert!(proposed.columns.contains_key("original_principal"), "{text}");
    assert!(!proposed.columns.contains_key("outstanding_principal"), "{text}");
    let confirmed = text
        .replace("# outstanding_principal = \"期", "outstanding_principal = \"期")
        .replace("# outstanding_principal = \"wan_yuan\"", "outstanding_principal = \"wan_yuan\"");
    assert_ne!(confirmed, text);
    let tape = cashfall::tape::read(&folder.join("pool.csv"), &mapping(&confirmed));
    let tape = tape.expect("the tape can be read");
    let balance = tape.rows[0].outstanding_principal.expect("a balance");
    assert_eq!(balance.to_string(), "5149.19");
    let (code, _, err) = run(&folder, &["map", "pool.csv", "--out", "mapping.toml"]);
    assert!(code == 2 && err.contains("--force"), "a mapping is not written over: {err}");
}

fn cells(sheet: &SheetCells) -> Vec<(u32, usize, String)> {
    let text = |value: &CellValue| match value {
        CellValue::Text(text) => text.clone(),
        CellValue::Number { value, .. } => value.to_string(),
        CellValue::Date(date) => date.to_string(),
    };
    let rows = sheet.rows.iter();
    rows.flat_map(|(row, cells)| {
        cells.iter().map(move |(column, value)| (*row, *column, text(value)))
    })
    .collect()
}

#[test]
fn the_workbook_of_findings_has_a_row_for_each_and_the_rows_of_the_tape() {
    let folder = folder("findings");
    write(&folder, "pool.csv", &nine_wrong_rows(&folder));
    for lang in ["zh", "en", "both"] {
        let arguments =
            ["check", "deal.toml", "--findings", "findings.xlsx", "--force", "--lang", lang];
        let (code, _, err) = run(&folder, &arguments);
        assert_eq!(code, 1, "{err}");
        let sheets = cashfall::tape::sheets(&folder.join("findings.xlsx")).expect("a workbook");
        assert_eq!(sheets.len(), 3);
        let [summary, table, rows] = [0, 1, 2].map(|sheet| cells(&sheets[sheet]));
        let counted = |cells: &[(u32, usize, String)], code: &str| {
            let row = cells.iter().find(|(_, column, text)| *column == 0 && text == code);
            let row = row.unwrap_or_else(|| panic!("{code} is in the summary")).0;
            let count = cells.iter().find(|(of, column, _)| *of == row && *column == 2);
            count.expect("a count").2.clone()
        };
        assert_eq!(counted(&summary, "P0105"), "9");
        let of_code: Vec<u32> = table
            .iter()
            .filter(|(_, column, text)| *column == 1 && text == "P0105")
            .map(|c| c.0)
            .collect();
        assert_eq!(of_code.len(), 9, "every finding has its row");
        let at = |row: u32, column: usize| {
            table
                .iter()
                .find(|(r, c, _)| (*r, *c) == (row, column))
                .map(|(_, _, text)| text.clone())
        };
        assert_eq!(at(of_code[0], 5).as_deref(), Some("F8"));
        assert_eq!(at(of_code[0], 6).as_deref(), Some("X0"));
        assert!(at(of_code[0], 8).is_some_and(|help| !help.is_empty()), "what to do");
        assert_eq!(rows.iter().filter(|(_, _, text)| text == "2026-01-1x").count(), 9);
    }
    let (code, _, err) = run(&folder, &["check", "deal.toml", "--findings", "findings.xlsx"]);
    assert!(code == 2 && err.contains("--force"), "{err}");
}

/// The tape of the worked example with more wrong rows than a terminal is told of; its deal stands in the
/// folder.
fn nine_wrong_rows(folder: &Path) -> String {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/worked_example_cn");
    std::fs::copy(case.join("deal.toml"), folder.join("deal.toml")).expect("the case's deal");
    let mut tape = std::fs::read_to_string(case.join("pool.csv")).expect("the case's tape");
    for row in 0..9 {
        tape += &format!(
            "X{row},U9,白条分期,等本等费,2025-12-10,2026-01-1x,10,6433.00,6433.00,6,0,0.55\n"
        );
    }
    tape
}

/// The same tape with a column of staff, which the folder's deal reads.
fn nine_wrong_rows_of_staff(folder: &Path) {
    let tape = nine_wrong_rows(folder);
    let staff = |(place, line): (usize, &str)| match place {
        0 => format!("{line},客户经理\n"),
        _ => format!("{line},王小明\n"),
    };
    write(folder, "pool.csv", &tape.lines().enumerate().map(staff).collect::<String>());
}

#[test]
fn all_findings_are_told_where_all_are_asked_for() {
    let folder = folder("all");
    nine_wrong_rows_of_staff(&folder);
    let cells = |arguments: &[&str]| -> (Vec<String>, u64) {
        let (code, out, err) = run(&folder, arguments);
        assert_eq!(code, 1, "{err}");
        let told = json(&out);
        let told = told.as_array().or(told["findings"].as_array()).expect("findings").clone();
        let of_code = || told.iter().filter(|finding| finding["code"] == "P0105");
        let more = of_code().map(|finding| finding["more"].as_u64().unwrap_or(0)).sum();
        (of_code().map(|finding| finding["cell"].to_string()).collect(), more)
    };
    let (told, more) = cells(&["check", "deal.toml", "--json"]);
    assert_eq!((told.len(), more), (5, 4), "{told:?}");
    let (told, more) = cells(&["check", "deal.toml", "--json", "--all"]);
    assert_eq!((told.len(), more), (9, 0), "{told:?}");
    let (told, more) = cells(&["check", "deal.toml", "--json", "--all", "--findings", "f.xlsx"]);
    assert_eq!((told.len(), more), (9, 0), "{told:?}");
}

#[test]
fn names_of_staff_are_masked_and_products_are_not() {
    let folder = folder("staff");
    nine_wrong_rows_of_staff(&folder);
    let arguments = ["check", "deal.toml", "--findings", "findings.xlsx", "--lang", "en"];
    let (code, _, err) = run(&folder, &arguments);
    assert!(code == 1 && err.contains("T0030"), "{err}");
    let sheets = cashfall::tape::sheets(&folder.join("findings.xlsx")).expect("a workbook");
    let texts: Vec<String> = sheets.iter().flat_map(cells).map(|(_, _, text)| text).collect();
    assert!(!texts.iter().any(|text| text.contains("王小明")), "{texts:?}");
    assert_eq!(texts.iter().filter(|text| *text == "王**").count(), 9, "{texts:?}");
    let (_, out, err) = run(&folder, &["map", "pool.csv", "--json"]);
    let columns = json(&out)["columns"].as_array().expect(&err).clone();
    let samples = |header: &str| {
        let column = columns.iter().find(|column| column["header"] == header);
        column.expect("a column")["samples"].to_string()
    };
    assert_eq!(samples("客户经理"), r#"["王**"]"#);
    let products = samples("产品名称");
    assert!(products.contains("白条分期") && !products.contains('*'), "{products}");
}

/// A roll of six receivables whose parts are added up by hand.
#[test]
fn a_roll_forward_sums_and_lists_what_nothing_explains() {
    let folder = folder("roll");
    let head = "借据号,客户号,放款日,首期应还日,初始本金,未偿本金余额,总期数,已还期数,还款方式,年化利率(%),逾期天数\n";
    let row = |id: &str, balance: &str, paid: u32, days: u32| {
        format!("{id},U1,2025-06-10,2025-07-10,12000.00,{balance},12,{paid},等额本金,12,{days}\n")
    };
    let new = "N-1,U1,2025-12-05,2026-01-05,3000.00,3000.00,3,0,等额本金,12,0\n";
    // The instalment of 10 December is 1,000.00 for each.
    let last = [
        row("A", "7000.00", 5, 0),           // pays as planned
        row("B", "7000.00", 5, 0),           // is past due
        row("C", "7000.00", 5, 0),           // prepays 2,500.00
        row("D", "7000.00", 5, 0),           // is gone
        row("E", "7000.00", 5, 0),           // grows by 100.00: 1,100.00 above its plan
        row("13800138000", "7000.00", 5, 0), // pays nothing and is current, they say
    ];
    let this = [
        row("A", "6000.00", 6, 0),
        row("B", "7000.00", 5, 21),
        row("C", "3500.00", 6, 0),
        row("E", "7100.00", 5, 21),
        row("13800138000", "7000.00", 6, 0),
        new.to_string(),
        row("X", "6000.00", 6, 0), // old, and nobody has seen it
    ];
    write(&folder, "last.csv", &format!("{head}{}", last.concat()));
    write(&folder, "this.csv", &format!("{head}{}", this.concat()));
    let roll = ["roll", "last.csv", "this.csv", "--from", "2025-11-30", "--to", "2025-12-31"];
    let (code, out, err) = run(&folder, &[&roll[..], &["--json"]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(!out.contains("13800138000") && !err.contains("13800138000"), "personal data");
    let figures = json(&out);
    let moved = |key: &str| {
        let of = &figures[key];
        (
            of["count"].as_u64().expect("a count"),
            of["principal"].as_str().expect("money").to_string(),
        )
    };
    let is = |key: &str, count: u64, principal: &str| {
        assert_eq!(moved(key), (count, principal.to_string()), "{key}");
    };
    is("opening", 6, "42000.00");
    is("scheduled", 6, "6000.00");
    is("unpaid", 1, "1000.00");
    is("prepaid", 1, "2500.00");
    is("closed", 1, "6000.00");
    is("new", 1, "3000.00");
    // E 1,100.00, the phone 1,000.00, X 6,000.00.
    is("unexplained", 3, "8100.00");
    // 42,000 − 6,000 + 1,000 − 2,500 − 6,000 + 3,000 + 8,100.
    is("closing", 7, "39600.00");
    let whys: Vec<&str> = figures["residuals"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|residual| residual["why"].as_str().expect("a word"))
        .collect();
    assert_eq!(whys, ["rose", "unpaid_but_current", "appeared"]);
    let (code, out, err) = run(&folder, &[&roll[..], &["--lang", "zh"]].concat());
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("不明差额") && out.contains("8,100.00"), "{out}");
    assert!(err.contains("P0160") && err.contains("this.csv:F5"), "{err}");
}
