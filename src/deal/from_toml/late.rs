//! Definitions that read figures of a sub-pool before it joins.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::super::Subpool;
use super::Reader;
use crate::config::Section;
use crate::formula::from_text;
use crate::pool::SUBPOOL;

/// Tells each definition that reads a sub-pool of a later cut-off date (M0190).
///
/// A definition is what fees, steps, triggers and accounts read of a sub-pool; before it joins, its
/// figures but the initial balance are 0.00, unless something is bought into it: a fee of it is nothing, and a target for its notes asks to repay them all.
pub(super) fn early_reads(
    reader: &Reader,
    root: &Section,
    cutoff: Option<NaiveDate>,
    subpools: &[Subpool],
) {
    let Some((cutoff, section)) = cutoff.zip(root.section("define")) else { return };
    let late = subpools.iter().filter(|subpool| subpool.terms.cutoff > cutoff);
    for subpool in late {
        let prefix = format!("{SUBPOOL}.{}.", subpool.id);
        for definition in &reader.definitions {
            let read: BTreeSet<String> = from_text::names(&definition.expr)
                .map(|(name, ..)| name)
                .filter(|name| name.starts_with(&prefix) && !name.ends_with(".initial"))
                .collect();
            if read.is_empty() {
                continue;
            }
            let read: Vec<String> = read.iter().map(|name| format!("`{name}`")).collect();
            let facts = [
                ("name", definition.name.clone()),
                ("read", read.join(", ")),
                ("subpool", subpool.id.clone()),
                ("cutoff", subpool.terms.cutoff.to_string()),
            ];
            section.find("M0190", &definition.name, &facts);
        }
    }
}
