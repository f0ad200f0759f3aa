//! The pass over the pool: one schedule after another, added to cohort and month.

use chrono::NaiveDate;
use rayon::prelude::*;

use super::days::{DayTable, date_of, day_number};
use super::schedule::{Basis, Remaining, Scratch};
use super::{Cash, CohortPlan, Grid, Plan, PlanNote, PlanNoteKind};
use crate::money::Amount;
use crate::pool::{ArrearsRule, Pool, Receivable};
use crate::time::month_number;

/// See [`Plan::from_pool`].
pub(super) fn plan(pool: &Pool, grid: Grid, key: impl Fn(usize) -> u32 + Sync) -> Plan {
    let periods = Periods::new(pool.cutoff, grid.ends);
    let table = DayTable::around(pool.cutoff);
    let add = |start: usize, chunk: &[Receivable]| {
        let (mut sums, mut scratch) = (Sums::new(grid), Scratch::for_pool());
        for (index, receivable) in (start..).zip(chunk) {
            let cohort = usize::try_from(key(index)).expect("a cohort is an index");
            let basis = sums.add(pool, receivable, cohort, (&table, &periods), &mut scratch);
            sums.note(index, receivable, basis);
        }
        sums
    };
    let sums = in_chunks(pool, grid.threads, add, Sums::plus).unwrap_or_else(|| Sums::new(grid));
    sums.into_plan(pool.cutoff, grid.ends)
}

