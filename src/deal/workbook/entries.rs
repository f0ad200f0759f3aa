//! The rows of a list as entries: one row each, or several where an entry holds a list of its own.

use super::cells::{NAME, NOTE, NUMBER, Row, Table, cell, note};
use super::decode::decode;
use super::from_cells::{by_path, name};
use super::kind::Kind;
use super::layout::{Column, key, kind};
use crate::config::{Block, Node, Value};
use crate::deal::keys::File;
use crate::tape::CellValue;

/// The entries of a list, each with its name where tables have names.
pub(super) fn entries(file: File, path: &str, table: &Table) -> Vec<(String, Block)> {
    let columns: Vec<(usize, Column)> = table
        .headings
        .iter()
        .filter(|(_, key)| ![NAME, NOTE, NUMBER].contains(&key.as_str()))
        .map(|(column, key)| (*column, column_of(file, path, key)))
        .collect();
    let names = table.column(NAME);
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in table.rows.iter().filter(|row| !row.1.is_empty()) {
        match groups.last_mut() {
            Some(group) if continues(table, &columns, group[0], row) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    let named = |group: &Vec<&Row>| match cell(group[0], names) {
        Some(value) if names.is_some() => match decode(&Kind::Text, value) {
            Node::Text(name) => name,
            other => other.to_toml(),
        },
        _ => String::new(),
    };
    groups.iter().map(|group| (named(group), entry(table, &columns, group))).collect()
}

/// The column of a heading: `coupon`, `name.zh`, `pay.tranche`.
fn column_of(file: File, path: &str, heading: &str) -> Column {
    let direct = format!("{path}.{heading}");
    let (first, rest) = heading.split_once('.').unwrap_or((heading, ""));
    let above = format!("{path}.{first}");
    let kind_above = if rest.is_empty() { Kind::Text } else { kind(file, &above, None) };
    if key(file, &direct).is_none() && kind_above == Kind::Names {
        let path = vec![first.to_string(), rest.to_string()];
        return Column { path, full: above, kind: Kind::Names, nested: false };
    }
    if kind_above == Kind::Rows {
        let mut inner = column_of(file, &above, rest);
        inner.path.insert(0, first.to_string());
        return Column { nested: true, ..inner };
    }
    let kind = by_path(file, &direct);
    Column { path: vec![heading.to_string()], full: direct, kind, nested: false }
}

/// Whether a row goes on with an entry: it says nothing of its own that the entry does not.
fn continues(table: &Table, columns: &[(usize, Column)], first: &Row, row: &Row) -> bool {
    if !columns.iter().any(|(_, column)| column.nested) {
        return false;
    }
    let own = columns.iter().filter(|(_, column)| !column.nested).map(|(column, _)| *column);
    let own = own.chain([NUMBER, NAME].iter().filter_map(|heading| table.column(heading)));
    own.into_iter().all(|column| match cell(row, Some(column)) {
        Some(value) => cell(first, Some(column)) == Some(value),
        None => true,
    })
}

fn entry(table: &Table, columns: &[(usize, Column)], group: &[&Row]) -> Block {
    let (row, first) = (group[0].0, group[0].1.first().map_or(0, |(column, _)| *column));
    let mut block = Block { at: Some(table.at(row, first)), ..Block::default() };
    for (place, (number, column)) in columns.iter().enumerate() {
        let again = columns[..place].iter().any(|(_, other)| other.path[0] == column.path[0]);
        if column.nested && !again {
            let list = elements(table, columns, group, &column.path[0]);
            if !list.is_empty() {
                let at = list[0].at.clone();
                block.push(&column.path[0], Value { node: Node::Tables(list), at }, "");
            }
        } else if !column.nested
            && let Some(value) = cell(group[0], Some(*number))
        {
            put(&mut block, column, &column.path, value, table.at(row, *number));
        }
    }
    comment(&mut block, note(group[0], table.column(NOTE)));
    block
}

/// The elements of an entry's list, one a row.
fn elements(table: &Table, columns: &[(usize, Column)], group: &[&Row], list: &str) -> Vec<Block> {
    let mut elements = Vec::new();
    let of_list = || columns.iter().filter(|(_, column)| column.nested && column.path[0] == list);
    for row in group {
        let mut block = Block::default();
        for (number, column) in of_list() {
            if let Some(value) = cell(row, Some(*number)) {
                put(&mut block, column, &column.path[1..], value, table.at(row.0, *number));
            }
        }
        block.at = block.entries.first().and_then(|entry| entry.value.at.clone());
        if !block.entries.is_empty() {
            elements.push(block);
        }
    }
    elements
}

/// Sets a value below an entry; the parts of a name are put together.
fn put(
    block: &mut Block,
    column: &Column,
    path: &[String],
    value: &CellValue,
    at: crate::config::CellPlace,
) {
    let node = decode(&column.kind, value);
    let known = block.entries.iter().position(|entry| entry.key == path[0]);
    let node = match path.get(1) {
        Some(part) => {
            let known = known.map(|place| block.entries.remove(place).value.node);
            name(known, part, node)
        }
        None => node,
    };
    block.push(&path[0], Value { node, at: Some(at) }, "");
}

/// The comment of an entry: lines that begin with one of its keys belong to that key.
fn comment(block: &mut Block, note: &str) {
    let mut own: Vec<&str> = Vec::new();
    for line in note.split('\n') {
        let of_key = line.split_once(": ").and_then(|(key, rest)| {
            let entry = block.entries.iter_mut().find(|entry| entry.key == key)?;
            Some((entry, rest))
        });
        match of_key {
            Some((entry, rest)) if entry.note.is_empty() => entry.note = rest.to_string(),
            Some((entry, rest)) => entry.note += &format!("\n{rest}"),
            None => own.push(line),
        }
    }
    block.note = own.join("\n");
}
