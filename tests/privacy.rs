//! Personal data planted in every place of a tape reaches nothing that the program writes or says.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Whole numbers and names of persons; the identity numbers have right check digits.
const SECRETS: [&str; 12] = [
    "张三丰",
    "李小四",
    "欧阳修文",
    "11010519491231002X",
    "440524198001010013",
    "13800138000",
    "13912345678",
    "138 0013 8001",
    "6222021234567894",
    "海淀区中关村大街27号",
    "zhang.san@example.com",
    "4111111111111111",
];

/// Identifiers, attributes, remarks, wrong cells, names of products and states: all have some. The
/// first remark names a person of the third row.
const TAPE: &str = "\
借据号,客户号,客户姓名,手机号,证件号码,还款银行卡号,家庭住址,电子邮箱,产品名称,省份,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率(%),资产状态,备注
A-1,U1,张三丰,13800138000,11010519491231002X,6222021234567894,海淀区中关村大街27号,zhang.san@example.com,分期,浙江,2025-06-10,2025-07-10,12000.00,6000.00,12,6,等额本金,12,正常,联系张三丰 13800138000 或欧阳修文
A-2,440524198001010013,李小四,13912345678,440524198001010013,4111111111111111,,,分期,李小四,2025-06-20,2025-07-20,12000.00,6000.00,12,6,等额本金,12,已结清,代偿人李小四 440524198001010013
13800138000,13912345678,欧阳修文,138 0013 8001,11010519491231002X,,,,分期,浙江,13912345678,2025-07-20,12000.00,6000.00,12,13,等额本金,12,正常,卡4111111111111111
11010519491231002X,U4,张三丰,,,,,,分期,11010519491231002X,2025-06-20,2025-07-20,12000.00,13912345678x,12,6,13800138000,12,13800138000,海淀
A-5,U4,张三丰,,,,,,13912345678,浙江,2025-06-20,2025-07-20,12000.00,6000.00,12,6,等额本金,12,张三丰,138 0013 8001
440524198001010013,U4,李小四,,,,,,分期,浙江,2025-06-20,2025-07-20,12000.00,6000.00,12,6,等额本金,12,正常,见 11010519491231002X 与 6222021234567894
440524198001010013,U4,李小四,,,,,,分期,浙江,2025-06-20,2025-07-20,12000.00,6000.00,12,6,等额本金,12,正常,
";

const MAPPING: &str = "\
[columns]
note = \"备注\"
phone = \"手机号\"
owner = \"客户姓名\"
card = \"还款银行卡号\"
";

const ASSUMPTIONS: &str = "\
[[segment]]
name = { zh = \"甲\", en = \"one\" }
where = { owner = \"nobody\" }
[[segment]]
name = { zh = \"其余\", en = \"rest\" }
";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("privacy").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of an earlier test");
    }
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let deal =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/worked_example_cn/deal.toml");
    std::fs::copy(deal, folder.join("deal.toml")).expect("the case's deal");
    std::fs::write(folder.join("mapping.toml"), MAPPING).expect("a writable folder");
    std::fs::write(folder.join("assumptions.toml"), ASSUMPTIONS).expect("a writable folder");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// What a file says, its parts unpacked when it is a workbook.
fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("a file that was written");
    if !bytes.starts_with(b"PK") {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut archive =
        zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook is an archive");
    let mut all = String::new();
    for part in 0..archive.len() {
        let mut bytes = Vec::new();
        let mut part = archive.by_index(part).expect("a part of the workbook");
        part.read_to_end(&mut bytes).expect("a part can be unpacked");
        all += &String::from_utf8_lossy(&bytes);
    }
    all
}

#[track_caller]
fn has_no_secret(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} says `{secret}`");
    }
}

