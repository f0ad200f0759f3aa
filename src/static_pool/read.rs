//! A servicer's table becomes a [`StaticPool`]; what does not fit becomes findings.
//!
//! ```text
//! long      product │ vintage │ original │ mob │ balance │ buckets │ defaults │ …   a row an age
//! matrix    vintage │ original │ 0 │ 1 │ 2 │ …                                      a row a vintage
//! dynamic   month │ balance │ buckets │ new defaults                                a row a month
//! history   receivable │ origination │ original │ month │ balance │ days past due   a row a receivable and month
//! ```
//!
//! The form is told by the headers: a history has receivables, a matrix has ages for headings, a
//! dynamic table has no vintages.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use super::history::History;
use super::measure::{Column, Measure, dictionary};
use super::{Month, StaticPool, Vintage, rules};
use crate::finding::{Checked, Finding, Origin, Severity, fold};
use crate::money::{Amount, Rate};
use crate::tape::{self, Cell, Header, MoneyUnit, Reading, Unit, each_row, letters};
use crate::time::{month_end, months_between};

/// The oldest age of a table.
const MOB_MOST: u32 = 600;
/// Headers stand within the first rows.
const HEADER_ROWS_MOST: u32 = 60;
/// What each vintage of a matrix of ratios lends when nobody says it.
const UNIT: Amount = Amount::from_minor(100_000_000);

/// The most that one cell may hold.
const AMOUNT_MOST: Amount = Amount::from_minor(10_000_000_000_000);

/// The form of a servicer's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One row per vintage and age.
    Long,
    /// One row per vintage, one column per age, one measure.
    Matrix,
    /// One row per month, all vintages together.
    Dynamic,
    /// One row per receivable and month.
    History,
}

/// Why a reading is too large.
const MOST: &str = "most";

/// An amount of which hundreds of thousands can be added.
fn within(reading: Reading<Amount>) -> Reading<Amount> {
    match reading {
        Reading::Is(amount) if amount > AMOUNT_MOST => Reading::Fault(MOST),
        reading => reading,
    }
}

/// How a table is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What the cells of a matrix are.
    pub measure: Measure,
    /// A receivable of a history without a column of defaults defaults when it is more days past
    /// due than this.
    pub default_past_due_days: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            measure: Measure::CumDefault,
            default_past_due_days: super::DEFAULT_PAST_DUE_DAYS,
        }
    }
}

/// Reads a servicer's table. `None` when a finding forbids to go on.
///
/// # Errors
///
/// When the file cannot be read at all.
pub fn read(path: &Path, options: &Options) -> Result<Checked<Option<StaticPool>>, tape::Error> {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut reader = Reader::new(file, *options);
    let sha256 = each_row(path, &mut |sheet, row, cells| reader.row(sheet, row, cells))?;
    Ok(reader.finish(sha256))
}

/// A column of the table that is known.
pub(super) struct Known {
    at: usize,
    pub(super) column: Column,
    unit: Unit,
}

/// A cell of a matrix, until it is known whether cells are ratios.
struct Entry {
    vintage: usize,
    mob: u32,
    row: u32,
    at: usize,
    text: String,
    amount: Reading<Amount>,
    rate: Reading<(Rate, bool)>,
}

/// The place of rows and columns, for findings.
pub(super) struct Places {
    pub(super) file: String,
    pub(super) sheet: String,
    /// The letters of a column by its meaning.
    letters: BTreeMap<Column, String>,
}

impl Places {
    /// The cell of a column in a row; the whole row where the table lacks the column.
    pub(super) fn cell(&self, column: Column, row: u32) -> Origin {
        let cell = self.letters.get(&column).map_or(row.to_string(), |at| format!("{at}{row}"));
        Origin::cell(&self.file, &self.sheet, cell)
    }
}

struct Reader {
    options: Options,
    form: Option<Form>,
    known: Vec<Known>,
    /// The columns of a matrix with their ages.
    ages: Vec<(usize, u32)>,
    /// Whether bare numbers of a matrix are percents.
    percents: bool,
    places: Places,
    seen: String,
    vintages: Vec<Vintage>,
    rows: BTreeMap<(String, NaiveDate), usize>,
    entries: Vec<Entry>,
    history: History,
    findings: Vec<Finding>,
}

