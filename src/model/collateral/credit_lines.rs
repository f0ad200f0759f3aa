//! Credit lines (循环额度): the accounts as a whole, and the trust's part of them.
//!
//! ```text
//! accounts   opening − charged off = performing − paid + drawn = closing
//!   paid     MIN(performing, MAX(ROUND(performing × payment rate, 2), minimum))
//!   minimum  MAX(ROUND(performing × minimum rate, 2), floor of the accounts that are left)
//!   charges  ROUND(performing × (1 − transactors) × yield ÷ 12, 2)
//!            nothing is paid and nothing charged in the months of a payment holiday
//!   drawn    MIN(MAX(limit − left, 0), wanted), left = performing − paid
//!   wanted   MAX(ROUND(limit × utilisation, 2) − left, 0), or ROUND(paid × purchase rate, 2)
//! seller     accounts − trust: draws that the trust has not bought
//! trust      its share of what is charged off, paid and charged; what it buys of the seller's part
//!            counts from the start of the month
//! ```
//!
//! While the deal revolves, the trust's share is its part of what performs (floating allocation).
//! After that the draws are the originator's, and the share stays floating; or the trust's, and
//! principal is shared as in the last month in which the deal revolved (fixed allocation).

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Closing, Dim, Topic};
use super::super::supply::LIMIT_MOST;
use super::rates::{Rates, by_segment, speeds};
use super::{Cohort, Collateral};
use crate::assumptions::{Assumptions, CreditLine, Curve, Draws, Owner, Segment};
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// What payment dates need of the accounts.
#[derive(Clone, Copy)]
pub(in crate::model) struct Accounts {
    /// Balances in the accounts that the trust does not own (卖方权益).
    pub seller: LineId,
    /// The promise of the flag of months in which the deal does not revolve.
    pub amortising: LineId,
}

/// The accounts of credit lines, by cohort, and what the trust gets of them.
pub(super) struct CreditLines {
    /// By cohort, its segment where that is one of credit lines.
    is_line: Vec<Option<usize>>,
    /// By segment, whose draws are when the deal does not revolve.
    owner: Vec<Owner>,
    /// The balance of the trust at the start of the month.
    trust: LineId,
    opening: LineId,
    charged_off: LineId,
    performing: LineId,
    paid: LineId,
    charges: LineId,
    closing: LineId,
    /// The balance of each at cut-off.
    outstanding: Vec<i64>,
    amortising: LineId,
    /// What the trust buys of the seller's part.
    pub bought: LineId,
    /// The promise of what it buys in all.
    pub sold: LineId,
}

fn column(key: &str, part: &'static str) -> Column {
    Column::month(Topic::CreditLines, Dim::Cohort, &format!("credit_lines.{key}"), part)
}

fn single(key: &str, part: &'static str) -> Column {
    Column { dim: Dim::One, ..column(key, part) }
}

fn line(line: LineId) -> Formula {
    Formula::Line(line)
}

/// What is due outside the months of a holiday.
fn outside(holiday: Option<LineId>, due: Formula) -> Formula {
    match holiday {
        Some(flag) => Formula::when(line(flag), Formula::ZERO, due),
        None => due,
    }
}

/// What the lowering of one figure after the other reads.
struct Lowering<'a> {
    pool: &'a Collateral,
    assumptions: &'a Assumptions,
    timeline: &'a Timeline,
}

impl CreditLines {
    /// Lowers the accounts; `None` when no segment is one of credit lines. `trust` is the balance of
    /// the trust at the start of the month, by cohort.
    pub fn lower(
        lines: &mut Builder,
        pool: &Collateral,
        assumptions: &Assumptions,
        timeline: &Timeline,
        rates: &Rates,
        trust: LineId,
    ) -> Option<CreditLines> {
        if !assumptions.segments.iter().any(Segment::revolves) {
            return None;
        }
        let with = Lowering { pool, assumptions, timeline };
        let opening = lines.promise(column("opening", "accounts_opening"), Sort::Amount);
        lines.stock(opening);
        let zero = || Formula::Whole(0, Sort::Rate);
        let rate = rates.mdr.map_or_else(zero, line);
        let charged_off = Formula::portion(line(opening), vec![rate], vec![]);
        let charged_off = lines.compute(column("charged_off", "charged_off"), charged_off);
        let performing = Formula::less(line(opening), line(charged_off));
        let performing = lines.compute(column("performing", "accounts_performing"), performing);
        lines.stock(performing);
        let kept = |of: Formula| {
            let gone = Formula::portion(of.clone(), vec![line(charged_off)], vec![line(opening)]);
            Formula::less(of, gone)
        };
        let limit = with.limit(lines, &kept);
        let paid = with.paid(lines, performing, &kept);
        let charges = with.charges(lines, performing);
        let left = || Formula::less(line(performing), line(paid));
        let drawn = with.drawn(lines, limit, paid, &left);
        let closing = Formula::sum(vec![left(), line(drawn)]);
        let closing = lines.compute(column("closing", "accounts_closing"), closing);
        lines.stock(closing);
        let own = |cohort: &Cohort| match with.of(cohort) {
            Some(_) => cohort.outstanding.minor(),
            None => 0,
        };
        let outstanding: Vec<i64> = pool.cohorts.iter().map(own).collect();
        lines.closing(closing, Closing::Given(outstanding.clone()));
        lines.keep(opening, Formula::Prior(closing));
        let (sold, bought) = with.bought(lines, opening, trust);
        let amortising = lines.promise(single("amortising", "amortising"), Sort::Flag);
        let of_line = |cohort: &Cohort| Some(cohort.segment).filter(|_| with.of(cohort).is_some());
        let owner = |segment: &Segment| segment.line.as_ref().map(|line| line.owner);
        Some(CreditLines {
            is_line: pool.cohorts.iter().map(of_line).collect(),
            owner: assumptions.segments.iter().map(|s| owner(s).unwrap_or_default()).collect(),
            trust,
            opening,
            charged_off,
            performing,
            paid,
            charges,
            closing,
            outstanding,
            amortising,
            bought,
            sold,
        })
    }

