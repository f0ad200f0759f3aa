//! Decrement tables: what is outstanding after each payment, over several runs of a deal.
//!
//! ```text
//!                 0.5 %   1 %   1.5 %   2 %        one scenario a column: assumptions × until
//! 2017-03-18         76    71      64    32        percent of the face after the payment
//! 2017-04-18         62    54      43    13
//! life, years      0.28  0.23    0.18  0.11        to the scheduled dates, by a day count
//! ```
//!
//! Tranches that are sold as one are shown as one: a [`Group`], by default the class of the deal. A call is exercised or not by the
//! input `call.exercise`, where a deal has one.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use chrono::NaiveDate;

use crate::config::Text;
use crate::deal::{Deal, Tranche};
use crate::model::{Axis, Inputs, Model, Run};
use crate::money::{Amount, Rate, Rounding, divide};
use crate::time::DayCount;

/// The input that says whether the call is exercised; a deal without a call does not have it.
const CALL: &str = "call.exercise";

/// Tranches that a table shows together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name for readers.
    pub name: Text,
    /// Their places in the deal, ascending.
    pub tranches: Vec<usize>,
}

/// What tranches have in common that a table shows together.
#[derive(Clone, Copy, PartialEq)]
enum Kin<'a> {
    /// Somebody asked for this group.
    Asked(&'a Text),
    /// They are of this class.
    Class(&'a str),
}

impl Group {
    /// The groups of a deal in its order: `shown_as` gives the group of a tranche by its id; a
    /// tranche that it does not name is shown with those of its class. Subordinated tranches are
    /// left out, unless there are no others.
    ///
    /// What the originator receives is nobody's note, so no group has it.
    pub fn of(deal: &Deal, shown_as: &BTreeMap<String, Text>) -> Vec<Group> {
        let junior = deal.tranches.iter().all(|tranche| tranche.subordinated);
        let mut groups: Vec<(Kin, Group)> = Vec::new();
        for (place, tranche) in deal.tranches.iter().enumerate() {
            if tranche.subordinated && !junior {
                continue;
            }
            let asked = shown_as.get(&tranche.id);
            let kin = asked.map_or(Kin::Class(tranche.class()), Kin::Asked);
            match groups.iter_mut().find(|(known, _)| *known == kin) {
                Some((_, group)) => group.tranches.push(place),
                None => {
                    let name = asked.cloned().unwrap_or_else(|| class_name(tranche));
                    groups.push((kin, Group { name, tranches: vec![place] }));
                }
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

/// The name of the class where the deal states one; a tranche by itself has its own.
fn class_name(tranche: &Tranche) -> Text {
    tranche.class.as_deref().map_or_else(|| tranche.name.clone(), Text::same)
}

/// How long notes are held: until the call, or until they are repaid without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// The call is exercised as soon as it may be.
    Call,
    /// It never is.
    Maturity,
}

impl Until {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Until::Call => "call",
            Until::Maturity => "maturity",
        }
    }
}

/// What becomes of one group in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The face of its tranches.
    pub face: Amount,
    /// What is outstanding after each payment, the closing first.
    pub balances: Vec<Amount>,
    /// Weighted average life in years; `None` without principal.
    pub life: Option<f64>,
}

impl Outcome {
    /// The percent of the face outstanding after a payment; 0 is the closing.
    pub fn percent(&self, payment: usize) -> Percent {
        let (balance, face) = (i128::from(self.balances[payment].minor()), self.face.minor());
        if balance > 0 && 200 * balance < i128::from(face) {
            return Percent::Trace;
        }
        Percent::Whole(self.rounded(payment, 100))
    }

    /// The share of the face outstanding after a payment, half up to 12 decimals.
    pub fn share(&self, payment: usize) -> Rate {
        Rate::from_parts(self.rounded(payment, Rate::ONE.parts()))
    }

    fn rounded(&self, payment: usize, one: i64) -> i64 {
        let balance = i128::from(self.balances[payment].minor()) * i128::from(one);
        match self.face {
            Amount::ZERO => 0,
            face => divide(balance, i128::from(face.minor()), Rounding::HalfUp),
        }
    }
}

/// A whole percent as decrement tables print it.
///
/// ```
/// use cashfall::analytics::{Outcome, Percent};
/// use cashfall::money::Amount;
/// let balances = [100_00, 37_50, 50, 49, 0].map(Amount::from_minor).to_vec();
/// let note = Outcome { face: Amount::from_minor(100_00), balances, life: None };
/// let printed: Vec<String> = (0..5).map(|payment| note.percent(payment).to_string()).collect();
/// assert_eq!(printed, ["100", "38", "1", "*", "0"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percent {
    /// Half up.
    Whole(i64),
    /// More than nothing and less than half a percent: `*`.
    Trace,
}

impl Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Percent::Whole(percent) => out.pad(&percent.to_string()),
            Percent::Trace => out.pad("*"),
        }
    }
}

/// One run: assumptions by a name, held until the call or to maturity.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The place of its assumptions among those that were asked for.
    pub variant: usize,
    /// How long.
    pub until: Until,
    /// What becomes of each group.
    pub outcomes: Vec<Outcome>,
}

