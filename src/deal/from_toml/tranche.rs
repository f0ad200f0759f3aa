//! `[[tranche]]` and `[[index]]`.

use std::collections::BTreeMap;

use super::super::{
    Amortisation, Coupon, Floating, Frequency, Index, OddCents, PerUnit, Stage, State, Text,
    Tranche, UnpaidInterest,
};
use super::named::{Kind as Named, is_mistyped};
use super::{Reader, day_count};
use crate::config::Section;
use crate::money::{Amount, Rate};
use crate::time::{Curve, NoFixing, Reset, Start, fixings};

/// Annual rates at or above 100 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::ONE;
/// A price of a bond may lie above par, but hardly above twice that.
const PRICE_MOST: Rate = Rate::from_parts(2 * Rate::ONE.parts());

impl Reader<'_> {
    pub(super) fn index(section: Section) -> Index {
        let id = section.need_id("id");
        let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
        if !section.has("rates") {
            section.missing("rates");
        }
        let rates = section.dated_rates("rates", RATE_MOST).unwrap_or_default();
        section.finish();
        Index { id, name, rates }
    }

    pub(super) fn tranche(&self, section: Section) -> Tranche {
        let id = section.need_id("id");
        let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
        let strip = self.strip(&section);
        if !section.has("face") && strip.is_none() {
            section.missing("face");
        }
        let face = section.amount("face");
        if face == Some(Amount::ZERO) {
            section.wrong_kind("face", "1234.56");
        }
        let tranche = Tranche {
            id,
            name,
            class: section.text("class"),
            face: face.filter(|_| strip.is_none()).unwrap_or(Amount::ZERO),
            strip,
            issue_price: section.rate("issue_price", PRICE_MOST).unwrap_or(Rate::ONE),
            coupon: self.coupon(&section),
            day_count: day_count(&section),
            frequency: self.frequencies(&section),
            unpaid_interest: unpaid_interest(&section),
            interest_on_arrears: section.flag("interest_on_arrears").unwrap_or(false),
            timely: section.flag("timely").unwrap_or(true),
            principal: self.amortisation(&section, face.unwrap_or(Amount::ZERO)),
            write_down_to: self.size(&section, "write_down_to", Stage::Left),
            per_unit: per_unit(&section, face),
            subordinated: section.flag("subordinated").unwrap_or(false),
            pricing_yield: section.rate("pricing_yield", RATE_MOST),
        };
        section.finish();
        tranche
    }

    /// `coupon = "2.6 %"`, steps `coupon = [{ from, rate }, …]`, or `index` with `spread`.
    fn coupon(&self, section: &Section) -> Coupon {
        const FLOATING: [&str; 5] =
            ["spread", "coupon_cap", "coupon_floor", "reset_months", "look_back_days"];
        if section.has("index") {
            if section.has("coupon") {
                section.find("D0240", "coupon", &[]);
            }
            return self.floating(section);
        }
        // All of them are read, so that none is unknown; the first says what is missing.
        let given: Vec<&'static str> =
            FLOATING.into_iter().filter(|key| section.has(key)).collect();
        if let Some(key) = given.first().filter(|_| !is_mistyped(section, "tranche", "index")) {
            section.find("D0241", key, &[]);
        }
        if !section.is_list("coupon") {
            return Coupon::Fixed(section.rate("coupon", RATE_MOST).unwrap_or(Rate::ZERO));
        }
        let steps = section.dated_rates("coupon", RATE_MOST).unwrap_or_default();
        match steps[..] {
            [] => Coupon::Fixed(Rate::ZERO),
            _ => Coupon::Stepped(steps),
        }
    }

    fn floating(&self, section: &Section) -> Coupon {
        let index = self.indices.iter().map(|index| index.id.as_str());
        let name = section.need_text("index");
        let index = self.resolve(section, "index", &Named::INDEX, &name, index);
        let small = |key, most, default| {
            section.count(key, most).map_or(default, |count| u32::try_from(count).expect("small"))
        };
        let every = self.every.map_or(1, Frequency::months);
        let reset_months = small("reset_months", 60, every).max(1);
        let look_back_days = small("look_back_days", 60, 0);
        let fixings = index.map(|index| self.fixings(section, index, reset_months, look_back_days));
        Coupon::Floating(Floating {
            index: index.unwrap_or(0),
            fixings: fixings.unwrap_or_default(),
            spread: section.signed_rate("spread", RATE_MOST).unwrap_or(Rate::ZERO),
            cap: section.rate("coupon_cap", RATE_MOST),
            floor: section.rate("coupon_floor", RATE_MOST),
            reset_months,
            look_back_days,
        })
    }

    /// The index at the reset of each interest period.
    pub(super) fn fixings(
        &self,
        section: &Section,
        place: usize,
        reset_months: u32,
        look_back_days: u32,
    ) -> Vec<Rate> {
        let (Some(index), Some((dates, schedule, calendar))) =
            (self.indices.get(place), self.schedule)
        else {
            return Vec::new();
        };
        let Ok(curve) = Curve::new(index.rates.clone()) else { return Vec::new() };
        let mut scheduled = dates.closing;
        let starts = schedule.payments.iter().map(|payment| {
            let start = Start { scheduled, first: payment.accrual_from };
            scheduled = payment.scheduled;
            start
        });
        let starts: Vec<Start> = starts.collect();
        let reset = Reset { from: dates.closing, every_months: reset_months, look_back_days };
        match fixings(&reset, &starts, &curve, calendar) {
            Ok(fixings) => fixings.into_iter().map(|fixing| fixing.rate).collect(),
            Err(NoFixing::BeforeCurve { fixing, first }) => {
                let facts = [
                    ("index", index.id.clone()),
                    ("first", first.to_string()),
                    ("needed", fixing.to_string()),
                ];
                if self.late.borrow_mut().insert(place) {
                    section.find("D0270", "index", &facts);
                }
                Vec::new()
            }
            Err(NoFixing::BeyondCalendar(beyond)) => {
                let facts =
                    [("calendar", dates.calendar.clone()), ("year", beyond.year.to_string())];
                section.find("D0302", "look_back_days", &facts);
                Vec::new()
            }
        }
    }

    /// `frequency = "quarterly"` or `frequency = { revolving = "quarterly", amortising = "monthly" }`.
    fn frequencies(&self, section: &Section) -> BTreeMap<State, Frequency> {
        let frequency = frequencies(section);
        if let Some(every) = self.every
            && let Some(given) = frequency.values().find(|given| given.months() < every.months())
        {
            let facts = [("given", given.word().to_string()), ("every", every.word().to_string())];
            section.find("D0217", "frequency", &facts);
        }
        frequency
    }

    /// `principal = "pass_through" | "scheduled" | "bullet"`, with the figures each needs.
    fn amortisation(&self, section: &Section, face: Amount) -> Amortisation {
        #[derive(Clone, Copy, PartialEq)]
        enum Kind {
            PassThrough,
            Scheduled,
            Bullet,
        }
        const KINDS: [(&str, Kind); 3] = [
            ("pass_through", Kind::PassThrough),
            ("scheduled", Kind::Scheduled),
            ("bullet", Kind::Bullet),
        ];
        let kind = section.choice("principal", &KINDS).unwrap_or(Kind::PassThrough);
        let balances = section.has("balances").then(|| section.amounts("balances"));
        let instalments = section.has("instalments").then(|| section.amounts("instalments"));
        let bullet = section.count("bullet_payment", 600);
        let last = self.payments.unwrap_or(0);
        match kind {
            Kind::PassThrough => {
                let keys = ["balances", "instalments", "bullet_payment"];
                let given = keys.into_iter().find(|key| section.has(key));
                if let Some(key) = given.filter(|_| !section.reported_any(&["principal"])) {
                    section.find("D0243", key, &[]);
                }
                Amortisation::PassThrough
            }
            Kind::Bullet => {
                let payment = bullet.map_or(last, |n| usize::try_from(n).expect("small"));
                if self.payments.is_some() && !(1..=last).contains(&payment) {
                    let facts = [("given", payment.to_string()), ("payments", last.to_string())];
                    section.find("D0213", "bullet_payment", &facts);
                }
                Amortisation::Bullet { payment: payment.clamp(1, last.max(1)) }
            }
            Kind::Scheduled => match (balances, instalments) {
                (Some(balances), None) => {
                    falling(section, &balances, face);
                    self.scheduled(section, "balances", balances)
                }
                (None, Some(paid)) => {
                    let balances = after_instalments(section, &paid, face);
                    self.scheduled(section, "instalments", balances)
                }
                _ => {
                    if !section.reported_any(&["balances", "instalments"]) {
                        section.find("D0244", "principal", &[]);
                    }
                    Amortisation::PassThrough
                }
            },
        }
    }

    /// Target balances by payment date: the last one holds to the end, where all is due.
    fn scheduled(
        &self,
        section: &Section,
        key: &'static str,
        mut balances: Vec<Amount>,
    ) -> Amortisation {
        let Some(payments) = self.payments else { return Amortisation::Scheduled(balances) };
        if balances.len() > payments {
            let facts = [("given", balances.len().to_string()), ("payments", payments.to_string())];
            section.find("D0213", key, &facts);
        }
        let last = balances.last().copied().unwrap_or(Amount::ZERO);
        balances.resize(payments, last);
        // Whatever the schedule leaves is due on the last payment date.
        if let Some(end) = balances.last_mut() {
            *end = Amount::ZERO;
        }
        Amortisation::Scheduled(balances)
    }
}

