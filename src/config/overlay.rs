//! One file over another: tables merge key by key, entries that have a name merge by it, everything
//! else is replaced.
//!
//! ```toml
//! extends = "base.toml"
//! [[tranche]]
//! id = "A"                 # the base's tranche A, with another coupon
//! coupon = "2.2 %"
//! [[step]]
//! clause = "5.1(c-1)"      # a new step, in its place
//! after = "5.1(c)"
//! pay = [{ fee = "backup" }]
//! [[step]]
//! clause = "5.1(f)"        # gone
//! remove = true
//! ```

use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Key, Table, Value};

use super::{Document, nearest};
use crate::finding::Finding;

/// The keys by which an entry of a list is known, the first that it has.
const NAMES: [&str; 2] = ["id", "clause"];
/// Takes an entry or a table of the base out.
const REMOVE: &str = "remove";
/// Puts an entry behind or before another one.
const PLACES: [(&str, usize); 2] = [("after", 1), ("before", 0)];

/// Lays one table on another.
pub(super) fn merge(document: &Document, base: &mut Table, mut over: Table) {
    let keys: Vec<Key> = over.iter().filter_map(|(key, _)| over.key(key).cloned()).collect();
    for key in keys {
        let item = over.remove(key.get()).expect("one of the table's own keys");
        let removes = item.as_table_like().is_some_and(|table| removes(table.get(REMOVE)));
        match base.get_mut(key.get()) {
            Some(_) if removes => {
                base.remove(key.get());
            }
            Some(below) => *below = laid(document, std::mem::take(below), item),
            None if removes => {
                let known: Vec<String> = base.iter().map(|(key, _)| key.to_string()).collect();
                not_there(document, key.get(), key.get(), &item, &known);
            }
            None => {
                base.insert_formatted(&key, item);
            }
        }
    }
}

/// A value laid on the base's value of the same key.
fn laid(document: &Document, base: Item, over: Item) -> Item {
    match (base.into_table(), over.into_table()) {
        (Ok(mut base), Ok(over)) => {
            merge(document, &mut base, over);
            Item::Table(base)
        }
        (Err(base), Err(over)) => match (entries(&base), entries(&over)) {
            (Some(mut base), Some(over)) if over.iter().any(|entry| name(entry).is_some()) => {
                over.into_iter().for_each(|entry| lay(document, &mut base, entry));
                Item::ArrayOfTables(base.into_iter().collect::<ArrayOfTables>())
            }
            _ => over,
        },
        (Ok(_), Err(over)) => over,
        (Err(_), Ok(over)) => Item::Table(over),
    }
}

/// Lays one entry on a list: on its namesake, or among the others.
fn lay(document: &Document, base: &mut Vec<Table>, mut entry: Table) {
    let Some((key, id)) = name(&entry) else {
        base.push(entry);
        return;
    };
    let known = position(base, &id);
    if removes(entry.get(REMOVE)) {
        match known {
            Some(known) => drop(base.remove(known)),
            None => {
                let item = entry.get(key).unwrap_or(&Item::None);
                not_there(document, key, &id, item, &names(base));
            }
        }
        return;
    }
    if known.is_none() {
        half_said(document, base, &entry, key, &id);
    }
    let place = place(document, base, &mut entry);
    let entry = match known {
        Some(known) if place.is_none() => {
            merge(document, &mut base[known], entry);
            return;
        }
        Some(known) => {
            let mut moved = base.remove(known);
            merge(document, &mut moved, entry);
            moved
        }
        None => entry,
    };
    // Found again after the entry itself was taken out, which may have stood above.
    let at = place.and_then(|(id, behind)| Some(position(base, &id)? + behind));
    base.insert(at.unwrap_or(base.len()).min(base.len()), entry);
}

/// The neighbour that an entry asks for, and whether it stands behind it; taken out of the entry.
fn place(document: &Document, base: &[Table], entry: &mut Table) -> Option<(String, usize)> {
    for (word, behind) in PLACES {
        let Some(id) = entry.get(word).and_then(Item::as_str).map(str::to_string) else { continue };
        let item = entry.remove(word).expect("just found");
        if position(base, &id).is_some() && name(entry).is_none_or(|(_, own)| own != id) {
            return Some((id, behind));
        }
        not_there(document, word, &id, &item, &names(base));
    }
    None
}

fn not_there(document: &Document, key: &str, id: &str, item: &Item, known: &[String]) {
    let finding = Finding::new("F0122", document.place(item.span()));
    document.find(finding.with("key", key).with("name", id).with("known", listed(known)));
}

/// A new entry that lacks what every entry of the base says, under a name near one of theirs, was
/// perhaps meant for that one.
fn half_said(document: &Document, base: &[Table], entry: &Table, key: &str, id: &str) {
    let Some((first, others)) = base.split_first() else { return };
    let every = |key: &&str| others.iter().all(|other| other.contains_key(key));
    let mut of_all = first.iter().map(|(key, _)| key).filter(every);
    let Some(lacks) = of_all.find(|of_all| !entry.contains_key(of_all)) else { return };
    let known = names(base);
    let Some(near) = nearest(id, known.iter().map(String::as_str)) else { return };
    let finding = Finding::new("F0126", document.place(entry.get(key).and_then(Item::span)));
    let finding = finding.with("key", key).with("name", id).with("lacks", lacks);
    document.find(finding.with("near", near).with("known", listed(&known)));
}

/// The names of entries.
fn names(entries: &[Table]) -> Vec<String> {
    entries.iter().filter_map(|entry| Some(name(entry)?.1)).collect()
}

/// `a`, `b`, `c`; a dash for nothing.
fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "–".to_string() } else { names.join(", ") }
}

fn removes(item: Option<&Item>) -> bool {
    item.and_then(Item::as_bool) == Some(true)
}

fn position(entries: &[Table], id: &str) -> Option<usize> {
    entries.iter().position(|entry| name(entry).is_some_and(|(_, known)| known == id))
}

/// The name of an entry, with the key that holds it.
fn name(entry: &Table) -> Option<(&'static str, String)> {
    NAMES.iter().find_map(|key| Some((*key, entry.get(key)?.as_str()?.to_string())))
}

/// The tables of a list: `[[tranche]]` blocks or `[{ … }, { … }]`.
fn entries(item: &Item) -> Option<Vec<Table>> {
    match item {
        Item::ArrayOfTables(tables) => Some(tables.iter().cloned().collect()),
        Item::Value(Value::Array(array)) => inline(array),
        Item::None | Item::Table(_) | Item::Value(_) => None,
    }
}

fn inline(array: &Array) -> Option<Vec<Table>> {
    let tables = array.iter().map(|value| value.as_inline_table().cloned());
    tables.map(|table| table.map(InlineTable::into_table)).collect()
}
