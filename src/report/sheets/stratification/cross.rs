//! Cross-tables: principal by two dimensions, with live sums on both sides.

use super::super::portfolio::{Heading, TOP, grey, live};
use crate::money::Amount;
use crate::portfolio::stratification::{Cross, Stratification};
use crate::report::workbook::{Ink, Kind, Sheet, cell_name, column_name};

pub(super) fn sheet(heading: &Heading, of: &Stratification) -> Sheet {
    let across = of.crosses.iter().map(|cross| cross.column_labels.len()).max().unwrap_or(0) + 2;
    let widths: Vec<f64> = std::iter::once(30.0).chain(std::iter::repeat_n(17.0, across)).collect();
    let mut sheet = heading.sheet("strat_cross", &widths);
    let mut row = TOP;
    for cross in &of.crosses {
        row = table(&mut sheet, heading, cross, row) + 2;
    }
    sheet
}

/// One table; the row of its sums.
fn table(sheet: &mut Sheet, heading: &Heading, cross: &Cross, top: u32) -> u32 {
    let labels = heading.labels;
    let [down, over] = [&cross.rows, &cross.columns].map(|d| labels.name(&d.of.label()));
    sheet.text(top, 0, format!("{down} × {over}"), Kind::Group);
    sheet.text(top + 1, 0, down, Kind::Header);
    for (column, label) in (1..).zip(&cross.column_labels) {
        sheet.text(top + 1, column, labels.name(label), Kind::Header);
    }
    sheet.heights.push((top + 1, 28.0));
    let width = u16::try_from(cross.column_labels.len()).expect("buckets are few");
    let (sums, shares) = (width + 1, width + 2);
    sheet.text(top + 1, sums, labels.text("total"), Kind::Header);
    sheet.text(top + 1, shares, labels.text("strat_balance_share"), Kind::Header);
    let first = top + 2;
    let last = first + u32::try_from(cross.row_labels.len()).expect("buckets are few");
    let all: Amount = cross.balances.iter().flatten().copied().sum();
    for (row, (label, balances)) in (first..).zip(cross.row_labels.iter().zip(&cross.balances)) {
        sheet.text(row, 0, labels.name(label), Kind::Text);
        for (column, balance) in (1..).zip(balances) {
            grey(sheet, row, column, balance.to_f64(), Kind::Money);
        }
        let sum: Amount = balances.iter().copied().sum();
        let formula = format!("ROUND(SUM({}:{}),2)", cell_name(row, 1), cell_name(row, width));
        live(sheet, (row, sums), (formula, sum.to_f64()), (Kind::Money, Ink::Formula));
        share(sheet, (row, shares), (sums, last), sum, all);
    }
    sheet.text(last, 0, labels.text("total"), Kind::Strong);
    for column in 1..=sums {
        let sum = match column {
            column if column == sums => all,
            column => cross.balances.iter().map(|row| row[usize::from(column - 1)]).sum(),
        };
        let name = column_name(column);
        let formula = format!("ROUND(SUM({name}{}:{name}{last}),2)", first + 1);
        live(sheet, (last, column), (formula, sum.to_f64()), (Kind::Money, Ink::Total));
    }
    share(sheet, (last, shares), (sums, last), all, all);
    last
}

fn share(sheet: &mut Sheet, at: (u32, u16), (sums, last): (u16, u32), part: Amount, all: Amount) {
    let (own, whole) = (cell_name(at.0, sums), cell_name(last, sums));
    let formula = format!("IF({whole}=0,0,ROUND({own}/{whole},4))");
    let value = if all == Amount::ZERO {
        0.0
    } else {
        super::super::portfolio::rounded(part.to_f64() / all.to_f64(), 4)
    };
    live(sheet, at, (formula, value), (Kind::Share, Ink::Formula));
}
