//! 集中度与组合限制: what the receivables sold must be together.
//!
//! ```text
//! limits ─▶ Limits::bind(limits, pool) ─▶ tested(receivables, date)
//!                                           └▶ value, limit, headroom, excess amount
//! ```
//!
//! Shares and averages are by outstanding principal. Whether a share passes is decided in whole
//! minor units, not on its rounded value.

mod excess;
mod measured;
mod weights;

use chrono::NaiveDate;

pub(super) use measured::average_scale;
pub use measured::{Measured, Tested};
pub use weights::{Unfollowed, Weights, bound_scale, reads, weights};

use super::characteristic::{Characteristic, Kind};
use super::column::Column;
use super::condition::{BoundCondition, Condition};
use super::groups::Groups;
use crate::config::Text;
use crate::finding::{Checked, Finding, Origin};
use crate::money::Amount;
use crate::pool::Pool;

/// What a limit measures, over the receivables sold.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// The share of principal that meets a condition.
    Share(Condition),
    /// The principal that meets a condition.
    Amount(Condition),
    /// The share of the largest group: one obligor, one region, one merchant.
    LargestShare(Characteristic),
    /// The principal of the largest group.
    LargestAmount(Characteristic),
    /// The share of the so many largest groups together.
    TopShare(Characteristic, usize),
    /// The number of groups: obligors.
    Groups(Characteristic),
    /// The average of a figure, weighted by principal.
    Average(Characteristic),
    /// All principal.
    Total,
}

impl Measure {
    /// How its figures are to be read.
    pub fn kind(&self) -> Kind {
        match self {
            Measure::Share(_) | Measure::LargestShare(_) | Measure::TopShare(..) => Kind::Rate,
            Measure::Amount(_) | Measure::LargestAmount(_) | Measure::Total => Kind::Money,
            Measure::Groups(_) => Kind::Count,
            Measure::Average(of) => match of.kind() {
                Kind::Money => Kind::Money,
                Kind::Rate => Kind::Rate,
                // An average of whole numbers is not whole.
                Kind::Count | Kind::Date | Kind::Number | Kind::Text => Kind::Number,
            },
        }
    }

    /// Whether it is an amount of principal, not a part of all.
    pub fn is_of_principal(&self) -> bool {
        matches!(self, Measure::Amount(_) | Measure::LargestAmount(_) | Measure::Total)
    }

    /// The word of the deal file.
    pub fn word(&self) -> &'static str {
        match self {
            Measure::Share(_) => "share",
            Measure::Amount(_) => "amount",
            Measure::LargestShare(_) => "largest_share",
            Measure::LargestAmount(_) => "largest_amount",
            Measure::TopShare(..) => "top_share",
            Measure::Groups(_) => "groups",
            Measure::Average(_) => "average",
            Measure::Total => "total",
        }
    }
}

/// A limit of the deal file.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The name that reports use.
    pub id: String,
    /// What it says.
    pub name: Text,
    /// What is measured.
    pub measure: Measure,
    /// The least it may be, in the parts of its kind.
    pub least: Option<i64>,
    /// The most it may be, in the parts of its kind.
    pub most: Option<i64>,
    /// Where it stands in the deal file.
    pub origin: Origin,
}

/// The limits over a pool.
#[derive(Clone, Debug)]
pub struct Limits<'a> {
    limits: &'a [Limit],
    pool: &'a Pool,
    at: NaiveDate,
    readers: Vec<Option<Reader<'a>>>,
}

/// What a limit reads of each receivable.
#[derive(Clone, Debug)]
pub(in crate::portfolio) enum Reader<'a> {
    /// Whether it counts.
    Condition(BoundCondition<'a>),
    /// Which group it belongs to.
    Groups(Groups),
    /// Its figure.
    Figure(Column<'a>),
    /// Its principal alone.
    Balance,
}

impl<'a> Limits<'a> {
    /// The limits over a pool at a date.
    ///
    /// A limit whose column the tape does not have is a finding (E0201), and it is not met.
    pub fn bind(limits: &'a [Limit], pool: &'a Pool, at: NaiveDate) -> Checked<Limits<'a>> {
        let mut findings = Vec::new();
        let readers = limits.iter().map(|limit| match reader(&limit.measure, pool, at) {
            Ok(reader) => Some(reader),
            Err(column) => {
                let known = pool.attributes.keys().map(|name| format!("`{name}`"));
                let finding = Finding::new("E0201", limit.origin.clone()).with("id", &limit.id);
                let finding = finding.with("column", column).with("tape", &pool.manifest.file);
                findings.push(finding.with("known", known.collect::<Vec<_>>().join(", ")));
                None
            }
        });
        let readers = readers.collect();
        Checked::new(Limits { limits, pool, at, readers }, findings)
    }

    /// The limits.
    pub fn limits(&self) -> &'a [Limit] {
        self.limits
    }

    /// The pool.
    pub fn pool(&self) -> &'a Pool {
        self.pool
    }

    /// The date of the test.
    pub fn at(&self) -> NaiveDate {
        self.at
    }

    /// What a limit reads; `None` when the tape does not have it.
    pub(in crate::portfolio) fn reader(&self, place: usize) -> Option<&Reader<'a>> {
        self.readers[place].as_ref()
    }

    /// All limits over the receivables at those places of the pool.
    ///
    /// # Example
    ///
    /// Two obligors with 60.00 and 40.00 under a limit of 50 %: the larger has 60 %, and 10.00 of
    /// it are too much.
    ///
    /// ```
    /// # use cashfall::portfolio::limits::excess;
    /// # use cashfall::money::Amount;
    /// let groups = [Amount::from_minor(6_000), Amount::from_minor(4_000)];
    /// assert_eq!(excess(&groups, "0.5".parse().unwrap()), Amount::from_minor(1_000));
    /// ```
    pub fn tested(&self, places: &[usize]) -> Vec<Tested> {
        let test = |place: usize| match self.reader(place) {
            Some(reader) => {
                measured::test(&self.limits[place], reader, (self.pool, self.at), places)
            }
            None => Tested::without_column(self.limits[place].measure.kind()),
        };
        (0..self.limits.len()).map(test).collect()
    }

    /// The principal of the receivables at those places.
    pub fn balance(&self, places: &[usize]) -> Amount {
        places.iter().map(|place| self.pool.receivables[*place].outstanding_principal).sum()
    }
}

pub use excess::excess;

fn reader<'a>(measure: &Measure, pool: &'a Pool, at: NaiveDate) -> Result<Reader<'a>, String> {
    let column = |of: &Characteristic, as_number| {
        let lacking = |column: &'static str| {
            if column.is_empty() { of.name().to_string() } else { column.to_string() }
        };
        Column::of(pool, of, as_number).map_err(lacking)
    };
    Ok(match measure {
        Measure::Share(condition) | Measure::Amount(condition) => {
            Reader::Condition(condition.bind(pool)?)
        }
        Measure::LargestShare(of)
        | Measure::LargestAmount(of)
        | Measure::TopShare(of, _)
        | Measure::Groups(of) => Reader::Groups(Groups::of(&column(of, false)?, at)),
        Measure::Average(of) => Reader::Figure(column(of, true)?),
        Measure::Total => Reader::Balance,
    })
}
