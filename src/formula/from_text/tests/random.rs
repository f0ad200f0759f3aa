//! Random texts with the value that they must have, worked out in fractions while they are written:
//! the engine and the spreadsheet must find the same.

use std::fmt::Write;

use super::super::{Expr, Kind, check, lower, parse};
use super::sheet::{Fraction, evaluate};
use super::world::{KEPT, NAMES, World};
use crate::formula::compiled::Node;
use crate::formula::{Formula, Sort};

/// A generator of numbers that is the same everywhere (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).expect("a count");
        usize::try_from(self.next() % count).expect("below a count")
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % high.abs_diff(low).max(1)).expect("a small range")
    }
}

impl World {
    /// Values by chance, zeros and negative ones among them.
    pub fn random(dice: &mut Dice) -> World {
        let value = |dice: &mut Dice, sort: Sort| match (sort, dice.below(6)) {
            (Sort::Flag, _) => dice.between(0, 2),
            (Sort::Date, _) => dice.between(45_000, 47_000),
            (_, 0) => 0,
            (Sort::Amount, 1) => -dice.between(1, 100_000),
            (Sort::Amount, _) => dice.between(0, 1_000_000_000),
            (Sort::Rate, 1) => dice.between(-1_000, 1_000) * 1_000_000_007,
            (Sort::Rate, _) => dice.between(0, 1_500) * 1_000_000_000,
            (Sort::Number, _) => dice.between(-3, 40),
        };
        let values = NAMES.map(|(_, sort)| std::array::from_fn(|_| value(dice, sort)));
        let number = dice.between(0, 8);
        World { values: values.to_vec(), number, literals: Vec::new() }
    }
}

/// A text with its value; `None` where the fractions of the test do not fit 128 bits.
struct Known {
    text: String,
    value: Option<Fraction>,
}

struct Writer<'d, 'w> {
    dice: &'d mut Dice,
    world: &'w World,
}

impl Writer<'_, '_> {
    fn write(&mut self, sort: Sort, depth: u32) -> Known {
        let Known { text, value } = self.one_of(sort, depth);
        Known { text, value: value.and_then(|value| within(value, sort)) }
    }

    fn one_of(&mut self, sort: Sort, depth: u32) -> Known {
        if depth == 0 || self.dice.below(5) == 0 {
            return self.leaf(sort);
        }
        match (sort, self.dice.below(6)) {
            (Sort::Flag, 0) => self.logic(depth, " and "),
            (Sort::Flag, 1) => self.logic(depth, " or "),
            (Sort::Flag, 2) => {
                let inner = self.write(Sort::Flag, depth - 1);
                let value = inner.value.map(|value| Fraction::whole(1 - value.times));
                Known { text: format!("not ({})", inner.text), value }
            }
            (Sort::Flag, _) => self.comparison(depth),
            (_, 0) => self.choice(sort, depth),
            (_, 1) => self.extreme(sort, depth),
            (Sort::Amount | Sort::Rate, 2 | 3) => self.product(sort, depth),
            (Sort::Amount | Sort::Rate, 4) => {
                let inner = self.write(sort, depth - 1);
                let value = inner.value.map(|value| Fraction { times: -value.times, ..value });
                Known { text: format!("-({})", inner.text), value }
            }
            (Sort::Date, _) => self.dates(depth),
            (_, _) => self.sum(sort, depth),
        }
    }

    fn leaf(&mut self, sort: Sort) -> Known {
        match (sort, self.dice.below(3)) {
            (Sort::Date, 0) => {
                let serial = self.dice.between(45_000, 47_000);
                let day = chrono::Days::new(u64::try_from(serial - 25_569).expect("after 1970"));
                let date = chrono::NaiveDate::default() + day;
                let value = Some(Fraction::of(serial, Sort::Date));
                Known { text: date.to_string(), value }
            }
            (Sort::Flag, 0) => {
                let value = self.dice.between(0, 2);
                let text = ["false", "true"][usize::try_from(value).expect("0 or 1")];
                Known { text: text.to_string(), value: Some(Fraction::of(value, sort)) }
            }
            (Sort::Amount, 0) => self.number(sort, 2, ""),
            (Sort::Rate, 0) => self.number(sort, 4, ""),
            (Sort::Rate, 1) => self.number(sort, 2, " %"),
            (Sort::Number, 0) => self.number(sort, 0, ""),
            (_, _) => self.name(sort),
        }
    }

