//! Receivables in default at the cut-off date (不良资产): since when, and of what balance.

use std::collections::BTreeMap;

use crate::assumptions::{Assumptions, Recovery, RecoveryBase};
use crate::finding::{Finding, Origin};
use crate::money::Amount;
use crate::pool::Pool;

/// What the tape says of defaults, by cohort as gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Defaults {
    by_cohort: Vec<OfCohort>,
}

/// The receivables of a cohort.
#[derive(Clone, Debug, Default)]
struct OfCohort {
    /// What defaulted: as stated, else the balance outstanding.
    principal: Amount,
    /// The balance outstanding.
    outstanding: Amount,
    /// Receivables whose day of default is stated.
    dated: Counted,
    /// Receivables of which the balance at default is not stated.
    unstated: Counted,
    /// All of them.
    all: Counted,
}

/// Some receivables, and the first of them in the order of the tape.
#[derive(Clone, Debug, Default)]
struct Counted {
    count: usize,
    first: Option<(usize, Box<str>)>,
}

impl Counted {
    fn add(&mut self, place: usize, id: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| (place, id.into()));
    }

    fn extend(&mut self, more: &Counted) {
        self.count += more.count;
        let both = [self.first.take(), more.first.clone()];
        self.first = both.into_iter().flatten().min();
    }
}

/// A cohort as the assumptions make it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Its segment.
    pub(super) segment: usize,
    /// Whether it is in default at the cut-off date.
    pub(super) is_defaulted: bool,
    /// Whole months since its default, where that is known.
    pub(super) months: Option<u32>,
}

impl Defaults {
    /// Adds the next part of the pool, of which each receivable has a cohort; `before` came before it.
    pub(super) fn take(&mut self, part: &Pool, before: usize, cohort: impl Fn(usize) -> usize) {
        for (index, receivable) in part.receivables.iter().enumerate() {
            let (place, at) = (cohort(index), before + index);
            if self.by_cohort.len() <= place {
                self.by_cohort.resize_with(place + 1, OfCohort::default);
            }
            let of = &mut self.by_cohort[place];
            let known = receivable.in_default.as_deref().copied().unwrap_or_default();
            of.principal += known.principal.unwrap_or(receivable.outstanding_principal);
            of.outstanding += receivable.outstanding_principal;
            of.all.add(at, &receivable.id);
            if known.since.is_some() {
                of.dated.add(at, &receivable.id);
            }
            if known.principal.is_none() {
                of.unstated.add(at, &receivable.id);
            }
        }
    }

    /// What defaulted by cohort, when the cohorts gathered become those of `places`.
    pub(super) fn principal(&self, places: &[usize], cohorts: usize) -> Vec<Amount> {
        let mut principal = vec![Amount::ZERO; cohorts];
        for (place, of) in places.iter().zip(&self.by_cohort) {
            principal[*place] += of.principal;
        }
        principal
    }

    /// Receivables in default whose balance at default is not stated (M0170), or of which it is not
    /// known since when (M0171); receivables with a day of default in a segment that is not in
    /// default (M0172), and what is older than its curve (M0175).
    pub(super) fn findings(
        &self,
        (places, cohorts): (&[usize], &[Place]),
        assumptions: &Assumptions,
        tape: &str,
    ) -> Vec<Finding> {
        let mut told: BTreeMap<(&'static str, usize), (Counted, Amount)> = BTreeMap::new();
        for (place, of) in places.iter().zip(&self.by_cohort) {
            let cohort = cohorts[*place];
            let recovery = assumptions.segments[cohort.segment].recovery.as_ref();
            let mut tell = |code, some: &Counted| {
                let (counted, sum) = told.entry((code, cohort.segment)).or_default();
                counted.extend(some);
                *sum += of.outstanding;
            };
            match (cohort.is_defaulted, recovery, cohort.months) {
                (false, ..) => tell("M0172", &of.dated),
                (true, None, _) => {}
                (true, Some(_), None) => tell("M0171", &of.all),
                (true, Some(recovery), Some(months)) => {
                    if recovery.of == RecoveryBase::Defaulted {
                        tell("M0170", &of.unstated);
                    }
                    if curve_of(recovery) <= months {
                        tell("M0175", &of.all);
                    }
                }
            }
        }
        let some = told.into_iter().filter(|(_, (counted, _))| counted.count > 0);
        let finding = |((code, segment), (counted, sum)): ((&'static str, usize), _)| {
            let (counted, sum): (Counted, Amount) = (counted, sum);
            let segment = &assumptions.segments[segment];
            let curve = segment.recovery.as_ref().map_or(0, curve_of);
            Finding::new(code, Origin::file(tape))
                .with("count", counted.count)
                .with("id", counted.first.map_or_else(Box::default, |(_, id)| id))
                .with("segment", segment.name.both())
                .with("amount", sum.grouped())
                .with("months", curve)
        };
        some.map(finding).collect()
    }
}

/// The last month since default in which a curve brings anything, whatever a stress put before it.
fn curve_of(recovery: &Recovery) -> u32 {
    u32::try_from(recovery.lag.len() - recovery.delay - 1).expect("months are few")
}
