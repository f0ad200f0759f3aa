//! `cashfall explain`: from a cell of a report back to its line, formula, posting, clause, plan and
//! tape rows; or what a finding's code means.

mod links;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use calamine::{DataType, Reader, Xlsx, open_workbook};

use super::{LangArg, Outcome, Result, say, tables, tell};
use crate::finding::{Lang, entry};
use crate::formula::{Elements, InputId, LineId, Sort, Words};
use crate::job::{Job, Request, read_deal};
use crate::model::{Axis, Dim, Inputs, Model, OfferSize, Operand, Rule, Run, Topic};
use crate::money::{Amount, Rate};
use crate::pool::{PoolTape, RowOrigin};
use crate::report::{Labels, Layout, Manifest, ReportLang, account_name, cell_name, labels};
use crate::tape::TapeManifest;
use links::Reference;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cashfall explain demo/report.xlsx 'Waterfall!K8'\n  cashfall explain D0203"
)]
pub(super) struct Options {
    /// A report written by `run`, or the code of a finding.
    report_or_code: String,
    /// The cell, with its sheet.
    cell: Option<String>,
    /// The deal file, when it is not beside the report.
    #[arg(long, value_name = "FILE")]
    deal: Option<PathBuf>,
    /// The tape, when it is not where the deal says.
    #[arg(long, value_name = "TAPE")]
    pool: Option<PathBuf>,
    /// The assumptions, when they are not where the deal says.
    #[arg(long, value_name = "FILE")]
    assumptions: Option<PathBuf>,
}

pub(super) fn run(options: &Options, lang: LangArg) -> Result<Outcome> {
    match &options.cell {
        None => code(&options.report_or_code, lang),
        Some(cell) => explain_cell(options, cell, lang),
    }
}

fn code(code: &str, lang: LangArg) -> Result<Outcome> {
    let Some(entry) = entry(&code.to_uppercase()) else {
        let what = say(
            lang,
            "不是检查结果的代码; 解释单元格请给出报告与单元格",
            "is no code of a finding; to explain a cell, give the report and the cell",
        );
        return Err(format!("`{code}` {what}").into());
    };
    let lang = lang.messages();
    println!("{}", code.to_uppercase());
    println!("  {}", without_figures(entry.message(lang)));
    println!();
    println!("  {}", entry.about(lang));
    println!();
    println!("  {}", without_figures(entry.help(lang)));
    Ok(Outcome::Done)
}

/// A sentence with `…` where a finding quotes a figure.
fn without_figures(text: &str) -> String {
    let mut parts = text.split('{');
    let mut plain = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let figure = part.split_once('}').filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        });
        match figure {
            Some((_, rest)) => plain += &format!("…{rest}"),
            None => plain += &format!("{{{part}"),
        }
    }
    plain
}

/// The role of a file with its name: a report may have several of one role.
fn named(role: &str, name: &str) -> String {
    format!("{role} {name}")
}

/// The files that the report names on its cover, by role and name, and by role alone where there is
/// one of it.
fn manifest(report: &Path) -> Result<BTreeMap<String, (String, String)>> {
    let mut workbook: Xlsx<_> = open_workbook(report).map_err(|error: calamine::XlsxError| {
        format!("cannot read the report `{}`: {error}", report.display())
    })?;
    let cover = workbook.sheet_names().first().cloned().unwrap_or_default();
    let range = workbook.worksheet_range(&cover)?;
    let mut files = BTreeMap::new();
    let mut roles: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in 0..range.height() {
        let text = |column: u32| {
            let row = u32::try_from(row).expect("a sheet has a million rows");
            range.get_value((row, column)).map(ToString::to_string).unwrap_or_default()
        };
        let note = text(2);
        let words: Vec<&str> = note.split(' ').collect();
        if let ["SHA-256", hash, role] = words[..] {
            let file = (text(1), hash.to_string());
            files.insert(named(role, &file.0), file.clone());
            roles.entry(role.to_string()).or_default().push(file);
        }
    }
    for (role, mut alone) in roles.into_iter().filter(|(_, files)| files.len() == 1) {
        files.insert(role, alone.remove(0));
    }
    if files.contains_key("deal_file") {
        return Ok(files);
    }
    Err(format!(
        "`{}` names no deal file on its cover: is it a report of this tool?",
        report.display()
    )
    .into())
}

