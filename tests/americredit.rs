//! AmeriCredit 2017-1: representative lines with cut-off dates of their own, at four absolute speeds.

mod testkit;

use std::collections::BTreeMap;

use cashfall::analytics::{Decrement, Group, Until};
use cashfall::assumptions::{Assumptions, Curve, Prepayment, Speed};
use cashfall::config::Text;
use cashfall::job::{Ask, Job};
use cashfall::model::{Axis, Cohort, Collateral, Model, Run};
use cashfall::money::{Amount, Rate};
use cashfall::time::DayCount;
use chrono::{Datelike, Months, NaiveDate};
use testkit::{case, fixture};

const SPEEDS: [&str; 4] = ["0.5 %", "1.0 %", "1.5 %", "2.0 %"];
/// The speeds as the published tables head their columns.
const PUBLISHED: [&str; 4] = ["0.50", "1.00", "1.50", "2.00"];

/// The case held to maturity: nobody buys the pool, so its flows are all there.
fn to_maturity() -> Job {
    let mut job = case("americredit_2017_1");
    job.deal.call.as_mut().expect("it has a call").exercise = false;
    job
}

/// The same at another absolute speed.
fn at_speed(speed: &str) -> Job {
    let mut job = to_maturity();
    let rate: Rate = speed.parse().expect("a speed");
    for segment in &mut job.assumptions.segments {
        segment.prepayment = Prepayment::Abs(Curve::Constant(rate));
    }
    let pool = Collateral::from_pool(&job.pool, &job.deal, &job.assumptions, 1);
    job.collateral = testkit::accept(pool);
    job
}

type Row = BTreeMap<String, String>;

/// The rows of a table of the case, by their headings.
fn rows(file: &str) -> Vec<Row> {
    let text = fixture(&format!("cases/americredit_2017_1/{file}"));
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_string));
    let head: Vec<String> = lines.next().expect("a head").collect();
    lines.map(|line| head.iter().cloned().zip(line).collect()).collect()
}

fn day(row: &Row, name: &str) -> NaiveDate {
    row[name].parse().expect("a day")
}

/// The place of the cohort of a row, by its cut-off date and its seasoning.
fn cohort(job: &Job, row: &Row) -> usize {
    let (cutoff, seasoning) = (day(row, "cutoff"), row["seasoning"].parse().expect("months"));
    let born = (cutoff - Months::new(seasoning)).with_day(1);
    let joins = (cutoff > job.deal.pool.cutoff).then_some(2);
    let fits = |cohort: &Cohort| cohort.origination == born && cohort.joins == joins;
    job.collateral.cohorts.iter().position(fits).expect("a cohort for each row")
}

fn amount(model: &Model, run: &Run, key: &str, (month, element): (usize, usize)) -> f64 {
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    Amount::from_minor(run.value(line, month, element)).to_f64()
}

/// Every flow of every cohort and month at four speeds, against real numbers: the rounding of each
/// cell to the cent is all that lies between.
#[test]
fn the_pool_by_month_is_that_of_the_script() {
    let rows = rows("pool_cash.csv");
    for speed in SPEEDS {
        let job = at_speed(speed);
        let (model, run) = testkit::run(&job);
        let months = model.timeline.dates(Axis::Months);
        let of_speed: Vec<&Row> = rows.iter().filter(|row| row["speed"] == speed).collect();
        assert!(of_speed.len() > 200, "{speed} is in the table");
        let mut seen = 0.0;
        for row in of_speed {
            let end = day(row, "month_end");
            let month = months.iter().position(|day| *day == end).expect("a collection month");
            let at = (month, cohort(&job, row));
            for name in ["opening", "scheduled", "prepaid", "interest", "closing"] {
                let ours = amount(&model, &run, &format!("collections.{name}"), at);
                let theirs: f64 = row[name].parse().expect("an amount");
                let place = format!("{speed} {end} {} {name}", row["seasoning"]);
                assert!((ours - theirs).abs() <= 0.10, "{place}: {ours}, not {theirs}");
            }
            seen += amount(&model, &run, "collections.opening", at);
        }
        // No month of the model is without its row.
        let opening = model.line("pool.opening").expect("every pool has it");
        let all: i64 = run.line(opening).iter().sum();
        assert!((seen - Amount::from_minor(all).to_f64()).abs() < 0.01, "{speed}");
    }
}

