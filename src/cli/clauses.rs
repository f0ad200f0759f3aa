//! `cashfall clauses`: the priority of payments in words, from the same steps that pay.

use std::path::PathBuf;

use super::{LangArg, Outcome, Result, tell};
use crate::deal::{Deal, clauses};
use crate::finding::{Lang, Severity};

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cashfall clauses demo/deal.toml --lang zh")]
pub(super) struct Options {
    /// The deal file.
    deal: PathBuf,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let text = std::fs::read_to_string(&options.deal)
        .map_err(|source| crate::job::Error::Read { path: options.deal.clone(), source })?;
    let name = options.deal.file_name().unwrap_or_default().to_string_lossy();
    let (deal, findings) = Deal::from_toml(&name, &text).into_parts();
    tell(&findings, lang);
    let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
    let Some(deal) = deal.filter(|_| !refused) else { return Ok(Outcome::Findings) };
    let langs: &[Lang] = match lang {
        LangArg::Zh => &[Lang::Zh],
        LangArg::En => &[Lang::En],
        LangArg::Both => &[Lang::Zh, Lang::En],
    };
    for (place, lang) in langs.iter().enumerate() {
        if place > 0 {
            println!();
        }
        println!("{}", deal.name.in_lang(*lang));
        println!();
        for clause in clauses(&deal, *lang) {
            println!("{clause}");
        }
    }
    Ok(Outcome::Done)
}
