//! One cell as the file holds it, and the strict readings of it.

use std::borrow::Cow;

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::{Amount, Rate};

/// A cell's content, free of the file format.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    /// Text, or anything of a text file.
    Text(Cow<'a, str>),
    /// A number of a workbook; `percent` when the cell is formatted as one.
    Number { value: f64, percent: bool },
    /// A cell formatted as a date.
    Date(NaiveDate),
}

/// A cell that is not empty, with its column from 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell<'a> {
    pub(crate) column: usize,
    pub(crate) raw: Raw<'a>,
}

/// What became of reading a cell as some type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading<T> {
    /// Empty, or a mark for "nothing": —, -, N/A.
    Missing,
    /// The value.
    Is(T),
    /// Something else: the code of the finding.
    Fault(&'static str),
}

/// How the number in a money cell relates to the major unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoneyUnit {
    /// 分, the minor unit: a hundredth.
    Fen,
    /// 元, the major unit.
    #[default]
    Yuan,
    /// 千元, a thousand of it.
    QianYuan,
    /// 万元, ten thousand of it.
    WanYuan,
    /// 百万元, a million of it.
    MillionYuan,
    /// 亿元, a hundred million of it.
    YiYuan,
}

impl MoneyUnit {
    /// All of them with their words in a mapping.
    pub(crate) const WORDS: [(MoneyUnit, &'static str); 6] = [
        (MoneyUnit::Fen, "fen"),
        (MoneyUnit::Yuan, "yuan"),
        (MoneyUnit::QianYuan, "qian_yuan"),
        (MoneyUnit::WanYuan, "wan_yuan"),
        (MoneyUnit::MillionYuan, "million_yuan"),
        (MoneyUnit::YiYuan, "yi_yuan"),
    ];

    /// Its word in a mapping.
    pub(crate) fn word(self) -> &'static str {
        let of = MoneyUnit::WORDS.into_iter().find(|(unit, _)| *unit == self);
        of.expect("every unit has a word").1
    }

    /// The number in the major unit, exactly.
    fn of(self, number: Decimal) -> Option<Decimal> {
        match self {
            MoneyUnit::Fen => number.checked_div(Decimal::ONE_HUNDRED),
            MoneyUnit::Yuan => Some(number),
            MoneyUnit::QianYuan => number.checked_mul(Decimal::from(1_000)),
            MoneyUnit::WanYuan => number.checked_mul(Decimal::from(10_000)),
            MoneyUnit::MillionYuan => number.checked_mul(Decimal::from(1_000_000)),
            MoneyUnit::YiYuan => number.checked_mul(Decimal::from(100_000_000)),
        }
    }
}

