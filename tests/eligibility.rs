//! Criteria one by one: each fails the receivable made to fail it, and nobody else.

mod testkit;

use std::collections::BTreeMap;

use cashfall::deal::Deal;
use cashfall::finding::Severity;
use cashfall::job::{Job, Request};
use cashfall::money::Amount;
use cashfall::pool::{Pool, PoolTerms, ProductTerms};
use cashfall::portfolio::eligibility::{Ladder, Occasion, Tester};
use cashfall::tape::Mapping;
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn job() -> Job {
    let deal = testkit::path("cases/eligibility/deal.toml");
    let opened = Job::open(&Request { deal, threads: 1, ..Request::default() });
    let (job, findings) = opened.expect("the files are there").into_parts();
    let errors = findings.iter().filter(|finding| finding.severity() == Severity::Error);
    assert_eq!(errors.count(), 0, "{findings:#?}");
    job.expect("accepted")
}

/// The receivables of expected.csv with the criteria that each fails, and its balance.
fn expected() -> BTreeMap<String, (Vec<String>, Amount)> {
    let text = testkit::fixture("cases/eligibility/expected.csv");
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let fails = cells[1].split_whitespace().map(str::to_string).collect();
        (cells[0].to_string(), (fails, cells[2].parse().expect("an amount")))
    });
    rows.collect()
}

#[test]
fn each_receivable_fails_what_it_was_made_to_fail() {
    let job = job();
    let (tester, _) =
        Tester::bind(Occasion::Closing, &job.deal.eligibility, &job.pool).into_parts();
    let expected = expected();
    assert_eq!(job.pool.receivables.len(), expected.len());
    for (index, receivable) in job.pool.receivables.iter().enumerate() {
        let failures = tester.failures(index, job.pool.cutoff);
        let ids: Vec<&str> = failures
            .iter()
            .map(|failure| job.deal.eligibility[failure.criterion].id.as_str())
            .collect();
        let (fails, _) = &expected[&*receivable.id];
        assert_eq!(ids, *fails, "{}", receivable.id);
        let first = tester.first_failure(index, job.pool.cutoff);
        assert_eq!(first, failures.first().map(|failure| failure.criterion));
    }
}

/// The ladder recomputed from the page of expectations: first failures in order, all failures alone.
#[test]
fn the_ladder_is_what_the_rows_were_made_for() {
    let job = job();
    let (tester, _) =
        Tester::bind(Occasion::Closing, &job.deal.eligibility, &job.pool).into_parts();
    let ladder = Ladder::of(&tester, &job.pool, job.pool.cutoff);
    let expected = expected();
    for (place, criterion) in job.deal.eligibility.iter().enumerate() {
        let sum = |keep: &dyn Fn(&[String]) -> bool| {
            let rows = expected.values().filter(|(fails, _)| keep(fails));
            rows.fold((0, Amount::ZERO), |(count, sum), (_, balance)| (count + 1, sum + *balance))
        };
        let id = &criterion.id;
        let first = sum(&|fails| fails.first() == Some(id));
        let alone = sum(&|fails| fails.contains(id));
        let in_order = ladder.in_order[place];
        assert_eq!((in_order.count, in_order.balance), first, "{id} in order");
        assert_eq!((ladder.alone[place].count, ladder.alone[place].balance), alone, "{id} alone");
    }
    assert_eq!(
        (ladder.eligible.count, ladder.eligible.balance.to_string().as_str()),
        (1, "1000.00")
    );
}

#[test]
fn the_tested_value_is_what_an_auditor_sees() {
    let job = job();
    let (tester, _) =
        Tester::bind(Occasion::Closing, &job.deal.eligibility, &job.pool).into_parts();
    let shown = |id: &str, criterion: &str| {
        let index = job.pool.receivables.iter().position(|r| &*r.id == id).expect("a receivable");
        let place =
            job.deal.eligibility.iter().position(|c| c.id == criterion).expect("a criterion");
        tester.tested(place, index, job.pool.cutoff)
    };
    assert_eq!(shown("N09", "9"), "66");
    assert_eq!(shown("N13", "13"), "599.5");
    assert_eq!(shown("N24", "23"), "2026-12-15");
    assert_eq!(shown("N25", "24"), "300,000.00");
    // Twelve instalments of 114.40 for 1,200.00 lent, by bisection in 40 digits: 28.82204779… %.
    assert_eq!(shown("N28", "27"), "28.822 %");
    assert_eq!(shown("S2", "13"), "–");
}

