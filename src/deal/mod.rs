//! The deal as data: dates, tranches, fees, tax, triggers and the priority of payments.
//!
//! A [`Deal`] is resolved: every name it holds points at something, every date exists. The user's
//! file ([`Deal::from_toml`]) may be wrong in many ways; all of them are findings.

mod account;
mod cadence;
mod clauses;
mod dates;
pub mod define;
mod fee;
mod from_toml;
pub mod keys;
mod purchase;
mod ranking;
mod schedule;
mod step;
mod subpool;
mod terms;
mod tranche;
mod trigger;
pub mod workbook;

pub use crate::config::Text;
pub use account::{
    Call, CallWhen, CashAccount, Covers, Earning, Facility, Funding, Leg, Notional, NotionalPart,
    Receipt, Support, Swap, Target,
};
pub use cadence::{Cadence, PurchaseDays};
pub use clauses::clauses;
pub use dates::{AccrualDates, Dates, Frequency, State};
pub use define::{Definition, Size, Stage};
pub use fee::{Base, Charge, Dated, Fee, FeeAccrual, Income, Tax};
pub use purchase::{CashByDay, LimitRule, Price, Purchase};
pub use schedule::{PaymentDate, Schedule};
pub use step::{Condition, Due, FacilityDue, Flag, Limit, Payee, Payment, Pot, Sharing, Step};
pub use subpool::Subpool;
pub use terms::terms;
pub use tranche::{
    Amortisation, Coupon, Floating, Index, OddCents, PerUnit, Strip, Tranche, UnpaidInterest,
};
pub use trigger::{Consequence, Metric, Side, Tested, Trigger};

use std::collections::BTreeSet;

use crate::money::Amount;
use crate::pool::PoolTerms;
use crate::portfolio::eligibility::Criterion;
use crate::portfolio::limits;
use crate::portfolio::stratification::Dimension;

/// A securitisation, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Deal {
    /// The deal's name.
    pub name: Text,
    /// The currency, such as `CNY`.
    pub currency: String,
    /// The files the deal file points at, relative to it.
    pub files: Files,
    /// What the deal says of its pool.
    pub pool: PoolTerms,
    /// The tapes of a deal with several, each a sub-pool; empty where `files` names the one.
    pub subpools: Vec<Subpool>,
    /// The price paid for the pool at closing; by default the outstanding principal (par).
    pub purchase_price: Option<Amount>,
    /// The rules that make the dates, and the dates.
    pub dates: Dates,
    /// All dates of every payment, made from the rules.
    pub schedule: Schedule,
    /// Named amounts, ratios and flags.
    pub definitions: Vec<Definition>,
    /// Interest indices.
    pub indices: Vec<Index>,
    /// The tranches, senior first.
    pub tranches: Vec<Tranche>,
    /// The fees.
    pub fees: Vec<Fee>,
    /// The tax on income, by classes of income; empty when the deal bears none.
    pub tax: Vec<Tax>,
    /// Accounts beside the collection account.
    pub accounts: Vec<CashAccount>,
    /// Liquidity facilities.
    pub facilities: Vec<Facility>,
    /// Shortfall undertakings and guarantees.
    pub supports: Vec<Support>,
    /// Swaps and caps.
    pub swaps: Vec<Swap>,
    /// The clean-up call.
    pub call: Option<Call>,
    /// The terms of revolving purchases.
    pub purchase: Option<Purchase>,
    /// Income of the account by payment; missing payments earn nothing.
    pub account_income: Vec<Amount>,
    /// The triggers.
    pub triggers: Vec<Trigger>,
    /// The priority of payments.
    pub steps: Vec<Step>,
    /// 合格标准: what a receivable must be to be sold, in order.
    pub eligibility: Vec<Criterion>,
    /// The dimensions of its distributions that are not the standard ones.
    pub stratification: Vec<Dimension>,
    /// Limits of the receivables together.
    pub limits: Vec<limits::Limit>,
    /// Keys of inputs whose figure is a market default of a template, not of this deal.
    pub template_defaults: BTreeSet<String>,
}

impl Deal {
    /// The days on which the deal buys between payment dates; none where it buys on payment dates.
    pub fn days_of_purchase(&self) -> &[chrono::NaiveDate] {
        self.purchase.as_ref().map_or(&[], |terms| &terms.days)
    }
}

/// Files beside the deal file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The tape.
    pub tape: Option<String>,
    /// The column mapping of the tape.
    pub mapping: Option<String>,
    /// The assumptions.
    pub assumptions: Option<String>,
}
