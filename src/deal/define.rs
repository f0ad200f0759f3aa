//! Named amounts, ratios and flags (`[define]`), and the names that they may use.
//!
//! A name is known from some moment of a payment date on: balances before anything else, states
//! once the triggers are tested, what is due before the first step, what was paid after the last. A
//! definition is as late as the latest name it reads now; `prior(…)` and `at(…, n)` read an earlier
//! date and are always known.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Section, nearest};
use crate::formula::Sort;
use crate::formula::from_text::{self, Expr, Fault, Kind, Names as _, Read};
use crate::money::Amount;
use crate::pool::SUBPOOL;

/// A named amount, ratio or flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// The expression as written.
    pub text: String,
    /// The expression.
    pub expr: Expr,
    /// What it is.
    pub sort: Sort,
    /// From when on it is known on a payment date.
    pub stage: Stage,
}

/// An amount in the deal file: a figure, or an amount of `[define]` by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A figure.
    Fixed(Amount),
    /// An amount of `[define]`, by its place.
    Defined(usize),
}

/// From when on a figure is known on a payment date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// After collection: the pool, the cash, balances before payment.
    Collected,
    /// After the triggers: states and triggers in force.
    Tested,
    /// Before the call is decided: tax, fees and rates of the period.
    Accrued,
    /// Before the first step: what is due.
    Due,
    /// After the last step: what is left in the accounts.
    Left,
    /// Once the tranches are closed: what each was paid, and its balance.
    Paid,
}

/// A name that definitions may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name; `*` stands for an id of the deal file.
    pub pattern: &'static str,
    /// What it is.
    pub sort: Sort,
    /// From when on it is known.
    pub stage: Stage,
    /// The meaning in Chinese.
    pub zh: &'static str,
    /// The meaning in English.
    pub en: &'static str,
}

const fn known(
    pattern: &'static str,
    sort: Sort,
    stage: Stage,
    zh: &'static str,
    en: &'static str,
) -> Known {
    Known { pattern, sort, stage, zh, en }
}

