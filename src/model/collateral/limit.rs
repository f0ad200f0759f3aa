//! Limits on the pool as the cohorts follow them (循环购买后的组合限制).
//!
//! ```text
//! counted(c) = ROUNDDOWN(closing(c) × weight(c), 2)        Σ counted ≤ bound × Σ balance
//! ```
//!
//! Where the deal buys between payment dates, the balance is that before the purchases of the month,
//! and these are counted date by date.
//!
//! A weight is the part of a cohort that a limit counts: 1 or 0 of a share, the figure itself of an
//! average. A floor is the ceiling of what is left: `Σ (top − weight) ≤ (top − floor) × Σ balance`.

use super::super::build::{Builder, Column};
use super::super::line::{Closing, Dim, Topic};
use super::Collateral;
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::money::{Rate, Rounding};

/// What a limit is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitOf {
    /// A share of all principal, or an average over it.
    Pool,
    /// Principal itself.
    Principal,
}

/// One end of a limit of the deal, on cohorts and offers.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolLimit {
    /// The key of its bound: `limit.region.at_most`.
    pub key: String,
    /// What the limit says.
    pub name: Text,
    /// What it is held against.
    pub of: LimitOf,
    /// Whether the bound is the least; the weights are then those of what is not counted.
    pub is_floor: bool,
    /// The bound, in the parts of a rate or in minor units.
    pub bound: i64,
    /// The greatest weight: 1 of a share.
    pub top: Rate,
    /// What is counted: one part, or every group of which the largest counts.
    pub parts: Vec<LimitPart>,
}

/// What a limit counts.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitPart {
    /// The group, where the largest of several counts.
    pub name: Text,
    /// The weight of each cohort.
    pub cohorts: Vec<Rate>,
    /// The weight of each offer.
    pub offers: Vec<Rate>,
}

/// A limit with the principal that each of its parts counts in the pool, by month.
#[derive(Clone, Debug)]
pub(in crate::model) struct Followed {
    pub limit: PoolLimit,
    pub counted: Vec<LineId>,
}

/// Lowers what the limits count at the end of each month, of a balance by cohort.
pub(super) fn lower(lines: &mut Builder, pool: &Collateral, closing: LineId) -> Vec<Followed> {
    let follow = |limit: &PoolLimit| {
        let counted = limit.parts.iter().enumerate().map(|(place, part)| {
            let (key, name) = (format!("{}.{}", limit.key, place + 1), named(&limit.name, part));
            counted(lines, part, &key, &name, closing)
        });
        Followed { limit: limit.clone(), counted: counted.collect() }
    };
    pool.limits.iter().map(follow).collect()
}

/// The limit with the group.
pub(in crate::model) fn named(limit: &Text, part: &LimitPart) -> Text {
    if part.name == Text::default() {
        return limit.clone();
    }
    Text {
        zh: format!("{}: {}", limit.zh, part.name.zh),
        en: format!("{}: {}", limit.en, part.name.en),
    }
}

/// `amount × times`, rounded down.
pub(in crate::model) fn down(amount: Formula, times: Formula) -> Formula {
    Formula::Portion {
        amount: Box::new(amount),
        times: vec![times],
        over: vec![],
        rounding: Rounding::Down,
    }
}

fn counted(
    lines: &mut Builder,
    part: &LimitPart,
    key: &str,
    name: &Text,
    closing: LineId,
) -> LineId {
    let of_cohort = |(place, weight): (usize, &Rate)| match *weight {
        Rate::ZERO => Formula::ZERO,
        Rate::ONE => Formula::Line(closing),
        weight => {
            let key = format!("{key}.cohort.{}", place + 1);
            let weight = lines.figure(key, name, "limit_weight", Sort::Rate, weight.parts());
            down(Formula::Line(closing), Formula::Input(weight))
        }
    };
    let formulas: Vec<Formula> = part.cohorts.iter().enumerate().map(of_cohort).collect();
    let formula = Formula::ByElement(formulas);
    let column = Column::month(
        Topic::Collections,
        Dim::Cohort,
        &format!("collections.{key}"),
        "limit_counted",
    );
    let by_cohort = lines.compute(column.about(name), formula.clone());
    lines.stock(by_cohort);
    lines.closing(by_cohort, Closing::Formula(formula));
    let column = Column::month(Topic::Pool, Dim::One, &format!("pool.{key}"), "limit_counted");
    let all = lines.compute(column.about(name), Formula::Total(by_cohort));
    lines.closing(all, Closing::Formula(Formula::Total(by_cohort)));
    lines.stock(all)
}
