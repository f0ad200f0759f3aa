//! Headers: their normal form, the unit in them, and what they mean.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::cell::{MoneyUnit, half_width, is_missing};
use super::privacy::Personal;

/// What a rate's number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Per {
    /// A year.
    Year,
    /// One instalment.
    Instalment,
    /// A day.
    Day,
}

/// How the numbers of a column are to be taken, as far as somebody said so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// The unit of money.
    pub money: Option<MoneyUnit>,
    /// Whether 5 means 5 %.
    pub percent: Option<bool>,
    /// The period of a rate.
    pub per: Option<Per>,
    /// Whether bare numbers are day serials of the 1900 calendar.
    pub serial: bool,
}

impl Unit {
    /// This unit, with `other` where it is silent.
    #[must_use]
    pub fn or(self, other: Unit) -> Unit {
        Unit {
            money: self.money.or(other.money),
            percent: self.percent.or(other.percent),
            per: self.per.or(other.per),
            serial: self.serial || other.serial,
        }
    }
}

/// A header as it was understood: its candidates for the alias table and its unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    /// The text as it stands in the cell, without line breaks.
    pub(crate) text: String,
    /// Normal forms, the fullest first.
    names: [String; 2],
    /// The unit in the brackets.
    pub(crate) unit: Unit,
    /// What stands in brackets and looks like a unit of money that is not known.
    pub(super) strange: Option<String>,
}

