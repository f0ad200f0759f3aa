//! Limits on the pool after a purchase: hand-computed choices of one date, and what holds of every cut.
//!
//! The pool is 45,000.00, of it 40 % in Guangdong, and pays a third: 12,000.00 of 30,000.00 are of
//! Guangdong when 15,000.00 may be spent at par. The limit is 40 %.

mod testkit;

use cashfall::analytics::{Decision, Purchases};
use cashfall::formula::Sort;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Inputs, Model, Run};
use cashfall::money::Rate;

/// The case with changes of its own, opened from a folder of its own.
fn opened(file: &str, changes: &str) -> Job {
    let folder = testkit::recalculate::fresh("limits");
    for name in
        ["deal.toml", "list.toml", "shares.toml", "assumptions.toml", "pool.csv", "offers.csv"]
    {
        let text = testkit::fixture(&format!("cases/purchase_limits/{name}"));
        std::fs::write(folder.join(name), text).expect("a temporary file");
    }
    let own = format!("extends = \"{file}.toml\"\n{changes}");
    std::fs::write(folder.join("own.toml"), own).expect("a temporary file");
    let request = Request { deal: folder.join("own.toml"), threads: 1, ..Request::default() };
    let job = testkit::accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    job
}

/// The offers as they are looked at: `+` bought, `L` beyond a limit, nothing where too dear.
fn looked_at(job: &Job, model: &Model, run: &Run) -> Vec<String> {
    let purchases = Purchases::of(&job.deal, model, run).expect("the deal buys");
    let shown = purchases.offers.iter().map(|offer| {
        let name = &model.offers[offer.offer].name.en;
        match &offer.decision {
            Decision::Bought => format!("{name}+"),
            Decision::BeyondLimit(_) => format!("{name}L"),
            Decision::TooDear => name.clone(),
            Decision::Refused(refusal) => panic!("there is no criterion: {refusal:?}"),
        }
    });
    shown.collect()
}

fn shown(model: &Model, run: &Run, key: &str, tick: usize) -> String {
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    let value = run.value(line, tick, 0);
    match model.lines[line.0].sort {
        Sort::Rate => Rate::from_parts(value).percent(),
        Sort::Amount => run.amount(line, tick).to_string(),
        Sort::Number | Sort::Flag | Sort::Date => value.to_string(),
    }
}

/// C1: 16,000 of 34,000 are 47 %. C3: 15,000 of 39,000 are 38.5 %. C4: 17,000 of 41,000 are 41.5 %.
/// C6 would hold, but 1,600.00 are more than the 1,000.00 left. In the end 15,900 of 44,900.
#[test]
fn a_receivable_that_would_break_a_limit_is_left_out() {
    let job = opened("list", "");
    let (model, run) = testkit::run(&job);
    assert_eq!(looked_at(&job, &model, &run), ["C1L", "C2+", "C3+", "C4L", "C5+", "C6", "C7+"]);
    let of = |key: &str| shown(&model, &run, key, 1);
    assert_eq!(of("limits.pool"), "44900.00");
    assert_eq!(of("limit.region.at_most.limit_counted"), "15900.00");
    assert_eq!(of("limit.region.at_most.limit_value"), "35.4120267261 %");
    assert_eq!(of("limit.region.at_most.limit_headroom"), "4.5879732739 %");
    assert_eq!(of("limit.region.at_most.limit_met"), "1");
    assert!(job.outcome(&model, &run).iter().all(|finding| finding.code != "M0153"));
}

/// At least 60 % elsewhere is at most 40 % there: the same decisions, told from the other side.
#[test]
fn a_floor_is_the_ceiling_of_the_rest() {
    let floor = "[[limit]]\nid = \"region\"\nremove = true\n\n[[limit]]\nid = \"rest\"\nmeasure = \"share\"\nwhere = { field = \"region\", equals = \"浙江\" }\nat_least = \"60 %\"\n";
    let job = opened("list", floor);
    let (model, run) = testkit::run(&job);
    assert_eq!(looked_at(&job, &model, &run), ["C1L", "C2+", "C3+", "C4L", "C5+", "C6", "C7+"]);
    let of = |key: &str| shown(&model, &run, key, 1);
    assert_eq!(of("limit.rest.at_least.limit_value"), "64.5879732739 %");
    assert_eq!(of("limit.rest.at_least.limit_headroom"), "4.5879732739 %");
}

/// The largest region is the same limit where it is the larger one that grows: Zhejiang has 60 %.
/// Under 60 % each, C2 and C5 fit only after receivables of Guangdong.
#[test]
fn the_largest_group_is_every_group() {
    let largest = "[[limit]]\nid = \"region\"\nremove = true\n\n[[limit]]\nid = \"largest\"\nmeasure = \"largest_share\"\nof = \"region\"\nat_most = \"60 %\"\n";
    let job = opened("list", largest);
    let (model, run) = testkit::run(&job);
    // C1 makes 18,000 of 34,000; with C2 24,000 of 40,000 are 60 % to the fen.
    // C3, C4 are bought: all 15,000 are spent.
    assert_eq!(looked_at(&job, &model, &run), ["C1+", "C2+", "C3+", "C4+", "C5", "C6", "C7"]);
    // 18,000 + 6,000 of Zhejiang, 12,000 + 9,000 of Guangdong: the larger counts.
    assert_eq!(shown(&model, &run, "limit.largest.at_most.limit_counted", 1), "24000.00");
}

