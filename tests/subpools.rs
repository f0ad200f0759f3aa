//! Several tapes in one deal: each a sub-pool with figures of its own, together the pool.

mod testkit;

use std::collections::BTreeMap;
use std::path::Path;

use cashfall::finding::Severity;
use cashfall::formula::LineId;
use cashfall::job::{Job, Portfolio, PortfolioRequest, Request};
use cashfall::model::{Axis, Dim, Inputs, Model, Run};
use cashfall::money::Amount;
use cashfall::report::ReportLang;
use testkit::recalculate::settled;
use testkit::{case, case_file, expected_csv};

fn line(model: &Model, key: &str) -> LineId {
    model.line(key).unwrap_or_else(|| panic!("no line {key}"))
}

/// A note stands before those of its own group; what bears the losses of both stands behind all.
#[test]
fn notes_rank_within_their_group() {
    let deal = case("two_pools").deal;
    let ids = |places: Vec<usize>| -> Vec<&str> {
        places.into_iter().map(|place| deal.tranches[place].id.as_str()).collect()
    };
    let ranks: Vec<Vec<&str>> = (0..4).map(|place| ids(deal.ranks_first(place))).collect();
    assert_eq!(ranks[0], ["IA"]);
    assert_eq!(ranks[1], ["IA", "IB"]);
    assert_eq!(ranks[2], ["IIA"]);
    assert_eq!(ranks[3], ["IA", "IB", "IIA", "SUB"]);
    let pools: Vec<Vec<usize>> =
        (0..4).map(|place| deal.collateral_of(place).into_iter().collect()).collect();
    assert_eq!(pools, [vec![0], vec![0], vec![1], vec![]]);
}

/// Every month of both groups and every payment against `fixtures/cases/two_pools/recompute.py`.
#[test]
fn two_groups_equal_the_script() {
    let job = case("two_pools");
    let (model, run) = testkit::run(&job);
    let figures = |keys: &[String], tick: usize| -> String {
        let at = |key: &String| run.amount(line(&model, key), tick).to_string();
        keys.iter().map(at).collect::<Vec<_>>().join(",")
    };
    let mut rows = vec!["row,group or tranche,number,figures".to_string()];
    const FLOWS: [&str; 8] =
        ["opening", "default", "scheduled", "prepaid", "interest", "fee", "recovered", "closing"];
    for group in ["I", "II"] {
        let keys = FLOWS.map(|flow| format!("pool.{group}.{flow}"));
        let months = 1..=model.timeline.len(Axis::Months);
        rows.extend(months.map(|month| format!("month,{group},{month},{}", figures(&keys, month))));
    }
    for payment in 1..=model.timeline.len(Axis::Payments) {
        let tripped = run.value(line(&model, "trigger.group_1.in_force"), payment, 0);
        for (group, number, tripped) in [("I", 1, tripped), ("II", 2, 0)] {
            let keys =
                [format!("account.group_{number}.collected"), format!("step.{number}.1.paid")];
            let figures = figures(&keys, payment);
            rows.push(format!("cash,{group},{payment},{figures},{tripped}"));
        }
        for tranche in ["IA", "IB", "IIA", "SUB"] {
            let of = |part: &str| {
                let found = model.line(&format!("tranche.{tranche}.{part}"));
                found.map_or(Amount::ZERO, |line| run.amount(line, payment)).to_string()
            };
            let parts = ["interest_paid", "principal_paid", "remainder_paid", "closing_balance"];
            rows.push(format!("tranche,{tranche},{payment},{}", parts.map(of).join(",")));
        }
    }
    expected_csv("two_pools/expected.csv", &rows);
}

/// The keys of the pool's single lines that both groups have too, each with theirs.
fn shared(model: &Model) -> BTreeMap<String, [LineId; 3]> {
    let single = model.lines.iter().filter(|line| line.dim == Dim::One);
    let figures = single.filter_map(|line| line.key.strip_prefix("pool."));
    let whole = figures.filter_map(|figure| {
        let of = |whose: &str| model.line(&format!("pool{whose}.{figure}"));
        Some((figure.to_string(), [of("")?, of(".I")?, of(".II")?]))
    });
    whole.collect()
}

fn sums_agree(model: &Model, run: &Run, wanted: &[&str]) {
    let shared = shared(model);
    for figure in wanted {
        assert!(shared.contains_key(*figure), "{figure} is not there by group");
    }
    for (figure, [whole, one, two]) in shared {
        for tick in 0..=model.timeline.len(Axis::Months) {
            let [whole, one, two] = [whole, one, two].map(|line| run.amount(line, tick));
            assert_eq!(whole, one + two, "{figure}, month {tick}");
        }
    }
}

