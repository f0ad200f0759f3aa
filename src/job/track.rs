//! What came against what was to come, month by month, and the rest of the forecast scaled to it.
//!
//! ```text
//! A/E      = Σ actual ÷ Σ expected, over the months that are known
//! factor   = 1 + credibility · (A/E − 1)
//! rest     = expected · factor, in the months that are not known yet
//! band     = amber, red when A/E is that far off on the adverse side
//! ```
//!
//! Adverse is more default, less cash, and any other speed of prepayment.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::{Error, Job};
use crate::assumptions::Segment;
use crate::finding::{Checked, Finding, Origin, Severity, fold};
use crate::model::{Axis, Inputs};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::report::{
    Labels, Layout, ReportLang, TrackLine, TrackRow, TrackTerms, Workbook, track_sheet,
};
use crate::static_pool::{Measure, Options, StaticPool, read};

/// A ratio of actual to expected beyond this says no more.
const RATIO_MOST: Rate = Rate::from_parts(1000 * Rate::ONE.parts());

/// Which side of a forecast is adverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adverse {
    /// More than expected.
    Above,
    /// Less than expected.
    Below,
    /// Either.
    Both,
}

/// A flow that is tracked: its key, the line of the model, what the servicer calls it.
struct Kind {
    key: &'static str,
    lines: &'static [&'static str],
    measures: &'static [Measure],
    adverse: Adverse,
}

const KINDS: [Kind; 6] = [
    Kind {
        key: "default",
        lines: &["pool.default"],
        measures: &[Measure::NewDefault],
        adverse: Adverse::Above,
    },
    Kind {
        key: "scheduled",
        lines: &["pool.scheduled", "pool.arrears_principal"],
        measures: &[Measure::Scheduled],
        adverse: Adverse::Below,
    },
    Kind {
        key: "prepaid",
        lines: &["pool.prepaid"],
        measures: &[Measure::Prepaid],
        adverse: Adverse::Both,
    },
    Kind {
        key: "charges",
        lines: &[
            "pool.interest",
            "pool.fee",
            "pool.early_charges",
            "pool.arrears_interest",
            "pool.arrears_fee",
            "pool.late_fee",
        ],
        measures: &[Measure::Interest],
        adverse: Adverse::Below,
    },
    Kind {
        key: "recovered",
        lines: &["pool.recovered", "pool.disposed"],
        measures: &[Measure::Recovery],
        adverse: Adverse::Below,
    },
    Kind {
        key: "cash",
        lines: &[
            "pool.scheduled",
            "pool.prepaid",
            "pool.interest",
            "pool.fee",
            "pool.early_charges",
            "pool.arrears_principal",
            "pool.arrears_interest",
            "pool.arrears_fee",
            "pool.late_fee",
            "pool.recovered",
            "pool.disposed",
        ],
        measures: &[Measure::Scheduled, Measure::Prepaid, Measure::Interest, Measure::Recovery],
        adverse: Adverse::Below,
    },
];

/// Thresholds and credibility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    /// Somebody should look.
    pub amber: Rate,
    /// Somebody must act.
    pub red: Rate,
    /// How much of the deviation the rest of the forecast takes over.
    pub credibility: Rate,
}

/// How far off a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// Within the amber threshold.
    Green,
    /// At or beyond amber.
    Amber,
    /// At or beyond red.
    Red,
}

impl Band {
    /// The name in figures.
    pub fn name(self) -> &'static str {
        match self {
            Band::Green => "green",
            Band::Amber => "amber",
            Band::Red => "red",
        }
    }
}

/// One month of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedMonth {
    /// The end of the month.
    pub date: NaiveDate,
    /// What the forecast says.
    pub expected: Amount,
    /// What came; `None` when it is not known yet.
    pub actual: Option<Amount>,
    /// Expected and actual of the known months so far.
    pub so_far: [Amount; 2],
    /// Actual ÷ expected so far; 1 when nothing was to come.
    pub actual_to_expected: Rate,
    /// The band of a known month.
    pub band: Option<Band>,
    /// What came, or what is to come now.
    pub forecast: Amount,
}

/// A flow over all months.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedFlow {
    /// Its key: `default`, `scheduled`, `prepaid`, `charges`, `recovered`, `cash`.
    pub key: &'static str,
    /// The adverse side.
    pub adverse: Adverse,
    /// The months of the deal.
    pub months: Vec<TrackedMonth>,
    /// What the rest is multiplied by.
    pub factor: Rate,
}

