//! Formulas as spreadsheet text. Every computing cell rounds; the only numbers written are 0, 1, 2.

use std::fmt::Write;

use super::{Comparison, Elements, Formula, InputId, LineId, Sort, Sorts};
use crate::money::{Rate, Rounding};

/// Knows where lines and inputs stand, seen from the cell that is being written.
pub trait Cells: Sorts {
    /// The cell of an input.
    fn input_cell(&self, input: InputId) -> String;
    /// A line at this tick.
    fn now(&self, line: LineId) -> String;
    /// A line one tick earlier.
    fn prior(&self, line: LineId) -> String;
    /// A line of another axis at its last tick.
    fn latest(&self, line: LineId) -> String;
    /// A line of another axis as of this axis' previous tick.
    fn before(&self, line: LineId) -> String;
    /// The cells of a line of another axis since this axis' previous tick; `None` when no tick fell.
    fn since(&self, line: LineId) -> Option<String>;
    /// The cells of a line's elements that belong to this element.
    fn total(&self, line: LineId) -> String;
    /// The cells of some of a line's elements.
    fn part(&self, line: LineId, elements: Elements) -> String;
    /// The cell of the element above; `None` for the first.
    fn above(&self, line: LineId) -> Option<String>;
    /// The last `count` values of a line on its axis, oldest first, and how many there are.
    fn window(&self, line: LineId, count: usize) -> (String, usize);
    /// The cells of inputs that stand below one another.
    fn input_range(&self, first: InputId, last: InputId) -> String;
    /// The element being written.
    fn element(&self) -> usize;
    /// The input cell that holds the decimals of a sort's minor unit (2 for money, 12 for rates).
    fn places(&self, sort: Sort) -> String;
}

impl Formula {
    /// The formula text without the leading `=`.
    pub fn excel(&self, cells: &impl Cells) -> String {
        let text = |formula: &Formula| formula.excel(cells);
        let list = |formulas: &[Formula]| formulas.iter().map(text).collect::<Vec<_>>().join(",");
        let round = |inner: String, sort: Sort| match sort {
            Sort::Amount | Sort::Rate => format!("ROUND({inner},{})", cells.places(sort)),
            Sort::Number | Sort::Flag | Sort::Date => inner,
        };
        match self {
            Formula::Whole(value, _) => value.to_string(),
            Formula::Input(input) => cells.input_cell(*input),
            Formula::Line(line) => cells.now(*line),
            Formula::Prior(line) => cells.prior(*line),
            Formula::Latest(line) => cells.latest(*line),
            Formula::Before(line) => cells.before(*line),
            Formula::Since(line) => match cells.since(*line) {
                Some(range) => round(format!("SUM({range})"), cells.line(*line)),
                None => "0".to_string(),
            },
            Formula::Total(line) => {
                round(format!("SUM({})", cells.total(*line)), cells.line(*line))
            }
            Formula::Part(line, elements) => {
                round(format!("SUM({})", cells.part(*line, *elements)), cells.line(*line))
            }
            Formula::Above(line) => cells.above(*line).unwrap_or_else(|| "0".to_string()),
            Formula::Sum(terms) => {
                let parts: Vec<String> = terms.iter().map(text).collect();
                round(parts.join("+"), self.sort(cells))
            }
            Formula::Less(one, other) => {
                round(format!("{}-{}", text(one), bracketed(other, cells)), self.sort(cells))
            }
            Formula::Excess(one, other) => {
                let difference = format!("{}-{}", text(one), bracketed(other, cells));
                format!("MAX({},0)", round(difference, self.sort(cells)))
            }
            Formula::Least(terms) => format!("MIN({})", list(terms)),
            Formula::Greatest(terms) => format!("MAX({})", list(terms)),
            Formula::Portion { amount, times, over, rounding } => {
                let mut product = factor(amount, cells);
                for times in times {
                    let _ = write!(product, "*{}", factor(times, cells));
                }
                for over in over {
                    let _ = write!(product, "/{}", factor(over, cells));
                }
                let places = cells.places(Sort::Amount);
                let portion = format!("{}({product},{places})", function(*rounding));
                guarded(over, portion, cells)
            }
            Formula::Quotient { part, times, whole, places, rounding } => {
                let mut product = factor(part, cells);
                if !matches!(**whole, Formula::Whole(1, _)) {
                    let _ = write!(product, "/{}", factor(whole, cells));
                }
                for times in times {
                    let _ = write!(product, "*{}", factor(times, cells));
                }
                if *rounding != Rounding::HalfUp && places.1 < Rate::DECIMALS {
                    // 0.29 × 100 is 28.999999999999996 in a cell: the noise goes before the cut.
                    product = format!("ROUND({product},{})", cells.places(Sort::Rate));
                }
                let places = cells.input_cell(places.0);
                let quotient = format!("{}({product},{places})", function(*rounding));
                guarded(std::slice::from_ref(whole), quotient, cells)
            }
            Formula::If(flag, yes, no) => {
                format!("IF({},{},{})", flag.condition(cells), text(yes), text(no))
            }
            Formula::Compare(..) | Formula::All(_) | Formula::Any(_) | Formula::Not(_) => {
                format!("IF({},1,0)", self.condition(cells))
            }
            Formula::Lagged { line, by_element } => {
                let (weights, rate) = &by_element[cells.element()];
                let (values, count) = cells.window(*line, weights.len());
                // Weights stand with the longest lag on top, so the last `count` of them are needed.
                let weights = cells.input_range(weights[count - 1], weights[0]);
                let product = format!("SUMPRODUCT({values},{weights})*{}", cells.input_cell(*rate));
                format!("ROUND({product},{})", cells.places(Sort::Amount))
            }
            Formula::Mortality { annual, part, whole } => {
                let exponent = format!("({}/{})", factor(part, cells), factor(whole, cells));
                let power = format!("1-(1-{})^{exponent}", factor(annual, cells));
                format!("ROUND({power},{})", cells.places(Sort::Rate))
            }
            Formula::Absolute { speed, age } => {
                let (speed, age) = (factor(speed, cells), factor(age, cells));
                let rate =
                    format!("ROUND({speed}/(1-{speed}*({age}-1)),{})", cells.places(Sort::Rate));
                format!("IF(ROUND({speed}*{age},{})>=1,1,{rate})", cells.places(Sort::Rate))
            }
            Formula::ByElement(formulas) => text(&formulas[cells.element()]),
        }
    }

