//! The priority of payments as a chain of lines: what is due, what is paid, what is left.
//!
//! ```text
//! available ─▶ due, paid, left ─▶ due, paid, left ─▶ … ─▶ carried to the next date
//! ```
//!
//! A step computes nothing; it lowers to lines. A claim that is not paid stays owed; a limit (the
//! balance of a pass-through tranche) does not.

use super::build::{Builder, Column};
use super::collateral::Months;
use super::fees::{Claim, Claims, OnPaid, on_paid, tax_name};
use super::line::{Closing, Topic};
use super::tranches::{Closed, Note};
use super::triggers::States;
use crate::config::Text;
use crate::deal::{Charge, Deal, Due, Payment, Sharing, Step};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::ledger::{Account, Movement};

/// The cash of a date before anything is paid.
pub(super) struct Cash {
    /// Carried from the date before.
    pub opening: LineId,
    /// Collected since the date before.
    pub collected: LineId,
    /// The sum.
    pub available: LineId,
}

/// Lowers the cash available on a date.
pub(super) fn available(lines: &mut Builder, deal: &Deal, months: &Months) -> Cash {
    let column = |part: &'static str| {
        Column::payment(Topic::Waterfall, format!("cash.{part}"), &Text::default(), part)
    };
    let opening = lines.promise(column("carried_in"), Sort::Amount);
    lines.stock(opening);
    let collected = lines.compute(column("collected"), Formula::Since(months.cash));
    let count = deal.schedule.payments.len();
    let earned =
        (0..count).map(|place| deal.account_income.get(place).map_or(0, |income| income.minor()));
    let income = lines.given(column("account_income"), Sort::Amount, earned.collect());
    lines.moves(income, Movement { from: Account::Bank, to: Account::Collection });
    let available = lines.compute(
        column("available"),
        Formula::Sum([opening, collected, income].map(Formula::Line).to_vec()),
    );
    lines.stock(available);
    Cash { opening, collected, available }
}

/// Everything that was paid on a date.
pub(super) struct Paid {
    /// The tranches with what was paid to them.
    pub notes: Vec<Note>,
    /// Remainders by tranche.
    pub remainders: Vec<Vec<LineId>>,
    /// All lines that pay, in order.
    pub payments: Vec<LineId>,
    /// Every payment with what it must be: its key, its payee, the line, the rule restated.
    pub restated: Vec<(String, Text, LineId, Formula)>,
    /// Kept in the account for the next date; promised.
    pub carry: LineId,
    /// What the last step left, and what a fee on what is paid holds back.
    left: Formula,
    held_back: Option<Formula>,
}

struct Chain<'a> {
    lines: &'a mut Builder,
    deal: &'a Deal,
    states: &'a States,
    tax: Option<Claim>,
    fees: Vec<Option<Claim>>,
    notes: Vec<Note>,
    remainders: Vec<Vec<LineId>>,
    payments: Vec<LineId>,
    costs: Vec<LineId>,
    restated: Vec<(String, Text, LineId, Formula)>,
    left: LineId,
    held_back: Option<LineId>,
    step: usize,
    gate: Option<Formula>,
}

/// Lowers the steps.
pub(super) fn lower(
    lines: &mut Builder,
    deal: &Deal,
    cash: &Cash,
    claims: Claims,
    notes: Vec<Note>,
    states: &States,
) -> Paid {
    let mut chain = Chain {
        lines,
        deal,
        states,
        tax: claims.tax,
        fees: claims.fees,
        remainders: vec![Vec::new(); notes.len()],
        notes,
        payments: Vec::new(),
        costs: Vec::new(),
        restated: Vec::new(),
        left: cash.available,
        held_back: None,
        step: 0,
        gate: None,
    };
    for (place, step) in deal.steps.iter().enumerate() {
        chain.step = place;
        chain.gate = states.gate(step);
        chain.lower(step);
    }
    chain.close()
}

