//! The pool as lines: a corkscrew by cohort that rides on the contract plan.
//!
//! ```text
//! prior closing + joined = opening ─ default ─▶ performing ─ scheduled ─ prepaid ─▶ closing
//!                                      │           └ share of the plan: principal, interest, fee
//!                                      └▶ recovery, by the lag of the segment
//! ```
//!
//! With no stress this *is* the contract to the fen: performing equals the planned balance, so every
//! share is the whole. Rounding cannot open a gap, because closing comes by subtraction. What joins
//! later than the cut-off date joins at the start of a month; most pools have no such line.

use chrono::NaiveDate;

use super::Timeline;
use super::build::{Builder, Column};
use super::line::{Closing, Dim, Topic};
use crate::assumptions::{
    Assumptions, Curve, Defaults, EarlySettlement, Monthly, Order, Prepayment, Segment,
};
use crate::config::Text;
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::ledger::{Account, Movement};
use crate::money::{Amount, Rate};

/// The receivables that behave alike, with their contract cash by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The name for readers.
    pub name: Text,
    /// The segment it belongs to, by place.
    pub segment: usize,
    /// The month of origination, when the segment's rates go by age.
    pub origination: Option<NaiveDate>,
    /// The month, from 1, at whose start it joins the pool; `None` when it is there at cut-off.
    pub joins: Option<usize>,
    /// Receivables in the cohort.
    pub count: usize,
    /// Outstanding principal at cut-off, its own when it joins later.
    pub outstanding: Amount,
    /// Of it overdue at cut-off and never paid.
    pub unpaid_arrears: Amount,
    /// Contract principal by month, arrears that are paid included in the month in which it joins.
    pub principal: Vec<Amount>,
    /// Contract interest by month.
    pub interest: Vec<Amount>,
    /// Contract fees by month.
    pub fee: Vec<Amount>,
}

/// The pool as the model needs it: cohorts ascending by segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Collateral {
    /// The cohorts.
    pub cohorts: Vec<Cohort>,
    /// The names of the segments.
    pub segments: Vec<Text>,
}

impl Cohort {
    /// The months before it joins the pool.
    fn months_before(&self) -> usize {
        self.joins.map_or(0, |joins| joins - 1)
    }
}

impl Collateral {
    /// Outstanding principal of all cohorts.
    pub fn outstanding(&self) -> Amount {
        self.cohorts.iter().map(|cohort| cohort.outstanding).sum()
    }
}

/// The pool's lines that the liabilities read.
pub(super) struct Months {
    pub opening: LineId,
    pub closing: LineId,
    pub days: LineId,
    pub defaulted: LineId,
    pub scheduled: LineId,
    pub prepaid: LineId,
    pub recovered: Option<LineId>,
    pub interest: LineId,
    pub fee: LineId,
    pub cash: LineId,
    pub cumulative_default: LineId,
    pub initial: InputId,
    /// What joins at the start of a month, when anything joins later than the cut-off date.
    pub joined: Option<LineId>,
    /// Flows whose cash enters the account, with their label.
    pub flows: Vec<(LineId, &'static str)>,
    /// Totals over the cohorts, which are nothing once the pool is sold.
    pub of_pool: Vec<LineId>,
}

impl Months {
    /// The pool at the start of a collection month: what was there at the end of the last, and what
    /// joins.
    pub fn at_start(&self) -> Formula {
        Formula::Line(self.opening)
    }
}

/// Lowers the pool.
pub(super) fn lower(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    commingling_months: u32,
) -> Months {
    let days = calendar(lines, timeline);
    let plan = plan(lines, pool, timeline, assumptions);
    let rates = Rates::lower(lines, pool, assumptions, timeline, days);
    let cohort = corkscrew(lines, pool, assumptions, &plan, &rates);
    let recovered = recoveries(lines, assumptions, cohort.defaulted);
    totals(lines, pool, days, &cohort, recovered, commingling_months)
}

/// The ends of the months, and the days of each as a line.
fn calendar(lines: &mut Builder, timeline: &Timeline) -> LineId {
    let ends = timeline.months[1..].iter().map(|day| serial(*day)).collect();
    let column = Column::month(Topic::Pool, Dim::One, "pool.month_end", "month_end");
    let end = lines.recorded(column, Sort::Date, ends);
    lines.closing(end, Closing::Given(vec![serial(timeline.months[0])]));
    let column = Column::month(Topic::Pool, Dim::One, "pool.days", "days");
    lines.compute(column, Formula::less(Formula::Line(end), Formula::Prior(end)))
}

/// A day as spreadsheets count it.
pub fn serial(day: NaiveDate) -> i64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day of the calendar");
    (day - epoch).num_days()
}