/// See [`Plan::last_due`].
pub(super) fn last_due(pool: &Pool, threads: usize) -> NaiveDate {
    let table = DayTable::around(pool.cutoff);
    let cutoff = day_number(pool.cutoff);
    let latest = |_: usize, chunk: &[Receivable]| {
        let (mut latest, mut scratch) = (cutoff, Scratch::for_pool());
        for receivable in chunk {
            let (terms, dues) = (pool.terms(receivable), table.dues(receivable));
            // Whoever joins later needs the month in which he does.
            let own = receivable.own_cutoff.map(day_number);
            latest = own.map_or(latest, |own| latest.max(own + 1));
            let cutoff = own.unwrap_or(cutoff);
            let remaining = scratch.remaining(receivable, terms, dues, cutoff);
            for place in 0..scratch.cash.len() {
                latest = latest.max(remaining.number_and_day(receivable, place).1);
            }
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

const REACH: &str = "the months reach the last due date";

/// Which month a day after the cut-off date belongs to.
struct Periods {
    cutoff: i32,
    /// By days after the cut-off date, less one.
    months: Vec<u16>,
    /// The first calendar month, when every period is a calendar month (the first perhaps what is
    /// left of one).
    calendar: Option<i32>,
}

impl Periods {
    fn new(cutoff: NaiveDate, ends: &[NaiveDate]) -> Periods {
        let calendar = (*ends == *Plan::month_ends(cutoff, ends.len())).then_some(ends);
        let calendar = calendar.and_then(<[_]>::first).map(|end| month_number(*end));
        let cutoff = day_number(cutoff);
        let (mut before, mut months) = (cutoff, Vec::new());
        for (month, end) in (0_u16..).zip(ends) {
            let days = usize::try_from(day_number(*end) - before).unwrap_or(0);
            assert!(days > 0, "the ends of the months ascend from the cut-off date");
            months.extend(std::iter::repeat_n(month, days));
            before = day_number(*end);
        }
        Periods { cutoff, months, calendar }
    }

    /// The month of that day from 0, or `None` up to the cut-off date of the receivable.
    #[inline]
    fn month(&self, day: i32, cutoff: i32) -> Option<usize> {
        if day <= cutoff {
            return None;
        }
        let after = usize::try_from(day - self.cutoff - 1).ok()?;
        Some(usize::from(*self.months.get(after).expect(REACH)))
    }

    /// The month from 0 at whose start a receivable with that cut-off date of its own joins: the
    /// month of the next day.
    fn joins(&self, own: Option<NaiveDate>) -> Option<usize> {
        let own = day_number(own?);
        Some(self.month(own + 1, own).expect("the day after the cut-off date is after it"))
    }

    /// The month of the first instalment from 0, when each next one is in the next month: no
    /// date needs to be looked at.
    #[inline]
    fn first_of_run(&self, remaining: &Remaining, cutoff: i32) -> Option<usize> {
        let first = remaining.first_month_after(cutoff)? - self.calendar?;
        usize::try_from(first).ok()
    }
}

/// What has been added so far.
struct Sums {
    months: usize,
    /// Cohort by cohort, month by month.
    cells: Vec<Cash>,
    /// What joins, by cohort and month.
    joined: Vec<Amount>,
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
            joined: vec![Amount::ZERO; cohorts * months],
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
        scratch: &mut Scratch,
    ) -> Basis {
        let terms = pool.terms(receivable);
        let total = self.totals.get_mut(cohort).expect("a key is below the number of cohorts");
        total.count += 1;
        total.original += receivable.original_principal;
        total.outstanding += receivable.outstanding_principal;
        let cutoff = receivable.own_cutoff.map_or(periods.cutoff, day_number);
        let remaining = scratch.remaining(receivable, terms, table.dues(receivable), cutoff);
        if scratch.cash.is_empty() {
            return remaining.basis;
        }
        let cells = &mut self.cells[cohort * self.months..][..self.months];
        let joins = periods.joins(receivable.own_cutoff);
        if let Some(month) = joins {
            self.joined[cohort * self.months + month] += receivable.outstanding_principal;
        }
        if let Some(first) = periods.first_of_run(&remaining, cutoff) {
            let cells = cells.get_mut(first..first + scratch.cash.len());
            for (cell, cash) in cells.expect(REACH).iter_mut().zip(&scratch.cash) {
                *cell += *cash;
            }
            return remaining.basis;
        }
        let overdue = |place: &usize| {
            let (_, day) = remaining.number_and_day(receivable, *place);
            periods.month(day, cutoff).is_none()
        };
        let is_late = |place: usize| overdue(&place);
        total.late += u64::from((0..scratch.cash.len()).any(is_late));
        let behind = match (terms.arrears, joins) {
            (ArrearsRule::Bucket, None) => (0..scratch.cash.len()).filter(overdue).count(),
            (ArrearsRule::Bucket | ArrearsRule::FirstPeriod | ArrearsRule::NotPaid, _) => 0,
        };
        if total.past.len() < behind {
            total.past.resize(behind, Cash::ZERO);
        }
        for (place, cash) in scratch.cash.iter().enumerate() {
            let (_, day) = remaining.number_and_day(receivable, place);
            let month = periods.month(day, cutoff);
            if month.is_none() {
                total.overdue += cash.principal;
            }
            match (month, terms.arrears, joins) {
                (Some(month), _, _)
                | (None, ArrearsRule::FirstPeriod | ArrearsRule::Bucket, Some(month)) => {
                    cells[month] += *cash;
                }
                (None, ArrearsRule::FirstPeriod, None) => total.arrears += *cash,
                (None, ArrearsRule::Bucket, None) => {
                    total.arrears += *cash;
                    // Overdue instalments come first, the oldest before all.
                    total.past[behind - 1 - place] += *cash;
                }
                (None, ArrearsRule::NotPaid, _) => {
                    total.not_paid += *cash;
                    let Some(month) = joins else { continue };
                    self.joined[cohort * self.months + month] -= cash.principal;
                }
            }
        }
        remaining.basis
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
        for (joined, more) in self.joined.iter_mut().zip(other.joined) {
            *joined += more;
        }
        for (total, more) in self.totals.iter_mut().zip(&other.totals) {
            add_totals(total, more);
        }
        self.notes.extend(other.notes);
        self
    }

    fn into_plan(self, cutoff: NaiveDate, ends: &[NaiveDate]) -> Plan {
        let Sums { months, cells, joined, mut totals, mut notes } = self;
        for (place, total) in totals.iter_mut().enumerate() {
            total.months = cells[place * months..][..months].to_vec();
            total.joined = joined[place * months..][..months].to_vec();
            total.balances = balances(total);
        }
        notes.sort_unstable_by_key(|note| note.index);
        Plan { cutoff, ends: ends.to_vec(), cohorts: totals, notes }
    }
}

/// Everything of a cohort but its months.
fn add_totals(total: &mut CohortPlan, more: &CohortPlan) {
    total.count += more.count;
    total.original += more.original;
    total.outstanding += more.outstanding;
    total.arrears += more.arrears;
    total.not_paid += more.not_paid;
    total.overdue += more.overdue;
    total.late += more.late;
    if total.past.len() < more.past.len() {
        total.past.resize(more.past.len(), Cash::ZERO);
    }
    for (past, more) in total.past.iter_mut().zip(&more.past) {
        *past += *more;
    }
}

/// See [`Plan::add`].
pub(super) fn add(plan: &mut Plan, later: Plan, places: &[usize], first: usize) {
    assert_eq!(plan.cutoff, later.cutoff, "one pool has one cut-off date");
    let (own, both) = (plan.ends.len(), plan.ends.len().min(later.ends.len()));
    assert_eq!(plan.ends[..both], later.ends[..both], "plans that are added have the same months");
    plan.ends.extend(&later.ends[both..]);
    let months = plan.ends.len();
    let cohorts = places.iter().map(|place| place + 1).max().unwrap_or(0);
    if cohorts > plan.cohorts.len() {
        plan.cohorts.resize(cohorts, CohortPlan::default());
    }
    if months > own || plan.cohorts.iter().any(|cohort| cohort.months.len() < months) {
        for cohort in &mut plan.cohorts {
            cohort.months.resize(months, Cash::ZERO);
            cohort.joined.resize(months, Amount::ZERO);
            cohort.balances.resize(months + 1, Amount::ZERO);
        }
    }
    for (more, place) in later.cohorts.iter().zip(places) {
        let total = &mut plan.cohorts[*place];
        add_totals(total, more);
        for (month, more) in total.months.iter_mut().zip(&more.months) {
            *month += *more;
        }
        for (joined, more) in total.joined.iter_mut().zip(&more.joined) {
            *joined += *more;
        }
        total.balances = balances(total);
    }
    let notes = later.notes.into_iter();
    plan.notes.extend(notes.map(|note| PlanNote { index: note.index + first, ..note }));
}

/// The planned principal at the start and after each month.
fn balances(cohort: &CohortPlan) -> Vec<Amount> {
    let later: Amount = cohort.joined.iter().copied().sum();
    let mut left = cohort.outstanding - cohort.not_paid.principal - later;
    let mut balances = vec![left];
    for (place, month) in cohort.months.iter().enumerate() {
        let arrears = if place == 0 { cohort.arrears.principal } else { Amount::ZERO };
        left += cohort.joined[place] - month.principal - arrears;
        balances.push(left);
    }
    assert_eq!(left, Amount::ZERO, "the plan repays the outstanding principal");
    balances
}
