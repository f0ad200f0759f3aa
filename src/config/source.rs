//! What a file says, and what its places are called: lines of a text, or cells of a workbook.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::finding::{Finding, Origin};

/// The text of one file. A workbook's text is written from its cells, and each piece of it knows
/// the cell that it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    text: String,
    pieces: Vec<Piece>,
    findings: Vec<Finding>,
}

/// A piece of a workbook's text with its cell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    bytes: Range<usize>,
    sheet: String,
    cell: String,
}

impl From<String> for Source {
    fn from(text: String) -> Source {
        Source { text, ..Source::default() }
    }
}

impl Source {
    /// Adds a text that no cell holds.
    pub fn push(&mut self, text: &str) {
        self.text += text;
    }

    /// Adds a text that a cell holds.
    pub fn push_cell(&mut self, text: &str, sheet: &str, cell: &str) {
        let start = self.text.len();
        self.text += text;
        let (sheet, cell) = (sheet.to_string(), cell.to_string());
        self.pieces.push(Piece { bytes: start..self.text.len(), sheet, cell });
    }

    /// The same with what was found on the way from the cells to the text.
    #[must_use]
    pub fn with(mut self, findings: Vec<Finding>) -> Source {
        self.findings.extend(findings);
        self
    }

    /// What was found before the text was there.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte range: its cell, or its line with the line as excerpt.
    pub(super) fn place(&self, file: &str, span: &Range<usize>) -> Origin {
        match self.pieces.iter().rfind(|piece| piece.bytes.start <= span.start) {
            Some(piece) => self.cell(file, piece, span),
            None => self.line(file, span),
        }
    }

    fn cell(&self, file: &str, piece: &Piece, span: &Range<usize>) -> Origin {
        let start = boundary(&self.text, span.start);
        let line = self.text[..start].rfind('\n').map_or(0, |end| end + 1);
        let excerpt = self.text[line..].lines().next().unwrap_or("").trim().to_string();
        Origin { excerpt, ..Origin::cell(file, &piece.sheet, &piece.cell) }
    }

    fn line(&self, file: &str, span: &Range<usize>) -> Origin {
        let text = &self.text;
        let start = boundary(text, span.start);
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
        Origin { cell: format!("{line}:{column}"), excerpt, ..Origin::file(file) }
    }
}

/// The character boundary at a byte, or before it.
fn boundary(text: &str, byte: usize) -> usize {
    let mut back = (0..=byte.min(text.len())).rev();
    back.find(|at| text.is_char_boundary(*at)).expect("every text begins at a boundary")
}
