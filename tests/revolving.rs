//! Revolving purchases of standard receivables: a case recomputed by other means, and what must hold
//! of every deal that buys.

mod testkit;

use cashfall::analytics::Purchases;
use cashfall::formula::LineId;
use cashfall::job::Job;
use cashfall::model::{Axis, Model, Run};
use cashfall::money::Amount;
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

/// The case with its texts changed, without charges on its pool.
fn changed(deal: &[(&str, &str)], assumptions: &[(&str, &str)]) -> Job {
    let pool = [("60000.00,6,0,0.6", "60000.00,6,0,0"), (",12,0,1.2", ",12,0,0")];
    let files = [("deal.toml", deal), ("assumptions.toml", assumptions), ("pool.csv", &pool)];
    testkit::case_changed("revolving", &files)
}

const FREE: [(&str, &str); 4] = [
    ("coupon = \"3 %\"", "coupon = \"0 %\""),
    ("rate = \"0.5 %\"", "rate = \"0 %\""),
    ("provision = 1500.00\n", ""),
    ("least = 200.00\n", ""),
];
const CALM: [(&str, &str); 6] = [
    ("cpr = \"12 %\"\n", ""),
    ("cdr = \"6 %\"\n", ""),
    ("cpr = \"5 %\"\n", ""),
    ("cumulative_default_ratio = \"2 %\"\ndefault_timing = [\"50 %\", \"30 %\", \"20 %\"]\n", ""),
    ("rate = \"0.7 %\"", "rate = \"0 %\""),
    ("rate = \"14.4 %\"", "rate = \"0 %\""),
];

/// At par, without charges, costs and losses, cash becomes principal and principal cash: pool and
/// account together stay what they were, and in the end holders have their faces back to the fen.
#[test]
fn at_par_without_charges_the_balance_stays() {
    let at_par = [FREE.as_slice(), &[("price = \"99 %\"", "price = \"100 %\"")]].concat();
    let job = changed(&at_par, &CALM);
    let (model, run) = testkit::run(&job);
    let of = |key: &str, tick: usize| run.amount(line(&model, key), tick);
    for tick in 1..=6 {
        let bought = of("step.3.1.purchased_principal", tick);
        let whole = of("pool.closing", tick) + bought + of("cash.carry", tick);
        assert_eq!(whole.to_string(), "100000.00", "payment {tick}");
        assert!(bought > Amount::ZERO, "payment {tick} buys");
    }
    assert_eq!(run.total(line(&model, "step.4.1.paid")).to_string(), "85000.00");
    assert_eq!(run.total(line(&model, "step.5.1.paid")).to_string(), "15000.00");
    assert_eq!(run.total(line(&model, "step.6.1.paid")), Amount::ZERO);
}

/// What is bought at a discount brings the discount to the remainder, and a deeper one never less.
#[test]
fn a_deeper_discount_never_brings_less() {
    let mut before = Amount::ZERO;
    for price in ["100 %", "99.5 %", "99 %", "97 %", "90 %"] {
        let price = format!("price = \"{price}\"");
        let deal = [FREE.as_slice(), &[("price = \"99 %\"", price.as_str())]].concat();
        let job = changed(&deal, &CALM);
        let (model, run) = testkit::run(&job);
        let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
        let remainder = run.total(line(&model, "step.6.1.paid"));
        assert_eq!(remainder, purchases.principal - purchases.price, "{price}");
        assert!(remainder >= before, "{price}");
        before = remainder;
    }
    assert!(before > Amount::ZERO);
}

/// A yield gives the price of the contract's cash: at the yield of an asset without charges, below
/// par; at nothing, par.
#[test]
fn a_price_by_yield_discounts_the_contract() {
    let priced = |yields: &str| {
        let deal = [FREE.as_slice(), &[("price = \"99 %\"", yields)]].concat();
        changed(&deal, &CALM).collateral.offers[0].price
    };
    assert_eq!(priced("yield = \"0 %\"").percent(), "100 %");
    // 15 February, then a third on 15 March, 15 April and 15 May: 28, 59 and 89 days.
    let days = [28.0, 59.0, 89.0];
    let worth: f64 = days.iter().map(|days| 1.08_f64.powf(-days / 365.0) / 3.0).sum();
    let price = priced("yield = \"8 %\"").to_f64();
    assert!((price - worth).abs() < 1e-9, "{price} against {worth}");
}

/// The rows behind a cohort's plan are those of the tape that sum to it; what is bought has none.
#[test]
fn the_rows_of_a_cohort_are_its_own() {
    let job = case("revolving");
    let members = job.collateral.members(&job.pool, &job.assumptions);
    for (place, cohort) in job.collateral.cohorts.iter().enumerate() {
        let rows = job.pool.receivables.iter().zip(&members).filter(|(_, of)| **of == place);
        let sum: Amount = rows.map(|(row, _)| row.outstanding_principal).sum();
        let own = if cohort.bought.is_some() { Amount::ZERO } else { cohort.outstanding };
        assert_eq!(sum, own, "{}", cohort.name.en);
    }
}
