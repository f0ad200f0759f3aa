//! The order in which receivables on offer are looked at on a purchase date (循环购买的选取次序).
//!
//! | Order | First | Ties |
//! |---|---|---|
//! | list | as the list stands | – |
//! | first in, first out | the oldest origination date | the number, as text |
//! | drawn | drawn without putting back, from a seed | – |
//! | yield | the highest annual cost of the contract (IRR); one without it comes last | the number |
//! | optimise | the largest outstanding principal | the number |
//!
//! Which is bought is decided while the deal runs: the first that fits the budget and is allowed, then
//! the next. Largest first is the greedy rule that leaves little of a budget: a receivable is left out
//! only for one at least as large, or because it does not fit what is left.

use std::cmp::Reverse;

use super::characteristic::Characteristic;
use super::column::Column;
use super::draw;
use crate::pool::Pool;

/// An order of receivables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As the list stands.
    #[default]
    List,
    /// The oldest origination date first.
    Fifo,
    /// Drawn from a seed.
    Seed(u64),
    /// The highest annual cost first.
    Yield,
    /// The largest first.
    Optimise,
}

/// The places of a pool's receivables in an order; the same arguments give the same places.
pub fn places(pool: &Pool, order: Order) -> Vec<usize> {
    let mut places: Vec<usize> = (0..pool.receivables.len()).collect();
    let id = |place: &usize| pool.receivables[*place].id.to_string();
    match order {
        Order::List => {}
        Order::Fifo => places
            .sort_by_cached_key(|place| (pool.receivables[*place].origination, id(place), *place)),
        Order::Seed(seed) => draw::shuffle(&mut places, seed),
        Order::Yield => {
            if let Ok(column) = Column::of(pool, &Characteristic::Apr, true) {
                let cost = |place: &usize| column.parts(*place, pool.cutoff);
                places.sort_by_cached_key(|place| (Reverse(cost(place)), id(place), *place));
            }
        }
        Order::Optimise => {
            let size = |place: &usize| pool.receivables[*place].outstanding_principal;
            places.sort_by_cached_key(|place| (Reverse(size(place)), id(place), *place));
        }
    }
    places
}
