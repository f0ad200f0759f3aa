//! What commands about a pool have in common: which pool, and where its figures go.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{LangArg, Result, tell};
use crate::finding::{Finding, Severity};
use crate::job::{Portfolio, PortfolioRequest};
use crate::report::{Caches, Heading, Labels, Workbook, write_xlsx};

/// Which pool.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PoolFiles {
    /// The deal file (.toml), or a tape alone.
    file: PathBuf,
    /// The tape, instead of the one the deal names.
    #[arg(long, value_name = "TAPE")]
    pool: Option<PathBuf>,
    /// The column mapping of the tape, instead of the one the deal names.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The cut-off date of a tape alone; by default the one its mapping states.
    #[arg(long, value_name = "DATE")]
    cutoff: Option<NaiveDate>,
}

impl PoolFiles {
    fn request(&self) -> PortfolioRequest {
        PortfolioRequest {
            file: self.file.clone(),
            tape: self.pool.clone(),
            mapping: self.mapping.clone(),
            cutoff: self.cutoff,
        }
    }

    /// Reads the pool, with a spinner on a terminal while it takes long.
    pub(super) fn open(&self) -> Result<(Option<Portfolio>, Vec<Finding>)> {
        let spinner = indicatif::ProgressBar::new_spinner();
        spinner.set_message(format!("reading {}", self.file.display()));
        spinner.enable_steady_tick(std::time::Duration::from_millis(120));
        let opened = Portfolio::open(&self.request());
        spinner.finish_and_clear();
        Ok(opened?.into_parts())
    }

    /// Refuses to write over what is read.
    pub(super) fn spare(&self, out: Option<&PathBuf>, tape: &Path) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        let inputs = [Some(&self.file), self.pool.as_ref(), self.mapping.as_ref()];
        let mut inputs = inputs.into_iter().flatten().map(PathBuf::as_path).chain([tape]);
        let same = |input: &Path| match (input.canonicalize(), out.canonicalize()) {
            (Ok(input), Ok(out)) => input == out,
            _ => input == out,
        };
        if inputs.any(same) {
            let out = out.display();
            return Err(
                format!("`{out}` is one of the files that are read; write elsewhere").into()
            );
        }
        Ok(())
    }
}

/// The heading of the sheets about a pool.
pub(super) fn heading(portfolio: &Portfolio, lang: LangArg) -> Heading {
    let deal = portfolio.deal.as_ref().map(|deal| (&deal.name, deal.currency.as_str()));
    Heading::of(&portfolio.pool, deal, Labels::new(lang.report()))
}

/// Writes a workbook and says so.
pub(super) fn write(workbook: &Workbook, out: &Path, lang: LangArg) -> Result<()> {
    write_xlsx(workbook, out, Caches::Right)?;
    let (out, count) = (out.display(), workbook.sheets.len());
    match lang.messages() {
        crate::finding::Lang::Zh => eprintln!("写入 `{out}`: {count} 个工作表"),
        crate::finding::Lang::En => eprintln!("Wrote `{out}`: {count} sheets"),
    }
    Ok(())
}

/// Tells what is graver than a note.
pub(super) fn tell_grave(findings: &[Finding], lang: LangArg) {
    let grave = findings.iter().filter(|finding| finding.severity() > Severity::Note);
    tell(&grave.cloned().collect::<Vec<_>>(), lang);
}
