//! One row of the tape, read into typed fields; nothing of its text is kept but identifiers.

use chrono::NaiveDate;

use super::cell::{MoneyUnit, Raw, Reading};
use super::field::{Field, Kind};
use super::header::{Per, Unit, period_of};
use crate::money::{Amount, Rate};

/// Where a row stands in the tape; the cell text is read again on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowOrigin {
    /// Index into [`super::TapeManifest::sheets`].
    pub sheet: u16,
    /// The row as the spreadsheet shows it, from 1.
    pub row: u32,
}

/// The typed fields of one receivable's row, `None` where the cell was empty or could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Where it stands.
    pub origin: RowOrigin,
    /// 借据号; empty when missing.
    pub id: Box<str>,
    /// 初始本金.
    pub original_principal: Option<Amount>,
    /// 未偿本金余额.
    pub outstanding_principal: Option<Amount>,
    /// 逾期本金.
    pub overdue_principal: Option<Amount>,
    /// 未到期本金.
    pub unbilled_principal: Option<Amount>,
    /// 每期应还.
    pub instalment_amount: Option<Amount>,
    /// The number of the rate as written, before its unit is applied.
    pub rate: Option<Rate>,
    /// Whether the cell itself says that `rate` is already a fraction of one (`5 %`).
    pub rate_is_fraction: bool,
    /// The period that the row itself states, by its rate type or by which of several rate columns
    /// it fills.
    pub rate_per: Option<Per>,
    /// 放款日.
    pub origination: Option<NaiveDate>,
    /// 到期日.
    pub maturity: Option<NaiveDate>,
    /// 首期应还日.
    pub first_due: Option<NaiveDate>,
    /// 封包日 of the receivable itself.
    pub cutoff: Option<NaiveDate>,
    /// 逾期开始日.
    pub overdue_start: Option<NaiveDate>,
    /// 违约日.
    pub default_date: Option<NaiveDate>,
    /// 违约时本金.
    pub default_principal: Option<Amount>,
    /// The number of the annual cost as written.
    pub apr: Option<Rate>,
    /// Whether 5 means 5 % in `apr`, as far as the header or the cell says so.
    pub apr_percent: Option<bool>,
    /// The first day of the month from which paid instalments are counted by a stated rule.
    pub paid_from: Option<NaiveDate>,
    /// 还款日.
    pub due_day: Option<u8>,
    /// 总期数.
    pub instalments: Option<u16>,
    /// 已还期数.
    pub paid_instalments: Option<u16>,
    /// 剩余期数.
    pub remaining_instalments: Option<u16>,
    /// 账龄 in months.
    pub seasoning_months: Option<u16>,
    /// 逾期天数.
    pub past_due_days: Option<u32>,
    /// One bit per field whose cell could not be read; a finding has told so.
    unreadable: u32,
}

impl Row {
    /// Whether the field's cell held something that could not be read.
    pub fn is_unreadable(&self, field: Field) -> bool {
        self.unreadable & bit(field) != 0
    }

    /// Whether any cell held something that could not be read.
    pub fn has_unreadable(&self) -> bool {
        self.unreadable != 0
    }

    /// Reads a cell into its field; the code of the finding when it cannot be read.
    pub(super) fn set(&mut self, field: Field, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
        self.read(field, raw, unit).inspect_err(|_| self.unreadable |= bit(field))
    }

    fn read(&mut self, field: Field, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
        not_a_failed_lookup(field, raw)?;
        match field.kind() {
            Kind::Id => {
                if let Some(id) = value(raw.id())? {
                    self.id = id.into();
                }
            }
            Kind::Money => {
                let amount = money(raw, unit)?;
                *self.money(field) = amount;
            }
            Kind::Date => {
                let date = value(raw.date(unit.serial))?;
                *self.date(field) = date;
            }
            Kind::Count(_) if field == Field::DueDay => self.count(field, value(raw.due_day())?),
            Kind::Count(most) => self.count(field, value(raw.count(most))?),
            Kind::Rate if field == Field::Apr => {
                if let Some((rate, is_fraction)) = value(raw.rate())? {
                    (self.apr, self.apr_percent) = (Some(rate), unit.percent);
                    if is_fraction {
                        self.apr_percent = Some(false);
                    }
                }
            }
            Kind::Rate => {
                if let Some((rate, is_fraction)) = value(raw.rate())? {
                    (self.rate, self.rate_is_fraction) = (Some(rate), is_fraction);
                }
            }
            Kind::Period => {
                self.rate_per = period_of(&raw.text()).ok_or("P0127")?;
            }
            Kind::Text => unreachable!("texts are interned, not set"),
        }
        Ok(())
    }

    /// Sets a date field by a stated rule.
    pub(super) fn set_date(&mut self, field: Field, date: Option<NaiveDate>) {
        *self.date(field) = date;
    }

    /// Reads one of several rate columns that stand side by side; of them a row fills one. A zero
    /// beside a rate is as good as empty.
    pub(super) fn set_one_of_rates(&mut self, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
        let Some((rate, is_fraction)) = value(raw.rate())? else { return Ok(()) };
        let filled = |rate: Option<Rate>| rate.is_some_and(|rate| rate > Rate::ZERO);
        match (filled(self.rate), filled(Some(rate))) {
            (true, true) => return Err("P0128"),
            (true, false) => return Ok(()),
            (false, _) => {}
        }
        // The columns may differ in their units, so the unit is applied at once where it is known.
        let (rate, is_fraction) = match unit.percent {
            Some(true) if !is_fraction => {
                let fraction = rate.to_decimal() / rust_decimal::Decimal::ONE_HUNDRED;
                (Rate::from_decimal(fraction).ok_or("P0104")?, true)
            }
            Some(_) => (rate, true),
            None => (rate, is_fraction),
        };
        (self.rate, self.rate_is_fraction, self.rate_per) = (Some(rate), is_fraction, unit.per);
        Ok(())
    }

