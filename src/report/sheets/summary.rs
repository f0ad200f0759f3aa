//! The deal on one page: tranches with their live results, and charts.

use super::super::layout::{FIRST_ROW, VALUE_COLUMN};
use super::super::workbook::{
    Chart, Content, Form, Ink, Kind, Series, Sheet, cell_name, column_name,
};
use super::{Context, lines};
use crate::analytics;
use crate::deal::{Coupon, Tranche};
use crate::formula::{InputId, LineId, Sort, cell_value};
use crate::model::Axis;

const FIRST: u32 = 5;

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("summary").to_string(),
        landscape: true,
        tab: Some(0xFFC000),
        widths: vec![
            (0, 24.0),
            (1, 18.0),
            (2, 9.0),
            (3, 13.0),
            (4, 10.0),
            (5, 16.0),
            (6, 18.0),
            (7, 16.0),
            (8, 14.0),
            (9, 11.0),
            (10, 13.0),
        ],
        heights: vec![(FIRST - 1, 36.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.name(&context.deal.name), Kind::Title);
    sheet.text(1, 0, labels.about("summary"), Kind::Note);
    let unit = labels.text("unit").replace("{currency}", &context.deal.currency);
    sheet.text(2, 0, unit, Kind::Note);
    let headings: [String; 11] = [
        labels.text("tranche"),
        labels.part("face"),
        labels.text("share"),
        labels.text("enhancement"),
        labels.part("coupon"),
        labels.text("total_interest"),
        labels.text("total_principal"),
        labels.text("total_remainder"),
        labels.text("shortfall"),
        labels.text("wal"),
        labels.text("last_paid"),
    ];
    for (column, heading) in (0..).zip(headings) {
        sheet.text(FIRST - 1, column, heading, Kind::Header);
    }
    for (place, tranche) in context.deal.tranches.iter().enumerate() {
        row(context, place, tranche, &mut sheet);
    }
    let count = u32::try_from(context.deal.tranches.len()).expect("tranches are few");
    totals(context, FIRST + count, &mut sheet);
    let below = FIRST + count + 2;
    analytics_table(context, below, &mut sheet);
    let below = below + count + 3;
    let below = below + super::subpools::table(context, below, &mut sheet);
    charts(context, below, &mut sheet);
    sheet
}

fn row(context: &Context, place: usize, tranche: &Tranche, sheet: &mut Sheet) {
    let (model, run) = (context.layout.model(), context.run);
    let row = FIRST + u32::try_from(place).expect("tranches are few");
    let labels = context.layout.labels();
    let id = |part: &str| model.line(&format!("tranche.{}.{part}", tranche.id));
    let input = |part: &str| {
        let input =
            model.input(&format!("tranche.{}.{part}", tranche.id)).expect("every tranche has it");
        let cell = cell_name(context.layout.input_row(input), VALUE_COLUMN);
        (format!("{}!{cell}", context.layout.sheet("inputs")), context.inputs.value(input))
    };
    sheet.text(row, 0, labels.name(&tranche.name), Kind::Text);
    let (face, face_value) = input("face");
    sheet.put(
        row,
        1,
        Content::Formula(face, cell_value(face_value, Sort::Amount)),
        Kind::Money,
        Ink::Link,
    );
    let all: i64 = context.deal.tranches.iter().map(|tranche| tranche.face.minor()).sum();
    let last = FIRST + u32::try_from(context.deal.tranches.len()).expect("tranches are few");
    let share = format!("{}/{}", cell_name(row, 1), cell_name(last, 1));
    let share_value = cell_value(face_value, Sort::Amount) / cell_value(all, Sort::Amount);
    sheet.put(row, 2, Content::Formula(share, share_value), Kind::Share, Ink::Formula);
    enhancement(context, place, row, sheet);
    let (coupon, coupon_value) = match tranche.coupon {
        Coupon::Fixed(_) => input("coupon"),
        // The rate of the first interest period.
        Coupon::Stepped(_) | Coupon::Floating(_) => {
            let line = id("coupon_in_force").expect("a rate that moves has its line");
            (context.layout.cell(line, 1, 0), run.value(line, 1, 0))
        }
    };
    let coupon = Content::Formula(coupon, cell_value(coupon_value, Sort::Rate));
    sheet.put(row, 4, coupon, Kind::Percent, Ink::Link);
    for (column, part) in [(5, "interest_paid"), (6, "principal_paid"), (7, "remainder_paid")] {
        let Some(line) = id(part) else { continue };
        let content = Content::Formula(lines::total_cell(context, line), run.total(line).to_f64());
        sheet.put(row, column, content, Kind::Money, Ink::Link);
    }
    let closing = id("closing_balance").expect("every tranche has a balance");
    let end = model.timeline.len(Axis::Payments);
    let unpaid =
        Content::Formula(context.layout.cell(closing, end, 0), run.amount(closing, end).to_f64());
    sheet.put(row, 8, unpaid, Kind::Money, Ink::Link);
    wal(context, row, id("principal_paid").expect("every tranche pays principal"), sheet);
}

