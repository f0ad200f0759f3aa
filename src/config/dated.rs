//! Values over time, rates with a sign, expressions: what a deal's tables hold besides plain values.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use toml_edit::{Item, Value};

use super::Section;
use super::values::{RATE_WANTED, digits};
use crate::money::Rate;

impl Section<'_> {
    /// Whether the key holds a list.
    pub fn is_list(&self, key: &'static str) -> bool {
        self.item(key).is_some_and(|item| item.is_array() || item.is_array_of_tables())
    }

    /// One rate for all time, or `[{ from = 2026-01-15, rate = "2.6 %" }, …]` with rising dates. A
    /// single rate holds from the first day there is.
    pub fn dated_rates(&self, key: &'static str, most: Rate) -> Option<Vec<(NaiveDate, Rate)>> {
        if !self.is_list(key) {
            return self.rate(key, most).map(|rate| vec![(NaiveDate::MIN, rate)]);
        }
        let mut dated: Vec<(NaiveDate, Rate)> = Vec::new();
        for entry in self.tables(key) {
            let from = entry.need_date("from");
            if !entry.has("rate") {
                entry.missing("rate");
            }
            let rate = entry.signed_rate("rate", most);
            if let (Some(from), Some(rate)) = (from, rate) {
                if let Some((last, _)) = dated.last().filter(|(last, _)| *last >= from) {
                    let facts = [("date", from.to_string()), ("other", last.to_string())];
                    entry.find("F0112", "from", &facts);
                }
                dated.push((from, rate));
            }
            entry.finish();
        }
        Some(dated)
    }

    /// A rate that may lie below zero, such as a spread.
    pub fn signed_rate(&self, key: &'static str, most: Rate) -> Option<Rate> {
        let negative = |value: &Value| digits(value).is_some_and(|text| text.starts_with('-'));
        match self.item(key)?.as_value() {
            Some(value) if negative(value) => {
                let text = digits(value).unwrap_or_default();
                let rate = text.parse::<Rate>().ok();
                let rate = rate.filter(|rate| -rate.parts() < most.parts() || text.contains('%'));
                if rate.is_none() {
                    self.wrong_kind(key, RATE_WANTED);
                }
                rate
            }
            _ => self.rate(key, most),
        }
    }

    /// A text, a number, a flag or a list of them, each as the text that it is written with.
    pub fn words(&self, key: &'static str) -> Vec<String> {
        const WANTED: &str = "\"text\" | 1 | true | [\"text\", …]";
        let word =
            |value: &Value| digits(value).or_else(|| value.as_bool().map(|flag| flag.to_string()));
        if self.is_list(key) {
            return self.array(key, WANTED, word);
        }
        let Some(item) = self.item(key) else { return Vec::new() };
        let found = item.as_value().and_then(word);
        if found.is_none() {
            self.wrong_kind(key, WANTED);
        }
        found.into_iter().collect()
    }

    /// A number with at most `places` decimals, as the whole number of its last place; below zero
    /// too.
    pub fn parts(&self, key: &'static str, places: u32) -> Option<i64> {
        let text = self.item(key)?.as_value().and_then(digits);
        let number = text.and_then(|text| Decimal::from_str_exact(&text).ok());
        let exact = number.filter(|number| number.normalize().scale() <= places);
        let parts = exact.and_then(|n| n.checked_mul(Decimal::from(10_i64.pow(places)))?.to_i64());
        if parts.is_none() {
            self.wrong_kind(key, "650 | 12.5");
        }
        parts
    }

    /// Whether the key holds a text that begins like a name and not like a number.
    pub fn is_name(&self, key: &'static str) -> bool {
        let text = self.item(key).and_then(Item::as_str);
        text.is_some_and(|text| text.trim().starts_with(|c: char| c.is_alphabetic() || c == '_'))
    }

    /// The names and expressions of a table: `[define]`. Numbers count as expressions.
    pub fn expressions(&self) -> Vec<(String, String)> {
        let mut expressions = Vec::new();
        for (name, item) in self.table.iter() {
            match item.as_value().and_then(digits) {
                Some(text) => expressions.push((name.to_string(), text)),
                None => self.wrong_kind(name, "\"expression\""),
            }
        }
        expressions
    }

    /// The text of a key in each of an array of tables, without any finding.
    pub fn peek_each(&self, array: &'static str, key: &str) -> Vec<Option<String>> {
        let text = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_string);
        let inline = |value: &Value| Some(value.as_inline_table()?.get(key)?.as_str()?.to_string());
        match self.item(array) {
            Some(Item::ArrayOfTables(tables)) => {
                tables.iter().map(|table| text(table.get(key))).collect()
            }
            Some(Item::Value(Value::Array(values))) => values.iter().map(inline).collect(),
            _ => Vec::new(),
        }
    }

    /// The texts of a key over an array of tables, without any finding.
    pub fn peek(&self, array: &'static str, key: &str) -> Vec<String> {
        self.peek_each(array, key).into_iter().flatten().collect()
    }
}
