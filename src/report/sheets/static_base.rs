//! The base case: the vintages' ends, their averages, what ratings ask.

use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use super::static_ladder::{row_of, to_ultimate};
use super::static_pool::{Page, column, formula, input, narrow};
use crate::static_pool::{BaseCase, Ladder, StaticPool, Trend, month_number};

/// The first row of the vintages.
const FIRST: u32 = 8;
/// Figures below the vintages, in order; the base case is one of them.
const FIGURES: [&str; 13] = [
    "static_weighted",
    "static_mean",
    "static_deviation",
    "static_add_on",
    "static_step",
    "static_base_case",
    "static_purchased",
    "static_revolving",
    "static_mu",
    "static_sigma",
    "static_floor",
    "static_used",
    "static_back_test",
];

/// The row of a figure.
fn row(ladder: &Ladder, key: &str) -> u32 {
    let place = FIGURES.iter().position(|figure| *figure == key).expect("a figure of the list");
    FIRST + narrow(ladder.triangle.names.len()) + 2 + narrow(place)
}

fn cell(ladder: &Ladder, key: &str) -> String {
    format!("$B${}", row(ladder, key) + 1)
}

/// The cell of the base case.
pub(super) fn base_cell(ladder: &Ladder) -> String {
    cell(ladder, "static_base_case")
}

pub(super) fn sheet(page: &Page, pool: &StaticPool, ladder: &Ladder, base: &BaseCase) -> Sheet {
    let mut sheet = page.sheet("static_base", 0x1F3864);
    sheet.widths = (0..9).map(|at| (at, if at == 0 { 40.0 } else { 17.0 })).collect();
    sheet.heights.push((FIRST - 1, 30.0));
    let labels = page.labels;
    sheet.text(3, 0, labels.text("static_source"), Kind::Text);
    sheet.text(3, 1, pool.file.clone(), Kind::Text);
    sheet.text(4, 0, "SHA-256", Kind::Text);
    sheet.text(4, 1, pool.sha256.clone(), Kind::Text);
    vintages(&mut sheet, page, ladder);
    figures(&mut sheet, page, ladder, base);
    ratings(&mut sheet, page, ladder, base);
    sheet
}

fn vintages(sheet: &mut Sheet, page: &Page, ladder: &Ladder) {
    let heads = [
        "static_vintage",
        "static_original",
        "static_counts",
        "static_place",
        "static_observed",
        "static_to_ultimate",
        "static_ultimate_amount",
        "static_ultimate",
    ];
    for (at, key) in heads.iter().enumerate() {
        sheet.text(FIRST - 1, column(at), page.labels.text(key), Kind::Header);
    }
    let source = page.quoted("static_triangle");
    for (vintage, end) in ladder.ultimates.iter().enumerate() {
        let row = FIRST + narrow(vintage);
        let (amounts, lent, counts) = row_of(ladder, vintage);
        sheet.text(row, 0, ladder.triangle.names[vintage].clone(), Kind::Text);
        let original = ladder.triangle.originals[vintage].to_f64();
        let link = |sheet: &mut Sheet, at: u16, cell: &str, value: f64, kind: Kind| {
            let content = Content::Formula(format!("{source}!{cell}"), value);
            sheet.put(row, at, content, kind, Ink::Link);
        };
        link(sheet, 1, &lent, original, Kind::Money);
        let flag = page.study.base.as_ref().is_some_and(|base| base.counts[vintage]);
        link(sheet, 2, &counts, f64::from(u8::from(flag)), Kind::Flag);
        let place = Content::Number(f64::from(narrow(end.latest + 1)));
        sheet.put(row, 3, place, Kind::Count, Ink::Engine);
        let text = format!("INDEX({source}!{amounts},1,{})", cell_name(row, 3));
        formula(sheet, (row, 4), text, end.observed.to_f64(), Kind::Money);
        let factors = format!("{}!{}", page.quoted("static_ladder"), to_ultimate(ladder));
        let text = format!("INDEX({factors},{})", cell_name(row, 3));
        formula(sheet, (row, 5), text, ladder.to_ultimate[end.latest], Kind::PerHundred);
        let (seen, growth) = (cell_name(row, 4), cell_name(row, 5));
        let text = format!("ROUND({seen}*{growth},6)");
        formula(sheet, (row, 6), text, end.amount, Kind::PerHundred);
        let text = format!("ROUND({seen}*{growth}/{},12)", cell_name(row, 1));
        formula(sheet, (row, 7), text, end.ratio, Kind::Rate);
    }
}

