//! Business days of the exchanges and of the interbank market, from data files.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

/// What becomes of a date that is no business day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Convention {
    /// It stays.
    #[default]
    Unadjusted,
    /// The next business day (顺延).
    Following,
    /// The business day before.
    Preceding,
    /// The next business day, but the one before when the next is in another month.
    ModifiedFollowing,
}

/// The date lies in a year for which the calendar has no data.
///
/// The remedy is data: a calendar file that `extends` this one with the year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the calendar `{calendar}` has no data for {year}")]
pub struct BeyondCalendar {
    /// The calendar's name.
    pub calendar: String,
    /// The year it lacks.
    pub year: i32,
}

/// A calendar of business days, complete for the years it has data for.
///
/// ```text
/// business day = (not a weekend day and not closed) or open
/// ```
///
/// `sse` (exchange) and `cibm` (interbank, with working weekends 调休) hold 2024–2026; `weekends`
/// (Monday to Friday) and `none` (every day) hold every year. A file adds or corrects years:
///
/// ```
/// use cashfall::time::{Calendar, Convention};
/// let text = r#"
///     name = "sse"
///     extends = "SSE"
///     [[year]]
///     year = 2027
///     closed = ["2027-01-01/2027-01-03"]
/// "#;
/// let (longer, _) = Calendar::from_toml("calendar.toml", text).accept().unwrap();
/// let saturday = "2026-05-09".parse().unwrap();
/// assert_eq!(longer.adjust(saturday, Convention::Following), Ok("2026-05-11".parse().unwrap()));
/// assert_eq!(longer.is_business_day("2027-01-01".parse().unwrap()), Ok(false));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub(super) name: String,
    pub(super) weekend: Vec<Weekday>,
    pub(super) years: BTreeMap<i32, Year>,
    /// Whether a year that is not listed follows the week alone; else nothing is known of it.
    pub(super) endless: bool,
}

