//! The traps of a tape, one small file each: what must be read, or which finding at which cell.
//!
//! One table; a case that fails is named with what was found, all of them at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cashfall::finding::{Checked, Finding};
use cashfall::job::{Job, Request};
use cashfall::money::Amount;
use cashfall::pool::{self, Parts, Pool, PoolTerms, ProductTerms, RatePeriod};
use cashfall::tape::{Mapping, propose};
use chrono::NaiveDate;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

fn terms() -> PoolTerms {
    PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    }
}

/// The plain table: 5,149.19 and 800.00 outstanding. Columns A to J.
const TABLE: &str = "\
借据号,客户号,放款日,首期应还日,初始本金(元),未偿本金(元),总期数,已还期数,还款方式,年化利率(%)
A-1,U1,2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12
A-2,U2,2025-11-05,2025-12-05,1200.00,800.00,3,1,等本等费,6
";
const BOTH: &str = "A-1 5149.19, A-2 800.00";

/// The two lines of the plain table.
fn lines() -> (&'static str, &'static str) {
    TABLE.split_once('\n').expect("headers and rows")
}

/// What of the pool a case looks at.
#[derive(Clone, Copy)]
enum What {
    /// Identifiers with what is outstanding.
    Balances,
    /// Originations and first due dates.
    Dates,
    /// Rates in percent with their period.
    Rates,
    /// Due days.
    Days,
    /// Instalments and those paid.
    Terms,
    /// An attribute.
    Texts(&'static str),
}

enum File {
    Text(Vec<u8>),
    Book(Box<dyn Fn(&mut Workbook)>),
    Fixture(&'static str),
}

struct Case {
    trap: &'static str,
    file: File,
    mapping: &'static str,
    what: What,
    is: &'static str,
    finds: &'static str,
}

impl Case {
    fn of(trap: &'static str, file: File) -> Case {
        Case { trap, file, mapping: "", what: What::Balances, is: BOTH, finds: "" }
    }

    fn mapped(self, mapping: &'static str) -> Case {
        Case { mapping, ..self }
    }

    fn reads(self, what: What, is: &'static str) -> Case {
        Case { what, is, ..self }
    }

    /// The identifiers and balances that are read.
    fn is(self, is: &'static str) -> Case {
        Case { is, ..self }
    }

