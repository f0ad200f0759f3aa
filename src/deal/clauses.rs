//! The priority of payments as numbered clauses, in Chinese and English, from the steps.

use super::{
    Amortisation, Base, Cadence, CashByDay, Charge, Condition, Coupon, Deal, Due, FacilityDue,
    FeeAccrual, Flag, Limit, LimitRule, Payment, Pot, Price, Sharing, Size, State, Step, Target,
    Tranche, UnpaidInterest,
};
use crate::finding::Lang;
use crate::portfolio::order::Order;

/// The clauses, one line each.
pub fn clauses(deal: &Deal, lang: Lang) -> Vec<String> {
    deal.steps.iter().enumerate().map(|(place, step)| clause(deal, step, place + 1, lang)).collect()
}

fn clause(deal: &Deal, step: &Step, number: usize, lang: Lang) -> String {
    let payees: Vec<String> = step.pay.iter().map(|payment| payee(deal, payment, lang)).collect();
    let source = if step.clause.is_empty() { String::new() } else { format!(" [{}]", step.clause) };
    let (gate, from, limit) =
        (gate(deal, step, lang), from(deal, step, lang), limit(deal, step, lang));
    match lang {
        Lang::Zh => {
            let sharing = match (step.sharing, payees.len()) {
                (_, 1) => "",
                (Sharing::Sequential, _) => "依次",
                (Sharing::ProRata, _) => "按应付金额比例同顺位",
            };
            format!("{number}. {gate}{from}{sharing}支付{}{limit}。{source}", payees.join("; "))
        }
        Lang::En => {
            let sharing = match (step.sharing, payees.len()) {
                (_, 1) => "",
                (Sharing::Sequential, _) => "in turn, ",
                (Sharing::ProRata, _) => "pari passu and pro rata to the amounts due, ",
            };
            format!("{number}. {gate}{from}{sharing}to pay {}{limit}.{source}", payees.join("; "))
        }
    }
}

/// The pot that pays, where it is not the collection account.
fn from(deal: &Deal, step: &Step, lang: Lang) -> String {
    if step.from == Pot::Collection {
        return String::new();
    }
    let name = crate::model::pot_name(deal, step.from);
    match (step.from, lang) {
        (Pot::Facility(_), Lang::Zh) => format!("提用{}, ", name.zh),
        (Pot::Facility(_), Lang::En) => format!("drawing on the {}, ", name.en),
        (_, Lang::Zh) => format!("自{}", name.zh),
        (_, Lang::En) => format!("out of the {}, ", name.en),
    }
}

/// What bounds the step as a whole.
fn limit(deal: &Deal, step: &Step, lang: Lang) -> String {
    match (&step.limit, lang) {
        (None, _) => String::new(),
        (Some(Limit::Amount(size)), Lang::Zh) => {
            format!(", 本顺位合计以{}为限", amount(deal, *size, lang))
        }
        (Some(Limit::Amount(size)), Lang::En) => {
            format!(", together not more than {}", amount(deal, *size, lang))
        }
        (Some(Limit::DownTo { of, target }), lang) => {
            let names = of.iter().map(|place| deal.tranches[*place].name.in_lang(lang));
            let names: Vec<&str> = names.collect();
            let target = amount(deal, *target, lang);
            match (lang, names.as_slice()) {
                (Lang::Zh, [name]) => format!(", 直至{name}的本金余额降至{target}"),
                (Lang::En, [name]) => {
                    format!(", until the balance of {name} comes down to {target}")
                }
                (Lang::Zh, _) => format!(", 直至{}的本金余额合计降至{target}", names.join("、")),
                (Lang::En, _) => format!(
                    ", until the balances of {} together come down to {target}",
                    names.join(", ")
                ),
            }
        }
    }
}

/// An amount: its figure, or the name it is defined under.
fn amount(deal: &Deal, size: Size, lang: Lang) -> String {
    match (size, lang) {
        (Size::Fixed(amount), Lang::Zh) => format!(" {} 元", amount.grouped()),
        (Size::Fixed(amount), Lang::En) => amount.grouped(),
        (Size::Defined(place), Lang::Zh) => format!("“{}”", deal.definitions[place].name),
        (Size::Defined(place), Lang::En) => format!("`{}`", deal.definitions[place].name),
    }
}