impl Reader {
    fn new(file: String, options: Options) -> Reader {
        Reader {
            options,
            form: None,
            known: Vec::new(),
            ages: Vec::new(),
            percents: false,
            places: Places { file, sheet: String::new(), letters: BTreeMap::new() },
            seen: String::new(),
            vintages: Vec::new(),
            rows: BTreeMap::new(),
            entries: Vec::new(),
            history: History::default(),
            findings: Vec::new(),
        }
    }

    /// Takes a row; false when the sheet is not the table's.
    fn row(&mut self, sheet: &str, row: u32, cells: &[Cell]) -> bool {
        match self.form {
            None => {
                self.header(sheet, row, cells);
                row < HEADER_ROWS_MOST
            }
            Some(_) if sheet != self.places.sheet => false,
            Some(form) => {
                let first = cells.first().map(|cell| cell.raw.text()).unwrap_or_default();
                if !dictionary().is_total(&first) {
                    self.data(form, row, cells);
                }
                true
            }
        }
    }

    fn header(&mut self, sheet: &str, row: u32, cells: &[Cell]) {
        let mut known: Vec<Known> = Vec::new();
        let mut ages: Vec<(usize, u32)> = Vec::new();
        let mut percents = Header::new(sheet).unit.percent == Some(true);
        for cell in cells {
            let text = cell.raw.text();
            let header = Header::new(&text);
            percents |= header.unit.percent == Some(true);
            match (Column::meant_by(&header), dictionary().mob(&text)) {
                (Some(column), _) if known.iter().all(|other| other.column != column) => {
                    known.push(Known { at: cell.column, column, unit: header.unit });
                }
                (None, Some(mob)) => ages.push((cell.column, mob)),
                (Some(_), _) | (None, None) => {}
            }
        }
        let has = |column: Column| known.iter().any(|other| other.column == column);
        let amounts = known.iter().filter(|other| matches!(other.column, Column::Amount(_)));
        let amounts = amounts.count();
        let rising = ages.windows(2).all(|pair| pair[0].1 < pair[1].1);
        let dated = has(Column::Vintage) || has(Column::Origination);
        let timed = has(Column::Mob) || has(Column::ObsDate);
        let form = if has(Column::Id) && has(Column::ObsDate) {
            Form::History
        } else if dated && timed && amounts > 0 {
            Form::Long
        } else if ages.len() >= 2 && rising && amounts == 0 && cells[0].column < ages[0].0 {
            Form::Matrix
        } else if has(Column::ObsDate) && !dated && amounts > 1 {
            Form::Dynamic
        } else {
            if self.seen.is_empty() && cells.len() > 1 {
                let texts = cells.iter().map(|cell| cell.raw.text().into_owned());
                self.seen = texts.collect::<Vec<_>>().join(", ");
                self.places.sheet = sheet.to_string();
            }
            return;
        };
        if form == Form::Matrix && !has(Column::Vintage) {
            // The column before the first age holds the vintages, whatever its name.
            let first = ages[0].0;
            let at = cells.iter().map(|cell| cell.column).find(|at| *at < first).unwrap_or(0);
            if known.iter().all(|other| other.at != at) {
                known.push(Known { at, column: Column::Vintage, unit: Unit::default() });
            }
        }
        self.places.sheet = sheet.to_string();
        self.places.letters = known.iter().map(|known| (known.column, letters(known.at))).collect();
        (self.form, self.known, self.ages, self.percents) = (Some(form), known, ages, percents);
        self.needs(form, row);
    }

    /// Columns without which the form says nothing.
    fn needs(&mut self, form: Form, row: u32) {
        let has = |column| self.places.letters.contains_key(&column);
        let needed: &[Column] = match form {
            Form::Long => &[Column::OriginalAmount],
            Form::Matrix | Form::Dynamic => &[],
            Form::History => {
                &[Column::Origination, Column::OriginalAmount, Column::Amount(Measure::BalanceEnd)]
            }
        };
        for column in needed.iter().filter(|column| !has(**column)) {
            let origin = Origin::cell(&self.places.file, &self.places.sheet, row.to_string());
            self.findings.push(Finding::new("V0102", origin).with("column", column.name()));
        }
    }

