//! Notional amounts of swaps and of interest-only tranches.

use super::super::{Notional, NotionalPart, Stage, Strip, UnpaidInterest};
use super::Reader;
use super::named::Kind;
use crate::config::Section;
use crate::formula::Sort;
use crate::money::Amount;

/// The word for the pool at the start of the collection period.
const POOL: &str = "pool";

/// What a tranche without principal cannot have.
const OF_PRINCIPAL: [&str; 9] = [
    "face",
    "issue_price",
    "principal",
    "balances",
    "instalments",
    "bullet_payment",
    "write_down_to",
    "per_hundred",
    "pricing_yield",
];

impl Reader<'_> {
    /// The notional amount of a swap: `notional = ["A"]` or `schedule = [amounts]`.
    pub(super) fn notional(&self, section: &Section) -> Notional {
        let ids: Vec<String> = self.tranches.iter().map(|tranche| tranche.id.clone()).collect();
        let parts = self.parts(section, &ids, false);
        if section.has("schedule") == section.has("notional") {
            section.find("D0263", "notional", &[]);
        }
        self.either(section, parts)
    }

    /// An interest-only tranche: `notional = ["A", "B"]`, of ids, `pool` and amounts of `[define]`, or
    /// `schedule = [amounts]`.
    pub(super) fn strip(&self, section: &Section) -> Option<Strip> {
        let price = section.amount("price");
        if !section.has("notional") && !section.has("schedule") {
            if price.is_some() {
                section.find("D0351", "price", &[]);
            }
            return None;
        }
        let ids = self.root.peek_each("tranche", "id");
        let ids: Vec<String> = ids.into_iter().map(Option::unwrap_or_default).collect();
        let parts = self.parts(section, &ids, true);
        if section.has("schedule") && section.has("notional") {
            section.find("D0350", "notional", &[]);
        }
        let capitalised = section.is_text("unpaid_interest")
            && section.text("unpaid_interest").as_deref() == Some(UnpaidInterest::WORDS[2].0);
        let of_principal = OF_PRINCIPAL.into_iter().filter(|key| section.has(key));
        if let Some(key) = of_principal.chain(capitalised.then_some("unpaid_interest")).next() {
            section.find("D0352", key, &[("key", key.to_string())]);
        }
        if !section.has("coupon") && !section.has("index") {
            section.missing("coupon");
        }
        let notional = self.either(section, parts);
        Some(Strip { notional, price: price.unwrap_or(Amount::ZERO) })
    }

    /// The schedule, where there is one, else the parts.
    fn either(&self, section: &Section, parts: Vec<NotionalPart>) -> Notional {
        if !section.has("schedule") {
            return Notional::Sum(parts);
        }
        let amounts = section.amounts("schedule");
        if let Some(payments) = self.payments.filter(|payments| amounts.len() > *payments) {
            let facts = [("given", amounts.len().to_string()), ("payments", payments.to_string())];
            section.find("D0213", "schedule", &facts);
        }
        Notional::Scheduled(amounts)
    }

    /// What `notional` names.
    fn parts(&self, section: &Section, ids: &[String], defined: bool) -> Vec<NotionalPart> {
        let names = if section.has("notional") { section.texts("notional") } else { Vec::new() };
        let part = |name: &String| {
            let ids = ids.iter().map(String::as_str);
            if ids.clone().all(|id| id != name) {
                if name == POOL {
                    return Some(NotionalPart::Pool);
                }
                // Rates accrue as soon as the states are known.
                if defined && self.defined.contains(name) {
                    let by = Stage::Tested;
                    let place = self.defined_as(section, "notional", name, Sort::Amount, by);
                    return place.map(NotionalPart::Defined);
                }
            }
            let place = self.resolve(section, "notional", &Kind::TRANCHE, name, ids);
            place.map(NotionalPart::Tranche)
        };
        names.iter().filter_map(part).collect()
    }

    /// A notional amount that names a tranche without a balance would always be nothing.
    pub(super) fn notional_has_a_balance(&self) {
        let sections = self.root.tables("tranche");
        for (tranche, section) in self.tranches.iter().zip(&sections) {
            let Some(Strip { notional: Notional::Sum(parts), .. }) = &tranche.strip else {
                continue;
            };
            let strip = parts.iter().find_map(|part| match part {
                NotionalPart::Tranche(place) => {
                    self.tranches.get(*place).filter(|named| named.strip.is_some())
                }
                NotionalPart::Pool | NotionalPart::Defined(_) => None,
            });
            if let Some(strip) = strip {
                section.find("D0354", "notional", &[("tranche", strip.id.clone())]);
            }
        }
    }
}
