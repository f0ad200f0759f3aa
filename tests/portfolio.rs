//! Findings about distributions, selections and samples, broken on purpose; tapes that load again;
//! laws of samples; sheets recalculated by another program.

mod testkit;

use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::finding::catalogue;
use cashfall::job::{Job, Request};
use cashfall::money::{Amount, Rate};
use cashfall::pool::{Pool, Receivable, RowOrigin};
use cashfall::portfolio::Characteristic;
use cashfall::portfolio::eligibility::{Ladder, Occasion, Tester};
use cashfall::portfolio::limits::{Limits, excess};
use cashfall::portfolio::sample::{Method, draw};
use cashfall::report::{
    Heading, Labels, ReportLang, TickSheet, Workbook, failures_sheet, ladder_sheet, limits_sheet,
    tape_xlsx, tick_sheet, write_pool_xlsx,
};
use cashfall::synth;
use cashfall::tape::Mapping;
use expect_test::expect_file;
use proptest::prelude::*;

/// The folders of findings that commands give: each with its command, and files that replace those
/// of the worked example.
fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(testkit::path("broken")).expect("the folder of fixtures");
    let folders = folders.map(|entry| entry.expect("a folder").path());
    let mut cases: Vec<PathBuf> = folders.filter(|path| is_of_a_command(&code(path))).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are broken fixtures");
    cases
}

/// Codes that only a command finds; those of the deal file have their own test.
fn is_of_a_command(code: &str) -> bool {
    code.starts_with("E03") || code.starts_with("E04")
}

fn code(folder: &Path) -> String {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy();
    name.split('_').next().expect("a code stands before the name").to_string()
}

