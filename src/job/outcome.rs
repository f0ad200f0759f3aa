//! What a run itself has to say: cash that nobody gets.

use super::Job;
use crate::finding::{Finding, Origin};
use crate::model::{Axis, Conservation, Model, Run};
use crate::money::Amount;

/// What may stay in the accounts without a word: odd cents.
const ODD: Amount = Amount::from_minor(100);

impl Job {
    /// Findings about a run of the model: cash of more than 1.00 that is held after the last payment
    /// date (M0138), with what is then unpaid of the tranches.
    pub fn outcome(&self, model: &Model, run: &Run) -> Vec<Finding> {
        let held = Conservation::of(model, run).held;
        if held <= ODD {
            return Vec::new();
        }
        let last = model.timeline.len(Axis::Payments);
        let unpaid = |id: &str| {
            let line = model.line(&format!("tranche.{id}.closing_balance"));
            line.map_or(Amount::ZERO, |line| run.amount(line, last))
        };
        let owed: Amount = self.deal.tranches.iter().map(|tranche| unpaid(&tranche.id)).sum();
        let file = self.manifest.files.first().map_or("", |file| file.name.as_str());
        let finding = Finding::new("M0138", Origin::file(file)).with("amount", held.grouped());
        vec![finding.with("owed", owed.grouped())]
    }
}
