//! The contract plan of each cohort as lines.

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, EarlySettlement};
use crate::formula::{Formula, LineId, Sort};
use crate::money::Amount;
use crate::plan::Cash;

/// The lines of the plan.
pub(super) struct Plan {
    /// What joins at the start of a month.
    pub joined: Option<LineId>,
    /// The flag of the month in which a cohort is bought.
    pub purchase_month: Option<LineId>,
    pub opening: LineId,
    pub principal: LineId,
    pub interest: LineId,
    pub fee: LineId,
    pub unpaid_arrears: Option<LineId>,
    /// Charges that an early settlement pays, by the rule.
    pub early: Option<LineId>,
    /// Whether some cohort has charges after its last principal.
    pub trailing: bool,
}

impl Plan {
    /// Lowers the plan.
    pub fn lower(
        lines: &mut Builder,
        pool: &Collateral,
        timeline: &Timeline,
        assumptions: &Assumptions,
    ) -> Plan {
        let months = timeline.months.len() - 1;
        let by_month = |value: &dyn Fn(&Cohort, usize) -> i64| -> Vec<i64> {
            (0..months)
                .flat_map(|month| pool.cohorts.iter().map(move |cohort| value(cohort, month)))
                .collect()
        };
        let rolls = |cohort: &Cohort| assumptions.segments[cohort.segment].delinquency.is_some();
        // What is overdue stands before the first month where it rolls, else it is paid in it.
        let past = |cohort: &Cohort, read: fn(&Cash) -> Amount| -> i64 {
            cohort.past.iter().map(|cash| read(cash).minor()).sum()
        };
        let principal = |cash: &Cash| cash.principal;
        let first = |cohort: &Cohort, month: usize, read: fn(&Cash) -> Amount| match month {
            0 if !rolls(cohort) => past(cohort, read),
            _ => 0,
        };
        let at = |amounts: &[Amount], month: usize| {
            amounts.get(month).copied().unwrap_or(Amount::ZERO).minor()
        };
        let paid_before = |cohort: &Cohort, month: usize| -> i64 {
            let of_past = if rolls(cohort) || month > 0 { past(cohort, principal) } else { 0 };
            let months = cohort.principal.iter().take(month);
            of_past + months.map(|amount| amount.minor()).sum::<i64>()
        };
        let planned = |cohort: &Cohort, month: usize| match cohort.months_before() > month {
            true => 0,
            false => {
                cohort.outstanding.minor()
                    - cohort.unpaid_arrears.minor()
                    - paid_before(cohort, month)
            }
        };
        let column = |key: &str, part| Column::month(Topic::Plan, Dim::Cohort, key, part);
        let joins = |cohort: &Cohort, month: usize| match cohort.joins_by_itself() {
            Some(joins) if joins == month + 1 => cohort.outstanding.minor(),
            Some(_) | None => 0,
        };
        let joined =
            pool.cohorts.iter().any(|cohort| cohort.joins_by_itself().is_some()).then(|| {
                lines.recorded(column("plan.joined", "joined"), Sort::Amount, by_month(&joins))
            });
        let purchase_month = pool.cohorts.iter().any(|cohort| cohort.bought.is_some()).then(|| {
            let bought = |cohort: &Cohort, month: usize| {
                i64::from(cohort.bought.is_some() && cohort.joins == Some(month + 1))
            };
            let column = column("plan.purchase_month", "purchase_month");
            lines.recorded(column, Sort::Flag, by_month(&bought))
        });
        let opening = lines.recorded(
            column("plan.opening", "plan_opening"),
            Sort::Amount,
            by_month(&|cohort, month| planned(cohort, month)),
        );
        lines.stock(opening);
        let principal = lines.recorded(
            column("plan.principal", "plan_principal"),
            Sort::Amount,
            by_month(&|cohort, month| {
                at(&cohort.principal, month) + first(cohort, month, principal)
            }),
        );
        let interest = lines.recorded(
            column("plan.interest", "plan_interest"),
            Sort::Amount,
            by_month(&|cohort, month| {
                at(&cohort.interest, month) + first(cohort, month, |cash| cash.interest)
            }),
        );
        let fee = lines.recorded(
            column("plan.fee", "plan_fee"),
            Sort::Amount,
            by_month(&|cohort, month| {
                at(&cohort.fee, month) + first(cohort, month, |cash| cash.fee)
            }),
        );
        let unpaid = pool.cohorts.iter().any(|cohort| cohort.unpaid_arrears != Amount::ZERO);
        let unpaid_arrears = unpaid.then(|| {
            let first = |cohort: &Cohort, month| match month == cohort.months_before() {
                true => cohort.unpaid_arrears.minor(),
                false => 0,
            };
            let values = by_month(&first);
            lines.recorded(column("plan.unpaid_arrears", "unpaid_arrears"), Sort::Amount, values)
        });
        let charges =
            |cohort: &Cohort, month: usize| at(&cohort.interest, month) + at(&cohort.fee, month);
        let early = match assumptions.early_settlement {
            EarlySettlement::Waived => None,
            EarlySettlement::Next => Some(by_month(&|cohort, month| charges(cohort, month + 1))),
            EarlySettlement::All => Some(by_month(&|cohort, month| {
                let last = cohort.interest.len().max(cohort.fee.len());
                (month + 1..last).map(|later| charges(cohort, later)).sum()
            })),
        };
        let early = early.map(|values| {
            let line =
                lines.recorded(column("plan.early_charges", "early_charges"), Sort::Amount, values);
            lines.stock(line)
        });
        let trailing = pool.cohorts.iter().any(|cohort| {
            (0..months).any(|month| planned(cohort, month) == 0 && charges(cohort, month) != 0)
        });
        Plan {
            joined,
            purchase_month,
            opening,
            principal,
            interest,
            fee,
            unpaid_arrears,
            early,
            trailing,
        }
    }

    /// The charges of the month on a part of the balance that leaves before it pays: `ROUND(part ×
    /// (interest + fee) ÷ planned opening, 2)`.
    pub fn charges_on(&self, part: LineId) -> Formula {
        let charges = Formula::sum(vec![Formula::Line(self.interest), Formula::Line(self.fee)]);
        Formula::portion(Formula::Line(part), vec![charges], vec![Formula::Line(self.opening)])
    }
}
