//! Reading the user's TOML files with every finding at its line: unknown keys, missing keys, values
//! of the wrong kind, rates that look like percents. Nothing stops at the first mistake.
//!
//! ```text
//! deal.toml ── Document ── Section "tranche" ── amount("face"), rate("coupon"), …  ─▶ values
//!                              └── findings: F0102 unknown key `copuon` at 31:1, did you mean `coupon`
//! ```

mod days;

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use toml_edit::{Item, TableLike, Value};
use unicode_width::UnicodeWidthStr;

pub use days::Days;

use crate::finding::{Finding, Origin};
use crate::money::{Amount, NotANumber, Rate};

/// The most that one amount of a file may be: a trillion. Sums of many such amounts fit.
const AMOUNT_MOST: Amount = Amount::from_minor(100_000_000_000_000);
const RATE_WANTED: &str = "0.026 | \"2.6 %\"";
/// The years that a spreadsheet can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1901..=9000;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The same text in both languages.
    pub fn same(text: impl Into<String>) -> Text {
        let text = text.into();
        Text { zh: text.clone(), en: text }
    }

    /// Both languages beside each other, for sentences that quote a name.
    pub fn both(&self) -> String {
        if self.zh == self.en { self.zh.clone() } else { format!("{} {}", self.zh, self.en) }
    }

    /// The text in one language.
    pub fn in_lang(&self, lang: crate::finding::Lang) -> &str {
        match lang {
            crate::finding::Lang::Zh => &self.zh,
            crate::finding::Lang::En => &self.en,
        }
    }
}

/// A TOML file being read, with what was found in it so far.
pub struct Document {
    file: String,
    text: String,
    root: toml_edit::Table,
    findings: RefCell<Vec<Finding>>,
}

impl Document {
    /// Parses a file's text; a syntax error is the only finding then.
    ///
    /// # Errors
    ///
    /// F0101, F0110 or F0111 when the text is not TOML.
    pub fn parse(file: &str, text: &str) -> Result<Document, Vec<Finding>> {
        match toml_edit::Document::parse(text) {
            Ok(document) => Ok(Document {
                file: file.to_string(),
                text: text.to_string(),
                root: document.as_table().clone(),
                findings: RefCell::default(),
            }),
            Err(error) => Err(vec![not_toml(file, text, &error)]),
        }
    }

    /// The top of the file.
    pub fn root(&self) -> Section<'_> {
        Section {
            document: self,
            table: &self.root,
            path: String::new(),
            span: None,
            read: RefCell::default(),
            reported: RefCell::default(),
        }
    }

    /// Adds a finding at a byte range of the file.
    pub fn find(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// The place of a byte range, with its line as excerpt.
    pub fn place(&self, span: Option<std::ops::Range<usize>>) -> Origin {
        place(&self.file, &self.text, span)
    }

    /// Everything found, in the order of the file.
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|finding| line_of(&finding.origin));
        findings
    }
}

/// What the parser stumbled over; the commonest slips have codes of their own.
fn not_toml(file: &str, text: &str, error: &toml_edit::TomlError) -> Finding {
    let at = place(file, text, error.span());
    let reason = error.message().trim();
    let given = error.span().and_then(|span| text.get(span)).unwrap_or("").trim();
    if reason == "duplicate key" {
        Finding::new("F0110", at).with("key", given)
    } else if reason.starts_with("invalid date") {
        Finding::new("F0111", at).with("given", given)
    } else {
        Finding::new("F0101", at).with("reason", reason)
    }
}

fn line_of(origin: &Origin) -> usize {
    origin.cell.split(':').next().and_then(|line| line.parse().ok()).unwrap_or(0)
}

fn place(file: &str, text: &str, span: Option<std::ops::Range<usize>>) -> Origin {
    let Some(span) = span else { return Origin::file(file) };
    let start = (0..=span.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let start = start.expect("every text begins at a boundary");
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let before = before.rsplit('\n').next().unwrap_or("");
    let column = before.chars().count() + 1;
    let whole = text.lines().nth(line - 1).unwrap_or("").replace('\t', " ");
    let underlined = text.get(start..span.end).unwrap_or("").lines().next().unwrap_or("");
    // By width on the screen: a Chinese character takes two places.
    let marks = "^".repeat(underlined.width().clamp(1, 60));
    let gutter = format!("{line} ");
    let blank = " ".repeat(gutter.len() + before.width());
    let excerpt = format!("{gutter}{whole}\n{blank}{marks}");
    Origin {
        file: file.to_string(),
        sheet: String::new(),
        cell: format!("{line}:{column}"),
        excerpt,
    }
}

/// A table of the file. Every key that is asked for counts as known; [`Section::finish`] reports
/// the rest.
pub struct Section<'a> {
    document: &'a Document,
    table: &'a dyn TableLike,
    path: String,
    span: Option<std::ops::Range<usize>>,
    read: RefCell<BTreeSet<&'static str>>,
    reported: RefCell<BTreeSet<String>>,
}

impl<'a> Section<'a> {
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

