//! Business days against the published counts and adjustments, day counts as fractions, due dates.

use cashfall::time::{Calendar, Convention, DayCount, due_date};
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

#[test]
fn a_wrong_calendar_file_is_refused_with_its_reason() {
    let file = |body: &str| Calendar::from_toml(body).expect_err("refused").to_string();
    let year = |days: &str| format!("name = 'x'\n[[year]]\nyear = 2026\nclosed = ['{days}']");
    assert_eq!(file(&year("2025-01-01")), "`2025-01-01` is not a day, or a range of days, of 2026");
    assert_eq!(
        file(&year("2026-05-05/2026-05-01")),
        "`2026-05-05/2026-05-01` is not a day, or a range of days, of 2026"
    );
    assert_eq!(file("name = 'x'\nweekend = ['Feb']"), "`Feb` is not a day of the week");
    assert_eq!(
        file("name = 'x'\n[[year]]\nyear = 2026\n[[year]]\nyear = 2026"),
        "2026 is given twice"
    );
    assert!(file("name = 'x'\nextends = 'nyse'").contains("`nyse`"));
    assert!(file("name = 'x'\nholidays = []").contains("holidays"));
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
