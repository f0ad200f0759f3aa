//! `cashfall demo`: a complete example in one folder, from nothing.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{Files, LangArg, Outcome, Result, open, run, tell};
use crate::finding::Lang;
use crate::model::Inputs;
use crate::money::Amount;
use crate::synth;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cashfall demo\n  cashfall demo my-folder --lang zh")]
pub(super) struct Options {
    /// The folder to write into; it is made when it is not there.
    #[arg(default_value = "demo")]
    dir: PathBuf,
}

const SEED: u64 = 618;
const RECEIVABLES: usize = 5_000;

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let dir = &options.dir;
    std::fs::create_dir_all(dir)?;
    let cutoff = NaiveDate::from_ymd_opt(2024, 11, 30).expect("a day of the calendar");
    let rows = synth::rows(SEED, RECEIVABLES, cutoff);
    crate::report::write_whole(&dir.join("pool.xlsx"), &crate::report::tape_xlsx(&rows)?)?;
    let pool = rows.iter().map(|row| row.receivable.outstanding_principal).sum();
    let deal = deal(pool);
    crate::report::write_whole(&dir.join("deal.toml"), deal.as_bytes())?;
    let assumptions = include_str!("../../templates/demo/assumptions.toml");
    crate::report::write_whole(&dir.join("assumptions.toml"), assumptions.as_bytes())?;

    let files = Files {
        deal: dir.join("deal.toml"),
        pool: None,
        mapping: None,
        assumptions: None,
        mend: None,
        registry: None,
        threads: 0,
    };
    let (job, findings) = open(&files)?;
    let Some(job) = job else {
        tell(&findings, lang);
        return Ok(Outcome::Findings);
    };
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    run::report(&job, &model, &run, &findings, &dir.join("report.xlsx"), lang)?;
    next_steps(dir, lang);
    Ok(Outcome::Done)
}

/// 82 % senior, 8 % mezzanine, the rest subordinated; faces in whole hundreds.
fn deal(pool: Amount) -> String {
    let share = |percent: i64| Amount::from_minor(pool.minor() * percent / 100 / 10_000 * 10_000);
    let (senior, mezzanine) = (share(82), share(8));
    include_str!("../../templates/demo/deal.toml")
        .replace("{A}", &senior.to_string())
        .replace("{B}", &mezzanine.to_string())
        .replace("{C}", &(pool - senior - mezzanine).to_string())
}

fn next_steps(dir: &Path, lang: LangArg) {
    let dir = dir.display();
    match lang.messages() {
        Lang::En => println!(
            "
Open {dir}/report.xlsx: every figure is a formula; change a blue cell and the deal recomputes.
Then try
  cashfall explain {dir}/report.xlsx 'Waterfall!AC9'      where a figure comes from, down to the tape
  cashfall clauses {dir}/deal.toml                        the priority of payments in words
  cashfall run {dir}/deal.toml --json                     all figures for another program
  edit {dir}/deal.toml or assumptions.toml, then  cashfall check {dir}/deal.toml"
        ),
        Lang::Zh => println!(
            "
打开 {dir}/report.xlsx: 每个数字都是公式; 修改蓝色单元格, 整个交易随之重算。
还可以
  cashfall explain {dir}/report.xlsx '兑付瀑布!AC9' --lang zh   数字从何而来, 直到资产明细
  cashfall clauses {dir}/deal.toml --lang zh                    分配顺序的文字表述
  cashfall run {dir}/deal.toml --json                           供其他程序使用的全部数字
  修改 {dir}/deal.toml 或 assumptions.toml, 再运行  cashfall check {dir}/deal.toml"
        ),
    }
}
