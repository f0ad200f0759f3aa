//! What a key takes, read from the words of the table of keys, and how it stands in a cell.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Content;
use crate::config::{Block, Node, Value};
use crate::money::{Amount, Rate};
use crate::tape::CellValue;

/// What a key takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, whatever it looks like.
    Text,
    /// One of these words.
    Words(Vec<String>),
    /// The id of an entry of this list.
    Id(String),
    /// A day.
    Date,
    /// An amount of money.
    Amount,
    /// A rate.
    Rate,
    /// A rate, a list of rates, or a table.
    Curve,
    /// A whole number.
    Count,
    /// True or false.
    Flag,
    /// A text in both languages.
    Names,
    /// A list.
    List(Box<Kind>),
    /// A table or a word, on one line.
    Table,
    /// Tables in a list of their own.
    Rows,
    /// Tables by name.
    Named,
    /// A table.
    Section,
}

impl Kind {
    /// The kind that the table of keys states.
    pub(super) fn of(words: &str) -> Kind {
        let quoted = || words.split('"').skip(1).step_by(2).map(str::to_string).collect();
        match words {
            "array of tables" | "list of { … }" => Kind::Rows,
            "table" => Kind::Section,
            "text or { zh, en }" => Kind::Names,
            "date" => Kind::Date,
            "amount" => Kind::Amount,
            "flag" => Kind::Flag,
            _ if words.starts_with("tables by ") => Kind::Named,
            _ if words.starts_with('"') => Kind::Words(quoted()),
            _ if words.starts_with("id of a ") => Kind::Id(words["id of a ".len()..].to_string()),
            _ if words.starts_with("list of ") => {
                Kind::List(Box::new(Kind::of(&singular(&words["list of ".len()..]))))
            }
            _ if words.starts_with("rate") && words.contains("list") => Kind::Curve,
            _ if words.starts_with("rate") => Kind::Rate,
            _ if words.starts_with("count") => Kind::Count,
            _ if words.contains('{') || words.starts_with("table") => Kind::Table,
            _ => Kind::Text,
        }
    }

    /// The kind that fits a value whose key the table of keys does not have.
    pub(super) fn of_node(node: &Node) -> Kind {
        match node {
            Node::Text(_) => Kind::Text,
            Node::Number(_) => Kind::Rate,
            Node::Flag(_) => Kind::Flag,
            Node::Date(_) => Kind::Date,
            Node::List(_) => Kind::List(Box::new(Kind::Curve)),
            Node::Table(_) => Kind::Table,
            Node::Tables(_) => Kind::Rows,
        }
    }
}

/// `amounts` → `amount`, `counts from 1` → `count from 1`.
fn singular(words: &str) -> String {
    let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
    format!("{} {rest}", first.strip_suffix('s').unwrap_or(first)).trim().to_string()
}

/// The cell of a value. What the cell could not give back is written as a line of TOML.
pub(super) fn encode(kind: &Kind, node: &Node) -> Content {
    let content = plain(kind, node);
    let same = |content: &Content| same(kind, &decode(kind, &content.as_cell()), node);
    if same(&content) { content } else { Content::Text(node.to_toml()) }
}

fn plain(kind: &Kind, node: &Node) -> Content {
    match node {
        Node::Text(text) => of_text(kind, text),
        Node::Number(digits) => of_number(kind, digits),
        Node::Flag(flag) => Content::Flag(*flag),
        Node::Date(date) => of_date(date),
        Node::List(values) => {
            let inner = element(kind);
            let texts: Vec<String> =
                values.iter().map(|value| plain(&inner, &value.node).as_text()).collect();
            Content::Text(if texts.is_empty() { "[]".to_string() } else { texts.join(", ") })
        }
        Node::Table(block) => Content::Text(pairs(block)),
        Node::Tables(_) => Content::Text(node.to_toml()),
    }
}

fn of_text(kind: &Kind, text: &str) -> Content {
    let content = match kind {
        Kind::Rate | Kind::Curve if text.contains(['%', '％']) => {
            text.parse::<Rate>().ok().map(|rate| Content::Percent(rate.to_decimal().normalize()))
        }
        Kind::Amount => {
            text.parse::<Amount>().ok().map(|amount| Content::Number(amount.to_decimal()))
        }
        Kind::Date => Some(of_date(text)),
        Kind::Text
        | Kind::Words(_)
        | Kind::Id(_)
        | Kind::Rate
        | Kind::Curve
        | Kind::Count
        | Kind::Flag
        | Kind::Names
        | Kind::List(_)
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => None,
    };
    content.unwrap_or_else(|| Content::Text(text.to_string()))
}

