//! Running a model: every line at every tick, in whole numbers, and the invariants that no release
//! build goes without.

use chrono::NaiveDate;

use super::line::{Axis, Closing, Dim, Rule};
use super::timeline::Phase;
use super::{Model, Timeline};
use crate::formula::columns::{Columns, Span};
use crate::formula::compiled::Values;
use crate::formula::{Elements, InputId, LineId, Sort};
use crate::ledger::{Account, Posting};
use crate::money::Amount;

/// The values of the inputs of a run, changed or as the deal says.
#[derive(Clone, Debug, PartialEq)]
pub struct Inputs {
    values: Vec<i64>,
    given: Vec<(LineId, usize, i64)>,
}

impl Inputs {
    /// As the deal says.
    pub fn of(model: &Model) -> Inputs {
        Inputs { values: model.inputs.iter().map(|input| input.value).collect(), given: Vec::new() }
    }

    /// Changes an input.
    pub fn set(&mut self, input: InputId, value: i64) {
        self.values[input.0] = value;
    }

    /// Changes one value of a line of data, at a tick and element counted as the run counts them.
    pub fn set_given(&mut self, line: LineId, index: usize, value: i64) {
        self.given.push((line, index, value));
    }

    /// The value of an input.
    pub fn value(&self, input: InputId) -> i64 {
        self.values[input.0]
    }

    /// The changed values of lines of data: line, index (tick × elements + element), value.
    pub fn given(&self) -> &[(LineId, usize, i64)] {
        &self.given
    }
}

/// The amounts of a run: for every line a value by tick (0 is closing) and element.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Line after line: by tick, and at a tick by element.
    values: Vec<i64>,
    /// Where each line begins, and where the last one ends.
    starts: Vec<usize>,
    elements: Vec<usize>,
}

impl Run {
    /// The value of a line at a tick for an element.
    pub fn value(&self, line: LineId, tick: usize, element: usize) -> i64 {
        self.values[self.starts[line.0] + tick * self.elements[line.0] + element]
    }

    /// The value of a single line as money.
    pub fn amount(&self, line: LineId, tick: usize) -> Amount {
        Amount::from_minor(self.value(line, tick, 0))
    }

    /// All values of a line, closing first, elements together.
    pub fn line(&self, line: LineId) -> &[i64] {
        &self.values[self.starts[line.0]..self.starts[line.0 + 1]]
    }

    /// The values of all elements of a line at a tick.
    fn at(&self, line: LineId, tick: usize) -> &[i64] {
        let count = self.elements[line.0];
        &self.values[self.starts[line.0] + tick * count..][..count]
    }

    fn at_mut(&mut self, line: LineId, tick: usize) -> &mut [i64] {
        let count = self.elements[line.0];
        &mut self.values[self.starts[line.0] + tick * count..][..count]
    }

    /// The sum of a line after closing.
    pub fn total(&self, line: LineId) -> Amount {
        Amount::from_minor(self.line(line)[self.elements[line.0]..].iter().sum())
    }
}

impl Model {
    /// Runs the model.
    ///
    /// # Panics
    ///
    /// When cash is not conserved, an account is overdrawn, or a balance falls below zero: a bug.
    pub fn run(&self, inputs: &Inputs) -> Run {
        let mut run = self.closing(inputs);
        for (axis, tick, phase) in self.timeline.ticks() {
            self.step(&mut run, inputs, axis, tick, phase);
        }
        self.assert_conserved(&run);
        run
    }

    fn closing(&self, inputs: &Inputs) -> Run {
        let elements: Vec<usize> = self.lines.iter().map(|line| self.elements(line.dim)).collect();
        let mut starts = vec![0];
        let mut values: Vec<i64> = Vec::new();
        for (line, elements) in self.lines.iter().zip(&elements) {
            match &line.closing {
                Closing::Given(given) => values.extend(given),
                Closing::Empty | Closing::Formula(_) => values.resize(values.len() + elements, 0),
            }
            match &line.rule {
                Rule::Given { values: given, .. } => values.extend(given),
                Rule::Formula(_) => {
                    let ticks = self.timeline.len(line.axis);
                    values.resize(values.len() + ticks * elements, 0);
                }
            }
            starts.push(values.len());
        }
        let mut run = Run { values, starts, elements };
        for (line, index, value) in &inputs.given {
            let start = run.starts[line.0];
            run.values[start + *index] = *value;
        }
        let late = self.late.iter().map(|line| line.0);
        for place in (0..self.lines.len()).chain(late) {
            let Some(node) = &self.closings[place] else { continue };
            for element in 0..run.elements[place] {
                let at = self.at(&run, inputs, place, 0);
                let value = node.value(&at, element);
                run.at_mut(LineId(place), 0)[element] = value;
            }
        }
        run
    }

