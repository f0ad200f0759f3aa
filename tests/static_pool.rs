//! Static pools: the published vectors, a script of other design (`fixtures/cases/static_pool/`), and
//! every finding about a servicer's table.

mod testkit;

use std::path::{Path, PathBuf};

use cashfall::finding::{Finding, Lang, catalogue, render};
use cashfall::money::{Amount, Rate};
use cashfall::report::{Labels, ReportLang, static_pool_workbook};
use cashfall::static_pool::{
    Average, Base, BaseCase, Exclusion, Figure, Ladder, Method, Options, Rating, Ratios,
    StaticPool, Study, Terms, Triangle, Ways, read,
};
use expect_test::expect_file;
use serde_json::Value;

fn table(name: &str) -> StaticPool {
    let path = testkit::path("cases/static_pool").join(name);
    let read = read(&path, &Options::default()).expect("the table can be read");
    testkit::accept(read).expect("a table without errors")
}

fn json(name: &str) -> Value {
    serde_json::from_str(&testkit::fixture(name)).expect("JSON")
}

fn vectors() -> Value {
    json("cases/worked_example_cn/vectors.json")
}

fn expected() -> Value {
    json("cases/static_pool/expected.json")
}

fn method() -> Method {
    Method { tail: "1.03".parse().expect("a factor"), ..Method::default() }
}

fn ladder(method: &Method) -> (StaticPool, Ladder) {
    let pool = table("triangle.csv");
    let triangle = Triangle::of_defaults(&pool).expect("defaults by vintage");
    (pool, Ladder::new(triangle, method))
}

fn base(method: &Method, terms: &Terms) -> BaseCase {
    let (pool, ladder) = ladder(method);
    BaseCase::new(&pool, &ladder, terms).expect("vintages that count")
}

fn percent(share: f64, places: usize) -> String {
    format!("{:.places$}", 100.0 * share)
}

fn june(mob: Option<u32>) -> Exclusion {
    Exclusion { vintage: "2025-06-01".parse().expect("a day"), mob }
}

/// Factors, ultimates, base case, deviation and timing of the worked example, to their printed places.
#[test]
fn chain_ladder() {
    let vectors = vectors();
    let printed = &vectors["static_pool"];
    let (_, ladder) = ladder(&method());
    let case = base(&method(), &Terms::default());
    for (place, mob) in ladder.triangle.mobs.iter().enumerate() {
        if let Some(next) = ladder.triangle.mobs.get(place + 1) {
            let link = format!("{:.6}", ladder.links[place].expect("known"));
            assert_eq!(printed["age_to_age"][format!("{mob}->{next}")], link);
        }
        let mob = mob.to_string();
        let factor = format!("{:.6}", ladder.to_ultimate[place]);
        assert_eq!(printed["cumulative_factor_to_ultimate"][&mob], factor);
        assert_eq!(printed["cumulative_timing_pct"][&mob], percent(ladder.timing[place], 4));
    }
    assert_eq!(ladder.ultimates.len(), 8);
    for (place, end) in ladder.ultimates.iter().enumerate() {
        let name = &ladder.triangle.names[place];
        assert_eq!(printed["ultimate_default"][name], format!("{:.4}", end.amount));
        assert_eq!(printed["ultimate_cdr_pct"][name], percent(end.ratio, 6));
    }
    assert_eq!(printed["base_case_volume_weighted_pct"], percent(case.base, 6));
    assert_eq!(printed["simple_mean_pct"], percent(case.mean, 6));
    assert_eq!(printed["sample_stdev_pct"], percent(case.deviation.expect("eight"), 6));
    assert!(ladder.timing.windows(2).all(|pair| pair[0] <= pair[1]), "timing never falls");
}

