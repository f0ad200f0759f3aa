//! Definitions as text: `max(14.75 % × pool.balance − account.reserve.target, 0)`.
//!
//! ```text
//! text ─ parse ─▶ Expr ─ check ─▶ its Sort, or every Fault with its place
//!                   └─── lower ─▶ Formula: the tree that the engine, the workbook and prose read
//! ```
//!
//! The language has no statement, no loop and no cash: a text is one value. It is *total*: whatever
//! passes [`check`] has a value on every date, so nothing can fail later. docs/reference/define.md
//! states the grammar.

mod call;
mod check;
mod fault;
mod lower;
mod parse;
mod print;
mod product;
mod seen;
#[cfg(test)]
pub(super) mod tests;
mod token;

pub use check::{Names, check};
pub use fault::{Fault, Kind};
pub use lower::{Scope, lower};
pub use parse::parse;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Comparison;

/// A part of a text, in bytes: `start` is inside, `end` is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// From the start of this part to the end of another.
    fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }
}

/// An expression with its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it says.
    pub term: Term,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `1000000.00`, `1_000_000`, or with its sign `14.75 %`. Never negative.
    Number {
        /// The digits as written: `14.75` for `14.75 %`.
        value: Decimal,
        /// Whether a percent sign follows.
        percent: bool,
    },
    /// `2027-06-30`.
    Date(NaiveDate),
    /// `true` or `false`.
    Truth(bool),
    /// `pool.balance`, `prior(pool.balance)`, `window(dq_ratio, 3, mean)`.
    Name(String, Read),
    /// `−x`.
    Negative(Box<Expr>),
    /// `a + b − c`: for each term whether it is taken off.
    Sum(Vec<(bool, Expr)>),
    /// `a × b ÷ c`: for each factor whether it divides.
    Product(Vec<(bool, Expr)>),
    /// `a ≥ b`.
    Compare(Relation, Box<Expr>, Box<Expr>),
    /// `a and b`.
    All(Vec<Expr>),
    /// `a or b`.
    Any(Vec<Expr>),
    /// `not a`.
    Not(Box<Expr>),
    /// `min(a, b)`.
    Least(Vec<Expr>),
    /// `max(a, b)`.
    Greatest(Vec<Expr>),
    /// `if(flag, yes, no)`.
    If(Box<[Expr; 3]>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// One of the comparisons of formulas.
    Is(Comparison),
    /// Not equal.
    Unequal,
}

/// At which dates a name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// On this date.
    Now,
    /// That many dates earlier; before the first date, at closing.
    Earlier(u32),
    /// On this date and those before it, that many in all; dates before the first do not count.
    Window(u32, Fold),
}

/// What becomes of the values of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fold {
    /// Their sum; of flags, how many hold.
    Sum,
    /// Their mean over the dates there are; of flags, the share that holds.
    Mean,
    /// The least; of flags, whether all hold.
    Least,
    /// The greatest; of flags, whether any holds.
    Greatest,
}

impl Expr {
    /// Calls `see` with this expression and everything inside it, in the order of the text.
    pub fn walk<'e>(&'e self, see: &mut impl FnMut(&'e Expr)) {
        see(self);
        match &self.term {
            Term::Number { .. } | Term::Date(_) | Term::Truth(_) | Term::Name(..) => {}
            Term::Negative(inner) | Term::Not(inner) => inner.walk(see),
            Term::Sum(terms) | Term::Product(terms) => {
                terms.iter().for_each(|(_, term)| term.walk(see));
            }
            Term::Compare(_, one, other) => {
                one.walk(see);
                other.walk(see);
            }
            Term::All(terms) | Term::Any(terms) | Term::Least(terms) | Term::Greatest(terms) => {
                terms.iter().for_each(|term| term.walk(see));
            }
            Term::If(parts) => parts.iter().for_each(|part| part.walk(see)),
        }
    }
}

/// The names an expression reads, in the order of the text: what must be defined before it (`Now` and
/// `Window`), and what may be defined after it (`Earlier`).
///
/// ```
/// use cashfall::formula::from_text::{Read, names, parse};
/// let text = "prior(loss) + pool.balance";
/// let read: Vec<_> = names(&parse(text).unwrap()).map(|(name, _, read)| (name, read)).collect();
/// assert_eq!(read, [("loss".into(), Read::Earlier(1)), ("pool.balance".into(), Read::Now)]);
/// ```
pub fn names(expr: &Expr) -> impl Iterator<Item = (String, Span, Read)> + use<> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let Term::Name(name, read) = &part.term {
            found.push((name.clone(), part.span, *read));
        }
    });
    found.into_iter()
}
