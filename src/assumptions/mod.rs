//! How obligors behave: prepayment, default and recovery, by segment of the pool.
//!
//! | File key                              | Meaning                                                |
//! |---------------------------------------|--------------------------------------------------------|
//! | `cpr`, `smm`, `abs_speed`             | prepayment, one of them per segment                    |
//! | `cdr`, `mdr`                          | conditional default, annual or monthly                 |
//! | `cumulative_default_ratio` + `default_timing` | defaults on the balance at cut-off             |
//! | `recovery_rate` + `recovery_lag`      | share of each default that comes back, by months later |
//! | `[[purchased]]`, `[supply]`           | what is bought later, and how much of it there is      |
//! | `recovery_cost`, `disposal_…`         | what collecting costs, and the sale of defaulted receivables |
//! | `defaulted`                           | receivables in default at the cut-off date             |
//! | `recovery_of`                         | what their recovery curve is a share of                |
//! | `roll`, `cure`, `late_fee`            | delinquency by roll rates, which default takes the place of |
//! | `dilution`, `dilution_…`              | refunds by months since origination                    |
//! | `repurchase`, `repurchase_substituted` | what the originator takes back                        |
//! | `line`                                | credit lines: paid down at will and drawn again        |

mod credit_line;
mod delinquency;
mod dilution;
mod disposal;
mod from_toml;
mod idle;
mod limit_study;
mod purchased;
mod repurchase;
mod scenarios;
mod stress;
mod supply;
mod supply_from_toml;

pub use credit_line::{CreditLine, Draws, Owner};
pub use delinquency::{BUCKET_DAYS, Delinquency};
pub use dilution::{Dilution, Since};
pub use disposal::{Disposal, SaleTime};
pub use limit_study::{LimitScenario, LimitStudy};
pub use purchased::StandardReceivable;
pub use repurchase::Repurchase;
pub use stress::{Scenario, SegmentStress, Shock, Stress, Window};
pub use supply::{LimitChange, LimitEvent, Supply, TemporaryLimit, Tier};

use crate::config::Text;
use crate::finding::Origin;
use crate::money::Rate;

/// The assumptions of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumptions {
    /// Which comes first in a month.
    pub order: Order,
    /// How an annual rate becomes a monthly one.
    pub monthly: Monthly,
    /// What an early settlement pays of the charges not yet due.
    pub early_settlement: EarlySettlement,
    /// The segments; a receivable belongs to the first that fits. The last fits every receivable.
    pub segments: Vec<Segment>,
    /// The standard receivables that are bought in the revolving period.
    pub purchased: Vec<StandardReceivable>,
    /// Default beyond so many days past due, where the file says so.
    pub default_days: Option<u32>,
    /// Months in which no contract cash falls due; what would have comes after them.
    pub holiday: Option<Window>,
    /// The accounts that new receivables come from; without them there is enough to buy.
    pub supply: Option<Supply>,
}

impl Assumptions {
    /// Nobody prepays, nobody defaults.
    pub fn contractual() -> Assumptions {
        Assumptions { segments: vec![Segment::contractual()], ..Assumptions::default() }
    }

    /// The kind of speed at which its segments prepay: CPR when nobody does, `None` when they differ.
    pub fn speed(&self) -> Option<Speed> {
        let mut kinds = self.segments.iter().filter_map(|segment| segment.prepayment.speed());
        let Some(first) = kinds.next() else { return Some(Speed::Cpr) };
        kinds.all(|kind| kind == first).then_some(first)
    }

    /// Days past due beyond which a receivable is in default: as stated, else those of the roll rates.
    pub fn default_beyond(&self) -> Option<u32> {
        let rolls = self.segments.iter().find_map(|segment| segment.delinquency.as_ref());
        self.default_days.or(rolls.map(Delinquency::default_days))
    }

    /// The buckets of delinquency (M1, M2, …); 0 where nobody rolls.
    pub fn buckets(&self) -> usize {
        let mut known = self.segments.iter().filter_map(|segment| segment.delinquency.as_ref());
        known.next().map_or(0, Delinquency::buckets)
    }

