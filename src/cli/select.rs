//! `cashfall select`: the receivables that reach a target within criteria and limits.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::answer::{refused, tell_grave};
use super::eligibility::{ladder_json, ladder_text, limits_json, limits_text, with_deal};
use super::portfolio::{PoolFiles, heading};
use super::{LangArg, Outcome, Result, say, tables::aligned};
use crate::deal::Deal;
use crate::finding::{Finding, Lang, Origin, Severity};
use crate::job::Portfolio;
use crate::money::Amount;
use crate::portfolio::eligibility::{Ladder, Occasion, Tester};
use crate::portfolio::limits::Limits;
use crate::portfolio::selection::{Ask, Method, Selection, select};
use crate::portfolio::stratification::{Stratification, defaults, with_own};
use crate::report::{
    ROWS_MOST, SelectionLine, Workbook, ladder_sheet, limits_sheet, selection_sheet,
    stratification_sheets, write_pool_xlsx,
};

/// The version of the JSON.
const SCHEMA: &str = "cashfall.select/1";

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum MethodArg {
    /// A linear programme on strata, then whole receivables; the highest rate of all that reach.
    Optimise,
    /// In the order of the tape.
    Fifo,
    /// In an order drawn from the seed.
    Random,
    /// The highest nominal rate first.
    Yield,
}

impl MethodArg {
    fn method(self) -> Method {
        match self {
            MethodArg::Optimise => Method::Optimise,
            MethodArg::Fifo => Method::Fifo,
            MethodArg::Random => Method::Random,
            MethodArg::Yield => Method::Yield,
        }
    }

    fn word(self) -> &'static str {
        match self {
            MethodArg::Optimise => "optimise",
            MethodArg::Fifo => "fifo",
            MethodArg::Random => "random",
            MethodArg::Yield => "yield",
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall select deal.toml --target 1,000,000,000 --out selected.xlsx\n  cashfall select deal.toml --target 50000000 --method random --seed 7 --json\n  cashfall check deal.toml --pool selected.xlsx"
)]
pub(super) struct Options {
    #[command(flatten)]
    files: PoolFiles,
    /// The principal to reach, never to exceed.
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    target: Amount,
    /// How receivables are chosen.
    #[arg(long, value_enum, default_value_t = MethodArg::Optimise)]
    method: MethodArg,
    /// The seed of a random order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The workbook to write: the chosen receivables as a tape that loads again, ladder, limits,
    /// distributions before and after.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print everything as JSON on standard output.
    #[arg(long)]
    json: bool,
}

fn amount(text: &str) -> std::result::Result<Amount, String> {
    match text.replace('_', "").parse::<Amount>() {
        Ok(amount) if amount > Amount::ZERO => Ok(amount),
        _ => {
            Err("an amount above zero with at most two decimals, such as 1,000,000.00".to_string())
        }
    }
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    let (portfolio, mut findings) = options.files.open()?;
    let Some((portfolio, deal)) = with_deal(portfolio)? else {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    };
    options.files.spare(options.out.as_ref(), &portfolio.tapes)?;
    let pool = &portfolio.pool;
    let (tester, found) = Tester::bind(Occasion::Closing, &deal.eligibility, pool).into_parts();
    findings.extend(found);
    let (limits, found) = Limits::bind(&deal.limits, pool, pool.cutoff).into_parts();
    findings.extend(found);
    if findings.iter().any(|finding| finding.severity() == Severity::Error) {
        return Ok(refused(options.json.then_some(SCHEMA), &findings, lang));
    }
    let ladder = Ladder::of(&tester, pool, pool.cutoff);
    let ask = Ask { target: options.target, method: options.method.method(), seed: options.seed };
    let selection = select(&limits, &ladder.eligible_places(), &ask);
    let asked = (&ask, ladder.eligible.balance);
    let told = shortcomings(&portfolio, &deal, asked, &selection);
    let failed = !told.is_empty();
    findings.extend(told);
    let chosen = Chosen { portfolio: &portfolio, deal: &deal, tester, ladder, selection, options };
    if let Some(out) = options.out.as_ref().filter(|_| !failed) {
        chosen.write(out, lang)?;
    }
    if options.json {
        println!("{}", chosen.to_json(&findings));
    } else {
        tell_grave(&findings, lang);
        print!("{}", ladder_text(&chosen.tester, &chosen.ladder, lang));
        print!("{}", limits_text(&deal.limits, &chosen.selection.tested, lang));
        print!("\n{}", chosen.text(lang));
    }
    Ok(if failed { Outcome::Findings } else { Outcome::Done })
}

