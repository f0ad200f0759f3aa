//! Delinquency by cohort (逾期迁徙): buckets that ride the contract plan, lagged by the instalments
//! that they are behind.
//!
//! ```text
//! current ─ rolled ─▶ M1 ─ rolled ─▶ M2 ─ … ─▶ default
//!    ▲                │               │
//!    └──── cured ─────┴───────────────┘      what neither rolls nor cures pays its oldest instalment
//! ```
//!
//! A receivable of bucket *k* owes what the plan owed *k* months ago: `b(t−k)`. Who rolls pays nothing
//! and keeps its balance; who stays pays instalment *t−k*; who cures pays *t−k* … *t*. So a balance
//! always stands on the plan, and the shares are exact.

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Closing, Dim, Topic};
use super::plan::Plan;
use super::rates::by_segment;
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, Delinquency, Segment};
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::money::{Amount, Rate};
use crate::plan::Cash;

/// The buckets before the current receivables of the month are known.
pub(super) struct Buckets {
    buckets: Vec<Bucket>,
}

struct Bucket {
    opening: LineId,
    rolled: LineId,
    stay_principal: LineId,
    cure_principal: LineId,
    stayed: LineId,
    cured: LineId,
    interest: LineId,
    fee: LineId,
    late_fee: Option<LineId>,
}

/// What the corkscrew and the totals read of the buckets.
pub(super) struct Delinquent {
    /// Balances at the end of the month: M1, M2, ….
    pub closing: Vec<LineId>,
    /// All of them.
    pub balance: LineId,
    /// What is current again, after its payment.
    pub returned: LineId,
    /// Principal, interest and fees collected from the buckets.
    pub principal: LineId,
    pub interest: LineId,
    pub fee: LineId,
    /// Late fees (违约金).
    pub late_fee: Option<LineId>,
}

/// The plan as it was some months ago.
#[derive(Clone, Copy)]
struct Lagged {
    opening: LineId,
    principal: LineId,
    interest: LineId,
    fee: LineId,
}

fn line(line: LineId) -> Formula {
    Formula::Line(line)
}

fn sum(lines: impl Iterator<Item = LineId>) -> Formula {
    Formula::sum(lines.map(Formula::Line).collect())
}

fn bucket_name(bucket: usize) -> Text {
    Text::same(format!("M{bucket}"))
}

fn column(bucket: usize, part: &'static str) -> Column {
    let key = format!("delinquency.m{bucket}.{part}");
    Column::month(Topic::Delinquency, Dim::Cohort, &key, part).about(&bucket_name(bucket))
}