    fn step(&self, run: &mut Run, inputs: &Inputs, axis: Axis, tick: usize, phase: Phase) {
        let mut now: Vec<i64> = Vec::new();
        let mut next = 0;
        for (place, line) in self.lines.iter().enumerate() {
            if line.axis != axis || place < next || !self.is_of(place, phase) {
                continue;
            }
            let Some(node) = &self.nodes[place] else { continue };
            let elements = run.elements[place];
            if line.dim == Dim::One {
                let at = self.at(run, inputs, place, tick);
                let value = node.value(&Single(&at), 0);
                run.at_mut(LineId(place), tick)[0] = value;
                continue;
            }
            if let Some(last) = self.runs_down[place] {
                for element in 0..elements {
                    for place in place..=last {
                        let Some(node) = &self.nodes[place] else { continue };
                        let value = node.value(&self.at(run, inputs, place, tick), element);
                        run.at_mut(LineId(place), tick)[element] = value;
                    }
                }
                next = last + 1;
                continue;
            }
            let at = self.at(run, inputs, place, tick);
            now.clear();
            if self.repeats[place].is_empty() {
                node.values(&at).write(elements, &mut now);
            } else {
                // Rates of one segment are one figure: what equals the element before is not
                // computed again.
                for (element, repeats) in self.repeats[place].iter().enumerate() {
                    let value = if *repeats { now[element - 1] } else { node.value(&at, element) };
                    now.push(value);
                }
            }
            run.at_mut(LineId(place), tick).copy_from_slice(&now);
        }
    }

    /// Whether a line is evaluated in a phase of its tick.
    fn is_of(&self, place: usize, phase: Phase) -> bool {
        match phase {
            Phase::Whole => true,
            Phase::Before => !self.after_purchases[place],
            Phase::After => self.after_purchases[place],
        }
    }

