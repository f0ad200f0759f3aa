//! The exclusion ladder: what each criterion removed in order, and what it would remove alone.

use chrono::NaiveDate;
use rayon::prelude::*;

use super::Tester;
use crate::money::Amount;
use crate::pool::Pool;

/// A number of receivables and their outstanding principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many.
    pub count: usize,
    /// Their outstanding principal.
    pub balance: Amount,
}

impl Removed {
    fn add(&mut self, balance: Amount) {
        self.count += 1;
        self.balance += balance;
    }

    fn plus(&mut self, other: Removed) {
        self.count += other.count;
        self.balance += other.balance;
    }
}

/// The criteria one after another over a pool.
///
/// ```text
/// all = Σ in_order + eligible      alone counts a receivable under every criterion that it fails
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// The whole pool.
    pub all: Removed,
    /// By criterion, the receivables that it is the first to fail.
    pub in_order: Vec<Removed>,
    /// By criterion, all receivables that fail it.
    pub alone: Vec<Removed>,
    /// What is left.
    pub eligible: Removed,
    /// For each receivable the first criterion that it fails.
    pub first: Vec<Option<u16>>,
}

impl Ladder {
    /// Tests every receivable of the pool that the tester was bound to.
    ///
    /// A sum of whole numbers: the same for any number of threads.
    pub fn of(tester: &Tester, pool: &Pool, at: NaiveDate) -> Ladder {
        const CHUNK: usize = 1 << 13;
        let criteria = tester.criteria().len();
        let chunks = pool.receivables.par_chunks(CHUNK).enumerate().map(|(chunk, receivables)| {
            let mut part = Ladder::empty(criteria);
            for (index, receivable) in (chunk * CHUNK..).zip(receivables) {
                let balance = receivable.outstanding_principal;
                let fails = |place: &usize| !tester.meets(*place, index, at);
                let mut first = None;
                for place in (0..criteria).filter(fails) {
                    part.alone[place].add(balance);
                    first = first.or(Some(place));
                }
                part.all.add(balance);
                match first {
                    Some(place) => part.in_order[place].add(balance),
                    None => part.eligible.add(balance),
                }
                let first = first.map(|place| u16::try_from(place).expect("criteria are few"));
                part.first.push(first);
            }
            part
        });
        let mut ladder = Ladder::empty(criteria);
        for part in chunks.collect::<Vec<_>>() {
            ladder.all.plus(part.all);
            ladder.eligible.plus(part.eligible);
            for place in 0..criteria {
                ladder.in_order[place].plus(part.in_order[place]);
                ladder.alone[place].plus(part.alone[place]);
            }
            ladder.first.extend(part.first);
        }
        let removed: usize = ladder.in_order.iter().map(|removed| removed.count).sum();
        assert_eq!(removed + ladder.eligible.count, ladder.all.count, "the ladder adds up");
        ladder
    }

    fn empty(criteria: usize) -> Ladder {
        Ladder {
            all: Removed::default(),
            in_order: vec![Removed::default(); criteria],
            alone: vec![Removed::default(); criteria],
            eligible: Removed::default(),
            first: Vec::new(),
        }
    }

    /// The places of the eligible receivables.
    pub fn eligible_places(&self) -> Vec<usize> {
        (0..self.first.len()).filter(|place| self.first[*place].is_none()).collect()
    }
}
