//! What is still to come of receivables that were in default before the cut-off date, by cohort: the
//! curve from the age that each has reached, on what defaulted, never more than is outstanding.
//!
//! ```text
//! a months since default at the cut-off date, k-th month since it:
//!   expected  = ROUND(defaulted × rate × lag(a + k), 2)              recovery_of = "defaulted"
//!             = ROUND(balance × rate × lag(a + k) ÷ (1 − R(a)), 2)   recovery_of = "outstanding"
//!   R(a)      = rate × (lag(0) + … + lag(a))                         what the curve has behind it
//!   collected = MIN(expected, exposure)      exposure = balance − collected so far
//! ```

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Dim, Topic};
use super::rates::{by_segment, segment_rate};
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, Recovery, RecoveryBase, SaleTime, Segment};
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// What recoveries by segment read of what was in default before.
pub(super) struct Before {
    /// Its balance, in the month in which it joins the pool.
    pub balance: LineId,
    /// Collected of it.
    pub collected: LineId,
    /// Prices of what is sold at an age.
    pub sold: Option<LineId>,
}

fn line(line: LineId) -> Formula {
    Formula::Line(line)
}

fn collections(key: &str, part: &'static str) -> Column {
    Column::month(Topic::Collections, Dim::Cohort, &format!("collections.in_default.{key}"), part)
}

fn rates(key: &str, part: &'static str) -> Column {
    Column::month(Topic::Rates, Dim::Cohort, &format!("rates.{key}"), part)
}

fn narrow(months: u32) -> usize {
    usize::try_from(months).expect("months are few")
}

/// What the lowering of one figure after the other reads.
struct Lowering<'a> {
    pool: &'a Collateral,
    assumptions: &'a Assumptions,
    timeline: &'a Timeline,
}

impl Before {
    /// Lowers it; `None` when nothing is known to have been in default before.
    pub fn lower(
        lines: &mut Builder,
        pool: &Collateral,
        assumptions: &Assumptions,
        timeline: &Timeline,
    ) -> Option<Before> {
        pool.cohorts.iter().find(|cohort| cohort.in_default.is_some())?;
        let with = Lowering { pool, assumptions, timeline };
        let balance =
            with.by_month(
                |cohort, month| {
                    if month == cohort.months_before() + 1 { balance(cohort) } else { 0 }
                },
            );
        let column = collections("balance", "in_default_at_cutoff");
        let balance = lines.recorded(column, Sort::Amount, balance);
        let expected = with.expected(lines);
        let exposure = lines.promise(collections("exposure", "exposure"), Sort::Amount);
        lines.stock(exposure);
        let least = Formula::Least(vec![line(expected), line(exposure)]);
        let collected = lines.compute(collections("collected", "collected_of_defaults"), least);
        let left = Formula::less(line(exposure), line(collected));
        let left = lines.compute(collections("unrecovered", "unrecovered"), left);
        lines.stock(left);
        lines.keep(exposure, Formula::sum(vec![Formula::Prior(left), line(balance)]));
        let sold = with.sold(lines);
        Some(Before { balance, collected, sold })
    }
}