/// What keeps a selection from being one: the target is out of reach, or a limit is not met.
fn shortcomings(
    portfolio: &Portfolio,
    deal: &Deal,
    (ask, eligible): (&Ask, Amount),
    selection: &Selection,
) -> Vec<Finding> {
    let origin = || Origin::file(&portfolio.pool.manifest.file);
    let name = |place: &usize| format!("`{}`", deal.limits[*place].id);
    let mut findings = Vec::new();
    // A half of one percent is what whole receivables may cost.
    let near = Amount::from_minor(ask.target.minor() / 200);
    if selection.bound + near < ask.target {
        let conflict = selection.conflict.iter().map(name).collect::<Vec<_>>().join(", ");
        let code = if conflict.is_empty() { "E0403" } else { "E0401" };
        let finding = Finding::new(code, origin())
            .with("target", ask.target.grouped())
            .with("bound", selection.bound.grouped());
        findings.push(match code {
            "E0401" => finding.with("limits", conflict),
            _ => finding.with("eligible", eligible.grouped()),
        });
    }
    let failed: Vec<String> = (0..deal.limits.len())
        .filter(|place| !selection.tested[*place].passes)
        .map(|place| name(&place))
        .collect();
    if !failed.is_empty() && findings.is_empty() {
        let finding = Finding::new("E0402", origin()).with("limits", failed.join(", "));
        findings.push(finding.with("total", selection.total.grouped()));
    }
    findings
}

struct Chosen<'a> {
    portfolio: &'a Portfolio,
    deal: &'a Deal,
    tester: Tester<'a>,
    ladder: Ladder,
    selection: Selection,
    options: &'a Options,
}

