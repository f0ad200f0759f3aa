//! All distributions below each other, each with its chart.
//!
//! ```text
//! bucket │ count │ % │ obligors │ principal │ % │ average rate │ average balance      chart
//! total  │ SUM   │ 1 │ grey     │ SUM       │ 1 │ SUMPRODUCT   │ ROUND(E/B,2)
//! ```

use super::super::portfolio::{Heading, TOP, count, grey, header, live, rounded};
use crate::money::{Amount, Rate};
use crate::portfolio::stratification::{Bucket, Distribution, Stratification};
use crate::report::workbook::{Chart, Form, Ink, Kind, Series, Sheet};

const HEADERS: [&str; 8] = [
    "strat_bucket",
    "strat_count",
    "strat_count_share",
    "strat_obligors",
    "strat_balance",
    "strat_balance_share",
    "strat_rate",
    "strat_average",
];
/// The height of a row on the screen, in pixels.
const ROW: u32 = 20;
/// An empty column at the right that the size of print leaves room for: programs without the font of
/// the file draw columns up to a third wider.
const MARGIN: f64 = 55.0;
/// Rows that fit on a page of A3 in landscape.
const PAGE: u32 = 50;

/// The sheet, and the row of each distribution's total.
pub(super) fn sheet(heading: &Heading, of: &Stratification, suffix: &str) -> (Sheet, Vec<u32>) {
    let widths = [28.0, 9.0, 9.0, 9.0, 17.0, 9.0, 13.0, 14.0, 2.0, 56.0, MARGIN];
    let mut sheet = heading.sheet("stratification", &widths);
    sheet.name += suffix;
    sheet.freeze = (TOP - 1, 1);
    // Wrapped: a text beyond the last column would print on a page of its own.
    sheet.cells.retain(|cell| (cell.row, cell.column) != (1, 0));
    sheet.paragraph(1, (0, 9), heading.labels.about("stratification"));
    let (mut row, mut totals, mut page) = (TOP, Vec::new(), 0);
    for distribution in &of.distributions {
        // A table and its chart stay on one page.
        if row > page && row + rows(distribution) > page + PAGE {
            sheet.page_rows.push(row);
            page = row;
        }
        totals.push(table(&mut sheet, heading, distribution, row));
        row += rows(distribution) + 1;
    }
    if !of.absent.is_empty() {
        let names: Vec<String> =
            of.absent.iter().map(|absent| heading.labels.name(&absent.label())).collect();
        let text = heading.labels.text("strat_absent").replace("{fields}", &names.join(", "));
        sheet.paragraph(row, (0, 7), text);
    }
    (sheet, totals)
}

/// One distribution; the row of its total.
fn table(sheet: &mut Sheet, heading: &Heading, of: &Distribution, top: u32) -> u32 {
    let labels = heading.labels;
    let name = labels.name(&of.dimension.of.label());
    sheet.text(top, 0, name.clone(), Kind::Group);
    header(sheet, labels, top + 1, &HEADERS);
    let first = top + 2;
    let total = first + u32::try_from(of.buckets.len()).expect("buckets are few");
    let (counts, balances) = (of.count_shares(), of.balance_shares());
    let last_count = of.buckets.iter().rposition(|bucket| bucket.count > 0);
    let last_balance = of.buckets.iter().rposition(|bucket| bucket.balance != Amount::ZERO);
    for (place, (row, bucket)) in (first..).zip(&of.buckets).enumerate() {
        sheet.text(row, 0, labels.name(&bucket.label), Kind::Text);
        amounts(sheet, row, bucket);
        let column = Shares { column: "B", first, total, row };
        let share = column.formula(last_count == Some(place), "C");
        live(sheet, (row, 2), (share, counts[place].to_f64()), (Kind::Share, Ink::Formula));
        let column = Shares { column: "E", first, total, row };
        let share = column.formula(last_balance == Some(place), "F");
        live(sheet, (row, 5), (share, balances[place].to_f64()), (Kind::Share, Ink::Formula));
        average(sheet, row, bucket, Ink::Formula);
    }
    totals(sheet, heading, of, (first, total));
    if !tells_something(of) {
        return total;
    }
    let series = Series {
        name: labels.text("strat_balance"),
        sheet: sheet.name.clone(),
        category: 0,
        column: 4,
        rows: (first, total - 1),
    };
    sheet.charts.push(Chart {
        at: (top, 9),
        size: (390, chart_rows(of) * ROW - 8),
        title: name,
        form: Form::Bars,
        series: vec![series],
    });
    total
}

