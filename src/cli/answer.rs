//! How commands answer: findings when the data is refused, grave findings otherwise, a workbook.

use std::path::Path;

use serde_json::json;

use super::{LangArg, Outcome, Result, same_file, tell};
use crate::finding::{Finding, Lang, Severity};
use crate::report::{Caches, Workbook, findings_json, write_xlsx};

/// The data has errors: the findings, and with `--json` an object of that schema with them alone.
pub(super) fn refused(schema: Option<&str>, findings: &[Finding], lang: LangArg) -> Outcome {
    if let Some(schema) = schema {
        println!("{}", json!({ "schema": schema, "findings": findings_json(findings) }));
    }
    tell(findings, lang);
    Outcome::Findings
}

/// Tells what is graver than a note: notes belong to `check`.
pub(super) fn tell_grave(findings: &[Finding], lang: LangArg) {
    let grave = findings.iter().filter(|finding| finding.severity() > Severity::Note);
    tell(&grave.cloned().collect::<Vec<_>>(), lang);
}

/// Writes a workbook and says so.
pub(super) fn write_workbook(workbook: &Workbook, out: &Path, lang: LangArg) -> Result<()> {
    write_xlsx(workbook, out, Caches::Right)?;
    let (out, count) = (out.display(), workbook.sheets.len());
    match lang.messages() {
        Lang::Zh => eprintln!("写入 `{out}`: {count} 个工作表"),
        Lang::En if count == 1 => eprintln!("Wrote `{out}`: 1 sheet"),
        Lang::En => eprintln!("Wrote `{out}`: {count} sheets"),
    }
    Ok(())
}

/// Refuses to write over what is read; `refusal` says so after the name of the file.
pub(super) fn spare<'p>(
    inputs: impl IntoIterator<Item = &'p Path>,
    out: &Path,
    refusal: &str,
) -> Result<()> {
    if inputs.into_iter().any(|input| same_file(input, out)) {
        return Err(format!("`{}` {refusal}", out.display()).into());
    }
    Ok(())
}