/// What the program says on standard error of a fixture's command, in a folder of its own, which
/// must not change.
fn said(case: &Path, lang: &str) -> String {
    let folder = testkit::recalculate::fresh("portfolio");
    for from in [testkit::path("cases/worked_example_cn"), case.to_path_buf()] {
        for name in ["deal.toml", "pool.csv", "buckets.toml"] {
            if from.join(name).exists() {
                std::fs::copy(from.join(name), folder.join(name)).expect("a temporary file");
            }
        }
    }
    let before = std::fs::read_dir(&folder).expect("the folder").count();
    let command = std::fs::read_to_string(case.join("command.txt")).expect("a command");
    let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(command.split_whitespace())
        .args(["--lang", lang])
        .current_dir(&folder)
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{} {command}", case.display());
    let after = std::fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(before, after, "nothing is written");
    std::fs::remove_dir_all(&folder).expect("a temporary folder");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn every_broken_command_gives_its_page() {
    for case in cases() {
        let page = format!("{}\n{}", said(&case, "zh"), said(&case, "en"));
        expect_file![case.join("expected.txt")].assert_eq(&page);
        assert!(page.contains(&format!("[{}]", code(&case))), "{}", case.display());
    }
}

#[test]
fn every_finding_of_a_command_has_a_broken_fixture() {
    let broken: Vec<String> = cases().iter().map(|case| code(case)).collect();
    let missing: Vec<&String> =
        catalogue().keys().filter(|code| is_of_a_command(code) && !broken.contains(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

/// A synthetic pool of every repayment method, read from its tape.
fn pool(count: usize) -> (Pool, Job) {
    let job = testkit::case("worked_example_cn");
    let folder = testkit::recalculate::fresh("pool");
    let file = folder.join("tape.xlsx");
    let rows = synth::rows(4, count, job.pool.cutoff);
    std::fs::write(&file, tape_xlsx(&rows).expect("a tape")).expect("a temporary file");
    let loaded = cashfall::pool::load(&file, &Mapping::default(), &job.deal.pool);
    let pool = testkit::accept(loaded.expect("the tape is there"));
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    (pool, job)
}

/// The receivable without the row it stood in.
fn contract(of: &Receivable) -> Receivable {
    Receivable { origin: RowOrigin::default(), product: 0, ..of.clone() }
}

#[test]
fn chosen_receivables_are_a_tape_that_loads_again() {
    let (pool, job) = pool(300);
    let places: Vec<usize> = (0..pool.receivables.len()).filter(|place| place % 3 != 1).collect();
    let folder = testkit::recalculate::fresh("again");
    let file = folder.join("selected.xlsx");
    write_pool_xlsx(&Workbook::default(), &file, (&pool, &places)).expect("written");
    let loaded = cashfall::pool::load(&file, &Mapping::default(), &job.deal.pool);
    let again = testkit::accept(loaded.expect("the tape is there"));
    let theirs: Vec<Receivable> = again.receivables.iter().map(contract).collect();
    let ours = places.iter().map(|place| contract(&pool.receivables[*place]));
    assert!(ours.eq(theirs), "the receivables are the same");
    for name in ["product", "obligor_id", "region", "score_band"] {
        let texts = |pool: &Pool, place: usize| {
            let attribute = &pool.attributes[name];
            attribute.values[usize::try_from(attribute.codes[place]).expect("small")].clone()
        };
        let ours = places.iter().map(|place| texts(&pool, *place));
        assert!(ours.eq((0..places.len()).map(|place| texts(&again, place))), "{name}");
    }
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

/// Representative lines come back as lines: planned from their balance, with their seasoning.
#[test]
fn chosen_lines_are_lines_again() {
    let job = testkit::case("worked_example_cn");
    let folder = testkit::recalculate::fresh("lines");
    let table = "借据号,基准日,未偿本金,年化利率(%),剩余期数,账龄(月)\n\
                 L-1,,1000000.00,12.5,8,53\nL-2,2026-02-28,2000000.00,9,8,0\n";
    let (first, file) = (folder.join("lines.csv"), folder.join("selected.xlsx"));
    std::fs::write(&first, table).expect("a temporary file");
    let load = |path: &std::path::Path| {
        let loaded = cashfall::pool::load(path, &Mapping::default(), &job.deal.pool);
        testkit::accept(loaded.expect("the tape is there"))
    };
    let pool = load(&first);
    assert!(pool.receivables.iter().all(|receivable| receivable.is_rep_line));
    write_pool_xlsx(&Workbook::default(), &file, (&pool, &[0, 1])).expect("written");
    let again = load(&file);
    let ours = pool.receivables.iter().map(contract);
    assert!(ours.eq(again.receivables.iter().map(contract)), "{:#?}", again.receivables);
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
fn samples_are_of_their_size_and_of_their_seed() {
    let (pool, _) = pool(200);
    let stratified = Method::Stratified(Characteristic::of("region"));
    for method in [Method::Random, stratified] {
        let sample = draw(&pool, 30, &method, 9).expect("the column is there");
        assert_eq!(sample.drawn.len(), 30, "{method:?}");
        assert!(sample.drawn.is_sorted_by(|a, b| a.place < b.place), "each once, in order");
        assert_eq!(sample, draw(&pool, 30, &method, 9).expect("the column is there"));
        assert_ne!(sample, draw(&pool, 30, &method, 10).expect("the column is there"));
        let all = draw(&pool, 1_000, &method, 9).expect("the column is there");
        assert_eq!(all.drawn.len(), pool.receivables.len());
        assert_eq!(all.covered, all.total);
    }
    assert_eq!(
        draw(&pool, 3, &Method::Stratified(Characteristic::of("scene")), 1),
        Err("scene".into())
    );
}

/// The worked example: 6433, 4500, 5000, 8000, 2800, 3267 of 30,000. Six units lie 5,000.00 apart, so
/// receivables of that size cannot be missed, whatever the start.
#[test]
fn monetary_units_never_miss_what_is_above_the_interval() {
    let pool = testkit::case("worked_example_cn").pool;
    for seed in 0..50 {
        let sample = draw(&pool, 6, &Method::MonetaryUnit, seed).expect("no column is needed");
        assert_eq!(sample.interval, Some(Amount::from_minor(500_000)));
        assert_eq!(sample.drawn.iter().map(|drawn| drawn.hits).sum::<usize>(), 6);
        for place in [0, 2, 3] {
            assert!(sample.drawn.iter().any(|drawn| drawn.place == place), "{place} by {seed}");
        }
    }
}

/// By hand: products with 21,000.00 and 9,000.00 of principal share ten draws as seven and three.
#[test]
fn strata_are_drawn_from_in_proportion_to_principal() {
    let (mut pool, _) = pool(100);
    let attribute = pool.attributes.get_mut("region").expect("the tape has regions");
    *attribute = cashfall::pool::Attribute {
        values: vec!["东".into(), "西".into()],
        codes: (0..100).map(|place| u32::from(place >= 40)).collect(),
    };
    for (place, receivable) in pool.receivables.iter_mut().enumerate() {
        let yuan = if place < 40 { 525 } else { 150 };
        receivable.outstanding_principal = Amount::from_minor(yuan * 100);
    }
    let method = Method::Stratified(Characteristic::of("region"));
    let sample = draw(&pool, 10, &method, 1).expect("the column is there");
    let east = sample.drawn.iter().filter(|drawn| drawn.stratum == "东").count();
    assert_eq!((east, sample.drawn.len()), (7, 10));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    /// Nothing is in excess when the largest group is within the share, and something is when not.
    #[test]
    fn excess_is_what_lies_above(
        groups in prop::collection::vec(0_i64..10_000_000, 1..30),
        percent in 1_i64..100,
    ) {
        let share = Rate::from_parts(Rate::ONE.parts() / 100 * percent);
        let amounts: Vec<Amount> = groups.iter().map(|minor| Amount::from_minor(*minor)).collect();
        let (total, largest) = (groups.iter().sum::<i64>(), groups.iter().max().copied().unwrap_or(0));
        let above = excess(&amounts, share) > Amount::ZERO;
        prop_assert_eq!(above, largest * 100 > total * percent);
        prop_assert!(excess(&amounts, share).minor() <= total);
    }
}

#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn the_sheets_of_eligibility_and_samples_recalculate() {
    let deal = testkit::path("cases/eligibility/deal.toml");
    let opened = Job::open(&Request { deal, threads: 1, ..Request::default() });
    let (job, _) = opened.expect("the files are there").into_parts();
    let job = job.expect("accepted");
    let broken = testkit::path("broken/E0202_not_met/deal.toml");
    let tape = Some(testkit::path("cases/worked_example_cn/pool.csv"));
    let opened = Job::open(&Request { deal: broken, tape, threads: 1, ..Request::default() });
    let (limited, _) = opened.expect("the files are there").into_parts();
    let limited = limited.expect("accepted");
    let books = [ReportLang::Zh, ReportLang::En].map(|lang| {
        let heading = Heading::of(&job.pool, None, Labels::new(lang));
        let (tester, _) =
            Tester::bind(Occasion::Closing, &job.deal.eligibility, &job.pool).into_parts();
        let ladder = Ladder::of(&tester, &job.pool, job.pool.cutoff);
        let pool = &limited.pool;
        let (limits, _) = Limits::bind(&limited.deal.limits, pool, pool.cutoff).into_parts();
        let tested = limits.tested(&(0..pool.receivables.len()).collect::<Vec<_>>());
        let sample = draw(&job.pool, 5, &Method::Random, 3).expect("no column is needed");
        let tick = TickSheet { sample: &sample, method: &Method::Random, seed: 3 };
        let sheets = vec![
            ladder_sheet(&heading, &tester, &ladder),
            failures_sheet(&heading, &job.pool, &tester, &ladder),
            limits_sheet(&heading, &limited.deal.limits, &tested, ""),
            tick_sheet(&heading, &job.pool, &tick),
        ];
        (format!("portfolio_{lang:?}"), Workbook { sheets, title: "Portfolio".to_string() })
    });
    for (name, compared) in testkit::recalculate::recalculated(&books) {
        assert!(compared > 100, "{name}: {compared} formulas");
    }
}