    /// Codes with their cells.
    fn finds(self, finds: &'static str) -> Case {
        Case { finds, ..self }
    }
}

/// The plain table as text, with changes.
fn changed(trap: &'static str, changes: &[(&str, &str)]) -> Case {
    let mut text = TABLE.to_string();
    for (from, to) in changes {
        assert!(text.contains(from), "{trap}: {from} is not in the table");
        text = text.replace(from, to);
    }
    text_of(trap, &text)
}

fn text_of(trap: &'static str, text: &str) -> Case {
    Case::of(trap, File::Text(text.into()))
}

/// The plain table with one more column.
fn with_column(trap: &'static str, header: &str, cells: [&str; 2]) -> Case {
    let lines: Vec<String> = (TABLE.lines().zip([header, cells[0], cells[1]]))
        .map(|(line, cell)| format!("{line},{cell}"))
        .collect();
    text_of(trap, &lines.join("\n"))
}

/// The plain table as a workbook with real dates and numbers, from `top` on; then with changes.
fn book(trap: &'static str, top: u32, change: impl Fn(&mut Worksheet) + 'static) -> Case {
    let write = move |workbook: &mut Workbook| {
        let sheet = workbook.add_worksheet().set_name("明细").expect("a sheet name");
        typed(sheet, top);
        change(sheet);
    };
    Case::of(trap, File::Book(Box::new(write)))
}

fn typed(sheet: &mut Worksheet, top: u32) {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (row, line) in (top..).zip(TABLE.lines()) {
        for (column, text) in (0..).zip(line.split(',')) {
            match text.parse::<f64>() {
                Ok(number) => sheet.write(row, column, number).expect("a cell"),
                Err(_) if text.len() == 10 && text.starts_with("2025-") => {
                    let day = ExcelDateTime::parse_from_str(text).expect("a day");
                    sheet.write_with_format(row, column, &day, &date).expect("a cell")
                }
                Err(_) => sheet.write(row, column, text).expect("a cell"),
            };
        }
    }
}

fn path_of(case: &Case, group: &str, place: usize) -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    match &case.file {
        File::Text(bytes) => {
            let path = scratch.join(format!("trap_{group}_{place}.csv"));
            std::fs::write(&path, bytes).expect("a folder for temporary files");
            path
        }
        File::Book(write) => {
            let path = scratch.join(format!("trap_{group}_{place}.xlsx"));
            let mut workbook = Workbook::new();
            write(&mut workbook);
            workbook.save(&path).expect("a folder for temporary files");
            path
        }
        File::Fixture(name) => {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tapes").join(name)
        }
    }
}

fn shown(pool: &Pool, what: What) -> String {
    let texts = |name: &str| -> Vec<String> {
        let Some(of) = pool.attributes.get(name) else { return vec!["no column".to_string()] };
        of.codes.iter().map(|code| of.values[*code as usize].to_string()).collect()
    };
    let each = |show: &dyn Fn(&cashfall::pool::Receivable) -> String| -> Vec<String> {
        pool.receivables.iter().map(show).collect()
    };
    let shown = match what {
        What::Balances => each(&|r| format!("{} {}", r.id, r.outstanding_principal)),
        What::Dates => each(&|r| format!("{} {}", r.origination, r.first_due)),
        What::Rates => each(&|r| {
            let per = match r.rate.per {
                RatePeriod::Year => "year",
                RatePeriod::Instalment => "instalment",
                RatePeriod::Day => "day",
            };
            format!("{} a {per}", r.rate.rate.percent())
        }),
        What::Days => each(&|r| r.due_day.to_string()),
        What::Terms => each(&|r| format!("{} of {}", r.paid_instalments, r.instalments)),
        What::Texts(name) => texts(name),
    };
    shown.join(", ")
}

/// `CODE cell` of each finding.
fn told(findings: &[Finding]) -> String {
    let each = |finding: &Finding| {
        let cell = &finding.origin.cell;
        if cell.is_empty() { finding.code.to_string() } else { format!("{} {cell}", finding.code) }
    };
    findings.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// A text table says the same when it is read row by row and nothing of it is held.
fn in_blocks(path: &Path, mapping: &Mapping, whole: &Result<Checked<Pool>, cashfall::tape::Error>) {
    let Ok(whole) = whole else { return };
    let columns = BTreeSet::new();
    let parts = Parts { rows: 1, most: 5, columns: &columns };
    let ids = |all: &mut Vec<_>, part: &Pool| {
        all.extend(part.receivables.iter().map(|r| (r.id.clone(), r.outstanding_principal)));
    };
    let taken = pool::load_in_blocks(path, mapping, &terms(), parts, Vec::new, ids);
    let Some(taken) = taken.expect("it was read before") else { return };
    assert_eq!(told(taken.findings()), told(whole.findings()), "{}", path.display());
    let (taken, (pool, _)) = (taken.into_parts().0, whole.clone().into_parts());
    let whole = pool.receivables.iter().map(|r| (r.id.clone(), r.outstanding_principal));
    assert_eq!(taken.made, whole.collect::<Vec<_>>(), "{}", path.display());
}

/// What the mapping that `map` proposes makes of a tape, confirmed as it stands, where that is not what
/// no mapping makes of it; nothing for a tape that is refused.
fn proposed(path: &Path) -> Option<String> {
    let file = path.with_extension("proposed.toml");
    let mapped = Command::new(env!("CARGO_BIN_EXE_cashfall"))
        .args(["map", "--force", "--out"])
        .args([&file, path])
        .output()
        .expect("the program starts");
    if !mapped.status.success() {
        return None;
    }
    let text = std::fs::read_to_string(&file).expect("the proposal");
    let (mapping, findings) = Mapping::from_toml(&text, "proposed.toml").into_parts();
    let read = |mapping: &Mapping| {
        let checked = pool::load(path, mapping, &terms()).expect("the tape was read before");
        let (pool, findings) = checked.into_parts();
        let attributes: Vec<_> = pool.attributes.iter().collect();
        let rows = format!("{:#?} {attributes:#?}", pool.receivables);
        // What a mapping states was not found out.
        let found = findings.into_iter().filter(|f| !["T0011", "T0053"].contains(&f.code));
        (rows, told(&found.collect::<Vec<_>>()))
    };
    let ((plain, of_plain), (confirmed, of_confirmed)) =
        (read(&Mapping::default()), read(&mapping));
    let is_same = findings.is_empty() && plain == confirmed && of_plain == of_confirmed;
    let rows = plain.lines().zip(confirmed.lines()).find(|(one, other)| one != other);
    let mapping = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    (!is_same).then(|| {
        format!("proposed: {findings:?} {of_plain} | {of_confirmed} | {rows:?}\n{mapping}")
    })
}

#[test]
fn a_proposed_mapping_reads_what_no_mapping_reads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tapes");
    let entries = std::fs::read_dir(folder).expect("the tapes");
    let tapes: Vec<PathBuf> = entries.map(|entry| entry.expect("a tape").path()).collect();
    assert!(tapes.len() >= 10, "{tapes:?}");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trap_proposed");
    std::fs::create_dir_all(&scratch).expect("a folder for temporary files");
    let mut wrong = Vec::new();
    for tape in tapes {
        let path = scratch.join(tape.file_name().expect("a name"));
        std::fs::copy(&tape, &path).expect("a copy");
        wrong.extend(proposed(&path).map(|differs| format!("{}: {differs}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run(group: &str, cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        let (mapping, findings) = Mapping::from_toml(case.mapping, "mapping.toml").into_parts();
        assert_eq!(findings, [], "{}: the mapping is well formed", case.trap);
        let checked = pool::load(&path_of(case, group, place), &mapping, &terms());
        in_blocks(&path_of(case, group, place), &mapping, &checked);
        let path = path_of(case, group, place);
        wrong.extend(proposed(&path).map(|differs| format!("{}\n  {differs}", case.trap)));
        let (is, finds) = match checked {
            Ok(checked) => {
                let (pool, findings) = checked.into_parts();
                (shown(&pool, case.what), told(&findings))
            }
            Err(error) => ("not read".to_string(), error.to_string()),
        };
        if is != case.is || finds != case.finds {
            wrong.push(format!(
                "{}\n  wanted {} | {}\n  found  {is} | {finds}",
                case.trap, case.is, case.finds
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn files_and_encodings() {
    let gbk = encoding_rs::GBK.encode(TABLE).0.into_owned();
    let utf16 = |big: bool| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(TABLE.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let (head, _) = lines();
    run(
        "files",
        vec![
            text_of("the plain table", TABLE),
            text_of("a byte order mark", &format!("\u{feff}{TABLE}")),
            Case::of("GBK", File::Text(gbk)).finds("T0016"),
            Case::of("UTF-16, little end first", File::Text(utf16(false))),
            Case::of("UTF-16, big end first", File::Text(utf16(true))),
            text_of("semicolons", &TABLE.replace(',', ";")),
            text_of("tabs", &TABLE.replace(',', "\t")),
            text_of(
                "a line that names the separator",
                &format!("sep=;\n{}", TABLE.replace(',', ";")),
            ),
            text_of("line ends of Windows", &TABLE.replace('\n', "\r\n")),
            text_of("line ends of old Macs", &TABLE.replace('\n', "\r")),
            text_of("every cell in quotes", &{
                let quoted = |line: &str| {
                    line.split(',').map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(",")
                };
                TABLE.lines().map(quoted).collect::<Vec<_>>().join("\n")
            }),
            changed("a line break in a quoted header", &[("未偿本金(元)", "\"未偿本金\n(元)\"")]),
            changed("a line break in a quoted cell", &[("U1", "\"U\n1\"")]),
            text_of("an empty first column", &{
                TABLE.lines().map(|line| format!(",{line}")).collect::<Vec<_>>().join("\n")
            }),
            changed("blank rows between", &[("A-2,", ",,,,,,,,,\n\n   ,,,\nA-2,")]),
            text_of("titles above", &format!("应收账款明细表\n封包日,2025-12-31\n\n{TABLE}")),
            text_of("nothing but headers", &format!("{head}\n")).is("").finds("T0014"),
        ],
    );
}

#[test]
fn lines_that_are_no_receivables() {
    let (head, rows) = lines();
    let (first, second) = rows.split_once('\n').expect("two rows");
    let second = second.trim_end();
    run("lines", vec![
        text_of("合计", &format!("{TABLE}合计,,,,11200.00,5949.19,,,,")),
        text_of("合 计： with spaces and a colon", &format!("{TABLE}合　计：,,,,11200,5949.19,,,,")),
        text_of("合计：2笔", &format!("{TABLE}合计：2笔,,,,11200,5949.19,,,,")),
        text_of("总计(元) not in the first column", &format!("{TABLE},总计(元),,,11200,5949.19,,,,")),
        text_of("合计 that does not agree", &format!("{TABLE}合计,,,,11200,5949.20,,,,"))
            .finds("T0012 F4"),
        // Of 5149.194 and 800.00 the source's sum is a cent above that of the rounded rows.
        text_of("合计 of decimals that are rounded", &{
            let rows = TABLE.replace("5149.19", "5149.194");
            format!("{rows}合计,,,,11200,5949.20,,,,")
        })
        .mapped("decimals = \"round\"")
        .finds("T0061 F2"),
        text_of("合计 above the rows", &format!("{head}\n合计,,,,11200,5949.19,,,,\n{rows}")),
        text_of("小计 of each branch, and 合计", &format!(
            "{head}\n{first}\n小计,,,,10000,5149.19,,,,\n{second}\n浙江小计,,,,1200,800,,,,\n\
             合计,,,,11200,5949.19,,,,"
        )),
        text_of("小计 above its branch", &format!(
            "{head}\n小计,,,,10000,5149.19,,,,\n{first}\n小计,,,,1200,800,,,,\n{second}\n"
        )),
        text_of("小计 that does not agree", &format!(
            "{head}\n{first}\n小计,,,,10000,5149.18,,,,\n{second}\n"
        ))
        .finds("T0057 F3"),
        text_of("本页合计 on two pages, and 合计", &format!(
            "{head}\n{first}\n本页合计,,,,10000,5149.19,,,,\n{head}\n{second}\n本页合计,,,,1200,800,,,,\n\
             合计,,,,11200,5949.19,,,,"
        ))
        .finds("T0050 4"),
        text_of("合计 on two pages", &format!(
            "{head}\n{first}\n合计,,,,10000,5149.19,,,,\n{second}\n合计,,,,1200,800,,,,\n"
        )),
        text_of("小计 behind the name of a branch", &{
            let branch = |line: &str, name: &str| format!("{name},{line}");
            [
                branch(head, "分行"),
                branch(first, "浙江"),
                branch(second, "浙江"),
                branch("小计,,,,11200,5949.19,,,,", "浙江"),
            ]
            .join("\n")
        }),
        text_of("合计 in a column of numbers, with a count in the column of ids", &{
            [
                format!("序号,{head}"),
                format!("1,{first}"),
                format!("2,{second}"),
                "合计,2笔,,,,11200,5949.19,,,,".to_string(),
            ]
            .join("\n")
        }),
        text_of("汇总 of a spreadsheet's table", &format!("{TABLE}汇总,,,,11200,5949.19,,,,")),
        text_of("浙江 汇总 and 总计", &format!(
            "{head}\n{first}\n浙江 汇总,,,,10000,5149.19,,,,\n{second}\n江苏 汇总,,,,1200,800,,,,\n总计,,,,11200,5949.19,,,,"
        )),
        text_of("headers in two languages", &format!(
            "{head}\nreceivable_id,obligor_id,origination_date,first_due_date,original_principal,outstanding_principal,instalments,paid_instalments,repayment_method,rate\n{rows}"
        ))
        .finds("T0050 2"),
        text_of("a product that is called Total", &{
            [
                format!("{head},产品名称"),
                format!("{first},Total"),
                format!("{second},小计"),
            ]
            .join("\n")
        }),
        text_of("headers again on each page", &format!("{head}\n{first}\n{head}\n{second}\n"))
            .finds("T0050 3"),
        text_of("headers on two lines, again on each page", &{
            let upper = ",,日期,,金额(元),,期数,,,";
            let lower = "借据号,客户号,放款日,首期应还日,初始本金,未偿本金,总期数,已还期数,还款方式,年化利率(%)";
            format!("{upper}\n{lower}\n{first}\n{upper}\n{lower}\n{second}\n")
        })
        .finds("T0050 4"),
        text_of("制表人 in one cell", &format!("{TABLE}制表人：张三\n")).finds("T0050 4"),
        text_of("制表人 and 审核人 side by side", &format!(
            "{TABLE}制表人：张三,,审核人：李四,,日期：2025-12-31,,,,,\n"
        ))
        .finds("T0050 4"),
        text_of("a number of the page", &format!("{TABLE}第 1 页 共 3 页\n")).finds("T0050 4"),
        text_of("a remark below", &format!("{TABLE}\n注：余额截至封包日。\n")).finds("T0050 5"),
        text_of("a summary below", &format!(
            "{TABLE}\n产品汇总\n产品,笔数,未偿本金\n分期,1,5149.19\n白条,1,800.00\n合计,2,5949.19\n"
        ))
        .finds("T0050 5, T0051 6"),
        text_of("a second tape below", &format!(
            "{TABLE}\n借据号,未偿本金,初始本金\nB-1,100.00,200.00\n"
        ))
        .finds("T0052 5"),
        text_of("a row without an id", &format!("{TABLE},,,,11200,5949.19,,,,"))
            .finds("P0101 A4, P0117 G4"),
    ]);
}

#[test]
fn units_of_money() {
    let wan = [("10000.00", "1"), ("5149.19", "0.514919"), ("1200.00", "0.12"), ("800.00", "0.08")];
    let in_wan = |trap, head: [&str; 2]| {
        let heads = [("初始本金(元)", head[0]), ("未偿本金(元)", head[1])];
        changed(trap, &[&heads[..], &wan].concat())
    };
    let titled = |trap, title: &str, heads: [&str; 2]| {
        let mut text = TABLE.replace("初始本金(元)", heads[0]).replace("未偿本金(元)", heads[1]);
        for (from, to) in wan {
            text = text.replace(from, to);
        }
        text_of(trap, &format!("{title}\n{text}"))
    };
    run(
        "units",
        vec![
            in_wan("万元 in the header", ["初始本金(万元)", "未偿本金（万元）"]),
            in_wan(
                "万元 in square brackets, with 单位",
                ["初始本金【单位：万元】", "未偿本金[人民币万元]"],
            ),
            in_wan("万元 behind a stroke", ["初始本金/万元", "未偿本金 / 万元"]),
            in_wan("万元 by the mapping", ["初始本金", "未偿本金"]).mapped(
                "[units]\noriginal_principal = \"wan_yuan\"\noutstanding_principal = \"wan_yuan\"",
            ),
            titled(
                "单位：万元 above the table",
                "应收账款明细表,,单位：万元",
                ["初始本金", "未偿本金"],
            )
            .finds("T0053 C1"),
            titled("万元 in the title", "应收账款明细表（人民币万元）", ["初始本金", "未偿本金"])
                .finds("T0053 A1"),
            titled(
                "万元 above, and in the headers",
                "单位：元",
                ["初始本金(万元)", "未偿本金(万元)"],
            ),
            changed(
                "千元",
                &[
                    ("初始本金(元)", "初始本金(千元)"),
                    ("未偿本金(元)", "未偿本金(千元)"),
                    ("10000.00", "10"),
                    ("5149.19", "5.14919"),
                    ("1200.00", "1.2"),
                    ("800.00", "0.8"),
                ],
            ),
            changed(
                "分",
                &[
                    ("初始本金(元)", "初始本金(分)"),
                    ("未偿本金(元)", "未偿本金(分)"),
                    ("10000.00", "1000000"),
                    ("5149.19", "514919"),
                    ("1200.00", "120000"),
                    ("800.00", "80000"),
                ],
            ),
            changed("a unit that is not known", &[("未偿本金(元)", "未偿本金(万美元)")])
                .finds("T0054 F1"),
            changed("a remark in brackets is no unit", &[("未偿本金(元)", "未偿本金(截至封包日)")]),
            with_column("a limit in 万元", "授信额度(万元)", ["5", "2.5"])
                .reads(What::Texts("limit_total"), "50000.00, 25000.00"),
        ],
    );
}

#[test]
fn numbers() {
    let money = |trap, text: &str| changed(trap, &[("5149.19", text)]);
    run(
        "numbers",
        vec![
            money("thousands separators", "\"5,149.19\""),
            money("thousands separators without quotes", "5,149.19")
                .is("A-2 800.00")
                .finds("P0104 G2, P0104 J2, P0106 I2, T0018 K2"),
            money("full-width digits", "５，１４９．１９"),
            money("￥", "￥5149.19"),
            money("¥ with a space", "¥ 5149.19"),
            money("RMB", "RMB 5149.19"),
            money("人民币 … 元", "人民币5149.19元"),
            money("spaces around", "  5149.19 "),
            money("a space without a break", "\u{a0}5149.19\u{a0}"),
            money("an apostrophe", "'5149.19"),
            money("a formula around a text", "=\"5149.19\""),
            money("brackets for a negative", "(5149.19)").is("A-2 800.00").finds("P0109 F2"),
            money("full-width brackets", "（5149.19）").is("A-2 800.00").finds("P0109 F2"),
            money("a minus", "-5149.19").is("A-2 800.00").finds("P0109 F2"),
            money("a full-width minus", "－5149.19").is("A-2 800.00").finds("P0109 F2"),
            money("a minus behind", "5149.19-").is("A-2 800.00").finds("P0109 F2"),
            money("a minus and a currency", "-￥5149.19").is("A-2 800.00").finds("P0109 F2"),
            money("more than two decimals", "5149.195").is("A-2 800.00").finds("P0108 F2"),
            money("decimals rounded by the mapping", "5149.194")
                .mapped("decimals = \"round\"")
                .finds("T0061 F2"),
            money("zeros behind two decimals", "5149.1900"),
            money("a comma for the decimals", "\"5149,19\"").is("A-2 800.00").finds("P0104 F2"),
            money("a power of ten", "5.14919E+03").is("A-2 800.00").finds("P0104 F2"),
            money("a failed lookup", "#N/A").is("A-2 800.00").finds("P0104 F2"),
            money("a broken reference", "#REF!").is("A-2 800.00").finds("P0104 F2"),
            money("a formula as text", "=E2-1").is("A-2 800.00").finds("P0104 F2"),
            changed("instalments with their unit", &[(",12,6,", ",12期,6个月,")])
                .reads(What::Terms, "6 of 12, 1 of 3"),
            changed("instalments with decimals of zero", &[(",12,6,", ",12.0,6.00,")])
                .reads(What::Terms, "6 of 12, 1 of 3"),
            changed("instalments that are no whole number", &[(",12,6,", ",12.5,6,")])
                .is("A-2 800.00")
                .finds("P0104 G2"),
            book("numbers stored as text", 0, |sheet| {
                sheet.write(1, 5, "5149.19").expect("a cell");
                sheet.write(1, 6, " 12").expect("a cell");
            }),
            book("a double that is no whole cent", 0, |sheet| {
                sheet.write(1, 5, 0.1 + 0.2).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("P0108 F2"),
            book("an error value", 0, |sheet| {
                let broken = Formula::new("=VLOOKUP(1,X1:Y2,2,0)").set_result("#N/A");
                sheet.write(1, 5, broken).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("T0047, P0104 F2"),
        ],
    );
}

#[test]
fn nothing() {
    let marks =
        ["", "-", "—", "——", "－", "/", "N/A", "NULL", "null", "无", "空", "NaN", "None", "\\N"];
    let mut cases: Vec<Case> = (marks.into_iter())
        .map(|mark| {
            with_column("a mark for nothing", "逾期天数", [mark, "0"]).reads(What::Balances, BOTH)
        })
        .collect();
    cases.truncate(marks.len());
    cases.extend([
        changed("a dash where a figure must be", &[(",12,6,", ",12,—,")])
            .is("A-2 800.00")
            .finds("P0117 H2"),
        changed("a dash for the balance: the contract gives it", &[("5149.19", "—")])
            .is("A-1 5149.20, A-2 800.00")
            .finds("P0137"),
        changed("a dash for the balance of a flat fee", &[("800.00", "NULL")]).finds("P0137"),
        with_column("否, N and 无 say no", "是否质押", ["否", "无"]),
        with_column("N and 0 say no", "是否质押", ["N", "0"]),
        with_column("FALSE and F say no", "是否质押", ["FALSE", "F"]),
        with_column("是 and Y say yes", "是否质押", ["是", "Y"]).is("").finds("P0155 K2, P0155 K3"),
        with_column("a name of a deal says yes", "已入其他专项计划", ["无", "京诚 1 号"])
            .is("A-1 5149.19")
            .finds("P0155 K3"),
    ]);
    run("nothing", cases);
}

#[test]
fn dates() {
    let dated = |trap, text: &str| {
        let changes = [("2025-06-10", text), ("2025-11-05", "2025-11-05")];
        changed(trap, &changes).reads(What::Dates, "2025-06-10 2025-07-10, 2025-11-05 2025-12-05")
    };
    let none = "2025-11-05 2025-12-05";
    run(
        "dates",
        vec![
            dated("20250610", "20250610"),
            dated("2025/6/10", "2025/6/10"),
            dated("2025.06.10", "2025.06.10"),
            dated("2025年6月10日", "2025年6月10日"),
            dated("2025 年 6 月 10 日", "2025 年 6 月 10 日"),
            dated("2025年6月10号", "2025年6月10号"),
            dated("full-width digits", "２０２５－０６－１０"),
            dated("a time of day", "2025-06-10 00:00:00"),
            dated("a time of day behind strokes", "2025/6/10 9:30"),
            dated("a time of day behind a T", "2025-06-10T08:00:00"),
            dated("date and time in one number", "20250610093000"),
            dated("an apostrophe", "'2025-06-10"),
            dated("a day serial", "45818").reads(What::Dates, none).finds("P0105 C2"),
            dated("a day serial that the mapping states", "45818")
                .mapped("[units]\norigination_date = \"serial\""),
            dated("day and month the other way round", "10/06/2025")
                .reads(What::Dates, none)
                .finds("P0105 C2"),
            dated("a day that is none", "2025-06-31").reads(What::Dates, none).finds("P0105 C2"),
            dated("the day before the calendar begins", "1900-01-00")
                .reads(What::Dates, none)
                .finds("P0105 C2"),
            dated("the first day of 1900", "1900-01-01").reads(What::Dates, none).finds("P0105 C2"),
            dated("nothing", "0000-00-00").reads(What::Dates, none).finds("P0105 C2"),
            book("a number of eight digits", 0, |sheet| {
                sheet.write(1, 2, 20_250_610.0).expect("a cell");
            }),
            book("an empty cell formatted as a date", 0, |sheet| {
                let date = Format::new().set_num_format("yyyy-mm-dd");
                sheet.write_with_format(1, 2, 0.0, &date).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("P0105 C2"),
            book("a date with a time", 0, |sheet| {
                let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
                sheet.write_with_format(1, 2, 45_818.75, &format).expect("a cell");
            })
            .reads(What::Dates, "2025-06-10 2025-07-10, 2025-11-05 2025-12-05"),
            book("a day serial without a format", 0, |sheet| {
                sheet.write(1, 2, 45_818.0).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("P0105 C2"),
            Case::of("the calendar of 1904", File::Fixture("table1904.xlsx"))
                .mapped("[units]\nrate = { unit = \"fraction\", per = \"year\" }")
                .reads(
                    What::Dates,
                    "2025-06-10 2025-07-10, 2025-06-20 2025-07-20, 2025-11-05 2025-12-05",
                ),
            Case::of("day serials of the calendar of 1904", File::Fixture("serial1904.xlsx"))
                .mapped("[units]\norigination_date = \"serial\"\nfirst_due_date = \"serial\"")
                .reads(What::Dates, "2025-06-10 2025-07-10, 2025-11-05 2025-12-05"),
        ],
    );
}

#[test]
fn identifiers() {
    let id = |trap, text: &str| changed(trap, &[("A-1,", &format!("{text},"))]);
    let long = |tail: &str| {
        let (head, _) = lines();
        let row = |n: usize| {
            format!(
                "62220212345678{}{tail},U{n},2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12",
                n % 10
            )
        };
        let rows: Vec<String> = (0..10).map(row).collect();
        format!("{head}\n{}\n", rows.join("\n"))
    };
    run(
        "ids",
        vec![
            id("a text of nineteen digits", "6222020000000000123")
                .is("6222020000000000123 5149.19, A-2 800.00"),
            id("what a spreadsheet leaves of it", "6.22202E+18").is("A-2 800.00").finds("P0103 A2"),
            id("the same without decimals", "6E+18").is("A-2 800.00").finds("P0103 A2"),
            id("spaces around", " A-1　").is(BOTH),
            id("an apostrophe before it", "'A-1"),
            id("the mark of a payment house", "`A-1"),
            id("a formula that keeps zeros", "=\"0012\"").is("0012 5149.19, A-2 800.00"),
            id("a tab behind it", "A-1\t"),
            id("a letter without width", "A-1\u{200b}"),
            id("the same twice", "A-2").is("A-2 5149.19").finds("P0102 A3"),
            id("a failed lookup", "#N/A").is("A-2 800.00").finds("P0101 A2"),
            book("a number of nineteen digits", 0, |sheet| {
                sheet.write(1, 0, 6_222_020_000_000_000_123.0).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("P0103 A2"),
            book("a number of fifteen digits", 0, |sheet| {
                sheet.write(1, 0, 123_456_789_012_345.0).expect("a cell");
            })
            .is("123456789012345 5149.19, A-2 800.00"),
            book("an obligor's number of nineteen digits", 0, |sheet| {
                sheet.write(1, 1, 6_222_020_000_000_000_123.0).expect("a cell");
            })
            .is("A-2 800.00")
            .finds("P0103 B2"),
            text_of("ten ids with zeros behind the fifteenth digit", &long("000"))
                .reads(What::Days, "10, 10, 10, 10, 10, 10, 10, 10, 10, 10")
                .finds("T0055 A2"),
            text_of("ten ids with digits behind the fifteenth", &long("001"))
                .reads(What::Days, "10, 10, 10, 10, 10, 10, 10, 10, 10, 10"),
        ],
    );
}

#[test]
fn rates() {
    let both = "12 % a year, 6 % a year";
    let rate = |trap, header: &str, cells: [&str; 2]| {
        let changes = [
            ("年化利率(%)", header),
            ("等额本息,12\n", &format!("等额本息,{}\n", cells[0])),
            ("等本等费,6\n", &format!("等本等费,{}\n", cells[1])),
        ];
        changed(trap, &changes).reads(What::Rates, both)
    };
    let percent = |code: &'static str| {
        move |sheet: &mut Worksheet| {
            let format = Format::new().set_num_format(code);
            sheet.write(0, 9, "年化利率").expect("a cell");
            sheet.write_with_format(1, 9, 0.12, &format).expect("a cell");
            sheet.write_with_format(2, 9, 0.06, &format).expect("a cell");
        }
    };
    run(
        "rates",
        vec![
            rate("percent in the header", "年化利率(%)", ["12", "6"]),
            rate("full-width percent in the header", "年化利率（％）", ["12", "6"]),
            rate("percent in the cells", "年化利率", ["12%", "6.00%"]),
            rate("full-width percent in the cells", "年化利率", ["１２％", "6 ％"]),
            rate("percent in both", "年化利率(%)", ["12%", "6%"]),
            rate("a fraction that says so", "年化利率(小数)", ["0.12", "0.06"]),
            rate("neither percent nor fraction", "年化利率", ["0.12", "0.06"])
                .reads(What::Rates, "")
                .finds("T0009 J1"),
            rate("no period", "利率(%)", ["12", "6"]).reads(What::Rates, "").finds("T0010 J1"),
            rate("a month", "月费率(%)", ["1", "0.5"])
                .reads(What::Rates, "1 % a instalment, 0.5 % a instalment"),
            rate("a percentage taken for a fraction", "年化利率(小数)", ["12", "0.06"])
                .reads(What::Rates, "6 % a year")
                .finds("P0116 J2"),
            rate("a remark", "年化利率(%)", ["LPR+50BP", "6"])
                .reads(What::Rates, "6 % a year")
                .finds("P0104 J2"),
            book("percent cells", 0, percent("0.00%")).reads(What::Rates, both),
            book("percent cells below a header that says %", 0, |sheet| {
                let format = Format::new().set_num_format("0.00%");
                sheet.write_with_format(1, 9, 0.12, &format).expect("a cell");
                sheet.write_with_format(2, 9, 0.06, &format).expect("a cell");
            })
            .reads(What::Rates, both),
            book("a percent sign that is only shown", 0, |sheet| {
                let format = Format::new().set_num_format("0.00\"%\"");
                sheet.write_with_format(1, 9, 12.0, &format).expect("a cell");
            })
            .reads(What::Rates, both),
            Case::of("percent cells of xls below (%)", File::Fixture("percent.xls"))
                .reads(What::Rates, "0.12 % a year, 0.06 % a year")
                .finds("T0058, T0060 J1"),
            Case::of("percent cells of ods below (%)", File::Fixture("percent.ods"))
                .reads(What::Rates, "0.12 % a year, 0.06 % a year")
                .finds("T0060 J1"),
        ],
    );
}

#[test]
fn headers() {
    let (_, rows) = lines();
    let body = "借据号,客户号,放款日,首期应还日,初始本金(元),未偿本金(元),总期数,已还期数,还款方式,年化利率(%)";
    run("headers", vec![
        text_of("spaces, joints and full width", &format!(
            "借 据 号,客户号*,放款日：,首期_应还日,【初始本金】（元）,未偿本金 (元) ,总期数,已还期数,还款方式,年化利率(％)\n{rows}"
        ))
        .finds(""),
        text_of("names of the canon", &format!(
            "receivable_id,obligor_id,Origination Date,first-due-date,ORIGINAL_PRINCIPAL,outstanding_principal,instalments,paid_instalments,repayment_method,年化利率(%)\n{rows}"
        )),
        text_of("two lines, the upper one groups", &format!(
            ",,日期,,金额(元),,期数,,,\n借据号,客户号,放款日,首期应还日,初始本金,未偿本金,总期数,已还期数,还款方式,年化利率(%)\n{rows}"
        )),
        text_of("two lines, names above and units below", &format!(
            "借据号,客户号,放款日,首期应还日,初始本金,未偿本金,总期数,已还期数,还款方式,年化利率(%)\n,,,,(元),(元),,,,\n{rows}"
        ))
        .finds(""),
        text_of("two columns of one meaning", &format!("{body},剩余本金\n{}", rows.replace('\n', ",1\n")))
            .finds("T0006 K1"),
        text_of("a column that is missing", &{
            let cut = |line: &str| line.rsplit_once(',').map_or(String::new(), |(l, _)| l.to_string());
            TABLE.lines().map(cut).collect::<Vec<_>>().join("\n")
        })
        .is("")
        .finds("T0007 1"),
        text_of("headers that nobody knows", "甲,乙,丙\n1,2,3\n").is("").finds("T0005"),
        text_of("headers below twenty rows of titles", &format!("{}{TABLE}", "说明,一\n".repeat(21)))
            .is("")
            .finds("T0005"),
        text_of("the same where the mapping says it", &format!("{}{TABLE}", "说明,一\n".repeat(21)))
            .mapped("header_row = 22"),
        book("a title across merged cells", 2, |sheet| {
            let format = Format::new();
            sheet.merge_range(0, 0, 0, 9, "应收账款明细表", &format).expect("merged cells");
        }),
        book("headers of two lines, merged both ways", 1, |sheet| {
            let format = Format::new();
            sheet.merge_range(0, 4, 0, 5, "金额(元)", &format).expect("merged cells");
            sheet.merge_range(0, 6, 0, 7, "期数", &format).expect("merged cells");
            for (column, text) in [(0_u16, "借据号"), (1, "客户号"), (2, "放款日"), (3, "首期应还日")] {
                sheet.merge_range(0, column, 1, column, text, &format).expect("merged cells");
            }
            sheet.write(1, 4, "初始本金").expect("a cell");
            sheet.write(1, 5, "未偿本金").expect("a cell");
        }),
        book("merged cells in the rows", 0, |sheet| {
            sheet.merge_range(1, 1, 2, 1, "U1", &Format::new()).expect("merged cells");
        })
        .reads(What::Texts("obligor_id"), "U1, ")
        .finds("T0056 B2:B3"),
        book("an empty first column and an empty first row", 1, |sheet| {
            sheet.set_column_width(0, 3).expect("a column");
        }),
    ]);
}

#[test]
fn sheets() {
    run(
        "sheets",
        vec![
            Case::of(
                "several sheets as one tape",
                File::Book(Box::new(|workbook| {
                    let (head, rows) = lines();
                    for (name, row) in ["一月", "二月"].into_iter().zip(rows.lines()) {
                        let sheet = workbook.add_worksheet().set_name(name).expect("a sheet name");
                        for (at, line) in (0..).zip([head, row]) {
                            for (column, text) in (0..).zip(line.split(',')) {
                                sheet.write(at, column, text).expect("a cell");
                            }
                        }
                    }
                })),
            )
            .mapped("sheets = [\"一月\", \"二月\"]"),
            book("a hidden row", 0, |sheet| {
                sheet.set_row_hidden(2).expect("a row");
            })
            .finds("T0040 3:3"),
            book("a hidden row that is to be left out", 0, |sheet| {
                sheet.set_row_hidden(2).expect("a row");
            })
            .mapped("hidden = \"skip\"")
            .is("A-1 5149.19")
            .finds("T0041 3:3"),
            book("a hidden column", 0, |sheet| {
                sheet.set_column_hidden(5).expect("a column");
            })
            .finds("T0043 F:F"),
            Case::of("a row that a filter hides in ods", File::Fixture("hidden.ods"))
                .finds("T0040 3:3"),
            Case::of("a hidden row of xlsb", File::Fixture("hidden.xlsb"))
                .mapped("[units]\nrate = { unit = \"fraction\", per = \"year\" }")
                .is("A-1 5149.19, A-2 5149.19, A-3 800.00")
                .finds("T0040 4:4"),
            Case::of("xls, whose hidden rows cannot be seen", File::Fixture("table.xls"))
                .mapped("[units]\nrate = { unit = \"fraction\", per = \"year\" }")
                .is("A-1 5149.19, A-2 5149.19, A-3 800.00")
                .finds("T0058"),
            book("a boolean", 0, |sheet| {
                sheet.write(0, 10, "是否质押").expect("a cell");
                sheet.write(1, 10, false).expect("a cell");
                sheet.write(2, 10, true).expect("a cell");
            })
            .is("A-1 5149.19")
            .finds("P0155 K3"),
            book("a sheet formatted down to its last row", 0, |sheet| {
                let format = Format::new().set_num_format("yyyy-mm-dd");
                sheet.write_blank(1_048_575, 16_383, &format).expect("a cell");
            }),
        ],
    );
}

/// A schedule in a file of its own has traps of its own.
#[test]
fn schedules() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trap_schedules");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = TABLE.replace("等本等费", "按计划");
    std::fs::write(folder.join("pool.csv"), tape).expect("a file");
    let lines = "借据号,期次,应还日期,应还本金,应还手续费\nA-2,2,2026-01-05,400.00,6\nA-2,3,2026-02-05,400.00,6\n";
    let (head, rows) = lines.split_once('\n').expect("headers and rows");
    let in_wan = lines.replace("400.00", "0.04").replace(",6", ",0.0006");
    let stale: &dyn Fn(&mut Worksheet) = &|sheet| {
        let formula = Formula::new("=D3-1").set_result("400");
        sheet.write(1, 3, formula).expect("a cell");
    };
    let hidden: &dyn Fn(&mut Worksheet) = &|sheet| {
        sheet.set_row_hidden(2).expect("a row");
    };
    let nothing: &dyn Fn(&mut Worksheet) = &|_| {};
    // The file, what is changed in it as a workbook, the mapping, the principal of its lines, findings.
    let cases = [
        ("the plain file", lines.to_string(), None, "", "800.00", ""),
        (
            "a title with a unit",
            format!("还款计划,单位：万元\n{in_wan}"),
            None,
            "",
            "800.00",
            "T0053 B1",
        ),
        (
            "合计 and a signature",
            format!("{lines}合计,,,800.00,12\n制表人：张三\n"),
            None,
            "",
            "800.00",
            "",
        ),
        (
            "headers again",
            format!("{head}\n{}{head}\n{}", &rows[..26], &rows[26..]),
            None,
            "",
            "800.00",
            "",
        ),
        ("a workbook", lines.to_string(), Some(nothing), "", "800.00", ""),
        ("a hidden row", lines.to_string(), Some(hidden), "", "800.00", "T0040 3:3"),
        (
            "a hidden row left out",
            lines.to_string(),
            Some(hidden),
            "hidden = \"skip\"\n",
            "0.00",
            "T0041 3:3, P0132 F3",
        ),
        ("a formula that is out of date", lines.to_string(), Some(stale), "", "800.00", "T0059 D2"),
        (
            "a unit that is not known",
            lines.replace("应还本金", "应还本金(万美元)"),
            None,
            "",
            "800.00",
            "T0054 D1",
        ),
    ];
    for (place, (trap, text, change, mapping, principal, finds)) in cases.into_iter().enumerate() {
        let name = match change {
            None => {
                let name = format!("plan_{place}.csv");
                std::fs::write(folder.join(&name), text).expect("a file");
                name
            }
            Some(change) => {
                let name = format!("plan_{place}.xlsx");
                let mut workbook = Workbook::new();
                let sheet = workbook.add_worksheet().set_name("还款计划").expect("a name");
                for (row, line) in (0..).zip(text.lines()) {
                    for (column, text) in (0..).zip(line.split(',')) {
                        match text.parse::<f64>() {
                            Ok(number) => sheet.write(row, column, number).expect("a cell"),
                            Err(_) => sheet.write(row, column, text).expect("a cell"),
                        };
                    }
                }
                change(sheet);
                workbook.save(folder.join(&name)).expect("a file");
                name
            }
        };
        let text = format!("{mapping}schedule = {{ file = \"{name}\" }}");
        let (mapping, _) = Mapping::from_toml(&text, "mapping.toml").into_parts();
        let checked = pool::load(&folder.join("pool.csv"), &mapping, &terms()).expect("a tape");
        let (pool, findings) = checked.into_parts();
        assert_eq!(told(&findings), finds, "{trap}");
        let lines = pool.receivables.iter().filter_map(|r| r.given.as_deref()).flatten();
        let sum: Amount = lines.map(|line| line.principal).sum();
        assert_eq!(sum.to_string(), principal, "{trap}");
    }
}

/// Formulas without values in the sums of a schedule are none of its lines.
#[test]
fn a_schedule_whose_sums_were_never_calculated() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trap_schedule_sums");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = TABLE.replace("等本等费", "按计划");
    std::fs::write(folder.join("pool.csv"), tape).expect("a file");
    let plan =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tapes/plan_without_values.xlsx");
    std::fs::copy(plan, folder.join("plan.xlsx")).expect("a copy");
    let (mapping, _) =
        Mapping::from_toml("schedule = { file = \"plan.xlsx\" }", "mapping.toml").into_parts();
    let checked = pool::load(&folder.join("pool.csv"), &mapping, &terms()).expect("a tape");
    let (pool, findings) = checked.into_parts();
    assert_eq!(told(&findings), "");
    let lines = pool.receivables.iter().filter_map(|r| r.given.as_deref()).flatten();
    assert_eq!(lines.map(|line| line.principal).sum::<Amount>().to_string(), "800.00");
}

/// What is wrong with a tape is told whatever is wrong with its deal; what is counted to a cut-off date
/// only where there is one.
#[test]
fn a_refused_deal_does_not_hide_its_tape() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trap_refused");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let tape = TABLE.replace("5149.19", "(5149.19)").replace("2025-11-05", "2026-01-05");
    std::fs::write(folder.join("pool.csv"), tape).expect("a file");
    for (pool, found) in [
        ("tape = \"pool.csv\"\ncutoff = 2025-12-31", "P0109 F2, P0114 C3, P0115 D3"),
        ("tape = \"pool.csv\"", "P0109 F2, P0115 D3"),
        ("tape = \"absent.csv\"\ncutoff = 2025-12-31", ""),
        ("cutoff = 2025-12-31", ""),
    ] {
        let deal = format!("[deal]\nname = {{ zh = \"甲\", en = \"A\" }}\n[pool]\n{pool}\n");
        std::fs::write(folder.join("deal.toml"), deal).expect("a file");
        let request = Request { deal: folder.join("deal.toml"), ..Request::default() };
        let opened = Job::open(&request).expect("the deal can be read");
        let lacking = opened.findings().iter().filter(|finding| finding.code == "F0103").count();
        assert!(lacking >= 3, "dates, tranches and steps: {lacking}");
        let of_tape: Vec<Finding> = (opened.findings().iter())
            .filter(|finding| finding.origin.file == "pool.csv")
            .cloned()
            .collect();
        assert_eq!(told(&of_tape), found, "{pool}");
    }
}

/// What is stored beside a formula is what is read, and is compared where the formula is simple.
#[test]
fn formulas() {
    let balance = |formula: &'static str, stored: &'static str| {
        move |sheet: &mut Worksheet| {
            sheet.write(1, 5, Formula::new(formula).set_result(stored)).expect("a cell");
        }
    };
    run(
        "formulas",
        vec![
            book("a difference that agrees", 0, balance("=E2-4850.81", "5149.19")),
            book("a difference that does not", 0, balance("=E2-4850.80", "5149.19"))
                .finds("T0059 F2"),
            book("a rounded product", 0, balance("=ROUND(E2*0.5149194,2)", "5149.19")),
            book("a sum of cells", 0, balance("=SUM(E2:E3)-6050.81", "5149.19")),
            book("a sum of cells that is out of date", 0, balance("=SUM(E2:E3)/2", "5149.19"))
                .finds("T0059 F2"),
            book("a percentage", 0, balance("=E2*51.4919%", "5149.19")),
            book("a function that is not calculated", 0, balance("=MAX(E2-1,0)", "5149.19"))
                .finds("T0047"),
            book("another sheet", 0, balance("='x y'!E2", "5149.19")).finds("T0047"),
            book("a chain: the first that differs is told", 0, |sheet| {
                let first = Formula::new("=E2-4850.80").set_result("5149.19");
                sheet.write(1, 5, first).expect("a cell");
                sheet.write(0, 10, "逾期本金").expect("a cell");
                sheet.write(1, 10, Formula::new("=F2-5149.19").set_result("0")).expect("a cell");
                sheet.write(2, 10, Formula::new("=F3-800").set_result("0")).expect("a cell");
            })
            .finds("T0059 F2"),
            book("a row of sums by formulas", 0, |sheet| {
                sheet.write(3, 0, "合计").expect("a cell");
                let sum = Formula::new("=SUM(F2:F3)").set_result("5949.19");
                sheet.write(3, 5, sum).expect("a cell");
            }),
            Case::of(
                "a row of sums with a formula without a value",
                File::Fixture("sums_without_values.xlsx"),
            ),
            Case::of(
                "such a row below a receivable with such a formula",
                File::Fixture("rows_without_values.xlsx"),
            )
            .is("A-1 5149.19")
            .finds("T0044 F3, T0050 4"),
            book("a row of sums that is out of date", 0, |sheet| {
                sheet.write(3, 0, "合计").expect("a cell");
                let sum = Formula::new("=SUM(F2:F3)").set_result("5949.20");
                sheet.write(3, 5, sum).expect("a cell");
            })
            .finds("T0059 F4, T0012 F4"),
        ],
    );
}

/// The third column of the table of fields: each rule is checked of every row.
#[test]
fn rules_of_the_fields() {
    run(
        "rules",
        vec![
            changed("total = paid + remaining", &[("已还期数", "剩余期数"), (",12,6,", ",12,13,")])
                .is("A-2 800.00")
                .finds("P0113 G2"),
            with_column("total = paid + remaining, all three given", "剩余期数", ["5", "2"])
                .is("A-2 800.00")
                .finds("P0113 G2"),
            changed(
                "origination up to the cut-off",
                &[("2025-11-05", "2026-01-05"), ("2025-12-05", "2026-02-05")],
            )
            .is("A-1 5149.19")
            .finds("P0114 C3"),
            with_column("maturity after origination", "到期日", ["2025-06-10", "2026-02-05"])
                .is("A-2 800.00")
                .finds("P0123 K2"),
            changed("something was lent", &[("10000.00,5149.19", "0,0")])
                .is("A-2 800.00")
                .finds("P0122 E2"),
            changed("outstanding up to what was lent", &[("800.00", "1200.01")])
                .is("A-1 5149.19")
                .finds("P0110 F3"),
            with_column("overdue up to outstanding", "逾期本金", ["0", "800.01"])
                .is("A-1 5149.19")
                .finds("P0125 K3"),
            text_of("overdue and not yet due make outstanding", &{
                let mut lines = TABLE.lines();
                let mut next = |more: &str| format!("{},{more}\n", lines.next().expect("a line"));
                [next("逾期本金,未到期本金"), next("149.19,5000.00"), next("0,799.99")].concat()
            })
            .is("A-1 5149.19")
            .finds("P0183 L3"),
            with_column("a fee that is negative", "未偿息费", ["-1", "0"]).finds("P0182 K2"),
            with_column("days past due that are negative", "逾期天数", ["-1", "26"])
                .is("A-2 800.00")
                .finds("P0109 K2, P0150 K3"),
            with_column("days past due by the plan", "逾期天数", ["0", "30"]).finds("P0150 K3"),
            with_column("since when it is overdue", "逾期开始日", ["", "2026-01-05"]).finds(""),
            with_column("the annual cost", "综合年化(%)", ["12.00", "6.50"]).finds("P0151 K3"),
            with_column("the due day", "还款日", ["31", "32"]).is("A-1 5149.19").finds("P0104 K3"),
            changed(
                "the last day of the month",
                &[("首期应还日", "还款日"), ("2025-07-10", "月末"), ("2025-12-05", "每月5号")],
            )
            .reads(What::Days, "31, 5"),
            with_column("a funding share", "出资比例", ["100%", "30%"]).finds("P0181 K3"),
            with_column("a funding share above one", "出资比例", ["1", "300"]).finds("P0182 K3"),
            with_column("somebody below eighteen", "年龄", ["17", "18"]).finds("P0184 K2"),
            with_column("the same by the year of birth", "出生年份", ["2008", "1990"])
                .finds("P0184 K2"),
            with_column("an age that is none", "年龄", ["三十", "200"]).finds("P0182 K2, P0182 K3"),
            text_of("a limit that is exceeded", &{
                let mut lines = TABLE.lines();
                let mut next = |more: &str| format!("{},{more}\n", lines.next().expect("a line"));
                [next("授信额度(万元),已用额度(元)"), next("1,10000.00"), next("1,10000.01")]
                    .concat()
            })
            .finds("P0180 L3"),
            with_column("counts of former arrears", "历史最大逾期天数", ["30天", "x"])
                .finds("P0182 K3"),
            with_column("a day of purchase", "转让日", ["2025-12-31", "下月"]).finds("P0182 K3"),
        ],
    );
}

/// Each canonical field by each header that the field's custom has for it.
#[test]
fn every_field_is_known_by_its_usual_headers() {
    let fields: &[(&str, &str)] = &[
        ("receivable_id", "借据号/借据编号/应收账款编号/资产编号/入池编号/due_bill_no"),
        ("order_id", "订单号/交易流水号"),
        ("contract_id", "合同编号/贷款合同号"),
        ("obligor_id", "客户号/债务人编号/用户ID/身份证号(脱敏)"),
        ("product", "产品名称/产品类型/业务类型"),
        ("originator", "原始权益人/放款机构/资金方"),
        ("funding_share", "出资比例/自营比例"),
        ("scene", "消费场景/商品类目"),
        ("merchant_id", "商户号"),
        ("origination_date", "放款日/起息日/交易日期/发放日"),
        ("maturity_date", "到期日/最后还款日"),
        ("first_due_date", "首期应还日"),
        ("due_day", "还款日"),
        ("original_principal", "发放金额/分期本金/合同金额/初始本金"),
        ("outstanding_principal", "未偿本金余额/剩余本金/本金余额"),
        ("overdue_principal", "逾期本金"),
        ("unbilled_principal", "未到期本金"),
        ("outstanding_fee", "未偿息费/应收手续费余额"),
        ("instalments", "总期数"),
        ("paid_instalments", "已还期数"),
        ("remaining_instalments", "剩余期数"),
        ("repayment_method", "还款方式"),
        ("rate", "费率/月费率/日利率/年化利率"),
        ("apr_irr", "年化利率(IRR)/综合年化"),
        ("subsidy_rate", "贴息"),
        ("subsidy_payer", "商家补贴"),
        ("interest_free_flag", "免息标识"),
        ("status", "资产状态/五级分类"),
        ("past_due_days", "逾期天数/当前逾期天数"),
        ("overdue_start", "逾期开始日"),
        ("hist_overdue_count", "历史逾期次数"),
        ("max_dpd", "历史最大逾期天数"),
        ("cum_dpd", "累计逾期天数"),
        ("extension_flag", "展期/延期标识"),
        ("age", "年龄"),
        ("birth_year", "出生年份"),
        ("gender", "性别"),
        ("region", "省份"),
        ("city", "城市"),
        ("occupation", "职业"),
        ("education", "学历"),
        ("income_band", "收入"),
        ("score_name", "评分名称"),
        ("score_value", "信用评分"),
        ("score_band", "评分等级/影子评级"),
        ("limit_total", "授信额度"),
        ("limit_used", "已用额度"),
        ("limit_type", "固定额度/临时额度"),
        ("bureau_flag", "征信"),
        ("fraud_flag", "欺诈"),
        ("green_flag", "绿色"),
        ("first_credit_flag", "首贷"),
        ("guarantor", "担保/增信机构"),
        ("guarantee_fee_rate", "担保费"),
        ("lien_flag", "质押/权利负担"),
        ("other_deal_id", "已入其他专项计划"),
        ("purchase_date", "购买日/转让日"),
        ("purchase_price", "购买价款/对价"),
        ("purchase_batch", "循环批次"),
    ];
    let mut wrong = Vec::new();
    for (field, aliases) in fields {
        for alias in aliases.split('/').chain([*field]) {
            // Three known headers of other fields stand before it.
            let others = ["借据号", "放款日", "总期数", "还款方式"];
            let known = ["receivable_id", "origination_date", "instalments", "repayment_method"];
            let others = others.iter().zip(known).filter(|(_, name)| name != field);
            let others: Vec<&str> = others.map(|(header, _)| *header).collect();
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trap_alias.csv");
            std::fs::write(&path, format!("{},{alias}\n", others.join(","))).expect("a file");
            let proposal = propose(&path).expect("a table");
            let last = proposal.columns.last().expect("columns");
            if last.field.as_deref() != Some(*field) {
                wrong.push(format!("{alias}: {:?}, not {field}", last.field));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