impl Raw<'_> {
    /// The cell as text: numbers by their shortest exact digits, dates as `2025-01-05`.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Raw::Text(text) => Cow::Borrowed(text.trim()),
            Raw::Number { value, percent: false } => Cow::Owned(value.to_string()),
            Raw::Number { value, percent: true } => Cow::Owned(percent_text(*value)),
            Raw::Date(date) => Cow::Owned(date.to_string()),
        }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Raw::Text(text) if is_missing(text.trim()))
    }

    /// Whether it is what a spreadsheet shows where a lookup found nothing: no figure, and no empty
    /// cell either.
    pub(crate) fn is_failed_lookup(&self) -> bool {
        matches!(self, Raw::Text(text) if text.starts_with('#') && text.eq_ignore_ascii_case("#n/a"))
    }

    /// Money at the minor unit, exactly; never negative.
    pub(crate) fn amount(&self, unit: MoneyUnit) -> Reading<Amount> {
        if let (Raw::Number { value, .. }, MoneyUnit::Yuan) = (self, unit)
            && let Some(amount) = cents(*value)
        {
            return Reading::Is(amount);
        }
        let (value, _) = match self.decimal() {
            Reading::Is(value) => value,
            Reading::Missing => return Reading::Missing,
            Reading::Fault(code) => return Reading::Fault(code),
        };
        match unit.of(value).map(|value| (value, Amount::from_decimal_exact(value))) {
            Some((_, Some(amount))) if amount < Amount::ZERO => Reading::Fault("P0109"),
            Some((_, Some(amount))) => Reading::Is(amount),
            Some((value, None)) if value.normalize().scale() > 2 => Reading::Fault("P0108"),
            Some(_) | None => Reading::Fault("P0104"),
        }
    }

    /// Money with more decimals than the minor unit, rounded half away from zero; `None` of any other
    /// cell.
    pub(crate) fn rounded(&self, unit: MoneyUnit) -> Option<Amount> {
        let Reading::Fault("P0108") = self.amount(unit) else { return None };
        let Reading::Is((value, _)) = self.decimal() else { return None };
        let rounding = RoundingStrategy::MidpointAwayFromZero;
        Amount::from_decimal_exact(unit.of(value)?.round_dp_with_strategy(2, rounding))
            .filter(|amount| *amount >= Amount::ZERO)
    }

    /// A whole number that is not negative and at most `most`: `12`, `12期`.
    pub(crate) fn count(&self, most: u32) -> Reading<u32> {
        let value = match self {
            Raw::Number { value, .. } if *value >= 0.0 && *value <= 1e6 && value.fract() == 0.0 => {
                whole(*value)
            }
            _ => match self.decimal() {
                Reading::Is((value, _)) => value,
                Reading::Missing => return Reading::Missing,
                Reading::Fault(code) => return Reading::Fault(code),
            },
        };
        if value < Decimal::ZERO {
            return Reading::Fault("P0109");
        }
        match value.normalize() {
            part if part.scale() > 0 => Reading::Fault("P0104"),
            count => match count.to_u32() {
                Some(count) if count <= most => Reading::Is(count),
                Some(_) | None => Reading::Fault("P0104"),
            },
        }
    }

    /// The due day of a month: `15`, `15日`, `每月15号`; 月末 is 31, the last day of any month.
    pub(crate) fn due_day(&self) -> Reading<u32> {
        let Raw::Text(text) = self else { return self.count(31) };
        let text = half_width(text.trim());
        let day = ["每月", "每个月"].iter().find_map(|each| text.strip_prefix(each));
        let day = day.unwrap_or(&text).trim();
        const LAST: [&str; 9] = [
            "月末",
            "月底",
            "末日",
            "最后一天",
            "最后一日",
            "最后1天",
            "eom",
            "month end",
            "last day",
        ];
        match LAST.iter().any(|last| day.eq_ignore_ascii_case(last)) {
            true => Reading::Is(31),
            false => Raw::Text(Cow::Borrowed(day.trim_end_matches('号'))).count(31),
        }
    }

    /// A rate as it is written, and whether it is certainly a fraction of one (`5 %` is 0.05).
    pub(crate) fn rate(&self) -> Reading<(Rate, bool)> {
        if let Raw::Number { value, percent } = self
            && let Some(rate) = parts(*value)
        {
            return Reading::Is((rate, *percent));
        }
        match self.decimal() {
            Reading::Is((value, percent)) => match Rate::from_decimal(value) {
                Some(rate) if rate < Rate::ZERO => Reading::Fault("P0109"),
                Some(rate) => Reading::Is((rate, percent)),
                None => Reading::Fault("P0104"),
            },
            Reading::Missing => Reading::Missing,
            Reading::Fault(code) => Reading::Fault(code),
        }
    }

    /// A day. Bare serial numbers count only when the mapping says `serial`.
    pub(crate) fn date(&self, serial: bool) -> Reading<NaiveDate> {
        match self {
            // An empty cell that is formatted as a date is the day before the calendar begins.
            Raw::Date(date) if !is_plausible(*date) => Reading::Fault("P0105"),
            Raw::Date(date) => Reading::Is(*date),
            Raw::Number { value, .. } => {
                let date = number_as_date(*value, serial).filter(|date| is_plausible(*date));
                date.map_or(Reading::Fault("P0105"), Reading::Is)
            }
            Raw::Text(text) => {
                let text = half_width(text.trim());
                if is_missing(&text) {
                    return Reading::Missing;
                }
                let number = || text.parse().ok().filter(|_| serial || text.len() == 8);
                let date = text_as_date(&text)
                    .or_else(|| number().and_then(|value| number_as_date(value, serial)));
                date.filter(|date| is_plausible(*date)).map_or(Reading::Fault("P0105"), Reading::Is)
            }
        }
    }

    /// The first day of a month: `2018-03`, `201803`, `2018年3月`, or any date in it.
    pub(crate) fn month(&self) -> Reading<NaiveDate> {
        if let Reading::Is(date) = self.date(false) {
            return date.with_day(1).map_or(Reading::Fault("P0105"), Reading::Is);
        }
        let text = self.text();
        let text = half_width(&text);
        if is_missing(&text) {
            return Reading::Missing;
        }
        let digits: Vec<&str> =
            text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        let (year, month) = match digits.as_slice() {
            [year, month] if year.len() == 4 => (*year, *month),
            [both] if both.len() == 6 => both.split_at(4),
            _ => return Reading::Fault("P0105"),
        };
        let day = || NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1);
        day().map_or(Reading::Fault("P0105"), Reading::Is)
    }

    /// An identifier. A number of sixteen digits or more has lost digits in the spreadsheet.
    pub(crate) fn id(&self) -> Reading<Cow<'_, str>> {
        match self {
            Raw::Number { value, .. } if value.abs() >= 1e15 => Reading::Fault("P0103"),
            Raw::Text(text) if is_missing(text.trim()) => Reading::Missing,
            Raw::Text(text) if is_scientific(text.trim()) => Reading::Fault("P0103"),
            Raw::Text(_) | Raw::Number { .. } | Raw::Date(_) => Reading::Is(self.text()),
        }
    }

    /// The number exactly as written, and whether it carried a percent sign or format.
    fn decimal(&self) -> Reading<(Decimal, bool)> {
        match self {
            Raw::Number { value, percent } => match Decimal::from_str_exact(&value.to_string()) {
                Ok(number) => Reading::Is((number, *percent)),
                Err(_) => Reading::Fault("P0104"),
            },
            Raw::Text(text) if is_missing(text.trim()) => Reading::Missing,
            Raw::Text(text) => text_as_number(text).map_or(Reading::Fault("P0104"), Reading::Is),
            Raw::Date(_) => Reading::Fault("P0104"),
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn whole(value: f64) -> Decimal {
    Decimal::from(value as i64)
}

/// The cents of a double when it is the double nearest to a whole number of cents below 10¹³.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
fn cents(value: f64) -> Option<Amount> {
    let cents = (value * 100.0).round();
    let exact = (0.0..1e15).contains(&cents) && cents / 100.0 == value;
    exact.then(|| Amount::from_minor(cents as i64))
}

/// The 10⁻¹² parts of a double with at most eight decimals.
#[allow(clippy::cast_possible_truncation, clippy::float_cmp)]
fn parts(value: f64) -> Option<Rate> {
    let scaled = (value * 1e8).round();
    let exact = (0.0..1e12).contains(&scaled) && scaled / 1e8 == value;
    exact.then(|| Rate::from_parts(scaled as i64 * 10_000))
}

fn percent_text(value: f64) -> String {
    match Decimal::from_str_exact(&value.to_string()) {
        Ok(fraction) => format!("{} %", (fraction * Decimal::ONE_HUNDRED).normalize()),
        Err(_) => value.to_string(),
    }
}

/// Marks that people and programs write where there is nothing.
pub(crate) fn is_missing(text: &str) -> bool {
    const MARKS: [&str; 25] = [
        "-", "--", "---", "—", "——", "―", "–", "－", "－－", "/", "／", "n/a", "#n/a", "na",
        "n.a.", "nan", "null", "none", "nil", "\\n", "(null)", "<null>", "无", "空", "暂无",
    ];
    match text.chars().next() {
        None => true,
        // Most cells are decided by their first letter.
        Some(
            '-' | '—' | '―' | '–' | '－' | '/' | '／' | 'n' | 'N' | '#' | '\\' | '(' | '<' | '无'
            | '空' | '暂',
        ) => MARKS.iter().any(|mark| text.eq_ignore_ascii_case(mark)),
        Some(_) => false,
    }
}

/// Whether a day can be one of a contract: not the start of a calendar, not its end.
fn is_plausible(date: NaiveDate) -> bool {
    (1950..2200).contains(&date.year())
}

/// `1.23457E+17`, `6E+18`: what a spreadsheet leaves of a long number.
fn is_scientific(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let whole = power.strip_prefix('+');
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && (whole.is_some() || digits.contains('.'));
    let power = whole.unwrap_or(power);
    is_number && !power.is_empty() && power.chars().all(|c| c.is_ascii_digit())
}

/// A text without what only marks it as one: an apostrophe before it, `="…"` around it, letters
/// without width at its ends.
pub(crate) fn plain(text: &str) -> &str {
    // Most cells begin and end with a digit, a letter or a Chinese character.
    let ideograph = |byte: &u8| matches!(byte, 0xe4..=0xe9);
    let bytes = text.as_bytes();
    let begins = bytes.first().is_some_and(|b| b.is_ascii_alphanumeric() || ideograph(b));
    let third_last = bytes.len().checked_sub(3).map(|place| bytes[place]);
    let ends = bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        || third_last.as_ref().is_some_and(ideograph);
    if begins && ends {
        return text;
    }
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let text = text.trim_matches(|c: char| c.is_whitespace() || invisible(c));
    // Two of them are quotes around a word, and the writer's own.
    let mark = ['\'', '’', '`'].into_iter().find(|mark| text.starts_with(*mark));
    if let Some(rest) = mark.and_then(|mark| text.strip_prefix(mark).filter(|r| !r.contains(mark)))
    {
        return rest.trim_start();
    }
    let quoted = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    match quoted.filter(|inside| !inside.contains('"')) {
        Some(inside) => inside.trim(),
        None => text,
    }
}

/// Full-width letters, digits and signs as their half-width forms.
pub(crate) fn half_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let narrow = |c: char| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '。' => '.',
        '，' => ',',
        '－' | '−' | '–' | '﹣' => '-',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("the block mirrors ASCII")
        }
        other => other,
    };
    Cow::Owned(text.chars().map(narrow).collect::<String>().trim().to_string())
}

