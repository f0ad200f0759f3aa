//! `cashfall map`: the mapping of a tape, proposed with reasons; saved, it is confirmed.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::answer::spare;
use super::{LangArg, Outcome, Result, may_write, say, tables, tell};
use crate::finding::{Finding, Lang, Severity};
use crate::pool::{RatePeriod, rate_unit};
use crate::report::write_whole;
use crate::tape::{self, Confidence, Mapping, Proposal, ProposedColumn, Why};

/// The version of the schema.
const SCHEMA: &str = "cashfall.map/1";

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall map pool.xlsx\n  cashfall map pool.xlsx --out mapping.toml\n  (take the # away from what is right, then)\n  cashfall check deal.toml --mapping mapping.toml"
)]
pub(super) struct Options {
    /// The tape.
    tape: PathBuf,
    /// The mapping file to write. What is not certain stands in it as a remark.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file when it is there already.
    #[arg(long)]
    force: bool,
    /// Print the proposal as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    if let Some(out) = &options.out {
        let refusal = say(lang, "是输入文件, 不能覆盖", "is the tape itself; write elsewhere");
        spare([options.tape.as_path()], out, refusal)?;
        may_write(out, options.force, lang)?;
    }
    let mut proposal = tape::propose(&options.tape)?;
    let findings = recomputed(&options.tape, &mut proposal)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&as_json(&proposal, &findings))?);
    } else {
        tell(&findings, lang);
        print!("{}", as_table(&proposal, lang));
    }
    if let Some(out) = &options.out {
        write_whole(out, as_toml(&proposal, lang).as_bytes())?;
        eprintln!("{} `{}`", say(lang, "写入", "Wrote"), out.display());
    }
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    Ok(if refused { Outcome::Findings } else { Outcome::Done })
}

/// Resolves the unit of the rate from the instalments that the tape gives, and returns what is to be
/// said of it, and of the file.
fn recomputed(path: &Path, proposal: &mut Proposal) -> Result<Vec<Finding>> {
    if !proposal.recognised {
        return Ok(Vec::new());
    }
    let tape = tape::read(path, &Mapping::default())?;
    let ((percent, per), found) = rate_unit(&tape);
    let of_file = tape.findings.iter().filter(|finding| finding.code != "T0007");
    let findings: Vec<Finding> = of_file.cloned().chain(found).collect();
    // Whether its cells are percentages cannot be seen in this file: it is asked, not proposed.
    if findings.iter().any(|finding| finding.code == "T0060") {
        return Ok(findings);
    }
    let rates = proposal.columns.iter_mut().filter(|c| c.field.as_deref() == Some("rate"));
    for column in rates.filter(|column| column.unit.len() < 2) {
        let percent = percent.map(|is| if is { "percent" } else { "fraction" });
        let per = per.map(|per| match per {
            RatePeriod::Year => "year",
            RatePeriod::Instalment => "instalment",
            RatePeriod::Day => "day",
        });
        column.unit = percent.into_iter().chain(per).collect();
    }
    Ok(findings)
}

fn why(column: &ProposedColumn, lang: Lang) -> String {
    let (readable, sampled) = (column.readable, column.sampled);
    let read = match lang {
        _ if readable == sampled => String::new(),
        Lang::Zh => format!(", 可读 {readable}/{sampled}"),
        Lang::En => format!(", {readable} of {sampled} cells readable"),
    };
    let reason = match (&column.why, lang) {
        (Why::Alias, Lang::Zh) => "已知表头".to_string(),
        (Why::Alias, Lang::En) => "known header".to_string(),
        (Why::Contains(alias), Lang::Zh) => format!("表头含“{alias}”"),
        (Why::Contains(alias), Lang::En) => format!("header contains `{alias}`"),
        (Why::Twice(name), Lang::Zh) => format!("与另一列同为 {name}"),
        (Why::Twice(name), Lang::En) => format!("second column for {name}"),
        (Why::Personal, Lang::Zh) => "个人信息, 不读取".to_string(),
        (Why::Personal, Lang::En) => "personal data, not read".to_string(),
        (Why::Unknown, Lang::Zh) => "未知".to_string(),
        (Why::Unknown, Lang::En) => "not known".to_string(),
    };
    reason + &read
}

fn confidence(column: &ProposedColumn, lang: Lang) -> &'static str {
    match (column.confidence, lang) {
        (Confidence::Certain, Lang::Zh) => "确定",
        (Confidence::Certain, Lang::En) => "certain",
        (Confidence::Likely, Lang::Zh) => "可能",
        (Confidence::Likely, Lang::En) => "likely",
        (Confidence::None, _) => "–",
    }
}

fn unit(column: &ProposedColumn) -> String {
    let mark = if column.unit_is_guess && !column.unit.is_empty() { "?" } else { "" };
    format!("{}{mark}", column.unit.join(" / "))
}

