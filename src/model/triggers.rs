//! Triggers and states: what is measured on a date, what has tripped, what state the deal is in.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::dates::Payments;
use super::line::Topic;
use super::scope::Scope;
use super::tranches::{Closed, Openings};
use super::waterfall::{Cash, Paid};
use crate::config::Text;
use crate::deal::{Condition, Consequence, Deal, Flag, Metric, Side, State, Step, Tested, Trigger};
use crate::formula::{Comparison, Formula, LineId, Sort, serial};
use crate::money::{Rate, Rounding};

/// The flags of a date.
pub(super) struct States {
    revolving: Option<LineId>,
    amortising: Option<LineId>,
    accelerated: Option<LineId>,
    defaulted: Option<LineId>,
    /// Whether the clean-up call has been exercised, once it is decided.
    called: Option<LineId>,
    /// Whether some step names the state after the call, which then rules out all others.
    named_clean_up: bool,
    /// The effect of each trigger.
    triggers: Vec<LineId>,
    /// Of triggers that are tested daily, by place: the promise of whether the last payments left
    /// them beyond.
    breaches: Vec<(usize, LineId)>,
}

impl States {
    /// The flag of a state; `None` when the deal can never be in another (amortising) or in this one.
    pub fn flag(&self, state: State) -> Option<Formula> {
        let line = match state {
            State::Revolving => self.revolving,
            State::Amortising => self.amortising,
            State::Accelerated => self.accelerated,
            State::Defaulted => self.defaulted,
            State::CleanUp => self.called,
        };
        line.map(Formula::Line)
    }

    /// Whether the deal has stopped to revolve by the last payment date, as a month sees it; before the
    /// first payment date it has not, unless it never revolves.
    pub fn stopped(&self, lines: &mut Builder) -> Formula {
        let Some(revolving) = self.flag(State::Revolving) else {
            return Formula::Whole(1, Sort::Flag);
        };
        let part = "stopped_revolving";
        let column =
            Column::payment(Topic::Triggers, format!("state.{part}"), &Text::default(), part);
        let stopped = lines.compute(column, Formula::Not(Box::new(revolving)));
        Formula::Latest(stopped)
    }

    /// Says that the call has been decided.
    pub fn decide(&mut self, called: LineId) {
        self.called = Some(called);
    }

    /// Whether the call has been exercised, if there is one.
    pub fn called(&self) -> Option<Formula> {
        self.flag(State::CleanUp)
    }

    /// Whether everything is due whatever the schedules say: acceleration, default, call.
    pub fn all_due(&self) -> Option<Formula> {
        let states = [State::Accelerated, State::Defaulted, State::CleanUp];
        any(states.iter().filter_map(|state| self.flag(*state)).collect())
    }

    /// The formula of a step's gate; `None` when it always pays.
    pub fn gate(&self, step: &Step, scope: &Scope) -> Option<Formula> {
        let mut gates: Vec<Formula> = Vec::new();
        if !step.states.is_empty() {
            let states: Vec<Formula> = step.states.iter().map(|state| self.state(*state)).collect();
            gates.push(if states.len() == 1 { states[0].clone() } else { Formula::Any(states) });
        }
        gates.extend(step.when.iter().map(|condition| self.condition(condition, scope)));
        gates.retain(|gate| *gate != Formula::Whole(1, Sort::Flag));
        match gates.len() {
            0 => None,
            1 => gates.pop(),
            _ => Some(Formula::All(gates)),
        }
    }

    fn state(&self, state: State) -> Formula {
        let flag = self
            .flag(state)
            .unwrap_or(Formula::Whole(i64::from(state == State::Amortising), Sort::Flag));
        match self.called() {
            Some(called) if self.named_clean_up && state != State::CleanUp => {
                Formula::All(vec![flag, Formula::Not(Box::new(called))])
            }
            _ => flag,
        }
    }

    fn condition(&self, condition: &Condition, scope: &Scope) -> Formula {
        let flag = match condition.flag {
            Flag::State(state) => self.state(state),
            Flag::Trigger(place) => Formula::Line(self.triggers[place]),
            Flag::Defined(place) => scope.definition(place),
        };
        if condition.negated { Formula::Not(Box::new(flag)) } else { flag }
    }
}

