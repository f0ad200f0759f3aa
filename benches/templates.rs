//! Times of the deal templates on a pool of 24 cohorts: a scenario on one core, and the way from the
//! deal's text to its model. Run with `cargo bench --bench templates`. Ratios against the pool's
//! arithmetic by hand in the same run.

mod by_hand;

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use cashfall::assumptions::{Assumptions, StandardReceivable};
use cashfall::config::Text;
use cashfall::deal::Deal;
use cashfall::model::{Axis, Cohort, Collateral, Inputs, Model};
use cashfall::money::Amount;

use by_hand::{best, by_hand};

const COHORTS: usize = 24;

const TEMPLATES: [&str; 7] = [
    "baitiao",
    "baitiao_2015",
    "baitiao_abn_2017",
    "huabei",
    "bank_trust",
    "auto_scheduled",
    "us_auto_oc",
];

fn deal(text: &str) -> Deal {
    let (deal, _) = Deal::from_toml("deal.toml", text).accept().expect("a deal without errors");
    deal.expect("the deal was read")
}

/// A pool that runs as long as the deal, in equal parts by cohort and month.
fn pool(deal: &Deal) -> Collateral {
    let months = deal.schedule.collection_ends.len();
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
    Collateral {
        cohorts: (0..COHORTS).map(cohort).collect(),
        segments: vec![Text::same("All")],
        offers: Vec::new(),
        subpools: Vec::new(),
        subpool_of: Vec::new(),
        limits: Vec::new(),
        due_shares: None,
    }
}

/// A deal that buys on every business day of its first twelve payment dates, and then amortises for
/// twenty-four months.
fn daily() -> Deal {
    let text = include_str!("../fixtures/cases/revolving_daily/deal.toml")
        .replace("legal_maturity = 2027-04-15", "legal_maturity = 2029-01-15")
        .replace("revolving_payments = 6", "revolving_payments = 12");
    deal(&text)
}

/// A run of the daily deal, its pool with what it can buy of two standard receivables.
fn purchases_by_day(assumptions: &Assumptions) {
    let deal = daily();
    let assumptions = Assumptions { purchased: standard(), ..assumptions.clone() };
    let pool = pool(&deal).with_offers(&deal, &assumptions, None, 1);
    let (pool, _) = pool.accept().expect("offers without errors");
    let model = Model::from_deal(&deal, &pool, &assumptions);
    let inputs = Inputs::of(&model);
    let run = best(|| {
        black_box(model.run(black_box(&inputs)));
    });
    println!(
        "purchases by day: {} payments, {} months, {} purchase dates, {} cohorts, {} lines, {:.0} µs",
        model.timeline.len(Axis::Payments),
        model.timeline.len(Axis::Months),
        model.timeline.len(Axis::Purchases),
        model.cohorts.len(),
        model.lines.len(),
        micros(run),
    );
}

/// What the daily deal buys: short instalments and level pay.
fn standard() -> Vec<StandardReceivable> {
    let text = include_str!("../fixtures/cases/revolving_daily/assumptions.toml")
        .replace("segment = \"Instalments\"\n", "")
        .replace("segment = \"Cash loans\"\n", "");
    let (read, _) =
        Assumptions::from_toml("assumptions.toml", &text).accept().expect("without errors");
    read.purchased
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn main() {
    let (assumptions, _) = Assumptions::from_toml(
        "assumptions.toml",
        "[[segment]]\ncpr = 0.12\ncdr = 0.04\nrecovery_rate = 0.2\nrecovery_lag = [0, 0, 0, 1]\n",
    )
    .accept()
    .expect("assumptions without errors");
    purchases_by_day(&assumptions);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/deals");
    println!("{COHORTS} cohorts; times in µs; by hand: the pool's arithmetic alone");
    println!("template          payments  months  lines     run  by hand  ratio  text to model");
    // With a name on the command line, that template alone: for a profile.
    let only: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let chosen = |name: &&str| only.is_empty() || only.iter().any(|word| word == name);
    for name in TEMPLATES.into_iter().filter(chosen) {
        let text = std::fs::read_to_string(folder.join(format!("{name}.toml")));
        let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = deal(&text);
        let pool = pool(&read);
        let model = Model::from_deal(&read, &pool, &assumptions);
        let inputs = Inputs::of(&model);
        let run = best(|| {
            black_box(model.run(black_box(&inputs)));
        });
        let months = model.timeline.len(Axis::Months);
        let count = i64::try_from(months).expect("few");
        let hand = best(|| {
            black_box(by_hand(black_box(COHORTS), count));
        });
        let lowered = best(|| {
            let deal = deal(black_box(&text));
            black_box(Model::from_deal(&deal, &pool, &assumptions));
        });
        println!(
            "{name:<17} {:>8} {months:>7} {:>6} {:>7.0} {:>8.1} {:>6.1} {:>14.0}",
            model.timeline.len(Axis::Payments),
            model.lines.len(),
            micros(run),
            micros(hand),
            micros(run) / micros(hand),
            micros(lowered),
        );
    }
}
