//! Formulas that are simple enough to be calculated again, to see whether what the file stores of
//! them is still true.
//!
//! ```text
//! expression  = term (("+" | "-") term)…
//! term        = factor (("*" | "/") factor)…
//! factor      = ("+" | "-")… primary "%"…
//! primary     = number | cell | "(" expression ")"
//!             | SUM(cells or expressions) | ROUND(expression, whole number)
//! ```
//!
//! Cells are those of the same sheet. Everything else (other functions, powers, texts, names, other
//! sheets, arrays) is refused, and such formulas are only counted. A cell that another formula fills
//! is taken with its stored value, so that of a chain the first that is out of date is told.
//!
//! Formulas are kept relative to their cell: a column of a million equal ones is one expression.
//! What is computed here is compared and never read: doubles in the order of a spreadsheet, equal
//! within 10⁻⁹ of the largest figure in play; a number on the edge of a rounding may fall either way.

mod parse;

use std::collections::BTreeMap;

use super::cell::letters;
use parse::parse;

/// The most formulas that are calculated again.
const FORMULAS_MAX: usize = 1 << 20;
/// The most columns that they may read.
const COLUMNS_MAX: usize = 256;
/// The most cells whose values are kept for it.
const CELLS_MAX: usize = 1 << 24;
/// The most cells that are looked at, ranges included.
const LOOKS_MAX: usize = 1 << 26;
/// The most differences that are kept apart.
const KEPT: usize = 64;

/// One coordinate of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Axis {
    /// `$F`, `$2`: from 0.
    Fixed(i64),
    /// So many beyond the formula's own.
    Beyond(i64),
}

impl Axis {
    fn at(self, own: i64) -> i64 {
        match self {
            Axis::Fixed(place) => place,
            Axis::Beyond(by) => own + by,
        }
    }
}

/// A cell that a formula reads: column and row.
type Ref = (Axis, Axis);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Expr {
    /// The bits of a double.
    Number(u64),
    Cell(Ref),
    /// Ranges and expressions.
    Sum(Vec<(Ref, Ref)>, Vec<Expr>),
    Round(Box<Expr>, i8),
    Minus(Box<Expr>),
    Percent(Box<Expr>),
    Binary(u8, Box<Expr>, Box<Expr>),
}

/// A formula whose stored value is not the one that it gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Differs {
    /// The row from 1 and the column from 0.
    pub(super) row: u32,
    pub(super) column: usize,
    /// The formula as a spreadsheet shows it.
    pub(super) formula: String,
    pub(super) stored: f64,
    pub(super) computed: f64,
}

/// The simple formulas of a sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Expressions {
    known: BTreeMap<Expr, u32>,
    by_number: Vec<Expr>,
    /// Expressions that several cells share, by their number in the file.
    shared: BTreeMap<String, Option<u32>>,
    /// Row from 1, column from 0, expression.
    cells: Vec<(u32, u32, u32)>,
}

impl Expressions {
    /// Notes a formula cell; nothing when it is not simple. A formula without a text is the shared
    /// one of that number.
    pub(super) fn note(&mut self, row: u32, column: usize, text: &str, shared: Option<&str>) {
        let number = match (text.trim().is_empty(), shared) {
            (true, Some(shared)) => self.shared.get(shared).copied().flatten(),
            (true, None) => None,
            (false, _) => {
                let number = parse(text, (row, column)).map(|expr| self.number(expr));
                if let Some(shared) = shared {
                    self.shared.insert(shared.to_string(), number);
                }
                number
            }
        };
        if let Some(number) = number.filter(|_| self.cells.len() < FORMULAS_MAX) {
            self.cells.push((row, u32::try_from(column).unwrap_or(u32::MAX), number));
        }
    }

    fn number(&mut self, expr: Expr) -> u32 {
        let next = u32::try_from(self.by_number.len()).expect("fewer than the most formulas");
        match self.known.get(&expr) {
            Some(number) => *number,
            None => {
                self.by_number.push(expr.clone());
                self.known.insert(expr, next);
                next
            }
        }
    }

