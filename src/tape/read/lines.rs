//! Lines of a sheet that are no receivables, whatever stands in them: headers that come again on
//! each page, what is written below the table, a second table. Nothing is left out without a word.

use super::Reader;
use super::beside::ranges;
use super::pass::{Pass, Seen};
use crate::finding::{Finding, Origin};
use crate::money::Rate;
use crate::tape::cell::{Cell, MoneyUnit, Raw, Reading, half_width, letters};
use crate::tape::field::{Field, Kind};
use crate::tape::header::{Header, Per, aliases, normal};
use crate::tape::layout::{Layout, Target};

/// Another table below that of the receivables.
#[derive(Clone, Debug)]
pub(super) struct OtherTable {
    /// The row of its headers.
    pub(super) row: u32,
    /// Whether one of its columns holds identifiers.
    pub(super) has_ids: bool,
    /// Rows below its headers.
    pub(super) rows: usize,
    /// Its headers.
    headers: String,
}

/// Identifiers of more than fifteen digits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LongIds {
    /// All of them.
    count: usize,
    /// Those with nothing but zeros behind the fifteenth digit.
    rounded: usize,
    /// The row of the first.
    first: u32,
}

impl LongIds {
    /// Digits that a spreadsheet keeps of a number.
    const KEPT: usize = 15;
    /// So many ids do not end in zeros by chance.
    const ENOUGH: usize = 10;

    #[inline]
    pub(super) fn see(&mut self, text: &str, row: u32) {
        let bytes = text.as_bytes();
        if bytes.len() <= LongIds::KEPT || !bytes.iter().all(u8::is_ascii_digit) {
            return;
        }
        self.count += 1;
        if self.first == 0 {
            self.first = row;
        }
        self.rounded += usize::from(bytes[LongIds::KEPT..].iter().all(|digit| *digit == b'0'));
    }
}

impl Pass<'_> {
    /// Whether the row is one of the table's header lines again.
    pub(super) fn is_headers_again(&self, cells: &[Cell]) -> bool {
        let Some(first) = cells.first().filter(|_| cells.len() >= 2) else { return false };
        self.lines.iter().any(|line| {
            let same = |cell: &Cell| {
                let Raw::Text(text) = &cell.raw else { return false };
                let of_column = line.iter().find(|(column, _)| *column == cell.column);
                of_column.is_some_and(|(_, header)| is_text(text, &header.text))
            };
            line.first().is_some_and(|(column, _)| *column == first.column)
                && cells.iter().all(same)
        })
    }

    /// Whether the row is what people write below a table: 制表人, 审核人, remarks.
    pub(super) fn is_footer(&self, cells: &[Cell]) -> bool {
        let Some(Cell { raw: Raw::Text(text), .. }) = cells.first() else { return false };
        // Identifiers have digits or are followed by figures.
        let is_figure = |cell: &Cell| {
            let targets = self.layout.slots.get(cell.column).into_iter().flatten();
            let mut kinds = targets.filter_map(|target| match target {
                Target::Field(field, _) => Some(field.kind()),
                _ => None,
            });
            kinds.any(|kind| kind == Kind::Money)
                && matches!(cell.raw.amount(MoneyUnit::Yuan), Reading::Is(_))
        };
        let narrow = half_width(text.trim());
        let text = narrow.trim();
        if text.is_ascii() && text.bytes().any(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let lower = text.to_lowercase();
        // A mark or a space must follow the word.
        let start = lower.split([':', '(']).next().map(normal).unwrap_or_default();
        let opens = aliases().footer_words.iter().any(|word| {
            start == *word || lower.strip_prefix(word.as_str()).is_some_and(|r| r.starts_with(' '))
        });
        opens && !cells.iter().any(is_figure)
    }

    /// Whether the row is one of headers: texts without any digit of which most are known. `None`
    /// within when they mean what they stand below here, otherwise another table.
    pub(super) fn other_headers(&self, number: u32, cells: &[Cell]) -> Option<Option<OtherTable>> {
        let without_digits = |cell: &Cell| match &cell.raw {
            Raw::Text(text) => !text.chars().any(|c| c.is_ascii_digit() || c.is_numeric()),
            Raw::Number { .. } | Raw::Date(_) => false,
        };
        if cells.len() < 2 || !cells.iter().all(without_digits) {
            return None;
        }
        let headers: Vec<(usize, Header)> =
            cells.iter().map(|cell| (cell.column, Header::new(&cell.raw.text()))).collect();
        let meanings: Vec<(usize, String)> = (headers.iter())
            .filter_map(|(at, header)| Some((*at, header.meaning(&aliases().tape)?.name)))
            .collect();
        let most = meanings.len() >= 2 && meanings.len() * 2 >= headers.len();
        let here = |(at, name): &(usize, String)| {
            let own = self.layout.columns.get(name);
            own.is_some_and(|(column, _)| *column == letters(*at))
        };
        if !most {
            return None;
        }
        if meanings.iter().all(here) {
            return Some(None);
        }
        let has_ids = meanings.iter().any(|(_, name)| name == Field::ReceivableId.name());
        let texts: Vec<&str> = headers.iter().map(|(_, header)| header.text.as_str()).collect();
        Some(Some(OtherTable { row: number, has_ids, rows: 0, headers: texts.join(", ") }))
    }
}

