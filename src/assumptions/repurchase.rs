//! Repurchase of ineligible receivables (不合格赎回), and what is given in their place (资产置换).

use super::Curve;
use super::from_toml::curve;
use crate::config::Section;
use crate::money::Rate;

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);

/// What the originator takes back month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Repurchase {
    /// The share of the surviving balance that is taken back in a month.
    pub rate: Curve,
    /// The share of it for which the originator gives an equal principal of like receivables instead
    /// of cash.
    pub substituted: Rate,
}

/// Reads the repurchases of a segment; `None` when it has none.
pub(super) fn read(section: &Section) -> Option<Repurchase> {
    let rate = curve(section, "repurchase");
    let substituted = section.rate("repurchase_substituted", SHARE_MOST);
    if !section.has("repurchase") && substituted.is_some() {
        section.find("A0220", "repurchase_substituted", &[("key", "repurchase".to_string())]);
    }
    // A curve of nothing takes nothing back.
    let rate = rate.filter(|rate| !rate.is_zero())?;
    Some(Repurchase { rate, substituted: substituted.unwrap_or(Rate::ZERO) })
}