/// At most that many columns of a terminal.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= width {
        return text.to_string();
    }
    let (mut cut, mut wide) = (String::new(), 0);
    for c in text.chars() {
        wide += c.width().unwrap_or(0);
        if wide >= width {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

fn as_table(proposal: &Proposal, lang: LangArg) -> String {
    let lang = lang.messages();
    let head = match lang {
        Lang::Zh => ["列", "表头", "字段", "单位", "把握", "依据", "例"],
        Lang::En => ["", "header", "field", "unit", "how sure", "why", "example"],
    };
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for column in &proposal.columns {
        rows.push(vec![
            column.letters.clone(),
            cut(&column.header, 16),
            column.field.clone().unwrap_or_else(|| "–".to_string()),
            unit(column),
            confidence(column, lang).to_string(),
            cut(&why(column, lang), 22),
            cut(column.samples.first().map_or("", String::as_str), 11),
        ]);
    }
    let mut text = tables::aligned(&rows);
    let row = proposal.header_row;
    let missing = proposal.missing.join(", ");
    let _ = match lang {
        Lang::Zh => writeln!(text, "表头行 {row}; 尚缺: {}", or_none(&missing, "无")),
        Lang::En => {
            writeln!(text, "headers in row {row}; still missing: {}", or_none(&missing, "none"))
        }
    };
    text
}

fn or_none<'t>(text: &'t str, none: &'t str) -> &'t str {
    if text.is_empty() { none } else { text }
}

/// A text between quotes of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The mapping file: certain lines stand, likely ones are remarks to confirm.
fn as_toml(proposal: &Proposal, lang: LangArg) -> String {
    let said = lang;
    let lang = lang.messages();
    let mut text = String::new();
    let intro = match lang {
        Lang::Zh => format!(
            "# {} 的列映射, 由 `cashfall map` 提出。\n# 去掉行首 # 即为确认; 未确认的不会使用。保存后用 --mapping 或交易文件 [pool] mapping 引用。\n",
            proposal.file
        ),
        Lang::En => format!(
            "# The mapping of {}, proposed by `cashfall map`.\n# Take the # away from a line to confirm it; what is not confirmed is not used. Name the file with\n# --mapping or in the deal.\n",
            proposal.file
        ),
    };
    text += &intro;
    if !proposal.sheet.is_empty() {
        let _ = writeln!(text, "\nsheet = {}", quoted(&proposal.sheet));
    }
    let mark = if proposal.recognised { "" } else { "# " };
    let _ = writeln!(text, "{mark}header_row = {}", proposal.header_row);
    let _ = writeln!(text, "\n[columns]");
    for column in &proposal.columns {
        let mark = if column.confidence == Confidence::Certain { "" } else { "# " };
        let name = column.field.clone().unwrap_or_else(|| match lang {
            Lang::Zh => "字段".to_string(),
            Lang::En => "name".to_string(),
        });
        let samples = column.samples.join(" | ");
        let line = format!("{mark}{name} = {}", quoted(&column.header));
        let _ = writeln!(
            text,
            "{line}  # {} · {} · {} · {}",
            column.letters,
            confidence(column, lang),
            why(column, lang),
            samples.replace(['\n', '\r'], " ")
        );
    }
    let units: Vec<String> = proposal.columns.iter().filter_map(unit_line).collect();
    if !units.is_empty() {
        let _ = writeln!(text, "\n[units]\n{}", units.join("\n"));
    }
    if !proposal.missing.is_empty() {
        let word = say(said, "尚缺", "Still missing");
        let _ = writeln!(text, "\n# {word}: {}", proposal.missing.join(", "));
        let _ = writeln!(text, "# [constants]");
        for field in &proposal.missing {
            let _ = writeln!(text, "# {field} = \"…\"");
        }
    }
    text
}

/// The line of `[units]` for a column whose unit is not said by its header alone.
fn unit_line(column: &ProposedColumn) -> Option<String> {
    let field = column.field.as_deref()?;
    let mark =
        if column.confidence == Confidence::Certain && !column.unit_is_guess { "" } else { "# " };
    match column.unit.as_slice() {
        [percent @ ("percent" | "fraction"), per] => {
            Some(format!("{mark}{field} = {{ unit = \"{percent}\", per = \"{per}\" }}"))
        }
        ["yuan"] if column.unit_is_guess => None,
        [one] if matches!(*one, "year" | "instalment" | "day") => {
            Some(format!("# {field} = {{ unit = \"percent\", per = \"{one}\" }}"))
        }
        [one @ ("percent" | "fraction")] => {
            Some(format!("# {field} = {{ unit = \"{one}\", per = \"year\" }}"))
        }
        [one] => Some(format!("{mark}{field} = \"{one}\"")),
        _ => None,
    }
}

fn as_json(proposal: &Proposal, findings: &[Finding]) -> Value {
    let column = |column: &ProposedColumn| {
        json!({
            "column": column.letters,
            "header": column.header,
            "field": column.field,
            "confidence": match column.confidence {
                Confidence::Certain => "certain",
                Confidence::Likely => "likely",
                Confidence::None => "none",
            },
            "why": { "zh": why(column, Lang::Zh), "en": why(column, Lang::En) },
            "unit": column.unit,
            "unit_is_guess": column.unit_is_guess,
            "readable": column.readable,
            "sampled": column.sampled,
            "samples": column.samples,
        })
    };
    json!({
        "schema": SCHEMA,
        "file": proposal.file,
        "sheet": proposal.sheet,
        "header_row": proposal.header_row,
        "recognised": proposal.recognised,
        "columns": proposal.columns.iter().map(column).collect::<Vec<_>>(),
        "missing": proposal.missing,
        "findings": crate::report::findings_json(findings),
    })
}
