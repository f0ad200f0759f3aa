//! 基础资产概况: totals, weighted averages, the largest obligors.

use rayon::prelude::*;

use super::{Facts, wide};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::portfolio::characteristic::{Characteristic, Kind};
use crate::portfolio::column::{Column, Figure};
use crate::portfolio::limits::average_scale;

/// An average weighted by principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Average {
    /// Of what.
    pub of: Characteristic,
    /// The average; `None` when nothing could be read.
    pub value: Option<Figure>,
    /// Receivables without the figure, which are not in the average.
    pub missing: usize,
}

/// One of the largest obligors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopObligor {
    /// The identifier, masked.
    pub id: String,
    /// Receivables.
    pub count: usize,
    /// Outstanding principal.
    pub balance: Amount,
    /// Of the pool, with twelve places.
    pub share: Rate,
    /// The region of the first receivable; empty when the tape has none.
    pub region: String,
    /// The score band of the first receivable; empty when the tape has none.
    pub score: String,
}

/// Totals and averages of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// 笔数.
    pub count: usize,
    /// 债务人数; `None` when the tape has no obligors.
    pub obligors: Option<usize>,
    /// 合同金额.
    pub original: Amount,
    /// 未偿本金余额.
    pub outstanding: Amount,
    /// 单笔最大未偿本金.
    pub largest: Amount,
    /// 单户最大未偿本金.
    pub largest_obligor: Option<Amount>,
    /// Averages by principal.
    pub averages: Vec<Average>,
    /// 免息占比: principal at a rate of zero over all principal.
    pub interest_free: Rate,
    /// The twenty largest obligors, the largest first.
    pub top: Vec<TopObligor>,
    /// Herfindahl–Hirschman index of the obligors: the sum of squared shares, a fraction of one.
    pub herfindahl: Option<Rate>,
}

impl Summary {
    /// A part over a whole amount, with twelve places; nothing of nothing is nothing.
    pub fn ratio(part: Amount, whole: Amount) -> Rate {
        if whole == Amount::ZERO {
            return Rate::ZERO;
        }
        let parts = i128::from(part.minor()) * i128::from(Rate::ONE.parts());
        Rate::from_parts(divide(parts, whole.minor().into(), Rounding::HalfUp))
    }

    /// The share of the largest so many obligors.
    pub fn top_share(&self, many: usize) -> Rate {
        let part = self.top.iter().take(many).map(|obligor| obligor.balance).sum();
        Summary::ratio(part, self.outstanding)
    }

    /// Outstanding principal by receivable, to the minor unit.
    pub fn average_balance(&self) -> Amount {
        each(self.outstanding, self.count)
    }

    /// Outstanding principal by obligor, to the minor unit.
    pub fn average_obligor(&self) -> Option<Amount> {
        Some(each(self.outstanding, self.obligors?))
    }
}

fn each(whole: Amount, count: usize) -> Amount {
    match i128::try_from(count) {
        Ok(count) if count > 0 => {
            Amount::from_minor(divide(whole.minor().into(), count, Rounding::HalfUp))
        }
        _ => Amount::ZERO,
    }
}

/// An identifier that shows who it is to whoever knows, and to nobody else: the first two and the
/// last two characters.
///
/// ```
/// use cashfall::portfolio::stratification::masked;
/// assert_eq!(masked("U0012345"), "U0****45");
/// assert_eq!(masked("U001"), "****");
/// ```
pub fn masked(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    if letters.len() < 6 {
        return "*".repeat(letters.len());
    }
    let hidden = letters.len() - 4;
    let shown = |range: &[char]| range.iter().collect::<String>();
    shown(&letters[..2]) + &"*".repeat(hidden) + &shown(&letters[letters.len() - 2..])
}

/// What is averaged, where the tape has it.
const AVERAGED: [&str; 8] = [
    "annual_rate",
    "apr",
    "instalments",
    "remaining_months",
    "seasoning_months",
    "remaining_instalments",
    "age",
    "score_value",
];