/// What metrics are computed from.
pub(super) struct Measured<'a> {
    pub deal: &'a Deal,
    pub months: &'a Months,
    pub dates: &'a Payments,
    pub cash: &'a Cash,
    pub openings: &'a Openings,
}

/// Lowers metrics, triggers and states. Triggers tested after payment are promised their effect.
pub(super) fn lower(lines: &mut Builder, with: &Measured, scope: &mut Scope) -> States {
    let deal = with.deal;
    let mut metrics: Vec<(Metric, LineId)> = Vec::new();
    // The default ratio is reported even when no trigger asks for it.
    with.built_in(lines, &Metric::CumulativeDefaultRatio, &mut metrics);
    let (mut triggers, mut breaches) = (Vec::new(), Vec::new());
    for trigger in &deal.triggers {
        let effect = match trigger.tested {
            Tested::Before => {
                let state = with.test(lines, trigger, &mut metrics, scope);
                lagged(lines, trigger, state)
            }
            Tested::After => {
                let column = column_of(trigger, "effect");
                lines.promise(column, Sort::Flag)
            }
            Tested::Daily => {
                let (state, promised) = with.daily(lines, trigger);
                breaches.push((triggers.len(), promised));
                lagged(lines, trigger, state)
            }
        };
        scope.add(format!("trigger.{}", trigger.id), Formula::Line(effect));
        triggers.push(effect);
    }
    let mut states = states(lines, deal, with.dates, triggers);
    states.breaches = breaches;
    for (word, state) in State::WORDS.iter().filter(|(_, state)| *state != State::CleanUp) {
        scope.add(format!("state.{word}"), states.state(*state));
    }
    states
}

fn states(lines: &mut Builder, deal: &Deal, dates: &Payments, triggers: Vec<LineId>) -> States {
    let tripped = |consequence: Consequence| -> Vec<Formula> {
        let with = deal.triggers.iter().zip(&triggers);
        with.filter(|(trigger, _)| trigger.consequence == consequence)
            .map(|(_, line)| Formula::Line(*line))
            .collect()
    };
    let column = |part: &'static str| {
        Column::payment(Topic::Triggers, format!("state.{part}"), &Text::default(), part)
    };
    let defaulted = any(tripped(Consequence::Default))
        .map(|flag| lines.compute(column("event_of_default"), flag));
    let accelerated = any(tripped(Consequence::Accelerate)).map(|flag| {
        let flag = match defaulted {
            Some(defaulted) => {
                Formula::All(vec![flag, Formula::Not(Box::new(Formula::Line(defaulted)))])
            }
            None => flag,
        };
        lines.compute(column("accelerated"), flag)
    });
    let revolving = dates.revolving.map(|by_date| {
        let mut conditions = vec![Formula::Line(by_date)];
        let stops = tripped(Consequence::EndRevolving).into_iter();
        let stops = stops.chain(accelerated.into_iter().chain(defaulted).map(Formula::Line));
        conditions.extend(stops.map(|stop| Formula::Not(Box::new(stop))));
        lines.compute(column("revolving"), Formula::All(conditions))
    });
    let others: Vec<Formula> =
        revolving.into_iter().chain(accelerated).chain(defaulted).map(Formula::Line).collect();
    let amortising = any(others)
        .map(|others| lines.compute(column("amortising"), Formula::Not(Box::new(others))));
    let named_clean_up = deal.steps.iter().any(|step| step.states.contains(&State::CleanUp));
    States {
        revolving,
        amortising,
        accelerated,
        defaulted,
        called: None,
        named_clean_up,
        triggers,
        breaches: Vec::new(),
    }
}

fn any(mut flags: Vec<Formula>) -> Option<Formula> {
    match flags.len() {
        0 => None,
        1 => flags.pop(),
        _ => Some(Formula::Any(flags)),
    }
}

fn column_of(trigger: &Trigger, part: &'static str) -> Column {
    let key = format!("trigger.{}.{part}", trigger.id);
    Column::payment(Topic::Triggers, key, &trigger.name, part)
}

