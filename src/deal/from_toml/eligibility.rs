//! `[[eligibility]]`: criteria for receivables, and the conditions that criteria and limits share.

use chrono::{Months, NaiveDate};

use super::super::Text;
use crate::config::Section;
use crate::money::Rate;
use crate::portfolio::eligibility::{Criterion, Occasion};
use crate::portfolio::{Bound, Characteristic, Condition, Kind, Requirement, day_parts};

/// Rates of receivables at or above 1,000 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::from_parts(10 * Rate::ONE.parts());
/// Keys that compare figures.
const RANGE: [&str; 4] = ["at_least", "above", "at_most", "below"];
/// All keys that compare.
pub(super) const COMPARISONS: [&str; 7] =
    ["at_least", "above", "at_most", "below", "equals", "not", "months_before_maturity"];

/// One `[[eligibility]]` block; `None` when its condition was not understood.
pub(super) fn criterion(section: Section, maturity: Option<NaiveDate>) -> Option<Criterion> {
    const OCCASIONS: [(&str, Occasion); 2] =
        [("closing", Occasion::Closing), ("purchase", Occasion::Purchase)];
    let (id, origin) = (section.need_id("id"), section.origin("id"));
    let condition = condition(&section, "field", maturity);
    let (from, until) = (section.date("from"), section.date("until"));
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        let facts = [("from", from.to_string()), ("until", until.to_string())];
        section.find("E0113", "until", &facts);
    }
    let only = section.choice("only", &OCCASIONS);
    let name = section.bilingual("name");
    section.finish();
    let condition = condition?;
    let name = name.unwrap_or_else(|| described(&condition));
    Some(Criterion { id, name, condition, from, until, only, origin })
}

/// What a condition says, for blocks without a name of their own.
pub(super) fn described(condition: &Condition) -> Text {
    let (label, kind) = (condition.of.label(), kind_compared(&condition.of));
    let shown = condition.shown(kind);
    Text { zh: format!("{} {shown}", label.zh), en: format!("{} {shown}", label.en) }
}

/// How figures of a characteristic are compared: columns of the tape as numbers.
fn kind_compared(of: &Characteristic) -> Kind {
    match of {
        Characteristic::Column(_) => Kind::Number,
        known => known.kind(),
    }
}

/// `field` with its comparison; `None` when there is none or it was not understood.
pub(super) fn condition(
    section: &Section,
    field: &'static str,
    maturity: Option<NaiveDate>,
) -> Option<Condition> {
    let of = Characteristic::of(&section.need_text(field));
    let missing_passes = section.choice("missing", &[("fails", false), ("passes", true)]);
    let missing_passes = missing_passes.unwrap_or(false);
    let given: Vec<&str> = COMPARISONS.into_iter().filter(|key| section.has(key)).collect();
    let requirement = match given.as_slice() {
        [] => {
            section.find("E0110", field, &[("field", of.name().to_string())]);
            return None;
        }
        ["equals"] => equals(section, &of),
        ["not"] => not(section, &of),
        ["months_before_maturity"] => before_maturity(section, &of, maturity),
        keys if keys.iter().all(|key| RANGE.contains(key)) => range(section, &of, keys),
        keys => {
            let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            section.find("E0111", field, &[("keys", keys)]);
            return None;
        }
    };
    Some(Condition { of, requirement: requirement?, missing_passes })
}

/// A range of figures: one lower end, one upper end, or both.
fn range(section: &Section, of: &Characteristic, keys: &[&str]) -> Option<Requirement> {
    let twice = |pair: [&str; 2]| pair.iter().all(|key| keys.contains(key));
    if twice(["at_least", "above"]) || twice(["at_most", "below"]) {
        let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        section.find("E0111", keys_first(section), &[("keys", keys)]);
        return None;
    }
    let end = |inclusive: &'static str, strict: &'static str| {
        let key = if section.has(inclusive) { inclusive } else { strict };
        if !section.has(key) {
            return Some(None);
        }
        let parts = figure(section, key, of)?;
        Some(Some(Bound { parts, inclusive: key == inclusive }))
    };
    let (least, most) = (end("at_least", "above")?, end("at_most", "below")?);
    if let (Some(low), Some(high)) = (least, most)
        && (low.parts > high.parts || low.parts == high.parts && !(low.inclusive && high.inclusive))
    {
        section.find("E0112", keys_first(section), &[("field", of.name().to_string())]);
        return None;
    }
    Some(Requirement::Within { least, most })
}

fn keys_first(section: &Section) -> &'static str {
    COMPARISONS.into_iter().find(|key| section.has(key)).unwrap_or("field")
}

/// The figure of a key in the parts of a characteristic.
pub(super) fn figure(section: &Section, key: &'static str, of: &Characteristic) -> Option<i64> {
    match kind_compared(of) {
        Kind::Money => section.amount(key).map(crate::money::Amount::minor),
        Kind::Rate => section.rate(key, RATE_MOST).map(Rate::parts),
        Kind::Count => section.parts(key, 0),
        Kind::Date => section.date(key).map(day_parts),
        Kind::Number => section.parts(key, 6),
        Kind::Text => {
            section.find("E0114", key, &[("field", of.name().to_string())]);
            None
        }
    }
}

/// `equals = "A"`, `equals = ["A", "B"]`, `equals = 0`, `equals = true`.
fn equals(section: &Section, of: &Characteristic) -> Option<Requirement> {
    match of.kind() {
        Kind::Text => {
            let words = section.words("equals");
            match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                [] => None,
                ["true"] => Some(Requirement::Flag(true)),
                ["false"] => Some(Requirement::Flag(false)),
                _ => Some(Requirement::OneOf(words)),
            }
        }
        Kind::Count if section.is_list("equals") => {
            let words = section.words("equals");
            let numbers: Vec<i64> = words.iter().filter_map(|word| word.parse().ok()).collect();
            if numbers.len() != words.len() {
                section.wrong_kind("equals", "[3, 6, 12]");
                return None;
            }
            Some(Requirement::AnyOf(numbers))
        }
        Kind::Count | Kind::Money | Kind::Rate | Kind::Date | Kind::Number => {
            let end = Some(Bound { parts: figure(section, "equals", of)?, inclusive: true });
            Some(Requirement::Within { least: end, most: end })
        }
    }
}

/// `not = "A"`, `not = ["A", "B"]`: texts only.
fn not(section: &Section, of: &Characteristic) -> Option<Requirement> {
    let words = section.words("not");
    if of.kind() != Kind::Text {
        section.find("E0115", "not", &[("field", of.name().to_string())]);
        return None;
    }
    (!words.is_empty()).then_some(Requirement::NoneOf(words))
}

/// A date that many months before the legal maturity, or earlier.
fn before_maturity(
    section: &Section,
    of: &Characteristic,
    maturity: Option<NaiveDate>,
) -> Option<Requirement> {
    let months = section.count("months_before_maturity", super::MONTHS_MOST)?;
    if of.kind() != Kind::Date {
        section.find("E0116", "months_before_maturity", &[("field", of.name().to_string())]);
        return None;
    }
    let months = Months::new(u32::try_from(months).expect("a number of months"));
    let last = maturity?.checked_sub_months(months)?;
    let most = Some(Bound { parts: day_parts(last), inclusive: true });
    Some(Requirement::Within { least: None, most })
}
