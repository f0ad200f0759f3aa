//! The columns that a tape can have, by their canonical names.

/// A column of the receivables or of the repayment schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// 借据号.
    ReceivableId,
    /// 放款日.
    OriginationDate,
    /// 到期日.
    MaturityDate,
    /// 首期应还日.
    FirstDueDate,
    /// 还款日, 1–31.
    DueDay,
    /// 封包日 of the receivable itself, when it joins the pool later than the others.
    CutoffDate,
    /// 初始本金.
    OriginalPrincipal,
    /// 未偿本金余额.
    OutstandingPrincipal,
    /// 逾期本金.
    OverduePrincipal,
    /// 未到期本金.
    UnbilledPrincipal,
    /// 总期数.
    Instalments,
    /// 已还期数.
    PaidInstalments,
    /// 剩余期数.
    RemainingInstalments,
    /// 账龄: whole months from origination to the cut-off date.
    SeasoningMonths,
    /// 还款方式.
    RepaymentMethod,
    /// 利率 or 费率.
    Rate,
    /// 利率类型: the period of the row's rate.
    RateType,
    /// 每期应还.
    InstalmentAmount,
    /// 逾期天数.
    PastDueDays,
    /// 逾期开始日.
    OverdueStart,
    /// 违约日, 转不良日 or 核销日.
    DefaultDate,
    /// 违约时本金.
    DefaultPrincipal,
    /// 综合年化: the annual cost of the contract, to check.
    Apr,
    /// 产品名称.
    Product,
    /// 资产状态.
    Status,
    /// Schedule: 期次.
    Number,
    /// Schedule: 应还日期.
    DueDate,
    /// Schedule: 应还本金.
    Principal,
    /// Schedule: 应还利息.
    Interest,
    /// Schedule: 应还手续费.
    Fee,
    /// Schedule: 应还总额.
    Total,
}

/// How the cells of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier, kept as text.
    Id,
    /// Text, kept once per distinct value.
    Text,
    /// Money at the minor unit.
    Money,
    /// A whole number up to the given one.
    Count(u32),
    /// A day.
    Date,
    /// A rate with its unit.
    Rate,
    /// The period of a rate, in words.
    Period,
}

/// The fields of the receivables' sheet, in the order of reports.
pub const TAPE: [Field; 25] = [
    Field::ReceivableId,
    Field::Product,
    Field::OriginationDate,
    Field::MaturityDate,
    Field::FirstDueDate,
    Field::DueDay,
    Field::CutoffDate,
    Field::OriginalPrincipal,
    Field::OutstandingPrincipal,
    Field::OverduePrincipal,
    Field::UnbilledPrincipal,
    Field::Instalments,
    Field::PaidInstalments,
    Field::RemainingInstalments,
    Field::SeasoningMonths,
    Field::RepaymentMethod,
    Field::Rate,
    Field::RateType,
    Field::InstalmentAmount,
    Field::PastDueDays,
    Field::OverdueStart,
    Field::DefaultDate,
    Field::DefaultPrincipal,
    Field::Apr,
    Field::Status,
];

/// The fields of the schedule's sheet.
pub const SCHEDULE: [Field; 7] = [
    Field::ReceivableId,
    Field::Number,
    Field::DueDate,
    Field::Principal,
    Field::Interest,
    Field::Fee,
    Field::Total,
];

/// The words for credit lines in the repayment method: balances without a schedule.
const REVOLVING: [&str; 5] = ["循环额度", "循环授信", "循环贷款", "revolving", "revolving_credit"];

/// Whether a repayment method is that of a credit line.
pub fn is_revolving(text: &str) -> bool {
    let name = text.trim().to_lowercase().replace([' ', '-'], "_");
    REVOLVING.contains(&name.as_str())
}

