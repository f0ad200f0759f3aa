//! `[define]`: every name that the reference lists, in every place that may name a definition, either
//! runs or is found to come too late; never anything else.

mod testkit;

use std::path::Path;

use cashfall::deal::define::{KNOWN, Known};
use cashfall::deal::{Deal, Stage};
use cashfall::finding::Finding;
use cashfall::formula::Sort;
use cashfall::job::{Job, Request};
use cashfall::model::Axis;
use testkit::case;

/// A place that names a definition: its text in the deal, and from when on a name must be known.
struct Place {
    name: &'static str,
    /// What the definition must be.
    sort: Sort,
    by: Stage,
    /// The marker of the deal below, and what stands there with the name of the definition.
    at: &'static str,
    text: &'static str,
}

const PLACES: [Place; 14] = {
    use Sort::{Amount, Flag, Rate};
    use Stage::{Accrued, Collected, Due, Left, Paid, Tested};
    const fn place(
        name: &'static str,
        sort: Sort,
        by: Stage,
        at: &'static str,
        text: &'static str,
    ) -> Place {
        Place { name, sort, by, at, text }
    }
    [
        place("limit of a step", Amount, Due, "{step}", "limit = \"x\""),
        place("target of a step", Amount, Due, "{step}", "down_to = \"x\""),
        place("condition of a step", Flag, Due, "{step}", "when = \"not x\""),
        place("cap of a payment", Amount, Due, "{pay}", ", cap = \"x\""),
        place("amount of a payment", Amount, Due, "{to}", "\"amount\", amount = \"x\""),
        place("target of an account", Amount, Due, "{account}", "target = \"x\""),
        place("write-down", Amount, Left, "{tranche}", "write_down_to = \"x\""),
        place("base of a fee", Amount, Tested, "{base}", "x"),
        place(
            "price of the call",
            Amount,
            Accrued,
            "{call}",
            "pool_factor = \"20 %\"\nprice = \"x\"",
        ),
        place("condition of the call", Flag, Accrued, "{call}", "when = \"x\""),
        place("condition of a support", Flag, Due, "{support}", "when = \"x\""),
        place("flag of a trigger", Flag, Collected, "{metric}", "metric = \"x\""),
        place(
            "ratio of a trigger",
            Rate,
            Collected,
            "{metric}",
            "metric = \"x\"\nabove = \"50 %\"",
        ),
        place(
            "trigger tested after payment",
            Rate,
            Paid,
            "{metric}",
            "metric = \"x\"\nabove = \"50 %\"\ntested = \"after\"",
        ),
    ]
};

/// One of every kind of block.
const DEAL: &str = r#"
account_income = [1.00, 2.00, 3.00]
[deal]
name = "Every name"
[pool]
cutoff = 2025-12-31
[dates]
closing = 2026-01-15
first_payment = 2026-02-15
legal_maturity = 2026-07-15
[define]
{define}
[[index]]
id = "LPR"
rates = "3 %"
[[tranche]]
id = "A"
face = 26400.00
index = "LPR"
{tranche}
[[tranche]]
id = "SUB"
face = 3600.00
subordinated = true
[[fee]]
id = "custody"
rate = "0.1 %"
base = "{base}"
[tax]
vat = "3 %"
surcharge = "12 %"
[[account]]
id = "reserve"
opening = 100.00
funded_by = "originator"
{account}
[[facility]]
id = "liquidity"
limit = 500.00
rate = "4 %"
[[swap]]
id = "hedge"
notional = ["A"]
pays = { rate = "3 %" }
receives = { index = "LPR" }
[[trigger]]
id = "breach"
{metric}
[[support]]
id = "undertaking"
covers = ["interest"]
{support}
[call]
{call}
[[step]]
pay = [{ tax = true }, { fee = "custody"{pay} }, { swap = "hedge" }]
[[step]]
clause = "interest"
pay = [{ tranche = "A", due = "interest" }]
[[step]]
from = "liquidity"
pay = [{ tranche = "A", due = "interest" }]
[[step]]
pay = [{ facility = "liquidity", due = "interest" }, { facility = "liquidity", due = "principal" }]
[[step]]
pay = [{ account = "reserve", due = {to} }]
[[step]]
from = "reserve"
pay = [{ account = "collection", due = "remainder" }]
[[step]]
{step}
pay = [{ tranche = "A", due = "principal" }]
[[step]]
pay = [{ tranche = "SUB", due = "principal" }, { originator = true, due = "remainder" }]
"#;

/// What stands at the markers that the place does not take.
const ELSE: [(&str, &str); 9] = [
    ("{tranche}", ""),
    ("{base}", "pool"),
    ("{account}", "target = 100.00"),
    ("{metric}", "metric = \"pool_factor\"\nbelow = \"5 %\""),
    ("{support}", ""),
    ("{call}", "pool_factor = \"20 %\""),
    ("{pay}", ""),
    ("{to}", "\"target\""),
    ("{step}", ""),
];

