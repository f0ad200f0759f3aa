//! Accounts beside the collection account, and facilities: what they hold before the first step.
//!
//! ```text
//! opening ─┬─ collections of its classes ─┐
//!          ├─ earnings ───────────────────┼─▶ available ─▶ steps ─▶ closing
//! ```

use super::build::{Builder, Column};
use super::collateral::{Flow, Months};
use super::dated::Dated;
use super::dates::{Payments, basis};
use super::fees::Claim;
use super::line::{Closing, Topic};
use super::scope::Scope;
use super::waterfall::Paid;
use crate::config::Text;
use crate::deal::{CashAccount, Deal, Facility, Funding, Pot, Receipt};
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::ledger::{Account, Movement};

/// The ledger account of a pot.
pub(super) fn ledger(pot: Pot) -> Account {
    match pot {
        Pot::Collection => Account::Collection,
        Pot::Account(place) => Account::Cash(place),
        Pot::Facility(place) => Account::Lender(place),
    }
}

/// The class of a flow of the pool, by its label.
pub(super) fn receipt(label: &str) -> Receipt {
    match label {
        "scheduled_principal" | "prepaid_principal" | "arrears_principal" => Receipt::Principal,
        "interest" | "arrears_interest" => Receipt::Interest,
        "recovered" | "disposed" => Receipt::Recovery,
        "dilution_paid" => Receipt::Dilution,
        "repurchase_paid" => Receipt::Repurchase,
        _ => Receipt::Fee,
    }
}

/// The account into which a class of cash flows. What the originator pays for principal goes where
/// principal goes, unless an account receives it by name.
///
/// `pool` is the sub-pool whose cash it is, where there are sub-pools.
pub(super) fn home(deal: &Deal, receipt: Receipt, pool: Option<usize>) -> Pot {
    let of = |receipt| {
        let mut accounts = deal.accounts.iter();
        accounts.position(|account| account.takes(receipt, pool))
    };
    let place = of(receipt).or_else(|| match receipt {
        Receipt::Dilution | Receipt::Repurchase => of(Receipt::Principal),
        Receipt::Principal
        | Receipt::Interest
        | Receipt::Fee
        | Receipt::Recovery
        | Receipt::AccountIncome => None,
    });
    place.map_or(Pot::Collection, Pot::Account)
}

/// The flows of the pool into a pot.
pub(super) fn flows_into(deal: &Deal, months: &Months, pot: Pot) -> Vec<LineId> {
    let is_home = |flow: &&Flow| home(deal, receipt(flow.label), flow.pool) == pot;
    months.flows.iter().filter(is_home).map(|flow| flow.line).collect()
}

/// An account before the first step.
pub(super) struct Held {
    /// Balance carried from the date before.
    pub opening: LineId,
    /// Balance before the first step.
    pub available: LineId,
    /// What is paid in at closing.
    funded: InputId,
}

/// A facility before the first step.
#[derive(Clone)]
pub(super) struct Lent {
    /// Drawn before this date.
    pub opening: LineId,
    /// What it can still lend.
    pub available: LineId,
    /// Interest on what is drawn.
    pub interest: Claim,
    /// The fee on what is not drawn.
    pub commitment: Claim,
    /// Drawn on this date.
    pub draws: Vec<LineId>,
    /// Repaid on this date.
    pub repaid: Vec<LineId>,
}

impl Lent {
    /// What is drawn and not yet repaid.
    pub fn outstanding(&self) -> Formula {
        let line = |line: &LineId| Formula::Line(*line);
        let drawn: Vec<Formula> =
            std::iter::once(&self.opening).chain(&self.draws).map(line).collect();
        self.repaid
            .iter()
            .fold(Formula::sum(drawn), |drawn, repaid| Formula::less(drawn, Formula::Line(*repaid)))
    }
}

