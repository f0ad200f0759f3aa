//! `cashfall roll`: last month's tape against this month's, with what nothing explains.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::tables::aligned;
use super::{LangArg, Outcome, Result, say, tell};
use crate::finding::{Finding, Lang, fold};
use crate::job::read_deal;
use crate::pool::{self, Moved, Pool, PoolTerms, ProductTerms, Roll, Unexplained};
use crate::report::Manifest;
use crate::tape::{Mapping, shared_key};

/// The version of the schema.
const SCHEMA: &str = "cashfall.roll/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall roll 2025-11.xlsx 2025-12.xlsx --from 2025-11-30 --to 2025-12-31\n  cashfall roll last.csv this.csv --from 2025-11-30 --to 2025-12-31 --deal deal.toml --json"
)]
pub(super) struct Options {
    /// Last month's tape.
    last: PathBuf,
    /// This month's tape.
    this: PathBuf,
    /// The cut-off date of last month's tape.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The cut-off date of this month's tape.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// A deal file, for the terms of its products.
    #[arg(long, value_name = "FILE")]
    deal: Option<PathBuf>,
    /// The column mapping of both tapes.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The column mapping of last month's tape, where it is another.
    #[arg(long, value_name = "FILE")]
    last_mapping: Option<PathBuf>,
    /// Print all figures as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    /// How many findings of one code are told on the terminal.
    const TOLD: usize = 5;
    if options.from >= options.to {
        let refused = say(lang, "--from 必须早于 --to", "--from must be before --to");
        return Err(refused.into());
    }
    let mut findings = Vec::new();
    let terms = match &options.deal {
        Some(path) => {
            let (deal, found) = read_deal(path, &mut Manifest::default())?.into_parts();
            findings.extend(found);
            deal.map(|deal| deal.pool)
        }
        None => None,
    };
    let terms = terms.unwrap_or_else(|| PoolTerms {
        cutoff: options.from,
        default_terms: ProductTerms::default(),
        by_product: std::collections::BTreeMap::new(),
    });
    let of_last = options.last_mapping.as_ref().or(options.mapping.as_ref());
    // Both tapes under one key, or no hash of one would be in the other.
    let key = shared_key(&options.last)?;
    let last =
        open((options.last.as_path(), of_last), (&terms, options.from), &key, &mut findings)?;
    let of_this = (options.this.as_path(), options.mapping.as_ref());
    let this = open(of_this, (&terms, options.to), &key, &mut findings)?;
    let (Some(last), Some(this)) = (last, this) else {
        if options.json {
            let told = crate::report::findings_json(&findings);
            println!("{}", json!({ "schema": SCHEMA, "findings": told }));
        }
        tell(&fold(findings, TOLD), lang);
        return Ok(Outcome::Findings);
    };
    let roll = Roll::of(&last, &this);
    findings.extend(roll.findings(&this));
    if options.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&roll, &findings))?);
    } else {
        tell(&fold(findings, TOLD), lang);
        print!("{}", as_table(&roll, lang.messages()));
    }
    Ok(Outcome::Done)
}

/// A tape as a pool at its cut-off date; `None` when something in it is wrong.
fn open(
    (tape, mapping): (&Path, Option<&PathBuf>),
    (terms, cutoff): (&PoolTerms, NaiveDate),
    key: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<Pool>> {
    let mut mapping = match mapping {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (mapping, found) = Mapping::from_toml(&text, &name).into_parts();
            findings.extend(found);
            mapping
        }
        None => Mapping::default(),
    };
    mapping.privacy.key.get_or_insert_with(|| key.to_string());
    let terms = PoolTerms { cutoff, ..terms.clone() };
    match pool::load(tape, &mapping, &terms)?.accept() {
        Ok((pool, found)) => {
            findings.extend(found);
            Ok(Some(pool))
        }
        Err(found) => {
            findings.extend(found);
            Ok(None)
        }
    }
}

/// The lines of the roll with their signs, by key.
fn lines(roll: &Roll) -> [(&'static str, &'static str, &'static str, Moved); 8] {
    [
        ("opening", "期初未偿本金", "opening", roll.opening),
        ("scheduled", "− 到期应还", "− due", roll.scheduled),
        ("unpaid", "+ 逾期未还", "+ of it past due", roll.unpaid),
        ("prepaid", "− 提前还款", "− prepaid", roll.prepaid),
        ("closed", "− 提前结清或移出", "− closed early or gone", roll.closed),
        ("new", "+ 新增", "+ new", roll.new),
        ("unexplained", "+ 不明差额", "+ unexplained", roll.unexplained),
        ("closing", "期末未偿本金", "closing", roll.closing),
    ]
}

fn as_table(roll: &Roll, lang: Lang) -> String {
    let head = match lang {
        Lang::Zh => ["", "笔数", "本金"],
        Lang::En => ["", "receivables", "principal"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (_, zh, en, moved) in lines(roll) {
        let name = if lang == Lang::Zh { zh } else { en };
        rows.push(vec![name.to_string(), moved.count.to_string(), moved.amount.grouped()]);
    }
    aligned(&rows)
}

fn as_json(roll: &Roll, findings: &[Finding]) -> Value {
    let mut json = json!({
        "schema": SCHEMA,
        "from": roll.from.to_string(),
        "to": roll.to.to_string(),
    });
    for (key, _, _, moved) in lines(roll) {
        json[key] = json!({ "count": moved.count, "principal": moved.amount.to_string() });
    }
    let residuals = roll.residuals.iter().map(|residual| {
        json!({
            "receivable": residual.id,
            "row": residual.row,
            "why": match residual.why {
                Unexplained::Rose => "rose",
                Unexplained::Appeared => "appeared",
                Unexplained::UnpaidButCurrent => "unpaid_but_current",
                Unexplained::TermsChanged => "terms_changed",
            },
            "opening": residual.opening.to_string(),
            "expected": residual.expected.to_string(),
            "closing": residual.closing.to_string(),
        })
    });
    json["residuals"] = residuals.collect();
    json["findings"] = crate::report::findings_json(findings);
    json
}
