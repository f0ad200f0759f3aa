//! The scenarios of a limit-cut study: what each changes of the limits behind a deal.

use super::{Assumptions, Curve, Defaults, LimitEvent, Segment, Shock, Window};
use crate::config::{Document, Section, Text, nearest};
use crate::finding::{Checked, Finding, Origin};
use crate::money::Rate;

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);
/// Defaults are multiplied by at most this.
const MULTIPLIER_MOST: Rate = Rate::from_parts(Rate::ONE.parts() * 100 + 1);

/// What the study asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimitStudy {
    /// What idle cash earns a year.
    pub deposit: Rate,
    /// The scenarios beside the case as assumed.
    pub scenarios: Vec<LimitScenario>,
}

/// One scenario: what differs from the case as assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitScenario {
    /// The place in the file.
    pub origin: Origin,
    /// The name for readers.
    pub name: Text,
    /// The names of the tiers that it changes; empty for all.
    pub tiers: Vec<String>,
    /// The months in which it differs.
    pub months: Window,
    /// A cut and a freeze in these months.
    pub events: Vec<LimitEvent>,
    /// Whether temporary limits are granted.
    pub temporary: bool,
    /// Another restoration ratio ρ.
    pub restored: Option<Rate>,
    /// What the defaults of some segments are multiplied by: refinancing dries up.
    pub default_multiplier: Option<Rate>,
    /// The names of these segments; empty for all.
    pub segments: Vec<String>,
}

impl LimitStudy {
    /// Reads a file of scenarios and holds it against the assumptions of the deal.
    ///
    /// Findings: no supply (A0251), no scenario (A0250), a change that ends before it
    /// begins (A0246), a tier (A0252) or a segment (A0253) that is not there, and what
    /// any file may get wrong.
    pub fn from_toml(file: &str, text: &str, assumptions: &Assumptions) -> Checked<LimitStudy> {
        let document = match Document::parse(file, text) {
            Ok(document) => document,
            Err(findings) => return Checked::new(LimitStudy::default(), findings),
        };
        if assumptions.supply.is_none() {
            document.find(Finding::new("A0251", Origin::file(file)));
        }
        let root = document.root();
        let deposit = root.rate("deposit_rate", Rate::ONE).unwrap_or(Rate::ZERO);
        let sections = root.tables("scenario");
        if sections.is_empty() && !root.reported_any(&["scenario"]) {
            document.find(Finding::new("A0250", Origin::file(file)));
        }
        let scenarios = sections.into_iter().enumerate();
        let scenarios = scenarios.map(|(place, section)| scenario(section, place, assumptions));
        let study = LimitStudy { deposit, scenarios: scenarios.collect() };
        root.finish();
        Checked::new(study, document.into_findings())
    }
}

fn scenario(section: Section, place: usize, assumptions: &Assumptions) -> LimitScenario {
    let name = section.bilingual("name").unwrap_or_else(|| Text {
        zh: format!("情景 {}", place + 1),
        en: format!("Scenario {}", place + 1),
    });
    let tiers: Vec<Text> = assumptions
        .supply
        .iter()
        .flat_map(|supply| &supply.tiers)
        .map(|tier| tier.name.clone())
        .collect();
    let segments: Vec<Text> =
        assumptions.segments.iter().map(|segment| segment.name.clone()).collect();
    let (months, events) = super::supply_from_toml::changes(&section, &name);
    let scenario = LimitScenario {
        origin: section.origin("name"),
        tiers: named(&section, "tiers", "A0252", "tier", &tiers),
        months,
        events,
        temporary: section.flag("temporary").unwrap_or(true),
        restored: section.rate("restored", SHARE_MOST),
        default_multiplier: section.rate("default_multiplier", MULTIPLIER_MOST),
        segments: named(&section, "segments", "A0253", "segment", &segments),
        name,
    };
    section.finish();
    scenario
}

/// Names of a list, each of them known in one of the languages.
fn named(
    section: &Section,
    key: &'static str,
    code: &'static str,
    fact: &'static str,
    known: &[Text],
) -> Vec<String> {
    let names = section.texts(key);
    for name in &names {
        if known.is_empty() || known.iter().any(|text| is(text, name)) {
            continue;
        }
        let all: Vec<&str> = known.iter().map(|text| text.en.as_str()).collect();
        let quoted = |name: &str| format!("\"{name}\"");
        let list = all.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let near = nearest(name, all.iter().copied()).map_or_else(|| list.clone(), quoted);
        let facts = [(fact, name.clone()), ("suggestion", near), ("known", list)];
        section.find(code, key, &facts);
    }
    names
}

fn is(text: &Text, name: &str) -> bool {
    text.zh == name || text.en == name
}

impl Assumptions {
    /// The same assumptions under a scenario.
    #[must_use]
    pub fn under(&self, scenario: &LimitScenario) -> Assumptions {
        let mut changed = self.clone();
        let chosen = |names: &[String], text: &Text| {
            names.is_empty() || names.iter().any(|name| is(text, name))
        };
        let tiers = changed.supply.iter_mut().flat_map(|supply| &mut supply.tiers);
        for tier in tiers.filter(|tier| chosen(&scenario.tiers, &tier.name)) {
            tier.events.extend(scenario.events.iter().cloned());
            if !scenario.temporary {
                tier.temporary.clear();
            }
            tier.restored = scenario.restored.unwrap_or(tier.restored);
        }
        let Some(multiplier) = scenario.default_multiplier else { return changed };
        for segment in &mut changed.segments {
            if chosen(&scenario.segments, &segment.name) {
                *segment = segment.with_defaults_times(multiplier, scenario.months);
            }
        }
        changed
    }
}

impl Segment {
    /// The same segment with its default rates of some months multiplied, each at most 100 %; defaults
    /// that are stated for life are multiplied for life.
    ///
    /// ```
    /// use cashfall::assumptions::{Assumptions, Curve, Defaults, Window};
    /// let mut segment = Assumptions::contractual().segments.remove(0);
    /// segment.default = Defaults::Cdr(Curve::Constant("4 %".parse().unwrap()));
    /// let from_4 = Window { start: 4, months: 600 };
    /// let stressed = segment.with_defaults_times("1.5".parse().unwrap(), from_4);
    /// let Defaults::Cdr(curve) = stressed.default else { panic!("a rate stays a rate") };
    /// assert_eq!([3, 4].map(|month| curve.during(month, month).percent()), ["4 %", "6 %"]);
    /// ```
    #[must_use]
    pub fn with_defaults_times(&self, multiple: Rate, window: Window) -> Segment {
        let shock = Shock { window, multiple };
        let curve = |curve: &Curve| Curve::Shocked { curve: Box::new(curve.clone()), shock };
        let default = match &self.default {
            Defaults::None => Defaults::None,
            Defaults::Cdr(rates) => Defaults::Cdr(curve(rates)),
            Defaults::Mdr(rates) => Defaults::Mdr(curve(rates)),
            Defaults::Cumulative { ratio, timing } => {
                let always = Shock { window: Window { start: 1, months: 1 }, multiple };
                Defaults::Cumulative { ratio: always.on(*ratio, 1), timing: timing.clone() }
            }
        };
        Segment { default, ..self.clone() }
    }
}
