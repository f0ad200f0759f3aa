//! The standard receivables that a projection buys in the revolving period (标准购入资产).

use crate::config::{Document, Section, Text};
use crate::finding::{Finding, Origin};
use crate::money::Rate;
use crate::pool::{ContractRate, Method, RatePeriod};

/// A receivable that stands for all that are bought of its kind: its terms, and its share of what is
/// spent.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardReceivable {
    /// Where its segment stands in the file.
    pub origin: Origin,
    /// The name for readers.
    pub name: Text,
    /// The share of the budget; the shares sum to 1.
    pub share: Rate,
    /// The name of the segment that it behaves like; the last segment when nothing is said.
    pub segment: Option<String>,
    /// The id of the sub-pool that it belongs to; that of the terms of purchase when nothing is said.
    pub pool: Option<String>,
    /// Where that stands in the file.
    pub pool_origin: Origin,
    /// How it is repaid.
    pub method: Method,
    /// Instalments, one a month.
    pub instalments: u16,
    /// Instalments paid before it is bought.
    pub paid_instalments: u16,
    /// The contract rate.
    pub rate: ContractRate,
    /// What the columns of a tape would say of it.
    pub attributes: Vec<(String, String)>,
}

impl StandardReceivable {
    /// The words for methods of repayment; what stands only in a tape is not among them.
    pub const METHODS: [(&'static str, Method); 6] = [
        ("flat_fee", Method::FlatFee),
        ("level_pay", Method::LevelPay),
        ("equal_principal", Method::EqualPrincipal),
        ("interest_only", Method::InterestOnly),
        ("daily", Method::Daily),
        ("bill", Method::Bill),
    ];
}

/// One text for each column; of a list, the first.
fn attributes(section: &Section) -> Vec<(String, String)> {
    let pairs = section.pairs("attributes").into_iter();
    pairs.filter_map(|(column, texts)| Some((column, texts.into_iter().next()?))).collect()
}

/// Reads `[[purchased]]`.
pub(super) fn read(root: &Section, document: &Document) -> Vec<StandardReceivable> {
    const PER: [(&str, RatePeriod); 3] = [
        ("instalment", RatePeriod::Instalment),
        ("year", RatePeriod::Year),
        ("day", RatePeriod::Day),
    ];
    let sections = root.tables("purchased");
    let (count, mut sum, mut all) = (sections.len(), 0_i64, Vec::new());
    for (place, section) in sections.into_iter().enumerate() {
        let name = section.bilingual("name").unwrap_or_else(|| Text {
            zh: format!("标准资产 {}", place + 1),
            en: format!("Standard receivable {}", place + 1),
        });
        let share = section.rate("share", Rate::from_parts(Rate::ONE.parts() + 1));
        if !section.has("share") && count > 1 {
            section.missing("share");
        }
        for key in ["repayment_method", "instalments"] {
            if !section.has(key) {
                section.missing(key);
            }
        }
        let share = share.unwrap_or(if count == 1 { Rate::ONE } else { Rate::ZERO });
        sum = sum.saturating_add(share.parts());
        let short = |count: i64| u16::try_from(count).unwrap_or(0);
        let method = section.choice("repayment_method", &StandardReceivable::METHODS);
        let instalments = section.count("instalments", 360).map_or(1, short).max(1);
        let paid = section.count("paid_instalments", 360).map_or(0, short);
        if paid >= instalments {
            let facts = [("paid", paid.to_string()), ("instalments", instalments.to_string())];
            section.find("A0211", "paid_instalments", &facts);
        }
        all.push(StandardReceivable {
            origin: section.origin("segment"),
            name,
            share,
            segment: section.text("segment"),
            pool: section.text("pool"),
            pool_origin: section.origin("pool"),
            method: method.unwrap_or(Method::LevelPay),
            instalments,
            paid_instalments: paid.min(instalments - 1),
            rate: ContractRate {
                rate: section.rate("rate", Rate::ONE).unwrap_or(Rate::ZERO),
                per: section.choice("rate_period", &PER).unwrap_or(RatePeriod::Year),
            },
            attributes: attributes(&section),
        });
        section.finish();
    }
    if count > 0 && sum != Rate::ONE.parts() && !root.reported_any(&["purchased"]) {
        let finding = Finding::new("A0210", root.origin("purchased"));
        document.find(finding.with("sum", Rate::from_parts(sum).percent()));
    }
    all
}
