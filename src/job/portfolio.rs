//! The deal's criteria and limits on the pool of the deal.

use crate::deal::Deal;
use crate::finding::Finding;
use crate::pool::Pool;
use crate::portfolio::eligibility::{Ladder, Occasion, Tester};
use crate::portfolio::limits::{Limits, Tested};

/// Receivables that fail a criterion and limits that are not met, a finding for each criterion and
/// limit; first what cannot be tested at all.
pub(super) fn findings(deal: &Deal, pool: &Pool) -> Vec<Finding> {
    let (tester, mut findings) =
        Tester::bind_for(Occasion::Closing, &deal.eligibility, pool).into_parts();
    let ladder = Ladder::of(&tester, pool, Occasion::Closing, pool.cutoff);
    for (place, criterion) in deal.eligibility.iter().enumerate() {
        let lacking = |f: &Finding| f.code == "E0101" && f.origin == criterion.origin;
        let alone = ladder.alone[place];
        if alone.count == 0 || findings.iter().any(lacking) {
            continue;
        }
        let fails = |index: &usize| !tester.meets(place, *index, Occasion::Closing, pool.cutoff);
        let first = (0..pool.receivables.len()).find(fails).expect("some receivable fails");
        let finding = Finding::new("E0103", criterion.origin.clone())
            .with("id", &criterion.id)
            .with("name", criterion.name.both())
            .with("count", alone.count)
            .with("of", ladder.all.count)
            .with("balance", alone.balance.grouped())
            .with("receivable", &pool.receivables[first].id)
            .with("value", tester.tested(place, first, pool.cutoff));
        findings.push(finding);
    }
    let (limits, found) = Limits::bind(&deal.limits, pool, pool.cutoff).into_parts();
    findings.extend(found);
    let all: Vec<usize> = (0..pool.receivables.len()).collect();
    for (limit, tested) in deal.limits.iter().zip(limits.tested(&all)) {
        findings.extend(not_met(limit, &tested));
    }
    findings
}

fn not_met(limit: &crate::portfolio::limits::Limit, tested: &Tested) -> Option<Finding> {
    let measured = tested.measured.as_ref().filter(|_| !tested.passes)?;
    let mut beyond = tested.headroom?;
    beyond.parts = beyond.parts.saturating_neg();
    let group = measured.group.as_ref().map_or(String::new(), |group| format!(" ({group})"));
    let finding = Finding::new("E0202", limit.origin.clone())
        .with("id", &limit.id)
        .with("name", limit.name.both())
        .with("value", measured.value)
        .with("group", group)
        .with("beyond", beyond)
        .with("excess", tested.excess.grouped());
    Some(finding)
}