impl Header {
    pub(crate) fn new(text: &str) -> Header {
        let narrow = half_width(text.trim()).to_lowercase();
        let narrow =
            narrow.replace(['【', '[', '〔', '「'], "(").replace(['】', ']', '〕', '」'], ")");
        let (mut outside, mut unit, mut rest) = (String::new(), Unit::default(), narrow.as_str());
        let mut strange = None;
        while let Some((before, bracket)) = rest.split_once('(') {
            let (inside, after) = bracket.split_once(')').unwrap_or((bracket, ""));
            unit = unit.or(unit_of(inside.trim()));
            strange = strange.or_else(|| strange_unit(inside.trim()).then(|| inside.trim().into()));
            // 【初始本金】 is a name, not a remark about one.
            let is_name = outside.trim().is_empty() && before.trim().is_empty();
            outside +=
                if is_name && unit_of(inside.trim()) == Unit::default() { inside } else { before };
            rest = after;
        }
        outside += rest;
        if let Some((name, suffix)) = outside.rsplit_once('/')
            && unit_of(suffix.trim()) != Unit::default()
        {
            (unit, outside) = (unit.or(unit_of(suffix.trim())), name.to_string());
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Header { text, names: [normal(&narrow), normal(&outside)], unit, strange }
    }

    /// This header below one that groups it: with the group's unit and, where its own name says
    /// nothing, with the group's beside it (年化 below 利率 is 年化利率).
    pub(super) fn under(&self, group: &Header) -> Header {
        let table = &aliases().tape;
        let (own, above) = (&self.names[1], &group.names[1]);
        let unit = self.unit.or(group.unit);
        let both =
            [format!("{own}{above}"), format!("{above}{own}")].map(|name| Header::new(&name));
        let whole = both.into_iter().find(|whole| whole.meaning(table).is_some());
        match whole.filter(|_| self.meaning(table).is_none()) {
            Some(whole) => {
                let text = format!("{} {}", group.text, self.text);
                let strange = self.strange.clone().or_else(|| group.strange.clone());
                Header { text, names: whole.names, unit, strange }
            }
            None => {
                let strange = self.strange.clone().or_else(|| group.strange.clone());
                Header { unit, strange, ..self.clone() }
            }
        }
    }

    /// The unit of a cell that names nothing but one: `(元)`, `%`; nothing for any other.
    pub(super) fn only_unit(&self) -> Option<Unit> {
        let bare = self.names[1].is_empty();
        let unit = if bare { self.unit } else { unit_of(&half_width(&self.text).to_lowercase()) };
        (unit != Unit::default()).then_some(unit)
    }

    /// This header with a unit that stands below it.
    pub(super) fn with_unit(&self, unit: Unit) -> Header {
        Header { unit: self.unit.or(unit), ..self.clone() }
    }

    /// Whether this is the header that a mapping names.
    pub(super) fn is(&self, text: &str) -> bool {
        let asked = Header::new(text);
        self.text == asked.text || self.names[0] == asked.names[0]
    }

    /// The meaning by the alias table, with the period that the alias itself states.
    pub(super) fn meaning(&self, table: &BTreeMap<String, Meaning>) -> Option<Meaning> {
        self.names.iter().find_map(|name| table.get(name)).cloned()
    }

    /// The normal forms under which the header may be known, the fullest first.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The bare name, for finding near ones.
    pub(super) fn bare(&self) -> &str {
        &self.names[1]
    }
}

/// Lower case without spaces and joints.
pub(crate) fn normal(text: &str) -> String {
    let joint = |c: char| c.is_whitespace() || "_-.·:*\"'“”#".contains(c);
    half_width(text).to_lowercase().chars().filter(|&c| !joint(c)).collect()
}

/// The unit that a text in brackets, or behind a stroke, names.
pub(super) fn unit_of(text: &str) -> Unit {
    let none = Unit::default();
    let text = ["金额单位", "单位", "unit"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .map_or(text, |rest| rest.trim_start_matches([':', '为', ' ']));
    let money = |unit| Unit { money: Some(unit), ..none };
    let sum = text.strip_prefix("人民币").filter(|rest| !rest.is_empty()).unwrap_or(text);
    match sum {
        "分" | "fen" | "cents" => money(MoneyUnit::Fen),
        "元" | "圆" | "rmb" | "cny" | "yuan" | "人民币" | "rmb元" | "元人民币" => {
            money(MoneyUnit::Yuan)
        }
        "千元" | "千" | "thousand" | "thousands" | "'000" | "000" | "k" | "rmb'000" => {
            money(MoneyUnit::QianYuan)
        }
        "万元" | "万" | "wanyuan" | "万元人民币" => money(MoneyUnit::WanYuan),
        "百万元" | "百万" | "million" | "millions" | "mn" => money(MoneyUnit::MillionYuan),
        "亿元" | "亿" => money(MoneyUnit::YiYuan),
        "%" | "百分比" | "percent" | "pct" => Unit { percent: Some(true), ..none },
        "%/年" | "%p.a." | "%/year" => Unit { percent: Some(true), per: Some(Per::Year), ..none },
        "%/月" | "%/期" => Unit { percent: Some(true), per: Some(Per::Instalment), ..none },
        "%/日" | "%/天" => Unit { percent: Some(true), per: Some(Per::Day), ..none },
        "小数" | "fraction" | "decimal" => Unit { percent: Some(false), ..none },
        _ => none,
    }
}

/// A unit of money that is none of the known ones, and may be a multiple: 万美元, 十万元, USD '000.
fn strange_unit(text: &str) -> bool {
    let multiple = ["千", "万", "百", "亿", "thousand", "million", "billion", "'000", "000"];
    let money = ["元", "币", "圆", "usd", "eur", "hkd", "jpy", "rmb", "cny", "'000", "$"];
    unit_of(text) == Unit::default()
        && multiple.iter().any(|word| text.contains(word))
        && money.iter().any(|word| text.contains(word))
}

/// The unit of money that a cell above the headers states for the whole table: 单位：万元,
/// 应收账款明细表（人民币万元）.
///
/// Brackets alone count only in a text that stands `alone` in its row: a title.
pub(super) fn stated_above(text: &str, alone: bool) -> Option<MoneyUnit> {
    let narrow = half_width(text.trim()).to_lowercase().replace('【', "(").replace('】', ")");
    let narrow: String = narrow.chars().filter(|c| !c.is_whitespace()).collect();
    let ends = [',', ';', ')', '、', '。'];
    let behind = |word: &'static str| {
        narrow.match_indices(word).filter_map(|(at, _)| {
            let rest = narrow[at + word.len()..].trim_start_matches([':', '为']);
            unit_of(&rest[..rest.find(ends).unwrap_or(rest.len())]).money
        })
    };
    let in_brackets = behind("(").filter(|_| alone);
    behind("单位").chain(behind("unit")).chain(in_brackets).next()
}

/// The period that a cell of the rate type names: `Some(None)` when it speaks of something else that
/// is no period (a fixed or floating rate, nothing), `None` when it is not known.
pub(super) fn period_of(text: &str) -> Option<Option<Per>> {
    if is_missing(text) {
        return Some(None);
    }
    aliases().periods.get(&normal(text)).copied()
}

/// The field or attribute that a header stands for, and the rate period that its name implies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Meaning {
    pub(super) name: String,
    pub(super) per: Option<Per>,
    /// Whether 5 means 5 %, when the name is one of a published format that says so.
    pub(super) percent: Option<bool>,
}

