//! Distributions of a pool: against a computation of another design, and their laws.

mod testkit;

use cashfall::job::{Job, Portfolio, PortfolioRequest};
use cashfall::money::Rate;
use cashfall::portfolio::Characteristic;
use cashfall::portfolio::stratification::{
    Bucket, Cut, Dimension, Stratification, defaults, read, shares,
};
use cashfall::report::{Heading, Labels, ReportLang, Workbook, stratification_sheets};
use proptest::prelude::*;

fn lendingclub() -> Portfolio {
    let file = testkit::path("cases/lendingclub/deal.toml");
    let opened = Portfolio::open(&PortfolioRequest { file, ..PortfolioRequest::default() });
    testkit::accept(opened.expect("the files are there")).expect("accepted")
}

/// `0.2278` as the page writes it: `22.78`.
fn percent(share: Rate) -> String {
    format!("{:.2}", share.to_decimal() * rust_decimal::Decimal::ONE_HUNDRED)
}

fn line(field: &str, bucket: &Bucket, count: Rate, balance: Rate) -> String {
    let rate = bucket.rate.map_or(String::new(), |rate| format!("{:.12}", rate.to_decimal()));
    format!(
        "{field},{},{},{},{},{},{rate}",
        bucket.label.en,
        bucket.count,
        percent(count),
        bucket.balance,
        percent(balance)
    )
}

#[test]
fn lendingclub_strat() {
    let portfolio = lendingclub();
    let names = ["grade", "instalments", "region", "purpose", "status"];
    let dimensions: Vec<Dimension> = names.map(Dimension::each).into();
    let shape = Stratification::of(&portfolio.pool, None, &dimensions, &[(0, 1)]);
    let mut rows = vec!["field,value,count,count_percent,balance,balance_percent,rate".to_string()];
    for made in &shape.distributions {
        let field = made.dimension.of.name();
        let of_buckets = made.count_shares().into_iter().zip(made.balance_shares());
        for (bucket, (count, balance)) in made.buckets.iter().zip(of_buckets) {
            if bucket.count > 0 {
                rows.push(line(field, bucket, count, balance));
            }
        }
        rows.push(line(field, &made.total, Rate::ONE, Rate::ONE));
    }
    testkit::expected_csv("lendingclub/strat.csv", &rows);
    // The cross-table adds up to both of its sides.
    let cross = &shape.crosses[0];
    for (place, row) in cross.balances.iter().enumerate() {
        let sum = row.iter().copied().sum();
        assert_eq!(shape.distributions[0].buckets[place].balance, sum);
    }
}

/// Each loan is its own obligor, so the largest obligor is the largest loan.
#[test]
fn lendingclub_strat_of_obligors() {
    let shape = Stratification::of(&lendingclub().pool, None, &defaults(), &[]);
    let of = &shape.summary;
    assert_eq!((of.count, of.obligors), (10_000, Some(10_000)));
    assert_eq!(of.original.to_string(), "163619225.00");
    assert_eq!(of.outstanding.to_string(), "144589166.10");
    assert_eq!(of.largest_obligor, Some(of.largest));
    // 1/n for equal parts is the least that the index can be.
    assert!(of.herfindahl.is_some_and(|index| index > Rate::from_parts(100_000_000)));
}

#[test]
fn buckets_are_open_below_and_closed_above() {
    let file = testkit::path("cases/worked_example_cn/pool.csv");
    let cutoff = "2025-12-31".parse().ok();
    let opened = Portfolio::open(&PortfolioRequest { file, cutoff, ..Default::default() });
    let portfolio = testkit::accept(opened.expect("the file is there")).expect("accepted");
    // Balances 6433, 4500, 5000, 8000, 2800, 3267.
    let edges = [280_000, 326_700, 500_000].to_vec();
    let dimension = Dimension {
        of: Characteristic::OutstandingPrincipal,
        cut: Cut::Edges { edges, zero: false },
    };
    let shape = Stratification::of(&portfolio.pool, None, &[dimension], &[]);
    let counts: Vec<(String, usize)> = shape.distributions[0]
        .buckets
        .iter()
        .map(|bucket| (bucket.label.en.clone(), bucket.count))
        .collect();
    let expected = [
        ("[2,800.00, 3,267.00]", 2),
        ("(3,267.00, 5,000.00]", 2),
        ("> 5,000.00", 2),
        ("Missing", 0),
    ];
    assert_eq!(counts, expected.map(|(label, count)| (label.to_string(), count)));
    let picked = Stratification::of(&portfolio.pool, Some(&[1, 2]), &[], &[]);
    assert_eq!(picked.summary.outstanding.to_string(), "9500.00");
}

