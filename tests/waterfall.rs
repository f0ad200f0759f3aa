//! Laws of every priority of payments, on random small deals: nobody is paid above what is owed, no
//! balance falls below zero, and a junior tranche waits for its seniors.
//!
//! The deals are built as text and read like a user's; the run asserts conservation by itself.

mod testkit;

use std::fmt::Write;

use cashfall::assumptions::Assumptions;
use cashfall::deal::Deal;
use cashfall::model::{Axis, Collateral, Inputs, Model, Run};
use cashfall::money::Amount;
use cashfall::pool::{self, Pool};
use cashfall::tape::Mapping;
use proptest::prelude::*;

/// A random deal on the pool of the worked example (30 000.00, six months and a little).
#[derive(Clone, Debug)]
struct Shape {
    /// Faces as weights; the last tranche is subordinated.
    weights: Vec<u32>,
    /// Principal pro rata among the tranches, or one after the other.
    pro_rata: bool,
    every: &'static str,
    revolving: usize,
    slow_senior: bool,
    cap: Option<u32>,
    trigger: Option<(&'static str, bool, &'static str)>,
    gated: bool,
    paid_fee: bool,
    tax: bool,
    cpr: u32,
    cdr: u32,
    recovery: u32,
    order: &'static str,
}

fn shape() -> impl Strategy<Value = Shape> {
    let trigger = prop_oneof![
        Just(("cumulative_default_ratio", true, "0.5 %")),
        Just(("cumulative_default_ratio", true, "5 %")),
        Just(("senior_coverage", false, "130 %")),
        Just(("pool_factor", false, "40 %")),
    ];
    let liabilities = (
        prop::collection::vec(1_u32..20, 1..5),
        any::<bool>(),
        prop_oneof![Just("monthly"), Just("quarterly")],
        0_usize..4,
        any::<bool>(),
        prop::option::of(0_u32..2_000_000),
        prop::option::of(trigger),
    );
    let rest = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        0_u32..60,
        0_u32..60,
        0_u32..=100,
        prop_oneof![Just("survivors"), Just("bma")],
    );
    (liabilities, rest).prop_map(|(liabilities, rest)| {
        let (weights, pro_rata, every, revolving, slow_senior, cap, trigger) = liabilities;
        let (gated, paid_fee, tax, cpr, cdr, recovery, order) = rest;
        Shape {
            weights,
            pro_rata,
            every,
            // A deal that pays quarterly has three dates; one of them must amortise.
            revolving: if every == "quarterly" { revolving.min(2) } else { revolving },
            slow_senior: slow_senior && every == "monthly",
            cap,
            trigger,
            gated,
            paid_fee,
            tax,
            cpr,
            cdr,
            recovery,
            order,
        }
    })
}

impl Shape {
    fn faces(&self) -> Vec<i64> {
        let total: u32 = self.weights.iter().sum();
        let mut left = 3_000_000;
        let mut faces = Vec::new();
        for (place, weight) in self.weights.iter().enumerate() {
            let last = place + 1 == self.weights.len();
            let face = if last { left } else { 3_000_000 * i64::from(*weight) / i64::from(total) };
            left -= face;
            faces.push(face);
        }
        faces
    }

    fn deal(&self) -> String {
        let mut text = format!(
            "[deal]\nname = \"random\"\n[pool]\ncutoff = 2025-12-31\n[dates]\n\
             closing = 2026-01-15\nfirst_payment = 2026-02-15\nlegal_maturity = 2026-10-15\n\
             calendar = \"SSE\"\npayment_every = \"{}\"\nrevolving_payments = {}\n",
            self.every, self.revolving
        );
        let last = self.weights.len() - 1;
        for (place, face) in self.faces().into_iter().enumerate() {
            let slow = if self.slow_senior && place == 0 {
                "frequency = { revolving = \"quarterly\", amortising = \"monthly\" }\n"
            } else {
                ""
            };
            let _ = write!(
                text,
                "[[tranche]]\nid = \"T{place}\"\nface = {}\ncoupon = \"{}.5 %\"\n\
                 subordinated = {}\ncumulative = {}\n{slow}",
                Amount::from_minor(face),
                place + 2,
                place == last && last > 0,
                place != last,
            );
        }
        text += "[[fee]]\nid = \"custody\"\nrate = \"0.1 %\"\nbase = \"securities\"\n";
        text += "[[fee]]\nid = \"servicer\"\nrate = \"1 %\"\nbase = \"pool\"\n";
        text += "[[fee]]\nid = \"audit\"\namount = 30.00\npayments = [1, 3]\n";
        if self.paid_fee {
            text += "[[fee]]\nid = \"registrar\"\nrate = \"0.05 %\"\nbase = \"paid\"\n";
        }
        if self.tax {
            text += "[tax]\nvat = \"3 %\"\nsurcharge = \"12 %\"\n";
        }
        if let Some((metric, above, threshold)) = self.trigger {
            let side = if above { "above" } else { "below" };
            let _ = write!(
                text,
                "[[trigger]]\nid = \"t\"\nmetric = \"{metric}\"\n{side} = \"{threshold}\"\n\
                 consequence = \"accelerate\"\n"
            );
        }
        text + &self.steps()
    }

