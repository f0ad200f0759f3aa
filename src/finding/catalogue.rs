//! The catalogue of findings, read once from the language files compiled into the binary.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Lang, Severity};

/// What one code means, in both languages.
pub struct Entry {
    /// How grave it is.
    pub severity: Severity,
    zh: Texts,
    en: Texts,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    severity: Option<String>,
    message: String,
    help: String,
    about: String,
}

impl Entry {
    /// The sentence with `{placeholders}`.
    pub fn message(&self, lang: Lang) -> &str {
        &self.texts(lang).message
    }

    /// The likeliest cause and the mend, with `{placeholders}`.
    pub fn help(&self, lang: Lang) -> &str {
        &self.texts(lang).help
    }

    /// What is checked and why it matters: the page that `explain CODE` prints.
    pub fn about(&self, lang: Lang) -> &str {
        &self.texts(lang).about
    }

    fn texts(&self, lang: Lang) -> &Texts {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// All codes with their entries, in order.
///
/// # Panics
///
/// When the two language files disagree about the codes, or a code stands twice: a test guards them.
pub fn catalogue() -> &'static BTreeMap<String, Entry> {
    static CATALOGUE: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let read = |texts: &[&str]| -> BTreeMap<String, Texts> {
            let read = |text: &&str| -> BTreeMap<String, Texts> {
                toml::from_str(text).expect("the catalogue of findings is well formed")
            };
            let mut all = BTreeMap::new();
            for (code, texts) in texts.iter().flat_map(read) {
                let other = all.insert(code.clone(), texts);
                assert!(other.is_none(), "{code} stands in two files of findings");
            }
            all
        };
        let mut zh = read(&[
            include_str!("../../templates/findings/zh.toml"),
            include_str!("../../templates/findings/deal_zh.toml"),
            include_str!("../../templates/findings/calendar_zh.toml"),
            include_str!("../../templates/findings/static_zh.toml"),
            include_str!("../../templates/findings/stress_zh.toml"),
            include_str!("../../templates/findings/purchase_zh.toml"),
            include_str!("../../templates/findings/cadence_zh.toml"),
            include_str!("../../templates/findings/offers_zh.toml"),
            include_str!("../../templates/findings/supply_zh.toml"),
            include_str!("../../templates/findings/portfolio_zh.toml"),
            include_str!("../../templates/findings/behaviour_zh.toml"),
            include_str!("../../templates/findings/credit_lines_zh.toml"),
            include_str!("../../templates/findings/language_zh.toml"),
            include_str!("../../templates/findings/desk_zh.toml"),
            include_str!("../../templates/findings/subpool_zh.toml"),
            include_str!("../../templates/findings/sheet_zh.toml"),
            include_str!("../../templates/findings/in_default_zh.toml"),
            include_str!("../../templates/findings/traps_zh.toml"),
        ]);
        let en = read(&[
            include_str!("../../templates/findings/en.toml"),
            include_str!("../../templates/findings/deal_en.toml"),
            include_str!("../../templates/findings/calendar_en.toml"),
            include_str!("../../templates/findings/static_en.toml"),
            include_str!("../../templates/findings/stress_en.toml"),
            include_str!("../../templates/findings/purchase_en.toml"),
            include_str!("../../templates/findings/cadence_en.toml"),
            include_str!("../../templates/findings/offers_en.toml"),
            include_str!("../../templates/findings/supply_en.toml"),
            include_str!("../../templates/findings/portfolio_en.toml"),
            include_str!("../../templates/findings/behaviour_en.toml"),
            include_str!("../../templates/findings/credit_lines_en.toml"),
            include_str!("../../templates/findings/language_en.toml"),
            include_str!("../../templates/findings/desk_en.toml"),
            include_str!("../../templates/findings/subpool_en.toml"),
            include_str!("../../templates/findings/sheet_en.toml"),
            include_str!("../../templates/findings/in_default_en.toml"),
            include_str!("../../templates/findings/traps_en.toml"),
        ]);
        assert!(zh.keys().eq(en.keys()), "both languages have the same codes");
        let entries = en.into_iter().map(|(code, en)| {
            let zh = zh.remove(&code).expect("both languages have the same codes");
            let severity = match en.severity.as_deref() {
                Some("error") => Severity::Error,
                Some("warning") => Severity::Warning,
                Some("note") => Severity::Note,
                other => panic!("{code} has the severity {other:?}"),
            };
            (code, Entry { severity, zh, en })
        });
        entries.collect()
    })
}

/// The entry of one code.
pub fn entry(code: &str) -> Option<&'static Entry> {
    catalogue().get(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn both_languages_quote_the_same_figures() {
        for (code, entry) in catalogue() {
            let said = |lang| {
                placeholders(&format!("{}{}", entry.message(lang), entry.help(lang)))
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            };
            assert_eq!(said(Lang::Zh), said(Lang::En), "{code}");
        }
    }
}
