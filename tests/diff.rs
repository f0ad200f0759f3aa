//! Two deals compared: the figures are those of two runs, the keys those that were changed.

mod testkit;

use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::config::{Block, Document, Node};
use cashfall::money::Amount;
use serde_json::Value;

/// What the program prints as JSON.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(arguments)
        .arg("--json")
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let said = String::from_utf8(output.stdout).expect("text in UTF-8");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{said}"))
}

/// A folder with a case and a second deal over it.
fn desk(case: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = testkit::recalculate::fresh("diff");
    for entry in std::fs::read_dir(testkit::path("cases").join(case)).expect("the case") {
        let path = entry.expect("a file").path();
        if path.is_file() {
            let name = path.file_name().expect("a name");
            std::fs::copy(&path, folder.join(name)).expect("a temporary file");
        }
    }
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a temporary file");
    }
    folder
}

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is an amount")).parse().expect("an amount")
}

/// What holders were paid, and the last value of a line of a tranche.
fn of_run<'a>(run: &'a Value, id: &str) -> (&'a Value, impl Fn(&str) -> Option<Amount>) {
    let tranches = run["tranches"].as_array().expect("tranches");
    let tranche = tranches.iter().find(|tranche| tranche["id"] == id).expect("the tranche");
    let last = tranche["payments"].as_array().expect("payments").last().expect("a payment");
    let last = last.clone();
    (tranche, move |key: &str| last.get(key).map(amount))
}

/// Everything that steps paid, less what tranches got.
fn fees(run: &Value) -> Amount {
    let is_paid = |line: &&Value| {
        let key = line["key"].as_str().expect("a key");
        key.starts_with("step.") && key.ends_with(".paid") && key.matches('.').count() == 3
    };
    let lines = run["lines"].as_array().expect("lines").iter().filter(is_paid);
    let values = lines.flat_map(|line| line["values"].as_array().expect("values"));
    let steps: Amount = values.map(amount).sum();
    let of_tranche = |tranche: &Value| {
        ["interest_paid", "principal_paid", "remainder_paid"]
            .iter()
            .map(|key| amount(&tranche[*key]))
            .sum::<Amount>()
    };
    steps - run["tranches"].as_array().expect("tranches").iter().map(of_tranche).sum::<Amount>()
}