/// All names, in the order of the reference.
pub const KNOWN: [Known; 86] = {
    use Sort::{Amount, Flag, Number, Rate};
    use Stage::{Accrued, Collected, Due, Left, Paid, Tested};
    [
        known(
            "pool.balance",
            Amount,
            Collected,
            "资产池未偿本金余额 (收款期末)",
            "the pool at the end of the last collection month",
        ),
        known(
            "pool.opening",
            Amount,
            Collected,
            "资产池余额 (上一兑付日的收款期末)",
            "the pool as distributed on the date before",
        ),
        known("pool.initial", Amount, Collected, "初始资产池余额", "the pool's initial balance"),
        known(
            "pool.scheduled",
            Amount,
            Collected,
            "本期计划内还本",
            "scheduled principal since the date before",
        ),
        known(
            "pool.prepaid",
            Amount,
            Collected,
            "本期早偿本金",
            "prepaid principal since the date before",
        ),
        known(
            "pool.principal",
            Amount,
            Collected,
            "本期收回本金 (计划内、早偿、逾期收回, 及原始权益人补足与赎回)",
            "principal received since the date before: scheduled, prepaid, from arrears, and what the originator pays for refunds and repurchases",
        ),
        known("pool.interest", Amount, Collected, "本期利息", "interest since the date before"),
        known("pool.fee", Amount, Collected, "本期手续费", "fees since the date before"),
        known(
            "pool.recovered",
            Amount,
            Collected,
            "本期违约后回收",
            "recoveries since the date before",
        ),
        known(
            "pool.defaulted",
            Amount,
            Collected,
            "本期新增违约本金",
            "principal defaulted since the date before",
        ),
        known(
            "pool.delinquent",
            Amount,
            Collected,
            "逾期本金余额 (收款期末)",
            "principal of receivables past due",
        ),
        known(
            "pool.delinquent_30",
            Amount,
            Collected,
            "逾期30日以上本金余额",
            "principal of receivables more than 30 days past due",
        ),
        known(
            "pool.delinquent_60",
            Amount,
            Collected,
            "逾期60日以上本金余额",
            "principal of receivables more than 60 days past due",
        ),
        known(
            "pool.delinquent_90",
            Amount,
            Collected,
            "逾期90日以上本金余额",
            "principal of receivables more than 90 days past due",
        ),
        known(
            "pool.disposed",
            Amount,
            Collected,
            "本期处置不良资产收入",
            "prices of defaulted receivables sold since the date before",
        ),
        known(
            "pool.diluted",
            Amount,
            Collected,
            "本期退货退款本金",
            "principal refunded since the date before",
        ),
        known(
            "pool.dilution_loss",
            Amount,
            Collected,
            "本期退货退款未补足的损失",
            "of the refunds what the originator does not make good",
        ),
        known(
            "pool.repurchased",
            Amount,
            Collected,
            "本期赎回本金 (含置换)",
            "principal taken back by the originator since the date before, replaced or paid for",
        ),
        known(
            "pool.substituted",
            Amount,
            Collected,
            "本期置换入池本金",
            "principal of the receivables given in place of it",
        ),
        known(
            "pool.cumulative_default",
            Amount,
            Collected,
            "累计违约本金",
            "principal defaulted to date",
        ),
        known(
            "pool.purchased",
            Amount,
            Collected,
            "累计循环购买本金",
            "principal purchased to date",
        ),
        known(
            "pool.cash",
            Amount,
            Collected,
            "本期全部回收款",
            "all cash collected since the date before",
        ),
        known(
            "pool.payment_rate",
            Rate,
            Collected,
            "月还款率: 本期收回本金 ÷ 各月初余额 (含当月购入) 之和",
            "the monthly payment rate: principal received ÷ the balances at the start of the months, with what was bought in them",
        ),
        known(
            "pool.portfolio_yield",
            Rate,
            Collected,
            "资产收益率 (年化): 12 × (利息 + 手续费) ÷ 各月初余额之和",
            "the yearly yield: 12 × (interest + fees) ÷ the same balances",
        ),
        known(
            "pool.charge_off_rate",
            Rate,
            Collected,
            "核销率 (年化): 12 × 违约本金 ÷ 各月初余额之和",
            "the yearly charge-off rate: 12 × principal defaulted ÷ the same balances",
        ),
        known(
            "pool.seller_interest",
            Amount,
            Collected,
            "卖方权益: 循环额度账户中不属于信托的余额 (收款期末)",
            "the seller's interest: balances of the credit lines that the trust does not own, at the end of the last collection month",
        ),
        known(
            "pool.*.balance",
            Amount,
            Collected,
            "子资产池未偿本金余额 (收款期末)",
            "the sub-pool at the end of the last collection month",
        ),
        known(
            "pool.*.opening",
            Amount,
            Collected,
            "子资产池余额 (上一兑付日的收款期末)",
            "the sub-pool as distributed on the date before",
        ),
        known(
            "pool.*.initial",
            Amount,
            Collected,
            "初始子资产池余额",
            "the sub-pool's initial balance",
        ),
        known(
            "pool.*.scheduled",
            Amount,
            Collected,
            "本期计划内还本",
            "scheduled principal since the date before",
        ),
        known(
            "pool.*.prepaid",
            Amount,
            Collected,
            "本期早偿本金",
            "prepaid principal since the date before",
        ),
        known(
            "pool.*.principal",
            Amount,
            Collected,
            "本期收回本金 (计划内、早偿、逾期收回, 及原始权益人补足与赎回)",
            "principal received since the date before: scheduled, prepaid, from arrears, and what the originator pays for refunds and repurchases",
        ),
        known("pool.*.interest", Amount, Collected, "本期利息", "interest since the date before"),
        known("pool.*.fee", Amount, Collected, "本期手续费", "fees since the date before"),
        known(
            "pool.*.recovered",
            Amount,
            Collected,
            "本期违约后回收",
            "recoveries since the date before",
        ),
        known(
            "pool.*.defaulted",
            Amount,
            Collected,
            "本期新增违约本金",
            "principal defaulted since the date before",
        ),
        known(
            "pool.*.delinquent",
            Amount,
            Collected,
            "逾期本金余额 (收款期末)",
            "principal of receivables past due",
        ),
        known(
            "pool.*.delinquent_30",
            Amount,
            Collected,
            "逾期30日以上本金余额",
            "principal of receivables more than 30 days past due",
        ),
        known(
            "pool.*.delinquent_60",
            Amount,
            Collected,
            "逾期60日以上本金余额",
            "principal of receivables more than 60 days past due",
        ),
        known(
            "pool.*.delinquent_90",
            Amount,
            Collected,
            "逾期90日以上本金余额",
            "principal of receivables more than 90 days past due",
        ),
        known(
            "pool.*.disposed",
            Amount,
            Collected,
            "本期处置不良资产收入",
            "prices of defaulted receivables sold since the date before",
        ),
        known(
            "pool.*.diluted",
            Amount,
            Collected,
            "本期退货退款本金",
            "principal refunded since the date before",
        ),
        known(
            "pool.*.dilution_loss",
            Amount,
            Collected,
            "本期退货退款未补足的损失",
            "of the refunds what the originator does not make good",
        ),
        known(
            "pool.*.repurchased",
            Amount,
            Collected,
            "本期赎回本金 (含置换)",
            "principal taken back by the originator since the date before, replaced or paid for",
        ),
        known(
            "pool.*.substituted",
            Amount,
            Collected,
            "本期置换入池本金",
            "principal of the receivables given in place of it",
        ),
        known(
            "pool.*.cumulative_default",
            Amount,
            Collected,
            "累计违约本金",
            "principal defaulted to date",
        ),
        known(
            "pool.*.purchased",
            Amount,
            Collected,
            "累计循环购买本金",
            "principal purchased to date",
        ),
        known(
            "pool.*.cash",
            Amount,
            Collected,
            "本期全部回收款",
            "all cash collected since the date before",
        ),
        known(
            "cash.available",
            Amount,
            Collected,
            "分配前可用资金",
            "cash in the collection account before the first step",
        ),
        known(
            "cash.carried",
            Amount,
            Collected,
            "上期结余资金",
            "of it carried from the date before",
        ),
        known(
            "securities.balance",
            Amount,
            Collected,
            "全部证券未偿本金 (兑付前)",
            "all tranches before payment",
        ),
        known(
            "senior.balance",
            Amount,
            Collected,
            "优先级未偿本金 (兑付前)",
            "the tranches that are not subordinated, before payment",
        ),
        known(
            "tranche.*.balance",
            Amount,
            Collected,
            "该证券未偿本金 (兑付前)",
            "the tranche before payment",
        ),
        known("tranche.*.face", Amount, Collected, "该证券发行规模", "the face of the tranche"),
        known(
            "account.*.balance",
            Amount,
            Collected,
            "该账户余额 (分配前)",
            "the account before the first step",
        ),
        known(
            "facility.*.drawn",
            Amount,
            Collected,
            "流动性支持已提用余额 (兑付前)",
            "what the facility has lent, before payment",
        ),
        known("date.number", Number, Collected, "第几个兑付日", "the number of the payment date"),
        known(
            "date.days",
            Number,
            Collected,
            "本期实际计息天数",
            "actual days of the interest period",
        ),
        known(
            "date.is_last",
            Flag,
            Collected,
            "是否最后一个兑付日",
            "whether it is the last payment date",
        ),
        known(
            "date.revolving",
            Flag,
            Collected,
            "按日期是否处于循环期",
            "whether it falls in the revolving period by date",
        ),
        known("trigger.*", Flag, Tested, "触发事件是否生效", "whether the trigger is in force"),
        known("state.revolving", Flag, Tested, "是否循环期", "whether the deal revolves"),
        known("state.amortising", Flag, Tested, "是否摊还期", "whether the deal amortises"),
        known("state.accelerated", Flag, Tested, "是否加速清偿", "whether the deal is accelerated"),
        known(
            "state.event_of_default",
            Flag,
            Tested,
            "是否违约状态",
            "whether the deal is in default",
        ),
        known("tax.due", Amount, Accrued, "应付税金 (含以前各期)", "tax due, arrears included"),
        known(
            "fee.*.due",
            Amount,
            Accrued,
            "应付费用 (含以前各期; 按实付或结余计收的费用为零)",
            "the fee due, arrears included; nothing for a fee on what is paid or left",
        ),
        known(
            "tranche.*.coupon",
            Rate,
            Accrued,
            "该证券本期利率",
            "the tranche's rate for the period",
        ),
        known(
            "tranche.*.interest_due",
            Amount,
            Due,
            "该证券应付利息 (含以前各期)",
            "interest due, arrears included",
        ),
        known(
            "pool.excess_spread",
            Rate,
            Due,
            "超额利差 (年化): 12 × (利息、手续费与回收 − 违约与未补足退款 − 应付税费与利息) ÷ 各月初余额之和",
            "the yearly excess spread: 12 × (interest, fees and recoveries − defaults and refunds not made good − tax, fees and interest due) ÷ the same balances",
        ),
        known(
            "swap.*.due",
            Amount,
            Accrued,
            "应付互换对手方净额",
            "the net amount owed to the swap's counterparty",
        ),
        known(
            "call.exercised",
            Flag,
            Due,
            "清仓回购是否已行使",
            "whether the clean-up call has been exercised",
        ),
        known(
            "tranche.*.interest_paid",
            Amount,
            Paid,
            "该证券本期已付利息",
            "interest paid on the date",
        ),
        known(
            "tranche.*.principal_paid",
            Amount,
            Paid,
            "该证券本期已付本金",
            "principal paid on the date",
        ),
        known("tranche.*.interest_unpaid", Amount, Paid, "该证券未付利息", "interest left unpaid"),
        known(
            "tranche.*.balance_after",
            Amount,
            Paid,
            "该证券未偿本金 (兑付后)",
            "the tranche after payment",
        ),
        known("fee.*.unpaid", Amount, Left, "未付费用", "the fee left unpaid"),
        known(
            "account.*.balance_after",
            Amount,
            Left,
            "该账户余额 (分配后)",
            "the account after the last step",
        ),
        known(
            "facility.*.drawn_after",
            Amount,
            Left,
            "流动性支持已提用余额 (兑付后)",
            "what the facility has lent, after payment",
        ),
        known(
            "purchase.budget",
            Amount,
            Left,
            "本期可用于循环购买的资金; 兑付日之间也购买的, 为本期已支付价款加最后一个购买日可用而未用的资金",
            "cash that could be spent on purchases on this date; where the deal also buys between payment dates, what the period has spent and what its last purchase date could have spent and did not",
        ),
        known(
            "purchase.price",
            Amount,
            Left,
            "本期循环购买价款",
            "price paid for receivables on this date",
        ),
        known(
            "purchase.principal",
            Amount,
            Left,
            "本期循环购买本金",
            "outstanding principal bought on this date",
        ),
        known(
            "purchase.supply",
            Amount,
            Left,
            "上一兑付日以来的资产供给 (假设中有 [supply] 时)",
            "eligible receivables supplied since the date before, where the assumptions have `[supply]`",
        ),
        known(
            "purchase.ratio",
            Rate,
            Left,
            "购买比例: 购买价款 ÷ 可用资金, 无可用资金时为 100 %",
            "the purchase ratio: price paid ÷ cash that could be spent; 100 % where there was none",
        ),
        known(
            "purchase.idle",
            Amount,
            Left,
            "两个兑付日之间各购买日后闲置资金的日均值; 仅在兑付日购买时为 0",
            "mean by day of the cash that stayed after purchases between payment dates; 0 where the deal buys on payment dates",
        ),
        known(
            "cash.left",
            Amount,
            Left,
            "分配后结余资金 (闲置资金)",
            "cash left in the collection account after the last step",
        ),
    ]
};

