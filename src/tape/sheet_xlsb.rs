//! What a sheet of an xlsb file says beside its values: hidden rows and columns [MS-XLSB].
//!
//! A part is a row of records: a type of one or two bytes, a length of one to four, seven bits in
//! each, and that many bytes. Formulas are not looked at: their stored values are read.

use std::io::{self, BufReader, Read};

use super::sheet_xml::SheetXml;

/// A row begins: its number, and in the twelfth byte whether it is hidden.
const ROW: u16 = 0;
/// Cells that hold something; a blank one is 1.
const FIRST_CELL: u16 = 2;
const LAST_CELL: u16 = 11;
/// Columns from and to, with how they look.
const COLUMNS: u16 = 60;
/// A sheet of the workbook.
const SHEET: u16 = 156;
/// Records that hold more than this are passed over.
const KEPT: usize = 1 << 12;

/// The link of the sheet of that name.
pub(super) fn link(part: &mut dyn Read, sheet: &str) -> io::Result<Option<String>> {
    let mut link = None;
    each_record(part, &mut |kind, bytes| {
        if kind == SHEET && link.is_none() {
            // Its state and its number stand before the two texts.
            let id = bytes.get(8..).and_then(wide);
            let name = id.as_ref().and_then(|(_, rest)| wide(rest));
            if let (Some((id, _)), Some((name, _))) = (id, name)
                && name == sheet
            {
                link = Some(id);
            }
        }
    })?;
    Ok(link)
}

/// Looks through a sheet.
pub(super) fn look_through(part: &mut dyn Read, header_row: u32) -> io::Result<SheetXml> {
    const HIDDEN_ROW: u8 = 1 << 4;
    const HIDDEN_COLUMN: u8 = 1;
    let mut found = SheetXml::default();
    // A hidden row counts when something stands in it.
    let mut hidden = None;
    each_record(part, &mut |kind, bytes| match kind {
        ROW => {
            let row = whole(bytes, 0).unwrap_or(0).saturating_add(1);
            let is_hidden = bytes.get(11).is_some_and(|flags| flags & HIDDEN_ROW != 0);
            hidden = Some(row).filter(|row| is_hidden && *row > header_row);
        }
        FIRST_CELL..=LAST_CELL => hidden.take().into_iter().for_each(|row| found.hide(row, 1)),
        COLUMNS => {
            let is_hidden = bytes.get(16).is_some_and(|flags| flags & HIDDEN_COLUMN != 0);
            if let (Some(from), Some(to), true) = (whole(bytes, 0), whole(bytes, 4), is_hidden) {
                found.hidden_columns.push((from as usize, to as usize));
            }
        }
        _ => {}
    })?;
    Ok(found)
}

fn whole(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// A text of so many units of two bytes, and what follows it.
fn wide(bytes: &[u8]) -> Option<(String, &[u8])> {
    let length = usize::try_from(whole(bytes, 0)?).ok()?.checked_mul(2)?;
    let rest = &bytes[4..];
    let text = rest.get(..length)?;
    let units: Vec<u16> = text.chunks(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
    Some((String::from_utf16_lossy(&units), &rest[length..]))
}

/// Hands every record to `each`.
fn each_record(part: &mut dyn Read, each: &mut dyn FnMut(u16, &[u8])) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, part);
    let mut bytes = Vec::with_capacity(KEPT);
    loop {
        let Some(first) = byte(&mut reader)? else { return Ok(()) };
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            let Some(second) = byte(&mut reader)? else { return Ok(()) };
            kind = u16::from(first & 0x7f) | u16::from(second & 0x7f) << 7;
        }
        let mut length = 0_u64;
        for place in 0..4 {
            let Some(next) = byte(&mut reader)? else { return Ok(()) };
            length |= u64::from(next & 0x7f) << (7 * place);
            if next & 0x80 == 0 {
                break;
            }
        }
        bytes.clear();
        let kept = length.min(KEPT as u64);
        reader.by_ref().take(kept).read_to_end(&mut bytes)?;
        io::copy(&mut reader.by_ref().take(length - kept), &mut io::sink())?;
        each(kind, &bytes);
    }
}

fn byte(reader: &mut impl Read) -> io::Result<Option<u8>> {
    let mut one = [0];
    Ok((reader.read(&mut one)? == 1).then_some(one[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_by_their_lengths() {
        let row = |number: u8, flags: u8| vec![0, 12, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, flags];
        let value = [2_u8, 3, 1, 2, 3];
        let long = [[0x81, 0x01, 0x80, 0x01].to_vec(), vec![7; 128]].concat();
        let column = [vec![60, 18], vec![2, 0, 0, 0, 3, 0, 0, 0], vec![0; 8], vec![1, 0]].concat();
        let parts = [
            column,
            row(0, 1 << 4),
            value.to_vec(),
            row(1, 1 << 4),
            long,
            value.to_vec(),
            row(2, 0),
            value.to_vec(),
            row(3, 1 << 4),
            vec![1, 0],
        ];
        let found = look_through(&mut &parts.concat()[..], 1).expect("bytes in memory");
        assert_eq!(found.hidden_rows, [(2, 2)]);
        assert_eq!(found.hidden_columns, [(2, 3)]);
    }
}
