//! Business days against the published counts and adjustments, day counts as fractions, due dates.

use cashfall::money::Rate;
use cashfall::time::{
    Calendar, Convention, Curve, DayCount, Fixing, NoCurve, NoFixing, Reset, Start, due_date,
    fixings,
};
use chrono::NaiveDate;
use serde_json::Value;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/cases/worked_example_cn/vectors.json"))
        .expect("the vectors are JSON")
}

fn calendar(label: &str) -> Calendar {
    Calendar::built_in(&label.to_lowercase()).expect("a built-in calendar")
}

#[test]
fn every_year_has_the_published_number_of_business_days() {
    let vectors = vectors();
    let counts = vectors["business_days"]["counts"].as_object().expect("a table");
    assert_eq!(counts.len(), 6);
    for (key, expected) in counts {
        let (year, label) = key.split_once('_').expect("year_calendar");
        let (from, to) = (day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        let count = calendar(label).business_days(from, to).expect("within the data");
        assert_eq!(Some(count as u64), expected.as_u64(), "{key}");
    }
}

#[test]
fn dates_are_adjusted_as_published() {
    let vectors = vectors();
    let table = vectors["business_days"]["adjust"].as_object().expect("a table");
    assert!(table.len() >= 18);
    for (date, by_calendar) in table {
        for (label, expected) in by_calendar.as_object().expect("a table") {
            let (calendar, date) = (calendar(label), day(date));
            let open = calendar.is_business_day(date).expect("within the data");
            assert_eq!(Some(open), expected["is_bd"].as_bool(), "{label} {date}");
            for (key, convention) in [
                ("following", Convention::Following),
                ("preceding", Convention::Preceding),
                ("modified_following", Convention::ModifiedFollowing),
            ] {
                let adjusted = calendar.adjust(date, convention).expect("within the data");
                assert_eq!(Some(&*adjusted.to_string()), expected[key].as_str(), "{label} {date}");
            }
            assert_eq!(calendar.adjust(date, Convention::Unadjusted), Ok(date));
        }
    }
}

#[test]
fn payment_and_record_dates_of_the_worked_example() {
    let (sse, cibm) = (Calendar::sse(), Calendar::cibm());
    // (R-day, transfer + 3, payment, record SSE, record CIBM, announcement − 5, − 3)
    for [rday, transfer, pay, record_sse, record_cibm, five, three] in [
        [
            "2026-01-31",
            "2026-02-04",
            "2026-02-24",
            "2026-02-13",
            "2026-02-14",
            "2026-02-09",
            "2026-02-11",
        ],
        [
            "2026-02-28",
            "2026-03-04",
            "2026-03-16",
            "2026-03-13",
            "2026-03-13",
            "2026-03-09",
            "2026-03-11",
        ],
        [
            "2026-03-31",
            "2026-04-03",
            "2026-04-15",
            "2026-04-14",
            "2026-04-14",
            "2026-04-08",
            "2026-04-10",
        ],
        [
            "2026-04-30",
            "2026-05-08",
            "2026-05-15",
            "2026-05-14",
            "2026-05-14",
            "2026-05-08",
            "2026-05-12",
        ],
    ] {
        assert_eq!(sse.add_business_days(day(rday), 3), Ok(day(transfer)));
        assert_eq!(sse.add_business_days(day(pay), -1), Ok(day(record_sse)));
        assert_eq!(cibm.add_business_days(day(pay), -1), Ok(day(record_cibm)));
        assert_eq!(sse.add_business_days(day(pay), -5), Ok(day(five)));
        assert_eq!(sse.add_business_days(day(pay), -3), Ok(day(three)));
    }
}

#[test]
fn a_date_beyond_the_data_is_an_error_and_not_a_guess() {
    let sse = Calendar::sse();
    let beyond = sse.add_business_days(day("2026-12-31"), 1).expect_err("2027 has no data");
    assert_eq!((beyond.calendar.as_str(), beyond.year), ("sse", 2027));
    assert_eq!(beyond.to_string(), "the calendar `sse` has no data for 2027");
    assert!(sse.adjust(day("2023-06-01"), Convention::Preceding).is_err());
    let years: Vec<i32> = sse.years().expect("a list").collect();
    assert_eq!(years, [2024, 2025, 2026]);
    assert!(Calendar::weekends().years().is_none());
    assert_eq!(
        Calendar::weekends().adjust(day("2031-02-01"), Convention::Following),
        Ok(day("2031-02-03"))
    );
    assert_eq!(
        Calendar::none().adjust(day("2031-02-01"), Convention::Following),
        Ok(day("2031-02-01"))
    );
}

/// The codes of what is found in a calendar file.
fn found(text: &str) -> Vec<&'static str> {
    let findings = Calendar::from_toml("calendar.toml", text).into_parts().1;
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn a_wrong_calendar_file_is_refused_with_its_reason() {
    let year = |days: &str| format!("name = 'x'\n[[year]]\nyear = 2026\nclosed = [{days}]");
    assert_eq!(found(&year("'2025-01-01'")), ["C0103"]);
    assert_eq!(found(&year("'2026-12-31/2027-01-02'")), ["C0103"]);
    assert_eq!(found(&year("'1901-01-01/9000-12-31'")), ["C0103"]);
    assert_eq!(found(&year("'2026-05-05/2026-05-01'")), ["F0104"]);
    assert_eq!(found(&year("'2026-02-30', 7")), ["F0104", "F0104"]);
    assert_eq!(found(&year("'2026-05-01/2026-05-05', 2026-05-04")), ["C0102"]);
    assert_eq!(found("name = 'x'\nweekend = ['Feb']"), ["F0104"]);
    assert_eq!(found("name = 'x'\n[[year]]\nyear = 2026\n[[year]]\nyear = 2026"), ["C0104"]);
    assert_eq!(found("name = 'x'\n[[year]]\nclosed = []"), ["F0103"]);
    assert_eq!(found("name = 'x'\n[[year]]\nyear = 26"), ["F0104"]);
    assert_eq!(found("name = 'x'\nextends = 'nyse'"), ["D0304"]);
    assert_eq!(found("name = 'x'\nholidays = []"), ["F0102"]);
    assert_eq!(found("extends = 'SSE'"), ["F0103"]);
    assert_eq!(found("name = "), ["F0101"]);
}

fn extended(text: &str) -> Calendar {
    Calendar::from_toml("calendar.toml", text).accept().expect("a calendar").0
}

#[test]
fn a_calendar_file_adds_years_and_replaces_years() {
    let mine = extended(
        "name = 'mine'\nextends = 'cibm'\n[[year]]\nyear = 2027\nclosed = [2027-01-01, \
         '2027-02-05/2027-02-11']\nopen = ['2027-02-14']\n[[year]]\nyear = 2026\n",
    );
    let years: Vec<i32> = mine.years().expect("a list").collect();
    assert_eq!(years, [2024, 2025, 2026, 2027]);
    // 2025 as the interbank market has it; 2026 replaced by a year without holidays.
    assert_eq!(mine.is_business_day(day("2025-04-27")), Ok(true));
    assert_eq!(mine.is_business_day(day("2026-02-16")), Ok(true));
    assert_eq!(mine.is_business_day(day("2026-02-14")), Ok(false));
    assert_eq!(mine.add_business_days(day("2027-02-04"), 1), Ok(day("2027-02-12")));
    assert_eq!(mine.add_business_days(day("2027-02-12"), 1), Ok(day("2027-02-14")));
    assert_eq!(mine.add_business_days(day("2026-12-31"), 1), Ok(day("2027-01-04")));
    assert_eq!(
        mine.add_business_days(day("2027-12-31"), 1).expect_err("no data").to_string(),
        "the calendar `mine` has no data for 2028"
    );
}

#[test]
fn a_calendar_without_a_base_knows_its_own_years_only() {
    let mine = extended("name = 'mine'\nweekend = ['Fri', 'Sat']\n[[year]]\nyear = 2026\n");
    assert_eq!(mine.is_business_day(day("2026-02-15")), Ok(true)); // A Sunday.
    assert_eq!(mine.is_business_day(day("2026-02-13")), Ok(false));
    assert!(mine.is_business_day(day("2025-02-13")).is_err());
    let every = extended(
        "name = 'every'\nextends = 'weekends'\n[[year]]\nyear = 2026\nclosed = [2026-05-01]",
    );
    assert_eq!(every.is_business_day(day("2026-05-01")), Ok(false));
    assert_eq!(every.is_business_day(day("2027-05-03")), Ok(true));
}

// Fixings ------------------------------------------------------------------------------------------

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate of the test")
}

