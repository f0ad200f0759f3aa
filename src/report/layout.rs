//! Where every line and input stands in the workbook: the only place that knows the orientation.
//!
//! | Dimension | Rows                                   | So that                                    |
//! |-----------|----------------------------------------|--------------------------------------------|
//! | one       | one row a tick                         | the prior tick is the row above            |
//! | cohort    | month by month, all cohorts of a month | a month's total is one `SUM` over a block  |
//! | offer     | date by date, all offers of a date         | what is above is what was bought before    |
//! | segment   | segment by segment, all its months     | lags are a window of rows below each other |
//!
//! Lines of one axis and dimension stand in the same rows on every sheet.

use std::collections::BTreeMap;

use super::labels::Labels;
use super::workbook::{cell_name, column_name};
use crate::formula::{Cells, Elements, InputId, LineId, Sort, Sorts};
use crate::model::{Axis, Dim, Line, Model, Topic};

/// The row of the column sums.
pub(super) const TOTAL_ROW: u32 = 5;
/// The row of tick 0, and of the first input.
pub(super) const FIRST_ROW: u32 = 6;
/// The row of the column headings.
pub(super) const HEADER_ROW: u32 = 4;
/// The row of the headings over columns.
pub(super) const GROUP_ROW: u32 = 3;
/// The column of input values.
pub(super) const VALUE_COLUMN: u16 = 3;

/// A sheet and a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The sheet's topic.
    pub topic: Topic,
    /// The column, from 0.
    pub column: u16,
}

/// The layout of a model.
#[derive(Clone, Debug)]
pub struct Layout<'a> {
    model: &'a Model,
    labels: Labels,
    spots: Vec<Spot>,
}

