//! The tapes of a deal: the one that it names, or those of its sub-pools, joined.

use std::path::{Path, PathBuf};

use super::files::{self, name};
use super::{Error, Request, with_files};
use crate::deal::Deal;
use crate::finding::{Finding, Origin};
use crate::pool::{Pool, PoolTape, join, load_keeping};
use crate::report::{Manifest, ManifestFile};
use crate::tape::Mapping;

/// The pool with its tapes; nothing when no tape is named.
pub(super) type Read = Option<(Pool, Vec<PoolTape>)>;

/// Reads the tapes, each with its mapping, keeping that many findings of one code apart.
///
/// # Errors
///
/// When a file cannot be read at all.
pub(super) fn read(
    deal: &Deal,
    request: &Request,
    (manifest, findings): (&mut Manifest, &mut Vec<Finding>),
    most: usize,
) -> Result<Read, Error> {
    let folder = request.deal.parent().unwrap_or(Path::new(""));
    if deal.subpools.is_empty() {
        return one(deal, request, folder, (manifest, findings), most);
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
    Ok(Some((pool, tapes)))
}

/// The tape that the deal or the request names.
fn one(
    deal: &Deal,
    request: &Request,
    folder: &Path,
    (manifest, findings): (&mut Manifest, &mut Vec<Finding>),
    most: usize,
) -> Result<Read, Error> {
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
    let (pool, found) = load_keeping(&tape, &mapping, &deal.pool, most)?.into_parts();
    findings.extend(found);
    note(&tape, &pool, manifest)?;
    manifest.mends.clone_from(&pool.manifest.mends);
    let only = PoolTape::only(tape, &pool);
    Ok(Some((pool, vec![only])))
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
