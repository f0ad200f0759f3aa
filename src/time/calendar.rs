//! Business days of the exchanges and of the interbank market, from data files.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;

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

/// Why a calendar file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// It is no TOML, or has keys that no calendar has.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// A text is neither a date nor a range of dates of its year.
    #[error("`{text}` is not a day, or a range of days, of {year}")]
    Days {
        /// The text as it stands in the file.
        text: String,
        /// The year it stands under.
        year: i32,
    },
    /// A text is no day of the week.
    #[error("`{0}` is not a day of the week")]
    Weekday(String),
    /// A year is given twice.
    #[error("{0} is given twice")]
    YearTwice(i32),
    /// It extends a calendar that is not built in.
    #[error("no built-in calendar is called `{0}`; there are sse, cibm, weekends, none")]
    Unknown(String),
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
/// let longer = Calendar::from_toml(r#"
///     name = "sse"
///     extends = "sse"
///     [[year]]
///     year = 2027
///     closed = ["2027-01-01/2027-01-03"]
/// "#).unwrap();
/// let saturday = "2026-05-09".parse().unwrap();
/// assert_eq!(longer.adjust(saturday, Convention::Following), Ok("2026-05-11".parse().unwrap()));
/// assert_eq!(longer.is_business_day("2027-01-01".parse().unwrap()), Ok(false));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    weekend: Vec<Weekday>,
    /// `None`: every year follows the week alone.
    years: Option<BTreeMap<i32, Year>>,
}

/// The exceptions of one year from the week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Year {
    closed: BTreeSet<NaiveDate>,
    open: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// The exchange calendar of `templates/calendars/sse.toml`: 2024–2026.
    pub fn sse() -> Calendar {
        Calendar::shipped(include_str!("../../templates/calendars/sse.toml"))
    }

    /// The interbank calendar of `templates/calendars/cibm.toml`: 2024–2026.
    pub fn cibm() -> Calendar {
        Calendar::shipped(include_str!("../../templates/calendars/cibm.toml"))
    }

    /// Monday to Friday, every year.
    pub fn weekends() -> Calendar {
        Calendar { name: "weekends".into(), weekend: vec![Weekday::Sat, Weekday::Sun], years: None }
    }

    /// Every day of every year.
    pub fn none() -> Calendar {
        Calendar { name: "none".into(), weekend: Vec::new(), years: None }
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

    /// Reads a calendar file: `name`, `weekend`, and per `[[year]]` the days `closed` and `open`.
    ///
    /// With `extends = "sse"` the years of a built-in calendar are there already, and a year that
    /// is given replaces the built-in one. Days are `2026-05-01` or `2026-05-01/2026-05-05`, both
    /// ends included.
    ///
    /// # Errors
    ///
    /// [`CalendarError`] when the text is no such file.
    pub fn from_toml(text: &str) -> Result<Calendar, CalendarError> {
        let file: File = toml::from_str(text)?;
        let base = match &file.extends {
            Some(name) => {
                Calendar::built_in(name).ok_or_else(|| CalendarError::Unknown(name.clone()))?
            }
            None => Calendar { name: String::new(), ..Calendar::weekends() },
        };
        let weekend = match file.weekend {
            Some(days) => days.iter().map(|day| weekday(day)).collect::<Result<_, _>>()?,
            None => base.weekend,
        };
        let mut years = base.years.unwrap_or_default();
        let mut given = BTreeSet::new();
        for entry in &file.year {
            if !given.insert(entry.year) {
                return Err(CalendarError::YearTwice(entry.year));
            }
            years.insert(entry.year, Year::from_entry(entry)?);
        }
        Ok(Calendar { name: file.name, weekend, years: Some(years) })
    }

    /// The calendar's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The years there is data for, ascending; `None` when every year is known.
    pub fn years(&self) -> Option<impl Iterator<Item = i32>> {
        self.years.as_ref().map(|years| years.keys().copied())
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
        let Some(years) = &self.years else {
            return Ok(weekday);
        };
        let year = years.get(&date.year()).ok_or_else(|| self.beyond(date))?;
        Ok(weekday && !year.closed.contains(&date) || year.open.contains(&date))
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

    fn shipped(text: &str) -> Calendar {
        Calendar::from_toml(text).expect("the calendars compiled in are read by the tests")
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    extends: Option<String>,
    weekend: Option<Vec<String>>,
    #[serde(default)]
    year: Vec<YearEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearEntry {
    year: i32,
    #[serde(default)]
    closed: Vec<String>,
    #[serde(default)]
    open: Vec<String>,
}

impl Year {
    fn from_entry(entry: &YearEntry) -> Result<Year, CalendarError> {
        let all = |texts: &[String]| {
            let mut days = BTreeSet::new();
            for text in texts {
                days.extend(days_of(text, entry.year)?);
            }
            Ok::<_, CalendarError>(days)
        };
        Ok(Year { closed: all(&entry.closed)?, open: all(&entry.open)? })
    }
}

/// The days of `2026-05-01` or `2026-05-01/2026-05-05`, all in that year.
fn days_of(text: &str, year: i32) -> Result<Vec<NaiveDate>, CalendarError> {
    let wrong = || CalendarError::Days { text: text.to_owned(), year };
    let date = |part: &str| part.trim().parse::<NaiveDate>().map_err(|_| wrong());
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last) = (date(first)?, date(last)?);
    if first > last || first.year() != year || last.year() != year {
        return Err(wrong());
    }
    Ok(first.iter_days().take_while(|day| *day <= last).collect())
}

fn weekday(text: &str) -> Result<Weekday, CalendarError> {
    text.parse().map_err(|_| CalendarError::Weekday(text.to_owned()))
}