/// A lag of n dates is the state of n dates earlier, one prior at a time.
fn lagged(lines: &mut Builder, trigger: &Trigger, state: LineId) -> LineId {
    (0..trigger.effect_lag).fold(state, |state, lag| {
        let key = format!("trigger.{}.effect.{}", trigger.id, lag + 1);
        let column = Column::payment(Topic::Triggers, key, &trigger.name, "effect");
        lines.compute(column, Formula::Prior(state))
    })
}

/// Lowers the triggers that are tested after payment: their effect is the state one date earlier,
/// and earlier still where they have a lag.
pub(super) fn after(lines: &mut Builder, with: &Measured, states: &States, scope: &Scope) {
    let mut metrics = Vec::new();
    for (place, trigger) in with.deal.triggers.iter().enumerate() {
        if trigger.tested == Tested::After {
            let state = with.test(lines, trigger, &mut metrics, scope);
            let state = lagged(lines, trigger, state);
            lines.keep(states.triggers[place], Formula::Prior(state));
        }
    }
    for (place, promised) in &states.breaches {
        let trigger = &with.deal.triggers[*place];
        let beyond = with.beyond(lines, trigger, &mut metrics, scope);
        let beyond = with.once_tested(lines, trigger, beyond);
        let beyond = lines.compute(column_of(trigger, "beyond"), beyond);
        lines.keep(*promised, Formula::Prior(beyond));
    }
}

