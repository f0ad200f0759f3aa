//! The instalments of one receivable: of its whole contract, and of what remains of it.

use chrono::NaiveDate;

use super::Cash;
use super::days::{DayTable, Dues, date_of, day_number};
use super::factor::{Factors, Unit};
use super::method::{self, Loan};
use crate::money::Amount;
use crate::pool::{Method, PlanBasis, ProductTerms, RatePeriod, Receivable};

/// One instalment of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// 期次 of the contract, from 1.
    pub number: u16,
    /// 应还日期, not moved for holidays.
    pub due: NaiveDate,
    /// 应还本金.
    pub principal: Amount,
    /// 应还利息.
    pub interest: Amount,
    /// 应还手续费.
    pub fee: Amount,
    /// Principal outstanding when this instalment is paid.
    pub balance_after: Amount,
    /// It fell due on or before the cut-off date and is not paid.
    pub arrears: bool,
}

/// What a schedule of remaining instalments was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The remaining instalments of the contract.
    Terms,
    /// The schedule given in the tape.
    Given,
    /// The outstanding balance, as the product asks.
    Balance,
    /// The outstanding balance, because the contract (or the given schedule) leaves another one.
    BalanceInstead {
        /// The principal that the contract or the given schedule leaves.
        contract: Amount,
    },
}

/// All instalments of the original contract, numbers 1 to n.
///
/// Amounts are those of the method (see [`method`](super)), dates those of
/// [`due_date`](crate::time::due_date); nothing depends on what has been paid. A schedule given in
/// the tape holds only what remains, so that is what comes back for [`Method::Given`].
///
/// # Rounding
///
/// Each amount once, half up; the instalment or the equal part by the product's rule.
///
/// # Panics
///
/// When the rate is negative, or a sum leaves 64 bits.
///
/// # Example
///
/// R1 of the worked example: 6,433.00 in six instalments with a fee of 0.55 % each.
///
/// ```
/// # use cashfall::{money::Amount, plan::contract_schedule};
/// # use cashfall::pool::{ContractRate, Method, ProductTerms, RatePeriod, Receivable, RowOrigin};
/// # let receivable = Receivable {
/// #     id: "R1".into(), origin: RowOrigin::default(), method: Method::FlatFee,
/// #     original_principal: Amount::from_minor(643_300),
/// #     outstanding_principal: Amount::from_minor(643_300),
/// #     instalments: 6, paid_instalments: 0,
/// #     rate: ContractRate { rate: "0.0055".parse().unwrap(), per: RatePeriod::Instalment },
/// #     origination: "2025-12-10".parse().unwrap(), first_due: "2026-01-10".parse().unwrap(),
/// #     due_day: 10, instalment: None, past_due_days: None, product: 0, given: None,
/// # };
/// let schedule = contract_schedule(&receivable, &ProductTerms::default());
/// let last = schedule.last().unwrap();
/// assert_eq!(last.due.to_string(), "2026-06-10");
/// assert_eq!((last.principal.minor(), last.fee.minor()), (107_215, 35_39));
/// ```
pub fn contract_schedule(receivable: &Receivable, terms: &ProductTerms) -> Vec<Instalment> {
    let table = DayTable::covering(std::slice::from_ref(receivable), receivable.first_due);
    let (dues, mut list) = (table.dues(receivable), Vec::new());
    let start = match receivable.method {
        Method::Given => {
            each_given(receivable, given_total(receivable), |number, day, cash| {
                list.push((number, day, cash));
            });
            given_total(receivable)
        }
        _ => {
            each_of_contract(receivable, terms, dues, &mut Factors::new(), |number, cash| {
                list.push((number, dues.day(number), cash));
                true
            });
            receivable.original_principal
        }
    };
    instalments(start, i32::MIN, &list)
}

