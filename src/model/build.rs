//! The model of a deal: inputs, lines in order, and what readers of lines need to know.

use std::collections::BTreeMap;

use super::line::{Axis, Closing, Dim, Input, Line, Rule, Topic};
use super::{Collateral, Offer, PoolPart, Timeline, collateral, dated, dates, liabilities, supply};
use crate::assumptions::Assumptions;
use crate::config::Text;
use crate::deal::Deal;
use crate::formula::compiled::Node;
use crate::formula::{Formula, InputId, LineId, Reading, Sort, Sorts};
use crate::ledger::{Account, Movement};
use crate::money::Rate;

/// A deal lowered to lines.
#[derive(Clone, Debug)]
pub struct Model {
    /// The inputs, in the order of the deal.
    pub inputs: Vec<Input>,
    /// The lines, in the order of evaluation.
    pub lines: Vec<Line>,
    /// The axes.
    pub timeline: Timeline,
    /// The names of the cohorts.
    pub cohorts: Vec<Text>,
    /// The segment of each cohort, ascending.
    pub segment_of: Vec<usize>,
    /// The names of the segments.
    pub segments: Vec<Text>,
    /// The sub-pools of a deal with several tapes.
    pub subpools: Vec<PoolPart>,
    /// What can be bought.
    pub offers: Vec<Offer>,
    /// The month in which each cohort is bought; `None` for those of the initial pool.
    pub bought_in: Vec<Option<usize>>,
    /// The offer that each cohort is bought from; the first for those of the initial pool.
    pub offer_of: Vec<usize>,
    /// Compiled formulas by line; `None` for given lines.
    pub(super) nodes: Vec<Option<Node>>,
    /// Compiled closing formulas by line.
    pub(super) closings: Vec<Option<Node>>,
    /// Lines whose closing reads closings of lines below them.
    pub(super) late: Vec<LineId>,
    /// By line of months: whether it reads the month's purchases, and so comes after them.
    pub(super) after_purchases: Vec<bool>,
    /// By line: where an element reads the one above it, of the line itself or of one below it, the
    /// last of the lines that are computed together, element by element; `None` for the others.
    pub(super) runs_down: Vec<Option<usize>>,
    /// The dimension of each line: what a run asks of a line over and over.
    pub(super) dims: Vec<Dim>,
    /// By line, for formulas by element: whether an element has the value of the one before it.
    pub(super) repeats: Vec<Vec<bool>>,
    by_key: BTreeMap<String, LineId>,
}

impl Model {
    /// Lowers a deal on a pool under assumptions.
    ///
    /// # Panics
    ///
    /// When a line reads a line below it at the same tick: a bug in the lowering.
    pub fn from_deal(deal: &Deal, pool: &Collateral, assumptions: &Assumptions) -> Model {
        let timeline = Timeline::new(
            deal.pool.cutoff,
            deal.dates.closing,
            &deal.schedule,
            deal.days_of_purchase(),
        );
        let mut lines = Builder::new(pool);
        let months = collateral::lower(
            &mut lines,
            pool,
            assumptions,
            &timeline,
            deal.dates.commingling_months,
        );
        let supply = assumptions.supply.as_ref();
        let supply = supply.map(|supply| supply::lower(&mut lines, supply, &timeline));
        let dates = dates::lower(&mut lines, deal);
        let dated = dated::lower(&mut lines, deal, (pool, &months), supply.as_ref(), &timeline);
        liabilities::lower(&mut lines, deal, &months, &dates, supply.as_ref(), dated);
        lines.finish(timeline, pool)
    }

    /// The line of a key.
    pub fn line(&self, key: &str) -> Option<LineId> {
        self.by_key.get(key).copied()
    }

    /// The input of a key.
    pub fn input(&self, key: &str) -> Option<InputId> {
        self.inputs.iter().position(|input| input.key == key).map(InputId)
    }

    /// The number of elements of a dimension.
    pub fn elements(&self, dim: Dim) -> usize {
        match dim {
            Dim::One => 1,
            Dim::Cohort => self.cohorts.len(),
            Dim::Segment => self.segments.len(),
            Dim::Offer => self.offers.len(),
        }
    }

