//! The sheets of the report, one file each; this file puts them in order.

mod batches;
mod cashflow;
mod cover;
mod decrement;
mod eligibility;
mod inputs;
mod journal;
mod limit_cut;
mod lines;
mod portfolio;
mod sample;
mod static_base;
mod static_ladder;
mod static_pool;
mod static_ratios;
mod stratification;
mod stress;
mod subpools;
mod summary;
mod track;

pub use decrement::decrement_sheet;
pub use eligibility::{SelectionLine, failures_sheet, ladder_sheet, limits_sheet, selection_sheet};
pub use journal::account_name;
pub use limit_cut::limit_cut_sheets;
pub use portfolio::Heading;
pub use sample::{TickSheet, tick_sheet};
pub use static_pool::static_pool_workbook;
pub use stratification::stratification_sheets;
pub use stress::{BreakEvenLine, StressFigures, StressLine, stress_sheet};
pub use track::{TrackLine, TrackRow, TrackTerms, track_sheet};

use super::layout::Layout;
use super::workbook::{Sheet, Workbook};
use crate::deal::Deal;
use crate::finding::Lang;
use crate::model::{Inputs, Model, Run, Topic};

/// Everything a report is made from.
pub struct Context<'a> {
    /// The deal.
    pub deal: &'a Deal,
    /// Where lines stand.
    pub layout: &'a Layout<'a>,
    /// The inputs of the run.
    pub inputs: &'a Inputs,
    /// The run.
    pub run: &'a Run,
    /// The same deal without prepayment and default, for the page beside the base case.
    pub calm: Option<(&'a Model, &'a Run)>,
    /// Where it all came from.
    pub manifest: &'a Manifest,
    /// Cohorts up to this number are live formulas; above it their rows are grey values under live
    /// totals, and the cover says so.
    pub live_cohorts: usize,
}

/// The files and figures a report stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files read, by role: the label key, the name, the SHA-256.
    pub files: Vec<ManifestFile>,
    /// Receivables in the pool.
    pub receivables: usize,
    /// The cells of the tape that were read otherwise than they stand.
    pub mends: Vec<crate::pool::Mended>,
}

/// One file of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestFile {
    /// The label key: `deal_file`, `base_file`, `tape_file`, `assumptions_file`, `mapping_file`,
    /// `mend_file`.
    pub role: &'static str,
    /// The name as the user gave it.
    pub name: String,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// The most cohorts whose rows are live by default: 300 × 36 months recalculate in some seconds.
pub const LIVE_COHORTS: usize = 300;

impl Context<'_> {
    /// Whether the rows of cohorts are formulas.
    fn is_live(&self) -> bool {
        self.layout.model().cohorts.len() <= self.live_cohorts
    }

    /// The languages of running text, one after the other.
    fn langs(&self) -> &'static [Lang] {
        match self.layout.labels().lang() {
            super::ReportLang::Zh => &[Lang::Zh],
            super::ReportLang::En => &[Lang::En],
            super::ReportLang::Both => &[Lang::Zh, Lang::En],
        }
    }
}

/// The whole report.
pub fn workbook(context: &Context) -> Workbook {
    let labels = context.layout.labels();
    let mut sheets: Vec<Sheet> = vec![
        cover::sheet(context),
        summary::sheet(context),
        cashflow::sheet(context),
        inputs::sheet(context),
    ];
    let topics = [
        Topic::Dates,
        Topic::Pool,
        Topic::Supply,
        Topic::Plan,
        Topic::Rates,
        Topic::CreditLines,
        Topic::Collections,
        Topic::Delinquency,
        Topic::Recoveries,
        Topic::Fees,
        Topic::Definitions,
        Topic::Triggers,
        Topic::Accounts,
        Topic::Support,
        Topic::PurchaseDates,
        Topic::Purchases,
        Topic::Limits,
        Topic::Waterfall,
        Topic::Tranches,
    ];
    for topic in topics {
        sheets.extend(lines::sheet(context, topic));
        if topic == Topic::Pool {
            sheets.extend(batches::sheet(context));
        }
    }
    sheets.push(journal::sheet(context));
    sheets.extend(lines::sheet(context, Topic::Checks));
    Workbook { sheets, title: labels.name(&context.deal.name) }
}
