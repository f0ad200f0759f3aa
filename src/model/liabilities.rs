//! The payment dates in the order in which a date happens: cash, balances, tests, claims, the call,
//! support, payments, balances again.
//!
//! ```text
//! balances ─▶ swaps ─▶ accounts, cash ─▶ definitions ─▶ triggers, states ─▶ claims ─▶ call
//!          ─▶ support (dry run) ─▶ steps ─▶ balances after ─▶ tests after payment ─▶ checks
//! ```

use std::collections::BTreeMap;

use super::build::Builder;
use super::call::Decision;
use super::collateral::Months;
use super::dated::Dated;
use super::dates::Payments;
use super::performance;
use super::scope::Scope;
use super::supply::SupplyLines;
use super::tranches::{self, Openings};
use super::triggers::{self, Measured, States};
use super::waterfall::{self, Cash, Chain, Held, Owed, Purchased, Setting, Stock};
use super::{checks, fees, pots, swaps};
use crate::deal::{Deal, LimitRule, Pot, Stage, Subpool};
use crate::formula::{Formula, LineId, Sort};

/// Lowers everything that happens on payment dates.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    supply: Option<&SupplyLines>,
    dated: Option<Dated>,
) {
    let dated = dated.as_ref();
    let mut scope = Scope::new(deal, dates.number);
    of_pool(months, dates, &deal.subpools, &mut scope);
    performance::of_months(lines, deal, months, &mut scope);
    let openings = Openings::promise(lines, deal, &mut scope);
    let swaps = swaps::lower(lines, deal, dates, &openings, &mut scope);
    let lent = pots::open_facilities(lines, deal, dates, &mut scope);
    let held = pots::open_accounts(lines, deal, months, dates, dated, &mut scope);
    let received: Vec<LineId> = swaps.iter().map(|swap| swap.received).collect();
    let cash = waterfall::available(lines, deal, months, &received, dated);
    scope.add("cash.available", Formula::Line(cash.available));
    scope.add("cash.carried", Formula::Line(cash.opening));
    scope.lower(lines, Stage::Collected);
    let measured = Measured { deal, months, dates, cash: &cash, openings: &openings };
    let mut states = triggers::lower(lines, &measured, &mut scope);
    scope.lower(lines, Stage::Tested);
    if let Some(accounts) = months.accounts {
        let flag = states.stopped(lines);
        lines.keep(accounts.amortising, flag);
    }
    let tax = fees::lower_tax(lines, deal, months, cash.income, &mut scope);
    let fees = fees::lower_fees(lines, deal, months, dates, &openings, &mut scope);
    let accruals = tranches::accrue(lines, deal, dates, &openings, &mut scope);
    scope.lower(lines, Stage::Accrued);
    let mut left: BTreeMap<Pot, LineId> = BTreeMap::new();
    left.insert(Pot::Collection, cash.available);
    left.extend((0..held.len()).map(|place| (Pot::Account(place), held[place].available)));
    left.extend((0..lent.len()).map(|place| (Pot::Facility(place), lent[place].available)));
    let remainders = vec![Vec::new(); deal.tranches.len()];
    let mut owed = Owed { tax, fees, notes: Vec::new(), facilities: lent, swaps, remainders, left };
    let call = deal.call.as_ref().map(|call| {
        let decision = Decision {
            deal,
            months,
            cash: &cash,
            openings: &openings,
            accruals: &accruals,
            owed: &owed,
        };
        let decided = decision.lower(lines, call, &mut scope);
        states.decide(decided.called);
        decided
    });
    if call.is_none() {
        scope.add("call.exercised", Formula::Whole(0, Sort::Flag));
    }
    owed.notes = tranches::open(lines, deal, dates, &states, &openings, accruals, &mut scope);
    performance::excess_spread(lines, deal, months, &mut scope);
    scope.lower(lines, Stage::Due);
    let price: Vec<LineId> = call.iter().map(|call| call.price).collect();
    let stock = Stock {
        offers: &months.offers,
        supply: supply.map(|supply| supply.offered),
        draws: months.accounts.map(|accounts| accounts.seller),
        dated,
        limits: Held {
            followed: &months.limits,
            pool: months.limited,
            cuts: deal.purchase.as_ref().is_some_and(|terms| terms.limits == LimitRule::Cut),
        },
    };
    let paid = pay(lines, deal, dates, &states, &scope, &cash, &price, stock, owed);
    if let Some((bought, purchased)) = months.bought.as_ref().zip(paid.paid.purchased) {
        bought.keep(lines, purchased.by_offer);
    }
    let of_purchase = |read: fn(&Purchased) -> LineId| {
        paid.paid
            .purchased
            .as_ref()
            .map_or(Formula::ZERO, |purchased| Formula::Line(read(purchased)))
    };
    scope.add("purchase.budget", of_purchase(|purchased| purchased.budget));
    scope.add("purchase.price", of_purchase(|purchased| purchased.price));
    scope.add("purchase.principal", of_purchase(|purchased| purchased.principal));
    let bought = paid.paid.purchased.as_ref();
    let supplied = bought.and_then(|bought| bought.supply).map_or(Formula::ZERO, Formula::Line);
    scope.add("purchase.supply", supplied);
    scope.add("purchase.ratio", bought.map_or(Formula::ONE, |bought| Formula::Line(bought.ratio)));
    let idle = bought.and_then(|bought| bought.dated).map(|(_, idle)| Formula::Line(idle));
    scope.add("purchase.idle", idle.unwrap_or(Formula::ZERO));
    let accounts = pots::close_accounts(lines, deal, &held, &paid.paid, &mut scope);
    if let Some((dated, purchased)) = dated.zip(paid.paid.purchased) {
        let (open, _) = purchased.dated.expect("purchases between payment dates are told");
        let carry = match dated.pot {
            Pot::Account(place) => accounts[place],
            Pot::Collection | Pot::Facility(_) => paid.paid.carry,
        };
        dated.close(lines, &scope, carry, open);
    }
    pots::close_facilities(lines, deal, &paid.paid.owed.facilities, &mut scope);
    swaps::close(lines, deal, &paid.paid.owed.swaps);
    for fee in &deal.fees {
        let unpaid = lines.find(&format!("fee.{}.unpaid", fee.id));
        let unpaid = unpaid.map_or(Formula::ZERO, Formula::Line);
        scope.add(format!("fee.{}.unpaid", fee.id), unpaid);
    }
    scope.add("cash.left", Formula::Line(paid.paid.carry));
    scope.lower(lines, Stage::Left);
    let closed = tranches::close(lines, deal, &paid.paid, &mut scope);
    let funded = pots::funded_by_proceeds(deal, &held);
    waterfall::close(lines, deal, &cash, &paid.paid, &closed, funded);
    scope.lower(lines, Stage::Paid);
    triggers::after(lines, &measured, &states, &scope);
    triggers::report(lines, deal, months, &paid.paid, &closed);
    let sold = call.map(|call| call.sold);
    let checked = checks::Checked { deal, months, cash: &cash, held: &held, sold };
    checked.lower(lines, &paid.paid, paid.to_distribute, &closed, &accounts);
    if let Some(supply) = supply {
        supply.check(lines);
    }
    scope.close(lines);
}

