//! The only door between the tape and the pool: typed rows → checked receivables.

mod blocks;
mod excerpts;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, Months, NaiveDate};
use rayon::prelude::*;

pub use blocks::{Parts, Taken, load_in_blocks};
use excerpts::Excerpts;

use super::from_terms::Filled;
use super::rules::{self, Draft, rate_unit};
use super::{
    Attribute, ContractRate, GivenInstalment, InDefault, Method, Pool, PoolTerms, ProductTerms,
    Receivable,
};
use crate::finding::{Checked, Finding, Origin, Severity, entry};
use crate::money::Amount;
use crate::tape::{self, Faults, Field, Mapping, Row, Tape, Texts};

/// Rows that are turned into receivables at a time, and by one thread.
const BLOCK: usize = 1 << 17;
const CHUNK: usize = 1 << 13;

/// Reads a tape and makes the pool of it; findings show the rows that they speak of.
///
/// Everything found in the mapping's columns, the file and its rows is in the result at once. Rows
/// with an error are not in the pool.
///
/// # Errors
///
/// When the file cannot be read as a tape at all.
pub fn load(
    path: &Path,
    mapping: &Mapping,
    terms: &PoolTerms,
) -> Result<Checked<Pool>, tape::Error> {
    load_keeping(path, mapping, terms, Faults::KEPT)
}

/// The same, with that many findings of one code kept apart instead of counted.
///
/// # Errors
///
/// As [`load`].
pub fn load_keeping(
    path: &Path,
    mapping: &Mapping,
    terms: &PoolTerms,
    most: usize,
) -> Result<Checked<Pool>, tape::Error> {
    let tape = tape::read_keeping(path, mapping, most)?;
    let (pool, mut findings, faults) = assemble(&tape, terms);
    let excerpts = Excerpts::read(&tape, &faults)?;
    findings.extend(faults.into_findings(|fault| excerpts.tell(&tape, fault)));
    Ok(Checked::new(pool, findings))
}

impl Pool {
    /// The receivables of a tape, checked by every rule of `rules/`; good rows are kept.
    ///
    /// Reads no file: the findings name the cells but do not show the rows, as [`load`] does.
    pub fn from_tape(tape: &Tape, terms: &PoolTerms) -> Checked<Pool> {
        let (pool, mut findings, faults) = assemble(tape, terms);
        let none = Excerpts::default();
        findings.extend(faults.into_findings(|fault| none.tell(tape, fault)));
        Checked::new(pool, findings)
    }
}

/// How the rates of a tape's first sheet are to be taken: whether numbers are percentages, and their
/// period, each when it is stated or follows from the instalments; with the findings about it.
pub fn rate_unit(tape: &Tape) -> ((Option<bool>, Option<super::RatePeriod>), Vec<Finding>) {
    let (units, findings) = rate_unit::resolve(tape);
    (units.first().map(|unit| unit.parts()).unwrap_or_default(), findings)
}

fn assemble(tape: &Tape, terms: &PoolTerms) -> (Pool, Vec<Finding>, Faults) {
    let mut faults = tape.faults.clone();
    let (products, product_findings) = rules::products(tape, terms);
    let (units, unit_findings) = rate_unit::resolve(tape);
    let known = (product_findings, unit_findings);
    let schedule = rules::schedule::by_receivable(tape, &mut faults);
    let mut refused = rules::p0102_duplicate_id::check(&tape.rows, &mut faults);
    let taken = rules::p0155_encumbered::check(tape, terms.cutoff, &mut faults);
    refused.iter_mut().zip(taken).for_each(|(refused, taken)| *refused |= taken);

    let context = Context { tape, terms, products: &products, units, schedule, refused };
    let kept = context.receivables(&mut faults);
    let findings = about(tape, terms, known, &kept.tally);
    let attributes = attributes(tape, &kept.rows);
    let receivables = kept.receivables;
    let manifest = tape.manifest.clone();
    let cutoff = terms.cutoff;
    (Pool { cutoff, receivables, products, attributes, manifest }, findings, faults)
}

