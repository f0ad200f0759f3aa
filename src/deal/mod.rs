//! The deal as data: dates, tranches, fees, tax, triggers and the priority of payments.
//!
//! A [`Deal`] is resolved: every name it holds points at something, every date exists. The user's
//! file ([`Deal::from_toml`]) may be wrong in many ways; all of them are findings.

mod clauses;
mod from_toml;
pub mod keys;
mod schedule;
pub mod workbook;

pub use crate::config::Text;
pub use clauses::clauses;
pub use schedule::{PaymentDate, Schedule};

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::money::{Amount, Rate};
use crate::pool::PoolTerms;
use crate::time::{Convention, DayCount};

/// A securitisation, resolved.
#[derive(Clone, Debug)]
pub struct Deal {
    /// The deal's name.
    pub name: Text,
    /// The currency, such as `CNY`.
    pub currency: String,
    /// The files the deal file points at, relative to it.
    pub files: Files,
    /// What the deal says of its pool.
    pub pool: PoolTerms,
    /// The price paid for the pool at closing; by default the outstanding principal (par).
    pub purchase_price: Option<Amount>,
    /// The rules that make the dates, and the dates.
    pub dates: Dates,
    /// All dates of every payment, made from the rules.
    pub schedule: Schedule,
    /// The tranches, senior first.
    pub tranches: Vec<Tranche>,
    /// The fees.
    pub fees: Vec<Fee>,
    /// The tax on income, if the deal bears one.
    pub tax: Option<Tax>,
    /// Income of the account by payment; missing payments earn nothing.
    pub account_income: Vec<Amount>,
    /// The triggers.
    pub triggers: Vec<Trigger>,
    /// The priority of payments.
    pub steps: Vec<Step>,
    /// Keys of inputs whose figure is a market default of a template, not of this deal.
    pub template_defaults: BTreeSet<String>,
}

/// Files beside the deal file.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The tape.
    pub tape: Option<String>,
    /// The column mapping of the tape.
    pub mapping: Option<String>,
    /// The assumptions.
    pub assumptions: Option<String>,
}

/// How the dates are made.
#[derive(Clone, Debug)]
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

/// The state of the deal on a payment date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// 循环期.
    Revolving,
    /// 摊还期.
    Amortising,
    /// After an acceleration event.
    Accelerated,
}

impl State {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, State); 3] = [
        ("revolving", State::Revolving),
        ("amortising", State::Amortising),
        ("accelerated", State::Accelerated),
    ];

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = State::WORDS.iter().find(|(_, state)| *state == self);
        found.expect("every state has a word").0
    }
}

/// A tranche of securities.
#[derive(Clone, Debug)]
pub struct Tranche {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// 发行规模.
    pub face: Amount,
    /// The annual rate of interest, or of the interim yield of a subordinated tranche.
    pub coupon: Rate,
    /// How days count.
    pub day_count: DayCount,
    /// How often interest falls due, by state; missing states pay on every payment date.
    pub frequency: BTreeMap<State, Frequency>,
    /// Whether unpaid interest is carried to the next date. An interim yield that is not
    /// cumulative lapses.
    pub cumulative: bool,
    /// Below every tranche that counts as senior in coverage ratios.
    pub subordinated: bool,
    /// The yield at which the report prices the tranche at closing.
    pub pricing_yield: Option<Rate>,
}

/// A fee of the deal.
#[derive(Clone, Debug)]
pub struct Fee {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// What is due.
    pub charge: Charge,
}

/// How a fee is computed.
#[derive(Clone, Debug)]
pub enum Charge {
    /// An annual rate on a balance by days.
    Rate {
        /// The annual rate.
        rate: Rate,
        /// The balance.
        base: Base,
        /// How days count.
        day_count: DayCount,
    },
    /// A fixed amount on listed payment dates (all when the list is empty).
    Fixed {
        /// The amount.
        amount: Amount,
        /// Payment numbers from 1.
        payments: Vec<usize>,
    },
    /// A rate on what is paid to holders on the date (兑付手续费).
    OnPaid {
        /// The rate.
        rate: Rate,
    },
}

