//! Speeds, yields, prices and lives against the published vectors and the worked example.

use cashfall::analytics::{
    Compounding, Flow, Market, YearPart, accrued_days, accrued_interest, annual_from_monthly,
    convexity, internal_rate, modified_duration, monthly_from_annual, price, smm_of_opening,
    smm_of_scheduled, wal_years, xirr, yield_at,
};
use chrono::NaiveDate;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the fixture is JSON")
}

fn vectors() -> Value {
    json(include_str!("../fixtures/cases/worked_example_cn/vectors.json"))
}

fn day(value: &Value) -> NaiveDate {
    value.as_str().and_then(|text| text.parse().ok()).expect("a date")
}

fn number(value: &Value) -> f64 {
    let text = value.as_str().expect("a number as text");
    text.parse().expect("a number")
}

/// Asserts that `ours`, with as many decimals as the published figure, is that figure.
fn published(ours: f64, figure: &Value) {
    let text = figure.as_str().expect("a figure as text");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{ours:.decimals$}"), text);
}

#[test]
fn speeds_are_the_published_ones() {
    let table = &vectors()["speeds"];
    let type_2 = smm_of_scheduled(176.0, 10_000.0, 1_200.0).expect("a balance");
    let type_1 = smm_of_opening(176.0, 10_000.0).expect("a balance");
    let mdr = smm_of_opening(42.0, 10_000.0).expect("a balance");
    published(100.0 * type_2, &table["smm_type2_pct"]);
    published(100.0 * annual_from_monthly(type_2), &table["cpr_type2_pct"]);
    published(100.0 * type_1, &table["smm_type1_pct"]);
    published(100.0 * annual_from_monthly(type_1), &table["cpr_type1_pct"]);
    published(100.0 * mdr, &table["mdr_pct"]);
    published(100.0 * annual_from_monthly(mdr), &table["annual_cdr_pct"]);
    let january = monthly_from_annual(0.10, YearPart::Days(31));
    published(100.0 * january, &table["smm_from_cpr_10pct_31_365"]);
    let there_and_back = annual_from_monthly(monthly_from_annual(0.10, YearPart::Twelfth));
    assert!((there_and_back - 0.10).abs() < 1e-15);
}

#[test]
fn annual_costs_are_the_published_ones() {
    let table = &vectors()["apr"];
    let percent = |rate: Option<f64>| 100.0 * rate.expect("a rate");
    let bullet = internal_rate(100_000.0, &[0.0, 110_000.0], 1.0);
    published(percent(bullet), &table["pboc_bullet_100000_110000_2y"]);
    let mortgage = internal_rate(1_000_000.0, &[6_599.6; 240], 12.0);
    published(percent(mortgage), &table["pboc_mortgage_1m_240x6599_6"]);
    let fee_kept = internal_rate(100_000.0 - 1_000.0, &[8_833.3; 12], 12.0);
    published(percent(fee_kept), &table["pboc_fee_1000_upfront_12x8833_3"]);
    let flat = table["flat_fee"].as_object().expect("a table");
    assert_eq!(flat.len(), 20);
    for (key, figure) in flat {
        let (n, fee) = key.split_once('x').expect("n x fee");
        let (n, fee): (f64, f64) = (n.parse().expect("n"), fee.parse().expect("fee"));
        let instalments = vec![1.0 / n + fee; key[..key.find('x').expect("x")].parse().expect("n")];
        published(percent(internal_rate(1.0, &instalments, 12.0)), figure);
    }
}

#[test]
fn a_rate_that_does_not_exist_is_none() {
    assert_eq!(internal_rate(100.0, &[0.0, 0.0], 12.0), None);
    assert_eq!(internal_rate(0.0, &[1.0], 12.0), None);
    let half_lost = internal_rate(100.0, &[25.0, 25.0], 12.0).expect("a negative rate");
    assert!(half_lost < -0.9);
    let flow = |date: &str, amount| Flow::new(date.parse().expect("a date"), amount);
    assert_eq!(xirr(&[]), None);
    assert_eq!(
        xirr(&[flow("2026-01-15", -1.0), flow("2026-02-15", 3.0), flow("2026-03-15", -2.0)]),
        None
    );
    // All but a millionth lost within a month: below −99.99 % a year.
    assert_eq!(xirr(&[flow("2026-01-15", -1.0), flow("2026-02-15", 1e-6)]), None);
}

