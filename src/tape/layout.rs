//! What each column of a sheet is for: headers, aliases and the mapping brought together.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::{Cell, MoneyUnit, Raw, letters};
use super::field::{ATTRIBUTES, Field, Kind, SCHEDULE, attribute_kind};
use super::header::{Header, Per, Unit, aliases, nearest, stated_above};
use super::mapping::{ColumnRef, Derivation, Located, Mapping, known_names};
use crate::finding::{Finding, Origin};

/// What becomes of the cells of a column; one column may serve several fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// A typed field.
    Field(Field, Unit),
    /// One of several rate columns side by side, each for a period of its own.
    OneRate(Unit),
    /// The text column of that index.
    Text(usize),
    /// A date field at the end of the cell's month.
    MonthEnd(Field),
    /// A date field at the start of the cell's month.
    MonthStart(Field),
    /// A date field on the day before the cell's.
    DayBefore(Field, Unit),
    /// The month from which paid instalments are counted.
    PaidFrom,
}

/// The columns of one sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// The row of the headers.
    pub(super) header_row: u32,
    /// The targets of each column.
    pub(super) slots: Vec<Vec<Target>>,
    /// The canonical names of the text columns, by index.
    pub(super) texts: Vec<String>,
    /// The unit of each text column, where it is one of figures.
    pub(super) text_units: Vec<Unit>,
    /// Column letters and header by canonical name.
    pub(super) columns: BTreeMap<String, (String, String)>,
    /// How the rate's numbers are to be taken.
    pub(super) rate_unit: Unit,
    /// Last column with a header.
    pub(super) width: usize,
}

/// The headers of a row, by column.
pub(super) type Headers = Vec<(usize, Header)>;

/// The headers of a sheet, with what stands above them.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Their row; the lower one of two.
    pub(super) row: u32,
    pub(super) headers: Headers,
    /// What is said above them of all amounts.
    pub(super) above: Option<Above>,
    /// Their line or lines as they stand, to know them again further down.
    pub(super) lines: Vec<Headers>,
}

impl Found {
    pub(super) fn new(row: u32, headers: Headers, above: Option<Above>) -> Found {
        let lines = vec![headers.clone()];
        Found { row, headers, above, lines }
    }

    /// The headers with a second line above or below them.
    #[must_use]
    pub(super) fn on_two(self, row: u32, headers: Headers, lines: [Headers; 2]) -> Found {
        Found { row: self.row.max(row), headers, lines: lines.into(), ..self }
    }
}

/// The unit of money that a cell above the headers states for all of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Above {
    pub(super) unit: MoneyUnit,
    row: u32,
    column: usize,
}

impl Above {
    /// What the cells of a row say, if anything.
    pub(super) fn of(row: u32, cells: &[Cell]) -> Option<Above> {
        cells.iter().find_map(|cell| {
            let Raw::Text(text) = &cell.raw else { return None };
            let unit = stated_above(text, cells.len() == 1)?;
            Some(Above { unit, row, column: cell.column })
        })
    }

    /// Its cell.
    pub(super) fn cell(&self) -> String {
        format!("{}{}", letters(self.column), self.row)
    }
}

/// The headers of a row when enough of them are known; `mapping` counts as knowing.
pub(super) fn headers_of(cells: &[Cell], mapping: &Mapping, schedule: bool) -> Option<Headers> {
    let headers = headers(cells);
    let known = known(&headers, mapping, schedule);
    (known >= 3 || (known == 2 && headers.len() <= 4)).then_some(headers)
}

/// How many of the headers are known.
fn known(headers: &Headers, mapping: &Mapping, schedule: bool) -> usize {
    let table = if schedule { &aliases().schedule } else { &aliases().tape };
    let mapped = |header: &Header| {
        !schedule
            && (mapping.columns.values().any(|column| names(&column.value, header))
                || mapping
                    .derive
                    .values()
                    .any(|rule| source(&rule.value).is_some_and(|s| names(s, header))))
    };
    headers.iter().filter(|(_, header)| header.meaning(table).is_some() || mapped(header)).count()
}

