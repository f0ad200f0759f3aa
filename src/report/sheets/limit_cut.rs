//! The limit-cut study: grey values of runs side by side, a page for each scenario, and the live
//! scenario restated by a control.
//!
//! ```text
//! Limits        measure │ as assumed │ scenario 1 │ …      control, charts of idle cash and pool
//! Scenario n    date │ supply │ budget │ bought │ ratio │ idle │ carry │ spread │ pool, charts
//! ```

use super::super::layout::{FIRST_ROW as FIRST_TICK, Layout, quoted};
use super::super::workbook::{
    Chart, Content, Form, Ink, Kind, Series, Sheet, cell_name, column_name,
};
use crate::analytics::{SupplyDate, SupplyPath};
use crate::config::Text;
use crate::deal::{Deal, Due};
use crate::formula::{Sort, cell_value};
use crate::model::serial;
use crate::money::Amount;

/// The row of the headings.
const FIRST: u32 = 5;
/// The columns of a scenario's page: what stands in them.
const COLUMNS: [&str; 10] = [
    "date",
    "study_state",
    "study_supply",
    "study_budget",
    "study_price",
    "study_ratio",
    "study_idle",
    "study_carry",
    "study_spread",
    "study_pool",
];
const SUPPLY: u16 = 2;
const BUDGET: u16 = 3;
const PRICE: u16 = 4;
const IDLE: u16 = 6;
const POOL: u16 = 9;

/// The sheets of a study: the comparison, then a page for each of its runs.
pub fn limit_cut_sheets(layout: &Layout, deal: &Deal, paths: &[(Text, SupplyPath)]) -> Vec<Sheet> {
    let study = Study { layout, deal, paths };
    std::iter::once(study.comparison())
        .chain((0..paths.len()).map(|place| study.page(place)))
        .collect()
}

struct Study<'a> {
    layout: &'a Layout<'a>,
    deal: &'a Deal,
    paths: &'a [(Text, SupplyPath)],
}

