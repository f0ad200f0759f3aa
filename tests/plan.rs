//! The plan of random pools: the sum of the schedules to the minor unit, whatever the order of the
//! receivables and the number of threads; and the schedules against a reference in decimals.
#![allow(clippy::inconsistent_digit_grouping)] // 1_234_56 is 1,234.56 in minor units.

use cashfall::money::{Amount, Rate, Rounding};
use cashfall::plan::{
    Basis, Cash, Grid, Instalment, Plan, PlanNoteKind, contract_schedule, remaining_schedule,
};
use cashfall::pool::{
    ArrearsRule, ContractRate, GivenInstalment, Method, PlanBasis, Pool, ProductTerms, RatePeriod,
    Receivable, Remainder, RowOrigin, TapeManifest,
};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;

const COHORTS: usize = 3;

/// A month end for pools of an even number of receivables, else a day within a month.
fn cutoff(receivables: usize) -> NaiveDate {
    ["2026-03-31", "2026-03-15"][receivables % 2].parse().expect("a date")
}

/// Products of every rounding, remainder, basis and arrears rule.
fn products() -> Vec<(String, ProductTerms)> {
    let mut products = Vec::new();
    for instalment_rounding in [Rounding::HalfUp, Rounding::Up, Rounding::Down] {
        for remainder in [Remainder::Last, Remainder::First] {
            for plan_from in [PlanBasis::Terms, PlanBasis::Balance] {
                for arrears in [ArrearsRule::FirstPeriod, ArrearsRule::NotPaid] {
                    let terms = ProductTerms { instalment_rounding, remainder, plan_from, arrears };
                    products.push((format!("product {}", products.len()), terms));
                }
            }
        }
    }
    products
}

fn method() -> impl Strategy<Value = Method> {
    prop::sample::select(vec![
        Method::LevelPay,
        Method::EqualPrincipal,
        Method::FlatFee,
        Method::InterestOnly,
        Method::Daily,
        Method::Bill,
        Method::Given,
    ])
}

fn rate() -> impl Strategy<Value = ContractRate> {
    prop_oneof![
        Just(ContractRate { rate: Rate::ZERO, per: RatePeriod::Year }),
        (0_i64..40).prop_map(|k| ContractRate {
            rate: Rate::from_parts(k * 500_000_000),
            per: RatePeriod::Instalment
        }),
        (0_i64..500_000_000_000)
            .prop_map(|p| ContractRate { rate: Rate::from_parts(p), per: RatePeriod::Year }),
        (0_i64..7).prop_map(|k| ContractRate {
            rate: Rate::from_parts(k * 100_000_000),
            per: RatePeriod::Day
        }),
    ]
}

prop_compose! {
    fn receivable()(
        method in method(),
        rate in rate(),
        principal in 1_i64..5_000_000,
        n in 1_u16..=36,
        (paid, short, tape_instalment) in (0_u16..=36, 0_i64..6, prop::option::of(1_i64..400_000)),
        (first, due_day) in (0_u64..900, 1_u8..=31),
        product in 0_u16..24,
        own in prop::option::of(0_u64..1200),
    ) -> Receivable {
        let (paid, terms) = (paid % (n + 1), products()[usize::from(product)].1);
        let origination = "2024-01-15".parse::<NaiveDate>().expect("a date") + Days::new(first);
        let first_due = origination + Days::new(30);
        let mut receivable = Receivable {
            id: "R".into(),
            origin: RowOrigin::default(),
            method,
            original_principal: Amount::from_minor(principal),
            outstanding_principal: Amount::from_minor(principal),
            instalments: n,
            paid_instalments: paid,
            rate,
            origination,
            first_due,
            due_day,
            instalment: tape_instalment.map(Amount::from_minor),
            past_due_days: None,
            in_default: None,
            product,
            given: None,
            own_cutoff: own.map(|days| origination + Days::new(days)),
            is_rep_line: false,
        };
        // One in two stands where its contract has it; the others anywhere.
        let contract = contract_schedule(&receivable, &terms);
        if method == Method::Given {
            receivable.given = Some(given(&contract, short));
        }
        let left = if paid == 0 { principal } else {
            contract.get(usize::from(paid) - 1).map_or(0, |i| i.balance_after.minor())
        };
        let outstanding = if short < 3 { left } else { principal * short / 6 };
        receivable.outstanding_principal = Amount::from_minor(outstanding);
        receivable
    }
}

