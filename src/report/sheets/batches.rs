//! The batches of a deal that buys (批次 × 月末余额): what was there at the cut-off date and what each
//! purchase date bought, month by month. Every balance is a live sum of cohorts, nothing once a clean-up
//! call has sold them; the totals tie to the pool.

use super::super::layout::{GROUP_ROW, HEADER_ROW};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use super::Context;
use crate::formula::{LineId, Sort, cell_value};
use crate::model::{Axis, Model};

/// The column of the first month.
const FIRST_MONTH: u16 = 3;
/// The row of the initial pool.
const FIRST_BATCH: u32 = HEADER_ROW + 1;
/// A spreadsheet takes so many ranges in one sum.
const RANGES: usize = 200;

/// A batch: when it was bought, the month that it joins, and its cohorts.
struct Batch {
    /// Where its date stands: the payment date, or the end of the month where the deal buys between
    /// payment dates; `None` for the initial pool.
    date: Option<(LineId, usize)>,
    /// The first month at whose end it is in the pool.
    joins: usize,
    cohorts: Vec<usize>,
}

/// The sheet, or none where nothing is bought.
pub(super) fn sheet(context: &Context) -> Option<Sheet> {
    let model = context.layout.model();
    if model.offers.is_empty() {
        return None;
    }
    let closing = model.line("collections.closing")?;
    let (pool, months) = (model.line("pool.closing")?, model.timeline.len(Axis::Months));
    let dates = [model.line("pool.month_end")?, model.line("dates.payment")?];
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("batches").to_string(),
        landscape: true,
        freeze: (FIRST_BATCH, FIRST_MONTH),
        repeat: Some((GROUP_ROW, HEADER_ROW)),
        tab: Some(0x70AD47),
        heights: vec![(HEADER_ROW, 30.0)],
        widths: vec![(0, 24.0), (1, 11.5), (2, 14.5)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("batches"), Kind::Title);
    sheet.text(1, 0, labels.about("batches"), Kind::Note);
    let unit = labels.text("unit").replace("{currency}", &context.deal.currency);
    sheet.text(2, 0, unit, Kind::Note);
    for (column, key) in [(0, "batch"), (1, "date"), (2, "purchased_principal")] {
        let text = match key {
            "purchased_principal" => labels.part(key),
            key => labels.text(key),
        };
        sheet.text(HEADER_ROW, column, text, Kind::Header);
    }
    for month in 0..=months {
        let column = column_of(month);
        sheet.widths.push((column, 13.5));
        link(context, &mut sheet, (HEADER_ROW, column), (dates[0], month), Kind::Date);
    }
    let batches = batches(context, months, dates);
    for (place, batch) in batches.iter().enumerate() {
        let row = FIRST_BATCH + u32::try_from(place).expect("batches are few");
        let name = match batch.date {
            None => labels.text("initial_pool"),
            Some(_) => format!("{} {place}", labels.text("batch")),
        };
        sheet.text(row, 0, name, Kind::Text);
        if let Some(date) = batch.date {
            link(context, &mut sheet, (row, 1), date, Kind::Date);
        }
        bought(context, &mut sheet, row, batch);
        for month in batch.joins..=months {
            let called = called(context, month);
            let is_sold = called.as_ref().is_some_and(|(_, is_sold)| *is_sold);
            let value =
                batch.cohorts.iter().map(|cohort| context.run.value(closing, month, *cohort));
            let value = if is_sold { 0 } else { value.sum() };
            let value = cell_value(value, Sort::Amount);
            let at = (row, column_of(month));
            let called = called.map(|(cell, _)| cell);
            balance(context, &mut sheet, at, (closing, month), (batch, called), value);
        }
    }
    let last = FIRST_BATCH + u32::try_from(batches.len()).expect("batches are few") - 1;
    totals(context, &mut sheet, (last, months), pool);
    Some(sheet)
}

fn column_of(month: usize) -> u16 {
    FIRST_MONTH + u16::try_from(month).expect("a deal has few months")
}

/// The initial pool, then what each purchase date could buy, or all those of a month.
fn batches(context: &Context, months: usize, [month_end, payment]: [LineId; 2]) -> Vec<Batch> {
    let model = context.layout.model();
    let initial = Batch { date: None, joins: 0, cohorts: cohorts(model, |joins| joins.is_none()) };
    let dates: Vec<(LineId, usize, usize)> = match model.timeline.len(Axis::Purchases) {
        0 => (1..=model.timeline.len(Axis::Payments))
            .map(|tick| (payment, tick, model.timeline.other_at(Axis::Payments, tick) + 1))
            .collect(),
        _ => (1..=months).map(|month| (month_end, month, month)).collect(),
    };
    let bought = dates.into_iter().filter_map(|(line, tick, joins)| {
        let cohorts = cohorts(model, |of| of == Some(joins));
        let any = !cohorts.is_empty() && joins <= months;
        any.then_some(Batch { date: Some((line, tick)), joins, cohorts })
    });
    std::iter::once(initial).chain(bought).collect()
}

