//! Limits on the pool where the deal buys between payment dates: four deals recomputed by other means,
//! and what holds of every purchase date.

mod testkit;

use cashfall::analytics::Purchases;
use cashfall::formula::LineId;
use cashfall::job::Job;
use cashfall::model::{Axis, Inputs, LimitOf, Model, OfferSize, Run};
use cashfall::money::{Amount, Rate};
use testkit::{case_changed, case_file, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

/// The run as a diary: payment dates, purchase dates and the ends of months in the order of their days.
fn diary(job: &Job) -> Vec<String> {
    let (model, run) = testkit::run(job);
    let of = |key: &str, tick: usize| run.amount(line(&model, key), tick).to_string();
    let mut rows = Vec::new();
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let keys = ["step.2.1.paid", "step.3.1.paid", "step.3.2.paid", "cash.carry"];
        let figures: Vec<String> = keys.iter().map(|key| of(key, tick)).collect();
        rows.push((model.date(Axis::Payments, tick), 0, "payment", figures));
    }
    let bought = line(&model, "purchase.bought");
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let date = model.date(Axis::Purchases, tick);
        let keys = ["carried", "received", "cash", "budget", "price"];
        let mut figures: Vec<String> =
            keys.iter().map(|key| of(&format!("purchase.{key}"), tick)).collect();
        let amounts = (0..model.offers.len()).map(|offer| run.value(bought, tick, offer));
        if let Some(OfferSize::Share { .. }) = model.offers.first().map(|offer| &offer.size) {
            figures.extend(amounts.map(|amount| Amount::from_minor(amount).to_string()));
        } else {
            let taken = amounts.zip(&model.offers).filter(|(amount, _)| *amount > 0);
            let names: Vec<&str> = taken.map(|(_, offer)| offer.name.en.as_str()).collect();
            figures.push(names.join(" "));
        }
        figures.push(of("limits.pool", tick));
        let mut met = String::new();
        for limit in ["region", "term", "largest"] {
            figures.push(of(&format!("limit.{limit}.at_most.limit_counted"), tick));
            let holds = line(&model, &format!("limit.{limit}.at_most.limit_met"));
            met.push(if run.value(holds, tick, 0) == 1 { '+' } else { '-' });
        }
        figures.push(met);
        rows.push((date, 1, "purchase", figures));
    }
    for tick in 1..=model.timeline.len(Axis::Months) {
        let keys =
            ["opening", "purchased", "default", "scheduled", "prepaid", "closing", "fee", "cash"];
        let figures = keys.iter().map(|key| of(&format!("pool.{key}"), tick)).collect();
        rows.push((model.date(Axis::Months, tick), 2, "month", figures));
    }
    testkit::by_day(rows)
}

/// Every business day and every Wednesday, by share and out of a list.
#[test]
fn purchases_within_limits_equal_the_diary() {
    let deals = [
        ("daily_shares", "deal.toml"),
        ("weekly_shares", "weekly_shares.toml"),
        ("daily_list", "daily_list.toml"),
        ("weekly_list", "weekly_list.toml"),
    ];
    for (name, file) in deals {
        let job = case_file(&format!("purchase_limits_dates/{file}"));
        expected_csv(&format!("purchase_limits_dates/{name}.csv"), &diary(&job));
    }
}

/// A limit of the model on purchase dates: its bound, and the lines of what its parts count.
struct Followed {
    key: String,
    ceiling: i64,
    of: LimitOf,
    before: Vec<LineId>,
    after: Vec<LineId>,
    met: LineId,
}

/// The limits of the daily case on purchase dates, with the bounds of these inputs.
fn followed(job: &Job, model: &Model, inputs: &Inputs) -> Vec<Followed> {
    let of = |limit: &cashfall::model::PoolLimit| {
        let key = &limit.key;
        let bound = inputs.value(model.input(key).expect("the bound is an input"));
        let parts = 1..=limit.parts.len();
        let after = |place: usize| match limit.parts.len() {
            1 => line(model, &format!("{key}.limit_counted")),
            _ => line(model, &format!("{key}.{place}.limit_counted")),
        };
        Followed {
            ceiling: if limit.is_floor { limit.top.parts() - bound } else { bound },
            of: limit.of,
            before: parts
                .clone()
                .map(|place| line(model, &format!("{key}.{place}.before")))
                .collect(),
            after: parts.map(after).collect(),
            met: line(model, &format!("{key}.limit_met")),
            key: key.clone(),
        }
    };
    job.collateral.limits.iter().map(of).collect()
}

