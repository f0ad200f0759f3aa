//! The mapping file: what the headers of one originator's tape mean, and what the tape leaves out.
//!
//! ```toml
//! sheet = "Tape"                          # or sheets = ["1", "2"]
//! decimals = "refuse"                     # money with more than two decimals: refuse, round
//! hidden = "read"                         # hidden rows: read (with a warning), skip, refuse
//! [columns]                               # canonical name = header text, or "=H" for a column
//! outstanding_principal = "balance"
//! purpose = "loan_purpose"                # any other name becomes a text attribute
//! [units]
//! rate = { unit = "percent", per = "year" }
//! [constants]                             # the same for every row
//! repayment_method = "level_pay"
//! [values.repayment_method]               # text in the tape = canonical text
//! "等额本息" = "level_pay"
//! [derive]                                # a small closed set of stated rules
//! obligor_id = "row"
//! origination_date = { month_end_of = "issue_month" }
//! paid_instalments = { months_from = "issue_month", to = "cutoff" }
//! first_due_date = { months_after = "origination_date", months = 1 }
//! cutoff_date = { day_before = "cut_off" }  # a cut-off "at the opening of business"
//! [control]                               # totals that must agree
//! rows = 10000
//! outstanding_principal = "144589166.10"
//! [privacy]                               # what is masked or hashed before anything is written
//! key_env = "CASHFALL_KEY"                # the environment variable with the key of the hashes
//! keep = ["merchant_id"]                  # nothing personal, whatever it looks like
//! [mend]
//! file = "mend.csv"                       # cells to read otherwise, beside the tape
//! [registry]
//! file = "sold.csv"                       # receivables that other deals hold, beside the tape
//! own = "this deal"                       # its name in it
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use super::cell::{MoneyUnit, Raw, Reading, column_of};
use super::field::{ATTRIBUTES, Field, Kind, TAPE, attribute_kind};
use super::header::{Per, Unit, nearest, period_of};
use super::privacy::PrivacyTerms;
use crate::finding::{Checked, Finding, Origin};
use crate::money::Amount;

/// A value of the mapping file with its place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// `line:column`.
    pub place: String,
}

/// Which column a mapping means.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnRef {
    /// The column with this header.
    Header(String),
    /// The column with these letters (from 0), whatever its header.
    Letters(usize),
}

/// A stated rule that fills a field which the tape does not have.
#[derive(Clone, Debug, PartialEq)]
pub enum Derivation {
    /// The row number: every row is its own.
    Row,
    /// The last day of the month in a column.
    MonthEndOf(ColumnRef),
    /// The first day of the month in a column.
    MonthStartOf(ColumnRef),
    /// The day before the one in a column: a cut-off at the opening of a day is the close of the day
    /// before.
    DayBefore(ColumnRef),
    /// The months from the month in a column to the month of the cut-off date.
    MonthsToCutoff(ColumnRef),
    /// That many months after the origination date.
    MonthsAfterOrigination(u32),
}

/// Where the repayment schedule stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleRef {
    /// Another file, beside the tape; the tape itself when `None`.
    pub file: Option<String>,
    /// The sheet; found by its name when `None`.
    pub sheet: Option<String>,
}

/// Where the receivables stand that other deals hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryRef {
    /// The file, beside the tape.
    pub file: String,
    /// The name of this deal in it: its own receivables are no finding.
    pub own: Option<String>,
}

/// What becomes of rows that are hidden in the sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hidden {
    /// They are read like all others, with a warning that names them.
    #[default]
    Read,
    /// They are left out, with a note that names them.
    Skip,
    /// They are an error.
    Refuse,
}

/// What becomes of money with more than two decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decimals {
    /// It is an error.
    #[default]
    Refuse,
    /// It is rounded to the minor unit, half away from zero, with a note at the cell.
    Round,
}

/// What a mapping file says. The default says nothing: the headers speak for themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The file, for the findings.
    pub file: String,
    /// The sheets to read; the one that looks like a tape when empty.
    pub sheets: Vec<String>,
    /// What becomes of hidden rows.
    pub hidden: Hidden,
    /// What becomes of money with more than two decimals.
    pub decimals: Decimals,
    /// The row of the headers; found by its texts when `None`.
    pub header_row: Option<u32>,
    /// The column of each field or attribute.
    pub columns: BTreeMap<String, Located<ColumnRef>>,
    /// How numbers are to be taken.
    pub units: BTreeMap<String, Unit>,
    /// Values that hold for every row.
    pub constants: BTreeMap<String, Located<String>>,
    /// Texts of the tape and what they stand for, by field or attribute.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Rules for what the tape does not have.
    pub derive: BTreeMap<String, Located<Derivation>>,
    /// The number of rows that must be found.
    pub control_rows: Option<Located<usize>>,
    /// Totals that must agree.
    pub control: BTreeMap<Field, Located<Amount>>,
    /// Where the repayment schedule stands.
    pub schedule: Option<ScheduleRef>,
    /// What is masked or hashed.
    pub privacy: PrivacyTerms,
    /// The file of mends, beside the tape.
    pub mend: Option<String>,
    /// The receivables that other deals hold.
    pub registry: Option<RegistryRef>,
}