/// The day that a spreadsheet's number stands for; `None` for an empty cell.
pub fn day(serial: i64) -> Option<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day of the calendar");
    (serial > 0).then(|| epoch + chrono::Days::new(serial.unsigned_abs()))
}

struct Plan {
    /// What joins at the start of a month.
    joined: Option<LineId>,
    opening: LineId,
    principal: LineId,
    interest: LineId,
    fee: LineId,
    unpaid_arrears: Option<LineId>,
    /// Charges that an early settlement pays, by the rule.
    early: Option<LineId>,
    /// Whether some cohort has charges after its last principal.
    trailing: bool,
}

fn plan(
    lines: &mut Builder,
    pool: &Collateral,
    timeline: &Timeline,
    assumptions: &Assumptions,
) -> Plan {
    let months = timeline.months.len() - 1;
    let by_month = |value: &dyn Fn(&Cohort, usize) -> i64| -> Vec<i64> {
        (0..months)
            .flat_map(|month| pool.cohorts.iter().map(move |cohort| value(cohort, month)))
            .collect()
    };
    let at = |amounts: &[Amount], month: usize| {
        amounts.get(month).copied().unwrap_or(Amount::ZERO).minor()
    };
    let paid_before = |cohort: &Cohort, month: usize| -> i64 {
        cohort.principal.iter().take(month).map(|amount| amount.minor()).sum()
    };
    let planned = |cohort: &Cohort, month: usize| match cohort.months_before() > month {
        true => 0,
        false => {
            cohort.outstanding.minor() - cohort.unpaid_arrears.minor() - paid_before(cohort, month)
        }
    };
    let column = |key: &str, part| Column::month(Topic::Plan, Dim::Cohort, key, part);
    let joins = |cohort: &Cohort, month: usize| match cohort.joins {
        Some(joins) if joins == month + 1 => cohort.outstanding.minor(),
        Some(_) | None => 0,
    };
    let joined =
        pool.cohorts.iter().any(|cohort| cohort.joins.is_some()).then(|| {
            lines.recorded(column("plan.joined", "joined"), Sort::Amount, by_month(&joins))
        });
    let opening = lines.recorded(
        column("plan.opening", "plan_opening"),
        Sort::Amount,
        by_month(&|cohort, month| planned(cohort, month)),
    );
    lines.stock(opening);
    let principal = lines.recorded(
        column("plan.principal", "plan_principal"),
        Sort::Amount,
        by_month(&|cohort, month| at(&cohort.principal, month)),
    );
    let interest = lines.recorded(
        column("plan.interest", "plan_interest"),
        Sort::Amount,
        by_month(&|cohort, month| at(&cohort.interest, month)),
    );
    let fee = lines.recorded(
        column("plan.fee", "plan_fee"),
        Sort::Amount,
        by_month(&|cohort, month| at(&cohort.fee, month)),
    );
    let unpaid = pool.cohorts.iter().any(|cohort| cohort.unpaid_arrears != Amount::ZERO);
    let unpaid_arrears = unpaid.then(|| {
        let first = |cohort: &Cohort, month| match month == cohort.months_before() {
            true => cohort.unpaid_arrears.minor(),
            false => 0,
        };
        let values = by_month(&first);
        lines.recorded(column("plan.unpaid_arrears", "unpaid_arrears"), Sort::Amount, values)
    });
    let charges =
        |cohort: &Cohort, month: usize| at(&cohort.interest, month) + at(&cohort.fee, month);
    let early = match assumptions.early_settlement {
        EarlySettlement::Waived => None,
        EarlySettlement::Next => Some(by_month(&|cohort, month| charges(cohort, month + 1))),
        EarlySettlement::All => Some(by_month(&|cohort, month| {
            let last = cohort.interest.len().max(cohort.fee.len());
            (month + 1..last).map(|later| charges(cohort, later)).sum()
        })),
    };
    let early = early.map(|values| {
        let line =
            lines.recorded(column("plan.early_charges", "early_charges"), Sort::Amount, values);
        lines.stock(line)
    });
    let trailing = pool.cohorts.iter().any(|cohort| {
        (0..months).any(|month| planned(cohort, month) == 0 && charges(cohort, month) != 0)
    });
    Plan { joined, opening, principal, interest, fee, unpaid_arrears, early, trailing }
}

