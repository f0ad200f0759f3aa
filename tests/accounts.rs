//! Required amounts by date: what a reserve holds follows its table, and the last entry holds on.

mod testkit;

use cashfall::assumptions::Assumptions;
use cashfall::deal::Deal;
use cashfall::model::{Axis, Collateral, Inputs, Model};
use cashfall::pool;
use cashfall::tape::Mapping;

const DEAL: &str = r#"
[deal]
name = "reserve by table"
[pool]
cutoff = 2025-12-31
[dates]
closing = 2026-01-15
first_payment = 2026-02-15
legal_maturity = 2026-07-15
calendar = "SSE"
[[tranche]]
id = "A"
face = 26000.00
coupon = "2.6 %"
[[tranche]]
id = "R"
face = 4000.00
subordinated = true
[[account]]
id = "reserve"
opening = 100.00
funded_by = "originator"
target = [100.00, 60.00, 20.00]
[[step]]
from = "reserve"
pay = [{ account = "collection", due = "excess" }]
[[step]]
pay = [{ tranche = "A", due = "interest" }, { account = "reserve", due = "target" }]
[[step]]
pay = [{ tranche = "A", due = "principal" }, { tranche = "R", due = "principal" }]
[[step]]
pay = [{ tranche = "R", due = "remainder" }]
"#;

/// January's collections reach the account with February's, and so on; what the last month brings stays
/// with the servicer.
#[test]
fn commingled_cash_arrives_a_month_later() {
    let collected = |text: &str| -> Vec<String> {
        let deal = testkit::accept(Deal::from_toml("deal.toml", text)).expect("a deal");
        let tape = testkit::path("cases/worked_example_cn/pool.csv");
        let pool = pool::load(&tape, &Mapping::default(), &deal.pool).expect("the tape");
        let pool = testkit::accept(pool);
        let assumptions = Assumptions::contractual();
        let collateral = testkit::accept(Collateral::from_pool(&pool, &deal, &assumptions, 1));
        let model = Model::from_deal(&deal, &collateral, &assumptions);
        let run = model.run(&Inputs::of(&model));
        let line = model.line("cash.collected").expect("every model collects");
        (1..=6).map(|tick| run.amount(line, tick).to_string()).collect()
    };
    let at_once = collected(DEAL);
    let late = collected(&DEAL.replace("[dates]", "[dates]\ncommingling_months = 1"));
    assert_eq!(late[0], "0.00");
    assert_eq!(late[1..], at_once[..5]);
    let two = collected(&DEAL.replace("[dates]", "[dates]\ncommingling_months = 2"));
    assert_eq!((two[0].as_str(), two[1].as_str()), ("0.00", "0.00"));
    assert_eq!(two[2..], at_once[..4]);
}

#[test]
fn a_reserve_follows_its_table_of_required_amounts() {
    let deal = testkit::accept(Deal::from_toml("deal.toml", DEAL)).expect("a deal");
    let tape = testkit::path("cases/worked_example_cn/pool.csv");
    let pool = pool::load(&tape, &Mapping::default(), &deal.pool).expect("the tape");
    let pool = testkit::accept(pool);
    let assumptions = Assumptions::contractual();
    let collateral = testkit::accept(Collateral::from_pool(&pool, &deal, &assumptions, 1));
    let model = Model::from_deal(&deal, &collateral, &assumptions);
    let run = model.run(&Inputs::of(&model));
    let series = |key: &str| -> Vec<String> {
        let line = model.line(key).unwrap_or_else(|| panic!("the model has {key}"));
        (0..=model.timeline.len(Axis::Payments)).map(|t| run.amount(line, t).to_string()).collect()
    };
    let held = series("account.reserve.closing_balance");
    assert_eq!(held, ["100.00", "100.00", "60.00", "20.00", "20.00", "20.00", "20.00"]);
    // 40.00 is released on the second and on the third date.
    let released = series("step.1.1.paid");
    assert_eq!(released, ["0.00", "0.00", "40.00", "40.00", "0.00", "0.00", "0.00"]);
    let findings = Deal::from_toml("deal.toml", &DEAL.replace("20.00]", "20, 1, 1, 1, 1, 1]"));
    let codes: Vec<&str> = findings.findings().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["D0213"], "eight entries for six dates");
}
