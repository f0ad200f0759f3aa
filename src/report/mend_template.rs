//! The template of a mend file: the rows with findings, with only the columns to blame.
//!
//! Somebody writes over what is wrong; what is left as it stands mends nothing.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::ShownRow;
use crate::finding::{Finding, Lang};

/// Columns that name the row; those to mend stand behind them.
const FIXED: usize = 3;

/// The template as a workbook, the cells to mend highlighted.
///
/// # Errors
///
/// When the writer refuses, which it does only beyond the limits of a sheet.
pub fn mend_xlsx(
    findings: &[Finding],
    rows: &[ShownRow],
    lang: Lang,
) -> Result<Vec<u8>, XlsxError> {
    let columns = columns(rows);
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    let heading = Format::new().set_bold().set_background_color(Color::RGB(0xDD_E6_F3));
    let wrong = Format::new().set_background_color(Color::RGB(0xFF_C7_CE));
    let lines = mend_table(findings, rows, lang);
    for (column, text) in (0..).zip(&lines[0]) {
        sheet.write_with_format(0, column, text, &heading)?;
    }
    for ((line, texts), row) in (1..).zip(&lines[1..]).zip(to_mend(rows)) {
        for (column, text) in texts.iter().enumerate() {
            let place = u16::try_from(column).expect("a sheet has at most 16384 columns");
            let letters = column.checked_sub(FIXED).and_then(|column| columns.get(column));
            match letters.is_some_and(|(letters, _)| row.blamed.contains_key(letters)) {
                true => sheet.write_with_format(line, place, text, &wrong)?,
                false if column == 1 => sheet.write(line, place, row.row)?,
                false => sheet.write(line, place, text)?,
            };
        }
    }
    sheet.set_column_range_width(0, 2, 16)?.set_freeze_panes(1, 3)?;
    workbook.save_to_buffer()
}

/// The template as a text table, with the mark of UTF-8 that spreadsheets look for.
pub fn mend_csv(findings: &[Finding], rows: &[ShownRow], lang: Lang) -> String {
    let quoted = |text: &String| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.clone(),
    };
    let lines = mend_table(findings, rows, lang);
    let lines = lines.iter().map(|line| line.iter().map(quoted).collect::<Vec<_>>().join(","));
    format!("\u{feff}{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// Headings, then for each row its sheet, number and key, the wrong cells, and what was found.
fn mend_table(findings: &[Finding], rows: &[ShownRow], lang: Lang) -> Vec<Vec<String>> {
    let columns = columns(rows);
    let fixed = match lang {
        Lang::Zh => ["工作表", "行号", "校验码"],
        Lang::En => ["sheet", "row", "key"],
    };
    // A header may be missing or stand twice; letters never do.
    let once = |header: &str| columns.iter().filter(|(_, other)| other == header).count() == 1;
    let name = |(letters, header): &(String, String)| match !header.is_empty() && once(header) {
        true => header.clone(),
        false => format!("={letters}"),
    };
    let mut headings: Vec<String> = fixed.map(str::to_string).into();
    headings.extend(columns.iter().map(name));
    headings.push(if lang == Lang::Zh { "问题" } else { "finding" }.to_string());
    let mut table = vec![headings];
    for row in to_mend(rows) {
        let mut line = vec![row.sheet.clone(), row.row.to_string(), row.key.clone()];
        for (letters, _) in &columns {
            let text = row.cells.iter().find(|(of, ..)| of == letters);
            let text = text.filter(|_| row.blamed.contains_key(letters));
            line.push(text.map(|(_, _, text)| text.clone()).unwrap_or_default());
        }
        line.push(said(findings, row, lang));
        table.push(line);
    }
    table
}

/// The rows with a cell to blame.
fn to_mend(rows: &[ShownRow]) -> impl Iterator<Item = &ShownRow> {
    rows.iter().filter(|row| row.blamed.keys().any(|letters| !letters.is_empty()))
}

/// The columns to blame by letters, with their headers.
fn columns(rows: &[ShownRow]) -> Vec<(String, String)> {
    let mut blamed: BTreeMap<(usize, String), String> = BTreeMap::new();
    for row in to_mend(rows) {
        for letters in row.blamed.keys().filter(|letters| !letters.is_empty()) {
            let header = row.cells.iter().find(|(of, ..)| of == letters);
            let known = blamed.entry((letters.len(), letters.clone())).or_default();
            if let Some((_, header, _)) = header.filter(|_| known.is_empty()) {
                known.clone_from(header);
            }
        }
    }
    blamed.into_iter().map(|((_, letters), header)| (letters, header)).collect()
}

/// What was found in a row, each sentence once.
fn said(findings: &[Finding], row: &ShownRow, lang: Lang) -> String {
    let mut said: Vec<String> = Vec::new();
    for finding in row.blamed.values().flatten().map(|finding| &findings[*finding]) {
        let text = format!("{}: {}", finding.code, finding.message(lang));
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said.join("; ")
}