/// 331,826,201.57 joins at the start of February; the servicing fee of January is on the rest.
#[test]
fn later_lines_join_at_the_start_of_their_month() {
    let job = case("americredit_2017_1");
    let (model, run) = testkit::run(&job);
    let at = |key: &str, month: usize| amount(&model, &run, key, (month, 0));
    let joined: Vec<f64> = (0..4).map(|month| at("pool.joined", month)).collect();
    assert_eq!(joined, [0.0, 0.0, 331_826_201.57, 0.0]);
    assert_eq!((at("pool.closing", 0), at("pool.opening", 1)), (680_143_727.71, 680_143_727.71));
    let february = at("pool.closing", 1) + 331_826_201.57;
    assert!((at("pool.opening", 2) - february).abs() < 0.005);
    let initial = model.input("pool.initial_balance").expect("every pool has it");
    assert_eq!(Amount::from_minor(model.inputs[initial.0].value).to_string(), "1011969929.28");
    // A twelfth for each month, of the balance at its start, whatever its days.
    for month in [1, 2] {
        let fee = at("pool.opening", month) * 0.0225 / 12.0;
        assert!((at("fee.servicing.month", month) - fee).abs() < 0.006, "month {month}");
    }
}

/// At 2.00 % a line seasoned 53 months has lost 106 % of its contracts: it prepays in its first
/// month, whether that is January or February.
#[test]
fn an_exhausted_line_prepays_in_the_month_it_joins() {
    let job = at_speed("2.0 %");
    let (model, run) = testkit::run(&job);
    let gone = |place: usize, month: usize| {
        let at = |key: &str| amount(&model, &run, &format!("collections.{key}"), (month, place));
        at("opening") > 0.0 && at("prepaid") > 0.0 && at("closing") == 0.0
    };
    let old = |born: &str, month: usize| {
        let born: NaiveDate = born.parse().expect("a month");
        let place = job.collateral.cohorts.iter().position(|c| c.origination == Some(born));
        gone(place.expect("a cohort of that month"), month)
    };
    assert!(old("2012-07-01", 1), "53 months before the end of 2016");
    assert!(old("2012-08-01", 2), "53 months before the end of January 2017");
}

/// The months before it joins count neither for its age nor for its balance.
#[test]
fn without_stress_each_line_is_its_contract() {
    let job = to_maturity().without_stress();
    let (model, run) = testkit::run(&job);
    assert_eq!(model.cohorts.len(), 2, "those of the start and those that join");
    let elements = model.cohorts.len();
    for (flow, planned) in
        [("opening", "opening"), ("scheduled", "principal"), ("interest", "interest")]
    {
        let ours = model.line(&format!("collections.{flow}")).expect("a flow");
        let plan = model.line(&format!("plan.{planned}")).expect("a plan");
        assert_eq!(run.line(ours)[elements..], run.line(plan)[elements..], "{flow}");
    }
    let initial: Amount = job.pool.outstanding_principal();
    let scheduled = model.line("pool.scheduled").expect("every pool has it");
    assert_eq!(run.total(scheduled), initial);
}

/// The decrement table at the four speeds, straight from the files of the case.
fn table(job: &Job) -> Decrement {
    let (model, run) = testkit::run(job);
    let ask = Ask {
        speeds: SPEEDS.map(|speed| speed.parse().expect("a speed")).to_vec(),
        shown_as: BTreeMap::new(),
        day_count: DayCount::Thirty360E,
    };
    let (speed, table) = job.decrement((&model, &run), &ask).expect("one kind of speed");
    assert_eq!(speed, Speed::Abs);
    table
}

/// The place of a class in a table.
fn place(table: &Decrement, class: &str) -> usize {
    let of = |group: &Group| group.name == Text::same(class);
    table.groups.iter().position(of).unwrap_or_else(|| panic!("no class {class}"))
}

