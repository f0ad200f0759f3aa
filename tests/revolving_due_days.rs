//! Purchases between payment dates by the due days of the pool: two deals recomputed by other means, a
//! month by hand, and what must hold of every share.

mod testkit;

use cashfall::assumptions::{Assumptions, Window};
use cashfall::formula::LineId;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Inputs, Model, OfferSize, Run};
use cashfall::money::{Amount, Rate};
use testkit::{accept, case_changed, case_file, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

/// The run as a diary: payment dates, purchase dates and the ends of months in the order of their days.
fn diary(job: &Job, payments: &[&str]) -> Vec<String> {
    let (model, run) = testkit::run(job);
    let of = |key: &str, tick: usize| run.amount(line(&model, key), tick).to_string();
    let mut rows = Vec::new();
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let figures: Vec<String> = payments
            .iter()
            .map(|key| if key.is_empty() { "0.00".to_string() } else { of(key, tick) })
            .collect();
        rows.push((model.date(Axis::Payments, tick), 0, "payment", figures));
    }
    let bought = line(&model, "purchase.bought");
    for tick in 1..=model.timeline.len(Axis::Purchases) {
        let share = |key: &str| {
            let parts = run.value(line(&model, key), tick, 0);
            format!("{}.{:012}", parts / Rate::ONE.parts(), parts % Rate::ONE.parts())
        };
        let mut figures = vec![share("purchase.due_share"), share("purchase.due_share_of_bought")];
        let keys = ["carried", "received", "cash", "budget", "price"];
        figures.extend(keys.iter().map(|key| of(&format!("purchase.{key}"), tick)));
        let amounts = (0..model.offers.len()).map(|offer| run.value(bought, tick, offer));
        if let Some(OfferSize::Share { .. }) = model.offers.first().map(|offer| &offer.size) {
            figures.extend(amounts.map(|amount| Amount::from_minor(amount).to_string()));
        } else {
            let taken = amounts.zip(&model.offers).filter(|(amount, _)| *amount > 0);
            let names: Vec<&str> = taken.map(|(_, offer)| offer.name.en.as_str()).collect();
            figures.push(names.join(" "));
        }
        figures.push(of("purchase.cash_after", tick));
        rows.push((model.date(Axis::Purchases, tick), 1, "purchase", figures));
    }
    for tick in 1..=model.timeline.len(Axis::Months) {
        let keys = ["opening", "purchased", "default", "scheduled", "prepaid", "closing"];
        let mut figures: Vec<String> =
            keys.iter().map(|key| of(&format!("pool.{key}"), tick)).collect();
        let charges = ["pool.interest", "pool.fee"].map(|key| run.amount(line(&model, key), tick));
        figures.push((charges[0] + charges[1]).to_string());
        figures.push(of("pool.recovered", tick));
        rows.push((model.date(Axis::Months, tick), 2, "month", figures));
    }
    testkit::by_day(rows)
}

/// Standard receivables every Wednesday, out of the collection account.
#[test]
fn weekly_purchases_by_due_days_equal_the_book() {
    let job = case_file("revolving_due_days/deal.toml");
    let payments = ["step.2.1.paid", "step.3.1.paid", "step.3.2.paid", "cash.carry", ""];
    expected_csv("revolving_due_days/shares.csv", &diary(&job, &payments));
}

/// A list once a month, out of an account that receives principal alone; one of the list falls due in
/// the month in which it is bought.
#[test]
fn monthly_purchases_of_a_list_by_due_days_equal_the_book() {
    let job = case_file("revolving_due_days/list.toml");
    let payments = [
        "step.2.1.paid",
        "step.3.1.paid",
        "step.4.1.paid",
        "account.principal.closing_balance",
        "cash.carry",
    ];
    expected_csv("revolving_due_days/list.csv", &diary(&job, &payments));
}

