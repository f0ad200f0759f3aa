//! What no block can see by itself: tranches and fees that nobody pays, cash that nobody takes.

use std::collections::BTreeMap;

use super::super::{Due, FacilityDue, Funding, Payee, Pot, Receipt, Step, Tranche};
use super::{Places, Reader};
use crate::config::Document;
use crate::finding::{Finding, Origin};
use crate::money::Amount;

/// The name of the account into which collections flow.
pub(super) const COLLECTION: &str = "collection";

/// A due with the pot that pays it and the place of its step.
type Named<'a> = (&'a Due, Pot, &'a Origin);

impl Reader<'_> {
    /// Tranches and fees that no step pays, and cash that no step takes.
    pub(super) fn everything_is_paid(&self, document: &Document, steps: &[Step], places: &Places) {
        let dues: Vec<Named> = steps
            .iter()
            .zip(places.steps)
            .flat_map(|(step, origin)| {
                step.pay.iter().map(move |payment| (&payment.due, step.from, origin))
            })
            .collect();
        let Some((_, _, last)) = dues.last() else { return };
        let is_paid = |due: &Due| dues.iter().any(|(known, ..)| *known == due);
        for (place, tranche) in self.tranches.iter().enumerate() {
            // Of two with the same id, the second is reported for that alone.
            let second = self.tranches[..place].iter().any(|other| other.id == tranche.id);
            if tranche.strip.is_some() {
                if !second && !is_paid(&Due::Interest(place)) {
                    let finding = Finding::new("D0355", places.tranches[place].clone());
                    document.find(finding.with("tranche", &tranche.id));
                }
                continue;
            }
            if !second && !is_paid(&Due::Principal(place)) {
                let finding = Finding::new("D0208", places.tranches[place].clone());
                document.find(finding.with("tranche", &tranche.id));
            }
        }
        for (place, fee) in self.fees.iter().enumerate() {
            let second = self.fees[..place].iter().any(|other| other.id == fee.id);
            if !second && !is_paid(&Due::Fee(place)) {
                let finding = Finding::new("D0209", places.fees[place].clone());
                document.find(finding.with("fee", &fee.id));
            }
        }
        if self.tax && !is_paid(&Due::Tax) {
            document.find(Finding::new("D0220", (*last).clone()));
        }
        let takes_all =
            |(due, from, _): &Named| matches!(due, Due::Remainder(_)) && *from == Pot::Collection;
        if !dues.iter().any(takes_all) {
            document.find(Finding::new("D0210", (*last).clone()));
        }
        self.paid_fee_above_holders(document, &dues);
        self.accounts_are_emptied(document, &dues, places);
        self.lenders_are_repaid(document, &dues);
    }

    /// The closed form of the fee on what is paid needs every payee below it to be a holder.
    fn paid_fee_above_holders(&self, document: &Document, dues: &[Named]) {
        let Some(first) = dues.iter().position(|(due, ..)| self.is_on_paid(due)) else { return };
        let (Due::Fee(fee), _, origin) = dues[first] else { return };
        let to_holders = |(due, from, _): &Named| {
            *from != Pot::Collection
                || matches!(
                    due,
                    Due::Interest(_)
                        | Due::Principal(_)
                        | Due::Purchase
                        | Due::Remainder(Payee::Tranche(_))
                        | Due::Amount(Payee::Tranche(_), _)
                )
        };
        if !dues[first + 1..].iter().all(to_holders) {
            document.find(Finding::new("D0211", origin.clone()).with("fee", &self.fees[*fee].id));
        }
    }

    /// Cash in an account that no step pays out of would stay there for ever.
    fn accounts_are_emptied(&self, document: &Document, dues: &[Named], places: &Places) {
        for (place, account) in self.accounts.iter().enumerate() {
            // An account that has the name of another one is reported for that alone.
            let twice = self.accounts[..place].iter().any(|other| other.id == account.id);
            if twice || account.id == COLLECTION {
                continue;
            }
            let pot = Pot::Account(place);
            let credited = |due: &Due| match due {
                Due::TopUp(to) => *to == place,
                Due::Remainder(Payee::Pot(to))
                | Due::Excess(Payee::Pot(to))
                | Due::Amount(Payee::Pot(to), _) => *to == pot,
                _ => false,
            };
            let filled = account.opening != Amount::ZERO
                || !account.receives.is_empty()
                || dues.iter().any(|(due, ..)| credited(due));
            let emptied = dues.iter().any(|(_, from, _)| *from == pot);
            if filled && !emptied {
                let finding = Finding::new("D0267", places.accounts[place].clone());
                document.find(finding.with("account", &account.id));
            }
        }
    }

    /// A facility that is drawn and never repaid.
    fn lenders_are_repaid(&self, document: &Document, dues: &[Named]) {
        for (place, facility) in self.facilities.iter().enumerate() {
            let drawn = dues.iter().find(|(_, from, _)| *from == Pot::Facility(place));
            let repaid = |due: &Due| matches!(due, Due::Facility(known, FacilityDue::Principal) if *known == place);
            if let Some((.., origin)) = drawn
                && !dues.iter().any(|(due, ..)| repaid(due))
            {
                let finding = Finding::new("D0269", (*origin).clone());
                document.find(finding.with("facility", &facility.id));
            }
        }
    }

    /// Each class of cash flows into one account, and the proceeds suffice for what accounts are
    /// given at closing.
    pub(super) fn accounts_fit(&self) {
        if self.accounts.is_empty() {
            return;
        }
        let sections = self.root.tables("account");
        let accounts = || self.accounts.iter().zip(&sections);
        let mut homes: BTreeMap<(Receipt, Option<usize>), &str> = BTreeMap::new();
        let all = (0..self.subpools.len()).map(Some);
        let all: Vec<Option<usize>> =
            if self.subpools.is_empty() { vec![None] } else { all.collect() };
        for (account, section) in accounts() {
            // Of sub-pools that are not known has been told; it is not for all of them.
            if account.pools.is_empty() && section.has("pools") {
                continue;
            }
            for receipt in &account.receives {
                let pools = all.iter().filter(|pool| account.takes(*receipt, **pool));
                let twice = pools.filter_map(|pool| homes.insert((*receipt, *pool), &account.id));
                // The same two accounts may meet in several sub-pools.
                if let Some(first) = twice.last() {
                    let facts = [
                        ("receipt", receipt.word().to_string()),
                        ("one", first.to_string()),
                        ("other", account.id.clone()),
                    ];
                    section.find("D0268", "receives", &facts);
                }
            }
        }
        // A face that is missing is reported for itself.
        let faceless = |tranche: &Tranche| tranche.strip.is_none() && tranche.face == Amount::ZERO;
        if self.tranches.iter().any(faceless) {
            return;
        }
        let proceeds: Amount = self.tranches.iter().map(Tranche::proceeds).sum();
        let mut funded = Amount::ZERO;
        for (account, section) in accounts() {
            if account.funded_by == Funding::Proceeds {
                let before = funded;
                funded += account.opening;
                if funded > proceeds && before <= proceeds {
                    let facts = [("funded", funded.grouped()), ("proceeds", proceeds.grouped())];
                    section.find("D0272", "opening", &facts);
                }
            }
        }
    }
}
