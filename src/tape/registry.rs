//! The registry: receivables that other deals have bought or taken in pledge.
//!
//! ```text
//! 借据号        交易        状态   解除日
//! JD20250001   京诚 1 号   已售               the id as tapes write it, or its keyed hash (#…)
//! JD20250002   授信 7      质押   2025-11-30   released: held no more from that day on
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::cell::{Cell, Reading, letters};
use super::field::Field;
use super::header::{Header, aliases, normal};
use super::source::Source;
use super::{Error, Privacy, Treatment};
use crate::finding::{Finding, Origin};

/// What a registry says of one receivable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The deal that holds it.
    pub deal: String,
    /// Sold or pledged, as the registry says.
    pub status: String,
    /// From when on it is held no more.
    pub released: Option<NaiveDate>,
    /// Where the registry says so.
    pub place: String,
}

/// The receivables that other deals hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    held: BTreeMap<String, Vec<Held>>,
    has_hashes: bool,
}

impl Registry {
    /// Reads a registry: the first sheet of a workbook, or a text table.
    pub(super) fn read(
        path: &Path,
        own: Option<&str>,
        (privacy, treatment): (&Privacy, Treatment),
    ) -> Result<(Registry, Vec<Finding>), Error> {
        let mut source = Source::open(path)?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let sheet = source.sheets().into_iter().next().map(|sheet| sheet.name).unwrap_or_default();
        let mut registry = Registry::default();
        let (mut columns, mut seen, mut findings) = (None::<Columns>, String::new(), Vec::new());
        source.rows(&sheet, &mut |number, cells| {
            let Some(columns) = &columns else {
                columns = Columns::of(cells);
                if seen.is_empty() {
                    let texts = cells.iter().map(|cell| privacy.unknown(cell.raw.text()).into());
                    seen = texts.collect::<Vec<String>>().join(", ");
                }
                return columns.is_some() || number < 20;
            };
            let text = |column: Option<usize>| {
                let cell = cells.iter().find(|cell| Some(cell.column) == column);
                cell.map(|cell| cell.raw.text().trim().to_string()).unwrap_or_default()
            };
            let id = text(Some(columns.id));
            let shown = |column| privacy.unknown(text(column).into()).into_owned();
            let deal = shown(columns.deal);
            if id.is_empty() || own.is_some_and(|own| normal(own) == normal(&deal)) {
                return true;
            }
            let released = cells.iter().find(|cell| Some(cell.column) == columns.released);
            let released = match released.map(|cell| cell.raw.date(false)) {
                Some(Reading::Is(day)) => Some(day),
                Some(Reading::Fault(_)) => {
                    let column = columns.released.map(letters).unwrap_or_default();
                    let origin = Origin::cell(&file, &sheet, format!("{column}{number}"));
                    let text = privacy.unknown(text(columns.released).into()).into_owned();
                    findings.push(Finding::new("T0037", origin).with("text", text));
                    None
                }
                Some(Reading::Missing) | None => None,
            };
            let place = Origin::cell(&file, &sheet, format!("{}{number}", letters(columns.id)));
            let held =
                Held { deal, status: shown(columns.status), released, place: place.to_string() };
            registry.has_hashes |= id.starts_with('#');
            let id = privacy.text(treatment, Cow::Owned(id)).into_owned();
            registry.held.entry(id).or_default().push(held);
            true
        })?;
        if columns.is_none() {
            findings
                .push(Finding::new("T0036", Origin::cell(&file, &sheet, "")).with("seen", seen));
        }
        Ok((registry, findings))
    }

    /// Whoever holds a receivable on a day, by its id or by the keyed hash of it.
    pub(crate) fn holder(&self, id: &str, day: NaiveDate, privacy: &Privacy) -> Option<&Held> {
        let hashed = || self.has_hashes.then(|| self.held.get(&privacy.hash(id))).flatten();
        let held = self.held.get(id).or_else(hashed)?;
        held.iter().find(|held| held.released.is_none_or(|released| released > day))
    }
}

/// The columns of a registry.
struct Columns {
    id: usize,
    deal: Option<usize>,
    status: Option<usize>,
    released: Option<usize>,
}

impl Columns {
    /// The columns by their headers, when one of them holds identifiers.
    fn of(cells: &[Cell]) -> Option<Columns> {
        let texts: Vec<(usize, String)> =
            cells.iter().map(|cell| (cell.column, cell.raw.text().into_owned())).collect();
        let is_id = |text: &str| {
            let meaning = Header::new(text).meaning(&aliases().tape);
            meaning.is_some_and(|meaning| meaning.name == Field::ReceivableId.name())
        };
        let find = |is: &dyn Fn(&str) -> bool| {
            texts.iter().find(|(_, text)| is(text)).map(|(column, _)| *column)
        };
        let named = |key: &str| find(&|text| aliases().registry[key].contains(&normal(text)));
        Some(Columns {
            id: find(&is_id)?,
            deal: named("deal"),
            status: named("status"),
            released: named("released"),
        })
    }
}

/// Whether a cell says that there is something: a deal, a lien.
pub(crate) fn says_yes(text: &str) -> bool {
    !super::cell::is_missing(text.trim()) && !aliases().no_words.contains(&normal(text))
}
