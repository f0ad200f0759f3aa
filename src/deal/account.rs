//! Money beside the collection account: reserve and ledger accounts, facilities, support, hedges, and
//! the clean-up call.

use std::collections::BTreeSet;

use super::define::Size;
use super::{Dated, Text};
use crate::money::{Amount, Rate};
use crate::time::DayCount;

/// An account or ledger of the deal beside the collection account.
#[derive(Clone, Debug, PartialEq)]
pub struct CashAccount {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// What is paid in at closing.
    pub opening: Amount,
    /// Who pays it in.
    pub funded_by: Funding,
    /// The required amount, for top-ups and releases.
    pub target: Option<Target>,
    /// The cash that flows in here and not into the collection account.
    pub receives: BTreeSet<Receipt>,
    /// The sub-pools, by place, whose cash that is; empty for all.
    pub pools: BTreeSet<usize>,
    /// What the balance earns (合格投资, 存款利息).
    pub earns: Option<Earning>,
}

impl CashAccount {
    /// Whether a class of cash of a sub-pool flows in here; `None` is the one pool of a deal.
    pub fn takes(&self, receipt: Receipt, pool: Option<usize>) -> bool {
        let all = self.pools.is_empty() || receipt == Receipt::AccountIncome;
        self.receives.contains(&receipt)
            && (all || pool.is_some_and(|pool| self.pools.contains(&pool)))
    }
}

/// The required amount of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An amount, or one of `[define]`.
    Size(Size),
    /// A table by payment date; the last entry holds to the end.
    Table(Vec<Amount>),
}

/// Who funds an account at closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funding {
    /// The proceeds of the tranches.
    Proceeds,
    /// The originator.
    Originator,
}

/// Classes of cash that enter the deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receipt {
    /// Scheduled and prepaid principal.
    Principal,
    /// Interest.
    Interest,
    /// Fees and charges of early settlement.
    Fee,
    /// Recoveries of defaulted receivables.
    Recovery,
    /// What the originator makes good of refunds (退货退款补足).
    Dilution,
    /// What the originator pays for receivables that it takes back (不合格赎回).
    Repurchase,
    /// Income of the collection account.
    AccountIncome,
}

impl Receipt {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Receipt); 7] = [
        ("principal", Receipt::Principal),
        ("interest", Receipt::Interest),
        ("fee", Receipt::Fee),
        ("recovery", Receipt::Recovery),
        ("dilution", Receipt::Dilution),
        ("repurchase", Receipt::Repurchase),
        ("account_income", Receipt::AccountIncome),
    ];

    /// The word of the deal file.
    pub fn word(self) -> &'static str {
        let found = Receipt::WORDS.iter().find(|(_, receipt)| *receipt == self);
        found.expect("every class of cash has a word").0
    }
}

/// What a balance earns between two payment dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Earning {
    /// The annual rate.
    pub rate: Rate,
    /// How days count.
    pub day_count: DayCount,
}

/// A liquidity facility: lends up to its limit, and is repaid where the steps say.
#[derive(Clone, Debug, PartialEq)]
pub struct Facility {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The most that can be drawn at one time.
    pub limit: Amount,
    /// The annual rate on what is drawn.
    pub rate: Rate,
    /// The annual rate on what is not drawn.
    pub commitment_rate: Rate,
    /// How days count.
    pub day_count: DayCount,
}

/// A shortfall undertaking (差额支付承诺) or guarantee: tested by a dry run of the steps it covers, and
/// paid in on the same date.
#[derive(Clone, Debug, PartialEq)]
pub struct Support {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The steps whose shortfall is covered, by place.
    pub covers: Vec<usize>,
    /// The most that is paid over the life of the deal.
    pub limit: Option<Amount>,
    /// A flag of `[define]`, by its place: it is called only where the flag holds.
    pub when: Option<usize>,
}

/// A swap or cap on a notional amount, settled net on payment dates.
#[derive(Clone, Debug, PartialEq)]
pub struct Swap {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The amount that both legs are computed on.
    pub notional: Notional,
    /// What the deal pays.
    pub pays: Leg,
    /// What the deal receives.
    pub receives: Leg,
    /// Whether the deal owes nothing when the net amount is against it: a cap it has paid for.
    pub is_cap: bool,
    /// Due on termination, on the listed payment date: amount and number.
    pub termination: Option<(usize, Amount)>,
    /// How days count.
    pub day_count: DayCount,
}

/// The notional amount of a swap or of an interest-only tranche.
#[derive(Clone, Debug, PartialEq)]
pub enum Notional {
    /// These figures together: balance-guaranteed.
    Sum(Vec<NotionalPart>),
    /// By payment date; nothing after the last.
    Scheduled(Vec<Amount>),
}

/// A part of a notional amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotionalPart {
    /// The balance of a tranche before payment, by its place.
    Tranche(usize),
    /// The pool at the start of the collection period.
    Pool,
    /// An amount of `[define]`, by its place.
    Defined(usize),
}

/// One leg of a swap.
#[derive(Clone, Debug, PartialEq)]
pub enum Leg {
    /// A rate over time.
    Fixed(Dated),
    /// An index with a spread, read at the start of each interest period.
    Index {
        /// The index, by its place.
        index: usize,
        /// The spread over it.
        spread: Rate,
        /// The index at the start of each interest period.
        fixings: Vec<Rate>,
    },
}

/// The clean-up call (清仓回购): whoever may call buys the pool, and the deal is paid off.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When it may be exercised.
    pub when: CallWhen,
    /// The price; by default the pool's balance.
    pub price: Option<Size>,
    /// What price and cash must cover, or the call is not allowed.
    pub covers: Covers,
    /// Whether it is exercised as soon as it may.
    pub exercise: bool,
}

/// When a call may be exercised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallWhen {
    /// The pool is at or below a share of its initial balance.
    PoolFactor(Rate),
    /// A flag of `[define]`, by its place.
    Defined(usize),
}

/// What the call must cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Tax, fees, and the tranches that are not subordinated.
    Senior,
    /// Tax, fees, and all tranches.
    All,
    /// Nothing: it is always allowed.
    Nothing,
}

impl Covers {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, Covers); 3] =
        [("senior", Covers::Senior), ("all", Covers::All), ("nothing", Covers::Nothing)];
}