/// Every total of the pool is the sum of its groups', month by month: with arrears, refunds,
/// repurchases, slow collections and a call as without.
#[test]
fn the_groups_sum_to_the_pool() {
    let (model, run) = testkit::run(&case("two_pools"));
    sums_agree(&model, &run, &["opening", "closing", "cash", "cumulative_default", "recovered"]);
    let (model, run) = testkit::run(&case_file("two_pools/harsh.toml"));
    let called = line(&model, "call.exercised");
    let last = model.timeline.len(Axis::Payments);
    assert_eq!(run.value(called, last, 0), 1, "the pool is sold in the end");
    let harsh =
        ["delinquent_30", "late_fee", "diluted", "repurchase_paid", "interest.late.1", "m2"];
    sums_agree(&model, &run, &harsh);
}

/// What is bought counts in the group that it is bought for: 30 % of the money in the first, the rest
/// where the terms of purchase put it.
#[test]
fn purchases_count_in_their_group() {
    let (model, run) = testkit::run(&case_file("two_pools/revolving.toml"));
    sums_agree(&model, &run, &["purchased", "cumulative_purchased"]);
    let total = |key: &str| run.total(line(&model, key));
    let [whole, one, two] = ["pool.purchased", "pool.I.purchased", "pool.II.purchased"].map(total);
    assert_eq!(whole, one + two);
    assert_eq!(whole.to_string(), "18467.42");
    // To the cent of each purchase: ten of them at most.
    let thirty = whole.minor() * 30 / 100;
    assert!((one.minor() - thirty).abs() <= 10, "{one} of {whole}");
}

/// The same receivables in one tape, with the group as a text column and the segments cut by it, pay
/// the same to the cent: what a sub-pool adds is names, not figures.
#[test]
fn two_tapes_pay_as_one_tape_does() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("subpools_as_one");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("a temporary file");
    };
    let head = "借据号,产品名称,还款方式,放款日,首期应还日,初始本金(元),未偿本金(元),总期数,已还期数,月费率(%)";
    let rows = [
        "B1,白条分期,等本等费,2025-12-10,2026-01-10,6433.00,6433.00,6,0,0.55",
        "B2,白条免息,等本等费,2025-06-12,2025-07-12,9000.00,4500.00,12,6,0",
        "B3,白条分期,等本等费,2025-11-20,2025-12-20,3000.00,2500.00,6,1,0.6",
        "B4,白条免息,等本等费,2025-09-05,2025-10-05,4800.00,3600.00,12,3,0",
    ];
    write("one.csv", &format!("{head}\n{}\n{}\n", rows[0], rows[1]));
    write("two.csv", &format!("{head}\n{}\n{}\n", rows[2], rows[3]));
    let lots = ["I", "I", "II", "II"];
    let both: String = rows.iter().zip(lots).map(|(row, lot)| format!("{row},{lot}\n")).collect();
    write("both.csv", &format!("{head},批次\n{both}"));
    write("both.toml", "[columns]\nlot = \"批次\"\n");
    let rates = ["mdr = \"1.2 %\"\nsmm = \"2 %\"", "mdr = [0.004, 0.02]\nsmm = \"0.3 %\""];
    let recovery = "recovery_rate = \"35 %\"\nrecovery_lag = [0.3, 0.7]";
    let segment = |filter: &str, rates: &str| {
        format!("[[segment]]\nwhere = {{ {filter} }}\n{rates}\n{recovery}\n\n")
    };
    let product = "product = [\"白条分期\"]";
    let apart = segment(product, rates[0]) + &segment("product = [\"白条免息\"]", rates[1]);
    write("apart.toml", &apart);
    let by_lot: String = ["I", "II"]
        .iter()
        .flat_map(|lot| {
            let of = |product: &str| format!("product = [\"{product}\"], lot = [\"{lot}\"]");
            [segment(&of("白条分期"), rates[0]), segment(&of("白条免息"), rates[1])]
        })
        .collect();
    write("by_lot.toml", &by_lot);
    let deal = |pool: &str, subpools: &str| {
        format!(
            "[deal]\nname = \"Test\"\n[pool]\ncutoff = 2025-12-31\n{pool}\n{subpools}\n[dates]\n\
             closing = 2026-01-15\nfirst_payment = 2026-02-15\nlegal_maturity = 2026-11-15\n\
             calendar = \"SSE\"\n[[tranche]]\nid = \"A\"\nface = 14000.00\ncoupon = \"3 %\"\n\
             [[tranche]]\nid = \"SUB\"\nface = 3033.00\nsubordinated = true\n\
             [[step]]\npay = [{{ tranche = \"A\", due = \"interest\" }}, \
             {{ tranche = \"A\", due = \"principal\" }}, {{ tranche = \"SUB\", due = \"principal\" }}, \
             {{ tranche = \"SUB\", due = \"remainder\" }}]\n"
        )
    };
    write(
        "two.toml",
        &deal(
            "assumptions = \"apart.toml\"",
            "[[subpool]]\nid = \"I\"\ntape = \"one.csv\"\n[[subpool]]\nid = \"II\"\ntape = \"two.csv\"",
        ),
    );
    write(
        "one.toml",
        &deal("assumptions = \"by_lot.toml\"\ntape = \"both.csv\"\nmapping = \"both.toml\"", ""),
    );
    let [two, one] = ["two.toml", "one.toml"].map(|deal| {
        let request = Request { deal: folder.join(deal), threads: 1, ..Request::default() };
        let opened = Job::open(&request).expect("the files are there");
        testkit::run(&testkit::accept(opened).expect("a deal without errors"))
    });
    let mut compared = 0;
    for line in &two.0.lines {
        // Segments of the other file have other numbers and names, so single lines are compared.
        let Some(same) = one.0.line(&line.key).filter(|_| line.dim == Dim::One) else { continue };
        let own = two.0.line(&line.key).expect("it has just been read");
        assert_eq!(two.1.line(own), one.1.line(same), "{}", line.key);
        compared += 1;
    }
    assert!(compared > 40, "{compared} lines are the same");
}

