//! Months: their ends, the distance between them, and the due dates of monthly instalments.

use chrono::{Datelike, Months, NaiveDate};

/// The last day of the month of `date`.
///
/// ```
/// use cashfall::time::month_end;
/// use chrono::NaiveDate;
/// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
/// assert_eq!(month_end(day("2028-02-01")), day("2028-02-29"));
/// ```
pub fn month_end(date: NaiveDate) -> NaiveDate {
    on_day(date, 31)
}

/// Whether `date` is the last day of its month.
pub fn is_month_end(date: NaiveDate) -> bool {
    month_end(date) == date
}

/// How many days the month has, 28 to 31.
///
/// # Panics
///
/// When `month` is not 1 to 12.
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => panic!("a month is 1 to 12, not {month}"),
    }
}

/// Calendar months from the month of `from` to the month of `to`; the days play no part.
///
/// ```
/// use cashfall::time::months_between;
/// use chrono::NaiveDate;
/// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
/// assert_eq!(months_between(day("2025-12-31"), day("2026-01-01")), 1);
/// assert_eq!(months_between(day("2026-03-01"), day("2025-12-31")), -3);
/// ```
pub fn months_between(from: NaiveDate, to: NaiveDate) -> i32 {
    month_number(to) - month_number(from)
}

/// The due date of monthly instalment `k`, counted from 0.
///
/// ```text
/// due(0) = first_due
/// due(k) = min(due_day, last day of the month)  in the k-th month after first_due's
/// ```
///
/// The day is clamped afresh from `due_day` in each month, so a receivable due on the 31st pays on
/// 28 February and on 31 March. Due dates are not moved for holidays: the obligor owes on the day
/// of the contract (worked example, C4).
///
/// # Panics
///
/// When `due_day` is 0, or the date is beyond what a calendar can hold (year 262143).
///
/// ```
/// use cashfall::time::due_date;
/// use chrono::NaiveDate;
/// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
/// let first = day("2027-12-31");
/// assert_eq!(due_date(first, 31, 2), day("2028-02-29"));
/// assert_eq!(due_date(first, 31, 3), day("2028-03-31"));
/// ```
pub fn due_date(first_due: NaiveDate, due_day: u8, k: u32) -> NaiveDate {
    if k == 0 {
        return first_due;
    }
    let first_of_month = first_due.with_day(1).expect("every month has a first day");
    let month =
        first_of_month.checked_add_months(Months::new(k)).expect("a due date is on the calendar");
    on_day(month, due_day)
}

/// That day of the month of `date`, or its last day when the month is shorter.
fn on_day(date: NaiveDate, day: u8) -> NaiveDate {
    assert!(day >= 1, "a day of the month is at least 1");
    let last = days_in_month(date.year(), date.month());
    date.with_day(u32::from(day).min(last)).expect("the day is within the month")
}

/// Months since year 0, so that differences are months.
pub(crate) fn month_number(date: NaiveDate) -> i32 {
    let month = i32::try_from(date.month0()).expect("a month is below 12");
    date.year() * 12 + month
}

pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
