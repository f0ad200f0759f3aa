//! `[[fee]]` and `[tax]`.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::{Base, Charge, Dated, Fee, FeeAccrual, Income, Stage, Tax, Text};
use super::{DAY_COUNTS, Reader};
use crate::config::{Section, of_list};
use crate::formula::Sort;
use crate::money::{Amount, Rate};
use crate::time::DayCount;

/// Rates at or above 100 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::ONE;
/// No fee on a balance is more than this a year.
const PLAUSIBLE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() / 20);

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
        let dated = section.has("dated").then(|| self.dated(&section));
        let rate = section.rate("rate", RATE_MOST);
        let tiers = section.has("tiers").then(|| tiers(&section));
        let of = self.base(&section);
        let accrual = accrual(&section, of);
        let payments = self.numbers(&section, "payments");
        let minimum = section.amount("minimum");
        let whole = rate.map(|rate| vec![(Amount::ZERO, rate)]);
        let twice = rate.is_some() && tiers.is_some();
        let given = (amount, dated, whole.or(tiers).filter(|_| !twice), rate, of);
        let charge = match given {
            (Some(amount), None, None, _, None) => Charge::Fixed { amount, payments },
            (None, Some(dated), None, _, None) => Charge::Dated(dated),
            (None, None, Some(tiers), _, Some(Of::Balance(base))) => {
                Charge::Rate { tiers, base, accrual }
            }
            (None, None, Some(_), Some(rate), Some(Of::Paid)) => Charge::OnPaid { rate },
            (None, None, Some(_), Some(rate), Some(Of::Left)) => Charge::OnLeft { rate },
            _ => {
                if !section.reported_any(&["amount", "dated", "rate", "tiers", "base"]) {
                    section.find("D0201", "id", &[("fee", id.clone())]);
                }
                Charge::Fixed { amount: Amount::ZERO, payments: Vec::new() }
            }
        };
        if !section.reported_any(&["id", "amount", "dated", "rate", "tiers", "base"]) {
            without_effect(&section, &charge);
            plausible(&section, &charge);
        }
        section.finish();
        Fee { id, name, charge, minimum }
    }

    /// `dated = [{ on = 2026-03-31, amount = 1000.00 }]`, within the life of the deal.
    fn dated(&self, section: &Section) -> Vec<(NaiveDate, Amount)> {
        let mut dated = Vec::new();
        for entry in section.tables("dated") {
            let on = entry.need_date("on");
            if !entry.has("amount") {
                entry.missing("amount");
            }
            let amount = entry.amount("amount");
            if let (Some(on), Some((dates, schedule, _))) = (on, self.schedule) {
                let last = schedule.payments.last().map_or(dates.closing, |last| last.payment);
                if on <= dates.closing || on > last {
                    let facts = [
                        ("given", on.to_string()),
                        ("closing", dates.closing.to_string()),
                        ("last", last.to_string()),
                    ];
                    entry.find("D0356", "on", &facts);
                }
            }
            dated.extend(on.zip(amount));
            entry.finish();
        }
        dated
    }

    /// A word, or an amount of `[define]`.
    fn base(&self, section: &Section) -> Option<Of> {
        if !section.has("base") {
            return None;
        }
        let given = section.text("base")?;
        if BASES.iter().any(|(word, _)| *word == given) || !self.defined.contains(&given) {
            return section.choice("base", &BASES);
        }
        // Fees accrue as soon as the states are known.
        let place = self.defined_as(section, "base", &given, Sort::Amount, Stage::Tested);
        // What is wrong with it is said, there or in [define]; the fee is a rate on something.
        Some(Of::Balance(place.map_or(Base::Securities, Base::Defined)))
    }
}

/// Keys that say nothing about a fee of this kind.
fn without_effect(section: &Section, charge: &Charge) {
    let (kind, keys): (&str, &[&'static str]) = match charge {
        Charge::Fixed { .. } => ("amount", &["day_count"]),
        Charge::Dated(_) => ("dated", &["day_count", "payments", "minimum"]),
        Charge::Rate { .. } => ("rate", &["payments"]),
        Charge::OnPaid { .. } => ("base = \"paid\"", &["day_count", "payments", "minimum"]),
        Charge::OnLeft { .. } => ("base = \"remainder\"", &["day_count", "payments", "minimum"]),
    };
    for key in keys.iter().filter(|key| section.has(key)) {
        let facts = [("given", (*key).to_string()), ("kind", kind.to_string())];
        section.find("D0357", key, &facts);
    }
}

/// A rate on balances or payments that no fee of this kind has: most likely a percent without its
/// sign.
fn plausible(section: &Section, charge: &Charge) {
    let (rates, key): (Vec<Rate>, &'static str) = match charge {
        Charge::Rate { tiers, base, accrual } => {
            let balance = match base {
                Base::Securities | Base::Senior | Base::Face | Base::Pool => true,
                // Part of a month's cash, or whatever the definition is.
                Base::Collections | Base::Defined(_) => false,
            };
            if !balance || *accrual == FeeAccrual::Period {
                return;
            }
            let key = if section.has("tiers") { "tiers" } else { "rate" };
            (tiers.iter().map(|(_, rate)| *rate).collect(), key)
        }
        Charge::OnPaid { rate } => (vec![*rate], "rate"),
        Charge::Fixed { .. } | Charge::Dated(_) | Charge::OnLeft { .. } => return,
    };
    if let Some(rate) = rates.into_iter().find(|rate| *rate > PLAUSIBLE_MOST) {
        let hundredth = Rate::from_parts(rate.parts() / 100);
        let facts =
            [("rate", rate.percent().to_string()), ("meant", hundredth.percent().to_string())];
        section.find("D0358", key, &facts);
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
        let known = |class: &&Income| taxes.iter().any(|other| other.income.contains(class));
        if let Some(class) = tax.income.iter().find(known) {
            section.find("D0249", "income", &[("income", class.word().to_string())]);
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
                let facts = of_list(word, known.into_iter());
                section.find("F0108", "income", &facts);
            }
        }
    }
    if words.is_empty() {
        income = [Income::Interest, Income::Fee].into();
    }
    Tax { vat, surcharge, income }
}
