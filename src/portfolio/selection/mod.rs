//! The choice of receivables that reach a target amount within the limits.
//!
//! ```text
//! eligible ─▶ order: first in, random, highest rate ─────────────▶ one by one, while all limits hold
//!          └▶ optimise: strata ─▶ linear programme ─▶ whole receivables by stratum ─▶ the rest one by one
//! ```
//!
//! The linear programme cuts receivables and forgets single names, so what it reaches is the most
//! that anybody could: the bound that a selection is measured against. Whether the limits are met is
//! decided on the receivables chosen, in whole minor units.

mod conflict;
mod lp;
mod order;
mod state;
mod strata;
mod top;

use crate::money::Amount;
use crate::pool::Pool;

use super::limits::{Limits, Tested};
pub use lp::{most_spent, worst_mix};
use state::{State, Verdict};
use strata::{Strata, wide};

/// How receivables are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The linear programme on strata, then whole receivables; of all mixes that reach the target
    /// the one with the highest nominal rate.
    #[default]
    Optimise,
    /// In the order of the tape.
    Fifo,
    /// In an order drawn from the seed.
    Random,
    /// The highest nominal annual rate first; equal rates in the order of the tape.
    Yield,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The principal to reach, never to exceed.
    pub target: Amount,
    /// How.
    pub method: Method,
    /// The seed of [`Method::Random`].
    pub seed: u64,
}

/// Receivables chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// Their places in the pool, ascending.
    pub places: Vec<usize>,
    /// Their principal.
    pub total: Amount,
    /// The most principal up to the target that limits on shares and averages allow, receivables cut
    /// where need be and single names aside.
    pub bound: Amount,
    /// The limits over what was chosen.
    pub tested: Vec<Tested>,
    /// The places of limits with nothing to spare in the linear programme.
    pub binding: Vec<usize>,
    /// When the bound is short of the target: the places of limits that cannot be met together with
    /// it; without any one of them they could. Empty when there is not enough principal at all.
    pub conflict: Vec<usize>,
    /// How much work choosing was: receivables and sums looked at, the same on every machine.
    pub steps: u64,
}

impl Selection {
    /// Whether every limit is met.
    pub fn meets_limits(&self) -> bool {
        self.tested.iter().all(|tested| tested.passes)
    }

    /// What is missing to the bound, never below zero.
    pub fn gap(&self) -> Amount {
        (self.bound - self.total).max(Amount::ZERO)
    }
}

/// How far short of the target a bound may be before limits are said to conflict with it: a half of
/// one percent.
const SHORT: f64 = 0.005;
/// How often a selection one by one begins anew against a smaller reference.
const ATTEMPTS: usize = 40;
/// Margins by which limits are tightened until whole receivables meet them.
const MARGINS: [f64; 6] = [0.0, 0.0002, 0.001, 0.003, 0.01, 0.03];

/// Chooses among the candidates (places of the pool, ascending).
///
/// The same input gives the same selection; the seed is part of the input.
pub fn select(limits: &Limits, candidates: &[usize], ask: &Ask) -> Selection {
    let everybody = vec![true; candidates.len()];
    let target = ask.target.minor().max(1);
    let strata = Strata::of(limits, candidates, &everybody);
    let all = |_: usize| true;
    let most = lp::solve(limits, &strata, target, (&all, 0.0), None);
    let reached = most.as_ref().map_or(0.0, |most| most.reached);
    let bound = part_of(ask.target, reached);
    let short = reached < 1.0 - SHORT;
    let conflict = if short { conflict::of(limits, &strata, target, SHORT) } else { Vec::new() };
    let mut state = State::new(limits, candidates, target);
    let places = match ask.method {
        Method::Optimise => optimise(limits, candidates, &mut state, target, &strata, bound),
        Method::Fifo | Method::Random | Method::Yield => {
            let order = order::of(limits.pool(), candidates, ask);
            one_by_one(limits, candidates, &mut state, target, &order)
        }
    };
    let total = limits.balance(&places);
    let tested = limits.tested(&places);
    // Rounding of the programme is no reason to be below what was found.
    let bound = bound.max(total);
    let binding = most.map_or(Vec::new(), |most| most.binding);
    Selection { places, total, bound, tested, binding, conflict, steps: state.steps() }
}

/// A part of an amount, for people: rounded to the minor unit.
fn part_of(whole: Amount, part: f64) -> Amount {
    let rate = crate::money::Rate::from_f64(part.clamp(0.0, 1.0));
    whole.at(rate)
}

