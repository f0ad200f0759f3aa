//! What an expression is on its own, before its place is looked at: of a sort, plain numbers that take
//! the sort of their place, or lost to a fault.

use super::{Expr, Fold, Names, Read, Term};
use crate::formula::Sort;

/// What a part is before its place is looked at.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// Of this sort.
    Fixed(Sort),
    /// Plain numbers: whatever its place asks for.
    Open,
    /// Something inside has a fault, so nothing can be said about it.
    Lost,
}

/// What an expression is on its own.
pub(super) fn seen(expr: &Expr, names: &impl Names) -> Seen {
    match &expr.term {
        Term::Number { percent: false, .. } => Seen::Open,
        Term::Number { percent: true, .. } => Seen::Fixed(Sort::Rate),
        Term::Date(_) => Seen::Fixed(Sort::Date),
        Term::Truth(_) | Term::Compare(..) | Term::All(_) | Term::Any(_) | Term::Not(_) => {
            Seen::Fixed(Sort::Flag)
        }
        Term::Name(name, read) => match names.sort(name) {
            Some(sort) => Seen::Fixed(read.of(sort)),
            None => Seen::Lost,
        },
        Term::Negative(inner) => match seen(inner, names) {
            Seen::Fixed(Sort::Flag | Sort::Date) => Seen::Lost,
            seen => seen,
        },
        Term::Sum(parts) => seen_sum(parts, names),
        Term::Product(parts) => seen_product(parts, names),
        Term::Least(parts) | Term::Greatest(parts) => common(parts.iter(), names),
        Term::If(parts) => common(parts[1..].iter(), names),
    }
}

/// The sort that parts have in common: the first that is fixed.
pub(super) fn common<'e>(parts: impl Iterator<Item = &'e Expr>, names: &impl Names) -> Seen {
    together(parts.map(|part| seen(part, names)))
}

fn seen_sum(parts: &[(bool, Expr)], names: &impl Names) -> Seen {
    let seen = seen_parts(parts, names);
    match dates(&seen) {
        None => match together(seen.into_iter().map(|(_, seen)| seen)) {
            // Flags are not added: what it is compared with has no fault of its own.
            Seen::Fixed(Sort::Flag) => Seen::Lost,
            seen => seen,
        },
        Some(0) => Seen::Fixed(Sort::Number),
        Some(1) => Seen::Fixed(Sort::Date),
        Some(_) => Seen::Lost,
    }
}

/// Each part with its sign.
pub(super) fn seen_parts(parts: &[(bool, Expr)], names: &impl Names) -> Vec<(bool, Seen)> {
    parts.iter().map(|(off, part)| (*off, seen(part, names))).collect()
}

fn seen_product(parts: &[(bool, Expr)], names: &impl Names) -> Seen {
    let factors = Factors::of(parts, names);
    match (factors.lost, factors.amounts(), factors.open) {
        (true, _, _) => Seen::Lost,
        (false, 0, None) => Seen::Fixed(Sort::Rate),
        (false, 0, Some(_)) if factors.over == 0 => Seen::Open,
        (false, -1 | 0, Some(_)) => Seen::Fixed(Sort::Rate),
        (false, 1, _) => Seen::Fixed(Sort::Amount),
        (false, _, _) => Seen::Lost,
    }
}

fn together(parts: impl Iterator<Item = Seen>) -> Seen {
    parts.fold(Seen::Open, |common, part| match (common, part) {
        (Seen::Fixed(sort), _) | (_, Seen::Fixed(sort)) => Seen::Fixed(sort),
        (Seen::Lost, _) | (_, Seen::Lost) => Seen::Lost,
        (Seen::Open, Seen::Open) => Seen::Open,
    })
}

/// Dates added less dates taken off; `None` when there is no date.
pub(super) fn dates(parts: &[(bool, Seen)]) -> Option<i32> {
    let dates = parts.iter().filter(|(_, seen)| *seen == Seen::Fixed(Sort::Date));
    dates.map(|(off, _)| if *off { -1 } else { 1 }).reduce(|sum, one| sum + one)
}

/// What a product is made of.
pub(super) struct Factors {
    /// Amounts among the factors.
    pub times: usize,
    /// Amounts among the divisors.
    pub over: usize,
    /// The first factor of plain numbers that could be money.
    pub open: Option<usize>,
    /// Whether something inside has a fault.
    pub lost: bool,
}

impl Factors {
    pub fn of(parts: &[(bool, Expr)], names: &impl Names) -> Factors {
        let mut factors = Factors { times: 0, over: 0, open: None, lost: false };
        let mut written_as_money = false;
        for (place, (over, part)) in parts.iter().enumerate() {
            match seen(part, names) {
                Seen::Fixed(Sort::Amount) if *over => factors.over += 1,
                Seen::Fixed(Sort::Amount) => factors.times += 1,
                Seen::Fixed(Sort::Rate | Sort::Number) => {}
                Seen::Fixed(Sort::Flag | Sort::Date) | Seen::Lost => factors.lost = true,
                Seen::Open if *over => {}
                Seen::Open => {
                    let money = unsaid(part) == Some(Sort::Amount);
                    if factors.open.is_none() || (money && !written_as_money) {
                        (factors.open, written_as_money) = (Some(place), money);
                    }
                }
            }
        }
        factors
    }

    /// Amounts among the factors less those among the divisors.
    pub fn amounts(&self) -> i32 {
        let signed = |count: usize| i32::try_from(count).unwrap_or(i32::MAX / 2);
        signed(self.times) - signed(self.over)
    }
}

impl Read {
    /// The sort of a name of sort `of`, read like this.
    pub(super) fn of(self, of: Sort) -> Sort {
        match (self, of) {
            (Read::Window(_, Fold::Sum), Sort::Flag) => Sort::Number,
            (Read::Window(_, Fold::Mean), Sort::Number | Sort::Flag) => Sort::Rate,
            (Read::Now | Read::Earlier(_) | Read::Window(..), sort) => sort,
        }
    }
}

/// The sort that plain numbers have when nothing says so: whole ones count, two decimals are money.
pub(super) fn unsaid(expr: &Expr) -> Option<Sort> {
    match &expr.term {
        Term::Number { value, .. } => match value.scale() {
            0 => Some(Sort::Number),
            2 => Some(Sort::Amount),
            _ => None,
        },
        Term::Negative(inner) => unsaid(inner),
        Term::Sum(parts) => {
            let sorts = parts.iter().map(|(_, part)| unsaid(part));
            sorts.reduce(joined).flatten()
        }
        Term::Least(parts) | Term::Greatest(parts) => {
            parts.iter().map(unsaid).reduce(joined).flatten()
        }
        Term::If(parts) => joined(unsaid(&parts[1]), unsaid(&parts[2])),
        Term::Product(_) => Some(Sort::Rate),
        Term::Date(_)
        | Term::Truth(_)
        | Term::Name(..)
        | Term::Compare(..)
        | Term::All(_)
        | Term::Any(_)
        | Term::Not(_) => None,
    }
}

/// A whole number beside money is money, beside a rate a rate.
pub(super) fn joined(one: Option<Sort>, other: Option<Sort>) -> Option<Sort> {
    match (one?, other?) {
        (one, other) if one == other => Some(one),
        (Sort::Number, other) => Some(other),
        (one, Sort::Number) => Some(one),
        _ => None,
    }
}

/// Whether it is a whole number of the text.
pub(super) fn is_whole(expr: &Expr) -> bool {
    matches!(&expr.term, Term::Number { value, .. } if value.fract().is_zero())
}
