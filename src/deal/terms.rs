//! What stands beside the priority of payments, in words: definitions, triggers, accounts, facilities,
//! support, swaps and the call.

use super::define::{Definition, KNOWN};
use super::{
    Call, CallWhen, CashAccount, Consequence, Covers, Deal, Funding, Metric, Side, Size, Target,
    Tested, Trigger,
};
use crate::finding::Lang;
use crate::formula::from_text::{self, Read};

/// The terms, one line each.
pub fn terms(deal: &Deal, lang: Lang) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    terms.extend(deal.definitions.iter().map(|definition| define(deal, definition, lang)));
    terms.extend(deal.triggers.iter().map(|trigger| test(deal, trigger, lang)));
    terms.extend(deal.accounts.iter().map(|account| hold(deal, account, lang)));
    for facility in &deal.facilities {
        let (limit, rate) = (facility.limit.grouped(), facility.rate.percent());
        let commitment = facility.commitment_rate.percent();
        terms.push(pick(
            lang,
            format!("{}: 最高可提用 {limit} 元, 年利率 {rate}, 承诺费率 {commitment}。", facility.name.zh),
            format!("{}: lends up to {limit} at {rate} a year; commitment fee {commitment} on what is not drawn.", facility.name.en),
        ));
    }
    terms.extend(supports(deal, lang));
    for swap in &deal.swaps {
        terms.push(pick(
            lang,
            format!("{}: 按名义本金轧差结算。", swap.name.zh),
            format!("{}: settled net on its notional amount.", swap.name.en),
        ));
    }
    terms.extend(deal.call.iter().map(|call| clean_up(deal, call, lang)));
    terms
}