impl Chain<'_> {
    fn lower(&mut self, step: &Step) {
        match step.sharing {
            Sharing::Sequential => {
                for (place, payment) in step.pay.iter().enumerate() {
                    self.in_turn(place, payment);
                }
            }
            Sharing::ProRata => self.side_by_side(step),
        }
    }

    fn in_turn(&mut self, place: usize, payment: &Payment) {
        let held = self.open_on_paid(payment);
        let due = self.due(place, payment);
        let paid = Formula::Least(vec![Formula::Line(due), Formula::Line(self.left)]);
        let rule = paid.clone();
        let paid = self.pay(place, payment, paid);
        let key = format!("{}.{}", self.step + 1, place + 1);
        self.restated.push((key, self.payee(payment), paid, rule));
        let mut left = Formula::less(Formula::Line(self.left), Formula::Line(paid));
        if let Some(on_paid) = held {
            left = self.hold_back(&on_paid, paid, left);
        }
        let column = self.column(place, payment, "left");
        self.left = self.compute(column, left);
        self.lines.stock(self.left);
    }

    /// Payee k takes the share of the first k claims less what the first k − 1 took.
    fn side_by_side(&mut self, step: &Step) {
        let dues: Vec<LineId> =
            step.pay.iter().enumerate().map(|(place, payment)| self.due(place, payment)).collect();
        let total = self.step_column("all_due");
        let total =
            self.compute(total, Formula::sum(dues.iter().map(|d| Formula::Line(*d)).collect()));
        let pot = self.step_column("pot");
        let pot =
            self.compute(pot, Formula::Least(vec![Formula::Line(total), Formula::Line(self.left)]));
        let mut paid_before: Vec<LineId> = Vec::new();
        for (place, payment) in step.pay.iter().enumerate() {
            let claims =
                Formula::sum(dues[..=place].iter().map(|due| Formula::Line(*due)).collect());
            let share =
                Formula::portion(Formula::Line(pot), vec![claims], vec![Formula::Line(total)]);
            let paid = paid_before
                .iter()
                .fold(share, |share, paid| Formula::less(share, Formula::Line(*paid)));
            paid_before.push(self.pay(place, payment, paid));
        }
        let shared = paid_before.iter().map(|paid| Formula::Line(*paid)).collect();
        let name = self.deal.steps[self.step].name.clone().unwrap_or_default();
        self.restated.push((format!("{}", self.step + 1), name, pot, Formula::sum(shared)));
        let left = Formula::less(Formula::Line(self.left), Formula::Line(pot));
        let column = self.step_column("left");
        self.left = self.compute(column, left);
        self.lines.stock(self.left);
    }

    /// What is due to a payee: its claim or limit, capped, nothing while the step's gate is shut.
    fn due(&mut self, place: usize, payment: &Payment) -> LineId {
        let (outstanding, pays) = match payment.due {
            Due::Tax => {
                (self.tax.as_ref().expect("resolved: the deal has a tax").outstanding(), None)
            }
            Due::Fee(fee) => {
                (self.fees[fee].as_ref().expect("opened before it is due").outstanding(), None)
            }
            Due::Interest(note) => (self.notes[note].interest.outstanding(), self.notes[note].pays),
            Due::Principal(note) => (self.notes[note].outstanding(), self.notes[note].pays),
            Due::Remainder(note) => (Formula::Line(self.left), self.notes[note].pays),
        };
        let capped = match payment.cap {
            Some(cap) => {
                let key = format!("step.{}.{}.cap", self.step + 1, place + 1);
                let subject = self.payee(payment);
                let cap = self.lines.input(key, &subject, "cap", Sort::Amount, cap.minor());
                Formula::Least(vec![outstanding, Formula::Input(cap)])
            }
            None => outstanding,
        };
        // A slower payer's interest is zero by itself between its dates; its principal is gated.
        let pays = pays.filter(|_| !matches!(payment.due, Due::Interest(_))).map(Formula::Line);
        let gates: Vec<Formula> = self.gate.iter().cloned().chain(pays).collect();
        let due = match gates.len() {
            0 => capped,
            1 => Formula::when(gates[0].clone(), capped, Formula::ZERO),
            _ => Formula::when(Formula::All(gates), capped, Formula::ZERO),
        };
        let column = self.column(place, payment, "due");
        let line = self.compute(column, due);
        self.lines.stock(line)
    }

    fn pay(&mut self, place: usize, payment: &Payment, paid: Formula) -> LineId {
        let column = self.column(place, payment, "paid");
        let line = self.compute(column, paid);
        let to = match payment.due {
            Due::Tax => Account::TaxAuthority,
            Due::Fee(fee) => Account::FeePayee(fee),
            Due::Interest(note) | Due::Principal(note) | Due::Remainder(note) => {
                Account::Holders(note)
            }
        };
        self.lines.moves(line, Movement { from: Account::Collection, to });
        self.payments.push(line);
        if matches!(payment.due, Due::Tax | Due::Fee(_)) {
            self.costs.push(line);
        }
        match payment.due {
            Due::Tax => self.tax.iter_mut().for_each(|claim| claim.paid.push(line)),
            Due::Fee(fee) => self.fees[fee].iter_mut().for_each(|claim| claim.paid.push(line)),
            Due::Interest(note) => self.notes[note].interest.paid.push(line),
            Due::Principal(note) => self.notes[note].principal.push(line),
            Due::Remainder(note) => self.remainders[note].push(line),
        }
        line
    }

    /// A fee on what is paid to holders accrues where it stands, on what can be paid below it.
    fn open_on_paid(&mut self, payment: &Payment) -> Option<OnPaid> {
        let Due::Fee(place) = payment.due else { return None };
        let fee = &self.deal.fees[place];
        let Charge::OnPaid { rate } = fee.charge else { return None };
        if self.fees[place].is_some() {
            return None;
        }
        let claims = self.claims_below();
        let on_paid = on_paid(self.lines, fee, rate, Formula::Line(self.left), claims);
        let key = format!("fee.{}", fee.id);
        self.fees[place] = Some(Claim::open(self.lines, Topic::Fees, &key, &fee.name, on_paid.fee));
        Some(on_paid)
    }

    /// What holders can claim on this date by the steps below: known when every claim is known before
    /// the fee. `None` when a remainder takes all there is.
    fn claims_below(&self) -> Option<Formula> {
        let mut terms = Vec::new();
        let mut balances = vec![false; self.notes.len()];
        for step in &self.deal.steps[self.step..] {
            let gate = self.states.gate(step);
            for payment in &step.pay {
                let (claim, pays) = match payment.due {
                    Due::Interest(note) => (self.notes[note].interest.outstanding(), None),
                    Due::Principal(note) if !balances[note] => {
                        balances[note] = gate.is_none();
                        (self.notes[note].outstanding(), self.notes[note].pays)
                    }
                    Due::Principal(_) | Due::Tax | Due::Fee(_) => continue,
                    // Open-ended: the whole pot, while the gate lets it.
                    Due::Remainder(note) => match (&gate, self.notes[note].pays) {
                        (None, None) => return None,
                        _ => (Formula::Line(self.left), self.notes[note].pays),
                    },
                };
                let gates: Vec<Formula> =
                    gate.iter().cloned().chain(pays.map(Formula::Line)).collect();
                terms.push(match gates.len() {
                    0 => claim,
                    1 => Formula::when(gates[0].clone(), claim, Formula::ZERO),
                    _ => Formula::when(Formula::All(gates), claim, Formula::ZERO),
                });
            }
        }
        Some(Formula::sum(terms))
    }

    /// Holders share no more than the base of the fee; the odd cent waits for the next date.
    fn hold_back(&mut self, on_paid: &OnPaid, paid: LineId, left: Formula) -> Formula {
        let over = Formula::excess(left.clone(), Formula::Line(on_paid.distributable));
        // A fee that was capped or not due binds nobody: the rest goes on to the holders.
        let whole =
            Formula::compare(Comparison::AtLeast, Formula::Line(paid), Formula::Line(on_paid.fee));
        let held = Formula::when(whole, over, Formula::ZERO);
        let subject = Text::default();
        let column = Column::payment(
            Topic::Waterfall,
            format!("step.{}.held_back", self.step + 1),
            &subject,
            "held_back",
        );
        let held = self.compute(column, held);
        self.lines.stock(held);
        self.held_back = Some(held);
        Formula::less(left, Formula::Line(held))
    }

    fn close(mut self) -> Paid {
        if let Some(tax) = &self.tax {
            tax.close(self.lines, Topic::Fees, "tax", &tax_name());
        }
        for (fee, claim) in self.deal.fees.iter().zip(&self.fees) {
            if let Some(claim) = claim {
                claim.close(self.lines, Topic::Fees, &format!("fee.{}", fee.id), &fee.name);
            }
        }
        let costs = self.costs.iter().map(|line| Formula::Line(*line)).collect();
        let column = Column::payment(
            Topic::Waterfall,
            "cash.costs_paid".to_string(),
            &Text::default(),
            "costs_paid",
        );
        self.lines.compute(column, Formula::sum(costs));
        let column = Column::payment(
            Topic::Waterfall,
            "cash.carry".to_string(),
            &Text::default(),
            "carried_out",
        );
        let carry = self.lines.promise(column, Sort::Amount);
        self.lines.stock(carry);
        let (left, held_back) =
            (Formula::Line(self.left), self.held_back.take().map(Formula::Line));
        Paid {
            notes: self.notes,
            remainders: self.remainders,
            payments: self.payments,
            restated: self.restated,
            carry,
            left,
            held_back,
        }
    }

    fn compute(&mut self, column: Column, formula: Formula) -> LineId {
        let line = self.lines.compute(column, formula);
        self.lines.of_step(line, self.step)
    }

    fn column(&self, place: usize, payment: &Payment, part: &'static str) -> Column {
        let key = format!("step.{}.{}.{part}", self.step + 1, place + 1);
        Column::payment(Topic::Waterfall, key, &self.payee(payment), part)
    }

    fn step_column(&self, part: &'static str) -> Column {
        let name = self.deal.steps[self.step].name.clone().unwrap_or_default();
        Column::payment(Topic::Waterfall, format!("step.{}.{part}", self.step + 1), &name, part)
    }

    fn payee(&self, payment: &Payment) -> Text {
        payee(self.deal, payment.due)
    }
}

