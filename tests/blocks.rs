//! A tape that is read block by block gives what it gives when it is held whole: the same
//! receivables, the same findings, the same cohorts.

mod testkit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cashfall::assumptions::Assumptions;
use cashfall::finding::{Finding, Lang, render};
use cashfall::job::{Job, Request};
use cashfall::model::{Collateral, Gathered};
use cashfall::pool::{self, Parts, Pool, PoolTerms, ProductTerms, Receivable};
use cashfall::synth::{HEADERS, Lines, Spec};
use cashfall::tape::Mapping;
use chrono::NaiveDate;

fn terms() -> PoolTerms {
    let default_terms = ProductTerms::default();
    PoolTerms {
        cutoff: NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day"),
        default_terms,
        by_product: BTreeMap::from([("分期".to_string(), default_terms)]),
    }
}

/// The receivables with the names of their products, whose numbers a part may give otherwise.
type Named = Vec<(Receivable, String, ProductTerms)>;

fn named(pool: &Pool) -> impl Iterator<Item = (Receivable, String, ProductTerms)> {
    pool.receivables.iter().map(|receivable| {
        let (name, terms) = &pool.products[usize::from(receivable.product)];
        (Receivable { product: 0, ..receivable.clone() }, name.clone(), *terms)
    })
}

/// Compares a tape that is held with the same tape in blocks of so many rows; whether it could be read
/// in blocks.
#[track_caller]
fn same(path: &Path, mapping: &Mapping, terms: &PoolTerms, rows: usize) -> bool {
    const MOST: usize = 7;
    let (whole, findings) = pool::load_keeping(path, mapping, terms, MOST)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .into_parts();
    let columns = BTreeSet::from(["region".to_string()]);
    let taken = pool::load_in_blocks(
        path,
        mapping,
        terms,
        Parts { rows, most: MOST, columns: &columns },
        Named::new,
        |all, part| {
            assert!(part.receivables.len() <= rows, "a part is no larger than asked");
            all.extend(named(part));
        },
    );
    let Some(taken) = taken.expect("the tape can be read") else { return false };
    let (taken, in_blocks) = taken.into_parts();
    let place = format!("{} in blocks of {rows}", path.display());
    assert_eq!(render(&findings, Lang::En), render(&in_blocks, Lang::En), "{place}");
    assert_eq!(findings, in_blocks, "{place}");
    assert_eq!(named(&whole).collect::<Named>(), taken.made, "{place}");
    assert_eq!(whole.receivables.len(), taken.count, "{place}");
    assert_eq!(whole.outstanding_principal(), taken.outstanding, "{place}");
    assert_eq!(whole.products, taken.pool.products, "{place}");
    assert_eq!(whole.manifest, taken.pool.manifest, "{place}");
    assert!(whole.attributes.keys().eq(taken.pool.attributes.keys()), "{place}");
    for name in ["product", "status", "region"] {
        let values = |pool: &Pool| pool.attributes.get(name).map(|column| column.values.clone());
        assert_eq!(values(&whole), values(&taken.pool), "{place}: {name}");
    }
    true
}

#[test]
fn every_broken_tape_is_the_same_in_blocks() {
    let mut read = 0;
    let folders = std::fs::read_dir(testkit::path("broken")).expect("broken fixtures");
    for folder in folders.map(|entry| entry.expect("a folder").path()) {
        let tape = folder.join("pool.csv");
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        if !tape.exists() || !name.starts_with(['T', 'P']) {
            continue;
        }
        let text = std::fs::read_to_string(folder.join("mapping.toml")).unwrap_or_default();
        let (mapping, _) = Mapping::from_toml(&text, "mapping.toml").into_parts();
        for rows in [1, 2, 1000] {
            read += usize::from(same(&tape, &mapping, &terms(), rows));
        }
    }
    assert!(read > 150, "{read} tapes read in blocks");
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Identifiers that occur again in a later block, and twice; two columns that say that a receivable
/// is another's; a unit that only the instalments show.
#[test]
fn what_is_only_known_at_the_end_is_the_same_in_blocks() {
    let path = scratch("blocks-late.csv");
    let mut text = String::from(
        "借据号,产品名称,省份,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率,月供(元),是否质押,所属交易\n",
    );
    let ids = ["A", "B", "A", "C", "D", "B", "A", "E", "F", "G", "E", "H"];
    for (row, id) in ids.iter().enumerate() {
        let (pledged, deal) = ([["否", "是"], ["否", "否"]][row % 2][row / 2 % 2], ["", "京诚"]);
        let deal = deal[usize::from(row % 3 == 0)];
        text += &format!(
            "{id},产品{},浙江,2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12,888.49,{pledged},{deal}\n",
            11 - row,
        );
    }
    std::fs::write(&path, text).expect("a folder for temporary files");
    for rows in [1, 2, 3, 5, 12, 100] {
        assert!(same(&path, &Mapping::default(), &terms(), rows));
    }
    let (_, findings) =
        pool::load(&path, &Mapping::default(), &terms()).expect("a tape").into_parts();
    for code in ["P0102", "P0155", "T0011"] {
        assert!(findings.iter().any(|finding| finding.code == code), "{code} {findings:#?}");
    }
}

/// Whoever is named in a later row is masked in an earlier block.
#[test]
fn people_are_masked_alike_in_blocks() {
    let path = scratch("blocks-people.csv");
    let mut text = String::from(
        "借据号,借款人姓名,产品名称,省份,放款日,首期应还日,初始本金(元),未偿本金余额(元),总期数,已还期数,还款方式,年化利率(%)\n",
    );
    for (id, name, region) in [
        ("A", "赵钱孙", "浙江"),
        ("B", "周吴郑", "李小四村"),
        ("C", "冯陈褚", "江苏"),
        ("D", "李小四", "江苏"),
        ("E", "蒋沈韩", "赵钱孙巷"),
    ] {
        text += &format!(
            "{id},{name},分期,{region},2025-06-10,2025-07-10,10000.00,5149.19,12,6,等额本息,12\n"
        );
    }
    std::fs::write(&path, text).expect("a folder for temporary files");
    for rows in [1, 2, 100] {
        assert!(same(&path, &Mapping::default(), &terms(), rows));
    }
    let (pool, _) = pool::load(&path, &Mapping::default(), &terms()).expect("a tape").into_parts();
    let regions: Vec<&str> =
        pool.attributes["region"].values.iter().map(|value| &**value).collect();
    assert_eq!(regions, ["李**村", "江苏", "浙江", "赵**巷"]);
}

#[test]
fn a_synthetic_tape_with_errors_is_the_same_in_blocks() {
    let path = scratch("blocks-synth.csv");
    let spec = Spec::built_in("baitiao").expect("marginals");
    let mut text = HEADERS.join(",") + "\n";
    for line in Lines::new(&spec, (5, 3_000), terms().cutoff, 60) {
        text += &(line.cells.join(",") + "\n");
    }
    std::fs::write(&path, text).expect("a folder for temporary files");
    let terms = PoolTerms { by_product: BTreeMap::new(), ..terms() };
    assert!(same(&path, &Mapping::default(), &terms, 701));
}

/// The deals of the cases, and those that are broken in what the pool is to them.
fn deals() -> Vec<PathBuf> {
    let mut folders = vec![testkit::path("cases"), testkit::path("broken")];
    let mut deals = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of fixtures") {
            let path = entry.expect("a fixture").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.ends_with("deal.toml") => deals.push(path),
                false => {}
            }
        }
    }
    deals.sort();
    deals
}

