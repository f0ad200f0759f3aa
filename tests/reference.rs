//! The reference pages are written from the types, and the tables behind them agree with the
//! readers. `UPDATE_EXPECT=1` rewrites the pages, and the difference is the review.

mod testkit;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use cashfall::assumptions::Assumptions;
use cashfall::deal::define::{KNOWN, Known};
use cashfall::deal::keys::{File, KEYS, Key};
use cashfall::deal::{Deal, Stage};
use cashfall::finding::{Finding, Lang, Severity, catalogue};
use cashfall::tape::{Field, Mapping};
use toml::Value;

/// A key that no reader can know.
const NOBODY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

const WRITTEN: &str =
    "<!-- Written by `UPDATE_EXPECT=1 cargo test --test reference`; edit the source instead. -->\n";

// The pages ----------------------------------------------------------------------------------------

#[test]
fn the_page_of_the_deal_file_is_current() {
    let text = "The deal file says what is sold, to whom it pays, and in what order. 交易文件说明出售什么, \
                向谁支付, 按什么顺序。\n\nIt may [extend another file](overlay.md) and may be \
                [a workbook](workbook.md). 可[以改动写成](overlay.md), 也可为[工作簿](workbook.md)。\n\n";
    page("deal.md", "The deal file 交易文件", text, File::Deal);
}

#[test]
fn the_page_of_the_assumptions_file_is_current() {
    let text = "The assumptions say how obligors behave, by segment. Without the file nobody prepays \
                and nobody defaults. 假设文件按分组说明债务人的行为; 没有该文件即无早偿、无违约。\n\n";
    page("assumptions.md", "The assumptions file 假设文件", text, File::Assumptions);
}

#[test]
fn the_page_of_the_mapping_is_current() {
    let mut text = String::from(
        "A mapping says what the headers of one originator's tape mean, and what the tape leaves \
         out. Headers that are known need no line. 列映射说明明细表头的含义及缺失的内容; 已识别的表头无需写出。\n\n",
    );
    text += "## Fields of a tape 明细字段\n\n| Field | 中文 | English |\n|---|---|---|\n";
    for (name, zh, en) in FIELDS {
        let _ = writeln!(text, "| `{name}` | {zh} | {en} |");
    }
    text.push('\n');
    page("mapping.md", "The column mapping 列映射", &text, File::Mapping);
}

/// Above its marker the page is written by hand, below it from the table of names.
#[test]
fn the_names_on_the_page_of_definitions_are_current() {
    const MARKER: &str = "<!-- Below this line written by";
    let page = read("docs/reference/define.md");
    let place = page.find(MARKER).expect("the page has its marker");
    let line = page[place..].lines().next().expect("the marker is a line");
    let mut text = format!("{}{line}\n\n## Figures of the deal 交易中的数值\n\n", &page[..place]);
    text += "`*` stands for the id of a block. `*` 处为各自的 id。\n\n";
    text += "| Name | 含义 | Meaning | Sort | Known |\n|---|---|---|---|---|\n";
    for Known { pattern, sort, stage, zh, en } in KNOWN {
        let known = match stage {
            Stage::Collected => "collected",
            Stage::Tested => "tested",
            Stage::Accrued => "accrued",
            Stage::Due => "due",
            Stage::Left => "left",
            Stage::Paid => "paid",
        };
        let _ = writeln!(text, "| `{pattern}` | {zh} | {en} | {} | {known} |", sort.word());
    }
    current("define.md", &text);
}

