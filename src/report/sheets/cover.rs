//! The cover: what this is, what it stands on, whether all checks hold.

use super::super::layout::TOTAL_ROW;
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name};
use super::{Context, inputs};
use crate::formula::{LineId, Sort, cell_value};
use crate::model::{Topic, serial};

pub(super) fn sheet(context: &Context) -> Sheet {
    let labels = context.layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("cover").to_string(),
        tab: Some(0x1F3864),
        widths: vec![(0, 52.0), (1, 26.0), (2, 74.0)],
        heights: vec![(0, 30.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.name(&context.deal.name), Kind::Title);
    sheet.text(1, 0, format!("{} {}", labels.text("tool"), env!("CARGO_PKG_VERSION")), Kind::Note);
    let mut row = 3;
    checks(context, &mut row, &mut sheet);
    facts(context, &mut row, &mut sheet);
    manifest(context, &mut row, &mut sheet);
    priority(context, &mut row, &mut sheet);
    definitions(context, &mut row, &mut sheet);
    legend(context, &mut row, &mut sheet);
    sheet
}

fn heading(sheet: &mut Sheet, row: &mut u32, text: String) {
    *row += 1;
    sheet.text(*row, 0, text, Kind::Group);
    *row += 1;
}

/// One master cell: every check of every date, and the plan against the pool.
fn checks(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    let model = context.layout.model();
    let checks = model.lines.iter().enumerate().filter(|(_, line)| line.topic == Topic::Checks);
    let totals: Vec<String> = checks
        .map(|(place, _)| cell_name(TOTAL_ROW, context.layout.spot(LineId(place)).column))
        .collect();
    let name = context.layout.sheet("checks");
    let (first, last) = (totals.first().cloned(), totals.last().cloned());
    let range = format!("{name}!{}:{}", first.unwrap_or_default(), last.unwrap_or_default());
    sheet.text(*row, 0, labels.text("sum_of_checks"), Kind::Strong);
    let sum = Content::Formula(format!("ROUND(SUM({range}),2)"), 0.0);
    sheet.put(*row, 1, sum, Kind::Money, Ink::Formula);
    let sum_row = *row;
    *row += 1;
    sheet.text(*row, 0, labels.text("plan_check"), Kind::Strong);
    plan_check(context, *row, sheet);
    *row += 1;
    sheet.text(*row, 0, labels.text("inputs_changed"), Kind::Strong);
    let changed = Content::Formula(inputs::changed_cell(context), 0.0);
    sheet.put(*row, 1, changed, Kind::Count, Ink::Link);
    *row += 1;
    if !context.is_live() {
        sheet.paragraph(*row, (0, 2), labels.text("cohorts_not_live"));
        *row += 1;
    }
    sheet.text(*row, 0, labels.text("master"), Kind::Strong);
    let (ok, not_ok) = (labels.text("all_ok"), labels.text("not_ok"));
    let conditions = format!("{}=0,{}=0", cell_name(sum_row, 1), cell_name(sum_row + 1, 1));
    let master = format!("IF(AND({conditions}),\"{ok}\",\"{not_ok}\")");
    sheet.put(*row, 1, Content::TextFormula(master, ok), Kind::Check, Ink::Formula);
    *row += 1;
}

/// The planned principal within the deal's months, and what falls due later, against the pool.
fn plan_check(context: &Context, row: u32, sheet: &mut Sheet) {
    let model = context.layout.model();
    let line = |key: &str| model.line(key).expect("every model has a plan");
    let total = |id: LineId| {
        let spot = context.layout.spot(id);
        format!("{}!{}", context.layout.sheet(spot.topic.key()), cell_name(TOTAL_ROW, spot.column))
    };
    let (principal, opening) = (line("plan.principal"), line("plan.opening"));
    let ticks = model.timeline.len(model.lines[opening.0].axis);
    let cohorts = model.cohorts.len();
    let of_last =
        |id: LineId| -> i64 { (0..cohorts).map(|c| context.run.value(id, ticks, c)).sum() };
    let last = |id: LineId| {
        let spot = context.layout.spot(id);
        let sheet = context.layout.sheet(spot.topic.key());
        let row = |element| cell_name(context.layout.row(id, ticks, element), spot.column);
        format!("SUM({sheet}!{}:{})", row(0), row(cohorts - 1))
    };
    // What is planned after the last month: its opening less its principal.
    let later = format!("({}-{})", last(opening), last(principal));
    let mut planned = format!("{}+{later}", total(principal));
    let mut value = context.run.total(principal).minor() + of_last(opening) - of_last(principal);
    if let Some(unpaid) = model.line("plan.unpaid_arrears") {
        planned += &format!("+{}", total(unpaid));
        value += context.run.total(unpaid).minor();
    }
    // Overdue instalments of those that start in a bucket stand before the first month: the latest
    // with the plan, the older ones with the plan as it was.
    let before = |id: LineId| -> i64 { (0..cohorts).map(|c| context.run.value(id, 0, c)).sum() };
    value += before(principal);
    let lagged = (1..).map_while(|lag| model.line(&format!("delinquency.m{lag}.plan_principal")));
    for id in lagged.filter(|id| before(*id) != 0) {
        let spot = context.layout.spot(id);
        let sheet = context.layout.sheet(spot.topic.key());
        let row = |element| cell_name(context.layout.row(id, 0, element), spot.column);
        planned += &format!("+SUM({sheet}!{}:{})", row(0), row(cohorts - 1));
        value += before(id);
    }
    // What may be bought is planned by the unit: it stands on the sheet and is no part of the pool.
    if let Some(month) = model.line("plan.purchase_month") {
        let column = |id: LineId| {
            let spot = context.layout.spot(id);
            let (first, last) = super::lines::rows(context, id);
            let sheet = context.layout.sheet(spot.topic.key());
            format!("{sheet}!{}:{}", cell_name(first, spot.column), cell_name(last, spot.column))
        };
        planned += &format!("-SUMPRODUCT({},{})", column(month), column(opening));
        let units = context.run.line(month).iter().zip(context.run.line(opening));
        value -= units.map(|(flag, opening)| flag * opening).sum::<i64>();
    }
    let initial = model.input("pool.initial_balance").expect("every model has a pool");
    let balance =
        format!("{}!$D${}", context.layout.sheet("inputs"), context.layout.input_row(initial) + 1);
    value -= context.inputs.value(initial);
    let content =
        Content::Formula(format!("ROUND({planned}-{balance},2)"), cell_value(value, Sort::Amount));
    sheet.put(row, 1, content, Kind::Money, Ink::Formula);
}

fn facts(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    let model = context.layout.model();
    heading(sheet, row, labels.title("summary"));
    let dates = [
        ("cutoff", context.deal.pool.cutoff),
        ("closing", context.deal.dates.closing),
        ("first_payment", context.deal.dates.first_payment),
        ("legal_maturity", context.deal.dates.legal_maturity),
    ];
    for (key, date) in dates {
        sheet.text(*row, 0, labels.text(key), Kind::Text);
        let content = Content::Number(cell_value(serial(date), Sort::Date));
        sheet.put(*row, 1, content, Kind::Date, Ink::Engine);
        *row += 1;
    }
    let initial = model.input("pool.initial_balance").expect("every model has a pool");
    let balance = cell_value(context.inputs.value(initial), Sort::Amount);
    sheet.text(*row, 0, labels.text("pool_balance"), Kind::Text);
    sheet.put(*row, 1, Content::Number(balance), Kind::Money, Ink::Engine);
    *row += 1;
    for (key, count) in
        [("receivables", context.manifest.receivables), ("cohorts", model.cohorts.len())]
    {
        sheet.text(*row, 0, labels.text(key), Kind::Text);
        let count = u32::try_from(count).expect("receivables are fewer than 4 billion");
        sheet.put(*row, 1, Content::Number(count.into()), Kind::Count, Ink::Engine);
        *row += 1;
    }
}

fn manifest(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    heading(sheet, row, labels.text("manifest"));
    for file in &context.manifest.files {
        sheet.text(*row, 0, labels.text(file.role), Kind::Text);
        sheet.text(*row, 1, file.name.clone(), Kind::Text);
        // `explain` finds the files of a report again by hash and role.
        let hash = format!("SHA-256 {} {}", file.sha256, file.role);
        sheet.text(*row, 2, hash, Kind::Note);
        *row += 1;
    }
    for (place, mended) in context.manifest.mends.iter().enumerate() {
        let label = if place == 0 { labels.text("mended_cells") } else { String::new() };
        sheet.text(*row, 0, label, Kind::Text);
        let sheet_name = if mended.sheet.is_empty() { "" } else { "!" };
        let cell = format!("{}{sheet_name}{} {}", mended.sheet, mended.cell, mended.header);
        sheet.text(*row, 1, cell, Kind::Text);
        sheet.text(*row, 2, format!("{} → {}", mended.old, mended.new), Kind::Note);
        *row += 1;
    }
    let defaults: Vec<&str> = context.deal.template_defaults.iter().map(String::as_str).collect();
    sheet.text(*row, 0, labels.text("template_defaults"), Kind::Text);
    let named = if defaults.is_empty() { labels.text("none") } else { defaults.join(", ") };
    sheet.paragraph(*row, (1, 2), named);
    *row += 1;
}

fn priority(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    heading(sheet, row, labels.text("priority"));
    for lang in context.langs() {
        let clauses = crate::deal::clauses(context.deal, *lang);
        for clause in clauses.into_iter().chain(crate::deal::terms(context.deal, *lang)) {
            sheet.paragraph(*row, (0, 2), clause);
            *row += 1;
        }
    }
}

fn definitions(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    heading(sheet, row, labels.text("definitions"));
    for key in [
        "default_definition",
        "prepayment_definition",
        "rounding_definition",
        "sign_definition",
        "disclaimer",
    ] {
        sheet.paragraph(*row, (0, 2), labels.text(key));
        *row += 1;
    }
}

fn legend(context: &Context, row: &mut u32, sheet: &mut Sheet) {
    let labels = context.layout.labels();
    heading(sheet, row, labels.text("legend"));
    let inks = [
        (Ink::Input, "legend_input"),
        (Ink::Formula, "legend_formula"),
        (Ink::Engine, "legend_engine"),
        (Ink::Link, "legend_link"),
    ];
    for (ink, key) in inks {
        let sample = Content::Number(1234.56);
        sheet.text(*row, 0, labels.text(key), Kind::Text);
        sheet.put(*row, 1, sample, Kind::Money, ink);
        *row += 1;
    }
}