    /// Marks a field as unreadable.
    pub(super) fn mark(&mut self, field: Field) {
        self.unreadable |= bit(field);
    }

    fn money(&mut self, field: Field) -> &mut Option<Amount> {
        match field {
            Field::OriginalPrincipal => &mut self.original_principal,
            Field::OutstandingPrincipal => &mut self.outstanding_principal,
            Field::OverduePrincipal => &mut self.overdue_principal,
            Field::UnbilledPrincipal => &mut self.unbilled_principal,
            Field::InstalmentAmount => &mut self.instalment_amount,
            Field::DefaultPrincipal => &mut self.default_principal,
            other => unreachable!("{} is no money of a receivable", other.name()),
        }
    }

    fn date(&mut self, field: Field) -> &mut Option<NaiveDate> {
        match field {
            Field::OriginationDate => &mut self.origination,
            Field::MaturityDate => &mut self.maturity,
            Field::FirstDueDate => &mut self.first_due,
            Field::CutoffDate => &mut self.cutoff,
            Field::OverdueStart => &mut self.overdue_start,
            Field::DefaultDate => &mut self.default_date,
            other => unreachable!("{} is no date of a receivable", other.name()),
        }
    }

    fn count(&mut self, field: Field, count: Option<u32>) {
        let small = || count.map(|count| u16::try_from(count).expect("bounded by its kind"));
        match field {
            Field::DueDay => {
                self.due_day = count.map(|day| u8::try_from(day).expect("bounded by its kind"));
            }
            Field::Instalments => self.instalments = small(),
            Field::PaidInstalments => self.paid_instalments = small(),
            Field::RemainingInstalments => self.remaining_instalments = small(),
            Field::SeasoningMonths => self.seasoning_months = small(),
            Field::PastDueDays => self.past_due_days = count,
            other => unreachable!("{} is no count of a receivable", other.name()),
        }
    }
}

/// One line of the repayment schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleRow {
    /// Where it stands; the sheet index is into [`super::TapeManifest::sheets`].
    pub origin: RowOrigin,
    /// 借据号; empty when missing.
    pub id: Box<str>,
    /// 期次.
    pub number: Option<u16>,
    /// 应还日期.
    pub due: Option<NaiveDate>,
    /// 应还本金.
    pub principal: Option<Amount>,
    /// 应还利息.
    pub interest: Option<Amount>,
    /// 应还手续费.
    pub fee: Option<Amount>,
    /// 应还总额, when given.
    pub total: Option<Amount>,
    /// Whether some cell could not be read; a finding has told so.
    pub unreadable: bool,
}

impl ScheduleRow {
    /// Reads a cell into its field; the code of the finding when it cannot be read.
    pub(super) fn set(&mut self, field: Field, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
        self.read(field, raw, unit).inspect_err(|_| self.unreadable = true)
    }

    fn read(&mut self, field: Field, raw: &Raw, unit: Unit) -> Result<(), &'static str> {
        not_a_failed_lookup(field, raw)?;
        match field {
            Field::ReceivableId => self.id = value(raw.id())?.unwrap_or_default().into(),
            Field::Number => {
                let number = value(raw.count(1200))?;
                self.number = number.map(|n| u16::try_from(n).expect("at most 1200"));
            }
            Field::DueDate => self.due = value(raw.date(unit.serial))?,
            Field::Principal => self.principal = money(raw, unit)?,
            Field::Interest => self.interest = money(raw, unit)?,
            Field::Fee => self.fee = money(raw, unit)?,
            Field::Total => self.total = money(raw, unit)?,
            other => unreachable!("{} is no field of a schedule", other.name()),
        }
        Ok(())
    }
}

/// A lookup that found nothing is told where a figure is wanted: it is no empty cell.
fn not_a_failed_lookup(field: Field, raw: &Raw) -> Result<(), &'static str> {
    if !raw.is_failed_lookup() {
        return Ok(());
    }
    match field.kind() {
        Kind::Money | Kind::Count(_) | Kind::Rate => Err("P0104"),
        Kind::Date => Err("P0105"),
        Kind::Id | Kind::Text | Kind::Period => Ok(()),
    }
}

/// The most that one cell of money may hold, in minor units: ten billion. Sums of nine million such
/// rows stay within 64 bits.
const MONEY_MAX: Amount = Amount::from_minor(1_000_000_000_000);

fn money(raw: &Raw, unit: Unit) -> Result<Option<Amount>, &'static str> {
    match value(raw.amount(unit.money.unwrap_or(MoneyUnit::Yuan)))? {
        Some(amount) if amount > MONEY_MAX => Err("P0104"),
        amount => Ok(amount),
    }
}

fn value<T>(reading: Reading<T>) -> Result<Option<T>, &'static str> {
    match reading {
        Reading::Is(value) => Ok(Some(value)),
        Reading::Missing => Ok(None),
        Reading::Fault(code) => Err(code),
    }
}

fn bit(field: Field) -> u32 {
    1 << (field as u32)
}
