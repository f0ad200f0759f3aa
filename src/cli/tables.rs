//! Tables for a terminal: columns by display width, so that Chinese names align.

use unicode_width::UnicodeWidthStr;

use crate::analytics::{Purchases, of_tranche};
use crate::deal::{Deal, Due};
use crate::finding::Lang;
use crate::formula::LineId;
use crate::job::Job;
use crate::model::{Axis, Conservation, Model, Run};
use crate::money::Amount;

/// The tranches with what they were paid, and the proof that no cent was lost.
pub(super) fn tranches(deal: &Deal, model: &Model, run: &Run, lang: Lang) -> String {
    let head = match lang {
        Lang::Zh => ["证券", "利息", "本金", "剩余收益", "未付本金", "平均年限", "最后兑付"],
        Lang::En => ["tranche", "interest", "principal", "remainder", "unpaid", "WAL", "last paid"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (place, tranche) in deal.tranches.iter().enumerate() {
        let measures = of_tranche(deal, model, run, place);
        let [interest, principal, remainder] = measures.paid;
        rows.push(vec![
            tranche.name.in_lang(lang).to_string(),
            interest.grouped(),
            principal.grouped(),
            remainder.grouped(),
            measures.short.grouped(),
            measures.wal.map_or("–".to_string(), |wal| format!("{wal:.2}")),
            measures.last_paid.map_or("–".to_string(), |date| date.to_string()),
        ]);
    }
    let fees: Amount = paid(deal, model, run, |due| matches!(due, Due::Fee(_) | Due::Tax));
    let name = match lang {
        Lang::Zh => "税费",
        Lang::En => "Fees and tax",
    };
    let blank = || String::new();
    rows.push(vec![name.to_string(), fees.grouped(), blank(), blank(), blank(), blank(), blank()]);
    aligned(&rows)
        + &bought(deal, model, run, lang)
        + &breaches(deal, model, run, lang)
        + &conservation(model, run, lang)
}

/// The sub-pools of a deal with several tapes: how many receivables, their balance and share; nothing
/// for a deal with one.
pub(super) fn subpools(job: &Job, lang: Lang) -> String {
    if job.deal.subpools.is_empty() {
        return String::new();
    }
    let head = match lang {
        Lang::Zh => ["子资产池", "资产明细", "封包日", "笔数", "未偿本金", "占比"],
        Lang::En => ["sub-pool", "tape", "cut-off", "count", "outstanding", "share"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    let all = job.pool.outstanding_principal();
    for (subpool, tape) in job.deal.subpools.iter().zip(&job.tapes) {
        let own = tape.outstanding(&job.pool);
        let share = if all == Amount::ZERO { 0.0 } else { own.to_f64() / all.to_f64() };
        rows.push(vec![
            subpool.name.in_lang(lang).to_string(),
            subpool.tape.clone(),
            subpool.terms.cutoff.to_string(),
            tape.places.len().to_string(),
            own.grouped(),
            format!("{:.2} %", share * 100.0),
        ]);
    }
    aligned(&rows)
}

/// What was bought in the revolving period, and what part of the budget was spent.
fn bought(deal: &Deal, model: &Model, run: &Run, lang: Lang) -> String {
    let Some(purchases) = Purchases::of(deal, model, run) else { return String::new() };
    let [principal, price, budget] =
        [purchases.principal, purchases.price, purchases.budget].map(Amount::grouped);
    match lang {
        Lang::Zh => format!("循环购买本金 {principal}, 价款 {price}, 各期预算合计 {budget}\n"),
        Lang::En => format!(
            "Purchased {principal} of principal for {price}, of budgets that sum to {budget}\n"
        ),
    }
}

/// A line for each trigger that trips, with its first date.
fn breaches(deal: &Deal, model: &Model, run: &Run, lang: Lang) -> String {
    let mut text = String::new();
    for trigger in &deal.triggers {
        let Some(line) = model.line(&format!("trigger.{}.tripped", trigger.id)) else { continue };
        let mut ticks = 1..=model.timeline.len(Axis::Payments);
        let Some(first) = ticks.find(|tick| run.value(line, *tick, 0) != 0) else { continue };
        let date = model.date(Axis::Payments, first);
        let name = trigger.name.in_lang(lang);
        text += &match lang {
            Lang::Zh => format!("{name}: {date} 首次触发\n"),
            Lang::En => format!("{name}: first tripped on {date}\n"),
        };
    }
    text
}

fn paid(deal: &Deal, model: &Model, run: &Run, keep: impl Fn(&Due) -> bool) -> Amount {
    let mut total = Amount::ZERO;
    for (step, place, payment) in deal.steps.iter().enumerate().flat_map(|(step, s)| {
        s.pay.iter().enumerate().map(move |(place, payment)| (step, place, payment))
    }) {
        let line: Option<LineId> = model.line(&format!("step.{}.{}.paid", step + 1, place + 1));
        if keep(&payment.due) {
            total += run.total(line.expect("every payment has its line"));
        }
    }
    total
}

fn conservation(model: &Model, run: &Run, lang: Lang) -> String {
    let flows = Conservation::of(model, run);
    let [received, paid, held, difference] =
        [flows.received, flows.paid, flows.held, flows.difference()].map(Amount::grouped);
    match lang {
        Lang::Zh => format!("收入 {received} = 支付 {paid} + 留存 {held}, 差额 {difference}\n"),
        Lang::En => {
            format!("received {received} = paid {paid} + held {held}, difference {difference}\n")
        }
    }
}

/// Columns aligned by display width: the first to the left, the others to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.width());
            line += &if column == 0 { format!("{cell}{pad}") } else { format!("  {pad}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