    /// The cell of a column in a row, with the unit of the column.
    fn cell<'c>(&self, column: Column, cells: &'c [Cell<'c>]) -> Option<(&'c Cell<'c>, Unit)> {
        let known = self.known.iter().find(|known| known.column == column)?;
        let cell = cells.iter().find(|cell| cell.column == known.at)?;
        Some((cell, known.unit))
    }

    /// A value, or a finding about the cell.
    fn take<T>(&mut self, row: u32, column: Column, cell: &Cell, reading: Reading<T>) -> Option<T> {
        match reading {
            Reading::Is(value) => Some(value),
            Reading::Missing => None,
            Reading::Fault(why) => {
                let origin = self.places.cell(column, row);
                self.fault(origin, column.name(), &cell.raw.text(), why);
                None
            }
        }
    }

    /// The amount nearest to one with too many decimals; in another unit, how an amount looks.
    fn two_decimals(&self, column: &str, text: &str) -> String {
        let known = self.known.iter().find(|known| known.column.name() == column);
        let is_yuan =
            known.is_none_or(|known| known.unit.money.unwrap_or_default() == MoneyUnit::Yuan);
        let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
        let exact = Decimal::from_str_exact(&digits).ok().filter(|_| is_yuan);
        let rounded = exact.map(|exact| exact.round_dp(2).to_string());
        let rounded = rounded.and_then(|text| text.parse::<Amount>().ok());
        rounded.map_or("1,234.56".to_string(), Amount::grouped)
    }

    fn fault(&mut self, origin: Origin, column: &str, text: &str, why: &'static str) {
        let wanted = match why {
            "P0109" => ">= 0.00",
            "P0108" => &self.two_decimals(column, text),
            "P0105" => "2025-01 | 2025-01-31",
            MOST => "< 100,000,000,000.00",
            _ => "1,234.56",
        };
        let finding = Finding::new("V0103", origin).with("text", text).with("column", column);
        self.findings.push(finding.with("wanted", wanted));
    }

    fn month(&mut self, row: u32, column: Column, cells: &[Cell]) -> Option<NaiveDate> {
        let (cell, _) = self.cell(column, cells)?;
        self.take(row, column, cell, cell.raw.month())
    }

    fn amount(&mut self, row: u32, column: Column, cells: &[Cell]) -> Option<Amount> {
        let (cell, unit) = self.cell(column, cells)?;
        let reading = within(cell.raw.amount(unit.money.unwrap_or_default()));
        self.take(row, column, cell, reading)
    }

    fn count(&mut self, row: u32, column: Column, most: u32, cells: &[Cell]) -> Option<u32> {
        let (cell, _) = self.cell(column, cells)?;
        self.take(row, column, cell, cell.raw.count(most))
    }

    fn text(&self, column: Column, cells: &[Cell]) -> String {
        self.cell(column, cells).map(|(cell, _)| cell.raw.text().into_owned()).unwrap_or_default()
    }

    fn data(&mut self, form: Form, row: u32, cells: &[Cell]) {
        match form {
            Form::Long => self.long(row, cells),
            Form::Matrix => self.matrix(row, cells),
            Form::Dynamic => self.dynamic(row, cells),
            Form::History => self.of_receivable(row, cells),
        }
    }

    /// The vintage of a row, made where it is new.
    fn vintage(&mut self, row: u32, cells: &[Cell]) -> Option<usize> {
        let product = self.text(Column::Product, cells);
        let before = self.findings.len();
        let month = self
            .month(row, Column::Vintage, cells)
            .or_else(|| self.month(row, Column::Origination, cells));
        if month.is_none() && self.findings.len() == before {
            return None;
        }
        let original = self.amount(row, Column::OriginalAmount, cells);
        let count = self.count(row, Column::OriginalCount, u32::MAX, cells);
        let month = month?;
        let place = self.place(product, month, original.unwrap_or_default(), count);
        let vintage = &self.vintages[place];
        if let Some(now) = original.filter(|now| *now != vintage.original) {
            let origin = self.places.cell(Column::OriginalAmount, row);
            let finding = Finding::new("V0105", origin).with("vintage", vintage.name());
            let finding = finding.with("first", vintage.original.grouped());
            self.findings.push(finding.with("now", now.grouped()));
        }
        Some(place)
    }

