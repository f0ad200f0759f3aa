//! A small model whose names are lines with a past, and inputs.

use std::collections::BTreeMap;

use super::super::{Names, Scope};
use crate::formula::compiled::Values;
use crate::formula::{Cells, Elements, Formula, InputId, LineId, Sort, Sorts};

/// Dates kept of every name.
pub const KEPT: usize = 6;

pub const NAMES: [(&str, Sort); 10] = [
    ("a.open", Sort::Amount),
    ("a-2", Sort::Amount),
    ("a_3", Sort::Amount),
    ("r.smm", Sort::Rate),
    ("r2", Sort::Rate),
    ("n.date", Sort::Number),
    ("n2", Sort::Number),
    ("f1", Sort::Flag),
    ("f.trigger", Sort::Flag),
    ("d.payment", Sort::Date),
];

const NOT_READ: &str = "the names of the test are read as lines and inputs";

/// Names as lines with their past, the third name of a sort as an input; literals as inputs.
pub struct World {
    /// By name: the value now, one date earlier, ….
    pub values: Vec<[i64; KEPT]>,
    /// The number of the date.
    pub number: i64,
    pub literals: Vec<(i64, Sort)>,
}

impl World {
    fn place(name: &str) -> usize {
        NAMES.iter().position(|(known, _)| *known == name).expect("a name of the test")
    }

    /// `a_3` and `r2` are inputs: they have no past of their own.
    pub fn is_input(place: usize) -> bool {
        [2, 4].contains(&place)
    }

    /// What stands in each cell.
    pub fn cells(&self) -> BTreeMap<String, (i64, Sort)> {
        let mut cells = BTreeMap::new();
        for (place, values) in self.values.iter().enumerate() {
            for (back, value) in values.iter().enumerate() {
                let value = if World::is_input(place) { values[0] } else { *value };
                let id = LineId(place * KEPT + back);
                cells.insert(Cells::now(self, id), (value, NAMES[place].1));
            }
            cells.insert(self.input_cell(InputId(1000 + place)), (values[0], NAMES[place].1));
        }
        cells.insert(Cells::now(self, LineId(999)), (self.number, Sort::Number));
        cells.insert(self.input_cell(InputId(2000)), (12, Sort::Number));
        for (place, literal) in self.literals.iter().enumerate() {
            cells.insert(self.input_cell(InputId(place)), *literal);
        }
        cells
    }
}

impl Names for World {
    fn sort(&self, name: &str) -> Option<Sort> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, sort)| *sort)
    }
}

impl Scope for World {
    fn now(&mut self, name: &str) -> Formula {
        let place = World::place(name);
        if World::is_input(place) {
            return Formula::Input(InputId(1000 + place));
        }
        Formula::Line(LineId(place * KEPT))
    }

    fn earlier(&mut self, name: &str, dates: u32) -> Formula {
        let back = usize::try_from(dates).expect("few dates");
        Formula::Line(LineId(World::place(name) * KEPT + back))
    }

    fn literal(&mut self, parts: i64, sort: Sort) -> Formula {
        self.literals.push((parts, sort));
        Formula::Input(InputId(self.literals.len() - 1))
    }

    fn rate_places(&mut self) -> (InputId, u32) {
        (InputId(2000), 12)
    }

    fn dates_so_far(&mut self, most: u32) -> Formula {
        let most = self.literal(most.into(), Sort::Number);
        Formula::Least(vec![most, Formula::Line(LineId(999))])
    }
}

impl Sorts for World {
    fn line(&self, line: LineId) -> Sort {
        NAMES.get(line.0 / KEPT).map_or(Sort::Number, |(_, sort)| *sort)
    }

    fn input(&self, input: InputId) -> Sort {
        match input.0 {
            2000 => Sort::Number,
            place @ 1000.. => NAMES[place - 1000].1,
            place => self.literals[place].1,
        }
    }
}

impl Values for World {
    fn input(&self, input: InputId) -> i64 {
        match input.0 {
            2000 => 12,
            place @ 1000.. => self.values[place - 1000][0],
            place => self.literals[place].0,
        }
    }

    fn now(&self, line: LineId, _: usize) -> i64 {
        if line.0 == 999 {
            return self.number;
        }
        let (place, back) = (line.0 / KEPT, line.0 % KEPT);
        self.values[place][if World::is_input(place) { 0 } else { back }]
    }

    fn prior(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn latest(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn before(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn since(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn total(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn part(&self, _: LineId, _: Elements) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn above(&self, _: LineId, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }

    fn lagged(&self, _: LineId, _: usize, _: usize) -> i64 {
        unreachable!("{NOT_READ}")
    }
}

impl Cells for World {
    fn input_cell(&self, input: InputId) -> String {
        format!("Inputs!$D${}", input.0 + 10)
    }

    fn now(&self, line: LineId) -> String {
        format!("Lines!C{}", line.0 + 10)
    }

    fn prior(&self, _: LineId) -> String {
        unreachable!("{NOT_READ}")
    }

    fn latest(&self, _: LineId) -> String {
        unreachable!("{NOT_READ}")
    }

    fn before(&self, _: LineId) -> String {
        unreachable!("{NOT_READ}")
    }

    fn since(&self, _: LineId) -> Option<String> {
        unreachable!("{NOT_READ}")
    }

    fn total(&self, _: LineId) -> String {
        unreachable!("{NOT_READ}")
    }

    fn part(&self, _: LineId, _: Elements) -> String {
        unreachable!("{NOT_READ}")
    }

    fn above(&self, _: LineId) -> Option<String> {
        unreachable!("{NOT_READ}")
    }

    fn window(&self, _: LineId, _: usize) -> (String, usize) {
        unreachable!("{NOT_READ}")
    }

    fn input_range(&self, _: InputId, _: InputId) -> String {
        unreachable!("{NOT_READ}")
    }

    fn element(&self) -> usize {
        0
    }

    fn places(&self, sort: Sort) -> String {
        match sort {
            Sort::Rate => self.input_cell(InputId(2000)),
            Sort::Amount | Sort::Number | Sort::Flag | Sort::Date => "2".to_string(),
        }
    }
}
