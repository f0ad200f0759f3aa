//! `cashfall check`: everything that can be found, at once, and the deal in 256 random scenarios;
//! nothing is written but, when it is asked for, the workbook of the findings.

use std::path::{Path, PathBuf};

use super::{Files, LangArg, Outcome, Result, may_write, open, review, say, tables, tell};
use crate::finding::{Finding, Lang, Severity, fold};
use crate::job::{Job, Review};
use crate::report::{findings_xlsx, write_whole};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall check demo/deal.toml\n  cashfall check deal.toml --pool 2026-03.xlsx --json\n  cashfall check deal.toml --findings findings.xlsx\n  cashfall check deal.toml --json --all"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// Print the findings as JSON on standard output.
    #[arg(long)]
    json: bool,
    /// Tell every finding by itself, not the first five of a code with the number of the others; of
    /// one code at most 10,000.
    #[arg(long)]
    all: bool,
    /// Write a workbook with one row for each finding and the rows of the tape that they speak of.
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
    /// Overwrite the workbook when it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, findings) = match &options.findings {
        Some(out) => with_workbook(options, out, lang)?,
        None if options.all => {
            let Review { job, mut findings, .. } = review(&options.files)?;
            findings.extend(job.iter().flat_map(Job::audit));
            (job, findings)
        }
        None => {
            let (job, mut findings) = open(&options.files)?;
            findings.extend(job.iter().flat_map(Job::audit));
            (job, findings)
        }
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&crate::report::findings_json(&findings))?);
    } else {
        tell(&findings, lang);
        if let Some(job) = &job {
            let (count, balance) = (job.count, job.outstanding);
            let (cohorts, cutoff) = (job.collateral.cohorts.len(), job.pool.cutoff);
            match lang.messages() {
                Lang::Zh => println!(
                    "{count} 笔资产, {cutoff} 未偿本金 {}, {cohorts} 个同质组",
                    balance.grouped()
                ),
                Lang::En => println!(
                    "{count} receivables, {} outstanding at {cutoff}, cohorts: {cohorts}",
                    balance.grouped()
                ),
            }
            print!("{}", tables::subpools(job, lang.messages()));
        }
    }
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    Ok(if refused { Outcome::Findings } else { Outcome::Done })
}

/// The job and its findings as they are told, after all of them were written to a workbook.
fn with_workbook(
    options: &Options,
    out: &Path,
    lang: LangArg,
) -> Result<(Option<Job>, Vec<Finding>)> {
    /// How many findings of one code are told on the terminal.
    const TOLD: usize = 5;
    may_write(out, options.force, lang)?;
    let Review { job, mut findings, rows } = review(&options.files)?;
    options.files.spare(Some(out), job.as_ref(), lang)?;
    findings.extend(job.iter().flat_map(Job::audit));
    write_whole(out, &findings_xlsx(&findings, &rows, lang.report())?)?;
    let wrote = say(lang, "写入", "Wrote");
    eprintln!("{wrote} `{}`", out.display());
    let findings = if options.all { findings } else { fold(findings, TOLD) };
    Ok((job, findings))
}
