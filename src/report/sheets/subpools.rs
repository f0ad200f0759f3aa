//! The sub-pools of a deal with several tapes, as a table of the summary.

use super::super::layout::VALUE_COLUMN;
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name};
use super::{Context, lines};
use crate::formula::{Sort, cell_value};

/// The columns of money: the figure of the sub-pool, and the label of its column.
const FLOWS: [(u16, &str, &str); 4] = [
    (4, "cash", "cash_collected"),
    (5, "default", "defaulted"),
    (6, "recovered", "recovered"),
    (7, "prepaid", "prepaid_principal"),
];

/// Writes the table from a row on; gives the rows that it takes, none where the deal has one tape.
///
/// Balance: the input of the tape. Share: balance ÷ their sum. Flows: the totals of the pool's sheet.
pub(super) fn table(context: &Context, first: u32, sheet: &mut Sheet) -> u32 {
    let (model, labels) = (context.layout.model(), context.layout.labels());
    if model.subpools.is_empty() {
        return 0;
    }
    sheet.heights.push((first, 30.0));
    let mut head = vec![
        (0, labels.text("subpool")),
        (1, labels.part("initial_balance")),
        (2, labels.text("share")),
        (3, labels.text("receivables")),
    ];
    head.extend(FLOWS.map(|(column, _, part)| (column, labels.part(part))));
    for (column, heading) in head {
        sheet.text(first, column, heading, Kind::Header);
    }
    let count = u32::try_from(model.subpools.len()).expect("sub-pools are few");
    let total = first + 1 + count;
    let mut sums = [0.0; 8];
    let key = |place: usize, figure: &str| format!("pool.{}.{figure}", model.subpools[place].id);
    let balance = |place: usize| {
        let input = model.input(&key(place, "initial_balance"));
        let input = input.expect("every sub-pool has its balance");
        (input, cell_value(context.inputs.value(input), Sort::Amount))
    };
    let all: f64 = (0..model.subpools.len()).map(|place| balance(place).1).sum();
    for (row, (place, subpool)) in (first + 1..).zip(model.subpools.iter().enumerate()) {
        sheet.text(row, 0, labels.name(&subpool.name), Kind::Text);
        let (input, value) = balance(place);
        let cell = cell_name(context.layout.input_row(input), VALUE_COLUMN);
        let link = format!("{}!{cell}", context.layout.sheet("inputs"));
        sheet.put(row, 1, Content::Formula(link, value), Kind::Money, Ink::Link);
        sums[1] += value;
        let share = format!("IF({0}=0,0,{1}/{0})", cell_name(total, 1), cell_name(row, 1));
        let share = Content::Formula(share, if all == 0.0 { 0.0 } else { value / all });
        sheet.put(row, 2, share, Kind::Share, Ink::Formula);
        let number = u32::try_from(subpool.count).expect("receivables are fewer than 4 billion");
        sheet.put(row, 3, Content::Number(number.into()), Kind::Count, Ink::Engine);
        sums[3] += f64::from(number);
        for (column, figure, _) in FLOWS {
            let Some(line) = model.line(&key(place, figure)) else { continue };
            let value = context.run.total(line).to_f64();
            let content = Content::Formula(lines::total_cell(context, line), value);
            sheet.put(row, column, content, Kind::Money, Ink::Link);
            sums[usize::from(column)] += value;
        }
    }
    sheet.text(total, 0, labels.text("total"), Kind::Strong);
    for column in [1, 3, 4, 5, 6, 7] {
        let range = format!("{}:{}", cell_name(first + 1, column), cell_name(total - 1, column));
        let value = (sums[usize::from(column)] * 100.0).round() / 100.0;
        let kind = if column == 3 { Kind::Count } else { Kind::Money };
        let content = Content::Formula(format!("ROUND(SUM({range}),2)"), value);
        sheet.put(total, column, content, kind, Ink::Total);
    }
    count + 3
}