    /// A literal with that many decimals.
    fn number(&mut self, sort: Sort, decimals: u32, percent: &str) -> Known {
        let range = if sort == Sort::Amount { 10_000_000 } else { 30 * 10_i64.pow(decimals) };
        let digits = self.dice.between(0, range);
        let scaled = Fraction::new(digits.into(), 10_i128.pow(decimals)).expect("not zero");
        let text = rust_decimal::Decimal::new(digits, decimals).to_string();
        let hundred = Fraction { times: 1, over: 100 };
        let value = if percent.is_empty() { Some(scaled) } else { scaled.by(hundred) };
        Known { text: format!("{text}{percent}"), value }
    }

    fn name(&mut self, sort: Sort) -> Known {
        let named: Vec<usize> = (0..NAMES.len()).filter(|place| NAMES[*place].1 == sort).collect();
        let place = self.dice.pick(&named);
        let (name, _) = NAMES[place];
        let value = |back: usize| {
            let back = if World::is_input(place) { 0 } else { back };
            Fraction::of(self.world.values[place][back], sort)
        };
        if World::is_input(place) {
            return Known { text: name.to_string(), value: Some(value(0)) };
        }
        let back = self.dice.below(KEPT);
        match self.dice.below(8) {
            0 => Known { text: format!("prior({name})"), value: Some(value(1)) },
            1 => Known { text: format!("at({name}, {back})"), value: Some(value(back)) },
            2 if sort != Sort::Date => self.window(name, place),
            3 if sort == Sort::Number => self.flags(),
            _ => Known { text: name.to_string(), value: Some(value(0)) },
        }
    }

    /// The values of a window: those of the dates there are.
    fn seen(&mut self, place: usize) -> (usize, Vec<Fraction>) {
        let dates = 1 + self.dice.below(KEPT);
        let so_far = usize::try_from(self.world.number).expect("dates are counted");
        let count = dates.min(so_far.max(1));
        let values = &self.world.values[place][..count];
        (dates, values.iter().map(|value| Fraction::of(*value, NAMES[place].1)).collect())
    }

    fn window(&mut self, name: &str, place: usize) -> Known {
        let sort = NAMES[place].1;
        let (dates, seen) = self.seen(place);
        let mean = matches!(sort, Sort::Amount | Sort::Rate);
        let sum = sort != Sort::Flag;
        let fold = match self.dice.below(4) {
            0 if mean => "mean",
            1 if sum => "sum",
            2 => "max",
            _ => "min",
        };
        let total = || seen.iter().try_fold(Fraction::whole(0), |sum, one| sum.plus(*one));
        let extreme = |largest: bool| {
            seen.iter().copied().try_fold(seen[0], |found, one| {
                Some(if one.above(found)? == largest { one } else { found })
            })
        };
        let value = match fold {
            "mean" => self.mean(total(), dates, sort),
            "sum" => total(),
            "max" => extreme(true),
            _ => extreme(false),
        };
        Known { text: format!("window({name}, {dates}, {fold})"), value }
    }

    /// Over the dates there are; before the first date there is none.
    fn mean(&self, total: Option<Fraction>, dates: usize, sort: Sort) -> Option<Fraction> {
        let so_far = usize::try_from(self.world.number).expect("dates are counted");
        match dates.min(so_far) {
            0 => Some(Fraction::whole(0)),
            count => {
                let share = Fraction::new(1, i128::try_from(count).expect("a count"))?;
                total?.by(share)?.rounded(crate::formula::tens(sort))
            }
        }
    }

    /// How many flags of a window hold.
    fn flags(&mut self) -> Known {
        let place = NAMES.iter().position(|(_, sort)| *sort == Sort::Flag).expect("a flag");
        let (dates, seen) = self.seen(place);
        let value = seen.iter().map(|flag| flag.times).sum();
        let text = format!("window({}, {dates}, sum)", NAMES[place].0);
        Known { text, value: Some(Fraction::whole(value)) }
    }

