//! Numbers drawn from a seed: the same on every machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A whole number below `bound`, evenly: the high bits of a 64 × 64 product.
pub(super) fn below(random: &mut Pcg64Mcg, bound: u64) -> u64 {
    u64::try_from((u128::from(random.next_u64()) * u128::from(bound)) >> 64).expect("below bound")
}

/// Fisher and Yates, from the seed.
pub(super) fn shuffle(order: &mut [usize], seed: u64) {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    for last in (1..order.len()).rev() {
        let bound = u64::try_from(last + 1).expect("an index");
        let other = usize::try_from(below(&mut random, bound)).expect("an index");
        order.swap(last, other);
    }
}