/// Headers on two lines, when more is known of both together than of either, or the upper one states
/// units.
///
/// ```text
/// 借据号 │ 金额(万元)          │ 期数            a cell over several columns groups the cells below it,
///        │ 初始本金 │ 未偿本金 │ 总期数 │ 已还   and its unit is theirs
/// ```
pub(super) fn on_two_lines(top: &Headers, bottom: &Headers, mapping: &Mapping) -> Option<Headers> {
    let group = |column: usize| {
        let before = top.iter().rev().find(|(at, _)| *at <= column);
        before.map(|(_, header)| header)
    };
    let mut both = Headers::new();
    for (column, header) in bottom {
        both.push((*column, group(*column).map_or(header.clone(), |group| header.under(group))));
    }
    let alone = top.iter().filter(|(column, _)| bottom.iter().all(|(below, _)| below != column));
    both.extend(alone.cloned());
    both.sort_by_key(|(column, _)| *column);
    let known = |headers: &Headers| known(headers, mapping, false);
    // Or as much, with units: 金额(万元) above 初始本金 and 未偿本金.
    let grouped = top.len() >= 2 && top.iter().any(|(_, header)| header.unit.money.is_some());
    let grouped = grouped && known(top) < known(bottom) && both.len() == bottom.len();
    let more = known(&both).cmp(&known(top).max(known(bottom)));
    (more.is_gt() || grouped && more.is_eq()).then_some(both)
}

/// Headers with a line of units below them, and of nothing else.
///
/// ```text
/// 借据号 │ 初始本金 │ 年化利率
///        │ (元)     │ %
/// ```
pub(super) fn with_units(top: &Headers, bottom: &Headers, cells: usize) -> Option<Headers> {
    let units: Vec<(usize, Unit)> = (bottom.iter())
        .map(|(column, header)| Some((*column, header.only_unit()?)))
        .collect::<Option<_>>()?;
    if units.is_empty() || units.len() != cells {
        return None;
    }
    let with = |(column, header): &(usize, Header)| {
        let unit = units.iter().find(|(below, _)| below == column);
        (*column, unit.map_or(header.clone(), |(_, unit)| header.with_unit(*unit)))
    };
    Some(top.iter().map(with).collect())
}

/// The text cells of a row as headers.
pub(super) fn headers(cells: &[Cell]) -> Headers {
    let texts = cells.iter().filter(|cell| matches!(cell.raw, Raw::Text(_)));
    texts.map(|cell| (cell.column, Header::new(&cell.raw.text()))).collect()
}

fn names(column: &ColumnRef, header: &Header) -> bool {
    matches!(column, ColumnRef::Header(text) if header.is(text))
}

fn source(rule: &Derivation) -> Option<&ColumnRef> {
    match rule {
        Derivation::MonthEndOf(column)
        | Derivation::MonthStartOf(column)
        | Derivation::DayBefore(column)
        | Derivation::MonthsToCutoff(column) => Some(column),
        Derivation::Row | Derivation::MonthsAfterOrigination(_) => None,
    }
}

/// Lays out the receivables' sheet.
///
/// A unit that is stated above the headers is that of every amount whose header states none.
pub(super) fn tape_layout(
    headers: &Headers,
    mapping: &Mapping,
    above: Option<&Above>,
    origin: impl Fn(usize) -> Origin,
) -> (Layout, Vec<Finding>) {
    let mut builder = Builder { headers, mapping, layout: Layout::default(), findings: vec![] };
    builder.layout.width = headers.iter().map(|(column, _)| *column).max().unwrap_or(0);
    builder.mapped();
    builder.derived();
    builder.aliased(&origin);
    builder.rate_unit();
    builder.strange_units(&origin);
    if let Some(above) = above {
        builder.unit_above(above, &origin);
    }
    (builder.layout, builder.findings)
}

