//! The words of closed lists in Chinese: what is said of them, and which word is meant by one.
//!
//! Files take the English words alone. Whoever writes `证券` for `securities` is told which one it is,
//! and reports name them in the language of the reader.

/// Words with what they are called; the first is what reports say, the others are understood too.
const WORDS: [(&str, &[&str]); 98] = [
    // What a fee is counted on.
    ("securities", &["证券余额", "证券", "全部证券"]),
    ("senior", &["优先级", "优先级余额"]),
    ("face", &["发行规模", "面值", "发行面值"]),
    ("pool", &["资产池余额", "资产池", "基础资产"]),
    ("collections", &["回收款", "归集款"]),
    ("paid", &["分配金额", "已分配金额"]),
    ("remainder", &["剩余资金", "剩余"]),
    // States of the deal.
    ("revolving", &["循环期", "循环"]),
    ("amortising", &["摊还期", "摊还", "过手摊还期"]),
    ("accelerated", &["加速清偿后", "加速清偿", "加速"]),
    ("event_of_default", &["违约事件", "违约事件后", "违约"]),
    ("clean_up", &["清仓回购", "清仓"]),
    // What a trigger leads to, and what it looks at.
    ("accelerate", &["加速清偿", "加速"]),
    ("end_revolving", &["提前结束循环期", "结束循环期", "提前摊还"]),
    ("flag", &["标志", "仅标记", "仅提示"]),
    ("cumulative_default_ratio", &["累计违约率"]),
    ("senior_coverage", &["优先级覆盖倍数", "覆盖倍数"]),
    ("pool_factor", &["资产池剩余比例", "剩余比例"]),
    ("declared", &["经宣布", "宣布"]),
    ("before", &["分配前"]),
    ("after", &["分配后"]),
    ("daily", &["每日", "按日", "按日计息"]),
    ("above", &["高于", "大于"]),
    ("at_least", &["不低于", "大于等于"]),
    ("below", &["低于", "小于"]),
    ("at_most", &["不高于", "不超过", "小于等于"]),
    ("calendar", &["自然日"]),
    ("business", &["工作日", "交易日"]),
    // How often, and when.
    ("monthly", &["按月", "每月", "月度"]),
    ("quarterly", &["按季", "每季", "每季度", "季度"]),
    ("half_yearly", &["每半年", "半年", "半年度"]),
    ("yearly", &["按年", "每年", "年度"]),
    ("payment", &["兑付日", "每个兑付日"]),
    ("month", &["每月", "月"]),
    ("week", &["每周", "周"]),
    ("day", &["每个工作日", "每日", "每天", "日"]),
    ("year", &["每年", "年"]),
    ("instalment", &["每期", "期"]),
    ("monday", &["周一", "星期一"]),
    ("tuesday", &["周二", "星期二"]),
    ("wednesday", &["周三", "星期三"]),
    ("thursday", &["周四", "星期四"]),
    ("friday", &["周五", "星期五"]),
    ("unadjusted", &["不调整"]),
    ("following", &["顺延", "遇休息日顺延"]),
    ("modified_following", &["修正顺延", "顺延但不跨月", "不跨月顺延"]),
    ("preceding", &["提前", "前移"]),
    ("adjusted", &["调整后"]),
    ("closing", &["设立日"]),
    // Classes of cash.
    ("principal", &["本金"]),
    ("interest", &["利息"]),
    ("fee", &["费用", "手续费", "服务费"]),
    ("recovery", &["违约回收款", "违约回收", "回收"]),
    ("dilution", &["退货补足款", "退货", "退款"]),
    ("repurchase", &["不合格资产赎回款", "不合格赎回", "赎回", "回购"]),
    ("account_income", &["账户收入", "账户收益"]),
    ("account", &["账户收入", "账户收益"]),
    ("commitment", &["承诺费"]),
    // Interest and principal of tranches.
    ("carried", &["结转", "累积", "结转下期"]),
    ("lapses", &["不累积", "失效"]),
    ("capitalised", &["计入本金", "资本化"]),
    ("pass_through", &["过手", "过手摊还"]),
    ("scheduled", &["按计划摊还", "计划摊还", "固定摊还", "计划日"]),
    ("bullet", &["到期一次还本", "一次还本", "到期一次"]),
    ("kept", &["留存"]),
    ("passed_on", &["结转下期", "结转"]),
    ("sequential", &["依次", "顺序", "顺序支付"]),
    ("pro_rata", &["按比例", "同顺位", "按比例支付"]),
    ("proceeds", &["募集资金"]),
    ("originator", &["原始权益人"]),
    ("trust", &["专项计划", "信托"]),
    ("all", &["全部", "全部证券"]),
    ("nothing", &["无须覆盖", "无"]),
    ("target", &["必备金额"]),
    ("excess", &["超过必备金额的部分", "超额部分"]),
    ("amount", &["金额"]),
    // Limits, purchases, criteria.
    ("share", &["占比"]),
    ("largest_share", &["最大占比"]),
    ("largest_amount", &["最大金额"]),
    ("average", &["加权平均", "平均"]),
    ("total", &["合计", "总额"]),
    ("cut", &["减少购买", "削减"]),
    ("test", &["检验", "测试"]),
    ("list", &["清单次序", "按清单次序"]),
    ("fifo", &["先进先出", "放款日先后"]),
    ("seed", &["随机", "随机次序"]),
    ("yield", &["收益率从高到低", "收益率"]),
    ("fails", &["不合格", "不通过"]),
    ("passes", &["合格", "通过"]),
    // Methods of repayment.
    ("level_pay", &["等额本息"]),
    ("equal_principal", &["等额本金"]),
    ("flat_fee", &["分期手续费", "等本等息"]),
    ("interest_only", &["先息后本"]),
    ("bill", &["到期一次还本付息", "账单"]),
    ("given", &["按还款计划", "还款计划"]),
    // How a sample is drawn.
    ("random", &["简单随机"]),
    ("monetary-unit", &["货币单位抽样"]),
    ("stratified", &["分层"]),
];

