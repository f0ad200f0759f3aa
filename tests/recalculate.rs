//! The workbook recomputes itself: every formula cell of every case, recalculated by LibreOffice from
//! caches that are wrong on purpose, equals the engine.

mod testkit;

use cashfall::deal::Deal;
use cashfall::formula::Sort;
use cashfall::job::Job;
use cashfall::model::{Inputs, Model};
use cashfall::money::{Amount, Rate};
use cashfall::report::{Cell, Content, ReportLang, Sheet, Workbook};
use testkit::recalculate::recalculated;
use testkit::{case, case_with};

/// The report of a model run with changed inputs.
fn report(case: &Job, change: impl Fn(&Model, &mut Inputs), lang: ReportLang) -> Workbook {
    let model = case.model();
    let mut inputs = Inputs::of(&model);
    change(&model, &mut inputs);
    let run = model.run(&inputs);
    case.workbook(&model, &inputs, &run, lang)
}

/// The formulas of a workbook, sheet by sheet and cell by cell.
fn formulas(workbook: &Workbook) -> Vec<(String, u32, u16, String)> {
    let of = |sheet: &Sheet| -> Vec<(String, u32, u16, String)> {
        let formula = |cell: &Cell| match &cell.content {
            Content::Formula(text, _) | Content::TextFormula(text, _) => {
                Some((sheet.name.clone(), cell.row, cell.column, text.clone()))
            }
            Content::Text(_) | Content::Number(_) => None,
        };
        sheet.cells.iter().filter_map(formula).collect()
    };
    workbook.sheets.iter().flat_map(of).collect()
}

/// A change a user makes in a blue cell.
type Change = fn(&Model, &mut Inputs);

fn set(model: &Model, inputs: &mut Inputs, key: &str, value: &str) {
    let input = model.input(key).unwrap_or_else(|| panic!("no input {key}"));
    let parts = match model.inputs[input.0].sort {
        Sort::Rate => value.parse::<Rate>().expect("a rate").parts(),
        _ => value.parse::<Amount>().expect("an amount").minor(),
    };
    assert_ne!(inputs.value(input), parts, "{key} is changed");
    inputs.set(input, parts);
}

fn flag(model: &Model, inputs: &mut Inputs, key: &str, tick: usize, value: i64) {
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    inputs.set_given(line, tick, value);
}

const CHANGES: [(&str, &str, Change); 8] = [
    ("behaviour", "one_segments_rate", |m, i| set(m, i, "segment.2.prepayment", "4 %")),
    ("behaviour", "a_curve_by_month", |m, i| {
        flag(m, i, "rates.prepayment_curve", 2 * 2, 300_000_000_000)
    }),
    ("axes/two_months_first", "cpr", |m, i| set(m, i, "segment.1.prepayment", "31 %")),
    ("worked_example_cn", "coupon", |m, i| set(m, i, "tranche.01.coupon", "3.3333 %")),
    ("worked_example_cn", "fee", |m, i| set(m, i, "fee.manager.rate", "1.75 %")),
    ("axes/frequency_by_state", "date_flag", |m, i| flag(m, i, "dates.revolving", 3, 0)),
    ("behaviour", "threshold", |m, i| set(m, i, "trigger.cdr.threshold", "0.5 %")),
    ("two_billion", "registrar", |m, i| set(m, i, "fee.registrar.rate", "0.0123456 %")),
];

/// Every case as it is, and again after changes in the sheet: the formulas do not move, the values
/// are those of an engine run with the same change.
#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn every_workbook_recalculates_to_the_engine() {
    let mut workbooks = Vec::new();
    let t = case("worked_example_cn");
    for (lang, name) in [(ReportLang::Both, "both"), (ReportLang::Zh, "zh"), (ReportLang::En, "en")]
    {
        workbooks.push((format!("worked_example_cn_t_{name}"), report(&t, |_, _| {}, lang)));
    }
    let cases = [
        "axes/two_months_first",
        "axes/quarterly_tranche",
        "axes/frequency_by_state",
        "axes/yearly",
        "behaviour",
        "two_billion",
        "lendingclub",
    ];
    for name in cases {
        let plain = report(&case(name), |_, _| {}, ReportLang::En);
        workbooks.push((name.replace('/', "_"), plain));
    }
    let aged = case_with("behaviour", Some("age.toml"));
    workbooks.push(("behaviour_age".to_string(), report(&aged, |_, _| {}, ReportLang::En)));
    for (name, change, apply) in CHANGES {
        let (before, after) = (
            report(&case(name), |_, _| {}, ReportLang::En),
            report(&case(name), apply, ReportLang::En),
        );
        assert_ne!(before, after, "{name}: {change} changes something");
        let same = formulas(&before)
            .iter()
            .filter(|f| f.0 != "Journal")
            .eq(formulas(&after).iter().filter(|f| f.0 != "Journal"));
        assert!(same, "{name}: the formulas do not move with {change}");
        workbooks.push((format!("{}_{change}", name.replace('/', "_")), after));
    }
    for (name, cells) in recalculated(&workbooks) {
        assert!(cells > 100, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}

/// A change in the sheet is the same change in the file.
#[test]
fn an_input_changed_in_the_sheet_is_the_key_changed_in_the_file() {
    let t = case("worked_example_cn");
    let model = t.model();
    let mut inputs = Inputs::of(&model);
    set(&model, &mut inputs, "tranche.01.coupon", "3.3333 %");
    let in_sheet = model.run(&inputs);
    let text =
        testkit::fixture("cases/worked_example_cn/deal.toml").replace("\"2.6 %\"", "0.033333");
    let mut changed = t.clone();
    changed.deal = testkit::accept(Deal::from_toml("deal.toml", &text)).expect("a deal");
    let (_, in_file) = testkit::run(&changed);
    assert_eq!(in_sheet, in_file);
}
