//! The tapes of a deal: the one that it names, or those of its sub-pools, joined.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::files::{self, name};
use super::{Error, Request, with_files};
use crate::assumptions::Assumptions;
use crate::deal::Deal;
use crate::finding::{Checked, Finding, Origin};
use crate::model::Gathered;
use crate::money::Amount;
use crate::pool::{
    Parts, Pool, PoolTape, PoolTerms, ProductTerms, Taken, join, load_in_blocks, load_keeping,
};
use crate::report::{Manifest, ManifestFile};
use crate::tape::{self, Mapping};

/// What was read of the tapes.
pub(super) struct Read {
    /// The pool; without its receivables where they were summed.
    pub pool: Pool,
    /// Its tapes.
    pub tapes: Vec<PoolTape>,
    /// The sums in place of the receivables, how many these are, and their outstanding principal.
    pub sums: Option<(Gathered, usize, Amount)>,
}

/// Reads the tapes, each with its mapping, keeping that many findings of one code apart. One tape is
/// summed as it is read where sums under some assumptions will do. Nothing when no tape is named.
///
/// # Errors
///
/// When a file cannot be read at all.
pub(super) fn read(
    deal: &Deal,
    request: &Request,
    sums_for: Option<&Assumptions>,
    (manifest, findings): (&mut Manifest, &mut Vec<Finding>),
    most: usize,
) -> Result<Option<Read>, Error> {
    let folder = request.deal.parent().unwrap_or(Path::new(""));
    if deal.subpools.is_empty() {
        return one(deal, (request, folder), sums_for, (manifest, findings), most);
    }
    let chosen = [
        ("--pool", request.tape.is_some()),
        ("--mapping", request.mapping.is_some()),
        ("--mend", request.mend.is_some()),
    ];
    let chosen: Vec<&str> =
        chosen.iter().filter(|(_, given)| *given).map(|(option, _)| *option).collect();
    if !chosen.is_empty() {
        let origin = Origin::file(&name(&request.deal));
        let finding = Finding::new("D0372", origin).with("option", chosen.join(", "));
        findings.push(finding.with("count", deal.subpools.len()));
        return Ok(None);
    }
    let mut pools = Vec::new();
    for subpool in &deal.subpools {
        let mapping = subpool.mapping.as_ref().map(|file| folder.join(file));
        let mapping = files::mapping(mapping, "mapping_file", manifest, findings)?;
        let mapping = with_files(mapping, request);
        let path = folder.join(&subpool.tape);
        let (pool, found) = load_keeping(&path, &mapping, &subpool.terms, most)?.into_parts();
        findings.extend(found);
        note(&path, &pool, manifest)?;
        pools.push((subpool.id.clone(), path, pool));
    }
    let (pool, tapes, found) = join(deal.pool.cutoff, pools);
    findings.extend(found);
    manifest.mends.clone_from(&pool.manifest.mends);
    Ok(Some(Read { pool, tapes, sums: None }))
}

/// What is found in the tapes of a deal that was refused, as far as it names them: what is wrong with
/// the deal must not hide what is wrong with its pool. What cannot be read is told when the deal is
/// mended.
///
/// # Errors
///
/// When the mapping cannot be read at all.
pub(super) fn of_refused(
    request: &Request,
    (manifest, findings): (&mut Manifest, &mut Vec<Finding>),
    most: usize,
) -> Result<Vec<PoolTape>, Error> {
    let folder = request.deal.parent().unwrap_or(Path::new(""));
    let again = files::document(&request.deal, super::DEAL, &mut Manifest::default())?;
    let named = again.ok().map(|document| Deal::pool_of(&document)).unwrap_or_default();
    let of_deal = |chosen: &Option<PathBuf>, named: Option<&String>| -> Option<PathBuf> {
        chosen.clone().or_else(|| named.map(|file| folder.join(file)))
    };
    let terms = named.terms.clone().unwrap_or_else(|| PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2199, 12, 31).expect("a day of the calendar"),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    });
    let mut found = Vec::new();
    let mut tapes = Vec::new();
    let mut look = |path: &Path, mapping: &Mapping, terms: &PoolTerms| {
        if let Ok(checked) = load_keeping(path, mapping, terms, most) {
            let (pool, of_tape) = checked.into_parts();
            found.extend(of_tape);
            tapes.push(PoolTape::only(path.to_path_buf(), &pool));
        }
    };
    if named.subpools.is_empty() {
        let mapping = of_deal(&request.mapping, named.files.mapping.as_ref());
        let mapping = mapping_of(mapping, request, manifest, findings)?;
        if let Some(path) = of_deal(&request.tape, named.files.tape.as_ref()) {
            look(&path, &mapping, &terms);
        }
    }
    for subpool in &named.subpools {
        let mapping = subpool.mapping.as_ref().map(|file| folder.join(file));
        let mapping = files::mapping(mapping, "mapping_file", manifest, findings)?;
        look(&folder.join(&subpool.tape), &mapping, &subpool.terms);
    }
    // Without a cut-off date, or with one that is a slip, nothing that is counted to it can be said.
    let is_slip = findings.iter().any(|finding| finding.code == "D0306");
    let dated = !is_slip && (named.terms.is_some() || !named.subpools.is_empty());
    found.retain(|finding| dated || !OF_CUTOFF.contains(&finding.code));
    findings.extend(found);
    Ok(tapes)
}

