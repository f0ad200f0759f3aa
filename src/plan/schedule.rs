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
    /// The outstanding balance, as the product asks or a representative line has it.
    Balance,
    /// The outstanding balance, because the contract (or the given schedule) leaves another one.
    BalanceInstead {
        /// The principal that the contract or the given schedule leaves.
        contract: Amount,
    },
}

/// All instalments of the original contract, numbers 1 to n.
///
/// Amounts are those of the method (its formulas stand in `plan/method`), dates those of
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
/// #     due_day: 10, instalment: None, past_due_days: None, in_default: None, product: 0,
/// #     given: None, own_cutoff: None, is_rep_line: false,
/// # };
/// let schedule = contract_schedule(&receivable, &ProductTerms::default());
/// let last = schedule.last().unwrap();
/// assert_eq!(last.due.to_string(), "2026-06-10");
/// assert_eq!((last.principal.minor(), last.fee.minor()), (107_215, 35_39));
/// ```
pub fn contract_schedule(receivable: &Receivable, terms: &ProductTerms) -> Vec<Instalment> {
    let table = DayTable::of(receivable, receivable.first_due);
    let mut scratch = Scratch::for_one();
    let (start, contract) = scratch.whole(receivable, terms, &table);
    instalments(receivable, start, i32::MIN, (&scratch, contract))
}

/// The instalments that remain after the cut-off date, and what they were made from.
///
/// Their principals sum to the outstanding principal of the tape, always.
///
/// | Basis     | When                                                   | Instalments                  |
/// |-----------|--------------------------------------------------------|------------------------------|
/// | `Given`   | the method is [`Method::Given`]                        | the tape's, the last repays all that is left |
/// | `Terms`   | the contract leaves exactly the tape's balance after the paid instalments | the contract's, from `paid + 1` |
/// | `Balance` | the product says so, the line is a representative one, or the contract leaves another balance | the method over the balance and the remaining number, at least one |
///
/// From the balance, level pay keeps the instalment given in the tape (else computes one), a flat
/// fee product keeps the contract's fees, equal parts are parts of the balance. Due dates are the
/// contract's; when all of them have passed they are put off by whole months, so that the first is
/// the next due day after the cut-off date `[std]`. Instalments due on or before the cut-off date
/// are [`arrears`](Instalment::arrears). The cut-off date is the receivable's own where it has one,
/// else `cutoff`, the pool's.
///
/// # Panics
///
/// When the rate is negative, or a sum leaves 64 bits.
pub fn remaining_schedule(
    receivable: &Receivable,
    terms: &ProductTerms,
    cutoff: NaiveDate,
) -> (Vec<Instalment>, Basis) {
    let cutoff = receivable.cutoff(cutoff);
    let table = DayTable::of(receivable, cutoff);
    let (cutoff, mut scratch) = (day_number(cutoff), Scratch::for_one());
    let remaining = scratch.remaining(receivable, terms, table.dues(receivable), cutoff);
    let start = receivable.outstanding_principal;
    (instalments(receivable, start, cutoff, (&scratch, remaining)), remaining.basis)
}

/// The cash in the scratch with its numbers, dates and running balance.
fn instalments(
    receivable: &Receivable,
    start: Amount,
    cutoff: i32,
    (scratch, remaining): (&Scratch, Remaining),
) -> Vec<Instalment> {
    let mut balance_after = start;
    let instalment = |(place, cash): (usize, &Cash)| {
        balance_after -= cash.principal;
        let &Cash { principal, interest, fee } = cash;
        let (number, day) = remaining.number_and_day(receivable, place);
        let (due, arrears) = (date_of(day), day <= cutoff);
        Instalment { number, due, principal, interest, fee, balance_after, arrears }
    };
    scratch.cash.iter().enumerate().map(instalment).collect()
}

