//! Attributes that are figures: kept as texts, and looked at where they are read.
//!
//! | Attribute | Must be |
//! |---|---|
//! | `age`, `birth_year` | of somebody of eighteen years or more |
//! | `limit_used` | not above `limit_total` |
//! | `funding_share` | 0 to 1; below 1 the amounts may be of the whole contract |
//! | counts, amounts, rates, days | readable as such, not negative |
//! | identifiers | not stored as numbers of more than fifteen digits |

use crate::money::{Amount, Rate};
use crate::tape::cell::{MoneyUnit, Raw, Reading};
use crate::tape::field::{ATTRIBUTES, Kind, attribute_kind};
use crate::tape::header::Unit;
use crate::tape::mapping::Mapping;
use crate::tape::{Fault, Row};

use chrono::Datelike;

/// How the cells of an attribute must read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    /// The canonical name.
    pub(super) name: &'static str,
    kind: Kind,
    unit: Unit,
}

/// What a cell of an attribute says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Said {
    /// An amount in the major unit.
    Amount(Amount),
    /// A whole number.
    Count(u32),
    /// A share of one.
    Share(Rate),
    /// Something that nothing is compared with.
    Other,
}

/// The least age of somebody who can contract alone [Civil Code of the PRC, art. 17].
const OF_AGE: i32 = 18;

impl Check {
    /// The check of an attribute, when it is one of figures and the mapping does not translate its
    /// texts.
    pub(super) fn of(name: &str, unit: Unit, mapping: &Mapping) -> Option<Check> {
        let kind = attribute_kind(name).filter(|_| !mapping.values.contains_key(name))?;
        let name = ATTRIBUTES.into_iter().find(|known| *known == name)?;
        Some(Check { name, kind, unit })
    }

    /// What a cell says; the code of the finding when it cannot be read so.
    pub(super) fn read(self, raw: &Raw) -> Result<Said, &'static str> {
        let wrong = Err("P0182");
        match self.kind {
            Kind::Id => match raw.id() {
                Reading::Fault(code) => Err(code),
                Reading::Is(_) | Reading::Missing => Ok(Said::Other),
            },
            Kind::Money => match raw.amount(self.unit.money.unwrap_or(MoneyUnit::Yuan)) {
                Reading::Is(amount) => Ok(Said::Amount(amount)),
                Reading::Missing => Ok(Said::Other),
                // Whatever nobody pays may have any number of decimals.
                Reading::Fault("P0108") => Ok(Said::Other),
                Reading::Fault(_) => wrong,
            },
            Kind::Count(most) => match digits(raw).map_or_else(|| raw.count(most), Reading::Is) {
                Reading::Is(count) if count > most => wrong,
                Reading::Is(year) if self.name == "birth_year" && year < 1900 => wrong,
                Reading::Is(count) => Ok(Said::Count(count)),
                Reading::Missing => Ok(Said::Other),
                Reading::Fault(_) => wrong,
            },
            Kind::Date => match raw.date(self.unit.serial) {
                Reading::Fault(_) => wrong,
                Reading::Is(_) | Reading::Missing => Ok(Said::Other),
            },
            Kind::Rate if self.name == "funding_share" => match raw.rate() {
                Reading::Is((rate, is_fraction)) => self.share(rate, is_fraction),
                Reading::Missing => Ok(Said::Other),
                Reading::Fault(_) => wrong,
            },
            Kind::Rate => match raw.rate() {
                Reading::Fault(_) => wrong,
                Reading::Is(_) | Reading::Missing => Ok(Said::Other),
            },
            Kind::Text | Kind::Period => Ok(Said::Other),
        }
    }

    /// 0.3, 30 % and 30 under a header that says %, or above one, are the same share.
    fn share(self, rate: Rate, is_fraction: bool) -> Result<Said, &'static str> {
        let is_percent = self.unit.percent.unwrap_or(rate > Rate::ONE) && !is_fraction;
        let share = match is_percent {
            true => Rate::from_parts(rate.parts() / 100),
            false => rate,
        };
        (share <= Rate::ONE).then_some(Said::Share(share)).ok_or("P0182")
    }

    /// An amount in another unit than the major one is kept in that.
    pub(super) fn in_major_unit(self, said: Said) -> Option<String> {
        match (said, self.unit.money) {
            (Said::Amount(amount), Some(unit)) if unit != MoneyUnit::Yuan => {
                Some(amount.to_string())
            }
            _ => None,
        }
    }
}

/// A whole number of up to four digits, as most of them stand.
fn digits(raw: &Raw) -> Option<u32> {
    const MOST: usize = 4;
    let Raw::Text(text) = raw else { return None };
    let plain = (1..=MOST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The attributes of a row that are compared with one another.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    limit_total: Option<Amount>,
    limit_used: Option<Amount>,
    share: Option<Rate>,
    age: Option<u32>,
    birth_year: Option<u32>,
}

impl Figures {
    /// Notes what a cell of the row says.
    pub(super) fn note(&mut self, name: &str, said: Said) {
        match (name, said) {
            ("limit_total", Said::Amount(amount)) => self.limit_total = Some(amount),
            ("limit_used", Said::Amount(amount)) => self.limit_used = Some(amount),
            ("funding_share", Said::Share(share)) => self.share = Some(share),
            ("age", Said::Count(age)) => self.age = Some(age),
            ("birth_year", Said::Count(year)) => self.birth_year = Some(year),
            _ => {}
        }
    }

    /// What is wrong with the row.
    pub(super) fn faults(self, row: &Row) -> impl Iterator<Item = Fault> {
        let fault = |code, blame: &str| Fault::new(code, row.origin, blame).with("id", &row.id);
        let limits = self.limit_used.zip(self.limit_total).filter(|(used, total)| used > total);
        let above = limits.map(|(used, total)| {
            let fault = fault("P0180", "limit_used").showing(&["limit_total"]);
            fault.with("used", used).with("total", total).with("excess", used - total)
        });
        let share = self.share.filter(|share| *share < Rate::ONE);
        let part = share.map(|share| {
            let shown = &["original_principal", "outstanding_principal"];
            fault("P0181", "funding_share").showing(shown).with("share", share.percent())
        });
        let of_year = self.birth_year.zip(row.origination).map(|(year, origination)| {
            ("birth_year", origination.year() - i32::try_from(year).unwrap_or(0))
        });
        let of_age = self.age.map(|age| ("age", i32::try_from(age).unwrap_or(i32::MAX)));
        let minor = of_age.or(of_year).filter(|(_, age)| *age < OF_AGE);
        let minor = minor.map(|(name, age)| fault("P0184", name).with("age", age));
        above.into_iter().chain(part).chain(minor)
    }
}