/// The instalments that remain after the cut-off date, and what they were made from.
///
/// Their principals sum to the outstanding principal of the tape, always.
///
/// | Basis     | When                                                   | Instalments                  |
/// |-----------|--------------------------------------------------------|------------------------------|
/// | `Given`   | the method is [`Method::Given`]                        | the tape's, the last repays all that is left |
/// | `Terms`   | the contract leaves exactly the tape's balance after the paid instalments | the contract's, from `paid + 1` |
/// | `Balance` | the product says so, or the contract leaves another balance | the method over the balance and the remaining number, at least one |
///
/// From the balance, level pay keeps the instalment given in the tape (else computes one), a flat
/// fee product keeps the contract's fees, equal parts are parts of the balance. Due dates are the
/// contract's; when all of them have passed they are put off by whole months, so that the first is
/// the next due day after the cut-off date `[std]`. Instalments due on or before the cut-off date
/// are [`arrears`](Instalment::arrears).
///
/// # Panics
///
/// When the rate is negative, or a sum leaves 64 bits.
pub fn remaining_schedule(
    receivable: &Receivable,
    terms: &ProductTerms,
    cutoff: NaiveDate,
) -> (Vec<Instalment>, Basis) {
    let table = DayTable::covering(std::slice::from_ref(receivable), cutoff);
    let (cutoff, mut list) = (day_number(cutoff), Vec::new());
    let visit = |number, day, cash| list.push((number, day, cash));
    let basis = each_remaining(receivable, terms, (&table, cutoff), &mut Factors::new(), visit);
    (instalments(receivable.outstanding_principal, cutoff, &list), basis)
}

/// Numbers, days and cash as instalments with their running balance.
fn instalments(start: Amount, cutoff: i32, list: &[(u16, i32, Cash)]) -> Vec<Instalment> {
    let mut balance_after = start;
    let instalment = |&(number, day, cash): &(u16, i32, Cash)| {
        balance_after -= cash.principal;
        let Cash { principal, interest, fee } = cash;
        let (due, arrears) = (date_of(day), day <= cutoff);
        Instalment { number, due, principal, interest, fee, balance_after, arrears }
    };
    list.iter().map(instalment).collect()
}

/// Visits the number, the due day and the cash of every remaining instalment.
#[inline]
pub(super) fn each_remaining(
    receivable: &Receivable,
    terms: &ProductTerms,
    (table, cutoff): (&DayTable, i32),
    factors: &mut Factors,
    mut visit: impl FnMut(u16, i32, Cash),
) -> Basis {
    let outstanding = receivable.outstanding_principal;
    if has_given(receivable) {
        each_given(receivable, outstanding, visit);
        let contract = given_total(receivable);
        let agrees = contract == outstanding;
        return if agrees { Basis::Given } else { Basis::BalanceInstead { contract } };
    }
    let dues = table.dues(receivable);
    if outstanding == Amount::ZERO {
        return Basis::Terms;
    }
    let mut basis = Basis::Balance;
    if terms.plan_from == PlanBasis::Terms && receivable.method != Method::Given {
        let paid = receivable.paid_instalments;
        let mut left = receivable.original_principal;
        each_of_contract(receivable, terms, dues, factors, |number, cash| {
            if number > paid {
                if left != outstanding {
                    return false;
                }
                visit(number, dues.day(number), cash);
            } else {
                left -= cash.principal;
            }
            true
        });
        if left == outstanding {
            return Basis::Terms;
        }
        basis = Basis::BalanceInstead { contract: left };
    }
    each_of_balance(receivable, terms, (dues, cutoff), factors, visit);
    basis
}

fn has_given(receivable: &Receivable) -> bool {
    receivable.method == Method::Given
        && receivable.given.as_ref().is_some_and(|given| !given.is_empty())
}

fn given_total(receivable: &Receivable) -> Amount {
    receivable.given.iter().flatten().map(|instalment| instalment.principal).sum()
}

fn each_given(receivable: &Receivable, outstanding: Amount, mut visit: impl FnMut(u16, i32, Cash)) {
    let given = receivable.given.as_deref().unwrap_or_default();
    for (instalment, cash) in method::given::schedule(given, outstanding) {
        visit(instalment.number, day_number(instalment.due), cash);
    }
}

