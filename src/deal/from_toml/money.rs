//! `[[account]]`, `[[facility]]`, `[[support]]`, `[[swap]]` and `[call]`.

use std::collections::BTreeSet;

use super::super::{
    Call, CallWhen, CashAccount, Covers, Earning, Facility, Frequency, Funding, Leg, Receipt,
    Stage, Support, Swap, Target, Text,
};
use super::named::{Kind, listed};
use super::whole::COLLECTION;
use super::{Reader, day_count};
use crate::config::{Section, of_list};
use crate::money::{Amount, Rate};

/// Rates at or above 100 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::ONE;

impl Reader<'_> {
    pub(super) fn account(&self, section: Section) -> CashAccount {
        const FUNDING: [(&str, Funding); 2] =
            [("proceeds", Funding::Proceeds), ("originator", Funding::Originator)];
        let id = section.need_id("id");
        if id == COLLECTION {
            section.find("D0260", "id", &[]);
        }
        let account = CashAccount {
            name: section.bilingual("name").unwrap_or_else(|| Text::same(&id)),
            id,
            opening: section.amount("opening").unwrap_or(Amount::ZERO),
            funded_by: section.choice("funded_by", &FUNDING).unwrap_or(Funding::Proceeds),
            target: self.target(&section),
            receives: receipts(&section),
            pools: self.pools_of(&section, "pools").into_iter().collect(),
            earns: earning(&section),
        };
        section.finish();
        account
    }

    /// An amount, a definition, or a table by payment date.
    fn target(&self, section: &Section) -> Option<Target> {
        if !section.is_list("target") {
            return self.size(section, "target", Stage::Due).map(Target::Size);
        }
        let table = section.amounts("target");
        let payments = self.payments.unwrap_or(table.len());
        if table.len() > payments {
            let facts = [("given", table.len().to_string()), ("payments", payments.to_string())];
            section.find("D0213", "target", &facts);
        }
        (!table.is_empty()).then_some(Target::Table(table))
    }

    pub(super) fn facility(&self, section: Section) -> Facility {
        let id = section.need_id("id");
        // A step that pays from this name could mean either.
        let twice = self.accounts.iter().any(|account| account.id == id) && !id.is_empty();
        if twice || id == COLLECTION {
            section.find("D0232", "id", &[("name", id.clone())]);
        }
        if !section.has("limit") {
            section.missing("limit");
        }
        let facility = Facility {
            name: section.bilingual("name").unwrap_or_else(|| Text::same(&id)),
            id,
            limit: section.amount("limit").unwrap_or(Amount::ZERO),
            rate: section.rate("rate", RATE_MOST).unwrap_or(Rate::ZERO),
            commitment_rate: section.rate("commitment_rate", RATE_MOST).unwrap_or(Rate::ZERO),
            day_count: day_count(&section),
        };
        section.finish();
        facility
    }

    pub(super) fn support(&self, section: Section, clauses: &[Option<String>]) -> Support {
        let id = section.need_id("id");
        if !section.has("covers") {
            section.missing("covers");
        }
        let mut covers = BTreeSet::new();
        for clause in section.texts("covers") {
            let found: Vec<usize> = (0..clauses.len())
                .filter(|place| clauses[*place].as_ref() == Some(&clause))
                .collect();
            if found.is_empty() {
                let known = clauses.iter().flatten().map(String::as_str);
                let known =
                    if known.clone().next().is_none() { "–".to_string() } else { listed(known) };
                let facts = [("clause", clause), ("known", known)];
                section.find("D0261", "covers", &facts);
            }
            covers.extend(found);
        }
        let when = self.flag_defined(&section, "when", Stage::Due);
        let support = Support {
            name: section.bilingual("name").unwrap_or_else(|| Text::same(&id)),
            id,
            covers: covers.into_iter().collect(),
            limit: section.amount("limit"),
            when,
        };
        section.finish();
        support
    }

    pub(super) fn swap(&self, section: Section) -> Swap {
        let id = section.need_id("id");
        let notional = self.notional(&section);
        let leg = |key: &'static str| {
            if !section.has(key) {
                section.missing(key);
            }
            section.section(key).map_or(Leg::Fixed(Vec::new()), |leg| self.leg(leg))
        };
        let (pays, receives) = (leg("pays"), leg("receives"));
        let amount = section.amount("termination_amount");
        let payment = section.count("termination_payment", 600);
        if section.has("termination_amount") != section.has("termination_payment") {
            let given = if amount.is_some() { "termination_amount" } else { "termination_payment" };
            section.find("D0262", given, &[]);
        }
        let payment = payment.map(|payment| usize::try_from(payment).expect("small"));
        let swap = Swap {
            name: section.bilingual("name").unwrap_or_else(|| Text::same(&id)),
            id,
            notional,
            pays,
            receives,
            is_cap: section.flag("cap").unwrap_or(false),
            termination: payment.zip(amount),
            day_count: day_count(&section),
        };
        section.finish();
        swap
    }

    /// `{ rate = "2 %" }` or `{ index = "LPR1Y", spread = "0.5 %" }`.
    fn leg(&self, section: Section) -> Leg {
        let leg = if section.has("index") {
            let name = section.need_text("index");
            let ids = self.indices.iter().map(|index| index.id.as_str());
            let index = self.resolve(&section, "index", &Kind::INDEX, &name, ids);
            let spread = section.signed_rate("spread", RATE_MOST).unwrap_or(Rate::ZERO);
            let every = self.every.map_or(1, Frequency::months);
            let fixings = index.map(|index| self.fixings(&section, index, every, 0));
            Leg::Index { index: index.unwrap_or(0), spread, fixings: fixings.unwrap_or_default() }
        } else {
            if !section.has("rate") {
                section.missing("rate");
            }
            Leg::Fixed(section.dated_rates("rate", RATE_MOST).unwrap_or_default())
        };
        section.finish();
        leg
    }

    pub(super) fn call(&self, section: Section) -> Option<Call> {
        let factor = section.rate("pool_factor", RATE_MOST);
        let when = self.flag_defined(&section, "when", Stage::Accrued);
        if section.has("pool_factor") == section.has("when") {
            section.find("D0264", "pool_factor", &[]);
        }
        let when = factor.map(CallWhen::PoolFactor).or(when.map(CallWhen::Defined));
        let call = Call {
            when: when.unwrap_or(CallWhen::PoolFactor(Rate::ZERO)),
            price: self.size(&section, "price", Stage::Accrued),
            covers: section.choice("covers", &Covers::WORDS).unwrap_or(Covers::Senior),
            exercise: section.flag("exercise").unwrap_or(true),
        };
        section.finish();
        when.map(|_| call)
    }
}

fn receipts(section: &Section) -> BTreeSet<Receipt> {
    let mut receipts = BTreeSet::new();
    for word in section.texts("receives") {
        match Receipt::WORDS.iter().find(|(known, _)| *known == word) {
            Some((_, receipt)) => {
                receipts.insert(*receipt);
            }
            None => {
                let known = Receipt::WORDS.map(|(word, _)| word);
                let facts = of_list(&word, known.into_iter());
                section.find("F0108", "receives", &facts);
            }
        }
    }
    receipts
}

fn earning(section: &Section) -> Option<Earning> {
    let (rate, day_count) = (section.rate("earns", RATE_MOST), day_count(section));
    rate.map(|rate| Earning { rate, day_count })
}
