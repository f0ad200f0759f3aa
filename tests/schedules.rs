//! Schedules of single receivables against the published vectors and the worked example, to the
//! minor unit; and what remains of them at a cut-off date.
#![allow(clippy::inconsistent_digit_grouping)] // 1_234_56 is 1,234.56 in minor units.

use std::collections::BTreeMap;

use cashfall::money::{Amount, Rate, Rounding};
use cashfall::plan::{Basis, Grid, Instalment, Plan, contract_schedule, remaining_schedule};
use cashfall::pool::{
    ContractRate, GivenInstalment, Method, PlanBasis, Pool, ProductTerms, RatePeriod, Receivable,
    Remainder, RowOrigin, TapeManifest,
};
use chrono::NaiveDate;
use serde_json::Value;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date of the test")
}

fn money(text: &str) -> Amount {
    text.parse().expect("an amount of the test")
}

/// A receivable with a rate per instalment, due on the 31st, of which nothing is paid.
fn receivable(method: Method, principal: &str, n: u16, rate: &str) -> Receivable {
    Receivable {
        id: "R".into(),
        origin: RowOrigin::default(),
        method,
        original_principal: money(principal),
        outstanding_principal: money(principal),
        instalments: n,
        paid_instalments: 0,
        rate: ContractRate { rate: rate.parse().expect("a rate"), per: RatePeriod::Instalment },
        origination: day("2025-12-31"),
        first_due: day("2026-01-31"),
        due_day: 31,
        instalment: None,
        past_due_days: None,
        in_default: None,
        product: 0,
        given: None,
        own_cutoff: None,
        is_rep_line: false,
    }
}

/// `principal interest fee` of each instalment, in minor units.
fn parts(schedule: &[Instalment]) -> Vec<[i64; 3]> {
    let minor = |i: &Instalment| [i.principal, i.interest, i.fee].map(Amount::minor);
    schedule.iter().map(minor).collect()
}

fn vector_name(key: &str) -> Option<Method> {
    [
        ("annuity", Method::LevelPay),
        ("equal_principal", Method::EqualPrincipal),
        ("flat_fee", Method::FlatFee),
        ("interest_only", Method::InterestOnly),
        ("interest_free", Method::FlatFee),
    ]
    .into_iter()
    .find_map(|(name, method)| key.starts_with(name).then_some(method))
}

#[test]
fn every_published_schedule_is_reproduced_with_the_default_rounding() {
    let vectors: Value =
        serde_json::from_str(include_str!("../fixtures/cases/worked_example_cn/vectors.json"))
            .expect("the vectors are JSON");
    let cases = [
        ("annuity_9999_99_7_0_0125", "9999.99", 7, "0.0125"),
        ("equal_principal_9999_99_7_0_0125", "9999.99", 7, "0.0125"),
        ("flat_fee_9999_99_7_0_0055", "9999.99", 7, "0.0055"),
        ("interest_only_9999_99_3_0_0125", "9999.99", 3, "0.0125"),
        ("interest_free_100_03_3", "100.03", 3, "0"),
    ];
    assert_eq!(vectors["schedules"].as_object().map(|table| table.len()), Some(cases.len() + 1));
    for (key, principal, n, rate) in cases {
        let method = vector_name(key).expect("a method of the vectors");
        let receivable = receivable(method, principal, n, rate);
        let schedule = contract_schedule(&receivable, &ProductTerms::default());
        let rows = vectors["schedules"][key].as_array().expect("rows");
        assert_eq!(schedule.len(), rows.len(), "{key}");
        for (ours, row) in schedule.iter().zip(rows) {
            let charge = ours.interest + ours.fee;
            let ours = [ours.principal, charge, ours.principal + charge, ours.balance_after];
            let ours = ours.map(|amount| Value::from(amount.to_string()));
            assert_eq!(Some(&ours.to_vec()), row.as_array(), "{key}");
        }
    }
}

