//! Delinquency by roll rates (迁徙率): who falls behind, who stays there, who catches up.
//!
//! | From    | rolls to          | cures to | else                         |
//! |---------|-------------------|----------|------------------------------|
//! | current | M1                | –        | pays its instalment          |
//! | M*k*    | M*k+1*            | current  | pays its oldest instalment   |
//! | last    | default           | current  | pays its oldest instalment   |

use crate::config::Section;
use crate::money::Rate;

/// A share may be exactly 1.
const SHARE_MOST: Rate = Rate::from_parts(Rate::ONE.parts() + 1);

/// Days past due in a bucket.
pub const BUCKET_DAYS: u32 = 30;

/// The months in which a receivable rolls from current to default.
#[derive(Clone, Debug, PartialEq)]
pub struct Delinquency {
    /// The share that pays nothing in a month: of the current, of M1, M2, …; of the last bucket it
    /// defaults.
    pub roll: Vec<Rate>,
    /// The share of M1, M2, … that pays all that is due and is current again.
    pub cure: Vec<Rate>,
    /// Late fees as a share of what is collected from M1, M2, ….
    pub late_fee: Vec<Rate>,
}

impl Delinquency {
    /// The number of buckets: a receivable that leaves the last is in default.
    ///
    /// ```
    /// use cashfall::assumptions::Delinquency;
    /// let rates = |text: &[&str]| text.iter().map(|rate| rate.parse().unwrap()).collect();
    /// let roll = rates(&["2 %", "40 %", "70 %", "85 %"]);
    /// let known = Delinquency { roll, cure: rates(&["30 %"]), late_fee: Vec::new() };
    /// assert_eq!((known.buckets(), known.default_days()), (3, 90));
    /// ```
    pub fn buckets(&self) -> usize {
        self.roll.len() - 1
    }

    /// Days past due beyond which a receivable is in default: 30 a bucket.
    pub fn default_days(&self) -> u32 {
        u32::try_from(self.buckets()).expect("at most six") * BUCKET_DAYS
    }

    /// The same rates with default beyond so many days: what leaves the bucket before is in default.
    /// `None` when the days are not those of a bucket.
    ///
    /// ```
    /// # use cashfall::assumptions::Delinquency;
    /// # let rates = |text: &[&str]| text.iter().map(|rate| rate.parse().unwrap()).collect();
    /// let roll = rates(&["2 %", "40 %", "70 %", "85 %"]);
    /// let known = Delinquency { roll, cure: rates(&["30 %"]), late_fee: Vec::new() };
    /// assert_eq!(known.beyond(60).map(|of| of.roll), Some(rates(&["2 %", "40 %", "70 %"])));
    /// assert_eq!([known.beyond(45), known.beyond(120)], [None, None]);
    /// ```
    pub fn beyond(&self, days: u32) -> Option<Delinquency> {
        let fits = days > 0 && days.is_multiple_of(BUCKET_DAYS) && days <= self.default_days();
        let buckets = usize::try_from(days / BUCKET_DAYS).ok().filter(|_| fits)?;
        let first = |rates: &[Rate], count: usize| rates.iter().take(count).copied().collect();
        Some(Delinquency {
            roll: first(&self.roll, buckets + 1),
            cure: first(&self.cure, buckets),
            late_fee: first(&self.late_fee, buckets),
        })
    }
}

/// Reads the roll rates of a segment; `None` when it has none.
pub(super) fn read(section: &Section) -> Option<Delinquency> {
    let [roll, cure, late] = ["roll", "cure", "late_fee"].map(|key| section.rates(key, SHARE_MOST));
    if !section.has("roll") {
        for key in ["cure", "late_fee"] {
            if section.has(key) {
                section.find("A0220", key, &[("key", "roll".to_string())]);
            }
        }
        return None;
    }
    let roll = roll?;
    let (cure, late_fee) = (cure.unwrap_or_default(), late.unwrap_or_default());
    if section.reported_any(&["roll", "cure", "late_fee"]) {
        return None;
    }
    if !(2..=7).contains(&roll.len()) {
        section.find("A0223", "roll", &[("count", roll.len().to_string())]);
        return None;
    }
    let buckets = roll.len() - 1;
    for (key, rates) in [("cure", &cure), ("late_fee", &late_fee)] {
        if rates.len() > buckets {
            let facts = [("count", rates.len().to_string()), ("buckets", buckets.to_string())];
            section.find("A0224", key, &facts);
            return None;
        }
    }
    for (place, (roll, cure)) in roll[1..].iter().zip(&cure).enumerate() {
        if roll.parts() + cure.parts() > Rate::ONE.parts() {
            let facts = [
                ("bucket", format!("M{}", place + 1)),
                ("roll", roll.percent()),
                ("cure", cure.percent()),
                ("sum", Rate::from_parts(roll.parts() + cure.parts()).percent()),
            ];
            section.find("A0225", "cure", &facts);
            return None;
        }
    }
    Some(Delinquency { roll, cure, late_fee })
}
