//! The worst pool that a revolving period may end with.

mod testkit;

use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Inputs};
use cashfall::money::Rate;

const ASSUMPTIONS: &str = r#"
[[segment]]
name = { zh = "高", en = "high" }
where = { product = "H" }
mdr = "4 %"

[[segment]]
name = { zh = "中", en = "middle" }
where = { product = "M" }
mdr = "2 %"
recovery_rate = "10 %"

[[segment]]
name = { zh = "低", en = "low" }
mdr = "0.5 %"
"#;

/// Four kinds; of the two that behave alike one is longer. Limits are only tested, so that a run buys
/// the mix that it is given.
const KINDS: [(&str, &str, &str, u16); 4] = [
    ("high", "H", "广东", 6),
    ("middle", "M", "浙江", 6),
    ("low", "L", "浙江", 3),
    ("low", "L", "浙江", 6),
];

fn job(shares: [Rate; 4]) -> Job {
    let folder = testkit::recalculate::fresh("migrated");
    let deal = testkit::fixture("cases/purchase_limits/deal.toml");
    let deal = deal
        .replace("tape = \"pool.csv\"", "tape = \"pool.csv\"\nassumptions = \"assumptions.toml\"")
        .replace("price = \"100 %\"", "price = \"100 %\"\nlimits = \"test\"")
        .replace("revolving_payments = 1", "revolving_payments = 4")
        .replace("legal_maturity = 2026-08-15", "legal_maturity = 2027-03-15")
        + "\n[[limit]]\nid = \"middle\"\nname = { zh = \"中档\", en = \"Middle at most 35 %\" }\nmeasure = \"share\"\nwhere = { field = \"product\", equals = \"M\" }\nat_most = \"35 %\"\n";
    let kinds = KINDS.iter().zip(shares).enumerate();
    let kinds = kinds.map(|(place, ((segment, product, region, instalments), share))| {
        format!("\n[[purchased]]\nname = {{ zh = \"{place}\", en = \"{place}\" }}\nsegment = \"{segment}\"\nshare = \"{}\"\nrepayment_method = \"flat_fee\"\ninstalments = {instalments}\nrate = \"0.6 %\"\nrate_period = \"instalment\"\nattributes = {{ region = \"{region}\", product = \"{product}\" }}\n", share.percent())
    });
    let assumptions = ASSUMPTIONS.to_string() + &kinds.collect::<String>();
    let pool = testkit::fixture("cases/purchase_limits/pool.csv");
    let pool = pool.replacen("白条免息", "H", 1).replacen("白条免息", "M", 1);
    for (name, text) in [("deal.toml", deal), ("assumptions.toml", assumptions), ("pool.csv", pool)]
    {
        std::fs::write(folder.join(name), text).expect("a temporary file");
    }
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = testkit::accept(Job::open(&request).expect("readable")).expect("accepted");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    job
}

fn percent(share: i64) -> Rate {
    Rate::from_parts(Rate::ONE.parts() / 100 * share)
}

fn even() -> [Rate; 4] {
    [25, 25, 25, 25].map(percent)
}

/// 40 % of the region, 35 % of the middle, and of the rest the longer kind: both limits are used up.
#[test]
fn the_worst_mix_uses_the_limits_up() {
    let migrated = testkit::accept(job(even()).migrated()).expect("standard receivables");
    let shares: Vec<String> = migrated.kinds.iter().map(|kind| kind.worst.percent()).collect();
    assert_eq!(shares, ["40 %", "35 %", "0 %", "25 %"]);
    let names: Vec<&str> = migrated.binding.iter().map(|name| name.en.as_str()).collect();
    assert_eq!(names, ["Guangdong at most 40 %", "Middle at most 35 %"]);
    // 4 % of what is left defaults in each of the six months, then the instalment falls due: a sixth of
    // the rest, a fifth, …
    let mut left = 1.0_f64;
    let mut lost = 0.0;
    for month in 0..6 {
        let default = left * 0.04;
        lost += default;
        left = (left - default) * (5.0 - f64::from(month)) / (6.0 - f64::from(month));
    }
    assert!((migrated.kinds[0].loss - lost).abs() < 1e-4, "{} {lost}", migrated.kinds[0].loss);
}

