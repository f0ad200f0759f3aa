//! A deal as a workbook and back: nothing is lost, and findings name cells.

mod testkit;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cashfall::config::{Block, Document, Node, Source};
use cashfall::deal::keys::{File, KEYS, Key};
use cashfall::deal::workbook::{
    Content, Form, file_of, file_of_sheets, from_cells, to_cells, to_cells_over,
};
use cashfall::deal::{Coupon, Deal};
use cashfall::finding::{Finding, Origin};
use cashfall::money::Rate;
use cashfall::report::deal_xlsx;
use cashfall::tape;
use rust_decimal::Decimal;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

/// Every deal and assumptions file of the repository that can be read.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["fixtures/cases", "templates/deals", "templates/demo"] {
        gather(&root.join(folder), &mut files);
    }
    assert!(files.len() > 12, "there are deals: {files:?}");
    files
}

/// Files of keys that are neither deals nor assumptions.
const OTHERS: [&str; 3] = ["mapping", "scenarios", "limits"];

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            gather(&path, files);
        } else if name.ends_with(".toml") && !OTHERS.iter().any(|other| name.contains(other)) {
            files.push(path);
        }
    }
    files.sort();
}

fn text(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a text");
    // The demo's deal is a template with the faces left out.
    text.replace("{A}", "8200.00").replace("{B}", "800.00").replace("{C}", "1000.00")
}

fn tree(text: &str) -> Block {
    Document::alone("x.toml", text.to_string().into()).expect("well-formed TOML").tree()
}

/// The text that comes back from the workbook of a text, with its cells.
fn there_and_back(name: &str, text: &str) -> Source {
    let tree = tree(text);
    let bytes = deal_xlsx(&to_cells(file_of(&tree), &tree)).expect("a workbook");
    let folder = testkit::recalculate::fresh("convert");
    let path = folder.join("deal.xlsx");
    std::fs::write(&path, bytes).expect("a temporary file");
    let sheets = tape::sheets(&path).expect("a workbook");
    std::fs::remove_dir_all(folder).expect("a temporary folder");
    assert_eq!(file_of_sheets(&sheets), file_of(&tree), "{name}");
    from_cells(file_of(&tree), "deal.xlsx", &sheets)
}

/// Every value by its path, in order; numbers and rates by their value.
fn values(path: &str, node: &Node, all: &mut Vec<(String, String)>) {
    match node {
        Node::Table(block) => block
            .entries
            .iter()
            .for_each(|entry| values(&format!("{path}.{}", entry.key), &entry.value.node, all)),
        Node::Tables(blocks) => blocks.iter().enumerate().for_each(|(place, block)| {
            values(&format!("{path}[{place}]"), &Node::Table(block.clone()), all);
        }),
        Node::List(list) => {
            all.push((path.to_string(), format!("{} values", list.len())));
            list.iter().enumerate().for_each(|(place, value)| {
                values(&format!("{path}[{place}]"), &value.node, all);
            });
        }
        Node::Text(text) => {
            let share = text.contains('%').then(|| text.parse::<Rate>().ok()).flatten();
            let value = share.map_or(format!("\"{text}\""), |rate| number(&rate.to_string()));
            all.push((path.to_string(), value));
        }
        Node::Number(digits) => all.push((path.to_string(), number(digits))),
        Node::Date(date) => all.push((path.to_string(), date.clone())),
        Node::Flag(flag) => all.push((path.to_string(), flag.to_string())),
    }
}

fn number(digits: &str) -> String {
    let number = Decimal::from_str_exact(&digits.replace('_', ""));
    number.map_or(digits.to_string(), |number| number.normalize().to_string())
}

fn all_values(tree: &Block) -> Vec<(String, String)> {
    let mut all = Vec::new();
    values("", &Node::Table(tree.clone()), &mut all);
    all
}

#[test]
fn every_key_and_value_comes_back_in_its_order() {
    for path in files() {
        let original = text(&path);
        let back = there_and_back(&path.display().to_string(), &original);
        let (one, other) = (all_values(&tree(&original)), all_values(&tree(back.text())));
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, other, "{}\n{}", path.display(), back.text());
        }
        assert_eq!(one.len(), other.len(), "{}", path.display());
    }
}

