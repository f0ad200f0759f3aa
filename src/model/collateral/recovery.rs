//! What comes back after default, by segment.

use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use crate::assumptions::Assumptions;
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::money::Rate;

/// Lowers the recoveries.
pub(super) fn recoveries(
    lines: &mut Builder,
    assumptions: &Assumptions,
    defaulted: LineId,
) -> Option<LineId> {
    if assumptions.segments.iter().all(|segment| segment.recovery.is_none()) {
        return None;
    }
    let column = |key: &str, part| {
        Column::month(Topic::Recoveries, Dim::Segment, &format!("recoveries.{key}"), part)
    };
    let total = lines.compute(column("defaulted", "defaulted"), Formula::Total(defaulted));
    let by_element = assumptions.segments.iter().enumerate().map(|(place, segment)| {
        let (rate, lag) = match &segment.recovery {
            Some(recovery) => (recovery.rate, recovery.lag.clone()),
            None => (Rate::ZERO, vec![Rate::ONE]),
        };
        // The longest lag stands on top, so that weights run with the months of the window.
        let mut weights: Vec<InputId> = lag
            .iter()
            .enumerate()
            .rev()
            .map(|(months, share)| {
                let key = format!("segment.{}.recovery_lag.{months}", place + 1);
                lines.input(key, &segment.name, "recovery_lag", Sort::Rate, share.parts())
            })
            .collect();
        weights.reverse();
        let key = format!("segment.{}.recovery_rate", place + 1);
        let rate = lines.input(key, &segment.name, "recovery_rate", Sort::Rate, rate.parts());
        (weights, rate)
    });
    let by_element = by_element.collect();
    Some(
        lines
            .compute(column("recovered", "recovered"), Formula::Lagged { line: total, by_element }),
    )
}