/// What is found about the tape as a whole: its own findings, those about products and units, and
/// notes about what was made of its rows.
fn about(
    tape: &Tape,
    terms: &PoolTerms,
    (products, units): (Vec<Finding>, Vec<Finding>),
    tally: &Tally,
) -> Vec<Finding> {
    let mut findings = tape.findings.clone();
    findings.extend(cutoff_differs(tape, terms));
    findings.extend(products);
    findings.extend(units);
    findings.extend(filled_in(tape, tally));
    findings.extend(join_later(tape, tally));
    findings
}

fn cutoff_differs(tape: &Tape, terms: &PoolTerms) -> Option<Finding> {
    let stated = tape.cutoff.filter(|stated| *stated != terms.cutoff)?;
    let finding = Finding::new("T0015", Origin::file(&tape.manifest.file));
    Some(finding.with("stated", stated).with("cutoff", terms.cutoff))
}

/// What every row is read against.
struct Context<'t> {
    tape: &'t Tape,
    terms: &'t PoolTerms,
    products: &'t [(String, ProductTerms)],
    units: Vec<rate_unit::Resolved>,
    schedule: BTreeMap<&'t str, Vec<GivenInstalment>>,
    /// Rows that a check of the whole tape refuses.
    refused: Vec<bool>,
}

/// Notes about fields that the terms gave, because the tape has nothing in them.
fn filled_in(tape: &Tape, tally: &Tally) -> impl Iterator<Item = Finding> {
    let origin = Origin::file(&tape.manifest.file);
    let of = tape.manifest.rows;
    let notes =
        [("P0137", tally.balances), ("P0138", tally.originations), ("P0139", tally.rep_lines)];
    notes.into_iter().filter(|(_, count)| *count > 0).map(move |(code, count)| {
        Finding::new(code, origin.clone()).with("count", count).with("of", of)
    })
}

/// A note about cut-off dates of their own.
fn join_later(tape: &Tape, tally: &Tally) -> Option<Finding> {
    let last = tally.last_cutoff?;
    let finding = Finding::new("P0141", Origin::file(&tape.manifest.file));
    let finding = finding.with("count", tally.later).with("of", tape.manifest.rows);
    Some(finding.with("amount", tally.joining.grouped()).with("last", last))
}

/// Receivables with what is known of the rows that they came from.
#[derive(Default)]
struct Kept {
    receivables: Vec<Receivable>,
    /// The index of each receivable's row.
    rows: Vec<u32>,
    tally: Tally,
}

/// How many receivables there are of a kind that a note tells.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// How many have their balance from the terms.
    balances: usize,
    /// How many have their origination from the first due date.
    originations: usize,
    /// How many are representative lines.
    rep_lines: usize,
    /// How many have a later cut-off date of their own, their balances, and the last such date.
    later: usize,
    joining: Amount,
    last_cutoff: Option<NaiveDate>,
}

impl Tally {
    fn join(&mut self, receivable: &Receivable) {
        let Some(own) = receivable.own_cutoff else { return };
        self.later += 1;
        self.joining += receivable.outstanding_principal;
        self.last_cutoff = self.last_cutoff.max(Some(own));
    }

    fn extend(&mut self, later: Tally) {
        self.balances += later.balances;
        self.originations += later.originations;
        self.rep_lines += later.rep_lines;
        self.later += later.later;
        self.joining += later.joining;
        self.last_cutoff = self.last_cutoff.max(later.last_cutoff);
    }
}

impl Kept {
    fn extend(&mut self, later: Kept) {
        self.receivables.extend(later.receivables);
        self.rows.extend(later.rows);
        self.tally.extend(later.tally);
    }
}