/// All 48 published lives, to the call and to maturity, to the two places in which they are printed.
#[test]
fn every_life_is_the_published_one() {
    let table = table(&case("americredit_2017_1"));
    let mut compared = 0;
    for row in rows("published_wal.csv") {
        let until = match row["basis"].as_str() {
            "to_call" => Until::Call,
            "to_maturity" => Until::Maturity,
            other => panic!("no basis {other}"),
        };
        let class = place(&table, &row["class"]);
        for (scenario, speed) in table.until(until).iter().zip(PUBLISHED) {
            let ours = scenario.outcomes[class].life.expect("every class is repaid");
            let told = &row[&format!("abs_{speed}")];
            assert_eq!(format!("{ours:.2}"), *told, "{} {} {speed}", row["class"], row["basis"]);
            compared += 1;
        }
    }
    assert_eq!(compared, 48);
}

/// The published grid, which is held to the call: six classes, 63 dates, four speeds. Printed in
/// whole percents, `*` for more than nothing and less than a half. One cell is open, here as in the
/// script.
#[test]
fn every_cell_of_the_grid_but_one_is_the_published_one() {
    let table = table(&case("americredit_2017_1"));
    let (mut cells, mut open) = (0, Vec::new());
    let mut payment = 0;
    let mut class = String::new();
    for row in rows("published_grid.csv") {
        payment = if row["class"] == class { payment + 1 } else { 0 };
        class = row["class"].clone();
        assert_eq!(table.dates[payment], day(&row, "distribution_date"));
        for (scenario, speed) in table.until(Until::Call).iter().zip(PUBLISHED) {
            let ours = 100.0 * scenario.outcomes[place(&table, &class)].share(payment).to_f64();
            let told = &row[&format!("abs_{speed}")];
            let meets = match told.as_str() {
                "*" => 0.0 < ours && ours < 0.5,
                "0" => ours == 0.0,
                percent => (ours - percent.parse::<f64>().expect("a percent")).abs() <= 0.5,
            };
            if !meets {
                let date = table.dates[payment];
                open.push(format!("{class} {date} {speed}: {ours:.2}, published {told}"));
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 6 * 63 * 4);
    assert_eq!(open, ["A-1 2017-05-18 1.00: 37.55, published 37"]);
}

/// Every class, E with them, after every payment at every speed, to the call and to maturity, against
/// the script, which knows nothing of cents: shares of the face within 0.001 points, so 10 in a million.
#[test]
fn every_balance_is_that_of_the_script() {
    let table = table(&case("americredit_2017_1"));
    let mut compared = 0;
    for row in rows("notes.csv") {
        let until = if row["basis"] == "to_call" { Until::Call } else { Until::Maturity };
        let speed = SPEEDS.iter().position(|speed| row["speed"] == *speed).expect("a speed");
        let outcome = &table.until(until)[speed].outcomes[place(&table, &row["class"])];
        let at = format!("{} {} {}", row["class"], row["speed"], row["basis"]);
        let life: f64 = row["life"].parse().expect("years");
        assert!((outcome.life.expect("it is repaid") - life).abs() < 1e-5, "{at}");
        for payment in 1..table.dates.len() {
            let theirs: f64 = row[&payment.to_string()].parse().expect("a percent");
            let ours = 100.0 * outcome.share(payment).to_f64();
            assert!((ours - theirs).abs() <= 1e-3, "{at}, {payment}: {ours}, not {theirs}");
            compared += 1;
        }
    }
    assert_eq!(compared, 7 * 4 * 2 * 91);
}

/// The classes of the deal are the groups; those that are asked for stand in their place.
#[test]
fn tranches_are_shown_by_class_unless_groups_are_asked_for() {
    let job = case("americredit_2017_1");
    let names = |shown_as: &BTreeMap<String, Text>| -> Vec<(String, usize)> {
        let groups = Group::of(&job.deal, shown_as);
        groups.into_iter().map(|group| (group.name.en, group.tranches.len())).collect()
    };
    let told = |names: &[(&str, usize)]| -> Vec<(String, usize)> {
        names.iter().map(|(name, count)| ((*name).to_string(), *count)).collect()
    };
    let classes = [("A-1", 1), ("A-2", 2), ("A-3", 1), ("B", 1), ("C", 1), ("D", 1), ("E", 1)];
    assert_eq!(names(&BTreeMap::new()), told(&classes));
    let seniors = ["A-1", "A-2-A"].map(|id| (id.to_string(), Text::same("Seniors")));
    let asked = [("Seniors", 2), ("A-2", 1), ("A-3", 1), ("B", 1), ("C", 1), ("D", 1), ("E", 1)];
    assert_eq!(names(&seniors.into()), told(&asked));
}

/// The live scenario stands in the table as well, at the speed of its assumptions; a class is the
/// sum of its tranches.
#[test]
fn the_live_scenario_is_a_column_of_its_own_speed() {
    let job = case("americredit_2017_1");
    let table = table(&job);
    assert_eq!(table.variants, ["0.5 %", "1 %", "1.5 %", "2 %"]);
    assert_eq!(table.until(Until::Call)[2].outcomes, table.live.outcomes);
    let (model, run) = testkit::run(&job);
    let balance = |id: &str, payment: usize| {
        let line = model.line(&format!("tranche.{id}.closing_balance")).expect("a balance");
        run.amount(line, payment)
    };
    let a_2 = &table.live.outcomes[1];
    assert_eq!(a_2.face.to_string(), "305000000.00");
    for payment in 0..table.dates.len() {
        let sum = balance("A-2-A", payment) + balance("A-2-B", payment);
        assert_eq!(a_2.balances[payment], sum);
    }
}

/// With and without its call, every speed stands twice, and the live scenario is of the kind that
/// the deal's own input says; a deal without a call has no column to it.
#[test]
fn a_deal_with_a_call_is_shown_to_the_call_and_to_maturity() {
    let mut job = case("americredit_2017_1");
    let kinds = |job: &Job| -> (Vec<(Until, usize)>, Until) {
        let table = table(job);
        let kinds = table.scenarios.iter().map(|scenario| (scenario.until, scenario.variant));
        (kinds.collect(), table.live.until)
    };
    let of = |untils: &[Until]| -> Vec<(Until, usize)> {
        untils.iter().flat_map(|until| (0..4).map(|variant| (*until, variant))).collect()
    };
    let both = of(&[Until::Call, Until::Maturity]);
    assert_eq!(kinds(&job), (both.clone(), Until::Call));
    job.deal.call.as_mut().expect("it has a call").exercise = false;
    assert_eq!(kinds(&job), (both, Until::Maturity));
    job.deal.call = None;
    assert_eq!(kinds(&job), (of(&[Until::Maturity]), Until::Maturity));
}

/// Lives count 30/360 from the closing to the 18th of each month, whatever the day of payment.
#[test]
fn a_life_counts_days_to_the_scheduled_dates() {
    let table = table(&case("americredit_2017_1"));
    // 23 February to 18 March, and a year later.
    for (payment, days) in [(1, 25.0), (13, 385.0)] {
        assert!((table.years(payment) - days / 360.0).abs() < 1e-12, "{payment}");
    }
    let outcome = &table.live.outcomes[0];
    let principal =
        |payment: usize| (outcome.balances[payment - 1] - outcome.balances[payment]).to_f64();
    let payments = 1..table.dates.len();
    let weighted: f64 = payments.map(|payment| principal(payment) * table.years(payment)).sum();
    let life = outcome.life.expect("A-1 is repaid");
    assert!((life - weighted / outcome.face.to_f64()).abs() < 1e-12);
}

/// The kind of speed is the one of the assumptions; segments that do not prepay stay so.
#[test]
fn the_kind_of_speed_is_that_of_the_assumptions() {
    let read = |text: &str| testkit::accept(Assumptions::from_toml("assumptions.toml", text));
    let speed: Rate = "3 %".parse().expect("a speed");
    let two = "[[segment]]\nname = \"A\"\nwhere = { product = \"x\" }\ncpr = 0.1\n[[segment]]\n";
    let some = read(two);
    assert_eq!(some.speed(), Some(Speed::Cpr));
    let at = some.at_speed(Speed::Cpr, speed);
    assert_eq!(at.segments[0].prepayment, Prepayment::Cpr(Curve::Constant(speed)));
    assert_eq!(at.segments[1].prepayment, Prepayment::None);
    assert_eq!(read(&format!("{two}smm = 0.01\n")).speed(), None);
    let nobody = Assumptions::contractual();
    assert_eq!(nobody.speed(), Some(Speed::Cpr));
    let at = nobody.at_speed(Speed::Cpr, speed);
    assert_eq!(at.segments[0].prepayment, Prepayment::Cpr(Curve::Constant(speed)));
}