    /// The element of a line of dimension `to` that an element of dimension `from` reads.
    pub fn element(&self, from: Dim, element: usize, to: Dim) -> usize {
        match (from, to) {
            (_, Dim::One) => 0,
            (Dim::Cohort, Dim::Segment) => self.segment_of[element],
            (Dim::Cohort, Dim::Offer) => self.offer_of[element],
            (from, to) => {
                assert!(from == to, "a line reads single lines by name and groups by total");
                element
            }
        }
    }

    /// What a line reads at a tick for an element, in the order of its formula, each once.
    pub fn operands(&self, line: LineId, tick: usize, element: usize) -> Vec<Operand> {
        let own = &self.lines[line.0];
        let formula = match (&own.rule, &own.closing, tick) {
            (_, Closing::Formula(formula), 0) | (Rule::Formula(formula), _, 1..) => formula,
            _ => return Vec::new(),
        };
        let formula = match formula {
            Formula::ByElement(formulas) => &formulas[element],
            formula => formula,
        };
        let mut operands: Vec<Operand> = Vec::new();
        formula.reads(&mut |read, reading| {
            let Line { dim, axis, .. } = self.lines[read.0];
            let other = |tick: usize| self.timeline.at(own.axis, tick, axis);
            let (first, last) = match reading {
                Reading::Now | Reading::Total | Reading::Part(_) | Reading::Above => (tick, tick),
                Reading::Prior => (tick - 1, tick - 1),
                Reading::Window(count) => ((tick + 1).saturating_sub(count).max(1), tick),
                Reading::Latest => (other(tick), other(tick)),
                Reading::Before => (other(tick - 1), other(tick - 1)),
                Reading::Since => (other(tick - 1) + 1, other(tick)),
            };
            let elements = match reading {
                Reading::Total => self.group(own.dim, element, dim),
                Reading::Part(elements) => elements.range(),
                Reading::Above => element.saturating_sub(1)..element,
                _ => {
                    let element = self.element(own.dim, element, dim);
                    element..element + 1
                }
            };
            let operand = Operand { line: read, ticks: first..last + 1, elements };
            if !operands.contains(&operand) {
                operands.push(operand);
            }
        });
        operands
    }

    /// The elements of a line of dimension `to` that belong to an element of dimension `from`.
    pub fn group(&self, from: Dim, element: usize, to: Dim) -> std::ops::Range<usize> {
        match (from, to) {
            (Dim::Segment, Dim::Cohort) => {
                let first = self.segment_of.partition_point(|segment| *segment < element);
                first..self.segment_of.partition_point(|segment| *segment <= element)
            }
            (Dim::One, to) => 0..self.elements(to),
            (from, to) => {
                let element = self.element(from, element, to);
                element..element + 1
            }
        }
    }
}

impl Sorts for Model {
    fn line(&self, line: LineId) -> Sort {
        self.lines[line.0].sort
    }

    fn input(&self, input: InputId) -> Sort {
        self.inputs[input.0].sort
    }
}

/// The values of a line that a formula reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The line.
    pub line: LineId,
    /// The ticks on the line's axis; empty when none fell.
    pub ticks: std::ops::Range<usize>,
    /// The elements of the line's dimension.
    pub elements: std::ops::Range<usize>,
}

/// Collects lines and inputs while a deal is lowered.
pub(super) struct Builder {
    inputs: Vec<Input>,
    lines: Vec<Line>,
    cohorts: usize,
    segments: usize,
    offers: usize,
    late: Vec<LineId>,
}

impl Sorts for Builder {
    fn line(&self, line: LineId) -> Sort {
        self.lines[line.0].sort
    }

    fn input(&self, input: InputId) -> Sort {
        self.inputs[input.0].sort
    }
}

/// What most lines of one topic have in common.
#[derive(Clone)]
pub(super) struct Column {
    pub key: String,
    pub subject: Text,
    pub part: &'static str,
    pub topic: Topic,
    pub axis: Axis,
    pub dim: Dim,
}

impl Column {
    /// A column on the payment axis.
    pub fn payment(topic: Topic, key: String, subject: &Text, part: &'static str) -> Column {
        Column { key, subject: subject.clone(), part, topic, axis: Axis::Payments, dim: Dim::One }
    }

    /// A column on the months axis.
    pub fn month(topic: Topic, dim: Dim, key: &str, part: &'static str) -> Column {
        Column {
            key: key.to_string(),
            subject: Text::default(),
            part,
            topic,
            axis: Axis::Months,
            dim,
        }
    }

