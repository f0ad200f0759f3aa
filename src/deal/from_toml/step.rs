//! `[[step]]`: the priority of payments.

use super::super::{
    Charge, Condition, Due, FacilityDue, Flag, Limit, Payee, Payment, Pot, Sharing, Stage, State,
    Step,
};
use super::Reader;
use super::named::Kind as Named;
use super::whole::COLLECTION;
use crate::config::{Section, closest, of_list};
use crate::formula::Sort;

impl Reader<'_> {
    /// A step, and whether every payment of it was understood.
    pub(super) fn step(&self, section: Section) -> (Step, bool) {
        const SHARING: [(&str, Sharing); 2] =
            [("sequential", Sharing::Sequential), ("pro_rata", Sharing::ProRata)];
        let pay = section.tables("pay");
        if pay.is_empty() && !section.has("pay") {
            section.missing("pay");
        }
        let payments = pay.len();
        let from = self.from(&section);
        let pay: Vec<Payment> =
            pay.into_iter().filter_map(|payee| self.payment(payee, from)).collect();
        let step = Step {
            clause: section.text("clause").unwrap_or_default(),
            name: section.bilingual("name"),
            states: self.states(&section),
            when: section
                .text("when")
                .map(|text| self.conditions(&section, &text))
                .unwrap_or_default(),
            from: from.unwrap_or(Pot::Collection),
            limit: self.limit(&section, &pay),
            sharing: section.choice("sharing", &SHARING).unwrap_or_default(),
            pay,
        };
        self.shared_once(&section, &step);
        section.finish();
        let understood = from.is_some() && step.pay.len() == payments;
        (step, understood)
    }

    fn states(&self, section: &Section) -> std::collections::BTreeSet<State> {
        let states = section.texts("states").into_iter().filter_map(|word| {
            let found =
                State::WORDS.iter().find(|(known, _)| *known == word).map(|(_, state)| *state);
            if found.is_none() {
                let known = State::WORDS.map(|(word, _)| word);
                let facts = of_list(&word, known.into_iter());
                section.find("F0108", "states", &facts);
            }
            found
        });
        states.collect()
    }

    /// The pot that pays: the collection account, an account, or a facility.
    ///
    /// `None` when it is reported: nothing can be said then about what is paid from it.
    fn from(&self, section: &Section) -> Option<Pot> {
        if !section.has("from") {
            return Some(Pot::Collection);
        }
        let name = section.text("from")?;
        self.pot(section, "from", &name, true)
    }

    fn pot(
        &self,
        section: &Section,
        key: &'static str,
        name: &str,
        facilities: bool,
    ) -> Option<Pot> {
        if name == COLLECTION {
            return Some(Pot::Collection);
        }
        if let Some(place) = self.accounts.iter().position(|account| account.id == name) {
            return Some(Pot::Account(place));
        }
        let lenders = self.facilities.iter().position(|facility| facility.id == name);
        if let Some(place) = lenders.filter(|_| facilities) {
            return Some(Pot::Facility(place));
        }
        // A block without an id is reported for that, and may be the one that is meant.
        let nameless = self.accounts.iter().any(|account| account.id.is_empty())
            || self.facilities.iter().any(|facility| facility.id.is_empty());
        if nameless {
            return None;
        }
        let mut known: Vec<&str> = vec![COLLECTION];
        known.extend(self.accounts.iter().map(|account| account.id.as_str()));
        if facilities {
            known.extend(self.facilities.iter().map(|facility| facility.id.as_str()));
        }
        let suggestion = format!("`{}`", closest(name, known.iter().copied()));
        let known = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let facts = [("name", name.to_string()), ("known", known), ("suggestion", suggestion)];
        section.find("D0271", key, &facts);
        None
    }

    /// `down_to` with `of`, or `limit`.
    fn limit(&self, section: &Section, pay: &[Payment]) -> Option<Limit> {
        let target = self.size(section, "down_to", Stage::Due);
        let amount = self.size(section, "limit", Stage::Due);
        let of = self.tranches_named(section, "of");
        if section.has("down_to") && section.has("limit") {
            section.find("D0254", "limit", &[]);
        }
        let Some(target) = target else {
            if section.has("of") && !section.has("down_to") {
                section.find("D0255", "of", &[]);
            }
            return amount.map(Limit::Amount);
        };
        let paid = pay.iter().filter_map(|payment| match payment.due {
            Due::Principal(place) => Some(place),
            _ => None,
        });
        let of = if of.is_empty() { paid.collect() } else { of };
        Some(Limit::DownTo { of, target })
    }

    /// Payees of a shared step are paid side by side: each claim once, and no fee that depends on
    /// what the others get.
    fn shared_once(&self, section: &Section, step: &Step) {
        if step.sharing != Sharing::ProRata {
            return;
        }
        let mut seen: Vec<&Due> = Vec::new();
        for Payment { due, .. } in &step.pay {
            let open =
                matches!(due, Due::Remainder(_) | Due::Excess(_) | Due::TopUp(_) | Due::Purchase);
            if seen.contains(&due) || open || self.is_on_paid(due) || self.is_on_left(due) {
                section.find("D0215", "sharing", &[]);
                return;
            }
            seen.push(due);
        }
        let per_unit = |payment: &Payment| match payment.due {
            Due::Interest(place) | Due::Principal(place) => {
                Some(&self.tranches[place]).filter(|tranche| tranche.per_unit.is_some())
            }
            _ => None,
        };
        if let Some(tranche) = step.pay.iter().find_map(per_unit).filter(|_| step.pay.len() > 1) {
            section.find("D0256", "sharing", &[("tranche", tranche.id.clone())]);
        }
    }

    pub(super) fn is_on_paid(&self, due: &Due) -> bool {
        matches!(due, Due::Fee(fee) if matches!(self.fees[*fee].charge, Charge::OnPaid { .. }))
    }

    fn is_on_left(&self, due: &Due) -> bool {
        matches!(due, Due::Fee(fee) if matches!(self.fees[*fee].charge, Charge::OnLeft { .. }))
    }

    fn payment(&self, section: Section, from: Option<Pot>) -> Option<Payment> {
        let cap = self.size(&section, "cap", Stage::Due);
        let cap_per_year = section.amount("cap_per_year");
        let due = self.due(&section, from);
        section.finish();
        due.map(|due| Payment { due, cap, cap_per_year })
    }

    fn due(&self, section: &Section, from: Option<Pot>) -> Option<Due> {
        if section.has("tranche") {
            return self.due_to_tranche(section);
        }
        if section.has("fee") {
            let name = section.need_text("fee");
            let ids = self.fees.iter().map(|fee| fee.id.as_str());
            return self.resolve(section, "fee", &Named::FEE, &name, ids).map(Due::Fee);
        }
        if section.has("account") {
            return self.due_to_account(section, from);
        }
        if section.has("facility") {
            let name = section.need_text("facility");
            let ids = self.facilities.iter().map(|facility| facility.id.as_str());
            let place = self.resolve(section, "facility", &Named::FACILITY, &name, ids);
            let due = self.word(section, &FacilityDue::WORDS);
            return place.zip(due).map(|(place, due)| Due::Facility(place, due));
        }
        if section.has("swap") {
            const DUES: [(&str, bool); 2] = [("net", false), ("termination", true)];
            let name = section.need_text("swap");
            let _ = section.has("due");
            let ids = self.swaps.iter().map(|swap| swap.id.as_str());
            let place = self.resolve(section, "swap", &Named::SWAP, &name, ids)?;
            let ends = section.choice("due", &DUES).unwrap_or(false);
            return Some(if ends { Due::Termination(place) } else { Due::Swap(place) });
        }
        if section.flag("originator") == Some(true) {
            return self.open_due(section, Payee::Originator);
        }
        if section.flag("purchase") == Some(true) {
            return Some(Due::Purchase);
        }
        if section.flag("tax") == Some(true) {
            if !self.tax {
                section.find("D0205", "tax", &[]);
            }
            return self.tax.then_some(Due::Tax);
        }
        // A mistyped payee is reported as an unknown key.
        if section.knows(&["cap", "cap_per_year", "due", "tax", "amount", "originator", "purchase"])
        {
            section.find("D0206", "due", &[]);
        }
        section.has("due");
        None
    }

    fn due_to_tranche(&self, section: &Section) -> Option<Due> {
        #[derive(Clone, Copy)]
        enum Kind {
            Interest,
            Principal,
            Remainder,
            Amount,
        }
        const KINDS: [(&str, Kind); 4] = [
            ("interest", Kind::Interest),
            ("principal", Kind::Principal),
            ("remainder", Kind::Remainder),
            ("amount", Kind::Amount),
        ];
        let name = section.need_text("tranche");
        let kind = self.word(section, &KINDS);
        let ids = self.tranches.iter().map(|tranche| tranche.id.as_str());
        let place = self.resolve(section, "tranche", &Named::TRANCHE, &name, ids);
        let (kind, place) = kind.zip(place)?;
        match kind {
            Kind::Interest => Some(Due::Interest(place)),
            Kind::Principal if self.tranches[place].strip.is_some() => {
                section.find("D0353", "due", &[("tranche", name)]);
                None
            }
            Kind::Principal => Some(Due::Principal(place)),
            Kind::Remainder => Some(Due::Remainder(Payee::Tranche(place))),
            Kind::Amount => self.amount_due(section, Payee::Tranche(place)),
        }
    }

    fn due_to_account(&self, section: &Section, from: Option<Pot>) -> Option<Due> {
        let name = section.need_text("account");
        // Known even where the account is not.
        let _ = (section.has("due"), section.has("amount"));
        let pot = self.pot(section, "account", &name, false)?;
        if Some(pot) == from {
            section.find("D0257", "account", &[("account", name)]);
            return None;
        }
        if section.is_text("due") && section.text("due").as_deref() == Some("target") {
            let Pot::Account(place) = pot else {
                section.find("D0258", "account", &[("account", name)]);
                return None;
            };
            if self.accounts[place].target.is_none() {
                section.find("D0258", "account", &[("account", name)]);
            }
            return Some(Due::TopUp(place));
        }
        if section.is_text("due") && section.text("due").as_deref() == Some("excess") {
            let without_target = match from? {
                Pot::Account(place) => self.accounts[place].target.is_none(),
                Pot::Collection | Pot::Facility(_) => true,
            };
            if without_target {
                section.find("D0259", "due", &[]);
                return None;
            }
            return Some(Due::Excess(Payee::Pot(pot)));
        }
        self.open_due(section, Payee::Pot(pot))
    }

    /// A computed amount, or whatever is left.
    fn open_due(&self, section: &Section, payee: Payee) -> Option<Due> {
        const KINDS: [(&str, bool); 4] =
            [("remainder", true), ("amount", false), ("target", false), ("excess", false)];
        match self.word(section, &KINDS)? {
            true => Some(Due::Remainder(payee)),
            false => self.amount_due(section, payee),
        }
    }

    fn amount_due(&self, section: &Section, payee: Payee) -> Option<Due> {
        if !section.has("amount") {
            section.missing("amount");
        }
        self.size(section, "amount", Stage::Due).map(|size| Due::Amount(payee, size))
    }

    /// The word of `due`, which must stand there.
    fn word<T: Copy>(&self, section: &Section, words: &[(&'static str, T)]) -> Option<T> {
        if !section.has("due") {
            section.missing("due");
        }
        section.choice("due", words)
    }

    /// `not accelerated and breach`: flags joined by `and`, each with an optional `not`.
    pub(super) fn conditions(&self, section: &Section, text: &str) -> Vec<Condition> {
        let flags = text.split(" and ").filter_map(|part| {
            let part = part.trim();
            let (negated, name) =
                part.strip_prefix("not ").map_or((false, part), |name| (true, name.trim()));
            self.flag(section, name).map(|flag| Condition { negated, flag })
        });
        flags.collect()
    }

    fn flag(&self, section: &Section, name: &str) -> Option<Flag> {
        if let Some((_, state)) = State::WORDS.iter().find(|(word, _)| *word == name) {
            return Some(Flag::State(*state));
        }
        if let Some(place) = self.triggers.iter().position(|trigger| trigger.id == name) {
            return Some(Flag::Trigger(place));
        }
        if self.defined.contains(name) {
            let place = self.defined_as(section, "when", name, Sort::Flag, Stage::Due);
            return place.map(Flag::Defined);
        }
        let facts = [("name", name.to_string()), ("known", self.known_flags())];
        section.find("D0207", "when", &facts);
        None
    }

    fn known_flags(&self) -> String {
        let states = State::WORDS.iter().map(|(word, _)| *word);
        let triggers = self.triggers.iter().map(|trigger| trigger.id.as_str());
        let own = self.definitions.iter().filter(|definition| definition.sort == Sort::Flag);
        let own = own.map(|definition| definition.name.as_str());
        let all = states.chain(triggers).chain(own).map(|word| format!("`{word}`"));
        all.collect::<Vec<_>>().join(", ")
    }
}
