//! The triangle, the ladder over it, and the curves that it makes.

use super::super::workbook::{Chart, Form, Ink, Kind, Series, Sheet, cell_name, column_name};
use super::static_base;
use super::static_pool::{Page, column, formula, grey, input, narrow};
use crate::static_pool::{BaseCase, Ladder, surviving};

/// The first row of a block of vintages, below its headings.
const FIRST: u32 = 5;
/// The column of the first age.
const AGES: usize = 3;
/// The row of the ladder's first age.
const FIRST_AGE: u32 = 7;

/// Rows and columns of the triangle.
struct Places {
    vintages: u32,
}

impl Places {
    fn of(ladder: &Ladder) -> Places {
        Places { vintages: narrow(ladder.triangle.names.len()) }
    }

    /// The first row of a block: amounts, weights, links.
    fn first(&self, block: u32) -> u32 {
        FIRST + block * (self.vintages + 3)
    }

    /// An age's column of a block as an absolute range.
    fn range(&self, block: u32, place: usize) -> String {
        let letters = column_name(column(AGES + place));
        let first = self.first(block) + 1;
        format!("{letters}${first}:{letters}${}", first + self.vintages - 1)
    }
}

/// Where the row of amounts of a vintage stands, and the cell of its amount lent.
pub(super) fn row_of(ladder: &Ladder, vintage: usize) -> (String, String, String) {
    let row = FIRST + narrow(vintage) + 1;
    let last = column_name(column(AGES + ladder.triangle.mobs.len() - 1));
    let first = column_name(column(AGES));
    (format!("{first}{row}:{last}{row}"), format!("B{row}"), format!("C{row}"))
}

/// The column of growth to the end, as an absolute range of the ladder.
pub(super) fn to_ultimate(ladder: &Ladder) -> String {
    let last = FIRST_AGE + narrow(ladder.triangle.mobs.len());
    format!("G${}:G${last}", FIRST_AGE + 1)
}

/// Amounts, weights and links by vintage and age.
pub(super) fn triangle(page: &Page, ladder: &Ladder, base: &BaseCase) -> Sheet {
    let mut sheet = page.sheet("static_triangle", 0x2E75B6);
    sheet.widths = vec![(0, 22.0), (1, 16.0), (2, 9.0)];
    let (triangle, places) = (&ladder.triangle, Places::of(ladder));
    for place in 0..triangle.mobs.len() {
        sheet.widths.push((column(AGES + place), 14.0));
    }
    let labels = page.labels;
    for (block, key) in ["static_amounts", "static_weights", "static_links"].iter().enumerate() {
        let header = places.first(narrow(block)) - 1;
        sheet.text(header - 1, 0, labels.text(key), Kind::Group);
        sheet.text(header, 0, labels.text("static_vintage"), Kind::Header);
        if block == 0 {
            sheet.text(header, 1, labels.text("static_original"), Kind::Header);
            sheet.text(header, 2, labels.text("static_counts"), Kind::Header);
        }
        for (place, mob) in triangle.mobs.iter().enumerate() {
            let at = column(AGES + place);
            match (block, triangle.mobs.get(place + 1)) {
                (0, _) => sheet.text(header, at, mob.to_string(), Kind::Header),
                (_, Some(next)) => sheet.text(header, at, format!("{mob} → {next}"), Kind::Header),
                (_, None) => {}
            }
        }
    }
    for (vintage, name) in triangle.names.iter().enumerate() {
        let row = |block: u32| places.first(block) + narrow(vintage);
        (0..3).for_each(|block| sheet.text(row(block), 0, name.clone(), Kind::Text));
        grey(&mut sheet, (row(0), 1), triangle.originals[vintage]);
        input(&mut sheet, (row(0), 2), f64::from(u8::from(base.counts[vintage])), Kind::Flag);
        for (place, cell) in triangle.cells[vintage].iter().enumerate() {
            let at = column(AGES + place);
            let Some(amount) = cell else { continue };
            grey(&mut sheet, (row(0), at), *amount);
            let Some(Some(next)) = triangle.cells[vintage].get(place + 1) else { continue };
            let weight = f64::from(u8::from(ladder.weights[vintage][place]));
            input(&mut sheet, (row(1), at), weight, Kind::Flag);
            if let Some(link) = crate::static_pool::ratio(*next, *amount) {
                let (from, to) = (cell_name(row(0), at), cell_name(row(0), at + 1));
                let text = format!("ROUND({to}/{from},12)");
                formula(&mut sheet, (row(2), at), text, link, Kind::PerHundred);
            }
        }
    }
    sheet.freeze = (FIRST, 1);
    sheet
}

