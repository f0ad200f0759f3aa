//! A tranche: what its holders are owed, when, and what becomes of what is not paid.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::define::Size;
use super::{Frequency, Notional, State, Text};
use crate::money::{Amount, Rate, Rounding, portion};
use crate::time::DayCount;

/// A tranche of securities.
#[derive(Clone, Debug, PartialEq)]
pub struct Tranche {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The class of which the tranche is a part: parts of a class are shown together in tables.
    pub class: Option<String>,
    /// 发行规模; nothing for an interest-only strip.
    pub face: Amount,
    /// The notional amount of an interest-only strip; every other tranche has a face instead.
    pub strip: Option<Strip>,
    /// The price at closing as a share of the face; 1 is par.
    pub issue_price: Rate,
    /// The annual rate of interest, or of the interim yield of a subordinated tranche.
    pub coupon: Coupon,
    /// How days count.
    pub day_count: DayCount,
    /// How often interest falls due, by state; missing states pay on every payment date.
    pub frequency: BTreeMap<State, Frequency>,
    /// What becomes of interest that is due and not paid.
    pub unpaid_interest: UnpaidInterest,
    /// Whether interest in arrears bears interest at the coupon.
    pub interest_on_arrears: bool,
    /// Whether unpaid interest is a default of the deal (timely) or may wait for the maturity
    /// (ultimate).
    pub timely: bool,
    /// When principal may be paid.
    pub principal: Amortisation,
    /// The amount that all tranches together may not exceed after a payment date; what exceeds it is
    /// written down, the last tranche first.
    pub write_down_to: Option<Size>,
    /// How a payment is rounded for holders.
    pub per_unit: Option<PerUnit>,
    /// Below every tranche that counts as senior in coverage ratios.
    pub subordinated: bool,
    /// The yield at which the report prices the tranche at closing.
    pub pricing_yield: Option<Rate>,
}

impl Tranche {
    /// Whether unpaid interest stays owed.
    pub fn is_cumulative(&self) -> bool {
        self.unpaid_interest != UnpaidInterest::Lapses
    }

    /// What the holders pay in at closing: face × issue price, or the price of a strip.
    pub fn proceeds(&self) -> Amount {
        if let Some(strip) = &self.strip {
            return strip.price;
        }
        let (price, whole) = (self.issue_price.parts(), Rate::ONE.parts());
        Amount::from_minor(portion(self.face.minor(), &[price], &[whole], Rounding::HalfUp))
    }

    /// The class, which is the tranche itself when it is no part of one.
    pub fn class(&self) -> &str {
        self.class.as_deref().unwrap_or(&self.id)
    }
}

/// An interest-only strip (IO): interest on a notional amount, and no principal.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What interest accrues on.
    pub notional: Notional,
    /// What holders pay in at closing.
    pub price: Amount,
}

/// The rate of interest over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Coupon {
    /// One rate for life.
    Fixed(Rate),
    /// Rates from the interest period that begins on or after each date; the first holds from
    /// closing.
    Stepped(Vec<(NaiveDate, Rate)>),
    /// An index with a spread, fixed at resets, within a cap and a floor.
    Floating(Floating),
}

/// A floating rate: `min(cap, max(floor, index + spread))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Floating {
    /// The index, by its place in the deal.
    pub index: usize,
    /// The spread over the index; may be negative.
    pub spread: Rate,
    /// The most that the rate can be.
    pub cap: Option<Rate>,
    /// The least that the rate can be.
    pub floor: Option<Rate>,
    /// Months between resets, counted from closing.
    pub reset_months: u32,
    /// Business days before the reset on which the index is read.
    pub look_back_days: u32,
    /// The index at the reset of each interest period.
    pub fixings: Vec<Rate>,
}

/// An interest index with its fixings and forward curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// The name in the deal file.
    pub id: String,
    /// The name for readers.
    pub name: Text,
    /// The rate from each date on, ascending: published fixings, then the forward curve.
    pub rates: Vec<(NaiveDate, Rate)>,
}

/// What becomes of interest that is due and not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpaidInterest {
    /// It is owed on the next date too.
    Carried,
    /// It lapses: an interim yield that is not cumulative.
    Lapses,
    /// It is added to the balance (accretion: Z tranches, deferred interest).
    Capitalised,
}

impl UnpaidInterest {
    /// The words of the deal file.
    pub const WORDS: [(&'static str, UnpaidInterest); 3] = [
        ("carried", UnpaidInterest::Carried),
        ("lapses", UnpaidInterest::Lapses),
        ("capitalised", UnpaidInterest::Capitalised),
    ];
}

/// When the principal of a tranche may be paid.
#[derive(Clone, Debug, PartialEq)]
pub enum Amortisation {
    /// 过手: whatever reaches it, up to the balance.
    PassThrough,
    /// 固定摊还: down to a balance on each payment date; what was not paid stays due.
    Scheduled(Vec<Amount>),
    /// 到期一次还本: nothing before a payment date, everything from it on.
    Bullet {
        /// The number of the payment date.
        payment: usize,
    },
}

/// Payments per 100 of face, as registrars pay them: rounded down, times the units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerUnit {
    /// Decimals of the payment per 100 of face: 2 or 4.
    pub places: u32,
    /// What becomes of the odd cents.
    pub odd: OddCents,
}

/// What becomes of what a payment per unit leaves over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddCents {
    /// It stays in the account for the next date.
    Kept,
    /// It goes on to the steps below, and so in the end to the subordinated tranche.
    PassedOn,
}
