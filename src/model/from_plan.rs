//! From receivables to cohorts: who behaves alike, and their contract cash by month.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::collateral::{Cohort, Collateral, Defaulted, PoolPart};
use super::from_defaults::Place;
use super::gathered::{Cohorts, Gathered, Grain, Key};
use crate::assumptions::{Assumptions, Segment};
use crate::config::{Text, nearest};
use crate::deal::{Deal, Subpool};
use crate::finding::{Checked, Finding, Origin};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::plan::{Cash, CohortPlan, Plan};
use crate::pool::{ArrearsRule, Attribute, Pool};

/// Arrears above this part of the balance, in ten-thousandths, are not the usual few days: a tenth.
const MANY: i128 = 1_000;

impl Collateral {
    /// Sums the pool's schedules by cohort under the deal's months.
    ///
    /// Findings: segments that ask for what the tape does not have (A0203–A0205), receivables planned
    /// from their balance (M0103), arrears (M0104, M0106), principal beyond the last determination date
    /// (M0101), cut-off dates within a collection month (M0120) or after the last (M0121).
    pub fn from_pool(
        pool: &Pool,
        deal: &Deal,
        assumptions: &Assumptions,
        threads: usize,
    ) -> Checked<Collateral> {
        let mut gathered = Gathered::new(deal);
        gathered.take(pool, assumptions, (Grain::Assumed, threads));
        Collateral::from_gathered(&gathered, pool, deal, assumptions)
    }

    /// The same of a pool that was gathered part by part; `pool` says what its columns hold and needs
    /// no receivables.
    ///
    /// # Panics
    ///
    /// When the assumptions have other segments than those that the pool was gathered under.
    pub fn from_gathered(
        gathered: &Gathered,
        pool: &Pool,
        deal: &Deal,
        assumptions: &Assumptions,
    ) -> Checked<Collateral> {
        // Segments that were taken apart by sub-pool were asked before.
        let apart = assumptions.segments.iter().any(|segment| segment.subpool.is_some());
        let mut findings = match apart {
            true => Vec::new(),
            false => about_segments(pool, assumptions, gathered.by_segment()),
        };
        let cohorts = gathered.cohorts(|key| assumed(key, assumptions));
        findings.extend(gathered.lines().findings(assumptions));
        let places: Vec<Place> = cohorts.keys.iter().map(|key| place(key, assumptions)).collect();
        let defaults = (&cohorts.places[..], &places[..]);
        let tape = &pool.manifest.file;
        findings.extend(gathered.defaults().findings(defaults, assumptions, tape));
        about_plan(pool, deal, (gathered, &cohorts, &places), assumptions, &mut findings);
        let ends = gathered.ends();
        findings.extend(within_months(pool, gathered));
        findings.extend(after_deal(pool, deal, gathered));
        let made = (0..cohorts.keys.len()).map(|of| cohort(&cohorts, of, ends, assumptions));
        let mut collateral = Collateral {
            cohorts: made.collect(),
            segments: assumptions.segments.iter().map(Segment::title).collect(),
            offers: Vec::new(),
            subpools: if apart { subpools(deal) } else { Vec::new() },
            subpool_of: if apart { subpool_of(deal, assumptions) } else { Vec::new() },
            limits: Vec::new(),
            due_shares: None,
        };
        for cohort in &collateral.cohorts {
            if let Some(subpool) = collateral.subpool_of.get(cohort.segment) {
                collateral.subpools[*subpool].count += cohort.count;
            }
        }
        Checked::new(collateral, findings)
    }

    /// The cohort of each receivable, by the order of the pool: which rows stand behind a figure.
    /// Cohorts of what is bought later have no row there.
    pub fn members(&self, pool: &Pool, assumptions: &Assumptions) -> Vec<usize> {
        let segments = segments(pool, assumptions);
        let own = self.cohorts.iter().enumerate().filter(|(_, cohort)| cohort.bought.is_none());
        let own: Vec<usize> = own.map(|(place, _)| place).collect();
        let keys = cohorts(pool, assumptions, &segments, Grain::Assumed).0;
        keys.iter().map(|key| own[usize::try_from(*key).expect("cohorts are few")]).collect()
    }
}

fn subpools(deal: &Deal) -> Vec<PoolPart> {
    let part = |of: &Subpool| PoolPart { id: of.id.clone(), name: of.name.clone(), count: 0 };
    deal.subpools.iter().map(part).collect()
}

