//! Findings as a workbook: a summary by code, one row for each finding, and the rows of the tape that
//! they speak of, with the cells to blame highlighted.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Url, Workbook,
    Worksheet, XlsxError,
};

use super::workbook::column_name;
use super::{Labels, ReportLang};
use crate::finding::{Finding, Lang, Severity, entry};

/// The row of the headings; a title and a line about the sheet stand above.
const HEADER_ROW: u32 = 2;
const NAVY: u32 = 0x1F3864;
const BAND: u32 = 0xDDE6F3;
const BLAMED: u32 = 0xFFC7CE;

/// A row of the tape that findings speak of; what is personal in it is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownRow {
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row as the spreadsheet shows it.
    pub row: u32,
    /// The keyed hash that a mend names it by.
    pub key: String,
    /// Column letters, header and text of its cells, in order.
    pub cells: Vec<(String, String, String)>,
    /// The columns to blame, by letters, with the indices of the findings that blame them.
    pub blamed: BTreeMap<String, Vec<usize>>,
}

/// The workbook's bytes; the same findings give the same bytes.
///
/// # Errors
///
/// When the writer refuses, which it does only beyond the limits of a sheet.
pub fn findings_xlsx(
    findings: &[Finding],
    rows: &[ShownRow],
    lang: ReportLang,
) -> Result<Vec<u8>, XlsxError> {
    let labels = Labels::new(lang);
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    summary(workbook.add_worksheet(), findings, labels)?;
    let places = places(rows);
    table(workbook.add_worksheet(), (findings, &places), labels)?;
    if !rows.is_empty() {
        tape(workbook.add_worksheet(), (findings, rows), labels)?;
    }
    workbook.save_to_buffer()
}

/// Where the cell that a finding blames stands on the sheet of rows, by finding.
fn places(rows: &[ShownRow]) -> BTreeMap<usize, (u32, u16)> {
    let columns = columns(rows);
    let mut places = BTreeMap::new();
    for (line, row) in (HEADER_ROW + 1..).zip(rows) {
        for (letters, findings) in &row.blamed {
            let column = columns.iter().position(|(known, _)| known == letters);
            let column = column.map_or(0, |place| FIXED + to_u16(place));
            for finding in findings {
                places.insert(*finding, (line, column));
            }
        }
    }
    places
}

/// The columns of the tape that stand before those of the rows.
const FIXED: u16 = 3;

/// All columns of the rows by letters, with their headers.
fn columns(rows: &[ShownRow]) -> Vec<(String, String)> {
    let mut columns: BTreeMap<(usize, String), String> = BTreeMap::new();
    for row in rows {
        for (letters, header, _) in &row.cells {
            let known = columns.entry((letters.len(), letters.clone())).or_default();
            if known.is_empty() {
                known.clone_from(header);
            }
        }
        for letters in row.blamed.keys().filter(|letters| !letters.is_empty()) {
            columns.entry((letters.len(), letters.clone())).or_default();
        }
    }
    columns.into_iter().map(|((_, letters), header)| (letters, header)).collect()
}

fn head(
    sheet: &mut Worksheet,
    (key, labels): (&str, Labels),
    headings: &[(String, f64)],
) -> Result<(), XlsxError> {
    sheet.set_name(labels.sheet(key))?;
    sheet.set_screen_gridlines(false);
    sheet.set_tab_color(Color::RGB(NAVY));
    let title = Format::new().set_bold().set_font_size(14).set_font_color(Color::RGB(NAVY));
    sheet.write_with_format(0, 0, labels.title(key), &title)?;
    let about = Format::new().set_italic().set_font_color(Color::RGB(0x59_59_59));
    sheet.write_with_format(1, 0, labels.about(key), &about)?;
    let heading = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_background_color(Color::RGB(BAND))
        .set_border_bottom(FormatBorder::Thin);
    for (column, (text, width)) in (0..).zip(headings) {
        sheet.write_with_format(HEADER_ROW, column, text, &heading)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(HEADER_ROW + 1, 0)?;
    // All columns on one page, the headings on every one.
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    Ok(())
}

fn wrapped() -> Format {
    Format::new().set_text_wrap().set_align(FormatAlign::Top)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "severity_error",
        Severity::Warning => "severity_warning",
        Severity::Note => "severity_note",
    }
}

/// In red what forbids to go on, in amber what somebody should look at.
fn shade(of: Severity) -> Format {
    match of {
        Severity::Error => wrapped().set_font_color(Color::RGB(0xC0_00_00)).set_bold(),
        Severity::Warning => wrapped().set_font_color(Color::RGB(0x9C_57_00)),
        Severity::Note => wrapped(),
    }
}

fn langs(labels: Labels) -> &'static [Lang] {
    match labels.lang() {
        ReportLang::Zh => &[Lang::Zh],
        ReportLang::En => &[Lang::En],
        ReportLang::Both => &[Lang::Zh, Lang::En],
    }
}

fn in_langs(labels: Labels, text: impl Fn(Lang) -> String) -> String {
    langs(labels).iter().map(|lang| text(*lang)).collect::<Vec<_>>().join("\n")
}

