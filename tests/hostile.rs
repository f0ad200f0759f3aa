//! No deal file, however mangled, makes the program panic: it is read, or its findings say why not.
//!
//! The files of a good deal are mutated by a seeded generator; what is still accepted is also run,
//! and a sample is written as a workbook in memory. The failure names the mutation, so that it can be
//! repeated.

mod testkit;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use cashfall::job::{Job, Request};
use cashfall::model::Inputs;
use cashfall::report::ReportLang;

/// How many mutations of each file are tried; `CASHFALL_MUTATIONS` asks for more.
const MUTATIONS: u64 = 1500;
/// One accepted deal in so many also becomes a workbook.
const WORKBOOK_EVERY: u64 = 12;

/// A small generator: the same seed gives the same mutations.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).expect("small")).expect("small")
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// One mangled file and what was done to it.
struct Mutant {
    text: String,
    what: String,
}

fn mutate(text: &str, chance: &mut Chance) -> Mutant {
    let mut mutant = once(text, chance);
    for _ in 0..chance.below(3) {
        let next = once(&mutant.text, chance);
        mutant = Mutant { what: format!("{}; {}", mutant.what, next.what), text: next.text };
    }
    mutant
}

fn once(text: &str, chance: &mut Chance) -> Mutant {
    let lines: Vec<&str> = text.lines().collect();
    let line = chance.below(lines.len());
    let quoted = lines.get(line).copied().unwrap_or("");
    let (text, what) = match chance.below(13) {
        0 => (without(&lines, line), format!("without line {} `{quoted}`", line + 1)),
        1 => (twice(&lines, line), format!("line {} twice `{quoted}`", line + 1)),
        2 => cut(text, chance.below(text.len() + 1)),
        3 => swapped_dates(text, chance),
        4 => swapped_lines(&lines, line, chance.below(lines.len())),
        5 => word_for_word(text, chance),
        6..=8 => another_digit(text, chance),
        _ => other_value(&lines, line, chance),
    };
    Mutant { text, what }
}

fn joined(lines: &[&str]) -> String {
    lines.join("\n") + "\n"
}

fn without(lines: &[&str], line: usize) -> String {
    let kept = lines.iter().enumerate().filter(|(place, _)| *place != line);
    joined(&kept.map(|(_, line)| *line).collect::<Vec<_>>())
}

fn twice(lines: &[&str], line: usize) -> String {
    let mut lines = lines.to_vec();
    if let Some(copy) = lines.get(line).copied() {
        lines.insert(line, copy);
    }
    joined(&lines)
}

fn cut(text: &str, at: usize) -> (String, String) {
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).expect("0 is a boundary");
    (text[..at].to_string(), format!("cut at byte {at}"))
}

fn swapped_lines(lines: &[&str], one: usize, other: usize) -> (String, String) {
    let mut lines = lines.to_vec();
    if !lines.is_empty() {
        lines.swap(one, other);
    }
    (joined(&lines), format!("lines {} and {} swapped", one + 1, other + 1))
}