/// `1,234.50`, `(12)`, `12-`, `５％`, `¥3`, `RMB 3`, `12期`: the number and whether it is a
/// percentage, made a fraction.
fn text_as_number(text: &str) -> Option<(Decimal, bool)> {
    if let Some(number) = bare_number(text) {
        return Some((number, false));
    }
    let text = half_width(text.trim());
    let (text, bracketed) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inside) => (inside.trim(), true),
        None => (text.as_ref(), false),
    };
    let (text, before) = without_sign(text);
    let text = without_currency(text);
    // The sign may stand on either side of the currency, and behind the number.
    let (text, within) = if before { (text, false) } else { without_sign(text) };
    let (text, behind) = match text.strip_suffix('-') {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let (text, percent) = match text.strip_suffix('%') {
        Some(rest) => (rest.trim_end(), true),
        None => (text.trim_end_matches(['元', '期', '天', '月', '个', '日']).trim_end(), false),
    };
    let signs = [bracketed, before, within, behind].iter().filter(|sign| **sign).count();
    if signs > 1 || text.starts_with(['-', '+']) {
        return None;
    }
    let plain = ungroup(text)?;
    let value = Decimal::from_str_exact(&plain).ok()?;
    let value = if percent { value.checked_div(Decimal::ONE_HUNDRED)? } else { value };
    Some((if signs == 1 { -value } else { value }, percent))
}

