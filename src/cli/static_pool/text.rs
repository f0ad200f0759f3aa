//! A study on a terminal.

use std::path::Path;

use super::super::tables::aligned;
use super::super::{LangArg, say};
use crate::finding::Lang;
use crate::static_pool::{BaseCase, Form, Ladder, Ratios, RollRates, StaticPool, Study};

pub(super) fn wrote_assumptions(out: &Path, studies: &[Study], lang: LangArg) -> String {
    let out = out.display();
    let mut text = match lang.messages() {
        Lang::Zh => format!("写入 `{out}`: 假设文件, 用于 run --assumptions"),
        Lang::En => format!("Wrote `{out}`: assumptions for run --assumptions"),
    };
    for study in studies {
        let Some(scaled) = &study.curves.scaled else { continue };
        let name = match study.product.as_str() {
            "" => String::new(),
            product => format!("{product}: "),
        };
        let [observed, base, left] = [scaled.observed, scaled.base, scaled.left].map(percent);
        let (factor, months) = (scaled.factor, scaled.rates.len() - 1);
        text += &match lang.messages() {
            Lang::Zh => format!(
                "\n  {name}mdr = 观察值 × {factor:.6}, 累计违约由 {observed} % 调整为基准 {base} %; 第 {months} 月后为 0, 其时余额尚有发放金额的 {left} %"
            ),
            Lang::En => format!(
                "\n  {name}mdr = observed × {factor:.6}: {observed} % of the amount lent becomes the base case, {base} %; 0 after month {months} on book, with {left} % outstanding"
            ),
        };
    }
    text
}

/// A share as percent with six decimals.
fn percent(share: f64) -> String {
    format!("{:.6}", 100.0 * share)
}

fn maybe(share: Option<f64>) -> String {
    share.map_or("–".to_string(), percent)
}

pub(super) fn page(pool: &StaticPool, studies: &[Study], lang: LangArg) -> String {
    let mut text = String::new();
    for study in studies {
        if !study.product.is_empty() {
            text += &format!("{}\n\n", study.product);
        }
        if let Some(ladder) = &study.ladder {
            text += &vintages(ladder, lang);
            text += &ages(ladder, study.base.as_ref(), lang);
        }
        if let Some(base) = &study.base {
            text += &base_case(base, lang);
        }
        if let (Some(ladder), Some(test)) = (&study.ladder, &study.back_test) {
            let title = say(lang, "回测: 前推月数", "Back-test, months ago");
            let error = say(lang, "合计误差%", "total error %");
            let mean = say(lang, "平均绝对误差%", "mean absolute error %");
            text += &format!(
                "{title} {}: {error} {}, {mean} {} ({}/{})\n\n",
                test.months,
                maybe(test.error()),
                maybe(test.mean_absolute_error()),
                test.rows.len(),
                ladder.triangle.names.len(),
            );
        }
        if let Some(rolls) = &study.rolls {
            text += &roll_rates(rolls, lang);
        }
    }
    text + &latest(pool, lang)
}

