//! Every kind of stress on every kind of collateral: it moves the figures in its direction, or a
//! finding says that it does not, and then nothing moves.

mod testkit;

use cashfall::assumptions::{Assumptions, Scenario, Stress};
use cashfall::job::Job;
use cashfall::model::Axis;
use testkit::case;

/// The kinds of collateral: a case with its assumptions.
const KINDS: [(&str, &str, &str); 6] = [
    (
        "rates",
        "worked_example_cn",
        "[[segment]]\ncpr = \"12 %\"\ncdr = \"6 %\"\nrecovery_rate = \"20 %\"\nrecovery_lag = [0, 1]\n",
    ),
    (
        "ratio",
        "worked_example_cn",
        "[[segment]]\nsmm = \"1 %\"\ncumulative_default_ratio = \"4 %\"\ndefault_timing = [0.1, 0.3, 0.3, 0.2, 0.1]\nrecovery_rate = \"20 %\"\nrecovery_lag = [0, 1]\n",
    ),
    (
        "buckets",
        "delinquency",
        "[[segment]]\nroll = [\"4 %\", \"35 %\", \"60 %\", \"80 %\"]\ncure = [\"40 %\", \"20 %\"]\nrecovery_rate = \"20 %\"\nrecovery_lag = [0, 1]\n",
    ),
    (
        "lines",
        "credit_lines",
        "[[segment]]\nmdr = \"1 %\"\nrecovery_rate = \"20 %\"\nrecovery_lag = [0, 1]\n\n[segment.line]\npayment_rate = \"18 %\"\nminimum_rate = \"10 %\"\nminimum_floor = 100.00\nyield = \"16 %\"\nutilisation = \"65 %\"\n",
    ),
    (
        "purchased",
        "revolving",
        "[[segment]]\ncpr = \"12 %\"\ncdr = \"6 %\"\nrecovery_rate = \"20 %\"\nrecovery_lag = [0, 1]\n\n[[purchased]]\nname = { zh = \"3期分期\", en = \"Three instalments\" }\nshare = \"100 %\"\nrepayment_method = \"flat_fee\"\ninstalments = 3\nrate = \"0.7 %\"\nrate_period = \"instalment\"\n",
    ),
    (
        "defaulted",
        "npl",
        "[[segment]]\ndefaulted = true\nrecovery_rate = \"24 %\"\nrecovery_lag = [0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]\n",
    ),
];

/// A figure by month, and whether it is more (`+`) or less (`−`) under the stress: the sum over the
/// months of the sums so far, so that earlier is more.
const STRESSES: [(&str, &str, &str, char); 8] = [
    ("multiple", "default_multiple = 2", "pool.default", '+'),
    ("shift", "default_shift = \"1 %\"", "pool.default", '+'),
    ("timing", "default_timing = \"front\"", "pool.default", '+'),
    ("prepayment", "prepayment_multiple = 2", "pool.prepaid", '+'),
    ("haircut", "recovery_haircut = \"40 %\"", "pool.recovered", '-'),
    ("delay", "recovery_delay = 2", "pool.recovered", '-'),
    ("holiday", "holiday = { start = 2, months = 2 }", "pool.cash", '-'),
    ("shock", "shock = { start = 1, months = 2, multiple = 3 }", "pool.default", '+'),
];

/// What is to be: `moves`, or the code of the finding that says that nothing does.
const EXPECTED: &str = "
             multiple shift timing prepayment haircut delay holiday shock
rates        moves    moves A0301  moves      moves   moves moves   moves
ratio        moves    moves moves  moves      moves   moves moves   moves
buckets      moves    moves A0301  A0280      moves   moves moves   moves
lines        moves    moves A0301  A0280      moves   moves moves   moves
purchased    moves    moves A0301  moves      moves   moves moves   moves
defaulted    A0280    A0280 A0280  A0280      moves   moves A0280   A0280
";

fn stress(text: &str) -> Stress {
    let text = format!("[[scenario]]\nid = \"one\"\n{text}\n");
    let scenarios = testkit::accept(Scenario::from_toml("scenarios.toml", &text));
    scenarios.into_iter().next().expect("one scenario").stress
}

/// The sums so far of a line, and their sum.
fn sums(job: &Job, key: &str) -> (Vec<i64>, i64) {
    let (model, run) = testkit::run(job);
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    let mut so_far = 0;
    let months = 1..=model.timeline.len(Axis::Months);
    let sums: Vec<i64> = months
        .map(|month| {
            so_far += run.value(line, month, 0);
            so_far
        })
        .collect();
    let all = sums.iter().sum();
    (sums, all)
}

