//! `cashfall limit-cut`: what changes of credit limits do to the supply of receivables and to the deal.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{spare, tell_grave, write_workbook};
use super::tables::aligned;
use super::{Files, LangArg, Outcome, Result, open, say};
use crate::analytics::{SupplyPath, TrancheMeasures};
use crate::assumptions::LimitStudy;
use crate::config::Text;
use crate::deal::Deal;
use crate::finding::{Finding, Severity};
use crate::model::Inputs;
use crate::money::Amount;

/// The version of the JSON.
const SCHEMA: &str = "cashfall.limit_cut/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall limit-cut deal.toml --scenarios scenarios.toml --out study.xlsx\n\nThe file of scenarios: docs/reference/limit_cut.md"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The file of scenarios.
    #[arg(long, value_name = "FILE")]
    scenarios: PathBuf,
    /// Write a workbook: the live report with the comparison and a page for each scenario.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the study as JSON on standard output (docs/reference/limit_cut.md).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, mut findings) = open(&options.files)?;
    let name = options.scenarios.file_name().unwrap_or(options.scenarios.as_os_str());
    let name = name.to_string_lossy().to_string();
    let text = std::fs::read_to_string(&options.scenarios)
        .map_err(|error| format!("cannot read `{}`: {error}", options.scenarios.display()))?;
    let study = job.as_ref().map(|job| {
        let (study, found) = LimitStudy::from_toml(&name, &text, &job.assumptions).into_parts();
        findings.extend(found);
        study
    });
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    let (Some(job), Some(study), false) = (job, study, refused) else {
        return Ok(super::answer::refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_deref(), Some(&job), lang)?;
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    let paths = job.limit_cut((&model, &run), &study);
    if let Some(out) = &options.out {
        let inputs = [&options.files.deal, &options.scenarios].into_iter();
        let inputs = inputs.chain(job.tapes.iter().map(|tape| &tape.path)).map(PathBuf::as_path);
        spare(inputs, out, "is read: write the study to another file")?;
        let workbook = job.limit_cut_workbook((&model, &run), &paths, lang.report());
        write_workbook(&workbook, out, lang)?;
    }
    if options.json {
        println!("{}", to_json(&job.deal, &study, &paths, &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", table(&job.deal, &paths, lang));
    Ok(Outcome::Done)
}

/// The scenarios numbered, then one row a measure and one column a scenario.
fn table(deal: &Deal, paths: &[(Text, SupplyPath)], lang: LangArg) -> String {
    let in_lang = |text: &Text| text.in_lang(lang.messages()).to_string();
    let mut text = String::new();
    for (place, (name, _)) in paths.iter().enumerate() {
        text += &format!("{place}  {}\n", in_lang(name));
    }
    text.push('\n');
    let mut rows = vec![vec![String::new()]];
    rows[0].extend((0..paths.len()).map(|place| place.to_string()));
    let mut row = |title: String, cell: &dyn Fn(&SupplyPath) -> String| {
        let cells = paths.iter().map(|(_, path)| cell(path));
        rows.push(std::iter::once(title).chain(cells).collect());
    };
    let percent = |value: f64| format!("{:.2} %", value * 100.0);
    let none = || "–".to_string();
    let totals = [("供给", "Supply"), ("购买预算", "Budget"), ("购买价款", "Bought, price")];
    for (place, (zh, en)) in totals.into_iter().enumerate() {
        row(say(lang, zh, en).to_string(), &|path| path.totals()[place].grouped());
    }
    row(say(lang, "购买比例", "Purchase ratio").into(), &|path| percent(path.ratio()));
    row(say(lang, "闲置资金最高", "Idle cash, most").into(), &|path| {
        path.idle_most().grouped()
    });
    row(say(lang, "负利差", "Negative carry").into(), &|path| grouped(path.carry()));
    row(say(lang, "超额利差 (年)", "Excess spread p.a.").into(), &|path| {
        path.spread.map_or_else(none, percent)
    });
    row(say(lang, "循环期提前结束", "Revolving ends early").into(), &|path| {
        path.early_end.map_or_else(none, |date| date.to_string())
    });
    row(say(lang, "首次触发", "First breach").into(), &|path| {
        path.breach.as_ref().map_or_else(none, |breach| breach.date.to_string())
    });
    row(say(lang, "触发事件", "Trigger").into(), &|path| {
        path.breach.as_ref().map_or_else(none, |breach| breach.id.clone())
    });
    for (place, tranche) in deal.tranches.iter().enumerate() {
        let name = in_lang(&tranche.name);
        row(format!("{name}: {}", say(lang, "期限 (年)", "life, years")), &|path| {
            path.tranches[place].wal.map_or_else(none, |life| format!("{life:.4}"))
        });
        row(format!("{name}: {}", say(lang, "收益率", "yield")), &|path| {
            path.tranches[place].xirr.map_or_else(none, percent)
        });
    }
    text + &aligned(&rows)
}

/// Two decimals with thousands.
fn grouped(value: f64) -> String {
    let cents = cents(value);
    cents.parse::<Amount>().map_or(cents, Amount::grouped)
}

/// Two decimals, and no zero with a sign.
fn cents(value: f64) -> String {
    format!("{:.2}", (value * 100.0).round() / 100.0 + 0.0)
}

fn to_json(
    deal: &Deal,
    study: &LimitStudy,
    paths: &[(Text, SupplyPath)],
    findings: &[Finding],
) -> Value {
    json!({
        "schema": SCHEMA,
        "deal": { "zh": deal.name.zh, "en": deal.name.en },
        "currency": deal.currency,
        "deposit_rate": study.deposit.to_string(),
        "scenarios": paths.iter().map(|(name, path)| scenario(deal, name, path)).collect::<Vec<_>>(),
        "findings": crate::report::findings_json(findings),
    })
}

fn scenario(deal: &Deal, name: &Text, path: &SupplyPath) -> Value {
    let decimals = |value: Option<f64>| value.map(|value| format!("{value:.8}"));
    let dates = path.dates.iter().map(|at| {
        json!({
            "date": at.date.to_string(),
            "revolving": at.revolving,
            "supply": at.supply.to_string(),
            "budget": at.budget.to_string(),
            "price": at.price.to_string(),
            "ratio": at.ratio.to_string(),
            "idle": at.idle.to_string(),
            "pool": at.pool.to_string(),
            "negative_carry": cents(at.carry),
            "excess_spread": decimals(at.spread),
        })
    });
    let tranches = deal.tranches.iter().zip(&path.tranches);
    let tranches = tranches.map(|(tranche, measures): (_, &TrancheMeasures)| {
        json!({
            "id": tranche.id,
            "wal_years": decimals(measures.wal),
            "xirr": decimals(measures.xirr),
            "short": measures.short.to_string(),
        })
    });
    let [supply, budget, price] = path.totals().map(|amount| amount.to_string());
    json!({
        "name": { "zh": name.zh, "en": name.en },
        "supply": supply,
        "budget": budget,
        "price": price,
        "ratio": format!("{:.8}", path.ratio()),
        "idle_most": path.idle_most().to_string(),
        "negative_carry": cents(path.carry()),
        "excess_spread": decimals(path.spread),
        "early_end": path.early_end.map(|date| date.to_string()),
        "first_breach": path.breach.as_ref().map(|b| json!({ "id": b.id, "date": b.date.to_string() })),
        "tranches": tranches.collect::<Vec<_>>(),
        "dates": dates.collect::<Vec<_>>(),
    })
}