/// Which instalments the cash in the scratch belongs to.
#[derive(Clone, Copy)]
pub(super) struct Remaining<'a> {
    /// The number of the first of them.
    first: u16,
    /// Their due dates, but for a given schedule, which has its own.
    dues: Option<Dues<'a>>,
    /// What they were made from.
    pub basis: Basis,
}

impl Remaining<'_> {
    /// The number and the due day of the instalment at that place.
    pub(super) fn number_and_day(&self, receivable: &Receivable, place: usize) -> (u16, i32) {
        match self.dues {
            Some(dues) => {
                let number = self.first + u16::try_from(place).expect("a number of instalments");
                (number, dues.day(number))
            }
            None => {
                let given = receivable.given.as_ref().expect("this schedule was given");
                (given[place].number, day_number(given[place].due))
            }
        }
    }

    /// The table's month of the first instalment when all follow month by month after `cutoff`.
    #[inline]
    pub(super) fn first_month_after(&self, cutoff: i32) -> Option<i32> {
        let dues = self.dues.filter(|dues| dues.day(self.first) > cutoff)?;
        Some(dues.month(self.first))
    }
}

/// A workplace that is used for one receivable after another: the rates met so far, and the cash
/// of the instalments at hand.
pub(super) struct Scratch {
    factors: Factors,
    pub cash: Vec<Cash>,
}

impl Scratch {
    /// For many receivables.
    pub(super) fn for_pool() -> Scratch {
        Scratch { factors: Factors::for_pool(), cash: Vec::new() }
    }

    /// For one receivable.
    pub(super) fn for_one() -> Scratch {
        Scratch { factors: Factors::for_one(), cash: Vec::new() }
    }