impl Measured<'_> {
    /// `state = IF(AND(curable, NOT(tripped)), 0, MAX(state one date earlier, tripped))`.
    fn test(
        &self,
        lines: &mut Builder,
        trigger: &Trigger,
        metrics: &mut Vec<(Metric, LineId)>,
        scope: &Scope,
    ) -> LineId {
        let beyond = self.beyond(lines, trigger, metrics, scope);
        let tripped = self.tripped(lines, trigger, beyond);
        held(lines, trigger, tripped)
    }

    /// Tested on every day: what the last payments left beyond the threshold stays beyond it until the
    /// next payments, and trips on the day on which the grace ends that its first date began. In force
    /// on the first payment date from that day on.
    ///
    /// `day = IF(beyond, IF(beyond before, day one date earlier, grace end of the date before), 0)`,
    /// `tripped = AND(beyond, day <= payment date)`.
    fn daily(&self, lines: &mut Builder, trigger: &Trigger) -> (LineId, LineId) {
        let serials = trigger.grace_ends.iter().map(|day| serial(*day)).chain([0]);
        let ends = lines.given(column_of(trigger, "grace_ends"), Sort::Date, serials.collect());
        let since = lines.promise(column_of(trigger, "beyond_since"), Sort::Flag);
        let day = lines.promise(column_of(trigger, "day_in_force"), Sort::Date);
        let goes_on =
            Formula::when(Formula::Prior(since), Formula::Prior(day), Formula::Prior(ends));
        let none = Formula::Whole(0, Sort::Date);
        lines.keep(day, Formula::when(Formula::Line(since), goes_on, none));
        let payment = Formula::Line(self.dates.payment);
        let over = Formula::compare(Comparison::AtMost, Formula::Line(day), payment);
        let tripped = Formula::All(vec![Formula::Line(since), over]);
        let tripped = lines.compute(column_of(trigger, "tripped"), tripped);
        (held(lines, trigger, tripped), since)
    }

    /// Whether the metric is beyond its threshold, the flag holds, or somebody has declared it.
    fn beyond(
        &self,
        lines: &mut Builder,
        trigger: &Trigger,
        metrics: &mut Vec<(Metric, LineId)>,
        scope: &Scope,
    ) -> Formula {
        let metric = match &trigger.metric {
            Metric::Flag(place) => return scope.definition(*place),
            Metric::Declared(on) => {
                let count = self.deal.schedule.payments.len();
                let flags = (1..=count).map(|number| i64::from(on.contains(&number))).collect();
                let declared = lines.given(column_of(trigger, "declared"), Sort::Flag, flags);
                return Formula::Line(declared);
            }
            Metric::Ratio(place) => scope.definition(*place),
            built_in => Formula::Line(self.built_in(lines, built_in, metrics)),
        };
        let threshold = self.threshold(lines, trigger);
        let how = match trigger.side {
            Side::Above => Comparison::Above,
            Side::AtLeast => Comparison::AtLeast,
            Side::Below => Comparison::Below,
            Side::AtMost => Comparison::AtMost,
        };
        let headroom = match trigger.side {
            Side::Above | Side::AtLeast => Formula::less(threshold.clone(), metric.clone()),
            Side::Below | Side::AtMost => Formula::less(metric.clone(), threshold.clone()),
        };
        lines.compute(column_of(trigger, "headroom"), headroom);
        Formula::compare(how, metric, threshold)
    }

    /// Beyond the threshold, from the first date on that is tested, often or long enough.
    fn tripped(&self, lines: &mut Builder, trigger: &Trigger, beyond: Formula) -> LineId {
        let once = self.once_tested(lines, trigger, beyond);
        if trigger.consecutive == 1 && trigger.grace_days == 0 {
            return lines.compute(column_of(trigger, "tripped"), once);
        }
        let one = lines.compute(column_of(trigger, "beyond"), once);
        let mut conditions = vec![Formula::Line(one)];
        if trigger.consecutive > 1 {
            let count = lines.promise(column_of(trigger, "in_a_row"), Sort::Number);
            let next = Formula::Sum(vec![Formula::Prior(count), Formula::Whole(1, Sort::Number)]);
            let zero = Formula::Whole(0, Sort::Number);
            lines.keep(count, Formula::when(Formula::Line(one), next, zero));
            let wanted = figure(lines, trigger, "consecutive", trigger.consecutive);
            conditions.push(Formula::compare(Comparison::AtLeast, Formula::Line(count), wanted));
        }
        if trigger.grace_days > 0 {
            let days = lines.promise(column_of(trigger, "days_beyond"), Sort::Number);
            let since = Formula::less(
                Formula::Line(self.dates.payment),
                Formula::Prior(self.dates.payment),
            );
            let grown = Formula::Sum(vec![Formula::Prior(days), since]);
            let zero = || Formula::Whole(0, Sort::Number);
            // The first date beyond begins the count.
            let lasting = Formula::All(vec![Formula::Line(one), Formula::Prior(one)]);
            lines.keep(days, Formula::when(lasting, grown, zero()));
            let grace = usize::try_from(trigger.grace_days).expect("days are few");
            let grace = figure(lines, trigger, "grace_days", grace);
            conditions.push(Formula::compare(Comparison::AtLeast, Formula::Line(days), grace));
        }
        lines.compute(column_of(trigger, "tripped"), Formula::All(conditions))
    }

    /// From the first date on that is tested.
    fn once_tested(&self, lines: &mut Builder, trigger: &Trigger, beyond: Formula) -> Formula {
        if trigger.from_payment == 1 {
            return beyond;
        }
        let first = figure(lines, trigger, "from_payment", trigger.from_payment);
        let number = Formula::Line(self.dates.number);
        Formula::All(vec![beyond, Formula::compare(Comparison::AtLeast, number, first)])
    }

    fn built_in(
        &self,
        lines: &mut Builder,
        metric: &Metric,
        known: &mut Vec<(Metric, LineId)>,
    ) -> LineId {
        if let Some((_, line)) = known.iter().find(|(known, _)| known == metric) {
            return *line;
        }
        let key = |word: &str| format!("metric.{word}");
        let word = Metric::WORDS.iter().find(|(_, known)| known == metric);
        let word = word.expect("a metric with a threshold of its own").0;
        // A trigger that is tested after payment measures again.
        let (key, after) = match lines.find(&key(word)) {
            Some(_) => (format!("metric.{word}.after"), true),
            None => (key(word), false),
        };
        let formula = self.measure(lines, metric);
        let part = if after { "measured_after" } else { word };
        let column = Column::payment(Topic::Triggers, key, &Text::default(), part);
        let line = lines.compute(column, formula);
        known.push((metric.clone(), line));
        line
    }

    fn measure(&self, lines: &mut Builder, metric: &Metric) -> Formula {
        let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
        let ratio = |part: Formula, whole: Formula| Formula::Quotient {
            part: Box::new(part),
            times: vec![],
            whole: Box::new(whole),
            places: (places, Rate::DECIMALS),
            rounding: Rounding::HalfUp,
        };
        match metric {
            // Of everything that the deal has owned.
            Metric::CumulativeDefaultRatio => {
                let initial = Formula::Input(self.months.initial);
                let bought = self.months.bought.as_ref();
                let bought = bought.map(|bought| Formula::Latest(bought.cumulative));
                let owned = std::iter::once(initial).chain(bought).collect();
                let defaulted = Formula::Latest(self.months.cumulative_default);
                ratio(defaulted, Formula::sum(owned))
            }
            // Nothing senior outstanding is covered as well as can be.
            Metric::SeniorCoverage => {
                let most = coverage_most(lines);
                let senior = || Formula::Line(self.openings.senior);
                let backing = Formula::Sum(vec![
                    Formula::Latest(self.months.closing),
                    Formula::Line(self.cash.available),
                ]);
                let coverage = Formula::Least(vec![ratio(backing, senior()), most.clone()]);
                let outstanding = Formula::compare(Comparison::Above, senior(), Formula::ZERO);
                Formula::when(outstanding, coverage, most)
            }
            Metric::PoolFactor | Metric::Ratio(_) | Metric::Flag(_) | Metric::Declared(_) => {
                ratio(Formula::Latest(self.months.closing), Formula::Input(self.months.initial))
            }
        }
    }

    /// One threshold is an input cell; a threshold that moves with time is a column of inputs.
    fn threshold(&self, lines: &mut Builder, trigger: &Trigger) -> Formula {
        if let [(_, only)] = trigger.thresholds[..] {
            let key = format!("trigger.{}.threshold", trigger.id);
            let only = only.parts();
            return Formula::Input(lines.input(key, &trigger.name, "threshold", Sort::Rate, only));
        }
        let at = |number: usize| {
            let in_force = trigger.thresholds.iter().rev().find(|(from, _)| *from <= number);
            in_force.or(trigger.thresholds.first()).map_or(0, |(_, rate)| rate.parts())
        };
        let values = (1..=self.deal.schedule.payments.len()).map(at).collect();
        Formula::Line(lines.given(column_of(trigger, "threshold"), Sort::Rate, values))
    }
}

