//! What stands beside the priority of payments, in words: definitions, triggers, accounts, facilities,
//! support, swaps and the call.

use super::define::{Definition, KNOWN};
use super::{
    Call, CallWhen, CashAccount, Consequence, Coupon, Covers, Deal, Funding, Metric, Notional,
    NotionalPart, Receipt, Side, Size, Subpool, Target, Tested, Tranche, Trigger,
};
use crate::config::in_chinese;
use crate::finding::Lang;
use crate::formula::from_text::{self, Read};

/// The terms, one line each.
pub fn terms(deal: &Deal, lang: Lang) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    terms.extend(deal.subpools.iter().map(|subpool| stand(subpool, lang)));
    terms.extend(deal.definitions.iter().map(|definition| define(deal, definition, lang)));
    terms.extend(deal.tranches.iter().map(|tranche| notes(deal, tranche, lang)));
    for fee in &deal.fees {
        if let Some(minimum) = fee.minimum {
            let minimum = minimum.grouped();
            terms.push(pick(
                lang,
                format!("{}: 每个兑付日不低于 {minimum} 元。", fee.name.zh),
                format!("{}: at least {minimum} on a payment date.", fee.name.en),
            ));
        }
    }
    let revolving = deal.dates.revolving_payments;
    if revolving > 0 {
        terms.push(pick(
            lang,
            format!("循环期: 前 {revolving} 个兑付日。"),
            format!("Revolving period: the first {revolving} payment dates."),
        ));
    }
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