/// The six receivables of the worked example.
fn worked_example() -> Vec<Receivable> {
    let tape = include_str!("../fixtures/cases/worked_example_cn/receivables.csv");
    let mut reader = csv::Reader::from_reader(tape.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    let of = |row: csv::StringRecord| {
        let method = match &row[3] {
            "ANNUITY" => Method::LevelPay,
            "EQUAL_PRINCIPAL_FLAT_FEE" => Method::FlatFee,
            other => panic!("no method {other}"),
        };
        let n = row[5].parse().expect("a number");
        let mut receivable = receivable(method, &row[4], n, &row[7]);
        receivable.id = row[0].into();
        receivable.paid_instalments = row[6].parse().expect("a number");
        receivable.due_day = row[8].parse().expect("a day");
        receivable.first_due = day(&row[9]);
        if &row[0] == "R2" {
            receivable.outstanding_principal = money("4500.00");
        }
        receivable
    };
    rows.map(of).collect()
}

#[test]
fn every_row_of_the_worked_example_is_reproduced() {
    let terms = ProductTerms::default();
    let cutoff = day("2025-12-31");
    let mut ours = String::from(
        "receivable_id,instalment,due,principal,interest,fee,total,balance_after,before_cutoff\n",
    );
    for receivable in worked_example() {
        let contract = contract_schedule(&receivable, &terms);
        for i in &contract {
            let total = i.principal + i.interest + i.fee;
            let before = if i.due <= cutoff { "True" } else { "False" };
            ours += &format!(
                "{},{},{},{},{},{},{total},{},{before}\n",
                receivable.id, i.number, i.due, i.principal, i.interest, i.fee, i.balance_after
            );
        }
        let (remaining, basis) = remaining_schedule(&receivable, &terms, cutoff);
        assert_eq!(basis, Basis::Terms);
        assert_eq!(remaining, contract[usize::from(receivable.paid_instalments)..]);
    }
    let theirs = include_str!("../fixtures/cases/worked_example_cn/term_deal/schedule.csv");
    assert_eq!(ours, theirs.replace('\r', ""));
}

#[test]
fn the_plan_of_the_worked_example_is_its_pool_table() {
    let pool = Pool {
        cutoff: day("2025-12-31"),
        receivables: worked_example(),
        products: vec![("all".into(), ProductTerms::default())],
        attributes: BTreeMap::new(),
        manifest: TapeManifest::default(),
    };
    let ends = Plan::month_ends(pool.cutoff, Plan::months_needed(&pool, 1));
    let plan = Plan::from_pool(&pool, Grid { ends: &ends, cohorts: 1, threads: 1 }, |_| 0);
    let table = include_str!("../fixtures/cases/worked_example_cn/term_deal/pool_rollforward.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut months = 0;
    for (month, row) in (1..).zip(reader.records().map(|row| row.expect("a row"))) {
        let (cash, cohort) = (plan.month(month), &plan.cohorts[0]);
        assert_eq!(plan.ends[month - 1].to_string(), row[2]);
        assert_eq!(cohort.opening(month).to_string(), row[3]);
        assert_eq!(cash.principal.to_string(), row[5]);
        assert_eq!(cohort.closing(month).to_string(), row[10]);
        assert_eq!(cash.interest.to_string(), row[11]);
        assert_eq!(cash.fee.to_string(), row[12]);
        assert_eq!(cash.total().to_string(), row[15]);
        months = month;
    }
    assert_eq!((months, plan.ends.len(), plan.notes), (6, 6, vec![]));
}

#[test]
fn a_yearly_rate_is_never_rounded_to_a_monthly_one() {
    // Loans 1 and 2 of the LendingClub tape: 14.07 % over 60, 12.61 % over 36, rounded up.
    let terms = ProductTerms { instalment_rounding: Rounding::Up, ..ProductTerms::default() };
    for (principal, n, rate, instalment) in
        [("28000", 60, "0.1407", 652_53), ("5000", 36, "0.1261", 167_54)]
    {
        let mut loan = receivable(Method::LevelPay, principal, n, rate);
        loan.rate.per = RatePeriod::Year;
        let first = contract_schedule(&loan, &terms)[0];
        assert_eq!((first.principal + first.interest).minor(), instalment);
    }
}

#[test]
fn the_remainder_is_where_the_product_has_it_and_nothing_is_negative() {
    let mut terms = ProductTerms { remainder: Remainder::First, ..ProductTerms::default() };
    let free = receivable(Method::FlatFee, "100.03", 3, "0.005");
    // 50.015 fen of fee each, 150.045 in all: 0.50 + 0.50 + 0.50.
    let first = contract_schedule(&free, &terms);
    assert_eq!(parts(&first), [[3_335, 0, 50], [3_334, 0, 50], [3_334, 0, 50]]);
    terms = ProductTerms { instalment_rounding: Rounding::Up, ..ProductTerms::default() };
    let five_fen = receivable(Method::EqualPrincipal, "0.05", 8, "0");
    let ones = [1, 1, 1, 1, 1, 0, 0, 0].map(|principal| [principal, 0, 0]);
    assert_eq!(parts(&contract_schedule(&five_fen, &terms)), ones);
    terms.remainder = Remainder::First;
    let late = [0, 1, 1, 1, 1, 1, 0, 0].map(|principal| [principal, 0, 0]);
    assert_eq!(parts(&contract_schedule(&five_fen, &terms)), late);
}

#[test]
fn a_daily_rate_counts_actual_days_from_origination() {
    let mut loan = receivable(Method::Daily, "3000.00", 3, "0.0005");
    loan.rate.per = RatePeriod::Day;
    // 31 days on 3,000.00, 28 on 2,000.00, 31 on 1,000.00: the 31st is clamped in February.
    let schedule = contract_schedule(&loan, &ProductTerms::default());
    assert_eq!(
        parts(&schedule),
        [[1_000_00, 46_50, 0], [1_000_00, 28_00, 0], [1_000_00, 15_50, 0]]
    );
    assert_eq!(schedule[1].due, day("2026-02-28"));
    // A bill of 30 days at 0.05 % a day.
    let mut bill = receivable(Method::Bill, "1000.00", 1, "0.0005");
    bill.rate.per = RatePeriod::Day;
    bill.first_due = day("2026-01-30");
    assert_eq!(parts(&contract_schedule(&bill, &ProductTerms::default())), [[1_000_00, 15_00, 0]]);
}

#[test]
fn a_balance_that_is_not_the_contracts_is_planned_from_itself_and_said() {
    let mut loan = receivable(Method::LevelPay, "9999.99", 7, "0.0125");
    loan.paid_instalments = 2;
    loan.outstanding_principal = money("7000.00"); // the contract leaves 7,231.01
    let cutoff = day("2026-02-28");
    let (rest, basis) = remaining_schedule(&loan, &ProductTerms::default(), cutoff);
    assert_eq!(basis, Basis::BalanceInstead { contract: money("7231.01") });
    assert_eq!(rest.iter().map(|i| i.principal).sum::<Amount>(), loan.outstanding_principal);
    assert_eq!((rest.len(), rest[0].number, rest[0].due), (5, 3, day("2026-03-31")));
    let fresh = receivable(Method::LevelPay, "7000.00", 5, "0.0125");
    assert_eq!(parts(&rest), parts(&contract_schedule(&fresh, &ProductTerms::default())));
    // The instalment of the tape is kept, and the last takes what remains.
    loan.instalment = Some(money("1500.89"));
    let (rest, _) = remaining_schedule(&loan, &ProductTerms::default(), cutoff);
    assert_eq!((rest[0].principal + rest[0].interest).minor(), 1_500_89);
    assert!(rest[4].principal + rest[4].interest < money("1500.89"));
    // Asked for, the same plan is no deviation.
    let terms = ProductTerms { plan_from: PlanBasis::Balance, ..ProductTerms::default() };
    assert_eq!(remaining_schedule(&loan, &terms, cutoff), (rest, Basis::Balance));
}

#[test]
fn a_part_prepaid_flat_fee_keeps_the_fees_of_its_contract() {
    let mut loan = receivable(Method::FlatFee, "3267.00", 6, "0.0075");
    (loan.paid_instalments, loan.outstanding_principal) = (3, money("1000.00"));
    let (rest, _) = remaining_schedule(&loan, &ProductTerms::default(), day("2026-03-31"));
    assert_eq!(parts(&rest), [[333_33, 0, 24_50], [333_33, 0, 24_50], [333_34, 0, 24_52]]);
}

#[test]
fn instalments_due_by_the_cutoff_are_arrears_and_a_matured_balance_is_put_off() {
    let terms = ProductTerms::default();
    let mut loan = receivable(Method::FlatFee, "5000.00", 5, "0");
    (loan.paid_instalments, loan.outstanding_principal) = (1, money("4000.00"));
    let (rest, basis) = remaining_schedule(&loan, &terms, day("2026-03-31"));
    assert_eq!(basis, Basis::Terms);
    let arrears: Vec<bool> = rest.iter().map(|i| i.arrears).collect();
    assert_eq!(arrears, [true, true, false, false]);
    // All five paid, they say, yet 40.00 are left long after maturity: due on the next due day.
    (loan.paid_instalments, loan.outstanding_principal) = (5, money("40.00"));
    let (rest, basis) = remaining_schedule(&loan, &terms, day("2027-02-28"));
    assert_eq!(basis, Basis::BalanceInstead { contract: Amount::ZERO });
    assert_eq!((rest.len(), rest[0].due, rest[0].arrears), (1, day("2027-03-31"), false));
    loan.outstanding_principal = Amount::ZERO;
    assert_eq!(remaining_schedule(&loan, &terms, day("2027-02-28")), (vec![], Basis::Terms));
}

#[test]
fn a_given_schedule_is_taken_as_it_is() {
    let mut loan = receivable(Method::Given, "900.00", 3, "0");
    let given = |number, due: &str, principal: &str| GivenInstalment {
        number,
        due: day(due),
        principal: money(principal),
        interest: money("1.00"),
        fee: money("2.00"),
    };
    loan.given =
        Some(Box::new([given(2, "2026-02-07", "100.00"), given(3, "2026-04-09", "500.00")]));
    loan.outstanding_principal = money("600.00");
    let terms = ProductTerms::default();
    let (rest, basis) = remaining_schedule(&loan, &terms, day("2026-01-31"));
    assert_eq!(basis, Basis::Given);
    assert_eq!(parts(&rest), [[100_00, 1_00, 2_00], [500_00, 1_00, 2_00]]);
    assert_eq!(rest, contract_schedule(&loan, &terms));
    loan.outstanding_principal = money("650.00");
    let (rest, basis) = remaining_schedule(&loan, &terms, day("2026-01-31"));
    assert_eq!(basis, Basis::BalanceInstead { contract: money("600.00") });
    assert_eq!(rest[1].principal, money("550.00"));
}

#[test]
fn a_rate_of_nearly_nothing_is_nearly_interest_free() {
    let mut loan = receivable(Method::LevelPay, "1000.00", 12, "0");
    let free = contract_schedule(&loan, &ProductTerms::default());
    loan.rate.rate = Rate::from_parts(1);
    assert_eq!(contract_schedule(&loan, &ProductTerms::default()), free);
    assert_eq!((free[0].principal.minor(), free[11].principal.minor()), (83_33, 83_37));
}
