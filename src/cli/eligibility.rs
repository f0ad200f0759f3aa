//! `cashfall eligibility`: the deal's criteria on its pool, one by one, and its limits.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{refused, tell_grave, write_workbook};
use super::portfolio::{PoolFiles, heading};
use super::{LangArg, Outcome, Result, say, tables::aligned};
use crate::deal::Deal;
use crate::finding::Severity;
use crate::job::Portfolio;
use crate::portfolio::eligibility::{Ladder, Occasion, Tester};
use crate::portfolio::limits::{Limit, Limits, Tested};
use crate::report::{Workbook, failures_sheet, ladder_sheet, limits_sheet};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.eligibility/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall eligibility deal.toml\n  cashfall eligibility deal.toml --pool 2026-03.xlsx --out eligibility.xlsx\n  cashfall eligibility deal.toml --json"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: PoolFiles,
    /// The workbook to write: the ladder, the receivables that fail, the limits.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print everything as JSON on standard output, with each receivable that fails.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (portfolio, mut findings) = options.files.open()?;
    let Some((portfolio, deal)) = with_deal(portfolio)? else {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_ref(), &portfolio.tapes)?;
    let pool = &portfolio.pool;
    let (tester, found) = Tester::bind(Occasion::Closing, &deal.eligibility, pool).into_parts();
    findings.extend(found);
    let (limits, found) = Limits::bind(&deal.limits, pool, pool.cutoff).into_parts();
    findings.extend(found);
    let ladder = Ladder::of(&tester, pool, pool.cutoff);
    let tested = limits.tested(&(0..pool.receivables.len()).collect::<Vec<_>>());
    if let Some(out) = &options.out {
        let heading = heading(&portfolio, lang);
        let mut sheets = vec![
            ladder_sheet(&heading, &tester, &ladder),
            failures_sheet(&heading, pool, &tester, &ladder),
        ];
        if !deal.limits.is_empty() {
            sheets.push(limits_sheet(&heading, &deal.limits, &tested, ""));
        }
        write_workbook(&Workbook { sheets, title: heading.labels.name(&deal.name) }, out, lang)?;
    }
    let failed = findings.iter().any(|finding| finding.severity() == Severity::Error);
    if options.json {
        let json = json!({
            "schema": SCHEMA,
            "ladder": ladder_json(&tester, &ladder),
            "failures": failures_json(&portfolio, &tester, &ladder),
            "limits": limits_json(&deal.limits, &tested),
            "findings": crate::report::findings_json(&findings),
        });
        println!("{json}");
    } else {
        tell_grave(&findings, lang);
        print!("{}", ladder_text(&tester, &ladder, lang));
        print!("{}", limits_text(&deal.limits, &tested, lang));
    }
    Ok(if failed { Outcome::Findings } else { Outcome::Done })
}

/// The portfolio with its deal; an error when there is none.
pub(super) fn with_deal(portfolio: Option<Portfolio>) -> Result<Option<(Portfolio, Deal)>> {
    let Some(portfolio) = portfolio else { return Ok(None) };
    match portfolio.deal.clone() {
        Some(deal) => Ok(Some((portfolio, deal))),
        None => {
            Err("criteria and limits stand in a deal file: name one (.toml), and the tape with \
                     --pool"
                .into())
        }
    }
}