    /// The formula as a condition: what stands first in an `IF`.
    fn condition(&self, cells: &impl Cells) -> String {
        let conditions = |flags: &[Formula]| {
            flags.iter().map(|flag| flag.condition(cells)).collect::<Vec<_>>().join(",")
        };
        match self {
            Formula::Compare(how, one, other) => {
                let sign = match how {
                    Comparison::Above => ">",
                    Comparison::AtLeast => ">=",
                    Comparison::Below => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Equal => "=",
                };
                format!("{}{sign}{}", one.excel(cells), other.excel(cells))
            }
            Formula::All(flags) => format!("AND({})", conditions(flags)),
            Formula::Any(flags) => format!("OR({})", conditions(flags)),
            Formula::Not(flag) => format!("NOT({})", flag.condition(cells)),
            flag => format!("{}=1", flag.excel(cells)),
        }
    }
}

fn function(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfUp => "ROUND",
        Rounding::Up => "ROUNDUP",
        Rounding::Down => "ROUNDDOWN",
    }
}

/// The formula as a factor of a product: bracketed where a sum would bind less.
fn factor(formula: &Formula, cells: &impl Cells) -> String {
    match formula {
        // Inside a product the exact sum counts: no rounding between (1 + rate is exact anyway).
        Formula::Sum(terms) => {
            let parts: Vec<String> = terms.iter().map(|term| term.excel(cells)).collect();
            format!("({})", parts.join("+"))
        }
        Formula::Less(one, other) => format!("({}-{})", one.excel(cells), bracketed(other, cells)),
        formula => formula.excel(cells),
    }
}

/// The formula as what is taken off: a sum that no `ROUND` encloses stands in brackets.
fn bracketed(formula: &Formula, cells: &impl Cells) -> String {
    let text = formula.excel(cells);
    match (formula, formula.sort(cells)) {
        (Formula::Sum(_) | Formula::Less(..), Sort::Number | Sort::Flag | Sort::Date) => {
            format!("({text})")
        }
        (_, _) => text,
    }
}

