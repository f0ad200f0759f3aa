//! How long the plan of a million receivables takes, and how much longer the same plan takes in
//! plain decimals.
//!
//! `cargo bench --bench plan` prints nanoseconds per receivable-month (a remaining instalment of a
//! receivable). Both sides run on the same pool in the same run and must give the same plan.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cashfall::money::{Amount, Rate, Rounding};
use cashfall::plan::{Cash, Grid, Plan};
use cashfall::pool::{
    ContractRate, Method, Pool, ProductTerms, RatePeriod, Receivable, RowOrigin, TapeManifest,
};
use cashfall::time::{due_date, months_between};
use chrono::NaiveDate;
use rust_decimal::Decimal;

const RECEIVABLES: usize = 1_000_000;
const COHORTS: u32 = 60;

fn main() {
    for (name, methods) in [
        ("level pay", &[Method::LevelPay][..]),
        ("flat fee", &[Method::FlatFee]),
        (
            "mixed",
            &[Method::FlatFee, Method::LevelPay, Method::EqualPrincipal, Method::InterestOnly],
        ),
    ] {
        compare(name, methods);
    }
}

/// Times the plan with one and two threads against the reference on a pool of these methods.
fn compare(name: &str, methods: &[Method]) {
    let pool = synthetic(methods);
    let key = |index: usize| u32::try_from(index).expect("a million fits") % COHORTS;
    let ends = Plan::month_ends(pool.cutoff, Plan::months_needed(&pool, 0));
    let cohorts = usize::try_from(COHORTS).expect("small");
    let grid = |threads| Grid { ends: &ends, cohorts, threads };

    let (plan, one) = fastest(5, || Plan::from_pool(&pool, grid(1), key));
    let (_, two) = fastest(5, || Plan::from_pool(&pool, grid(2), key));
    let (expected, slow) = fastest(1, || reference(&pool, ends.len(), key));
    for (cohort, months) in plan.cohorts.iter().zip(&expected) {
        assert_eq!(&cohort.months, months, "the plan is the reference's");
    }
    assert!(plan.notes.is_empty());

    let instalments: usize = pool.receivables.iter().map(remaining).sum();
    let each = |time: Duration| time.as_secs_f64() * 1e9 / instalments as f64;
    println!(
        "{name:<10} {instalments:>10} receivable-months  {:>6.2} ns  {:>6.2} ns on 2 threads  \
         {:>7.1} ns in decimals ({:.0}x)",
        each(one),
        each(two),
        each(slow),
        each(slow) / each(one),
    );
}

fn remaining(receivable: &Receivable) -> usize {
    usize::from(receivable.instalments - receivable.paid_instalments)
}

/// The shortest of several runs, and what it gave.
fn fastest<T>(runs: usize, work: impl Fn() -> T) -> (T, Duration) {
    let mut times = Vec::new();
    let mut result = None;
    for _ in 0..runs {
        let start = Instant::now();
        result = Some(black_box(work()));
        times.push(start.elapsed());
    }
    let shortest = times.into_iter().min().expect("at least one run");
    (result.expect("at least one run"), shortest)
}

