//! A deal under many stresses: what each tranche gets, and how much default it bears.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::{Error, Job, Migrated, files};
use crate::analytics::of_tranche;
use crate::assumptions::{Assumptions, Scenario, Segment, Stress};
use crate::config::Text;
use crate::deal::Deal;
use crate::finding::{Checked, Finding, Origin, Severity};
use crate::model::{Axis, Collateral, Inputs, Model, Run};
use crate::money::{Amount, Rate};
use crate::report::{
    Labels, Layout, Manifest, ReportLang, StressFigures, StressLine, Workbook, stress_sheet,
};

/// What a tranche gets under a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The tranche, by place.
    pub tranche: usize,
    /// Whether all interest and principal are paid by the last date.
    pub paid_in_full: bool,
    /// Interest that is never paid.
    pub interest_short: Amount,
    /// Principal that is never paid.
    pub principal_short: Amount,
    /// The first date with unpaid interest, or the last date when principal is left.
    pub first_short: Option<NaiveDate>,
    /// The least of (pool, with what the date bought, + cash carried) ÷ balances of this tranche and those above it, after each
    /// payment while there is a balance.
    pub least_coverage: Option<f64>,
    /// Weighted average life in years.
    pub wal: Option<f64>,
    /// Yield at the issue price.
    pub yield_: Option<f64>,
    /// Interest, principal and remainder paid.
    pub paid: [Amount; 3],
}

/// A scenario with its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioOutcome {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Text,
    /// Defaults to the last month, of the pool at cut-off.
    pub cdr: Rate,
    /// By tranche.
    pub rows: Vec<Row>,
}

/// The most default that a tranche bears.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakEven {
    /// The tranche, by place.
    pub tranche: usize,
    /// The highest multiple of the default rates under which it is paid in full, below the first
    /// under which it is not; `None` when it is not paid even without default.
    pub multiple: Option<Rate>,
    /// Defaults of the pool under that multiple.
    pub cdr: Option<Rate>,
    /// Less defaults under multiple 1: the cushion, negative when the base case is not borne.
    pub cushion: Option<Rate>,
    /// Whether no multiple was found that breaks it.
    pub never_breaks: bool,
    /// Whether it is paid again under some multiple above the break.
    pub pays_again: bool,
}

/// A grid of scenarios.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// The scenarios: the live one first.
    pub scenarios: Vec<ScenarioOutcome>,
    /// By tranche that is not subordinated; empty when there are no default rates.
    pub break_even: Vec<BreakEven>,
}