/// A rate below one is shown as a percentage; above, nobody knows what was meant.
fn of_number(kind: &Kind, digits: &str) -> Content {
    let Ok(number) = Decimal::from_str_exact(&digits.replace('_', "")) else {
        return Content::Text(digits.to_string());
    };
    let share = number >= Decimal::ZERO && number < Decimal::ONE;
    match kind {
        Kind::Rate | Kind::Curve if share => Content::Percent(number.normalize()),
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Names => {
            Content::Text(digits.to_string())
        }
        Kind::Date
        | Kind::Amount
        | Kind::Rate
        | Kind::Curve
        | Kind::Count
        | Kind::Flag
        | Kind::List(_)
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => Content::Number(number),
    }
}

fn of_date(text: &str) -> Content {
    match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
        Ok(date) => Content::Date(date),
        Err(_) => Content::Text(text.to_string()),
    }
}

/// The kind of a list's elements. Rates in a list stand as they are written.
fn element(kind: &Kind) -> Kind {
    match kind {
        Kind::List(inner) => match inner.as_ref() {
            Kind::Rate | Kind::Curve => Kind::Table,
            inner => inner.clone(),
        },
        _ => Kind::Table,
    }
}

/// `from = 5 %; to = 18 %; months = 12`.
fn pairs(block: &Block) -> String {
    let pair = |entry: &crate::config::Entry| {
        format!("{} = {}", entry.key, plain(&Kind::Table, &entry.value.node).as_text())
    };
    block.entries.iter().map(pair).collect::<Vec<_>>().join("; ")
}

/// The value of a cell.
pub(super) fn decode(kind: &Kind, cell: &CellValue) -> Node {
    let text = match cell {
        CellValue::Text(text) => text,
        CellValue::Number { value, percent } => return number(kind, *value, *percent),
        CellValue::Date(date) => return day(kind, *date),
    };
    if let Some(node) = toml(kind, text) {
        return node;
    }
    match kind {
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Names => Node::Text(text.clone()),
        Kind::Date => text_day(text),
        Kind::Amount => amount(text),
        Kind::Rate | Kind::Count | Kind::Rows | Kind::Named | Kind::Section => scalar(text),
        Kind::Flag => flag(text),
        Kind::Curve if !text.contains('=') && !text.contains(SEPARATORS) => scalar(text),
        Kind::Curve | Kind::Table if text.contains('=') => table(text),
        Kind::Curve => list(&Kind::Table, text),
        Kind::Table => scalar(text),
        Kind::List(_) => list(&element(kind), text),
    }
}

/// A cell that holds a line of TOML: a text in quotes, a list in brackets, a table in braces.
fn toml(kind: &Kind, text: &str) -> Option<Node> {
    let trimmed = text.trim();
    let marks: &[char] = match kind {
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Date | Kind::Amount => &['"'],
        Kind::Rate
        | Kind::Curve
        | Kind::Count
        | Kind::Flag
        | Kind::Names
        | Kind::List(_)
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => &['"', '[', '{'],
    };
    if trimmed.starts_with(marks) { Node::from_toml(trimmed) } else { None }
}

const SEPARATORS: [char; 6] = [',', ';', '，', '；', '、', '\n'];

/// A list on one line. Between amounts a comma needs a space: others stand between thousands.
fn list(kind: &Kind, text: &str) -> Node {
    let spaced = text.replace(", ", ";");
    let parts: Vec<&str> = match kind {
        Kind::Amount => spaced.split(&SEPARATORS[1..]).collect(),
        _ => text.split(SEPARATORS).collect(),
    };
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    let values = parts.map(|part| decode(kind, &CellValue::Text(part.to_string())).into());
    Node::List(values.collect())
}

/// `from = 5 %; to = 18 %`, or the text as it is when it is nothing of the kind.
fn table(text: &str) -> Node {
    let mut block = Block::default();
    for part in text.split([';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            return Node::Text(text.to_string());
        };
        let value = value.trim();
        let node = toml(&Kind::Table, value).unwrap_or_else(|| {
            let several = value.contains(SEPARATORS);
            if several { list(&Kind::Table, value) } else { scalar(value) }
        });
        block.push(key.trim(), Value::from(node), "");
    }
    Node::Table(block)
}

/// A number when it is one, or the text.
fn scalar(text: &str) -> Node {
    let plain = half_width(text);
    let digits = plain.replace(',', "");
    let is_number = Decimal::from_str_exact(&digits).is_ok();
    let leading = digits.trim_start_matches('-');
    let odd = leading.len() > 1 && leading.starts_with('0') && !leading.starts_with("0.");
    if is_number && !odd && !digits.starts_with('+') {
        return Node::Number(digits);
    }
    match plain.to_ascii_lowercase().as_str() {
        "true" => Node::Flag(true),
        "false" => Node::Flag(false),
        _ => Node::Text(plain),
    }
}

