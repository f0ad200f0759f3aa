//! `cashfall check`: everything that can be found, at once, and the deal in 256 random scenarios;
//! nothing is written.

use super::{Files, LangArg, Outcome, Result, open, tell};
use crate::finding::{Lang, Severity};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall check demo/deal.toml\n  cashfall check deal.toml --pool 2026-03.xlsx --json"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// Print the findings as JSON on standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, mut findings) = open(&options.files)?;
    if let Some(job) = &job {
        findings.extend(job.audit());
    }
    if options.json {
        let findings: Vec<_> = findings.iter().map(crate::report::finding_json).collect();
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        tell(&findings, lang);
        if let Some(job) = &job {
            let (count, balance) = (job.pool.receivables.len(), job.pool.outstanding_principal());
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
        }
    }
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    Ok(if refused { Outcome::Findings } else { Outcome::Done })
}
