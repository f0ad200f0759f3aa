//! The data rows of a sheet, one after another: cells into fields, sums set apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::beside::field_of;
use super::{Reader, SUMMED, Sums, shortened};
use crate::tape::cell::{Cell, Raw, Reading, letters, month_end};
use crate::tape::field::Field;
use crate::tape::header::{Unit, aliases, normal};
use crate::tape::layout::{Headers, Layout, Target};
use crate::tape::mend::{Mended, header_of, overlaid};
use crate::tape::privacy::{Columns, without_names};
use crate::tape::sheet_xml::SheetXml;
use crate::tape::{Fault, Row, RowOrigin};

/// One pass over the data rows of a sheet.
pub(super) struct Pass<'l> {
    pub(super) layout: &'l Layout,
    /// Hidden rows and formulas of the sheet.
    pub(super) beside: &'l SheetXml,
    /// What is masked or hashed of each column.
    pub(super) personal: &'l Columns,
    /// The names in the row at hand.
    pub(super) names: Vec<String>,
    pub(super) sheet_name: &'l str,
    pub(super) headers: &'l Headers,
    /// The column of the tape that each column of the mend file means.
    pub(super) bound: &'l BTreeMap<usize, usize>,
    /// For each text column of the layout its index among the reader's.
    pub(super) columns: Vec<usize>,
    pub(super) sheet: u16,
    pub(super) id_column: Option<usize>,
    pub(super) id_is_row: bool,
    pub(super) width: usize,
    pub(super) sums: Sums,
    pub(super) totals: Vec<(u32, Sums)>,
}

