//! The plan: what the receivables owe by contract, to the minor unit, summed by cohort and month.
//!
//! ```text
//! Receivable ─▶ remaining instalments ─┬─ due after the cut-off ─▶ cohort × month: principal, interest, fee
//!  (tape's balance is the truth)       └─ due before it ────────▶ arrears of the cohort
//! ```
//!
//! The cut-off is the pool's, or the receivable's own when that is later: then it joins the pool at
//! the start of the month that follows.
//!
//! The plan is a sum of whole numbers, so it is the same for any order of the receivables and any
//! number of threads, and it is the sum of the schedules that [`remaining_schedule`] gives one by
//! one: both read the same iterators, one file for each method in `plan/method`.

mod cost;
mod days;
mod factor;
mod method;
mod natural;
mod schedule;
mod sum;

use std::ops::AddAssign;

use chrono::NaiveDate;

pub use cost::{annual_cost, annual_costs, internal_rate};
pub(crate) use factor::level_instalment;
pub use schedule::{Basis, Instalment, contract_schedule, remaining_schedule};

use crate::money::Amount;
use crate::pool::Pool;
use crate::time::{is_month_end, month_end, months_between};

/// Principal, interest and fee that belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// 本金.
    pub principal: Amount,
    /// 利息.
    pub interest: Amount,
    /// 手续费.
    pub fee: Amount,
}

impl Cash {
    /// Nothing.
    pub const ZERO: Cash =
        Cash { principal: Amount::ZERO, interest: Amount::ZERO, fee: Amount::ZERO };

    /// Principal, interest and fee together.
    pub fn total(self) -> Amount {
        self.principal + self.interest + self.fee
    }
}

impl AddAssign for Cash {
    #[inline]
    fn add_assign(&mut self, other: Cash) {
        self.principal += other.principal;
        self.interest += other.interest;
        self.fee += other.fee;
    }
}

/// The shape of a plan: its cut-off is the pool's, its months and cohorts are the caller's.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    /// The last days of the collection periods, ascending, the first after the cut-off date. Month
    /// 1 runs from the day after the cut-off date to `ends[0]`, month 2 from the next day to
    /// `ends[1]`, and so on. [`Plan::month_ends`] makes them for calendar months.
    pub ends: &'a [NaiveDate],
    /// How many cohorts there are: every key is below it.
    pub cohorts: usize,
    /// Threads to work with; 0 is one per core. The plan does not depend on it.
    pub threads: usize,
}

/// What the receivables owe by contract, by cohort and month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// 封包日.
    pub cutoff: NaiveDate,
    /// The last day of each month of the plan.
    pub ends: Vec<NaiveDate>,
    /// The cohorts, by the index that the key gave.
    pub cohorts: Vec<CohortPlan>,
    /// Receivables whose plan is not made from what their product asks for, by index.
    pub notes: Vec<PlanNote>,
}

/// The plan of the receivables that behave alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CohortPlan {
    /// Receivables.
    pub count: u64,
    /// Their original principal.
    pub original: Amount,
    /// Their outstanding principal in the tape: arrears, not paid, and all months together, those
    /// that join later included.
    pub outstanding: Amount,
    /// Due by the cut-off date, paid in month 1 and not contained in `months`
    /// ([`ArrearsRule::FirstPeriod`](crate::pool::ArrearsRule), and `Bucket`).
    pub arrears: Cash,
    /// Of these arrears the instalments one by one, the latest first
    /// ([`ArrearsRule::Bucket`](crate::pool::ArrearsRule)); their sum stands in `arrears`.
    pub past: Vec<Cash>,
    /// Due by the cut-off date and never paid ([`ArrearsRule::NotPaid`](crate::pool::ArrearsRule)).
    pub not_paid: Cash,
    /// The principal of all of it: due by the cut-off date and not paid by then.
    pub overdue: Amount,
    /// Receivables of which something was due by the cut-off date and is not paid.
    pub late: u64,
    /// What falls due in month 1, 2, …; the arrears of those that join later are in the month in
    /// which they join.
    pub months: Vec<Cash>,
    /// The principal of receivables with a later cut-off date of their own, in the month at whose
    /// start they join; without what is not paid.
    pub joined: Vec<Amount>,
    /// The planned principal at the cut-off date, then at the end of month 1, 2, …, which is zero
    /// at the end. It contains the arrears until month 1 is over, and never what is not paid or has
    /// not joined yet:
    ///
    /// ```text
    /// balances[0] = outstanding − not_paid.principal − Σ joined
    /// balances[1] = balances[0] + joined[0] − arrears.principal − months[0].principal
    /// balances[m] = balances[m−1] + joined[m−1] − months[m−1].principal
    /// ```
    pub balances: Vec<Amount>,
}

