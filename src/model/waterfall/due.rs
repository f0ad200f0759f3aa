//! What is due to a payee: its claim or its limit, whose account it goes to, and its name.

use super::super::build::Column;
use super::super::fees::tax_name;
use super::super::line::Topic;
use super::super::pots::{facility_due, ledger};
use super::super::swaps;
use super::chain::Chain;
use crate::config::Text;
use crate::deal::{Charge, Deal, Due, FacilityDue, Payee, Payment, Pot, Target};
use crate::formula::{Formula, LineId, Sort};
use crate::ledger::Account;

impl Chain<'_> {
    /// The claim or limit, before caps and gates, with the flag of a payee that pays slower than the
    /// deal does.
    pub(super) fn outstanding(
        &mut self,
        place: usize,
        payment: &Payment,
    ) -> (Formula, Option<LineId>) {
        let owed = &self.owed;
        let pays = |payee: Payee| match payee {
            Payee::Tranche(note) => owed.notes[note].pays,
            Payee::Pot(_) | Payee::Originator => None,
        };
        let left = Formula::Line(owed.left[&self.from]);
        match &payment.due {
            Due::Tax => {
                let tax = owed.tax.as_ref().expect("resolved: the deal has a tax");
                (tax.outstanding(), None)
            }
            Due::Fee(fee) => match &owed.fees[*fee] {
                Some(claim) => (claim.outstanding(), None),
                None => (self.share_of_left(*fee), None),
            },
            // A slower payer's interest is zero by itself between its dates.
            Due::Interest(note) => (owed.notes[*note].interest.outstanding(), None),
            Due::Principal(note) => (owed.notes[*note].principal_due(), owed.notes[*note].pays),
            Due::Remainder(payee) => (left, pays(*payee)),
            Due::TopUp(account) => {
                let target = self.target(*account);
                let held = Formula::Line(self.owed.left[&Pot::Account(*account)]);
                (Formula::excess(target, held), None)
            }
            Due::Excess(payee) => {
                let Pot::Account(account) = self.from else {
                    unreachable!("resolved: only accounts have a target")
                };
                let pays = pays(*payee);
                let target = self.target(account);
                (Formula::excess(left, target), pays)
            }
            Due::Amount(payee, size) => {
                let pays = pays(*payee);
                let key = format!("step.{}.{}.amount", self.step + 1, place + 1);
                let subject = self.payee(payment);
                let amount = self.scope.size(self.lines, *size, key, &subject, "amount");
                (Formula::Greatest(vec![amount, Formula::ZERO]), pays)
            }
            Due::Facility(facility, due) => {
                let lent = &owed.facilities[*facility];
                let outstanding = match due {
                    FacilityDue::Interest => lent.interest.outstanding(),
                    FacilityDue::Commitment => lent.commitment.outstanding(),
                    FacilityDue::Principal => lent.outstanding(),
                };
                (outstanding, None)
            }
            Due::Purchase => (left, None),
            Due::Swap(swap) => (owed.swaps[*swap].owed.outstanding(), None),
            Due::Termination(swap) => match &owed.swaps[*swap].termination {
                Some(claim) => (claim.outstanding(), None),
                None => (Formula::ZERO, None),
            },
        }
    }

    /// The required amount of an account.
    fn target(&mut self, account: usize) -> Formula {
        let account = &self.deal.accounts[account];
        let key = format!("account.{}.target", account.id);
        let target = account.target.as_ref().expect("resolved: the account has a target");
        let table = match target {
            Target::Size(size) => {
                return self.scope.size(self.lines, *size, key, &account.name, "target");
            }
            Target::Table(table) => table,
        };
        if let Some(line) = self.lines.find(&key) {
            return Formula::Line(line);
        }
        let payments = self.deal.schedule.payments.len();
        let at = |place: usize| table.get(place).or(table.last()).map_or(0, |a| a.minor());
        let column = Column::payment(Topic::Accounts, key, &account.name, "target");
        let line = self.lines.given(column, Sort::Amount, (0..payments).map(at).collect());
        Formula::Line(self.lines.stock(line))
    }

    /// A performance fee: its share of what is left here.
    fn share_of_left(&mut self, fee: usize) -> Formula {
        let fee = &self.deal.fees[fee];
        let Charge::OnLeft { rate } = fee.charge else {
            unreachable!("a fee on what is paid is opened before it is due")
        };
        let key = format!("fee.{}.rate", fee.id);
        let rate = self.lines.input(key, &fee.name, "rate", Sort::Rate, rate.parts());
        let left = Formula::Line(self.owed.left[&self.from]);
        Formula::portion(left, vec![Formula::Input(rate)], vec![])
    }

    /// Writes down that a payee was paid.
    pub(super) fn settle(&mut self, due: &Due, line: LineId) {
        let owed = &mut self.owed;
        match due {
            Due::Tax => owed.tax.iter_mut().for_each(|claim| claim.paid.push(line)),
            Due::Fee(fee) => owed.fees[*fee].iter_mut().for_each(|claim| claim.paid.push(line)),
            Due::Interest(note) => owed.notes[*note].interest.paid.push(line),
            Due::Principal(note) => owed.notes[*note].principal.push(line),
            Due::Remainder(Payee::Tranche(note))
            | Due::Excess(Payee::Tranche(note))
            | Due::Amount(Payee::Tranche(note), _) => owed.remainders[*note].push(line),
            Due::Facility(facility, FacilityDue::Interest) => {
                owed.facilities[*facility].interest.paid.push(line);
            }
            Due::Facility(facility, FacilityDue::Commitment) => {
                owed.facilities[*facility].commitment.paid.push(line);
            }
            Due::Facility(facility, FacilityDue::Principal) => {
                owed.facilities[*facility].repaid.push(line);
            }
            Due::Swap(swap) => owed.swaps[*swap].owed.paid.push(line),
            Due::Termination(swap) => {
                owed.swaps[*swap].termination.iter_mut().for_each(|claim| claim.paid.push(line));
            }
            Due::TopUp(_)
            | Due::Purchase
            | Due::Remainder(Payee::Pot(_) | Payee::Originator)
            | Due::Excess(Payee::Pot(_) | Payee::Originator)
            | Due::Amount(Payee::Pot(_) | Payee::Originator, _) => {}
        }
    }
}

