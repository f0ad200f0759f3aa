//! A compiled formula over a whole dimension at once: one walk of the tree for all elements, where
//! [`Node::value`] walks it for each. Both give the same figures.

use super::LineId;
use super::compiled::{Node, Ratio, Values};
use super::ratio::Over;

/// The values of a formula for all elements of a dimension.
pub enum Span<'a> {
    /// One value for all.
    Same(i64),
    /// A value for each, as a line holds them.
    Each(&'a [i64]),
    /// A value for each by its group: the groups' values, and the group of each element.
    Grouped(&'a [i64], &'a [usize]),
    /// A value for each, computed.
    Own(Vec<i64>),
}

impl Span<'_> {
    /// The value of an element.
    #[inline]
    pub fn at(&self, element: usize) -> i64 {
        match self {
            Span::Same(value) => *value,
            Span::Each(values) => values[element],
            Span::Grouped(values, groups) => values[groups[element]],
            Span::Own(values) => values[element],
        }
    }

    /// Appends the values of all elements to a column.
    pub fn write(&self, count: usize, column: &mut Vec<i64>) {
        match self {
            Span::Own(values) => column.extend_from_slice(values),
            Span::Each(values) => column.extend_from_slice(values),
            Span::Same(value) => column.resize(column.len() + count, *value),
            Span::Grouped(values, groups) => {
                column.extend(groups.iter().map(|group| values[*group]));
            }
        }
    }

    /// The values as a column of one's own.
    fn into_own(self, count: usize) -> Vec<i64> {
        match self {
            Span::Own(values) => values,
            Span::Each(values) => values.to_vec(),
            Span::Same(value) => vec![value; count],
            Span::Grouped(values, groups) => groups.iter().map(|group| values[*group]).collect(),
        }
    }

    /// Folds the values of another span into these, element by element.
    fn with(self, other: Span, count: usize, both: impl Fn(i64, i64) -> i64) -> Self {
        if let (Span::Same(one), Span::Same(other)) = (&self, &other) {
            return Span::Same(both(*one, *other));
        }
        let mut values = self.into_own(count);
        let fold = |values: &mut [i64], others: &[i64]| {
            values.iter_mut().zip(others).for_each(|(value, other)| *value = both(*value, *other));
        };
        match &other {
            Span::Same(other) => values.iter_mut().for_each(|value| *value = both(*value, *other)),
            Span::Each(others) => fold(&mut values, others),
            Span::Own(others) => fold(&mut values, others),
            Span::Grouped(..) => {
                let each = values.iter_mut().enumerate();
                each.for_each(|(element, value)| *value = both(*value, other.at(element)));
            }
        }
        Span::Own(values)
    }
}

/// What a formula reads while it runs over all elements.
pub trait Columns: Values {
    /// The number of elements.
    fn count(&self) -> usize;
    /// A line at this tick.
    fn all_now(&self, line: LineId) -> Span<'_>;
    /// A line one tick earlier.
    fn all_prior(&self, line: LineId) -> Span<'_>;
}

impl Node {
    /// The values for all elements of the dimension.
    pub fn values<'a>(&self, at: &'a impl Columns) -> Span<'a> {
        let count = at.count();
        let fold = |terms: &[Node], both: fn(i64, i64) -> i64| {
            let mut spans = terms.iter().map(|term| term.values(at));
            let first = spans.next().unwrap_or(Span::Same(0));
            spans.fold(first, |sum, span| sum.with(span, count, both))
        };
        let pair = |one: &Node, other: &Node, both: fn(i64, i64) -> i64| {
            one.values(at).with(other.values(at), count, both)
        };
        match self {
            Node::Constant(constant) => Span::Same(*constant),
            Node::Input(input) => Span::Same(at.input(*input)),
            Node::Now(line) => at.all_now(*line),
            Node::Prior(line) => at.all_prior(*line),
            Node::Sum(terms) => fold(terms, i64::saturating_add),
            Node::Less(one, other) => pair(one, other, i64::saturating_sub),
            Node::Excess(one, other) => {
                pair(one, other, |one, other| one.saturating_sub(other).max(0))
            }
            Node::Least(terms) => fold(terms, i64::min),
            Node::Greatest(terms) => fold(terms, i64::max),
            Node::Ratio(ratio) => {
                let Ratio { times, over, scale, rounding } = ratio.as_ref();
                let times: Vec<Span> = times.iter().map(|node| node.values(at)).collect();
                let over: Vec<Span> = over.iter().map(|node| node.values(at)).collect();
                let same = |spans: &[Span]| spans.iter().all(|span| matches!(span, Span::Same(_)));
                let single = same(&times) && same(&over);
                // A divisor that all share is made ready once.
                let shared = same(&over).then(|| Over::of(*scale, over.iter().map(|s| s.at(0))));
                let value = |element: usize| {
                    let factors = times.iter().map(|span| span.at(element));
                    let divisors = over.iter().map(|span| span.at(element));
                    match &shared {
                        Some(shared) => shared.under(factors, divisors, *rounding),
                        None => {
                            Over::of(*scale, divisors.clone()).under(factors, divisors, *rounding)
                        }
                    }
                };
                if single {
                    Span::Same(value(0))
                } else {
                    Span::Own((0..count).map(value).collect())
                }
            }
            Node::Compare(how, one, other) => {
                let how = *how;
                one.values(at)
                    .with(other.values(at), count, |one, other| i64::from(how.holds(one, other)))
            }
            // Which branch is taken may differ by element, and a branch that is not taken may not be
            // computable.
            Node::If(flag, yes, no) => match flag.values(at) {
                Span::Same(0) => no.values(at),
                Span::Same(_) => yes.values(at),
                flags => {
                    let value = |element: usize| {
                        let branch = if flags.at(element) != 0 { yes } else { no };
                        branch.value(at, element)
                    };
                    Span::Own((0..count).map(value).collect())
                }
            },
            Node::All(_)
            | Node::Any(_)
            | Node::Not(_)
            | Node::Latest(_)
            | Node::Before(_)
            | Node::Since(_)
            | Node::Total(_)
            | Node::Part(..)
            | Node::Above(_)
            | Node::Lagged { .. }
            | Node::Mortality { .. }
            | Node::Absolute { .. }
            | Node::ByElement(_) => {
                Span::Own((0..count).map(|element| self.value(at, element)).collect())
            }
        }
    }
}