/// Lays out the schedule's sheet, by aliases only; a unit that is stated above the headers is that of
/// every amount whose header states none.
pub(super) fn schedule_layout(
    headers: &Headers,
    above: Option<&Above>,
    origin: impl Fn(usize) -> Origin,
) -> (Layout, Vec<Finding>) {
    let mapping = Mapping::default();
    let (layout, findings) = (Layout::default(), Vec::new());
    let mut builder = Builder { headers, mapping: &mapping, layout, findings };
    builder.of_schedule(&origin);
    builder.strange_units(&origin);
    if let Some(above) = above {
        builder.unit_above(above, &origin);
    }
    (builder.layout, builder.findings)
}

struct Builder<'h> {
    headers: &'h Headers,
    mapping: &'h Mapping,
    layout: Layout,
    findings: Vec<Finding>,
}

impl Builder<'_> {
    fn of_schedule(&mut self, origin: &impl Fn(usize) -> Origin) {
        let (layout, findings, headers) = (&mut self.layout, &mut self.findings, self.headers);
        layout.width = headers.iter().map(|(column, _)| *column).max().unwrap_or(0);
        for (column, header) in headers {
            let Some(meaning) = header.meaning(&aliases().schedule) else { continue };
            let Some(field) = SCHEDULE.into_iter().find(|field| field.name() == meaning.name)
            else {
                continue;
            };
            let name = field.name().to_string();
            if let Some(former) = layout.columns.get(&name) {
                findings.push(twice(&name, former, (*column, header), origin(*column)));
                continue;
            }
            layout.columns.insert(name, (letters(*column), header.text.clone()));
            put(layout, *column, Target::Field(field, header.unit));
        }
    }

    /// Columns that the mapping names.
    fn mapped(&mut self) {
        for (name, column) in &self.mapping.columns {
            if let Some(column) = self.find(column) {
                let unit = self.header(column).map_or(Unit::default(), |header| header.unit);
                let per = self.header(column).and_then(|header| header.meaning(&aliases().tape));
                let unit = unit.or(per.map(|meaning| meaning.unit()).unwrap_or_default());
                self.assign(name, column, unit);
            }
        }
    }

    /// Columns that stated rules read.
    fn derived(&mut self) {
        for (name, rule) in &self.mapping.derive {
            let Some(reference) = source(&rule.value) else { continue };
            let located = Located { value: reference.clone(), place: rule.place.clone() };
            let Some(column) = self.find(&located) else { continue };
            let field = Field::of_tape(name).expect("only fields are derived from columns");
            let target = match &rule.value {
                Derivation::MonthEndOf(_) => Target::MonthEnd(field),
                Derivation::MonthStartOf(_) => Target::MonthStart(field),
                Derivation::DayBefore(_) => {
                    let said = self.mapping.units.get(name).copied().unwrap_or_default();
                    Target::DayBefore(field, said)
                }
                Derivation::MonthsToCutoff(_) => Target::PaidFrom,
                Derivation::Row | Derivation::MonthsAfterOrigination(_) => continue,
            };
            self.record(name, column);
            put(&mut self.layout, column, target);
        }
    }

    /// Columns whose headers speak for themselves, unless the mapping has spoken.
    fn aliased(&mut self, origin: &impl Fn(usize) -> Origin) {
        let mapped: BTreeSet<usize> = self.taken();
        for (column, header) in self.headers {
            let Some(meaning) = header.meaning(&aliases().tape) else { continue };
            let (unit, name) = (header.unit.or(meaning.unit()), meaning.name);
            let known = Field::of_tape(&name).is_some() || ATTRIBUTES.contains(&name.as_str());
            let spoken = self.mapping.columns.contains_key(&name)
                || self.mapping.constants.contains_key(&name)
                || self.mapping.derive.contains_key(&name);
            if !known || spoken || mapped.contains(column) {
                continue;
            }
            if name == Field::Rate.name() && self.is_further_rate(unit) {
                let said = self.mapping.units.get(&name).and_then(|said| said.percent);
                let unit = Unit { percent: said.or(unit.percent), ..unit };
                put(&mut self.layout, *column, Target::OneRate(unit));
                continue;
            }
            if let Some(former) = self.layout.columns.get(&name) {
                self.findings.push(twice(&name, former, (*column, header), origin(*column)));
                continue;
            }
            self.assign(&name, *column, unit);
        }
    }

    /// Whether a rate column stands beside others that are for other periods. If so, all of them
    /// are one of several from now on.
    fn is_further_rate(&mut self, unit: Unit) -> bool {
        let period = |target: &Target| match target {
            Target::Field(Field::Rate, unit) | Target::OneRate(unit) => Some(unit.per),
            Target::Field(..)
            | Target::Text(_)
            | Target::MonthEnd(_)
            | Target::MonthStart(_)
            | Target::DayBefore(..)
            | Target::PaidFrom => None,
        };
        let others: Vec<Option<Per>> =
            self.layout.slots.iter().flatten().filter_map(period).collect();
        let differs = |other: &Option<Per>| other.is_some() && *other != unit.per;
        let further = unit.per.is_some() && !others.is_empty() && others.iter().all(differs);
        if further {
            for target in self.layout.slots.iter_mut().flatten() {
                if let Target::Field(Field::Rate, unit) = *target {
                    *target = Target::OneRate(unit);
                }
            }
            self.layout.rate_unit = Unit::default();
        }
        further
    }

    /// Columns that the mapping already uses as fields or attributes.
    fn taken(&self) -> BTreeSet<usize> {
        let uses = |targets: &[Target]| {
            targets.iter().any(|t| matches!(t, Target::Field(..) | Target::Text(_)))
        };
        let slots = self.layout.slots.iter().enumerate();
        slots.filter(|(_, targets)| uses(targets)).map(|(column, _)| column).collect()
    }

    fn assign(&mut self, name: &str, column: usize, unit: Unit) {
        let said = self.mapping.units.get(name).copied().unwrap_or_default();
        let unit = said.or(unit);
        self.record(name, column);
        let target = match Field::of_tape(name) {
            Some(field) if field.kind() != Kind::Text => {
                if field == Field::Rate {
                    self.layout.rate_unit = unit;
                }
                Target::Field(field, unit)
            }
            Some(_) | None => {
                self.layout.texts.push(name.to_string());
                self.layout.text_units.push(unit);
                Target::Text(self.layout.texts.len() - 1)
            }
        };
        put(&mut self.layout, column, target);
    }

    fn record(&mut self, name: &str, column: usize) {
        let text = self.header(column).map_or(String::new(), |header| header.text.clone());
        self.layout.columns.insert(name.to_string(), (letters(column), text));
    }

    /// A rate given as a constant has its unit from the mapping alone.
    fn rate_unit(&mut self) {
        if let Some(said) = self.mapping.units.get(Field::Rate.name()) {
            self.layout.rate_unit = said.or(self.layout.rate_unit);
        }
    }

    /// Amounts in a unit that is not known are never taken for the major unit.
    fn strange_units(&mut self, origin: &impl Fn(usize) -> Origin) {
        for (column, header) in self.headers {
            let Some(strange) = &header.strange else { continue };
            let targets = self.layout.slots.get(*column).into_iter().flatten();
            let name = targets.filter_map(|target| self.open_money(*target)).next();
            let Some(name) = name else { continue };
            let finding = Finding::new("T0054", origin(*column)).with("unit", strange);
            self.findings.push(finding.with("field", name).with("header", &header.text));
        }
    }

    /// The name of a column of money whose unit nobody states.
    fn open_money(&self, target: Target) -> Option<String> {
        match target {
            Target::Field(field, unit) if field.kind() == Kind::Money && unit.money.is_none() => {
                Some(field.name().to_string())
            }
            Target::Text(text) => {
                let (name, unit) = (&self.layout.texts[text], self.layout.text_units[text]);
                let is_money = attribute_kind(name) == Some(Kind::Money);
                (is_money && unit.money.is_none()).then(|| name.clone())
            }
            Target::Field(..)
            | Target::OneRate(_)
            | Target::MonthEnd(_)
            | Target::MonthStart(_)
            | Target::DayBefore(..)
            | Target::PaidFrom => None,
        }
    }

    /// Gives every column of money without a unit the one that is stated above the table.
    fn unit_above(&mut self, above: &Above, origin: &impl Fn(usize) -> Origin) {
        let mut fields = Vec::new();
        for column in 0..self.layout.slots.len() {
            for place in 0..self.layout.slots[column].len() {
                let target = self.layout.slots[column][place];
                let Some(name) = self.open_money(target) else { continue };
                match &mut self.layout.slots[column][place] {
                    Target::Field(_, unit) => unit.money = Some(above.unit),
                    Target::Text(text) => self.layout.text_units[*text].money = Some(above.unit),
                    _ => {}
                }
                fields.push(format!("`{name}`"));
            }
        }
        if above.unit != MoneyUnit::Yuan && !fields.is_empty() {
            let origin = Origin { cell: above.cell(), ..origin(above.column) };
            let finding = Finding::new("T0053", origin).with("unit", above.unit.word());
            self.findings.push(finding.with("fields", fields.join(", ")));
        }
    }

    fn header(&self, column: usize) -> Option<&Header> {
        self.headers.iter().find(|(at, _)| *at == column).map(|(_, header)| header)
    }

    fn find(&mut self, reference: &Located<ColumnRef>) -> Option<usize> {
        let text = match &reference.value {
            ColumnRef::Letters(column) => return Some(*column),
            ColumnRef::Header(text) => text,
        };
        let found = self.headers.iter().find(|(_, header)| header.is(text));
        if found.is_none() {
            let wanted = Header::new(text);
            let near = nearest(wanted.bare(), self.headers.iter().map(|(_, header)| header.bare()));
            let near = self.headers.iter().find(|(_, header)| Some(header.bare()) == near);
            let near = near.map_or("—", |(_, header)| header.text.as_str());
            self.findings.push(
                Finding::new("T0004", self.mapping.origin(reference))
                    .with("column", text)
                    .with("near", near)
                    .with("seen", seen(self.headers)),
            );
        }
        found.map(|(column, _)| *column)
    }
}

