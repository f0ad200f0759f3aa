//! What can be bought in the revolving period becomes offers, each with the cohorts of the months in
//! which it can be bought.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};

use super::collateral::{Cohort, Collateral, Offer, OfferSize, Refusal};
use super::from_plan::{months, segments};
use crate::assumptions::{Assumptions, Segment, StandardReceivable};
use crate::config::{Text, nearest};
use crate::deal::{Deal, Due, Price, State};
use crate::finding::{Checked, Finding, Origin};
use crate::money::{Amount, Rate};
use crate::plan::{
    Cash, CohortPlan, Grid, Instalment, Plan, contract_schedule, remaining_schedule,
};
use crate::pool::{Attribute, Pool, ProductTerms, Receivable, SUBPOOL};

/// The principal for which the plan of a standard receivable is made: ten million.
const UNIT: Amount = Amount::from_minor(1_000_000_000);

/// Receivables on offer, with what the eligibility criteria say of each.
#[derive(Clone, Debug)]
pub struct Candidates {
    /// The list, in its order.
    pub pool: Pool,
    /// By receivable, the criterion that it fails first.
    pub refused: Vec<Option<Refusal>>,
}

/// A date on which can be bought, from 1 on the axis of purchases, with the collection month that what
/// is bought joins.
pub(super) struct PurchaseDate {
    pub tick: usize,
    pub date: NaiveDate,
    pub joins: usize,
}

/// The days between payment dates on which the deal buys, or the payment dates on which its steps may
/// buy, as long as months follow that collect.
pub(super) fn purchase_dates(deal: &Deal) -> Vec<PurchaseDate> {
    let days = deal.days_of_purchase();
    if !days.is_empty() {
        let ends = &deal.schedule.collection_ends;
        let joins = |date: &NaiveDate| 1 + ends.partition_point(|end| end < date);
        let dates = (1..).zip(days);
        return dates
            .map(|(tick, date)| PurchaseDate { tick, date: *date, joins: joins(date) })
            .collect();
    }
    let buys = |due: &Due| *due == Due::Purchase;
    let step = deal.steps.iter().find(|step| step.pay.iter().any(|payment| buys(&payment.due)));
    let Some(step) = step else { return Vec::new() };
    let revolving_only = step.states.len() == 1 && step.states.contains(&State::Revolving);
    let payments = deal.schedule.payments.iter().enumerate();
    let open = payments.filter(|(place, payment)| {
        let in_time = !revolving_only || *place < deal.dates.revolving_payments;
        in_time && payment.months_to < deal.schedule.collection_ends.len()
    });
    let date = |(place, payment): (usize, &crate::deal::PaymentDate)| PurchaseDate {
        tick: place + 1,
        date: payment.payment,
        joins: payment.months_to + 1,
    };
    open.map(date).collect()
}

/// The days on which the deal may buy.
pub fn purchase_days(deal: &Deal) -> Vec<NaiveDate> {
    purchase_dates(deal).iter().map(|at| at.date).collect()
}

impl Collateral {
    /// The pool with what can be bought: each receivable of the list on the first purchase date on or
    /// after the day its balance is of, or, without a list, the standard receivables of the
    /// assumptions on every purchase date.
    ///
    /// Findings: nothing to buy (M0140), a segment that is not there (A0212), candidates whose day is
    /// after the last purchase date (M0142), principal that falls due after the deal's last
    /// determination date (M0141), credit lines of a deal that buys between payment dates (M0156).
    pub fn with_offers(
        mut self,
        deal: &Deal,
        assumptions: &Assumptions,
        candidates: Option<&Candidates>,
        threads: usize,
    ) -> Checked<Collateral> {
        let mut findings = Vec::new();
        let dates = purchase_dates(deal);
        let buys = deal.purchase.is_some() && !dates.is_empty();
        let draws = assumptions.segments.iter().any(Segment::revolves);
        let unread = !buys || candidates.is_some() || draws;
        if let Some(supply) = assumptions.supply.as_ref().filter(|_| unread) {
            findings.push(Finding::new("A0248", supply.origin.clone()));
        }
        if !buys {
            return Checked::new(self, findings);
        }
        if draws {
            findings.extend(draws_only(deal, assumptions, candidates));
            return Checked::new(self, findings);
        }
        let bought = match candidates {
            Some(candidates) => whole(deal, assumptions, candidates, &dates, &mut findings),
            None => standard(deal, assumptions, &dates, &mut findings),
        };
        if bought.offers.is_empty() {
            findings.push(Finding::new("M0140", Origin::default()));
        }
        let ends = months(&bought.pool, deal, threads);
        let grid = Grid { ends: &ends, cohorts: bought.cohorts.len(), threads };
        let places: Vec<u32> = (0..).take(bought.cohorts.len()).collect();
        let plan = Plan::from_pool(&bought.pool, grid, |index| places[index]);
        let horizon = deal.schedule.collection_ends.len();
        let late: Amount = plan.cohorts.iter().map(|cohort| cohort.closing(horizon)).sum();
        if late != Amount::ZERO {
            let last = plan.cohorts.iter().position(|plan| plan.closing(horizon) != Amount::ZERO);
            let first = last.map_or_else(String::new, |place| bought.cohorts[place].name.both());
            findings.push(Finding::new("M0141", Origin::default()).with("name", first));
        }
        let planned = bought.cohorts.into_iter().zip(&plan.cohorts);
        let between = !deal.days_of_purchase().is_empty();
        self.cohorts.extend(planned.map(|(cohort, plan)| {
            let cohort = with_plan(cohort, plan);
            if between { paid_from_next_month(cohort) } else { cohort }
        }));
        // Cohorts stand by segment: recoveries and totals read neighbours.
        self.cohorts.sort_by_key(|cohort| cohort.segment);
        self.offers = bought.offers;
        Checked::new(self, findings)
    }
}

