//! `cashfall static`: what a servicer's static pools say of defaults, and assumptions from them.

mod json;
mod text;

use std::path::PathBuf;

use chrono::NaiveDate;

use super::answer::{refused, spare, tell_grave, write_workbook};
use super::{LangArg, Outcome, Result, say};
use crate::money::{Amount, Rate};
use crate::report::{Labels, static_pool_workbook, write_whole};
use crate::static_pool::{
    Average, Exclusion, Measure, Method, Options as Reading, Provenance, Rating, Ratios,
    StaticPool, Study, Terms, Ways, read, recoveries_to_toml, to_toml,
};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall static vintages.xlsx --out static.xlsx\n  cashfall static vintages.csv --tail 1.03 --exclude 2020-03 --ratings \"AAA=5:0.1 %,AA=3.6:0.5 %\"\n  cashfall static loans.csv --default-dpd 90 --assumptions assumptions.toml"
)]
pub(super) struct Options {
    /// The servicer's table: vintages by age (long, or a matrix), months of the whole pool, or
    /// receivables month by month (docs/reference/static.md).
    table: PathBuf,
    /// Write the base case as a workbook with every step live.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the fitted curves as an assumptions file that `run` takes.
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
    /// Write the recovery curves alone, for receivables in default at the cut-off date.
    #[arg(long, requires = "assumptions")]
    defaulted: bool,
    /// What the cells of a matrix are.
    #[arg(long, value_name = "COLUMN", default_value = "cum_default", value_parser = measure)]
    measure: Measure,
    /// A receivable defaults when it is more days past due than this, unless the table has a column
    /// of defaults.
    #[arg(long, value_name = "DAYS", default_value_t = crate::static_pool::DEFAULT_PAST_DUE_DAYS)]
    default_dpd: u32,
    /// How the growth from one age to the next is averaged.
    #[arg(long, value_enum, default_value_t = AverageArg::Volume)]
    average: AverageArg,
    /// Only the latest links of each age, so many.
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// A vintage that does not count, or its amount at one age: `2020-03` or `2020-03:6`. Can be
    /// given again.
    #[arg(long, value_name = "YYYY-MM[:MOB]", value_parser = exclusion)]
    exclude: Vec<Exclusion>,
    /// Links from less than this amount do not count.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    min_volume: Amount,
    /// Growth after the last observed age.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = tail)]
    tail: Rate,
    /// Added to the base case for the trend.
    #[arg(long, value_name = "RATE", default_value = "0 %", value_parser = share)]
    add_on: Rate,
    /// `fit`: what is added is the trend of the vintages' own ends, by a straight line through them.
    #[arg(long, value_enum, default_value_t = TrendArg::None, conflicts_with = "add_on")]
    trend: TrendArg,
    /// The base case is rounded up to a multiple of this.
    #[arg(long, value_name = "RATE", default_value = "0 %", value_parser = share)]
    round_up: Rate,
    /// Ratings, each with the multiple of the base case and the probability with which the quantile
    /// of the lognormal fit may be passed: `AAA=5:0.1 %,AA=3.6:0.5 %`. Your figures, not an agency's.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = rating)]
    ratings: Vec<Rating>,
    /// The least deviation of the lognormal fit.
    #[arg(long, value_name = "SIGMA", default_value = "0", value_parser = share)]
    sigma_floor: Rate,
    /// Receivables purchased in the revolving period, of the initial pool: 3.5 for three and a half
    /// times.
    #[arg(long, value_name = "RATIO", default_value = "0", value_parser = factor)]
    purchased: Rate,
    /// How many months the back-test goes back.
    #[arg(long, value_name = "MONTHS", default_value_t = 3)]
    back_test: u32,
    /// How many months of roll rates are averaged.
    #[arg(long, value_name = "MONTHS", default_value_t = 3)]
    roll_months: usize,
    /// Print everything as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum AverageArg {
    /// Sums over sums.
    Volume,
    /// The mean of the vintages' own links.
    Simple,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TrendArg {
    /// The add-on as given.
    None,
    /// Fitted.
    Fit,
}

/// A column of amounts by its name.
fn measure(text: &str) -> std::result::Result<Measure, String> {
    let cumulative = ["cum_default", "cum_recovery", "new_default", "recovery", "balance_end"];
    let found = Measure::ALL.iter().find(|(_, name)| *name == text && cumulative.contains(name));
    found.map(|(measure, _)| *measure).ok_or_else(|| format!("one of {}", cumulative.join(", ")))
}

/// `2020-03` or `2020-03:6`.
fn exclusion(text: &str) -> std::result::Result<Exclusion, String> {
    let wrong = || "a vintage is a month such as `2020-03`, an amount `2020-03:6`".to_string();
    let (month, mob) = text.split_once(':').map_or((text, None), |(month, mob)| (month, Some(mob)));
    let vintage =
        NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").map_err(|_| wrong())?;
    let mob = mob.map(str::parse).transpose().map_err(|_| wrong())?;
    Ok(Exclusion { vintage, mob })
}

fn factor(text: &str) -> std::result::Result<Rate, String> {
    let rate: Rate = text.parse().map_err(|_| "a number such as `3.5`".to_string())?;
    let possible = Rate::ZERO <= rate && rate <= Rate::from_parts(1000 * Rate::ONE.parts());
    possible.then_some(rate).ok_or_else(|| "from 0 to 1000".to_string())
}

fn tail(text: &str) -> std::result::Result<Rate, String> {
    let rate = factor(text)?;
    (rate >= Rate::ONE).then_some(rate).ok_or_else(|| "a tail is at least 1: `1.03`".to_string())
}

fn share(text: &str) -> std::result::Result<Rate, String> {
    let rate = factor(text)?;
    (rate < Rate::ONE)
        .then_some(rate)
        .ok_or_else(|| "below 1 (100 %): is the percent sign missing?".to_string())
}

/// `AAA=5:0.1 %`; either part may be left out: `AAA=5`, `AAA=:0.1 %`.
fn rating(text: &str) -> std::result::Result<Rating, String> {
    let wrong = || "a rating is `AAA=5:0.1 %`: multiple and probability".to_string();
    let (name, figures) = text.split_once('=').ok_or_else(wrong)?;
    let (multiple, probability) = figures.split_once(':').unwrap_or((figures, ""));
    let part = |text: &str, read: fn(&str) -> std::result::Result<Rate, String>| {
        (!text.trim().is_empty()).then(|| read(text)).transpose()
    };
    let multiple = part(multiple, factor)?;
    let probability = part(probability, share)?;
    let possible = probability.is_none_or(|probability| probability > Rate::ZERO);
    let whole =
        !name.trim().is_empty() && possible && (multiple.is_some() || probability.is_some());
    let rating = Rating { name: name.trim().to_string(), multiple, probability };
    whole.then_some(rating).ok_or_else(wrong)
}

impl Options {
    fn ways(&self) -> Ways {
        let average = match self.average {
            AverageArg::Volume => Average::Volume,
            AverageArg::Simple => Average::Simple,
        };
        Ways {
            method: Method {
                average,
                last: self.last,
                exclude: self.exclude.clone(),
                min_volume: self.min_volume,
                tail: self.tail,
            },
            terms: Terms {
                exclude: self.exclude.clone(),
                add_on: self.add_on,
                fit_trend: matches!(self.trend, TrendArg::Fit),
                round_up: self.round_up,
                sigma_floor: self.sigma_floor,
                purchased: self.purchased,
                ratings: self.ratings.clone(),
            },
            back_test: self.back_test,
            roll_months: self.roll_months,
        }
    }
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let written = [&options.out, &options.assumptions];
    for path in written.into_iter().flatten() {
        let refusal = say(lang, "是输入文件, 不能覆盖", "is the table to read: name another file");
        spare([options.table.as_path()], path, refusal)?;
    }
    let reading = Reading { measure: options.measure, default_past_due_days: options.default_dpd };
    let (pool, mut findings) = read(&options.table, &reading)?.into_parts();
    let Some(pool) = pool else {
        return Ok(refused(options.json.then_some(json::SCHEMA), &findings, lang));
    };
    unknown_exclusion(&pool, &options.exclude)?;
    let ways = options.ways();
    let studies = Study::of_each(&pool, &ways);
    findings.extend(studies.iter().flat_map(Study::findings));
    let findings = crate::finding::fold(findings, 5);
    if let Some(out) = &options.out {
        let workbook = static_pool_workbook(&pool, &studies, &ways, &Labels::new(lang.report()));
        write_workbook(&workbook, out, lang)?;
    }
    if let Some(out) = &options.assumptions {
        write_whole(out, assumptions(&pool, &studies, options)?.as_bytes())?;
        eprintln!("{}", text::wrote_assumptions(out, lang));
    }
    if options.json {
        println!("{}", json::page(&pool, &studies, &Ratios::of(&pool), &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", text::page(&pool, &studies, lang));
    Ok(Outcome::Done)
}

fn unknown_exclusion(pool: &StaticPool, exclude: &[Exclusion]) -> Result<()> {
    for exclusion in exclude {
        let there = pool.vintages.iter().any(|vintage| {
            let age = exclusion.mob.is_none_or(|mob| vintage.months.contains_key(&mob));
            vintage.month == exclusion.vintage && age
        });
        if !there {
            let mob = exclusion.mob.map_or(String::new(), |mob| format!(":{mob}"));
            let month = exclusion.vintage.format("%Y-%m");
            return Err(format!("--exclude {month}{mob}: the table has no such amount").into());
        }
    }
    Ok(())
}

fn assumptions(pool: &StaticPool, studies: &[Study], options: &Options) -> Result<String> {
    let recovers = |study: &Study| !study.curves.recovery_lag.is_empty();
    if options.defaulted && !studies.iter().all(recovers) {
        return Err("when recoveries come is known of a history of receivables only: this table does not say it".into());
    }
    let says = |study: &Study| {
        !study.curves.mdr.is_empty()
            || !study.curves.smm.is_empty()
            || study.curves.cumulative.is_some()
    };
    if !options.defaulted && !studies.iter().all(says) {
        return Err("the table has no defaults or prepayments by age: nothing to fit".into());
    }
    let date = pool.vintages.iter().flat_map(|v| v.months.values()).map(|month| month.date).max();
    let first = pool.vintages.iter().map(|vintage| vintage.month).min();
    let last = pool.vintages.iter().map(|vintage| vintage.month).max();
    let month = |month: Option<NaiveDate>| {
        month.map_or(String::new(), |month| month.format("%Y-%m").to_string())
    };
    let provenance = Provenance {
        file: pool.file.clone(),
        sha256: pool.sha256.clone(),
        date: date.unwrap_or_default(),
        vintages: (month(first), month(last), pool.vintages.len()),
        method: options.ways().method,
    };
    let segments: Vec<(String, _)> =
        studies.iter().map(|study| (study.product.clone(), study.curves.clone())).collect();
    let to_toml = if options.defaulted { recoveries_to_toml } else { to_toml };
    Ok(to_toml(&segments, &provenance))
}
