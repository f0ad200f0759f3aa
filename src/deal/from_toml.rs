//! The deal file becomes a [`Deal`]; everything that does not fit becomes a finding at its line.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::{
    AccrualDates, Base, Charge, Condition, Consequence, Dates, Deal, Due, Fee, Files, Flag,
    Frequency, Income, Metric, Payment, Schedule, Sharing, State, Step, Tax, Text, Tranche,
    Trigger,
};
use crate::config::{Document, Section, closest, nearest};
use crate::finding::{Checked, Finding, Origin};
use crate::money::{Amount, Rate, Rounding};
use crate::pool::{ArrearsRule, PlanBasis, PoolTerms, ProductTerms, Remainder};
use crate::time::{Calendar, Convention, DayCount};

/// Annual rates at or above 100 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::ONE;
/// Coverage may lie well above 100 %.
const COVERAGE_MOST: Rate = Rate::from_parts(20 * Rate::ONE.parts());

/// Forty years of months are more than any pool of consumer receivables lives.
const MONTHS_MOST: i64 = 480;

impl Deal {
    /// Reads a deal file.
    ///
    /// `None` when the file is not TOML at all or lacks what every deal needs; the findings say why.
    pub fn from_toml(file: &str, text: &str) -> Checked<Option<Deal>> {
        Deal::from_document(Document::parse(file, text))
    }

    /// Reads a deal from its parsed file and the files that it extends.
    pub fn from_document(parsed: Result<Document, Vec<Finding>>) -> Checked<Option<Deal>> {
        let document = match parsed {
            Ok(document) => document,
            Err(findings) => return Checked::new(None, findings),
        };
        let deal = read(&document);
        Checked::new(deal, document.into_findings())
    }
}

fn read(document: &Document) -> Option<Deal> {
    let root = document.root();
    let (name, currency, template_defaults) = identity(&root);
    let (files, pool, purchase_price) = pool(&root);
    let cutoff = pool.as_ref().map(|pool| pool.cutoff);
    let dates = root.section("dates").and_then(|section| read_dates(section, cutoff));
    if !root.has("dates") {
        root.missing("dates");
    }
    let payments = dates.as_ref().map(|(_, schedule)| schedule.payments.len());
    let every = dates.as_ref().map(|(dates, _)| dates.payment_every);
    let (tranches, tranche_ids) = blocks(&root, "tranche", |section| tranche(section, every));
    if tranches.is_empty() && !root.has("tranche") {
        root.missing("tranche");
    }
    let (fees, fee_ids) = blocks(&root, "fee", |section| fee(section, payments));
    unique("tranche", tranches.iter().map(|tranche| &tranche.id).zip(&tranche_ids), document);
    unique("fee", fees.iter().map(|fee| &fee.id).zip(&fee_ids), document);
    let tax = root.section("tax").map(tax);
    let (triggers, ids) = blocks(&root, "trigger", |section| trigger(section, payments));
    unique("trigger", triggers.iter().map(|trigger| &trigger.id).zip(&ids), document);
    let names = Names {
        root: &root,
        tranches: &tranches,
        fees: &fees,
        triggers: &triggers,
        tax: tax.is_some(),
    };
    let (steps, step_origins, understood) = steps(&root, &names);
    if steps.is_empty() && !root.has("step") {
        root.missing("step");
    }
    let account_income = root.amounts("account_income");
    let places = Places { tranches: &tranche_ids, fees: &fee_ids, steps: &step_origins };
    // A payment that was not understood may be the one that would be missed.
    if understood {
        names.everything_is_paid(document, &steps, &places);
    }
    root.finish();
    let (dates, schedule) = dates?;
    Some(Deal {
        name,
        currency,
        files,
        pool: pool?,
        purchase_price,
        dates,
        schedule,
        tranches,
        fees,
        tax,
        account_income,
        triggers,
        steps,
        template_defaults,
    })
}

