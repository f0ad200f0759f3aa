//! The payment dates as lines: every date a field of its own, days between them live.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::build::{Builder, Column};
use super::line::{Closing, Topic};
use crate::config::{Text, in_chinese};
use crate::deal::{Base, Charge, Deal, FeeAccrual, Frequency, PaymentDate};
use crate::formula::serial;
use crate::formula::{Formula, LineId, Sort};
use crate::time::DayCount;

/// What the liabilities read of the dates.
pub(super) struct Payments {
    days: BTreeMap<&'static str, LineId>,
    /// The number of the payment date.
    pub number: LineId,
    /// The payment date itself.
    pub payment: LineId,
    /// Whether it is the first payment date of its calendar year, where a yearly cap asks for it.
    pub new_year: Option<LineId>,
    /// Whether it is the last payment date, where a definition asks for it.
    pub is_last: Option<LineId>,
    /// Whether the payment falls in the revolving period by date.
    pub revolving: Option<LineId>,
    /// Whether a payment of a frequency falls due.
    pub due: BTreeMap<Frequency, LineId>,
}

impl Payments {
    /// The actual days of the interest period.
    pub fn actual_days(&self) -> Formula {
        Formula::Line(self.days["actual"])
    }

    /// The days of the interest period under a day count.
    pub fn days(&self, day_count: DayCount) -> Formula {
        Formula::Line(self.days[days_key(day_count)])
    }
}

/// Day counts whose days are the difference of the dates share a line.
fn days_key(day_count: DayCount) -> &'static str {
    match day_count {
        DayCount::Act365 | DayCount::Act360 => "actual",
        other => other.name(),
    }
}

/// The days of the year as an input cell.
pub(super) fn basis(lines: &mut Builder, day_count: DayCount) -> Formula {
    let (key, value) = match day_count {
        DayCount::Act365 | DayCount::Act365NoLeap => ("basis.365", 365),
        DayCount::Act360
        | DayCount::Thirty360Us
        | DayCount::Thirty360E
        | DayCount::Thirty360Isda => ("basis.360", 360),
        DayCount::ActActIsda => ("basis.act_act", day_count.basis()),
    };
    Formula::Input(lines.constant(key, "basis", value))
}

/// Lowers the dates.
pub(super) fn lower(lines: &mut Builder, deal: &Deal) -> Payments {
    let payments = &deal.schedule.payments;
    let column = |key: &str, part| {
        Column::payment(Topic::Dates, format!("dates.{key}"), &Text::default(), part)
    };
    let dates = |read: &dyn Fn(&PaymentDate) -> NaiveDate| -> Vec<i64> {
        payments.iter().map(|payment| serial(read(payment))).collect()
    };
    lines.recorded(
        column("determination", "determination_date"),
        Sort::Date,
        dates(&|p| p.determination),
    );
    lines.recorded(column("transfer", "transfer_date"), Sort::Date, dates(&|p| p.transfer));
    lines.recorded(column("scheduled", "scheduled_date"), Sort::Date, dates(&|p| p.scheduled));
    let payment =
        lines.recorded(column("payment", "payment_date"), Sort::Date, dates(&|p| p.payment));
    lines.closing(payment, Closing::Given(vec![serial(deal.dates.closing)]));
    lines.recorded(column("record", "record_date"), Sort::Date, dates(&|p| p.record));
    for (place, days) in deal.dates.notice_days.iter().enumerate() {
        let subject = Text::same(format!("T−{days}"));
        let column = column(&format!("notice.{}", place + 1), "notice_date").about(&subject);
        lines.recorded(column, Sort::Date, dates(&|p| p.notices[place]));
    }
    let from =
        lines.given(column("accrual_from", "accrual_from"), Sort::Date, dates(&|p| p.accrual_from));
    let to = lines.given(column("accrual_to", "accrual_to"), Sort::Date, dates(&|p| p.accrual_to));
    let days = day_counts(deal).into_iter().map(|day_count| {
        let key = days_key(day_count);
        let line = if key == "actual" {
            let days = Formula::less(Formula::Line(to), Formula::Line(from));
            lines.compute(column("days.actual", "accrual_days"), days)
        } else {
            let days =
                payments.iter().map(|p| day_count.days(p.accrual_from, p.accrual_to)).collect();
            let (zh, en) = day_count.words();
            let name = Text { zh: zh.to_string(), en: en.to_string() };
            let column = column(&format!("days.{key}"), "accrual_days").about(&name);
            lines.recorded(column, Sort::Number, days)
        };
        (key, line)
    });
    let days = days.collect();
    let revolving = (deal.dates.revolving_payments > 0).then(|| {
        let flags =
            (0..payments.len()).map(|place| i64::from(place < deal.dates.revolving_payments));
        lines.given(column("revolving", "revolving_by_date"), Sort::Flag, flags.collect())
    });
    let count = i64::try_from(payments.len()).expect("payments are few");
    let number =
        lines.recorded(column("number", "payment_number"), Sort::Number, (1..=count).collect());
    let yearly = deal.steps.iter().flat_map(|step| &step.pay);
    let yearly = yearly.into_iter().any(|payment| payment.cap_per_year.is_some());
    let new_year = yearly.then(|| {
        let mut before = None;
        let flags = payments.iter().map(|payment| {
            let year = payment.payment.year();
            i64::from(before.replace(year).is_some_and(|before| before != year))
        });
        lines.recorded(column("new_year", "new_year"), Sort::Flag, flags.collect())
    });
    let waits = deal.tranches.iter().any(|tranche| tranche.per_unit.is_some())
        || deal.fees.iter().any(|fee| matches!(fee.charge, Charge::OnPaid { .. }));
    let is_last = (waits || deal.reads("date.is_last")).then(|| {
        let flags = (1..=count).map(|number| i64::from(number == count)).collect();
        lines.recorded(column("is_last", "is_last"), Sort::Flag, flags)
    });
    let due = frequencies(lines, deal, &column);
    Payments { days, number, payment, new_year, is_last, revolving, due }
}

