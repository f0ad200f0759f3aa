//! Sorts: what every part of an expression is, so that no amount is added to a rate.
//!
//! | Operation                  | Of                              | Gives                          |
//! |----------------------------|---------------------------------|--------------------------------|
//! | `+ −`                      | one sort                        | that sort                      |
//! | `+ −`                      | a date and a number             | a date                         |
//! | `−`                        | two dates                       | a number                       |
//! | `× ÷`                      | an amount, rates and numbers    | an amount                      |
//! | `× ÷`                      | an amount over an amount, rates | a rate                         |
//! | `× ÷`                      | rates and numbers               | a rate                         |
//! | `< ≤ = ≠ ≥ >`              | two of one sort                 | a flag                         |
//! | `min max if`               | several of one sort             | that sort                      |
//!
//! A plain number has no sort of its own. It takes the sort of what it is added to, compared with or
//! chosen against; as a factor it is a number when whole, else a rate.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::fault::{Fault, Kind};
use super::seen::{Seen, common, dates, joined, seen, seen_parts, unsaid};
use super::{Expr, Fold, Read, Relation, Span, Term};
use crate::formula::{Comparison, Sort, serial};
use crate::money::{Amount, Rate};

/// Knows the sort of every name of a deal.
pub trait Names {
    /// The sort of a name; `None` when nothing is called so.
    fn sort(&self, name: &str) -> Option<Sort>;
}

/// The sort of an expression, when all its parts fit.
///
/// Plain numbers without context are counts when whole and money with two decimals; `wanted`, the
/// sort that the place of the definition asks for, decides before that.
///
/// # Errors
///
/// Every [`Fault`] of names and sorts, in the order of the text.
pub fn check(expr: &Expr, wanted: Option<Sort>, names: &impl Names) -> Result<Sort, Vec<Fault>> {
    typed(expr, wanted, names).map(|typed| typed.sort)
}

/// The expression with the sort of every part.
pub(super) fn typed<'e>(
    expr: &'e Expr,
    wanted: Option<Sort>,
    names: &impl Names,
) -> Result<Typed<'e>, Vec<Fault>> {
    let mut checker = Checker { names, faults: Vec::new() };
    let typed = match wanted.map_or_else(|| checker.own(expr), Ok) {
        Ok(sort) => checker.typed(expr, Some(sort)),
        Err(Seen::Lost) => checker.typed(expr, None),
        Err(Seen::Open | Seen::Fixed(_)) => {
            checker.fault(Kind::NoSort, expr.span);
            None
        }
    };
    checker.faults.sort_by_key(|fault| fault.span);
    match typed {
        Some(typed) if checker.faults.is_empty() => Ok(typed),
        Some(_) | None => Err(checker.faults),
    }
}

/// A part of an expression with its sort.
pub(super) struct Typed<'e> {
    pub sort: Sort,
    pub node: Node<'e>,
}

