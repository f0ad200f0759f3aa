//! What comes back after default, by segment: recoveries by lag, their cost, and the sale of what is
//! left.
//!
//! ```text
//! defaulted ─┬─ by lag ─▶ collected ─┬─ cost
//!            │                       └─▶ recovered
//!            └─ at an age, or on a day ─▶ sold (nothing more comes of it)
//! ```
//!
//! What was in default before the cut-off date recovers by cohort, from the age that it has reached.

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::Collateral;
use super::in_default::Before;
use super::rates::segment_rate;
use crate::assumptions::{Assumptions, Disposal, SaleTime, Segment};
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::money::Rate;

/// What comes back.
pub(super) struct Recovered {
    /// Recoveries, less their cost.
    pub recovered: LineId,
    /// Prices of what is sold.
    pub sold: Option<LineId>,
}

fn column(key: &str, part: &'static str) -> Column {
    Column::month(Topic::Recoveries, Dim::Segment, &format!("recoveries.{key}"), part)
}

/// Lowers the recoveries.
pub(super) fn recoveries(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    defaulted: LineId,
) -> Option<Recovered> {
    let sells = |segment: &Segment| segment.disposal.is_some();
    let comes_back = |segment: &Segment| segment.recovery.is_some() || sells(segment);
    if !assumptions.segments.iter().any(comes_back) {
        return None;
    }
    let total = lines.compute(column("defaulted", "defaulted"), Formula::Total(defaulted));
    let before = Before::lower(lines, pool, assumptions, timeline);
    // What defaults from the cut-off date on.
    let fresh = before.as_ref().map_or(total, |before| {
        let fresh = Formula::less(Formula::Line(total), Formula::Total(before.balance));
        lines.compute(column("fresh", "defaulted_since_cutoff"), fresh)
    });
    let by_lag = by_lag(lines, assumptions);
    let of = |line| Formula::Lagged { line, by_element: by_lag.clone() };
    let with = |of_fresh: Formula, old: Option<LineId>| {
        Formula::sum(std::iter::once(of_fresh).chain(old.map(Formula::Total)).collect())
    };
    let old = before.as_ref().map(|before| before.collected);
    let costs = assumptions.segments.iter().any(|segment| segment.recovery_cost.parts() != 0);
    if !costs && !assumptions.segments.iter().any(sells) {
        let recovered = lines.compute(column("recovered", "recovered"), with(of(fresh), old));
        return Some(Recovered { recovered, sold: None });
    }
    let day = day_of_sale(lines, assumptions, timeline, (total, fresh));
    let by_lag = match &day {
        // Of what was sold nothing more comes.
        Some(day) => Formula::when(Formula::Line(day.after), of(day.kept), of(fresh)),
        None => of(fresh),
    };
    let by_lag = lines.compute(column("by_lag", "recovered_by_lag"), with(by_lag, old));
    let exposure = lines.promise(column("exposure", "exposure"), Sort::Amount);
    lines.stock(exposure);
    let least = |amount: Formula, most: Formula| Formula::Least(vec![amount, most]);
    let collected = least(Formula::Line(by_lag), Formula::Line(exposure));
    let collected = lines.compute(column("collected", "collected_of_defaults"), collected);
    let left = || Formula::less(Formula::Line(exposure), Formula::Line(collected));
    let sold = assumptions.segments.iter().any(sells).then(|| {
        let price = price(lines, assumptions, fresh, day.as_ref());
        let price = with(price, before.as_ref().and_then(|before| before.sold));
        lines.compute(column("sold", "disposed"), least(price, left()))
    });
    let mut terms = vec![Formula::Line(collected)];
    terms.extend(sold.map(Formula::Line));
    let gone = Formula::less(Formula::Line(exposure), Formula::sum(terms));
    let unrecovered = lines.compute(column("unrecovered", "unrecovered"), gone);
    lines.stock(unrecovered);
    let exposed = Formula::sum(vec![Formula::Prior(unrecovered), Formula::Line(total)]);
    lines.keep(exposure, exposed);
    let cost = assumptions.segments.iter().enumerate().map(|(place, segment)| {
        let part = "recovery_cost";
        let share = segment_rate(lines, (place, segment), part, part, segment.recovery_cost);
        Formula::portion(Formula::Line(collected), vec![Formula::Input(share)], vec![])
    });
    let cost = Formula::ByElement(cost.collect());
    let cost = lines.compute(column("cost", "cost_of_recovery"), cost);
    let net = Formula::less(Formula::Line(collected), Formula::Line(cost));
    let recovered = lines.compute(column("recovered", "recovered"), net);
    Some(Recovered { recovered, sold })
}

