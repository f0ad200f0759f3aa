//! Tax and fees as claims: what accrues, what is still owed from earlier dates, what stays unpaid.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::dates::{Payments, basis};
use super::line::{Closing, Dim, Topic};
use crate::config::Text;
use crate::deal::{Base, Charge, Deal, Fee, Income, Tax};
use crate::formula::{Formula, LineId, Sort};
use crate::money::Rate;

/// Something owed that is carried until it is paid.
#[derive(Clone)]
pub(super) struct Claim {
    /// What accrues plus what was left unpaid.
    pub owed: LineId,
    /// What is left unpaid; promised until the waterfall has paid.
    pub unpaid: LineId,
    /// The lines that have paid it so far on this date.
    pub paid: Vec<LineId>,
}

impl Claim {
    /// Opens a claim on what accrues. Unpaid amounts are carried.
    pub fn open(
        lines: &mut Builder,
        topic: Topic,
        key: &str,
        subject: &Text,
        accrued: LineId,
    ) -> Claim {
        let column =
            |part: &'static str| Column::payment(topic, format!("{key}.{part}"), subject, part);
        let arrears = lines.promise(column("arrears"), Sort::Amount);
        lines.stock(arrears);
        let owed = lines.compute(
            column("owed"),
            Formula::sum(vec![Formula::Line(arrears), Formula::Line(accrued)]),
        );
        lines.stock(owed);
        // The line that the arrears of the next date read; it is moved below the payments later.
        Claim { owed, unpaid: arrears, paid: Vec::new() }
    }

    /// What is owed less what this date has paid so far.
    pub fn outstanding(&self) -> Formula {
        self.paid
            .iter()
            .fold(Formula::Line(self.owed), |owed, paid| Formula::less(owed, Formula::Line(*paid)))
    }

    /// Closes the claim: what is unpaid is carried to the next date.
    pub fn close(&self, lines: &mut Builder, topic: Topic, key: &str, subject: &Text) -> LineId {
        let column = Column::payment(topic, format!("{key}.unpaid"), subject, "unpaid");
        let unpaid = lines.compute(column, self.outstanding());
        lines.stock(unpaid);
        lines.keep(self.unpaid, Formula::Prior(unpaid));
        unpaid
    }
}

/// The claims of a date before anything is paid.
pub(super) struct Claims {
    pub tax: Option<Claim>,
    /// By fee; the fee on what is paid accrues inside the waterfall.
    pub fees: Vec<Option<Claim>>,
}

/// Lowers tax and fees.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    securities: LineId,
) -> Claims {
    let tax_accrued = deal.tax.as_ref().map(|tax| lower_tax(lines, tax, months));
    let subject = tax_name();
    let tax = tax_accrued.map(|accrued| Claim::open(lines, Topic::Fees, "tax", &subject, accrued));
    let fees = deal.fees.iter().map(|fee| {
        let accrued = accrued(lines, fee, deal, months, dates, securities)?;
        Some(Claim::open(lines, Topic::Fees, &format!("fee.{}", fee.id), &fee.name, accrued))
    });
    let fees = fees.collect();
    Claims { tax, fees }
}

/// The tax's name for readers.
pub(super) fn tax_name() -> Text {
    Text { zh: "增值税及附加".to_string(), en: "VAT and surcharges".to_string() }
}

/// `VAT = ROUND(I ÷ (1 + v) × v, 2)`, `surcharges = ROUND(VAT × s, 2)`; income I includes the tax.
fn lower_tax(lines: &mut Builder, tax: &Tax, months: &Months) -> LineId {
    let subject = tax_name();
    let column =
        |part: &'static str| Column::payment(Topic::Fees, format!("tax.{part}"), &subject, part);
    let income = tax.income.iter().map(|class| match class {
        Income::Interest => Formula::Since(months.interest),
        Income::Fee => Formula::Since(months.fee),
    });
    let income = Formula::sum(income.collect());
    let income = lines.compute(column("taxable_income"), income);
    let rate = lines.input("tax.vat".into(), &subject, "vat_rate", Sort::Rate, tax.vat.parts());
    let surcharge_rate = lines.input(
        "tax.surcharge".into(),
        &subject,
        "surcharge_rate",
        Sort::Rate,
        tax.surcharge.parts(),
    );
    let gross = Formula::Sum(vec![Formula::ONE, Formula::Input(rate)]);
    let vat = lines.compute(
        column("vat"),
        Formula::portion(Formula::Line(income), vec![Formula::Input(rate)], vec![gross]),
    );
    let surcharge = lines.compute(
        column("surcharge"),
        Formula::portion(Formula::Line(vat), vec![Formula::Input(surcharge_rate)], vec![]),
    );
    lines.compute(
        column("accrued"),
        Formula::sum(vec![Formula::Line(vat), Formula::Line(surcharge)]),
    )
}

