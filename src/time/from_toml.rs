//! A calendar file becomes a [`Calendar`]; what does not fit becomes findings.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

use super::Calendar;
use super::calendar::Year;
use crate::config::{Days, Document, Section};
use crate::finding::{Checked, Finding};

/// The names of the calendars that are built in, as deal files write them.
const BUILT_IN: &str = "`SSE`, `CIBM`, `weekends`, `none`";

/// The years that a spreadsheet can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1901..=9000;

impl Calendar {
    /// Reads a calendar file: `name`, `extends`, `weekend`, and for each `[[year]]` the days `closed`
    /// and `open`. docs/reference/calendar.md describes it.
    ///
    /// With `extends = "SSE"` the years of a built-in calendar are there already, and a year that is
    /// given replaces the built-in one.
    pub fn from_toml(file: &str, text: &str) -> Checked<Calendar> {
        match Document::alone(file, text.to_string().into()) {
            Ok(document) => {
                let calendar = read(&document);
                Checked::new(calendar, document.into_findings())
            }
            Err(findings) => Checked::new(Calendar::weekends(), findings),
        }
    }
}

fn read(document: &Document) -> Calendar {
    let root = document.root();
    let name = root.need_text("name");
    let base = extended(&root);
    let weekend = weekend(&root).unwrap_or(base.weekend);
    let mut years = base.years;
    let mut given = BTreeSet::new();
    for section in root.tables("year") {
        let Some(number) = number(&section) else { continue };
        if !given.insert(number) {
            section.find("C0104", "year", &[("year", number.to_string())]);
        }
        years.insert(number, year(section, number, &weekend));
    }
    root.finish();
    Calendar { name, weekend, years, endless: base.endless }
}

/// The calendar that this one builds on; without one, no year is known and the weekend is usual.
fn extended(root: &Section) -> Calendar {
    let nothing = Calendar { endless: false, ..Calendar::weekends() };
    let Some(given) = root.text("extends") else { return nothing };
    Calendar::built_in(&given).unwrap_or_else(|| {
        let facts = [("given", given), ("choices", BUILT_IN.to_string())];
        root.find("D0304", "extends", &facts);
        nothing
    })
}

fn weekend(root: &Section) -> Option<Vec<Weekday>> {
    if !root.has("weekend") {
        return None;
    }
    let days = root.texts("weekend").into_iter().map(|day| day.parse::<Weekday>().ok());
    let days: Option<Vec<Weekday>> = days.collect();
    if days.is_none() {
        root.wrong_kind("weekend", "[\"Sat\", \"Sun\"]");
    }
    days
}

fn number(section: &Section) -> Option<i32> {
    if !section.has("year") {
        section.missing("year");
        return None;
    }
    let number = section.count("year", (*YEARS.end()).into())?;
    let number = i32::try_from(number).ok().filter(|number| YEARS.contains(number));
    if number.is_none() {
        section.wrong_kind("year", "2027");
    }
    number
}

fn year(section: Section, number: i32, weekend: &[Weekday]) -> Year {
    let closed = days(&section, "closed", number);
    let open = days(&section, "open", number);
    for (day, place) in &open {
        let finding = |code| Finding::new(code, place.origin.clone()).with("day", day);
        if closed.contains_key(day) {
            section.document().find(finding("C0101"));
        } else if !weekend.contains(&day.weekday()) {
            section.document().find(finding("C0105").with("weekday", day.weekday()));
        }
    }
    section.finish();
    Year { closed: closed.into_keys().collect(), open: open.into_keys().collect() }
}

/// The days of a list, each with the range that names it first.
fn days(section: &Section, key: &'static str, year: i32) -> BTreeMap<NaiveDate, Days> {
    let mut all: BTreeMap<NaiveDate, Days> = BTreeMap::new();
    for range in section.days(key) {
        let finding = |code, day: NaiveDate| {
            Finding::new(code, range.origin.clone()).with("day", day).with("key", key)
        };
        let outside = [range.first, range.last].into_iter().find(|day| day.year() != year);
        if let Some(day) = outside {
            section.document().find(finding("C0103", day).with("year", year));
            continue;
        }
        let within = range.first.iter_days().take_while(|day| *day <= range.last);
        let (twice, new): (Vec<_>, Vec<_>) = within.partition(|day| all.contains_key(day));
        if let Some(day) = twice.first() {
            section.document().find(finding("C0102", *day));
        }
        all.extend(new.into_iter().map(|day| (day, range.clone())));
    }
    all
}
