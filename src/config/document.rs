//! A file being read, with the files it extends, and what was found in them so far.

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use toml_edit::{Item, RawString, Table};

use super::overlay::merge;
use super::tree::Reader;
use super::{Block, Section, Source};
use crate::finding::{Finding, Origin};

/// The key that names the file below.
const EXTENDS: &str = "extends";
/// The most files of one chain.
const FILES_MOST: usize = 8;

/// A TOML file being read, with what was found in it so far.
///
/// A file may extend another one (`extends = "base.toml"`) and state only what changes. The files
/// are parsed one behind the other, as if they were one long text: so every byte range says which
/// file it is of, and a finding about a merged value points at the line that wrote it.
pub struct Document {
    /// The file that was asked for, then the files below it.
    files: Vec<File>,
    root: Table,
    /// The comment below the last key of the first file.
    end: Option<RawString>,
    /// Where days stood that no calendar has; each has been told.
    no_days: Vec<Range<usize>>,
    findings: RefCell<Vec<Finding>>,
}

/// What the parser is given in place of a day that no calendar has, so that the rest can be read.
const NO_DAY: &str = "0000-01-01";

/// One of the files, with the place of its text among them all.
struct File {
    name: String,
    start: usize,
    source: Source,
}

impl File {
    fn end(&self) -> usize {
        self.start + self.source.text().len() + 1
    }

    fn place(&self, span: &Range<usize>) -> Origin {
        let within = |at: usize| at.saturating_sub(self.start);
        self.source.place(&self.name, &(within(span.start)..within(span.end)))
    }
}

impl Document {
    /// Parses a file's text; a syntax error is the only finding then. A day that no calendar has
    /// (F0111) is told and passed over.
    ///
    /// # Errors
    ///
    /// F0101 or F0110 when the text is not TOML, F0121 when it extends another file, which a
    /// text alone cannot reach.
    pub fn parse(file: &str, text: &str) -> Result<Document, Vec<Finding>> {
        let mut nowhere = |_: &str| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        Document::open(file, text.to_string().into(), &mut nowhere)
    }

    /// Parses a file and the files that it extends, which `load` fetches by their path from the
    /// folder of the first. What an upper file states replaces what a lower one does.
    ///
    /// # Errors
    ///
    /// When one of the texts is not TOML, or the chain of files is broken (F0120, F0121, F0123).
    pub fn open(
        file: &str,
        source: Source,
        load: &mut dyn FnMut(&str) -> std::io::Result<Source>,
    ) -> Result<Document, Vec<Finding>> {
        let mut files = vec![File { name: file.to_string(), start: 0, source }];
        let mut wrong = Vec::new();
        let read = chain(&mut files, load, &mut wrong);
        let before = files.iter().flat_map(|file| file.source.findings().iter().cloned());
        let mut findings: Vec<Finding> = before.collect();
        let (no_days, told): (Vec<_>, Vec<_>) = wrong.into_iter().unzip();
        findings.extend(told);
        let (mut tables, end) = match read {
            Ok(read) => read,
            Err(errors) => return Err(findings.into_iter().chain(errors).collect()),
        };
        let root = tables.pop().expect("the chain begins with a file");
        let (findings, end) = (RefCell::new(findings), Some(end));
        let mut document = Document { files, root: Table::new(), end, no_days, findings };
        document.root = tables.into_iter().rev().fold(root, |mut root, table| {
            merge(&document, &mut root, table);
            root
        });
        document.root.remove(EXTENDS);
        Ok(document)
    }

    /// Parses a file by itself, whatever it extends: for what looks at the file and not at the deal.
    ///
    /// # Errors
    ///
    /// When the text is not TOML.
    pub fn alone(file: &str, source: Source) -> Result<Document, Vec<Finding>> {
        let file = File { name: file.to_string(), start: 0, source };
        let mut wrong = Vec::new();
        let (root, end) = parse(&file, &mut wrong)?;
        if !wrong.is_empty() {
            return Err(wrong.into_iter().map(|(_, finding)| finding).collect());
        }
        let findings = RefCell::new(file.source.findings().to_vec());
        Ok(Document { files: vec![file], root, end: Some(end), no_days: Vec::new(), findings })
    }

    /// The keys as a tree, with their comments.
    pub fn tree(&self) -> Block {
        let raw = |span: Range<usize>| {
            // The comment above a file's first key begins with what stands before the file.
            let file = self.file(&(span.end.saturating_sub(1)..span.end));
            let within = |at: usize| at.saturating_sub(file.start);
            file.source.text().get(within(span.start)..within(span.end)).unwrap_or("")
        };
        let reader = Reader { raw: &raw, close: RefCell::default() };
        let note = reader.comment(self.end.as_ref());
        let mut root = reader.block(&self.root);
        root.tail = reader.close.take();
        root.head_of_file();
        Block { note: note.trim_end().to_string(), ..root }
    }

