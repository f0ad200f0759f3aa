//! The round of a mend: found, written as a template, filled in, read again, listed.

use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::finding::Finding;
use cashfall::pool::{self, PoolTerms, ProductTerms};
use cashfall::tape::Mapping;

const DEAL_TAPE: &str = "cases/worked_example_cn";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mend").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
    }
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(DEAL_TAPE);
    for file in ["deal.toml", "pool.csv"] {
        std::fs::copy(case.join(file), folder.join(file)).expect("the case's files");
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().expect("an exit code"), String::from_utf8(said).expect("text"))
}

fn break_tape(folder: &Path) -> (String, String) {
    let path = folder.join("pool.csv");
    let good = std::fs::read_to_string(&path).expect("the tape");
    let broken = good.replacen("9000.00,4500.00", "9000.00,45oo.00", 1);
    assert_ne!(good, broken);
    std::fs::write(&path, &broken).expect("a writable folder");
    (good, broken)
}

#[test]
fn a_template_filled_in_mends_the_tape_and_the_report_lists_it() {
    for template in ["mend.csv", "mend.xlsx"] {
        let folder = folder(template);
        let (_, broken) = break_tape(&folder);
        let (code, said) = run(&folder, &["check", "deal.toml"]);
        assert!(code == 1 && said.contains("P0104"), "{said}");
        let (code, said) = run(&folder, &["mend", "deal.toml", "--out", template]);
        assert_eq!(code, 0, "{said}");
        // Untouched, the template mends nothing.
        let (code, _) = run(&folder, &["check", "deal.toml", "--mend", template]);
        assert_eq!(code, 1);
        let filled = if template == "mend.csv" {
            let text = std::fs::read_to_string(folder.join(template)).expect("the template");
            assert_eq!(text.lines().count(), 2, "one row has a finding:\n{text}");
            let filled = text.replacen("45oo.00", "4500.00", 1);
            std::fs::write(folder.join("filled.csv"), filled).expect("a writable folder");
            "filled.csv"
        } else {
            fill(&folder.join(template), &folder.join("filled.xlsx"));
            "filled.xlsx"
        };
        let arguments = ["run", "deal.toml", "--mend", filled, "--out", "report.xlsx"];
        let (code, said) = run(&folder, &arguments);
        assert_eq!(code, 0, "{said}");
        let (code, said) = run(&folder, &["check", "deal.toml", "--mend", filled]);
        assert!(
            code == 0 && said.contains("T0035") && said.contains("`4500.00` instead of"),
            "{said}"
        );
        let tape = std::fs::read_to_string(folder.join("pool.csv")).expect("the tape");
        assert_eq!(tape, broken, "the tape itself stays as it is");
        let cover = cover(&folder.join("report.xlsx"));
        assert!(cover.contains("45oo.00 → 4500.00"), "{cover}");
        assert!(cover.contains("mend_file"), "the file of mends is in the manifest: {cover}");
    }
}

#[test]
fn what_looks_at_a_pool_takes_the_mend_file_too() {
    let folder = folder("of_pools");
    break_tape(&folder);
    let (code, said) = run(&folder, &["mend", "deal.toml", "--out", "mend.csv"]);
    assert_eq!(code, 0, "{said}");
    let text = std::fs::read_to_string(folder.join("mend.csv")).expect("the template");
    let filled = text.replacen("45oo.00", "4500.00", 1);
    std::fs::write(folder.join("mend.csv"), filled).expect("a writable folder");
    for file in ["deal.toml", "pool.csv"] {
        for command in [
            &["strat"][..],
            &["eligibility"],
            &["select", "--target", "10000"],
            &["sample", "--size", "1"],
        ] {
            let mut arguments = [&command[..1], &[file], &command[1..]].concat();
            if file == "pool.csv" {
                arguments.extend(["--cutoff", "2025-12-31"]);
            }
            if file == "pool.csv" && ["eligibility", "select"].contains(&command[0]) {
                continue;
            }
            let (code, said) = run(&folder, &arguments);
            assert!(code == 1 && said.contains("P0104"), "{arguments:?}: {said}");
            arguments.extend(["--mend", "mend.csv"]);
            let (_, said) = run(&folder, &arguments);
            assert!(!said.contains("P0104") && !said.contains("error"), "{arguments:?}: {said}");
        }
    }
    let (code, said) = run(&folder, &["strat", "deal.toml", "--mend", "mend.csv"]);
    assert_eq!(code, 0, "{said}");
    let arguments = ["strat", "deal.toml", "--mend", "mend.csv", "--out", "mend.csv"];
    let (code, said) = run(&folder, &arguments);
    assert!(code == 2 && said.contains("mend.csv"), "{said}");
}

