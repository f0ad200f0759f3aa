//! Formulas made ready to run: every name is an index, every unit a power of ten decided once.

use super::{Comparison, Formula, InputId, LineId, Sort, Sorts, tens, wide};
use crate::money::{Rate, Rounding, divide};

/// What a compiled formula reads while it runs.
pub trait Values {
    /// An input.
    fn input(&self, input: InputId) -> i64;
    /// A line at this tick, for this element.
    fn now(&self, line: LineId, element: usize) -> i64;
    /// A line one tick earlier on its axis.
    fn prior(&self, line: LineId, element: usize) -> i64;
    /// A line of another axis at its last tick.
    fn latest(&self, line: LineId, element: usize) -> i64;
    /// A line of another axis as of this axis' previous tick.
    fn before(&self, line: LineId, element: usize) -> i64;
    /// The sum of a line of another axis since this axis' previous tick.
    fn since(&self, line: LineId, element: usize) -> i64;
    /// The sum of a line over the elements of this element's group.
    fn total(&self, line: LineId, element: usize) -> i64;
    /// A line `lag` ticks earlier on its axis, 0 before the first.
    fn lagged(&self, line: LineId, lag: usize, element: usize) -> i64;
}

/// A formula with units resolved.
#[derive(Clone, Debug)]
pub enum Node {
    Constant(i64),
    Input(InputId),
    Now(LineId),
    Prior(LineId),
    Latest(LineId),
    Before(LineId),
    Since(LineId),
    Total(LineId),
    Sum(Vec<Node>),
    Less(Box<Node>, Box<Node>),
    Excess(Box<Node>, Box<Node>),
    Least(Vec<Node>),
    Greatest(Vec<Node>),
    /// `amount × times ÷ over`, times `up` powers and over `down` powers of `Rate::ONE`.
    Portion {
        amount: Box<Node>,
        times: Vec<Node>,
        over: Vec<Node>,
        scale: Scale,
        rounding: Rounding,
    },
    Quotient {
        part: Box<Node>,
        times: Vec<Node>,
        whole: Box<Node>,
        scale: Scale,
        unit: i64,
        rounding: Rounding,
    },
    If(Box<Node>, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Lagged {
        line: LineId,
        by_element: Vec<(Vec<InputId>, InputId)>,
    },
    Mortality {
        annual: Box<Node>,
        part: Box<Node>,
        whole: Box<Node>,
    },
    Absolute {
        speed: Box<Node>,
        age: Box<Node>,
    },
    ByElement(Vec<Node>),
}

/// Powers of ten that bring units together.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    times: i128,
    over: i128,
}

const ONE: i128 = Rate::ONE.parts() as i128;

impl Node {
    /// Compiles a formula.
    pub fn of(formula: &Formula, sorts: &impl Sorts) -> Node {
        let node = |formula: &Formula| Box::new(Node::of(formula, sorts));
        let nodes = |formulas: &[Formula]| -> Vec<Node> {
            formulas.iter().map(|formula| Node::of(formula, sorts)).collect()
        };
        let all_tens = |formulas: &[Formula]| -> u32 {
            formulas.iter().map(|formula| tens(formula.sort(sorts))).sum()
        };
        match formula {
            Formula::Whole(value, sort) => Node::Constant(super::whole(*value, *sort)),
            Formula::Input(input) => Node::Input(*input),
            Formula::Line(line) => Node::Now(*line),
            Formula::Prior(line) => Node::Prior(*line),
            Formula::Latest(line) => Node::Latest(*line),
            Formula::Before(line) => Node::Before(*line),
            Formula::Since(line) => Node::Since(*line),
            Formula::Total(line) => Node::Total(*line),
            Formula::Sum(terms) => Node::Sum(nodes(terms)),
            Formula::Less(one, other) => Node::Less(node(one), node(other)),
            Formula::Excess(one, other) => Node::Excess(node(one), node(other)),
            Formula::Least(terms) => Node::Least(nodes(terms)),
            Formula::Greatest(terms) => Node::Greatest(nodes(terms)),
            Formula::Portion { amount, times, over, rounding } => {
                // value = a·Πt/Πo in minor units: those of the result and of o multiply, those of a
                // and t divide.
                let up = tens(Sort::Amount) + all_tens(over);
                let down = tens(amount.sort(sorts)) + all_tens(times);
                Node::Portion {
                    amount: node(amount),
                    times: nodes(times),
                    over: nodes(over),
                    scale: Scale::new(up, down),
                    rounding: *rounding,
                }
            }
            Formula::Quotient { part, times, whole, places, rounding } => {
                let step = 10_i64.pow(Rate::DECIMALS - places.1);
                let up = tens(whole.sort(sorts)) + places.1;
                let down = tens(part.sort(sorts)) + all_tens(times);
                Node::Quotient {
                    part: node(part),
                    times: nodes(times),
                    whole: node(whole),
                    scale: Scale::new(up, down),
                    unit: step,
                    rounding: *rounding,
                }
            }
            Formula::If(flag, yes, no) => Node::If(node(flag), node(yes), node(no)),
            Formula::Compare(how, one, other) => Node::Compare(*how, node(one), node(other)),
            Formula::All(flags) => Node::All(nodes(flags)),
            Formula::Any(flags) => Node::Any(nodes(flags)),
            Formula::Not(flag) => Node::Not(node(flag)),
            Formula::Lagged { line, by_element } => {
                Node::Lagged { line: *line, by_element: by_element.clone() }
            }
            Formula::Mortality { annual, part, whole } => {
                Node::Mortality { annual: node(annual), part: node(part), whole: node(whole) }
            }
            Formula::Absolute { speed, age } => {
                Node::Absolute { speed: node(speed), age: node(age) }
            }
            Formula::ByElement(formulas) => Node::ByElement(nodes(formulas)),
        }
    }

