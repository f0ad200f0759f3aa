//! What a sheet of an xlsx file says beside its values: hidden rows and columns, and formulas.
//!
//! The reader of the format gives values alone. A hidden row is a row to it, and a formula that was
//! never calculated is an empty cell; both change a pool without a word. So the sheet is looked
//! through once more, tag by tag, and nothing of it is kept but what is found. Where it has formulas
//! that are simple enough, a third time for the values that they read.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::Error;
use super::archive;
use super::cell::column_of;
use super::recompute::{Expressions, Held, Recomputed, Values};
use super::sheet_scan::may_say_more;
use super::{sheet_ods, sheet_xlsb};

/// Formula cells of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Formulas {
    /// All of them.
    pub(super) count: usize,
    /// Those whose stored value is zero.
    pub(super) zero: usize,
    /// Those without a stored value.
    pub(super) empty: usize,
}

/// What a sheet says beside its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SheetXml {
    /// Hidden rows, from and to, ascending.
    pub(super) hidden_rows: Vec<(u32, u32)>,
    /// Hidden columns from 0, from and to.
    pub(super) hidden_columns: Vec<(usize, usize)>,
    /// Formulas by column from 0, of the rows below the headers.
    pub(super) formulas: BTreeMap<usize, Formulas>,
    /// Formula cells without a stored value: the row and the column from 0, ascending, not more than
    /// [`EMPTY_KEPT`].
    pub(super) empty: Vec<(u32, usize)>,
    /// Whether the file asks to be calculated when it is opened: whoever wrote it did not.
    pub(super) calculated_on_load: bool,
    /// The simple formulas, calculated again.
    pub(super) recomputed: Recomputed,
    /// Whether its calendar begins in 1904.
    pub(super) from_1904: bool,
    /// Cells below the headers that are one with cells of rows below them, not more than
    /// [`MERGED_KEPT`].
    pub(super) merged: Vec<Merged>,
}

/// Cells of several rows that are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Merged {
    /// The first column, from 0.
    pub(super) column: usize,
    /// From and to.
    pub(super) rows: (u32, u32),
}

/// How many merged cells are kept.
const MERGED_KEPT: usize = 1 << 16;

/// How many formula cells without a value are kept by their place.
pub(super) const EMPTY_KEPT: usize = 1 << 20;

impl SheetXml {
    /// Whether a row is hidden.
    pub(super) fn is_hidden(&self, row: u32) -> bool {
        let after = self.hidden_rows.partition_point(|(from, _)| *from <= row);
        after > 0 && row <= self.hidden_rows[after - 1].1
    }

    /// Whether all formulas of a column store zero in a file that was never calculated, unless they
    /// are simple and give zero.
    pub(super) fn is_never_calculated(&self, column: usize) -> bool {
        let again = &self.recomputed;
        let agree = |count: usize| {
            again.calculated.get(&column) == Some(&count) && !again.count.contains_key(&column)
        };
        self.calculated_on_load
            && (self.formulas.get(&column))
                .is_some_and(|of| of.zero == of.count && !agree(of.count))
    }

    /// The columns of a row with a formula without a stored value.
    pub(super) fn empty_of(&self, row: u32) -> impl Iterator<Item = usize> + '_ {
        let first = self.empty.partition_point(|(other, _)| *other < row);
        self.empty[first..]
            .iter()
            .take_while(move |(other, _)| *other == row)
            .map(|(_, column)| *column)
    }

    /// Notes a formula cell with whether it has a stored value, and whether that is zero.
    pub(super) fn count_formula(
        &mut self,
        (row, column): (u32, usize),
        (has_value, is_zero): (bool, bool),
        most: usize,
    ) {
        let of_column = self.formulas.entry(column).or_default();
        of_column.count += 1;
        of_column.zero += usize::from(has_value && is_zero);
        if !has_value {
            of_column.empty += 1;
            if self.empty.len() < most {
                self.empty.push((row, column));
            }
        }
    }

    /// Notes so many hidden rows from one on; they come in their order.
    pub(super) fn hide(&mut self, row: u32, count: u32) {
        let last = row.saturating_add(count - 1);
        match self.hidden_rows.last_mut() {
            Some((_, to)) if to.saturating_add(1) == row => *to = last,
            Some(_) | None => self.hidden_rows.push((row, last)),
        }
    }
}

