//! Purchases between payment dates: a daily and a weekly deal recomputed by other means, and what must
//! hold of every deal that buys so.

mod testkit;

use cashfall::analytics::Purchases;
use cashfall::formula::LineId;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Model};
use cashfall::money::Amount;
use testkit::{case, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

/// The run as a diary: payment dates, purchase dates and the ends of months in the order of their days.
fn diary(job: &Job, payments: &[&str]) -> Vec<String> {
    const BEFORE: [&str; 5] = ["carried", "received", "cash", "budget", "price"];
    const MONTHS: [&str; 10] = [
        "opening",
        "purchased",
        "default",
        "scheduled",
        "prepaid",
        "closing",
        "interest",
        "fee",
        "recovered",
        "cash",
    ];
    let (model, run) = testkit::run(job);
    let of = |key: &str, tick: usize| run.amount(line(&model, key), tick).to_string();
    let mut rows = Vec::new();
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let figures = payments.iter().map(|key| of(key, tick));
        rows.push((model.date(Axis::Payments, tick), 0, "payment", figures.collect::<Vec<_>>()));
    }
    let bought = line(&model, "purchase.bought");
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let mut figures: Vec<String> =
            BEFORE.iter().map(|key| of(&format!("purchase.{key}"), tick)).collect();
        let offers = 0..model.offers.len();
        figures.extend(
            offers.map(|offer| Amount::from_minor(run.value(bought, tick, offer)).to_string()),
        );
        figures.push(of("purchase.cash_after", tick));
        rows.push((model.date(Axis::Purchases, tick), 1, "purchase", figures));
    }
    for tick in 1..=model.timeline.len(Axis::Months) {
        let figures = MONTHS.iter().map(|key| of(&format!("pool.{key}"), tick));
        rows.push((model.date(Axis::Months, tick), 2, "month", figures.collect()));
    }
    testkit::by_day(rows)
}

/// Every business day of six months, out of the collection account.
#[test]
fn daily_purchases_equal_the_diary() {
    let job = case("revolving_daily");
    let payments = [
        "step.1.1.paid",
        "step.2.1.paid",
        "step.3.1.purchased_principal",
        "step.3.1.purchase_price",
        "step.3.1.budget",
        "step.3.1.idle_cash",
        "step.4.1.paid",
        "step.5.1.paid",
        "step.6.1.paid",
        "cash.carry",
    ];
    let rows = diary(&job, &payments).into_iter();
    // The collection account is the only one: nothing lies elsewhere.
    let rows = rows.map(|row| if row.starts_with("payment") { row + ",0.00" } else { row });
    expected_csv("revolving_daily/expected.csv", &rows.collect::<Vec<_>>());
}

/// Every Friday, moved to the days of the exchange, out of an account of its own, with quarterly
/// payments and a provision by definition, which has no value before the first of them.
#[test]
fn weekly_purchases_equal_the_diary() {
    let job = case("revolving_weekly");
    let payments = [
        "step.1.1.paid",
        "step.2.1.paid",
        "step.3.1.purchased_principal",
        "step.3.1.purchase_price",
        "step.3.1.budget",
        "step.3.1.idle_cash",
        "step.4.1.paid",
        "step.5.1.paid",
        "step.6.1.paid",
        "account.principal.closing_balance",
        "cash.carry",
    ];
    expected_csv("revolving_weekly/expected.csv", &diary(&job, &payments));
}

/// The daily case with its texts changed, without charges on its pool.
fn changed(deal: &[(&str, &str)], assumptions: &[(&str, &str)]) -> Job {
    let pool = [("60000.00,6,0,0.6", "60000.00,6,0,0"), (",12,0,1.2", ",12,0,0")];
    let files = [("deal.toml", deal), ("assumptions.toml", assumptions), ("pool.csv", &pool)];
    testkit::case_changed("revolving_daily", &files)
}