/// The blocks of one kind, with the place of each one's id.
fn blocks<T>(
    root: &Section,
    key: &'static str,
    read: impl Fn(Section) -> T,
) -> (Vec<T>, Vec<Origin>) {
    let sections = root.tables(key).into_iter();
    sections
        .map(|section| {
            let origin = section.origin("id");
            (read(section), origin)
        })
        .unzip()
}

/// The steps, with the place of each one's payments, and whether every payment was understood.
fn steps(root: &Section, names: &Names) -> (Vec<Step>, Vec<Origin>, bool) {
    let (mut steps, mut origins, mut understood) = (Vec::new(), Vec::new(), true);
    for section in root.tables("step") {
        origins.push(section.origin("pay"));
        let (step, whole) = names.step(section);
        steps.push(step);
        understood &= whole;
    }
    (steps, origins, understood)
}

fn identity(root: &Section) -> (Text, String, BTreeSet<String>) {
    let Some(section) = root.section("deal") else {
        if !root.has("deal") {
            root.missing("deal");
        }
        return (Text::default(), "CNY".to_string(), BTreeSet::new());
    };
    if !section.has("name") {
        section.missing("name");
    }
    let name = section.bilingual("name").unwrap_or_default();
    let currency = section.text("currency").unwrap_or_else(|| "CNY".to_string());
    let defaults = section.texts("template_defaults").into_iter().collect();
    section.finish();
    (name, currency, defaults)
}

fn pool(root: &Section) -> (Files, Option<PoolTerms>, Option<Amount>) {
    let Some(section) = root.section("pool") else {
        if !root.has("pool") {
            root.missing("pool");
        }
        return (Files::default(), None, None);
    };
    let files = Files {
        tape: section.file("tape"),
        mapping: section.file("mapping"),
        assumptions: section.file("assumptions"),
    };
    let cutoff = section.need_date("cutoff");
    let price = section.amount("purchase_price");
    let default_terms = product_terms(&section, ProductTerms::default());
    let by_product = section
        .named("product")
        .into_iter()
        .map(|(name, product)| {
            let terms = product_terms(&product, default_terms);
            product.finish();
            (name, terms)
        })
        .collect();
    section.finish();
    (files, cutoff.map(|cutoff| PoolTerms { cutoff, default_terms, by_product }), price)
}

fn product_terms(section: &Section, default: ProductTerms) -> ProductTerms {
    const ROUNDING: [(&str, Rounding); 3] =
        [("half_up", Rounding::HalfUp), ("up", Rounding::Up), ("down", Rounding::Down)];
    const REMAINDER: [(&str, Remainder); 2] =
        [("last", Remainder::Last), ("first", Remainder::First)];
    const PLAN_FROM: [(&str, PlanBasis); 2] =
        [("terms", PlanBasis::Terms), ("balance", PlanBasis::Balance)];
    const ARREARS: [(&str, ArrearsRule); 2] =
        [("first_period", ArrearsRule::FirstPeriod), ("not_paid", ArrearsRule::NotPaid)];
    ProductTerms {
        instalment_rounding: section
            .choice("instalment_rounding", &ROUNDING)
            .unwrap_or(default.instalment_rounding),
        remainder: section.choice("remainder", &REMAINDER).unwrap_or(default.remainder),
        plan_from: section.choice("plan_from", &PLAN_FROM).unwrap_or(default.plan_from),
        arrears: section.choice("arrears", &ARREARS).unwrap_or(default.arrears),
    }
}

