//! What no block can see by itself: tranches and fees that nobody pays, cash that nobody takes.

use std::collections::BTreeMap;

use super::super::{Due, FacilityDue, Payee, Pot, Receipt, Step};
use super::{Places, Reader};
use crate::config::Document;
use crate::finding::{Finding, Origin};
use crate::money::Amount;

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
        self.accounts_are_emptied(document, &dues);
        self.lenders_are_repaid(document, &dues);
        self.receipts_once(document);
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
                        | Due::Remainder(Payee::Tranche(_))
                        | Due::Amount(Payee::Tranche(_), _)
                )
        };
        if !dues[first + 1..].iter().all(to_holders) {
            document.find(Finding::new("D0211", origin.clone()).with("fee", &self.fees[*fee].id));
        }
    }

    /// Cash in an account that no step pays out of would stay there for ever.
    fn accounts_are_emptied(&self, document: &Document, dues: &[Named]) {
        for (place, account) in self.accounts.iter().enumerate() {
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
                let origin = dues.last().map_or_else(Origin::default, |(.., o)| (*o).clone());
                document.find(Finding::new("D0267", origin).with("account", &account.id));
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

    /// Each class of cash flows into one account.
    fn receipts_once(&self, document: &Document) {
        let mut homes: BTreeMap<Receipt, &str> = BTreeMap::new();
        for account in &self.accounts {
            for receipt in &account.receives {
                if let Some(first) = homes.insert(*receipt, &account.id) {
                    let word = Receipt::WORDS.iter().find(|(_, known)| known == receipt);
                    let word = word.expect("every receipt has a word").0;
                    let finding = Finding::new("D0268", self.root.origin("account"));
                    document.find(
                        finding.with("receipt", word).with("one", first).with("other", &account.id),
                    );
                }
            }
        }
    }
}
