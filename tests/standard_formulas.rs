//! The standard speeds against closed forms: PSA, ABS, and the default recursion of the bond markets
//! with its liquidation lag and severity.

mod testkit;

use cashfall::model::Axis;
use testkit::{case_with, fixture};

/// The columns of `fixtures/cases/standard_formulas/expected.csv`, to the unit that is printed.
struct Expected {
    head: Vec<String>,
    rows: Vec<Vec<i64>>,
}

impl Expected {
    fn read() -> Expected {
        let text = fixture("cases/standard_formulas/expected.csv");
        let mut lines = text.lines();
        let head = lines.next().expect("a head").split(',').map(str::to_string).collect();
        let whole = |cell: &str| cell.parse().expect("a whole number");
        let rows = lines.map(|line| line.split(',').map(whole).collect()).collect();
        Expected { head, rows }
    }

    fn column(&self, name: &str) -> Vec<i64> {
        let place = self.head.iter().position(|head| head == name).expect("a column");
        self.rows.iter().map(|row| row[place]).collect()
    }

    /// The engine rounds instalments and flows to the fen each month: of a hundred million it ends within
    /// a yuan of the closed form, which is printed to the yuan.
    #[track_caller]
    fn compare(&self, name: &str, ours: &[i64]) {
        let theirs = self.column(name);
        assert_eq!(ours.len(), theirs.len(), "{name}: months");
        for (month, (ours, theirs)) in (1..).zip(ours.iter().zip(&theirs)) {
            let difference = (ours - theirs * 100).abs();
            assert!(difference <= 150, "{name}, month {month}: {ours} fen, {theirs} yuan");
        }
    }
}

/// The fen of a line by month.
fn months(file: Option<&str>, key: &str) -> Vec<i64> {
    let (model, run) = testkit::run(&case_with("standard_formulas", file));
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    (1..=model.timeline.len(Axis::Months)).map(|month| run.value(line, month, 0)).collect()
}

#[test]
fn standard_prepayment_ramps_equal_their_closed_form() {
    let expected = Expected::read();
    for speed in ["100", "150", "300"] {
        let file = format!("psa_{speed}.toml");
        expected.compare(&format!("psa_{speed}"), &months(Some(&file), "pool.closing"));
    }
}

#[test]
fn an_absolute_speed_is_a_straight_line_of_the_original_number() {
    let expected = Expected::read();
    expected.compare("abs", &months(Some("abs.toml"), "pool.closing"));
}

#[test]
fn the_standard_default_recursion_equals_its_closed_form() {
    let expected = Expected::read();
    for (name, key) in [
        ("performing", "pool.closing"),
        ("new_default", "pool.default"),
        ("voluntary", "pool.prepaid"),
        ("recovered", "pool.recovered"),
    ] {
        expected.compare(name, &months(None, key));
    }
    // What is not recovered is lost: the severity of every default, at its liquidation.
    let lost: i64 = expected.column("lost").iter().sum();
    let defaulted: i64 = months(None, "pool.default").iter().sum();
    let recovered: i64 = months(None, "pool.recovered").iter().sum();
    assert!((defaulted - recovered - lost * 100).abs() <= 6_000, "{defaulted} {recovered} {lost}");
}
