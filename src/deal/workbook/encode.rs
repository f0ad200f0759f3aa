//! How a value stands in a cell.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Content;
use super::decode::{decode, element};
use super::kind::Kind;
use crate::config::{Block, Entry, Node};
use crate::money::{Amount, Rate};

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
        // A column of anything has no look of days.
        Node::Date(date) if *kind == Kind::Table => Content::Text(date.clone()),
        Node::Date(date) => of_date(date),
        Node::List(values) => {
            let inner = element(kind);
            let texts: Vec<String> =
                values.iter().map(|value| plain(&inner, &value.node).as_text()).collect();
            Content::Text(if texts.is_empty() { "[]".to_string() } else { texts.join(", ") })
        }
        Node::Table(block) => Content::Text(pairs(block)),
        Node::Tables(blocks) => {
            Content::Text(blocks.iter().map(pairs).collect::<Vec<_>>().join("\n"))
        }
    }
}

fn of_text(kind: &Kind, text: &str) -> Content {
    let content = if kind.is_rate() && text.contains(['%', '％']) {
        text.parse::<Rate>().ok().map(|rate| Content::Percent(rate.to_decimal().normalize()))
    } else if *kind == Kind::Amount {
        text.parse::<Amount>().ok().map(|amount| Content::Number(amount.to_decimal()))
    } else if *kind == Kind::Date {
        Some(of_date(text))
    } else {
        None
    };
    content.unwrap_or_else(|| Content::Text(text.to_string()))
}

/// A rate below one is shown as a percentage; above, nobody knows what was meant.
fn of_number(kind: &Kind, digits: &str) -> Content {
    match Decimal::from_str_exact(&digits.replace('_', "")) {
        Ok(number) if kind.is_rate() && number.abs() < Decimal::ONE => {
            Content::Percent(number.normalize())
        }
        Ok(number) if !kind.is_text() => Content::Number(number),
        Ok(_) | Err(_) => Content::Text(digits.to_string()),
    }
}

fn of_date(text: &str) -> Content {
    match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
        Ok(date) => Content::Date(date),
        Err(_) => Content::Text(text.to_string()),
    }
}

/// `from = 5 %; to = 18 %; months = 12`.
fn pairs(block: &Block) -> String {
    let pair = |entry: &Entry| {
        format!("{} = {}", entry.key, plain(&Kind::Table, &entry.value.node).as_text())
    };
    block.entries.iter().map(pair).collect::<Vec<_>>().join("; ")
}

/// Whether two values say the same to the reader of the key.
fn same(kind: &Kind, one: &Node, other: &Node) -> bool {
    match (one, other) {
        (Node::List(one), Node::List(other)) => {
            let inner = element(kind);
            let pairs = || one.iter().zip(other);
            one.len() == other.len()
                && pairs().all(|(one, other)| same(&inner, &one.node, &other.node))
        }
        (Node::Date(one), Node::Text(other)) => *kind == Kind::Date && one == other,
        _ if kind.is_rate() => equal(one, other, |text| text.parse::<Rate>().ok()),
        _ if *kind == Kind::Amount => equal(one, other, |text| text.parse::<Amount>().ok()),
        _ => one == other,
    }
}

/// Whether two digits are the same number, or two values the same.
fn equal<T: PartialEq>(one: &Node, other: &Node, read: impl Fn(&str) -> Option<T>) -> bool {
    let number = |node: &Node| match node {
        Node::Text(text) | Node::Number(text) => read(&text.replace('_', "")),
        Node::Flag(_) | Node::Date(_) | Node::List(_) | Node::Table(_) | Node::Tables(_) => None,
    };
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one == other,
        (None, _) | (_, None) => one == other,
    }
}