impl TrackedFlow {
    /// The last known month.
    pub fn latest(&self) -> Option<&TrackedMonth> {
        self.months.iter().rev().find(|month| month.actual.is_some())
    }
}

/// Actual against forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracking {
    /// The thresholds.
    pub bands: Bands,
    /// The flows that the servicer states.
    pub flows: Vec<TrackedFlow>,
}

impl Job {
    /// Reads a servicer's months and sets them against the forecast. `None` when a finding forbids
    /// it: no month in common (V0131). Months outside the deal are left out (V0130). Where there are
    /// credit lines, the table must be of the trust's part of them (A0282); where the deal buys, the
    /// rest is not bought anew (A0283).
    ///
    /// # Errors
    ///
    /// When the table cannot be read at all.
    pub fn track(&self, actual: &Path, bands: Bands) -> Result<Checked<Option<Tracking>>, Error> {
        let (pool, mut findings) = read(actual, &Options::default())?.into_parts();
        let Some(pool) = pool else { return Ok(Checked::new(None, findings)) };
        let actuals = Actuals::of(&pool);
        let model = self.model();
        let dates = &model.timeline.dates(Axis::Months)[1..];
        findings.extend(self.about_tracking(&pool.file));
        for date in actuals.months.keys().filter(|date| !dates.contains(date)) {
            let finding = Finding::new("V0130", Origin::file(&pool.file)).with("date", date);
            let (first, last) = (dates.first(), dates.last());
            let shown = |date: Option<&NaiveDate>| date.map_or(String::new(), ToString::to_string);
            findings.push(finding.with("first", shown(first)).with("last", shown(last)));
        }
        if !actuals.months.keys().any(|date| dates.contains(date)) {
            findings.retain(|finding| finding.code != "V0130");
            let finding = Finding::new("V0131", Origin::file(&pool.file));
            findings.push(finding.with("first", dates.first().copied().unwrap_or_default()));
        }
        let findings = fold(findings, 5);
        if findings.iter().any(|finding| finding.severity() == Severity::Error) {
            return Ok(Checked::new(None, findings));
        }
        let run = model.run(&Inputs::of(&model));
        let expected = |kind: &Kind, month: usize| -> Amount {
            let lines = kind.lines.iter().filter_map(|key| model.line(key));
            let sum: Amount = lines.map(|line| run.amount(line, month)).sum();
            // What is in default at the cut-off date is no new default of any month.
            if kind.key == "default" { sum - self.in_default(month) } else { sum }
        };
        let flows = KINDS.iter().filter_map(|kind| {
            let known = |date: &NaiveDate| actuals.sum(*date, kind.measures);
            let months = dates.iter().zip(1..);
            let months = months.map(|(date, month)| (*date, expected(kind, month), known(date)));
            flow(kind, months.collect(), bands)
        });
        Ok(Checked::new(Some(Tracking { bands, flows: flows.collect() }), findings))
    }

    /// What counts as the default of a month, but was in default when it joined the pool.
    fn in_default(&self, month: usize) -> Amount {
        let own = self.collateral.cohorts.iter().filter(|cohort| {
            let is_defaulted = self.assumptions.segments[cohort.segment].defaulted;
            is_defaulted && cohort.bought.is_none() && cohort.joins.unwrap_or(1) == month
        });
        own.map(|cohort| cohort.outstanding).sum()
    }

    /// What a table of actuals means for this deal.
    fn about_tracking(&self, file: &str) -> impl Iterator<Item = Finding> {
        let lines = self.assumptions.segments.iter().any(Segment::revolves);
        let buys = !self.collateral.offers.is_empty() || lines && self.deal.purchase.is_some();
        let told = [("A0282", lines), ("A0283", buys)].into_iter().filter(|(_, holds)| *holds);
        let origin = Origin::file(file);
        told.map(move |(code, _)| Finding::new(code, origin.clone()))
    }

