//! Numbers drawn from a seed: the same on every machine.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

/// A whole number below `bound`, evenly: the high bits of a 64 × 64 product.
pub(super) fn below(random: &mut Pcg64Mcg, bound: u64) -> u64 {
    u64::try_from((u128::from(random.next_u64()) * u128::from(bound)) >> 64).expect("below bound")
}
