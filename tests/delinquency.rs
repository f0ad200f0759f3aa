//! Delinquency by roll rates against the enumeration of all paths of every obligor, and what it
//! leaves alone.

mod testkit;

use cashfall::formula::LineId;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Model, Run};
use testkit::case;

const BUCKETS: [&str; 4] = ["roll", "cure", "late_fee", "recovery"];

/// A threshold of the deal's own: rates of six buckets with default beyond 90 days are those of three.
#[test]
fn default_beyond_ninety_days_leaves_three_buckets() {
    use cashfall::assumptions::Assumptions;
    let read = |text: &str| {
        let (read, findings) = Assumptions::from_toml("a.toml", text).accept().expect("rates");
        assert!(findings.is_empty());
        read
    };
    let long = read(
        "default_days = 90\n[[segment]]\nroll = [\"2 %\", \"30 %\", \"50 %\", \"60 %\", \"70 %\", \"80 %\", \"90 %\"]\n\
         cure = [\"40 %\", \"20 %\", \"10 %\", \"5 %\"]\n",
    );
    let short = read(
        "[[segment]]\nroll = [\"2 %\", \"30 %\", \"50 %\", \"60 %\"]\ncure = [\"40 %\", \"20 %\", \"10 %\"]\n",
    );
    assert_eq!(long.segments[0].delinquency, short.segments[0].delinquency);
    assert_eq!(long.buckets(), 3);
}

/// The case with its deal and assumptions changed as texts.
fn with(folder: &str, deal: impl Fn(&str) -> String, change: impl Fn(&str) -> String) -> Job {
    let into = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&into).expect("a folder for temporary files");
    let base = testkit::path("cases/behaviour/deal.toml");
    let text = testkit::fixture("cases/delinquency/deal.toml");
    let text = text.replace("../behaviour/deal.toml", &base.to_string_lossy());
    let assumptions = change(&testkit::fixture("cases/delinquency/assumptions.toml"));
    let pool = testkit::fixture("cases/delinquency/pool.csv");
    let files = [("deal.toml", deal(&text)), ("assumptions.toml", assumptions), ("pool.csv", pool)];
    for (name, text) in files {
        std::fs::write(into.join(name), text).expect("a folder for temporary files");
    }
    let request = Request { deal: into.join("deal.toml"), ..Default::default() };
    let job = Job::open(&request).expect("files that are there");
    testkit::accept(job).expect("a deal without errors")
}

/// A deal or assumptions as they are.
fn same(text: &str) -> String {
    text.to_string()
}

/// Assumptions in which nobody rolls.
fn bare(text: &str) -> String {
    let keeps = |line: &&str| !BUCKETS.iter().any(|key| line.starts_with(key));
    text.lines().filter(keeps).fold(String::new(), |text, line| text + line + "\n")
}

/// The deal lines of a run by key.
fn liabilities((model, run): &(Model, Run)) -> Vec<(String, Vec<i64>)> {
    let of = |place: usize| {
        let line = &model.lines[place];
        let wanted = line.axis == Axis::Payments && !line.key.starts_with("define.");
        wanted.then(|| (line.key.clone(), run.line(LineId(place)).to_vec()))
    };
    (0..model.lines.len()).filter_map(of).collect()
}

fn differing(one: &[(String, Vec<i64>)], other: &[(String, Vec<i64>)]) -> Vec<String> {
    assert_eq!(one.len(), other.len());
    let differ = one.iter().zip(other).filter(|(one, other)| one != other);
    differ.map(|(one, _)| one.0.clone()).collect()
}

/// Every month and segment against `fixtures/cases/delinquency/recompute.py`: all paths of nine
/// obligors, one by one and exact. Amounts of the model are rounded line by line and month by month,
/// so they stray by a few fen, never more than three.
#[test]
fn buckets_equal_the_enumeration_of_all_paths() {
    let case = case("delinquency");
    let (model, run) = testkit::run(&case);
    // Baitiao: current, one behind, beyond three. Jintiao: current, two behind.
    assert_eq!(model.cohorts.len(), 5);
    let at = |key: &str, month: usize, cohort: usize| {
        let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
        run.value(line, month, cohort)
    };
    let figures: [&[&str]; 9] = [
        &["collections.scheduled"],
        &["collections.arrears_principal"],
        &["collections.interest", "collections.fee"],
        &["collections.arrears_interest", "collections.arrears_fee"],
        &["collections.late_fee"],
        &["collections.default"],
        &["delinquency.m1.closing_balance"],
        &["delinquency.m2.closing_balance"],
        &["delinquency.m3.closing_balance"],
    ];
    let (mut compared, mut farthest) = (0, 0.0_f64);
    let page = testkit::fixture("cases/delinquency/expected.csv");
    for row in page.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let month: usize = cells[0].parse().expect("a month");
        let segment = usize::from(cells[1] == "J");
        let cohorts =
            model.group(cashfall::model::Dim::Segment, segment, cashfall::model::Dim::Cohort);
        for (keys, exact) in figures.iter().zip(&cells[2..]) {
            let exact: f64 = exact.parse().expect("fen");
            let pairs =
                cohorts.clone().flat_map(|cohort| keys.iter().map(move |key| (key, cohort)));
            let ours: i64 = pairs.map(|(key, cohort)| at(key, month, cohort)).sum();
            let apart = (ours as f64 - exact).abs();
            assert!(apart <= 3.0, "{row}: {keys:?} is {ours}");
            farthest = farthest.max(apart);
            compared += 1;
        }
    }
    assert_eq!(compared, 11 * 2 * 9);
    assert!(farthest > 0.0, "the page is exact, the model rounds");
    // Everything is paid or in default by the end: 3 × 10 instalments, five months behind at most.
    let last = model.line("pool.closing").expect("a pool");
    assert_eq!(run.value(last, 11, 0), 0);
}