    fn place(
        &mut self,
        product: String,
        month: NaiveDate,
        original: Amount,
        count: Option<u32>,
    ) -> usize {
        let key = (product.clone(), month);
        *self.rows.entry(key).or_insert_with(|| {
            let months = BTreeMap::new();
            self.vintages.push(Vintage { product, month, original, count, months });
            self.vintages.len() - 1
        })
    }

    fn amounts(&mut self, month: &mut Month, cells: &[Cell]) {
        for (measure, _) in Measure::ALL {
            if let Some(amount) = self.amount(month.row, Column::Amount(measure), cells) {
                month.set(measure, amount);
            }
        }
    }

    fn long(&mut self, row: u32, cells: &[Cell]) {
        let before = self.findings.len();
        let place = self.vintage(row, cells);
        if place.is_none() && self.findings.len() == before {
            return;
        }
        // Every wrong cell of a row is told.
        let stated = self.count(row, Column::Mob, MOB_MOST, cells);
        let observed = self.month(row, Column::ObsDate, cells);
        let mut month = Month::new(0, observed.map_or(NaiveDate::MIN, month_end), row);
        self.amounts(&mut month, cells);
        let Some(place) = place else { return };
        let origination = self.vintages[place].month;
        let since = |date| u32::try_from(months_between(origination, date)).ok();
        let Some(mob) = stated.or(observed.and_then(since)).filter(|mob| *mob <= MOB_MOST) else {
            return;
        };
        month.mob = mob;
        if let Some(former) = self.vintages[place].months.get(&mob) {
            let origin = self.places.cell(Column::Mob, row);
            let finding = Finding::new("V0104", origin).with("first", former.row);
            let finding = finding.with("vintage", self.vintages[place].name());
            self.findings.push(finding.with("mob", mob));
            return;
        }
        self.vintages[place].months.insert(mob, month);
    }

    fn matrix(&mut self, row: u32, cells: &[Cell]) {
        let Some(vintage) = self.vintage(row, cells) else { return };
        for (at, mob) in self.ages.clone() {
            let Some(cell) = cells.iter().find(|cell| cell.column == at) else { continue };
            self.entries.push(Entry {
                vintage,
                mob,
                row,
                at,
                text: cell.raw.text().into_owned(),
                amount: within(cell.raw.amount(MoneyUnit::Yuan)),
                rate: cell.raw.rate(),
            });
        }
    }

    /// The cells of a matrix are ratios when one of them is a percentage, or none is above 1.
    fn entries(&mut self) {
        let rate = |entry: &Entry| match entry.rate {
            Reading::Is(rate) => Some(rate),
            Reading::Missing | Reading::Fault(_) => None,
        };
        let mut rates = self.entries.iter().filter_map(rate);
        let shares = self.percents
            || rates.clone().any(|(_, percent)| percent)
            || rates.all(|(rate, _)| rate <= Rate::ONE);
        let lent = self.vintages.iter().any(|vintage| vintage.original > Amount::ZERO);
        if shares && !lent {
            let origin = Origin::cell(&self.places.file, &self.places.sheet, "");
            self.findings.push(Finding::new("V0115", origin));
            self.vintages.iter_mut().for_each(|vintage| vintage.original = UNIT);
        }
        for entry in std::mem::take(&mut self.entries) {
            let origin = || {
                let cell = format!("{}{}", letters(entry.at), entry.row);
                Origin::cell(&self.places.file, &self.places.sheet, cell)
            };
            let original = self.vintages[entry.vintage].original;
            let amount = match (shares, entry.amount, entry.rate) {
                (false, Reading::Is(amount), _) => amount,
                (true, _, Reading::Is((rate, percent))) => {
                    let bare = self.percents && !percent;
                    original.at(if bare { Rate::from_parts(rate.parts() / 100) } else { rate })
                }
                (false, Reading::Fault(why), _) | (true, _, Reading::Fault(why)) => {
                    let origin = origin();
                    self.fault(origin, self.options.measure.name(), &entry.text, why);
                    continue;
                }
                (false, Reading::Missing, _) | (true, _, Reading::Missing) => continue,
            };
            let mut month = Month::new(entry.mob, NaiveDate::MIN, entry.row);
            month.set(self.options.measure, amount);
            self.vintages[entry.vintage].months.insert(entry.mob, month);
        }
    }

