//! Behaviour rates of each cohort and month.

use chrono::NaiveDate;

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, Curve, Defaults, Monthly, Prepayment, Segment};
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::money::Rate;

/// The lines of the rates.
pub(super) struct Rates {
    pub smm: Option<LineId>,
    pub mdr: Option<LineId>,
    /// Defaults of the month as a share of a balance.
    pub share: Option<Share>,
}

/// Defaults as a share of the balance at cut-off, or of what was bought.
pub(super) struct Share {
    /// The balance.
    pub balance: LineId,
    /// What was bought before the month; promised.
    pub bought: Option<LineId>,
    /// The share.
    pub share: LineId,
}

impl Rates {
    /// Lowers the rates.
    pub fn lower(
        lines: &mut Builder,
        pool: &Collateral,
        assumptions: &Assumptions,
        timeline: &Timeline,
        days: LineId,
    ) -> Rates {
        let column = |key: &str, part| Column::month(Topic::Rates, Dim::Cohort, key, part);
        let needs_age = assumptions.segments.iter().any(Segment::needs_age);
        let ages = |month: usize, cohort: &Cohort| age(cohort, timeline.months[month]);
        let age = needs_age.then(|| {
            let values = (1..timeline.months.len())
                .flat_map(|month| pool.cohorts.iter().map(move |cohort| ages(month, cohort)));
            lines.recorded(column("rates.age", "age"), Sort::Number, values.collect())
        });
        let curves =
            |lines: &mut Builder, key: &str, part, curve: &dyn Fn(&Segment) -> Option<Curve>| {
                speeds(lines, &column(key, part), pool, assumptions, timeline, curve)
            };
        let prepayment =
            curves(lines, "prepayment", "prepayment_speed", &|segment| match &segment.prepayment {
                Prepayment::None => None,
                Prepayment::Cpr(curve) | Prepayment::Smm(curve) | Prepayment::Abs(curve) => {
                    Some(curve.clone())
                }
            });
        let smm = prepayment.map(|speeds| {
            let formula =
                |lines: &mut Builder, segment: &Segment, speed: Formula| match segment.prepayment {
                    Prepayment::None => Formula::Whole(0, Sort::Rate),
                    Prepayment::Smm(_) => speed,
                    Prepayment::Cpr(_) => mortality(lines, assumptions.monthly, speed, days),
                    Prepayment::Abs(_) => Formula::Absolute {
                        speed: Box::new(speed),
                        age: Box::new(Formula::Line(age.expect("an absolute speed needs the age"))),
                    },
                };
            by_cohort(lines, column("rates.smm", "smm"), pool, assumptions, &speeds, formula)
        });
        let default =
            curves(lines, "default", "default_speed", &|segment| match &segment.default {
                Defaults::None | Defaults::Cumulative { .. } => None,
                Defaults::Cdr(curve) | Defaults::Mdr(curve) => Some(curve.clone()),
            });
        let mdr = default.map(|speeds| {
            let formula =
                |lines: &mut Builder, segment: &Segment, speed: Formula| match segment.default {
                    Defaults::None | Defaults::Cumulative { .. } => Formula::Whole(0, Sort::Rate),
                    Defaults::Mdr(_) => speed,
                    Defaults::Cdr(_) => mortality(lines, assumptions.monthly, speed, days),
                };
            by_cohort(lines, column("rates.mdr", "mdr"), pool, assumptions, &speeds, formula)
        });
        let share = shares(lines, &column, pool, assumptions, timeline);
        Rates { smm, mdr, share }
    }
}

/// Months from the month of origination to a collection month, at least 1; 0 where nobody asks.
fn age(cohort: &Cohort, month_end: NaiveDate) -> i64 {
    cohort.origination.map_or(0, |origination| {
        i64::from(crate::time::months_between(origination, month_end)).max(1)
    })
}

fn narrow(month: usize) -> u32 {
    u32::try_from(month).expect("months are few")
}

fn clock(cohort: &Cohort, segment: &Segment, timeline: &Timeline, month: usize) -> u32 {
    let months = if segment.by_age {
        age(cohort, timeline.months[month])
    } else {
        i64::try_from(month).expect("months are few")
    };
    u32::try_from(months).expect("months are few")
}

fn mortality(lines: &mut Builder, monthly: Monthly, annual: Formula, days: LineId) -> Formula {
    let (part, whole) = match monthly {
        Monthly::Twelfth => (Formula::Whole(1, Sort::Number), lines.twelve()),
        Monthly::ActualDays => {
            let basis = lines.constant("basis.365", "basis", 365);
            (Formula::Line(days), Formula::Input(basis))
        }
    };
    Formula::Mortality { annual: Box::new(annual), part: Box::new(part), whole: Box::new(whole) }
}

/// For each segment the formula of its speed: an input cell, or the cell of a curve by month.
pub(super) fn speeds(
    lines: &mut Builder,
    column: &Column,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    curve: &dyn Fn(&Segment) -> Option<Curve>,
) -> Option<Vec<Formula>> {
    let curves: Vec<Option<Curve>> = assumptions.segments.iter().map(curve).collect();
    if curves.iter().all(Option::is_none) {
        return None;
    }
    let moving =
        |curve: &Option<Curve>| curve.as_ref().is_some_and(|c| !matches!(c, Curve::Constant(_)));
    let by_month = curves.iter().any(moving).then(|| {
        let values = (1..timeline.months.len()).flat_map(|month| {
            let curves = &curves;
            pool.cohorts.iter().map(move |cohort| {
                let segment = &assumptions.segments[cohort.segment];
                let rate =
                    curves[cohort.segment].as_ref().filter(|_| moving(&curves[cohort.segment]));
                let clock = clock(cohort, segment, timeline, month);
                rate.map_or(0, |curve| curve.during(clock, narrow(month)).parts())
            })
        });
        let column = Column { key: format!("rates.{}_curve", column.key), ..column.clone() };
        lines.given(column, Sort::Rate, values.collect())
    });
    let formulas = curves.iter().enumerate().map(|(place, curve)| match curve {
        None => Formula::Whole(0, Sort::Rate),
        Some(Curve::Constant(rate)) => {
            let of = (place, &assumptions.segments[place]);
            Formula::Input(segment_rate(lines, of, &column.key, column.part, *rate))
        }
        Some(_) => Formula::Line(by_month.expect("a curve that moves has its line")),
    });
    Some(formulas.collect())
}