fn read_dates(section: Section, cutoff: Option<NaiveDate>) -> Option<(Dates, Schedule)> {
    const CONVENTIONS: [(&str, Convention); 4] = [
        ("unadjusted", Convention::Unadjusted),
        ("following", Convention::Following),
        ("preceding", Convention::Preceding),
        ("modified_following", Convention::ModifiedFollowing),
    ];
    const ACCRUAL: [(&str, AccrualDates); 2] =
        [("scheduled", AccrualDates::Scheduled), ("adjusted", AccrualDates::Adjusted)];
    let closing = section.need_date("closing");
    let first_payment = section.need_date("first_payment");
    let legal_maturity = section.need_date("legal_maturity");
    let small = |key, default| {
        section.count(key, 60).map_or(default, |count| u32::try_from(count).expect("at most 60"))
    };
    let days = |key, default| {
        section.count(key, 60).map_or(default, |count| i32::try_from(count).expect("at most 60"))
    };
    let revolving = section.count("revolving_payments", 600).unwrap_or(0);
    let rules = |closing, first_payment, legal_maturity| Dates {
        closing,
        first_payment,
        legal_maturity,
        payment_every: section
            .choice("payment_every", &Frequency::WORDS)
            .unwrap_or(Frequency::Monthly),
        business_day: section.choice("business_day", &CONVENTIONS).unwrap_or(Convention::Following),
        calendar: section.text("calendar").unwrap_or_else(|| "weekends".to_string()),
        accrual_to: section.choice("accrual_to", &ACCRUAL).unwrap_or(AccrualDates::Scheduled),
        determination_lag_months: small("determination_lag_months", 1),
        transfer_lag_days: days("transfer_lag_days", 0),
        record_lag_days: days("record_lag_days", 1),
        notice_days: section
            .counts("notice_days", 60)
            .into_iter()
            .filter_map(|days| i32::try_from(days).ok())
            .collect(),
        revolving_payments: usize::try_from(revolving).expect("at most 600"),
    };
    // Read with stand-ins when a date is missing, so that the other keys are still checked.
    let dates = rules(
        closing.unwrap_or_default(),
        first_payment.unwrap_or_default(),
        legal_maturity.unwrap_or_default(),
    );
    let calendar = calendar(&section, &dates.calendar);
    let (Some(cutoff), Some(_), Some(_), Some(_)) =
        (cutoff, closing, first_payment, legal_maturity)
    else {
        section.finish();
        return None;
    };
    let mut ordered = not_too_long(&section, &dates, cutoff);
    for (key, date, after, after_name) in [
        ("closing", dates.closing, cutoff, "pool.cutoff"),
        ("first_payment", dates.first_payment, dates.closing, "closing"),
        ("legal_maturity", dates.legal_maturity, dates.first_payment, "first_payment"),
    ] {
        if date < after || (key == "first_payment" && date == after) {
            ordered = false;
            section.find(
                "D0301",
                key,
                &[
                    ("date", date.to_string()),
                    ("other", after_name.to_string()),
                    ("other_date", after.to_string()),
                ],
            );
        }
    }
    let schedule = calendar.and_then(|calendar| {
        if !ordered {
            return None;
        }
        match Schedule::new(&dates, cutoff, &calendar) {
            Ok(schedule) => Some(schedule),
            Err(beyond) => {
                section.find(
                    "D0302",
                    "legal_maturity",
                    &[("calendar", dates.calendar.clone()), ("year", beyond.year.to_string())],
                );
                None
            }
        }
    });
    if let Some(schedule) = &schedule
        && schedule.payments.first().is_some_and(|payment| payment.determination <= cutoff)
    {
        section.find(
            "D0303",
            "first_payment",
            &[
                ("determination", schedule.payments[0].determination.to_string()),
                ("cutoff", cutoff.to_string()),
            ],
        );
    }
    if let Some(schedule) = &schedule
        && dates.revolving_payments >= schedule.payments.len()
    {
        let count = |count: usize| count.to_string();
        let facts = [
            ("given", count(dates.revolving_payments)),
            ("payments", count(schedule.payments.len())),
        ];
        section.find("D0307", "revolving_payments", &facts);
    }
    section.finish();
    schedule.map(|schedule| (dates, schedule))
}

/// Reports a deal whose months would not fit a workbook: a digit of a year went wrong.
fn not_too_long(section: &Section, dates: &Dates, cutoff: NaiveDate) -> bool {
    let first = cutoff.min(dates.closing);
    let months = i64::from(dates.legal_maturity.year() - first.year()) * 12;
    if months <= MONTHS_MOST {
        return true;
    }
    let facts = [
        ("first", first.to_string()),
        ("date", dates.legal_maturity.to_string()),
        ("years", (months / 12).to_string()),
        ("most", (MONTHS_MOST / 12).to_string()),
    ];
    section.find("D0306", "legal_maturity", &facts);
    false
}

