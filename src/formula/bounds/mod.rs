//! The least and the greatest that a formula can be: what a static check asks before a deal runs.
//!
//! ```text
//! pool.balance  0 … 30,000.00 ┐
//! account       0 … 5,000.00  ├─▶ max(pool.balance − account, 0)   0 … 30,000.00
//! n.date        1 … 24        ┘   n.date > 30                      0 … 0: never
//! ```
//!
//! The bounds are safe and may be wide: the value always lies inside, but a name that stands twice
//! counts as two independent ones. A flag with bounds 1 … 1 always holds; a payment whose due has the
//! bounds 0 … 0 never pays.

mod corners;
#[cfg(test)]
mod tests;

use self::corners::{lagged, ratio};
use super::ratio::Scale;
use super::{Comparison, Formula, InputId, LineId, Sort, Sorts};
use crate::money::Rate;

/// From the least to the greatest, both inside, in the unit of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
}

/// Knows the bounds of lines and inputs.
pub trait Ranges: Sorts {
    /// The bounds of an input: its value, or all that a user may set it to.
    fn of_input(&self, input: InputId) -> Bounds;
    /// The bounds of a line at every tick, the closing included, and for every element. A line that
    /// is not known yet, because it is read one tick earlier, has [`Bounds::of`] its sort.
    fn of_line(&self, line: LineId) -> Bounds;
    /// The most ticks of a line between two ticks of another axis.
    fn most_since(&self, line: LineId) -> usize;
    /// The most elements of a line that one element of another dimension sums.
    fn most_elements(&self, line: LineId) -> usize;
}

impl Bounds {
    /// Anything that fits.
    pub const ANY: Bounds = Bounds { low: i64::MIN, high: i64::MAX };

    /// A flag that may hold or not.
    pub const FLAG: Bounds = Bounds { low: 0, high: 1 };

    /// Nothing but `value`.
    pub const fn only(value: i64) -> Bounds {
        Bounds { low: value, high: value }
    }

    /// All that a value of a sort may be when nothing is known of it.
    pub const fn of(sort: Sort) -> Bounds {
        match sort {
            Sort::Flag => Bounds::FLAG,
            Sort::Amount | Sort::Number | Sort::Rate | Sort::Date => Bounds::ANY,
        }
    }

    /// The value, when there is but one.
    pub fn single(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }

    /// Whether a flag with these bounds always holds (`true`), never does (`false`), or may do either.
    pub fn truth(self) -> Option<bool> {
        match (self.low, self.high) {
            (0, 0) => Some(false),
            (low, high) if low > 0 || high < 0 => Some(true),
            (_, _) => None,
        }
    }