    /// The same segments at one constant speed: those that prepay, or all when nobody does.
    #[must_use]
    pub fn at_speed(&self, speed: Speed, rate: Rate) -> Assumptions {
        let nobody = self.segments.iter().all(|segment| segment.prepayment.speed().is_none());
        let at = |segment: &Segment| {
            let moves = nobody || segment.prepayment.speed().is_some();
            let prepayment = if moves { speed.at(rate) } else { Prepayment::None };
            Segment { prepayment, ..segment.clone() }
        };
        Assumptions { segments: self.segments.iter().map(at).collect(), ..self.clone() }
    }

    /// The same segments without prepayment, default and refunds: the case "no stress" beside the base
    /// case. What is in default at the cut-off date recovers as assumed: it brings nothing else.
    #[must_use]
    pub fn without_stress(&self) -> Assumptions {
        let calm = |segment: &Segment| Segment {
            prepayment: Prepayment::None,
            default: Defaults::None,
            recovery: segment.recovery.clone().filter(|_| segment.defaulted),
            recovery_cost: if segment.defaulted { segment.recovery_cost } else { Rate::ZERO },
            disposal: segment.disposal.clone().filter(|_| segment.defaulted),
            delinquency: None,
            dilution: None,
            repurchase: None,
            ..segment.clone()
        };
        let segments = self.segments.iter().map(calm).collect();
        Assumptions { segments, holiday: None, ..self.clone() }
    }
}

/// The order of default, schedule and prepayment within a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Default on the opening balance, schedule on the survivors, prepayment on what is left.
    #[default]
    Survivors,
    /// As the standard formulas of the Bond Market Association: prepayment on the scheduled
    /// balance of the whole opening, capped by what is left.
    Bma,
}

/// How an annual rate becomes a monthly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Monthly {
    /// `1 − (1 − annual)^(1/12)`.
    #[default]
    Twelfth,
    /// `1 − (1 − annual)^(days/365)` with the days of the collection month.
    ActualDays,
}

/// What an early settlement pays of the charges that are not yet due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlySettlement {
    /// None: the rest is waived.
    #[default]
    Waived,
    /// The charges of the next month.
    Next,
    /// All remaining charges.
    All,
}

/// A part of the pool that behaves alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Where its filter stands in the file, for what is found when it meets a pool.
    pub origin: Origin,
    /// The name for readers.
    pub name: Text,
    /// The sub-pool whose receivables it holds, by id, with its name where readers must tell it from
    /// the same segment of another; `None` before the segments are taken apart, and where the deal
    /// has one tape.
    pub subpool: Option<(String, Option<Text>)>,
    /// Columns of the tape with the values that belong here; empty for every receivable.
    pub filter: Vec<(String, Vec<String>)>,
    /// Early settlement.
    pub prepayment: Prepayment,
    /// Default.
    pub default: Defaults,
    /// What comes back.
    pub recovery: Option<Recovery>,
    /// Whether vectors count months on book instead of months of projection.
    pub by_age: bool,
    /// The share of recoveries that is spent to collect them.
    pub recovery_cost: Rate,
    /// The sale of what has defaulted (不良资产处置).
    pub disposal: Option<Disposal>,
    /// Whether its receivables are in default at the cut-off date, so that all that comes is recovery.
    pub defaulted: bool,
    /// Delinquency by roll rates, in place of a default rate.
    pub delinquency: Option<Delinquency>,
    /// Refunds (退货退款).
    pub dilution: Option<Dilution>,
    /// What the originator takes back (不合格赎回).
    pub repurchase: Option<Repurchase>,
    /// How credit lines are paid and drawn; `None` for receivables with a schedule.
    pub line: Option<CreditLine>,
    /// Months in which the default timing, or the roll rate of the current receivables, is more.
    pub shock: Option<Shock>,
}

impl Segment {
    fn contractual() -> Segment {
        Segment {
            origin: Origin::default(),
            name: Text { zh: "全部".to_string(), en: "All".to_string() },
            subpool: None,
            filter: Vec::new(),
            prepayment: Prepayment::None,
            default: Defaults::None,
            recovery: None,
            by_age: false,
            recovery_cost: Rate::ZERO,
            disposal: None,
            defaulted: false,
            delinquency: None,
            dilution: None,
            repurchase: None,
            line: None,
            shock: None,
        }
    }