/// Base × multiple and the quantiles of the lognormal fit, side by side, to their printed places.
#[test]
fn stress() {
    let vectors = vectors();
    let printed = &vectors["stress"];
    let names = ["AAA", "AA+", "AA", "A", "BBB"];
    let rating = |name: &str| {
        let multiple = printed["inputs"]["multiples"][name].as_str().expect("a multiple");
        let probability = printed["inputs"]["target_default_probability"][name].to_string();
        Rating {
            name: name.to_string(),
            multiple: multiple.parse().ok(),
            probability: probability.parse().ok(),
        }
    };
    let terms = Terms { ratings: names.map(rating).to_vec(), ..Terms::default() };
    let case = base(&method(), &terms);
    let fit = case.lognormal.expect("a fit");
    assert_eq!(printed["lognormal_mu"], format!("{:.8}", fit.mu));
    assert_eq!(printed["lognormal_sigma"], format!("{:.8}", fit.sigma));
    assert_eq!(case.stressed.len(), 5);
    for stressed in &case.stressed {
        let name = &stressed.rating.name;
        let multiple = percent(stressed.by_multiple.expect("a multiple"), 6);
        assert_eq!(printed["multiple_stressed_cdr_pct"][name], multiple);
        let quantile = percent(stressed.by_quantile.expect("a quantile"), 6);
        assert_eq!(printed["lognormal_target_cdr_pct"][name], quantile);
    }
}

/// Rolls by month, their means and the chain to default, to their printed places.
#[test]
fn roll_rates() {
    let vectors = vectors();
    let printed = &vectors["roll_rate"];
    let studies = Study::of_each(&table("dynamic.csv"), &Ways::default());
    let rolls = studies[0].rolls.as_ref().expect("buckets");
    let names = ["M0->M1", "M1->M2", "M2->M3", "M3->NEW_DEFAULT"];
    assert_eq!(rolls.rolls.len(), names.len());
    for (roll, name) in rolls.rolls.iter().zip(names) {
        let rates: Vec<String> =
            roll.rates.iter().map(|(_, rate)| percent(rate.expect("known"), 4)).collect();
        assert_eq!(printed["monthly_pct"][name], serde_json::json!(rates));
        let mean = percent(roll.mean.expect("three months"), 6);
        assert_eq!(printed["last3_avg_pct"][name], mean);
    }
    let flow = percent(rolls.gross_flow().expect("a chain"), 6);
    assert_eq!(printed["gross_flow_M0_to_default_pct"], flow);
    let yearly = percent(rolls.yearly().expect("a chain"), 6);
    assert_eq!(printed["annualised_simple_pct"], yearly);
}

/// Both prepayment rates, their yearly forms and default rates, to their printed places.
#[test]
fn smm_cpr() {
    use cashfall::analytics::{
        YearPart, annual_from_monthly, monthly_from_annual, smm_of_opening, smm_of_scheduled,
    };
    let vectors = vectors();
    let printed = &vectors["speeds"];
    let input = |name: &str| printed["inputs"][name].as_f64().expect("a number");
    let (opening, prepaid) = (input("begin"), input("prepaid"));
    let two = smm_of_scheduled(prepaid, opening, input("scheduled")).expect("a balance");
    let one = smm_of_opening(prepaid, opening).expect("a balance");
    let mdr = smm_of_opening(input("default"), opening).expect("a balance");
    assert_eq!(printed["smm_type2_pct"], percent(two, 6));
    assert_eq!(printed["cpr_type2_pct"], percent(annual_from_monthly(two), 6));
    assert_eq!(printed["smm_type1_pct"], percent(one, 6));
    assert_eq!(printed["cpr_type1_pct"], percent(annual_from_monthly(one), 6));
    assert_eq!(printed["mdr_pct"], percent(mdr, 6));
    assert_eq!(printed["annual_cdr_pct"], percent(annual_from_monthly(mdr), 6));
    let by_days = monthly_from_annual(0.10, YearPart::Days(31));
    assert_eq!(printed["smm_from_cpr_10pct_31_365"], percent(by_days, 6));
}

#[test]
fn other_averages_and_exclusions_equal_the_script() {
    let expected = expected();
    let terms = Terms::default();
    let weighted = |method: &Method, terms: &Terms| percent(base(method, terms).weighted, 6);
    let simple = Method { average: Average::Simple, ..method() };
    assert_eq!(expected["simple"], weighted(&simple, &terms));
    let last = Method { last: Some(3), ..method() };
    assert_eq!(expected["last_3"], weighted(&last, &terms));
    let without = Method { exclude: vec![june(None)], ..method() };
    let of_others = Terms { exclude: vec![june(None)], ..Terms::default() };
    assert_eq!(expected["without_june"], weighted(&without, &of_others));
    let cell = Method { exclude: vec![june(Some(6))], ..method() };
    assert_eq!(expected["without_june_at_6"], weighted(&cell, &terms));
    let volume = Method { min_volume: "14".parse().expect("an amount"), ..method() };
    assert_eq!(expected["from_14"], weighted(&volume, &terms));
}

