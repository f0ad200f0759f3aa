//! Checks of a whole deal before anybody relies on it: what can never happen, what must always
//! happen, and what happens in none of many random scenarios.
//!
//! ```text
//! Model ─┬─ bounds ────▶ a trigger that can never or must always fire, a clause that can never pay
//!        └─ scenarios ─▶ a clause or trigger that nothing reaches, cash that stays, juniors paid first
//! ```

mod bounds;
mod scenarios;

use super::Job;
use crate::deal::{Deal, Metric};
use crate::finding::{Finding, Origin};

impl Job {
    /// Findings about the deal as a whole (M0130–M0137), by intervals and by random scenarios.
    pub fn audit(&self) -> Vec<Finding> {
        let model = self.model();
        let file = self.manifest.files.first().map_or("", |file| file.name.as_str());
        let origin = || Origin::file(file);
        let mut findings = bounds::findings(&self.deal, &model, &origin);
        let decided: Vec<String> =
            findings.iter().filter_map(|finding| finding.facts.get("name").cloned()).collect();
        findings.extend(scenarios::findings(self, &decided, &origin));
        findings
    }
}

/// The name of a step for a sentence: its clause, or its number.
fn clause(deal: &Deal, step: usize) -> String {
    match deal.steps[step].clause.as_str() {
        "" => (step + 1).to_string(),
        clause => clause.to_string(),
    }
}

/// Whether a trigger waits for a declaration: that nobody declares it is no fault.
fn is_declared(metric: &Metric) -> bool {
    matches!(metric, Metric::Declared(_))
}