/// The ladder by age.
pub(super) fn ladder(page: &Page, ladder: &Ladder, base: &BaseCase) -> Sheet {
    let mut sheet = page.sheet("static_ladder", 0x2E75B6);
    sheet.widths = (0..12).map(|at| (at, if at == 0 { 22.0 } else { 15.0 })).collect();
    sheet.heights.push((FIRST_AGE - 1, 30.0));
    let labels = page.labels;
    sheet.text(3, 0, labels.text("static_average"), Kind::Text);
    let simple = ladder.method.average == crate::static_pool::Average::Simple;
    input(&mut sheet, (3, 1), if simple { 2.0 } else { 1.0 }, Kind::Count);
    sheet.text(4, 0, labels.text("static_tail"), Kind::Text);
    input(&mut sheet, (4, 1), ladder.method.tail.to_f64(), Kind::PerHundred);
    let heads = [
        "static_mob",
        "static_sum_from",
        "static_sum_to",
        "static_volume",
        "static_simple",
        "static_link",
        "static_to_ultimate",
        "static_timing",
        "static_balance",
        "static_lent",
        "static_left",
        "static_remaining",
    ];
    for (at, key) in heads.iter().enumerate() {
        sheet.text(FIRST_AGE - 1, column(at), labels.text(key), Kind::Header);
    }
    for place in 0..ladder.triangle.mobs.len() {
        age(&mut sheet, page, (ladder, base), place);
    }
    sheet.freeze = (FIRST_AGE, 1);
    sheet
}

fn age(sheet: &mut Sheet, page: &Page, (ladder, base): (&Ladder, &BaseCase), place: usize) {
    let (row, places) = (FIRST_AGE + narrow(place), Places::of(ladder));
    let mob = ladder.triangle.mobs[place];
    input_of_ages(sheet, row, mob);
    if place + 1 < ladder.triangle.mobs.len() {
        let triangle = page.quoted("static_triangle");
        let ranges = [(0, place), (0, place + 1), (1, place), (2, place)];
        let [from, to, weight, link] =
            ranges.map(|(block, place)| format!("{triangle}!{}", places.range(block, place)));
        let (sums, averages) = ladder.averages(place);
        let cell = |at: u16| cell_name(row, at);
        let money = |sheet: &mut Sheet, at: u16, of: &str, value: crate::money::Amount| {
            let text = format!("ROUND(SUMPRODUCT({weight},{of}),2)");
            formula(sheet, (row, at), text, value.to_f64(), Kind::Money);
        };
        money(sheet, 1, &from, sums[0]);
        money(sheet, 2, &to, sums[1]);
        let text = format!("IF({b}=0,1,ROUND({c}/{b},12))", b = cell(1), c = cell(2));
        formula(sheet, (row, 3), text, averages[0].unwrap_or(1.0), Kind::PerHundred);
        let count = format!("SUMPRODUCT({weight}*({from}>0))");
        let text = format!("IF({count}=0,1,ROUND(SUMPRODUCT({weight},{link})/{count},12))");
        formula(sheet, (row, 4), text, averages[1].unwrap_or(1.0), Kind::PerHundred);
        let text = format!("IF(B$4=1,{},{})", cell(3), cell(4));
        formula(sheet, (row, 5), text, ladder.links[place].unwrap_or(1.0), Kind::PerHundred);
        let text = format!("ROUND({}*{},12)", cell(5), cell_name(row + 1, 6));
        formula(sheet, (row, 6), text, ladder.to_ultimate[place], Kind::PerHundred);
    } else {
        let tail = ladder.to_ultimate[place];
        formula(sheet, (row, 6), "B$5".to_string(), tail, Kind::PerHundred);
    }
    let text = format!("ROUND(1/{},12)", cell_name(row, 6));
    formula(sheet, (row, 7), text, ladder.timing[place], Kind::Rate);
    if let Some((left, rest)) = base.seasoned[place] {
        let (balance, lent) = surviving(&page.study.pool, mob);
        grey(sheet, (row, 8), balance);
        grey(sheet, (row, 9), lent);
        let text = format!("ROUND({}/{},12)", cell_name(row, 8), cell_name(row, 9));
        formula(sheet, (row, 10), text, left, Kind::Rate);
        let case = format!("{}!{}", page.quoted("static_base"), static_base::base_cell(ladder));
        let (timing, left) = (cell_name(row, 7), cell_name(row, 10));
        let text = format!("ROUND(({case}-ROUND({case}*{timing},12))/{left},12)");
        formula(sheet, (row, 11), text, rest, Kind::Rate);
    }
}

