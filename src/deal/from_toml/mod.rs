//! The deal file becomes a [`Deal`]; everything that does not fit becomes a finding at its line.
//!
//! Blocks are read in the order in which they may name each other: indices and definitions, then
//! tranches, fees, accounts, triggers, and last the steps, which may name everything.

mod cadence;
mod dates;
mod eligibility;
mod fee;
mod limit;
mod money;
mod named;
mod notional;
mod purchase;
mod step;
mod subpool;
mod tranche;
mod trigger;
mod whole;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::define::{self, Names};
use super::{
    CashAccount, Dates, Deal, Definition, Facility, Fee, Files, Frequency, Index, Schedule, Step,
    Subpool, Swap, Text, Tranche, Trigger,
};
use crate::config::{Document, Section};
use crate::finding::{Checked, Finding, Origin};
use crate::money::{Amount, Rounding};
use crate::pool::{ArrearsRule, PlanBasis, PoolTerms, ProductTerms, Remainder, SUBPOOL};
use crate::portfolio::stratification;
use crate::time::{Calendar, DayCount};

/// Forty years of months are more than any pool of consumer receivables lives.
const MONTHS_MOST: i64 = 480;

impl Deal {
    /// Reads a deal file.
    ///
    /// `None` when the file is not TOML at all or lacks what every deal needs; the findings say why.
    pub fn from_toml(file: &str, text: &str) -> Checked<Option<Deal>> {
        let alone = |_: &str| Err(std::io::ErrorKind::NotFound.into());
        Deal::from_document(Document::parse(file, text), &alone)
    }

    /// Reads a deal from its parsed file and the files that it extends; `load` gives the text of a
    /// calendar beside it.
    pub fn from_document(
        parsed: Result<Document, Vec<Finding>>,
        load: &dyn Fn(&str) -> std::io::Result<String>,
    ) -> Checked<Option<Deal>> {
        let document = match parsed {
            Ok(document) => document,
            Err(findings) => return Checked::new(None, findings),
        };
        let deal = read(&document, load);
        Checked::new(deal, document.into_findings())
    }
}

/// What a deal says of its pool, whatever else is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedPool {
    /// The files.
    pub(crate) files: Files,
    /// The terms, where there is a cut-off date.
    pub(crate) terms: Option<PoolTerms>,
    /// The sub-pools with their tapes.
    pub(crate) subpools: Vec<Subpool>,
}

impl Deal {
    /// The pool that a file names; what is found on the way is told by [`Deal::from_document`].
    pub(crate) fn pool_of(document: &Document) -> NamedPool {
        let root = document.root();
        let (files, terms, _) = pool(&root);
        let subpools = subpools(document, &root, terms.as_ref());
        NamedPool { files, terms, subpools }
    }
}

/// What blocks may name, as far as it has been read.
struct Reader<'a> {
    root: &'a Section<'a>,
    /// The number of payment dates.
    payments: Option<usize>,
    /// How often the deal pays.
    every: Option<Frequency>,
    /// The dates, where they could be made.
    schedule: Option<(&'a Dates, &'a Schedule, &'a Calendar)>,
    indices: Vec<Index>,
    definitions: Vec<Definition>,
    /// Names of `[define]` as written, understood or not.
    defined: BTreeSet<String>,
    /// All names that definitions may use.
    names: Names,
    /// Indices that begin too late, by place: each is reported once.
    late: RefCell<BTreeSet<usize>>,
    tranches: Vec<Tranche>,
    fees: Vec<Fee>,
    accounts: Vec<CashAccount>,
    facilities: Vec<Facility>,
    swaps: Vec<Swap>,
    triggers: Vec<Trigger>,
    tax: bool,
    /// The ids of the sub-pools.
    subpools: Vec<String>,
}

