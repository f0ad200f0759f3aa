//! What investors and auditors ask of cash flows: speeds, yields, prices, lives.
//!
//! | Question                                       | Answer                                        |
//! |------------------------------------------------|-----------------------------------------------|
//! | What does a receivable cost its obligor a year? | [`internal_rate`]                            |
//! | What does a tranche earn?                      | [`xirr`], [`yield_at`]                        |
//! | What is it worth, and how does that move?      | [`price`], [`modified_duration`], [`convexity`] |
//! | What has it earned since the last payment?     | [`accrued_interest`]                          |
//! | When does its principal come back?             | [`wal_years`], by scenario [`Decrement`]      |
//! | What was bought, and what was not, and why?    | [`Purchases`]                                 |
//! | What does the supply of receivables do to a deal? | [`SupplyPath`]              |
//! | How fast do obligors prepay or default?        | [`smm_from_cpr`], [`smm_from_abs`] and their inverses |
//!
//! Pure functions of numbers. Floats live here and never become money; the rates that reach cash
//! (SMM, MDR) are [`Rate`](crate::money::Rate)s of 12 places.

mod decrement;
mod life;
mod of_tranche;
mod pricing;
mod purchase_bound;
mod purchases;
mod speed;
mod supply_path;
mod yields;

pub use crate::plan::internal_rate;
pub use decrement::{Decrement, Group, Outcome, Percent, Scenario, Until};
pub use life::wal_years;
pub use of_tranche::{TrancheMeasures, of_tranche};
pub use pricing::{
    Compounding, Market, accrued_days, accrued_interest, convexity, modified_duration, price,
    yield_at,
};
pub use purchases::{Decision, ListDate, Purchase, Purchases};
pub use speed::{
    YearPart, abs_from_smm, annual_from_monthly, cpr_from_psa, mdr_from_cdr, monthly_from_annual,
    smm_from_abs, smm_from_cpr, smm_of_opening, smm_of_scheduled,
};
pub use supply_path::{Breach, SupplyDate, SupplyPath};
pub use yields::xirr;

use chrono::NaiveDate;

/// Money on a date, for discounting: received when positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// The day it is paid.
    pub date: NaiveDate,
    /// How much, in any one unit: per 100 face, or currency.
    pub amount: f64,
}

impl Flow {
    /// That amount on that day.
    pub const fn new(date: NaiveDate, amount: f64) -> Flow {
        Flow { date, amount }
    }
}

/// Years from `from` to `to` as actual days over 365.
fn years(from: NaiveDate, to: NaiveDate) -> f64 {
    let days = i32::try_from((to - from).num_days()).expect("dates of a deal are near each other");
    f64::from(days) / 365.0
}
