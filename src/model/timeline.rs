//! The ticks of all axes in one order.

use chrono::NaiveDate;

use super::Axis;
use crate::deal::Schedule;

/// The axes and how they interleave.
///
/// Collection month `m` comes before payment `p` exactly when `p` distributes it: when the month
/// ends on or before the payment's determination date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The cut-off date and the end of each collection month: index 0 is the cut-off.
    pub months: Vec<NaiveDate>,
    /// The closing date and each payment date: index 0 is the closing.
    pub payments: Vec<NaiveDate>,
    /// For each payment (0 is closing) the months up to it.
    months_at: Vec<usize>,
    /// For each month (0 is the cut-off) the payments before it.
    payments_at: Vec<usize>,
}

impl Timeline {
    /// The timeline of a deal's dates.
    pub fn new(cutoff: NaiveDate, closing: NaiveDate, schedule: &Schedule) -> Timeline {
        let mut months = vec![cutoff];
        months.extend(&schedule.collection_ends);
        let mut payments = vec![closing];
        payments.extend(schedule.payments.iter().map(|payment| payment.payment));
        let mut months_at = vec![0];
        months_at.extend(schedule.payments.iter().map(|payment| payment.months_to));
        let payments_at = (0..months.len())
            .map(|month| months_at.iter().skip(1).filter(|months_to| **months_to < month).count());
        Timeline { payments_at: payments_at.collect(), months, payments, months_at }
    }

    /// The number of ticks after closing on an axis.
    pub fn len(&self, axis: Axis) -> usize {
        self.dates(axis).len() - 1
    }

    /// Whether an axis has no tick after closing.
    pub fn is_empty(&self, axis: Axis) -> bool {
        self.len(axis) == 0
    }

    /// The dates of an axis, closing (or cut-off) first.
    pub fn dates(&self, axis: Axis) -> &[NaiveDate] {
        match axis {
            Axis::Months => &self.months,
            Axis::Payments => &self.payments,
        }
    }

    /// The last tick of the other axis up to `tick` of `axis`.
    pub fn other_at(&self, axis: Axis, tick: usize) -> usize {
        match axis {
            Axis::Months => self.payments_at[tick],
            Axis::Payments => self.months_at[tick],
        }
    }

    /// All ticks after closing in chronological order.
    pub fn ticks(&self) -> Vec<(Axis, usize)> {
        let mut ticks = Vec::new();
        let mut month = 0;
        for payment in 1..self.payments.len() {
            while month < self.months_at[payment] {
                month += 1;
                ticks.push((Axis::Months, month));
            }
            ticks.push((Axis::Payments, payment));
        }
        while month + 1 < self.months.len() {
            month += 1;
            ticks.push((Axis::Months, month));
        }
        ticks
    }
}