fn calendar(section: &Section, name: &str) -> Option<Calendar> {
    let found = Calendar::built_in(name);
    if found.is_none() {
        section.find(
            "D0304",
            "calendar",
            &[
                ("given", name.to_string()),
                ("choices", "`SSE`, `CIBM`, `weekends`, `none`".to_string()),
            ],
        );
    }
    found
}

const DAY_COUNTS: [(&str, DayCount); 6] = [
    ("act_365", DayCount::Act365),
    ("act_365_no_leap", DayCount::Act365NoLeap),
    ("act_360", DayCount::Act360),
    ("thirty_360_us", DayCount::Thirty360Us),
    ("thirty_360_e", DayCount::Thirty360E),
    ("thirty_360_isda", DayCount::Thirty360Isda),
];

fn day_count(section: &Section) -> DayCount {
    section.choice("day_count", &DAY_COUNTS).unwrap_or(DayCount::Act365)
}

fn tranche(section: Section, every: Option<Frequency>) -> Tranche {
    let id = section.need_id("id");
    let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
    if !section.has("face") {
        section.missing("face");
    }
    let face = section.amount("face");
    if face == Some(Amount::ZERO) {
        section.wrong_kind("face", "1234.56");
    }
    let coupon = section.rate("coupon", RATE_MOST).unwrap_or(Rate::ZERO);
    let frequency = frequencies(&section);
    if let Some(every) = every
        && let Some(given) = frequency.values().find(|given| given.months() < every.months())
    {
        let facts = [("given", given.word().to_string()), ("every", every.word().to_string())];
        section.find("D0217", "frequency", &facts);
    }
    let tranche = Tranche {
        id,
        name,
        face: face.unwrap_or(Amount::ZERO),
        coupon,
        day_count: day_count(&section),
        frequency,
        cumulative: section.flag("cumulative").unwrap_or(true),
        subordinated: section.flag("subordinated").unwrap_or(false),
        pricing_yield: section.rate("pricing_yield", RATE_MOST),
    };
    section.finish();
    tranche
}

/// `frequency = "quarterly"` or `frequency = { revolving = "quarterly", amortising = "monthly" }`.
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

fn fee(section: Section, payment_dates: Option<usize>) -> Fee {
    const BASES: [(&str, Option<Base>); 3] =
        [("securities", Some(Base::Securities)), ("pool", Some(Base::Pool)), ("paid", None)];
    let id = section.need_id("id");
    let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
    let (amount, rate) = (section.amount("amount"), section.rate("rate", RATE_MOST));
    let base = section.choice("base", &BASES);
    let day_count = day_count(&section);
    let payments = numbers(&section, "payments", payment_dates);
    let charge = match (amount, rate, base) {
        (Some(amount), None, None) => Charge::Fixed { amount, payments },
        (None, Some(rate), Some(Some(base))) => Charge::Rate { rate, base, day_count },
        (None, Some(rate), Some(None)) => Charge::OnPaid { rate },
        _ => {
            if !(section.reported_any(&["amount", "rate", "base"])) {
                section.find("D0201", "id", &[("fee", id.clone())]);
            }
            Charge::Fixed { amount: Amount::ZERO, payments: Vec::new() }
        }
    };
    section.finish();
    Fee { id, name, charge }
}

/// Numbers of payment dates; those beyond the last one are reported.
fn numbers(section: &Section, key: &'static str, payment_dates: Option<usize>) -> Vec<usize> {
    let numbers = section.counts(key, MONTHS_MOST).into_iter();
    let numbers: Vec<usize> = numbers.filter_map(|n| usize::try_from(n).ok()).collect();
    let Some(last) = payment_dates else { return numbers };
    let beyond: Vec<String> =
        numbers.iter().filter(|n| **n > last).map(ToString::to_string).collect();
    if !beyond.is_empty() {
        section.find("D0213", key, &[("given", beyond.join(", ")), ("payments", last.to_string())]);
    }
    numbers
}

