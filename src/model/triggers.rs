//! Triggers and states: what is measured on a date, what has tripped, what state the deal is in.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::dates::Payments;
use super::line::Topic;
use super::tranches::{Balances, Closed};
use super::waterfall::{Cash, Paid};
use crate::config::Text;
use crate::deal::{Condition, Consequence, Deal, Flag, Metric, State, Step, Trigger};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::money::Rate;

/// The flags of a date.
pub(super) struct States {
    revolving: Option<LineId>,
    amortising: Option<LineId>,
    accelerated: Option<LineId>,
    /// The effect of each trigger.
    triggers: Vec<LineId>,
}

impl States {
    /// The flag of a state; `None` when the deal can never be in another (amortising) or in this one.
    pub fn flag(&self, state: State) -> Option<Formula> {
        let line = match state {
            State::Revolving => self.revolving,
            State::Amortising => self.amortising,
            State::Accelerated => self.accelerated,
        };
        line.map(Formula::Line)
    }

    /// The formula of a step's gate; `None` when it always pays.
    pub fn gate(&self, step: &Step) -> Option<Formula> {
        let mut gates: Vec<Formula> = Vec::new();
        if !step.states.is_empty() {
            let states: Vec<Formula> = step.states.iter().map(|state| self.state(*state)).collect();
            gates.push(if states.len() == 1 { states[0].clone() } else { Formula::Any(states) });
        }
        gates.extend(step.when.iter().map(|condition| self.condition(condition)));
        gates.retain(|gate| *gate != Formula::Whole(1, Sort::Flag));
        match gates.len() {
            0 => None,
            1 => gates.pop(),
            _ => Some(Formula::All(gates)),
        }
    }

    fn state(&self, state: State) -> Formula {
        self.flag(state)
            .unwrap_or(Formula::Whole(i64::from(state == State::Amortising), Sort::Flag))
    }

    fn condition(&self, condition: &Condition) -> Formula {
        let flag = match condition.flag {
            Flag::State(state) => self.state(state),
            Flag::Trigger(place) => Formula::Line(self.triggers[place]),
        };
        if condition.negated { Formula::Not(Box::new(flag)) } else { flag }
    }
}

/// Lowers metrics, triggers and states.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    cash: &Cash,
    balances: &Balances,
) -> States {
    let mut metrics: Vec<(Metric, LineId)> = Vec::new();
    let mut triggers = Vec::new();
    // The default ratio is reported even when no trigger asks for it.
    metric(lines, Metric::CumulativeDefaultRatio, &mut metrics, months, cash, balances);
    for trigger in &deal.triggers {
        let metric = metric(lines, trigger.metric, &mut metrics, months, cash, balances);
        triggers.push(lower_one(lines, deal, trigger, metric));
    }
    let tripped = |consequence: Consequence| -> Vec<Formula> {
        let with = deal.triggers.iter().zip(&triggers);
        with.filter(|(trigger, _)| trigger.consequence == consequence)
            .map(|(_, line)| Formula::Line(*line))
            .collect()
    };
    let column = |part: &'static str| {
        Column::payment(Topic::Triggers, format!("state.{part}"), &Text::default(), part)
    };
    let accelerating = tripped(Consequence::Accelerate);
    let accelerated =
        any(accelerating).map(|formula| lines.compute(column("accelerated"), formula));
    let revolving = dates.revolving.map(|by_date| {
        let mut conditions = vec![Formula::Line(by_date)];
        let stops = tripped(Consequence::EndRevolving).into_iter();
        let stops = stops.chain(accelerated.map(Formula::Line));
        conditions.extend(stops.map(|stop| Formula::Not(Box::new(stop))));
        lines.compute(column("revolving"), Formula::All(conditions))
    });
    let others: Vec<Formula> =
        revolving.into_iter().chain(accelerated).map(Formula::Line).collect();
    let amortising = any(others)
        .map(|others| lines.compute(column("amortising"), Formula::Not(Box::new(others))));
    States { revolving, amortising, accelerated, triggers }
}

fn any(mut flags: Vec<Formula>) -> Option<Formula> {
    match flags.len() {
        0 => None,
        1 => flags.pop(),
        _ => Some(Formula::Any(flags)),
    }
}