/// Reports the first balance that is more than the one before it, or more than the face.
fn falling(section: &Section, balances: &[Amount], face: Amount) {
    let before = std::iter::once(&face).chain(balances);
    let rises = (1..).zip(balances.iter().zip(before)).find(|(_, (after, before))| after > before);
    let Some((payment, (after, before))) = rises else { return };
    let payment: usize = payment;
    if !section.reported_any(&["balances", "face"]) {
        let facts = [
            ("payment", payment.to_string()),
            ("given", after.grouped()),
            ("before", before.grouped()),
        ];
        section.find("D0245", "balances", &facts);
    }
}

/// What instalments leave of the face; more than the face is reported.
fn after_instalments(section: &Section, paid: &[Amount], face: Amount) -> Vec<Amount> {
    let sum: Amount = paid.iter().copied().sum();
    if sum > face && !section.reported_any(&["instalments", "face"]) {
        let facts = [("sum", sum.grouped()), ("face", face.grouped())];
        section.find("D0344", "instalments", &facts);
    }
    let mut left = face;
    let balances = paid.iter().map(|paid| {
        left = (left - *paid).max(Amount::ZERO);
        left
    });
    balances.collect()
}

fn unpaid_interest(section: &Section) -> UnpaidInterest {
    let cumulative = section.flag("cumulative");
    let word = section.choice("unpaid_interest", &UnpaidInterest::WORDS);
    if cumulative.is_some() && section.has("unpaid_interest") {
        section.find("D0246", "cumulative", &[]);
    }
    word.unwrap_or(match cumulative {
        Some(false) => UnpaidInterest::Lapses,
        Some(true) | None => UnpaidInterest::Carried,
    })
}