/// `1 − (this tranche and all that rank with it or before) ÷ pool`: what stands below it at closing.
///
/// The pool of a tranche that the account of some sub-pools repays is these sub-pools.
fn enhancement(context: &Context, place: usize, row: u32, sheet: &mut Sheet) {
    let model = context.layout.model();
    let balances: Vec<InputId> = match context.deal.collateral_of(place) {
        of if of.is_empty() => model.input("pool.initial_balance").into_iter().collect(),
        of => of
            .iter()
            .filter_map(|subpool| {
                let id = &model.subpools.get(*subpool)?.id;
                model.input(&format!("pool.{id}.initial_balance"))
            })
            .collect(),
    };
    let pool: f64 = balances
        .iter()
        .map(|balance| cell_value(context.inputs.value(*balance), Sort::Amount))
        .sum();
    let first = context.deal.ranks_first(place);
    let above: f64 = first.iter().map(|other| context.deal.tranches[*other].face.to_f64()).sum();
    let cells: Vec<String> = balances
        .iter()
        .map(|balance| {
            let cell = cell_name(context.layout.input_row(*balance), VALUE_COLUMN);
            format!("{}!{cell}", context.layout.sheet("inputs"))
        })
        .collect();
    let face = |other: &usize| {
        let row = FIRST + u32::try_from(*other).expect("tranches are few");
        cell_name(row, 1)
    };
    let is_top = first.iter().copied().eq(0..=place);
    let faces = match is_top {
        true => format!("{}:{}", cell_name(FIRST, 1), cell_name(row, 1)),
        false => first.iter().map(face).collect::<Vec<_>>().join(","),
    };
    let whole = match cells.as_slice() {
        [one] => one.clone(),
        several => format!("SUM({})", several.join(",")),
    };
    let formula = format!("1-SUM({faces})/{whole}");
    let value = if pool == 0.0 { 0.0 } else { 1.0 - above / pool };
    sheet.put(row, 3, Content::Formula(formula, value), Kind::Share, Ink::Formula);
}

/// `WAL = Σ principal × (date − closing) ÷ 365 ÷ Σ principal`, and the last date with principal.
fn wal(context: &Context, row: u32, principal: LineId, sheet: &mut Sheet) {
    let (model, run) = (context.layout.model(), context.run);
    let dates = model.line("dates.payment").expect("every model has payment dates");
    let (_, last) = lines::rows(context, principal);
    let range = |line: LineId| {
        let spot = context.layout.spot(line);
        let (name, column) = (context.layout.sheet(spot.topic.key()), column_name(spot.column));
        format!("{name}!{column}{}:{column}{}", FIRST_ROW + 2, last + 1)
    };
    let (paid, when) = (range(principal), range(dates));
    let start = context.layout.cell(dates, 0, 0);
    let flows: Vec<(f64, f64)> = (1..=model.timeline.len(Axis::Payments))
        .map(|tick| {
            let days = run.value(dates, tick, 0) - run.value(dates, 0, 0);
            (cell_value(days, Sort::Number), run.amount(principal, tick).to_f64())
        })
        .collect();
    let total: f64 = flows.iter().map(|(_, amount)| amount).sum();
    let weighted: f64 = flows.iter().map(|(days, amount)| days * amount).sum();
    let value = if total == 0.0 { 0.0 } else { weighted / 365.0 / total };
    // A life is in years of 365 days, whatever day counts the deal has.
    let formula = format!("IF(SUM({paid})=0,0,SUMPRODUCT({paid},{when}-{start})/365/SUM({paid}))");
    sheet.put(row, 9, Content::Formula(formula, value), Kind::PerHundred, Ink::Formula);
    let last_paid = (1..=model.timeline.len(Axis::Payments))
        .filter(|tick| run.value(principal, *tick, 0) > 0)
        .map(|tick| run.value(dates, tick, 0))
        .max()
        .unwrap_or(0);
    let formula = format!("SUMPRODUCT(MAX(({paid}>0)*{when}))");
    sheet.put(
        row,
        10,
        Content::Formula(formula, cell_value(last_paid, Sort::Date)),
        Kind::Date,
        Ink::Formula,
    );
}