#[test]
fn every_stress_moves_every_kind_of_collateral_or_says_that_it_does_not() {
    let mut lines = EXPECTED.trim().lines();
    let heads: Vec<&str> = lines.next().expect("the heads").split_whitespace().collect();
    assert_eq!(heads, STRESSES.map(|(name, ..)| name));
    let mut seen = 0;
    for (row, (kind, name, text)) in lines.zip(KINDS) {
        let expected: Vec<&str> = row.split_whitespace().collect();
        assert_eq!((expected[0], expected.len()), (kind, STRESSES.len() + 1));
        let base: Assumptions = testkit::accept(Assumptions::from_toml("a.toml", text));
        let job = case(name).with_assumptions(base);
        for ((of, text, key, direction), expected) in STRESSES.into_iter().zip(&expected[1..]) {
            let stress = stress(text);
            let told: Vec<&str> =
                stress.misfits(&job.assumptions).iter().map(|finding| finding.code).collect();
            let after = job.with_assumptions(stress.on(&job.assumptions));
            let at = format!("{of} on {kind}");
            let ((plain, before), (stressed, now)) = (sums(&job, key), sums(&after, key));
            if *expected == "moves" {
                let moves = if direction == '+' { now > before } else { now < before };
                assert!(moves, "{at}: {plain:?} {stressed:?}");
                assert_eq!(told, [""; 0], "{at}");
            } else {
                assert_eq!(told, [*expected], "{at}");
                for key in ["pool.cash", "pool.default", "pool.closing"] {
                    assert_eq!(sums(&job, key), sums(&after, key), "{at}: {key}");
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 48);
}

/// Where some segments move and others do not, those are named.
#[test]
fn segments_that_a_stress_passes_over_are_named() {
    let text = "[[segment]]\nname = { zh = \"甲\", en = \"One\" }\nwhere = { product = [\"金条\"] }\ncdr = \"3 %\"\n\n[[segment]]\nname = { zh = \"乙\", en = \"Two\" }\ncpr = \"5 %\"\n";
    let base = testkit::accept(Assumptions::from_toml("a.toml", text));
    let said = |text: &str| -> Vec<(&str, String)> {
        let found = stress(text).misfits(&base).into_iter();
        found.map(|f| (f.code, f.message(cashfall::finding::Lang::En))).collect()
    };
    let found = said("default_multiple = 2");
    assert_eq!((found.len(), found[0].0), (1, "A0281"));
    assert!(found[0].1.contains("Two") && !found[0].1.contains("One"), "{found:?}");
    let own = said("segment = [{ name = \"甲\", prepayment_multiple = 3 }]");
    assert_eq!((own.len(), own[0].0), (1, "A0280"));
    // Neutral parts change nothing, as they say.
    assert_eq!(said("default_multiple = 1\nrecovery_delay = 0"), vec![]);
}

/// By hand: in the two months of a holiday lines pay nothing and are charged nothing. In month 2 of the
/// case the accounts of the first cohort would pay; after the window they pay by their rate again.
#[test]
fn credit_lines_owe_nothing_in_a_holiday() {
    let job = case("credit_lines");
    let stress = stress("holiday = { start = 2, months = 2 }");
    let after = job.with_assumptions(stress.on(&job.assumptions));
    let (model, run) = testkit::run(&after);
    let at = |key: &str, month| {
        let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
        run.value(line, month, 0)
    };
    for key in ["credit_lines.paid", "credit_lines.charges"] {
        assert_eq!([2, 3].map(|month| at(key, month)), [0, 0], "{key}");
        assert!(at(key, 1) > 0 && at(key, 4) > 0, "{key}");
    }
    // What is not paid and not charged off stays: nobody draws beyond the limit.
    let (opening, off) = (at("credit_lines.opening", 2), at("credit_lines.charged_off", 2));
    assert_eq!(at("credit_lines.closing", 2), opening - off + at("credit_lines.drawn", 2));
    let paid = |job: &Job| sums(job, "pool.scheduled").0;
    assert_eq!(paid(&job)[0], paid(&after)[0], "before the window nothing changes");
}

/// Where everything is in default already there is no multiple of default to look for.
#[test]
fn receivables_in_default_have_no_break_even() {
    let (_, name, text) = KINDS[5];
    let job = case(name).with_assumptions(testkit::accept(Assumptions::from_toml("a.toml", text)));
    assert!(job.grid(&[]).break_even.is_empty());
    let (_, name, text) = KINDS[0];
    let job = case(name).with_assumptions(testkit::accept(Assumptions::from_toml("a.toml", text)));
    assert!(!job.grid(&[]).break_even.is_empty());
}