/// What can be bought: the offers, the receivables that stand for them month by month, and a cohort
/// for each of these.
struct ToBuy {
    offers: Vec<Offer>,
    pool: Pool,
    cohorts: Vec<Cohort>,
}

/// What a deal on credit lines buys is their draws, at par (A0265, A0266) and on payment dates (M0156).
fn draws_only(
    deal: &Deal,
    assumptions: &Assumptions,
    candidates: Option<&Candidates>,
) -> Vec<Finding> {
    let other = assumptions.purchased.first().map(|asset| asset.origin.clone());
    let other = other.or(candidates.map(|list| Origin::file(&list.pool.manifest.file)));
    let par = deal.purchase.as_ref().is_none_or(|terms| terms.price == Price::Ratio(Rate::ONE));
    let dear = (!par).then(|| Finding::new("A0266", Origin::default()));
    let between = !deal.days_of_purchase().is_empty();
    let between = between.then(|| Finding::new("M0156", Origin::default()));
    let other = other.map(|origin| Finding::new("A0265", origin));
    other.into_iter().chain(dear).chain(between).collect()
}

fn with_plan(cohort: Cohort, plan: &CohortPlan) -> Cohort {
    let of = |read: fn(&Cash) -> Amount| plan.months.iter().map(read).collect();
    Cohort {
        count: usize::try_from(plan.count).expect("receivables fit memory"),
        outstanding: plan.outstanding,
        unpaid_arrears: plan.not_paid.principal,
        principal: of(|cash| cash.principal),
        interest: of(|cash| cash.interest),
        fee: of(|cash| cash.fee),
        ..cohort
    }
}

/// What falls due between a purchase and the end of its month is collected with the next month: the
/// month has collected before it buys.
fn paid_from_next_month(mut cohort: Cohort) -> Cohort {
    let Some(next) = cohort.joins else { return cohort };
    for amounts in [&mut cohort.principal, &mut cohort.interest, &mut cohort.fee] {
        let due: Amount = amounts.iter().take(next).copied().sum();
        if due == Amount::ZERO {
            continue;
        }
        amounts.iter_mut().take(next).for_each(|amount| *amount = Amount::ZERO);
        amounts.resize(amounts.len().max(next + 1), Amount::ZERO);
        amounts[next] += due;
    }
    cohort
}

fn cohort(name: Text, segment: usize, at: &PurchaseDate, offer: usize, aged: NaiveDate) -> Cohort {
    Cohort {
        name,
        segment,
        origination: Some(aged.with_day(1).expect("every month has a first day")),
        joins: Some(at.joins),
        bought: Some(offer),
        count: 0,
        outstanding: Amount::ZERO,
        unpaid_arrears: Amount::ZERO,
        past: Vec::new(),
        limit: None,
        in_default: None,
        principal: Vec::new(),
        interest: Vec::new(),
        fee: Vec::new(),
    }
}

