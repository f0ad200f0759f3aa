//! The pass over the pool: one schedule after another, added to cohort and month.

use chrono::NaiveDate;
use rayon::prelude::*;

use super::days::{DayTable, date_of, day_number};
use super::factor::Factors;
use super::schedule::{Basis, each_remaining};
use super::{Cash, CohortPlan, Grid, Plan, PlanNote, PlanNoteKind};
use crate::money::Amount;
use crate::pool::{ArrearsRule, Pool, Receivable};

/// See [`Plan::from_pool`].
pub(super) fn plan(pool: &Pool, grid: Grid, key: impl Fn(usize) -> u32 + Sync) -> Plan {
    let periods = Periods::new(pool.cutoff, grid.ends);
    let table = DayTable::covering(&pool.receivables, pool.cutoff);
    let add = |start: usize, chunk: &[Receivable]| {
        let (mut sums, mut factors) = (Sums::new(grid), Factors::new());
        for (index, receivable) in (start..).zip(chunk) {
            let cohort = usize::try_from(key(index)).expect("a cohort is an index");
            let basis = sums.add(pool, receivable, cohort, (&table, &periods), &mut factors);
            sums.note(index, receivable, basis);
        }
        sums
    };
    let sums = in_chunks(pool, grid.threads, add, Sums::plus).unwrap_or_else(|| Sums::new(grid));
    sums.into_plan(pool.cutoff, grid.ends)
}

/// See [`Plan::last_due`].
pub(super) fn last_due(pool: &Pool, threads: usize) -> NaiveDate {
    let table = DayTable::covering(&pool.receivables, pool.cutoff);
    let cutoff = day_number(pool.cutoff);
    let latest = |_: usize, chunk: &[Receivable]| {
        let (mut latest, mut factors) = (cutoff, Factors::new());
        for receivable in chunk {
            let terms = pool.terms(receivable);
            let visit = |_, day: i32, _| latest = latest.max(day);
            each_remaining(receivable, terms, (&table, cutoff), &mut factors, visit);
        }
        latest
    };
    date_of(in_chunks(pool, threads, latest, i32::max).unwrap_or(cutoff))
}

/// Works through the pool in chunks, a few for each thread, and joins what they give. `None` for
/// an empty pool.
fn in_chunks<T: Send>(
    pool: &Pool,
    threads: usize,
    work: impl Fn(usize, &[Receivable]) -> T + Sync,
    join: impl Fn(T, T) -> T + Sync,
) -> Option<T> {
    let receivables = &pool.receivables;
    if threads == 1 {
        return (!receivables.is_empty()).then(|| work(0, receivables));
    }
    let run = || {
        let size = receivables.len().div_ceil(4 * rayon::current_num_threads()).max(1);
        let chunks = receivables.par_chunks(size).enumerate();
        chunks.map(|(place, chunk)| work(place * size, chunk)).reduce_with(&join)
    };
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(own) if threads > 0 => own.install(run),
        _ => run(),
    }
}

/// Which month a day after the cut-off date belongs to.
struct Periods {
    cutoff: i32,
    /// By days after the cut-off date, less one.
    months: Vec<u16>,
}

impl Periods {
    fn new(cutoff: NaiveDate, ends: &[NaiveDate]) -> Periods {
        let cutoff = day_number(cutoff);
        let (mut before, mut months) = (cutoff, Vec::new());
        for (month, end) in (0_u16..).zip(ends) {
            let days = usize::try_from(day_number(*end) - before).unwrap_or(0);
            assert!(days > 0, "the ends of the months ascend from the cut-off date");
            months.extend(std::iter::repeat_n(month, days));
            before = day_number(*end);
        }
        Periods { cutoff, months }
    }

    /// The month of that day from 0, or `None` up to the cut-off date.
    #[inline]
    fn month(&self, day: i32) -> Option<usize> {
        let after = usize::try_from(day - self.cutoff - 1).ok()?;
        let month = self.months.get(after).expect("the months reach the last due date");
        Some(usize::from(*month))
    }
}

/// What has been added so far.
struct Sums {
    months: usize,
    /// Cohort by cohort, month by month.
    cells: Vec<Cash>,
    /// Everything of a cohort but its months.
    totals: Vec<CohortPlan>,
    notes: Vec<PlanNote>,
}

impl Sums {
    fn new(grid: Grid) -> Sums {
        let (cohorts, months) = (grid.cohorts, grid.ends.len());
        Sums {
            months,
            cells: vec![Cash::ZERO; cohorts * months],
            totals: vec![CohortPlan::default(); cohorts],
            notes: Vec::new(),
        }
    }

    /// Adds one receivable to its cohort.
    fn add(
        &mut self,
        pool: &Pool,
        receivable: &Receivable,
        cohort: usize,
        (table, periods): (&DayTable, &Periods),
        factors: &mut Factors,
    ) -> Basis {
        let terms = pool.terms(receivable);
        let total = self.totals.get_mut(cohort).expect("a key is below the number of cohorts");
        total.count += 1;
        total.original += receivable.original_principal;
        total.outstanding += receivable.outstanding_principal;
        let cells = &mut self.cells[cohort * self.months..][..self.months];
        let visit = |_, day, cash| match (periods.month(day), terms.arrears) {
            (Some(month), _) => cells[month] += cash,
            (None, ArrearsRule::FirstPeriod) => total.arrears += cash,
            (None, ArrearsRule::NotPaid) => total.not_paid += cash,
        };
        each_remaining(receivable, terms, (table, periods.cutoff), factors, visit)
    }

    fn note(&mut self, index: usize, receivable: &Receivable, basis: Basis) {
        match basis {
            Basis::Terms | Basis::Given | Basis::Balance => {}
            Basis::BalanceInstead { contract } => {
                let tape = receivable.outstanding_principal;
                let kind = PlanNoteKind::FellBackToBalance { tape, contract };
                self.notes.push(PlanNote { index, kind });
            }
        }
    }

    fn plus(mut self, other: Sums) -> Sums {
        for (cell, more) in self.cells.iter_mut().zip(other.cells) {
            *cell += more;
        }
        for (total, more) in self.totals.iter_mut().zip(other.totals) {
            total.count += more.count;
            total.original += more.original;
            total.outstanding += more.outstanding;
            total.arrears += more.arrears;
            total.not_paid += more.not_paid;
        }
        self.notes.extend(other.notes);
        self
    }

    fn into_plan(self, cutoff: NaiveDate, ends: &[NaiveDate]) -> Plan {
        let Sums { months, cells, mut totals, mut notes } = self;
        for (place, total) in totals.iter_mut().enumerate() {
            total.months = cells[place * months..][..months].to_vec();
            total.balances = balances(total);
        }
        notes.sort_unstable_by_key(|note| note.index);
        Plan { cutoff, ends: ends.to_vec(), cohorts: totals, notes }
    }
}

/// The planned principal at the start and after each month.
fn balances(cohort: &CohortPlan) -> Vec<Amount> {
    let mut left = cohort.outstanding - cohort.not_paid.principal;
    let mut balances = vec![left];
    for (place, month) in cohort.months.iter().enumerate() {
        let arrears = if place == 0 { cohort.arrears.principal } else { Amount::ZERO };
        left -= month.principal + arrears;
        balances.push(left);
    }
    assert_eq!(left, Amount::ZERO, "the plan repays the outstanding principal");
    balances
}
