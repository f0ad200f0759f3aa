//! Rates of interest over time: fixed, stepped, floating; legs of swaps.

use chrono::NaiveDate;

use super::build::{Builder, Column};
use super::line::Topic;
use crate::config::Text;
use crate::deal::{Coupon, Deal, Floating, Leg, Tranche};
use crate::formula::{Formula, Sort};
use crate::money::Rate;

/// Whether a tranche's rate is one figure for life.
pub(super) fn is_constant(tranche: &Tranche) -> bool {
    matches!(tranche.coupon, Coupon::Fixed(_))
}

/// The rate of a tranche for an interest period: one input, a column of inputs, or an index with a
/// spread within cap and floor.
pub(super) fn coupon(lines: &mut Builder, deal: &Deal, tranche: &Tranche) -> Formula {
    let key = format!("tranche.{}", tranche.id);
    match &tranche.coupon {
        Coupon::Fixed(rate) => {
            let key = format!("{key}.coupon");
            Formula::Input(lines.input(key, &tranche.name, "coupon", Sort::Rate, rate.parts()))
        }
        Coupon::Stepped(steps) => {
            let column = Column::payment(
                Topic::Tranches,
                format!("{key}.coupon_in_force"),
                &tranche.name,
                "coupon",
            );
            let starts = deal.schedule.payments.iter().map(|payment| payment.accrual_from);
            Formula::Line(lines.given(column, Sort::Rate, at(steps, starts)))
        }
        Coupon::Floating(floating) => floating_rate(lines, deal, tranche, floating),
    }
}

fn floating_rate(
    lines: &mut Builder,
    deal: &Deal,
    tranche: &Tranche,
    floating: &Floating,
) -> Formula {
    let key = format!("tranche.{}", tranche.id);
    let index = &deal.indices[floating.index];
    let column = Column::payment(Topic::Tranches, format!("{key}.fixing"), &tranche.name, "fixing");
    let fixings = floating.fixings.iter().map(|rate| rate.parts()).collect();
    let fixing = lines.given(column.about(&both(&tranche.name, &index.name)), Sort::Rate, fixings);
    let mut figure = |part: &'static str, rate: Rate| {
        let key = format!("{key}.{part}");
        Formula::Input(lines.input(key, &tranche.name, part, Sort::Rate, rate.parts()))
    };
    let spread = figure("spread", floating.spread);
    let cap = floating.cap.map(|cap| figure("coupon_cap", cap));
    // A rate below zero would owe money to the issuer: the floor is zero where none is stated.
    let floor = figure("coupon_floor", floating.floor.unwrap_or(Rate::ZERO));
    let rate = Formula::Sum(vec![Formula::Line(fixing), spread]);
    let rate = match cap {
        Some(cap) => Formula::Least(vec![rate, cap]),
        None => rate,
    };
    let rate = Formula::Greatest(vec![rate, floor]);
    let column =
        Column::payment(Topic::Tranches, format!("{key}.coupon_in_force"), &tranche.name, "coupon");
    Formula::Line(lines.compute(column, rate))
}

fn both(one: &Text, other: &Text) -> Text {
    Text { zh: format!("{} {}", one.zh, other.zh), en: format!("{} {}", one.en, other.en) }
}

/// The rate of a swap's leg for an interest period.
pub(super) fn leg(
    lines: &mut Builder,
    deal: &Deal,
    key: &str,
    name: &Text,
    part: &'static str,
    leg: &Leg,
) -> Formula {
    match leg {
        Leg::Fixed(steps) => match steps[..] {
            [(_, only)] => {
                Formula::Input(lines.input(key.to_string(), name, part, Sort::Rate, only.parts()))
            }
            _ => {
                let column = Column::payment(Topic::Accounts, key.to_string(), name, part);
                let starts = deal.schedule.payments.iter().map(|payment| payment.accrual_from);
                Formula::Line(lines.given(column, Sort::Rate, at(steps, starts)))
            }
        },
        Leg::Index { index, spread, fixings } => {
            let about = both(name, &deal.indices[*index].name);
            let column =
                Column::payment(Topic::Accounts, format!("{key}.fixing"), &about, "fixing");
            let fixings = fixings.iter().map(|rate| rate.parts()).collect();
            let fixing = lines.given(column, Sort::Rate, fixings);
            let spread =
                lines.input(format!("{key}.spread"), name, "spread", Sort::Rate, spread.parts());
            let rate = Formula::Sum(vec![Formula::Line(fixing), Formula::Input(spread)]);
            let column = Column::payment(Topic::Accounts, key.to_string(), name, part);
            Formula::Line(lines.compute(column, rate))
        }
    }
}

/// The rate in force on each of some days: the last that begins by then, or the first there is.
pub(super) fn at(steps: &[(NaiveDate, Rate)], days: impl Iterator<Item = NaiveDate>) -> Vec<i64> {
    let on = |day: NaiveDate| {
        let begun = steps.iter().rev().find(|(from, _)| *from <= day);
        begun.or(steps.first()).map_or(0, |(_, rate)| rate.parts())
    };
    days.map(on).collect()
}