pub(super) fn by_cohort(
    lines: &mut Builder,
    column: Column,
    pool: &Collateral,
    assumptions: &Assumptions,
    speeds: &[Formula],
    formula: impl Fn(&mut Builder, &Segment, Formula) -> Formula,
) -> LineId {
    let by_segment: Vec<Formula> = assumptions
        .segments
        .iter()
        .zip(speeds)
        .map(|(segment, speed)| formula(lines, segment, speed.clone()))
        .collect();
    let formulas = pool.cohorts.iter().map(|cohort| by_segment[cohort.segment].clone()).collect();
    lines.compute(column, Formula::ByElement(formulas))
}

/// A rate of a segment as an input: `segment.2.recovery_rate`, called `part` for readers.
pub(super) fn segment_rate(
    lines: &mut Builder,
    (place, segment): (usize, &Segment),
    key: &str,
    part: &'static str,
    rate: Rate,
) -> InputId {
    let key = format!("segment.{}.{key}", place + 1);
    lines.input(key, &segment.title(), part, Sort::Rate, rate.parts())
}

/// A line by cohort whose formula is that of the cohort's segment.
pub(super) fn by_segment(
    lines: &mut Builder,
    column: Column,
    pool: &Collateral,
    assumptions: &Assumptions,
    formula: impl Fn(&mut Builder, usize, &Segment) -> Formula,
) -> LineId {
    let segments = assumptions.segments.iter().enumerate();
    let by_segment: Vec<Formula> =
        segments.map(|(place, segment)| formula(lines, place, segment)).collect();
    let formulas = pool.cohorts.iter().map(|cohort| by_segment[cohort.segment].clone()).collect();
    lines.compute(column, Formula::ByElement(formulas))
}

/// `ratio × timing` of segments that default by a share of the balance at cut-off.
fn shares(
    lines: &mut Builder,
    column: &dyn Fn(&str, &'static str) -> Column,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
) -> Option<Share> {
    let cumulative = |segment: &Segment| matches!(segment.default, Defaults::Cumulative { .. });
    if !assumptions.segments.iter().any(cumulative) {
        return None;
    }
    let values = (1..timeline.months.len()).flat_map(|month| {
        pool.cohorts.iter().map(move |cohort| {
            let segment = &assumptions.segments[cohort.segment];
            let Defaults::Cumulative { timing, .. } = &segment.default else { return 0 };
            // The shares are of its own balance at cut-off, so they begin when it joins.
            let clock =
                usize::try_from(clock(cohort, segment, timeline, month)).expect("months are few");
            let before = match (segment.by_age, cohort.bought) {
                (true, _) => 0,
                (false, None) => cohort.months_before(),
                // What is bought within a month behaves from the next one on.
                (false, Some(_)) => cohort.months_before() + 1,
            };
            let share = clock.checked_sub(before + 1).and_then(|past| timing.get(past));
            let shocked = |share: &Rate| match segment.shock {
                Some(shock) => shock.on(*share, narrow(month)),
                None => *share,
            };
            share.map_or(0, |share| shocked(share).parts())
        })
    });
    let timing =
        lines.given(column("rates.default_timing", "default_timing"), Sort::Rate, values.collect());
    let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
    let ratios =
        assumptions.segments.iter().enumerate().map(|(place, segment)| match &segment.default {
            Defaults::Cumulative { ratio, .. } => {
                let part = "cumulative_default_ratio";
                let ratio = segment_rate(lines, (place, segment), part, part, *ratio);
                Formula::Quotient {
                    part: Box::new(Formula::Input(ratio)),
                    times: vec![Formula::Line(timing)],
                    whole: Box::new(Formula::ONE),
                    places: (places, Rate::DECIMALS),
                    rounding: crate::money::Rounding::HalfUp,
                }
            }
            Defaults::None | Defaults::Cdr(_) | Defaults::Mdr(_) => Formula::Whole(0, Sort::Rate),
        });
    let ratios: Vec<Formula> = ratios.collect();
    let formulas = pool.cohorts.iter().map(|cohort| ratios[cohort.segment].clone()).collect();
    let share =
        lines.compute(column("rates.default_share", "default_share"), Formula::ByElement(formulas));
    let own = |cohort: &Cohort| match cohort.bought {
        None => cohort.outstanding.minor(),
        Some(_) => 0,
    };
    let balances = (1..timeline.months.len()).flat_map(|_| pool.cohorts.iter().map(own));
    let balance = column("rates.cutoff_balance", "cutoff_balance");
    let balance = lines.recorded(balance, Sort::Amount, balances.collect());
    lines.stock(balance);
    let bought = pool.cohorts.iter().any(|cohort| cohort.bought.is_some()).then(|| {
        let line = lines.promise(column("rates.bought_before", "bought_before"), Sort::Amount);
        lines.stock(line)
    });
    Some(Share { balance, bought, share })
}