/// `1234`, `1234.50`: digits with one point among them at most, as most numbers stand.
#[inline]
fn bare_number(text: &str) -> Option<Decimal> {
    const LONGEST: usize = 18;
    let bytes = text.as_bytes();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    if bytes.len() > LONGEST || !ends(bytes.first()) || !ends(bytes.last()) {
        return None;
    }
    let (mut digits, mut decimals) = (0_i64, None::<u32>);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                digits = digits * 10 + i64::from(byte - b'0');
                decimals = decimals.map(|count| count + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return None,
        }
    }
    Some(Decimal::new(digits, decimals.unwrap_or(0)))
}

/// The text behind its sign, and whether that was a minus.
fn without_sign(text: &str) -> (&str, bool) {
    match text.strip_prefix('-') {
        Some(rest) => (rest.trim_start(), true),
        None => (text.strip_prefix('+').map_or(text, str::trim_start), false),
    }
}

/// The text without the sign or the name of a currency at either end.
fn without_currency(text: &str) -> &str {
    let text = text.trim_start_matches(['¥', '￥', '$']).trim();
    if !text.starts_with(|c: char| c.is_alphabetic())
        && !text.ends_with(|c: char| c.is_alphabetic())
    {
        return text;
    }
    for name in ["RMB", "CNY", "CN¥", "人民币"] {
        let head = text.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
        if head.is_some() {
            return text[name.len()..].trim_start_matches(['¥', '￥', ':']).trim();
        }
        let start = text.len().saturating_sub(name.len());
        if text.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(name)) {
            return text[..start].trim_end();
        }
    }
    text
}