    fn logic(&mut self, depth: u32, by: &str) -> Known {
        let parts: Vec<Known> =
            (0..2 + self.dice.below(2)).map(|_| self.write(Sort::Flag, depth - 1)).collect();
        let text: Vec<String> = parts.iter().map(|part| format!("({})", part.text)).collect();
        let flags: Option<Vec<bool>> =
            parts.iter().map(|part| part.value.map(|value| value.times != 0)).collect();
        let value = flags.map(|flags| match by {
            " and " => flags.iter().all(|flag| *flag),
            _ => flags.iter().any(|flag| *flag),
        });
        Known { text: text.join(by), value: value.map(|value| Fraction::whole(value.into())) }
    }

    fn comparison(&mut self, depth: u32) -> Known {
        let sort = self.dice.pick(&[Sort::Amount, Sort::Rate, Sort::Number, Sort::Date]);
        // One side has a sort of its own.
        let name = self.name(sort);
        let other = self.write(sort, depth - 1);
        let sign = self.dice.pick(&[">", ">=", "≤", "<", "=", "≠", "!="]);
        let value = name.value.zip(other.value).and_then(|(one, other)| {
            Some(match sign {
                ">" => one.above(other)?,
                ">=" => !other.above(one)?,
                "≤" => !one.above(other)?,
                "<" => other.above(one)?,
                "=" => one == other,
                _ => one != other,
            })
        });
        let text = format!("{} {sign} {}", name.text, bracketed(&other.text, " and "));
        Known { text, value: value.map(|value| Fraction::whole(value.into())) }
    }

    fn choice(&mut self, sort: Sort, depth: u32) -> Known {
        let (flag, yes, no) =
            (self.write(Sort::Flag, depth - 1), self.name(sort), self.write(sort, depth - 1));
        let value = flag.value.and_then(|flag| if flag.times == 0 { no.value } else { yes.value });
        Known { text: format!("if({}, {}, {})", flag.text, yes.text, no.text), value }
    }

    fn extreme(&mut self, sort: Sort, depth: u32) -> Known {
        let (one, other) = (self.name(sort), self.write(sort, depth - 1));
        let largest = self.dice.below(2) == 0;
        let value = one
            .value
            .zip(other.value)
            .and_then(|(one, other)| Some(if one.above(other)? == largest { one } else { other }));
        let function = if largest { "max" } else { "min" };
        Known { text: format!("{function}({}, {})", one.text, other.text), value }
    }

    fn sum(&mut self, sort: Sort, depth: u32) -> Known {
        let mut sum = self.name(sort);
        for _ in 0..1 + self.dice.below(3) {
            let term = self.write(sort, depth - 1);
            let minus = self.dice.below(2) == 0;
            let sign = if minus { '−' } else { '+' };
            let _ = write!(sum.text, " {sign} {}", bracketed(&term.text, " "));
            sum.value = sum
                .value
                .zip(term.value)
                .and_then(|(sum, term)| if minus { sum.minus(term) } else { sum.plus(term) });
        }
        sum
    }

    fn dates(&mut self, depth: u32) -> Known {
        let (date, days) = (self.name(Sort::Date), self.write(Sort::Number, depth - 1));
        let minus = self.dice.below(2) == 0;
        let sign = if minus { '-' } else { '+' };
        let value = date
            .value
            .zip(days.value)
            .and_then(|(date, days)| if minus { date.minus(days) } else { date.plus(days) });
        let text = format!("{} {sign} {}", date.text, bracketed(&days.text, " "));
        Known { text, value }
    }

    /// Money: one amount, or two over one, among rates and numbers; a rate: amount over amount, or
    /// none. Literal divisors are never zero.
    fn product(&mut self, sort: Sort, depth: u32) -> Known {
        let amounts = match (sort, self.dice.below(2)) {
            (Sort::Amount, 0) => &[false][..],
            (Sort::Amount, _) => &[false, false, true],
            (_, 0) => &[],
            (_, _) => &[false, true],
        };
        let mut factors: Vec<(bool, Sort)> =
            amounts.iter().map(|over| (*over, Sort::Amount)).collect();
        let least = usize::from(factors.is_empty()) + usize::from(factors.len() < 2);
        for _ in 0..least + self.dice.below(3) {
            let over = !factors.is_empty() && self.dice.below(3) == 0;
            factors.push((over, self.dice.pick(&[Sort::Rate, Sort::Number])));
        }
        let part = |(over, sort)| (over, sort, self.factor(sort, depth - 1, over));
        let parts: Vec<(bool, Sort, Known)> = factors.into_iter().map(part).collect();
        let text = parts.iter().enumerate().map(|(place, (over, _, part))| {
            let sign = ["", " × ", " ÷ "][usize::from(place > 0) + usize::from(*over)];
            format!("{sign}{}", bracketed(&part.text, " "))
        });
        Known { text: text.collect(), value: product_value(&parts, sort) }
    }

