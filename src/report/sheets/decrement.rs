//! Decrement tables: grey values of many runs, and the live scenario restated beside them.
//!
//! ```text
//! lives       tranche │ until │ 0.5 % 1 % … │ as assumed │ live        rows: until × group
//! control     Σ |as assumed − live| = 0, else the table is of other inputs than the sheets
//! percents    date │ years │ group: 0.5 % 1 % … │ …      │ group: as assumed, live
//! ```

use super::super::layout::{FIRST_ROW as FIRST_TICK, Layout, VALUE_COLUMN};
use super::super::workbook::{Content, Ink, Kind, Sheet, cell_name, column_name};
use crate::analytics::{Decrement, Group, Outcome, Until};
use crate::deal::Deal;
use crate::formula::{Sort, cell_value};
use crate::model::serial;

/// The row of the headings over the lives.
const FIRST: u32 = 5;
/// Lives are shown and compared to nine places.
const PLACES: f64 = 1e9;

/// The sheet of a table, beside the sheets of the live run in the same layout. `speed` is the kind
/// of its speeds.
pub fn decrement_sheet(layout: &Layout, deal: &Deal, speed: &str, table: &Decrement) -> Sheet {
    let labels = layout.labels();
    let mut sheet = Sheet {
        name: labels.sheet("decrement").to_string(),
        landscape: true,
        tab: Some(0xFFC000),
        widths: vec![(0, 34.0), (1, 20.0)],
        ..Sheet::default()
    };
    sheet.text(0, 0, labels.title("decrement"), Kind::Title);
    sheet.text(1, 0, labels.about("decrement"), Kind::Note);
    let kind = labels.text("decrement_speed").replace("{speed}", speed);
    sheet.text(2, 0, kind.replace("{day_count}", table.day_count.name()), Kind::Note);
    let grid = FIRST + 4 + rows_of_lives(table);
    sheet.heights.extend([FIRST, grid + 1].map(|row| (row, 28.0)));
    let mut page = Page { layout, deal, table, sheet, differences: Vec::new() };
    page.grid(grid);
    page.lives(grid);
    page.control(grid - 3);
    page.sheet
}

struct Page<'a> {
    layout: &'a Layout<'a>,
    deal: &'a Deal,
    table: &'a Decrement,
    sheet: Sheet,
    /// What the control adds up: ranges of restated and live cells.
    differences: Vec<(String, String)>,
}

