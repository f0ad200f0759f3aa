//! The sheets of a workbook read as keys: a text whose every piece knows its cell.

use std::collections::BTreeMap;

use super::cells::{COMMENT, Holds, NOTE, Row, TERMS, Table, cell, holds, note, text};
use super::decode::decode;
use super::entries::entries;
use super::kind::Kind;
use super::layout::{key, kind};
use super::terms::Terms;
use crate::config::{Block, CellPlace, Entry, Node, Source, Value, split_key};
use crate::deal::keys::File;
use crate::finding::{Finding, Origin};
use crate::tape::{CellValue, SheetCells, address};

/// The keys of a workbook with their cells; what stands where nobody reads it is found.
pub fn from_cells(file: File, name: &str, sheets: &[SheetCells]) -> Source {
    let sheets: Vec<SheetCells> = sheets.iter().map(with_unvalued).collect();
    let mut reader = Reader { file, name, findings: Vec::new(), lists: BTreeMap::new() };
    let mut terms = Vec::new();
    for sheet in &sheets {
        match Table::of(sheet) {
            Some(table) => {
                reader.unvalued(sheet);
                reader.under_headings(&table);
                reader.sheet(table, &mut terms);
            }
            None if sheet.rows.is_empty() => {}
            None => {
                let origin = Origin { sheet: sheet.name.clone(), ..Origin::file(name) };
                reader.findings.push(Finding::new("F0124", origin).with("sheet", &sheet.name));
            }
        }
    }
    let tree = reader.tree(&terms);
    tree.to_source().with(reader.findings)
}

/// What stands for a formula without a stored value: its key is there, and has no value. What is
/// found at its cell only follows from that.
const UNVALUED: &str = "=";

/// The sheet with such formulas as cells.
fn with_unvalued(sheet: &SheetCells) -> SheetCells {
    let mut sheet = sheet.clone();
    for (row, column) in sheet.unvalued.clone() {
        let at = sheet.rows.partition_point(|(number, _)| *number < row);
        if sheet.rows.get(at).is_none_or(|(number, _)| *number != row) {
            sheet.rows.insert(at, (row, Vec::new()));
        }
        let cells = &mut sheet.rows[at].1;
        let place = cells.partition_point(|(known, _)| *known < column);
        if cells.get(place).is_none_or(|(known, _)| *known != column) {
            cells.insert(place, (column, CellValue::Text(UNVALUED.to_string())));
        }
    }
    sheet
}

struct Reader<'a> {
    file: File,
    name: &'a str,
    findings: Vec<Finding>,
    /// The lists that have sheets of their own, by path.
    lists: BTreeMap<String, Value>,
}

