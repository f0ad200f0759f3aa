//! Refunds, repurchases and substitution: by cohort to the fen, in the accounts, and what they leave
//! alone.

// Fen stand apart from yuan: 468_41 is 468.41.
#![allow(clippy::inconsistent_digit_grouping, clippy::mistyped_literal_suffixes)]

mod testkit;

use cashfall::job::Job;
use cashfall::ledger::Account;
use cashfall::model::{Axis, Model, Run};
use cashfall::money::Amount;
use testkit::{case, expected_csv};

/// The value of a line over all months.
fn sum(model: &Model, run: &Run, key: &str) -> i64 {
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    (1..=model.timeline.len(Axis::Months)).map(|month| run.value(line, month, 0)).sum()
}

/// The case with its assumptions changed as text.
fn with(folder: &str, deal: &str, change: impl Fn(&str) -> String) -> Job {
    let into = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&into).expect("a folder for temporary files");
    let base = testkit::fixture("cases/behaviour/deal.toml");
    let base = base.replace("vectors.toml", "assumptions.toml");
    let text = change(&testkit::fixture("cases/dilution/assumptions.toml"));
    let pool = testkit::fixture("cases/behaviour/pool.csv");
    let files = [("deal.toml", base + deal), ("assumptions.toml", text), ("pool.csv", pool)];
    for (name, text) in files {
        std::fs::write(into.join(name), text).expect("a folder for temporary files");
    }
    let request = cashfall::job::Request { deal: into.join("deal.toml"), ..Default::default() };
    let job = Job::open(&request).expect("files that are there");
    testkit::accept(job).expect("a deal without errors")
}

/// Every cohort and month against `fixtures/cases/dilution/recompute.py`.
#[test]
fn refunds_and_repurchases_equal_the_script() {
    let case = case("dilution");
    let (model, run) = testkit::run(&case);
    let head = "month,cohort,default,diluted,made_good,lost,charges_of_refund,repurchased,\
                substituted,paid_back,charges_of_repurchase,scheduled,prepaid,closing,charge";
    let mut rows = vec![head.to_string()];
    let cohorts = ["B2025-06", "B2025-12", "free", "J"];
    assert_eq!(model.cohorts.len(), cohorts.len(), "refunds by age part the months of origination");
    for month in 1..=model.timeline.len(Axis::Months) {
        for (cohort, name) in cohorts.into_iter().enumerate() {
            let at = |key: &str| {
                let line = model.line(&format!("collections.{key}"));
                let line = line.unwrap_or_else(|| panic!("no line {key}"));
                Amount::from_minor(run.value(line, month, cohort))
            };
            let keys = [
                "default",
                "diluted",
                "dilution_paid",
                "dilution_loss",
                "dilution_charges",
                "repurchased",
                "substituted",
                "repurchase_paid",
                "repurchase_charges",
                "scheduled",
                "prepaid",
                "closing",
            ];
            let figures: Vec<String> = keys.map(|key| at(key).to_string()).into();
            let charge = at("interest") + at("fee");
            rows.push(format!("{month},{name},{},{charge}", figures.join(",")));
        }
    }
    expected_csv("dilution/expected.csv", &rows);
}

/// The originator pays for refunds and repurchases what the page says, summed by hand.
#[test]
fn the_originator_pays_what_it_makes_good() {
    let case = case("dilution");
    let (model, run) = testkit::run(&case);
    // Made good: 200 + 64 + 122.92 + 81.49. Taken back for cash: 39.69 + 26.03 + 15.38 + 11.37 +
    // 7.47 + 3.68. Charges: 0.76 + 0.60, and 0.63 + 0.41 + 0.24 + 0.18 + 0.12 + 0.06.
    assert_eq!(sum(&model, &run, "pool.dilution_paid"), 468_41);
    assert_eq!(sum(&model, &run, "pool.dilution_loss"), 51_10);
    assert_eq!(sum(&model, &run, "pool.repurchase_paid"), 103_62);
    assert_eq!(sum(&model, &run, "pool.dilution_charges"), 1_36);
    assert_eq!(sum(&model, &run, "pool.repurchase_charges"), 1_64);
    let postings = model.postings(&run);
    let paid: i64 = postings
        .iter()
        .filter(|posting| posting.movement.from == Account::Originator)
        .map(|posting| posting.amount.minor())
        .sum();
    assert_eq!(paid, 468_41 + 103_62 + 1_36 + 1_64);
    assert_eq!(sum(&model, &run, "pool.repurchased"), 138_17);
    assert_eq!(sum(&model, &run, "pool.substituted"), 34_55);
}

