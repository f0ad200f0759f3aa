//! The exclusion ladder, the receivables that it removed, and the limits.

use super::super::labels::{Labels, ReportLang};
use super::portfolio::{Heading, TOP, count, grey, header, live};
use super::stratification::{as_cell, look};
use crate::config::in_chinese;
use crate::money::Amount;
use crate::pool::Pool;
use crate::portfolio::eligibility::{Ladder, Tester};
use crate::portfolio::limits::{Limit, Tested};
use crate::portfolio::{Figure, Kind as FigureKind};
use crate::report::workbook::{Content, Ink, Kind, Sheet};

const LADDER: [&str; 9] = [
    "elig_number",
    "elig_id",
    "elig_criterion",
    "elig_removed",
    "elig_removed_balance",
    "elig_left",
    "elig_left_balance",
    "elig_alone",
    "elig_alone_balance",
];
const FAILURES: [&str; 6] =
    ["elig_receivable", "strat_balance", "elig_first", "elig_all", "elig_values", "elig_row"];
const LIMITS: [&str; 9] = [
    "elig_id",
    "elig_limit",
    "elig_value",
    "elig_least",
    "elig_most",
    "elig_headroom",
    "elig_met",
    "elig_excess",
    "elig_group",
];
/// More receivables than this are listed in the JSON and not in the workbook.
const LISTED: usize = 200_000;

/// The ladder: what each criterion removed in order and alone; what is left is live.
pub fn ladder_sheet(heading: &Heading, tester: &Tester, ladder: &Ladder) -> Sheet {
    let widths = [6.0, 10.0, 52.0, 12.0, 18.0, 12.0, 18.0, 12.0, 18.0];
    let mut sheet = heading.sheet("eligibility", &widths);
    header(&mut sheet, heading.labels, TOP, &LADDER);
    sheet.freeze = (TOP + 1, 0);
    sheet.repeat = Some((TOP, TOP));
    let start = TOP + 1;
    sheet.text(start, 2, heading.labels.text("elig_pool"), Kind::Strong);
    grey(&mut sheet, start, 5, count(ladder.all.count), Kind::Count);
    grey(&mut sheet, start, 6, ladder.all.balance.to_f64(), Kind::Money);
    let (mut left, mut balance) = (ladder.all.count, ladder.all.balance);
    for (number, (row, criterion)) in (start + 1..).zip(tester.criteria()).enumerate() {
        let (removed, alone) = (ladder.in_order[number], ladder.alone[number]);
        (left, balance) = (left - removed.count, balance - removed.balance);
        grey(&mut sheet, row, 0, count(number + 1), Kind::Rank);
        sheet.text(row, 1, criterion.id.clone(), Kind::Text);
        sheet.text(row, 2, heading.labels.name(&criterion.name), Kind::Text);
        grey(&mut sheet, row, 3, count(removed.count), Kind::Count);
        grey(&mut sheet, row, 4, removed.balance.to_f64(), Kind::Money);
        let less = |column: &str, by: &str| format!("{column}{row}-{by}{}", row + 1);
        live(&mut sheet, (row, 5), (less("F", "D"), count(left)), (Kind::Count, Ink::Formula));
        let formula = format!("ROUND({},2)", less("G", "E"));
        live(&mut sheet, (row, 6), (formula, balance.to_f64()), (Kind::Money, Ink::Formula));
        grey(&mut sheet, row, 7, count(alone.count), Kind::Count);
        grey(&mut sheet, row, 8, alone.balance.to_f64(), Kind::Money);
    }
    let last = start + u32::try_from(tester.criteria().len()).expect("criteria are few");
    let total = last + 1;
    sheet.text(total, 2, heading.labels.text("elig_removed_in_all"), Kind::Strong);
    let removed = ladder.all.count - ladder.eligible.count;
    let sum = |column: &str| format!("SUM({column}{}:{column}{total})", start + 1);
    live(&mut sheet, (total, 3), (sum("D"), count(removed)), (Kind::Count, Ink::Total));
    let amount = ladder.all.balance - ladder.eligible.balance;
    let formula = format!("ROUND({},2)", sum("E"));
    live(&mut sheet, (total, 4), (formula, amount.to_f64()), (Kind::Money, Ink::Total));
    sheet.text(total + 1, 2, heading.labels.text("elig_check"), Kind::Text);
    let formula = format!("ROUND(G{}-E{}-G{},2)", start + 1, total + 1, last + 1);
    live(&mut sheet, (total + 1, 6), (formula, 0.0), (Kind::Zero, Ink::Total));
    sheet
}

