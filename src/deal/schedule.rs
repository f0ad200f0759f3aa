//! The dates of every payment, made from the deal's rules and its calendar.

use chrono::{Datelike, NaiveDate};

use super::{AccrualDates, Dates};
use crate::time::{BeyondCalendar, Calendar, due_date, month_end};

/// All dates of a deal: collection months and payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The last day of each collection month, in order; the first month starts after the cut-off.
    pub collection_ends: Vec<NaiveDate>,
    /// The payments, in order.
    pub payments: Vec<PaymentDate>,
}

/// The dates of one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDate {
    /// 回收款计算日: collections up to this day are distributed.
    pub determination: NaiveDate,
    /// 回收款转付日.
    pub transfer: NaiveDate,
    /// The payment date by the rule.
    pub scheduled: NaiveDate,
    /// 兑付日: the scheduled date moved to a business day.
    pub payment: NaiveDate,
    /// 权益登记日 on the deal's calendar.
    pub record: NaiveDate,
    /// Latest days of the notices, in the order of the deal file.
    pub notices: Vec<NaiveDate>,
    /// The first day of interest.
    pub accrual_from: NaiveDate,
    /// The day after the last day of interest.
    pub accrual_to: NaiveDate,
    /// Collection months whose cash this payment distributes, counted from the first.
    pub months_to: usize,
}

impl Schedule {
    /// Makes all dates.
    ///
    /// # Errors
    ///
    /// When a date lies beyond the calendar's data: it is never guessed.
    pub fn new(
        dates: &Dates,
        cutoff: NaiveDate,
        calendar: &Calendar,
    ) -> Result<Schedule, BeyondCalendar> {
        let collection_ends = collection_ends(dates, cutoff);
        let (mut payments, mut accrual_from) = (Vec::new(), dates.closing);
        for scheduled in scheduled(dates) {
            let payment = calendar.adjust(scheduled, dates.business_day)?;
            let accrual_to = match dates.accrual_to {
                AccrualDates::Scheduled => scheduled,
                AccrualDates::Adjusted => payment,
            };
            let determination = determination(scheduled, dates.determination_lag_months);
            let back = |days: &i32| calendar.add_business_days(payment, -days);
            payments.push(PaymentDate {
                determination,
                transfer: calendar.add_business_days(determination, dates.transfer_lag_days)?,
                scheduled,
                payment,
                record: back(&dates.record_lag_days)?,
                notices: dates.notice_days.iter().map(back).collect::<Result<_, _>>()?,
                accrual_from,
                accrual_to,
                months_to: collection_ends.iter().filter(|end| **end <= determination).count(),
            });
            accrual_from = accrual_to;
        }
        Ok(Schedule { collection_ends, payments })
    }
}

/// The regular dates up to the legal maturity, which is always one.
fn scheduled(dates: &Dates) -> Vec<NaiveDate> {
    let day = u8::try_from(dates.first_payment.day()).expect("a day of a month");
    let every = dates.payment_every.months();
    let regular = (0..).map(|number| due_date(dates.first_payment, day, number * every));
    let mut all: Vec<NaiveDate> = regular.take_while(|date| *date < dates.legal_maturity).collect();
    all.push(dates.legal_maturity);
    all
}

/// The last day of the month that lies `lag` months before the month of payment.
fn determination(scheduled: NaiveDate, lag: u32) -> NaiveDate {
    month_end(scheduled.checked_sub_months(chrono::Months::new(lag)).expect("a date of this era"))
}

/// The ends of the collection months from the cut-off to the last determination date.
fn collection_ends(dates: &Dates, cutoff: NaiveDate) -> Vec<NaiveDate> {
    let last = determination(dates.legal_maturity, dates.determination_lag_months);
    let first = cutoff.succ_opt().expect("a date of this era");
    let months = (0..).map(|k| {
        let month = first.checked_add_months(chrono::Months::new(k)).expect("a date of this era");
        month_end(month.with_day(1).expect("every month has a first day"))
    });
    months.take_while(|end| *end <= last).collect()
}