impl Buckets {
    /// Lowers what the buckets do in a month; `None` when no segment rolls.
    pub fn lower(
        lines: &mut Builder,
        pool: &Collateral,
        assumptions: &Assumptions,
        plan: &Plan,
    ) -> Option<Buckets> {
        let count = assumptions.buckets();
        if count == 0 {
            return None;
        }
        let mut lag = Lagged {
            opening: plan.opening,
            principal: plan.principal,
            interest: plan.interest,
            fee: plan.fee,
        };
        history(lines, pool, assumptions, 0, lag);
        // What is due from the oldest unpaid instalment up to this month's.
        let mut due = lag;
        let mut buckets = Vec::new();
        for number in 1..=count {
            let mut back = |part: &'static str, before: LineId| {
                lines.compute(column(number, part), Formula::Prior(before))
            };
            lag = Lagged {
                opening: back("plan_opening", lag.opening),
                principal: back("plan_principal", lag.principal),
                interest: back("plan_interest", lag.interest),
                fee: back("plan_fee", lag.fee),
            };
            lines.stock(lag.opening);
            history(lines, pool, assumptions, number, lag);
            let mut more = |part: &'static str, so_far: LineId, lag: LineId| {
                lines.compute(column(number, part), sum([so_far, lag].into_iter()))
            };
            due = Lagged {
                opening: lag.opening,
                principal: more("due_principal", due.principal, lag.principal),
                interest: more("due_interest", due.interest, lag.interest),
                fee: more("due_fee", due.fee, lag.fee),
            };
            buckets.push(bucket(lines, pool, assumptions, number, (lag, due)));
        }
        Some(Buckets { buckets })
    }

    /// What leaves the last bucket: default.
    pub fn defaulted(&self) -> LineId {
        self.buckets.last().expect("there is a bucket").rolled
    }

    /// Current receivables after default: the rest of the opening.
    pub fn current(&self, opening: LineId, defaulted: LineId) -> Formula {
        let with = sum([opening, self.defaulted()].into_iter());
        let openings = self.buckets.iter().map(|bucket| bucket.opening);
        Formula::less(with, sum(std::iter::once(defaulted).chain(openings)))
    }

    /// Closes the buckets once it is known what rolls into the first.
    pub fn close(
        self,
        lines: &mut Builder,
        pool: &Collateral,
        assumptions: &Assumptions,
        rolled: LineId,
    ) -> Delinquent {
        let (mut into, mut closing) = (rolled, Vec::new());
        for (place, bucket) in self.buckets.iter().enumerate() {
            let stays = Formula::less(line(bucket.stayed), line(bucket.stay_principal));
            let balance = Formula::sum(vec![stays, line(into)]);
            let balance = lines.compute(column(place + 1, "closing_balance"), balance);
            lines.stock(balance);
            lines.keep(bucket.opening, Formula::Prior(balance));
            into = bucket.rolled;
            let starts = |cohort: &Cohort| match starts_in(cohort, assumptions) == place + 1 {
                true => cohort.outstanding.minor(),
                false => 0,
            };
            if pool.cohorts.iter().any(|cohort| starts(cohort) != 0) {
                let starts = pool.cohorts.iter().map(starts).collect();
                lines.closing(balance, Closing::Given(starts));
            }
            closing.push(balance);
        }
        let all = |read: fn(&Bucket) -> LineId| -> Vec<LineId> {
            self.buckets.iter().map(read).collect()
        };
        let of = |key: &str, part| {
            Column::month(Topic::Collections, Dim::Cohort, &format!("collections.{key}"), part)
        };
        let mut total = |key: &str, part, of_buckets: Vec<LineId>| {
            lines.compute(of(key, part), sum(of_buckets.into_iter()))
        };
        let balance = total("delinquent", "delinquent", closing.clone());
        let of_stay = all(|bucket| bucket.stay_principal);
        let of_cure = all(|bucket| bucket.cure_principal);
        let principal = of_stay.into_iter().chain(of_cure.iter().copied()).collect();
        let principal = total("arrears_principal", "arrears_principal", principal);
        let interest = total("arrears_interest", "arrears_interest", all(|bucket| bucket.interest));
        let fee = total("arrears_fee", "arrears_fee", all(|bucket| bucket.fee));
        let late: Vec<LineId> = self.buckets.iter().filter_map(|bucket| bucket.late_fee).collect();
        let late_fee = (!late.is_empty()).then(|| total("late_fee", "late_fee", late));
        let cured = sum(self.buckets.iter().map(|bucket| bucket.cured));
        let returned = Formula::less(cured, sum(of_cure.into_iter()));
        let returned = lines.compute(of("returned", "returned"), returned);
        lines.stock(balance);
        lines.closing(balance, Closing::Formula(sum(closing.iter().copied())));
        Delinquent { closing, balance, returned, principal, interest, fee, late_fee }
    }
}

/// The bucket in which a cohort starts; 0 when it is current, or when its segment does not roll.
fn starts_in(cohort: &Cohort, assumptions: &Assumptions) -> usize {
    let rolls = assumptions.segments[cohort.segment].delinquency.is_some();
    if rolls { cohort.past.len() } else { 0 }
}

/// The plan of the months up to the cut-off date, for cohorts that start behind: month 0 is the value
/// of the plan at closing, month −1 that of the plan a month ago, and so on.
fn history(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    back: usize,
    lag: Lagged,
) {
    if pool.cohorts.iter().all(|cohort| starts_in(cohort, assumptions) <= back) {
        return;
    }
    let at = |read: &dyn Fn(&Cohort) -> Amount| -> Vec<i64> {
        let behind = |cohort: &&Cohort| starts_in(cohort, assumptions) > back;
        let value = |cohort: &Cohort| match behind(&cohort) {
            true => read(cohort).minor(),
            false => 0,
        };
        pool.cohorts.iter().map(value).collect()
    };
    let later = |cohort: &Cohort| -> Amount {
        cohort.past[back + 1..].iter().map(|cash: &Cash| cash.principal).sum()
    };
    let opening = at(&|cohort| cohort.outstanding - later(cohort));
    let of = |read: fn(&Cash) -> Amount| at(&|cohort| read(&cohort.past[back]));
    lines.closing(lag.opening, Closing::Given(opening));
    lines.closing(lag.principal, Closing::Given(of(|cash| cash.principal)));
    lines.closing(lag.interest, Closing::Given(of(|cash| cash.interest)));
    lines.closing(lag.fee, Closing::Given(of(|cash| cash.fee)));
}