/// For each segment the weights by lag and the rate; no lag beyond the age of a sale.
fn by_lag(lines: &mut Builder, assumptions: &Assumptions) -> Vec<(Vec<InputId>, InputId)> {
    let by_element = assumptions.segments.iter().enumerate().map(|(place, segment)| {
        let (rate, mut lag) = match &segment.recovery {
            Some(recovery) => (recovery.rate, recovery.lag.clone()),
            None => (Rate::ZERO, vec![Rate::ONE]),
        };
        if let Some(SaleTime::Age(age)) = segment.disposal.as_ref().map(|sale| sale.when) {
            lag.truncate(age + 1);
        }
        // The longest lag stands on top, so that weights run with the months of the window.
        let mut weights: Vec<InputId> = lag
            .iter()
            .enumerate()
            .rev()
            .map(|(months, share)| {
                let key = format!("recovery_lag.{months}");
                segment_rate(lines, (place, segment), &key, "recovery_lag", *share)
            })
            .collect();
        weights.reverse();
        let part = "recovery_rate";
        let rate = segment_rate(lines, (place, segment), part, part, rate);
        (weights, rate)
    });
    by_element.collect()
}

/// The sale of a day.
struct Day {
    /// The flag of its month.
    month: LineId,
    /// The flag of the months after it.
    after: LineId,
    /// What defaults after it.
    kept: LineId,
    /// What has defaulted so far.
    stock: LineId,
}

fn day_of_sale(
    lines: &mut Builder,
    assumptions: &Assumptions,
    timeline: &Timeline,
    (total, fresh): (LineId, LineId),
) -> Option<Day> {
    let day = |segment: &Segment| match segment.disposal.as_ref().map(|sale| sale.when) {
        Some(SaleTime::Date(day)) => Some(day),
        Some(SaleTime::Age(_)) | None => None,
    };
    assumptions.segments.iter().find_map(day)?;
    let flags = |holds: &dyn Fn(usize, usize) -> bool| -> Vec<i64> {
        let of = |month: usize| {
            assumptions.segments.iter().map(move |segment| {
                let sale = day(segment).map(|day| timeline.months.partition_point(|e| *e < day));
                i64::from(sale.is_some_and(|sale| holds(month, sale)))
            })
        };
        (1..timeline.months.len()).flat_map(of).collect()
    };
    let month = column("sale_month", "sale_month");
    let month = lines.recorded(month, Sort::Flag, flags(&|month, sale| month == sale));
    let after = column("after_sale", "after_sale");
    let after = lines.recorded(after, Sort::Flag, flags(&|month, sale| month > sale));
    let kept = Formula::when(Formula::Line(after), Formula::Line(fresh), Formula::ZERO);
    let kept = lines.compute(column("kept", "defaulted_after_sale"), kept);
    let stock = lines.promise(column("stock", "cumulative_default"), Sort::Amount);
    lines.stock(stock);
    let sum = Formula::sum(vec![Formula::Prior(stock), Formula::Line(total)]);
    lines.keep(stock, sum);
    Some(Day { month, after, kept, stock })
}

/// The price: at an age `ROUND(what defaulted then × price, 2)`, on a day the same of all defaults to
/// date.
fn price(
    lines: &mut Builder,
    assumptions: &Assumptions,
    fresh: LineId,
    day: Option<&Day>,
) -> Formula {
    let price = |sale: Option<&Disposal>| sale.map_or(Rate::ZERO, |sale| sale.price);
    let (mut by_age, mut by_day, mut aged) = (Vec::new(), Vec::new(), false);
    for (place, segment) in assumptions.segments.iter().enumerate() {
        let sale = segment.disposal.as_ref();
        let part = "disposal_price";
        let price = segment_rate(lines, (place, segment), part, part, price(sale));
        let (months, weight) = match sale.map(|sale| sale.when) {
            Some(SaleTime::Age(age)) => (age, Rate::ONE),
            Some(SaleTime::Date(_)) | None => (0, Rate::ZERO),
        };
        aged |= weight == Rate::ONE;
        // As above: the longest lag on top.
        let weights = (0..=months).rev().map(|lag| {
            let weight = if lag == months { weight } else { Rate::ZERO };
            let key = format!("disposal_lag.{lag}");
            segment_rate(lines, (place, segment), &key, "disposal_lag", weight)
        });
        let mut weights: Vec<InputId> = weights.collect();
        weights.reverse();
        by_age.push((weights, price));
        by_day.push((price, matches!(sale.map(|sale| sale.when), Some(SaleTime::Date(_)))));
    }
    let by_age = aged.then_some(Formula::Lagged { line: fresh, by_element: by_age });
    let by_day = day.map(|day| {
        let all = by_day.into_iter().map(|(price, sells)| match sells {
            true => {
                let lump =
                    Formula::portion(Formula::Line(day.stock), vec![Formula::Input(price)], vec![]);
                Formula::when(Formula::Line(day.month), lump, Formula::ZERO)
            }
            false => Formula::ZERO,
        });
        lines.compute(column("day_price", "price_of_the_day"), Formula::ByElement(all.collect()))
    });
    Formula::sum(by_age.into_iter().chain(by_day.map(Formula::Line)).collect())
}
