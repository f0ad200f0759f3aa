//! The sheets of lines: one column a line, one row a tick, formulas all the way.

use super::super::layout::{FIRST_ROW, GROUP_ROW, HEADER_ROW, TOTAL_ROW, first_column};
use super::super::workbook::{
    Cell, Chart, Content, Form, Ink, Kind, Series, Sheet, cell_name, column_name,
};
use super::Context;
use crate::formula::{Cells, Formula, LineId, Sort, cell_value};
use crate::model::{Axis, Closing, Dim, Line, OfferSize, Rule, Topic};

/// The sheet of a topic, or none when the deal has no such line.
pub(super) fn sheet(context: &Context, topic: Topic) -> Option<Sheet> {
    let model = context.layout.model();
    let lines: Vec<LineId> = (0..model.lines.len())
        .map(LineId)
        .filter(|line| model.lines[line.0].topic == topic)
        .collect();
    let first = &model.lines[lines.first()?.0];
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet(topic.key()).to_string(),
        landscape: true,
        freeze: (FIRST_ROW, first_column(first.dim)),
        repeat: Some((GROUP_ROW, HEADER_ROW)),
        tab: Some(tab(topic)),
        heights: vec![(HEADER_ROW, 42.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title(topic.key()), Kind::Title);
    sheet.text(1, 0, labels.about(topic.key()), Kind::Note);
    let unit = labels.text("unit").replace("{currency}", &context.deal.currency);
    sheet.text(2, 0, unit, Kind::Note);
    let mut group = String::new();
    for line in &lines {
        headings(context, *line, &mut group, &mut sheet);
    }
    raise_titles(&mut sheet);
    time(context, first, &mut sheet);
    for line in lines {
        total(context, line, &mut sheet);
        values(context, line, &mut sheet);
    }
    match topic {
        Topic::Purchases => {
            refusals(context, &mut sheet);
            hide_empty_dates(context, &mut sheet);
        }
        Topic::PurchaseDates => idle_cash(context, &mut sheet),
        _ => {}
    }
    Some(sheet)
}

fn tab(topic: Topic) -> u32 {
    match topic {
        Topic::Plan
        | Topic::Rates
        | Topic::CreditLines
        | Topic::Collections
        | Topic::Delinquency
        | Topic::Recoveries
        | Topic::Pool
        | Topic::Supply => 0x70AD47,
        Topic::Dates
        | Topic::Fees
        | Topic::Definitions
        | Topic::Triggers
        | Topic::Accounts
        | Topic::Support
        | Topic::PurchaseDates
        | Topic::Purchases
        | Topic::Limits
        | Topic::Waterfall
        | Topic::Tranches => 0x2F5597,
        Topic::Checks => 0xC00000,
    }
}

/// Number, date and, for cohorts and segments, the name.
fn time(context: &Context, first: &Line, sheet: &mut Sheet) {
    let model = context.layout.model();
    let labels = context.layout.labels();
    sheet.text(HEADER_ROW, 0, labels.text("number"), Kind::Header);
    sheet.text(HEADER_ROW, 1, labels.text("date"), Kind::Header);
    sheet.text(TOTAL_ROW, 0, labels.text("total"), Kind::Strong);
    sheet.widths.push((0, 7.0));
    sheet.widths.push((1, 11.5));
    let (axis, key) = match first.axis {
        Axis::Months => (Axis::Months, "pool.month_end"),
        Axis::Payments => (Axis::Payments, "dates.payment"),
        Axis::Purchases => (Axis::Purchases, "purchase.date"),
    };
    let dates = model.line(key).expect("every axis has its dates");
    if first.dim != Dim::One {
        let name = match first.dim {
            Dim::Cohort => "cohort",
            Dim::Offer => "offer",
            Dim::One | Dim::Segment => "segment",
        };
        sheet.text(HEADER_ROW, 2, labels.text(name), Kind::Header);
        sheet.widths.push((2, 26.0));
    }
    let any =
        LineId(model.lines.iter().position(|line| std::ptr::eq(line, first)).expect("its own"));
    for tick in 0..=model.timeline.len(axis) {
        for element in 0..model.elements(first.dim) {
            let row = context.layout.row(any, tick, element);
            sheet.put(
                row,
                0,
                Content::Number(cell_value(
                    i64::try_from(tick).expect("ticks are few"),
                    Sort::Number,
                )),
                Kind::Count,
                Ink::Label,
            );
            let date = cell_value(context.run.value(dates, tick, 0), Sort::Date);
            let link = context.layout.cell(dates, tick, 0);
            sheet.put(row, 1, Content::Formula(link, date), Kind::Date, Ink::Link);
            if first.dim != Dim::One {
                let name = match first.dim {
                    Dim::Cohort => &model.cohorts[element],
                    Dim::Offer => &model.offers[element].name,
                    Dim::One | Dim::Segment => &model.segments[element],
                };
                sheet.text(row, 2, labels.name(name), Kind::Text);
            }
        }
    }
}

fn headings(context: &Context, id: LineId, group: &mut String, sheet: &mut Sheet) {
    let line = &context.layout.model().lines[id.0];
    let labels = context.layout.labels();
    let column = context.layout.spot(id).column;
    let mut subject = labels.name(&line.subject);
    if let Some(step) = line.step.map(|step| &context.deal.steps[step]) {
        let clause =
            if step.clause.is_empty() { String::new() } else { format!("{} ", step.clause) };
        subject = format!("{clause}{subject}");
    }
    if subject != *group {
        // What follows a named column and has no name of its own is the whole deal's.
        let title = if subject.is_empty() { labels.text("whole_deal") } else { subject.clone() };
        sheet.text(GROUP_ROW, column, title, Kind::Section);
        sheet.sections.push((column, column));
        *group = subject;
    }
    if let Some((_, last)) = sheet.sections.last_mut() {
        *last = column;
    }
    sheet.text(HEADER_ROW, column, labels.part(line.part), Kind::Header);
    let width = match line.sort {
        Sort::Amount => 14.5,
        Sort::Rate | Sort::Date => 11.5,
        Sort::Number | Sort::Flag => 9.0,
    };
    sheet.widths.push((column, width));
}

/// As high as the longest title of a section needs, before the body stands on the sheet; a Chinese character is as wide as two Latin ones.
fn raise_titles(sheet: &mut Sheet) {
    let needed =
        |text: &str| -> f64 { text.chars().map(|c| if c.is_ascii() { 1.2 } else { 2.2 }).sum() };
    let lines = sheet.sections.iter().map(|(first, last)| {
        let within = |column: &u16| (first..=last).contains(&column);
        let widths = sheet.widths.iter().filter(|(column, _)| within(column));
        let width: f64 = widths.map(|(_, width)| width).sum();
        let is_title = |cell: &&Cell| cell.row == GROUP_ROW && cell.column == *first;
        let text = sheet.cells.iter().find(is_title).map_or("", |cell| match &cell.content {
            Content::Text(text) => text,
            Content::Number(_) | Content::Formula(..) | Content::TextFormula(..) => "",
        });
        (needed(text) / width.max(1.0)).ceil()
    });
    let lines = lines.fold(1.0, f64::max);
    // A word that does not fit moves to the next line.
    let lines = if lines > 2.0 { lines + 1.0 } else { lines };
    sheet.heights.push((GROUP_ROW, 12.5 * lines + 4.0));
}

/// Why an offer is not eligible, on its date: the criterion and the value that was tested.
fn refusals(context: &Context, sheet: &mut Sheet) {
    let model = context.layout.model();
    let labels = context.layout.labels();
    let Some(offered) = model.line("purchase.offered") else { return };
    let lines = model.lines.iter().enumerate().filter(|(_, line)| line.topic == Topic::Purchases);
    let last = lines.map(|(place, _)| context.layout.spot(LineId(place)).column).max();
    let column = last.unwrap_or(0) + 1;
    sheet.text(HEADER_ROW, column, labels.text("refused"), Kind::Header);
    sheet.widths.push((column, 44.0));
    for (element, offer) in model.offers.iter().enumerate() {
        if let OfferSize::Whole { payment, refused: Some(refusal), .. } = &offer.size {
            let row = context.layout.row(offered, *payment, element);
            let text = format!("{} ({})", labels.name(&refusal.name), refusal.tested);
            sheet.text(row, column, text, Kind::Text);
        }
    }
}

/// Rows on which nothing can be offered are not shown: the closing, dates of no batch, and those of a
/// whole receivable on dates that are not its own.
fn hide_empty_dates(context: &Context, sheet: &mut Sheet) {
    let model = context.layout.model();
    let Some(bought) = model.line("purchase.bought") else { return };
    if model.lines[bought.0].axis != Axis::Payments {
        return;
    }
    for tick in 0..=model.timeline.len(Axis::Payments) {
        let joins = model.timeline.other_at(Axis::Payments, tick) + 1;
        let any = tick > 0 && model.bought_in.contains(&Some(joins));
        for (element, offer) in model.offers.iter().enumerate() {
            let offered = match offer.size {
                OfferSize::Whole { payment, .. } => payment == tick,
                OfferSize::Share { .. } => any,
            };
            if !offered {
                sheet.hidden.push(context.layout.row(bought, tick, element));
            }
        }
    }
}

/// What a purchase date has, and what stays after it: a chart below the columns.
fn idle_cash(context: &Context, sheet: &mut Sheet) {
    let model = context.layout.model();
    let labels = context.layout.labels();
    let ids = ["purchase.cash", "purchase.cash_after"]
        .map(|key| model.line(key).expect("purchase dates have their cash"));
    let last = rows(context, ids[0]).1;
    let series = ids.map(|id| Series {
        name: labels.part(model.lines[id.0].part),
        sheet: sheet.name.clone(),
        category: 1,
        column: context.layout.spot(id).column,
        rows: (context.layout.row(id, 1, 0), last),
    });
    sheet.charts.push(Chart {
        at: (last + 2, 1),
        size: (720, 360),
        title: labels.text("chart_idle_cash"),
        form: Form::Lines,
        series: series.to_vec(),
    });
    // A chart that a page's end cuts shows nothing.
    sheet.page_rows.push(last + 2);
}

/// The sum over time of a flow, checks as the sum of absolute values.
fn total(context: &Context, id: LineId, sheet: &mut Sheet) {
    let line = &context.layout.model().lines[id.0];
    if !line.flow {
        return;
    }
    let (first, last) = rows(context, id);
    let column = context.layout.spot(id).column;
    let range = format!("{0}{1}:{0}{2}", column_name(column), first + 1, last + 1);
    let sum: i64 = context.run.line(id).iter().sum();
    let (formula, value) = if line.topic == Topic::Checks {
        let absolute: i64 = context.run.line(id).iter().map(|value| value.abs()).sum();
        (format!("SUMPRODUCT(ABS({range}))"), absolute)
    } else {
        (format!("ROUND(SUM({range}),2)"), sum)
    };
    let content = Content::Formula(formula, cell_value(value, line.sort));
    sheet.put(TOTAL_ROW, column, content, kind(line), Ink::Total);
}

/// The first and last row of a line's values, closing included.
pub(super) fn rows(context: &Context, id: LineId) -> (u32, u32) {
    let model = context.layout.model();
    let line = &model.lines[id.0];
    let last = model.elements(line.dim).max(1) - 1;
    (FIRST_ROW, context.layout.row(id, model.timeline.len(line.axis), last))
}

fn values(context: &Context, id: LineId, sheet: &mut Sheet) {
    let model = context.layout.model();
    let line = &model.lines[id.0];
    let column = context.layout.spot(id).column;
    for tick in 0..=model.timeline.len(line.axis) {
        for element in 0..model.elements(line.dim) {
            let Some((content, ink)) = value(context, id, tick, element) else { continue };
            let row = context.layout.row(id, tick, element);
            sheet.put(row, column, content, kind(line), ink);
        }
    }
}

fn value(context: &Context, id: LineId, tick: usize, element: usize) -> Option<(Content, Ink)> {
    let line = &context.layout.model().lines[id.0];
    let number = cell_value(context.run.value(id, tick, element), line.sort);
    if line.dim == Dim::Cohort && !context.is_live() && (tick > 0 || line.closing != Closing::Empty)
    {
        return Some((Content::Number(number), Ink::Engine));
    }
    let formula = |formula: &Formula| {
        let from = context.layout.from(id, tick, element);
        let text = formula.excel(&from);
        let ink = if is_link(formula, &from, &text) { Ink::Link } else { Ink::Formula };
        (Content::Formula(text, number), ink)
    };
    if tick == 0 {
        return match &line.closing {
            Closing::Empty => None,
            Closing::Given(_) => Some((Content::Number(number), Ink::Engine)),
            Closing::Formula(closing) => Some(formula(closing)),
        };
    }
    Some(match &line.rule {
        Rule::Given { input, .. } => {
            (Content::Number(number), if *input { Ink::Input } else { Ink::Engine })
        }
        Rule::Formula(rule) => formula(rule),
    })
}

/// Whether a formula only repeats a cell of another sheet.
fn is_link(formula: &Formula, _cells: &impl Cells, text: &str) -> bool {
    matches!(
        formula,
        Formula::Line(_) | Formula::Latest(_) | Formula::Before(_) | Formula::Input(_)
    ) && text.contains('!')
}

/// How a line's numbers look.
pub(super) fn kind(line: &Line) -> Kind {
    match (line.sort, line.part) {
        (Sort::Amount, _) if line.topic == Topic::Checks => Kind::Zero,
        (Sort::Amount, _) => Kind::Money,
        (
            Sort::Rate,
            "interest_per_hundred"
            | "principal_per_hundred"
            | "factor"
            | "coverage_after"
            | "limit_average"
            | "limit_average_at_most"
            | "limit_average_at_least"
            | "limit_average_headroom",
        ) => Kind::PerHundred,
        (Sort::Rate, _) => Kind::Rate,
        (Sort::Number, _) => Kind::Count,
        (Sort::Flag, _) => Kind::Flag,
        (Sort::Date, _) => Kind::Date,
    }
}

/// The cell of a line's total on its sheet: `Waterfall!K6`.
pub(super) fn total_cell(context: &Context, id: LineId) -> String {
    let spot = context.layout.spot(id);
    format!("{}!{}", context.layout.sheet(spot.topic.key()), cell_name(TOTAL_ROW, spot.column))
}