/// January by hand: 10,360.00 fall due on the 6th, 3,599.02 on the 20th and 4,120.00 on the 31st, so
/// 57.3 % are there from the 7th on and 77.2 % from the 21st on.
#[test]
fn a_share_is_what_has_fallen_due_before_the_day() {
    let job = case_file("revolving_due_days/deal.toml");
    let shares = job.collateral.due_shares.as_ref().expect("the deal goes by due days");
    let days = job.deal.days_of_purchase().iter().zip(&shares.pool);
    let of = |day: &str| days.clone().find(|(at, _)| at.to_string() == day).expect("a day").1;
    let part = |due: i64| i128::from(due) * 1_000_000_000_000 / (1_036_000 + 359_902 + 412_000);
    assert_eq!(i128::from(of("2026-01-07").parts()), part(1_036_000));
    assert_eq!(i128::from(of("2026-01-14").parts()), part(1_036_000));
    assert_eq!(i128::from(of("2026-01-21").parts()), part(1_036_000 + 359_902));
    // Nothing falls due before the 6th, and what is bought on Wednesdays falls due four times a month.
    assert_eq!(of("2026-02-04").parts(), 0);
    let bought = days.clone().map(|(day, _)| day).zip(&shares.bought);
    let bought = bought.filter(|(day, _)| day.to_string().starts_with("2026-02"));
    let bought: Vec<String> = bought.map(|(_, share)| share.percent()).collect();
    assert_eq!(bought, ["0 %", "25 %", "50 %", "75 %"]);
}

/// Shares grow within a month and stay within it; a share of all that has come in is all of it.
#[test]
fn shares_grow_within_a_month() {
    for file in ["deal.toml", "list.toml"] {
        let job = case_file(&format!("revolving_due_days/{file}"));
        let model = job.model();
        let run = model.run(&Inputs::of(&model));
        let of = |run: &Run, key: &str, tick| run.value(line(&model, key), tick, 0);
        let mut all = Inputs::of(&model);
        for tick in 1..=model.timeline.len(Axis::Purchases) {
            for key in ["purchase.due_share", "purchase.due_share_of_bought"] {
                let share = of(&run, key, tick);
                assert!((0..=Rate::ONE.parts()).contains(&share), "{key} {tick}: {share}");
                let month = |tick| model.timeline.at(Axis::Purchases, tick, Axis::Months);
                if tick > 1 && month(tick) == month(tick - 1) {
                    assert!(share >= of(&run, key, tick - 1), "{key} {tick}");
                }
                all.set_given(line(&model, key), tick, Rate::ONE.parts());
            }
        }
        // With all of it there from the first day on, what is missing is the cash without a due day.
        let run = model.run(&all);
        for tick in 1..=model.timeline.len(Axis::Purchases) {
            let month = model.timeline.at(Axis::Purchases, tick, Axis::Months);
            let elapsed = of(&run, "purchase.elapsed", tick);
            let other = of(&run, "pool.other_cash", month);
            let even = (2 * other * elapsed + of(&run, "pool.days", month))
                / (2 * of(&run, "pool.days", month));
            let received = of(&run, "pool.due_cash", month) + even;
            assert_eq!(of(&run, "purchase.received", tick), received, "{file} {tick}");
        }
    }
}

/// The daily case with a pool of its own, which has a purchase date on every business day.
fn daily(pool: &str) -> Job {
    let folder = testkit::recalculate::fresh("due_days");
    let text = |file: &str| testkit::fixture(&format!("cases/revolving_daily/{file}"));
    let deal = text("deal.toml").replace("every = \"day\"", "every = \"day\"\ncash = \"due_days\"");
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    std::fs::write(folder.join("assumptions.toml"), text("assumptions.toml")).expect("a file");
    let head = text("pool.csv").lines().next().expect("a header").to_string();
    std::fs::write(folder.join("pool.csv"), format!("{head}\n{pool}")).expect("a temporary file");
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    job
}

