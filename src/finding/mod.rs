//! What is wrong with the user's data: permanent codes, the place, the arithmetic, the way out.
//!
//! A [`Finding`] holds a code and the figures; its sentences live in `templates/findings/<lang>.toml`
//! so that every finding speaks Chinese and English from the same facts:
//!
//! ```text
//! Finding { P0107, pool.xlsx › Tape › H4211, {needed: 235.17, given: 191.20} }
//!     │ templates/findings/en.toml                     │ templates/findings/zh.toml
//!     ▼                                                ▼
//! the instalments leave 2422.87 of the balance unpaid   各期应还金额不足以清偿余额, 差 2422.87
//! ```
//!
//! Good rows survive bad neighbours: a stage returns [`Checked`], and only [`Checked::accept`] gives
//! the value up, when no finding is an error.

mod catalogue;
mod render;

use std::collections::BTreeMap;
use std::fmt::{self, Display};

pub use catalogue::{Entry, catalogue, entry};
pub use render::render;

/// The language of a text for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Said for the record.
    Note,
    /// The run goes on; somebody should look.
    Warning,
    /// Nothing is written until it is mended.
    Error,
}

/// Where a datum stands in the user's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file as the user named it.
    pub file: String,
    /// The sheet of a workbook; empty for text files.
    pub sheet: String,
    /// `H4211` in a sheet, `58:11` (line:column) in a text file, or empty.
    pub cell: String,
    /// The text of the line or row, when it helps to see it.
    pub excerpt: String,
}

impl Origin {
    /// A place in a workbook.
    pub fn cell(file: &str, sheet: &str, cell: impl Into<String>) -> Origin {
        Origin {
            file: file.to_string(),
            sheet: sheet.to_string(),
            cell: cell.into(),
            excerpt: String::new(),
        }
    }

    /// A whole file.
    pub fn file(file: &str) -> Origin {
        Origin { file: file.to_string(), ..Origin::default() }
    }
}

/// `pool.xlsx › Tape › H4211`, or `deal.toml:58:11`.
impl Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match (self.sheet.is_empty(), self.cell.is_empty()) {
            (true, true) => write!(out, "{}", self.file),
            (true, false) => write!(out, "{}:{}", self.file, self.cell),
            (false, true) => write!(out, "{} › {}", self.file, self.sheet),
            (false, false) => write!(out, "{} › {} › {}", self.file, self.sheet, self.cell),
        }
    }
}

/// One fact about the user's data that somebody should know or mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The permanent code, such as `P0107`: T tape, P pool, F form of a file, C calendar, D
    /// deal, A assumptions, M what they make together, E eligibility, limits, distributions and
    /// selection, V vintages and other tables of a servicer.
    pub code: &'static str,
    /// The first place it was found.
    pub origin: Origin,
    /// How many further places hold the same finding; equal findings are folded.
    pub more: usize,
    /// The figures that the sentences quote, by placeholder name.
    pub facts: BTreeMap<&'static str, String>,
}

impl Finding {
    /// A finding of `code` at `origin`.
    ///
    /// # Panics
    ///
    /// When the catalogue does not know the code.
    pub fn new(code: &'static str, origin: Origin) -> Finding {
        assert!(entry(code).is_some(), "{code} is not in the catalogue of findings");
        Finding { code, origin, more: 0, facts: BTreeMap::new() }
    }

    /// The same finding with one more figure.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Finding {
        self.facts.insert(name, value.to_string());
        self
    }

    /// How grave it is, by the catalogue.
    pub fn severity(&self) -> Severity {
        entry(self.code).expect("checked in `new`").severity
    }

    /// What is wrong, with its figures.
    pub fn message(&self, lang: Lang) -> String {
        self.fill(entry(self.code).expect("checked in `new`").message(lang))
    }

    /// The likeliest cause and the mend.
    pub fn help(&self, lang: Lang) -> String {
        self.fill(entry(self.code).expect("checked in `new`").help(lang))
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.to_string();
        for (name, value) in &self.facts {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }
}

/// A value together with everything found on the way to it.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    value: T,
    findings: Vec<Finding>,
}

impl<T> Checked<T> {
    /// The value with the findings on the way to it.
    pub fn new(value: T, findings: Vec<Finding>) -> Checked<T> {
        Checked { value, findings }
    }

    /// Everything found so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The value and its warnings, or all findings when one of them is an error.
    pub fn accept(self) -> Result<(T, Vec<Finding>), Vec<Finding>> {
        if self.findings.iter().any(|finding| finding.severity() == Severity::Error) {
            Err(self.findings)
        } else {
            Ok((self.value, self.findings))
        }
    }

    /// The value as far as it was understood, with its findings: for commands that show both.
    pub fn into_parts(self) -> (T, Vec<Finding>) {
        (self.value, self.findings)
    }
}

/// Folds equal codes with equal facts apart from their place: keeps the first place and a count.
///
/// At most `keep` findings of one code stay apart; the rest are counted on the last of them.
pub fn fold(findings: Vec<Finding>, keep: usize) -> Vec<Finding> {
    let mut folded: Vec<Finding> = Vec::new();
    let mut seen: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new(); // code → (count, index of the last kept)
    for finding in findings {
        let index = folded.len();
        let (count, last) = seen.entry(finding.code).or_insert((0, index));
        if *count < keep {
            (*count, *last) = (*count + 1, index);
            folded.push(finding);
        } else {
            folded[*last].more += 1 + finding.more;
        }
    }
    folded
}