/// 3.00 % from 2025-05-20, then assumed: 2.90 % from 2026-02-13, 2.80 % from 2026-04-20.
fn index() -> Curve {
    let steps = [("2025-05-20", "3 %"), ("2026-02-13", "2.9 %"), ("2026-04-20", "2.8 %")];
    Curve::new(steps.map(|(from, figure)| (day(from), rate(figure))).to_vec()).expect("a curve")
}

fn start(scheduled: &str, first: &str) -> Start {
    Start { scheduled: day(scheduled), first: day(first) }
}

/// The periods of a deal that closes on 2026-01-15 and pays on the 15th, moved to business days.
fn starts() -> [Start; 5] {
    [
        start("2026-01-15", "2026-01-15"),
        start("2026-02-15", "2026-02-24"),
        start("2026-03-15", "2026-03-16"),
        start("2026-04-15", "2026-04-15"),
        start("2026-05-15", "2026-05-15"),
    ]
}

fn reset(from: &str, every_months: u32, look_back_days: u32) -> Reset {
    Reset { from: day(from), every_months, look_back_days }
}

fn fixed(reset: Reset, starts: &[Start], calendar: &Calendar) -> Vec<(String, String, bool)> {
    let fixings = fixings(&reset, starts, &index(), calendar).expect("within the data");
    let fixing = |f: &Fixing| (f.date.to_string(), f.rate.percent(), f.reset);
    fixings.iter().map(fixing).collect()
}

