//! A run from files: read everything, check everything, then run. The order of the pipeline.
//!
//! ```text
//! deal.toml ─▶ Deal ─▶ tape ─▶ Pool ─▶ assumptions.toml ─▶ Collateral ─▶ Model ─▶ Run
//! ```
//!
//! What the user's data gets wrong comes back as findings, all of them that can be found; what the
//! surroundings get wrong (a file that is not there) is an [`Error`].

mod audit;
mod candidates;
mod compare;
mod decrement;
mod files;
mod limit_cut;
mod migrated;
mod outcome;
mod portfolio;
mod review;
mod stress;
mod tapes;
mod track;

use std::path::{Path, PathBuf};

pub use compare::{Cash, ClauseChange, Comparison, Measures};
pub use decrement::Ask;
pub use migrated::{Migrated, MigratedKind};
pub use stress::{BreakEven, Grid, Row, ScenarioOutcome};
pub use track::{Adverse, Band, Bands, TrackedFlow, TrackedMonth, Tracking};

use crate::assumptions::Assumptions;
use crate::deal::keys::File;
use crate::deal::{CashByDay, Deal, Funding, Tranche};
use crate::finding::{Checked, Finding, Severity, fold};
use crate::model::{Candidates, Collateral, DueDays, Gathered, Inputs, Model, Run, by_subpool};
use crate::money::Amount;
use crate::pool::{Pool, PoolTape};
use crate::report::{
    Context, LIVE_COHORTS, Labels, Layout, Manifest, ReportLang, Workbook, workbook,
};
use crate::tape::{self, Mapping, RegistryRef};
use files::name;

pub use files::{is_workbook, read_keys, read_whole};
pub use portfolio::{Portfolio, PortfolioError, PortfolioRequest};
pub use review::Review;

/// The roles of the files of keys.
const DEAL: (&str, File) = ("deal_file", File::Deal);
const ASSUMPTIONS: (&str, File) = ("assumptions_file", File::Assumptions);

/// How many findings of one code are told apart.
const FINDINGS_KEPT: usize = 5;

/// Why a run could not even start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is not there or cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tape cannot be read at all.
    #[error(transparent)]
    Tape(#[from] tape::Error),
}

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The deal file.
    pub deal: PathBuf,
    /// A tape instead of the deal's.
    pub tape: Option<PathBuf>,
    /// A mapping instead of the deal's.
    pub mapping: Option<PathBuf>,
    /// Assumptions instead of the deal's.
    pub assumptions: Option<PathBuf>,
    /// A file of mends instead of the mapping's.
    pub mend: Option<PathBuf>,
    /// A registry of receivables that other deals hold, instead of the mapping's.
    pub registry: Option<PathBuf>,
    /// Threads for the pool; 0 is one per core. The figures do not depend on it.
    pub threads: usize,
    /// Whether the receivables may be forgotten once they are summed by cohort: then memory does not
    /// depend on how many there are. [`Job::pool`] has none in that case.
    pub sums_only: bool,
}

/// Everything accepted: nothing after this can fail.
#[derive(Clone, Debug)]
pub struct Job {
    /// The deal.
    pub deal: Deal,
    /// The pool; without its receivables when only sums were asked for and the tape could be read so.
    pub pool: Pool,
    /// The sums in place of the receivables.
    gathered: Option<Gathered>,
    /// The days on which contract cash falls due, where the deal asks for them.
    due_days: Option<DueDays>,
    /// How many receivables there are.
    pub count: usize,
    /// Their outstanding principal, each at its cut-off date.
    pub outstanding: Amount,
    /// The assumptions.
    pub assumptions: Assumptions,
    /// The receivables on offer in the revolving period.
    pub candidates: Option<Candidates>,
    /// The pool by cohort, with what can be bought.
    pub collateral: Collateral,
    /// The files with their hashes.
    pub manifest: Manifest,
    /// The tapes as they were found: one, or one of each sub-pool.
    pub tapes: Vec<PoolTape>,
    threads: usize,
}

impl Job {
    /// Reads and checks all files of a request. `None` when a finding forbids to go on.
    ///
    /// # Errors
    ///
    /// When a file cannot be read at all.
    pub fn open(request: &Request) -> Result<Checked<Option<Job>>, Error> {
        Ok(Job::opened(request, FINDINGS_KEPT)?.0)
    }

