//! Inputs: every single-valued input with its key, and whether it was changed since the export.

use super::super::layout::{FIRST_ROW, HEADER_ROW, TOTAL_ROW, VALUE_COLUMN};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name};
use super::Context;
use crate::formula::{InputId, Sort, cell_value};
use crate::model::Input;

/// The column of the value as exported.
const EXPORTED_COLUMN: u16 = 4;
/// The column that says whether the value was changed.
const CHANGED_COLUMN: u16 = 5;

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("inputs").to_string(),
        landscape: true,
        freeze: (FIRST_ROW, 3),
        repeat: Some((HEADER_ROW, HEADER_ROW)),
        tab: Some(0x0070C0),
        widths: vec![(0, 34.0), (1, 30.0), (2, 28.0), (3, 18.0), (4, 18.0), (5, 10.0), (6, 34.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.sheet("inputs"), Kind::Title);
    sheet.text(1, 0, labels.about("inputs"), Kind::Note);
    for (column, key) in
        (0..).zip(["key", "subject", "input", "value", "exported", "changed", "note"])
    {
        sheet.text(HEADER_ROW, column, labels.text(key), Kind::Header);
    }
    for (place, input) in context.layout.model().inputs.iter().enumerate() {
        row(context, InputId(place), input, &mut sheet);
    }
    sheet.text(TOTAL_ROW, 0, labels.text("inputs_changed"), Kind::Strong);
    let changed = Content::Formula(changed_formula(context), 0.0);
    sheet.put(TOTAL_ROW, CHANGED_COLUMN, changed, Kind::Count, Ink::Total);
    sheet
}

/// The sum of the column that says whether inputs were changed.
fn changed_formula(context: &Context) -> String {
    let last = context.layout.input_row(InputId(context.layout.model().inputs.len() - 1));
    let (from, to) = (cell_name(FIRST_ROW, CHANGED_COLUMN), cell_name(last, CHANGED_COLUMN));
    format!("SUM({from}:{to})")
}

/// The cell that counts changed inputs: `Inputs!F6`.
pub(super) fn changed_cell(context: &Context) -> String {
    format!("{}!{}", context.layout.sheet("inputs"), cell_name(TOTAL_ROW, CHANGED_COLUMN))
}

fn row(context: &Context, id: InputId, input: &Input, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    let row = context.layout.input_row(id);
    let value = cell_value(context.inputs.value(id), input.sort);
    let kind = match input.sort {
        Sort::Amount => Kind::Money,
        Sort::Rate => Kind::Percent,
        Sort::Number => Kind::Count,
        Sort::Flag => Kind::Flag,
        Sort::Date => Kind::Date,
    };
    sheet.text(row, 0, input.key.clone(), Kind::Text);
    sheet.text(row, 1, labels.name(&input.subject), Kind::Text);
    sheet.text(row, 2, labels.part(input.part), Kind::Text);
    let ink = if input.editable { Ink::Input } else { Ink::Engine };
    sheet.put(row, VALUE_COLUMN, Content::Number(value), kind, ink);
    sheet.put(row, EXPORTED_COLUMN, Content::Number(value), kind, Ink::Engine);
    let (now, exported) = (cell_name(row, VALUE_COLUMN), cell_name(row, EXPORTED_COLUMN));
    let changed = Content::Formula(format!("IF({now}={exported},0,1)"), 0.0);
    sheet.put(row, CHANGED_COLUMN, changed, Kind::Count, Ink::Formula);
    let note = if context.deal.template_defaults.contains(&input.key) {
        labels.text("template_default")
    } else if input.key.starts_with("unit.") || input.key.starts_with("basis.") {
        labels.text("engine_constant")
    } else if !input.editable {
        labels.text("from_tape")
    } else {
        String::new()
    };
    if !note.is_empty() {
        sheet.text(row, 6, note, Kind::Text);
    }
}
