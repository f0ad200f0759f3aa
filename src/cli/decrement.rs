//! `cashfall decrement`: what is outstanding after each payment, at several speeds of prepayment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::answer::{refused, tell_grave, write_workbook};
use super::tables::aligned;
use super::{Files, LangArg, Outcome, Result, open, say};
use crate::analytics::{Decrement, Scenario, Until};
use crate::assumptions::Speed;
use crate::config::Text;
use crate::deal::Deal;
use crate::finding::Finding;
use crate::job::{Ask, Job};
use crate::model::{Inputs, Model, Run};
use crate::money::Rate;
use crate::time::DayCount;

/// The version of the JSON.
const SCHEMA: &str = "cashfall.decrement/1";
/// Columns of a terminal.
const WIDTH: usize = 100;
/// A column of percents: two spaces and `100 %` of a heading.
const COLUMN: usize = 7;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall decrement demo/deal.toml --speeds \"0 %,6 %,12 %,24 %\"\n  cashfall decrement deal.toml --speeds \"0.5 %,1 %,1.5 %,2 %\" --group \"A=A-1,A-2\" --day-count thirty_360_e --out tables.xlsx"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: Files,
    /// The speeds, constant over time, of the kind that the assumptions use (CPR, SMM or ABS; CPR
    /// without assumptions). Segments that do not prepay stay so, unless none does.
    #[arg(long, value_name = "LIST", required = true, value_delimiter = ',', value_parser = speed)]
    speeds: Vec<Rate>,
    /// Tranches that the table shows as one, in place of the classes of the deal: a name and their
    /// ids. Can be given again.
    #[arg(long, value_name = "NAME=ID,ID", value_parser = group)]
    group: Vec<(String, Vec<String>)>,
    /// How lives count days from the closing to the scheduled payment dates.
    #[arg(long, value_name = "RULE", default_value_t = DayCount::Act365)]
    day_count: DayCount,
    /// Write a workbook with the table as a sheet of its own.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the table as JSON on standard output (docs/reference/json.md).
    #[arg(long)]
    json: bool,
}

/// A speed from the command line: `1.5 %`.
fn speed(text: &str) -> std::result::Result<Rate, String> {
    let rate: Rate =
        text.parse().map_err(|_| "a speed is a percent such as `1.5 %`".to_string())?;
    let possible = Rate::ZERO <= rate && rate < Rate::ONE;
    possible.then_some(rate).ok_or_else(|| {
        "a speed is at least 0 % and below 100 %: is the percent sign missing?".to_string()
    })
}

/// A group from the command line: `A=A-1,A-2`.
fn group(text: &str) -> std::result::Result<(String, Vec<String>), String> {
    let wrong = || "a group is a name and tranche ids: `A=A-1,A-2`".to_string();
    let (name, ids) = text.split_once('=').ok_or_else(wrong)?;
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_string()).collect();
    let whole = !name.trim().is_empty() && ids.iter().all(|id| !id.is_empty());
    whole.then(|| (name.trim().to_string(), ids)).ok_or_else(wrong)
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (job, findings) = open(&options.files)?;
    let Some(job) = job else {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_deref(), Some(&job), lang)?;
    let shown_as = shown_as(&job.deal, &options.group)?;
    let ask = Ask { speeds: options.speeds.clone(), shown_as, day_count: options.day_count };
    let model = job.model();
    let run = model.run(&Inputs::of(&model));
    let Some((speed, table)) = job.decrement((&model, &run), &ask) else {
        return Err("the segments prepay by different kinds of speed: no one number is the speed \
                    of a column; state all of them as cpr, smm or abs_speed"
            .into());
    };
    if let Some(out) = &options.out {
        write(&job, (&model, &run), (speed, &table), out, lang)?;
    }
    if options.json {
        println!("{}", to_json(&job.deal, speed, &options.speeds, &table, &findings));
        return Ok(Outcome::Done);
    }
    tell_grave(&findings, lang);
    print!("{}", text(speed, &table, lang));
    Ok(Outcome::Done)
}

/// The group of each tranche that is in one.
fn shown_as(deal: &Deal, groups: &[(String, Vec<String>)]) -> Result<BTreeMap<String, Text>> {
    let mut shown_as = BTreeMap::new();
    for (name, ids) in groups {
        for id in ids {
            if !deal.tranches.iter().any(|tranche| tranche.id == *id) {
                let known: Vec<&str> = deal.tranches.iter().map(|t| t.id.as_str()).collect();
                return Err(format!("no tranche `{id}`; there are {}", known.join(", ")).into());
            }
            shown_as.insert(id.clone(), Text::same(name));
        }
    }
    Ok(shown_as)
}

fn write(
    job: &Job,
    live: (&Model, &Run),
    table: (Speed, &Decrement),
    out: &std::path::Path,
    lang: LangArg,
) -> Result<()> {
    let workbook = job.decrement_workbook(live, table, lang.report());
    write_workbook(&workbook, out, lang)
}

/// Lives to the call and to maturity, then percents: to the call where there is one.
fn text(speed: Speed, table: &Decrement, lang: LangArg) -> String {
    let title = say(lang, "加权平均期限(年)", "Weighted average life, years");
    let mut text = format!("{title}: {}, {}\n\n", speed.name(), table.day_count);
    for until in [Until::Call, Until::Maturity] {
        if !table.until(until).is_empty() {
            text += &lives(table, until, lang);
        }
    }
    let until = if table.until(Until::Call).is_empty() { Until::Maturity } else { Until::Call };
    let title = say(lang, "各兑付日后剩余本金占面值比例(%)", "Percent of face outstanding");
    text += &format!("{title}, {}\n\n", held(until, lang));
    text + &percents(table, until, lang)
}

