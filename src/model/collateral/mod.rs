//! The pool as lines: a corkscrew by cohort that rides on the contract plan.
//!
//! ```text
//! prior closing + joined = opening ─ default ─▶ performing ─ scheduled ─ prepaid ─▶ closing
//!                                      │           └ share of the plan: principal, interest, fee
//!                                      └▶ recovery, by the lag of the segment
//! ```
//!
//! With no stress this *is* the contract to the fen: performing equals the planned balance, so every
//! share is the whole. Rounding cannot open a gap, because closing comes by subtraction. What joins
//! later than the cut-off date joins at the start of a month; most pools have no such line.

mod corkscrew;
mod credit_lines;
mod delinquency;
mod dilution;
mod in_default;
mod limit;
mod plan;
mod rates;
mod recovery;
mod repurchase;
mod share;
mod totals;

use chrono::NaiveDate;

use super::Timeline;
use super::build::{Builder, Column};
use super::due_days::DueShares;
use super::line::{Closing, Dim, Topic};
use crate::assumptions::Assumptions;
use crate::config::Text;
use crate::formula::{Elements, Formula, InputId, LineId, Sort, serial};
use crate::money::{Amount, Rate};
use crate::plan::Cash;
use corkscrew::corkscrew;
pub(super) use credit_lines::Accounts;
pub(in crate::model) use limit::{Followed, down as limit_down, named as limit_named};
pub use limit::{LimitOf, LimitPart, PoolLimit};
use plan::Plan;
use rates::Rates;
use recovery::recoveries;
use totals::totals;

/// The receivables that behave alike, with their contract cash by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The name for readers.
    pub name: Text,
    /// The segment it belongs to, by place.
    pub segment: usize,
    /// The month of origination, when the segment's rates go by age.
    pub origination: Option<NaiveDate>,
    /// The month, from 1, at whose start it joins the pool, or in which it is bought; `None` when it
    /// is there at cut-off.
    pub joins: Option<usize>,
    /// The offer, by place, that it is bought from on the purchase dates of that month: its plan is
    /// then that of one whole offer, and as much of it joins as is bought.
    pub bought: Option<usize>,
    /// Receivables in the cohort.
    pub count: usize,
    /// Outstanding principal at cut-off, its own when it joins later.
    pub outstanding: Amount,
    /// Of it overdue at cut-off and never paid.
    pub unpaid_arrears: Amount,
    /// Instalments due by the cut-off date and not paid, the latest first, where it starts in the
    /// bucket of as many; the months below then begin after them.
    pub past: Vec<Cash>,
    /// The limits of its credit lines together; `None` when they are not known, or it has none.
    pub limit: Option<Amount>,
    /// Since when it is in default and what defaulted, where it is in default at its cut-off date and
    /// that is known.
    pub in_default: Option<Defaulted>,
    /// Contract principal by month, arrears that are paid included in the month in which it joins.
    pub principal: Vec<Amount>,
    /// Contract interest by month.
    pub interest: Vec<Amount>,
    /// Contract fees by month.
    pub fee: Vec<Amount>,
}

/// Receivables that were in default before the cut-off date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaulted {
    /// Whole months since their default at the cut-off date: 0 within the month that ends then.
    pub months: u32,
    /// What defaulted: the balance at default, or the balance outstanding where the tape does not say.
    pub principal: Amount,
}

/// The pool as the model needs it: cohorts ascending by segment, segments ascending by sub-pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Collateral {
    /// The cohorts.
    pub cohorts: Vec<Cohort>,
    /// The names of the segments.
    pub segments: Vec<Text>,
    /// What can be bought on purchase dates (循环购买).
    pub offers: Vec<Offer>,
    /// The limits that are tested after every purchase.
    pub limits: Vec<PoolLimit>,
    /// The parts of a month's cash that are there before each purchase date between payments, where
    /// the deal goes by due days.
    pub due_shares: Option<DueShares>,
    /// The sub-pools of a deal with several tapes; empty for a pool of one.
    pub subpools: Vec<PoolPart>,
    /// The sub-pool of each segment, ascending, where there are sub-pools.
    pub subpool_of: Vec<usize>,
}

/// A sub-pool of a deal with several tapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolPart {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// Receivables in it, what may be bought later left out.
    pub count: usize,
}