fn table(rows: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
    rows.iter().map(|(date, rate, new)| ((*date).into(), (*rate).into(), *new)).collect()
}

#[test]
fn monthly_fixings_look_back_over_spring_festival() {
    // The exchange: 13 February (Friday) is the last day before the holiday of 15–23 February.
    assert_eq!(
        fixed(reset("2026-01-15", 1, 1), &starts(), &Calendar::sse()),
        table(&[
            ("2026-01-14", "3 %", true),
            ("2026-02-13", "2.9 %", true),
            ("2026-03-13", "2.9 %", true),
            ("2026-04-14", "2.9 %", true),
            ("2026-05-14", "2.8 %", true),
        ])
    );
    // Two days back: 12 February, a day before the figure changes.
    assert_eq!(
        fixed(reset("2026-01-15", 1, 2), &starts()[..2], &Calendar::sse()),
        table(&[("2026-01-13", "3 %", true), ("2026-02-12", "3 %", true)])
    );
    // The interbank market works on Saturday 14 February: 14, 13.
    assert_eq!(
        fixed(reset("2026-01-15", 1, 2), &starts()[..2], &Calendar::cibm()),
        table(&[("2026-01-13", "3 %", true), ("2026-02-13", "2.9 %", true)])
    );
    // Accrual dates that are not moved: counted from Sunday 15 February.
    let unmoved = [start("2026-01-15", "2026-01-15"), start("2026-02-15", "2026-02-15")];
    assert_eq!(
        fixed(reset("2026-01-15", 1, 1), &unmoved, &Calendar::cibm())[1],
        table(&[("2026-02-14", "2.9 %", true)])[0]
    );
    assert_eq!(
        fixed(reset("2026-01-15", 1, 0), &unmoved, &Calendar::sse())[1],
        table(&[("2026-02-15", "2.9 %", true)])[0]
    );
}

