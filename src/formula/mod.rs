//! The one expression tree of the tool. The engine evaluates it, the workbook writes it as a live
//! formula, the methodology reads it aloud; nothing is computed twice, so nothing can drift.
//!
//! ```text
//!             ┌─ evaluate (compiled, 64/128-bit integers) ─▶ 49.68
//! Formula ────┼─ excel ────────────────────────────────────▶ =ROUND(D6*Inputs!C9*F7/Inputs!C4,2)
//!             └─ prose ────────────────────────────────────▶ balance × coupon × days ÷ 365, to the fen
//! ```
//!
//! A formula is total: no loops, no strings to resolve, no cash. Every value is a whole number in
//! the unit of its [`Sort`], so a cell and the engine agree to the last digit.

mod bounds;
pub(crate) mod columns;
pub(crate) mod compiled;
mod excel;
pub mod from_text;
mod prose;
mod ratio;
mod wide;

pub use bounds::{Bounds, Ranges};
pub use excel::Cells;
pub use prose::Words;

use chrono::NaiveDate;

use crate::money::{Rate, Rounding};

/// What a value is, and so its unit inside the engine and its format in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Money, in minor units.
    Amount,
    /// A count or a number of days.
    Number,
    /// A fraction of one, in 10⁻¹² parts.
    Rate,
    /// Yes (1) or no (0).
    Flag,
    /// A day, counted as spreadsheets do (1 is 1900-01-01; 25569 is 1970-01-01).
    Date,
}

impl Sort {
    /// The English word, as findings quote it.
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Amount => "amount",
            Sort::Number => "number",
            Sort::Rate => "rate",
            Sort::Flag => "flag",
            Sort::Date => "date",
        }
    }
}

/// A line of the model, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineId(pub usize);

/// A single-valued input of the model, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputId(pub usize);

/// Elements of a dimension that stand next to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elements {
    /// The first, from 0.
    pub first: usize,
    /// How many.
    pub count: usize,
}

impl Elements {
    /// Their places.
    pub fn range(self) -> std::ops::Range<usize> {
        self.first..self.first + self.count
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Strictly above.
    Above,
    /// Above or equal.
    AtLeast,
    /// Strictly below.
    Below,
    /// Below or equal.
    AtMost,
    /// Equal.
    Equal,
}

impl Comparison {
    /// Whether it holds of two values.
    #[inline]
    pub fn holds(self, one: i64, other: i64) -> bool {
        match self {
            Comparison::Above => one > other,
            Comparison::AtLeast => one >= other,
            Comparison::Below => one < other,
            Comparison::AtMost => one <= other,
            Comparison::Equal => one == other,
        }
    }
}

/// A total expression over lines and inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// 0, 1 or 2 in a sort; no other number stands in a formula.
    Whole(i64, Sort),
    /// An input cell.
    Input(InputId),
    /// A line at this tick (a line above, on the same axis).
    Line(LineId),
    /// A line of the same axis at its previous tick; at the first, its value at closing.
    Prior(LineId),
    /// A line of another axis at its last tick up to now.
    Latest(LineId),
    /// A line of another axis as it stood at this axis' previous tick.
    Before(LineId),
    /// The sum of a line over the ticks of its axis since this axis' previous tick.
    Since(LineId),
    /// The sum of a line over its elements: the whole dimension, or the segment of this element.
    Total(LineId),
    /// The sum of a line over some of its elements, which stand next to each other: those of one
    /// sub-pool.
    Part(LineId, Elements),
    /// The element above this one in the dimension, of this very line or of one above; nothing for the
    /// first element.
    Above(LineId),
    /// A sum.
    Sum(Vec<Formula>),
    /// The first less the second; may be negative.
    Less(Box<Formula>, Box<Formula>),
    /// The first less the second, but never negative.
    Excess(Box<Formula>, Box<Formula>),
    /// The least.
    Least(Vec<Formula>),
    /// The greatest.
    Greatest(Vec<Formula>),
    /// `amount × times… ÷ over…`, rounded once to the minor unit; 0 when the divisor is 0.
    Portion {
        /// What is taken a portion of.
        amount: Box<Formula>,
        /// Factors.
        times: Vec<Formula>,
        /// Divisors.
        over: Vec<Formula>,
        /// The rounding.
        rounding: Rounding,
    },
    /// `part × times… ÷ whole` as a rate rounded once to `places` decimals; 0 when the whole is 0.
    Quotient {
        /// The numerator.
        part: Box<Formula>,
        /// Factors, such as 100 for "per 100 face".
        times: Vec<Formula>,
        /// The denominator.
        whole: Box<Formula>,
        /// The input cell that holds the decimals kept, with their number.
        places: (InputId, u32),
        /// The rounding: what is paid per 100 of face is rounded down.
        rounding: Rounding,
    },
    /// One of two, by a flag.
    If(Box<Formula>, Box<Formula>, Box<Formula>),
    /// A comparison of two values of one sort.
    Compare(Comparison, Box<Formula>, Box<Formula>),
    /// All flags hold.
    All(Vec<Formula>),
    /// Some flag holds.
    Any(Vec<Formula>),
    /// The flag does not hold.
    Not(Box<Formula>),
    /// `Σ line(now − k) × weight(k) × rate`, rounded once: recoveries of earlier defaults. Ticks
    /// before the first count nothing.
    Lagged {
        /// The line whose earlier values count.
        line: LineId,
        /// For each element of the dimension: weights by lag 0, 1, 2, …, and the rate.
        by_element: Vec<(Vec<InputId>, InputId)>,
    },
    /// `1 − (1 − annual)^(part ÷ whole)` to 12 places: a yearly mortality as a monthly one.
    Mortality {
        /// The annual rate.
        annual: Box<Formula>,
        /// Months or days in the period.
        part: Box<Formula>,
        /// Months or days in the year.
        whole: Box<Formula>,
    },
    /// `speed ÷ (1 − speed × (age − 1))` to 12 places, 1 once `speed × age ≥ 1`.
    Absolute {
        /// The absolute prepayment speed (ABS).
        speed: Box<Formula>,
        /// The age in months, 1 in the first.
        age: Box<Formula>,
    },
    /// Another formula for each element of the dimension.
    ByElement(Vec<Formula>),
}