fn totals(context: &Context, row: u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    sheet.text(row, 0, labels.text("total"), Kind::Strong);
    for column in [1, 5, 6, 7, 8] {
        let sum: f64 = sheet
            .cells
            .iter()
            .filter(|cell| cell.column == column && (FIRST..row).contains(&cell.row))
            .map(|cell| match cell.content {
                Content::Number(value) | Content::Formula(_, value) => value,
                Content::Text(_) | Content::TextFormula(..) => 0.0,
            })
            .sum();
        let range = format!("{}:{}", cell_name(FIRST, column), cell_name(row - 1, column));
        let content =
            Content::Formula(format!("ROUND(SUM({range}),2)"), (sum * 100.0).round() / 100.0);
        sheet.put(row, column, content, Kind::Money, Ink::Total);
    }
}

/// Yield and price: engine values, because root finding is not a cell formula everybody trusts.
fn analytics_table(context: &Context, first: u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    sheet.heights.push((first, 30.0));
    let is_priced = context.deal.tranches.iter().any(|tranche| tranche.pricing_yield.is_some());
    let prices = [(5, "pricing_yield"), (6, "price")].into_iter().filter(|_| is_priced);
    for (column, key) in [(0, "tranche"), (1, "irr")].into_iter().chain(prices) {
        sheet.text(first, column, labels.text(key), Kind::Header);
    }
    let beside = if is_priced { 7 } else { 2 };
    sheet.text(first, beside, labels.text("engine_value"), Kind::Note);
    for (place, tranche) in context.deal.tranches.iter().enumerate() {
        let row = first + 1 + u32::try_from(place).expect("tranches are few");
        sheet.text(row, 0, labels.name(&tranche.name), Kind::Text);
        let measures =
            analytics::of_tranche(context.deal, context.layout.model(), context.run, place);
        if let Some(irr) = measures.xirr {
            sheet.put(row, 1, Content::Number(irr), Kind::Rate, Ink::Engine);
        }
        if let (Some(pricing), Some(price)) = (tranche.pricing_yield, measures.price) {
            sheet.put(row, 5, Content::Number(pricing.to_f64()), Kind::Percent, Ink::Engine);
            sheet.put(row, 6, Content::Number(price), Kind::PerHundred, Ink::Engine);
        }
    }
}

fn charts(context: &Context, row: u32, sheet: &mut Sheet) {
    let (model, labels) = (context.layout.model(), context.layout.labels());
    let series = |line: LineId, name: String, date_column: u16, first_tick: u32| {
        let spot = context.layout.spot(line);
        let (_, last) = lines::rows(context, line);
        Series {
            name,
            sheet: labels.sheet(spot.topic.key()).to_string(),
            category: date_column,
            column: spot.column,
            rows: (FIRST_ROW + first_tick, last),
        }
    };
    let line = |key: &str| model.line(key).expect("every model has the lines of the charts");
    let mut balances = vec![series(line("pool.closing"), labels.title("pool"), 1, 0)];
    for tranche in &context.deal.tranches {
        let id = line(&format!("tranche.{}.closing_balance", tranche.id));
        balances.push(series(id, labels.name(&tranche.name), 1, 0));
    }
    let flows = [
        "scheduled",
        "prepaid",
        "interest",
        "fee",
        "recovered",
        "disposed",
        "arrears_principal",
        "dilution_paid",
        "repurchase_paid",
    ];
    let collections = flows.iter().filter_map(|key| {
        let id = model.line(&format!("pool.{key}"))?;
        Some(series(id, labels.part(model.lines[id.0].part), 1, 1))
    });
    sheet.charts = vec![
        Chart {
            at: (row, 0),
            size: (640, 320),
            title: labels.text("chart_balances"),
            form: Form::Lines,
            series: balances,
        },
        Chart {
            at: (row, 6),
            size: (640, 320),
            title: labels.text("chart_collections"),
            form: Form::Stacked,
            series: collections.collect(),
        },
    ];
}
