//! What in a text tells of a person: identity numbers, mobile numbers, bank cards, names.

use chrono::NaiveDate;

use super::Personal;

/// A number of a person within a text: what it is, from which byte to which.
pub(super) type Found = (Personal, usize, usize);

/// A digit of a text with its bytes, and whether the next digit follows without anything between.
struct Digit {
    value: u8,
    start: usize,
    end: usize,
}

/// The numbers of persons in a text, from left to right, without overlap. Full-width digits count,
/// and so do numbers that are written in groups (`138 0013 8000`).
pub(super) fn numbers(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    // The shortest of them has eleven digits.
    if text.len() < 11 {
        return found;
    }
    let digits = digits(text);
    let mut at = 0;
    while at + 11 <= digits.len() {
        match at_digit(text, &digits, at) {
            Some((kind, length, end)) => {
                found.push((kind, digits[at].start, end));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The one number that the whole text is; a check digit must agree.
pub(super) fn whole(text: &str) -> Option<Personal> {
    match numbers(text).as_slice() {
        [(Personal::IdNumber, start, end)] if *start == 0 && *end == text.len() => {
            let bare: String = text.chars().filter(|c| !is_joint(*c)).collect();
            has_check_digit(&bare).then_some(Personal::IdNumber)
        }
        [(kind, start, end)] if *start == 0 && *end == text.len() => Some(*kind),
        _ => None,
    }
}

/// Whether an identifier is the number of a person. Numbers that pass for a card by chance are too
/// many to say it of one.
pub(super) fn is_person(text: &str) -> bool {
    matches!(whole(text), Some(Personal::IdNumber | Personal::Phone))
}

fn digits(text: &str) -> Vec<Digit> {
    let digit = |(start, c): (usize, char)| {
        let value = match c {
            '0'..='9' => u32::from(c) - u32::from('0'),
            '０'..='９' => u32::from(c) - u32::from('０'),
            _ => return None,
        };
        let value = u8::try_from(value).expect("a digit");
        Some(Digit { value, start, end: start + c.len_utf8() })
    };
    text.char_indices().filter_map(digit).collect()
}

fn is_joint(c: char) -> bool {
    matches!(c, ' ' | '-' | '\u{3000}')
}

/// The number that begins at a digit, with how many digits it has and the byte where it ends.
fn at_digit(text: &str, digits: &[Digit], at: usize) -> Option<(Personal, usize, usize)> {
    let adjacent = |left: usize| digits[left].end == digits[left + 1].start;
    if at > 0 && adjacent(at - 1) {
        return None;
    }
    // Digits that belong together: nothing between them, or one joint.
    let joined = |left: usize| {
        let between = &text[digits[left].end..digits[left + 1].start];
        between.is_empty() || (between.chars().count() == 1 && between.chars().all(is_joint))
    };
    let mut run = 1;
    while run < 20 && at + run < digits.len() && joined(at + run - 1) {
        run += 1;
    }
    let ends_at = |length: usize| {
        let last = at + length - 1;
        let closed = || last + 1 == digits.len() || !adjacent(last);
        (length <= run && closed()).then(|| digits[last].end)
    };
    let value = |place: usize| digits[at + place].value;
    // Seventeen digits and the letter X are an identity number too.
    if run >= 17 && is_birthday(&|place| value(place)) {
        let end = if run >= 18 && ends_at(18).is_some() { ends_at(18) } else { None };
        if let Some(end) = end {
            return Some((Personal::IdNumber, 18, end));
        }
        let last = digits[at + 16].end;
        if let Some(letter) = text[last..].chars().next().filter(|c| "xXＸｘ".contains(*c)) {
            return Some((Personal::IdNumber, 17, last + letter.len_utf8()));
        }
    }
    if let Some(end) = ends_at(11).filter(|_| is_mobile([value(0), value(1)])) {
        return Some((Personal::Phone, 11, end));
    }
    if run >= 13
        && [value(0), value(1)] == [8, 6]
        && is_mobile([value(2), value(3)])
        && let Some(end) = ends_at(13)
    {
        return Some((Personal::Phone, 13, end));
    }
    (16..=19).rev().find_map(|length| {
        let end = ends_at(length)?;
        let number: Vec<u8> = digits[at..at + length].iter().map(|digit| digit.value).collect();
        (is_card(&number)).then_some((Personal::Card, length, end))
    })
}

fn is_mobile(first: [u8; 2]) -> bool {
    first[0] == 1 && (3..=9).contains(&first[1])
}

/// Whether digits 7 to 14 are a birthday behind a region that can be.
fn is_birthday(value: &dyn Fn(usize) -> u8) -> bool {
    let number = |from: usize, to: usize| {
        (from..to).fold(0_u32, |number, place| number * 10 + u32::from(value(place)))
    };
    let (year, month, day) = (number(6, 10), number(10, 12), number(12, 14));
    (1..=8).contains(&value(0))
        && (1900..=2099).contains(&year)
        && NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or(0), month, day).is_some()
}

/// The check digit of an 18-digit identity number: `Σ digit·2^(18−i) mod 11`, written `10X98765432`
/// [GB 11643-1999].
fn has_check_digit(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let plain: Vec<char> = super::super::cell::half_width(number).to_uppercase().chars().collect();
    if plain.len() != 18 {
        return false;
    }
    let digits = plain.iter().zip(WEIGHTS);
    let sum: u32 = digits.map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    "10X98765432".chars().nth((sum % 11) as usize) == plain.last().copied()
}

/// A bank card: an issuer that exists, and the Luhn sum divisible by ten [ISO/IEC 7812-1].
fn is_card(number: &[u8]) -> bool {
    let issuer = matches!(number, [6, 2, ..] | [4, ..] | [5, 1..=5, ..] | [3, 5, ..] | [6, 0, ..]);
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(if place % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    issuer && sum.is_multiple_of(10)
}

/// Family names that nine of ten people have.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程\
                        魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙史黎贺顾毛郝龚邵";

/// Whether a text may be a person's name: two to four Chinese characters behind a family name.
pub(super) fn may_be_name(text: &str) -> bool {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || c == '·';
    let count = text.chars().count();
    (2..=4).contains(&count)
        && text.chars().all(is_chinese)
        && text.chars().next().is_some_and(|first| SURNAMES.contains(first))
        && !text.ends_with(['省', '市', '区', '县', '州'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Personal, &str)> {
        numbers(text).into_iter().map(|(kind, from, to)| (kind, &text[from..to])).collect()
    }

    #[test]
    fn numbers_of_persons_are_found_in_any_text() {
        // The identity number is the example of GB 11643-1999, the card one of ISO's test numbers.
        let cases: [(&str, &[(Personal, &str)]); 12] = [
            ("11010519491231002X", &[(Personal::IdNumber, "11010519491231002X")]),
            ("号110105184912310021。", &[]),
            ("证 440524198001010013 号", &[(Personal::IdNumber, "440524198001010013")]),
            ("电话13800138000", &[(Personal::Phone, "13800138000")]),
            ("138 0013 8000 转 2", &[(Personal::Phone, "138 0013 8000")]),
            ("+86 138-0013-8000", &[(Personal::Phone, "86 138-0013-8000")]),
            ("8613800138000", &[(Personal::Phone, "8613800138000")]),
            ("１３８００１３８０００", &[(Personal::Phone, "１３８００１３８０００")]),
            ("卡 4111 1111 1111 1111", &[(Personal::Card, "4111 1111 1111 1111")]),
            ("4111111111111112", &[]),
            (
                "2025-01-05 13800138000 11010519491231002x",
                &[(Personal::Phone, "13800138000"), (Personal::IdNumber, "11010519491231002x")],
            ),
            ("2025010513800138000", &[]),
        ];
        for (text, found) in cases {
            assert_eq!(kinds(text), found, "{text}");
        }
    }

    #[test]
    fn an_identifier_is_a_number_of_a_person_only_with_its_check_digit() {
        assert_eq!(whole("11010519491231002X"), Some(Personal::IdNumber));
        assert_eq!(whole("110105194912310021"), None);
        assert_eq!(whole("JD110105194912310021"), None);
        assert_eq!(whole("13800138000"), Some(Personal::Phone));
        assert_eq!(whole("10000000001"), None);
    }

    #[test]
    fn names_are_told_from_places_and_words() {
        for name in ["张三", "欧阳", "王小明", "李·明"] {
            assert_eq!(may_be_name(name), name != "欧阳", "{name}");
        }
        for other in ["江苏省", "分期", "A", "王", "金条等额本息"] {
            assert!(!may_be_name(other), "{other}");
        }
    }
}
