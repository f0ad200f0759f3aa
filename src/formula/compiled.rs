//! Formulas made ready to run: every name is an index, every unit a power of ten decided once.

use super::ratio::{Over, Scale};
use super::{Comparison, Elements, Formula, InputId, LineId, Sorts};
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
    /// The sum of a line over some of its elements.
    fn part(&self, line: LineId, elements: Elements) -> i64;
    /// The element above at this tick, 0 for the first.
    fn above(&self, line: LineId, element: usize) -> i64;
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
    Part(LineId, Elements),
    Above(LineId),
    Sum(Vec<Node>),
    Less(Box<Node>, Box<Node>),
    Excess(Box<Node>, Box<Node>),
    Least(Vec<Node>),
    Greatest(Vec<Node>),
    /// A portion or a quotient; boxed, so that the nodes beside it stay small.
    Ratio(Box<Ratio>),
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

/// `times… ÷ over…`, rounded once.
#[derive(Clone, Debug)]
pub struct Ratio {
    pub times: Vec<Node>,
    pub over: Vec<Node>,
    pub scale: Scale,
    pub rounding: Rounding,
}

const ONE: i128 = Rate::ONE.parts() as i128;

impl Node {
    /// Compiles a formula.
    pub fn of(formula: &Formula, sorts: &impl Sorts) -> Node {
        let node = |formula: &Formula| Box::new(Node::of(formula, sorts));
        let nodes = |formulas: &[Formula]| -> Vec<Node> {
            formulas.iter().map(|formula| Node::of(formula, sorts)).collect()
        };
        let ratio = |first: &Formula, times: &[Formula], over: Vec<Node>, scale, rounding| {
            let times = std::iter::once(first).chain(times);
            let times = times.map(|formula| Node::of(formula, sorts)).collect();
            Node::Ratio(Box::new(Ratio { times, over, scale, rounding }))
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
            Formula::Part(line, elements) => Node::Part(*line, *elements),
            Formula::Above(line) => Node::Above(*line),
            Formula::Sum(terms) => Node::Sum(nodes(terms)),
            Formula::Less(one, other) => Node::Less(node(one), node(other)),
            Formula::Excess(one, other) => Node::Excess(node(one), node(other)),
            Formula::Least(terms) => Node::Least(nodes(terms)),
            Formula::Greatest(terms) => Node::Greatest(nodes(terms)),
            Formula::Portion { amount, times, over, rounding } => {
                let scale = Scale::of_portion(amount, times, over, sorts);
                ratio(amount, times, nodes(over), scale, *rounding)
            }
            Formula::Quotient { part, times, whole, places, rounding } => {
                let scale = Scale::of_quotient(part, times, whole, places.1, sorts);
                ratio(part, times, vec![*node(whole)], scale, *rounding)
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
            Node::Part(line, elements) => at.part(*line, *elements),
            Node::Above(line) => at.above(*line, element),
            Node::Sum(terms) => terms.iter().map(value).fold(0, i64::saturating_add),
            Node::Less(one, other) => value(one).saturating_sub(value(other)),
            Node::Excess(one, other) => value(one).saturating_sub(value(other)).max(0),
            Node::Least(terms) => terms.iter().map(value).min().expect("a least of something"),
            Node::Greatest(terms) => {
                terms.iter().map(value).max().expect("a greatest of something")
            }
            Node::Ratio(ratio) => {
                let (times, over) = (ratio.times.iter().map(value), ratio.over.iter().map(value));
                Over::of(ratio.scale, over.clone()).under(times, over, ratio.rounding)
            }
            Node::If(flag, yes, no) => {
                if value(flag) != 0 {
                    value(yes)
                } else {
                    value(no)
                }
            }
            Node::Compare(how, one, other) => i64::from(how.holds(value(one), value(other))),
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
            Node::Absolute { speed, age } => absolute(value(speed), value(age)),
            Node::ByElement(formulas) => formulas[element].value(at, element),
        }
    }
}

/// `speed ÷ (1 − speed × (age − 1))`, 1 once `speed × age ≥ 1`.
pub(super) fn absolute(speed: i64, age: i64) -> i64 {
    let (speed, age) = (i128::from(speed), i128::from(age));
    if speed * age >= ONE {
        return Rate::ONE.parts();
    }
    divide(speed * ONE, ONE - speed * (age - 1), Rounding::HalfUp)
}

fn product(numerator: i128, factor: i64) -> i128 {
    numerator.checked_mul(i128::from(factor)).expect("a portion stays within 128 bits")
}