/// A given schedule at odd dates, before and after the cut-off date.
fn given(contract: &[Instalment], step: i64) -> Box<[GivenInstalment]> {
    let one = |i: &Instalment| GivenInstalment {
        number: i.number,
        due: i.due + Days::new(step.unsigned_abs() * 11),
        principal: i.principal,
        interest: i.interest,
        fee: Amount::from_minor(step),
    };
    contract.iter().map(one).collect()
}

fn pool(mut receivables: Vec<Receivable>) -> Pool {
    let (products, attributes) = (products(), std::collections::BTreeMap::new());
    let cutoff = cutoff(receivables.len());
    for receivable in &mut receivables {
        receivable.own_cutoff = receivable.own_cutoff.filter(|own| *own > cutoff);
    }
    Pool { cutoff, receivables, products, attributes, manifest: TapeManifest::default() }
}

/// The plan by calendar months, in cohorts by the principal.
fn plan(pool: &Pool, threads: usize) -> Plan {
    let ends = Plan::month_ends(pool.cutoff, Plan::months_needed(pool, threads));
    Plan::from_pool(pool, Grid { ends: &ends, cohorts: COHORTS, threads }, |i| cohort(pool, i))
}

fn cohort(pool: &Pool, index: usize) -> u32 {
    let minor = pool.receivables[index].original_principal.minor();
    u32::try_from(minor % 3).expect("below three")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_plan_is_the_sum_of_the_schedules(
        receivables in prop::collection::vec(receivable(), 0..60),
    ) {
        let pool = pool(receivables);
        let plan = plan(&pool, 1);
        let mut months = vec![vec![Cash::ZERO; plan.ends.len()]; COHORTS];
        let mut joined = vec![vec![Amount::ZERO; plan.ends.len()]; COHORTS];
        let mut arrears = [[Cash::ZERO; 2]; COHORTS];
        let mut notes = Vec::new();
        for (index, receivable) in pool.receivables.iter().enumerate() {
            let cohort = usize::try_from(cohort(&pool, index)).expect("small");
            let terms = pool.terms(receivable);
            let (schedule, basis) = remaining_schedule(receivable, terms, pool.cutoff);
            let total: Amount = schedule.iter().map(|i| i.principal).sum();
            prop_assert_eq!(total, receivable.outstanding_principal);
            // Who joins later joins in the month of the day after his cut-off date.
            let joins = receivable.own_cutoff.map(|own| {
                plan.ends.iter().position(|end| own < *end).expect("the plan reaches that day")
            });
            for i in &schedule {
                prop_assert_eq!(i.arrears, i.due <= receivable.own_cutoff.unwrap_or(pool.cutoff));
                let unpaid = i.arrears && terms.arrears == ArrearsRule::NotPaid;
                if let Some(month) = joins.filter(|_| !unpaid) {
                    joined[cohort][month] += i.principal;
                }
                prop_assert!(i.principal.min(i.interest).min(i.fee) >= Amount::ZERO);
                let cash = Cash { principal: i.principal, interest: i.interest, fee: i.fee };
                match plan.ends.iter().position(|end| i.due <= *end) {
                    _ if unpaid => arrears[cohort][1] += cash,
                    _ if i.arrears => match joins {
                        Some(month) => months[cohort][month] += cash,
                        None => arrears[cohort][0] += cash,
                    },
                    Some(month) => months[cohort][month] += cash,
                    None => prop_assert!(false, "due after the plan ends"),
                }
            }
            if let Basis::BalanceInstead { contract } = basis {
                let tape = receivable.outstanding_principal;
                notes.push((index, PlanNoteKind::FellBackToBalance { tape, contract }));
            }
        }
        prop_assert_eq!(notes, plan.notes.iter().map(|n| (n.index, n.kind)).collect::<Vec<_>>());
        prop_assert_eq!(plan.outstanding(), pool.outstanding_principal());
        for (cohort, (months, joined)) in plan.cohorts.iter().zip(months.iter().zip(&joined)) {
            prop_assert_eq!((&cohort.months, &cohort.joined), (months, joined));
        }
        for (cohort, [arrears, not_paid]) in plan.cohorts.iter().zip(arrears) {
            prop_assert_eq!((cohort.arrears, cohort.not_paid), (arrears, not_paid));
            let later: Amount = cohort.joined[1..].iter().copied().sum();
            prop_assert_eq!(cohort.opening(1), cohort.outstanding - not_paid.principal - later);
            prop_assert_eq!(cohort.closing(plan.ends.len()), Amount::ZERO);
        }
    }

    #[test]
    fn neither_threads_nor_the_order_of_rows_change_the_plan(
        (rows, shuffled) in prop::collection::vec(receivable(), 1..60).prop_flat_map(|rows| {
            (Just(rows.clone()), Just(rows).prop_shuffle())
        }),
    ) {
        let (pool, shuffled) = (pool(rows), pool(shuffled));
        let one = plan(&pool, 1);
        prop_assert_eq!(&one, &plan(&pool, 2));
        prop_assert_eq!(&one, &plan(&pool, 0));
        prop_assert_eq!(&one.cohorts, &plan(&shuffled, 2).cohorts);
    }

    #[test]
    fn level_pay_is_what_decimals_of_28_places_give(
        principal in 1_i64..100_000_000,
        n in 1_u16..=60,
        parts in 0_i64..600_000_000_000,
    ) {
        let terms = ProductTerms::default();
        let rate = ContractRate { rate: Rate::from_parts(parts), per: RatePeriod::Year };
        let receivable = Receivable {
            method: Method::LevelPay, rate, instalments: n, paid_instalments: 0,
            original_principal: Amount::from_minor(principal),
            outstanding_principal: Amount::from_minor(principal),
            ..any_receivable()
        };
        let ours = contract_schedule(&receivable, &terms);
        let mut balance = Decimal::new(principal, 2);
        let monthly = Decimal::new(parts, 12) / Decimal::from(12);
        let annuity = (0..n).fold(Decimal::ZERO, |sum, _| (Decimal::ONE + sum) / (Decimal::ONE + monthly));
        let cents = |x: Decimal| Amount::from_decimal_rounded(x, Rounding::HalfUp).expect("in range").to_decimal();
        let instalment = cents(balance / annuity);
        for i in &ours {
            let interest = cents(balance * Decimal::new(parts, 12) / Decimal::from(12));
            let principal = if i.number == n { balance } else {
                (instalment - interest).max(Decimal::ZERO).min(balance)
            };
            prop_assert_eq!((i.principal.to_decimal(), i.interest.to_decimal()), (principal, interest));
            balance -= principal;
        }
    }
}

