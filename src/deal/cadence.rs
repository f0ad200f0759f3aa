//! How often a deal buys in its revolving period (循环购买频率), and the days that this makes.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::time::{BeyondCalendar, Calendar, Convention, due_date};

/// How often a deal buys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cadence {
    /// On payment dates, as a step of the priority of payments.
    #[default]
    Payment,
    /// On this day of every month, or the last where a month is shorter.
    Month(u8),
    /// On this day of every week.
    Week(Weekday),
    /// On every business day.
    Day,
    /// On these days.
    Dates(Vec<NaiveDate>),
}

/// The days on which a deal buys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurchaseDays {
    /// The days, ascending, each once.
    pub days: Vec<NaiveDate>,
    /// The scheduled days that are no business days, with the business day that stands for each.
    pub moved: Vec<(NaiveDate, NaiveDate)>,
}

impl Cadence {
    /// The days after the closing and up to the last payment date of the revolving period. A day that
    /// is no business day moves to the next one; two that meet are one, and one that moves beyond the
    /// end falls away. None for purchases on payment dates.
    ///
    /// # Errors
    ///
    /// [`BeyondCalendar`] when a day that must be looked at has no data.
    ///
    /// ```
    /// use cashfall::deal::Cadence;
    /// use cashfall::time::Calendar;
    /// let day = |text: &str| text.parse().unwrap();
    /// let every_tuesday = Cadence::Week(chrono::Weekday::Tue);
    /// let (closing, end) = (day("2026-02-03"), day("2026-02-28"));
    /// let made = every_tuesday.days(closing, end, &Calendar::sse()).unwrap();
    /// // 17 February is in Spring Festival; 24 February is the first trading day after it.
    /// assert_eq!(made.days, [day("2026-02-10"), day("2026-02-24")]);
    /// assert_eq!(made.moved, [(day("2026-02-17"), day("2026-02-24"))]);
    /// ```
    pub fn days(
        &self,
        closing: NaiveDate,
        end: NaiveDate,
        calendar: &Calendar,
    ) -> Result<PurchaseDays, BeyondCalendar> {
        let mut made = PurchaseDays::default();
        for day in self.scheduled(closing, end) {
            let bought = calendar.adjust(day, Convention::Following)?;
            // Every day of the year is on the list of a daily purchase: those that are closed are
            // no dates that move.
            if bought != day && *self == Cadence::Day {
                continue;
            }
            if bought != day {
                made.moved.push((day, bought));
            }
            if bought > closing && bought <= end {
                made.days.push(bought);
            }
        }
        made.days.sort_unstable();
        made.days.dedup();
        Ok(made)
    }

    /// The days before they are moved to business days.
    fn scheduled(&self, closing: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let days = || closing.iter_days().skip(1).take_while(|day| *day <= end);
        match self {
            Cadence::Payment => Vec::new(),
            Cadence::Month(on) => {
                let before = closing - Days::new(u64::from(closing.day()));
                let month = (1..).map(|month| due_date(before, *on, month));
                month.skip_while(|day| *day <= closing).take_while(|day| *day <= end).collect()
            }
            Cadence::Week(on) => days().filter(|day| day.weekday() == *on).collect(),
            Cadence::Day => days().collect(),
            Cadence::Dates(dates) => dates.clone(),
        }
    }
}
