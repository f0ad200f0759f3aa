//! What tests share: cases from fixtures, comparison with expected pages.
#![allow(dead_code)]

pub mod recalculate;

use std::path::{Path, PathBuf};

use cashfall::assumptions::Assumptions;
use cashfall::deal::Deal;
use cashfall::finding::{Checked, Lang, render};
use cashfall::model::{Collateral, Model};
use cashfall::pool::Pool;

/// The path of a fixture.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The text of a fixture.
pub fn fixture(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("fixture {name}: {error}"))
}

/// The value of something that was checked, or its findings as a panic.
pub fn accept<T>(checked: Checked<T>) -> T {
    match checked.accept() {
        Ok((value, _)) => value,
        Err(findings) => panic!("{}", render(&findings, Lang::En)),
    }
}

/// Compares lines with a fixture, line by line, ignoring line ends.
#[track_caller]
pub fn expected_csv(name: &str, rows: &[String]) {
    let text = fixture(&format!("cases/{name}"));
    let expected: Vec<&str> = text.lines().collect();
    for (number, (ours, theirs)) in rows.iter().zip(&expected).enumerate() {
        assert_eq!(ours, theirs, "{name}, line {}", number + 1);
    }
    assert_eq!(rows.len(), expected.len(), "{name} has as many lines");
}

/// A case of `fixtures/cases`: a deal with its pool and assumptions.
pub struct Case {
    pub deal: Deal,
    pub pool: Pool,
    pub assumptions: Assumptions,
}

impl Case {
    /// Opens a case by its folder.
    pub fn open(name: &str) -> Case {
        let folder = path("cases").join(name);
        let text = fixture(&format!("cases/{name}/deal.toml"));
        let deal = accept(Deal::from_toml("deal.toml", &text)).expect("the deal was read");
        let tape = deal.files.tape.clone().unwrap_or_else(|| "pool.csv".to_string());
        let pool = hand_made(&deal, &folder.join(tape));
        let assumptions = match &deal.files.assumptions {
            Some(file) => accept(Assumptions::from_toml(file, &fixture(&format!("cases/{name}/{file}")))),
            None => Assumptions::contractual(),
        };
        Case { deal, pool, assumptions }
    }

    /// The pool by cohort.
    pub fn collateral(&self) -> Collateral {
        accept(Collateral::from_pool(&self.pool, &self.deal, &self.assumptions, 1, "assumptions.toml"))
    }

    /// The same case without prepayment and default.
    pub fn without_stress(&self) -> Case {
        Case {
            deal: self.deal.clone(),
            pool: self.pool.clone(),
            assumptions: self.assumptions.without_stress(),
        }
    }

    /// The model.
    pub fn model(&self) -> Model {
        Model::from_deal(&self.deal, &self.collateral(), &self.assumptions)
    }
}

fn hand_made(deal: &Deal, path: &Path) -> Pool {
    use cashfall::money::Rate;
    use cashfall::pool::*;
    let text = std::fs::read_to_string(path).expect("tape");
    let mut pool = Pool {
        cutoff: deal.pool.cutoff,
        receivables: Vec::new(),
        products: vec![(String::new(), deal.pool.default_terms)],
        attributes: Default::default(),
        manifest: TapeManifest::default(),
    };
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let first_due: chrono::NaiveDate = f[9].parse().expect("date");
        let paid: u16 = f[6].parse().expect("paid");
        let mut r = Receivable {
            id: f[0].into(),
            origin: RowOrigin::default(),
            method: if f[3] == "ANNUITY" { Method::LevelPay } else { Method::FlatFee },
            original_principal: f[4].parse().expect("amount"),
            outstanding_principal: f[4].parse().expect("amount"),
            instalments: f[5].parse().expect("count"),
            paid_instalments: paid,
            rate: ContractRate { rate: f[7].parse::<Rate>().expect("rate"), per: RatePeriod::Instalment },
            origination: first_due - chrono::Months::new(1),
            first_due,
            due_day: f[8].parse().expect("day"),
            instalment: None,
            past_due_days: None,
            product: 0,
            given: None,
        };
        if paid > 0 {
            r.outstanding_principal = cashfall::plan::contract_schedule(&r, &pool.products[0].1)[usize::from(paid) - 1].balance_after;
        }
        pool.receivables.push(r);
    }
    pool
}
