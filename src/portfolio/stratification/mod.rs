//! 分层统计: the shape of a pool, by every dimension that its readers ask for.
//!
//! ```text
//! Dimension ─▶ bucket of every receivable ─▶ Distribution: count, obligors, principal, average rate
//!           └▶ two dimensions             ─▶ Cross
//! Pool      ─▶ Summary: totals, weighted averages, largest obligors, concentration
//! ```
//!
//! Every figure is a sum of whole numbers, so it is the same for any order of the tape and any number
//! of threads. Shares are printed with two decimals, and the last bucket that is not empty takes what
//! rounding leaves over.

mod buckets;
mod cross;
mod dimension;
mod distribution;
mod from_toml;
mod obligors;
mod summary;

use chrono::NaiveDate;
use rayon::prelude::*;

pub use cross::Cross;
pub use dimension::{Cut, Dimension};
pub use distribution::{Bucket, Distribution, shares};
pub(crate) use from_toml::dimensions;
pub use from_toml::{defaults, read, with_own};
pub use summary::{Average, Summary, TopObligor, masked};

use buckets::Buckets;
use obligors::Obligors;

use super::characteristic::Characteristic;
use super::column::Column;
use crate::money::Amount;
use crate::pool::Pool;

/// The shape of a pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratification {
    /// The day that remaining terms and seasoning are counted to.
    pub at: NaiveDate,
    /// Totals and averages.
    pub summary: Summary,
    /// By dimension, in the order asked for.
    pub distributions: Vec<Distribution>,
    /// Two dimensions at once.
    pub crosses: Vec<Cross>,
    /// Dimensions that were asked for and that the tape does not have.
    pub absent: Vec<Characteristic>,
}

/// What every figure is summed from: one value for each of the receivables looked at, in the order
/// of the tape, so that memory is read as it lies; and their order by obligor, once it is known.
struct Facts<'a> {
    pool: &'a Pool,
    at: NaiveDate,
    /// The places in the pool.
    places: Vec<u32>,
    balances: Vec<i64>,
    /// The nominal annual rate of each, in its parts.
    rates: Vec<i64>,
    obligors: Obligors,
}

impl Stratification {
    /// The shape of the receivables at those places of a pool, all of them when `None`.
    ///
    /// Dimensions whose column the tape does not have are in [`absent`](Stratification::absent).
    /// `crosses` are pairs of places among the dimensions.
    pub fn of(
        pool: &Pool,
        places: Option<&[usize]>,
        dimensions: &[Dimension],
        crosses: &[(usize, usize)],
    ) -> Stratification {
        let at = pool.cutoff;
        let facts = Facts::of(pool, places, at);
        // The costliest column, read by its distribution and by its average.
        let apr = Column::of(pool, &Characteristic::Apr, true).ok();
        let cut = |dimension: &Dimension| {
            if dimension.of == Characteristic::Apr && dimension.is_of_figures() {
                return Some(Buckets::of(dimension, apr.as_ref()?, &facts));
            }
            let column = Column::of(pool, &dimension.of, dimension.is_of_figures()).ok()?;
            Some(Buckets::of(dimension, &column, &facts))
        };
        let (buckets, obligors) = rayon::join(
            || dimensions.par_iter().map(cut).collect::<Vec<Option<Buckets>>>(),
            || Obligors::of(&facts),
        );
        let facts = Facts { obligors, ..facts };
        let (distributions, summary) = rayon::join(
            || {
                let pairs = dimensions.par_iter().zip(&buckets);
                let made = pairs.map(|(dimension, buckets)| {
                    Some(distribution::of(dimension, buckets.as_ref()?, &facts))
                });
                made.collect::<Vec<_>>()
            },
            || summary::of(&facts, apr.as_ref()),
        );
        let cross = |&(one, other): &(usize, usize)| {
            let (rows, columns) = (buckets[one].as_ref()?, buckets[other].as_ref()?);
            Some(cross::of([&dimensions[one], &dimensions[other]], [rows, columns], &facts))
        };
        let absent = dimensions.iter().zip(&buckets).filter(|(_, buckets)| buckets.is_none());
        Stratification {
            at,
            summary,
            crosses: crosses.iter().filter_map(cross).collect(),
            absent: absent.map(|(dimension, _)| dimension.of.clone()).collect(),
            distributions: distributions.into_iter().flatten().collect(),
        }
    }
}

impl<'a> Facts<'a> {
    fn of(pool: &'a Pool, places: Option<&[usize]>, at: NaiveDate) -> Facts<'a> {
        let narrow = |place: usize| u32::try_from(place).expect("fewer than 2^32 receivables");
        let chosen: Vec<u32> = match places {
            Some(places) => places.iter().map(|place| narrow(*place)).collect(),
            None => (0..narrow(pool.receivables.len())).collect(),
        };
        let balances =
            chosen.iter().map(|place| pool.receivables[wide(*place)].outstanding_principal.minor());
        let balances = balances.collect();
        let column = Column::of(pool, &Characteristic::AnnualRate, true);
        let rates = match column {
            Ok(column) => {
                chosen.par_iter().map(|place| column.parts(wide(*place), at).unwrap_or(0)).collect()
            }
            Err(_) => vec![0; chosen.len()],
        };
        Facts { pool, at, places: chosen, balances, rates, obligors: Obligors::default() }
    }

    fn total(&self) -> Amount {
        self.balances.iter().map(|balance| Amount::from_minor(*balance)).sum()
    }
}

fn wide(place: u32) -> usize {
    usize::try_from(place).expect("a place is an index")
}
