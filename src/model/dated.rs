//! Purchases between payment dates (循环购买日): monthly, weekly or daily, out of what the pot has
//! received so far.
//!
//! ```text
//! received(d) = collections of the period's earlier months + those of the month before d: by days
//!               elapsed, or by due days (`dated_cash`)
//! cash(d)     = carried + received(d) − spent on earlier dates of the period
//! budget(d)   = MAX(cash(d) − provision, 0), nothing while shut or below the least
//! cash after  = cash(d) − price
//! ```
//!
//! A period is the months that one payment date distributes. What the payment date leaves in the pot
//! is carried, once its day has come: before that it belongs to that date. The payment date itself
//! finds what was collected less what was spent.

use super::Timeline;
use super::build::{Builder, Column};
use super::collateral::{Collateral, Months};
use super::dated_cash::{self, Day};
use super::dated_limits::Before;
use super::line::{Axis, Closing, Dim, Topic};
use super::pots::{flows_into, ledger};
use super::scope::Scope;
use super::supply::SupplyLines;
use super::waterfall::{Basket, Held, Market};
use crate::config::Text;
use crate::deal::{Deal, Due, LimitRule, Pot, Purchase, Size};
use crate::formula::{Comparison, Formula, LineId, Sort, serial};
use crate::ledger::{Account, Movement};
use crate::money::Rounding;

/// The lines of the purchase dates that others read.
pub(super) struct Dated {
    /// The pot that pays.
    pub pot: Pot,
    /// What was spent on a date.
    pub price: LineId,
    /// Outstanding principal bought on a date.
    pub principal: LineId,
    /// The same by offer.
    pub by_offer: LineId,
    /// What was supplied since the date before, where it bounds what is bought.
    pub supply: Option<LineId>,
    /// What the last date of a period could have spent and did not.
    pub unspent: LineId,
    /// Cash after the purchases × days until the next, for the mean by day.
    pub idle: LineId,
    /// Days until the next date, or until the end of the period.
    pub days: LineId,
    /// What the last payment date left; promised.
    carried: LineId,
    /// Whether what it left is known and free.
    is_carried: LineId,
    /// Whether the deal buys, as the last payment date decided; promised.
    open: LineId,
    /// The provision by definition, as of the last payment date; promised.
    provision: Option<(LineId, Size)>,
}

pub(super) fn column(key: &str, part: &'static str) -> Column {
    Column {
        key: format!("purchase.{key}"),
        subject: Text::default(),
        part,
        topic: Topic::PurchaseDates,
        axis: Axis::Purchases,
        dim: Dim::One,
    }
}

/// The pot out of which the deal buys.
pub(super) fn pot(deal: &Deal) -> Pot {
    let buys = |step: &&crate::deal::Step| step.pay.iter().any(|pay| pay.due == Due::Purchase);
    deal.steps.iter().find(buys).map_or(Pot::Collection, |step| step.from)
}

/// What the dates themselves say.
struct Calendar {
    /// Days of the month that are over.
    elapsed: LineId,
    /// Whether it is the first date after the payment before it in the order of the model.
    is_first: LineId,
    /// Whether it is the last date before a payment.
    is_last: LineId,
    is_carried: LineId,
    days: LineId,
}

impl Calendar {
    fn lower(lines: &mut Builder, timeline: &Timeline) -> Calendar {
        let count = timeline.len(Axis::Purchases);
        let date = |tick: usize| timeline.purchases[tick];
        let month = |tick| timeline.at(Axis::Purchases, tick, Axis::Months);
        let period = |tick| timeline.payments_before(tick);
        let flags = |is: &dyn Fn(usize) -> bool| -> Vec<i64> {
            (1..=count).map(|tick| i64::from(is(tick))).collect()
        };
        let dates = (1..=count).map(|tick| serial(date(tick))).collect();
        let day = lines.recorded(column("date", "purchase_date"), Sort::Date, dates);
        lines.closing(day, Closing::Given(vec![serial(date(0))]));
        let elapsed = |tick: usize| (date(tick) - timeline.months[month(tick) - 1]).num_days() - 1;
        let elapsed = (1..=count).map(elapsed).collect();
        let elapsed = lines.recorded(column("elapsed", "days_elapsed"), Sort::Number, elapsed);
        let is_last = |tick: usize| tick == count || period(tick) != period(tick + 1);
        // Until the next date, or to the end of the last month of the period.
        let days = |tick: usize| {
            let end = match is_last(tick) {
                true => {
                    let payment = (period(tick) + 1).min(timeline.len(Axis::Payments));
                    timeline.months[timeline.at(Axis::Payments, payment, Axis::Months)]
                }
                false => date(tick + 1),
            };
            (end - date(tick)).num_days().max(0)
        };
        let days = (1..=count).map(days).collect();
        let days = lines.recorded(column("days", "days_to_next"), Sort::Number, days);
        let is_first = flags(&|tick| tick == 1 || period(tick) != period(tick - 1));
        let is_first = lines.recorded(column("is_first", "first_of_period"), Sort::Flag, is_first);
        let is_last = flags(&is_last);
        let is_last = lines.recorded(column("is_last", "last_of_period"), Sort::Flag, is_last);
        let known = |tick| timeline.at(Axis::Purchases, tick, Axis::Payments);
        let carried = flags(&|tick| known(tick) == period(tick));
        let is_carried = lines.recorded(column("is_carried", "carry_is_free"), Sort::Flag, carried);
        Calendar { elapsed, is_first, is_last, is_carried, days }
    }
}