#[track_caller]
fn says_no_secret(what: &str, output: &Output) {
    has_no_secret(what, &String::from_utf8_lossy(&output.stdout));
    has_no_secret(what, &String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_command_lets_personal_data_through() {
    let folder = folder("broken");
    std::fs::write(folder.join("pool.csv"), TAPE).expect("a writable folder");
    let files = ["--mapping", "mapping.toml", "--assumptions", "assumptions.toml"];
    let mut said = String::new();
    for lang in ["zh", "en", "both"] {
        let commands: [&[&str]; 9] = [
            &["check", "deal.toml"],
            &["check", "deal.toml", "--json"],
            &["check", "deal.toml", "--findings", "findings.xlsx", "--force"],
            &["mend", "deal.toml", "--out", "mend.csv", "--notes", "--force"],
            &["mend", "deal.toml", "--out", "mend.xlsx", "--notes", "--force"],
            &["run", "deal.toml", "--out", "report.xlsx"],
            &["run", "deal.toml", "--json"],
            &["map", "pool.csv", "--out", "proposed.toml", "--force"],
            &["map", "pool.csv", "--json"],
        ];
        for command in commands {
            let mut arguments = command.to_vec();
            if command[0] != "map" {
                arguments.extend(files);
            }
            arguments.extend(["--lang", lang]);
            let output = run(&folder, &arguments);
            says_no_secret(&arguments.join(" "), &output);
            said += &String::from_utf8_lossy(&output.stdout);
            said += &String::from_utf8_lossy(&output.stderr);
        }
        for file in ["findings.xlsx", "mend.csv", "mend.xlsx", "proposed.toml"] {
            has_no_secret(file, &text(&folder.join(file)));
        }
    }
    // The findings about the planted rows are there, so the test looked at something.
    for code in ["P0102", "P0104", "P0105", "P0106", "P0111", "T0030", "A0204"] {
        assert!(said.contains(code), "{code} is among the findings");
    }
    assert!(said.contains("138********"), "a phone is masked");
}

#[test]
fn no_report_and_no_explanation_lets_personal_data_through() {
    let folder = folder("clean");
    let good = TAPE
        .replace(
            "13912345678,2025-07-20,12000.00,6000.00,12,13",
            "2025-06-20,2025-07-20,12000.00,6000.00,12,6",
        )
        .replace("13912345678x", "6000.00")
        .replace("6,13800138000,12,13800138000", "6,等额本金,12,13800138000");
    let lines: Vec<&str> = good.lines().collect();
    std::fs::write(folder.join("pool.csv"), lines[..lines.len() - 1].join("\n") + "\n")
        .expect("a writable folder");
    let deal = std::fs::read_to_string(folder.join("deal.toml")).expect("the deal");
    let pool = "mapping = \"mapping.toml\"\nassumptions = \"assumptions.toml\"\ntape = ";
    std::fs::write(folder.join("deal.toml"), deal.replacen("tape = ", pool, 1))
        .expect("a writable folder");
    let output = run(&folder, &["run", "deal.toml", "--out", "report.xlsx"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    says_no_secret("run", &output);
    has_no_secret("report.xlsx", &text(&folder.join("report.xlsx")));
    let mut shown = 0;
    for cell in ["Waterfall!K8", "Plan!E8"] {
        let output = run(&folder, &["explain", "report.xlsx", cell]);
        says_no_secret(cell, &output);
        shown += usize::from(String::from_utf8_lossy(&output.stdout).contains("138********"));
    }
    assert!(shown > 0, "an explanation went down to the rows of the tape");
    let commands: [&[&str]; 4] = [
        &["strat", "deal.toml", "--by", "product,region,note,owner,phone", "--json"],
        &["eligibility", "deal.toml", "--json", "--out", "eligibility.xlsx"],
        &["select", "deal.toml", "--target", "9000", "--out", "selected.xlsx"],
        &["sample", "deal.toml", "--size", "3", "--out", "sample.xlsx", "--json"],
    ];
    for command in commands {
        let output = run(&folder, command);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {told}", command.join(" "));
        says_no_secret(command[0], &output);
    }
    let written = ["eligibility.xlsx", "selected.xlsx", "selected_mapping.toml", "sample.xlsx"];
    for file in written {
        has_no_secret(file, &text(&folder.join(file)));
    }
}

#[test]
fn a_table_without_headers_shows_nothing_of_its_rows() {
    let folder = folder("bare");
    let rows =
        "张三丰,13800138000,11010519491231002X,12000\n李小四,13912345678,440524198001010013,9000\n";
    std::fs::write(folder.join("pool.csv"), rows).expect("a writable folder");
    for arguments in [&["check", "deal.toml"][..], &["map", "pool.csv"]] {
        says_no_secret(&arguments.join(" "), &run(&folder, arguments));
    }
}

#[test]
fn hashes_are_stable_under_a_stated_key_and_differ_without() {
    let hash = |name: &str, key: Option<&str>, tape: &str| {
        let folder = folder(name);
        std::fs::write(folder.join("pool.csv"), tape).expect("a writable folder");
        let line = key.map_or(String::new(), |_| "[privacy]\nkey_env = \"DESK_KEY\"\n".to_string());
        std::fs::write(folder.join("mapping.toml"), line).expect("a writable folder");
        let output = Command::new(env!("CARGO_BIN_EXE_cashfall"))
            .args(["check", "deal.toml", "--mapping", "mapping.toml"])
            .current_dir(&folder)
            .env("DESK_KEY", key.unwrap_or_default())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let place = said.find('#').expect("a hash is shown");
        said[place..place + 21].to_string()
    };
    let longer = format!(
        "{TAPE}A-9,U4,李小四,,,,,,分期,浙江,2025-06-20,2025-07-20,12000.00,6000.00,12,6,等额本金,12,正常,\n"
    );
    let stated = hash("stated", Some("originator 7"), TAPE);
    assert_eq!(stated, hash("stated_again", Some("originator 7"), &longer));
    assert_ne!(stated, hash("other_key", Some("originator 8"), TAPE));
    let unstated = hash("unstated", None, TAPE);
    assert_eq!(unstated, hash("unstated_again", None, TAPE), "the same file, the same hashes");
    assert_ne!(unstated, hash("unstated_other", None, &longer));
}
