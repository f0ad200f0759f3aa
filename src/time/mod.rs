//! Dates: business days by calendar, day counts, and monthly due dates.
//!
//! | Question                                        | Answer                                  |
//! |-------------------------------------------------|-----------------------------------------|
//! | Is the exchange open, when is the payment made? | [`Calendar`], [`Convention`]            |
//! | How many days of interest, over which basis?    | [`DayCount`]                            |
//! | When is instalment 7 due?                       | [`due_date`]                            |
//! | Which fixing of an index earns in which period? | [`fixings`]                             |
//!
//! Calendars are data files: a year that is not in the file is an error ([`BeyondCalendar`]), never
//! a guess. Everything else here is pure arithmetic that cannot fail.

mod calendar;
mod day_count;
mod fixing;
mod from_toml;
mod months;

pub use calendar::{BeyondCalendar, Calendar, Convention};
pub use day_count::DayCount;
pub use fixing::{Curve, Fixing, NoCurve, NoFixing, Reset, Start, fixings};
pub(crate) use months::month_number;
pub use months::{days_in_month, due_date, is_month_end, month_end, months_between};