fn explain_cell(options: &Options, cell: &str, lang: LangArg) -> Result<Outcome> {
    let report = Path::new(&options.report_or_code);
    let files = manifest(report)?;
    let beside = |role: &str| {
        files.get(role).map(|(name, _)| report.with_file_name(name)).filter(|path| path.exists())
    };
    let (deal_name, _) = &files["deal_file"];
    let Some(deal) = options.deal.clone().or_else(|| beside("deal_file")) else {
        return Err(format!("`{deal_name}` is not beside the report: say where with --deal").into());
    };
    let assumptions = options.assumptions.clone().or_else(|| beside("assumptions_file"));
    let registry = beside("registry_file");
    let (read, _) = read_deal(&deal, &mut Manifest::default())?.into_parts();
    let request = if read.is_some_and(|read| !read.subpools.is_empty()) {
        // Each sub-pool names its own tape and mapping.
        Request { deal, tape: options.pool.clone(), assumptions, registry, ..Request::default() }
    } else {
        let tape = options.pool.clone().or_else(|| beside("tape_file"));
        let (mapping, mend) = (beside("mapping_file"), beside("mend_file"));
        Request { deal, tape, mapping, assumptions, mend, registry, ..Request::default() }
    };
    let (job, findings) = Job::open(&request)?.into_parts();
    let Some(job) = job else {
        tell(&findings, lang);
        return Ok(Outcome::Findings);
    };
    for file in &job.manifest.files {
        let stated = files.get(&named(file.role, &file.name));
        if stated.is_some_and(|(_, hash)| *hash != file.sha256) {
            let changed = say(
                lang,
                "在报告写出之后被修改, 以下为新文件的数字",
                "was changed after the report was written; the figures below are the new file's",
            );
            eprintln!("`{}` {changed}", file.name);
        }
    }
    let model = job.model();
    let inputs = Inputs::of(&model);
    let run = model.run(&inputs);
    let lang_of = lang.messages();
    let explainer = Explainer { job: &job, model: &model, run: &run, lang: lang_of, report };
    print!("{}", explainer.cell(cell)?);
    if let Some((held, engine)) = explainer.disagrees(report, cell) {
        let differs = say(
            lang,
            "工作簿中该单元格的数值不同于引擎",
            "the workbook's cell differs from the engine",
        );
        eprintln!("{differs}: {held} ≠ {engine}");
    }
    Ok(Outcome::Done)
}

/// Where a receivable stands: `pool.xlsx › Sheet1 › 12`, `pool.csv:12`.
fn place(tape: &TapeManifest, origin: RowOrigin) -> String {
    let sheet = &tape.sheets[usize::from(origin.sheet)];
    match sheet.is_empty() {
        true => format!("{}:{}", tape.file, origin.row),
        false => format!("{} › {sheet} › {}", tape.file, origin.row),
    }
}

struct Explainer<'a> {
    job: &'a Job,
    model: &'a Model,
    run: &'a Run,
    lang: Lang,
    report: &'a Path,
}