const FREE: [(&str, &str); 5] = [
    ("coupon = \"3 %\"", "coupon = \"0 %\""),
    ("rate = \"0.5 %\"", "rate = \"0 %\""),
    ("provision = 1500.00\n", ""),
    ("least = 200.00\n", ""),
    ("price = \"99 %\"", "price = \"100 %\""),
];
const CALM: [(&str, &str); 6] = [
    ("cpr = \"12 %\"\n", ""),
    ("cdr = \"6 %\"\n", ""),
    ("cpr = \"5 %\"\n", ""),
    ("cumulative_default_ratio = \"2 %\"\ndefault_timing = [\"50 %\", \"30 %\", \"20 %\"]\n", ""),
    ("rate = \"0.7 %\"", "rate = \"0 %\""),
    ("rate = \"14.4 %\"", "rate = \"0 %\""),
];
const CADENCES: [&str; 6] = [
    "every = \"day\"",
    "every = \"week\"",
    "every = \"week\"\non = \"friday\"",
    "every = \"month\"",
    "every = \"month\"\non = 31",
    "every = [2026-01-20, 2026-02-28, 2026-06-30]",
];

/// At par, without charges, costs and losses, cash becomes principal and principal cash: on every
/// purchase date the pool and the cash together stay what they were, and in the end holders have their
/// faces back to the fen.
#[test]
fn at_par_without_charges_the_balance_stays() {
    for cadence in CADENCES {
        let deal = [FREE.as_slice(), &[("every = \"day\"", cadence)]].concat();
        let job = changed(&deal, &CALM);
        let (model, run) = testkit::run(&job);
        let of = |key: &str, tick: usize| run.amount(line(&model, key), tick);
        let mut bought_in_month = (0, Amount::ZERO);
        let dates = model.timeline.len(Axis::Purchases);
        assert!(dates >= 3, "{cadence}: {dates} dates");
        for tick in 1..=dates {
            let month = model.timeline.at(Axis::Purchases, tick, Axis::Months);
            if bought_in_month.0 != month {
                bought_in_month = (month, Amount::ZERO);
            }
            bought_in_month.1 += of("purchase.principal", tick);
            // What the month has paid so far is cash now; what it has bought is principal again. What
            // is locked for a payment date whose day has not come is the rest of the account.
            let month_paid = of("purchase.received", tick)
                - (of("pool.undistributed", month) - of("pool.cash", month));
            let pool = of("pool.opening", month) - month_paid + bought_in_month.1;
            let period = model.timeline.payments_before(tick);
            let known = model.timeline.at(Axis::Purchases, tick, Axis::Payments);
            let locked = if known == period { Amount::ZERO } else { of("cash.carry", period) };
            let whole = pool + of("purchase.cash_after", tick) + locked;
            assert_eq!(whole.to_string(), "100000.00", "{cadence}, purchase {tick}");
        }
        assert_eq!(run.total(line(&model, "step.4.1.paid")).to_string(), "85000.00");
        assert_eq!(run.total(line(&model, "step.5.1.paid")).to_string(), "15000.00");
        assert_eq!(run.total(line(&model, "step.6.1.paid")), Amount::ZERO);
    }
}

/// Cash that is spent sooner lies idle for less long: more often bought, more is bought in all.
#[test]
fn more_often_is_never_less() {
    let bought = |cadence: &str| {
        let job = changed(&[("every = \"day\"", cadence)], &[]);
        let (model, run) = testkit::run(&job);
        Purchases::of(&job.deal, &model, &run).expect("the deal buys").principal
    };
    let [daily, weekly, monthly, at_payments] = [
        "every = \"day\"",
        "every = \"week\"",
        "every = \"month\"\non = 15",
        "every = \"payment\"",
    ]
    .map(bought);
    assert!(daily > weekly && weekly > monthly, "{daily} {weekly} {monthly}");
    assert!(monthly > at_payments, "{monthly} {at_payments}");
}

/// A trigger that ends the revolving period on a payment date ends purchases from that day on, and not
/// before it.
#[test]
fn a_trigger_ends_the_purchases_of_the_days_after_it() {
    let trigger = "[[trigger]]\nid = \"early\"\nmetric = \"cumulative_default_ratio\"\nabove = \"1 %\"\n\
                   consequence = \"end_revolving\"\n\n[[tranche]]\nid = \"A\"";
    let job = changed(&[("[[tranche]]\nid = \"A\"", trigger)], &[]);
    let (model, run) = testkit::run(&job);
    let states = line(&model, "state.revolving");
    let last = (1..=6).rev().find(|tick| run.value(states, *tick, 0) == 1).expect("revolving");
    assert!((1..5).contains(&last), "it ends early: {last}");
    let ended = model.date(Axis::Payments, last + 1);
    let (mut before, mut after) = (0, 0);
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let date = model.date(Axis::Purchases, tick);
        let price = run.amount(line(&model, "purchase.price"), tick);
        if date >= ended {
            assert_eq!(price, Amount::ZERO, "{date} is after {ended}");
            after += 1;
        } else {
            before += usize::from(price > Amount::ZERO);
        }
    }
    assert!(before > 40 && after > 20, "{before} dates bought, {after} did not");
}

