//! Laws of every priority of payments, on random small deals of the whole deal language: nothing is
//! lost, nobody is paid above what is owed, no balance falls below zero, a junior tranche waits for
//! its seniors, halves are paid like the whole, and less cash is never better.
//!
//! The deals are built as text and read like a user's. A law that fails names its seed.

mod testkit;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use cashfall::model::Conservation;
use cashfall::money::Amount;
use testkit::random_deal::{Behaviour, Bench, Draft, Ran};

/// Every law holds for each of these.
const SEEDS: u64 = 256;

/// Runs a law on every seed; the first seed that breaks it is named with its deal.
fn on_every_seed(mut law: impl FnMut(&Bench, &Draft)) {
    let bench = Bench::new();
    for seed in 0..SEEDS {
        let draft = Draft::from_seed(seed);
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| law(&bench, &draft))) {
            eprintln!("seed {seed}, {:?}\n{}", draft.behaviour, draft.text(None));
            resume_unwind(cause);
        }
    }
}

fn run(bench: &Bench, draft: &Draft) -> Ran {
    bench.run(&draft.text(None), draft.behaviour)
}

#[test]
fn nothing_is_lost_and_nobody_is_paid_above_what_is_owed() {
    on_every_seed(|bench, draft| {
        let ran = run(bench, draft);
        let conservation = Conservation::of(&ran.model, &ran.run);
        assert_eq!(conservation.difference(), Amount::ZERO);
        no_step_pays_above_what_is_due(&ran);
        balances_roll(&ran);
        no_claim_is_overpaid(&ran);
        if let Some(limit) = draft.facility_limit {
            let drawn = ran.line("facility.lender.drawn_after");
            assert!(drawn.iter().all(|drawn| (0..=limit).contains(drawn)), "{drawn:?}");
        }
    });
}

fn no_step_pays_above_what_is_due(ran: &Ran) {
    for (number, step) in (1..).zip(&ran.job.deal.steps) {
        for payment in 1..=step.pay.len() {
            let due = ran.line(&format!("step.{number}.{payment}.due"));
            let paid = ran.line(&format!("step.{number}.{payment}.paid"));
            for (due, paid) in due.iter().zip(&paid) {
                assert!(0 <= *paid && paid <= due, "step {number}.{payment}: {paid} of {due}");
            }
        }
    }
}

/// Opening + capitalised − principal − written down = closing, none of them below zero.
fn balances_roll(ran: &Ran) {
    for tranche in &ran.job.deal.tranches {
        let part = |part: &str| ran.try_line(&format!("tranche.{}.{part}", tranche.id));
        let (principal, closing) = (part("principal_paid"), part("closing_balance"));
        let (principal, closing) = (principal.expect("paid"), closing.expect("a balance"));
        let none = vec![0; closing.len()];
        let grown = part("capitalised").unwrap_or_else(|| none.clone());
        let lost = part("written_down").unwrap_or(none);
        let mut balance = tranche.face.minor();
        for date in 0..closing.len() {
            assert!(principal[date] >= 0 && principal[date] <= balance, "{}", tranche.id);
            assert!(grown[date] >= 0 && lost[date] >= 0, "{}", tranche.id);
            balance += grown[date] - principal[date] - lost[date];
            assert_eq!(balance, closing[date], "{}", tranche.id);
        }
    }
}

/// Interest, fees and tax: what was paid and what is unpaid is what accrued, to date.
fn no_claim_is_overpaid(ran: &Ran) {
    let claims = ran.model.lines.iter().filter(|line| line.part == "unpaid");
    for line in claims {
        let name = line.key.trim_end_matches(".unpaid");
        let (owed, unpaid) = (ran.line(&format!("{name}.owed")), ran.line(&line.key));
        for (owed, unpaid) in owed.iter().zip(&unpaid) {
            assert!((0..=*owed).contains(unpaid), "{name}: {unpaid} unpaid of {owed}");
        }
    }
    for tranche in &ran.job.deal.tranches {
        let part = |part: &str| ran.try_line(&format!("tranche.{}.{part}", tranche.id));
        let owed = part("owed").or_else(|| part("entitled")).or_else(|| part("accrued"));
        let (owed, paid) = (owed.expect("interest"), part("interest_paid").expect("paid"));
        assert!(owed.iter().zip(&paid).all(|(owed, paid)| paid <= owed), "{}", tranche.id);
    }
}

/// What is still due to a tranche after its payments: nothing on a date on which it does not pay.
fn still_due(ran: &Ran, place: usize, date: usize) -> i64 {
    let id = &ran.job.deal.tranches[place].id;
    let part = |part: &str| ran.try_line(&format!("tranche.{id}.{part}")).map(|line| line[date]);
    let left = part("opening_balance").expect("a balance") - part("principal_paid").expect("paid");
    let due = (left - part("target_balance").unwrap_or(0)).max(0);
    if part("pays") == Some(0) { 0 } else { due }
}

#[test]
fn a_junior_tranche_waits_for_what_is_due_to_its_seniors() {
    let mut waited = 0;
    on_every_seed(|bench, draft| {
        if !draft.sequential {
            return;
        }
        let ran = run(bench, draft);
        for junior in 1..draft.tranches.len() {
            let paid = ran.line(&format!("tranche.T{junior}.principal_paid"));
            for (date, paid) in paid.iter().enumerate() {
                for senior in 0..junior {
                    let due = still_due(&ran, senior, date);
                    // Odd cents below a payment per unit may go on.
                    let odd = draft.tranches[senior].unit.unwrap_or(0);
                    let waits = *paid == 0 || due < odd.max(1) || *paid < odd;
                    assert!(
                        waits,
                        "date {}: {paid} to T{junior}, {due} due to T{senior}",
                        date + 1
                    );
                    waited += u32::from(due > 0);
                }
            }
        }
    });
    assert!(waited > 1000, "{waited} dates on which somebody waits");
}