/// A deal read as if it stood at a path, with the files that it extends.
fn deal_of(path: &Path, source: Source) -> (Option<Deal>, Vec<Finding>) {
    let beside = |name: &str| std::fs::read_to_string(path.with_file_name(name));
    let mut load = |name: &str| beside(name).map(Source::from);
    let document = Document::open("deal.toml", source, &mut load);
    Deal::from_document(document, &beside).into_parts()
}

/// A deal that does not remember where its criteria and limits stand.
fn without_places(mut deal: Deal) -> Deal {
    deal.eligibility.iter_mut().for_each(|criterion| criterion.origin = Origin::default());
    deal.limits.iter_mut().for_each(|limit| limit.origin = Origin::default());
    deal
}

#[test]
fn the_deal_is_the_same() {
    let mut deals = 0;
    for path in files() {
        let original = text(&path);
        if file_of(&tree(&original)) != File::Deal {
            continue;
        }
        // What extends another file is no deal by itself.
        if original.lines().any(|line| line.starts_with("extends")) {
            continue;
        }
        let (one, before) = deal_of(&path, original.clone().into());
        let back = there_and_back("deal", &original);
        let (other, after) = deal_of(&path, back);
        assert!(one.is_some(), "{}", path.display());
        let (one, other) = (one.map(without_places), other.map(without_places));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{}", path.display());
        let codes = |findings: &[Finding]| -> Vec<&str> {
            findings.iter().map(|finding| finding.code).collect()
        };
        assert_eq!(codes(&before), codes(&after), "{}", path.display());
        deals += 1;
    }
    assert!(deals > 8, "only {deals} deals");
}

#[test]
fn comments_stay_with_their_key_and_a_second_journey_changes_nothing() {
    for path in files() {
        let original = text(&path);
        let back = there_and_back("deal", &original).text().to_string();
        let comments = |text: &str| -> BTreeSet<String> {
            let comments = text.lines().filter_map(|line| {
                let at = if line.starts_with('#') { 0 } else { line.find("  #")? };
                Some(line[at..].trim().trim_start_matches('#').trim().to_string())
            });
            comments.collect()
        };
        assert_eq!(comments(&original), comments(&back), "{}", path.display());
        let again = there_and_back("deal", &back);
        assert_eq!(again.text(), back, "{}", path.display());
    }
}

// What people type ---------------------------------------------------------------------------------

/// Sheets as a person fills them in: a title, headings, cells.
struct Desk {
    workbook: Workbook,
}

enum Typed {
    Words(&'static str),
    Number(f64),
    Percent(f64),
    Day(u16, u8, u8),
    Nothing,
}

use Typed::{Day, Nothing, Number, Percent, Words};

impl Desk {
    fn new() -> Desk {
        Desk { workbook: Workbook::new() }
    }

    fn sheet(
        &mut self,
        name: &str,
        title: &str,
        headings: &[&str],
        rows: &[&[Typed]],
    ) -> &mut Desk {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name).expect("a name");
        sheet.write(0, 0, title).expect("a title");
        for (column, heading) in (0..).zip(headings) {
            sheet.write(2, column, *heading).expect("a heading");
        }
        for (row, cells) in (3..).zip(rows) {
            for (column, cell) in (0..).zip(*cells) {
                Desk::put(sheet, row, column, cell);
            }
        }
        self
    }

    fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &Typed) {
        let percent = Format::new().set_num_format("0.00%");
        let date = Format::new().set_num_format("yyyy-mm-dd");
        match cell {
            Words(text) => sheet.write(row, column, *text),
            Number(number) => sheet.write(row, column, *number),
            Percent(share) => sheet.write_with_format(row, column, *share, &percent),
            Day(year, month, day) => {
                let day = ExcelDateTime::from_ymd(*year, *month, *day).expect("a day");
                sheet.write_with_format(row, column, &day, &date)
            }
            Nothing => return,
        }
        .expect("a cell");
    }

    fn read(&mut self) -> Source {
        let folder = testkit::recalculate::fresh("typed");
        let path = folder.join("deal.xlsx");
        self.workbook.save(&path).expect("a temporary file");
        let sheets = tape::sheets(&path).expect("a workbook");
        std::fs::remove_dir_all(folder).expect("a temporary folder");
        from_cells(File::Deal, "deal.xlsx", &sheets)
    }
}

