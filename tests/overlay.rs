//! Files that extend another one: what an overlay changes, and that it changes nothing else.

mod testkit;

use std::collections::BTreeMap;
use std::path::PathBuf;

use cashfall::assumptions::Assumptions;
use cashfall::config::{Document, Source};
use cashfall::deal::{Coupon, Deal};
use cashfall::finding::{Checked, Finding, Lang, render};
use cashfall::job::{Job, Request};
use cashfall::money::Rate;
use sha2::{Digest, Sha256};

const CASE: &str = "cases/worked_example_cn/deal.toml";

/// A file over others, which are given by name.
fn document(text: &str, others: &[(&str, &str)]) -> Result<Document, Vec<Finding>> {
    let others: BTreeMap<&str, &str> = others.iter().copied().collect();
    let mut load = |name: &str| match others.get(name) {
        Some(text) => Ok(Source::from((*text).to_string())),
        None => Err(std::io::Error::other(format!("nobody wrote {name}"))),
    };
    Document::open("deal.toml", text.to_string().into(), &mut load)
}

fn deal(checked: Checked<Option<Deal>>) -> Deal {
    testkit::accept(checked).expect("a deal")
}

fn over_case(text: &str) -> Deal {
    let text = format!("extends = \"base.toml\"\n{text}");
    deal(Deal::from_document(document(&text, &[("base.toml", &testkit::fixture(CASE))]), &alone))
}

fn case() -> Deal {
    deal(Deal::from_toml("deal.toml", &testkit::fixture(CASE)))
}

/// The lines in which two values differ.
fn differences(one: &Deal, other: &Deal) -> Vec<(String, String)> {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    assert_eq!(one.lines().count(), other.lines().count(), "as many fields");
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    pairs.map(|(one, other)| (one.trim().to_string(), other.trim().to_string())).collect()
}

/// No calendar stands beside these files.
fn alone(_: &str) -> std::io::Result<String> {
    Err(std::io::ErrorKind::NotFound.into())
}

#[test]
fn an_overlay_changes_a_coupon_and_a_threshold_and_nothing_else() {
    let overlay = over_case(
        "[[tranche]]\nid = \"02\"\ncoupon = \"3.6 %\"\n\n[[trigger]]\nid = \"cdr\"\nabove = \"8 %\"\n",
    );
    let base = case();
    let changed = differences(&base, &overlay);
    let pairs = [("34000000000,", "36000000000,"), ("100000000000,", "80000000000,")];
    let pairs = pairs.map(|(one, other)| (one.to_string(), other.to_string()));
    assert_eq!(changed, pairs);
    assert_eq!(overlay.tranches[1].coupon, Coupon::Fixed(Rate::from_parts(36_000_000_000)));
    assert_eq!(overlay.triggers[0].thresholds, [(1, Rate::from_parts(80_000_000_000))]);
}

#[test]
fn an_empty_overlay_is_its_base() {
    assert_eq!(differences(&case(), &over_case("")), []);
}

#[test]
fn steps_and_fees_are_added_moved_and_taken_out() {
    let overlay = over_case(
        "[tax]\nremove = true\n\
         [[fee]]\nid = \"audit\"\nremove = true\n\
         [[fee]]\nid = \"backup\"\namount = 10.00\nafter = \"custody\"\n\
         [[step]]\nclause = \"1\"\nremove = true\n\
         [[step]]\nclause = \"4\"\npay = [{ fee = \"backup\" }]\n\
         [[step]]\nclause = \"3\"\nbefore = \"2\"\n\
         [[step]]\nclause = \"8a\"\nafter = \"8\"\nwhen = \"cdr\"\npay = [{ tranche = \"01\", due = \"principal\" }]\n",
    );
    let fees: Vec<&str> = overlay.fees.iter().map(|fee| fee.id.as_str()).collect();
    assert_eq!(fees, ["custody", "backup", "manager", "servicing", "registrar"]);
    let clauses: Vec<&str> = overlay.steps.iter().map(|step| step.clause.as_str()).collect();
    let expected = ["3", "2", "4", "5", "6", "7", "8", "8a", "9", "10", "11", "12", "13"];
    assert_eq!(clauses, expected);
    assert!(overlay.tax.is_empty());
    assert_eq!(overlay.steps[7].when.len(), 1);
}

#[test]
fn a_chain_is_laid_from_the_bottom_up() {
    let base = testkit::fixture(CASE);
    let others = [
        ("a/mid.toml", "extends = \"../b/low.toml\"\n[[tranche]]\nid = \"01\"\ncoupon = \"1 %\"\n"),
        (
            "b/low.toml",
            "extends = \"./base.toml\"\n[deal]\ncurrency = \"USD\"\n[[tranche]]\nid = \"01\"\n\
             coupon = \"9 %\"\npricing_yield = \"5 %\"\n",
        ),
        ("b/base.toml", &base),
    ];
    let text =
        "extends = \"a/mid.toml\"\n[[tranche]]\nid = \"02\"\nname = { en = \"Mezzanine\" }\n";
    let deal = deal(Deal::from_document(document(text, &others), &alone));
    assert_eq!(deal.tranches[0].coupon, Coupon::Fixed("1 %".parse().expect("a rate")));
    assert_eq!(deal.tranches[0].pricing_yield.map(Rate::percent), Some("5 %".to_string()));
    assert_eq!(deal.currency, "USD");
    let name = &deal.tranches[1].name;
    assert_eq!((name.zh.as_str(), name.en.as_str()), ("优先02级", "Mezzanine"));
    // The base names a file beside itself.
    assert_eq!(deal.files.tape.as_deref(), Some("b/pool.csv"));
}

