//! Receivables grouped by what a characteristic says of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::characteristic::Kind;
use super::column::{Column, Figure, is_blank};

/// The group of every receivable of a pool.
#[derive(Clone, Debug)]
pub struct Groups {
    /// For each receivable the place of its label.
    pub codes: Vec<u32>,
    /// What the groups are called; empty for receivables of which nothing is known.
    pub labels: Vec<String>,
}

impl Groups {
    /// One group for each text or figure of a column; blank and missing ones make one group.
    pub fn of(column: &Column, at: NaiveDate) -> Groups {
        match column.texts() {
            Some(attribute) => {
                let labels = attribute
                    .values
                    .iter()
                    .map(|text| if is_blank(text) { String::new() } else { text.to_string() });
                Groups { codes: attribute.codes.clone(), labels: labels.collect() }
            }
            None if column.kind() == Kind::Text => Groups::of_words(column),
            None => Groups::of_figures(column, at),
        }
    }

    fn of_words(column: &Column) -> Groups {
        let mut places: BTreeMap<&str, u32> = BTreeMap::new();
        let codes = (0..column.pool().receivables.len()).map(|index| {
            let next = u32::try_from(places.len()).expect("methods are few");
            *places.entry(column.text(index)).or_insert(next)
        });
        let codes = codes.collect();
        let mut labels = vec![String::new(); places.len()];
        for (label, place) in places {
            labels[usize::try_from(place).expect("an index")] = label.to_string();
        }
        Groups { codes, labels }
    }

    fn of_figures(column: &Column, at: NaiveDate) -> Groups {
        let count = column.pool().receivables.len();
        let parts: Vec<Option<i64>> = (0..count).map(|index| column.parts(index, at)).collect();
        let mut distinct: Vec<Option<i64>> = parts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let label = |parts: &Option<i64>| {
            parts
                .map_or_else(String::new, |parts| Figure { kind: column.kind(), parts }.to_string())
        };
        let place = |parts: &Option<i64>| {
            let place = distinct.binary_search(parts).expect("every figure is among them");
            u32::try_from(place).expect("fewer than 2^32 receivables")
        };
        let codes = parts.iter().map(place).collect();
        Groups { codes, labels: distinct.iter().map(label).collect() }
    }

    /// The group of a receivable.
    pub fn place(&self, index: usize) -> usize {
        usize::try_from(self.codes[index]).expect("a code is an index")
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no group at all.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}
