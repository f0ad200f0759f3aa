//! A dimension of the pool and where it is cut.

use crate::portfolio::characteristic::Characteristic;

/// Where a dimension is cut into buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Between rising edges, in the parts of the characteristic's kind: (a, b], the first bucket
    /// with its lower end.
    Edges {
        /// The edges.
        edges: Vec<i64>,
        /// Whether zero has a bucket of its own: not overdue is not "up to thirty days".
        zero: bool,
    },
    /// A bucket for each value.
    Each {
        /// The number of values that are shown, the largest by principal; the others together.
        most: Option<usize>,
    },
}

/// A dimension of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// What is looked at.
    pub of: Characteristic,
    /// Where it is cut.
    pub cut: Cut,
}

impl Dimension {
    /// A bucket for each value of a characteristic.
    pub fn each(name: &str) -> Dimension {
        Dimension { of: Characteristic::of(name), cut: Cut::Each { most: None } }
    }

    /// Whether its figures are cut, and not its texts.
    pub fn is_of_figures(&self) -> bool {
        matches!(self.cut, Cut::Edges { .. })
    }
}
