//! Bounds against values: random formulas of every node, and a table by hand.

use super::*;
use crate::formula::Elements;
use crate::formula::compiled::{Node, Values};
use crate::formula::from_text::tests::random::Dice;
use crate::money::Rounding;

/// A line or an input: its bounds, and values inside them.
struct Known {
    sort: Sort,
    bounds: Bounds,
    values: [i64; 4],
}

/// Lines and inputs by place; an input has the first of its values.
struct World {
    lines: Vec<Known>,
    inputs: Vec<Known>,
}

const SORTS: [Sort; 4] = [Sort::Amount, Sort::Rate, Sort::Number, Sort::Flag];

/// Inputs of weights, after one input for each line.
const WEIGHTS: [usize; 2] = [20, 21];

impl World {
    fn random(dice: &mut Dice) -> World {
        let mut some = |count: usize| (0..count).map(|place| known(dice, place)).collect();
        World { lines: some(20), inputs: some(22) }
    }
}

fn known(dice: &mut Dice, place: usize) -> Known {
    let sort = if place >= 20 { Sort::Rate } else { SORTS[place % 4] };
    let reach = match sort {
        Sort::Amount => 1_000_000_000,
        Sort::Rate => 2_000_000_000_000,
        Sort::Number | Sort::Date => 40,
        Sort::Flag => 2,
    };
    let (low, high) = match (sort, dice.below(4)) {
        (Sort::Flag, _) => (dice.between(0, 2), 1),
        (_, 0) => (-dice.between(0, reach), dice.between(0, reach)),
        (_, 1) => (0, dice.between(0, reach)),
        (_, 2) => (-dice.between(0, reach), 0),
        (_, _) => (dice.between(1, reach), reach + dice.between(0, reach)),
    };
    let ends = [low, high, low, high];
    let mut value = |end| {
        if dice.below(3) == 0 { end } else { dice.between(low, high + 1) }
    };
    Known { sort, bounds: Bounds { low, high }, values: ends.map(&mut value) }
}

impl Sorts for World {
    fn line(&self, line: LineId) -> Sort {
        self.lines[line.0].sort
    }

    fn input(&self, input: InputId) -> Sort {
        self.inputs[input.0].sort
    }
}

impl Ranges for World {
    fn of_input(&self, input: InputId) -> Bounds {
        self.inputs[input.0].bounds
    }

    fn of_line(&self, line: LineId) -> Bounds {
        self.lines[line.0].bounds
    }

    fn most_since(&self, _: LineId) -> usize {
        3
    }

    fn most_elements(&self, _: LineId) -> usize {
        4
    }
}

impl Values for World {
    fn input(&self, input: InputId) -> i64 {
        self.inputs[input.0].values[0]
    }

    fn now(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[0]
    }

    fn prior(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[1]
    }

    fn latest(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[2]
    }

    fn before(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[3]
    }

    /// None to three ticks, by the line.
    fn since(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[..line.0 % 4].iter().sum()
    }

    fn total(&self, line: LineId, _: usize) -> i64 {
        self.lines[line.0].values[line.0 % 3..].iter().sum()
    }

    fn part(&self, line: LineId, elements: Elements) -> i64 {
        self.lines[line.0].values[..elements.count].iter().sum()
    }

    fn above(&self, line: LineId, _: usize) -> i64 {
        if line.0.is_multiple_of(2) { 0 } else { self.lines[line.0].values[3] }
    }

    fn lagged(&self, line: LineId, lag: usize, _: usize) -> i64 {
        self.lines[line.0].values.get(lag + line.0 % 5).copied().unwrap_or(0)
    }
}