/// Visits number and cash of the contract's instalments for as long as `visit` says `true`.
#[inline]
fn each_of_contract(
    receivable: &Receivable,
    terms: &ProductTerms,
    dues: Dues,
    factors: &mut Factors,
    visit: impl FnMut(u16, Cash) -> bool,
) {
    let instalments = receivable.instalments;
    let factor = factors.get(receivable.rate, unit(receivable), instalments);
    let loan = Loan { principal: receivable.original_principal, instalments, factor, terms };
    match receivable.method {
        Method::LevelPay => drive(1, method::level_pay::schedule(loan, None), visit),
        Method::EqualPrincipal => drive(1, method::equal_principal::schedule(loan), visit),
        Method::FlatFee => {
            drive(1, method::flat_fee::schedule(loan, method::flat_fee::fees(loan)), visit);
        }
        Method::InterestOnly => drive(1, method::interest_only::schedule(loan), visit),
        Method::Daily => drive(1, method::daily::schedule(loan, dues.lengths(1)), visit),
        Method::Bill | Method::Given => {
            drive(1, method::bill::schedule(loan, bill_days(receivable, dues, 1)), visit);
        }
    }
}

/// Visits the instalments of the method over the outstanding balance and the remaining number.
#[inline]
fn each_of_balance(
    receivable: &Receivable,
    terms: &ProductTerms,
    (dues, cutoff): (Dues, i32),
    factors: &mut Factors,
    mut visit: impl FnMut(u16, i32, Cash),
) {
    let instalments = (receivable.instalments - receivable.paid_instalments).max(1);
    let first = receivable.instalments - instalments + 1;
    let all_passed = dues.day(receivable.instalments) <= cutoff;
    let dues = if all_passed { dues.put_off(first, cutoff) } else { dues };
    let visit = |number: u16, cash: Cash| {
        visit(number, dues.day(number), cash);
        true
    };

    let factor = factors.get(receivable.rate, unit(receivable), instalments);
    let loan = Loan { principal: receivable.outstanding_principal, instalments, factor, terms };
    match receivable.method {
        Method::LevelPay => {
            drive(first, method::level_pay::schedule(loan, receivable.instalment), visit);
        }
        Method::EqualPrincipal => drive(first, method::equal_principal::schedule(loan), visit),
        Method::FlatFee => {
            let (principal, all) = (receivable.original_principal, receivable.instalments);
            let contract = Loan { principal, instalments: all, ..loan };
            let fees = method::flat_fee::fees(contract).skip(receivable.paid_instalments.into());
            let fees = fees.chain(std::iter::repeat(Amount::ZERO));
            drive(first, method::flat_fee::schedule(loan, fees), visit);
        }
        Method::InterestOnly => drive(first, method::interest_only::schedule(loan), visit),
        Method::Daily => drive(first, method::daily::schedule(loan, dues.lengths(first)), visit),
        Method::Bill | Method::Given => {
            drive(first, method::bill::schedule(loan, bill_days(receivable, dues, first)), visit);
        }
    }
}

/// What the method's charge is for.
#[inline]
fn unit(receivable: &Receivable) -> Unit {
    match receivable.method {
        Method::Daily => Unit::Day,
        Method::Bill if receivable.rate.per == RatePeriod::Day => Unit::Day,
        Method::LevelPay
        | Method::EqualPrincipal
        | Method::FlatFee
        | Method::InterestOnly
        | Method::Bill
        | Method::Given => Unit::Instalment,
    }
}

/// A bill's charges count days when its rate does, and instalments otherwise.
fn bill_days<'a>(
    receivable: &Receivable,
    dues: Dues<'a>,
    first: u16,
) -> impl Iterator<Item = i64> + use<'a> {
    let by_day = unit(receivable) == Unit::Day;
    dues.lengths(first).map(move |days| if by_day { days } else { 1 })
}

/// Numbers the instalments from `first` and visits them for as long as `visit` says `true`.
#[inline]
fn drive(
    first: u16,
    instalments: impl Iterator<Item = Cash>,
    mut visit: impl FnMut(u16, Cash) -> bool,
) {
    for (number, cash) in (first..).zip(instalments) {
        if !visit(number, cash) {
            return;
        }
    }
}