/// The names of one deal file: the known ones with its ids, then its own.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known: BTreeMap<String, (Sort, Stage)>,
}

impl Names {
    /// The names with the ids of each kind of block.
    pub fn new(ids: &[(&str, Vec<&str>)]) -> Names {
        let mut names = Names::default();
        for entry in &KNOWN {
            let Some((before, after)) = entry.pattern.split_once('*') else {
                names.known.insert(entry.pattern.to_string(), (entry.sort, entry.stage));
                continue;
            };
            let kind = before.trim_end_matches('.');
            for id in ids.iter().filter(|(known, _)| *known == kind).flat_map(|(_, ids)| ids) {
                names.known.insert(format!("{before}{id}{after}"), (entry.sort, entry.stage));
            }
        }
        names
    }

    /// From when on a name is known.
    pub fn stage(&self, name: &str) -> Option<Stage> {
        self.known.get(name).map(|(_, stage)| *stage)
    }

    /// The names, for suggestions.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }
}

impl from_text::Names for Names {
    fn sort(&self, name: &str) -> Option<Sort> {
        self.known.get(name).map(|(sort, _)| *sort)
    }
}

/// A definition that was parsed but whose names are not yet resolved.
struct Parsed {
    name: String,
    text: String,
    expr: Expr,
}