    /// The same column about somebody.
    pub fn about(mut self, subject: &Text) -> Column {
        self.subject = subject.clone();
        self
    }

    /// The same column under another label.
    pub fn saying(mut self, part: &'static str) -> Column {
        self.part = part;
        self
    }
}

impl Builder {
    fn new(pool: &Collateral) -> Builder {
        let mut builder = Builder {
            inputs: Vec::new(),
            lines: Vec::new(),
            cohorts: pool.cohorts.len(),
            segments: pool.segments.len(),
            offers: pool.offers.len(),
            late: Vec::new(),
        };
        builder.constant("unit.money_places", "money_places", 2);
        builder.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
        builder
    }

    /// A constant of the tool that formulas name instead of printing a number.
    pub fn constant(&mut self, key: &str, part: &'static str, value: i64) -> InputId {
        self.constant_of(key, part, Sort::Number, value)
    }

    /// A constant that is a rate.
    pub fn rate_constant(&mut self, key: &str, part: &'static str, parts: i64) -> InputId {
        self.constant_of(key, part, Sort::Rate, parts)
    }

    fn constant_of(&mut self, key: &str, part: &'static str, sort: Sort, value: i64) -> InputId {
        if let Some(place) = self.inputs.iter().position(|input| input.key == key) {
            return InputId(place);
        }
        let input = Input {
            key: key.to_string(),
            subject: Text::default(),
            part,
            sort,
            value,
            editable: false,
        };
        self.inputs.push(input);
        InputId(self.inputs.len() - 1)
    }

    /// The twelve months of a year.
    pub fn twelve(&mut self) -> Formula {
        Formula::Input(self.constant("unit.months_per_year", "months_per_year", 12))
    }

    /// What a line is repeated over.
    pub fn dim(&self, line: LineId) -> Dim {
        self.lines[line.0].dim
    }

    /// What time a line runs on.
    pub fn axis(&self, line: LineId) -> Axis {
        self.lines[line.0].axis
    }

    /// The line of a key, as far as lines stand.
    pub fn find(&self, key: &str) -> Option<LineId> {
        self.lines.iter().position(|line| line.key == key).map(LineId)
    }

    /// The formula of a line.
    pub fn formula(&self, line: LineId) -> Formula {
        match &self.lines[line.0].rule {
            Rule::Formula(formula) => formula.clone(),
            Rule::Given { .. } => unreachable!("only computed lines are asked for their formula"),
        }
    }

    /// An input that a user may change; the input of a key that stands is the same input.
    pub fn input(
        &mut self,
        key: String,
        subject: &Text,
        part: &'static str,
        sort: Sort,
        value: i64,
    ) -> InputId {
        if let Some(place) = self.inputs.iter().position(|input| input.key == key) {
            assert_eq!(self.inputs[place].value, value, "{key} has one value");
            return InputId(place);
        }
        let subject = subject.clone();
        self.inputs.push(Input { key, subject, part, sort, value, editable: true });
        InputId(self.inputs.len() - 1)
    }

    /// A figure of the tape or of the tool, shown grey.
    pub fn figure(
        &mut self,
        key: String,
        subject: &Text,
        part: &'static str,
        sort: Sort,
        value: i64,
    ) -> InputId {
        let id = self.input(key, subject, part, sort, value);
        self.inputs[id.0].editable = false;
        id
    }

    /// A line by a formula.
    pub fn compute(&mut self, column: Column, formula: Formula) -> LineId {
        let sort = formula.sort(self);
        self.push(column, sort, Rule::Formula(formula))
    }

    /// A line whose formula comes later: it reads a line that does not exist yet, one tick earlier.
    pub fn promise(&mut self, column: Column, sort: Sort) -> LineId {
        self.push(column, sort, Rule::Formula(Formula::Whole(0, sort)))
    }

    /// Keeps a promise.
    pub fn keep(&mut self, line: LineId, formula: Formula) {
        self.lines[line.0].rule = Rule::Formula(formula);
    }

    /// A line of data that a user may change.
    pub fn given(&mut self, column: Column, sort: Sort, values: Vec<i64>) -> LineId {
        self.push(column, sort, Rule::Given { values, input: true })
    }

