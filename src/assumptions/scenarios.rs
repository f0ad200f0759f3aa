//! Stress blocks of an assumptions file, and files of scenarios.

use super::Stress;
use super::from_toml::{MOST, SHARE_MOST, sums_to_one};
use super::stress::{Scenario, SegmentStress, Shock, Window};
use crate::config::{Document, Section, Text};
use crate::finding::{Checked, Finding, Origin};
use crate::money::Rate;

/// The most that a rate may be multiplied by.
const MULTIPLE_MOST: Rate = Rate::from_parts(1000 * Rate::ONE.parts());
/// The parts of a stress of all segments.
const PARTS: [&str; 8] = [
    "default_multiple",
    "default_shift",
    "default_timing",
    "prepayment_multiple",
    "recovery_haircut",
    "recovery_delay",
    "holiday",
    "shock",
];
/// The most months of a window or a delay.
const MONTHS_MOST: i64 = 600;

impl Scenario {
    /// Reads a file of scenarios: one `[[scenario]]` each, with the keys of `[stress]`.
    pub fn from_document(parsed: Result<Document, Vec<Finding>>) -> Checked<Vec<Scenario>> {
        let document = match parsed {
            Ok(document) => document,
            Err(findings) => return Checked::new(Vec::new(), findings),
        };
        let root = document.root();
        if !root.has("scenario") {
            root.missing("scenario");
        }
        let mut scenarios: Vec<Scenario> = Vec::new();
        for section in root.tables("scenario") {
            let id = section.need_id("id");
            if scenarios.iter().any(|scenario| scenario.id == id) && !id.is_empty() {
                section.find("A0303", "id", &[("id", id.clone())]);
            }
            let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
            scenarios.push(Scenario { id, name, stress: stress(section) });
        }
        root.finish();
        Checked::new(scenarios, document.into_findings())
    }

    /// The same from a text.
    pub fn from_toml(file: &str, text: &str) -> Checked<Vec<Scenario>> {
        Scenario::from_document(Document::parse(file, text))
    }
}

/// The keys of a stress; the section ends with them.
pub(super) fn stress(section: Section) -> Stress {
    let multiple = |section: &Section, key| section.rate(key, MULTIPLE_MOST).unwrap_or(Rate::ONE);
    let months = |section: &Section, key| {
        let count = section.count(key, MONTHS_MOST).unwrap_or(0);
        u32::try_from(count).expect("at most 600")
    };
    let timing = timing(&section);
    let shock = section.section("shock").map(|below| {
        let shock = Shock { window: window(&below), multiple: multiple(&below, "multiple") };
        needs(&below, &["multiple"]);
        below.finish();
        shock
    });
    let holiday = section.section("holiday").map(|below| {
        let window = window(&below);
        below.finish();
        window
    });
    let own = |below: Section| {
        needs(&below, &["name"]);
        let own = SegmentStress {
            name: below.text("name").unwrap_or_default(),
            default_multiple: multiple(&below, "default_multiple"),
            prepayment_multiple: multiple(&below, "prepayment_multiple"),
            origin: below.origin("name"),
        };
        below.finish();
        own
    };
    let keys = PARTS.into_iter().filter(|key| section.has(key));
    let keys = keys.map(|key| (key, section.origin(key))).collect();
    let stress = Stress {
        keys,
        default_multiple: multiple(&section, "default_multiple"),
        default_shift: section.rate("default_shift", MOST).unwrap_or(Rate::ZERO),
        timing,
        prepayment_multiple: multiple(&section, "prepayment_multiple"),
        recovery_haircut: section.rate("recovery_haircut", SHARE_MOST).unwrap_or(Rate::ZERO),
        recovery_delay: months(&section, "recovery_delay"),
        holiday,
        shock,
        segments: section.tables("segment").into_iter().map(own).collect(),
        origin: if section.has("default_timing") {
            section.origin("default_timing")
        } else if section.has("holiday") {
            section.origin("holiday")
        } else {
            Origin::default()
        },
    };
    section.finish();
    stress
}

fn needs(section: &Section, keys: &[&'static str]) {
    for key in keys.iter().filter(|key| !section.has(key)) {
        section.missing(key);
    }
}

/// A window that leaves its start out begins with the first month.
fn window(section: &Section) -> Window {
    needs(section, &["months"]);
    let [start, months] = [("start", 1), ("months", 0)].map(|(key, otherwise)| {
        u32::try_from(section.count(key, MONTHS_MOST).unwrap_or(otherwise)).expect("at most 600")
    });
    Window { start: start.max(1), months }
}

/// The shares of the thirds: a word, or three shares.
fn timing(section: &Section) -> Option<[Rate; 3]> {
    let percent = |share: i64| Rate::from_parts(share * (Rate::ONE.parts() / 100));
    let third = Rate::ONE.parts() / 3;
    let even = [third, third, Rate::ONE.parts() - 2 * third].map(Rate::from_parts);
    let words =
        [("front", [50, 30, 20].map(percent)), ("even", even), ("back", [20, 30, 50].map(percent))];
    if section.is_text("default_timing") {
        return section.choice("default_timing", &words);
    }
    let shares = section.rates("default_timing", SHARE_MOST)?;
    let three: Option<[Rate; 3]> = shares.clone().try_into().ok();
    match three {
        Some(_) => sums_to_one(section, "default_timing", &shares),
        None if !section.reported_any(&["default_timing"]) => {
            section
                .wrong_kind("default_timing", "\"front\" | \"even\" | \"back\" | [0.5, 0.3, 0.2]");
        }
        None => {}
    }
    three
}