/// The cohorts bought for a month; for none, those of the initial pool.
fn cohorts(model: &Model, wanted: impl Fn(Option<usize>) -> bool) -> Vec<usize> {
    let of = |(place, joins): (usize, &Option<usize>)| wanted(*joins).then_some(place);
    model.bought_in.iter().enumerate().filter_map(of).collect()
}

fn link(
    context: &Context,
    sheet: &mut Sheet,
    (row, column): (u32, u16),
    (line, tick): (LineId, usize),
    kind: Kind,
) {
    let sort = context.layout.model().lines[line.0].sort;
    let value = cell_value(context.run.value(line, tick, 0), sort);
    let formula = context.layout.cell(line, tick, 0);
    sheet.put(row, column, Content::Formula(formula, value), kind, Ink::Link);
}

/// The cell of the flag that says whether the pool was called before a month, and whether it was; `None`
/// where the deal has no call.
fn called(context: &Context, month: usize) -> Option<(String, bool)> {
    let model = context.layout.model();
    let line = model.line("call.exercised")?;
    let payment = model.timeline.at(Axis::Months, month, Axis::Payments);
    let is_sold = context.run.value(line, payment, 0) == 1;
    (payment > 0).then(|| (context.layout.cell(line, payment, 0), is_sold))
}

/// What was bought for the batch.
fn bought(context: &Context, sheet: &mut Sheet, row: u32, batch: &Batch) {
    let Some(line) = context.layout.model().line("collections.purchased") else { return };
    if batch.date.is_none() {
        return;
    }
    let value = batch.cohorts.iter().map(|cohort| context.run.value(line, batch.joins, *cohort));
    let value = cell_value(value.sum(), Sort::Amount);
    balance(context, sheet, (row, 2), (line, batch.joins), (batch, None), value);
}

/// A live sum over the cohorts of a batch; a grey value where they stand in too many places.
fn balance(
    context: &Context,
    sheet: &mut Sheet,
    (row, column): (u32, u16),
    (line, month): (LineId, usize),
    (batch, called): (&Batch, Option<String>),
    value: f64,
) {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for cohort in &batch.cohorts {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *cohort => *last = *cohort,
            _ => runs.push((*cohort, *cohort)),
        }
    }
    if runs.len() > RANGES {
        sheet.put(row, column, Content::Number(value), Kind::Money, Ink::Engine);
        return;
    }
    let range = |(first, last): &(usize, usize)| {
        let from = context.layout.cell(line, month, *first);
        match first == last {
            true => from,
            false => {
                let spot = context.layout.spot(line);
                let to = cell_name(context.layout.row(line, month, *last), spot.column);
                format!("{from}:{to}")
            }
        }
    };
    let ranges: Vec<String> = runs.iter().map(range).collect();
    let sum = format!("ROUND(SUM({}),2)", ranges.join(","));
    let formula = called.map_or(sum.clone(), |called| format!("IF({called},0,{sum})"));
    sheet.put(row, column, Content::Formula(formula, value), Kind::Money, Ink::Formula);
}

/// The sum of the batches, the pool, and their difference.
fn totals(context: &Context, sheet: &mut Sheet, (last, months): (u32, usize), pool: LineId) {
    let labels = context.layout.labels();
    let [sum, of_pool, check] = [last + 1, last + 2, last + 3];
    sheet.text(sum, 0, labels.text("total"), Kind::Strong);
    sheet.text(of_pool, 0, labels.title("pool"), Kind::Text);
    sheet.text(check, 0, labels.text("batches_check"), Kind::Text);
    for month in 0..=months {
        let column = column_of(month);
        let name = column_name(column);
        let value = cell_value(context.run.value(pool, month, 0), Sort::Amount);
        let total = format!("ROUND(SUM({name}{}:{name}{}),2)", FIRST_BATCH + 1, last + 1);
        sheet.put(sum, column, Content::Formula(total, value), Kind::Money, Ink::Total);
        link(context, sheet, (of_pool, column), (pool, month), Kind::Money);
        let (sum, of_pool) = (cell_name(sum, column), cell_name(of_pool, column));
        let difference = format!("ROUND({sum}-{of_pool},2)");
        sheet.put(check, column, Content::Formula(difference, 0.0), Kind::Zero, Ink::Formula);
    }
}
