//! Several tapes, each a sub-pool (子资产池) of its own, as the one pool of a deal.
//!
//! Receivables stand tape by tape, so those of a sub-pool are one range. Every receivable has the
//! attribute `pool`, the id of its sub-pool, beside what its tape says of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::{Attribute, Pool, Receivable};
use crate::finding::{Finding, Origin};
use crate::money::Amount;
use crate::tape::{Field, TapeManifest, hash};

/// The attribute that names the sub-pool of a receivable.
pub const SUBPOOL: &str = "pool";

/// A tape of the deal, with the receivables that it brings.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolTape {
    /// The id of the sub-pool; empty where the deal has one tape.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// What was read of it.
    pub manifest: TapeManifest,
    /// Its receivables, by place in the pool.
    pub places: Range<usize>,
}

impl PoolTape {
    /// The tape of a pool that has no other.
    pub fn only(path: PathBuf, pool: &Pool) -> PoolTape {
        let places = 0..pool.receivables.len();
        PoolTape { id: String::new(), path, manifest: pool.manifest.clone(), places }
    }

    /// The outstanding principal of its receivables.
    pub fn outstanding(&self, pool: &Pool) -> Amount {
        let own = pool.receivables[self.places.clone()].iter();
        own.map(|receivable| receivable.outstanding_principal).sum()
    }

    /// The identifier's cell of a receivable: `B7`.
    fn cell(&self, receivable: &Receivable) -> Origin {
        let column = self.manifest.columns.get(Field::ReceivableId.name());
        let letters = column.map_or("", |(letters, _)| letters.as_str());
        let sheet = &self.manifest.sheets[usize::from(receivable.origin.sheet)];
        Origin::cell(&self.manifest.file, sheet, format!("{letters}{}", receivable.origin.row))
    }
}

/// Joins the pools of several tapes, in their order; each has the id of its sub-pool.
///
/// A sub-pool whose cut-off date is after `cutoff` joins the pool on that date, as receivables with
/// a cut-off date of their own do.
///
/// Findings: a tape that has a text column named `pool` (P0171), a receivable that stands in two
/// tapes of one originator (P0170).
pub fn join(
    cutoff: NaiveDate,
    pools: Vec<(String, PathBuf, Pool)>,
) -> (Pool, Vec<PoolTape>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut all = Pool {
        cutoff,
        receivables: Vec::new(),
        products: Vec::new(),
        attributes: attributes(&pools),
        manifest: manifest(&pools),
    };
    let mut tapes = Vec::new();
    for (id, path, pool) in pools {
        if pool.attributes.contains_key(SUBPOOL) {
            let column = pool.manifest.columns.get(SUBPOOL);
            let column = column.map_or(String::new(), |(letters, _)| format!(" ({letters})"));
            let origin = Origin::file(&pool.manifest.file);
            findings.push(Finding::new("P0171", origin).with("column", column));
        }
        let first = u16::try_from(all.products.len()).unwrap_or(u16::MAX);
        let start = all.receivables.len();
        let later = (pool.cutoff > cutoff).then_some(pool.cutoff);
        all.products.extend(pool.products);
        all.receivables.extend(pool.receivables.into_iter().map(|receivable| Receivable {
            product: receivable.product.saturating_add(first),
            own_cutoff: receivable.own_cutoff.or(later),
            ..receivable
        }));
        let places = start..all.receivables.len();
        tapes.push(PoolTape { id, path, manifest: pool.manifest, places });
    }
    findings.extend(repeated(&all, &tapes));
    (all, tapes, findings)
}