/// `IF(divisor=0,0,…)` for divisors that may be zero.
fn guarded(over: &[Formula], text: String, cells: &impl Cells) -> String {
    let may_be_zero = over.iter().filter(|divisor| !is_never_zero(divisor));
    may_be_zero.fold(text, |text, divisor| format!("IF({}=0,0,{text})", divisor.excel(cells)))
}

/// An input basis and 1 + a rate are never zero.
fn is_never_zero(divisor: &Formula) -> bool {
    match divisor {
        Formula::Input(_) => true,
        Formula::Whole(value, _) => *value != 0,
        Formula::Sum(terms) => match &terms[..] {
            [one, rates @ ..] => {
                *one == Formula::ONE && rates.iter().all(|rate| matches!(rate, Formula::Input(_)))
            }
            [] => false,
        },
        Formula::Line(_)
        | Formula::Prior(_)
        | Formula::Latest(_)
        | Formula::Before(_)
        | Formula::Since(_)
        | Formula::Total(_)
        | Formula::Part(..)
        | Formula::Above(_)
        | Formula::Less(..)
        | Formula::Excess(..)
        | Formula::Least(_)
        | Formula::Greatest(_)
        | Formula::Portion { .. }
        | Formula::Quotient { .. }
        | Formula::If(..)
        | Formula::Compare(..)
        | Formula::All(_)
        | Formula::Any(_)
        | Formula::Not(_)
        | Formula::Lagged { .. }
        | Formula::Mortality { .. }
        | Formula::Absolute { .. }
        | Formula::ByElement(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::compiled::Node;
    use crate::formula::from_text::tests::random::known_world;
    use crate::formula::from_text::tests::sheet::{Fraction, evaluate};

    /// Per 100 of face, to 6 decimals: the first two lines of the world are what is paid and the face.
    fn per_hundred(rounding: Rounding) -> Formula {
        Formula::Quotient {
            part: Box::new(Formula::Line(LineId(0))),
            times: vec![Formula::Input(InputId(1))],
            whole: Box::new(Formula::Line(LineId(6))),
            places: (InputId(0), 6),
            rounding,
        }
    }

    #[test]
    fn what_is_paid_per_hundred_is_rounded_in_the_mode_asked_for() {
        for (paid, face, half_up, up, down) in [
            (1_00, 3_00, 33_333_333, 33_333_334, 33_333_333),
            (2_00, 3_00, 66_666_667, 66_666_667, 66_666_666),
            (29, 1_00, 29_000_000, 29_000_000, 29_000_000),
            (-2_00, 3_00, -66_666_667, -66_666_667, -66_666_666),
            (2_00, -3_00, -66_666_667, -66_666_667, -66_666_666),
            (2_00, 0, 0, 0, 0),
        ] {
            for (rounding, expected) in
                [(Rounding::HalfUp, half_up), (Rounding::Up, up), (Rounding::Down, down)]
            {
                let mut world = known_world();
                world.literals = vec![(6, Sort::Number), (100, Sort::Number)];
                (world.values[0][0], world.values[1][0]) = (paid, face);
                let formula = per_hundred(rounding);
                let value = Node::of(&formula, &world).value(&world, 0);
                assert_eq!(value, expected * 1_000_000, "{paid} of {face} {rounding:?}");
                let cells = world.cells().into_iter();
                let cells = cells.map(|(cell, (value, sort))| (cell, Fraction::of(value, sort)));
                let found = evaluate(&formula.excel(&world), &cells.collect());
                assert_eq!(found, Some(Fraction::of(value, Sort::Rate)), "{paid} of {face}");
            }
        }
    }

    #[test]
    fn a_cut_follows_a_rounding_that_takes_the_noise_away() {
        let mut world = known_world();
        world.literals = vec![(6, Sort::Number), (100, Sort::Number)];
        assert_eq!(
            per_hundred(Rounding::Down).excel(&world),
            "IF(Lines!C16=0,0,ROUNDDOWN(ROUND(Lines!C10/Lines!C16*Inputs!$D$11,Inputs!$D$2010),\
             Inputs!$D$10))"
        );
        assert_eq!(
            per_hundred(Rounding::HalfUp).excel(&world),
            "IF(Lines!C16=0,0,ROUND(Lines!C10/Lines!C16*Inputs!$D$11,Inputs!$D$10))"
        );
    }
}
