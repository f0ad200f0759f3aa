//! Stress: overlays that change nothing when they are neutral, and only for the worse when they are
//! not; scenarios; break-even.

mod testkit;

use cashfall::assumptions::{
    Assumptions, Curve, Defaults, Prepayment, Scenario, SegmentStress, Shock, Stress, Window,
};
use cashfall::finding::Lang;
use cashfall::job::Job;
use cashfall::model::Inputs;
use cashfall::money::{Amount, Rate};
use cashfall::report::ReportLang;
use proptest::prelude::*;
use testkit::case_with;

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

/// The worked example under assumptions with every kind of default.
fn example() -> Job {
    case_with("worked_example_cn", Some("../stress/assumptions.toml"))
}

fn scenarios() -> Vec<Scenario> {
    let text = testkit::fixture("cases/stress/scenarios.toml");
    testkit::accept(Scenario::from_toml("scenarios.toml", &text))
}

fn assumptions(text: &str) -> Assumptions {
    testkit::accept(Assumptions::from_toml("assumptions.toml", text))
}

/// A line's values after closing.
fn line(job: &Job, key: &str) -> Vec<i64> {
    let (model, run) = testkit::run(job);
    let line = model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    run.line(line)[run.line(line).len() / (model.timeline.len(model.lines[line.0].axis) + 1)..]
        .to_vec()
}

fn stressed(job: &Job, stress: &Stress) -> Job {
    job.with_assumptions(stress.on(&job.assumptions))
}

// Neutral ------------------------------------------------------------------------------------------

/// Multiple 1, shift 0, haircut 0, no delay, empty windows: the same report to the byte.
#[test]
fn a_neutral_stress_changes_nothing_to_the_byte() {
    let neutral = "[stress]\ndefault_multiple = 1\ndefault_shift = 0\nprepayment_multiple = \"100 %\"\n\
                   recovery_haircut = 0\nrecovery_delay = 0\nholiday = { start = 2, months = 0 }\n\
                   shock = { start = 1, months = 6, multiple = 1 }\n\
                   segment = [{ name = \"白条\", default_multiple = 1 }]\n";
    let file = testkit::fixture("cases/stress/assumptions.toml");
    let (plain, overlaid) = (assumptions(&file), assumptions(&format!("{neutral}{file}")));
    let job = example();
    let folder = testkit::recalculate::fresh("neutral");
    let bytes = |name: &str, assumptions: Assumptions| {
        let job = job.with_assumptions(assumptions);
        let (model, run) = testkit::run(&job);
        let workbook = job.workbook(&model, &Inputs::of(&model), &run, ReportLang::Both);
        let path = folder.join(name);
        cashfall::report::write_xlsx(&workbook, &path, cashfall::report::Caches::Right)
            .expect("written");
        std::fs::read(path).expect("just written")
    };
    assert_eq!(bytes("plain.xlsx", plain), bytes("overlaid.xlsx", overlaid));
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}

#[test]
fn a_default_stress_is_the_same_assumptions() {
    for job in [example(), testkit::case("behaviour"), testkit::case("lendingclub")] {
        assert_eq!(Stress::default().on(&job.assumptions), job.assumptions);
    }
}

// Lowering -----------------------------------------------------------------------------------------

#[test]
fn multiples_shifts_and_timing_are_lowered_into_the_segments() {
    let base = assumptions(&testkit::fixture("cases/stress/assumptions.toml"));
    let stress = Stress {
        default_multiple: rate("2.5"),
        default_shift: rate("1 %"),
        timing: Some([rate("0.5"), rate("0.3"), rate("0.2")]),
        prepayment_multiple: rate("0.5"),
        recovery_haircut: rate("25 %"),
        recovery_delay: 2,
        ..Stress::default()
    };
    let [baitiao, jintiao] = &stress.on(&base).segments[..] else { panic!("two segments") };
    let Defaults::Cumulative { ratio, timing } = &baitiao.default else { panic!("cumulative") };
    assert_eq!(*ratio, rate("11 %"), "4 % × 2.5 + 1 %");
    let shown: Vec<String> = timing.iter().map(|share| share.percent()).collect();
    assert_eq!(shown, ["25 %", "25 %", "15 %", "15 %", "10 %", "10 %"]);
    assert_eq!(baitiao.prepayment, Prepayment::Smm(Curve::Constant(rate("0.5 %"))));
    let rates = ["1 %", "2.25 %", "3.5 %"].map(rate).to_vec();
    assert_eq!(jintiao.default, Defaults::Mdr(Curve::Vector(rates)));
    assert_eq!(jintiao.prepayment, Prepayment::Cpr(Curve::Constant(rate("6 %"))));
    let recovery = baitiao.recovery.as_ref().expect("a recovery");
    assert_eq!(recovery.rate, rate("15 %"), "20 % × 75 %");
    let lag: Vec<String> = recovery.lag.iter().map(ToString::to_string).collect();
    assert_eq!(lag, ["0", "0", "0", "0.6", "0.4"]);
}