const SECTIONS: [&str; 15] = [
    "sheet",
    "sheets",
    "hidden",
    "decimals",
    "header_row",
    "columns",
    "units",
    "constants",
    "values",
    "derive",
    "control",
    "schedule",
    "privacy",
    "mend",
    "registry",
];

impl Mapping {
    /// Reads a mapping; everything in it that is not understood is a finding with its line.
    pub fn from_toml(text: &str, file: &str) -> Checked<Mapping> {
        let mut reader = Reader { text, file, mapping: Mapping::default(), findings: Vec::new() };
        reader.mapping.file = file.to_string();
        match Document::parse(text.to_string()) {
            Ok(document) => reader.sections(document.as_table()),
            Err(error) => {
                let place = place(text, error.span());
                let reason = error.message().lines().collect::<Vec<_>>().join(" ");
                let finding = Finding::new("T0001", at(file, place, text)).with("reason", reason);
                reader.findings.push(finding);
            }
        }
        Checked::new(reader.mapping, reader.findings)
    }

    /// The place of a value in the mapping file.
    pub(crate) fn origin<T>(&self, located: &Located<T>) -> Origin {
        Origin { cell: located.place.clone(), ..Origin::file(&self.file) }
    }
}

struct Reader<'t> {
    text: &'t str,
    file: &'t str,
    mapping: Mapping,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn sections(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            match key {
                "sheet" => {
                    let sheet = self.string(key, item);
                    self.mapping.sheets.extend(sheet);
                }
                "sheets" => self.sheets(item),
                "hidden" => self.hidden(item),
                "decimals" => match item.as_str() {
                    Some("refuse") => self.mapping.decimals = Decimals::Refuse,
                    Some("round") => self.mapping.decimals = Decimals::Round,
                    Some(_) | None => self.wrong(key, item, "\"refuse\" | \"round\""),
                },
                "header_row" => {
                    self.mapping.header_row =
                        self.whole(key, item).and_then(|row| u32::try_from(row).ok());
                }
                "columns" => self.entries(key, item, Reader::column),
                "units" => self.entries(key, item, Reader::unit),
                "constants" => self.entries(key, item, Reader::constant),
                "values" => self.entries(key, item, Reader::values),
                "derive" => self.entries(key, item, Reader::derivation),
                "control" => self.entries(key, item, Reader::control),
                "schedule" => {
                    self.mapping.schedule = Some(ScheduleRef::default());
                    self.entries(key, item, Reader::schedule);
                }
                "privacy" => self.entries(key, item, Reader::privacy),
                "mend" => self.mapping.mend = self.texts_of(key, item, ["file", ""])[0].take(),
                "registry" => {
                    let [file, own] = self.texts_of(key, item, ["file", "own"]);
                    self.mapping.registry = file.map(|file| RegistryRef { file, own });
                }
                unknown => {
                    let span = table.key(unknown).and_then(toml_edit::Key::span);
                    self.unknown_key(unknown, span, &SECTIONS);
                }
            }
        }
    }

    /// Hands each entry of a table to `each`, with the place of its key.
    fn entries(&mut self, name: &str, item: &Item, each: fn(&mut Self, &str, &Item, Range<usize>)) {
        let Some(table) = item.as_table_like() else {
            return self.wrong(name, item, "[table]");
        };
        for (key, item) in table.iter() {
            let span = table.key(key).and_then(toml_edit::Key::span).unwrap_or_default();
            each(self, key, item, span);
        }
    }

    fn sheets(&mut self, item: &Item) {
        match item.as_array() {
            Some(array) if array.iter().all(toml_edit::Value::is_str) => {
                let names = array.iter().filter_map(toml_edit::Value::as_str);
                self.mapping.sheets.extend(names.map(str::to_string));
            }
            Some(_) | None => self.wrong("sheets", item, "[\"…\", \"…\"]"),
        }
    }

    fn hidden(&mut self, item: &Item) {
        match item.as_str() {
            Some("read") => self.mapping.hidden = Hidden::Read,
            Some("skip") => self.mapping.hidden = Hidden::Skip,
            Some("refuse") => self.mapping.hidden = Hidden::Refuse,
            Some(_) | None => self.wrong("hidden", item, "\"read\" | \"skip\" | \"refuse\""),
        }
    }

    fn column(&mut self, key: &str, item: &Item, span: Range<usize>) {
        if let Some(text) = self.string(key, item)
            && let Some(column) = self.column_ref(key, item, &text)
        {
            let place = place(self.text, Some(span));
            self.mapping.columns.insert(key.to_string(), Located { value: column, place });
        }
    }

    fn column_ref(&mut self, key: &str, item: &Item, text: &str) -> Option<ColumnRef> {
        match text.strip_prefix('=') {
            None => Some(ColumnRef::Header(text.to_string())),
            Some(letters) => match column_of(letters) {
                Some(column) => Some(ColumnRef::Letters(column)),
                None => {
                    self.wrong(key, item, "\"=H\"");
                    None
                }
            },
        }
    }

    fn unit(&mut self, key: &str, item: &Item, span: Range<usize>) {
        if !is_money_attribute(key) && !self.is_field(key, Some(span)) {
            return;
        }
        let mut unit = Unit::default();
        let words: Vec<(String, String)> = match (item.as_str(), item.as_table_like()) {
            (Some(word), _) => vec![("unit".to_string(), word.to_string())],
            (None, Some(table)) => table
                .iter()
                .map(|(part, word)| (part.to_string(), word.as_str().unwrap_or("").to_string()))
                .collect(),
            (None, None) => Vec::new(),
        };
        let mut understood = !words.is_empty();
        for (part, word) in words {
            let of_money = MoneyUnit::WORDS.into_iter().find(|(_, known)| *known == word);
            let next = match (part.as_str(), word.as_str()) {
                ("unit", _) if of_money.is_some() => {
                    Unit { money: of_money.map(|(unit, _)| unit), ..Unit::default() }
                }
                ("unit", "percent") => Unit { percent: Some(true), ..Unit::default() },
                ("unit", "fraction") => Unit { percent: Some(false), ..Unit::default() },
                ("unit", "serial") => Unit { serial: true, ..Unit::default() },
                ("per", "year") => Unit { per: Some(Per::Year), ..Unit::default() },
                ("per", "instalment") => Unit { per: Some(Per::Instalment), ..Unit::default() },
                ("per", "day") => Unit { per: Some(Per::Day), ..Unit::default() },
                _ => {
                    understood = false;
                    continue;
                }
            };
            unit = unit.or(next);
        }
        if understood {
            self.mapping.units.insert(key.to_string(), unit);
        } else {
            let expected = "\"yuan\", \"wan_yuan\", \"qian_yuan\", \"million_yuan\", \
                            \"yi_yuan\", \"fen\", \"percent\", \"fraction\", \"serial\", \
                            { unit = \"percent\", per = \"year\" | \"instalment\" | \"day\" }";
            self.wrong(key, item, expected);
        }
    }

    fn constant(&mut self, key: &str, item: &Item, span: Range<usize>) {
        let Some(value) = scalar(item) else { return self.wrong(key, item, "\"…\"") };
        if Field::of_tape(key).is_some_and(|field| !reads(field, &value)) {
            return self.wrong(key, item, expected(key));
        }
        if key == "cutoff" && !reads(Field::DueDate, &value) {
            return self.wrong(key, item, expected("origination_date"));
        }
        let place = place(self.text, Some(span));
        self.mapping.constants.insert(key.to_string(), Located { value, place });
    }

    fn values(&mut self, key: &str, item: &Item, _: Range<usize>) {
        let Some(table) = item.as_table_like() else {
            return self.wrong(key, item, "[values.…]");
        };
        let pairs: Vec<(String, Option<String>)> =
            table.iter().map(|(from, to)| (from.to_string(), scalar(to))).collect();
        for (from, to) in pairs {
            match to {
                Some(to) => {
                    self.mapping.values.entry(key.to_string()).or_default().insert(from, to);
                }
                None => self.wrong(key, item, "\"…\" = \"…\""),
            }
        }
    }

    fn derivation(&mut self, key: &str, item: &Item, span: Range<usize>) {
        let text = |part: &str| item.get(part).and_then(Item::as_str).map(str::to_string);
        let column = |text: String| match text.strip_prefix('=').and_then(column_of) {
            Some(column) => ColumnRef::Letters(column),
            None => ColumnRef::Header(text),
        };
        let months = item.get("months").and_then(Item::as_integer);
        let value = match Field::of_tape(key) {
            Some(Field::OriginationDate | Field::MaturityDate | Field::FirstDueDate)
                if text("month_end_of").is_some() =>
            {
                text("month_end_of").map(|header| Derivation::MonthEndOf(column(header)))
            }
            Some(Field::OriginationDate | Field::MaturityDate | Field::FirstDueDate)
                if text("month_start_of").is_some() =>
            {
                text("month_start_of").map(|header| Derivation::MonthStartOf(column(header)))
            }
            Some(Field::CutoffDate) => {
                text("day_before").map(|header| Derivation::DayBefore(column(header)))
            }
            Some(Field::PaidInstalments) if text("to").as_deref() == Some("cutoff") => {
                text("months_from").map(|header| Derivation::MonthsToCutoff(column(header)))
            }
            Some(Field::FirstDueDate)
                if text("months_after").as_deref() == Some("origination_date") =>
            {
                months
                    .and_then(|months| u32::try_from(months).ok())
                    .filter(|months| *months <= 120)
                    .map(Derivation::MonthsAfterOrigination)
            }
            Some(Field::ReceivableId) | None if item.as_str() == Some("row") => {
                Some(Derivation::Row)
            }
            Some(_) | None => None,
        };
        match value {
            Some(value) => {
                let place = place(self.text, Some(span));
                self.mapping.derive.insert(key.to_string(), Located { value, place });
            }
            None => self.wrong(
                key,
                item,
                "\"row\", { month_end_of = \"…\" }, { month_start_of = \"…\" }, \
                 { day_before = \"…\" }, { months_from = \"…\", to = \"cutoff\" }, \
                 { months_after = \"origination_date\", months = 1 }",
            ),
        }
    }

    fn control(&mut self, key: &str, item: &Item, span: Range<usize>) {
        let place = place(self.text, Some(span.clone()));
        if key == "rows" {
            let rows = self.whole(key, item).and_then(|rows| usize::try_from(rows).ok());
            self.mapping.control_rows = rows.map(|value| Located { value, place });
            return;
        }
        let money =
            [Field::OriginalPrincipal, Field::OutstandingPrincipal, Field::OverduePrincipal];
        match money.into_iter().find(|field| field.name() == key) {
            Some(field) => match scalar(item).and_then(|text| text.parse::<Amount>().ok()) {
                Some(value) => {
                    self.mapping.control.insert(field, Located { value, place });
                }
                None => self.wrong(key, item, "\"1234.56\""),
            },
            None => {
                let known = ["rows", "original_principal", "outstanding_principal"];
                self.unknown_key(key, Some(span), &known);
            }
        }
    }

    fn schedule(&mut self, key: &str, item: &Item, span: Range<usize>) {
        let value = match key {
            "file" | "sheet" => self.string(key, item),
            _ => return self.unknown_key(key, Some(span), &["file", "sheet"]),
        };
        let schedule = self.mapping.schedule.get_or_insert_default();
        match key {
            "file" => schedule.file = value,
            _ => schedule.sheet = value,
        }
    }

    fn privacy(&mut self, key: &str, item: &Item, span: Range<usize>) {
        match key {
            "key" => self.mapping.privacy.key = self.string(key, item),
            "key_env" => {
                let Some(name) = self.string(key, item) else { return };
                match std::env::var(&name) {
                    Ok(value) if !value.is_empty() => self.mapping.privacy.key = Some(value),
                    Ok(_) | Err(_) => {
                        let origin = at(self.file, place(self.text, item.span()), self.text);
                        let finding = Finding::new("T0031", origin).with("name", name);
                        self.findings.push(finding);
                    }
                }
            }
            "hash" | "mask" | "keep" => {
                let names = item.as_array().into_iter().flatten();
                let names: Option<Vec<String>> =
                    names.map(|name| name.as_str().map(str::to_string)).collect();
                let Some(names) = names.filter(|names| !names.is_empty()) else {
                    return self.wrong(key, item, "[\"…\", \"…\"]");
                };
                let terms = &mut self.mapping.privacy;
                match key {
                    "hash" => terms.hash.extend(names),
                    "mask" => terms.mask.extend(names),
                    _ => terms.keep.extend(names),
                }
            }
            _ => self.unknown_key(key, Some(span), &["key_env", "key", "hash", "mask", "keep"]),
        }
    }

    /// The texts of a section that has only such: `{ file = "…" }`.
    fn texts_of(&mut self, name: &str, item: &Item, known: [&str; 2]) -> [Option<String>; 2] {
        let mut texts = [None, None];
        let Some(table) = item.as_table_like() else {
            self.wrong(name, item, "{ file = \"…\" }");
            return texts;
        };
        for (key, value) in table.iter() {
            match known.iter().position(|known| *known == key) {
                Some(place) => texts[place] = self.string(key, value),
                None => {
                    let span = table.key(key).and_then(toml_edit::Key::span);
                    let known: Vec<&str> = known.into_iter().filter(|k| !k.is_empty()).collect();
                    self.unknown_key(key, span, &known);
                }
            }
        }
        texts
    }

    fn string(&mut self, key: &str, item: &Item) -> Option<String> {
        let text = item.as_str().map(str::to_string);
        if text.is_none() {
            self.wrong(key, item, "\"…\"");
        }
        text
    }

    fn whole(&mut self, key: &str, item: &Item) -> Option<i64> {
        let number = item.as_integer().filter(|number| *number >= 0);
        if number.is_none() {
            self.wrong(key, item, "3");
        }
        number
    }

    fn is_field(&mut self, key: &str, span: Option<Range<usize>>) -> bool {
        let known = Field::of_tape(key).is_some();
        if !known {
            let names: Vec<&str> = TAPE.iter().map(|field| field.name()).collect();
            self.unknown_key(key, span, &names);
        }
        known
    }

    fn unknown_key(&mut self, key: &str, span: Option<Range<usize>>, known: &[&str]) {
        let near = nearest(key, known.iter().copied()).unwrap_or("—");
        let finding = Finding::new("T0002", at(self.file, place(self.text, span), self.text))
            .with("key", key)
            .with("near", near)
            .with("known", known.join(", "));
        self.findings.push(finding);
    }

    fn wrong(&mut self, key: &str, item: &Item, expected: &str) {
        let finding =
            Finding::new("T0003", at(self.file, place(self.text, item.span()), self.text))
                .with("key", key)
                .with("value", item.to_string().trim())
                .with("expected", expected);
        self.findings.push(finding);
    }
}

