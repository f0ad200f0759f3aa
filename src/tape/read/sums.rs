//! Rows of sums: known by their words, compared with the rows that they are the sums of.

use std::collections::BTreeSet;

use super::pass::Seen;
use super::{Reader, Sums};
use crate::finding::{Finding, Origin};
use crate::money::Amount;
use crate::tape::Faults;
use crate::tape::cell::{Raw, half_width};
use crate::tape::field::Field;
use crate::tape::header::{aliases, normal};
use crate::tape::layout::Layout;

/// A row of sums.
#[derive(Clone, Debug)]
pub(super) struct SumRow {
    pub(super) row: u32,
    /// Whether its word says that it is of the whole table.
    pub(super) is_whole: bool,
    /// What it states.
    pub(super) stated: Sums,
    /// The sums of all rows above it.
    pub(super) above: Sums,
}

/// Whether a text can be the word of a row of sums, by its first and its last letters; most cells are
/// decided here.
pub(super) fn may_name_sum(raw: &Raw) -> bool {
    let Raw::Text(text) = raw else { return false };
    let text = text.trim();
    if text.is_ascii() && text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let end = text.len().checked_sub(5).and_then(|from| text.get(from..));
    text.starts_with([
        '合', '小', '总', '共', '本', '累', '汇', 't', 'T', 's', 'S', 'g', 'G', 'p', 'P',
    ]) || text.ends_with(['计', '总', '：', ':', ')', '）'])
        || end.is_some_and(|end| end.eq_ignore_ascii_case("total"))
}

/// Whether a text names a row of sums: of the whole table (合计, Total, 合计：3笔), or of a part of it
/// (小计, 浙江小计, 本页合计).
pub(in crate::tape) fn of_whole(text: &str) -> Option<bool> {
    const LONGEST: usize = 60;
    if text.len() > LONGEST {
        return None;
    }
    let narrow = half_width(text);
    let outside = narrow.split('(').next().filter(|before| !before.trim().is_empty());
    let word = normal(outside.unwrap_or(&narrow));
    let words = aliases();
    if words.total_words.contains(&word) {
        return Some(true);
    }
    if words.subtotal_words.contains(&word) {
        return Some(false);
    }
    let ends = ["小计", "合计", "总计", "共计", "汇总", "subtotal", "total"];
    if ends.iter().any(|end| word.ends_with(end)) {
        return Some(false);
    }
    let counted =
        |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || "笔户条个件元万,".contains(c));
    let whole = ["合计", "总计", "共计"].iter().filter_map(|start| word.strip_prefix(start));
    whole.into_iter().any(counted).then_some(true)
}

impl Reader<'_> {
    /// Compares the rows of sums with the sums of the rows.
    ///
    /// A single row that is of the whole must be of all rows. Of several, and of subtotals, each must
    /// be of the rows since some earlier one, or until some later one.
    pub(super) fn compare_totals(&mut self, (sheet, layout): (&str, &Layout), seen: &Seen) {
        let alone = seen.totals.iter().filter(|of| of.is_whole).count() == 1;
        let mut parts: Vec<Finding> = Vec::new();
        let mut more = 0;
        for (place, of) in seen.totals.iter().enumerate() {
            for (field, stated) in &of.stated {
                let amount = |sums: &Sums| sums.get(field).copied().unwrap_or_default();
                let (whole, above) = (amount(&seen.sums), amount(&of.above));
                let slack = slack(seen.rounded.get(field).copied().unwrap_or_default());
                let is = |one: Amount, other: Amount| (one - other).minor().abs() <= slack;
                let is_part = || {
                    let mut marks = marks(*field, seen).into_iter();
                    marks.any(|mark| is(mark, above - *stated) || is(mark, above + *stated))
                };
                if is(*stated, whole) || !(of.is_whole && alone) && is_part() {
                    continue;
                }
                let (column, header) = &layout.columns[field.name()];
                let cell = self.tape.manifest.cell(column, header, of.row);
                let origin = Origin::cell(&self.tape.manifest.file, sheet, cell);
                let before = place.checked_sub(1).map(|before| &seen.totals[before]);
                let since = above - before.map_or(Amount::ZERO, |before| amount(&before.above));
                let (code, sum) = if of.is_whole { ("T0012", whole) } else { ("T0057", since) };
                let finding = Finding::new(code, origin)
                    .with("field", field.name())
                    .with("stated", stated)
                    .with("sum", sum)
                    .with("difference", sum - *stated);
                match (of.is_whole, parts.len() < Faults::KEPT) {
                    (true, _) => self.tape.findings.push(finding),
                    (false, true) => parts.push(finding),
                    (false, false) => more += 1,
                }
            }
        }
        if let Some(last) = parts.last_mut() {
            last.more += more;
        }
        self.tape.findings.extend(parts);
    }
}

/// How far a sum may be from what is stated, in minor units: half of one for each rounded cell, and
/// the sum's own; nothing without rounding.
pub(super) fn slack(rounded: i64) -> i64 {
    if rounded == 0 { 0 } else { (rounded + 1) / 2 }
}

/// The sums of the rows above each row of sums, of none, and of all.
fn marks(field: Field, seen: &Seen) -> BTreeSet<Amount> {
    let amount = |sums: &Sums| sums.get(&field).copied().unwrap_or_default();
    let above = seen.totals.iter().map(|of| amount(&of.above));
    above.chain([Amount::ZERO, amount(&seen.sums)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_sums_are_known_by_their_words() {
        for (text, whole) in [
            ("合计", Some(true)),
            ("合　计：", Some(true)),
            ("总计(元)", Some(true)),
            ("合计：3笔", Some(true)),
            ("Grand Total", Some(true)),
            ("小计", Some(false)),
            ("浙江小计", Some(false)),
            ("浙江 汇总", Some(false)),
            ("汇总", Some(true)),
            ("本页合计", Some(false)),
            ("Zhejiang subtotal", Some(false)),
            ("合计算法", None),
            ("A-1", None),
            ("(2025)", None),
        ] {
            assert_eq!(of_whole(text), whole, "{text}");
        }
    }
}
