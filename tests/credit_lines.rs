//! Credit lines: a case recomputed by other means, and what must hold of every pool of lines.

mod testkit;

use cashfall::assumptions::{Assumptions, CreditLine, Curve, Defaults, Draws, Owner};
use cashfall::formula::LineId;
use cashfall::job::Job;
use cashfall::model::{Axis, Inputs, Model, Run};
use cashfall::money::{Amount, Rate};
use proptest::prelude::*;
use testkit::{case, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

fn percent(percent: i64) -> Rate {
    Rate::from_parts(percent * Rate::ONE.parts() / 100)
}

fn constant(rate: i64) -> Curve {
    Curve::Constant(percent(rate))
}

/// Every cohort, pool and payment of 15 months equals `fixtures/cases/credit_lines/recompute.py`, which
/// keeps the accounts by owner in whole fen.
#[test]
fn accounts_pool_and_payments_equal_the_recomputation() {
    const COHORT: [&str; 12] = [
        "credit_lines.limit",
        "credit_lines.minimum",
        "credit_lines.paid",
        "credit_lines.drawn",
        "credit_lines.closing",
        "credit_lines.seller",
        "collections.opening",
        "credit_lines.bought",
        "collections.default",
        "collections.scheduled",
        "collections.closing",
        "collections.interest",
    ];
    const DATE: [&str; 9] = [
        "step.1.1.paid",
        "step.2.1.paid",
        "step.3.1.budget",
        "step.3.1.draws_offered",
        "step.3.1.paid",
        "step.4.1.paid",
        "step.5.1.paid",
        "step.6.1.paid",
        "cash.carry",
    ];
    let (model, run) = testkit::run(&case("credit_lines"));
    let head = testkit::fixture("cases/credit_lines/expected.csv");
    let mut rows = vec![head.lines().next().expect("a head").to_string()];
    for tick in 1..=model.timeline.len(Axis::Payments) {
        let mut row = vec![tick.to_string()];
        for cohort in 0..2 {
            let of = |key: &&str| Amount::from_minor(run.value(line(&model, key), tick, cohort));
            row.extend(COHORT.iter().map(|key| of(key).to_string()));
        }
        let of = |key: &str| run.amount(line(&model, key), tick).to_string();
        row.extend(["pool.recovered", "pool.cash"].map(of));
        row.extend(DATE.map(of));
        rows.push(row.join(","));
    }
    expected_csv("credit_lines/expected.csv", &rows);
}

/// The ratios of early amortisation are those of the pool, by hand: in month 1 29,220.18 was paid of
/// 206,900.00, and 1,433.00 charged off. A threshold above the payment rate ends the revolving period.
#[test]
fn a_low_payment_rate_ends_the_revolving_period() {
    let job = case("credit_lines");
    let (model, run) = testkit::run(&job);
    let at = |key: &str, tick: usize| Rate::from_parts(run.value(line(&model, key), tick, 0));
    assert_eq!(at("define.payment_rate_3", 1).to_string(), "0.141228516191");
    // 12 × (1,108.55 + 1,165.40 − 1,433.00) ÷ 206,900.00, each rounded to twelve places.
    assert_eq!(at("define.net_yield", 1).to_string(), "0.048774287095");
    let revolving = |run: &Run, model: &Model| -> Vec<i64> {
        (1..=6).map(|tick| run.value(line(model, "state.revolving"), tick, 0)).collect()
    };
    assert_eq!(revolving(&run, &model), [1, 1, 1, 1, 1, 0]);
    let mut inputs = Inputs::of(&model);
    let threshold = model.input("trigger.payment_rate.threshold").expect("a threshold");
    inputs.set(threshold, percent(14).parts());
    let early = model.run(&inputs);
    assert_eq!(revolving(&early, &model), [1, 0, 0, 0, 0, 0]);
    let price = |run: &Run| run.total(line(&model, "step.3.1.paid"));
    assert_eq!(price(&early).to_string(), "30240.52");
}

/// The case with one segment of lines, without charge-offs, and the line changed.
fn simple(change: impl FnOnce(&mut CreditLine)) -> Job {
    let job = case("credit_lines");
    let mut assumptions: Assumptions = job.assumptions.clone();
    let mut segment = assumptions.segments[0].clone();
    segment.filter.clear();
    (segment.default, segment.recovery) = (Defaults::None, None);
    let of = segment.line.as_mut().expect("a line");
    *of = CreditLine {
        payment_rate: constant(20),
        minimum_rate: Rate::ZERO,
        minimum_floor: Amount::ZERO,
        yields: constant(18),
        transactors: Rate::ZERO,
        draws: Draws::None,
        growth: Rate::ZERO,
        events: Vec::new(),
        owner: Owner::Originator,
    };
    change(of);
    assumptions.segments = vec![segment];
    job.with_assumptions(assumptions)
}

fn closings(job: &Job, key: &str) -> Vec<i64> {
    let (model, run) = testkit::run(job);
    let of = line(&model, key);
    (0..=model.timeline.len(Axis::Months)).map(|month| run.value(of, month, 0)).collect()
}

/// Who pays everything and draws nothing is gone in a month.
#[test]
fn a_payment_rate_of_one_without_draws_pays_out_in_a_month() {
    let job = simple(|line| line.payment_rate = Curve::Constant(Rate::ONE));
    let closings = closings(&job, "pool.closing");
    assert_eq!(closings[..3], [20_690_000, 0, 0]);
}

/// Draws of what was paid keep the accounts, and the trust too once it has bought them.
#[test]
fn draws_of_what_was_paid_keep_the_balance() {
    let job = simple(|line| line.draws = Draws::Purchases(Curve::Constant(Rate::ONE)));
    assert!(closings(&job, "credit_lines.closing").iter().all(|balance| *balance == 20_690_000));
    let (model, run) = testkit::run(&job);
    let at = |key: &str, month| run.value(line(&model, key), month, 0);
    for month in 2..=6 {
        let whole = at("pool.opening", month) + at("pool.purchased", month);
        assert_eq!(whole, 20_690_000, "month {month}");
    }
}

/// A fixed share pays the trust faster than a floating one, when draws go on.
#[test]
fn the_fixed_share_pays_faster() {
    let by = |owner| {
        simple(|line| {
            line.draws = Draws::Purchases(constant(90));
            line.owner = owner;
        })
    };
    let [fixed, floating] =
        [Owner::Trust, Owner::Originator].map(|owner| closings(&by(owner), "pool.closing"));
    assert_eq!(fixed[..7], floating[..7], "while the deal revolves both are one");
    assert!(fixed[8..].iter().zip(&floating[8..]).all(|(fixed, floating)| fixed <= floating));
    assert!(fixed[10] < floating[10]);
}

/// A cut of limits leaves less to draw, so that less is offered to the trust.
#[test]
fn a_cut_of_limits_leaves_less_to_buy() {
    let with = |text: &str| {
        let file = format!(
            "[[segment]]\n[segment.line]\npayment_rate = \"20 %\"\nyield = \"18 %\"\nutilisation = \"62 %\"\n{text}"
        );
        let (assumptions, _) = Assumptions::from_toml("lines.toml", &file).accept().expect("lines");
        let job = case("credit_lines").with_assumptions(assumptions);
        let (model, run) = testkit::run(&job);
        run.total(line(&model, "pool.purchased"))
    };
    let (whole, cut) = (with(""), with("event = [{ from = 2, cut = \"30 %\" }]\n"));
    assert!(cut < whole, "{cut} < {whole}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Without draws a higher payment rate never lowers the principal collected by any month; nobody pays
    /// less than the minimum, nor more than he owes; the trust never has more than the accounts.
    #[test]
    fn payments_are_bounded_and_monotone(
        slow in 0_i64..90,
        more in 0_i64..10,
        least in 0_i64..40,
        floor in 0_i64..2_000_000,
        mdr in 0_i64..20,
        draw in 0_i64..120,
    ) {
        let with = |rate: i64, draws: Draws| {
            let mut job = simple(|line| {
                line.payment_rate = constant(rate);
                line.minimum_rate = percent(least);
                line.minimum_floor = Amount::from_minor(floor);
                line.draws = draws;
                line.owner = Owner::Trust;
            });
            let mut assumptions = job.assumptions.clone();
            assumptions.segments[0].default = Defaults::Mdr(constant(mdr));
            job = job.with_assumptions(assumptions);
            testkit::run(&job)
        };
        let paid = |(model, run): &(Model, Run)| -> Vec<i64> {
            let of = line(model, "pool.scheduled");
            let months = 1..=model.timeline.len(Axis::Months);
            months.scan(0, |sum, month| {
                *sum += run.value(of, month, 0);
                Some(*sum)
            }).collect()
        };
        let slower = paid(&with(slow, Draws::None));
        let faster = paid(&with(slow + more, Draws::None));
        prop_assert!(slower.iter().zip(&faster).all(|(slower, faster)| slower <= faster));
        let (model, run) = with(slow, Draws::Purchases(constant(draw)));
        for month in 1..=model.timeline.len(Axis::Months) {
            let at = |key: &str| run.value(line(&model, key), month, 0);
            let (performing, paid) = (at("credit_lines.performing"), at("credit_lines.paid"));
            let minimum = at("credit_lines.minimum");
            prop_assert!(minimum <= paid && paid <= performing);
            let share = i128::from(performing) * i128::from(least);
            prop_assert!(i128::from(paid) * 100 + 50 >= share);
            prop_assert!(at("collections.closing") <= at("credit_lines.closing"));
            prop_assert!(at("collections.performing") <= performing);
            prop_assert!(at("credit_lines.closing") <= at("credit_lines.limit").max(performing));
        }
    }
}