impl Reader<'_> {
    fn sheet<'s>(&mut self, table: Table<'s>, terms: &mut Vec<Table<'s>>) {
        let (path, value): (String, Node) = match &table.holds {
            Holds::Terms => {
                terms.push(table);
                return;
            }
            Holds::List(path) => {
                let rows = entries(self.file, path, &table).into_iter();
                (path.clone(), Node::Tables(rows.map(|(_, block)| block).collect()))
            }
            Holds::Named(path) => {
                let mut all = Block::default();
                for (name, block) in entries(self.file, &format!("{path}.*"), &table) {
                    let at = block.at.clone();
                    all.push(&name, Value { node: Node::Table(block), at }, "");
                }
                (path.clone(), Node::Table(all))
            }
            Holds::Series(path) => (path.clone(), series(&table)),
        };
        let is_empty = match &value {
            Node::Tables(blocks) => blocks.is_empty(),
            Node::Table(block) => block.entries.is_empty(),
            Node::List(values) => values.is_empty(),
            Node::Text(_) | Node::Number(_) | Node::Flag(_) | Node::Date(_) => false,
        };
        if is_empty {
            return;
        }
        // Two sheets of one list stand one behind the other.
        match (self.lists.get_mut(&path).map(|value| &mut value.node), value) {
            (Some(Node::Tables(known)), Node::Tables(more)) => known.extend(more),
            (_, value) => {
                self.lists.insert(path, value.into());
            }
        }
    }

    /// Cells beside the table would be read by nobody.
    fn under_headings(&mut self, table: &Table) {
        for row in table.rows {
            let stray = row
                .1
                .iter()
                .find(|(column, _)| !table.headings.iter().any(|(known, _)| known == column));
            if let Some((column, _)) = stray {
                self.stray(table.at(row.0, *column));
            }
        }
    }

    /// Formulas without a stored value look like empty cells, and a key would be missing.
    fn unvalued(&mut self, sheet: &SheetCells) {
        for (row, column) in &sheet.unvalued {
            let cell = address(*row, *column);
            let origin = Origin::cell(self.name, &sheet.name, &cell);
            self.findings.push(Finding::new("F0127", origin).with("cell", cell));
        }
    }

    fn stray(&mut self, at: CellPlace) {
        let origin = Origin::cell(self.name, &at.sheet, &at.cell);
        self.findings.push(Finding::new("F0125", origin).with("cell", at.cell));
    }

    /// All keys, in the order of the terms.
    fn tree(&mut self, terms: &[Table]) -> Block {
        let mut tree = Terms::default();
        for table in terms {
            let [keys, values] = TERMS.map(|heading| table.column(heading));
            for row in table.rows {
                self.term(&mut tree, table, row, keys, values);
            }
        }
        for (path, value) in std::mem::take(&mut self.lists) {
            let path: Vec<String> = path.split('.').map(str::to_string).collect();
            tree.set(&path, value, "");
        }
        self.required(&mut tree);
        tree.root.note = tree.above;
        tree.root
    }

    /// Tables that every deal has, though nothing of them is filled in: what they lack is then said
    /// at their rows. A file that extends another one may leave them to it.
    fn required(&self, tree: &mut Terms) {
        if tree.root.get("extends").is_some() {
            return;
        }
        for (path, (at, note)) in std::mem::take(&mut tree.heads) {
            let needed = key(self.file, &path).is_some_and(|key| key.default == "required");
            if needed
                && !path.contains('.')
                && let Some(block) = tree.root.table(&path)
            {
                (block.at, block.note) = (Some(at), note);
            }
        }
    }

    fn term(
        &mut self,
        tree: &mut Terms,
        table: &Table,
        row: &Row,
        keys: Option<usize>,
        values: Option<usize>,
    ) {
        let word = text(row, keys);
        let note = note(row, table.column(NOTE));
        let at = |column: Option<usize>| table.at(row.0, column.unwrap_or_default());
        let value = cell(row, values);
        if word == COMMENT {
            tree.comment(note);
        } else if let Some(Holds::List(path) | Holds::Named(path) | Holds::Series(path)) =
            holds(word)
        {
            tree.table = path.rsplit_once('.').map(|(above, _)| above.to_string());
            let raw =
                text(row, values).starts_with('[').then(|| Node::from_toml(text(row, values)));
            let raw = raw.flatten().map(|node| Value { node, at: Some(at(values)) });
            let path_keys: Vec<String> = path.split('.').map(str::to_string).collect();
            match self.lists.remove(&path).or(raw) {
                Some(value) => {
                    tree.set(&path_keys, value, note);
                }
                None => tree.comment(note),
            }
        } else if let Some(path) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
            let note = tree.take(note);
            tree.table = Some(path.to_string());
            tree.heads.insert(path.to_string(), (at(keys), note));
        } else if let (Some(path), Some(value)) = (split_key(word), value) {
            let (path, node, above) = self.key(tree, path, value);
            let value = Value { node, at: Some(at(values)) };
            match tree.set(&path, value, &(above + note)) {
                // The parts of a name stand on rows of their own.
                Some(Entry { value: Value { node: Node::Table(_), .. }, .. }) => {}
                Some(entry) => entry.at = Some(at(keys)),
                None => self.stray(at(values)),
            }
        } else if value.is_some() {
            self.stray(at(values));
        } else {
            tree.comment(note);
        }
    }

    /// The path and value of a key, and a comment that it had before; a text in two languages is put
    /// together.
    fn key(
        &self,
        tree: &mut Terms,
        mut path: Vec<String>,
        value: &CellValue,
    ) -> (Vec<String>, Node, String) {
        let dotted = path.join(".");
        let above = path[..path.len() - 1].join(".");
        if key(self.file, &dotted).is_some() || kind(self.file, &above, None) != Kind::Names {
            return (path, decode(&by_path(self.file, &dotted), value), String::new());
        }
        let part = path.pop().expect("a name has a part");
        let node = decode(&Kind::Names, value);
        match tree.take_entry(&path) {
            Some(entry) => (path, name(Some(entry.value.node), &part, node), entry.note),
            None => (path, name(None, &part, node), String::new()),
        }
    }
}

/// The kind of a path; of one that nobody knows, whatever the cell looks like.
pub(super) fn by_path(file: File, path: &str) -> Kind {
    match key(file, path) {
        Some(key) => Kind::of(key.kind),
        // Overlays leave out what they name.
        None if path.ends_with(".remove") => Kind::Flag,
        // A name that the user gave to a text of his own stays text.
        None => Kind::Text,
    }
}

/// A text in both languages, one part after the other: the first part alone is a plain text.
pub(super) fn name(known: Option<Node>, part: &str, node: Node) -> Node {
    match known {
        None if part == "zh" => node,
        known => {
            let mut block = Block::default();
            if let Some(zh) = known {
                block.push("zh", zh.into(), "");
            }
            block.push(part, node.into(), "");
            Node::Table(block)
        }
    }
}

/// The values of a series, one a row; a gap before a later value stands as an empty text.
fn series(table: &Table) -> Node {
    let column = table.headings.iter().map(|(column, _)| *column).nth(1);
    let filled = |row: &Row| cell(row, column).is_some();
    let end = table.rows.iter().rposition(filled).map_or(0, |last| last + 1);
    let values = table.rows[..end].iter().map(|row| Value {
        node: cell(row, column)
            .map_or(Node::Text(String::new()), |value| decode(&Kind::Amount, value)),
        at: Some(table.at(row.0, column.unwrap_or_default())),
    });
    Node::List(values.collect())
}
