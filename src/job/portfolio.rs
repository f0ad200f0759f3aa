//! A pool with the deal's criteria and limits on it, without its assumptions and its model.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::NaiveDate;

use super::{Error, FINDINGS_KEPT, Request, files, read_deal, tapes, with_files};
use crate::deal::Deal;
use crate::finding::{Checked, Finding, Severity, fold};
use crate::pool::{Pool, PoolTape, PoolTerms, ProductTerms};
use crate::portfolio::eligibility::{Ladder, Occasion, Tester};
use crate::portfolio::limits::{Limits, Tested};
use crate::report::Manifest;
use crate::tape::Mapping;

/// Receivables that fail a criterion and limits that are not met, a finding for each criterion and
/// limit; first what cannot be tested at all.
pub(super) fn findings(deal: &Deal, pool: &Pool) -> Vec<Finding> {
    let (tester, mut findings) =
        Tester::bind(Occasion::Closing, &deal.eligibility, pool).into_parts();
    let ladder = Ladder::of(&tester, pool, pool.cutoff);
    for (place, criterion) in deal.eligibility.iter().enumerate() {
        let lacking = |f: &Finding| f.code == "E0101" && f.origin == criterion.origin;
        let alone = ladder.alone[place];
        if alone.count == 0 || findings.iter().any(lacking) {
            continue;
        }
        let fails = |index: &usize| !tester.meets(place, *index, pool.cutoff);
        let first = (0..pool.receivables.len()).find(fails).expect("some receivable fails");
        let finding = Finding::new("E0103", criterion.origin.clone())
            .with("id", &criterion.id)
            .with("name", criterion.name.both())
            .with("count", alone.count)
            .with("of", ladder.all.count)
            .with("balance", alone.balance.grouped())
            .with("receivable", &pool.receivables[first].id)
            .with("value", tester.tested(place, first, pool.cutoff));
        findings.push(finding);
    }
    let (limits, found) = Limits::bind(&deal.limits, pool, pool.cutoff).into_parts();
    findings.extend(found);
    let all: Vec<usize> = (0..pool.receivables.len()).collect();
    for (limit, tested) in deal.limits.iter().zip(limits.tested(&all)) {
        findings.extend(not_met(limit, &tested));
    }
    findings
}

fn not_met(limit: &crate::portfolio::limits::Limit, tested: &Tested) -> Option<Finding> {
    let measured = tested.measured.as_ref().filter(|_| !tested.passes)?;
    let mut beyond = tested.headroom?;
    beyond.parts = beyond.parts.saturating_neg();
    let group = measured.group.as_ref().map_or(String::new(), |group| format!(" ({group})"));
    let finding = Finding::new("E0202", limit.origin.clone())
        .with("id", &limit.id)
        .with("name", limit.name.both())
        .with("value", measured.value)
        .with("group", group)
        .with("beyond", beyond)
        .with("excess", tested.excess.grouped());
    Some(finding)
}

/// A pool to look at, with its deal when there is one.
#[derive(Clone, Debug)]
pub struct Portfolio {
    /// The deal whose criteria and limits hold.
    pub deal: Option<Deal>,
    /// The pool.
    pub pool: Pool,
    /// The tapes: one, or one of each sub-pool of the deal.
    pub tapes: Vec<PoolTape>,
}

/// What to look at: a deal file with its tape, or a tape alone.
#[derive(Clone, Debug, Default)]
pub struct PortfolioRequest {
    /// The deal file (`.toml`) or the tape.
    pub file: PathBuf,
    /// A tape instead of the deal's.
    pub tape: Option<PathBuf>,
    /// A mapping instead of the deal's.
    pub mapping: Option<PathBuf>,
    /// A file of mends instead of the mapping's.
    pub mend: Option<PathBuf>,
    /// The cut-off date of a tape alone; by default what its mapping states.
    pub cutoff: Option<NaiveDate>,
}

/// Why a portfolio could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum PortfolioError {
    /// A file cannot be read.
    #[error(transparent)]
    Files(#[from] Error),
    /// A tape alone does not say of which day it is.
    #[error(
        "nothing says of which day `{0}` is: give --cutoff, or `[constants] cutoff` in the mapping"
    )]
    NoCutoff(String),
}

impl PortfolioRequest {
    /// The same for the tapes of a deal.
    fn of_deal(&self) -> Request {
        Request {
            deal: self.file.clone(),
            tape: self.tape.clone(),
            mapping: self.mapping.clone(),
            mend: self.mend.clone(),
            ..Request::default()
        }
    }

    /// Whether the file is a deal.
    pub fn is_deal(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
    }
}

impl Portfolio {
    /// Reads a pool with its deal. Neither assumptions nor faces play a part; findings about the
    /// tape and the deal file are all there. `None` when a finding forbids to go on.
    ///
    /// # Errors
    ///
    /// When a file cannot be read at all, or nothing says of which day a tape is.
    pub fn open(request: &PortfolioRequest) -> Result<Checked<Option<Portfolio>>, PortfolioError> {
        let mut manifest = Manifest::default();
        let (mut findings, mut deal) = (Vec::new(), None);
        if request.is_deal() {
            let (read, found) = read_deal(&request.file, &mut manifest)?.into_parts();
            findings.extend(found);
            let Some(read) = read else {
                // What is wrong with the tape is told, whatever is wrong with the deal.
                let both = (&mut manifest, &mut findings);
                tapes::of_refused(&request.of_deal(), both, FINDINGS_KEPT)?;
                return Ok(Checked::new(None, findings));
            };
            deal = Some(read);
        }
        let read = match &deal {
            Some(deal) => {
                let both = (&mut manifest, &mut findings);
                let read = tapes::read(deal, &request.of_deal(), None, both, FINDINGS_KEPT)?;
                read.map(|read| (read.pool, read.tapes))
            }
            None => Some(alone(request, &mut manifest, &mut findings)?),
        };
        let Some((pool, tapes)) = read else { return Ok(Checked::new(None, findings)) };
        let findings = fold(findings, 5);
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        let portfolio = Portfolio { deal, pool, tapes };
        Ok(Checked::new((!refused).then_some(portfolio), findings))
    }
}

/// A tape without a deal.
fn alone(
    request: &PortfolioRequest,
    manifest: &mut Manifest,
    findings: &mut Vec<Finding>,
) -> Result<(Pool, Vec<PoolTape>), PortfolioError> {
    let mapping = files::mapping(request.mapping.clone(), "mapping_file", manifest, findings)?;
    let mapping = with_files(mapping, &request.of_deal());
    let terms = terms_of_tape(request, &mapping)?;
    let read = crate::pool::load(&request.file, &mapping, &terms).map_err(Error::from)?;
    let (pool, found) = read.into_parts();
    findings.extend(found);
    let only = PoolTape::only(request.file.clone(), &pool);
    Ok((pool, vec![only]))
}

/// The terms of a tape without a deal: its cut-off date, and the defaults of products.
fn terms_of_tape(
    request: &PortfolioRequest,
    mapping: &Mapping,
) -> Result<PoolTerms, PortfolioError> {
    let stated = mapping.constants.get("cutoff").and_then(|stated| stated.value.parse().ok());
    let cutoff = request.cutoff.or(stated);
    let none = || PortfolioError::NoCutoff(files::name(&request.file));
    Ok(PoolTerms {
        cutoff: cutoff.ok_or_else(none)?,
        default_terms: ProductTerms::default(),
        by_product: BTreeMap::new(),
    })
}
