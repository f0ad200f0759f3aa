//! The deal's limits on the pool become weights of cohorts and offers, so that they can be tested after
//! every purchase.
//!
//! | Measure | Weight of a cohort | Held against |
//! |---|---|---|
//! | share | the part of its principal that meets the condition | all principal |
//! | amount, total | the same, or 1 | an amount |
//! | largest share, largest amount | the part in each group | all principal, an amount |
//! | average | the average of the figure | all principal |
//!
//! A weight is of the cut-off date, of what is bought later of its purchase date: what a receivable is
//! does not change, and within a cohort the mix is held. What changes with time, and what needs single
//! receivables, cannot be followed (M0150).

use super::collateral::{Collateral, LimitOf, LimitPart, OfferSize, PoolLimit};
use super::from_offers::{Candidates, standard_pool};
use crate::assumptions::{Assumptions, Segment};
use crate::config::Text;
use crate::deal::Deal;
use crate::finding::{Checked, Finding};
use crate::money::{Rate, Rounding, divide};
use crate::pool::Pool;
use crate::portfolio::Characteristic;
use crate::portfolio::limits::{Limit, Unfollowed, Weights, bound_scale, reads, weights};

/// More groups than this are single names: their share is not followed by cohort.
const GROUPS: usize = 40;

/// A pool, its receivables' cohorts or offers, and how many of these there are.
struct Side<'a> {
    pool: &'a Pool,
    of: Vec<Option<usize>>,
    count: usize,
    /// Standard receivables have no size of their own.
    is_standard: bool,
}

impl Collateral {
    /// The collateral with the limits that its purchases are held to; nothing where the deal buys
    /// nothing.
    ///
    /// Findings: a limit that cannot be followed (M0150), cohorts on both sides of a limit (M0151),
    /// limits of a deal that buys draws (A0284).
    pub fn with_limits(
        mut self,
        pool: &Pool,
        deal: &Deal,
        assumptions: &Assumptions,
        candidates: Option<&Candidates>,
    ) -> Checked<Collateral> {
        let mut findings = Vec::new();
        if deal.purchase.is_some() && assumptions.segments.iter().any(Segment::revolves) {
            let untested = deal.limits.iter();
            let untested = untested
                .map(|limit| Finding::new("A0284", limit.origin.clone()).with("id", &limit.id));
            findings.extend(untested);
        }
        if self.offers.is_empty() || deal.limits.is_empty() {
            return Checked::new(self, findings);
        }
        let members = self.members(pool, assumptions);
        let own = Side {
            pool,
            of: members.into_iter().map(Some).collect(),
            count: self.cohorts.len(),
            is_standard: false,
        };
        let standard;
        let (bought, of) = match candidates {
            Some(candidates) => {
                let mut of = vec![None; candidates.pool.receivables.len()];
                for (place, offer) in self.offers.iter().enumerate() {
                    if let OfferSize::Whole { candidate, .. } = &offer.size {
                        of[*candidate] = Some(place);
                    }
                }
                (&candidates.pool, of)
            }
            None => {
                standard = standard_pool(deal, assumptions);
                (&standard, (0..self.offers.len()).map(Some).collect())
            }
        };
        let (count, is_standard) = (self.offers.len(), candidates.is_none());
        let bought = Side { pool: bought, of, count, is_standard };
        for limit in &deal.limits {
            match self.followed(limit, &own, &bought) {
                Ok((limits, mixed)) => {
                    if mixed > 0 {
                        let finding = Finding::new("M0151", limit.origin.clone());
                        findings.push(finding.with("id", &limit.id).with("count", mixed));
                    }
                    self.limits.extend(limits);
                }
                Err(why) => {
                    let (code, what) = match why {
                        Unfollowed::OnlyMore => continue,
                        Unfollowed::Lacks(what) => ("M0152", what),
                        Unfollowed::Changes(what) => ("M0150", what),
                        Unfollowed::Single | Unfollowed::Money => {
                            ("M0150", limit.measure.word().to_string())
                        }
                    };
                    let finding = Finding::new(code, limit.origin.clone()).with("id", &limit.id);
                    findings.push(finding.with("what", what));
                }
            }
        }
        Checked::new(self, findings)
    }