/// Reads `[define]`: all definitions in an order in which each reads only those before it.
pub(super) fn read(section: &Section, names: &mut Names) -> Vec<Definition> {
    let mut reader = Reading { section, lost: BTreeSet::new() };
    let mut parsed = Vec::new();
    let written = section.expressions();
    reader.lost = section.keys().into_iter().collect();
    for (name, text) in written {
        if names.sort(&name).is_some() || is_word(&name) {
            section.find("D0232", &name, &[("name", name.clone())]);
            continue;
        }
        match from_text::parse(&text) {
            Ok(expr) => parsed.push(Parsed { name, text, expr }),
            Err(fault) => reader.report(&name, &text, &fault, names),
        }
    }
    for parsed in &parsed {
        reader.lost.remove(&parsed.name);
    }
    let ordered = reader.in_order(parsed);
    reader.resolve_all(&ordered, names)
}

/// Words that conditions use by themselves.
fn is_word(name: &str) -> bool {
    let states = super::State::WORDS.iter().map(|(word, _)| *word);
    states.chain(["and", "or", "not", "collection", "originator"]).any(|word| word == name)
}

/// The names that an expression reads on its own date.
fn read_now(expr: &Expr) -> impl Iterator<Item = String> {
    let now = from_text::names(expr).filter(|(.., read)| !matches!(read, Read::Earlier(_)));
    now.map(|(name, ..)| name)
}