/// Chooses in an order while everything fits, against smaller and smaller references until the limits
/// hold for what was chosen.
fn one_by_one(
    limits: &Limits,
    candidates: &[usize],
    state: &mut State,
    target: i64,
    order: &[usize],
) -> Vec<usize> {
    let mut best: Option<Vec<usize>> = None;
    let mut reference = target;
    for _ in 0..ATTEMPTS {
        state.restart(reference);
        fill(state, order);
        let places = chosen(state, candidates);
        let meets = limits.tested(&places).iter().all(|tested| tested.passes);
        if meets {
            return places;
        }
        let total = state.total();
        best.get_or_insert(places);
        // Shares were held against more than was chosen: hold them against that, or against less.
        // In the end only receivables are left that are on the right side of every share.
        reference = total.min(reference / 5 * 4);
        if reference <= 0 {
            break;
        }
    }
    best.unwrap_or_default()
}

/// Goes through the order, and again through those that only an average held back while something
/// new fits: what improves an average makes room for what worsens it.
fn fill(state: &mut State, order: &[usize]) {
    const PASSES: usize = 4;
    let mut waiting = order.to_vec();
    for _ in 0..PASSES {
        let before = state.total();
        waiting.retain(|candidate| state.choose(*candidate, true) == Verdict::NotNow);
        if state.total() == before {
            break;
        }
    }
}

fn chosen(state: &State, candidates: &[usize]) -> Vec<usize> {
    let places = candidates.iter().enumerate().filter(|(index, _)| state.is_chosen(*index));
    places.map(|(_, place)| *place).collect()
}

/// The programme on strata, whole receivables by stratum, and the rest one by one; with limits
/// tightened a little more each time until all of them hold.
fn optimise(
    limits: &Limits,
    candidates: &[usize],
    state: &mut State,
    target: i64,
    strata: &Strata,
    bound: Amount,
) -> Vec<usize> {
    let rates = rates(limits.pool(), candidates, strata);
    let in_order: Vec<usize> = (0..candidates.len()).collect();
    let mut best: Vec<usize> = Vec::new();
    let mut best_total = Amount::ZERO;
    for margin in MARGINS {
        let all = |_: usize| true;
        let solved = lp::solve(limits, strata, target, (&all, margin), Some(&rates));
        let Some(solution) = solved else { break };
        let reference = bound.minor().min(target);
        let reference = reference - share_of(reference, margin);
        state.restart(reference.max(1));
        take(state, strata, &solution.parts, target);
        fill(state, &in_order);
        let places = chosen(state, candidates);
        let total = limits.balance(&places);
        if limits.tested(&places).iter().all(|tested| tested.passes) && total > best_total {
            (best, best_total) = (places, total);
            if (bound - best_total).minor() <= share_of(target, 0.001) {
                break;
            }
        }
    }
    if best.is_empty() {
        return one_by_one(limits, candidates, state, target, &in_order);
    }
    best
}

/// A small share of an amount, for tolerances.
#[allow(clippy::cast_possible_truncation)]
fn share_of(amount: i64, share: f64) -> i64 {
    (lp::float(amount) * share) as i64
}

/// Takes whole receivables of each stratum, in the order of the tape, up to the programme's amount.
#[allow(clippy::cast_possible_truncation)]
fn take(state: &mut State, strata: &Strata, parts: &[f64], target: i64) {
    let mut left: Vec<i64> =
        parts.iter().map(|part| (part * lp::float(target)).round() as i64).collect();
    for (candidate, stratum) in strata.of.iter().enumerate() {
        let left = &mut left[wide(*stratum)];
        let balance = state.balance(candidate);
        if balance <= *left && state.choose(candidate, false) == Verdict::Chosen {
            *left -= balance;
        }
    }
}

/// The nominal annual rate of each stratum, weighted by principal.
fn rates(pool: &Pool, candidates: &[usize], strata: &Strata) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); strata.balances.len()];
    let column = super::Column::of(pool, &super::Characteristic::AnnualRate, true);
    let Ok(column) = column else { return vec![0.0; sums.len()] };
    for (place, stratum) in candidates.iter().zip(&strata.of) {
        let balance = lp::float(pool.receivables[*place].outstanding_principal.minor());
        let rate = column.parts(*place, pool.cutoff).unwrap_or(0);
        let sum = &mut sums[wide(*stratum)];
        *sum = (sum.0 + balance * lp::float(rate) / 1e12, sum.1 + balance);
    }
    sums.iter().map(|(sum, weight)| if *weight > 0.0 { sum / weight } else { 0.0 }).collect()
}
