//! Text tables: comma, semicolon, tab, bar or the byte 1 of a data warehouse; UTF-8, UTF-16 with its mark, or GBK.
//!
//! A file is never held whole: it is decoded and its records are read as they stream by, so that
//! memory does not depend on its size.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, GB18030, UTF_8};

use super::Error;
use super::cell::{Cell, Raw, plain};
use super::lines::Lines;
use super::source::{Each, open_error};

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 16;

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

/// A text file that was recognised.
pub(super) struct TextTable {
    path: PathBuf,
    pub(super) encoding: Encoding,
    delimiter: u8,
    /// Whether lines end with a carriage return alone, as of old.
    only_returns: bool,
}

impl TextTable {
    pub(super) fn open(path: &Path) -> Result<TextTable, Error> {
        let failed = |source| open_error(path, source);
        let mut head = Vec::with_capacity(BLOCK);
        let file = File::open(path).map_err(failed)?;
        file.take(BLOCK as u64).read_to_end(&mut head).map_err(failed)?;
        if let Some(reason) = foreign(&head) {
            return Err(Error::NotAWorkbook { path: path.into(), reason, source: None });
        }
        let encoding = encoding(path, &head).map_err(failed)?;
        let mut table =
            TextTable { path: path.into(), encoding, delimiter: b',', only_returns: false };
        let mut first = Vec::with_capacity(BLOCK);
        let text = table.text().map_err(failed)?;
        text.take(BLOCK as u64).read_to_end(&mut first).map_err(failed)?;
        table.only_returns = first.contains(&b'\r') && !first.contains(&b'\n');
        let first = String::from_utf8_lossy(&first);
        table.delimiter = match table.only_returns {
            true => delimiter(&first.replace('\r', "\n")),
            false => delimiter(&first),
        };
        Ok(table)
    }

    /// The file as UTF-8 with plain line ends.
    fn text(&self) -> io::Result<Lines> {
        let decoder = match self.encoding {
            // The mark says which of the two it is.
            Encoding::Utf8 | Encoding::Utf16 => UTF_8.new_decoder(),
            Encoding::Gbk | Encoding::Unknown => GB18030.new_decoder_without_bom_handling(),
        };
        Ok(Lines::new(File::open(&self.path)?, decoder, self.only_returns))
    }

    pub(super) fn rows(&self, each: Each) -> Result<(), Error> {
        let failed = |source| open_error(&self.path, source);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .buffer_capacity(BLOCK)
            .from_reader(self.text().map_err(failed)?);
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(self.unreadable(error)),
            }
            // The position is that of the blank lines before the record.
            let line = match record.position() {
                Some(position) => {
                    let (line, byte) = (position.line(), position.byte());
                    line + reader.get_mut().blank_lines_at(byte)
                }
                None => 0,
            };
            let cells: Vec<Cell> = (record.iter().enumerate())
                .map(|(column, text)| (column, plain(text)))
                .filter(|(_, text)| !text.is_empty())
                .map(|(column, text)| Cell { column, raw: Raw::Text(Cow::Borrowed(text)) })
                .collect();
            if !cells.is_empty() && !each(u32::try_from(line).unwrap_or(u32::MAX), &cells) {
                return Ok(());
            }
        }
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        let reason = "no table of text, or one with a quote that nothing closes";
        Error::NotAWorkbook { path: self.path.clone(), reason, source: Some(Box::new(error)) }
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

/// How the bytes of the whole file become text, without holding it.
fn encoding(path: &Path, head: &[u8]) -> io::Result<Encoding> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(head)
        && encoding != UTF_8
    {
        return Ok(Encoding::Utf16);
    }
    Ok(match () {
        () if fits(path, UTF_8.new_decoder_with_bom_removal())? => Encoding::Utf8,
        () if fits(path, GB18030.new_decoder_without_bom_handling())? => Encoding::Gbk,
        () => Encoding::Unknown,
    })
}

/// Whether every byte of the file fits an encoding.
fn fits(path: &Path, mut decoder: Decoder) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut raw = vec![0; BLOCK];
    let most = decoder.max_utf8_buffer_length(BLOCK).expect("a block is small");
    let mut text = vec![0; most];
    loop {
        let length = file.read(&mut raw)?;
        let (_, _, _, lost) = decoder.decode_to_utf8(&raw[..length], &mut text, length == 0);
        if lost || length == 0 {
            return Ok(!lost);
        }
    }
}

/// The separator that the first lines hold most of, outside quotes; a comma in doubt.
fn delimiter(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0), (1, 0)];
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