/// Rows of a table with its title, headings and total, or of the chart beside it.
fn rows(of: &Distribution) -> u32 {
    let buckets = u32::try_from(of.buckets.len()).expect("buckets are few");
    if tells_something(of) { chart_rows(of).max(buckets + 4) } else { buckets + 4 }
}

/// Rows of a chart: title, axis and a bar for each bucket.
fn chart_rows(of: &Distribution) -> u32 {
    u32::try_from(of.buckets.len()).expect("buckets are few").max(4) + 4
}

/// Whether a chart would show more than that the tape says nothing.
fn tells_something(of: &Distribution) -> bool {
    let known = of.buckets.len().saturating_sub(1);
    of.buckets.iter().take(known).any(|bucket| bucket.count > 0)
}

/// The grey figures of a bucket.
fn amounts(sheet: &mut Sheet, row: u32, bucket: &Bucket) {
    grey(sheet, row, 1, count(bucket.count), Kind::Count);
    if let Some(obligors) = bucket.obligors {
        grey(sheet, row, 3, count(obligors), Kind::Count);
    }
    grey(sheet, row, 4, bucket.balance.to_f64(), Kind::Money);
    grey(sheet, row, 6, bucket.rate.map_or(0.0, Rate::to_f64), Kind::PoolRate);
}

/// Principal over receivables, to the minor unit.
fn average(sheet: &mut Sheet, row: u32, bucket: &Bucket, ink: Ink) {
    let cells = row + 1;
    let formula = format!("IF(B{cells}=0,0,ROUND(E{cells}/B{cells},2))");
    let each = if bucket.count == 0 {
        0.0
    } else {
        rounded(bucket.balance.to_f64() / count(bucket.count), 2)
    };
    live(sheet, (row, 7), (formula, each), (Kind::Money, ink));
}

/// The share of one row in a column.
struct Shares {
    column: &'static str,
    first: u32,
    total: u32,
    row: u32,
}

impl Shares {
    /// Rounded to two decimals in percent; the last part that is not nothing is what is left.
    fn formula(&self, is_last: bool, own: &str) -> String {
        let (column, row, total) = (self.column, self.row + 1, self.total + 1);
        if !is_last {
            return format!("IF({column}{total}=0,0,ROUND({column}{row}/{column}{total},4))");
        }
        let (above, below) = ((self.first + 1, self.row), (row + 1, self.total));
        let others: Vec<String> = [above, below]
            .into_iter()
            .filter(|(from, to)| from <= to)
            .map(|(from, to)| format!("SUM({own}{from}:{own}{to})"))
            .collect();
        if others.is_empty() {
            return "1".to_string();
        }
        format!("ROUND(1-{},4)", others.join("-"))
    }
}

fn totals(sheet: &mut Sheet, heading: &Heading, of: &Distribution, (first, total): (u32, u32)) {
    let sum = |column: &str| format!("SUM({column}{}:{column}{total})", first + 1);
    let (all, look) = (&of.total, |kind| (kind, Ink::Total));
    sheet.put(
        total,
        0,
        crate::report::workbook::Content::Text(heading.labels.name(&all.label)),
        Kind::Strong,
        Ink::Total,
    );
    let whole = |is: bool| if is { 1.0 } else { 0.0 };
    live(sheet, (total, 1), (sum("B"), count(all.count)), look(Kind::Count));
    let share = format!("ROUND({},4)", sum("C"));
    live(sheet, (total, 2), (share, whole(all.count > 0)), look(Kind::Share));
    if let Some(obligors) = all.obligors {
        grey(sheet, total, 3, count(obligors), Kind::Count);
    }
    let balance = all.balance.to_f64();
    live(sheet, (total, 4), (format!("ROUND({},2)", sum("E")), balance), look(Kind::Money));
    let share = format!("ROUND({},4)", sum("F"));
    live(sheet, (total, 5), (share, whole(all.balance != Amount::ZERO)), look(Kind::Share));
    let (from, cell) = (first + 1, total + 1);
    let product = format!("SUMPRODUCT(E{from}:E{total},G{from}:G{total})");
    let formula = format!("IF(E{cell}=0,0,ROUND({product}/E{cell},8))");
    let weighted: f64 = of
        .buckets
        .iter()
        .map(|bucket| bucket.balance.to_f64() * bucket.rate.map_or(0.0, Rate::to_f64))
        .sum();
    let rate = if all.balance == Amount::ZERO { 0.0 } else { rounded(weighted / balance, 8) };
    live(sheet, (total, 6), (formula, rate), look(Kind::PoolRate));
    average(sheet, total, all, Ink::Total);
}