    fn at<'a>(&'a self, run: &'a Run, inputs: &'a Inputs, place: usize, tick: usize) -> At<'a> {
        let line = &self.lines[place];
        At { model: self, run, inputs, dim: line.dim, axis: line.axis, tick }
    }

    /// The cash that moved, in order: a view of the lines that move cash.
    pub fn postings(&self, run: &Run) -> Vec<Posting> {
        let mut postings = self.postings_at(run, Axis::Payments, 0);
        for (axis, tick, phase) in self.timeline.ticks() {
            if phase != Phase::After {
                postings.extend(self.postings_at(run, axis, tick));
            }
        }
        postings
    }

    fn postings_at(&self, run: &Run, axis: Axis, tick: usize) -> Vec<Posting> {
        let moving = self.lines.iter().enumerate().filter(|(_, line)| line.axis == axis);
        let postings = moving.filter_map(|(place, line)| {
            let amount = run.amount(LineId(place), tick);
            let movement = line.moves.filter(|_| amount != Amount::ZERO)?;
            assert!(amount >= Amount::ZERO, "{} moves {amount} backwards", line.key);
            let date = self.timeline.dates(axis)[tick];
            Some(Posting { date, line: LineId(place), tick, movement, amount })
        });
        postings.collect()
    }

    /// Cash in = cash out + cash held, in every account of the deal; nothing is overdrawn.
    fn assert_conserved(&self, run: &Run) {
        let last = self.timeline.len(Axis::Payments);
        for (account, held) in self.accounts() {
            let mut balance = Amount::ZERO;
            for (place, line) in self.lines.iter().enumerate() {
                let Some(movement) = line.moves else { continue };
                if movement.from != account && movement.to != account {
                    continue;
                }
                let values = run.line(LineId(place));
                assert!(values.iter().all(|value| *value >= 0), "{} moves backwards", line.key);
                let sum = Amount::from_minor(values.iter().sum());
                if movement.to == account {
                    balance += sum;
                }
                if movement.from == account {
                    balance -= sum;
                }
            }
            let carried = run.amount(held, last) + self.collected_after(run, account, last);
            assert_eq!(
                balance, carried,
                "{} holds what the waterfall carries",
                self.lines[held.0].key
            );
            let lowest = run.line(held).iter().min().expect("every axis has a closing");
            assert!(*lowest >= 0, "{} is overdrawn", self.lines[held.0].key);
        }
        for (place, line) in self.lines.iter().enumerate() {
            if line.part == "closing_balance" || line.part == "unpaid" {
                let lowest =
                    run.line(LineId(place)).iter().min().expect("every axis has a closing");
                assert!(*lowest >= 0, "{} falls below zero", line.key);
            }
            if line.topic == super::Topic::Checks && line.sort == Sort::Amount {
                assert!(
                    run.line(LineId(place)).iter().all(|value| *value == 0),
                    "{} is not zero",
                    line.key
                );
            }
        }
    }

    /// The accounts of the deal, with the line of what each holds after a payment date.
    fn accounts(&self) -> Vec<(Account, LineId)> {
        let collection = self.line("cash.carry").expect("every model carries cash");
        let others = self.lines.iter().enumerate().filter_map(|(place, line)| {
            let funded = line.part == "funded" && line.topic == super::Topic::Accounts;
            let to = line.moves.filter(|_| funded)?.to;
            let key = line.key.replace(".funded", ".closing_balance");
            let held = self.line(&key).unwrap_or_else(|| panic!("{place} has a balance"));
            Some((to, held))
        });
        std::iter::once((Account::Collection, collection)).chain(others).collect()
    }

    /// What the months after the last determination date bring into an account: collected and not yet
    /// distributed.
    fn collected_after(&self, run: &Run, account: Account, payment: usize) -> Amount {
        let first = self.timeline.other_at(Axis::Payments, payment) + 1;
        let into = self.lines.iter().enumerate().filter(|(_, line)| {
            line.axis == Axis::Months && line.moves.is_some_and(|movement| movement.to == account)
        });
        let late = into.map(|(place, _)| {
            let values = run.line(LineId(place));
            Amount::from_minor(values.get(first..).unwrap_or_default().iter().sum())
        });
        late.sum()
    }

    /// The timeline's date of a tick.
    pub fn date(&self, axis: Axis, tick: usize) -> NaiveDate {
        let timeline: &Timeline = &self.timeline;
        timeline.dates(axis)[tick]
    }
}

/// The proof that no cent was lost: what the account received, paid and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// From obligors and the bank; the proceeds and the price at closing left out.
    pub received: Amount,
    /// To holders, fees and tax.
    pub paid: Amount,
    /// Still in the account at the end.
    pub held: Amount,
}

impl Conservation {
    /// The sums over a run: what crossed the border of the deal's accounts.
    pub fn of(model: &Model, run: &Run) -> Conservation {
        let (mut received, mut paid, mut held) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
        for (place, line) in model.lines.iter().enumerate() {
            let Some(movement) = line.moves else { continue };
            let sum = run.total(LineId(place));
            match (movement.from.is_of_deal(), movement.to.is_of_deal()) {
                (false, true) => received += sum,
                (true, false) => paid += sum,
                (true, true) | (false, false) => {}
            }
        }
        let last = model.timeline.len(Axis::Payments);
        for (account, line) in model.accounts() {
            received += run.amount(line, 0);
            held += run.amount(line, last) + model.collected_after(run, account, last);
        }
        Conservation { received, paid, held }
    }

    /// Received − paid − held: zero.
    pub fn difference(&self) -> Amount {
        self.received - self.paid - self.held
    }
}

/// What a formula sees at one tick.
struct At<'a> {
    model: &'a Model,
    run: &'a Run,
    inputs: &'a Inputs,
    dim: Dim,
    axis: Axis,
    tick: usize,
}

impl At<'_> {
    /// The last tick of another line's axis, now.
    fn of_other(&self, line: LineId) -> usize {
        self.model.timeline.at(self.axis, self.tick, self.model.lines[line.0].axis)
    }

    /// The last tick of another line's axis, one tick of the own axis ago.
    fn of_other_before(&self, line: LineId) -> usize {
        let tick = self.tick.saturating_sub(1);
        self.model.timeline.at(self.axis, tick, self.model.lines[line.0].axis)
    }

    #[inline]
    fn read(&self, line: LineId, tick: usize, element: usize) -> i64 {
        let dim = self.model.dims[line.0];
        let element =
            if dim == self.dim { element } else { self.model.element(self.dim, element, dim) };
        self.run.value(line, tick, element)
    }
}

