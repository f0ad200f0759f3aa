//! Stress: an overlay on any assumptions, lowered into them before the model.
//!
//! ```text
//! default        rate' = MIN(rate · multiple + shift, 1)      of what the segment states
//! timing         shares of the first, second and last third of the default timing
//! prepayment     speed' = MIN(speed · multiple, 1)
//! recovery       rate' = rate · (1 − haircut), the lag begins so many months later
//! shock          default rates, or the roll rate of the current, of a window of months × multiple
//! holiday        the contract cash of a window of months comes after it, all later cash with it;
//!                credit lines owe nothing in the window
//! ```
//!
//! A stress of multiples 1, shift 0, haircut 0 and no windows changes nothing, to the byte.

use super::{Assumptions, Curve, Defaults, Prepayment, Recovery, Segment};
use crate::config::Text;
use crate::finding::{Finding, Origin};
use crate::money::{Rate, Rounding, portion};

/// The most that a rate is multiplied by.
pub(super) const MULTIPLE_MOST: Rate = Rate::from_parts(2000 * Rate::ONE.parts());

/// Months of projection: the first and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first month, from 1.
    pub start: u32,
    /// How many.
    pub months: u32,
}

impl Window {
    /// Whether a month of projection is within.
    pub fn has(self, month: u32) -> bool {
        (self.start..self.start.saturating_add(self.months)).contains(&month)
    }
}

/// Default rates of some months are a multiple of what they were: a one-off event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shock {
    /// The months.
    pub window: Window,
    /// The multiple.
    pub multiple: Rate,
}

impl Shock {
    /// The rate in a month of projection.
    pub fn on(self, rate: Rate, month: u32) -> Rate {
        if self.window.has(month) { scaled(rate, self.multiple) } else { rate }
    }
}

/// Other multiples for one segment: high rates prepay first, one product defaults more.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentStress {
    /// The segment, by its name in either language.
    pub name: String,
    /// On top of the multiple for all.
    pub default_multiple: Rate,
    /// On top of the multiple for all.
    pub prepayment_multiple: Rate,
    /// Where it stands in the file.
    pub origin: Origin,
}

/// A stress.
#[derive(Clone, Debug, PartialEq)]
pub struct Stress {
    /// Default rates × this.
    pub default_multiple: Rate,
    /// Added to default rates that are not zero for life.
    pub default_shift: Rate,
    /// The shares of the thirds of the default timing.
    pub timing: Option<[Rate; 3]>,
    /// Prepayment speeds × this.
    pub prepayment_multiple: Rate,
    /// What is lost of each recovery rate.
    pub recovery_haircut: Rate,
    /// Months by which recoveries come later.
    pub recovery_delay: u32,
    /// Months without contract cash.
    pub holiday: Option<Window>,
    /// A one-off event.
    pub shock: Option<Shock>,
    /// By segment.
    pub segments: Vec<SegmentStress>,
    /// Where the timing stands in the file, or the holiday.
    pub origin: Origin,
    /// The keys that the file states, with their places.
    pub keys: Vec<(&'static str, Origin)>,
}

impl Default for Stress {
    fn default() -> Stress {
        Stress {
            default_multiple: Rate::ONE,
            default_shift: Rate::ZERO,
            timing: None,
            prepayment_multiple: Rate::ONE,
            recovery_haircut: Rate::ZERO,
            recovery_delay: 0,
            holiday: None,
            shock: None,
            segments: Vec::new(),
            origin: Origin::default(),
            keys: Vec::new(),
        }
    }
}

/// A stress with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its id, for files and figures.
    pub id: String,
    /// Its name, for readers.
    pub name: Text,
    /// The stress.
    pub stress: Stress,
}

impl Stress {
    /// The same assumptions under the stress.
    ///
    /// ```
    /// use cashfall::assumptions::{Assumptions, Curve, Defaults, Stress};
    /// let file = "[[segment]]\ncdr = \"3 %\"\n";
    /// let (base, _) = Assumptions::from_toml("base.toml", file).accept().unwrap();
    /// let double = Stress { default_multiple: "2".parse().unwrap(), ..Stress::default() };
    /// let expected = Defaults::Cdr(Curve::Constant("6 %".parse().unwrap()));
    /// assert_eq!(double.on(&base).segments[0].default, expected);
    /// ```
    #[must_use]
    pub fn on(&self, base: &Assumptions) -> Assumptions {
        let segments = base.segments.iter().map(|segment| self.on_segment(segment)).collect();
        Assumptions { segments, holiday: self.holiday.or(base.holiday), ..base.clone() }
    }

