//! The order in which a list of receivables is bought: hand-computed choices of one date.
//!
//! Six receivables of three instalments are offered against a budget of 10,000.00 at par. Which are
//! bought follows from the order alone.
//!
//! | Number | Outstanding | Originated | Fee a month |
//! |---|---|---|---|
//! | C1 | 4,000.00 | 2026-01-20 | 0.60 % |
//! | C2 | 5,000.00 | 2026-01-05 | 0.50 % |
//! | C3 | 2,500.00 | 2026-01-12 | 0.90 % |
//! | C4 | 6,000.00 | 2026-01-08 | 0.70 % |
//! | C5 | 1,500.00 | 2026-01-05 | 0.80 % |
//! | C6 | 900.00 | 2026-01-25 | 0.40 % |

mod testkit;

use cashfall::analytics::{Decision, Purchases};
use cashfall::job::{Job, Request};

/// The numbers in the order in which they are looked at, those bought with a `+`.
fn looked_at(order: &str) -> Vec<String> {
    let folder = testkit::recalculate::fresh("order");
    let deal = testkit::fixture("cases/purchase_order/deal.toml");
    let deal = deal.replace("order = \"list\"", order);
    for name in ["pool.csv", "offers.csv"] {
        let text = testkit::fixture(&format!("cases/purchase_order/{name}"));
        std::fs::write(folder.join(name), text).expect("a temporary file");
    }
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = testkit::accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    let (model, run) = testkit::run(&job);
    let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
    let name = |place: usize| model.offers[place].name.en.clone();
    let shown = purchases.offers.iter().map(|offer| match &offer.decision {
        Decision::Bought => format!("{}+", name(offer.offer)),
        Decision::TooDear => name(offer.offer),
        Decision::Refused(refusal) => panic!("nobody is refused: {refusal:?}"),
        Decision::BeyondLimit(limit) => panic!("there is no limit: {limit:?}"),
    });
    shown.collect()
}

/// 4,000 + 5,000 leave 1,000: C3 to C5 do not fit, C6 does.
#[test]
fn in_the_order_of_the_list() {
    assert_eq!(looked_at("order = \"list\""), ["C1+", "C2+", "C3", "C4", "C5", "C6+"]);
}

/// The oldest first, the 5th of January twice and so by number: 5,000 + 1,500 leave 3,500, which C4
/// exceeds; C3 leaves 1,000; C1 does not fit, C6 does.
#[test]
fn the_oldest_first() {
    assert_eq!(looked_at("order = \"fifo\""), ["C2+", "C5+", "C4", "C3+", "C1", "C6+"]);
}

/// A flat fee of 0.9 % a month costs most, 0.4 % least: 2,500 + 1,500 + 6,000 is the budget to the fen.
#[test]
fn the_highest_cost_first() {
    assert_eq!(looked_at("order = \"yield\""), ["C3+", "C5+", "C4+", "C1", "C2", "C6"]);
}

/// The largest first: 6,000 leaves 4,000, which C2 exceeds and C1 takes up.
#[test]
fn the_largest_first() {
    assert_eq!(looked_at("order = \"optimise\""), ["C4+", "C2", "C1+", "C3", "C5", "C6"]);
}

/// The same seed draws the same order, another seed another, and each looks at everybody once.
#[test]
fn a_seed_draws_one_order() {
    let drawn = |seed: u32| -> Vec<String> {
        let shown = looked_at(&format!("order = \"seed\"\nseed = {seed}"));
        shown.into_iter().map(|name| name.trim_end_matches('+').to_string()).collect()
    };
    let (one, other) = (drawn(618), drawn(1111));
    assert_eq!(one, drawn(618));
    assert_ne!(one, other);
    let mut sorted = other;
    sorted.sort();
    assert_eq!(sorted, ["C1", "C2", "C3", "C4", "C5", "C6"]);
}
