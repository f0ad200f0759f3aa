//! What tests share: cases from fixtures, comparison with expected pages.
#![allow(dead_code)]

pub mod random_deal;
pub mod recalculate;
pub mod templates;

use std::path::{Path, PathBuf};

use cashfall::finding::{Checked, Lang, render};
use cashfall::job::{Job, Request};
use cashfall::model::{Inputs, Model, Run};
use chrono::NaiveDate;

/// The path of a fixture.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The text of a fixture.
pub fn fixture(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("fixture {name}: {error}"))
}

/// The value of something that was checked, or its findings as a panic.
pub fn accept<T>(checked: Checked<T>) -> T {
    match checked.accept() {
        Ok((value, _)) => value,
        Err(findings) => panic!("{}", render(&findings, Lang::En)),
    }
}

/// Compares lines with a fixture, line by line, ignoring line ends.
#[track_caller]
pub fn expected_csv(name: &str, rows: &[String]) {
    let text = fixture(&format!("cases/{name}"));
    let expected: Vec<&str> = text.lines().collect();
    for (number, (ours, theirs)) in rows.iter().zip(&expected).enumerate() {
        assert_eq!(ours, theirs, "{name}, line {}", number + 1);
    }
    assert_eq!(rows.len(), expected.len(), "{name} has as many lines");
}

/// Opens a case of `fixtures/cases` by its folder, from its files as a user would.
///
/// # Panics
///
/// When something is wrong with its files.
pub fn case(name: &str) -> Job {
    case_with(name, None)
}

/// Opens a deal file of `fixtures/cases`.
///
/// # Panics
///
/// When something is wrong with its files.
pub fn case_file(name: &str) -> Job {
    let request = Request { deal: path("cases").join(name), threads: 1, ..Request::default() };
    let opened = Job::open(&request).unwrap_or_else(|error| panic!("{name}: {error}"));
    accept(opened).expect("a case without errors")
}

/// The same with other assumptions of the case's folder.
pub fn case_with(name: &str, assumptions: Option<&str>) -> Job {
    let folder = path("cases").join(name);
    let request = Request {
        deal: folder.join("deal.toml"),
        assumptions: assumptions.map(|file| folder.join(file)),
        threads: 1,
        ..Request::default()
    };
    let opened = Job::open(&request).unwrap_or_else(|error| panic!("{name}: {error}"));
    accept(opened).expect("a case without errors")
}

/// The same with texts of its files changed, opened from a folder of its own. Each file is named with
/// what is replaced in it.
///
/// # Panics
///
/// When a text to replace does not stand there, or something is wrong with the changed files.
pub fn case_changed(name: &str, files: &[(&str, &[(&str, &str)])]) -> Job {
    let folder = recalculate::fresh(name);
    for (file, changes) in files {
        let text = fixture(&format!("cases/{name}/{file}"));
        let text = changes.iter().fold(text, |text, (from, to)| {
            assert!(text.contains(from), "{file} has {from}");
            text.replace(from, to)
        });
        std::fs::write(folder.join(file), text).expect("a temporary file");
    }
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    job
}

/// Rows of several axes in the order of their days, and of their places on a day: what they are called,
/// the day, figures.
pub fn by_day(mut rows: Vec<(NaiveDate, u8, &str, Vec<String>)>) -> Vec<String> {
    rows.sort();
    let text = |(date, _, kind, figures): (NaiveDate, u8, &str, Vec<String>)| {
        format!("{kind},{date},{}", figures.join(","))
    };
    rows.into_iter().map(text).collect()
}

/// A model run as the deal says.
pub fn run(job: &Job) -> (Model, Run) {
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    (model, run)
}
