//! Cells that only show what other cells compute: the pages for readers, and the rows of totals.

use std::path::Path;

use calamine::{DataType, Reader, Xlsx, open_workbook};

use super::parse;

/// What a report holds in a cell that shows other cells.
pub(super) struct Shown {
    /// The formula, without its sign of equality.
    pub(super) formula: String,
    /// The value as the report stores it.
    pub(super) value: Option<f64>,
    /// What the formula reads, in its order.
    pub(super) reads: Vec<Reference>,
}

/// A cell or a range that a formula reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The sheet; `None` for the formula's own.
    pub(super) sheet: Option<String>,
    /// The first cell.
    pub(super) first: String,
    /// The last cell of a range.
    pub(super) last: Option<String>,
}

impl Reference {
    /// As it is written: `Waterfall!K8`, `B6:B8`.
    pub(super) fn written(&self) -> String {
        let sheet = self.sheet.as_ref().map(|sheet| format!("{sheet}!")).unwrap_or_default();
        let last = self.last.as_ref().map(|last| format!(":{last}")).unwrap_or_default();
        format!("{sheet}{}{last}", self.first)
    }
}

impl Shown {
    /// The one cell of another sheet that this cell repeats.
    pub(super) fn repeats(&self) -> Option<String> {
        let [only] = self.reads.as_slice() else { return None };
        let plain = |text: &str| text.replace(['$', '\''], "");
        let is_all = only.sheet.is_some() && plain(&self.formula) == only.written();
        (is_all && only.last.is_none()).then(|| only.written())
    }
}

/// What stands in a cell; `Ok(None)` when it holds no formula, `Err` when there is no such sheet.
pub(super) fn shown(report: &Path, sheet: &str, cell: &str) -> Result<Option<Shown>, ()> {
    let mut workbook: Xlsx<_> = open_workbook(report).map_err(|_| ())?;
    let name = workbook.sheet_names().into_iter().find(|name| name.eq_ignore_ascii_case(sheet));
    let name = name.ok_or(())?;
    let Some((row, column)) = parse(cell) else { return Ok(None) };
    let at = (row, u32::from(column));
    let Ok(formulas) = workbook.worksheet_formula(&name) else { return Ok(None) };
    let formula = formulas.get_value(at).filter(|formula| !formula.is_empty());
    let Some(formula) = formula.cloned() else { return Ok(None) };
    let values = workbook.worksheet_range(&name).ok();
    let value = values.and_then(|values| values.get_value(at)?.as_f64());
    let reads = references(&formula);
    Ok(Some(Shown { formula, value, reads }))
}

/// The cells that a formula reads; texts within quotes are no cells.
fn references(formula: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut rest = formula;
    let mut before = None;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' {
            rest = rest[1..].split_once('"').map_or("", |(_, after)| after);
            before = Some('"');
            continue;
        }
        let is_start = !before.is_some_and(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if let Some((reference, length)) = is_start.then(|| reference(rest)).flatten() {
            found.push(reference);
            before = Some('A');
            rest = &rest[length..];
            continue;
        }
        before = Some(letter);
        rest = &rest[letter.len_utf8()..];
    }
    found
}

/// The reference at the beginning of a text, and how long it is.
fn reference(text: &str) -> Option<(Reference, usize)> {
    let (sheet, start) = match text.strip_prefix('\'') {
        Some(quoted) => {
            let (name, _) = quoted.split_once("'!")?;
            (Some(name.to_string()), name.len() + 3)
        }
        None => {
            let length = text.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
            match text[length..].starts_with('!') {
                true => (Some(text[..length].to_string()), length + 1),
                false => (None, 0),
            }
        }
    };
    let (first, length) = cell(&text[start..])?;
    let mut end = start + length;
    let last = text[end..].strip_prefix(':').and_then(cell);
    if let Some((_, length)) = &last {
        end += 1 + length;
    }
    Some((Reference { sheet, first, last: last.map(|(cell, _)| cell) }, end))
}

/// The cell at the beginning of a text without its `$`, and how long it is written.
fn cell(text: &str) -> Option<(String, usize)> {
    let length =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '$')).unwrap_or(text.len());
    let name = text[..length].replace('$', "");
    let is_call = text[length..].starts_with('(');
    (!is_call && parse(&name).is_some()).then_some((name, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_a_formula() {
        let written = |formula: &str| -> Vec<String> {
            references(formula).iter().map(Reference::written).collect()
        };
        assert_eq!(written("Waterfall!$K$8"), ["Waterfall!K8"]);
        assert_eq!(written("1-SUM(B6:B8)/'兑付 瀑布'!E7"), ["B6:B8", "兑付 瀑布!E7"]);
        assert_eq!(written("IF(A1=0,\"B2\",LOG10(C3)+ROUND(池!D4,2))"), ["A1", "C3", "池!D4"]);
        assert_eq!(written("TRUE+12"), Vec::<String>::new());
    }
}
