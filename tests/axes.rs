//! Months and payments on axes of their own: several months before one payment, slower payers,
//! frequencies that change at a state. Every figure against `fixtures/cases/axes/recompute.py`,
//! which shares no code and no design with the engine.

mod testkit;

use cashfall::model::Axis;
use testkit::{case, expected_csv};

/// The columns of the script's output: its name and our line.
const COLUMNS: [(&str, &str); 13] = [
    ("collected", "cash.collected"),
    ("servicing", "step.1.1.paid"),
    ("custody", "step.2.1.paid"),
    ("int_A", "tranche.A.interest_paid"),
    ("int_B", "tranche.B.interest_paid"),
    ("prin_A", "tranche.A.principal_paid"),
    ("prin_B", "tranche.B.principal_paid"),
    ("prin_C", "tranche.C.principal_paid"),
    ("rest_C", "tranche.C.remainder_paid"),
    ("bal_A", "tranche.A.closing_balance"),
    ("bal_B", "tranche.B.closing_balance"),
    ("bal_C", "tranche.C.closing_balance"),
    ("carry", "cash.carry"),
];

#[track_caller]
fn check(name: &str) {
    let case = case(&format!("axes/{name}"));
    let (model, run) = testkit::run(&case);
    let header = COLUMNS.map(|(column, _)| column).join(",");
    let mut rows = vec![format!("payment,{header}")];
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let amounts = COLUMNS.map(|(_, key)| {
            run.amount(model.line(key).unwrap_or_else(|| panic!("no line {key}")), tick).to_string()
        });
        rows.push(format!("{tick},{}", amounts.join(",")));
    }
    expected_csv(&format!("axes/{name}/expected.csv"), &rows);
}

#[test]
fn axes_two_instalments_fall_due_before_the_first_payment() {
    check("two_months_first");
    let case = case("axes/two_months_first");
    let (model, run) = testkit::run(&case);
    // Two prepayment steps and two servicing fees stand behind the first payment.
    assert_eq!(model.timeline.other_at(Axis::Payments, 1), 2);
    let prepaid = model.line("pool.prepaid").expect("a pool");
    let fee = model.line("fee.servicing.month").expect("a fee of the month");
    for month in [1, 2] {
        assert!(run.value(prepaid, month, 0) > 0 && run.value(fee, month, 0) > 0);
    }
}

#[test]
fn axes_a_tranche_pays_quarterly_on_monthly_collections() {
    check("quarterly_tranche");
}

#[test]
fn axes_a_frequency_changes_at_a_state() {
    check("frequency_by_state");
}

#[test]
fn axes_a_yearly_payer_collects_every_month() {
    check("yearly");
}
