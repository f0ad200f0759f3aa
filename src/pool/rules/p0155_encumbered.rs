//! # P0155, P0156 · a lien, another deal in the tape; another deal in the registry
//!
//! What is sold or pledged cannot be sold again.

use chrono::NaiveDate;

use crate::tape::{Fault, Faults, Field, Tape, says_yes};

/// The columns that must say no.
pub(in crate::pool) const COLUMNS: [&str; 2] = ["lien_flag", "other_deal_id"];

/// Notes every row that the tape or the registry says is another's, and returns which those are.
pub(in crate::pool) fn check(tape: &Tape, cutoff: NaiveDate, faults: &mut Faults) -> Vec<bool> {
    let mut by_column = COLUMNS.map(|_| faults.emptied());
    let taken = check_apart(tape, cutoff, &mut by_column, faults);
    by_column.into_iter().for_each(|of_column| faults.extend(of_column));
    taken
}

/// The same for a part of a tape: what each column says is kept apart, so that the parts together
/// tell it column by column.
pub(in crate::pool) fn check_apart(
    tape: &Tape,
    cutoff: NaiveDate,
    by_column: &mut [Faults; COLUMNS.len()],
    of_registry: &mut Faults,
) -> Vec<bool> {
    let mut taken = vec![false; tape.rows.len()];
    for (name, faults) in COLUMNS.into_iter().zip(by_column) {
        let Some(texts) = tape.texts.get(name) else { continue };
        let yes: Vec<bool> = texts.values.iter().map(|text| says_yes(text)).collect();
        for ((row, code), taken) in tape.rows.iter().zip(&texts.codes).zip(&mut taken) {
            if yes[*code as usize] {
                *taken = true;
                faults.add("P0155", || {
                    Fault::new("P0155", row.origin, name)
                        .with("id", &row.id)
                        .with("text", &texts.values[*code as usize])
                });
            }
        }
    }
    let Some(registry) = &tape.registry else { return taken };
    for (row, taken) in tape.rows.iter().zip(&mut taken).filter(|(row, _)| !row.id.is_empty()) {
        let day = row.cutoff.unwrap_or(cutoff);
        if let Some(held) = registry.holder(&row.id, day, &tape.manifest.privacy) {
            *taken = true;
            of_registry.add("P0156", || {
                Fault::new("P0156", row.origin, Field::ReceivableId.name())
                    .with("id", &row.id)
                    .with("deal", &held.deal)
                    .with("status", &held.status)
                    .with("place", &held.place)
            });
        }
    }
    taken
}
