//! The most that a date could have spent on a list (预算使用上限): what the order of the list costs.
//!
//! Whole receivables are bought one after the other, so what stays idle depends on the order. The bound
//! lets each be bought in part, within the budget and within every limit as it stands before the date's
//! purchases: no choice of whole receivables spends more.

use super::purchases::Lines;
use crate::formula::{LineId, Sort};
use crate::model::{Axis, Model, OfferSize, Run};
use crate::money::{Amount, Rate};
use crate::portfolio::selection::most_spent;

/// The parts of limits that offers are tested against.
struct Part {
    /// What it counts of each offer.
    own: LineId,
    /// What it counts of the pool before a date's purchases, by month or by purchase date.
    before: LineId,
    /// The bound, at each date.
    bound: LineId,
    /// The greatest weight, of a floor.
    top: Option<i64>,
}

/// The limits of a list, as the model tests them.
pub(super) struct Tests {
    parts: Vec<Part>,
    pool: Option<LineId>,
    axis: Axis,
}

impl Tests {
    /// The tests of a model that buys a list; none where limits are not held.
    pub fn of(model: &Model, axis: Axis) -> Tests {
        let tested = model.lines.iter().enumerate().filter(|(_, line)| {
            line.part == "limit_allowed" && line.key.starts_with("purchase.limit.")
        });
        let part = |(_, line): (usize, &crate::model::Line)| {
            let key = line.key.strip_prefix("purchase.")?.strip_suffix(".allowed")?;
            let (limit, _) = key.rsplit_once('.')?;
            let before = match axis {
                Axis::Purchases => format!("{key}.before"),
                Axis::Months | Axis::Payments => format!("pool.{key}"),
            };
            let is_floor = limit.ends_with(".at_least");
            let bounds = ["at_most", "at_least", "average_at_most", "average_at_least"];
            let bound =
                bounds.iter().find_map(|end| model.line(&format!("{limit}.limit_{end}")))?;
            let top = model.input(&format!("{limit}.top"));
            let top = top.map_or(Rate::ONE.parts(), |input| model.inputs[input.0].value);
            Some(Part {
                own: model.line(&format!("purchase.{key}.offered"))?,
                before: model.line(&before)?,
                bound,
                top: is_floor.then_some(top),
            })
        };
        let parts = tested.filter_map(part).collect();
        Tests { parts, pool: model.line("limits.pool"), axis }
    }

    /// The most that a date could have spent of its budget.
    pub fn bound(
        &self,
        (model, run): (&Model, &Run),
        lines: &Lines,
        tick: usize,
        budget: Amount,
    ) -> f64 {
        let offers: Vec<usize> = (0..model.offers.len())
            .filter(|offer| {
                let size = &model.offers[*offer].size;
                matches!(size, OfferSize::Whole { payment, refused: None, .. } if *payment == tick)
            })
            .collect();
        let of = |line: LineId, offer: usize| Amount::from_minor(run.value(line, tick, offer));
        let each = |line: Option<LineId>| -> Vec<f64> {
            let of = |offer: &usize| line.map_or(0.0, |line| of(line, *offer).to_f64());
            offers.iter().map(of).collect()
        };
        let (prices, offered) = (each(lines.asked), each(lines.offered));
        let bought: Amount = (0..model.offers.len()).map(|offer| of(lines.bought, offer)).sum();
        let pool = self.pool.map_or(Amount::ZERO, |pool| run.amount(pool, tick) - bought);
        let row = |part: &Part| {
            let tick_before = match self.axis {
                Axis::Purchases => tick,
                Axis::Months | Axis::Payments => model.timeline.at(self.axis, tick, Axis::Months),
            };
            let before = run.amount(part.before, tick_before).to_f64();
            let bound = run.value(part.bound, tick, 0);
            let own = each(Some(part.own));
            if model.lines[part.bound.0].sort == Sort::Amount {
                return (own, Amount::from_minor(bound).to_f64() - before);
            }
            let ceiling = part.top.map_or(bound, |top| top - bound);
            let ceiling = Rate::from_parts(ceiling).to_f64();
            let over = own.iter().zip(&offered).map(|(own, all)| own - ceiling * all);
            (over.collect(), ceiling * pool.to_f64() - before)
        };
        let rows: Vec<(Vec<f64>, f64)> = self.parts.iter().map(row).collect();
        let spent: Amount = (0..model.offers.len()).map(|offer| of(lines.paid, offer)).sum();
        // The rounding of the programme takes nothing from what was spent.
        most_spent(&prices, budget.to_f64(), &rows).max(spent.to_f64())
    }
}
