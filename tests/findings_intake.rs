//! Every finding about tapes and rows, broken on purpose: `fixtures/broken/<code>_<name>/`.
//!
//! `UPDATE_EXPECT=1` rewrites the pages, and the difference is the review.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cashfall::finding::{Finding, Lang, catalogue, render};
use cashfall::job::{Job, Request};
use cashfall::pool::{self, PoolTerms, ProductTerms};
use cashfall::tape::Mapping;
use chrono::NaiveDate;
use expect_test::expect_file;
use rust_xlsxwriter::Workbook;

fn terms() -> PoolTerms {
    let default_terms = ProductTerms::default();
    PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        default_terms,
        by_product: BTreeMap::from([("分期".to_string(), default_terms)]),
    }
}

/// The folders of findings about the tape and the pool.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken");
    let folders = std::fs::read_dir(root).expect("the folder of broken fixtures");
    let mut cases: Vec<PathBuf> = folders
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| code(path).starts_with(['T', 'P']))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are broken fixtures");
    cases
}

fn code(folder: &Path) -> String {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy();
    name.split('_').next().expect("a code stands before the name").to_string()
}

fn findings(folder: &Path) -> Vec<Finding> {
    // What several tapes make together is found when they meet in a deal.
    let deal = folder.join("deal.toml");
    if deal.exists() {
        let request = Request { deal, threads: 1, ..Request::default() };
        return Job::open(&request).expect("the fixture can be read").into_parts().1;
    }
    let text = std::fs::read_to_string(folder.join("mapping.toml")).unwrap_or_default();
    let (mapping, mut findings) = Mapping::from_toml(&text, "mapping.toml").into_parts();
    let pool = pool_file(folder);
    let checked = pool::load(&pool, &mapping, &terms()).expect("the fixture can be read");
    findings.extend(checked.findings().iter().cloned());
    let last = folder.join("last.csv");
    if last.exists() {
        let cutoff = NaiveDate::from_ymd_opt(2025, 11, 30).expect("a day");
        let of_last = PoolTerms { cutoff, ..terms() };
        let last = pool::load(&last, &mapping, &of_last).expect("the fixture can be read");
        let ((last, _), (this, _)) = (last.into_parts(), checked.into_parts());
        findings.extend(pool::Roll::of(&last, &this).findings(&this));
    }
    findings
}

/// The table of the case; a workbook where its format is the point.
fn pool_file(folder: &Path) -> PathBuf {
    let code = code(folder);
    let own = ["pool.xlsx", "pool.ods", "pool.xls"].map(|name| folder.join(name));
    if let Some(own) = own.into_iter().find(|path| path.exists()) {
        return own;
    }
    if !["T0008", "T0020"].contains(&code.as_str()) {
        return folder.join("pool.csv");
    }
    // The tests of this file run side by side; each writes its own.
    let own = format!("{code}-{:?}", std::thread::current().id());
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
    std::fs::create_dir_all(&own).expect("a folder for temporary files");
    let path = own.join("pool.xlsx");
    let table = std::fs::read_to_string(folder.join("../T0013_control_total_differs/pool.csv"))
        .expect("the plain table");
    let mut workbook = Workbook::new();
    for name in ["一月", "二月"] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a sheet name");
        if code == "T0020" && name == "二月" {
            sheet.set_hidden(true);
        }
        for (row, line) in (0..).zip(table.lines()) {
            for (column, text) in (0..).zip(line.split(',')) {
                sheet.write(row, column, text).expect("a cell");
            }
        }
    }
    workbook.save(&path).expect("a folder for temporary files");
    path
}

#[test]
fn every_broken_fixture_gives_its_page() {
    for folder in cases() {
        let findings = findings(&folder);
        let code = code(&folder);
        assert!(findings.iter().any(|f| f.code == code), "{} gives {code}", folder.display());
        let page = format!("{}\n{}", render(&findings, Lang::Zh), render(&findings, Lang::En));
        assert!(!page.contains("{}"), "{code}");
        expect_file![folder.join("expected.txt")].assert_eq(&page);
    }
}

#[test]
fn every_finding_about_tapes_and_rows_has_a_broken_fixture() {
    let broken: Vec<String> = cases().iter().map(|folder| code(folder)).collect();
    let codes = catalogue().keys().filter(|code| code.starts_with(['T', 'P']));
    let missing: Vec<&String> = codes.filter(|code| !broken.contains(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

#[test]
fn no_figure_is_left_open_in_a_sentence() {
    for folder in cases() {
        for finding in findings(&folder) {
            for lang in [Lang::Zh, Lang::En] {
                let said = format!("{} {}", finding.message(lang), finding.help(lang));
                let open = said.split('{').skip(1).filter_map(|rest| rest.split('}').next());
                let names: Vec<&str> = open
                    .filter(|n| n.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
                    .collect();
                assert!(names.is_empty(), "{}: {names:?}", finding.code);
            }
        }
    }
}
