//! Two dimensions at once.

use super::buckets::Buckets;
use super::{Dimension, Facts};
use crate::config::Text;
use crate::money::Amount;

/// Principal by two dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cross {
    /// What goes down.
    pub rows: Dimension,
    /// What goes across.
    pub columns: Dimension,
    /// The buckets down.
    pub row_labels: Vec<Text>,
    /// The buckets across.
    pub column_labels: Vec<Text>,
    /// Outstanding principal, row by row.
    pub balances: Vec<Vec<Amount>>,
    /// Receivables, row by row.
    pub counts: Vec<Vec<usize>>,
}

/// The facts over two dimensions; empty buckets for what is missing are left out.
pub(super) fn of(dimensions: [&Dimension; 2], buckets: [&Buckets; 2], facts: &Facts) -> Cross {
    let [rows, columns] = buckets;
    let mut cross = Cross {
        rows: dimensions[0].clone(),
        columns: dimensions[1].clone(),
        row_labels: rows.labels.clone(),
        column_labels: columns.labels.clone(),
        balances: vec![vec![Amount::ZERO; columns.labels.len()]; rows.labels.len()],
        counts: vec![vec![0; columns.labels.len()]; rows.labels.len()],
    };
    for (index, (row, column)) in rows.codes.iter().zip(&columns.codes).enumerate() {
        let (row, column) = (usize::from(*row), usize::from(*column));
        cross.balances[row][column] += Amount::from_minor(facts.balances[index]);
        cross.counts[row][column] += 1;
    }
    if cross.counts[rows.missing].iter().all(|count| *count == 0) {
        cross.row_labels.remove(rows.missing);
        cross.balances.remove(rows.missing);
        cross.counts.remove(rows.missing);
    }
    if cross.counts.iter().all(|row| row[columns.missing] == 0) {
        cross.column_labels.remove(columns.missing);
        for (balances, counts) in cross.balances.iter_mut().zip(&mut cross.counts) {
            balances.remove(columns.missing);
            counts.remove(columns.missing);
        }
    }
    cross
}
