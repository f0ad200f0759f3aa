//! The tree of keys while the sheet of terms is read, row by row.

use std::collections::BTreeMap;

use crate::config::{Block, CellPlace, Entry, Value, split_key};

/// The tree while the terms are read.
#[derive(Default)]
pub(super) struct Terms {
    pub(super) root: Block,
    /// The cells and comments of headings, by table.
    pub(super) heads: BTreeMap<String, (CellPlace, String)>,
    /// Comments above what comes next.
    pub(super) above: String,
    /// The table whose keys are being read.
    pub(super) table: Option<String>,
}

impl Terms {
    /// A comment that belongs to no key: close below the table, or above what comes next.
    pub(super) fn comment(&mut self, note: &str) {
        if note.is_empty() {
            return;
        }
        if self.at_top() && self.root.tail.is_empty() {
            self.root.tail = note.to_string();
            return;
        }
        let path = self.table.as_deref().and_then(split_key);
        let known = path.and_then(|path| {
            path.iter().try_fold(&mut self.root, |block, key| {
                block.get(key)?;
                block.table(key)
            })
        });
        match known {
            Some(block) if block.tail.is_empty() => block.tail = note.to_string(),
            Some(block) => block.tail += &format!("\n{note}"),
            None => self.above = self.take(note) + "\n",
        }
    }

    /// Whether no table has begun yet.
    fn at_top(&self) -> bool {
        let is_table = |entry: &Entry| {
            entry.value.node.as_table().is_some() || entry.value.node.as_tables().is_some()
        };
        self.table.is_none() && self.heads.is_empty() && !self.root.entries.iter().any(is_table)
    }

    /// A note below the comments above it.
    pub(super) fn take(&mut self, note: &str) -> String {
        let above = std::mem::take(&mut self.above);
        if above.is_empty() { note.to_string() } else { format!("{above}\n{note}") }
    }

    /// Sets a value and gives its entry; `None` when its table is something else.
    pub(super) fn set(&mut self, path: &[String], value: Value, note: &str) -> Option<&mut Entry> {
        let note = self.take(note);
        let (key, tables) = path.split_last()?;
        let mut block = &mut self.root;
        for (depth, table) in tables.iter().enumerate() {
            block = block.table(table)?;
            if let Some((at, note)) = self.heads.remove(&tables[..=depth].join(".")) {
                (block.at, block.note) = (Some(at), note);
            }
        }
        block.push(key, value, &note);
        block.entries.last_mut()
    }

    /// Takes a key out again.
    pub(super) fn take_entry(&mut self, path: &[String]) -> Option<Entry> {
        let (key, tables) = path.split_last()?;
        let mut block = &mut self.root;
        for table in tables {
            block.get(table)?;
            block = block.table(table)?;
        }
        let place = block.entries.iter().position(|entry| entry.key == *key)?;
        Some(block.entries.remove(place))
    }
}
