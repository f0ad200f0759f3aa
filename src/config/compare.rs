//! What two trees of keys say differently, by path.

use rust_decimal::Decimal;

use super::tree::{Block, Node, Value};
use super::write::quoted_key;
use crate::money::Rate;

/// A key that two files state differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The keys from the top, entries of lists by their id or clause: `tranche.A.coupon`.
    pub path: String,
    /// What the first file states; `None` when the key is new.
    pub old: Option<Node>,
    /// What the second file states; `None` when the key is gone.
    pub new: Option<Node>,
}

impl Block {
    /// The keys that another tree states differently, in the order of this one; the others' own last.
    pub fn changes(&self, other: &Block) -> Vec<Change> {
        let mut changes = Vec::new();
        blocks("", self, other, &mut changes);
        changes
    }
}

fn blocks(path: &str, old: &Block, new: &Block, changes: &mut Vec<Change>) {
    let own = old.entries.iter().map(|entry| &entry.key);
    let added = new.entries.iter().map(|entry| &entry.key).filter(|key| old.get(key).is_none());
    for key in own.chain(added) {
        let node = |block: &Block| block.get(key).map(|value| value.node.clone());
        nodes(&below(path, key), node(old), node(new), changes);
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { quoted_key(key) } else { format!("{path}.{}", quoted_key(key)) }
}

fn nodes(path: &str, old: Option<Node>, new: Option<Node>, changes: &mut Vec<Change>) {
    match (&old, &new) {
        (Some(Node::Table(old)), Some(Node::Table(new))) => blocks(path, old, new, changes),
        (Some(Node::Tables(old)), Some(Node::Tables(new)))
            if have_names(old) && have_names(new) =>
        {
            entries(path, old, new, changes);
        }
        (Some(one), Some(other)) if same(one, other) => {}
        _ => changes.push(Change { path: path.to_string(), old, new }),
    }
}

/// The name of an entry: its id, or its clause.
fn name(block: &Block) -> Option<&str> {
    ["id", "clause"].iter().find_map(|key| match &block.get(key)?.node {
        Node::Text(name) => Some(name.as_str()),
        Node::Number(_)
        | Node::Flag(_)
        | Node::Date(_)
        | Node::List(_)
        | Node::Table(_)
        | Node::Tables(_) => None,
    })
}

/// Whether every entry has a name of its own.
fn have_names(entries: &[Block]) -> bool {
    let names: Option<Vec<&str>> = entries.iter().map(name).collect();
    names.is_some_and(|names| {
        names.iter().enumerate().all(|(place, name)| !names[..place].contains(name))
    })
}

fn entries(path: &str, old: &[Block], new: &[Block], changes: &mut Vec<Change>) {
    fn find<'a>(entries: &'a [Block], id: &str) -> Option<&'a Block> {
        entries.iter().find(|entry| name(entry) == Some(id))
    }
    let ids = |entries: &[Block], others: &[Block], both: bool| -> Vec<String> {
        let ids = entries.iter().filter_map(name);
        ids.filter(|id| find(others, id).is_some() == both).map(str::to_string).collect()
    };
    let (kept, kept_now) = (ids(old, new, true), ids(new, old, true));
    if kept != kept_now {
        let list = |ids: Vec<String>| {
            Some(Node::List(ids.into_iter().map(|id| Value::from(Node::Text(id))).collect()))
        };
        changes.push(Change { path: path.to_string(), old: list(kept), new: list(kept_now) });
    }
    let added = ids(new, old, false);
    for id in old.iter().filter_map(name).chain(added.iter().map(String::as_str)) {
        let node = |entries| find(entries, id).cloned().map(Node::Table);
        nodes(&below(path, id), node(old), node(new), changes);
    }
}

/// Whether two values say the same: `0.10 %` and `0.001`, `100` and `100.00`.
fn same(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (Node::List(one), Node::List(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same(&one.node, &other.node))
        }
        (Node::Tables(one), Node::Tables(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| one.changes(other).is_empty())
        }
        (Node::Table(one), Node::Table(other)) => one.changes(other).is_empty(),
        _ => match (number(one), number(other)) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => one == other,
        },
    }
}

/// The number that a value is; a text is one only with its percent sign.
fn number(node: &Node) -> Option<Decimal> {
    match node {
        Node::Number(digits) => Decimal::from_str_exact(&digits.replace('_', "")).ok(),
        Node::Text(text) if text.contains(['%', '％']) => {
            text.parse::<Rate>().ok().map(Rate::to_decimal)
        }
        Node::Text(_)
        | Node::Flag(_)
        | Node::Date(_)
        | Node::List(_)
        | Node::Table(_)
        | Node::Tables(_) => None,
    }
}
