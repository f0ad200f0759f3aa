//! The functions: their arguments, and the terms they make.

use rust_decimal::prelude::ToPrimitive;

use super::fault::{Fault, Kind};
use super::{Expr, Fold, Read, Span, Term};

/// The most dates that a name is read back: ten years of monthly payments.
const MOST_DATES: u32 = 120;

const PRIOR: &str = "prior(name)";
const AT: &str = "at(name, dates)";
const WINDOW: &str = "window(name, dates, sum | mean | min | max)";
const IF: &str = "if(flag, yes, no)";
const MIN: &str = "min(a, b, …)";
const MAX: &str = "max(a, b, …)";

/// The arguments of a function.
pub(super) struct Call {
    pub arguments: Vec<Expr>,
    pub span: Span,
}

impl Call {
    /// The term that the function of that name makes of them.
    pub fn of(self, name: &str, start: Span) -> Result<Term, Fault> {
        match name {
            "min" => self.several(MIN).map(Term::Least),
            "max" => self.several(MAX).map(Term::Greatest),
            "if" => self.exactly(IF).map(|parts| Term::If(Box::new(parts))),
            "prior" => {
                let [name] = self.exactly(PRIOR)?;
                Ok(Term::Name(bare(name, PRIOR)?, Read::Earlier(1)))
            }
            "at" => {
                let [name, dates] = self.exactly(AT)?;
                let read = match count(&dates, 0)? {
                    0 => Read::Now,
                    dates => Read::Earlier(dates),
                };
                Ok(Term::Name(bare(name, AT)?, read))
            }
            "window" => {
                let [name, dates, fold] = self.exactly(WINDOW)?;
                let read = Read::Window(count(&dates, 1)?, folded(&fold)?);
                Ok(Term::Name(bare(name, WINDOW)?, read))
            }
            _ => Err(Kind::UnknownFunction { name: name.to_string() }.at(start)),
        }
    }

    fn exactly<const N: usize>(self, usage: &'static str) -> Result<[Expr; N], Fault> {
        let span = self.span;
        self.arguments
            .try_into()
            .map_err(|given: Vec<Expr>| Kind::Arguments { usage, given: given.len() }.at(span))
    }

    fn several(self, usage: &'static str) -> Result<Vec<Expr>, Fault> {
        match self.arguments.len() {
            given @ (0 | 1) => Err(Kind::Arguments { usage, given }.at(self.span)),
            _ => Ok(self.arguments),
        }
    }
}

fn bare(expr: Expr, usage: &'static str) -> Result<String, Fault> {
    match expr.term {
        Term::Name(name, Read::Now) => Ok(name),
        _ => Err(Kind::NotAName { usage }.at(expr.span)),
    }
}

fn count(expr: &Expr, least: u32) -> Result<u32, Fault> {
    let number = match &expr.term {
        Term::Number { value, percent: false } if value.fract().is_zero() => value.to_u32(),
        _ => None,
    };
    let within = number.filter(|number| (least..=MOST_DATES).contains(number));
    within.ok_or_else(|| Kind::NotDates { least, most: MOST_DATES }.at(expr.span))
}

fn folded(expr: &Expr) -> Result<Fold, Fault> {
    match &expr.term {
        Term::Name(name, Read::Now) => match name.as_str() {
            "sum" => Ok(Fold::Sum),
            "mean" => Ok(Fold::Mean),
            "min" => Ok(Fold::Least),
            "max" => Ok(Fold::Greatest),
            _ => Err(Kind::UnknownFold { found: name.clone() }.at(expr.span)),
        },
        _ => Err(Kind::UnknownFold { found: expr.to_string() }.at(expr.span)),
    }
}
