//! What is checked of each receivable: one file per rule, named after the code of its finding.
//!
//! To add a rule: its file, its line in [`RULES`], its texts in `templates/findings/`, a broken
//! fixture in `fixtures/broken/`.

pub(super) mod m0173_default_out_of_order;
mod m0174_defaulted_below_balance;
mod p0101_missing_id;
pub(super) mod p0102_duplicate_id;
mod p0106_unknown_method;
mod p0107_does_not_repay;
mod p0110_outstanding_above_original;
mod p0111_paid_above_total;
mod p0113_instalments_do_not_add_up;
mod p0114_originated_after_cutoff;
mod p0115_due_before_origination;
mod p0116_rate_implausible;
mod p0117_empty_cell;
mod p0118_zero_balance;
mod p0119_settled_with_balance;
mod p0120_instalment_differs;
mod p0121_first_due_unknown;
mod p0122_original_zero;
mod p0123_matures_before_origination;
mod p0124_paid_up_with_balance;
mod p0125_overdue_above_outstanding;
mod p0126_zero;
mod p0131_given_without_schedule;
mod p0132_schedule_differs;
mod p0140_cutoff_before_pool;
mod p0150_past_due_days_differ;
mod p0151_annual_cost_differs;
mod p0152_status_and_days_differ;
mod p0153_overdue_since_differs;
mod p0154_matures_elsewhen;
pub(super) mod p0155_encumbered;
mod p0183_parts_are_not_outstanding;
pub(super) mod rate_unit;
pub(super) mod schedule;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{ContractRate, GivenInstalment, Method, PoolTerms, ProductTerms, RatePeriod};
use crate::finding::{Finding, Origin};
use crate::money::{Amount, Rate, Rounding};
use crate::plan;
use crate::tape::{Fault, Field, Row, Tape};

/// A row on its way to a receivable, with all that can be said of it.
pub(super) struct Draft<'d> {
    pub(super) row: &'d Row,
    pub(super) provided: &'d BTreeSet<Field>,
    /// The day the row's balance is of: its own cut-off date, or the pool's.
    pub(super) cutoff: NaiveDate,
    pub(super) pool_cutoff: NaiveDate,
    pub(super) is_rep_line: bool,
    pub(super) method: Option<Method>,
    pub(super) method_text: &'d str,
    pub(super) status: &'d str,
    pub(super) terms: &'d ProductTerms,
    pub(super) rate: Option<ContractRate>,
    pub(super) instalments: Option<u16>,
    pub(super) paid: Option<u16>,
    pub(super) first_due: Option<NaiveDate>,
    pub(super) due_day: Option<u8>,
    pub(super) given: Option<&'d [GivenInstalment]>,
}

/// A check of one row; the fault when it fails. It is silent about what is missing or unreadable,
/// which has been told.
pub(super) type Rule = fn(&Draft) -> Option<Fault>;

/// The rules in the order of their codes.
pub(super) const RULES: [Rule; 30] = [
    p0101_missing_id::check,
    p0106_unknown_method::check,
    p0107_does_not_repay::check,
    p0110_outstanding_above_original::check,
    p0111_paid_above_total::check,
    p0113_instalments_do_not_add_up::check,
    p0114_originated_after_cutoff::check,
    p0115_due_before_origination::check,
    p0116_rate_implausible::check,
    p0117_empty_cell::check,
    p0118_zero_balance::check,
    p0119_settled_with_balance::check,
    p0120_instalment_differs::check,
    p0121_first_due_unknown::check,
    p0122_original_zero::check,
    p0123_matures_before_origination::check,
    p0124_paid_up_with_balance::check,
    p0125_overdue_above_outstanding::check,
    p0126_zero::check,
    p0131_given_without_schedule::check,
    p0132_schedule_differs::check,
    p0140_cutoff_before_pool::check,
    p0150_past_due_days_differ::check,
    p0151_annual_cost_differs::check,
    p0152_status_and_days_differ::check,
    p0153_overdue_since_differs::check,
    p0154_matures_elsewhen::check,
    m0173_default_out_of_order::check,
    m0174_defaulted_below_balance::check,
    p0183_parts_are_not_outstanding::check,
];

impl Draft<'_> {
    /// A fault of this row, with the receivable's id among its figures.
    fn fault(&self, code: &'static str, blame: Field) -> Fault {
        Fault::new(code, self.row.origin, blame.name()).with("id", &self.row.id)
    }

    /// Whether it is past due at the cut-off date, by days or by status.
    fn is_past_due(&self) -> bool {
        let status = self.status.to_lowercase();
        let words = ["逾期", "违约", "overdue", "past_due", "late", "delinquent", "default", "m1"];
        self.row.past_due_days.is_some_and(|days| days > 0)
            || words.iter().any(|word| status.starts_with(word))
    }

    /// Whether the method does without a rate.
    pub(super) fn needs_no_rate(&self) -> bool {
        matches!(self.method, Some(Method::Bill | Method::Given | Method::Revolving))
    }

    /// The instalments still to be paid.
    fn remaining(&self) -> Option<u16> {
        self.instalments?.checked_sub(self.paid?)
    }
}

