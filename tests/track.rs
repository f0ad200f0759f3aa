//! Tracking: a servicer's months against the forecast of the worked example.

mod testkit;

use std::path::Path;

use cashfall::finding::{Lang, render};
use cashfall::job::{Band, Bands, Job, TrackedFlow, Tracking};
use cashfall::money::{Amount, Rate};
use cashfall::report::ReportLang;
use expect_test::expect_file;
use testkit::{case, case_with};

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

fn bands(credibility: &str) -> Bands {
    Bands { amber: rate("10 %"), red: rate("20 %"), credibility: rate(credibility) }
}

fn tracking(job: &Job, credibility: &str) -> Tracking {
    let actual = testkit::path("cases/track/actual.csv");
    let tracked = job.track(&actual, bands(credibility)).expect("the table can be read");
    testkit::accept(tracked).expect("months in common")
}

fn flow<'t>(tracking: &'t Tracking, key: &str) -> &'t TrackedFlow {
    tracking.flows.iter().find(|flow| flow.key == key).unwrap_or_else(|| panic!("no flow {key}"))
}

fn shown(amounts: [Amount; 2]) -> [String; 2] {
    amounts.map(|amount| amount.to_string())
}

/// The forecast without stress is the published contract plan of the worked example
/// (`term_deal/pool_rollforward.csv`): 5,763.64 + 5,790.93 + 5,818.64 of principal in the first
/// three months. So A/E = 14,700.25 ÷ 17,373.21, and with half the credibility the rest is scaled by
/// half of the deviation.
#[test]
fn the_rest_is_scaled_to_actual_over_expected() {
    let rollforward = testkit::fixture("cases/worked_example_cn/term_deal/pool_rollforward.csv");
    let mut lines = rollforward.lines();
    let heads: Vec<&str> = lines.next().expect("headers").split(',').collect();
    let at = heads.iter().position(|head| *head == "scheduled_principal").expect("a column");
    let published: Vec<Amount> = lines
        .map(|line| line.split(',').nth(at).expect("a cell").parse().expect("money"))
        .collect();
    let tracking = tracking(&case("worked_example_cn"), "50 %");
    let scheduled = flow(&tracking, "scheduled");
    let expected: Vec<Amount> = scheduled.months.iter().map(|month| month.expected).collect();
    assert_eq!(expected, published);
    let sums = [expected[..3].iter().copied().sum(), "14700.25".parse().expect("money")];
    let latest = scheduled.latest().expect("three months are known");
    assert_eq!(latest.so_far, sums);
    // The quotient to 12 places in whole numbers, and the factor half way to 1.
    let one = 1_000_000_000_000_i128;
    let [whole, part] = sums.map(|amount| i128::from(amount.minor()));
    let ratio = (2 * part * one + whole) / (2 * whole);
    assert_eq!(i128::from(latest.actual_to_expected.parts()), ratio);
    let factor = i128::from(scheduled.factor.parts());
    assert!((2 * (factor - one) - (ratio - one)).abs() <= 1, "half of the deviation");
    for month in &scheduled.months[3..] {
        let cents = i128::from(month.expected.minor()) * factor;
        assert_eq!(i128::from(month.forecast.minor()), (2 * cents + one) / (2 * one));
        assert_eq!((month.actual, month.band), (None, None));
    }
    assert_eq!(scheduled.months[2].forecast, "5200".parse().expect("money"), "what came, came");
}