/// A column of the vintages as a range.
fn range(ladder: &Ladder, at: u16) -> String {
    let letters = column_name(at);
    format!("{letters}${}:{letters}${}", FIRST + 1, FIRST + narrow(ladder.triangle.names.len()))
}

fn figures(sheet: &mut Sheet, page: &Page, ladder: &Ladder, base: &BaseCase) {
    for key in FIGURES {
        if key != "static_back_test" || page.study.back_test.is_some() {
            sheet.text(row(ladder, key), 0, page.labels.text(key), Kind::Text);
        }
    }
    let at = |key: &str| (row(ladder, key), 1);
    let of = |key: &str| cell(ladder, key);
    let [lent, counts, amounts, ends] = [1, 2, 6, 7].map(|at| range(ladder, at));
    let text = format!("ROUND(SUMPRODUCT({counts},{amounts})/SUMPRODUCT({counts},{lent}),12)");
    formula(sheet, at("static_weighted"), text, base.weighted, Kind::Rate);
    let text = format!("ROUND(SUMPRODUCT({counts},{ends})/SUM({counts}),12)");
    formula(sheet, at("static_mean"), text, base.mean, Kind::Rate);
    let mean = of("static_mean");
    let squares = format!("SUMPRODUCT({counts}*({ends}-{mean})*({ends}-{mean}))");
    let text = format!("IF(SUM({counts})<2,0,ROUND(SQRT({squares}/(SUM({counts})-1)),12))");
    formula(sheet, at("static_deviation"), text, base.deviation.unwrap_or(0.0), Kind::Rate);
    match &base.trend {
        Some(of) => trend(sheet, page, ladder, of),
        None => input(sheet, at("static_add_on"), base.terms.add_on.to_f64(), Kind::Rate),
    }
    input(sheet, at("static_step"), base.terms.round_up.to_f64(), Kind::Rate);
    let raised = format!("ROUND({}+{},12)", of("static_weighted"), of("static_add_on"));
    let step = of("static_step");
    let text =
        format!("IF({step}=0,{raised},ROUND(ROUNDUP(ROUND({raised}/{step},9),0)*{step},12))");
    formula(sheet, at("static_base_case"), text, base.base, Kind::Rate);
    input(sheet, at("static_purchased"), base.terms.purchased.to_f64(), Kind::PerHundred);
    let case = of("static_base_case");
    let text = format!("ROUND({case}*(1+{}),12)", of("static_purchased"));
    formula(sheet, at("static_revolving"), text, base.revolving, Kind::Rate);
    if let Some(fit) = base.lognormal {
        let (mean, deviation) = (of("static_weighted"), of("static_deviation"));
        let text = format!("ROUND(SQRT(LN(1+{deviation}*{deviation}/{mean}/{mean})),12)");
        formula(sheet, at("static_sigma"), text, fit.sigma, Kind::PerHundred);
        let text = format!("MAX({},{})", of("static_sigma"), of("static_floor"));
        formula(sheet, at("static_used"), text, fit.used, Kind::PerHundred);
        let used = of("static_used");
        let text = format!("ROUND(LN({mean})-{used}*{used}/2,12)");
        formula(sheet, at("static_mu"), text, fit.mu, Kind::PerHundred);
    }
    input(sheet, at("static_floor"), base.terms.sigma_floor.to_f64(), Kind::PerHundred);
    if let Some(error) = page.study.back_test.as_ref().and_then(|test| test.error()) {
        let (row, column) = at("static_back_test");
        sheet.put(row, column, Content::Number(error), Kind::Rate, Ink::Engine);
    }
}