#[test]
fn a_fixing_is_kept_until_the_next_reset() {
    assert_eq!(
        fixed(reset("2026-01-15", 3, 1), &starts(), &Calendar::sse()),
        table(&[
            ("2026-01-14", "3 %", true),
            ("2026-01-14", "3 %", false),
            ("2026-01-14", "3 %", false),
            ("2026-04-14", "2.9 %", true),
            ("2026-04-14", "2.9 %", false),
        ])
    );
    // Quarters of the calendar year: the reset of 1 April waits for the period from 15 April.
    let quarters = fixed(reset("2025-01-01", 3, 5), &starts(), &Calendar::sse());
    assert_eq!(quarters.iter().map(|f| f.2).collect::<Vec<_>>(), [true, false, false, true, false]);
    assert_eq!(quarters[3].0, "2026-04-08"); // 14, 13, 10, 9, 8 April.
    // A reset that is counted from a day after the closing.
    let later = fixed(reset("2026-03-15", 12, 1), &starts(), &Calendar::sse());
    assert_eq!(later.iter().map(|f| f.2).collect::<Vec<_>>(), [true, false, true, false, false]);
    // Paid on the business day before: the period of the reset begins before the reset's day.
    let preceding = [start("2026-01-15", "2026-01-15"), start("2026-02-15", "2026-02-13")];
    assert_eq!(
        fixed(reset("2026-01-15", 1, 1), &preceding, &Calendar::sse())[1],
        table(&[("2026-02-12", "3 %", true)])[0]
    );
}

#[test]
fn resets_at_the_end_of_a_month_are_clamped_afresh() {
    let ends = ["2026-01-31", "2026-02-27", "2026-02-28", "2026-03-30", "2026-03-31"];
    let ends = ends.map(|end| start(end, end));
    let fixed = fixed(reset("2026-01-31", 1, 0), &ends, &Calendar::none());
    assert_eq!(fixed.iter().map(|f| f.2).collect::<Vec<_>>(), [true, false, true, false, true]);
}

#[test]
fn an_index_without_a_figure_is_an_error_and_not_a_guess() {
    let sse = Calendar::sse();
    let early = [start("2025-05-20", "2025-05-20")];
    let missing = fixings(&reset("2025-05-20", 1, 1), &early, &index(), &sse);
    let beyond = NoFixing::BeforeCurve { fixing: day("2025-05-19"), first: day("2025-05-20") };
    assert_eq!(missing, Err(beyond.clone()));
    assert_eq!(
        beyond.to_string(),
        "the index is needed on 2025-05-19, but its first figure is of 2025-05-20"
    );
    assert!(fixings(&reset("2025-05-20", 1, 0), &early, &index(), &sse).is_ok());
    let late = [start("2027-01-15", "2027-01-15")];
    let unknown = fixings(&reset("2027-01-15", 1, 1), &late, &index(), &sse);
    assert!(matches!(unknown, Err(NoFixing::BeyondCalendar(_))));
    assert_eq!(Curve::new(vec![]), Err(NoCurve::Empty));
    let twice = vec![(day("2026-01-01"), rate("3 %")), (day("2026-01-01"), rate("2 %"))];
    assert_eq!(Curve::new(twice), Err(NoCurve::NotAscending(day("2026-01-01"))));
    assert_eq!(index().on(day("2025-05-19")), None);
    assert_eq!(index().on(day("2040-01-01")), Some(rate("2.8 %"))); // Flat after the last.
}