/// `per_hundred = { places = 4, odd_cents = "kept" }`.
fn per_unit(section: &Section, face: Option<Amount>) -> Option<PerUnit> {
    const PLACES: [(i64, u32); 2] = [(2, 2), (4, 4)];
    const ODD: [(&str, OddCents); 2] =
        [("kept", OddCents::Kept), ("passed_on", OddCents::PassedOn)];
    if !section.has("per_hundred") {
        return None;
    }
    let below = section.section("per_hundred")?;
    let given = below.count("places", 4).unwrap_or(2);
    let places = PLACES.iter().find(|(known, _)| *known == given).map(|(_, places)| *places);
    if places.is_none() {
        below.wrong_kind("places", "2 | 4");
    }
    let odd = below.choice("odd_cents", &ODD).unwrap_or(OddCents::Kept);
    below.finish();
    // The face that one step of the payment per 100 is a whole cent of.
    let unit = if places == Some(4) { 1_000_000 } else { 10_000 };
    if let Some(face) = face.filter(|face| face.minor() % unit != 0) {
        let facts = [
            ("face", face.grouped()),
            ("unit", Amount::from_minor(unit).grouped()),
            ("places", given.to_string()),
        ];
        section.find("D0273", "face", &facts);
    }
    places.map(|places| PerUnit { places, odd })
}

fn frequencies(section: &Section) -> BTreeMap<State, Frequency> {
    if !section.has("frequency") {
        return BTreeMap::new();
    }
    let words = Frequency::WORDS;
    let all = State::WORDS.map(|(_, state)| state);
    if section.is_text("frequency") {
        let frequency = section.choice("frequency", &words);
        return frequency
            .map(|frequency| all.map(|state| (state, frequency)).into())
            .unwrap_or_default();
    }
    let Some(by_state) = section.section("frequency") else { return BTreeMap::new() };
    let read = State::WORDS
        .iter()
        .filter_map(|(word, state)| {
            by_state.choice(word, &words).map(|frequency| (*state, frequency))
        })
        .collect();
    by_state.finish();
    read
}
