//! Refunds (退货退款): receivables that are cancelled because the goods went back.
//!
//! A refund is neither a prepayment nor a default: the obligor owes nothing any more, and the
//! originator makes good what the pool loses, or does not.

use crate::config::Section;
use crate::money::Rate;

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);
/// A season is at most ten times the average month.
const SEASON_MOST: Rate = Rate::from_parts(10 * Rate::ONE.parts() + 1);

/// What is refunded, month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Dilution {
    /// The share of the surviving balance that is refunded 0, 1, 2, … months after the month of
    /// origination (or of joining the pool); nothing later.
    pub rates: Vec<Rate>,
    /// From when months count.
    pub since: Since,
    /// A factor for January, February, …, December; empty when months do not differ.
    pub season: Vec<Rate>,
    /// The share of a refund that the originator makes good (原始权益人补足).
    pub compensated: Rate,
    /// Whether the originator also pays the charges of the month on what it makes good.
    pub charges: bool,
}

/// From when the months of a refund curve count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// The month of origination: the curve counts the age of the receivable.
    #[default]
    Origination,
    /// The month in which it joins the pool; what is bought counts from the next.
    Joining,
}

/// Reads the refunds of a segment; `None` when it has none.
pub(super) fn read(section: &Section) -> Option<Dilution> {
    const SINCE: [(&str, Since); 2] =
        [("origination", Since::Origination), ("joining", Since::Joining)];
    const CHARGES: [(&str, bool); 2] = [("waived", false), ("paid", true)];
    let rates = section.rates("dilution", Rate::ONE);
    let season = section.rates("dilution_season", SEASON_MOST);
    let since = section.choice("dilution_since", &SINCE).unwrap_or_default();
    let compensated = section.rate("dilution_compensated", SHARE_MOST).unwrap_or(Rate::ONE);
    let charges = section.choice("dilution_charges", &CHARGES).unwrap_or(false);
    if !section.has("dilution") {
        for key in ["dilution_season", "dilution_since", "dilution_compensated", "dilution_charges"]
        {
            if section.has(key) {
                section.find("A0220", key, &[("key", "dilution".to_string())]);
            }
        }
        return None;
    }
    let (rates, season) = (rates?, season.unwrap_or_default());
    let wrong = section.reported_any(&["dilution_season", "dilution"]);
    if !season.is_empty() && season.len() != 12 && !wrong {
        section.find("A0221", "dilution_season", &[("count", season.len().to_string())]);
        return None;
    }
    let most = |rates: &[Rate]| rates.iter().copied().max().unwrap_or(Rate::ONE);
    let highest = i128::from(most(&rates).parts()) * i128::from(most(&season).parts());
    if !season.is_empty() && highest > i128::from(Rate::ONE.parts()).pow(2) && !wrong {
        let facts = [("rate", most(&rates).percent()), ("factor", most(&season).to_string())];
        section.find("A0222", "dilution_season", &facts);
    }
    // A curve of nothing is no refund, and parts no cohorts.
    let some = rates.iter().any(|rate| *rate != Rate::ZERO);
    some.then_some(Dilution { rates, since, season, compensated, charges })
}
