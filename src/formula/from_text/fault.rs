//! What can be wrong with a definition, with its place and the facts that explain it.

use std::fmt::{self, Display};

use super::Span;
use crate::formula::Sort;

/// Something wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place, in bytes of the text.
    pub span: Span,
    /// What is wrong.
    pub kind: Kind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value must stand here: a number, a name, a function or a bracket. `found` is empty at the
    /// end of the text.
    NoValue {
        /// What stands there instead.
        found: String,
    },
    /// The expression is complete here, but the text goes on, or a bracket is not closed.
    NoSign {
        /// What stands there instead of a sign, a comma or a closing bracket.
        found: String,
    },
    /// Digits that are no number.
    BadNumber {
        /// The digits.
        text: String,
    },
    /// `1,234`: a number with a separator, or two arguments.
    OneOrTwoNumbers {
        /// The digits.
        text: String,
    },
    /// A character that means nothing here.
    BadSign {
        /// The character.
        sign: char,
    },
    /// `a < b < c`.
    Chained,
    /// Brackets within brackets beyond reason.
    TooDeep {
        /// The depth that can be read.
        most: usize,
    },
    /// A text of more parts than a cell's formula can hold.
    TooLong {
        /// The parts that fit.
        most: usize,
    },
    /// There is no such function.
    UnknownFunction {
        /// Its name as written.
        name: String,
    },
    /// A function with too many or too few arguments.
    Arguments {
        /// How the function is written: `if(flag, yes, no)`.
        usage: &'static str,
        /// How many arguments it was given.
        given: usize,
    },
    /// `prior`, `at` and `window` read a name, and were given something else.
    NotAName {
        /// How the function is written.
        usage: &'static str,
    },
    /// A number of dates that is not a whole number in the range.
    NotDates {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// The last argument of `window` is none of `sum`, `mean`, `min`, `max`.
    UnknownFold {
        /// What it is.
        found: String,
    },
    /// Nothing has this name.
    UnknownName {
        /// The name.
        name: String,
    },
    /// The value is of another sort than its place asks for.
    Sort {
        /// The sort that the place asks for.
        wanted: Sort,
        /// The sort it has.
        given: Sort,
    },
    /// Flags and dates cannot be calculated with like this.
    NoArithmetic {
        /// The sort.
        sort: Sort,
    },
    /// A product whose amounts do not cancel to money or to a ratio.
    Amounts {
        /// Amounts among the factors.
        times: usize,
        /// Amounts among the divisors.
        over: usize,
    },
    /// More factors in one product than can be calculated exactly.
    TooManyFactors,
    /// A number with more decimals than its sort keeps.
    Decimals {
        /// The sort it has in this place.
        sort: Sort,
        /// The decimals that are kept.
        most: u32,
    },
    /// A number too large for its sort.
    Range {
        /// The sort it has in this place.
        sort: Sort,
    },
    /// Plain numbers alone do not say whether they are money, a rate or a count.
    NoSort,
    /// The divisor is the number 0.
    DividesByZero,
}

impl Kind {
    /// The fault at a place.
    pub(super) fn at(self, span: Span) -> Fault {
        Fault { span, kind: self }
    }
}

impl Fault {
    /// The facts by the placeholders of findings.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        match &self.kind {
            Kind::NoValue { found } | Kind::NoSign { found } | Kind::UnknownFold { found } => {
                vec![("found", found.clone())]
            }
            Kind::BadNumber { text } | Kind::OneOrTwoNumbers { text } => {
                vec![("text", text.clone())]
            }
            Kind::BadSign { sign } => vec![("sign", sign.to_string())],
            Kind::TooDeep { most } | Kind::TooLong { most } => vec![("most", most.to_string())],
            Kind::UnknownFunction { name } | Kind::UnknownName { name } => {
                vec![("name", name.clone())]
            }
            Kind::Arguments { usage, given } => {
                vec![("usage", (*usage).to_string()), ("given", given.to_string())]
            }
            Kind::NotAName { usage } => vec![("usage", (*usage).to_string())],
            Kind::NotDates { least, most } => {
                vec![("least", least.to_string()), ("most", most.to_string())]
            }
            Kind::Sort { wanted, given } => {
                vec![("wanted", wanted.word().to_string()), ("given", given.word().to_string())]
            }
            Kind::NoArithmetic { sort } | Kind::Range { sort } => {
                vec![("sort", sort.word().to_string())]
            }
            Kind::Amounts { times, over } => {
                vec![("times", times.to_string()), ("over", over.to_string())]
            }
            Kind::Decimals { sort, most } => {
                vec![("sort", sort.word().to_string()), ("most", most.to_string())]
            }
            Kind::Chained | Kind::TooManyFactors | Kind::NoSort | Kind::DividesByZero => vec![],
        }
    }
}

/// One line of English, with the way out.
impl Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match &self.kind {
            Kind::NoValue { found } if found.is_empty() => out.write_str("a value is missing"),
            Kind::NoValue { found } => write!(out, "a value must stand before `{found}`"),
            Kind::NoSign { found } if found.is_empty() => out.write_str("a `)` is missing"),
            Kind::NoSign { found } => write!(out, "a sign must stand before `{found}`"),
            Kind::BadNumber { text } => write!(out, "`{text}` is no number"),
            Kind::OneOrTwoNumbers { text } => {
                let (one, two) = (text.replace(',', "_"), text.replace(',', ", "));
                write!(out, "`{text}` may be one number or two: write `{one}` or `{two}`")
            }
            Kind::BadSign { sign } => write!(out, "`{sign}` means nothing here"),
            Kind::Chained => out.write_str("compare two values at a time and join with `and`"),
            Kind::TooDeep { most } => write!(out, "more than {most} brackets within each other"),
            Kind::TooLong { most } => {
                write!(out, "more than {most} values: give parts a definition of their own")
            }
            Kind::UnknownFunction { name } => write!(out, "there is no function `{name}`"),
            Kind::Arguments { usage, given } => write!(out, "`{usage}` was given {given}"),
            Kind::NotAName { usage } => {
                write!(out, "`{usage}` reads a name: define the expression first")
            }
            Kind::NotDates { least, most } => {
                write!(out, "a number of dates is a whole number from {least} to {most}")
            }
            Kind::UnknownFold { found } => write!(out, "`{found}` is not sum, mean, min or max"),
            Kind::UnknownName { name } if name.contains('-') => {
                let apart = name.replace('-', " - ");
                write!(out, "nothing is called `{name}`; to subtract, put spaces: `{apart}`")
            }
            Kind::UnknownName { name } => write!(out, "nothing is called `{name}`"),
            Kind::Sort { wanted, given } => {
                write!(out, "this is {}, where {} is wanted", a(*given), a(*wanted))
            }
            Kind::NoArithmetic { sort } => {
                write!(out, "{} cannot be calculated with like this", a(*sort))
            }
            Kind::Amounts { times, over } => {
                write!(out, "{times} amounts times and {over} over give neither money nor a ratio")
            }
            Kind::TooManyFactors => out.write_str("too many factors: use brackets"),
            Kind::Decimals { sort, most } => {
                write!(out, "{} has at most {most} decimals", a(*sort))
            }
            Kind::Range { sort } => write!(out, "the number is too large for {}", a(*sort)),
            Kind::NoSort => {
                out.write_str("write `5 %` for a rate, `5.00` for money, `5` for a count")
            }
            Kind::DividesByZero => out.write_str("the divisor is 0"),
        }
    }
}

fn a(sort: Sort) -> String {
    let article = if sort == Sort::Amount { "an" } else { "a" };
    format!("{article} {}", sort.word())
}