/// The day counts a deal uses; the actual days always.
fn day_counts(deal: &Deal) -> Vec<DayCount> {
    let mut used = vec![DayCount::Act365];
    let fees = deal.fees.iter().filter_map(|fee| match fee.charge {
        Charge::Rate { base: Base::Pool, .. } => None,
        Charge::Rate { accrual: FeeAccrual::Days(day_count), .. } => Some(day_count),
        Charge::Rate { .. }
        | Charge::Fixed { .. }
        | Charge::Dated(_)
        | Charge::OnPaid { .. }
        | Charge::OnLeft { .. } => None,
    });
    let tranches = deal.tranches.iter().map(|tranche| tranche.day_count);
    let accounts = deal.accounts.iter().filter_map(|account| account.earns.as_ref());
    let others = accounts
        .map(|earning| earning.day_count)
        .chain(deal.facilities.iter().map(|facility| facility.day_count))
        .chain(deal.swaps.iter().map(|swap| swap.day_count));
    for day_count in tranches.chain(fees).chain(others) {
        if used.iter().all(|known| days_key(*known) != days_key(day_count)) {
            used.push(day_count);
        }
    }
    used
}

/// A flag line for every frequency that is slower than the deal's payment dates. The last payment
/// date pays everything.
fn frequencies(
    lines: &mut Builder,
    deal: &Deal,
    column: &dyn Fn(&str, &'static str) -> Column,
) -> BTreeMap<Frequency, LineId> {
    let every = deal.dates.payment_every.months();
    let count = deal.schedule.payments.len();
    let mut used: Vec<Frequency> =
        deal.tranches.iter().flat_map(|tranche| tranche.frequency.values().copied()).collect();
    used.sort_unstable();
    used.dedup();
    used.retain(|frequency| frequency.months() > every);
    let lines = used.into_iter().map(|frequency| {
        let step = usize::try_from(frequency.months() / every).expect("at most 12");
        let flags = (1..=count).map(|number| i64::from(number % step == 0 || number == count));
        let column = column(&format!("due.{}", frequency.word()), "due_by_date");
        let word = frequency.word();
        let often = Text { zh: in_chinese(word).to_string(), en: word.replace('_', " ") };
        let column = column.about(&often);
        (frequency, lines.given(column, Sort::Flag, flags.collect()))
    });
    lines.collect()
}