fn gate(deal: &Deal, step: &Step, lang: Lang) -> String {
    let mut conditions: Vec<String> = Vec::new();
    if !step.states.is_empty() {
        let states: Vec<&str> = step.states.iter().map(|state| state_name(*state, lang)).collect();
        conditions.push(match lang {
            Lang::Zh => format!("于{}", states.join("或")),
            Lang::En => format!("during {}", states.join(" or ")),
        });
    }
    conditions.extend(step.when.iter().map(|condition| condition_name(deal, condition, lang)));
    match (conditions.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("{}, ", conditions.join("且")),
        (false, Lang::En) => format!("{}, ", conditions.join(" and ")),
    }
}

fn state_name(state: State, lang: Lang) -> &'static str {
    match (state, lang) {
        (State::Revolving, Lang::Zh) => "循环期内",
        (State::Amortising, Lang::Zh) => "摊还期内",
        (State::Accelerated, Lang::Zh) => "加速清偿事件发生后",
        (State::Defaulted, Lang::Zh) => "违约事件发生后",
        (State::CleanUp, Lang::Zh) => "清仓回购行使后",
        (State::Revolving, Lang::En) => "the revolving period",
        (State::Amortising, Lang::En) => "the amortisation period",
        (State::Accelerated, Lang::En) => "the time after an acceleration event",
        (State::Defaulted, Lang::En) => "the time after an event of default",
        (State::CleanUp, Lang::En) => "the time after the clean-up call",
    }
}

fn condition_name(deal: &Deal, condition: &Condition, lang: Lang) -> String {
    match (condition.flag, condition.negated, lang) {
        (Flag::State(State::Accelerated), true, Lang::Zh) => "未发生加速清偿事件时".to_string(),
        (Flag::State(State::Accelerated), true, Lang::En) => {
            "unless an acceleration event has occurred".to_string()
        }
        (Flag::State(state), false, Lang::Zh) => format!("于{}", state_name(state, lang)),
        (Flag::State(state), true, Lang::Zh) => format!("非于{}", state_name(state, lang)),
        (Flag::State(state), false, Lang::En) => format!("during {}", state_name(state, lang)),
        (Flag::State(state), true, Lang::En) => {
            format!("except during {}", state_name(state, lang))
        }
        (Flag::Defined(place), negated, lang) => {
            let name = &deal.definitions[place].name;
            match (negated, lang) {
                (false, Lang::Zh) => format!("若“{name}”成立"),
                (true, Lang::Zh) => format!("若“{name}”不成立"),
                (false, Lang::En) => format!("if `{name}` holds"),
                (true, Lang::En) => format!("unless `{name}` holds"),
            }
        }
        (Flag::Trigger(place), false, Lang::Zh) => {
            format!("若“{}”已触发", deal.triggers[place].name.zh)
        }
        (Flag::Trigger(place), true, Lang::Zh) => {
            format!("若“{}”未触发", deal.triggers[place].name.zh)
        }
        (Flag::Trigger(place), false, Lang::En) => {
            format!("if \"{}\" has tripped", deal.triggers[place].name.en)
        }
        (Flag::Trigger(place), true, Lang::En) => {
            format!("unless \"{}\" has tripped", deal.triggers[place].name.en)
        }
    }
}

fn payee(deal: &Deal, payment: &Payment, lang: Lang) -> String {
    let name = crate::model::payee(deal, &payment.due);
    let name = name.in_lang(lang);
    let cap = payment.cap.map(|size| match lang {
        Lang::Zh => format!(", 每期以{}为限", amount(deal, size, lang)),
        Lang::En => format!(", not more than {} on one date", amount(deal, size, lang)),
    });
    let year = payment.cap_per_year.map(|cap| match lang {
        Lang::Zh => format!(", 每自然年以 {} 元为限", cap.grouped()),
        Lang::En => format!(", not more than {} in a calendar year", cap.grouped()),
    });
    let (cap, year) = (cap.unwrap_or_default(), year.unwrap_or_default());
    format!("{name}{}{cap}{year}", manner(deal, &payment.due, lang))
}

