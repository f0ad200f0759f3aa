//! Selections: every limit met, near the target, near the bound, the same every time.

mod testkit;

use std::collections::BTreeMap;

use cashfall::deal::Deal;
use cashfall::money::Amount;
use cashfall::pool::{Attribute, Pool, ProductTerms};
use cashfall::portfolio::limits::{Limit, Limits};
use cashfall::portfolio::selection::{Ask, Method, Selection, select};
use cashfall::synth;
use cashfall::tape::TapeManifest;
use proptest::prelude::*;

/// Twelve limits of the usual kinds.
const LIMITS: [&str; 12] = [
    "id = \"obligor\"\nmeasure = \"largest_share\"\nof = \"obligor_id\"\nat_most = \"0.5 %\"",
    "id = \"obligor_amount\"\nmeasure = \"largest_amount\"\nof = \"obligor_id\"\nat_most = 200000.00",
    "id = \"obligors\"\nmeasure = \"groups\"\nof = \"obligor_id\"\nat_least = 10",
    "id = \"apr\"\nmeasure = \"average\"\nof = \"apr\"\nat_least = \"13 %\"",
    "id = \"term\"\nmeasure = \"average\"\nof = \"remaining_months\"\nat_most = 5.5",
    "id = \"long\"\nmeasure = \"share\"\nwhere = { field = \"instalments\", above = 12 }\nat_most = \"12 %\"",
    "id = \"tier\"\nmeasure = \"share\"\nwhere = { field = \"grade\", equals = [\"D\", \"E\"] }\nat_most = \"10 %\"",
    "id = \"province\"\nmeasure = \"largest_share\"\nof = \"region\"\nat_most = \"11 %\"",
    "id = \"ten\"\nmeasure = \"top_share\"\nof = \"obligor_id\"\ntop = 10\nat_most = \"4 %\"",
    "id = \"free\"\nmeasure = \"share\"\nwhere = { field = \"annual_rate\", equals = 0 }\nat_most = \"5 %\"",
    "id = \"product\"\nmeasure = \"largest_share\"\nof = \"product\"\nat_most = \"50 %\"",
    "id = \"provinces\"\nmeasure = \"top_share\"\nof = \"region\"\ntop = 3\nat_most = \"32 %\"",
];

fn limits(of: &[&str]) -> Vec<Limit> {
    let deal = testkit::fixture("broken/E0103_fails/deal.toml");
    let (deal, _) = deal.split_once("[[eligibility]]").expect("the fixture has criteria");
    let blocks: String = of.iter().map(|limit| format!("[[limit]]\n{limit}\n")).collect();
    let deal = testkit::accept(Deal::from_toml("deal.toml", &format!("{deal}{blocks}")));
    deal.expect("a deal").limits
}

/// A synthetic pool with its attributes.
fn pool(seed: u64, count: usize) -> Pool {
    let cutoff = "2025-12-31".parse().expect("a date");
    let rows = synth::rows(seed, count, cutoff);
    let attribute = |text: &dyn Fn(&synth::Row) -> String| {
        let mut values: Vec<String> = rows.iter().map(text).collect();
        values.sort();
        values.dedup();
        let code = |row| {
            let place = values.binary_search(&text(row)).expect("every text is there");
            u32::try_from(place).expect("few")
        };
        let codes = rows.iter().map(code).collect();
        Attribute { values: values.iter().map(|text| text.as_str().into()).collect(), codes }
    };
    let attributes = BTreeMap::from([
        ("product".to_string(), attribute(&|row| row.product.to_string())),
        ("region".to_string(), attribute(&|row| row.region.to_string())),
        ("grade".to_string(), attribute(&|row| row.grade.to_string())),
        ("obligor_id".to_string(), attribute(&|row| row.obligor.clone())),
    ]);
    Pool {
        cutoff,
        products: vec![(String::new(), ProductTerms::default())],
        receivables: rows.into_iter().map(|row| row.receivable).collect(),
        attributes,
        manifest: TapeManifest::default(),
    }
}

fn part(whole: Amount, percent: i64) -> Amount {
    Amount::from_minor(whole.minor() / 100 * percent)
}

fn chosen(pool: &Pool, of: &[Limit], ask: &Ask) -> Selection {
    let bound = testkit::accept(Limits::bind(of, pool, pool.cutoff));
    let all: Vec<usize> = (0..pool.receivables.len()).collect();
    let selection = select(&bound, &all, ask);
    let sum: Amount =
        selection.places.iter().map(|place| pool.receivables[*place].outstanding_principal).sum();
    assert_eq!(sum, selection.total);
    assert!(sum <= ask.target, "never above the target");
    assert!(selection.places.is_sorted_by(|a, b| a < b), "each receivable once");
    selection
}

fn names(of: &[Limit], places: &[usize]) -> Vec<String> {
    places.iter().map(|place| of[*place].id.clone()).collect()
}

#[test]
fn twelve_limits_are_met_within_half_a_percent_of_the_target() {
    let (pool, of) = (pool(7, 20_000), limits(&LIMITS));
    let target = part(pool.outstanding_principal(), 30);
    let ask = Ask { target, method: Method::Optimise, seed: 0 };
    let selection = chosen(&pool, &of, &ask);
    for (limit, tested) in of.iter().zip(&selection.tested) {
        assert!(tested.passes, "{}: {tested:?}", limit.id);
    }
    let missing = (target - selection.total).minor();
    assert!(missing * 1_000 <= target.minor() * 5, "{} of {target}", selection.total);
    assert!(selection.total <= selection.bound && selection.bound <= target);
    assert!(selection.conflict.is_empty());
    assert_eq!(selection, chosen(&pool, &of, &ask), "the same again");
}

