//! A file of keys as a workbook to fill in: drop-down lists, notes at the headings, inputs in blue.

use rust_xlsxwriter::{
    Color, ConditionalFormatBlank, DataValidation, DataValidationErrorStyle, DocProperties,
    ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Note, Url, Workbook, Worksheet,
    XlsxError,
};

use super::workbook::column_name;
use crate::deal::workbook::{Choices, Content, Form, FormColumn, FormRow, FormSheet, Look, Role};

/// The row of the headings; a title, a line about the sheet and an empty row stand above.
const HEADER_ROW: u32 = 3;
/// Drop-down lists reach this many rows below the headings, for entries still to come.
const REACH: u32 = 500;
/// The column of values among the terms.
const VALUE: usize = 1;
/// The height of a line of text.
const LINE: f64 = 12.5;
const NAVY: u32 = 0x1F3864;
const INPUT: u32 = 0xFFF9E5;
const BAND: u32 = 0xDDE6F3;

/// The workbook's bytes; the same form gives the same bytes.
///
/// # Errors
///
/// When the writer refuses, which it does only beyond the limits of a sheet.
pub fn deal_xlsx(form: &Form) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for sheet in &form.sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(&sheet.name)?;
        write(worksheet, sheet)?;
    }
    workbook.save_to_buffer()
}

fn is_terms(sheet: &FormSheet) -> bool {
    sheet.rows.iter().any(|row| row.role == Role::Section)
}

fn write(worksheet: &mut Worksheet, sheet: &FormSheet) -> Result<(), XlsxError> {
    let terms = is_terms(sheet);
    worksheet.set_screen_gridlines(false);
    worksheet.set_tab_color(Color::RGB(if terms { NAVY } else { 0x2E75B6 }));
    worksheet.write_with_format(0, 0, &sheet.title, &title())?;
    worksheet.write_with_format(1, 0, &sheet.about, &about())?;
    let headings = sheet.columns.iter().map(|column| lines(&column.heading, column.width * 0.9));
    let heading = headings.fold(2.0, f64::max) * LINE + 6.0;
    worksheet.set_row_height(0, 26.0)?.set_row_height(HEADER_ROW, heading)?;
    worksheet.set_freeze_panes(HEADER_ROW + 1, sheet.frozen)?;
    print_setup(worksheet, sheet)?;
    for (column, heading) in (0..).zip(&sheet.columns) {
        write_heading(worksheet, column, heading)?;
        if !terms {
            offer(worksheet, &heading.choices, (HEADER_ROW + 1, HEADER_ROW + REACH), column)?;
        }
    }
    for (row, line) in (HEADER_ROW + 1..).zip(&sheet.rows) {
        write_row(worksheet, sheet, row, line)?;
    }
    if !terms && sheet.rows.iter().any(|row| row.role == Role::Entry) {
        fold_unused(worksheet, sheet)?;
    }
    Ok(())
}

