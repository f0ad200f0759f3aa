//! One characteristic of every receivable of a pool, ready to be read.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::characteristic::{Characteristic, Kind, NUMBER_PLACES};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::plan::annual_costs;
use crate::pool::{Attribute, Method, Pool, RatePeriod, Receivable};
use crate::time::{due_date, month_number, months_between};

/// A figure with its kind, for people and for comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure {
    /// How the parts are to be read.
    pub kind: Kind,
    /// The figure as a whole number of its kind's parts.
    pub parts: i64,
}

/// `1,234.56`, `13.8418 %`, `12`, `2026-06-30`, `650.5`.
impl std::fmt::Display for Figure {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let text = match self.kind {
            Kind::Money => Amount::from_minor(self.parts).grouped(),
            Kind::Rate => percent(self.parts),
            Kind::Count | Kind::Text => self.parts.to_string(),
            Kind::Date => date(self.parts).map_or_else(String::new, |date| date.to_string()),
            Kind::Number => Decimal::new(self.parts, NUMBER_PLACES).normalize().to_string(),
        };
        out.pad(&text)
    }
}

/// Six decimals in percent at most: `26.666667 %`.
fn percent(parts: i64) -> String {
    const HUNDRED_MILLIONTHS: i64 = 10_000;
    let rounded = divide(parts.into(), HUNDRED_MILLIONTHS.into(), Rounding::HalfUp);
    Rate::from_parts(rounded * HUNDRED_MILLIONTHS).percent()
}

/// The parts of a day.
pub(crate) fn day_parts(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

fn date(parts: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(parts).ok()?)
}

