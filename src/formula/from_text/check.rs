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
use super::{Expr, Fold, Read, Relation, Span, Term};
use crate::formula::{Comparison, EXACT_TENS, Sort, serial, tens};
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

/// What a part is before its place is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    /// Of this sort.
    Fixed(Sort),
    /// Plain numbers: whatever its place asks for.
    Open,
    /// Something inside has a fault, so nothing can be said about it.
    Lost,
}

struct Checker<'n, N> {
    names: &'n N,
    faults: Vec<Fault>,
}

impl<N: Names> Checker<'_, N> {
    fn fault(&mut self, kind: Kind, span: Span) {
        self.faults.push(kind.at(span));
    }

    fn seen(&self, expr: &Expr) -> Seen {
        match &expr.term {
            Term::Number { percent: false, .. } => Seen::Open,
            Term::Number { percent: true, .. } => Seen::Fixed(Sort::Rate),
            Term::Date(_) => Seen::Fixed(Sort::Date),
            Term::Truth(_) | Term::Compare(..) | Term::All(_) | Term::Any(_) | Term::Not(_) => {
                Seen::Fixed(Sort::Flag)
            }
            Term::Name(name, read) => match self.names.sort(name) {
                Some(sort) => Seen::Fixed(read.of(sort)),
                None => Seen::Lost,
            },
            Term::Negative(inner) => self.seen(inner),
            Term::Sum(parts) => self.seen_sum(parts),
            Term::Product(parts) => self.seen_product(parts),
            Term::Least(parts) | Term::Greatest(parts) => self.common(parts.iter()),
            Term::If(parts) => self.common(parts[1..].iter()),
        }
    }

    fn common<'e>(&self, parts: impl Iterator<Item = &'e Expr>) -> Seen {
        common(parts.map(|part| self.seen(part)))
    }

    fn seen_sum(&self, parts: &[(bool, Expr)]) -> Seen {
        let seen = self.parts(parts);
        match dates(&seen) {
            None => common(seen.into_iter().map(|(_, seen)| seen)),
            Some(0) => Seen::Fixed(Sort::Number),
            Some(1) => Seen::Fixed(Sort::Date),
            Some(_) => Seen::Lost,
        }
    }

    fn parts(&self, parts: &[(bool, Expr)]) -> Vec<(bool, Seen)> {
        parts.iter().map(|(off, part)| (*off, self.seen(part))).collect()
    }

    fn seen_product(&self, parts: &[(bool, Expr)]) -> Seen {
        let factors = Factors::of(self, parts);
        match (factors.lost, factors.amounts(), factors.open) {
            (true, _, _) => Seen::Lost,
            (false, 0, None) => Seen::Fixed(Sort::Rate),
            (false, 0, Some(_)) if factors.over == 0 => Seen::Open,
            (false, -1 | 0, Some(_)) => Seen::Fixed(Sort::Rate),
            (false, 1, _) => Seen::Fixed(Sort::Amount),
            (false, _, _) => Seen::Lost,
        }
    }

    /// The sort of an expression on its own.
    fn own(&self, expr: &Expr) -> Result<Sort, Seen> {
        match self.seen(expr) {
            Seen::Fixed(sort) => Ok(sort),
            Seen::Open => unsaid(expr).ok_or(Seen::Open),
            Seen::Lost => Err(Seen::Lost),
        }
    }

    /// The part with its sort; `None` when a fault has been noted. Its place asks for `wanted`, and
    /// for nothing only beside something that has a fault.
    fn typed<'e>(&mut self, expr: &'e Expr, wanted: Option<Sort>) -> Option<Typed<'e>> {
        let seen = self.seen(expr);
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
        let seen = self.parts(parts);
        let dates = dates(&seen);
        if dates.is_some_and(|dates| !(0..=1).contains(&dates)) {
            self.fault(Kind::NoArithmetic { sort: Sort::Date }, span);
            return None;
        }
        if sort == Some(Sort::Flag) {
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

    fn product<'e>(
        &mut self,
        parts: &'e [(bool, Expr)],
        sort: Option<Sort>,
        span: Span,
    ) -> Option<Typed<'e>> {
        let factors = Factors::of(self, parts);
        let wanted = match sort {
            Some(Sort::Amount) => 1,
            Some(Sort::Rate) | None => 0,
            Some(sort @ (Sort::Number | Sort::Flag | Sort::Date)) => {
                self.fault(Kind::Sort { wanted: sort, given: Sort::Rate }, span);
                return None;
            }
        };
        // A plain number that is money: `1000.00 × date.number`, `50000.00 ÷ pool.initial`.
        let money = factors.open.filter(|_| factors.amounts() + 1 == wanted);
        let amounts = factors.amounts() + i32::from(money.is_some());
        let fits = factors.lost || (amounts == wanted && (wanted == 1 || factors.over <= 1));
        let mut typed: Vec<(bool, Option<Typed>)> = Vec::new();
        for (place, (over, part)) in parts.iter().enumerate() {
            typed.push((*over, self.factor(part, *over, money == Some(place))));
        }
        if !fits && typed.iter().all(|(_, part)| part.is_some()) {
            let times = factors.times + usize::from(money.is_some());
            self.fault(Kind::Amounts { times, over: factors.over }, span);
        }
        let (mut times, mut over) = (Vec::new(), Vec::new());
        for (divides, part) in typed {
            if divides { &mut over } else { &mut times }.push(part?);
        }
        if !fits {
            return None;
        }
        let sort = if wanted == 1 { Sort::Amount } else { Sort::Rate };
        let product = Typed { sort, node: Node::Product { times, over } };
        if !is_exact(&product) {
            self.fault(Kind::TooManyFactors, span);
            return None;
        }
        Some(product)
    }

    fn factor<'e>(&mut self, part: &'e Expr, over: bool, money: bool) -> Option<Typed<'e>> {
        let sort = match self.seen(part) {
            Seen::Fixed(sort @ (Sort::Flag | Sort::Date)) => {
                self.fault(Kind::NoArithmetic { sort }, part.span);
                return None;
            }
            Seen::Fixed(sort) => Some(sort),
            Seen::Open if money => Some(Sort::Amount),
            Seen::Open => Some(if is_whole(part) { Sort::Number } else { Sort::Rate }),
            Seen::Lost => None,
        };
        let typed = self.typed(part, sort)?;
        if over && matches!(typed.node, Node::Literal(0)) {
            self.fault(Kind::DividesByZero, part.span);
            return None;
        }
        Some(typed)
    }

    fn compare<'e>(
        &mut self,
        relation: Relation,
        [one, other]: [&'e Expr; 2],
        span: Span,
    ) -> Option<Typed<'e>> {
        let sort = match self.common([one, other].into_iter()) {
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

/// The sort that parts have in common: the first that is fixed.
fn common(parts: impl Iterator<Item = Seen>) -> Seen {
    parts.fold(Seen::Open, |common, part| match (common, part) {
        (Seen::Fixed(sort), _) | (_, Seen::Fixed(sort)) => Seen::Fixed(sort),
        (Seen::Lost, _) | (_, Seen::Lost) => Seen::Lost,
        (Seen::Open, Seen::Open) => Seen::Open,
    })
}

/// Dates added less dates taken off; `None` when there is no date.
fn dates(parts: &[(bool, Seen)]) -> Option<i32> {
    let dates = parts.iter().filter(|(_, seen)| *seen == Seen::Fixed(Sort::Date));
    dates.map(|(off, _)| if *off { -1 } else { 1 }).reduce(|sum, one| sum + one)
}

/// What a product is made of.
struct Factors {
    /// Amounts among the factors.
    times: usize,
    /// Amounts among the divisors.
    over: usize,
    /// The first factor of plain numbers that could be money.
    open: Option<usize>,
    /// Whether something inside has a fault.
    lost: bool,
}

impl Factors {
    fn of<N: Names>(checker: &Checker<N>, parts: &[(bool, Expr)]) -> Factors {
        let mut factors = Factors { times: 0, over: 0, open: None, lost: false };
        let mut written_as_money = false;
        for (place, (over, part)) in parts.iter().enumerate() {
            match checker.seen(part) {
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

    fn amounts(&self) -> i32 {
        let signed = |count: usize| i32::try_from(count).unwrap_or(i32::MAX / 2);
        signed(self.times) - signed(self.over)
    }
}

impl Read {
    /// The sort of a name of sort `of`, read like this.
    fn of(self, of: Sort) -> Sort {
        match (self, of) {
            (Read::Window(_, Fold::Sum), Sort::Flag) => Sort::Number,
            (Read::Window(_, Fold::Mean), Sort::Number | Sort::Flag) => Sort::Rate,
            (Read::Now | Read::Earlier(_) | Read::Window(..), sort) => sort,
        }
    }
}

/// The sort that plain numbers have when nothing says so: whole ones count, two decimals are money.
fn unsaid(expr: &Expr) -> Option<Sort> {
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
fn joined(one: Option<Sort>, other: Option<Sort>) -> Option<Sort> {
    match (one?, other?) {
        (one, other) if one == other => Some(one),
        (Sort::Number, other) => Some(other),
        (one, Sort::Number) => Some(one),
        _ => None,
    }
}

fn is_whole(expr: &Expr) -> bool {
    matches!(&expr.term, Term::Number { value, .. } if value.fract().is_zero())
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

/// Whether the powers of ten that bring the units of a product together fit 128 bits.
fn is_exact(product: &Typed) -> bool {
    let Node::Product { times, over } = &product.node else { return true };
    let tens = |factors: &[Typed]| factors.iter().map(|factor| tens(factor.sort)).sum::<u32>();
    // A rate is rounded at each divisor, so that only one of them stands beside the factors.
    let over = match product.sort {
        Sort::Amount => tens(over),
        Sort::Rate | Sort::Number | Sort::Flag | Sort::Date => {
            over.iter().map(|divisor| self::tens(divisor.sort)).min().unwrap_or(0)
        }
    };
    tens(times).abs_diff(over + self::tens(product.sort)) <= EXACT_TENS
}
