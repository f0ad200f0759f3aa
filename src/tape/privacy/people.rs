//! The names of a tape, wherever they stand: a person named in one row may be spoken of in another.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::Personal;
use crate::tape::cell::is_missing;

/// Names of persons, known from the columns of names of a whole tape.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tape) struct People {
    names: Arc<BTreeSet<Box<str>>>,
    /// The most characters of a name.
    longest: usize,
    /// Whether some name is written in letters alone.
    in_letters: bool,
}

/// The least characters of a name that is looked for in columns that have a meaning of their own:
/// places and products may be called like people of two characters.
pub(in crate::tape) const IN_KNOWN: usize = 3;
/// The least characters of a name that is looked for anywhere.
pub(in crate::tape) const ANYWHERE: usize = 2;
/// The same of a name in letters: shorter ones are parts of words.
const IN_LETTERS: usize = 5;
/// No name is longer.
const LONGEST: usize = 40;

impl People {
    /// The people of a tape by their names; what is masked or too short to tell is none.
    pub(in crate::tape) fn of(names: BTreeSet<Box<str>>) -> People {
        let is_name = |name: &str| {
            let count = name.chars().count();
            let least = if name.is_ascii() { IN_LETTERS } else { ANYWHERE };
            (least..=LONGEST).contains(&count) && !name.contains(['*', '#']) && !is_missing(name)
        };
        let names: BTreeSet<Box<str>> = names.into_iter().filter(|name| is_name(name)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let in_letters = names.iter().any(|name| name.is_ascii());
        People { names: Arc::new(names), longest, in_letters }
    }

    /// A text with every known name of at least so many characters masked in it, the longest first.
    pub(in crate::tape) fn masked<'t>(&self, text: Cow<'t, str>, least: usize) -> Cow<'t, str> {
        if self.names.is_empty() || (text.is_ascii() && !self.in_letters) {
            return text;
        }
        let ends: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect();
        let mut masked: Option<String> = None;
        let (mut place, mut from) = (0, 0);
        while place + least < ends.len() {
            let most = self.longest.min(ends.len() - 1 - place);
            let found = (least..=most).rev().find(|count| {
                let (start, end) = (ends[place], ends[place + count]);
                self.names.contains(&text[start..end]) && stands_alone(&text, start, end)
            });
            let Some(count) = found else {
                place += 1;
                continue;
            };
            let (start, end) = (ends[place], ends[place + count]);
            let masked = masked.get_or_insert_default();
            *masked += &text[from..start];
            *masked += &Personal::Name.mask(&text[start..end]);
            (place, from) = (place + count, end);
        }
        match masked {
            Some(masked) => Cow::Owned(masked + &text[from..]),
            None => text,
        }
    }
}

/// A name in letters is no part of a longer word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    if !text[start..end].is_ascii() {
        return true;
    }
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !is_letter(text[..start].chars().next_back()) && !is_letter(text[end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked_wherever_they_stand() {
        let names = ["张三", "张三丰", "李小四", "Ann Smith", "王", "—", "赵*"];
        let people = People::of(names.into_iter().map(Box::from).collect());
        let masked = |text, least| people.masked(Cow::Borrowed(text), least).into_owned();
        for (text, shown) in [
            ("联系张三丰及李小四", "联系张**及李**"),
            ("张三代偿", "张*代偿"),
            ("see Ann Smith.", "see A********."),
            ("see Joann Smithson", "see Joann Smithson"),
            ("王府井 —", "王府井 —"),
            ("", ""),
            ("张", "张"),
        ] {
            assert_eq!(masked(text, ANYWHERE), shown, "{text}");
        }
        assert_eq!(masked("张三省", IN_KNOWN), "张三省");
        assert_eq!(masked("李小四", IN_KNOWN), "李**");
    }
}