#[test]
fn a_revolving_deal_pays_no_principal() {
    let mut seen = 0;
    on_every_seed(|bench, draft| {
        let ran = run(bench, draft);
        let Some(revolving) = ran.try_line("state.revolving") else { return };
        for place in 0..draft.tranches.len() {
            let paid = ran.line(&format!("tranche.T{place}.principal_paid"));
            for (revolving, paid) in revolving.iter().zip(&paid) {
                assert!(*revolving == 0 || *paid == 0 || ran.try_line("call.exercised").is_some());
                seen += revolving;
            }
        }
    });
    assert!(seen > 100, "{seen} revolving dates");
}

/// One tranche as two equal halves paid side by side: a fen on the first date, no more than two for
/// each payment over the life of the deal.
#[test]
fn two_halves_are_paid_like_the_whole() {
    let mut compared = 0;
    on_every_seed(|bench, draft| {
        let count = draft.tranches.len();
        let first = usize::try_from(draft.seed).expect("small") % count;
        let mut places = (0..count).map(|place| (first + place) % count);
        let Some(place) = places.find(|place| draft.can_split(*place)) else { return };
        let whole = run(bench, draft);
        let halves = bench.run(&draft.text(Some(place)), draft.behaviour);
        compared += 1;
        for other in 0..count {
            for part in ["interest_paid", "principal_paid", "closing_balance"] {
                let key = |id: String| format!("tranche.{id}.{part}");
                let whole = whole.line(&key(format!("T{other}")));
                let parts = match other == place {
                    true => {
                        let (a, b) = (format!("T{other}a"), format!("T{other}b"));
                        let (a, b) = (halves.line(&key(a)), halves.line(&key(b)));
                        a.iter().zip(&b).map(|(a, b)| a + b).collect()
                    }
                    false => halves.line(&key(format!("T{other}"))),
                };
                near(&format!("T{place} halved, T{other} {part}"), &whole, &parts, odd(draft));
            }
        }
    });
    assert!(compared > 180, "{compared} deals have a tranche that can be halved");
}

/// What the payments per unit of a deal round away: a fen can decide about a whole unit.
fn odd(draft: &Draft) -> i64 {
    draft.tranches.iter().filter_map(|tranche| tranche.unit).sum()
}

#[track_caller]
fn near(what: &str, whole: &[i64], halves: &[i64], odd: i64) {
    assert!((whole[0] - halves[0]).abs() <= 1 + odd, "{what}: {whole:?} and {halves:?}");
    let total: i64 = whole.iter().sum::<i64>() - halves.iter().sum::<i64>();
    let payments = i64::try_from(whole.len()).expect("few");
    if !what.ends_with("closing_balance") {
        assert!(
            total.abs() <= 2 * payments + odd,
            "{what}: {total} apart, {whole:?} and {halves:?}"
        );
    }
}

/// Without triggers and fees on the pool: less cash from the pool on every date never gives the
/// senior tranches more principal by any date, nor anybody more of what is left over.
#[test]
fn less_cash_is_never_better() {
    let mut lower = 0;
    on_every_seed(|bench, draft| {
        if !draft.plain {
            return;
        }
        let calm = Behaviour { recovery: 0, ..draft.behaviour };
        let worse = Behaviour { cdr: calm.cdr + 15, ..calm };
        for [more, less] in [[draft.behaviour, calm], [calm, worse]] {
            let [more, less] =
                [more, less].map(|behaviour| bench.run(&draft.text(None), behaviour));
            let (cash, reduced) = (more.line("cash.collected"), less.line("cash.collected"));
            assert!(cash.iter().zip(&reduced).all(|(more, less)| less <= more));
            lower += u32::from(cash != reduced);
            let (last, odd) = (draft.tranches.len() - 1, odd(draft));
            if draft.sequential {
                for upto in 0..last {
                    let keys = (0..=upto).map(|place| format!("tranche.T{place}.principal_paid"));
                    never_more(&format!("principal to T{upto}"), &more, &less, keys.collect(), odd);
                }
            }
            let rest = format!("step.{}.1.paid", more.job.deal.steps.len());
            never_more("residual", &more, &less, vec![rest], odd);
        }
    });
    assert!(lower > 60, "{lower} pairs with less cash");
}

/// The sum of lines to date is nowhere higher with less cash, but for odd cents on each date.
#[track_caller]
fn never_more(what: &str, more: &Ran, less: &Ran, keys: Vec<String>, odd: i64) {
    let to_date = |ran: &Ran| {
        let mut sum = 0;
        let lines: Vec<Vec<i64>> = keys.iter().map(|key| ran.line(key)).collect();
        let dates = 0..lines[0].len();
        let sums = dates.map(|date| {
            sum += lines.iter().map(|line| line[date]).sum::<i64>();
            sum
        });
        sums.collect::<Vec<i64>>()
    };
    let (more, less) = (to_date(more), to_date(less));
    let never = (1..).zip(more.iter().zip(&less)).all(|(date, (m, l))| *l <= *m + odd * date);
    assert!(never, "{what}: with less cash {less:?}, with more {more:?}");
}

/// The seeds see what the language can say, so the laws are about it.
#[test]
fn the_seeds_reach_every_event() {
    let mut seen: BTreeMap<&'static str, u32> = BTreeMap::new();
    on_every_seed(|bench, draft| {
        for event in run(bench, draft).events() {
            *seen.entry(event).or_default() += 1;
        }
    });
    assert_eq!(seen.len(), 12, "{seen:?}");
    assert!(seen.values().all(|count| *count >= 3), "{seen:?}");
}
