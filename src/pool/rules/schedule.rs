//! # P0133–P0136 · the lines of the repayment schedule

use std::collections::{BTreeMap, BTreeSet};

use crate::money::Amount;
use crate::pool::GivenInstalment;
use crate::tape::{Fault, Faults, ScheduleRow, Tape};

/// The schedule's instalments by receivable, in order of their numbers; lines with a fault are left
/// out.
pub(in crate::pool) fn by_receivable<'t>(
    tape: &'t Tape,
    faults: &mut Faults,
) -> BTreeMap<&'t str, Vec<GivenInstalment>> {
    let mut schedule: BTreeMap<&str, Vec<(&ScheduleRow, GivenInstalment)>> = BTreeMap::new();
    let Some(rows) = &tape.schedule else { return BTreeMap::new() };
    let ids: BTreeSet<&str> = tape.rows.iter().map(|row| &*row.id).collect();
    for row in rows.iter().filter(|row| !row.unreadable) {
        match line(row) {
            _ if !row.id.is_empty() && !ids.contains(&*row.id) => {
                faults.add("P0133", || fault("P0133", row, "schedule.receivable_id"));
            }
            Ok(instalment) => schedule.entry(&row.id).or_default().push((row, instalment)),
            Err(column) => {
                faults.add("P0136", || fault("P0136", row, column).with("field", column));
            }
        }
        total(row, faults);
    }
    for lines in schedule.values_mut() {
        lines.sort_by_key(|(_, instalment)| instalment.number);
        order(lines, faults);
    }
    let plain = |lines: Vec<(&ScheduleRow, GivenInstalment)>| {
        lines.into_iter().map(|(_, instalment)| instalment).collect()
    };
    schedule.into_iter().map(|(id, lines)| (id, plain(lines))).collect()
}

/// The instalment of a line, or the column that it lacks.
fn line(row: &ScheduleRow) -> Result<GivenInstalment, &'static str> {
    if row.id.is_empty() {
        return Err("schedule.receivable_id");
    }
    Ok(GivenInstalment {
        number: row.number.filter(|number| *number > 0).ok_or("schedule.number")?,
        due: row.due.ok_or("schedule.due_date")?,
        principal: row.principal.ok_or("schedule.principal")?,
        interest: row.interest.unwrap_or_default(),
        fee: row.fee.unwrap_or_default(),
    })
}

/// P0134: the total given must be the sum of the parts.
fn total(row: &ScheduleRow, faults: &mut Faults) {
    let parts: Amount = [row.principal, row.interest, row.fee].into_iter().flatten().sum();
    if let Some(total) = row.total.filter(|total| *total != parts) {
        faults.add("P0134", || {
            fault("P0134", row, "schedule.total")
                .showing(&["schedule.principal", "schedule.interest", "schedule.fee"])
                .with("total", total)
                .with("sum", parts)
                .with("difference", total - parts)
        });
    }
}

/// P0135: numbers follow one another, and so do the dates.
fn order(lines: &[(&ScheduleRow, GivenInstalment)], faults: &mut Faults) {
    for pair in lines.windows(2) {
        let ((_, before), (row, after)) = (&pair[0], &pair[1]);
        if after.number != before.number + 1 || after.due <= before.due {
            faults.add("P0135", || {
                fault("P0135", row, "schedule.number")
                    .showing(&["schedule.due_date"])
                    .with("number", after.number)
                    .with("due", after.due)
                    .with("number_before", before.number)
                    .with("due_before", before.due)
            });
        }
    }
}

fn fault(code: &'static str, row: &ScheduleRow, column: &str) -> Fault {
    let fault = Fault::new(code, row.origin, column).with("id", &row.id);
    Fault { in_schedule: true, ..fault }
}