impl Page<'_> {
    fn variants(&self) -> u16 {
        u16::try_from(self.table.variants.len()).expect("variants are few")
    }

    fn text(&self, until: Until) -> String {
        self.layout.labels().text(match until {
            Until::Call => "to_call",
            Until::Maturity => "to_maturity",
        })
    }

    /// Lives: one row a group, to the call and to maturity; the live scenario restated in the rows
    /// of its kind.
    fn lives(&mut self, grid: u32) {
        let (labels, after) = (self.layout.labels(), 2 + self.variants());
        self.sheet.text(FIRST - 1, 0, labels.text("lives"), Kind::Group);
        for (column, key) in
            [(0, "tranche"), (1, "until"), (after, "exported"), (after + 1, "live")]
        {
            self.sheet.text(FIRST, column, labels.text(key), Kind::Header);
        }
        for (column, name) in (2..).zip(&self.table.variants) {
            self.sheet.text(FIRST, column, name.clone(), Kind::Header);
        }
        let mut row = FIRST + 1;
        for until in [Until::Call, Until::Maturity] {
            let scenarios = self.table.until(until);
            if scenarios.is_empty() {
                continue;
            }
            for (place, group) in self.table.groups.iter().enumerate() {
                self.sheet.text(row, 0, labels.name(&group.name), Kind::Text);
                self.sheet.text(row, 1, self.text(until), Kind::Text);
                for (column, scenario) in (2..).zip(&scenarios) {
                    life(&mut self.sheet, (row, column), &scenario.outcomes[place]);
                }
                if until == self.table.live.until {
                    self.restated_life((row, after), group, place, grid);
                }
                row += 1;
            }
        }
    }

    fn restated_life(&mut self, (row, column): (u32, u16), group: &Group, place: usize, grid: u32) {
        let outcome = &self.table.live.outcomes[place];
        life(&mut self.sheet, (row, column), outcome);
        let last = FIRST_TICK + narrow(self.table.dates.len()) - 1;
        let paid: Vec<String> = self
            .lines(group, "principal_paid")
            .map(|(sheet, column)| {
                format!("{sheet}!{column}{}:{column}{}", FIRST_TICK + 2, last + 1)
            })
            .collect();
        let years = format!("B{}:B{}", grid + 4, grid + 2 + narrow(self.table.dates.len()));
        let sum = paid.iter().map(|range| format!("SUM({range})")).collect::<Vec<_>>().join("+");
        let weighted: Vec<String> =
            paid.iter().map(|range| format!("SUMPRODUCT({range},{years})")).collect();
        let formula = format!("IF({sum}=0,0,ROUND(({})/({sum}),9))", weighted.join("+"));
        let content = Content::Formula(formula, rounded(outcome));
        self.sheet.put(row, column + 1, content, Kind::PerHundred, Ink::Formula);
        self.differences.push((cell_name(row, column), cell_name(row, column + 1)));
    }

    /// The sheet and the column of a line of each of a group's tranches.
    fn lines(&self, group: &Group, part: &str) -> impl Iterator<Item = (String, String)> {
        let of = |place: &usize| {
            let key = format!("tranche.{}.{part}", self.deal.tranches[*place].id);
            let spot = self.layout.spot(self.layout.model().line(&key)?);
            Some((self.layout.sheet(spot.topic.key()), column_name(spot.column)))
        };
        group.tranches.iter().filter_map(of).collect::<Vec<_>>().into_iter()
    }

    /// Percents after each payment, the closing first.
    fn grid(&mut self, top: u32) {
        let labels = self.layout.labels();
        self.sheet.text(top - 1, 0, labels.text("percents"), Kind::Group);
        self.sheet.text(top + 1, 0, labels.text("date"), Kind::Header);
        self.sheet.text(top + 1, 1, labels.text("years"), Kind::Header);
        for (row, payment) in (top + 2..).zip(0..self.table.dates.len()) {
            let date = cell_value(serial(self.table.dates[payment]), Sort::Date);
            self.sheet.put(row, 0, Content::Number(date), Kind::Date, Ink::Engine);
            let years = Content::Number(self.table.years(payment));
            self.sheet.put(row, 1, years, Kind::PerHundred, Ink::Engine);
        }
        let mut column = 2;
        for until in [Until::Call, Until::Maturity] {
            for place in 0..self.table.groups.len() {
                column = self.grey(top, column, until, place);
            }
        }
        for place in 0..self.table.groups.len() {
            self.restated(top, column, place);
            column += 2;
        }
    }

    /// One group of one kind: a column for each variant.
    fn grey(&mut self, top: u32, first: u16, until: Until, place: usize) -> u16 {
        let scenarios = self.table.until(until);
        if scenarios.is_empty() {
            return first;
        }
        let name = self.layout.labels().name(&self.table.groups[place].name);
        self.sheet.text(top, first, format!("{name}, {}", self.text(until)), Kind::Group);
        for (column, scenario) in (first..).zip(scenarios) {
            self.sheet.text(
                top + 1,
                column,
                self.table.variants[scenario.variant].clone(),
                Kind::Header,
            );
            shares(&mut self.sheet, (top + 2, column), &scenario.outcomes[place]);
        }
        first + self.variants()
    }

    /// One group of the live scenario: as it was exported, and live.
    fn restated(&mut self, top: u32, column: u16, place: usize) {
        let (labels, group) = (self.layout.labels(), &self.table.groups[place]);
        let outcome = &self.table.live.outcomes[place];
        self.sheet.text(top, column, labels.name(&group.name), Kind::Group);
        self.sheet.text(top + 1, column, labels.text("exported"), Kind::Header);
        self.sheet.text(top + 1, column + 1, labels.text("live"), Kind::Header);
        shares(&mut self.sheet, (top + 2, column), outcome);
        let balances: Vec<(String, String)> = self.lines(group, "closing_balance").collect();
        let faces = self.faces(group);
        for (row, payment) in (top + 2..).zip(0..outcome.balances.len()) {
            let tick = FIRST_TICK + narrow(payment) + 1;
            let cell = |(sheet, column): &(String, String)| format!("{sheet}!{column}{tick}");
            let sum = balances.iter().map(cell).collect::<Vec<_>>().join("+");
            let formula = format!("IF({faces}=0,0,ROUND(({sum})/({faces}),12))");
            let content = Content::Formula(formula, outcome.share(payment).to_f64());
            self.sheet.put(row, column + 1, content, Kind::Share, Ink::Formula);
        }
        let last = top + 1 + narrow(outcome.balances.len());
        let range = |column| format!("{}:{}", cell_name(top + 2, column), cell_name(last, column));
        self.differences.push((range(column), range(column + 1)));
    }

    /// The sum of the faces, as cells of the inputs.
    fn faces(&self, group: &Group) -> String {
        let cell = |place: &usize| {
            let key = format!("tranche.{}.face", self.deal.tranches[*place].id);
            let input = self.layout.model().input(&key).expect("every tranche has a face");
            let cell = cell_name(self.layout.input_row(input), VALUE_COLUMN);
            format!("{}!{cell}", self.layout.sheet("inputs"))
        };
        group.tranches.iter().map(cell).collect::<Vec<_>>().join("+")
    }

    /// Zero while the sheets of the workbook are the scenario that the table restates.
    fn control(&mut self, row: u32) {
        let labels = self.layout.labels();
        let parts =
            self.differences.iter().map(|(grey, live)| format!("SUMPRODUCT(ABS({grey}-{live}))"));
        let sum = parts.collect::<Vec<_>>().join("+");
        self.sheet.text(row, 0, labels.text("decrement_control"), Kind::Strong);
        let content = Content::Formula(format!("ROUND({sum},8)"), 0.0);
        self.sheet.put(row, 1, content, Kind::Zero, Ink::Total);
        let (agrees, stale) = (labels.text("control_agrees"), labels.text("control_stale"));
        let said = format!("IF({}=0,\"{agrees}\",\"{stale}\")", cell_name(row, 1));
        self.sheet.put(row, 2, Content::TextFormula(said, agrees), Kind::Strong, Ink::Formula);
    }
}

fn life(sheet: &mut Sheet, (row, column): (u32, u16), outcome: &Outcome) {
    sheet.put(row, column, Content::Number(rounded(outcome)), Kind::PerHundred, Ink::Engine);
}

fn rounded(outcome: &Outcome) -> f64 {
    outcome.life.map_or(0.0, |life| (life * PLACES).round() / PLACES)
}

fn shares(sheet: &mut Sheet, (first, column): (u32, u16), outcome: &Outcome) {
    for (row, payment) in (first..).zip(0..outcome.balances.len()) {
        let share = Content::Number(outcome.share(payment).to_f64());
        sheet.put(row, column, share, Kind::Share, Ink::Engine);
    }
}

/// One row a group and kind.
fn rows_of_lives(table: &Decrement) -> u32 {
    let kinds = [Until::Call, Until::Maturity].map(|until| !table.until(until).is_empty());
    let kinds = kinds.into_iter().filter(|there| *there).count();
    narrow(kinds * table.groups.len())
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("a sheet has a million rows")
}
