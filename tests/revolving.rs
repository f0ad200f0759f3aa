//! Revolving purchases of standard receivables: a case recomputed by other means, and what must hold
//! of every deal that buys.

mod testkit;

use cashfall::analytics::Purchases;
use cashfall::formula::LineId;
use cashfall::model::{Axis, Model, Run};
use testkit::{case, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

fn amount(model: &Model, run: &Run, key: &str, tick: usize) -> String {
    run.amount(line(model, key), tick).to_string()
}

/// Pool and payments, month by month, equal `recompute.py`, which was written from the rules.
#[test]
fn purchases_by_share_equal_the_recomputation() {
    const MONTHS: [&str; 10] = [
        "pool.opening",
        "pool.purchased",
        "pool.default",
        "pool.scheduled",
        "pool.prepaid",
        "pool.closing",
        "pool.interest",
        "pool.fee",
        "pool.recovered",
        "pool.cash",
    ];
    const PAYMENTS: [&str; 9] = [
        "step.1.1.paid",
        "step.2.1.paid",
        "step.3.1.budget",
        "step.3.1.paid",
        "step.3.1.purchased_principal",
        "step.4.1.paid",
        "step.5.1.paid",
        "step.6.1.paid",
        "cash.carry",
    ];
    let job = case("revolving");
    let (model, run) = testkit::run(&job);
    let mut rows = vec!["month,opening,purchased,default,scheduled,prepaid,closing,interest,fee,recovered,cash,servicing,senior_interest,budget,price,bought,senior_principal,sub_principal,remainder,carry".to_string()];
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let of = |key: &&str| amount(&model, &run, key, tick);
        let figures = MONTHS.iter().map(of).chain(PAYMENTS.iter().map(of));
        rows.push(format!("{tick},{}", figures.collect::<Vec<_>>().join(",")));
    }
    expected_csv("revolving/expected.csv", &rows);
    let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
    assert!(purchases.price <= purchases.budget);
    assert_eq!(purchases.principal, run.total(line(&model, "pool.purchased")));
}
