//! `cashfall strat`: the shape of a pool, on the terminal, as a workbook and as JSON.

use std::path::PathBuf;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::answer::{tell_grave, write_workbook};
use super::portfolio::{PoolFiles, heading};
use super::{LangArg, Outcome, Result, say, tables::aligned};
use crate::finding::{Finding, Lang, Origin};
use crate::job::Portfolio;
use crate::money::Rate;
use crate::portfolio::Characteristic;
use crate::portfolio::stratification::{
    self, Bucket, Cross, Dimension, Distribution, Stratification, Summary,
};
use crate::report::{Workbook, stratification_sheets};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.strat/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall strat demo/deal.toml --out strat.xlsx\n  cashfall strat tape.csv --mapping mapping.toml --by region,instalments\n  cashfall strat deal.toml --cross region,score_band --buckets buckets.toml --json"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: PoolFiles,
    /// Dimensions, by the names of docs/reference/portfolio.md or of columns of the tape; by default
    /// those of an offering document that the tape has.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    by: Vec<String>,
    /// A cross-table of two dimensions; may be given again.
    #[arg(long, value_name = "ROWS,COLUMNS", value_parser = pair)]
    cross: Vec<(String, String)>,
    /// A file with buckets of your own; it replaces the standard ones field by field.
    #[arg(long, value_name = "FILE")]
    buckets: Option<PathBuf>,
    /// The workbook to write.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print all figures as JSON on standard output.
    #[arg(long)]
    json: bool,
}

