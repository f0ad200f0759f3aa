//! AmeriCredit 2017-1: representative lines with cut-off dates of their own, at four absolute speeds.

mod testkit;

use std::collections::BTreeMap;

use cashfall::analytics::{Decrement, Group, Until};
use cashfall::assumptions::{Assumptions, Curve, Prepayment, Speed};
use cashfall::config::Text;
use cashfall::formula::Sort;
use cashfall::job::{Ask, Job};
use cashfall::model::{Axis, Cohort, Collateral, Input, Inputs, Model, Run};
use cashfall::money::{Amount, Rate};
use cashfall::time::DayCount;
use chrono::{Datelike, Months, NaiveDate};
use testkit::{case, fixture};

const SPEEDS: [&str; 4] = ["0.5 %", "1.0 %", "1.5 %", "2.0 %"];

/// The case at another absolute speed.
fn at_speed(speed: &str) -> Job {
    let mut job = case("americredit_2017_1");
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
    // 30 days of January, 28 of February, of the balance at the start of each.
    for (month, days) in [(1, 30.0), (2, 28.0)] {
        let fee = at("pool.opening", month) * 0.0225 * days / 360.0;
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
    let job = case("americredit_2017_1").without_stress();
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

/// The decrement table at the four speeds, A-2-A and A-2-B shown as A-2.
fn table(job: &Job) -> Decrement {
    let (model, run) = testkit::run(job);
    let as_one = |id: &str| (id.to_string(), Text::same("A-2"));
    let ask = Ask {
        speeds: SPEEDS.map(|speed| speed.parse().expect("a speed")).to_vec(),
        shown_as: ["A-2-A", "A-2-B"].map(as_one).into(),
        day_count: DayCount::Thirty360E,
    };
    let (speed, table) = job.decrement((&model, &run), &ask).expect("one kind of speed");
    assert_eq!(speed, Speed::Abs);
    table
}

/// Class A-1 takes all cash in either deal while the target is far, so its column is the published
/// one already: 251 of 252 cells within half a point (the script has the same one open), and all
/// four lives.
#[test]
fn the_table_of_class_a_1_is_the_published_one() {
    let table = table(&case("americredit_2017_1"));
    assert_eq!(table.groups[0].name, Text::same("Class A-1"));
    let (scenarios, a_1) = (table.until(Until::Maturity), 0);
    let mut open = Vec::new();
    let published = rows("published_grid.csv");
    let published: Vec<&Row> = published.iter().filter(|row| row["class"] == "A-1").collect();
    assert_eq!(published.len(), 63);
    for (payment, row) in published.iter().enumerate() {
        assert_eq!(table.dates[payment], day(row, "distribution_date"));
        for (scenario, speed) in scenarios.iter().zip(["0.50", "1.00", "1.50", "2.00"]) {
            let told = &row[&format!("abs_{speed}")];
            let ours = 100.0 * scenario.outcomes[a_1].share(payment).to_f64();
            let theirs = if told == "*" { 0.25 } else { told.parse().expect("a percent") };
            if (ours - theirs).abs() > 0.5 {
                open.push(format!("{} {speed}: {ours:.2}, published {told}", table.dates[payment]));
            }
        }
    }
    assert_eq!(open, ["2017-05-18 1.00: 37.55, published 37"]);
    let lives = rows("published_wal.csv");
    let life = lives.iter().find(|row| row["class"] == "A-1").expect("a row");
    for (scenario, speed) in scenarios.iter().zip(["0.50", "1.00", "1.50", "2.00"]) {
        let ours = scenario.outcomes[a_1].life.expect("A-1 is repaid");
        assert_eq!(format!("{ours:.2}"), life[&format!("abs_{speed}")]);
    }
}

/// The live scenario stands in the table as well, at the speed of its assumptions; groups are sums;
/// a deal without a call has no column to the call.
#[test]
fn the_live_scenario_is_a_column_of_its_own_speed() {
    let job = case("americredit_2017_1");
    let table = table(&job);
    assert_eq!(table.variants, ["0.5 %", "1 %", "1.5 %", "2 %"]);
    assert!(table.until(Until::Call).is_empty());
    assert_eq!(table.until(Until::Maturity)[2].outcomes, table.live.outcomes);
    let names: Vec<&str> = table.groups.iter().map(|group| group.name.en.as_str()).collect();
    let classes = ["Class A-3", "Class B", "Class C", "Class D", "Class E"];
    assert_eq!(names, [&["Class A-1", "A-2"], classes.as_slice()].concat());
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

/// Where a deal has a call, every speed stands twice, and the live scenario is of the kind that the
/// deal's own input says.
#[test]
fn a_deal_with_a_call_is_shown_to_the_call_and_to_maturity() {
    let job = case("americredit_2017_1");
    let with_call = |value: i64| {
        let mut model = job.model();
        let call = Input {
            key: "call.exercise".to_string(),
            subject: Text::default(),
            part: "value",
            sort: Sort::Flag,
            value,
            editable: true,
        };
        model.inputs.push(call);
        model
    };
    for (value, until) in [(1, Until::Call), (0, Until::Maturity)] {
        let live = with_call(value);
        let run = live.run(&Inputs::of(&live));
        let variants = ["a", "b"].map(|name| (name.to_string(), with_call(value)));
        let groups = Group::of(&job.deal, &BTreeMap::new());
        let table =
            Decrement::new(&job.deal, (&live, &run), &variants, groups, DayCount::Thirty360E);
        let kinds: Vec<(Until, usize)> =
            table.scenarios.iter().map(|scenario| (scenario.until, scenario.variant)).collect();
        let both = [Until::Call, Until::Maturity];
        assert_eq!(kinds, both.map(|until| [(until, 0), (until, 1)]).concat());
        assert_eq!(table.live.until, until);
    }
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
