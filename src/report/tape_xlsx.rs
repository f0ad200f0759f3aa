//! A synthetic tape as a workbook with Chinese headers, amounts in 元, and a sheet 还款计划 for the
//! receivables whose schedule is given.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::money::Amount;
use crate::pool::RatePeriod;
use crate::synth::Row;

const HEADERS: [&str; 15] = [
    "借据号",
    "客户号",
    "产品名称",
    "还款方式",
    "放款日",
    "首期应还日",
    "还款日",
    "初始本金(元)",
    "未偿本金余额(元)",
    "总期数",
    "已还期数",
    "利率(%)",
    "利率类型",
    "省份",
    "评分等级",
];
const PLAN_HEADERS: [&str; 6] =
    ["借据号", "期次", "应还日期", "应还本金(元)", "应还利息(元)", "应还手续费(元)"];

/// Writes a synthetic tape of any length up to a sheet's, in bounded memory: headers, then rows of
/// texts; numbers and dates are written as such, everything else as text.
///
/// # Errors
///
/// When the writer refuses, which it does beyond a million rows, or the file cannot be written.
pub fn lines_xlsx(
    path: &std::path::Path,
    headers: &[&str],
    lines: impl Iterator<Item = Vec<String>>,
) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("应收账款明细")?;
    let (money, date, bold) = formats();
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(0, column, *header, &bold)?;
    }
    for (number, cells) in (1..).zip(lines) {
        for (column, text) in (0..).zip(&cells) {
            let day = text.parse::<chrono::NaiveDate>().ok().filter(|_| text.len() == 10);
            match (day, text.parse::<f64>().ok()) {
                (Some(day), _) => sheet.write_datetime_with_format(number, column, day, &date)?,
                (None, Some(value))
                    if text.split_once('.').is_some_and(|(_, cents)| cents.len() == 2) =>
                {
                    sheet.write_number_with_format(number, column, value, &money)?
                }
                (None, Some(value)) => sheet.write_number(number, column, value)?,
                (None, None) if text.is_empty() => continue,
                (None, None) => sheet.write_string(number, column, text)?,
            };
        }
    }
    workbook.save(path)?;
    Ok(())
}

/// The tape's bytes; the same rows give the same bytes.
///
/// # Errors
///
/// When the writer refuses, which it does only beyond a million rows.
pub fn tape_xlsx(rows: &[Row]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet();
    sheet.set_name("应收账款明细")?;
    tape(sheet, rows)?;
    let sheet = workbook.add_worksheet();
    sheet.set_name("还款计划")?;
    plan(sheet, rows)?;
    workbook.save_to_buffer()
}

fn tape(sheet: &mut Worksheet, rows: &[Row]) -> Result<(), XlsxError> {
    let (money, date, bold) = formats();
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write_string_with_format(0, column, header, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 16)?.set_column_width(2, 14)?.set_column_width(8, 16)?;
    let (mut original, mut outstanding) = (Amount::ZERO, Amount::ZERO);
    for (number, row) in (1..).zip(rows) {
        let of = &row.receivable;
        original += of.original_principal;
        outstanding += of.outstanding_principal;
        let period = match of.rate.per {
            RatePeriod::Year => "年利率",
            RatePeriod::Instalment => "月费率",
            RatePeriod::Day => "日利率",
        };
        sheet.write_string(number, 0, &*of.id)?;
        sheet.write_string(number, 1, &row.obligor)?;
        sheet.write_string(number, 2, row.product)?;
        sheet.write_string(number, 3, row.method)?;
        sheet.write_datetime_with_format(number, 4, of.origination, &date)?;
        sheet.write_datetime_with_format(number, 5, of.first_due, &date)?;
        sheet.write_number(number, 6, f64::from(of.due_day))?;
        sheet.write_number_with_format(number, 7, of.original_principal.to_f64(), &money)?;
        sheet.write_number_with_format(number, 8, of.outstanding_principal.to_f64(), &money)?;
        sheet.write_number(number, 9, f64::from(of.instalments))?;
        sheet.write_number(number, 10, f64::from(of.paid_instalments))?;
        let percent = of.rate.rate.to_decimal() * rust_decimal::Decimal::ONE_HUNDRED;
        let percent = percent.normalize().to_string().parse::<f64>().unwrap_or_default();
        sheet.write_number(number, 11, percent)?;
        sheet.write_string(number, 12, period)?;
        sheet.write_string(number, 13, row.region)?;
        sheet.write_string(number, 14, row.grade)?;
    }
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX - 1) + 1;
    sheet.write_string_with_format(last, 0, "合计", &bold)?;
    sheet.write_number_with_format(last, 7, original.to_f64(), &money)?;
    sheet.write_number_with_format(last, 8, outstanding.to_f64(), &money)?;
    Ok(())
}

fn plan(sheet: &mut Worksheet, rows: &[Row]) -> Result<(), XlsxError> {
    let (money, date, bold) = formats();
    for (column, header) in (0..).zip(PLAN_HEADERS) {
        sheet.write_string_with_format(0, column, header, &bold)?;
    }
    let instalments = rows.iter().flat_map(|row| row.schedule.iter().map(move |line| (row, line)));
    for (number, (row, line)) in (1..).zip(instalments) {
        sheet.write_string(number, 0, &*row.receivable.id)?;
        sheet.write_number(number, 1, f64::from(line.number))?;
        sheet.write_datetime_with_format(number, 2, line.due, &date)?;
        sheet.write_number_with_format(number, 3, line.principal.to_f64(), &money)?;
        sheet.write_number_with_format(number, 4, line.interest.to_f64(), &money)?;
        sheet.write_number_with_format(number, 5, line.fee.to_f64(), &money)?;
    }
    Ok(())
}

fn formats() -> (Format, Format, Format) {
    let money = Format::new().set_num_format("#,##0.00");
    let date = Format::new().set_num_format("yyyy-mm-dd");
    (money, date, Format::new().set_bold())
}