/// What reads the definitions of one file.
struct Reading<'a> {
    section: &'a Section<'a>,
    /// Names that stand in the file and were not understood: reported there, and nowhere else.
    lost: BTreeSet<String>,
}

impl Reading<'_> {
    /// Sorts definitions so that each reads on its own date only what stands before it; a circle is
    /// reported. What is read on an earlier date may stand anywhere.
    fn in_order(&mut self, mut left: Vec<Parsed>) -> Vec<Parsed> {
        let mut ordered: Vec<Parsed> = Vec::new();
        while !left.is_empty() {
            let waits = |parsed: &Parsed| {
                read_now(&parsed.expr).any(|name| left.iter().any(|other| other.name == name))
            };
            if let Some(ready) = left.iter().position(|parsed| !waits(parsed)) {
                ordered.push(left.remove(ready));
                continue;
            }
            let circle = circle(&left);
            let names: Vec<String> =
                circle.iter().chain(&circle[..1]).map(|name| format!("`{name}`")).collect();
            self.section.find("D0233", &circle[0], &[("names", names.join(" → "))]);
            left.retain(|parsed| !circle.contains(&parsed.name));
            self.lost.extend(circle);
        }
        ordered
    }

    /// Resolves definitions in order. A name that is read on an earlier date before its own
    /// definition stands has an unknown sort: the sort with which everything agrees is taken.
    fn resolve_all(&self, ordered: &[Parsed], names: &mut Names) -> Vec<Definition> {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for (place, parsed) in ordered.iter().enumerate() {
            for (name, ..) in from_text::names(&parsed.expr) {
                let later = ordered[place..].iter().find(|other| other.name == name);
                open.extend(later.map(|later| later.name.as_str()));
            }
        }
        let guesses = [Sort::Amount, Sort::Rate, Sort::Number, Sort::Flag];
        let tried = guesses.iter().map(|guess| {
            let mut names = names.clone();
            let known = open.iter().map(|name| (name.to_string(), (*guess, Stage::Collected)));
            names.known.extend(known);
            let (done, faults) = resolve(ordered, &mut names, &open);
            (done, faults, names)
        });
        let mut tried: Vec<_> =
            if open.is_empty() { tried.take(1).collect() } else { tried.collect() };
        let best = tried.iter().position(|(_, faults, _)| faults.is_empty()).unwrap_or(0);
        let (done, faults, known) = tried.swap_remove(best);
        let mut lost = self.lost.clone();
        for (number, (place, fault)) in faults.iter().enumerate() {
            let Parsed { name, text, .. } = &ordered[*place];
            lost.insert(name.clone());
            let follows = matches!(&fault.kind, Kind::UnknownName { name } if lost.contains(name));
            let again = faults[..number].iter().any(|(p, f)| p == place && f.kind == fault.kind);
            if !follows && !again {
                self.report(name, text, fault, names);
            }
        }
        *names = known;
        done
    }

    /// Reports what is wrong with an expression, pointing into it.
    fn report(&self, name: &str, text: &str, fault: &Fault, names: &Names) {
        let part = fault.span.start..fault.span.end;
        let at = text.get(part.clone()).unwrap_or("").trim();
        let before = text.get(..part.start).unwrap_or("").split_whitespace().next_back();
        let at = match before {
            Some(before) if at.is_empty() => format!("{before} …"),
            _ => at.to_string(),
        };
        let mut facts = fault.facts();
        // Which definition it is, whatever the fault calls a name.
        facts.retain(|(fact, _)| *fact != "name");
        facts.extend([("name", name.to_string()), ("at", at)]);
        if let Kind::UnknownName { name } = &fault.kind {
            let own = self.section.keys();
            let near = nearest(name, names.all().chain(own.iter().map(String::as_str)))
                .map(|near| format!("`{near}`"));
            let apart = name.contains('-').then(|| format!("`{}`", name.replace('-', " - ")));
            let reference = || "docs/reference/define.md".to_string();
            facts.push(("suggestion", near.or(apart).unwrap_or_else(reference)));
        }
        if let Kind::OneOrTwoNumbers { text } = &fault.kind {
            facts.extend([("one", text.replace(',', "_")), ("two", text.replace(',', ", "))]);
        }
        self.section.find_within(code(&fault.kind), name, (text, part), &facts);
    }
}

