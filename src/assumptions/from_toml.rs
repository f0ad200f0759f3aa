//! The assumptions file becomes [`Assumptions`]; what does not fit becomes findings.

use super::{
    Assumptions, Curve, Defaults, Delinquency, EarlySettlement, Monthly, Order, Prepayment,
    Recovery, RecoveryBase, Segment,
};
use crate::config::{Document, Section, Text};
use crate::finding::{Checked, Finding};
use crate::money::Rate;

/// A speed of 100 % and more is a percent without its sign.
pub(super) const MOST: Rate = Rate::ONE;
/// A share may be exactly 1.
pub(super) const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);

impl Assumptions {
    /// Reads an assumptions file.
    pub fn from_toml(file: &str, text: &str) -> Checked<Assumptions> {
        Assumptions::from_document(Document::parse(file, text))
    }

    /// Reads assumptions from their parsed file and the files that it extends.
    pub fn from_document(parsed: Result<Document, Vec<Finding>>) -> Checked<Assumptions> {
        let document = match parsed {
            Ok(document) => document,
            Err(findings) => return Checked::new(Assumptions::contractual(), findings),
        };
        let assumptions = read(&document);
        Checked::new(assumptions, document.into_findings())
    }
}

fn read(document: &Document) -> Assumptions {
    const ORDER: [(&str, Order); 2] = [("survivors", Order::Survivors), ("bma", Order::Bma)];
    const MONTHLY: [(&str, Monthly); 2] =
        [("twelfth", Monthly::Twelfth), ("actual_days", Monthly::ActualDays)];
    const EARLY: [(&str, EarlySettlement); 3] = [
        ("waived", EarlySettlement::Waived),
        ("next", EarlySettlement::Next),
        ("all", EarlySettlement::All),
    ];
    let root = document.root();
    let order = root.choice("order", &ORDER).unwrap_or_default();
    let monthly = root.choice("monthly", &MONTHLY).unwrap_or_default();
    let early_settlement = root.choice("early_settlement", &EARLY).unwrap_or_default();
    let sections = root.tables("segment");
    let count = sections.len();
    let mut segments: Vec<Segment> = Vec::new();
    for (place, section) in sections.into_iter().enumerate() {
        segments.push(segment(section, place, place + 1 == count));
    }
    let default_days = default_beyond(&root, document, &mut segments);
    same_buckets(document, &mut segments);
    let purchased = super::purchased::read(&root, document);
    let stress = root.section("stress").map(super::scenarios::stress);
    let supply = super::supply_from_toml::read(&root);
    root.finish();
    if segments.last().is_none_or(|segment| !segment.filter.is_empty()) {
        segments.push(Segment {
            name: Text { zh: "其他".to_string(), en: "Other".to_string() },
            ..Segment::contractual()
        });
    }
    let holiday = None;
    let base = Assumptions {
        order,
        monthly,
        early_settlement,
        segments,
        purchased,
        supply,
        default_days,
        holiday,
    };
    let Some(stress) = stress else { return base };
    stress.misfits(&base).into_iter().for_each(|finding| document.find(finding));
    stress.on(&base)
}

/// Default beyond the days of the deal (违约标准), where the rates reach further (A0267), or where
/// receivables in default are known by their days past due.
fn default_beyond(root: &Section, document: &Document, segments: &mut [Segment]) -> Option<u32> {
    const DAYS_MOST: i64 = 180;
    if !root.has("default_days") {
        return None;
    }
    let days = root.count("default_days", DAYS_MOST).and_then(|days| u32::try_from(days).ok())?;
    let asks = |segment: &Segment| segment.delinquency.is_some() || segment.defaulted;
    if !segments.iter().any(asks) {
        root.find("A0220", "default_days", &[("key", "roll".to_string())]);
    }
    for segment in segments {
        let Some(rates) = &segment.delinquency else { continue };
        let Some(shorter) = rates.beyond(days) else {
            let finding = Finding::new("A0267", segment.origin.clone())
                .with("segment", segment.name.both())
                .with("days", days)
                .with("most", rates.default_days());
            document.find(finding);
            continue;
        };
        segment.delinquency = Some(shorter);
    }
    Some(days)
}

/// All segments default after the same number of buckets.
fn same_buckets(document: &Document, segments: &mut [Segment]) {
    let buckets = |segment: &Segment| segment.delinquency.as_ref().map(Delinquency::buckets);
    let Some(first) = segments.iter().find_map(buckets) else { return };
    for segment in segments {
        let Some(own) = buckets(segment).filter(|own| *own != first) else { continue };
        let finding = Finding::new("A0226", segment.origin.clone())
            .with("segment", segment.name.both())
            .with("buckets", own)
            .with("first", first);
        document.find(finding);
        segment.delinquency = None;
    }
}

