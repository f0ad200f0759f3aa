//! Recoveries with their cost, the sale of what has defaulted, and receivables in default at the
//! cut-off date, each from the age that its default has reached.

mod testkit;

use cashfall::assumptions::{Assumptions, Stress};
use cashfall::job::Job;
use cashfall::model::Axis;
use cashfall::money::{Amount, Rate};
use testkit::{case, expected_csv};

/// Every month and segment against `fixtures/cases/recovery/recompute.py`, default by default. The
/// price of 95 % on a day meets the cap: half of the older default had been collected.
#[test]
fn recoveries_costs_and_sales_equal_the_script() {
    let case = case("recovery");
    let (model, run) = testkit::run(&case);
    let head = "month,segment,defaulted,collected,cost,recovered,sold,unrecovered";
    let mut rows = vec![head.to_string()];
    for month in 1..=model.timeline.len(Axis::Months) {
        for (segment, name) in ["B", "free", "npl"].into_iter().enumerate() {
            let keys = ["defaulted", "collected", "cost", "recovered", "sold", "unrecovered"];
            let at = |key: &str| {
                let line = model.line(&format!("recoveries.{key}"));
                let line = line.unwrap_or_else(|| panic!("no line {key}"));
                Amount::from_minor(run.value(line, month, segment)).to_string()
            };
            rows.push(format!("{month},{name},{}", keys.map(at).join(",")));
        }
    }
    expected_csv("recovery/expected.csv", &rows);
}

/// Receivables in default bring recoveries and nothing else: 30 % of 10,800.00.
#[test]
fn a_pool_in_default_brings_recoveries_only() {
    let mut job = case("recovery");
    let mut assumptions = job.assumptions.clone();
    assumptions.segments = vec![assumptions.segments[2].clone()];
    job = job.with_assumptions(assumptions);
    let (model, run) = testkit::run(&job);
    let total = |key: &str| run.total(model.line(key).expect("a line")).to_string();
    assert_eq!(total("pool.default"), "30000.00");
    assert_eq!(total("pool.recovered"), "9000.00");
    assert_eq!(total("pool.cash"), "9000.00");
    let recovered = model.line("pool.recovered").expect("recoveries");
    let by_month: Vec<i64> = (1..=7).map(|month| run.value(recovered, month, 0)).collect();
    // 9,000.00 by 10, 20, 30, 20, 10 and 10 %.
    assert_eq!(by_month, [90_000, 180_000, 270_000, 180_000, 90_000, 90_000, 0]);
}

/// What the holder of the last tranche gets is never more with more default, less recovery, a higher
/// cost, a lower price or a later sale at the same price and no recoveries.
#[test]
fn worse_recoveries_never_raise_the_residual() {
    let job = case("recovery");
    let residual = |change: &dyn Fn(&mut cashfall::assumptions::Segment)| -> i64 {
        let mut assumptions = job.assumptions.clone();
        assumptions.segments.iter_mut().for_each(change);
        let (model, run) = testkit::run(&job.with_assumptions(assumptions));
        let paid = ["interest_paid", "principal_paid", "remainder_paid"].into_iter();
        let lines = paid.filter_map(|part| model.line(&format!("tranche.SUB.{part}")));
        lines.map(|line| run.total(line).minor()).sum()
    };
    let rate = |percent: i64| Rate::from_parts(percent * Rate::ONE.parts() / 100);
    let falls = |values: Vec<i64>| {
        assert!(values.windows(2).all(|pair| pair[1] <= pair[0]), "{values:?}");
        assert!(values.last() < values.first(), "{values:?}");
    };
    let none = |segment: &mut cashfall::assumptions::Segment| segment.defaulted = false;
    let by = |values: &[i64], set: &dyn Fn(&mut cashfall::assumptions::Segment, Rate)| {
        let one = |percent: &i64| {
            residual(&|segment| {
                none(segment);
                set(segment, rate(*percent));
            })
        };
        falls(values.iter().map(one).collect());
    };
    by(&[80, 60, 40, 20, 0], &|segment, rate| {
        if let Some(recovery) = &mut segment.recovery {
            recovery.rate = rate;
        }
    });
    by(&[0, 10, 30, 60, 100], &|segment, rate| segment.recovery_cost = rate);
    by(&[20, 15, 10, 5, 0], &|segment, rate| {
        if let Some(sale) = &mut segment.disposal {
            sale.price = rate;
        }
    });
    by(&[0, 1, 2, 4, 8, 16], &|segment, rate| {
        use cashfall::assumptions::{Curve, Defaults};
        segment.default = Defaults::Mdr(Curve::Constant(rate));
    });
}

