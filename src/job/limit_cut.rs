//! A limit-cut study: the deal as assumed and under each scenario.

use super::Job;
use crate::analytics::SupplyPath;
use crate::assumptions::LimitStudy;
use crate::config::Text;
use crate::model::{Inputs, Model, Run};
use crate::report::{Labels, Layout, ReportLang, Workbook, limit_cut_sheets};

impl Job {
    /// The runs of a study: the case as assumed first. `live` is the model of this job with its run.
    pub fn limit_cut(&self, live: (&Model, &Run), study: &LimitStudy) -> Vec<(Text, SupplyPath)> {
        let base = Text { zh: "既定假设".to_string(), en: "As assumed".to_string() };
        let of = |model: &Model, run: &Run| SupplyPath::of(&self.deal, model, run, study.deposit);
        let scenarios = study.scenarios.iter().map(|scenario| {
            let model = self.with_assumptions(self.assumptions.under(scenario)).model();
            let run = model.run(&Inputs::of(&model));
            (scenario.name.clone(), of(&model, &run))
        });
        std::iter::once((base, of(live.0, live.1))).chain(scenarios).collect()
    }

    /// The report of the live run with the study's sheets after the cash flows.
    pub fn limit_cut_workbook(
        &self,
        (model, run): (&Model, &Run),
        paths: &[(Text, SupplyPath)],
        lang: ReportLang,
    ) -> Workbook {
        let mut workbook = self.workbook(model, &Inputs::of(model), run, lang);
        let layout = Layout::new(model, Labels::new(lang));
        let sheets = limit_cut_sheets(&layout, &self.deal, paths);
        let after = workbook.sheets.len().min(3);
        workbook.sheets.splice(after..after, sheets);
        workbook
    }
}