fn text(lang: Lang, zh: String, en: String) -> String {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// How the amount due arises.
fn manner(deal: &Deal, due: &Due, lang: Lang) -> String {
    let say = |zh: &str, en: &str| text(lang, zh.to_string(), en.to_string());
    match due {
        Due::Tax => tax(deal, lang),
        Due::Fee(fee) => fee_manner(deal, &deal.fees[*fee].charge, lang),
        Due::Interest(place) => interest(deal, &deal.tranches[*place], lang),
        Due::Principal(place) => match &deal.tranches[*place].principal {
            Amortisation::PassThrough => say("直至本金余额为零", " until its balance is zero"),
            Amortisation::Scheduled(_) => say(
                "直至当期计划余额 (未付部分结转下期; 加速清偿、违约或清仓回购后全额到期)",
                " down to its scheduled balance (what is not paid stays due; all of it after acceleration, default or the call)",
            ),
            Amortisation::Bullet { payment } => text(
                lang,
                format!("于第 {payment} 次兑付起一次偿还 (加速清偿、违约或清仓回购后立即到期)"),
                format!(
                    " in full from payment {payment} on (at once after acceleration, default or the call)"
                ),
            ),
        },
        Due::Remainder(_) => say(" (全部剩余资金)", " (all that is left)"),
        Due::Purchase => purchase(deal, lang),
        Due::TopUp(place) => {
            let target = match &deal.accounts[*place].target {
                Some(Target::Size(size)) => amount(deal, *size, lang),
                Some(Target::Table(_)) => text(lang, "列表金额".into(), "its table".into()),
                None => String::new(),
            };
            text(lang, format!("至必备金额{target}"), format!(" up to {target}"))
        }
        Due::Excess(_) => {
            say(" (超过必备金额的部分)", " (what the account holds above its target)")
        }
        Due::Amount(_, size) => {
            let size = amount(deal, *size, lang);
            text(lang, format!(" ({size})"), format!(" ({size})"))
        }
        Due::Facility(_, FacilityDue::Principal) => say(" (已提用余额)", " (what is drawn)"),
        Due::Facility(_, FacilityDue::Interest | FacilityDue::Commitment)
        | Due::Swap(_)
        | Due::Termination(_) => say(" (含以前各期未付)", " (with arrears)"),
    }
}

fn purchase(deal: &Deal, lang: Lang) -> String {
    let Some(terms) = &deal.purchase else { return String::new() };
    let price = match terms.price {
        Price::Ratio(rate) => text(
            lang,
            format!("价格为未偿本金的 {}", rate.percent()),
            format!("at {} of outstanding principal", rate.percent()),
        ),
        Price::Yield(rate) => text(
            lang,
            format!("价格为按年收益率 {} 折现的合同现金流", rate.percent()),
            format!("at the value of the contract's cash at {} a year", rate.percent()),
        ),
    };
    let whole = match terms.candidates {
        Some(_) => {
            let (zh, en) = order(terms.order);
            text(lang, format!(", {zh}逐笔整笔购买"), format!(", whole receivables {en}"))
        }
        None => String::new(),
    };
    let kept = terms.provision.map(|size| {
        let size = amount(deal, size, lang);
        text(
            lang,
            format!(", 账户保留必备金额{size}"),
            format!(", {} staying in the account", size.trim()),
        )
    });
    let least = terms.least.map(|least| {
        let least = least.grouped();
        text(lang, format!(", 不足 {least} 元不购买"), format!(", nothing below {least}"))
    });
    let (kept, least) = (kept.unwrap_or_default(), least.unwrap_or_default());
    let limits = match terms.limits {
        _ if deal.limits.is_empty() => String::new(),
        LimitRule::Cut => text(
            lang,
            ", 购买后不得超出组合限制".into(),
            ", no more than the limits on the pool allow after the purchase".into(),
        ),
        LimitRule::Test => text(
            lang,
            ", 购买后检验组合限制".into(),
            ", the limits on the pool being tested after the purchase".into(),
        ),
    };
    let every = every(&terms.every, lang);
    let cash = match terms.cash {
        CashByDay::Even => String::new(),
        CashByDay::DueDays => text(
            lang,
            ", 合同回收款于应还日次日起可用".into(),
            ", contract cash counting from the day after it falls due".into(),
        ),
    };
    format!(" ({price}{whole}{kept}{least}{limits}{every}{cash})")
}

/// On which days the deal buys, when not on payment dates.
fn every(every: &Cadence, lang: Lang) -> String {
    let (zh, en) = match every {
        Cadence::Payment => return String::new(),
        Cadence::Month(day) => (format!("每月 {day} 日"), format!("on day {day} of every month")),
        Cadence::Week(day) => {
            let zh = ["一", "二", "三", "四", "五", "六", "日"];
            let place = usize::try_from(day.num_days_from_monday()).expect("seven days");
            (format!("每周{}", zh[place]), format!("every week on {day}"))
        }
        Cadence::Day => ("每个工作日".to_string(), "on every business day".to_string()),
        Cadence::Dates(dates) => {
            let listed: Vec<String> = dates.iter().map(ToString::to_string).collect();
            (listed.join("、"), format!("on {}", listed.join(", ")))
        }
    };
    text(
        lang,
        format!(", 于循环期{zh}购买, 遇休息日顺延; 兑付日结余留待其后购买日"),
        format!(
            ", {en} of the revolving period, moved to the next business day; what a payment date \
             leaves here waits for the dates that follow"
        ),
    )
}

/// Which receivables on offer come first.
fn order(order: Order) -> (String, String) {
    let same = |zh: &str, en: &str| (zh.to_string(), en.to_string());
    match order {
        Order::List => same("按清单次序", "in the order of the list"),
        Order::Fifo => same("按放款日先后", "in the order of their origination, the oldest first"),
        Order::Seed(seed) => {
            (format!("按种子 {seed} 抽取的次序"), format!("in an order drawn from the seed {seed}"))
        }
        Order::Yield => same("按综合年化成本从高到低", "from the highest annual cost down"),
        Order::Optimise => {
            same("按未偿本金从大到小", "from the largest outstanding principal down")
        }
    }
}

fn tax(deal: &Deal, lang: Lang) -> String {
    let one = |tax: &super::Tax| {
        let last = |rates: &super::Dated| {
            rates.last().map_or(String::new(), |(_, rate)| rate.percent().to_string())
        };
        let (vat, surcharge) = (last(&tax.vat), last(&tax.surcharge));
        text(
            lang,
            format!("含税收入 ÷ (1 + {vat}) × {vat}, 附加为增值税的 {surcharge}"),
            format!("income ÷ (1 + {vat}) × {vat}, surcharges {surcharge} of the tax"),
        )
    };
    let classes: Vec<String> = deal.tax.iter().map(one).collect();
    let classes = classes.join("; ");
    text(lang, format!(" ({classes}; 含以前各期未付)"), format!(" ({classes}; with arrears)"))
}

fn interest(deal: &Deal, tranche: &Tranche, lang: Lang) -> String {
    let rate = match &tranche.coupon {
        Coupon::Fixed(rate) => rate.percent().to_string(),
        Coupon::Stepped(steps) => {
            let rates: Vec<String> = steps
                .iter()
                .map(|(from, rate)| {
                    text(
                        lang,
                        format!("自 {from} 起 {}", rate.percent()),
                        format!("{} from {from}", rate.percent()),
                    )
                })
                .collect();
            rates.join(", ")
        }
        Coupon::Floating(floating) => {
            let index = deal.indices[floating.index].name.in_lang(lang).to_string();
            let spread = floating.spread.percent();
            let sign = if spread.starts_with('-') { "" } else { "+" };
            format!("({index} {sign}{spread})")
        }
    };
    match tranche.unpaid_interest {
        UnpaidInterest::Carried => text(
            lang,
            format!(" (本金余额 × {rate} × 计息天数 ÷ 年基准; 含以前各期未付)"),
            format!(" (balance × {rate} × days ÷ year; with arrears)"),
        ),
        UnpaidInterest::Lapses => text(
            lang,
            format!(" (本金余额 × {rate} × 计息天数 ÷ 年基准; 不累积)"),
            format!(" (balance × {rate} × days ÷ year; what is unpaid lapses)"),
        ),
        UnpaidInterest::Capitalised => text(
            lang,
            format!(" (本金余额 × {rate} × 计息天数 ÷ 年基准; 未付部分计入本金)"),
            format!(" (balance × {rate} × days ÷ year; what is unpaid is added to the balance)"),
        ),
    }
}

fn fee_manner(deal: &Deal, charge: &Charge, lang: Lang) -> String {
    match charge {
        Charge::Rate { tiers, base, accrual } => {
            let rates: Vec<String> = tiers
                .iter()
                .map(|(above, rate)| {
                    if tiers.len() == 1 {
                        return rate.percent().to_string();
                    }
                    text(
                        lang,
                        format!("超过 {} 元的部分 {}", above.grouped(), rate.percent()),
                        format!("{} of what exceeds {}", rate.percent(), above.grouped()),
                    )
                })
                .collect();
            let rate = rates.join(", ");
            let base = fee_base(deal, *base, lang);
            match accrual {
                FeeAccrual::Days(_) => text(
                    lang,
                    format!(" ({base} × 年费率 {rate} × 天数 ÷ 年基准; 含以前各期未付)"),
                    format!(" ({rate} a year on {base}, by days; with arrears)"),
                ),
                FeeAccrual::Twelfth => text(
                    lang,
                    format!(" ({base} × 年费率 {rate} ÷ 12; 含以前各期未付)"),
                    format!(" (a twelfth of {rate} on {base}; with arrears)"),
                ),
                FeeAccrual::Period => text(
                    lang,
                    format!(" ({base} × {rate}; 含以前各期未付)"),
                    format!(" ({rate} of {base}; with arrears)"),
                ),
            }
        }
        Charge::Fixed { amount, payments } => {
            let amount = amount.grouped();
            let numbers: Vec<String> = payments.iter().map(ToString::to_string).collect();
            let (zh, en) = match numbers.len() {
                0 => (String::new(), String::new()),
                1 => (format!(", 第 {} 次兑付", numbers[0]), format!(" on payment {}", numbers[0])),
                _ => (
                    format!(", 第 {} 次兑付", numbers.join("、")),
                    format!(" on payments {}", numbers.join(", ")),
                ),
            };
            text(
                lang,
                format!(" (固定 {amount} 元{zh}; 含以前各期未付)"),
                format!(" (fixed {amount}{en}; with arrears)"),
            )
        }
        Charge::Dated(dated) => {
            let of = |(on, amount): &(chrono::NaiveDate, crate::money::Amount)| {
                let amount = amount.grouped();
                text(lang, format!("{on} {amount} 元"), format!("{amount} on {on}"))
            };
            let all: Vec<String> = dated.iter().map(of).collect();
            text(
                lang,
                format!(
                    " (按日期: {}; 于该日或其后首个兑付日到期, 含以前各期未付)",
                    all.join("、")
                ),
                format!(
                    " (by date: {}; due on the first payment date on or after, with arrears)",
                    all.join(", ")
                ),
            )
        }
        Charge::OnPaid { rate } => {
            let rate = rate.percent();
            text(
                lang,
                format!(" (本期向持有人分配金额的 {rate})"),
                format!(" ({rate} of what is paid to holders on this date)"),
            )
        }
        Charge::OnLeft { rate } => {
            let rate = rate.percent();
            text(
                lang,
                format!(" (本顺位剩余资金的 {rate})"),
                format!(" ({rate} of what is left here)"),
            )
        }
    }
}

fn fee_base(deal: &Deal, base: Base, lang: Lang) -> String {
    let (zh, en) = match base {
        Base::Securities => {
            ("兑付前证券未偿本金余额", "the balance of all tranches before payment")
        }
        Base::Senior => {
            ("兑付前优先级未偿本金余额", "the balance of the senior tranches before payment")
        }
        Base::Face => ("证券发行规模", "the faces of all tranches"),
        Base::Pool => {
            ("收款期初资产池余额", "the pool balance at the start of each collection month")
        }
        Base::Collections => ("本期回收款", "the cash collected since the last date"),
        Base::Defined(place) => {
            let name = &deal.definitions[place].name;
            return text(lang, format!("“{name}”"), format!("`{name}`"));
        }
    };
    text(lang, zh.to_string(), en.to_string())
}
