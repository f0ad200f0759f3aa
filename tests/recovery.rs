//! Recoveries with their cost, the sale of what has defaulted, and receivables in default at the
//! cut-off date.

mod testkit;

use cashfall::model::Axis;
use cashfall::money::{Amount, Rate};
use testkit::{case, expected_csv};

/// Every month and segment against `fixtures/cases/recovery/recompute.py`, default by default. The
/// price of 95 % on a day meets the cap: half of the older default had been collected.
#[test]
fn recoveries_costs_and_sales_equal_the_script() {
    let case = case("recovery");
    let (model, run) = testkit::run(&case);
    let head = "month,segment,defaulted,collected,cost,recovered,sold,unrecovered";
    let mut rows = vec![head.to_string()];
    for month in 1..=model.timeline.len(Axis::Months) {
        for (segment, name) in ["B", "free", "npl"].into_iter().enumerate() {
            let keys = ["defaulted", "collected", "cost", "recovered", "sold", "unrecovered"];
            let at = |key: &str| {
                let line = model.line(&format!("recoveries.{key}"));
                let line = line.unwrap_or_else(|| panic!("no line {key}"));
                Amount::from_minor(run.value(line, month, segment)).to_string()
            };
            rows.push(format!("{month},{name},{}", keys.map(at).join(",")));
        }
    }
    expected_csv("recovery/expected.csv", &rows);
}

/// Receivables in default bring recoveries and nothing else: 30 % of 10,800.00.
#[test]
fn a_pool_in_default_brings_recoveries_only() {
    let mut job = case("recovery");
    let mut assumptions = job.assumptions.clone();
    assumptions.segments = vec![assumptions.segments[2].clone()];
    job = job.with_assumptions(assumptions);
    let (model, run) = testkit::run(&job);
    let total = |key: &str| run.total(model.line(key).expect("a line")).to_string();
    assert_eq!(total("pool.default"), "30000.00");
    assert_eq!(total("pool.recovered"), "9000.00");
    assert_eq!(total("pool.cash"), "9000.00");
    let recovered = model.line("pool.recovered").expect("recoveries");
    let by_month: Vec<i64> = (1..=7).map(|month| run.value(recovered, month, 0)).collect();
    // 9,000.00 by 10, 20, 30, 20, 10 and 10 %.
    assert_eq!(by_month, [90_000, 180_000, 270_000, 180_000, 90_000, 90_000, 0]);
}

/// What the holder of the last tranche gets is never more with more default, less recovery, a higher
/// cost, a lower price or a later sale at the same price and no recoveries.
#[test]
fn worse_recoveries_never_raise_the_residual() {
    let job = case("recovery");
    let residual = |change: &dyn Fn(&mut cashfall::assumptions::Segment)| -> i64 {
        let mut assumptions = job.assumptions.clone();
        assumptions.segments.iter_mut().for_each(change);
        let (model, run) = testkit::run(&job.with_assumptions(assumptions));
        let paid = ["interest_paid", "principal_paid", "remainder_paid"].into_iter();
        let lines = paid.filter_map(|part| model.line(&format!("tranche.SUB.{part}")));
        lines.map(|line| run.total(line).minor()).sum()
    };
    let rate = |percent: i64| Rate::from_parts(percent * Rate::ONE.parts() / 100);
    let falls = |values: Vec<i64>| {
        assert!(values.windows(2).all(|pair| pair[1] <= pair[0]), "{values:?}");
        assert!(values.last() < values.first(), "{values:?}");
    };
    let none = |segment: &mut cashfall::assumptions::Segment| segment.defaulted = false;
    let by = |values: &[i64], set: &dyn Fn(&mut cashfall::assumptions::Segment, Rate)| {
        let one = |percent: &i64| {
            residual(&|segment| {
                none(segment);
                set(segment, rate(*percent));
            })
        };
        falls(values.iter().map(one).collect());
    };
    by(&[80, 60, 40, 20, 0], &|segment, rate| {
        if let Some(recovery) = &mut segment.recovery {
            recovery.rate = rate;
        }
    });
    by(&[0, 10, 30, 60, 100], &|segment, rate| segment.recovery_cost = rate);
    by(&[20, 15, 10, 5, 0], &|segment, rate| {
        if let Some(sale) = &mut segment.disposal {
            sale.price = rate;
        }
    });
    by(&[0, 1, 2, 4, 8, 16], &|segment, rate| {
        use cashfall::assumptions::{Curve, Defaults};
        segment.default = Defaults::Mdr(Curve::Constant(rate));
    });
}
