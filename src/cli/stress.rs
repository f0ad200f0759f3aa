//! `cashfall stress`: what the tranches get under scenarios, and how much default they bear.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{refused, spare, tell_grave, write_workbook};
use super::tables::aligned;
use super::{Files, LangArg, Outcome, Result, open, say};
use crate::finding::Finding;
use crate::job::{BreakEven, Grid, Job, Migrated, MigratedKind, Row};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.stress/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall stress demo/deal.toml --scenarios scenarios.toml\n  cashfall stress deal.toml --scenarios scenarios.toml --out stress.xlsx\n\nA file of scenarios (docs/reference/stress.md):\n  [[scenario]]\n  id = \"x2\"\n  name = { zh = \"两倍违约\", en = \"Double default\" }\n  default_multiple = 2"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The scenarios, each an overlay on the assumptions; without them the base case and the
    /// break-even alone.
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
    /// Add the worst pool that the revolving period may end with: the mix of standard receivables that
    /// loses most under the limits of the deal.
    #[arg(long)]
    migrated: bool,
    /// Write the report of the live run with the grid as a sheet of its own.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the grid as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, mut findings) = open(&options.files)?;
    let schema = options.json.then_some(SCHEMA);
    let Some(job) = job else { return Ok(refused(schema, &findings, lang)) };
    options.files.spare(options.out.as_deref(), Some(&job), lang)?;
    let scenarios = match &options.scenarios {
        Some(path) => {
            let (scenarios, found) = job.scenarios(path)?.into_parts();
            findings.extend(found);
            let Some(scenarios) = scenarios else { return Ok(refused(schema, &findings, lang)) };
            scenarios
        }
        None => Vec::new(),
    };
    let mut grid = job.grid(&scenarios);
    let migrated = match options.migrated {
        true => {
            let (migrated, found) = job.migrated().into_parts();
            findings.extend(found);
            migrated
        }
        false => None,
    };
    grid.scenarios.extend(migrated.as_ref().map(|migrated| job.under_migrated(migrated)));
    if let Some(out) = &options.out {
        let inputs = [Some(&options.files.deal), options.scenarios.as_ref()].into_iter().flatten();
        let inputs = inputs.chain(job.tapes.iter().map(|tape| &tape.path));
        let inputs = inputs.map(PathBuf::as_path);
        spare(
            inputs,
            out,
            say(lang, "是输入文件, 不能覆盖", "is read by the run: name another file"),
        )?;
        let workbook = job.stress_workbook(&grid, lang.report());
        write_workbook(&workbook, out, lang)?;
    }
    if options.json {
        println!("{}", to_json(&job, &grid, migrated.as_ref(), &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", text(&job, &grid, lang));
    if let Some(migrated) = &migrated {
        print!("\n{}", mix(migrated, lang));
    }
    Ok(Outcome::Done)
}

/// The worst mix beside the assumed one.
fn mix(migrated: &Migrated, lang: LangArg) -> String {
    let head = [
        say(lang, "最差迁移池", "worst migrated pool"),
        say(lang, "假设占比%", "assumed %"),
        say(lang, "最差占比%", "worst %"),
        say(lang, "损失率%", "loss %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for kind in &migrated.kinds {
        rows.push(vec![
            kind.name.in_lang(lang.messages()).to_string(),
            format!("{:.4}", 100.0 * kind.assumed.to_f64()),
            format!("{:.4}", 100.0 * kind.worst.to_f64()),
            format!("{:.4}", 100.0 * kind.loss),
        ]);
    }
    let names: Vec<&str> =
        migrated.binding.iter().map(|name| name.in_lang(lang.messages())).collect();
    let held = match names.is_empty() {
        true => String::new(),
        false => format!("{}: {}\n", say(lang, "用尽的限制", "held by"), names.join("; ")),
    };
    aligned(&rows) + &held
}

fn text(job: &Job, grid: &Grid, lang: LangArg) -> String {
    let head = [
        say(lang, "情景", "scenario"),
        say(lang, "违约%", "CDR %"),
        say(lang, "证券", "tranche"),
        say(lang, "足额", "full"),
        say(lang, "未付本息", "short"),
        say(lang, "首次不足", "first short"),
        say(lang, "最低覆盖", "coverage"),
        say(lang, "年限", "WAL"),
        say(lang, "收益率%", "yield %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for scenario in &grid.scenarios {
        for (place, row) in scenario.rows.iter().enumerate() {
            let name = scenario.name.in_lang(lang.messages());
            let named = |text: String| if place == 0 { text } else { String::new() };
            let cdr = format!("{:.4}", 100.0 * scenario.cdr.to_f64());
            rows.push([vec![named(name.to_string()), named(cdr)], line(job, row, lang)].concat());
        }
    }
    let mut text = aligned(&rows);
    if grid.break_even.is_empty() {
        let none = "no default rates in the assumptions: there is no multiple to break at";
        return text + "\n" + say(lang, "假设中没有违约率, 无法计算临界倍数", none) + "\n";
    }
    let head = [
        say(lang, "临界违约率", "break-even"),
        say(lang, "倍数", "multiple"),
        say(lang, "违约率%", "CDR %"),
        say(lang, "保护距离%", "cushion %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for found in &grid.break_even {
        rows.push(borne(job, found, lang));
    }
    text += "\n";
    text + &aligned(&rows)
}

fn migrated_json(migrated: &Migrated) -> Value {
    let kind = |kind: &MigratedKind| {
        json!({
            "name": { "zh": kind.name.zh, "en": kind.name.en },
            "assumed": kind.assumed.to_string(),
            "worst": kind.worst.to_string(),
            "loss": format!("{:.6}", kind.loss),
        })
    };
    let name = |name: &crate::config::Text| json!({ "zh": name.zh, "en": name.en });
    json!({
        "mix": migrated.kinds.iter().map(kind).collect::<Vec<_>>(),
        "binding": migrated.binding.iter().map(name).collect::<Vec<_>>(),
    })
}

fn line(job: &Job, row: &Row, lang: LangArg) -> Vec<String> {
    let maybe = |figure: Option<f64>, scale: f64, places: usize| {
        figure.map_or("–".to_string(), |figure| format!("{:.places$}", scale * figure))
    };
    vec![
        job.deal.tranches[row.tranche].id.clone(),
        if row.paid_in_full { say(lang, "是", "Y") } else { say(lang, "否", "N") }.to_string(),
        (row.interest_short + row.principal_short).grouped(),
        row.first_short.map_or("–".to_string(), |date| date.to_string()),
        maybe(row.least_coverage, 1.0, 4),
        maybe(row.wal, 1.0, 2),
        maybe(row.yield_, 100.0, 4),
    ]
}

fn borne(job: &Job, found: &BreakEven, lang: LangArg) -> Vec<String> {
    let tranche = job.deal.tranches[found.tranche].id.clone();
    let percent = |rate: Option<crate::money::Rate>| {
        rate.map_or("–".to_string(), |rate| format!("{:.4}", 100.0 * rate.to_f64()))
    };
    let multiple = found.multiple.map_or("–".to_string(), |m| format!("{:.6}", m.to_f64()));
    let sign = if found.never_breaks { "> " } else { "" };
    let remark = match found {
        BreakEven { multiple: None, .. } => {
            say(lang, "无违约时也不足额", "not paid even without default")
        }
        BreakEven { never_breaks: true, .. } => say(lang, "未找到临界点", "no break found"),
        BreakEven { pays_again: true, .. } => {
            say(lang, "非单调: 更高倍数时又足额", "paid again above: not monotone")
        }
        BreakEven { .. } => "",
    };
    vec![
        tranche,
        format!("{sign}{multiple}"),
        percent(found.cdr),
        percent(found.cushion),
        remark.to_string(),
    ]
}

fn to_json(job: &Job, grid: &Grid, migrated: Option<&Migrated>, findings: &[Finding]) -> Value {
    let id = |place: usize| job.deal.tranches[place].id.clone();
    let six = |figure: Option<f64>| figure.map(|figure| format!("{figure:.6}"));
    let row = |row: &Row| {
        json!({
            "tranche": id(row.tranche),
            "paid_in_full": row.paid_in_full,
            "interest_short": row.interest_short.to_string(),
            "principal_short": row.principal_short.to_string(),
            "first_short": row.first_short.map(|date| date.to_string()),
            "least_coverage": six(row.least_coverage),
            "wal_years": six(row.wal),
            "xirr": six(row.yield_),
            "interest_paid": row.paid[0].to_string(),
            "principal_paid": row.paid[1].to_string(),
            "remainder_paid": row.paid[2].to_string(),
        })
    };
    let scenarios = grid.scenarios.iter().map(|scenario| {
        json!({
            "id": scenario.id,
            "name": { "zh": scenario.name.zh, "en": scenario.name.en },
            "cdr": scenario.cdr.to_string(),
            "rows": scenario.rows.iter().map(row).collect::<Vec<_>>(),
        })
    });
    let break_even = grid.break_even.iter().map(|found| {
        json!({
            "tranche": id(found.tranche),
            "multiple": found.multiple.map(|rate| rate.to_string()),
            "cdr": found.cdr.map(|rate| rate.to_string()),
            "cushion": found.cushion.map(|rate| rate.to_string()),
            "never_breaks": found.never_breaks,
            "pays_again": found.pays_again,
        })
    });
    json!({
        "schema": SCHEMA,
        "deal": { "zh": job.deal.name.zh, "en": job.deal.name.en },
        "scenarios": scenarios.collect::<Vec<_>>(),
        "break_even": break_even.collect::<Vec<_>>(),
        "migrated": migrated.map(migrated_json),
        "findings": crate::report::findings_json(findings),
    })
}