/// The average number of instalments: C2 with six would make it 138 ÷ 40 = 3.45, C4 with four makes
/// it 119 ÷ 39 = 3.05. C1 is at the average itself and makes nothing worse.
#[test]
fn an_average_is_kept() {
    let average = "[[limit]]\nid = \"region\"\nremove = true\n\n[[limit]]\nid = \"term\"\nmeasure = \"average\"\nof = \"instalments\"\nat_most = 3.25\n";
    let job = opened("list", average);
    let (model, run) = testkit::run(&job);
    assert_eq!(looked_at(&job, &model, &run), ["C1+", "C2L", "C3+", "C4+", "C5+", "C6", "C7+"]);
    let line = model.line("limit.term.at_most.limit_average").expect("the limit");
    // (90,000 + 14,900 × 3 + 2,000) ÷ 44,900.
    assert_eq!(Rate::from_parts(run.value(line, 1, 0)).parts(), 3_044_543_429_844);
}

/// `limits = "test"` buys in the order of the list, and the breach is told.
#[test]
fn a_limit_that_is_only_tested_is_told() {
    let job = opened("list", "[purchase]\nlimits = \"test\"\n");
    let (model, run) = testkit::run(&job);
    assert_eq!(looked_at(&job, &model, &run), ["C1+", "C2+", "C3+", "C4+", "C5", "C6", "C7"]);
    assert_eq!(shown(&model, &run, "limit.region.at_most.limit_met", 1), "0");
    let told = job.outcome(&model, &run);
    let broken = told.iter().find(|finding| finding.code == "M0153").expect("a breach is told");
    // 21,000 of 45,000.
    assert_eq!(broken.facts["value"], "46.6666666667 %");
    assert_eq!(broken.facts["count"], "1");
}

/// 9,000.00 are wanted of Guangdong, 6,000.00 of the rest. The rest makes room for 2,399.99; each
/// yuan of Guangdong takes 0.60 of it: 3,999.97 are bought, three fen short of what would be exact.
#[test]
fn a_purchase_by_share_is_cut_to_the_limit() {
    let job = opened("shares", "");
    let (model, run) = testkit::run(&job);
    let bought = model.line("purchase.bought").expect("the deal buys");
    assert_eq!([0, 1].map(|offer| run.value(bought, 1, offer)), [399_997, 600_000]);
    let of = |key: &str| shown(&model, &run, key, 1);
    assert_eq!(of("limit.region.at_most.limit_counted"), "15999.97");
    assert_eq!(of("limits.pool"), "39999.97");
    assert_eq!(of("limit.region.at_most.limit_met"), "1");
    assert_eq!(of("cash.carry"), "5000.03");
}

/// Whatever the bound, what was within a limit before a purchase is within it after, and a looser
/// bound never buys less.
#[test]
fn no_cut_leaves_a_limit_broken() {
    let two = "[[limit]]\nid = \"rest\"\nmeasure = \"share\"\nwhere = { field = \"region\", equals = \"浙江\" }\nat_most = \"75 %\"\n";
    let job = opened("shares", two);
    let model = job.model();
    let at = |run: &Run, key: &str| run.value(model.line(key).expect("a line"), 1, 0);
    let mut before = 0;
    for percent in 40..100 {
        let mut inputs = Inputs::of(&model);
        let bound = model.input("limit.region.at_most").expect("the bound is an input");
        inputs.set(bound, Rate::ONE.parts() / 100 * percent);
        let run = model.run(&inputs);
        assert_eq!(at(&run, "limit.region.at_most.limit_met"), 1, "{percent} %");
        assert_eq!(at(&run, "limit.rest.at_most.limit_met"), 1, "{percent} %");
        let bought = at(&run, "limits.pool");
        assert!(bought >= before, "{percent} %: {bought} after {before}");
        before = bought;
    }
    assert_eq!(before, 4_500_000, "a bound that does not bind buys all");
    assert_eq!(model.timeline.len(Axis::Payments), 7);
}

/// What cannot be followed is said: single receivables, what changes with time, what nobody knows.
#[test]
fn what_cannot_be_followed_is_said() {
    let limits = "[[limit]]\nid = \"top\"\nmeasure = \"top_share\"\nof = \"region\"\ntop = 1\nat_most = \"80 %\"\n\n[[limit]]\nid = \"left\"\nmeasure = \"average\"\nof = \"remaining_months\"\nat_most = 6\n";
    let job = opened("list", limits);
    let followed: Vec<&str> =
        job.collateral.limits.iter().map(|limit| limit.key.as_str()).collect();
    assert_eq!(followed, ["limit.region.at_most"]);
}

/// The most that the date could have spent: all 15,000 under 40 %, though the list leaves 100. Under
/// 20 %, which the pool is beyond, 11,000 of Zhejiang carry 2,750 of Guangdong: 20 % of 13,750; whole
/// receivables one after the other buy Zhejiang alone.
#[test]
fn the_most_that_a_date_could_have_spent_is_told() {
    let of = |bound: &str| {
        let own = format!("[[limit]]\nid = \"region\"\nat_most = \"{bound}\"\n");
        let job = opened("list", &own);
        let (model, run) = testkit::run(&job);
        let purchases = Purchases::of(&job.deal, &model, &run).expect("the deal buys");
        assert_eq!(purchases.dates.len(), 1, "one date");
        let date = purchases.dates[0];
        format!("{} {} {:.2}", date.budget, date.price, date.most)
    };
    assert_eq!(of("40 %"), "15000.00 14900.00 15000.00");
    assert_eq!(of("20 %"), "15000.00 11000.00 13750.00");
}
