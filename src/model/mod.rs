//! The deal as lines on axes. A deal lowers to line items; a line item is a formula that may move
//! cash; engine, workbook and prose read the same lines.
//!
//! ```text
//! axis Months    ── Plan, Rates, Collections (by cohort), Recoveries (by segment), Pool
//!    │  Since, Latest, Before
//!    ▼
//! axis Payments  ── Dates, Fees, Triggers, Waterfall, Tranches, Checks
//! axis Purchases ── Purchase dates: between what a month collects and what it comes to
//! ```
//!
//! The axes merge into one list of ticks. Tick 0 is the closing; `Prior` at tick 1 reads it. A line
//! reads lines above it at the same tick, any line of its axis one tick earlier, or a line of
//! another axis up to now. Which ticks exist is fixed when the model is built; which act is a flag.

mod build;
mod call;
mod checks;
mod collateral;
mod dated;
mod dated_cash;
mod dated_limits;
mod dates;
mod due_days;
mod fees;
mod from_defaults;
mod from_limits;
mod from_lines;
mod from_offers;
mod from_plan;
mod from_subpools;
mod gathered;
mod liabilities;
mod line;
mod notional;
mod performance;
mod pots;
mod rates;
mod run;
mod scope;
mod supply;
mod swaps;
mod timeline;
mod tranches;
mod triggers;
mod waterfall;

pub use crate::formula::serial;
pub use build::{Model, Operand};
pub use collateral::{
    Cohort, Collateral, Defaulted, LimitOf, LimitPart, Offer, OfferSize, PoolLimit, PoolPart,
    Refusal, day,
};
pub use due_days::{DueDays, DueShares};
pub use from_offers::{Candidates, purchase_days};
pub use from_subpools::by_subpool;
pub use gathered::Gathered;
pub use line::{Axis, Closing, Dim, Input, Line, Rule, Topic};
pub use run::{Conservation, Inputs, Run};
pub use timeline::{Phase, Timeline};
pub use waterfall::{payee, pot_name};