/// Folds the columns that no entry uses: the others are what somebody reads.
fn fold_unused(worksheet: &mut Worksheet, sheet: &FormSheet) -> Result<(), XlsxError> {
    let used = |place: usize| {
        sheet.rows.iter().any(|row| row.cells.get(place).is_some_and(Option::is_some))
    };
    let folds = |place: usize| {
        let look = sheet.columns[place].look;
        !used(place) && !sheet.columns[place].required && look != Look::Note && look != Look::Number
    };
    let mut first = None;
    for place in 0..=sheet.columns.len() {
        let fold = place < sheet.columns.len() && folds(place);
        let column = u16::try_from(place).expect("a few columns");
        match (first, fold) {
            (None, true) => first = Some(column),
            (Some(from), false) => {
                worksheet.group_columns_collapsed(from, column - 1)?;
                first = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    Ok(())
}

/// One page wide in landscape, wide sheets on A3, the headings on every page.
fn print_setup(worksheet: &mut Worksheet, sheet: &FormSheet) -> Result<(), XlsxError> {
    let last = u16::try_from(sheet.columns.len()).expect("a few columns") - 1;
    let end = HEADER_ROW + u32::try_from(sheet.rows.len()).expect("a sheet has a million rows");
    let width: f64 = sheet.columns.iter().map(|column| column.width).sum();
    let (a4, a3) = (9, 8);
    worksheet.set_landscape().set_paper_size(if width > 180.0 { a3 } else { a4 });
    worksheet.set_print_fit_to_pages(1, 0);
    worksheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3).set_footer("&L&A&C&P / &N&R&F");
    worksheet.set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
    worksheet.set_print_area(0, 0, end, last)?;
    Ok(())
}

fn write_heading(
    worksheet: &mut Worksheet,
    column: u16,
    heading: &FormColumn,
) -> Result<(), XlsxError> {
    worksheet.set_column_width(column, heading.width)?;
    worksheet.write_with_format(HEADER_ROW, column, &heading.heading, &header())?;
    if !heading.hover.is_empty() {
        let lines = heading.hover.chars().count() / 24 + heading.hover.lines().count() + 1;
        let height = u32::try_from(lines.min(30) * 15).expect("at most thirty lines");
        let note = Note::new(&heading.hover).set_width(300).set_height(height);
        let note = note.add_author_prefix(false).set_background_color(Color::RGB(INPUT));
        worksheet.insert_note(HEADER_ROW, column, &note)?;
    }
    Ok(())
}

fn write_row(
    worksheet: &mut Worksheet,
    sheet: &FormSheet,
    row: u32,
    line: &FormRow,
) -> Result<(), XlsxError> {
    let grouped = sheet.rows.iter().any(|row| row.role == Role::Continued);
    for (place, heading) in sheet.columns.iter().enumerate() {
        let column = u16::try_from(place).expect("a few columns");
        let content = line.cells.get(place).and_then(Option::as_ref);
        let look = if place == VALUE { line.look.unwrap_or(heading.look) } else { heading.look };
        let mut format = cell_format(line.role, look, content);
        if grouped && line.role == Role::Entry {
            format =
                format.set_border_top(FormatBorder::Thin).set_border_top_color(Color::RGB(NAVY));
        }
        if line.look.is_some() {
            format = format.set_align(FormatAlign::Left);
        }
        match (content, place == VALUE, &line.link) {
            (Some(Content::Text(text)), true, Some(sheet)) if text.starts_with('→') => {
                let url = Url::new(format!("internal:'{sheet}'!A1")).set_text(text);
                worksheet.write_url_with_format(row, column, url, &format)?;
            }
            (Some(content), ..) => write_content(worksheet, row, column, content, &format)?,
            (None, ..) => {
                worksheet.write_blank(row, column, &format)?;
            }
        }
    }
    worksheet.set_row_height(row, height(sheet, line))?;
    let value = u16::try_from(VALUE).expect("the second column");
    offer(worksheet, &line.choices, (row, row), value)?;
    if line.required {
        let missing = ConditionalFormatBlank::new()
            .set_format(Format::new().set_background_color(Color::RGB(0xF8CBAD)));
        worksheet.add_conditional_format(row, value, row, value, &missing)?;
    }
    Ok(())
}

/// The height that shows every text of a row.
fn height(sheet: &FormSheet, row: &FormRow) -> f64 {
    let cells = row.cells.iter().zip(&sheet.columns).filter_map(|(cell, column)| match cell {
        Some(Content::Text(text)) => Some(lines(text.trim_end(), column.width)),
        Some(Content::Number(_) | Content::Percent(_) | Content::Date(_) | Content::Flag(_))
        | None => None,
    });
    cells.fold(1.0, f64::max) * LINE + 2.0
}

/// The lines that a text takes in a column: a Chinese character is as wide as two Latin ones.
fn lines(text: &str, width: f64) -> f64 {
    let needed =
        |line: &str| -> f64 { line.chars().map(|c| if c.is_ascii() { 0.82 } else { 1.64 }).sum() };
    text.split('\n').map(|line| (needed(line) / width).ceil().max(1.0)).sum()
}

fn write_content(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    content: &Content,
    format: &Format,
) -> Result<(), XlsxError> {
    match content {
        Content::Text(text) => worksheet.write_string_with_format(row, column, text, format)?,
        Content::Number(number) | Content::Percent(number) => {
            // The double nearest to the digits: a cell holds nothing else.
            let value: f64 = number.to_string().parse().expect("digits are a number");
            worksheet.write_number_with_format(row, column, value, format)?
        }
        Content::Date(date) => worksheet.write_datetime_with_format(row, column, date, format)?,
        // As text: a program that does not know flags would show 1.
        Content::Flag(true) => worksheet.write_string_with_format(row, column, "TRUE", format)?,
        Content::Flag(false) => worksheet.write_string_with_format(row, column, "FALSE", format)?,
    };
    Ok(())
}

/// A drop-down list. Closed words refuse anything else; ids may be typed before their entry is.
fn offer(
    worksheet: &mut Worksheet,
    choices: &Choices,
    (first, last): (u32, u32),
    column: u16,
) -> Result<(), XlsxError> {
    let list = match choices {
        Choices::Any => return Ok(()),
        Choices::Words { words, closed } => {
            let list = DataValidation::new().allow_list_strings(words)?;
            if *closed { list } else { list.set_error_style(DataValidationErrorStyle::Information) }
        }
        Choices::Ids { sheet, column } => {
            let (name, from, to) = (column_name(*column), HEADER_ROW + 2, HEADER_ROW + 1 + REACH);
            let range = format!("='{sheet}'!${name}${from}:${name}${to}");
            DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Information)
        }
    };
    worksheet.add_data_validation(first, column, last, column, &list)?;
    Ok(())
}

fn plain() -> Format {
    Format::new().set_font_name("Arial").set_font_size(9).set_align(FormatAlign::Top)
}

fn title() -> Format {
    plain().set_font_size(14).set_bold().set_font_color(Color::RGB(NAVY))
}

fn about() -> Format {
    plain().set_italic().set_font_color(Color::RGB(0x595959))
}

fn header() -> Format {
    plain()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_font_color(Color::White)
        .set_background_color(Color::RGB(NAVY))
}

fn cell_format(role: Role, look: Look, content: Option<&Content>) -> Format {
    let line = Color::RGB(0xD9D9D9);
    let format = plain().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(line);
    match (role, look) {
        (Role::Section, Look::Note) => {
            format.set_text_wrap().set_background_color(Color::RGB(BAND))
        }
        (Role::Section, _) => format
            .set_bold()
            .set_text_wrap()
            .set_font_color(Color::RGB(NAVY))
            .set_background_color(Color::RGB(BAND)),
        (Role::Comment, _) | (_, Look::Note) => {
            format.set_italic().set_text_wrap().set_font_color(Color::RGB(0x595959))
        }
        (_, Look::Label) => format.set_text_wrap().set_font_color(Color::RGB(0x404040)),
        (_, Look::Number) => format
            .set_num_format("0")
            .set_align(FormatAlign::Center)
            .set_font_color(Color::RGB(0x7F7F7F)),
        (Role::Entry | Role::Continued | Role::Blank, _) => {
            let format = format
                .set_font_color(Color::RGB(0x0000FF))
                .set_background_color(Color::RGB(INPUT))
                .set_border_right(FormatBorder::Thin)
                .set_border_right_color(line);
            number_format(format, look, content)
        }
    }
}

fn number_format(format: Format, look: Look, content: Option<&Content>) -> Format {
    match (look, content) {
        (Look::Rate, Some(Content::Number(_))) => format.set_num_format("0.00########"),
        (Look::Rate, Some(Content::Text(_))) => format.set_num_format("@").set_text_wrap(),
        (Look::Rate, _) => format.set_num_format("0.00########%"),
        (Look::Amount, _) => format.set_num_format("#,##0.00"),
        (Look::Count, _) => format.set_num_format("0"),
        (Look::Date, _) => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
        (Look::Text | Look::Label | Look::Number | Look::Note, _) => {
            format.set_num_format("@").set_text_wrap()
        }
    }
}
