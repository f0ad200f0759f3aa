//! `[dates]`: the rules, and the dates they make.

use chrono::{Datelike, NaiveDate};

use super::super::{AccrualDates, Dates, Frequency, Schedule};
use super::MONTHS_MOST;
use crate::config::Section;
use crate::finding::Severity;
use crate::time::{Calendar, Convention};

/// Reads the rules and makes the dates; `None` when a date is missing or makes no sense.
pub(super) fn read_dates(
    section: Section,
    cutoff: Option<NaiveDate>,
    load: &dyn Fn(&str) -> std::io::Result<String>,
) -> Option<(Dates, Schedule, Calendar)> {
    const CONVENTIONS: [(&str, Convention); 4] = [
        ("unadjusted", Convention::Unadjusted),
        ("following", Convention::Following),
        ("preceding", Convention::Preceding),
        ("modified_following", Convention::ModifiedFollowing),
    ];
    const ACCRUAL: [(&str, AccrualDates); 2] =
        [("scheduled", AccrualDates::Scheduled), ("adjusted", AccrualDates::Adjusted)];
    let closing = section.need_date("closing");
    let first_payment = section.need_date("first_payment");
    let legal_maturity = section.need_date("legal_maturity");
    let small = |key, default| {
        section.count(key, 60).map_or(default, |count| u32::try_from(count).expect("at most 60"))
    };
    let days = |key, default| {
        section.count(key, 60).map_or(default, |count| i32::try_from(count).expect("at most 60"))
    };
    let revolving = section.count("revolving_payments", 600).unwrap_or(0);
    let rules = |closing, first_payment, legal_maturity| Dates {
        closing,
        first_payment,
        legal_maturity,
        payment_every: section
            .choice("payment_every", &Frequency::WORDS)
            .unwrap_or(Frequency::Monthly),
        business_day: section.choice("business_day", &CONVENTIONS).unwrap_or(Convention::Following),
        calendar: section.text("calendar").unwrap_or_else(|| "weekends".to_string()),
        accrual_to: section.choice("accrual_to", &ACCRUAL).unwrap_or(AccrualDates::Scheduled),
        determination_lag_months: small("determination_lag_months", 1),
        commingling_months: section
            .count("commingling_months", 12)
            .map_or(0, |count| u32::try_from(count).expect("at most 12")),
        transfer_lag_days: days("transfer_lag_days", 0),
        record_lag_days: days("record_lag_days", 1),
        notice_days: section
            .counts("notice_days", 60)
            .into_iter()
            .filter_map(|days| i32::try_from(days).ok())
            .collect(),
        revolving_payments: usize::try_from(revolving).expect("at most 600"),
    };
    // Read with stand-ins when a date is missing, so that the other keys are still checked.
    let dates = rules(
        closing.unwrap_or_default(),
        first_payment.unwrap_or_default(),
        legal_maturity.unwrap_or_default(),
    );
    let calendar = calendar(&section, &dates.calendar, load);
    let (Some(cutoff), Some(_), Some(_), Some(_)) =
        (cutoff, closing, first_payment, legal_maturity)
    else {
        section.finish();
        return None;
    };
    let mut ordered = not_too_long(&section, &dates, cutoff);
    for (key, date, after, after_name) in [
        ("closing", dates.closing, cutoff, "pool.cutoff"),
        ("first_payment", dates.first_payment, dates.closing, "closing"),
        ("legal_maturity", dates.legal_maturity, dates.first_payment, "first_payment"),
    ] {
        if date < after || (key == "first_payment" && date == after) {
            ordered = false;
            section.find(
                "D0301",
                key,
                &[
                    ("date", date.to_string()),
                    ("other", after_name.to_string()),
                    ("other_date", after.to_string()),
                ],
            );
        }
    }
    let schedule = calendar.and_then(|calendar| {
        if !ordered {
            return None;
        }
        match Schedule::new(&dates, cutoff, &calendar) {
            Ok(schedule) => Some((schedule, calendar)),
            Err(beyond) => {
                section.find(
                    "D0302",
                    "legal_maturity",
                    &[("calendar", dates.calendar.clone()), ("year", beyond.year.to_string())],
                );
                None
            }
        }
    });
    if let Some((schedule, _)) = &schedule
        && schedule.payments.first().is_some_and(|payment| payment.determination <= cutoff)
    {
        section.find(
            "D0303",
            "first_payment",
            &[
                ("determination", schedule.payments[0].determination.to_string()),
                ("cutoff", cutoff.to_string()),
            ],
        );
    }
    if let Some((schedule, _)) = &schedule
        && dates.revolving_payments >= schedule.payments.len()
    {
        let count = |count: usize| count.to_string();
        let facts = [
            ("given", count(dates.revolving_payments)),
            ("payments", count(schedule.payments.len())),
        ];
        section.find("D0307", "revolving_payments", &facts);
    }
    section.finish();
    schedule.map(|(schedule, calendar)| (dates, schedule, calendar))
}

/// Reports a deal whose months would not fit a workbook: a digit of a year went wrong.
fn not_too_long(section: &Section, dates: &Dates, cutoff: NaiveDate) -> bool {
    let first = cutoff.min(dates.closing);
    let months = i64::from(dates.legal_maturity.year() - first.year()) * 12;
    if months <= MONTHS_MOST {
        return true;
    }
    let facts = [
        ("first", first.to_string()),
        ("date", dates.legal_maturity.to_string()),
        ("years", (months / 12).to_string()),
        ("most", (MONTHS_MOST / 12).to_string()),
    ];
    section.find("D0306", "legal_maturity", &facts);
    false
}

/// A built-in calendar, or the calendar file of that name beside the deal file.
fn calendar(
    section: &Section,
    name: &str,
    load: &dyn Fn(&str) -> std::io::Result<String>,
) -> Option<Calendar> {
    if let Some(calendar) = Calendar::built_in(name) {
        return Some(calendar);
    }
    let file = section.file("calendar").filter(|file| file.ends_with(".toml"));
    if let Some(Ok(text)) = file.as_deref().map(load) {
        let (calendar, findings) = Calendar::from_toml(name, &text).into_parts();
        let wrong = findings.iter().any(|finding| finding.severity() == Severity::Error);
        findings.into_iter().for_each(|finding| section.document().find(finding));
        return (!wrong).then_some(calendar);
    }
    let choices = "`SSE`, `CIBM`, `weekends`, `none`".to_string();
    section.find("D0304", "calendar", &[("given", name.to_string()), ("choices", choices)]);
    None
}
