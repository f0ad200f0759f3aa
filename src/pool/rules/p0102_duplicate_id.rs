//! # P0102 · two rows with the same identifier

use std::collections::{BTreeMap, BTreeSet};

use crate::tape::{Fault, Faults, Field, Row, hash};

/// Notes every row whose identifier an earlier row has, and returns which rows those are.
pub(in crate::pool) fn check(rows: &[Row], faults: &mut Faults) -> Vec<bool> {
    let mut keys: Vec<(u64, u32)> = (0_u32..)
        .zip(rows)
        .filter(|(_, row)| !row.id.is_empty())
        .map(|(index, row)| (hash(&row.id), index))
        .collect();
    keys.sort_unstable();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for equal in keys.chunk_by(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
        for (place, (_, index)) in equal.iter().enumerate() {
            let same = |other: &&(u64, u32)| rows[other.1 as usize].id == rows[*index as usize].id;
            pairs.extend(equal[..place].iter().find(same).map(|(_, first)| (*index, *first)));
        }
    }
    pairs.sort_unstable();
    let mut repeated = vec![false; rows.len()];
    for (index, first) in pairs {
        repeated[index as usize] = true;
        note(&rows[index as usize], rows[first as usize].origin.row, faults);
    }
    repeated
}

fn note(row: &Row, first: u32, faults: &mut Faults) {
    faults.add("P0102", || {
        Fault::new("P0102", row.origin, Field::ReceivableId.name())
            .showing(&["original_principal", "outstanding_principal"])
            .with("id", &row.id)
            .with("first", first)
    });
}

/// The identifiers of a tape that is read in parts, eight bytes each: which of them may occur twice.
pub(in crate::pool) struct Hashes {
    /// By their first byte, so that no list grows large and each is sorted by itself.
    by_byte: Vec<Vec<u64>>,
}

impl Hashes {
    /// None yet.
    pub(in crate::pool) fn new() -> Hashes {
        Hashes { by_byte: vec![Vec::new(); 256] }
    }

    /// Takes the identifiers of further rows in.
    pub(in crate::pool) fn see(&mut self, rows: &[Row]) {
        for row in rows.iter().filter(|row| !row.id.is_empty()) {
            let hash = hash(&row.id);
            let byte = usize::try_from(hash >> 56).expect("a byte");
            self.by_byte[byte].push(hash);
        }
    }

    /// The hashes that occur more than once: of equal identifiers, or by chance.
    pub(in crate::pool) fn suspects(mut self) -> BTreeSet<u64> {
        let mut suspects = BTreeSet::new();
        for hashes in &mut self.by_byte {
            hashes.sort_unstable();
            suspects.extend(hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|p| p[0]));
        }
        suspects
    }
}

/// The rows of a tape, part by part, whose identifiers are among the suspects.
#[derive(Default)]
pub(in crate::pool) struct Seen {
    /// By hash the identifiers, each with the row that had it first.
    first: BTreeMap<u64, Vec<(Box<str>, u32)>>,
}

impl Seen {
    /// [`check`] for the next rows of the tape.
    pub(in crate::pool) fn check(
        &mut self,
        rows: &[Row],
        suspects: &BTreeSet<u64>,
        faults: &mut Faults,
    ) -> Vec<bool> {
        let mut repeated = vec![false; rows.len()];
        if suspects.is_empty() {
            return repeated;
        }
        for (row, repeated) in rows.iter().zip(&mut repeated).filter(|(row, _)| !row.id.is_empty())
        {
            let hash = hash(&row.id);
            if !suspects.contains(&hash) {
                continue;
            }
            let known = self.first.entry(hash).or_default();
            match known.iter().find(|(id, _)| *id == row.id) {
                Some((_, first)) => {
                    *repeated = true;
                    note(row, *first, faults);
                }
                None => known.push((row.id.clone(), row.origin.row)),
            }
        }
        repeated
    }
}
