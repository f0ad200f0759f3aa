//! Steps of the priority of payments, closed along axes: who, what is due, out of which pot, how
//! shared, within which limit, when.

use std::collections::BTreeSet;

use super::define::Size;
use super::{State, Text};
use crate::money::Amount;

/// One step of the priority of payments: "out of what is left, pay these, if".
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The clause of the documents, such as `4.2(b)`.
    pub clause: String,
    /// A name of its own for readers, when the payees do not say enough.
    pub name: Option<Text>,
    /// The states in which the step pays; empty for all.
    pub states: BTreeSet<State>,
    /// Further conditions, all of which must hold.
    pub when: Vec<Condition>,
    /// The pot that pays.
    pub from: Pot,
    /// No more than this by all payments of the step together.
    pub limit: Option<Limit>,
    /// Who is paid what.
    pub pay: Vec<Payment>,
    /// How a short pot is shared.
    pub sharing: Sharing,
}

/// A condition of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// `not` in front.
    pub negated: bool,
    /// A state, a trigger or a flag of `[define]`.
    pub flag: Flag,
}

/// A flag that a condition asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The deal is in a state.
    State(State),
    /// A trigger is in force, by its place.
    Trigger(usize),
    /// A flag of `[define]`, by its place.
    Defined(usize),
}

/// Money that a step can pay from or into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pot {
    /// The account into which collections flow.
    Collection,
    /// An account of `[[account]]`, by its place.
    Account(usize),
    /// What a facility of `[[facility]]` can still lend, by its place.
    Facility(usize),
}

/// The most that a step pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// An amount.
    Amount(Size),
    /// What brings the balances of these tranches together down to an amount.
    DownTo {
        /// The tranches, by place.
        of: Vec<usize>,
        /// The amount.
        target: Size,
    },
}

/// One payee of a step with what is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Who, and for what.
    pub due: Due,
    /// No more than this on one date.
    pub cap: Option<Size>,
    /// No more than this in one calendar year of payment dates; what exceeds it stays owed.
    pub cap_per_year: Option<Amount>,
}

/// The kinds of due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// The tax of the period. A claim.
    Tax,
    /// A fee, by its place. A claim.
    Fee(usize),
    /// A tranche's interest or interim yield. A claim, unless it lapses.
    Interest(usize),
    /// A tranche's principal: the outstanding balance is the limit.
    Principal(usize),
    /// Whatever is left. A limit.
    Remainder(Payee),
    /// An account up to its target (储备金补足). A limit.
    TopUp(usize),
    /// What the paying account holds above its target. A limit.
    Excess(Payee),
    /// A computed amount. A limit.
    Amount(Payee, Size),
    /// What a facility has lent, its interest or its commitment fee.
    Facility(usize, FacilityDue),
    /// Receivables bought (循环购买): as much as the pot above the provision buys. A limit.
    Purchase,
    /// The net amount that a swap owes its counterparty. A claim.
    Swap(usize),
    /// The termination payment of a swap. A claim.
    Termination(usize),
}

/// What is due to the lender of a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FacilityDue {
    /// Interest on what is drawn. A claim.
    Interest,
    /// The fee on what is not drawn. A claim.
    Commitment,
    /// What is drawn. A limit.
    Principal,
}

impl FacilityDue {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, FacilityDue); 3] = [
        ("interest", FacilityDue::Interest),
        ("commitment", FacilityDue::Commitment),
        ("principal", FacilityDue::Principal),
    ];
}

/// Who can receive an amount that is nobody's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payee {
    /// The holders of a tranche, by its place.
    Tranche(usize),
    /// An account of the deal.
    Pot(Pot),
    /// The originator.
    Originator,
}

/// How payees of one step share a pot that is too small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// In turn.
    #[default]
    Sequential,
    /// In proportion to what is due, by cumulative rounding in the deal file's order.
    ProRata,
}