impl Meaning {
    /// What the name says of the unit.
    pub(super) fn unit(&self) -> Unit {
        Unit { per: self.per, percent: self.percent, ..Unit::default() }
    }
}

/// The alias tables, by normal form.
pub(super) struct Aliases {
    /// The receivables' sheet.
    pub(super) tape: BTreeMap<String, Meaning>,
    /// The schedule's sheet.
    pub(super) schedule: BTreeMap<String, Meaning>,
    /// Normal forms of the schedule's sheet names.
    pub(super) schedule_sheets: Vec<String>,
    /// Normal forms of the words that open a row of sums of the whole table.
    pub(super) total_words: Vec<String>,
    /// Normal forms of the words that open a row of sums of a part.
    pub(super) subtotal_words: Vec<String>,
    /// Normal forms of the words that open a line below the table.
    pub(super) footer_words: Vec<String>,
    /// Normal forms of the words that say no.
    pub(super) no_words: Vec<String>,
    /// The registry of receivables that other deals hold, by what its columns say.
    pub(super) registry: BTreeMap<String, Vec<String>>,
    /// Normal forms of the words for a rate's period.
    pub(super) periods: BTreeMap<String, Option<Per>>,
    /// Normal forms of the words of headers that tell of persons, the first kind that fits first.
    pub(super) personal: [(Personal, Vec<String>); 5],
    /// Normal forms of the words at the end of headers of columns of staff.
    pub(super) staff: Vec<String>,
}

/// The alias tables of `templates/aliases.toml`.
pub(super) fn aliases() -> &'static Aliases {
    static ALIASES: OnceLock<Aliases> = OnceLock::new();
    ALIASES.get_or_init(|| {
        type Section = BTreeMap<String, Vec<String>>;
        let text = include_str!("../../templates/aliases.toml");
        let sections: BTreeMap<String, Section> =
            toml::from_str(text).expect("the alias table is well formed");
        let words = |key: &str| sections["words"][key].iter().map(|word| normal(word)).collect();
        Aliases {
            tape: table(&sections["tape"]),
            schedule: table(&sections["schedule"]),
            schedule_sheets: words("schedule_sheets"),
            total_words: words("totals"),
            subtotal_words: words("subtotals"),
            footer_words: words("footers"),
            no_words: words("no"),
            registry: (sections["registry"].iter())
                .map(|(key, words)| (key.clone(), words.iter().map(|w| normal(w)).collect()))
                .collect(),
            periods: periods(&sections["periods"]),
            personal: [
                (Personal::IdNumber, "id_number"),
                (Personal::Phone, "phone"),
                (Personal::Card, "card"),
                (Personal::Contact, "contact"),
                (Personal::Name, "name"),
            ]
            .map(|(kind, key)| {
                let words = sections["personal"][key].iter();
                (kind, words.map(|word| normal(word)).collect())
            }),
            staff: sections["personal"]["staff"].iter().map(|word| normal(word)).collect(),
        }
    })
}

