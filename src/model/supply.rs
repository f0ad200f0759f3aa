//! The supply of receivables (资产供给) as lines: the limits of each score tier, month by month.
//!
//! ```text
//! limit   = fixed limit less what is cut, and the temporary limit on it
//! drawn   = MIN(available, ROUND(available × draw × season, 2)),  available at the month's start
//! repaid  = ROUND(used × repay, 2)                 restored = ROUND(repaid × ρ × clean, 2)
//! used'   = used + drawn − repaid                  lapsed'  = lapsed + repaid − restored
//! available' = MAX(limit − used' − lapsed', 0)     over     = MAX(used' + lapsed' − limit, 0)
//! supply  = ROUND(drawn × eligible × share, 2)
//! ```
//!
//! So `limit + over = used + available + lapsed` always, and while nothing is over the limit,
//! `available' = available + restored − drawn + the change of the limit`. A cut takes what nobody has
//! drawn; what is in use beyond the limit is worked off by repayments before they give anything back.
//! No cash moves: existing receivables stay as they are, and only new supply falls.

use super::Timeline;
use super::build::{Builder, Column};
use super::line::{Closing, Dim, Topic};
use crate::assumptions::{Supply, Tier};
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// Limits beyond ten trillion are told apart no further, so that growth without end stays a number.
pub(super) const LIMIT_MOST: i64 = 1_000_000_000_000_000;

/// The lines of the supply that payment dates read.
pub(super) struct SupplyLines {
    /// Eligible new receivables of a month for this deal.
    pub offered: LineId,
    /// Totals over the tiers whose identity is checked: limit, over, used, available, lapsed.
    identity: [LineId; 5],
}

impl SupplyLines {
    /// `limit + over − used − available − lapsed` after the last month: zero.
    pub fn check(&self, lines: &mut Builder) {
        let [limit, over, used, available, lapsed] = self.identity.map(Formula::Latest);
        let difference = Formula::less(
            Formula::sum(vec![limit, over]),
            Formula::sum(vec![used, available, lapsed]),
        );
        let key = "check.supply".to_string();
        let column = Column::payment(Topic::Checks, key, &Text::default(), "limits_agree");
        lines.compute(column, difference);
    }
}

/// Lowers the supply.
pub(super) fn lower(lines: &mut Builder, supply: &Supply, timeline: &Timeline) -> SupplyLines {
    let season = timeline.months[1..].iter().map(|end| supply.season_at(*end).parts()).collect();
    let column = Column::month(Topic::Supply, Dim::One, "supply.season", "season");
    let season = lines.given(column, Sort::Rate, season);
    let nobody = Text::default();
    let share = supply.share.parts();
    let share =
        lines.input("supply.share".to_string(), &nobody, "share_to_deal", Sort::Rate, share);
    let key = "unit.limit_most".to_string();
    let most = lines.figure(key, &nobody, "limit_most", Sort::Amount, LIMIT_MOST);
    let common =
        Common { season, share: Formula::Input(share), most: Formula::Input(most), timeline };
    let tiers: Vec<TierLines> = supply
        .tiers
        .iter()
        .enumerate()
        .map(|(place, tier)| common.tier(lines, place, tier))
        .collect();
    let mut total = |part: &'static str, of: &dyn Fn(&TierLines) -> LineId, stock: bool| {
        let column = Column::month(Topic::Supply, Dim::One, &format!("supply.{part}"), part);
        let column = column.about(&all());
        let sum = || tiers.iter().map(|tier| Formula::Line(of(tier))).collect();
        let line = lines.compute(column, Formula::sum(sum()));
        if stock {
            lines.stock(line);
            lines.closing(line, Closing::Formula(Formula::sum(sum())));
        }
        line
    };
    let identity = [
        total("credit_limit", &|tier| tier.limit, true),
        total("over_limit", &|tier| tier.over, true),
        total("used", &|tier| tier.used, true),
        total("available_limit", &|tier| tier.available, true),
        total("lapsed", &|tier| tier.lapsed, true),
    ];
    total("drawn", &|tier| tier.drawn, false);
    let offered = total("supplied", &|tier| tier.offered, false);
    SupplyLines { offered, identity }
}

fn all() -> Text {
    Text { zh: "各层级合计".to_string(), en: "All tiers".to_string() }
}

/// What the tiers have in common.
struct Common<'a> {
    season: LineId,
    share: Formula,
    most: Formula,
    timeline: &'a Timeline,
}

struct TierLines {
    limit: LineId,
    over: LineId,
    used: LineId,
    available: LineId,
    lapsed: LineId,
    drawn: LineId,
    offered: LineId,
}