/// Definitions that read each other: each reads the next, the last the first. Every one of `left`
/// waits for another of them, so following them comes back to one that was seen.
fn circle(left: &[Parsed]) -> Vec<String> {
    let mut path: Vec<&Parsed> = vec![&left[0]];
    loop {
        let last = path.last().expect("the path has a beginning");
        let next = read_now(&last.expr).find_map(|name| left.iter().find(|o| o.name == name));
        let next = next.expect("each of them waits for another");
        if let Some(start) = path.iter().position(|seen| seen.name == next.name) {
            return path[start..].iter().map(|parsed| parsed.name.clone()).collect();
        }
        path.push(next);
    }
}

/// The definitions that are understood, and the faults of the others by place.
fn resolve(
    ordered: &[Parsed],
    names: &mut Names,
    open: &BTreeSet<&str>,
) -> (Vec<Definition>, Vec<(usize, Fault)>) {
    let (mut done, mut faults) = (Vec::new(), Vec::new());
    for (place, parsed) in ordered.iter().enumerate() {
        let Parsed { name, text, expr } = parsed;
        let stages = read_now(expr).filter_map(|name| names.stage(&name));
        let stage = stages.max().unwrap_or(Stage::Collected);
        let guess = open.contains(name.as_str()).then(|| names.sort(name)).flatten();
        match from_text::check(expr, guess, names) {
            Ok(sort) => {
                names.known.insert(name.clone(), (sort, stage));
                let (name, text, expr) = (name.clone(), text.clone(), expr.clone());
                done.push(Definition { name, text, expr, sort, stage });
            }
            Err(found) => faults.extend(found.into_iter().map(|fault| (place, fault))),
        }
    }
    (done, faults)
}

