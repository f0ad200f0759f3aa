//! Reading a file into a [`Tape`]: sheets, headers, rows, totals.

mod attribute;
mod beside;
mod blocks;
mod lines;
mod pass;
mod propose;
mod sums;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use attribute::Check;
pub(super) use beside::Teller;
use blocks::Blocks;
pub(crate) use blocks::{is_one_table, read_in_blocks};
use pass::{Pass, Seen};
pub use propose::{Confidence, Proposal, ProposedColumn, Why, propose};
pub(super) use sums::of_whole;

use super::cell::{Raw, Reading, column_of, letters};
use super::field::{ATTRIBUTES, Field, Kind};
use super::from_text::Encoding;
use super::intern::Interner;
use super::layout::{
    Above, Found, Headers, Layout, Target, headers, headers_of, nearest_header, nearest_name,
    on_two_lines, seen, tape_layout, with_units,
};
use super::mapping::{Derivation, Hidden, Mapping};
use super::mend::{self, Mends};
use super::privacy::{
    ANYWHERE, Columns, IN_KNOWN, People, Privacy, SAMPLED, Treatment, treatments,
};
use super::registry::Registry;
use super::sheet_xml::{self, SheetXml};
use super::source::{Source, hashes};
use super::{Error, Faults, Row, Tape, TapeManifest, Texts, schedule};
use crate::finding::{Finding, Origin};
use crate::money::Amount;

/// Fields that every tape of receivables must have: one of each.
const REQUIRED: [&[Field]; 8] = [
    &[Field::ReceivableId],
    &[Field::OriginalPrincipal],
    &[Field::Instalments],
    &[Field::PaidInstalments, Field::RemainingInstalments],
    &[Field::RepaymentMethod],
    &[Field::Rate],
    &[Field::OriginationDate, Field::FirstDueDate],
    &[Field::FirstDueDate, Field::DueDay],
];

/// The headers must stand within this many rows that are not empty.
const HEADER_ROWS: usize = 20;

/// Reads the tape at `path`: all rows of the receivables' sheets, and the schedule when there is
/// one.
///
/// Money is exact, rates are as written (their unit is applied by the pool), rows of sums are set
/// apart and compared. Whatever is wrong with the content is among the tape's findings.
///
/// # Errors
///
/// When the file cannot be opened, is encrypted, is no table, is too large, or has no sheet of the
/// name that the mapping gives.
pub fn read(path: &Path, mapping: &Mapping) -> Result<Tape, Error> {
    read_keeping(path, mapping, Faults::KEPT)
}

/// The same, with that many findings of one code kept apart instead of counted.
///
/// # Errors
///
/// As [`read`].
pub fn read_keeping(path: &Path, mapping: &Mapping, most: usize) -> Result<Tape, Error> {
    let mut source = Source::open(path)?;
    let mut reader = Reader::new(path, mapping)?;
    reader.tape.faults = Faults::keeping(most);
    reader.all(&mut source)?;
    let mut tape = reader.finish();
    schedule::read(&mut tape, &mut source, mapping)?;
    held(&mut tape, mapping)?;
    Ok(tape)
}

/// A text column while it is filled.
struct TextColumn {
    name: String,
    /// Whether anybody asks for its texts.
    is_kept: bool,
    interner: Interner,
    codes: Vec<u32>,
    default: u32,
    /// The text of rows without one.
    constant: String,
    row_numbers: bool,
    next: Option<u32>,
}

/// Sums of the money columns, for comparison with rows of sums and stated totals.
type Sums = BTreeMap<Field, Amount>;

struct Reader<'m> {
    mapping: &'m Mapping,
    tape: Tape,
    texts: Vec<TextColumn>,
    template: Row,
    sums: Sums,
    /// How many cells of each were rounded.
    rounded: BTreeMap<Field, i64>,
    /// All headers seen, for suggestions.
    headers: Headers,
    /// Whether a sheet with headers was found.
    laid_out: bool,
    mends: Mends,
    /// Who takes the rows block by block; without anybody they are all kept.
    blocks: Option<Blocks<'m>>,
    /// Rows that were taken and forgotten.
    taken: usize,
    /// Everybody who is named in a column of names.
    people: BTreeSet<Box<str>>,
    /// Text columns in which the mapping keeps everything as it is.
    kept: BTreeSet<String>,
    /// Whether the rows that were handed on are credit lines; nothing before the first.
    lines_alone: Option<bool>,
}