/// The text columns of all tapes with the values that occur; a receivable of a tape without the
/// column has the empty text.
fn attributes(pools: &[(String, PathBuf, Pool)]) -> BTreeMap<String, Attribute> {
    let names = pools.iter().flat_map(|(.., pool)| pool.attributes.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let joined = names.into_iter().filter(|name| *name != SUBPOOL);
    let mut attributes: BTreeMap<String, Attribute> =
        joined.map(|name| (name.clone(), attribute(name, pools))).collect();
    let mut ids: Vec<Box<str>> = pools.iter().map(|(id, ..)| id.as_str().into()).collect();
    ids.sort_unstable();
    ids.dedup();
    let code = |id: &str| ids.iter().position(|known| **known == *id).map_or(0, narrow);
    let codes = pools
        .iter()
        .flat_map(|(id, _, pool)| std::iter::repeat_n(code(id), pool.receivables.len()));
    let codes = codes.collect();
    attributes.insert(SUBPOOL.to_string(), Attribute { values: ids, codes });
    attributes
}

fn attribute(name: &str, pools: &[(String, PathBuf, Pool)]) -> Attribute {
    let mut values: Vec<Box<str>> = Vec::new();
    for (.., pool) in pools {
        match pool.attributes.get(name) {
            Some(attribute) => values.extend(attribute.values.iter().cloned()),
            None => values.push("".into()),
        }
    }
    values.sort_unstable();
    values.dedup();
    let code = |value: &str| {
        let place = values.binary_search_by(|known| (**known).cmp(value));
        narrow(place.expect("every value of a tape is among the values of all"))
    };
    let mut codes = Vec::new();
    for (.., pool) in pools {
        match pool.attributes.get(name) {
            Some(attribute) => {
                let joined: Vec<u32> = attribute.values.iter().map(|value| code(value)).collect();
                codes.extend(attribute.codes.iter().map(|old| joined[*old as usize]));
            }
            None => codes.resize(codes.len() + pool.receivables.len(), code("")),
        }
    }
    Attribute { values, codes }
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("texts are fewer than 2^32")
}

/// What all tapes were: their files named together, the columns that any of them has.
fn manifest(pools: &[(String, PathBuf, Pool)]) -> TapeManifest {
    let of = || pools.iter().map(|(.., pool)| &pool.manifest);
    let joined = |read: fn(&TapeManifest) -> &str| of().map(read).collect::<Vec<_>>().join(" + ");
    TapeManifest {
        file: joined(|manifest| &manifest.file),
        sha256: joined(|manifest| &manifest.sha256),
        columns: of().rev().flat_map(|manifest| manifest.columns.clone()).collect(),
        rows: of().map(|manifest| manifest.rows).sum(),
        mends: of().flat_map(|manifest| manifest.mends.clone()).collect(),
        ..TapeManifest::default()
    }
}

/// Receivables that stand in two tapes under one number of one originator: a warning each.
fn repeated(pool: &Pool, tapes: &[PoolTape]) -> Vec<Finding> {
    let originators = pool.attributes.get("originator");
    let originator =
        |place: usize| originators.map_or("", |of| &of.values[of.codes[place] as usize]);
    let id = |place: usize| &*pool.receivables[place].id;
    let same =
        |one: usize, other: usize| id(one) == id(other) && originator(one) == originator(other);
    let mut keys: Vec<(u64, usize)> =
        (0..pool.receivables.len()).map(|place| (hash(id(place)), place)).collect();
    keys.sort_unstable();
    let mut again: Vec<[usize; 2]> = Vec::new();
    for equal in keys.chunk_by(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
        for (number, (_, place)) in equal.iter().enumerate() {
            let first = equal[..number].iter().find(|(_, first)| same(*first, *place));
            again.extend(first.map(|(_, first)| [*first, *place]));
        }
    }
    // In the order of the tapes, whatever the order of the numbers.
    again.sort_unstable_by_key(|pair| pair[1]);
    let tape_of = |place: usize| {
        let tape = tapes.iter().position(|tape| tape.places.contains(&place));
        tape.expect("every receivable is of a tape")
    };
    let told = again.into_iter().map(|[first, second]| {
        let (one, other) = (tape_of(first), tape_of(second));
        let receivable = &pool.receivables[second];
        Finding::new("P0170", tapes[other].cell(receivable))
            .with("id", &receivable.id)
            .with("other", tapes[one].cell(&pool.receivables[first]))
            .with("balance", receivable.outstanding_principal.grouped())
            .with("pools", format!("`{}`, `{}`", tapes[one].id, tapes[other].id))
    });
    told.collect()
}
