//! `[[trigger]]`.

use chrono::{NaiveDate, TimeDelta};

use super::super::{Consequence, Metric, Side, State, Tested, Text, Trigger};
use super::Reader;
use crate::config::{Section, of_list};
use crate::deal::Stage;
use crate::formula::Sort;
use crate::money::Rate;

/// Shares lie below 100 %, coverage may lie well above.
const SHARE_MOST: Rate = Rate::ONE;
const COVERAGE_MOST: Rate = Rate::from_parts(20 * Rate::ONE.parts());

const SIDES: [(&str, Side); 4] = [
    ("above", Side::Above),
    ("at_least", Side::AtLeast),
    ("below", Side::Below),
    ("at_most", Side::AtMost),
];

impl Reader<'_> {
    pub(super) fn trigger(&self, section: Section) -> Trigger {
        let id = section.need_id("id");
        let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
        // A condition that asks for this name could mean either.
        let is_state = State::WORDS.iter().any(|(word, _)| *word == id);
        if is_state || self.defined.contains(&id) {
            section.find("D0232", "id", &[("name", id.clone())]);
        }
        let tested = section.choice("tested", &Tested::WORDS).unwrap_or_default();
        let metric = self.metric(&section, tested);
        let (side, thresholds) = self.thresholds(&section, &id, metric.as_ref());
        let small = |key, most, default: usize| {
            section.count(key, most).map_or(default, |n| usize::try_from(n).expect("small"))
        };
        let grace_days = u32::try_from(section.count("grace_days", 3660).unwrap_or(0));
        let grace_days = grace_days.expect("small");
        let grace_ends = self.grace_ends(&section, tested, grace_days);
        let trigger = Trigger {
            metric: metric.unwrap_or(Metric::PoolFactor),
            side,
            thresholds,
            tested,
            from_payment: small("from_payment", 600, 1).max(1),
            consecutive: small("consecutive", 60, 1).max(1),
            grace_days,
            grace_ends,
            curable: section.flag("curable").unwrap_or(false),
            effect_lag: small("effect_lag", 12, 0),
            decided_by: section.bilingual("decided_by"),
            consequence: section
                .choice("consequence", &Consequence::WORDS)
                .unwrap_or(Consequence::Flag),
            id,
            name,
        };
        section.finish();
        trigger
    }

    /// Where a trigger is tested daily, the day on which the grace ends that a payment date begins, in
    /// calendar or business days.
    fn grace_ends(&self, section: &Section, tested: Tested, days: u32) -> Vec<NaiveDate> {
        const DAYS: [(&str, bool); 2] = [("calendar", false), ("business", true)];
        let business = section.choice("days", &DAYS).unwrap_or(false);
        if tested != Tested::Daily {
            if section.has("days") {
                section.find("D0359", "days", &[("given", "days".to_string())]);
            }
            return Vec::new();
        }
        if section.has("consecutive") {
            section.find("D0360", "consecutive", &[]);
        }
        let Some((dates, schedule, calendar)) = self.schedule else { return Vec::new() };
        // Nothing follows the last date on which a breach could have effect.
        let but_last = schedule.payments.split_last().map_or(&[][..], |(_, before)| before);
        let ends = but_last.iter().map(|payment| {
            let (from, days) = (payment.payment, i64::from(days));
            if business {
                calendar.add_business_days(from, i32::try_from(days).expect("days are few"))
            } else {
                Ok(from + TimeDelta::days(days))
            }
        });
        match ends.collect::<Result<Vec<NaiveDate>, _>>() {
            Ok(ends) => ends,
            Err(beyond) => {
                let facts =
                    [("calendar", dates.calendar.clone()), ("year", beyond.year.to_string())];
                section.find("D0302", "grace_days", &facts);
                Vec::new()
            }
        }
    }

    /// A built-in metric, `declared`, or a ratio or flag of `[define]`.
    fn metric(&self, section: &Section, tested: Tested) -> Option<Metric> {
        let declared = self.numbers(section, "declared_on");
        if !section.has("metric") {
            section.missing("metric");
            return None;
        }
        let word = section.text("metric")?;
        if word == "declared" {
            return Some(Metric::Declared(declared));
        }
        if section.has("declared_on") {
            section.find("D0250", "declared_on", &[]);
        }
        if let Some((_, metric)) = Metric::WORDS.iter().find(|(known, _)| *known == word) {
            return Some(metric.clone());
        }
        let Some(place) = self.definitions.iter().position(|known| known.name == word) else {
            if self.definitions_reported(&word) {
                return None;
            }
            let known = Metric::WORDS.iter().map(|(word, _)| *word).chain(["declared"]);
            let own = self.definitions.iter().map(|definition| definition.name.as_str());
            let all: Vec<&str> = known.chain(own).collect();
            let facts = of_list(&word, all.iter().copied());
            section.find("F0108", "metric", &facts);
            return None;
        };
        self.known_in_time(
            section,
            "metric",
            place,
            match tested {
                Tested::Before => Stage::Collected,
                Tested::After | Tested::Daily => Stage::Paid,
            },
        );
        match self.definitions[place].sort {
            Sort::Flag => Some(Metric::Flag(place)),
            Sort::Rate => Some(Metric::Ratio(place)),
            Sort::Amount | Sort::Number | Sort::Date => {
                let sort = self.definitions[place].sort.word().to_string();
                section.find("D0251", "metric", &[("name", word), ("sort", sort)]);
                None
            }
        }
    }

    /// The side and the thresholds by payment number; a flag needs none.
    fn thresholds(
        &self,
        section: &Section,
        id: &str,
        metric: Option<&Metric>,
    ) -> (Side, Vec<(usize, Rate)>) {
        let most = match metric {
            Some(Metric::SeniorCoverage | Metric::Ratio(_)) => COVERAGE_MOST,
            _ => SHARE_MOST,
        };
        let from = self.numbers(section, "from_payments");
        let mut sides: Vec<(&'static str, Side, Vec<Rate>)> = Vec::new();
        for (key, side) in SIDES {
            if let Some(rates) = section.rates(key, most) {
                sides.push((key, side, rates));
            }
        }
        let reported = section.reported_any(&SIDES.map(|(key, _)| key));
        let by_flag = matches!(metric, Some(Metric::Flag(_) | Metric::Declared(_)));
        if by_flag {
            if let Some((key, ..)) = sides.first() {
                section.find("D0252", key, &[("trigger", id.to_string())]);
            }
            return (Side::AtLeast, Vec::new());
        }
        let filled = sides.iter().filter(|(_, _, rates)| !rates.is_empty()).count();
        if (sides.len() != 1 || filled != 1) && !reported {
            section.find("D0202", "id", &[("trigger", id.to_string())]);
        }
        let Some((_, side, rates)) = sides.pop() else { return (Side::Above, Vec::new()) };
        let in_step = from.len() == rates.len() && from.is_sorted_by(|one, next| one < next);
        if !in_step && !from.is_empty() && !reported && !section.reported_any(&["from_payments"]) {
            let facts =
                [("thresholds", rates.len().to_string()), ("numbers", from.len().to_string())];
            section.find("D0214", "from_payments", &facts);
        }
        let thresholds = rates
            .iter()
            .enumerate()
            .map(|(index, rate)| (from.get(index).copied().unwrap_or(index + 1), *rate));
        (side, thresholds.collect())
    }
}
