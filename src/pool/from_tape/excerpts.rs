//! The rows that findings speak of, shown with the cell to blame underlined.

use std::collections::BTreeMap;
use std::path::Path;

use crate::finding::{Finding, Origin};
use crate::tape::{self, CellText, Fault, Faults, RowOrigin, Tape};

/// The text of the rows that findings speak of.
#[derive(Default)]
pub(super) struct Excerpts {
    tape: BTreeMap<RowOrigin, Vec<CellText>>,
    schedule: BTreeMap<RowOrigin, Vec<CellText>>,
}

impl Excerpts {
    pub(super) fn read(tape: &Tape, faults: &Faults) -> Result<Excerpts, tape::Error> {
        let rows = |in_schedule: bool| -> Vec<RowOrigin> {
            faults.kept().filter(|f| f.in_schedule == in_schedule).map(|f| f.row).collect()
        };
        let read = |path: &Path, rows: Vec<RowOrigin>| match rows.is_empty() {
            true => Ok(BTreeMap::new()),
            false => tape::read_rows(path, &tape.manifest, &rows),
        };
        let schedule_path = tape.schedule_path.as_ref().unwrap_or(&tape.path);
        Ok(Excerpts {
            tape: read(&tape.path, rows(false))?,
            schedule: read(schedule_path, rows(true))?,
        })
    }

    /// The finding of a fault: its place, its row with the cell to blame underlined.
    pub(super) fn tell(&self, tape: &Tape, fault: Fault) -> Finding {
        let of_sheet = tape.sheet_columns.get(usize::from(fault.row.sheet));
        let columns = of_sheet.filter(|_| !fault.in_schedule).unwrap_or(&tape.manifest.columns);
        let letters = match fault.blame.strip_prefix('=') {
            Some(letters) => Some(letters.to_string()),
            None => columns.get(&fault.blame).map(|(letters, _)| letters.clone()),
        };
        let sheet = &tape.manifest.sheets[usize::from(fault.row.sheet)];
        let header = columns.values().find(|(at, _)| Some(at) == letters.as_ref());
        let header = header.map_or("", |(_, header)| header);
        let cell = tape.manifest.cell(letters.as_deref().unwrap_or(""), header, fault.row.row);
        let file = match (&tape.schedule_path, fault.in_schedule) {
            (Some(path), true) => {
                path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            _ => tape.manifest.file.clone(),
        };
        let rows = if fault.in_schedule { &self.schedule } else { &self.tape };
        let mut origin = Origin::cell(&file, sheet, cell);
        if let Some(cells) = rows.get(&fault.row) {
            let mut shown: Vec<&str> = fault
                .shown
                .iter()
                .filter_map(|name| columns.get(*name).map(|(letters, _)| letters.as_str()))
                .collect();
            shown.extend(columns.get(id_column(&fault)).map(|(letters, _)| letters.as_str()));
            let cells = with_blamed(cells, letters.as_deref(), columns.get(&fault.blame));
            let title = |cell: &CellText| match tape.manifest.names_columns {
                true => cell.header.clone(),
                false => format!("{} {}", cell.column, cell.header),
            };
            let blame = letters.as_deref();
            origin.excerpt = excerpt(fault.row.row, &cells, (blame, &shown), title);
        }
        let finding = Finding::new(fault.code, origin);
        fault.facts.into_iter().fold(finding, |finding, (name, value)| finding.with(name, value))
    }
}

fn id_column(fault: &Fault) -> &'static str {
    if fault.in_schedule { "schedule.receivable_id" } else { "receivable_id" }
}

/// The cells with the one to blame among them, even when it is empty.
fn with_blamed(
    cells: &[CellText],
    blame: Option<&str>,
    column: Option<&(String, String)>,
) -> Vec<CellText> {
    let mut cells = cells.to_vec();
    let absent = !cells.iter().any(|cell| Some(cell.column.as_str()) == blame);
    if let Some((letters, header)) = column.filter(|_| absent) {
        let place = |letters: &str| (letters.len(), letters.to_string());
        let at = cells.partition_point(|cell| place(&cell.column) < place(letters));
        let empty =
            CellText { column: letters.clone(), header: header.clone(), text: String::new() };
        cells.insert(at, empty);
    }
    cells
}

/// The cells in columns under their headers, the one to blame underlined.
fn excerpt(
    row: u32,
    cells: &[CellText],
    (blame, shown): (Option<&str>, &[&str]),
    title: impl Fn(&CellText) -> String,
) -> String {
    use unicode_width::UnicodeWidthStr;
    let (mut head, mut body, mut mark) = (String::new(), row.to_string(), String::new());
    head += &" ".repeat(body.len());
    mark += &" ".repeat(body.len());
    for cell in cells {
        let blamed = blame == Some(cell.column.as_str());
        if !blamed && !shown.contains(&cell.column.as_str()) {
            continue;
        }
        let title = title(cell);
        let (wide, text) = (title.width().max(cell.text.width()), cell.text.width());
        head += &format!("   {}{title}", " ".repeat(wide - title.width()));
        body += &format!("   {}{}", " ".repeat(wide - text), cell.text);
        let (underline, marked) = if blamed { ("^", text.max(1)) } else { (" ", text) };
        mark += &format!("   {}{}", " ".repeat(wide - marked), underline.repeat(marked));
    }
    let lines = [head, body, mark].map(|line| line.trim_end().to_string());
    lines.join("\n").trim_end().to_string()
}
