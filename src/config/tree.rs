//! The keys of a file as a tree, free of spans: what is converted, compared and written anew.

use std::cell::RefCell;

use toml_edit::{Array, InlineTable, Item, RawString, Table, TableLike, Value as TomlValue};

/// A cell of a workbook that holds a key or a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellPlace {
    /// The sheet.
    pub sheet: String,
    /// The cell, such as `D7`.
    pub cell: String,
}

/// A table: its keys in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The keys.
    pub entries: Vec<Entry>,
    /// The comment above the table, without its marks.
    pub note: String,
    /// The comment close below its last key.
    pub tail: String,
    /// The cell that stands for the table.
    pub at: Option<CellPlace>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// What it holds.
    pub value: Value,
    /// The comment beside or above it, without its marks.
    pub note: String,
    /// The cell that holds the key, where it is not that of the value.
    pub at: Option<CellPlace>,
}

/// A value with its cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub node: Node,
    /// The cell that holds it.
    pub at: Option<CellPlace>,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A text.
    Text(String),
    /// A number, by its digits as written.
    Number(String),
    /// True or false.
    Flag(bool),
    /// A day, as written.
    Date(String),
    /// A list of values.
    List(Vec<Value>),
    /// A table.
    Table(Block),
    /// A list of tables: `[[tranche]]` blocks or `[{ … }, { … }]`.
    Tables(Vec<Block>),
}

impl From<Node> for Value {
    fn from(node: Node) -> Value {
        Value { node, at: None }
    }
}

impl Node {
    /// The table, when it is one.
    pub fn as_table(&self) -> Option<&Block> {
        match self {
            Node::Table(block) => Some(block),
            Node::Text(_)
            | Node::Number(_)
            | Node::Flag(_)
            | Node::Date(_)
            | Node::List(_)
            | Node::Tables(_) => None,
        }
    }

    /// The tables, when it is a list of them.
    pub fn as_tables(&self) -> Option<&[Block]> {
        match self {
            Node::Tables(blocks) => Some(blocks),
            Node::Text(_)
            | Node::Number(_)
            | Node::Flag(_)
            | Node::Date(_)
            | Node::List(_)
            | Node::Table(_) => None,
        }
    }
}

impl Block {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Gives the comment at the top of a file that begins with a table to that table.
    pub(super) fn head_of_file(&mut self) {
        let first = self.entries.first_mut().map(|entry| &mut entry.value.node);
        let first = match first {
            Some(Node::Table(block)) => Some(block),
            Some(Node::Tables(blocks)) => blocks.first_mut(),
            Some(
                Node::Text(_) | Node::Number(_) | Node::Flag(_) | Node::Date(_) | Node::List(_),
            )
            | None => None,
        };
        if let Some(block) = first.filter(|_| !self.tail.is_empty()) {
            let own =
                if block.note.is_empty() { String::new() } else { format!("\n{}", block.note) };
            // With a blank line below it.
            block.note = format!("{}\n{own}", std::mem::take(&mut self.tail));
        }
    }

    /// Sets a key at the end.
    pub fn push(&mut self, key: &str, value: Value, note: &str) {
        self.entries.push(Entry { key: key.to_string(), value, note: note.to_string(), at: None });
    }

    /// The table of a key; made when it is not there, `None` when the key holds something else.
    pub fn table(&mut self, key: &str) -> Option<&mut Block> {
        if self.get(key).is_none() {
            self.push(key, Node::Table(Block::default()).into(), "");
        }
        let entry = self.entries.iter_mut().find(|entry| entry.key == key);
        if let Node::Table(block) = &mut entry.expect("just made").value.node {
            Some(block)
        } else {
            None
        }
    }
}

/// Reads a tree out of parsed TOML; `raw` gives the text of a byte range.
pub(super) struct Reader<'a> {
    pub(super) raw: &'a dyn Fn(std::ops::Range<usize>) -> &'a str,
    /// A comment that stands close below the table to be read next, for tables are read backwards.
    pub(super) close: RefCell<String>,
}

