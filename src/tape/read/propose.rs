//! What a mapping of a tape would say: proposed with reasons, for somebody to confirm.
//!
//! Nothing here is used when a tape is read: what is not certain stands in the proposal as a remark.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::{Reader, samples};
use crate::finding::Origin;
use crate::tape::cell::{MoneyUnit, Raw, Reading, letters};
use crate::tape::field::{ATTRIBUTES, Field, Kind};
use crate::tape::header::{Per, Unit, aliases, period_of};
use crate::tape::layout::{Headers, headers, tape_layout};
use crate::tape::mapping::Mapping;
use crate::tape::privacy::{Columns, Privacy, treatments, without_names};
use crate::tape::source::Source;
use crate::tape::{Error, Treatment};

/// How sure a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nothing is known of the column.
    None,
    /// Its header or its content is like that of the field.
    Likely,
    /// Its header is known, and its content can be read so.
    Certain,
}

/// Why a column is taken for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its header is in the table of aliases.
    Alias,
    /// Its header contains this alias.
    Contains(String),
    /// Another column has the same meaning and stands before it.
    Twice(String),
    /// It tells of persons.
    Personal,
    /// Neither header nor content says what it is.
    Unknown,
}

/// What one column seems to be.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposedColumn {
    /// Column letters.
    pub letters: String,
    /// The header as it stands.
    pub header: String,
    /// The canonical name of the field or attribute.
    pub field: Option<String>,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why.
    pub why: Why,
    /// The unit that the header or the cells state, or that the numbers suggest: `wan_yuan`,
    /// `percent`, `year`, `serial`.
    pub unit: Vec<&'static str>,
    /// Whether the unit is only suggested by the numbers.
    pub unit_is_guess: bool,
    /// Of the cells looked at, how many can be read as the field.
    pub readable: usize,
    /// The cells looked at.
    pub sampled: usize,
    /// Some of its distinct texts, masked where they are personal.
    pub samples: Vec<String>,
}

/// What a mapping of a tape would say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The file.
    pub file: String,
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row of the headers; 0 when none was recognised.
    pub header_row: u32,
    /// Whether the headers were recognised, or are merely the first row that looks like some.
    pub recognised: bool,
    /// The columns in order.
    pub columns: Vec<ProposedColumn>,
    /// Fields that every tape must have and no column seems to be.
    pub missing: Vec<&'static str>,
}