    /// The same, with that many findings of one code kept apart, and with the tape as it was read.
    fn opened(
        request: &Request,
        most: usize,
    ) -> Result<(Checked<Option<Job>>, Vec<PoolTape>), Error> {
        let mut manifest = Manifest::default();
        let (deal, mut findings) = read_deal(&request.deal, &mut manifest)?.into_parts();
        let folder = request.deal.parent().unwrap_or(Path::new(""));
        let of_deal = |chosen: &Option<PathBuf>, named: Option<&String>| -> Option<PathBuf> {
            chosen.clone().or_else(|| named.map(|file| folder.join(file)))
        };
        let files = deal.as_ref().map(|deal| deal.files.clone()).unwrap_or_default();
        let assumptions = of_deal(&request.assumptions, files.assumptions.as_ref());
        let assumptions = match assumptions {
            Some(path) => {
                let document = files::document(&path, ASSUMPTIONS, &mut manifest)?;
                let (assumptions, found) = Assumptions::from_document(document).into_parts();
                findings.extend(files::without_echoes(found));
                assumptions
            }
            None => Assumptions::contractual(),
        };
        let Some(deal) = deal else {
            // What the mapping and the tape get wrong is told, whatever the deal gets wrong.
            let tapes = tapes::of_refused(request, (&mut manifest, &mut findings), most)?;
            return Ok((Checked::new(None, findings), tapes));
        };
        let is_understood = findings.iter().all(|finding| finding.severity() != Severity::Error);
        let by_due_days =
            deal.purchase.as_ref().is_some_and(|terms| terms.cash == CashByDay::DueDays);
        let sums_only = request.sums_only && deal.eligibility.is_empty() && deal.limits.is_empty();
        let sums_only = sums_only && !by_due_days;
        let sums_for = sums_only.then_some(&assumptions);
        let read = tapes::read(&deal, request, sums_for, (&mut manifest, &mut findings), most)?;
        let Some(read) = read else {
            return Ok((Checked::new(None, findings), Vec::new()));
        };
        let tapes::Read { pool, tapes, sums } = read;
        let (gathered, count, outstanding) = match sums {
            Some((gathered, count, outstanding)) => (Some(gathered), count, outstanding),
            None => (None, pool.receivables.len(), pool.outstanding_principal()),
        };
        manifest.receivables = count;
        let threads = request.threads;
        let (assumptions, found) = by_subpool(&assumptions, &deal, &pool).into_parts();
        findings.extend(found);
        let (candidates, found) = candidates::read(&deal, folder, &mut manifest)?.into_parts();
        let is_list_sound = found.iter().all(|finding| finding.severity() != Severity::Error);
        findings.extend(found);
        let due_days = DueDays::of(&pool, &deal, threads);
        let behind = (&pool, gathered.as_ref(), due_days.as_ref());
        let collateral = collateral(behind, &deal, &assumptions, candidates.as_ref(), threads);
        let (collateral, mut found) = collateral.into_parts();
        // What a deal with errors seems to do with its pool may follow from these alone.
        found.retain(|finding| is_understood || finding.severity() == Severity::Error);
        // Of a list with errors there may be nothing left to buy.
        found.retain(|finding| is_list_sound || finding.code != "M0140");
        let origin = || crate::finding::Origin::file(&name(&request.deal));
        findings.extend(found.into_iter().map(|finding| match finding.origin.file.is_empty() {
            true => Finding { origin: origin(), ..finding },
            false => finding,
        }));
        let cohorts = collateral.cohorts.len();
        if cohorts > LIVE_COHORTS {
            let origin = assumptions.segments[0].origin.clone();
            let finding = Finding::new("M0105", origin).with("cohorts", cohorts);
            findings.push(finding.with("most", LIVE_COHORTS));
        }
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        // A face or a balance that was not understood would be missing from the sums.
        if !refused {
            findings.extend(portfolio::findings(&deal, &pool));
            findings.extend(proceeds(&deal, &collateral, &name(&request.deal)));
        }
        let findings = fold(findings, most);
        let read = tapes.clone();
        let job = Job {
            deal,
            pool,
            gathered,
            due_days,
            count,
            outstanding,
            assumptions,
            candidates,
            collateral,
            manifest,
            tapes,
            threads,
        };
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        Ok((Checked::new((!refused).then_some(job), findings), read))
    }

    /// The model.
    pub fn model(&self) -> Model {
        Model::from_deal(&self.deal, &self.collateral, &self.assumptions)
    }

    /// The same deal and pool without prepayment and default.
    pub fn without_stress(&self) -> Job {
        self.with_assumptions(self.assumptions.without_stress())
    }