fn vintages(ladder: &Ladder, lang: LangArg) -> String {
    let head = [
        say(lang, "静态池", "vintage"),
        say(lang, "发放金额", "original"),
        say(lang, "账龄", "MOB"),
        say(lang, "累计违约", "defaulted"),
        say(lang, "累计违约率%", "of original %"),
        say(lang, "终极违约率%", "ultimate %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (place, end) in ladder.ultimates.iter().enumerate() {
        let triangle = &ladder.triangle;
        let original = triangle.originals[place];
        rows.push(vec![
            triangle.names[place].clone(),
            original.grouped(),
            triangle.mobs[end.latest].to_string(),
            end.observed.grouped(),
            percent(end.observed.to_f64() / original.to_f64()),
            percent(end.ratio),
        ]);
    }
    aligned(&rows) + "\n"
}

fn ages(ladder: &Ladder, base: Option<&BaseCase>, lang: LangArg) -> String {
    let head = [
        say(lang, "账龄", "MOB"),
        say(lang, "至下期", "to the next"),
        say(lang, "至终极", "to the end"),
        say(lang, "时间分布%", "timing %"),
        say(lang, "存续占比%", "balance left %"),
        say(lang, "剩余违约%", "still to default %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for (place, mob) in ladder.triangle.mobs.iter().enumerate() {
        let link = ladder.links.get(place).map_or("–".to_string(), |link| {
            link.map_or("?".to_string(), |link| format!("{link:.6}"))
        });
        let seasoned = base.and_then(|base| base.seasoned[place]);
        rows.push(vec![
            mob.to_string(),
            link,
            format!("{:.6}", ladder.to_ultimate[place]),
            format!("{:.4}", 100.0 * ladder.timing[place]),
            seasoned.map_or("–".to_string(), |(left, _)| format!("{:.4}", 100.0 * left)),
            seasoned.map_or("–".to_string(), |(_, rest)| percent(rest)),
        ]);
    }
    aligned(&rows) + "\n"
}

fn base_case(base: &BaseCase, lang: LangArg) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: String| rows.push(vec![name.to_string(), value]);
    row(say(lang, "加权平均% (占发放金额)", "weighted % (of original)"), percent(base.weighted));
    row(say(lang, "简单平均%", "simple mean %"), percent(base.mean));
    row(say(lang, "样本标准差%", "sample st. dev. %"), maybe(base.deviation));
    if let Some(trend) = base.trend {
        row(say(lang, "趋势斜率% (每月)", "trend % (a month)"), percent(trend.slope));
        row(say(lang, "斜率标准误%", "its standard error %"), maybe(trend.error));
        row(say(lang, "趋势线末端%", "trend at the latest %"), percent(trend.end));
        row(say(lang, "趋势加点%", "add-on for the trend %"), percent(trend.add_on));
    }
    row(say(lang, "基准违约率%", "base case %"), percent(base.base));
    if base.terms.purchased > crate::money::Rate::ZERO {
        row(
            say(lang, "含循环购买% (占初始资产池)", "with purchases % (of initial pool)"),
            percent(base.revolving),
        );
    }
    if let Some(fit) = base.lognormal {
        row("lognormal μ", format!("{:.8}", fit.mu));
        row("lognormal σ", format!("{:.8}", fit.sigma));
        if fit.used > fit.sigma {
            row(say(lang, "σ 下限", "σ used (floor)"), format!("{:.8}", fit.used));
        }
    }
    let mut text = aligned(&rows) + "\n";
    if !base.stressed.is_empty() {
        let head = [
            say(lang, "评级", "rating"),
            say(lang, "倍数", "multiple"),
            say(lang, "基准×倍数%", "base × multiple %"),
            say(lang, "概率", "probability"),
            say(lang, "分位数%", "quantile %"),
        ];
        let mut rows = vec![head.map(str::to_string).to_vec()];
        for stressed in &base.stressed {
            let rating = &stressed.rating;
            rows.push(vec![
                rating.name.clone(),
                rating.multiple.map_or("–".to_string(), |multiple| multiple.to_string()),
                maybe(stressed.by_multiple),
                rating.probability.map_or("–".to_string(), |rate| rate.percent()),
                maybe(stressed.by_quantile),
            ]);
        }
        text += &(aligned(&rows) + "\n");
    }
    text
}

fn roll_rates(rolls: &RollRates, lang: LangArg) -> String {
    let head = [
        say(lang, "迁徙", "roll"),
        say(lang, "最近一月%", "last month %"),
        say(lang, "均值%", "mean %"),
    ];
    let mut rows = vec![head.map(str::to_string).to_vec()];
    for roll in &rolls.rolls {
        let last = roll.rates.iter().rev().find_map(|(_, rate)| *rate);
        let name = format!("{} → {}", roll.from.name(), roll.to.name());
        rows.push(vec![name, maybe(last), maybe(roll.mean)]);
    }
    let flow = say(lang, "正常至违约 (月)", "normal to default, a month");
    rows.push(vec![flow.to_string(), String::new(), maybe(rolls.gross_flow())]);
    let yearly = say(lang, "×12", "× 12");
    rows.push(vec![yearly.to_string(), String::new(), maybe(rolls.yearly())]);
    aligned(&rows) + "\n"
}

/// The ratios of the last month of the whole pool, on every base.
fn latest(pool: &StaticPool, lang: LangArg) -> String {
    use crate::static_pool::{Base, Figure};
    let ratios = Ratios::of(pool);
    let Some(last) = ratios.by_month.iter().map(|ratio| ratio.date).max() else {
        return String::new();
    };
    let bases: &[(Base, &str, &str)] = &[
        (Base::Original, "占期初静态池%", "of first vintages %"),
        (Base::Opening, "占期初余额%", "of opening %"),
        (Base::Closing, "占期末余额%", "of closing %"),
        (Base::EverToDate, "占累计发放%", "of all lent %"),
    ];
    // Of a dynamic table nothing is known of what was lent.
    let bases = if pool.form == Form::Dynamic { &bases[1..3] } else { bases };
    let mut head = vec![last.to_string(), say(lang, "金额", "amount").to_string()];
    head.extend(bases.iter().map(|(_, zh, en)| say(lang, zh, en).to_string()));
    let mut rows = vec![head];
    for ratio in ratios.by_month.iter().filter(|ratio| ratio.date == last) {
        let name = match ratio.figure {
            Figure::NewDefault => say(lang, "新增违约", "new defaults"),
            Figure::CumDefault => say(lang, "累计违约", "cumulative defaults"),
            Figure::Over30 => say(lang, "逾期30+", "30+ days past due"),
            Figure::Over60 => say(lang, "逾期60+", "60+ days past due"),
            Figure::Over90 => say(lang, "逾期90+", "90+ days past due"),
            Figure::Prepaid => say(lang, "早偿", "prepaid"),
            Figure::CumRecovery => say(lang, "累计回收", "cumulative recoveries"),
        };
        let mut row = vec![name.to_string(), ratio.numerator.grouped()];
        row.extend(bases.iter().map(|(base, ..)| {
            ratio.on(*base).map_or("–".to_string(), |share| format!("{:.4}", 100.0 * share))
        }));
        rows.push(row);
    }
    aligned(&rows)
}
