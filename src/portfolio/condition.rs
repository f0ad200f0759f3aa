//! A condition on one characteristic, and whether a receivable meets it.

use chrono::NaiveDate;

use super::characteristic::{Characteristic, Kind};
use super::column::{Column, Figure, is_blank};
use crate::pool::Pool;

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The figure, in the parts of the characteristic's kind.
    pub parts: i64,
    /// Whether the figure itself is inside.
    pub inclusive: bool,
}

/// What a characteristic must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// A figure within a range.
    Within {
        /// The lower end.
        least: Option<Bound>,
        /// The upper end.
        most: Option<Bound>,
    },
    /// One of these figures.
    AnyOf(Vec<i64>),
    /// One of these texts, without regard to case.
    OneOf(Vec<String>),
    /// None of these texts.
    NoneOf(Vec<String>),
    /// A flag: yes or no, in the words that tapes use.
    Flag(bool),
}

/// A condition on a receivable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Of what.
    pub of: Characteristic,
    /// What it must be.
    pub requirement: Requirement,
    /// Whether a receivable meets it whose cell is empty.
    pub missing_passes: bool,
}

/// How a receivable stands to a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It meets it.
    Meets,
    /// It does not.
    Fails,
    /// The cell is empty or cannot be read.
    Missing,
}

/// Words for yes and no in tapes.
const YES: [&str; 8] = ["是", "有", "y", "yes", "true", "t", "1", "√"];
const NO: [&str; 8] = ["否", "无", "n", "no", "false", "f", "0", "×"];

impl Condition {
    /// Whether it compares figures.
    pub fn is_of_figures(&self) -> bool {
        matches!(self.requirement, Requirement::Within { .. } | Requirement::AnyOf(_))
    }

    /// The condition over a pool; the column that the tape lacks otherwise.
    pub fn bind<'a>(&self, pool: &'a Pool) -> Result<BoundCondition<'a>, String> {
        let column = Column::of(pool, &self.of, self.is_of_figures()).map_err(|lacking| {
            let own = if lacking.is_empty() { self.of.name() } else { lacking };
            own.to_string()
        })?;
        let by_code = column.texts().map(|texts| {
            let outcome = |text: &str| said(&self.requirement, text);
            texts.values.iter().map(|text| outcome(text)).collect()
        });
        Ok(BoundCondition { condition: self.clone(), column, by_code })
    }

    /// The comparison as a text: `≤ 24 %`, `A, B`.
    pub fn shown(&self, kind: Kind) -> String {
        let figure = |bound: &Bound| Figure { kind, parts: bound.parts }.to_string();
        match &self.requirement {
            Requirement::Within { least: Some(least), most: Some(most) } if least == most => {
                format!("= {}", figure(least))
            }
            Requirement::Within { least, most } => {
                let sign = |strict, inclusive, bound: &Bound| {
                    let sign = if bound.inclusive { inclusive } else { strict };
                    format!("{sign} {}", figure(bound))
                };
                let least = least.as_ref().map(|bound| sign(">", "≥", bound));
                let most = most.as_ref().map(|bound| sign("<", "≤", bound));
                least.into_iter().chain(most).collect::<Vec<_>>().join(", ")
            }
            Requirement::AnyOf(figures) => {
                let figures =
                    figures.iter().map(|parts| Figure { kind, parts: *parts }.to_string());
                format!("∈ {{{}}}", figures.collect::<Vec<_>>().join(", "))
            }
            Requirement::OneOf(words) => format!("∈ {{{}}}", words.join(", ")),
            Requirement::NoneOf(words) => format!("∉ {{{}}}", words.join(", ")),
            Requirement::Flag(flag) => format!("= {flag}"),
        }
    }
}

/// Whether a text meets a requirement of texts.
fn said(requirement: &Requirement, text: &str) -> Outcome {
    if is_blank(text) {
        return Outcome::Missing;
    }
    let lower = text.trim().to_lowercase();
    let among = |words: &[String]| words.iter().any(|word| word.trim().to_lowercase() == lower);
    let meets = match requirement {
        Requirement::OneOf(words) => among(words),
        Requirement::NoneOf(words) => !among(words),
        Requirement::Flag(flag) => {
            let [wanted, other] = if *flag { [YES, NO] } else { [NO, YES] };
            if !wanted.contains(&lower.as_str()) && !other.contains(&lower.as_str()) {
                return Outcome::Missing;
            }
            wanted.contains(&lower.as_str())
        }
        Requirement::Within { .. } | Requirement::AnyOf(_) => return Outcome::Missing,
    };
    if meets { Outcome::Meets } else { Outcome::Fails }
}

/// A condition over a pool.
#[derive(Clone, Debug)]
pub struct BoundCondition<'a> {
    condition: Condition,
    column: Column<'a>,
    /// For text columns the outcome of each distinct text.
    by_code: Option<Vec<Outcome>>,
}

impl<'a> BoundCondition<'a> {
    /// What it reads.
    pub fn column(&self) -> &Column<'a> {
        &self.column
    }

    /// The condition.
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// How a receivable stands to it at a date.
    pub fn outcome(&self, index: usize, at: NaiveDate) -> Outcome {
        if let Some(by_code) = &self.by_code {
            let codes = &self.column.texts().expect("a condition by code reads texts").codes;
            return by_code[usize::try_from(codes[index]).expect("a code is an index")];
        }
        if !self.condition.is_of_figures() {
            return said(&self.condition.requirement, self.column.text(index));
        }
        let Some(parts) = self.column.parts(index, at) else { return Outcome::Missing };
        let meets = match &self.condition.requirement {
            Requirement::AnyOf(figures) => figures.contains(&parts),
            Requirement::Within { least, most } => {
                least.is_none_or(|b| parts > b.parts || b.inclusive && parts == b.parts)
                    && most.is_none_or(|b| parts < b.parts || b.inclusive && parts == b.parts)
            }
            Requirement::OneOf(_) | Requirement::NoneOf(_) | Requirement::Flag(_) => false,
        };
        if meets { Outcome::Meets } else { Outcome::Fails }
    }

    /// Whether a receivable meets it at a date; an empty cell does when the condition says so.
    pub fn holds(&self, index: usize, at: NaiveDate) -> bool {
        match self.outcome(index, at) {
            Outcome::Meets => true,
            Outcome::Fails => false,
            Outcome::Missing => self.condition.missing_passes,
        }
    }
}