/// The exceptions of one year from the week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Year {
    pub closed: BTreeSet<NaiveDate>,
    pub open: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// The exchange calendar of `templates/calendars/sse.toml`: 2024–2026.
    pub fn sse() -> Calendar {
        Calendar::shipped("sse.toml", include_str!("../../templates/calendars/sse.toml"))
    }

    /// The interbank calendar of `templates/calendars/cibm.toml`: 2024–2026.
    pub fn cibm() -> Calendar {
        Calendar::shipped("cibm.toml", include_str!("../../templates/calendars/cibm.toml"))
    }

    /// Monday to Friday, every year.
    pub fn weekends() -> Calendar {
        Calendar::of_the_week("weekends", vec![Weekday::Sat, Weekday::Sun])
    }

    /// Every day of every year.
    pub fn none() -> Calendar {
        Calendar::of_the_week("none", Vec::new())
    }

    fn of_the_week(name: &str, weekend: Vec<Weekday>) -> Calendar {
        Calendar { name: name.to_string(), weekend, years: BTreeMap::new(), endless: true }
    }

    /// The built-in calendar of that name (`sse`, `cibm`, `weekends`, `none`), if there is one.
    pub fn built_in(name: &str) -> Option<Calendar> {
        match name.to_ascii_lowercase().as_str() {
            "sse" => Some(Calendar::sse()),
            "cibm" => Some(Calendar::cibm()),
            "weekends" => Some(Calendar::weekends()),
            "none" => Some(Calendar::none()),
            _ => None,
        }
    }

    /// The calendar's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The years there is data for, ascending; `None` when every year is known.
    pub fn years(&self) -> Option<impl Iterator<Item = i32>> {
        (!self.endless).then(|| self.years.keys().copied())
    }

    /// Whether business is done on that date.
    ///
    /// # Errors
    ///
    /// [`BeyondCalendar`] when there is no data for the year.
    ///
    /// ```
    /// use cashfall::time::Calendar;
    /// let sunday = "2025-04-27".parse().unwrap(); // worked, for a holiday elsewhere
    /// assert_eq!(Calendar::sse().is_business_day(sunday), Ok(false));
    /// assert_eq!(Calendar::cibm().is_business_day(sunday), Ok(true));
    /// assert!(Calendar::cibm().is_business_day("2027-01-04".parse().unwrap()).is_err());
    /// ```
    pub fn is_business_day(&self, date: NaiveDate) -> Result<bool, BeyondCalendar> {
        let weekday = !self.weekend.contains(&date.weekday());
        match self.years.get(&date.year()) {
            Some(year) => Ok(weekday && !year.closed.contains(&date) || year.open.contains(&date)),
            None if self.endless => Ok(weekday),
            None => Err(self.beyond(date)),
        }
    }

    /// The date on which something scheduled for `date` takes place.
    ///
    /// # Errors
    ///
    /// [`BeyondCalendar`] when the date, or a day that must be looked at, has no data.
    /// [`Convention::Unadjusted`] looks at nothing.
    ///
    /// ```
    /// use cashfall::time::{Calendar, Convention};
    /// let in_spring_festival = "2026-02-15".parse().unwrap();
    /// let paid = Calendar::sse().adjust(in_spring_festival, Convention::Following);
    /// assert_eq!(paid, Ok("2026-02-24".parse().unwrap()));
    /// ```
    pub fn adjust(
        &self,
        date: NaiveDate,
        convention: Convention,
    ) -> Result<NaiveDate, BeyondCalendar> {
        match convention {
            Convention::Unadjusted => Ok(date),
            Convention::Following => self.nearest(date, Direction::Later),
            Convention::Preceding => self.nearest(date, Direction::Earlier),
            Convention::ModifiedFollowing => self.modified_following(date),
        }
    }

    /// The `n`-th business day after `date`, or before it when `n` is negative.
    ///
    /// `date` itself is not counted and need not be a business day; `n = 0` returns it unchanged.
    ///
    /// # Errors
    ///
    /// [`BeyondCalendar`] when a day on the way has no data.
    ///
    /// ```
    /// use cashfall::time::Calendar;
    /// let payment = "2026-02-24".parse().unwrap(); // first trading day after Spring Festival
    /// let record = Calendar::sse().add_business_days(payment, -1);
    /// assert_eq!(record, Ok("2026-02-13".parse().unwrap()));
    /// ```
    pub fn add_business_days(&self, date: NaiveDate, n: i32) -> Result<NaiveDate, BeyondCalendar> {
        let direction = if n < 0 { Direction::Earlier } else { Direction::Later };
        let mut day = date;
        for _ in 0..n.unsigned_abs() {
            day = self.nearest(direction.step(day), direction)?;
        }
        Ok(day)
    }

    /// How many business days lie from `from` (counted) to `to` (counted).
    ///
    /// # Errors
    ///
    /// [`BeyondCalendar`] when a day between has no data.
    pub fn business_days(&self, from: NaiveDate, to: NaiveDate) -> Result<usize, BeyondCalendar> {
        let mut count = 0;
        for day in from.iter_days().take_while(|day| *day <= to) {
            count += usize::from(self.is_business_day(day)?);
        }
        Ok(count)
    }

    fn modified_following(&self, date: NaiveDate) -> Result<NaiveDate, BeyondCalendar> {
        // A month end may be followed by a year without data: then the day before decides, and
        // only if every day up to the month end is known to be closed.
        let mut day = date;
        while day.month() == date.month() {
            if self.is_business_day(day)? {
                return Ok(day);
            }
            day = Direction::Later.step(day);
        }
        self.nearest(date, Direction::Earlier)
    }

    /// `date`, or the nearest business day in that direction. The search ends: no market is
    /// closed for 400 days.
    fn nearest(&self, date: NaiveDate, direction: Direction) -> Result<NaiveDate, BeyondCalendar> {
        let mut day = date;
        for _ in 0..400 {
            if self.is_business_day(day)? {
                return Ok(day);
            }
            day = direction.step(day);
        }
        Err(self.beyond(day))
    }

    fn beyond(&self, date: NaiveDate) -> BeyondCalendar {
        BeyondCalendar { calendar: self.name.clone(), year: date.year() }
    }

    fn shipped(file: &str, text: &str) -> Calendar {
        let accepted = Calendar::from_toml(file, text).accept();
        accepted.expect("the calendars compiled in are read by the tests").0
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Earlier,
    Later,
}

impl Direction {
    fn step(self, date: NaiveDate) -> NaiveDate {
        let next = match self {
            Direction::Earlier => date.pred_opt(),
            Direction::Later => date.succ_opt(),
        };
        next.expect("the calendar reaches beyond every deal")
    }
}
