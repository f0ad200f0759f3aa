//! Synthetic tapes: what was planted is found at its cell, and nothing else is found; the answers are
//! those of the pool that is read back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::finding::{Finding, Lang, Severity, render};
use cashfall::money::Amount;
use cashfall::pool::{self, Pool, PoolTerms, ProductTerms};
use cashfall::synth::{Lines, Spec};
use cashfall::tape::Mapping;
use chrono::{Datelike, NaiveDate};
use serde_json::Value;

fn cutoff() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("synth").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
    }
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
}

/// Writes a tape with the program; the answers.
fn synth(folder: &Path, file: &str, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(["synth", "--out", file])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = Path::new(file).with_extension("answers.json");
    let text = std::fs::read_to_string(folder.join(answers)).expect("the answers");
    serde_json::from_str(&text).expect("JSON")
}

fn load(path: &Path) -> (Pool, Vec<Finding>) {
    let terms = PoolTerms {
        cutoff: cutoff(),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    };
    let checked = pool::load_keeping(path, &Mapping::default(), &terms, 10_000);
    checked.expect("the tape can be read").into_parts()
}

#[test]
fn every_planted_error_is_found_at_its_cell_and_nothing_else() {
    let folder = folder("planted");
    for (product, file) in [
        ("baitiao", "tape.csv"),
        ("jintiao", "jintiao.xlsx"),
        ("auto", "auto.csv"),
        ("baitiao", "b.xlsx"),
    ] {
        let arguments = ["--rows", "1500", "--errors", "180", "--product", product, "--seed", "11"];
        let answers = synth(&folder, file, &arguments);
        let planted: BTreeSet<(String, String)> = answers["planted"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|error| {
                let text = |key: &str| error[key].as_str().expect("a text").to_string();
                (text("code"), text("cell"))
            })
            .collect();
        assert_eq!(planted.len(), 180);
        let kinds: BTreeSet<&String> = planted.iter().map(|(code, _)| code).collect();
        assert_eq!(kinds.len(), 18, "every kind of error is planted");
        let (_, findings) = load(&folder.join(file));
        let found: BTreeSet<(String, String)> = findings
            .iter()
            .filter(|finding| finding.severity() > Severity::Note)
            .map(|finding| (finding.code.to_string(), finding.origin.cell.clone()))
            .collect();
        let (missed, false_ones): (Vec<_>, Vec<_>) =
            (planted.difference(&found).collect(), found.difference(&planted).collect());
        assert!(missed.is_empty(), "{product}: not found {missed:?}");
        assert!(false_ones.is_empty(), "{product}: found, not planted {false_ones:?}");
        assert!(findings.iter().all(|finding| finding.more == 0), "none is only counted");
        for lang in [Lang::Zh, Lang::En] {
            let page = render(&findings, lang);
            for (code, cell) in &planted {
                assert!(page.contains(&format!("[{code}]")) && page.contains(cell.as_str()));
            }
        }
    }
}

