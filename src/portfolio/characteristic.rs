//! What can be said of a receivable: figures of its contract and balance, and columns of the tape.

use crate::config::Text;

/// How the parts of a figure are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Money, in minor units.
    Money,
    /// A rate, in 10⁻¹² parts.
    Rate,
    /// A whole number.
    Count,
    /// A day, as days since the beginning of the common era.
    Date,
    /// A number of a column of the tape, in 10⁻⁶ parts.
    Number,
    /// A text.
    Text,
}

/// The decimals of numbers in columns of the tape.
pub(super) const NUMBER_PLACES: u32 = 6;

/// One characteristic of a receivable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Characteristic {
    /// 未偿本金余额.
    OutstandingPrincipal,
    /// 初始本金.
    OriginalPrincipal,
    /// 合同期数.
    Instalments,
    /// 已还期数.
    PaidInstalments,
    /// 剩余期数: all instalments less those paid.
    RemainingInstalments,
    /// 剩余期限: calendar months from the date to the final due date, 0 when it has passed.
    RemainingMonths,
    /// 账龄: calendar months from origination to the date, 0 when it is later.
    SeasoningMonths,
    /// 名义年化利率: the contract rate of a year; twelve times a monthly rate, 365 times a daily one.
    AnnualRate,
    /// 综合年化成本 (IRR): see [`annual_cost`](crate::plan::annual_cost).
    Apr,
    /// 放款日.
    OriginationDate,
    /// 首期应还日.
    FirstDueDate,
    /// 末期应还日 of the contract.
    FinalDueDate,
    /// 逾期天数 as the tape states them.
    PastDueDays,
    /// 违约账龄: whole months since the day of default that the tape states.
    MonthsInDefault,
    /// 放款时年龄: the column `age`, which is of the cut-off date, less the full years since
    /// origination.
    AgeAtOrigination,
    /// 额度使用率: `limit_used` over `limit_total`.
    LimitUsage,
    /// 还款方式, in the words of `repayment_method`.
    Method,
    /// A text column of the tape by its canonical name, read as text or as a number.
    Column(String),
}

/// A characteristic by name, for files and pages.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The name that files use.
    pub name: &'static str,
    /// How its parts are to be read.
    pub kind: Kind,
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

const fn known(name: &'static str, kind: Kind, zh: &'static str, en: &'static str) -> Known {
    Known { name, kind, zh, en }
}

/// The characteristics that are not simply columns of the tape.
pub const KNOWN: [Known; 17] = [
    known("outstanding_principal", Kind::Money, "未偿本金余额", "Outstanding principal"),
    known("original_principal", Kind::Money, "合同金额", "Original principal"),
    known("instalments", Kind::Count, "合同期数", "Original term (instalments)"),
    known("paid_instalments", Kind::Count, "已还期数", "Instalments paid"),
    known("remaining_instalments", Kind::Count, "剩余期数", "Remaining instalments"),
    known("remaining_months", Kind::Count, "剩余期限(月)", "Remaining term (months)"),
    known("seasoning_months", Kind::Count, "账龄(月)", "Seasoning (months)"),
    known("annual_rate", Kind::Rate, "名义年化利率", "Nominal annual rate"),
    known("apr", Kind::Rate, "综合年化成本(IRR)", "Annual cost (IRR)"),
    known("origination_date", Kind::Date, "放款日", "Origination date"),
    known("first_due_date", Kind::Date, "首期应还日", "First due date"),
    known("final_due_date", Kind::Date, "末期应还日", "Final due date"),
    known("past_due_days", Kind::Count, "逾期天数", "Days past due"),
    known("months_in_default", Kind::Count, "违约账龄(月)", "Months in default"),
    known("age_at_origination", Kind::Count, "放款时年龄", "Age at origination"),
    known("limit_usage", Kind::Rate, "额度使用率", "Use of the credit limit"),
    known("repayment_method", Kind::Text, "还款方式", "Repayment method"),
];