/// Looks through a sheet by its name. What is no file of a known format, or not laid out like one,
/// says nothing.
pub(super) fn read(path: &Path, sheet: &str, header_row: u32) -> Result<SheetXml, Error> {
    // Damage is told by the reader of the values.
    let ods = |part: &mut dyn Read| {
        Ok(sheet_ods::look_through(part, sheet, header_row).unwrap_or_default())
    };
    if let Some(found) = archive::read_part(path, "content.xml", ods)? {
        return Ok(found);
    }
    let link = archive::read_part(path, "xl/workbook.bin", |part| {
        Ok(sheet_xlsb::link(part, sheet).unwrap_or_default())
    })?;
    if let Some(link) = link {
        let Some(name) = part_of(path, "xl/_rels/workbook.bin.rels", link)? else {
            return Ok(SheetXml::default());
        };
        let found = archive::read_part(path, &name, |part| {
            Ok(sheet_xlsb::look_through(part, header_row).unwrap_or_default())
        })?;
        return Ok(found.unwrap_or_default());
    }
    let book = archive::read_part(path, "xl/workbook.xml", |part| workbook(part, sheet))?;
    let Some(OfBook { link, calculated_on_load, from_1904 }) = book else {
        return Ok(SheetXml::default());
    };
    let Some(name) = part_of(path, "xl/_rels/workbook.xml.rels", link)? else {
        return Ok(SheetXml::default());
    };
    let mut found = SheetXml { calculated_on_load, from_1904, ..SheetXml::default() };
    if archive::read_part(path, &name, may_say_more)? != Some(true) {
        return Ok(found);
    }
    let mut expressions = Expressions::default();
    archive::read_part(path, &name, |part| {
        // Damage is told by the reader of the values.
        let _ = look_through(part, header_row, &mut found, &mut expressions);
        Ok(())
    })?;
    if !expressions.is_empty() && !expressions.columns().is_empty() {
        let (wanted, mut values) = (expressions.columns(), Values::default());
        archive::read_part(path, &name, |part| {
            let _ = keep_values(part, &wanted, &mut values);
            Ok(())
        })?;
        found.recomputed = expressions.compare(&values);
    }
    Ok(found)
}

/// The part that a link of the workbook leads to.
fn part_of(path: &Path, links: &str, link: Option<String>) -> Result<Option<String>, Error> {
    let Some(id) = link else { return Ok(None) };
    let target = archive::read_part(path, links, |part| linked(part, &id))?.flatten();
    Ok(target.map(|target| match target.strip_prefix('/') {
        Some(whole) => whole.to_string(),
        None => format!("xl/{target}"),
    }))
}

/// What the workbook says of a sheet.
#[derive(Default)]
struct OfBook {
    /// The link of the sheet of that name.
    link: Option<String>,
    calculated_on_load: bool,
    from_1904: bool,
}

fn workbook(part: &mut dyn Read, sheet: &str) -> io::Result<OfBook> {
    let mut book = OfBook::default();
    each_tag(part, &mut |_, tag| match tag.name() {
        "sheet" if tag.attribute("name").is_some_and(|name| unescaped(name) == sheet) => {
            book.link = tag.attribute("r:id").or(tag.attribute("id")).map(str::to_string);
        }
        "workbookPr" => book.from_1904 = tag.says("date1904"),
        "calcPr" => book.calculated_on_load = tag.says("fullCalcOnLoad"),
        _ => {}
    })?;
    Ok(book)
}

/// `A5:C7` as columns from 0 and rows from 1.
fn range(text: &str) -> Option<((usize, u32), (usize, u32))> {
    let place = |text: &str| {
        let digits = text.find(|c: char| c.is_ascii_digit())?;
        Some((column_of(&text[..digits])?, text[digits..].parse().ok()?))
    };
    let (from, to) = text.split_once(':')?;
    Some((place(from)?, place(to)?))
}

fn linked(part: &mut dyn Read, id: &str) -> io::Result<Option<String>> {
    let mut target = None;
    each_tag(part, &mut |_, tag| {
        if tag.name() == "Relationship" && tag.attribute("Id") == Some(id) {
            target = tag.attribute("Target").map(str::to_string);
        }
    })?;
    Ok(target)
}

/// The cell that a formula stands in.
#[derive(Default)]
struct Cell {
    row: u32,
    column: usize,
    has_formula: bool,
    /// The text of the formula, and the number under which cells share it.
    formula: String,
    shared: Option<String>,
    /// Whether it is one of several cells at once.
    is_array: bool,
    /// Its value is a text, which may be empty.
    is_text: bool,
    is_zero: bool,
    has_value: bool,
}