fn held(until: Until, lang: LangArg) -> &'static str {
    match until {
        Until::Call => say(lang, "至清仓回购", "to call"),
        Until::Maturity => say(lang, "至到期", "to maturity"),
    }
}

/// One row a group, one column a speed; as many columns as fit.
fn lives(table: &Decrement, until: Until, lang: LangArg) -> String {
    let names: Vec<&str> =
        table.groups.iter().map(|group| group.name.in_lang(lang.messages())).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let widest = widest.max(held(until, lang).width());
    let fit = (WIDTH.saturating_sub(widest) / COLUMN).max(1);
    let mut text = String::new();
    for scenarios in table.until(until).chunks(fit) {
        let head = scenarios.iter().map(|scenario| table.variants[scenario.variant].clone());
        let mut rows = vec![[held(until, lang).to_string()].into_iter().chain(head).collect()];
        for (place, name) in names.iter().enumerate() {
            let life = |scenario: &&Scenario| {
                scenario.outcomes[place].life.map_or("–".to_string(), |life| format!("{life:.2}"))
            };
            let lives = scenarios.iter().map(life);
            rows.push([(*name).to_string()].into_iter().chain(lives).collect::<Vec<String>>());
        }
        text += &(aligned(&rows) + "\n");
    }
    text
}

/// Blocks of groups side by side, each until nothing of them is left.
fn percents(table: &Decrement, until: Until, lang: LangArg) -> String {
    let scenarios = table.until(until);
    let fit = (WIDTH - "2017-03-18".len()) / COLUMN;
    let places: Vec<usize> = (0..table.groups.len()).collect();
    let mut text = String::new();
    for scenarios in scenarios.chunks(fit) {
        for places in places.chunks((fit / scenarios.len()).max(1)) {
            text += &(block(table, scenarios, places, lang) + "\n");
        }
    }
    text
}

fn block(table: &Decrement, scenarios: &[&Scenario], places: &[usize], lang: LangArg) -> String {
    let wide = COLUMN * scenarios.len();
    let (mut names, mut speeds) = (" ".repeat(10), " ".repeat(10));
    for place in places {
        // A name that is wider than its columns is cut, so that the next stands over its own.
        let name = cut(table.groups[*place].name.in_lang(lang.messages()), wide - 2);
        names += &format!("  {name}{}", " ".repeat(wide - 2 - name.width()));
        for scenario in scenarios {
            speeds += &format!("{:>COLUMN$}", table.variants[scenario.variant]);
        }
    }
    let mut text = format!("{}\n{speeds}\n", names.trim_end());
    for (payment, date) in table.dates.iter().enumerate() {
        text += &date.to_string();
        let mut left = false;
        for outcome in places.iter().flat_map(|p| scenarios.iter().map(|s| &s.outcomes[*p])) {
            text += &format!("{:>COLUMN$}", outcome.percent(payment));
            left |= outcome.balances[payment] > crate::money::Amount::ZERO;
        }
        text.push('\n');
        if !left {
            break;
        }
    }
    text
}

/// The beginning of a text that fits a width.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut short = String::new();
    for letter in text.chars() {
        if (short.clone() + &letter.to_string()).width() + 1 > width {
            break;
        }
        short.push(letter);
    }
    short + "…"
}

fn to_json(
    deal: &Deal,
    speed: Speed,
    speeds: &[Rate],
    table: &Decrement,
    findings: &[Finding],
) -> Value {
    let groups = table.groups.iter().map(|group| {
        let tranches = group.tranches.iter().map(|place| &deal.tranches[*place]);
        let face: crate::money::Amount = tranches.clone().map(|tranche| tranche.face).sum();
        json!({
            "name": { "zh": group.name.zh, "en": group.name.en },
            "tranches": tranches.map(|tranche| tranche.id.clone()).collect::<Vec<_>>(),
            "face": face.to_string(),
        })
    });
    json!({
        "schema": SCHEMA,
        "deal": { "zh": deal.name.zh, "en": deal.name.en },
        "currency": deal.currency,
        "speed": speed.name().to_lowercase(),
        "day_count": table.day_count.name(),
        "dates": table.dates.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "scenarios": table.scenarios.iter().map(|s| scenario(s, Some(speeds[s.variant]))).collect::<Vec<_>>(),
        "live": scenario(&table.live, None),
        "findings": crate::report::findings_json(findings),
    })
}

/// One run; the live one has no speed but that of its assumptions.
fn scenario(scenario: &Scenario, speed: Option<Rate>) -> Value {
    let outcomes = scenario.outcomes.iter().map(|outcome| {
        let payments = 0..outcome.balances.len();
        json!({
            "life_years": outcome.life.map(|life| format!("{life:.6}")),
            "balances": outcome.balances.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "percent": payments.map(|p| outcome.percent(p).to_string()).collect::<Vec<_>>(),
        })
    });
    json!({
        "speed": speed.map(|speed| speed.to_string()),
        "until": scenario.until.name(),
        "outcomes": outcomes.collect::<Vec<_>>(),
    })
}