fn metric(
    lines: &mut Builder,
    metric: Metric,
    known: &mut Vec<(Metric, LineId)>,
    months: &Months,
    cash: &Cash,
    balances: &Balances,
) -> LineId {
    if let Some((_, line)) = known.iter().find(|(known, _)| *known == metric) {
        return *line;
    }
    let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
    let ratio = |part: Formula, whole: Formula| Formula::Quotient {
        part: Box::new(part),
        times: vec![],
        whole: Box::new(whole),
        places: (places, Rate::DECIMALS),
        rounding: crate::money::Rounding::HalfUp,
    };
    let formula = match metric {
        Metric::CumulativeDefaultRatio => {
            ratio(Formula::Latest(months.cumulative_default), Formula::Input(months.initial))
        }
        // Nothing senior outstanding is covered as well as can be.
        Metric::SeniorCoverage => {
            let most = coverage_most(lines);
            let backing =
                Formula::Sum(vec![Formula::Latest(months.closing), Formula::Line(cash.available)]);
            let coverage =
                Formula::Least(vec![ratio(backing, Formula::Line(balances.senior)), most.clone()]);
            let outstanding =
                Formula::compare(Comparison::Above, Formula::Line(balances.senior), Formula::ZERO);
            Formula::when(outstanding, coverage, most)
        }
        Metric::PoolFactor => {
            ratio(Formula::Latest(months.closing), Formula::Input(months.initial))
        }
    };
    let key = format!("metric.{}", metric.word());
    let line = lines
        .compute(Column::payment(Topic::Triggers, key, &Text::default(), metric.word()), formula);
    known.push((metric, line));
    line
}

/// The largest coverage that is told apart: a million times.
fn coverage_most(lines: &mut Builder) -> Formula {
    let most = Rate::ONE.parts() * 1_000_000;
    Formula::Input(lines.rate_constant("unit.coverage_most", "coverage_most", most))
}

/// `state = IF(AND(curable, NOT(tripped)), 0, MAX(state one date earlier, tripped))`.
fn lower_one(lines: &mut Builder, deal: &Deal, trigger: &Trigger, metric: LineId) -> LineId {
    let key = format!("trigger.{}", trigger.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Triggers, format!("{key}.{part}"), &trigger.name, part)
    };
    let threshold = threshold(lines, deal, trigger, &column);
    let how = if trigger.above { Comparison::Above } else { Comparison::Below };
    let tripped = lines.compute(
        column("tripped"),
        Formula::compare(how, Formula::Line(metric), threshold.clone()),
    );
    let headroom = if trigger.above {
        Formula::less(threshold, Formula::Line(metric))
    } else {
        Formula::less(Formula::Line(metric), threshold)
    };
    lines.compute(column("headroom"), headroom);
    let state = lines.promise(column("in_force"), Sort::Flag);
    let sticky = Formula::Greatest(vec![Formula::Prior(state), Formula::Line(tripped)]);
    lines.keep(state, if trigger.curable { Formula::Line(tripped) } else { sticky });
    // A lag of n dates is the state of n dates earlier, one prior at a time.
    (0..trigger.effect_lag).fold(state, |state, lag| {
        let column = Column::payment(
            Topic::Triggers,
            format!("{key}.effect.{}", lag + 1),
            &trigger.name,
            "effect",
        );
        lines.compute(column, Formula::Prior(state))
    })
}

/// One threshold is an input cell; a threshold that moves with time is a column of inputs.
fn threshold(
    lines: &mut Builder,
    deal: &Deal,
    trigger: &Trigger,
    column: &dyn Fn(&'static str) -> Column,
) -> Formula {
    if let [(_, only)] = trigger.thresholds[..] {
        let key = format!("trigger.{}.threshold", trigger.id);
        return Formula::Input(lines.input(
            key,
            &trigger.name,
            "threshold",
            Sort::Rate,
            only.parts(),
        ));
    }
    let at = |number: usize| {
        let in_force = trigger.thresholds.iter().rev().find(|(from, _)| *from <= number);
        in_force.or(trigger.thresholds.first()).map_or(0, |(_, rate)| rate.parts())
    };
    let values = (1..=deal.schedule.payments.len()).map(at).collect();
    Formula::Line(lines.given(column("threshold"), Sort::Rate, values))
}

/// Coverage after payment, for the report.
pub(super) fn report(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    paid: &Paid,
    closed: &Closed,
) {
    let column = |part: &'static str| {
        Column::payment(Topic::Triggers, format!("report.{part}"), &Text::default(), part)
    };
    let senior =
        deal.tranches.iter().zip(&closed.closing).filter(|(tranche, _)| !tranche.subordinated);
    let senior = Formula::sum(senior.map(|(_, line)| Formula::Line(*line)).collect());
    let senior = lines.compute(column("senior_after"), senior);
    lines.stock(senior);
    let backing = Formula::Sum(vec![Formula::Latest(months.closing), Formula::Line(paid.carry)]);
    let backing = lines.compute(column("pool_and_cash"), backing);
    lines.stock(backing);
    let places = lines.constant("unit.per_hundred_places", "per_hundred_places", 6);
    let coverage = Formula::Quotient {
        part: Box::new(Formula::Line(backing)),
        times: vec![],
        whole: Box::new(Formula::Line(senior)),
        places: (places, 6),
        rounding: crate::money::Rounding::HalfUp,
    };
    let most = coverage_most(lines);
    lines.compute(column("coverage_after"), Formula::Least(vec![coverage, most]));
}