fn pick(lang: Lang, zh: String, en: String) -> String {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn define(deal: &Deal, definition: &Definition, lang: Lang) -> String {
    let name = &definition.name;
    let text = spoken(deal, definition, lang);
    pick(lang, format!("“{name}”指 {text}。"), format!("`{name}` means {text}."))
}

/// The expression with every name of the tool in words.
fn spoken(deal: &Deal, definition: &Definition, lang: Lang) -> String {
    let mut text = definition.text.clone();
    let mut names: Vec<_> = from_text::names(&definition.expr).collect();
    names.sort_by_key(|(_, span, _)| std::cmp::Reverse(span.start));
    for (name, span, read) in names {
        let Some(meaning) = meaning(deal, &name, lang) else { continue };
        if read == Read::Now && text.get(span.start..span.end) == Some(name.as_str()) {
            text.replace_range(span.start..span.end, &format!("[{meaning}]"));
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a name of the tool stands for, with the name of whose it is.
fn meaning(deal: &Deal, name: &str, lang: Lang) -> Option<String> {
    for known in &KNOWN {
        let words = if lang == Lang::Zh { known.zh } else { known.en };
        let Some((before, after)) = known.pattern.split_once('*') else {
            if known.pattern == name {
                return Some(words.to_string());
            }
            continue;
        };
        let id = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        let Some(id) = id.filter(|id| !id.contains('.')) else { continue };
        return Some(format!("{}: {words}", whose(deal, before, id, lang)));
    }
    None
}

/// The name for readers of a block by its kind and id.
fn whose(deal: &Deal, kind: &str, id: &str, lang: Lang) -> String {
    let names: Vec<(&String, &super::Text)> = match kind {
        "tranche." => deal.tranches.iter().map(|block| (&block.id, &block.name)).collect(),
        "fee." => deal.fees.iter().map(|block| (&block.id, &block.name)).collect(),
        "account." => deal.accounts.iter().map(|block| (&block.id, &block.name)).collect(),
        "facility." => deal.facilities.iter().map(|block| (&block.id, &block.name)).collect(),
        "swap." => deal.swaps.iter().map(|block| (&block.id, &block.name)).collect(),
        _ => deal.triggers.iter().map(|block| (&block.id, &block.name)).collect(),
    };
    let found = names.iter().find(|(known, _)| *known == id);
    found.map_or(id.to_string(), |(_, name)| name.in_lang(lang).to_string())
}

fn size(deal: &Deal, size: Size) -> String {
    match size {
        Size::Fixed(amount) => amount.grouped(),
        Size::Defined(place) => format!("`{}`", deal.definitions[place].name),
    }
}

fn test(deal: &Deal, trigger: &Trigger, lang: Lang) -> String {
    let name = trigger.name.in_lang(lang);
    let mut text = format!("{name}: {}", condition(deal, trigger, lang));
    let mut say = |holds: bool, zh: String, en: String| {
        if holds {
            text += &pick(lang, format!("; {zh}"), format!("; {en}"));
        }
    };
    let (from, times, days, lag) =
        (trigger.from_payment, trigger.consecutive, trigger.grace_days, trigger.effect_lag);
    say(from > 1, format!("自第 {from} 次兑付起测试"), format!("tested from payment {from} on"));
    say(times > 1, format!("须连续 {times} 次"), format!("{times} tests in a row"));
    say(days > 0, format!("须持续 {days} 天"), format!("for {days} days"));
    say(
        trigger.tested == Tested::After,
        "分配后测试, 自下期生效".into(),
        "tested after payment, with effect from the next date".into(),
    );
    say(lag > 0, format!("{lag} 个兑付日后生效"), format!("in effect {lag} payment dates later"));
    say(trigger.curable, "指标恢复即解除".into(), "cured when the figure recovers".into());
    if let Some(who) = &trigger.decided_by {
        say(true, format!("由{}决定", who.zh), format!("decided by the {}", who.en));
    }
    let (zh, en) = match trigger.consequence {
        Consequence::Default => ("后果: 违约事件", "then the deal is in default"),
        Consequence::Accelerate => ("后果: 加速清偿", "then the deal is accelerated"),
        Consequence::EndRevolving => ("后果: 提前结束循环期", "then the revolving period ends"),
        Consequence::Flag => ("后果: 由各条引用", "clauses ask for it by name"),
    };
    say(true, zh.into(), en.into());
    text + pick(lang, "。".into(), ".".into()).as_str()
}

fn condition(deal: &Deal, trigger: &Trigger, lang: Lang) -> String {
    let metric = match &trigger.metric {
        Metric::CumulativeDefaultRatio => {
            pick(lang, "累计违约率".into(), "defaults to date on the initial pool".into())
        }
        Metric::SeniorCoverage => {
            pick(lang, "优先级覆盖倍数".into(), "pool and cash on the senior balance".into())
        }
        Metric::PoolFactor => {
            pick(lang, "资产池剩余比例".into(), "the pool on the initial pool".into())
        }
        Metric::Ratio(place) => format!("`{}`", deal.definitions[*place].name),
        Metric::Flag(place) => {
            let name = &deal.definitions[*place].name;
            return pick(lang, format!("“{name}”成立"), format!("`{name}` holds"));
        }
        Metric::Declared(_) => {
            return pick(lang, "经宣布".into(), "declared".into());
        }
    };
    let (zh, en) = match trigger.side {
        Side::Above => ("高于", "above"),
        Side::AtLeast => ("不低于", "at or above"),
        Side::Below => ("低于", "below"),
        Side::AtMost => ("不高于", "at or below"),
    };
    let several = trigger.thresholds.len() > 1;
    let thresholds = trigger.thresholds.iter().map(|(from, rate)| match several {
        false => rate.percent(),
        true => pick(
            lang,
            format!("{} (自第 {from} 次兑付)", rate.percent()),
            format!("{} (from payment {from})", rate.percent()),
        ),
    });
    let thresholds: Vec<String> = thresholds.collect();
    pick(
        lang,
        format!("{metric}{zh} {}", thresholds.join("、")),
        format!("{metric} {en} {}", thresholds.join(", ")),
    )
}

fn hold(deal: &Deal, account: &CashAccount, lang: Lang) -> String {
    let opening = account.opening.grouped();
    let (zh, en) = match account.funded_by {
        Funding::Proceeds => ("募集资金", "the proceeds"),
        Funding::Originator => ("原始权益人", "the originator"),
    };
    let target = account.target.as_ref().map(|target| match target {
        Target::Size(amount) => size(deal, *amount),
        Target::Table(_) => pick(lang, "按兑付日列表".into(), "by the table of dates".into()),
    });
    let (zh_target, en_target) = match target {
        Some(target) => (format!("; 必备金额 {target}"), format!("; target {target}")),
        None => Default::default(),
    };
    let (name_zh, name_en) = (&account.name.zh, &account.name.en);
    pick(
        lang,
        format!("{name_zh}: 设立日由{zh}存入 {opening} 元{zh_target}。"),
        format!("{name_en}: {opening} paid in at closing by {en}{en_target}."),
    )
}

fn supports(deal: &Deal, lang: Lang) -> Vec<String> {
    let of = |support: &super::Support| {
        let clauses: Vec<&str> =
            support.covers.iter().map(|step| deal.steps[*step].clause.as_str()).collect();
        let limit = support.limit.map(|limit| limit.grouped());
        let (zh, en) = match &limit {
            Some(limit) => (format!(", 以 {limit} 元为限"), format!(", up to {limit} in all")),
            None => Default::default(),
        };
        pick(
            lang,
            format!(
                "{}: 分配前试算, 就第 {} 条的差额于当日划付{zh}。",
                support.name.zh,
                clauses.join("、")
            ),
            format!(
                "{}: pays on the same date what a dry run leaves short in clauses {}{en}.",
                support.name.en,
                clauses.join(", ")
            ),
        )
    };
    deal.supports.iter().map(of).collect()
}

fn clean_up(deal: &Deal, call: &Call, lang: Lang) -> String {
    let when = match call.when {
        CallWhen::PoolFactor(share) => {
            let share = share.percent();
            pick(
                lang,
                format!("资产池余额降至初始余额的 {share}"),
                format!("the pool is at or below {share} of its initial balance"),
            )
        }
        CallWhen::Defined(place) => {
            let name = &deal.definitions[place].name;
            pick(lang, format!("“{name}”成立"), format!("`{name}` holds"))
        }
    };
    let price = call.price.map(|price| size(deal, price));
    let (zh, en) = match call.covers {
        Covers::Senior => ("税费与优先级", "tax, fees and the senior tranches"),
        Covers::All => ("税费与全部证券", "tax, fees and all tranches"),
        Covers::Nothing => ("(无须覆盖)", "nothing"),
    };
    let price_zh = price.clone().unwrap_or_else(|| "资产池余额".to_string());
    let price_en = price.unwrap_or_else(|| "the pool's balance".to_string());
    pick(
        lang,
        format!("清仓回购: {when}时可行使, 价格为{price_zh}, 资金与价款须覆盖{zh}。"),
        format!("Clean-up call: allowed once {when}, at {price_en}, if cash and price cover {en}."),
    )
}