/// Every month and segment against `fixtures/cases/npl/recompute.py`, claim by claim and by the
/// calendar: the curve of what defaulted (C1 and C3 of May 2025, C7 up to its balance, nothing of C4 of
/// January 2023, C5 by its days past due, C6 from month 1), the curve of what is left with a sale at
/// an age (L3 is older and is sold at once), a sale on a day, and new defaults beside them.
#[test]
fn old_defaults_recover_from_the_age_that_they_have_reached() {
    let case = case("npl");
    let (model, run) = testkit::run(&case);
    let head = "month,segment,defaulted,of_old,collected,cost,recovered,sold,unrecovered";
    let mut rows = vec![head.to_string()];
    let line = |key: &str| model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    let of_old = line("collections.in_default.collected");
    for month in 1..=model.timeline.len(Axis::Months) {
        for (segment, name) in ["信用卡", "消费贷", "经营贷", "正常"].into_iter().enumerate()
        {
            let of_segment = (0..model.cohorts.len()).filter(|c| model.segment_of[*c] == segment);
            let old: i64 = of_segment.map(|cohort| run.value(of_old, month, cohort)).sum();
            let at = |key: &str| {
                let value = run.value(line(&format!("recoveries.{key}")), month, segment);
                Amount::from_minor(value).to_string()
            };
            let rest = ["collected", "cost", "recovered", "sold", "unrecovered"].map(at);
            let old = Amount::from_minor(old);
            rows.push(format!("{month},{name},{},{old},{}", at("defaulted"), rest.join(",")));
        }
    }
    expected_csv("npl/expected.csv", &rows);
}

/// By hand: C1 of 11,876.54 and C3, whose balance of 6,000.00 stands for it, defaulted in May, seven
/// months before the cut-off date; month 8 of the curve brings 8 % of 23.7 %. L1 of 7,013.57 has
/// 18.65 % of it behind: month 3 brings 15 % of 37.3 % of 7,013.57 ÷ 81.35 %.
#[test]
fn a_cohort_stands_for_a_month_of_default() {
    let (model, run) = testkit::run(&case("npl"));
    let of = |key: &str, name: &str, month| {
        let cohort = model.cohorts.iter().position(|cohort| cohort.en == name);
        let cohort = cohort.unwrap_or_else(|| panic!("{name} is none of {:?}", model.cohorts));
        run.value(model.line(key).expect("a line"), month, cohort)
    };
    let expected = "collections.in_default.expected";
    assert_eq!(of(expected, "Cards, 7 months in default", 1), 33_894);
    assert_eq!(of(expected, "Loans, 2 months in default", 1), 48_237);
    let behind = of("rates.recovered_before", "Loans, 2 months in default", 1);
    assert_eq!(Rate::from_parts(behind).percent(), "18.65 %");
    // 9,000.00 × 23.7 % × 10 % is 213.30; of a balance of 300.00 the second month brings the rest.
    let capped = |month| {
        let name = "Cards, 4 months in default";
        [expected, "collections.in_default.collected"].map(|key| of(key, name, month))
    };
    assert_eq!([capped(1), capped(2)], [[21_330, 21_330], [17_064, 8_670]]);
}

/// What is in default recovers no more under a lower rate or a later start, and a delay moves all of
/// it by as many months.
#[test]
fn a_stress_of_recoveries_reaches_old_defaults() {
    let job = case("npl");
    let recovered = |stress: Stress| -> (i64, Vec<i64>) {
        let job = job.with_assumptions(stress.on(&job.assumptions));
        let (model, run) = testkit::run(&job);
        let line = model.line("collections.in_default.collected").expect("a line");
        let months = 1..=model.timeline.len(Axis::Months);
        let by_month = months.map(|month| {
            (0..model.cohorts.len()).map(|cohort| run.value(line, month, cohort)).sum()
        });
        (run.total(line).minor(), by_month.collect())
    };
    let (base, by_month) = recovered(Stress::default());
    let tenths = |tenths: i64| Rate::from_parts(tenths * Rate::ONE.parts() / 10);
    let cut = [1, 3, 5, 10]
        .map(|cut| recovered(Stress { recovery_haircut: tenths(cut), ..Stress::default() }).0);
    assert!(cut[0] < base && cut.windows(2).all(|pair| pair[1] < pair[0]), "{base} {cut:?}");
    assert_eq!(cut[3], 0);
    let late = [1, 2, 4].map(|recovery_delay| {
        let (total, later) = recovered(Stress { recovery_delay, ..Stress::default() });
        let delay = usize::try_from(recovery_delay).expect("small");
        assert!(later[..delay].iter().all(|amount| *amount == 0), "{later:?}");
        total
    });
    assert!(late[0] <= base && late.windows(2).all(|pair| pair[1] <= pair[0]), "{late:?}");
    // Cards are not sold: all that comes comes a month later, but for the last month of the deal.
    let cards = |stress: &Stress| -> Vec<i64> {
        let mut assumptions = stress.on(&job.assumptions);
        assumptions.segments.iter_mut().for_each(|segment| segment.disposal = None);
        let (model, run) = testkit::run(&job.with_assumptions(assumptions));
        let line = model.line("collections.in_default.collected").expect("a line");
        let months = 1..=model.timeline.len(Axis::Months);
        months
            .map(|month| (0..model.cohorts.len()).map(|c| run.value(line, month, c)).sum())
            .collect()
    };
    let (now, later) =
        (cards(&Stress::default()), cards(&Stress { recovery_delay: 1, ..Stress::default() }));
    assert_eq!(later[1..], now[..now.len() - 1]);
    assert!(by_month[0] > 0);
}