/// The balance a fee is charged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// All tranche balances before the payment, by accrual days.
    Securities,
    /// The pool at the start of each collection month, by the month's days.
    Pool,
}

/// The tax on the pool's income (增值税及附加).
#[derive(Clone, Debug)]
pub struct Tax {
    /// The rate of value added tax.
    pub vat: Rate,
    /// Surcharges on the tax.
    pub surcharge: Rate,
    /// Which income is taxed.
    pub income: BTreeSet<Income>,
}

/// Classes of the pool's income.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Income {
    /// 利息.
    Interest,
    /// 手续费.
    Fee,
}

impl Income {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Income); 2] =
        [("interest", Income::Interest), ("fee", Income::Fee)];
}

/// A test on a payment date, with a consequence.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The name in the deal file; steps may ask for it.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// What is measured.
    pub metric: Metric,
    /// Whether it trips above or below the threshold.
    pub above: bool,
    /// The threshold by payment number: each entry holds from that payment on.
    pub thresholds: Vec<(usize, Rate)>,
    /// Whether the trigger resets when the metric recovers.
    pub curable: bool,
    /// Payment dates between the test and its effect: 0 is the same date.
    pub effect_lag: usize,
    /// What it changes.
    pub consequence: Consequence,
}

/// What a trigger measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// 累计违约率: defaulted principal to date ÷ (initial + purchased principal).
    CumulativeDefaultRatio,
    /// Pool and cash ÷ senior balance, before this date's payment.
    SeniorCoverage,
    /// Pool balance ÷ initial pool balance.
    PoolFactor,
}

impl Metric {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Metric); 3] = [
        ("cumulative_default_ratio", Metric::CumulativeDefaultRatio),
        ("senior_coverage", Metric::SeniorCoverage),
        ("pool_factor", Metric::PoolFactor),
    ];

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = Metric::WORDS.iter().find(|(_, metric)| *metric == self);
        found.expect("every metric has a word").0
    }
}

/// What a tripped trigger changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// 加速清偿: the deal is accelerated.
    Accelerate,
    /// 提前结束循环期.
    EndRevolving,
    /// Nothing by itself: steps ask for the trigger by name.
    Flag,
}

impl Consequence {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Consequence); 3] = [
        ("accelerate", Consequence::Accelerate),
        ("end_revolving", Consequence::EndRevolving),
        ("flag", Consequence::Flag),
    ];
}

/// One step of the priority of payments: "out of what is left, pay these, if".
#[derive(Clone, Debug)]
pub struct Step {
    /// The clause of the documents, such as `4.2(b)`.
    pub clause: String,
    /// A name of its own for readers, when the payees do not say enough.
    pub name: Option<Text>,
    /// The states in which the step pays; empty for all.
    pub states: BTreeSet<State>,
    /// Further conditions, all of which must hold.
    pub when: Vec<Condition>,
    /// Who is paid what.
    pub pay: Vec<Payment>,
    /// How a short pot is shared.
    pub sharing: Sharing,
}

/// A condition of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `not` in front.
    pub negated: bool,
    /// A state or a trigger (by its place).
    pub flag: Flag,
}

/// A flag that a condition asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The deal is in a state.
    State(State),
    /// A trigger has tripped.
    Trigger(usize),
}

/// One payee of a step with what is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Who, and for what.
    pub due: Due,
    /// No more than this on one date.
    pub cap: Option<Amount>,
}

/// The kinds of due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The tax of the period. A claim.
    Tax,
    /// A fee, by its place. A claim.
    Fee(usize),
    /// A tranche's interest or interim yield. A claim, unless it lapses.
    Interest(usize),
    /// A tranche's principal: the outstanding balance is the limit.
    Principal(usize),
    /// Whatever is left. A limit.
    Remainder(usize),
}

/// How payees of one step share a pot that is too small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// In turn.
    #[default]
    Sequential,
    /// In proportion to what is due, by cumulative rounding in the deal file's order.
    ProRata,
}
