//! `purchase.every`: how often the deal buys, and the days of its revolving period on which it does.

use chrono::{Datelike, NaiveDate, Weekday};

use super::super::{Cadence, Pot, Purchase, Sharing, Step};
use super::Reader;
use crate::config::{Document, Section};
use crate::finding::{Finding, Origin};

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// What `every` may say.
#[derive(Clone, Copy)]
enum Word {
    Payment,
    Month,
    Week,
    Day,
}

impl Reader<'_> {
    /// How often the deal buys, and on which days between its payment dates.
    pub(super) fn cadence(&self, section: &Section) -> (Cadence, Vec<NaiveDate>) {
        let cadence = self.cadence_read(section);
        if cadence == Cadence::Payment {
            return (cadence, Vec::new());
        }
        let Some((dates, schedule, calendar)) = self.schedule else {
            return (cadence, Vec::new());
        };
        if dates.revolving_payments == 0 {
            section.find("D0380", "every", &[]);
            return (cadence, Vec::new());
        }
        if dates.commingling_months > 0 {
            let facts = [("months", dates.commingling_months.to_string())];
            section.find("D0382", "every", &facts);
        }
        // What is bought in a month collects from the next one on.
        let last = schedule.payments.get(dates.revolving_payments - 1);
        let last = last.map_or(dates.legal_maturity, |payment| payment.payment);
        let ends = &schedule.collection_ends;
        let collects = ends.len().checked_sub(2).and_then(|place| ends.get(place));
        let end = collects.map_or(dates.closing, |end| last.min(*end));
        if let Cadence::Dates(listed) = &cadence {
            let outside = listed.iter().filter(|day| **day <= dates.closing || **day > end);
            let outside: Vec<&NaiveDate> = outside.collect();
            if let Some(first) = outside.first() {
                let facts = [
                    ("count", outside.len().to_string()),
                    ("date", first.to_string()),
                    ("closing", dates.closing.to_string()),
                    ("end", end.to_string()),
                ];
                section.find("D0383", "every", &facts);
            }
        }
        let made = match cadence.days(dates.closing, end, calendar) {
            Ok(made) => made,
            Err(beyond) => {
                let facts =
                    [("calendar", dates.calendar.clone()), ("year", beyond.year.to_string())];
                section.find("D0302", "every", &facts);
                return (cadence, Vec::new());
            }
        };
        if let Some((day, bought)) = made.moved.first() {
            let facts = [
                ("count", made.moved.len().to_string()),
                ("date", day.to_string()),
                ("bought", bought.to_string()),
            ];
            section.find("D0385", "every", &facts);
        }
        if made.days.is_empty() {
            let facts = [("closing", dates.closing.to_string()), ("end", end.to_string())];
            section.find("D0386", "every", &facts);
        }
        (cadence, made.days)
    }

    fn cadence_read(&self, section: &Section) -> Cadence {
        const WORDS: [(&str, Word); 4] = [
            ("payment", Word::Payment),
            ("month", Word::Month),
            ("week", Word::Week),
            ("day", Word::Day),
        ];
        let word = match section.has("every") && !section.is_text("every") {
            true => {
                let listed = section.days_listed("every");
                no_day(section);
                return Cadence::Dates(listed);
            }
            false => section.choice("every", &WORDS).unwrap_or(Word::Payment),
        };
        let dates = self.schedule.map(|(dates, ..)| dates);
        match word {
            Word::Payment => {
                no_day(section);
                Cadence::Payment
            }
            Word::Day => {
                no_day(section);
                Cadence::Day
            }
            Word::Month => {
                let first = dates.map_or(1, |dates| dates.first_payment.day());
                let on = section.count("on", 31).filter(|day| *day >= 1);
                let on = on.and_then(|day| u8::try_from(day).ok());
                Cadence::Month(on.unwrap_or(u8::try_from(first).expect("a day of the month")))
            }
            Word::Week => {
                let of_closing = dates.map_or(Weekday::Mon, |dates| dates.closing.weekday());
                Cadence::Week(section.choice("on", &WEEKDAYS).unwrap_or(of_closing))
            }
        }
    }

    /// A step that buys between payment dates pays out of cash, one after the other and unbounded: its
    /// caps are of payment dates.
    pub(super) fn buys_between_payments(
        document: &Document,
        step: &Step,
        at: &Origin,
        terms: &Purchase,
    ) {
        let bounded = |payment: &super::super::Payment| {
            payment.cap.is_some() || payment.cap_per_year.is_some()
        };
        let lends = matches!(step.from, Pot::Facility(_));
        let shared = step.sharing != Sharing::Sequential || step.pay.len() > 1;
        let bounded = step.limit.is_some() || step.pay.iter().any(bounded);
        if terms.every != Cadence::Payment && (lends || shared || bounded) {
            document.find(Finding::new("D0381", at.clone()));
        }
    }
}

/// `on` is a day of the month or of the week, and nothing else.
fn no_day(section: &Section) {
    if section.has("on") {
        section.find("D0384", "on", &[]);
    }
}
