//! An expression as text again: what [`parse`](super::parse) reads back as the same tree.

use std::fmt::{self, Display, Formatter};

use super::{Expr, Fold, Read, Relation, Term};
use crate::formula::Comparison;

impl Display for Expr {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        match &self.term {
            Term::Number { value, percent } => {
                write!(out, "{value}{}", if *percent { " %" } else { "" })
            }
            Term::Date(date) => write!(out, "{date}"),
            Term::Truth(value) => write!(out, "{value}"),
            Term::Name(name, read) => print_name(out, name, *read),
            Term::Negative(inner) => {
                out.write_str("−")?;
                part(out, inner, 6)
            }
            Term::Sum(parts) => chain(out, parts, [" + ", " − "], 5),
            Term::Product(parts) => chain(out, parts, [" × ", " ÷ "], 6),
            Term::Compare(relation, one, other) => {
                part(out, one, 4)?;
                write!(out, " {} ", relation.sign())?;
                part(out, other, 4)
            }
            Term::All(parts) => joined(out, parts, " and ", 2),
            Term::Any(parts) => joined(out, parts, " or ", 1),
            Term::Not(inner) => {
                out.write_str("not ")?;
                part(out, inner, 2)
            }
            Term::Least(parts) => call(out, "min", parts),
            Term::Greatest(parts) => call(out, "max", parts),
            Term::If(parts) => call(out, "if", &parts[..]),
        }
    }
}

impl Expr {
    /// How tightly it binds: what binds looser than its place asks for stands in brackets.
    fn tightness(&self) -> u8 {
        match &self.term {
            Term::Any(_) => 0,
            Term::All(_) => 1,
            Term::Not(_) => 2,
            Term::Compare(..) => 3,
            Term::Sum(_) => 4,
            Term::Product(_) => 5,
            Term::Negative(_) => 6,
            Term::Number { .. }
            | Term::Date(_)
            | Term::Truth(_)
            | Term::Name(..)
            | Term::Least(_)
            | Term::Greatest(_)
            | Term::If(_) => 7,
        }
    }
}

impl Relation {
    /// Its sign.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Relation::Is(Comparison::Above) => ">",
            Relation::Is(Comparison::AtLeast) => "≥",
            Relation::Is(Comparison::Below) => "<",
            Relation::Is(Comparison::AtMost) => "≤",
            Relation::Is(Comparison::Equal) => "=",
            Relation::Unequal => "≠",
        }
    }
}

impl Fold {
    fn word(self) -> &'static str {
        match self {
            Fold::Sum => "sum",
            Fold::Mean => "mean",
            Fold::Least => "min",
            Fold::Greatest => "max",
        }
    }
}

fn print_name(out: &mut Formatter, name: &str, read: Read) -> fmt::Result {
    match read {
        Read::Now => out.write_str(name),
        Read::Earlier(1) => write!(out, "prior({name})"),
        Read::Earlier(dates) => write!(out, "at({name}, {dates})"),
        Read::Window(dates, fold) => write!(out, "window({name}, {dates}, {})", fold.word()),
    }
}

fn part(out: &mut Formatter, expr: &Expr, least: u8) -> fmt::Result {
    if expr.tightness() < least { write!(out, "({expr})") } else { write!(out, "{expr}") }
}

fn chain(out: &mut Formatter, parts: &[(bool, Expr)], signs: [&str; 2], least: u8) -> fmt::Result {
    for (place, (marked, expr)) in parts.iter().enumerate() {
        if place > 0 {
            out.write_str(signs[usize::from(*marked)])?;
        }
        part(out, expr, least)?;
    }
    Ok(())
}

fn joined(out: &mut Formatter, parts: &[Expr], by: &str, least: u8) -> fmt::Result {
    for (place, expr) in parts.iter().enumerate() {
        if place > 0 {
            out.write_str(by)?;
        }
        part(out, expr, least)?;
    }
    Ok(())
}

fn call(out: &mut Formatter, function: &str, parts: &[Expr]) -> fmt::Result {
    write!(out, "{function}(")?;
    joined(out, parts, ", ", 0)?;
    out.write_str(")")
}