/// What is lost of a yuan bought, in a run of the deal with a mix.
fn loss(job: &Job, shares: [Rate; 4]) -> f64 {
    let purchased = job.assumptions.purchased.iter().zip(shares);
    let purchased = purchased
        .map(|(asset, share)| cashfall::assumptions::StandardReceivable { share, ..asset.clone() });
    let assumptions = cashfall::assumptions::Assumptions {
        purchased: purchased.collect(),
        ..job.assumptions.clone()
    };
    let job = job.with_assumptions(assumptions);
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    let line = |key: &str| model.line(key).expect("the deal buys");
    let (default, bought) = (line("collections.default"), line("collections.purchased"));
    let (mut lost, mut all) = (0.0, 0.0);
    for (place, cohort) in job.collateral.cohorts.iter().enumerate() {
        if cohort.bought.is_none() {
            continue;
        }
        let segment = &job.assumptions.segments[cohort.segment];
        let back = segment.recovery.as_ref().map_or(0.0, |recovery| recovery.rate.to_f64());
        for month in 1..=model.timeline.len(Axis::Months) {
            let of =
                |line| cashfall::money::Amount::from_minor(run.value(line, month, place)).to_f64();
            lost += of(default) * (1.0 - back);
            all += of(bought);
        }
    }
    lost / all
}

/// None of 200 random mixes that meet the limits loses more of a yuan bought.
#[test]
fn no_feasible_mix_loses_more() {
    let job = job(even());
    let migrated = testkit::accept(job.migrated()).expect("standard receivables");
    let worst: Vec<Rate> = migrated.kinds.iter().map(|kind| kind.worst).collect();
    let worst = loss(&job, [worst[0], worst[1], worst[2], worst[3]]);
    let mut state = 618_u64;
    let mut draw = |below: i64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..200 {
        let high = draw(41);
        let middle = draw(36.min(101 - high));
        let short = draw(101 - high - middle);
        let mix = [high, middle, short, 100 - high - middle - short];
        let found = loss(&job, mix.map(percent));
        assert!(found <= worst + 1e-6, "{mix:?} loses {found}, more than {worst}");
    }
}

/// What is left of the initial pool leaves room under a limit: 12,000.00 of Guangdong in 30,000.00 after
/// one month are 40 %, the bound. With 20 % of it there, 15,000.00 that are bought may be 80 % of it.
#[test]
fn what_is_left_of_the_initial_pool_counts() {
    let share = |amounts: [&str; 2]| {
        let folder = testkit::recalculate::fresh("migrated_room");
        let text = |file: &str| testkit::fixture(&format!("cases/purchase_limits/{file}"));
        let pool = text("pool.csv")
            .replace("18000.00,18000.00", &format!("{0},{0}", amounts[0]))
            .replace("27000.00,27000.00", &format!("{0},{0}", amounts[1]));
        let risky =
            "[[segment]]\nname = { zh = \"广东\", en = \"G\" }\nwhere = { region = \"广东\" }\n";
        let assumptions = text("assumptions.toml")
            .replacen("[[segment]]", &format!("{risky}\n[[segment]]"), 1)
            .replace(
                "attributes = { region = \"广东\" }",
                "segment = \"G\"\nattributes = { region = \"广东\" }",
            )
            .replacen(
                "where = { region = \"广东\" }\n",
                "where = { region = \"广东\" }\nmdr = [0, 0, \"9 %\"]\n",
                1,
            );
        std::fs::write(folder.join("pool.csv"), pool).expect("a temporary file");
        std::fs::write(folder.join("assumptions.toml"), assumptions).expect("a temporary file");
        for file in ["deal.toml", "shares.toml"] {
            std::fs::write(folder.join(file), text(file)).expect("a temporary file");
        }
        let deal = folder.join("shares.toml");
        let request = Request { deal, threads: 1, ..Request::default() };
        let job = testkit::accept(Job::open(&request).expect("readable")).expect("accepted");
        std::fs::remove_dir_all(folder).expect("a temporary folder");
        let migrated = testkit::accept(job.migrated()).expect("standard receivables");
        migrated.kinds[0].worst.percent()
    };
    assert_eq!(share(["18000.00", "27000.00"]), "40 %");
    assert_eq!(share(["9000.00", "36000.00"]), "80 %");
    // 50 % of 30,000.00 are 3,000.00 too many: 20 % of 15,000.00.
    assert_eq!(share(["22500.00", "22500.00"]), "20 %");
    // All of it is beyond any mix: nothing of what counts.
    assert_eq!(share(["44999.00", "1.00"]), "0 %");
}

/// Side by side with the assumed mix: the worst pool loses more.
#[test]
fn the_deal_runs_with_it() {
    let job = job(even());
    let migrated = testkit::accept(job.migrated()).expect("standard receivables");
    let (base, worst) = (job.grid(&[]).scenarios.remove(0), job.under_migrated(&migrated));
    assert_eq!(worst.id, "migrated");
    assert!(worst.cdr > base.cdr);
}