fn segment(section: Section, place: usize, last: bool) -> Segment {
    let name = section.bilingual("name").unwrap_or_else(|| Text {
        zh: format!("分组 {}", place + 1),
        en: format!("Segment {}", place + 1),
    });
    let filter = section.pairs("where");
    if !section.has("where") && !last {
        section.find("A0206", "name", &[("name", name.both())]);
    }
    one_of(&section, &["cpr", "smm", "abs_speed"]);
    let [cpr, smm, abs] = ["cpr", "smm", "abs_speed"].map(|key| curve(&section, key));
    let prepayment = cpr
        .map(Prepayment::Cpr)
        .or(smm.map(Prepayment::Smm))
        .or(abs.map(Prepayment::Abs))
        .unwrap_or(Prepayment::None);
    let segment = Segment {
        origin: section.origin("where"),
        name,
        subpool: None,
        filter,
        prepayment,
        default: defaults(&section),
        recovery: recovery(&section),
        by_age: section.choice("by", &[("month", false), ("age", true)]).unwrap_or(false),
        recovery_cost: section.rate("recovery_cost", SHARE_MOST).unwrap_or(Rate::ZERO),
        disposal: super::disposal::read(&section),
        defaulted: section.flag("defaulted").unwrap_or(false),
        delinquency: super::delinquency::read(&section),
        dilution: super::dilution::read(&section),
        repurchase: super::repurchase::read(&section),
        line: super::credit_line::read(&section),
        shock: None,
    };
    section.finish();
    segment
}

pub(super) fn curve(section: &Section, key: &'static str) -> Option<Curve> {
    curve_below(section, key, MOST)
}

/// A curve whose rates are below `most`.
pub(super) fn curve_below(section: &Section, key: &'static str, most: Rate) -> Option<Curve> {
    if !section.has(key) {
        return None;
    }
    if let Some(ramp) = section.is_table(key).then(|| section.section(key)).flatten() {
        for key in ["from", "to", "months"] {
            if !ramp.has(key) {
                ramp.missing(key);
            }
        }
        let from = ramp.rate("from", most).unwrap_or(Rate::ZERO);
        let to = ramp.rate("to", most).unwrap_or(Rate::ZERO);
        let months = ramp.count("months", 600).unwrap_or(1);
        ramp.finish();
        return Some(Curve::Ramp { from, to, months: u32::try_from(months).expect("at most 600") });
    }
    let rates = section.rates(key, most)?;
    if rates.is_empty() && !section.reported_any(&[key]) {
        section.wrong_kind(key, "[0.01, 0.02, …]");
    }
    Some(if rates.len() == 1 { Curve::Constant(rates[0]) } else { Curve::Vector(rates) })
}

fn defaults(section: &Section) -> Defaults {
    let (cdr, mdr) = (curve(section, "cdr"), curve(section, "mdr"));
    let ratio = section.rate("cumulative_default_ratio", MOST);
    let timing = section.rates("default_timing", SHARE_MOST);
    one_of(section, &["cdr", "mdr", "cumulative_default_ratio", "roll"]);
    if let Some(ratio) = ratio {
        if !section.has("default_timing") {
            section.missing("default_timing");
        }
        let timing = timing.unwrap_or_default();
        sums_to_one(section, "default_timing", &timing);
        return Defaults::Cumulative { ratio, timing };
    }
    if timing.is_some() && !section.has("cumulative_default_ratio") {
        section.missing("cumulative_default_ratio");
    }
    cdr.map(Defaults::Cdr).or(mdr.map(Defaults::Mdr)).unwrap_or(Defaults::None)
}

/// Reports the second of keys that say the same thing in different ways.
fn one_of(section: &Section, keys: &[&'static str]) {
    let given: Vec<&'static str> = keys.iter().copied().filter(|key| section.has(key)).collect();
    if let [first, second, ..] = given[..] {
        section.find("A0201", second, &[("other", first.to_string())]);
    }
}

fn recovery(section: &Section) -> Option<Recovery> {
    const OF: [(&str, RecoveryBase); 2] =
        [("defaulted", RecoveryBase::Defaulted), ("outstanding", RecoveryBase::Outstanding)];
    let rate = section.rate("recovery_rate", SHARE_MOST);
    let lag = section.rates("recovery_lag", SHARE_MOST);
    if lag.is_some() && !section.has("recovery_rate") {
        section.missing("recovery_rate");
    }
    let lag = lag.unwrap_or_else(|| vec![Rate::ONE]);
    sums_to_one(section, "recovery_lag", &lag);
    let of = section.choice("recovery_of", &OF).unwrap_or_default();
    let is_known = section.has("defaulted") || section.has("roll");
    let lacks = [("recovery_rate", section.has("recovery_rate")), ("defaulted", is_known)];
    if let Some((key, _)) = lacks.into_iter().find(|(_, has)| !has)
        && section.has("recovery_of")
    {
        section.find("A0220", "recovery_of", &[("key", key.to_string())]);
    }
    rate.map(|rate| Recovery { rate, lag, of, delay: 0 })
}

pub(super) fn sums_to_one(section: &Section, key: &'static str, shares: &[Rate]) {
    let sum = shares.iter().fold(0_i64, |sum, share| sum.saturating_add(share.parts()));
    if sum != Rate::ONE.parts() && !section.reported_any(&[key]) {
        section.find("A0202", key, &[("sum", Rate::from_parts(sum).to_string())]);
    }
}
