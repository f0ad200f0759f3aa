//! Ratios on all bases side by side, each with its numerator, its denominators and its date.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Measure, Month, StaticPool, Vintage, ratio};
use crate::money::Amount;

/// What a ratio counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Defaults of the month.
    NewDefault,
    /// Defaults since origination.
    CumDefault,
    /// More than 30 days past due at the end of the month.
    Over30,
    /// More than 60 days.
    Over60,
    /// More than 90 days.
    Over90,
    /// Prepaid in the month.
    Prepaid,
    /// Recovered since origination.
    CumRecovery,
}

impl Figure {
    /// All figures, in order.
    pub const ALL: [Figure; 7] = [
        Figure::NewDefault,
        Figure::CumDefault,
        Figure::Over30,
        Figure::Over60,
        Figure::Over90,
        Figure::Prepaid,
        Figure::CumRecovery,
    ];

    /// The name in JSON and labels.
    pub fn name(self) -> &'static str {
        match self {
            Figure::NewDefault => "new_default",
            Figure::CumDefault => "cum_default",
            Figure::Over30 => "over_30",
            Figure::Over60 => "over_60",
            Figure::Over90 => "over_90",
            Figure::Prepaid => "prepaid",
            Figure::CumRecovery => "cum_recovery",
        }
    }

    fn of(self, vintage: &Vintage, month: &Month) -> Option<Amount> {
        match self {
            Figure::NewDefault => vintage.new_default(month.mob),
            Figure::CumDefault => vintage.cum_default(month.mob),
            Figure::Over30 => month.past_due(1),
            Figure::Over60 => month.past_due(2),
            Figure::Over90 => month.past_due(3),
            Figure::Prepaid => month.get(Measure::Prepaid),
            Figure::CumRecovery => vintage.cum_recovery(month.mob),
        }
    }
}

/// What a ratio is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// The amount lent: for a month of the whole pool, by the vintages that were its beginning.
    Original,
    /// The balance at the start of the month.
    Opening,
    /// The balance at its end.
    Closing,
    /// Everything lent to date: for one vintage the amount lent.
    EverToDate,
    /// Defaults since origination, for recoveries.
    Defaulted,
    /// The opening balance less what was scheduled, for prepayment (SMM).
    AfterSchedule,
}

impl Base {
    /// All bases, in order.
    pub const ALL: [Base; 6] = [
        Base::Original,
        Base::Opening,
        Base::Closing,
        Base::EverToDate,
        Base::Defaulted,
        Base::AfterSchedule,
    ];

    /// The name in JSON and labels.
    pub fn name(self) -> &'static str {
        match self {
            Base::Original => "original",
            Base::Opening => "opening",
            Base::Closing => "closing",
            Base::EverToDate => "ever_to_date",
            Base::Defaulted => "defaulted",
            Base::AfterSchedule => "after_schedule",
        }
    }
}

/// One amount over each base that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratio {
    /// What is counted.
    pub figure: Figure,
    /// The vintage, or nothing for the pool of a month.
    pub vintage: Option<String>,
    /// Its age; nothing for the pool of a month.
    pub mob: Option<u32>,
    /// The last day of the month.
    pub date: NaiveDate,
    /// The amount.
    pub numerator: Amount,
    /// The bases with their amounts.
    pub bases: Vec<(Base, Amount)>,
}

impl Ratio {
    /// The ratio on a base, to 12 places; `None` without the base, or when it is nothing.
    pub fn on(&self, base: Base) -> Option<f64> {
        let (_, whole) = self.bases.iter().find(|(known, _)| *known == base)?;
        ratio(self.numerator, *whole)
    }
}

/// All ratios of a static pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ratios {
    /// By vintage and age: the static view.
    pub by_age: Vec<Ratio>,
    /// Of all vintages together, by month: the dynamic view. Its ratios fall while lending grows.
    pub by_month: Vec<Ratio>,
}

/// The amounts behind the ratios of one vintage at one age, or of a month.
#[derive(Clone, Debug, Default)]
struct Sum {
    figures: BTreeMap<Figure, Amount>,
    bases: BTreeMap<Base, Amount>,
}

impl Sum {
    fn of(vintage: &Vintage, month: &Month) -> Sum {
        let figures = Figure::ALL
            .iter()
            .filter_map(|figure| figure.of(vintage, month).map(|amount| (*figure, amount)));
        let opening = vintage.opening(month.mob);
        let after = opening.zip(month.get(Measure::Scheduled));
        let bases = [
            (Base::Original, Some(vintage.original)),
            (Base::Opening, opening),
            (Base::Closing, month.get(Measure::BalanceEnd)),
            (Base::EverToDate, Some(vintage.original)),
            (Base::Defaulted, vintage.cum_default(month.mob)),
            (Base::AfterSchedule, after.map(|(opening, scheduled)| opening - scheduled)),
        ];
        let bases = bases.into_iter().filter_map(|(base, amount)| Some((base, amount?)));
        Sum { figures: figures.collect(), bases: bases.collect() }
    }

    fn add(&mut self, other: &Sum) {
        for (figure, amount) in &other.figures {
            *self.figures.entry(*figure).or_default() += *amount;
        }
        for (base, amount) in &other.bases {
            *self.bases.entry(*base).or_default() += *amount;
        }
    }

    fn ratios(&self, vintage: Option<String>, mob: Option<u32>, date: NaiveDate) -> Vec<Ratio> {
        let fits = |figure: Figure, base: Base| match base {
            Base::Defaulted => figure == Figure::CumRecovery,
            Base::AfterSchedule => figure == Figure::Prepaid,
            Base::Original | Base::Opening | Base::Closing | Base::EverToDate => true,
        };
        let of = |(figure, amount): (&Figure, &Amount)| Ratio {
            figure: *figure,
            vintage: vintage.clone(),
            mob,
            date,
            numerator: *amount,
            bases: self
                .bases
                .iter()
                .filter(|(base, _)| fits(*figure, **base))
                .map(|(base, amount)| (*base, *amount))
                .collect(),
        };
        self.figures.iter().map(of).collect()
    }
}

impl Ratios {
    /// All ratios of a static pool, by vintage and age, and of all vintages by month.
    ///
    /// In a month of the whole pool the original amount is what the vintages of the first month lent,
    /// and everything to date what all vintages lent by then: the denominators of a pool that was
    /// sold once and of one that goes on buying.
    pub fn of(pool: &StaticPool) -> Ratios {
        let mut ratios = Ratios::default();
        let mut months: BTreeMap<NaiveDate, Sum> = BTreeMap::new();
        for vintage in &pool.vintages {
            for month in vintage.months.values() {
                let sum = Sum::of(vintage, month);
                let name = Some(vintage.name());
                ratios.by_age.extend(sum.ratios(name, Some(month.mob), month.date));
                months.entry(month.date).or_default().add(&sum);
            }
        }
        let first = months.keys().next().copied();
        let lent = |by: NaiveDate| -> Amount {
            let lent = pool.vintages.iter().filter(|vintage| vintage.month <= by);
            lent.map(|vintage| vintage.original).sum()
        };
        for (date, mut sum) in months {
            sum.bases.insert(Base::Original, lent(first.unwrap_or(date)));
            sum.bases.insert(Base::EverToDate, lent(date));
            ratios.by_month.extend(sum.ratios(None, None, date));
        }
        ratios
    }
}