/// Short hands that read like the methodology.
impl Formula {
    /// Zero money.
    pub const ZERO: Formula = Formula::Whole(0, Sort::Amount);

    /// 100 %.
    pub const ONE: Formula = Formula::Whole(1, Sort::Rate);

    /// `amount × times… ÷ over…`, half up.
    pub fn portion(amount: Formula, times: Vec<Formula>, over: Vec<Formula>) -> Formula {
        Formula::Portion { amount: Box::new(amount), times, over, rounding: Rounding::HalfUp }
    }

    /// The first less the second, but never negative.
    pub fn excess(of: Formula, over: Formula) -> Formula {
        Formula::Excess(Box::new(of), Box::new(over))
    }

    /// The first less the second.
    pub fn less(of: Formula, less: Formula) -> Formula {
        Formula::Less(Box::new(of), Box::new(less))
    }

    /// `yes` where the flag holds, else `no`.
    pub fn when(flag: Formula, yes: Formula, no: Formula) -> Formula {
        Formula::If(Box::new(flag), Box::new(yes), Box::new(no))
    }

    /// A comparison.
    pub fn compare(how: Comparison, one: Formula, other: Formula) -> Formula {
        Formula::Compare(how, Box::new(one), Box::new(other))
    }

    /// A sum; of one term, the term.
    pub fn sum(mut terms: Vec<Formula>) -> Formula {
        match terms.len() {
            0 => Formula::ZERO,
            1 => terms.remove(0),
            _ => Formula::Sum(terms),
        }
    }
}

/// Knows the sort of lines and inputs: what a formula needs to know its own.
pub trait Sorts {
    /// The sort of a line.
    fn line(&self, line: LineId) -> Sort;
    /// The sort of an input.
    fn input(&self, input: InputId) -> Sort;
}

impl Formula {
    /// The sort of the value.
    pub fn sort(&self, sorts: &impl Sorts) -> Sort {
        match self {
            Formula::Whole(_, sort) => *sort,
            Formula::Input(input) => sorts.input(*input),
            Formula::Line(line)
            | Formula::Prior(line)
            | Formula::Latest(line)
            | Formula::Before(line)
            | Formula::Since(line)
            | Formula::Total(line)
            | Formula::Part(line, _)
            | Formula::Above(line) => sorts.line(*line),
            Formula::Sum(terms) | Formula::Least(terms) | Formula::Greatest(terms) => {
                terms[0].sort(sorts)
            }
            Formula::Less(one, other) => match (one.sort(sorts), other.sort(sorts)) {
                (Sort::Date, Sort::Date) => Sort::Number,
                (sort, _) => sort,
            },
            Formula::Excess(one, _) => one.sort(sorts),
            Formula::Portion { .. } | Formula::Lagged { .. } => Sort::Amount,
            Formula::Quotient { .. } | Formula::Mortality { .. } | Formula::Absolute { .. } => {
                Sort::Rate
            }
            Formula::If(_, yes, _) => yes.sort(sorts),
            Formula::Compare(..) | Formula::All(_) | Formula::Any(_) | Formula::Not(_) => {
                Sort::Flag
            }
            Formula::ByElement(formulas) => formulas[0].sort(sorts),
        }
    }