/// What each criterion removed, in order and alone.
pub(super) fn ladder_text(tester: &Tester, ladder: &Ladder, lang: LangArg) -> String {
    if tester.criteria().is_empty() {
        return say(lang, "交易文件没有合格标准\n", "The deal file has no criteria\n").to_string();
    }
    let head = match lang.messages() {
        crate::finding::Lang::Zh => ["标准", "剔除笔数", "剔除本金", "剩余本金", "单独剔除"],
        crate::finding::Lang::En => ["criterion", "removed", "principal", "left", "alone"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    let mut left = ladder.all.balance;
    for (place, criterion) in tester.criteria().iter().enumerate() {
        let removed = ladder.in_order[place];
        left -= removed.balance;
        let name = cut(criterion.name.in_lang(lang.messages()), 36);
        rows.push(vec![
            format!("{} {name}", criterion.id),
            removed.count.to_string(),
            removed.balance.grouped(),
            left.grouped(),
            ladder.alone[place].count.to_string(),
        ]);
    }
    let (all, eligible) = (ladder.all, ladder.eligible);
    let of = match lang.messages() {
        crate::finding::Lang::Zh => format!(
            "合格 {} 笔, {}; 全部 {} 笔, {}\n",
            eligible.count,
            eligible.balance.grouped(),
            all.count,
            all.balance.grouped()
        ),
        crate::finding::Lang::En => format!(
            "eligible {} receivables, {}; of {} receivables, {}\n",
            eligible.count,
            eligible.balance.grouped(),
            all.count,
            all.balance.grouped()
        ),
    };
    aligned(&rows) + &of
}

/// The limits with their values.
pub(super) fn limits_text(limits: &[Limit], tested: &[Tested], lang: LangArg) -> String {
    if limits.is_empty() {
        return String::new();
    }
    let head = match lang.messages() {
        crate::finding::Lang::Zh => ["限制", "数值", "余量", "超额本金", "是否满足"],
        crate::finding::Lang::En => ["limit", "value", "headroom", "excess", "met"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (limit, tested) in limits.iter().zip(tested) {
        let value = tested.measured.as_ref().map_or("–".to_string(), |m| m.value.to_string());
        rows.push(vec![
            cut(limit.name.in_lang(lang.messages()), 44),
            value,
            tested.headroom.map_or("–".to_string(), |headroom| headroom.to_string()),
            tested.excess.grouped(),
            if tested.passes { say(lang, "是", "yes") } else { say(lang, "否", "NO") }.to_string(),
        ]);
    }
    format!("\n{}", aligned(&rows))
}

/// The beginning of a text that fits a width.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= width {
        return text.to_string();
    }
    let (mut short, mut used) = (String::new(), 1);
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used > width {
            break;
        }
        short.push(letter);
    }
    short + "…"
}

pub(super) fn ladder_json(tester: &Tester, ladder: &Ladder) -> Value {
    let criteria = tester.criteria().iter().enumerate().map(|(place, criterion)| {
        let (removed, alone) = (ladder.in_order[place], ladder.alone[place]);
        json!({
            "id": criterion.id,
            "name": { "zh": criterion.name.zh, "en": criterion.name.en },
            "removed": { "count": removed.count, "balance": removed.balance.to_string() },
            "alone": { "count": alone.count, "balance": alone.balance.to_string() },
        })
    });
    json!({
        "all": { "count": ladder.all.count, "balance": ladder.all.balance.to_string() },
        "criteria": criteria.collect::<Vec<_>>(),
        "eligible": {
            "count": ladder.eligible.count,
            "balance": ladder.eligible.balance.to_string(),
        },
    })
}

fn failures_json(portfolio: &Portfolio, tester: &Tester, ladder: &Ladder) -> Vec<Value> {
    let pool = &portfolio.pool;
    let failing = ladder.first.iter().enumerate().filter(|(_, first)| first.is_some());
    let receivable = |(index, _): (usize, &Option<u16>)| {
        let failures = tester.failures(index, pool.cutoff);
        let id = |place: usize| tester.criteria()[place].id.clone();
        json!({
            "receivable": pool.receivables[index].id,
            "balance": pool.receivables[index].outstanding_principal.to_string(),
            "first": failures.first().map(|failure| id(failure.criterion)),
            "all": failures.iter().map(|failure| json!({
                "criterion": id(failure.criterion),
                "tested": failure.value,
            })).collect::<Vec<_>>(),
        })
    };
    failing.map(receivable).collect()
}

pub(super) fn limits_json(limits: &[Limit], tested: &[Tested]) -> Vec<Value> {
    let limit = |(limit, tested): (&Limit, &Tested)| {
        let kind = limit.measure.kind();
        let end = |parts: Option<i64>| {
            parts.map(|parts| crate::portfolio::Figure { kind, parts }.to_string())
        };
        json!({
            "id": limit.id,
            "name": { "zh": limit.name.zh, "en": limit.name.en },
            "measure": limit.measure.word(),
            "value": tested.measured.as_ref().map(|measured| measured.value.to_string()),
            "group": tested.measured.as_ref().and_then(|measured| measured.group.clone()),
            "at_least": end(limit.least),
            "at_most": end(limit.most),
            "headroom": tested.headroom.map(|headroom| headroom.to_string()),
            "met": tested.passes,
            "excess": tested.excess.to_string(),
        })
    };
    limits.iter().zip(tested).map(limit).collect()
}
