//! The repayment schedule: a second sheet or file with one line per instalment.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::cell::{Cell, Raw, column_of, letters};
use super::field::Field;
use super::header::{aliases, normal};
use super::layout::{Above, Headers, Layout, Target, headers_of, schedule_layout, seen};
use super::mapping::{Hidden, Mapping, ScheduleRef};
use super::privacy::{Columns, treatments};
use super::read::{Teller, of_whole, shortened};
use super::sheet_xml::{self, SheetXml};
use super::source::Source;
use super::{Error, Fault, RowOrigin, ScheduleRow, Tape};
use crate::finding::{Finding, Origin};

/// Whether a sheet's name says that it holds the schedule.
pub(super) fn is_schedule_name(name: &str) -> bool {
    aliases().schedule_sheets.contains(&normal(name))
}

/// Adds the schedule to the tape, when the file or the mapping has one.
pub(super) fn read(tape: &mut Tape, source: &mut Source, mapping: &Mapping) -> Result<(), Error> {
    let said = mapping.schedule.clone().unwrap_or_default();
    match &said.file {
        Some(file) => {
            let path = beside(tape, file);
            let mut other = Source::open(&path)?;
            tape.schedule_path = Some(path.clone());
            let sheet = sheet_of(&other, &said, &path)?.or_else(|| first_sheet(&other));
            read_sheet(tape, &mut other, (&sheet.unwrap_or_default(), file), mapping)
        }
        None => {
            let path = tape.path.clone();
            match sheet_of(source, &said, &path)? {
                Some(sheet) => {
                    let file = tape.manifest.file.clone();
                    read_sheet(tape, source, (&sheet, &file), mapping)
                }
                None => Ok(()),
            }
        }
    }
}

/// The path of a file that the mapping names: it stands beside the tape.
pub(super) fn beside(tape: &Tape, file: &str) -> PathBuf {
    tape.path.parent().map_or_else(|| PathBuf::from(file), |folder| folder.join(file))
}

fn first_sheet(source: &Source) -> Option<String> {
    source.sheets().into_iter().next().map(|sheet| sheet.name)
}

fn sheet_of(source: &Source, said: &ScheduleRef, path: &Path) -> Result<Option<String>, Error> {
    let present: Vec<String> = source.sheets().into_iter().map(|sheet| sheet.name).collect();
    match &said.sheet {
        Some(sheet) if present.contains(sheet) => Ok(Some(sheet.clone())),
        Some(sheet) => Err(Error::NoSuchSheet { path: path.into(), sheet: sheet.clone(), present }),
        None => {
            let visible = source.sheets().into_iter().filter(|sheet| sheet.visible);
            Ok(visible.map(|sheet| sheet.name).find(|name| is_schedule_name(name)))
        }
    }
}

fn read_sheet(
    tape: &mut Tape,
    source: &mut Source,
    (sheet, file): (&str, &str),
    mapping: &Mapping,
) -> Result<(), Error> {
    let mut found: Option<(u32, Headers)> = None;
    let mut above = None;
    let mut first = String::new();
    source.rows(sheet, &mut |number, cells| {
        if first.is_empty() {
            let privacy = &tape.manifest.privacy;
            let texts = cells.iter().map(|cell| privacy.unknown(cell.raw.text()).into_owned());
            first = texts.collect::<Vec<_>>().join(", ");
        }
        found = headers_of(cells, &Mapping::default(), true).map(|headers| (number, headers));
        if found.is_none() {
            above = Above::of(number, cells).or(above.take());
        }
        found.is_none() && number < 50
    })?;
    tape.schedule = Some(Vec::new());
    let Some((header_row, headers)) = found else {
        let finding = Finding::new("T0005", Origin::cell(file, sheet, "")).with("seen", first);
        tape.findings.push(finding);
        return Ok(());
    };
    let at = |column: usize| Origin::cell(file, sheet, format!("{}{header_row}", letters(column)));
    let (mut layout, findings) = schedule_layout(&headers, above.as_ref(), at);
    layout.header_row = header_row;
    tape.findings.extend(findings);
    for field in [Field::ReceivableId, Field::Number, Field::DueDate, Field::Principal] {
        if !layout.columns.contains_key(field.name()) {
            let origin = Origin::cell(file, sheet, header_row.to_string());
            let finding = Finding::new("T0007", origin)
                .with("field", format!("schedule.{}", field.name()))
                .with("seen", seen(&headers))
                .with("near", "—");
            tape.findings.push(finding);
        }
    }
    let columns = of_schedule(tape, &layout, &headers, mapping);
    tape.manifest.privacy.sheets.resize(tape.manifest.sheets.len(), Columns::default());
    tape.manifest.privacy.sheets.push(columns.clone());
    let index = u16::try_from(tape.manifest.sheets.len()).expect("fewer than 65536 sheets");
    tape.manifest.sheets.push(sheet.to_string());
    tape.manifest.header_rows.push(header_row);
    for (name, column) in &layout.columns {
        tape.manifest.columns.insert(format!("schedule.{name}"), column.clone());
    }
    let beside = match source.has_sheets() {
        false => SheetXml::default(),
        true => {
            sheet_xml::read(tape.schedule_path.as_ref().unwrap_or(&tape.path), sheet, header_row)?
        }
    };
    // Of the tape itself it has been told.
    if source.hides_rows() && tape.schedule_path.is_some() {
        tape.findings.push(Finding::new("T0058", Origin::cell(file, sheet, "")));
    }
    let findings = &mut tape.findings;
    Teller { findings, file, hidden: mapping.hidden }.tell(sheet, &layout, &beside);
    let skip = mapping.hidden == Hidden::Skip;
    let mut left_out = BTreeSet::new();
    source.rows(sheet, &mut |number, cells| {
        if number > header_row && !(skip && beside.is_hidden(number)) {
            let origin = RowOrigin { sheet: index, row: number };
            let is_line = line(tape, (&layout, &headers, &columns, &beside), origin, cells);
            if !is_line && beside.empty_of(number).next().is_some() {
                left_out.insert(number);
            }
        }
        true
    })?;
    let findings = &mut tape.findings;
    Teller { findings, file, hidden: mapping.hidden }.formulas_without_values(
        (sheet, &layout),
        &beside,
        &left_out,
    );
    Ok(())
}

