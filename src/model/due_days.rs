//! The days on which contract cash falls due (应还日), as the part of a month's cash that is there before
//! each purchase date.
//!
//! ```text
//! share(d) = ROUNDDOWN((Σ cash due in the month before d + other cash of the month × e ÷ n) ÷ Σ cash of
//!            the month, 12)
//! ```
//!
//! What has no due day is even over the days of its month: instalments that were overdue at the cut-off
//! date, and representative lines, which stand for receivables of many days. A month in which nothing
//! falls due is even too.

use chrono::NaiveDate;
use rayon::prelude::*;

use super::collateral::{Collateral, OfferSize};
use super::from_offers::{Candidates, purchase_dates, receivable};
use crate::assumptions::Assumptions;
use crate::deal::{CashByDay, Deal};
use crate::money::{Rate, Rounding, divide};
use crate::plan::{Instalment, remaining_schedule};
use crate::pool::{Method, Pool, Receivable};

/// Receivables that are summed at once.
const PART: usize = 8_192;

/// The parts of a month's contract cash that have fallen due before each purchase date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueShares {
    /// Of what was there at the cut-off date.
    pub pool: Vec<Rate>,
    /// Of what was bought in earlier months.
    pub bought: Vec<Rate>,
}

/// The contract cash of a pool by the day on which it falls due, up to the end of its revolving period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDays {
    months: Vec<Month>,
}

/// The contract cash of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Month {
    /// The day before its first.
    start: NaiveDate,
    /// By day of the month, the first at 0.
    by_day: Vec<i128>,
    /// Without a due day.
    even: i128,
}

/// The months up to that of the last purchase date, without cash.
fn months(deal: &Deal) -> Vec<Month> {
    let last = deal.days_of_purchase().last();
    let starts = std::iter::once(&deal.pool.cutoff).chain(&deal.schedule.collection_ends);
    let months = starts.zip(&deal.schedule.collection_ends).map(|(start, end)| {
        let days = usize::try_from((*end - *start).num_days()).expect("months run forwards");
        Month { start: *start, by_day: vec![0; days], even: 0 }
    });
    months.take_while(|month| last.is_some_and(|last| month.start < *last)).collect()
}

impl Month {
    /// The days that are over before one of its days, and all of its days.
    fn days_before(&self, day: NaiveDate) -> (usize, usize) {
        let elapsed = (day - self.start).num_days() - 1;
        let elapsed = usize::try_from(elapsed).expect("a purchase date lies in its month");
        (elapsed, self.by_day.len())
    }
}

/// The part of a month's cash that is there after so many of its days.
fn share_after((elapsed, days): (usize, usize), month: Option<&Month>) -> Rate {
    let wide = |count: usize| i128::try_from(count).expect("days are few");
    let one = i128::from(Rate::ONE.parts());
    let (past, days) = (wide(elapsed), wide(days));
    let cash = month.map(|month| {
        let due: i128 = month.by_day.iter().take(elapsed).sum();
        let all: i128 = month.by_day.iter().sum::<i128>() + month.even;
        (due * days + month.even * past, all * days)
    });
    let (part, whole) = cash.filter(|(_, whole)| *whole > 0).unwrap_or((past, days));
    Rate::from_parts(divide(part * one, whole, Rounding::Down))
}

/// Adds an instalment to the month in which it falls due, or to that of the first month from `earliest`
/// on: what is overdue there has no day.
fn add(months: &mut [Month], instalment: &Instalment, earliest: usize, weight: i128, evenly: bool) {
    let cash = instalment.principal + instalment.interest + instalment.fee;
    let cash = i128::from(cash.minor()) * weight;
    let after = months.partition_point(|month| month.start < instalment.due);
    let place = after.saturating_sub(1).max(earliest);
    let Some(month) = months.get_mut(place) else { return };
    match usize::try_from((instalment.due - month.start).num_days() - 1) {
        // It falls due after the last month that buys.
        Ok(day) if day >= month.by_day.len() => {}
        Ok(day) if !evenly && !instalment.arrears => month.by_day[day] += cash,
        Ok(_) | Err(_) => month.even += cash,
    }
}

