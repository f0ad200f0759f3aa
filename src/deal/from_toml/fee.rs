//! `[[fee]]` and `[tax]`.

use std::collections::BTreeSet;

use super::super::{Base, Charge, Dated, Fee, FeeAccrual, Income, Stage, Tax, Text};
use super::{DAY_COUNTS, Reader};
use crate::config::{Section, closest};
use crate::formula::Sort;
use crate::money::{Amount, Rate};
use crate::time::DayCount;

/// Rates at or above 100 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::ONE;

/// What a fee's rate is taken of.
#[derive(Clone, Copy)]
enum Of {
    Balance(Base),
    Paid,
    Left,
}

const BASES: [(&str, Of); 7] = [
    ("securities", Of::Balance(Base::Securities)),
    ("senior", Of::Balance(Base::Senior)),
    ("face", Of::Balance(Base::Face)),
    ("pool", Of::Balance(Base::Pool)),
    ("collections", Of::Balance(Base::Collections)),
    ("paid", Of::Paid),
    ("remainder", Of::Left),
];

impl Reader<'_> {
    pub(super) fn fee(&self, section: Section) -> Fee {
        let id = section.need_id("id");
        let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
        let amount = section.amount("amount");
        let rate = section.rate("rate", RATE_MOST);
        let tiers = section.has("tiers").then(|| tiers(&section));
        let of = self.base(&section);
        let accrual = accrual(&section, of);
        let payments = self.numbers(&section, "payments");
        let minimum = section.amount("minimum");
        let whole = rate.map(|rate| vec![(Amount::ZERO, rate)]);
        let charge = match (amount, whole.or(tiers), rate, of) {
            (Some(amount), None, _, None) => Charge::Fixed { amount, payments },
            (None, Some(tiers), _, Some(Of::Balance(base))) => {
                Charge::Rate { tiers, base, accrual }
            }
            (None, Some(_), Some(rate), Some(Of::Paid)) => Charge::OnPaid { rate },
            (None, Some(_), Some(rate), Some(Of::Left)) => Charge::OnLeft { rate },
            _ => {
                if !section.reported_any(&["amount", "rate", "tiers", "base"]) {
                    section.find("D0201", "id", &[("fee", id.clone())]);
                }
                Charge::Fixed { amount: Amount::ZERO, payments: Vec::new() }
            }
        };
        section.finish();
        Fee { id, name, charge, minimum }
    }

    /// A word, or an amount of `[define]`.
    fn base(&self, section: &Section) -> Option<Of> {
        if !section.has("base") {
            return None;
        }
        let given = section.text("base")?;
        let defined = self.definitions.iter().position(|known| known.name == given);
        match defined {
            Some(place) if self.definitions[place].sort == Sort::Amount => {
                self.known_in_time(section, "base", place, Stage::Tested);
                Some(Of::Balance(Base::Defined(place)))
            }
            _ => section.choice("base", &BASES),
        }
    }
}

/// How time counts: collections are no balance, so their rate holds as it is.
fn accrual(section: &Section, of: Option<Of>) -> FeeAccrual {
    let mut words: Vec<(&'static str, FeeAccrual)> =
        DAY_COUNTS.map(|(word, day_count)| (word, FeeAccrual::Days(day_count))).into();
    words.push(("twelfth", FeeAccrual::Twelfth));
    words.push(("period", FeeAccrual::Period));
    let given = section.choice("day_count", &words);
    match (given, of) {
        (Some(FeeAccrual::Twelfth), Some(Of::Balance(base))) if base != Base::Pool => {
            section.find("D0247", "day_count", &[]);
            FeeAccrual::Days(DayCount::Act365)
        }
        (Some(given), _) => given,
        (None, Some(Of::Balance(Base::Collections))) => FeeAccrual::Period,
        (None, _) => FeeAccrual::Days(DayCount::Act365),
    }
}

/// `tiers = [{ above = 0, rate = "0.1 %" }, { above = 100000000, rate = "0.08 %" }]`.
fn tiers(section: &Section) -> Vec<(Amount, Rate)> {
    let mut tiers: Vec<(Amount, Rate)> = Vec::new();
    for tier in section.tables("tiers") {
        for key in ["above", "rate"] {
            if !tier.has(key) {
                tier.missing(key);
            }
        }
        let (above, rate) = (tier.amount("above"), tier.rate("rate", RATE_MOST));
        if let (Some(above), Some(rate)) = (above, rate) {
            let first = tiers.is_empty() && above != Amount::ZERO;
            if first || tiers.last().is_some_and(|(last, _)| *last >= above) {
                tier.find("D0248", "above", &[("given", above.grouped())]);
            }
            tiers.push((above, rate));
        }
        tier.finish();
    }
    tiers
}

/// `[tax]`, or `[[tax]]` where classes of income are taxed at rates of their own.
pub(super) fn taxes(root: &Section) -> Vec<Tax> {
    if !root.has("tax") {
        return Vec::new();
    }
    let sections = if root.is_table("tax") {
        root.section("tax").into_iter().collect()
    } else {
        root.tables("tax")
    };
    let mut taxes: Vec<Tax> = Vec::new();
    for section in sections {
        let tax = tax(&section);
        let known = |class: &Income| taxes.iter().any(|other| other.income.contains(class));
        if tax.income.iter().any(known) {
            section.find("D0249", "income", &[]);
        }
        section.finish();
        taxes.push(tax);
    }
    taxes
}

fn tax(section: &Section) -> Tax {
    for key in ["vat", "surcharge"] {
        if !section.has(key) {
            section.missing(key);
        }
    }
    let rates = |key| -> Dated { section.dated_rates(key, RATE_MOST).unwrap_or_default() };
    let (vat, surcharge) = (rates("vat"), rates("surcharge"));
    let words = section.texts("income");
    let mut income = BTreeSet::new();
    for word in &words {
        match Income::WORDS.iter().find(|(known, _)| known == word) {
            Some((_, class)) => {
                income.insert(*class);
            }
            None => {
                let known = Income::WORDS.map(|(word, _)| word);
                let choices = known.map(|word| format!("`{word}`")).join(", ");
                let suggestion = closest(word, known.into_iter()).to_string();
                let facts =
                    [("given", word.clone()), ("choices", choices), ("suggestion", suggestion)];
                section.find("F0108", "income", &facts);
            }
        }
    }
    if words.is_empty() {
        income = [Income::Interest, Income::Fee].into();
    }
    Tax { vat, surcharge, income }
}