/// The treatment of the schedule's columns: its ids are treated like those of the tape.
fn of_schedule(tape: &Tape, layout: &Layout, headers: &Headers, mapping: &Mapping) -> Columns {
    let (mut columns, _) = treatments(headers, layout, (mapping, &[]), |_| Origin::default());
    let column = |columns: &BTreeMap<String, (String, String)>| {
        columns.get(Field::ReceivableId.name()).and_then(|(letters, _)| column_of(letters))
    };
    let of_tape = tape.sheet_columns.first().and_then(column);
    if let (Some(own), Some(of_tape), Some(sheet)) =
        (column(&layout.columns), of_tape, tape.manifest.privacy.sheets.first())
    {
        columns.set(own, sheet.of(of_tape));
    }
    columns
}

/// Takes one row; whether it is a line of the schedule, or without any value.
fn line(
    tape: &mut Tape,
    (layout, headers, columns, beside): (&Layout, &Headers, &Columns, &SheetXml),
    origin: RowOrigin,
    cells: &[Cell],
) -> bool {
    if cells.iter().all(|cell| cell.raw.is_missing()) {
        return true;
    }
    let is_sum = |cell: &Cell| matches!(&cell.raw, Raw::Text(text) if of_whole(text).is_some());
    let again = |cell: &Cell| {
        let header = headers.iter().find(|(column, _)| *column == cell.column);
        header.is_some_and(|(_, header)| header.text == cell.raw.text())
    };
    let is_remark = |cell: &Cell| {
        matches!(cell.raw, Raw::Text(_)) && !cell.raw.text().chars().any(char::is_numeric)
    };
    let remark = cells.len() == 1 && cells.first().is_some_and(is_remark);
    if remark || cells.first().is_some_and(is_sum) || cells.iter().all(again) {
        return false;
    }
    let mut row = ScheduleRow { origin, ..ScheduleRow::default() };
    // A formula without a value has been told, as has a column that was never calculated.
    let is_read = |column: usize| layout.slots.get(column).is_some_and(|of| !of.is_empty());
    row.unreadable = beside.empty_of(origin.row).any(is_read)
        || cells.iter().any(|cell| is_read(cell.column) && beside.is_never_calculated(cell.column));
    for cell in cells {
        for target in layout.slots.get(cell.column).into_iter().flatten() {
            let Target::Field(field, unit) = target else { continue };
            let read = row.set(*field, &cell.raw, *unit);
            let text = || tape.manifest.privacy.text(columns.of(cell.column), cell.raw.text());
            if *field == Field::ReceivableId && read.is_ok() && !row.id.is_empty() {
                row.id = text().into();
            }
            if let Err(code) = read {
                let text = shortened(&text());
                tape.faults.add(code, || Fault {
                    in_schedule: true,
                    ..Fault::new(code, origin, format!("schedule.{}", field.name()))
                        .with("field", format!("schedule.{}", field.name()))
                        .with("text", text)
                });
            }
        }
    }
    tape.schedule.get_or_insert_default().push(row);
    true
}
