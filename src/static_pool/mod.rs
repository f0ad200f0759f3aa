//! Static pools: how earlier vintages behaved, and what that says of the pool being sold.
//!
//! ```text
//! servicer's table ─▶ StaticPool (vintage × months on book) ─▶ Ladder ─▶ BaseCase ─▶ stressed rates
//!  long · matrix · loan history · dynamic      │                  │ back-test          by rating
//!                                              ├─▶ ratios on every base                 │
//!                                              ├─▶ roll rates                           ▼
//!                                              └─▶ Curves by age ──────────▶ assumptions file
//! ```
//!
//! Every ratio is stated on all its bases side by side (of the original amount, of the opening and
//! the closing balance, of everything originated to date), because the same pool reads 4.63 % on
//! one and 1.01 % on another. Floats live here and never become money; every computed ratio is
//! rounded to 12 places, as its cell in the workbook is.

mod base_case;
mod curves;
mod history;
mod ladder;
mod measure;
mod normal;
mod ratios;
mod read;
mod roll;
mod rules;
mod study;
mod to_toml;
mod trend;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub(crate) use base_case::surviving;
pub use base_case::{BaseCase, Lognormal, Rating, Stressed, Terms};
pub use curves::{AgeRate, Curves};
pub use history::DEFAULT_PAST_DUE_DAYS;
pub use ladder::{Average, BackTest, BackTestRow, Exclusion, Ladder, Method, Triangle, Ultimate};
pub use measure::Measure;
pub use normal::inverse_normal;
pub use ratios::{Base, Figure, Ratio, Ratios};
pub use read::{Form, Options, read};
pub use roll::{Roll, RollRates};
pub use study::{Study, Ways};
pub use to_toml::{Provenance, recoveries_to_toml, to_toml};
pub use trend::Trend;
pub(crate) use trend::month as month_number;

use crate::money::Amount;

/// What a servicer reports of the past, by vintage and age.
#[derive(Clone, Debug, PartialEq)]
pub struct StaticPool {
    /// The file as the user named it.
    pub file: String,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The form in which it came.
    pub form: Form,
    /// The vintages, by product and month.
    pub vintages: Vec<Vintage>,
    /// Recoveries by months since default, where single receivables are known: recovered and
    /// defaulted principal that has been watched that long.
    pub recovery_lag: Vec<(Amount, Amount)>,
    /// The age of the month of origination: 0 or 1.
    pub mob_base: u32,
}

/// Receivables of one product originated in one month.
#[derive(Clone, Debug, PartialEq)]
pub struct Vintage {
    /// The product or segment; empty when the table has none.
    pub product: String,
    /// The first day of the month of origination.
    pub month: NaiveDate,
    /// Principal lent.
    pub original: Amount,
    /// Number of receivables.
    pub count: Option<u32>,
    /// What was observed, by age.
    pub months: BTreeMap<u32, Month>,
}

/// A vintage at one age.
#[derive(Clone, Debug, PartialEq)]
pub struct Month {
    /// Months on book.
    pub mob: u32,
    /// The last day of the month observed.
    pub date: NaiveDate,
    /// The row of the table, from 1; 0 for sums over receivables.
    pub row: u32,
    amounts: [Option<Amount>; Measure::ALL.len()],
}

impl Month {
    /// An observation without amounts.
    pub fn new(mob: u32, date: NaiveDate, row: u32) -> Month {
        Month { mob, date, row, amounts: [None; Measure::ALL.len()] }
    }

    /// An amount, where the table has it.
    pub fn get(&self, measure: Measure) -> Option<Amount> {
        self.amounts[measure.index()]
    }

    /// States an amount.
    pub fn set(&mut self, measure: Measure, amount: Amount) {
        self.amounts[measure.index()] = Some(amount);
    }

    pub(crate) fn add(&mut self, measure: Measure, amount: Amount) {
        let slot = &mut self.amounts[measure.index()];
        *slot = Some(slot.unwrap_or_default() + amount);
    }