/// The level instalment of the plan; `None` when there is no instalment or the rate has a finding of
/// its own.
pub(super) fn level_instalment(
    principal: Amount,
    rate: ContractRate,
    instalments: u16,
    rounding: Rounding,
) -> Option<Amount> {
    let can = instalments > 0 && principal >= Amount::ZERO && is_computable(rate);
    can.then(|| plan::level_instalment(principal, rate, instalments, rounding))
}

/// The principal in equal instalments without a charge.
pub(super) fn equal_part(
    principal: Amount,
    instalments: u16,
    rounding: Rounding,
) -> Option<Amount> {
    let none = ContractRate { rate: Rate::ZERO, per: RatePeriod::Instalment };
    level_instalment(principal, none, instalments, rounding)
}

/// Whether schedules are made at that rate: up to ten thousand percent. What is above has a finding.
pub(super) fn is_computable(rate: ContractRate) -> bool {
    const TIMES_MAX: i64 = 100;
    (Rate::ZERO..=Rate::from_parts(Rate::ONE.parts() * TIMES_MAX)).contains(&rate.rate)
}

/// The exact rate of one monthly instalment; `None` for a daily rate.
fn per_instalment(rate: ContractRate) -> Option<Decimal> {
    match rate.per {
        RatePeriod::Instalment => Some(rate.rate.to_decimal()),
        RatePeriod::Year => rate.rate.to_decimal().checked_div(Decimal::from(12)),
        RatePeriod::Day => None,
    }
}

/// `(1 + rate)^periods` by squaring, in 28 digits.
fn growth(rate: Decimal, periods: u16) -> Option<Decimal> {
    let (mut power, mut square, mut rest) = (Decimal::ONE, Decimal::ONE + rate, periods);
    while rest > 0 {
        if rest % 2 == 1 {
            power = power.checked_mul(square)?;
        }
        rest /= 2;
        if rest > 0 {
            square = square.checked_mul(square)?;
        }
    }
    Some(power)
}

/// More distinct products than this mean that the column is something else.
pub(super) const PRODUCTS_MAX: usize = 500;

/// The products of a tape with their terms; findings for those that the deal does not know.
pub(super) fn products(
    tape: &Tape,
    terms: &PoolTerms,
) -> (Vec<(String, ProductTerms)>, Vec<Finding>) {
    let values = &tape.texts["product"].values;
    let origin = || {
        let column = tape.manifest.columns.get("product").map_or("", |(letters, header)| {
            if tape.manifest.names_columns { header } else { letters }
        });
        let sheet = tape.manifest.sheets.first().map_or("", String::as_str);
        Origin::cell(&tape.manifest.file, sheet, column)
    };
    if values.len() > PRODUCTS_MAX {
        let finding = Finding::new("T0019", origin()).with("count", values.len());
        return (vec![(String::new(), terms.default_terms)], vec![finding]);
    }
    let known: BTreeMap<&str, &ProductTerms> =
        terms.by_product.iter().map(|(name, terms)| (name.as_str(), terms)).collect();
    let findings = without_terms(values, &known, origin);
    let terms_of = |name: &str| **known.get(name).unwrap_or(&&terms.default_terms);
    let mut products: Vec<(String, ProductTerms)> =
        values.iter().map(|name| (name.to_string(), terms_of(name))).collect();
    if products.is_empty() {
        products.push((String::new(), terms.default_terms));
    }
    (products, findings)
}

/// Products of the tape without terms of their own: a warning each while the deal names products
/// that the tape does not have (it may mean these), otherwise one note.
fn without_terms(
    values: &[Box<str>],
    known: &BTreeMap<&str, &ProductTerms>,
    origin: impl Fn() -> Origin,
) -> Vec<Finding> {
    let unknown: Vec<&str> =
        values.iter().map(|name| &**name).filter(|name| !known.contains_key(name)).collect();
    if known.is_empty() || unknown.is_empty() {
        return Vec::new();
    }
    let unused: Vec<&str> = known
        .keys()
        .copied()
        .filter(|name| !values.iter().any(|value| **value == **name))
        .collect();
    if unused.is_empty() {
        let finding = Finding::new("P0130", origin()).with("count", unknown.len());
        return vec![finding.with("products", unknown.join(", "))];
    }
    let warning = |name: &&str| {
        Finding::new("P0129", origin()).with("product", name).with("known", unused.join(", "))
    };
    unknown.iter().map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_instalment_is_the_published_one() {
        let rate = |text: &str| ContractRate {
            rate: text.parse().expect("a rate"),
            per: RatePeriod::Year,
        };
        let amount = |text: &str| text.parse::<Amount>().expect("an amount");
        let loan = level_instalment(amount("28000"), rate("0.1407"), 60, Rounding::Up);
        assert_eq!(loan, Some(amount("652.53")));
        let example = level_instalment(amount("9840"), rate("0.069"), 48, Rounding::HalfUp);
        assert_eq!(example, Some(amount("235.17")));
        assert_eq!(equal_part(amount("100"), 3, Rounding::Up), Some(amount("33.34")));
        assert_eq!(level_instalment(amount("100"), rate("1000"), 3, Rounding::Up), None);
    }
}
