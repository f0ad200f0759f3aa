//! Tax and fees as claims: what accrues, what is still owed from earlier dates, what stays unpaid.

use chrono::NaiveDate;

use super::build::{Builder, Column};
use super::collateral::Months;
use super::dates::{Payments, basis};
use super::line::{Dim, Topic};
use super::rates;
use super::scope::Scope;
use super::tranches::Openings;
use crate::config::Text;
use crate::deal::{Base, Charge, Dated, Deal, Fee, FeeAccrual, Income, Tax};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::money::{Amount, Rate};
use crate::time::DayCount;

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
        let column = Column::payment(topic, format!("{key}.arrears"), subject, "arrears");
        let arrears = lines.promise(column, Sort::Amount);
        lines.stock(arrears);
        Claim::open_on(lines, topic, key, subject, arrears, accrued)
    }

    /// Opens a claim whose arrears were promised before.
    pub fn open_on(
        lines: &mut Builder,
        topic: Topic,
        key: &str,
        subject: &Text,
        arrears: LineId,
        accrued: LineId,
    ) -> Claim {
        let column = Column::payment(topic, format!("{key}.owed"), subject, "owed");
        let owed = Formula::sum(vec![Formula::Line(arrears), Formula::Line(accrued)]);
        let owed = lines.compute(column, owed);
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

/// Lowers the tax as a claim; `None` when the deal bears none.
pub(super) fn lower_tax(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    income: LineId,
    scope: &mut Scope,
) -> Option<Claim> {
    // A deal that bears no tax owes none.
    scope.add("tax.due", Formula::ZERO);
    let subject = tax_name();
    let several = deal.tax.len() > 1;
    let accrued: Vec<LineId> = deal
        .tax
        .iter()
        .enumerate()
        .map(|(place, tax)| {
            let key = if several { format!("tax.{}", place + 1) } else { "tax".to_string() };
            tax_of_class(lines, deal, tax, &key, months, income)
        })
        .collect();
    let accrued = match accrued[..] {
        [] => return None,
        [only] => only,
        _ => {
            let sum = Formula::sum(accrued.into_iter().map(Formula::Line).collect());
            let column =
                Column::payment(Topic::Fees, "tax.accrued".to_string(), &subject, "accrued");
            lines.compute(column, sum)
        }
    };
    let claim = Claim::open(lines, Topic::Fees, "tax", &subject, accrued);
    scope.add("tax.due", Formula::Line(claim.owed));
    Some(claim)
}

/// The tax's name for readers.
pub(super) fn tax_name() -> Text {
    Text { zh: "增值税及附加".to_string(), en: "VAT and surcharges".to_string() }
}

/// `VAT = ROUND(I ÷ (1 + v) × v, 2)`, `surcharges = ROUND(VAT × s, 2)`; income I includes the tax.
fn tax_of_class(
    lines: &mut Builder,
    deal: &Deal,
    tax: &Tax,
    key: &str,
    months: &Months,
    account: LineId,
) -> LineId {
    let subject = tax_name();
    let column =
        |part: &'static str| Column::payment(Topic::Fees, format!("{key}.{part}"), &subject, part);
    let income = tax.income.iter().map(|class| match class {
        Income::Interest => Formula::Since(months.interest),
        Income::Fee => Formula::Since(months.fee),
        Income::Recovery => {
            let parts = months.recovered.into_iter().chain(months.disposed);
            Formula::sum(parts.map(Formula::Since).collect())
        }
        Income::Account => Formula::Line(account),
    });
    let income = Formula::sum(income.collect());
    let income = lines.compute(column("taxable_income"), income);
    let rate = dated(lines, deal, &format!("{key}.vat"), &subject, "vat_rate", &tax.vat);
    let surcharge =
        dated(lines, deal, &format!("{key}.surcharge"), &subject, "surcharge_rate", &tax.surcharge);
    let gross = Formula::Sum(vec![Formula::ONE, rate.clone()]);
    let vat = lines
        .compute(column("vat"), Formula::portion(Formula::Line(income), vec![rate], vec![gross]));
    let surcharge = lines.compute(
        column("surcharge"),
        Formula::portion(Formula::Line(vat), vec![surcharge], vec![]),
    );
    lines.compute(
        column(if key == "tax" { "accrued" } else { "accrued_of_class" }),
        Formula::sum(vec![Formula::Line(vat), Formula::Line(surcharge)]),
    )
}

/// A rate over time: one input, or a column of inputs by payment date.
fn dated(
    lines: &mut Builder,
    deal: &Deal,
    key: &str,
    subject: &Text,
    part: &'static str,
    rates: &Dated,
) -> Formula {
    if let [(_, only)] = rates[..] {
        let input = lines.input(key.to_string(), subject, part, Sort::Rate, only.parts());
        return Formula::Input(input);
    }
    let column = Column::payment(Topic::Fees, format!("{key}_rate"), subject, part);
    let dates = deal.schedule.payments.iter().map(|payment| payment.payment);
    Formula::Line(lines.given(column, Sort::Rate, rates::at(rates, dates)))
}

/// Lowers the fees as claims; those on what is paid or left accrue inside the waterfall.
pub(super) fn lower_fees(
    lines: &mut Builder,
    deal: &Deal,
    months: &Months,
    dates: &Payments,
    openings: &Openings,
    scope: &mut Scope,
) -> Vec<Option<Claim>> {
    let fees = deal.fees.iter().map(|fee| {
        let context = FeeContext { deal, months, dates, openings, fee };
        let key = format!("fee.{}", fee.id);
        let Some(accrued) = context.accrued(lines, scope) else {
            scope.add(format!("{key}.due"), Formula::ZERO);
            return None;
        };
        let claim = Claim::open(lines, Topic::Fees, &key, &fee.name, accrued);
        scope.add(format!("{key}.due"), Formula::Line(claim.owed));
        Some(claim)
    });
    fees.collect()
}

/// What a fee is computed from.
struct FeeContext<'a> {
    deal: &'a Deal,
    months: &'a Months,
    dates: &'a Payments,
    openings: &'a Openings,
    fee: &'a Fee,
}

