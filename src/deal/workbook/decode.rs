//! What a cell says, exactly as it was typed.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::kind::Kind;
use crate::config::{Block, Node, Value};
use crate::money::Rate;
use crate::tape::CellValue;

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
    let pairs = text.contains('=');
    match kind {
        Kind::Text | Kind::Words(_) | Kind::Suggested(_) | Kind::Id(_) | Kind::Names => {
            Node::Text(text.clone())
        }
        Kind::Date => text_day(text),
        Kind::Amount => amount(text),
        Kind::Flag => flag(text),
        Kind::List(_) => list(&element(kind), text),
        Kind::Steps if pairs => lines(text),
        Kind::Curve | Kind::Table if pairs => table(text),
        Kind::Curve if text.contains(SEPARATORS) => list(&Kind::Table, text),
        Kind::Rate
        | Kind::Curve
        | Kind::Steps
        | Kind::Count
        | Kind::Table
        | Kind::Rows
        | Kind::Named
        | Kind::Section => scalar(text),
    }
}

/// The kind of a list's elements. Rates in a list stand as they are written.
pub(super) fn element(kind: &Kind) -> Kind {
    if let Kind::List(inner) = kind
        && !inner.is_rate()
    {
        return inner.as_ref().clone();
    }
    Kind::Table
}

/// A cell that holds a line of TOML: a text in quotes, a list in brackets, a table in braces.
fn toml(kind: &Kind, text: &str) -> Option<Node> {
    let trimmed = text.trim();
    let only_texts = kind.is_text() && *kind != Kind::Names;
    let marks: &[char] = if only_texts || matches!(kind, Kind::Date | Kind::Amount) {
        &['"']
    } else {
        &['"', '[', '{']
    };
    if trimmed.starts_with(marks) { Node::from_toml(trimmed) } else { None }
}

const SEPARATORS: [char; 6] = [',', ';', '，', '；', '、', '\n'];

/// A list on one line. Between amounts a comma needs a space: others stand between thousands.
fn list(kind: &Kind, text: &str) -> Node {
    let spaced = text.replace(", ", ";");
    let parts: Vec<&str> = if *kind == Kind::Amount {
        spaced.split(&SEPARATORS[1..]).collect()
    } else {
        text.split(SEPARATORS).collect()
    };
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    let values = parts.map(|part| decode(kind, &CellValue::Text(part.to_string())).into());
    Node::List(values.collect())
}

/// Tables, one a line; those that are none stand as texts, which their reader reports.
fn lines(text: &str) -> Node {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).map(table);
    let tables: Vec<Node> = lines.collect();
    match tables.iter().map(|node| node.as_table().cloned()).collect() {
        Some(blocks) => Node::Tables(blocks),
        None => Node::List(tables.into_iter().map(Value::from).collect()),
    }
}

/// `from = 5 %; to = 18 %`, or the text as it is when it is nothing of the kind.
fn table(text: &str) -> Node {
    let mut block = Block::default();
    for part in text.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
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

/// A number, a day or a flag when it is one, or the text.
fn scalar(text: &str) -> Node {
    let plain = half_width(text);
    let digits = plain.replace(',', "");
    let is_number = Decimal::from_str_exact(&digits).is_ok();
    let leading = digits.trim_start_matches('-');
    let odd = leading.len() > 1 && leading.starts_with('0') && !leading.starts_with("0.");
    if is_number && !odd && !digits.starts_with('+') {
        return Node::Number(digits);
    }
    if NaiveDate::parse_from_str(&plain, "%Y-%m-%d").is_ok() {
        return Node::Date(plain);
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
    if let Kind::List(inner) = kind {
        Node::List(vec![day(inner, date).into()])
    } else if kind.is_text() {
        Node::Text(date.to_string())
    } else {
        Node::Date(date.to_string())
    }
}

fn number(kind: &Kind, value: f64, percent: bool) -> Node {
    let Some(exact) = shown(value) else { return Node::Text(value.to_string()) };
    let may_be_share = kind.is_rate() || kind.is_text() || *kind == Kind::Table;
    if let Kind::List(inner) = kind {
        Node::List(vec![number(inner, value, percent).into()])
    } else if percent && may_be_share {
        Node::Text(format!("{} %", (exact * Decimal::ONE_HUNDRED).normalize()))
    } else if kind.is_text() {
        Node::Text(exact.to_string())
    } else if *kind == Kind::Amount {
        Node::Number(money(exact))
    } else {
        Node::Number(exact.to_string())
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
