//! Prepayment, default and recovery: speeds, vectors, ramps, segments, orders, lags.

mod testkit;

use cashfall::model::Axis;
use cashfall::money::Amount;
use testkit::{case, case_with, expected_csv};

/// Vectors, ramps, actual days, `bma`, cumulative × timing, early charges and lags against
/// `fixtures/cases/behaviour/recompute.py`.
#[test]
fn behaviour_by_segment_equals_the_script() {
    let case = case("behaviour");
    let (model, run) = testkit::run(&case);
    assert_eq!(model.cohorts.len(), 2, "no rate goes by age: one cohort a segment");
    let mut rows =
        vec!["month,segment,default,scheduled,prepaid,closing,charge,early,recovered".to_string()];
    for month in 1..=model.timeline.len(Axis::Months) {
        for (cohort, name) in ["B", "J"].into_iter().enumerate() {
            let at = |key: &str| {
                let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
                Amount::from_minor(run.value(line, month, cohort))
            };
            let of = |key: &str| at(&format!("collections.{key}")).to_string();
            let charge = at("collections.interest") + at("collections.fee");
            rows.push(format!(
                "{month},{name},{},{},{},{},{charge},{},{}",
                of("default"),
                of("scheduled"),
                of("prepaid"),
                of("closing"),
                of("early_charges"),
                at("recoveries.recovered"),
            ));
        }
    }
    expected_csv("behaviour/expected.csv", &rows);
}

/// BMA B.4: 1.5 % ABS at month 5 is an SMM of 1.5957 %; months count from origination.
#[test]
fn an_absolute_speed_counts_months_from_origination() {
    let case = case_with("behaviour", Some("age.toml"));
    let (model, run) = testkit::run(&case);
    // R2 was originated in June 2025, the others in December.
    assert_eq!(model.cohorts.len(), 2);
    let [age, smm] = ["rates.age", "rates.smm"].map(|key| model.line(key).expect("a rate"));
    let seen: Vec<(i64, String)> = (1..=5)
        .map(|month| {
            (run.value(age, month, 1), format!("{:.4}", run.value(smm, month, 1) as f64 / 1e10))
        })
        .collect();
    assert_eq!(seen[0], (1, "1.5000".to_string()));
    assert_eq!(seen[4], (5, "1.5957".to_string()));
    assert_eq!(run.value(age, 1, 0), 7, "June to January");
}

/// With no stress the projection is the contract to the fen, whatever the segments.
#[test]
fn no_stress_is_the_contract() {
    let case = case("behaviour").without_stress();
    let (model, run) = testkit::run(&case);
    for (flow, planned) in [("scheduled", "principal"), ("interest", "interest"), ("fee", "fee")] {
        let ours = model.line(&format!("collections.{flow}")).expect("a flow");
        let plan = model.line(&format!("plan.{planned}")).expect("a plan");
        let elements = model.cohorts.len();
        assert_eq!(run.line(ours)[elements..], run.line(plan)[elements..], "{flow}");
    }
}

/// An absolute speed that has exhausted the pool prepays everything that is left at once.
#[test]
fn an_exhausted_absolute_speed_prepays_everything() {
    use cashfall::analytics::smm_from_abs;
    use cashfall::money::Rate;
    use std::num::NonZeroU32;
    let speed: Rate = "2 %".parse().expect("a rate");
    let at = |age| smm_from_abs(speed, NonZeroU32::new(age).expect("not zero"));
    assert_eq!(at(11).percent(), "2.5 %");
    assert_eq!((at(50), at(53)), (Rate::ONE, Rate::ONE));
}

/// What is said of month 1 holds for the month in which a receivable joins: its unpaid arrears
/// default then, and the timing of its own balance begins then.
///
/// R4: 8,000.00 at 1.5 % over six months, the first instalment (1,404.20, of it 120.00 interest) due
/// and not paid before its own cut-off date.
#[test]
fn arrears_and_timing_begin_when_a_receivable_joins() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("joins_in_arrears");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let of = |name: &str| testkit::fixture(&format!("broken/M0120_joins_within_month/{name}"));
    let deal = of("deal.toml")
        .replace("[pool]", "[pool]\ntape = \"pool.csv\"\nassumptions = \"assumptions.toml\"")
        .replace("cutoff = 2025-12-31", "cutoff = 2025-12-31\narrears = \"not_paid\"");
    let pool = of("pool.csv").replace("2026-01-15,2025-12-20", "2026-01-31,2025-12-20");
    let assumptions = "[[segment]]\ncumulative_default_ratio = \"10 %\"\n\
                       default_timing = [\"50 %\", \"50 %\"]\n";
    for (name, text) in [("deal.toml", deal), ("pool.csv", pool)] {
        std::fs::write(folder.join(name), text).expect("a folder for temporary files");
    }
    std::fs::write(folder.join("assumptions.toml"), assumptions).expect("the same folder");
    let request = cashfall::job::Request { deal: folder.join("deal.toml"), ..Default::default() };
    let job = testkit::accept(cashfall::job::Job::open(&request).expect("files that are there"));
    let (model, run) = testkit::run(&job.expect("a deal without errors"));
    // R1, R2, R3 and R5 are there from the start, R4 and R6 (2,722.50) join with February.
    assert_eq!(model.cohorts.len(), 2);
    let line = model.line("collections.default").expect("a default");
    let defaults: Vec<String> =
        (1..=4).map(|month| Amount::from_minor(run.value(line, month, 1)).to_string()).collect();
    // 5 % of 10,722.50 twice, and 1,284.20 of R4's arrears with the first.
    assert_eq!(defaults, ["0.00", "1820.33", "536.13", "0.00"]);
}
