//! The keys of a file laid out on sheets.

use super::cells::{COMMENT, NAME, NOTE, NUMBER, TERMS};
use super::encode::encode;
use super::kind::Kind;
use super::layout::{Column, columns, hover, key, keys_below, kind, sheet_name, short};
use super::rows::{entry_rows, name_parts};
use super::{Choices, Content, Form, FormColumn, FormRow, FormSheet, Look, Role};
use crate::config::{Block, Node, Value, split_key};
use crate::deal::keys::File;

/// Rows of room below the entries of a list.
const ROOM: usize = 12;
/// Rows of room below a table whose keys the user names.
const FREE: usize = 4;

/// The form of a file: all its keys, set or not.
pub fn to_cells(file: File, tree: &Block) -> Form {
    form(file, tree, None)
}

/// The form of a file that extends others: beside the terms that it leaves out stands what it
/// inherits; `whole` are the keys of all the files together.
pub fn to_cells_over(file: File, tree: &Block, whole: &Block) -> Form {
    form(file, tree, Some(whole))
}

fn form(file: File, tree: &Block, whole: Option<&Block>) -> Form {
    let mut writer = Writer { file, whole, terms: Vec::new(), sheets: Vec::new() };
    let mut tail = tree.tail.as_str();
    for name in keys_below(file, "", &[tree]) {
        let entry = tree.entries.iter().find(|entry| entry.key == name);
        if entry.is_some_and(|entry| is_table(&entry.value.node)) {
            // What stands below the keys of the top stands above the first table.
            writer.comment(std::mem::take(&mut tail));
        }
        let note = entry.map_or("", |entry| entry.note.as_str());
        writer.value(&name, entry.map(|entry| &entry.value), note);
    }
    writer.comment(tail);
    writer.comment(&tree.note);
    let mut sheets = vec![writer.terms_sheet()];
    sheets.append(&mut writer.sheets);
    name_ids(&mut sheets);
    Form { sheets }
}

struct Writer<'a> {
    file: File,
    /// The keys with those that are inherited, where the file extends others.
    whole: Option<&'a Block>,
    terms: Vec<FormRow>,
    sheets: Vec<FormSheet>,
}