    /// The name for readers, with the sub-pool where it must be told from another.
    pub fn title(&self) -> Text {
        match &self.subpool {
            Some((_, Some(of))) => Text {
                zh: format!("{} · {}", of.zh, self.name.zh),
                en: format!("{} · {}", of.en, self.name.en),
            },
            Some((_, None)) | None => self.name.clone(),
        }
    }

    /// Whether receivables of different origination months behave differently.
    pub fn needs_age(&self) -> bool {
        let dilution =
            self.dilution.as_ref().is_some_and(|refunds| refunds.since == Since::Origination);
        let vector = |curve: &Curve| !curve.is_constant();
        let moves = |repurchase: &Repurchase| self.by_age && vector(&repurchase.rate);
        let by_age = match &self.prepayment {
            Prepayment::Abs(_) => true,
            Prepayment::Cpr(curve) | Prepayment::Smm(curve) => self.by_age && vector(curve),
            Prepayment::None => false,
        };
        by_age
            || dilution
            || self.by_age && self.line.as_ref().is_some_and(CreditLine::moves)
            || self.repurchase.as_ref().is_some_and(moves)
            || match &self.default {
                Defaults::Cdr(curve) | Defaults::Mdr(curve) => self.by_age && vector(curve),
                Defaults::Cumulative { .. } => self.by_age,
                Defaults::None => false,
            }
    }
}

/// A rate over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Curve {
    /// The same in every month.
    Constant(Rate),
    /// Month by month; the last holds for ever.
    Vector(Vec<Rate>),
    /// In equal steps from the first month's rate to the last month's, then flat.
    Ramp {
        /// The rate of month 1.
        from: Rate,
        /// The rate of month `months` and later.
        to: Rate,
        /// The length of the ramp.
        months: u32,
    },
    /// Another curve, with a one-off event in some months of projection.
    Shocked {
        /// The curve without it.
        curve: Box<Curve>,
        /// The event.
        shock: Shock,
    },
}

impl Curve {
    /// Whether it is nothing in every month.
    pub fn is_zero(&self) -> bool {
        match self {
            Curve::Constant(rate) => *rate == Rate::ZERO,
            Curve::Vector(rates) => rates.iter().all(|rate| *rate == Rate::ZERO),
            Curve::Ramp { from, to, .. } => *from == Rate::ZERO && *to == Rate::ZERO,
            // A one-off event may add to nothing.
            Curve::Shocked { .. } => false,
        }
    }

    /// The rate of a month of projection when the curve stands at `clock`: the month itself, or the
    /// months on book.
    pub fn during(&self, clock: u32, month: u32) -> Rate {
        match self {
            Curve::Shocked { curve, shock } => shock.on(curve.during(clock, month), month),
            Curve::Constant(_) | Curve::Vector(_) | Curve::Ramp { .. } => self.at(clock),
        }
    }

    /// The same curve with each rate changed, by a rule that does not fall.
    fn map(&self, rule: &dyn Fn(Rate) -> Rate) -> Curve {
        match self {
            Curve::Constant(rate) => Curve::Constant(rule(*rate)),
            Curve::Vector(rates) => Curve::Vector(rates.iter().map(|rate| rule(*rate)).collect()),
            // A ramp that meets the limit is no ramp any more.
            Curve::Ramp { from, to, months } => match [rule(*from), rule(*to)] {
                [from, to] if from < Rate::ONE && to < Rate::ONE => {
                    Curve::Ramp { from, to, months: *months }
                }
                _ => Curve::Vector((1..=*months).map(|month| rule(self.at(month))).collect()),
            },
            Curve::Shocked { curve, shock } => {
                Curve::Shocked { curve: Box::new(curve.map(rule)), shock: *shock }
            }
        }
    }

    /// Whether it is the same at every age; a one-off event goes by months of projection.
    fn is_constant(&self) -> bool {
        match self {
            Curve::Constant(_) => true,
            Curve::Vector(_) | Curve::Ramp { .. } => false,
            Curve::Shocked { curve, .. } => curve.is_constant(),
        }
    }