#[test]
fn every_method_keeps_the_limits() {
    let (pool, of) = (pool(11, 4_000), limits(&LIMITS));
    let target = part(pool.outstanding_principal(), 20);
    let mut totals = Vec::new();
    for method in [Method::Optimise, Method::Fifo, Method::Random, Method::Yield] {
        let selection = chosen(&pool, &of, &Ask { target, method, seed: 5 });
        let failed: Vec<&String> = of
            .iter()
            .zip(&selection.tested)
            .filter(|(_, tested)| !tested.passes)
            .map(|(limit, _)| &limit.id)
            .collect();
        assert!(failed.is_empty(), "{method:?}: {failed:?}");
        totals.push((method, selection.total, selection.places));
    }
    assert!(totals[0].1 >= totals[1].1, "the programme reaches more than the order of the tape");
    let other = chosen(&pool, &of, &Ask { target, method: Method::Random, seed: 6 });
    assert_ne!(totals[2].2, other.places, "another seed, another draw");
}

/// Four times as many receivables, and obligors, are about four times the work, by every method: a
/// look at a receivable does not go through all obligors, and one that never fits is not looked at
/// again.
#[test]
fn the_work_grows_with_the_receivables_and_no_faster() {
    let of = limits(&LIMITS);
    let work = |count: usize, method: Method| {
        let pool = pool(7, count);
        let target = part(pool.outstanding_principal(), 30);
        chosen(&pool, &of, &Ask { target, method, seed: 1 }).steps
    };
    for method in [Method::Optimise, Method::Fifo] {
        let (few, many) = (work(5_000, method), work(20_000, method));
        assert!(many <= 6 * few, "{method:?}: {few} and {many} steps");
        assert!(many <= 60 * 20_000, "{method:?}: {many} steps for 20,000 receivables");
    }
}

/// Two limits that contradict each other in the target: short loans only, and an average that only
/// long ones have. The third limit has nothing to do with it.
#[test]
fn a_target_out_of_reach_names_the_limits_that_conflict() {
    let pool = pool(3, 3_000);
    let of = limits(&[
        "id = \"short\"\nmeasure = \"share\"\nwhere = { field = \"remaining_months\", above = 3 }\nat_most = \"1 %\"",
        LIMITS[7],
        "id = \"average\"\nmeasure = \"average\"\nof = \"remaining_months\"\nat_least = 6",
    ]);
    let target = part(pool.outstanding_principal(), 20);
    let selection = chosen(&pool, &of, &Ask { target, method: Method::Optimise, seed: 0 });
    assert_eq!(names(&of, &selection.conflict), ["short", "average"]);
    // More than there is: no limit is to blame.
    let of = limits(&[LIMITS[7]]);
    let target = part(pool.outstanding_principal(), 150);
    let selection = chosen(&pool, &limits(&[]), &Ask { target, method: Method::Fifo, seed: 0 });
    assert_eq!(selection.total, pool.outstanding_principal());
    assert_eq!(selection.bound, selection.total);
    let _ = of;
}

/// By hand: four receivables of 100 in two provinces under 50 %, a target of 300. Two and one would
/// be two thirds, so 200 is all that whole receivables reach, and the programme reaches 300 halved.
#[test]
fn the_bound_cuts_receivables_and_the_selection_does_not() {
    let mut pool = pool(1, 4);
    for receivable in &mut pool.receivables {
        receivable.outstanding_principal = Amount::from_minor(10_000);
    }
    pool.attributes.insert(
        "region".to_string(),
        Attribute { values: vec!["东".into(), "西".into()], codes: vec![0, 0, 1, 1] },
    );
    let of =
        limits(&["id = \"p\"\nmeasure = \"largest_share\"\nof = \"region\"\nat_most = \"50 %\""]);
    let ask = Ask { target: Amount::from_minor(30_000), method: Method::Optimise, seed: 0 };
    let selection = chosen(&pool, &of, &ask);
    assert_eq!((selection.total.minor(), selection.bound.minor()), (20_000, 30_000));
    assert_eq!(selection.gap().minor(), 10_000);
    assert!(selection.meets_limits());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    /// Any pool, any target, any of the limits on shares and averages: receivables on the right side
    /// of all of them exist, so something can always be chosen that meets them; and nothing is ever
    /// above the target or the bound.
    #[test]
    fn a_selection_is_within_its_limits(
        seed in 0_u64..1_000,
        count in 200_usize..600,
        percent in 5_i64..60,
        keep in prop::collection::vec(any::<bool>(), 5),
    ) {
        let pool = pool(seed, count);
        let one_sided = [3, 4, 5, 6, 9].map(|place| LIMITS[place]);
        let kept = one_sided.iter().zip(&keep).filter(|(_, keep)| **keep);
        let of = limits(&kept.map(|(limit, _)| *limit).collect::<Vec<_>>());
        let target = part(pool.outstanding_principal(), percent);
        let selection = chosen(&pool, &of, &Ask { target, method: Method::Optimise, seed });
        prop_assert!(selection.total <= selection.bound);
        prop_assert!(selection.bound <= target);
        prop_assert!(!selection.places.is_empty());
        for (limit, tested) in of.iter().zip(&selection.tested) {
            prop_assert!(tested.passes, "{}: {:?}", limit.id, tested);
        }
    }
}