    /// The top of the file.
    pub fn root(&self) -> Section<'_> {
        Section::root(self, &self.root, &[EXTENDS])
    }

    /// Whether every day of the file is one of the calendar.
    pub fn has_only_days(&self) -> bool {
        self.no_days.is_empty()
    }

    /// Whether a value is a day that no calendar has, which has been told.
    pub(super) fn is_no_day(&self, span: Option<Range<usize>>) -> bool {
        span.is_some_and(|span| self.no_days.iter().any(|wrong| wrong.start == span.start))
    }

    /// Adds a finding at a byte range of the file.
    pub fn find(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// The place of a byte range, with its line as excerpt.
    pub fn place(&self, span: Option<Range<usize>>) -> Origin {
        match span {
            Some(span) => self.file(&span).place(&span),
            None => Origin::file(&self.files[0].name),
        }
    }

    /// The byte range of a part of a text that stands in a byte range of the file as it is.
    pub(super) fn within(
        &self,
        span: Range<usize>,
        text: &str,
        part: Range<usize>,
    ) -> Option<Range<usize>> {
        let file = self.file(&span);
        let written = file.source.text().get(span.start - file.start..span.end - file.start)?;
        let start = span.start + written.find(text).filter(|_| !text.is_empty())?;
        Some(start + part.start..start + part.end)
    }

    /// A path that a value names, as seen from the folder of the first file.
    pub(super) fn beside(&self, span: Option<Range<usize>>, path: &str) -> String {
        span.map_or(path.to_string(), |span| beside(&self.file(&span).name, path))
    }

    fn file(&self, span: &Range<usize>) -> &File {
        let found = self.files.iter().rfind(|file| file.start <= span.start);
        found.expect("the first file begins at the first byte")
    }

    /// Everything found, in the order of the files.
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        let place = |name: &str| self.files.iter().position(|file| file.name == name);
        findings.sort_by_key(|finding| (place(&finding.origin.file), line_of(&finding.origin)));
        findings
    }
}

/// The tables of all files, the first one's first, and the comment below it.
fn chain(
    files: &mut Vec<File>,
    load: &mut dyn FnMut(&str) -> std::io::Result<Source>,
    wrong: &mut Vec<NoDay>,
) -> Result<(Vec<Table>, RawString), Vec<Finding>> {
    let (mut tables, mut end) = (Vec::new(), None);
    loop {
        let top = files.last().expect("the chain begins with a file");
        let (table, below) = parse(top, wrong)?;
        end.get_or_insert(below);
        let base = base(files, &table, load)?;
        tables.push(table);
        let Some((name, source)) = base else { break };
        let start = top.end();
        files.push(File { name, start, source });
    }
    Ok((tables, end.expect("one file at least")))
}

/// A day that no calendar has, with what is told of it.
type NoDay = (Range<usize>, Finding);

/// The table of a file's text and what stands below it, their spans counted from the start of the
/// first file. Days that no calendar has are told, and another stands for them.
fn parse(file: &File, wrong: &mut Vec<NoDay>) -> Result<(Table, RawString), Vec<Finding>> {
    let mut padded = " ".repeat(file.start) + file.source.text();
    loop {
        let error = match toml_edit::Document::parse(padded.clone()) {
            Ok(document) => {
                let end = document.trailing().clone();
                return Ok((document.into_table(), end));
            }
            Err(error) => error,
        };
        let finding = not_toml(file, &error);
        let span = error.span().filter(|_| finding.code == "F0111");
        let Some(span) = span.and_then(|span| day_at(&padded, span)) else {
            return Err(vec![finding]);
        };
        padded.replace_range(span.clone(), NO_DAY);
        wrong.push((span, finding));
    }
}

/// The ten bytes of a day as TOML writes it; nothing when another length or what stands for such days
/// is there.
fn day_at(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let span = span.start..span.start + NO_DAY.len();
    let day = text.get(span.clone())?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split('-').collect();
    let is_day = parts.len() == 3 && parts.iter().all(|part| digits(part)) && day != NO_DAY;
    is_day.then_some(span)
}

/// The file that the last one extends, if any.
fn base(
    files: &[File],
    table: &Table,
    load: &mut dyn FnMut(&str) -> std::io::Result<Source>,
) -> Result<Option<(String, Source)>, Vec<Finding>> {
    let top = files.last().expect("the chain begins with a file");
    let Some(item) = table.get(EXTENDS) else { return Ok(None) };
    let origin = item.span().map_or(Origin::file(&top.name), |span| top.place(&span));
    let finding = |code| Finding::new(code, origin.clone()).with("key", EXTENDS);
    let Some(given) = item.as_str() else {
        let given = Item::to_string(item).trim().to_string();
        return Err(vec![finding("F0104").with("wanted", "\"base.toml\"").with("given", given)]);
    };
    let name = beside(&top.name, given);
    if files.iter().any(|file| file.name == name) {
        let chain = files.iter().map(|file| file.name.as_str()).chain([name.as_str()]);
        let chain = chain.collect::<Vec<_>>().join(" → ");
        return Err(vec![finding("F0120").with("chain", chain)]);
    }
    if files.len() == FILES_MOST {
        return Err(vec![finding("F0123").with("most", FILES_MOST).with("given", given)]);
    }
    match load(&name) {
        Ok(source) => Ok(Some((name, source))),
        Err(error) => Err(vec![finding("F0121").with("given", &name).with("reason", error)]),
    }
}

/// A path as seen from the folder of the file that names it.
fn beside(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut plain = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            Component::ParentDir
            | Component::Normal(_)
            | Component::RootDir
            | Component::Prefix(_) => plain.push(part),
        }
    }
    plain.to_string_lossy().into_owned()
}

/// What the parser stumbled over; the commonest slips have codes of their own.
fn not_toml(file: &File, error: &toml_edit::TomlError) -> Finding {
    let at = error.span().map_or(Origin::file(&file.name), |span| file.place(&span));
    let reason = error.message().trim();
    let given = error.span().and_then(|span| {
        file.source.text().get(span.start.checked_sub(file.start)?..span.end - file.start)
    });
    let given = given.unwrap_or("").trim();
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