/// A pool that falls due on the first of the month has all its cash from the second on, and one that
/// falls due on the last has none within it: the earlier buys more.
#[test]
fn an_earlier_due_day_buys_more() {
    let bought = |day: u32| {
        let row = |id: &str, product: &str, method: &str, amount: &str, n: &str, rate: &str| {
            format!(
                "{id},U{id},{product},{method},2025-12-{day:02},2026-01-{day:02},{day},{amount},{amount},{n},0,{rate}\n"
            )
        };
        let pool = row("R1", "白条分期", "等本等费", "60000.00", "6", "0.6")
            + &row("R2", "金条", "等额本息", "40000.00", "12", "1.2");
        let job = daily(&pool);
        let (model, run) = testkit::run(&job);
        let shares = job.collateral.due_shares.as_ref().expect("by due days").pool.clone();
        let of_january =
            job.deal.days_of_purchase().iter().filter(|day| day.to_string().as_str() < "2026-02");
        (run.total(line(&model, "purchase.price")), shares[..of_january.count()].to_vec())
    };
    let [(first, of_first), (middle, _), (last, of_last)] = [1, 15, 31].map(bought);
    assert!(first > middle && middle > last, "{first} {middle} {last}");
    assert!(of_first.iter().all(|share| *share == Rate::ONE), "{of_first:?}");
    assert!(of_last.iter().all(|share| *share == Rate::ZERO), "{of_last:?}");
}

/// A deal that says nothing has its cash evenly over the days of the month.
#[test]
fn even_is_what_a_deal_gets_that_says_nothing() {
    let with = |text: &str| {
        let change = [("cash = \"due_days\"\n", text)];
        let files =
            [("deal.toml", change.as_slice()), ("assumptions.toml", &[]), ("pool.csv", &[])];
        case_changed("revolving_due_days", &files)
    };
    let (silent, said) = (with(""), with("cash = \"even\"\n"));
    let [silent, said] = [silent, said].map(|job| testkit::run(&job));
    assert_eq!(silent.1, said.1);
    assert!(silent.0.line("purchase.due_share").is_none());
}

/// What is overdue at the cut-off date has no due day: an instalment of December and one of 10 January are
/// alike, so that on the 12th half of the cash is there, and of the other half eleven days of 31.
#[test]
fn what_is_overdue_comes_evenly() {
    let overdue = "R1,U1,白条分期,等本等费,2025-11-10,2025-12-10,10,60000.00,60000.00,6,0,0.6\n\
                   R2,U2,白条分期,等本等费,2025-12-20,2026-02-20,20,40000.00,40000.00,12,0,1.2\n";
    let job = daily(overdue);
    let shares = job.collateral.due_shares.as_ref().expect("by due days");
    let of = |day: &str| {
        let days = job.deal.days_of_purchase().iter();
        let place =
            days.map(ToString::to_string).position(|at| at == day).expect("a purchase date");
        shares.pool[place].parts()
    };
    // ROUNDDOWN(8 ÷ 31 ÷ 2, 12) on the 9th, ROUNDDOWN((1 + 11 ÷ 31) ÷ 2, 12) on the 12th.
    assert_eq!(of("2026-01-09"), 129_032_258_064);
    assert_eq!(of("2026-01-12"), 677_419_354_838);
    // In February 10,360.00 are due on the 10th, 3,333.33 and 480.00 on the 20th.
    assert_eq!(of("2026-02-10"), 0);
    let part = 1_036_000_i128 * 1_000_000_000_000 / (1_036_000 + 381_333);
    assert_eq!(i128::from(of("2026-02-11")), part);
    assert_eq!(of("2026-02-23"), Rate::ONE.parts());
}

/// After a holiday of one month from February on, March has the due days of February, and February, in
/// which nothing falls due, is even.
#[test]
fn a_holiday_moves_due_days_with_their_cash() {
    let job = case_file("revolving_due_days/deal.toml");
    let holiday = Some(Window { start: 2, months: 1 });
    let late = job.with_assumptions(Assumptions { holiday, ..job.assumptions.clone() });
    let of = |job: &Job, day: &str| {
        let days = job.deal.days_of_purchase().iter();
        let place =
            days.map(ToString::to_string).position(|at| at == day).expect("a purchase date");
        job.collateral.due_shares.as_ref().expect("by due days").pool[place]
    };
    assert_eq!(of(&late, "2026-01-21"), of(&job, "2026-01-21"));
    // 10 of 28 days.
    assert_eq!(of(&late, "2026-02-11").parts(), 357_142_857_142);
    for (march, february) in [("2026-03-04", "2026-02-04"), ("2026-03-25", "2026-02-25")] {
        assert_eq!(of(&late, march), of(&job, february));
    }
    let (model, run) = testkit::run(&late);
    assert_eq!(run.amount(line(&model, "pool.due_of_pool"), 2), Amount::ZERO);
}