/// The places of dates such as `2026-01-15`.
fn dates(text: &str) -> Vec<usize> {
    let is_date = |at: &usize| {
        text.as_bytes().get(*at..*at + 10).is_some_and(|bytes| {
            bytes.iter().enumerate().all(|(place, byte)| match place {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
        })
    };
    (0..text.len()).filter(is_date).collect()
}

fn swapped_dates(text: &str, chance: &mut Chance) -> (String, String) {
    let dates = dates(text);
    if dates.len() < 2 {
        return (text.to_string(), "no dates to swap".to_string());
    }
    let (one, other) = (dates[chance.below(dates.len())], dates[chance.below(dates.len())]);
    let (first, second) = (text[one..one + 10].to_string(), text[other..other + 10].to_string());
    let mut text = text.to_string();
    text.replace_range(one..one + 10, &second);
    text.replace_range(other..other + 10, &first);
    (text, format!("{first} and {second} swapped"))
}

/// One word of the file becomes another word that the reader knows.
fn word_for_word(text: &str, chance: &mut Chance) -> (String, String) {
    const WORDS: [&str; 32] = [
        "interest",
        "principal",
        "remainder",
        "sequential",
        "pro_rata",
        "monthly",
        "quarterly",
        "yearly",
        "accelerate",
        "end_revolving",
        "flag",
        "revolving",
        "amortising",
        "accelerated",
        "not accelerated",
        "securities",
        "pool",
        "paid",
        "cumulative_default_ratio",
        "senior_coverage",
        "pool_factor",
        "adjusted",
        "preceding",
        "modified_following",
        "thirty_360_us",
        "act_360",
        "above",
        "below",
        "cdr",
        "smm",
        "abs_speed",
        "bma",
    ];
    let parts: Vec<&str> = text.split('"').collect();
    let odd: Vec<usize> = (1..parts.len()).step_by(2).collect();
    if odd.is_empty() {
        return (text.to_string(), "no word to change".to_string());
    }
    let place = odd[chance.below(odd.len())];
    let from = parts[place];
    let ids: Vec<&str> = odd.iter().map(|place| parts[*place]).collect();
    let to = if chance.below(2) == 0 { chance.of(&WORDS) } else { chance.of(&ids) };
    let mut parts = parts.clone();
    parts[place] = to;
    (parts.join("\""), format!("\"{from}\" (text {place}) → \"{to}\""))
}

/// One digit of a figure becomes another: most such files are still good, with other figures.
fn another_digit(text: &str, chance: &mut Chance) -> (String, String) {
    let mut digits: Vec<usize> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let value = line.find(" = ").unwrap_or(line.len());
        let of_line =
            line.bytes().enumerate().skip(value).filter(|(_, byte)| byte.is_ascii_digit());
        digits.extend(of_line.map(|(at, _)| start + at));
        start += line.len();
    }
    if digits.is_empty() {
        return (text.to_string(), "no digit to change".to_string());
    }
    let at = digits[chance.below(digits.len())];
    let digit = chance.below(10).to_string();
    let mut text = text.to_string();
    text.replace_range(at..=at, &digit);
    (text, format!("byte {at} is `{digit}`"))
}

/// One value after an equals sign becomes another; or a key that the file does not use is added.
fn other_value(lines: &[&str], line: usize, chance: &mut Chance) -> (String, String) {
    const VALUES: [&str; 48] = [
        "0",
        "1e400",
        "-1",
        "\"\"",
        "1",
        "2",
        "5",
        "0.5",
        "1.0",
        "\"100 %\"",
        "\"99.9999999999 %\"",
        "\"abc\"",
        "true",
        "false",
        "[]",
        "{}",
        "[0]",
        "[1]",
        "[[]]",
        "[{}]",
        "nan",
        "inf",
        "9223372036854775807",
        "-9223372036854775808",
        "92233720368547758.07",
        "1000000000000",
        "0.01",
        "0.001",
        "0.000000000001",
        "60",
        "600",
        "0001-01-01",
        "9999-12-31",
        "2026-02-28",
        "2024-02-29",
        "2199-12-31",
        "1980-01-01",
        "2026-01-15T10:00:00",
        "10:00:00",
        "\"％\"",
        "\"\\u0000\"",
        "\"1,000.00\"",
        "[0.5, 0.5]",
        "[0, 0, 1]",
        "{ from = 0, to = 0.5, months = 0 }",
        "{ from = 0.9, to = 0, months = 600 }",
        "{ zh = \"名\" }",
        "[1, 999]",
    ];
    const ADDED: [&str; 31] = [
        "revolving_payments = 3",
        "revolving_payments = 600",
        "payment_every = \"quarterly\"",
        "payment_every = \"yearly\"",
        "accrual_to = \"adjusted\"",
        "business_day = \"preceding\"",
        "calendar = \"none\"",
        "calendar = \"weekends\"",
        "determination_lag_months = 0",
        "determination_lag_months = 60",
        "transfer_lag_days = 60",
        "frequency = \"quarterly\"",
        "day_count = \"thirty_360_us\"",
        "cumulative = false",
        "subordinated = true",
        "curable = true",
        "effect_lag = 12",
        "sharing = \"pro_rata\"",
        "states = [\"accelerated\"]",
        "when = \"not revolving\"",
        "from_payments = [1, 2]",
        "consequence = \"end_revolving\"",
        "pricing_yield = 0",
        "by = \"age\"",
        "notional = [\"pool\"]",
        "schedule = [1000.00, 500.00]",
        "price = 1",
        "dated = [{ on = 2026-03-31, amount = 1.00 }]",
        "tested = \"daily\"",
        "days = \"business\"",
        "grace_days = 20",
    ];
    let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
    if chance.below(3) == 0 {
        let added = chance.of(&ADDED);
        changed.insert(line + 1, added.to_string());
        return (changed.join("\n") + "\n", format!("`{added}` after line {}", line + 1));
    }
    let valued: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
    if valued.is_empty() {
        return (joined(lines), "no value to change".to_string());
    }
    let at = valued[chance.below(valued.len())];
    let (key, _) = lines[at].split_once(" = ").expect("kept above");
    let value = chance.of(&VALUES);
    changed[at] = format!("{key} = {value}");
    (changed.join("\n") + "\n", format!("line {}: `{}` → `{value}`", at + 1, lines[at]))
}

/// A folder with a deal, its assumptions and its tape, to be mangled.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = testkit::fixture("cases/worked_example_cn/pool.csv");
    std::fs::write(folder.join("pool.csv"), tape).expect("a writable folder");
    folder
}