/// What falls due between a purchase and the end of its month is collected with the next month.
#[test]
fn an_instalment_due_in_the_month_of_its_purchase_is_not_lost() {
    let folder = testkit::recalculate::fresh("dates_list");
    let text = |file: &str| testkit::fixture(&format!("cases/revolving_daily/{file}"));
    let deal = text("deal.toml")
        .replace("every = \"day\"", "every = [2026-02-06]\ncandidates = \"offers.csv\"");
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    std::fs::write(folder.join("assumptions.toml"), text("assumptions.toml")).expect("a file");
    std::fs::write(folder.join("pool.csv"), text("pool.csv")).expect("a temporary file");
    let head = text("pool.csv").lines().next().expect("a header").to_string();
    let offers = format!(
        "{head}\nC1,U009,白条分期,等本等费,2026-01-10,2026-02-10,10,300.00,300.00,3,0,1.0\n"
    );
    std::fs::write(folder.join("offers.csv"), offers).expect("a temporary file");
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = testkit::accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    let cohort = job.collateral.cohorts.iter().find(|cohort| cohort.bought.is_some());
    let cohort = cohort.expect("a candidate");
    let text = |amounts: &[Amount]| amounts.iter().map(ToString::to_string).collect::<Vec<_>>();
    // Due on 10 February, March and April; February has collected before it buys.
    assert_eq!(text(&cohort.principal)[..5], ["0.00", "0.00", "200.00", "100.00", "0.00"]);
    assert_eq!(text(&cohort.fee)[..5], ["0.00", "0.00", "6.00", "3.00", "0.00"]);
    let (model, run) = testkit::run(&job);
    let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
    assert_eq!(purchases.principal.to_string(), "300.00");
    assert_eq!(purchases.price.to_string(), "297.00");
}

/// Every Tuesday, of what two tiers of accounts supply day by day: some weeks the cash is short, some the
/// supply.
#[test]
fn weekly_purchases_of_a_supply_equal_the_diary() {
    let job = case("supply_weekly");
    let (model, run) = testkit::run(&job);
    let of = |key: &str, tick: usize| run.amount(line(&model, key), tick).to_string();
    let mut rows = Vec::new();
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let bought = ["supply", "budget", "purchase_price"];
        let mut figures: Vec<String> =
            bought.iter().map(|part| of(&format!("step.1.1.{part}"), tick)).collect();
        let ratio = run.value(line(&model, "step.1.1.purchase_ratio"), tick, 0);
        figures.push(format!("{}.{:012}", ratio / 1_000_000_000_000, ratio % 1_000_000_000_000));
        let paid = ["step.2.1.paid", "step.3.1.paid", "step.3.2.paid", "cash.carry"];
        figures.extend(paid.iter().map(|key| of(key, tick)));
        rows.push((model.date(Axis::Payments, tick), 0, "payment", figures));
    }
    let bought = line(&model, "purchase.bought");
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let mut figures = vec![of("purchase.supply", tick), of("purchase.budget", tick)];
        let each = (0..2).map(|offer| run.value(bought, tick, offer));
        figures.extend(each.map(|amount| Amount::from_minor(amount).to_string()));
        figures.extend(["purchase.price", "purchase.cash_after"].map(|key| of(key, tick)));
        rows.push((model.date(Axis::Purchases, tick), 1, "purchase", figures));
    }
    for tick in 1..=model.timeline.len(Axis::Months) {
        let pool = ["opening", "purchased", "default", "scheduled", "prepaid", "closing", "fee"];
        let mut figures = vec![of("supply.supplied", tick)];
        figures.extend(pool.iter().map(|key| of(&format!("pool.{key}"), tick)));
        rows.push((model.date(Axis::Months, tick), 2, "month", figures));
    }
    rows.sort();
    let text = |(date, _, kind, figures): (_, _, &str, Vec<String>)| {
        format!("{kind},{date},{}", figures.join(","))
    };
    expected_csv("supply_weekly/expected.csv", &rows.into_iter().map(text).collect::<Vec<_>>());
}
