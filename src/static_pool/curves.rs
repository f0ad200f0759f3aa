//! Curves by age, for an assumptions file.
//!
//! ```text
//! MDR(m) = Σ new defaults ÷ Σ opening balance                         observed ages
//! SMM(m) = Σ prepaid ÷ Σ (opening balance − scheduled)
//! rate   = Σ recovered ÷ Σ defaulted, of defaults watched that long
//! ```

use super::{BaseCase, Ladder, Measure, Scaled, StaticPool, Vintage, ratio, round12};
use crate::money::{Amount, Rate};

/// A monthly rate at an age, with the amounts behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeRate {
    /// Months since the month of origination.
    pub age: u32,
    /// The amount.
    pub part: Amount,
    /// Of this.
    pub whole: Amount,
    /// The rate, to 12 places.
    pub rate: f64,
}

/// The curves of a static pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Monthly default rates of the opening balance.
    pub mdr: Vec<AgeRate>,
    /// The same scaled to the base case, which is what an assumptions file takes.
    pub scaled: Option<Scaled>,
    /// Monthly prepayment rates of what the schedule left.
    pub smm: Vec<AgeRate>,
    /// Lifetime defaults of the amount lent, and the share of them in each month on book from 1.
    pub cumulative: Option<(Rate, Vec<Rate>)>,
    /// The share of defaults that comes back.
    pub recovery_rate: Option<f64>,
    /// The share of the recovery in each month since default; empty when it is not known.
    pub recovery_lag: Vec<Rate>,
}

impl Curves {
    /// Fits the curves.
    pub fn of(pool: &StaticPool, ladder: Option<&Ladder>, base: Option<&BaseCase>) -> Curves {
        let mdr =
            by_age(pool, |vintage, mob| Some((vintage.new_default(mob)?, vintage.opening(mob)?)));
        let smm = by_age(pool, |vintage, mob| {
            let month = vintage.months.get(&mob)?;
            let scheduled = month.get(Measure::Scheduled)?;
            Some((month.get(Measure::Prepaid)?, vintage.opening(mob)? - scheduled))
        });
        let (recovery_rate, recovery_lag) = recovery(pool);
        let cumulative = ladder
            .zip(base)
            .map(|(ladder, base)| (Rate::from_f64(base.base.min(1.0)), increments(ladder)));
        let scaled = base.and_then(|base| Scaled::to(base.base, &mdr, pool));
        Curves { mdr, scaled, smm, cumulative, recovery_rate, recovery_lag }
    }
}

/// A rate by age; ages of which nothing is known between others carry the one before.
fn by_age(
    pool: &StaticPool,
    amounts: impl Fn(&Vintage, u32) -> Option<(Amount, Amount)>,
) -> Vec<AgeRate> {
    let at = |mob: u32| {
        let known = || pool.vintages.iter().filter_map(|vintage| amounts(vintage, mob));
        let (part, whole) =
            (known().map(|(part, _)| part).sum(), known().map(|(_, whole)| whole).sum());
        let age = mob.saturating_sub(pool.mob_base);
        ratio(part, whole).map(|rate| AgeRate { age, part, whole, rate: rate.min(1.0) })
    };
    pool.mobs().into_iter().filter_map(at).collect()
}

/// The step of the timing curve in each month on book from 1; the ages between the last without
/// any default and the first observed share its level equally, and what the tail adds comes the month after the last. Sums to 1.
fn increments(ladder: &Ladder) -> Vec<Rate> {
    let base = ladder.triangle.mob_base;
    let mobs: Vec<u32> = ladder.triangle.mobs.iter().map(|mob| mob.saturating_sub(base)).collect();
    let first = mobs[0].max(1);
    let nothing = ladder.triangle.nothing_until.map_or(0, |mob| mob.saturating_sub(base));
    let last = mobs.last().copied().unwrap_or(first).max(first);
    let level = |mob: u32| -> f64 {
        let place = mobs.iter().rposition(|known| *known <= mob);
        match place {
            None if mob <= nothing => 0.0,
            None => ladder.timing[0] * f64::from(mob - nothing) / f64::from(first - nothing),
            Some(place) => match mobs.get(place + 1).filter(|_| mobs[place] != mob) {
                // An age that no vintage states lies on the line between its neighbours.
                Some(next) => {
                    let (from, to) = (ladder.timing[place], ladder.timing[place + 1]);
                    let part = f64::from(mob - mobs[place]) / f64::from(next - mobs[place]);
                    from + (to - from) * part
                }
                None => ladder.timing[place],
            },
        }
    };
    let mut steps = Vec::new();
    let mut reached = Rate::ZERO;
    for mob in 1..=last {
        let now = Rate::from_f64(round12(level(mob)).min(1.0)).max(reached);
        steps.push(Rate::from_parts(now.parts() - reached.parts()));
        reached = now;
    }
    if reached < Rate::ONE {
        steps.push(Rate::from_parts(Rate::ONE.parts() - reached.parts()));
    }
    steps
}

/// The rate, and the lag where single receivables are known.
fn recovery(pool: &StaticPool) -> (Option<f64>, Vec<Rate>) {
    let shares: Vec<f64> = pool
        .recovery_lag
        .iter()
        .map(|(recovered, watched)| recovered.to_f64() / watched.to_f64())
        .collect();
    let total: f64 = shares.iter().sum();
    if total > 0.0 {
        let mut lag: Vec<Rate> = shares.iter().map(|s| Rate::from_f64(s / total)).collect();
        while lag.last() == Some(&Rate::ZERO) {
            lag.pop();
        }
        // What rounding leaves of 1 goes to the last month.
        let sum: i64 = lag.iter().map(|share| share.parts()).sum();
        if let Some(last) = lag.last_mut() {
            *last = Rate::from_parts(last.parts() + Rate::ONE.parts() - sum);
        }
        return (Some(round12(total).min(1.0)), lag);
    }
    let latest = pool.vintages.iter().filter_map(|vintage| {
        let mob = *vintage.months.keys().next_back()?;
        Some((vintage.cum_recovery(mob)?, vintage.cum_default(mob)?))
    });
    let latest: Vec<(Amount, Amount)> = latest.collect();
    let recovered = latest.iter().map(|(recovered, _)| *recovered).sum();
    let rate = ratio(recovered, latest.iter().map(|(_, defaulted)| *defaulted).sum());
    (rate.map(|rate| rate.min(1.0)), Vec::new())
}
