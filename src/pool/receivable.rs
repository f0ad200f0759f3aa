//! One receivable, the pool of them, and the product terms that a tape does not state.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use crate::money::{Amount, Rate, Rounding};
use crate::tape::{RowOrigin, TapeManifest};
use crate::time::{is_month_end, months_between};

/// How a receivable is repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// 等额本息: equal instalments of principal and interest.
    LevelPay,
    /// 等额本金: equal principal, interest on the balance.
    EqualPrincipal,
    /// 等本等费: equal principal, fee on the *original* principal. Rate 0 is interest-free (免息).
    FlatFee,
    /// 先息后本: interest only, principal at the last instalment.
    InterestOnly,
    /// 按日计息: equal principal, interest by actual days on the balance at a daily rate.
    Daily,
    /// One instalment for everything (30-day bill): no charge unless a rate is given.
    Bill,
    /// The schedule stands in the tape and is taken as it is.
    Given,
    /// 循环额度: paid at will above a minimum and drawn again; how is said by the assumptions.
    Revolving,
}

/// What one contract rate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RatePeriod {
    /// Per instalment (0.6 % a month of a monthly instalment).
    Instalment,
    /// Per year, a twelfth for each monthly instalment.
    Year,
    /// Per day.
    Day,
}

/// The rate printed in the contract, with its period; never divided before it meets an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractRate {
    /// The fraction of one.
    pub rate: Rate,
    /// What it is for.
    pub per: RatePeriod,
}

/// One line of a schedule that was given in the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenInstalment {
    /// 期次, from 1.
    pub number: u16,
    /// 应还日期.
    pub due: NaiveDate,
    /// 应还本金.
    pub principal: Amount,
    /// 应还利息.
    pub interest: Amount,
    /// 应还手续费.
    pub fee: Amount,
}

/// One instalment receivable as accepted from the tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Receivable {
    /// 借据号, unique in the pool.
    pub id: Box<str>,
    /// Where it stands in the tape.
    pub origin: RowOrigin,
    /// How it is repaid.
    pub method: Method,
    /// 初始本金, above zero.
    pub original_principal: Amount,
    /// 未偿本金 at the cut-off date: the truth for everything below. Never above the original.
    pub outstanding_principal: Amount,
    /// 总期数, at least 1.
    pub instalments: u16,
    /// 已还期数 at the cut-off date, at most `instalments`.
    pub paid_instalments: u16,
    /// The contract rate.
    pub rate: ContractRate,
    /// 放款日; interest of the first period runs from here where the method counts days.
    pub origination: NaiveDate,
    /// 首期应还日.
    pub first_due: NaiveDate,
    /// 还款日, 1–31; months without that day pay on their last day.
    pub due_day: u8,
    /// 每期应还 as given in the tape, when it is.
    pub instalment: Option<Amount>,
    /// 逾期天数 at the cut-off date, when given.
    pub past_due_days: Option<u32>,
    /// What the tape says of its default, when it says anything.
    pub in_default: Option<Box<InDefault>>,
    /// Index into [`Pool::products`], which holds the rounding terms.
    pub product: u16,
    /// The schedule of the remaining instalments, only for [`Method::Given`].
    pub given: Option<Box<[GivenInstalment]>>,
    /// 封包日 of its own, when that is after the pool's: its balance is of that day, it joins the
    /// pool then, and its cash belongs to the deal from the next day on.
    pub own_cutoff: Option<NaiveDate>,
    /// A representative line: it stands for contracts that are not known one by one, so its plan is
    /// made from its balance and its dates from its seasoning.
    pub is_rep_line: bool,
}

/// What a tape says of a default, or of how it came to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InDefault {
    /// 违约日, from the origination to the cut-off date.
    pub since: Option<NaiveDate>,
    /// 逾期开始日: the due date of the oldest instalment that is not paid.
    pub overdue_since: Option<NaiveDate>,
    /// 违约时本金: what was outstanding when it defaulted.
    pub principal: Option<Amount>,
}

impl Receivable {
    /// The day its balance is of: its own cut-off date, or the pool's.
    pub fn cutoff(&self, of_pool: NaiveDate) -> NaiveDate {
        self.own_cutoff.unwrap_or(of_pool)
    }