/// Columns of the tape that have names for people.
const COLUMNS: [(&str, &str, &str); 35] = [
    ("age", "年龄", "Age"),
    ("apr_irr", "综合年化成本(明细所载)", "Annual cost as stated"),
    ("contract_id", "合同", "Contract"),
    ("cum_dpd", "累计逾期天数", "Days past due to date"),
    ("cutoff_date", "封包日", "Cut-off date"),
    ("due_day", "还款日", "Payment day"),
    ("gender", "性别", "Gender"),
    ("grade", "等级", "Grade"),
    ("guarantor", "保证人", "Guarantor"),
    ("hist_overdue_count", "历史逾期次数", "Times past due"),
    ("income_band", "收入区间", "Income band"),
    ("instalment_amount", "每期应还金额", "Instalment"),
    ("lien_flag", "权利负担", "Lien"),
    ("limit_total", "授信额度", "Credit limit"),
    ("limit_type", "额度类型", "Type of credit limit"),
    ("limit_used", "已用额度", "Credit limit used"),
    ("maturity_date", "到期日", "Maturity date"),
    ("max_dpd", "历史最长逾期天数", "Most days past due"),
    ("merchant_id", "商户", "Merchant"),
    ("obligor_id", "债务人", "Obligor"),
    ("occupation", "职业", "Occupation"),
    ("order_id", "订单", "Order"),
    ("originator", "原始权益人", "Originator"),
    ("other_deal_id", "已入其他专项计划", "Sold to another deal"),
    ("overdue_principal", "逾期本金", "Overdue principal"),
    ("overdue_start", "逾期开始日", "Overdue since"),
    ("product", "产品", "Product"),
    ("purpose", "用途", "Purpose"),
    ("rate", "合同利率", "Contract rate"),
    ("rate_type", "利率类型", "Type of rate"),
    ("region", "地区", "Region"),
    ("scene", "消费场景", "Scene"),
    ("score_band", "评分等级", "Score band"),
    ("score_value", "评分", "Score"),
    ("status", "资产状态", "Status"),
];

impl Characteristic {
    /// The characteristic of that name; any other name is a column of the tape.
    ///
    /// ```
    /// use cashfall::portfolio::{Characteristic, Kind};
    /// assert_eq!(Characteristic::of("apr").kind(), Kind::Rate);
    /// assert_eq!(Characteristic::of("channel"), Characteristic::Column("channel".to_string()));
    /// ```
    pub fn of(name: &str) -> Characteristic {
        use Characteristic as C;
        match name {
            "outstanding_principal" => C::OutstandingPrincipal,
            "original_principal" => C::OriginalPrincipal,
            "instalments" => C::Instalments,
            "paid_instalments" => C::PaidInstalments,
            "remaining_instalments" => C::RemainingInstalments,
            "remaining_months" => C::RemainingMonths,
            "seasoning_months" => C::SeasoningMonths,
            "annual_rate" => C::AnnualRate,
            "apr" => C::Apr,
            "origination_date" => C::OriginationDate,
            "first_due_date" => C::FirstDueDate,
            "final_due_date" => C::FinalDueDate,
            "past_due_days" => C::PastDueDays,
            "months_in_default" => C::MonthsInDefault,
            "age_at_origination" => C::AgeAtOrigination,
            "limit_usage" => C::LimitUsage,
            "repayment_method" => C::Method,
            column => C::Column(column.to_string()),
        }
    }

    /// The name that files use.
    pub fn name(&self) -> &str {
        use Characteristic as C;
        match self {
            C::OutstandingPrincipal => "outstanding_principal",
            C::OriginalPrincipal => "original_principal",
            C::Instalments => "instalments",
            C::PaidInstalments => "paid_instalments",
            C::RemainingInstalments => "remaining_instalments",
            C::RemainingMonths => "remaining_months",
            C::SeasoningMonths => "seasoning_months",
            C::AnnualRate => "annual_rate",
            C::Apr => "apr",
            C::OriginationDate => "origination_date",
            C::FirstDueDate => "first_due_date",
            C::FinalDueDate => "final_due_date",
            C::PastDueDays => "past_due_days",
            C::MonthsInDefault => "months_in_default",
            C::AgeAtOrigination => "age_at_origination",
            C::LimitUsage => "limit_usage",
            C::Method => "repayment_method",
            C::Column(name) => name,
        }
    }

    /// How its parts are to be read; a column of the tape is a text until somebody compares it with
    /// a number.
    pub fn kind(&self) -> Kind {
        KNOWN.iter().find(|known| known.name == self.name()).map_or(Kind::Text, |known| known.kind)
    }

    /// Its name for people.
    pub fn label(&self) -> Text {
        let name = self.name();
        let known = KNOWN.iter().map(|known| (known.name, known.zh, known.en));
        match known.chain(COLUMNS).find(|(known, ..)| *known == name) {
            Some((_, zh, en)) => Text { zh: zh.to_string(), en: en.to_string() },
            None => Text::same(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_a_characteristic_of_its_own() {
        for known in KNOWN {
            let of = Characteristic::of(known.name);
            assert_eq!(of.name(), known.name);
            assert!(!matches!(of, Characteristic::Column(_)), "{}", known.name);
            assert_eq!(of.kind(), known.kind);
        }
    }
}
