//! The supply of receivables: limits by score tier against an independent script and their laws, what
//! they leave to be bought, and the study of limit cuts.

mod testkit;

use std::process::Command;

use cashfall::assumptions::{LimitChange, LimitEvent, LimitStudy, Supply, TemporaryLimit, Tier};
use cashfall::config::Text;
use cashfall::finding::Origin;
use cashfall::job::{Job, Request};
use cashfall::model::{Axis, Inputs, Model, Run};
use cashfall::money::{Amount, Rate};
use cashfall::report::ReportLang;
use expect_test::expect_file;
use testkit::templates::Demo;

/// The case on the demo's pool.
fn case(demo: &Demo) -> Job {
    let request = Request {
        deal: testkit::path("cases/limit_cut/deal.toml"),
        tape: Some(demo.file("pool.xlsx")),
        threads: 1,
        ..Request::default()
    };
    testkit::accept(Job::open(&request).expect("the case can be read"))
        .expect("a case without errors")
}

fn study(job: &Job) -> LimitStudy {
    let text = testkit::fixture("cases/limit_cut/scenarios.toml");
    testkit::accept(LimitStudy::from_toml("scenarios.toml", &text, &job.assumptions))
}

/// The case as assumed and under its scenarios.
fn runs(job: &Job) -> Vec<(Job, Model, Run)> {
    let others = study(job).scenarios;
    let others =
        others.iter().map(|scenario| job.with_assumptions(job.assumptions.under(scenario)));
    let jobs: Vec<Job> = std::iter::once(job.clone()).chain(others).collect();
    let run = |job: Job| {
        let (model, run) = testkit::run(&job);
        (job, model, run)
    };
    jobs.into_iter().map(run).collect()
}

/// A line by tick, the closing first, in minor units.
fn line(model: &Model, run: &Run, key: &str) -> Vec<i64> {
    let id = model.line(key).unwrap_or_else(|| panic!("there is {key}"));
    run.line(id).to_vec()
}

const PARTS: [&str; 9] = [
    "credit_limit",
    "drawn",
    "repaid",
    "restored",
    "used",
    "lapsed",
    "available_limit",
    "over_limit",
    "supplied",
];

#[test]
fn limits_move_as_the_script_computes_from_what_changes_them() {
    let demo = Demo::new();
    let job = case(&demo);
    let header = testkit::fixture("cases/limit_cut/supply.csv");
    let mut rows = vec![header.lines().next().expect("a header").to_string()];
    for (number, (job, model, run)) in runs(&job).iter().enumerate() {
        let tiers = job.assumptions.supply.as_ref().expect("a supply").tiers.len();
        for tier in 1..=tiers {
            let of = |part: &&str| line(model, run, &format!("supply.{tier}.{part}"));
            let columns: Vec<Vec<i64>> = PARTS.iter().map(of).collect();
            for month in 1..=model.timeline.len(Axis::Months) {
                let cells = columns.iter().map(|c| Amount::from_minor(c[month]).to_string());
                let cells = cells.collect::<Vec<_>>().join(",");
                rows.push(format!("{number},{tier},{month},{cells}"));
            }
        }
    }
    testkit::expected_csv("limit_cut/supply.csv", &rows);
}

#[test]
fn a_deal_buys_no_more_than_is_supplied_and_ends_early_when_purchases_fall_short() {
    let demo = Demo::new();
    let job = case(&demo);
    let paths: Vec<_> = {
        let (model, run) = testkit::run(&job);
        job.limit_cut((&model, &run), &study(&job))
    };
    for (name, path) in &paths {
        for at in &path.dates {
            assert!(at.price <= at.supply, "{}: {} on {}", name.en, at.price, at.date);
            assert!(at.price <= at.budget, "{}: {}", name.en, at.date);
        }
    }
    // 59.0 % in May and 49.8 % in June are two in a row below 60 %; tested after payment, July's date
    // is the first that amortises.
    let ends: Vec<_> =
        paths.iter().map(|(_, p)| p.early_end.map(|date| date.to_string())).collect();
    assert_eq!(ends, [None, None, None, Some("2025-07-21".to_string())]);
    let breach = paths[3].1.breach.as_ref().expect("a trigger trips");
    assert_eq!((breach.id.as_str(), breach.date.to_string().as_str()), ("shortfall", "2025-06-20"));
    // Less supply is never more idle cash's cure: cuts raise idle cash and shorten nothing senior.
    let carry: Vec<f64> = paths.iter().map(|(_, path)| path.carry()).collect();
    assert!(carry[0] < carry[1] && carry[1] < carry[3], "{carry:?}");
}

