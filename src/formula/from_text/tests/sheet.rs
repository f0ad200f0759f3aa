//! A spreadsheet of one cell: evaluates the text of a formula in exact fractions, with the precedence
//! of spreadsheets. It accepts no number but 0, 1 and 2.

use std::collections::BTreeMap;

use crate::formula::Sort;

/// An exact fraction, the denominator positive. Arithmetic is `None` where 128 bits do not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    pub over: i128,
    pub times: i128,
}

impl Fraction {
    pub fn new(times: i128, over: i128) -> Option<Fraction> {
        let (mut a, mut b) = (times.checked_abs()?, over.checked_abs()?);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = over.signum();
        (sign != 0).then(|| Fraction { times: times / a * sign, over: over / a * sign })
    }

    pub fn whole(value: i128) -> Fraction {
        Fraction { times: value, over: 1 }
    }

    /// An engine value in the unit of its sort.
    pub fn of(value: i64, sort: Sort) -> Fraction {
        let tens = 10_i128.pow(crate::formula::tens(sort));
        Fraction::new(value.into(), tens).expect("a unit is not zero")
    }

    pub fn plus(self, other: Fraction) -> Option<Fraction> {
        let one = self.times.checked_mul(other.over)?;
        let two = other.times.checked_mul(self.over)?;
        Fraction::new(one.checked_add(two)?, self.over.checked_mul(other.over)?)
    }

    pub fn minus(self, other: Fraction) -> Option<Fraction> {
        self.plus(Fraction { times: -other.times, ..other })
    }

    pub fn by(self, other: Fraction) -> Option<Fraction> {
        let (one, two) =
            (Fraction::new(self.times, other.over)?, Fraction::new(other.times, self.over)?);
        Fraction::new(one.times.checked_mul(two.times)?, one.over.checked_mul(two.over)?)
    }

    pub fn inverse(self) -> Option<Fraction> {
        Fraction::new(self.over, self.times)
    }

    pub fn above(self, other: Fraction) -> Option<bool> {
        Some(self.minus(other)?.times > 0)
    }

    /// To that many decimals, halves away from zero.
    pub fn rounded(self, decimals: u32) -> Option<Fraction> {
        self.cut(decimals, Fraction { times: 1, over: 2 })
    }

    /// To that many decimals towards zero, after adding a part of the last decimal.
    fn cut(self, decimals: u32, add: Fraction) -> Option<Fraction> {
        let tens = 10_i128.checked_pow(decimals)?;
        let scaled = self.by(Fraction::whole(tens))?;
        let size = Fraction { times: scaled.times.checked_abs()?, ..scaled }.plus(add)?;
        Fraction::new(size.times / size.over * scaled.times.signum(), tens)
    }

    fn is_whole_at(self, decimals: u32) -> Option<bool> {
        Some(self.by(Fraction::whole(10_i128.checked_pow(decimals)?))?.over == 1)
    }
}

/// Evaluates a formula over cells; `None` where 128 bits do not do.
///
/// Panics where a spreadsheet would show an error: a division by zero, a text that is no formula.
pub fn evaluate(text: &str, cells: &BTreeMap<String, Fraction>) -> Option<Fraction> {
    let mut sheet = Sheet { text, cells };
    let value = sheet.comparison()?;
    assert_eq!(sheet.text, "", "the formula is read to its end");
    Some(value)
}

struct Sheet<'t> {
    text: &'t str,
    cells: &'t BTreeMap<String, Fraction>,
}

