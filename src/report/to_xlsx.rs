//! The neutral workbook as an Excel file: the only place that knows the format.
//!
//! Written to a temporary file in the same folder and renamed, so that nothing is half-written. The
//! engine's value is the cached result of every formula; the same input gives the same bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{
    Chart as XlsxChart, ChartAxisCrossing, ChartFont, ChartType, Color, ConditionalFormatCell,
    ConditionalFormatCellRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, Workbook as Xlsx, Worksheet, XlsxError,
};

use super::layout::GROUP_ROW;
use super::pages::Pages;
use super::workbook::{Cell, Chart, Content, Form, Ink, Kind, Sheet, Workbook};
use crate::pool::Pool;

/// Which cached results formulas carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caches {
    /// The engine's values.
    Right,
    /// Wrong on purpose: for the test that another program recalculates.
    Wrong,
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The writer refused.
    #[error("cannot make the workbook")]
    Make(#[from] XlsxError),
}

/// Writes a workbook.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_xlsx(workbook: &Workbook, path: &Path, caches: Caches) -> Result<(), Error> {
    write_with(workbook, path, caches, |_| Ok(()))
}

/// Writes receivables of a pool as a tape that loads again, with other sheets behind it.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_pool_xlsx(
    workbook: &Workbook,
    path: &Path,
    (pool, places): (&Pool, &[usize]),
) -> Result<(), Error> {
    write_with(workbook, path, Caches::Right, |xlsx| super::pool_xlsx::add(xlsx, pool, places))
}

/// Writes a workbook behind the sheets that `before` adds.
fn write_with(
    workbook: &Workbook,
    path: &Path,
    caches: Caches,
    before: impl FnOnce(&mut Xlsx) -> Result<(), XlsxError>,
) -> Result<(), Error> {
    let mut xlsx = Xlsx::new();
    // A fixed creation date: the same input gives the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties =
        DocProperties::new().set_title(&workbook.title).set_creation_datetime(&created);
    xlsx.set_properties(&properties);
    let mut formats = Formats::default();
    before(&mut xlsx)?;
    for sheet in &workbook.sheets {
        let worksheet = xlsx.add_worksheet();
        write_sheet(worksheet, sheet, &mut formats, caches)?;
    }
    let bytes = xlsx.save_to_buffer()?;
    crate::report::write_whole(path, &bytes)
        .map_err(|source| Error::Write { path: path.to_path_buf(), source })
}

#[derive(Default)]
struct Formats {
    made: BTreeMap<(Kind, Ink), Format>,
}

impl Formats {
    fn get(&mut self, kind: Kind, ink: Ink) -> &Format {
        self.made.entry((kind, ink)).or_insert_with(|| format(kind, ink))
    }
}

fn format(kind: Kind, ink: Ink) -> Format {
    let format = Format::new().set_font_name("Arial").set_font_size(9);
    let format = match kind {
        Kind::Title => format.set_font_size(16).set_bold().set_font_color(Color::RGB(0x1F3864)),
        Kind::Note => format.set_italic().set_font_color(Color::RGB(0x595959)),
        Kind::Paragraph => {
            format.set_text_wrap().set_align(FormatAlign::Top).set_font_color(Color::RGB(0x404040))
        }
        Kind::Group => format
            .set_bold()
            .set_font_color(Color::RGB(0x1F3864))
            .set_border_bottom(FormatBorder::Medium),
        Kind::Section => format
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Bottom)
            .set_font_color(Color::RGB(0x1F3864))
            .set_border_bottom(FormatBorder::Medium),
        Kind::Header => format
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_font_color(Color::White)
            .set_background_color(Color::RGB(0x1F3864)),
        Kind::Strong => format.set_bold(),
        Kind::Text => format.set_num_format("@"),
        Kind::Beside => format.set_num_format("@").set_indent(1),
        Kind::Money => format.set_num_format("#,##0.00;[Red]-#,##0.00;0.00"),
        Kind::Zero => format.set_num_format("[=0]0.00;[Red]-#,##0.00"),
        Kind::Rate => format.set_num_format("0.000000%"),
        Kind::Percent => format.set_num_format("0.00##%"),
        Kind::PoolRate => format.set_num_format("0.0000%"),
        Kind::Share => format.set_num_format("0.00%"),
        Kind::PerHundred => format.set_num_format("0.000000"),
        Kind::Count => format.set_num_format("#,##0"),
        Kind::Date => format.set_num_format("yyyy-mm-dd;;").set_align(FormatAlign::Center),
        Kind::Rank => format.set_num_format("0").set_align(FormatAlign::Center),
        Kind::Flag => format.set_num_format("0").set_align(FormatAlign::Center),
        Kind::Check => format.set_bold().set_font_size(12).set_align(FormatAlign::Center),
    };
    match ink {
        Ink::Label | Ink::Formula => format,
        Ink::Input => {
            format.set_font_color(Color::RGB(0x0000FF)).set_background_color(Color::RGB(0xFFF9E5))
        }
        Ink::Engine => format.set_font_color(Color::RGB(0x7F7F7F)),
        Ink::Link => format.set_font_color(Color::RGB(0x00803C)),
        Ink::Total => format
            .set_bold()
            .set_border_top(FormatBorder::Thin)
            .set_border_bottom(FormatBorder::Thin)
            .set_background_color(Color::RGB(0xF2F2F2)),
    }
}

