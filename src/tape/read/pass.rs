//! The data rows of a sheet, one after another: cells into fields, sums set apart.

use std::borrow::Cow;

use super::{Reader, SUMMED, Sums, shortened};
use crate::tape::cell::{Cell, Raw, Reading, letters, month_end};
use crate::tape::field::Field;
use crate::tape::header::{Unit, aliases, normal};
use crate::tape::layout::{Layout, Target};
use crate::tape::{Fault, Row, RowOrigin};

/// One pass over the data rows of a sheet.
pub(super) struct Pass<'l> {
    pub(super) layout: &'l Layout,
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
        for cell in cells {
            let Some(targets) = self.layout.slots.get(cell.column) else { continue };
            for target in targets {
                self.cell(reader, &mut row, *target, cell);
            }
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

    #[inline]
    fn cell(&mut self, reader: &mut Reader, row: &mut Row, target: Target, cell: &Cell) {
        let raw = &cell.raw;
        let (field, outcome) = match target {
            Target::Text(column) => {
                let column = &mut reader.texts[self.columns[column]];
                if !raw.is_missing() {
                    column.next = Some(column.interner.code(&raw.text()));
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
            reader.tape.faults.add(code, || {
                Fault::new(code, origin, format!("={}", letters(cell.column)))
                    .with("id", &row.id)
                    .with("field", field.name())
                    .with("text", shortened(&raw.text()))
            });
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