/// Proposes the mapping of the tape at `path` from its headers and the first 200 rows.
///
/// # Errors
///
/// When the file cannot be read as a tape at all.
pub fn propose(path: &Path) -> Result<Proposal, Error> {
    let mapping = Mapping::default();
    let mut source = Source::open(path)?;
    let mut reader = Reader::new(path, &mapping)?;
    let sheets = reader.sheets(&mut source)?;
    let first = source.sheets().into_iter().next().map(|sheet| sheet.name);
    let sheet = sheets.into_iter().next().or(first).unwrap_or_default();
    let recognised = reader.find_headers(&mut source, &sheet)?;
    let is_recognised = recognised.is_some();
    let (header_row, headers, above) = match recognised {
        Some(found) => (found.row, found.headers, found.above),
        None => {
            let (row, headers) = first_texts(&mut source, &sheet)?;
            (row, headers, None)
        }
    };
    let origin = |_| Origin::default();
    let (layout, _) = tape_layout(&headers, &mapping, above.as_ref(), origin);
    let samples = samples(&mut source, &sheet, header_row)?;
    let (columns, _) = treatments(&headers, &layout, (&mapping, &samples), origin);
    let mut proposal = Proposal {
        file: reader.tape.manifest.file.clone(),
        sheet,
        header_row,
        recognised: is_recognised,
        ..Proposal::default()
    };
    let known: BTreeMap<&str, &str> = (layout.columns.iter())
        .map(|(name, (letters, _))| (letters.as_str(), name.as_str()))
        .collect();
    let privacy = (&reader.tape.manifest.privacy, &columns);
    let named = columns.names.iter().filter_map(|column| samples.get(*column));
    let names: Vec<String> = named.flatten().cloned().collect();
    for (column, header) in &headers {
        let place = letters(*column);
        let none = Vec::new();
        let sample = samples.get(*column).unwrap_or(&none);
        let meaning = header.meaning(&aliases().tape);
        let known = known.get(place.as_str()).copied();
        let alias = meaning.map(|meaning| (meaning.name.clone(), meaning.unit()));
        let (field, why, unit) = match (known, alias) {
            (Some(name), Some((_, unit))) => {
                (Some(name.to_string()), Why::Alias, header.unit.or(unit))
            }
            (None, Some((name, unit))) if is_known(&name) => {
                (Some(name.clone()), Why::Twice(name), header.unit.or(unit))
            }
            _ if columns.names.contains(column)
                || matches!(columns.of(*column), Treatment::Mask(_)) =>
            {
                (None, Why::Personal, header.unit)
            }
            _ => match like(header.bare(), &layout.columns) {
                Some((alias, name)) => (Some(name), Why::Contains(alias), header.unit),
                None => (None, Why::Unknown, header.unit),
            },
        };
        let kind = field.as_deref().and_then(Field::of_tape).map(Field::kind);
        let is_of_words =
            why == Why::Alias && field.as_deref().is_some_and(|of| WORDS.contains(&of));
        let unit = match (kind, &above) {
            (Some(Kind::Money), Some(above)) => {
                unit.or(Unit { money: Some(above.unit), ..Unit::default() })
            }
            _ => unit,
        };
        let readable = sample.iter().filter(|text| kind.is_none_or(|k| reads(k, text))).count();
        let well = sample.is_empty() || readable * 5 >= sample.len() * 4;
        let confidence = match why {
            Why::Alias if well => Confidence::Certain,
            Why::Alias | Why::Twice(_) => Confidence::Likely,
            Why::Contains(_) if well => Confidence::Likely,
            Why::Contains(_) | Why::Personal | Why::Unknown => Confidence::None,
        };
        // A percent cell of such a file cannot be told from a fraction.
        let small = || sample.iter().all(|text| text.parse::<f64>().is_ok_and(|rate| rate < 1.0));
        let unit = match kind {
            Some(Kind::Rate) if source.hides_percent() && small() => Unit { percent: None, ..unit },
            _ => unit,
        };
        let (unit, unit_is_guess) = units(kind, unit, sample);
        proposal.columns.push(ProposedColumn {
            letters: place,
            header: match is_recognised {
                true => header.text.clone(),
                // What looks like headers may be the first row of a table without any.
                false => privacy.0.unknown(Cow::Borrowed(&header.text)).into_owned(),
            },
            field: field.filter(|_| confidence > Confidence::None),
            confidence,
            why,
            unit,
            unit_is_guess,
            readable,
            sampled: sample.len(),
            samples: shown(sample, *column, (privacy, &names), is_of_words),
        });
    }
    proposal.missing = missing(&proposal.columns);
    Ok(proposal)
}

/// The first row that is nothing but three or more texts.
fn first_texts(source: &mut Source, sheet: &str) -> Result<(u32, Headers), Error> {
    let mut found = (0, Headers::new());
    source.rows(sheet, &mut |number, cells| {
        let all_texts = cells.iter().all(|cell| matches!(cell.raw, Raw::Text(_)));
        if all_texts && cells.len() >= 3 {
            found = (number, headers(cells));
        }
        found.0 == 0 && number < 20
    })?;
    Ok(found)
}

fn is_known(name: &str) -> bool {
    Field::of_tape(name).is_some() || ATTRIBUTES.contains(&name)
}

/// The longest alias within a header of which no other column has the meaning.
fn like(bare: &str, taken: &BTreeMap<String, (String, String)>) -> Option<(String, String)> {
    let table = aliases().tape.iter();
    let within = table.filter(|(alias, meaning)| {
        let long = alias.chars().count() >= if alias.is_ascii() { 6 } else { 2 };
        long && bare.contains(alias.as_str())
            && is_known(&meaning.name)
            && !taken.contains_key(&meaning.name)
    });
    within
        .max_by_key(|(alias, _)| alias.chars().count())
        .map(|(alias, meaning)| (alias.clone(), meaning.name.clone()))
}