#[test]
fn day_counts_are_the_fractions_of_their_conventions() {
    use DayCount::{
        Act360, Act365, Act365NoLeap, ActActIsda, Thirty360E, Thirty360Isda, Thirty360Us,
    };
    let table = [
        // ACT/365, ACT/360
        (Act365, "2026-01-15", "2026-02-15", (31, 365)),
        (Act365, "2024-02-28", "2024-03-01", (2, 365)),
        (Act365, "2023-12-31", "2024-12-31", (366, 365)),
        (Act360, "2024-02-28", "2024-03-01", (2, 360)),
        // NL/365: 29 February earns nothing, counted as first day and not as last
        (Act365NoLeap, "2024-02-28", "2024-03-01", (1, 365)),
        (Act365NoLeap, "2024-02-28", "2024-02-29", (1, 365)),
        (Act365NoLeap, "2024-02-29", "2024-03-01", (0, 365)),
        (Act365NoLeap, "2023-12-31", "2024-12-31", (365, 365)),
        (Act365NoLeap, "2019-02-28", "2029-02-28", (3650, 365)),
        // 30/360, BMA: the last of February as first date is a 30th
        (Thirty360Us, "2023-02-28", "2023-03-31", (30, 360)),
        (Thirty360Us, "2024-02-28", "2024-03-31", (33, 360)),
        (Thirty360Us, "2024-02-29", "2024-03-31", (30, 360)),
        (Thirty360Us, "2023-01-31", "2023-02-28", (28, 360)),
        (Thirty360Us, "2023-01-30", "2023-03-31", (60, 360)),
        (Thirty360Us, "2023-01-29", "2023-03-31", (62, 360)),
        // 30E/360: both 31sts are 30ths
        (Thirty360E, "2023-01-29", "2023-03-31", (61, 360)),
        (Thirty360E, "2023-02-28", "2023-03-31", (32, 360)),
        (Thirty360E, "2023-08-31", "2024-02-29", (179, 360)),
        // 30/360 ISDA bond basis: no February rule
        (Thirty360Isda, "2023-01-29", "2023-03-31", (62, 360)),
        (Thirty360Isda, "2023-02-28", "2023-03-31", (33, 360)),
        (Thirty360Isda, "2023-01-31", "2023-03-31", (60, 360)),
        // ACT/ACT ISDA: 4d/365d + 58d/366d
        (ActActIsda, "2011-12-28", "2012-02-28", (4 * 366 + 58 * 365, 365 * 366)),
        (ActActIsda, "2011-12-28", "2012-02-29", (4 * 366 + 59 * 365, 365 * 366)),
        (ActActIsda, "2011-12-28", "2013-01-03", (4 * 366 + 366 * 365 + 2 * 366, 365 * 366)),
        (ActActIsda, "2023-01-01", "2024-01-01", (365 * 366, 365 * 366)),
    ];
    for (convention, from, to, expected) in table {
        let (from, to) = (day(from), day(to));
        assert_eq!(
            (convention.days(from, to), convention.basis()),
            expected,
            "{convention} {from}"
        );
        assert_eq!(convention.days(from, from), 0);
        assert_eq!(convention.name().parse(), Ok(convention));
    }
    assert_eq!(Act365.days(day("2026-02-15"), day("2026-01-15")), -31);
    assert!("act_365f".parse::<DayCount>().expect_err("ambiguous").contains("act_365_no_leap"));
}

#[test]
fn due_dates_are_clamped_afresh_in_each_month() {
    let dates = |first: &str, due_day, n| {
        (0..n).map(|k| due_date(day(first), due_day, k).to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        dates("2025-12-31", 31, 5),
        "2025-12-31 2026-01-31 2026-02-28 2026-03-31 2026-04-30"
    );
    assert_eq!(dates("2028-01-29", 29, 3), "2028-01-29 2028-02-29 2028-03-29");
    assert_eq!(dates("2026-02-28", 30, 3), "2026-02-28 2026-03-30 2026-04-30");
    assert_eq!(dates("2025-11-10", 10, 3), "2025-11-10 2025-12-10 2026-01-10");
}
