//! The worst pool that the revolving period may end with (最差迁移池): what the limits still allow.
//!
//! ```text
//! run with equal shares ─▶ loss of each kind: Σ default ÷ Σ bought, less what is recovered
//!                       ─▶ the pool after the last purchase: T at the cut-off date there, P bought
//! maximise Σ x loss  under  C + P · Σ x weight ≤ bound · (T + P)  ─▶ shares ─▶ the deal run with them
//! ```
//!
//! What is left of the initial pool counts C of a limit: where it is within the bound it leaves room for
//! more of what counts, where it is over there is less, and where it has run off the mix itself is held.
//! A limit that no mix could meet is held by what counts least. Of mixes that lose as much the longest is the worst, of those the one with the lowest rate.

use super::Job;
use crate::assumptions::{Assumptions, StandardReceivable};
use crate::config::Text;
use crate::deal::{LimitRule, Purchase};
use crate::finding::{Checked, Finding, Origin};
use crate::model::{Axis, Inputs, LimitOf};
use crate::money::{Amount, Rate};
use crate::pool::RatePeriod;
use crate::portfolio::selection::worst_mix;

/// The worst mix of what is bought.
#[derive(Clone, Debug, PartialEq)]
pub struct Migrated {
    /// The kinds, in the order of the assumptions.
    pub kinds: Vec<MigratedKind>,
    /// The limits with nothing to spare.
    pub binding: Vec<Text>,
    /// The assumptions with these shares.
    pub assumptions: Assumptions,
}

/// A kind of standard receivable in the worst mix.
#[derive(Clone, Debug, PartialEq)]
pub struct MigratedKind {
    /// Its name.
    pub name: Text,
    /// What share of it is assumed.
    pub assumed: Rate,
    /// Its share in the worst mix.
    pub worst: Rate,
    /// What is lost of a yuan of it: default less recoveries and prices of sales.
    pub loss: f64,
}

impl Job {
    /// The worst mix of standard receivables under the deal's limits; `None` (M0154) where the deal buys
    /// none, or no mix meets the limits.
    pub fn migrated(&self) -> Checked<Option<Migrated>> {
        let found = self.worst();
        let file = self.manifest.files.first().map_or("", |file| file.name.as_str());
        let finding = found.is_none().then(|| Finding::new("M0154", Origin::file(file)));
        Checked::new(found, finding.into_iter().collect())
    }

    fn worst(&self) -> Option<Migrated> {
        let purchased = &self.assumptions.purchased;
        if self.candidates.is_some() || self.collateral.offers.len() != purchased.len() {
            return None;
        }
        let Measured { losses, initial, bought, counted } = self.measured();
        let worth = purchased.iter().zip(&losses);
        let worth: Vec<f64> = worth.map(|(asset, loss)| badness(asset, *loss)).collect();
        let limits: Vec<_> = self
            .collateral
            .limits
            .iter()
            .filter(|limit| limit.of == LimitOf::Pool)
            .flat_map(|limit| limit.parts.iter().map(move |part| (limit, part)))
            .collect();
        let rows: Vec<(Vec<f64>, f64)> = limits
            .iter()
            .zip(counted)
            .map(|((limit, part), counted)| {
                let bound = Rate::from_parts(limit.bound).to_f64();
                let top = limit.top.to_f64();
                let ceiling = if limit.is_floor { top - bound } else { bound };
                let spare = ceiling * initial - counted;
                let room = if bought > 0.0 { spare / bought } else { 0.0 };
                let weights: Vec<f64> = part.offers.iter().map(|weight| weight.to_f64()).collect();
                let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
                (weights, (ceiling + room).max(least))
            })
            .collect();
        let (mix, full) = worst_mix(&worth, &rows)?;
        let shares = shares(&mix);
        let kinds = purchased.iter().zip(&shares).zip(&losses);
        let kinds = kinds.map(|((asset, worst), loss)| MigratedKind {
            name: asset.name.clone(),
            assumed: asset.share,
            worst: *worst,
            loss: *loss,
        });
        let binding = limits.iter().zip(full).filter(|(_, full)| *full);
        let mut names: Vec<Text> = binding.map(|((limit, _), _)| limit.name.clone()).collect();
        names.dedup();
        Some(Migrated {
            kinds: kinds.collect(),
            binding: names,
            assumptions: with_shares(&self.assumptions, &shares),
        })
    }

