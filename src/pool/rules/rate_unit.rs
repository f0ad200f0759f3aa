//! # T0009, T0010, T0011 · the unit of the rate
//!
//! A rate without a stated unit is never guessed: it is found by recomputing the instalments that
//! the tape gives, or asked for. The period that a row states is its own, whatever the header says.

use rust_decimal::Decimal;

use super::{equal_part, level_instalment, per_instalment};
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
    /// Whether numbers are percentages, and the period of the rate; `None` when it is not known.
    pub(in crate::pool) fn parts(self) -> (Option<bool>, Option<RatePeriod>) {
        (self.percent, self.per)
    }

    /// The contract rate of a row, when its unit is known. Zero means the same in every unit.
    pub(in crate::pool) fn apply(self, row: &Row) -> Option<ContractRate> {
        self.of(row.rate?, row.rate_is_fraction, row.rate_per.map(period))
    }

    fn of(self, number: Rate, is_fraction: bool, own: Option<RatePeriod>) -> Option<ContractRate> {
        let per = own.or(self.per);
        if number == Rate::ZERO {
            return Some(ContractRate { rate: number, per: per.unwrap_or(RatePeriod::Instalment) });
        }
        let per = per?;
        let rate = if !is_fraction && self.percent? {
            Rate::from_decimal(number.to_decimal() / Decimal::ONE_HUNDRED)?
        } else {
            number
        };
        Some(ContractRate { rate, per })
    }
}

/// The unit of each sheet's rates, and findings for what nobody stated.
pub(in crate::pool) fn resolve(tape: &Tape) -> (Vec<Resolved>, Vec<Finding>) {
    let mut seen = Seen::default();
    seen.see(tape);
    seen.resolve(tape)
}

/// The units as far as the headers state them, where that is enough.
pub(in crate::pool) fn as_stated(tape: &Tape) -> Vec<Resolved> {
    let units = tape.rate_units.iter().map(|unit| settled(stated(*unit)));
    let mut units: Vec<Resolved> = units.collect();
    units.resize(tape.manifest.sheets.len(), UNKNOWN);
    units
}

const UNKNOWN: Resolved = Resolved { percent: None, per: None };

/// A unit of which nothing more needs to be found out.
fn settled(stated: Resolved) -> Resolved {
    Resolved { per: stated.per, percent: stated.percent.or(Some(false)) }
}

/// What the rows say of the unit, row by row.
#[derive(Default)]
pub(in crate::pool) struct Seen {
    sheets: Vec<SeenSheet>,
    /// The first rate that is not zero.
    example: Option<Rate>,
}

#[derive(Default)]
struct SeenSheet {
    /// Whether some rate is a plain number.
    plain: bool,
    /// Whether some rate has no period of its own.
    without_period: bool,
    /// Rows whose instalment can be recomputed.
    samples: Vec<Sample>,
}

impl Seen {
    /// Looks at the rows of a tape, or of its next part, where headers leave something open.
    pub(in crate::pool) fn see(&mut self, tape: &Tape) {
        self.sheets.resize_with(tape.rate_units.len(), SeenSheet::default);
        let stated = |unit: &Unit| unit.percent.is_some() && unit.per.is_some();
        if tape.rate_units.iter().all(stated) {
            return;
        }
        let methods = &tape.texts["repayment_method"];
        let methods: Vec<Option<Method>> =
            methods.values.iter().map(|text| Method::from_text(text)).collect();
        let codes = &tape.texts["repayment_method"].codes;
        for (row, code) in tape.rows.iter().zip(codes) {
            let Some(rate) = row.rate.filter(|rate| *rate > Rate::ZERO) else { continue };
            self.example.get_or_insert(rate);
            let Some(sheet) = self.sheets.get_mut(usize::from(row.origin.sheet)) else { continue };
            sheet.plain |= !row.rate_is_fraction;
            sheet.without_period |= row.rate_per.is_none();
            if sheet.samples.len() < SAMPLES_MAX {
                sheet.samples.extend(sample(row, methods[*code as usize]));
            }
        }
    }

    /// See [`resolve`].
    pub(in crate::pool) fn resolve(&self, tape: &Tape) -> (Vec<Resolved>, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut units: Vec<Resolved> = Vec::new();
        // An empty cell of the rate type has a finding of its own.
        let by_row = tape.provided.contains(&Field::RateType);
        let none = SeenSheet::default();
        for (sheet, unit) in tape.rate_units.iter().enumerate() {
            let (stated, seen) = (stated(*unit), self.sheets.get(sheet).unwrap_or(&none));
            let open = Open {
                percent: stated.percent.is_none() && seen.plain,
                per: stated.per.is_none() && !by_row && seen.without_period,
            };
            if !open.percent && !open.per {
                units.push(settled(stated));
                continue;
            }
            let example = self.example.unwrap_or_default();
            let (unit, found) = recompute((tape, sheet), (stated, open), &seen.samples, example);
            units.push(unit);
            findings.extend(found);
        }
        // The schedule's sheet has no rates.
        units.resize(tape.manifest.sheets.len(), UNKNOWN);
        (units, findings)
    }
}

