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