/// What the pot has received in the period up to each date, before the day itself.
fn received(
    lines: &mut Builder,
    deal: &Deal,
    (pool, months): (&Collateral, &Months),
    timeline: &Timeline,
    elapsed: LineId,
) -> LineId {
    let flows = flows_into(deal, months, pot(deal));
    let month = |key: &str, part| Column::month(Topic::Pool, Dim::One, key, part);
    let cash = if flows.len() == months.flows.len() {
        months.cash
    } else {
        let sum = Formula::sum(flows.into_iter().map(Formula::Line).collect());
        lines.compute(month("pool.cash_to_buy", "cash_of_pot"), sum)
    };
    let last = timeline.len(Axis::Months);
    let before = |month| timeline.at(Axis::Months, month, Axis::Payments);
    let first = (1..=last).map(|month| i64::from(month == 1 || before(month) != before(month - 1)));
    let column_of = month("pool.first_of_period", "first_of_period");
    let first = lines.recorded(column_of, Sort::Flag, first.collect());
    let held = lines.promise(month("pool.undistributed", "undistributed"), Sort::Amount);
    let earlier = Formula::when(Formula::Line(first), Formula::ZERO, Formula::Prior(held));
    lines.keep(held, Formula::sum(vec![earlier, Formula::Line(cash)]));
    lines.stock(held);
    let so_far = match &pool.due_shares {
        Some(shares) => {
            let day = Day { elapsed, days: months.days };
            dated_cash::by_due_days(lines, deal, (pool, shares), months, cash, day)
        }
        None => dated_cash::even(cash, elapsed, months.days),
    };
    let months_before = Formula::less(Formula::Latest(held), Formula::Latest(cash));
    let received = Formula::sum(vec![months_before, so_far]);
    let received = lines.compute(column("received", "received_to_date"), received);
    lines.stock(received)
}

/// What was supplied since the date before: the supply of a month is even by day.
fn supplied(lines: &mut Builder, months: &Months, supply: &SupplyLines, elapsed: LineId) -> LineId {
    let month = Column::month(Topic::Supply, Dim::One, "supply.to_date", "supplied_to_date");
    let to_date = lines.promise(month, Sort::Amount);
    let sum = vec![Formula::Prior(to_date), Formula::Line(supply.offered)];
    lines.keep(to_date, Formula::sum(sum));
    lines.stock(to_date);
    let so_far = Formula::Portion {
        amount: Box::new(Formula::Latest(supply.offered)),
        times: vec![Formula::Line(elapsed)],
        over: vec![Formula::Latest(months.days)],
        rounding: Rounding::Down,
    };
    let earlier = Formula::less(Formula::Latest(to_date), Formula::Latest(supply.offered));
    let sum = Formula::sum(vec![earlier, so_far]);
    let to_date = lines.compute(column("supplied_to_date", "supplied_to_date"), sum);
    lines.stock(to_date);
    let since = Formula::less(Formula::Line(to_date), Formula::Prior(to_date));
    lines.compute(column("supply", "supply"), since)
}