impl Explainer<'_> {
    fn cell(&self, text: &str) -> Result<String> {
        let (sheet, cell) =
            text.rsplit_once('!').ok_or_else(|| format!("`{text}` is no cell: write Sheet!A1"))?;
        let sheet = sheet.trim_matches('\'');
        let (row, column) = parse(cell).ok_or_else(|| format!("`{cell}` is no cell such as K8"))?;
        // The sheet may be named in either language.
        for lang in [ReportLang::En, ReportLang::Zh] {
            let layout = Layout::new(self.model, Labels::new(lang));
            let labels = layout.labels();
            let is_inputs = labels.sheet("inputs").eq_ignore_ascii_case(sheet);
            if let Some(input) = layout.input_at(row).filter(|_| is_inputs) {
                return Ok(self.input(input));
            }
            let topic = Topic::ALL
                .into_iter()
                .find(|topic| labels.sheet(topic.key()).eq_ignore_ascii_case(sheet));
            let found = topic.and_then(|topic| layout.line_at(topic, row, column));
            if let Some((line, tick, element)) = found {
                return Ok(self.line(&layout, line, tick, element));
            }
        }
        self.shown(text, sheet, cell)
    }

    /// A cell that shows what others compute: its formula, and what it reads; where it repeats one
    /// cell, that one.
    fn shown(&self, text: &str, sheet: &str, cell: &str) -> Result<String> {
        let shown = links::shown(self.report, sheet, cell);
        let shown = shown.map_err(|()| format!("the report has no sheet `{sheet}`"))?;
        let shown = shown.ok_or_else(|| {
            format!("{text} holds no figure of the model: titles and labels explain themselves")
        })?;
        let value = shown.value.map(|value| value.to_string()).unwrap_or_default();
        let mut said =
            format!("{text}  {value}\n  {}  ={}\n", self.word("is", "为"), shown.formula);
        if let Some(other) = shown.repeats().filter(|other| other != text) {
            return Ok(said + &self.cell(&other)?);
        }
        const MOST: usize = 12;
        for read in shown.reads.iter().take(MOST) {
            said += &format!("    {}\n", self.read(read, sheet));
        }
        if shown.reads.len() > MOST {
            said += &format!("    … {}\n", shown.reads.len() - MOST);
        }
        Ok(said)
    }

    /// What a cell that shows others reads: the name of a figure of the model, or its cell alone.
    fn read(&self, read: &Reference, own: &str) -> String {
        let sheet = read.sheet.as_deref().unwrap_or(own);
        let written = read.written();
        let Some((row, column)) = parse(&read.first) else { return written };
        let named = [ReportLang::En, ReportLang::Zh].into_iter().find_map(|lang| {
            let layout = Layout::new(self.model, Labels::new(lang));
            let is = |key: &str| layout.labels().sheet(key).eq_ignore_ascii_case(sheet);
            if is("inputs") {
                let input = layout.input_at(row)?;
                return Some(Words::input(&Spoken { explainer: self, element: 0 }, input));
            }
            let topic = Topic::ALL.into_iter().find(|topic| is(topic.key()))?;
            let (line, tick, element) = layout.line_at(topic, row, column)?;
            if read.last.is_some() {
                let all = 0..self.model.elements(self.model.lines[line.0].dim);
                return Some(self.names(line, &all));
            }
            let value = show(self.model.lines[line.0].sort, self.run.value(line, tick, element));
            Some(format!("{value}  {}", self.name(line, element)))
        });
        match named {
            Some(named) => format!("{written}  {named}"),
            None => written,
        }
    }

    /// The value that the report holds in a cell and the engine's, when they differ.
    fn disagrees(&self, report: &Path, text: &str) -> Option<(f64, f64)> {
        let (sheet, cell) = text.rsplit_once('!')?;
        let (row, column) = parse(cell)?;
        let mut workbook: Xlsx<_> = open_workbook(report).ok()?;
        let range = workbook.worksheet_range(sheet.trim_matches('\'')).ok()?;
        let held = range.get_value((row, u32::from(column)))?.as_f64()?;
        let layouts = [ReportLang::En, ReportLang::Zh];
        let found = layouts.into_iter().find_map(|lang| {
            let layout = Layout::new(self.model, Labels::new(lang));
            let named =
                |topic: &Topic| layout.labels().sheet(topic.key()) == sheet.trim_matches('\'');
            layout.line_at(Topic::ALL.into_iter().find(named)?, row, column)
        });
        let (line, tick, element) = found?;
        let sort = self.model.lines[line.0].sort;
        let engine = crate::formula::cell_value(self.run.value(line, tick, element), sort);
        ((held - engine).abs() > 1e-9).then_some((held, engine))
    }

    fn input(&self, input: InputId) -> String {
        let given = &self.model.inputs[input.0];
        let value = show(given.sort, given.value);
        format!(
            "{}  {value}  {}\n",
            given.key,
            Words::input(&Spoken { explainer: self, element: 0 }, input)
        )
    }

    fn line(&self, layout: &Layout, id: LineId, tick: usize, element: usize) -> String {
        let line = &self.model.lines[id.0];
        let value = show(line.sort, self.run.value(id, tick, element));
        let date = self.model.date(line.axis, tick);
        let mut text = format!(
            "{}  {value}  {}, {date}\n",
            layout.cell(id, tick, element),
            self.name(id, element)
        );
        text += &format!("  {}  {}\n", self.word("line", "行"), line.key);
        text += &self.formula(layout, id, tick, element);
        for operand in self.model.operands(id, tick, element) {
            text += &format!("    {}\n", self.operand(layout, &operand));
        }
        text += &self.posting(id, tick);
        text += &self.clause(id);
        if line.dim == Dim::Offer {
            text += &self.offered(element);
        }
        text += &self.trail(layout, id, tick, element);
        text
    }

    fn formula(&self, layout: &Layout, id: LineId, tick: usize, element: usize) -> String {
        let line = &self.model.lines[id.0];
        let formula = match (&line.rule, &line.closing, tick) {
            (_, crate::model::Closing::Formula(formula), 0) | (Rule::Formula(formula), _, 1..) => {
                formula
            }
            (Rule::Given { input: true, .. }, ..) => {
                return format!(
                    "  {}\n",
                    self.word(
                        "an input: change it in the deal or assumptions file",
                        "输入值: 在交易文件或假设文件中修改"
                    )
                );
            }
            _ => {
                return format!(
                    "  {}\n",
                    self.word("recorded from the tape and the calendar", "取自资产明细与日历")
                );
            }
        };
        let words = Spoken { explainer: self, element };
        let prose = formula.prose(&words);
        let excel = formula.excel(&layout.from(id, tick, element));
        let is = self.word("is", "为");
        format!("  {is}  {prose}\n      ={excel}\n")
    }

    fn operand(&self, layout: &Layout, operand: &Operand) -> String {
        let line = &self.model.lines[operand.line.0];
        let sum: i64 = operand
            .ticks
            .clone()
            .flat_map(|tick| operand.elements.clone().map(move |element| (tick, element)))
            .map(|(tick, element)| self.run.value(operand.line, tick, element))
            .sum();
        let count = operand.ticks.len() * operand.elements.len();
        let name = self.names(operand.line, &operand.elements);
        if count == 0 {
            return format!("{:>18}  {name}", self.word("nothing", "无"));
        }
        let first = layout.cell(operand.line, operand.ticks.start, operand.elements.start);
        let cells = if count == 1 {
            first
        } else {
            let last = cell_name(
                layout.row(operand.line, operand.ticks.end - 1, operand.elements.end - 1),
                layout.spot(operand.line).column,
            );
            format!("Σ {first}:{last}")
        };
        format!("{:>18}  {name} ({cells})", show(line.sort, sum))
    }

    fn posting(&self, id: LineId, tick: usize) -> String {
        let postings = self.model.postings(self.run);
        let found = postings.iter().position(|posting| posting.line == id && posting.tick == tick);
        let Some(place) = found else { return String::new() };
        let movement = postings[place].movement;
        let labels = Labels::new(match self.lang {
            Lang::Zh => ReportLang::Zh,
            Lang::En => ReportLang::En,
        });
        let [from, to] = [movement.from, movement.to]
            .map(|account| account_name(&self.job.deal, labels, account));
        let number = place + 1;
        match self.lang {
            Lang::En => format!(
                "  posted  line {number} of the journal: {from} → {to}
"
            ),
            Lang::Zh => format!(
                "  记账  流水第 {number} 行: {from} → {to}
"
            ),
        }
    }

    fn clause(&self, id: LineId) -> String {
        let Some(step) = self.model.lines[id.0].step else { return String::new() };
        let clauses = crate::deal::clauses(&self.job.deal, self.lang);
        format!("  {}  {}\n", self.word("because", "依据"), clauses[step])
    }

    /// Down to the tape: the first plan cell behind a figure, and the rows that make it.
    fn trail(&self, layout: &Layout, id: LineId, tick: usize, element: usize) -> String {
        let mut text = String::new();
        let mut at = (id, tick, element);
        let mut steps = Vec::new();
        for _ in 0..12 {
            if self.model.lines[at.0.0].topic == Topic::Plan {
                break;
            }
            let Some(next) = self.towards_plan(at) else { break };
            steps.push(layout.cell(next.0, next.1, next.2));
            at = next;
        }
        if !steps.is_empty() {
            text += &format!(
                "  {}  {}\n",
                self.word("rests on, by one way down", "来源之一"),
                steps.join(" ← ")
            );
        }
        text + &self.rows(at)
    }

    /// The operand with a value that leads to the plan on the shortest way.
    fn towards_plan(
        &self,
        (id, tick, element): (LineId, usize, usize),
    ) -> Option<(LineId, usize, usize)> {
        let distances = self.distances();
        let mut operands = self.model.operands(id, tick, element);
        operands.sort_by_key(|operand| distances[operand.line.0]);
        operands.iter().filter(|operand| distances[operand.line.0] < usize::MAX).find_map(
            |operand| {
                let ticks = operand.ticks.clone();
                let spots = ticks
                    .flat_map(|tick| operand.elements.clone().map(move |element| (tick, element)));
                let mut spots = spots.map(|(tick, element)| (operand.line, tick, element));
                spots.find(|(line, tick, element)| {
                    *tick > 0 && self.run.value(*line, *tick, *element) != 0
                })
            },
        )
    }

    /// For every line the steps to the nearest line of the plan.
    fn distances(&self) -> Vec<usize> {
        let lines = &self.model.lines;
        let mut distances: Vec<usize> = lines
            .iter()
            .map(|line| if line.topic == Topic::Plan { 0 } else { usize::MAX })
            .collect();
        loop {
            let before = distances.clone();
            for (place, line) in lines.iter().enumerate() {
                let Rule::Formula(formula) = &line.rule else { continue };
                formula.reads(&mut |read, _| {
                    distances[place] = distances[place].min(before[read.0].saturating_add(1));
                });
            }
            if distances == before {
                return distances;
            }
        }
    }

    /// The receivables of a plan cell: how many, and the first of them with their tape rows.
    fn rows(&self, (id, tick, cohort): (LineId, usize, usize)) -> String {
        let line = &self.model.lines[id.0];
        if line.topic != Topic::Plan || line.dim != Dim::Cohort || tick == 0 {
            return String::new();
        }
        let pool = &self.job.pool;
        let (from, to) =
            (self.model.date(Axis::Months, tick - 1), self.model.date(Axis::Months, tick));
        if let Some(offer) = self.job.collateral.cohorts[cohort].bought {
            let name = self.model.offers[offer].name.in_lang(self.lang);
            let of =
                self.word("the plan of one unit of what is bought", "购入资产一个单位的还款计划");
            return format!("  {of}: {name}\n{}", self.offered(offer));
        }
        let members = self.job.collateral.members(pool, &self.job.assumptions);
        let mut shown = vec![vec![
            self.word("receivable", "借据").to_string(),
            self.word("tape", "明细位置").to_string(),
            self.word("due", "应还日").to_string(),
            self.word("principal", "本金").to_string(),
            self.word("interest", "利息").to_string(),
            self.word("fee", "手续费").to_string(),
        ]];
        let mut count = 0;
        let mut first = None;
        let all = pool.receivables.iter().zip(&members).enumerate();
        for (index, (receivable, _)) in all.filter(|(_, (_, member))| **member == cohort) {
            let tape = self.job.tapes.iter().find(|tape| tape.places.contains(&index));
            let tape = tape.expect("every receivable is of a tape");
            let (schedule, _) =
                crate::plan::remaining_schedule(receivable, pool.terms(receivable), pool.cutoff);
            let cutoff = receivable.cutoff(pool.cutoff);
            let due = schedule.iter().filter(|instalment| match instalment.arrears {
                true => from <= cutoff && cutoff < to,
                false => from < instalment.due && instalment.due <= to,
            });
            for instalment in due {
                count += 1;
                first = first.or(Some((tape, receivable.origin)));
                if count <= 5 {
                    shown.push(vec![
                        receivable.id.to_string(),
                        place(&tape.manifest, receivable.origin),
                        instalment.due.to_string(),
                        instalment.principal.grouped(),
                        instalment.interest.grouped(),
                        instalment.fee.grouped(),
                    ]);
                }
            }
        }
        let cells = first.map(|(tape, origin)| self.tape_cells(tape, origin)).unwrap_or_default();
        let table = tables::aligned(&shown);
        let table: String = table.lines().map(|line| format!("      {line}\n")).collect();
        match self.lang {
            Lang::En => {
                format!("  the plan is the sum of {count} instalments, of which\n{table}{cells}")
            }
            Lang::Zh => format!("  计划为 {count} 期应还的合计, 其中\n{table}{cells}"),
        }
    }

    /// The row of the list that an offer is, or the block of the assumptions that describes it.
    fn offered(&self, offer: usize) -> String {
        let OfferSize::Whole { candidate, .. } = self.model.offers[offer].size else {
            let assets = &self.job.assumptions.purchased;
            let Some(asset) = assets.get(offer) else { return String::new() };
            let of = self.word("described in", "见");
            return format!("  {of}  {} [[purchased]] {}\n", asset.origin.file, offer + 1);
        };
        let Some(list) = &self.job.candidates else { return String::new() };
        let receivable = &list.pool.receivables[candidate];
        let of = self.word("on offer in", "清单位置");
        format!("  {of}  {}  {}\n", place(&list.pool.manifest, receivable.origin), receivable.id)
    }

    /// The cells of a tape row as the tape writes them: `B2 客户号 U001`.
    fn tape_cells(&self, tape: &PoolTape, origin: RowOrigin) -> String {
        let cells = crate::tape::read_row(&tape.path, &tape.manifest, origin);
        let Ok(cells) = cells else { return String::new() };
        let cells = cells.iter().filter(|cell| !cell.text.is_empty()).map(|cell| {
            vec![format!("{}{}", cell.column, origin.row), cell.header.clone(), cell.text.clone()]
        });
        let table = tables::aligned(&cells.collect::<Vec<_>>());
        let table: String = table.lines().map(|line| format!("      {line}\n")).collect();
        format!(
            "  {}\n{table}",
            self.word("the first of them stands in the tape as", "其中第一笔在明细中为")
        )
    }

    fn name(&self, id: LineId, element: usize) -> String {
        let line = &self.model.lines[id.0];
        let part = labels::part(self.lang, line.part);
        let whose = match line.dim {
            Dim::One => line.subject.in_lang(self.lang),
            Dim::Cohort => self.model.cohorts[element].in_lang(self.lang),
            Dim::Segment => self.model.segments[element].in_lang(self.lang),
            Dim::Offer => self.model.offers[element].name.in_lang(self.lang),
        };
        if whose.is_empty() { part.to_string() } else { format!("{whose}: {part}") }
    }

    /// The name of a sum over elements: all of them are counted, some are named from the first to the
    /// last.
    fn names(&self, id: LineId, elements: &Range<usize>) -> String {
        let line = &self.model.lines[id.0];
        if elements.len() <= 1 {
            return self.name(id, elements.start);
        }
        let part = labels::part(self.lang, line.part);
        let count = elements.len();
        if count < self.model.elements(line.dim) {
            let (first, last) = (self.name(id, elements.start), self.name(id, elements.end - 1));
            return format!("{first} … {last}");
        }
        let whose = match line.dim {
            Dim::One => return self.name(id, elements.start),
            Dim::Cohort => self.word("cohorts", "个同质组"),
            Dim::Segment => self.word("segments", "个分段"),
            Dim::Offer => self.word("offers", "个可购资产"),
        };
        match self.lang {
            Lang::En => format!("all {count} {whose}: {part}"),
            Lang::Zh => format!("全部 {count} {whose}: {part}"),
        }
    }

    fn word<'b>(&self, en: &'b str, zh: &'b str) -> &'b str {
        if self.lang == Lang::Zh { zh } else { en }
    }
}