/// What a word of a closed list is called in Chinese; the word itself when it has no name.
///
/// ```
/// assert_eq!(cashfall::config::in_chinese("recovery"), "违约回收款");
/// assert_eq!(cashfall::config::in_chinese("A"), "A");
/// ```
pub fn in_chinese(word: &str) -> &str {
    let found = WORDS.iter().find(|(known, _)| *known == word);
    found.map_or(word, |(_, names)| names[0])
}

/// The word of a closed list that is called so in Chinese; the longest name that is part of what was
/// written when none is all of it.
pub(super) fn from_chinese<'a>(
    written: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let written: String = written.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut best: Option<(usize, &str)> = None;
    for word in known {
        let names = WORDS.iter().filter(|(of, _)| *of == word).flat_map(|(_, names)| *names);
        for name in names {
            let letters = name.chars().count();
            let fits = match written.as_str() == *name {
                true => usize::MAX,
                false if letters > 1 && written.contains(name) => letters,
                false => continue,
            };
            if best.is_none_or(|(known, _)| fits > known) {
                best = Some((fits, word));
            }
        }
    }
    best.map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_once_and_has_a_name() {
        for (place, (word, names)) in WORDS.iter().enumerate() {
            assert!(!names.is_empty(), "{word}");
            assert!(!WORDS[..place].iter().any(|(known, _)| known == word), "{word} stands twice");
        }
    }

    #[test]
    fn what_is_written_in_chinese_names_a_word_of_its_own_list() {
        let bases = ["securities", "senior", "face", "pool", "collections"];
        let states = ["revolving", "amortising", "accelerated", "event_of_default", "clean_up"];
        let of =
            |written: &str, known: &[&'static str]| from_chinese(written, known.iter().copied());
        assert_eq!(of("证券", &bases), Some("securities"));
        assert_eq!(of("发行面值", &bases), Some("face"));
        assert_eq!(of("摊还", &states), Some("amortising"));
        assert_eq!(of("加速清偿", &states), Some("accelerated"));
        assert_eq!(of("加速清偿", &["accelerate", "flag"]), Some("accelerate"));
        assert_eq!(of("循环购买期", &states), Some("revolving"));
        assert_eq!(of("其他", &states), None);
    }
}