/// Whether a cell's text is a header's, whatever line breaks are in it.
fn is_text(text: &str, header: &str) -> bool {
    text.trim() == header
        || text.trim().chars().next() == header.chars().next()
            && text.split_whitespace().eq(header.split(' '))
}

impl Reader<'_> {
    /// Tells what was seen in a sheet beside its rows.
    pub(super) fn tell_seen(
        &mut self,
        (sheet, layout): (&str, &Layout),
        seen: &Seen,
        hides_percent: bool,
    ) {
        let file = self.tape.manifest.file.clone();
        let row = |row: u32| Origin::cell(&file, sheet, row.to_string());
        if let Some((first, _)) = seen.left_out.first() {
            let count: u32 = seen.left_out.iter().map(|(from, to)| to - from + 1).sum();
            let finding = Finding::new("T0050", row(*first)).with("count", count);
            self.tape.findings.push(finding.with("rows", ranges(&seen.left_out)));
        }
        for other in &seen.others {
            let code = if other.has_ids { "T0052" } else { "T0051" };
            let headers = self.tape.manifest.privacy.unknown(other.headers.as_str().into());
            let finding = Finding::new(code, row(other.row)).with("headers", headers);
            self.tape.findings.push(finding.with("count", other.rows));
        }
        let column = |field: Field, number: u32| {
            let none = (String::new(), String::new());
            let (letters, header) = layout.columns.get(field.name()).unwrap_or(&none);
            let cell = self.tape.manifest.cell(letters, header, number);
            (Origin::cell(&file, sheet, cell), header.clone())
        };
        let ids = seen.long_ids;
        if ids.count >= LongIds::ENOUGH && ids.rounded == ids.count {
            let (origin, _) = column(Field::ReceivableId, ids.first);
            let finding = Finding::new("T0055", origin).with("count", ids.count);
            self.tape.findings.push(finding);
        }
        let said = self.mapping.units.get(Field::Rate.name()).and_then(|unit| unit.percent);
        let unit = layout.rate_unit;
        if hides_percent && said.is_none() && unit.percent == Some(true) {
            let least = match unit.per {
                Some(Per::Year) => Rate::ONE,
                Some(Per::Instalment) | None => Rate::from_parts(Rate::ONE.parts() / 20),
                Some(Per::Day) => Rate::from_parts(Rate::ONE.parts() / 200),
            };
            if let Some(most) = seen.rate_most.filter(|most| *most < least) {
                let (origin, header) = column(Field::Rate, layout.header_row);
                let finding = Finding::new("T0060", origin).with("header", header);
                self.tape.findings.push(finding.with("most", most));
            }
        }
    }
}