/// What can be bought on purchase dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The name for readers: the number of a receivable, or the kind of a standard one.
    pub name: Text,
    /// The price as a share of outstanding principal (1 − 折价率).
    pub price: Rate,
    /// How much of it can be bought.
    pub size: OfferSize,
}

/// Why a receivable on offer is not eligible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The criterion that it fails first.
    pub id: String,
    /// What the criterion says.
    pub name: Text,
    /// The value that was tested.
    pub tested: String,
}

/// How much of an offer can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferSize {
    /// One receivable, whole or not at all, on one date.
    Whole {
        /// Its place in the list, as the deal looks at it.
        candidate: usize,
        /// The date, from 1: of payments, or of purchases where the deal buys between them.
        payment: usize,
        /// Its outstanding principal on that date.
        outstanding: Amount,
        /// The criterion that it fails first; `None` when it is eligible.
        refused: Option<Refusal>,
    },
    /// Any amount of a standard receivable: its share of what is spent, in the offers' order.
    Share {
        /// The share of the budget.
        share: Rate,
    },
}

impl Cohort {
    /// The months before it joins the pool.
    fn months_before(&self) -> usize {
        self.joins.map_or(0, |joins| joins - 1)
    }

    /// The month at whose start it joins with its own balance.
    fn joins_by_itself(&self) -> Option<usize> {
        self.joins.filter(|_| self.bought.is_none())
    }
}

impl Collateral {
    /// Outstanding principal of all cohorts, what may be bought later left out.
    pub fn outstanding(&self) -> Amount {
        let own = self.cohorts.iter().filter(|cohort| cohort.bought.is_none());
        own.map(|cohort| cohort.outstanding).sum()
    }

    /// The same of one sub-pool.
    pub fn outstanding_of(&self, subpool: usize) -> Amount {
        let own = self.cohorts[self.elements(Dim::Cohort, subpool).range()].iter();
        let own = own.filter(|cohort| cohort.bought.is_none());
        own.map(|cohort| cohort.outstanding).sum()
    }

    /// The elements of a dimension that belong to a sub-pool: its cohorts, or its segments.
    ///
    /// # Panics
    ///
    /// For a dimension that no sub-pool has a part of.
    pub fn elements(&self, dim: Dim, subpool: usize) -> Elements {
        let between = |first: usize, end: usize| Elements { first, count: end - first };
        let before = |subpool: usize| self.subpool_of.partition_point(|of| *of < subpool);
        let (first, end) = (before(subpool), before(subpool + 1));
        match dim {
            Dim::Segment => between(first, end),
            Dim::Cohort => {
                let before =
                    |segment: usize| self.cohorts.partition_point(|of| of.segment < segment);
                between(before(first), before(end))
            }
            Dim::One | Dim::Offer => panic!("neither a single line nor an offer has sub-pools"),
        }
    }
}

/// A flow of the pool whose cash enters an account.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// The line.
    pub line: LineId,
    /// What it says.
    pub label: &'static str,
    /// Whose cash it is, where there are sub-pools.
    pub pool: Option<usize>,
}

/// The pool's lines that the liabilities read.
pub(super) struct Months {
    pub opening: LineId,
    pub closing: LineId,
    pub days: LineId,
    pub defaulted: LineId,
    pub scheduled: LineId,
    pub prepaid: LineId,
    pub recovered: Option<LineId>,
    /// Prices of defaulted receivables that are sold.
    pub disposed: Option<LineId>,
    pub interest: LineId,
    pub fee: LineId,
    pub cash: LineId,
    pub cumulative_default: LineId,
    pub initial: InputId,
    /// What joins at the start of a month, when anything joins later than the cut-off date.
    pub joined: Option<LineId>,
    /// Principal that leaves the pool without a default: by contract, early, or taken by the
    /// originator.
    pub left: Vec<LineId>,
    /// Principal that is received: what the obligors pay, and what the originator makes good.
    pub principal: Vec<LineId>,
    /// What the originator makes good or takes back.
    pub originator: Originator,
    /// Balances past due at the end of the month: all, beyond 30, 60 and 90 days.
    pub delinquent: Option<[LineId; 4]>,
    /// What is bought, when anything can be.
    pub bought: Option<Bought>,
    /// The accounts of credit lines.
    pub accounts: Option<Accounts>,
    /// What can be bought.
    pub offers: Vec<Offer>,
    /// The limits that are tested after every purchase, with what they count.
    pub limits: Vec<Followed>,
    /// The pool in which they count it: at the end of a month, before the purchases of the month where
    /// the deal buys between payment dates.
    pub limited: LineId,
    /// Flows whose cash enters the account.
    pub flows: Vec<Flow>,
    /// Totals over the cohorts, which are nothing once the pool is sold.
    pub of_pool: Vec<LineId>,
    /// The same of each sub-pool.
    pub parts: Vec<Months>,
}