/// The sub-pool of each segment.
fn subpool_of(deal: &Deal, assumptions: &Assumptions) -> Vec<usize> {
    let of = |segment: &Segment| {
        let id = segment.subpool.as_ref().map(|(id, _)| id);
        let place = deal.subpools.iter().position(|subpool| Some(&subpool.id) == id);
        place.expect("segments are taken apart by the sub-pools of the deal")
    };
    assumptions.segments.iter().map(of).collect()
}

/// The segment of each receivable: the first whose filter fits.
pub(super) fn segments(pool: &Pool, assumptions: &Assumptions) -> Vec<usize> {
    let mut segments = vec![usize::MAX; pool.receivables.len()];
    for (place, segment) in assumptions.segments.iter().enumerate() {
        let filters = filters(pool, segment, &mut Vec::new());
        for (index, slot) in segments.iter_mut().enumerate().filter(|(_, at)| **at == usize::MAX) {
            let fits =
                filters.iter().all(|(attribute, wanted)| wanted.contains(&attribute.codes[index]));
            if fits {
                *slot = place;
            }
        }
    }
    segments
}

/// Segments that ask for what the tape does not have (A0203, A0204), and segments that nothing falls
/// into (A0205), given the receivables of each.
pub(super) fn about_segments(
    pool: &Pool,
    assumptions: &Assumptions,
    counts: &[usize],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, segment) in assumptions.segments.iter().enumerate() {
        let told = findings.len();
        filters(pool, segment, &mut findings);
        let is_understood = findings.len() == told;
        let last = place + 1 == assumptions.segments.len();
        // A filter that was not understood lets nobody in: that has been told.
        let none = counts.get(place).is_none_or(|count| *count == 0);
        if none && !last && is_understood {
            let finding =
                Finding::new("A0205", segment.origin.clone()).with("segment", segment.name.both());
            findings.push(finding);
        }
    }
    findings
}

fn filters<'a>(
    pool: &'a Pool,
    segment: &Segment,
    findings: &mut Vec<Finding>,
) -> Vec<(&'a Attribute, Vec<u32>)> {
    let mut filters = Vec::new();
    for (column, values) in &segment.filter {
        let Some(attribute) = pool.attributes.get(column) else {
            let known =
                pool.attributes.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let finding = Finding::new("A0203", segment.origin.clone())
                .with("segment", segment.name.both())
                .with("column", column)
                .with("known", known);
            findings.push(finding);
            continue;
        };
        let code = |value: &String| attribute.values.iter().position(|known| **known == **value);
        for value in values.iter().filter(|value| code(value).is_none()) {
            let near = nearest(value, attribute.values.iter().map(|value| &**value));
            let some = attribute.values.iter().take(8).map(|value| format!("\"{value}\""));
            let known = near
                .map_or_else(|| some.collect::<Vec<_>>().join(", "), |near| format!("\"{near}\""));
            let finding = Finding::new("A0204", segment.origin.clone())
                .with("segment", segment.name.both())
                .with("column", column)
                .with("value", value)
                .with("known", known);
            findings.push(finding);
        }
        let codes = values.iter().filter_map(code).filter_map(|code| u32::try_from(code).ok());
        filters.push((attribute, codes.collect()));
    }
    filters
}

/// The cohort of each receivable and the cohorts, ascending by segment, month of origination and
/// cut-off date.
pub(super) fn cohorts(
    pool: &Pool,
    assumptions: &Assumptions,
    segments: &[usize],
    grain: Grain,
) -> (Vec<u32>, Vec<Key>) {
    let beyond = assumptions.default_beyond();
    let key = |index: usize| -> Key {
        let receivable = &pool.receivables[index];
        let month = receivable.origination.with_day(1).expect("every month has a first day");
        let rolls = assumptions.segments[segments[index]].delinquency.is_some();
        let behind = if rolls || grain == Grain::Finest { behind(pool, index) } else { 0 };
        let in_default = receivable.months_in_default(pool.cutoff, beyond);
        let key = (segments[index], Some(month), receivable.own_cutoff, behind, in_default);
        match grain {
            Grain::Finest => key,
            Grain::Assumed => assumed(&key, assumptions),
        }
    };
    let mut places: BTreeMap<Key, u32> = BTreeMap::new();
    for index in 0..pool.receivables.len() {
        places.entry(key(index)).or_default();
    }
    for (place, number) in places.values_mut().zip(0..) {
        *place = number;
    }
    let keys = (0..pool.receivables.len()).map(|index| places[&key(index)]).collect();
    (keys, places.into_keys().collect())
}

