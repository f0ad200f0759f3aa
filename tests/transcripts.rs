//! What the program says: every command against a case, with its two streams and its exit code.
//!
//! The pages are in `fixtures/transcripts/`; `UPDATE_EXPECT=1` rewrites them.

mod testkit;

use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;

/// A folder of its own for one test, with the worked example in it.
struct Desk {
    folder: PathBuf,
}

impl Desk {
    fn new(name: &str) -> Desk {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transcripts").join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
        }
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        for file in ["deal.toml", "pool.csv"] {
            let case = testkit::path("cases/worked_example_cn").join(file);
            std::fs::copy(case, folder.join(file)).expect("the case's files");
        }
        Desk { folder }
    }

    /// Runs the program in the folder; returns its exit code and the transcript.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("COLUMNS", "100")
            .env_remove("RUST_BACKTRACE")
            .output()
            .expect("the program starts");
        let code = output.status.code().expect("the program ends by itself");
        let said = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text in UTF-8");
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        let mut page = format!("$ cashfall {}\n", arguments.join(" "));
        for (name, stream) in [("stdout", out), ("stderr", err)] {
            if !stream.is_empty() {
                page += &format!("── {name}\n{stream}");
            }
        }
        (code, page + &format!("── exit {code}\n"))
    }

    /// Runs the program and compares what it says with its page.
    fn says(&self, page: &str, code: i32, arguments: &[&str]) {
        let (ended, said) = self.run(arguments);
        let said = said.replace(self.folder.to_str().expect("a path in UTF-8"), "FOLDER");
        expect_file![testkit::path("transcripts").join(format!("{page}.txt"))].assert_eq(&said);
        assert_eq!(ended, code, "exit code of `{}`", arguments.join(" "));
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.folder).expect("the folder");
        let names = files.map(|file| file.expect("a file").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = std::fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "{file} has {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("a writable folder");
    }
}

const COMMANDS: &[&str] = &[
    "demo",
    "check",
    "map",
    "mend",
    "roll",
    "run",
    "decrement",
    "strat",
    "eligibility",
    "select",
    "sample",
    "static",
    "stress",
    "track",
    "explain",
    "clauses",
    "diff",
    "convert",
    "synth",
    "init",
];

#[test]
fn help_of_every_command_shows_an_example() {
    let desk = Desk::new("help");
    desk.says("help", 0, &["--help"]);
    for command in COMMANDS {
        let (code, said) = desk.run(&[command, "--help"]);
        assert_eq!(code, 0, "{command} --help");
        assert!(said.contains("Example"), "{command} --help shows an example:\n{said}");
        desk.says(&format!("help_{command}"), 0, &[command, "--help"]);
    }
}