fn whole(
    deal: &Deal,
    assumptions: &Assumptions,
    candidates: &Candidates,
    dates: &[PurchaseDate],
    findings: &mut Vec<Finding>,
) -> ToBuy {
    let list = &candidates.pool;
    let of_segment = segments(list, assumptions);
    let (mut offers, mut cohorts, mut receivables) = (Vec::new(), Vec::new(), Vec::new());
    let mut late = Vec::new();
    for (index, receivable) in list.receivables.iter().enumerate() {
        let day = receivable.cutoff(list.cutoff);
        let Some(at) = dates.iter().find(|at| at.date >= day) else {
            late.push(receivable);
            continue;
        };
        let name = Text::same(&*receivable.id);
        let refused = candidates.refused[index].clone();
        let bought = Receivable { own_cutoff: Some(at.date), ..receivable.clone() };
        let price = price(deal, &bought, list.terms(receivable), at.date);
        if refused.is_none() {
            let segment = of_segment[index];
            cohorts.push(cohort(name.clone(), segment, at, offers.len(), bought.origination));
            receivables.push(bought);
        }
        let outstanding = receivable.outstanding_principal;
        let (candidate, payment) = (index, at.tick);
        let size = OfferSize::Whole { candidate, payment, outstanding, refused };
        offers.push(Offer { name, price, size });
    }
    if let Some(first) = late.first() {
        let last = dates.last().map_or(deal.dates.closing, |at| at.date);
        let finding = Finding::new("M0142", Origin::file(&list.manifest.file));
        let finding = finding.with("count", late.len()).with("id", &first.id);
        findings.push(finding.with("date", last));
    }
    let pool = Pool { cutoff: deal.pool.cutoff, receivables, ..list.clone() };
    ToBuy { offers, pool, cohorts }
}

fn standard(
    deal: &Deal,
    assumptions: &Assumptions,
    dates: &[PurchaseDate],
    findings: &mut Vec<Finding>,
) -> ToBuy {
    let terms = deal.pool.default_terms;
    let (mut offers, mut cohorts, mut receivables) = (Vec::new(), Vec::new(), Vec::new());
    for asset in &assumptions.purchased {
        let segment = segment(asset, deal, assumptions, findings);
        let first = receivable(asset, &terms, dates[0].date);
        offers.push(Offer {
            name: asset.name.clone(),
            price: price(deal, &first, &terms, dates[0].date),
            size: OfferSize::Share { share: asset.share },
        });
        // What is bought within a month is one batch, with the plan of its first date.
        let first_of_month = |(place, at): &(usize, &PurchaseDate)| {
            *place == 0 || dates[place - 1].joins != at.joins
        };
        for (_, at) in dates.iter().enumerate().filter(first_of_month) {
            let month = format!("{}-{:02}", at.date.year(), at.date.month());
            let name = Text {
                zh: format!("{} {month} 购入", asset.name.zh),
                en: format!("{}, bought {month}", asset.name.en),
            };
            let bought = receivable(asset, &terms, at.date);
            cohorts.push(cohort(name, segment, at, offers.len() - 1, bought.origination));
            receivables.push(bought);
        }
    }
    let pool = Pool {
        cutoff: deal.pool.cutoff,
        receivables,
        products: vec![(String::new(), terms)],
        attributes: std::collections::BTreeMap::new(),
        manifest: Default::default(),
    };
    ToBuy { offers, pool, cohorts }
}

/// The standard receivables as a pool on the first purchase date, one for each.
///
/// # Panics
///
/// When the deal has no purchase date: then there is no offer.
pub(super) fn standard_pool(deal: &Deal, assumptions: &Assumptions) -> Pool {
    let terms = deal.pool.default_terms;
    let first =
        purchase_dates(deal).first().map(|at| at.date).expect("a deal that buys has a date");
    let assets = &assumptions.purchased;
    let named = assets.iter().flat_map(|asset| asset.attributes.iter().map(|(name, _)| name));
    let names: BTreeSet<&str> =
        named.map(String::as_str).chain(std::iter::once("product")).collect();
    let subpools = deal.subpools.iter().map(|_| SUBPOOL);
    let names: BTreeSet<&str> = names.into_iter().chain(subpools).collect();
    let attribute = |name: &str| {
        let said = |asset: &StandardReceivable| -> Box<str> {
            if name == SUBPOOL
                && let Some(id) = subpool(asset, deal)
            {
                return id.as_str().into();
            }
            let own = asset.attributes.iter().find(|(column, _)| column == name);
            own.map_or("", |(_, text)| text.as_str()).into()
        };
        let texts: Vec<Box<str>> = assets.iter().map(said).collect();
        let mut values = texts.clone();
        values.sort();
        values.dedup();
        let codes = texts.iter().map(|text| {
            let place = values.binary_search(text).expect("every text is among them");
            u32::try_from(place).expect("standard receivables are few")
        });
        Attribute { codes: codes.collect(), values: values.clone() }
    };
    Pool {
        cutoff: first,
        receivables: assets.iter().map(|asset| receivable(asset, &terms, first)).collect(),
        products: vec![(String::new(), terms)],
        attributes: names.iter().map(|name| (name.to_string(), attribute(name))).collect(),
        manifest: Default::default(),
    }
}