/// One bucket: who rolls, who cures, who stays, and what they pay.
fn bucket(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    number: usize,
    (lag, due): (Lagged, Lagged),
) -> Bucket {
    let opening = lines.promise(column(number, "opening_balance"), Sort::Amount);
    lines.stock(opening);
    let mut part_of = |part: &'static str, of: &dyn Fn(&mut Builder, Formula) -> Formula| {
        by_segment(lines, column(number, part), pool, assumptions, |lines, place, segment| {
            let Some(rates) = &segment.delinquency else { return Formula::ZERO };
            let rate = rate(lines, (place, number), &segment.title(), part, rates);
            of(lines, rate)
        })
    };
    let rolled = part_of("rolled", &|_, rate| Formula::portion(line(opening), vec![rate], vec![]));
    let left = || Formula::less(line(opening), line(rolled));
    let cured = part_of("cured", &|_, rate| {
        Formula::Least(vec![left(), Formula::portion(line(opening), vec![rate], vec![])])
    });
    let stayed = Formula::less(left(), line(cured));
    let stayed = lines.compute(column(number, "stayed"), stayed);
    let pays = |who: LineId, what: LineId| {
        Formula::portion(line(who), vec![line(what)], vec![line(lag.opening)])
    };
    let mut pay = |part, formula| lines.compute(column(number, part), formula);
    let stay_principal = pay("stay_principal", pays(stayed, lag.principal));
    let cure_principal = pay("cure_principal", pays(cured, due.principal));
    let both = |old: LineId, all: LineId| Formula::sum(vec![pays(stayed, old), pays(cured, all)]);
    let interest = pay("interest", both(lag.interest, due.interest));
    let fee = pay("fee", both(lag.fee, due.fee));
    let late = |rates: &Delinquency| rates.late_fee.get(number - 1).is_some();
    let some = assumptions.segments.iter().any(|s| s.delinquency.as_ref().is_some_and(late));
    let paid = || sum([stay_principal, cure_principal, interest, fee].into_iter());
    let late_fee = some.then(|| {
        let of = column(number, "late_fee");
        by_segment(lines, of, pool, assumptions, |lines, place, segment| {
            let Some(rates) = &segment.delinquency else { return Formula::ZERO };
            let rate = rate(lines, (place, number), &segment.title(), "late_fee", rates);
            Formula::portion(paid(), vec![rate], vec![])
        })
    });
    Bucket {
        opening,
        rolled,
        stay_principal,
        cure_principal,
        stayed,
        cured,
        interest,
        fee,
        late_fee,
    }
}

/// The input cell of a rate of a segment's bucket, 0 for the current.
fn rate(
    lines: &mut Builder,
    (place, bucket): (usize, usize),
    name: &Text,
    part: &str,
    rates: &Delinquency,
) -> Formula {
    let (key, label, rates) = match part {
        "rolled" => ("roll", "roll_rate", &rates.roll[bucket..]),
        "cured" => ("cure", "cure_rate", rates.cure.get(bucket - 1..).unwrap_or(&[])),
        _ => ("late_fee", "late_fee_rate", rates.late_fee.get(bucket - 1..).unwrap_or(&[])),
    };
    let of = |text: &str| match bucket {
        0 => text.to_string(),
        _ => format!("{text} M{bucket}"),
    };
    let subject = Text { zh: of(&name.zh), en: of(&name.en) };
    let value = rates.first().copied().unwrap_or(Rate::ZERO).parts();
    let key = format!("segment.{}.{key}.{bucket}", place + 1);
    Formula::Input(lines.input(key, &subject, label, Sort::Rate, value))
}

/// Current receivables that pay nothing this month: by the roll rate, or, where a shock has months of
/// its own, by the rate of the month.
pub(super) fn roll_out(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    current: LineId,
) -> LineId {
    let shocks = |segment: &Segment| segment.delinquency.is_some() && segment.shock.is_some();
    let by_month = assumptions.segments.iter().any(shocks).then(|| {
        let months = (1_u32..).take(timeline.months.len() - 1);
        let values = months.flat_map(|month| {
            pool.cohorts.iter().map(move |cohort| {
                let segment = &assumptions.segments[cohort.segment];
                let rates = segment.delinquency.as_ref().zip(segment.shock);
                rates.map_or(0, |(rates, shock)| shock.on(rates.roll[0], month).parts())
            })
        });
        let column = Column::month(Topic::Rates, Dim::Cohort, "rates.roll_curve", "roll_rate");
        lines.given(column, Sort::Rate, values.collect())
    });
    let key = "delinquency.m0.rolled";
    let column = Column::month(Topic::Delinquency, Dim::Cohort, key, "rolled_from_current");
    by_segment(lines, column, pool, assumptions, |lines, place, segment| {
        let Some(rates) = &segment.delinquency else { return Formula::ZERO };
        let rate = match by_month {
            Some(by_month) if shocks(segment) => line(by_month),
            Some(_) | None => rate(lines, (place, 0), &segment.title(), "rolled", rates),
        };
        Formula::portion(line(current), vec![rate], vec![])
    })
}