/// Text columns that are recognised by their headers and kept as attributes.
pub const ATTRIBUTES: [&str; 41] = [
    "age",
    "birth_year",
    "bureau_flag",
    "city",
    "contract_id",
    "cum_dpd",
    "education",
    "extension_flag",
    "first_credit_flag",
    "fraud_flag",
    "funding_share",
    "gender",
    "grade",
    "green_flag",
    "guarantee_fee_rate",
    "guarantor",
    "hist_overdue_count",
    "income_band",
    "interest_free_flag",
    "lien_flag",
    "limit_total",
    "limit_type",
    "limit_used",
    "max_dpd",
    "merchant_id",
    "obligor_id",
    "occupation",
    "order_id",
    "originator",
    "other_deal_id",
    "outstanding_fee",
    "purchase_batch",
    "purchase_date",
    "purchase_price",
    "region",
    "scene",
    "score_band",
    "score_name",
    "score_value",
    "subsidy_payer",
    "subsidy_rate",
];

/// How the cells of an attribute must read, where it is more than a text; the portfolio reads them
/// when a criterion asks.
pub(super) fn attribute_kind(name: &str) -> Option<Kind> {
    match name {
        "age" => Some(Kind::Count(150)),
        "birth_year" => Some(Kind::Count(2200)),
        "cum_dpd" | "max_dpd" => Some(Kind::Count(36_600)),
        "hist_overdue_count" => Some(Kind::Count(1200)),
        "limit_total" | "limit_used" | "outstanding_fee" | "purchase_price" => Some(Kind::Money),
        "funding_share" | "guarantee_fee_rate" | "subsidy_rate" => Some(Kind::Rate),
        "purchase_date" => Some(Kind::Date),
        "contract_id" | "merchant_id" | "obligor_id" | "order_id" => Some(Kind::Id),
        _ => None,
    }
}

impl Field {
    /// The canonical name, as mappings and manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Field::ReceivableId => "receivable_id",
            Field::OriginationDate => "origination_date",
            Field::MaturityDate => "maturity_date",
            Field::FirstDueDate => "first_due_date",
            Field::DueDay => "due_day",
            Field::CutoffDate => "cutoff_date",
            Field::OriginalPrincipal => "original_principal",
            Field::OutstandingPrincipal => "outstanding_principal",
            Field::OverduePrincipal => "overdue_principal",
            Field::UnbilledPrincipal => "unbilled_principal",
            Field::Instalments => "instalments",
            Field::PaidInstalments => "paid_instalments",
            Field::RemainingInstalments => "remaining_instalments",
            Field::SeasoningMonths => "seasoning_months",
            Field::RepaymentMethod => "repayment_method",
            Field::Rate => "rate",
            Field::RateType => "rate_type",
            Field::InstalmentAmount => "instalment_amount",
            Field::PastDueDays => "past_due_days",
            Field::OverdueStart => "overdue_start",
            Field::DefaultDate => "default_date",
            Field::DefaultPrincipal => "default_principal",
            Field::Apr => "apr_irr",
            Field::Product => "product",
            Field::Status => "status",
            Field::Number => "number",
            Field::DueDate => "due_date",
            Field::Principal => "principal",
            Field::Interest => "interest",
            Field::Fee => "fee",
            Field::Total => "total",
        }
    }

    /// The field of the receivables' sheet with that name.
    pub fn of_tape(name: &str) -> Option<Field> {
        TAPE.into_iter().find(|field| field.name() == name)
    }

    /// How its cells are read.
    pub fn kind(self) -> Kind {
        match self {
            Field::ReceivableId => Kind::Id,
            Field::RepaymentMethod | Field::Product | Field::Status => Kind::Text,
            Field::OriginalPrincipal
            | Field::OutstandingPrincipal
            | Field::OverduePrincipal
            | Field::UnbilledPrincipal
            | Field::InstalmentAmount
            | Field::DefaultPrincipal
            | Field::Principal
            | Field::Interest
            | Field::Fee
            | Field::Total => Kind::Money,
            Field::OriginationDate
            | Field::MaturityDate
            | Field::FirstDueDate
            | Field::CutoffDate
            | Field::OverdueStart
            | Field::DefaultDate
            | Field::DueDate => Kind::Date,
            Field::DueDay => Kind::Count(31),
            Field::Instalments
            | Field::PaidInstalments
            | Field::RemainingInstalments
            | Field::SeasoningMonths
            | Field::Number => Kind::Count(1200),
            Field::PastDueDays => Kind::Count(36_600),
            Field::Rate | Field::Apr => Kind::Rate,
            Field::RateType => Kind::Period,
        }
    }
}