#[test]
fn lists_without_names_are_replaced_as_a_whole() {
    let base = "monthly = \"actual_days\"\n[[segment]]\nwhere = { grade = \"D\" }\ncdr = \"9 %\"\n\
                [[segment]]\ncdr = \"2 %\"\n";
    let text = "extends = \"base.toml\"\n[[segment]]\ncdr = \"4 %\"\n";
    let read = Assumptions::from_document(document(text, &[("base.toml", base)]));
    let overlay = testkit::accept(read);
    assert_eq!(overlay.segments.len(), 1);
    let whole = "monthly = \"actual_days\"\n[[segment]]\ncdr = \"4 %\"\n";
    let whole = testkit::accept(Assumptions::from_toml("deal.toml", whole));
    assert_eq!(overlay.monthly, whole.monthly);
    assert_eq!(overlay.segments[0].default, whole.segments[0].default);
}

#[test]
fn a_finding_points_at_the_file_and_line_that_wrote_the_value() {
    let base =
        "[pool]\ncutoff = 2025-12-31\n[[tranche]]\nid = \"A\"\ncopuon = \"2 %\"\nface = 1.005\n";
    let text = "extends = \"base.toml\"\n\n[[tranche]]\nid = \"A\"\nname = \"优先\"\ncoupon = 2.6 # high\n";
    let read = Deal::from_document(document(text, &[("base.toml", base)]), &alone);
    let page = render(read.findings(), Lang::En);
    let places: Vec<&str> = page.lines().filter(|line| line.contains("┌─")).collect();
    // Each with its excerpt, in the order of the files.
    assert!(
        page.contains("┌─ deal.toml:6:10\n   │ 6 coupon = 2.6 # high\n   │            ^^^\n"),
        "{page}"
    );
    assert!(page.contains("┌─ base.toml:5:1\n   │ 5 copuon = \"2 %\"\n   │   ^^^^^^\n"), "{page}");
    assert!(page.contains("┌─ base.toml:6:8\n   │ 6 face = 1.005\n"), "{page}");
    let files: Vec<bool> = places.iter().map(|place| place.contains("base.toml")).collect();
    assert!(files.is_sorted(), "{page}");
}

#[test]
fn a_syntax_error_of_the_base_points_into_the_base() {
    let findings = document("extends = \"base.toml\"\n", &[("base.toml", "[pool]\ncutoff = \n")])
        .err()
        .expect("the base is not TOML");
    assert_eq!((findings.len(), findings[0].code), (1, "F0101"));
    assert!(findings[0].origin.to_string().starts_with("base.toml:2:"));
}

#[test]
fn an_overlay_without_its_base_is_one_finding() {
    let read = Deal::from_toml("deal.toml", "extends = \"base.toml\"\n");
    let codes: Vec<&str> = read.findings().iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["F0121"]);
    let read = document("extends = 7\n", &[]);
    assert_eq!(read.err().expect("a number is no file")[0].code, "F0104");
}

/// A folder with an overlay beside a copy of the case.
fn desk() -> PathBuf {
    let folder = testkit::recalculate::fresh("overlay");
    for name in ["deal.toml", "pool.csv"] {
        let from = testkit::path("cases/worked_example_cn").join(name);
        std::fs::create_dir_all(folder.join("base")).expect("a temporary folder");
        std::fs::copy(from, folder.join("base").join(name)).expect("a temporary file");
    }
    let deal = "extends = \"base/deal.toml\"\n[pool]\nassumptions = \"stress.toml\"\n";
    std::fs::write(folder.join("deal.toml"), deal).expect("a temporary file");
    std::fs::write(folder.join("stress.toml"), "extends = \"base/calm.toml\"\n[[segment]]\n")
        .expect("a temporary file");
    std::fs::write(folder.join("base/calm.toml"), "order = \"bma\"\n").expect("a temporary file");
    folder
}

#[test]
fn the_manifest_lists_every_file_with_its_hash() {
    let folder = desk();
    let request = Request { deal: folder.join("deal.toml"), threads: 1, ..Request::default() };
    let job = testkit::accept(Job::open(&request).expect("the files are there")).expect("a job");
    let files = job.manifest.files.iter();
    let listed: Vec<(&str, &str)> = files.map(|file| (file.role, file.name.as_str())).collect();
    let expected = [
        ("deal_file", "deal.toml"),
        ("base_file", "base/deal.toml"),
        ("assumptions_file", "stress.toml"),
        ("base_file", "base/calm.toml"),
        ("tape_file", "pool.csv"),
    ];
    assert_eq!(listed, expected);
    for file in &job.manifest.files[..4] {
        let bytes = std::fs::read(folder.join(&file.name)).expect("the file");
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.sha256, hash, "{}", file.name);
    }
    std::fs::remove_dir_all(folder).expect("a temporary folder");
}
