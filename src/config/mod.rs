//! Reading the user's TOML files with every finding at its line: unknown keys, missing keys, values
//! of the wrong kind, rates that look like percents. Nothing stops at the first mistake.
//!
//! ```text
//! deal.toml ── Document ── Section "tranche" ── amount("face"), rate("coupon"), …  ─▶ values
//!    │ extends    │            └── findings: F0102 unknown key `copuon` at 31:1, did you mean `coupon`
//! base.toml ──────┘ merged key by key; every value still knows its own file and line
//! ```

mod chinese;
mod compare;
mod dated;
mod days;
mod document;
mod overlay;
mod section;
mod source;
mod tree;
mod values;
mod words;
mod write;

pub use chinese::in_chinese;
pub use compare::Change;
pub use days::Days;
pub use document::Document;
pub use section::Section;
pub use source::Source;
pub use tree::{Block, CellPlace, Entry, Node, Value};
pub use words::{closest, nearest, of_list};
pub use write::{quoted_key, split_key};

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
