//! The data rows of a sheet, one after another: cells into fields, sums set apart.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::attribute::{Check, Figures};
use super::beside::field_of;
use super::lines::{LongIds, OtherTable};
use super::sums::{SumRow, may_name_sum, of_whole};
use super::{Reader, SUMMED, Sums, shortened};
use crate::money::{Amount, Rate};
use crate::tape::cell::{Cell, Raw, Reading, letters, month_end};
use crate::tape::field::{Field, Kind};
use crate::tape::header::Unit;
use crate::tape::layout::{Headers, Layout, Target};
use crate::tape::mend::{Mended, header_of, overlaid};
use crate::tape::privacy::{Columns, without_names};
use crate::tape::sheet_xml::SheetXml;
use crate::tape::{Decimals, Fault, MoneyUnit, Row, RowOrigin};

/// One pass over the data rows of a sheet.
pub(super) struct Pass<'l> {
    pub(super) layout: &'l Layout,
    /// Hidden rows and formulas of the sheet.
    pub(super) beside: &'l SheetXml,
    /// What is masked or hashed of each column.
    pub(super) personal: &'l Columns,
    /// What becomes of money with more than two decimals.
    pub(super) decimals: Decimals,
    /// The names in the row at hand.
    pub(super) names: Vec<String>,
    pub(super) sheet_name: &'l str,
    pub(super) headers: &'l Headers,
    /// The lines of the headers as they stand.
    pub(super) lines: &'l [Headers],
    /// The column of the tape that each column of the mend file means.
    pub(super) bound: &'l BTreeMap<usize, usize>,
    /// For each text column of the layout its index among the reader's.
    pub(super) columns: Vec<usize>,
    /// For each of them how its cells must read.
    pub(super) checks: Vec<Option<Check>>,
    pub(super) sheet: u16,
    pub(super) id_column: Option<usize>,
    pub(super) id_is_row: bool,
    pub(super) width: usize,
    pub(super) seen: Seen,
}

/// What was seen in a sheet, row by row.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Sums of the money columns.
    pub(super) sums: Sums,
    /// Rows of sums.
    pub(super) totals: Vec<SumRow>,
    /// How many cells of a money column were rounded.
    pub(super) rounded: BTreeMap<Field, i64>,
    /// Rows that are no receivables and no sums, from and to.
    pub(super) left_out: Vec<(u32, u32)>,
    /// Rows that are no receivables and have formulas without a stored value.
    pub(super) without_values: BTreeSet<u32>,
    /// Other tables below.
    pub(super) others: Vec<OtherTable>,
    /// Whether the rows at hand are of such a table.
    is_over: bool,
    pub(super) long_ids: LongIds,
    /// The highest rate that is a plain number.
    pub(super) rate_most: Option<Rate>,
    /// The attributes of the row at hand.
    figures: Figures,
}

impl Seen {
    fn leave_out(&mut self, row: u32) {
        match self.left_out.last_mut() {
            Some((_, to)) if *to + 1 == row => *to = row,
            Some(_) | None => self.left_out.push((row, row)),
        }
    }
}

