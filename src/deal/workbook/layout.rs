//! Where keys stand: the order of keys, the columns of a list, the names of sheets.

use super::cells::{Holds, TERMS, Table, text};
use super::kind::Kind;
use crate::config::{Block, Node};
use crate::deal::keys::{File, KEYS, Key};
use crate::tape::SheetCells;

/// The key of the table of keys at a path.
pub(super) fn key(file: File, path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.file == file && key.path == path)
}

/// The kind of a path: as the table of keys says, or as the value is.
pub(super) fn kind(file: File, path: &str, node: Option<&Node>) -> Kind {
    let known = key(file, path).map(|key| Kind::of(key.kind));
    known.or(node.map(Kind::of_node)).unwrap_or(Kind::Text)
}

/// The last part of the keys directly below a path, in the order of the table of keys.
fn below(file: File, path: &str) -> Vec<String> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
    let keys = KEYS.iter().filter(|key| key.file == file);
    let last = keys.filter_map(|key| key.path.strip_prefix(prefix.as_str()));
    last.filter(|last| !last.contains('.') && *last != "*").map(str::to_string).collect()
}

/// The keys below a path, set or not: no block sees two of its keys change places, and otherwise
/// they stand as in the table of keys.
pub(super) fn keys_below(file: File, path: &str, blocks: &[&Block]) -> Vec<String> {
    let of_blocks: Vec<Vec<String>> = blocks
        .iter()
        .map(|block| block.entries.iter().map(|entry| entry.key.clone()).collect())
        .collect();
    let mut left: Vec<String> = below(file, path);
    for key in of_blocks.iter().flatten() {
        if !left.contains(key) {
            left.push(key.clone());
        }
    }
    let mut order: Vec<String> = Vec::new();
    while !left.is_empty() {
        // A key may come when every key that a block has before it is placed.
        let may = |key: &String| {
            of_blocks.iter().all(|keys| match keys.iter().position(|other| other == key) {
                Some(place) => keys[..place].iter().all(|before| order.contains(before)),
                None => true,
            })
        };
        // Blocks that contradict each other: the table of keys decides.
        let next = left.iter().position(may).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

/// A column of a list: the way from an entry to a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// The keys from the entry down.
    pub(super) path: Vec<String>,
    /// The path in the table of keys.
    pub(super) full: String,
    /// What it takes.
    pub(super) kind: Kind,
    /// Whether the first key is a list of its own, one row an element.
    pub(super) nested: bool,
}

/// The columns of a list at a path, with its entries.
pub(super) fn columns(file: File, path: &str, entries: &[&Block]) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in keys_below(file, path, entries) {
        let full = format!("{path}.{name}");
        let values: Vec<&Node> =
            entries.iter().filter_map(|entry| Some(&entry.get(&name)?.node)).collect();
        let column = |path: Vec<String>, full: &str, kind, nested| Column {
            path,
            full: full.to_string(),
            kind,
            nested,
        };
        match kind(file, &full, values.first().copied()) {
            Kind::Rows if values.iter().all(|node| node.as_tables().is_some()) => {
                let lists = values.iter().filter_map(|node| node.as_tables());
                let elements: Vec<&Block> = lists.flatten().collect();
                for mut inner in self::columns(file, &full, &elements) {
                    inner.path.insert(0, name.clone());
                    columns.push(Column { nested: true, ..inner });
                }
            }
            Kind::Names => {
                for part in ["zh", "en"] {
                    let path = vec![name.clone(), part.to_string()];
                    columns.push(column(path, &full, Kind::Names, false));
                }
            }
            kind => columns.push(column(vec![name.clone()], &full, kind, false)),
        }
    }
    columns
}

/// What a key is called: the first words of its meaning in Chinese.
pub(super) fn short(key: Option<&Key>) -> String {
    let zh = key.map_or("", |key| key.zh);
    let end = zh.find([',', ';', ':', '.', '。', '，', '；', '：', '、', '(']).unwrap_or(zh.len());
    zh[..end].trim().to_string()
}

/// The name of a sheet: what it holds in Chinese, and its path.
pub(super) fn sheet_name(file: File, path: &str) -> String {
    let path = path.trim_end_matches(".*");
    let name = format!("{} {path}", short(key(file, path)));
    let plain: String = name.trim().chars().filter(|c| !"[]:*?/\\".contains(*c)).collect();
    if plain.chars().count() <= 31 { plain } else { path.chars().take(31).collect() }
}

/// All that the table of keys says of a key.
pub(super) fn hover(key: &Key) -> String {
    format!(
        "{}\n{}\n\n可填 takes: {}\n缺省 left out: {}\n例 example: {}",
        key.zh, key.en, key.kind, key.default, key.example
    )
}

/// Which file a tree is: the one whose keys it has most of; a deal when in doubt.
pub fn file_of(tree: &Block) -> File {
    let known = |file| tree.entries.iter().filter(|entry| key(file, &entry.key).is_some()).count();
    let others = [File::Assumptions, File::Mapping];
    let best = others.into_iter().max_by_key(|file| known(*file)).unwrap_or(File::Deal);
    if known(best) > known(File::Deal) { best } else { File::Deal }
}

/// Which file some sheets hold, by the keys of their terms and the names of their lists.
pub fn file_of_sheets(sheets: &[SheetCells]) -> File {
    let mut tree = Block::default();
    for table in sheets.iter().filter_map(Table::of) {
        let first = |path: &str| path.split('.').next().unwrap_or("").to_string();
        let keys: Vec<String> = match &table.holds {
            Holds::Terms => table
                .rows
                .iter()
                .map(|row| text(row, table.column(TERMS[0])))
                .map(|key| first(key.trim_start_matches('[').trim_end_matches(']')))
                .collect(),
            Holds::List(path) | Holds::Named(path) | Holds::Series(path) => vec![first(path)],
        };
        for key in keys {
            tree.table(&key);
        }
    }
    file_of(&tree)
}