fn accrued(
    lines: &mut Builder,
    fee: &Fee,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    securities: LineId,
) -> Option<LineId> {
    let key = format!("fee.{}", fee.id);
    let column = Column::payment(Topic::Fees, format!("{key}.accrued"), &fee.name, "accrued");
    match &fee.charge {
        Charge::Fixed { amount, payments } => {
            let count = deal.schedule.payments.len();
            let due = (1..=count)
                .map(|number| i64::from(payments.is_empty() || payments.contains(&number)))
                .collect();
            let flag = Column::payment(Topic::Fees, format!("{key}.due"), &fee.name, "due_by_date");
            let flag = lines.given(flag, Sort::Flag, due);
            let amount = lines.input(
                format!("{key}.amount"),
                &fee.name,
                "amount",
                Sort::Amount,
                amount.minor(),
            );
            let formula = Formula::when(Formula::Line(flag), Formula::Input(amount), Formula::ZERO);
            Some(lines.compute(column, formula))
        }
        Charge::Rate { rate, base, day_count } => {
            let rate =
                lines.input(format!("{key}.rate"), &fee.name, "rate", Sort::Rate, rate.parts());
            let basis = basis(lines, *day_count);
            let formula = match base {
                Base::Securities => Formula::portion(
                    Formula::Line(securities),
                    vec![Formula::Input(rate), dates.days(*day_count)],
                    vec![basis],
                ),
                Base::Pool => {
                    let monthly = pool_fee(lines, fee, rate, *day_count, basis, months, deal);
                    Formula::Since(monthly)
                }
            };
            Some(lines.compute(column, formula))
        }
        Charge::OnPaid { .. } => None,
    }
}

/// A fee on the pool accrues month by month on the balance at the start of the month.
fn pool_fee(
    lines: &mut Builder,
    fee: &Fee,
    rate: crate::formula::InputId,
    day_count: crate::time::DayCount,
    basis: Formula,
    months: &Months,
    deal: &Deal,
) -> LineId {
    let key = format!("fee.{}.month", fee.id);
    let column = Column::month(Topic::Pool, Dim::One, &key, "fee_of_month").about(&fee.name);
    let days = match day_count {
        crate::time::DayCount::Act365 | crate::time::DayCount::Act360 => Formula::Line(months.days),
        other => {
            let ends = &deal.schedule.collection_ends;
            let mut from = deal.pool.cutoff;
            let days = ends.iter().map(|end| {
                let days = other.days(from, *end);
                from = *end;
                days
            });
            let column = Column::month(Topic::Pool, Dim::One, &format!("{key}.days"), "days");
            let column = column.about(&fee.name);
            Formula::Line(lines.recorded(column, Sort::Number, days.collect()))
        }
    };
    let accrual =
        Formula::portion(months.at_start(), vec![Formula::Input(rate), days], vec![basis]);
    lines.compute(column, accrual)
}

/// The registrar's closed form: the largest D with D + ROUND(D × f) ≤ A, and the fee on it.
///
/// `C = ROUND(A ÷ (1 + f), 2)`, `D = MIN(claims, C, A − ROUND(C × f, 2))`, `fee = ROUND(D × f, 2)`.
pub(super) struct OnPaid {
    /// The fee.
    pub fee: LineId,
    /// What can be paid to holders.
    pub distributable: LineId,
}

/// Lowers a fee on what is paid, out of what is left; `claims` bounds what holders can receive.
pub(super) fn on_paid(
    lines: &mut Builder,
    fee: &Fee,
    rate: Rate,
    left: Formula,
    claims: Option<Formula>,
) -> OnPaid {
    let key = format!("fee.{}", fee.id);
    let column =
        |part: &'static str| Column::payment(Topic::Fees, format!("{key}.{part}"), &fee.name, part);
    let rate = lines.input(format!("{key}.rate"), &fee.name, "rate", Sort::Rate, rate.parts());
    let gross = Formula::Sum(vec![Formula::ONE, Formula::Input(rate)]);
    let most =
        lines.compute(column("net_of_fee"), Formula::portion(left.clone(), vec![], vec![gross]));
    let on_most = lines.compute(
        column("fee_on_net"),
        Formula::portion(Formula::Line(most), vec![Formula::Input(rate)], vec![]),
    );
    let mut bounds = vec![Formula::Line(most), Formula::less(left, Formula::Line(on_most))];
    bounds.extend(claims);
    let distributable = lines.compute(column("distributable"), Formula::Least(bounds));
    let fee = lines.compute(
        column("accrued"),
        Formula::portion(Formula::Line(distributable), vec![Formula::Input(rate)], vec![]),
    );
    for line in [most, on_most, distributable] {
        lines.stock(line);
        lines.closing(line, Closing::Empty);
    }
    OnPaid { fee, distributable }
}
