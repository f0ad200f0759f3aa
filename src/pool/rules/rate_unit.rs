//! # T0009, T0010, T0011 · the unit of the rate
//!
//! A rate without a stated unit is never guessed: it is found by recomputing the instalments that
//! the tape gives, or asked for.

use rust_decimal::Decimal;

use super::level_instalment;
use crate::finding::{Finding, Origin};
use crate::money::{Amount, Rate, Rounding};
use crate::pool::{ContractRate, Method, RatePeriod};
use crate::tape::{Field, Per, Row, Tape, Unit};

/// The unit of a sheet's rates, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::pool) struct Resolved {
    percent: Option<bool>,
    per: Option<RatePeriod>,
}

impl Resolved {
    /// The contract rate of a number, when its unit is known.
    pub(in crate::pool) fn apply(self, number: Rate, is_fraction: bool) -> Option<ContractRate> {
        let per = self.per?;
        let percent = !is_fraction && self.percent.or((number == Rate::ZERO).then_some(false))?;
        let rate = if percent {
            Rate::from_decimal(number.to_decimal() / Decimal::ONE_HUNDRED)?
        } else {
            number
        };
        Some(ContractRate { rate, per })
    }
}

/// The unit of each sheet's rates, and findings for what nobody stated.
pub(in crate::pool) fn resolve(tape: &Tape) -> (Vec<Resolved>, Vec<Finding>) {
    let mut findings = Vec::new();
    let sheets = tape.rate_units.iter().enumerate();
    let mut units: Vec<Resolved> = Vec::new();
    for (sheet, unit) in sheets {
        let stated = stated(*unit);
        let rated = |row: &&Row| {
            usize::from(row.origin.sheet) == sheet && row.rate.is_some_and(|rate| rate > Rate::ZERO)
        };
        let needs_unit = tape.rows.iter().any(|row| rated(&row));
        let needs_percent = stated.percent.is_none()
            && tape.rows.iter().filter(rated).any(|row| !row.rate_is_fraction);
        if !needs_unit || (stated.per.is_some() && !needs_percent) {
            // Nothing to resolve: zero rates mean the same in every unit.
            let per = stated.per.or(Some(RatePeriod::Instalment));
            units.push(Resolved { per, percent: stated.percent.or(Some(false)) });
            continue;
        }
        let (unit, found) = recompute(tape, sheet, stated, needs_percent);
        units.push(unit);
        findings.extend(found);
    }
    // The schedule's sheet has no rates.
    units.resize(tape.manifest.sheets.len(), Resolved { percent: None, per: None });
    (units, findings)
}

fn stated(unit: Unit) -> Resolved {
    let per = unit.per.map(|per| match per {
        Per::Year => RatePeriod::Year,
        Per::Instalment => RatePeriod::Instalment,
        Per::Day => RatePeriod::Day,
    });
    Resolved { percent: unit.percent, per }
}

/// Tries the units that are open on the instalments given; one must explain nine rows of ten.
fn recompute(
    tape: &Tape,
    sheet: usize,
    stated: Resolved,
    needs_percent: bool,
) -> (Resolved, Vec<Finding>) {
    let samples = samples(tape, sheet);
    let mut fitting: Vec<(usize, Resolved)> = Vec::new();
    for percent in [true, false] {
        for per in [RatePeriod::Year, RatePeriod::Instalment] {
            let open = (stated.percent.is_none_or(|said| said == percent))
                && (stated.per.is_none_or(|said| said == per))
                && (needs_percent || stated.percent.is_some() || !percent);
            let unit = Resolved { percent: Some(percent), per: Some(per) };
            let hits = samples.iter().filter(|sample| sample.fits(unit)).count();
            if open && hits > 0 && hits * 10 >= samples.len() * 9 {
                fitting.push((hits, unit));
            }
        }
    }
    let column = tape.manifest.columns.get(Field::Rate.name()).cloned().unwrap_or_default();
    let name = tape.manifest.sheets.get(sheet).map_or("", String::as_str);
    let header_row = tape.manifest.header_rows.get(sheet).copied().unwrap_or_default();
    let origin = Origin::cell(&tape.manifest.file, name, format!("{}{header_row}", column.0));
    if let [(hits, unit)] = fitting.as_slice() {
        let percent = if unit.percent == Some(true) { "percent" } else { "fraction" };
        let per = if unit.per == Some(RatePeriod::Year) { "year" } else { "instalment" };
        let finding = Finding::new("T0011", origin)
            .with("header", &column.1)
            .with("percent", percent)
            .with("per", per)
            .with("hits", hits)
            .with("samples", samples.len());
        return (*unit, vec![finding]);
    }
    let mut findings = Vec::new();
    let example = tape.rows.iter().find_map(|row| row.rate.filter(|rate| *rate > Rate::ZERO));
    let example = example.unwrap_or_default();
    if needs_percent {
        let finding = Finding::new("T0009", origin.clone()).with("header", &column.1);
        findings.push(finding.with("example", example));
    }
    if stated.per.is_none() {
        let finding = Finding::new("T0010", origin).with("header", &column.1);
        findings.push(finding.with("example", example));
    }
    (stated, findings)
}

/// A row whose instalment can be recomputed.
struct Sample {
    method: Method,
    original: Amount,
    instalments: u16,
    instalment: Amount,
    rate: Rate,
    is_fraction: bool,
}

impl Sample {
    fn fits(&self, unit: Resolved) -> bool {
        let Some(contract) = unit.apply(self.rate, self.is_fraction) else { return false };
        let rate = contract.rate.to_decimal();
        let rate = if contract.per == RatePeriod::Year { rate / Decimal::from(12) } else { rate };
        let level =
            |rate| level_instalment(self.original, rate, self.instalments, Rounding::HalfUp);
        let computed = match self.method {
            Method::LevelPay => level(rate),
            Method::FlatFee => {
                level(Decimal::ZERO).map(|part| part + self.original.at(contract_rate(rate)))
            }
            Method::EqualPrincipal
            | Method::InterestOnly
            | Method::Daily
            | Method::Bill
            | Method::Given => None,
        };
        computed.is_some_and(|computed| (computed - self.instalment).minor().abs() <= 1)
    }
}

fn contract_rate(rate: Decimal) -> Rate {
    Rate::from_decimal(rate).unwrap_or_default()
}

fn samples(tape: &Tape, sheet: usize) -> Vec<Sample> {
    const SAMPLES_MAX: usize = 2_000;
    let methods = &tape.texts["repayment_method"];
    let sample = |(index, row): (usize, &Row)| {
        let method = Method::from_text(&methods.values[methods.codes[index] as usize])?;
        let known = usize::from(row.origin.sheet) == sheet
            && matches!(method, Method::LevelPay | Method::FlatFee);
        known.then_some(())?;
        Some(Sample {
            method,
            original: row.original_principal.filter(|original| *original > Amount::ZERO)?,
            instalments: row.instalments.filter(|count| *count > 0)?,
            instalment: row.instalment_amount.filter(|amount| *amount > Amount::ZERO)?,
            rate: row.rate.filter(|rate| *rate > Rate::ZERO)?,
            is_fraction: row.rate_is_fraction,
        })
    };
    tape.rows.iter().enumerate().filter_map(sample).take(SAMPLES_MAX).collect()
}