/// The study of the command line, kept.
#[test]
fn the_study_prints_its_figures() {
    let demo = Demo::new();
    let study = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .arg("limit-cut")
            .arg(testkit::path("cases/limit_cut/deal.toml"))
            .arg("--pool")
            .arg(demo.file("pool.xlsx"))
            .arg("--scenarios")
            .arg(testkit::path("cases/limit_cut/scenarios.toml"))
            .args(arguments)
            .output()
            .expect("the program starts");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).expect("text in UTF-8")
    };
    let json: serde_json::Value = serde_json::from_str(&study(&["--json"])).expect("JSON");
    let json = serde_json::to_string_pretty(&json).expect("JSON") + "\n";
    expect_file![testkit::path("cases/limit_cut/expected.json")].assert_eq(&json);
    let table = study(&["--lang", "en"]);
    expect_file![testkit::path("cases/limit_cut/expected.txt")].assert_eq(&table);
    let wide = table.lines().find(|line| line.chars().count() > 100);
    assert!(wide.is_none(), "{wide:?} fits a terminal");
}

/// A small generator of numbers, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % most).expect("a small number")
    }

    fn share(&mut self) -> Rate {
        Rate::from_parts(self.below(1_000_001) * 1_000_000)
    }

    fn tier(&mut self) -> Tier {
        let limit = self.below(1_000_000_000);
        let used =
            if limit == 0 { 0 } else { self.below(u64::try_from(limit).expect("small") + 1) };
        let events = (0..self.below(4)).map(|_| {
            let from = u32::try_from(1 + self.below(6)).expect("small");
            let until = (self.below(2) == 1).then_some(from + 1);
            let cut = LimitChange::Cut(self.share());
            let change = if self.below(3) == 0 { LimitChange::Frozen } else { cut };
            LimitEvent { from, until, change, cause: Text::default() }
        });
        let events = events.collect();
        let months = u32::try_from(1 + self.below(12)).expect("small");
        let month = u32::try_from(1 + self.below(12)).expect("small");
        let extra = self.share();
        Tier {
            name: Text::same("T"),
            limit: Amount::from_minor(limit),
            used: Amount::from_minor(used),
            growth: Rate::from_parts(self.share().parts() / 20),
            draw: self.share(),
            repay: self.share(),
            restored: self.share(),
            clean: self.share(),
            eligible: self.share(),
            events,
            temporary: vec![TemporaryLimit { name: Text::default(), month, months, extra }],
        }
    }
}

fn supplied(job: &Job, supply: Supply) -> (Model, Run) {
    let mut assumptions = job.assumptions.clone();
    assumptions.supply = Some(supply);
    testkit::run(&job.with_assumptions(assumptions))
}