    /// The columns whose values are needed; none when there are too many.
    pub(super) fn columns(&self) -> Vec<bool> {
        let mut wanted = std::collections::BTreeSet::new();
        let pairs: std::collections::BTreeSet<(u32, u32)> =
            self.cells.iter().map(|(_, column, number)| (*column, *number)).collect();
        for (column, number) in pairs {
            wanted.insert(i64::from(column));
            self.by_number[number as usize].reads(&mut |(from, to)| {
                let own = i64::from(column);
                let (from, to) = (from.0.at(own), to.0.at(own));
                wanted.extend((from.min(to)..=from.max(to)).take(COLUMNS_MAX + 1));
            });
            if wanted.len() > COLUMNS_MAX {
                return Vec::new();
            }
        }
        let mut columns = Vec::new();
        for column in wanted.into_iter().filter_map(|column| usize::try_from(column).ok()) {
            columns.resize(columns.len().max(column + 1), false);
            columns[column] = true;
        }
        columns
    }

    /// Calculates all of them with the values that the sheet stores.
    pub(super) fn compare(&self, values: &Values) -> Recomputed {
        let mut found = Recomputed::default();
        if values.is_full {
            return found;
        }
        let mut looks = LOOKS_MAX;
        for (row, column, number) in &self.cells {
            let at = (i64::from(*row), i64::from(*column));
            let expr = &self.by_number[*number as usize];
            let Held::Number(stored) = values.at(at) else { continue };
            let mut compute = |nudge| Computing { values, at, nudge, looks: &mut looks }.of(expr);
            let Some((computed, scale)) = compute(0.0) else { continue };
            let is = |value: f64| (value - stored).abs() <= 1e-9 * scale.max(stored.abs());
            // On the edge of a rounding the last bit decides.
            let agrees = is(computed)
                || [1e-12, -1e-12].into_iter().any(|by| compute(by).is_some_and(|(v, _)| is(v)));
            let column = *column as usize;
            *found.calculated.entry(column).or_default() += 1;
            if !agrees {
                *found.count.entry(column).or_default() += 1;
                let of_column = found.differing.entry(column).or_default();
                if of_column.len() < KEPT {
                    let formula = expr.text(at);
                    of_column.push(Differs { row: *row, column, formula, stored, computed });
                }
            }
        }
        found
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

/// What came of calculating again, by column from 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recomputed {
    /// How many formulas were calculated.
    pub(super) calculated: BTreeMap<usize, usize>,
    /// How many of them differ.
    pub(super) count: BTreeMap<usize, usize>,
    /// The first of those.
    pub(super) differing: BTreeMap<usize, Vec<Differs>>,
}

/// What a cell stores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    Nothing,
    Number(f64),
    /// A text, a flag, an error.
    Other,
}

/// The stored values of the columns that formulas read.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// By column, ascending by row from 1.
    columns: BTreeMap<usize, Vec<(u32, Held)>>,
    count: usize,
    is_full: bool,
}

impl Values {
    /// Keeps a value, as far as there is room.
    pub(super) fn keep(&mut self, row: u32, column: usize, held: Held) {
        if self.count >= CELLS_MAX {
            self.is_full = true;
            return;
        }
        self.count += 1;
        self.columns.entry(column).or_default().push((row, held));
    }

    fn column(&self, column: i64) -> &[(u32, Held)] {
        let known = usize::try_from(column).ok().and_then(|column| self.columns.get(&column));
        known.map_or(&[], Vec::as_slice)
    }

    fn at(&self, (row, column): (i64, i64)) -> Held {
        let cells = self.column(column);
        let place = cells.binary_search_by_key(&row, |(row, _)| i64::from(*row));
        place.map_or(Held::Nothing, |place| cells[place].1)
    }

    fn within(&self, column: i64, (from, to): (i64, i64)) -> &[(u32, Held)] {
        let cells = self.column(column);
        let start = cells.partition_point(|(row, _)| i64::from(*row) < from);
        let end = cells.partition_point(|(row, _)| i64::from(*row) <= to);
        &cells[start..end.max(start)]
    }
}

struct Computing<'v> {
    values: &'v Values,
    /// The formula's own row and column.
    at: (i64, i64),
    /// By how much of itself a number is moved before it is rounded.
    nudge: f64,
    looks: &'v mut usize,
}

