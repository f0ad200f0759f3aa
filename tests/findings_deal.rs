//! Every finding about deals and assumptions, broken on purpose: `fixtures/broken/<code>_<name>/`.
//!
//! A folder without a `pool.csv` takes the tape of the worked example. `UPDATE_EXPECT=1` rewrites the
//! pages, and the difference is the review.

mod testkit;

use std::path::{Path, PathBuf};

use cashfall::assumptions::LimitStudy;
use cashfall::finding::{Finding, Lang, catalogue, render};
use cashfall::job::{Bands, Job, Request};
use expect_test::expect_file;

const FAMILIES: [char; 5] = ['F', 'D', 'A', 'M', 'E'];

/// The folders of findings about the deal, its assumptions, and what they make with a pool.
fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(testkit::path("broken")).expect("the folder of fixtures");
    let mut cases: Vec<PathBuf> = folders
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| is_of_a_deal(&code(path)))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are broken fixtures");
    cases
}

/// What only the commands about a portfolio find has a test of its own.
fn is_of_a_deal(code: &str) -> bool {
    code.starts_with(FAMILIES) && !code.starts_with("E03") && !code.starts_with("E04")
}

fn code(folder: &Path) -> String {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy();
    name.split('_').next().expect("a code stands before the name").to_string()
}

/// The deal of a fixture: a text, or a workbook.
fn deal(folder: &Path) -> PathBuf {
    let workbook = folder.join("deal.xlsx");
    if workbook.exists() { workbook } else { folder.join("deal.toml") }
}

fn findings(folder: &Path) -> Vec<Finding> {
    let own = folder.join("pool.csv");
    let tape = if own.exists() { own } else { testkit::path("cases/worked_example_cn/pool.csv") };
    // A deal of several tapes names them itself.
    let text = std::fs::read_to_string(folder.join("deal.toml")).unwrap_or_default();
    let given = !text.contains("[[subpool]]") || code(folder) == "D0372";
    let tape = given.then_some(tape);
    let request = Request { deal: deal(folder), tape, threads: 1, ..Request::default() };
    let opened = Job::open(&request).expect("the fixture can be read");
    let (job, mut findings) = opened.into_parts();
    // Findings about changes of limits come from their study.
    if let Ok(text) = std::fs::read_to_string(folder.join("limits.toml")) {
        let assumptions = &job.as_ref().expect("a deal to study").assumptions;
        findings.extend(LimitStudy::from_toml("limits.toml", &text, assumptions).into_parts().1);
    }
    // Findings about the deal as a whole come from `check`.
    let scenarios = folder.join("scenarios.toml");
    if let Some(job) = job.as_ref().filter(|_| scenarios.exists()) {
        findings.extend(job.scenarios(&scenarios).expect("the fixture can be read").into_parts().1);
    }
    // Findings about a servicer's months come from tracking.
    let actual = folder.join("actual.csv");
    if let Some(job) = job.as_ref().filter(|_| actual.exists()) {
        let part = |text: &str| text.parse().expect("a share");
        let bands = Bands { amber: part("10 %"), red: part("20 %"), credibility: part("100 %") };
        findings.extend(job.track(&actual, bands).expect("the table can be read").into_parts().1);
    }
    let audited = |code: &str| ("M0130".."M0138").contains(&code);
    match job {
        Some(job) if audited(&code(folder)) => findings.extend(job.audit()),
        // These come from the run itself.
        Some(job) if ["M0138", "M0153"].contains(&code(folder).as_str()) => {
            let (model, run) = testkit::run(&job);
            findings.extend(job.outcome(&model, &run));
        }
        Some(job) if code(folder) == "M0154" => findings.extend(job.migrated().into_parts().1),
        Some(_) | None => {}
    }
    findings
}

#[test]
fn every_broken_deal_gives_its_page() {
    for folder in cases() {
        let findings = findings(&folder);
        let code = code(&folder);
        let page = format!("{}\n{}", render(&findings, Lang::Zh), render(&findings, Lang::En));
        expect_file![folder.join("expected.txt")].assert_eq(&page);
        assert!(findings.iter().any(|f| f.code == code), "{} gives {code}", folder.display());
    }
}

/// One mistake in a deal is said under one code, without others that only follow from it.
#[test]
fn a_mistake_in_a_deal_is_said_under_one_code() {
    for folder in cases().iter().filter(|folder| code(folder).starts_with('D')) {
        let codes: Vec<&str> = findings(folder).iter().map(|finding| finding.code).collect();
        let code = code(folder);
        assert!(codes.iter().all(|found| *found == code), "{}: {codes:?}", folder.display());
    }
}

#[test]
fn every_finding_about_deals_and_assumptions_has_a_broken_fixture() {
    let broken: Vec<String> = cases().iter().map(|folder| code(folder)).collect();
    let codes = catalogue().keys().filter(|code| is_of_a_deal(code));
    let missing: Vec<&String> = codes.filter(|code| !broken.contains(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

#[test]
fn every_finding_about_a_text_file_says_its_line_or_its_file() {
    for folder in cases() {
        for finding in findings(&folder) {
            let place = format!("{} {}", folder.display(), finding.code);
            assert!(!finding.origin.file.is_empty(), "{place} names no file");
            // A row of a table is shown with its cells.
            if finding.origin.file.ends_with(".csv") {
                continue;
            }
            let lines: Vec<&str> = finding.origin.excerpt.lines().collect();
            assert!(lines.len() <= 2, "{place} shows one line and its underline");
        }
    }
}

#[test]
fn no_figure_is_left_open_in_a_sentence_about_a_deal() {
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