/// A formula of a sort, with every kind of node.
fn random(dice: &mut Dice, sort: Sort, depth: usize) -> Formula {
    let place = SORTS.iter().position(|known| *known == sort).expect("a sort of the test");
    let line = LineId(place + 4 * dice.below(5));
    if depth == 0 {
        return match dice.below(9) {
            0 => Formula::Whole(i64::from(sort == Sort::Flag), sort),
            1 => Formula::Input(InputId(line.0)),
            2 => Formula::Prior(line),
            3 => Formula::Latest(line),
            4 => Formula::Before(line),
            7 if sort != Sort::Flag => Formula::Above(line),
            5 if sort != Sort::Flag => Formula::Since(line),
            6 if sort != Sort::Flag => Formula::Total(line),
            _ => Formula::Line(line),
        };
    }
    let mut next = |sort| Box::new(random(dice, sort, depth - 1));
    let (one, other, flag) = (next(sort), next(sort), next(Sort::Flag));
    match (dice.below(9), sort) {
        (0, _) => Formula::If(flag, one, other),
        (1, _) => Formula::Least(vec![*one, *other]),
        (2, _) => Formula::Greatest(vec![*one, *other]),
        (3, _) => Formula::ByElement(vec![*one, *other]),
        (4, Sort::Flag) => Formula::All(vec![*one, *other]),
        (5, Sort::Flag) => Formula::Any(vec![*one, *other]),
        (6, Sort::Flag) => Formula::Not(one),
        (_, Sort::Flag) => comparison(dice, depth),
        (4, _) => Formula::Sum(vec![*one, *other]),
        (5, _) => Formula::Less(one, other),
        (6, _) => Formula::Excess(one, other),
        (7, Sort::Amount) => Formula::Lagged {
            line,
            by_element: vec![(WEIGHTS.map(InputId).to_vec(), InputId(1)); 2],
        },
        (_, Sort::Amount) => portion(dice, depth, *one),
        (7, Sort::Rate) => Formula::Absolute {
            speed: Box::new(Formula::Greatest(vec![*one, Formula::Whole(0, sort)])),
            age: Box::new(Formula::Greatest(vec![
                random(dice, Sort::Number, depth - 1),
                Formula::Whole(1, Sort::Number),
            ])),
        },
        (_, Sort::Rate) => quotient(dice, depth),
        (_, _) => Formula::Sum(vec![*one, *other]),
    }
}

fn comparison(dice: &mut Dice, depth: usize) -> Formula {
    let how = dice.pick(&[
        Comparison::Above,
        Comparison::AtLeast,
        Comparison::Below,
        Comparison::AtMost,
        Comparison::Equal,
    ]);
    let sort = dice.pick(&SORTS);
    let (one, other) = (random(dice, sort, depth - 1), random(dice, sort, depth - 1));
    Formula::compare(how, one, other)
}

fn rounding(dice: &mut Dice) -> Rounding {
    dice.pick(&[Rounding::HalfUp, Rounding::Up, Rounding::Down])
}

fn portion(dice: &mut Dice, depth: usize, amount: Formula) -> Formula {
    let mut some = |count: usize| -> Vec<Formula> {
        let sorts: Vec<Sort> = (0..count).map(|_| dice.pick(&[Sort::Rate, Sort::Number])).collect();
        sorts.into_iter().map(|sort| random(dice, sort, depth - 1)).collect()
    };
    let (times, over) = (some(2), some(1));
    Formula::Portion { amount: Box::new(amount), times, over, rounding: rounding(dice) }
}

fn quotient(dice: &mut Dice, depth: usize) -> Formula {
    Formula::Quotient {
        part: Box::new(random(dice, Sort::Amount, depth - 1)),
        times: vec![random(dice, Sort::Number, depth - 1)],
        whole: Box::new(random(dice, Sort::Amount, depth - 1)),
        places: (InputId(0), dice.pick(&[2, 6, 12])),
        rounding: rounding(dice),
    }
}

#[test]
fn the_value_always_lies_inside_the_bounds() {
    let (mut narrow, mut decided) = (0, 0);
    for seed in 0..60_000 {
        let mut dice = Dice(seed ^ 0xB0B);
        let world = World::random(&mut dice);
        let sort = dice.pick(&SORTS);
        let depth = 1 + dice.below(3);
        let formula = random(&mut dice, sort, depth);
        let bounds = formula.bounds(&world);
        let node = Node::of(&formula, &world);
        for element in 0..2 {
            let value = node.value(&world, element);
            assert!(bounds.contains(value), "{seed}: {value} in {bounds:?} of {formula:?}");
        }
        narrow += usize::from(bounds != Bounds::of(sort));
        decided += usize::from(sort == Sort::Flag && bounds.single().is_some());
    }
    // Bounds that say nothing would be safe too.
    assert!(narrow > 45_000, "{narrow} of the bounds say something");
    assert!(decided > 4_000, "{decided} flags are decided");
}