/// What has tripped stays in force, unless it can be cured.
fn held(lines: &mut Builder, trigger: &Trigger, tripped: LineId) -> LineId {
    let state = lines.promise(column_of(trigger, "in_force"), Sort::Flag);
    let sticky = Formula::Greatest(vec![Formula::Prior(state), Formula::Line(tripped)]);
    lines.keep(state, if trigger.curable { Formula::Line(tripped) } else { sticky });
    state
}

/// A count that a trigger needs, as an input.
fn figure(lines: &mut Builder, trigger: &Trigger, part: &'static str, count: usize) -> Formula {
    let key = format!("trigger.{}.{part}", trigger.id);
    let count = i64::try_from(count).expect("counts are small");
    Formula::Input(lines.input(key, &trigger.name, part, Sort::Number, count))
}

/// The largest coverage that is told apart: a million times.
fn coverage_most(lines: &mut Builder) -> Formula {
    let most = Rate::ONE.parts() * 1_000_000;
    Formula::Input(lines.rate_constant("unit.coverage_most", "coverage_most", most))
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
    // What the date bought is in the pool, though it joins its months later.
    let bought = paid.purchased.as_ref().map(|purchased| Formula::Line(purchased.principal));
    let backing = [Formula::Latest(months.closing), Formula::Line(paid.carry)].into_iter();
    let backing = Formula::Sum(backing.chain(bought).collect());
    let backing = lines.compute(column("pool_and_cash"), backing);
    lines.stock(backing);
    let places = lines.constant("unit.per_hundred_places", "per_hundred_places", 6);
    let coverage = Formula::Quotient {
        part: Box::new(Formula::Line(backing)),
        times: vec![],
        whole: Box::new(Formula::Line(senior)),
        places: (places, 6),
        rounding: Rounding::HalfUp,
    };
    let most = coverage_most(lines);
    lines.compute(column("coverage_after"), Formula::Least(vec![coverage, most]));
}