struct Rates {
    smm: Option<LineId>,
    mdr: Option<LineId>,
    /// The balance at cut-off and the defaults of the month as a share of it.
    share: Option<(LineId, LineId)>,
}

impl Rates {
    fn lower(
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
fn speeds(
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
                rate.map_or(0, |curve| curve.at(clock(cohort, segment, timeline, month)).parts())
            })
        });
        let column = Column { key: format!("rates.{}_curve", column.key), ..column.clone() };
        lines.given(column, Sort::Rate, values.collect())
    });
    let formulas = curves.iter().enumerate().map(|(place, curve)| match curve {
        None => Formula::Whole(0, Sort::Rate),
        Some(Curve::Constant(rate)) => {
            let segment = &assumptions.segments[place];
            let key = format!("segment.{}.{}", place + 1, column.key);
            Formula::Input(lines.input(key, &segment.name, column.part, Sort::Rate, rate.parts()))
        }
        Some(_) => Formula::Line(by_month.expect("a curve that moves has its line")),
    });
    Some(formulas.collect())
}

fn by_cohort(
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

/// `ratio × timing` of segments that default by a share of the balance at cut-off.
fn shares(
    lines: &mut Builder,
    column: &dyn Fn(&str, &'static str) -> Column,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
) -> Option<(LineId, LineId)> {
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
            let before = if segment.by_age { 0 } else { cohort.months_before() };
            let share = clock.checked_sub(before + 1).and_then(|past| timing.get(past));
            share.map_or(0, |share| share.parts())
        })
    });
    let timing =
        lines.given(column("rates.default_timing", "default_timing"), Sort::Rate, values.collect());
    let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
    let ratios =
        assumptions.segments.iter().enumerate().map(|(place, segment)| match &segment.default {
            Defaults::Cumulative { ratio, .. } => {
                let key = format!("segment.{}.cumulative_default_ratio", place + 1);
                let part = "cumulative_default_ratio";
                Formula::Quotient {
                    part: Box::new(Formula::Input(lines.input(
                        key,
                        &segment.name,
                        part,
                        Sort::Rate,
                        ratio.parts(),
                    ))),
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
    let balances = (1..timeline.months.len())
        .flat_map(|_| pool.cohorts.iter().map(|cohort| cohort.outstanding.minor()));
    let column = column("rates.cutoff_balance", "cutoff_balance");
    let balance = lines.recorded(column, Sort::Amount, balances.collect());
    Some((lines.stock(balance), share))
}

struct CohortLines {
    joined: Option<LineId>,
    opening: LineId,
    defaulted: LineId,
    scheduled: LineId,
    prepaid: LineId,
    closing: LineId,
    interest: LineId,
    fee: LineId,
    early: Option<LineId>,
}

fn corkscrew(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    plan: &Plan,
    rates: &Rates,
) -> CohortLines {
    let column = |key: &str, part| {
        Column::month(Topic::Collections, Dim::Cohort, &format!("collections.{key}"), part)
    };
    let opening = lines.promise(column("opening", "opening_balance"), Sort::Amount);
    lines.stock(opening);
    let defaulted = {
        let formula = default_formula(opening, plan, rates);
        lines.compute(column("default", "defaulted"), formula)
    };
    let performing = lines.compute(
        column("performing", "performing"),
        Formula::less(Formula::Line(opening), Formula::Line(defaulted)),
    );
    lines.stock(performing);
    let (part, whole) = shares_of_plan(lines, &column, plan, performing);
    let of_plan = |planned: LineId, part: LineId, whole: LineId| {
        Formula::portion(
            Formula::Line(part),
            vec![Formula::Line(planned)],
            vec![Formula::Line(whole)],
        )
    };
    let scheduled = lines.compute(
        column("scheduled", "scheduled_principal"),
        of_plan(plan.principal, performing, plan.opening),
    );
    let left = Formula::less(Formula::Line(performing), Formula::Line(scheduled));
    let prepaid = lines.compute(
        column("prepaid", "prepaid_principal"),
        match (rates.smm, assumptions.order) {
            (None, _) => Formula::ZERO,
            (Some(smm), Order::Survivors) => {
                Formula::portion(left, vec![Formula::Line(smm)], vec![])
            }
            (Some(smm), Order::Bma) => {
                let after =
                    Formula::less(Formula::Line(plan.opening), Formula::Line(plan.principal));
                let survivors = Formula::portion(
                    Formula::Line(opening),
                    vec![after, Formula::Line(smm)],
                    vec![Formula::Line(plan.opening)],
                );
                Formula::Least(vec![left, survivors])
            }
        },
    );
    let closing = lines.compute(
        column("closing", "closing_balance"),
        Formula::less(
            Formula::less(Formula::Line(performing), Formula::Line(scheduled)),
            Formula::Line(prepaid),
        ),
    );
    lines.stock(closing);
    let balances = pool.cohorts.iter().map(|cohort| match cohort.joins {
        None => cohort.outstanding.minor(),
        Some(_) => 0,
    });
    lines.closing(closing, Closing::Given(balances.collect()));
    let joined = plan.joined.map(Formula::Line);
    let terms: Vec<Formula> = [Formula::Prior(closing)].into_iter().chain(joined).collect();
    lines.keep(opening, Formula::sum(terms));
    let interest =
        lines.compute(column("interest", "interest"), of_plan(plan.interest, part, whole));
    let fee = lines.compute(column("fee", "fee"), of_plan(plan.fee, part, whole));
    let early = plan.early.map(|early| {
        let after = Formula::less(Formula::Line(plan.opening), Formula::Line(plan.principal));
        let charge =
            Formula::portion(Formula::Line(prepaid), vec![Formula::Line(early)], vec![after]);
        lines.compute(column("early_charges", "early_charges_paid"), charge)
    });
    let joined = plan.joined;
    CohortLines { joined, opening, defaulted, scheduled, prepaid, closing, interest, fee, early }
}

fn default_formula(opening: LineId, plan: &Plan, rates: &Rates) -> Formula {
    let mut terms = Vec::new();
    let exposed = match plan.unpaid_arrears {
        Some(unpaid) => {
            terms.push(Formula::Line(unpaid));
            Formula::excess(Formula::Line(opening), Formula::Line(unpaid))
        }
        None => Formula::Line(opening),
    };
    if let Some(mdr) = rates.mdr {
        terms.push(Formula::portion(exposed, vec![Formula::Line(mdr)], vec![]));
    }
    if let Some((balance, share)) = rates.share {
        terms.push(Formula::portion(Formula::Line(balance), vec![Formula::Line(share)], vec![]));
    }
    match terms.len() {
        0 => Formula::ZERO,
        1 if rates.share.is_none() && plan.unpaid_arrears.is_none() => terms.remove(0),
        _ => Formula::Least(vec![Formula::Line(opening), Formula::sum(terms)]),
    }
}

/// The share of the plan that is still paid: performing ÷ planned opening; after the last planned
/// principal, the share of the last month that had one.
fn shares_of_plan(
    lines: &mut Builder,
    column: &dyn Fn(&str, &'static str) -> Column,
    plan: &Plan,
    performing: LineId,
) -> (LineId, LineId) {
    if !plan.trailing {
        return (performing, plan.opening);
    }
    let alive = || {
        Formula::compare(
            crate::formula::Comparison::Above,
            Formula::Line(plan.opening),
            Formula::ZERO,
        )
    };
    let mut kept = |key: &str, part, now: LineId| {
        let line = lines.promise(column(key, part), Sort::Amount);
        lines.keep(line, Formula::when(alive(), Formula::Line(now), Formula::Prior(line)));
        lines.stock(line)
    };
    let part = kept("share_part", "share_part", performing);
    let whole = kept("share_whole", "share_whole", plan.opening);
    (part, whole)
}

fn recoveries(lines: &mut Builder, assumptions: &Assumptions, defaulted: LineId) -> Option<LineId> {
    if assumptions.segments.iter().all(|segment| segment.recovery.is_none()) {
        return None;
    }
    let column = |key: &str, part| {
        Column::month(Topic::Recoveries, Dim::Segment, &format!("recoveries.{key}"), part)
    };
    let total = lines.compute(column("defaulted", "defaulted"), Formula::Total(defaulted));
    let by_element = assumptions.segments.iter().enumerate().map(|(place, segment)| {
        let (rate, lag) = match &segment.recovery {
            Some(recovery) => (recovery.rate, recovery.lag.clone()),
            None => (Rate::ZERO, vec![Rate::ONE]),
        };
        // The longest lag stands on top, so that weights run with the months of the window.
        let mut weights: Vec<InputId> = lag
            .iter()
            .enumerate()
            .rev()
            .map(|(months, share)| {
                let key = format!("segment.{}.recovery_lag.{months}", place + 1);
                lines.input(key, &segment.name, "recovery_lag", Sort::Rate, share.parts())
            })
            .collect();
        weights.reverse();
        let key = format!("segment.{}.recovery_rate", place + 1);
        let rate = lines.input(key, &segment.name, "recovery_rate", Sort::Rate, rate.parts());
        (weights, rate)
    });
    let by_element = by_element.collect();
    Some(
        lines
            .compute(column("recovered", "recovered"), Formula::Lagged { line: total, by_element }),
    )
}

/// Collections that reach the account months later: what the servicer collected then.
fn transferred(
    lines: &mut Builder,
    flows: &[(LineId, &'static str)],
    months: u32,
) -> Vec<(LineId, &'static str)> {
    let late = flows.iter().map(|(flow, label)| {
        let late = (1..=months).fold(*flow, |line, month| {
            let key = format!("pool.{label}.late.{month}");
            let column = Column::month(Topic::Pool, Dim::One, &key, "received_from_servicer");
            lines.compute(column, Formula::Prior(line))
        });
        lines.moves(late, Movement { from: Account::Servicer, to: Account::Collection });
        (late, *label)
    });
    late.collect()
}

fn totals(
    lines: &mut Builder,
    pool: &Collateral,
    days: LineId,
    cohort: &CohortLines,
    recovered: Option<LineId>,
    commingling_months: u32,
) -> Months {
    let column =
        |key: &str, part| Column::month(Topic::Pool, Dim::One, &format!("pool.{key}"), part);
    let total = |lines: &mut Builder, key: &str, part, line| {
        lines.compute(column(key, part), Formula::Total(line))
    };
    let joined = cohort.joined.map(|joined| total(lines, "joined", "joined", joined));
    let opening = total(lines, "opening", "opening_balance", cohort.opening);
    lines.stock(opening);
    let defaulted = total(lines, "default", "defaulted", cohort.defaulted);
    let scheduled = total(lines, "scheduled", "scheduled_principal", cohort.scheduled);
    let prepaid = total(lines, "prepaid", "prepaid_principal", cohort.prepaid);
    let closing = total(lines, "closing", "closing_balance", cohort.closing);
    lines.stock(closing);
    lines.closing(closing, Closing::Formula(Formula::Total(cohort.closing)));
    let interest = total(lines, "interest", "interest", cohort.interest);
    let mut flows = vec![
        (scheduled, "scheduled_principal"),
        (prepaid, "prepaid_principal"),
        (interest, "interest"),
    ];
    let mut fee = total(lines, "fee", "fee", cohort.fee);
    flows.push((fee, "fee"));
    if let Some(early) = cohort.early {
        let early = total(lines, "early_charges", "early_charges_paid", early);
        flows.push((early, "early_charges_paid"));
        let column = column("fee_income", "fee_income");
        fee = lines.compute(column, Formula::sum(vec![Formula::Line(fee), Formula::Line(early)]));
    }
    let mut of_pool = vec![opening, defaulted, closing];
    of_pool.extend(joined);
    let recovered = recovered.map(|recovered| total(lines, "recovered", "recovered", recovered));
    flows.extend(recovered.map(|recovered| (recovered, "recovered")));
    of_pool.extend(flows.iter().map(|(flow, _)| *flow));
    let to = if commingling_months == 0 { Account::Collection } else { Account::Servicer };
    for (flow, _) in &flows {
        lines.moves(*flow, Movement { from: Account::Obligors, to });
    }
    if commingling_months > 0 {
        flows = transferred(lines, &flows, commingling_months);
    }
    let cash = lines.compute(
        column("cash", "cash_collected"),
        Formula::sum(flows.iter().map(|(line, _)| Formula::Line(*line)).collect()),
    );
    let cumulative =
        lines.promise(column("cumulative_default", "cumulative_default"), Sort::Amount);
    lines
        .keep(cumulative, Formula::sum(vec![Formula::Prior(cumulative), Formula::Line(defaulted)]));
    lines.stock(cumulative);
    let initial = lines.figure(
        "pool.initial_balance".to_string(),
        &Text::default(),
        "initial_balance",
        Sort::Amount,
        pool.outstanding().minor(),
    );
    Months {
        opening,
        closing,
        days,
        defaulted,
        scheduled,
        prepaid,
        recovered,
        interest,
        fee,
        cash,
        cumulative_default: cumulative,
        initial,
        joined,
        flows,
        of_pool,
    }
}