impl Context<'_> {
    fn receivables(&self, faults: &mut Faults) -> Kept {
        let methods: Vec<Option<Method>> = self
            .texts("repayment_method")
            .values
            .iter()
            .map(|text| Method::from_text(text))
            .collect();
        let rows = &self.tape.rows;
        let mut kept = Kept {
            receivables: Vec::with_capacity(rows.len()),
            rows: Vec::with_capacity(rows.len()),
            ..Kept::default()
        };
        for (block, rows) in rows.chunks(BLOCK).enumerate() {
            let chunks: Vec<(Kept, Faults)> = rows
                .par_chunks(CHUNK)
                .enumerate()
                .map(|(chunk, rows)| self.chunk(block * BLOCK + chunk * CHUNK, rows, &methods))
                .collect();
            for (chunk, found) in chunks {
                kept.extend(chunk);
                faults.extend(found);
            }
        }
        kept
    }

    fn chunk(&self, start: usize, rows: &[Row], methods: &[Option<Method>]) -> (Kept, Faults) {
        let mut faults = self.tape.faults.emptied();
        let mut kept = Kept {
            receivables: Vec::with_capacity(rows.len()),
            rows: Vec::with_capacity(rows.len()),
            ..Kept::default()
        };
        for (index, row) in (start..).zip(rows) {
            let filled = self.filled(index, row, methods);
            let row = filled.as_ref().map_or(row, |filled| &filled.row);
            let rep_line = filled.as_ref().is_some_and(|filled| filled.rep_line);
            let draft = self.draft(index, row, methods, rep_line);
            let mut good = !row.has_unreadable() && !self.refused[index];
            for rule in rules::RULES {
                let Some(fault) = rule(&draft) else { continue };
                good &= entry(fault.code).is_some_and(|e| e.severity != Severity::Error);
                faults.add(fault.code, || fault);
            }
            if let Some(receivable) = good.then(|| draft.receivable(self.product(index))).flatten()
            {
                let tally = &mut kept.tally;
                tally.join(&receivable);
                tally.balances += usize::from(filled.as_ref().is_some_and(|f| f.balance));
                tally.originations += usize::from(filled.as_ref().is_some_and(|f| f.origination));
                tally.rep_lines += usize::from(rep_line);
                kept.receivables.push(receivable);
                kept.rows.push(u32::try_from(index).expect("a tape has fewer than 2^32 rows"));
            }
        }
        (kept, faults)
    }

    /// The row with what the terms give, when the tape has nothing there.
    fn filled(&self, index: usize, row: &Row, methods: &[Option<Method>]) -> Option<Filled> {
        let method = methods[self.texts("repayment_method").codes[index] as usize];
        if method == Some(Method::Revolving) {
            let limit = self.tape.texts.get("limit_total").map(|texts| text(texts, index));
            return Some(Filled::revolving(row, self.cutoff(row), limit));
        }
        let mut filled = Filled::of(row)?;
        if filled.origination {
            let given = self.schedule.get(&*row.id).map(Vec::as_slice);
            let (first_due, cutoff) = (self.first_due(row, given), self.cutoff(row));
            let months = self.tape.months_after_origination.unwrap_or(1);
            if first_due.0.is_some() || !filled.line_up(cutoff) {
                filled.originate(first_due, months, cutoff);
            }
        }
        if filled.balance {
            let mut any = filled.row.clone();
            any.outstanding_principal = Some(Amount::ZERO);
            let draft = self.draft(index, &any, methods, filled.rep_line);
            filled.set_balance(draft.receivable(self.product(index)).as_ref(), draft.terms);
        }
        Some(filled)
    }

    /// The day a row's balance is of.
    fn cutoff(&self, row: &Row) -> NaiveDate {
        row.cutoff.unwrap_or(self.terms.cutoff)
    }

    fn draft<'d>(
        &'d self,
        index: usize,
        row: &'d Row,
        methods: &[Option<Method>],
        is_rep_line: bool,
    ) -> Draft<'d> {
        let method_code = self.texts("repayment_method").codes[index] as usize;
        let paid = row.paid_instalments.or_else(|| {
            let stated = row.paid_from.map(|from| months_between(from, self.cutoff(row)));
            stated.map(|months| row.instalments.map_or(months, |total| months.min(total)))
        });
        let paid = paid.or_else(|| row.instalments?.checked_sub(row.remaining_instalments?));
        let given = self.schedule.get(&*row.id).map(Vec::as_slice);
        let (first_due, due_day) = self.first_due(row, given);
        let method_text = &self.texts("repayment_method").values[method_code];
        // Lines of level pay are the custom of the field, so it need not be said.
        let unsaid = (is_rep_line && method_text.is_empty()).then_some(Method::LevelPay);
        Draft {
            row,
            provided: &self.tape.provided,
            cutoff: self.cutoff(row),
            pool_cutoff: self.terms.cutoff,
            is_rep_line,
            method: methods[method_code].or(unsaid),
            method_text,
            status: text(self.texts("status"), index),
            terms: &self.products[usize::from(self.product(index))].1,
            rate: self.units[usize::from(row.origin.sheet)].apply(row),
            instalments: row.instalments,
            paid,
            first_due,
            due_day,
            given,
        }
    }

    /// The first due date and the due day: as given, by the stated rule, or one month after the
    /// origination on the due day.
    fn first_due(
        &self,
        row: &Row,
        given: Option<&[GivenInstalment]>,
    ) -> (Option<NaiveDate>, Option<u8>) {
        if row.is_unreadable(Field::FirstDueDate) || row.is_unreadable(Field::OriginationDate) {
            return (row.first_due, row.due_day);
        }
        let after = |months: u32| row.origination?.checked_add_months(Months::new(months));
        if let Some(date) = row.first_due {
            return (Some(date), row.due_day.or(Some(day_of(date))));
        }
        if let Some(months) = self.tape.months_after_origination {
            return (after(months), row.due_day.or(row.origination.map(day_of)));
        }
        if let Some(line) = given.and_then(<[_]>::first).filter(|line| line.number == 1) {
            return (Some(line.due), row.due_day.or(Some(day_of(line.due))));
        }
        let due = row.due_day.filter(|day| *day > 0).and_then(|day| on_day(after(1)?, day));
        (due, row.due_day)
    }

    fn product(&self, index: usize) -> u16 {
        let code = self.texts("product").codes[index];
        u16::try_from(code)
            .ok()
            .filter(|code| usize::from(*code) < self.products.len())
            .unwrap_or(0)
    }

    fn texts(&self, name: &str) -> &Texts {
        self.tape.texts.get(name).expect("every tape has its standard text columns")
    }
}