/// What is found only by the cut-off date.
const OF_CUTOFF: [&str; 10] =
    ["P0114", "P0137", "P0138", "P0139", "P0140", "P0141", "P0150", "P0153", "P0156", "T0015"];

/// The tape that the deal or the request names.
fn one(
    deal: &Deal,
    (request, folder): (&Request, &Path),
    sums_for: Option<&Assumptions>,
    (manifest, findings): (&mut Manifest, &mut Vec<Finding>),
    most: usize,
) -> Result<Option<Read>, Error> {
    let of_deal = |chosen: &Option<PathBuf>, named: Option<&String>| -> Option<PathBuf> {
        chosen.clone().or_else(|| named.map(|file| folder.join(file)))
    };
    let mapping = of_deal(&request.mapping, deal.files.mapping.as_ref());
    let mapping = mapping_of(mapping, request, manifest, findings)?;
    let Some(tape) = of_deal(&request.tape, deal.files.tape.as_ref()) else {
        let origin = Origin::file(&name(&request.deal));
        findings.push(Finding::new("F0103", origin).with("key", "pool.tape"));
        return Ok(None);
    };
    let summed = match sums_for {
        Some(assumptions) => {
            gathered((&tape, &mapping), (deal, assumptions), most, request.threads)?
        }
        None => None,
    };
    let (pool, sums, found) = match summed {
        Some(checked) => {
            let (taken, found) = checked.into_parts();
            (taken.pool, Some((taken.made, taken.count, taken.outstanding)), found)
        }
        None => {
            let loaded = load_keeping(&tape, &mapping, &deal.pool, most)?;
            let (pool, found) = loaded.into_parts();
            (pool, None, found)
        }
    };
    findings.extend(found);
    note(&tape, &pool, manifest)?;
    manifest.mends.clone_from(&pool.manifest.mends);
    let only = PoolTape::only(tape, &pool);
    Ok(Some(Read { pool, tapes: vec![only], sums }))
}

/// The tape summed by cohort as it is read, where it can be read so.
fn gathered(
    (tape, mapping): (&Path, &Mapping),
    (deal, assumptions): (&Deal, &Assumptions),
    most: usize,
    threads: usize,
) -> Result<Option<Checked<Taken<Gathered>>>, tape::Error> {
    let filters = assumptions.segments.iter().flat_map(|segment| &segment.filter);
    let filters = filters.map(|(column, _)| column.clone());
    // What credit lines may draw is summed with their balances.
    let columns: BTreeSet<String> = filters.chain(["limit_total".to_string()]).collect();
    load_in_blocks(
        tape,
        mapping,
        &deal.pool,
        Parts { rows: Parts::ROWS, most, columns: &columns },
        || Gathered::new(deal),
        |gathered, part| gathered.add(part, assumptions, threads),
    )
}

/// The mapping of a tape, with the files that the request names instead of its own.
///
/// # Errors
///
/// When the file cannot be read.
pub(super) fn mapping_of(
    path: Option<PathBuf>,
    request: &Request,
    manifest: &mut Manifest,
    findings: &mut Vec<Finding>,
) -> Result<Mapping, Error> {
    let mapping = files::mapping(path, "mapping_file", manifest, findings)?;
    Ok(with_files(mapping, request))
}

/// Notes a tape, and what was read beside it.
fn note(tape: &Path, pool: &Pool, manifest: &mut Manifest) -> Result<(), Error> {
    manifest.files.push(ManifestFile {
        role: "tape_file",
        name: name(tape),
        sha256: pool.manifest.sha256.clone(),
    });
    let beside =
        [("mend_file", &pool.manifest.mend_path), ("registry_file", &pool.manifest.registry_path)];
    for (role, path) in beside {
        if let Some(path) = path {
            files::note(path, role, manifest)?;
        }
    }
    Ok(())
}