#[test]
fn the_back_test_and_the_base_case_beyond_the_ladder_equal_the_script() {
    let expected = expected();
    let (_, ladder) = ladder(&method());
    let test = ladder.back_test(3);
    let found = serde_json::json!([
        percent(test.error().expect("an error"), 6),
        percent(test.mean_absolute_error().expect("an error"), 6),
        test.rows.len(),
    ]);
    assert_eq!(expected["back_test"], found);
    let rate = |text: &str| text.parse::<Rate>().expect("a rate");
    let terms = Terms {
        add_on: rate("0.12 %"),
        round_up: rate("0.05 %"),
        purchased: rate("3.5"),
        sigma_floor: rate("0.25"),
        ratings: vec![Rating {
            name: "AAA".to_string(),
            multiple: None,
            probability: Some(rate("0.1 %")),
        }],
        ..Terms::default()
    };
    let case = base(&method(), &terms);
    assert_eq!(expected["raised"], percent(case.base, 6));
    assert_eq!(expected["with_purchases"], percent(case.revolving, 6));
    let quantile = case.stressed[0].by_quantile.expect("a quantile");
    assert_eq!(expected["floored_quantile_aaa"], percent(quantile, 6));
}

#[test]
fn curves_and_ratios_of_a_long_table_equal_the_script() {
    let expected = expected();
    let pool = table("long.csv");
    let studies = Study::of_each(&pool, &Ways::default());
    assert_eq!(studies.len(), 2);
    for study in &studies {
        let rates = |rates: &[cashfall::static_pool::AgeRate]| {
            let rates = rates.iter().map(|rate| format!("{:.12}", rate.rate));
            serde_json::json!(rates.collect::<Vec<_>>())
        };
        let of = |key: &str| &expected[format!("{key} {}", study.product)];
        assert_eq!(of("mdr"), &rates(&study.curves.mdr), "{}", study.product);
        assert_eq!(of("smm"), &rates(&study.curves.smm), "{}", study.product);
        let recovery = study.curves.recovery_rate.expect("recoveries");
        assert_eq!(of("recovery"), &format!("{recovery:.12}"));
    }
    let ratios = Ratios::of(&pool);
    let last = ratios.by_month.iter().map(|ratio| ratio.date).max().expect("months");
    let is = |ratio: &&cashfall::static_pool::Ratio| {
        ratio.date == last && ratio.figure == Figure::CumDefault
    };
    let ratio = ratios.by_month.iter().find(is).expect("defaults of the last month");
    assert_eq!(expected["by month"]["cum_default"], ratio.numerator.to_string());
    for base in [Base::Original, Base::Opening, Base::Closing, Base::EverToDate] {
        let share = format!("{:.12}", ratio.on(base).expect("a base"));
        assert_eq!(expected["by month"][base.name()], share, "{}", base.name());
    }
}

#[test]
fn a_history_of_receivables_becomes_the_vintages_of_the_script() {
    let expected = expected();
    let pool = table("loans.csv");
    for vintage in &pool.vintages {
        let last = *vintage.months.keys().next_back().expect("months");
        let found = [vintage.original, vintage.cum_default(last).expect("defaults")];
        let found = found.map(|amount| amount.to_string());
        assert_eq!(
            expected["history"][vintage.name().trim_start_matches("BT ")],
            serde_json::json!(found)
        );
    }
    let study = &Study::of_each(&pool, &Ways::default())[0];
    let rate = study.curves.recovery_rate.expect("recoveries");
    assert_eq!(expected["history recovery"], format!("{rate:.12}"));
    let lag: i64 = study.curves.recovery_lag.iter().map(|share| share.parts()).sum();
    assert_eq!(lag, Rate::ONE.parts(), "the lag sums to 1");
    assert!(pool.vintages.iter().all(|vintage| vintage.original > Amount::ZERO));
}

