//! The chain ladder: how cumulative amounts grow from age to age, and where they end.
//!
//! ```text
//! f(m)  = Σ D(v, m+1) / Σ D(v, m)     over the vintages that have both ages       volume-weighted
//!       = mean of D(v, m+1) / D(v, m)                                             simple
//! F(m)  = f(m) · F(m+1),  F(last) = tail
//! U(v)  = D(v, latest) · F(latest) / original(v)
//! τ(m)  = 1 / F(m)                    the timing curve, from 0 to 1 without falling
//! ```
//!
//! Links are left out by a weight of 0: beyond the last k of an age, below the least volume, or as
//! the user says. Source: domain note §5.1; formula 13 of the standard formulas.

use chrono::{Months, NaiveDate};

use super::{StaticPool, round, round12};
use crate::money::{Amount, Rate};
use crate::time::month_end;

/// How the links of an age are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Average {
    /// Sums over sums.
    #[default]
    Volume,
    /// The mean of the vintages' own links.
    Simple,
}

impl Average {
    /// The name in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Average::Volume => "volume",
            Average::Simple => "simple",
        }
    }
}

/// What stays out of the ladder: a whole vintage, or its amount at one age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The month of origination.
    pub vintage: NaiveDate,
    /// The age; all of them when `None`.
    pub mob: Option<u32>,
}

/// How the ladder is built.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// The average.
    pub average: Average,
    /// Only the latest links of each age, so many.
    pub last: Option<usize>,
    /// What stays out.
    pub exclude: Vec<Exclusion>,
    /// Links from less than this do not count.
    pub min_volume: Amount,
    /// The growth after the last observed age.
    pub tail: Rate,
}

impl Default for Method {
    fn default() -> Method {
        Method {
            average: Average::Volume,
            last: None,
            exclude: Vec::new(),
            min_volume: Amount::ZERO,
            tail: Rate::ONE,
        }
    }
}

/// Cumulative amounts by vintage and age.
#[derive(Clone, Debug, PartialEq)]
pub struct Triangle {
    /// The names of the vintages.
    pub names: Vec<String>,
    /// Their months of origination.
    pub vintages: Vec<NaiveDate>,
    /// What they lent.
    pub originals: Vec<Amount>,
    /// The ages, rising.
    pub mobs: Vec<u32>,
    /// For each vintage its amounts by age.
    pub cells: Vec<Vec<Option<Amount>>>,
    /// The age of the month of origination.
    pub mob_base: u32,
    /// The last of the first ages at which nothing has defaulted yet: they say nothing of growth.
    pub nothing_until: Option<u32>,
}

impl Triangle {
    /// The cumulative defaults of a static pool; `None` when no vintage has any.
    ///
    /// It begins at the first age at which something has defaulted.
    pub fn of_defaults(pool: &StaticPool) -> Option<Triangle> {
        let at = |mob: u32| pool.vintages.iter().filter_map(move |v| v.cum_default(mob));
        let mut mobs: Vec<u32> = pool.mobs();
        mobs.retain(|mob| at(*mob).next().is_some());
        let begins = mobs.iter().position(|mob| at(*mob).any(|amount| amount > Amount::ZERO));
        let nothing: Vec<u32> = mobs.drain(..begins?).collect();
        let kept: Vec<_> = pool
            .vintages
            .iter()
            .filter(|vintage| mobs.iter().any(|mob| vintage.cum_default(*mob).is_some()))
            .collect();
        (!mobs.is_empty()).then(|| Triangle {
            names: kept.iter().map(|vintage| vintage.name()).collect(),
            vintages: kept.iter().map(|vintage| vintage.month).collect(),
            originals: kept.iter().map(|vintage| vintage.original).collect(),
            cells: kept
                .iter()
                .map(|vintage| mobs.iter().map(|mob| vintage.cum_default(*mob)).collect())
                .collect(),
            mobs,
            mob_base: pool.mob_base,
            nothing_until: nothing.last().copied(),
        })
    }

    /// The place of a vintage's latest age.
    pub fn latest(&self, vintage: usize) -> Option<usize> {
        self.cells[vintage].iter().rposition(Option::is_some)
    }

    /// The last day of the month in which a vintage reaches an age.
    fn date(&self, vintage: usize, place: usize) -> NaiveDate {
        let age = Months::new(self.mobs[place].saturating_sub(self.mob_base));
        let date = self.vintages[vintage].checked_add_months(age);
        month_end(date.expect("an age is 50 years at most"))
    }