/// No rate passes 100 %, and a ramp that would is cut.
#[test]
fn rates_stop_at_all() {
    let base = assumptions("[[segment]]\ncdr = { from = \"10 %\", to = \"40 %\", months = 4 }\n");
    let stress = Stress { default_multiple: rate("5"), ..Stress::default() };
    let rates = ["50 %", "100 %", "100 %", "100 %"].map(rate).to_vec();
    assert_eq!(stress.on(&base).segments[0].default, Defaults::Cdr(Curve::Vector(rates)));
}

/// The window of a shock counts months of projection, also where curves go by age.
#[test]
fn a_shock_multiplies_the_months_of_its_window_alone() {
    let shock = Shock { window: Window { start: 2, months: 2 }, multiple: rate("3") };
    let stress = Stress { shock: Some(shock), ..Stress::default() };
    for by in ["month", "age"] {
        for default in [
            "mdr = [\"1 %\", \"2 %\"]",
            "mdr = \"1 %\"",
            "cumulative_default_ratio = \"6 %\"\ndefault_timing = [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]",
        ] {
            let base = assumptions(&format!("[[segment]]\nby = \"{by}\"\n{default}\n"));
            let base = example().with_assumptions(base);
            let after = stressed(&base, &stress);
            let key = if default.starts_with("mdr") { "rates.mdr" } else { "rates.default_share" };
            let (plain, shocked) = (line(&base, key), line(&after, key));
            let cohorts = base.collateral.cohorts.len();
            assert!(plain.iter().any(|rate| *rate > 0));
            for (place, (plain, shocked)) in plain.iter().zip(&shocked).enumerate() {
                let within = (2..4).contains(&(place / cohorts + 1));
                let expected = if within { 3 * plain } else { *plain };
                assert_eq!(*shocked, expected, "{by} {default}: month {}", place / cohorts + 1);
            }
        }
    }
}

/// A shock rolls more of the current receivables in its months, and no others.
#[test]
fn a_shock_acts_on_roll_rates() {
    let shock = Shock { window: Window { start: 2, months: 2 }, multiple: rate("3") };
    let stress = Stress { shock: Some(shock), ..Stress::default() };
    let base = testkit::case("delinquency");
    let (model, run) = testkit::run(&stressed(&base, &stress));
    let of = |key: &str| model.line(key).unwrap_or_else(|| panic!("no line {key}"));
    let rolls = base.assumptions.segments.iter();
    let roll: Vec<_> = rolls.map(|s| s.delinquency.as_ref().map(|d| d.roll[0])).collect();
    let mut seen = 0;
    for month in 1..=model.timeline.len(cashfall::model::Axis::Months) {
        for (cohort, segment) in model.segment_of.iter().enumerate() {
            let Some(roll) = roll[*segment] else { continue };
            let times = if (2..4).contains(&month) { 3 } else { 1 };
            let current = run.value(of("collections.current"), month, cohort);
            let rolled = run.value(of("delinquency.m0.rolled"), month, cohort);
            let whole = i128::from(Rate::ONE.parts());
            let parts = i128::from(current) * i128::from(roll.parts() * times).min(whole);
            assert_eq!(i128::from(rolled), (2 * parts + whole) / (2 * whole), "month {month}");
            seen += i64::from(times == 3 && rolled > 0);
        }
    }
    assert!(seen > 0, "something rolls in the window");
}

/// In a holiday nothing falls due, and afterwards everything as it would have.
#[test]
fn a_holiday_postpones_the_contract_by_its_months() {
    let calm = example().without_stress();
    let stress = Stress { holiday: Some(Window { start: 2, months: 1 }), ..Stress::default() };
    let late = stressed(&calm, &stress);
    for key in ["pool.scheduled", "pool.interest", "pool.fee"] {
        let (plain, moved) = (line(&calm, key), line(&late, key));
        assert_eq!(moved[1], 0, "{key}: nothing in the second month");
        let mut expected = plain.clone();
        expected.insert(1, 0);
        // What falls due after the last collection month is not collected.
        expected.truncate(plain.len());
        assert_eq!(moved, expected, "{key}");
    }
}

