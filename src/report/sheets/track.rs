//! Actual against forecast: a long table of flows and months, every step a formula.

use chrono::NaiveDate;

use super::super::layout::Layout;
use super::super::workbook::{
    Chart, Content, Form, Ink, Kind, Series, Sheet, cell_name, column_name,
};
use crate::formula::{Sort, cell_value};
use crate::model::serial;
use crate::money::{Amount, Rate};

/// Thresholds and credibility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackTerms {
    /// The amber threshold.
    pub amber: Rate,
    /// The red threshold.
    pub red: Rate,
    /// The credibility of what came.
    pub credibility: Rate,
}

/// A flow.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackLine {
    /// The key of its name.
    pub key: &'static str,
    /// Whether more, and whether less than expected is adverse.
    pub adverse: [bool; 2],
    /// What the rest is multiplied by.
    pub factor: Option<Rate>,
    /// Whether its rest is the sum of the lines above it but the first, of defaults.
    pub is_sum: bool,
    /// The months.
    pub rows: Vec<TrackRow>,
}

/// A month of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackRow {
    /// Its end.
    pub date: NaiveDate,
    /// What the forecast says.
    pub expected: Amount,
    /// What came.
    pub actual: Option<Amount>,
    /// Expected and actual of the known months so far.
    pub so_far: [Amount; 2],
    /// Actual ÷ expected so far.
    pub ratio: Rate,
    /// The band of a known month.
    pub band: Option<&'static str>,
    /// What came, or what is to come now.
    pub forecast: Amount,
}

/// Rows of the thresholds, from 0.
const TERMS: [(u32, &str); 3] = [(3, "track_amber"), (4, "track_red"), (5, "track_credibility")];
/// The row of the headings.
const HEADER: u32 = 7;

/// The sheet.
pub fn track_sheet(layout: &Layout, terms: TrackTerms, lines: &[TrackLine]) -> Sheet {
    let labels = layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("track").to_string(),
        landscape: true,
        tab: Some(0xFFC000),
        widths: (0..11).map(|at| (at, if at == 0 { 34.0 } else { 16.0 })).collect(),
        freeze: (HEADER + 1, 2),
        repeat: Some((HEADER, HEADER)),
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("track"), Kind::Title);
    sheet.text(1, 0, labels.about("track"), Kind::Note);
    sheet.heights.push((HEADER, 30.0));
    for ((row, key), rate) in TERMS.iter().zip([terms.amber, terms.red, terms.credibility]) {
        sheet.text(*row, 0, labels.text(key), Kind::Text);
        sheet.put(*row, 1, Content::Number(rate.to_f64()), Kind::Share, Ink::Input);
    }
    let heads = [
        "track_flow",
        "date",
        "track_expected",
        "track_actual",
        "track_deviation",
        "track_expected_so_far",
        "track_actual_so_far",
        "track_ratio",
        "track_band",
        "track_factor",
        "track_forecast",
    ];
    for (at, key) in (0..).zip(heads) {
        sheet.text(HEADER, at, labels.text(key), Kind::Header);
    }
    let mut first = HEADER + 1;
    let mut blocks = Vec::new();
    for line in lines {
        let parts =
            blocks.iter().filter(|(part, ..): &&(&TrackLine, u32, u32)| part.key != "default");
        let parts: Vec<u32> = parts.map(|(_, first, _)| *first).collect();
        flow(&mut sheet, layout, first, (line, &parts));
        let last = first + u32::try_from(line.rows.len()).expect("months are few") - 1;
        blocks.push((line, first, last));
        first = last + 1;
    }
    charts(&mut sheet, layout, &blocks);
    sheet
}

