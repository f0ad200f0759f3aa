//! Reports in Chinese say nothing in the words of the program.

use std::path::{Path, PathBuf};
use std::process::Command;

use calamine::{Data, Reader, Xlsx, open_workbook};

/// Words of files and of the program that a report in Chinese has words of its own for.
const OURS: [&str; 54] = [
    "act_365",
    "act_360",
    "act_365_no_leap",
    "act_act_isda",
    "thirty_360",
    "amortising",
    "revolving",
    "accelerated",
    "event_of_default",
    "clean_up",
    "monthly",
    "quarterly",
    "yearly",
    "principal",
    "interest",
    "recovery",
    "dilution",
    "repurchase",
    "cumulative_default_ratio",
    "senior_coverage",
    "pool_factor",
    "level_pay",
    "equal_principal",
    "flat_fee",
    "interest_only",
    "daily",
    "bill",
    "given",
    "status",
    "income_band",
    "score_value",
    "limit_type",
    "hist_overdue_count",
    "max_dpd",
    "guarantor",
    "obligor_id",
    "region",
    "random",
    "monetary-unit",
    "stratified",
    "normal",
    "m1",
    "m2",
    "m3",
    "m6_plus",
    "new_default",
    "cum_default",
    "outstanding_principal",
    "original_principal",
    "annual_rate",
    "true",
    "false",
    "date",
    "balance",
];

/// What stands beside names and figures on purpose: the keys of inputs and of postings.
const KEYS: [(&str, u32); 3] = [("输入", 0), ("资金流水", 5), ("封面", 1)];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases").join(name)
}

/// Words of the program in the cells of a workbook, with their cells.
fn found(file: &Path) -> Vec<String> {
    let mut workbook: Xlsx<_> = open_workbook(file).expect("a workbook");
    let mut found = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).expect("a sheet");
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let Data::String(text) = cell else { continue };
            let at = (top as usize + row, left as usize + column);
            let is_key = KEYS.iter().any(|(sheet, keys)| name == *sheet && at.1 == *keys as usize);
            // Names of the user and of files stand in marks or on lines of their own.
            if is_key || text.contains("SHA-256") {
                continue;
            }
            let plain = without_names(text);
            let parts = plain.split(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)));
            for word in parts.filter(|word| OURS.contains(word)) {
                found.push(format!(
                    "{name} row {} column {}: {word} in {text}",
                    at.0 + 1,
                    at.1 + 1
                ));
            }
        }
    }
    found
}

/// A text without the names that the user defined: “paid_off”.
fn without_names(text: &str) -> String {
    let (mut plain, mut inside) = (String::new(), false);
    for letter in text.chars() {
        match letter {
            '“' => inside = true,
            '”' => inside = false,
            letter if !inside => plain.push(letter),
            _ => {}
        }
    }
    plain
}

/// Runs a command in Chinese and reads the workbook that it writes.
#[track_caller]
fn speaks_chinese(name: &str, args: &[&str]) {
    let out =
        std::env::temp_dir().join(format!("cashfall-words-{}-{name}.xlsx", std::process::id()));
    let run = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(args)
        .args(["--lang", "zh", "--out"])
        .arg(&out)
        .output()
        .expect("the program runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let found = found(&out);
    std::fs::remove_file(&out).expect("written");
    assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
}

fn path(name: &str) -> String {
    fixture(name).to_str().expect("a path").to_string()
}

#[test]
fn reports_name_receipts_day_counts_and_metrics_in_chinese() {
    speaks_chinese("pools", &["run", &path("two_pools/deal.toml")]);
    for case in ["triggers", "strip", "reserve", "act_act"] {
        speaks_chinese(case, &["run", &path(&format!("language/{case}.toml"))]);
    }
    speaks_chinese("frequency", &["run", &path("axes/frequency_by_state/deal.toml")]);
}

#[test]
fn distributions_name_fields_and_methods_in_chinese() {
    let tape = path("eligibility/pool.csv");
    let mapping = path("eligibility/mapping.toml");
    speaks_chinese("strat", &["strat", &tape, "--mapping", &mapping, "--cutoff", "2025-12-31"]);
}

#[test]
fn criteria_and_samples_are_told_in_chinese() {
    let deal = path("eligibility/deal.toml");
    speaks_chinese("eligibility", &["eligibility", &deal]);
    for method in ["random", "monetary-unit", "stratified"] {
        speaks_chinese(
            method,
            &["sample", &deal, "--size", "5", "--method", method, "--by", "region"],
        );
    }
}

#[test]
fn static_pools_name_their_buckets_in_chinese() {
    speaks_chinese("static", &["static", &path("static_pool/long.csv")]);
    speaks_chinese("dynamic", &["static", &path("static_pool/dynamic.csv")]);
}
