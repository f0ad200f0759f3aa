//! The priority of payments as numbered clauses, in Chinese and English, from the steps.

use super::{Charge, Condition, Deal, Due, Flag, Payment, Sharing, State, Step};
use crate::finding::Lang;

/// The clauses, one line each.
pub fn clauses(deal: &Deal, lang: Lang) -> Vec<String> {
    deal.steps.iter().enumerate().map(|(place, step)| clause(deal, step, place + 1, lang)).collect()
}

fn clause(deal: &Deal, step: &Step, number: usize, lang: Lang) -> String {
    let payees: Vec<String> = step.pay.iter().map(|payment| payee(deal, payment, lang)).collect();
    let source = if step.clause.is_empty() { String::new() } else { format!(" [{}]", step.clause) };
    let gate = gate(deal, step, lang);
    match lang {
        Lang::Zh => {
            let sharing = match (step.sharing, payees.len()) {
                (_, 1) => "",
                (Sharing::Sequential, _) => "依次",
                (Sharing::ProRata, _) => "按应付金额比例同顺位",
            };
            format!("{number}. {gate}{sharing}支付{}。{source}", payees.join("; "))
        }
        Lang::En => {
            let sharing = match (step.sharing, payees.len()) {
                (_, 1) => "",
                (Sharing::Sequential, _) => "in turn, ",
                (Sharing::ProRata, _) => "pari passu and pro rata to the amounts due, ",
            };
            format!("{number}. {gate}{sharing}to pay {}.{source}", payees.join("; "))
        }
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
        (State::Revolving, Lang::En) => "the revolving period",
        (State::Amortising, Lang::En) => "the amortisation period",
        (State::Accelerated, Lang::En) => "the time after an acceleration event",
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
    let name = crate::model::payee(deal, payment.due);
    let name = name.in_lang(lang);
    let cap = |amount: crate::money::Amount| match lang {
        Lang::Zh => format!(", 每期以 {} 元为限", amount.grouped()),
        Lang::En => format!(", not more than {} on one date", amount.grouped()),
    };
    let cap = payment.cap.map(cap).unwrap_or_default();
    format!("{name}{}{cap}", manner(deal, payment.due, lang))
}

/// How the amount due arises.
fn manner(deal: &Deal, due: Due, lang: Lang) -> String {
    let text = |zh: String, en: String| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    match due {
        Due::Tax => {
            let tax = deal.tax.as_ref().expect("resolved: the deal has a tax");
            let (vat, surcharge) = (tax.vat.percent(), tax.surcharge.percent());
            text(
                format!(
                    " (含税收入 ÷ (1 + {vat}) × {vat}, 附加为增值税的 {surcharge}; 含以前各期未付)"
                ),
                format!(
                    " (income ÷ (1 + {vat}) × {vat}, surcharges {surcharge} of the tax; with arrears)"
                ),
            )
        }
        Due::Fee(fee) => match &deal.fees[fee].charge {
            Charge::Rate { rate, base, .. } => {
                let rate = rate.percent();
                let (zh, en) = match base {
                    super::Base::Securities => {
                        ("兑付前证券未偿本金余额", "the balance of all tranches before payment")
                    }
                    super::Base::Pool => (
                        "收款期初资产池余额",
                        "the pool balance at the start of each collection month",
                    ),
                };
                text(
                    format!(" ({zh} × 年费率 {rate} × 天数 ÷ 年基准; 含以前各期未付)"),
                    format!(" ({rate} a year on {en}, by days; with arrears)"),
                )
            }
            Charge::Fixed { amount, payments } => {
                let amount = amount.grouped();
                let numbers: Vec<String> = payments.iter().map(ToString::to_string).collect();
                let (zh, en) = match numbers.len() {
                    0 => (String::new(), String::new()),
                    1 => (
                        format!(", 第 {} 次兑付", numbers[0]),
                        format!(" on payment {}", numbers[0]),
                    ),
                    _ => (
                        format!(", 第 {} 次兑付", numbers.join("、")),
                        format!(" on payments {}", numbers.join(", ")),
                    ),
                };
                text(
                    format!(" (固定 {amount} 元{zh}; 含以前各期未付)"),
                    format!(" (fixed {amount}{en}; with arrears)"),
                )
            }
            Charge::OnPaid { rate } => {
                let rate = rate.percent();
                text(
                    format!(" (本期向持有人分配金额的 {rate})"),
                    format!(" ({rate} of what is paid to holders on this date)"),
                )
            }
        },
        Due::Interest(place) => {
            let tranche = &deal.tranches[place];
            let coupon = tranche.coupon.percent();
            if tranche.cumulative {
                text(
                    format!(" (本金余额 × {coupon} × 计息天数 ÷ 年基准; 含以前各期未付)"),
                    format!(" (balance × {coupon} × days ÷ year; with arrears)"),
                )
            } else {
                text(
                    format!(" (本金余额 × {coupon} × 计息天数 ÷ 年基准; 不累积)"),
                    format!(" (balance × {coupon} × days ÷ year; what is unpaid lapses)"),
                )
            }
        }
        Due::Principal(_) => {
            text("直至本金余额为零".to_string(), " until its balance is zero".to_string())
        }
        Due::Remainder(_) => text(" (全部剩余资金)".to_string(), " (all that is left)".to_string()),
    }
}