impl Job {
    /// Reads a file of scenarios and checks it against the assumptions.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn scenarios(&self, path: &Path) -> Result<Checked<Option<Vec<Scenario>>>, Error> {
        let text = files::text(path, "scenario_file", &mut Manifest::default())?;
        let (scenarios, mut findings) = Scenario::from_toml(&files::name(path), &text).into_parts();
        for scenario in &scenarios {
            findings.extend(scenario.stress.misfits(&self.assumptions));
            let stressed = scenario.stress.on(&self.assumptions);
            if stressed.holiday != self.assumptions.holiday {
                let calm = Assumptions { holiday: None, ..self.assumptions.clone() };
                let calm = self.with_assumptions(calm).collateral;
                let origin = scenario.stress.origin.clone();
                findings.extend(pushed_out(&calm, &stressed, &self.deal, origin));
            }
        }
        let refused = findings.iter().any(|finding| finding.severity() == Severity::Error);
        Ok(Checked::new((!refused).then_some(scenarios), findings))
    }

    /// The model under other assumptions; the pool is summed anew only where cohorts change.
    fn model_under(&self, assumptions: Assumptions) -> Model {
        let aged = |assumptions: &Assumptions| -> Vec<bool> {
            assumptions.segments.iter().map(Segment::needs_age).collect()
        };
        let same = aged(&assumptions) == aged(&self.assumptions)
            && assumptions.holiday == self.assumptions.holiday;
        if same {
            Model::from_deal(&self.deal, &self.collateral, &assumptions)
        } else {
            self.with_assumptions(assumptions).model()
        }
    }

    /// The live scenario and each of some others, and the break-even of each tranche.
    pub fn grid(&self, scenarios: &[Scenario]) -> Grid {
        let live = Text { zh: "基准".to_string(), en: "as assumed".to_string() };
        let mut outcomes = vec![self.under("base", &live, &self.model())];
        for scenario in scenarios {
            let model = self.model_under(scenario.stress.on(&self.assumptions));
            outcomes.push(self.under(&scenario.id, &scenario.name, &model));
        }
        Grid { break_even: self.break_evens(outcomes[0].cdr), scenarios: outcomes }
    }

    /// The deal with the worst pool that its revolving period may end with.
    pub fn under_migrated(&self, migrated: &Migrated) -> ScenarioOutcome {
        let name =
            Text { zh: "最差迁移池".to_string(), en: "worst migrated pool".to_string() };
        let job = self.with_assumptions(migrated.assumptions.clone());
        job.under("migrated", &name, &job.model())
    }

    fn under(&self, id: &str, name: &Text, model: &Model) -> ScenarioOutcome {
        let run = model.run(&Inputs::of(model));
        let row = |tranche| self.row(model, &run, tranche);
        ScenarioOutcome {
            id: id.to_string(),
            name: name.clone(),
            cdr: self.cdr(model, &run),
            rows: (0..self.deal.tranches.len()).map(row).collect(),
        }
    }

    /// Defaults to the last month over the pool at cut-off, to 12 places.
    fn cdr(&self, model: &Model, run: &Run) -> Rate {
        let line = model.line("pool.cumulative_default").expect("every model has it");
        let defaulted = run.amount(line, model.timeline.len(Axis::Months));
        let pool = self.collateral.outstanding();
        if pool == Amount::ZERO {
            return Rate::ZERO;
        }
        let one = i128::from(Rate::ONE.parts());
        let part = i128::from(defaulted.minor()) * one;
        let rounding = crate::money::Rounding::HalfUp;
        Rate::from_parts(crate::money::divide(part, i128::from(pool.minor()), rounding))
    }

    fn row(&self, model: &Model, run: &Run, place: usize) -> Row {
        let deal = &self.deal;
        let measures = of_tranche(deal, model, run, place);
        let last = model.timeline.len(Axis::Payments);
        let unpaid = model.line(&format!("tranche.{}.unpaid", deal.tranches[place].id));
        let at = |tick: usize| unpaid.map_or(Amount::ZERO, |line| run.amount(line, tick));
        let first = (1..=last).find(|tick| at(*tick) > Amount::ZERO);
        let short = measures.short > Amount::ZERO;
        let first = first.or(short.then_some(last));
        Row {
            tranche: place,
            paid_in_full: at(last) == Amount::ZERO && !short,
            interest_short: at(last),
            principal_short: measures.short,
            first_short: first.map(|tick| model.date(Axis::Payments, tick)),
            least_coverage: self.least_coverage(model, run, place),
            wal: measures.wal,
            yield_: measures.xirr,
            paid: measures.paid,
        }
    }

    fn least_coverage(&self, model: &Model, run: &Run, place: usize) -> Option<f64> {
        let line = |key: &str| model.line(key).expect("every model has it");
        let held = line("report.pool_and_cash");
        let balances: Vec<_> = self.deal.tranches[..=place]
            .iter()
            .map(|tranche| line(&format!("tranche.{}.closing_balance", tranche.id)))
            .collect();
        let coverage = |tick: usize| {
            let owed: Amount = balances.iter().map(|line| run.amount(*line, tick)).sum();
            (owed > Amount::ZERO).then(|| run.amount(held, tick).to_f64() / owed.to_f64())
        };
        (1..=model.timeline.len(Axis::Payments)).filter_map(coverage).reduce(f64::min)
    }

    /// The break-even of each tranche that is not subordinated.
    fn break_evens(&self, base: Rate) -> Vec<BreakEven> {
        if base == Rate::ZERO || !self.assumptions.have_default_rates() {
            return Vec::new();
        }
        let mut search = Search { job: self, known: BTreeMap::new() };
        let seniors = self.deal.tranches.iter().enumerate().filter(|(_, t)| !t.subordinated);
        seniors.map(|(place, _)| search.of(place, base)).collect()
    }

    /// The report of the live run with the grid as a sheet of its own, after the cash flows.
    pub fn stress_workbook(&self, grid: &Grid, lang: ReportLang) -> Workbook {
        let model = self.model();
        let inputs = Inputs::of(&model);
        let run = model.run(&inputs);
        let mut workbook = self.workbook(&model, &inputs, &run, lang);
        let layout = Layout::new(&model, Labels::new(lang));
        let lines = grid.scenarios.iter().flat_map(|scenario| {
            scenario.rows.iter().map(|row| StressLine {
                scenario: scenario.name.clone(),
                cdr: scenario.cdr,
                tranche: row.tranche,
                paid_in_full: row.paid_in_full,
                short: [row.interest_short, row.principal_short],
                first_short: row.first_short,
                figures: [row.least_coverage, row.wal, row.yield_],
                paid: row.paid,
            })
        });
        let break_even = grid.break_even.iter().map(|found| {
            let rates = [found.multiple, found.cdr, found.cushion];
            (found.tranche, rates, found.never_breaks, found.pays_again)
        });
        let figures = StressFigures { lines: lines.collect(), break_even: break_even.collect() };
        let after = workbook.sheets.len().min(3);
        workbook.sheets.insert(after, stress_sheet(&layout, &self.deal, &figures));
        workbook
    }
}

/// Runs by multiple, each once.
struct Search<'a> {
    job: &'a Job,
    known: BTreeMap<Rate, (Rate, Vec<bool>)>,
}