/// The example of the page is read as it stands.
#[test]
fn the_example_of_the_page_of_definitions_is_understood() {
    let page = read("docs/reference/define.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let example = example.expect("the page has an example");
    let trigger = "[[trigger]]\nid = \"breach\"\nmetric = \"pool_factor\"\nbelow = \"5 %\"\n";
    let deal = format!("[pool]\ncutoff = 2024-12-31\n{example}{trigger}");
    // The rest of the deal is missing, which is said.
    let of_definitions = findings(File::Deal, &deal);
    let mut of_definitions = of_definitions.iter().filter(|finding| finding.code != "F0103");
    let found = of_definitions.next();
    assert!(found.is_none(), "{found:?}\n{deal}");
}

#[test]
fn the_page_of_findings_is_current() {
    let mut text = format!("# Findings 检查结果\n\n{WRITTEN}\n");
    text += "Every finding has a permanent code. `cashfall explain CODE` prints its entry. In the \
             sentences `{name}` stands for a figure of the finding. 每项检查结果有固定代码; \
             `{name}` 处为具体数字。\n\n";
    text += "F the form of a file · D the deal · A the assumptions · M deal, pool and assumptions \
             together · T the tape · P its rows · E eligibility, limits, distributions, \
             selection · V vintages\n";
    for (code, entry) in catalogue() {
        let severity = match entry.severity {
            Severity::Error => "error 错误",
            Severity::Warning => "warning 警告",
            Severity::Note => "note 说明",
        };
        let _ = write!(text, "\n## {code} · {severity}\n\n");
        for lang in [Lang::En, Lang::Zh] {
            let _ = writeln!(
                text,
                "- **{}** {} *{}*",
                entry.message(lang),
                entry.about(lang),
                entry.help(lang)
            );
        }
    }
    current("findings.md", &text);
}

#[test]
fn the_page_of_the_command_line_is_current() {
    let mut text = format!("# The command line 命令行\n\n{WRITTEN}\n");
    text += "Data goes to standard output, talk to standard error. Exit codes: 0 done, 1 findings \
             (errors in the user's data), 2 surroundings (a file that is not there), 101 a bug of \
             the program.\n";
    for command in [
        "",
        "demo",
        "check",
        "map",
        "mend",
        "roll",
        "run",
        "decrement",
        "static",
        "stress",
        "track",
        "strat",
        "eligibility",
        "select",
        "sample",
        "limit-cut",
        "explain",
        "clauses",
        "diff",
        "convert",
        "synth",
        "init",
    ] {
        let help = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .args(command.split_whitespace())
            .arg("--help")
            .env("COLUMNS", "100")
            .output()
            .expect("the program starts");
        let help = String::from_utf8(help.stdout).expect("help is text");
        let help: String = help.lines().map(|line| line.trim_end().to_string() + "\n").collect();
        let name = format!("cashfall {command}");
        let _ = write!(text, "\n## `{}`\n\n```text\n{}\n```\n", name.trim(), help.trim());
    }
    current("cli.md", &text);
}

#[test]
fn every_key_of_the_json_is_documented() {
    let documented = read("docs/reference/json.md");
    let job = testkit::case_file("worked_example_cn/revolving.toml");
    let (model, run) = testkit::run(&job);
    let json = cashfall::report::to_json(&job.deal, &model, &run, &[]);
    let mut keys = BTreeSet::new();
    collect(&json, &mut keys);
    let groups = testkit::case("two_pools");
    let (model, run) = testkit::run(&groups);
    collect(&cashfall::report::to_json(&groups.deal, &model, &run, &[]), &mut keys);
    let table = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .arg("decrement")
        .arg(testkit::path("cases/worked_example_cn/deal.toml"))
        .args(["--speeds", "6 %", "--json"])
        .output()
        .expect("the program starts");
    let table = serde_json::from_slice(&table.stdout).expect("JSON");
    collect(&table, &mut keys);
    let deal = testkit::path("broken/E0401_limits_conflict/deal.toml");
    let tape = testkit::path("cases/worked_example_cn/pool.csv");
    for arguments in [
        ["strat", "--cross", "product,instalments"].as_slice(),
        &["eligibility"],
        &["select", "--target", "20000"],
        &["sample", "--size", "3"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .arg(arguments[0])
            .arg(&deal)
            .args(["--json", "--pool"])
            .arg(&tape)
            .args(&arguments[1..])
            .output()
            .expect("the program starts");
        collect(&serde_json::from_slice(&output.stdout).expect("JSON"), &mut keys);
    }
    let track = ["--actual", "cases/track/actual.csv"];
    let commands: [(&str, &str, &[&str]); 4] = [
        ("static", "cases/static_pool/long.csv", &["--ratings", "AAA=5:0.1 %"]),
        ("static", "cases/static_pool/dynamic.csv", &[]),
        ("stress", "cases/worked_example_cn/deal.toml", &[]),
        ("track", "cases/worked_example_cn/deal.toml", &track),
    ];
    for (command, file, more) in commands {
        let printed = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .current_dir(testkit::path(""))
            .arg(command)
            .arg(file)
            .args(more)
            .args(["--json", "--lang", "en"])
            .output()
            .expect("the program starts");
        collect(&serde_json::from_slice(&printed.stdout).expect("JSON"), &mut keys);
    }
    for key in keys {
        assert!(documented.contains(&format!("`{key}`")), "docs/reference/json.md says `{key}`");
    }
}

fn collect(json: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match json {
        serde_json::Value::Object(map) => {
            keys.extend(map.keys().cloned());
            map.values().for_each(|value| collect(value, keys));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[test]
fn the_deal_of_the_readme_prints_what_the_readme_says() {
    let readme = read("README.md");
    let block = |language: &str| {
        let after = readme.split(&format!("```{language}\n")).nth(1).expect("the block is there");
        after.split("```").next().expect("the block ends").to_string()
    };
    let folder = testkit::recalculate::fresh("readme");
    std::fs::write(folder.join("deal.toml"), block("toml")).expect("a temporary file");
    let tape = testkit::path("cases/worked_example_cn/pool.csv");
    std::fs::copy(tape, folder.join("pool.csv")).expect("a temporary file");
    let run = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .arg("run")
        .arg(folder.join("deal.toml"))
        .output()
        .expect("the program starts");
    assert_eq!(String::from_utf8_lossy(&run.stdout), block("text"));
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

fn page(name: &str, title: &str, intro: &str, file: File) {
    let mut text = format!("# {title}\n\n{WRITTEN}\n{intro}");
    if file != File::Mapping {
        text += "Money is a number with at most two decimals. A rate is a fraction (`0.026`) or a \
                 percent with its sign (`\"2.6 %\"`). A date is `2025-01-15`. A key that is not listed \
                 here is an error (F0102). 金额至多两位小数; 比率写作小数或带 % 的文字; 未列出的键报错。\n\n";
    }
    let mut tables: Vec<&str> = Vec::new();
    for key in KEYS.iter().filter(|key| key.file == file) {
        if !tables.contains(&parent(key)) {
            tables.push(parent(key));
        }
    }
    let tables: Vec<String> = tables.into_iter().map(|table| keys_of(file, table)).collect();
    current(name, &(text + &tables.join("\n")));
}

/// The keys of one table under their heading.
fn keys_of(file: File, table: &str) -> String {
    let mut text = format!("{}\n\n", heading(table));
    text += "| Key | Takes | Left out | Meaning | Example |\n|---|---|---|---|---|\n";
    for key in KEYS.iter().filter(|key| key.file == file && parent(key) == table) {
        let example = key.example.lines().map(|line| format!("`{}`", cell(line)));
        let example = example.collect::<Vec<_>>().join("<br>");
        let (name, kind, default) = (last(key), cell(key.kind), cell(key.default));
        let (zh, en) = (cell(key.zh), cell(key.en));
        let _ = writeln!(text, "| `{name}` | {kind} | {default} | {zh}<br>{en} | {example} |");
    }
    text
}

fn heading(table: &str) -> String {
    match table {
        "" => "## Top of the file".to_string(),
        "tranche" | "fee" | "trigger" | "step" | "segment" | "purchased" | "index" | "account"
        | "facility" | "support" | "swap" | "eligibility" | "limit" | "stratification" => {
            format!("## `[[{table}]]`")
        }
        "step.pay" => "## A payee of `pay = [{ … }]`".to_string(),
        table if nested(table).is_some() => {
            let (outer, open, close) = nested(table).expect("just asked");
            let open = open.trim().lines().last().unwrap_or_default();
            let outer = if outer == "stress" { "[stress]".into() } else { format!("[[{outer}]]") };
            format!("## `{open}…{}` of `{outer}`", close.trim())
        }
        "supply.tier" => "## `[[supply.tier]]`".to_string(),
        "pool.product.*" => "## `[pool.product.\"name\"]`".to_string(),
        table => format!("## `[{table}]`"),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn parent(key: &Key) -> &'static str {
    key.path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn last(key: &Key) -> &'static str {
    key.path.rsplit('.').next().unwrap_or(key.path)
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[track_caller]
fn current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    let committed = read(&format!("docs/reference/{name}"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        // A page that is current stays as it is, for another test may be reading it.
        if committed != text {
            std::fs::write(path, text).expect("the page can be written");
        }
        return;
    }
    let differs = committed.lines().zip(text.lines()).find(|(committed, now)| committed != now);
    assert!(
        committed == text,
        "docs/reference/{name} is stale; `UPDATE_EXPECT=1 cargo test --test reference` rewrites it: \
         {differs:?}"
    );
}

// The table and the readers ------------------------------------------------------------------------

#[test]
fn every_key_of_the_table_is_known_to_its_reader() {
    for key in &KEYS {
        let text = file_with(parent(key), key.file, key.example);
        let findings = findings(key.file, &text);
        let complaints = ["F0101", "F0102", "F0104", "F0105", "F0106", "F0107", "F0108"];
        let mapping = ["T0001", "T0002", "T0003"];
        for finding in findings {
            let refused = complaints.contains(&finding.code) || mapping.contains(&finding.code);
            assert!(!refused, "{}: {}\n{text}", key.path, finding.message(Lang::En));
        }
    }
}

#[test]
fn every_key_that_a_reader_takes_is_in_the_table() {
    let beside = |table: &str| match table {
        "segment" => vec!["recovery_rate = 0.1"],
        "step.pay" => vec![
            "tranche = \"A\", due = \"amount\"",
            "fee = \"A\"",
            "account = \"collection\", due = \"amount\"",
            "facility = \"A\"",
            "swap = \"A\"",
            "originator = true, due = \"amount\"",
            "cap = 1",
        ],
        "swap.pays" | "swap.receives" => vec!["rate = 0.1", "index = \"A\""],
        "trigger" => vec!["", "metric = \"declared\""],
        "limit" => vec!["measure = \"share\"", "measure = \"groups\""],
        _ => vec![""],
    };
    for file in [File::Deal, File::Assumptions] {
        // Names of definitions are the user's own.
        let tables: BTreeSet<&str> = KEYS
            .iter()
            .filter(|key| key.file == file && !key.path.starts_with("define"))
            .map(parent)
            .collect();
        for table in tables {
            let mut taken = BTreeSet::new();
            for line in beside(table) {
                let text = match nested(table) {
                    Some((outer, open, close)) => {
                        let comma = if line.is_empty() { "" } else { ", " };
                        let inner = format!("{open}{line}{comma}{NOBODY} = 1{close}");
                        file_with(outer, file, &inner)
                    }
                    None => file_with(table, file, &format!("{line}\n{NOBODY} = 1")),
                };
                taken.extend(taken_beside(&findings(file, &text)));
            }
            let listed: BTreeSet<String> = KEYS
                .iter()
                .filter(|key| key.file == file && parent(key) == table)
                .map(|key| last(key).to_string())
                .collect();
            assert_eq!(taken, listed, "the reader of [{table}] and the table of keys");
        }
    }
}

/// Tables inside a line of another table: the outer table, what opens and what closes them.
fn nested(table: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match table {
        "step.pay" => ("step", "pay = [{ ", " }]"),
        "segment.line" => ("segment", "line = { ", " }"),
        "segment.line.event" => ("segment", "line = { event = [{ ", " }] }"),
        "supply.tier.event" => ("supply.tier", "event = [{ ", " }]"),
        "supply.tier.temporary" => ("supply.tier", "temporary = [{ ", " }]"),
        "tranche.coupon" => ("tranche", "coupon = [{ ", " }]"),
        "tranche.per_hundred" => ("tranche", "per_hundred = { ", " }"),
        "fee.tiers" => ("fee", "tiers = [{ ", " }]"),
        "fee.dated" => ("fee", "dated = [{ ", " }]"),
        "stress.holiday" => ("stress", "holiday = { ", " }"),
        "stress.shock" => ("stress", "shock = { ", " }"),
        "stress.segment" => ("stress", "segment = [{ ", " }]"),
        "tax.vat" => ("tax", "vat = [{ ", " }]"),
        "tax.surcharge" => ("tax", "surcharge = [{ ", " }]"),
        "index.rates" => ("index", "rates = [{ ", " }]"),
        "limit.where" => ("limit", "measure = \"share\"\nwhere = { ", " }"),
        "swap.pays" => ("swap", "pays = { ", " }"),
        "swap.receives" => ("swap", "receives = { ", " }"),
        "swap.pays.rate" => ("swap", "pays = { rate = [{ ", " }] }"),
        "swap.receives.rate" => ("swap", "receives = { rate = [{ ", " }] }"),
        _ => return None,
    })
}

/// The keys that a reader names when it meets one that it does not know.
fn taken_beside(findings: &[Finding]) -> Vec<String> {
    let unknown = findings.iter().filter(|finding| finding.code == "F0102");
    let unknown = unknown.filter(|finding| finding.facts["key"].ends_with(NOBODY));
    let suggestion = unknown.map(|finding| finding.facts["suggestion"].clone());
    let all = suggestion.collect::<Vec<_>>().join(", ");
    all.split(", ").map(|key| key.trim_matches('`').to_string()).collect()
}

#[test]
fn every_key_and_field_of_the_mapping_is_in_the_table() {
    let known = |text: &str| -> BTreeSet<String> {
        let findings = findings(File::Mapping, text);
        let unknown = findings.iter().find(|finding| finding.code == "T0002");
        let known = &unknown.expect("nobody knows that key").facts["known"];
        known.split(", ").map(str::to_string).collect()
    };
    let listed = KEYS.iter().filter(|key| key.file == File::Mapping);
    let listed: BTreeSet<String> = listed.map(|key| key.path.to_string()).collect();
    assert_eq!(known(&format!("{NOBODY} = 1")), listed);
    let fields: BTreeSet<String> = FIELDS.iter().map(|(name, ..)| (*name).to_string()).collect();
    assert_eq!(known(&format!("[units]\n{NOBODY} = 1")), fields);
    assert!(FIELDS.iter().all(|(name, ..)| Field::of_tape(name).is_some()));
}

#[test]
fn every_key_of_the_templates_is_in_the_table() {
    for (file, names) in [
        (File::Deal, ["templates/deals/baitiao.toml", "templates/demo/deal.toml"].as_slice()),
        (
            File::Assumptions,
            &["templates/deals/assumptions.toml", "templates/demo/assumptions.toml"],
        ),
    ] {
        for name in names {
            let text = read(name).replace("{A}", "1").replace("{B}", "1").replace("{C}", "1");
            let value: Value = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut paths = BTreeSet::new();
            walk("", &value, &mut paths);
            for path in paths {
                let known = KEYS.iter().any(|key| key.file == file && key.path == path);
                assert!(known, "{name} uses `{path}`, which the table does not have");
            }
        }
    }
}

/// The paths of all keys below a value; names that the user chooses are `*`.
fn walk(path: &str, value: &Value, paths: &mut BTreeSet<String>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let path = match path {
                    "" => name.clone(),
                    "pool.product" => "pool.product.*".to_string(),
                    path => format!("{path}.{name}"),
                };
                let free = ["name", "where", "frequency", "cpr", "smm", "abs_speed", "cdr", "mdr"];
                if path != "pool.product.*" {
                    paths.insert(path.clone());
                }
                if !free.contains(&name.as_str()) {
                    walk(&path, value, paths);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(path, value, paths)),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => {}
    }
}

/// A file with some lines in one of its tables, and as little else as their reader needs.
fn file_with(table: &str, file: File, lines: &str) -> String {
    let cutoff = "cutoff = 2024-12-31\n";
    let outer = nested(table).map_or(table, |(outer, ..)| outer);
    let header = match outer {
        "" if lines.starts_with("pool ") || file != File::Deal => return lines.to_string(),
        "" => return format!("{lines}\n[pool]\n{cutoff}"),
        "pool" if lines.contains("cutoff") => return format!("[pool]\n{lines}\n"),
        "pool" => return format!("[pool]\n{cutoff}{lines}\n"),
        "pool.product.*" => "[pool.product.\"x\"]".to_string(),
        "subpool.product.*" => "[[subpool]]\n[subpool.product.\"x\"]".to_string(),
        "supply.tier" => "[[supply.tier]]".to_string(),
        "tranche" | "fee" | "trigger" | "step" | "segment" | "purchased" | "index" | "account"
        | "facility" | "support" | "swap" | "eligibility" | "limit" | "stratification"
        | "subpool" => {
            format!("[[{outer}]]")
        }
        outer => format!("[{outer}]"),
    };
    let pool = if file == File::Deal { format!("[pool]\n{cutoff}") } else { String::new() };
    format!("{pool}{header}\n{lines}\n")
}

fn findings(file: File, text: &str) -> Vec<Finding> {
    match file {
        File::Deal => Deal::from_toml("deal.toml", text).into_parts().1,
        File::Assumptions => Assumptions::from_toml("assumptions.toml", text).into_parts().1,
        File::Mapping => Mapping::from_toml(text, "mapping.toml").into_parts().1,
    }
}

/// The fields of a tape in the order of its reports.
const FIELDS: [(&str, &str, &str); 25] = [
    ("receivable_id", "借据号", "the identifier, as text"),
    ("product", "产品名称", "the product; the deal may state terms by it"),
    ("origination_date", "放款日", "the day of origination"),
    ("maturity_date", "到期日", "the last due date, to check"),
    ("first_due_date", "首期应还日", "the first due date"),
    ("due_day", "还款日", "the due day of the month, 1–31"),
    (
        "cutoff_date",
        "封包日",
        "a cut-off date of the receivable's own, later than the deal's: it joins the pool then",
    ),
    ("original_principal", "初始本金", "the principal lent"),
    (
        "outstanding_principal",
        "未偿本金余额",
        "the principal outstanding at the cut-off date: the truth",
    ),
    ("overdue_principal", "逾期本金", "of it, overdue"),
    ("unbilled_principal", "未到期本金", "of it, not yet due, to check"),
    ("instalments", "总期数", "the number of instalments"),
    ("paid_instalments", "已还期数", "of them, paid"),
    ("remaining_instalments", "剩余期数", "of them, not paid"),
    (
        "seasoning_months",
        "账龄(月)",
        "months from origination to the cut-off date; with the remaining instalments it stands for \
         all dates",
    ),
    (
        "repayment_method",
        "还款方式",
        "`level_pay`, `equal_principal`, `flat_fee`, `interest_only`, `daily`, `bill`, `given`, or a known word",
    ),
    ("rate", "利率或费率", "the contract rate, per year, instalment or day"),
    ("rate_type", "利率类型", "what the rate of the row is for: 年利率, 月费率, 日利率"),
    ("instalment_amount", "每期应还", "the instalment as the lender states it"),
    ("past_due_days", "逾期天数", "days past due at the cut-off date"),
    (
        "overdue_start",
        "逾期开始日",
        "the day since when it is overdue, to check; with `default_days` it dates a default",
    ),
    ("default_date", "违约日, 转不良日", "the day of its default, for receivables in default"),
    ("default_principal", "违约时本金", "what was outstanding when it defaulted"),
    ("apr_irr", "综合年化", "the annual cost, effective or nominal, to check"),
    ("status", "资产状态", "the status of the contract"),
];