/// The recovery curve of a servicer's history is one that a deal on receivables in default takes.
#[test]
fn the_curve_of_a_history_is_taken_up_by_old_defaults() {
    let folder = testkit::recalculate::fresh("npl");
    let out = folder.join("recoveries.toml");
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .arg("static")
        .arg(testkit::path("cases/static_pool/loans.csv"))
        .args(["--defaulted", "--assumptions"])
        .arg(&out)
        .output()
        .expect("the program starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = std::fs::read_to_string(&out).expect("written");
    let fitted = testkit::accept(Assumptions::from_toml("recoveries.toml", &text));
    let segment = fitted.segments.last().expect("a segment");
    assert!(segment.defaulted && !segment.by_age);
    let curve = segment.recovery.clone().expect("a curve");
    let request = cashfall::job::Request {
        deal: testkit::path("cases/npl/deal.toml"),
        assumptions: Some(out),
        threads: 1,
        ..cashfall::job::Request::default()
    };
    let job = testkit::accept(Job::open(&request).expect("files")).expect("a deal");
    let (model, run) = testkit::run(&job);
    let line = model.line("collections.in_default.expected").expect("a line");
    // K1: 16,000.00 that defaulted three months before, alone in its month.
    let cohort = model.cohorts.iter().position(|name| name.en.ends_with("3 months in default"));
    let found = run.value(line, 1, cohort.expect("K1"));
    let of_curve = curve.lag.get(4).map_or(0.0, |share| share.to_f64()) * curve.rate.to_f64();
    assert!((found as f64 / 100.0 - 16_000.0 * of_curve).abs() < 0.006, "{found} {of_curve}");
    assert!(run.total(line) > Amount::ZERO);
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

/// A receivable that joins later has the age of its own cut-off date: in default since 10 February and
/// of 31 March, it is one month old, and the first month of the deal that it is in brings month 2 of
/// the curve: 10 % of 36 % of 16,000.00. The sale in March does not touch it.
#[test]
fn a_receivable_that_joins_later_has_its_own_age() {
    let changes = [
        ("违约时本金(元)\n", "违约时本金(元),封包日\n"),
        ("2025-09-30,16000.00", "2026-02-10,16000.00,2026-03-31"),
    ];
    let files = [("pool.csv", &changes[..]), ("deal.toml", &[]), ("assumptions.toml", &[])];
    let job = testkit::case_changed("npl", &files);
    let (model, run) = testkit::run(&job);
    let name = "Business, cut-off 2026-03-31, 1 month in default";
    let cohort = model.cohorts.iter().position(|cohort| cohort.en == name);
    let cohort = cohort.unwrap_or_else(|| panic!("{:?}", model.cohorts));
    let of = |key: &str, month| run.value(model.line(key).expect("a line"), month, cohort);
    let collected = "collections.in_default.collected";
    assert_eq!([3, 4, 5].map(|month| of(collected, month)), [0, 57_600, 57_600]);
    assert_eq!([3, 4, 5].map(|month| of("collections.default", month)), [0, 1_512_345, 0]);
    let sold = run.total(model.line("recoveries.sold").expect("a line"));
    // Loans are sold as before: 5 % of 4,000.00, 7,013.57 and 5,500.00.
    assert_eq!(sold.to_string(), "825.68");
}

/// R9 owes four instalments at the cut-off date, beyond the last of three buckets. By its 117 days past
/// due it has been in default since 5 December, so that 20 % of 1,200.00 come in month 1; without the
/// days its default is of month 1, and they come in month 2.
#[test]
fn what_is_beyond_the_last_bucket_has_its_age_too() {
    let base = testkit::path("cases/behaviour/deal.toml");
    let base = base.to_string_lossy();
    let deal = [("../behaviour/deal.toml", &*base)];
    let late =
        [("月费率(%)\n", "月费率(%),逾期天数\n"), ("1200.00,6,0,0.5\n", "1200.00,6,0,0.5,117\n")];
    let found = [&late[..0], &late[..]].map(|late| {
        let files = [("pool.csv", late), ("deal.toml", &deal[..]), ("assumptions.toml", &[])];
        let (model, run) = testkit::run(&testkit::case_changed("delinquency", &files));
        let line = model.line("pool.recovered").expect("recoveries");
        [1, 2].map(|month| run.value(line, month, 0))
    });
    assert_eq!(found, [[0, 24_000], [24_000, 0]]);
}
