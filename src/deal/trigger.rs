//! Triggers: what is measured, when it trips, what it changes.

use chrono::NaiveDate;

use super::Text;
use crate::money::Rate;

/// A test on payment dates, with a consequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// The name in the deal file; steps may ask for it.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// What is measured.
    pub metric: Metric,
    /// On which side of the threshold it trips.
    pub side: Side,
    /// The threshold by payment number: each entry holds from that payment on.
    pub thresholds: Vec<(usize, Rate)>,
    /// When on a payment date it is tested.
    pub tested: Tested,
    /// The first payment date, by number, on which it is tested.
    pub from_payment: usize,
    /// Tests in a row that must trip before the trigger is in force.
    pub consecutive: usize,
    /// Days in a row that the metric must have been beyond the threshold.
    pub grace_days: u32,
    /// Where it is tested daily: for each payment date but the last, the day on which a breach that
    /// begins after its payments has lasted the days of grace.
    pub grace_ends: Vec<NaiveDate>,
    /// Whether the trigger resets when the metric recovers.
    pub curable: bool,
    /// Payment dates between the test and its effect: 0 is the same date.
    pub effect_lag: usize,
    /// Who decides, where the documents do not leave it to the figure.
    pub decided_by: Option<Text>,
    /// What it changes.
    pub consequence: Consequence,
}

/// On which side of the threshold a trigger trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Strictly above.
    Above,
    /// At or above.
    AtLeast,
    /// Strictly below.
    Below,
    /// At or below.
    AtMost,
}

/// When a trigger is tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tested {
    /// On the figures after collection and before this date's payments, with effect on them.
    #[default]
    Before,
    /// On the figures after this date's payments, with effect from the next date on.
    After,
    /// On every day, on the figures after the last payments: with effect on the first payments after
    /// the days of grace are over.
    Daily,
}

impl Tested {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Tested); 3] =
        [("before", Tested::Before), ("after", Tested::After), ("daily", Tested::Daily)];
}

/// What a trigger measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metric {
    /// 累计违约率: defaulted principal to date ÷ initial principal.
    CumulativeDefaultRatio,
    /// Pool and cash ÷ senior balance, before this date's payment.
    SeniorCoverage,
    /// Pool balance ÷ initial pool balance.
    PoolFactor,
    /// A ratio of `[define]`, by its place, against thresholds.
    Ratio(usize),
    /// A flag of `[define]`, by its place: it trips where the flag holds.
    Flag(usize),
    /// 宣布: it trips on payment dates that the deal file lists, as a decision of somebody or an
    /// event that no figure shows (insolvency, servicer default).
    Declared(Vec<usize>),
}

impl Metric {
    /// The built-in metrics with a threshold.
    pub const WORDS: [(&'static str, Metric); 3] = [
        ("cumulative_default_ratio", Metric::CumulativeDefaultRatio),
        ("senior_coverage", Metric::SeniorCoverage),
        ("pool_factor", Metric::PoolFactor),
    ];
}

/// What a tripped trigger changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// 违约事件: the deal is in default.
    Default,
    /// 加速清偿: the deal is accelerated.
    Accelerate,
    /// 提前结束循环期.
    EndRevolving,
    /// Nothing by itself: steps ask for the trigger by name.
    Flag,
}

impl Consequence {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Consequence); 4] = [
        ("event_of_default", Consequence::Default),
        ("accelerate", Consequence::Accelerate),
        ("end_revolving", Consequence::EndRevolving),
        ("flag", Consequence::Flag),
    ];
}