/// A characteristic of every receivable of a pool.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    pool: &'a Pool,
    of: Characteristic,
    kind: Kind,
    source: Source<'a>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    /// From the receivable itself.
    Receivable,
    /// One figure for each receivable.
    Each(Vec<Option<i64>>),
    /// A text column.
    Texts(&'a Attribute),
    /// A text column read as numbers: one for each of its values.
    Numbers(&'a Attribute, Vec<Option<i64>>),
    /// Two text columns read as numbers.
    Both([(&'a Attribute, Vec<Option<i64>>); 2]),
}

impl<'a> Column<'a> {
    /// The characteristic of a pool's receivables; a column of the tape as numbers when
    /// `as_number`. The name of the column that the tape lacks otherwise.
    pub fn of(
        pool: &'a Pool,
        of: &Characteristic,
        as_number: bool,
    ) -> Result<Column<'a>, &'static str> {
        let find = |name: &str| pool.attributes.get(name);
        let (mut kind, numbers) = (of.kind(), |attribute| (attribute, numbers(attribute)));
        let source = match of {
            Characteristic::Column(name) => match (find(name), as_number) {
                (None, _) => return Err(""),
                (Some(attribute), false) => Source::Texts(attribute),
                (Some(attribute), true) => {
                    kind = Kind::Number;
                    let (attribute, values) = numbers(attribute);
                    Source::Numbers(attribute, values)
                }
            },
            Characteristic::Apr => {
                let costs = annual_costs(pool).into_iter();
                Source::Each(costs.map(|cost| cost.map(Rate::parts)).collect())
            }
            Characteristic::AgeAtOrigination => match find("age").map(numbers) {
                None => return Err("age"),
                Some((attribute, values)) => Source::Numbers(attribute, values),
            },
            Characteristic::LimitUsage => match (find("limit_used"), find("limit_total")) {
                (None, _) => return Err("limit_used"),
                (_, None) => return Err("limit_total"),
                (Some(used), Some(total)) => Source::Both([used, total].map(numbers)),
            },
            Characteristic::PastDueDays if !is_stated(pool) => return Err("past_due_days"),
            Characteristic::MonthsInDefault
                if !pool.manifest.columns.contains_key("default_date") =>
            {
                return Err("default_date");
            }
            Characteristic::OutstandingPrincipal
            | Characteristic::OriginalPrincipal
            | Characteristic::Instalments
            | Characteristic::PaidInstalments
            | Characteristic::RemainingInstalments
            | Characteristic::RemainingMonths
            | Characteristic::SeasoningMonths
            | Characteristic::AnnualRate
            | Characteristic::OriginationDate
            | Characteristic::FirstDueDate
            | Characteristic::FinalDueDate
            | Characteristic::PastDueDays
            | Characteristic::MonthsInDefault
            | Characteristic::Method => Source::Receivable,
        };
        Ok(Column { pool, of: of.clone(), kind, source })
    }

    /// The pool.
    pub fn pool(&self) -> &'a Pool {
        self.pool
    }

    /// Which characteristic it is.
    pub fn characteristic(&self) -> &Characteristic {
        &self.of
    }

    /// How its figures are to be read.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text column behind it, when its texts are what counts.
    pub fn texts(&self) -> Option<&'a Attribute> {
        match self.source {
            Source::Texts(attribute) => Some(attribute),
            Source::Receivable | Source::Each(_) | Source::Numbers(..) | Source::Both(_) => None,
        }
    }

    /// Texts that should be numbers and are not, without empty ones.
    pub fn unreadable(&self) -> Vec<&'a str> {
        let pairs: Vec<(&'a Attribute, &Vec<Option<i64>>)> = match &self.source {
            Source::Numbers(attribute, values) => vec![(*attribute, values)],
            Source::Both(both) => both.iter().map(|(a, values)| (*a, values)).collect(),
            Source::Receivable | Source::Each(_) | Source::Texts(_) => Vec::new(),
        };
        let texts = pairs.into_iter().flat_map(|(attribute, values)| {
            let texts = attribute.values.iter().zip(values);
            texts.filter(|(text, number)| number.is_none() && !is_blank(text)).map(|(t, _)| &**t)
        });
        texts.collect()
    }

    /// The figure of a receivable at a date, in the parts of the column's kind; `None` when it is
    /// missing or the characteristic is a text.
    pub fn parts(&self, index: usize, at: NaiveDate) -> Option<i64> {
        let receivable = &self.pool.receivables[index];
        match &self.source {
            Source::Receivable => direct(&self.of, receivable, at),
            Source::Each(parts) => parts[index],
            Source::Texts(_) => None,
            Source::Numbers(attribute, values) => {
                let number = of_code(attribute, values, index)?;
                match self.of {
                    Characteristic::AgeAtOrigination => {
                        let since = self.pool.cutoff.years_since(receivable.origination);
                        Some(number / ONE - i64::from(since.unwrap_or(0)))
                    }
                    _ => Some(number),
                }
            }
            Source::Both([(used, of_used), (total, of_total)]) => {
                let used = of_code(used, of_used, index)?;
                let total = of_code(total, of_total, index).filter(|total| *total > 0)?;
                let share = Decimal::from(used).checked_div(Decimal::from(total))?;
                Rate::from_decimal(share).map(Rate::parts)
            }
        }
    }

    /// The figure with its kind.
    pub fn figure(&self, index: usize, at: NaiveDate) -> Option<Figure> {
        Some(Figure { kind: self.kind, parts: self.parts(index, at)? })
    }

    /// The text of a receivable; empty when it is missing or the characteristic is a figure.
    pub fn text(&self, index: usize) -> &'a str {
        match self.source {
            Source::Texts(attribute) => &attribute.values[code(attribute, index)],
            Source::Receivable if self.of == Characteristic::Method => {
                method_word(self.pool.receivables[index].method)
            }
            Source::Receivable | Source::Each(_) | Source::Numbers(..) | Source::Both(_) => "",
        }
    }

    /// What an auditor sees: the figure or the text, `–` when it is missing.
    pub fn shown(&self, index: usize, at: NaiveDate) -> Cow<'a, str> {
        match (self.kind, self.figure(index, at)) {
            (Kind::Text, _) if !is_blank(self.text(index)) => Cow::Borrowed(self.text(index)),
            (Kind::Text, _) | (_, None) => Cow::Borrowed("–"),
            (_, Some(figure)) => Cow::Owned(figure.to_string()),
        }
    }
}

const ONE: i64 = 10_i64.pow(NUMBER_PLACES);

/// Whether the tape has the column at all.
fn is_stated(pool: &Pool) -> bool {
    pool.manifest.columns.contains_key("past_due_days")
        || pool.receivables.iter().any(|receivable| receivable.past_due_days.is_some())
}

fn code(attribute: &Attribute, index: usize) -> usize {
    usize::try_from(attribute.codes[index]).expect("a code is an index")
}