impl Followed {
    /// `counted ≤ ROUNDDOWN(ceiling × pool, 2)`, or the amount itself.
    fn holds(&self, counted: i64, pool: i64) -> bool {
        let most = match self.of {
            LimitOf::Principal => i128::from(self.ceiling),
            LimitOf::Pool => {
                i128::from(self.ceiling) * i128::from(pool) / i128::from(Rate::ONE.parts())
            }
        };
        i128::from(counted) <= most
    }
}

/// Whatever was within a limit before a date's purchases is within it after them; gives how many dates
/// met and bought.
fn assert_kept(job: &Job, model: &Model, inputs: &Inputs) -> (usize, usize) {
    let run = model.run(inputs);
    let [pool_before, pool_after] = ["limits.before", "limits.pool"].map(|key| line(model, key));
    let (mut met, mut cut) = (0, 0);
    for limit in followed(job, model, inputs) {
        for tick in 1..=model.timeline.len(Axis::Purchases) {
            let date = model.date(Axis::Purchases, tick);
            let pool = |line| run.value(line, tick, 0);
            let mut all = true;
            for (before, after) in limit.before.iter().zip(&limit.after) {
                let before = limit.holds(pool(*before), pool(pool_before));
                let after = limit.holds(pool(*after), pool(pool_after));
                assert!(after || !before, "{}, {date}: met before and not after", limit.key);
                all &= after;
            }
            let could = run.value(line(model, "purchase.budget"), tick, 0) > 0;
            let said = run.value(limit.met, tick, 0) == 1;
            assert_eq!(said, all || !could, "{}, {date}", limit.key);
            met += usize::from(all && could);
            cut += usize::from(pool(pool_after) > pool(pool_before) && all);
        }
    }
    (met, cut)
}

/// Of weights that are no whole numbers (the average rate), of ceilings and floors, of one group and of
/// the largest of several, of shares and of principal.
const RATES: &str = "\n[[limit]]\nid = \"rate\"\nmeasure = \"average\"\nof = \"annual_rate\"\n\
                     at_least = \"6.54321 %\"\nat_most = \"7.12345 %\"\n\n[[limit]]\n\
                     id = \"amount\"\nmeasure = \"amount\"\nat_most = 21500.00\n\
                     where = { field = \"region\", equals = \"广东\" }\n";

#[test]
fn a_limit_met_before_is_met_after_every_purchase_date() {
    let head = "[[tranche]]\nid = \"A\"";
    let rates = format!("{RATES}\n{head}");
    let cadences = ["\"day\"", "\"week\"", "\"month\"\non = 31", "[2026-01-20, 2026-01-21]"];
    // A list is of days from the first purchase date on, which these two have early enough.
    let of_list = &cadences[..2];
    for (name, goods, cadences) in
        [("shares", "", &cadences[..]), ("list", "candidates = \"offers.csv\"\n", of_list)]
    {
        for cadence in cadences {
            let every = format!("{goods}every = {cadence}");
            let job = case_changed(
                "purchase_limits_dates",
                &[
                    ("deal.toml", &[("every = \"day\"", &every), (head, &rates)]),
                    ("assumptions.toml", &[]),
                    ("pool.csv", &[]),
                    ("offers.csv", &[]),
                ],
            );
            assert_eq!(job.collateral.limits.len(), 6, "every end is followed");
            let model = job.model();
            let (mut met, mut cut) = (0, 0);
            for percent in (24..=36).step_by(2) {
                let mut inputs = Inputs::of(&model);
                let share = |percent: i64| Rate::ONE.parts() / 1000 * percent;
                for (key, bound) in [
                    ("limit.region.at_most", share(10 * percent + 1)),
                    ("limit.largest.at_most", share(1000 - 10 * percent + 37)),
                    ("limit.term.at_most", Rate::ONE.parts() * (percent + 8) / 5),
                ] {
                    inputs.set(model.input(key).expect("an input"), bound);
                }
                let (of_met, of_cut) = assert_kept(&job, &model, &inputs);
                (met, cut) = (met + of_met, cut + of_cut);
            }
            assert!(met > 10 && cut > 5, "{name}, {cadence}: {met} met, {cut} of them bought");
        }
    }
}