/// Commands about a pool see one pool, whose receivables know their sub-pool; the order of the tapes is
/// kept.
#[test]
fn a_portfolio_joins_its_tapes() {
    let file = testkit::path("cases/two_pools/deal.toml");
    let request = PortfolioRequest { file, ..PortfolioRequest::default() };
    let opened = Portfolio::open(&request).expect("the files are there");
    let portfolio = testkit::accept(opened).expect("a pool without errors");
    let pool = &portfolio.pool;
    let of_pool = &pool.attributes["pool"];
    let ids: Vec<&str> =
        of_pool.codes.iter().map(|code| &*of_pool.values[*code as usize]).collect();
    assert_eq!(ids, ["I", "I", "I", "I", "II", "II", "II"]);
    let places: Vec<_> = portfolio.tapes.iter().map(|tape| tape.places.clone()).collect();
    assert_eq!(places, [0..4, 4..7]);
    let balances: Vec<String> =
        portfolio.tapes.iter().map(|tape| tape.outstanding(pool).to_string()).collect();
    assert_eq!(balances, ["22692.24", "17000.00"]);
    // The later cut-off date of group II is that of its receivables.
    let own: Vec<Option<String>> =
        pool.receivables.iter().map(|r| r.own_cutoff.map(|day| day.to_string())).collect();
    let later = Some("2026-01-31".to_string());
    assert_eq!(own[3..5], [None, later]);
    // A product of both tapes is one value of the column.
    let products = &pool.attributes["product"];
    assert_eq!(products.values.len(), 3);
    assert_eq!(products.codes[6], products.codes[0]);
}

/// The program on the case with criteria and a limit by sub-pool, in a folder of its own.
fn portfolio_command(name: &str, args: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    for file in ["assumptions.toml", "group_1.csv", "group_2.csv", "group_2_mapping.toml"] {
        let from = testkit::path("cases/two_pools").join(file);
        std::fs::copy(from, folder.join(file)).expect("a temporary file");
    }
    let deal = testkit::fixture("cases/two_pools/deal.toml")
        + "\n[[eligibility]]\nid = \"1\"\nfield = \"instalments\"\nat_most = 8\n\
           [[eligibility]]\nid = \"2\"\nfield = \"pool\"\nequals = [\"I\", \"II\"]\n\
           [[eligibility]]\nid = \"3\"\nfield = \"outstanding_principal\"\nat_least = 2000.01\n\
           [[limit]]\nid = \"group\"\nmeasure = \"largest_share\"\nof = \"pool\"\nat_most = \"65 %\"\n";
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(args)
        .args(["--lang", "en"])
        .current_dir(&folder)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

fn answer(name: &str, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&portfolio_command(name, args)).expect("JSON")
}

/// Criteria are tested on the receivables of all tapes, and a limit may be of the sub-pool: 13,759.24
/// of B2 and B4 are of twelve instalments, J3 is too small, and 22,692.24 of 39,692.24 are of group I.
#[test]
fn criteria_and_limits_see_all_tapes() {
    let said = answer("subpools_eligibility", &["eligibility", "deal.toml", "--json"]);
    let removed: Vec<String> = said["ladder"]["criteria"]
        .as_array()
        .expect("criteria")
        .iter()
        .map(|of| format!("{} {}", of["removed"]["count"], of["removed"]["balance"]))
        .collect();
    assert_eq!(removed, ["2 \"13759.24\"", "0 \"0.00\"", "1 \"2000.00\""]);
    assert_eq!(said["ladder"]["eligible"]["balance"], "23933.00");
    let failed = said["failures"].as_array().expect("receivables").iter();
    let failed: Vec<&str> = failed.filter_map(|of| of["receivable"].as_str()).collect();
    assert_eq!(failed, ["B2", "B4", "J3"]);
    let limit = &said["limits"][0];
    assert_eq!((&limit["group"], &limit["value"]), (&"I".into(), &"57.17047 %".into()));
}

