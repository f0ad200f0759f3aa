//! The receivables on offer in the revolving period.

use std::collections::BTreeSet;
use std::path::Path;

use super::Error;
use super::files::{self, name};
use crate::deal::Deal;
use crate::finding::{Checked, Finding, Origin};
use crate::model::{Candidates, Refusal, purchase_days};
use crate::pool::{Attribute, Pool, PoolTerms, SUBPOOL};
use crate::portfolio::eligibility::{Occasion, Tester};
use crate::portfolio::order::{self, Order};
use crate::report::{Manifest, ManifestFile};

/// The list with the sub-pool of each receivable: what its column `pool` says, else that of the terms.
fn of_subpools(mut pool: Pool, deal: &Deal) -> (Pool, Option<Finding>) {
    let terms = deal.purchase.as_ref().map_or(0, |terms| terms.pool);
    let Some(default) = deal.subpools.get(terms) else { return (pool, None) };
    let count = pool.receivables.len();
    let none = || Attribute { values: vec!["".into()], codes: vec![0; count] };
    let stated = pool.attributes.entry(SUBPOOL.to_string()).or_insert_with(none);
    let is_known = |value: &str| deal.subpools.iter().any(|subpool| subpool.id == value);
    let unknown = stated.values.iter().find(|value| !value.is_empty() && !is_known(value));
    let finding = unknown.map(|value| {
        let known = deal.subpools.iter().map(|subpool| format!("`{}`", subpool.id));
        Finding::new("P0172", Origin::file(&pool.manifest.file))
            .with("value", value)
            .with("known", known.collect::<Vec<_>>().join(", "))
    });
    // By code of the column, the place of the sub-pool that is meant.
    let id = |value: &str| -> Box<str> {
        if is_known(value) { value.into() } else { default.id.as_str().into() }
    };
    let values: BTreeSet<Box<str>> = stated.values.iter().map(|value| id(value)).collect();
    let values: Vec<Box<str>> = values.into_iter().collect();
    let place = |value: &str| values.iter().position(|known| *known == id(value));
    let meant: Vec<u32> = (stated.values.iter())
        .map(|value| u32::try_from(place(value).expect("just listed")).expect("ids are few"))
        .collect();
    let codes = stated.codes.iter().map(|code| meant[*code as usize]).collect();
    *stated = Attribute { values, codes };
    (pool, finding)
}

/// A list has no cut-off date of the pool: the day that a balance is of stands before the first day on
/// which the deal may buy.
fn before_the_first_purchase(finding: Finding) -> Finding {
    match finding.code {
        "P0140" => Finding { code: "M0143", ..finding },
        _ => finding,
    }
}

/// The list in the order in which the deal looks at it.
fn in_order(pool: Pool, deal: &Deal) -> Pool {
    let order = deal.purchase.as_ref().map_or(Order::List, |terms| terms.order);
    let places = order::places(&pool, order);
    pool.picked(&places)
}

/// Reads the list that the deal names, and tests each receivable of it on the day of its purchase.
///
/// # Errors
///
/// When a file cannot be read at all.
pub(super) fn read(
    deal: &Deal,
    folder: &Path,
    manifest: &mut Manifest,
) -> Result<Checked<Option<Candidates>>, Error> {
    let mut findings = Vec::new();
    let terms = deal.purchase.as_ref();
    let Some(list) = terms.and_then(|terms| terms.candidates.as_ref()) else {
        return Ok(Checked::new(None, findings));
    };
    let days = purchase_days(deal);
    let Some(first) = days.first().copied() else {
        return Ok(Checked::new(None, findings));
    };
    let mapping = terms.and_then(|terms| terms.candidates_mapping.as_ref());
    let mapping = mapping.map(|file| folder.join(file));
    let mapping = files::mapping(mapping, "candidates_mapping_file", manifest, &mut findings)?;
    let path = folder.join(list);
    let terms = PoolTerms { cutoff: first, ..deal.pool.clone() };
    let (pool, found) = crate::pool::load(&path, &mapping, &terms)?.into_parts();
    findings.extend(found.into_iter().map(before_the_first_purchase));
    let (pool, found) = of_subpools(pool, deal);
    findings.extend(found);
    let pool = in_order(pool, deal);
    let sha256 = pool.manifest.sha256.clone();
    manifest.files.push(ManifestFile { role: "candidates_file", name: name(&path), sha256 });
    let (tester, found) = Tester::bind(Occasion::Purchase, &deal.eligibility, &pool).into_parts();
    findings.extend(found);
    let refused = pool.receivables.iter().enumerate().map(|(index, receivable)| {
        let balance_of = receivable.cutoff(pool.cutoff);
        let day = days.iter().find(|day| **day >= balance_of)?;
        let failed = tester.first_failure(index, *day)?;
        let criterion = &deal.eligibility[failed];
        let tested = tester.tested(failed, index, *day);
        Some(Refusal { id: criterion.id.clone(), name: criterion.name.clone(), tested })
    });
    let refused = refused.collect();
    drop(tester);
    Ok(Checked::new(Some(Candidates { pool, refused }), findings))
}