fn tax(section: Section) -> Tax {
    for key in ["vat", "surcharge"] {
        if !section.has(key) {
            section.missing(key);
        }
    }
    let vat = section.rate("vat", RATE_MOST).unwrap_or(Rate::ZERO);
    let surcharge = section.rate("surcharge", RATE_MOST).unwrap_or(Rate::ZERO);
    let words = section.texts("income");
    let mut income = BTreeSet::new();
    for word in &words {
        match Income::WORDS.iter().find(|(known, _)| known == word) {
            Some((_, class)) => {
                income.insert(*class);
            }
            None => section.find(
                "F0108",
                "income",
                &[
                    ("given", word.clone()),
                    ("choices", "`interest`, `fee`".to_string()),
                    ("suggestion", closest(word, ["interest", "fee"].into_iter()).to_string()),
                ],
            ),
        }
    }
    if words.is_empty() {
        income = [Income::Interest, Income::Fee].into();
    }
    section.finish();
    Tax { vat, surcharge, income }
}

fn trigger(section: Section, payment_dates: Option<usize>) -> Trigger {
    let id = section.need_id("id");
    let name = section.bilingual("name").unwrap_or_else(|| Text::same(&id));
    if !section.has("metric") {
        section.missing("metric");
    }
    let metric = section.choice("metric", &Metric::WORDS).unwrap_or(Metric::CumulativeDefaultRatio);
    let most = match metric {
        Metric::SeniorCoverage => COVERAGE_MOST,
        Metric::CumulativeDefaultRatio | Metric::PoolFactor => RATE_MOST,
    };
    let above = section.rates("above", most);
    let below = section.rates("below", most);
    let none = |rates: &Option<Vec<Rate>>| rates.as_ref().is_none_or(Vec::is_empty);
    if (above.is_some() == below.is_some() || none(&above) && none(&below))
        && !section.reported_any(&["above", "below"])
    {
        section.find("D0202", "id", &[("trigger", id.clone())]);
    }
    let is_above = above.is_some();
    let rates = above.or(below).unwrap_or_default();
    let from = numbers(&section, "from_payments", payment_dates);
    let in_step = from.len() == rates.len() && from.is_sorted_by(|one, next| one < next);
    if !in_step && !from.is_empty() && !section.reported_any(&["above", "below", "from_payments"]) {
        let facts = [("thresholds", rates.len().to_string()), ("numbers", from.len().to_string())];
        section.find("D0214", "from_payments", &facts);
    }
    let thresholds = rates
        .iter()
        .enumerate()
        .map(|(index, rate)| (from.get(index).copied().unwrap_or(index + 1), *rate));
    let thresholds = thresholds.collect();
    let trigger = Trigger {
        id,
        name,
        metric,
        above: is_above,
        thresholds,
        curable: section.flag("curable").unwrap_or(false),
        effect_lag: usize::try_from(section.count("effect_lag", 12).unwrap_or(0))
            .expect("at most 12"),
        consequence: section
            .choice("consequence", &Consequence::WORDS)
            .unwrap_or(Consequence::Flag),
    };
    section.finish();
    trigger
}

/// What steps may name.
struct Names<'a> {
    root: &'a Section<'a>,
    tranches: &'a [Tranche],
    fees: &'a [Fee],
    triggers: &'a [Trigger],
    tax: bool,
}