/// Compares every figure of a difference with the runs of both deals.
#[track_caller]
fn agrees(diff: &Value, runs: &[Value; 2]) {
    assert_eq!(diff["schema"], "cashfall.diff/1");
    for tranche in diff["tranches"].as_array().expect("tranches") {
        let id = tranche["id"].as_str().expect("an id");
        for (side, run) in ["a", "b"].into_iter().zip(runs) {
            let (of_run, last) = of_run(run, id);
            for measure in ["interest", "principal", "remainder"] {
                assert_eq!(
                    tranche[measure][side],
                    of_run[format!("{measure}_paid")],
                    "{id} {measure}"
                );
            }
            assert_eq!(tranche["wal_years"][side], of_run["wal_years"], "{id}");
            let short = amount(&of_run["face"]) - amount(&of_run["principal_paid"]);
            assert_eq!(amount(&tranche["principal_short"][side]), short, "{id}");
            let unpaid = last("unpaid").unwrap_or(Amount::ZERO);
            assert_eq!(amount(&tranche["interest_short"][side]), unpaid, "{id}");
        }
        for (_, measure) in tranche.as_object().expect("an object").iter().skip(1) {
            // A tranche that gets no principal has no life.
            let figures = ["a", "b", "difference"].map(|key| number(&measure[key]));
            match figures {
                [Some(a), Some(b), Some(difference)] => {
                    assert!((b - a - difference).abs() < 1.5e-6, "{id}: {measure}");
                }
                [a, b, difference] => {
                    assert!(difference.is_none() && (a.is_none() || b.is_none()), "{id}: {measure}")
                }
            }
        }
    }
    for (side, run) in ["a", "b"].into_iter().zip(runs) {
        assert_eq!(amount(&diff["fees_and_tax"][side]), fees(run), "fees of {side}");
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_str().map(|text| text.parse().expect("a number"))
}

fn paths(diff: &Value, list: &str) -> Vec<String> {
    let changes = diff[list].as_array().expect("changes").iter();
    changes.map(|change| change["path"].as_str().expect("a path").to_string()).collect()
}

#[test]
fn the_figures_are_those_of_two_runs() {
    let overlay = "extends = \"deal.toml\"\n[[tranche]]\nid = \"01\"\ncoupon = \"3.1 %\"\n\
                   [[fee]]\nid = \"manager\"\nrate = \"0.4 %\"\n";
    let folder = desk("worked_example_cn", &[("other.toml", overlay)]);
    let diff = json(&folder, &["diff", "deal.toml", "other.toml"]);
    let runs = ["deal.toml", "other.toml"].map(|deal| json(&folder, &["run", deal]));
    agrees(&diff, &runs);
    assert_eq!(paths(&diff, "keys"), ["tranche.01.coupon", "fee.manager.rate"]);
    assert!(paths(&diff, "assumptions").is_empty());
    let clauses = diff["clauses"].as_array().expect("clauses").iter();
    let clauses: Vec<&Value> = clauses.map(|change| &change["clause"]).collect();
    assert_eq!(clauses, ["3", "7"]);
    // 22,500.00 × 0.5 % for 31 days and less for the months after: some twenty more.
    let more = amount(&diff["tranches"][0]["interest"]["difference"]);
    assert!(more > Amount::from_minor(20_00) && more < Amount::from_minor(30_00), "{more}");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
fn losses_leave_a_shortfall_that_is_told() {
    let overlay = "extends = \"deal.toml\"\n[pool]\nassumptions = \"loss.toml\"\n";
    let loss = "[[segment]]\ncumulative_default_ratio = \"60 %\"\ndefault_timing = [0.5, 0.5]\n";
    let files = [("other.toml", overlay), ("loss.toml", loss)];
    let folder = desk("worked_example_cn", &files);
    let diff = json(&folder, &["diff", "deal.toml", "other.toml"]);
    let runs = ["deal.toml", "other.toml"].map(|deal| json(&folder, &["run", deal]));
    agrees(&diff, &runs);
    let short = amount(&diff["tranches"][2]["principal_short"]["difference"]);
    assert!(short > Amount::ZERO, "the subordinated tranche is not repaid: {diff}");
    assert_eq!(paths(&diff, "keys"), ["pool.assumptions"]);
    assert_eq!(paths(&diff, "assumptions"), ["segment"]);
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
fn a_deal_and_its_workbook_do_not_differ() {
    let folder = desk("worked_example_cn", &[]);
    let convert = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(["convert", "deal.toml", "deal.xlsx"])
        .current_dir(&folder)
        .status();
    assert!(convert.expect("the program starts").success());
    let diff = json(&folder, &["diff", "deal.toml", "deal.xlsx"]);
    for list in ["keys", "assumptions", "clauses"] {
        assert_eq!(diff[list], Value::Array(Vec::new()), "{list}");
    }
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
fn every_key_of_the_difference_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/json.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let folder = desk(
        "worked_example_cn",
        &[("o.toml", "extends = \"deal.toml\"\n[[fee]]\nid = \"audit\"\namount = 1\n")],
    );
    let diff = json(&folder, &["diff", "deal.toml", "o.toml"]);
    let mut keys = Vec::new();
    collect(&diff, &mut keys);
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "docs/reference/json.md says `{key}`");
    }
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

fn collect(json: &Value, keys: &mut Vec<String>) {
    match json {
        Value::Object(map) => {
            keys.extend(map.keys().cloned());
            map.values().for_each(|value| collect(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

// Keys ---------------------------------------------------------------------------------------------

fn tree(text: &str) -> Block {
    Document::alone("x.toml", text.to_string().into()).expect("well-formed TOML").tree()
}

/// The changes between two texts, as `path: old → new`.
fn changes(old: &str, new: &str) -> Vec<String> {
    let shown = |node: &Option<Node>| node.as_ref().map_or("–".to_string(), Node::to_toml);
    let changes = tree(old).changes(&tree(new));
    let line = |change: &cashfall::config::Change| {
        format!("{}: {} → {}", change.path, shown(&change.old), shown(&change.new))
    };
    changes.iter().map(line).collect()
}

#[test]
fn the_same_value_in_another_notation_is_no_change() {
    let old =
        "a = 100\nb = \"0.10 %\"\nc = [1, 2.50]\nd = { x = 1 }\n[[p]]\nid = \"A\"\nface = 1_000\n";
    let new =
        "b = 0.001\na = 100.00\nc = [1.0, 2.5]\np = [{ face = 1000, id = \"A\" }]\n[d]\nx = 1\n";
    assert_eq!(changes(old, new), Vec::<String>::new());
}

#[test]
fn entries_are_followed_by_their_names_and_order() {
    let old = "[[t]]\nid = \"A\"\nx = 1\n[[t]]\nid = \"B\"\n[[t]]\nid = \"C\"\n";
    let new = "[[t]]\nid = \"C\"\n[[t]]\nid = \"A\"\nx = 2\ny.z = true\n[[t]]\nid = \"D d\"\n";
    let expected = [
        "t: [\"A\", \"C\"] → [\"C\", \"A\"]",
        "t.A.x: 1 → 2",
        "t.A.y: – → { z = true }",
        "t.B: { id = \"B\" } → –",
        "t.\"D d\": – → { id = \"D d\" }",
    ];
    assert_eq!(changes(old, new), expected);
}

#[test]
fn texts_that_look_like_numbers_are_texts() {
    assert_eq!(changes("a = \"01\"", "a = \"1\""), ["a: \"01\" → \"1\""]);
    assert_eq!(changes("a = 1", "a = \"1\""), ["a: 1 → \"1\""]);
}

#[test]
fn without_a_tape_the_files_are_compared() {
    let overlay = "extends = \"deal.toml\"\n[[tranche]]\nid = \"01\"\ncoupon = \"3.1 %\"\n";
    let folder = desk("worked_example_cn", &[("other.toml", overlay)]);
    std::fs::remove_file(folder.join("pool.csv")).expect("the case has a tape");
    let diff = json(&folder, &["diff", "deal.toml", "other.toml"]);
    assert_eq!(paths(&diff, "keys"), ["tranche.01.coupon"]);
    assert_eq!(diff["clauses"].as_array().map(Vec::len), Some(1));
    assert!(diff["tranches"].is_null() && diff["fees_and_tax"].is_null(), "{diff}");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}