/// The name of a payee with what is paid: `Senior 01 interest`.
pub fn payee(deal: &Deal, due: Due) -> Text {
    let tranche = |place: usize, zh: &str, en: &str| {
        let name = &deal.tranches[place].name;
        Text { zh: format!("{}{zh}", name.zh), en: format!("{} {en}", name.en) }
    };
    match due {
        Due::Tax => tax_name(),
        Due::Fee(fee) => deal.fees[fee].name.clone(),
        Due::Interest(place) if deal.tranches[place].cumulative => {
            tranche(place, "利息", "interest")
        }
        Due::Interest(place) => tranche(place, "期间收益", "interim yield"),
        Due::Principal(place) => tranche(place, "本金", "principal"),
        Due::Remainder(place) => tranche(place, "剩余收益", "remainder"),
    }
}

/// Closes the account: what is left is carried; at closing, proceeds less the price of the pool.
pub(super) fn close(lines: &mut Builder, deal: &Deal, cash: &Cash, paid: &Paid, closed: &Closed) {
    let nobody = Text::default();
    let column = Column::payment(
        Topic::Waterfall,
        "cash.purchase_price".to_string(),
        &nobody,
        "purchase_price",
    );
    let price = lines.compute(column, Formula::ZERO);
    let proceeds = || closed.issued.iter().map(|line| Formula::Line(*line)).collect();
    let paid_price = match deal.purchase_price {
        Some(amount) => {
            let key = "pool.purchase_price".to_string();
            Formula::Input(lines.input(
                key,
                &nobody,
                "purchase_price",
                Sort::Amount,
                amount.minor(),
            ))
        }
        None => Formula::sum(proceeds()),
    };
    lines.closing(price, Closing::Formula(paid_price));
    lines.moves(price, Movement { from: Account::Collection, to: Account::Originator });
    let left = match &paid.held_back {
        Some(held) => Formula::sum(vec![paid.left.clone(), held.clone()]),
        None => paid.left.clone(),
    };
    lines.keep(paid.carry, left);
    lines.closing_later(paid.carry, Formula::less(Formula::sum(proceeds()), Formula::Line(price)));
    lines.keep(cash.opening, Formula::Prior(paid.carry));
}
