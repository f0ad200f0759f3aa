//! 前二十大: the largest obligors, masked.

use super::super::portfolio::{Heading, TOP, count, grey, header, live, rounded};
use crate::portfolio::stratification::Stratification;
use crate::report::workbook::{Ink, Kind, Sheet};

const HEADERS: [&str; 7] = [
    "strat_rank",
    "strat_obligor",
    "strat_count",
    "strat_balance",
    "strat_balance_share",
    "strat_region",
    "strat_score",
];

pub(super) fn sheet(heading: &Heading, of: &Stratification) -> Sheet {
    let mut sheet = heading.sheet("strat_top", &[8.0, 24.0, 10.0, 18.0, 12.0, 20.0, 14.0]);
    sheet.landscape = false;
    header(&mut sheet, heading.labels, TOP, &HEADERS);
    let (first, top) = (TOP + 1, &of.summary.top);
    let total = first + u32::try_from(top.len()).expect("twenty at most");
    let whole = of.summary.outstanding.to_f64();
    let pool = total + 2;
    let share = |sheet: &mut Sheet, row: u32, part: f64, ink: Ink| {
        let formula = format!("IF($D${}=0,0,ROUND(D{}/$D${},4))", pool + 1, row + 1, pool + 1);
        let value = if whole == 0.0 { 0.0 } else { rounded(part / whole, 4) };
        live(sheet, (row, 4), (formula, value), (Kind::Share, ink));
    };
    for (rank, (row, obligor)) in (first..).zip(top).enumerate() {
        grey(&mut sheet, row, 0, count(rank + 1), Kind::Rank);
        sheet.text(row, 1, obligor.id.clone(), Kind::Text);
        grey(&mut sheet, row, 2, count(obligor.count), Kind::Count);
        grey(&mut sheet, row, 3, obligor.balance.to_f64(), Kind::Money);
        share(&mut sheet, row, obligor.balance.to_f64(), Ink::Formula);
        sheet.text(row, 5, obligor.region.clone(), Kind::Beside);
        sheet.text(row, 6, obligor.score.clone(), Kind::Text);
    }
    sheet.text(total, 1, heading.labels.text("total"), Kind::Strong);
    let sum: crate::money::Amount = top.iter().map(|obligor| obligor.balance).sum();
    let formula = format!("ROUND(SUM(D{}:D{total}),2)", first + 1);
    live(&mut sheet, (total, 3), (formula, sum.to_f64()), (Kind::Money, Ink::Total));
    share(&mut sheet, total, sum.to_f64(), Ink::Total);
    sheet.text(pool, 1, heading.labels.text("strat_outstanding"), Kind::Strong);
    grey(&mut sheet, pool, 3, whole, Kind::Money);
    sheet
}