/// The trend beside its add-on: the months of origination beside the vintages, the slope, its standard
/// error and the end of the line.
fn trend(sheet: &mut Sheet, page: &Page, ladder: &Ladder, trend: &Trend) {
    sheet.text(FIRST - 1, 8, page.labels.text("static_month"), Kind::Header);
    for (vintage, of) in (0..).zip(&ladder.triangle.vintages) {
        let month = Content::Number(month_number(*of));
        sheet.put(FIRST + vintage, 8, month, Kind::Count, Ink::Engine);
    }
    let line = row(ladder, "static_add_on");
    let keys = ["static_trend_slope", "static_trend_error", "static_trend_end"];
    for (at, key) in [2, 4, 6].into_iter().zip(keys) {
        sheet.text(line, at, page.labels.text(key), Kind::Text);
    }
    let [counts, ends, months] = [2, 7, 8].map(|at| range(ladder, at));
    let n = format!("SUM({counts})");
    let month = format!("({months}-SUMPRODUCT({counts},{months})/{n})");
    let mean = format!("SUMPRODUCT({counts},{ends})/{n}");
    let spread = format!("SUMPRODUCT({counts}*{month}*{month})");
    let text = format!("ROUND(SUMPRODUCT({counts}*{month}*({ends}-{mean}))/{spread},12)");
    formula(sheet, (line, 3), text, trend.slope, Kind::Rate);
    let slope = cell_name(line, 3);
    let rest = format!("({ends}-{mean}-{slope}*{month})");
    let squares = format!("SUMPRODUCT({counts}*{rest}*{rest})");
    let text = format!("IF({n}<3,0,ROUND(SQRT({squares}/({n}-2)/{spread}),12))");
    formula(sheet, (line, 5), text, trend.error.unwrap_or(0.0), Kind::Rate);
    let last = format!("SUMPRODUCT(MAX({counts}*{months}))");
    let text = format!("ROUND({mean}+{slope}*({last}-SUMPRODUCT({counts},{months})/{n}),12)");
    formula(sheet, (line, 7), text, trend.end, Kind::Rate);
    let weighted = cell(ladder, "static_weighted");
    let text = format!("ROUND(MAX({}-{weighted},0),12)", cell_name(line, 7));
    formula(sheet, (line, 1), text, trend.add_on, Kind::Rate);
}

fn ratings(sheet: &mut Sheet, page: &Page, ladder: &Ladder, base: &BaseCase) {
    if base.stressed.is_empty() {
        return;
    }
    let header = row(ladder, "static_back_test") + 2;
    sheet.heights.push((header, 30.0));
    let heads = [
        "static_rating",
        "static_multiple",
        "static_by_multiple",
        "static_probability",
        "static_by_quantile",
    ];
    for (at, key) in heads.iter().enumerate() {
        sheet.text(header, column(at), page.labels.text(key), Kind::Header);
    }
    for (place, stressed) in base.stressed.iter().enumerate() {
        let row = header + 1 + narrow(place);
        sheet.text(row, 0, stressed.rating.name.clone(), Kind::Text);
        if let (Some(multiple), Some(value)) = (stressed.rating.multiple, stressed.by_multiple) {
            input(sheet, (row, 1), multiple.to_f64(), Kind::PerHundred);
            let text = format!("ROUND({}*{},12)", base_cell(ladder), cell_name(row, 1));
            formula(sheet, (row, 2), text, value, Kind::Rate);
        }
        if let (Some(rate), Some(value)) = (stressed.rating.probability, stressed.by_quantile) {
            input(sheet, (row, 3), rate.to_f64(), Kind::Percent);
            let (mu, used) = (cell(ladder, "static_mu"), cell(ladder, "static_used"));
            let text = format!("ROUND(EXP({mu}+NORMSINV(1-{})*{used}),12)", cell_name(row, 3));
            formula(sheet, (row, 4), text, value, Kind::Rate);
        }
    }
}