const ASSUMPTIONS: &str = include_str!("../templates/demo/assumptions.toml");

fn worked_example() -> String {
    testkit::fixture("cases/worked_example_cn/deal.toml")
        .replace("tape = \"pool.csv\"", "tape = \"pool.csv\"\nassumptions = \"assumptions.toml\"")
}

/// The demo's deal on the tape of the worked example.
fn demo() -> String {
    include_str!("../templates/demo/deal.toml")
        .replace("pool.xlsx", "pool.csv")
        .replace("{A}", "24600.00")
        .replace("{B}", "2400.00")
        .replace("{C}", "3000.00")
        .replace("2026-12-20", "2026-09-20")
        .replace("2024-12-16", "2026-01-15")
        .replace("2025-01-20", "2026-02-20")
        .replace("2024-11-30", "2025-12-31")
        .replace("[4, 16]", "[4, 8]")
        .replace("[6, 18]", "[6]")
}

/// Opens, runs and reports; says how far it came.
fn attempt(folder: &Path, with_workbook: bool) -> bool {
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let Ok(opened) = Job::open(&request) else { return false };
    let (job, findings) = opened.into_parts();
    let lang = cashfall::finding::Lang::Zh;
    assert!(!cashfall::finding::render(&findings, lang).is_empty(), "findings have words");
    let Some(job) = job else { return false };
    let model = job.model();
    let inputs = Inputs::of(&model);
    let run = model.run(&inputs);
    if with_workbook {
        let workbook = job.workbook(&model, &inputs, &run, ReportLang::Both);
        assert!(!workbook.sheets.is_empty(), "a workbook has sheets");
        for tranche in 0..job.deal.tranches.len() {
            cashfall::analytics::of_tranche(&job.deal, &model, &run, tranche);
        }
    }
    true
}

/// Tries the mutations of one file and returns the panics, each with its mutation.
fn panics(folder: &Path, file: &str, text: &str, seed: u64) -> (Vec<String>, usize) {
    let count = std::env::var("CASHFALL_MUTATIONS").ok().and_then(|text| text.parse().ok());
    let mut chance = Chance(seed);
    let (mut panics, mut accepted) = (Vec::new(), 0);
    for number in 0..count.unwrap_or(MUTATIONS) {
        let mutant = mutate(text, &mut chance);
        std::fs::write(folder.join(file), &mutant.text).expect("a writable folder");
        let tried =
            catch_unwind(AssertUnwindSafe(|| attempt(folder, number % WORKBOOK_EVERY == 0)));
        match tried {
            Ok(true) => accepted += 1,
            Ok(false) => {}
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or(panic.downcast_ref::<&str>().map(ToString::to_string));
                panics.push(format!(
                    "{file} {number}: {}\n    {}",
                    mutant.what,
                    said.unwrap_or_default()
                ));
            }
        }
    }
    std::fs::write(folder.join(file), text).expect("a writable folder");
    (panics, accepted)
}

fn no_mutation_panics(name: &str, deal: &str, seed: u64) {
    let folder = folder(name);
    std::fs::write(folder.join("deal.toml"), deal).expect("a writable folder");
    std::fs::write(folder.join("assumptions.toml"), ASSUMPTIONS).expect("a writable folder");
    assert!(attempt(&folder, true), "the unchanged deal runs");
    let (mut found, accepted) = panics(&folder, "deal.toml", deal, seed);
    assert!(accepted > 100, "mutations that keep a deal good are among them: {accepted}");
    let (more, accepted) = panics(&folder, "assumptions.toml", ASSUMPTIONS, seed + 1);
    assert!(accepted > 100, "mutations that keep assumptions good are among them: {accepted}");
    found.extend(more);
    assert!(found.is_empty(), "{} panics\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_mutation_of_the_worked_example_panics() {
    no_mutation_panics("worked_example", &worked_example(), 0x5EED);
}

#[test]
fn no_mutation_of_the_demo_panics() {
    no_mutation_panics("demo", &demo(), 0xCA5F);
}

#[test]
fn bytes_that_are_not_text_are_an_error_and_no_panic() {
    let folder = folder("bytes");
    let path = folder.join("deal.toml");
    // Neither UTF-8 nor GBK.
    std::fs::write(&path, [0xFF, 0x00, 0x9D, 0x00]).expect("a writable folder");
    let request = Request { deal: path, ..Request::default() };
    assert!(Job::open(&request).is_err());
    // By its mark UTF-16, but no deal: that is told.
    std::fs::write(&request.deal, [0xFF, 0xFE, 0x00, 0x9D]).expect("a writable folder");
    let (job, findings) = Job::open(&request).expect("a text").into_parts();
    assert!(job.is_none() && findings.iter().any(|finding| finding.code == "F0101"));
}