    /// A line of the engine's data.
    pub fn recorded(&mut self, column: Column, sort: Sort, values: Vec<i64>) -> LineId {
        self.push(column, sort, Rule::Given { values, input: false })
    }

    fn push(&mut self, column: Column, sort: Sort, rule: Rule) -> LineId {
        let Column { key, subject, part, topic, axis, dim } = column;
        let flow = matches!(sort, Sort::Amount);
        self.lines.push(Line {
            key,
            subject,
            part,
            topic,
            axis,
            dim,
            sort,
            rule,
            closing: Closing::Empty,
            moves: None,
            step: None,
            flow,
        });
        LineId(self.lines.len() - 1)
    }

    /// Says that a line is a balance: a sum over time means nothing.
    pub fn stock(&mut self, line: LineId) -> LineId {
        self.lines[line.0].flow = false;
        line
    }

    /// Gives a line its value at closing.
    pub fn closing(&mut self, line: LineId, closing: Closing) -> LineId {
        self.lines[line.0].closing = closing;
        line
    }

    /// Gives a line a closing formula that may read any line's closing: lines below included.
    pub fn closing_later(&mut self, line: LineId, formula: Formula) -> LineId {
        self.lines[line.0].closing = Closing::Formula(formula);
        self.late.push(line);
        line
    }

    /// Says that a line moves cash.
    pub fn moves(&mut self, line: LineId, movement: Movement) -> LineId {
        self.lines[line.0].moves = Some(movement);
        line
    }

    /// Sends a line's cash to another account, wherever it comes from.
    pub fn redirect(&mut self, line: LineId, to: Account) {
        let movement = self.lines[line.0].moves.as_mut();
        movement.expect("only a line that moves cash is redirected").to = to;
    }

    /// Says which step of the deal a line implements.
    pub fn of_step(&mut self, line: LineId, step: usize) -> LineId {
        self.lines[line.0].step = Some(step);
        line
    }

    fn finish(self, timeline: Timeline, pool: &Collateral) -> Model {
        let after_purchases = after_purchases(&self.lines);
        for (place, line) in self.lines.iter().enumerate() {
            check(&self, place, line, &timeline, &after_purchases);
        }
        let nodes = self.lines.iter().map(|line| match &line.rule {
            Rule::Formula(formula) => Some(Node::of(formula, &self)),
            Rule::Given { .. } => None,
        });
        let nodes = nodes.collect();
        let closings = self.lines.iter().map(|line| match &line.closing {
            Closing::Formula(formula) => Some(Node::of(formula, &self)),
            Closing::Empty | Closing::Given(_) => None,
        });
        let closings = closings.collect();
        let repeats = self.lines.iter().map(|line| repeats(&self, line)).collect();
        let runs_down = runs_down(&self);
        let dims = self.lines.iter().map(|line| line.dim).collect();
        let by_key: BTreeMap<String, LineId> = self
            .lines
            .iter()
            .enumerate()
            .map(|(place, line)| (line.key.clone(), LineId(place)))
            .collect();
        assert_eq!(by_key.len(), self.lines.len(), "every line has a key of its own");
        Model {
            inputs: self.inputs,
            lines: self.lines,
            timeline,
            cohorts: pool.cohorts.iter().map(|cohort| cohort.name.clone()).collect(),
            segment_of: pool.cohorts.iter().map(|cohort| cohort.segment).collect(),
            segments: pool.segments.clone(),
            subpools: pool.subpools.clone(),
            offers: pool.offers.clone(),
            bought_in: pool.cohorts.iter().map(|cohort| cohort.bought.and(cohort.joins)).collect(),
            offer_of: pool.cohorts.iter().map(|cohort| cohort.bought.unwrap_or(0)).collect(),
            nodes,
            closings,
            late: self.late,
            after_purchases,
            runs_down,
            dims,
            repeats,
            by_key,
        }
    }

    fn elements(&self, dim: Dim) -> usize {
        match dim {
            Dim::One => 1,
            Dim::Cohort => self.cohorts,
            Dim::Segment => self.segments,
            Dim::Offer => self.offers,
        }
    }
}