    /// The rate of a month, from 1.
    ///
    /// ```
    /// use cashfall::assumptions::Curve;
    /// use cashfall::money::Rate;
    /// let ramp = Curve::Ramp { from: Rate::ZERO, to: "6 %".parse().unwrap(), months: 4 };
    /// assert_eq!(ramp.at(2).percent(), "2 %");
    /// assert_eq!(ramp.at(9).percent(), "6 %");
    /// ```
    pub fn at(&self, month: u32) -> Rate {
        let month = month.max(1);
        match self {
            Curve::Constant(rate) => *rate,
            Curve::Vector(rates) => {
                let index = usize::try_from(month - 1).expect("months are few");
                *rates.get(index).or(rates.last()).unwrap_or(&Rate::ZERO)
            }
            Curve::Ramp { from, to, months } if month < *months => {
                let step = crate::money::portion(
                    to.parts() - from.parts(),
                    &[i64::from(month - 1)],
                    &[i64::from(months - 1)],
                    crate::money::Rounding::HalfUp,
                );
                Rate::from_parts(from.parts() + step)
            }
            Curve::Ramp { to, .. } => *to,
            Curve::Shocked { curve, .. } => curve.at(month),
        }
    }
}

/// The field's kinds of prepayment speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// Conditional prepayment rate, annual.
    Cpr,
    /// Single monthly mortality.
    Smm,
    /// Absolute speed, of the original number.
    Abs,
}

impl Speed {
    /// The name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Speed::Cpr => "CPR",
            Speed::Smm => "SMM",
            Speed::Abs => "ABS",
        }
    }

    /// That speed in every month.
    pub fn at(self, rate: Rate) -> Prepayment {
        let curve = Curve::Constant(rate);
        match self {
            Speed::Cpr => Prepayment::Cpr(curve),
            Speed::Smm => Prepayment::Smm(curve),
            Speed::Abs => Prepayment::Abs(curve),
        }
    }
}

/// Early settlement, by one of the field's speeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepayment {
    /// Nobody prepays.
    None,
    /// Conditional prepayment rate, annual.
    Cpr(Curve),
    /// Single monthly mortality.
    Smm(Curve),
    /// Absolute speed: prepaid loans of the original number, by months since origination.
    Abs(Curve),
}

impl Prepayment {
    /// The kind of its speed; `None` when nobody prepays.
    pub fn speed(&self) -> Option<Speed> {
        match self {
            Prepayment::None => None,
            Prepayment::Cpr(_) => Some(Speed::Cpr),
            Prepayment::Smm(_) => Some(Speed::Smm),
            Prepayment::Abs(_) => Some(Speed::Abs),
        }
    }
}

/// Default, by one of the field's measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defaults {
    /// Nobody defaults.
    None,
    /// Conditional default rate, annual.
    Cdr(Curve),
    /// Monthly default rate.
    Mdr(Curve),
    /// A share of the balance at cut-off, spread over months by a timing vector that sums to 1.
    Cumulative {
        /// Defaults over life, of the balance at cut-off.
        ratio: Rate,
        /// The share of each month; 0 beyond its end.
        timing: Vec<Rate>,
    },
}

/// What comes back after default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The share of a default that is recovered.
    pub rate: Rate,
    /// The share of the recovery that comes 0, 1, 2, … months after the default; sums to 1.
    pub lag: Vec<Rate>,
    /// What the rate is a share of, for receivables in default at the cut-off date.
    pub of: RecoveryBase,
    /// Months at the start of the lag that a stress has put there.
    pub delay: usize,
}

/// What a recovery curve is a share of, for receivables that were in default before the cut-off date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecoveryBase {
    /// What defaulted: the balance at default of the tape, or the balance outstanding where the tape
    /// does not say. Its share since then is behind them.
    #[default]
    Defaulted,
    /// The balance outstanding, which the curve up to their age has left: what is still to come is
    /// the conditional share `(R(∞) − R(a)) ÷ (1 − R(a))` of it.
    Outstanding,
}