impl DueDays {
    /// The due days of a pool; `None` where the deal does not ask for them.
    pub fn of(pool: &Pool, deal: &Deal, threads: usize) -> Option<DueDays> {
        let terms = deal.purchase.as_ref()?;
        if terms.cash != CashByDay::DueDays || deal.days_of_purchase().is_empty() {
            return None;
        }
        let empty = DueDays { months: months(deal) };
        let sums = |part: &[Receivable]| {
            let mut sums = empty.clone();
            sums.take(part, pool);
            sums
        };
        let run = || {
            let parts = pool.receivables.par_chunks(PART).map(sums);
            parts.reduce(|| empty.clone(), DueDays::and)
        };
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(own) if threads > 0 => Some(own.install(run)),
            Ok(_) | Err(_) => Some(run()),
        }
    }

    fn take(&mut self, receivables: &[Receivable], pool: &Pool) {
        // Credit lines have no schedule, and nothing of them is bought between payment dates.
        let scheduled = receivables.iter().filter(|of| of.method != Method::Revolving);
        for receivable in scheduled {
            let own = receivable.cutoff(pool.cutoff);
            let joins = self.months.partition_point(|month| month.start < own);
            let (schedule, _) = remaining_schedule(receivable, pool.terms(receivable), pool.cutoff);
            for instalment in &schedule {
                add(&mut self.months, instalment, joins, 1, receivable.is_rep_line);
            }
        }
    }

    fn and(mut self, other: DueDays) -> DueDays {
        for (own, more) in self.months.iter_mut().zip(other.months) {
            own.even += more.even;
            own.by_day.iter_mut().zip(more.by_day).for_each(|(own, more)| *own += more);
        }
        self
    }

    /// The months of the pool after a holiday in payments: cash comes on the same day of a later month.
    fn after_holiday(&self, assumptions: &Assumptions) -> Vec<Option<&Month>> {
        let mut months: Vec<Option<&Month>> = self.months.iter().map(Some).collect();
        let count = months.len();
        if let Some(holiday) = assumptions.holiday.filter(|holiday| holiday.months > 0) {
            let [before, of] = [holiday.start - 1, holiday.months]
                .map(|months| usize::try_from(months).expect("months are few"));
            if before < count {
                months.splice(before..before, std::iter::repeat_n(None, of));
            }
        }
        months.truncate(count);
        months
    }
}

/// What is bought, as though every purchase date bought the same amount: of standard receivables each for
/// its share, of a list all that is eligible.
fn bought(
    deal: &Deal,
    assumptions: &Assumptions,
    candidates: Option<&Candidates>,
    pool: &Collateral,
) -> Vec<Month> {
    let mut months = months(deal);
    let dates = purchase_dates(deal);
    match candidates {
        None => {
            let terms = deal.pool.default_terms;
            for at in &dates {
                for asset in &assumptions.purchased {
                    let standard = receivable(asset, &terms, at.date);
                    let weight = i128::from(asset.share.parts());
                    let (schedule, _) = remaining_schedule(&standard, &terms, deal.pool.cutoff);
                    for instalment in &schedule {
                        add(&mut months, instalment, at.joins, weight, false);
                    }
                }
            }
        }
        Some(list) => {
            for offer in &pool.offers {
                let OfferSize::Whole { candidate, payment, refused: None, .. } = &offer.size else {
                    continue;
                };
                let at = &dates[*payment - 1];
                let receivable = list.pool.receivables[*candidate].clone();
                let receivable = Receivable { own_cutoff: Some(at.date), ..receivable };
                let terms = list.pool.terms(&receivable);
                let (schedule, _) = remaining_schedule(&receivable, terms, deal.pool.cutoff);
                for instalment in &schedule {
                    add(&mut months, instalment, at.joins, 1, receivable.is_rep_line);
                }
            }
        }
    }
    months
}

impl Collateral {
    /// The collateral with the parts of a month's cash that are there before each purchase date, where
    /// the deal goes by due days.
    pub fn with_due_days(
        mut self,
        due: Option<&DueDays>,
        deal: &Deal,
        assumptions: &Assumptions,
        candidates: Option<&Candidates>,
    ) -> Collateral {
        let Some(due) = due else { return self };
        let own = due.after_holiday(assumptions);
        let of_bought = bought(deal, assumptions, candidates, &self);
        let mut shares = DueShares { pool: Vec::new(), bought: Vec::new() };
        for day in deal.days_of_purchase() {
            let place = deal.schedule.collection_ends.partition_point(|end| end < day);
            let days = due.months[place].days_before(*day);
            shares.pool.push(share_after(days, own[place]));
            shares.bought.push(share_after(days, of_bought.get(place)));
        }
        self.due_shares = Some(shares);
        self
    }
}
