//! Whether a sheet of an xlsx file says anything beside its values: a search for bytes, at the speed of
//! unpacking, that spares most sheets a look at each of their tags.

use std::io::{self, Read};

use memchr::memmem::Finder;

/// What a sheet cannot say without: `<f` and `:f` begin a formula, with or without a prefix; rows and
/// columns are hidden by an attribute; cells are merged by a tag.
const MARKS: [&[u8]; 4] = [b"<f", b":f", b"hidden", b"mergeCell"];

/// Whether a sheet may have formulas, hidden rows, hidden columns or merged cells. A mark within a text counts too.
pub(super) fn may_say_more(part: &mut dyn Read) -> io::Result<bool> {
    const BUFFER: usize = 1 << 16;
    let finders = MARKS.map(Finder::new);
    let kept_most = MARKS.iter().map(|mark| mark.len() - 1).max().unwrap_or(0);
    let mut buffer = vec![0; BUFFER];
    let mut kept = 0;
    loop {
        let read = match part.read(&mut buffer[kept..]) {
            Ok(0) => return Ok(false),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let filled = kept + read;
        if finders.iter().any(|finder| finder.find(&buffer[..filled]).is_some()) {
            return Ok(true);
        }
        // A mark may begin at the end of one piece and end in the next.
        kept = kept_most.min(filled);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(self.0.len()).min(into.len());
            let (piece, rest) = self.0.split_at(most);
            into[..most].copy_from_slice(piece);
            self.0 = rest;
            Ok(most)
        }
    }

    #[test]
    fn a_mark_is_found_wherever_pieces_break() {
        let says = |xml: &str, size| {
            may_say_more(&mut Pieces(xml.as_bytes(), size)).expect("a text in memory")
        };
        for size in 1..12 {
            assert!(says("<row r=\"1\"><c><f>A1</f></c></row>", size), "{size}");
            assert!(says("<x:row r=\"1\"><x:c><x:f>A1</x:f></x:c></x:row>", size), "{size}");
            assert!(says("<row r=\"1\" hidden=\"1\"/>", size), "{size}");
            assert!(says("</sheetData><mergeCells count=\"1\">", size), "{size}");
            assert!(!says("<row r=\"1\"><c r=\"F1\"><v>1</v></c></row>", size), "{size}");
        }
    }

    #[test]
    fn marks_across_the_end_of_the_buffer_are_found() {
        for shift in 0..10 {
            let mut text = vec![b'x'; (1 << 16) - shift];
            text.extend_from_slice(b"hidden and more");
            assert!(may_say_more(&mut text.as_slice()).expect("a text in memory"), "{shift}");
        }
    }
}
