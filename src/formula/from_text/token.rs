//! A text as tokens. Signs may be typed as mathematics, as programs have them, or full-width.

use std::fmt::{self, Display};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::fault::{Fault, Kind};
use super::{Relation, Span};
use crate::formula::Comparison;

/// The smallest part that means something.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(Decimal),
    Date(NaiveDate),
    Name(String),
    Percent,
    Plus,
    Minus,
    Times,
    Over,
    Is(Relation),
    Open,
    Close,
    Comma,
}

/// All tokens of a text with their places.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>, Fault> {
    let mut reader = Reader { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(c) = reader.peek(0) {
        if c.is_whitespace() {
            reader.take();
            continue;
        }
        let start = reader.at;
        let token = reader.token(c)?;
        tokens.push((token, reader.since(start)));
    }
    Ok(tokens)
}

/// As the reader of a fault knows it.
impl Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Token::Number(value) => write!(out, "{value}"),
            Token::Date(date) => write!(out, "{date}"),
            Token::Name(name) => out.write_str(name),
            Token::Is(relation) => out.write_str(relation.sign()),
            Token::Percent => out.write_str("%"),
            Token::Plus => out.write_str("+"),
            Token::Minus => out.write_str("−"),
            Token::Times => out.write_str("×"),
            Token::Over => out.write_str("÷"),
            Token::Open => out.write_str("("),
            Token::Close => out.write_str(")"),
            Token::Comma => out.write_str(","),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    /// The character `ahead` characters on, full-width forms as their plain ones.
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text[self.at..].chars().nth(ahead).map(plain)
    }

    fn take(&mut self) {
        self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
    }

    fn since(&self, start: usize) -> Span {
        Span { start, end: self.at }
    }

    fn token(&mut self, c: char) -> Result<Token, Fault> {
        if c.is_ascii_digit() {
            return self.number();
        }
        if starts_name(c) {
            return Ok(Token::Name(self.name()));
        }
        let start = self.at;
        self.take();
        let followed = |by: char| self.peek(0) == Some(by);
        let (token, two) = match c {
            '%' => (Token::Percent, false),
            '+' => (Token::Plus, false),
            '-' => (Token::Minus, false),
            '*' => (Token::Times, false),
            '/' => (Token::Over, false),
            '(' => (Token::Open, false),
            ')' => (Token::Close, false),
            ',' => (Token::Comma, false),
            '≥' => (Token::Is(Relation::Is(Comparison::AtLeast)), false),
            '≤' => (Token::Is(Relation::Is(Comparison::AtMost)), false),
            '≠' => (Token::Is(Relation::Unequal), false),
            '!' if followed('=') => (Token::Is(Relation::Unequal), true),
            '<' if followed('>') => (Token::Is(Relation::Unequal), true),
            '>' if followed('=') => (Token::Is(Relation::Is(Comparison::AtLeast)), true),
            '<' if followed('=') => (Token::Is(Relation::Is(Comparison::AtMost)), true),
            '>' => (Token::Is(Relation::Is(Comparison::Above)), false),
            '<' => (Token::Is(Relation::Is(Comparison::Below)), false),
            '=' => (Token::Is(Relation::Is(Comparison::Equal)), followed('=')),
            sign => return Err(Kind::BadSign { sign }.at(self.since(start))),
        };
        if two {
            self.take();
        }
        Ok(token)
    }

    /// Dotted words. A `-` belongs to the name when it stands directly between its characters.
    fn name(&mut self) -> String {
        let start = self.at;
        while let Some(c) = self.text[self.at..].chars().next() {
            let joins = ['.', '-'].contains(&c) && self.peek(1).is_some_and(in_name);
            if !in_name(c) && !joins {
                break;
            }
            self.take();
        }
        self.text[start..self.at].to_string()
    }

    fn number(&mut self) -> Result<Token, Fault> {
        if let Some(date) = self.date() {
            return Ok(Token::Date(date));
        }
        let start = self.at;
        let mut digits = self.digits();
        let whole = digits.len();
        if self.peek(0) == Some('.') {
            self.take();
            digits = format!("{digits}.{}", self.digits());
        }
        let grouped = whole <= 3 && self.group_follows();
        if grouped {
            (0..4).for_each(|_| self.take());
            let text = self.text[start..self.at].to_string();
            return Err(Kind::OneOrTwoNumbers { text }.at(self.since(start)));
        }
        let good = !digits.ends_with('.') && !self.peek(0).is_some_and(in_name);
        let leading = whole > 1 && digits.starts_with('0');
        match Decimal::from_str_exact(&digits) {
            Ok(value) if good && !leading => Ok(Token::Number(value)),
            Ok(_) | Err(_) => {
                while self.peek(0).is_some_and(in_name) {
                    self.take();
                }
                let text = self.text[start..self.at].to_string();
                Err(Kind::BadNumber { text }.at(self.since(start)))
            }
        }
    }

    /// Digits, with `_` between them for the eye.
    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(c) = self.peek(0) {
            let between = c == '_' && self.peek(1).is_some_and(|next| next.is_ascii_digit());
            if c.is_ascii_digit() {
                digits.push(c);
            } else if !between || digits.is_empty() {
                break;
            }
            self.take();
        }
        digits
    }

    /// Whether `,234` follows: a thousands separator, or the next argument? Nobody can know.
    fn group_follows(&self) -> bool {
        let digit = |ahead| self.peek(ahead).is_some_and(|c: char| c.is_ascii_digit());
        self.peek(0) == Some(',') && (1..=3).all(digit) && !digit(4)
    }

    /// `2027-06-30`, ten characters without a space: `2027 - 6 - 30` is a subtraction.
    fn date(&mut self) -> Option<NaiveDate> {
        let written = self.text.get(self.at..self.at + 10)?;
        let spaced = written.contains(char::is_whitespace);
        let date = written.parse::<NaiveDate>().ok().filter(|_| !spaced)?;
        let ends = !self.text[self.at + 10..].chars().next().is_some_and(in_name);
        let found = ends.then_some(date)?;
        self.at += 10;
        Some(found)
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The plain form of a full-width or mathematical sign. Letters of names stay as they are.
fn plain(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '−' => '-',
        '×' => '*',
        '÷' => '/',
        '\u{FF01}'..='\u{FF5E}' => {
            let ascii = u32::from(c) - 0xFEE0;
            char::from_u32(ascii).filter(|plain| !plain.is_alphabetic()).unwrap_or(c)
        }
        c => c,
    }
}