    /// One formula for cohorts with a schedule, and that of the segment for credit lines.
    pub fn or(&self, scheduled: &Formula, own: &dyn Fn(usize) -> Formula) -> Formula {
        let of = |segment: &Option<usize>| segment.map_or_else(|| scheduled.clone(), own);
        Formula::ByElement(self.is_line.iter().map(of).collect())
    }

    /// The trust's share of what is charged off: that of its balance with what it buys.
    ///
    /// `ROUND(charged off × (trust + bought) ÷ accounts, 2)`
    pub fn defaulted(&self) -> Formula {
        let share = Formula::sum(vec![line(self.trust), line(self.bought)]);
        Formula::portion(line(self.charged_off), vec![share], vec![line(self.opening)])
    }

    /// The trust's share of the finance charges, by what performs.
    pub fn interest(&self, trust: LineId) -> Formula {
        Formula::portion(line(self.charges), vec![line(trust)], vec![line(self.performing)])
    }

    /// The trust's share of what is paid, by segment.
    ///
    /// Floating: `ROUND(paid × trust ÷ accounts, 2)` of what performs. Fixed: by the shares of the last
    /// month in which the deal revolved, at most what the trust has and at least what the seller has
    /// not.
    pub fn principal(&self, lines: &mut Builder, trust: LineId) -> Vec<Formula> {
        let share = |part: LineId, whole: LineId| {
            Formula::portion(line(self.paid), vec![line(part)], vec![line(whole)])
        };
        let fixed = self.owner.contains(&Owner::Trust).then(|| {
            let mut kept = |key: &str, part, now: LineId| {
                let kept = lines.promise(column(key, part), Sort::Amount);
                let flag = line(self.amortising);
                lines.keep(kept, Formula::when(flag, Formula::Prior(kept), line(now)));
                lines.closing(kept, Closing::Given(self.outstanding.clone()));
                lines.stock(kept)
            };
            let part = kept("fixed_part", "fixed_part", trust);
            let whole = kept("fixed_whole", "fixed_whole", self.performing);
            let seller = Formula::less(line(self.performing), line(trust));
            let least = Formula::less(line(self.paid), seller);
            Formula::Least(vec![line(trust), Formula::Greatest(vec![share(part, whole), least])])
        });
        let of = |owner: &Owner| match (owner, &fixed) {
            (Owner::Trust, Some(fixed)) => fixed.clone(),
            (Owner::Trust | Owner::Originator, _) => share(trust, self.performing),
        };
        self.owner.iter().map(of).collect()
    }

    /// What the trust does not own at the end of the month.
    pub fn close(&self, lines: &mut Builder, trust: LineId) -> Accounts {
        let rest = |_: usize| Formula::less(line(self.closing), line(trust));
        let seller = self.or(&Formula::ZERO, &rest);
        let seller = lines.compute(column("seller", "seller_interest"), seller);
        lines.stock(seller);
        let all =
            lines.compute(single("seller_interest", "seller_interest"), Formula::Total(seller));
        lines.stock(all);
        Accounts { seller: all, amortising: self.amortising }
    }
}

