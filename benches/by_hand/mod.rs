//! What benches measure against: the best of two seconds, and the pool's arithmetic by hand.

use std::time::{Duration, Instant};

/// The shortest of the runs that two seconds allow.
pub fn best(mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best
}

/// The corkscrew of the pool by hand: what the arithmetic alone costs.
pub fn by_hand(cohorts: usize, months: i64) -> i64 {
    let (smm, mdr, one) = (10_596_241_035_i128, 3_396_053_071_i128, 1_000_000_000_000_i128);
    let half = |n: i128, d: i128| (2 * n + d) / (2 * d);
    let mut cash = 0;
    for _ in 0..cohorts {
        let (mut live, mut planned) =
            (i128::from(months * 1_234_567), i128::from(months * 1_234_567));
        for _ in 0..months {
            let performing = live - half(live * mdr, one);
            let scheduled = half(performing * 1_234_567, planned);
            let prepaid = half((performing - scheduled) * smm, one);
            let interest = half(performing * 34_567, planned);
            let fee = half(performing * 4_567, planned);
            live = performing - scheduled - prepaid;
            planned -= 1_234_567;
            cash += scheduled + prepaid + interest + fee;
        }
    }
    i64::try_from(cash).expect("small")
}
