//! The rows of one entry of a list.

use super::encode::encode;
use super::kind::Kind;
use super::layout::Column;
use super::{Content, FormRow, Role};
use crate::config::{Block, Node};

/// A text in both languages by its two cells: a plain text stands in the first alone.
pub(super) fn name_parts(node: Option<&Node>) -> [Option<Node>; 2] {
    let Some(Node::Table(block)) = node else { return [node.cloned(), None] };
    let part = |part| block.get(part).map(|value| value.node.clone());
    let known = block.entries.iter().all(|entry| ["zh", "en"].contains(&entry.key.as_str()));
    match (part("zh"), part("en")) {
        (Some(zh), Some(en)) if known => [Some(zh), Some(en)],
        // What two cells cannot say stands as a line of TOML.
        _ => [Some(Node::Table(block.clone())), None],
    }
}

/// The rows of one entry: its own values on the first, an element of its lists on each.
pub(super) fn entry_rows(
    columns: &[Column],
    number: usize,
    name: Option<&str>,
    block: &Block,
    rows: &mut Vec<FormRow>,
) {
    let lists = columns.iter().filter(|column| column.nested);
    let lines = lists.map(|column| elements(block, column).len()).max().unwrap_or(0).max(1);
    for line in 0..lines {
        let first = line == 0;
        let number = u64::try_from(number).expect("a sheet has a million rows");
        let mut cells = vec![first.then(|| Content::Number(number.into()))];
        cells.extend(name.map(|name| Content::text(name).filter(|_| first)));
        cells.extend(columns.iter().map(|column| cell(column, block, line)));
        cells.push(Content::text(notes(block)).filter(|_| first));
        let role = if first { Role::Entry } else { Role::Continued };
        rows.push(FormRow { role, cells, ..FormRow::default() });
    }
}

fn elements<'a>(block: &'a Block, column: &Column) -> &'a [Block] {
    block.get(&column.path[0]).and_then(|value| value.node.as_tables()).unwrap_or_default()
}

fn cell(column: &Column, block: &Block, line: usize) -> Option<Content> {
    if column.nested {
        let element = elements(block, column).get(line)?;
        let inner = Column { path: column.path[1..].to_vec(), nested: false, ..column.clone() };
        return cell(&inner, element, 0);
    }
    if line > 0 {
        return None;
    }
    let node = &block.get(&column.path[0])?.node;
    if column.path.len() == 1 {
        return Some(encode(&column.kind, node));
    }
    let part = usize::from(column.path[1] == "en");
    name_parts(Some(node))[part].as_ref().map(|node| encode(&Kind::Names, node))
}

/// The comments of an entry: its own, then those of its keys with their names.
fn notes(block: &Block) -> String {
    let of_keys = block.entries.iter().filter(|entry| !entry.note.is_empty());
    let of_keys = of_keys.flat_map(|entry| {
        entry.note.lines().map(|line| format!("{}: {line}", entry.key)).collect::<Vec<_>>()
    });
    let own = [&block.note, &block.tail].into_iter().filter(|note| !note.is_empty()).cloned();
    own.chain(of_keys).collect::<Vec<_>>().join("\n")
}
