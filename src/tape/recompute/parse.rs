//! The text of a formula → its expression, relative to the cell that it stands in.

use super::{Axis, Expr, Ref};
use crate::tape::cell::column_of;

/// The most levels of brackets.
const DEPTH_MAX: u32 = 32;

/// Reads a formula that stands in a cell; nothing when it is not of the subset.
pub(super) fn parse(text: &str, (row, column): (u32, usize)) -> Option<Expr> {
    const LONGEST: usize = 512;
    let text = text.trim().strip_prefix('=').unwrap_or(text.trim());
    if text.len() > LONGEST || !text.is_ascii() {
        return None;
    }
    let own = (i64::from(row), i64::try_from(column).ok()?);
    let mut parser = Parser { rest: text.as_bytes(), own, depth: 0 };
    let expr = parser.expression()?;
    parser.space();
    parser.rest.is_empty().then_some(expr)
}

struct Parser<'t> {
    rest: &'t [u8],
    own: (i64, i64),
    depth: u32,
}

impl<'t> Parser<'t> {
    fn space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn next_is(&mut self, signs: &[u8]) -> Option<u8> {
        self.space();
        let sign = *self.rest.first().filter(|sign| signs.contains(sign))?;
        self.rest = &self.rest[1..];
        Some(sign)
    }

    fn run(&mut self, is: impl Fn(&u8) -> bool) -> &'t str {
        let end = self.rest.iter().position(|byte| !is(byte)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        std::str::from_utf8(run).unwrap_or_default()
    }

    fn expression(&mut self) -> Option<Expr> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut left = self.term()?;
        while let Some(sign) = self.next_is(b"+-") {
            left = Expr::Binary(sign, left.into(), self.term()?.into());
        }
        self.depth -= 1;
        Some(left)
    }

    fn term(&mut self) -> Option<Expr> {
        let mut left = self.factor()?;
        while let Some(sign) = self.next_is(b"*/") {
            left = Expr::Binary(sign, left.into(), self.factor()?.into());
        }
        Some(left)
    }

    fn factor(&mut self) -> Option<Expr> {
        let mut minus = false;
        while let Some(sign) = self.next_is(b"+-") {
            minus ^= sign == b'-';
        }
        let mut of = self.primary()?;
        while self.next_is(b"%").is_some() {
            of = Expr::Percent(of.into());
        }
        Some(if minus { Expr::Minus(of.into()) } else { of })
    }

    fn primary(&mut self) -> Option<Expr> {
        if self.next_is(b"(").is_some() {
            let inner = self.expression()?;
            return self.next_is(b")").map(|_| inner);
        }
        self.space();
        let first = *self.rest.first()?;
        if first.is_ascii_digit() || first == b'.' {
            let digits = self.run(|byte| byte.is_ascii_digit() || *byte == b'.');
            // 1E5, 1:3 and the like are left alone.
            let ends = self.rest.first().is_none_or(|next| b"+-*/%), ".contains(next));
            let number = digits.parse::<f64>().ok().filter(|number| ends && number.is_finite());
            return number.map(|number| Expr::Number(number.to_bits()));
        }
        let before = self.rest;
        let name = self.run(u8::is_ascii_alphabetic);
        if self.rest.first() == Some(&b'(') {
            self.rest = &self.rest[1..];
            return match name.to_ascii_uppercase().as_str() {
                "SUM" => self.sum(),
                "ROUND" => self.round(),
                _ => None,
            };
        }
        self.rest = before;
        let cell = self.cell()?;
        (self.rest.first() != Some(&b':')).then_some(Expr::Cell(cell))
    }

    fn sum(&mut self) -> Option<Expr> {
        let (mut ranges, mut terms) = (Vec::new(), Vec::new());
        loop {
            self.space();
            let before = self.rest;
            let range = self.cell().and_then(|from| {
                self.next_is(b":")?;
                Some((from, self.cell()?))
            });
            match range {
                Some(range) => ranges.push(range),
                None => {
                    self.rest = before;
                    match self.expression()? {
                        // A single cell counts for nothing when it holds a text.
                        Expr::Cell(cell) => ranges.push((cell, cell)),
                        term => terms.push(term),
                    }
                }
            }
            match self.next_is(b",)")? {
                b')' => return Some(Expr::Sum(ranges, terms)),
                _ => continue,
            }
        }
    }

    fn round(&mut self) -> Option<Expr> {
        let inner = self.expression()?;
        self.next_is(b",")?;
        let minus = self.next_is(b"-").is_some();
        self.space();
        let digits: i8 = self.run(u8::is_ascii_digit).parse().ok()?;
        self.next_is(b")")?;
        let most = (0..=9).contains(&digits);
        most.then(|| Expr::Round(inner.into(), if minus { -digits } else { digits }))
    }

    fn cell(&mut self) -> Option<Ref> {
        let fixed_column = self.next_is(b"$").is_some();
        let column = i64::try_from(column_of(self.run(u8::is_ascii_alphabetic))?).ok()?;
        let fixed_row = self.rest.first() == Some(&b'$');
        if fixed_row {
            self.rest = &self.rest[1..];
        }
        let row: i64 = self.run(u8::is_ascii_digit).parse().ok()?;
        // A name such as LOG10( or A1_x is no cell.
        if self
            .rest
            .first()
            .is_some_and(|next| next.is_ascii_alphanumeric() || b"_.(![".contains(next))
        {
            return None;
        }
        let axis = |fixed, place: i64, own: i64| match fixed {
            true => Axis::Fixed(place),
            false => Axis::Beyond(place - own),
        };
        Some((axis(fixed_column, column, self.own.1), axis(fixed_row, row, self.own.0)))
    }
}