#[test]
fn what_people_type_becomes_exact_digits() {
    let headings =
        ["#", "id", "名称\nname.zh", "name.en", "face", "coupon", "cumulative", "frequency"];
    let rows: [&[Typed]; 4] = [
        &[Nothing, Number(1.0), Words("优先"), Nothing, Number(80_000_000.0), Percent(0.026)],
        &[Nothing, Words("B"), Words("中间"), Words("Mezz"), Words("1,200万元"), Words("２．８％")],
        &[Nothing, Words("C"), Nothing, Nothing, Number(0.1 + 0.2), Number(0.1 + 0.2), Words("否")],
        &[
            Nothing,
            Words("D"),
            Nothing,
            Nothing,
            Words("0.5亿"),
            Percent(1.0 / 3.0),
            Words("TRUE"),
            Words("revolving = quarterly; amortising = monthly"),
        ],
    ];
    let terms: [&[Typed]; 6] = [
        &[Words("[pool]")],
        &[Words("pool.cutoff"), Day(2025, 12, 31)],
        &[Words("pool.purchase_price"), Number(8_388_608.07)],
        &[Words("dates.closing"), Words("2026年1月15日")],
        &[Words("dates.notice_days"), Words("5、3")],
        &[Words("fee.unknown"), Words("x")],
    ];
    let mut desk = Desk::new();
    desk.sheet("Terms", "Terms", &["key", "value"], &terms);
    desk.sheet("Bonds", "[[tranche]] ours", &headings, &rows);
    let expected = "\
[pool]
cutoff = 2025-12-31
purchase_price = 8388608.07

[dates]
closing = 2026-01-15
notice_days = [5, 3]

[fee]
unknown = \"x\"

[[tranche]]
id = \"1\"
name = \"优先\"
face = 80000000.00
coupon = \"2.6 %\"

[[tranche]]
id = \"B\"
name = { zh = \"中间\", en = \"Mezz\" }
face = 12000000.00
coupon = \"2.8%\"

[[tranche]]
id = \"C\"
face = 0.30
coupon = 0.3
cumulative = false

[[tranche]]
id = \"D\"
face = 50000000.00
coupon = \"33.3333333333 %\"
cumulative = true
frequency = { revolving = \"quarterly\", amortising = \"monthly\" }
";
    assert_eq!(desk.read().text(), expected);
}

#[test]
fn a_row_without_anything_of_its_own_goes_on_with_the_step_above() {
    let headings = ["#", "clause", "sharing", "pay.fee", "pay.tranche", "pay.due", "note"];
    let rows: [&[Typed]; 6] = [
        &[
            Number(1.0),
            Words("1"),
            Words("pro_rata"),
            Words("a"),
            Nothing,
            Nothing,
            Words("senior"),
        ],
        &[Nothing, Nothing, Nothing, Words("b")],
        &[Nothing, Words("1"), Words("pro_rata"), Words("c")],
        &[Nothing, Words("2"), Nothing, Nothing, Words("A"), Words("interest")],
        &[Number(3.0), Words("2"), Nothing, Nothing, Words("A"), Words("principal")],
        &[Number(4.0), Nothing, Nothing, Nothing, Words("A"), Words("remainder")],
    ];
    let mut desk = Desk::new();
    desk.sheet("Steps", "[[step]]", &headings, &rows);
    let expected = "\
# senior
[[step]]
clause = \"1\"
sharing = \"pro_rata\"
pay = [{ fee = \"a\" }, { fee = \"b\" }, { fee = \"c\" }]

[[step]]
clause = \"2\"
pay = [{ tranche = \"A\", due = \"interest\" }]

[[step]]
clause = \"2\"
pay = [{ tranche = \"A\", due = \"principal\" }]

[[step]]
pay = [{ tranche = \"A\", due = \"remainder\" }]
";
    assert_eq!(desk.read().text(), expected);
}

/// No calendar stands beside the deal.
fn alone(_: &str) -> std::io::Result<String> {
    Err(std::io::ErrorKind::NotFound.into())
}

/// The findings of a workbook by code, place and excerpt.
fn found(source: Source) -> Vec<String> {
    let mut nowhere = |_: &str| Err(std::io::Error::other("no other file"));
    let document = Document::open("deal.xlsx", source, &mut nowhere);
    let (_, findings) = Deal::from_document(document, &alone).into_parts();
    let line = |finding: &Finding| {
        format!("{} {} | {}", finding.code, finding.origin, finding.origin.excerpt)
    };
    findings.iter().map(line).collect()
}

#[test]
fn every_finding_of_a_workbook_names_its_cell() {
    let terms: [&[Typed]; 10] = [
        &[Words("[deal]")],
        &[Words("deal.name.en"), Words("Only English")],
        &[Words("deal.curency"), Words("CNY")],
        &[Words("[pool]")],
        &[Words("pool.cutoff"), Words("soon")],
        &[Words("[dates]")],
        &[Words("dates.closing"), Day(2026, 1, 15)],
        &[Words("dates.calendar"), Words("SEE")],
        &[Words("[tax]")],
        &[Words("tax.vat"), Number(3.0)],
    ];
    let tranches: [&[Typed]; 3] = [
        &[Number(1.0), Words("A"), Number(1000.005), Percent(0.026)],
        &[Number(2.0), Words("B"), Number(200.0), Number(2.8)],
        &[Number(3.0), Words("C"), Nothing, Percent(0.04), Nothing, Words("see mail")],
    ];
    let steps: [&[Typed]; 3] = [
        &[Number(1.0), Words("1"), Words("A"), Words("interest")],
        &[Nothing, Nothing, Words("X"), Words("principal")],
        &[Number(2.0), Words("2"), Words("A"), Words("everything")],
    ];
    let mut desk = Desk::new();
    desk.sheet("Terms", "Terms", &["key", "value"], &terms);
    desk.sheet("Tranches", "[[tranche]]", &["#", "id", "face", "coupon"], &tranches);
    desk.sheet("Steps", "[[step]]", &["#", "clause", "pay.tranche", "pay.due"], &steps);
    desk.sheet("Scratch", "my sums", &["a", "b"], &[&[Number(1.0), Number(2.0)]]);
    let expected = [
        "F0125 deal.xlsx › Tranches › F6 | ",
        "F0124 deal.xlsx › Scratch | ",
        "F0109 deal.xlsx › Terms › B5 | name = { en = \"Only English\" }",
        "F0102 deal.xlsx › Terms › A6 | curency = \"CNY\"",
        "F0104 deal.xlsx › Terms › B8 | cutoff = \"soon\"",
        "F0103 deal.xlsx › Terms › A9 | [dates]",
        "F0103 deal.xlsx › Terms › A9 | [dates]",
        "D0304 deal.xlsx › Terms › B11 | calendar = \"SEE\"",
        "F0103 deal.xlsx › Terms › A12 | [tax]",
        "F0106 deal.xlsx › Terms › B13 | vat = 3",
        "F0107 deal.xlsx › Tranches › C4 | face = 1000.005",
        "F0106 deal.xlsx › Tranches › D5 | coupon = 2.8",
        "F0103 deal.xlsx › Tranches › A6 | [[tranche]]",
        "D0203 deal.xlsx › Steps › C5 | pay = [{ tranche = \"A\", due = \"interest\" }, { tranche = \"X\", due = \"principal\" }]",
        "F0108 deal.xlsx › Steps › D6 | pay = [{ tranche = \"A\", due = \"everything\" }]",
    ];
    let found = found(desk.read());
    let mut sorted = found.clone();
    sorted.sort();
    let mut wanted: Vec<String> = expected.map(str::to_string).to_vec();
    wanted.sort();
    assert_eq!(sorted, wanted, "{found:#?}");
}

#[test]
fn a_workbook_extends_a_text_and_a_text_a_workbook() {
    let mut desk = Desk::new();
    let terms: [&[Typed]; 1] = [&[Words("extends"), Words("base.toml")]];
    desk.sheet("Terms", "Terms", &["key", "value"], &terms);
    let rows: [&[Typed]; 1] = [&[Nothing, Words("01"), Percent(0.031)]];
    desk.sheet("Bonds", "[[tranche]]", &["#", "id", "coupon"], &rows);
    let base = testkit::fixture("cases/worked_example_cn/deal.toml");
    let mut load = |_: &str| Ok(Source::from(base.clone()));
    let read = Deal::from_document(Document::open("deal.xlsx", desk.read(), &mut load), &alone);
    let deal = testkit::accept(read).expect("a deal");
    assert_eq!(deal.tranches[0].coupon, Coupon::Fixed("3.1 %".parse().expect("a rate")));
    assert_eq!(deal.tranches[1].coupon, Coupon::Fixed("3.4 %".parse().expect("a rate")));

    let below = desk.read();
    let text = "extends = \"mid.xlsx\"\n[[tranche]]\nid = \"02\"\nface = \"many\"\n";
    let mut load = |name: &str| match name {
        "mid.xlsx" => Ok(below.clone()),
        _ => Ok(Source::from(base.clone())),
    };
    let document = Document::open("deal.toml", text.to_string().into(), &mut load);
    let (deal, findings) = Deal::from_document(document, &alone).into_parts();
    assert_eq!(
        deal.expect("a deal").tranches[0].coupon,
        Coupon::Fixed("3.1 %".parse().expect("a rate"))
    );
    let places: Vec<String> = findings.iter().map(|finding| finding.origin.to_string()).collect();
    assert_eq!(places, ["deal.toml:4:8"]);
}

/// The header below which a key's example stands.
fn header(key: &Key) -> String {
    if key.path.starts_with("supply.tier.") {
        return "[[supply.tier]]\n".to_string();
    }
    let table = key.path.split('.').next().unwrap_or("");
    let kind = KEYS.iter().find(|other| other.file == key.file && other.path == table);
    match kind.map(|table| table.kind) {
        _ if table == key.path => String::new(),
        _ if key.path.starts_with("pool.product.*") => "[pool.product.\"x\"]\n".to_string(),
        Some("array of tables") => format!("[[{table}]]\n"),
        _ => format!("[{table}]\n"),
    }
}

#[test]
fn every_key_has_its_cell() {
    for key in KEYS.iter().filter(|key| key.file != File::Mapping) {
        let text = format!("{}{}\n", header(key), key.example);
        let given = tree(&text);
        let form = to_cells(key.file, &given);
        let folder = testkit::recalculate::fresh("key");
        let path = folder.join("key.xlsx");
        std::fs::write(&path, deal_xlsx(&form).expect("a workbook")).expect("a temporary file");
        let sheets = tape::sheets(&path).expect("a workbook");
        std::fs::remove_dir_all(folder).expect("a temporary folder");
        let back = from_cells(key.file, "key.xlsx", &sheets);
        let mut back = tree(back.text());
        // Tables that every deal has stand there empty.
        back.entries.retain(|entry| {
            entry.value.node.as_table().is_none_or(|block| !block.entries.is_empty())
        });
        assert_eq!(all_values(&given), all_values(&back), "{}\n{text}", key.path);
    }
}

#[test]
fn a_file_that_extends_another_shows_what_it_inherits() {
    let base = testkit::fixture("cases/worked_example_cn/deal.toml");
    let over = "extends = \"base.toml\"\n\n[[tranche]]\nid = \"01\"\ncoupon = \"3.1 %\"\n";
    let mut load = |_: &str| Ok(base.clone().into());
    let whole = Document::open("deal.toml", over.to_string().into(), &mut load);
    let (over, whole) = (tree(over), whole.expect("well-formed TOML").tree());
    let form = to_cells_over(file_of(&over), &over, &whole);
    let cell = |row: &str, column: usize| {
        let terms = form.sheets[0].rows.iter();
        let mut row = terms.filter(|of| of.cells[0] == Some(Content::Text(row.to_string())));
        row.next().expect("a row of its own").cells[column].clone()
    };
    let inherited = Some(Content::Text("沿用 inherited: 2025-12-31".to_string()));
    assert_eq!((cell("pool.cutoff", 1), cell("pool.cutoff", 5)), (None, inherited));
    let own = Some(Content::Text("base.toml".to_string()));
    assert_eq!(cell("extends", 1), own);
    assert_ne!(form, to_cells(file_of(&over), &over));
    // What is inherited is for people: the form holds the file's own keys, as before.
    let values = |form: &Form| -> Vec<Vec<Option<Content>>> {
        let rows = form.sheets.iter().flat_map(|sheet| &sheet.rows);
        rows.map(|row| row.cells.iter().take(2).cloned().collect()).collect()
    };
    assert_eq!(values(&form), values(&to_cells(file_of(&over), &over)));
}