#[test]
fn single_segments_may_be_stressed_by_name() {
    let job = example();
    let own = |name: &str, multiple: &str| SegmentStress {
        name: name.to_string(),
        default_multiple: Rate::ONE,
        prepayment_multiple: rate(multiple),
        origin: cashfall::finding::Origin::default(),
    };
    let stress =
        Stress { segments: vec![own("Jintiao", "4"), own("白条", "0")], ..Stress::default() };
    assert_eq!(stress.misfits(&job.assumptions), vec![]);
    let [baitiao, jintiao] = &stress.on(&job.assumptions).segments[..] else { panic!("two") };
    assert_eq!(baitiao.prepayment, Prepayment::Smm(Curve::Constant(Rate::ZERO)));
    assert_eq!(jintiao.prepayment, Prepayment::Cpr(Curve::Constant(rate("48 %"))));
    let wac = scenarios().into_iter().find(|scenario| scenario.id == "wac").expect("listed");
    assert_eq!(wac.stress.on(&job.assumptions), stress.on(&job.assumptions));
}

// Monotone -----------------------------------------------------------------------------------------

/// Sums so far.
fn cumulative(values: &[i64]) -> Vec<i64> {
    let mut sum = 0;
    values
        .iter()
        .map(|value| {
            sum += value;
            sum
        })
        .collect()
}

fn principal(job: &Job) -> Vec<i64> {
    let [scheduled, prepaid] = ["pool.scheduled", "pool.prepaid"].map(|key| line(job, key));
    cumulative(&scheduled.iter().zip(&prepaid).map(|(s, p)| s + p).collect::<Vec<_>>())
}

/// What the last tranche gets.
fn last_tranche(job: &Job) -> i64 {
    let (model, run) = testkit::run(job);
    let id = &job.deal.tranches.last().expect("tranches").id;
    ["interest_paid", "principal_paid", "remainder_paid"]
        .iter()
        .filter_map(|part| model.line(&format!("tranche.{id}.{part}")))
        .map(|line| run.total(line).minor())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// More default never collects more principal up to any month, give or take the rounding of each
    /// month and cohort, and never pays the last tranche more.
    #[test]
    fn a_higher_multiple_never_collects_more(low in 0_i64..400, more in 0_i64..600) {
        let job = example();
        let at = |hundredths: i64| {
            let default_multiple = Rate::from_parts(hundredths * (Rate::ONE.parts() / 100));
            stressed(&job, &Stress { default_multiple, ..Stress::default() })
        };
        let (mild, harsh) = (at(low), at(low + more));
        let slack = 2 * i64::try_from(job.collateral.cohorts.len()).expect("few");
        for (month, (mild, harsh)) in (1..).zip(principal(&mild).iter().zip(principal(&harsh))) {
            prop_assert!(harsh <= mild + slack * month, "month {}: {} > {}", month, harsh, mild);
        }
        prop_assert!(last_tranche(&harsh) <= last_tranche(&mild) + 100);
    }

    /// A deeper haircut or a longer delay never brings more back by any month.
    #[test]
    fn lower_or_later_recovery_never_brings_more(
        haircut in 0_i64..=100, deeper in 0_i64..=100, delay in 0_u32..4, later in 0_u32..4,
    ) {
        let job = example();
        let at = |hundredths: i64, recovery_delay: u32| {
            let recovery_haircut = Rate::from_parts(hundredths.min(100) * (Rate::ONE.parts() / 100));
            let stress = Stress { recovery_haircut, recovery_delay, ..Stress::default() };
            cumulative(&line(&stressed(&job, &stress), "pool.recovered"))
        };
        let (mild, harsh) = (at(haircut, delay), at(haircut + deeper, delay + later));
        for (month, (mild, harsh)) in (1..).zip(mild.iter().zip(&harsh)) {
            prop_assert!(*harsh <= mild + 4 * month, "month {}: {} > {}", month, harsh, mild);
        }
    }
}

// Scenarios ----------------------------------------------------------------------------------------