fn flag(text: &str) -> Node {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "是" => Node::Flag(true),
        "false" | "no" | "否" => Node::Flag(false),
        _ => Node::Text(text.to_string()),
    }
}

/// `80,000,000.00`, `8000万`, `0.8亿元`.
fn amount(text: &str) -> Node {
    let plain = half_width(text);
    let plain = plain.trim_start_matches(['¥', '￥']).trim_end_matches('元').trim_end();
    let units = [("万", 10_000), ("亿", 100_000_000)];
    let found = units.iter().find_map(|(unit, times)| Some((plain.strip_suffix(unit)?, *times)));
    let (digits, times) = found.unwrap_or((plain, 1));
    let number = Decimal::from_str_exact(&digits.trim().replace(',', "")).ok();
    match number.and_then(|number| number.checked_mul(Decimal::from(times))) {
        Some(number) => Node::Number(money(number)),
        None => Node::Text(text.to_string()),
    }
}

fn text_day(text: &str) -> Node {
    let plain = half_width(text);
    let parts: Vec<u32> = plain
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .filter_map(|part| part.trim().parse().ok())
        .collect();
    let date = match parts[..] {
        [year, month, day] if year > 1000 => {
            i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        }
        _ => None,
    };
    date.map_or(Node::Text(text.to_string()), |date| Node::Date(date.to_string()))
}

fn day(kind: &Kind, date: NaiveDate) -> Node {
    match kind {
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Names => Node::Text(date.to_string()),
        Kind::List(_) => Node::List(vec![Node::Date(date.to_string()).into()]),
        Kind::Date
        | Kind::Amount
        | Kind::Rate
        | Kind::Curve
        | Kind::Count
        | Kind::Flag
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => Node::Date(date.to_string()),
    }
}

fn number(kind: &Kind, value: f64, percent: bool) -> Node {
    let Some(exact) = shown(value) else { return Node::Text(value.to_string()) };
    let share = || format!("{} %", (exact * Decimal::ONE_HUNDRED).normalize());
    match kind {
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Names if percent => Node::Text(share()),
        Kind::Text | Kind::Words(_) | Kind::Id(_) | Kind::Names => Node::Text(exact.to_string()),
        Kind::Amount => Node::Number(money(exact)),
        Kind::List(inner) => Node::List(vec![number(inner, value, percent).into()]),
        Kind::Rate | Kind::Curve | Kind::Table if percent => Node::Text(share()),
        Kind::Date
        | Kind::Rate
        | Kind::Curve
        | Kind::Count
        | Kind::Flag
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => Node::Number(exact.to_string()),
    }
}

/// The number that a spreadsheet shows: fifteen digits of the double, at most twelve decimals.
fn shown(value: f64) -> Option<Decimal> {
    let digits = Decimal::from_scientific(&format!("{value:.14e}")).ok()?;
    Some(digits.round_dp(Rate::DECIMALS).normalize())
}

/// Two decimals, or as many as somebody wrote too many.
fn money(number: Decimal) -> String {
    let plain = number.normalize();
    if plain.scale() > 2 { plain.to_string() } else { format!("{plain:.2}") }
}

fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("the block mirrors ASCII")
        }
        other => other,
    };
    text.chars().map(narrow).collect::<String>().trim().to_string()
}

/// Whether two values say the same to the reader of the key.
fn same(kind: &Kind, one: &Node, other: &Node) -> bool {
    let digits = |node: &Node| match node {
        Node::Text(text) => Some(text.clone()),
        Node::Number(text) => Some(text.replace('_', "")),
        Node::Flag(_) | Node::Date(_) | Node::List(_) | Node::Table(_) | Node::Tables(_) => None,
    };
    let both = digits(one).zip(digits(other));
    match (kind, one, other) {
        (Kind::Rate | Kind::Curve, Node::Text(_) | Node::Number(_), _) => {
            both.is_some_and(|(one, other)| match (one.parse::<Rate>(), other.parse::<Rate>()) {
                (Ok(one), Ok(other)) => one == other,
                _ => one == other,
            })
        }
        (Kind::Amount, Node::Text(_) | Node::Number(_), _) => {
            both.is_some_and(|(one, other)| {
                match (one.parse::<Amount>(), other.parse::<Amount>()) {
                    (Ok(one), Ok(other)) => one == other,
                    _ => one == other,
                }
            })
        }
        (Kind::Date, Node::Date(one), Node::Date(other) | Node::Text(other)) => one == other,
        (Kind::List(inner), Node::List(one), Node::List(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same(inner, &one.node, &other.node))
        }
        _ => one == other,
    }
}
