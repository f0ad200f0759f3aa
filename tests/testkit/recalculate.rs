//! Recalculation by LibreOffice, which shares no code with us, from caches that are wrong on purpose.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use calamine::{Data, Reader, Xlsx, open_workbook};
use cashfall::report::{Caches, Content, Kind, Sheet, Workbook, cell_name, write_xlsx};

/// A folder that is new and empty.
pub fn fresh(name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("cashfall-{name}-{}-{count}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// Writes all workbooks with wrong caches, recalculates them in one start of LibreOffice, and
/// compares every formula cell with the engine's value. Gives the number of cells compared by name.
///
/// # Panics
///
/// On the first workbook with a difference, listing up to ten cells.
pub fn recalculated(workbooks: &[(String, Workbook)]) -> BTreeMap<String, usize> {
    settled(workbooks, 1)
}

/// The same, recalculated again and again. One pass of LibreOffice from wrong caches leaves the end of a
/// chain that runs through many sheets and dates as it found it; each further pass goes on from there.
pub fn settled(workbooks: &[(String, Workbook)], passes: usize) -> BTreeMap<String, usize> {
    let folder = fresh("recalculate");
    let mut files = Vec::new();
    for (name, workbook) in workbooks {
        let file = folder.join(format!("{name}.xlsx"));
        write_xlsx(workbook, &file, Caches::Wrong).expect("the workbook is written");
        files.push(file);
    }
    let mut out = convert(&folder, &files);
    for _ in 1..passes {
        for file in &files {
            let name = file.file_name().expect("a file has a name");
            std::fs::rename(out.join(name), file).expect("the recalculated file");
        }
        out = convert(&folder, &files);
    }
    let compared = workbooks.iter().map(|(name, workbook)| {
        let recalculated = out.join(format!("{name}.xlsx"));
        (name.clone(), compare(name, workbook, &recalculated))
    });
    let compared = compared.collect();
    let _ = std::fs::remove_dir_all(&folder);
    compared
}

/// Recalculates files in one start of LibreOffice; gives the folder of the results.
pub fn convert(folder: &Path, files: &[PathBuf]) -> PathBuf {
    let out = folder.join("out");
    let status = Command::new("soffice")
        .arg("--headless")
        .arg(format!("-env:UserInstallation=file://{}", profile(folder).display()))
        .args(["--convert-to", "xlsx", "--outdir"])
        .arg(&out)
        .args(files)
        .output()
        .expect("LibreOffice starts: install libreoffice-calc-nogui");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    out
}

/// A profile that recalculates every file it opens.
fn profile(folder: &Path) -> PathBuf {
    let profile = folder.join("profile");
    std::fs::create_dir_all(profile.join("user")).expect("a profile folder");
    let settings = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;
    std::fs::write(profile.join("user/registrymodifications.xcu"), settings).expect("a profile");
    profile
}

/// Exact to the bit for money and flags; yields of division to 12 places within a part of them.
fn compare(name: &str, workbook: &Workbook, file: &Path) -> usize {
    let mut reader: Xlsx<_> = open_workbook(file).expect("LibreOffice wrote the workbook");
    let mut compared = 0;
    let mut different = Vec::new();
    // Sources before what reads them: the first difference shown is the nearest to its cause.
    const SOURCES: [&str; 7] =
        ["Purchases", "Rates", "Collections", "Recoveries", "Pool", "Fees", "Triggers"];
    let source = |sheet: &Sheet| SOURCES.iter().position(|name| *name == sheet.name).unwrap_or(9);
    let mut sheets: Vec<&Sheet> = workbook.sheets.iter().collect();
    sheets.sort_by_key(|sheet| source(sheet));
    for sheet in sheets {
        let range = reader.worksheet_range(&sheet.name).expect("the sheet is there");
        for cell in &sheet.cells {
            let theirs = range.get_value((cell.row, u32::from(cell.column)));
            let (formula, same) = match &cell.content {
                Content::Formula(formula, ours) => {
                    let part = shown_share(sheet, cell.kind);
                    let same = |theirs| near(*ours, theirs) || (*ours - theirs).abs() <= part;
                    (formula, number(theirs).is_some_and(same))
                }
                Content::TextFormula(formula, ours) => {
                    (formula, theirs.is_some_and(|theirs| theirs.to_string() == *ours))
                }
                Content::Text(_) | Content::Number(_) => continue,
            };
            compared += 1;
            if !same {
                let at = cell_name(cell.row, cell.column);
                different.push(format!(
                    "{}!{at} ={formula}: ours {:?}, theirs {theirs:?}",
                    sheet.name, cell.content
                ));
            }
        }
    }
    let shown = different.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        different.is_empty(),
        "{name}: {} of {compared} cells differ\n{shown}",
        different.len()
    );
    compared
}

/// What a rate may differ by that is shown and read by nothing: the value of a limit and its headroom are
/// quotients of twelve places, and spreadsheets round at fifteen digits, so that one within 10⁻¹⁵ of the
/// edge of its last place goes to the other side. Whether a limit is met is decided by amounts.
fn shown_share(sheet: &Sheet, kind: Kind) -> f64 {
    let is_shown = ["Pool limits", "组合限制"].iter().any(|name| sheet.name.contains(name));
    if is_shown && matches!(kind, Kind::Rate | Kind::PerHundred) { 1.0001e-12 } else { 0.0 }
}

fn number(data: Option<&Data>) -> Option<f64> {
    match data? {
        Data::Float(value) => Some(*value),
        Data::Int(value) => Some(*value as f64),
        Data::Bool(value) => Some(f64::from(u8::from(*value))),
        Data::DateTime(value) => Some(value.as_f64()),
        Data::String(_)
        | Data::DateTimeIso(_)
        | Data::DurationIso(_)
        | Data::Error(_)
        | Data::Empty => None,
    }
}

/// Equal, or as near as two doubles that stand for the same decimal.
fn near(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-13_f64.max(ours.abs() * 4.0 * f64::EPSILON)
}