/// Lowers the purchase dates; `None` where the deal buys on payment dates or has nothing to buy.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    (pool, months): (&Collateral, &Months),
    supply: Option<&SupplyLines>,
    timeline: &Timeline,
) -> Option<Dated> {
    let terms = deal.purchase.as_ref()?;
    if timeline.is_empty(Axis::Purchases) {
        return None;
    }
    let calendar = Calendar::lower(lines, timeline);
    let received = received(lines, deal, (pool, months), timeline, calendar.elapsed);
    let supply = supply.filter(|_| !Market::is_a_list(&months.offers));
    let supply = supply.map(|supply| supplied(lines, months, supply, calendar.elapsed));
    let carried = lines.promise(column("carried", "carried_in"), Sort::Amount);
    lines.stock(carried);
    let spent_before = lines.promise(column("spent_before", "spent_before"), Sort::Amount);
    lines.stock(spent_before);
    let cash = Formula::sum(vec![Formula::Line(carried), Formula::Line(received)]);
    let cash = Formula::less(cash, Formula::Line(spent_before));
    let cash = lines.compute(column("cash", "cash_to_spend"), cash);
    lines.stock(cash);
    let open = lines.promise(column("open", "purchases_open"), Sort::Flag);
    let (budget, provision) = budget(lines, terms, cash, open);
    let before = Before::lower(lines, months, timeline);
    let limits = Held {
        followed: before.as_ref().map_or(&[], |before| &before.followed),
        pool: before.as_ref().map_or(months.limited, |before| before.pool),
        cuts: terms.limits == LimitRule::Cut,
    };
    let mut market = Market {
        lines,
        offers: &months.offers,
        axis: Axis::Purchases,
        dates: timeline.len(Axis::Purchases),
        prefix: String::new(),
        limits,
    };
    let Basket { paid, bought, after } = market.buy(terms, budget, supply);
    if let Some((before, after)) = before.zip(after) {
        before.keep(lines, months, &after);
    }
    let principal =
        lines.compute(column("principal", "purchased_principal"), Formula::Total(bought));
    let price = lines.compute(column("price", "purchase_price"), Formula::Total(paid));
    let pot = pot(deal);
    lines.moves(price, Movement { from: ledger(pot), to: Account::Originator });
    let after = Formula::less(Formula::Line(cash), Formula::Line(price));
    let after = lines.compute(column("cash_after", "cash_after_purchase"), after);
    lines.stock(after);
    let spent = Formula::sum(vec![Formula::Line(spent_before), Formula::Line(price)]);
    let spent = lines.compute(column("spent_to_date", "spent_to_date"), spent);
    lines.stock(spent);
    let first = Formula::Line(calendar.is_first);
    lines.keep(spent_before, Formula::when(first, Formula::ZERO, Formula::Prior(spent)));
    let left = Formula::less(Formula::Line(budget), Formula::Line(price));
    let unspent = Formula::when(Formula::Line(calendar.is_last), left, Formula::ZERO);
    let unspent = lines.compute(column("unspent", "unspent"), unspent);
    lines.stock(unspent);
    let by_day = Formula::portion(Formula::Line(after), vec![Formula::Line(calendar.days)], vec![]);
    let idle = lines.compute(column("idle_days", "cash_times_days"), by_day);
    lines.stock(idle);
    Some(Dated {
        pot,
        price,
        principal,
        by_offer: bought,
        supply,
        unspent,
        idle,
        days: calendar.days,
        carried,
        is_carried: calendar.is_carried,
        open,
        provision,
    })
}

/// What a date can spend: the cash above the provision.
fn budget(
    lines: &mut Builder,
    terms: &Purchase,
    cash: LineId,
    open: LineId,
) -> (LineId, Option<(LineId, Size)>) {
    let nobody = Text::default();
    let mut promised = None;
    let free = match terms.provision {
        None => Formula::Line(cash),
        Some(Size::Fixed(amount)) => {
            let key = "purchase.provision".to_string();
            let minor = amount.minor();
            let kept = lines.input(key, &nobody, "provision", Sort::Amount, minor);
            Formula::excess(Formula::Line(cash), Formula::Input(kept))
        }
        Some(size @ Size::Defined(_)) => {
            let kept = lines.promise(column("provision_kept", "provision"), Sort::Amount);
            lines.stock(kept);
            promised = Some((kept, size));
            Formula::excess(Formula::Line(cash), Formula::Line(kept))
        }
    };
    let mut gates = vec![Formula::Line(open)];
    gates.extend(terms.least.map(|least| {
        let key = "purchase.least".to_string();
        let least = lines.input(key, &nobody, "least", Sort::Amount, least.minor());
        Formula::compare(Comparison::AtLeast, free.clone(), Formula::Input(least))
    }));
    let gate = if gates.len() == 1 { gates.remove(0) } else { Formula::All(gates) };
    let budget = Formula::when(gate, free, Formula::ZERO);
    let budget = lines.compute(column("budget", "budget"), budget);
    (lines.stock(budget), promised)
}

impl Dated {
    /// What was spent since the payment date before.
    pub fn spent(&self) -> Formula {
        Formula::Since(self.price)
    }

    /// Keeps the promises: what payment dates leave in the pot, and whether the deal still buys.
    pub fn close(&self, lines: &mut Builder, scope: &Scope, carry: LineId, open: LineId) {
        let free = Formula::Line(self.is_carried);
        lines.keep(self.carried, Formula::when(free, Formula::Latest(carry), Formula::ZERO));
        lines.keep(self.open, Formula::Latest(open));
        if let Some((kept, Size::Defined(place))) = self.provision {
            let Formula::Line(defined) = scope.definition(place) else {
                unreachable!("a definition is a line")
            };
            lines.keep(kept, Formula::Latest(defined));
        }
    }

    /// Whether the deal buys before its first payment date: a provision by definition has no value
    /// until then, so nothing is bought.
    pub fn open_at_closing(&self) -> bool {
        self.provision.is_none()
    }
}