    /// Whole months since its default at its cut-off date: 0 within the month that ends then. Its
    /// default is the day that the tape states, or the day on which it is past due by more than
    /// `beyond` days. `None` when neither is known, or it is not in default by then.
    ///
    /// ```
    /// # use cashfall::{money::Amount, pool::InDefault};
    /// # use cashfall::pool::{ContractRate, Method, RatePeriod, Receivable, RowOrigin};
    /// # let receivable = Receivable {
    /// #     id: "R1".into(), origin: RowOrigin::default(), method: Method::FlatFee,
    /// #     original_principal: Amount::from_minor(643_300),
    /// #     outstanding_principal: Amount::from_minor(643_300),
    /// #     instalments: 6, paid_instalments: 0,
    /// #     rate: ContractRate { rate: "0.0055".parse().unwrap(), per: RatePeriod::Instalment },
    /// #     origination: "2024-12-10".parse().unwrap(), first_due: "2025-01-10".parse().unwrap(),
    /// #     due_day: 10, instalment: None, past_due_days: None, in_default: None, product: 0,
    /// #     given: None, own_cutoff: None, is_rep_line: false,
    /// # };
    /// let cutoff = "2025-12-31".parse().unwrap();
    /// let since = |day: &str| Receivable {
    ///     in_default: Some(Box::new(InDefault { since: day.parse().ok(), ..InDefault::default() })),
    ///     ..receivable.clone()
    /// };
    /// assert_eq!(since("2025-12-01").months_in_default(cutoff, None), Some(0));
    /// assert_eq!(since("2025-05-20").months_in_default(cutoff, None), Some(7));
    /// // Overdue for 200 days on 31 December: since 14 June, more than 90 days since 13 September.
    /// let overdue = Receivable { past_due_days: Some(200), ..receivable.clone() };
    /// assert_eq!(overdue.months_in_default(cutoff, Some(90)), Some(3));
    /// assert_eq!(overdue.months_in_default(cutoff, None), None);
    /// ```
    pub fn months_in_default(&self, of_pool: NaiveDate, beyond: Option<u32>) -> Option<u32> {
        let cutoff = self.cutoff(of_pool);
        let known = self.in_default.as_deref().copied().unwrap_or_default();
        let by_days = || {
            let past_due = self.past_due_days.filter(|days| *days > 0);
            let counted = past_due.and_then(|days| cutoff.checked_sub_days(Days::new(days.into())));
            let since = known.overdue_since.or(counted)?;
            since.checked_add_days(Days::new(u64::from(beyond?) + 1))
        };
        let since = known.since.or_else(by_days).filter(|since| *since <= cutoff)?;
        // A month that ends before the last day of the calendar month began that day a month before.
        let begun = !is_month_end(cutoff) && since.day() > cutoff.day();
        u32::try_from(months_between(since, cutoff) - i32::from(begun)).ok()
    }
}

/// Which instalment takes what the rounding of equal parts leaves over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remainder {
    /// The last (the default).
    #[default]
    Last,
    /// The first.
    First,
}

/// What the plan of a receivable starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanBasis {
    /// The contract terms: the remaining instalments of the full contract schedule. The tape's
    /// balance must equal the contract's balance after the paid instalments, else the plan is made
    /// from the balance and a finding says so. The default.
    #[default]
    Terms,
    /// The outstanding balance over the remaining instalments: the given instalment (or the one
    /// computed from the balance) on each remaining due date, the last takes the remainder.
    Balance,
}

/// What becomes of instalments that fell due up to the cut-off date and are not paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrearsRule {
    /// They are paid in the first month after the cut-off date. The default.
    #[default]
    FirstPeriod,
    /// They are never paid: the receivable's overdue principal is a default of month 1.
    NotPaid,
    /// The receivable starts in the bucket of delinquency of as many unpaid instalments, where its
    /// segment rolls; elsewhere as [`ArrearsRule::FirstPeriod`].
    Bucket,
}

/// The terms of a product that a tape does not state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProductTerms {
    /// How the instalment (level pay) or the equal principal part is rounded.
    pub instalment_rounding: Rounding,
    /// Which instalment takes the remainder of equal parts.
    pub remainder: Remainder,
    /// What the plan starts from.
    pub plan_from: PlanBasis,
    /// What becomes of arrears at the cut-off date.
    pub arrears: ArrearsRule,
}

/// The deal's statements about its pool: the cut-off date and the terms by product name.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolTerms {
    /// 封包日: cash after this day belongs to the deal.
    pub cutoff: NaiveDate,
    /// The terms of products without terms of their own.
    pub default_terms: ProductTerms,
    /// The terms by product name as it stands in the tape.
    pub by_product: BTreeMap<String, ProductTerms>,
}

/// A text column of the tape that segments and distributions may use: province, grade, scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribute {
    /// The distinct values, in order of their text.
    pub values: Vec<Box<str>>,
    /// For each receivable the index of its value.
    pub codes: Vec<u32>,
}

/// The accepted receivables of a deal with their attributes, in the order of the tape.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// 封包日.
    pub cutoff: NaiveDate,
    /// The receivables.
    pub receivables: Vec<Receivable>,
    /// Product names with their terms; [`Receivable::product`] points here.
    pub products: Vec<(String, ProductTerms)>,
    /// Text columns by canonical name; always holds `product`.
    pub attributes: BTreeMap<String, Attribute>,
    /// Where it all came from.
    pub manifest: TapeManifest,
}

impl Pool {
    /// The outstanding principal of all receivables, each at its cut-off date.
    pub fn outstanding_principal(&self) -> Amount {
        self.receivables.iter().map(|receivable| receivable.outstanding_principal).sum()
    }

    /// The receivables at those places, in that order, with their attributes.
    ///
    /// # Panics
    ///
    /// When a place is none of the pool's: a bug.
    pub fn picked(self, places: &[usize]) -> Pool {
        let receivables = places.iter().map(|place| self.receivables[*place].clone()).collect();
        let picked = |attribute: Attribute| Attribute {
            codes: places.iter().map(|place| attribute.codes[*place]).collect(),
            ..attribute
        };
        let attributes =
            self.attributes.into_iter().map(|(name, attribute)| (name, picked(attribute)));
        Pool { receivables, attributes: attributes.collect(), ..self }
    }

    /// The terms of a receivable's product.
    pub fn terms(&self, receivable: &Receivable) -> &ProductTerms {
        &self.products[usize::from(receivable.product)].1
    }
}
