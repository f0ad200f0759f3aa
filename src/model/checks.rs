//! Zeros, if all is well: asserted by every run and live in the workbook.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::line::Topic;
use super::tranches::Closed;
use super::waterfall::{Cash, Paid};
use crate::config::Text;
use crate::deal::Deal;
use crate::formula::{Formula, LineId};

/// Lowers the checks of every payment date.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    cash: &Cash,
    paid: &Paid,
    closed: &Closed,
) {
    let column = |part: &'static str, key: String, subject: &Text| {
        Column::payment(Topic::Checks, key, subject, part)
    };
    let nobody = Text::default();
    let line = Formula::Line;
    // Cash in = cash paid + cash carried.
    let spent = paid.payments.iter().copied().chain([paid.carry]).map(line).collect();
    let conserved = Formula::less(line(cash.available), Formula::sum(spent));
    lines.compute(column("cash_conserved", "check.cash".into(), &nobody), conserved);
    // What the months collected is what the date distributes.
    let flows = months.flows.iter().map(|(flow, _)| Formula::Since(*flow)).collect();
    let collected = Formula::less(line(cash.collected), Formula::sum(flows));
    lines.compute(column("collections_agree", "check.collections".into(), &nobody), collected);
    // Opening − principal − closing, and every payment within what was outstanding.
    for (place, tranche) in deal.tranches.iter().enumerate() {
        let note = &paid.notes[place];
        let spent: Vec<LineId> =
            note.principal.iter().copied().chain([closed.closing[place]]).collect();
        let roll =
            Formula::less(line(note.opening), Formula::sum(spent.into_iter().map(line).collect()));
        let key = format!("check.tranche.{}", tranche.id);
        lines.compute(column("balance_rolls", key, &tranche.name), roll);
        let over = Formula::excess(Formula::ZERO, line(closed.closing[place]));
        let key = format!("check.overpaid.{}", tranche.id);
        lines.compute(column("not_overpaid", key, &tranche.name), over);
    }
    // Every payment is the lesser of what is due and what is left; shares of a pot sum to it.
    for (key, payee, paid_line, rule) in &paid.restated {
        let difference = Formula::less(line(*paid_line), rule.clone());
        let key = format!("check.step.{key}");
        lines.compute(column("paid_as_due", key, payee), difference);
    }
    // The tranches' sheet repeats what the waterfall paid.
    for (place, tranche) in deal.tranches.iter().enumerate() {
        let note = &paid.notes[place];
        let of_waterfall =
            Formula::sum(note.interest.paid.iter().map(|paid| line(*paid)).collect());
        let difference = Formula::less(line(closed.interest[place]), of_waterfall);
        let key = format!("check.interest.{}", tranche.id);
        lines.compute(column("interest_agrees", key, &tranche.name), difference);
    }
    // The pool rolls: what it was and what joined it, less what left it, is what it is.
    let joined = months.joined.map(Formula::Since);
    let pool = Formula::less(
        Formula::sum([Formula::Before(months.closing)].into_iter().chain(joined).collect()),
        Formula::sum(vec![
            Formula::Since(months.defaulted),
            Formula::Since(months.flows[0].0),
            Formula::Since(months.flows[1].0),
            Formula::Latest(months.closing),
        ]),
    );
    lines.compute(column("pool_rolls", "check.pool".into(), &nobody), pool);
    let overdrawn = Formula::excess(Formula::ZERO, line(paid.carry));
    lines.compute(column("not_overdrawn", "check.overdrawn".into(), &nobody), overdrawn);
}