/// Of B1 6,433, B3 2,500, J1 10,000 and J2 5,000 no choice of at most 20,000 with at most 65 % of one
/// group is more than B1, B3 and J1.
#[test]
fn a_selection_chooses_from_all_tapes() {
    for method in ["optimise", "fifo"] {
        let args = ["select", "deal.toml", "--target", "20000", "--method", method, "--json"];
        let said = answer(&format!("subpools_select_{method}"), &args);
        assert_eq!(said["receivables"], serde_json::json!(["B1", "B3", "J1"]), "{method}");
        assert_eq!(said["chosen"]["balance"], "18933.00");
        assert_eq!(said["limits"][0]["value"], "52.817831 %");
    }
}

/// Four receivables in proportion to the principal of the groups, 2.29 and 1.71: two of each. The rows
/// are those of their own tapes.
#[test]
fn a_sample_draws_from_all_tapes() {
    let args = "sample deal.toml --size 4 --method stratified --by pool --seed 3 --out sample.xlsx";
    let args: Vec<&str> = args.split(' ').collect();
    let said = portfolio_command("subpools_sample", &args);
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    let tapes = [
        testkit::fixture("cases/two_pools/group_1.csv"),
        testkit::fixture("cases/two_pools/group_2.csv"),
    ];
    let mut groups = Vec::new();
    for row in rows.iter().filter(|row| row.len() == 4 && ["I", "II"].contains(&row[2])) {
        let tape = &tapes[usize::from(row[2] == "II")];
        let line = tape.lines().nth(row[1].parse::<usize>().expect("a row") - 1).expect("a line");
        assert!(line.starts_with(&format!("{},", row[0])), "{row:?}: {line}");
        groups.push(row[2]);
    }
    assert_eq!(groups, ["I", "I", "II", "II"], "{said}");
}

/// Sheets that sum some rows only, as they are and after a change of what one group's segment does.
#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn workbooks_of_sub_pools_recalculate_to_the_engine() {
    let mut workbooks = Vec::new();
    for file in ["deal", "harsh", "revolving"] {
        let job = case_file(&format!("two_pools/{file}.toml"));
        let model = job.model();
        for change in [None, Some("segment.3.recovery_rate")] {
            let mut inputs = Inputs::of(&model);
            if let Some(key) = change {
                let Some(input) = model.input(key) else { panic!("no input {key}") };
                inputs.set(input, inputs.value(input) / 2);
            }
            let run = model.run(&inputs);
            let workbook = job.workbook(&model, &inputs, &run, ReportLang::En);
            let name = format!("{file}_{}", change.unwrap_or("as_it_is").replace('.', "_"));
            workbooks.push((name, workbook));
        }
    }
    for (name, cells) in settled(&workbooks, 6) {
        assert!(cells > 1000, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}

/// Originators who number on their own may use a number twice; one originator may not.
#[test]
fn a_number_may_stand_in_tapes_of_two_originators() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("subpools_originators");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let broken = testkit::path("broken/P0170_in_two_subpools");
    let deal = std::fs::read_to_string(broken.join("deal.toml")).expect("the fixture");
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    let codes = |originators: [&str; 2]| -> Vec<&'static str> {
        for (tape, originator) in ["one.csv", "two.csv"].into_iter().zip(originators) {
            let text = std::fs::read_to_string(broken.join(tape)).expect("the fixture");
            let mut lines = text.lines();
            let head = lines.next().expect("a row of headers");
            let rows: String = lines.map(|row| format!("{row},{originator}\n")).collect();
            let text = format!("{head},原始权益人\n{rows}");
            std::fs::write(folder.join(tape), text).expect("a temporary file");
        }
        let request = Request { deal: folder.join("deal.toml"), ..Request::default() };
        let (job, findings) = Job::open(&request).expect("the files are there").into_parts();
        assert!(job.is_some(), "{findings:?}");
        let grave = findings.iter().filter(|finding| finding.severity() > Severity::Note);
        grave.map(|finding| finding.code).collect()
    };
    assert_eq!(codes(["甲", "乙"]), Vec::<&str>::new());
    assert_eq!(codes(["甲", "甲"]), ["P0170"]);
}