fn one(low: i64, high: i64, sort: Sort) -> Known {
    Known { sort, bounds: Bounds { low, high }, values: [low; 4] }
}

/// A pool of 0 … 300.00, a reserve of 10.00 … 20.00, a number of 1 … 24, a rate of −5 % … 10 %.
fn small() -> World {
    let lines = vec![
        one(0, 30_000, Sort::Amount),
        one(1_000, 2_000, Sort::Amount),
        one(1, 24, Sort::Number),
        one(-50_000_000_000, 100_000_000_000, Sort::Rate),
    ];
    let weights = [one(0, Rate::ONE.parts(), Sort::Rate), one(7, 7, Sort::Number)];
    World { lines, inputs: weights.into_iter().collect() }
}

#[test]
fn bounds_by_hand() {
    let [pool, reserve, number, rate] = [0, 1, 2, 3].map(|place| Formula::Line(LineId(place)));
    let seven = Formula::Input(InputId(1));
    let portion = |times: Vec<Formula>, over| Formula::portion(pool.clone(), times, over);
    let percent = |hundredths: i64| hundredths * 100_000_000;
    for (formula, low, high) in [
        (Formula::excess(pool.clone(), reserve.clone()), 0, 29_000),
        (Formula::less(reserve.clone(), pool.clone()), -29_000, 2_000),
        (Formula::Sum(vec![pool.clone(), reserve.clone()]), 1_000, 32_000),
        (Formula::Least(vec![pool.clone(), reserve.clone()]), 0, 2_000),
        (Formula::Greatest(vec![pool.clone(), reserve.clone()]), 1_000, 30_000),
        (portion(vec![rate.clone()], vec![]), -1_500, 3_000),
        (portion(vec![number.clone()], vec![seven.clone()]), 0, 102_857), // 300 × 24 ÷ 7
        (portion(vec![], vec![rate.clone()]), -30_000_000_000_000_000, 30_000_000_000_000_000),
        (portion(vec![], vec![number.clone()]), 0, 30_000),
        (Formula::Since(LineId(0)), 0, 90_000),
        (Formula::Total(LineId(1)), 0, 8_000),
        (
            Formula::Quotient {
                part: Box::new(pool.clone()),
                times: vec![],
                whole: Box::new(reserve.clone()),
                places: (InputId(1), 12),
                rounding: Rounding::HalfUp,
            },
            0,
            percent(300_000),
        ),
        (Formula::compare(Comparison::Above, number.clone(), seven.clone()), 0, 1),
        (Formula::compare(Comparison::Above, reserve.clone(), Formula::ZERO), 1, 1),
        (
            Formula::compare(Comparison::Below, number.clone(), Formula::Whole(1, Sort::Number)),
            0,
            0,
        ),
        (Formula::compare(Comparison::AtLeast, pool.clone(), Formula::ZERO), 1, 1),
        (Formula::compare(Comparison::Equal, reserve.clone(), Formula::ZERO), 0, 0),
        (
            Formula::when(
                Formula::compare(Comparison::Above, reserve.clone(), Formula::ZERO),
                pool.clone(),
                reserve.clone(),
            ),
            0,
            30_000,
        ),
        (
            Formula::Mortality {
                annual: Box::new(Formula::Input(InputId(0))),
                part: Box::new(number.clone()),
                whole: Box::new(seven.clone()),
            },
            0,
            Rate::ONE.parts(),
        ),
    ] {
        assert_eq!(formula.bounds(&small()), Bounds { low, high }, "{formula:?}");
    }
}

#[test]
fn many_factors_are_left_open() {
    let number = Formula::Line(LineId(2));
    let formula = Formula::portion(Formula::Line(LineId(0)), vec![number; 13], vec![]);
    assert_eq!(formula.bounds(&small()), Bounds::ANY);
}