    /// Calls `see` with every line this formula reads and how.
    pub fn reads(&self, see: &mut impl FnMut(LineId, Reading)) {
        match self {
            Formula::Whole(..) | Formula::Input(_) => {}
            Formula::Line(line) => see(*line, Reading::Now),
            Formula::Total(line) => see(*line, Reading::Total),
            Formula::Part(line, elements) => see(*line, Reading::Part(*elements)),
            Formula::Above(line) => see(*line, Reading::Above),
            Formula::Prior(line) => see(*line, Reading::Prior),
            Formula::Latest(line) => see(*line, Reading::Latest),
            Formula::Before(line) => see(*line, Reading::Before),
            Formula::Since(line) => see(*line, Reading::Since),
            Formula::Lagged { line, by_element } => {
                let longest = by_element.iter().map(|(weights, _)| weights.len()).max();
                see(*line, Reading::Window(longest.unwrap_or(1)));
            }
            Formula::Sum(terms)
            | Formula::Least(terms)
            | Formula::Greatest(terms)
            | Formula::All(terms)
            | Formula::Any(terms)
            | Formula::ByElement(terms) => terms.iter().for_each(|term| term.reads(see)),
            Formula::Less(one, other)
            | Formula::Excess(one, other)
            | Formula::Compare(_, one, other) => {
                one.reads(see);
                other.reads(see);
            }
            Formula::Portion { amount, times, over, .. } => {
                amount.reads(see);
                times.iter().chain(over).for_each(|factor| factor.reads(see));
            }
            Formula::Quotient { part, times, whole, .. } => {
                part.reads(see);
                times.iter().for_each(|factor| factor.reads(see));
                whole.reads(see);
            }
            Formula::If(flag, yes, no) => {
                flag.reads(see);
                yes.reads(see);
                no.reads(see);
            }
            Formula::Not(flag) => flag.reads(see),
            Formula::Mortality { annual, part, whole } => {
                annual.reads(see);
                part.reads(see);
                whole.reads(see);
            }
            Formula::Absolute { speed, age } => {
                speed.reads(see);
                age.reads(see);
            }
        }
    }

    /// Calls `see` with every input this formula reads.
    pub fn inputs(&self, see: &mut impl FnMut(InputId)) {
        match self {
            Formula::Input(input) => see(*input),
            Formula::Whole(..)
            | Formula::Line(_)
            | Formula::Total(_)
            | Formula::Part(..)
            | Formula::Prior(_)
            | Formula::Latest(_)
            | Formula::Before(_)
            | Formula::Since(_)
            | Formula::Above(_) => {}
            Formula::Lagged { by_element, .. } => {
                for (weights, rate) in by_element {
                    weights.iter().for_each(|weight| see(*weight));
                    see(*rate);
                }
            }
            Formula::Sum(terms)
            | Formula::Least(terms)
            | Formula::Greatest(terms)
            | Formula::All(terms)
            | Formula::Any(terms)
            | Formula::ByElement(terms) => terms.iter().for_each(|term| term.inputs(see)),
            Formula::Less(one, other)
            | Formula::Excess(one, other)
            | Formula::Compare(_, one, other) => {
                one.inputs(see);
                other.inputs(see);
            }
            Formula::Portion { amount, times, over, .. } => {
                amount.inputs(see);
                times.iter().chain(over).for_each(|factor| factor.inputs(see));
            }
            Formula::Quotient { part, times, whole, places, .. } => {
                part.inputs(see);
                times.iter().for_each(|factor| factor.inputs(see));
                whole.inputs(see);
                see(places.0);
            }
            Formula::If(flag, yes, no) => {
                flag.inputs(see);
                yes.inputs(see);
                no.inputs(see);
            }
            Formula::Not(flag) => flag.inputs(see),
            Formula::Mortality { annual, part, whole } => {
                annual.inputs(see);
                part.inputs(see);
                whole.inputs(see);
            }
            Formula::Absolute { speed, age } => {
                speed.inputs(see);
                age.inputs(see);
            }
        }
    }
}

/// How a formula reads a line: what must have been computed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// At the same tick: the line must stand above.
    Now,
    /// All elements of the group at the same tick: the line must stand above.
    Total,
    /// Some elements at the same tick: the line must stand above.
    Part(Elements),
    /// The element above at the same tick: the line itself, or one that stands above.
    Above,
    /// This tick and some before it: the line must stand above.
    Window(usize),
    /// At the tick before: any line of the axis.
    Prior,
    /// Another axis, its last tick.
    Latest,
    /// Another axis, as of the tick before.
    Before,
    /// Another axis, all ticks since the tick before.
    Since,
}

/// The whole number that stands for `value` of a sort inside the engine.
pub fn whole(value: i64, sort: Sort) -> i64 {
    match sort {
        Sort::Amount => value * 100,
        Sort::Rate => value * Rate::ONE.parts(),
        Sort::Number | Sort::Flag | Sort::Date => value,
    }
}

/// The decimals of a sort's unit: an amount is held in 10⁻², a rate in 10⁻¹².
pub(crate) const fn tens(sort: Sort) -> u32 {
    match sort {
        Sort::Amount => 2,
        Sort::Rate => Rate::DECIMALS,
        Sort::Number | Sort::Flag | Sort::Date => 0,
    }
}

/// The powers of ten by which units may differ in one product.
pub(crate) const EXACT_TENS: u32 = 36;

/// The number that spreadsheets have for a day.
pub fn serial(date: NaiveDate) -> i64 {
    (date - NaiveDate::default()).num_days() + 25_569
}

/// The double that a spreadsheet cell holds for an engine value of a sort.
#[allow(clippy::cast_precision_loss)]
pub fn cell_value(value: i64, sort: Sort) -> f64 {
    match sort {
        Sort::Amount => value as f64 / 100.0,
        Sort::Rate => value as f64 / 1e12,
        Sort::Number | Sort::Flag | Sort::Date => value as f64,
    }
}
