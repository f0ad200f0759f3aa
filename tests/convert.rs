//! A deal as a workbook and back: nothing is lost, and findings name cells.

mod testkit;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cashfall::config::{Block, Document, Node, Source};
use cashfall::deal::Deal;
use cashfall::deal::keys::File;
use cashfall::deal::workbook::{file_of, file_of_sheets, from_cells, to_cells};
use cashfall::money::Rate;
use cashfall::report::deal_xlsx;
use cashfall::tape;
use rust_decimal::Decimal;

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

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            gather(&path, files);
        } else if name.ends_with(".toml") && name != "mapping.toml" {
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
        Node::Text(text) | Node::Number(text) | Node::Date(text) => {
            // A face is more than a rate can hold.
            let number = Decimal::from_str_exact(text).map(|number| number.normalize().to_string());
            let rate = text.parse::<Rate>().map(|rate| rate.to_string());
            all.push((path.to_string(), rate.or(number).unwrap_or_else(|_| text.clone())));
        }
        Node::Flag(flag) => all.push((path.to_string(), flag.to_string())),
    }
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

#[test]
fn the_deal_is_the_same() {
    let mut deals = 0;
    for path in files() {
        let original = text(&path);
        if file_of(&tree(&original)) != File::Deal {
            continue;
        }
        let (one, before) = Deal::from_toml("deal.toml", &original).into_parts();
        let back = there_and_back("deal", &original);
        let (other, after) = Deal::from_toml("deal.toml", back.text()).into_parts();
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{}", path.display());
        let codes = |findings: &[cashfall::finding::Finding]| -> Vec<&str> {
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