    /// The loss of each kind by yuan bought, and the pool after the last purchase, measured in a run that
    /// buys all of them alike and cuts none.
    fn measured(&self) -> Measured {
        let count = self.assumptions.purchased.len();
        let even = shares(&vec![1.0; count]);
        let mut deal = self.deal.clone();
        deal.purchase = deal.purchase.map(|terms| Purchase { limits: LimitRule::Test, ..terms });
        let job = Job { deal, ..self.clone() };
        let job = job.with_assumptions(with_shares(&self.assumptions, &even));
        let model = job.model();
        let run = model.run(&Inputs::of(&model));
        let line = |key: &str| model.line(key).expect("a deal that buys has it");
        let (default, bought) = (line("collections.default"), line("collections.purchased"));
        let months = 1..=model.timeline.len(Axis::Months);
        let mut sums = vec![(0.0, 0.0); count];
        for (cohort, offer) in
            job.collateral.cohorts.iter().enumerate().filter_map(|(c, of)| Some((c, of.bought?)))
        {
            let total = |line| {
                let values = months.clone().map(|month| run.value(line, month, cohort));
                Amount::from_minor(values.sum()).to_f64()
            };
            let segment = &job.assumptions.segments[job.collateral.cohorts[cohort].segment];
            let back = segment.recovery.as_ref().map_or(0.0, |recovery| recovery.rate.to_f64());
            let net = back * (1.0 - segment.recovery_cost.to_f64());
            sums[offer].0 += total(default) * (1.0 - net);
            sums[offer].1 += total(bought);
        }
        let losses = sums.iter();
        let losses = losses.map(|(lost, bought)| if *bought > 0.0 { lost / bought } else { 0.0 });
        let mut measured =
            Measured { losses: losses.collect(), initial: 0.0, bought: 0.0, counted: Vec::new() };
        // The last month that buys. On payment dates limits count the pool before the month, between
        // them after what it collects.
        let total = line("pool.purchased");
        let Some(last) = months.rev().find(|month| run.value(total, *month, 0) > 0) else {
            return measured;
        };
        let between = !model.timeline.is_empty(Axis::Purchases);
        let closing = line("collections.closing");
        let yuan = |value: i64| Amount::from_minor(value).to_f64();
        let left =
            |cohort: usize| yuan(run.value(closing, if between { last } else { last - 1 }, cohort));
        let cohorts = job.collateral.cohorts.iter().enumerate();
        let (own, later): (Vec<_>, Vec<_>) = cohorts.partition(|(_, of)| of.bought.is_none());
        measured.initial = own.iter().map(|(cohort, _)| left(*cohort)).sum();
        measured.bought = later.iter().map(|(cohort, _)| left(*cohort)).sum();
        if !between {
            measured.bought += yuan(run.value(total, last, 0));
        }
        let limits = job.collateral.limits.iter().filter(|limit| limit.of == LimitOf::Pool);
        let parts = limits.flat_map(|limit| &limit.parts);
        let counted = parts.map(|part| {
            let of = own.iter().map(|(cohort, _)| left(*cohort) * part.cohorts[*cohort].to_f64());
            of.sum::<f64>()
        });
        measured.counted = counted.collect();
        measured
    }
}

/// What the run with equal shares says.
struct Measured {
    /// The loss of each kind by yuan bought.
    losses: Vec<f64>,
    /// What is left of the initial pool after the last purchase.
    initial: f64,
    /// What is there then of what was bought.
    bought: f64,
    /// What each part of the limits on shares and averages counts of the initial pool then.
    counted: Vec<f64>,
}

/// What is maximised: the loss; of losses alike to a millionth the longer, of those the lower rate.
fn badness(asset: &StandardReceivable, loss: f64) -> f64 {
    const LONGEST: f64 = 360.0;
    1e4 * (loss + 1e-6 * term(asset) / LONGEST - 1e-9 * yearly(asset))
}

/// Instalments still to come.
fn term(asset: &StandardReceivable) -> f64 {
    f64::from(asset.instalments - asset.paid_instalments)
}

/// The contract rate of a year.
fn yearly(asset: &StandardReceivable) -> f64 {
    let times = match asset.rate.per {
        RatePeriod::Year => 1.0,
        RatePeriod::Instalment => 12.0,
        RatePeriod::Day => 365.0,
    };
    asset.rate.rate.to_f64() * times
}

/// Shares of 12 places that sum to one: the largest takes what rounding leaves.
fn shares(mix: &[f64]) -> Vec<Rate> {
    let whole: f64 = mix.iter().sum();
    let mut shares: Vec<i64> =
        mix.iter().map(|share| Rate::from_f64(share / whole).parts()).collect();
    let rest = Rate::ONE.parts() - shares.iter().sum::<i64>();
    if let Some(largest) = shares.iter_mut().max() {
        *largest += rest;
    }
    shares.into_iter().map(Rate::from_parts).collect()
}

fn with_shares(assumptions: &Assumptions, shares: &[Rate]) -> Assumptions {
    let purchased = assumptions.purchased.iter().zip(shares);
    let purchased =
        purchased.map(|(asset, share)| StandardReceivable { share: *share, ..asset.clone() });
    Assumptions { purchased: purchased.collect(), ..assumptions.clone() }
}