/// What the originator makes good (退货退款补足) and takes back (不合格赎回).
#[derive(Default)]
pub(super) struct Originator {
    /// Principal refunded to obligors.
    pub diluted: Option<LineId>,
    /// Of it not made good.
    pub dilution_loss: Option<LineId>,
    /// Principal taken back.
    pub repurchased: Option<LineId>,
    /// Of it replaced by like receivables.
    pub substituted: Option<LineId>,
}

/// Principal bought on purchase dates.
pub(super) struct Bought {
    /// By cohort; promised until the purchases stand, where it is bought by itself.
    pub by_cohort: LineId,
    /// What is bought.
    what: What,
    /// In the month.
    pub total: LineId,
    /// Up to the month.
    pub cumulative: LineId,
}

/// What is bought on purchase dates.
#[derive(Clone, Copy)]
enum What {
    /// Cohorts of their own, each in the month of its flag.
    Cohorts(LineId),
    /// Draws on credit lines: the promise of the principal bought since the month before.
    Draws(LineId),
}

impl Bought {
    /// Keeps the promise: what each cohort gets of the principal that its offer sold since the month
    /// before.
    pub fn keep(&self, lines: &mut Builder, principal: LineId) {
        let sold = Formula::Since(principal);
        match self.what {
            What::Cohorts(month) => {
                let formula = Formula::when(Formula::Line(month), sold, Formula::ZERO);
                lines.keep(self.by_cohort, formula);
            }
            What::Draws(promised) => lines.keep(promised, sold),
        }
    }
}

impl Months {
    /// The pool at the start of a collection month: what was there at the end of the last, and what
    /// joins.
    pub fn at_start(&self) -> Formula {
        Formula::Line(self.opening)
    }
}

/// Lowers the pool.
pub(super) fn lower(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    commingling_months: u32,
) -> Months {
    let days = calendar(lines, timeline);
    let plan = Plan::lower(lines, pool, timeline, assumptions);
    let rates = Rates::lower(lines, pool, assumptions, timeline, days);
    let cohort = corkscrew(lines, pool, assumptions, timeline, &plan, &rates);
    let recovered = recoveries(lines, pool, assumptions, timeline, cohort.defaulted);
    let counted = cohort.remaining.unwrap_or(cohort.closing);
    let limits = limit::lower(lines, pool, counted);
    let mut months = totals(lines, pool, days, &cohort, recovered.as_ref(), commingling_months);
    if let Some(remaining) = cohort.remaining {
        let sum = || Formula::Total(remaining);
        let column = Column::month(Topic::Pool, Dim::One, "pool.remaining", "before_purchases");
        let all = lines.compute(column, sum());
        lines.closing(all, Closing::Formula(sum()));
        months.limited = lines.stock(all);
        months.of_pool.push(all);
    }
    Months { limits, ..months }
}

/// The ends of the months, and the days of each as a line.
fn calendar(lines: &mut Builder, timeline: &Timeline) -> LineId {
    let ends = timeline.months[1..].iter().map(|day| serial(*day)).collect();
    let column = Column::month(Topic::Pool, Dim::One, "pool.month_end", "month_end");
    let end = lines.recorded(column, Sort::Date, ends);
    lines.closing(end, Closing::Given(vec![serial(timeline.months[0])]));
    let column = Column::month(Topic::Pool, Dim::One, "pool.days", "days");
    lines.compute(column, Formula::less(Formula::Line(end), Formula::Prior(end)))
}

/// The day that a spreadsheet's number stands for; `None` for an empty cell.
pub fn day(serial: i64) -> Option<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day of the calendar");
    (serial > 0).then(|| epoch + chrono::Days::new(serial.unsigned_abs()))
}
