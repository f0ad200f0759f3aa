//! Values of a section by kind: texts, counts, dates, money, rates, words of a closed list.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use toml_edit::{Item, Value};

use super::words::of_list;
use super::{Section, Text};
use crate::finding::Finding;
use crate::money::{Amount, NotANumber, Rate};

/// The most that one amount of a file may be: a trillion. Sums of many such amounts fit.
const AMOUNT_MOST: Amount = Amount::from_minor(100_000_000_000_000);
/// A limit beyond this is that of a multiple and not that of a share or of a yearly rate.
const SHARES_MOST: Rate = Rate::from_parts(100 * Rate::ONE.parts());
pub(super) const RATE_WANTED: &str = "0.026 | \"2.6 %\"";
/// The years that a spreadsheet can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1901..=9000;

impl Section<'_> {
    /// A text, if it stands there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        let item = self.item(key)?;
        if let Some(text) = item.as_str() {
            return Some(text.to_string());
        }
        self.wrong_kind(key, "\"text\"");
        None
    }

    /// A file beside the one that names it, as seen from the folder of the first file.
    pub fn file(&self, key: &'static str) -> Option<String> {
        let path = self.text(key)?;
        Some(self.document().beside(self.item(key).and_then(Item::span), &path))
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

    /// A whole number from 1 to `most`.
    pub fn count_from_one(&self, key: &'static str, most: i64) -> Option<i64> {
        let count = self.item(key)?.as_integer().filter(|count| (1..=most).contains(count));
        if count.is_none() {
            self.wrong_kind(key, &format!("1 … {most}"));
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

    /// A day, as a TOML date or as text: `2026-01-15`, `2026年1月15日`.
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

    /// A list of days.
    pub fn days_listed(&self, key: &'static str) -> Vec<NaiveDate> {
        self.array(key, "YYYY-MM-DD", as_date)
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
            Some(Ok(_)) => {
                self.wrong_kind(key, &format!("0.00 … {AMOUNT_MOST}"));
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

    pub(super) fn as_rate(&self, key: &'static str, value: &Value, most: Rate) -> Option<Rate> {
        let text = digits(value).unwrap_or_default();
        let Ok(rate) = text.parse::<Rate>() else {
            self.wrong_element(key, value, RATE_WANTED);
            return None;
        };
        let origin = self.document().place(value.span());
        if rate < Rate::ZERO {
            let finding = Finding::new("F0105", origin).with("key", self.full(key));
            self.report(key, finding.with("given", text));
            return None;
        }
        // A multiple is no percent without its sign.
        if rate >= most && most > SHARES_MOST {
            self.wrong_element(key, value, &range_below(most));
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
            self.wrong_element(key, value, &range_below(most));
            return None;
        }
        Some(rate)
    }

    /// One of a closed list of words.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let given = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        if found.is_none() {
            let words = choices.iter().map(|(word, _)| *word);
            self.find("F0108", key, &of_list(&given, words));
        }
        found
    }

    pub(super) fn array<T>(
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
}

/// The rates below a limit, as a user writes them. A limit just above a round figure lets that figure
/// itself in.
fn range_below(most: Rate) -> String {
    let round = Rate::from_parts(most.parts() / 100 * 100);
    let sign = if round < most { "<=" } else { "<" };
    if most > SHARES_MOST {
        return format!("0 … {sign} {round}");
    }
    format!("\"0 %\" … {sign} \"{}\"", round.percent())
}

/// A value as it stands in the file, in a few characters.
pub(super) fn short(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or("");
    let cut: String = line.chars().take(40).collect();
    if cut.len() < text.trim().len() { cut + "…" } else { cut }
}

pub(super) fn digits(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().trim().to_string()),
        Value::Integer(number) => Some(number.value().to_string()),
        // The digits as written, not the double: 0.1 stays 0.1.
        Value::Float(number) => Some(number.display_repr().trim().replace('_', "")),
        _ => None,
    }
}

pub(super) fn as_date(value: &Value) -> Option<NaiveDate> {
    let date = match value {
        Value::Datetime(date) => {
            let date = date.value().date?;
            NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
        }
        Value::String(text) => {
            let text = text.value().trim();
            let read = |form| NaiveDate::parse_from_str(text, form).ok();
            read("%Y-%m-%d").or_else(|| read("%Y年%m月%d日"))
        }
        _ => None,
    };
    date.filter(|date| YEARS.contains(&date.year()))
}