    /// The triangle as it stood some months ago.
    #[must_use]
    pub fn without_diagonals(&self, months: u32) -> Triangle {
        let last = (0..self.cells.len())
            .filter_map(|vintage| self.latest(vintage).map(|place| self.date(vintage, place)))
            .max();
        let Some(cut) = last.and_then(|last| last.checked_sub_months(Months::new(months))) else {
            return self.clone();
        };
        let cut = month_end(cut);
        let mut cells = self.cells.clone();
        for (vintage, row) in cells.iter_mut().enumerate() {
            for (place, cell) in row.iter_mut().enumerate() {
                if self.date(vintage, place) > cut {
                    *cell = None;
                }
            }
        }
        Triangle { cells, ..self.clone() }
    }

    /// Whether each link of each vintage counts: both ages known, not left out by the method.
    fn weights(&self, method: &Method) -> Vec<Vec<bool>> {
        let out = |vintage: usize, place: usize| {
            method.exclude.iter().any(|exclusion| {
                exclusion.vintage == self.vintages[vintage]
                    && exclusion.mob.is_none_or(|mob| mob == self.mobs[place])
            })
        };
        let links = self.mobs.len().saturating_sub(1);
        let mut weights = vec![vec![false; links]; self.cells.len()];
        for link in 0..links {
            let mut kept = 0;
            // The latest vintages come last.
            for vintage in (0..self.cells.len()).rev() {
                let row = &self.cells[vintage];
                let (Some(from), Some(_)) = (row[link], row[link + 1]) else { continue };
                let counts = from >= method.min_volume
                    && !out(vintage, link)
                    && !out(vintage, link + 1)
                    && method.last.is_none_or(|last| kept < last);
                kept += usize::from(counts);
                weights[vintage][link] = counts;
            }
        }
        weights
    }
}

/// Where a vintage ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Ultimate {
    /// The place of its latest age among the ages.
    pub latest: usize,
    /// The amount at that age.
    pub observed: Amount,
    /// The amount at the end, to 6 places.
    pub amount: f64,
    /// Of what was lent, to 12 places.
    pub ratio: f64,
}

/// A ladder over a triangle.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// The triangle.
    pub triangle: Triangle,
    /// The method.
    pub method: Method,
    /// Whether each link of each vintage counts.
    pub weights: Vec<Vec<bool>>,
    /// Growth from each age to the next; `None` where no vintage says it.
    pub links: Vec<Option<f64>>,
    /// Growth from each age to the end.
    pub to_ultimate: Vec<f64>,
    /// The share of the end that is there at each age.
    pub timing: Vec<f64>,
    /// The end of each vintage.
    pub ultimates: Vec<Ultimate>,
}

impl Ladder {
    /// Builds the ladder.
    ///
    /// A link of which nothing is known counts as no growth. Rounding: every factor to 12 places.
    pub fn new(triangle: Triangle, method: &Method) -> Ladder {
        let weights = triangle.weights(method);
        let links: Vec<Option<f64>> = (0..triangle.mobs.len().saturating_sub(1))
            .map(|link| match method.average {
                Average::Volume => volume(&triangle, &weights, link),
                Average::Simple => simple(&triangle, &weights, link),
            })
            .collect();
        let mut to_ultimate = vec![method.tail.to_f64()];
        for link in links.iter().rev() {
            let after = *to_ultimate.last().expect("the tail is there");
            to_ultimate.push(round12(link.unwrap_or(1.0) * after));
        }
        to_ultimate.reverse();
        let timing = to_ultimate.iter().map(|factor| round12(1.0 / factor)).collect();
        let ultimates = (0..triangle.cells.len()).map(|vintage| {
            let latest = triangle.latest(vintage).expect("every vintage has an amount");
            let observed = triangle.cells[vintage][latest].expect("the latest is there");
            let factor: f64 = to_ultimate[latest];
            Ultimate {
                latest,
                observed,
                amount: round(observed.to_f64() * factor, 6),
                ratio: round12(observed.to_f64() * factor / triangle.originals[vintage].to_f64()),
            }
        });
        let ultimates = ultimates.collect();
        Ladder { method: method.clone(), weights, links, to_ultimate, timing, ultimates, triangle }
    }

