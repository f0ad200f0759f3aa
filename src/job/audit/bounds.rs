//! Interval bounds of every line: what can never and what must always be.

use std::collections::BTreeSet;

use crate::deal::Deal;
use crate::finding::{Finding, Origin};
use crate::formula::{Bounds, InputId, LineId, Ranges, Reading, Sort, Sorts};
use crate::model::{Axis, Closing, Model, Rule};

use super::{clause, is_declared};

/// The bounds of a model's lines, in order.
struct Known<'a> {
    model: &'a Model,
    /// At every tick, the closing included.
    of_line: Vec<Bounds>,
    /// After closing.
    live: Vec<Bounds>,
}

impl Sorts for Known<'_> {
    fn line(&self, line: LineId) -> Sort {
        self.model.lines[line.0].sort
    }

    fn input(&self, input: InputId) -> Sort {
        self.model.inputs[input.0].sort
    }
}

impl Ranges for Known<'_> {
    fn of_input(&self, input: InputId) -> Bounds {
        Bounds::only(self.model.inputs[input.0].value)
    }

    fn of_line(&self, line: LineId) -> Bounds {
        self.of_line[line.0]
    }

    fn most_since(&self, line: LineId) -> usize {
        let (of, timeline) = (self.model.lines[line.0].axis, &self.model.timeline);
        let axes = [Axis::Months, Axis::Payments, Axis::Purchases].into_iter();
        let between = axes.filter(|own| *own != of).flat_map(|own| {
            (1..=timeline.len(own))
                .map(move |tick| timeline.at(own, tick, of) - timeline.at(own, tick - 1, of))
        });
        between.max().unwrap_or(0)
    }

    fn most_elements(&self, line: LineId) -> usize {
        self.model.elements(self.model.lines[line.0].dim)
    }
}

impl<'a> Known<'a> {
    fn of(model: &'a Model) -> Known<'a> {
        let count = model.lines.len();
        let read_earlier = read_earlier(model);
        let seeds: Vec<Bounds> = (0..count).map(|place| seed(model, place)).collect();
        let mut known = Known { model, live: seeds.clone(), of_line: seeds };
        for place in 0..count {
            let line = &model.lines[place];
            let live = match &line.rule {
                Rule::Given { values, .. } => {
                    let low = values.iter().min().copied().unwrap_or(0);
                    Bounds { low, high: values.iter().max().copied().unwrap_or(0) }
                }
                Rule::Formula(formula) => within(formula.bounds(&known), known.live[place]),
            };
            let closing = match &line.closing {
                Closing::Empty => Bounds::only(0),
                Closing::Given(values) => {
                    let bounds = values.iter().map(|value| Bounds::only(*value));
                    bounds.reduce(Bounds::or).unwrap_or(Bounds::only(0))
                }
                Closing::Formula(formula) => formula.bounds(&known),
            };
            known.live[place] = live;
            // What is only ever read on its own date never shows its value at closing.
            let earlier = read_earlier.contains(&LineId(place));
            known.of_line[place] = if earlier { live.or(closing) } else { live };
        }
        known
    }
}

/// The lines that some formula reads on an earlier date, where the first reads the closing.
fn read_earlier(model: &Model) -> BTreeSet<LineId> {
    let mut lines = BTreeSet::new();
    let mut see = |line: LineId, reading: Reading| match reading {
        Reading::Now
        | Reading::Total
        | Reading::Part(_)
        | Reading::Above
        | Reading::Window(_)
        | Reading::Since => {}
        Reading::Prior | Reading::Latest | Reading::Before => {
            lines.insert(line);
        }
    };
    for line in &model.lines {
        if let Rule::Formula(formula) = &line.rule {
            formula.reads(&mut see);
        }
    }
    lines
}

/// What is known of a line before it is computed: balances and what is owed are never negative, a
/// pool never exceeds what was put into it, a tranche never its face.
fn seed(model: &Model, place: usize) -> Bounds {
    let line = &model.lines[place];
    let input = |key: &str| model.input(key).map(|input| model.inputs[input.0].value);
    let all = Bounds::of(line.sort);
    let whose = line.key.strip_suffix(".cumulative_default");
    if whose.is_some() || line.key == "collections.opening" {
        // What is bought later is not bounded by what there was.
        let bought = model.line("pool.purchased").is_some();
        let initial = format!("{}.initial_balance", whose.unwrap_or("pool"));
        let initial = input(&initial).filter(|_| !bought).unwrap_or(all.high);
        return Bounds { low: 0, high: initial };
    }
    let not_negative = [
        "opening_balance",
        "closing_balance",
        "arrears",
        "carried_in",
        "carried_out",
        "unpaid",
        "owed",
        "due",
        "paid",
        "left",
        "drawn_before",
        "paid_this_year",
        "called_before",
        "in_a_row",
        "days_beyond",
    ];
    if !not_negative.contains(&line.part) {
        return all;
    }
    let face = line.key.strip_suffix(".opening_balance").and_then(|key| {
        let grows = model.line(&format!("{key}.capitalised")).is_some();
        input(&format!("{key}.face")).filter(|_| !grows)
    });
    Bounds { low: 0, high: face.unwrap_or(all.high) }
}

/// What lies in both; a bound that is known by other means is not widened by its formula.
fn within(formula: Bounds, seed: Bounds) -> Bounds {
    let (low, high) = (formula.low.max(seed.low), formula.high.min(seed.high));
    if low > high { formula } else { Bounds { low, high } }
}

/// Triggers and clauses that the intervals decide.
pub(super) fn findings(deal: &Deal, model: &Model, origin: &dyn Fn() -> Origin) -> Vec<Finding> {
    let known = Known::of(model);
    let live = |key: &str| model.line(key).map(|line| known.live[line.0]);
    let mut findings = Vec::new();
    for trigger in deal.triggers.iter().filter(|trigger| !is_declared(&trigger.metric)) {
        let tripped = live(&format!("trigger.{}.tripped", trigger.id));
        let code = match tripped.and_then(Bounds::truth) {
            Some(false) => "M0130",
            Some(true) => "M0131",
            None => continue,
        };
        findings.push(Finding::new(code, origin()).with("name", &trigger.id));
    }
    for (place, step) in deal.steps.iter().enumerate() {
        let due = |payment: usize| live(&format!("step.{}.{}.due", place + 1, payment + 1));
        let never = |payment: usize| due(payment).is_some_and(|bounds| bounds.high <= 0);
        if (0..step.pay.len()).all(never) {
            findings.push(Finding::new("M0132", origin()).with("name", clause(deal, place)));
        }
    }
    findings
}
