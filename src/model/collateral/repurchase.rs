//! What the originator takes back by cohort (不合格赎回), at par with the charges of the month, for
//! cash or for like receivables (资产置换).

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::Collateral;
use super::plan::Plan;
use super::rates::{by_cohort, by_segment, segment_rate, speeds};
use crate::assumptions::{Assumptions, Segment};
use crate::formula::{Formula, LineId};

/// The lines of the repurchases.
pub(super) struct Repurchased {
    /// Principal that is taken back.
    pub repurchased: LineId,
    /// An equal principal of receivables given in place of it.
    pub substituted: Option<LineId>,
    /// Principal paid in cash.
    pub paid: LineId,
    /// Charges of the month that are paid with it.
    pub charges: LineId,
}

/// Lowers the repurchases of what is left of the surviving balance; `None` when no segment has any.
///
/// `repurchased = ROUND(left × rate, 2)`, `paid = repurchased − substituted`,
/// `charges = ROUND(paid × charges of the month ÷ planned opening, 2)`
pub(super) fn lower(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    plan: &Plan,
    left: Formula,
) -> Option<Repurchased> {
    let rates = Column::month(Topic::Rates, Dim::Cohort, "repurchase", "repurchase_rate");
    let speeds = speeds(lines, &rates, pool, assumptions, timeline, &|segment| {
        segment.repurchase.as_ref().map(|repurchase| repurchase.rate.clone())
    })?;
    let rate = Column { key: "rates.repurchase".to_string(), ..rates };
    let rate = by_cohort(lines, rate, pool, assumptions, &speeds, |_, _, speed| speed);
    let column = |key: &str, part| {
        Column::month(Topic::Collections, Dim::Cohort, &format!("collections.{key}"), part)
    };
    let taken = Formula::portion(left, vec![Formula::Line(rate)], vec![]);
    let repurchased = lines.compute(column("repurchased", "repurchased"), taken);
    let substitutes = |segment: &Segment| {
        let repurchase = segment.repurchase.as_ref();
        repurchase.map(|r| r.substituted).filter(|share| share.parts() != 0)
    };
    let some = assumptions.segments.iter().any(|segment| substitutes(segment).is_some());
    let substituted = some.then(|| {
        let column = column("substituted", "substituted");
        by_segment(lines, column, pool, assumptions, |lines, place, segment| {
            let Some(share) = substitutes(segment) else { return Formula::ZERO };
            let (key, part) = ("repurchase_substituted", "substituted_share");
            let share = segment_rate(lines, (place, segment), key, part, share);
            Formula::portion(Formula::Line(repurchased), vec![Formula::Input(share)], vec![])
        })
    });
    let paid = match substituted {
        Some(line) => Formula::less(Formula::Line(repurchased), Formula::Line(line)),
        None => Formula::Line(repurchased),
    };
    let paid = lines.compute(column("repurchase_paid", "repurchase_paid"), paid);
    let charges = plan.charges_on(paid);
    let charges = lines.compute(column("repurchase_charges", "repurchase_charges"), charges);
    Some(Repurchased { repurchased, substituted, paid, charges })
}
