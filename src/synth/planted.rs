//! Errors that are planted into a synthetic tape, each with the finding that must tell it.

use chrono::{Days, Months, NaiveDate};

use super::tape::HEADERS;
use crate::money::Amount;

/// A planted error: the finding it must give, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The code of the finding.
    pub code: &'static str,
    /// The cell, such as `J17`.
    pub cell: String,
}

/// A way to spoil one cell of a row that was right, so that one finding tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    MissingId,
    TwiceTheSameId,
    NotANumber,
    NotADate,
    UnknownMethod,
    MoreThanCents,
    Negative,
    AboveOriginal,
    PaidAboveTotal,
    AfterCutoff,
    ImplausibleRate,
    EmptyCell,
    SettledWithBalance,
    UnknownRateType,
    DaysDiffer,
    StatusDiffers,
    MaturesElsewhen,
    Encumbered,
}

/// All kinds, in the order in which they are planted.
pub(super) const KINDS: [Kind; 18] = [
    Kind::NotANumber,
    Kind::NotADate,
    Kind::AboveOriginal,
    Kind::TwiceTheSameId,
    Kind::DaysDiffer,
    Kind::MissingId,
    Kind::UnknownMethod,
    Kind::MoreThanCents,
    Kind::Negative,
    Kind::PaidAboveTotal,
    Kind::AfterCutoff,
    Kind::ImplausibleRate,
    Kind::EmptyCell,
    Kind::SettledWithBalance,
    Kind::UnknownRateType,
    Kind::StatusDiffers,
    Kind::MaturesElsewhen,
    Kind::Encumbered,
];

impl Kind {
    /// Spoils the cells of a row that is paid as agreed; `former` is the identifier above it.
    pub(super) fn plant(
        self,
        cells: &mut [String],
        (row, cutoff): (u32, NaiveDate),
        former: &str,
    ) -> Planted {
        let original: Amount = text(cells, "初始本金(元)").parse().unwrap_or_default();
        let term: u32 = text(cells, "总期数").parse().unwrap_or(1);
        let (code, header, wrong) = match self {
            Kind::MissingId => ("P0101", "借据号", String::new()),
            Kind::TwiceTheSameId => ("P0102", "借据号", former.to_string()),
            Kind::NotANumber => ("P0104", "未偿本金余额(元)", "待核实".to_string()),
            Kind::NotADate => ("P0105", "放款日", "2025-13-45".to_string()),
            Kind::UnknownMethod => ("P0106", "还款方式", "协商还款".to_string()),
            Kind::MoreThanCents => ("P0108", "未偿本金余额(元)", "123.456".to_string()),
            Kind::Negative => ("P0109", "未偿本金余额(元)", "-123.45".to_string()),
            Kind::AboveOriginal => {
                let more = original + Amount::from_minor(1);
                ("P0110", "未偿本金余额(元)", more.to_string())
            }
            Kind::PaidAboveTotal => ("P0111", "已还期数", (term + 1).to_string()),
            Kind::AfterCutoff => ("P0114", "放款日", (cutoff + Days::new(1)).to_string()),
            Kind::ImplausibleRate => ("P0116", "利率(%)", "95".to_string()),
            Kind::EmptyCell => ("P0117", "总期数", String::new()),
            Kind::SettledWithBalance => ("P0119", "资产状态", "已结清".to_string()),
            Kind::UnknownRateType => ("P0127", "利率类型", "周利率".to_string()),
            Kind::DaysDiffer => ("P0150", "逾期天数", "17".to_string()),
            Kind::StatusDiffers => ("P0152", "资产状态", "M5".to_string()),
            Kind::MaturesElsewhen => {
                let maturity: Option<NaiveDate> = text(cells, "到期日").parse().ok();
                let later = maturity.unwrap_or(cutoff) + Months::new(3);
                ("P0154", "到期日", later.to_string())
            }
            Kind::Encumbered => ("P0155", "是否质押", "是".to_string()),
        };
        let place = place(header);
        cells[place] = wrong;
        self.agree(cells, cutoff, original);
        let letter = char::from(b'A' + u8::try_from(place).expect("fewer than 26 columns"));
        Planted { code, cell: format!("{letter}{row}") }
    }

    /// Changes what must change with the spoiled cell, so that nothing else is found.
    fn agree(self, cells: &mut [String], cutoff: NaiveDate, original: Amount) {
        let mut set = |header: &str, text: String| cells[place(header)] = text;
        match self {
            // Past due in status as in days; the paid instalments say otherwise.
            Kind::DaysDiffer => set("资产状态", "M1".to_string()),
            Kind::AfterCutoff => {
                let day = cutoff + Days::new(1);
                let term: u32 = cells[place("总期数")].parse().unwrap_or(1);
                let first = day + Months::new(1);
                let mut set = |header: &str, text: String| cells[place(header)] = text;
                set("首期应还日", first.to_string());
                set("到期日", (day + Months::new(term)).to_string());
                set("还款日", chrono::Datelike::day(&first).to_string());
                set("已还期数", "0".to_string());
                set("未偿本金余额(元)", original.to_string());
            }
            Kind::ImplausibleRate => set("利率类型", "月费率".to_string()),
            Kind::MissingId
            | Kind::TwiceTheSameId
            | Kind::NotANumber
            | Kind::NotADate
            | Kind::UnknownMethod
            | Kind::MoreThanCents
            | Kind::Negative
            | Kind::AboveOriginal
            | Kind::PaidAboveTotal
            | Kind::EmptyCell
            | Kind::SettledWithBalance
            | Kind::UnknownRateType
            | Kind::StatusDiffers
            | Kind::MaturesElsewhen
            | Kind::Encumbered => {}
        }
    }
}

fn place(header: &str) -> usize {
    HEADERS.iter().position(|known| *known == header).expect("a header of the tape")
}

fn text<'c>(cells: &'c [String], header: &str) -> &'c str {
    &cells[place(header)]
}