/// Copies the template with the wrong cell written over.
fn fill(from: &Path, to: &Path) {
    let sheets = cashfall::tape::sheets(from).expect("the template is a workbook");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in &sheets[0].rows {
        for (column, value) in cells {
            let column = u16::try_from(*column).expect("few columns");
            match value {
                cashfall::tape::CellValue::Text(text) => {
                    let text = text.replace("45oo.00", "4500.00");
                    sheet.write(row - 1, column, text).expect("a cell");
                }
                cashfall::tape::CellValue::Number { value, .. } => {
                    sheet.write(row - 1, column, *value).expect("a cell");
                }
                cashfall::tape::CellValue::Date(_) => unreachable!("the template has no dates"),
            }
        }
    }
    workbook.save(to).expect("a writable folder");
}

fn cover(report: &Path) -> String {
    let sheets = cashfall::tape::sheets(report).expect("the report is a workbook");
    let cells = sheets[0].rows.iter().flat_map(|(_, cells)| cells);
    cells.map(|(_, value)| format!("{value:?}\n")).collect()
}

/// Reads a tape with a mend file under a stated key.
fn load(folder: &Path, tape: &str) -> (Vec<Finding>, Vec<String>) {
    std::fs::write(folder.join("pool.csv"), tape).expect("a writable folder");
    let mapping = "[privacy]\nkey = \"k\"\n[mend]\nfile = \"mend.csv\"\n";
    let (mapping, findings) = Mapping::from_toml(mapping, "mapping.toml").into_parts();
    assert_eq!(findings, []);
    let cutoff = chrono::NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day");
    let terms = PoolTerms {
        cutoff,
        default_terms: ProductTerms::default(),
        by_product: std::collections::BTreeMap::new(),
    };
    let checked = pool::load(&folder.join("pool.csv"), &mapping, &terms).expect("a tape");
    let (pool, findings) = checked.into_parts();
    let balances = pool.receivables.iter();
    let balances = balances.map(|r| format!("{} {}", r.id, r.outstanding_principal)).collect();
    (findings, balances)
}

#[test]
fn a_mend_follows_neither_a_sorted_nor_a_changed_tape() {
    let folder = folder("sorted");
    let head =
        "借据号,放款日,首期应还日,初始本金,未偿本金余额,总期数,已还期数,还款方式,年化利率(%)\n";
    let row = |id: &str| format!("{id},2025-06-10,2025-07-10,12000.00,6000.00,12,6,等额本金,12\n");
    // HMAC-SHA-256 of "row of B" under HMAC-SHA-256("cashfall personal data", "k"), six bytes:
    // computed with Python's hmac.
    let mend = "sheet,row,key,未偿本金余额\n,3,KEY_OF_B,5999.99\n".replace("KEY_OF_B", KEY_OF_B);
    std::fs::write(folder.join("mend.csv"), mend).expect("a writable folder");
    let tape = format!("{head}{}{}{}", row("A"), row("B"), row("C"));
    let (findings, balances) = load(&folder, &tape);
    assert_eq!(balances, ["A 6000.00", "B 5999.99", "C 6000.00"]);
    assert!(findings.iter().any(|finding| finding.code == "T0035"));
    let tape = format!("{head}{}{}{}", row("B"), row("A"), row("C"));
    let (findings, balances) = load(&folder, &tape);
    assert_eq!(balances, ["B 6000.00", "A 6000.00", "C 6000.00"]);
    assert!(findings.iter().any(|finding| finding.code == "T0032"));
    let tape = format!("{head}{}", row("A"));
    let (findings, _) = load(&folder, &tape);
    assert!(findings.iter().any(|finding| finding.code == "T0032"), "the row is gone");
}

const KEY_OF_B: &str = "cdee9f53c6e9";
