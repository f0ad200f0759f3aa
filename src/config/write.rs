//! A tree written as TOML, each piece with the cell it came from.

use std::cell::RefCell;

use super::Source;
use super::tree::{Block, CellPlace, Entry, Node, Value};

/// Lists and comments longer than this stand on lines of their own.
const LINE: usize = 100;

impl Block {
    /// The file of this tree: first the plain keys, then the tables in their order.
    pub fn to_source(&self) -> Source {
        let mut out = Source::default();
        keys(&mut out, &self.entries, true);
        comment(&mut out, &self.tail);
        for entry in self.entries.iter().filter(|entry| !is_plain(&entry.value.node, true)) {
            tables(&mut out, &quoted_key(&entry.key), &entry.value, &entry.note);
        }
        if !self.note.is_empty() {
            blank_line(&mut out);
            comment(&mut out, &self.note);
        }
        out
    }
}

/// Whether a value stands behind its key, and not below a header.
fn is_plain(node: &Node, top: bool) -> bool {
    match node {
        Node::Text(_) | Node::Number(_) | Node::Flag(_) | Node::Date(_) | Node::List(_) => true,
        Node::Table(block) => !top && !holds_tables(block),
        Node::Tables(_) => !top,
    }
}

/// A table of tables by name, such as the terms by product.
fn holds_tables(block: &Block) -> bool {
    let is_table = |entry: &Entry| matches!(entry.value.node, Node::Table(_));
    !block.entries.is_empty() && block.entries.iter().all(is_table)
}

fn keys(out: &mut Source, entries: &[Entry], top: bool) {
    for entry in entries.iter().filter(|entry| is_plain(&entry.value.node, top)) {
        let beside = !entry.note.contains('\n') && entry.note.chars().count() < LINE;
        if !beside {
            comment(out, &entry.note);
        }
        let at = entry.at.as_ref().or(entry.value.at.as_ref());
        put(out, &format!("{} = ", quoted_key(&entry.key)), at);
        value(out, &entry.value);
        if beside && !entry.note.is_empty() {
            out.push(&format!("  # {}", entry.note));
        }
        out.push("\n");
    }
}

fn tables(out: &mut Source, path: &str, value: &Value, note: &str) {
    match &value.node {
        Node::Tables(blocks) => {
            blocks.iter().for_each(|block| table(out, &format!("[[{path}]]"), path, block, ""));
        }
        Node::Table(block) => table(out, &format!("[{path}]"), path, block, note),
        Node::Text(_) | Node::Number(_) | Node::Flag(_) | Node::Date(_) | Node::List(_) => {}
    }
}

fn table(out: &mut Source, header: &str, path: &str, block: &Block, note: &str) {
    // Below the top, a table of tables has no header of its own.
    let group = !header.starts_with("[[") && path.contains('.') && holds_tables(block);
    if !group {
        blank_line(out);
        comment(out, note);
        comment(out, &block.note);
        put(out, header, block.at.as_ref());
        out.push("\n");
        keys(out, &block.entries, false);
        comment(out, &block.tail);
    }
    let below = |entry: &&Entry| group || !is_plain(&entry.value.node, false);
    for entry in block.entries.iter().filter(below) {
        tables(out, &format!("{path}.{}", quoted_key(&entry.key)), &entry.value, &entry.note);
    }
}

fn blank_line(out: &mut Source) {
    if !out.text().is_empty() {
        out.push("\n");
    }
}

fn comment(out: &mut Source, note: &str) {
    if note.is_empty() {
        return;
    }
    for line in note.split('\n') {
        let line = line.trim_end();
        out.push(&if line.is_empty() { "\n".to_string() } else { format!("# {line}\n") });
    }
}

fn put(out: &mut Source, text: &str, at: Option<&CellPlace>) {
    match at {
        Some(at) => out.push_cell(text, &at.sheet, &at.cell),
        None => out.push(text),
    }
}