#[test]
fn prices_accrued_interest_and_life_are_the_published_ones() {
    let table = &vectors()["price"];
    let inputs = &table["inputs"];
    let (coupon, settlement) = (number(&inputs["coupon"]), day(&inputs["settlement"]));
    let dates: Vec<_> =
        inputs["accrual_dates"].as_array().expect("dates").iter().map(day).collect();
    let mut balance = number(&inputs["remaining_principal"]);
    let (mut flows, mut principal) = (Vec::new(), Vec::new());
    let payments = inputs["cashflows"].as_array().expect("flows");
    for ((payment, accrual), figure) in
        payments.iter().zip(dates.windows(2)).zip(table["interest"].as_array().expect("figures"))
    {
        let period = (accrual[0], accrual[1]);
        let interest = accrued_interest(balance, coupon, period, Market::Interbank);
        published(interest, figure);
        let (date, paid) = (day(&payment[0]), number(&payment[1]));
        flows.push(Flow::new(date, paid + interest));
        principal.push(Flow::new(date, paid));
        balance -= paid;
    }
    assert!(balance.abs() < 1e-12);
    let monthly = Compounding::PerYear(12);
    let dirty = price(&flows, settlement, 0.025, monthly);
    published(price(&flows, settlement, 0.025, Compounding::Annual), &table["dirty_2_50_formula2"]);
    published(dirty, &table["dirty_2_50_formula1_f12"]);
    published(price(&flows, settlement, 0.032, monthly), &table["dirty_3_20_formula1_f12"]);
    for (market, days, accrued, clean) in [
        (
            Market::Interbank,
            "accrued_interbank_days",
            "accrued_interbank",
            "clean_2_50_formula1_interbank",
        ),
        (
            Market::Exchange,
            "accrued_exchange_days",
            "accrued_exchange",
            "clean_2_50_formula1_exchange",
        ),
    ] {
        assert_eq!(Some(accrued_days(dates[0], settlement, market)), table[days].as_i64());
        let interest = accrued_interest(62.50, coupon, (dates[0], settlement), market);
        published(interest, &table[accrued]);
        published(dirty - interest, &table[clean]);
    }
    published(wal_years(&principal, settlement).expect("principal"), &table["wal_years"]);
    for compounding in [monthly, Compounding::Annual] {
        let dirty = price(&flows, settlement, 0.0275, compounding);
        let back = yield_at(&flows, settlement, dirty, compounding).expect("a yield");
        assert!((back - 0.0275).abs() < 1e-12);
    }
}

#[test]
fn sensitivities_are_those_of_a_single_payment() {
    let settlement = "2026-01-15".parse().expect("a date");
    let flows = [Flow::new("2028-01-15".parse().expect("a date"), 100.0)]; // 730 days
    let duration = modified_duration(&flows, settlement, 0.03, Compounding::Annual);
    assert!((duration - 2.0 / 1.03).abs() < 1e-6);
    let convexity = convexity(&flows, settlement, 0.03, Compounding::Annual);
    assert!((convexity - 6.0 / (1.03 * 1.03)).abs() < 1e-4);
}

/// One tranche's flows per 100 face, its principal, and its flows with the price paid at closing.
struct Tranche {
    flows: Vec<Flow>,
    principal: Vec<Flow>,
    invested: Vec<Flow>,
}

fn tranche(id: &str, face: f64, closing: NaiveDate) -> Tranche {
    let table = include_str!("../fixtures/cases/worked_example_cn/term_deal/tranches.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut tranche = Tranche {
        flows: Vec::new(),
        principal: Vec::new(),
        invested: vec![Flow::new(closing, -face)],
    };
    for row in reader.records().map(|row| row.expect("a row")).filter(|row| &row[2] == id) {
        let date = row[1].parse().expect("a date");
        let [interest, principal, excess] =
            [&row[7], &row[8], &row[9]].map(|text| text.parse::<f64>().expect("an amount"));
        let all = interest + principal + excess;
        tranche.flows.push(Flow::new(date, all / face * 100.0));
        tranche.principal.push(Flow::new(date, principal));
        tranche.invested.push(Flow::new(date, all));
    }
    tranche
}

#[test]
fn the_measures_of_the_worked_example_are_its_summary() {
    let summary = json(include_str!("../fixtures/cases/worked_example_cn/term_deal/summary.json"));
    let closing = "2026-01-15".parse().expect("a date");
    for (id, face, yearly) in [
        ("01", 22_500.0, Some(("2_40", 0.024))),
        ("02", 3_900.0, Some(("3_60", 0.036))),
        ("SUB", 3_600.0, None),
    ] {
        let tranche = tranche(id, face, closing);
        published(
            wal_years(&tranche.principal, closing).expect("principal"),
            &summary["wal_years"][id],
        );
        published(100.0 * xirr(&tranche.invested).expect("a rate"), &summary["xirr_pct"][id]);
        let Some((label, yearly)) = yearly else { continue };
        for (formula, compounding) in
            [("formula2", Compounding::Annual), ("formula1_f12", Compounding::PerYear(12))]
        {
            let key = format!("price_{id}_at_{label}pct_{formula}");
            published(price(&tranche.flows, closing, yearly, compounding), &summary[&key]);
        }
    }
}

#[test]
fn the_cost_of_each_receivable_is_in_the_summary() {
    let summary = json(include_str!("../fixtures/cases/worked_example_cn/term_deal/summary.json"));
    let table = include_str!("../fixtures/cases/worked_example_cn/term_deal/schedule.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut by_receivable = std::collections::BTreeMap::<String, (f64, Vec<f64>)>::new();
    for row in reader.records().map(|row| row.expect("a row")) {
        let (lent, instalments) = by_receivable.entry(row[0].to_owned()).or_default();
        *lent += row[3].parse::<f64>().expect("an amount");
        instalments.push(row[6].parse().expect("an amount"));
    }
    assert_eq!(by_receivable.len(), 6);
    for (id, (lent, instalments)) in &by_receivable {
        let rate = internal_rate(*lent, instalments, 12.0).expect("a rate");
        published(100.0 * rate, &summary["irr_pct_by_receivable"][id]);
    }
}
