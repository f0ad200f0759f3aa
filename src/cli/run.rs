//! `cashfall run`: the deal on its pool, to a workbook.

use std::path::{Path, PathBuf};

use super::answer::{refused, tell_grave};
use super::{Files, LangArg, Outcome, Result, open, tables};
use crate::finding::{Finding, Lang};
use crate::job::Job;
use crate::model::{Inputs, Model, Run};
use crate::report::{Caches, Content, to_json, write_xlsx};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall run demo/deal.toml --out report.xlsx\n  cashfall run deal.toml --pool 2026-03.xlsx --assumptions stress.toml --out stress.xlsx\n  cashfall run deal.toml --json > run.json"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The workbook to write; by default `report.xlsx` beside the deal file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print all figures as JSON on standard output (docs/reference/json.md); write a workbook only
    /// with --out.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, mut findings) = open(&options.files)?;
    let Some(job) = job else {
        return Ok(refused(options.json.then_some("cashfall.run/1"), &findings, lang));
    };
    let beside = || options.files.deal.with_file_name("report.xlsx");
    let out = options.out.clone().or_else(|| (!options.json).then(beside));
    options.files.spare(out.as_deref(), Some(&job), lang)?;
    let model = job.model();
    let inputs = Inputs::of(&model);
    let run = model.run(&inputs);
    findings.extend(job.outcome(&model, &run));
    if options.json {
        println!("{}", to_json(&job.deal, &model, &run, &findings));
        if let Some(out) = &out {
            write(&job, &model, &run, out, lang)?;
        }
        return Ok(Outcome::Done);
    }
    if let Some(out) = &out {
        report(&job, &model, &run, &findings, out, lang)?;
    }
    Ok(Outcome::Done)
}

/// Writes the workbook and prints the tranche table: what `run` and `demo` have in common.
pub(super) fn report(
    job: &Job,
    model: &Model,
    run: &Run,
    findings: &[Finding],
    out: &Path,
    lang: LangArg,
) -> Result<()> {
    // Notes belong to `check`: a run tells what somebody should look at.
    tell_grave(findings, lang);
    let (count, balance) = (job.pool.receivables.len(), job.pool.outstanding_principal());
    let (sheets, formulas) = write(job, model, run, out, lang)?;
    let (payments, postings) = (job.deal.schedule.payments.len(), model.postings(run).len());
    let out = out.display();
    match lang.messages() {
        Lang::Zh => {
            eprintln!("读取 {count} 笔资产, {} 未偿本金 {}", job.pool.cutoff, balance.grouped());
            eprintln!("计算 {payments} 个兑付日, {postings} 笔资金变动");
            eprintln!("写入 `{out}`: {sheets} 个工作表, {formulas} 个公式");
        }
        Lang::En => {
            eprintln!(
                "Read {count} receivables, {} outstanding at {}",
                balance.grouped(),
                job.pool.cutoff
            );
            eprintln!("Ran {payments} payment dates, {postings} postings");
            eprintln!("Wrote `{out}`: {sheets} sheets, {formulas} formulas");
        }
    }
    eprintln!();
    print!("{}", tables::tranches(&job.deal, model, run, lang.messages()));
    Ok(())
}

fn write(job: &Job, model: &Model, run: &Run, out: &Path, lang: LangArg) -> Result<(usize, usize)> {
    let workbook = job.workbook(model, &Inputs::of(model), run, lang.report());
    write_xlsx(&workbook, out, Caches::Right)?;
    let is_formula =
        |content: &Content| matches!(content, Content::Formula(..) | Content::TextFormula(..));
    let cells = workbook.sheets.iter().flat_map(|sheet| &sheet.cells);
    Ok((workbook.sheets.len(), cells.filter(|cell| is_formula(&cell.content)).count()))
}