/// The fitted curves are an assumptions file that a deal takes, with its provenance on top.
#[test]
fn fitted_curves_become_assumptions_that_a_deal_takes() {
    use cashfall::assumptions::{Assumptions, Curve, Defaults, Prepayment};
    for (name, segments) in [("long.csv", 2), ("loans.csv", 1), ("triangle.csv", 1)] {
        let folder = testkit::recalculate::fresh("fitted");
        let out = folder.join("fitted.toml");
        let said = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .arg("static")
            .arg(testkit::path("cases/static_pool").join(name))
            .args(["--tail", "1.03", "--assumptions"])
            .arg(&out)
            .output()
            .expect("the program starts");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let text = std::fs::read_to_string(&out).expect("written");
        let fitted = testkit::accept(Assumptions::from_toml("fitted.toml", &text));
        assert_eq!(fitted.segments.len(), segments, "{name}");
        assert!(fitted.segments.iter().all(|segment| segment.by_age));
        let pool = table(name);
        let provenance = [&pool.file, &pool.sha256, "chain ladder", "tail 1.03"];
        assert!(provenance.iter().all(|known| text.contains(*known)), "{text}");
        let study = &Study::of_each(&pool, &Ways { method: method(), ..Ways::default() })[0];
        match &fitted.segments[0].default {
            Defaults::Mdr(Curve::Vector(rates)) => {
                let scaled = study.curves.scaled.as_ref().expect("balances and a base case");
                let first = study.curves.mdr.iter().find(|rate| rate.age == 2).expect("an age");
                let second = Rate::from_f64(first.rate * scaled.factor);
                assert_eq!(rates[1], second, "the second month on book");
                let Prepayment::Smm(Curve::Vector(_)) = &fitted.segments[0].prepayment else {
                    panic!("{name}: a prepayment by age");
                };
            }
            Defaults::Cumulative { ratio, timing } => {
                assert_eq!(*ratio, Rate::from_f64(study.base.as_ref().expect("a base").base));
                // 17.8842 % by month 4, the rest of the published timing after it, 2.9126 % beyond.
                let by = |month: usize| {
                    let sum: i64 = timing[..month].iter().map(|share| share.parts()).sum();
                    percent(Rate::from_parts(sum).to_f64(), 4)
                };
                assert_eq!([by(4), by(5), by(12)], ["17.8842", "37.3653", "100.0000"]);
                assert_eq!((timing.len(), percent(timing[11].to_f64(), 4)), (12, "2.9126".into()));
            }
            other => panic!("{name}: {other:?}"),
        }
        let deal = testkit::path("cases/worked_example_cn/deal.toml");
        let request = cashfall::job::Request {
            deal,
            assumptions: Some(out),
            threads: 1,
            ..cashfall::job::Request::default()
        };
        let opened = cashfall::job::Job::open(&request).expect("files").into_parts();
        if let Some(job) = opened.0 {
            let (model, run) = testkit::run(&job);
            let line = model.line("pool.default").expect("a line");
            assert!(run.total(line) > Amount::ZERO, "{name}: something defaults");
        } else {
            // The worked example's product is not one of the long table's.
            assert!(opened.1.iter().all(|f| f.code.starts_with("A02")), "{:?}", opened.1);
        }
        std::fs::remove_dir_all(folder).expect("a temporary folder");
    }
}

/// The assumptions file that the program writes of a table, with some options.
fn written(table: &Path, options: &[&str]) -> (String, cashfall::assumptions::Assumptions) {
    let folder = testkit::recalculate::fresh("scaled");
    let out = folder.join("fitted.toml");
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .arg("static")
        .arg(table)
        .args(options)
        .arg("--assumptions")
        .arg(&out)
        .output()
        .expect("the program starts");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = std::fs::read_to_string(&out).expect("written");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    let read = cashfall::assumptions::Assumptions::from_toml("fitted.toml", &text);
    (text, testkit::accept(read))
}

