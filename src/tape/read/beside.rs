//! What a sheet says beside its values, told: hidden rows and columns, formulas and what is stored of
//! them.

use std::collections::BTreeSet;

use crate::finding::{Finding, Origin};
use crate::tape::cell::letters;
use crate::tape::layout::{Layout, Target};
use crate::tape::mapping::Hidden;
use crate::tape::sheet_xml::SheetXml;
use crate::tape::{Faults, Field};

/// The rows of a finding: so many ranges at most.
const RANGES: usize = 8;

/// Tells what stands beside the values of the sheets of a file.
pub(in crate::tape) struct Teller<'t> {
    pub(in crate::tape) findings: &'t mut Vec<Finding>,
    pub(in crate::tape) file: &'t str,
    /// What becomes of hidden rows.
    pub(in crate::tape) hidden: Hidden,
}

impl Teller<'_> {
    /// Tells what stands beside the values of a sheet.
    pub(in crate::tape) fn tell(&mut self, sheet: &str, layout: &Layout, beside: &SheetXml) {
        self.hidden_rows(sheet, beside);
        let is_read = |column: usize| layout.slots.get(column).is_some_and(|of| !of.is_empty());
        for column in beside.hidden_columns.iter().flat_map(|(from, to)| *from..=*to) {
            if column >= layout.slots.len() {
                break;
            }
            if is_read(column) {
                let origin = self.column(sheet, column);
                let finding = Finding::new("T0043", origin).with("column", letters(column));
                self.findings.push(finding.with("fields", fields(layout, column)));
            }
        }
        self.merged(sheet, layout, beside);
        self.formulas(sheet, layout, beside);
    }

    /// Cells of several rows that are one: only the first of them has the value.
    fn merged(&mut self, sheet: &str, layout: &Layout, beside: &SheetXml) {
        let is_read = |column: usize| layout.slots.get(column).is_some_and(|of| !of.is_empty());
        let (mut told, mut more) = (Vec::<Finding>::new(), 0);
        for merged in beside.merged.iter().filter(|merged| is_read(merged.column)) {
            if told.len() == Faults::KEPT {
                more += 1;
                continue;
            }
            let place = letters(merged.column);
            let (from, to) = merged.rows;
            let origin = Origin::cell(self.file, sheet, format!("{place}{from}:{place}{to}"));
            let finding = Finding::new("T0056", origin).with("count", to - from + 1);
            told.push(finding.with("fields", fields(layout, merged.column)));
        }
        if let Some(last) = told.last_mut() {
            last.more += more;
        }
        self.findings.extend(told);
    }

    fn hidden_rows(&mut self, sheet: &str, beside: &SheetXml) {
        let count: u32 = beside.hidden_rows.iter().map(|(from, to)| to - from + 1).sum();
        let Some((first, _)) = beside.hidden_rows.first() else { return };
        let code = match self.hidden {
            Hidden::Read => "T0040",
            Hidden::Skip => "T0041",
            Hidden::Refuse => "T0042",
        };
        let origin = Origin::cell(self.file, sheet, format!("{first}:{first}"));
        let finding = Finding::new(code, origin).with("count", count);
        let finding = finding.with("rows", ranges(&beside.hidden_rows));
        self.findings.push(finding);
    }

    fn formulas(&mut self, sheet: &str, layout: &Layout, beside: &SheetXml) {
        let is_read = |column: &usize| layout.slots.get(*column).is_some_and(|of| !of.is_empty());
        let mut counted = Vec::new();
        for (column, of) in beside.formulas.iter().filter(|(column, _)| is_read(column)) {
            let origin = self.column(sheet, *column);
            let named = |code: &'static str| {
                Finding::new(code, origin.clone())
                    .with("column", letters(*column))
                    .with("fields", fields(layout, *column))
                    .with("count", of.count)
            };
            let is_told = beside.is_never_calculated(*column);
            if is_told {
                self.findings.push(named("T0046"));
            }
            let again = beside.recomputed.calculated.get(column).copied().unwrap_or(0);
            if of.count > of.empty + again && !is_told {
                counted.push(format!("{} ({})", letters(*column), of.count - of.empty - again));
            }
            if !is_told {
                self.out_of_date(sheet, layout, *column, beside);
            }
        }
        if !counted.is_empty() {
            let code = if beside.calculated_on_load { "T0047" } else { "T0045" };
            let origin = Origin::cell(self.file, sheet, "");
            let finding = Finding::new(code, origin).with("columns", counted.join(", "));
            self.findings.push(finding);
        }
    }

    /// Formulas of a column that give another value than the one that is stored.
    fn out_of_date(&mut self, sheet: &str, layout: &Layout, column: usize, beside: &SheetXml) {
        let Some(differing) = beside.recomputed.differing.get(&column) else { return };
        let mut told: Vec<Finding> = Vec::new();
        for differs in differing.iter().take(Faults::KEPT) {
            let cell = format!("{}{}", letters(differs.column), differs.row);
            let origin = Origin::cell(self.file, sheet, cell);
            let finding = Finding::new("T0059", origin)
                .with("formula", &differs.formula)
                .with("stored", figure(differs.stored))
                .with("computed", figure(differs.computed));
            told.push(finding.with("fields", fields(layout, column)));
        }
        let count = beside.recomputed.count.get(&column).copied().unwrap_or(0);
        if let Some(last) = told.last_mut() {
            last.more += count.saturating_sub(differing.len().min(Faults::KEPT));
        }
        self.findings.extend(told);
    }

    /// Formulas without a stored value, the first of them at their cells, the others counted. In rows
    /// that are no receivables they are nothing.
    pub(in crate::tape) fn formulas_without_values(
        &mut self,
        (sheet, layout): (&str, &Layout),
        beside: &SheetXml,
        left_out: &BTreeSet<u32>,
    ) {
        let is_read = |column: &usize| layout.slots.get(*column).is_some_and(|of| !of.is_empty());
        let (mut told, mut passed_over) = (Vec::new(), 0);
        for (row, column) in beside.empty.iter().filter(|(_, column)| is_read(column)) {
            if left_out.contains(row) {
                passed_over += 1;
                continue;
            }
            if told.len() == Faults::KEPT {
                continue;
            }
            let cell = format!("{}{row}", letters(*column));
            let origin = Origin::cell(self.file, sheet, cell);
            let fields = fields(layout, *column);
            told.push(Finding::new("T0044", origin).with("fields", fields));
        }
        let all = beside.formulas.iter().filter(|(column, _)| is_read(column));
        let all: usize = all.map(|(_, of)| of.empty).sum();
        let more = all - passed_over - told.len();
        if let Some(last) = told.last_mut() {
            last.more += more;
        }
        self.findings.extend(told);
    }

    fn column(&self, sheet: &str, column: usize) -> Origin {
        let letters = letters(column);
        Origin::cell(self.file, sheet, format!("{letters}:{letters}"))
    }
}

/// Rows from and to, for a sentence: `4, 7–9`.
pub(super) fn ranges(rows: &[(u32, u32)]) -> String {
    let texts = rows.iter().take(RANGES).map(|(from, to)| match from == to {
        true => from.to_string(),
        false => format!("{from}–{to}"),
    });
    let mut texts = texts.collect::<Vec<_>>().join(", ");
    if rows.len() > RANGES {
        texts += ", …";
    }
    texts
}

/// A double in the fewest digits that differ from others by more than the last bits.
fn figure(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if value.abs() < 1e9 { rounded.to_string() } else { value.to_string() }
}

/// What is read from a column.
fn fields(layout: &Layout, column: usize) -> String {
    let letters = letters(column);
    let of = layout.columns.iter().filter(|(_, (other, _))| *other == letters);
    of.map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The field that a target fills, where it is one that a row can lack.
pub(super) fn field_of(target: Target) -> Option<Field> {
    match target {
        Target::Field(field, _)
        | Target::MonthEnd(field)
        | Target::MonthStart(field)
        | Target::DayBefore(field, _) => Some(field),
        Target::OneRate(_) => Some(Field::Rate),
        Target::PaidFrom => Some(Field::PaidInstalments),
        Target::Text(_) => None,
    }
}
