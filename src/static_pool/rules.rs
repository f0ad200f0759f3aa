//! What the rows of a static pool must meet: the identities between their columns.

use super::measure::Column;
use super::read::Places;
use super::{Form, Measure, Month, StaticPool, Vintage};
use crate::finding::Finding;
use crate::money::Amount;

/// Checks every vintage; findings name the cell.
pub(super) fn check(pool: &StaticPool, places: &Places) -> Vec<Finding> {
    let mut findings = Vec::new();
    for vintage in &pool.vintages {
        let mut check = Check { vintage, places, base: pool.mob_base, findings: &mut findings };
        // A table of months knows no ages.
        let aged = pool.form != Form::Dynamic;
        if aged {
            check.gaps();
        }
        let mut before: Option<&Month> = None;
        for month in vintage.months.values() {
            check.buckets(month);
            check.cumulative(before, month);
            if aged {
                check.age(month);
                check.limits(month);
            }
            check.roll_forward(before, month);
            before = Some(month);
        }
    }
    findings
}

struct Check<'a> {
    vintage: &'a Vintage,
    places: &'a Places,
    base: u32,
    findings: &'a mut Vec<Finding>,
}

impl Check<'_> {
    fn find(
        &mut self,
        code: &'static str,
        month: &Month,
        at: Measure,
        facts: &[(&'static str, Amount)],
    ) {
        let origin = self.places.cell(Column::Amount(at), month.row);
        let mut finding = Finding::new(code, origin).with("vintage", self.vintage.name());
        finding = finding.with("mob", month.mob);
        for (name, amount) in facts {
            finding = finding.with(name, amount.grouped());
        }
        self.findings.push(finding);
    }

    /// Ages between the first and the last that are not there.
    fn gaps(&mut self) {
        let ages: Vec<u32> = self.vintage.months.keys().copied().collect();
        for pair in ages.windows(2).filter(|pair| pair[1] > pair[0] + 1) {
            let row = self.vintage.months[&pair[1]].row;
            let origin = self.places.cell(Column::Mob, row);
            let finding = Finding::new("V0113", origin).with("vintage", self.vintage.name());
            self.findings.push(finding.with("from", pair[0]).with("to", pair[1]));
        }
    }

    /// The age is the months from origination to the day of observation.
    fn age(&mut self, month: &Month) {
        let since = crate::time::months_between(self.vintage.month, month.date);
        let expected = since + i32::try_from(self.base).expect("0 or 1");
        if month.row != 0 && i64::from(expected) != i64::from(month.mob) {
            let origin = self.places.cell(Column::Mob, month.row);
            let finding = Finding::new("V0106", origin).with("vintage", self.vintage.name());
            let finding = finding.with("date", month.date).with("mob", month.mob);
            self.findings.push(finding.with("expected", expected));
        }
    }

    /// Balance = normal + buckets.
    fn buckets(&mut self, month: &Month) {
        let (Some(balance), Some(normal)) =
            (month.get(Measure::BalanceEnd), month.get(Measure::Normal))
        else {
            return;
        };
        let Some(past_due) = month.past_due(0) else { return };
        let sum = normal + past_due;
        if sum != balance {
            let facts = [("balance", balance), ("sum", sum), ("difference", balance - sum)];
            self.find("V0107", month, Measure::BalanceEnd, &facts);
        }
    }

    /// Cumulative = what it was + what is new, and never less.
    fn cumulative(&mut self, before: Option<&Month>, month: &Month) {
        let pairs =
            [(Measure::CumDefault, Measure::NewDefault), (Measure::CumRecovery, Measure::Recovery)];
        for (cumulative, fresh) in pairs {
            let Some(now) = month.get(cumulative) else { continue };
            let former = before.and_then(|before| before.get(cumulative));
            if let Some(former) = former.filter(|former| now < *former) {
                self.find("V0109", month, cumulative, &[("before", former), ("now", now)]);
                continue;
            }
            let adjoining = before.is_some_and(|before| before.mob + 1 == month.mob);
            let (Some(former), Some(fresh), true) = (former, month.get(fresh), adjoining) else {
                continue;
            };
            if former + fresh != now {
                let facts = [("before", former), ("new", fresh), ("now", now)];
                let facts = [&facts[..], &[("difference", now - former - fresh)]].concat();
                self.find("V0108", month, cumulative, &facts);
            }
        }
    }

    /// Defaults within what was lent, recoveries within defaults.
    fn limits(&mut self, month: &Month) {
        let Some(defaulted) = self.vintage.cum_default(month.mob) else { return };
        if defaulted > self.vintage.original {
            let facts = [("defaulted", defaulted), ("original", self.vintage.original)];
            self.find("V0110", month, Measure::CumDefault, &facts);
        }
        if let Some(recovered) = self.vintage.cum_recovery(month.mob)
            && recovered > defaulted
        {
            let facts = [("recovered", recovered), ("defaulted", defaulted)];
            self.find("V0111", month, Measure::CumRecovery, &facts);
        }
    }

    /// Balance = balance before − scheduled − prepaid − refund − repurchased − defaults, whether
    /// defaults leave the balance or stay in it until they are written off.
    fn roll_forward(&mut self, before: Option<&Month>, month: &Month) {
        let adjoining = before.filter(|before| before.mob + 1 == month.mob);
        let opening = month.get(Measure::BalanceBegin);
        let opening = opening.or(adjoining.and_then(|before| before.get(Measure::BalanceEnd)));
        let (Some(opening), Some(closing), Some(scheduled)) =
            (opening, month.get(Measure::BalanceEnd), month.get(Measure::Scheduled))
        else {
            return;
        };
        let flows = [Measure::Prepaid, Measure::Refund, Measure::Repurchased];
        let paid: Amount = flows.iter().filter_map(|flow| month.get(*flow)).sum();
        let stays = opening - scheduled - paid;
        let fresh = self.vintage.new_default(month.mob).unwrap_or_default();
        let written_off = month.get(Measure::WrittenOff).unwrap_or_default();
        if ![stays - fresh, stays, stays - written_off].contains(&closing) {
            let expected = stays - fresh;
            let facts = [("opening", opening), ("scheduled", scheduled), ("paid", paid)];
            let more = [
                ("defaulted", fresh),
                ("expected", expected),
                ("closing", closing),
                ("difference", closing - expected),
            ];
            self.find("V0112", month, Measure::BalanceEnd, &[&facts[..], &more[..]].concat());
        }
    }
}
