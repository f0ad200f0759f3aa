//! Which limits cannot be met together with the target: the deletion filter.
//!
//! ```text
//! all limits active: the target is out of reach
//! for each limit:    still out of reach without it?  then it is not to blame, leave it out
//! what stays:        out of reach with all of them, within reach without any one of them
//! ```

use super::lp;
use super::strata::Strata;
use crate::portfolio::limits::Limits;

/// The places of the limits; empty when there is too little principal without any limit.
pub(super) fn of(limits: &Limits, strata: &Strata, target: i64, short: f64) -> Vec<usize> {
    let mut active = vec![true; limits.limits().len()];
    for number in 0..active.len() {
        active[number] = false;
        let with = |number: usize| active[number];
        let solved = lp::solve(limits, strata, target, (&with, 0.0), None);
        let within_reach = solved.is_some_and(|solution| solution.reached >= 1.0 - short);
        active[number] = within_reach;
    }
    (0..active.len()).filter(|number| active[*number]).collect()
}