/// What a part does, literals resolved to whole units.
pub(super) enum Node<'e> {
    Literal(i64),
    Name(&'e str, Read),
    Sum { plus: Vec<Typed<'e>>, minus: Vec<Typed<'e>> },
    Product { times: Vec<Typed<'e>>, over: Vec<Typed<'e>> },
    Compare(Relation, Box<[Typed<'e>; 2]>),
    All(Vec<Typed<'e>>),
    Any(Vec<Typed<'e>>),
    Not(Box<Typed<'e>>),
    Least(Vec<Typed<'e>>),
    Greatest(Vec<Typed<'e>>),
    If(Box<[Typed<'e>; 3]>),
}

/// Checks part by part and notes every fault.
pub(super) struct Checker<'n, N> {
    pub names: &'n N,
    faults: Vec<Fault>,
}

impl<N: Names> Checker<'_, N> {
    pub fn fault(&mut self, kind: Kind, span: Span) {
        self.faults.push(kind.at(span));
    }

    /// The sort of an expression on its own.
    fn own(&self, expr: &Expr) -> Result<Sort, Seen> {
        match seen(expr, self.names) {
            Seen::Fixed(sort) => Ok(sort),
            Seen::Open => unsaid(expr).ok_or(Seen::Open),
            Seen::Lost => Err(Seen::Lost),
        }
    }

    /// The part with its sort; `None` when a fault has been noted. Its place asks for `wanted`, and
    /// for nothing only beside something that has a fault.
    pub fn typed<'e>(&mut self, expr: &'e Expr, wanted: Option<Sort>) -> Option<Typed<'e>> {
        let seen = seen(expr, self.names);
        let sort = match seen {
            Seen::Fixed(sort) => Some(sort),
            Seen::Open | Seen::Lost => wanted,
        };
        let typed = self.inside(expr, sort);
        if let (Seen::Fixed(given), Some(wanted)) = (seen, wanted)
            && given != wanted
        {
            self.fault(Kind::Sort { wanted, given }, expr.span);
            return None;
        }
        typed
    }

    fn inside<'e>(&mut self, expr: &'e Expr, sort: Option<Sort>) -> Option<Typed<'e>> {
        let span = expr.span;
        match &expr.term {
            Term::Number { value, percent } => {
                let sort = sort?;
                let value = literal(*value, *percent, sort).map_err(|kind| self.fault(kind, span));
                value.ok().map(|value| Typed { sort, node: Node::Literal(value) })
            }
            Term::Date(date) => {
                let node = Node::Literal(serial(*date));
                Some(Typed { sort: Sort::Date, node })
            }
            Term::Truth(value) => {
                Some(Typed { sort: Sort::Flag, node: Node::Literal(i64::from(*value)) })
            }
            Term::Name(name, read) => self.name(name, *read, span),
            Term::Negative(inner) => self.negative(inner, sort),
            Term::Sum(parts) => self.sum(parts, sort, span),
            Term::Product(parts) => self.product(parts, sort, span),
            Term::Compare(relation, one, other) => self.compare(*relation, [one, other], span),
            Term::All(parts) => {
                let node = Node::All(self.every(parts, Some(Sort::Flag))?);
                Some(Typed { sort: Sort::Flag, node })
            }
            Term::Any(parts) => {
                let node = Node::Any(self.every(parts, Some(Sort::Flag))?);
                Some(Typed { sort: Sort::Flag, node })
            }
            Term::Not(inner) => {
                let inner = self.typed(inner, Some(Sort::Flag))?;
                Some(Typed { sort: Sort::Flag, node: Node::Not(Box::new(inner)) })
            }
            Term::Least(parts) => {
                let parts = self.every(parts, sort)?;
                self.ordered(parts, span, Node::Least)
            }
            Term::Greatest(parts) => {
                let parts = self.every(parts, sort)?;
                self.ordered(parts, span, Node::Greatest)
            }
            Term::If(parts) => {
                let [flag, yes, no] = &**parts;
                let flag = self.typed(flag, Some(Sort::Flag));
                let (yes, no) = (self.typed(yes, sort), self.typed(no, sort));
                let parts = [flag?, yes?, no?];
                Some(Typed { sort: parts[1].sort, node: Node::If(Box::new(parts)) })
            }
        }
    }

    fn name<'e>(&mut self, name: &'e str, read: Read, span: Span) -> Option<Typed<'e>> {
        let Some(sort) = self.names.sort(name) else {
            self.fault(Kind::UnknownName { name: name.to_string() }, span);
            return None;
        };
        if sort == Sort::Date && matches!(read, Read::Window(_, Fold::Sum | Fold::Mean)) {
            self.fault(Kind::NoArithmetic { sort }, span);
            return None;
        }
        Some(Typed { sort: read.of(sort), node: Node::Name(name, read) })
    }

    /// All parts, so that every fault among them is said.
    fn every<'e>(&mut self, parts: &'e [Expr], sort: Option<Sort>) -> Option<Vec<Typed<'e>>> {
        let typed: Vec<_> = parts.iter().map(|part| self.typed(part, sort)).collect();
        typed.into_iter().collect()
    }

    fn ordered<'e>(
        &mut self,
        parts: Vec<Typed<'e>>,
        span: Span,
        node: fn(Vec<Typed<'e>>) -> Node<'e>,
    ) -> Option<Typed<'e>> {
        let sort = parts[0].sort;
        if sort == Sort::Flag {
            self.fault(Kind::NoArithmetic { sort }, span);
            return None;
        }
        Some(Typed { sort, node: node(parts) })
    }

    fn negative<'e>(&mut self, inner: &'e Expr, sort: Option<Sort>) -> Option<Typed<'e>> {
        let inner_typed = self.typed(inner, sort)?;
        let sort = inner_typed.sort;
        if matches!(sort, Sort::Flag | Sort::Date) {
            self.fault(Kind::NoArithmetic { sort }, inner.span);
            return None;
        }
        let node = match inner_typed.node {
            Node::Literal(value) => Node::Literal(-value),
            _ => Node::Sum { plus: Vec::new(), minus: vec![inner_typed] },
        };
        Some(Typed { sort, node })
    }

    fn sum<'e>(
        &mut self,
        parts: &'e [(bool, Expr)],
        sort: Option<Sort>,
        span: Span,
    ) -> Option<Typed<'e>> {
        let seen = seen_parts(parts, self.names);
        let dates = dates(&seen);
        if dates.is_some_and(|dates| !(0..=1).contains(&dates)) {
            self.fault(Kind::NoArithmetic { sort: Sort::Date }, span);
            return None;
        }
        let flag = Seen::Fixed(Sort::Flag);
        if sort == Some(Sort::Flag) || seen.iter().any(|(_, seen)| *seen == flag) {
            self.fault(Kind::NoArithmetic { sort: Sort::Flag }, span);
            return None;
        }
        let (mut plus, mut minus, mut whole) = (Vec::new(), Vec::new(), true);
        for ((off, part), (_, seen)) in parts.iter().zip(seen) {
            let is_date = seen == Seen::Fixed(Sort::Date);
            let wanted = match (dates, is_date) {
                (None, _) => sort,
                (Some(_), true) => Some(Sort::Date),
                (Some(_), false) => Some(Sort::Number),
            };
            match self.typed(part, wanted) {
                // The date leads, because a sum has the sort of its first term.
                Some(part) if is_date && !off => plus.insert(0, part),
                Some(part) if is_date => minus.insert(0, part),
                Some(part) => if *off { &mut minus } else { &mut plus }.push(part),
                None => whole = false,
            }
        }
        let sort = sort.filter(|_| whole)?;
        Some(Typed { sort, node: Node::Sum { plus, minus } })
    }

    fn compare<'e>(
        &mut self,
        relation: Relation,
        [one, other]: [&'e Expr; 2],
        span: Span,
    ) -> Option<Typed<'e>> {
        let sort = match common([one, other].into_iter(), self.names) {
            Seen::Fixed(sort) => Some(sort),
            Seen::Open => match joined(unsaid(one), unsaid(other)) {
                Some(sort) => Some(sort),
                None => {
                    self.fault(Kind::NoSort, span);
                    return None;
                }
            },
            Seen::Lost => None,
        };
        let (one, other) = (self.typed(one, sort), self.typed(other, sort));
        let ordered = !matches!(relation, Relation::Is(Comparison::Equal) | Relation::Unequal);
        if sort == Some(Sort::Flag) && ordered {
            self.fault(Kind::NoArithmetic { sort: Sort::Flag }, span);
            return None;
        }
        let node = Node::Compare(relation, Box::new([one?, other?]));
        Some(Typed { sort: Sort::Flag, node })
    }
}

/// The literal in whole units of its sort.
fn literal(value: Decimal, percent: bool, sort: Sort) -> Result<i64, Kind> {
    let value = if percent { value / Decimal::ONE_HUNDRED } else { value };
    let most = match sort {
        Sort::Amount => 2,
        Sort::Rate => Rate::DECIMALS,
        Sort::Number => 0,
        Sort::Flag | Sort::Date => return Err(Kind::Sort { wanted: sort, given: Sort::Number }),
    };
    if value.normalize().scale() > most {
        return Err(Kind::Decimals { sort, most });
    }
    let units = match sort {
        Sort::Amount => Amount::from_decimal_exact(value).map(Amount::minor),
        Sort::Rate => Rate::from_decimal(value).map(Rate::parts),
        Sort::Number | Sort::Flag | Sort::Date => value.to_i64(),
    };
    units.ok_or(Kind::Range { sort })
}