/// The pot that a payment goes into, when it stays in the deal.
pub(super) fn into_pot(due: &Due) -> Option<Pot> {
    match due {
        Due::TopUp(account) => Some(Pot::Account(*account)),
        Due::Remainder(Payee::Pot(pot))
        | Due::Excess(Payee::Pot(pot))
        | Due::Amount(Payee::Pot(pot), _) => Some(*pot),
        _ => None,
    }
}

/// The account that a payment goes to.
pub(super) fn account(due: &Due) -> Account {
    let of = |payee: &Payee| match payee {
        Payee::Tranche(place) => Account::Holders(*place),
        Payee::Pot(pot) => ledger(*pot),
        Payee::Originator => Account::Originator,
    };
    match due {
        Due::Tax => Account::TaxAuthority,
        Due::Fee(fee) => Account::FeePayee(*fee),
        Due::Interest(place) | Due::Principal(place) => Account::Holders(*place),
        Due::Remainder(payee) | Due::Excess(payee) | Due::Amount(payee, _) => of(payee),
        Due::TopUp(account) => Account::Cash(*account),
        Due::Purchase => Account::Originator,
        Due::Facility(facility, _) => Account::Lender(*facility),
        Due::Swap(swap) | Due::Termination(swap) => Account::Counterparty(*swap),
    }
}

/// The name of a payee with what is paid: `Senior 01 interest`.
pub fn payee(deal: &Deal, due: &Due) -> Text {
    let name = |name: &Text, zh: &str, en: &str| Text {
        zh: format!("{}{zh}", name.zh),
        en: format!("{} {en}", name.en),
    };
    let open = |payee: &Payee, zh: &str, en: &str| match payee {
        Payee::Tranche(place) => name(&deal.tranches[*place].name, zh, en),
        Payee::Pot(pot) => pot_name(deal, *pot),
        Payee::Originator => Text { zh: "原始权益人".into(), en: "Originator".into() },
    };
    match due {
        Due::Tax => tax_name(),
        Due::Fee(fee) => deal.fees[*fee].name.clone(),
        Due::Interest(place) if deal.tranches[*place].is_cumulative() => {
            name(&deal.tranches[*place].name, "利息", "interest")
        }
        Due::Interest(place) => name(&deal.tranches[*place].name, "期间收益", "interim yield"),
        Due::Principal(place) => name(&deal.tranches[*place].name, "本金", "principal"),
        Due::Remainder(payee) => open(payee, "剩余收益", "remainder"),
        Due::Excess(payee) => open(payee, "释放款", "release"),
        Due::Amount(payee, _) => open(payee, "款项", "amount"),
        Due::Purchase => Text { zh: "循环购买".into(), en: "Revolving purchase".into() },
        Due::TopUp(place) => name(&deal.accounts[*place].name, "补足", "top-up"),
        Due::Facility(place, due) => {
            let part = FacilityDue::WORDS.iter().find(|(_, known)| known == due);
            let part = part.expect("every due has a word").0;
            facility_due(&deal.facilities[*place].name, part)
        }
        Due::Swap(place) => name(&deal.swaps[*place].name, "净额", "net amount"),
        Due::Termination(place) => swaps::termination(&deal.swaps[*place].name),
    }
}

/// The name of a pot.
pub fn pot_name(deal: &Deal, pot: Pot) -> Text {
    match pot {
        Pot::Collection => Text { zh: "归集账户".into(), en: "Collection account".into() },
        Pot::Account(place) => deal.accounts[place].name.clone(),
        Pot::Facility(place) => deal.facilities[place].name.clone(),
    }
}