/// The table.
#[derive(Clone, Debug, PartialEq)]
pub struct Decrement {
    /// What the rows are about.
    pub groups: Vec<Group>,
    /// The names of the assumptions.
    pub variants: Vec<String>,
    /// The closing date and the scheduled payment dates.
    pub dates: Vec<NaiveDate>,
    /// How lives count days.
    pub day_count: DayCount,
    /// The runs: all assumptions to the call where there is one, then all to maturity.
    pub scenarios: Vec<Scenario>,
    /// The deal as its files say, to be restated beside the live workbook.
    pub live: Scenario,
}

impl Decrement {
    /// Runs every variant, to the call and to maturity, and restates the live run.
    ///
    /// ```text
    /// percent = 100 · Σ balance after the payment / Σ face
    /// life    = Σ principal · days(closing → scheduled date) / basis / Σ principal
    /// ```
    ///
    /// The models are of the same deal, so they have the same payments. `live` is the model of the
    /// deal's own assumptions with its run.
    ///
    /// # Panics
    ///
    /// When a model is of another deal.
    pub fn new(
        deal: &Deal,
        live: (&Model, &Run),
        variants: &[(String, Model)],
        groups: Vec<Group>,
        day_count: DayCount,
    ) -> Decrement {
        let scheduled = deal.schedule.payments.iter().map(|payment| payment.scheduled);
        let dates: Vec<NaiveDate> = [deal.dates.closing].into_iter().chain(scheduled).collect();
        let days: Vec<i64> = dates.iter().map(|date| day_count.days(dates[0], *date)).collect();
        let reader = Reader { deal, groups: &groups, days: &days, basis: day_count.basis() };
        let (model, run) = live;
        let exercised = model.input(CALL).map(|call| Inputs::of(model).value(call) != 0);
        let held = if exercised == Some(true) { Until::Call } else { Until::Maturity };
        let live =
            Scenario { variant: variants.len(), until: held, outcomes: reader.all(model, run) };
        let mut scenarios = Vec::new();
        for until in [Until::Call, Until::Maturity] {
            for (variant, (_, model)) in variants.iter().enumerate() {
                let Some(inputs) = inputs(model, until) else { continue };
                let outcomes = reader.all(model, &model.run(&inputs));
                scenarios.push(Scenario { variant, until, outcomes });
            }
        }
        let variants = variants.iter().map(|(name, _)| name.clone()).collect();
        Decrement { groups, variants, dates, day_count, scenarios, live }
    }

    /// The scenarios of one kind, by variant; empty for a call that the deal does not have.
    pub fn until(&self, until: Until) -> Vec<&Scenario> {
        self.scenarios.iter().filter(|scenario| scenario.until == until).collect()
    }

    /// Years from the closing to a payment, 0 being the closing.
    pub fn years(&self, payment: usize) -> f64 {
        quotient(self.day_count.days(self.dates[0], self.dates[payment]), self.day_count.basis())
    }
}

/// The inputs of a run until then; `None` for a call that the deal does not have.
fn inputs(model: &Model, until: Until) -> Option<Inputs> {
    let mut inputs = Inputs::of(model);
    match (model.input(CALL), until) {
        (Some(call), Until::Call) => inputs.set(call, 1),
        (Some(call), Until::Maturity) => inputs.set(call, 0),
        (None, Until::Maturity) => {}
        (None, Until::Call) => return None,
    }
    Some(inputs)
}

/// What reads the outcomes of a run.
struct Reader<'a> {
    deal: &'a Deal,
    groups: &'a [Group],
    days: &'a [i64],
    basis: i64,
}

impl Reader<'_> {
    fn all(&self, model: &Model, run: &Run) -> Vec<Outcome> {
        self.groups.iter().map(|group| self.outcome(group, model, run)).collect()
    }

    fn outcome(&self, group: &Group, model: &Model, run: &Run) -> Outcome {
        let payments = model.timeline.len(Axis::Payments);
        assert_eq!(payments + 1, self.days.len(), "the model has the payments of the deal");
        let sum = |part: &str, payment: usize| -> Amount {
            let of = |place: &usize| {
                let key = format!("tranche.{}.{part}", self.deal.tranches[*place].id);
                model.line(&key).map_or(Amount::ZERO, |line| run.amount(line, payment))
            };
            group.tranches.iter().map(of).sum()
        };
        let faces = group.tranches.iter().map(|place| self.deal.tranches[*place].face);
        let principal: Vec<Amount> =
            (1..=payments).map(|payment| sum("principal_paid", payment)).collect();
        Outcome {
            face: faces.sum(),
            balances: (0..=payments).map(|payment| sum("closing_balance", payment)).collect(),
            life: self.life(&principal),
        }
    }

    /// Exact in whole numbers until the one division.
    #[allow(clippy::cast_precision_loss)]
    fn life(&self, principal: &[Amount]) -> Option<f64> {
        let total: i128 = principal.iter().map(|amount| i128::from(amount.minor())).sum();
        let weighted: i128 = principal
            .iter()
            .zip(&self.days[1..])
            .map(|(amount, days)| i128::from(amount.minor()) * i128::from(*days))
            .sum();
        (total > 0).then(|| weighted as f64 / (total * i128::from(self.basis)) as f64)
    }
}

#[allow(clippy::cast_precision_loss)]
fn quotient(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}