/// Lowers the accounts; redirects the flows that they receive.
pub(super) fn open_accounts(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    dated: Option<&Dated>,
    scope: &mut Scope,
) -> Vec<Held> {
    let accounts = deal.accounts.iter().enumerate();
    let held = accounts.map(|(place, account)| {
        let dated = dated.filter(|dated| dated.pot == Pot::Account(place));
        let held = open_account(lines, deal, months, dates, dated, place, account);
        scope.add(format!("account.{}.balance", account.id), Formula::Line(held.available));
        held
    });
    held.collect()
}

fn open_account(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    dated: Option<&Dated>,
    place: usize,
    account: &CashAccount,
) -> Held {
    let key = format!("account.{}", account.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Accounts, format!("{key}.{part}"), &account.name, part)
    };
    let funded = lines.input(
        format!("{key}.opening"),
        &account.name,
        "funded",
        Sort::Amount,
        account.opening.minor(),
    );
    let opening = lines.promise(column("opening_balance"), Sort::Amount);
    lines.stock(opening);
    let mut terms = vec![Formula::Line(opening)];
    let flows = flows_into(deal, months, Pot::Account(place));
    if !flows.is_empty() {
        for flow in &flows {
            lines.redirect(*flow, Account::Cash(place));
        }
        let received = flows.iter().map(|flow| Formula::Since(*flow)).collect();
        terms.push(Formula::Line(lines.compute(column("collected"), Formula::sum(received))));
    }
    if home(deal, Receipt::AccountIncome, None) == Pot::Account(place) {
        let income = super::waterfall::income(lines, deal, Account::Cash(place));
        terms.push(Formula::Line(income));
    }
    if let Some(earning) = &account.earns {
        let rate = format!("{key}.earns");
        let rate =
            lines.input(rate, &account.name, "earning_rate", Sort::Rate, earning.rate.parts());
        let basis = basis(lines, earning.day_count);
        let earned = Formula::portion(
            Formula::Line(opening),
            vec![Formula::Input(rate), dates.days(earning.day_count)],
            vec![basis],
        );
        let earned = lines.compute(column("earned"), earned);
        lines.moves(earned, Movement { from: Account::Bank, to: Account::Cash(place) });
        terms.push(Formula::Line(earned));
    }
    let mut sum = Formula::sum(terms);
    if let Some(dated) = dated {
        let spent = lines.compute(column("spent_on_purchases"), dated.spent());
        lines.stock(spent);
        sum = Formula::less(sum, Formula::Line(spent));
    }
    let available = lines.compute(column("available"), sum);
    lines.stock(available);
    Held { opening, available, funded }
}

/// Closes the accounts: what is left is carried; at closing, what was paid in.
pub(super) fn close_accounts(
    lines: &mut Builder,
    deal: &Deal,
    held: &[Held],
    paid: &Paid,
    scope: &mut Scope,
) -> Vec<LineId> {
    let accounts = deal.accounts.iter().zip(held).enumerate();
    let closed = accounts.map(|(place, (account, held))| {
        let key = format!("account.{}", account.id);
        let column = |part: &'static str| {
            Column::payment(Topic::Accounts, format!("{key}.{part}"), &account.name, part)
        };
        let funded = lines.compute(column("funded"), Formula::ZERO);
        lines.closing(funded, Closing::Formula(Formula::Input(held.funded)));
        let from = match account.funded_by {
            Funding::Proceeds => Account::Collection,
            Funding::Originator => Account::Originator,
        };
        lines.moves(funded, Movement { from, to: Account::Cash(place) });
        let pot = Pot::Account(place);
        let moved = |lines: &mut Builder, part, moves: &dyn Fn(Pot, Option<Pot>) -> bool| {
            let moved = paid.payments.iter().filter(|(_, from, into)| moves(*from, *into));
            let moved: Vec<Formula> = moved.map(|(line, ..)| Formula::Line(*line)).collect();
            if !moved.is_empty() {
                lines.compute(column(part), Formula::sum(moved));
            }
        };
        moved(lines, "paid_in", &|_, into| into == Some(pot));
        moved(lines, "paid_out", &|from, _| from == pot);
        let left = std::iter::once(paid.owed.left[&pot]).chain(paid.held_in(pot));
        let closing = Formula::sum(left.map(Formula::Line).collect());
        let closing = lines.compute(column("closing_balance"), closing);
        lines.stock(closing);
        lines.closing(closing, Closing::Formula(Formula::Input(held.funded)));
        lines.keep(held.opening, Formula::Prior(closing));
        scope.add(format!("account.{}.balance_after", account.id), Formula::Line(closing));
        closing
    });
    closed.collect()
}

