//! `[supply]` of the assumptions file.

use super::stress::Window;
use super::supply::{LimitChange, LimitEvent, Supply, TemporaryLimit, Tier};
use crate::config::{Section, Text};
use crate::money::{Amount, Rate, Rounding, portion};

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);
/// The index of a month is below twelve: all draws of the year in one month.
const SEASON_MOST: Rate = Rate::from_parts(Rate::ONE.parts() * 12 + 1);
/// The longest projection, in months.
const MONTHS_MOST: i64 = 600;
/// The mean of the twelve indices may differ from 1 by their rounding.
const MEAN_WITHIN: i64 = 1_000_000;

/// Reads `[supply]`.
pub(super) fn read(root: &Section) -> Option<Supply> {
    if !root.has("supply") {
        return None;
    }
    let section = root.section("supply")?;
    let mut supply = Supply {
        origin: root.origin("supply"),
        share: section.rate("share", SHARE_MOST).unwrap_or(Rate::ONE),
        season: season(&section),
        tiers: Vec::new(),
    };
    let most = supply.season.iter().max().copied().unwrap_or(Rate::ONE);
    let tiers = section.tables("tier");
    if tiers.is_empty() && !section.reported_any(&["tier"]) {
        section.missing("tier");
    }
    for (place, tier) in tiers.into_iter().enumerate() {
        supply.tiers.push(read_tier(tier, place, most));
    }
    section.finish();
    Some(supply)
}

fn season(section: &Section) -> [Rate; 12] {
    let Some(rates) = section.rates("season", SEASON_MOST) else { return [Rate::ONE; 12] };
    let Ok(season) = <[Rate; 12]>::try_from(rates) else {
        if !section.reported_any(&["season"]) {
            section.find("A0240", "season", &[]);
        }
        return [Rate::ONE; 12];
    };
    let sum: i64 = season.iter().map(|rate| rate.parts()).sum();
    if (sum - Rate::ONE.parts() * 12).abs() > MEAN_WITHIN {
        let mean = Rate::from_parts(portion(sum, &[1], &[12], Rounding::HalfUp));
        section.find("A0241", "season", &[("mean", mean.to_string())]);
    }
    season
}

fn read_tier(section: Section, place: usize, season_most: Rate) -> Tier {
    let name = section.bilingual("name").unwrap_or_else(|| Text {
        zh: format!("层级 {}", place + 1),
        en: format!("Tier {}", place + 1),
    });
    for key in ["draw", "repay"] {
        if !section.has(key) {
            section.missing(key);
        }
    }
    let share = |key| section.rate(key, SHARE_MOST);
    let limit = limit(&section);
    let used = section.amount("used").unwrap_or(Amount::ZERO);
    if used > limit && !section.reported_any(&["limit", "accounts", "average_limit", "used"]) {
        let facts = [("used", used.grouped()), ("limit", limit.grouped())];
        section.find("A0242", "used", &facts);
    }
    let draw = share("draw").unwrap_or(Rate::ZERO);
    let peak =
        portion(draw.parts(), &[season_most.parts()], &[Rate::ONE.parts()], Rounding::HalfUp);
    if peak > Rate::ONE.parts() {
        let peak = Rate::from_parts(peak).percent();
        section.find("A0243", "draw", &[("name", name.both()), ("peak", peak)]);
    }
    let tier = Tier {
        limit,
        used,
        growth: growth(&section),
        draw,
        repay: share("repay").unwrap_or(Rate::ZERO),
        restored: share("restored").unwrap_or(Rate::ONE),
        clean: share("clean").unwrap_or(Rate::ONE),
        eligible: share("eligible").unwrap_or(Rate::ONE),
        events: section.tables("event").into_iter().map(event).collect(),
        temporary: section.tables("temporary").into_iter().map(temporary).collect(),
        name,
    };
    section.finish();
    tier
}