#[test]
fn a_grid_restates_the_live_scenario_and_each_overlay() {
    let job = example();
    let grid = job.grid(&scenarios());
    assert_eq!(grid.scenarios.len(), 6);
    for (outcome, scenario) in grid.scenarios[1..].iter().zip(scenarios()) {
        assert_eq!(outcome.id, scenario.id);
        let alone = stressed(&job, &scenario.stress);
        let (model, run) = testkit::run(&alone);
        for (row, tranche) in outcome.rows.iter().zip(&job.deal.tranches) {
            let of = |part: &str| {
                let line = model.line(&format!("tranche.{}.{part}", tranche.id));
                line.map_or(Amount::ZERO, |line| run.total(line))
            };
            let parts = ["interest_paid", "principal_paid", "remainder_paid"].map(of);
            assert_eq!(row.paid, parts, "{} {}", scenario.id, tranche.id);
            assert_eq!(row.principal_short, tranche.face - parts[1]);
            assert_eq!(row.paid_in_full, row.first_short.is_none());
        }
    }
}

/// At the break-even every cent is paid; a hair above it is not.
#[test]
fn the_break_even_is_the_last_multiple_that_pays() {
    let job = example();
    let grid = job.grid(&[]);
    let base = grid.scenarios[0].cdr;
    assert_eq!(grid.break_even.len(), 2, "two tranches are not subordinated");
    let mut former = Rate::from_parts(i64::MAX);
    for found in &grid.break_even {
        let multiple = found.multiple.expect("it is paid without default");
        let at = |parts: i64| {
            let default_multiple = Rate::from_parts(parts);
            let stress = Stress { default_multiple, ..Stress::default() };
            let scenario =
                Scenario { id: "x".to_string(), name: cashfall::config::Text::same("x"), stress };
            let grid = job.grid(&[scenario]);
            (grid.scenarios[1].rows[found.tranche].paid_in_full, grid.scenarios[1].cdr)
        };
        let (paid, cdr) = at(multiple.parts());
        assert!(paid && Some(cdr) == found.cdr && !found.never_breaks);
        // The next thousandth of a multiple fails.
        let (paid, above) = at(multiple.parts() + Rate::ONE.parts() / 1000);
        assert!(!paid && above > cdr, "{} breaks above", found.tranche);
        let cushion = Rate::from_parts(cdr.parts() - base.parts());
        assert_eq!(found.cushion, Some(cushion));
        assert!(cdr < former, "a junior tranche bears less");
        former = cdr;
    }
}

/// The sheet of the grid recalculates, and its control is zero.
#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn the_sheet_of_a_grid_recalculates() {
    let job = example();
    let grid = job.grid(&scenarios());
    let workbooks = [ReportLang::En, ReportLang::Both, ReportLang::Zh]
        .map(|lang| (format!("stress_{lang:?}").to_lowercase(), job.stress_workbook(&grid, lang)));
    let mut all = workbooks.to_vec();
    for scenario in scenarios() {
        let job = stressed(&job, &scenario.stress);
        let (model, run) = testkit::run(&job);
        let inputs = Inputs::of(&model);
        all.push((scenario.id, job.workbook(&model, &inputs, &run, ReportLang::En)));
    }
    // A segment that no receivable belongs to has rows of its own all the same.
    let nobody = testkit::fixture("cases/stress/assumptions.toml").replace("白条", "无");
    let job = job.with_assumptions(assumptions(&nobody));
    let (model, run) = testkit::run(&job);
    let workbook = job.workbook(&model, &Inputs::of(&model), &run, ReportLang::En);
    all.push(("nobody".to_string(), workbook));
    for (name, cells) in testkit::recalculate::recalculated(&all) {
        assert!(cells > 100, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}

#[test]
fn what_is_wrong_with_a_file_of_scenarios_is_said() {
    let (_, findings) = Scenario::from_toml("s.toml", "[[scenario]]\nid = \"a\"\ndefalt_multiple = 2\n[[scenario]]\nid = \"b\"\ndefault_timing = [0.5, 0.5]\nshock = { start = 2 }\n").into_parts();
    let said: Vec<String> =
        findings.iter().map(|f| format!("{} {}", f.code, f.message(Lang::En))).collect();
    assert_eq!(
        findings.iter().map(|f| f.code).collect::<Vec<_>>(),
        ["F0102", "F0104", "F0103", "F0103"],
        "{said:?}"
    );
}