/// After the last date of a month the pool is what the month closes with, and a limit counts of it what
/// it counts of its batches.
#[test]
fn the_last_date_of_a_month_leaves_what_the_month_closes_with() {
    let job = case_file("purchase_limits_dates/deal.toml");
    let (model, run) = testkit::run(&job);
    let region = job.collateral.limits.iter().find(|limit| limit.key == "limit.region.at_most");
    let weights = &region.expect("the limit is followed").parts[0].cohorts;
    let closing = line(&model, "collections.closing");
    let mut months = 0;
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let month = model.timeline.at(Axis::Purchases, tick, Axis::Months);
        if model.timeline.at(Axis::Months, month, Axis::Purchases) != tick {
            continue;
        }
        months += 1;
        let of = |key: &str, tick: usize| run.value(line(&model, key), tick, 0);
        assert_eq!(of("limits.pool", tick), of("pool.closing", month));
        let counted = weights.iter().enumerate().map(|(cohort, weight)| {
            assert!([Rate::ZERO, Rate::ONE].contains(weight), "a cohort is on one side");
            if *weight == Rate::ONE { run.value(closing, month, cohort) } else { 0 }
        });
        assert_eq!(of("limit.region.at_most.limit_counted", tick), counted.sum::<i64>());
    }
    assert_eq!(months, 5);
}

/// A limit that no purchase could break changes nothing, and one that is only tested changes nothing but
/// what is told: its first date.
#[test]
fn a_limit_that_does_not_bind_changes_nothing() {
    let bought = |job: &Job, run: &Run, model: &Model| {
        assert_eq!(job.deal.limits.len(), 3);
        run.line(line(model, "purchase.bought")).to_vec()
    };
    let job = case_file("purchase_limits_dates/deal.toml");
    let model = job.model();
    let mut wide = Inputs::of(&model);
    for (key, bound) in [("region", 1), ("term", 99), ("largest", 1)] {
        let input = model.input(&format!("limit.{key}.at_most")).expect("an input");
        wide.set(input, Rate::ONE.parts() * bound);
    }
    let free = bought(&job, &model.run(&wide), &model);
    let tested = case_changed(
        "purchase_limits_dates",
        &[
            ("deal.toml", &[("every = \"day\"", "every = \"day\"\nlimits = \"test\"")]),
            ("assumptions.toml", &[]),
            ("pool.csv", &[]),
        ],
    );
    let (model, run) = testkit::run(&tested);
    assert_eq!(bought(&tested, &run, &model), free);
    let told = tested.outcome(&model, &run);
    let broken: Vec<&str> = told
        .iter()
        .filter(|finding| finding.code == "M0153")
        .map(|finding| finding.facts["date"].as_str())
        .collect();
    let first = |limit: &str| {
        let met = line(&model, &format!("limit.{limit}.at_most.limit_met"));
        let tick = (1..).find(|tick| run.value(met, *tick, 0) == 0).expect("it is broken");
        model.date(Axis::Purchases, tick).to_string()
    };
    assert_eq!(broken, ["region", "term", "largest"].map(first));
    let (cut, run) = testkit::run(&job);
    assert_ne!(bought(&job, &run, &cut), free, "the limits of the case bind");
}

/// No date spends more than the most that it could have, and no more of that than its budget.
#[test]
fn no_date_spends_more_than_the_most() {
    let mut below = 0;
    for file in ["daily_list.toml", "weekly_list.toml"] {
        let job = case_file(&format!("purchase_limits_dates/{file}"));
        let (model, run) = testkit::run(&job);
        let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
        assert!(purchases.dates.len() > 15, "{file}: {}", purchases.dates.len());
        for date in purchases.dates {
            let (price, budget) = (date.price.to_f64(), date.budget.to_f64());
            assert!(price <= date.most && date.most <= budget + 0.01, "{file} {date:?}");
            below += usize::from(price + 1.0 < date.most && date.most + 1.0 < budget);
        }
    }
    assert!(below > 3, "limits bind, and whole receivables leave some of it: {below}");
}