#[test]
fn limits_keep_their_laws_whatever_happens_to_them() {
    let job = testkit::case("worked_example_cn");
    let mut dice = Dice(20_250_618);
    let mut seen_over = 0;
    for _ in 0..200 {
        let supply = Supply {
            origin: Origin::default(),
            share: dice.share(),
            season: [(); 12].map(|()| Rate::from_parts(dice.share().parts() * 2)),
            tiers: vec![dice.tier(), dice.tier()],
        };
        let (model, run) = supplied(&job, supply);
        for tier in 1..=2 {
            let of = |part: &str| line(&model, &run, &format!("supply.{tier}.{part}"));
            let [limit, drawn, repaid, restored, used, lapsed, available, over, offered] =
                PARTS.map(of);
            for month in 0..limit.len() {
                let at = |line: &[i64]| line[month];
                assert_eq!(at(&limit) + at(&over), at(&used) + at(&available) + at(&lapsed));
                let all = [
                    &limit, &drawn, &repaid, &restored, &used, &lapsed, &available, &over, &offered,
                ];
                assert!(all.iter().all(|line| at(line) >= 0), "month {month}");
                assert!(at(&offered) <= at(&drawn) && at(&restored) <= at(&repaid));
                if month > 0 && over[month - 1] == 0 && over[month] == 0 {
                    let change = limit[month] - limit[month - 1];
                    let moved = restored[month] - drawn[month] + change;
                    assert_eq!(available[month], available[month - 1] + moved, "month {month}");
                }
                seen_over += i64::from(at(&over) > 0);
            }
        }
    }
    assert!(seen_over > 0, "some tiers are over their limit");
}

/// What is there before a cut stays; after it no month supplies more, the deeper the cut.
#[test]
fn a_deeper_cut_supplies_no_more() {
    let demo = Demo::new();
    let job = case(&demo);
    let of = |cut: i64| {
        let mut supply = job.assumptions.supply.clone().expect("a supply");
        for tier in &mut supply.tiers {
            let change = LimitChange::Cut(Rate::from_parts(cut * 10_000_000_000));
            tier.events.push(LimitEvent { from: 4, until: None, change, cause: Text::default() });
        }
        let (model, run) = supplied(&job, supply);
        let lines = ["supply.supplied", "supply.used"].map(|key| line(&model, &run, key));
        (lines[0][1..4].to_vec(), lines[0][4..].iter().sum::<i64>(), lines[1][3])
    };
    let cuts: Vec<_> = [0, 10, 30, 60, 100].map(of).to_vec();
    assert!(cuts.iter().all(|(before, _, used)| (before, used) == (&cuts[0].0, &cuts[0].2)));
    assert!(cuts.windows(2).all(|pair| pair[1].1 < pair[0].1), "{cuts:?}");
    assert_eq!(cuts[4].1, 0, "without limits nothing is supplied");
}

/// A supply without end leaves a deal as it is without `[supply]`.
#[test]
fn a_supply_without_end_bounds_nothing() {
    let demo = Demo::new();
    let job = case(&demo);
    let mut without = job.assumptions.clone();
    let mut endless = without.supply.take().expect("a supply");
    for tier in &mut endless.tiers {
        tier.limit = Amount::from_minor(100_000_000_000_000);
    }
    let (model, run) = supplied(&job, endless);
    let (free, free_run) = testkit::run(&job.with_assumptions(without));
    for known in &free.lines {
        let (ours, theirs) = (line(&model, &run, &known.key), line(&free, &free_run, &known.key));
        assert_eq!(ours, theirs, "{}", known.key);
    }
    assert!(line(&free, &free_run, "pool.purchased").iter().sum::<i64>() > 0);
}

/// Every formula of the workbook gives the engine's value, the study's control among them.
#[test]
fn the_workbook_of_the_study_recalculates_to_the_engine() {
    let demo = Demo::new();
    let job = case(&demo);
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    let paths = job.limit_cut((&model, &run), &study(&job));
    let books = [("en", ReportLang::En), ("zh", ReportLang::Zh)].map(|(name, lang)| {
        (name.to_string(), job.limit_cut_workbook((&model, &run), &paths, lang))
    });
    let names: Vec<&str> = books[0].1.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    for name in ["Limits", "Scenario 0", "Scenario 3", "Supply", "Purchases"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let compared = testkit::recalculate::settled(&books, 6);
    assert!(compared.values().all(|cells| *cells > 5_000), "{compared:?}");
}