    /// A factor that has a sort of its own: plain numbers as factors have their own test. A divisor
    /// is no number, because the number 0 is a fault.
    fn factor(&mut self, sort: Sort, depth: u32, over: bool) -> Known {
        let known = self.write(sort, depth);
        let named = known.text.contains(char::is_alphabetic);
        let percent = known.text.contains('%') && !over;
        if named || percent { known } else { self.name(sort) }
    }
}

/// Money is rounded once; a rate once for each divisor, the amount first.
fn product_value(parts: &[(bool, Sort, Known)], sort: Sort) -> Option<Fraction> {
    let divisors = || parts.iter().filter(|(over, _, _)| *over);
    let times = parts.iter().filter(|(over, _, _)| !over);
    let mut value = times.map(|(_, _, part)| part.value).reduce(|a, b| a?.by(b?)).flatten()?;
    for (_, _, part) in divisors() {
        if part.value?.times == 0 {
            return Some(Fraction::whole(0));
        }
    }
    let (first, then): (Vec<_>, Vec<_>) =
        divisors().partition(|(_, sort, _)| *sort == Sort::Amount);
    let places = crate::formula::tens(sort);
    let mut rounds = 0;
    for (_, _, part) in first.into_iter().chain(then) {
        value = value.by(part.value?.inverse()?)?;
        if sort == Sort::Rate {
            value = within(value.rounded(places)?, sort)?;
            rounds += 1;
        }
    }
    if rounds == 0 { value.rounded(places) } else { Some(value) }
}

fn bracketed(text: &str, at: &str) -> String {
    if text.contains(at) || text.starts_with('-') { format!("({text})") } else { text.to_string() }
}

/// The value, when the readers agree on it: beyond 2⁶² units the engine holds and doubles round.
fn within(value: Fraction, sort: Sort) -> Option<Fraction> {
    let units = value.times.checked_mul(10_i128.pow(crate::formula::tens(sort)))? / value.over;
    (units.abs() < 1 << 62).then_some(value)
}

#[test]
fn random_texts_have_the_value_that_fractions_give() {
    let mut compared = [0; 5];
    for seed in 0..30_000 {
        let mut dice = Dice(seed);
        let mut world = World::random(&mut dice);
        let sorts = [Sort::Amount, Sort::Number, Sort::Rate, Sort::Flag, Sort::Date];
        let place = dice.below(sorts.len());
        let (sort, depth) = (sorts[place], 1 + u32::try_from(seed % 4).expect("small"));
        let known = Writer { dice: &mut dice, world: &world }.write(sort, depth);
        let expr = match parse(&known.text) {
            Ok(expr) => expr,
            Err(fault) => {
                assert!(matches!(fault.kind, Kind::TooLong { .. }), "{}: {fault}", known.text);
                continue;
            }
        };
        let found = check(&expr, Some(sort), &world);
        assert_eq!(found, Ok(sort), "{}", known.text);
        let Some(expected) = known.value else { continue };
        let formula = lower(&expr, sort, &World::random(&mut Dice(seed)), &mut world);
        assert_eq!(formula.sort(&world), sort, "{}", known.text);
        let value = Node::of(&formula, &world).value(&world, 0);
        assert_eq!(Fraction::of(value, sort), expected, "{}: {formula:?}", known.text);
        compare_with_the_sheet(&known.text, &formula, &world, expected);
        compared[place] += 1;
    }
    assert!(compared.iter().all(|count| *count > 3_000), "{compared:?}");
}

fn compare_with_the_sheet(text: &str, formula: &Formula, world: &World, expected: Fraction) {
    let cells = world.cells();
    let cells = cells.into_iter().map(|(cell, (value, sort))| (cell, Fraction::of(value, sort)));
    let written = formula.excel(world);
    let Some(found) = evaluate(&written, &cells.collect()) else { return };
    assert_eq!(found, expected, "{text} as {written}");
}

// Form ---------------------------------------------------------------------------------------------