impl Study<'_> {
    /// The name of a run's sheet.
    fn name(&self, place: usize) -> String {
        format!("{} {place}", self.layout.labels().sheet("limit_cut_scenario"))
    }

    fn text(&self, key: &str) -> String {
        self.layout.labels().text(key)
    }

    fn sheet(&self, key: &str, name: String, widths: Vec<(u16, f64)>) -> Sheet {
        let labels = self.layout.labels();
        let mut sheet =
            Sheet { name, landscape: true, tab: Some(0xFFC000), widths, ..Sheet::default() };
        sheet.text(0, 0, labels.title(key), Kind::Title);
        sheet.text(1, 0, labels.about(key), Kind::Note);
        let unit = labels.text("unit").replace("{currency}", &self.deal.currency);
        sheet.text(2, 0, unit, Kind::Note);
        sheet
    }

    // The comparison ---------------------------------------------------------------------------

    fn comparison(&self) -> Sheet {
        let labels = self.layout.labels();
        let columns = (1..).take(self.paths.len());
        let widths = std::iter::once((0, 46.0)).chain(columns.clone().map(|column| (column, 22.0)));
        let name = labels.sheet("limit_cut").to_string();
        let mut sheet = self.sheet("limit_cut", name, widths.collect());
        sheet.heights.push((FIRST, 44.0));
        sheet.text(FIRST, 0, self.text("scenario"), Kind::Header);
        for (column, (name, _)) in columns.clone().zip(self.paths) {
            sheet.text(FIRST, column, labels.name(name), Kind::Header);
        }
        let mut row = FIRST;
        for (title, read) in self.measures() {
            row += 1;
            sheet.text(row, 0, title, Kind::Text);
            for (column, (_, path)) in columns.clone().zip(self.paths) {
                match read(path) {
                    Measure::Text(text) => sheet.text(row, column, text, Kind::Text),
                    Measure::Number(value, kind) => {
                        sheet.put(row, column, Content::Number(value), kind, Ink::Engine);
                    }
                    Measure::None => {}
                }
            }
        }
        self.control(row + 2, &mut sheet);
        let of_each = |column: u16| -> Vec<Series> {
            (0..self.paths.len()).map(|place| self.series(place, column, true)).collect()
        };
        let charts = [("study_idle", of_each(IDLE)), ("study_pool", of_each(POOL))];
        self.charts(row + 4, (3, charts), &mut sheet);
        sheet
    }

    fn measures(&self) -> Vec<(String, Read<'_>)> {
        let mut rows: Vec<(String, Read)> = Vec::new();
        for (place, key) in ["study_supply", "study_budget", "study_price"].into_iter().enumerate()
        {
            rows.push((self.text(key), Box::new(move |path| money(path.totals()[place]))));
        }
        let share = |value: f64| Measure::Number(value, Kind::Share);
        rows.push((self.text("study_ratio"), Box::new(move |path| share(path.ratio()))));
        rows.push((self.text("study_idle_most"), Box::new(|path| money(path.idle_most()))));
        let carry = |path: &SupplyPath| Measure::Number(cents(path.carry()), Kind::Money);
        rows.push((self.text("study_carry"), Box::new(carry)));
        let spread = move |path: &SupplyPath| path.spread.map_or(Measure::None, share);
        rows.push((self.text("study_spread"), Box::new(spread)));
        let by_date = self.text("study_by_date");
        let early =
            move |path: &SupplyPath| path.early_end.map_or(Measure::Text(by_date.clone()), date);
        rows.push((self.text("study_early"), Box::new(early)));
        let breach = |path: &SupplyPath| path.breach.as_ref().map(|breach| date(breach.date));
        let none = self.text("none");
        let first =
            move |path: &SupplyPath| breach(path).unwrap_or_else(|| Measure::Text(none.clone()));
        rows.push((self.text("study_breach"), Box::new(first)));
        let which = |path: &SupplyPath| {
            path.breach.as_ref().map_or(Measure::None, |breach| Measure::Text(breach.id.clone()))
        };
        rows.push((self.text("study_breached"), Box::new(which)));
        for (place, tranche) in self.deal.tranches.iter().enumerate() {
            let title = |key: &str| self.layout.labels().text_of(key, &tranche.name);
            let life = move |path: &SupplyPath| {
                let life = path.tranches[place].wal;
                life.map_or(Measure::None, |life| Measure::Number(life, Kind::PerHundred))
            };
            rows.push((title("study_life"), Box::new(life)));
            let yields =
                move |path: &SupplyPath| path.tranches[place].xirr.map_or(Measure::None, share);
            rows.push((title("study_yield"), Box::new(yields)));
        }
        let short =
            |path: &SupplyPath| money(path.tranches.iter().map(|tranche| tranche.short).sum());
        rows.push((self.text("study_short"), Box::new(short)));
        rows
    }

    /// Zero while the sheets of the workbook are the run that the study calls its base.
    fn control(&self, row: u32, sheet: &mut Sheet) {
        let model = self.layout.model();
        let step = self.deal.steps.iter().enumerate().find_map(|(step, terms)| {
            let place = terms.pay.iter().position(|payment| payment.due == Due::Purchase)?;
            Some(format!("step.{}.{}", step + 1, place + 1))
        });
        let of_step = |part: &str| step.as_ref().map(|step| format!("{step}.{part}"));
        let restated = [
            (of_step("supply"), SUPPLY),
            (of_step("budget"), BUDGET),
            (of_step("purchase_price"), PRICE),
            (Some("cash.carry".to_string()), IDLE),
        ];
        let count = narrow(self.paths[0].1.dates.len());
        let base = quoted(&self.name(0));
        let parts = restated.into_iter().filter_map(|(key, column)| {
            let spot = self.layout.spot(model.line(&key?)?);
            let own = column_name(column);
            let (first, last) = (FIRST + 2, FIRST + 1 + count);
            let grey = format!("{base}!{own}{first}:{own}{last}");
            let live = column_name(spot.column);
            let (first, last) = (FIRST_TICK + 2, FIRST_TICK + 1 + count);
            let on = self.layout.sheet(spot.topic.key());
            Some(format!("SUMPRODUCT(ABS({grey}-{on}!{live}{first}:{live}{last}))"))
        });
        let sum = parts.collect::<Vec<_>>().join("+");
        sheet.text(row, 0, self.text("study_control"), Kind::Strong);
        sheet.put(row, 1, Content::Formula(format!("ROUND({sum},2)"), 0.0), Kind::Zero, Ink::Total);
        let (agrees, stale) = (self.text("control_agrees"), self.text("control_stale"));
        let said = format!("IF({}=0,\"{agrees}\",\"{stale}\")", cell_name(row, 1));
        sheet.put(row, 2, Content::TextFormula(said, agrees), Kind::Strong, Ink::Formula);
    }

    // A page ----------------------------------------------------------------------------------

    fn page(&self, place: usize) -> Sheet {
        let (name, path) = &self.paths[place];
        let widths = (0..).zip([12.0, 12.0, 16.0, 16.0, 16.0, 11.0, 16.0, 14.0, 11.0, 17.0]);
        let mut sheet = self.sheet("limit_cut_scenario", self.name(place), widths.collect());
        sheet.text(3, 0, self.layout.labels().name(name), Kind::Strong);
        sheet.heights.push((FIRST, 30.0));
        sheet.freeze = (FIRST + 1, 1);
        for (column, key) in (0..).zip(COLUMNS) {
            sheet.text(FIRST, column, self.text(key), Kind::Header);
        }
        for (row, at) in (FIRST + 1..).zip(&path.dates) {
            self.row(row, at, &mut sheet);
        }
        let below = FIRST + 2 + narrow(path.dates.len());
        let series =
            |columns: [u16; 2]| columns.map(|column| self.series(place, column, false)).to_vec();
        let charts = [
            ("study_chart_supply", series([SUPPLY, BUDGET])),
            ("study_chart_pool", series([POOL, IDLE])),
        ];
        self.charts(below, (5, charts), &mut sheet);
        sheet
    }

    fn row(&self, row: u32, at: &SupplyDate, sheet: &mut Sheet) {
        let revolving = at.revolving.then(|| self.layout.labels().part("revolving"));
        let state = revolving.unwrap_or_default();
        sheet.put(row, 0, number(date(at.date)), Kind::Date, Ink::Engine);
        sheet.text(row, 1, state, Kind::Text);
        for (column, amount) in [
            (SUPPLY, at.supply),
            (BUDGET, at.budget),
            (PRICE, at.price),
            (IDLE, at.idle),
            (POOL, at.pool),
        ] {
            sheet.put(row, column, Content::Number(amount.to_f64()), Kind::Money, Ink::Engine);
        }
        if at.budget > Amount::ZERO {
            sheet.put(row, 5, Content::Number(at.ratio.to_f64()), Kind::Share, Ink::Engine);
        }
        sheet.put(row, 7, Content::Number(cents(at.carry)), Kind::Money, Ink::Engine);
        if let Some(spread) = at.spread {
            sheet.put(row, 8, Content::Number(spread), Kind::Share, Ink::Engine);
        }
    }

    /// A column of a run's page; named for its run, or for what stands in it.
    fn series(&self, place: usize, column: u16, by_run: bool) -> Series {
        let (name, path) = &self.paths[place];
        let labels = self.layout.labels();
        let name = if by_run { labels.name(name) } else { self.text(COLUMNS[usize::from(column)]) };
        let rows = (FIRST + 1, FIRST + narrow(path.dates.len()));
        Series { name, sheet: self.name(place), category: 0, column, rows }
    }

    /// Two charts side by side.
    fn charts(
        &self,
        row: u32,
        (second, charts): (u16, [(&str, Vec<Series>); 2]),
        sheet: &mut Sheet,
    ) {
        for (column, (title, series)) in [0, second].into_iter().zip(charts) {
            let title = self.text(title);
            sheet.charts.push(Chart {
                at: (row, column),
                size: (520, 320),
                title,
                form: Form::Lines,
                series,
            });
        }
    }
}

/// How a row of the comparison is read from a run.
type Read<'a> = Box<dyn Fn(&SupplyPath) -> Measure + 'a>;

/// A figure of the comparison.
enum Measure {
    Text(String),
    Number(f64, Kind),
    None,
}

fn money(amount: Amount) -> Measure {
    Measure::Number(amount.to_f64(), Kind::Money)
}

fn date(day: chrono::NaiveDate) -> Measure {
    Measure::Number(cell_value(serial(day), Sort::Date), Kind::Date)
}

fn number(measure: Measure) -> Content {
    match measure {
        Measure::Number(value, _) => Content::Number(value),
        Measure::Text(text) => Content::Text(text),
        Measure::None => Content::Text(String::new()),
    }
}

fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).expect("a sheet has a million rows")
}
