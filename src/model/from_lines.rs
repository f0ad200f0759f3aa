//! Credit lines among the receivables: which segments they belong in, and their limits by cohort.

use super::supply::LIMIT_MOST;
use crate::assumptions::{Assumptions, Draws, Segment};
use crate::finding::Finding;
use crate::money::Amount;
use crate::pool::{Attribute, Method, Pool, credit_limit};

/// The credit lines of a pool, part by part.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// Whether the tape states limits.
    stated: bool,
    by_segment: Vec<OfSegment>,
    /// The limits of each cohort's credit lines; `None` where it has none, or the tape states none.
    limits: Vec<Option<Amount>>,
}

/// The receivables of a segment.
#[derive(Clone, Debug, Default)]
struct OfSegment {
    /// With a schedule.
    loans: Counted,
    lines: Counted,
    /// Credit lines without a limit.
    unlimited: Counted,
    /// Credit lines that join later.
    later: Counted,
}

/// Some receivables, and the first of them.
#[derive(Clone, Debug, Default)]
struct Counted {
    count: usize,
    first: Option<Box<str>>,
}

impl Counted {
    fn add(&mut self, id: &str) {
        self.count += 1;
        self.first.get_or_insert_with(|| id.into());
    }
}

impl Lines {
    /// Adds the next part of the pool, of which each receivable has a segment and a cohort.
    pub(super) fn take(
        &mut self,
        part: &Pool,
        segments: &[usize],
        cohort: impl Fn(usize) -> usize,
    ) {
        let column = part.attributes.get("limit_total");
        self.stated |= column.is_some();
        for (index, receivable) in part.receivables.iter().enumerate() {
            let (segment, cohort) = (segments[index], cohort(index));
            if self.by_segment.len() <= segment {
                self.by_segment.resize_with(segment + 1, OfSegment::default);
            }
            let of = &mut self.by_segment[segment];
            if receivable.method != Method::Revolving {
                of.loans.add(&receivable.id);
                continue;
            }
            of.lines.add(&receivable.id);
            if receivable.own_cutoff.is_some() {
                of.later.add(&receivable.id);
            }
            let limit = column.and_then(|texts| text(texts, index)).and_then(credit_limit);
            if limit.is_none() {
                of.unlimited.add(&receivable.id);
            }
            if column.is_some() {
                if self.limits.len() <= cohort {
                    self.limits.resize(cohort + 1, None);
                }
                self.limits[cohort] = sum(self.limits[cohort], limit.or(Some(Amount::ZERO)));
            }
        }
    }

    /// The limits by cohort, when the cohorts gathered become those of `places`.
    pub(super) fn limits(&self, places: &[usize], cohorts: usize) -> Vec<Option<Amount>> {
        let mut limits = vec![None; cohorts];
        for (place, limit) in places.iter().zip(&self.limits) {
            limits[*place] = sum(limits[*place], *limit);
        }
        limits
    }

    /// Receivables with a schedule among credit lines (A0261), credit lines among others (A0262),
    /// lines without a limit where limits decide what is drawn (A0263), lines that join later (A0264).
    pub(super) fn findings(&self, assumptions: &Assumptions) -> Vec<Finding> {
        let by_segment = assumptions.segments.iter().zip(&self.by_segment);
        by_segment.flat_map(|(segment, of)| self.of_segment(segment, of)).collect()
    }

    fn of_segment(&self, segment: &Segment, of: &OfSegment) -> Vec<Finding> {
        let told = |code: &'static str, some: &Counted| {
            let finding = Finding::new(code, segment.origin.clone());
            let finding = finding.with("count", some.count).with("id", some.first.as_ref()?);
            Some(finding.with("segment", segment.name.both()))
        };
        let Some(line) = &segment.line else {
            return told("A0262", &of.lines).into_iter().collect();
        };
        let by_limit = matches!(line.draws, Draws::Utilisation(_)) || self.stated;
        let unlimited = by_limit.then(|| told("A0263", &of.unlimited)).flatten();
        let found = [told("A0261", &of.loans), unlimited, told("A0264", &of.later)];
        found.into_iter().flatten().collect()
    }
}

/// The sum of limits, as far as limits go.
fn sum(one: Option<Amount>, other: Option<Amount>) -> Option<Amount> {
    let sum = match (one, other) {
        (Some(one), Some(other)) => one + other,
        (one, other) => one.or(other)?,
    };
    Some(sum.min(Amount::from_minor(LIMIT_MOST)))
}

fn text(texts: &Attribute, index: usize) -> Option<&str> {
    let code = usize::try_from(texts.codes[index]).ok()?;
    texts.values.get(code).map(|text| &**text)
}