    fn steps(&self) -> String {
        let mut text = String::new();
        if self.tax {
            text += "[[step]]\npay = [{ tax = true }]\n";
        }
        text += "[[step]]\nsharing = \"pro_rata\"\n\
                 pay = [{ fee = \"custody\" }, { fee = \"servicer\" }, { fee = \"audit\" }]\n";
        if self.paid_fee {
            text += "[[step]]\npay = [{ fee = \"registrar\" }]\n";
        }
        let tranches = 0..self.weights.len();
        for place in tranches.clone() {
            let last = place + 1 == self.weights.len();
            if last && self.gated {
                text += "[[step]]\nwhen = \"not accelerated\"\n";
            } else {
                text += "[[step]]\n";
            }
            let _ = writeln!(text, "pay = [{{ tranche = \"T{place}\", due = \"interest\" }}]");
        }
        let state = if self.revolving > 0 { "when = \"not revolving\"\n" } else { "" };
        let cap = self
            .cap
            .map_or(String::new(), |cap| format!(", cap = {}", Amount::from_minor(cap.into())));
        let principal = |place: usize, cap: &str| {
            format!("{{ tranche = \"T{place}\", due = \"principal\"{cap} }}")
        };
        if self.pro_rata {
            let all: Vec<String> = tranches.map(|place| principal(place, &cap)).collect();
            let _ = writeln!(
                text,
                "[[step]]\n{state}sharing = \"pro_rata\"\npay = [{}]",
                all.join(", ")
            );
        } else {
            for place in tranches {
                let _ = writeln!(text, "[[step]]\n{state}pay = [{}]", principal(place, ""));
            }
        }
        let last = self.weights.len() - 1;
        let _ = writeln!(
            text,
            "[[step]]\n{state}pay = [{{ tranche = \"T{last}\", due = \"remainder\" }}]"
        );
        text
    }

    fn assumptions(&self) -> String {
        format!(
            "order = \"{}\"\n[[segment]]\nname = \"all\"\ncpr = \"{} %\"\ncdr = \"{} %\"\n\
             recovery_rate = \"{} %\"\nrecovery_lag = [0, 0.5, 0.5]\n",
            self.order, self.cpr, self.cdr, self.recovery
        )
    }
}

fn tape(deal: &Deal) -> Pool {
    let path = testkit::path("cases/worked_example_cn/pool.csv");
    testkit::accept(pool::load(&path, &Mapping::default(), &deal.pool).expect("the tape"))
}

/// What a line held on each payment date.
fn series(model: &Model, run: &Run, key: &str) -> Vec<Amount> {
    let line = model.line(key).unwrap_or_else(|| panic!("the model has {key}"));
    let dates = 1..=model.timeline.len(Axis::Payments);
    dates.map(|tick| run.amount(line, tick)).collect()
}

fn laws(shape: &Shape) -> Result<(), TestCaseError> {
    let text = shape.deal();
    let deal = testkit::accept(Deal::from_toml("deal.toml", &text)).expect("a deal");
    let pool = tape(&deal);
    let assumptions =
        testkit::accept(Assumptions::from_toml("assumptions.toml", &shape.assumptions()));
    let collateral = Collateral::from_pool(&pool, &deal, &assumptions, 1);
    let collateral = testkit::accept(collateral);
    let model = Model::from_deal(&deal, &collateral, &assumptions);
    let run = model.run(&Inputs::of(&model));
    no_step_pays_above_what_is_due(&deal, &model, &run)?;
    let principal: Vec<Vec<Amount>> = (0..deal.tranches.len())
        .map(|place| series(&model, &run, &format!("tranche.T{place}.principal_paid")))
        .collect();
    let closing: Vec<Vec<Amount>> = (0..deal.tranches.len())
        .map(|place| series(&model, &run, &format!("tranche.T{place}.closing_balance")))
        .collect();
    for (place, tranche) in deal.tranches.iter().enumerate() {
        let mut balance = tranche.face;
        for (paid, closing) in principal[place].iter().zip(&closing[place]) {
            prop_assert!(*paid >= Amount::ZERO && *paid <= balance);
            balance -= *paid;
            prop_assert_eq!(balance, *closing);
        }
    }
    if !shape.pro_rata && !shape.slow_senior {
        for (senior, junior) in closing.iter().zip(&principal[1..]) {
            for (owed, paid) in senior.iter().zip(junior) {
                let waits = *paid == Amount::ZERO || *owed == Amount::ZERO;
                prop_assert!(waits, "{} paid to a junior while {} is owed above", paid, owed);
            }
        }
    }
    let revolving = principal.iter().flat_map(|paid| &paid[..shape.revolving]);
    if shape.trigger.is_none() {
        prop_assert!(revolving.copied().all(|paid| paid == Amount::ZERO), "revolving pays none");
    }
    Ok(())
}

fn no_step_pays_above_what_is_due(
    deal: &Deal,
    model: &Model,
    run: &Run,
) -> Result<(), TestCaseError> {
    for (number, step) in (1..).zip(&deal.steps) {
        for payment in 1..=step.pay.len() {
            let due = series(model, run, &format!("step.{number}.{payment}.due"));
            let paid = series(model, run, &format!("step.{number}.{payment}.paid"));
            for (due, paid) in due.iter().zip(&paid) {
                prop_assert!(Amount::ZERO <= *paid && paid <= due, "step {}.{}", number, payment);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_priority_of_payments_keeps_its_laws(shape in shape()) {
        laws(&shape)?;
    }
}
