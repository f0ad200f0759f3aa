//! How long the shape of a million receivables takes, and a selection among them under twelve limits.
//!
//! `cargo bench --bench portfolio` prints seconds. The selection must meet every limit and be within
//! half a percent of its target, or the bench fails.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use cashfall::deal::Deal;
use cashfall::money::Amount;
use cashfall::pool::{Attribute, Pool, ProductTerms};
use cashfall::portfolio::limits::Limits;
use cashfall::portfolio::selection::{Ask, Method, select};
use cashfall::portfolio::stratification::{Stratification, defaults};
use cashfall::synth;
use cashfall::tape::TapeManifest;

const RECEIVABLES: usize = 1_000_000;

/// The same twelve limits as in `tests/selection.rs`.
const LIMITS: [&str; 12] = [
    "id = \"obligor\"\nmeasure = \"largest_share\"\nof = \"obligor_id\"\nat_most = \"0.1 %\"",
    "id = \"obligor_amount\"\nmeasure = \"largest_amount\"\nof = \"obligor_id\"\nat_most = 200000.00",
    "id = \"obligors\"\nmeasure = \"groups\"\nof = \"obligor_id\"\nat_least = 10",
    "id = \"apr\"\nmeasure = \"average\"\nof = \"apr\"\nat_least = \"13 %\"",
    "id = \"term\"\nmeasure = \"average\"\nof = \"remaining_months\"\nat_most = 5.5",
    "id = \"long\"\nmeasure = \"share\"\nwhere = { field = \"instalments\", above = 12 }\nat_most = \"12 %\"",
    "id = \"tier\"\nmeasure = \"share\"\nwhere = { field = \"grade\", equals = [\"D\", \"E\"] }\nat_most = \"10 %\"",
    "id = \"province\"\nmeasure = \"largest_share\"\nof = \"region\"\nat_most = \"11 %\"",
    "id = \"ten\"\nmeasure = \"top_share\"\nof = \"obligor_id\"\ntop = 10\nat_most = \"1 %\"",
    "id = \"free\"\nmeasure = \"share\"\nwhere = { field = \"annual_rate\", equals = 0 }\nat_most = \"5 %\"",
    "id = \"product\"\nmeasure = \"largest_share\"\nof = \"product\"\nat_most = \"50 %\"",
    "id = \"provinces\"\nmeasure = \"top_share\"\nof = \"region\"\ntop = 3\nat_most = \"32 %\"",
];

fn main() {
    let pool = pool(2025, RECEIVABLES);
    let dimensions = defaults();
    let before = processor();
    let (shape, time) = fastest(5, || Stratification::of(&pool, None, &dimensions, &[]));
    println!(
        "stratification  {RECEIVABLES} receivables, {} distributions  {:.2} s, {:.2} s of processors",
        shape.distributions.len(),
        time.as_secs_f64(),
        (processor() - before) / 5.0
    );
    assert_eq!(shape.summary.outstanding, pool.outstanding_principal());

    let deal = deal();
    let target = Amount::from_minor(pool.outstanding_principal().minor() / 10 * 3);
    let everybody: Vec<usize> = (0..pool.receivables.len()).collect();
    for method in [Method::Optimise, Method::Fifo] {
        let before = processor();
        let (selection, time) = fastest(1, || {
            let (limits, findings) = Limits::bind(&deal.limits, &pool, pool.cutoff).into_parts();
            assert!(findings.is_empty());
            select(&limits, &everybody, &Ask { target, method, seed: 1 })
        });
        let missing = (target - selection.total).to_f64() / target.to_f64();
        println!(
            "selection       {method:?}: {} of {target}, {:.4} % short, gap to the bound {}, {} limits, \
             {} steps  {:.2} s, {:.2} s of processors",
            selection.total,
            missing * 100.0,
            selection.gap(),
            deal.limits.len(),
            selection.steps,
            time.as_secs_f64(),
            processor() - before
        );
        assert!(selection.meets_limits(), "every limit is met");
        assert!(method != Method::Optimise || missing <= 0.005, "within half a percent");
    }
    out_of_reach(&pool, &deal, &everybody);
}

/// Nine tenths of the pool are more than the limits leave of it; which of them conflict is named.
fn out_of_reach(pool: &Pool, deal: &Deal, everybody: &[usize]) {
    let target = Amount::from_minor(pool.outstanding_principal().minor() / 10 * 9);
    let before = processor();
    let (selection, time) = fastest(1, || {
        let limits = Limits::bind(&deal.limits, pool, pool.cutoff).into_parts().0;
        select(&limits, everybody, &Ask { target, method: Method::Optimise, seed: 1 })
    });
    let names = selection.conflict.iter().map(|place| deal.limits[*place].id.as_str());
    println!(
        "out of reach    {} of {target}, bound {}, in conflict: {}  {:.2} s, {:.2} s of processors",
        selection.total,
        selection.bound,
        names.collect::<Vec<_>>().join(", "),
        time.as_secs_f64(),
        processor() - before
    );
    assert!(!selection.conflict.is_empty(), "some limits are named");
}

/// Seconds that all processors have worked for this program, where the system tells (Linux): on a
/// machine with other work they say more than the clock.
fn processor() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let field = |place: usize| behind.split_whitespace().nth(place)?.parse::<f64>().ok();
    (field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)) / TICKS
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

fn deal() -> Deal {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/broken/E0103_fails/deal.toml");
    let text = std::fs::read_to_string(fixture).expect("the fixture");
    let (deal, _) = text.split_once("[[eligibility]]").expect("the fixture has criteria");
    let blocks: String = LIMITS.iter().map(|limit| format!("[[limit]]\n{limit}\n")).collect();
    let (deal, _) = Deal::from_toml("deal.toml", &format!("{deal}{blocks}")).into_parts();
    deal.expect("a deal")
}

fn pool(seed: u64, count: usize) -> Pool {
    let cutoff = "2025-12-31".parse().expect("a date");
    let rows = synth::rows(seed, count, cutoff);
    let attribute = |text: &dyn Fn(&synth::Row) -> String| {
        let texts: Vec<String> = rows.iter().map(text).collect();
        let mut values = texts.clone();
        values.sort();
        values.dedup();
        let code = |text: &String| {
            let place = values.binary_search(text).expect("every text is there");
            u32::try_from(place).expect("a million")
        };
        let codes = texts.iter().map(code).collect();
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
