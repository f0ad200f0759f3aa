//! An expression as a [`Formula`] over the lines and inputs of a model.

use super::check::{Node, Typed, typed};
use super::{Expr, Fold, Names, Read, Relation};
use crate::formula::{Comparison, Formula, InputId, Sort};
use crate::money::Rounding;

/// Where the values of names stand in a model.
pub trait Scope {
    /// A name on this date.
    fn now(&mut self, name: &str) -> Formula;
    /// A name `dates` dates earlier; before the first date, its value at closing.
    fn earlier(&mut self, name: &str, dates: u32) -> Formula;
    /// The input cell of a number that stands in the text, in whole units of its sort.
    fn literal(&mut self, parts: i64, sort: Sort) -> Formula;
    /// The input that holds the decimals of a rate, with their number.
    fn rate_places(&mut self) -> (InputId, u32);
    /// `MIN(most, number of the date)`, a [`Sort::Number`].
    fn dates_so_far(&mut self, most: u32) -> Formula;
}

/// The formula of an expression of sort `sort`, as [`check`](super::check) gave it.
///
/// # Panics
///
/// When the expression does not pass [`check`](super::check) with these names.
pub fn lower(expr: &Expr, sort: Sort, names: &impl Names, scope: &mut impl Scope) -> Formula {
    let typed = typed(expr, Some(sort), names).unwrap_or_else(|faults| {
        panic!("an expression is checked before it is lowered: {}", faults[0])
    });
    formula(&typed, scope)
}

fn formula(typed: &Typed, scope: &mut impl Scope) -> Formula {
    let sort = typed.sort;
    match &typed.node {
        Node::Literal(units) => literal(*units, sort, scope),
        Node::Name(name, Read::Now) => scope.now(name),
        Node::Name(name, Read::Earlier(dates)) => scope.earlier(name, *dates),
        Node::Name(name, Read::Window(dates, fold)) => window(name, *dates, *fold, sort, scope),
        Node::Sum { plus, minus } => sum(plus, minus, sort, scope),
        Node::Product { times, over } => product(times, over, sort, scope),
        Node::Compare(relation, pair) => {
            let [one, other] = &**pair;
            compare(*relation, formula(one, scope), formula(other, scope))
        }
        Node::All(parts) => Formula::All(formulas(parts, scope)),
        Node::Any(parts) => Formula::Any(formulas(parts, scope)),
        Node::Not(inner) => Formula::Not(Box::new(formula(inner, scope))),
        Node::Least(parts) => Formula::Least(formulas(parts, scope)),
        Node::Greatest(parts) => Formula::Greatest(formulas(parts, scope)),
        Node::If(parts) => {
            let [flag, yes, no] = &**parts;
            Formula::when(formula(flag, scope), formula(yes, scope), formula(no, scope))
        }
    }
}

fn formulas(parts: &[Typed], scope: &mut impl Scope) -> Vec<Formula> {
    parts.iter().map(|part| formula(part, scope)).collect()
}

/// 0 and 1 may stand in a formula; every other number is an input cell.
fn literal(units: i64, sort: Sort, scope: &mut impl Scope) -> Formula {
    let whole = [0, 1].into_iter().find(|whole| crate::formula::whole(*whole, sort) == units);
    match whole {
        Some(whole) if sort != Sort::Date => Formula::Whole(whole, sort),
        Some(_) | None => scope.literal(units, sort),
    }
}

/// What is added less what is taken off.
fn sum(plus: &[Typed], minus: &[Typed], sort: Sort, scope: &mut impl Scope) -> Formula {
    let together = |mut terms: Vec<Formula>| match terms.len() {
        0 => Formula::Whole(0, sort),
        1 => terms.remove(0),
        _ => Formula::Sum(terms),
    };
    let added = together(formulas(plus, scope));
    if minus.is_empty() {
        return added;
    }
    Formula::less(added, together(formulas(minus, scope)))
}

/// One calculation, rounded once: money to the minor unit, a rate to its places.
fn product(times: &[Typed], over: &[Typed], sort: Sort, scope: &mut impl Scope) -> Formula {
    let mut factors = led_by_amount(times, scope);
    let divisors = led_by_amount(over, scope);
    let (zeros, divisors): (Vec<Option<Formula>>, Vec<Formula>) = divisors.into_iter().unzip();
    let (_, first) = factors.remove(0);
    let factors: Vec<Formula> = factors.into_iter().map(|(_, factor)| factor).collect();
    let value = match sort {
        Sort::Amount => Formula::portion(first, factors, divisors),
        Sort::Rate | Sort::Number | Sort::Flag | Sort::Date => {
            rate(first, factors, divisors, scope)
        }
    };
    zeros
        .into_iter()
        .flatten()
        .fold(value, |value, is_zero| Formula::when(is_zero, Formula::Whole(0, sort), value))
}

