//! A fault of one row, before it is told: what, where, and which cells show it.

use std::collections::BTreeMap;

use super::RowOrigin;
use crate::finding::Finding;

/// What is wrong with a row. It becomes a [`Finding`] once the row's cells are at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The code of the finding.
    pub(crate) code: &'static str,
    /// The row.
    pub(crate) row: RowOrigin,
    /// Whether the row is of the schedule rather than of the receivables.
    pub(crate) in_schedule: bool,
    /// The canonical name of the column to blame.
    pub(crate) blame: String,
    /// Further columns that show the contradiction.
    pub(crate) shown: Vec<&'static str>,
    /// The figures of the sentences.
    pub(crate) facts: Vec<(&'static str, String)>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, row: RowOrigin, blame: impl Into<String>) -> Fault {
        let (shown, facts, in_schedule) = (Vec::new(), Vec::new(), false);
        Fault { code, row, in_schedule, blame: blame.into(), shown, facts }
    }

    /// The same fault with one more figure.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Fault {
        self.facts.push((name, value.to_string()));
        self
    }

    /// The same fault with further columns beside the one to blame.
    #[must_use]
    pub(crate) fn showing(mut self, columns: &[&'static str]) -> Fault {
        self.shown.extend_from_slice(columns);
        self
    }
}

/// Faults by code: the first few of each, and a count of the rest, so that a flood stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Faults {
    by_code: BTreeMap<&'static str, (Vec<Fault>, usize)>,
    most: usize,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults::keeping(Faults::KEPT)
    }
}

impl Faults {
    /// How many faults of one code are kept apart, unless somebody asks for more.
    pub(crate) const KEPT: usize = 5;

    /// None yet; that many of one code will be kept apart.
    pub(crate) fn keeping(most: usize) -> Faults {
        Faults { by_code: BTreeMap::new(), most }
    }

    /// The same without any.
    pub(crate) fn emptied(&self) -> Faults {
        Faults::keeping(self.most)
    }

    /// Notes a fault of `code`; it is only built when it will be kept.
    pub(crate) fn add(&mut self, code: &'static str, fault: impl FnOnce() -> Fault) {
        let (kept, more) = self.by_code.entry(code).or_default();
        if kept.len() < self.most {
            kept.push(fault());
        } else {
            *more += 1;
        }
    }

    /// Takes the faults of later rows in.
    pub(crate) fn extend(&mut self, later: Faults) {
        for (code, (faults, more)) in later.by_code {
            for fault in faults {
                self.add(code, || fault);
            }
            self.by_code.entry(code).or_default().1 += more;
        }
    }

    /// The rows of the kept faults.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Fault> {
        self.by_code.values().flat_map(|(kept, _)| kept)
    }

    /// The kept faults, to mask what is personal in them.
    pub(crate) fn kept_mut(&mut self) -> impl Iterator<Item = &mut Fault> {
        self.by_code.values_mut().flat_map(|(kept, _)| kept)
    }

    /// The findings, by code and row; the last of each code counts those that were not kept.
    pub(crate) fn into_findings(self, mut tell: impl FnMut(Fault) -> Finding) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for (_, (kept, more)) in self.by_code {
            findings.extend(kept.into_iter().map(&mut tell));
            if let Some(last) = findings.last_mut() {
                last.more += more;
            }
        }
        findings
    }
}