pub(super) fn of(facts: &Facts, apr: Option<&Column>) -> Summary {
    let pool = facts.pool;
    let outstanding = facts.total();
    let original =
        facts.places.iter().map(|place| pool.receivables[wide(*place)].original_principal);
    let largest = facts.balances.iter().copied().max().unwrap_or(0);
    let free = facts.balances.iter().zip(&facts.rates).filter(|(_, rate)| **rate == 0);
    let free = free.map(|(balance, _)| Amount::from_minor(*balance)).sum();
    let averages = AVERAGED.par_iter().filter_map(|name| match Characteristic::of(name) {
        Characteristic::Apr => Some(average(apr?, facts)),
        of => Some(average(&Column::of(facts.pool, &of, true).ok()?, facts)),
    });
    let obligors = by_obligor(facts);
    let has_obligors = !facts.obligors.of.is_empty();
    Summary {
        count: facts.places.len(),
        obligors: has_obligors.then_some(obligors.len()),
        original: original.sum(),
        outstanding,
        largest: Amount::from_minor(largest),
        largest_obligor: obligors.iter().map(|(_, balance)| Amount::from_minor(*balance)).max(),
        averages: averages.collect(),
        interest_free: Summary::ratio(free, outstanding),
        top: top(facts, &obligors, outstanding),
        herfindahl: has_obligors.then(|| herfindahl(&obligors, outstanding)),
    }
}

/// Σ balance × figure / Σ balance over the receivables that have the figure.
fn average(column: &Column, facts: &Facts) -> Average {
    let add = |sum: (i128, i128, usize), (place, balance): (&u32, &i64)| match column
        .parts(wide(*place), facts.at)
    {
        Some(parts) => {
            let balance = i128::from(*balance);
            (sum.0 + i128::from(parts) * balance, sum.1 + balance, sum.2)
        }
        None => (sum.0, sum.1, sum.2 + 1),
    };
    let pairs = facts.places.par_iter().zip(&facts.balances);
    let (weighted, weight, missing) = pairs
        .fold(|| (0, 0, 0), add)
        .reduce(|| (0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
    let kind = match column.kind() {
        Kind::Count | Kind::Date => Kind::Number,
        kind => kind,
    };
    let scale = average_scale(column.kind());
    let parts = (weight > 0).then(|| divide(weighted * scale, weight, Rounding::HalfUp));
    let of = column.characteristic().clone();
    Average { of, value: parts.map(|parts| Figure { kind, parts }), missing }
}

/// Where each obligor begins among the facts by obligor, and his principal.
fn by_obligor(facts: &Facts) -> Vec<(usize, i64)> {
    let mut obligors: Vec<(usize, i64)> = Vec::new();
    let mut last = None;
    for (start, (index, obligor)) in facts.obligors.order.iter().zip(&facts.obligors.of).enumerate()
    {
        if last != Some(*obligor) {
            obligors.push((start, 0));
            last = Some(*obligor);
        }
        if let Some((_, balance)) = obligors.last_mut() {
            *balance += facts.balances[wide(*index)];
        }
    }
    obligors
}

fn top(facts: &Facts, obligors: &[(usize, i64)], outstanding: Amount) -> Vec<TopObligor> {
    const SHOWN: usize = 20;
    let mut order: Vec<&(usize, i64)> = obligors.iter().collect();
    let rank = |obligor: &&(usize, i64)| (std::cmp::Reverse(obligor.1), obligor.0);
    if order.len() > SHOWN {
        order.select_nth_unstable_by_key(SHOWN, rank);
        order.truncate(SHOWN);
    }
    order.sort_by_key(rank);
    let text = |name: &str, start: usize| {
        let attribute = facts.pool.attributes.get(name)?;
        let place = facts.places[wide(facts.obligors.order[start])];
        Some(attribute.values[wide(attribute.codes[wide(place)])].to_string())
    };
    let of = |&&(start, balance): &&(usize, i64)| {
        let obligor = facts.obligors.of[start];
        let of_obligor = facts.obligors.of[start..].iter().take_while(|other| **other == obligor);
        TopObligor {
            id: masked(&text("obligor_id", start).unwrap_or_default()),
            count: of_obligor.count(),
            balance: Amount::from_minor(balance),
            share: Summary::ratio(Amount::from_minor(balance), outstanding),
            region: text("region", start).unwrap_or_default(),
            score: text("score_band", start).or(text("grade", start)).unwrap_or_default(),
        }
    };
    order.iter().map(of).collect()
}

/// The sum of squared shares.
///
/// ```text
/// HHI = Σ (balance of obligor / all)²      1 for one obligor, 1/n for n equal ones
/// ```
fn herfindahl(obligors: &[(usize, i64)], outstanding: Amount) -> Rate {
    if outstanding == Amount::ZERO {
        return Rate::ZERO;
    }
    let squares = obligors.iter().map(|(_, balance)| {
        let share = Amount::from_minor(*balance).to_f64() / outstanding.to_f64();
        share * share
    });
    Rate::from_f64(squares.sum())
}
