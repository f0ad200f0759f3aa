//! A table of the file: its keys, its tables, what nobody asked for.

use std::cell::RefCell;
use std::collections::BTreeSet;

use toml_edit::{Item, TableLike, Value};

use super::Document;
use super::values::{digits, short};
use super::words::nearest;
use crate::finding::{Finding, Origin};

/// A table of the file. Every key that is asked for counts as known; [`Section::finish`] reports
/// the rest.
pub struct Section<'a> {
    document: &'a Document,
    pub(super) table: &'a dyn TableLike,
    path: String,
    span: Option<std::ops::Range<usize>>,
    read: RefCell<BTreeSet<&'static str>>,
    reported: RefCell<BTreeSet<String>>,
    /// Keys that must stand here and do not: a key that nobody knows may be one of them, mistyped.
    missing: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// The top of a file; some keys are known without being asked for.
    pub(super) fn root(
        document: &'a Document,
        table: &'a dyn TableLike,
        known: &[&'static str],
    ) -> Section<'a> {
        Section {
            document,
            table,
            path: String::new(),
            span: None,
            read: RefCell::new(known.iter().copied().collect()),
            reported: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// The file being read.
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// The keys that stand in the section.
    pub fn keys(&self) -> Vec<String> {
        self.table.iter().map(|(key, _)| key.to_string()).collect()
    }

    /// The place of a key's value, or of the section.
    pub fn origin(&self, key: &str) -> Origin {
        let span = self.table.get(key).and_then(Item::span).or_else(|| self.span.clone());
        self.document.place(span)
    }

    /// Reports a finding at a key.
    pub fn find(&self, code: &'static str, key: &str, facts: &[(&'static str, String)]) {
        let mut finding = Finding::new(code, self.origin(key)).with("key", self.full(key));
        for (name, value) in facts {
            finding = finding.with(name, value);
        }
        self.report(key, finding);
    }

    /// Reports a finding at a part of a key's text, by bytes of the text; at the whole value where
    /// the file writes the text otherwise.
    pub fn find_within(
        &self,
        code: &'static str,
        key: &str,
        (text, part): (&str, std::ops::Range<usize>),
        facts: &[(&'static str, String)],
    ) {
        let span = self.table.get(key).and_then(Item::span);
        let within = span.and_then(|span| self.document.within(span, text, part));
        let Some(within) = within else { return self.find(code, key, facts) };
        let mut finding = Finding::new(code, self.document.place(Some(within)));
        for (name, value) in facts {
            finding = finding.with(name, value);
        }
        self.report(key, finding.with("key", self.full(key)));
    }

    pub(super) fn report(&self, key: &str, finding: Finding) {
        self.reported.borrow_mut().insert(key.to_string());
        self.document.find(finding);
    }

    pub(super) fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    pub(super) fn item(&self, key: &'static str) -> Option<&'a Item> {
        self.read.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Whether the key stands in the file.
    pub fn has(&self, key: &'static str) -> bool {
        self.item(key).is_some()
    }

    /// Whether the key holds a text (and not a table).
    pub fn is_text(&self, key: &'static str) -> bool {
        self.item(key).is_some_and(Item::is_str)
    }

    /// Whether the key holds a table.
    pub fn is_table(&self, key: &'static str) -> bool {
        self.item(key).is_some_and(Item::is_table_like)
    }

    /// Whether one of the keys already has a finding.
    pub fn reported_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.reported(key))
    }

    /// Reports a missing key, unless [`Section::finish`] finds it mistyped.
    pub fn missing(&self, key: &'static str) {
        self.reported.borrow_mut().insert(key.to_string());
        self.missing.borrow_mut().push(key);
    }

    /// Reports a value that the key does not take.
    pub fn wrong_kind(&self, key: &str, wanted: &str) {
        if self.document.is_no_day(self.table.get(key).and_then(Item::span)) {
            self.reported.borrow_mut().insert(key.to_string());
            return;
        }
        let given = match self.table.get(key) {
            Some(Item::Table(_)) => format!("[{}]", self.full(key)),
            Some(Item::ArrayOfTables(_)) => format!("[[{}]]", self.full(key)),
            item => item.map(|item| short(&item.to_string())).unwrap_or_default(),
        };
        self.find("F0104", key, &[("wanted", wanted.to_string()), ("given", given)]);
    }

    pub(super) fn wrong_element(&self, key: &str, value: &Value, wanted: &str) {
        if self.document.is_no_day(value.span()) {
            self.reported.borrow_mut().insert(key.to_string());
            return;
        }
        let finding = Finding::new("F0104", self.document.place(value.span()));
        let finding = finding.with("key", self.full(key)).with("wanted", wanted);
        self.report(key, finding.with("given", short(&value.to_string())));
    }

    /// Whether this section already has a finding about the key.
    pub(super) fn reported(&self, key: &str) -> bool {
        self.reported.borrow().contains(key)
    }

    /// A table below this one.
    pub fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let item = self.item(key)?;
        match item.as_table_like() {
            Some(table) => Some(self.below(key, table, item.span())),
            None => {
                self.wrong_kind(key, "{ … }");
                None
            }
        }
    }

    /// The named tables below a key: `[pool.product."白条"]`.
    pub fn named(&self, key: &'static str) -> Vec<(String, Section<'a>)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(table) = item.as_table_like() else {
            self.wrong_kind(key, "{ … }");
            return Vec::new();
        };
        let here = self.below(key, table, item.span());
        let below = table.iter().filter_map(|(name, item)| match item.as_table_like() {
            Some(table) => Some((name.to_string(), here.below(name, table, item.span()))),
            None => {
                here.wrong_kind(name, "{ … }");
                None
            }
        });
        below.collect()
    }

    /// The texts by name below a key: `where = { product = "BT" }`.
    pub fn pairs(&self, key: &'static str) -> Vec<(String, Vec<String>)> {
        const WANTED: &str = "\"text\" | [\"text\", …]";
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(table) = item.as_table_like() else {
            self.wrong_kind(key, "{ column = \"value\" }");
            return Vec::new();
        };
        let here = self.below(key, table, item.span());
        let pairs = table.iter().map(|(name, item)| {
            let values: Vec<&Value> = match item.as_value() {
                Some(Value::Array(array)) => array.iter().collect(),
                value => value.into_iter().collect(),
            };
            let texts: Vec<String> = values.iter().filter_map(|value| digits(value)).collect();
            if texts.is_empty() || texts.len() != values.len() {
                here.wrong_kind(name, WANTED);
            }
            (name.to_string(), texts)
        });
        pairs.collect()
    }

    /// The tables of an array: `[[tranche]]` blocks or `[{ … }, { … }]`.
    pub fn tables(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        if let Some(tables) = item.as_array_of_tables() {
            return tables
                .iter()
                .map(|table| self.below(key, table as &dyn TableLike, table.span()))
                .collect();
        }
        if let Some(array) = item.as_array() {
            let inline = array.iter().filter_map(|value| {
                value
                    .as_inline_table()
                    .map(|table| self.below(key, table as &dyn TableLike, value.span()))
            });
            let sections: Vec<Section> = inline.collect();
            if sections.len() == array.len() {
                return sections;
            }
        }
        let block = format!("[[{}]]", self.full(key));
        self.wrong_kind(key, if item.is_table() { &block } else { "[{ … }, …]" });
        Vec::new()
    }

    fn below(
        &self,
        key: &str,
        table: &'a dyn TableLike,
        span: Option<std::ops::Range<usize>>,
    ) -> Section<'a> {
        Section {
            document: self.document,
            table,
            path: self.full(key),
            span,
            read: RefCell::default(),
            reported: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// Whether every key that stands in the section is one of these.
    pub fn knows(&self, keys: &[&str]) -> bool {
        self.table.iter().all(|(key, _)| keys.contains(&key))
    }

    /// Reports every key that nobody asked for, with the nearest key that somebody did: that one is
    /// mistyped, and not missing.
    pub fn finish(self) {
        let read = self.read.borrow();
        for (key, item) in self.table.iter() {
            if read.contains(key) {
                continue;
            }
            let near = nearest(key, read.iter().copied());
            self.missing.borrow_mut().retain(|missing| near != Some(missing));
            let span = self.table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let finding =
                Finding::new("F0102", self.document.place(span)).with("key", self.full(key));
            let known = read.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let suggestion = near.map_or(known, |near| format!("`{near}`"));
            self.document.find(finding.with("suggestion", suggestion));
        }
    }
}

/// Whatever is missing is said at the latest here, also of a section that nobody finishes.
impl Drop for Section<'_> {
    fn drop(&mut self) {
        for key in self.missing.take() {
            let origin = self.document.place(self.span.clone());
            self.document.find(Finding::new("F0103", origin).with("key", self.full(key)));
        }
    }
}
