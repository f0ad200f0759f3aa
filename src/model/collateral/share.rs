//! Whose figures a total is: the whole pool's, or one sub-pool's.

use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::Collateral;
use crate::config::Text;
use crate::formula::{Formula, LineId};
use crate::money::Amount;

/// The whole pool, or one sub-pool of a deal that has several.
pub(super) struct Share<'a> {
    collateral: &'a Collateral,
    /// The sub-pool, by place; `None` for the whole.
    pub place: Option<usize>,
    key: String,
    /// The name for readers; empty for the whole.
    pub name: Text,
}

impl<'a> Share<'a> {
    /// The whole pool.
    pub fn whole(collateral: &'a Collateral) -> Share<'a> {
        let (key, name) = ("pool".to_string(), Text::default());
        Share { collateral, place: None, key, name }
    }

    /// One sub-pool.
    pub fn part(collateral: &'a Collateral, place: usize) -> Share<'a> {
        let subpool = &collateral.subpools[place];
        let (key, name) = (format!("pool.{}", subpool.id), subpool.name.clone());
        Share { collateral, place: Some(place), key, name }
    }

    /// The key of a figure: `pool.closing`, `pool.I.closing`.
    pub fn key(&self, figure: &str) -> String {
        format!("{}.{figure}", self.key)
    }

    /// A column of the pool's sheet.
    pub fn column(&self, figure: &str, part: &'static str) -> Column {
        Column::month(Topic::Pool, Dim::One, &self.key(figure), part).about(&self.name)
    }

    /// The sum of a line over the elements that are here.
    pub fn sum(&self, lines: &Builder, line: LineId) -> Formula {
        match self.place {
            None => Formula::Total(line),
            Some(place) => Formula::Part(line, self.collateral.elements(lines.dim(line), place)),
        }
    }

    /// The same as a line.
    pub fn total(
        &self,
        lines: &mut Builder,
        figure: &str,
        part: &'static str,
        line: LineId,
    ) -> LineId {
        let sum = self.sum(lines, line);
        lines.compute(self.column(figure, part), sum)
    }

    /// The outstanding principal at cut-off.
    pub fn outstanding(&self) -> Amount {
        match self.place {
            None => self.collateral.outstanding(),
            Some(place) => self.collateral.outstanding_of(place),
        }
    }
}
