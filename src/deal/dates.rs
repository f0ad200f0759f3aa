//! The rules that make the dates of a deal, how often something is paid, and the deal's states.

use chrono::NaiveDate;

use crate::time::Convention;

/// How the dates are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Dates {
    /// 设立日: accrual starts here; tick 0.
    pub closing: NaiveDate,
    /// The first scheduled payment date.
    pub first_payment: NaiveDate,
    /// The last scheduled payment date.
    pub legal_maturity: NaiveDate,
    /// Months between the payment dates of the deal's finest frequency.
    pub payment_every: Frequency,
    /// Where a payment goes that falls on a closed day.
    pub business_day: Convention,
    /// The calendar of payments.
    pub calendar: String,
    /// Whether interest runs to the scheduled or to the adjusted date.
    pub accrual_to: AccrualDates,
    /// Full months between the end of the last collection period and the month of payment: 1 pays
    /// January's collections in February.
    pub determination_lag_months: u32,
    /// 混同: collection months that cash stays with the servicer before it reaches the deal's account.
    pub commingling_months: u32,
    /// Business days from the determination date to the transfer into the deal's account.
    pub transfer_lag_days: i32,
    /// Business days from the record date to the payment date.
    pub record_lag_days: i32,
    /// Business days from each notice to the payment date.
    pub notice_days: Vec<i32>,
    /// The number of payment dates in the revolving period.
    pub revolving_payments: usize,
}

/// How often something is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frequency {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    HalfYearly,
    /// Every twelve months.
    Yearly,
}

impl Frequency {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Frequency); 4] = [
        ("monthly", Frequency::Monthly),
        ("quarterly", Frequency::Quarterly),
        ("half_yearly", Frequency::HalfYearly),
        ("yearly", Frequency::Yearly),
    ];

    /// Months between payments.
    pub const fn months(self) -> u32 {
        match self {
            Frequency::Monthly => 1,
            Frequency::Quarterly => 3,
            Frequency::HalfYearly => 6,
            Frequency::Yearly => 12,
        }
    }

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = Frequency::WORDS.iter().find(|(_, frequency)| *frequency == self);
        found.expect("every frequency has a word").0
    }
}

/// Which date ends an interest period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccrualDates {
    /// The scheduled payment date, closed or not.
    Scheduled,
    /// The date of actual payment.
    Adjusted,
}

/// The state of the deal on a payment date, from the calmest to the one that overrides all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 循环期.
    Revolving,
    /// 摊还期.
    Amortising,
    /// After an acceleration event (加速清偿).
    Accelerated,
    /// After an event of default (违约事件).
    Defaulted,
    /// From the exercise of the clean-up call on (清仓回购): a state of its own only where some step
    /// names it; otherwise the called deal runs the waterfall of the state it was in.
    CleanUp,
}

impl State {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, State); 5] = [
        ("revolving", State::Revolving),
        ("amortising", State::Amortising),
        ("accelerated", State::Accelerated),
        ("event_of_default", State::Defaulted),
        ("clean_up", State::CleanUp),
    ];

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = State::WORDS.iter().find(|(_, state)| *state == self);
        found.expect("every state has a word").0
    }
}
