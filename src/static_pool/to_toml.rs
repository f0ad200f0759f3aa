//! Fitted curves as an assumptions file, with where they come from.

use std::fmt::Write;

use super::scale::{below_one, by_month};
use super::{Curves, Method, Scaled, Terms};
use crate::config::Text;
use crate::money::Rate;

/// Where fitted curves come from: the head of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// The servicer's table.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// The last month that the table knows.
    pub date: chrono::NaiveDate,
    /// The first and the last vintage, and their number.
    pub vintages: (String, String, usize),
    /// The ladder's method.
    pub method: Method,
    /// What the base case is made of beside the ladder.
    pub terms: Terms,
}

/// An assumptions file of segments by age: for each its name, the product that it takes (nothing
/// for the last, which takes everything), and its curves.
///
/// Defaults are monthly rates of the opening balance by age where balances are known, scaled to the
/// base case where there is one; otherwise lifetime defaults × timing by age. Ages count from the month of origination: the first entry of
/// a list is the first month on book.
pub fn to_toml(segments: &[(String, Curves)], from: &Provenance) -> String {
    let by_age = |curves: &Curves| format!("by = \"age\"\n{}", segment(curves));
    file(segments, from, by_age)
}

/// The same of the recovery curves alone, for receivables in default at the cut-off date (不良资产):
/// lags count from the month of default.
pub fn recoveries_to_toml(segments: &[(String, Curves)], from: &Provenance) -> String {
    file(segments, from, |curves| format!("defaulted = true\n{}", recovery(curves)))
}

fn file(
    segments: &[(String, Curves)],
    from: &Provenance,
    says: impl Fn(&Curves) -> String,
) -> String {
    let mut text = String::new();
    let (first, last, count) = &from.vintages;
    let method = &from.method;
    let lines = [
        "由静态池拟合 Fitted from a static pool".to_string(),
        format!("来源 source: {}", from.file),
        format!("sha256: {}", from.sha256),
        format!("截至 data to: {}", from.date),
        format!("静态池 vintages: {count}, {first} … {last}"),
        format!(
            "方法 method: chain ladder, {} average, {}, tail {}, least volume {}, {} exclusions",
            method.average.name(),
            method.last.map_or("all links".to_string(), |last| format!("last {last}")),
            method.tail,
            method.min_volume,
            method.exclude.len(),
        ),
        format!(
            "基准 base case: add-on {}{}, rounded up to {}",
            from.terms.add_on,
            if from.terms.fit_trend { " (trend fitted)" } else { "" },
            from.terms.round_up,
        ),
    ];
    for line in lines {
        let _ = writeln!(text, "# {line}");
    }
    for (place, (product, curves)) in segments.iter().enumerate() {
        let last = place + 1 == segments.len();
        let name = match product.as_str() {
            "" => Text { zh: "全部".to_string(), en: "All".to_string() },
            product => Text::same(product),
        };
        text += "\n[[segment]]\n";
        let _ = writeln!(text, "name = {{ zh = {}, en = {} }}", quoted(&name.zh), quoted(&name.en));
        if !last {
            let _ = writeln!(text, "where = {{ product = {} }}", quoted(product));
        }
        text += &says(curves);
    }
    text
}

/// What scaled rates were multiplied by, and why.
fn provenance_of(scaled: &Scaled) -> String {
    let months = scaled.rates.len() - 1;
    let percent = |share: f64| format!("{:.6} %", 100.0 * share);
    let lines = [
        format!(
            "观察值 × {factor:.12} = 基准违约率 observed rates × {factor:.12}: {base} of the amount lent, the base case (as observed {observed})",
            factor = scaled.factor,
            base = percent(scaled.base),
            observed = percent(scaled.observed),
        ),
        "base = Σ k·MDR(m)·B(m), B(m+1) = B(m)·(1 − k·MDR(m))·Σ closing ÷ Σ (opening − new defaults)"
            .to_string(),
        format!(
            "第 {months} 月后为 0 (余额尚有 {left}) after month {months} on book 0, with {left} of the amount lent outstanding",
            left = percent(scaled.left),
        ),
    ];
    lines.map(|line| format!("# {line}\n")).concat()
}

fn segment(curves: &Curves) -> String {
    let mut text = String::new();
    if !curves.smm.is_empty() {
        text += "# 早偿 ÷ (期初余额 − 计划还款), 按账龄 prepaid ÷ (opening − scheduled), by age\n";
        let _ = writeln!(text, "smm = [{}]", list(&by_month(&curves.smm)));
    }
    if let Some(scaled) = &curves.scaled {
        text += "# 新增违约 ÷ 期初余额, 按账龄 new defaults ÷ opening balance, by age\n";
        text += &provenance_of(scaled);
        let _ = writeln!(text, "mdr = [{}]", list(&scaled.rates));
    } else if curves.cumulative.is_none() && !curves.mdr.is_empty() {
        text += "# 新增违约 ÷ 期初余额, 按账龄 new defaults ÷ opening balance, by age\n";
        text += "# 无分静态池的基准违约率: 按观察值 as observed: no base case by vintage\n";
        let _ = writeln!(text, "mdr = [{}]", list(&by_month(&curves.mdr)));
    } else if let Some((ratio, timing)) = &curves.cumulative {
        text += "# 存续期违约占发放金额 × 各账龄份额 lifetime defaults of the amount lent × share by age\n";
        let _ = writeln!(text, "cumulative_default_ratio = {}", below_one(*ratio));
        let _ = writeln!(text, "default_timing = [{}]", list(timing));
    }
    text + &recovery(curves)
}

fn recovery(curves: &Curves) -> String {
    let mut text = String::new();
    if let Some(rate) = curves.recovery_rate {
        text += "# 回收 ÷ 违约 recovered ÷ defaulted\n";
        let _ = writeln!(text, "recovery_rate = {}", Rate::from_f64(rate));
        if !curves.recovery_lag.is_empty() {
            let _ = writeln!(text, "recovery_lag = [{}]", list(&curves.recovery_lag));
        }
    }
    text
}

fn list(rates: &[Rate]) -> String {
    rates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    crate::config::Node::Text(text.to_string()).to_toml()
}
