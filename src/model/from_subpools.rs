//! The segments of the assumptions by sub-pool: what one segment is of two sub-pools is two segments
//! of the model, so that recoveries and totals of a sub-pool are its own.

use super::from_plan::{about_segments, segments};
use crate::assumptions::{Assumptions, Segment};
use crate::deal::Deal;
use crate::finding::{Checked, Finding};
use crate::pool::{Pool, SUBPOOL};

/// The assumptions with each segment taken apart by sub-pool, ascending by sub-pool; as they are
/// where the deal has one tape. A segment keeps its place within its sub-pool, so the first that fits
/// is the same.
///
/// A segment without a receivable of a sub-pool is left out there, unless receivables are bought
/// later; every segment stays somewhere, so that scenarios that name it find it.
///
/// Findings: as of [`super::Collateral::from_pool`] about segments (A0203–A0205).
pub fn by_subpool(assumptions: &Assumptions, deal: &Deal, pool: &Pool) -> Checked<Assumptions> {
    if deal.subpools.is_empty() {
        return Checked::new(assumptions.clone(), Vec::new());
    }
    let mut counts = vec![0; assumptions.segments.len()];
    segments(pool, assumptions).iter().for_each(|segment| counts[*segment] += 1);
    let findings = about_segments(pool, assumptions, &counts);
    let mut apart = Vec::new();
    for subpool in &deal.subpools {
        for (place, segment) in assumptions.segments.iter().enumerate() {
            let wanted = segment.filter.iter().find(|(column, _)| column == SUBPOOL);
            if wanted.is_some_and(|(_, ids)| !ids.contains(&subpool.id)) {
                continue;
            }
            let mut filter: Vec<_> =
                segment.filter.iter().filter(|(column, _)| column != SUBPOOL).cloned().collect();
            filter.push((SUBPOOL.to_string(), vec![subpool.id.clone()]));
            let by_name = wanted.is_none_or(|(_, ids)| ids.len() > 1);
            let of = (subpool.id.clone(), by_name.then(|| subpool.name.clone()));
            apart.push((place, Segment { filter, subpool: Some(of), ..segment.clone() }));
        }
    }
    let all = Assumptions {
        segments: apart.iter().map(|(_, segment)| segment.clone()).collect(),
        ..assumptions.clone()
    };
    let mut used = vec![deal.purchase.is_some(); apart.len()];
    for segment in segments(pool, &all) {
        used[segment] = true;
    }
    for (first, (place, _)) in apart.iter().enumerate() {
        let copies = || (0..apart.len()).filter(|other| apart[*other].0 == *place);
        if copies().all(|copy| !used[copy]) {
            used[first] = true;
        }
    }
    let kept = apart.into_iter().zip(used).filter(|(_, used)| *used);
    let segments = kept.map(|((_, segment), _)| segment).collect();
    Checked::new(Assumptions { segments, ..all }, unlike(findings))
}

/// Each finding once.
fn unlike(findings: Vec<Finding>) -> Vec<Finding> {
    let mut told: Vec<Finding> = Vec::new();
    for finding in findings {
        if !told.contains(&finding) {
            told.push(finding);
        }
    }
    told
}
