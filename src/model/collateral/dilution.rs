//! Refunds by cohort (退货退款): what is cancelled, what the originator makes good, what is lost.
//!
//! ```text
//! surviving ── diluted ─┬─ paid by the originator, on the same date
//!                       └─ loss
//! ```

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::plan::Plan;
use super::rates::{by_segment, segment_rate};
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, Dilution, Segment, Since};
use crate::formula::{Formula, LineId, Sort};
use crate::money::{Rate, Rounding};

/// The lines of the refunds.
pub(super) struct Diluted {
    /// Principal that is cancelled.
    pub diluted: LineId,
    /// Of it paid by the originator.
    pub paid: LineId,
    /// Of it lost.
    pub loss: LineId,
    /// Charges of the month that the originator pays on it.
    pub charges: Option<LineId>,
}

/// Lowers the refunds on what survives default; `None` when no segment has any.
///
/// `diluted = MIN(surviving, ROUND(surviving × rate × season, 2))`
pub(super) fn lower(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    plan: &Plan,
    surviving: LineId,
) -> Option<Diluted> {
    let refunds = |segment: &Segment| segment.dilution.is_some();
    if !assumptions.segments.iter().any(refunds) {
        return None;
    }
    let rate = rate(lines, pool, assumptions, timeline);
    let column = |key: &str, part| {
        Column::month(Topic::Collections, Dim::Cohort, &format!("collections.{key}"), part)
    };
    let refund = Formula::portion(Formula::Line(surviving), vec![Formula::Line(rate)], vec![]);
    let refund = Formula::Least(vec![Formula::Line(surviving), refund]);
    let diluted = lines.compute(column("diluted", "diluted"), refund);
    let paid = column("dilution_paid", "dilution_paid");
    let paid = by_segment(lines, paid, pool, assumptions, |lines, place, segment| {
        let Some(dilution) = &segment.dilution else { return Formula::ZERO };
        let (key, part) = ("dilution_compensated", "compensated");
        let share = segment_rate(lines, (place, segment), key, part, dilution.compensated);
        Formula::portion(Formula::Line(diluted), vec![Formula::Input(share)], vec![])
    });
    let loss = Formula::less(Formula::Line(diluted), Formula::Line(paid));
    let loss = lines.compute(column("dilution_loss", "dilution_loss"), loss);
    let charged = |segment: &Segment| segment.dilution.as_ref().is_some_and(|d| d.charges);
    let charges = assumptions.segments.iter().any(charged).then(|| {
        let column = column("dilution_charges", "dilution_charges");
        by_segment(lines, column, pool, assumptions, |_, _, segment| match charged(segment) {
            true => plan.charges_on(paid),
            false => Formula::ZERO,
        })
    });
    Some(Diluted { diluted, paid, loss, charges })
}

/// The share that is refunded: the curve, times the season where there is one.
fn rate(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
) -> LineId {
    let of = |cohort: &Cohort| assumptions.segments[cohort.segment].dilution.as_ref();
    let values = |value: &dyn Fn(&Cohort, &Dilution, usize) -> Rate| -> Vec<i64> {
        let months = 1..timeline.months.len();
        let at = |month| {
            pool.cohorts
                .iter()
                .map(move |cohort| of(cohort).map_or(0, |d| value(cohort, d, month).parts()))
        };
        months.flat_map(at).collect()
    };
    let column = |key: &str, part| Column::month(Topic::Rates, Dim::Cohort, key, part);
    let curve = values(&|cohort, dilution, month| {
        let past = past(cohort, dilution.since, timeline, month);
        past.and_then(|past| dilution.rates.get(past)).copied().unwrap_or(Rate::ZERO)
    });
    let curve = lines.given(column("rates.dilution_curve", "dilution_curve"), Sort::Rate, curve);
    let seasonal = |segment: &Segment| {
        segment.dilution.as_ref().is_some_and(|dilution| !dilution.season.is_empty())
    };
    if !assumptions.segments.iter().any(seasonal) {
        return curve;
    }
    let season = values(&|_, dilution, month| {
        let calendar = chrono::Datelike::month0(&timeline.months[month]);
        let place = usize::try_from(calendar).expect("a year has 12 months");
        dilution.season.get(place).copied().unwrap_or(Rate::ONE)
    });
    let season =
        lines.given(column("rates.dilution_season", "dilution_season"), Sort::Rate, season);
    let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
    let product = Formula::Quotient {
        part: Box::new(Formula::Line(curve)),
        times: vec![Formula::Line(season)],
        whole: Box::new(Formula::ONE),
        places: (places, Rate::DECIMALS),
        rounding: Rounding::HalfUp,
    };
    lines.compute(column("rates.dilution", "dilution_rate"), product)
}

/// How many months the curve has behind it in a month, from 0; `None` before it begins.
fn past(cohort: &Cohort, since: Since, timeline: &Timeline, month: usize) -> Option<usize> {
    match since {
        Since::Origination => {
            let origination = cohort.origination?;
            let months = crate::time::months_between(origination, timeline.months[month]);
            usize::try_from(months).ok()
        }
        // What is bought within a month behaves from the next one on.
        Since::Joining => {
            month.checked_sub(cohort.months_before() + usize::from(cohort.bought.is_some()) + 1)
        }
    }
}
