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
//! Read in this order: [`money`], [`finding`], [`time`], [`plan`], [`formula`], [`model`].
#![allow(missing_docs)]

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
pub mod report;
pub mod synth;
pub mod tape;
pub mod time;