/// The code of a fault.
fn code(kind: &Kind) -> &'static str {
    match kind {
        Kind::NoValue { .. }
        | Kind::NoSign { .. }
        | Kind::BadNumber { .. }
        | Kind::BadSign { .. } => "D0230",
        Kind::OneOrTwoNumbers { .. } => "D0331",
        Kind::Chained => "D0332",
        Kind::TooLong { .. } => "D0333",
        Kind::TooDeep { .. } => "D0334",
        Kind::UnknownName { .. } => "D0231",
        Kind::UnknownFunction { .. } | Kind::Arguments { .. } | Kind::UnknownFold { .. } => "D0237",
        Kind::NotAName { .. } => "D0335",
        Kind::NotDates { .. } => "D0336",
        Kind::Sort { .. } => "D0238",
        Kind::NoArithmetic { .. } => "D0337",
        Kind::Amounts { .. } => "D0338",
        Kind::Decimals { .. } => "D0339",
        Kind::Range { .. } => "D0340",
        Kind::NoSort => "D0341",
        Kind::DividesByZero => "D0342",
        Kind::TooManyFactors => "D0343",
    }
}

impl super::Deal {
    /// The sorts of all names that the deal's definitions may use.
    pub fn sorts(&self) -> BTreeMap<String, Sort> {
        let ids: [(&str, Vec<&str>); 7] = [
            (SUBPOOL, self.subpools.iter().map(|subpool| subpool.id.as_str()).collect()),
            ("tranche", self.tranches.iter().map(|tranche| tranche.id.as_str()).collect()),
            ("fee", self.fees.iter().map(|fee| fee.id.as_str()).collect()),
            ("account", self.accounts.iter().map(|account| account.id.as_str()).collect()),
            ("facility", self.facilities.iter().map(|facility| facility.id.as_str()).collect()),
            ("swap", self.swaps.iter().map(|swap| swap.id.as_str()).collect()),
            ("trigger", self.triggers.iter().map(|trigger| trigger.id.as_str()).collect()),
        ];
        let known = Names::new(&ids).known.into_iter().map(|(name, (sort, _))| (name, sort));
        let own = self.definitions.iter().map(|known| (known.name.clone(), known.sort));
        known.chain(own).collect()
    }

    /// Whether some definition reads a name.
    pub fn reads(&self, name: &str) -> bool {
        let reads = |definition: &Definition| {
            from_text::names(&definition.expr).any(|(read, ..)| read == name)
        };
        self.definitions.iter().any(reads)
    }
}