fn periods(section: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Option<Per>> {
    let mut periods = BTreeMap::new();
    for (key, words) in section {
        let per = match key.as_str() {
            "year" => Some(Per::Year),
            "instalment" => Some(Per::Instalment),
            "day" => Some(Per::Day),
            _ => None,
        };
        periods.extend(words.iter().map(|word| (normal(word), per)));
    }
    periods
}

fn table(section: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Meaning> {
    let mut table = BTreeMap::new();
    for (key, names) in section {
        let mut parts = key.split('.');
        let name = parts.next().unwrap_or_default();
        let (mut per, mut percent) = (None, None);
        for part in parts {
            match part {
                "year" => per = Some(Per::Year),
                "instalment" => per = Some(Per::Instalment),
                "day" => per = Some(Per::Day),
                "fraction" => percent = Some(false),
                other => unreachable!("{other} is no unit of a rate"),
            }
        }
        for alias in names.iter().map(String::as_str).chain([name]) {
            let meaning = Meaning { name: name.to_string(), per, percent };
            let former = table.insert(normal(alias), meaning.clone());
            // The bare canonical name is listed by each of its periods; it states none of them.
            if let Some(former) = former.filter(|former| *former != meaning) {
                assert_eq!(former.name, meaning.name, "{alias} is an alias of two fields");
                table.insert(normal(alias), Meaning { per: None, percent: None, ..meaning });
            }
        }
    }
    table
}

/// The name nearest to `wanted` by edits, when it is near.
pub(super) fn nearest<'n>(
    wanted: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let length = wanted.chars().count();
    let near = names.into_iter().map(|name| (edits(&normal(wanted), &normal(name)), name));
    let (distance, name) = near.min_by_key(|(distance, _)| *distance)?;
    (distance * 2 <= length.max(2)).then_some(name)
}

/// The fewest letters to insert, drop or change.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (column, other) in to.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Option<(String, Unit)> {
        let header = Header::new(text);
        let meaning = header.meaning(&aliases().tape)?;
        let unit = header.unit.or(meaning.unit());
        Some((meaning.name, unit))
    }

    #[test]
    fn headers_are_known_by_any_spelling() {
        let none = Unit::default();
        let wan = Unit { money: Some(MoneyUnit::WanYuan), ..none };
        let yearly = Unit { percent: Some(true), per: Some(Per::Year), ..none };
        let cases = [
            ("借据号", "receivable_id", none),
            (" 未偿本金余额（万元）", "outstanding_principal", wan),
            ("剩余 本金/万元", "outstanding_principal", wan),
            ("剩余本金[单位：人民币万元]", "outstanding_principal", wan),
            ("年化利率(%)", "rate", yearly),
            ("月费率", "rate", Unit { per: Some(Per::Instalment), ..none }),
            ("利率", "rate", none),
            ("Rate", "rate", none),
            ("Outstanding Principal", "outstanding_principal", none),
            ("客户号(脱敏)", "obligor_id", none),
            ("年化利率(IRR)", "apr_irr", Unit { per: None, ..none }),
        ];
        for (text, name, unit) in cases {
            assert_eq!(meaning(text), Some((name.to_string(), unit)), "{text}");
        }
        assert_eq!(meaning("备注"), None);
    }

    #[test]
    fn a_unit_that_is_not_known_is_noticed() {
        for (text, strange) in [
            ("余额(万美元)", true),
            ("balance (USD '000)", true),
            ("余额(十万元)", true),
            ("余额(千元)", false),
            ("余额(美元)", false),
            ("余额(截至封包日)", false),
        ] {
            assert_eq!(Header::new(text).strange.is_some(), strange, "{text}");
        }
        for (text, unit) in [
            ("单位：万元", Some(MoneyUnit::WanYuan)),
            ("应收账款明细表（金额单位： 人民币 千元）", Some(MoneyUnit::QianYuan)),
            ("编制单位：京诚保理, 单位:元", Some(MoneyUnit::Yuan)),
            ("金额单位：人民币元", Some(MoneyUnit::Yuan)),
            ("应收账款明细表（亿元）", Some(MoneyUnit::YiYuan)),
            ("应收账款明细表(2025)", None),
        ] {
            assert_eq!(stated_above(text, true), unit, "{text}");
        }
    }
}
