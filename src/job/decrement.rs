//! A deal over several speeds of prepayment: the runs behind a decrement table.

use std::collections::BTreeMap;

use super::Job;
use crate::analytics::{Decrement, Group};
use crate::assumptions::Speed;
use crate::config::Text;
use crate::model::{Inputs, Model, Run};
use crate::money::Rate;
use crate::report::{Labels, Layout, ReportLang, Workbook, decrement_sheet};
use crate::time::DayCount;

/// What a decrement table is asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The speeds, each from 0 to below 1, of the kind that the assumptions use.
    pub speeds: Vec<Rate>,
    /// The name under which a tranche is shown together with others, by its id; by default its
    /// class.
    pub shown_as: BTreeMap<String, Text>,
    /// How lives count days from the closing to the scheduled dates.
    pub day_count: DayCount,
}

impl Job {
    /// The decrement table of a deal, and the kind of its speeds; `None` when segments prepay by
    /// different kinds of speed, of which no one number is the speed.
    ///
    /// `live` is the model of this job with its run.
    pub fn decrement(&self, live: (&Model, &Run), ask: &Ask) -> Option<(Speed, Decrement)> {
        let speed = self.assumptions.speed()?;
        let variant = |rate: &Rate| {
            let job = self.with_assumptions(self.assumptions.at_speed(speed, *rate));
            (rate.percent(), job.model())
        };
        let variants: Vec<(String, Model)> = ask.speeds.iter().map(variant).collect();
        let groups = Group::of(&self.deal, &ask.shown_as);
        Some((speed, Decrement::new(&self.deal, live, &variants, groups, ask.day_count)))
    }

    /// The report of the live run with the table as a sheet of its own, after the cash flows.
    pub fn decrement_workbook(
        &self,
        live: (&Model, &Run),
        (speed, table): (Speed, &Decrement),
        lang: ReportLang,
    ) -> Workbook {
        let (model, run) = live;
        let mut workbook = self.workbook(model, &Inputs::of(model), run, lang);
        let layout = Layout::new(model, Labels::new(lang));
        let sheet = decrement_sheet(&layout, &self.deal, speed.name(), table);
        let after = workbook.sheets.len().min(3);
        workbook.sheets.insert(after, sheet);
        workbook
    }
}