fn pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once(',') {
        Some((rows, columns)) if !rows.is_empty() && !columns.is_empty() => {
            Ok((rows.trim().to_string(), columns.trim().to_string()))
        }
        _ => Err("two names with a comma between: region,score_band".to_string()),
    }
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (portfolio, mut findings) = options.files.open()?;
    let of_deal = portfolio.as_ref().and_then(|portfolio| portfolio.deal.as_ref());
    let of_deal = of_deal.map(|deal| deal.stratification.clone()).unwrap_or_default();
    let (known, found) = known(of_deal, options.buckets.as_ref())?;
    findings.extend(found);
    let refused = findings.iter().any(|f| f.severity() == crate::finding::Severity::Error);
    let Some(portfolio) = portfolio.filter(|_| !refused) else {
        return Ok(super::answer::refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_ref(), &portfolio.tapes)?;
    let (dimensions, crosses) = asked(options, &known);
    let shape = Stratification::of(&portfolio.pool, None, &dimensions, &crosses);
    let named: Vec<&String> =
        options.by.iter().chain(options.cross.iter().flat_map(|(a, b)| [a, b])).collect();
    let absent = shape.absent.iter().filter(|of| named.iter().any(|name| *name == of.name()));
    let absent: Vec<Finding> = absent.map(|of| lacking(&portfolio, of)).collect();
    if !absent.is_empty() {
        return Ok(super::answer::refused(options.json.then_some(SCHEMA), &absent, lang));
    }
    if let Some(out) = &options.out {
        let heading = heading(&portfolio, lang);
        let title = heading.labels.name(&heading.name);
        let sheets = stratification_sheets(&heading, &shape, "");
        write_workbook(&Workbook { sheets, title }, out, lang)?;
    }
    if options.json {
        println!("{}", to_json(&shape, &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", text(options, &shape, lang));
    Ok(Outcome::Done)
}

/// The standard dimensions, with those of the deal and of a file in their place.
fn known(of_deal: Vec<Dimension>, own: Option<&PathBuf>) -> Result<(Vec<Dimension>, Vec<Finding>)> {
    let known = stratification::with_own(stratification::defaults(), of_deal);
    let Some(path) = own else { return Ok((known, Vec::new())) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (own, findings) = stratification::read(&name, &text).into_parts();
    let known = stratification::with_own(known, own);
    Ok((known, findings))
}

/// The dimensions asked for, and the places of those to cross.
fn asked(options: &Options, known: &[Dimension]) -> (Vec<Dimension>, Vec<(usize, usize)>) {
    let by_name = |name: &String| {
        let of = Characteristic::of(name.trim());
        known.iter().find(|dimension| dimension.of == of).cloned().unwrap_or(Dimension::each(name))
    };
    let mut dimensions: Vec<Dimension> = match options.by.as_slice() {
        [] => known.to_vec(),
        names => names.iter().map(by_name).collect(),
    };
    let mut place = |name: &String| {
        let dimension = by_name(name);
        let found = dimensions.iter().position(|other| other.of == dimension.of);
        found.unwrap_or_else(|| {
            dimensions.push(dimension);
            dimensions.len() - 1
        })
    };
    let crosses = options.cross.iter().map(|(rows, columns)| (place(rows), place(columns)));
    let crosses = crosses.collect();
    (dimensions, crosses)
}

fn lacking(portfolio: &Portfolio, of: &Characteristic) -> Finding {
    let pool = &portfolio.pool;
    let known = pool.attributes.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>();
    Finding::new("E0303", Origin::file(&pool.manifest.file))
        .with("tape", &pool.manifest.file)
        .with("field", of.name())
        .with("known", known.join(", "))
}

// On the terminal ----------------------------------------------------------------------------------

fn text(options: &Options, shape: &Stratification, lang: LangArg) -> String {
    let mut text = summary(shape, lang);
    if options.by.is_empty() && options.cross.is_empty() {
        let names: Vec<&str> =
            shape.distributions.iter().map(|made| made.dimension.of.name()).collect();
        let more = say(
            lang,
            "分布 (--by 打印, --out 写入工作簿)",
            "Distributions (--by prints, --out writes them)",
        );
        return text + &format!("\n{more}:\n{}", folded(&names));
    }
    let printed = |made: &&Distribution| {
        options.by.is_empty() || options.by.iter().any(|name| name == made.dimension.of.name())
    };
    for made in shape.distributions.iter().filter(printed).filter(|_| !options.by.is_empty()) {
        text += &format!("\n{}", table(made, lang));
    }
    for made in &shape.crosses {
        text += &format!("\n{}", cross(made, lang));
    }
    text
}

/// Names in lines of at most ninety characters.
fn folded(names: &[&str]) -> String {
    let (mut text, mut line) = (String::new(), String::from(" "));
    for name in names {
        if line.len() + name.len() > 88 {
            text += &format!("{}\n", line.trim_end());
            line = String::from(" ");
        }
        line += &format!(" {name}");
    }
    text + line.trim_end() + "\n"
}

/// Totals and averages, a line each.
pub(super) fn summary(shape: &Stratification, lang: LangArg) -> String {
    let of = &shape.summary;
    let row = |zh: &str, en: &str, value: String| vec![say(lang, zh, en).to_string(), value];
    let share = |rate: Rate| two_places(rate);
    let mut rows = vec![
        row("笔数", "Receivables", of.count.to_string()),
        row("债务人数", "Obligors", of.obligors.map_or("–".to_string(), |n| n.to_string())),
        row("合同金额", "Original principal", of.original.grouped()),
        row("未偿本金余额", "Outstanding principal", of.outstanding.grouped()),
        row("单笔平均", "Average receivable", of.average_balance().grouped()),
        row("单笔最大", "Largest receivable", of.largest.grouped()),
    ];
    if let (Some(average), Some(largest)) = (of.average_obligor(), of.largest_obligor) {
        rows.push(row("单户平均", "Average obligor", average.grouped()));
        rows.push(row("单户最大", "Largest obligor", largest.grouped()));
        let of_all = Summary::ratio(largest, of.outstanding);
        rows.push(row("单户最大占比", "Share of the largest obligor", share(of_all)));
        rows.push(row("前十大占比", "Ten largest obligors", share(of.top_share(10))));
        rows.push(row("前二十大占比", "Twenty largest obligors", share(of.top_share(20))));
    }
    rows.push(row("免息占比", "Interest-free share", share(of.interest_free)));
    for average in &of.averages {
        let label = average.of.label();
        let name = match lang.messages() {
            Lang::Zh => format!("加权平均{}", label.zh),
            Lang::En => format!("WA {}", label.en),
        };
        let value = average.value.map_or("–".to_string(), |value| short(&value.to_string()));
        rows.push(vec![name, value]);
    }
    aligned(&rows)
}

/// A figure with at most four decimals, halves away from zero.
fn short(text: &str) -> String {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    match Decimal::from_str_exact(number) {
        Ok(number) if number.scale() > 4 => format!("{} {unit}", rounded(number, 4)),
        Ok(_) | Err(_) => text.to_string(),
    }
    .trim_end()
    .to_string()
}

/// Percent with two decimals.
fn two_places(rate: Rate) -> String {
    format!("{:.2} %", rounded(rate.to_decimal() * Decimal::ONE_HUNDRED, 2))
}

fn rounded(number: Decimal, places: u32) -> Decimal {
    number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// One distribution.
pub(super) fn table(made: &Distribution, lang: LangArg) -> String {
    let name = made.dimension.of.label();
    let head: [&str; 7] = match lang.messages() {
        Lang::Zh => ["笔数", "笔数%", "户数", "未偿本金", "金额%", "年化利率", "单笔平均"],
        Lang::En => ["count", "count %", "obligors", "principal", "%", "WA rate", "average"],
    };
    let name = name.in_lang(lang.messages()).to_string();
    let mut rows = vec![std::iter::once(name).chain(head.map(str::to_string)).collect()];
    let (counts, balances) = (made.count_shares(), made.balance_shares());
    let row = |bucket: &Bucket, count: Rate, balance: Rate| {
        vec![
            bucket.label.in_lang(lang.messages()).to_string(),
            bucket.count.to_string(),
            two_places(count),
            bucket.obligors.map_or("–".to_string(), |number| number.to_string()),
            bucket.balance.grouped(),
            two_places(balance),
            bucket.rate.map_or("–".to_string(), two_places),
            average(bucket),
        ]
    };
    for ((bucket, count), balance) in made.buckets.iter().zip(counts).zip(balances) {
        if bucket.count > 0 {
            rows.push(row(bucket, count, balance));
        }
    }
    let whole = if made.total.count > 0 { Rate::ONE } else { Rate::ZERO };
    rows.push(row(&made.total, whole, whole));
    aligned(&rows)
}

fn average(bucket: &Bucket) -> String {
    let count = i128::try_from(bucket.count).unwrap_or(0);
    if count == 0 {
        return "–".to_string();
    }
    let each =
        crate::money::divide(bucket.balance.minor().into(), count, crate::money::Rounding::HalfUp);
    crate::money::Amount::from_minor(each).grouped()
}

/// Principal by two dimensions; buckets nobody is in are left out.
fn cross(made: &Cross, lang: LangArg) -> String {
    let labels = [&made.rows, &made.columns].map(|dimension| dimension.of.label());
    let [down, over] = labels.map(|label| label.in_lang(lang.messages()).to_string());
    let used: Vec<usize> = (0..made.column_labels.len())
        .filter(|column| made.counts.iter().any(|row| row[*column] > 0))
        .collect();
    let mut head = vec![format!("{down} × {over}")];
    head.extend(used.iter().map(|c| made.column_labels[*c].in_lang(lang.messages()).to_string()));
    let mut rows = vec![head];
    for (label, (balances, counts)) in
        made.row_labels.iter().zip(made.balances.iter().zip(&made.counts))
    {
        if counts.iter().any(|count| *count > 0) {
            let mut row = vec![label.in_lang(lang.messages()).to_string()];
            row.extend(used.iter().map(|column| balances[*column].grouped()));
            rows.push(row);
        }
    }
    aligned(&rows)
}

// As JSON ------------------------------------------------------------------------------------------

fn to_json(shape: &Stratification, findings: &[Finding]) -> Value {
    json!({
        "schema": SCHEMA,
        "as_of": shape.at.to_string(),
        "summary": summary_json(&shape.summary),
        "distributions": shape.distributions.iter().map(distribution_json).collect::<Vec<_>>(),
        "cross_tables": shape.crosses.iter().map(cross_json).collect::<Vec<_>>(),
        "absent": shape.absent.iter().map(Characteristic::name).collect::<Vec<_>>(),
        "findings": crate::report::findings_json(findings),
    })
}

/// The summary of a pool as JSON.
pub(super) fn summary_json(of: &Summary) -> Value {
    let averages = of.averages.iter().map(|average| {
        json!({
            "field": average.of.name(),
            "average": average.value.map(|value| value.to_string()),
            "missing": average.missing,
        })
    });
    let top = of.top.iter().map(|obligor| {
        json!({
            "obligor": obligor.id,
            "count": obligor.count,
            "balance": obligor.balance.to_string(),
            "share": obligor.share.to_string(),
        })
    });
    json!({
        "count": of.count,
        "obligors": of.obligors,
        "original": of.original.to_string(),
        "balance": of.outstanding.to_string(),
        "largest": of.largest.to_string(),
        "largest_obligor": of.largest_obligor.map(|amount| amount.to_string()),
        "averages": averages.collect::<Vec<_>>(),
        "interest_free": of.interest_free.to_string(),
        "top_obligors": top.collect::<Vec<_>>(),
        "herfindahl": of.herfindahl.map(|rate| rate.to_string()),
    })
}

fn distribution_json(made: &Distribution) -> Value {
    let shares = made.count_shares().into_iter().zip(made.balance_shares());
    let buckets = made.buckets.iter().zip(shares).map(|(bucket, (count, balance))| {
        let mut json = bucket_json(bucket);
        json["count_share"] = json!(count.to_string());
        json["balance_share"] = json!(balance.to_string());
        json
    });
    json!({
        "field": made.dimension.of.name(),
        "buckets": buckets.collect::<Vec<_>>(),
        "total": bucket_json(&made.total),
    })
}

fn bucket_json(bucket: &Bucket) -> Value {
    json!({
        "label": { "zh": bucket.label.zh, "en": bucket.label.en },
        "count": bucket.count,
        "obligors": bucket.obligors,
        "balance": bucket.balance.to_string(),
        "rate": bucket.rate.map(|rate| rate.to_string()),
    })
}

fn cross_json(made: &Cross) -> Value {
    let labels = |labels: &[crate::config::Text]| -> Vec<Value> {
        labels.iter().map(|label| json!({ "zh": label.zh, "en": label.en })).collect()
    };
    let rows = made.balances.iter().map(|row| row.iter().map(ToString::to_string).collect());
    json!({
        "rows": made.rows.of.name(),
        "columns": made.columns.of.name(),
        "row_labels": labels(&made.row_labels),
        "column_labels": labels(&made.column_labels),
        "balances": rows.collect::<Vec<Vec<String>>>(),
        "counts": made.counts,
    })
}
