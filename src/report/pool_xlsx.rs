//! Receivables of a pool as a tape that loads again: canonical headers, one row a receivable, and the
//! given schedules on a sheet of their own.
//!
//! Rows are streamed to the file, so a million of them take little memory.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook as Xlsx, Worksheet, XlsxError};

use crate::money::Rate;
use crate::pool::{Pool, RatePeriod, Receivable};
use crate::portfolio::method_word;

/// The columns that every receivable has.
const COLUMNS: [&str; 14] = [
    "receivable_id",
    "repayment_method",
    "origination_date",
    "first_due_date",
    "due_day",
    "cutoff_date",
    "original_principal",
    "outstanding_principal",
    "instalments",
    "paid_instalments",
    "rate(%)",
    "rate_type",
    "instalment_amount",
    "past_due_days",
];
/// The columns of representative lines, which have no dates and no contract.
const LINES: [&str; 2] = ["remaining_instalments", "seasoning_months"];
const SCHEDULE: [&str; 6] = ["receivable_id", "number", "due_date", "principal", "interest", "fee"];

/// The most rows that a sheet holds below its headers.
pub const ROWS_MOST: usize = 1_048_575;

/// Adds the receivables at those places as a sheet `tape`, and their given schedules as a sheet
/// `schedule`.
pub(super) fn add(xlsx: &mut Xlsx, pool: &Pool, places: &[usize]) -> Result<(), XlsxError> {
    let sheet = xlsx.add_worksheet_with_constant_memory()?;
    sheet.set_name("tape")?;
    tape(sheet, pool, places)?;
    let is_given = |place: &&usize| pool.receivables[**place].given.is_some();
    if places.iter().any(|place| is_given(&place)) {
        let sheet = xlsx.add_worksheet_with_constant_memory()?;
        sheet.set_name("schedule")?;
        schedule(sheet, pool, places)?;
    }
    Ok(())
}

fn tape(sheet: &mut Worksheet, pool: &Pool, places: &[usize]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let attributes: Vec<_> = pool.attributes.iter().collect();
    let names = attributes.iter().map(|(name, _)| name.as_str());
    let has_lines = places.iter().any(|place| pool.receivables[*place].is_rep_line);
    let lines: &[&str] = if has_lines { &LINES } else { &[] };
    let width = COLUMNS.len() + lines.len();
    let headers = COLUMNS.into_iter().chain(lines.iter().copied()).chain(names);
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(0, column, header, &bold)?;
    }
    let formats = Formats::new();
    for (row, place) in (1..).zip(places) {
        formats.receivable(sheet, row, &pool.receivables[*place])?;
        for (column, (_, attribute)) in (width..).zip(&attributes) {
            let code = usize::try_from(attribute.codes[*place]).expect("a code is an index");
            let text = &attribute.values[code];
            if !text.is_empty() {
                let column = u16::try_from(column).expect("columns are few");
                sheet.write_string(row, column, &**text)?;
            }
        }
    }
    Ok(())
}

struct Formats {
    money: Format,
    date: Format,
}

impl Formats {
    fn new() -> Formats {
        Formats {
            money: Format::new().set_num_format("#,##0.00"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        }
    }

    fn receivable(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        of: &Receivable,
    ) -> Result<(), XlsxError> {
        let period = match of.rate.per {
            RatePeriod::Year => "year",
            RatePeriod::Instalment => "instalment",
            RatePeriod::Day => "day",
        };
        sheet.write_string(row, 0, &*of.id)?;
        sheet.write_string(row, 1, method_word(of.method))?;
        if let Some(cutoff) = of.own_cutoff {
            sheet.write_datetime_with_format(row, 5, cutoff, &self.date)?;
        }
        sheet.write_number_with_format(row, 7, of.outstanding_principal.to_f64(), &self.money)?;
        if of.is_rep_line {
            let remaining = of.instalments.saturating_sub(of.paid_instalments);
            sheet.write_number(row, 14, f64::from(remaining))?;
            sheet.write_number(row, 15, f64::from(of.paid_instalments))?;
        } else {
            sheet.write_datetime_with_format(row, 2, of.origination, &self.date)?;
            sheet.write_datetime_with_format(row, 3, of.first_due, &self.date)?;
            sheet.write_number(row, 4, f64::from(of.due_day))?;
            let original = of.original_principal.to_f64();
            sheet.write_number_with_format(row, 6, original, &self.money)?;
            sheet.write_number(row, 8, f64::from(of.instalments))?;
            sheet.write_number(row, 9, f64::from(of.paid_instalments))?;
        }
        sheet.write_number(row, 10, percent(of.rate.rate))?;
        sheet.write_string(row, 11, period)?;
        if let Some(instalment) = of.instalment {
            sheet.write_number_with_format(row, 12, instalment.to_f64(), &self.money)?;
        }
        if let Some(days) = of.past_due_days {
            sheet.write_number(row, 13, f64::from(days))?;
        }
        Ok(())
    }
}

/// A rate as the number before a percent sign.
fn percent(rate: Rate) -> f64 {
    let percent = rate.to_decimal() * rust_decimal::Decimal::ONE_HUNDRED;
    percent.normalize().to_string().parse().unwrap_or_default()
}

fn schedule(sheet: &mut Worksheet, pool: &Pool, places: &[usize]) -> Result<(), XlsxError> {
    let (bold, formats) = (Format::new().set_bold(), Formats::new());
    for (column, header) in (0..).zip(SCHEDULE) {
        sheet.write_string_with_format(0, column, header, &bold)?;
    }
    let receivables = places.iter().map(|place| &pool.receivables[*place]);
    let lines = receivables.flat_map(|of| of.given.iter().flatten().map(move |line| (of, line)));
    for (row, (of, line)) in (1..).zip(lines) {
        sheet.write_string(row, 0, &*of.id)?;
        sheet.write_number(row, 1, f64::from(line.number))?;
        let due = ExcelDateTime::parse_from_str(&line.due.to_string())?;
        sheet.write_datetime_with_format(row, 2, &due, &formats.date)?;
        for (column, amount) in (3..).zip([line.principal, line.interest, line.fee]) {
            sheet.write_number_with_format(row, column, amount.to_f64(), &formats.money)?;
        }
    }
    Ok(())
}