/// Factors with the amount among them first, each with the test whether it is 0 where that must be
/// asked: an input may be set to 0 in the workbook; a number of the text is not 0, and the readers of
/// a formula ask for lines themselves.
fn led_by_amount(factors: &[Typed], scope: &mut impl Scope) -> Vec<(Option<Formula>, Formula)> {
    let (amounts, others): (Vec<&Typed>, Vec<&Typed>) =
        factors.iter().partition(|factor| factor.sort == Sort::Amount);
    let factor = |typed: &Typed| {
        let factor = formula(typed, scope);
        let asks = matches!(factor, Formula::Input(_)) && !matches!(typed.node, Node::Literal(_));
        let zero = || compare(EQUAL, factor.clone(), Formula::Whole(0, typed.sort));
        (asks.then(zero), factor)
    };
    amounts.into_iter().chain(others).map(factor).collect()
}

const EQUAL: Relation = Relation::Is(Comparison::Equal);

/// A ratio, rounded once for each divisor.
fn rate(
    first: Formula,
    times: Vec<Formula>,
    over: Vec<Formula>,
    scope: &mut impl Scope,
) -> Formula {
    let places = scope.rate_places();
    let quotient = |part: Formula, times: Vec<Formula>, whole: Formula| Formula::Quotient {
        part: Box::new(part),
        times,
        whole: Box::new(whole),
        places,
        rounding: Rounding::HalfUp,
    };
    let mut over = over.into_iter();
    let whole = over.next().unwrap_or(Formula::Whole(1, Sort::Number));
    let ratio = quotient(first, times, whole);
    over.fold(ratio, |ratio, divisor| quotient(ratio, Vec::new(), divisor))
}

fn compare(relation: Relation, one: Formula, other: Formula) -> Formula {
    match relation {
        Relation::Is(how) => Formula::compare(how, one, other),
        Relation::Unequal => {
            Formula::Not(Box::new(Formula::compare(Comparison::Equal, one, other)))
        }
    }
}

/// The values of some dates together. Dates before the first do not count.
fn window(name: &str, dates: u32, fold: Fold, sort: Sort, scope: &mut impl Scope) -> Formula {
    let now = scope.now(name);
    let mut terms = Vec::new();
    for back in 1..dates {
        let there_is = compare(
            Relation::Is(Comparison::AtLeast),
            scope.dates_so_far(dates),
            count(back + 1, scope),
        );
        let earlier = scope.earlier(name, back);
        terms.push((there_is, earlier));
    }
    match fold {
        // Of a least and a greatest, this date again changes nothing.
        Fold::Least => Formula::Least(or_else(now.clone(), terms, &now)),
        Fold::Greatest => Formula::Greatest(or_else(now.clone(), terms, &now)),
        Fold::Sum => total(now, terms, sort),
        Fold::Mean => {
            let sum = total(now, terms, sort);
            let count = scope.dates_so_far(dates);
            match sort {
                Sort::Amount => Formula::portion(sum, Vec::new(), vec![count]),
                Sort::Rate | Sort::Number | Sort::Flag | Sort::Date => {
                    rate(sum, Vec::new(), vec![count], scope)
                }
            }
        }
    }
}

/// A sum over a window; of flags a number, because it begins with one.
fn total(now: Formula, terms: Vec<(Formula, Formula)>, sort: Sort) -> Formula {
    let nothing = Formula::Whole(0, sort);
    let mut terms = or_else(now, terms, &nothing);
    if sort == Sort::Number {
        terms.insert(0, nothing);
    }
    Formula::Sum(terms)
}

fn or_else(now: Formula, terms: Vec<(Formula, Formula)>, otherwise: &Formula) -> Vec<Formula> {
    let earlier = terms
        .into_iter()
        .map(|(there_is, earlier)| Formula::when(there_is, earlier, otherwise.clone()));
    std::iter::once(now).chain(earlier).collect()
}

fn count(number: u32, scope: &mut impl Scope) -> Formula {
    match number {
        0..=2 => Formula::Whole(number.into(), Sort::Number),
        _ => scope.literal(number.into(), Sort::Number),
    }
}