/// The base cases that the screen states, and those that the curves of the file make on the amount
/// lent, summed by hand over the run-off of the table.
fn screen_and_file(name: &str, options: &[&str]) -> Vec<[String; 2]> {
    use cashfall::assumptions::{Curve, Defaults};
    use cashfall::static_pool::Measure;
    let path = testkit::path("cases/static_pool").join(name);
    let said = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .arg("static")
        .arg(&path)
        .args(options)
        .args(["--json"])
        .output()
        .expect("the program starts");
    let screen: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    let (_, fitted) = written(&path, options);
    let pool = table(name);
    let products = screen["products"].as_array().expect("products");
    let pairs = products.iter().zip(&fitted.segments).map(|(product, segment)| {
        let Defaults::Mdr(Curve::Vector(rates)) = &segment.default else { panic!("{name}") };
        let pool = pool.of_product(product["product"].as_str().expect("a name"));
        let (mut defaulted, mut balance) = (0.0, 1.0);
        for (rate, mob) in rates.iter().zip(1 + pool.mob_base..) {
            let (mut closing, mut good) = (0.0, 0.0);
            for vintage in &pool.vintages {
                let end = vintage.months.get(&mob).and_then(|m| m.get(Measure::BalanceEnd));
                let opening = vintage.opening(mob).zip(vintage.new_default(mob));
                let Some((end, (opening, default))) = end.zip(opening) else { continue };
                closing += end.to_f64();
                good += opening.to_f64() - default.to_f64();
            }
            let default = balance * rate.to_f64();
            defaulted += default;
            balance = (balance - default) * if good > 0.0 { closing / good } else { 0.0 };
        }
        let base = product["base_case"]["base"].as_str().expect("a base case");
        [percent(base.parse().expect("a rate"), 6), percent(defaulted, 6)]
    });
    pairs.collect()
}

/// What the file makes of the amount lent is the base case on the screen, whatever it is made of.
#[test]
fn the_curves_of_the_file_make_the_base_case_of_the_screen() {
    let ways: [&[&str]; 8] = [
        &[],
        &["--tail", "1.5"],
        &["--add-on", "2 %"],
        &["--tail", "1.5", "--add-on", "2 %"],
        &["--round-up", "0.5 %"],
        &["--trend", "fit"],
        &["--exclude", "2025-03"],
        &["--average", "simple", "--last", "3"],
    ];
    let mut bases = std::collections::BTreeSet::new();
    for options in ways {
        for name in ["long.csv", "bullet.csv"] {
            for [screen, file] in screen_and_file(name, options) {
                assert_eq!(screen, file, "{name} {options:?}");
                bases.insert((name, screen));
            }
        }
    }
    assert!(bases.len() > 12, "the options change the base case: {bases:?}");
    let expected = expected();
    for (name, options) in [("plain", &[][..]), ("raised", &["--tail", "1.5", "--add-on", "2 %"])] {
        let (text, _) = written(&testkit::path("cases/static_pool/long.csv"), options);
        for product in ["白条", "金条"] {
            let factor = expected[format!("factor {name} {product}")].as_str().expect("a factor");
            let factor: f64 = factor.parse().expect("a number");
            let of_file = text.split("observed rates × ").skip(1).map(|rest| &rest[..14]);
            let mut of_file = of_file.map(|text| text.parse::<f64>().expect("a number"));
            assert!(of_file.any(|ours| (ours - factor).abs() < 2e-9), "{factor}: {text}");
        }
    }
}

/// A run of one vintage that repays at its end, with the file of vintages that do: what defaults is
/// the base case.
#[test]
fn a_run_with_the_file_defaults_by_the_base_case() {
    for options in [&[][..], &["--tail", "1.5", "--add-on", "2 %"]] {
        let table_file = testkit::path("cases/static_pool/bullet.csv");
        let (text, _) = written(&table_file, options);
        let [screen, _] = screen_and_file("bullet.csv", options).remove(0);
        let folder = testkit::recalculate::fresh("bullet");
        std::fs::write(folder.join("fitted.toml"), text).expect("a temporary file");
        let heads = "借据号,客户号,产品名称,还款方式,放款日,首期应还日,还款日,初始本金(元),未偿本金(元),总期数,已还期数,年利率(%)";
        let row =
            "R1,U1,白条,按月付息到期还本,2025-12-31,2026-01-28,28,100000000.00,100000000.00,11,0,6";
        let deal = r#"
[deal]
name = "Bullet"
[pool]
tape = "pool.csv"
assumptions = "fitted.toml"
cutoff = 2025-12-31
[dates]
closing = 2026-01-15
first_payment = 2026-02-15
legal_maturity = 2026-12-15
calendar = "SSE"
[[tranche]]
id = "A"
face = 90000000.00
coupon = "3 %"
[[tranche]]
id = "SUB"
face = 10000000.00
subordinated = true
[[step]]
pay = [{ tranche = "A", due = "interest" }]
[[step]]
pay = [{ tranche = "A", due = "principal" }]
[[step]]
pay = [{ tranche = "SUB", due = "principal" }, { tranche = "SUB", due = "remainder" }]
"#;
        std::fs::write(folder.join("pool.csv"), format!("{heads}\n{row}\n")).expect("a file");
        std::fs::write(folder.join("deal.toml"), deal).expect("a file");
        let deal = folder.join("deal.toml");
        let request =
            cashfall::job::Request { deal, threads: 1, ..cashfall::job::Request::default() };
        let opened = cashfall::job::Job::open(&request).expect("files");
        let job = testkit::accept(opened).expect("accepted");
        let (model, run) = testkit::run(&job);
        let defaulted = run.total(model.line("pool.default").expect("a line"));
        assert_eq!(percent(defaulted.to_f64() / 1e8, 6), screen, "{options:?}");
        std::fs::remove_dir_all(folder).expect("a temporary folder");
    }
}

