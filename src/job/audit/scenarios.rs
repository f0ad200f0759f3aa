//! 256 random scenarios: what none of them reaches, cash that stays where nobody gets it, principal
//! that passes a tranche above.
//!
//! The scenarios draw prepayment, default and recovery by segment, which triggers are declared and
//! when, and whether the call is exercised. The seed is fixed: the same deal gives the same notes.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use rayon::prelude::*;

use super::{clause, is_declared};
use crate::assumptions::{
    Assumptions, Curve, Defaults, Delinquency, Prepayment, Recovery, RecoveryBase, Segment,
};
use crate::deal::Deal;
use crate::finding::{Finding, Origin};
use crate::job::Job;
use crate::model::{Axis, Inputs, Model, Run};
use crate::money::{Amount, Rate};

/// How many scenarios are run.
const SCENARIOS: u64 = 256;
/// What may stay in an account at the end without a word: odd cents of a fee on what is paid.
const ODD: Amount = Amount::from_minor(100);

/// What was seen in one scenario, or in several.
#[derive(Clone, Default)]
struct Seen {
    /// By step, whether it paid anything.
    paid: Vec<bool>,
    /// By trigger, whether it was in force.
    in_force: Vec<bool>,
    /// The most that stayed in an account at the end while something was owed, with its name.
    stays: Option<(Amount, String)>,
    /// Principal that passed a tranche above which was due it on the date, or pays on every one.
    passed: Passed,
    /// Principal that passed a tranche above on a date on which that one is not paid by its frequency.
    off_date: Passed,
}

/// The first junior tranche paid principal while a tranche above it was outstanding, with it.
#[derive(Clone, Copy, Default)]
struct Passed {
    pair: Option<(usize, usize)>,
    /// In how many scenarios.
    count: usize,
}

impl Passed {
    fn of(pair: Option<(usize, usize)>) -> Passed {
        Passed { pair, count: usize::from(pair.is_some()) }
    }

    fn with(self, other: Passed) -> Passed {
        Passed { pair: self.pair.or(other.pair), count: self.count + other.count }
    }
}

pub(super) fn findings(job: &Job, decided: &[String], origin: &dyn Fn() -> Origin) -> Vec<Finding> {
    let seen = (0..SCENARIOS)
        .into_par_iter()
        .map(|seed| scenario(job, seed))
        .reduce(Seen::default, Seen::with);
    let deal = &job.deal;
    let mut findings = Vec::new();
    let mut note = |code, name: String| {
        if !decided.contains(&name) {
            let finding = Finding::new(code, origin()).with("name", name);
            findings.push(finding.with("count", SCENARIOS));
        }
    };
    for (place, _) in seen.paid.iter().enumerate().filter(|(_, paid)| !**paid) {
        note("M0133", clause(deal, place));
    }
    for (place, _) in seen.in_force.iter().enumerate().filter(|(_, in_force)| !**in_force) {
        if !is_declared(&deal.triggers[place].metric) {
            note("M0134", deal.triggers[place].id.clone());
        }
    }
    if let Some((amount, name)) = seen.stays {
        let finding = Finding::new("M0135", origin()).with("account", name);
        findings.push(finding.with("amount", amount.grouped()));
    }
    for (code, passed) in [("M0136", seen.passed), ("M0137", seen.off_date)] {
        let Some((junior, senior)) = passed.pair else { continue };
        findings.push(
            Finding::new(code, origin())
                .with("junior", &deal.tranches[junior].id)
                .with("senior", &deal.tranches[senior].id)
                .with("count", passed.count)
                .with("of", SCENARIOS),
        );
    }
    findings
}

impl Seen {
    fn with(self, other: Seen) -> Seen {
        let either = |one: Vec<bool>, other: Vec<bool>| match (one.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => one,
            _ => one.iter().zip(&other).map(|(one, other)| *one || *other).collect(),
        };
        Seen {
            paid: either(self.paid, other.paid),
            in_force: either(self.in_force, other.in_force),
            stays: self.stays.max(other.stays),
            passed: self.passed.with(other.passed),
            off_date: self.off_date.with(other.off_date),
        }
    }
}

fn scenario(job: &Job, seed: u64) -> Seen {
    let mut random = Pcg64Mcg::new(0x5eed_0000_0000_0000 ^ u128::from(seed) << 17 | 1);
    // The first few are calm or extreme, the rest anything.
    let assumptions = drawn(&job.assumptions, &mut random, seed);
    let model = Model::from_deal(&job.deal, &job.collateral, &assumptions);
    let mut inputs = Inputs::of(&model);
    change(&job.deal, &model, &mut inputs, &mut random);
    let run = model.run(&inputs);
    look(&job.deal, &model, &run)
}

/// A share from 0 to `most` in thousandths.
fn share(random: &mut Pcg64Mcg, most: u64) -> Rate {
    let thousandths = i64::try_from(random.next_u64() % (most + 1)).expect("small");
    Rate::from_parts(thousandths * (Rate::ONE.parts() / 1000))
}

/// The roll rates, where a drawn rate is higher, and nobody cures who could not roll then.
fn rolled(rates: &Delinquency, drawn: Rate) -> Delinquency {
    let roll = rates.roll.iter().map(|rate| (*rate).max(drawn)).collect();
    let left = Rate::from_parts(Rate::ONE.parts() - drawn.parts());
    let cure = rates.cure.iter().map(|rate| (*rate).min(left)).collect();
    Delinquency { roll, cure, late_fee: rates.late_fee.clone() }
}