fn text(texts: &Texts, index: usize) -> &str {
    &texts.values[texts.codes[index] as usize]
}

pub(super) fn day_of(date: NaiveDate) -> u8 {
    u8::try_from(date.day()).expect("a month has 31 days at most")
}

/// That day of the date's month, or the month's last day.
pub(super) fn on_day(date: NaiveDate, day: u8) -> Option<NaiveDate> {
    (28..=u32::from(day).max(28))
        .rev()
        .map(|last| u32::from(day).min(last))
        .find_map(|day| date.with_day(day))
}

/// Whole months from the month of one date to the month of another; 0 when it is earlier.
fn months_between(from: NaiveDate, to: NaiveDate) -> u16 {
    let month = |date: NaiveDate| date.year() * 12 + date.month0().cast_signed();
    u16::try_from(month(to) - month(from)).unwrap_or(0)
}

/// The text columns of the kept rows, each with the values that occur in them.
fn attributes(tape: &Tape, kept: &[u32]) -> BTreeMap<String, Attribute> {
    let columns = tape.texts.iter().filter(|(name, _)| *name != "repayment_method");
    columns.map(|(name, texts)| (name.clone(), attribute(texts, kept, name == "product"))).collect()
}

fn attribute(texts: &Texts, kept: &[u32], keep_all: bool) -> Attribute {
    if keep_all || kept.len() == texts.codes.len() {
        let codes = kept.iter().map(|row| texts.codes[*row as usize]).collect();
        return Attribute { values: texts.values.clone(), codes };
    }
    let mut used = vec![false; texts.values.len()];
    kept.iter().for_each(|row| used[texts.codes[*row as usize] as usize] = true);
    let mut next = 0;
    let codes: Vec<u32> = used
        .iter()
        .map(|used| {
            next += u32::from(*used);
            next.saturating_sub(1)
        })
        .collect();
    let values = texts.values.iter().zip(&used).filter(|(_, used)| **used);
    Attribute {
        values: values.map(|(text, _)| text.clone()).collect(),
        codes: kept.iter().map(|row| codes[texts.codes[*row as usize] as usize]).collect(),
    }
}

