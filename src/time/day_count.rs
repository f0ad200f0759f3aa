//! Day counts: how many days of interest lie between two dates, and over which basis.

use std::fmt::{self, Display};
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::days_in_month;
use super::months::is_leap;

/// A day-count convention, named by its rule because the usual labels clash.
///
/// Interest is `ROUND(balance × coupon × days / basis, 2)` with [`DayCount::days`] and
/// [`DayCount::basis`]: two whole numbers, so the accrual is exact until its one rounding. The first
/// day is counted, the last is not (算头不算尾).
///
/// | Name               | Days                                              | Basis   | Also known as |
/// |--------------------|---------------------------------------------------|---------|---------------|
/// | `act_365`          | actual, 29 February counted                       | 365     | ACT/365F (ISDA 2006 4.16 d); "A/365" in Chinese notes |
/// | `act_365_no_leap`  | actual, 29 February not counted                   | 365     | NL/365, A/365NL; "A/365F" in Chinese notes |
/// | `act_360`          | actual                                            | 360     | ACT/360 (4.16 e) |
/// | `thirty_360_us`    | 30-day months; last of February as first date is 30 | 360   | 30/360 BMA, PSA |
/// | `thirty_360_e`     | 30-day months; both 31sts are 30                  | 360     | 30E/360, Eurobond (4.16 g) |
/// | `thirty_360_isda`  | 30-day months; 31st as last date only after a 30th | 360    | 30/360 bond basis (4.16 f) |
/// | `act_act_isda`     | days of leap years × 365 + other days × 366       | 133,590 | ACT/ACT (4.16 b) |
///
/// ACT/ACT ISDA counts in parts of 1/133,590 = 1/(365 × 366) year, so that it is exact too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayCount {
    /// Actual days over 365, 29 February counted: the usual one of plan ABS. The default.
    #[default]
    Act365,
    /// Actual days without 29 February, over 365: exchange corporate bonds. The day 29 February
    /// itself earns nothing, whether or not it is the first day (other libraries drop the day
    /// *before*, by excluding the first date and including the last).
    Act365NoLeap,
    /// Actual days over 360.
    Act360,
    /// 30/360 as the Bond Market Association has it: a first date on the last of February or on
    /// the 31st is the 30th; a last date on the 31st is the 30th if the first date is.
    Thirty360Us,
    /// 30E/360: a 31st is a 30th on either side; February has no rule.
    Thirty360E,
    /// 30/360 of ISDA 2006 4.16 f: as the BMA rule, without February.
    Thirty360Isda,
    /// Actual days, those of leap years over 366, the others over 365.
    ActActIsda,
}

/// `365 × 366`: parts of a year in which both kinds of year are whole.
const ACT_ACT_BASIS: i64 = 365 * 366;

impl DayCount {
    /// All conventions, in the order of the table.
    pub const ALL: [DayCount; 7] = [
        DayCount::Act365,
        DayCount::Act365NoLeap,
        DayCount::Act360,
        DayCount::Thirty360Us,
        DayCount::Thirty360E,
        DayCount::Thirty360Isda,
        DayCount::ActActIsda,
    ];

    /// The numerator of the accrual from `from` (counted) to `to` (not counted): days, or parts of
    /// 1/133,590 year for ACT/ACT ISDA. Negative when `to` is before `from`.
    ///
    /// ```
    /// use cashfall::time::DayCount;
    /// use chrono::NaiveDate;
    /// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    /// assert_eq!(DayCount::Act365.days(day("2026-01-15"), day("2026-02-15")), 31);
    /// assert_eq!(DayCount::Act365NoLeap.days(day("2024-02-15"), day("2024-03-15")), 28);
    /// ```
    pub fn days(self, from: NaiveDate, to: NaiveDate) -> i64 {
        if from == to {
            return 0; // The BMA rule would count from the 30th of February to the 28th.
        }
        if to < from {
            return -self.days(to, from);
        }
        let actual = (to - from).num_days();
        match self {
            DayCount::Act365 | DayCount::Act360 => actual,
            DayCount::Act365NoLeap => actual - leap_days(from, to),
            DayCount::Thirty360Us | DayCount::Thirty360E | DayCount::Thirty360Isda => {
                self.thirty_360(from, to)
            }
            DayCount::ActActIsda => {
                let in_leap_years = days_in_leap_years(from, to);
                in_leap_years * 365 + (actual - in_leap_years) * 366
            }
        }
    }