/// Whether an attribute holds money, which has a unit.
fn is_money_attribute(key: &str) -> bool {
    attribute_kind(key) == Some(Kind::Money)
}

/// Names of attributes that a mapping may define beside the known ones; used for suggestions.
pub(super) fn known_names() -> Vec<&'static str> {
    TAPE.iter().map(|field| field.name()).chain(ATTRIBUTES).collect()
}

fn scalar(item: &Item) -> Option<String> {
    item.as_str()
        .map(str::to_string)
        .or_else(|| item.as_integer().map(|number| number.to_string()))
        .or_else(|| item.as_float().map(|number| number.to_string()))
        .or_else(|| item.as_datetime().map(ToString::to_string))
}

/// Whether a constant can be read as the field.
fn reads(field: Field, value: &str) -> bool {
    let raw = Raw::Text(Cow::Borrowed(value));
    match field.kind() {
        Kind::Id => false,
        Kind::Text => true,
        Kind::Money => matches!(raw.amount(MoneyUnit::Yuan), Reading::Is(_)),
        Kind::Count(most) => matches!(raw.count(most), Reading::Is(_)),
        Kind::Date => matches!(raw.date(false), Reading::Is(_)),
        Kind::Rate => matches!(raw.rate(), Reading::Is(_)),
        Kind::Period => period_of(value).is_some(),
    }
}

fn expected(key: &str) -> &'static str {
    match Field::of_tape(key).map(Field::kind) {
        Some(Kind::Money) => "\"1234.56\"",
        Some(Kind::Count(_)) => "12",
        Some(Kind::Date) => "\"2025-12-31\"",
        Some(Kind::Rate) => "\"6.9 %\"",
        Some(Kind::Period) => "\"year\", \"instalment\", \"day\"",
        Some(Kind::Id) => "[columns]",
        Some(Kind::Text) | None => "\"…\"",
    }
}

/// `line:column` of a span, both from 1.
fn place(text: &str, span: Option<Range<usize>>) -> String {
    let start = span.map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{line}:{column}")
}

/// A place in the mapping with its line as excerpt.
fn at(file: &str, place: String, text: &str) -> Origin {
    let number: usize = place.split(':').next().and_then(|line| line.parse().ok()).unwrap_or(1);
    let line = text.lines().nth(number - 1).unwrap_or("");
    Origin { cell: place, excerpt: format!("{number} │ {line}"), ..Origin::file(file) }
}
