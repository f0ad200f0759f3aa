//! Parts of a stress that find nothing to act on: said, never passed over.
//!
//! | Part                                            | Acts on                                     |
//! |-------------------------------------------------|---------------------------------------------|
//! | `default_multiple`, `default_shift`, `shock`    | `cdr`, `mdr`, a cumulative ratio, roll rates |
//! | `default_timing`                                | a cumulative ratio                          |
//! | `prepayment_multiple`                           | `cpr`, `smm`, `abs_speed`                   |
//! | `recovery_haircut`, `recovery_delay`            | the recovery curve of what defaults         |
//! | `holiday`                                       | schedules and credit lines                  |

use super::{Assumptions, Defaults, Segment, SegmentStress, Stress};
use crate::finding::{Finding, Origin};
use crate::money::Rate;

impl Stress {
    /// For each part that is not neutral the segments that it leaves as they are: all (A0280), or
    /// some (A0281).
    pub(super) fn idle(&self, base: &Assumptions) -> Vec<Finding> {
        // The segment that only takes what no other does says nothing of its own.
        let stated = |segment: &&Segment| segment.origin != Origin::default();
        let all: Vec<&Segment> = base.segments.iter().filter(stated).collect();
        let parts = self.keys.iter().filter(|(key, _)| !self.is_neutral(key));
        let of_all = parts.filter_map(|(key, origin)| idle(key, origin, &all));
        let of_one = self.segments.iter().flat_map(|own| {
            let named: Vec<&Segment> =
                all.iter().copied().filter(|segment| own.names(segment)).collect();
            own.parts().filter_map(move |key| idle(key, &own.origin, &named))
        });
        of_all.chain(of_one).collect()
    }

    /// Whether a part as stated changes nothing.
    fn is_neutral(&self, key: &str) -> bool {
        match key {
            "default_multiple" => self.default_multiple == Rate::ONE,
            "default_shift" => self.default_shift == Rate::ZERO,
            "prepayment_multiple" => self.prepayment_multiple == Rate::ONE,
            "recovery_haircut" => self.recovery_haircut == Rate::ZERO,
            "recovery_delay" => self.recovery_delay == 0,
            "holiday" => self.holiday.is_none_or(|window| window.months == 0),
            "shock" => {
                self.shock.is_none_or(|of| of.window.months == 0 || of.multiple == Rate::ONE)
            }
            _ => self.timing.is_none(),
        }
    }
}

impl SegmentStress {
    /// What it multiplies.
    fn parts(&self) -> impl Iterator<Item = &'static str> {
        let parts = [
            ("default_multiple", self.default_multiple),
            ("prepayment_multiple", self.prepayment_multiple),
        ];
        parts.into_iter().filter(|(_, multiple)| *multiple != Rate::ONE).map(|(key, _)| key)
    }
}

/// The segments that a part leaves as they are. Those that default by rates have a finding of their
/// own about timing (A0301).
fn idle(key: &str, origin: &Origin, segments: &[&Segment]) -> Option<Finding> {
    let by_rates = |segment: &Segment| {
        key == "default_timing" && (defaults(segment) || segment.delinquency.is_some())
    };
    let (moved, still): (Vec<&Segment>, Vec<&Segment>) =
        segments.iter().copied().partition(|segment| moves(segment, key) || by_rates(segment));
    if still.is_empty() {
        return None;
    }
    let code = if moved.is_empty() { "A0280" } else { "A0281" };
    let names: Vec<String> = still.iter().map(|segment| segment.name.both()).collect();
    let finding = Finding::new(code, origin.clone()).with("key", key);
    Some(finding.with("segments", names.join(", ")))
}

impl Assumptions {
    /// Whether a multiple of default rates has anything to act on.
    pub fn have_default_rates(&self) -> bool {
        self.segments.iter().any(|segment| moves(segment, "default_multiple"))
    }
}

/// Whether a segment has what a part acts on.
fn moves(segment: &Segment, key: &str) -> bool {
    let falls = defaults(segment) || segment.delinquency.is_some();
    match key {
        "default_multiple" | "default_shift" | "shock" => falls,
        "default_timing" => matches!(segment.default, Defaults::Cumulative { .. }),
        "prepayment_multiple" => segment.prepayment.speed().is_some(),
        "recovery_haircut" | "recovery_delay" => {
            segment.recovery.is_some() && (falls || segment.defaulted)
        }
        "holiday" => !segment.defaulted,
        _ => true,
    }
}

/// What defaults already, or not at all, has no default rate to act on.
fn defaults(segment: &Segment) -> bool {
    segment.default != Defaults::None && !segment.defaulted
}
