//! The deal language, block by block, on figures that can be checked by hand: each file of
//! `fixtures/cases/language` is a small deal whose comment does the arithmetic, and the csv beside it
//! says what that comes to.

mod testkit;

use std::collections::BTreeSet;

use cashfall::deal::Deal;
use cashfall::formula::Sort;
use cashfall::job::{Job, Request};
use cashfall::model::{Model, Run};
use cashfall::money::{Amount, Rate};

const FOLDER: &str = "cases/language";

fn job(name: &str) -> Job {
    let request = Request {
        deal: testkit::path(FOLDER).join(format!("{name}.toml")),
        threads: 1,
        ..Request::default()
    };
    let opened = Job::open(&request).unwrap_or_else(|error| panic!("{name}: {error}"));
    testkit::accept(opened).expect("a case without errors")
}

/// A value as the csv has it: money with two decimals, rates as fractions, flags as 0 and 1.
fn shown(model: &Model, run: &Run, key: &str, tick: usize) -> String {
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    let value = run.value(line, tick, 0);
    match model.lines[line.0].sort {
        Sort::Amount => Amount::from_minor(value).to_string(),
        Sort::Rate => Rate::from_parts(value).to_string(),
        Sort::Number | Sort::Flag | Sort::Date => value.to_string(),
    }
}

/// The rows of a case's csv as the engine has them.
fn check(name: &str) {
    let job = job(name);
    let (model, run) = testkit::run(&job);
    let file = format!("{FOLDER}/{name}.csv");
    let text = testkit::fixture(&file);
    let header = text.lines().next().expect("a header");
    let keys: Vec<&str> = header.split(',').skip(1).collect();
    assert!(!keys.is_empty() && text.lines().count() > 1, "{name} asserts something");
    for row in text.lines().skip(1) {
        let number = row.split(',').next().expect("a payment number");
        let tick: usize = number.parse().expect("a payment number");
        let ours = keys.iter().map(|key| shown(&model, &run, key, tick));
        let ours = format!("{number},{}", ours.collect::<Vec<_>>().join(","));
        assert_eq!(ours, row, "{name}: {header}");
    }
}

/// One test for each file, and every file has one.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*
        const CASES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases!(
    accretion,
    act_act,
    call,
    call_not_covered,
    call_priced_by_dues,
    cap,
    daily,
    daily_business,
    dated_fee,
    defined_fee,
    event_of_default,
    facility,
    floating,
    floating_quarterly,
    guarantee,
    guarantee_of_interest,
    interest_on_arrears,
    minimum_fee,
    paid_fee,
    parity,
    performance_fee,
    reserve,
    step_up,
    strip,
    support,
    support_by_state,
    support_capped,
    support_two_pots,
    support_within_limit,
    swap,
    thresholds,
    tiered_fee,
    triggers,
    write_down,
    yearly_cap,
    zero_coupon,
);

#[test]
fn every_case_of_the_folder_is_checked() {
    let entries = std::fs::read_dir(testkit::path(FOLDER)).expect("the folder is there");
    let names = entries.map(|entry| {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        name.split_once('.').map(|(stem, _)| stem.to_string()).expect("a name with an ending")
    });
    let files: BTreeSet<String> = names.collect();
    let shared = ["base", "pool", "random_pool"];
    let cases: BTreeSet<String> =
        CASES.iter().chain(&shared).map(|name| (*name).to_string()).collect();
    assert_eq!(files, cases);
}

/// A figure that is not known in time is a finding, not a surprise.
#[test]
fn a_definition_that_comes_too_late_is_refused() {
    let base = testkit::fixture(&format!("{FOLDER}/base.toml"));
    let rest = "[[tranche]]\nid = \"A\"\nface = 12000.00\n{tranche}\n\
                [[fee]]\nid = \"f\"\nrate = \"1 %\"\nbase = \"{base}\"\n{call}\n\
                [[step]]\npay = [{ fee = \"f\" }, { tranche = \"A\", due = \"principal\" }, \
                { tranche = \"A\", due = \"remainder\" }]\n";
    let read = |late: &str, tranche: &str, of: &str, call: &str| -> Vec<String> {
        let rest = rest.replace("{tranche}", tranche).replace("{base}", of).replace("{call}", call);
        let text = format!("{base}\n[define]\nlate = \"{late}\"\n{rest}");
        let (_, findings) = Deal::from_toml("deal.toml", &text).into_parts();
        findings.iter().map(|finding| finding.code.to_string()).collect()
    };
    let losses = "write_down_to = \"late\"";
    let price = "[call]\npool_factor = \"10 %\"\nprice = \"late\"";
    for (late, tranche, of, call, wanted) in [
        // What is left is known before losses are allocated; what a tranche was paid is not.
        ("cash.left", losses, "securities", "", vec![]),
        ("tranche.A.principal_paid", losses, "securities", "", vec!["D0236"]),
        // Fees accrue on what is known once the triggers are tested.
        ("pool.balance", "", "late", "", vec![]),
        ("fee.f.due", "", "late", "", vec!["D0236"]),
        // The call is decided on tax, fees and rates, before interest is due.
        ("fee.f.due", "", "securities", price, vec![]),
        ("tranche.A.interest_due", "", "securities", price, vec!["D0236"]),
    ] {
        assert_eq!(read(late, tranche, of, call), wanted, "{late} {tranche} {of} {call}");
    }
}
