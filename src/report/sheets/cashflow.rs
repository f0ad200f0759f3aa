//! The cash flow by payment date, without stress beside the base case.

use super::super::layout::{GROUP_ROW, TOTAL_ROW};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use super::Context;
use crate::config::Text;
use crate::deal::{Due, Payee};
use crate::formula::{LineId, Sort, cell_value};
use crate::model::{Axis, Model, Run, payee};

/// The lines of the page: keys with their label.
fn lines(context: &Context) -> Vec<(String, String)> {
    let labels = context.layout.labels();
    let mut lines = vec![("cash.collected".to_string(), labels.part("collected"))];
    let mut more = |key: String, name: &Text, part: &str| {
        if context.layout.model().line(&key).is_some() {
            lines.push((key, format!("{}\n{}", labels.name(name), labels.part(part))));
        }
    };
    let deal = context.deal;
    for account in &deal.accounts {
        more(format!("account.{}.collected", account.id), &account.name, "collected");
        more(format!("account.{}.earned", account.id), &account.name, "earned");
    }
    for support in &deal.supports {
        more(format!("support.{}.called", support.id), &support.name, "called");
    }
    let call = Text { zh: "清仓回购".to_string(), en: "Clean-up call".to_string() };
    more("call.price_paid".to_string(), &call, "price_paid");
    for account in &deal.accounts {
        let key = format!("account.{}.closing_balance", account.id);
        more(key, &account.name, "closing_balance");
    }
    lines.push(("cash.costs_paid".to_string(), labels.part("costs_paid")));
    for (step, place, payment) in deal.steps.iter().enumerate().flat_map(|(step, with)| {
        with.pay.iter().enumerate().map(move |(place, payment)| (step, place, payment))
    }) {
        if let Due::Remainder(Payee::Originator) | Due::Amount(Payee::Originator, _) = payment.due {
            let key = format!("step.{}.{}.paid", step + 1, place + 1);
            let name = labels.name(&payee(deal, &payment.due));
            lines.push((key, format!("{name}\n{}", labels.part("paid"))));
        }
    }
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
        let remainder = format!("tranche.{}.remainder_paid", tranche.id);
        if context.layout.model().line(&remainder).is_some() {
            lines.push((remainder, format!("{name}\n{}", labels.part("remainder_paid"))));
        }
    }
    lines
}

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("cashflow").to_string(),
        landscape: true,
        freeze: (0, 2),
        tab: Some(0xFFC000),
        widths: vec![(0, 7.0), (1, 11.5)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("cashflow"), Kind::Title);
    sheet.text(1, 0, labels.about("cashflow"), Kind::Note);
    let lines = lines(context);
    let model = context.layout.model();
    let ticks = u32::try_from(model.timeline.len(Axis::Payments)).expect("payments are few");
    let live = |line: &str, tick: usize| {
        let id = model.line(line).expect("every model has the lines of the page");
        let value = cell_value(context.run.value(id, tick, 0), Sort::Amount);
        (Content::Formula(context.layout.cell(id, tick, 0), value), Ink::Link)
    };
    block(context, &mut sheet, (GROUP_ROW, "base_case"), &lines, &live);
    if let Some((calm, run)) = context.calm {
        restated(context, &mut sheet, &lines);
        let below = GROUP_ROW + ticks + 9;
        let engine = |line: &str, tick: usize| {
            (Content::Number(calm_value(calm, run, line, tick)), Ink::Engine)
        };
        block(context, &mut sheet, (below, "no_stress"), &lines, &engine);
        sheet.page_rows.push(below);
    }
    sheet
}

fn calm_value(model: &Model, run: &Run, line: &str, tick: usize) -> f64 {
    let id = model.line(line).expect("the same deal has the same lines");
    cell_value(run.value(id, tick, 0), Sort::Amount)
}

/// A table of the page: its heading's row and label, one column a line, one row a payment.
fn block(
    context: &Context,
    sheet: &mut Sheet,
    (top, heading): (u32, &str),
    lines: &[(String, String)],
    cell: &dyn Fn(&str, usize) -> (Content, Ink),
) {
    let labels = context.layout.labels();
    sheet.text(top, 0, labels.text(heading), Kind::Group);
    let (header, total, first) = (top + 1, top + 2, top + 3);
    sheet.heights.push((header, 48.0));
    sheet.text(header, 0, labels.text("number"), Kind::Header);
    sheet.text(header, 1, labels.text("date"), Kind::Header);
    sheet.text(total, 0, labels.text("total"), Kind::Strong);
    dates(context, first, sheet);
    let ticks = context.layout.model().timeline.len(Axis::Payments);
    let row = |tick: usize| first + u32::try_from(tick).expect("payments are few");
    for (column, (key, label)) in (2..).zip(lines) {
        sheet.text(header, column, label.clone(), Kind::Header);
        sheet.widths.push((column, 15.0));
        let balance = key.ends_with("closing_balance");
        for tick in usize::from(!balance)..=ticks {
            let (content, ink) = cell(key, tick);
            sheet.put(row(tick), column, content, Kind::Money, ink);
        }
        if balance {
            continue;
        }
        let range = format!("{}:{}", cell_name(row(1), column), cell_name(row(ticks), column));
        let sum: f64 = (1..=ticks).map(|tick| value(&cell(key, tick).0)).sum();
        let sum = Content::Formula(format!("ROUND(SUM({range}),2)"), (sum * 100.0).round() / 100.0);
        sheet.put(total, column, sum, Kind::Money, Ink::Total);
    }
}

fn dates(context: &Context, first: u32, sheet: &mut Sheet) {
    let model = context.layout.model();
    let date = model.line("dates.payment").expect("every model has payment dates");
    for tick in 0..=model.timeline.len(Axis::Payments) {
        let number = u32::try_from(tick).expect("payments are few");
        sheet.put(first + number, 0, Content::Number(number.into()), Kind::Count, Ink::Label);
        let value = cell_value(context.run.value(date, tick, 0), Sort::Date);
        let link = context.layout.cell(date, tick, 0);
        sheet.put(first + number, 1, Content::Formula(link, value), Kind::Date, Ink::Link);
    }
}

fn value(content: &Content) -> f64 {
    match content {
        Content::Number(value) | Content::Formula(_, value) => *value,
        Content::Text(_) | Content::TextFormula(..) => 0.0,
    }
}

/// The control rows: the base case restated as values, and less what is live: zero until an input
/// changes.
fn restated(context: &Context, sheet: &mut Sheet, lines: &[(String, String)]) {
    let model = context.layout.model();
    let ticks = u32::try_from(model.timeline.len(Axis::Payments)).expect("payments are few");
    let row = GROUP_ROW + ticks + 5;
    sheet.text(row - 1, 0, context.layout.labels().text("control"), Kind::Note);
    for (column, (key, _)) in (2..).zip(lines) {
        if key.ends_with("closing_balance") {
            continue;
        }
        let id: LineId = model.line(key).expect("every model has the lines of the page");
        let restated = context.run.total(id).to_f64();
        sheet.put(row, column, Content::Number(restated), Kind::Money, Ink::Engine);
        let total = format!("{}{}", column_name(column), TOTAL_ROW + 1);
        let formula = format!("ROUND({}-{total},2)", cell_name(row, column));
        sheet.put(row + 1, column, Content::Formula(formula, 0.0), Kind::Zero, Ink::Formula);
    }
}