    /// The denominator that belongs to [`DayCount::days`].
    pub const fn basis(self) -> i64 {
        match self {
            DayCount::Act365 | DayCount::Act365NoLeap => 365,
            DayCount::Act360
            | DayCount::Thirty360Us
            | DayCount::Thirty360E
            | DayCount::Thirty360Isda => 360,
            DayCount::ActActIsda => ACT_ACT_BASIS,
        }
    }

    /// The name used in deal files.
    pub const fn name(self) -> &'static str {
        match self {
            DayCount::Act365 => "act_365",
            DayCount::Act365NoLeap => "act_365_no_leap",
            DayCount::Act360 => "act_360",
            DayCount::Thirty360Us => "thirty_360_us",
            DayCount::Thirty360E => "thirty_360_e",
            DayCount::Thirty360Isda => "thirty_360_isda",
            DayCount::ActActIsda => "act_act_isda",
        }
    }

    /// Its name for people, in Chinese and English.
    ///
    /// ```
    /// use cashfall::time::DayCount;
    /// assert_eq!(DayCount::Act365.words(), ("按实际天数/365 计息", "actual/365"));
    /// ```
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            DayCount::Act365 => ("按实际天数/365 计息", "actual/365"),
            DayCount::Act365NoLeap => {
                ("按实际天数/365 计息, 2 月 29 日不计", "actual/365 without 29 February")
            }
            DayCount::Act360 => ("按实际天数/360 计息", "actual/360"),
            DayCount::Thirty360Us => ("按 30/360 计息 (美国债券)", "30/360 (US)"),
            DayCount::Thirty360E => ("按 30E/360 计息", "30E/360"),
            DayCount::Thirty360Isda => ("按 30/360 计息 (ISDA)", "30/360 (ISDA)"),
            DayCount::ActActIsda => ("按实际天数/实际天数计息 (ISDA)", "actual/actual (ISDA)"),
        }
    }

    /// `360 (y2 − y1) + 30 (m2 − m1) + d2 − d1` after the convention has moved the days.
    fn thirty_360(self, from: NaiveDate, to: NaiveDate) -> i64 {
        let last_of_february =
            from.month() == 2 && from.day() == days_in_month(from.year(), from.month());
        let first = match self {
            DayCount::Thirty360Us if last_of_february => 30,
            _ => from.day().min(30),
        };
        let last = match self {
            DayCount::Thirty360E => to.day().min(30),
            _ if first == 30 => to.day().min(30),
            _ => to.day(),
        };
        360 * i64::from(to.year() - from.year())
            + 30 * (i64::from(to.month()) - i64::from(from.month()))
            + i64::from(last)
            - i64::from(first)
    }
}

impl Display for DayCount {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for DayCount {
    type Err = String;
    /// Reads the name used in deal files; the error lists the names there are.
    fn from_str(text: &str) -> Result<DayCount, String> {
        let known = DayCount::ALL.into_iter().find(|convention| convention.name() == text);
        known.ok_or_else(|| {
            let names = DayCount::ALL.map(DayCount::name).join(", ");
            format!("no day count is called `{text}`; there are {names}")
        })
    }
}

/// 29ths of February from `from` (counted) to `to` (not counted).
fn leap_days(from: NaiveDate, to: NaiveDate) -> i64 {
    let count = (from.year()..=to.year())
        .filter_map(|year| NaiveDate::from_ymd_opt(year, 2, 29))
        .filter(|day| from <= *day && *day < to)
        .count();
    i64::try_from(count).expect("a count of leap days is small")
}

/// Days that fall in leap years, from `from` (counted) to `to` (not counted).
fn days_in_leap_years(from: NaiveDate, to: NaiveDate) -> i64 {
    let in_year = |year: i32| {
        let start = NaiveDate::from_ymd_opt(year, 1, 1).expect("a year has a first day");
        let end = NaiveDate::from_ymd_opt(year + 1, 1, 1).expect("a year has a first day");
        (to.min(end) - from.max(start)).num_days()
    };
    (from.year()..=to.year()).filter(|year| is_leap(*year)).map(in_year).sum()
}
