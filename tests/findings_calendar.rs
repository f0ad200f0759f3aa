//! Every finding about calendar files, broken on purpose: `fixtures/broken/<code>_<name>/calendar.toml`.
//! `UPDATE_EXPECT=1` rewrites the pages, and the difference is the review.

mod testkit;

use std::path::{Path, PathBuf};

use cashfall::finding::{Finding, Lang, catalogue, render};
use cashfall::time::Calendar;
use expect_test::expect_file;

const FAMILY: char = 'C';

fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(testkit::path("broken")).expect("the folder of fixtures");
    let mut cases: Vec<PathBuf> = folders
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| code(path).starts_with(FAMILY))
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
    let text = std::fs::read_to_string(folder.join("calendar.toml")).expect("the fixture is there");
    Calendar::from_toml("calendar.toml", &text).into_parts().1
}

#[test]
fn every_broken_calendar_gives_its_page() {
    for folder in cases() {
        let findings = findings(&folder);
        let code = code(&folder);
        let page = format!("{}\n{}", render(&findings, Lang::Zh), render(&findings, Lang::En));
        expect_file![folder.join("expected.txt")].assert_eq(&page);
        assert!(findings.iter().all(|f| f.code == code), "{} gives {code}", folder.display());
        assert!(findings.iter().all(|f| !f.origin.cell.is_empty()), "{code} says its line");
        assert!(!page.contains('{'), "{code} leaves no figure open");
    }
}

#[test]
fn every_finding_about_calendars_has_a_broken_fixture() {
    let broken: Vec<String> = cases().iter().map(|folder| code(folder)).collect();
    let codes = catalogue().keys().filter(|code| code.starts_with(FAMILY));
    let missing: Vec<&String> = codes.filter(|code| !broken.contains(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}
