//! What a sheet of an ods file says beside its values: hidden rows and columns, formulas.
//!
//! All sheets stand in one part of the file, row by row; rows and cells that are alike may stand
//! there once, with how often they are repeated.

use std::io::{self, Read};

use super::sheet_xml::{EMPTY_KEPT, SheetXml, Tag, each_tag, unescaped};

/// Repeated empty rows down to the last one of a sheet are no reason to count them one by one.
const REPEATED_MAX: u32 = 1 << 20;

/// Looks through the sheet of that name.
pub(super) fn look_through(
    part: &mut dyn Read,
    sheet: &str,
    header_row: u32,
) -> io::Result<SheetXml> {
    let mut found = SheetXml::default();
    let mut here = false;
    // The row at hand, how many it stands for, whether they are hidden and whether anything stands in
    // them; the next column.
    let (mut row, mut repeated, mut is_hidden, mut is_filled) = (0_u32, 1_u32, false, false);
    let (mut column, mut heads) = (0_usize, 0_usize);
    each_tag(part, &mut |_, tag| match tag.name() {
        "table" => {
            here = tag.attribute("table:name").is_some_and(|name| unescaped(name) == sheet);
            (row, repeated, heads) = (0, 1, 0);
        }
        _ if !here => {}
        "table-column" => {
            let count = times(tag, "table:number-columns-repeated") as usize;
            if hides(tag) {
                found.hidden_columns.push((heads, heads + count - 1));
            }
            heads += count;
        }
        "table-row" => {
            if is_hidden && is_filled {
                found.hide(row, repeated);
            }
            row = if row == 0 { 1 } else { row.saturating_add(repeated) };
            repeated = times(tag, "table:number-rows-repeated");
            column = 0;
            is_filled = false;
            is_hidden = row > header_row && hides(tag);
        }
        "table-cell" | "covered-table-cell" => {
            let count = times(tag, "table:number-columns-repeated") as usize;
            let has_value = tag.attribute("office:value-type").is_some();
            is_filled |= has_value;
            if tag.attribute("table:formula").is_some() && row > header_row {
                let is_zero = tag.attribute("office:value") == Some("0");
                found.count_formula((row, column), (has_value, is_zero), EMPTY_KEPT);
                is_filled = true;
            }
            column += count;
        }
        "/table" => {
            if is_hidden && is_filled {
                found.hide(row, repeated);
            }
            (here, is_hidden) = (false, false);
        }
        _ => {}
    })?;
    Ok(found)
}

fn times(tag: &Tag, name: &str) -> u32 {
    let times = tag.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(1);
    u32::clamp(times, 1, REPEATED_MAX)
}

fn hides(tag: &Tag) -> bool {
    matches!(tag.attribute("table:visibility"), Some("collapse" | "filter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_are_counted_through_repetitions() {
        let cell = "<table:table-cell office:value-type=\"float\" office:value=\"1\"/>";
        let formula = "<table:table-cell table:formula=\"of:=[.A1]\"/>";
        let xml = format!(
            "<table:table table:name=\"other\"><table:table-row table:visibility=\"filter\">{cell}\
             </table:table-row></table:table><table:table table:name=\"a&amp;b\">\
             <table:table-column/><table:table-column table:visibility=\"collapse\" \
             table:number-columns-repeated=\"2\"/><table:table-row>{cell}</table:table-row>\
             <table:table-row table:number-rows-repeated=\"3\">{cell}</table:table-row>\
             <table:table-row table:visibility=\"filter\" table:number-rows-repeated=\"2\">{cell}\
             {formula}</table:table-row><table:table-row table:visibility=\"collapse\"/>\
             <table:table-row table:visibility=\"collapse\">{cell}</table:table-row></table:table>"
        );
        let found = look_through(&mut xml.as_bytes(), "a&b", 1).expect("a text in memory");
        assert_eq!(found.hidden_rows, [(5, 6), (8, 8)]);
        assert_eq!(found.hidden_columns, [(1, 2)]);
        assert_eq!(found.empty, [(5, 1)]);
    }
}