impl<'a> Layout<'a> {
    /// Lays out a model.
    pub fn new(model: &'a Model, labels: Labels) -> Layout<'a> {
        let mut next: BTreeMap<Topic, u16> = BTreeMap::new();
        let spots = model.lines.iter().map(|line| {
            let column = next.entry(line.topic).or_insert(first_column(line.dim));
            let spot = Spot { topic: line.topic, column: *column };
            *column += 1;
            spot
        });
        Layout { model, labels, spots: spots.collect() }
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// The labels.
    pub fn labels(&self) -> Labels {
        self.labels
    }

    /// Where a line stands.
    pub fn spot(&self, line: LineId) -> Spot {
        self.spots[line.0]
    }

    /// The row of a line's value.
    pub fn row(&self, line: LineId, tick: usize, element: usize) -> u32 {
        let line = &self.model.lines[line.0];
        let block = self.block_of(line.dim);
        let ticks = self.model.timeline.len(line.axis) + 1;
        let offset = match line.dim {
            Dim::One if line.axis == Axis::Purchases => self.purchase_row(tick),
            Dim::One | Dim::Cohort | Dim::Offer => tick * block + element,
            Dim::Segment => element * ticks + tick,
        };
        FIRST_ROW + u32::try_from(offset).expect("a sheet has a million rows")
    }

    /// The rows of one tick: its elements, and an empty row below them where the deal buys.
    ///
    /// Some spreadsheets compute a run of like formulas as one group. Where months depend on payments
    /// and payments on months, such a group would wait for itself, and a sum over it would see values
    /// of before; an empty row ends the group with its month.
    fn block_of(&self, dim: Dim) -> usize {
        let apart = !self.model.offers.is_empty() && matches!(dim, Dim::Cohort | Dim::Offer);
        self.model.elements(dim) + usize::from(apart)
    }

    /// The row of a purchase date from the first: an empty row stands below the dates of each month, as
    /// below its cohorts.
    fn purchase_row(&self, tick: usize) -> usize {
        tick + self.model.timeline.other_at(Axis::Purchases, tick)
    }

    /// What stands in a cell: the line with tick and element, if any.
    pub fn line_at(&self, topic: Topic, row: u32, column: u16) -> Option<(LineId, usize, usize)> {
        let place =
            self.spots.iter().position(|spot| spot.topic == topic && spot.column == column)?;
        let line: &Line = &self.model.lines[place];
        let offset = usize::try_from(row.checked_sub(FIRST_ROW)?).ok()?;
        let block = self.block_of(line.dim);
        let ticks = self.model.timeline.len(line.axis) + 1;
        if line.dim == Dim::One && line.axis == Axis::Purchases {
            let tick = (0..ticks).find(|tick| self.purchase_row(*tick) == offset)?;
            return Some((LineId(place), tick, 0));
        }
        if offset >= ticks * block {
            return None;
        }
        let (tick, element) = match line.dim {
            Dim::One | Dim::Cohort | Dim::Offer => (offset / block, offset % block),
            Dim::Segment => (offset % ticks, offset / ticks),
        };
        (element < self.model.elements(line.dim)).then_some((LineId(place), tick, element))
    }

    /// The row of an input on the inputs sheet.
    pub fn input_row(&self, input: InputId) -> u32 {
        FIRST_ROW + u32::try_from(input.0).expect("inputs are few")
    }

    /// The input in a row of the inputs sheet, if any.
    pub fn input_at(&self, row: u32) -> Option<InputId> {
        let place = usize::try_from(row.checked_sub(FIRST_ROW)?).ok()?;
        (place < self.model.inputs.len()).then_some(InputId(place))
    }

    /// A line's cell with its sheet: `Pool!D7`.
    pub fn cell(&self, line: LineId, tick: usize, element: usize) -> String {
        let spot = self.spot(line);
        let cell = cell_name(self.row(line, tick, element), spot.column);
        format!("{}!{cell}", self.sheet(spot.topic.key()))
    }

    /// A sheet's name as formulas write it.
    pub fn sheet(&self, key: &str) -> String {
        quoted(self.labels.sheet(key))
    }

    /// The view from one cell.
    pub fn from(&'a self, line: LineId, tick: usize, element: usize) -> From<'a> {
        From { layout: self, line, tick, element }
    }
}

/// Sheet names that are not plain ASCII words stand in quotes.
pub fn quoted(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric()) {
        name.to_string()
    } else {
        format!("'{name}'")
    }
}

/// The first column of a line: after number and date, and after the cohort's name.
pub(super) fn first_column(dim: Dim) -> u16 {
    match dim {
        Dim::One => 2,
        Dim::Cohort | Dim::Segment | Dim::Offer => 3,
    }
}

/// The layout seen from one cell: how its formula names what it reads.
pub struct From<'a> {
    layout: &'a Layout<'a>,
    line: LineId,
    tick: usize,
    element: usize,
}

impl From<'_> {
    fn own(&self) -> &Line {
        &self.layout.model.lines[self.line.0]
    }

    fn reference(&self, line: LineId, tick: usize) -> String {
        let model = self.layout.model;
        let element = model.element(self.own().dim, self.element, model.lines[line.0].dim);
        let spot = self.layout.spot(line);
        self.at_sheet(spot.topic, &cell_name(self.layout.row(line, tick, element), spot.column))
    }

    fn at_sheet(&self, topic: Topic, cells: &str) -> String {
        if topic == self.own().topic {
            cells.to_string()
        } else {
            format!("{}!{cells}", self.layout.sheet(topic.key()))
        }
    }

    fn block(&self, line: LineId, first: u32, last: u32) -> String {
        let spot = self.layout.spot(line);
        let column = column_name(spot.column);
        self.at_sheet(spot.topic, &format!("{column}{}:{column}{}", first + 1, last + 1))
    }

    /// The last tick of a line's axis up to a tick of this one.
    fn other(&self, line: LineId, tick: usize) -> usize {
        let model = self.layout.model;
        model.timeline.at(self.own().axis, tick, model.lines[line.0].axis)
    }

