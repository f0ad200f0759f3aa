//! `cashfall track`: what came against what was to come, and the rest of the forecast scaled to it.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{refused, spare, tell_grave, write_workbook};
use super::tables::aligned;
use super::{Files, LangArg, Outcome, Result, open, say};
use crate::finding::Finding;
use crate::job::{Band, Bands, TrackedFlow, TrackedMonth, Tracking};
use crate::money::{Amount, Rate};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.track/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall track demo/deal.toml --actual servicer.csv\n  cashfall track deal.toml --actual servicer.xlsx --amber \"5 %\" --red \"15 %\" --credibility \"50 %\" --out tracking.xlsx"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The servicer's months: month, scheduled_paid, prepaid, new_default, recovery, interest
    /// (docs/reference/static.md lists the names).
    #[arg(long, value_name = "TABLE")]
    actual: PathBuf,
    /// Somebody should look when a flow is this far off to date, on the adverse side.
    #[arg(long, value_name = "RATE", default_value = "10 %", value_parser = share)]
    amber: Rate,
    /// Somebody must act.
    #[arg(long, value_name = "RATE", default_value = "20 %", value_parser = share)]
    red: Rate,
    /// How much of the deviation to date the rest of the forecast takes over.
    #[arg(long, value_name = "RATE", default_value = "100 %", value_parser = share)]
    credibility: Rate,
    /// Write the report of the forecast with the tracking as a sheet of its own.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the tracking as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> std::result::Result<Rate, String> {
    let rate: Rate = text.parse().map_err(|_| "a percent such as `10 %`".to_string())?;
    let possible = Rate::ZERO <= rate && rate <= Rate::ONE;
    possible
        .then_some(rate)
        .ok_or_else(|| "from 0 % to 100 %: is the percent sign missing?".to_string())
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, mut findings) = open(&options.files)?;
    let schema = options.json.then_some(SCHEMA);
    let Some(job) = job else { return Ok(refused(schema, &findings, lang)) };
    options.files.spare(options.out.as_deref(), Some(&job), lang)?;
    if options.amber > options.red {
        return Err("--amber is at most --red".into());
    }
    let (amber, red, credibility) = (options.amber, options.red, options.credibility);
    let tracked = job.track(&options.actual, Bands { amber, red, credibility })?;
    let (tracking, found) = tracked.into_parts();
    findings.extend(found);
    let Some(tracking) = tracking else { return Ok(refused(schema, &findings, lang)) };
    if let Some(out) = &options.out {
        let inputs = [&options.files.deal, &options.actual].into_iter();
        let inputs = inputs.chain(job.tapes.iter().map(|tape| &tape.path)).map(PathBuf::as_path);
        spare(
            inputs,
            out,
            say(lang, "是输入文件, 不能覆盖", "is read by the run: name another file"),
        )?;
        let workbook = job.track_workbook(&tracking, lang.report());
        write_workbook(&workbook, out, lang)?;
    }
    if options.json {
        println!("{}", to_json(&tracking, &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", text(&tracking, lang));
    Ok(Outcome::Done)
}

fn name(key: &str, lang: LangArg) -> &'static str {
    match key {
        "default" => say(lang, "新增违约", "defaults"),
        "scheduled" => say(lang, "计划还款", "scheduled principal"),
        "prepaid" => say(lang, "早偿", "prepaid principal"),
        "charges" => say(lang, "息费", "interest and fees"),
        "recovered" => say(lang, "违约后回收", "recoveries"),
        _ => say(lang, "现金合计", "cash in all"),
    }
}

fn colour(band: Band, lang: LangArg) -> &'static str {
    match band {
        Band::Green => say(lang, "绿", "green"),
        Band::Amber => say(lang, "黄", "amber"),
        Band::Red => say(lang, "红", "red"),
    }
}

fn text(tracking: &Tracking, lang: LangArg) -> String {
    let head = [
        say(lang, "项目", "to date"),
        say(lang, "截至", "month"),
        say(lang, "预测", "expected"),
        say(lang, "实际", "actual"),
        say(lang, "偏差", "deviation"),
        say(lang, "实际/预测%", "A/E %"),
        say(lang, "预警", "band"),
        say(lang, "其余预测", "rest was"),
        say(lang, "重估", "rest now"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    rows.extend(tracking.flows.iter().filter_map(|flow| summary(flow, lang)));
    let mut text = aligned(&rows);
    let zh = "重估: 每行按自身的实际/预测比例调整";
    text += say(lang, zh, "rest now: each line is scaled by its own A/E");
    if tracking.flows.iter().any(|flow| flow.factor.is_none()) {
        text += say(lang, "; 现金合计为其四项之和", "; cash in all is the sum of its four");
    }
    text + "\n"
}

fn summary(flow: &TrackedFlow, lang: LangArg) -> Option<Vec<String>> {
    let latest = flow.latest()?;
    let [expected, actual] = latest.so_far;
    let rest = || flow.months.iter().filter(|month| month.date > latest.date);
    let was: Amount = rest().map(|month| month.expected).sum();
    let now: Amount = rest().map(|month| month.forecast).sum();
    Some(vec![
        name(flow.key, lang).to_string(),
        latest.date.format("%Y-%m").to_string(),
        expected.grouped(),
        actual.grouped(),
        (actual - expected).grouped(),
        format!("{:.2}", 100.0 * latest.actual_to_expected.to_f64()),
        latest.band.map_or("", |band| colour(band, lang)).to_string(),
        was.grouped(),
        now.grouped(),
    ])
}

fn to_json(tracking: &Tracking, findings: &[Finding]) -> Value {
    let month = |month: &TrackedMonth| {
        json!({
            "date": month.date.to_string(),
            "expected": month.expected.to_string(),
            "actual": month.actual.map(|amount| amount.to_string()),
            "expected_so_far": month.so_far[0].to_string(),
            "actual_so_far": month.so_far[1].to_string(),
            "actual_to_expected": month.actual_to_expected.to_string(),
            "band": month.band.map(Band::name),
            "forecast": month.forecast.to_string(),
        })
    };
    let flows = tracking.flows.iter().map(|flow| {
        json!({
            "flow": flow.key,
            "factor": flow.factor.map(|factor| factor.to_string()),
            "months": flow.months.iter().map(month).collect::<Vec<_>>(),
        })
    });
    json!({
        "schema": SCHEMA,
        "amber": tracking.bands.amber.to_string(),
        "red": tracking.bands.red.to_string(),
        "credibility": tracking.bands.credibility.to_string(),
        "flows": flows.collect::<Vec<_>>(),
        "findings": crate::report::findings_json(findings),
    })
}