fn deal(define: &str, place: &Place) -> (Option<Deal>, Vec<Finding>) {
    let mut text = DEAL.replace("{define}", define).replace(place.at, place.text);
    for (marker, plain) in ELSE {
        text = text.replace(marker, plain);
    }
    if define.contains("pool.I.") {
        text += "\n[[subpool]]\nid = \"I\"\ntape = \"pool.csv\"\n";
    }
    Deal::from_toml("deal.toml", &text).into_parts()
}

/// The pool of the worked example, once as it is and once as the only sub-pool of its deal.
fn pools() -> [Job; 2] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("define_subpool");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = testkit::path("cases/worked_example_cn/pool.csv");
    std::fs::copy(tape, folder.join("pool.csv")).expect("a temporary file");
    let text = testkit::fixture("cases/worked_example_cn/deal.toml");
    let text = text.replacen("tape = \"pool.csv\"\n", "", 1);
    let text = text + "\n[[subpool]]\nid = \"I\"\ntape = \"pool.csv\"\n";
    let file = folder.join(format!("{:?}.toml", std::thread::current().id()));
    std::fs::write(&file, text).expect("a temporary file");
    let request = Request { deal: file, threads: 1, ..Request::default() };
    let opened = Job::open(&request).expect("the files are there");
    [case("worked_example_cn"), testkit::accept(opened).expect("a deal without errors")]
}

/// The name with an id of the deal.
fn name(known: &Known) -> String {
    let id = match known.pattern.split('.').next() {
        Some("tranche") => "A",
        Some("fee") => "custody",
        Some("account") => "reserve",
        Some("facility") => "liquidity",
        Some("swap") => "hedge",
        Some("trigger") => "breach",
        Some("pool") => "I",
        _ => "",
    };
    known.pattern.replace('*', id)
}

/// A value of a name as a value of the sort that a place takes.
fn turned(name: &str, from: Sort, to: Sort) -> String {
    match (from, to) {
        (Sort::Amount, Sort::Amount) | (Sort::Flag, Sort::Flag) | (Sort::Rate, Sort::Rate) => {
            name.to_string()
        }
        (Sort::Amount, Sort::Flag) => format!("{name} >= 50.00"),
        (Sort::Rate, Sort::Flag) => format!("{name} >= 2 %"),
        (Sort::Number, Sort::Flag) => format!("{name} >= 3"),
        (Sort::Amount, Sort::Rate) => format!("{name} / pool.initial"),
        (Sort::Number, Sort::Rate) => format!("{name} * 10 %"),
        (Sort::Flag, Sort::Rate) => format!("if({name}, 60 %, 10 %)"),
        (Sort::Rate, Sort::Amount) => format!("{name} * pool.initial"),
        (Sort::Number, Sort::Amount) => format!("{name} * pool.initial * 1 %"),
        (Sort::Flag, Sort::Amount) => format!("if({name}, 10.00, 200.00)"),
        (Sort::Date, _) | (_, Sort::Date | Sort::Number) => panic!("no place and no name of dates"),
    }
}

/// Runs a deal on the pool of the worked example; the engine asserts that no cent is lost.
fn runs([whole, apart]: &[Job; 2], deal: Deal) {
    let mut job = if deal.subpools.is_empty() { whole.clone() } else { apart.clone() };
    job.deal = deal;
    let (model, run) = testkit::run(&job);
    let line = model.line("define.x").expect("every definition is a line");
    assert_eq!(run.line(line).len(), model.timeline.len(Axis::Payments) + 1);
}

#[test]
fn every_name_in_every_place_runs_or_comes_too_late() {
    let pool = pools();
    let (mut ran, mut late) = (0, 0);
    for known in &KNOWN {
        for place in &PLACES {
            let value = turned(&name(known), known.sort, place.sort);
            let (deal, findings) = deal(&format!("x = '{value}'"), place);
            let codes: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
            let what = format!("{value} as {}: {findings:?}", place.name);
            if known.stage > place.by {
                assert_eq!(codes, ["D0236"], "{what}");
                late += 1;
            } else {
                assert!(codes.is_empty(), "{what}");
                runs(&pool, deal.expect("a deal without findings"));
                ran += 1;
            }
        }
    }
    assert!(ran > 300 && late > 100, "{ran} ran, {late} came too late");
}

/// What a name was on the date before is known everywhere.
#[test]
fn every_name_of_the_date_before_runs_in_every_place() {
    let pool = pools();
    for known in &KNOWN {
        for place in &PLACES {
            let prior = format!("prior({})", name(known));
            let value = turned(&prior, known.sort, place.sort);
            let (deal, findings) = deal(&format!("x = '{value}'"), place);
            assert!(findings.is_empty(), "{value} as {}: {findings:?}", place.name);
            runs(&pool, deal.expect("a deal without findings"));
        }
    }
}

/// A support names steps by clause, whatever steps without a clause stand between them.
#[test]
fn a_support_covers_the_steps_of_its_clauses() {
    let place = &PLACES[0];
    let (deal, _) = deal("x = '1000.00'", place);
    let deal = deal.expect("a deal");
    assert_eq!(deal.supports[0].covers, [1]);
    assert_eq!(deal.steps[1].clause, "interest");
}