/// The key with nothing in it that the assumptions treat alike.
fn assumed(key: &Key, assumptions: &Assumptions) -> Key {
    let (segment, month, own, behind, months) = *key;
    let of_segment = &assumptions.segments[segment];
    let rolls = of_segment.delinquency.as_ref();
    let bucket = rolls.map_or(0, |rolls| behind.min(rolls.buckets() + 1));
    let recovers = of_segment.recovery.is_some() || of_segment.disposal.is_some();
    let months = months.filter(|_| recovers && is_defaulted(key, assumptions));
    (segment, month.filter(|_| of_segment.needs_age()), own, bucket, months)
}

/// Whether a cohort is in default at the cut-off date, or beyond the last bucket: all of it.
pub(super) fn is_defaulted((segment, _, _, bucket, _): &Key, assumptions: &Assumptions) -> bool {
    let segment = &assumptions.segments[*segment];
    segment.defaulted || segment.delinquency.as_ref().is_some_and(|of| *bucket > of.buckets())
}

fn place(key: &Key, assumptions: &Assumptions) -> Place {
    Place { segment: key.0, is_defaulted: is_defaulted(key, assumptions), months: key.4 }
}

/// The instalments that a receivable owes at the cut-off date, when they count as a bucket.
fn behind(pool: &Pool, index: usize) -> usize {
    let receivable = &pool.receivables[index];
    let terms = pool.terms(receivable);
    if terms.arrears != ArrearsRule::Bucket || receivable.own_cutoff.is_some() {
        return 0;
    }
    let (schedule, _) = crate::plan::remaining_schedule(receivable, terms, pool.cutoff);
    schedule.iter().filter(|instalment| instalment.arrears).count()
}

/// The deal's collection months, then calendar months until the last receivable is due.
pub(super) fn months(pool: &Pool, deal: &Deal, threads: usize) -> Vec<NaiveDate> {
    let mut ends = deal.schedule.collection_ends.clone();
    reach(&mut ends, pool.cutoff, Plan::last_due(pool, threads));
    ends
}

/// Adds calendar months until the last of them reaches a day.
pub(super) fn reach(ends: &mut Vec<NaiveDate>, cutoff: NaiveDate, last: NaiveDate) {
    while ends.last().is_none_or(|end| *end < last) {
        let after = ends.last().copied().unwrap_or(cutoff).succ_opt().expect("a date of this era");
        ends.push(crate::time::month_end(after));
    }
}

/// The month, from 1, at whose start a cohort with that cut-off date joins.
fn joins(own: Option<NaiveDate>, ends: &[NaiveDate]) -> Option<usize> {
    own.map(|own| 1 + ends.partition_point(|end| *end <= own))
}

fn cohort(
    cohorts: &Cohorts,
    place: usize,
    ends: &[NaiveDate],
    assumptions: &Assumptions,
) -> Cohort {
    let key = &cohorts.keys[place];
    let (segment, origination, own, bucket, months) = key;
    let (plan, limit): (&CohortPlan, _) = (&cohorts.plan.cohorts[place], cohorts.limits[place]);
    let name = assumptions.segments[*segment].title();
    let since = |zh: bool| match months {
        Some(months) if zh => format!(" 违约{months}个月"),
        Some(1) => ", 1 month in default".to_string(),
        Some(months) => format!(", {months} months in default"),
        None => String::new(),
    };
    let dated = |text: &str, joining: &str, since: String| {
        let month = origination.map(|month| format!(" {}-{:02}", month.year(), month.month()));
        let own = own.map(|own| format!(", {joining} {own}"));
        let bucket = if *bucket > 0 { format!(" M{bucket}") } else { String::new() };
        format!("{text}{}{}{bucket}{since}", month.unwrap_or_default(), own.unwrap_or_default())
    };
    let beyond = is_defaulted(key, assumptions);
    let revolves = assumptions.segments[*segment].revolves();
    let past = if *bucket > 0 && !beyond { plan.past.clone() } else { Vec::new() };
    let of = |read: fn(&Cash) -> Amount| -> Vec<Amount> {
        let mut amounts: Vec<Amount> = plan.months.iter().map(read).collect();
        match amounts.first_mut() {
            // Credit lines owe nothing by schedule.
            _ if beyond || revolves => amounts.clear(),
            Some(first) if past.is_empty() => *first += read(&plan.arrears),
            Some(_) | None => {}
        }
        amounts
    };
    Cohort {
        name: Text {
            zh: dated(&name.zh, "封包日", since(true)),
            en: dated(&name.en, "cut-off", since(false)),
        },
        segment: *segment,
        origination: *origination,
        joins: joins(*own, ends),
        bought: None,
        count: usize::try_from(plan.count).expect("receivables fit memory"),
        outstanding: plan.outstanding,
        unpaid_arrears: if beyond { plan.outstanding } else { plan.not_paid.principal },
        past: past.clone(),
        limit: limit.filter(|_| revolves),
        in_default: months.map(|months| Defaulted { months, principal: cohorts.defaulted[place] }),
        principal: of(|cash| cash.principal),
        interest: of(|cash| cash.interest),
        fee: of(|cash| cash.fee),
    }
}