impl Reader<'_> {
    /// The keys of a table, the last first: a comment below a table stands in front of the next one.
    pub(super) fn block(&self, table: &dyn TableLike) -> Block {
        let items: Vec<(&str, &Item)> = table.iter().collect();
        let entry = |(key, item): &(&str, &Item)| {
            let decor = table.key(key).map(|key| key.leaf_decor());
            let above = self.comment(decor.and_then(|decor| decor.prefix()));
            let beside = item.as_value().map(|value| self.comment(value.decor().suffix()));
            let parts = [above, beside.unwrap_or_default()];
            let parts: Vec<&str> =
                parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            let value = self.node(item).into();
            Entry { key: (*key).to_string(), value, note: parts.join("\n"), at: None }
        };
        let mut entries: Vec<Entry> = items.iter().rev().map(entry).collect();
        entries.reverse();
        Block { entries, ..Block::default() }
    }

    pub(super) fn node(&self, item: &Item) -> Node {
        match item {
            Item::None => Node::List(Vec::new()),
            Item::Value(value) => self.value(value),
            Item::Table(table) => Node::Table(self.table(table)),
            Item::ArrayOfTables(tables) => {
                let tables: Vec<&Table> = tables.iter().collect();
                let mut blocks: Vec<Block> =
                    tables.into_iter().rev().map(|table| self.table(table)).collect();
                blocks.reverse();
                Node::Tables(blocks)
            }
        }
    }

    /// A table with a header of its own, or one that stands for its tables alone.
    fn table(&self, table: &Table) -> Block {
        let block = self.block(table);
        if table.is_implicit() {
            return block;
        }
        let tail = self.close.take();
        let above = self.text(table.decor().prefix());
        let (close, own) = match above.split_once("\n\n") {
            Some((close, own)) if above.starts_with('#') => (close, own),
            _ => ("", above),
        };
        self.close.replace(plain(close));
        Block { note: plain(own), tail, ..block }
    }

    fn value(&self, value: &TomlValue) -> Node {
        match value {
            TomlValue::String(text) => Node::Text(text.value().clone()),
            TomlValue::Integer(_) | TomlValue::Float(_) => Node::Number(self.written(value)),
            TomlValue::Boolean(flag) => Node::Flag(*flag.value()),
            TomlValue::Datetime(_) => Node::Date(self.written(value)),
            TomlValue::Array(array) => self.list(array),
            TomlValue::InlineTable(table) => Node::Table(self.inline(table)),
        }
    }

    fn list(&self, array: &Array) -> Node {
        let tables: Option<Vec<&InlineTable>> =
            array.iter().map(TomlValue::as_inline_table).collect();
        match tables {
            Some(tables) if !tables.is_empty() => {
                Node::Tables(tables.into_iter().map(|table| self.inline(table)).collect())
            }
            _ => Node::List(array.iter().map(|value| self.value(value).into()).collect()),
        }
    }

    fn inline(&self, table: &InlineTable) -> Block {
        self.block(table)
    }

    /// The digits as written.
    fn written(&self, value: &TomlValue) -> String {
        match value.span() {
            Some(span) => (self.raw)(span).trim().to_string(),
            None => value.to_string().trim().to_string(),
        }
    }

    /// A comment without its marks.
    pub(super) fn comment(&self, raw: Option<&RawString>) -> String {
        plain(self.text(raw))
    }

    fn text<'t>(&'t self, raw: Option<&'t RawString>) -> &'t str {
        let Some(raw) = raw else { return "" };
        raw.span().map_or(raw.as_str().unwrap_or(""), |span| (self.raw)(span))
    }
}

/// A comment without its marks; blank lines inside it and below it stay.
fn plain(comment: &str) -> String {
    let lines = comment.lines().map(|line| {
        let line = line.trim();
        let line = line.strip_prefix('#').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.skip_while(|line| line.is_empty()).collect::<Vec<_>>().join("\n")
}
