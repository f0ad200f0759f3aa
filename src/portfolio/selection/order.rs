//! The order in which receivables are looked at.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::{Ask, Method};
use crate::pool::Pool;
use crate::portfolio::characteristic::Characteristic;
use crate::portfolio::column::Column;
use crate::portfolio::draw::below;

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

/// Fisher and Yates, from the seed.
fn shuffle(order: &mut [usize], seed: u64) {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    for last in (1..order.len()).rev() {
        let bound = u64::try_from(last + 1).expect("an index");
        let other = usize::try_from(below(&mut random, bound)).expect("an index");
        order.swap(last, other);
    }
}