#[test]
fn bands_look_at_the_adverse_side() {
    let tracking = tracking(&case("worked_example_cn"), "100 %");
    let keys: Vec<&str> = tracking.flows.iter().map(|flow| flow.key).collect();
    assert_eq!(keys, ["default", "scheduled", "prepaid", "charges", "recovered", "cash"]);
    let band = |key: &str| flow(&tracking, key).latest().and_then(|month| month.band);
    // Principal is 15 % below the contract.
    assert_eq!(band("scheduled"), Some(Band::Amber));
    // Without stress no default and no recovery was to come: there is nothing to divide by, the one
    // is bad news and the other is not.
    assert_eq!((band("default"), band("recovered")), (Some(Band::Red), Some(Band::Green)));
    assert_eq!(flow(&tracking, "default").factor, Rate::ONE);
    assert_eq!(
        shown(flow(&tracking, "default").latest().expect("known").so_far),
        ["0.00", "200.00"]
    );
    let stressed = case_with("worked_example_cn", Some("../stress/assumptions.toml"));
    let tracking = self::tracking(&stressed, "0 %");
    for flow in &tracking.flows {
        assert_eq!(flow.factor, Rate::ONE, "without credibility the forecast stays");
        let rest = flow.months.iter().filter(|month| month.actual.is_none());
        assert!(rest.clone().count() > 0 && rest.clone().all(|m| m.forecast == m.expected));
    }
}