fn stated(unit: Unit) -> Resolved {
    Resolved { percent: unit.percent, per: unit.per.map(period) }
}

fn period(per: Per) -> RatePeriod {
    match per {
        Per::Year => RatePeriod::Year,
        Per::Instalment => RatePeriod::Instalment,
        Per::Day => RatePeriod::Day,
    }
}

/// What of a sheet's unit nobody stated, though some rate needs it.
#[derive(Clone, Copy)]
struct Open {
    percent: bool,
    per: bool,
}

/// Tries the units that are open on the instalments given; one must explain nine rows of ten.
fn recompute(
    (tape, sheet): (&Tape, usize),
    (stated, open): (Resolved, Open),
    samples: &[Sample],
    example: Rate,
) -> (Resolved, Vec<Finding>) {
    let mut fitting: Vec<(usize, Resolved)> = Vec::new();
    let periods: &[Option<RatePeriod>] = match open.per {
        true => &[Some(RatePeriod::Year), Some(RatePeriod::Instalment)],
        false => &[stated.per],
    };
    for percent in [true, false] {
        for per in periods {
            let possible = stated.percent.is_none_or(|said| said == percent)
                && (open.percent || stated.percent.is_some() || !percent);
            let unit = Resolved { percent: Some(percent), per: *per };
            let hits = samples.iter().filter(|sample| sample.fits(unit)).count();
            if possible && hits > 0 && hits * 10 >= samples.len() * 9 {
                fitting.push((hits, unit));
            }
        }
    }
    let column = tape.sheet_columns.get(sheet).and_then(|columns| columns.get(Field::Rate.name()));
    let column = column.cloned().unwrap_or_default();
    let name = tape.manifest.sheets.get(sheet).map_or("", String::as_str);
    let header_row = tape.manifest.header_rows.get(sheet).copied().unwrap_or_default();
    let cell = tape.manifest.cell(&column.0, &column.1, header_row);
    let origin = Origin::cell(&tape.manifest.file, name, cell);
    if let [(hits, unit)] = fitting.as_slice() {
        let percent = if unit.percent == Some(true) { "percent" } else { "fraction" };
        let per = match unit.per {
            Some(RatePeriod::Year) => "year",
            Some(RatePeriod::Instalment) => "instalment",
            Some(RatePeriod::Day) => "day",
            None => "rate_type",
        };
        let finding = Finding::new("T0011", origin)
            .with("header", &column.1)
            .with("percent", percent)
            .with("per", per)
            .with("hits", hits)
            .with("samples", samples.len());
        return (*unit, vec![finding]);
    }
    let mut findings = Vec::new();
    if open.percent {
        let finding = Finding::new("T0009", origin.clone()).with("header", &column.1);
        findings.push(finding.with("example", example));
    }
    if open.per {
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
    per: Option<RatePeriod>,
}

impl Sample {
    fn fits(&self, unit: Resolved) -> bool {
        let Some(contract) = unit.of(self.rate, self.is_fraction, self.per) else { return false };
        let Some(rate) = per_instalment(contract) else { return false };
        let (original, count) = (self.original, self.instalments);
        let computed = match self.method {
            Method::LevelPay => level_instalment(original, contract, count, Rounding::HalfUp),
            Method::FlatFee => {
                let part = equal_part(original, count, Rounding::HalfUp);
                part.map(|part| part + original.at(contract_rate(rate)))
            }
            Method::EqualPrincipal
            | Method::InterestOnly
            | Method::Daily
            | Method::Bill
            | Method::Given
            | Method::Revolving => None,
        };
        computed.is_some_and(|computed| (computed - self.instalment).minor().abs() <= 1)
    }
}

fn contract_rate(rate: Decimal) -> Rate {
    Rate::from_decimal(rate).unwrap_or_default()
}

/// The most rows whose instalment is recomputed.
const SAMPLES_MAX: usize = 2_000;

fn sample(row: &Row, method: Option<Method>) -> Option<Sample> {
    let method = method?;
    let known =
        matches!(method, Method::LevelPay | Method::FlatFee) && row.rate_per != Some(Per::Day);
    known.then_some(())?;
    Some(Sample {
        method,
        original: row.original_principal.filter(|original| *original > Amount::ZERO)?,
        instalments: row.instalments.filter(|count| *count > 0)?,
        instalment: row.instalment_amount.filter(|amount| *amount > Amount::ZERO)?,
        rate: row.rate.filter(|rate| *rate > Rate::ZERO)?,
        is_fraction: row.rate_is_fraction,
        per: row.rate_per.map(period),
    })
}