    /// Fills in all instalments of the contract, or the given ones, and gives what they repay.
    pub(super) fn whole<'a>(
        &mut self,
        receivable: &Receivable,
        terms: &ProductTerms,
        table: &'a DayTable,
    ) -> (Amount, Remaining<'a>) {
        if has_given(receivable) {
            let total = given_total(receivable);
            return (total, self.given(receivable, total));
        }
        let dues = table.dues(receivable);
        self.contract(receivable, terms, dues);
        let contract = Remaining { first: 1, dues: Some(dues), basis: Basis::Terms };
        (receivable.original_principal, contract)
    }

    /// Fills in the remaining instalments: see [`remaining_schedule`].
    pub(super) fn remaining<'a>(
        &mut self,
        receivable: &Receivable,
        terms: &ProductTerms,
        dues: Dues<'a>,
        cutoff: i32,
    ) -> Remaining<'a> {
        let outstanding = receivable.outstanding_principal;
        if has_given(receivable) {
            return self.given(receivable, outstanding);
        }
        self.cash.clear();
        let (first, mut basis) = (receivable.paid_instalments + 1, Basis::Balance);
        if outstanding == Amount::ZERO {
            return Remaining { first, dues: Some(dues), basis: Basis::Terms };
        }
        let from_balance = receivable.is_rep_line || receivable.method == Method::Revolving;
        if terms.plan_from == PlanBasis::Terms && !from_balance {
            self.contract(receivable, terms, dues);
            let paid = self.cash.drain(..usize::from(receivable.paid_instalments));
            let repaid: Amount = paid.map(|cash| cash.principal).sum();
            let contract = receivable.original_principal - repaid;
            if contract == outstanding {
                return Remaining { first, dues: Some(dues), basis: Basis::Terms };
            }
            basis = Basis::BalanceInstead { contract };
        }
        let (first, dues) = self.balance(receivable, terms, (dues, cutoff));
        Remaining { first, dues: Some(dues), basis }
    }

    /// Fills in the given schedule.
    fn given<'a>(&mut self, receivable: &Receivable, outstanding: Amount) -> Remaining<'a> {
        let given = receivable.given.as_deref().unwrap_or_default();
        self.cash.clear();
        self.cash.extend(method::given::schedule(given, outstanding));
        let contract = given_total(receivable);
        let agrees = contract == outstanding;
        let basis = if agrees { Basis::Given } else { Basis::BalanceInstead { contract } };
        Remaining { first: 1, dues: None, basis }
    }

    /// Fills in all instalments of the contract.
    fn contract(&mut self, receivable: &Receivable, terms: &ProductTerms, dues: Dues) {
        let (principal, instalments) = (receivable.original_principal, receivable.instalments);
        self.cash.clear();
        let factor = self.factors.get(receivable.rate, unit(receivable), instalments);
        let loan = Loan { principal, instalments, factor, terms };
        let cash = &mut self.cash;
        match receivable.method {
            Method::LevelPay => cash.extend(method::level_pay::schedule(loan, None)),
            Method::FlatFee => {
                cash.extend(method::flat_fee::schedule(loan, method::flat_fee::fees(loan)));
            }
            Method::EqualPrincipal
            | Method::InterestOnly
            | Method::Daily
            | Method::Bill
            | Method::Given
            | Method::Revolving => fill(cash, receivable, loan, (1, dues)),
        }
    }

    /// Fills in the instalments of the method over the outstanding balance and the remaining
    /// number, and gives the first number and the due dates.
    fn balance<'a>(
        &mut self,
        receivable: &Receivable,
        terms: &ProductTerms,
        (dues, cutoff): (Dues<'a>, i32),
    ) -> (u16, Dues<'a>) {
        let instalments = (receivable.instalments - receivable.paid_instalments).max(1);
        let first = receivable.instalments - instalments + 1;
        let all_passed = dues.day(receivable.instalments) <= cutoff;
        let dues = if all_passed { dues.put_off(first, cutoff) } else { dues };

        self.cash.clear();
        let factor = self.factors.get(receivable.rate, unit(receivable), instalments);
        let loan = Loan { principal: receivable.outstanding_principal, instalments, factor, terms };
        let cash = &mut self.cash;
        match receivable.method {
            Method::LevelPay => {
                cash.extend(method::level_pay::schedule(loan, receivable.instalment));
            }
            Method::FlatFee => {
                let (principal, all) = (receivable.original_principal, receivable.instalments);
                let contract = Loan { principal, instalments: all, ..loan };
                let fees = method::flat_fee::fees(contract);
                let fees = fees.skip(receivable.paid_instalments.into());
                let fees = fees.chain(std::iter::repeat(Amount::ZERO));
                cash.extend(method::flat_fee::schedule(loan, fees));
            }
            Method::EqualPrincipal
            | Method::InterestOnly
            | Method::Daily
            | Method::Bill
            | Method::Given
            | Method::Revolving => fill(cash, receivable, loan, (first, dues)),
        }
        (first, dues)
    }
}

/// The methods that are the same from the contract and from the balance.
fn fill(cash: &mut Vec<Cash>, receivable: &Receivable, loan: Loan, (first, dues): (u16, Dues)) {
    match receivable.method {
        Method::EqualPrincipal => cash.extend(method::equal_principal::schedule(loan)),
        Method::InterestOnly => cash.extend(method::interest_only::schedule(loan)),
        Method::Daily => cash.extend(method::daily::schedule(loan, dues.lengths(first))),
        Method::Bill | Method::Given | Method::Revolving | Method::LevelPay | Method::FlatFee => {
            let by_day = unit(receivable) == Unit::Day;
            let days = dues.lengths(first).map(move |days| if by_day { days } else { 1 });
            cash.extend(method::bill::schedule(loan, days));
        }
    }
}

fn has_given(receivable: &Receivable) -> bool {
    receivable.method == Method::Given
        && receivable.given.as_ref().is_some_and(|given| !given.is_empty())
}

fn given_total(receivable: &Receivable) -> Amount {
    receivable.given.iter().flatten().map(|instalment| instalment.principal).sum()
}

/// What the method's charge is for: a bill's counts days when its rate does.
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
        | Method::Given
        | Method::Revolving => Unit::Instalment,
    }
}