    /// Principal more than so many buckets past due: 1 for 30+, 2 for 60+, 3 for 90+.
    pub fn past_due(&self, buckets: usize) -> Option<Amount> {
        let known = Measure::BUCKETS[buckets..].iter().filter_map(|bucket| self.get(*bucket));
        let known: Vec<Amount> = known.collect();
        (!known.is_empty()).then(|| known.into_iter().sum())
    }
}

impl Vintage {
    /// `2025-01`, with the product before it where there is one.
    pub fn name(&self) -> String {
        let month = self.month.format("%Y-%m");
        if self.product.is_empty() {
            month.to_string()
        } else {
            format!("{} {month}", self.product)
        }
    }

    /// Defaults since origination at an age: as stated, or the sum of the months.
    pub fn cum_default(&self, mob: u32) -> Option<Amount> {
        self.running(mob, Measure::CumDefault, Measure::NewDefault)
    }

    /// Recoveries since origination at an age.
    pub fn cum_recovery(&self, mob: u32) -> Option<Amount> {
        self.running(mob, Measure::CumRecovery, Measure::Recovery)
    }

    fn running(&self, mob: u32, cumulative: Measure, monthly: Measure) -> Option<Amount> {
        let month = self.months.get(&mob)?;
        if let Some(stated) = month.get(cumulative) {
            return Some(stated);
        }
        month.get(monthly)?;
        Some(self.months.range(..=mob).filter_map(|(_, month)| month.get(monthly)).sum())
    }

    /// Defaults of the month: as stated, or the step of the cumulative amount.
    pub fn new_default(&self, mob: u32) -> Option<Amount> {
        let month = self.months.get(&mob)?;
        month.get(Measure::NewDefault).or_else(|| {
            let now = month.get(Measure::CumDefault)?;
            let before = self.months.range(..mob).next_back();
            let before = before.and_then(|(_, month)| month.get(Measure::CumDefault));
            Some(now - before.unwrap_or_default())
        })
    }

    /// The balance at the start of a month: as stated, or what the month before left.
    pub fn opening(&self, mob: u32) -> Option<Amount> {
        let month = self.months.get(&mob)?;
        month.get(Measure::BalanceBegin).or_else(|| match mob.checked_sub(1) {
            Some(before) if self.months.contains_key(&before) => {
                self.months[&before].get(Measure::BalanceEnd)
            }
            // Before the first observation there is the amount lent, when that is the first month.
            Some(_) | None => {
                (self.months.range(..mob).next().is_none() && mob <= 1).then_some(self.original)
            }
        })
    }
}

impl StaticPool {
    /// The products, in order.
    pub fn products(&self) -> Vec<&str> {
        let mut products: Vec<&str> = Vec::new();
        for vintage in &self.vintages {
            if !products.contains(&vintage.product.as_str()) {
                products.push(&vintage.product);
            }
        }
        products
    }

    /// The vintages of one product.
    #[must_use]
    pub fn of_product(&self, product: &str) -> StaticPool {
        let vintages = self.vintages.iter().filter(|vintage| vintage.product == product);
        StaticPool { vintages: vintages.cloned().collect(), ..self.clone() }
    }

    /// The ages at which some vintage is observed.
    pub fn mobs(&self) -> Vec<u32> {
        let mut mobs: Vec<u32> =
            self.vintages.iter().flat_map(|vintage| vintage.months.keys().copied()).collect();
        mobs.sort_unstable();
        mobs.dedup();
        mobs
    }
}

/// To 12 places, halves away from zero: what `ROUND(x,12)` gives in a cell.
pub(crate) fn round12(x: f64) -> f64 {
    round(x, 12)
}

/// To some places, as a cell rounds: what is within the last bits of a half is a half, away from
/// zero.
pub(crate) fn round(x: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places);
    (x * scale * (1.0 + 4.0 * f64::EPSILON)).round() / scale
}

/// Part of whole to 12 places; `None` of nothing.
pub(crate) fn ratio(part: Amount, whole: Amount) -> Option<f64> {
    (whole > Amount::ZERO).then(|| round12(part.to_f64() / whole.to_f64()))
}