#[test]
fn check_says_what_was_read() {
    let desk = Desk::new("check");
    desk.says("check_en", 0, &["check", "deal.toml", "--lang", "en"]);
    desk.says("check_zh", 0, &["check", "deal.toml", "--lang", "zh"]);
    desk.says("check_json", 0, &["check", "deal.toml", "--json"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv"], "nothing is written");
}

#[test]
fn check_says_everything_that_is_wrong_at_once() {
    let desk = Desk::new("check_broken");
    desk.replace("deal.toml", "coupon = \"2.6 %\"", "coupon = 2.6");
    desk.replace("deal.toml", "fee = \"custody\"", "fee = \"custodian\"");
    desk.replace("pool.csv", "9000.00,4500.00", "9000.00,-4500.00");
    desk.says("check_broken_en", 1, &["check", "deal.toml", "--lang", "en"]);
    desk.says("check_broken_zh", 1, &["check", "deal.toml", "--lang", "zh"]);
    desk.says("check_broken_json", 1, &["check", "deal.toml", "--json"]);
}

#[test]
fn run_prints_the_tranches_and_writes_the_workbook_whole() {
    let desk = Desk::new("run");
    desk.says("run_en", 0, &["run", "deal.toml", "--out", "report.xlsx", "--lang", "en"]);
    desk.says("run_zh", 0, &["run", "deal.toml", "--out", "报告.xlsx", "--lang", "zh"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "report.xlsx", "报告.xlsx"]);
}

#[test]
fn run_as_json_prints_data_only() {
    let desk = Desk::new("run_json");
    desk.says("run_json", 0, &["run", "deal.toml", "--json"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv"], "no workbook without --out");
}

#[test]
fn run_leaves_an_existing_report_alone_when_there_are_findings() {
    let desk = Desk::new("run_broken");
    std::fs::write(desk.folder.join("report.xlsx"), "yesterday's").expect("a writable folder");
    desk.replace("deal.toml", "face = 3900.00", "face = 3900.001");
    desk.says("run_broken_en", 1, &["run", "deal.toml", "--out", "report.xlsx"]);
    desk.says("run_broken_json", 1, &["run", "deal.toml", "--json"]);
    let report = std::fs::read_to_string(desk.folder.join("report.xlsx")).expect("the report");
    assert_eq!(report, "yesterday's");
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "report.xlsx"]);
}

/// The files of a case beside the worked example.
fn bring(desk: &Desk, files: &[(&str, &str)]) {
    for (from, to) in files {
        let from = testkit::path("cases").join(from);
        std::fs::copy(from, desk.folder.join(to)).expect("the case's files");
    }
}

#[test]
fn static_prints_ladder_base_case_and_ratios() {
    let desk = Desk::new("static");
    bring(&desk, &[("static_pool/triangle.csv", "t.csv"), ("static_pool/dynamic.csv", "d.csv")]);
    let ratings = "AAA=5:0.1 %,BBB=2:4 %";
    let ask = |page: &str, code, more: &[&str]| {
        let arguments = [&["static", "t.csv", "--tail", "1.03"], more].concat();
        desk.says(page, code, &arguments);
    };
    ask("static_en", 0, &["--ratings", ratings, "--lang", "en"]);
    ask("static_zh", 0, &["--ratings", ratings, "--lang", "zh", "--purchased", "3.5"]);
    ask("static_json", 0, &["--json"]);
    ask("static_out", 0, &["--out", "s.xlsx", "--assumptions", "a.toml", "--lang", "en"]);
    ask("static_no_vintage", 2, &["--exclude", "2024-06"]);
    ask("static_over_input", 2, &["--out", "t.csv"]);
    desk.says("static_dynamic", 0, &["static", "d.csv", "--lang", "en"]);
    let files = ["a.toml", "d.csv", "deal.toml", "pool.csv", "s.xlsx", "t.csv"];
    assert_eq!(desk.files(), files, "what was asked for and nothing else");
}

#[test]
fn stress_prints_the_grid_and_the_break_even() {
    let desk = Desk::new("stress");
    let files = ["assumptions.toml", "scenarios.toml"];
    bring(&desk, &files.map(|file| (["stress/", file].concat().leak() as &str, file)));
    let ask = |page: &str, code, more: &[&str]| {
        let arguments = [&["stress", "deal.toml", "--assumptions", "assumptions.toml"], more];
        desk.says(page, code, &arguments.concat());
    };
    ask("stress_en", 0, &["--scenarios", "scenarios.toml", "--lang", "en"]);
    ask("stress_zh", 0, &["--scenarios", "scenarios.toml", "--lang", "zh"]);
    ask("stress_json", 0, &["--json"]);
    ask("stress_over_input", 2, &["--out", "pool.csv"]);
    desk.says("stress_no_default", 0, &["stress", "deal.toml", "--lang", "en"]);
    desk.replace("scenarios.toml", "default_multiple = 2", "defalt_multiple = 2");
    ask("stress_broken", 1, &["--scenarios", "scenarios.toml"]);
}

#[test]
fn track_prints_what_came_and_what_is_to_come() {
    let desk = Desk::new("track");
    bring(&desk, &[("track/actual.csv", "a.csv"), ("stress/assumptions.toml", "s.toml")]);
    let ask = |page: &str, code, more: &[&str]| {
        let arguments = [&["track", "deal.toml", "--actual", "a.csv"], more].concat();
        desk.says(page, code, &arguments);
    };
    ask("track_en", 0, &["--lang", "en"]);
    ask("track_zh", 0, &["--lang", "zh", "--assumptions", "s.toml", "--credibility", "50 %"]);
    ask("track_json", 0, &["--json"]);
    ask("track_bands", 2, &["--amber", "30 %"]);
}

#[test]
fn decrement_prints_lives_and_percents() {
    let desk = Desk::new("decrement");
    let ask = |page: &str, code, more: &[&str]| {
        let arguments = [&["decrement", "deal.toml", "--speeds", "0 %,6 %,24 %"], more].concat();
        desk.says(page, code, &arguments);
    };
    ask("decrement_en", 0, &["--lang", "en"]);
    ask("decrement_zh", 0, &["--lang", "zh", "--group", "优先级=01,02"]);
    ask("decrement_json", 0, &["--json", "--day-count", "thirty_360_e"]);
    ask("decrement_no_tranche", 2, &["--group", "A=01,99"]);
    desk.says("decrement_speed", 2, &["decrement", "deal.toml", "--speeds", "6"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv"], "no workbook without --out");
    ask("decrement_out", 0, &["--out", "tables.xlsx"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "tables.xlsx"]);
}

#[test]
fn clauses_speak_both_languages() {
    let desk = Desk::new("clauses");
    desk.says("clauses_en", 0, &["clauses", "deal.toml", "--lang", "en"]);
    desk.says("clauses_zh", 0, &["clauses", "deal.toml", "--lang", "zh"]);
    desk.says("clauses_both", 0, &["clauses", "deal.toml"]);
}

#[test]
fn explain_says_what_a_code_means() {
    let desk = Desk::new("explain_code");
    desk.says("explain_code_en", 0, &["explain", "D0203", "--lang", "en"]);
    desk.says("explain_code_zh", 0, &["explain", "d0203", "--lang", "zh"]);
    desk.says("explain_no_code", 2, &["explain", "D9999"]);
}

#[test]
fn explain_goes_from_a_cell_back_to_the_tape() {
    let desk = Desk::new("explain_cell");
    let (code, said) = desk.run(&["run", "deal.toml", "--out", "report.xlsx", "--lang", "both"]);
    assert_eq!(code, 0, "{said}");
    let cell = |page: &str, code, cell: &str, lang: &str| {
        desk.says(page, code, &["explain", "report.xlsx", cell, "--lang", lang]);
    };
    cell("explain_cell_en", 0, "Waterfall!K8", "en");
    cell("explain_cell_zh", 0, "兑付瀑布!K8", "zh");
    // A page for readers repeats a figure of the model; a total adds some.
    cell("explain_page_en", 0, "Cashflow!C8", "en");
    cell("explain_total_zh", 0, "Waterfall!D6", "zh");
    cell("explain_no_cell", 2, "Waterfall!nowhere", "en");
    cell("explain_no_sheet", 2, "Rainfall!K8", "en");
}

#[test]
fn explain_says_when_a_file_was_changed_after_the_report() {
    let desk = Desk::new("explain_changed");
    let (code, said) = desk.run(&["run", "deal.toml", "--out", "report.xlsx"]);
    assert_eq!(code, 0, "{said}");
    desk.replace("deal.toml", "coupon = \"2.6 %\"", "coupon = \"2.7 %\"");
    let arguments = ["explain", "report.xlsx", "Waterfall!K8", "--lang", "en"];
    desk.says("explain_changed", 0, &arguments);
}

#[test]
fn init_writes_three_files_and_overwrites_none() {
    let desk = Desk::new("init");
    desk.says("init_en", 0, &["init", "mine", "--lang", "en"]);
    desk.says("init_zh", 0, &["init", "我的", "--lang", "zh"]);
    desk.says("init_again", 2, &["init", "mine", "--lang", "en"]);
    desk.says("init_check", 0, &["clauses", "mine/deal.toml", "--lang", "en"]);
}

#[test]
fn convert_writes_a_workbook_that_check_and_run_take() {
    let desk = Desk::new("convert");
    desk.says("convert_to", 0, &["convert", "deal.toml", "deal.xlsx", "--lang", "en"]);
    desk.says("convert_again", 2, &["convert", "deal.toml", "deal.xlsx", "--lang", "zh"]);
    desk.says("convert_back", 0, &["convert", "deal.xlsx", "back.toml", "--lang", "zh"]);
    desk.says("convert_check", 0, &["check", "deal.xlsx", "--lang", "en"]);
    let (code, of_workbook) = desk.run(&["run", "deal.xlsx", "--json"]);
    let (_, of_text) = desk.run(&["run", "deal.toml", "--json"]);
    assert_eq!(code, 0, "{of_workbook}");
    assert_eq!(of_workbook.replace("deal.xlsx", "deal.toml"), of_text);
    assert_eq!(desk.files(), ["back.toml", "deal.toml", "deal.xlsx", "pool.csv"]);
}

#[test]
fn diff_says_what_two_deals_state_differently() {
    let desk = Desk::new("diff");
    let overlay = "extends = \"deal.toml\"\n\n[[tranche]]\nid = \"02\"\ncoupon = \"3.6 %\"\n\n\
                   [[fee]]\nid = \"audit\"\nremove = true\n\n[[fee]]\nid = \"backup\"\n\
                   name = { zh = \"后备服务费\", en = \"Backup fee\" }\namount = 12.00\n\
                   payments = [2]\n\n[[step]]\nclause = \"4\"\npay = [{ fee = \"backup\" }]\n\n\
                   [[step]]\nclause = \"9\"\nremove = true\n";
    std::fs::write(desk.folder.join("other.toml"), overlay).expect("a writable folder");
    desk.says("diff_en", 0, &["diff", "deal.toml", "other.toml", "--lang", "en"]);
    desk.says("diff_zh", 0, &["diff", "deal.toml", "other.toml", "--lang", "zh"]);
    desk.says("diff_json", 0, &["diff", "deal.toml", "other.toml", "--json"]);
    desk.says("diff_none", 0, &["diff", "deal.toml", "deal.toml", "--lang", "en"]);
    desk.replace("other.toml", "3.6 %", "3.6");
    desk.says("diff_broken", 1, &["diff", "deal.toml", "other.toml", "--lang", "en"]);
}

#[test]
fn init_writes_a_workbook_filled_in_or_blank() {
    let desk = Desk::new("init_xlsx");
    desk.says("init_xlsx", 0, &["init", "mine", "--xlsx", "--lang", "en"]);
    desk.says("init_xlsx_clauses", 0, &["clauses", "mine/deal.xlsx", "--lang", "en"]);
    let (code, said) = desk.run(&["init", "blank", "--xlsx", "--blank", "--lang", "zh"]);
    assert_eq!(code, 0, "{said}");
    desk.says("init_blank_check", 1, &["check", "blank/deal.xlsx", "--pool", "pool.csv"]);
}

#[test]
fn a_missing_file_is_told_with_its_cause() {
    let desk = Desk::new("missing");
    desk.says("missing_deal", 2, &["check", "nowhere.toml"]);
    desk.says("missing_tape", 2, &["check", "deal.toml", "--pool", "nowhere.csv"]);
    desk.says("missing_assumptions", 2, &["run", "deal.toml", "--assumptions", "nowhere.toml"]);
    desk.says("missing_clauses", 2, &["clauses", "nowhere.toml"]);
    desk.says("missing_report", 2, &["explain", "nowhere.xlsx", "Waterfall!K8"]);
    desk.says("missing_folder", 2, &["run", "deal.toml", "--out", "no/where/report.xlsx"]);
    desk.says("folder_for_deal", 2, &["check", "."]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv"], "nothing is left behind");
}

#[test]
fn an_unknown_option_is_told_with_the_usage() {
    let desk = Desk::new("usage");
    desk.says("usage_option", 2, &["check", "deal.toml", "--pol", "pool.csv"]);
    desk.says("usage_command", 2, &["chek", "deal.toml"]);
    desk.says("usage_none", 2, &[]);
}

/// Criteria and limits behind the worked example's deal.
const CRITERIA: &str = r#"
[[eligibility]]
id = "term"
name = { zh = "末期应还日早于法定到期日一个月", en = "Final due date a month before the legal maturity" }
field = "final_due_date"
months_before_maturity = 1

[[limit]]
id = "obligor"
measure = "largest_share"
of = "obligor_id"
at_most = "60 %"
"#;

#[test]
fn strat_prints_the_shape_of_a_pool() {
    let desk = Desk::new("strat");
    let by =
        ["strat", "deal.toml", "--by", "product,instalments", "--cross", "product,instalments"];
    desk.says("strat_en", 0, &[&by[..], &["--lang", "en"]].concat());
    desk.says("strat_zh", 0, &[&by[..], &["--lang", "zh"]].concat());
    desk.says("strat_json", 0, &["strat", "deal.toml", "--by", "product", "--json"]);
    desk.says("strat_out", 0, &["strat", "deal.toml", "--out", "strat.xlsx"]);
    desk.says("strat_no_cutoff", 2, &["strat", "pool.csv"]);
    desk.says("strat_over_the_tape", 2, &["strat", "deal.toml", "--out", "pool.csv"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "strat.xlsx"]);
}

#[test]
fn eligibility_and_select_print_ladder_and_limits() {
    let desk = Desk::new("select");
    let deal = desk.folder.join("deal.toml");
    let text = std::fs::read_to_string(&deal).expect("the file");
    std::fs::write(&deal, text + CRITERIA).expect("a writable folder");
    desk.says("eligibility_en", 0, &["eligibility", "deal.toml", "--lang", "en"]);
    desk.says("eligibility_zh", 0, &["eligibility", "deal.toml", "--lang", "zh"]);
    desk.says("eligibility_json", 0, &["eligibility", "deal.toml", "--json"]);
    let select = ["select", "deal.toml", "--target", "14,000.00"];
    desk.says("select_en", 0, &[&select[..], &["--lang", "en"]].concat());
    desk.says("select_zh", 0, &[&select[..], &["--lang", "zh"]].concat());
    desk.says("select_json", 0, &[&select[..], &["--method", "fifo", "--json"]].concat());
    desk.says("select_out", 0, &[&select[..], &["--out", "selected.xlsx"]].concat());
    desk.says("select_loads_again", 0, &["check", "deal.toml", "--pool", "selected.xlsx"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "selected.xlsx"]);
}

#[test]
fn sample_prints_what_was_drawn() {
    let desk = Desk::new("sample");
    let sample = ["sample", "deal.toml", "--size", "3", "--seed", "7"];
    desk.says("sample_en", 0, &[&sample[..], &["--lang", "en"]].concat());
    let unit = ["--method", "monetary-unit", "--lang", "zh"];
    desk.says("sample_zh", 0, &[&sample[..], &unit].concat());
    let half = ["sample", "deal.toml", "--percent", "50 %", "--method", "stratified", "--json"];
    desk.says("sample_json", 0, &half);
    desk.says("sample_out", 0, &[&sample[..], &["--out", "sample.xlsx"]].concat());
    desk.says("sample_no_size", 2, &["sample", "deal.toml"]);
    assert_eq!(desk.files(), ["deal.toml", "pool.csv", "sample.xlsx"]);
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let desk = Desk::new("over_input");
    let read = |file: &str| std::fs::read(desk.folder.join(file)).expect("the file");
    let before = ["deal.toml", "pool.csv"].map(read);
    let commands: [&[&str]; 5] = [
        &["run", "deal.toml"],
        &["decrement", "deal.toml", "--speeds", "0 %,6 %"],
        &["strat", "deal.toml"],
        &["eligibility", "deal.toml"],
        &["sample", "deal.toml", "--size", "2"],
    ];
    for command in commands {
        for file in ["deal.toml", "pool.csv"] {
            let (code, said) = desk.run(&[command, &["--out", file]].concat());
            assert_eq!(code, 2, "{said}");
            assert!(said.contains(file), "{said}");
        }
    }
    for command in
        [&["map", "pool.csv", "--force", "--out"][..], &["convert", "--force", "pool.csv"]]
    {
        let (code, said) = desk.run(&[command, &["pool.csv"]].concat());
        assert_eq!(code, 2, "{said}");
    }
    assert_eq!(["deal.toml", "pool.csv"].map(read), before, "the files are what they were");
    assert_eq!(desk.files(), ["deal.toml", "pool.csv"], "nothing else is written");
}

#[test]
fn what_the_commands_of_the_desk_refuse_they_say_in_json() {
    let desk = Desk::new("refused_json");
    desk.replace("pool.csv", "6433.00", "viel");
    let commands: [&[&str]; 4] = [
        &["strat", "deal.toml"],
        &["eligibility", "deal.toml"],
        &["select", "deal.toml", "--target", "20000"],
        &["sample", "deal.toml", "--size", "2"],
    ];
    for command in commands {
        let (code, said) = desk.run(&[command, &["--json"]].concat());
        assert_eq!(code, 1, "{said}");
        let (_, out) = said.split_once("── stdout\n").expect("something on standard output");
        let (out, _) = out.split_once("── ").expect("the exit code stands behind it");
        let json: serde_json::Value = serde_json::from_str(out).expect("JSON alone");
        assert!(
            json["schema"].as_str().is_some_and(|schema| schema.contains(command[0])),
            "{json}"
        );
        let codes = json["findings"].as_array().expect("findings").iter();
        assert!(codes.map(|finding| &finding["code"]).any(|code| code == "P0104"), "{json}");
    }
}

#[test]
fn a_deal_may_state_its_own_buckets() {
    let desk = Desk::new("own_buckets");
    let own = "[[stratification]]\nfield = \"instalments\"\nedges = [0, 4, 6]\n\n[[tranche]]";
    desk.replace("deal.toml", "[[tranche]]", own);
    let (code, said) = desk.run(&["strat", "deal.toml", "--by", "instalments", "--lang", "en"]);
    assert_eq!(code, 0, "{said}");
    // Six receivables: three instalments, six four times, twelve.
    for bucket in ["[0, 4]", "(4, 6]", "> 6"] {
        assert!(said.contains(bucket), "{said}");
    }
    desk.replace("deal.toml", "edges = [0, 4, 6]", "edges = [6, 4]");
    let (code, said) = desk.run(&["strat", "deal.toml", "--lang", "en"]);
    assert!(code == 1 && said.contains("E0301") && said.contains("deal.toml:"), "{said}");
}