/// What the accounts take out of the proceeds at closing.
pub(super) fn funded_by_proceeds(deal: &Deal, held: &[Held]) -> Vec<Formula> {
    let funded = deal.accounts.iter().zip(held);
    let funded = funded.filter(|(account, _)| account.funded_by == Funding::Proceeds);
    funded.map(|(_, held)| Formula::Input(held.funded)).collect()
}

/// Lowers the facilities.
pub(super) fn open_facilities(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    scope: &mut Scope,
) -> Vec<Lent> {
    let lent = deal.facilities.iter().map(|facility| {
        let lent = open_facility(lines, dates, facility);
        scope.add(format!("facility.{}.drawn", facility.id), Formula::Line(lent.opening));
        lent
    });
    lent.collect()
}

fn open_facility(lines: &mut Builder, dates: &Payments, facility: &Facility) -> Lent {
    let key = format!("facility.{}", facility.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Accounts, format!("{key}.{part}"), &facility.name, part)
    };
    let limit = lines.input(
        format!("{key}.limit"),
        &facility.name,
        "limit",
        Sort::Amount,
        facility.limit.minor(),
    );
    let opening = lines.promise(column("drawn_before"), Sort::Amount);
    lines.stock(opening);
    let undrawn = Formula::excess(Formula::Input(limit), Formula::Line(opening));
    let available = lines.compute(column("available"), undrawn);
    lines.stock(available);
    let basis = basis(lines, facility.day_count);
    let mut claim = |part: &'static str, rate: crate::money::Rate, on: LineId| {
        let input = lines.input(
            format!("{key}.{part}_rate"),
            &facility.name,
            "rate",
            Sort::Rate,
            rate.parts(),
        );
        let accrued = Formula::portion(
            Formula::Line(on),
            vec![Formula::Input(input), dates.days(facility.day_count)],
            vec![basis.clone()],
        );
        let subject = facility_due(&facility.name, part);
        let key = format!("{key}.{part}");
        let column =
            Column::payment(Topic::Accounts, format!("{key}.accrued"), &subject, "accrued");
        let accrued = lines.compute(column, accrued);
        Claim::open(lines, Topic::Accounts, &key, &subject, accrued)
    };
    let interest = claim("interest", facility.rate, opening);
    let commitment = claim("commitment", facility.commitment_rate, available);
    Lent { opening, available, interest, commitment, draws: Vec::new(), repaid: Vec::new() }
}

/// The name of what is due to a lender.
pub(super) fn facility_due(name: &Text, part: &str) -> Text {
    let (zh, en) = match part {
        "interest" => ("利息", "interest"),
        "commitment" => ("承诺费", "commitment fee"),
        _ => ("还款", "repayment"),
    };
    Text { zh: format!("{}{zh}", name.zh), en: format!("{} {en}", name.en) }
}

/// Closes the facilities: what is drawn is carried.
pub(super) fn close_facilities(lines: &mut Builder, deal: &Deal, lent: &[Lent], scope: &mut Scope) {
    for (facility, lent) in deal.facilities.iter().zip(lent) {
        let key = format!("facility.{}", facility.id);
        for (part, claim) in [("interest", &lent.interest), ("commitment", &lent.commitment)] {
            let subject = facility_due(&facility.name, part);
            claim.close(lines, Topic::Accounts, &format!("{key}.{part}"), &subject);
        }
        let column = Column::payment(
            Topic::Accounts,
            format!("{key}.drawn_after"),
            &facility.name,
            "drawn_after",
        );
        let drawn = lines.compute(column, lent.outstanding());
        lines.stock(drawn);
        lines.keep(lent.opening, Formula::Prior(drawn));
        scope.add(format!("facility.{}.drawn_after", facility.id), Formula::Line(drawn));
    }
}
