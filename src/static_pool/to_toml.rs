//! Fitted curves as an assumptions file, with where they come from.

use std::fmt::Write;

use super::{AgeRate, Curves, Method};
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
}

/// An assumptions file of segments by age: for each its name, the product that it takes (nothing
/// for the last, which takes everything), and its curves.
///
/// Defaults are monthly rates of the opening balance by age where balances are known, otherwise
/// lifetime defaults × timing by age. Ages count from the month of origination: the first entry of
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

fn segment(curves: &Curves) -> String {
    let mut text = String::new();
    if !curves.smm.is_empty() {
        text += "# 早偿 ÷ (期初余额 − 计划还款), 按账龄 prepaid ÷ (opening − scheduled), by age\n";
        let _ = writeln!(text, "smm = [{}]", list(&by_month(&curves.smm)));
    }
    if !curves.mdr.is_empty() {
        text += "# 新增违约 ÷ 期初余额, 按账龄 new defaults ÷ opening balance, by age\n";
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

/// The rates of the months on book from 1; an age that nobody states carries the one before, and
/// what happens in the month of origination counts in the first month.
fn by_month(rates: &[AgeRate]) -> Vec<Rate> {
    let last = rates.last().map_or(1, |rate| rate.age.max(1));
    let at = |age: u32| {
        let known = rates.iter().rev().find(|rate| rate.age <= age);
        known.map_or(Rate::ZERO, |rate| below_one(Rate::from_f64(rate.rate)))
    };
    (1..=last).map(at).collect()
}

/// Rates of an assumptions file are below 1.
fn below_one(rate: Rate) -> Rate {
    rate.min(Rate::from_parts(Rate::ONE.parts() - 1))
}

fn list(rates: &[Rate]) -> String {
    rates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    crate::config::Node::Text(text.to_string()).to_toml()
}