// The workbook -------------------------------------------------------------------------------------

fn workbooks() -> Vec<(String, cashfall::report::Workbook)> {
    let rate = |text: &str| text.parse::<Rate>().expect("a rate");
    let rating = |name: &str, multiple: &str, probability: &str| Rating {
        name: name.to_string(),
        multiple: Some(rate(multiple)),
        probability: Some(rate(probability)),
    };
    let terms = Terms {
        add_on: rate("0.07 %"),
        round_up: rate("0.05 %"),
        purchased: rate("3.5"),
        ratings: vec![rating("AAA", "5", "0.1 %"), rating("BBB", "2", "4 %")],
        ..Terms::default()
    };
    let plain = Ways { method: method(), terms, ..Ways::default() };
    let simple = Ways {
        method: Method {
            average: Average::Simple,
            last: Some(4),
            exclude: vec![june(None)],
            ..method()
        },
        terms: Terms { exclude: vec![june(None)], fit_trend: true, ..plain.terms.clone() },
        ..plain.clone()
    };
    let tables = ["triangle.csv", "long.csv", "dynamic.csv", "loans.csv"];
    let langs = [ReportLang::Both, ReportLang::En, ReportLang::Zh, ReportLang::En];
    let all = tables.iter().zip(langs).flat_map(|(name, lang)| {
        let pool = table(name);
        [("plain", &plain), ("simple", &simple)].map(|(way, ways)| {
            let studies = Study::of_each(&pool, ways);
            let workbook = static_pool_workbook(&pool, &studies, ways, &Labels::new(lang));
            (format!("{}_{way}", name.trim_end_matches(".csv")), workbook)
        })
    });
    all.collect()
}

/// Every step of the base case, recalculated by LibreOffice from wrong caches, is the engine's.
#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn every_step_of_the_base_case_recalculates() {
    for (name, cells) in testkit::recalculate::recalculated(&workbooks()) {
        assert!(cells > 30, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}

#[test]
fn the_same_table_gives_the_same_workbook() {
    assert_eq!(workbooks(), workbooks());
    let (_, first) = &workbooks()[0];
    let names: Vec<&str> = first.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["Base case", "Triangle", "Ladder", "Curves", "Ratios"]);
    assert_eq!(first.sheets[3].charts[0].series.len(), 9, "eight vintages and the base case");
}

// Hostile tables -----------------------------------------------------------------------------------

mod hostile {
    use super::*;
    use proptest::prelude::*;