fn read(document: &Document, load: &dyn Fn(&str) -> std::io::Result<String>) -> Option<Deal> {
    let root = document.root();
    let (name, currency, template_defaults) = identity(&root);
    let (files, pool, purchase_price) = pool(&root);
    let cutoff = pool.as_ref().map(|pool| pool.cutoff);
    let subpools = subpools(document, &root, pool.as_ref());
    let dates = root.section("dates").and_then(|section| dates::read_dates(section, cutoff, load));
    for key in ["dates", "tranche", "step"] {
        if !root.has(key) {
            root.missing(key);
        }
    }
    let mut reader = Reader {
        root: &root,
        payments: dates.as_ref().map(|(_, schedule, _)| schedule.payments.len()),
        every: dates.as_ref().map(|(dates, ..)| dates.payment_every),
        schedule: dates.as_ref().map(|(dates, schedule, calendar)| (dates, schedule, calendar)),
        indices: Vec::new(),
        definitions: Vec::new(),
        defined: BTreeSet::new(),
        names: Names::default(),
        late: RefCell::default(),
        tranches: Vec::new(),
        fees: Vec::new(),
        accounts: Vec::new(),
        facilities: Vec::new(),
        swaps: Vec::new(),
        triggers: Vec::new(),
        tax: root.has("tax"),
        subpools: root
            .peek_each("subpool", "id")
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect(),
    };
    reader.definitions(&root);
    let places = reader.blocks(document);
    reader.notional_has_a_balance();
    reader.accounts_fit();
    let tax = fee::taxes(&root);
    let mut call = None;
    if let Some(section) = root.section("call") {
        call = reader.call(section);
    }
    let purchase = root.section("purchase").map(|section| reader.purchase(section));
    let clauses: Vec<Option<String>> = root.peek_each("step", "clause");
    let (supports, ids) = blocks(&root, "support", |section| reader.support(section, &clauses));
    unique("support", supports.iter().map(|support| &support.id).zip(&ids), document);
    let (steps, step_origins, understood) = reader.steps();
    let account_income = root.amounts("account_income");
    let maturity = dates.as_ref().map(|(dates, ..)| dates.legal_maturity);
    let (criteria, ids) =
        blocks(&root, "eligibility", |section| eligibility::criterion(section, maturity));
    let named = criteria.iter().zip(&ids).filter_map(|(read, id)| Some((&read.as_ref()?.id, id)));
    unique("eligibility", named, document);
    let (limits, ids) = blocks(&root, "limit", |section| limit::limit(section, maturity));
    let named = limits.iter().zip(&ids).filter_map(|(read, id)| Some((&read.as_ref()?.id, id)));
    unique("limit", named, document);
    let stratification = stratification::dimensions(root.tables("stratification"), document);
    // A payment that was not understood may be the one that would be missed.
    if understood {
        let places = Places { steps: &step_origins, ..places };
        reader.everything_is_paid(document, &steps, &places);
        reader.purchases_fit(document, &steps, &step_origins, purchase.as_ref());
    }
    let Reader {
        indices, definitions, tranches, fees, accounts, facilities, swaps, triggers, ..
    } = reader;
    root.finish();
    let (dates, schedule, _) = dates?;
    let deal = Deal {
        name,
        currency,
        files,
        pool: pool?,
        subpools,
        purchase_price,
        dates,
        schedule,
        definitions,
        indices,
        tranches,
        fees,
        tax,
        accounts,
        facilities,
        supports,
        swaps,
        call,
        purchase,
        account_income,
        triggers,
        steps,
        eligibility: criteria.into_iter().flatten().collect(),
        limits: limits.into_iter().flatten().collect(),
        stratification,
        template_defaults,
    };
    Some(deal)
}

impl<'a> Reader<'a> {
    /// `[define]`, with the ids of all blocks as names.
    fn definitions(&mut self, root: &Section) {
        const KINDS: [&str; 6] = ["tranche", "fee", "account", "facility", "swap", "trigger"];
        let mut ids: Vec<(&str, Vec<String>)> =
            KINDS.iter().map(|kind| (*kind, root.peek(kind, "id"))).collect();
        ids.push((SUBPOOL, self.subpools.clone()));
        let ids: Vec<(&str, Vec<&str>)> = ids
            .iter()
            .map(|(kind, ids)| (*kind, ids.iter().map(String::as_str).collect()))
            .collect();
        self.names = Names::new(&ids);
        if let Some(section) = root.section("define") {
            self.defined = section.keys().into_iter().collect();
            self.definitions = define::read(&section, &mut self.names);
        }
    }