/// `limit`, or `accounts` × `average_limit`.
fn limit(section: &Section) -> Amount {
    let (accounts, average) =
        (section.count("accounts", 10_000_000_000), section.amount("average_limit"));
    let total = section.amount("limit");
    let by_account = section.has("accounts") || section.has("average_limit");
    if section.has("limit") == by_account {
        section.find("A0244", "limit", &[]);
    } else if by_account {
        for key in ["accounts", "average_limit"] {
            if !section.has(key) {
                section.missing(key);
            }
        }
    }
    let of_accounts = accounts.zip(average).map(|(accounts, average)| {
        let product = i128::from(accounts) * i128::from(average.minor());
        // A hundred trillion, as for the amounts of a file.
        let product = i64::try_from(product).ok().filter(|total| *total <= 100_000_000_000_000);
        product.map(Amount::from_minor).unwrap_or_else(|| {
            section.find("A0245", "average_limit", &[]);
            Amount::ZERO
        })
    });
    total.or(of_accounts).unwrap_or(Amount::ZERO)
}

/// Growth a month; of a yearly rate a twelfth.
pub(super) fn growth(section: &Section) -> Rate {
    let growth = section.rate("growth", Rate::ONE).unwrap_or(Rate::ZERO);
    let yearly = section.choice("growth_period", &[("month", false), ("year", true)]);
    if yearly.is_some_and(|yearly| yearly) {
        return Rate::from_parts(portion(growth.parts(), &[1], &[12], Rounding::HalfUp));
    }
    growth
}

fn month(section: &Section, key: &'static str) -> Option<u32> {
    section.count(key, MONTHS_MOST).and_then(|month| u32::try_from(month).ok())
}

pub(super) fn event(section: Section) -> LimitEvent {
    if !section.has("from") {
        section.missing("from");
    }
    let from = month(&section, "from").unwrap_or(1).max(1);
    let until = month(&section, "until");
    if let Some(until) = until.filter(|until| *until < from) {
        let facts = [("from", from.to_string()), ("until", until.to_string())];
        section.find("A0246", "until", &facts);
    }
    let cut = section.rate("cut", SHARE_MOST);
    let frozen = section.flag("frozen").unwrap_or(false);
    if section.has("cut") == frozen {
        section.find("A0247", "cut", &[]);
    }
    let change = cut.map_or(LimitChange::Frozen, LimitChange::Cut);
    let event =
        LimitEvent { from, until, change, cause: section.bilingual("cause").unwrap_or_default() };
    section.finish();
    event
}

/// The months of a scenario, and what changes in them: a cut, a freeze, both or none.
pub(super) fn changes(section: &Section, cause: &Text) -> (Window, Vec<LimitEvent>) {
    let from = month(section, "from").unwrap_or(1).max(1);
    let until = month(section, "until");
    if let Some(until) = until.filter(|until| *until < from) {
        let facts = [("from", from.to_string()), ("until", until.to_string())];
        section.find("A0246", "until", &facts);
    }
    let cut = section.rate("cut", SHARE_MOST).map(LimitChange::Cut);
    let frozen = section.flag("frozen").unwrap_or(false).then_some(LimitChange::Frozen);
    let event = |change| LimitEvent { from, until, change, cause: cause.clone() };
    let last = until.unwrap_or(600).max(from);
    let months = Window { start: from, months: last - from + 1 };
    (months, cut.into_iter().chain(frozen).map(event).collect())
}

fn temporary(section: Section) -> TemporaryLimit {
    for key in ["month", "extra"] {
        if !section.has(key) {
            section.missing(key);
        }
    }
    let of_year = |key| section.count(key, 12).and_then(|month| u32::try_from(month).ok());
    let limit = TemporaryLimit {
        name: section.bilingual("name").unwrap_or_default(),
        month: of_year("month").unwrap_or(1).max(1),
        months: of_year("months").unwrap_or(1).max(1),
        extra: section.rate("extra", SEASON_MOST).unwrap_or(Rate::ZERO),
    };
    section.finish();
    limit
}
