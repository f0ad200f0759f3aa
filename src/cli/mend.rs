//! `cashfall mend`: the template of a mend file, from what was found.

use std::path::PathBuf;

use super::{Files, LangArg, Outcome, Result, may_write, review, say};
use crate::finding::Severity;
use crate::job::{Review, is_workbook};
use crate::report::{mend_csv, mend_xlsx, write_whole};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall mend deal.toml --out mend.xlsx\n  (write over the red cells, then)\n  cashfall check deal.toml --mend mend.xlsx"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The file to write: a workbook or csv, by its name.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also rows that have only notes.
    #[arg(long)]
    notes: bool,
    /// Overwrite the file when it is there already.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    may_write(&options.out, options.force, lang)?;
    let Review { job, findings, mut rows } = review(&options.files)?;
    options.files.spare(Some(&options.out), job.as_ref(), lang)?;
    let least = if options.notes { Severity::Note } else { Severity::Warning };
    for row in &mut rows {
        row.blamed.retain(|letters, of| {
            of.retain(|finding| findings[*finding].severity() >= least);
            !letters.is_empty() && !of.is_empty()
        });
    }
    rows.retain(|row| !row.blamed.is_empty());
    let bytes = match is_workbook(&options.out) {
        true => mend_xlsx(&findings, &rows, lang.messages())?,
        false => mend_csv(&findings, &rows, lang.messages()).into_bytes(),
    };
    write_whole(&options.out, &bytes)?;
    let cells: usize = rows.iter().map(|row| row.blamed.len()).sum();
    println!("{}", options.out.display());
    println!(
        "{}: {}, {}: {cells}",
        say(lang, "行", "rows"),
        rows.len(),
        say(lang, "待更正单元格", "cells to mend")
    );
    Ok(Outcome::Done)
}