#[test]
fn random_texts_are_printed_as_they_are_read() {
    for seed in 0..10_000 {
        let mut dice = Dice(seed ^ 0x5EED);
        let world = World::random(&mut dice);
        let sort = dice.pick(&[Sort::Amount, Sort::Rate, Sort::Flag]);
        let known = Writer { dice: &mut dice, world: &world }.write(sort, 5);
        let Ok(expr) = parse(&known.text) else { continue }; // Too long for one definition.
        let again = parse(&expr.to_string()).expect("what is printed can be read");
        assert_eq!(placeless(&again), placeless(&expr), "{} as {expr}", known.text);
    }
}

/// The tree without the places of its parts.
fn placeless(expr: &Expr) -> String {
    let debug = format!("{expr:?}");
    let mut without = String::new();
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once("Span {") {
        without.push_str(before);
        rest = after.split_once('}').expect("a span closes").1;
    }
    without + rest
}

#[test]
fn no_text_makes_the_reader_fall() {
    let pieces = [
        "a",
        "r2",
        "f1",
        "-",
        "−",
        "(",
        ")",
        ",",
        "min",
        "max",
        "if",
        "window",
        "prior",
        "at",
        "3",
        "0",
        "5 %",
        "1.5",
        "and",
        "or",
        "not",
        ">",
        "=",
        "×",
        "÷",
        "+",
        "2027-06-30",
        "sum",
        " ",
        "（",
        "，",
        "余额",
        "%",
        "1_",
        "9999999999999999999999999999999",
        "!",
        "。",
        "\u{1F600}",
    ];
    let mut read = 0;
    for seed in 0..40_000 {
        let mut dice = Dice(seed ^ 0xFA11);
        let text: String = (0..dice.below(14)).map(|_| dice.pick(&pieces)).collect();
        let world = World::random(&mut dice);
        match parse(&text) {
            Ok(expr) => {
                read += 1;
                for fault in check(&expr, None, &world).err().into_iter().flatten() {
                    assert!(text.get(fault.span.start..fault.span.end).is_some(), "{text}");
                }
            }
            Err(fault) => {
                assert!(text.get(fault.span.start..fault.span.end).is_some(), "{text}: {fault}");
            }
        }
    }
    assert!(read > 500, "{read} of the texts are expressions");
}

// Values -------------------------------------------------------------------------------------------

/// `a.open` 1000.00, `a-2` 30.00, `a_3` 0.00, `r.smm` 12.5 %, `r2` 5 %, `n.date` 3, `n2` 7, `f1` now and
/// two dates earlier, `f.trigger` never, `d.payment` 2026-02-24 and a month earlier.
pub fn known_world() -> World {
    let every = |value: i64| [value; KEPT];
    World {
        values: vec![
            [100_000, 99_000, 98_000, 7, 7, 7],
            every(3_000),
            every(0),
            [125_000_000_000, 25_000_000_000, 0, 7, 7, 7],
            every(50_000_000_000),
            [3, 2, 1, 0, 0, 0],
            every(7),
            [1, 0, 1, 1, 1, 1],
            every(0),
            [46_077, 46_046, 46_015, 0, 0, 0],
        ],
        number: 3,
        literals: Vec::new(),
    }
}