impl Computing<'_> {
    /// The value, and the largest figure on the way; nothing when it cannot be known.
    fn of(&mut self, expr: &Expr) -> Option<(f64, f64)> {
        let (value, scale) = match expr {
            Expr::Number(bits) => (f64::from_bits(*bits), 0.0),
            Expr::Cell((column, row)) => {
                *self.looks = self.looks.checked_sub(1)?;
                let at = (row.at(self.at.0), column.at(self.at.1));
                match self.values.at(at) {
                    Held::Number(value) => (value, 0.0),
                    Held::Nothing if at.0 > 0 && at.1 >= 0 => (0.0, 0.0),
                    Held::Nothing | Held::Other => return None,
                }
            }
            Expr::Sum(ranges, terms) => self.sum(ranges, terms)?,
            Expr::Round(inner, digits) => {
                let (value, scale) = self.of(inner)?;
                let power = 10_f64.powi(i32::from(*digits));
                ((value * (1.0 + self.nudge) * power).round() / power, scale)
            }
            Expr::Minus(inner) => {
                let (value, scale) = self.of(inner)?;
                (-value, scale)
            }
            Expr::Percent(inner) => {
                let (value, scale) = self.of(inner)?;
                (value / 100.0, scale)
            }
            Expr::Binary(sign, left, right) => {
                let ((left, one), (right, other)) = (self.of(left)?, self.of(right)?);
                let scale = one.max(other);
                match sign {
                    b'+' => (left + right, scale),
                    b'-' => (left - right, scale),
                    b'*' => (left * right, 0.0),
                    _ => (left / right, 0.0),
                }
            }
        };
        value.is_finite().then_some((value, scale.max(value.abs())))
    }

    /// Texts and empty cells of a range count for nothing; an error would be the sum.
    fn sum(&mut self, ranges: &[(Ref, Ref)], terms: &[Expr]) -> Option<(f64, f64)> {
        let (mut sum, mut scale) = (0.0, 0.0_f64);
        for (from, to) in ranges {
            let columns = (from.0.at(self.at.1), to.0.at(self.at.1));
            let rows = (from.1.at(self.at.0), to.1.at(self.at.0));
            let rows = (rows.0.min(rows.1), rows.0.max(rows.1));
            for column in columns.0.min(columns.1)..=columns.0.max(columns.1) {
                let cells = self.values.within(column, rows);
                *self.looks = self.looks.checked_sub(cells.len() + 1)?;
                for (_, held) in cells {
                    match held {
                        Held::Number(value) => {
                            sum += value;
                            scale = scale.max(value.abs());
                        }
                        Held::Nothing => {}
                        // It may be a text or an error: the file does not say here.
                        Held::Other => return None,
                    }
                }
            }
        }
        for term in terms {
            let (value, of_term) = self.of(term)?;
            sum += value;
            scale = scale.max(of_term);
        }
        Some((sum, scale))
    }
}

impl Expr {
    /// Hands every range that it reads to `each`; a single cell is one, too.
    fn reads(&self, each: &mut dyn FnMut((Ref, Ref))) {
        match self {
            Expr::Number(_) => {}
            Expr::Cell(cell) => each((*cell, *cell)),
            Expr::Sum(ranges, terms) => {
                ranges.iter().for_each(|range| each(*range));
                terms.iter().for_each(|term| term.reads(each));
            }
            Expr::Round(inner, _) | Expr::Minus(inner) | Expr::Percent(inner) => inner.reads(each),
            Expr::Binary(_, left, right) => {
                left.reads(each);
                right.reads(each);
            }
        }
    }

    /// The formula as a spreadsheet shows it, with brackets around every inner sum.
    fn text(&self, at: (i64, i64)) -> String {
        let cell = |cell: &Ref| cell_text(*cell, at);
        match self {
            Expr::Number(bits) => f64::from_bits(*bits).to_string(),
            Expr::Cell(of) => cell(of),
            Expr::Sum(ranges, terms) => {
                let ranges = ranges.iter().map(|(from, to)| format!("{}:{}", cell(from), cell(to)));
                let terms = terms.iter().map(|term| term.text(at));
                format!("SUM({})", ranges.chain(terms).collect::<Vec<_>>().join(","))
            }
            Expr::Round(inner, digits) => format!("ROUND({},{digits})", inner.text(at)),
            Expr::Minus(inner) => format!("-{}", inner.bracketed(at)),
            Expr::Percent(inner) => format!("{}%", inner.bracketed(at)),
            Expr::Binary(sign, left, right) => {
                let left = match (sign, &**left) {
                    (b'*' | b'/', Expr::Binary(b'*' | b'/', ..)) | (b'+' | b'-', _) => {
                        left.text(at)
                    }
                    _ => left.bracketed(at),
                };
                format!("{left}{}{}", char::from(*sign), right.bracketed(at))
            }
        }
    }

