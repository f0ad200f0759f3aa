//! The rows of a tape block by block: each is taken and forgotten, so that memory does not depend on
//! how many there are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Reader, held, sorted};
use crate::tape::intern::Interner;
use crate::tape::mapping::Mapping;
use crate::tape::privacy::{People, Privacy};
use crate::tape::source::Source;
use crate::tape::{Error, Faults, Tape, TapeManifest};

/// Who takes the blocks, and what he wants of them.
pub(super) struct Blocks<'b> {
    /// Rows of a block.
    rows: usize,
    /// The text columns that are kept.
    pub(super) texts: &'b BTreeSet<String>,
    /// Takes a tape of the rows at hand alone, without what is found.
    take: &'b mut dyn FnMut(Tape),
    /// Whose names are masked: known from an earlier reading, since they may stand in any row.
    people: Option<&'b People>,
    /// What kept the registry from being read.
    failed: Option<Error>,
    /// Whether the registry was read, and what was found about it.
    registry: Option<Vec<crate::finding::Finding>>,
}

/// Whether a tape is one table of one file, which can be read block by block.
///
/// # Errors
///
/// When the file cannot be opened, or is no table.
pub(crate) fn is_one_table(path: &Path, mapping: &Mapping) -> Result<bool, Error> {
    Ok(mapping.schedule.is_none() && Source::is_one_table(path)?)
}

/// Reads a tape like [`read_keeping`](super::read_keeping), handing its rows on in blocks: each is a
/// tape of its rows with the text columns that are wanted, in which the people of an earlier reading
/// are masked. What comes back has all findings and no rows; of its text columns only the names.
///
/// # Errors
///
/// As [`read`](super::read).
pub(crate) fn read_in_blocks(
    path: &Path,
    mapping: &Mapping,
    most: usize,
    (rows, texts, known): (usize, &BTreeSet<String>, Option<&Privacy>),
    take: &mut dyn FnMut(Tape),
) -> Result<Tape, Error> {
    let mut source = Source::open(path)?;
    let mut reader = Reader::new(path, mapping)?;
    reader.tape.faults = Faults::keeping(most);
    let people = known.map(|privacy| &privacy.people);
    reader.blocks = Some(Blocks { rows, texts, take, people, failed: None, registry: None });
    reader.all(&mut source)?;
    let Blocks { failed, registry, .. } = reader.blocks.take().expect("set above");
    if let Some(error) = failed {
        return Err(error);
    }
    let mut tape = reader.finish();
    match registry {
        Some(findings) => tape.findings.extend(findings),
        None => held(&mut tape, mapping)?,
    }
    Ok(tape)
}

impl Reader<'_> {
    /// Hands the rows at hand on when they fill a block.
    #[inline]
    pub(super) fn hand_on_full(&mut self) {
        let rows = self.tape.rows.len();
        if self.blocks.as_ref().is_some_and(|blocks| rows >= blocks.rows) {
            self.hand_on();
        }
    }

    /// Hands the rows at hand on, where somebody takes them.
    pub(super) fn hand_on(&mut self) {
        let Some(mut blocks) = self.blocks.take() else { return };
        if blocks.registry.is_none() {
            // The rows are compared with it; what it says of itself is told at the end.
            let told = self.tape.findings.len();
            blocks.failed = held(&mut self.tape, self.mapping).err();
            blocks.registry = Some(self.tape.findings.split_off(told));
        }
        if let Some(people) = blocks.people {
            self.mask_texts(people);
        }
        self.lines_alone = self.is_all_revolving();
        let mut texts = BTreeMap::new();
        for column in self.texts.iter_mut().filter(|column| column.is_kept) {
            let interner = std::mem::take(&mut column.interner);
            let codes = std::mem::take(&mut column.codes);
            let values = self.mapping.values.get(&column.name);
            texts.insert(column.name.clone(), sorted(interner, codes, values));
            column.default = start(&mut column.interner, &column.constant);
        }
        let next = Vec::with_capacity(self.tape.rows.capacity());
        let rows = std::mem::replace(&mut self.tape.rows, next);
        self.taken += rows.len();
        if !rows.is_empty() && blocks.failed.is_none() {
            (blocks.take)(Tape { rows, texts, ..self.without_rows() });
        }
        self.blocks = Some(blocks);
    }

    /// What a row is read against.
    fn without_rows(&self) -> Tape {
        let tape = &self.tape;
        let manifest = TapeManifest {
            file: tape.manifest.file.clone(),
            sheets: tape.manifest.sheets.clone(),
            columns: tape.manifest.columns.clone(),
            privacy: tape.manifest.privacy.clone(),
            ..TapeManifest::default()
        };
        Tape {
            manifest,
            registry: tape.registry.clone(),
            rate_units: tape.rate_units.clone(),
            months_after_origination: tape.months_after_origination,
            provided: tape.provided.clone(),
            faults: tape.faults.emptied(),
            ..Tape::default()
        }
    }
}

/// The code of a column's own text among no others.
fn start(interner: &mut Interner, constant: &str) -> u32 {
    interner.code("");
    interner.code(constant)
}
