//! The grid of scenarios: values of many runs, grey, with a control row that restates the live one.

use chrono::NaiveDate;

use super::super::layout::{FIRST_ROW, Layout};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use crate::config::Text;
use crate::deal::Deal;
use crate::formula::{Sort, cell_value};
use crate::model::{Axis, serial};
use crate::money::{Amount, Rate};

/// A tranche under a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct StressLine {
    /// The scenario.
    pub scenario: Text,
    /// Defaults of the pool.
    pub cdr: Rate,
    /// The tranche, by place.
    pub tranche: usize,
    /// Whether everything is paid.
    pub paid_in_full: bool,
    /// Interest and principal never paid.
    pub short: [Amount; 2],
    /// The first date that is short.
    pub first_short: Option<NaiveDate>,
    /// Least coverage, life in years, yield.
    pub figures: [Option<f64>; 3],
    /// Interest, principal and remainder paid.
    pub paid: [Amount; 3],
}

/// The break-even of a tranche: its place, multiple, defaults, cushion, whether nothing breaks it,
/// whether it is paid again above the break.
pub type BreakEvenLine = (usize, [Option<Rate>; 3], bool, bool);

/// What the sheet shows.
#[derive(Clone, Debug, PartialEq)]
pub struct StressFigures {
    /// The live scenario's tranches first.
    pub lines: Vec<StressLine>,
    /// By tranche.
    pub break_even: Vec<BreakEvenLine>,
}

/// The row of the control.
const CONTROL: u32 = 3;
/// The row of the headings.
const HEADER: u32 = 5;

/// The sheet, beside the sheets of the live run in the same layout.
pub fn stress_sheet(layout: &Layout, deal: &Deal, figures: &StressFigures) -> Sheet {
    let labels = layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("stress").to_string(),
        landscape: true,
        tab: Some(0xC00000),
        widths: (0..13).map(|at| (at, if at < 2 { 26.0 } else { 16.0 })).collect(),
        freeze: (HEADER + 1, 2),
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("stress"), Kind::Title);
    sheet.text(1, 0, labels.about("stress"), Kind::Note);
    sheet.heights.push((HEADER, 58.0));
    let heads = [
        "stress_scenario",
        "tranche",
        "stress_cdr",
        "stress_paid",
        "stress_interest_short",
        "stress_principal_short",
        "stress_first",
        "stress_coverage",
        "stress_life",
        "stress_yield",
        "stress_interest",
        "stress_principal",
        "stress_remainder",
    ];
    for (at, key) in (0..).zip(heads) {
        sheet.text(HEADER, at, labels.text(key), Kind::Header);
    }
    let mut differences = Vec::new();
    for (place, line) in figures.lines.iter().enumerate() {
        let row = HEADER + 1 + u32::try_from(place).expect("scenarios are few");
        scenario(&mut sheet, layout, deal, row, line);
        if place < deal.tranches.len() {
            differences.extend(restated(layout, deal, row, line));
        }
    }
    let sum = differences.join("+");
    sheet.text(CONTROL, 0, labels.text("stress_control"), Kind::Strong);
    let content = Content::Formula(format!("ROUND({sum},2)"), 0.0);
    sheet.put(CONTROL, 1, content, Kind::Zero, Ink::Total);
    let (agrees, stale) = (labels.text("control_agrees"), labels.text("control_stale"));
    let said = format!("IF({}=0,\"{agrees}\",\"{stale}\")", cell_name(CONTROL, 1));
    sheet.put(CONTROL, 2, Content::TextFormula(said, agrees), Kind::Strong, Ink::Formula);
    let below = HEADER + 3 + u32::try_from(figures.lines.len()).expect("scenarios are few");
    break_even(&mut sheet, layout, deal, below, &figures.break_even);
    sheet
}

fn scenario(sheet: &mut Sheet, layout: &Layout, deal: &Deal, row: u32, line: &StressLine) {
    let labels = layout.labels();
    sheet.text(row, 0, labels.name(&line.scenario), Kind::Text);
    sheet.text(row, 1, labels.name(&deal.tranches[line.tranche].name), Kind::Text);
    let mut grey = |at: u16, value: Option<f64>, kind: Kind| {
        if let Some(value) = value {
            sheet.put(row, at, Content::Number(value), kind, Ink::Engine);
        }
    };
    grey(2, Some(line.cdr.to_f64()), Kind::Rate);
    grey(4, Some(line.short[0].to_f64()), Kind::Money);
    grey(5, Some(line.short[1].to_f64()), Kind::Money);
    let first = line.first_short.map(|date| cell_value(serial(date), Sort::Date));
    grey(6, first, Kind::Date);
    grey(7, line.figures[0], Kind::PerHundred);
    grey(8, line.figures[1], Kind::PerHundred);
    grey(9, line.figures[2], Kind::Rate);
    for (at, paid) in (10..).zip(line.paid) {
        grey(at, Some(paid.to_f64()), Kind::Money);
    }
    let paid = labels.text(if line.paid_in_full { "stress_yes" } else { "stress_no" });
    sheet.text(row, 3, paid, if line.paid_in_full { Kind::Text } else { Kind::Strong });
}

/// How far what the live sheets pay a tranche is from what the grid says of it.
fn restated(layout: &Layout, deal: &Deal, row: u32, line: &StressLine) -> Vec<String> {
    let parts = [(10, "interest_paid"), (11, "principal_paid"), (12, "remainder_paid")];
    let model = layout.model();
    let last = FIRST_ROW + u32::try_from(model.timeline.len(Axis::Payments)).expect("few") + 1;
    let difference = |(at, part): (u16, &str)| {
        let key = format!("tranche.{}.{part}", deal.tranches[line.tranche].id);
        let spot = layout.spot(model.line(&key)?);
        let letters = column_name(spot.column);
        let live = layout.sheet(spot.topic.key());
        let sum = format!("SUM({live}!{letters}{}:{letters}{last})", FIRST_ROW + 2);
        Some(format!("ABS({}-ROUND({sum},2))", cell_name(row, at)))
    };
    parts.into_iter().filter_map(difference).collect()
}

fn break_even(sheet: &mut Sheet, layout: &Layout, deal: &Deal, row: u32, lines: &[BreakEvenLine]) {
    if lines.is_empty() {
        return;
    }
    let labels = layout.labels();
    sheet.heights.push((row, 30.0));
    sheet.text(row - 1, 0, labels.text("stress_break_even"), Kind::Group);
    let heads =
        ["tranche", "stress_multiple", "stress_break_even_cdr", "stress_cushion", "stress_remark"];
    for (at, key) in (0..).zip(heads) {
        sheet.text(row, at, labels.text(key), Kind::Header);
    }
    for (row, (tranche, rates, never, again)) in (row + 1..).zip(lines) {
        sheet.text(row, 0, labels.name(&deal.tranches[*tranche].name), Kind::Text);
        let kinds = [Kind::PerHundred, Kind::Rate, Kind::Rate];
        for ((at, rate), kind) in (1..).zip(rates).zip(kinds) {
            if let Some(rate) = rate {
                sheet.put(row, at, Content::Number(rate.to_f64()), kind, Ink::Engine);
            }
        }
        let remark = match (rates[0], never, again) {
            (None, _, _) => Some("stress_never_paid"),
            (Some(_), true, _) => Some("stress_never_breaks"),
            (Some(_), false, true) => Some("stress_pays_again"),
            (Some(_), false, false) => None,
        };
        if let Some(remark) = remark {
            sheet.text(row, 4, labels.text(remark), Kind::Text);
        }
    }
}
