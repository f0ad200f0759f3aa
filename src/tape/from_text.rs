//! Text tables: comma, semicolon or tab; UTF-8, UTF-16 with its mark, or GBK.

use std::borrow::Cow;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::Error;
use super::cell::{Cell, Raw};
use super::source::{Each, open_error};

/// How the bytes of a text file became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 with or without its mark.
    Utf8,
    /// UTF-16 with its mark: what spreadsheets call "Unicode text".
    Utf16,
    /// GBK (GB 18030), recognised because every byte fits it and UTF-8 does not.
    Gbk,
    /// None of them: some characters were lost.
    Unknown,
}

/// An open text file.
pub(super) struct TextTable {
    text: String,
    pub(super) encoding: Encoding,
    delimiter: u8,
}

impl TextTable {
    pub(super) fn open(path: &Path) -> Result<TextTable, Error> {
        let bytes = std::fs::read(path).map_err(|source| open_error(path, source))?;
        if let Some(reason) = foreign(&bytes) {
            return Err(Error::NotAWorkbook { path: path.into(), reason, source: None });
        }
        let (text, encoding) = decode(bytes);
        let delimiter = delimiter(&text);
        Ok(TextTable { text, encoding, delimiter })
    }

    pub(super) fn rows(&self, each: Each) -> Result<(), Error> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(self.text.as_bytes());
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).expect("decoded text is read from memory") {
            let line = record.position().map_or(0, |position| self.line(position));
            let cells: Vec<Cell> = (record.iter().enumerate())
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(column, text)| Cell { column, raw: Raw::Text(Cow::Borrowed(text)) })
                .collect();
            if !cells.is_empty() && !each(u32::try_from(line).unwrap_or(u32::MAX), &cells) {
                break;
            }
        }
        Ok(())
    }
}

impl TextTable {
    /// The line on which a record begins; its position is that of the blank lines before it.
    fn line(&self, position: &csv::Position) -> u64 {
        let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let ahead = self.text.as_bytes().get(start..).unwrap_or_default();
        let blank = ahead.iter().take_while(|byte| b"\r\n".contains(byte));
        position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
    }
}

/// What the bytes are when they are no table of text at all.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(1024)];
    let start = head.trim_ascii_start();
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    match () {
        () if bytes.is_empty() => Some("empty"),
        () if head.starts_with(b"%PDF") => Some("a PDF"),
        () if start.starts_with(b"<") => Some("a web page or XML saved under a table's name"),
        () if start.starts_with(b"{") || start.starts_with(b"[{") => Some("JSON"),
        () if !utf16 && head.contains(&0) => Some("binary data"),
        () => None,
    }
}

fn decode(bytes: Vec<u8>) -> (String, Encoding) {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(&bytes)
        && encoding != encoding_rs::UTF_8
    {
        return (encoding.decode(&bytes).0.into_owned(), Encoding::Utf16);
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            return (text, Encoding::Utf8);
        }
        Err(error) => error.into_bytes(),
    };
    let (text, _, lost) = encoding_rs::GB18030.decode(&bytes);
    (text.into_owned(), if lost { Encoding::Unknown } else { Encoding::Gbk })
}

/// The separator that the first lines hold most of, outside quotes; a comma in doubt.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for line in text.lines().take(20) {
        let mut quoted = false;
        for byte in line.bytes() {
            quoted ^= byte == b'"';
            for (delimiter, count) in &mut counts {
                *count += usize::from(!quoted && byte == *delimiter);
            }
        }
    }
    let [comma, rest @ ..] = counts;
    rest.iter().fold(comma, |best, next| if next.1 > best.1 { *next } else { best }).0
}