/// By line of months: whether it reads purchases of its own month, itself or through a line above it.
fn after_purchases(lines: &[Line]) -> Vec<bool> {
    let mut after = vec![false; lines.len()];
    for (place, line) in lines.iter().enumerate() {
        let Rule::Formula(formula) = &line.rule else { continue };
        if line.axis != Axis::Months {
            continue;
        }
        let mut reads = false;
        formula.reads(&mut |read, reading| {
            reads |= match reading {
                Reading::Now
                | Reading::Total
                | Reading::Part(_)
                | Reading::Above
                | Reading::Window(_) => after[read.0],
                Reading::Latest | Reading::Since => lines[read.0].axis == Axis::Purchases,
                Reading::Prior | Reading::Before => false,
            };
        });
        after[place] = reads;
    }
    after
}

/// Where lines run down together: a line that reads the element above of a line below it is computed
/// with all lines between them.
fn runs_down(builder: &Builder) -> Vec<Option<usize>> {
    let last = |place: usize| -> Option<usize> {
        let Rule::Formula(formula) = &builder.lines[place].rule else { return None };
        let mut last = None;
        formula.reads(&mut |read, reading| {
            if reading == Reading::Above && read.0 >= place {
                last = last.max(Some(read.0));
            }
        });
        last
    };
    let mut ends: Vec<Option<usize>> = (0..builder.lines.len()).map(last).collect();
    for first in 0..ends.len() {
        let Some(mut end) = ends[first] else { continue };
        let mut place = first + 1;
        while place <= end {
            end = end.max(ends[place].take().unwrap_or(place));
            place += 1;
        }
        ends[first] = Some(end);
        let own = &builder.lines[first];
        let together = builder.lines[first..=end].iter();
        let alike = |line: &Line| {
            matches!(line.rule, Rule::Given { .. }) || (line.axis, line.dim) == (own.axis, own.dim)
        };
        assert!(together.into_iter().all(alike), "{} runs down with its like", own.key);
    }
    ends
}

/// Which elements of a line have the value of the element before: the same formula over inputs and
/// single lines only.
fn repeats(builder: &Builder, line: &Line) -> Vec<bool> {
    let Rule::Formula(Formula::ByElement(formulas)) = &line.rule else { return Vec::new() };
    let single = |formula: &Formula| {
        let mut single = true;
        formula.reads(&mut |read, _| single &= builder.lines[read.0].dim == Dim::One);
        single
    };
    let of = |place: usize| {
        place > 0 && formulas[place] == formulas[place - 1] && single(&formulas[place])
    };
    (0..formulas.len()).map(of).collect()
}

/// Lines read upwards at a tick; data has a value for every tick and element.
fn check(builder: &Builder, place: usize, line: &Line, timeline: &Timeline, after: &[bool]) {
    let key = &line.key;
    match &line.rule {
        Rule::Given { values, .. } => {
            let wanted = timeline.len(line.axis) * builder.elements(line.dim);
            assert_eq!(values.len(), wanted, "{key} has a value for every tick and element");
        }
        Rule::Formula(formula) => formula.reads(&mut |read, reading| {
            let other = &builder.lines[read.0];
            let by_name = match (line.dim, other.dim) {
                (_, Dim::One) | (Dim::Cohort, Dim::Segment | Dim::Offer) => true,
                (own, other) => own == other,
            };
            assert!(
                by_name || matches!(reading, Reading::Total | Reading::Part(_)),
                "{key} reads {}: single lines by name, groups by total",
                other.key
            );
            match reading {
                Reading::Now | Reading::Total | Reading::Part(_) | Reading::Window(_) => {
                    assert!(read.0 < place, "{key} reads {} which stands below it", other.key);
                    assert_eq!(other.axis, line.axis, "{key} reads {} across axes", other.key);
                }
                Reading::Above => {
                    assert_eq!(other.axis, line.axis, "{key} reads {} across axes", other.key);
                    assert_eq!(other.dim, line.dim, "{key} reads {}", other.key);
                }
                Reading::Prior => assert_eq!(other.axis, line.axis, "{key} reads {}", other.key),
                Reading::Latest | Reading::Before | Reading::Since => {
                    assert_ne!(other.axis, line.axis, "{key} reads {}", other.key);
                    let of_month = line.axis == Axis::Purchases && after[read.0];
                    assert!(!of_month, "{key} reads {} which comes after it", other.key);
                }
            }
        }),
    }
}
