//! # P0102 · two rows with the same identifier

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
        let (row, first) = (&rows[index as usize], &rows[first as usize]);
        repeated[index as usize] = true;
        faults.add("P0102", || {
            Fault::new("P0102", row.origin, Field::ReceivableId.name())
                .showing(&["original_principal", "outstanding_principal"])
                .with("id", &row.id)
                .with("first", first.origin.row)
        });
    }
    repeated
}