    /// The sums from and to of a link, and both averages of it.
    pub(crate) fn averages(&self, link: usize) -> ([Amount; 2], [Option<f64>; 2]) {
        let pairs = || pairs(&self.triangle, &self.weights, link);
        let sums = [pairs().map(|(from, _)| from).sum(), pairs().map(|(_, to)| to).sum()];
        let (triangle, weights) = (&self.triangle, &self.weights);
        (sums, [volume(triangle, weights, link), simple(triangle, weights, link)])
    }

    /// How well the ladder of some months ago predicts what is known now.
    pub fn back_test(&self, months: u32) -> BackTest {
        let former = self.triangle.without_diagonals(months);
        let weights = former.weights(&self.method);
        let link = |link| match self.method.average {
            Average::Volume => volume(&former, &weights, link),
            Average::Simple => simple(&former, &weights, link),
        };
        let mut rows = Vec::new();
        for (vintage, end) in self.ultimates.iter().enumerate() {
            let Some(start) = former.latest(vintage).filter(|start| *start < end.latest) else {
                continue;
            };
            let growth = (start..end.latest).map(link).collect::<Option<Vec<f64>>>();
            let Some(growth) = growth else { continue };
            let known = former.cells[vintage][start].expect("the latest is there");
            let factor = growth.into_iter().fold(1.0, |product, link| round12(product * link));
            rows.push(BackTestRow {
                vintage,
                from: start,
                to: end.latest,
                predicted: round(known.to_f64() * factor, 6),
                actual: end.observed,
            });
        }
        BackTest { months, rows }
    }
}

fn pairs<'t>(
    triangle: &'t Triangle,
    weights: &'t [Vec<bool>],
    link: usize,
) -> impl Iterator<Item = (Amount, Amount)> + 't {
    let counts = move |vintage: &usize| weights[*vintage][link];
    (0..triangle.cells.len())
        .filter(counts)
        .filter_map(move |v| triangle.cells[v][link].zip(triangle.cells[v][link + 1]))
}

fn volume(triangle: &Triangle, weights: &[Vec<bool>], link: usize) -> Option<f64> {
    let from: Amount = pairs(triangle, weights, link).map(|(from, _)| from).sum();
    let to: Amount = pairs(triangle, weights, link).map(|(_, to)| to).sum();
    super::ratio(to, from).filter(|link| *link > 0.0)
}

/// The mean of the links from amounts above zero.
fn simple(triangle: &Triangle, weights: &[Vec<bool>], link: usize) -> Option<f64> {
    let links = pairs(triangle, weights, link).filter_map(|(from, to)| super::ratio(to, from));
    let links: Vec<f64> = links.collect();
    let count = f64::from(u32::try_from(links.len()).expect("vintages are few"));
    let mean = (!links.is_empty()).then(|| round12(links.iter().sum::<f64>() / count));
    mean.filter(|link| *link > 0.0)
}

/// What the ladder of some months ago would have said of today.
#[derive(Clone, Debug, PartialEq)]
pub struct BackTest {
    /// How many months ago.
    pub months: u32,
    /// The vintages that were there then and have grown older.
    pub rows: Vec<BackTestRow>,
}

/// One vintage of a back-test.
#[derive(Clone, Debug, PartialEq)]
pub struct BackTestRow {
    /// The vintage.
    pub vintage: usize,
    /// The place of the age it had.
    pub from: usize,
    /// The place of the age it has.
    pub to: usize,
    /// What was to be expected.
    pub predicted: f64,
    /// What came.
    pub actual: Amount,
}

impl BackTestRow {
    /// Predicted ÷ actual − 1; `None` when nothing came.
    pub fn error(&self) -> Option<f64> {
        let actual = self.actual.to_f64();
        (actual > 0.0).then(|| round12(self.predicted / actual - 1.0))
    }
}

impl BackTest {
    /// Σ predicted ÷ Σ actual − 1.
    pub fn error(&self) -> Option<f64> {
        let predicted: f64 = self.rows.iter().map(|row| row.predicted).sum();
        let actual: Amount = self.rows.iter().map(|row| row.actual).sum();
        (actual > Amount::ZERO).then(|| round12(predicted / actual.to_f64() - 1.0))
    }

    /// The mean of the vintages' absolute errors.
    pub fn mean_absolute_error(&self) -> Option<f64> {
        let errors: Vec<f64> = self.rows.iter().filter_map(BackTestRow::error).collect();
        let count = f64::from(u32::try_from(errors.len()).expect("vintages are few"));
        let sum: f64 = errors.iter().map(|error| error.abs()).sum();
        (count > 0.0).then(|| round12(sum / count))
    }
}
