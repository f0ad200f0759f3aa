//! No stress is the contract: for random pools of every repayment method, the projected cash of each
//! month is the sum of the receivables' schedules, to the fen.

mod testkit;

use std::collections::BTreeMap;

use cashfall::assumptions::Assumptions;
use cashfall::deal::Deal;
use cashfall::model::{Axis, Collateral, Inputs, Model};
use cashfall::money::Amount;
use cashfall::plan::remaining_schedule;
use cashfall::pool::{Attribute, Pool, ProductTerms, TapeManifest};
use cashfall::synth;

#[test]
fn no_stress_is_the_sum_of_the_schedules_for_random_pools() {
    let text = testkit::fixture("cases/worked_example_cn/deal.toml")
        .replace("cutoff = 2025-12-31", "cutoff = 2025-06-30")
        .replace("closing = 2026-01-15", "closing = 2025-07-15")
        .replace("first_payment = 2026-02-15", "first_payment = 2025-08-15")
        .replace("legal_maturity = 2026-07-15", "legal_maturity = 2029-07-15")
        .replace("calendar = \"SSE\"", "calendar = \"weekends\"");
    let deal = testkit::accept(Deal::from_toml("deal.toml", &text)).expect("a deal");
    for seed in 0..24 {
        let rows = synth::rows(seed, 150, deal.pool.cutoff);
        let receivables: Vec<_> = rows.into_iter().map(|row| row.receivable).collect();
        let pool = Pool {
            cutoff: deal.pool.cutoff,
            products: vec![(String::new(), ProductTerms::default())],
            attributes: BTreeMap::from([(
                "product".to_string(),
                Attribute { values: vec!["".into()], codes: vec![0; receivables.len()] },
            )]),
            manifest: TapeManifest::default(),
            receivables,
        };
        let assumptions = Assumptions::contractual();
        let collateral = Collateral::from_pool(&pool, &deal, &assumptions, 1);
        let (collateral, _) = collateral.into_parts();
        let model = Model::from_deal(&deal, &collateral, &assumptions);
        let run = model.run(&Inputs::of(&model));
        let line = |key: &str| model.line(key).expect("a line of the pool");
        for month in 1..=model.timeline.len(Axis::Months) {
            let (from, to) = (model.date(Axis::Months, month - 1), model.date(Axis::Months, month));
            let mut expected = [Amount::ZERO; 3];
            for receivable in &pool.receivables {
                let (schedule, _) =
                    remaining_schedule(receivable, pool.terms(receivable), pool.cutoff);
                for due in schedule.iter().filter(|line| line.due > from && line.due <= to) {
                    expected[0] += due.principal;
                    expected[1] += due.interest;
                    expected[2] += due.fee;
                }
            }
            let ours = ["scheduled", "interest", "fee"]
                .map(|key| run.amount(line(&format!("pool.{key}")), month));
            assert_eq!(ours, expected, "seed {seed}, month {month}");
        }
    }
}