#[test]
fn values_by_hand() {
    let percent = |parts: i64| parts * 10_000_000_000;
    for (text, sort, units) in [
        ("max(14.75 % * a.open - a-2, 0)", Sort::Amount, 11_750),
        ("min(a.open - 0.5 % * a.open, a.open - a-2)", Sort::Amount, 97_000),
        ("window(r.smm, 3, mean)", Sort::Rate, percent(5)),
        ("if(n.date >= 7 and not f1, 12 %, 14.75 %)", Sort::Rate, 147_500_000_000),
        ("if(n.date >= 3 and f1, 12 %, 14.75 %)", Sort::Rate, percent(12)),
        ("a.open * 12", Sort::Amount, 1_200_000),
        ("a.open * 0.5", Sort::Amount, 50_000),
        ("a.open / 12", Sort::Amount, 8_333),
        ("a.open / 12 * 12", Sort::Amount, 100_000), // One product is rounded once.
        ("(a.open / 12) * 12", Sort::Amount, 99_996), // Brackets are calculated first.
        ("a.open * 31 / 365", Sort::Amount, 8_493),
        ("a.open * a-2 / a.open", Sort::Amount, 3_000),
        ("a-2 / a.open", Sort::Rate, percent(3)),
        ("a.open / a_3", Sort::Rate, 0), // Nothing divides by zero.
        ("a.open / a-2", Sort::Rate, 33_333_333_333_333),
        ("12 * 1000.00 / a.open", Sort::Rate, percent(1200)),
        ("min(n.date * 1000.00, a.open)", Sort::Amount, 100_000),
        ("n2 / n.date", Sort::Rate, 2_333_333_333_333),
        ("(1 + r2) * a.open", Sort::Amount, 105_000),
        ("-a-2 + 5", Sort::Amount, -2_500),
        ("a.open - a-2 - a-2", Sort::Amount, 94_000),
        ("window(f1, 3, sum)", Sort::Number, 2),
        ("window(f1, 6, sum)", Sort::Number, 2), // Three dates so far.
        ("window(f1, 3, min)", Sort::Flag, 0),
        ("window(f1, 3, max)", Sort::Flag, 1),
        ("window(a.open, 6, min)", Sort::Amount, 98_000),
        ("window(a.open, 2, mean)", Sort::Amount, 99_500),
        ("d.payment - prior(d.payment)", Sort::Number, 31),
        ("d.payment > 2026-02-23", Sort::Flag, 1),
        ("d.payment > 2026-02-24", Sort::Flag, 0),
        ("prior(a.open) - at(a.open, 2)", Sort::Amount, 1_000),
        ("f1 ≠ f.trigger", Sort::Flag, 1),
    ] {
        let mut world = known_world();
        let expr = parse(text).expect(text);
        assert_eq!(check(&expr, None, &world), Ok(sort), "{text}");
        let formula = lower(&expr, sort, &known_world(), &mut world);
        assert_eq!(Node::of(&formula, &world).value(&world, 0), units, "{text}");
    }
}

#[test]
fn a_definition_is_a_formula_of_the_workbook() {
    for (text, sort, formula) in [
        (
            "max(14.75 % * a.open - a-2, 0)",
            Sort::Amount,
            "MAX(ROUND(ROUND(Lines!C10*Inputs!$D$10,2)-Lines!C16,2),0)",
        ),
        ("a-2 / a.open", Sort::Rate, "IF(Lines!C10=0,0,ROUND(Lines!C16/Lines!C10,Inputs!$D$2010))"),
        (
            "a.open / a_3",
            Sort::Rate,
            "IF(Inputs!$D$1012=0,0,ROUND(Lines!C10/Inputs!$D$1012,Inputs!$D$2010))",
        ),
        ("n2 - (n.date - 1)", Sort::Number, "Lines!C46-(Lines!C40-1)"),
        (
            "if(n.date >= 7 and not f1, 12 %, 0)",
            Sort::Rate,
            "IF(AND(Lines!C40>=Inputs!$D$10,NOT(Lines!C52=1)),Inputs!$D$11,0)",
        ),
        (
            "window(a.open, 2, sum)",
            Sort::Amount,
            "ROUND(Lines!C10+IF(MIN(Inputs!$D$10,Lines!C1009)>=2,Lines!C11,0),2)",
        ),
    ] {
        let mut world = known_world();
        let lowered = lower(&parse(text).expect(text), sort, &known_world(), &mut world);
        assert_eq!(lowered.excel(&world), formula, "{text}");
    }
}

#[test]
fn the_largest_values_have_a_value_too() {
    let mut held = 0;
    let extremes = [i64::MAX, -i64::MAX, i64::MAX / 3, 1, -1, 0];
    for seed in 0..10_000 {
        let mut dice = Dice(seed ^ 0xB16);
        let mut world = World::random(&mut dice);
        let sort = dice.pick(&[Sort::Amount, Sort::Rate, Sort::Flag]);
        let known = Writer { dice: &mut dice, world: &world }.write(sort, 3);
        for (place, values) in world.values.iter_mut().enumerate() {
            if NAMES[place].1 != Sort::Flag {
                *values = std::array::from_fn(|_| dice.pick(&extremes));
            }
        }
        let Ok(expr) = parse(&known.text) else { continue };
        let formula = lower(&expr, sort, &known_world(), &mut world);
        let value = Node::of(&formula, &world).value(&world, 0);
        assert!(sort != Sort::Flag || [0, 1].contains(&value), "{}", known.text);
        held += usize::from(value.unsigned_abs() > 1 << 62);
    }
    assert!(held > 100, "{held} of the values are held");
}
