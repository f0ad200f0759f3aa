//! The command line: one file a command, one struct of options each.
//!
//! Data goes to standard output, talk to standard error. Exit codes: 0 done, 1 findings, 2
//! surroundings, 101 a bug of ours.

mod answer;
mod check;
mod clauses;
mod convert;
mod decrement;
mod demo;
mod diff;
mod eligibility;
mod explain;
mod init;
mod limit_cut;
mod map;
mod mend;
mod portfolio;
mod roll;
mod run;
mod sample;
mod select;
mod static_pool;
mod strat;
mod stress;
mod synth;
mod tables;
mod track;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::finding::{Finding, Lang, Severity, render};
use crate::job::{Job, Request, Review};
use crate::report::ReportLang;

/// From a spreadsheet of instalment receivables and a deal to an Excel workbook that recomputes it.
#[derive(Debug, Parser)]
#[command(
    name = "cashfall",
    version,
    after_help = "Start here:\n  cashfall demo\n  cashfall run demo/deal.toml --out report.xlsx"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Language of reports and messages.
    #[arg(long, global = true, value_enum, default_value_t = LangArg::Both)]
    lang: LangArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LangArg {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// Reports in both, messages in English.
    Both,
}

impl LangArg {
    fn report(self) -> ReportLang {
        match self {
            LangArg::Zh => ReportLang::Zh,
            LangArg::En => ReportLang::En,
            LangArg::Both => ReportLang::Both,
        }
    }