fn of_code(attribute: &Attribute, values: &[Option<i64>], index: usize) -> Option<i64> {
    values[code(attribute, index)]
}

/// The values of a text column as numbers in 10⁻⁶ parts.
fn numbers(attribute: &Attribute) -> Vec<Option<i64>> {
    let number = |text: &str| {
        let text = text.trim().replace([',', '，'], "");
        let number = Decimal::from_str_exact(&text).ok()?;
        number.checked_mul(Decimal::from(ONE))?.round().to_i64()
    };
    attribute.values.iter().map(|text| number(text)).collect()
}

/// Whether a text says nothing.
pub(super) fn is_blank(text: &str) -> bool {
    const MARKS: [&str; 10] = ["", "-", "—", "–", "/", "空", "无数据", "n/a", "na", "null"];
    const LONGEST: usize = "无数据".len();
    let text = text.trim();
    // Most texts are decided by their length.
    text.len() <= LONGEST && MARKS.iter().any(|mark| text.eq_ignore_ascii_case(mark))
}

/// The word of a method in files and reports.
pub(crate) fn method_word(method: Method) -> &'static str {
    match method {
        Method::LevelPay => "level_pay",
        Method::EqualPrincipal => "equal_principal",
        Method::FlatFee => "flat_fee",
        Method::InterestOnly => "interest_only",
        Method::Daily => "daily",
        Method::Bill => "bill",
        Method::Given => "given",
        Method::Revolving => "revolving",
    }
}

/// What the receivable itself says.
fn direct(of: &Characteristic, receivable: &Receivable, at: NaiveDate) -> Option<i64> {
    let months = |from, to| i64::from(months_between(from, to).max(0));
    let remaining = || receivable.instalments.saturating_sub(receivable.paid_instalments);
    Some(match of {
        Characteristic::OutstandingPrincipal => receivable.outstanding_principal.minor(),
        Characteristic::OriginalPrincipal => receivable.original_principal.minor(),
        Characteristic::Instalments => receivable.instalments.into(),
        Characteristic::PaidInstalments => receivable.paid_instalments.into(),
        Characteristic::RemainingInstalments => remaining().into(),
        Characteristic::RemainingMonths => {
            (final_month(receivable) - month_number(at)).max(0).into()
        }
        Characteristic::SeasoningMonths => months(receivable.origination, at),
        Characteristic::AnnualRate => annual_rate(receivable).parts(),
        Characteristic::OriginationDate => day_parts(receivable.origination),
        Characteristic::FirstDueDate => day_parts(receivable.first_due),
        Characteristic::FinalDueDate => day_parts(final_due(receivable)),
        Characteristic::PastDueDays => receivable.past_due_days?.into(),
        Characteristic::MonthsInDefault => receivable.months_in_default(at, None)?.into(),
        Characteristic::Apr
        | Characteristic::AgeAtOrigination
        | Characteristic::LimitUsage
        | Characteristic::Method
        | Characteristic::Column(_) => return None,
    })
}

/// The last due date of the contract, or of the schedule given in the tape.
fn final_due(receivable: &Receivable) -> NaiveDate {
    match receivable.given.as_deref().and_then(<[_]>::last) {
        Some(last) => last.due,
        None => {
            let last = u32::from(receivable.instalments.max(1)) - 1;
            due_date(receivable.first_due, receivable.due_day, last)
        }
    }
}

/// The month of [`final_due`], which needs no calendar: months of instalments follow each other.
fn final_month(receivable: &Receivable) -> i32 {
    match receivable.given {
        Some(_) => month_number(final_due(receivable)),
        None => month_number(receivable.first_due) + i32::from(receivable.instalments.max(1)) - 1,
    }
}

/// The contract rate of a year: twelve times a monthly rate, 365 times a daily one.
///
/// ```text
/// 0.6 % a month → 7.2 %      0.04 % a day → 14.6 %
/// ```
fn annual_rate(receivable: &Receivable) -> Rate {
    let times = match receivable.rate.per {
        RatePeriod::Year => 1,
        RatePeriod::Instalment => 12,
        RatePeriod::Day => 365,
    };
    Rate::from_parts(receivable.rate.rate.parts().saturating_mul(times))
}