/// Whether a text can be read as a field of that kind, or is empty.
fn reads(kind: Kind, text: &str) -> bool {
    let raw = Raw::Text(Cow::Borrowed(text));
    fn is<T>(reading: &Reading<T>) -> bool {
        matches!(reading, Reading::Is(_) | Reading::Missing)
    }
    match kind {
        Kind::Id => is(&raw.id()),
        Kind::Text => true,
        Kind::Money => is(&raw.amount(MoneyUnit::Yuan)) || is(&raw.amount(MoneyUnit::WanYuan)),
        Kind::Count(most) => is(&raw.count(most)),
        Kind::Date => is(&raw.date(false)) || is_serial(text),
        Kind::Rate => is(&raw.rate()),
        Kind::Period => period_of(text).is_some(),
    }
}

/// A bare number that may be a day between 1990 and 2070.
fn is_serial(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| (32_874..62_094).contains(&number))
}

/// The words of a column's unit, and whether only its numbers suggest it.
fn units(kind: Option<Kind>, stated: Unit, sample: &[String]) -> (Vec<&'static str>, bool) {
    let most = |count: usize| !sample.is_empty() && count * 2 >= sample.len();
    match kind {
        Some(Kind::Money) => match stated.money {
            Some(unit) => (vec![unit.word()], false),
            None => {
                let fine = |text: &&String| {
                    text.rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() > 2)
                };
                let guess = sample.iter().filter(fine).count() * 5 >= sample.len().max(1);
                (if guess { vec!["wan_yuan"] } else { vec!["yuan"] }, true)
            }
        },
        Some(Kind::Rate) => {
            let signed = most(sample.iter().filter(|text| text.contains(['%', '％'])).count());
            let percent = stated.percent.or(signed.then_some(true));
            let percent = percent.map(|is| if is { "percent" } else { "fraction" });
            let per = stated.per.map(|per| match per {
                Per::Year => "year",
                Per::Instalment => "instalment",
                Per::Day => "day",
            });
            (percent.into_iter().chain(per).collect(), false)
        }
        Some(Kind::Date) if most(sample.iter().filter(|text| is_serial(text)).count()) => {
            (vec!["serial"], true)
        }
        Some(Kind::Date | Kind::Id | Kind::Text | Kind::Count(_) | Kind::Period) | None => {
            (Vec::new(), false)
        }
    }
}

/// Fields whose texts are words and never names, whatever they look like: 白条分期.
const WORDS: [&str; 14] = [
    "product",
    "repayment_method",
    "rate_type",
    "status",
    "scene",
    "region",
    "city",
    "occupation",
    "education",
    "gender",
    "income_band",
    "score_band",
    "grade",
    "limit_type",
];

/// Three distinct texts of a column, as anybody may see them.
fn shown(
    sample: &[String],
    column: usize,
    ((privacy, columns), names): ((&Privacy, &Columns), &[String]),
    is_of_words: bool,
) -> Vec<String> {
    let mut shown: Vec<String> = Vec::new();
    for text in sample {
        let text = privacy.text(columns.of(column), Cow::Borrowed(text));
        let text = match is_of_words {
            true => text,
            false => privacy.unknown_in(text, columns.of(column)),
        };
        let text = match columns.names.contains(&column) {
            true => text.into_owned(),
            false => without_names(text, names).into_owned(),
        };
        if shown.len() < 3 && !shown.contains(&text) {
            shown.push(text);
        }
    }
    shown
}

/// Fields that every tape must have and no column is.
fn missing(columns: &[ProposedColumn]) -> Vec<&'static str> {
    let has = |field: &Field| {
        columns.iter().any(|column| {
            column.confidence == Confidence::Certain
                && column.field.as_deref() == Some(field.name())
        })
    };
    super::REQUIRED.iter().filter(|any| !any.iter().any(has)).map(|any| any[0].name()).collect()
}