impl At<'_> {
    /// A line at a tick of its axis for all elements of the dimension.
    fn all(&self, line: LineId, tick: usize) -> Span<'_> {
        let dim = self.model.dims[line.0];
        let values = self.run.at(line, tick);
        match (self.dim, dim) {
            (_, Dim::One) => Span::Same(values[0]),
            (Dim::Cohort, Dim::Segment) => Span::Grouped(values, &self.model.segment_of),
            (Dim::Cohort, Dim::Offer) => Span::Grouped(values, &self.model.offer_of),
            (from, to) => {
                assert!(from == to, "a line reads single lines by name and groups by total");
                Span::Each(values)
            }
        }
    }
}

impl Columns for At<'_> {
    fn count(&self) -> usize {
        self.model.elements(self.dim)
    }

    fn all_now(&self, line: LineId) -> Span<'_> {
        self.all(line, self.tick)
    }

    fn all_prior(&self, line: LineId) -> Span<'_> {
        self.all(line, self.tick - 1)
    }
}

impl Values for At<'_> {
    #[inline]
    fn input(&self, input: InputId) -> i64 {
        self.inputs.values[input.0]
    }

    #[inline]
    fn now(&self, line: LineId, element: usize) -> i64 {
        self.read(line, self.tick, element)
    }

    #[inline]
    fn prior(&self, line: LineId, element: usize) -> i64 {
        self.read(line, self.tick - 1, element)
    }

    fn latest(&self, line: LineId, element: usize) -> i64 {
        self.read(line, self.of_other(line), element)
    }

    fn before(&self, line: LineId, element: usize) -> i64 {
        self.read(line, self.of_other_before(line), element)
    }

    fn since(&self, line: LineId, element: usize) -> i64 {
        let since = self.of_other_before(line) + 1..=self.of_other(line);
        since.map(|tick| self.read(line, tick, element)).sum()
    }

    fn total(&self, line: LineId, element: usize) -> i64 {
        let dim = self.model.dims[line.0];
        let group = self.model.group(self.dim, element, dim);
        self.run.at(line, self.tick)[group].iter().sum()
    }

    fn part(&self, line: LineId, elements: Elements) -> i64 {
        self.run.at(line, self.tick)[elements.range()].iter().sum()
    }

    fn above(&self, line: LineId, element: usize) -> i64 {
        if element == 0 { 0 } else { self.run.value(line, self.tick, element - 1) }
    }

    fn lagged(&self, line: LineId, lag: usize, element: usize) -> i64 {
        if lag < self.tick { self.read(line, self.tick - lag, element) } else { 0 }
    }
}

/// What the formula of a single line sees: every line that it reads by name is single too, which
/// the model asserts when it is built.
struct Single<'a>(&'a At<'a>);

impl Single<'_> {
    #[inline]
    fn read(&self, line: LineId, tick: usize) -> i64 {
        let run = self.0.run;
        run.values[run.starts[line.0] + tick]
    }
}

impl Values for Single<'_> {
    #[inline]
    fn input(&self, input: InputId) -> i64 {
        self.0.inputs.values[input.0]
    }

    #[inline]
    fn now(&self, line: LineId, _: usize) -> i64 {
        self.read(line, self.0.tick)
    }

    #[inline]
    fn prior(&self, line: LineId, _: usize) -> i64 {
        self.read(line, self.0.tick - 1)
    }

    fn latest(&self, line: LineId, _: usize) -> i64 {
        self.read(line, self.0.of_other(line))
    }

    fn before(&self, line: LineId, _: usize) -> i64 {
        self.read(line, self.0.of_other_before(line))
    }

    fn since(&self, line: LineId, _: usize) -> i64 {
        let (first, last) = (self.0.of_other_before(line) + 1, self.0.of_other(line));
        (first..=last).map(|tick| self.read(line, tick)).sum()
    }

    fn total(&self, line: LineId, element: usize) -> i64 {
        self.0.total(line, element)
    }

    fn part(&self, line: LineId, elements: Elements) -> i64 {
        self.0.part(line, elements)
    }

    fn above(&self, line: LineId, element: usize) -> i64 {
        self.0.above(line, element)
    }

    fn lagged(&self, line: LineId, lag: usize, _: usize) -> i64 {
        if lag < self.0.tick { self.read(line, self.0.tick - lag) } else { 0 }
    }
}