    fn dynamic(&mut self, row: u32, cells: &[Cell]) {
        let product = self.text(Column::Product, cells);
        let before = self.findings.len();
        let date = self.month(row, Column::ObsDate, cells);
        if date.is_none() && self.findings.len() == before {
            return;
        }
        let mut month = Month::new(0, date.map_or(NaiveDate::MIN, month_end), row);
        self.amounts(&mut month, cells);
        let Some(date) = date else { return };
        let place = self.vintages.iter().position(|vintage| vintage.product == product);
        let opening = month.get(Measure::BalanceBegin).or(month.get(Measure::BalanceEnd));
        let opening = opening.or(month.get(Measure::Normal)).unwrap_or_default();
        let place = place.unwrap_or_else(|| self.place(product, date, opening, None));
        let first = self.vintages[place].month;
        let Ok(mob) = u32::try_from(months_between(first, date)) else { return };
        month.mob = mob;
        self.vintages[place].months.insert(mob, month);
    }

    fn of_receivable(&mut self, row: u32, cells: &[Cell]) {
        let id = self.text(Column::Id, cells);
        let product = self.text(Column::Product, cells);
        let origination = self.month(row, Column::Origination, cells);
        let date = self.month(row, Column::ObsDate, cells);
        let original = self.amount(row, Column::OriginalAmount, cells);
        let past_due = self.count(row, Column::PastDueDays, 100_000, cells).unwrap_or(0);
        let mut month = Month::new(0, date.map_or(NaiveDate::MIN, month_end), row);
        self.amounts(&mut month, cells);
        let (Some(origination), Some(date), Some(original)) = (origination, date, original) else {
            return;
        };
        if let Some(first) =
            self.history.take((&id, &product), origination, original, past_due, month)
        {
            let origin = self.places.cell(Column::Id, row);
            let finding = Finding::new("V0104", origin).with("first", first).with("vintage", id);
            self.findings.push(finding.with("mob", date.format("%Y-%m")));
        }
    }

    fn finish(mut self, sha256: String) -> Checked<Option<StaticPool>> {
        let Some(form) = self.form else {
            let origin = Origin::cell(&self.places.file, &self.places.sheet, "");
            let finding = Finding::new("V0101", origin).with("seen", &self.seen);
            return Checked::new(None, vec![finding]);
        };
        if form == Form::Matrix {
            self.entries();
        }
        let mut recovery_lag = Vec::new();
        if form == Form::History {
            let days = self.options.default_past_due_days;
            (self.vintages, recovery_lag) = self.history.into_vintages(days);
        }
        self.vintages.retain(|vintage| !vintage.months.is_empty());
        self.vintages.sort_by(|a, b| (&a.product, a.month).cmp(&(&b.product, b.month)));
        let file = self.places.file.clone();
        let youngest = self.vintages.iter().flat_map(|v| v.months.keys()).min();
        let mob_base = u32::from(form != Form::History && youngest.is_some_and(|mob| *mob == 1));
        for vintage in &mut self.vintages {
            let origination = vintage.month;
            for month in vintage.months.values_mut().filter(|m| m.date == NaiveDate::MIN) {
                let age = Months::new(month.mob.saturating_sub(mob_base));
                let date = origination.checked_add_months(age).expect("an age is 50 years at most");
                month.date = month_end(date);
            }
        }
        let unstated = self.findings.iter().any(|finding| finding.code == "V0102");
        let needless = unstated || form == Form::Dynamic;
        let lent = |vintage: &&Vintage| needless || vintage.original > Amount::ZERO;
        for vintage in self.vintages.iter().filter(|vintage| !lent(vintage)) {
            let row = vintage.months.values().next().map_or(0, |month| month.row);
            let origin = self.places.cell(Column::OriginalAmount, row);
            self.findings.push(Finding::new("V0116", origin).with("vintage", vintage.name()));
        }
        if self.vintages.is_empty() && self.findings.is_empty() {
            self.findings.push(Finding::new("V0114", Origin::file(&file)));
        }
        let vintages = self.vintages;
        let pool = StaticPool { file, sha256, form, vintages, recovery_lag, mob_base };
        self.findings.extend(rules::check(&pool, &self.places));
        let findings = fold(self.findings, 5);
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        Checked::new((!refused).then_some(pool), findings)
    }
}
