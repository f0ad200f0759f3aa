//! Credit lines among the receivables: which segments they belong in, and their limits by cohort.

use super::from_plan::Key;
use super::supply::LIMIT_MOST;
use crate::assumptions::{Assumptions, Draws, Segment};
use crate::finding::{Finding, Origin};
use crate::money::Amount;
use crate::pool::{Attribute, Method, Pool, credit_limit};

/// The limits of each cohort's credit lines; `None` where the tape states none.
///
/// Findings: receivables with a schedule among credit lines (A0261), credit lines among others
/// (A0262), lines without a limit where limits decide what is drawn (A0263), lines that join later
/// (A0264).
pub(super) fn limits(
    pool: &Pool,
    assumptions: &Assumptions,
    (keys, cohorts): (&[u32], &[Key]),
    findings: &mut Vec<Finding>,
) -> Vec<Option<Amount>> {
    let none = vec![None; cohorts.len()];
    let is_line = |index: &usize| pool.receivables[*index].method == Method::Revolving;
    if !assumptions.segments.iter().any(Segment::revolves)
        && !(0..keys.len()).any(|index| is_line(&index))
    {
        return none;
    }
    let place = |index: usize| usize::try_from(keys[index]).expect("cohorts are few");
    let column = pool.attributes.get("limit_total");
    let limit = |index: usize| column.and_then(|texts| text(texts, index)).and_then(credit_limit);
    let told = |code, origin: Origin, rows: &[usize]| {
        let first = &pool.receivables[*rows.first()?].id;
        Some(Finding::new(code, origin).with("count", rows.len()).with("id", first))
    };
    for (number, segment) in assumptions.segments.iter().enumerate() {
        let mine: Vec<usize> =
            (0..keys.len()).filter(|index| cohorts[place(*index)].0 == number).collect();
        let (lines, others): (Vec<usize>, Vec<usize>) = mine.into_iter().partition(is_line);
        let (code, wrong) =
            if segment.revolves() { ("A0261", others) } else { ("A0262", lines.clone()) };
        let named = |finding: Finding| finding.with("segment", segment.name.both());
        findings.extend(told(code, segment.origin.clone(), &wrong).map(named));
        let Some(line) = &segment.line else { continue };
        let by_limit = matches!(line.draws, Draws::Utilisation(_)) || column.is_some();
        let without: Vec<usize> =
            lines.iter().copied().filter(|index| by_limit && limit(*index).is_none()).collect();
        findings.extend(told("A0263", segment.origin.clone(), &without).map(named));
        let later = |index: &usize| pool.receivables[*index].own_cutoff.is_some();
        let later: Vec<usize> = lines.into_iter().filter(later).collect();
        findings.extend(told("A0264", segment.origin.clone(), &later).map(named));
    }
    let mut limits = none;
    let all = if column.is_some() { 0..keys.len() } else { 0..0 };
    for index in all.filter(is_line) {
        let sum = limits[place(index)].unwrap_or(Amount::ZERO);
        let sum = sum + limit(index).unwrap_or(Amount::ZERO);
        limits[place(index)] = Some(sum.min(Amount::from_minor(LIMIT_MOST)));
    }
    limits
}

fn text(texts: &Attribute, index: usize) -> Option<&str> {
    let code = usize::try_from(texts.codes[index]).ok()?;
    texts.values.get(code).map(|text| &**text)
}