/// Names for prose.
struct Spoken<'a, 'b> {
    explainer: &'a Explainer<'b>,
    element: usize,
}

impl Words for Spoken<'_, '_> {
    fn lang(&self) -> Lang {
        self.explainer.lang
    }

    fn line(&self, line: LineId) -> String {
        let model = self.explainer.model;
        let element = self.element.min(model.elements(model.lines[line.0].dim) - 1);
        self.explainer.name(line, element)
    }

    fn whole(&self, line: LineId) -> String {
        labels::part(self.explainer.lang, self.explainer.model.lines[line.0].part).to_string()
    }

    fn part(&self, line: LineId, elements: Elements) -> String {
        let (model, lang) = (self.explainer.model, self.explainer.lang);
        let part = self.whole(line);
        let names = match model.lines[line.0].dim {
            Dim::Cohort => &model.cohorts[elements.range()],
            Dim::Segment => &model.segments[elements.range()],
            Dim::One | Dim::Offer => &[],
        };
        let names: Vec<&str> = names.iter().map(|name| name.in_lang(lang)).collect();
        match names.as_slice() {
            [] => part,
            [only] => format!("{part} ({only})"),
            [first, .., last] => format!("{part} ({first} … {last})"),
        }
    }

    fn input(&self, input: InputId) -> String {
        let input = &self.explainer.model.inputs[input.0];
        let part = labels::part(self.explainer.lang, input.part);
        let subject = input.subject.in_lang(self.explainer.lang);
        let value = show(input.sort, input.value);
        if subject.is_empty() {
            format!("{part} {value}")
        } else {
            format!("{subject}: {part} {value}")
        }
    }

    fn element(&self) -> usize {
        self.element
    }
}

fn show(sort: Sort, value: i64) -> String {
    match sort {
        Sort::Amount => Amount::from_minor(value).grouped(),
        Sort::Rate => Rate::from_parts(value).percent(),
        Sort::Number | Sort::Flag => value.to_string(),
        Sort::Date => crate::model::day(value).map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// `K8` or `$K$8` as row and column from 0.
fn parse(cell: &str) -> Option<(u32, u16)> {
    let cell = cell.replace('$', "").to_uppercase();
    let letters: String = cell.chars().take_while(char::is_ascii_uppercase).collect();
    let row: u32 = cell[letters.len()..].parse().ok()?;
    let column = letters.chars().try_fold(0_u32, |column, letter| {
        column.checked_mul(26)?.checked_add(u32::from(letter) - u32::from('A') + 1)
    })?;
    Some((row.checked_sub(1)?, u16::try_from(column.checked_sub(1)?).ok()?))
}