fn any_receivable() -> Receivable {
    let rate = ContractRate { rate: Rate::ZERO, per: RatePeriod::Instalment };
    let first_due = "2026-04-10".parse().expect("a date");
    Receivable {
        id: "R".into(),
        origin: RowOrigin::default(),
        method: Method::FlatFee,
        original_principal: Amount::from_minor(300_00),
        outstanding_principal: Amount::from_minor(300_00),
        instalments: 3,
        paid_instalments: 0,
        rate,
        origination: "2026-03-10".parse().expect("a date"),
        first_due,
        due_day: 10,
        instalment: None,
        past_due_days: None,
        in_default: None,
        product: 0,
        given: None,
        own_cutoff: None,
        is_rep_line: false,
    }
}

#[test]
fn months_may_be_any_periods_that_ascend() {
    let mut pool = pool(vec![any_receivable()]); // due 04-10, 05-10, 06-10
    assert_eq!(Plan::months_needed(&pool, 1), 4); // the rest of March is month 1
    pool.cutoff = "2026-03-31".parse().expect("a date");
    assert_eq!(Plan::months_needed(&pool, 1), 3);
    let ends = ["2026-04-09", "2026-04-10", "2026-06-30"].map(|text| text.parse().expect("a date"));
    let plan = Plan::from_pool(&pool, Grid { ends: &ends, cohorts: 1, threads: 1 }, |_| 0);
    let principal = plan.cohorts[0].months.iter().map(|cash| cash.principal.minor());
    assert_eq!(principal.collect::<Vec<_>>(), [0, 100_00, 200_00]);
    let balances = plan.cohorts[0].balances.iter().map(|balance| balance.minor());
    assert_eq!(balances.collect::<Vec<_>>(), [300_00, 300_00, 200_00, 0]);
}

#[test]
fn a_cutoff_within_a_month_leaves_the_rest_of_it_as_month_one() {
    let ends = Plan::month_ends("2026-03-15".parse().expect("a date"), 2);
    let text: Vec<String> = ends.iter().map(ToString::to_string).collect();
    assert_eq!(text, ["2026-03-31", "2026-04-30"]);
}

#[test]
fn an_empty_pool_has_an_empty_plan() {
    let plan = plan(&pool(Vec::new()), 2);
    assert_eq!((plan.ends.len(), plan.cohorts.len()), (1, COHORTS));
    assert_eq!(plan.month(1), Cash::ZERO);
}