    const HEADS: [&str; 22] = [
        "vintage",
        "静态池",
        "产品",
        "original_amount",
        "发放金额(万元)",
        "mob",
        "账龄",
        "month",
        "balance_end",
        "normal",
        "m1",
        "m2",
        "new_default",
        "cum_default",
        "recovery",
        "cum_recovery",
        "prepaid",
        "scheduled_paid",
        "loan_id",
        "origination_date",
        "dpd",
        "0",
    ];
    const CELLS: [&str; 22] = [
        "2025-01",
        "2025-02",
        "2024-12-31",
        "9999-12",
        "0",
        "1",
        "2",
        "3",
        "600",
        "601",
        "-5",
        "0.005",
        "99999999999999",
        "100000000000",
        "1e300",
        "12.34",
        "1000",
        "5 %",
        "合计",
        "无",
        "白条",
        "",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        /// Whatever a table holds, it is read or its faults are told: nothing panics, and what is
        /// read can be written as a workbook and as assumptions that are read back.
        #[test]
        fn no_table_makes_it_panic(
            heads in proptest::sample::subsequence(HEADS.to_vec(), 2..10),
            rows in proptest::collection::vec(
                proptest::collection::vec(proptest::sample::select(CELLS.to_vec()), 2..10), 0..12),
        ) {
            let lines = std::iter::once(heads.join(",")).chain(rows.iter().map(|row| row.join(",")));
            let folder = testkit::recalculate::fresh("hostile");
            let file = folder.join("table.csv");
            std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).expect("a temporary file");
            let (pool, findings) = read(&file, &Options::default()).expect("a text").into_parts();
            prop_assert!(pool.is_some() || !findings.is_empty());
            if let Some(pool) = pool {
                let rating = Rating {
                    name: "AAA".to_string(),
                    multiple: Some(Rate::ONE),
                    probability: "0.1 %".parse().ok(),
                };
                let terms = Terms { ratings: vec![rating], ..Terms::default() };
                let ways = Ways { terms, ..Ways::default() };
                let studies = Study::of_each(&pool, &ways);
                static_pool_workbook(&pool, &studies, &ways, &Labels::new(ReportLang::Both));
                let _ = Ratios::of(&pool);
                let segments: Vec<_> =
                    studies.iter().map(|s| (s.product.clone(), s.curves.clone())).collect();
                let provenance = cashfall::static_pool::Provenance {
                    file: pool.file.clone(),
                    sha256: pool.sha256.clone(),
                    date: chrono::NaiveDate::default(),
                    vintages: (String::new(), String::new(), pool.vintages.len()),
                    method: ways.method.clone(),
                    terms: ways.terms.clone(),
                };
                let text = cashfall::static_pool::to_toml(&segments, &provenance);
                let fitted = cashfall::assumptions::Assumptions::from_toml("a.toml", &text);
                let errors: Vec<_> = fitted.findings().iter().map(|f| f.code).collect();
                prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
            }
            std::fs::remove_dir_all(folder).expect("a temporary folder");
        }
    }
}

// Findings -----------------------------------------------------------------------------------------

fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(testkit::path("broken")).expect("the folder of fixtures");
    let mut cases: Vec<PathBuf> = folders
        .map(|entry| entry.expect("a folder").path())
        .filter(|path| code(path).starts_with('V'))
        .collect();
    cases.sort();
    cases
}

fn code(folder: &Path) -> String {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy();
    name.split('_').next().expect("a code stands before the name").to_string()
}

fn findings(folder: &Path) -> Vec<Finding> {
    let read = read(&folder.join("table.csv"), &Options::default()).expect("a table");
    let (pool, mut findings) = read.into_parts();
    let studies = pool.map(|pool| Study::of_each(&pool, &Ways::default()));
    findings.extend(studies.iter().flatten().flat_map(Study::findings));
    findings
}

#[test]
fn every_broken_table_gives_its_page() {
    // Those about a deal's months are under test beside the tracking.
    let tracked = |folder: &PathBuf| ("V0130".."V0140").contains(&code(folder).as_str());
    for folder in cases().into_iter().filter(|folder| !tracked(folder)) {
        let findings = findings(&folder);
        let page = format!("{}\n{}", render(&findings, Lang::Zh), render(&findings, Lang::En));
        expect_file![folder.join("expected.txt")].assert_eq(&page);
        let code = code(&folder);
        assert!(findings.iter().any(|f| f.code == code), "{} gives {code}", folder.display());
        assert!(findings.iter().all(|f| f.code == code), "{} gives {code} alone", folder.display());
        assert!(!page.contains('{'), "no figure is left open: {page}");
    }
}

#[test]
fn every_finding_about_static_pools_has_a_broken_fixture() {
    let broken: Vec<String> = cases().iter().map(|folder| code(folder)).collect();
    let codes = catalogue().keys().filter(|code| code.starts_with('V'));
    let missing: Vec<&String> = codes.filter(|code| !broken.contains(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}
