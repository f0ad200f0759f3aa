//! What is spent to collect defaulted receivables, and their sale (不良资产处置).

use chrono::NaiveDate;

use crate::config::Section;
use crate::money::Rate;

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);

/// The sale of defaulted receivables: a lump instead of what they would still bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Disposal {
    /// The price as a share of the principal that defaulted.
    pub price: Rate,
    /// When they are sold.
    pub when: SaleTime,
}

/// When defaulted receivables are sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaleTime {
    /// Each default so many months after it.
    Age(usize),
    /// All that have defaulted by then, in the collection month of a day.
    Date(NaiveDate),
}

/// Reads the sale of a segment; `None` when nothing is sold.
pub(super) fn read(section: &Section) -> Option<Disposal> {
    let price = section.rate("disposal_price", SHARE_MOST);
    let age = section.count("disposal_age", 120).and_then(|age| usize::try_from(age).ok());
    let date = section.has("disposal_date").then(|| section.date("disposal_date")).flatten();
    let [has_age, has_date] = ["disposal_age", "disposal_date"].map(|key| section.has(key));
    if has_age && has_date {
        section.find("A0201", "disposal_date", &[("other", "disposal_age".to_string())]);
    }
    if !section.has("disposal_price") {
        for key in ["disposal_age", "disposal_date"].into_iter().filter(|key| section.has(key)) {
            section.find("A0220", key, &[("key", "disposal_price".to_string())]);
        }
        return None;
    }
    if !has_age && !has_date {
        section.missing("disposal_age");
    }
    let when = age.map(SaleTime::Age).or(date.map(SaleTime::Date))?;
    Some(Disposal { price: price?, when })
}
