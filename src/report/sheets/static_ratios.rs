//! Roll rates, and every amount over every base.

use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name};
use super::static_pool::{Page, column, formula, grey, narrow};
use crate::formula::{Sort, cell_value};
use crate::model::serial;
use crate::static_pool::{Base, Measure, Ratio, Ratios, RollRates, Ways, round12};

/// The row of the headings.
const HEADER: u32 = 3;

fn day(sheet: &mut Sheet, (row, at): (u32, u16), date: chrono::NaiveDate) {
    let content = Content::Number(cell_value(serial(date), Sort::Date));
    sheet.put(row, at, content, Kind::Date, Ink::Engine);
}

/// Buckets by month, rolls beside them, the chain to default below.
pub(super) fn rolls(page: &Page, rolls: &RollRates, ways: &Ways) -> Sheet {
    let mut sheet = page.sheet("static_rolls", 0xED7D31);
    let buckets = rolls.buckets.len();
    let first_roll = 1 + buckets;
    sheet.widths = (0..column(first_roll + rolls.rolls.len())).map(|at| (at, 15.0)).collect();
    sheet.widths[0].1 = 28.0;
    sheet.heights.push((HEADER, 30.0));
    sheet.text(HEADER, 0, page.labels.text("date"), Kind::Header);
    let said = |measure: Measure| page.labels.text(&format!("measure_{}", measure.name()));
    let short = |measure: Measure| match Measure::BUCKETS.contains(&measure) {
        true => measure.name().to_uppercase().replace("_PLUS", "+"),
        false => said(measure),
    };
    for (at, bucket) in rolls.buckets.iter().enumerate() {
        sheet.text(HEADER, column(1 + at), said(*bucket), Kind::Header);
    }
    for (at, roll) in rolls.rolls.iter().enumerate() {
        let name = format!("{} → {}", short(roll.from), short(roll.to));
        sheet.text(HEADER, column(first_roll + at), name, Kind::Header);
    }
    let row_of = |place: usize| HEADER + 1 + narrow(place);
    for (place, (date, amounts)) in rolls.balances.iter().enumerate() {
        day(&mut sheet, (row_of(place), 0), *date);
        for (at, amount) in amounts.iter().enumerate() {
            if let Some(amount) = amount {
                grey(&mut sheet, (row_of(place), column(1 + at)), *amount);
            }
        }
    }
    let (mean, flow) = (row_of(rolls.balances.len()) + 1, row_of(rolls.balances.len()) + 2);
    let title = page.labels.text("static_roll_mean");
    sheet.text(mean, 0, title.replace("{months}", &ways.roll_months.to_string()), Kind::Strong);
    sheet.text(flow, 0, page.labels.text("static_flow"), Kind::Strong);
    sheet.text(flow + 1, 0, page.labels.text("static_yearly"), Kind::Strong);
    let mut so_far: Option<f64> = Some(1.0);
    for (at, roll) in rolls.rolls.iter().enumerate() {
        let to = column(first_roll + at);
        let mut cells = Vec::new();
        for (date, rate) in &roll.rates {
            let place = rolls.balances.iter().position(|(known, _)| known == date);
            let (Some(place), Some(rate)) = (place, rate) else { continue };
            let row = row_of(place);
            let part = cell_name(row, column(2 + at));
            let text = format!("ROUND({part}/{},12)", cell_name(row - 1, column(1 + at)));
            formula(&mut sheet, (row, to), text, *rate, Kind::Rate);
            cells.push(cell_name(row, to));
        }
        let Some(value) = roll.mean else {
            so_far = None;
            continue;
        };
        let last = &cells[cells.len().saturating_sub(rolls.months)..];
        let text = format!("ROUND(AVERAGE({}),12)", last.join(","));
        formula(&mut sheet, (mean, to), text, value, Kind::Rate);
        so_far = so_far.map(|flow| round12(flow * value));
        if let Some(value) = so_far {
            let here = cell_name(mean, to);
            let text = match at {
                0 => format!("ROUND({here},12)"),
                _ => format!("ROUND({}*{here},12)", cell_name(flow, to - 1)),
            };
            formula(&mut sheet, (flow, to), text, value, Kind::Rate);
        }
    }
    if let (Some(yearly), Some(last)) = (rolls.yearly(), rolls.rolls.len().checked_sub(1)) {
        let at = column(first_roll + last);
        let text = format!("ROUND(12*{},12)", cell_name(flow, at));
        formula(&mut sheet, (flow + 1, at), text, yearly, Kind::Rate);
    }
    sheet.freeze = (HEADER + 1, 1);
    sheet.repeat = Some((HEADER, HEADER));
    sheet
}

/// One row an amount: its denominators, then its ratios.
pub(super) fn ratios(page: &Page) -> Sheet {
    let mut sheet = page.sheet("static_ratios", 0xA5A5A5);
    let bases = Base::ALL.len();
    sheet.widths = (0..column(5 + 2 * bases)).map(|at| (at, 15.0)).collect();
    sheet.heights.push((HEADER, 30.0));
    let labels = page.labels;
    let heads = ["static_vintage", "static_mob", "date", "static_figure", "static_numerator"];
    for (at, key) in heads.iter().enumerate() {
        sheet.text(HEADER, column(at), labels.text(key), Kind::Header);
    }
    for (at, base) in Base::ALL.iter().enumerate() {
        let name = labels.text(&format!("base_{}", base.name()));
        sheet.text(HEADER, column(5 + at), name.clone(), Kind::Header);
        sheet.text(HEADER, column(5 + bases + at), format!("÷ {name}"), Kind::Header);
    }
    let ratios = Ratios::of(&page.study.pool);
    let all = ratios.by_month.iter().chain(&ratios.by_age);
    for (place, ratio) in all.enumerate() {
        line(&mut sheet, page, HEADER + 1 + narrow(place), ratio);
    }
    sheet.freeze = (HEADER + 1, 4);
    sheet.repeat = Some((HEADER, HEADER));
    sheet
}

fn line(sheet: &mut Sheet, page: &Page, row: u32, ratio: &Ratio) {
    let all = || page.labels.text("static_all");
    sheet.text(row, 0, ratio.vintage.clone().unwrap_or_else(all), Kind::Text);
    if let Some(mob) = ratio.mob {
        sheet.put(row, 1, Content::Number(f64::from(mob)), Kind::Count, Ink::Engine);
    }
    day(sheet, (row, 2), ratio.date);
    let figure = page.labels.text(&format!("figure_{}", ratio.figure.name()));
    sheet.text(row, 3, figure, Kind::Text);
    grey(sheet, (row, 4), ratio.numerator);
    for (at, base) in Base::ALL.iter().enumerate() {
        let Some((_, whole)) = ratio.bases.iter().find(|(known, _)| known == base) else {
            continue;
        };
        let (of, to) = (column(5 + at), column(5 + Base::ALL.len() + at));
        grey(sheet, (row, of), *whole);
        if let Some(value) = ratio.on(*base) {
            let text = format!("ROUND({}/{},12)", cell_name(row, 4), cell_name(row, of));
            formula(sheet, (row, to), text, value, Kind::Rate);
        }
    }
}