    /// The value for one element of the dimension.
    #[allow(clippy::cast_precision_loss)]
    pub fn value(&self, at: &impl Values, element: usize) -> i64 {
        let value = |node: &Node| node.value(at, element);
        match self {
            Node::Constant(constant) => *constant,
            Node::Input(input) => at.input(*input),
            Node::Now(line) => at.now(*line, element),
            Node::Prior(line) => at.prior(*line, element),
            Node::Latest(line) => at.latest(*line, element),
            Node::Before(line) => at.before(*line, element),
            Node::Since(line) => at.since(*line, element),
            Node::Total(line) => at.total(*line, element),
            Node::Sum(terms) => terms.iter().map(value).fold(0, i64::saturating_add),
            Node::Less(one, other) => value(one).saturating_sub(value(other)),
            Node::Excess(one, other) => value(one).saturating_sub(value(other)).max(0),
            Node::Least(terms) => terms.iter().map(value).min().expect("a least of something"),
            Node::Greatest(terms) => {
                terms.iter().map(value).max().expect("a greatest of something")
            }
            Node::Portion { amount, times, over, scale, rounding } => Ratio {
                scale: *scale,
                times: std::iter::once(&**amount).chain(times).map(value),
                over: over.iter().map(value),
            }
            .rounded(*rounding),
            Node::Quotient { part, times, whole, scale, unit, rounding } => {
                let ratio = Ratio {
                    scale: *scale,
                    times: std::iter::once(&**part).chain(times).map(value),
                    over: std::iter::once(value(whole)),
                };
                let most = i64::MAX / unit;
                ratio.rounded(*rounding).clamp(-most, most) * unit
            }
            Node::If(flag, yes, no) => {
                if value(flag) != 0 {
                    value(yes)
                } else {
                    value(no)
                }
            }
            Node::Compare(how, one, other) => {
                let (one, other) = (value(one), value(other));
                i64::from(match how {
                    Comparison::Above => one > other,
                    Comparison::AtLeast => one >= other,
                    Comparison::Below => one < other,
                    Comparison::AtMost => one <= other,
                    Comparison::Equal => one == other,
                })
            }
            Node::All(flags) => i64::from(flags.iter().all(|flag| value(flag) != 0)),
            Node::Any(flags) => i64::from(flags.iter().any(|flag| value(flag) != 0)),
            Node::Not(flag) => i64::from(value(flag) == 0),
            Node::Lagged { line, by_element } => {
                let (weights, rate) = &by_element[element];
                let weighted = weights.iter().enumerate().map(|(lag, weight)| {
                    i128::from(at.lagged(*line, lag, element)) * i128::from(at.input(*weight))
                });
                divide(product(weighted.sum(), at.input(*rate)), ONE * ONE, Rounding::HalfUp)
            }
            Node::Mortality { annual, part, whole } => {
                let annual = Rate::from_parts(value(annual)).to_f64();
                let exponent = value(part) as f64 / value(whole) as f64;
                Rate::from_f64(1.0 - (1.0 - annual).powf(exponent)).parts()
            }
            Node::Absolute { speed, age } => {
                let (speed, age) = (i128::from(value(speed)), i128::from(value(age)));
                if speed * age >= ONE {
                    return Rate::ONE.parts();
                }
                divide(speed * ONE, ONE - speed * (age - 1), Rounding::HalfUp)
            }
            Node::ByElement(formulas) => formulas[element].value(at, element),
        }
    }
}

/// `times… ÷ over…` in the scale of the units.
struct Ratio<T, O> {
    scale: Scale,
    times: T,
    over: O,
}

impl<T: Iterator<Item = i64> + Clone, O: Iterator<Item = i64> + Clone> Ratio<T, O> {
    /// The ratio, rounded once; 0 when a divisor is 0, and the largest number there is where it would
    /// be larger: a ratio to almost nothing says "very many times".
    #[inline]
    fn rounded(self, rounding: Rounding) -> i64 {
        let over = exact(self.scale.over, self.over.clone());
        if over == Some(0) {
            return 0;
        }
        match (exact(self.scale.times, self.times.clone()), over) {
            (Some(times), Some(over)) if times > i128::MIN => {
                nearest(times * over.signum(), over.abs(), rounding)
            }
            (_, _) => {
                let Scale { times, over } = self.scale;
                wide::ratio((times, self.times), (over, self.over), rounding)
            }
        }
    }
}

/// A product, when it fits 128 bits.
#[inline]
fn exact(start: i128, mut factors: impl Iterator<Item = i64>) -> Option<i128> {
    factors.try_fold(start, |product, factor| product.checked_mul(i128::from(factor)))
}

fn nearest(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    // Anything over more than 2⁶⁴ fits, because the numerator has 127 bits.
    match denominator.checked_mul(i128::from(i64::MAX)) {
        Some(most) if numerator > most => i64::MAX,
        Some(most) if numerator < -most => -i64::MAX,
        Some(_) | None => divide(numerator, denominator, rounding),
    }
}

fn product(numerator: i128, factor: i64) -> i128 {
    numerator.checked_mul(i128::from(factor)).expect("a portion stays within 128 bits")
}

impl Scale {
    /// Units by their decimals: `up` in the numerator, `down` in the denominator.
    fn new(up: u32, down: u32) -> Scale {
        let power =
            |tens: u32| 10_i128.checked_pow(tens).expect("units differ by few powers of ten");
        Scale { times: power(up.saturating_sub(down)), over: power(down.saturating_sub(up)) }
    }
}