fn pick<T>(lang: Lang, zh: T, en: T) -> T {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A sub-pool with its tape and the day it is of.
fn stand(subpool: &Subpool, lang: Lang) -> String {
    let (name, tape, cutoff) = (subpool.name.in_lang(lang), &subpool.tape, subpool.terms.cutoff);
    pick(
        lang,
        format!("{name}: 子资产池, 封包日 {cutoff}, 资产明细 {tape}。"),
        format!("{name}: a sub-pool, cut-off date {cutoff}, tape {tape}."),
    )
}

/// How a tranche accrues and is paid, beside what the clauses say.
fn notes(deal: &Deal, tranche: &Tranche, lang: Lang) -> String {
    let name = tranche.name.in_lang(lang);
    let (zh, en) = tranche.day_count.words();
    let mut text = format!("{name}: {}", pick(lang, zh, en));
    let mut say =
        |zh: String, en: String| text += &pick(lang, format!("; {zh}"), format!("; {en}"));
    if let Some(strip) = &tranche.strip {
        let on = notional(deal, &strip.notional, lang);
        say(format!("按{on}计息, 无本金"), format!("interest on {on}, no principal"));
    }
    if !tranche.frequency.is_empty() {
        let of = |(state, frequency): (&super::State, &super::Frequency)| {
            format!("{} {}", said(state.word(), lang), said(frequency.word(), lang))
        };
        let mut words: Vec<&super::Frequency> = tranche.frequency.values().collect();
        words.dedup();
        let all = words.len() == 1 && tranche.frequency.len() == super::State::WORDS.len();
        let by_state: Vec<String> = tranche.frequency.iter().map(of).collect();
        let often = if all { said(words[0].word(), lang) } else { by_state.join(", ") };
        say(format!("支付频率 {often}"), format!("paid {often}"));
    }
    if let Coupon::Floating(floating) = &tranche.coupon {
        let (reset, back) = (floating.reset_months, floating.look_back_days);
        say(
            format!("每 {reset} 个月重置, 提前 {back} 个营业日读取"),
            format!("reset every {reset} months, read {back} business days before"),
        );
        if let Some(cap) = floating.cap {
            say(format!("上限 {}", cap.percent()), format!("cap {}", cap.percent()));
        }
        let floor = floating.floor.unwrap_or(crate::money::Rate::ZERO).percent();
        say(format!("下限 {floor}"), format!("floor {floor}"));
    }
    if tranche.interest_on_arrears {
        say("欠付利息计息".into(), "interest on arrears".into());
    }
    if !tranche.timely {
        say("利息最迟于到期日支付".into(), "interest by maturity at the latest".into());
    }
    if let Some(per_unit) = tranche.per_unit {
        let places = per_unit.places;
        say(
            format!("每百元舍去至 {places} 位小数"),
            format!("per 100 of face, rounded down to {places} decimals"),
        );
    }
    text + pick(lang, "。", ".")
}

/// What interest accrues on where there is no principal.
fn notional(deal: &Deal, notional: &Notional, lang: Lang) -> String {
    let Notional::Sum(parts) = notional else {
        return pick(lang, "名义本金表".into(), "a table of notional amounts".into());
    };
    let part = |part: &NotionalPart| match part {
        NotionalPart::Tranche(place) => {
            let name = deal.tranches[*place].name.in_lang(lang);
            pick(lang, format!("{name}余额"), format!("the balance of {name}"))
        }
        NotionalPart::Pool => pick(lang, "期初资产池余额".into(), "the opening pool".into()),
        NotionalPart::Defined(place) => size(deal, Size::Defined(*place), lang),
    };
    let parts: Vec<String> = parts.iter().map(part).collect();
    parts.join(pick(lang, " 与", " and "))
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
        "pool." => deal.subpools.iter().map(|block| (&block.id, &block.name)).collect(),
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

fn size(deal: &Deal, size: Size, lang: Lang) -> String {
    match size {
        Size::Fixed(amount) => amount.grouped(),
        Size::Defined(place) => defined(deal, place, lang),
    }
}

/// The name of a definition, marked as one.
fn defined(deal: &Deal, place: usize, lang: Lang) -> String {
    let name = &deal.definitions[place].name;
    pick(lang, format!("“{name}”"), format!("`{name}`"))
}

/// A word of the deal file for readers.
fn said(word: &str, lang: Lang) -> String {
    pick(lang, in_chinese(word).to_string(), word.replace('_', " "))
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
    say(
        trigger.tested == Tested::Daily,
        "每日测试, 以最近一次分配后的数据为准".into(),
        "tested daily, on the figures after the last payments".into(),
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
    text + pick(lang, "。", ".")
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
        Metric::Ratio(place) => defined(deal, *place, lang),
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
        Target::Size(amount) => size(deal, *amount, lang),
        Target::Table(_) => pick(lang, "按兑付日列表".into(), "by the table of dates".into()),
    });
    let (zh_target, en_target) = match target {
        Some(target) => (format!("; 必备金额 {target}"), format!("; target {target}")),
        None => Default::default(),
    };
    let words = Receipt::WORDS.iter().filter(|(_, receipt)| account.receives.contains(receipt));
    let words: Vec<String> = words.map(|(word, _)| said(word, lang)).collect();
    let (mut zh_more, mut en_more) = (String::new(), String::new());
    if !words.is_empty() {
        let of = |lang: Lang| -> Vec<&str> {
            account.pools.iter().map(|pool| deal.subpools[*pool].name.in_lang(lang)).collect()
        };
        let (of_zh, of_en) = match account.pools.is_empty() {
            true => Default::default(),
            false => (
                format!("{}的 ", of(Lang::Zh).join("、")),
                format!(" of {}", of(Lang::En).join(", ")),
            ),
        };
        zh_more += &format!("; 直接接收 {of_zh}{}", words.join("、"));
        en_more += &format!("; receives {}{of_en}", words.join(", "));
    }
    if let Some(earning) = &account.earns {
        zh_more += &format!("; 年收益率 {}", earning.rate.percent());
        en_more += &format!("; earns {} a year", earning.rate.percent());
    }
    let (name_zh, name_en) = (&account.name.zh, &account.name.en);
    pick(
        lang,
        format!("{name_zh}: 设立日由{zh}存入 {opening} 元{zh_target}{zh_more}。"),
        format!("{name_en}: {opening} paid in at closing by {en}{en_target}{en_more}."),
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
    let price = call.price.map(|price| size(deal, price, lang));
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