    /// The same deal and pool under other assumptions for the same segments.
    pub fn with_assumptions(&self, assumptions: Assumptions) -> Job {
        let offers = self.candidates.as_ref();
        let behind = (&self.pool, self.gathered.as_ref(), self.due_days.as_ref());
        let collateral = collateral(behind, &self.deal, &assumptions, offers, self.threads);
        let (collateral, _) = collateral.into_parts();
        Job { assumptions, collateral, ..self.clone() }
    }

    /// The report of a run of the model.
    pub fn workbook(
        &self,
        model: &Model,
        inputs: &Inputs,
        run: &Run,
        lang: ReportLang,
    ) -> Workbook {
        let calm_job = self.without_stress();
        let calm = calm_job.model();
        let calm_run = calm.run(&Inputs::of(&calm));
        let layout = Layout::new(model, Labels::new(lang));
        workbook(&Context {
            deal: &self.deal,
            layout: &layout,
            inputs,
            run,
            calm: Some((&calm, &calm_run)),
            manifest: &self.manifest,
            live_cohorts: LIVE_COHORTS,
        })
    }
}

/// The mapping with the files that the request names instead of its own.
fn with_files(mapping: Mapping, request: &Request) -> Mapping {
    let absolute = |path: &PathBuf| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        path.to_string_lossy().into_owned()
    };
    let mend = request.mend.as_ref().map(absolute).or(mapping.mend);
    let own = mapping.registry.as_ref().and_then(|of_mapping| of_mapping.own.clone());
    let registry = request.registry.as_ref().map(absolute);
    let registry = registry.map(|file| RegistryRef { file, own }).or(mapping.registry);
    Mapping { mend, registry, ..mapping }
}

/// The pool by cohort, with what can be bought, after a holiday in payments.
fn collateral(
    (pool, gathered, due_days): (&Pool, Option<&Gathered>, Option<&DueDays>),
    deal: &Deal,
    assumptions: &Assumptions,
    candidates: Option<&Candidates>,
    threads: usize,
) -> Checked<Collateral> {
    let own = match gathered {
        Some(gathered) => Collateral::from_gathered(gathered, pool, deal, assumptions),
        None => Collateral::from_pool(pool, deal, assumptions, threads),
    };
    let (own, mut findings) = own.into_parts();
    let (all, found) = own.with_offers(deal, assumptions, candidates, threads).into_parts();
    findings.extend(found);
    let origin = assumptions.segments[0].origin.file.clone();
    let origin = crate::finding::Origin::file(&origin);
    findings.extend(stress::pushed_out(&all, assumptions, deal, origin));
    let (all, found) = all.with_limits(pool, deal, assumptions, candidates).into_parts();
    findings.extend(found);
    let all = all.with_due_days(due_days, deal, assumptions, candidates);
    Checked::new(stress::postponed(all, assumptions), findings)
}

/// Reads a deal file, with the files that it extends.
///
/// # Errors
///
/// When the file cannot be read at all.
pub fn read_deal(path: &Path, manifest: &mut Manifest) -> Result<Checked<Option<Deal>>, Error> {
    let document = files::document(path, DEAL, manifest)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let manifest = std::cell::RefCell::new(manifest);
    let load =
        |file: &str| files::beside(folder, file, "calendar_file", &mut manifest.borrow_mut());
    let (deal, findings) = Deal::from_document(document, &load).into_parts();
    Ok(Checked::new(deal, files::without_echoes(findings)))
}

/// The tranches against the pool, and the price against the proceeds.
fn proceeds(deal: &Deal, collateral: &Collateral, file: &str) -> Vec<Finding> {
    let origin = || crate::finding::Origin::file(file);
    let faces: Amount = deal.tranches.iter().map(|tranche| tranche.face).sum();
    let pool = collateral.outstanding();
    let mut findings = Vec::new();
    if faces != pool {
        let finding = Finding::new("M0102", origin());
        findings.push(finding.with("faces", faces.grouped()).with("pool", pool.grouped()));
    }
    let issued: Amount = deal.tranches.iter().map(Tranche::proceeds).sum();
    let funded = deal.accounts.iter().filter(|account| account.funded_by == Funding::Proceeds);
    let funded: Amount = funded.map(|account| account.opening).sum();
    let left = issued - funded;
    if let Some(price) = deal.purchase_price.filter(|price| *price > left && funded <= issued) {
        findings.push(
            Finding::new("D0305", origin())
                .with("key", "pool.purchase_price")
                .with("price", price.grouped())
                .with("proceeds", left.grouped()),
        );
    }
    findings
}
