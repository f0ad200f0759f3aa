//! `[[limit]]`: what the receivables must be together.

use chrono::NaiveDate;

use super::super::Text;
use super::eligibility::condition;
use crate::config::Section;
use crate::money::Rate;
use crate::portfolio::limits::{Limit, Measure};
use crate::portfolio::{Characteristic, Figure, Kind};

/// Averages of rates at or above 1,000 % are taken for percents without their sign.
const RATE_MOST: Rate = Rate::from_parts(10 * Rate::ONE.parts());

/// The measures by their words, before it is known of what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Share,
    Amount,
    LargestShare,
    LargestAmount,
    TopShare,
    Groups,
    Average,
    Total,
}

const WORDS: [(&str, Word); 8] = [
    ("share", Word::Share),
    ("amount", Word::Amount),
    ("largest_share", Word::LargestShare),
    ("largest_amount", Word::LargestAmount),
    ("top_share", Word::TopShare),
    ("groups", Word::Groups),
    ("average", Word::Average),
    ("total", Word::Total),
];

/// One `[[limit]]` block; `None` when it was not understood.
pub(super) fn limit(section: Section, maturity: Option<NaiveDate>) -> Option<Limit> {
    let (id, origin) = (section.need_id("id"), section.origin("id"));
    let name = section.bilingual("name");
    if !section.has("measure") {
        section.missing("measure");
    }
    let word = section.choice("measure", &WORDS);
    let measure = word.and_then(|word| measure(&section, word, maturity));
    let ends = measure.as_ref().map(|measure| {
        let kind = measure.kind();
        (end(&section, "at_least", kind), end(&section, "at_most", kind))
    });
    let none = !section.has("at_least") && !section.has("at_most");
    if none && measure.is_some() {
        section.find("E0210", "id", &[("id", id.clone())]);
    }
    section.finish();
    let (measure, (least, most)) = (measure?, ends?);
    let name = name.unwrap_or_else(|| described(&measure, least, most));
    (!none).then_some(Limit { id, name, measure, least, most, origin })
}

/// What is measured: a share or amount needs `where`, groups and averages need `of`.
fn measure(section: &Section, word: Word, maturity: Option<NaiveDate>) -> Option<Measure> {
    let conditioned = matches!(word, Word::Share | Word::Amount);
    let (needs, other) = if conditioned { ("where", "of") } else { ("of", "where") };
    let top = section.count("top", 1_000_000);
    if word != Word::Total && !section.has(needs) {
        section.missing(needs);
        return None;
    }
    let unused: Vec<&str> =
        [(other, section.has(other)), ("of", word == Word::Total && section.has("of"))]
            .into_iter()
            .chain([("top", word != Word::TopShare && section.has("top"))])
            .filter(|(_, there)| *there)
            .map(|(key, _)| key)
            .collect();
    if let Some(key) = unused.first() {
        let name = WORDS.iter().find(|(_, known)| *known == word).map_or("", |(name, _)| name);
        section.find("E0211", key, &[("measure", name.to_string())]);
        return None;
    }
    if conditioned {
        let inner = section.section("where")?;
        let condition = condition(&inner, "field", maturity);
        inner.finish();
        let condition = condition?;
        return Some(match word {
            Word::Share => Measure::Share(condition),
            _ => Measure::Amount(condition),
        });
    }
    let of = match word {
        Word::Total => return Some(Measure::Total),
        _ => Characteristic::of(&section.text("of")?),
    };
    Some(match word {
        Word::LargestShare => Measure::LargestShare(of),
        Word::LargestAmount => Measure::LargestAmount(of),
        Word::TopShare => {
            if !section.has("top") {
                section.missing("top");
            }
            Measure::TopShare(of, usize::try_from(top?).expect("a small number"))
        }
        Word::Groups => Measure::Groups(of),
        Word::Average if matches!(of.kind(), Kind::Date) || of == Characteristic::Method => {
            section.find("E0212", "of", &[("field", of.name().to_string())]);
            return None;
        }
        Word::Average | Word::Share | Word::Amount | Word::Total => Measure::Average(of),
    })
}

/// An end of what is allowed, in the parts of a kind.
fn end(section: &Section, key: &'static str, kind: Kind) -> Option<i64> {
    if !section.has(key) {
        return None;
    }
    match kind {
        Kind::Money => section.amount(key).map(crate::money::Amount::minor),
        Kind::Rate => section.rate(key, RATE_MOST).map(Rate::parts),
        Kind::Count | Kind::Text | Kind::Date => section.parts(key, 0),
        Kind::Number => section.parts(key, 6),
    }
}

/// What a limit says, for blocks without a name of their own.
fn described(measure: &Measure, least: Option<i64>, most: Option<i64>) -> Text {
    let kind = measure.kind();
    let end = |sign: &str, parts: Option<i64>| {
        parts.map(|parts| format!(" {sign} {}", Figure { kind, parts })).unwrap_or_default()
    };
    let ends = end("≥", least) + &end("≤", most);
    let of = |of: &Characteristic, zh: &str, en: &str| {
        let label = of.label();
        (zh.replace("{}", &label.zh), en.replace("{}", &in_a_sentence(&label.en)))
    };
    let (zh, en) = match measure {
        Measure::Share(condition) | Measure::Amount(condition) => {
            let text = super::eligibility::described(condition);
            (text.zh, text.en)
        }
        Measure::LargestShare(c) => of(c, "最大单一{}占比", "Share of the largest {}"),
        Measure::LargestAmount(c) => of(c, "最大单一{}金额", "Amount of the largest {}"),
        Measure::TopShare(c, top) => {
            let (zh, en) = of(c, "前 # 大{}占比", "Share of the # largest: {}");
            (zh.replace('#', &top.to_string()), en.replace('#', &top.to_string()))
        }
        Measure::Groups(c) => of(c, "{}数量", "Number of different {}"),
        Measure::Average(c) => of(c, "加权平均{}", "Weighted average {}"),
        Measure::Total => ("未偿本金合计".to_string(), "Total outstanding principal".to_string()),
    };
    let colon = matches!(measure, Measure::Share(_) | Measure::Amount(_));
    let ends = if colon { format!(":{ends}") } else { ends };
    Text { zh: zh + &ends, en: en + &ends }
}

/// A label within a sentence: its first letter small, unless it begins an abbreviation.
fn in_a_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
