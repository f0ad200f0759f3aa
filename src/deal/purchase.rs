//! Revolving purchases (循环购买): what the deal pays for receivables that it buys later, and what
//! stays in the account.

use chrono::NaiveDate;

use super::cadence::Cadence;
use super::define::Size;
use crate::money::{Amount, Rate};
use crate::portfolio::order::Order;

/// The terms of revolving purchases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The price.
    pub price: Price,
    /// Cash that a purchase leaves in the account (必备金额).
    pub provision: Option<Size>,
    /// Less than this is not spent on one date.
    pub least: Option<Amount>,
    /// The list of receivables on offer, relative to the deal file; without it, standard receivables
    /// are bought.
    pub candidates: Option<String>,
    /// The column mapping of that list.
    pub candidates_mapping: Option<String>,
    /// How often the deal buys.
    pub every: Cadence,
    /// The days on which it buys between payment dates, ascending; none where it buys on payment
    /// dates.
    pub days: Vec<NaiveDate>,
    /// How a month's cash comes in on its days, where the deal buys between payment dates.
    pub cash: CashByDay,
    /// The sub-pool, by place, that what is bought belongs to, unless it says otherwise itself.
    pub pool: usize,
    /// Which of that list is looked at first.
    pub order: Order,
    /// What becomes of a purchase that breaks a limit on the pool.
    pub limits: LimitRule,
}

/// How the cash of a collection month comes in on its days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CashByDay {
    /// The same on every day.
    #[default]
    Even,
    /// Contract cash on the day on which it falls due; the rest evenly.
    DueDays,
}

/// What becomes of a purchase after which a limit on the pool would not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitRule {
    /// It is cut down to what the limit allows; a whole receivable is left out.
    #[default]
    Cut,
    /// It is made, and the breach is shown.
    Test,
}

/// What is paid for outstanding principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// A share of the outstanding principal: 1 is par, 99.5 % a discount (折价率) of 0.5 %.
    Ratio(Rate),
    /// The present value of the contract's cash at a yearly yield: `Σ cash × (1 + y)^(−days ÷ 365)`,
    /// as a share of the outstanding principal.
    Yield(Rate),
}