impl Lowering<'_> {
    fn of(&self, cohort: &Cohort) -> Option<&CreditLine> {
        self.assumptions.segments[cohort.segment].line.as_ref()
    }

    /// A figure of a segment as an input.
    fn rate(
        &self,
        lines: &mut Builder,
        place: usize,
        segment: &Segment,
        part: &'static str,
        rate: Rate,
    ) -> Formula {
        let key = format!("segment.{}.line.{part}", place + 1);
        Formula::Input(lines.input(key, &segment.name, part, Sort::Rate, rate.parts()))
    }

    /// A line by cohort from its credit line; zero for the others.
    fn compute(
        &self,
        lines: &mut Builder,
        column: Column,
        of: &dyn Fn(&mut Builder, usize, &Segment, &CreditLine) -> Formula,
    ) -> LineId {
        by_segment(lines, column, self.pool, self.assumptions, |lines, place, segment| {
            match &segment.line {
                Some(line) => of(lines, place, segment, line),
                None => Formula::ZERO,
            }
        })
    }

    /// A curve of the credit lines, by segment: an input, or the cell of its month.
    fn curve(
        &self,
        lines: &mut Builder,
        key: &str,
        part: &'static str,
        read: &dyn Fn(&CreditLine) -> Option<Curve>,
    ) -> Vec<Formula> {
        let column = Column::month(Topic::Rates, Dim::Cohort, key, part);
        let curve = |segment: &Segment| segment.line.as_ref().and_then(read);
        let speeds = speeds(lines, &column, self.pool, self.assumptions, self.timeline, &curve);
        let none = || vec![Formula::Whole(0, Sort::Rate); self.assumptions.segments.len()];
        speeds.unwrap_or_else(none)
    }

    /// Limits: those of accounts that are charged off are gone, the others grow and are cut.
    ///
    /// `grown = kept + ROUND(kept × growth, 2)`, `limit = grown − ROUND(grown × cut, 2)`
    fn limit(&self, lines: &mut Builder, kept: &dyn Fn(Formula) -> Formula) -> LineId {
        let most = lines.figure(
            "unit.limit_most".to_string(),
            &Text::default(),
            "limit_most",
            Sort::Amount,
            LIMIT_MOST,
        );
        let by_month = |at: &dyn Fn(&CreditLine, u32) -> Rate| -> Vec<i64> {
            let months = (1_u32..).take(self.timeline.months.len() - 1);
            let of = |month: u32| {
                let at = &at;
                let cohorts = self.pool.cohorts.iter();
                cohorts.map(move |c| self.of(c).map_or(0, |line| at(line, month).parts()))
            };
            months.flat_map(of).collect()
        };
        let growth = by_month(&CreditLine::growth_at);
        let growth = lines.given(column("limit_growth", "limit_growth"), Sort::Rate, growth);
        let cut = by_month(&CreditLine::cut_at);
        let cut = lines.given(column("limit_cut", "limit_cut"), Sort::Rate, cut);
        let left = lines.promise(column("limit_kept", "limit_of_open_accounts"), Sort::Amount);
        let more = Formula::portion(line(left), vec![line(growth)], vec![]);
        let grown = Formula::sum(vec![line(left), more]);
        let grown = Formula::Least(vec![grown, Formula::Input(most)]);
        let grown = lines.compute(column("limit_grown", "limit_before_cuts"), grown);
        let limits = self.pool.cohorts.iter().map(|cohort| match self.of(cohort) {
            Some(_) => cohort.limit.map_or(LIMIT_MOST, |limit| limit.minor()),
            None => 0,
        });
        lines.closing(grown, Closing::Given(limits.collect()));
        lines.keep(left, kept(Formula::Prior(grown)));
        let gone = Formula::portion(line(grown), vec![line(cut)], vec![]);
        let limit = Formula::less(line(grown), gone);
        let limit = lines.compute(column("limit", "credit_limit"), limit);
        lines.closing(limit, Closing::Formula(line(grown)));
        for stock in [left, grown, limit] {
            lines.stock(stock);
        }
        limit
    }

    /// Principal paid: the payment rate, at least the minimum payment, at most what performs.
    fn paid(
        &self,
        lines: &mut Builder,
        performing: LineId,
        kept: &dyn Fn(Formula) -> Formula,
    ) -> LineId {
        let accounts = self.pool.cohorts.iter().map(|cohort| match self.of(cohort) {
            Some(_) => i64::try_from(cohort.count).expect("accounts fit a whole number"),
            None => 0,
        });
        let accounts: Vec<i64> = accounts.collect();
        let months = self.timeline.months.len() - 1;
        let count = column("accounts", "accounts_at_cutoff");
        let count = lines.recorded(count, Sort::Number, accounts.repeat(months));
        lines.closing(count, Closing::Given(accounts));
        let floor = lines.promise(column("floor", "minimum_floor"), Sort::Amount);
        lines.stock(floor);
        lines.keep(floor, kept(Formula::Prior(floor)));
        let each = self.assumptions.segments.iter().enumerate().map(|(place, segment)| {
            let Some(of) = &segment.line else { return Formula::ZERO };
            let (key, part) =
                (format!("segment.{}.line.minimum_floor", place + 1), "minimum_floor");
            let minor = of.minimum_floor.minor();
            let each = lines.input(key, &segment.name, part, Sort::Amount, minor);
            Formula::portion(Formula::Input(each), vec![line(count)], vec![])
        });
        let each: Vec<Formula> = each.collect();
        let each = self.pool.cohorts.iter().map(|cohort| each[cohort.segment].clone());
        lines.closing(floor, Closing::Formula(Formula::ByElement(each.collect())));
        let minimum = column("minimum", "minimum_payment");
        let minimum = self.compute(lines, minimum, &|lines, place, segment, of| {
            let rate = self.rate(lines, place, segment, "minimum_rate", of.minimum_rate);
            let share = Formula::portion(line(performing), vec![rate], vec![]);
            let most = Formula::Greatest(vec![share, line(floor)]);
            Formula::Least(vec![line(performing), most])
        });
        let rates = self
            .curve(lines, "payment", "monthly_payment_rate", &|of| Some(of.payment_rate.clone()));
        let holiday = self.holiday(lines);
        self.compute(lines, column("paid", "accounts_paid"), &|_, place, _, _| {
            let share = Formula::portion(line(performing), vec![rates[place].clone()], vec![]);
            let most = Formula::Greatest(vec![share, line(minimum)]);
            outside(holiday, Formula::Least(vec![line(performing), most]))
        })
    }

    /// The flag of months in which nobody owes anything (延期还款); `None` without such months.
    fn holiday(&self, lines: &mut Builder) -> Option<LineId> {
        let holiday = self.assumptions.holiday.filter(|holiday| holiday.months > 0)?;
        let column = column("holiday", "payment_holiday");
        Some(lines.find(&column.key).unwrap_or_else(|| {
            let of = |month: u32| {
                let flag = i64::from(holiday.has(month));
                self.pool.cohorts.iter().map(move |c| if self.of(c).is_some() { flag } else { 0 })
            };
            let months = (1_u32..).take(self.timeline.months.len() - 1);
            lines.given(column, Sort::Flag, months.flat_map(of).collect())
        }))
    }

    /// Finance charges on what revolves: a twelfth of the yearly yield.
    fn charges(&self, lines: &mut Builder, performing: LineId) -> LineId {
        let yields = self.curve(lines, "yield", "portfolio_yield", &|of| Some(of.yields.clone()));
        let twelve = lines.twelve();
        let part = column("charges", "finance_charges");
        let holiday = self.holiday(lines);
        self.compute(lines, part, &|lines, place, segment, of| {
            let transactors = self.rate(lines, place, segment, "transactors", of.transactors);
            let revolve = Formula::less(Formula::ONE, transactors);
            let times = vec![revolve, yields[place].clone()];
            outside(holiday, Formula::portion(line(performing), times, vec![twelve.clone()]))
        })
    }

    /// What is drawn again, within what the limit leaves.
    fn drawn(
        &self,
        lines: &mut Builder,
        limit: LineId,
        paid: LineId,
        left: &dyn Fn() -> Formula,
    ) -> LineId {
        let rates = self.curve(lines, "draw", "line_draw_rate", &|of| of.drawing().cloned());
        self.compute(lines, column("drawn", "drawn"), &|_, place, _, of| {
            let share = |of: LineId| Formula::portion(line(of), vec![rates[place].clone()], vec![]);
            let wanted = match of.draws {
                Draws::None => return Formula::ZERO,
                Draws::Utilisation(_) => Formula::excess(share(limit), left()),
                Draws::Purchases(_) => share(paid),
            };
            Formula::Least(vec![Formula::excess(line(limit), left()), wanted])
        })
    }

    /// What the trust buys, by cohort in proportion to the seller's part of each: the share of the
    /// first k less what the first k − 1 took.
    fn bought(&self, lines: &mut Builder, opening: LineId, trust: LineId) -> (LineId, LineId) {
        let held =
            self.compute(lines, column("seller_at_start", "seller_at_start"), &|_, _, _, _| {
                Formula::less(line(opening), line(trust))
            });
        let held_so_far = lines.promise(column("seller_so_far", "seller_so_far"), Sort::Amount);
        lines.keep(held_so_far, Formula::sum(vec![Formula::Above(held_so_far), line(held)]));
        let all = lines.compute(single("seller_total", "seller_at_start"), Formula::Total(held));
        let sold = lines.promise(single("sold", "draws_bought"), Sort::Amount);
        let so_far = Formula::portion(line(sold), vec![line(held_so_far)], vec![line(all)]);
        let so_far = lines.compute(column("bought_so_far", "draws_bought_so_far"), so_far);
        for stock in [held, held_so_far, all, so_far] {
            lines.stock(stock);
        }
        let own = Formula::less(line(so_far), Formula::Above(so_far));
        let bought = lines.compute(column("bought", "draws_bought"), own);
        (sold, bought)
    }
}
