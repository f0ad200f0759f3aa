//! A line: one column of the model, evaluated at every tick of its axis.

use crate::config::Text;
use crate::formula::{Formula, Sort};
use crate::ledger::Movement;

/// What time a line runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Collection months.
    Months,
    /// Payment dates.
    Payments,
}

/// What a line is repeated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dim {
    /// Nothing: one value a tick.
    One,
    /// The cohorts of the pool.
    Cohort,
    /// The segments of the assumptions.
    Segment,
    /// What can be bought on purchase dates.
    Offer,
}

/// What a line is about: the sheet it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Contract cash by cohort, from the tape.
    Plan,
    /// Behaviour rates by cohort.
    Rates,
    /// Projected cash by cohort.
    Collections,
    /// Delinquency by cohort and bucket.
    Delinquency,
    /// Recoveries by segment.
    Recoveries,
    /// The pool's roll-forward.
    Pool,
    /// Limits by score tier, and the receivables that come of them.
    Supply,
    /// Payment dates and their flags.
    Dates,
    /// Tax and fees.
    Fees,
    /// Named amounts, ratios and flags.
    Definitions,
    /// Metrics and states.
    Triggers,
    /// Accounts, facilities and swaps.
    Accounts,
    /// Dry runs of covered steps, and what was called.
    Support,
    /// What can be bought, and what is.
    Purchases,
    /// Limits on the pool after each purchase.
    Limits,
    /// The priority of payments.
    Waterfall,
    /// Balances and payments by tranche.
    Tranches,
    /// Zeros, if all is well.
    Checks,
}

impl Topic {
    /// All topics in the order of the workbook.
    pub const ALL: [Topic; 18] = [
        Topic::Plan,
        Topic::Rates,
        Topic::Collections,
        Topic::Delinquency,
        Topic::Recoveries,
        Topic::Pool,
        Topic::Supply,
        Topic::Dates,
        Topic::Fees,
        Topic::Definitions,
        Topic::Triggers,
        Topic::Accounts,
        Topic::Support,
        Topic::Purchases,
        Topic::Limits,
        Topic::Waterfall,
        Topic::Tranches,
        Topic::Checks,
    ];

    /// The label key, which is the English sheet name in lower case.
    pub fn key(self) -> &'static str {
        match self {
            Topic::Plan => "plan",
            Topic::Rates => "rates",
            Topic::Collections => "collections",
            Topic::Delinquency => "delinquency",
            Topic::Recoveries => "recoveries",
            Topic::Pool => "pool",
            Topic::Supply => "supply",
            Topic::Dates => "dates",
            Topic::Fees => "fees",
            Topic::Definitions => "definitions",
            Topic::Triggers => "triggers",
            Topic::Accounts => "accounts",
            Topic::Support => "support",
            Topic::Purchases => "purchases",
            Topic::Limits => "pool_limits",
            Topic::Waterfall => "waterfall",
            Topic::Tranches => "tranches",
            Topic::Checks => "checks",
        }
    }
}

/// Where a line's values come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// Data: for tick 1, 2, … the values of all elements. `input` says whether a user may change
    /// them in the workbook (dates, flags, vectors) or whether they are the engine's (the plan).
    Given {
        /// Values by tick and element.
        values: Vec<i64>,
        /// Blue in the workbook, grey otherwise.
        input: bool,
    },
    /// A formula.
    Formula(Formula),
}

/// A line's value at closing (tick 0).
#[derive(Clone, Debug, PartialEq)]
pub enum Closing {
    /// Zero, shown as an empty cell.
    Empty,
    /// Data by element.
    Given(Vec<i64>),
    /// A formula over inputs and lines above at closing.
    Formula(Formula),
}

/// One column of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The permanent name: `tranche.01.interest.paid`.
    pub key: String,
    /// Whose line it is: the tranche, the fee, the step.
    pub subject: Text,
    /// The label key of what it says: `due`, `paid`, `closing_balance`.
    pub part: &'static str,
    /// The sheet.
    pub topic: Topic,
    /// The axis.
    pub axis: Axis,
    /// The dimension.
    pub dim: Dim,
    /// The unit.
    pub sort: Sort,
    /// Where values come from.
    pub rule: Rule,
    /// The value at closing.
    pub closing: Closing,
    /// The cash it moves.
    pub moves: Option<Movement>,
    /// The step of the priority of payments that it implements.
    pub step: Option<usize>,
    /// Whether a sum over time means something.
    pub flow: bool,
}

/// A single-valued input of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The permanent name, which is also the key path in the user's file: `tranche.01.coupon`.
    pub key: String,
    /// Whose input it is.
    pub subject: Text,
    /// The label key of what it says.
    pub part: &'static str,
    /// The unit.
    pub sort: Sort,
    /// The value.
    pub value: i64,
    /// Whether a user may change it in the workbook (blue), or it is a constant of the tool or a
    /// figure of the tape (grey).
    pub editable: bool,
}
