//! The language against tables, and against an arithmetic of its own: random texts whose value is
//! known while they are written.

pub mod random;
pub mod sheet;
pub mod world;

use super::*;
use crate::formula::Sort;

// Form ---------------------------------------------------------------------------------------------

/// The tree with every bracket: `(+ a (× b c))`.
fn shape(expr: &Expr) -> String {
    let list = |sign: &str, parts: &[Expr]| {
        let parts: Vec<String> = parts.iter().map(shape).collect();
        format!("({sign} {})", parts.join(" "))
    };
    let chain = |signs: [&str; 2], parts: &[(bool, Expr)]| {
        let parts = parts
            .iter()
            .map(|(marked, part)| format!("{}{}", signs[usize::from(*marked)], shape(part)));
        format!("({})", parts.collect::<Vec<_>>().join(" "))
    };
    match &expr.term {
        Term::Number { .. } | Term::Date(_) | Term::Truth(_) | Term::Name(..) => expr.to_string(),
        Term::Negative(inner) => list("neg", std::slice::from_ref(&**inner)),
        Term::Sum(parts) => chain(["+", "-"], parts),
        Term::Product(parts) => chain(["*", "/"], parts),
        Term::Compare(relation, one, other) => {
            format!("({} {} {})", relation.sign(), shape(one), shape(other))
        }
        Term::All(parts) => list("and", parts),
        Term::Any(parts) => list("or", parts),
        Term::Not(inner) => list("not", std::slice::from_ref(&**inner)),
        Term::Least(parts) => list("min", parts),
        Term::Greatest(parts) => list("max", parts),
        Term::If(parts) => list("if", &parts[..]),
    }
}