#[test]
fn buckets_of_the_user_are_read_or_refused() {
    let text = "[[dimension]]\nfield = \"apr\"\nedges = [\"0 %\", \"12 %\", \"24 %\"]\n";
    let dimensions = testkit::accept(read("buckets.toml", text));
    let edges = vec![0, 120_000_000_000, 240_000_000_000];
    assert_eq!(dimensions[0].cut, Cut::Edges { edges, zero: false });
    let codes = |text: &str| {
        let (_, findings) = read("buckets.toml", text).into_parts();
        findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("[[dimension]]\nfield = \"apr\"\nedges = [\"24 %\", \"12 %\"]\n"), ["E0301"]);
    assert_eq!(codes("[[dimension]]\nfield = \"a\"\n[[dimension]]\nfield = \"a\"\n"), ["E0302"]);
    assert_eq!(codes("[[dimension]]\nfield = \"repayment_method\"\nedges = [1, 2]\n"), ["E0301"]);
}

proptest! {
    #[test]
    fn shares_sum_to_one_and_are_near(parts in prop::collection::vec(0_i64..1_000_000, 1..40)) {
        let whole: i64 = parts.iter().sum();
        let sum: i64 = shares(&parts, true).iter().map(|share| share.parts()).sum();
        prop_assert_eq!(sum, if whole == 0 { 0 } else { Rate::ONE.parts() });
        for (part, share) in parts.iter().zip(shares(&parts, false)) {
            let exact = if whole == 0 { 0.0 } else { *part as f64 / whole as f64 };
            prop_assert!((share.to_f64() - exact).abs() <= 0.000_05 + 1e-12);
        }
    }
}

fn workbook(portfolio: &Portfolio, lang: ReportLang) -> Workbook {
    let mut dimensions = defaults();
    dimensions.push(Dimension::each("sub_grade"));
    let place = |name: &str| dimensions.iter().position(|d| d.of.name() == name).expect("there");
    let cross = (place("grade"), place("instalments"));
    let shape = Stratification::of(&portfolio.pool, None, &dimensions, &[cross]);
    let deal = portfolio.deal.as_ref().map(|deal| (&deal.name, deal.currency.as_str()));
    let heading = Heading::of(&portfolio.pool, deal, Labels::new(lang));
    let sheets = stratification_sheets(&heading, &shape, "");
    Workbook { sheets, title: "LendingClub".to_string() }
}

/// Totals, shares and averages are formulas, and another program gives the same figures.
#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn the_workbook_of_distributions_recalculates() {
    let portfolio = lendingclub();
    let books = [ReportLang::Zh, ReportLang::En, ReportLang::Both]
        .map(|lang| (format!("strat_{lang:?}"), workbook(&portfolio, lang)));
    for (name, compared) in testkit::recalculate::recalculated(&books) {
        assert!(compared > 500, "{name}: {compared} formulas");
    }
}

/// The pool of a deal is the pool of its job.
#[test]
fn a_pool_opened_alone_is_the_pool_of_the_deal() {
    let job: Job = testkit::case("worked_example_cn");
    let file = testkit::path("cases/worked_example_cn/deal.toml");
    let opened = Portfolio::open(&PortfolioRequest { file, ..PortfolioRequest::default() });
    let portfolio = testkit::accept(opened.expect("the files are there")).expect("accepted");
    assert_eq!(portfolio.pool, job.pool);
}

/// By hand, of the tape of receivables in default: L2 defaulted in the month of the cut-off, C2, L1 and
/// K1 within three months, C7 four months before, C1, C3 and L3 seven and nine, C4 35; of C5, C6 and P1
/// the tape states no day.
#[test]
fn defaults_are_distributed_by_their_age() {
    let file = testkit::path("cases/npl/deal.toml");
    let opened = Portfolio::open(&PortfolioRequest { file, ..PortfolioRequest::default() });
    let portfolio = testkit::accept(opened.expect("the files are there")).expect("accepted");
    let of = |dimension: &Dimension| dimension.of == Characteristic::MonthsInDefault;
    let dimensions: Vec<Dimension> = defaults().into_iter().filter(of).collect();
    let shape = Stratification::of(&portfolio.pool, None, &dimensions, &[]);
    let buckets = shape.distributions[0].buckets.iter().filter(|bucket| bucket.count > 0);
    let found: Vec<(String, usize)> =
        buckets.map(|bucket| (bucket.label.en.clone(), bucket.count)).collect();
    let counts: Vec<usize> = found.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 3, 1, 3, 1, 3], "{found:?}");
    assert_eq!(found[3].0, "(6, 12]");
}