fn open(deal: &Path, sums_only: bool) -> Option<(Option<Job>, Vec<Finding>)> {
    let own = deal.with_file_name("pool.csv");
    let broken = deal.starts_with(testkit::path("broken"));
    let any = broken.then(|| testkit::path("cases/worked_example_cn/pool.csv"));
    let tape = if own.exists() { Some(own) } else { any };
    let request = Request { deal: deal.into(), tape, threads: 1, sums_only, ..Request::default() };
    Some(Job::open(&request).ok()?.into_parts())
}

fn shown(collateral: &Collateral) -> String {
    format!("{collateral:#?}")
}

#[test]
fn a_deal_has_the_same_collateral_and_findings_from_sums() {
    let (mut jobs, mut summed) = (0, 0);
    for deal in deals() {
        let place = deal.display();
        let (Some(whole), Some(sums)) = (open(&deal, false), open(&deal, true)) else {
            assert!(open(&deal, false).is_none() && open(&deal, true).is_none(), "{place}");
            continue;
        };
        assert_eq!(whole.1, sums.1, "{place}");
        let (Some(whole), Some(sums)) = (&whole.0, &sums.0) else {
            assert!(whole.0.is_none() && sums.0.is_none(), "{place}");
            continue;
        };
        jobs += 1;
        summed += usize::from(sums.pool.receivables.is_empty());
        assert_eq!(shown(&whole.collateral), shown(&sums.collateral), "{place}");
        let calm = [whole, sums].map(|job| shown(&job.without_stress().collateral));
        assert!(calm[0] == calm[1], "{place}");
        assert_eq!((whole.count, whole.outstanding), (sums.count, sums.outstanding), "{place}");
        assert_eq!(whole.count, whole.pool.receivables.len(), "{place}");
    }
    assert!(jobs > 10 && summed > 5, "{jobs} deals, {summed} from sums alone");
}

/// Arrears, buckets, late joiners and plans from the balance, gathered three rows at a time.
#[test]
fn parts_of_a_pool_gather_to_its_collateral() {
    let mut compared = 0;
    for name in [
        "cases/behaviour",
        "cases/delinquency",
        "cases/worked_example_cn",
        "cases/stress",
        "broken/M0103_planned_from_balance",
        "broken/M0104_arrears",
        "broken/M0120_joins_within_month",
        "broken/M0121_joins_after_the_deal",
    ] {
        let folder = testkit::path(name);
        let tape = folder.join("pool.csv");
        let Some((Some(job), _)) = open(&folder.join("deal.toml"), false) else { continue };
        if !tape.exists() {
            continue;
        }
        compared += 1;
        let text = std::fs::read_to_string(folder.join("mapping.toml")).unwrap_or_default();
        let (mapping, _) = Mapping::from_toml(&text, "mapping.toml").into_parts();
        let filters = job.assumptions.segments.iter().flat_map(|segment| &segment.filter);
        let columns: BTreeSet<String> = filters.map(|(column, _)| column.clone()).collect();
        let taken = pool::load_in_blocks(
            &tape,
            &mapping,
            &job.deal.pool,
            Parts { rows: 3, most: 5, columns: &columns },
            || Gathered::new(&job.deal),
            |gathered, part| gathered.add(part, &job.assumptions, 2),
        );
        let (taken, _) = taken.expect("a tape").expect("one table").into_parts();
        for assumptions in [&job.assumptions, &job.assumptions.without_stress()] {
            let of = |assumptions: &Assumptions| {
                let whole = Collateral::from_pool(&job.pool, &job.deal, assumptions, 1);
                let parts =
                    Collateral::from_gathered(&taken.made, &taken.pool, &job.deal, assumptions);
                [whole, parts].map(|checked| {
                    let (collateral, findings) = checked.into_parts();
                    (shown(&collateral), findings)
                })
            };
            let [whole, parts] = of(assumptions);
            assert_eq!(whole, parts, "{name}");
        }
    }
    assert!(compared >= 4, "{compared} pools compared");
}