fn input_of_ages(sheet: &mut Sheet, row: u32, mob: u32) {
    let content = super::super::workbook::Content::Number(f64::from(mob));
    sheet.put(row, 0, content, Kind::Count, Ink::Engine);
}

/// Default rates by age: one column a vintage, the base case last.
pub(super) fn curves(page: &Page, ladder: &Ladder, base: &BaseCase) -> Sheet {
    let mut sheet = page.sheet("static_curves", 0x70AD47);
    let triangle = &ladder.triangle;
    let (header, vintages) = (3, triangle.names.len());
    sheet.widths = (0..column(vintages + 2)).map(|at| (at, 13.0)).collect();
    sheet.text(header, 0, page.labels.text("static_mob"), Kind::Header);
    let case = page.labels.text("static_base_case");
    sheet.text(header, 1, case.clone(), Kind::Header);
    for (vintage, name) in triangle.names.iter().enumerate() {
        sheet.text(header, column(vintage + 2), name.clone(), Kind::Header);
    }
    let source = page.quoted("static_triangle");
    for (place, mob) in triangle.mobs.iter().enumerate() {
        let row = header + 1 + narrow(place);
        input_of_ages(&mut sheet, row, *mob);
        let at = cell_name(FIRST_AGE + narrow(place), 7);
        let cell = format!("{}!{}", page.quoted("static_base"), static_base::base_cell(ladder));
        let text = format!("ROUND({cell}*{}!{at},12)", page.quoted("static_ladder"));
        let value = crate::static_pool::round12(base.base * ladder.timing[place]);
        formula(&mut sheet, (row, 1), text, value, Kind::Rate);
        for vintage in 0..vintages {
            let Some(amount) = triangle.cells[vintage][place] else { continue };
            let Some(rate) = crate::static_pool::ratio(amount, triangle.originals[vintage]) else {
                continue;
            };
            let from = FIRST + narrow(vintage);
            let (part, lent) = (cell_name(from, column(AGES + place)), cell_name(from, 1));
            let text = format!("ROUND({source}!{part}/{source}!{lent},12)");
            formula(&mut sheet, (row, column(vintage + 2)), text, rate, Kind::Rate);
        }
    }
    let rows = (header + 1, header + narrow(triangle.mobs.len()));
    let series = |name: &str, at: usize| Series {
        name: name.to_string(),
        sheet: page.name("static_curves"),
        category: 0,
        column: column(at),
        rows,
    };
    let mut all = vec![series(&case, 1)];
    all.extend(triangle.names.iter().enumerate().map(|(at, name)| series(name, at + 2)));
    sheet.charts = vec![Chart {
        at: (rows.1 + 2, 0),
        size: (900, 420),
        title: page.labels.text("static_chart"),
        form: Form::Curves,
        series: all,
    }];
    sheet.freeze = (header + 1, 1);
    sheet
}
