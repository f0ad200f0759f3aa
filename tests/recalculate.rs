//! The workbook recomputes itself: every formula cell of every case, recalculated by LibreOffice from
//! caches that are wrong on purpose, equals the engine.

mod testkit;

use cashfall::finding::Lang;
use cashfall::model::{Inputs, Model};
use cashfall::report::{Context, Labels, Layout, Manifest, ReportLang, Workbook, workbook};
use testkit::Case;
use testkit::recalculate::recalculated;

/// The report of a model run with changed inputs.
fn report(case: &Case, change: impl Fn(&Model, &mut Inputs), lang: ReportLang) -> Workbook {
    let model = case.model();
    let mut inputs = Inputs::of(&model);
    change(&model, &mut inputs);
    let run = model.run(&inputs);
    let calm_case = case.without_stress();
    let calm = calm_case.model();
    let calm_run = calm.run(&Inputs::of(&calm));
    let layout = Layout::new(&model, Labels::new(lang));
    let manifest = Manifest { receivables: case.pool.receivables.len(), ..Manifest::default() };
    let context = Context {
        deal: &case.deal,
        layout: &layout,
        inputs: &inputs,
        run: &run,
        calm: Some((&calm, &calm_run)),
        manifest: &manifest,
    };
    workbook(&context)
}

#[test]
#[ignore = "needs LibreOffice (libreoffice-calc-nogui): cargo test -- --include-ignored"]
fn every_workbook_recalculates_to_the_engine() {
    let mut workbooks = Vec::new();
    let t = Case::open("worked_example_cn");
    for (lang, name) in [(ReportLang::Both, "both"), (ReportLang::Zh, "zh"), (ReportLang::En, "en")] {
        workbooks.push((format!("worked_example_cn_t_{name}"), report(&t, |_, _| {}, lang)));
    }
    for (name, cells) in recalculated(&workbooks) {
        assert!(cells > 100, "{name} has formulas");
        println!("{name}: {cells} formula cells recalculated, 0 differences");
    }
    let _ = Lang::En;
}
