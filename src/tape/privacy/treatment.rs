//! Which column is treated how: by what the mapping says, by its header, by its first cells.

use std::collections::BTreeSet;

use super::super::header::aliases;
use super::super::layout::{Headers, Layout};
use super::super::mapping::Mapping;
use super::recognise::{may_be_name, whole};
use super::{Personal, PrivacyTerms, Treatment};
use crate::finding::{Finding, Origin};

/// How many rows of a sheet are looked at.
pub(in crate::tape) const SAMPLED: usize = 200;

/// The treatment of a sheet's columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Columns {
    treatments: Vec<Treatment>,
    /// The columns of names; what stands in them is masked in the whole row.
    pub(in crate::tape) names: Vec<usize>,
}

impl Columns {
    /// The treatment of a column; numbers of persons are masked wherever nothing else is known.
    #[inline]
    pub(in crate::tape) fn of(&self, column: usize) -> Treatment {
        self.treatments.get(column).copied().unwrap_or_default()
    }

    /// The same with another treatment of one column.
    pub(in crate::tape) fn set(&mut self, column: usize, treatment: Treatment) {
        if self.treatments.len() <= column {
            self.treatments.resize(column + 1, Treatment::default());
        }
        self.treatments[column] = treatment;
    }
}

/// Columns that tell things apart: what is personal in them is hashed, so that it still does.
const IDENTIFIERS: [&str; 5] =
    ["receivable_id", "contract_id", "order_id", "obligor_id", "merchant_id"];

/// The treatment of every column, with a note for each that is personal as a whole. `samples` are
/// the first texts of each column.
pub(in crate::tape) fn treatments(
    headers: &Headers,
    layout: &Layout,
    (mapping, samples): (&Mapping, &[Vec<String>]),
    at: impl Fn(usize) -> Origin,
) -> (Columns, Vec<Finding>) {
    let (mut columns, mut findings) = (Columns::default(), Vec::new());
    let last = headers.iter().map(|(column, _)| *column).max().unwrap_or(0);
    let last = last.max(layout.slots.len()).max(samples.len());
    for column in 0..=last {
        let header = headers.iter().find(|(at, _)| *at == column).map(|(_, header)| header);
        let letters = super::super::cell::letters(column);
        let fields: Vec<&str> = layout
            .columns
            .iter()
            .filter(|(_, (of, _))| *of == letters)
            .map(|(name, _)| name.as_str())
            .collect();
        let is_identifier = fields.iter().any(|field| IDENTIFIERS.contains(field));
        let is_ours = !fields.is_empty() && !is_identifier;
        let bare = header.map_or("", |header| header.bare());
        let sample = samples.get(column).map_or(&[][..], Vec::as_slice);
        let names = |texts: &BTreeSet<String>| {
            texts.contains(&letters)
                || header.is_some_and(|header| texts.iter().any(|text| header.is(text)))
                || fields.iter().any(|field| texts.contains(*field))
        };
        let personal = by_header(bare).or_else(|| {
            by_content(sample, is_identifier).filter(|_| !is_ours || known_to_nobody(&fields))
        });
        let treatment = stated(&mapping.privacy, names).unwrap_or(match personal {
            Some(_) if is_identifier => Treatment::Hash,
            Some(kind) => Treatment::Mask(kind),
            None if fields.contains(&"obligor_id") => Treatment::Obligor,
            None if is_identifier => Treatment::Identify,
            None => Treatment::Scan,
        });
        if personal.is_some() && matches!(treatment, Treatment::Hash | Treatment::Mask(_)) {
            let kept = if treatment == Treatment::Hash { "#…" } else { "***" };
            let finding = Finding::new("T0030", at(column))
                .with("column", header.map_or(letters.as_str(), |header| header.text.as_str()))
                .with("kept", kept);
            findings.push(finding);
        }
        if personal == Some(Personal::Name) && treatment != Treatment::Keep {
            columns.names.push(column);
        }
        columns.treatments.push(treatment);
    }
    (columns, findings)
}

/// Whether a column is an attribute of the user's own naming.
fn known_to_nobody(fields: &[&str]) -> bool {
    use super::super::field::{ATTRIBUTES, Field};
    !fields.iter().any(|field| Field::of_tape(field).is_some() || ATTRIBUTES.contains(field))
}

fn stated(terms: &PrivacyTerms, names: impl Fn(&BTreeSet<String>) -> bool) -> Option<Treatment> {
    if names(&terms.keep) {
        return Some(Treatment::Keep);
    }
    if names(&terms.hash) {
        return Some(Treatment::Hash);
    }
    names(&terms.mask).then_some(Treatment::Mask(Personal::Contact))
}

/// What a header says; Chinese words count anywhere in it, others as a whole, and words of staff at
/// its end.
fn by_header(bare: &str) -> Option<Personal> {
    let says = |words: &[String]| {
        words
            .iter()
            .any(|word| if word.is_ascii() { bare == word } else { bare.contains(word.as_str()) })
    };
    let personal = &aliases().personal;
    let is_staff = || {
        let named = bare.strip_suffix("名称").unwrap_or(bare);
        aliases().staff.iter().any(|word| named.ends_with(word.as_str()))
    };
    let said = personal.iter().find(|(_, words)| says(words)).map(|(kind, _)| *kind);
    said.or_else(|| is_staff().then_some(Personal::Name))
}

/// What four of five cells of a column are: names that differ from one another, or, of identifiers,
/// the numbers of persons.
fn by_content(sample: &[String], is_identifier: bool) -> Option<Personal> {
    let most = |count: usize| count * 5 >= sample.len() * 4;
    if sample.len() >= 5 && is_identifier {
        for kind in [Personal::IdNumber, Personal::Phone, Personal::Card] {
            if most(sample.iter().filter(|text| whole(text) == Some(kind)).count()) {
                return Some(kind);
            }
        }
    }
    let distinct: BTreeSet<&String> = sample.iter().collect();
    let is_names = sample.len() >= 8
        && distinct.len() * 5 >= sample.len() * 3
        && most(sample.iter().filter(|text| may_be_name(text)).count());
    is_names.then_some(Personal::Name)
}
