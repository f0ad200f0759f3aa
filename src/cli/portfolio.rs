//! What commands about a pool have in common: which pool, and where its figures go.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::answer::spare;
use super::{LangArg, Result, reading};
use crate::finding::Finding;
use crate::job::{Portfolio, PortfolioRequest};
use crate::pool::PoolTape;
use crate::report::{Heading, Labels};

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
    /// Cells of the tape to read otherwise (`cashfall mend`), instead of the mapping's file.
    #[arg(long, value_name = "FILE")]
    mend: Option<PathBuf>,
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
            mend: self.mend.clone(),
            cutoff: self.cutoff,
        }
    }

    /// Reads the pool.
    pub(super) fn open(&self) -> Result<(Option<Portfolio>, Vec<Finding>)> {
        Ok(reading(&self.file, || Portfolio::open(&self.request()))?.into_parts())
    }

    /// Refuses to write over what is read.
    pub(super) fn spare(&self, out: Option<&PathBuf>, tapes: &[PoolTape]) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        let inputs =
            [Some(&self.file), self.pool.as_ref(), self.mapping.as_ref(), self.mend.as_ref()];
        let inputs = inputs.into_iter().flatten().map(PathBuf::as_path);
        let inputs = inputs.chain(tapes.iter().map(|tape| tape.path.as_path()));
        spare(inputs, out, "is one of the files that are read; write elsewhere")
    }
}

/// The heading of the sheets about a pool.
pub(super) fn heading(portfolio: &Portfolio, lang: LangArg) -> Heading {
    let deal = portfolio.deal.as_ref().map(|deal| (&deal.name, deal.currency.as_str()));
    Heading::of(&portfolio.pool, deal, Labels::new(lang.report()))
}