/// An account that receives refunds by name gets them; otherwise they go with principal.
#[test]
fn an_account_receives_what_is_made_good() {
    let account = |class: &str| {
        let deal = format!(
            "\n[[account]]\nid = \"aside\"\nname = \"Aside\"\nreceives = [\"{class}\"]\n\n\
                            [[step]]\nclause = \"14\"\nfrom = \"aside\"\n\
                            pay = [{{ tranche = \"SUB\", due = \"remainder\" }}]\n"
        );
        let job = with(&format!("dilution_{class}"), &deal, str::to_string);
        let (model, run) = testkit::run(&job);
        let line = model.line("account.aside.collected").expect("an account that receives");
        run.total(line).minor()
    };
    assert_eq!(account("dilution"), 468_41);
    assert_eq!(account("repurchase"), 103_62);
    let with_principal = account("principal");
    let job = with("dilution_sums", "", str::to_string);
    let (model, run) = testkit::run(&job);
    let flows = ["scheduled", "prepaid", "dilution_paid", "repurchase_paid"];
    let all: i64 = flows.iter().map(|key| sum(&model, &run, &format!("pool.{key}"))).sum();
    assert_eq!(with_principal, all);
}

/// A curve of nothing changes no figure of the liabilities, and full substitution is as good as none.
#[test]
fn nothing_refunded_and_all_substituted_change_nothing() {
    let bare = |text: &str| -> String {
        let keys = ["dilution", "repurchase"];
        text.lines()
            .filter(|line| !keys.iter().any(|key| line.starts_with(key)))
            .fold(String::new(), |text, line| text + line + "\n")
    };
    let nothing = |text: &str| {
        text.replace("[\"3 %\", \"2 %\", \"1 %\"]", "[\"0 %\"]")
            .replace("[\"4 %\", \"2 %\"]", "[\"0 %\"]")
            .replace("[\"0.5 %\", \"0.4 %\", \"0.3 %\"]", "\"0 %\"")
    };
    let substituted = |text: &str| {
        text.replace("[\"3 %\", \"2 %\", \"1 %\"]", "[\"0 %\"]")
            .replace("[\"4 %\", \"2 %\"]", "[\"0 %\"]")
            .replace("\"25 %\"", "\"100 %\"")
    };
    let liabilities = |job: &Job| {
        let (model, run) = testkit::run(job);
        let of = |place: usize| {
            let line = &model.lines[place];
            let id = cashfall::formula::LineId(place);
            (line.axis == Axis::Payments).then(|| (line.key.clone(), run.line(id).to_vec()))
        };
        (0..model.lines.len()).filter_map(of).collect::<Vec<_>>()
    };
    let plain = liabilities(&with("dilution_bare", "", bare));
    assert!(plain.len() > 50);
    for (name, change) in [("nothing", &nothing as &dyn Fn(&str) -> String), ("all", &substituted)]
    {
        let ours = liabilities(&with(&format!("dilution_{name}"), "", change));
        let differ = ours.iter().zip(&plain).filter(|(ours, plain)| ours != plain);
        assert_eq!(differ.map(|(ours, _)| &ours.0).collect::<Vec<_>>(), Vec::<&String>::new());
        assert_eq!(ours.len(), plain.len());
    }
    assert_ne!(liabilities(&with("dilution_some", "", str::to_string)), plain);
}

/// Names of `[define]`, and a trigger on refunds that stands apart from defaults.
#[test]
fn triggers_tell_refunds_from_defaults() {
    let deal = "\n[define]\nrefund_ratio = \"pool.diluted / pool.opening\"\n\
                lost = \"pool.dilution_loss\"\nback = \"pool.repurchased - pool.substituted\"\n\
                \n[[trigger]]\nid = \"refunds\"\nmetric = \"refund_ratio\"\nabove = \"1.5 %\"\n\
                consequence = \"accelerate\"\n";
    let job = with("dilution_defined", deal, str::to_string);
    let (model, run) = testkit::run(&job);
    let at = |key: &str, tick: usize| {
        let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
        run.value(line, tick, 0)
    };
    // 353.65 of 30,000.00, then 165.86 of the 23,410.19 that January leaves.
    assert_eq!(at("define.refund_ratio", 1), 11_788_333_333);
    assert_eq!(at("define.lost", 1), 30_73);
    assert_eq!(at("define.back", 1), 39_69);
    assert_eq!(at("trigger.refunds.tripped", 1), 0);
    // Defaults to date are the page's, whatever is refunded.
    assert_eq!(at("pool.cumulative_default", 1), 358_00);
}