    fn report(&self, key: &str, finding: Finding) {
        self.reported.borrow_mut().insert(key.to_string());
        self.document.find(finding);
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    fn item(&self, key: &'static str) -> Option<&'a Item> {
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

    /// Reports a missing key.
    pub fn missing(&self, key: &'static str) {
        let origin = self.document.place(self.span.clone());
        self.report(key, Finding::new("F0103", origin).with("key", self.full(key)));
    }

    /// Reports a value that the key does not take.
    pub fn wrong_kind(&self, key: &str, wanted: &str) {
        let given = match self.table.get(key) {
            Some(Item::Table(_)) => format!("[{}]", self.full(key)),
            Some(Item::ArrayOfTables(_)) => format!("[[{}]]", self.full(key)),
            item => item.map(|item| short(&item.to_string())).unwrap_or_default(),
        };
        self.find("F0104", key, &[("wanted", wanted.to_string()), ("given", given)]);
    }

    fn wrong_element(&self, key: &str, value: &Value, wanted: &str) {
        let finding = Finding::new("F0104", self.document.place(value.span()));
        let finding = finding.with("key", self.full(key)).with("wanted", wanted);
        self.report(key, finding.with("given", short(&value.to_string())));
    }

    /// A text, if it stands there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        let item = self.item(key)?;
        if let Some(text) = item.as_str() {
            return Some(text.to_string());
        }
        self.wrong_kind(key, "\"text\"");
        None
    }

    /// A text that must stand there.
    pub fn need_text(&self, key: &'static str) -> String {
        if !self.has(key) {
            self.missing(key);
        }
        self.text(key).unwrap_or_default()
    }

    /// The name that other parts of the file use: not empty, without spaces and dots.
    pub fn need_id(&self, key: &'static str) -> String {
        let id = self.need_text(key);
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '.';
        if !self.reported(key) && (id.is_empty() || id.contains(odd)) {
            self.wrong_kind(key, "\"A1\"");
        }
        id
    }

    /// A text in both languages: `"same"` or `{ zh = "…", en = "…" }`.
    pub fn bilingual(&self, key: &'static str) -> Option<Text> {
        let item = self.item(key)?;
        if let Some(text) = item.as_str() {
            return Some(Text::same(text));
        }
        let section = self.section(key)?;
        let (zh, en) = (section.text("zh"), section.text("en"));
        if zh.is_none() && en.is_none() && !section.reported_any(&["zh", "en"]) {
            section.missing("zh");
        }
        for (lacking, other, lacks) in
            [("zh", "en", zh.is_none() && en.is_some()), ("en", "zh", en.is_none() && zh.is_some())]
        {
            if lacks && !section.reported(lacking) {
                let facts = [("lacking", lacking.to_string()), ("other", other.to_string())];
                self.find("F0109", key, &facts);
            }
        }
        section.finish();
        let either = zh.clone().or(en.clone()).unwrap_or_default();
        Some(Text { zh: zh.unwrap_or_else(|| either.clone()), en: en.unwrap_or(either) })
    }

    /// A list of texts.
    pub fn texts(&self, key: &'static str) -> Vec<String> {
        self.array(key, "\"text\"", |value| value.as_str().map(ToString::to_string))
    }

    /// A flag.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let flag = self.item(key)?.as_bool();
        if flag.is_none() {
            self.wrong_kind(key, "true | false");
        }
        flag
    }

    /// A whole number from `0` to `most`.
    pub fn count(&self, key: &'static str, most: i64) -> Option<i64> {
        let count = self.item(key)?.as_integer().filter(|count| (0..=most).contains(count));
        if count.is_none() {
            self.wrong_kind(key, &format!("0 … {most}"));
        }
        count
    }

    /// A list of whole numbers from 1 to `most`.
    pub fn counts(&self, key: &'static str, most: i64) -> Vec<i64> {
        let wanted = format!("1 … {most}");
        self.array(key, &wanted, |value| {
            value.as_integer().filter(|count| (1..=most).contains(count))
        })
    }

    /// A day, as a TOML date or as text `2026-01-15`.
    pub fn date(&self, key: &'static str) -> Option<NaiveDate> {
        let date = self.item(key)?.as_value().and_then(as_date);
        if date.is_none() {
            self.wrong_kind(key, "YYYY-MM-DD (2026-01-15)");
        }
        date
    }

    /// A day that must stand there.
    pub fn need_date(&self, key: &'static str) -> Option<NaiveDate> {
        if !self.has(key) {
            self.missing(key);
        }
        self.date(key)
    }

    /// An amount of money: a number or a text, at most two decimals.
    pub fn amount(&self, key: &'static str) -> Option<Amount> {
        let value = self.item(key)?.as_value().and_then(digits);
        match value.as_deref().map(str::parse::<Amount>) {
            Some(Ok(amount)) if (Amount::ZERO..=AMOUNT_MOST).contains(&amount) => Some(amount),
            Some(Err(NotANumber::Decimals)) => {
                self.find("F0107", key, &[("given", value.unwrap_or_default())]);
                None
            }
            _ => {
                self.wrong_kind(key, "1234.56");
                None
            }
        }
    }

    /// A list of amounts.
    pub fn amounts(&self, key: &'static str) -> Vec<Amount> {
        self.array(key, "1234.56", |value| {
            let amount = digits(value).and_then(|text| text.parse::<Amount>().ok());
            amount.filter(|amount| (Amount::ZERO..=AMOUNT_MOST).contains(amount))
        })
    }

    /// A rate: `0.026` or `"2.6 %"`. At or above `most` it is taken for a percent without its sign
    /// and reported (F0106) with the suggestion.
    pub fn rate(&self, key: &'static str, most: Rate) -> Option<Rate> {
        match self.item(key)?.as_value() {
            Some(value) => self.as_rate(key, value, most),
            None => {
                self.wrong_kind(key, RATE_WANTED);
                None
            }
        }
    }

    /// A list of rates, or a single one.
    pub fn rates(&self, key: &'static str, most: Rate) -> Option<Vec<Rate>> {
        let item = self.item(key)?;
        match item.as_array() {
            Some(array) => {
                Some(array.iter().filter_map(|value| self.as_rate(key, value, most)).collect())
            }
            None => self.rate(key, most).map(|rate| vec![rate]),
        }
    }

    fn as_rate(&self, key: &'static str, value: &Value, most: Rate) -> Option<Rate> {
        let text = digits(value).unwrap_or_default();
        let Ok(rate) = text.parse::<Rate>() else {
            self.wrong_element(key, value, RATE_WANTED);
            return None;
        };
        let origin = self.document.place(value.span());
        if rate < Rate::ZERO {
            let finding = Finding::new("F0105", origin).with("key", self.full(key));
            self.report(key, finding.with("given", text));
            return None;
        }
        if rate >= most && !text.contains('%') {
            let meant = rate.to_decimal() / Decimal::ONE_HUNDRED;
            let finding = Finding::new("F0106", origin).with("key", self.full(key));
            let finding = finding.with("given", &text).with("percent", rate.percent());
            self.report(key, finding.with("meant", meant.normalize()));
            return None;
        }
        if rate >= most {
            let below = Rate::from_parts(most.parts() / 100 * 100).percent();
            self.wrong_element(key, value, &format!("\"0 %\" … < \"{below}\""));
            return None;
        }
        Some(rate)
    }

    /// Whether this section already has a finding about the key.
    fn reported(&self, key: &str) -> bool {
        self.reported.borrow().contains(key)
    }

    /// One of a closed list of words.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let given = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.find(
                "F0108",
                key,
                &[
                    ("given", given.clone()),
                    (
                        "choices",
                        words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
                    ),
                    ("suggestion", closest(&given, words.iter().copied()).to_string()),
                ],
            );
        }
        found
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
        }
    }

    fn array<T>(
        &self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Vec<T> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let Some(array) = item.as_array() else {
            self.wrong_kind(key, &format!("[{wanted}, …]"));
            return Vec::new();
        };
        let values = array.iter().filter_map(|value| {
            let read = read(value);
            if read.is_none() {
                self.wrong_element(key, value, wanted);
            }
            read
        });
        values.collect()
    }

    /// Whether every key that stands in the section is one of these.
    pub fn knows(&self, keys: &[&str]) -> bool {
        self.table.iter().all(|(key, _)| keys.contains(&key))
    }

    /// Reports every key that nobody asked for, with the nearest key that somebody did.
    pub fn finish(self) {
        let read = self.read.borrow();
        for (key, item) in self.table.iter() {
            if read.contains(key) {
                continue;
            }
            let span = self.table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let finding =
                Finding::new("F0102", self.document.place(span)).with("key", self.full(key));
            let known = read.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let suggestion =
                nearest(key, read.iter().copied()).map_or(known, |near| format!("`{near}`"));
            self.document.find(finding.with("suggestion", suggestion));
        }
    }
}

/// A value as it stands in the file, in a few characters.
fn short(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("");
    let cut: String = line.chars().take(40).collect();
    if cut.len() < text.trim().len() { cut + "…" } else { cut }
}

fn digits(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().trim().to_string()),
        Value::Integer(number) => Some(number.value().to_string()),
        // The digits as written, not the double: 0.1 stays 0.1.
        Value::Float(number) => Some(number.display_repr().trim().replace('_', "")),
        _ => None,
    }
}

fn as_date(value: &Value) -> Option<NaiveDate> {
    let date = match value {
        Value::Datetime(date) => {
            let date = date.value().date?;
            NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
        }
        Value::String(text) => NaiveDate::parse_from_str(text.value().trim(), "%Y-%m-%d").ok(),
        _ => None,
    };
    date.filter(|date| YEARS.contains(&date.year()))
}

/// The known word nearest to a mistyped one, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.map(|candidate| (distance(word, candidate), candidate));
    let (distance, candidate) = distances.min()?;
    (distance <= 1 + word.chars().count() / 3).then_some(candidate)
}

/// The word of a closed list that is nearest to what was written.
pub fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|candidate| distance(word, candidate)).unwrap_or("")
}

/// Edits between two words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
