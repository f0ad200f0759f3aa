//! A file of keys as a workbook, and back: the same keys and values, laid out for people who work
//! in spreadsheets.
//!
//! ```text
//! deal.toml ── Block ── to_cells ─▶ Form ── (report) ─▶ deal.xlsx
//!                 ▲                                        │
//!                 └────────────── from_cells ◀── (tape) ───┘   every value with its cell
//! ```
//!
//! One sheet of terms has a row for each key of a single table; every list of tables has a sheet,
//! one row an entry; tables by name and long series have theirs. All of it follows the table of
//! keys: a key that is added there is in the workbook.

mod cells;
mod decode;
mod encode;
mod entries;
mod from_cells;
mod kind;
mod layout;
mod rows;
mod terms;
mod to_cells;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::tape::CellValue;

pub use from_cells::from_cells;
pub use layout::{file_of, file_of_sheets};
pub use to_cells::{to_cells, to_cells_over};

/// The sheets of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// The sheets, the terms first.
    pub sheets: Vec<FormSheet>,
}

/// One sheet: a title, a line about it, a row of headings, rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormSheet {
    /// The name on the tab.
    pub name: String,
    /// The first cell: what the sheet holds, then its name for people.
    pub title: String,
    /// The second row.
    pub about: String,
    /// The headings.
    pub columns: Vec<FormColumn>,
    /// The rows below the headings.
    pub rows: Vec<FormRow>,
    /// Columns that stay in view.
    pub frozen: u16,
}

/// A heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormColumn {
    /// The text: for people, then the key on its last line.
    pub heading: String,
    /// What the key takes and means, for a note at the cell.
    pub hover: String,
    /// The width in characters.
    pub width: f64,
    /// Whether every entry must have it.
    pub required: bool,
    /// How cells below it look, when their row does not say.
    pub look: Look,
    /// What cells below it may hold, when their row does not say.
    pub choices: Choices,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormRow {
    /// What it is.
    pub role: Role,
    /// Its cells by column.
    pub cells: Vec<Option<Content>>,
    /// How its value looks, where rows differ.
    pub look: Option<Look>,
    /// What its value may be, where rows differ.
    pub choices: Choices,
    /// The sheet that a click on its value opens.
    pub link: Option<String>,
    /// Whether the value must be given.
    pub required: bool,
}

/// What a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The heading of a table among the terms.
    Section,
    /// A key, or an entry of a list.
    #[default]
    Entry,
    /// A further line of the entry above.
    Continued,
    /// A comment.
    Comment,
    /// Room for another entry.
    Blank,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Words about something: no input.
    #[default]
    Label,
    /// The number of an entry.
    Number,
    /// Text as typed.
    Text,
    /// Money.
    Amount,
    /// A percentage, or a plain number.
    Rate,
    /// A whole number.
    Count,
    /// A day.
    Date,
    /// A comment.
    Note,
}

/// What a cell may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Choices {
    /// Anything.
    #[default]
    Any,
    /// One of these words.
    Words {
        /// The words.
        words: Vec<String>,
        /// Whether nothing else may stand there.
        closed: bool,
    },
    /// The id of an entry of another sheet.
    Ids {
        /// The sheet.
        sheet: String,
        /// The column from 0.
        column: u16,
    },
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text that stays text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A share of one, shown as percent.
    Percent(Decimal),
    /// A day.
    Date(NaiveDate),
    /// True or false.
    Flag(bool),
}

impl Content {
    fn text(text: impl Into<String>) -> Option<Content> {
        Some(Content::Text(text.into())).filter(|content| *content != Content::Text(String::new()))
    }

    /// The content as one part of a text.
    fn as_text(&self) -> String {
        match self {
            Content::Text(text) => text.clone(),
            Content::Number(number) => number.to_string(),
            Content::Percent(share) => format!("{} %", (share * Decimal::ONE_HUNDRED).normalize()),
            Content::Date(date) => date.to_string(),
            Content::Flag(flag) => flag.to_string(),
        }
    }

    /// The cell that a reader of the workbook finds.
    fn as_cell(&self) -> CellValue {
        let number = |number: &Decimal, percent| {
            // The double nearest to the digits: a cell holds nothing else.
            let value = number.to_string().parse().unwrap_or(f64::NAN);
            CellValue::Number { value, percent }
        };
        match self {
            Content::Text(text) => CellValue::Text(text.clone()),
            Content::Number(exact) => number(exact, false),
            Content::Percent(exact) => number(exact, true),
            Content::Date(date) => CellValue::Date(*date),
            Content::Flag(flag) => CellValue::Text(flag.to_string().to_uppercase()),
        }
    }
}
