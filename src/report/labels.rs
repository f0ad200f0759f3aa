//! Texts of the report in Chinese, English or both, from the language files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::config::Text;
use crate::finding::Lang;

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportLang {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// Both, Chinese first.
    #[default]
    Both,
}

/// The labels of a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Labels {
    lang: ReportLang,
}

/// One language file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sheet: BTreeMap<String, String>,
    about: BTreeMap<String, String>,
    part: BTreeMap<String, String>,
    text: BTreeMap<String, String>,
}

fn files() -> &'static [File; 2] {
    static FILES: OnceLock<[File; 2]> = OnceLock::new();
    FILES.get_or_init(|| {
        let read = |text| toml::from_str(text).expect("a label file is well formed");
        [
            read(include_str!("../../templates/labels/zh.toml")),
            read(include_str!("../../templates/labels/en.toml")),
        ]
    })
}

impl Labels {
    /// The labels of a language.
    pub fn new(lang: ReportLang) -> Labels {
        Labels { lang }
    }

    /// The language.
    pub fn lang(&self) -> ReportLang {
        self.lang
    }

    /// The name of a sheet: Chinese in Chinese reports, English otherwise.
    pub fn sheet(&self, key: &str) -> &'static str {
        let [zh, en] = files();
        let file = if self.lang == ReportLang::Zh { zh } else { en };
        find(&file.sheet, key)
    }

    /// The title on a sheet, in the languages of the report.
    pub fn title(&self, key: &str) -> String {
        self.both(|file| &file.sheet, key)
    }

    /// What a sheet is about.
    pub fn about(&self, key: &str) -> String {
        self.both(|file| &file.about, key)
    }

    /// What a line or input says.
    pub fn part(&self, key: &str) -> String {
        self.both(|file| &file.part, key)
    }

    /// A text.
    pub fn text(&self, key: &str) -> String {
        self.both(|file| &file.text, key)
    }

    /// A text about somebody: `{name}` is the name in the language of the text.
    pub fn text_of(&self, key: &str, name: &Text) -> String {
        let [zh, en] = files();
        let said = |file: &'static File, name: &str| find(&file.text, key).replace("{name}", name);
        self.name(&Text { zh: said(zh, &name.zh), en: said(en, &name.en) })
    }

    /// A name that the user gave in two languages.
    pub fn name(&self, text: &Text) -> String {
        match self.lang {
            ReportLang::Zh => text.zh.clone(),
            ReportLang::En => text.en.clone(),
            ReportLang::Both if text.zh == text.en => text.en.clone(),
            ReportLang::Both => format!("{} {}", text.zh, text.en),
        }
    }

    fn both(
        &self,
        table: impl Fn(&'static File) -> &'static BTreeMap<String, String>,
        key: &str,
    ) -> String {
        let [zh, en] = files();
        let (zh, en) = (find(table(zh), key), find(table(en), key));
        match self.lang {
            ReportLang::Zh => zh.to_string(),
            ReportLang::En => en.to_string(),
            ReportLang::Both if zh == en => en.to_string(),
            ReportLang::Both => format!("{zh} {en}"),
        }
    }
}

/// A part's label in one language.
pub fn part(lang: Lang, key: &str) -> &'static str {
    let [zh, en] = files();
    find(&if lang == Lang::Zh { zh } else { en }.part, key)
}

fn find(table: &'static BTreeMap<String, String>, key: &str) -> &'static str {
    table.get(key).unwrap_or_else(|| panic!("the label files lack `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_labels() {
        let [zh, en] = files();
        assert!(zh.sheet.keys().eq(en.sheet.keys()));
        assert!(zh.about.keys().eq(en.about.keys()));
        assert!(zh.part.keys().eq(en.part.keys()));
        assert!(zh.text.keys().eq(en.text.keys()));
    }
}
