//! What the limits count of the pool on a purchase date between payment dates.
//!
//! ```text
//! first date of a month:  before = what the month leaves of the pool, before its purchases
//! every later date of it: before = the pool after the purchases of the date before
//! ```
//!
//! A month collects before it buys, so what it leaves is known on each of its dates. The pool after the
//! last date of a month is its closing balance, so that a limit that holds on that date holds at the end
//! of the month.

use super::Timeline;
use super::build::{Builder, Column};
use super::collateral::{Followed, Months, limit_named};
use super::line::{Axis, Topic};
use super::waterfall::After;
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};

/// The pool before the purchases of a date, promised until it stands what a date buys.
pub(super) struct Before {
    /// The limits, with what each of their parts counts.
    pub followed: Vec<Followed>,
    /// All of the pool.
    pub pool: LineId,
    /// Whether a date is the first of its month.
    is_first: LineId,
}

impl Before {
    /// Promises the pool before each date; `None` where no limit is followed.
    pub fn lower(lines: &mut Builder, months: &Months, timeline: &Timeline) -> Option<Before> {
        if months.limits.is_empty() {
            return None;
        }
        let nobody = Text::default();
        let column = |key: String, name: &Text, part: &'static str| {
            let column = Column::payment(Topic::Limits, key, name, part);
            Column { axis: Axis::Purchases, ..column }
        };
        let month = |tick| timeline.at(Axis::Purchases, tick, Axis::Months);
        let ticks = 1..=timeline.len(Axis::Purchases);
        let is_first = ticks.map(|tick| i64::from(tick == 1 || month(tick) != month(tick - 1)));
        let at = column("limits.is_first".to_string(), &nobody, "first_of_month");
        let is_first = lines.recorded(at, Sort::Flag, is_first.collect());
        let mut promise = |key: String, name: &Text, part: &'static str| {
            let line = lines.promise(column(key, name, part), Sort::Amount);
            lines.stock(line)
        };
        let pool = promise("limits.before".to_string(), &nobody, "pool_before_purchase");
        let followed = months.limits.iter().map(|followed| {
            let limit = &followed.limit;
            let counted = limit.parts.iter().enumerate().map(|(place, part)| {
                let key = format!("{}.{}.before", limit.key, place + 1);
                promise(key, &limit_named(&limit.name, part), "limit_counted_before")
            });
            Followed { counted: counted.collect(), limit: limit.clone() }
        });
        Some(Before { followed: followed.collect(), pool, is_first })
    }

    /// Keeps the promises, once it stands what is there after a date.
    pub fn keep(&self, lines: &mut Builder, months: &Months, after: &After) {
        let mut carry = |before: LineId, month: LineId, after: LineId| {
            let first = Formula::Line(self.is_first);
            let formula = Formula::when(first, Formula::Latest(month), Formula::Prior(after));
            lines.keep(before, formula);
        };
        carry(self.pool, months.limited, after.pool);
        let parts = self.followed.iter().zip(&months.limits).zip(&after.counted);
        for ((before, month), after) in parts {
            let parts = before.counted.iter().zip(&month.counted).zip(after);
            for ((before, month), after) in parts {
                carry(*before, *month, *after);
            }
        }
    }
}
