//! The order in which receivables are looked at.

use super::{Ask, Method};
use crate::pool::Pool;
use crate::portfolio::characteristic::Characteristic;
use crate::portfolio::column::Column;
use crate::portfolio::draw::shuffle;

/// The indices of the candidates in their order.
pub(super) fn of(pool: &Pool, candidates: &[usize], ask: &Ask) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    match ask.method {
        Method::Optimise | Method::Fifo => {}
        Method::Random => shuffle(&mut order, ask.seed),
        Method::Yield => {
            if let Ok(column) = Column::of(pool, &Characteristic::AnnualRate, true) {
                let rate = |index: &usize| column.parts(candidates[*index], pool.cutoff);
                order.sort_by_cached_key(|index| (std::cmp::Reverse(rate(index)), *index));
            }
        }
    }
    order
}
