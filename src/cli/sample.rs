//! `cashfall sample`: receivables drawn for an audit, with the sheet to tick.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{refused, tell_grave, write_workbook};
use super::portfolio::{PoolFiles, heading};
use super::{LangArg, Outcome, Result, say, tables::aligned};
use crate::finding::{Finding, Origin};
use crate::money::Rate;
use crate::pool::Pool;
use crate::portfolio::Characteristic;
use crate::portfolio::sample::{Method, Sample, draw};
use crate::report::{TickSheet, Workbook, tick_sheet};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.sample/1";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum MethodArg {
    /// Each receivable with the same chance.
    Random,
    /// Each unit of principal with the same chance.
    MonetaryUnit,
    /// Random within each value of --by, in proportion to principal.
    Stratified,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall sample demo/deal.toml --size 60 --seed 2025 --out sample.xlsx\n  cashfall sample tape.csv --mapping mapping.toml --percent \"1 %\" --method monetary-unit\n  cashfall sample deal.toml --size 100 --method stratified --by region --json"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: PoolFiles,
    /// How many receivables to draw.
    #[arg(
        long,
        value_name = "COUNT",
        conflicts_with = "percent",
        required_unless_present = "percent"
    )]
    size: Option<usize>,
    /// How many to draw as a part of all receivables, rounded up.
    #[arg(long, value_name = "PERCENT")]
    percent: Option<Rate>,
    /// How they are drawn.
    #[arg(long, value_enum, default_value_t = MethodArg::Random)]
    method: MethodArg,
    /// The characteristic whose values are the strata.
    #[arg(long, value_name = "NAME", default_value = "product")]
    by: String,
    /// The seed; the same seed draws the same sample.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The workbook to write: the tick sheet.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the sample as JSON on standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (portfolio, mut findings) = options.files.open()?;
    let Some(portfolio) = portfolio else {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_ref(), &portfolio.tapes)?;
    let pool = &portfolio.pool;
    let size = size(options, pool)?;
    let method = method(options);
    let sample = match draw(pool, size, &method, options.seed) {
        Ok(sample) => sample,
        Err(column) => {
            let known = pool.attributes.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let finding = Finding::new("E0303", Origin::file(&pool.manifest.file))
                .with("tape", &pool.manifest.file)
                .with("field", column)
                .with("known", known.join(", "));
            findings.push(finding);
            return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
        }
    };
    if let Some(out) = &options.out {
        let heading = heading(&portfolio, lang);
        let sheet = TickSheet { sample: &sample, method: &method, seed: options.seed };
        let sheets = vec![tick_sheet(&heading, pool, &sheet)];
        write_workbook(&Workbook { sheets, title: heading.labels.name(&heading.name) }, out, lang)?;
    }
    if options.json {
        println!("{}", to_json(options, pool, &sample, &findings));
    } else {
        tell_grave(&findings, lang);
        print!("{}", text(options, pool, &sample, lang));
    }
    Ok(Outcome::Done)
}

fn size(options: &Options, pool: &Pool) -> Result<usize> {
    if let Some(percent) = options.percent {
        if percent <= Rate::ZERO || percent > Rate::ONE {
            return Err("--percent is above 0 % and at most 100 %: write it with its sign".into());
        }
        let parts = i128::from(percent.parts());
        let all = i128::try_from(pool.receivables.len()).expect("receivables are few");
        let one = i128::from(Rate::ONE.parts());
        return Ok(usize::try_from((all * parts + one - 1) / one).expect("at most all"));
    }
    match options.size {
        Some(size) if size > 0 => Ok(size),
        _ => Err("--size is above 0".into()),
    }
}

fn method(options: &Options) -> Method {
    match options.method {
        MethodArg::Random => Method::Random,
        MethodArg::MonetaryUnit => Method::MonetaryUnit,
        MethodArg::Stratified => Method::Stratified(Characteristic::of(&options.by)),
    }
}

fn word(options: &Options) -> String {
    match options.method {
        MethodArg::Random => "random".to_string(),
        MethodArg::MonetaryUnit => "monetary-unit".to_string(),
        MethodArg::Stratified => format!("stratified: {}", options.by),
    }
}

/// The method for a reader of the terminal.
fn said(options: &Options, lang: LangArg) -> String {
    let name = Characteristic::of(&options.by).label();
    match options.method {
        MethodArg::Random => say(lang, "简单随机", "random").to_string(),
        MethodArg::MonetaryUnit => say(lang, "货币单位", "monetary-unit").to_string(),
        MethodArg::Stratified => match lang.messages() {
            crate::finding::Lang::Zh => format!("按{}分层", name.zh),
            crate::finding::Lang::En => word(options),
        },
    }
}

fn text(options: &Options, pool: &Pool, sample: &Sample, lang: LangArg) -> String {
    let row = |zh: &str, en: &str, value: String| vec![say(lang, zh, en).to_string(), value];
    let mut head = vec![
        row("总体笔数", "Population, receivables", sample.population.to_string()),
        row("总体本金", "Population, principal", sample.total.grouped()),
        row("样本笔数", "Sample, receivables", sample.drawn.len().to_string()),
        row("样本本金", "Sample, principal", sample.covered.grouped()),
        row("方法", "Method", said(options, lang)),
        row("种子", "Seed", options.seed.to_string()),
    ];
    if let Some(interval) = sample.interval {
        head.push(row("间隔", "Interval", interval.grouped()));
    }
    let names =
        [("借据号", "receivable"), ("行", "row"), ("层", "stratum"), ("未偿本金", "principal")];
    let mut rows = vec![names.map(|(zh, en)| say(lang, zh, en).to_string()).to_vec()];
    for drawn in sample.drawn.iter().take(SHOWN) {
        let receivable = &pool.receivables[drawn.place];
        rows.push(vec![
            receivable.id.to_string(),
            receivable.origin.row.to_string(),
            drawn.stratum.clone(),
            receivable.outstanding_principal.grouped(),
        ]);
    }
    let more = sample.drawn.len().saturating_sub(SHOWN);
    let rest = match lang.messages() {
        _ if more == 0 => String::new(),
        crate::finding::Lang::Zh => format!("… 另有 {more} 笔 (--out 或 --json)\n"),
        crate::finding::Lang::En => format!("… {more} more (--out or --json)\n"),
    };
    format!("{}\n{}{rest}", aligned(&head), aligned(&rows))
}

/// Receivables that the terminal shows.
const SHOWN: usize = 30;

fn to_json(options: &Options, pool: &Pool, sample: &Sample, findings: &[Finding]) -> Value {
    let drawn = sample.drawn.iter().map(|drawn| {
        let receivable = &pool.receivables[drawn.place];
        json!({
            "receivable": receivable.id,
            "row": receivable.origin.row,
            "stratum": drawn.stratum,
            "hits": drawn.hits,
            "balance": receivable.outstanding_principal.to_string(),
        })
    });
    json!({
        "schema": SCHEMA,
        "method": word(options),
        "seed": options.seed,
        "population": { "count": sample.population, "balance": sample.total.to_string() },
        "sample": { "count": sample.drawn.len(), "balance": sample.covered.to_string() },
        "interval": sample.interval.map(|interval| interval.to_string()),
        "drawn": drawn.collect::<Vec<_>>(),
        "findings": crate::report::findings_json(findings),
    })
}
