//! Shortfall undertakings and guarantees (差额支付, 担保): a dry run of the steps they cover, the call,
//! and its cash on the same date.
//!
//! The steps down to the last covered one are lowered a second time, without movements, on the cash
//! before support: those that are not covered take and bring cash like the others. What the covered
//! ones leave unpaid is called, up to the promise's limit, and enters the waterfall with the cash.

use std::collections::BTreeMap;

use super::super::build::Builder;
use super::super::build::Column;
use super::super::line::Topic;
use super::chain::{Chain, Setting};
use super::owed::Owed;
use crate::deal::{Due, Payment, Pot};
use crate::formula::{Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

/// Lowers the support of a date; each is tested on the cash with what those before it pay.
pub(in crate::model) fn lower(
    lines: &mut Builder,
    setting: Setting,
    owed: &Owed,
    years: &mut BTreeMap<(usize, usize), LineId>,
) -> Vec<LineId> {
    let mut calls: Vec<LineId> = Vec::new();
    for place in 0..setting.deal.supports.len() {
        let mut before = owed.clone();
        if !calls.is_empty() {
            let cash = std::iter::once(owed.left[&Pot::Collection]).chain(calls.iter().copied());
            let sum = Formula::sum(cash.map(Formula::Line).collect());
            let column = column(setting, place, "cash_before");
            let cash = lines.compute(column, sum);
            lines.stock(cash);
            before.left.insert(Pot::Collection, cash);
        }
        calls.push(lower_one(lines, setting, before, years, place));
    }
    calls
}

fn column(setting: Setting, place: usize, part: &'static str) -> Column {
    let support = &setting.deal.supports[place];
    let key = format!("support.{}.{part}", support.id);
    Column::payment(Topic::Support, key, &support.name, part)
}

/// A claim that covered steps of a dry run pay.
struct Covered {
    due: Due,
    /// What each covered step should have paid of it.
    wanted: Vec<Formula>,
    /// What each covered step paid of it.
    paid: Vec<Formula>,
    /// Whether another step pays of it as well, after the first covered one.
    again: bool,
}

impl Covered {
    /// Notes a payment of the dry run with its claim, once a covered step pays of it.
    fn note(claims: &mut Vec<Covered>, covers: bool, due: Due, wanted: Formula, paid: LineId) {
        let known = claims.iter_mut().find(|claim| claim.due == due);
        let paid = Formula::Line(paid);
        match (known, covers) {
            (Some(claim), true) => {
                claim.wanted.push(wanted);
                claim.paid.push(paid);
                claim.again = true;
            }
            (Some(claim), false) => claim.again = true,
            (None, true) => {
                let (wanted, paid) = (vec![wanted], vec![paid]);
                claims.push(Covered { due, wanted, paid, again: false });
            }
            (None, false) => {}
        }
    }

    /// What the covered steps should have paid, and what they paid. A claim of several steps is short
    /// by what they left short together, since a step may have been shut or capped, but by no more
    /// than what is outstanding after the last.
    fn due_and_paid(self, dry: &mut Chain) -> (Formula, Formula) {
        let (wanted, paid) = (Formula::sum(self.wanted), Formula::sum(self.paid));
        if !self.again {
            return (wanted, paid);
        }
        let short = Formula::less(wanted, paid.clone());
        let payment = Payment { due: self.due, cap: None, cap_per_year: None };
        let (outstanding, _) = dry.outstanding(0, &payment);
        let short = Formula::Least(vec![short, outstanding]);
        (Formula::sum(vec![paid.clone(), short]), paid)
    }
}

fn lower_one(
    lines: &mut Builder,
    setting: Setting,
    owed: Owed,
    years: &mut BTreeMap<(usize, usize), LineId>,
    place: usize,
) -> LineId {
    let support = &setting.deal.supports[place];
    let mut dry = Chain::new(lines, setting, owed, years, Some(support.id.clone()));
    let last = support.covers.last().map_or(0, |last| last + 1);
    let mut claims: Vec<Covered> = Vec::new();
    for step in 0..last {
        dry.one(step);
        let covers = support.covers.contains(&step);
        for (due, wanted, paid) in std::mem::take(&mut dry.wanted) {
            Covered::note(&mut claims, covers, due, wanted, paid);
        }
    }
    let (due, paid): (Vec<Formula>, Vec<Formula>) =
        claims.into_iter().map(|claim| claim.due_and_paid(&mut dry)).unzip();
    let mut of = |part: &'static str, formula: Formula| {
        let line = lines.compute(column(setting, place, part), formula);
        lines.stock(line)
    };
    let due = of("covered_due", Formula::sum(due));
    let paid = of("covered_paid", Formula::sum(paid));
    let short = of("covered_short", Formula::less(Formula::Line(due), Formula::Line(paid)));
    let mut bounds = vec![Formula::Line(short)];
    let mut total = None;
    if let Some(limit) = support.limit {
        let key = format!("support.{}.limit", support.id);
        let limit = lines.input(key, &support.name, "limit", Sort::Amount, limit.minor());
        let before = lines.promise(column(setting, place, "called_before"), Sort::Amount);
        lines.stock(before);
        bounds.push(Formula::excess(Formula::Input(limit), Formula::Line(before)));
        total = Some(before);
    }
    let amount = if bounds.len() == 1 { bounds.remove(0) } else { Formula::Least(bounds) };
    let amount = match support.when {
        Some(flag) => Formula::when(setting.scope.definition(flag), amount, Formula::ZERO),
        None => amount,
    };
    let call = lines.compute(column(setting, place, "called"), amount);
    let to = Account::Collection;
    lines.moves(call, Movement { from: Account::Supporter(place), to });
    if let Some(before) = total {
        let sum = Formula::sum(vec![Formula::Line(before), Formula::Line(call)]);
        let total = lines.compute(column(setting, place, "called_to_date"), sum);
        lines.stock(total);
        lines.keep(before, Formula::Prior(total));
    }
    call
}