fn write_sheet(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    formats: &mut Formats,
    caches: Caches,
) -> Result<(), XlsxError> {
    worksheet.set_name(&sheet.name)?;
    worksheet.set_screen_gridlines(false);
    if let Some(tab) = sheet.tab {
        worksheet.set_tab_color(Color::RGB(tab));
    }
    for (column, width) in &sheet.widths {
        worksheet.set_column_width(*column, *width)?;
    }
    for (row, height) in &sheet.heights {
        worksheet.set_row_height(*row, *height)?;
    }
    for row in &sheet.hidden {
        worksheet.set_row_hidden(*row)?;
    }
    if sheet.freeze != (0, 0) {
        worksheet.set_freeze_panes(sheet.freeze.0, sheet.freeze.1)?;
    }
    print_setup(worksheet, sheet)?;
    for (row, first, last) in &sheet.wide {
        let format = formats.get(Kind::Paragraph, Ink::Label);
        worksheet.merge_range(*row, *first, *row, *last, "", format)?;
    }
    for (first, last) in sheet.sections.iter().filter(|(first, last)| first < last) {
        let format = formats.get(Kind::Section, Ink::Label);
        worksheet.merge_range(GROUP_ROW, *first, GROUP_ROW, *last, "", format)?;
    }
    for cell in &sheet.cells {
        if cell.kind == Kind::Check {
            lights(worksheet, cell)?;
        }
        write_cell(worksheet, cell, formats.get(cell.kind, cell.ink), caches)?;
    }
    for chart in &sheet.charts {
        let (row, column) = chart.at;
        worksheet.insert_chart(row, column, &make_chart(chart))?;
    }
    Ok(())
}

/// The master check is green while it holds and red when it does not.
fn lights(worksheet: &mut Worksheet, cell: &Cell) -> Result<(), XlsxError> {
    let Content::TextFormula(_, holds) = &cell.content else { return Ok(()) };
    let white = || Format::new().set_font_color(Color::White);
    let green = white().set_background_color(Color::RGB(0x00803C));
    let red = white().set_background_color(Color::RGB(0xC00000));
    let rules = [
        (ConditionalFormatCellRule::EqualTo(holds.clone()), green),
        (ConditionalFormatCellRule::NotEqualTo(holds.clone()), red),
    ];
    for (rule, format) in rules {
        let light = ConditionalFormatCell::new().set_rule(rule).set_format(format);
        worksheet.add_conditional_format(cell.row, cell.column, cell.row, cell.column, &light)?;
    }
    Ok(())
}

/// One page wide, wide sheets on A3 in landscape; those that nobody could read so, page by page across.
fn print_setup(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    const A3: u8 = 8;
    let widths: BTreeMap<u16, f64> = sheet.widths.iter().copied().collect();
    let width: f64 = widths.values().sum();
    if sheet.landscape {
        worksheet.set_landscape();
    }
    let is_a3 = width > 180.0 || !sheet.page_rows.is_empty();
    worksheet.set_paper_size(if is_a3 { A3 } else { A4 });
    let pages = Pages::of(sheet);
    if !pages.breaks.is_empty() {
        worksheet.set_print_scale(Pages::SCALE);
        worksheet.set_vertical_page_breaks(&pages.breaks)?;
        worksheet.set_repeat_columns(0, sheet.freeze.1 - 1)?;
    } else if sheet.page_rows.is_empty() {
        worksheet.set_print_fit_to_pages(1, 0);
    } else {
        // A sheet that is fitted to a page has no breaks of its own.
        worksheet.set_print_scale(Pages::scale_of_one(sheet));
    }
    if !sheet.page_rows.is_empty() {
        worksheet.set_page_breaks(&sheet.page_rows)?;
    }
    worksheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    worksheet.set_footer("&L&A&C&P / &N&R&F");
    if let Some((first, last)) = sheet.repeat {
        worksheet.set_repeat_rows(first, last)?;
    }
    Ok(())
}