impl FeeContext<'_> {
    fn accrued(&self, lines: &mut Builder, scope: &Scope) -> Option<LineId> {
        let formula = match &self.fee.charge {
            Charge::Fixed { amount, payments } => self.fixed(lines, amount.minor(), payments),
            Charge::Dated(dated) => self.by_date(lines, dated),
            Charge::Rate { tiers, base, accrual } => {
                self.on_balance(lines, scope, tiers, *base, *accrual)
            }
            Charge::OnPaid { .. } | Charge::OnLeft { .. } => return None,
        };
        let formula = match self.fee.minimum {
            Some(minimum) => {
                let least = self.input(lines, "minimum", Sort::Amount, minimum.minor());
                // A deal that is paid off owes no minimum.
                let alive = Formula::compare(
                    Comparison::Above,
                    Formula::Line(self.openings.securities),
                    Formula::ZERO,
                );
                let least = Formula::when(alive, least, Formula::ZERO);
                Formula::Greatest(vec![formula, least])
            }
            None => formula,
        };
        Some(lines.compute(self.column("accrued"), formula))
    }

    fn key(&self) -> String {
        format!("fee.{}", self.fee.id)
    }

    fn column(&self, part: &'static str) -> Column {
        Column::payment(Topic::Fees, format!("{}.{part}", self.key()), &self.fee.name, part)
    }

    fn input(&self, lines: &mut Builder, part: &'static str, sort: Sort, value: i64) -> Formula {
        let key = format!("{}.{part}", self.key());
        Formula::Input(lines.input(key, &self.fee.name, part, sort, value))
    }

    fn fixed(&self, lines: &mut Builder, amount: i64, payments: &[usize]) -> Formula {
        let count = self.deal.schedule.payments.len();
        let due = (1..=count)
            .map(|number| i64::from(payments.is_empty() || payments.contains(&number)))
            .collect();
        let key = format!("{}.due", self.key());
        let flag = Column::payment(Topic::Fees, key, &self.fee.name, "due_by_date");
        let flag = lines.given(flag, Sort::Flag, due);
        let amount = self.input(lines, "amount", Sort::Amount, amount);
        Formula::when(Formula::Line(flag), amount, Formula::ZERO)
    }

    /// A column of amounts: each on the first payment date on or after its own date.
    fn by_date(&self, lines: &mut Builder, dated: &[(NaiveDate, Amount)]) -> Formula {
        let mut from = self.deal.dates.closing;
        let due = self.deal.schedule.payments.iter().map(|payment| {
            let within = dated.iter().filter(|(on, _)| from < *on && *on <= payment.payment);
            let sum = within.map(|(_, amount)| amount.minor()).sum();
            from = payment.payment;
            sum
        });
        let due = due.collect();
        Formula::Line(lines.given(self.column("amount_by_date"), Sort::Amount, due))
    }

    fn on_balance(
        &self,
        lines: &mut Builder,
        scope: &Scope,
        tiers: &[(Amount, Rate)],
        base: Base,
        accrual: FeeAccrual,
    ) -> Formula {
        let balance = match base {
            Base::Securities => Formula::Line(self.openings.securities),
            Base::Senior => Formula::Line(self.openings.senior),
            Base::Face => {
                let faces = self.openings.face.iter().map(|face| Formula::Input(*face)).collect();
                let column = self.column("faces");
                let line = lines.compute(column, Formula::sum(faces));
                Formula::Line(lines.stock(line))
            }
            Base::Collections => Formula::Since(self.months.cash),
            Base::Defined(place) => scope.definition(place),
            // The pool accrues month by month on the balance at the start of the month.
            Base::Pool => {
                let monthly = self.of_month(lines, tiers, accrual);
                return Formula::Since(monthly);
            }
        };
        let time = match accrual {
            FeeAccrual::Days(day_count) => {
                (vec![self.dates.days(day_count)], vec![basis(lines, day_count)])
            }
            FeeAccrual::Twelfth | FeeAccrual::Period => (vec![], vec![]),
        };
        self.tiered(lines, tiers, &balance, time)
    }

    fn of_month(
        &self,
        lines: &mut Builder,
        tiers: &[(Amount, Rate)],
        accrual: FeeAccrual,
    ) -> LineId {
        let key = format!("{}.month", self.key());
        let month =
            |key: &str, part| Column::month(Topic::Pool, Dim::One, key, part).about(&self.fee.name);
        let time = match accrual {
            FeeAccrual::Twelfth => (vec![], vec![lines.twelve()]),
            FeeAccrual::Period => (vec![], vec![]),
            FeeAccrual::Days(day_count @ (DayCount::Act365 | DayCount::Act360)) => {
                (vec![Formula::Line(self.months.days)], vec![basis(lines, day_count)])
            }
            FeeAccrual::Days(other) => {
                let ends = &self.deal.schedule.collection_ends;
                let mut from = self.deal.pool.cutoff;
                let days = ends.iter().map(|end| {
                    let days = other.days(from, *end);
                    from = *end;
                    days
                });
                let days = lines.recorded(
                    month(&format!("{key}.days"), "days"),
                    Sort::Number,
                    days.collect(),
                );
                (vec![Formula::Line(days)], vec![basis(lines, other)])
            }
        };
        let balance = self.months.at_start();
        let formula = self.tiered(lines, tiers, &balance, time);
        lines.compute(month(&key, "fee_of_month"), formula)
    }

    /// Each tier's rate on the part of the balance that lies in it, rounded tier by tier.
    fn tiered(
        &self,
        lines: &mut Builder,
        tiers: &[(Amount, Rate)],
        balance: &Formula,
        (times, over): (Vec<Formula>, Vec<Formula>),
    ) -> Formula {
        let mut terms = Vec::new();
        for (place, (above, rate)) in tiers.iter().enumerate() {
            let name = |part: &str| match place {
                0 => format!("{}.{part}", self.key()),
                _ => format!("{}.{part}.{}", self.key(), place + 1),
            };
            let rate = lines.input(name("rate"), &self.fee.name, "rate", Sort::Rate, rate.parts());
            let mut edge = |place: usize, amount: Amount| {
                let key = format!("{}.tier.{}", self.key(), place + 1);
                let edge = lines.input(key, &self.fee.name, "tier", Sort::Amount, amount.minor());
                Formula::Input(edge)
            };
            let within = match tiers.get(place + 1) {
                Some((next, _)) => Formula::Least(vec![balance.clone(), edge(place + 1, *next)]),
                None => balance.clone(),
            };
            let part = match above.minor() {
                0 => within,
                _ => Formula::excess(within, edge(place, *above)),
            };
            let mut times = times.clone();
            times.insert(0, Formula::Input(rate));
            terms.push(Formula::portion(part, times, over.clone()));
        }
        Formula::sum(terms)
    }
}
