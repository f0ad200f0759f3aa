//! Due dates as day numbers: a table of month starts instead of calendar arithmetic per instalment.

use chrono::{Datelike, NaiveDate};

use crate::pool::Receivable;
use crate::time::{days_in_month, due_date, month_number};

/// The first days and lengths of a run of months. A date outside it is found the slow way.
pub(super) struct DayTable {
    first_month: i32,
    /// The day number of each month's first day, and its last day of the month.
    months: Vec<(i32, u8)>,
}

impl DayTable {
    /// The months that the instalments of a pool usually fall in: ten years before the cut-off date
    /// and forty after it.
    pub(super) fn around(cutoff: NaiveDate) -> DayTable {
        let cutoff = month_number(cutoff);
        DayTable::between(cutoff - 120, cutoff + 480)
    }

    /// The months of one receivable's contract.
    pub(super) fn of(receivable: &Receivable, cutoff: NaiveDate) -> DayTable {
        let (first, n) = (month_number(receivable.first_due), i32::from(receivable.instalments));
        DayTable::between(first, first.max(month_number(cutoff) + 1) + n)
    }

    fn between(first_month: i32, last_month: i32) -> DayTable {
        let year_month = |number: i32| {
            let month = u32::try_from(number.rem_euclid(12)).expect("below 12") + 1;
            (number.div_euclid(12), month)
        };
        let (year, month) = year_month(first_month);
        let mut start = day_number(NaiveDate::from_ymd_opt(year, month, 1).expect("a month"));
        let mut months = Vec::new();
        for number in first_month..=last_month {
            let (year, month) = year_month(number);
            let days = u8::try_from(days_in_month(year, month)).expect("at most 31");
            months.push((start, days));
            start += i32::from(days);
        }
        DayTable { first_month, months }
    }

    /// The due dates of a receivable.
    #[inline]
    pub(super) fn dues(&self, receivable: &Receivable) -> Dues<'_> {
        Dues {
            table: self,
            first_month: month_number(receivable.first_due),
            first_due: receivable.first_due,
            origination: receivable.origination,
            due_day: receivable.due_day,
            shift: 0,
        }
    }
}

/// The due dates of one receivable, as [`due_date`] has them.
#[derive(Clone, Copy)]
pub(super) struct Dues<'a> {
    table: &'a DayTable,
    first_month: i32,
    first_due: NaiveDate,
    origination: NaiveDate,
    due_day: u8,
    /// Months by which every instalment is put off (a plan from the balance of a matured contract).
    shift: u16,
}

impl<'a> Dues<'a> {
    /// The due day of instalment `number`, from 1.
    #[inline]
    pub(super) fn day(&self, number: u16) -> i32 {
        let k = u32::from(number) - 1 + u32::from(self.shift);
        if k == 0 {
            return day_number(self.first_due);
        }
        let place = usize::try_from(self.month(number) - self.table.first_month);
        match place.ok().and_then(|place| self.table.months.get(place)) {
            Some((start, days)) => start - 1 + i32::from(self.due_day.min(*days)),
            None => day_number(due_date(self.first_due, self.due_day, k)),
        }
    }

    /// The month number of the due day of instalment `number`.
    #[inline]
    pub(super) fn month(&self, number: u16) -> i32 {
        self.first_month + i32::from(number) - 1 + i32::from(self.shift)
    }

    /// The actual days of each instalment from `number` on: since the due date before it, or since
    /// origination.
    pub(super) fn lengths(self, number: u16) -> impl Iterator<Item = i64> + use<'a> {
        let mut before =
            if number > 1 { self.day(number - 1) } else { day_number(self.origination) };
        (number..).map(move |number| {
            let days = self.day(number) - before;
            before += days;
            i64::from(days.max(0))
        })
    }

    /// The same instalments, put off so that `number` is the first due after `cutoff`.
    pub(super) fn put_off(mut self, number: u16, cutoff: i32) -> Dues<'a> {
        while self.day(number) <= cutoff {
            self.shift += 1;
        }
        self
    }
}

/// Days since the beginning of the common era.
#[inline]
pub(super) fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

/// The date of a day number.
pub(super) fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).expect("a due date is on the calendar")
}