impl Names<'_> {
    fn step(&self, section: Section) -> (Step, bool) {
        const SHARING: [(&str, Sharing); 2] =
            [("sequential", Sharing::Sequential), ("pro_rata", Sharing::ProRata)];
        let pay = section.tables("pay");
        if pay.is_empty() && !section.has("pay") {
            section.missing("pay");
        }
        let states = section.texts("states").into_iter().filter_map(|word| {
            let found =
                State::WORDS.iter().find(|(known, _)| *known == word).map(|(_, state)| *state);
            if found.is_none() {
                section.find(
                    "F0108",
                    "states",
                    &[
                        ("given", word.clone()),
                        ("choices", State::WORDS.map(|(word, _)| format!("`{word}`")).join(", ")),
                        (
                            "suggestion",
                            closest(&word, State::WORDS.iter().map(|(word, _)| *word)).to_string(),
                        ),
                    ],
                );
            }
            found
        });
        let payments = pay.len();
        let step = Step {
            clause: section.text("clause").unwrap_or_default(),
            name: section.bilingual("name"),
            states: states.collect(),
            when: section
                .text("when")
                .map(|text| self.conditions(&section, &text))
                .unwrap_or_default(),
            pay: pay.into_iter().filter_map(|payee| self.payment(payee)).collect(),
            sharing: section.choice("sharing", &SHARING).unwrap_or_default(),
        };
        self.shared_once(&section, &step);
        section.finish();
        let understood = step.pay.len() == payments;
        (step, understood)
    }

    /// Payees of a shared step are paid side by side: each claim once, and no fee that depends on
    /// what the others get.
    fn shared_once(&self, section: &Section, step: &Step) {
        if step.sharing != Sharing::ProRata {
            return;
        }
        let mut seen: Vec<Due> = Vec::new();
        for Payment { due, .. } in &step.pay {
            let remainder = matches!(due, Due::Remainder(_));
            if seen.contains(due) || remainder || self.is_on_paid(*due) {
                section.find("D0215", "sharing", &[]);
                return;
            }
            seen.push(*due);
        }
    }

    fn is_on_paid(&self, due: Due) -> bool {
        matches!(due, Due::Fee(fee) if matches!(self.fees[fee].charge, Charge::OnPaid { .. }))
    }

    fn payment(&self, section: Section) -> Option<Payment> {
        type Named = fn(usize) -> Due;
        const DUES: [(&str, Named); 3] = [
            ("interest", Due::Interest),
            ("principal", Due::Principal),
            ("remainder", Due::Remainder),
        ];
        let cap = section.amount("cap");
        let due = if section.has("tranche") {
            let name = section.need_text("tranche");
            if !section.has("due") {
                section.missing("due");
            }
            let due = section.choice("due", &DUES);
            let ids = self.tranches.iter().map(|tranche| tranche.id.as_str());
            let place = self.resolve(&section, "tranche", "D0203", &name, ids);
            due.zip(place).map(|(due, place)| due(place))
        } else if section.has("fee") {
            let name = section.need_text("fee");
            let ids = self.fees.iter().map(|fee| fee.id.as_str());
            self.resolve(&section, "fee", "D0204", &name, ids).map(Due::Fee)
        } else if section.flag("tax") == Some(true) {
            if !self.tax {
                section.find("D0205", "tax", &[]);
            }
            self.tax.then_some(Due::Tax)
        } else {
            // A mistyped payee is reported as an unknown key.
            if section.knows(&["cap", "due", "tax"]) {
                section.find("D0206", "due", &[]);
            }
            section.has("due");
            None
        };
        section.finish();
        due.map(|due| Payment { due, cap })
    }

    fn resolve<'b>(
        &self,
        section: &Section,
        key: &'static str,
        code: &'static str,
        name: &str,
        ids: impl Iterator<Item = &'b str> + Clone,
    ) -> Option<usize> {
        let place = ids.clone().position(|id| id == name);
        if place.is_none() && ids.clone().next().is_none() {
            // A block that is missing or could not be read is reported once, not at every name.
            if !self.root.reported_any(&[key]) {
                section.find(
                    "D0216",
                    key,
                    &[("kind", key.to_string()), ("name", name.to_string())],
                );
            }
        } else if place.is_none() {
            let known = ids.clone().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let suggestion = nearest(name, ids).map_or(known.clone(), |near| format!("`{near}`"));
            section.find(
                code,
                key,
                &[("name", name.to_string()), ("known", known), ("suggestion", suggestion)],
            );
        }
        place
    }

    /// `not accelerated and breach`: flags joined by `and`, each with an optional `not`.
    fn conditions(&self, section: &Section, text: &str) -> Vec<Condition> {
        let flags = text.split(" and ").filter_map(|part| {
            let part = part.trim();
            let (negated, name) =
                part.strip_prefix("not ").map_or((false, part), |name| (true, name.trim()));
            let state = State::WORDS.iter().find(|(word, _)| *word == name);
            let trigger = self.triggers.iter().position(|trigger| trigger.id == name);
            let flag = state.map(|(_, state)| Flag::State(*state)).or(trigger.map(Flag::Trigger));
            if flag.is_none() {
                let known: Vec<&str> = State::WORDS
                    .iter()
                    .map(|(word, _)| *word)
                    .chain(self.triggers.iter().map(|trigger| trigger.id.as_str()))
                    .collect();
                section.find(
                    "D0207",
                    "when",
                    &[
                        ("name", name.to_string()),
                        (
                            "known",
                            known
                                .iter()
                                .map(|word| format!("`{word}`"))
                                .collect::<Vec<_>>()
                                .join(", "),
                        ),
                    ],
                );
            }
            flag.map(|flag| Condition { negated, flag })
        });
        flags.collect()
    }

    /// Tranches and fees that no step pays, and cash that no step takes.
    fn everything_is_paid(&self, document: &Document, steps: &[Step], places: &Places) {
        let dues: Vec<(Due, &Origin)> = steps
            .iter()
            .zip(places.steps)
            .flat_map(|(step, origin)| step.pay.iter().map(move |payment| (payment.due, origin)))
            .collect();
        let Some((_, last)) = dues.last() else { return };
        let is_paid = |due: Due| dues.iter().any(|(known, _)| *known == due);
        for (place, tranche) in self.tranches.iter().enumerate() {
            // Of two with the same id, the second is reported for that alone.
            let second = self.tranches[..place].iter().any(|other| other.id == tranche.id);
            if !second && !is_paid(Due::Principal(place)) {
                let finding = Finding::new("D0208", places.tranches[place].clone());
                document.find(finding.with("tranche", &tranche.id));
            }
        }
        for (place, fee) in self.fees.iter().enumerate() {
            let second = self.fees[..place].iter().any(|other| other.id == fee.id);
            if !second && !is_paid(Due::Fee(place)) {
                let finding = Finding::new("D0209", places.fees[place].clone());
                document.find(finding.with("fee", &fee.id));
            }
        }
        if self.tax && !is_paid(Due::Tax) {
            document.find(Finding::new("D0220", (*last).clone()));
        }
        if !dues.iter().any(|(due, _)| matches!(due, Due::Remainder(_))) {
            document.find(Finding::new("D0210", (*last).clone()));
        }
        self.paid_fee_above_holders(document, &dues);
    }

    /// The closed form of the fee on what is paid needs every payee below it to be a holder.
    fn paid_fee_above_holders(&self, document: &Document, dues: &[(Due, &Origin)]) {
        let Some(first) = dues.iter().position(|(due, _)| self.is_on_paid(*due)) else { return };
        let (Due::Fee(fee), origin) = dues[first] else { return };
        if dues[first + 1..].iter().any(|(due, _)| matches!(due, Due::Fee(_) | Due::Tax)) {
            document.find(Finding::new("D0211", origin.clone()).with("fee", &self.fees[fee].id));
        }
    }
}

/// Where the parts of a deal stand in its file.
struct Places<'a> {
    tranches: &'a [Origin],
    fees: &'a [Origin],
    steps: &'a [Origin],
}

fn unique<'a>(
    kind: &'static str,
    ids: impl Iterator<Item = (&'a String, &'a Origin)>,
    document: &Document,
) {
    let mut seen = BTreeSet::new();
    for (id, origin) in ids {
        if !seen.insert(id) && !id.is_empty() {
            document.find(Finding::new("D0212", origin.clone()).with("kind", kind).with("id", id));
        }
    }
}
