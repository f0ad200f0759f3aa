//! Credit lines (循环额度): balances that are paid down at will and drawn again.
//!
//! | File key                                    | Meaning                                            |
//! |---------------------------------------------|----------------------------------------------------|
//! | `payment_rate`                              | principal paid a month, of the performing balance  |
//! | `minimum_rate`, `minimum_floor`             | what everybody who is not in default pays at least |
//! | `yield`, `transactors`                      | finance charges, and the share that pays none      |
//! | `utilisation` or `purchase_rate`            | what is drawn again                                |
//! | `growth`, `growth_period`, `event`          | limits raised, frozen and cut, as in `[supply]`    |
//! | `draws`                                     | whose draws are once the deal stops revolving      |

use super::from_toml::{SHARE_MOST, curve_below};
use super::supply::LimitEvent;
use super::{Curve, Segment};
use crate::config::Section;
use crate::money::{Amount, Rate};

/// Draws are at most ten times what was paid.
const PURCHASES_MOST: Rate = Rate::from_parts(10 * Rate::ONE.parts());

/// How the accounts of a segment of credit lines behave.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditLine {
    /// Principal paid in a month (月还款率, MPR), of the balance that performs.
    pub payment_rate: Curve,
    /// The minimum payment (最低还款额), of the balance that performs.
    pub minimum_rate: Rate,
    /// The least minimum payment of one account.
    pub minimum_floor: Amount,
    /// Finance charges of a year, of the balance that revolves.
    pub yields: Curve,
    /// The share of the balance whose holders pay in full and owe no finance charge.
    pub transactors: Rate,
    /// What is drawn again.
    pub draws: Draws,
    /// Growth of limits a month, as long as nothing freezes it.
    pub growth: Rate,
    /// Cuts (降额) and freezes (不涨) of limits.
    pub events: Vec<LimitEvent>,
    /// Whose draws are when the deal does not revolve.
    pub owner: Owner,
}

/// What is drawn in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draws {
    /// Nothing.
    None,
    /// Up to a share of the limit.
    Utilisation(Curve),
    /// A share of the principal paid in the month.
    Purchases(Curve),
}

/// Whose draws are when the deal does not revolve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// The originator's: the trust's balance pays at its own rate, as under a floating allocation.
    #[default]
    Originator,
    /// The trust's, as a growing seller's interest: principal is shared as at the end of the revolving
    /// period (fixed allocation).
    Trust,
}

impl CreditLine {
    /// The growth of limits in a collection month, from 1.
    pub fn growth_at(&self, month: u32) -> Rate {
        if LimitEvent::freeze(&self.events, month) { Rate::ZERO } else { self.growth }
    }

    /// The share of limits that is cut in a collection month.
    pub fn cut_at(&self, month: u32) -> Rate {
        LimitEvent::cut(&self.events, month)
    }

    /// The curve of the draws.
    pub fn drawing(&self) -> Option<&Curve> {
        match &self.draws {
            Draws::None => None,
            Draws::Utilisation(curve) | Draws::Purchases(curve) => Some(curve),
        }
    }

    /// Whether accounts of different age behave differently when curves go by age.
    pub(super) fn moves(&self) -> bool {
        let curves = [&self.payment_rate, &self.yields].into_iter().chain(self.drawing());
        curves.into_iter().any(|curve| !curve.is_constant())
    }
}

impl Segment {
    /// Whether its receivables are credit lines.
    pub fn revolves(&self) -> bool {
        self.line.is_some()
    }
}

/// What no segment of credit lines has.
const OTHERS: [&str; 8] = [
    "cpr",
    "smm",
    "abs_speed",
    "cumulative_default_ratio",
    "roll",
    "dilution",
    "repurchase",
    "defaulted",
];

/// Reads `line` of a segment; `None` when its receivables are no credit lines.
pub(super) fn read(of: &Section) -> Option<CreditLine> {
    const OWNER: [(&str, Owner); 2] = [("originator", Owner::Originator), ("trust", Owner::Trust)];
    let section = of.section("line")?;
    for other in OTHERS.into_iter().filter(|other| of.has(other)) {
        of.find("A0260", other, &[]);
    }
    for key in ["payment_rate", "yield"] {
        if !section.has(key) {
            section.missing(key);
        }
    }
    if section.has("utilisation") && section.has("purchase_rate") {
        section.find("A0201", "purchase_rate", &[("other", "utilisation".to_string())]);
    }
    let share = |key: &'static str| curve_below(&section, key, SHARE_MOST);
    let none = || Curve::Constant(Rate::ZERO);
    let utilisation = share("utilisation").map(Draws::Utilisation);
    let purchases = curve_below(&section, "purchase_rate", PURCHASES_MOST).map(Draws::Purchases);
    let line = CreditLine {
        payment_rate: share("payment_rate").unwrap_or_else(none),
        minimum_rate: section.rate("minimum_rate", SHARE_MOST).unwrap_or(Rate::ZERO),
        minimum_floor: section.amount("minimum_floor").unwrap_or(Amount::ZERO),
        yields: curve_below(&section, "yield", Rate::ONE).unwrap_or_else(none),
        transactors: section.rate("transactors", SHARE_MOST).unwrap_or(Rate::ZERO),
        draws: utilisation.or(purchases).unwrap_or(Draws::None),
        growth: super::supply_from_toml::growth(&section),
        events: section.tables("event").into_iter().map(super::supply_from_toml::event).collect(),
        owner: section.choice("draws", &OWNER).unwrap_or_default(),
    };
    section.finish();
    Some(line)
}