    /// The report of the forecast with the tracking as a sheet of its own, after the cash flows.
    pub fn track_workbook(&self, tracking: &Tracking, lang: ReportLang) -> Workbook {
        let model = self.model();
        let inputs = Inputs::of(&model);
        let run = model.run(&inputs);
        let mut workbook = self.workbook(&model, &inputs, &run, lang);
        let layout = Layout::new(&model, Labels::new(lang));
        let bands = tracking.bands;
        let terms =
            TrackTerms { amber: bands.amber, red: bands.red, credibility: bands.credibility };
        let line = |flow: &TrackedFlow| TrackLine {
            key: flow.key,
            adverse: match flow.adverse {
                Adverse::Above => [true, false],
                Adverse::Below => [false, true],
                Adverse::Both => [true, true],
            },
            factor: flow.factor,
            rows: flow
                .months
                .iter()
                .map(|month| TrackRow {
                    date: month.date,
                    expected: month.expected,
                    actual: month.actual,
                    so_far: month.so_far,
                    ratio: month.actual_to_expected,
                    band: month.band.map(Band::name),
                    forecast: month.forecast,
                })
                .collect(),
        };
        let lines: Vec<TrackLine> = tracking.flows.iter().map(line).collect();
        let after = workbook.sheets.len().min(3);
        workbook.sheets.insert(after, track_sheet(&layout, terms, &lines));
        workbook
    }
}

/// Amounts by month, over all vintages.
struct Actuals {
    months: BTreeMap<NaiveDate, BTreeMap<Measure, Amount>>,
}

impl Actuals {
    fn of(pool: &StaticPool) -> Actuals {
        let mut months: BTreeMap<NaiveDate, BTreeMap<Measure, Amount>> = BTreeMap::new();
        for vintage in &pool.vintages {
            for month in vintage.months.values() {
                let sums = months.entry(month.date).or_default();
                for (measure, _) in Measure::ALL {
                    let stated = match measure {
                        Measure::NewDefault => vintage.new_default(month.mob),
                        other => month.get(other),
                    };
                    if let Some(amount) = stated {
                        *sums.entry(measure).or_default() += amount;
                    }
                }
            }
        }
        Actuals { months }
    }

    /// The sum of some measures, when each is stated.
    fn sum(&self, date: NaiveDate, measures: &[Measure]) -> Option<Amount> {
        let month = self.months.get(&date)?;
        let mut all = measures.iter().map(|measure| month.get(measure).copied());
        all.try_fold(Amount::ZERO, |sum, amount| Some(sum + amount?))
    }
}

/// A flow of which some month is known.
fn flow(
    kind: &Kind,
    months: Vec<(NaiveDate, Amount, Option<Amount>)>,
    bands: Bands,
) -> Option<TrackedFlow> {
    months.iter().find(|(.., actual)| actual.is_some())?;
    let mut so_far = [Amount::ZERO; 2];
    let mut ratio = Rate::ONE;
    let mut tracked = Vec::new();
    for (date, expected, actual) in months {
        let band = actual.map(|actual| {
            so_far = [so_far[0] + expected, so_far[1] + actual];
            ratio = actual_to_expected(so_far);
            band(kind.adverse, so_far, bands)
        });
        let forecast = actual.unwrap_or(expected);
        tracked.push(TrackedMonth {
            date,
            expected,
            actual,
            so_far,
            actual_to_expected: ratio,
            band,
            forecast,
        });
    }
    let off = i128::from(ratio.parts() - Rate::ONE.parts());
    let one = i128::from(Rate::ONE.parts());
    let taken = off * i128::from(bands.credibility.parts());
    let factor = Rate::from_parts(divide(one * one + taken, one, Rounding::HalfUp));
    let last = tracked.iter().rposition(|month| month.actual.is_some())?;
    for month in &mut tracked[last + 1..] {
        month.forecast = month.expected.at(factor);
    }
    Some(TrackedFlow { key: kind.key, adverse: kind.adverse, months: tracked, factor })
}

/// To 12 places and at most 1000; 1 when nothing was to come.
fn actual_to_expected([expected, actual]: [Amount; 2]) -> Rate {
    if expected == Amount::ZERO {
        return Rate::ONE;
    }
    let part = i128::from(actual.minor()) * i128::from(Rate::ONE.parts());
    let whole = i128::from(expected.minor());
    if part / whole >= i128::from(RATIO_MOST.parts()) {
        return RATIO_MOST;
    }
    Rate::from_parts(divide(part, whole, Rounding::HalfUp))
}

/// Where nothing was to come, anything that is adverse above is red.
fn band(adverse: Adverse, so_far: [Amount; 2], bands: Bands) -> Band {
    if so_far[0] == Amount::ZERO && so_far[1] > Amount::ZERO && adverse != Adverse::Below {
        return Band::Red;
    }
    let above = actual_to_expected(so_far).parts() - Rate::ONE.parts();
    let off = match adverse {
        Adverse::Above => above,
        Adverse::Below => -above,
        Adverse::Both => above.abs(),
    };
    if off >= bands.red.parts() {
        Band::Red
    } else if off >= bands.amber.parts() {
        Band::Amber
    } else {
        Band::Green
    }
}