impl Writer<'_> {
    /// A key of the top or of a single table: a row of its own, or a sheet with a row that leads to it.
    fn value(&mut self, path: &str, value: Option<&Value>, note: &str) {
        let node = value.map(|value| &value.node);
        match (kind(self.file, path, node), node) {
            (Kind::Rows | Kind::Section, Some(Node::Tables(blocks))) => {
                let entries: Vec<(&str, &Block)> = blocks.iter().map(|block| ("", block)).collect();
                self.list(path, &format!("[[{path}]]"), &entries, false);
            }
            (Kind::Rows, None) => self.list(path, &format!("[[{path}]]"), &[], false),
            (Kind::Named, Some(Node::Table(block))) if holds_tables(block) => {
                self.list(&format!("{path}.*"), &format!("[{path}.*]"), &named(block), true);
            }
            (Kind::Named, None) => {
                self.list(&format!("{path}.*"), &format!("[{path}.*]"), &[], true);
            }
            (Kind::List(inner), Some(Node::List(values))) if *inner == Kind::Amount => {
                self.series(path, Some(values), note);
            }
            (Kind::List(inner), None) if *inner == Kind::Amount => self.series(path, None, note),
            (Kind::Table, None)
                if key(self.file, path).is_some_and(|key| key.kind.starts_with("table")) =>
            {
                self.section(path, &Block::default(), note);
            }
            (Kind::Section, None) => self.section(path, &Block::default(), note),
            (Kind::Section | Kind::Table, Some(Node::Table(block)))
                if !block.entries.is_empty() =>
            {
                self.section(path, block, note);
            }
            (Kind::Names, _) => self.names(path, node, note),
            (kind, _) => self.row(path, path, &kind, node, note),
        }
    }

    /// A table: its heading, then its keys.
    fn section(&mut self, path: &str, block: &Block, note: &str) {
        let of_table = key(self.file, path);
        let both = [note, &block.note].into_iter().filter(|note| !note.is_empty());
        let meaning = |text: fn(&crate::deal::keys::Key) -> &str| {
            of_table.and_then(|key| Content::text(text(key)))
        };
        self.terms.push(FormRow {
            role: Role::Section,
            cells: vec![
                Content::text(format!("[{path}]")),
                None,
                meaning(|key| key.zh),
                meaning(|key| key.en),
                None,
                meaning(|key| key.default),
                Content::text(both.collect::<Vec<_>>().join("\n")),
            ],
            ..FormRow::default()
        });
        let keys = keys_below(self.file, path, &[block]);
        let tail = block.tail.clone();
        for name in &keys {
            let entry = block.entries.iter().find(|entry| entry.key == *name);
            let note = entry.map_or("", |entry| entry.note.as_str());
            let path = format!("{path}.{}", crate::config::quoted_key(name));
            self.value(&path, entry.map(|entry| &entry.value), note);
        }
        if keys.iter().all(|name| key(self.file, &format!("{path}.{name}")).is_none()) {
            self.terms.extend((0..FREE).map(|_| FormRow {
                role: Role::Blank,
                look: Some(Look::Text),
                ..FormRow::default()
            }));
        }
        self.comment(&tail);
    }

    /// A text in both languages: two rows.
    fn names(&mut self, path: &str, node: Option<&Node>, note: &str) {
        let parts = name_parts(node);
        for (part, (text, note)) in ["zh", "en"].into_iter().zip(parts.into_iter().zip([note, ""]))
        {
            self.row(&format!("{path}.{part}"), path, &Kind::Names, text.as_ref(), note);
        }
    }

    /// One key with its value.
    fn row(&mut self, shown: &str, path: &str, kind: &Kind, node: Option<&Node>, note: &str) {
        let of_key = key(self.file, path);
        let text = |text: fn(&crate::deal::keys::Key) -> &str| {
            of_key.and_then(|key| Content::text(text(key)))
        };
        let inherited = node.is_none().then(|| self.inherited(shown)).flatten();
        self.terms.push(FormRow {
            cells: vec![
                Content::text(shown),
                node.map(|node| encode(kind, node)),
                text(|key| key.zh),
                text(|key| key.en),
                text(|key| key.kind),
                inherited.clone().or_else(|| text(|key| key.default)),
                Content::text(note),
            ],
            look: Some(kind.look()),
            choices: kind.choices(),
            required: of_key.is_some_and(|key| key.default == "required")
                && inherited.is_none()
                && !shown.ends_with(".en"),
            ..FormRow::default()
        });
    }

    /// What the files below say of a key, for people: nobody reads it back.
    fn inherited(&self, path: &str) -> Option<Content> {
        let keys = split_key(path)?;
        let (last, tables) = keys.split_last()?;
        let mut block = self.whole?;
        for table in tables {
            block = block.get(table)?.node.as_table()?;
        }
        let said = match &block.get(last)?.node {
            Node::Text(text) => text.clone(),
            other => other.to_toml(),
        };
        Content::text(format!("沿用 inherited: {said}"))
    }

    /// A comment that belongs to no key.
    fn comment(&mut self, note: &str) {
        if !note.is_empty() {
            let cells =
                vec![Content::text(COMMENT), None, None, None, None, None, Content::text(note)];
            self.terms.push(FormRow { role: Role::Comment, cells, ..FormRow::default() });
        }
    }

    /// The row among the terms that leads to a sheet.
    fn link(&mut self, token: &str, path: &str, count: usize, note: &str) {
        let of_key = key(self.file, path.trim_end_matches(".*"));
        let sheet = sheet_name(self.file, path);
        self.terms.push(FormRow {
            role: Role::Section,
            cells: vec![
                Content::text(token),
                Content::text(format!("→ {sheet} ({count})")),
                of_key.and_then(|key| Content::text(key.zh)),
                of_key.and_then(|key| Content::text(key.en)),
                None,
                of_key.and_then(|key| Content::text(key.default)),
                Content::text(note),
            ],
            link: Some(sheet),
            ..FormRow::default()
        });
    }

    /// A sheet with one row an entry, or several where an entry holds a list.
    fn list(&mut self, path: &str, token: &str, entries: &[(&str, &Block)], named: bool) {
        self.link(token, path, entries.len(), "");
        let blocks: Vec<&Block> = entries.iter().map(|(_, block)| *block).collect();
        let columns = columns(self.file, path, &blocks);
        let mut headings = vec![heading(NUMBER, "序号", 6.0, Look::Number)];
        if named {
            headings.push(heading(NAME, "名称", 22.0, Look::Text));
        }
        headings.extend(columns.iter().map(|column| self.heading(column)));
        headings.push(heading(NOTE, "备注", 44.0, Look::Note));
        let mut rows = Vec::new();
        for (number, (name, block)) in entries.iter().enumerate() {
            let name = named.then_some(*name);
            entry_rows(&columns, number + 1, name, block, &mut rows);
        }
        let blank = || FormRow { role: Role::Blank, ..FormRow::default() };
        rows.extend((0..ROOM).map(|_| blank()));
        let frozen = 2;
        self.sheet(path, token, headings, rows, frozen);
    }

    /// A sheet with one amount a row.
    fn series(&mut self, path: &str, values: Option<&Vec<Value>>, note: &str) {
        self.link(&format!("{path}[]"), path, values.map_or(0, Vec::len), note);
        if values.is_some_and(Vec::is_empty) {
            let link = self.terms.last_mut().expect("just pushed");
            link.cells[1] = Content::text("[]");
        }
        let values = values.map_or([].as_slice(), Vec::as_slice);
        let column =
            Column { path: Vec::new(), full: path.to_string(), kind: Kind::Amount, nested: false };
        let headings = vec![
            heading(NUMBER, "序号", 6.0, Look::Number),
            FormColumn { width: 24.0, ..self.heading(&column) },
        ];
        let mut rows: Vec<FormRow> = Vec::new();
        for (number, value) in (1_u64..).zip(values) {
            let cells = vec![
                Some(Content::Number(number.into())),
                Some(encode(&Kind::Amount, &value.node)),
            ];
            rows.push(FormRow { cells, ..FormRow::default() });
        }
        let next = u64::try_from(values.len()).expect("a short list") + 1;
        rows.extend((next..next + 2 * 12).map(|number| FormRow {
            role: Role::Blank,
            cells: vec![Some(Content::Number(number.into()))],
            ..FormRow::default()
        }));
        self.sheet(path, &format!("{path}[]"), headings, rows, 1);
    }

    fn heading(&self, column: &Column) -> FormColumn {
        let of_key = key(self.file, &column.full);
        let required = of_key.is_some_and(|key| key.default == "required");
        let star = if required { " *" } else { "" };
        let path = column.path.join(".");
        let path = if path.is_empty() { &column.full } else { &path };
        let length = u32::try_from(path.len()).expect("a short key");
        FormColumn {
            heading: format!("{}{star}\n{path}", short(of_key)).trim().to_string(),
            hover: of_key.map(hover).unwrap_or_default(),
            width: column.kind.width().max(f64::from(length) * 1.1 + 2.0),
            required,
            look: column.kind.look(),
            choices: column.kind.choices(),
        }
    }

    fn sheet(
        &mut self,
        path: &str,
        token: &str,
        columns: Vec<FormColumn>,
        rows: Vec<FormRow>,
        frozen: u16,
    ) {
        let of_key = key(self.file, path.trim_end_matches(".*"));
        let (zh, en) = of_key.map_or(("", ""), |key| (key.zh, key.en));
        self.sheets.push(FormSheet {
            name: sheet_name(self.file, path),
            title: format!("{token}  {zh} {en}").trim().to_string(),
            about: self.about_list(),
            columns,
            rows,
            frozen,
        });
    }

    /// What blank cells of a list mean: an entry of a file that extends others changes what it says.
    fn about_list(&self) -> String {
        let (zh, en) = match self.whole {
            None => ("留空即取缺省", "a blank one takes the default"),
            Some(_) => (
                "只列本文件改动或新增的条目, 留空即沿用所依据文件中同名条目的值",
                "only the entries that this file changes or adds stand here, and a blank one keeps what the files below say",
            ),
        };
        format!(
            "蓝字处填写, {zh}; * 必填; 各列说明见表头批注; 未用的列已折叠, 点 + 展开。 Blue cells are inputs, {en}; * must be given; the notes at the headings explain; unused columns are folded, + opens them."
        )
    }

    fn terms_sheet(&mut self) -> FormSheet {
        let titles = [
            (TERMS[0], "键", 30.0, Look::Label),
            (TERMS[1], "取值", 38.0, Look::Text),
            ("meaning", "含义", 42.0, Look::Label),
            ("meaning in English", "英文含义", 54.0, Look::Label),
            ("takes", "可填", 26.0, Look::Label),
            ("left out", "缺省", 22.0, Look::Label),
            (NOTE, "备注", 40.0, Look::Note),
        ];
        let (name, title) = match self.file {
            File::Deal => ("交易要素 Terms", "交易要素 Terms of the deal"),
            File::Assumptions => ("假设 Terms", "假设 Assumptions"),
            File::Mapping => ("列映射 Terms", "列映射 Column mapping"),
        };
        FormSheet {
            name: name.to_string(),
            title: title.to_string(),
            about: "在“取值”列填写蓝字, 留空即取“缺省”; 浅红处必填; 列表在各自的工作表。 Fill in the blue column; a blank value takes what `left out` says; light red must be given; lists have sheets of their own.".to_string(),
            columns: titles
                .into_iter()
                .map(|(key, zh, width, look)| heading(key, zh, width, look))
                .collect(),
            rows: std::mem::take(&mut self.terms),
            frozen: 2,
        }
    }
}

