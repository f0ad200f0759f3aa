//! `cashfall clauses`: the priority of payments in words, from the same steps that pay.

use std::path::PathBuf;

use super::{LangArg, Outcome, Result, tell};
use crate::deal::{clauses, terms};
use crate::finding::{Lang, Severity};
use crate::report::Manifest;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cashfall clauses demo/deal.toml --lang zh")]
pub(super) struct Options {
    /// The deal file.
    deal: PathBuf,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let read = crate::job::read_deal(&options.deal, &mut Manifest::default())?;
    let (deal, findings) = read.into_parts();
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
        let terms = terms(&deal, *lang);
        if !terms.is_empty() {
            println!();
        }
        for term in terms {
            println!("- {term}");
        }
    }
    Ok(Outcome::Done)
}
