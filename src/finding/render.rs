//! Findings as text for a terminal: severity, code, sentence, place, row, help.

use super::{Finding, Lang, Severity};

/// The findings as the tool speaks them, one after the other, and a closing count.
pub fn render(findings: &[Finding], lang: Lang) -> String {
    let mut text = String::new();
    for finding in findings {
        text += &render_one(finding, lang);
        text.push('\n');
    }
    text += &count(findings, lang);
    text.push('\n');
    text
}

fn render_one(finding: &Finding, lang: Lang) -> String {
    let severity = match (finding.severity(), lang) {
        (Severity::Error, Lang::En) => "error",
        (Severity::Warning, Lang::En) => "warning",
        (Severity::Note, Lang::En) => "note",
        (Severity::Error, Lang::Zh) => "错误",
        (Severity::Warning, Lang::Zh) => "警告",
        (Severity::Note, Lang::Zh) => "说明",
    };
    let mut text = format!("{severity}[{}]: {}\n", finding.code, finding.message(lang));
    let more = match (finding.more, lang) {
        (0, _) => String::new(),
        (more, Lang::En) => format!(" and {more} more"),
        (more, Lang::Zh) => format!(" 等, 另有 {more} 处"),
    };
    text += &format!("   ┌─ {}{more}\n", finding.origin);
    for line in finding.origin.excerpt.lines() {
        text += &format!("   │ {line}\n");
    }
    let help = finding.help(lang);
    if !help.is_empty() {
        let word = match lang {
            Lang::En => "help",
            Lang::Zh => "处理",
        };
        text += &format!("   = {word}: {help}\n");
    }
    text
}

fn count(findings: &[Finding], lang: Lang) -> String {
    let of = |severity| -> usize {
        findings.iter().filter(|f| f.severity() == severity).map(|f| 1 + f.more).sum()
    };
    let (errors, warnings, notes) =
        (of(Severity::Error), of(Severity::Warning), of(Severity::Note));
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match lang {
        Lang::En => format!(
            "{}, {}, {}",
            plural(errors, "error"),
            plural(warnings, "warning"),
            plural(notes, "note")
        ),
        Lang::Zh => format!("错误 {errors} 项, 警告 {warnings} 项, 说明 {notes} 项"),
    }
}
