//! Dimensions and their edges from a file: the defaults compiled in, and the user's own.

use super::{Cut, Dimension};
use crate::config::{Document, Section};
use crate::finding::{Checked, Finding};
use crate::money::{Amount, Rate};
use crate::portfolio::characteristic::{Characteristic, Kind, NUMBER_PLACES};
use crate::portfolio::column::day_parts;

/// The dimensions of an offering document, in its order: `templates/stratification.toml`.
///
/// ```
/// let dimensions = cashfall::portfolio::stratification::defaults();
/// assert_eq!(dimensions[0].of.name(), "outstanding_principal");
/// ```
pub fn defaults() -> Vec<Dimension> {
    let text = include_str!("../../../templates/stratification.toml");
    let (dimensions, findings) = read("stratification.toml", text).into_parts();
    assert!(findings.is_empty(), "the dimensions compiled in are well formed: {findings:?}");
    dimensions
}

/// The dimensions of a file; everything in it that is not understood is a finding with its line.
pub fn read(file: &str, text: &str) -> Checked<Vec<Dimension>> {
    let document = match Document::parse(file, text) {
        Ok(document) => document,
        Err(findings) => return Checked::new(Vec::new(), findings),
    };
    let root = document.root();
    if !root.has("dimension") {
        root.missing("dimension");
    }
    let dimensions = dimensions(root.tables("dimension"), &document);
    root.finish();
    Checked::new(dimensions, document.into_findings())
}

/// The dimensions of blocks of one kind; one that stands twice is a finding.
pub(crate) fn dimensions(sections: Vec<Section>, document: &Document) -> Vec<Dimension> {
    let mut read: Vec<Dimension> = Vec::new();
    for section in sections {
        let origin = section.origin("field");
        let Some(dimension) = dimension(section) else { continue };
        if read.iter().any(|other| other.of == dimension.of) {
            document.find(Finding::new("E0302", origin).with("field", dimension.of.name()));
            continue;
        }
        read.push(dimension);
    }
    read
}

/// The standard dimensions with others in their place, field by field; what is not among them stands
/// behind them.
///
/// ```
/// use cashfall::portfolio::stratification::{Dimension, defaults, with_own};
/// let own = with_own(defaults(), vec![Dimension::each("region"), Dimension::each("channel")]);
/// assert_eq!(own.len(), defaults().len() + 1);
/// assert_eq!(own.last(), Some(&Dimension::each("channel")));
/// ```
pub fn with_own(mut standard: Vec<Dimension>, own: Vec<Dimension>) -> Vec<Dimension> {
    for dimension in own {
        match standard.iter_mut().find(|other| other.of == dimension.of) {
            Some(other) => *other = dimension,
            None => standard.push(dimension),
        }
    }
    standard
}

fn dimension(section: Section) -> Option<Dimension> {
    const BUCKETS_MOST: i64 = 1_000;
    let of = Characteristic::of(&section.need_text("field"));
    let most = section.count("most", BUCKETS_MOST);
    let zero = section.flag("zero").unwrap_or(false);
    let cut = if section.has("edges") {
        let words = section.words("edges");
        let edges: Option<Vec<i64>> = words.iter().map(|word| edge(word, &of)).collect();
        let rising = edges.filter(|edges| edges.is_sorted_by(|a, b| a < b) && edges.len() > 1);
        if rising.is_none() {
            section.find("E0301", "edges", &[("field", of.name().to_string())]);
        }
        rising.map(|edges| Cut::Edges { edges, zero })
    } else {
        let most = most.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
        Some(Cut::Each { most })
    };
    section.finish();
    Some(Dimension { of, cut: cut? })
}

/// An edge in the parts of a characteristic.
fn edge(word: &str, of: &Characteristic) -> Option<i64> {
    let kind = match of {
        Characteristic::Column(_) => Kind::Number,
        known => known.kind(),
    };
    match kind {
        Kind::Money => word.parse().ok().map(Amount::minor),
        Kind::Rate => word.parse().ok().map(Rate::parts),
        Kind::Count => word.parse().ok(),
        Kind::Date => word.parse().ok().map(day_parts),
        Kind::Number => {
            let number = rust_decimal::Decimal::from_str_exact(word).ok()?;
            let parts = number.checked_mul(10_i64.pow(NUMBER_PLACES).into())?.normalize();
            (parts.scale() == 0).then(|| i64::try_from(parts).ok()).flatten()
        }
        Kind::Text => None,
    }
}