#[test]
fn criteria_of_purchases_are_dated() {
    let job = job();
    let tester = |occasion| Tester::bind(occasion, &job.deal.eligibility, &job.pool).into_parts().0;
    let (purchase, closing) = (tester(Occasion::Purchase), tester(Occasion::Closing));
    let of =
        |id: &str| job.pool.receivables.iter().position(|r| &*r.id == id).expect("a receivable");
    let id = |place: Option<usize>| place.map(|place| job.deal.eligibility[place].id.as_str());
    let first = |index, at| id(purchase.first_failure(index, day(at)));
    // Cost 13.8418 % is above 12 %; the bad one of criterion 22 fails 31 too, but 22 stands first.
    assert_eq!(first(of("OK"), "2026-07-01"), None);
    assert_eq!(first(of("N23"), "2026-06-30"), Some("22"));
    let all = purchase.failures(of("N23"), day("2026-06-30"));
    assert_eq!(all.len(), 2);
    assert_eq!(closing.failures(of("N23"), day("2026-06-30")).len(), 1);
}

/// The purchase of the worked example, convention C17, up to the price.
#[test]
fn the_candidates_of_the_worked_example_fail_as_published() {
    let deal = testkit::fixture("broken/E0103_fails/deal.toml");
    let (deal, _) = deal.split_once("[[eligibility]]").expect("the fixture has criteria");
    let criteria = "[[eligibility]]\nid = \"dpd\"\nfield = \"past_due_days\"\nequals = 0\n\
                    [[eligibility]]\nid = \"irr\"\nfield = \"apr\"\nat_most = \"24 %\"\n\
                    [[eligibility]]\nid = \"due\"\nfield = \"final_due_date\"\nat_most = 2026-06-30\n";
    let deal = testkit::accept(Deal::from_toml("deal.toml", &format!("{deal}{criteria}")));
    let deal = deal.expect("a deal");
    let pool = candidates();
    let tester = testkit::accept(Tester::bind(Occasion::Purchase, &deal.eligibility, &pool));
    let first = (0..pool.receivables.len()).map(|index| {
        let first = tester.first_failure(index, day("2026-02-24"));
        first.map(|place| deal.eligibility[place].id.as_str())
    });
    let first: Vec<Option<&str>> = first.collect();
    assert_eq!(first, [Some("dpd"), Some("irr"), None, None, Some("due")]);
}

fn candidates() -> Pool {
    let terms = PoolTerms {
        cutoff: day("2026-02-24"),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    };
    let path = testkit::path("cases/eligibility/candidates.csv");
    let loaded = cashfall::pool::load(&path, &Mapping::default(), &terms);
    testkit::accept(loaded.expect("the candidates are there"))
}

/// A column that only a list of candidates has is not asked of the pool.
#[test]
fn a_criterion_of_purchases_does_not_need_the_pool() {
    let job = testkit::case_file("worked_example_cn/revolving.toml");
    let bound = |occasion| Tester::bind(occasion, &job.deal.eligibility, &job.pool).into_parts().1;
    assert_eq!(bound(Occasion::Closing), []);
    let lacking: Vec<&str> = bound(Occasion::Purchase).iter().map(|found| found.code).collect();
    assert_eq!(lacking, ["E0101"]);
}

/// The deal of the whole catalogue, read by itself.
fn catalogue() -> Deal {
    let path = testkit::path("cases/eligibility/catalogue.toml");
    let read = cashfall::job::read_deal(&path, &mut cashfall::report::Manifest::default());
    let deal = testkit::accept(read.expect("the file is there"));
    deal.expect("a deal")
}

/// Each of the 35 criteria is data of the deal file: 1 to 31 and 34 of single receivables, 32 and 33
/// of the pool after a purchase, 35 of the purchases themselves.
#[test]
fn all_thirty_five_criteria_are_data_of_the_deal() {
    let deal = catalogue();
    let number = |id: &str| -> Option<usize> {
        id.trim_end_matches(|c: char| c.is_ascii_lowercase()).parse().ok()
    };
    let criteria: Vec<usize> = deal.eligibility.iter().filter_map(|c| number(&c.id)).collect();
    let limits: Vec<usize> = deal.limits.iter().filter_map(|limit| number(&limit.id)).collect();
    let triggers: Vec<usize> = deal.triggers.iter().filter_map(|t| number(&t.id)).collect();
    for of in 1..=35 {
        let (place, name) = match of {
            32 | 33 => (&limits, "limits"),
            35 => (&triggers, "triggers"),
            _ => (&criteria, "criteria"),
        };
        assert!(place.contains(&of), "{of} is among the {name}");
    }
    let trigger = deal.triggers.iter().find(|trigger| trigger.id == "35").expect("the trigger");
    assert_eq!(trigger.consequence, cashfall::deal::Consequence::EndRevolving);
    let buys = |step: &&cashfall::deal::Step| {
        step.pay.iter().any(|payment| payment.due == cashfall::deal::Due::Purchase)
    };
    let steps: Vec<_> = deal.steps.iter().filter(buys).collect();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].states, [cashfall::deal::State::Revolving].into());
    // What holds for purchases alone is not asked of the pool.
    let only = |id: &str| deal.eligibility.iter().find(|c| c.id == id).map(|c| c.only);
    assert_eq!(only("31"), Some(Some(Occasion::Purchase)));
    assert_eq!(only("34"), Some(Some(Occasion::Purchase)));
    assert_eq!(only("15"), Some(None));
}

