//! What a key takes, read from the words of the table of keys.

use super::{Choices, Look};
use crate::config::Node;

/// What a key takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text, whatever it looks like.
    Text,
    /// One of these words.
    Words(Vec<String>),
    /// One of these words, or a name.
    Suggested(Vec<String>),
    /// The id of an entry of this list.
    Id(String),
    /// A text in both languages.
    Names,
    /// A day.
    Date,
    /// An amount of money, or the name of one.
    Amount,
    /// A rate.
    Rate,
    /// A rate, a list of rates, or a table.
    Curve,
    /// A rate, or tables one below the other.
    Steps,
    /// A whole number.
    Count,
    /// True or false.
    Flag,
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
        let starts = |start: &str| words.starts_with(start);
        match words {
            "array of tables" | "list of { … }" => Kind::Rows,
            "table" | "table or array of tables" => Kind::Section,
            "text or { zh, en }" => Kind::Names,
            "date" => Kind::Date,
            "flag" => Kind::Flag,
            _ if starts("tables by ") => Kind::Named,
            _ if starts("\"") => quoted(words),
            _ if starts("id of a") => Kind::Id(words.rsplit(' ').next().unwrap_or("").to_string()),
            _ if words.contains("list of {") => Kind::Steps,
            _ if starts("list of ") => {
                Kind::List(Box::new(Kind::of(&singular(&words["list of ".len()..]))))
            }
            // A cell says by itself what it holds.
            "text or a list of texts" => Kind::Table,
            _ if starts("text, ") || words.ends_with(" or date") => Kind::Table,
            _ if starts("amount") => Kind::Amount,
            _ if starts("rate") && words.contains("list") => Kind::Curve,
            _ if starts("rate") => Kind::Rate,
            _ if starts("count") || words.starts_with(|c: char| c.is_ascii_digit()) => Kind::Count,
            _ if words.contains('{') || starts("table") => Kind::Table,
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

    /// Whether every cell of it is a text, also one that holds a number.
    pub(super) fn is_text(&self) -> bool {
        match self {
            Kind::Text | Kind::Words(_) | Kind::Suggested(_) | Kind::Id(_) | Kind::Names => true,
            Kind::Date
            | Kind::Amount
            | Kind::Rate
            | Kind::Curve
            | Kind::Steps
            | Kind::Count
            | Kind::Flag
            | Kind::List(_)
            | Kind::Table
            | Kind::Rows
            | Kind::Named
            | Kind::Section => false,
        }
    }

    /// Whether a percentage may stand in its cell.
    pub(super) fn is_rate(&self) -> bool {
        matches!(self, Kind::Rate | Kind::Curve | Kind::Steps)
    }

    /// How its cells look.
    pub(super) fn look(&self) -> Look {
        match self {
            Kind::Date => Look::Date,
            Kind::Amount => Look::Amount,
            Kind::Count => Look::Count,
            Kind::Rate | Kind::Curve | Kind::Steps => Look::Rate,
            Kind::Text
            | Kind::Words(_)
            | Kind::Suggested(_)
            | Kind::Id(_)
            | Kind::Names
            | Kind::Flag
            | Kind::List(_)
            | Kind::Table
            | Kind::Rows
            | Kind::Named
            | Kind::Section => Look::Text,
        }
    }

    /// The width of its column in characters.
    pub(super) fn width(&self) -> f64 {
        match self {
            Kind::Date => 13.0,
            Kind::Amount | Kind::Curve => 18.0,
            Kind::Rate | Kind::Count | Kind::Flag | Kind::Id(_) => 12.0,
            Kind::Words(words) => {
                let longest = words.iter().map(String::len).max().unwrap_or(0);
                f64::from(u32::try_from(longest.clamp(10, 26)).expect("at most 26")) + 2.0
            }
            Kind::Text | Kind::Suggested(_) | Kind::Names | Kind::List(_) => 22.0,
            Kind::Steps => 22.0,
            Kind::Table | Kind::Rows | Kind::Named | Kind::Section => 30.0,
        }
    }

    /// What its cells may hold. The sheet of ids is filled in when all sheets are known.
    pub(super) fn choices(&self) -> Choices {
        match self {
            Kind::Words(words) => Choices::Words { words: words.clone(), closed: true },
            Kind::Suggested(words) => Choices::Words { words: words.clone(), closed: false },
            Kind::Flag => {
                let words = ["TRUE", "FALSE"].map(str::to_string).to_vec();
                Choices::Words { words, closed: true }
            }
            Kind::Id(list) => Choices::Ids { sheet: list.clone(), column: 0 },
            Kind::Text
            | Kind::Names
            | Kind::Date
            | Kind::Amount
            | Kind::Rate
            | Kind::Curve
            | Kind::Steps
            | Kind::Count
            | Kind::List(_)
            | Kind::Table
            | Kind::Rows
            | Kind::Named
            | Kind::Section => Choices::Any,
        }
    }
}

/// `"a" | "b"` is closed; `"a" | "b", or a name` is not.
fn quoted(words: &str) -> Kind {
    let parts = || words.split('"').skip(1).step_by(2).map(str::to_string).collect();
    let closed = words.split('"').step_by(2).all(|between| ["", " | "].contains(&between));
    if closed { Kind::Words(parts()) } else { Kind::Suggested(parts()) }
}

/// `amounts` → `amount`, `counts from 1` → `count from 1`.
fn singular(words: &str) -> String {
    let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
    format!("{} {rest}", first.strip_suffix('s').unwrap_or(first)).trim().to_string()
}
