//! Personal data: recognised by header and by content, and masked or hashed before anything keeps it.
//!
//! ```text
//! cell ─▶ Treatment of its column ─┬─ identifier that is a person's number ─▶ #keyed hash
//!                                  ├─ name, phone, card, address column ────▶ mask  张*, 138********
//!                                  └─ any other text ─▶ numbers of persons within it ─▶ masks
//! ```
//!
//! This happens where a cell is read, for the rows of the pool as for the rows that findings show,
//! so that nothing behind it (workbooks, JSON, messages) has anything to hide. A hash is
//! HMAC-SHA-256 under a key that the mapping states or, without one, under a key that only who has
//! the tape can make; equal texts have equal hashes, so obligors can still be counted.

mod people;
mod recognise;
mod treatment;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(super) use people::{ANYWHERE, IN_KNOWN, People};
use recognise::may_be_name;
pub(super) use treatment::{Columns, SAMPLED, treatments};

/// What a text tells of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Personal {
    /// 身份证号.
    IdNumber,
    /// 手机号.
    Phone,
    /// 银行卡号.
    Card,
    /// 地址, 邮箱.
    Contact,
    /// 姓名.
    Name,
}

impl Personal {
    /// How many characters of it a mask leaves: the region of an identity number, the network of a
    /// phone, the issuer of a card, the family name.
    fn shown(self) -> usize {
        match self {
            Personal::IdNumber | Personal::Card => 4,
            Personal::Phone => 3,
            Personal::Contact => 0,
            Personal::Name => 1,
        }
    }

    /// The text with all but its first characters replaced by stars.
    fn mask(self, text: &str) -> String {
        let stars = text.chars().count().saturating_sub(self.shown()).max(1);
        let shown = text.chars().take(self.shown());
        shown.chain(std::iter::repeat_n('*', stars.min(16))).collect()
    }
}

/// What becomes of the texts of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// They stay as they are: the mapping says so.
    Keep,
    /// Numbers of persons within them are masked.
    #[default]
    Scan,
    /// Identifiers of things: hashed when they are a person's number, otherwise as they are.
    Identify,
    /// Identifiers of persons: hashed when a person's number is in them.
    Obligor,
    /// All are hashed.
    Hash,
    /// All are masked.
    Mask(Personal),
}

/// What the mapping says of personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivacyTerms {
    /// The key of the hashes; without one it is made from the tape.
    pub key: Option<String>,
    /// Fields or headers whose texts are hashed.
    pub hash: BTreeSet<String>,
    /// Fields or headers whose texts are masked.
    pub mask: BTreeSet<String>,
    /// Fields or headers that hold nothing personal, whatever they look like.
    pub keep: BTreeSet<String>,
}

/// The key of the hashes and the treatment of every column.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Privacy {
    key: [u8; 32],
    /// By sheet of the manifest.
    pub(super) sheets: Vec<Columns>,
    /// Everybody who is named in a column of names.
    pub(super) people: People,
}

/// The key is a secret.
impl fmt::Debug for Privacy {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.debug_struct("Privacy").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

impl Privacy {
    /// Under a stated key, or under the one that is made from the tape.
    pub(super) fn new(stated: Option<&str>, of_tape: [u8; 32]) -> Privacy {
        let key = match stated {
            Some(text) => keyed(b"cashfall personal data", text),
            None => of_tape,
        };
        Privacy { key, sheets: Vec::new(), people: People::default() }
    }

    /// The text of a cell as anything behind the reader may see it.
    pub(super) fn text<'t>(&self, treatment: Treatment, text: Cow<'t, str>) -> Cow<'t, str> {
        match treatment {
            Treatment::Keep => text,
            Treatment::Scan => scanned(text),
            Treatment::Identify if recognise::is_person(&text) => self.hash(&text).into(),
            Treatment::Obligor if !recognise::numbers(&text).is_empty() => self.hash(&text).into(),
            Treatment::Identify | Treatment::Obligor => text,
            // What was masked or hashed before it came stays what it is.
            Treatment::Hash | Treatment::Mask(_) if text.contains('*') => text,
            Treatment::Hash => self.hash(&text).into(),
            Treatment::Mask(kind) => kind.mask(&text).into(),
        }
    }

    /// A text of a place about which nothing is known.
    pub(super) fn unknown<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if may_be_name(&text) { Personal::Name.mask(&text).into() } else { scanned(text) }
    }

    /// A text of a column about which nothing is known; others were treated.
    pub(super) fn unknown_in<'t>(&self, text: Cow<'t, str>, of: Treatment) -> Cow<'t, str> {
        match of {
            Treatment::Keep | Treatment::Hash | Treatment::Mask(_) => text,
            Treatment::Scan | Treatment::Identify | Treatment::Obligor => self.unknown(text),
        }
    }

    /// The keyed hash of a text: `#` and 20 hexadecimal digits.
    pub(super) fn hash(&self, text: &str) -> String {
        format!("#{}", hex(&keyed(&self.key, text)[..10]))
    }

    /// What a mend names a receivable by beside its row: 12 hexadecimal digits.
    pub(super) fn fingerprint(&self, id: &str) -> String {
        hex(&keyed(&self.key, &format!("row of {id}"))[..6])
    }
}

/// The text with the names of its row masked in it.
pub(super) fn without_names<'t>(text: Cow<'t, str>, names: &[String]) -> Cow<'t, str> {
    let named = |text: &str| names.iter().find(|name| text.contains(name.as_str())).cloned();
    match named(&text) {
        None => text,
        Some(name) => without_names(
            text.replace(&name, &Personal::Name.mask(&name)).into(),
            &names.iter().filter(|other| **other != name).cloned().collect::<Vec<_>>(),
        ),
    }
}

fn scanned(text: Cow<str>) -> Cow<str> {
    let found = recognise::numbers(&text);
    if found.is_empty() {
        return text;
    }
    let (mut masked, mut from) = (String::with_capacity(text.len()), 0);
    for (kind, start, end) in found {
        masked += &text[from..start];
        masked += &kind.mask(&text[start..end]);
        from = end;
    }
    (masked + &text[from..]).into()
}

fn keyed(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(privacy: &Privacy, treatment: Treatment, text: &str) -> String {
        privacy.text(treatment, Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn masks_leave_what_is_common_to_many() {
        let privacy = Privacy::new(None, [7; 32]);
        let scan = |from: &str| text(&privacy, Treatment::Scan, from);
        assert_eq!(scan("联系 13800138000。"), "联系 138********。");
        assert_eq!(scan("11010519491231002X"), "1101**************");
        assert_eq!(scan("JD20250105000017"), "JD20250105000017");
        assert_eq!(text(&privacy, Treatment::Mask(Personal::Name), "张三丰"), "张**");
        assert_eq!(text(&privacy, Treatment::Mask(Personal::Contact), "海淀区"), "***");
        let names = ["张三".to_string()];
        assert_eq!(without_names("代偿人张三".into(), &names), "代偿人张*");
    }

    #[test]
    fn equal_texts_have_equal_hashes_under_one_key() {
        let privacy = Privacy::new(Some("key"), [0; 32]);
        let hash = |privacy: &Privacy| text(privacy, Treatment::Hash, "张三");
        assert_eq!(hash(&privacy), hash(&Privacy::new(Some("key"), [1; 32])));
        assert_ne!(hash(&privacy), hash(&Privacy::new(Some("other"), [0; 32])));
        assert_eq!(hash(&privacy).len(), 21);
        assert_eq!(text(&privacy, Treatment::Hash, "1101**********002X"), "1101**********002X");
        assert!(!format!("{privacy:?}").contains("key"));
    }
}
