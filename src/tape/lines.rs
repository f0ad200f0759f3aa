//! A text file as a stream of UTF-8 with plain line ends, which knows its blank lines.
//!
//! The reader of records skips blank lines without counting them; whoever tells a line of the file
//! needs them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};

use encoding_rs::Decoder;

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 16;
/// The most bytes of one record: a longer one has lost a quote, and would take the whole file in.
const RECORD_MAX: u64 = 16 << 20;

/// A text file while it is read.
pub(super) struct Lines {
    file: File,
    decoder: Decoder,
    raw: Vec<u8>,
    /// Decoded text, and how much of it was handed out.
    text: Vec<u8>,
    taken: usize,
    /// Whether lines end with a carriage return alone.
    only_returns: bool,
    /// A carriage return at the end of a block, which is dropped when a line end follows.
    held: bool,
    over: bool,
    /// Bytes of text so far.
    offset: u64,
    /// Line ends in a row, and where the first of them stands.
    run: (u64, u64),
    /// Blank lines by the byte where the record behind them begins for its reader.
    blank: VecDeque<(u64, u64)>,
    /// Bytes handed out since somebody took a record.
    since: u64,
}

impl Lines {
    pub(super) fn new(file: File, decoder: Decoder, only_returns: bool) -> Lines {
        Lines {
            file,
            decoder,
            raw: vec![0; BLOCK],
            text: Vec::new(),
            taken: 0,
            only_returns,
            held: false,
            over: false,
            offset: 0,
            run: (0, 0),
            blank: VecDeque::new(),
            since: 0,
        }
    }

    /// The blank lines from a byte on, where a record was found; earlier ones are forgotten.
    pub(super) fn blank_lines_at(&mut self, byte: u64) -> u64 {
        self.since = 0;
        while self.blank.front().is_some_and(|(at, _)| *at < byte) {
            self.blank.pop_front();
        }
        // The line ends at hand may not be over.
        let (start, length) = self.run;
        let open = (first_of(start) == byte).then(|| blank(start, length));
        let known = self.blank.front().filter(|(at, _)| *at == byte).map(|(_, lines)| *lines);
        known.or(open).unwrap_or(0)
    }

    /// Decodes the next block; false when the file is over.
    fn next_block(&mut self) -> io::Result<bool> {
        while !self.over {
            let length = self.file.read(&mut self.raw)?;
            self.over = length == 0;
            let most = self.decoder.max_utf8_buffer_length(length).unwrap_or(4 * BLOCK);
            self.text.resize(most, 0);
            let raw = &self.raw[..length];
            let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.over);
            self.text.truncate(written);
            self.plain();
            self.taken = 0;
            if !self.text.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Drops carriage returns before line ends, and notes runs of line ends.
    fn plain(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut plain = Vec::with_capacity(text.len() + 1);
        let mut rest = &text[..];
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.held) && *first != b'\n' {
                self.put(&mut plain, b"\r");
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()).max(1));
            match part {
                [b'\r'] if self.only_returns => self.end_line(&mut plain),
                [b'\r'] => self.held = true,
                [b'\n'] => self.end_line(&mut plain),
                part => self.put(&mut plain, part),
            }
            rest = after;
        }
        if self.over && std::mem::take(&mut self.held) {
            self.put(&mut plain, b"\r");
        }
        self.text = plain;
    }

    fn end_line(&mut self, plain: &mut Vec<u8>) {
        if self.run.1 == 0 {
            self.run.0 = self.offset;
        }
        self.run.1 += 1;
        self.offset += 1;
        plain.push(b'\n');
    }

    /// Text without line ends.
    fn put(&mut self, plain: &mut Vec<u8>, text: &[u8]) {
        let (start, length) = std::mem::take(&mut self.run);
        if length > 0 && blank(start, length) > 0 {
            self.blank.push_back((first_of(start), blank(start, length)));
        }
        self.offset += text.len() as u64;
        plain.extend_from_slice(text);
    }
}

/// Where a record begins for its reader when line ends begin at `start`: behind the first of them,
/// which ends the record before; at the top of the file there is none before.
fn first_of(start: u64) -> u64 {
    if start == 0 { 0 } else { start + 1 }
}

/// The blank lines among line ends in a row.
fn blank(start: u64, length: u64) -> u64 {
    if start == 0 { length } else { length.saturating_sub(1) }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.text.len() && !self.next_block()? {
            return Ok(0);
        }
        if self.since > RECORD_MAX {
            return Err(io::Error::other("a record of it is longer than 16 MB"));
        }
        let length = out.len().min(self.text.len() - self.taken);
        out[..length].copy_from_slice(&self.text[self.taken..self.taken + length]);
        self.taken += length;
        self.since += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, bytes: &[u8]) -> Lines {
        let path = std::env::temp_dir().join(format!("cashfall-{name}-{}", std::process::id()));
        std::fs::write(&path, bytes).expect("a folder for temporary files");
        let file = File::open(&path).expect("the file just written");
        std::fs::remove_file(&path).expect("the file just written");
        Lines::new(file, encoding_rs::UTF_8.new_decoder(), false)
    }

    fn text(name: &str, bytes: &[u8]) -> String {
        let mut text = String::new();
        lines(name, bytes).read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn line_ends_are_plain_also_between_blocks() {
        assert_eq!(text("ends", b"a\r\nb\rc\n\r\n\r"), "a\nb\rc\n\n\r");
        for length in BLOCK - 2..BLOCK + 2 {
            let long = "x".repeat(length);
            assert_eq!(text("long", format!("{long}\r\ny").as_bytes()), format!("{long}\ny"));
            let chinese = format!("{long}汉字\n");
            assert_eq!(text("chinese", chinese.as_bytes()), chinese);
        }
    }

    #[test]
    fn blank_lines_are_counted_where_a_record_begins() {
        let mut lines = lines("blank", b"\n\na\n\r\n\nb\nc\n");
        let mut text = String::new();
        lines.read_to_string(&mut text).expect("text");
        assert_eq!(text, "\n\na\n\n\nb\nc\n");
        let counts = [0, 4, 8].map(|byte| lines.blank_lines_at(byte));
        assert_eq!(counts, [2, 2, 0]);
    }
}
