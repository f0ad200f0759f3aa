//! Formulas read aloud: definitions in the methodology, the reasons in `explain`.

use super::{Comparison, Elements, Formula, InputId, LineId};
use crate::finding::Lang;
use crate::money::Rounding;

/// Names lines and inputs for a reader.
pub trait Words {
    /// The language of the text.
    fn lang(&self) -> Lang;
    /// A line's name.
    fn line(&self, line: LineId) -> String;
    /// A line's name for all its elements together.
    fn whole(&self, line: LineId) -> String;
    /// A line's name for some of its elements together, with whose they are.
    fn part(&self, line: LineId, elements: Elements) -> String;
    /// An input's name.
    fn input(&self, input: InputId) -> String;
    /// The element being explained.
    fn element(&self) -> usize;
}

impl Formula {
    /// The formula in words.
    pub fn prose(&self, words: &impl Words) -> String {
        let say = |formula: &Formula| formula.prose(words);
        let zh = words.lang() == Lang::Zh;
        let pick =
            |in_zh: &str, in_en: &str| if zh { in_zh.to_string() } else { in_en.to_string() };
        let list = |formulas: &[Formula]| {
            formulas.iter().map(say).collect::<Vec<_>>().join(if zh { "、" } else { ", " })
        };
        match self {
            Formula::Whole(value, _) => value.to_string(),
            Formula::Input(input) => words.input(*input),
            Formula::Line(line) => words.line(*line),
            Formula::Prior(line) => {
                format!("{}{}", words.line(*line), pick("(上期)", " (one date earlier)"))
            }
            Formula::Latest(line) => words.line(*line),
            Formula::Before(line) => {
                format!("{}{}", words.line(*line), pick("(期初)", " (at the start of the period)"))
            }
            Formula::Since(line) => {
                format!("{}{}", words.line(*line), pick("(本期合计)", " (since the last date)"))
            }
            Formula::Total(line) => {
                format!("{}{}", pick("合计: ", "total of "), words.whole(*line))
            }
            Formula::Part(line, elements) => {
                format!("{}{}", pick("合计: ", "total of "), words.part(*line, *elements))
            }
            Formula::Above(line) => {
                format!("{}{}", words.line(*line), pick("(上一行)", " (the row above)"))
            }
            Formula::Sum(terms) => terms.iter().map(say).collect::<Vec<_>>().join(" + "),
            Formula::Less(one, other) => format!("{} − {}", say(one), bracketed(other, words)),
            Formula::Excess(one, other) => {
                let (one, other) = (say(one), bracketed(other, words));
                format!("{one} − {other}{}", pick(", 不低于 0", ", not below 0"))
            }
            Formula::Least(terms) => format!("{}[{}]", pick("孰低", "the least of "), list(terms)),
            Formula::Greatest(terms) => {
                format!("{}[{}]", pick("孰高", "the greatest of "), list(terms))
            }
            Formula::Portion { amount, times, over, rounding } => {
                let mut text = bracketed(amount, words);
                for factor in times {
                    text += &format!(" × {}", bracketed(factor, words));
                }
                for factor in over {
                    text += &format!(" ÷ {}", bracketed(factor, words));
                }
                let (in_zh, in_en) = mode(*rounding);
                text + &pick(&format!(", {in_zh}至分"), &format!(", to the minor unit{in_en}"))
            }
            Formula::Quotient { part, times, whole, places, rounding } => {
                let mut text = bracketed(part, words);
                if !matches!(**whole, Formula::Whole(1, _)) {
                    text += &format!(" ÷ {}", bracketed(whole, words));
                }
                for factor in times {
                    text += &format!(" × {}", bracketed(factor, words));
                }
                let (in_zh, in_en) = mode(*rounding);
                let in_zh = if *rounding == Rounding::HalfUp { "" } else { in_zh };
                text + &pick(
                    &format!(", {in_zh}保留 {} 位小数", places.1),
                    &format!(", to {} decimals{in_en}", places.1),
                )
            }
            Formula::If(flag, yes, no) => {
                let (flag, yes, no) = (say(flag), say(yes), say(no));
                if zh {
                    format!("若{flag}则{yes}, 否则{no}")
                } else {
                    format!("{yes} if {flag}, else {no}")
                }
            }
            Formula::Compare(how, one, other) => {
                let sign = match how {
                    Comparison::Above => ">",
                    Comparison::AtLeast => "≥",
                    Comparison::Below => "<",
                    Comparison::AtMost => "≤",
                    Comparison::Equal => "=",
                };
                format!("{} {sign} {}", say(one), say(other))
            }
            Formula::All(flags) => {
                flags.iter().map(say).collect::<Vec<_>>().join(if zh { " 且 " } else { " and " })
            }
            Formula::Any(flags) => {
                flags.iter().map(say).collect::<Vec<_>>().join(if zh { " 或 " } else { " or " })
            }
            Formula::Not(flag) => format!("{}{}", pick("非", "not "), bracketed(flag, words)),
            Formula::Lagged { line, by_element } => {
                let rate = words.input(by_element[words.element()].1);
                let line = words.line(*line);
                if zh {
                    format!("Σ {line}(k 个月前) × 滞后 k 个月的权重 × {rate}, 四舍五入至分")
                } else {
                    format!(
                        "Σ {line} k months earlier × weight of lag k × {rate}, to the minor unit"
                    )
                }
            }
            Formula::Mortality { annual, part, whole } => {
                format!("1 − (1 − {})^({} ÷ {})", say(annual), say(part), say(whole))
            }
            Formula::Absolute { speed, age } => {
                format!("{0} ÷ (1 − {0} × ({1} − 1))", say(speed), say(age))
            }
            Formula::ByElement(formulas) => say(&formulas[words.element()]),
        }
    }
}

/// The way of rounding in words; English names only what is not usual.
fn mode(rounding: Rounding) -> (&'static str, &'static str) {
    match rounding {
        Rounding::HalfUp => ("四舍五入", ""),
        Rounding::Up => ("进位", ", rounded up"),
        Rounding::Down => ("舍尾", ", rounded down"),
    }
}

fn bracketed(formula: &Formula, words: &impl Words) -> String {
    match formula {
        Formula::Sum(_)
        | Formula::Less(..)
        | Formula::Excess(..)
        | Formula::All(_)
        | Formula::Any(_)
        | Formula::If(..)
        | Formula::Compare(..) => format!("({})", formula.prose(words)),
        formula => formula.prose(words),
    }
}