fn about_plan(
    pool: &Pool,
    deal: &Deal,
    (gathered, cohorts, places): (&Gathered, &Cohorts, &[Place]),
    assumptions: &Assumptions,
    findings: &mut Vec<Finding>,
) {
    // Credit lines owe nothing by schedule, and what is in default pays nothing by it.
    let by_schedule =
        |place: &Place| !place.is_defaulted && !assumptions.segments[place.segment].revolves();
    let plan: &Plan = &cohorts.plan;
    let owed = || places.iter().zip(&plan.cohorts).filter(|(place, _)| by_schedule(place));
    let tape = Origin::file(&pool.manifest.file);
    if let Some(first) = gathered.fallen() {
        findings.push(
            Finding::new("M0103", tape.clone())
                .with("count", first.count)
                .with("id", &first.id)
                .with("tape", first.tape)
                .with("contract", first.contract),
        );
    }
    let arrears: Amount = owed().map(|(_, cohort)| cohort.overdue).sum();
    if arrears != Amount::ZERO {
        let overdue: u64 = owed().map(|(_, cohort)| cohort.late).sum();
        let balance = plan.outstanding();
        let parts = i128::from(arrears.minor()) * 10_000;
        let share = divide(parts, i128::from(balance.minor().max(1)), Rounding::HalfUp);
        let code = if parts > i128::from(balance.minor()) * MANY { "M0106" } else { "M0104" };
        findings.push(
            Finding::new(code, tape.clone())
                .with("count", overdue)
                .with("amount", arrears.grouped())
                .with("share", Rate::from_parts(share * (Rate::ONE.parts() / 10_000)).percent()),
        );
    }
    let horizon = deal.schedule.collection_ends.len();
    let late: Amount = owed().map(|(_, cohort)| cohort.closing(horizon)).sum();
    if late != Amount::ZERO {
        let date = deal.schedule.collection_ends.last().map_or(deal.pool.cutoff, |end| *end);
        findings
            .push(Finding::new("M0101", tape).with("amount", late.grouped()).with("date", date));
    }
}

/// Cut-off dates that are no end of a collection month: their receivables count from its start.
fn within_months(pool: &Pool, gathered: &Gathered) -> Option<Finding> {
    let within = gathered.joining().iter().filter(|(own, _)| !gathered.ends().contains(own));
    let (first, _) = within.clone().next()?;
    let count: usize = within.map(|(_, joining)| joining.count).sum();
    let finding = Finding::new("M0120", Origin::file(&pool.manifest.file));
    Some(finding.with("count", count).with("date", first))
}

/// Receivables that would join when nothing is collected any more.
fn after_deal(pool: &Pool, deal: &Deal, gathered: &Gathered) -> Option<Finding> {
    let last = *deal.schedule.collection_ends.last()?;
    let late = || gathered.joining().range(last..);
    let (own, first) = late().min_by_key(|(_, joining)| joining.index)?;
    let count: usize = late().map(|(_, joining)| joining.count).sum();
    let finding = Finding::new("M0121", Origin::file(&pool.manifest.file));
    let finding = finding.with("count", count).with("id", &first.id);
    Some(finding.with("own", own).with("date", last))
}