    fn messages(self) -> Lang {
        match self {
            LangArg::Zh => Lang::Zh,
            LangArg::En | LangArg::Both => Lang::En,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a complete example (tape, deal, assumptions), run it, and say what to look at.
    Demo(demo::Options),
    /// Check the deal, its tape and its assumptions; write nothing.
    Check(check::Options),
    /// Propose the mapping of a tape: what each column is, in which unit, and why.
    Map(map::Options),
    /// Write the template of a mend file: the rows with findings, with only their wrong cells.
    Mend(mend::Options),
    /// Roll last month's tape forward to this month's, and list what nothing explains.
    Roll(roll::Options),
    /// Run the deal and write the workbook.
    Run(run::Options),
    /// Print what is outstanding after each payment, at several speeds of prepayment.
    Decrement(decrement::Options),
    /// Print the shape of a pool: totals, averages, distributions, largest obligors.
    Strat(strat::Options),
    /// Read a servicer's static pools: ratios, chain ladder, base case, assumptions.
    Static(Box<static_pool::Options>),
    /// Run the deal under scenarios; say how much default each tranche bears.
    Stress(stress::Options),
    /// Set a servicer's months against the forecast; scale what is left of it.
    Track(track::Options),
    /// Test the deal's criteria on its pool, receivable by receivable, and its limits on the whole.
    Eligibility(eligibility::Options),
    /// Choose the receivables that reach a target within criteria and limits.
    Select(select::Options),
    /// Draw receivables for an audit, with the sheet to tick.
    Sample(sample::Options),
    /// Say what changes of credit limits do to a revolving deal: supply, idle cash, early end, yields.
    LimitCut(limit_cut::Options),
    /// Say where a cell of a report comes from, or what a finding's code means.
    Explain(explain::Options),
    /// Print the priority of payments as numbered clauses in Chinese and English.
    Clauses(clauses::Options),
    /// Say what two deals state differently, and what that does to the cash.
    Diff(diff::Options),
    /// Turn a deal file into a workbook to fill in, or back.
    Convert(convert::Options),
    /// Write a synthetic tape of any size, with its known answers beside it.
    Synth(synth::Options),
    /// Write a deal file and an assumptions file to start from.
    Init(init::Options),
}

/// The files of a run.
#[derive(Clone, Debug, Args)]
struct Files {
    /// The deal file.
    deal: PathBuf,
    /// The tape, instead of the one the deal names.
    #[arg(long, value_name = "TAPE")]
    pool: Option<PathBuf>,
    /// The column mapping of the tape, instead of the one the deal names.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The assumptions, instead of those the deal names.
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Cells of the tape to read otherwise (`cashfall mend`), instead of the mapping's file.
    #[arg(long, value_name = "FILE")]
    mend: Option<PathBuf>,
    /// Receivables that other deals hold, instead of the mapping's file.
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Threads; 0 is one per core. Figures are the same for any number.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

impl Files {
    fn request(&self) -> Request {
        Request {
            deal: self.deal.clone(),
            tape: self.pool.clone(),
            mapping: self.mapping.clone(),
            assumptions: self.assumptions.clone(),
            mend: self.mend.clone(),
            registry: self.registry.clone(),
            threads: self.threads,
            sums_only: true,
        }
    }
}

impl Files {
    /// Refuses to write over a file that the job was read from: those of the command line, and those
    /// that the deal, the assumptions and the mapping name.
    fn spare(&self, out: Option<&Path>, job: Option<&Job>, lang: LangArg) -> Result<()> {
        let Some(out) = out else { return Ok(()) };
        let named = [
            Some(&self.deal),
            self.pool.as_ref(),
            self.mapping.as_ref(),
            self.assumptions.as_ref(),
            self.mend.as_ref(),
            self.registry.as_ref(),
        ];
        let read = job.into_iter().flat_map(|job| {
            let beside = |file: &PathBuf, name: &str| file.with_file_name(name);
            let files = job.manifest.files.iter();
            let named =
                || std::iter::once(&self.deal).chain(job.tapes.iter().map(|tape| &tape.path));
            files.flat_map(move |of| named().map(|file| beside(file, &of.name)).collect::<Vec<_>>())
        });
        let tapes = job.into_iter().flat_map(|job| job.tapes.iter().map(|tape| tape.path.clone()));
        let named = named.into_iter().flatten().cloned();
        let inputs: Vec<PathBuf> = named.chain(tapes).chain(read).collect();
        let refusal =
            say(lang, "是输入文件, 不能覆盖", "is one of the files that are read; write elsewhere");
        answer::spare(inputs.iter().map(PathBuf::as_path), out, refusal)
    }
}

/// How a command ends.
enum Outcome {
    Done,
    /// The user's data has errors.
    Findings,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let lang = cli.lang;
    let outcome = match cli.command {
        Command::Demo(options) => demo::run(&options, lang),
        Command::Check(options) => check::run(&options, lang),
        Command::Map(options) => map::run(&options, lang),
        Command::Mend(options) => mend::run(&options, lang),
        Command::Roll(options) => roll::run(&options, lang),
        Command::Run(options) => run::run(&options, lang),
        Command::Decrement(options) => decrement::run(&options, lang),
        Command::Strat(options) => strat::run(&options, lang),
        Command::Static(options) => static_pool::run(&options, lang),
        Command::Stress(options) => stress::run(&options, lang),
        Command::Track(options) => track::run(&options, lang),
        Command::Eligibility(options) => eligibility::run(&options, lang),
        Command::Select(options) => select::run(&options, lang),
        Command::Sample(options) => sample::run(&options, lang),
        Command::LimitCut(options) => limit_cut::run(&options, lang),
        Command::Explain(options) => explain::run(&options, lang),
        Command::Clauses(options) => clauses::run(&options, lang),
        Command::Diff(options) => diff::run(&options, lang),
        Command::Convert(options) => convert::run(&options, lang),
        Command::Synth(options) => synth::run(&options, lang),
        Command::Init(options) => init::run(&options, lang),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

/// An error with its causes, each on a line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!("\n  because: {source}");
        cause = source.source();
    }
    text
}

/// Opens a job.
fn open(files: &Files) -> Result<(Option<Job>, Vec<Finding>)> {
    Ok(reading(&files.deal, || Job::open(&files.request()))?.into_parts())
}

/// Reviews a job.
fn review(files: &Files) -> Result<Review> {
    Ok(reading(&files.deal, || Job::review(&files.request()))?)
}

/// Does what reads a file, with a spinner on a terminal while it takes long.
fn reading<T>(file: &Path, work: impl FnOnce() -> T) -> T {
    let spinner = indicatif::ProgressBar::new_spinner();
    spinner.set_message(format!("reading {}", file.display()));
    spinner.enable_steady_tick(std::time::Duration::from_millis(120));
    let done = work();
    spinner.finish_and_clear();
    done
}

/// Refuses to write over a file that is there already, unless it was forced.
fn may_write(out: &Path, force: bool, lang: LangArg) -> Result<()> {
    if out.exists() && !force {
        let refused =
            say(lang, "已存在; 用 --force 覆盖", "is there already: --force overwrites it");
        return Err(format!("`{}` {refused}", out.display()).into());
    }
    Ok(())
}

/// Tells the findings on standard error, and how to learn more about the first error.
fn tell(findings: &[Finding], lang: LangArg) {
    if !findings.is_empty() {
        eprint!("{}", render(findings, lang.messages()));
    }
    if let Some(error) = findings.iter().find(|finding| finding.severity() == Severity::Error) {
        let more = say(lang, "代码的含义与处理办法", "For what a code means and how to mend it");
        eprintln!("{more}: cashfall explain {}", error.code);
    }
}

/// Whether two paths are one file: an input must not be overwritten.
fn same_file(one: &std::path::Path, other: &std::path::Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        (Ok(_) | Err(_), Err(_)) | (Err(_), Ok(_)) => one == other,
    }
}

/// A sentence in the language of the messages.
fn say<'a>(lang: LangArg, zh: &'a str, en: &'a str) -> &'a str {
    match lang.messages() {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