impl Pass<'_> {
    pub(super) fn row(&mut self, reader: &mut Reader, number: u32, cells: &[Cell]) {
        if cells.iter().all(|cell| cell.raw.is_missing()) {
            return;
        }
        let mended = match reader.mends.is_empty() {
            true => None,
            false => self.mended(reader, number, cells),
        };
        let cells = mended.as_deref().unwrap_or(cells);
        match self.total(cells) {
            Some(true) => return self.totals.push((number, self.stated(cells))),
            Some(false) => return,
            None => {}
        }
        let origin = RowOrigin { sheet: self.sheet, row: number };
        let mut row = reader.template.clone();
        row.origin = origin;
        if self.id_is_row {
            row.id = number.to_string().into();
        }
        self.names.clear();
        for name in cells.iter().filter(|cell| self.personal.names.contains(&cell.column)) {
            let name = name.raw.text();
            if !reader.people.contains(&*name) {
                reader.people.insert(name.as_ref().into());
            }
            self.names.push(name.into_owned());
        }
        for cell in cells {
            let Some(targets) = self.layout.slots.get(cell.column) else { continue };
            for target in targets {
                self.cell(reader, &mut row, *target, cell);
            }
        }
        // Formulas without a stored value have been told; that their cells are empty is no news.
        for column in self.beside.empty_of(number) {
            let targets = self.layout.slots.get(column).into_iter().flatten();
            targets.filter_map(|target| field_of(*target)).for_each(|field| row.mark(field));
        }
        if let Some(wide) = cells.iter().find(|cell| cell.column > self.width) {
            reader.tape.faults.add("T0018", || {
                Fault::new("T0018", origin, format!("={}", letters(wide.column)))
                    .with("cells", wide.column + 1)
                    .with("headers", self.width + 1)
            });
        }
        self.close(reader, row);
    }

    /// The row as the mend file says that it is; what changes goes into the manifest.
    fn mended<'c>(
        &mut self,
        reader: &mut Reader,
        number: u32,
        cells: &[Cell<'c>],
    ) -> Option<Vec<Cell<'c>>> {
        let at = |column: usize| cells.iter().find(|cell| cell.column == column);
        let id = match self.id_column.filter(|_| !self.id_is_row) {
            Some(column) => at(column).map(|cell| cell.raw.text().into_owned()).unwrap_or_default(),
            None => number.to_string(),
        };
        let privacy = &reader.tape.manifest.privacy;
        let place = (self.sheet_name, number);
        let mut mends = reader.mends.of_row(place, self.bound, || privacy.fingerprint(&id));
        let shown =
            |cell: &Cell| privacy.text(self.personal.of(cell.column), cell.raw.text()).into_owned();
        // What the template shows and nobody changed mends nothing.
        mends.retain(|(column, raw)| {
            at(*column).is_none_or(|cell| {
                let (old, new) = (cell.raw.text(), raw.text());
                old != new && shown(cell) != new
            })
        });
        if mends.is_empty() {
            return None;
        }
        let notes: Vec<Mended> = mends
            .iter()
            .map(|(column, raw)| Mended {
                sheet: self.sheet_name.to_string(),
                cell: format!("{}{number}", letters(*column)),
                header: header_of(self.headers, *column),
                old: at(*column).map(&shown).unwrap_or_default(),
                new: shown(&Cell { column: *column, raw: raw.clone() }),
            })
            .collect();
        reader.tape.manifest.mends.extend(notes);
        Some(overlaid(cells, mends))
    }

    #[inline]
    fn cell(&mut self, reader: &mut Reader, row: &mut Row, target: Target, cell: &Cell) {
        let raw = &cell.raw;
        let (field, outcome) = match target {
            Target::Text(column) => {
                if !raw.is_missing() {
                    let text = self.text(reader, cell);
                    let column = &mut reader.texts[self.columns[column]];
                    column.next = Some(column.interner.code(&text));
                }
                return;
            }
            Target::Field(Field::RateType, unit) => {
                let field = Field::RateType;
                let said = reader.mapping.values.get(field.name());
                let word = said.and_then(|words| words.get(&*raw.text()));
                let word = word.map(|word| Raw::Text(Cow::Borrowed(word)));
                (field, row.set(field, word.as_ref().unwrap_or(raw), unit))
            }
            Target::Field(Field::ReceivableId, unit) => {
                let read = row.set(Field::ReceivableId, raw, unit);
                if read.is_ok()
                    && let Cow::Owned(id) = self.text(reader, cell)
                {
                    row.id = id.into();
                }
                (Field::ReceivableId, read)
            }
            Target::OneRate(unit) => (Field::Rate, row.set_one_of_rates(raw, unit)),
            Target::Field(field, unit) => (field, row.set(field, raw, unit)),
            Target::MonthEnd(field) => (field, month(row, field, raw, month_end)),
            Target::MonthStart(field) => (field, month(row, field, raw, |first| first)),
            Target::DayBefore(field, unit) => (field, day_before(row, field, raw, unit)),
            Target::PaidFrom => (Field::PaidInstalments, paid_from(row, raw)),
        };
        if let Err(code) = outcome {
            row.mark(field);
            let origin = row.origin;
            let text = shortened(&self.text(reader, cell));
            let fault = || {
                Fault::new(code, origin, format!("={}", letters(cell.column)))
                    .with("id", &row.id)
                    .with("field", field.name())
                    .with("text", text)
            };
            reader.tape.faults.add(code, fault);
        }
    }

    /// The text of a cell with what is personal masked or hashed.
    #[inline]
    fn text<'c>(&self, reader: &Reader, cell: &'c Cell) -> Cow<'c, str> {
        let treatment = self.personal.of(cell.column);
        let text = reader.tape.manifest.privacy.text(treatment, cell.raw.text());
        // In its own column a name has its own treatment.
        match self.names.is_empty() || self.personal.names.contains(&cell.column) {
            true => text,
            false => without_names(text, &self.names),
        }
    }

    fn close(&mut self, reader: &mut Reader, row: Row) {
        for (field, amount) in [
            (SUMMED[0], row.original_principal),
            (SUMMED[1], row.outstanding_principal),
            (SUMMED[2], row.overdue_principal),
        ] {
            if let Some(amount) = amount {
                *self.sums.entry(field).or_default() += amount;
            }
        }
        for column in &mut reader.texts {
            if column.row_numbers {
                column.next = Some(column.interner.code(&row.origin.row.to_string()));
            }
            column.codes.push(column.next.take().unwrap_or(column.default));
        }
        reader.tape.rows.push(row);
    }

    /// Whether the row is no receivable: `Some(true)` a row of sums, `Some(false)` a subtotal or a
    /// remark.
    fn total(&self, cells: &[Cell]) -> Option<bool> {
        let first = cells.first()?;
        // Most rows are decided here.
        if self.id_column == Some(first.column) && cells.len() > 1 && !may_open_total(&first.raw) {
            return None;
        }
        let words = &aliases().total_words;
        let word = cells.iter().find_map(|cell| match &cell.raw {
            Raw::Text(text) if text.len() <= 24 && may_open_total(&cell.raw) => {
                let word = normal(text);
                words.contains(&word).then_some(word)
            }
            Raw::Text(_) | Raw::Number { .. } | Raw::Date(_) => None,
        });
        let has_id = cells.iter().any(|cell| Some(cell.column) == self.id_column);
        match word {
            Some(word) if !has_id || self.id_column == Some(first.column) => {
                Some(!(word.starts_with('小') || word.starts_with("sub")))
            }
            // A remark below the table.
            _ if cells.len() == 1 && matches!(first.raw, Raw::Text(_)) && self.is_remark(first) => {
                Some(false)
            }
            Some(_) | None => None,
        }
    }

    fn is_remark(&self, cell: &Cell) -> bool {
        Some(cell.column) != self.id_column || cell.raw.text().contains([' ', ':', '：'])
    }

    fn stated(&self, cells: &[Cell]) -> Sums {
        let mut stated = Sums::new();
        for cell in cells {
            for target in self.layout.slots.get(cell.column).into_iter().flatten() {
                if let Target::Field(field, Unit { money, .. }) = target
                    && SUMMED.contains(field)
                    && let Reading::Is(amount) = cell.raw.amount(money.unwrap_or_default())
                {
                    stated.insert(*field, amount);
                }
            }
        }
        stated
    }
}

fn may_open_total(raw: &Raw) -> bool {
    let Raw::Text(text) = raw else { return false };
    text.trim_start().starts_with(['合', '小', '总', 't', 'T', 's', 'S', 'g', 'G'])
}

fn month(
    row: &mut Row,
    field: Field,
    raw: &Raw,
    day: fn(chrono::NaiveDate) -> chrono::NaiveDate,
) -> Result<(), &'static str> {
    match raw.month() {
        Reading::Is(first) => row.set_date(field, Some(day(first))),
        Reading::Missing => {}
        Reading::Fault(code) => return Err(code),
    }
    Ok(())
}

fn day_before(row: &mut Row, field: Field, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
    match raw.date(unit.serial) {
        Reading::Is(day) => row.set_date(field, day.pred_opt()),
        Reading::Missing => {}
        Reading::Fault(code) => return Err(code),
    }
    Ok(())
}

fn paid_from(row: &mut Row, raw: &Raw) -> Result<(), &'static str> {
    match raw.month() {
        Reading::Is(first) => row.paid_from = Some(first),
        Reading::Missing => {}
        Reading::Fault(code) => return Err(code),
    }
    Ok(())
}
