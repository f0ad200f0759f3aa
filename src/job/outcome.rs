//! What a run itself has to say: cash that nobody gets, limits that purchases leave broken.

use super::Job;
use crate::finding::{Finding, Origin};
use crate::model::{Axis, Conservation, Model, Run};
use crate::money::{Amount, Rate};
use crate::portfolio::limits::Limit;

/// What may stay in the accounts without a word: odd cents.
const ODD: Amount = Amount::from_minor(100);

impl Job {
    /// Findings about a run of the model: cash of more than 1.00 that is held after the last payment
    /// date (M0138), with what is then unpaid of the tranches.
    ///
    /// Limits that do not hold after the purchases of a date (M0153), with their value on the first.
    pub fn outcome(&self, model: &Model, run: &Run) -> Vec<Finding> {
        let mut findings = self.broken_limits(model, run);
        let held = Conservation::of(model, run).held;
        if held <= ODD {
            return findings;
        }
        let last = model.timeline.len(Axis::Payments);
        let unpaid = |id: &str| {
            let line = model.line(&format!("tranche.{id}.closing_balance"));
            line.map_or(Amount::ZERO, |line| run.amount(line, last))
        };
        let owed: Amount = self.deal.tranches.iter().map(|tranche| unpaid(&tranche.id)).sum();
        let file = self.manifest.files.first().map_or("", |file| file.name.as_str());
        let finding = Finding::new("M0138", Origin::file(file)).with("amount", held.grouped());
        findings.push(finding.with("owed", owed.grouped()));
        findings
    }

    fn broken_limits(&self, model: &Model, run: &Run) -> Vec<Finding> {
        let broken = |limit: &Limit| -> Vec<Finding> {
            let end = |word: &str| {
                let of = |part: &str| model.line(&format!("limit.{}.{word}.{part}", limit.id));
                let met = of("limit_met")?;
                let axis = model.lines[met.0].axis;
                let dates = 1..=model.timeline.len(axis);
                let broken: Vec<usize> =
                    dates.filter(|date| run.value(met, *date, 0) == 0).collect();
                let first = *broken.first()?;
                let value = [("limit_value", false), ("limit_average", true)];
                let value = value.iter().find_map(|(part, plain)| {
                    let rate = Rate::from_parts(run.value(of(part)?, first, 0));
                    Some(if *plain { format!("{:.4}", rate.to_f64()) } else { rate.percent() })
                });
                let counted = || Some(run.amount(of("limit_counted")?, first).grouped());
                let value = value.or_else(counted).unwrap_or_default();
                let finding = Finding::new("M0153", limit.origin.clone()).with("id", &limit.id);
                let finding = finding.with("count", broken.len()).with("value", value);
                Some(finding.with("date", model.date(axis, first)))
            };
            ["at_most", "at_least"].into_iter().filter_map(end).collect()
        };
        self.deal.limits.iter().flat_map(broken).collect()
    }
}
