//! Cash moves only by postings: two accounts, one amount. Conservation is a shape, not a test.
//!
//! A line of the model may carry a [`Movement`]; the [`Posting`]s of a run are a view of those lines
//! and their amounts. Nothing is allocated for them while the model runs.

use chrono::NaiveDate;

use crate::money::Amount;

/// An account of the deal's chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// 债务人: where collections come from.
    Obligors,
    /// 资产服务机构: holds collections before they are transferred, where they are commingled.
    Servicer,
    /// 专项计划账户: the deal's cash.
    Collection,
    /// 开户行: interest on the account.
    Bank,
    /// 原始权益人: sells the pool.
    Originator,
    /// 税务机关.
    TaxAuthority,
    /// The payee of a fee, by its place in the deal.
    FeePayee(usize),
    /// The holders of a tranche, by its place in the deal.
    Holders(usize),
    /// Another account or ledger of the deal, by its place: a reserve, a principal ledger.
    Cash(usize),
    /// The lender of a facility, by its place.
    Lender(usize),
    /// The obligor of a shortfall undertaking or guarantee, by its place.
    Supporter(usize),
    /// The counterparty of a swap, by its place.
    Counterparty(usize),
}

impl Account {
    /// Whether the account holds cash of the deal.
    pub fn is_of_deal(self) -> bool {
        matches!(self, Account::Collection | Account::Cash(_))
    }
}

/// Where a line's amount goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The account that gives.
    pub from: Account,
    /// The account that receives.
    pub to: Account,
}

/// One amount that moved on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The day.
    pub date: NaiveDate,
    /// The line of the model that moved it.
    pub line: crate::formula::LineId,
    /// The tick on the line's axis.
    pub tick: usize,
    /// From where to where.
    pub movement: Movement,
    /// How much; never negative.
    pub amount: Amount,
}

/// What an account received less what it gave.
pub fn balance(account: Account, postings: &[Posting]) -> Amount {
    let change = |posting: &Posting| {
        let received = if posting.movement.to == account { posting.amount } else { Amount::ZERO };
        let given = if posting.movement.from == account { posting.amount } else { Amount::ZERO };
        received - given
    };
    postings.iter().map(change).sum()
}