fn read(text: &str) -> Expr {
    parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

#[test]
fn signs_bind_as_in_mathematics() {
    for (text, tree) in [
        ("a + b * c", "(+a +(*b *c))"),
        ("a * b + c / d", "(+(*a *b) +(*c /d))"),
        ("a - b - c", "(+a -b -c)"),
        ("a - (b - c)", "(+a -(+b -c))"),
        ("a / b / c * d", "(*a /b /c *d)"),
        ("a / (b * c)", "(*a /(*b *c))"),
        ("-a * b", "(*(neg a) *b)"),
        ("a - -b", "(+a -(neg b))"),
        ("a + b > c * d", "(> (+a +b) (*c *d))"),
        ("not a and b or c", "(or (and (not a) b) c)"),
        ("a or b and not c = d", "(or a (and b (not (= c d))))"),
        ("not not a", "(not (not a))"),
        ("if(a, min(b, c), max(d, e, f))", "(if a (min b c) (max d e f))"),
        ("14.75 % * x", "(*14.75 % *x)"),
        ("2027-06-30 <= d", "(≤ 2027-06-30 d)"),
        ("prior(x) + at(x, 2) + at(x, 0)", "(+prior(x) +at(x, 2) +x)"),
        ("window(x, 3, mean)", "window(x, 3, mean)"),
        ("tranche.A-1.balance - a-b", "(+tranche.A-1.balance -a-b)"),
        ("true and x", "(and true x)"),
    ] {
        assert_eq!(shape(&read(text)), tree, "{text}");
    }
}

#[test]
fn chinese_signs_words_and_names_read_the_same() {
    for (zh, en) in [
        ("max（a，b）", "max(a, b)"),
        ("１４．７５％×资产池.余额", "14.75 % * 资产池.余额"),
        ("a − b ÷ c － d ＋ e ＊ f ／ g", "a - b / c - d + e * f / g"),
        ("a ≥ b 且 非 c ≠ d 或 e ≤ f", "a >= b and not c != d or e <= f"),
        ("a　＜　b", "a < b"),
        ("a ＜＞ b", "a <> b"),
        ("a == b", "a = b"),
        ("1_000_000.00", "1000000.00"),
    ] {
        assert_eq!(shape(&read(zh)), shape(&read(en)), "{zh}");
    }
}

#[test]
fn a_fault_of_form_says_what_and_where() {
    for (text, place, says) in [
        ("", "", "a value is missing"),
        ("a +", "", "a value is missing"),
        ("a + * b", "*", "a value must stand before `×`"),
        ("max(a, b", "", "a `)` is missing"),
        ("a b", "b", "a sign must stand before `b`"),
        ("(a + b))", ")", "a sign must stand before `)`"),
        ("a % b", "%", "a sign must stand before `%`"),
        ("12abc + 1", "12abc", "`12abc` is no number"),
        ("1. + 1", "1.", "`1.` is no number"),
        ("007", "007", "`007` is no number"),
        ("1e5", "1e5", "`1e5` is no number"),
        (
            "max(1,000.00, a)",
            "1,000",
            "`1,000` may be one number or two: write `1_000` or `1, 000`",
        ),
        ("a $ b", "$", "`$` means nothing here"),
        ("a ! b", "!", "`!` means nothing here"),
        ("a < b < c", "<", "compare two values at a time and join with `and`"),
        ("sum(a, b)", "sum", "there is no function `sum`"),
        ("min(a)", "min(a)", "`min(a, b, …)` was given 1"),
        ("if(a, b)", "if(a, b)", "`if(flag, yes, no)` was given 2"),
        ("prior()", "prior()", "`prior(name)` was given 0"),
        ("prior(a + b)", "a + b", "`prior(name)` reads a name: define the expression first"),
        ("prior(prior(a))", "prior(a)", "`prior(name)` reads a name: define the expression first"),
        ("at(a, 1.5)", "1.5", "a number of dates is a whole number from 0 to 120"),
        ("window(a, 0, sum)", "0", "a number of dates is a whole number from 1 to 120"),
        ("window(a, n, sum)", "n", "a number of dates is a whole number from 1 to 120"),
        ("window(a, 3, median)", "median", "`median` is not sum, mean, min or max"),
        ("a and", "", "a value is missing"),
        ("a and or b", "or", "a value must stand before `or`"),
    ] {
        let fault = parse(text).expect_err(text);
        assert_eq!(fault.to_string(), says, "{text}");
        let start = text.rfind(place).expect("the place is in the text");
        if place == "<" {
            assert_eq!(fault.span, Span { start, end: start + 1 }, "{text}");
        }
        assert_eq!(&text[fault.span.start..fault.span.end], place, "{text}");
    }
    let deep = format!("{}a{}", "(".repeat(30), ")".repeat(30));
    assert_eq!(parse(&deep).expect_err("deep").kind, Kind::TooDeep { most: 20 });
    let minus = format!("{}a", "-".repeat(100_000));
    assert_eq!(parse(&minus).expect_err("deep").kind, Kind::TooDeep { most: 20 });
    let long = vec!["a"; 150].join(" + ");
    assert_eq!(parse(&long).expect_err("long").kind, Kind::TooLong { most: 120 });
    assert!(matches!(
        parse("window(a, 70, sum) + window(b, 70, sum)").expect_err("long").kind,
        Kind::TooLong { .. }
    ));
}

#[test]
fn names_are_listed_with_how_they_are_read() {
    let expr = read("a + prior(b) × window(c.d, 3, min) − at(a, 2) + max(min(x-y, 1), 5 %)");
    let found: Vec<_> = names(&expr).map(|(name, _, read)| (name, read)).collect();
    let expected = [
        ("a", Read::Now),
        ("b", Read::Earlier(1)),
        ("c.d", Read::Window(3, Fold::Least)),
        ("a", Read::Earlier(2)),
        ("x-y", Read::Now),
    ];
    assert_eq!(found, expected.map(|(name, read)| (name.to_string(), read)));
}

// Sorts --------------------------------------------------------------------------------------------

/// `a…` are amounts, `r…` rates, `n…` numbers, `f…` flags, `d…` dates; nothing else has a name.
struct ByLetter;

impl Names for ByLetter {
    fn sort(&self, name: &str) -> Option<Sort> {
        match name.chars().next()? {
            'a' => Some(Sort::Amount),
            'r' => Some(Sort::Rate),
            'n' => Some(Sort::Number),
            'f' => Some(Sort::Flag),
            'd' => Some(Sort::Date),
            _ => None,
        }
    }
}

#[test]
fn every_expression_has_one_sort() {
    for (text, sort) in [
        ("a + 12.50", Sort::Amount),
        ("a * r", Sort::Amount),
        ("n * a", Sort::Amount),
        ("a * 0.5 * n / 365", Sort::Amount),
        ("a1 * a2 / a3", Sort::Amount),
        ("a / r", Sort::Amount),
        ("a1 / a2", Sort::Rate),
        ("a1 / a2 * n / 365", Sort::Rate),
        ("1000000 / a", Sort::Rate),
        ("r1 * r2", Sort::Rate),
        ("n / 12", Sort::Rate),
        ("1 + r", Sort::Rate),
        ("5 %", Sort::Rate),
        ("5", Sort::Number),
        ("5.00", Sort::Amount),
        ("min(5, 7.50)", Sort::Amount),
        ("n + 1", Sort::Number),
        ("d1 - d2", Sort::Number),
        ("d1 + 5", Sort::Date),
        ("d1 - 5 - n", Sort::Date),
        ("n + d1 - 5", Sort::Date),
        ("d1 - d2 + d3", Sort::Date),
        ("d > 2027-06-30", Sort::Flag),
        ("a > 100", Sort::Flag),
        ("12 * 1000.00 < a", Sort::Flag),
        ("r >= 0.125", Sort::Flag),
        ("n = 3 and not f", Sort::Flag),
        ("f1 = f2", Sort::Flag),
        ("if(f, 12 %, 0.1475)", Sort::Rate),
        ("if(f, a, 0)", Sort::Amount),
        ("if(f1, f2, false)", Sort::Flag),
        ("min(n * 1000.00, a)", Sort::Amount),
        ("window(f, 3, sum)", Sort::Number),
        ("window(f, 3, mean)", Sort::Rate),
        ("window(f, 3, max)", Sort::Flag),
        ("window(a, 3, mean)", Sort::Amount),
        ("window(n, 3, mean)", Sort::Rate),
        ("window(d, 3, max)", Sort::Date),
        ("prior(f)", Sort::Flag),
        ("-a + 5", Sort::Amount),
    ] {
        assert_eq!(check(&read(text), None, &ByLetter), Ok(sort), "{text}");
    }
    for (text, wanted) in [("5", Sort::Amount), ("0.05", Sort::Rate), ("3 * 5.00", Sort::Amount)] {
        assert_eq!(check(&read(text), Some(wanted), &ByLetter), Ok(wanted), "{text}");
    }
}

#[test]
fn a_fault_of_sort_says_what_and_where() {
    let amount = Some(Sort::Amount);
    let rate = Some(Sort::Rate);
    for (text, wanted, faults) in [
        ("a + r", None, &[("r", "this is a rate, where an amount is wanted")][..]),
        ("r + 0.5 > a", None, &[("a", "this is an amount, where a rate is wanted")]),
        (
            "a * a1",
            None,
            &[("a * a1", "2 amounts times and 0 over give neither money nor a ratio")],
        ),
        ("r / a", None, &[("r / a", "0 amounts times and 1 over give neither money nor a ratio")]),
        ("a * f", None, &[("f", "a flag cannot be calculated with like this")]),
        ("f1 < f2", None, &[("f1 < f2", "a flag cannot be calculated with like this")]),
        ("d1 + d2", None, &[("d1 + d2", "a date cannot be calculated with like this")]),
        ("max(f1, f2)", None, &[("max(f1, f2)", "a flag cannot be calculated with like this")]),
        (
            "window(d, 3, sum)",
            None,
            &[("window(d, 3, sum)", "a date cannot be calculated with like this")],
        ),
        ("a > 0.005", None, &[("0.005", "an amount has at most 2 decimals")]),
        ("n > 1.5", None, &[("1.5", "a number has at most 0 decimals")]),
        ("r > 0.0000000000001", None, &[("0.0000000000001", "a rate has at most 12 decimals")]),
        ("r > 10000000", None, &[("10000000", "the number is too large for a rate")]),
        ("0.5", None, &[("0.5", "write `5 %` for a rate, `5.00` for money, `5` for a count")]),
        (
            "0.5 > 0.25",
            None,
            &[("0.5 > 0.25", "write `5 %` for a rate, `5.00` for money, `5` for a count")],
        ),
        ("a / 0", None, &[("0", "the divisor is 0")]),
        ("a", rate, &[("a", "this is an amount, where a rate is wanted")]),
        ("5 %", amount, &[("5 %", "this is a rate, where an amount is wanted")]),
        ("not a", None, &[("a", "this is an amount, where a flag is wanted")]),
        ("if(a, 1, 2)", None, &[("a", "this is an amount, where a flag is wanted")]),
        ("n * 2 > n", None, &[("n * 2", "this is a rate, where a number is wanted")]),
        ("n > n * 2", None, &[("n * 2", "this is a rate, where a number is wanted")]),
        ("f + 1", None, &[("f + 1", "a flag cannot be calculated with like this")]),
        ("x + 0.12345", None, &[("x", "nothing is called `x`")]),
        ("x * y + a", None, &[("x", "nothing is called `x`"), ("y", "nothing is called `y`")]),
        ("min(x, 5 %) > r", None, &[("x", "nothing is called `x`")]),
        ("x-a", None, &[("x-a", "nothing is called `x-a`; to subtract, put spaces: `x - a`")]),
        ("r*r*r*r*r", None, &[("r*r*r*r*r", "too many factors: use brackets")]),
        (
            "(a + r) * n > a + 0.005",
            None,
            &[
                ("r", "this is a rate, where an amount is wanted"),
                ("0.005", "an amount has at most 2 decimals"),
            ],
        ),
    ] {
        let found = check(&read(text), wanted, &ByLetter).expect_err(text);
        let found: Vec<(&str, String)> = found
            .iter()
            .map(|fault| (&text[fault.span.start..fault.span.end], fault.to_string()))
            .collect();
        let faults: Vec<(&str, String)> =
            faults.iter().map(|(place, says)| (*place, (*says).to_string())).collect();
        assert_eq!(found, faults, "{text}");
    }
}