/// The pool beyond 30, 60 and 90 days, and a trigger on it.
#[test]
fn triggers_read_what_is_past_due() {
    let trigger = "\n[[trigger]]\nid = \"arrears\"\nmetric = \"thirty\"\nabove = \"7 %\"\n\
                   consequence = \"accelerate\"\n";
    let job = with("delinquency_trigger", |text| text.to_string() + trigger, same);
    let (model, run) = testkit::run(&job);
    let at = |key: &str, tick: usize| {
        let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
        run.value(line, tick, 0)
    };
    // At cut-off R7 is one behind (4,000.00), R8 two (2,029.62), R9 is beyond three.
    assert_eq!([at("pool.m1", 0), at("pool.m2", 0), at("pool.m3", 0)], [400_000, 202_962, 0]);
    assert_eq!(at("pool.delinquent_30", 0), 202_962);
    // January: the page's M2 and M3.
    assert_eq!(at("pool.delinquent", 1), 151_800 + 75_600 + 140_000 + 23_002 + 152_222);
    assert_eq!(at("pool.delinquent_30", 1), 140_000 + 23_002 + 152_222);
    assert_eq!(at("pool.delinquent_60", 1), 152_222);
    assert_eq!(at("pool.delinquent_90", 1), 0, "beyond M3 a receivable is in default");
    assert_eq!(at("pool.default", 1), 120_000, "R9 with the first month");
    assert_eq!(at("define.late", 1), at("pool.delinquent", 1));
    let balance = at("pool.closing", 1) as f64;
    let ratio = at("define.thirty", 1) as f64 / 1e12;
    assert!((ratio - 315_224.0 / balance).abs() < 1e-11);
    let tripped: Vec<i64> = (1..=3).map(|tick| at("trigger.arrears.tripped", tick)).collect();
    assert_eq!(tripped.contains(&1), (1..=3).any(|t| at("define.thirty", t) > 70_000_000_000));
    assert!(tripped.contains(&1), "{tripped:?}");
}

/// Where nobody rolls a bucket at cut-off is paid in the first month, and rates of nothing on a pool
/// without arrears are the contract.
#[test]
fn no_rolling_is_the_contract() {
    let plain = testkit::run(&with("delinquency_bare", same, bare));
    let first = |text: &str| text.replace("\"bucket\"", "\"first_period\"");
    let paid = testkit::run(&with("delinquency_first", first, bare));
    assert_eq!(differing(&liabilities(&plain), &liabilities(&paid)), Vec::<String>::new());
    let still = |text: &str| {
        let rates = "[[segment]]\nroll = [\"0 %\", \"0 %\", \"0 %\", \"0 %\"]";
        bare(text).replace("[[segment]]", rates)
    };
    let still = testkit::run(&with("delinquency_still", first, still));
    assert_eq!(still.0.line("pool.m3").map(|line| still.1.total(line).minor()), Some(0));
    assert_eq!(differing(&liabilities(&still), &liabilities(&paid)), Vec::<String>::new());
}

/// Higher roll rates never raise what the holders of the last tranche get, and lower cure rates
/// neither.
#[test]
fn more_rolling_never_raises_the_residual() {
    let residual = |factor: u32, cure: u32| -> i64 {
        let change = |text: &str| {
            let scaled = |rates: &[u32], by: u32| -> String {
                let one = |rate: &u32| format!("\"{}.{} %\"", rate * by / 10, rate * by % 10);
                rates.iter().map(one).collect::<Vec<_>>().join(", ")
            };
            let roll = scaled(&[3, 25, 40, 60], factor);
            let cure = scaled(&[40, 20, 5], cure);
            let rates = format!("[[segment]]\nroll = [{roll}]\ncure = [{cure}]");
            bare(text).replace("[[segment]]", &rates)
        };
        let (model, run) = testkit::run(&with("delinquency_monotone", same, change));
        let paid =
            ["principal_paid", "remainder_paid", "interest_paid"].iter().filter_map(|part| {
                model.line(&format!("tranche.SUB.{part}")).map(|line| run.total(line).minor())
            });
        paid.sum()
    };
    let by_roll: Vec<i64> = (0..=10).map(|factor| residual(factor, 8)).collect();
    assert!(by_roll.windows(2).all(|pair| pair[1] <= pair[0]), "{by_roll:?}");
    let by_cure: Vec<i64> = (0..=10).rev().map(|cure| residual(7, cure)).collect();
    assert!(by_cure.windows(2).all(|pair| pair[1] <= pair[0]), "{by_cure:?}");
    assert!(by_roll[10] < by_roll[0] && by_cure[10] < by_cure[0]);
}
