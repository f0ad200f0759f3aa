//! A limit as weights of receivables: what each counts, so that sums of principal tell whether the limit
//! holds without looking at receivables again.

use chrono::NaiveDate;

use super::measured::average_scale;
use super::{Limit, Measure, Reader, reader};
use crate::money::Rate;
use crate::pool::Pool;
use crate::portfolio::characteristic::{Characteristic, Kind};

/// What a limit counts of each receivable of a pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The group; empty where the limit has none.
    pub group: String,
    /// By receivable: 1 or 0, or the figure that is averaged.
    pub of: Vec<Rate>,
}

/// Why a limit is not followed after purchases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfollowed {
    /// It reads what changes with time.
    Changes(String),
    /// It needs single receivables or many groups.
    Single,
    /// It averages amounts of money.
    Money,
    /// A column is not there, or some receivable has no figure.
    Lacks(String),
    /// It asks for no less than there is, and purchases only add.
    OnlyMore,
}

/// Groups beyond this are single names.
const MOST_GROUPS: usize = 64;

/// What a limit counts of the receivables of a pool at a date: one set of weights, or one for each group.
///
/// # Errors
///
/// Why it cannot be followed by sums of principal.
pub fn weights(limit: &Limit, pool: &Pool, at: NaiveDate) -> Result<Vec<Weights>, Unfollowed> {
    if let Some(of) = reads(&limit.measure).filter(|of| changes(of)) {
        return Err(Unfollowed::Changes(of.name().to_string()));
    }
    if matches!(limit.measure, Measure::TopShare(..) | Measure::Groups(_)) {
        return Err(Unfollowed::Single);
    }
    let reader = reader(&limit.measure, pool, at).map_err(Unfollowed::Lacks)?;
    let count = pool.receivables.len();
    let flag = |holds: bool| if holds { Rate::ONE } else { Rate::ZERO };
    let one = |of: Vec<Rate>| vec![Weights { group: String::new(), of }];
    Ok(match reader {
        Reader::Condition(condition) => {
            one((0..count).map(|index| flag(condition.holds(index, at))).collect())
        }
        Reader::Balance => one(vec![Rate::ONE; count]),
        Reader::Groups(groups) => {
            if groups.len() > MOST_GROUPS {
                return Err(Unfollowed::Single);
            }
            let of_group = |(place, label): (usize, &String)| Weights {
                group: label.clone(),
                of: (0..count).map(|index| flag(groups.place(index) == place)).collect(),
            };
            groups.labels.iter().enumerate().map(of_group).collect()
        }
        Reader::Figure(column) => {
            if column.kind() == Kind::Money {
                return Err(Unfollowed::Money);
            }
            let scale = average_scale(column.kind());
            let lacks = || Unfollowed::Lacks(column.characteristic().name().to_string());
            let figure = |index| -> Result<Rate, Unfollowed> {
                let parts = i128::from(column.parts(index, at).ok_or_else(lacks)?);
                let parts = parts * scale * i128::from(bound_scale(limit));
                i64::try_from(parts).map(Rate::from_parts).map_err(|_| lacks())
            };
            one((0..count).map(figure).collect::<Result<_, _>>()?)
        }
    })
}

/// What the parts of a limit's ends are multiplied with to be those of its weights.
pub fn bound_scale(limit: &Limit) -> i64 {
    match limit.measure.kind() {
        Kind::Number => 1_000_000,
        Kind::Money | Kind::Rate | Kind::Count | Kind::Date | Kind::Text => 1,
    }
}

/// The characteristic that a measure reads.
pub fn reads(measure: &Measure) -> Option<&Characteristic> {
    match measure {
        Measure::Share(condition) | Measure::Amount(condition) => Some(&condition.of),
        Measure::LargestShare(of)
        | Measure::LargestAmount(of)
        | Measure::TopShare(of, _)
        | Measure::Groups(of)
        | Measure::Average(of) => Some(of),
        Measure::Total => None,
    }
}

/// Whether a characteristic of a receivable changes while it is paid.
fn changes(of: &Characteristic) -> bool {
    match of {
        Characteristic::OutstandingPrincipal
        | Characteristic::PaidInstalments
        | Characteristic::RemainingInstalments
        | Characteristic::RemainingMonths
        | Characteristic::SeasoningMonths
        | Characteristic::PastDueDays
        | Characteristic::MonthsInDefault
        | Characteristic::LimitUsage => true,
        Characteristic::OriginalPrincipal
        | Characteristic::Instalments
        | Characteristic::AnnualRate
        | Characteristic::Apr
        | Characteristic::OriginationDate
        | Characteristic::FirstDueDate
        | Characteristic::FinalDueDate
        | Characteristic::AgeAtOrigination
        | Characteristic::Method
        | Characteristic::Column(_) => false,
    }
}