/// What came exactly as expected changes nothing and is green.
#[test]
fn a_forecast_that_came_true_stays() {
    let job = case_with("worked_example_cn", Some("../stress/assumptions.toml"));
    let (model, run) = testkit::run(&job);
    let line = |key: &str| model.line(key).expect("a line");
    let mut table = String::from("month,scheduled_paid,prepaid,new_default,recovery,interest\n");
    for month in 1..=4 {
        let at = |key: &str| run.amount(line(key), month);
        let date = model.timeline.months[month].format("%Y-%m");
        let charges = at("pool.interest") + at("pool.fee");
        table += &format!(
            "{date},{},{},{},{},{charges}\n",
            at("pool.scheduled"),
            at("pool.prepaid"),
            at("pool.default"),
            at("pool.recovered"),
        );
    }
    let folder = testkit::recalculate::fresh("track");
    std::fs::write(folder.join("actual.csv"), table).expect("a temporary file");
    let tracked = job.track(&folder.join("actual.csv"), bands("100 %")).expect("the table");
    let tracking = testkit::accept(tracked).expect("months in common");
    assert_eq!(tracking.flows.len(), 6);
    for flow in &tracking.flows {
        assert_eq!(flow.factor, Rate::ONE, "{}", flow.key);
        assert!(flow.months.iter().all(|month| month.forecast == month.expected), "{}", flow.key);
        assert_eq!(flow.latest().and_then(|month| month.band), Some(Band::Green));
    }
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn the_sheet_of_a_tracking_recalculates() {
    let job = case_with("worked_example_cn", Some("../stress/assumptions.toml"));
    let langs = [(ReportLang::En, "50 %"), (ReportLang::Both, "100 %"), (ReportLang::Zh, "0 %")];
    let workbooks = langs.map(|(lang, credibility)| {
        let workbook = job.track_workbook(&tracking(&job, credibility), lang);
        (format!("track_{lang:?}").to_lowercase(), workbook)
    });
    for (name, cells) in testkit::recalculate::recalculated(&workbooks) {
        assert!(cells > 100, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}

/// A table of the months that a run gives, up to one of them.
fn table(job: &Job, months: usize) -> String {
    let (model, run) = testkit::run(job);
    let at = |keys: &[&str], month: usize| -> Amount {
        keys.iter().filter_map(|key| model.line(key)).map(|line| run.amount(line, month)).sum()
    };
    let of_old = job.collateral.cohorts.iter().filter(|cohort| {
        job.assumptions.segments[cohort.segment].defaulted && cohort.bought.is_none()
    });
    let in_default: Amount = of_old.map(|cohort| cohort.outstanding).sum();
    let mut table = String::from("month,scheduled_paid,prepaid,new_default,recovery,interest\n");
    for month in 1..=months {
        let date = model.timeline.months[month].format("%Y-%m");
        let late = ["pool.arrears_interest", "pool.arrears_fee", "pool.late_fee"];
        let charges = at(&["pool.interest", "pool.fee", "pool.early_charges"], month);
        table += &format!(
            "{date},{},{},{},{},{}\n",
            at(&["pool.scheduled", "pool.arrears_principal"], month),
            at(&["pool.prepaid"], month),
            at(&["pool.default"], month) - if month == 1 { in_default } else { Amount::ZERO },
            at(&["pool.recovered", "pool.disposed"], month),
            charges + at(&late, month),
        );
    }
    table
}

/// The codes and the tracking of a deal whose months came as forecast, and the cash of all months.
fn came_true(job: &Job) -> (Vec<&'static str>, Tracking) {
    let folder = testkit::recalculate::fresh("track");
    std::fs::write(folder.join("actual.csv"), table(job, 4)).expect("a temporary file");
    let tracked = job.track(&folder.join("actual.csv"), bands("100 %")).expect("the table");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    let (tracking, findings) = tracked.into_parts();
    let tracking = tracking.expect("months in common");
    for flow in &tracking.flows {
        assert_eq!(flow.factor, Rate::ONE, "{}", flow.key);
        assert_eq!(flow.latest().and_then(|month| month.band), Some(Band::Green), "{}", flow.key);
    }
    (findings.iter().map(|finding| finding.code).collect(), tracking)
}

/// Expected cash is the cash of the pool: nothing that a deal collects is left out.
fn expects_all_cash(job: &Job, tracking: &Tracking) {
    let (model, run) = testkit::run(job);
    let cash = model.line("pool.cash").expect("a line");
    for (month, tracked) in (1..).zip(&flow(tracking, "cash").months) {
        assert_eq!(tracked.expected, run.amount(cash, month), "month {month}");
    }
}

/// The months of several tapes are those of the whole pool.
#[test]
fn a_deal_of_sub_pools_is_tracked_as_one() {
    let job = case("two_pools");
    let (codes, tracking) = came_true(&job);
    assert_eq!(codes, [""; 0]);
    expects_all_cash(&job, &tracking);
}

/// The forecast of credit lines is of the trust's part, and the deal buys draws: both are said.
#[test]
fn a_deal_on_credit_lines_is_tracked_by_the_part_of_the_trust() {
    let job = case("credit_lines");
    let (codes, tracking) = came_true(&job);
    assert_eq!(codes, ["A0282", "A0283"]);
    expects_all_cash(&job, &tracking);
}

/// A deal that buys every day is tracked by collection months, with what it bought.
#[test]
fn a_deal_that_buys_daily_is_tracked_by_month() {
    let job = case("revolving_daily");
    let (codes, tracking) = came_true(&job);
    assert_eq!(codes, ["A0283"]);
    expects_all_cash(&job, &tracking);
}

/// What is paid of arrears and sales of what defaulted count in what is expected.
#[test]
fn arrears_and_sales_are_expected_too() {
    for name in ["delinquency", "npl"] {
        let job = case(name);
        let (codes, tracking) = came_true(&job);
        assert_eq!(codes, [""; 0], "{name}");
        expects_all_cash(&job, &tracking);
    }
}

/// What is in default at the cut-off date is no new default: of the case only the performing
/// receivable defaults, 2 % of 6,000.00 in the first month.
#[test]
fn old_defaults_are_not_expected_again() {
    let (_, tracking) = came_true(&case("npl"));
    let defaults = &flow(&tracking, "default").months;
    assert_eq!(defaults[0].expected.to_string(), "120.00");
    assert_eq!(defaults[1].expected.to_string(), "107.80");
}

#[test]
fn every_broken_table_of_months_gives_its_page() {
    for (name, code) in [("V0130_other_months", "V0130"), ("V0131_no_month_in_common", "V0131")] {
        let folder = testkit::path("broken").join(name);
        let job = case("worked_example_cn");
        let tracked = job.track(&folder.join("table.csv"), bands("100 %")).expect("a table");
        let (_, findings) = tracked.into_parts();
        let page = format!("{}\n{}", render(&findings, Lang::Zh), render(&findings, Lang::En));
        expect_file![Path::new(&folder).join("expected.txt")].assert_eq(&page);
        assert!(findings.iter().all(|finding| finding.code == code), "{page}");
        assert!(!findings.is_empty() && !page.contains('{'), "{page}");
    }
}