/// Every limit of the catalogue gives a figure and how far it is from the limit, by hand for a pool of
/// a hundred receivables of 1,000.00 each, one of every obligor.
#[test]
fn every_limit_of_the_catalogue_has_its_headroom() {
    let deal = catalogue();
    let first = job().pool.receivables[0].clone();
    let one = |index: usize| cashfall::pool::Receivable {
        id: format!("R{index}").into(),
        outstanding_principal: Amount::from_minor(100_000),
        instalments: if index < 20 { 24 } else { 12 },
        ..first.clone()
    };
    let attribute = |texts: &[(&str, usize)]| {
        let values = texts.iter().map(|(text, _)| (*text).into()).collect();
        let codes = (0..).zip(texts).flat_map(|(code, (_, many))| vec![code; *many]).collect();
        cashfall::pool::Attribute { values, codes }
    };
    let obligors: Vec<String> = (0..100).map(|index| format!("U{index:03}")).collect();
    let each: Vec<(&str, usize)> = obligors.iter().map(|id| (id.as_str(), 1)).collect();
    let attributes = [
        ("obligor_id", attribute(&each)),
        ("obligor_type", attribute(&[("自然人", 99), ("企业", 1)])),
        ("score_band", attribute(&[("A", 92), ("D", 8)])),
        ("region", attribute(&[("甲", 25), ("乙", 75)])),
        ("scene", attribute(&[("手机", 40), ("家电", 35), ("旅游", 25)])),
        ("first_credit_flag", attribute(&[("是", 12), ("否", 88)])),
        ("merchant_id", attribute(&[("M1", 97), ("M2", 3)])),
    ];
    let pool = Pool {
        cutoff: day("2025-12-31"),
        products: vec![(String::new(), ProductTerms::default())],
        receivables: (0..100).map(one).collect(),
        attributes: attributes.map(|(name, of)| (name.to_string(), of)).into(),
        manifest: cashfall::tape::TapeManifest::default(),
    };
    let limits = cashfall::portfolio::limits::Limits::bind(&deal.limits, &pool, pool.cutoff);
    let (limits, findings) = limits.into_parts();
    assert_eq!(findings, []);
    let tested = limits.tested(&(0..100).collect::<Vec<_>>());
    let expected = [
        ("32a", "1 %", "-0.9 %"),
        ("32b", "1,000.00", "199,000.00"),
        ("32c", "1 %", "-0.5 %"),
        ("32d", "100", "90"),
        ("32e", "1 %", "49 %"),
        // Twenty of 24 instalments run to 2027-10-15, eighty of 12 to 2026-10-15: 22 and 10 months.
        ("32f", "12.4", "-2.9"),
        ("32g", "20 %", "10 %"),
        ("32h", "8 %", "2 %"),
        ("32i", "75 %", "-60 %"),
        ("32j", "40 %", "0 %"),
        ("32k", "0 %", "20 %"),
        ("32l", "12 %", "8 %"),
        ("32m", "97 %", "-87 %"),
        ("32n", "100,000.00", "80,000.00"),
    ];
    for (limit, tested) in deal.limits.iter().zip(&tested) {
        let headroom = tested.headroom.expect("every limit has its headroom");
        assert_eq!(tested.passes, headroom.parts >= 0, "{}", limit.id);
        let Some((_, value, of)) = expected.iter().find(|(id, ..)| *id == limit.id) else {
            assert_eq!(limit.id, "33");
            continue;
        };
        let measured = tested.measured.as_ref().expect("a figure").value;
        assert_eq!((measured.to_string().as_str(), headroom.to_string().as_str()), (*value, *of));
    }
}
