//! 合格标准: which receivables may be sold, tested one by one in the order of the deal file.
//!
//! ```text
//! criteria ─▶ Tester::bind(occasion, criteria, pool) ─▶ first_failure(receivable, date)   purchases
//!                                                    └▶ Ladder::of(tester, date)          reports
//! ```
//!
//! A criterion holds from and until a date, for the pool at closing, for later purchases, or for
//! both. What the tape does not say does not pass, unless the criterion says that it does.

mod ladder;

use chrono::NaiveDate;

pub use ladder::{Ladder, Removed};

use super::condition::{BoundCondition, Condition};
use crate::config::Text;
use crate::finding::{Checked, Finding, Origin};
use crate::pool::Pool;

/// When a criterion is tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// On the pool at its cut-off date.
    #[default]
    Closing,
    /// On a receivable bought later, at the day of the purchase.
    Purchase,
}

/// One criterion of the deal file.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// The name that reports use beside the number.
    pub id: String,
    /// What it says.
    pub name: Text,
    /// What must hold.
    pub condition: Condition,
    /// Tested from this day on.
    pub from: Option<NaiveDate>,
    /// Tested up to and with this day.
    pub until: Option<NaiveDate>,
    /// Tested on these occasions only; on all when `None`.
    pub only: Option<Occasion>,
    /// Where it stands in the deal file.
    pub origin: Origin,
}

impl Criterion {
    /// Whether it is tested on that occasion at all.
    fn is_for(&self, occasion: Occasion) -> bool {
        self.only.is_none_or(|only| only == occasion)
    }

    /// Whether it is tested on that occasion at that day.
    pub fn applies(&self, occasion: Occasion, at: NaiveDate) -> bool {
        self.is_for(occasion)
            && self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at <= until)
    }
}

/// A criterion that a receivable fails, with what was tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The place of the criterion, from 0.
    pub criterion: usize,
    /// The figure or text that failed; `–` when it is missing.
    pub value: String,
}

/// The criteria over a pool on an occasion: each column found once, each text judged once.
#[derive(Clone, Debug)]
pub struct Tester<'a> {
    occasion: Occasion,
    criteria: &'a [Criterion],
    bound: Vec<Option<BoundCondition<'a>>>,
}

impl<'a> Tester<'a> {
    /// The criteria over a pool, which may be the pool of the deal or a list of candidates. Those of
    /// another occasion are not tested, whatever the tape lacks.
    ///
    /// A criterion whose column the tape does not have is a finding (E0101), and everybody fails
    /// it; texts that should be numbers are one (E0102), and fail too.
    pub fn bind(
        occasion: Occasion,
        criteria: &'a [Criterion],
        pool: &'a Pool,
    ) -> Checked<Tester<'a>> {
        let mut findings = Vec::new();
        let mut bound = Vec::new();
        for criterion in criteria {
            if !criterion.is_for(occasion) {
                bound.push(None);
                continue;
            }
            let finding =
                |code| Finding::new(code, criterion.origin.clone()).with("id", &criterion.id);
            match criterion.condition.bind(pool) {
                Ok(condition) => {
                    let unreadable = condition.column().unreadable();
                    if let Some(first) = unreadable.first() {
                        let column = criterion.condition.of.name();
                        let finding = finding("E0102").with("column", column);
                        findings
                            .push(finding.with("count", unreadable.len()).with("example", first));
                    }
                    bound.push(Some(condition));
                }
                Err(column) => {
                    let known = pool.attributes.keys().map(|name| format!("`{name}`"));
                    let known = known.collect::<Vec<_>>().join(", ");
                    let finding = finding("E0101").with("column", column).with("known", known);
                    findings.push(finding.with("tape", &pool.manifest.file));
                    bound.push(None);
                }
            }
        }
        Checked::new(Tester { occasion, criteria, bound }, findings)
    }

    /// The criteria.
    pub fn criteria(&self) -> &'a [Criterion] {
        self.criteria
    }

    /// The first criterion that a receivable fails at a day, in the order of the file; `None` when it
    /// is eligible.
    ///
    /// A pure function of its arguments; it allocates nothing.
    pub fn first_failure(&self, index: usize, at: NaiveDate) -> Option<usize> {
        (0..self.criteria.len()).find(|place| !self.meets(*place, index, at))
    }

    /// Every criterion that a receivable fails, with the value that was tested.
    pub fn failures(&self, index: usize, at: NaiveDate) -> Vec<Failure> {
        let failed = (0..self.criteria.len()).filter(|place| !self.meets(*place, index, at));
        failed
            .map(|criterion| Failure { criterion, value: self.tested(criterion, index, at) })
            .collect()
    }

    /// The value that a criterion tests.
    pub fn tested(&self, criterion: usize, index: usize, at: NaiveDate) -> String {
        let bound = self.bound[criterion].as_ref();
        bound.map_or("–".to_string(), |bound| bound.column().shown(index, at).into_owned())
    }

    /// Whether a receivable meets one criterion; it does where that one is not tested.
    pub fn meets(&self, place: usize, index: usize, at: NaiveDate) -> bool {
        !self.criteria[place].applies(self.occasion, at)
            || self.bound[place].as_ref().is_some_and(|bound| bound.holds(index, at))
    }
}
