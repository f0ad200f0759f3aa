//! Days and ranges of days in the user's files: `2026-05-01`, `"2026-05-01/2026-05-05"`.

use chrono::NaiveDate;
use toml_edit::Value;

use super::Section;
use super::values::as_date;
use crate::finding::Origin;

const WANTED: &str = "\"2026-05-01\" | \"2026-05-01/2026-05-05\"";

/// A range of days with its place; both ends are inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: NaiveDate,
    /// The last day, not before the first.
    pub last: NaiveDate,
    /// Where the range stands.
    pub origin: Origin,
}

impl Section<'_> {
    /// A list of days and ranges of days.
    pub fn days(&self, key: &'static str) -> Vec<Days> {
        self.array(key, WANTED, |value| {
            let (first, last) = range(value)?;
            let origin = self.document().place(value.span());
            (first <= last).then_some(Days { first, last, origin })
        })
    }
}

fn range(value: &Value) -> Option<(NaiveDate, NaiveDate)> {
    if let Some(day) = as_date(value) {
        return Some((day, day));
    }
    let (first, last) = value.as_str()?.split_once('/')?;
    let day = |text: &str| as_date(&Value::from(text));
    Some((day(first)?, day(last)?))
}
