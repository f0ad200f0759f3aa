//! The cash flow by payment date, without stress beside the base case.

use super::super::layout::{FIRST_ROW, GROUP_ROW, HEADER_ROW, TOTAL_ROW};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use super::Context;
use crate::formula::{LineId, Sort, cell_value};
use crate::model::{Axis, Model, Run};

/// The lines of the page: keys with their label.
fn lines(context: &Context) -> Vec<(String, String)> {
    let labels = context.layout.labels();
    let mut lines = vec![("cash.collected".to_string(), labels.part("collected"))];
    for tranche in &context.deal.tranches {
        let name = labels.name(&tranche.name);
        for (key, part) in [
            ("interest_paid", "interest"),
            ("principal_paid", "principal_paid"),
            ("closing_balance", "closing_balance"),
        ] {
            let label = format!("{name}\n{}", labels.part(part));
            lines.push((format!("tranche.{}.{key}", tranche.id), label));
        }
    }
    lines
}

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("cashflow").to_string(),
        landscape: true,
        freeze: (FIRST_ROW, 2),
        repeat: Some((GROUP_ROW, HEADER_ROW)),
        tab: Some(0xFFC000),
        widths: vec![(0, 7.0), (1, 11.5)],
        heights: vec![(HEADER_ROW, 48.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.sheet("cashflow"), Kind::Title);
    sheet.text(1, 0, labels.about("cashflow"), Kind::Note);
    sheet.text(HEADER_ROW, 0, labels.text("number"), Kind::Header);
    sheet.text(HEADER_ROW, 1, labels.text("date"), Kind::Header);
    sheet.text(TOTAL_ROW, 0, labels.text("total"), Kind::Strong);
    dates(context, &mut sheet);
    let lines = lines(context);
    let width = u16::try_from(lines.len()).expect("tranches are few");
    let model = context.layout.model();
    sheet.text(GROUP_ROW, 2, labels.text("base_case"), Kind::Group);
    block(context, &mut sheet, 2, &lines, &|line, tick| {
        let id = model.line(line).expect("every model has the lines of the page");
        let value = cell_value(context.run.value(id, tick, 0), Sort::Amount);
        (Content::Formula(context.layout.cell(id, tick, 0), value), Ink::Link)
    });
    if let Some((calm, run)) = context.calm {
        sheet.text(GROUP_ROW, 2 + width, labels.text("no_stress"), Kind::Group);
        block(context, &mut sheet, 2 + width, &lines, &|line, tick| {
            (Content::Number(calm_value(calm, run, line, tick)), Ink::Engine)
        });
        restated(context, &mut sheet, 2, &lines);
    }
    sheet
}

fn calm_value(model: &Model, run: &Run, line: &str, tick: usize) -> f64 {
    let id = model.line(line).expect("the same deal has the same lines");
    cell_value(run.value(id, tick, 0), Sort::Amount)
}

fn dates(context: &Context, sheet: &mut Sheet) {
    let model = context.layout.model();
    let date = model.line("dates.payment").expect("every model has payment dates");
    for tick in 0..=model.timeline.len(Axis::Payments) {
        let row = FIRST_ROW + u32::try_from(tick).expect("payments are few");
        sheet.put(row, 0, Content::Number(f64::from(row - FIRST_ROW)), Kind::Count, Ink::Label);
        let value = cell_value(context.run.value(date, tick, 0), Sort::Date);
        let link = context.layout.cell(date, tick, 0);
        sheet.put(row, 1, Content::Formula(link, value), Kind::Date, Ink::Link);
    }
}

fn block(
    context: &Context,
    sheet: &mut Sheet,
    first: u16,
    lines: &[(String, String)],
    cell: &dyn Fn(&str, usize) -> (Content, Ink),
) {
    let model = context.layout.model();
    let ticks = model.timeline.len(Axis::Payments);
    for (column, (key, label)) in (first..).zip(lines) {
        sheet.text(HEADER_ROW, column, label.clone(), Kind::Header);
        sheet.widths.push((column, 16.0));
        let balance = key.ends_with("closing_balance");
        for tick in usize::from(!balance)..=ticks {
            let (content, ink) = cell(key, tick);
            let row = FIRST_ROW + u32::try_from(tick).expect("payments are few");
            sheet.put(row, column, content, Kind::Money, ink);
        }
        if balance {
            continue;
        }
        let last = FIRST_ROW + u32::try_from(ticks).expect("payments are few");
        let range = format!("{}:{}", cell_name(FIRST_ROW + 1, column), cell_name(last, column));
        let sum: f64 = (1..=ticks).map(|tick| value(&cell(key, tick).0)).sum();
        let total =
            Content::Formula(format!("ROUND(SUM({range}),2)"), (sum * 100.0).round() / 100.0);
        sheet.put(TOTAL_ROW, column, total, Kind::Money, Ink::Total);
    }
}

fn value(content: &Content) -> f64 {
    match content {
        Content::Number(value) | Content::Formula(_, value) => *value,
        Content::Text(_) | Content::TextFormula(..) => 0.0,
    }
}

/// The control row: the base case restated as values, less what is live. Zero until an input changes.
fn restated(context: &Context, sheet: &mut Sheet, first: u16, lines: &[(String, String)]) {
    let model = context.layout.model();
    let ticks = model.timeline.len(Axis::Payments);
    let row = FIRST_ROW + u32::try_from(ticks).expect("payments are few") + 2;
    sheet.text(row, 0, context.layout.labels().text("control"), Kind::Note);
    for (column, (key, _)) in (first..).zip(lines) {
        if key.ends_with("closing_balance") {
            continue;
        }
        let id: LineId = model.line(key).expect("every model has the lines of the page");
        let restated = context.run.total(id).to_f64();
        sheet.put(row + 1, column, Content::Number(restated), Kind::Money, Ink::Engine);
        let total = format!("{}{}", column_name(column), TOTAL_ROW + 1);
        let formula = format!("ROUND({}-{total},2)", cell_name(row + 1, column));
        sheet.put(row + 2, column, Content::Formula(formula, 0.0), Kind::Money, Ink::Formula);
    }
}
