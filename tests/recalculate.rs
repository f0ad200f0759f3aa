//! The workbook recomputes itself: every formula cell of every case, recalculated by LibreOffice from
//! caches that are wrong on purpose, equals the engine.

mod testkit;

use cashfall::job::Job;
use cashfall::model::{Inputs, Model};
use cashfall::report::{ReportLang, Workbook};
use testkit::case;
use testkit::recalculate::recalculated;

/// The report of a model run with changed inputs.
fn report(case: &Job, change: impl Fn(&Model, &mut Inputs), lang: ReportLang) -> Workbook {
    let model = case.model();
    let mut inputs = Inputs::of(&model);
    change(&model, &mut inputs);
    let run = model.run(&inputs);
    case.workbook(&model, &inputs, &run, lang)
}

#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn every_workbook_recalculates_to_the_engine() {
    let mut workbooks = Vec::new();
    let t = case("worked_example_cn");
    for (lang, name) in [(ReportLang::Both, "both"), (ReportLang::Zh, "zh"), (ReportLang::En, "en")]
    {
        workbooks.push((format!("worked_example_cn_t_{name}"), report(&t, |_, _| {}, lang)));
    }
    for (name, cells) in recalculated(&workbooks) {
        assert!(cells > 100, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
}