    /// The ends of a limit, and how many cohorts are on both sides of it.
    fn followed(
        &self,
        limit: &Limit,
        own: &Side,
        bought: &Side,
    ) -> Result<(Vec<PoolLimit>, usize), Unfollowed> {
        let of_pool = weights(limit, own.pool, own.pool.cutoff)?;
        let of_offers = weights(limit, bought.pool, bought.pool.cutoff)?;
        if bought.is_standard && reads(&limit.measure) == Some(&Characteristic::OriginalPrincipal) {
            return Err(Unfollowed::Lacks("original_principal".to_string()));
        }
        let mut names: Vec<&String> =
            of_pool.iter().chain(&of_offers).map(|weights| &weights.group).collect();
        names.sort();
        names.dedup();
        if names.len() > GROUPS {
            return Err(Unfollowed::Single);
        }
        let part = |name: &String, rounding: Rounding| {
            let find = |all: &[Weights], side: &Side| {
                let of = all.iter().find(|weights| weights.group == *name);
                by_group(of, side, rounding)
            };
            let (mut cohorts, mixed) = find(&of_pool, own);
            let (offers, _) = find(&of_offers, bought);
            for (place, cohort) in self.cohorts.iter().enumerate() {
                if let Some(offer) = cohort.bought {
                    cohorts[place] = offers[offer];
                }
            }
            (LimitPart { name: Text::same(name.as_str()), cohorts, offers }, mixed)
        };
        // What counts against a bound is rounded up: of a ceiling the weight, of a floor what is left.
        let with = |rounding: Rounding| names.iter().map(move |name| part(name, rounding));
        let (parts, mixed): (Vec<LimitPart>, Vec<usize>) = with(Rounding::Up).unzip();
        let below: Vec<LimitPart> = with(Rounding::Down).map(|(part, _)| part).collect();
        let mixed = mixed.into_iter().max().unwrap_or(0);
        let top = parts
            .iter()
            .flat_map(|part| part.cohorts.iter().chain(&part.offers))
            .copied()
            .fold(Rate::ONE, Rate::max);
        let of = match limit.measure.is_of_principal() {
            true => LimitOf::Principal,
            false => LimitOf::Pool,
        };
        let scale = bound_scale(limit);
        let end = |bound: i64, is_floor: bool| {
            let turned = |weights: &[Rate]| {
                let turn = |weight: &Rate| match is_floor {
                    true => Rate::from_parts(top.parts() - weight.parts()),
                    false => *weight,
                };
                weights.iter().map(turn).collect()
            };
            let turned = |part: &LimitPart| LimitPart {
                name: part.name.clone(),
                cohorts: turned(&part.cohorts),
                offers: turned(&part.offers),
            };
            let word = if is_floor { "at_least" } else { "at_most" };
            PoolLimit {
                key: format!("limit.{}.{word}", limit.id),
                name: limit.name.clone(),
                of,
                is_floor,
                bound: bound * scale,
                top,
                parts: if is_floor { &below } else { &parts }.iter().map(turned).collect(),
            }
        };
        // What a purchase can only add to is not made worse by it.
        let least = limit.least.filter(|_| of == LimitOf::Pool && parts.len() == 1);
        let ends: Vec<PoolLimit> = limit
            .most
            .map(|most| end(most, false))
            .into_iter()
            .chain(least.map(|least| end(least, true)))
            .collect();
        if ends.is_empty() {
            return Err(Unfollowed::OnlyMore);
        }
        Ok((ends, mixed))
    }
}

/// The weights by cohort or offer, `Σ B × weight ÷ Σ B` over its receivables; and how many have
/// receivables of different weights.
fn by_group(weights: Option<&Weights>, side: &Side, rounding: Rounding) -> (Vec<Rate>, usize) {
    let mut sums = vec![(0_i128, 0_i128); side.count];
    let mut seen: Vec<Option<Rate>> = vec![None; side.count];
    let mut mixed = vec![false; side.count];
    for (index, of) in side.of.iter().enumerate() {
        let Some(place) = *of else { continue };
        let weight = weights.map_or(Rate::ZERO, |weights| weights.of[index]);
        let balance = i128::from(side.pool.receivables[index].outstanding_principal.minor());
        sums[place].0 += balance * i128::from(weight.parts());
        sums[place].1 += balance;
        mixed[place] |= seen[place].is_some_and(|other| other != weight);
        seen[place] = Some(weight);
    }
    let average = |(place, (weighted, whole)): (usize, &(i128, i128))| match *whole {
        0 => seen[place].unwrap_or(Rate::ZERO),
        whole => Rate::from_parts(divide(*weighted, whole, rounding)),
    };
    let weights = sums.iter().enumerate().map(average).collect();
    (weights, mixed.into_iter().filter(|mixed| *mixed).count())
}
