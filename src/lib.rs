//! cashfall: receivables securitisation from a spreadsheet of instalments to a workbook that
//! recomputes the deal.
//!
//! ```text
//! tape.xlsx ─▶ Tape ─▶ Pool ─▶ Plan (contract cash by cohort, exact) ──┐
//!                                                                      │
//! assumptions.toml ─▶ monthly rates by cohort (12 places) ─────────────┤
//!                                                                      ▼
//! deal.toml ─▶ Deal ─────────────────────────────────▶ Model (lines on axes) ──▶ run ─▶ Run
//!                                                         │                              │
//!                                                         └─ excel: live formulas ◀──────┘
//! ```
//!
//! Read in this order: [`money`], [`finding`], [`time`], [`pool`], [`plan`], [`formula`], [`deal`],
//! [`model`], [`report`]; [`job`] is the whole pipeline from files.
//!
//! ```
//! use cashfall::job::{Job, Request};
//! use cashfall::model::Inputs;
//!
//! let deal = "fixtures/cases/worked_example_cn/deal.toml".into();
//! let opened = Job::open(&Request { deal, ..Request::default() }).expect("the files are there");
//! let (job, _warnings) = opened.accept().expect("no findings that are errors");
//! let job = job.expect("accepted");
//!
//! let model = job.model();
//! let run = model.run(&Inputs::of(&model));
//! let interest = model.line("tranche.01.interest_paid").expect("a line of the deal");
//! assert_eq!(run.total(interest).to_string(), "116.41");
//! ```

pub mod analytics;
pub mod assumptions;
pub mod cli;
pub mod config;
pub mod deal;
pub mod finding;
pub mod formula;
pub mod job;
pub mod ledger;
pub mod model;
pub mod money;
pub mod plan;
pub mod pool;
pub mod portfolio;
pub mod report;
pub mod root;
pub mod static_pool;
pub mod synth;
pub mod tape;
pub mod time;