#[test]
fn the_clean_twin_gives_no_finding_and_its_known_answers() {
    let folder = folder("clean");
    for (product, file) in [("baitiao", "a.csv"), ("jintiao", "b.xlsx"), ("auto", "c.csv")] {
        let arguments = ["--rows", "3000", "--product", product, "--seed", "11"];
        let answers = synth(&folder, file, &arguments);
        assert_eq!(answers["planted"], Value::Array(vec![]));
        let (pool, findings) = load(&folder.join(file));
        let grave: Vec<&Finding> =
            findings.iter().filter(|finding| finding.severity() > Severity::Note).collect();
        assert!(grave.is_empty(), "{product}: {grave:#?}");
        assert_eq!(answers["total"]["count"], pool.receivables.len());
        assert_eq!(answers["total"]["outstanding"], pool.outstanding_principal().to_string());
        for by in ["product", "region", "scene", "score_band", "status"] {
            let attribute = &pool.attributes[by];
            let mut sums: BTreeMap<&str, (u64, Amount)> = BTreeMap::new();
            for (receivable, code) in pool.receivables.iter().zip(&attribute.codes) {
                let sum = sums.entry(&attribute.values[*code as usize]).or_default();
                sum.0 += 1;
                sum.1 += receivable.outstanding_principal;
            }
            let known = answers["by"][by].as_object().expect("an object");
            assert_eq!(known.len(), sums.len(), "{product} by {by}");
            for (key, (count, outstanding)) in sums {
                assert_eq!(known[key]["count"], count, "{product} {by} {key}");
                assert_eq!(known[key]["outstanding"], outstanding.to_string(), "{by} {key}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_tape_and_an_error_changes_no_other_row() {
    let spec = Spec::built_in("baitiao").expect("marginals");
    let lines = |seed, errors| Lines::new(&spec, (seed, 900), cutoff(), errors);
    let cells = |seed, errors| lines(seed, errors).map(|line| line.cells).collect::<Vec<_>>();
    assert_eq!(cells(5, 0), cells(5, 0));
    assert_ne!(cells(5, 0), cells(6, 0));
    let mut changed = 0;
    for (line, clean) in lines(5, 90).zip(lines(5, 0)) {
        assert_eq!(format!("{:?}", line.meant), format!("{:?}", clean.meant), "row {}", line.row);
        let both = line.cells.iter().zip(&clean.cells).zip("ABCDEFGHIJKLMNOPQRSTUVW".chars());
        let differing = both.filter(|((one, other), _)| one != other).map(|(_, column)| column);
        let differing: String = differing.collect();
        let Some(planted) = line.planted else {
            assert_eq!(differing, "", "row {}", line.row);
            continue;
        };
        changed += 1;
        let place = planted.cell.chars().next().expect("a column");
        assert!(differing.contains(place), "{planted:?}: {differing}");
        // What must change with the cell, so that nothing else is found.
        let with_it = match planted.code {
            "P0114" => "EFGHJL",
            "P0116" => "MN",
            "P0150" => "OP",
            _ => &planted.cell[..1],
        };
        assert!(
            differing.chars().all(|column| with_it.contains(column)),
            "{planted:?}: {differing}"
        );
    }
    assert_eq!(changed, 90);
    // Rows that are behind are not spoiled: where all may be, a later one is.
    let text = include_str!("../templates/synth/baitiao.toml");
    let text = text.replace("behind_per_mille = 18", "behind_per_mille = 900");
    let most = Spec::from_toml(&text).expect("marginals");
    let planted = Lines::new(&most, (5, 900), cutoff(), 90).filter(|line| line.planted.is_some());
    let planted: Vec<_> = planted.collect();
    assert!(planted.len() >= 80, "{}", planted.len());
    assert!(planted.iter().all(|line| line.meant.status == "正常"));
    assert!(planted.windows(2).all(|two| two[1].row > two[0].row + 1));
}

#[test]
fn marginals_and_seasons_are_those_that_were_asked_for() {
    let spec = Spec::built_in("baitiao").expect("marginals");
    let rows = 40_000;
    let shares = |spec: &Spec| {
        let (mut product, mut june, mut november) = (0_u32, 0_u32, 0_u32);
        for line in Lines::new(spec, (3, rows), cutoff(), 0) {
            product += u32::from(line.meant.product == "白条分期");
            june += u32::from(line.meant.origination.month() == 6);
            november += u32::from(line.meant.origination.month() == 11);
            assert!(line.meant.outstanding > Amount::ZERO);
            assert!(line.meant.outstanding <= line.meant.original);
        }
        let share = |count: u32| f64::from(count) / f64::from(rows);
        (share(product), share(june), share(november))
    };
    let (product, june, november) = shares(&spec);
    // 60 % within four standard deviations of 40,000 draws.
    assert!((product - 0.60).abs() < 0.01, "{product}");
    let (_, june_flat, november_flat) = shares(&spec.without_season());
    assert!(june > 1.3 * june_flat, "618: {june} against {june_flat}");
    assert!(november > 1.2 * november_flat, "双11: {november} against {november_flat}");
}

#[test]
fn a_tape_that_is_there_is_not_written_over() {
    let folder = folder("there");
    synth(&folder, "tape.csv", &["--rows", "10"]);
    let before = std::fs::read(folder.join("tape.csv")).expect("the tape");
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .arg("synth")
            .args(arguments)
            .current_dir(&folder)
            .output()
            .expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&["--rows", "20", "--out", "tape.csv"]);
    assert!(code == Some(2) && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read(folder.join("tape.csv")).expect("the tape"), before);
    let (code, said) = run(&["--rows", "2000000", "--out", "large.xlsx"]);
    assert!(code == Some(2) && said.contains("csv"), "{said}");
    std::fs::write(folder.join("spec.toml"), "months = 1").expect("a writable folder");
    let (code, said) = run(&["--rows", "20", "--out", "x.csv", "--spec", "spec.toml"]);
    assert!(code == Some(2) && said.contains("missing field"), "{said}");
    assert!(!folder.join("x.csv").exists() && !folder.join("x.csv.tmp").exists());
}
