//! Swaps and caps: both legs on one notional amount, settled net.

use super::build::{Builder, Column};
use super::dates::{Payments, basis};
use super::fees::Claim;
use super::line::Topic;
use super::scope::Scope;
use super::tranches::Openings;
use super::{notional, rates};
use crate::config::Text;
use crate::deal::Deal;
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

/// A swap on a date.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The net amount that the counterparty pays in.
    pub received: LineId,
    /// The net amount owed to the counterparty.
    pub owed: Claim,
    /// What is owed on termination.
    pub termination: Option<Claim>,
}

/// The name of the termination payment.
pub(super) fn termination(name: &Text) -> Text {
    Text { zh: format!("{}终止款", name.zh), en: format!("{} termination", name.en) }
}

/// Lowers the swaps.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    openings: &Openings,
    scope: &mut Scope,
) -> Vec<Exchange> {
    let swaps = deal.swaps.iter().enumerate();
    let exchanges = swaps.map(|(place, swap)| {
        let exchange = lower_one(lines, deal, dates, openings, scope, place);
        scope.add(format!("swap.{}.due", swap.id), Formula::Line(exchange.owed.owed));
        exchange
    });
    exchanges.collect()
}

fn lower_one(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    openings: &Openings,
    scope: &Scope,
    place: usize,
) -> Exchange {
    let swap = &deal.swaps[place];
    let key = format!("swap.{}", swap.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Accounts, format!("{key}.{part}"), &swap.name, part)
    };
    let notional =
        notional::lower(lines, deal, openings, scope, &swap.notional, column("notional"));
    let basis = basis(lines, swap.day_count);
    let mut leg = |part: &'static str, rate: &'static str, leg: &crate::deal::Leg| {
        let rate = rates::leg(lines, deal, &format!("{key}.{rate}"), &swap.name, rate, leg);
        let days = dates.days(swap.day_count);
        let amount =
            Formula::portion(Formula::Line(notional), vec![rate, days], vec![basis.clone()]);
        lines.compute(column(part), amount)
    };
    let pays = leg("pays", "pays_rate", &swap.pays);
    let receives = leg("receives", "receives_rate", &swap.receives);
    let received = lines.compute(
        column("net_received"),
        Formula::excess(Formula::Line(receives), Formula::Line(pays)),
    );
    lines.moves(received, Movement { from: Account::Counterparty(place), to: Account::Collection });
    let against = if swap.is_cap {
        Formula::ZERO
    } else {
        Formula::excess(Formula::Line(pays), Formula::Line(receives))
    };
    let net = lines.compute(column("net_due"), against);
    let owed = Claim::open(lines, Topic::Accounts, &key, &swap.name, net);
    let termination = swap.termination.map(|(number, amount)| {
        let subject = termination(&swap.name);
        let key = format!("{key}.termination");
        let amount =
            lines.input(format!("{key}.amount"), &subject, "amount", Sort::Amount, amount.minor());
        let number = lines.input(
            format!("{key}.payment"),
            &subject,
            "payment_number",
            Sort::Number,
            i64::try_from(number).expect("payments are few"),
        );
        let now = Formula::compare(
            Comparison::Equal,
            Formula::Line(dates.number),
            Formula::Input(number),
        );
        let column =
            Column::payment(Topic::Accounts, format!("{key}.accrued"), &subject, "accrued");
        let accrued = Formula::when(now, Formula::Input(amount), Formula::ZERO);
        let accrued = lines.compute(column, accrued);
        Claim::open(lines, Topic::Accounts, &key, &subject, accrued)
    });
    Exchange { received, owed, termination }
}

/// Closes the swaps: what is unpaid is carried.
pub(super) fn close(lines: &mut Builder, deal: &Deal, exchanges: &[Exchange]) {
    for (swap, exchange) in deal.swaps.iter().zip(exchanges) {
        let key = format!("swap.{}", swap.id);
        exchange.owed.close(lines, Topic::Accounts, &key, &swap.name);
        if let Some(claim) = &exchange.termination {
            let subject = termination(&swap.name);
            claim.close(lines, Topic::Accounts, &format!("{key}.termination"), &subject);
        }
    }
}
