//! Inputs: every single-valued input with its key, and whether it was changed since the export.

use super::super::layout::{FIRST_ROW, HEADER_ROW, TOTAL_ROW, VALUE_COLUMN};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use super::Context;
use crate::formula::{InputId, LineId, Sort, cell_value};
use crate::model::{Input, Rule};

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
    sheet.text(0, 0, labels.title("inputs"), Kind::Title);
    sheet.text(1, 0, labels.about("inputs"), Kind::Note);
    for (column, key) in
        (0..).zip(["key", "subject", "input", "value", "exported", "changed", "note"])
    {
        sheet.text(HEADER_ROW, column, labels.text(key), Kind::Header);
    }
    for (place, input) in context.layout.model().inputs.iter().enumerate() {
        row(context, InputId(place), input, &mut sheet);
    }
    column_rows(context, &mut sheet);
    sheet.text(TOTAL_ROW, 0, labels.text("inputs_changed"), Kind::Strong);
    let changed = Content::Formula(changed_formula(context), 0.0);
    sheet.put(TOTAL_ROW, CHANGED_COLUMN, changed, Kind::Rank, Ink::Total);
    sheet
}

/// The lines of data that a user may change: their columns stand on other sheets.
fn columns(context: &Context) -> Vec<LineId> {
    let lines = context.layout.model().lines.iter().enumerate();
    let given = lines.filter(|(_, line)| matches!(line.rule, Rule::Given { input: true, .. }));
    given.map(|(place, _)| LineId(place)).collect()
}

/// The sum of the column that says whether inputs were changed.
fn changed_formula(context: &Context) -> String {
    let inputs = context.layout.model().inputs.len();
    let last = context.layout.input_row(InputId(inputs + columns(context).len() + 1));
    let (from, to) = (cell_name(FIRST_ROW, CHANGED_COLUMN), cell_name(last, CHANGED_COLUMN));
    format!("SUM({from}:{to})")
}

/// One row for each column of inputs: its values weighted by their number, so that a change of any
/// one of them shows.
fn column_rows(context: &Context, sheet: &mut Sheet) {
    let (labels, model) = (context.layout.labels(), context.layout.model());
    let first = context.layout.input_row(InputId(model.inputs.len())) + 1;
    let places = model.input("unit.per_hundred_places").expect("every model has its units");
    let places = cell_name(context.layout.input_row(places), VALUE_COLUMN);
    for (row, id) in (first..).zip(columns(context)) {
        let line = &model.lines[id.0];
        let spot = context.layout.spot(id);
        let name = context.layout.sheet(spot.topic.key());
        let elements = model.elements(line.dim);
        let ticks = model.timeline.len(line.axis);
        let (from, to) =
            (context.layout.row(id, 1, 0) + 1, context.layout.row(id, ticks, elements - 1) + 1);
        let column = column_name(spot.column);
        let values = format!("{name}!{column}{from}:{column}{to},{name}!A{from}:A{to}");
        let formula = format!("ROUND(SUMPRODUCT({values}),{places})");
        let weighted = (1..=ticks).flat_map(|tick| (0..elements).map(move |e| (tick, e)));
        let sum: i128 = weighted
            .map(|(tick, e)| {
                i128::from(context.run.value(id, tick, e)) * i128::try_from(tick).expect("few")
            })
            .sum();
        let value = weighted_value(sum, line.sort);
        let kind = match line.sort {
            Sort::Amount => Kind::Money,
            Sort::Rate => Kind::PerHundred,
            Sort::Number | Sort::Flag | Sort::Date => Kind::Count,
        };
        sheet.text(row, 0, line.key.clone(), Kind::Text);
        sheet.text(row, 1, labels.name(&line.subject), Kind::Text);
        sheet.text(row, 2, labels.part(line.part), Kind::Text);
        sheet.put(row, VALUE_COLUMN, Content::Formula(formula, value), kind, Ink::Formula);
        sheet.put(row, EXPORTED_COLUMN, Content::Number(value), kind, Ink::Engine);
        let (now, exported) = (cell_name(row, VALUE_COLUMN), cell_name(row, EXPORTED_COLUMN));
        let changed = Content::Formula(format!("IF({now}={exported},0,1)"), 0.0);
        sheet.put(row, CHANGED_COLUMN, changed, Kind::Rank, Ink::Formula);
        sheet.text(row, 6, labels.text("input_columns"), Kind::Beside);
    }
}

/// The weighted sum as its cell shows it: six decimals.
#[allow(clippy::cast_precision_loss)]
fn weighted_value(sum: i128, sort: Sort) -> f64 {
    let unit: i128 = match sort {
        Sort::Amount => 100,
        Sort::Rate => 1_000_000_000_000,
        Sort::Number | Sort::Flag | Sort::Date => 1,
    };
    let millionths = (sum * 2_000_000 + unit * sum.signum()) / (2 * unit);
    millionths as f64 / 1e6
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
        // An average of whole numbers, such as instalments.
        Sort::Rate if input.part.starts_with("limit_average") => Kind::PerHundred,
        // Times, not percent.
        Sort::Rate if input.part == "coverage_most" => Kind::PerHundred,
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
    sheet.put(row, CHANGED_COLUMN, changed, Kind::Rank, Ink::Formula);
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
        sheet.text(row, 6, note, Kind::Beside);
    }
}