/// Writes a value; parts with cells of their own are findable by themselves.
fn value(out: &mut Source, value: &Value) {
    let at = value.at.as_ref();
    match &value.node {
        Node::Text(_) | Node::Number(_) | Node::Flag(_) | Node::Date(_) => {
            put(out, &inline(&value.node), at);
        }
        Node::Table(block) => braces(out, block),
        Node::List(values) => {
            let parts: Vec<String> = values.iter().map(|value| inline(&value.node)).collect();
            list(out, at, &parts, true, |out, place| self::value(out, &values[place]));
        }
        Node::Tables(blocks) => {
            let parts: Vec<String> = blocks.iter().map(inline_block).collect();
            list(out, at, &parts, false, |out, place| braces(out, &blocks[place]));
        }
    }
}

/// Characters of the line that is being written.
fn line(out: &Source) -> usize {
    out.text().rsplit('\n').next().unwrap_or("").chars().count()
}

/// A list on one line when it fits; else its lines are filled, or hold one element each.
fn list(
    out: &mut Source,
    at: Option<&CellPlace>,
    parts: &[String],
    fill: bool,
    each: impl Fn(&mut Source, usize),
) {
    let width = |part: &String| part.chars().count() + 2;
    let fits = line(out) + parts.iter().map(width).sum::<usize>() <= LINE;
    put(out, "[", at);
    for (place, part) in parts.iter().enumerate() {
        let full = place == 0 || !fill || line(out) + width(part) > LINE;
        out.push(match (fits, full) {
            (true, _) if place == 0 => "",
            (true, _) => ", ",
            (false, true) => "\n  ",
            (false, false) => " ",
        });
        each(out, place);
        out.push(if fits { "" } else { "," });
    }
    out.push(if fits || parts.is_empty() { "]" } else { "\n]" });
}

fn braces(out: &mut Source, block: &Block) {
    put(out, "{", block.at.as_ref());
    for (place, entry) in block.entries.iter().enumerate() {
        out.push(if place == 0 { " " } else { ", " });
        put(out, &format!("{} = ", quoted_key(&entry.key)), entry.value.at.as_ref());
        value(out, &entry.value);
    }
    out.push(if block.entries.is_empty() { "}" } else { " }" });
}

/// A value on one line.
pub(super) fn inline(node: &Node) -> String {
    match node {
        Node::Text(text) => quoted(text),
        Node::Number(text) | Node::Date(text) => text.clone(),
        Node::Flag(flag) => flag.to_string(),
        Node::List(values) => {
            let values: Vec<String> = values.iter().map(|value| inline(&value.node)).collect();
            format!("[{}]", values.join(", "))
        }
        Node::Table(block) => inline_block(block),
        Node::Tables(blocks) => {
            let blocks: Vec<String> = blocks.iter().map(inline_block).collect();
            format!("[{}]", blocks.join(", "))
        }
    }
}

fn inline_block(block: &Block) -> String {
    let entry =
        |entry: &Entry| format!("{} = {}", quoted_key(&entry.key), inline(&entry.value.node));
    let entries: Vec<String> = block.entries.iter().map(entry).collect();
    if entries.is_empty() { "{}".to_string() } else { format!("{{ {} }}", entries.join(", ")) }
}

impl Node {
    /// The value on one line of TOML.
    pub fn to_toml(&self) -> String {
        inline(self)
    }

    /// The value that a line of TOML says, if it is one.
    pub fn from_toml(text: &str) -> Option<Node> {
        let value: toml_edit::Value = text.trim().parse().ok()?;
        let reader = super::tree::Reader { raw: &|_| "", close: RefCell::default() };
        Some(reader.node(&toml_edit::Item::Value(value)))
    }
}

/// The keys of a dotted path.
pub fn split_key(path: &str) -> Option<Vec<String>> {
    let keys = toml_edit::Key::parse(path.trim()).ok()?;
    Some(keys.iter().map(|key| key.get().to_string()).collect())
}

/// A key as TOML writes it.
pub fn quoted_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_string() } else { quoted(key) }
}

/// A text as TOML writes it, on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            c if c.is_control() => out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}
