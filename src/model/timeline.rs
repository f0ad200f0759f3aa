//! The ticks of all axes in one order.

use chrono::NaiveDate;

use super::Axis;
use crate::deal::Schedule;

/// The axes and how they interleave.
///
/// Collection month `m` comes before payment `p` exactly when `p` distributes it: when the month
/// ends on or before the payment's determination date. A purchase date comes within its month: after
/// what the month collects and before its closing balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The cut-off date and the end of each collection month: index 0 is the cut-off.
    pub months: Vec<NaiveDate>,
    /// The closing date and each payment date: index 0 is the closing.
    pub payments: Vec<NaiveDate>,
    /// The closing date and each purchase date between payments: index 0 is the closing.
    pub purchases: Vec<NaiveDate>,
    /// For each payment (0 is closing) the months up to it.
    months_at: Vec<usize>,
    /// For each month (0 is the cut-off) the payments before it.
    payments_at: Vec<usize>,
    /// For each purchase date (0 is closing) its month.
    month_of: Vec<usize>,
    /// For each month (0 is the cut-off) the purchase dates up to its end.
    purchases_at: Vec<usize>,
    /// For each purchase date (0 is closing) the payments that are known on it.
    known_on: Vec<usize>,
}

/// Which lines of a month are evaluated: the purchase dates lie between what it collects and what it
/// comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All of the tick.
    Whole,
    /// Lines that know nothing of the month's purchases.
    Before,
    /// Lines that read the month's purchases.
    After,
}

impl Timeline {
    /// The timeline of a deal's dates; `purchases` are the days on which it buys between payments,
    /// ascending.
    pub fn new(
        cutoff: NaiveDate,
        closing: NaiveDate,
        schedule: &Schedule,
        purchases: &[NaiveDate],
    ) -> Timeline {
        let mut months = vec![cutoff];
        months.extend(&schedule.collection_ends);
        let mut payments = vec![closing];
        payments.extend(schedule.payments.iter().map(|payment| payment.payment));
        let mut months_at = vec![0];
        months_at.extend(schedule.payments.iter().map(|payment| payment.months_to));
        let payments_at: Vec<usize> = (0..months.len())
            .map(|month| months_at.iter().skip(1).filter(|months_to| **months_to < month).count())
            .collect();
        let month_of: Vec<usize> = std::iter::once(0)
            .chain(purchases.iter().map(|day| months.partition_point(|end| end < day)))
            .collect();
        assert!(month_of.iter().all(|month| *month < months.len()), "purchases lie within months");
        let purchases_at = (0..months.len())
            .map(|month| month_of[1..].partition_point(|of| *of <= month))
            .collect();
        // A payment is known once its day has come and the months that it distributes are over.
        let known = |(day, month): (&NaiveDate, &usize)| {
            payments[1..].partition_point(|payment| payment <= day).min(payments_at[*month])
        };
        let known_on =
            std::iter::once(0).chain(purchases.iter().zip(&month_of[1..]).map(known)).collect();
        let purchases = std::iter::once(closing).chain(purchases.iter().copied()).collect();
        Timeline {
            months,
            payments,
            purchases,
            months_at,
            payments_at,
            month_of,
            purchases_at,
            known_on,
        }
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
            Axis::Purchases => &self.purchases,
        }
    }

    /// The last tick of the axis `of` up to `tick` of `axis`.
    ///
    /// On a purchase date, the payments are those whose day has come: a payment distributes months
    /// that lie before it, so within a month its figures stand before its day does.
    pub fn at(&self, axis: Axis, tick: usize, of: Axis) -> usize {
        match (axis, of) {
            (Axis::Months, Axis::Payments) => self.payments_at[tick],
            (Axis::Months, Axis::Purchases) => self.purchases_at[tick],
            (Axis::Payments, Axis::Months) => self.months_at[tick],
            (Axis::Payments, Axis::Purchases) => self.purchases_at[self.months_at[tick]],
            (Axis::Purchases, Axis::Months) => self.month_of[tick],
            (Axis::Purchases, Axis::Payments) => self.known_on[tick],
            (Axis::Months, Axis::Months)
            | (Axis::Payments, Axis::Payments)
            | (Axis::Purchases, Axis::Purchases) => tick,
        }
    }

    /// The last payment before a month, and the last month that a payment or purchase date knows.
    pub fn other_at(&self, axis: Axis, tick: usize) -> usize {
        match axis {
            Axis::Months => self.at(axis, tick, Axis::Payments),
            Axis::Payments | Axis::Purchases => self.at(axis, tick, Axis::Months),
        }
    }

    /// The payments whose figures stand before a purchase date: those that distribute no more than the
    /// months before its own.
    pub fn payments_before(&self, purchase: usize) -> usize {
        self.payments_at[self.month_of[purchase]]
    }

    /// All ticks after closing in chronological order.
    pub fn ticks(&self) -> Vec<(Axis, usize, Phase)> {
        let mut ticks = Vec::new();
        let mut next = 0;
        let mut months = |ticks: &mut Vec<_>, to: usize| {
            while next < to {
                next += 1;
                let bought = self.purchases_at[next - 1] + 1..=self.purchases_at[next];
                if bought.is_empty() {
                    ticks.push((Axis::Months, next, Phase::Whole));
                    continue;
                }
                ticks.push((Axis::Months, next, Phase::Before));
                ticks.extend(bought.map(|date| (Axis::Purchases, date, Phase::Whole)));
                ticks.push((Axis::Months, next, Phase::After));
            }
        };
        for payment in 1..self.payments.len() {
            months(&mut ticks, self.months_at[payment]);
            ticks.push((Axis::Payments, payment, Phase::Whole));
        }
        months(&mut ticks, self.months.len() - 1);
        ticks
    }
}