/// The names of the pool, of its sub-pools and of the date.
fn of_pool(months: &Months, dates: &Payments, subpools: &[Subpool], scope: &mut Scope) {
    figures(months, "pool", scope);
    for (part, subpool) in months.parts.iter().zip(subpools) {
        figures(part, &format!("pool.{}", subpool.id), scope);
    }
    scope.add("date.days", dates.actual_days());
    let never = Formula::Whole(0, Sort::Flag);
    scope.add("date.is_last", dates.is_last.map_or(never.clone(), Formula::Line));
    scope.add("date.revolving", dates.revolving.map_or(never, Formula::Line));
}

/// The figures of the pool, or of a sub-pool, under a prefix.
fn figures(months: &Months, whose: &str, scope: &mut Scope) {
    let since = Formula::Since;
    let add = |scope: &mut Scope, figure: &str, formula: Formula| {
        scope.add(format!("{whose}.{figure}"), formula);
    };
    add(scope, "balance", Formula::Latest(months.closing));
    add(scope, "opening", Formula::Before(months.closing));
    add(scope, "initial", Formula::Input(months.initial));
    add(scope, "scheduled", since(months.scheduled));
    add(scope, "prepaid", since(months.prepaid));
    let principal = months.principal.iter().map(|line| since(*line)).collect();
    add(scope, "principal", Formula::sum(principal));
    add(scope, "interest", since(months.interest));
    add(scope, "fee", since(months.fee));
    add(scope, "recovered", months.recovered.map_or(Formula::ZERO, since));
    add(scope, "defaulted", since(months.defaulted));
    add(scope, "cumulative_default", Formula::Latest(months.cumulative_default));
    let past_due = |place: usize| {
        months.delinquent.map_or(Formula::ZERO, |lines| Formula::Latest(lines[place]))
    };
    add(scope, "delinquent", past_due(0));
    add(scope, "delinquent_30", past_due(1));
    add(scope, "delinquent_60", past_due(2));
    add(scope, "delinquent_90", past_due(3));
    let sometimes = |line: Option<LineId>| line.map_or(Formula::ZERO, since);
    let originator = &months.originator;
    add(scope, "disposed", sometimes(months.disposed));
    add(scope, "diluted", sometimes(originator.diluted));
    add(scope, "dilution_loss", sometimes(originator.dilution_loss));
    add(scope, "repurchased", sometimes(originator.repurchased));
    add(scope, "substituted", sometimes(originator.substituted));
    let bought = months.bought.as_ref();
    let bought = bought.map_or(Formula::ZERO, |bought| Formula::Latest(bought.cumulative));
    add(scope, "purchased", bought);
    add(scope, "cash", since(months.cash));
}

/// What was paid on a date, with the cash it was paid from.
struct Payday {
    paid: waterfall::Paid,
    to_distribute: LineId,
}

/// Support, then the steps.
#[allow(clippy::too_many_arguments)]
fn pay(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    states: &States,
    scope: &Scope,
    cash: &Cash,
    price: &[LineId],
    stock: Stock,
    mut owed: Owed,
) -> Payday {
    let (new_year, is_last) = (dates.new_year, dates.is_last);
    let setting = Setting { deal, scope, states, new_year, is_last, stock };
    let mut years = BTreeMap::new();
    let mut more = price.to_vec();
    if !deal.supports.is_empty() {
        let before = waterfall::to_distribute(lines, cash, price, "before_support");
        owed.left.insert(Pot::Collection, before);
        more.extend(waterfall::support(lines, setting, &owed, &mut years));
    }
    let to_distribute = waterfall::to_distribute(lines, cash, &more, "to_distribute");
    owed.left.insert(Pot::Collection, to_distribute);
    let paid = Chain::new(lines, setting, owed, &mut years, None).all();
    Payday { paid, to_distribute }
}
