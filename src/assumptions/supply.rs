//! Where new receivables come from (资产供给): credit limits by score tier, how they are drawn and
//! restored, raised, frozen and cut.
//!
//! | File key                            | Meaning                                                  |
//! |-------------------------------------|----------------------------------------------------------|
//! | `[supply]` `share`, `season`        | this deal's part of the originator's flow; twelve indices |
//! | `[[supply.tier]]`                   | limits, what is used, monthly draw and payment rates      |
//! | `[[supply.tier.event]]`             | a cut (降额), or no growth (不涨), from a month on         |
//! | `[[supply.tier.temporary]]`         | a temporary limit (618, 双11) in a calendar month          |

use chrono::{Datelike, NaiveDate};

use crate::config::Text;
use crate::finding::Origin;
use crate::money::{Amount, Rate, Rounding, portion};

/// The accounts behind the purchases of a revolving period.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// The place in the file.
    pub origin: Origin,
    /// This deal's part of the originator's new receivables.
    pub share: Rate,
    /// The index of each calendar month, January first; the mean is 1.
    pub season: [Rate; 12],
    /// The score tiers.
    pub tiers: Vec<Tier>,
}

/// Accounts of one score tier (评分层级), taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// The name for readers.
    pub name: Text,
    /// Limits of all accounts at the cut-off date.
    pub limit: Amount,
    /// Of them, drawn.
    pub used: Amount,
    /// Growth of limits a month, as long as nothing freezes it.
    pub growth: Rate,
    /// Drawn in a month, of what is available at its start.
    pub draw: Rate,
    /// Repaid in a month, of what is used at its start.
    pub repay: Rate,
    /// The restoration ratio ρ (还回额度): how much limit a repayment gives back.
    pub restored: Rate,
    /// The part of repayments that comes from accounts in good standing; others get nothing back.
    pub clean: Rate,
    /// The part of new receivables that meets the deal's criteria.
    pub eligible: Rate,
    /// Cuts and freezes.
    pub events: Vec<LimitEvent>,
    /// Temporary limits.
    pub temporary: Vec<TemporaryLimit>,
}

/// Something that happens to limits from a month on.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitEvent {
    /// The first collection month, from 1.
    pub from: u32,
    /// The last; `None` when it stays.
    pub until: Option<u32>,
    /// What happens.
    pub change: LimitChange,
    /// Why, in the words of the file.
    pub cause: Text,
}

/// What happens to limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitChange {
    /// 降额: limits are lower by a share.
    Cut(Rate),
    /// 不涨: limits do not grow.
    Frozen,
}

/// A temporary limit (临时额度) that comes every year.
#[derive(Clone, Debug, PartialEq)]
pub struct TemporaryLimit {
    /// The name for readers.
    pub name: Text,
    /// The first calendar month, 1 to 12.
    pub month: u32,
    /// How many months it lasts.
    pub months: u32,
    /// The extra limit, of the fixed one.
    pub extra: Rate,
}

impl LimitEvent {
    fn is_on(&self, month: u32) -> bool {
        self.from <= month && self.until.is_none_or(|until| month <= until)
    }

    /// Whether some event keeps limits from growing in a collection month, from 1.
    pub(super) fn freeze(events: &[LimitEvent], month: u32) -> bool {
        events.iter().any(|event| event.change == LimitChange::Frozen && event.is_on(month))
    }

    /// The share of limits that is cut in a collection month: one cut after the other.
    pub(super) fn cut(events: &[LimitEvent], month: u32) -> Rate {
        let on = events.iter().filter(|event| event.is_on(month));
        let kept = on.fold(Rate::ONE.parts(), |kept, event| match event.change {
            LimitChange::Cut(cut) => {
                let one = Rate::ONE.parts();
                portion(kept, &[one - cut.parts()], &[one], Rounding::HalfUp)
            }
            LimitChange::Frozen => kept,
        });
        Rate::from_parts(Rate::ONE.parts() - kept)
    }
}

impl Supply {
    /// The index of the calendar month of a day.
    pub fn season_at(&self, day: NaiveDate) -> Rate {
        self.season[usize::try_from(day.month0()).expect("twelve months")]
    }
}

impl Tier {
    /// The growth of limits in a collection month, from 1: nothing while they are frozen.
    ///
    /// ```
    /// # use cashfall::assumptions::{LimitChange, LimitEvent, Tier};
    /// # let all = "100 %".parse().unwrap();
    /// # let mut tier = Tier { name: Default::default(), limit: "1000.00".parse().unwrap(),
    /// #   used: "400.00".parse().unwrap(), growth: "1 %".parse().unwrap(), draw: all, repay: all,
    /// #   restored: all, clean: all, eligible: all, events: vec![], temporary: vec![] };
    /// # let event = |change, until| LimitEvent { from: 4, until, change, cause: Default::default() };
    /// tier.events = vec![event(LimitChange::Frozen, Some(6))];
    /// assert_eq!([3, 4, 6, 7].map(|month| tier.growth_at(month).percent()), ["1 %", "0 %", "0 %", "1 %"]);
    /// // Two cuts: 1 − 0.7 × 0.9.
    /// let cut = |rate: &str| LimitChange::Cut(rate.parse().unwrap());
    /// tier.events = vec![event(cut("30 %"), None), event(cut("10 %"), Some(5))];
    /// assert_eq!([3, 4, 6].map(|month| tier.cut_at(month).percent()), ["0 %", "37 %", "30 %"]);
    /// ```
    pub fn growth_at(&self, month: u32) -> Rate {
        if LimitEvent::freeze(&self.events, month) { Rate::ZERO } else { self.growth }
    }

    /// The share of the fixed limit that is cut in a collection month: one cut after the other.
    pub fn cut_at(&self, month: u32) -> Rate {
        LimitEvent::cut(&self.events, month)
    }

    /// The temporary limit in the calendar month of a day, of the fixed one.
    pub fn extra_at(&self, day: NaiveDate) -> Rate {
        let on = |limit: &&TemporaryLimit| (day.month() + 12 - limit.month) % 12 < limit.months;
        Rate::from_parts(self.temporary.iter().filter(on).map(|limit| limit.extra.parts()).sum())
    }
}