impl Chosen<'_> {
    fn lines(&self) -> Vec<(&'static str, SelectionLine)> {
        use SelectionLine::{Amount as A, Count as C, Text as T};
        let (selection, options) = (&self.selection, self.options);
        vec![
            ("sel_target", A(options.target)),
            ("sel_method", T(options.method.word().to_string())),
            ("sel_seed", T(options.seed.to_string())),
            ("sel_eligible", C(self.ladder.eligible.count)),
            ("sel_eligible_balance", A(self.ladder.eligible.balance)),
            ("sel_count", C(selection.places.len())),
            ("sel_total", A(selection.total)),
            ("sel_short", A(options.target - selection.total)),
            ("sel_bound", A(selection.bound)),
            ("sel_gap", A(selection.gap())),
            ("sel_binding", T(self.names(&selection.binding))),
        ]
    }

    fn names(&self, places: &[usize]) -> String {
        let names: Vec<&str> =
            places.iter().map(|place| self.deal.limits[*place].id.as_str()).collect();
        if names.is_empty() { "–".to_string() } else { names.join(", ") }
    }

    fn text(&self, lang: LangArg) -> String {
        let labels = crate::report::Labels::new(match lang.messages() {
            Lang::Zh => crate::report::ReportLang::Zh,
            Lang::En => crate::report::ReportLang::En,
        });
        let row = |(key, line): (&str, SelectionLine)| {
            let value = match line {
                SelectionLine::Amount(amount) => amount.grouped(),
                SelectionLine::Count(count) => count.to_string(),
                SelectionLine::Text(text) => text,
            };
            vec![labels.text(key), value]
        };
        aligned(&self.lines().into_iter().map(row).collect::<Vec<_>>())
    }

    /// The tape first, so that the file loads again; then how it came about.
    fn write(&self, out: &Path, lang: LangArg) -> Result<()> {
        let (pool, places) = (&self.portfolio.pool, self.selection.places.as_slice());
        if places.len() > ROWS_MOST {
            let many = places.len();
            return Err(
                format!("{many} receivables are more than a sheet holds; choose fewer").into()
            );
        }
        let mut heading = heading(self.portfolio, lang);
        let mut sheets = vec![
            selection_sheet(&heading, &self.lines()),
            ladder_sheet(&heading, &self.tester, &self.ladder),
            limits_sheet(&heading, &self.deal.limits, &self.selection.tested, ""),
        ];
        let dimensions = with_own(defaults(), self.deal.stratification.clone());
        for (chosen, key) in [(None, "sel_before"), (Some(places), "sel_after")] {
            let shape = Stratification::of(pool, chosen, &dimensions, &[]);
            let suffix = format!(" {}", heading.labels.sheet(key));
            sheets.extend(stratification_sheets(&heading, &shape, &suffix));
        }
        heading.name = self.deal.name.clone();
        let title = heading.labels.name(&heading.name);
        write_pool_xlsx(&Workbook { sheets, title }, out, (pool, places))?;
        let mapping = mapping_of(pool);
        let (shown, count) = (out.display(), places.len());
        match lang.messages() {
            Lang::Zh => eprintln!("写入 `{shown}`: {count} 笔资产"),
            Lang::En => eprintln!("Wrote `{shown}`: {count} receivables"),
        }
        if let Some(text) = mapping {
            let stem = out.file_stem().unwrap_or_default().to_string_lossy();
            let beside = out.with_file_name(format!("{stem}_mapping.toml"));
            crate::report::write_whole(&beside, text.as_bytes())?;
            let of = say(lang, "重新读取该明细所用的列映射", "the mapping to read that tape with");
            eprintln!("{} `{}`: {of}", say(lang, "写入", "Wrote"), beside.display());
        }
        Ok(())
    }

    fn to_json(&self, findings: &[Finding]) -> Value {
        let (selection, pool) = (&self.selection, &self.portfolio.pool);
        let ids: Vec<&str> =
            selection.places.iter().map(|place| &*pool.receivables[*place].id).collect();
        let names = |places: &[usize]| -> Vec<&str> {
            places.iter().map(|place| self.deal.limits[*place].id.as_str()).collect()
        };
        json!({
            "schema": SCHEMA,
            "target": self.options.target.to_string(),
            "method": self.options.method.word(),
            "seed": self.options.seed,
            "ladder": ladder_json(&self.tester, &self.ladder),
            "chosen": { "count": ids.len(), "balance": selection.total.to_string() },
            "bound": selection.bound.to_string(),
            "gap": selection.gap().to_string(),
            "binding": names(&selection.binding),
            "conflict": names(&selection.conflict),
            "limits": limits_json(&self.deal.limits, &selection.tested),
            "receivables": ids,
            "findings": crate::report::findings_json(findings),
        })
    }
}

/// The columns of the written tape that no standard header names, as a mapping; `None` when there
/// are none.
fn mapping_of(pool: &crate::pool::Pool) -> Option<String> {
    let known = |name: &str| {
        crate::tape::Field::of_tape(name).is_some() || crate::tape::ATTRIBUTES.contains(&name)
    };
    let own: Vec<&String> = pool.attributes.keys().filter(|name| !known(name)).collect();
    if own.is_empty() {
        return None;
    }
    let columns = own.iter().map(|name| {
        let key = crate::config::quoted_key(name);
        format!("{key} = \"{}\"\n", name.replace('\\', "\\\\").replace('"', "\\\""))
    });
    Some(format!("sheet = \"tape\"\n\n[columns]\n{}", columns.collect::<String>()))
}
