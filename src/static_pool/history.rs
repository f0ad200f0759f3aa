//! Single receivables month by month become vintages.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Measure, Month, Vintage};
use crate::money::Amount;
use crate::time::months_between;

/// A receivable defaults when it is more days past due than this, unless the table or the user says
/// otherwise.
pub const DEFAULT_PAST_DUE_DAYS: u32 = 90;

/// The rows of receivables, by receivable and month.
#[derive(Default)]
pub(super) struct History {
    receivables: BTreeMap<String, Receivable>,
}

struct Receivable {
    product: String,
    origination: NaiveDate,
    original: Amount,
    months: BTreeMap<NaiveDate, (Month, u32)>,
}

/// Vintages, and by months since default what came back of what was watched that long.
type Built = (Vec<Vintage>, Vec<(Amount, Amount)>);

impl History {
    /// Takes a row; gives the row that says the same month already, if there is one.
    pub(super) fn take(
        &mut self,
        (id, product): (&str, &str),
        origination: NaiveDate,
        original: Amount,
        past_due: u32,
        month: Month,
    ) -> Option<u32> {
        let receivable = self.receivables.entry(id.to_string()).or_insert_with(|| Receivable {
            product: product.to_string(),
            origination,
            original,
            months: BTreeMap::new(),
        });
        let (date, row) = (month.date, month.row);
        let former = receivable.months.get(&date).map(|(month, _)| month.row);
        if former.is_none() {
            receivable.months.insert(date, (month, past_due));
        }
        former.filter(|former| *former != row)
    }

    /// Sums the receivables by product and month of origination.
    ///
    /// A receivable whose rows end before the table does has nothing outstanding in the later months
    /// of its vintage. The bucket of a month follows the days past due.
    pub(super) fn into_vintages(self, default_days: u32) -> Built {
        let last = self.receivables.values().flat_map(|r| r.months.keys()).max().copied();
        let mut vintages: BTreeMap<(String, NaiveDate), Vintage> = BTreeMap::new();
        let mut lag = Lag::default();
        for receivable in self.receivables.into_values() {
            let key = (receivable.product.clone(), receivable.origination);
            let vintage = vintages.entry(key).or_insert_with(|| Vintage {
                product: receivable.product.clone(),
                month: receivable.origination,
                original: Amount::ZERO,
                count: Some(0),
                months: BTreeMap::new(),
            });
            vintage.original += receivable.original;
            vintage.count = vintage.count.map(|count| count + 1);
            receivable.add_to(
                vintage,
                default_days,
                last.unwrap_or(receivable.origination),
                &mut lag,
            );
        }
        (vintages.into_values().collect(), lag.into_shares())
    }
}

impl Receivable {
    fn add_to(&self, vintage: &mut Vintage, default_days: u32, last: NaiveDate, lag: &mut Lag) {
        let mut defaulted: Option<(NaiveDate, Amount)> = None;
        let mut opening = self.original;
        for (date, (month, past_due)) in &self.months {
            let Ok(mob) = u32::try_from(months_between(self.origination, *date)) else { continue };
            let sum = vintage.months.entry(mob).or_insert_with(|| Month::new(mob, *date, 0));
            let balance = month.get(Measure::BalanceEnd).unwrap_or_default();
            let fresh = match month.get(Measure::NewDefault) {
                Some(stated) => stated,
                None if defaulted.is_none() && *past_due > default_days => balance,
                None => Amount::ZERO,
            };
            for (measure, _) in Measure::ALL {
                let computed = [Measure::NewDefault, Measure::Normal, Measure::BalanceBegin];
                let bucket = Measure::BUCKETS.contains(&measure);
                if let Some(amount) =
                    month.get(measure).filter(|_| !bucket && !computed.contains(&measure))
                {
                    sum.add(measure, amount);
                }
            }
            sum.add(Measure::BalanceBegin, opening);
            sum.add(bucket(*past_due), balance);
            sum.add(Measure::NewDefault, fresh);
            if fresh > Amount::ZERO && defaulted.is_none() {
                defaulted = Some((*date, fresh));
            }
            if let (Some((since, _)), Some(back)) = (defaulted, month.get(Measure::Recovery)) {
                lag.recovered(months_between(since, *date), back);
            }
            opening = balance;
        }
        if let Some((since, amount)) = defaulted {
            lag.watched(months_between(since, last), amount);
        }
    }
}

fn bucket(past_due: u32) -> Measure {
    if past_due == 0 {
        return Measure::Normal;
    }
    let place = usize::try_from((past_due - 1) / 30).unwrap_or(usize::MAX);
    *Measure::BUCKETS.get(place).unwrap_or(&Measure::M6Plus)
}

/// Recoveries by months since default.
#[derive(Default)]
struct Lag {
    recovered: BTreeMap<u32, Amount>,
    watched: BTreeMap<u32, Amount>,
}

impl Lag {
    fn recovered(&mut self, months: i32, amount: Amount) {
        if let Ok(months) = u32::try_from(months) {
            *self.recovered.entry(months).or_default() += amount;
        }
    }

    fn watched(&mut self, months: i32, amount: Amount) {
        if let Ok(months) = u32::try_from(months) {
            *self.watched.entry(months).or_default() += amount;
        }
    }

    /// For each month since default: what came back in it, of the defaults watched at least as long.
    fn into_shares(self) -> Vec<(Amount, Amount)> {
        let longest = self.watched.keys().max().copied();
        let share = |months: u32| {
            let watched = self.watched.range(months..).map(|(_, amount)| *amount).sum();
            (self.recovered.get(&months).copied().unwrap_or_default(), watched)
        };
        longest.map_or(Vec::new(), |longest| (0..=longest).map(share).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_the_days_past_due() {
        let cases = [
            (0, Measure::Normal),
            (1, Measure::M1),
            (30, Measure::M1),
            (31, Measure::M2),
            (180, Measure::M6),
            (181, Measure::M6Plus),
            (4000, Measure::M6Plus),
        ];
        for (days, expected) in cases {
            assert_eq!(bucket(days), expected, "{days} days");
        }
    }
}