const SUMMED: [Field; 3] =
    [Field::OriginalPrincipal, Field::OutstandingPrincipal, Field::OverduePrincipal];

impl<'m> Reader<'m> {
    fn new(path: &Path, mapping: &'m Mapping) -> Result<Reader<'m>, Error> {
        let (sha256, key) = hashes(path)?;
        let manifest = TapeManifest {
            file: path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            sha256,
            privacy: Privacy::new(mapping.privacy.key.as_deref(), key),
            ..TapeManifest::default()
        };
        let mut reader = Reader {
            mapping,
            tape: Tape { manifest, path: path.into(), ..Tape::default() },
            texts: Vec::new(),
            template: Row::default(),
            sums: Sums::new(),
            rounded: BTreeMap::new(),
            headers: Headers::new(),
            laid_out: false,
            mends: Mends::default(),
            blocks: None,
            taken: 0,
            people: BTreeSet::new(),
            kept: BTreeSet::new(),
            lines_alone: None,
        };
        for name in ["product", "repayment_method", "status"] {
            reader.text_column(name);
        }
        reader.constants();
        reader.stated_rules();
        Ok(reader)
    }

    /// Reads everything but the schedule and the registry.
    fn all(&mut self, source: &mut Source) -> Result<(), Error> {
        self.tape.manifest.names_columns = source.names_columns();
        self.mends()?;
        self.encoding(source);
        for sheet in self.sheets(source)? {
            self.sheet(source, &sheet)?;
        }
        self.hand_on();
        self.check_names();
        self.check_provided();
        self.check_controls();
        Ok(())
    }

    /// Reads the file of mends, when there is one.
    fn mends(&mut self) -> Result<(), Error> {
        if let Some(file) = &self.mapping.mend {
            let path = schedule::beside(&self.tape, file);
            self.mends = Mends::read(&path)?;
            self.tape.manifest.mend_path = Some(path);
        }
        Ok(())
    }

    fn constants(&mut self) {
        for (name, constant) in &self.mapping.constants {
            let raw = Raw::Text(Cow::Borrowed(&constant.value));
            match Field::of_tape(name) {
                _ if name == "cutoff" => {
                    if let Reading::Is(date) = raw.date(false) {
                        self.tape.cutoff = Some(date);
                    }
                }
                Some(field) if field.kind() != Kind::Text => {
                    let unit = self.mapping.units.get(name).copied().unwrap_or_default();
                    self.template
                        .set(field, &raw, unit)
                        .expect("the mapping was checked when it was read");
                    self.tape.provided.insert(field);
                }
                field => {
                    let column = self.text_column(name);
                    let code = self.texts[column].interner.code(&constant.value);
                    self.texts[column].default = code;
                    self.texts[column].constant.clone_from(&constant.value);
                    self.tape.provided.extend(field);
                }
            }
        }
    }

    fn stated_rules(&mut self) {
        for (name, rule) in &self.mapping.derive {
            match rule.value {
                Derivation::Row => {
                    if name != Field::ReceivableId.name() {
                        let column = self.text_column(name);
                        self.texts[column].row_numbers = true;
                    }
                }
                Derivation::MonthsAfterOrigination(months) => {
                    self.tape.months_after_origination = Some(months);
                }
                Derivation::MonthEndOf(_)
                | Derivation::MonthStartOf(_)
                | Derivation::DayBefore(_)
                | Derivation::MonthsToCutoff(_) => continue,
            }
            self.tape.provided.extend(Field::of_tape(name));
        }
    }

    fn text_column(&mut self, name: &str) -> usize {
        if let Some(column) = self.texts.iter().position(|column| column.name == name) {
            return column;
        }
        let mut interner = Interner::default();
        let default = interner.code("");
        // Rows of earlier sheets did not have the column.
        let codes = vec![default; self.tape.rows.len()];
        let is_kept = self.blocks.as_ref().is_none_or(|blocks| blocks.texts.contains(name));
        let name = name.to_string();
        self.texts.push(TextColumn {
            name,
            is_kept,
            interner,
            codes,
            default,
            constant: String::new(),
            row_numbers: false,
            next: None,
        });
        self.texts.len() - 1
    }

    fn encoding(&mut self, source: &Source) {
        let code = match source.encoding() {
            None | Some(Encoding::Utf8 | Encoding::Utf16) => return,
            Some(Encoding::Gbk) => "T0016",
            Some(Encoding::Unknown) => "T0017",
        };
        self.tape.findings.push(Finding::new(code, Origin::file(&self.tape.manifest.file)));
    }

    /// The sheets to read: those that the mapping names, or the one that looks like a tape.
    fn sheets(&mut self, source: &mut Source) -> Result<Vec<String>, Error> {
        let present: Vec<String> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
        if !self.mapping.sheets.is_empty() && source.has_sheets() {
            return match self.mapping.sheets.iter().find(|sheet| !present.contains(sheet)) {
                Some(sheet) => Err(Error::NoSuchSheet {
                    path: self.tape.path.clone(),
                    sheet: sheet.clone(),
                    present,
                }),
                None => Ok(self.mapping.sheets.clone()),
            };
        }
        if present.len() <= 1 {
            return Ok(present);
        }
        self.likely_sheets(source)
    }

    fn likely_sheets(&mut self, source: &mut Source) -> Result<Vec<String>, Error> {
        let mut likely = Vec::new();
        for sheet in source.sheets() {
            let is_schedule = schedule::is_schedule_name(&sheet.name);
            if is_schedule && (sheet.visible || self.mapping.schedule.is_some()) {
                continue;
            }
            if !is_schedule && self.find_headers(source, &sheet.name)?.is_none() {
                continue;
            }
            if sheet.visible {
                likely.push(sheet.name);
                continue;
            }
            let origin = Origin::cell(&self.tape.manifest.file, &sheet.name, "");
            self.tape.findings.push(Finding::new("T0020", origin).with("sheet", sheet.name));
        }
        if likely.len() > 1 {
            let origin = Origin::file(&self.tape.manifest.file);
            let sheets = likely.join(", ");
            self.tape.findings.push(Finding::new("T0008", origin).with("sheets", sheets));
            likely.truncate(1);
        }
        if likely.is_empty() {
            let names: Vec<String> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
            let finding = Finding::new("T0005", Origin::file(&self.tape.manifest.file))
                .with("seen", names.join(", "));
            self.tape.findings.push(finding);
        }
        Ok(likely)
    }

    /// The header row of a sheet, when one is recognised or the mapping says where it is. Headers on
    /// two lines are recognised by either, also where the row is stated; the row is the lower one.
    fn find_headers(&self, source: &mut Source, sheet: &str) -> Result<Option<Found>, Error> {
        if self.mapping.header_row == Some(0) {
            return Ok(Some(Found::default()));
        }
        let (mut found, mut before, mut seen) = (None::<Found>, None::<(u32, Headers)>, 0);
        // What is stated nearest to the table counts.
        let mut above = None;
        source.rows(sheet, &mut |number, cells| {
            let two = |row: u32, top: &Headers, bottom: &Headers| {
                (row + 1 == number).then(|| on_two_lines(top, bottom, self.mapping)).flatten()
            };
            let here = headers(cells);
            if let Some(one) = found.take() {
                // A second line below the headers.
                let units = || {
                    let below = one.row + 1 == number;
                    below.then(|| with_units(&one.headers, &here, cells.len())).flatten()
                };
                found = Some(match two(one.row, &one.headers, &here).or_else(units) {
                    Some(both) => {
                        let lines = [one.headers.clone(), here];
                        one.on_two(number, both, lines)
                    }
                    None => one,
                });
                return false;
            }
            let texts = match self.mapping.header_row {
                Some(row) => (row == number).then(|| here.clone()),
                None => headers_of(cells, self.mapping, false),
            };
            let Some(texts) = texts else {
                above = Above::of(number, cells).or(above.take());
                before = Some((number, here));
                seen += 1;
                return self.mapping.header_row.map_or(seen < HEADER_ROWS, |row| number < row);
            };
            let one = Found::new(number, texts, above.take());
            let top = before.take().filter(|(row, _)| row + 1 == number);
            // A stated row may be the line of units below the headers.
            let is_stated = self.mapping.header_row.is_some();
            let units = |top: &Headers| {
                is_stated.then(|| with_units(top, &one.headers, cells.len())).flatten()
            };
            let both = top.as_ref();
            let both =
                both.and_then(|(row, top)| two(*row, top, &one.headers).or_else(|| units(top)));
            let is_whole = both.is_some();
            found = Some(match (both, top) {
                (Some(both), Some((_, top))) => {
                    let lines = [top, one.headers.clone()];
                    one.on_two(number, both, lines)
                }
                // A title may come again with the headers.
                (_, Some((_, top))) => Found { lines: vec![top, one.headers.clone()], ..one },
                (_, None) => one,
            });
            !is_whole
        })?;
        Ok(found)
    }

    fn sheet(&mut self, source: &mut Source, sheet: &str) -> Result<(), Error> {
        let Some(found) = self.find_headers(source, sheet)? else {
            return self.no_headers(source, sheet);
        };
        let Found { row: header_row, headers, above, lines } = found;
        let manifest = self.tape.manifest.clone();
        let at = |column: usize| {
            let header = mend::header_of(&headers, column);
            let cell = manifest.cell(&letters(column), &header, header_row);
            Origin::cell(&manifest.file, sheet, cell)
        };
        let (mut layout, findings) = tape_layout(&headers, self.mapping, above.as_ref(), at);
        layout.header_row = header_row;
        self.tape.findings.extend(findings);
        let samples = samples(source, sheet, header_row)?;
        let (columns, findings) = treatments(&headers, &layout, (self.mapping, &samples), at);
        self.tape.findings.extend(findings);
        self.tape.manifest.privacy.sheets.push(columns.clone());
        let bound = self.mends.bind(&headers, &layout);
        self.headers.extend(headers.iter().cloned());
        self.laid_out = true;
        self.tape.manifest.sheets.push(sheet.to_string());
        self.tape.manifest.header_rows.push(header_row);
        self.tape.manifest.columns.extend(layout.columns.clone());
        self.tape.sheet_columns.push(layout.columns.clone());
        self.tape.provided.extend(layout.columns.keys().filter_map(|name| Field::of_tape(name)));
        self.tape.rate_units.push(layout.rate_unit);
        self.rows(source, sheet, (&layout, &columns), (&headers, &lines, &bound))
    }

    fn no_headers(&mut self, source: &mut Source, sheet: &str) -> Result<(), Error> {
        let mut first = String::new();
        source.rows(sheet, &mut |_, cells| {
            let privacy = &self.tape.manifest.privacy;
            let texts: Vec<String> =
                cells.iter().map(|cell| privacy.unknown(cell.raw.text()).into()).collect();
            first = texts.join(", ");
            false
        })?;
        let origin = Origin::cell(&self.tape.manifest.file, sheet, "");
        self.tape.findings.push(Finding::new("T0005", origin).with("seen", first));
        Ok(())
    }

    fn rows(
        &mut self,
        source: &mut Source,
        sheet: &str,
        (layout, personal): (&Layout, &Columns),
        (headers, lines, bound): (&Headers, &[Headers], &BTreeMap<usize, usize>),
    ) -> Result<(), Error> {
        for (column, targets) in layout.slots.iter().enumerate() {
            if personal.of(column) == Treatment::Keep {
                let text = |target: &Target| match target {
                    Target::Text(text) => Some(layout.texts[*text].clone()),
                    _ => None,
                };
                self.kept.extend(targets.iter().filter_map(text));
            }
        }
        let columns: Vec<usize> = layout.texts.iter().map(|name| self.text_column(name)).collect();
        let index = u16::try_from(self.tape.manifest.sheets.len() - 1)
            .expect("a workbook has fewer than 65536 sheets");
        let is_text = matches!(source, Source::Text(_));
        let beside = match source.has_sheets() {
            false => SheetXml::default(),
            true => sheet_xml::read(&self.tape.path, sheet, layout.header_row)?,
        };
        let file = self.tape.manifest.file.clone();
        if source.hides_rows() {
            self.tape.findings.push(Finding::new("T0058", Origin::cell(&file, sheet, "")));
        }
        let findings = &mut self.tape.findings;
        Teller { findings, file: &file, hidden: self.mapping.hidden }.tell(sheet, layout, &beside);
        let skip = self.mapping.hidden == Hidden::Skip;
        let checks = layout.texts.iter().zip(&layout.text_units);
        let checks = checks.map(|(name, unit)| Check::of(name, *unit, self.mapping)).collect();
        let mut pass = Pass {
            layout,
            beside: &beside,
            personal,
            decimals: self.mapping.decimals,
            names: Vec::new(),
            sheet_name: sheet,
            headers,
            lines,
            bound,
            columns,
            checks,
            sheet: index,
            id_column: layout.slots.iter().position(|targets| targets.iter().any(is_id)),
            id_is_row: self.mapping.derive.contains_key(Field::ReceivableId.name()),
            width: if is_text && layout.header_row > 0 { layout.width } else { usize::MAX },
            seen: Seen::default(),
        };
        source.rows(sheet, &mut |number, cells| {
            if number > layout.header_row && !(skip && beside.is_hidden(number)) {
                pass.row(self, number, cells);
            }
            true
        })?;
        let seen = pass.seen;
        let findings = &mut self.tape.findings;
        Teller { findings, file: &file, hidden: self.mapping.hidden }.formulas_without_values(
            (sheet, layout),
            &beside,
            &seen.without_values,
        );
        self.compare_totals((sheet, layout), &seen);
        self.tell_seen((sheet, layout), &seen, source.hides_percent());
        for (field, count) in &seen.rounded {
            *self.rounded.entry(*field).or_default() += count;
        }
        for (field, sum) in seen.sums {
            *self.sums.entry(field).or_default() += sum;
        }
        Ok(())
    }

    /// Names in the mapping that nothing provides: units and values of columns that are not there.
    fn check_names(&mut self) {
        if !self.laid_out {
            return;
        }
        for name in self.mapping.values.keys() {
            let is_period = Field::of_tape(name).is_some_and(|field| field.kind() == Kind::Period);
            let provided = is_period && self.tape.provided.contains(&Field::RateType);
            if !provided && !self.texts.iter().any(|column| column.name == *name) {
                let near = nearest_name(name).unwrap_or("—");
                let known: Vec<&str> = self.texts.iter().map(|c| c.name.as_str()).collect();
                let finding = Finding::new("T0002", Origin::file(&self.mapping.file))
                    .with("key", format!("values.{name}"))
                    .with("near", near)
                    .with("known", known.join(", "));
                self.tape.findings.push(finding);
            }
        }
    }

    /// Fields that every tape must have, by column, constant or rule. The balance and the
    /// origination may come of the terms; representative lines have a balance, a rate, a remaining
    /// term and a seasoning, and nothing else.
    fn check_provided(&mut self) {
        if !self.laid_out {
            return;
        }
        let provided = |fields: &[Field]| fields.iter().any(|f| self.tape.provided.contains(f));
        // A column that the mapping names and the tape lacks has been told.
        let told = |fields: &[Field]| {
            fields.iter().any(|field| {
                let name = field.name();
                self.mapping.columns.contains_key(name) || self.mapping.derive.contains_key(name)
            })
        };
        let of_lines: [&[Field]; 5] = [
            &[Field::ReceivableId],
            &[Field::OutstandingPrincipal],
            &[Field::RemainingInstalments],
            &[Field::SeasoningMonths],
            &[Field::Rate],
        ];
        let dated = [Field::OriginationDate, Field::FirstDueDate, Field::DueDay];
        let lines = provided(&[Field::SeasoningMonths]) && !provided(&dated);
        let of_credit_lines: [&[Field]; 3] =
            [&[Field::ReceivableId], &[Field::OutstandingPrincipal], &[Field::RepaymentMethod]];
        let required: Vec<&[Field]> = match (self.is_all_revolving() == Some(true), lines) {
            (true, _) => of_credit_lines.into(),
            (false, true) => of_lines.into(),
            (false, false) => REQUIRED.into(),
        };
        let missing: Vec<Field> = required
            .into_iter()
            .filter(|fields| !provided(fields) && !told(fields))
            .map(|fields| fields[0])
            .collect();
        let sheet = self.tape.manifest.sheets.first().cloned().unwrap_or_default();
        let manifest = &self.tape.manifest;
        let row = manifest.header_rows.first().filter(|_| !manifest.names_columns);
        let row = row.map_or(String::new(), u32::to_string);
        for field in missing {
            let near = nearest_header(field.name(), &self.headers);
            let finding =
                Finding::new("T0007", Origin::cell(&self.tape.manifest.file, &sheet, &row))
                    .with("field", field.name())
                    .with("seen", seen(&self.headers))
                    .with("near", near.as_deref().unwrap_or("—"));
            self.tape.findings.push(finding);
        }
    }

    /// Whether all rows, those handed on too, are credit lines, which have no schedule and no terms of
    /// one. Nothing when there are no rows.
    fn is_all_revolving(&self) -> Option<bool> {
        let method = Field::RepaymentMethod.name();
        let Some(column) = self.texts.iter().find(|column| column.name == method) else {
            return Some(false);
        };
        let meanings = self.mapping.values.get(method);
        let codes: std::collections::BTreeSet<u32> = column.codes.iter().copied().collect();
        let revolves = |code: &u32| {
            let text = column.interner.text(*code);
            let text = meanings.and_then(|known| known.get(text)).map_or(text, String::as_str);
            super::field::is_revolving(text)
        };
        let here = (!codes.is_empty()).then(|| codes.iter().all(revolves));
        match (self.lines_alone, here) {
            (Some(before), Some(here)) => Some(before && here),
            (before, here) => before.or(here),
        }
    }

    /// Totals that the mapping states.
    fn check_controls(&mut self) {
        if !self.laid_out {
            return;
        }
        let found = self.taken + self.tape.rows.len();
        if found == 0 {
            let finding = Finding::new("T0014", Origin::file(&self.tape.manifest.file));
            self.tape.findings.push(finding);
        }
        let mut differ = |origin, field: &str, stated: String, sum: String, difference: String| {
            let finding = Finding::new("T0013", origin)
                .with("field", field)
                .with("stated", stated)
                .with("sum", sum)
                .with("difference", difference);
            self.tape.findings.push(finding);
        };
        if let Some(rows) = self.mapping.control_rows.as_ref().filter(|rows| rows.value != found) {
            let difference = i128::from(found as u64) - i128::from(rows.value as u64);
            let origin = self.mapping.origin(rows);
            differ(
                origin,
                "rows",
                rows.value.to_string(),
                found.to_string(),
                difference.to_string(),
            );
        }
        for (field, total) in &self.mapping.control {
            let sum = self.sums.get(field).copied().unwrap_or_default();
            let slack = sums::slack(self.rounded.get(field).copied().unwrap_or_default());
            if (sum - total.value).minor().abs() > slack {
                let difference = (sum - total.value).to_string();
                let origin = self.mapping.origin(total);
                differ(origin, field.name(), total.value.to_string(), sum.to_string(), difference);
            }
        }
    }

    /// Masks names wherever they stand: only now all of them are known.
    fn mask_people(&mut self) {
        let people = People::of(std::mem::take(&mut self.people));
        self.mask_texts(&people);
        let mask = |text: &mut String| {
            if let Cow::Owned(masked) = people.masked(text.as_str().into(), ANYWHERE) {
                *text = masked;
            }
        };
        let faults = self.tape.faults.kept_mut().flat_map(|fault| &mut fault.facts);
        faults.for_each(|(_, text)| mask(text));
        let mends = self.tape.manifest.mends.iter_mut();
        mends.flat_map(|mended| [&mut mended.old, &mut mended.new]).for_each(mask);
        self.tape.manifest.privacy.people = people;
    }

    /// Masks names in the text columns.
    fn mask_texts(&mut self, people: &People) {
        for column in self.texts.iter_mut().filter(|column| !self.kept.contains(&column.name)) {
            let known = Field::of_tape(&column.name).is_some()
                || ATTRIBUTES.contains(&column.name.as_str());
            let least = if known { IN_KNOWN } else { ANYWHERE };
            column.interner.replace(|text| people.masked(text.into(), least));
        }
    }

    fn finish(mut self) -> Tape {
        self.tape.findings.extend(std::mem::take(&mut self.mends).into_findings());
        self.mask_people();
        for column in std::mem::take(&mut self.texts) {
            let values = self.mapping.values.get(&column.name);
            let name = column.name.clone();
            self.tape.texts.insert(name, sorted(column.interner, column.codes, values));
        }
        self.tape.manifest.rows = self.taken + self.tape.rows.len();
        let notes = mend::notes(&self.tape.manifest);
        self.tape.findings.extend(notes);
        self.tape
    }
}

/// Reads the registry of receivables that other deals hold, when there is one.
fn held(tape: &mut Tape, mapping: &Mapping) -> Result<(), Error> {
    let Some(of) = &mapping.registry else { return Ok(()) };
    let path = schedule::beside(tape, &of.file);
    let column = tape.sheet_columns.first().and_then(|columns| {
        columns.get(Field::ReceivableId.name()).and_then(|(letters, _)| column_of(letters))
    });
    let privacy = &tape.manifest.privacy;
    let treatment = column.zip(privacy.sheets.first()).map(|(column, sheet)| sheet.of(column));
    let of_id = (privacy, treatment.unwrap_or_default());
    let (registry, findings) = Registry::read(&path, of.own.as_deref(), of_id)?;
    tape.findings.extend(findings);
    tape.registry = Some(Arc::new(registry));
    tape.manifest.registry_path = Some(path);
    Ok(())
}

/// The first texts of each column of a sheet, below its headers.
pub(super) fn samples(
    source: &mut Source,
    sheet: &str,
    header_row: u32,
) -> Result<Vec<Vec<String>>, Error> {
    let (mut samples, mut seen) = (Vec::<Vec<String>>::new(), 0);
    source.rows(sheet, &mut |number, cells| {
        if number > header_row {
            seen += 1;
            for cell in cells.iter().filter(|cell| !cell.raw.is_missing()) {
                if samples.len() <= cell.column {
                    samples.resize(cell.column + 1, Vec::new());
                }
                samples[cell.column].push(cell.raw.text().into_owned());
            }
        }
        seen < SAMPLED
    })?;
    Ok(samples)
}

/// The column with its texts replaced by what they stand for, and put in order.
fn sorted(
    interner: Interner,
    mut codes: Vec<u32>,
    stand_for: Option<&BTreeMap<String, String>>,
) -> Texts {
    let mut texts = interner.into_texts();
    for text in &mut texts {
        if let Some(meaning) = stand_for.and_then(|meanings| meanings.get(&**text)) {
            *text = meaning.as_str().into();
        }
    }
    let mut ranks = vec![u32::MAX; texts.len()];
    codes.iter().for_each(|code| ranks[*code as usize] = 0);
    let mut order: Vec<usize> = (0..texts.len()).filter(|index| ranks[*index] == 0).collect();
    order.par_sort_unstable_by(|a, b| texts[*a].cmp(&texts[*b]));
    let mut values: Vec<Box<str>> = Vec::with_capacity(order.len());
    for index in order {
        let text = std::mem::take(&mut texts[index]);
        if values.last() != Some(&text) {
            values.push(text);
        }
        ranks[index] = u32::try_from(values.len() - 1).expect("a sheet has fewer than 2^32 texts");
    }
    codes.iter_mut().for_each(|code| *code = ranks[*code as usize]);
    Texts { values, codes }
}

fn is_id(target: &Target) -> bool {
    matches!(target, Target::Field(Field::ReceivableId, _))
}

/// At most forty characters of a cell, for a sentence.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::aliases;

    #[test]
    fn every_field_and_attribute_has_an_alias() {
        for field in super::super::field::TAPE {
            assert!(aliases().tape.values().any(|m| m.name == field.name()), "{}", field.name());
        }
    }
}