/// A row that is no receivable.
enum Line {
    /// A row of sums, of the whole table or of a part.
    Sum { is_whole: bool },
    /// Headers again.
    Headers,
    /// The headers of another table.
    Other(OtherTable),
    /// A remark.
    Remark,
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
        let line = self.line(number, cells);
        if (line.is_some() || self.seen.is_over) && self.beside.empty_of(number).next().is_some() {
            self.seen.without_values.insert(number);
        }
        if let Some(line) = line {
            return self.leave(number, line, cells);
        }
        if self.seen.is_over {
            let other = self.seen.others.last_mut();
            other.expect("a table that is over is followed by another").rows += 1;
            return;
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
            if self.beside.is_never_calculated(cell.column) {
                // The column has been told; its zeros are no figures.
                targets.iter().filter_map(|target| field_of(*target)).for_each(|f| row.mark(f));
                continue;
            }
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
            .map(|(column, raw)| (column, raw, header_of(self.headers, *column)))
            .map(|(column, raw, header)| Mended {
                sheet: self.sheet_name.to_string(),
                cell: reader.tape.manifest.cell(&letters(*column), &header, number),
                header,
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
                if raw.is_missing() {
                    return;
                }
                let own =
                    self.checks[column].and_then(|check| self.check(reader, row, check, cell));
                if reader.texts[self.columns[column]].is_kept {
                    let text = own.map_or_else(|| self.text(reader, cell), Cow::Owned);
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
                if let Raw::Text(text) = raw {
                    self.seen.long_ids.see(text.trim(), row.origin.row);
                }
                if read.is_ok()
                    && let Cow::Owned(id) = self.text(reader, cell)
                {
                    row.id = id.into();
                }
                (Field::ReceivableId, read)
            }
            Target::OneRate(unit) => (Field::Rate, row.set_one_of_rates(raw, unit)),
            Target::Field(field, unit) if unit.serial && self.beside.from_1904 => {
                (field, row.set(field, &from_1904(raw), unit))
            }
            Target::Field(field, unit) => {
                let rounds = self.decimals == Decimals::Round && field.kind() == Kind::Money;
                let money = unit.money.unwrap_or_default();
                let outcome = match rounds.then(|| raw.rounded(money)).flatten() {
                    Some(amount) => self.rounded(reader, row, (field, unit), (cell, amount)),
                    None => row.set(field, raw, unit),
                };
                (field, outcome)
            }
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

    /// Sets money with more decimals than the minor unit as it is rounded, and tells so.
    fn rounded(
        &mut self,
        reader: &mut Reader,
        row: &mut Row,
        (field, unit): (Field, Unit),
        (cell, amount): (&Cell, Amount),
    ) -> Result<(), &'static str> {
        let text = Raw::Text(Cow::Owned(amount.to_string()));
        row.set(field, &text, Unit { money: Some(MoneyUnit::Yuan), ..unit })?;
        *self.seen.rounded.entry(field).or_default() += 1;
        let (origin, text) = (row.origin, shortened(&self.text(reader, cell)));
        reader.tape.faults.add("T0061", || {
            Fault::new("T0061", origin, format!("={}", letters(cell.column)))
                .with("id", &row.id)
                .with("field", field.name())
                .with("text", text)
                .with("amount", amount)
        });
        Ok(())
    }

    /// Looks at a cell of an attribute that is a figure; the text to keep where that is another one.
    fn check(
        &mut self,
        reader: &mut Reader,
        row: &mut Row,
        check: Check,
        cell: &Cell,
    ) -> Option<String> {
        match check.read(&cell.raw) {
            Ok(said) => {
                self.seen.figures.note(check.name, said);
                check.in_major_unit(said)
            }
            Err(code) => {
                if code != "P0182" {
                    row.mark(Field::ReceivableId);
                }
                let (origin, text) = (row.origin, shortened(&self.text(reader, cell)));
                let fault = || {
                    Fault::new(code, origin, format!("={}", letters(cell.column)))
                        .with("id", &row.id)
                        .with("field", check.name)
                        .with("text", text)
                };
                reader.tape.faults.add(code, fault);
                None
            }
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
        for fault in std::mem::take(&mut self.seen.figures).faults(&row) {
            reader.tape.faults.add(fault.code, || fault);
        }
        if !row.rate_is_fraction {
            self.seen.rate_most = self.seen.rate_most.max(row.rate);
        }
        for (field, amount) in [
            (SUMMED[0], row.original_principal),
            (SUMMED[1], row.outstanding_principal),
            (SUMMED[2], row.overdue_principal),
        ] {
            if let Some(amount) = amount {
                *self.seen.sums.entry(field).or_default() += amount;
            }
        }
        for column in reader.texts.iter_mut().filter(|column| column.is_kept) {
            if column.row_numbers {
                column.next = Some(column.interner.code(&row.origin.row.to_string()));
            }
            column.codes.push(column.next.take().unwrap_or(column.default));
        }
        reader.tape.rows.push(row);
        reader.hand_on_full();
    }

    /// What the row is when it is no receivable.
    fn line(&self, number: u32, cells: &[Cell]) -> Option<Line> {
        if self.is_headers_again(cells) {
            return Some(Line::Headers);
        }
        match self.other_headers(number, cells) {
            Some(Some(other)) => return Some(Line::Other(other)),
            // The same in other words: 借据号, and below it receivable_id.
            Some(None) => return Some(Line::Headers),
            None => {}
        }
        if self.seen.is_over {
            return None;
        }
        if let Some(is_whole) = self.total(cells) {
            return Some(Line::Sum { is_whole });
        }
        let first = cells.first()?;
        let is_text = matches!(first.raw, Raw::Text(_));
        let remark = cells.len() == 1 && is_text && self.is_remark(first);
        (remark || self.is_footer(cells)).then_some(Line::Remark)
    }

    fn leave(&mut self, number: u32, line: Line, cells: &[Cell]) {
        match line {
            Line::Sum { is_whole } => {
                let (stated, above) = (self.stated(cells), self.seen.sums.clone());
                if stated.is_empty() {
                    return self.seen.leave_out(number);
                }
                self.seen.totals.push(SumRow { row: number, is_whole, stated, above });
            }
            Line::Headers => {
                // Below another table the own one goes on.
                self.seen.is_over = false;
                self.seen.leave_out(number);
            }
            Line::Other(other) => {
                self.seen.is_over = true;
                self.seen.others.push(other);
            }
            Line::Remark => self.seen.leave_out(number),
        }
    }

    /// Whether the row is one of sums, and if so whether of the whole table.
    fn total(&self, cells: &[Cell]) -> Option<bool> {
        let first = cells.first()?;
        // Most rows are decided here.
        if self.id_column == Some(first.column) && cells.len() > 1 && !may_name_sum(&first.raw) {
            return None;
        }
        let has_id = cells.iter().any(|cell| Some(cell.column) == self.id_column);
        let is_free = |cell: &Cell| {
            let targets = self.layout.slots.get(cell.column);
            cell.column == first.column && targets.is_none_or(Vec::is_empty)
        };
        cells.iter().find_map(|cell| {
            // A product may be called so; an identifier, or a row without one, is not.
            if has_id && Some(cell.column) != self.id_column && !is_free(cell) {
                return None;
            }
            let Raw::Text(text) = &cell.raw else { return None };
            may_name_sum(&cell.raw).then(|| of_whole(text)).flatten()
        })
    }

    /// Whether the only text of a row is no identifier.
    fn is_remark(&self, cell: &Cell) -> bool {
        let text = cell.raw.text();
        let is_id = text.chars().any(char::is_numeric) && !text.contains([' ', ':', '：']);
        Some(cell.column) != self.id_column || !is_id
    }

    fn stated(&self, cells: &[Cell]) -> Sums {
        let mut stated = Sums::new();
        let amount = |raw: &Raw, unit: MoneyUnit| match raw.amount(unit) {
            Reading::Is(amount) => Some(amount),
            Reading::Fault("P0108") if self.decimals == Decimals::Round => raw.rounded(unit),
            Reading::Missing | Reading::Fault(_) => None,
        };
        for cell in cells {
            for target in self.layout.slots.get(cell.column).into_iter().flatten() {
                if let Target::Field(field, Unit { money, .. }) = target
                    && SUMMED.contains(field)
                    && let Some(amount) = amount(&cell.raw, money.unwrap_or_default())
                {
                    stated.insert(*field, amount);
                }
            }
        }
        stated
    }
}

/// A day serial of a workbook whose calendar begins in 1904, as one of the other calendar.
fn from_1904<'c>(raw: &Raw<'c>) -> Raw<'c> {
    const APART: f64 = 1462.0;
    const LAST: f64 = 110_000.0;
    match raw {
        Raw::Number { value, percent } if *value < LAST => {
            Raw::Number { value: value + APART, percent: *percent }
        }
        other => other.clone(),
    }
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