fn heading(key: &str, zh: &str, width: f64, look: Look) -> FormColumn {
    FormColumn { heading: format!("{zh}\n{key}"), width, look, ..FormColumn::default() }
}

/// A table, or a list of them.
fn is_table(node: &Node) -> bool {
    node.as_table().is_some() || node.as_tables().is_some()
}

/// A table whose values are tables.
fn holds_tables(block: &Block) -> bool {
    block.entries.iter().all(|entry| matches!(entry.value.node, Node::Table(_)))
}

fn named(block: &Block) -> Vec<(&str, &Block)> {
    let entries = block.entries.iter();
    entries.filter_map(|entry| Some((entry.key.as_str(), entry.value.node.as_table()?))).collect()
}

/// Puts the sheet and column of ids where so far only the list is named.
fn name_ids(sheets: &mut [FormSheet]) {
    let ids: Vec<(String, String, u16)> = sheets
        .iter()
        .filter_map(|sheet| {
            let list = sheet.title.strip_prefix("[[")?.split("]]").next()?.to_string();
            let ends = |column: &FormColumn| column.heading.lines().last() == Some("id");
            let column = sheet.columns.iter().position(ends)?;
            Some((list, sheet.name.clone(), u16::try_from(column).ok()?))
        })
        .collect();
    let place = |choices: &mut Choices| {
        let Choices::Ids { sheet: list, .. } = choices else { return };
        *choices = match ids.iter().find(|(known, ..)| known == list) {
            Some((_, sheet, column)) => Choices::Ids { sheet: sheet.clone(), column: *column },
            None => Choices::Any,
        };
    };
    for sheet in sheets {
        sheet.columns.iter_mut().for_each(|column| place(&mut column.choices));
        sheet.rows.iter_mut().for_each(|row| place(&mut row.choices));
    }
}
