//! Times of the model: the pool by cohort and month, and the waterfall. Run with
//! `cargo bench --bench model`. Ratios against plain arithmetic on the same figures in the same run.

mod by_hand;

use std::hint::black_box;
use std::time::Duration;

use cashfall::assumptions::Assumptions;
use cashfall::config::Text;
use cashfall::deal::Deal;
use cashfall::model::{Axis, Cohort, Collateral, Inputs, Model};
use cashfall::money::Amount;

use by_hand::{best, by_hand};

const DEAL: &str = include_str!("../fixtures/cases/worked_example_cn/deal.toml");

/// A deal of `payments` monthly payments on a pool of `cohorts`, with rates.
fn model(cohorts: usize, payments: u32) -> Model {
    let years = 2026 + (7 + payments - 6 - 1) / 12;
    let month = (7 + payments - 6 - 1) % 12 + 1;
    let text = DEAL
        .replace("legal_maturity = 2026-07-15", &format!("legal_maturity = {years}-{month:02}-15"))
        .replace("calendar = \"SSE\"", "calendar = \"weekends\"");
    let (deal, findings) =
        Deal::from_toml("deal.toml", &text).accept().expect("a deal without errors");
    assert!(findings.is_empty());
    let deal = deal.expect("the deal was read");
    let months = usize::try_from(payments).expect("payments are few");
    let cohort = |number: usize| Cohort {
        name: Text::same(format!("{number}")),
        segment: 0,
        origination: None,
        joins: None,
        bought: None,
        count: 1_000,
        outstanding: Amount::from_minor(i64::try_from(months).expect("few") * 1_234_567),
        unpaid_arrears: Amount::ZERO,
        past: Vec::new(),
        limit: None,
        in_default: None,
        principal: vec![Amount::from_minor(1_234_567); months],
        interest: vec![Amount::from_minor(34_567); months],
        fee: vec![Amount::from_minor(4_567); months],
    };
    let pool = Collateral {
        cohorts: (0..cohorts).map(cohort).collect(),
        segments: vec![Text::same("All")],
        offers: Vec::new(),
        subpools: Vec::new(),
        subpool_of: Vec::new(),
        limits: Vec::new(),
        due_shares: None,
    };
    let (assumptions, _) = Assumptions::from_toml(
        "assumptions.toml",
        "[[segment]]\ncpr = 0.12\ncdr = 0.04\nrecovery_rate = 0.2\nrecovery_lag = [0, 0, 0, 1]\n",
    )
    .accept()
    .expect("assumptions without errors");
    Model::from_deal(&deal, &pool, &assumptions)
}

fn main() {
    let wide = model(200, 36);
    let inputs = Inputs::of(&wide);
    let months = wide.timeline.len(Axis::Months);
    let all = best(|| {
        black_box(wide.run(black_box(&inputs)));
    });
    let narrow = model(1, 36);
    let narrow_inputs = Inputs::of(&narrow);
    let waterfall = best(|| {
        black_box(narrow.run(black_box(&narrow_inputs)));
    });
    let hand = best(|| {
        black_box(by_hand(black_box(200), 36));
    });
    let cells = u32::try_from(200 * months).expect("small");
    let per = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(cells);
    let pool = all.saturating_sub(waterfall);
    println!("run of 200 cohorts × {months} months × 36 payments   {all:>10.1?}");
    println!("  a cohort-month, rates included                     {:>8.1} ns", per(pool));
    println!(
        "  the same arithmetic by hand                        {:>8.1} ns   ratio {:.1}",
        per(hand),
        per(pool) / per(hand)
    );
    println!(
        "run of 1 cohort, 3 tranches, 36 payments             {waterfall:>10.1?}   (all invariants asserted)"
    );
    println!("lines: {}", narrow.lines.len());
}
