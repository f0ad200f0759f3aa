//! Fees and tax: what they are a part of, by which rate, and how days count.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Text;
use crate::money::{Amount, Rate};
use crate::time::DayCount;

/// A fee of the deal.
#[derive(Clone, Debug, PartialEq)]
pub struct Fee {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// What is due.
    pub charge: Charge,
    /// The least that accrues on a payment date.
    pub minimum: Option<Amount>,
}

/// How a fee is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Charge {
    /// A rate on a balance by days. Rates by tier: each holds for the part of the balance above its
    /// amount; most fees have one tier from zero.
    Rate {
        /// From which part of the balance on, the rate; ascending.
        tiers: Vec<(Amount, Rate)>,
        /// The balance.
        base: Base,
        /// How time counts.
        accrual: FeeAccrual,
    },
    /// A fixed amount on listed payment dates (all when the list is empty).
    Fixed {
        /// The amount.
        amount: Amount,
        /// Payment numbers from 1.
        payments: Vec<usize>,
    },
    /// Amounts by date: each falls due on the first payment date on or after its own.
    Dated(Vec<(NaiveDate, Amount)>),
    /// A rate on what is paid to holders on the date (兑付手续费).
    OnPaid {
        /// The rate.
        rate: Rate,
    },
    /// A share of what is left where the fee stands (超额服务费, performance fee); nothing is owed
    /// when nothing is left.
    OnLeft {
        /// The share.
        rate: Rate,
    },
}

/// The balance a fee is charged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// All tranche balances before the payment, by accrual days.
    Securities,
    /// The balances of the tranches that are not subordinated, before the payment.
    Senior,
    /// The faces of all tranches.
    Face,
    /// The pool at the start of each collection month, by the month's days.
    Pool,
    /// The cash collected since the last payment date.
    Collections,
    /// An amount of `[define]`, by its place.
    Defined(usize),
}

/// How time counts for a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeAccrual {
    /// By days over a basis.
    Days(DayCount),
    /// A twelfth of the annual rate for each collection month.
    Twelfth,
    /// The rate itself on every payment date, whatever the days.
    Period,
}

/// A rate that changes on dates: each holds from its date on.
pub type Dated = Vec<(NaiveDate, Rate)>;

/// The tax on some classes of the pool's income (增值税及附加).
#[derive(Clone, Debug, PartialEq)]
pub struct Tax {
    /// The rate of value added tax over time; income includes the tax.
    pub vat: Dated,
    /// Surcharges on the tax over time.
    pub surcharge: Dated,
    /// Which income is taxed at these rates.
    pub income: BTreeSet<Income>,
}

/// Classes of income.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Income {
    /// 利息.
    Interest,
    /// 手续费.
    Fee,
    /// 违约后回收.
    Recovery,
    /// 账户收入: interest of the accounts and of permitted investments.
    Account,
}

impl Income {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Income); 4] = [
        ("interest", Income::Interest),
        ("fee", Income::Fee),
        ("recovery", Income::Recovery),
        ("account", Income::Account),
    ];

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = Income::WORDS.iter().find(|(_, income)| *income == self);
        found.expect("every class of income has a word").0
    }
}