impl Draft<'_> {
    /// The receivable, when nothing that it needs is missing.
    pub(super) fn receivable(&self, product: u16) -> Option<Receivable> {
        let row = self.row;
        let method = self.method?;
        let given = self.given.filter(|_| method == Method::Given);
        Some(Receivable {
            id: row.id.clone(),
            origin: row.origin,
            method,
            original_principal: row.original_principal?,
            outstanding_principal: row.outstanding_principal?,
            instalments: self.instalments?,
            paid_instalments: self.paid?,
            rate: self.rate.or_else(|| self.no_rate())?,
            origination: row.origination?,
            first_due: self.first_due?,
            due_day: self.due_day?,
            instalment: row.instalment_amount.filter(|amount| *amount > Amount::ZERO),
            past_due_days: row.past_due_days,
            in_default: self.in_default(),
            product,
            given: given.map(Box::from),
            own_cutoff: row.cutoff.filter(|own| *own > self.pool_cutoff),
            is_rep_line: self.is_rep_line,
        })
    }

    /// What the row says of a default; a day that cannot be is not taken (M0173).
    fn in_default(&self) -> Option<Box<InDefault>> {
        let row = self.row;
        let since = row.default_date.filter(|_| !rules::m0173_default_out_of_order::is_odd(self));
        // A day that stands there from former arrears says nothing of a receivable that is current.
        let overdue_since = row.overdue_start.filter(|_| row.past_due_days != Some(0));
        let known = InDefault { since, overdue_since, principal: row.default_principal };
        (known != InDefault::default()).then(|| Box::new(known))
    }

    /// Bills and given schedules need no rate.
    fn no_rate(&self) -> Option<ContractRate> {
        self.needs_no_rate().then_some(ContractRate {
            rate: crate::money::Rate::ZERO,
            per: super::RatePeriod::Instalment,
        })
    }
}

impl Method {
    /// The method that a tape calls so, in Chinese or as a code; `None` when it is not known.
    ///
    /// ```
    /// use cashfall::pool::Method;
    /// assert_eq!(Method::from_text("等额本息"), Some(Method::LevelPay));
    /// assert_eq!(Method::from_text("EQUAL_PRINCIPAL_FLAT_FEE"), Some(Method::FlatFee));
    /// ```
    pub fn from_text(text: &str) -> Option<Method> {
        if tape::is_revolving(text) {
            return Some(Method::Revolving);
        }
        let name: String = text.trim().to_lowercase().replace([' ', '-'], "_");
        let method = match name.as_str() {
            "等额本息" | "annuity" | "level_pay" | "level_payment" | "等额还款" => {
                Method::LevelPay
            }
            "等额本金" | "equal_principal" => Method::EqualPrincipal,
            "等本等费"
            | "等本等息"
            | "免息分期"
            | "等额本金等额手续费"
            | "equal_principal_flat_fee"
            | "flat_fee" => Method::FlatFee,
            "先息后本" | "按期付息到期还本" | "按月付息到期还本" | "interest_only" => {
                Method::InterestOnly
            }
            "按日计息" | "随借随还" | "daily" => Method::Daily,
            "免息30天" | "白条30天" | "账单" | "一次性还本付息" | "到期一次还本付息" | "bill" => {
                Method::Bill
            }
            "自定义" | "按计划" | "按还款计划" | "given" => Method::Given,
            _ => return None,
        };
        Some(method)
    }
}