impl CohortPlan {
    /// The planned principal at the start of `month`, from 1, with what joins then.
    ///
    /// # Panics
    ///
    /// When there is no such month.
    pub fn opening(&self, month: usize) -> Amount {
        self.balances[month - 1] + self.joined[month - 1]
    }

    /// The planned principal at the end of `month`, from 1; month 0 is the start.
    ///
    /// # Panics
    ///
    /// When there is no such month.
    pub fn closing(&self, month: usize) -> Amount {
        self.balances[month]
    }
}

/// Something worth a finding about the plan of one receivable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanNote {
    /// Index into [`Pool::receivables`].
    pub index: usize,
    /// What it is.
    pub kind: PlanNoteKind,
}

/// The kinds of [`PlanNote`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanNoteKind {
    /// The plan is made from the balance: the contract, after the paid instalments, leaves another
    /// one than the tape (or the given schedule sums to another one).
    FellBackToBalance {
        /// The outstanding principal of the tape.
        tape: Amount,
        /// The principal that the contract or the given schedule leaves.
        contract: Amount,
    },
}

impl Plan {
    /// The plan of a pool: every remaining instalment of every receivable, added up by cohort and
    /// month.
    ///
    /// ```text
    /// months[c][m] = Σ over receivables of c, over instalments due in (ends[m−1], ends[m]]
    /// ```
    ///
    /// `key` gives the cohort of a receivable by its index. Sums are of whole minor units, so the
    /// plan is identical for any number of threads and any order of the receivables (but for the
    /// index in the notes).
    ///
    /// # Rounding
    ///
    /// None beyond that of the schedules: see [`remaining_schedule`].
    ///
    /// # Panics
    ///
    /// When an instalment is due after the last of `grid.ends` (see [`Plan::months_needed`]), the
    /// ends do not ascend from the cut-off date, a key is not below `grid.cohorts`, or the
    /// principal of a cohort does not add up to its outstanding principal.
    pub fn from_pool(pool: &Pool, grid: Grid, key: impl Fn(usize) -> u32 + Sync) -> Plan {
        sum::plan(pool, grid, key)
    }

    /// Adds the plan of further receivables of the same pool: its cohort `c` to cohort `places[c]` of
    /// this one, which grows to hold it. Of two plans the longer gives the months; the other has
    /// nothing in those that it lacks. The notes count from `first`, the index of the first of them.
    ///
    /// # Panics
    ///
    /// When the cut-off dates differ, a month of both ends on two days, or a cohort has no place.
    pub fn add(&mut self, later: Plan, places: &[usize], first: usize) {
        sum::add(self, later, places, first);
    }

    /// The last due date of all remaining instalments, never before the cut-off date nor before the
    /// day on which the last receivable joins.
    pub fn last_due(pool: &Pool, threads: usize) -> NaiveDate {
        sum::last_due(pool, threads)
    }

    /// How many calendar months after the cut-off date the plan of this pool needs, at least 1.
    pub fn months_needed(pool: &Pool, threads: usize) -> usize {
        let first = Plan::month_ends(pool.cutoff, 1)[0];
        let further = months_between(first, Plan::last_due(pool, threads)).max(0);
        1 + usize::try_from(further).expect("not negative")
    }

    /// The month ends after the cut-off date. When the cut-off date is no month end, month 1 is
    /// the rest of its month.
    ///
    /// ```
    /// use cashfall::plan::Plan;
    /// let ends = Plan::month_ends("2025-12-31".parse().unwrap(), 2);
    /// assert_eq!(ends[0].to_string(), "2026-01-31");
    /// assert_eq!(ends[1].to_string(), "2026-02-28");
    /// ```
    pub fn month_ends(cutoff: NaiveDate, months: usize) -> Vec<NaiveDate> {
        let skipped = u32::from(is_month_end(cutoff));
        let months = u32::try_from(months).expect("months are few");
        let end = |k| cutoff.checked_add_months(chrono::Months::new(k)).map(month_end);
        (skipped..skipped + months).map(|k| end(k).expect("a month on the calendar")).collect()
    }

    /// Principal, interest and fee of `month`, from 1, over all cohorts; arrears are not in it.
    ///
    /// # Panics
    ///
    /// When there is no such month.
    pub fn month(&self, month: usize) -> Cash {
        let mut total = Cash::ZERO;
        for cohort in &self.cohorts {
            total += cohort.months[month - 1];
        }
        total
    }

    /// The outstanding principal of all cohorts.
    pub fn outstanding(&self) -> Amount {
        self.cohorts.iter().map(|cohort| cohort.outstanding).sum()
    }
}