fn summary(sheet: &mut Worksheet, findings: &[Finding], labels: Labels) -> Result<(), XlsxError> {
    let headings =
        [("code", 10.0), ("severity", 12.0), ("count", 10.0), ("what_is_checked", 110.0)];
    let headings = headings.map(|(key, width)| (labels.text(key), width));
    head(sheet, ("findings_summary", labels), &headings)?;
    let mut by_code: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in findings {
        let key = (std::cmp::Reverse(finding.severity()), finding.code);
        *by_code.entry(key).or_default() += 1 + finding.more;
    }
    let mut line = HEADER_ROW + 1;
    for ((of, code), count) in by_code {
        let about = entry(code).map(|entry| in_langs(labels, |lang| entry.about(lang).to_string()));
        sheet.write_with_format(line, 0, code, &wrapped())?;
        sheet.write_with_format(line, 1, labels.text(severity(of.0)), &shade(of.0))?;
        sheet.write_with_format(line, 2, number(count), &wrapped())?;
        sheet.write_with_format(line, 3, about.unwrap_or_default(), &wrapped())?;
        line += 1;
    }
    if line == HEADER_ROW + 1 {
        sheet.write(line, 0, labels.text("no_findings"))?;
    }
    Ok(())
}

fn table(
    sheet: &mut Worksheet,
    (findings, places): (&[Finding], &BTreeMap<usize, (u32, u16)>),
    labels: Labels,
) -> Result<(), XlsxError> {
    let headings = [
        ("finding_number", 6.0),
        ("code", 8.0),
        ("severity", 11.0),
        ("file", 20.0),
        ("sheet", 16.0),
        ("cell", 9.0),
        ("receivable", 20.0),
        ("message", 70.0),
        ("what_to_do", 70.0),
        ("more_places", 11.0),
    ];
    let headings = headings.map(|(key, width)| (labels.text(key), width));
    head(sheet, ("findings", labels), &headings)?;
    let rows_sheet = labels.sheet("findings_rows");
    for ((line, index), finding) in (HEADER_ROW + 1..).zip(0..).zip(findings) {
        let origin = &finding.origin;
        let message = in_langs(labels, |lang| finding.message(lang));
        let help = in_langs(labels, |lang| finding.help(lang));
        let id = finding.facts.get("id").map_or("", String::as_str);
        sheet.write_with_format(line, 0, number(index + 1), &wrapped())?;
        sheet.write_with_format(line, 1, finding.code, &wrapped())?;
        let of = finding.severity();
        sheet.write_with_format(line, 2, labels.text(severity(of)), &shade(of))?;
        sheet.write_with_format(line, 3, &origin.file, &wrapped())?;
        sheet.write_with_format(line, 4, &origin.sheet, &wrapped())?;
        match places.get(&index) {
            Some((row, column)) => {
                let at = format!("internal:'{rows_sheet}'!{}{}", column_name(*column), row + 1);
                sheet.write_url_with_text(line, 5, Url::new(at), &origin.cell)?;
            }
            None => {
                sheet.write_with_format(line, 5, &origin.cell, &wrapped())?;
            }
        }
        sheet.write_with_format(line, 6, id, &wrapped())?;
        sheet.write_with_format(line, 7, message, &wrapped())?;
        sheet.write_with_format(line, 8, help, &wrapped())?;
        sheet.write_with_format(line, 9, number(finding.more), &wrapped())?;
    }
    if !findings.is_empty() {
        let last = HEADER_ROW + u32::try_from(findings.len()).unwrap_or(u32::MAX);
        sheet.autofilter(HEADER_ROW, 0, last, 9)?;
    }
    Ok(())
}

/// The rows as they stand in the tape, below the tape's own headers.
fn tape(
    sheet: &mut Worksheet,
    (findings, rows): (&[Finding], &[ShownRow]),
    labels: Labels,
) -> Result<(), XlsxError> {
    let columns = columns(rows);
    let fixed = [("findings", 16.0), ("sheet", 16.0), ("row", 8.0)];
    let mut headings: Vec<(String, f64)> =
        fixed.map(|(key, width)| (labels.text(key), width)).into();
    headings.extend(columns.iter().map(|(letters, header)| (format!("{letters} {header}"), 16.0)));
    head(sheet, ("findings_rows", labels), &headings)?;
    let blamed = Format::new().set_background_color(Color::RGB(BLAMED));
    for (line, row) in (HEADER_ROW + 1..).zip(rows) {
        let mut codes: Vec<&str> =
            row.blamed.values().flatten().map(|finding| findings[*finding].code).collect();
        codes.sort_unstable();
        codes.dedup();
        sheet.write(line, 0, codes.join(" "))?;
        sheet.write(line, 1, &row.sheet)?;
        sheet.write(line, 2, row.row)?;
        for (place, (letters, _)) in columns.iter().enumerate() {
            let column = FIXED + to_u16(place);
            let text = row.cells.iter().find(|(of, ..)| of == letters);
            let text = text.map_or("", |(_, _, text)| text.as_str());
            match row.blamed.contains_key(letters) {
                true => sheet.write_with_format(line, column, text, &blamed)?,
                false => sheet.write(line, column, text)?,
            };
        }
    }
    sheet.set_freeze_panes(HEADER_ROW + 1, FIXED)?;
    Ok(())
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn to_u16(place: usize) -> u16 {
    u16::try_from(place).expect("a sheet has at most 16384 columns")
}