    /// The cells of elements that stand next to each other.
    fn group(&self, line: LineId, group: std::ops::Range<usize>) -> String {
        let dim = self.layout.model.lines[line.0].dim;
        if group.is_empty() {
            // A segment that no receivable belongs to.
            return "0".to_string();
        }
        if dim == Dim::Segment {
            // Segments stand below each other with all their months: not one block.
            let spot = self.layout.spot(line);
            let cell = |element| cell_name(self.layout.row(line, self.tick, element), spot.column);
            let cells = group.map(|element| self.at_sheet(spot.topic, &cell(element)));
            return cells.collect::<Vec<_>>().join(",");
        }
        let row = |element| self.layout.row(line, self.tick, element);
        self.block(line, row(group.start), row(group.end.saturating_sub(1)))
    }
}

impl Sorts for From<'_> {
    fn line(&self, line: LineId) -> Sort {
        self.layout.model.lines[line.0].sort
    }

    fn input(&self, input: InputId) -> Sort {
        self.layout.model.inputs[input.0].sort
    }
}

impl Cells for From<'_> {
    fn input_cell(&self, input: InputId) -> String {
        let cell = format!("${}${}", column_name(VALUE_COLUMN), self.layout.input_row(input) + 1);
        format!("{}!{cell}", self.layout.sheet("inputs"))
    }

    fn now(&self, line: LineId) -> String {
        self.reference(line, self.tick)
    }

    fn prior(&self, line: LineId) -> String {
        self.reference(line, self.tick - 1)
    }

    fn latest(&self, line: LineId) -> String {
        self.reference(line, self.other(line, self.tick))
    }

    fn before(&self, line: LineId) -> String {
        self.reference(line, self.other(line, self.tick - 1))
    }

    fn since(&self, line: LineId) -> Option<String> {
        let (before, now) = (self.other(line, self.tick - 1), self.other(line, self.tick));
        let model = self.layout.model;
        let dim = model.lines[line.0].dim;
        let element = model.element(self.own().dim, self.element, dim);
        let row = |tick| self.layout.row(line, tick, element);
        (before < now).then(|| {
            if dim == Dim::One || before + 1 == now {
                return self.block(line, row(before + 1), row(now));
            }
            // The values of one element do not stand below each other.
            let column = self.layout.spot(line).column;
            let topic = self.layout.spot(line).topic;
            let cells =
                (before + 1..=now).map(|tick| self.at_sheet(topic, &cell_name(row(tick), column)));
            cells.collect::<Vec<_>>().join(",")
        })
    }

    fn above(&self, line: LineId) -> Option<String> {
        let row = self.layout.row(line, self.tick, self.element);
        let column = self.layout.spot(line).column;
        (self.element > 0)
            .then(|| self.at_sheet(self.layout.spot(line).topic, &cell_name(row - 1, column)))
    }

    fn total(&self, line: LineId) -> String {
        let model = self.layout.model;
        let dim = model.lines[line.0].dim;
        self.group(line, model.group(self.own().dim, self.element, dim))
    }

    fn part(&self, line: LineId, elements: Elements) -> String {
        self.group(line, elements.range())
    }

    fn window(&self, line: LineId, count: usize) -> (String, usize) {
        let count = count.min(self.tick);
        let row = |tick| self.layout.row(line, tick, self.element);
        (self.block(line, row(self.tick + 1 - count), row(self.tick)), count)
    }

    fn input_range(&self, first: InputId, last: InputId) -> String {
        let column = column_name(VALUE_COLUMN);
        let row = |input| self.layout.input_row(input) + 1;
        let range = format!("${column}${}:${column}${}", row(first), row(last));
        format!("{}!{range}", self.layout.sheet("inputs"))
    }

    fn element(&self) -> usize {
        self.element
    }

    fn places(&self, sort: Sort) -> String {
        if sort == Sort::Rate {
            let places = self.layout.model.input("unit.rate_places");
            return self.input_cell(places.expect("every model has its units"));
        }
        "2".to_string()
    }
}