    fn bracketed(&self, at: (i64, i64)) -> String {
        match self {
            Expr::Binary(..) | Expr::Minus(_) => format!("({})", self.text(at)),
            _ => self.text(at),
        }
    }
}

fn cell_text((column, row): Ref, (own_row, own_column): (i64, i64)) -> String {
    let mark = |axis: Axis| if matches!(axis, Axis::Fixed(_)) { "$" } else { "" };
    let name = usize::try_from(column.at(own_column)).map(letters).unwrap_or_default();
    format!("{}{name}{}{}", mark(column), mark(row), row.at(own_row))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A1 to A4 hold 10, 20, 2.675 and a text, B1 holds 3.
    fn values() -> Values {
        let mut values = Values::default();
        for (row, value) in [(1, 10.0), (2, 20.0), (3, 2.675)] {
            values.keep(row, 0, Held::Number(value));
        }
        values.keep(4, 0, Held::Other);
        values.keep(1, 1, Held::Number(3.0));
        values
    }

    fn computed(text: &str) -> Option<f64> {
        let (values, mut looks) = (values(), 1000);
        let expr = parse(text, (9, 5))?;
        let mut computing =
            Computing { values: &values, at: (9, 5), nudge: 0.0, looks: &mut looks };
        computing.of(&expr).map(|(value, _)| value)
    }

    #[test]
    fn simple_formulas_are_calculated() {
        for (text, value) in [
            ("A1-B1", 7.0),
            ("=A1+A2*$B$1", 70.0),
            ("(A1+A2)*B1", 90.0),
            ("SUM(A1:A3)", 32.675),
            ("sum(A1,A2,5)", 35.0),
            ("ROUND(A3,2)", 2.68),
            ("ROUND(A2/B1, 2)", 6.67),
            ("ROUND(A2,-2)", 0.0),
            ("-A1+50%", -9.5),
            ("A1/4", 2.5),
            ("A1-Z99", 10.0),
        ] {
            let found = computed(text).unwrap_or(f64::NAN);
            assert!((found - value).abs() < 1e-12, "{text}: {found}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "A1^2",
            "IF(A1>1,1,0)",
            "Sheet2!A1",
            "A1&B1",
            "\"x\"",
            "A1:A3",
            "ROUND(A1,B1)",
            "1E5",
            "A4+1",
            "SUM(A1:A4)",
            "A1/C1",
            "SUM()",
            "LOG10(A1)",
            "A1 B1",
            "[1]A1",
            "(A1",
            "",
            "{A1}",
            "TRUE",
        ] {
            assert_eq!(computed(text), None, "{text}");
        }
        assert_eq!(computed(&format!("{}A1{}", "(".repeat(99), ")".repeat(99))), None);
    }

    #[test]
    fn a_formula_is_kept_relative_to_its_cell() {
        let mut expressions = Expressions::default();
        expressions.note(1, 2, "A1-B1", Some("0"));
        expressions.note(2, 2, "", Some("0"));
        expressions.note(3, 2, "A3-B3", None);
        expressions.note(4, 2, "A4^B4", None);
        assert_eq!((expressions.by_number.len(), expressions.cells.len()), (1, 3));
        assert_eq!(expressions.columns(), [true, true, true]);
        let mut values = values();
        for (row, stored) in [(1, 7.0), (2, 19.0), (3, 2.675)] {
            values.keep(row, 2, Held::Number(stored));
        }
        let found = expressions.compare(&values);
        assert_eq!((found.calculated[&2], found.count[&2]), (3, 1));
        let differs = &found.differing[&2][0];
        assert_eq!((differs.row, differs.formula.as_str()), (2, "A2-B2"));
        assert!((differs.computed - 20.0).abs() < 1e-12);
    }
}