/// Drops thousands separators that stand before three digits each; `1,23` is no number.
fn ungroup(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(',') {
        return Some(Cow::Borrowed(text));
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = groups.all(|group| group.len() == 3) && (1..=3).contains(&first.len());
    (grouped && !decimals.contains(',')).then(|| Cow::Owned(text.replace(',', "")))
}

/// `2025-01-05`, `2025/1/5`, `2025.1.5`, `2025年1月5日`, with or without a time of day behind it;
/// `20250105103000`.
fn text_as_date(text: &str) -> Option<NaiveDate> {
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (day, _) = text.split_at(8);
        return number_as_date(day.parse().ok()?, false);
    }
    let joined;
    let day = match text.contains('年') {
        // 2025 年 1 月 5 日 10:30
        true => {
            let day = text.split(['日', '号']).next()?;
            joined = day.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            joined.as_str()
        }
        false => text.split([' ', 'T']).next()?,
    };
    let mut parts = day.split(['-', '/', '.', '年', '月']);
    let (year, month) = (parts.next()?, parts.next()?);
    let day = parts.next()?.trim_end_matches(['日', '号']);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// 20250105, or day 45662 of the 1900 calendar when `serial`.
#[allow(clippy::cast_possible_truncation)]
fn number_as_date(value: f64, serial: bool) -> Option<NaiveDate> {
    if value.fract() != 0.0 && !serial {
        return None;
    }
    let whole = value.trunc() as i64;
    if (19_000_101..=21_991_231).contains(&whole) {
        let (year, month, day) = (whole / 10_000, whole / 100 % 100, whole % 100);
        return NaiveDate::from_ymd_opt(
            year.to_i32()?,
            u32::try_from(month).ok()?,
            u32::try_from(day).ok()?,
        );
    }
    // Day 1 is 1900-01-01, and day 60 is a 29 February that never was.
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day of the calendar");
    let days = chrono::Days::new(u64::try_from(whole).ok()?);
    (serial && (61..110_000).contains(&whole)).then(|| epoch.checked_add_days(days)).flatten()
}

/// The last day of the month that begins on `first`.
pub(crate) fn month_end(first: NaiveDate) -> NaiveDate {
    first
        .checked_add_months(Months::new(1))
        .and_then(|next| next.with_day(1))
        .and_then(|next| next.pred_opt())
        .expect("the calendar goes beyond any tape")
}

/// `A`, `B`, …, `Z`, `AA`: the letters of a column from 0.
pub(crate) fn letters(column: usize) -> String {
    let (mut text, mut rest) = (String::new(), column + 1);
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).expect("below 26");
        text.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    text
}