fn write_cell(
    worksheet: &mut Worksheet,
    cell: &Cell,
    format: &Format,
    caches: Caches,
) -> Result<(), XlsxError> {
    const WRONG: &str = "987654321.25";
    let (row, column) = (cell.row, cell.column);
    match &cell.content {
        Content::Text(text) => worksheet.write_string_with_format(row, column, text, format)?,
        Content::Number(number) => {
            worksheet.write_number_with_format(row, column, *number, format)?
        }
        Content::Formula(text, value) => {
            let result = match caches {
                Caches::Right => format!("{value}"),
                Caches::Wrong => WRONG.to_string(),
            };
            let formula = Formula::new(format!("={text}")).set_result(result);
            worksheet.write_formula_with_format(row, column, formula, format)?
        }
        Content::TextFormula(text, value) => {
            let result = match caches {
                Caches::Right => value.as_str(),
                Caches::Wrong => WRONG,
            };
            let formula = Formula::new(format!("={text}")).set_result(result);
            worksheet.write_formula_with_format(row, column, formula, format)?
        }
    };
    Ok(())
}

fn make_chart(chart: &Chart) -> XlsxChart {
    const COLOURS: [u32; 7] =
        [0x1F3864, 0x2E75B6, 0xED7D31, 0xA5A5A5, 0xFFC000, 0x70AD47, 0x7030A0];
    let kind = match chart.form {
        Form::Stacked => ChartType::ColumnStacked,
        Form::Lines | Form::Curves => ChartType::Line,
        Form::Columns => ChartType::Column,
        Form::Bars => ChartType::Bar,
    };
    let mut made = XlsxChart::new(kind);
    made.title().set_name(&chart.title).set_font(ChartFont::new().set_size(12).set_bold());
    // Small enough for labels side by side.
    let small = ChartFont::new().set_size(8).clone();
    made.x_axis().set_font(&small);
    made.y_axis().set_font(&small);
    made.set_width(chart.size.0).set_height(chart.size.1);
    made.legend().set_position(rust_xlsxwriter::ChartLegendPosition::Bottom);
    match chart.form {
        Form::Stacked | Form::Lines => {
            made.x_axis().set_num_format("yyyy-mm").set_date_axis(true);
            made.y_axis().set_num_format("#,##0");
        }
        Form::Columns => {
            made.y_axis().set_num_format("#,##0");
        }
        Form::Bars => {
            // The first name on top, the amounts below the last one.
            made.y_axis().set_reverse().set_crossing(ChartAxisCrossing::Max);
            made.y_axis().set_font(ChartFont::new().set_size(7));
            made.x_axis().set_num_format("#,##0").set_font(ChartFont::new().set_size(7));
            made.legend().set_hidden();
        }
        Form::Curves => {
            made.x_axis().set_num_format("0");
            made.y_axis().set_num_format("0.00%");
            // A vintage that is young ends where it is known.
            made.show_empty_cells_as(rust_xlsxwriter::ChartEmptyCells::Gaps);
        }
    }
    for (series, colour) in chart.series.iter().zip(COLOURS.iter().cycle()) {
        let (first, last) = series.rows;
        let sheet = series.sheet.as_str();
        let added = made.add_series();
        added
            .set_name(series.name.as_str())
            .set_categories((sheet, first, series.category, last, series.category))
            .set_values((sheet, first, series.column, last, series.column));
        let colour = Color::RGB(*colour);
        if matches!(chart.form, Form::Stacked | Form::Columns | Form::Bars) {
            added.set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(colour)),
            );
        } else {
            added.set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_line(rust_xlsxwriter::ChartLine::new().set_color(colour).set_width(2.0)),
            );
        }
    }
    made
}