impl Sheet<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        match self.text.strip_prefix(sign) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    fn comparison(&mut self) -> Option<Fraction> {
        let one = self.sum()?;
        let Some(sign) = [">=", "<=", ">", "<", "="].into_iter().find(|sign| self.eat(sign)) else {
            return Some(one);
        };
        let other = self.sum()?;
        let holds = match sign {
            ">=" => !other.above(one)?,
            "<=" => !one.above(other)?,
            ">" => one.above(other)?,
            "<" => other.above(one)?,
            _ => one == other,
        };
        assert!(!self.text.starts_with(['>', '<', '=']), "a chain of comparisons");
        Some(Fraction::whole(holds.into()))
    }

    fn sum(&mut self) -> Option<Fraction> {
        let mut sum = self.product()?;
        loop {
            if self.eat("+") {
                sum = sum.plus(self.product()?)?;
            } else if self.eat("-") {
                sum = sum.minus(self.product()?)?;
            } else {
                return Some(sum);
            }
        }
    }

    fn product(&mut self) -> Option<Fraction> {
        let mut product = self.value()?;
        loop {
            if self.eat("*") {
                product = product.by(self.value()?)?;
            } else if self.eat("/") {
                let over = self.value()?;
                assert_ne!(over.times, 0, "#DIV/0!");
                product = product.by(over.inverse()?)?;
            } else {
                return Some(product);
            }
        }
    }

    fn value(&mut self) -> Option<Fraction> {
        if self.eat("(") {
            let value = self.comparison()?;
            assert!(self.eat(")"), "a bracket closes before {}", self.text);
            return Some(value);
        }
        let end = self.text.find(|c: char| !(c.is_alphanumeric() || "!$".contains(c)));
        let (word, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
        self.text = rest;
        if self.eat("(") {
            return self.function(word);
        }
        if let Ok(number) = word.parse::<i128>() {
            assert!((0..=2).contains(&number), "{number} stands in a formula");
            return Some(Fraction::whole(number));
        }
        Some(*self.cells.get(word).unwrap_or_else(|| panic!("no cell {word} before {rest}")))
    }

    /// Lazy as spreadsheets are: the branch of an `IF` that is not taken may divide by zero.
    fn function(&mut self, name: &str) -> Option<Fraction> {
        let mut arguments = Vec::new();
        let mut taken = None;
        loop {
            if name == "IF" && arguments.len() == 1 {
                let flag: Fraction = arguments[0];
                taken = Some(if flag.times == 0 { 2 } else { 1 });
            }
            match taken {
                Some(taken) if taken != arguments.len() => {
                    self.skip();
                    arguments.push(Fraction::whole(0));
                }
                Some(_) | None => arguments.push(self.comparison()?),
            }
            if !self.eat(",") {
                break;
            }
        }
        assert!(self.eat(")"), "{name} closes before {}", self.text);
        let count = |value: bool| Some(Fraction::whole(value.into()));
        match (name, &arguments[..]) {
            ("IF", [_, yes, no]) => Some(if taken == Some(1) { *yes } else { *no }),
            ("ROUND", [value, places]) => {
                value.rounded(u32::try_from(places.times).expect("places"))
            }
            ("ROUNDDOWN", [value, places]) => {
                value.cut(u32::try_from(places.times).expect("places"), Fraction::whole(0))
            }
            ("ROUNDUP", [value, places]) => {
                let places = u32::try_from(places.times).expect("places");
                let up = !value.is_whole_at(places)?;
                value.cut(places, Fraction::whole(up.into()))
            }
            ("MIN", [first, rest @ ..]) => rest.iter().try_fold(*first, |least, value| {
                Some(if least.above(*value)? { *value } else { least })
            }),
            ("MAX", [first, rest @ ..]) => rest.iter().try_fold(*first, |most, value| {
                Some(if value.above(most)? { *value } else { most })
            }),
            ("AND", flags) => count(flags.iter().all(|flag| flag.times != 0)),
            ("OR", flags) => count(flags.iter().any(|flag| flag.times != 0)),
            ("NOT", [flag]) => count(flag.times == 0),
            (name, arguments) => panic!("{name} with {}", arguments.len()),
        }
    }

    /// Passes over one argument.
    fn skip(&mut self) {
        let mut depth = 0;
        let end = self.text.find(|c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            depth < 0 || (depth == 0 && c == ',')
        });
        self.text = &self.text[end.expect("an argument ends")..];
    }
}

#[test]
fn the_spreadsheet_knows_its_precedence() {
    let cells = BTreeMap::from([("A1".to_string(), Fraction { times: 7, over: 2 })]);
    for (text, times, over) in [
        ("2-1-1", 0, 1),
        ("2-(1-1)", 2, 1),
        ("2+A1*2", 9, 1),
        ("(2+A1)*2", 11, 1),
        ("2/2/2*2", 1, 1),
        ("ROUND(A1,0)", 4, 1),
        ("ROUND(0-A1,0)", -4, 1),
        ("ROUNDDOWN(0-A1,0)", -3, 1),
        ("ROUNDUP(A1,0)", 4, 1),
        ("ROUNDUP(A1,1)", 7, 2),
        ("IF(A1>=2,MIN(A1,2,1),1/0)", 1, 1),
        ("IF(AND(A1<2,1=1),1/0,MAX(0,IF(NOT(1=2),A1,2)))", 7, 2),
    ] {
        assert_eq!(evaluate(text, &cells), Fraction::new(times, over), "{text}");
    }
}