impl Search<'_> {
    /// A break is looked for up to this multiple.
    const MOST: i64 = 1024;
    /// Points between no default and the first multiple that breaks.
    const POINTS: i64 = 32;
    /// 0.0001 % of the pool.
    const NEAR: i64 = 1_000_000;

    /// Defaults and whether each tranche is paid in full, under a multiple of the default rates.
    fn at(&mut self, multiple: Rate) -> &(Rate, Vec<bool>) {
        let job = self.job;
        self.known.entry(multiple).or_insert_with(|| {
            let stress = Stress { default_multiple: multiple, ..Stress::default() };
            let model = job.model_under(stress.on(&job.assumptions));
            let run = model.run(&Inputs::of(&model));
            let paid = |place| job.row(&model, &run, place).paid_in_full;
            (job.cdr(&model, &run), (0..job.deal.tranches.len()).map(paid).collect())
        })
    }

    fn of(&mut self, tranche: usize, base: Rate) -> BreakEven {
        let whole = |multiple: i64| Rate::from_parts(multiple * Rate::ONE.parts());
        let found = |multiple: Option<Rate>, cdr: Option<Rate>| BreakEven {
            tranche,
            multiple,
            cdr,
            cushion: cdr.map(|cdr| Rate::from_parts(cdr.parts() - base.parts())),
            never_breaks: false,
            pays_again: false,
        };
        if !self.at(Rate::ZERO).1[tranche] {
            return found(None, None);
        }
        let mut most = 1;
        while most < Search::MOST && self.at(whole(most)).1[tranche] {
            most *= 2;
        }
        let top = whole(most);
        // Some multiple between may break what the highest does not.
        let points: Vec<Rate> = (0..=Search::POINTS)
            .map(|point| Rate::from_parts(top.parts() / Search::POINTS * point))
            .collect();
        let paid: Vec<bool> = points.iter().map(|point| self.at(*point).1[tranche]).collect();
        let Some(first) = paid.iter().position(|paid| !paid) else {
            let cdr = self.at(top).0;
            return BreakEven { never_breaks: true, ..found(Some(top), Some(cdr)) };
        };
        let (mut low, mut high) = (points[first - 1], points[first]);
        while high.parts() - low.parts() > 1
            && self.at(high).0.parts() - self.at(low).0.parts() > Search::NEAR
        {
            let middle = Rate::from_parts(low.parts().midpoint(high.parts()));
            if self.at(middle).1[tranche] {
                low = middle;
            } else {
                high = middle;
            }
        }
        let cdr = self.at(low).0;
        let pays_again = paid[first..].iter().any(|paid| *paid);
        BreakEven { pays_again, ..found(Some(low), Some(cdr)) }
    }
}

/// What a holiday pushes beyond the last collection month of the deal, where nobody collects it
/// (A0304): the contract cash of as many months before its end.
pub(super) fn pushed_out(
    collateral: &Collateral,
    assumptions: &Assumptions,
    deal: &Deal,
    origin: Origin,
) -> Option<Finding> {
    let holiday = assumptions.holiday.filter(|holiday| holiday.months > 0)?;
    let [before, months] = [holiday.start - 1, holiday.months]
        .map(|months| usize::try_from(months).expect("months are few"));
    let horizon = deal.schedule.collection_ends.len();
    let first = before.max(horizon.saturating_sub(months));
    let late = |cash: &[Amount]| -> Amount { cash.iter().take(horizon).skip(first).copied().sum() };
    let own = || collateral.cohorts.iter().filter(|cohort| cohort.bought.is_none());
    let principal: Amount = own().map(|cohort| late(&cohort.principal)).sum();
    let charges: Amount = own().map(|cohort| late(&cohort.interest) + late(&cohort.fee)).sum();
    if principal + charges == Amount::ZERO {
        return None;
    }
    let last = deal.schedule.collection_ends.last()?;
    let finding = Finding::new("A0304", origin).with("months", holiday.months);
    let finding = finding.with("principal", principal.grouped()).with("date", last);
    Some(finding.with("charges", charges.grouped()))
}

/// The contract cash of a pool whose obligors have a holiday: nothing falls due in the window, and
/// all that would have comes as many months later.
pub(super) fn postponed(mut collateral: Collateral, assumptions: &Assumptions) -> Collateral {
    let Some(holiday) = assumptions.holiday.filter(|holiday| holiday.months > 0) else {
        return collateral;
    };
    let [before, months] = [holiday.start - 1, holiday.months]
        .map(|months| usize::try_from(months).expect("months are few"));
    let own = collateral.cohorts.iter_mut().filter(|cohort| cohort.bought.is_none());
    for cohort in own {
        for cash in [&mut cohort.principal, &mut cohort.interest, &mut cohort.fee] {
            if before < cash.len() {
                cash.splice(before..before, std::iter::repeat_n(Amount::ZERO, months));
            }
        }
    }
    collateral
}