/// The column of a cell's tag, where it says so.
fn column(tag: &Tag) -> Option<usize> {
    let place = tag.attribute("r")?;
    column_of(place.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Keeps the stored values of some columns.
fn keep_values(part: &mut dyn Read, wanted: &[bool], values: &mut Values) -> io::Result<()> {
    let (mut row, mut at, mut is_number) = (0_u32, 0_usize, false);
    each_tag(part, &mut |text, tag| match tag.name() {
        "row" => {
            row = tag.attribute("r").and_then(|row| row.parse().ok()).unwrap_or(row + 1);
            at = 0;
        }
        "c" => {
            // The next cell without a place stands beside this one.
            at = column(tag).unwrap_or(at) + 1;
            is_number = matches!(tag.attribute("t"), None | Some("n"));
        }
        "/v" | "is" if wanted.get(at.wrapping_sub(1)).copied().unwrap_or(false) => {
            let number = text.trim().parse().ok().filter(|_| is_number);
            let held = match (tag.name(), number) {
                ("/v", Some(number)) => Held::Number(number),
                _ => Held::Other,
            };
            values.keep(row, at - 1, held);
        }
        _ => {}
    })
}

fn look_through(
    part: &mut dyn Read,
    header_row: u32,
    found: &mut SheetXml,
    expressions: &mut Expressions,
) -> io::Result<()> {
    let (mut row, mut at, mut cell) = (0_u32, 0_usize, Cell::default());
    // A hidden row counts when something stands in it.
    let mut hidden = None;
    each_tag(part, &mut |text, tag| match tag.name() {
        "c" => {
            at = column(tag).unwrap_or(at);
            let is_text = tag.attribute("t") == Some("str");
            cell = Cell { row, column: at, is_text, ..Cell::default() };
            at += 1;
        }
        "v" => {
            cell.has_value = cell.is_text;
            hidden.take().into_iter().for_each(|row| found.hide(row, 1));
        }
        "is" => hidden.take().into_iter().for_each(|row| found.hide(row, 1)),
        "/v" if cell.has_formula => {
            cell.has_value |= !text.trim().is_empty();
            cell.is_zero = text.trim() == "0";
        }
        "f" => {
            cell.has_formula = true;
            cell.is_array = !matches!(tag.attribute("t"), None | Some("normal" | "shared"));
            cell.shared = tag.attribute("si").map(str::to_string);
            hidden.take().into_iter().for_each(|row| found.hide(row, 1));
        }
        "/f" => cell.formula = text.to_string(),
        "/c" if cell.has_formula && cell.row > header_row => {
            if cell.has_value && !cell.is_text && !cell.is_array {
                expressions.note(cell.row, cell.column, &cell.formula, cell.shared.as_deref());
            }
            let of_cell = (cell.has_value, cell.is_zero);
            found.count_formula((cell.row, cell.column), of_cell, EMPTY_KEPT);
        }
        "row" => {
            row = tag.attribute("r").and_then(|row| row.parse().ok()).unwrap_or(row + 1);
            at = 0;
            hidden = (row > header_row && tag.says("hidden")).then_some(row);
        }
        "mergeCell" => {
            let rows = tag.attribute("ref").and_then(range);
            let several = rows.filter(|((_, from), (_, to))| header_row < *from && from < to);
            if let Some(((column, from), (_, to))) = several
                && found.merged.len() < MERGED_KEPT
            {
                found.merged.push(Merged { column, rows: (from, to) });
            }
        }
        "col" if tag.says("hidden") => {
            let end = |name| tag.attribute(name).and_then(|text| text.parse::<usize>().ok());
            if let (Some(from), Some(to)) = (end("min"), end("max")) {
                found.hidden_columns.push((from.saturating_sub(1), to.saturating_sub(1)));
            }
        }
        _ => {}
    })
}

/// A tag without its brackets: `row r="7" hidden="1"`, `/row`.
pub(super) struct Tag<'t>(&'t str);

impl<'t> Tag<'t> {
    /// Its name without a prefix; with its stroke when it closes.
    pub(super) fn name(&self) -> &'t str {
        let name = self.0.split([' ', '\t', '\r', '\n']).next().unwrap_or("");
        let name = name.strip_suffix('/').unwrap_or(name);
        match name.split_once(':') {
            None => name,
            // A prefix of a closing tag stands behind its stroke.
            Some((prefix, local)) if !prefix.starts_with('/') => local,
            Some((_, "v")) => "/v",
            Some((_, "c")) => "/c",
            Some((_, "f")) => "/f",
            Some((_, "table")) => "/table",
            Some(_) => "",
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.0;
        loop {
            let (before, after) = rest.split_once('=')?;
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, next) = after[1..].split_once(quote)?;
            if before.trim_end().rsplit([' ', '\t', '\r', '\n']).next() == Some(name) {
                return Some(value);
            }
            rest = next;
        }
    }

    fn says(&self, name: &str) -> bool {
        matches!(self.attribute(name), Some("1" | "true"))
    }
}

