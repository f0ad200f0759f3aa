//! Fixings of an interest index: which published figure a floating tranche earns in which period.
//!
//! ```text
//! resets     from ──── every 3 months ────▶ from+3 ─────────────▶ from+6
//! periods    │  1  │  2  │  3  │  4  │  5  │  6  │  7  │
//!            ▲                 ▲                 ▲
//!            fixed for 1–3     fixed for 4–6     fixed for 7–…
//!          ◀─┘ look-back: business days before the start of the period
//! ```

use chrono::{Months, NaiveDate};

use super::{BeyondCalendar, Calendar};
use crate::money::Rate;

/// When an index is fixed anew, and how many business days before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The date from which resets are counted: the first accrual date, or 1 January for deals that
    /// reset with the calendar year. May lie before the first period.
    pub from: NaiveDate,
    /// Months from one reset to the next, at least 1.
    pub every_months: u32,
    /// Business days from the fixing to the start of the period; 0 fixes on the start itself.
    pub look_back_days: u32,
}

/// When an accrual period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// By the regular schedule: decides whether a reset has come.
    pub scheduled: NaiveDate,
    /// The first day of interest, moved for business days where the deal says so: the look-back is
    /// counted from it.
    pub first: NaiveDate,
}

/// The figures of an index by the day from which they hold: those published, then those assumed.
/// Between two days, and after the last, the earlier figure holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    steps: Vec<(NaiveDate, Rate)>,
}

/// Why steps are no curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCurve {
    /// There is no figure.
    #[error("an index without a figure")]
    Empty,
    /// A day is not after the one before it.
    #[error("{0} is not after the day before it")]
    NotAscending(NaiveDate),
}

/// What a period earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixing {
    /// The day whose figure counts.
    pub date: NaiveDate,
    /// The figure.
    pub rate: Rate,
    /// Whether the index is fixed anew for this period.
    pub reset: bool,
}

/// Why a period cannot be fixed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFixing {
    /// A business day must be counted that the calendar does not know.
    #[error(transparent)]
    BeyondCalendar(#[from] BeyondCalendar),
    /// The curve starts after the fixing; the figure is never guessed.
    #[error("the index is needed on {fixing}, but its first figure is of {first}")]
    BeforeCurve {
        /// The day of the fixing.
        fixing: NaiveDate,
        /// The first day of the curve.
        first: NaiveDate,
    },
}

impl Curve {
    /// A curve of steps, ascending by day.
    ///
    /// # Errors
    ///
    /// [`NoCurve`] when there is no step, or a day is not after the one before it.
    pub fn new(steps: Vec<(NaiveDate, Rate)>) -> Result<Curve, NoCurve> {
        if steps.is_empty() {
            return Err(NoCurve::Empty);
        }
        match steps.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            Some(pair) => Err(NoCurve::NotAscending(pair[1].0)),
            None => Ok(Curve { steps }),
        }
    }

    /// The figure that holds on a day; `None` before the first.
    pub fn on(&self, day: NaiveDate) -> Option<Rate> {
        let after = self.steps.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).map(|last| self.steps[last].1)
    }

    fn first(&self) -> NaiveDate {
        self.steps[0].0
    }
}

/// The fixing of each accrual period.
///
/// The first period is fixed for itself. A later one is fixed anew when a reset date has come since
/// the period before began, by the schedule; else it keeps the fixing. A reset inside a period waits
/// for the next: one period has one rate. The fixing is looked up `look_back_days` business days
/// before the first day of the period that it is made for.
///
/// # Errors
///
/// [`NoFixing`] when the calendar or the curve does not reach the day.
///
/// # Panics
///
/// When resets are 0 months apart.
///
/// ```
/// use cashfall::money::Rate;
/// use cashfall::time::{Calendar, Curve, Reset, Start, fixings};
/// let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
/// let rate = |text: &str| text.parse::<Rate>().unwrap();
/// let lpr = Curve::new(vec![(day("2025-05-20"), rate("3 %")), (day("2026-02-20"), rate("2.9 %"))]);
/// let reset = Reset { from: day("2026-01-15"), every_months: 1, look_back_days: 1 };
/// let start = |scheduled, first| Start { scheduled: day(scheduled), first: day(first) };
/// // The second period begins after Spring Festival.
/// let starts = [start("2026-01-15", "2026-01-15"), start("2026-02-15", "2026-02-24")];
/// let fixed = fixings(&reset, &starts, &lpr.unwrap(), &Calendar::sse()).unwrap();
/// assert_eq!((fixed[1].date, fixed[1].rate), (day("2026-02-13"), rate("3 %")));
/// ```
pub fn fixings(
    reset: &Reset,
    starts: &[Start],
    curve: &Curve,
    calendar: &Calendar,
) -> Result<Vec<Fixing>, NoFixing> {
    let mut fixings: Vec<Fixing> = Vec::with_capacity(starts.len());
    let mut before = None;
    for start in starts {
        let kept = before.filter(|before| !reset.falls(*before, start.scheduled));
        let fixing = match (kept, fixings.last()) {
            (Some(_), Some(last)) => Fixing { reset: false, ..*last },
            (Some(_) | None, _) => fixed(reset, start.first, curve, calendar)?,
        };
        fixings.push(fixing);
        before = Some(start.scheduled);
    }
    Ok(fixings)
}

fn fixed(
    reset: &Reset,
    first: NaiveDate,
    curve: &Curve,
    calendar: &Calendar,
) -> Result<Fixing, NoFixing> {
    let back = i32::try_from(reset.look_back_days).unwrap_or(i32::MAX);
    let date = calendar.add_business_days(first, -back)?;
    match curve.on(date) {
        Some(rate) => Ok(Fixing { date, rate, reset: true }),
        None => Err(NoFixing::BeforeCurve { fixing: date, first: curve.first() }),
    }
}

impl Reset {
    /// Whether a reset date lies after `before`, and on or before `start`.
    fn falls(&self, before: NaiveDate, start: NaiveDate) -> bool {
        self.last_on(before) < self.last_on(start)
    }

    /// The last reset date on or before a day; `None` when the first is later.
    fn last_on(&self, day: NaiveDate) -> Option<NaiveDate> {
        assert!(self.every_months > 0, "resets are some months apart");
        let months = u32::try_from(super::months_between(self.from, day)).ok()?;
        let number = months / self.every_months;
        // In the month of a reset, the day may come before it.
        let tries = [Some(number), number.checked_sub(1)];
        let dates = tries.into_iter().flatten().filter_map(|number| self.date(number));
        dates.into_iter().find(|date| *date <= day)
    }

    fn date(&self, number: u32) -> Option<NaiveDate> {
        self.from.checked_add_months(Months::new(number.checked_mul(self.every_months)?))
    }
}