    /// Whether a value may lie here.
    pub fn contains(self, value: i64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// The bounds of what lies in one or the other.
    #[must_use]
    pub fn or(self, other: Bounds) -> Bounds {
        Bounds { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Of a flag: whether it can fail, and whether it can hold.
    fn flag(may_fail: bool, may_hold: bool) -> Bounds {
        Bounds { low: i64::from(!may_fail), high: i64::from(may_hold) }
    }

    /// Of an operation that grows with both.
    fn with(self, other: Bounds, of: impl Fn(i64, i64) -> i64) -> Bounds {
        Bounds { low: of(self.low, other.low), high: of(self.high, other.high) }
    }

    /// Of an operation that grows with the first and falls with the second.
    fn against(self, other: Bounds, of: impl Fn(i64, i64) -> i64) -> Bounds {
        Bounds { low: of(self.low, other.high), high: of(self.high, other.low) }
    }

    /// Of a sum of none to `most` such values.
    fn sum_of(self, most: usize) -> Bounds {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        Bounds { low: self.low.saturating_mul(most), high: self.high.saturating_mul(most) }
            .or(Bounds::only(0))
    }
}

impl Formula {
    /// The bounds of the value.
    pub fn bounds(&self, ranges: &impl Ranges) -> Bounds {
        let of = |formula: &Formula| formula.bounds(ranges);
        match self {
            Formula::Whole(value, sort) => Bounds::only(super::whole(*value, *sort)),
            Formula::Input(input) => ranges.of_input(*input),
            Formula::Line(line)
            | Formula::Prior(line)
            | Formula::Latest(line)
            | Formula::Before(line) => ranges.of_line(*line),
            Formula::Since(line) => ranges.of_line(*line).sum_of(ranges.most_since(*line)),
            Formula::Above(line) => ranges.of_line(*line).or(Bounds::only(0)),
            Formula::Total(line) => ranges.of_line(*line).sum_of(ranges.most_elements(*line)),
            Formula::Part(line, elements) => ranges.of_line(*line).sum_of(elements.count),
            Formula::Sum(terms) => terms
                .iter()
                .map(of)
                .fold(Bounds::only(0), |sum, term| sum.with(term, i64::saturating_add)),
            Formula::Less(one, other) => of(one).against(of(other), i64::saturating_sub),
            Formula::Excess(one, other) => {
                of(one).against(of(other), |one, other| one.saturating_sub(other).max(0))
            }
            Formula::Least(terms) => all(terms.iter().map(of), |a, b| a.with(b, i64::min)),
            Formula::Greatest(terms) => all(terms.iter().map(of), |a, b| a.with(b, i64::max)),
            Formula::Portion { amount, times, over, rounding } => {
                let scale = Scale::of_portion(amount, times, over, ranges);
                let times = std::iter::once(&**amount).chain(times).map(of).collect();
                ratio(scale, times, over.iter().map(of).collect(), *rounding)
            }
            Formula::Quotient { part, times, whole, places, rounding } => {
                let scale = Scale::of_quotient(part, times, whole, places.1, ranges);
                let times = std::iter::once(&**part).chain(times).map(of).collect();
                ratio(scale, times, vec![of(whole)], *rounding)
            }
            Formula::If(flag, yes, no) => match of(flag).truth() {
                Some(true) => of(yes),
                Some(false) => of(no),
                None => of(yes).or(of(no)),
            },
            Formula::Compare(how, one, other) => compared(*how, of(one), of(other)),
            Formula::All(flags) => {
                let holds: Vec<Option<bool>> = flags.iter().map(|flag| of(flag).truth()).collect();
                let may_fail = holds.iter().any(|truth| *truth != Some(true));
                Bounds::flag(may_fail, holds.iter().all(|truth| *truth != Some(false)))
            }
            Formula::Any(flags) => {
                let holds: Vec<Option<bool>> = flags.iter().map(|flag| of(flag).truth()).collect();
                let may_fail = holds.iter().all(|truth| *truth != Some(true));
                Bounds::flag(may_fail, holds.iter().any(|truth| *truth != Some(false)))
            }
            Formula::Not(flag) => {
                let truth = of(flag).truth();
                Bounds::flag(truth != Some(false), truth != Some(true))
            }
            Formula::Lagged { line, by_element } => {
                let value = ranges.of_line(*line).or(Bounds::only(0));
                let elements = by_element.iter();
                let elements =
                    elements.map(|(weights, rate)| lagged(value, weights, *rate, ranges));
                all(elements, Bounds::or)
            }
            Formula::Mortality { annual, part, whole } => {
                mortality(of(annual), of(part), of(whole))
            }
            Formula::Absolute { speed, age } => absolute(of(speed), of(age)),
            Formula::ByElement(formulas) => all(formulas.iter().map(of), Bounds::or),
        }
    }
}

fn all(parts: impl Iterator<Item = Bounds>, of: impl Fn(Bounds, Bounds) -> Bounds) -> Bounds {
    parts.reduce(of).expect("a formula of several parts has one")
}

fn compared(how: Comparison, one: Bounds, other: Bounds) -> Bounds {
    match how {
        Comparison::Above => Bounds::flag(one.low <= other.high, one.high > other.low),
        Comparison::AtLeast => Bounds::flag(one.low < other.high, one.high >= other.low),
        Comparison::Below => compared(Comparison::Above, other, one),
        Comparison::AtMost => compared(Comparison::AtLeast, other, one),
        Comparison::Equal => {
            let same = one.single().is_some() && one == other;
            Bounds::flag(!same, one.low <= other.high && other.low <= one.high)
        }
    }
}

/// A share of what is there: nothing to all, for rates that are shares themselves.
fn mortality(annual: Bounds, part: Bounds, whole: Bounds) -> Bounds {
    let share = Bounds { low: 0, high: Rate::ONE.parts() };
    let usual = share.contains(annual.low) && share.contains(annual.high);
    if usual && part.low >= 0 && whole.low > 0 { share } else { Bounds::ANY }
}

fn absolute(speed: Bounds, age: Bounds) -> Bounds {
    if speed.low < 0 || age.low < 1 {
        return Bounds::ANY;
    }
    speed.with(age, super::compiled::absolute)
}