/// Hands every tag to `each`, with the text before it.
pub(super) fn each_tag(part: &mut dyn Read, each: &mut dyn FnMut(&str, &Tag)) -> io::Result<()> {
    const BUFFER: usize = 1 << 16;
    let mut reader = BufReader::with_capacity(BUFFER, part);
    let mut piece = Vec::new();
    loop {
        piece.clear();
        if reader.read_until(b'>', &mut piece)? == 0 {
            return Ok(());
        }
        // A bracket within a text is no end of a tag.
        let Some(start) = piece.iter().rposition(|byte| *byte == b'<') else { continue };
        let end = piece.len() - usize::from(piece.ends_with(b">"));
        let (Ok(text), Ok(tag)) =
            (std::str::from_utf8(&piece[..start]), std::str::from_utf8(&piece[start + 1..end]))
        else {
            continue;
        };
        each(text, &Tag(tag));
    }
}

pub(super) fn unescaped(text: &str) -> String {
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    marks.iter().fold(text.to_string(), |text, (mark, plain)| text.replace(mark, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(xml: &str) -> SheetXml {
        let mut found = SheetXml::default();
        let mut expressions = Expressions::default();
        look_through(&mut xml.as_bytes(), 1, &mut found, &mut expressions)
            .expect("a text in memory");
        found
    }

    #[test]
    fn hidden_rows_and_columns_are_found_in_ranges() {
        let found = seen(
            "<worksheet><cols><col min=\"3\" max=\"4\" width=\"9\" hidden=\"1\"/></cols><sheetData>\
             <row r=\"1\" hidden=\"1\"/><row r=\"2\" hidden=\"true\"><c r=\"A2\"><v>1</v></c></row>\
             <row hidden='1'><c t=\"inlineStr\"><is><t>x</t></is></c></row><row hidden='1'/>\
             <row r=\"5\" hidden=\"0\"><c><v>1</v></c></row>\
             <row r=\"7\" spans=\"1:2\" hidden=\"1\"><c s=\"1\"/><c><v>1</v></c></row>\
             </sheetData><mergeCells count=\"3\"><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"B2:B4\"/>\
             <mergeCell ref=\"A9:C9\"/></mergeCells></worksheet>",
        );
        assert_eq!(found.merged, [Merged { column: 1, rows: (2, 4) }]);
        assert_eq!(found.hidden_rows, [(2, 3), (7, 7)]);
        assert_eq!(found.hidden_columns, [(2, 3)]);
        let hidden: Vec<u32> = (0..9).filter(|row| found.is_hidden(*row)).collect();
        assert_eq!(hidden, [2, 3, 7]);
    }

    #[test]
    fn formulas_are_counted_with_what_is_stored_of_them() {
        let found = seen(
            "<x:row r=\"2\"><x:c r=\"A2\"><x:f>B2&gt;1</x:f></x:c>\
             <x:c r=\"AB2\" t=\"str\"><x:f>B2</x:f><x:v></x:v></x:c></x:row>\
             <row r=\"3\"><c r=\"A3\"><f t=\"shared\" si=\"0\"/><v>0</v></c>\
             <c><f>IF(A1>2,1,0)</f><v>7</v></c><c r=\"C3\"><v>0</v></c>\
             <c r=\"D3\"><f>1</f><v/></c><c><f>1</f><v></v></c></row>",
        );
        let of = |column: usize| found.formulas.get(&column).copied().unwrap_or_default();
        assert_eq!(of(0), Formulas { count: 2, zero: 1, empty: 1 });
        assert_eq!(of(1), Formulas { count: 1, zero: 0, empty: 0 });
        assert_eq!(of(27), Formulas { count: 1, zero: 0, empty: 0 });
        assert_eq!(of(2), Formulas::default());
        assert_eq!(found.empty_of(2).collect::<Vec<_>>(), [0]);
        assert_eq!(found.empty_of(3).collect::<Vec<_>>(), [3, 4]);
    }
}
