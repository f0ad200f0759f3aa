//! 基础资产概况: totals and averages, and a check that every distribution adds up to them.

use super::super::portfolio::{Heading, TOP, count, grey, live, rounded};
use crate::money::{Amount, Rate};
use crate::portfolio::stratification::{Stratification, Summary};
use crate::portfolio::{Figure, Kind as FigureKind};
use crate::report::layout::quoted;
use crate::report::workbook::{Content, Ink, Kind, Sheet};

/// The sheet; `totals` are the rows of the distributions' totals on the sheet of that name.
pub(super) fn sheet(
    heading: &Heading,
    of: &Stratification,
    totals: &[u32],
    distributions: &str,
) -> Sheet {
    let mut sheet = heading.sheet("strat_summary", &[62.0, 22.0, 40.0]);
    sheet.landscape = false;
    let mut page = Page { sheet, heading, row: TOP };
    page.lines(&of.summary);
    let other = quoted(distributions);
    let differences: Vec<String> =
        totals.iter().map(|row| format!("ABS({other}!E{}-B{})", row + 1, TOP + 4)).collect();
    if !differences.is_empty() {
        page.row += 1;
        page.label("strat_check");
        let formula = format!("ROUND({},2)", differences.join("+"));
        live(&mut page.sheet, (page.row, 1), (formula, 0.0), (Kind::Zero, Ink::Total));
    }
    page.sheet
}

struct Page<'a> {
    sheet: Sheet,
    heading: &'a Heading,
    row: u32,
}

impl Page<'_> {
    fn lines(&mut self, of: &Summary) {
        self.value("strat_receivables", count(of.count), Kind::Count);
        match of.obligors {
            Some(obligors) => self.value("strat_obligors", count(obligors), Kind::Count),
            None => self.nothing("strat_obligors"),
        }
        self.money("strat_original", of.original);
        self.money("strat_outstanding", of.outstanding);
        // Rows of the lines above, as a spreadsheet counts them.
        let (number, obligors, balance) = (TOP + 1, TOP + 2, TOP + 4);
        let each = |number: u32| format!("IF(B{number}=0,0,ROUND(B{balance}/B{number},2))");
        let average = of.average_balance().to_f64();
        self.formula("strat_average", (each(number), average), Kind::Money);
        self.money("strat_largest", of.largest);
        if let (Some(average), Some(largest)) = (of.average_obligor(), of.largest_obligor) {
            let average = average.to_f64();
            self.formula("strat_average_obligor", (each(obligors), average), Kind::Money);
            self.money("strat_largest_obligor", largest);
            let share = format!("IF(B{balance}=0,0,ROUND(B{}/B{balance},6))", self.row);
            let value = ratio(largest, of.outstanding);
            self.formula("strat_largest_share", (share, value), Kind::PoolRate);
        }
        for average in &of.averages {
            self.average(average);
        }
        self.value("strat_interest_free", of.interest_free.to_f64(), Kind::PoolRate);
        if let Some(herfindahl) = of.herfindahl {
            self.value("strat_top_10", of.top_share(10).to_f64(), Kind::PoolRate);
            self.value("strat_top_20", of.top_share(20).to_f64(), Kind::PoolRate);
            self.value("strat_herfindahl", herfindahl.to_f64(), Kind::Rate);
        }
    }

    fn average(&mut self, average: &crate::portfolio::stratification::Average) {
        let labels = self.heading.labels;
        let text = labels.text_of("strat_weighted", &average.of.label());
        self.sheet.text(self.row, 0, text, Kind::Text);
        match average.value {
            Some(value) => grey(&mut self.sheet, self.row, 1, as_cell(value), look(value)),
            None => self.sheet.text(self.row, 1, "–", Kind::Text),
        }
        if average.missing > 0 {
            let note =
                labels.text("strat_missing").replace("{count}", &average.missing.to_string());
            self.sheet.text(self.row, 2, note, Kind::Note);
        }
        self.row += 1;
    }

    fn label(&mut self, key: &str) {
        self.sheet.text(self.row, 0, self.heading.labels.text(key), Kind::Text);
    }

    fn value(&mut self, key: &str, value: f64, kind: Kind) {
        self.label(key);
        grey(&mut self.sheet, self.row, 1, value, kind);
        self.row += 1;
    }

    fn money(&mut self, key: &str, amount: Amount) {
        self.value(key, amount.to_f64(), Kind::Money);
    }

    fn nothing(&mut self, key: &str) {
        self.label(key);
        self.sheet.put(self.row, 1, Content::Text("–".to_string()), Kind::Text, Ink::Label);
        self.row += 1;
    }

    fn formula(&mut self, key: &str, cell: (String, f64), kind: Kind) {
        self.label(key);
        live(&mut self.sheet, (self.row, 1), cell, (kind, Ink::Formula));
        self.row += 1;
    }
}

fn ratio(part: Amount, whole: Amount) -> f64 {
    if whole == Amount::ZERO { 0.0 } else { rounded(part.to_f64() / whole.to_f64(), 6) }
}

/// A figure as a cell holds it.
pub(in crate::report) fn as_cell(figure: Figure) -> f64 {
    match figure.kind {
        FigureKind::Money => Amount::from_minor(figure.parts).to_f64(),
        FigureKind::Rate => Rate::from_parts(figure.parts).to_f64(),
        FigureKind::Count | FigureKind::Date | FigureKind::Text => {
            // Counts are small; days fit a double by far.
            f64::from(i32::try_from(figure.parts).unwrap_or(i32::MAX))
        }
        FigureKind::Number => {
            let number = rust_decimal::Decimal::new(figure.parts, 6).normalize();
            number.to_string().parse().unwrap_or(f64::NAN)
        }
    }
}

/// How a figure's cell looks.
pub(in crate::report) fn look(figure: Figure) -> Kind {
    match figure.kind {
        FigureKind::Money => Kind::Money,
        FigureKind::Rate => Kind::PoolRate,
        FigureKind::Count | FigureKind::Date | FigureKind::Text => Kind::Count,
        FigureKind::Number => Kind::PerHundred,
    }
}
