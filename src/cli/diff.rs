//! `cashfall diff`: what two deals say differently, and what that does to the cash.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::answer::{refused, tell_grave};
use super::tables::aligned;
use super::{LangArg, Outcome, Result, say};
use crate::config::{Change, Node, Text};
use crate::finding::Lang;
use crate::job::{Cash, Comparison, Measures, Request};
use crate::money::Amount;

/// The version of the JSON.
const SCHEMA: &str = "cashfall.diff/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall diff deal.toml overlay.toml\n  cashfall diff deal.toml deal.xlsx --pool 2026-03.xlsx --json"
)]
pub(super) struct Options {
    /// The first deal file.
    a: PathBuf,
    /// The second deal file, which runs on the same tape.
    b: PathBuf,
    /// The tape, instead of the one that the first deal names; without any, only keys and clauses are
    /// compared.
    #[arg(long, value_name = "TAPE")]
    pool: Option<PathBuf>,
    /// The column mapping of the tape, instead of the one that the first deal names.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The assumptions for both, instead of those that each deal names.
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Threads; 0 is one per core. Figures are the same for any number.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Print the differences as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let request = |deal: &PathBuf| Request {
        deal: deal.clone(),
        tape: options.pool.clone(),
        mapping: options.mapping.clone(),
        assumptions: options.assumptions.clone(),
        threads: options.threads,
        sums_only: true,
        ..Request::default()
    };
    let (a, b) = (request(&options.a), request(&options.b));
    let (comparison, findings) = Comparison::open([&a, &b])?.into_parts();
    let Some(comparison) = comparison else {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    let names = [&options.a, &options.b].map(|path| path.display().to_string());
    if options.json {
        println!("{}", to_json(&comparison, &names));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", page(&comparison, &names, lang));
    Ok(Outcome::Done)
}

/// A part of the page with its heading; nothing when there is nothing to say.
fn part(heading: &str, lines: &str) -> String {
    if lines.is_empty() { String::new() } else { format!("{heading}\n{lines}\n") }
}

fn page(comparison: &Comparison, names: &[String; 2], lang: LangArg) -> String {
    let [a, b] = names;
    let cash = match &comparison.cash {
        Some(both) => format!("{}\n{}", say(lang, "现金", "Cash"), cash(both, lang.messages())),
        None => {
            let zh = "现金: 没有资产明细表, 只比较文件所载; 用 --pool 指定。";
            let en =
                "Cash: there is no tape, so only what the files say is compared; --pool names one.";
            format!("{}\n", say(lang, zh, en))
        }
    };
    let parts = [
        part(say(lang, "键", "Keys"), &changes(&comparison.keys)),
        part(say(lang, "假设", "Assumptions"), &changes(&comparison.assumptions)),
        part(say(lang, "条款", "Clauses"), &clauses(comparison, lang.messages())),
    ];
    let said = parts.concat();
    let none = format!("{}\n\n", say(lang, "没有不同。", "Nothing is stated differently."));
    let said = if said.is_empty() { none } else { said };
    format!("a = {a}\nb = {b}\n\n{said}{cash}")
}

/// A value as it stands in a file, or a dash.
fn shown(node: Option<&Node>) -> String {
    node.map_or("–".to_string(), |node| match node {
        Node::Text(text) => text.clone(),
        Node::Number(_)
        | Node::Flag(_)
        | Node::Date(_)
        | Node::List(_)
        | Node::Table(_)
        | Node::Tables(_) => node.to_toml(),
    })
}

fn changes(changes: &[Change]) -> String {
    let lines = changes.iter().map(|change| {
        let (old, new) = (shown(change.old.as_ref()), shown(change.new.as_ref()));
        // Two long values stand one below the other.
        if old.chars().count() + new.chars().count() + change.path.len() > 90 {
            format!("  {}\n    a  {old}\n    b  {new}\n", change.path)
        } else {
            format!("  {}  {old} → {new}\n", change.path)
        }
    });
    lines.collect()
}

fn clauses(comparison: &Comparison, lang: Lang) -> String {
    let words = |sign: &str, text: &Option<Text>| {
        text.as_ref().map_or(String::new(), |text| format!("  {sign} {}\n", text.in_lang(lang)))
    };
    let lines = comparison
        .clauses
        .iter()
        .map(|change| format!("{}{}", words("-", &change.old), words("+", &change.new)));
    lines.collect()
}

/// A figure of a tranche: its key in JSON, its name in Chinese and English, where it stands.
type Figure = (&'static str, &'static str, &'static str, fn(&Measures) -> Amount);

/// What is told of a tranche.
const AMOUNTS: [Figure; 5] = [
    ("interest", "利息", "interest", |m| m.interest),
    ("principal", "本金", "principal", |m| m.principal),
    ("remainder", "剩余收益", "remainder", |m| m.remainder),
    ("interest_short", "未付利息", "interest short", |m| m.interest_short),
    ("principal_short", "未付本金", "principal short", |m| m.principal_short),
];

fn cash(cash: &Cash, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let head = if zh {
        ["证券", "项目", "a", "b", "差额"]
    } else {
        ["tranche", "", "a", "b", "b − a"]
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    let amounts = |name: &str, measure: &str, sides: [Option<Amount>; 2]| {
        let text = |amount: Option<Amount>| amount.map_or("–".to_string(), Amount::grouped);
        let difference = sides[1].unwrap_or_default() - sides[0].unwrap_or_default();
        let cells = [name.to_string(), measure.to_string(), text(sides[0]), text(sides[1])];
        [cells.to_vec(), vec![difference.grouped()]].concat()
    };
    for (id, sides) in &cash.tranches {
        for (_, name_zh, name_en, get) in AMOUNTS {
            let of = [0, 1].map(|side| sides[side].as_ref().map(get));
            if of.iter().any(|amount| amount.is_some_and(|amount| amount != Amount::ZERO)) {
                rows.push(amounts(id, if zh { name_zh } else { name_en }, of));
            }
        }
        rows.push(lives(id, if zh { "平均年限" } else { "WAL" }, sides));
    }
    let fees = cash.fees.map(Some);
    rows.push(amounts(if zh { "税费" } else { "Fees and tax" }, "", fees));
    aligned(&rows)
}

fn lives(id: &str, name: &str, sides: &[Option<Measures>; 2]) -> Vec<String> {
    let of = [0, 1].map(|side| sides[side].as_ref().and_then(|measures| measures.wal));
    let text = |wal: Option<f64>| wal.map_or("–".to_string(), |wal| format!("{wal:.4}"));
    let difference = of[0].zip(of[1]).map(|(a, b)| b - a);
    vec![id.to_string(), name.to_string(), text(of[0]), text(of[1]), text(difference)]
}

fn to_json(comparison: &Comparison, names: &[String; 2]) -> Value {
    json!({
        "schema": SCHEMA,
        "a": names[0],
        "b": names[1],
        "keys": comparison.keys.iter().map(change).collect::<Vec<_>>(),
        "assumptions": comparison.assumptions.iter().map(change).collect::<Vec<_>>(),
        "clauses": comparison.clauses.iter().map(|change| json!({
            "clause": change.clause,
            "old": change.old.as_ref().map(both),
            "new": change.new.as_ref().map(both),
        })).collect::<Vec<_>>(),
        "tranches": comparison.cash.as_ref().map(|cash| {
            cash.tranches.iter().map(tranche).collect::<Vec<_>>()
        }),
        "fees_and_tax": comparison.cash.as_ref().map(|cash| sides(cash.fees.map(Some))),
    })
}

fn change(change: &Change) -> Value {
    let text = |node: &Option<Node>| node.as_ref().map(Node::to_toml);
    json!({ "path": change.path, "old": text(&change.old), "new": text(&change.new) })
}

fn both(text: &Text) -> Value {
    json!({ "zh": text.zh, "en": text.en })
}

fn sides(amounts: [Option<Amount>; 2]) -> Value {
    let difference = amounts[1].unwrap_or_default() - amounts[0].unwrap_or_default();
    let [a, b] = amounts.map(|amount| amount.map(|amount| amount.to_string()));
    json!({ "a": a, "b": b, "difference": difference.to_string() })
}

fn tranche((id, measures): &(String, [Option<Measures>; 2])) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("id".to_string(), json!(id));
    for (key, _, _, get) in AMOUNTS {
        let of = [0, 1].map(|side| measures[side].as_ref().map(get));
        object.insert(key.to_string(), sides(of));
    }
    let lives = [0, 1].map(|side| measures[side].as_ref().and_then(|measures| measures.wal));
    let text = |wal: Option<f64>| wal.map(|wal| format!("{wal:.6}"));
    let difference = lives[0].zip(lives[1]).map(|(a, b)| b - a);
    let wal = json!({ "a": text(lives[0]), "b": text(lives[1]), "difference": text(difference) });
    object.insert("wal_years".to_string(), wal);
    Value::Object(object)
}