/// The header texts for a sentence.
pub(super) fn seen(headers: &Headers) -> String {
    let texts: Vec<&str> = headers.iter().map(|(_, header)| header.text.as_str()).collect();
    texts.join(", ")
}

/// The header nearest to any alias of a field.
pub(super) fn nearest_header(name: &str, headers: &Headers) -> Option<String> {
    let table = &aliases().tape;
    let names = table.iter().filter(|(_, meaning)| meaning.name == name).map(|(alias, _)| alias);
    let bare: Vec<&str> = headers
        .iter()
        .filter(|(_, header)| header.meaning(table).is_none())
        .map(|(_, header)| header.bare())
        .collect();
    let near = names.into_iter().find_map(|alias| nearest(alias, bare.iter().copied()))?;
    headers.iter().find(|(_, header)| header.bare() == near).map(|(_, header)| header.text.clone())
}

/// The canonical name nearest to a name that a mapping uses.
pub(super) fn nearest_name(name: &str) -> Option<&'static str> {
    nearest(name, known_names())
}

fn twice(
    name: &str,
    former: &(String, String),
    (column, header): (usize, &Header),
    origin: Origin,
) -> Finding {
    Finding::new("T0006", origin)
        .with("field", name)
        .with("first", format!("{} {}", former.0, former.1))
        .with("letters", letters(column))
        .with("second", &header.text)
}

fn put(layout: &mut Layout, column: usize, target: Target) {
    if layout.slots.len() <= column {
        layout.slots.resize(column + 1, Vec::new());
    }
    layout.slots[column].push(target);
}