/// A flow from a row on; a sum names the first rows of its parts, which have the same months.
fn flow(sheet: &mut Sheet, layout: &Layout, first: u32, (line, parts): (&TrackLine, &[u32])) {
    let name = layout.labels().text(&format!("track_{}", line.key));
    let known = line.rows.iter().rposition(|row| row.actual.is_some()).unwrap_or(0);
    let last_known = first + u32::try_from(known).expect("months are few");
    for (row, month) in (first..).zip(&line.rows) {
        sheet.text(row, 0, name.clone(), Kind::Text);
        let date = cell_value(serial(month.date), Sort::Date);
        sheet.put(row, 1, Content::Number(date), Kind::Date, Ink::Engine);
        let expected = Content::Number(month.expected.to_f64());
        sheet.put(row, 2, expected, Kind::Money, Ink::Engine);
        let mut formula = |at: u16, text: String, value: f64, kind: Kind| {
            sheet.put(row, at, Content::Formula(text, value), kind, Ink::Formula);
        };
        let cell = |at: u16| cell_name(row, at);
        match month.actual {
            Some(actual) => {
                let deviation = (actual - month.expected).to_f64();
                formula(4, format!("ROUND({}-{},2)", cell(3), cell(2)), deviation, Kind::Money);
                for (at, of) in [(5, 2), (6, 3)] {
                    let letters = column_name(of);
                    let known = format!("{letters}${}:{letters}{}", first + 1, row + 1);
                    // Months in which nothing was stated do not count on either side.
                    let stated = format!("ISNUMBER(D${}:D{})", first + 1, row + 1);
                    let text = format!("ROUND(SUMPRODUCT({stated}*1,{known}),2)");
                    let value = month.so_far[usize::from(at - 5)].to_f64();
                    formula(at, text, value, Kind::Money);
                }
                let (part, whole) = (cell(6), cell(5));
                let text = format!("IF({whole}=0,1,MIN(ROUND({part}/{whole},12),1000))");
                formula(7, text, month.ratio.to_f64(), Kind::Share);
                formula(10, cell(3), actual.to_f64(), Kind::Money);
                let ratio = cell(7);
                let off = match line.adverse {
                    [true, true] => format!("ABS({ratio}-1)"),
                    [true, false] => format!("{ratio}-1"),
                    [false, _] => format!("1-{ratio}"),
                };
                let text = format!(
                    "IF(ROUND({off},12)>=B$5,\"red\",IF(ROUND({off},12)>=B$4,\"amber\",\"green\"))"
                );
                // Where nothing was to come, anything that is adverse above is red.
                let text = match line.adverse {
                    [true, _] => format!("IF(AND({whole}=0,{part}>0),\"red\",{text})"),
                    [false, _] => text,
                };
                let band = Content::TextFormula(text, month.band.unwrap_or("green").to_string());
                sheet.put(row, 8, band, Kind::Strong, Ink::Formula);
                let content = Content::Number(actual.to_f64());
                sheet.put(row, 3, content, Kind::Money, Ink::Input);
            }
            None if line.is_sum => {
                let at = |part: &u32| cell_name(part + row - first, 10);
                let terms: Vec<String> = parts.iter().map(at).collect();
                let text = format!("ROUND({},2)", terms.join("+"));
                formula(10, text, month.forecast.to_f64(), Kind::Money);
            }
            None if row > last_known => {
                let ratio = cell_name(last_known, 7);
                let text = format!("ROUND(1+B$6*({ratio}-1),12)");
                let factor = line.factor.unwrap_or(Rate::ONE);
                formula(9, text, factor.to_f64(), Kind::Share);
                let text = format!("ROUND({}*{},2)", cell(2), cell(9));
                formula(10, text, month.forecast.to_f64(), Kind::Money);
            }
            None => formula(10, cell(2), month.forecast.to_f64(), Kind::Money),
        }
    }
}

/// Expected, actual and forecast of defaults and of cash.
fn charts(sheet: &mut Sheet, layout: &Layout, blocks: &[(&TrackLine, u32, u32)]) {
    let labels = layout.labels();
    let charted = blocks.iter().filter(|(line, ..)| ["default", "cash"].contains(&line.key));
    for (place, (line, first, last)) in (0_u32..).zip(charted) {
        let series = [(2, "track_expected"), (3, "track_actual"), (10, "track_forecast")];
        let series = series.map(|(column, key)| Series {
            name: labels.text(key),
            sheet: labels.sheet("track").to_string(),
            category: 1,
            column,
            rows: (*first, *last),
        });
        sheet.charts.push(Chart {
            at: (HEADER + 18 * place, 12),
            size: (560, 320),
            title: labels.text(&format!("track_{}", line.key)),
            form: Form::Lines,
            series: series.to_vec(),
        });
    }
}