fn drawn(base: &Assumptions, random: &mut Pcg64Mcg, seed: u64) -> Assumptions {
    let segment = |segment: &Segment| {
        let (cpr, cdr) = match seed % 4 {
            0 => (share(random, 100), share(random, 30)),
            1 => (share(random, 300), share(random, 150)),
            2 => (share(random, 600), share(random, 600)),
            _ => (share(random, 950), share(random, 980)),
        };
        // Of a month later nothing would come of receivables that have been in default for long.
        let of_old = segment.recovery.as_ref().filter(|_| segment.defaulted);
        let recovery = Recovery {
            rate: share(random, 900),
            lag: of_old.map_or(vec![Rate::ZERO, Rate::ONE], |old| old.lag.clone()),
            of: of_old.map_or(RecoveryBase::Defaulted, |old| old.of),
            delay: of_old.map_or(0, |old| old.delay),
        };
        Segment {
            prepayment: Prepayment::Cpr(Curve::Constant(cpr)),
            default: match &segment.delinquency {
                None => Defaults::Cdr(Curve::Constant(cdr)),
                // It rolls into default instead.
                Some(_) => Defaults::None,
            },
            delinquency: segment.delinquency.as_ref().map(|rates| rolled(rates, cdr)),
            recovery: Some(recovery),
            ..segment.clone()
        }
    };
    let segments = base.segments.iter().map(segment).collect();
    if seed == 0 { base.without_stress() } else { Assumptions { segments, ..base.clone() } }
}

/// Draws declarations and the exercise of the call.
fn change(deal: &Deal, model: &Model, inputs: &mut Inputs, random: &mut Pcg64Mcg) {
    let payments = u64::try_from(model.timeline.len(Axis::Payments)).expect("payments are few");
    for trigger in deal.triggers.iter().filter(|trigger| is_declared(&trigger.metric)) {
        let line = model.line(&format!("trigger.{}.declared", trigger.id));
        if let Some(line) = line.filter(|_| random.next_u64().is_multiple_of(3)) {
            let tick = usize::try_from(1 + random.next_u64() % payments).expect("small");
            inputs.set_given(line, tick, 1);
        }
    }
    if let Some(call) = model.input("call.exercise") {
        inputs.set(call, i64::from(random.next_u64().is_multiple_of(2)));
    }
}

fn look(deal: &Deal, model: &Model, run: &Run) -> Seen {
    let any = |key: String| {
        model.line(&key).is_some_and(|line| run.line(line).iter().any(|value| *value != 0))
    };
    let paid = deal.steps.iter().enumerate().map(|(step, with)| {
        (0..with.pay.len()).any(|place| any(format!("step.{}.{}.paid", step + 1, place + 1)))
    });
    let in_force =
        deal.triggers.iter().map(|trigger| any(format!("trigger.{}.in_force", trigger.id)));
    Seen {
        paid: paid.collect(),
        in_force: in_force.collect(),
        stays: stays(deal, model, run),
        passed: Passed::of(passed(deal, model, run, false)),
        off_date: Passed::of(passed(deal, model, run, true)),
    }
}

/// Cash that an account holds after the last date while a tranche is unpaid.
fn stays(deal: &Deal, model: &Model, run: &Run) -> Option<(Amount, String)> {
    let last = model.timeline.len(Axis::Payments);
    let amount = |key: &str| model.line(key).map(|line| run.amount(line, last));
    let closing = |id: &str| amount(&format!("tranche.{id}.closing_balance"));
    let owed: Amount = deal.tranches.iter().filter_map(|tranche| closing(&tranche.id)).sum();
    let accounts = deal.accounts.iter().filter_map(|account| {
        let held = amount(&format!("account.{}.closing_balance", account.id))?;
        Some((held, account.id.clone()))
    });
    let collection = amount("cash.carry").map(|held| (held, "collection".to_string()));
    let most = accounts.chain(collection).max()?;
    (owed > ODD && most.0 > ODD).then_some(most)
}

/// A tranche that is paid principal on a date after which one above it is still outstanding: on a date
/// on which that one is not paid by its frequency, or on any other.
fn passed(deal: &Deal, model: &Model, run: &Run, off_date: bool) -> Option<(usize, usize)> {
    let line = |place: usize, part: &str| {
        model.line(&format!("tranche.{}.{part}", deal.tranches[place].id))
    };
    let count = deal.tranches.len();
    for junior in 1..count {
        let paid = line(junior, "principal_paid")?;
        for senior in 0..junior {
            let left = line(senior, "closing_balance")?;
            let ticks = 1..=model.timeline.len(Axis::Payments);
            let pays = line(senior, "pays");
            let is_off = |tick: usize| pays.is_some_and(|pays| run.value(pays, tick, 0) == 0);
            let passes = |tick: usize| {
                let passes = run.amount(paid, tick) > ODD && run.amount(left, tick) > ODD;
                passes && is_off(tick) == off_date
            };
            if ticks.into_iter().any(passes) {
                return Some((junior, senior));
            }
        }
    }
    None
}