/// Every receivable that fails a criterion, with all that it fails and what was tested.
pub fn failures_sheet(heading: &Heading, pool: &Pool, tester: &Tester, ladder: &Ladder) -> Sheet {
    let mut sheet = heading.sheet("elig_failures", &[24.0, 18.0, 12.0, 20.0, 50.0, 10.0]);
    header(&mut sheet, heading.labels, TOP, &FAILURES);
    sheet.freeze = (TOP + 1, 0);
    sheet.repeat = Some((TOP, TOP));
    let failing = ladder.first.iter().enumerate().filter(|(_, first)| first.is_some());
    for (row, (index, _)) in (TOP + 1..).zip(failing.take(LISTED)) {
        let receivable = &pool.receivables[index];
        let failures = tester.failures(index, pool.cutoff);
        let said = |value: &str| match heading.labels.lang() {
            ReportLang::Zh => in_chinese(value).to_string(),
            ReportLang::En | ReportLang::Both => value.to_string(),
        };
        let id = |criterion: usize| tester.criteria()[criterion].id.as_str();
        sheet.text(row, 0, receivable.id.to_string(), Kind::Text);
        grey(&mut sheet, row, 1, receivable.outstanding_principal.to_f64(), Kind::Money);
        let first = failures.first().map_or("", |failure| id(failure.criterion));
        sheet.text(row, 2, first, Kind::Rank);
        let all: Vec<&str> = failures.iter().map(|failure| id(failure.criterion)).collect();
        sheet.text(row, 3, all.join(", "), Kind::Text);
        let values: Vec<String> = failures
            .iter()
            .map(|failure| format!("{}: {}", id(failure.criterion), said(&failure.value)))
            .collect();
        sheet.text(row, 4, values.join("; "), Kind::Text);
        grey(&mut sheet, row, 5, f64::from(receivable.origin.row), Kind::Count);
    }
    sheet
}

/// The limits: value, ends, live headroom, excess.
pub fn limits_sheet(heading: &Heading, limits: &[Limit], tested: &[Tested], suffix: &str) -> Sheet {
    let widths = [16.0, 56.0, 18.0, 16.0, 16.0, 18.0, 8.0, 18.0, 22.0];
    let mut sheet = heading.sheet("limits", &widths);
    sheet.name += suffix;
    header(&mut sheet, heading.labels, TOP, &LIMITS);
    for (row, (limit, tested)) in (TOP + 1..).zip(limits.iter().zip(tested)) {
        sheet.text(row, 0, limit.id.clone(), Kind::Text);
        sheet.text(row, 1, heading.labels.name(&limit.name), Kind::Text);
        let kind = limit.measure.kind();
        let end = |parts: i64| Figure { kind, parts };
        for (column, parts) in [(3, limit.least), (4, limit.most)] {
            if let Some(figure) = parts.map(end) {
                let content = Content::Number(as_cell(figure));
                sheet.put(row, column, content, look(figure), Ink::Input);
            }
        }
        let Some(measured) = &tested.measured else {
            sheet.text(row, 2, "–", Kind::Text);
            continue;
        };
        let value = measured.value;
        grey(&mut sheet, row, 2, as_cell(value), look(value));
        headroom(&mut sheet, heading.labels, row, (limit, tested));
        grey(&mut sheet, row, 7, tested.excess.to_f64(), Kind::Money);
        let group = measured.group.clone().unwrap_or_default();
        sheet.text(row, 8, group, Kind::Text);
    }
    sheet
}

/// How far the value is from the nearer end, and whether that is within.
fn headroom(sheet: &mut Sheet, labels: Labels, row: u32, (limit, tested): (&Limit, &Tested)) {
    let Some(figure) = tested.headroom else { return };
    let places = match figure.kind {
        FigureKind::Money => 2,
        FigureKind::Rate => 12,
        FigureKind::Number => 6,
        FigureKind::Count | FigureKind::Date | FigureKind::Text => 0,
    };
    let cell = row + 1;
    let ends = [
        limit.least.map(|_| format!("C{cell}-D{cell}")),
        limit.most.map(|_| format!("E{cell}-C{cell}")),
    ];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    let formula = format!("ROUND(MIN({}),{places})", ends.join(","));
    live(sheet, (row, 5), (formula, as_cell(figure)), (look(figure), Ink::Formula));
    let [yes, no] = ["yes", "no"].map(|key| labels.text(key));
    let formula = format!("IF(F{cell}>=0,\"{yes}\",\"{no}\")");
    let met = if figure.parts >= 0 { yes } else { no };
    sheet.put(row, 6, Content::TextFormula(formula, met), Kind::Flag, Ink::Formula);
}

/// What was chosen: target, bound, gap, all limits.
pub fn selection_sheet(heading: &Heading, lines: &[(&str, SelectionLine)]) -> Sheet {
    let mut sheet = heading.sheet("selection", &[46.0, 26.0, 60.0]);
    sheet.landscape = false;
    for (row, (key, line)) in (TOP..).zip(lines) {
        sheet.text(row, 0, heading.labels.text(key), Kind::Text);
        match line {
            SelectionLine::Amount(amount) => {
                grey(&mut sheet, row, 1, amount.to_f64(), Kind::Money);
            }
            SelectionLine::Count(number) => grey(&mut sheet, row, 1, count(*number), Kind::Count),
            SelectionLine::Text(text) => sheet.text(row, 1, text.clone(), Kind::Text),
        }
    }
    sheet
}

/// A figure or a text of a selection.
#[derive(Clone, Debug)]
pub enum SelectionLine {
    /// Money.
    Amount(Amount),
    /// A whole number.
    Count(usize),
    /// A text.
    Text(String),
}
