//! The contract cash of a pool, part by part: nothing of a receivable is kept but its share in sums.
//!
//! ```text
//! part of the pool ─▶ segment, month of origination, own cut-off, bucket ─▶ Plan ─┐
//! next part        ─▶ …                                                    ─▶ Plan ─┴─▶ one Plan
//! ```
//!
//! The plan is a sum, so the parts add up to the plan of the whole pool; and cohorts that some
//! assumptions treat alike add up to theirs.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::from_defaults::Defaults;
use super::from_lines::Lines;
use super::from_plan::{cohorts, is_defaulted, reach, segments};
use crate::assumptions::Assumptions;
use crate::deal::Deal;
use crate::money::Amount;
use crate::plan::{Grid, Plan, PlanNote, PlanNoteKind};
use crate::pool::Pool;

/// What makes a cohort: the segment, the month of origination when the segment's rates go by age,
/// the cut-off date of those that join the pool later, the bucket of delinquency in which it
/// starts where the segment rolls, and the months since its default where it is in default by then.
/// Never the rate or the balance: those are in the plan.
pub(super) type Key = (usize, Option<NaiveDate>, Option<NaiveDate>, usize, Option<u32>);

/// How finely receivables are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// By what these assumptions ask for.
    Assumed,
    /// By whatever any assumptions for the same segments could ask for.
    Finest,
}

/// A pool as sums by cohort, told apart finely enough for any assumptions with the same segments.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The deal's collection months, then calendar months until the last receivable is due.
    ends: Vec<NaiveDate>,
    plan: Plan,
    /// For each key its cohort in the plan.
    places: BTreeMap<Key, usize>,
    /// Receivables.
    count: usize,
    by_segment: Vec<usize>,
    lines: Lines,
    defaults: Defaults,
    fallen: Option<Fallen>,
    joining: BTreeMap<NaiveDate, Joining>,
}

/// Receivables that are planned from their balance, though the contract was asked for.
#[derive(Clone, Debug)]
pub(super) struct Fallen {
    /// How many.
    pub(super) count: usize,
    /// The first of them: its identifier, its balance in the tape and by the contract.
    pub(super) id: Box<str>,
    pub(super) tape: Amount,
    pub(super) contract: Amount,
}

/// Receivables that join the pool on one day.
#[derive(Clone, Debug)]
pub(super) struct Joining {
    /// How many.
    pub(super) count: usize,
    /// The first of them: its place in the pool and its identifier.
    pub(super) index: usize,
    pub(super) id: Box<str>,
}

/// The cohorts of some assumptions.
pub(super) struct Cohorts {
    /// What makes them.
    pub(super) keys: Vec<Key>,
    /// Their plan.
    pub(super) plan: Plan,
    /// The limits of their credit lines.
    pub(super) limits: Vec<Option<Amount>>,
    /// What defaulted of each, were it in default.
    pub(super) defaulted: Vec<Amount>,
    /// For each cohort as gathered its place among these.
    pub(super) places: Vec<usize>,
}

impl Gathered {
    /// Nothing yet.
    pub fn new(deal: &Deal) -> Gathered {
        let (cutoff, ends) = (deal.pool.cutoff, deal.schedule.collection_ends.clone());
        Gathered {
            plan: Plan { cutoff, ends: ends.clone(), cohorts: Vec::new(), notes: Vec::new() },
            ends,
            places: BTreeMap::new(),
            count: 0,
            by_segment: Vec::new(),
            lines: Lines::default(),
            defaults: Defaults::default(),
            fallen: None,
            joining: BTreeMap::new(),
        }
    }

    /// Adds the next part of the pool, whose segments are those of the assumptions.
    pub fn add(&mut self, part: &Pool, assumptions: &Assumptions, threads: usize) {
        self.take(part, assumptions, (Grain::Finest, threads));
    }

    /// Adds the next part of the pool, told apart as finely as is said.
    pub(super) fn take(
        &mut self,
        part: &Pool,
        assumptions: &Assumptions,
        (grain, threads): (Grain, usize),
    ) {
        let segments = segments(part, assumptions);
        self.by_segment.resize(assumptions.segments.len(), 0);
        segments.iter().for_each(|segment| self.by_segment[*segment] += 1);
        reach(&mut self.ends, part.cutoff, Plan::last_due(part, threads));
        let (of, keys) = cohorts(part, assumptions, &segments, grain);
        let at = |place: u32| usize::try_from(place).expect("cohorts are few");
        let grid = Grid { ends: &self.ends, cohorts: keys.len(), threads };
        let mut plan = Plan::from_pool(part, grid, |index| of[index]);
        assert_eq!(plan.outstanding(), part.outstanding_principal(), "the plan sums to the tape");
        // What is in default has no plan.
        let planned = |note: &PlanNote| !is_defaulted(&keys[at(of[note.index])], assumptions);
        for note in std::mem::take(&mut plan.notes).into_iter().filter(planned) {
            let PlanNoteKind::FellBackToBalance { tape, contract } = note.kind;
            let id = || part.receivables[note.index].id.clone();
            let fallen = &mut self.fallen;
            fallen.get_or_insert_with(|| Fallen { count: 0, id: id(), tape, contract }).count += 1;
        }
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            let next = self.places.len();
            places.push(*self.places.entry(key).or_insert(next));
        }
        self.plan.add(plan, &places, self.count);
        self.lines.take(part, &segments, |index| places[at(of[index])]);
        self.defaults.take(part, self.count, |index| places[at(of[index])]);
        for (index, receivable) in (self.count..).zip(&part.receivables) {
            let Some(own) = receivable.own_cutoff else { continue };
            let first = || Joining { count: 0, index, id: receivable.id.clone() };
            self.joining.entry(own).or_insert_with(first).count += 1;
        }
        self.count += part.receivables.len();
    }

    /// The cohorts when keys that become equal are one, ascending, with their plan.
    pub(super) fn cohorts(&self, alike: impl Fn(&Key) -> Key) -> Cohorts {
        let mut numbers: BTreeMap<Key, usize> =
            self.places.keys().map(|key| (alike(key), 0)).collect();
        for (number, place) in numbers.values_mut().zip(0..) {
            *number = place;
        }
        let mut places = vec![0; self.places.len()];
        for (key, place) in &self.places {
            places[*place] = numbers[&alike(key)];
        }
        let (cutoff, ends) = (self.plan.cutoff, self.ends.clone());
        let mut plan = Plan { cutoff, ends, cohorts: Vec::new(), notes: Vec::new() };
        plan.add(self.plan.clone(), &places, 0);
        Cohorts {
            limits: self.lines.limits(&places, numbers.len()),
            defaulted: self.defaults.principal(&places, numbers.len()),
            keys: numbers.into_keys().collect(),
            plan,
            places,
        }
    }

    /// The last days of the months.
    pub(super) fn ends(&self) -> &[NaiveDate] {
        &self.ends
    }

    /// Receivables by segment.
    pub(super) fn by_segment(&self) -> &[usize] {
        &self.by_segment
    }

    /// What the tape says of defaults.
    pub(super) fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// Its credit lines.
    pub(super) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Receivables that are planned from their balance.
    pub(super) fn fallen(&self) -> Option<&Fallen> {
        self.fallen.as_ref()
    }

    /// Receivables with a later cut-off date of their own.
    pub(super) fn joining(&self) -> &BTreeMap<NaiveDate, Joining> {
        &self.joining
    }
}