impl Lowering<'_> {
    /// Values by month and cohort.
    fn by_month(&self, value: impl Fn(&Cohort, usize) -> i64) -> Vec<i64> {
        let value = &value;
        let of = |month| self.pool.cohorts.iter().map(move |cohort| value(cohort, month));
        (1..self.timeline.months.len()).flat_map(of).collect()
    }

    fn segment(&self, cohort: &Cohort) -> &Segment {
        &self.assumptions.segments[cohort.segment]
    }

    /// What the curve brings of each month.
    fn expected(&self, lines: &mut Builder) -> LineId {
        let principal =
            self.by_month(|cohort, _| cohort.in_default.map_or(0, |old| old.principal.minor()));
        let principal =
            lines.recorded(collections("principal", "balance_at_default"), Sort::Amount, principal);
        lines.stock(principal);
        let timing = self.by_month(|cohort, month| {
            timing(cohort, self.segment(cohort), self.timeline, month).parts()
        });
        let timing = lines.given(rates("recovery_timing", "recovery_timing"), Sort::Rate, timing);
        let behind = self.behind(lines);
        let column = collections("expected", "recovery_by_age");
        by_segment(lines, column, self.pool, self.assumptions, |lines, place, segment| {
            let Some(recovery) = &segment.recovery else { return Formula::ZERO };
            let rate = segment_rate(
                lines,
                (place, segment),
                "recovery_rate",
                "recovery_rate",
                recovery.rate,
            );
            let rest = behind.filter(|_| is_of_rest(recovery));
            let rest = rest.map(|behind| Formula::less(Formula::ONE, line(behind)));
            let times = vec![line(timing), Formula::Input(rate)];
            Formula::portion(line(principal), times, rest.into_iter().collect())
        })
    }

    /// What the curves that go by the balance outstanding have behind them; `None` without any.
    fn behind(&self, lines: &mut Builder) -> Option<LineId> {
        let by_rest = |segment: &Segment| segment.recovery.clone().filter(is_of_rest);
        self.assumptions.segments.iter().find_map(by_rest)?;
        let shares = self.by_month(|cohort, _| {
            let of = by_rest(self.segment(cohort)).zip(cohort.in_default);
            of.map_or(0, |(recovery, old)| before(&recovery, old.months).parts())
        });
        let column = rates("recovery_timing_before", "recovery_timing_before");
        let shares = lines.given(column, Sort::Rate, shares);
        let places = lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
        let column = rates("recovered_before", "recovered_before");
        let behind = |lines: &mut Builder, place: usize, segment: &Segment| {
            let Some(recovery) = by_rest(segment) else { return Formula::Whole(0, Sort::Rate) };
            let rate = segment_rate(
                lines,
                (place, segment),
                "recovery_rate",
                "recovery_rate",
                recovery.rate,
            );
            Formula::Quotient {
                part: Box::new(Formula::Input(rate)),
                times: vec![line(shares)],
                whole: Box::new(Formula::ONE),
                places: (places, Rate::DECIMALS),
                rounding: crate::money::Rounding::HalfUp,
            }
        };
        Some(by_segment(lines, column, self.pool, self.assumptions, behind))
    }

    /// Prices of what is sold at an age; `None` when nothing is.
    fn sold(&self, lines: &mut Builder) -> Option<LineId> {
        let sold = self.by_month(|cohort, month| match sold_in(cohort, self.segment(cohort)) {
            Some(sale) if sale == month => balance(cohort),
            Some(_) | None => 0,
        });
        sold.iter().find(|amount| **amount != 0)?;
        let column = collections("sold_balance", "balance_sold");
        let sold = lines.recorded(column, Sort::Amount, sold);
        let column = collections("sold", "disposed");
        let price = |lines: &mut Builder, place: usize, segment: &Segment| {
            let Some(sale) = &segment.disposal else { return Formula::ZERO };
            let price = segment_rate(
                lines,
                (place, segment),
                "disposal_price",
                "disposal_price",
                sale.price,
            );
            Formula::portion(line(sold), vec![Formula::Input(price)], vec![])
        };
        Some(by_segment(lines, column, self.pool, self.assumptions, price))
    }
}

/// The balance of what is known to have been in default before.
fn balance(cohort: &Cohort) -> i64 {
    cohort.in_default.map_or(0, |_| cohort.outstanding.minor())
}

fn is_of_rest(recovery: &Recovery) -> bool {
    recovery.of == RecoveryBase::Outstanding
}

/// The share of the recovery that the curve has behind it at the cut-off date.
fn before(recovery: &Recovery, months: u32) -> Rate {
    let lags = recovery.lag.iter().take(recovery.delay + narrow(months) + 1);
    Rate::from_parts(lags.map(|share| share.parts()).sum())
}

/// The share of the recovery that comes in a collection month: nothing during the delay of a stress,
/// nor after a sale.
fn timing(cohort: &Cohort, segment: &Segment, timeline: &Timeline, month: usize) -> Rate {
    let (Some(old), Some(recovery)) = (cohort.in_default, &segment.recovery) else {
        return Rate::ZERO;
    };
    let since = month.saturating_sub(cohort.months_before());
    let age = narrow(old.months) + since;
    let is_sold = match segment.disposal.as_ref().map(|sale| sale.when) {
        Some(SaleTime::Age(most)) => age > most,
        Some(SaleTime::Date(day)) => {
            let sale = timeline.months.partition_point(|end| *end < day);
            cohort.months_before() < sale && sale < month
        }
        None => false,
    };
    if since <= recovery.delay || is_sold {
        return Rate::ZERO;
    }
    recovery.lag.get(age).copied().unwrap_or(Rate::ZERO)
}

/// The collection month in which it is sold by its age; the first when it is older.
fn sold_in(cohort: &Cohort, segment: &Segment) -> Option<usize> {
    let SaleTime::Age(age) = segment.disposal.as_ref()?.when else { return None };
    let months = narrow(cohort.in_default?.months);
    Some(cohort.months_before() + age.saturating_sub(months).max(1))
}