/// Receivables of 3 to 36 instalments at rates of 0.45 % to 1.5 % a month, a third of them seasoned
/// and standing where their contract has them. Nothing is random: the same pool on every machine.
fn synthetic(methods: &[Method]) -> Pool {
    let cutoff = "2025-12-31".parse().expect("a date");
    let mut state = 20_251_231_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let terms = ProductTerms::default();
    let receivables = (0..RECEIVABLES).map(|index| {
        let n = [3, 6, 12, 12, 24, 36][usize::try_from(next(6)).expect("small")];
        let paid = if next(3) == 0 { u16::try_from(next(u64::from(n))).expect("small") } else { 0 };
        let due_day = u8::try_from(next(28) + 1).expect("a day");
        let first_due = first_due(cutoff, paid, due_day);
        let parts = i64::try_from(4_500_000_000 + 250_000_000 * next(43)).expect("a rate");
        let principal = Amount::from_minor(i64::try_from(20_000 + next(3_000_000)).expect("money"));
        let mut receivable = Receivable {
            id: "".into(),
            origin: RowOrigin::default(),
            method: methods[index % methods.len()],
            original_principal: principal,
            outstanding_principal: principal,
            instalments: n,
            paid_instalments: paid,
            rate: ContractRate { rate: Rate::from_parts(parts), per: RatePeriod::Instalment },
            origination: first_due,
            first_due,
            due_day,
            instalment: None,
            past_due_days: None,
            in_default: None,
            product: 0,
            given: None,
            own_cutoff: None,
            is_rep_line: false,
        };
        if paid > 0 {
            let contract = cashfall::plan::contract_schedule(&receivable, &terms);
            receivable.outstanding_principal = contract[usize::from(paid) - 1].balance_after;
        }
        receivable
    });
    Pool {
        cutoff,
        receivables: receivables.collect(),
        products: vec![("all".into(), terms)],
        attributes: BTreeMap::new(),
        manifest: TapeManifest::default(),
    }
}

/// The first due date of which `paid` months later is the month after the cut-off date.
fn first_due(cutoff: NaiveDate, paid: u16, due_day: u8) -> NaiveDate {
    let january = cutoff.succ_opt().expect("a date");
    let month = january.checked_sub_months(chrono::Months::new(paid.into())).expect("a date");
    due_date(month, due_day, 0)
        .checked_add_days(chrono::Days::new(u64::from(due_day) - 1))
        .expect("a date")
}

/// The same plan the plain way: one decimal after another, dates by the calendar.
fn reference(pool: &Pool, months: usize, key: impl Fn(usize) -> u32) -> Vec<Vec<Cash>> {
    let mut plan = vec![vec![Cash::ZERO; months]; usize::try_from(COHORTS).expect("small")];
    for (index, receivable) in pool.receivables.iter().enumerate() {
        let cohort = &mut plan[usize::try_from(key(index)).expect("small")];
        for (number, cash) in (1_u32..).zip(in_decimals(receivable)) {
            if number > u32::from(receivable.paid_instalments) {
                let due = due_date(receivable.first_due, receivable.due_day, number - 1);
                let month = months_between(pool.cutoff, due) - 1;
                cohort[usize::try_from(month).expect("after the cut-off date")] += cash;
            }
        }
    }
    plan
}

fn in_decimals(receivable: &Receivable) -> Vec<Cash> {
    let n = receivable.instalments;
    let (total, rate) =
        (receivable.original_principal.to_decimal(), receivable.rate.rate.to_decimal());
    let cents = |x: Decimal| {
        let cents = Amount::from_decimal_rounded(x, Rounding::HalfUp).expect("in range");
        cents.to_decimal()
    };
    let part = cents(total / Decimal::from(n));
    let (fee, fees) = (cents(total * rate), cents(total * rate * Decimal::from(n)));
    let annuity = (0..n).fold(Decimal::ZERO, |sum, _| (Decimal::ONE + sum) / (Decimal::ONE + rate));
    let instalment = cents(total / annuity);
    let mut balance = total;
    let mut schedule = Vec::new();
    for number in 1..=n {
        let (last, interest) = (number == n, cents(balance * rate));
        let (principal, interest, fee) = match receivable.method {
            _ if last && receivable.method != Method::FlatFee => (balance, interest, Decimal::ZERO),
            Method::LevelPay => (instalment - interest, interest, Decimal::ZERO),
            Method::EqualPrincipal => (part, interest, Decimal::ZERO),
            Method::FlatFee if last => (balance, Decimal::ZERO, fees - fee * Decimal::from(n - 1)),
            Method::FlatFee => (part, Decimal::ZERO, fee),
            _ => (Decimal::ZERO, interest, Decimal::ZERO),
        };
        balance -= principal;
        let [principal, interest, fee] =
            [principal, interest, fee].map(|x| Amount::from_decimal_exact(x).expect("whole cents"));
        schedule.push(Cash { principal, interest, fee });
    }
    schedule
}