    /// All blocks that steps may name.
    fn blocks(&mut self, document: &Document) -> Places<'a> {
        let root = self.root;
        let (indices, ids) = blocks(root, "index", Reader::index);
        unique("index", indices.iter().map(|index| &index.id).zip(&ids), document);
        self.indices = indices;
        let (tranches, tranche_ids) = blocks(root, "tranche", |section| self.tranche(section));
        unique("tranche", tranches.iter().map(|tranche| &tranche.id).zip(&tranche_ids), document);
        self.tranches = tranches;
        let (fees, fee_ids) = blocks(root, "fee", |section| self.fee(section));
        unique("fee", fees.iter().map(|fee| &fee.id).zip(&fee_ids), document);
        self.fees = fees;
        let (accounts, account_ids) = blocks(root, "account", |section| self.account(section));
        unique("account", accounts.iter().map(|account| &account.id).zip(&account_ids), document);
        self.accounts = accounts;
        let (facilities, ids) = blocks(root, "facility", |section| self.facility(section));
        unique("facility", facilities.iter().map(|facility| &facility.id).zip(&ids), document);
        self.facilities = facilities;
        let (swaps, ids) = blocks(root, "swap", |section| self.swap(section));
        unique("swap", swaps.iter().map(|swap| &swap.id).zip(&ids), document);
        self.swaps = swaps;
        let (triggers, ids) = blocks(root, "trigger", |section| self.trigger(section));
        unique("trigger", triggers.iter().map(|trigger| &trigger.id).zip(&ids), document);
        self.triggers = triggers;
        Places { tranches: tranche_ids, fees: fee_ids, accounts: account_ids, steps: &[] }
    }

    /// The steps, with the place of each one's payments, and whether every payment was understood.
    fn steps(&self) -> (Vec<Step>, Vec<Origin>, bool) {
        let (mut steps, mut origins, mut understood) = (Vec::new(), Vec::new(), true);
        for section in self.root.tables("step") {
            origins.push(section.origin("pay"));
            let (step, whole) = self.step(section);
            steps.push(step);
            understood &= whole;
        }
        (steps, origins, understood)
    }

    /// Numbers of payment dates; those beyond the last one are reported.
    fn numbers(&self, section: &Section, key: &'static str) -> Vec<usize> {
        let numbers = section.counts(key, MONTHS_MOST).into_iter();
        let numbers: Vec<usize> = numbers.filter_map(|n| usize::try_from(n).ok()).collect();
        let Some(last) = self.payments else { return numbers };
        let beyond: Vec<String> =
            numbers.iter().filter(|n| **n > last).map(ToString::to_string).collect();
        if !beyond.is_empty() {
            let facts = [("given", beyond.join(", ")), ("payments", last.to_string())];
            section.find("D0213", key, &facts);
        }
        numbers
    }
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

/// The sub-pools of a deal with several tapes, which are stated there and nowhere else.
fn subpools(document: &Document, root: &Section, pool: Option<&PoolTerms>) -> Vec<Subpool> {
    let (subpools, ids) = blocks(root, "subpool", |section| subpool::subpool(section, pool));
    let named = subpools.iter().zip(&ids).filter_map(|(read, id)| Some((&read.as_ref()?.id, id)));
    unique("subpool", named, document);
    if !ids.is_empty()
        && let Some(section) = root.section("pool")
    {
        for key in ["tape", "mapping"].into_iter().filter(|key| section.has(key)) {
            section.find("D0370", key, &[]);
        }
    }
    subpools.into_iter().flatten().collect()
}

fn product_terms(section: &Section, default: ProductTerms) -> ProductTerms {
    const ROUNDING: [(&str, Rounding); 3] =
        [("half_up", Rounding::HalfUp), ("up", Rounding::Up), ("down", Rounding::Down)];
    const REMAINDER: [(&str, Remainder); 2] =
        [("last", Remainder::Last), ("first", Remainder::First)];
    const PLAN_FROM: [(&str, PlanBasis); 2] =
        [("terms", PlanBasis::Terms), ("balance", PlanBasis::Balance)];
    const ARREARS: [(&str, ArrearsRule); 3] = [
        ("first_period", ArrearsRule::FirstPeriod),
        ("not_paid", ArrearsRule::NotPaid),
        ("bucket", ArrearsRule::Bucket),
    ];
    ProductTerms {
        instalment_rounding: section
            .choice("instalment_rounding", &ROUNDING)
            .unwrap_or(default.instalment_rounding),
        remainder: section.choice("remainder", &REMAINDER).unwrap_or(default.remainder),
        plan_from: section.choice("plan_from", &PLAN_FROM).unwrap_or(default.plan_from),
        arrears: section.choice("arrears", &ARREARS).unwrap_or(default.arrears),
    }
}

const DAY_COUNTS: [(&str, DayCount); 7] = [
    ("act_365", DayCount::Act365),
    ("act_365_no_leap", DayCount::Act365NoLeap),
    ("act_360", DayCount::Act360),
    ("thirty_360_us", DayCount::Thirty360Us),
    ("thirty_360_e", DayCount::Thirty360E),
    ("thirty_360_isda", DayCount::Thirty360Isda),
    ("act_act_isda", DayCount::ActActIsda),
];

fn day_count(section: &Section) -> DayCount {
    section.choice("day_count", &DAY_COUNTS).unwrap_or(DayCount::Act365)
}

/// Where the parts of a deal stand in its file.
struct Places<'a> {
    tranches: Vec<Origin>,
    fees: Vec<Origin>,
    accounts: Vec<Origin>,
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