/// The column from 0 of its letters.
pub(crate) fn column_of(letters: &str) -> Option<usize> {
    let valid = !letters.is_empty()
        && letters.len() <= 3
        && letters.chars().all(|c| c.is_ascii_alphabetic());
    valid.then(|| {
        let places = letters.bytes().map(|b| usize::from(b.to_ascii_uppercase() - b'A') + 1);
        places.fold(0, |column, place| column * 26 + place) - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Raw<'_> {
        Raw::Text(Cow::Borrowed(text))
    }

    #[test]
    fn money_is_read_exactly_or_not_at_all() {
        let cases = [
            ("1,234.50", Reading::Is(Amount::from_minor(123_450))),
            ("１２３４．５", Reading::Is(Amount::from_minor(123_450))),
            ("￥ 1 元", Reading::Is(Amount::from_minor(100))),
            ("—", Reading::Missing),
            ("(12.00)", Reading::Fault("P0109")),
            ("12.00-", Reading::Fault("P0109")),
            ("-￥12.00", Reading::Fault("P0109")),
            ("¥-12.00", Reading::Fault("P0109")),
            ("(-12.00)", Reading::Fault("P0104")),
            ("RMB 1,000.00", Reading::Is(Amount::from_minor(100_000))),
            ("人民币1000元", Reading::Is(Amount::from_minor(100_000))),
            ("1000 CNY", Reading::Is(Amount::from_minor(100_000))),
            ("1,23", Reading::Fault("P0104")),
            ("1.234,56", Reading::Fault("P0104")),
            ("0.005", Reading::Fault("P0108")),
            ("=A1", Reading::Fault("P0104")),
        ];
        for (from, to) in cases {
            assert_eq!(text(from).amount(MoneyUnit::Yuan), to, "{from}");
        }
        assert_eq!(
            text("1.23456").amount(MoneyUnit::WanYuan),
            Reading::Is(Amount::from_minor(1_234_560))
        );
        for (from, to) in
            [("0.005", Some("0.01")), ("1.234", Some("1.23")), ("1.23", None), ("x", None)]
        {
            let rounded = text(from).rounded(MoneyUnit::Yuan).map(|amount| amount.to_string());
            assert_eq!(rounded.as_deref(), to, "{from}");
        }
        let number = |value| Raw::Number { value, percent: false }.amount(MoneyUnit::Yuan);
        assert_eq!(number(0.1 + 0.2), Reading::Fault("P0108"));
        assert_eq!(number(8_388_608.07), Reading::Is(Amount::from_minor(838_860_807)));
    }

    #[test]
    fn dates_come_in_seven_notations() {
        let day = NaiveDate::from_ymd_opt(2025, 1, 5).expect("a day");
        for from in [
            "20250105",
            "2025-01-05",
            "2025/1/5",
            "2025.1.5",
            "2025年1月5日",
            "２０２５-1-5",
            "2025-01-05 00:00:00",
            "2025 年 1 月 5 日 10:30",
            "2025年1月5号",
            "20250105103000",
        ] {
            assert_eq!(text(from).date(false), Reading::Is(day), "{from}");
        }
        assert_eq!(text("45662").date(false), Reading::Fault("P0105"));
        assert_eq!(text("45662").date(true), Reading::Is(day));
        assert_eq!(text("2025-02-30").date(false), Reading::Fault("P0105"));
        assert_eq!(
            Raw::Number { value: 20_250_105.0, percent: false }.date(false),
            Reading::Is(day)
        );
    }

    #[test]
    fn bare_numbers_are_what_any_number_is() {
        for from in ["0", "007", "1234.50", "0.000000000001", "999999999999999999", "1.0"] {
            assert_eq!(bare_number(from), Decimal::from_str_exact(from).ok(), "{from}");
            assert!(bare_number(from).is_some(), "{from}");
        }
        for from in ["", ".5", "5.", "1.2.3", "1,2", "-1", "1e5", "9999999999999999999", "１"] {
            assert_eq!(bare_number(from), None, "{from}");
        }
    }

    #[test]
    fn a_day_that_no_contract_has_is_none() {
        for from in ["1900-01-00", "1899-12-31", "9999-12-31", "0000-00-00", "19000101"] {
            assert_eq!(text(from).date(false), Reading::Fault("P0105"), "{from}");
        }
    }

    #[test]
    fn due_days_have_words_of_their_own() {
        for (from, to) in
            [("15", 15), ("每月15号", 15), ("月末", 31), ("每月月底", 31), ("EOM", 31)]
        {
            assert_eq!(text(from).due_day(), Reading::Is(to), "{from}");
        }
        assert_eq!(text("32").due_day(), Reading::Fault("P0104"));
    }

    #[test]
    fn marks_that_only_say_text_are_taken_away() {
        for from in ["'0012", "`0012", "=\"0012\"", "\u{feff}0012\u{200b} ", "0012\t"] {
            assert_eq!(plain(from), "0012", "{from}");
        }
        for from in ["=1+1", "A", "汉字", "余额A", "汉\u{200b}字", "6.9%"] {
            assert_eq!(plain(from), from);
        }
        assert_eq!(plain(" 汉字\u{3000}"), "汉字");
        assert_eq!(plain("汉字\u{200b}"), "汉字");
        assert_eq!(plain("汉字  "), "汉字");
        assert_eq!(plain("\u{3000}"), "");
        for (from, lost) in [("6E+18", true), ("6.2E18", true), ("12E5", false), ("A1E+5", false)] {
            assert_eq!(is_scientific(from), lost, "{from}");
        }
    }

    #[test]
    fn letters_and_columns_agree() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!((letters(column).as_str(), column_of(name)), (name, Some(column)));
        }
    }
}