/// The id of the sub-pool that a standard receivable is bought for.
fn subpool<'a>(asset: &'a StandardReceivable, deal: &'a Deal) -> Option<&'a String> {
    let of_terms = || deal.subpools.get(deal.purchase.as_ref()?.pool);
    asset.pool.as_ref().or_else(|| of_terms().map(|subpool| &subpool.id))
}

/// The segment of a standard receivable, within its sub-pool where there are some.
fn segment(
    asset: &StandardReceivable,
    deal: &Deal,
    assumptions: &Assumptions,
    findings: &mut Vec<Finding>,
) -> usize {
    let subpool = subpool(asset, deal);
    let here =
        |segment: &Segment| segment.subpool.as_ref().is_none_or(|(id, _)| Some(id) == subpool);
    let last = assumptions.segments.iter().rposition(here);
    let last = last.unwrap_or_else(|| {
        let known = deal.subpools.iter().map(|subpool| format!("`{}`", subpool.id));
        let known = known.collect::<Vec<_>>().join(", ");
        let finding = Finding::new("A0213", asset.pool_origin.clone()).with("known", known);
        let finding = finding.with("key", "purchased.pool");
        findings.push(finding.with("name", subpool.map_or("", String::as_str)));
        assumptions.segments.len() - 1
    });
    let Some(wanted) = &asset.segment else { return last };
    let named = |name: &Text| name.zh == *wanted || name.en == *wanted;
    let mut all = assumptions.segments.iter();
    let place = all.position(|segment| here(segment) && named(&segment.name));
    place.unwrap_or_else(|| {
        let names: Vec<&str> =
            assumptions.segments.iter().map(|segment| segment.name.en.as_str()).collect();
        let known = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let near = nearest(wanted, names.iter().copied());
        let suggestion = near.map_or_else(|| known.clone(), |near| format!("\"{near}\""));
        let finding = Finding::new("A0212", asset.origin.clone()).with("segment", wanted);
        findings.push(finding.with("known", known).with("suggestion", suggestion));
        last
    })
}

/// A standard receivable that is bought on a day: its next instalment is due a month later.
pub(super) fn receivable(
    asset: &StandardReceivable,
    terms: &ProductTerms,
    bought: NaiveDate,
) -> Receivable {
    let paid = u32::from(asset.paid_instalments);
    let origination = bought.checked_sub_months(Months::new(paid)).expect("a date of this era");
    let first_due = origination.checked_add_months(Months::new(1)).expect("a date of this era");
    let mut receivable = Receivable {
        id: "".into(),
        origin: Default::default(),
        method: asset.method,
        original_principal: UNIT,
        outstanding_principal: UNIT,
        instalments: asset.instalments,
        paid_instalments: asset.paid_instalments,
        rate: asset.rate,
        origination,
        first_due,
        due_day: u8::try_from(bought.day()).expect("a day of the month"),
        instalment: None,
        past_due_days: None,
        in_default: None,
        product: 0,
        given: None,
        own_cutoff: Some(bought),
        is_rep_line: false,
    };
    let left = contract_schedule(&receivable, terms).into_iter();
    let left = left.filter(|instalment| instalment.number > asset.paid_instalments);
    receivable.outstanding_principal = left.map(|instalment| instalment.principal).sum();
    receivable
}

/// The price of a unit of outstanding principal on a day.
#[allow(clippy::cast_precision_loss)]
fn price(deal: &Deal, receivable: &Receivable, terms: &ProductTerms, day: NaiveDate) -> Rate {
    let yields = match deal.purchase.as_ref().map(|purchase| purchase.price) {
        None => return Rate::ONE,
        Some(Price::Ratio(ratio)) => return ratio,
        Some(Price::Yield(yields)) => yields.to_f64(),
    };
    let (schedule, _) = remaining_schedule(receivable, terms, deal.pool.cutoff);
    let value = |instalment: &Instalment| {
        let cash = instalment.principal + instalment.interest + instalment.fee;
        let days = (instalment.due - day).num_days().max(0) as f64;
        cash.to_f64() * (1.0 + yields).powf(-days / 365.0)
    };
    let worth: f64 = schedule.iter().map(value).sum();
    Rate::from_f64(worth / receivable.outstanding_principal.to_f64())
}