impl Common<'_> {
    fn tier(&self, lines: &mut Builder, place: usize, tier: &Tier) -> TierLines {
        let key = format!("supply.{}", place + 1);
        let column = |part: &'static str| {
            let key = format!("{key}.{part}");
            Column::month(Topic::Supply, Dim::One, &key, part).about(&tier.name)
        };
        let input = |lines: &mut Builder, part: &'static str, sort: Sort, value: i64| {
            Formula::Input(lines.input(format!("{key}.{part}"), &tier.name, part, sort, value))
        };
        let rate =
            |lines: &mut Builder, part, rate: Rate| input(lines, part, Sort::Rate, rate.parts());
        let first = input(lines, "limit_at_cutoff", Sort::Amount, tier.limit.minor());
        let first_used = input(lines, "used_at_cutoff", Sort::Amount, tier.used.minor());
        let draw = rate(lines, "draw_rate", tier.draw);
        let repay = rate(lines, "payment_rate", tier.repay);
        let restored = rate(lines, "restoration_ratio", tier.restored);
        let clean = rate(lines, "clean_share", tier.clean);
        let eligible = rate(lines, "eligible_share", tier.eligible);
        let limit = self.limit(lines, &column, first, tier);
        let used_before = lines.promise(column("used_at_start"), Sort::Amount);
        let lapsed_before = lines.promise(column("lapsed_at_start"), Sort::Amount);
        let held = Formula::sum(vec![Formula::Line(used_before), Formula::Line(lapsed_before)]);
        let open = Formula::excess(Formula::Line(limit), held);
        let open = lines.compute(column("available_at_start"), open);
        let rates = vec![draw, Formula::Line(self.season)];
        let wanted = Formula::portion(Formula::Line(open), rates, vec![]);
        let drawn = Formula::Least(vec![Formula::Line(open), wanted]);
        let drawn = lines.compute(column("drawn"), drawn);
        let repaid = Formula::portion(Formula::Line(used_before), vec![repay], vec![]);
        let repaid = lines.compute(column("repaid"), repaid);
        let back = Formula::portion(Formula::Line(repaid), vec![restored, clean], vec![]);
        let back = lines.compute(column("restored"), back);
        let used = Formula::sum(vec![Formula::Line(used_before), Formula::Line(drawn)]);
        let used = lines.compute(column("used"), Formula::less(used, Formula::Line(repaid)));
        let lapsed = Formula::sum(vec![Formula::Line(lapsed_before), Formula::Line(repaid)]);
        let lapsed = lines.compute(column("lapsed"), Formula::less(lapsed, Formula::Line(back)));
        lines.keep(used_before, Formula::Prior(used));
        lines.keep(lapsed_before, Formula::Prior(lapsed));
        lines.closing(used, Closing::Formula(first_used));
        let held = || Formula::sum(vec![Formula::Line(used), Formula::Line(lapsed)]);
        let room = Formula::excess(Formula::Line(limit), held());
        let available = lines.compute(column("available_limit"), room.clone());
        lines.closing(available, Closing::Formula(room));
        let beyond = Formula::excess(held(), Formula::Line(limit));
        let over = lines.compute(column("over_limit"), beyond.clone());
        lines.closing(over, Closing::Formula(beyond));
        let shares = vec![eligible, self.share.clone()];
        let offered = Formula::portion(Formula::Line(drawn), shares, vec![]);
        let offered = lines.compute(column("supplied"), offered);
        for line in [used_before, lapsed_before, open, used, lapsed, available, over] {
            lines.stock(line);
        }
        TierLines { limit, over, used, available, lapsed, drawn, offered }
    }

    /// `fixed = grown − ROUND(grown × cut, 2)`, `limit = fixed + ROUND(fixed × temporary, 2)`: levels by
    /// month, so that what ends leaves nothing behind.
    fn limit(
        &self,
        lines: &mut Builder,
        column: &dyn Fn(&'static str) -> Column,
        first: Formula,
        tier: &Tier,
    ) -> LineId {
        let months = || self.timeline.months.iter().enumerate().skip(1);
        let by_month = |at: &dyn Fn(u32) -> Rate| -> Vec<i64> {
            let number = |month: usize| u32::try_from(month).expect("months are few");
            months().map(|(month, _)| at(number(month)).parts()).collect()
        };
        let growth = by_month(&|month| tier.growth_at(month));
        let growth = lines.given(column("limit_growth"), Sort::Rate, growth);
        let cut = by_month(&|month| tier.cut_at(month));
        let cut = lines.given(column("limit_cut"), Sort::Rate, cut);
        let extra = months().map(|(_, end)| tier.extra_at(*end).parts()).collect();
        let extra = lines.given(column("temporary_share"), Sort::Rate, extra);
        let grown = lines.promise(column("limit_before_cuts"), Sort::Amount);
        let rate = vec![Formula::Line(growth)];
        let more = Formula::portion(Formula::Prior(grown), rate, vec![]);
        let sum = Formula::sum(vec![Formula::Prior(grown), more]);
        lines.keep(grown, Formula::Least(vec![sum, self.most.clone()]));
        lines.closing(grown, Closing::Formula(first.clone()));
        let gone = Formula::portion(Formula::Line(grown), vec![Formula::Line(cut)], vec![]);
        let fixed = Formula::less(Formula::Line(grown), gone);
        let fixed = lines.compute(column("fixed_limit"), fixed);
        let temporary = vec![Formula::Line(extra)];
        let temporary = Formula::portion(Formula::Line(fixed), temporary, vec![]);
        let temporary = lines.compute(column("temporary_limit"), temporary);
        let limit = Formula::sum(vec![Formula::Line(fixed), Formula::Line(temporary)]);
        let limit = lines.compute(column("credit_limit"), limit);
        lines.closing(limit, Closing::Formula(first));
        for line in [grown, fixed, temporary, limit] {
            lines.stock(line);
        }
        limit
    }
}
