//! AmeriCredit 2017-1: representative lines with cut-off dates of their own, at four absolute speeds.

mod testkit;

use std::collections::BTreeMap;

use cashfall::assumptions::{Curve, Prepayment};
use cashfall::job::Job;
use cashfall::model::{Axis, Cohort, Collateral, Model, Run};
use cashfall::money::{Amount, Rate};
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