    fn on_segment(&self, segment: &Segment) -> Segment {
        let own = self.segments.iter().filter(|own| own.names(segment));
        let (mut defaults, mut prepays) = (self.default_multiple, self.prepayment_multiple);
        for own in own {
            defaults = uncapped(defaults, own.default_multiple).min(MULTIPLE_MOST);
            prepays = uncapped(prepays, own.prepayment_multiple).min(MULTIPLE_MOST);
        }
        let shock = self.shock;
        let shock = shock.filter(|shock| shock.multiple != Rate::ONE && shock.window.months > 0);
        let default = match &segment.default {
            Defaults::None => Defaults::None,
            Defaults::Cdr(curve) => Defaults::Cdr(self.of_curve(curve, defaults, shock)),
            Defaults::Mdr(curve) => Defaults::Mdr(self.of_curve(curve, defaults, shock)),
            Defaults::Cumulative { ratio, timing } => Defaults::Cumulative {
                ratio: self.defaulting(*ratio, defaults),
                timing: self.timing.map_or_else(|| timing.clone(), |shares| thirds(timing, shares)),
            },
        };
        // Who rolls out of the current receivables is what rolls into default later.
        let delinquency = segment.delinquency.as_ref().map(|rates| {
            let mut rates = rates.clone();
            rates.roll[0] = self.defaulting(rates.roll[0], defaults);
            rates
        });
        let speed = |curve: &Curve| curve.map(&|rate| scaled(rate, prepays));
        let prepayment = match &segment.prepayment {
            Prepayment::None => Prepayment::None,
            Prepayment::Cpr(curve) => Prepayment::Cpr(speed(curve)),
            Prepayment::Smm(curve) => Prepayment::Smm(speed(curve)),
            Prepayment::Abs(curve) => Prepayment::Abs(speed(curve)),
        };
        let by_month = matches!(default, Defaults::Cumulative { .. }) || delinquency.is_some();
        let recovery = segment.recovery.as_ref().map(|recovery| self.recovering(recovery));
        let shock = shock.filter(|_| by_month).or(segment.shock);
        Segment { default, prepayment, recovery, shock, delinquency, ..segment.clone() }
    }

    fn defaulting(&self, rate: Rate, multiple: Rate) -> Rate {
        let raised = uncapped(rate, multiple).parts().saturating_add(self.default_shift.parts());
        Rate::from_parts(raised).min(Rate::ONE)
    }

    fn of_curve(&self, curve: &Curve, multiple: Rate, shock: Option<Shock>) -> Curve {
        let curve = curve.map(&|rate| self.defaulting(rate, multiple));
        match shock {
            Some(shock) => Curve::Shocked { curve: Box::new(curve), shock },
            None => curve,
        }
    }

    fn recovering(&self, recovery: &Recovery) -> Recovery {
        let kept = Rate::from_parts(Rate::ONE.parts() - self.recovery_haircut.parts());
        let delay = usize::try_from(self.recovery_delay).expect("months are few");
        let mut lag = vec![Rate::ZERO; delay];
        lag.extend(&recovery.lag);
        let (rate, delay) = (scaled(recovery.rate, kept), recovery.delay + delay);
        Recovery { rate, lag, delay, ..recovery.clone() }
    }

    /// What does not fit some assumptions: a timing without defaults that have one (A0301), a
    /// segment that is not there (A0302), and what finds nothing to act on (A0280, A0281).
    pub fn misfits(&self, base: &Assumptions) -> Vec<Finding> {
        let mut findings = self.idle(base);
        let timed = |segment: &Segment| match segment.default {
            Defaults::Cumulative { .. } => true,
            Defaults::None => segment.delinquency.is_none(),
            Defaults::Cdr(_) | Defaults::Mdr(_) => false,
        };
        if self.timing.is_some()
            && let Some(segment) = base.segments.iter().find(|segment| !timed(segment))
        {
            let finding = Finding::new("A0301", self.origin.clone());
            findings.push(finding.with("segment", segment.name.both()));
        }
        for own in &self.segments {
            if !base.segments.iter().any(|segment| own.names(segment)) {
                let known =
                    base.segments.iter().map(|segment| format!("`{}`", segment.name.both()));
                let finding = Finding::new("A0302", own.origin.clone()).with("segment", &own.name);
                findings.push(finding.with("known", known.collect::<Vec<_>>().join(", ")));
            }
        }
        findings
    }
}

impl SegmentStress {
    pub(super) fn names(&self, segment: &Segment) -> bool {
        [&segment.name.zh, &segment.name.en].contains(&&self.name)
    }
}

/// A rate times a multiple, at most 1, half up at the last place.
fn scaled(rate: Rate, multiple: Rate) -> Rate {
    uncapped(rate, multiple).min(Rate::ONE)
}

fn uncapped(rate: Rate, multiple: Rate) -> Rate {
    let times = &[multiple.parts()];
    Rate::from_parts(portion(rate.parts(), times, &[Rate::ONE.parts()], Rounding::HalfUp))
}

/// A timing of the same length whose thirds have these shares, even within each. Sums to what the
/// shares sum to.
fn thirds(timing: &[Rate], shares: [Rate; 3]) -> Vec<Rate> {
    let months = timing.iter().rposition(|share| *share > Rate::ZERO).map_or(0, |last| last + 1);
    let cumulative = |month: usize| -> i64 {
        let (full, rest) = (3 * month / months, 3 * month % months);
        let done: i64 = shares[..full.min(3)].iter().map(|share| share.parts()).sum();
        let [rest, months] = [rest, months].map(|n| i64::try_from(n).expect("months are few"));
        let next = shares.get(full).map_or(0, |share| share.parts());
        done + portion(next, &[rest], &[months], Rounding::HalfUp)
    };
    (0..months).map(|m| Rate::from_parts(cumulative(m + 1) - cumulative(m))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_of_any_length_sum_to_one() {
        let rate = |text: &str| text.parse::<Rate>().expect("a rate");
        let front = [rate("0.5"), rate("0.3"), rate("0.2")];
        for months in 1..40 {
            let even = vec![Rate::ONE; months];
            let spread = thirds(&even, front);
            let sum: i64 = spread.iter().map(|share| share.parts()).sum();
            assert_eq!((spread.len(), sum), (months, Rate::ONE.parts()));
        }
        let six = thirds(&[Rate::ONE; 6], front);
        let shown: Vec<String> = six.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["0.25", "0.25", "0.15", "0.15", "0.1", "0.1"]);
    }
}
