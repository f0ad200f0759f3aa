//! Steps lowered one after the other: due, paid, left.

use std::collections::BTreeMap;

use super::super::build::{Builder, Column};
use super::super::fees::{Claim, tax_name};
use super::super::line::Topic;
use super::super::pots::ledger;
use super::super::scope::Scope;
use super::super::triggers::States;
use super::on_paid::{OnPaid, on_paid};
use super::owed::Owed;
use super::purchase::{Purchased, Stock};
use super::{cash_column, due};
use crate::config::Text;
use crate::deal::{
    Charge, Deal, Due, Limit, OddCents, Payee, Payment, PerUnit, Pot, Sharing, Size, Step,
};
use crate::formula::{Comparison, Formula, LineId, Sort};
use crate::ledger::Movement;
use crate::money::Rounding;

/// Everything that was paid on a date.
pub(in crate::model) struct Paid {
    /// What was owed, with what was paid of it.
    pub owed: Owed,
    /// Payments out of and into the pots of the deal: line, from, into.
    pub payments: Vec<(LineId, Pot, Option<Pot>)>,
    /// Every payment with what it must be: its key, its payee, the line, the rule restated.
    pub restated: Vec<(String, Text, LineId, Formula)>,
    /// Kept in the account for the next date; promised.
    pub carry: LineId,
    /// What the last step left in the collection account.
    pub left: LineId,
    /// What was held back for the next date, by pot.
    pub held_back: Vec<(Pot, LineId)>,
    /// What was bought.
    pub purchased: Option<Purchased>,
}

impl Paid {
    /// What was held back in a pot.
    pub fn held_in(&self, pot: Pot) -> Vec<LineId> {
        let held = self.held_back.iter().filter(|(known, _)| *known == pot);
        held.map(|(_, line)| *line).collect()
    }
}

/// A chain of steps on the cash of a date.
pub(in crate::model) struct Chain<'a> {
    pub(super) lines: &'a mut Builder,
    pub(super) deal: &'a Deal,
    pub(super) scope: &'a Scope<'a>,
    states: &'a States,
    /// The flag of the first payment date of a calendar year.
    new_year: Option<LineId>,
    /// The flag of the last payment date.
    is_last: Option<LineId>,
    pub(super) owed: Owed,
    /// The support that a dry run is for; nothing moves in it.
    test: Option<String>,
    payments: Vec<(LineId, Pot, Option<Pot>)>,
    costs: Vec<LineId>,
    restated: Vec<(String, Text, LineId, Formula)>,
    held_back: Vec<(Pot, LineId)>,
    pub(super) stock: Stock<'a>,
    pub(super) purchased: Option<Purchased>,
    years: &'a mut BTreeMap<(usize, usize), LineId>,
    /// Claims in the order in which they were paid: what each payment should have been.
    pub(super) wanted: Vec<(Due, Formula, LineId)>,
    /// What this step has paid so far.
    in_step: Vec<LineId>,
    pub(super) step: usize,
    pub(super) from: Pot,
    gate: Option<Formula>,
}

/// What a chain needs beside the lines.
#[derive(Clone, Copy)]
pub(in crate::model) struct Setting<'a> {
    pub deal: &'a Deal,
    pub scope: &'a Scope<'a>,
    pub states: &'a States,
    pub new_year: Option<LineId>,
    pub is_last: Option<LineId>,
    pub stock: Stock<'a>,
}

/// The face that a payment per unit is stated for: four decimals per 100 of face are two decimals
/// per 10,000 of face.
pub(in crate::model) fn face_unit(lines: &mut Builder, per_unit: PerUnit) -> Formula {
    let (key, of) = match per_unit.places {
        2 => ("unit.face_unit.2", 100),
        _ => ("unit.face_unit.4", 10_000),
    };
    Formula::Input(lines.constant(key, "face_unit", of))
}

/// What a payee of a shared step should have been paid: what is due, or its share of the step's limit.
fn wanted(dues: &[LineId], place: usize, total: LineId, most: Option<&Formula>) -> Formula {
    let Some(most) = most else { return Formula::Line(dues[place]) };
    let share = |count: usize| {
        let claims = dues[..count].iter().map(|due| Formula::Line(*due)).collect();
        Formula::portion(most.clone(), vec![Formula::sum(claims)], vec![Formula::Line(total)])
    };
    match place {
        0 => share(1),
        _ => Formula::less(share(place + 1), share(place)),
    }
}

/// `amount × times ÷ over`, rounded down.
pub(in crate::model) fn down(amount: Formula, times: Formula, over: Formula) -> Formula {
    Formula::Portion {
        amount: Box::new(amount),
        times: vec![times],
        over: vec![over],
        rounding: Rounding::Down,
    }
}

impl<'a> Chain<'a> {
    /// A chain that pays, or, for a support, only tries.
    pub fn new(
        lines: &'a mut Builder,
        setting: Setting<'a>,
        owed: Owed,
        years: &'a mut BTreeMap<(usize, usize), LineId>,
        test: Option<String>,
    ) -> Chain<'a> {
        let Setting { deal, scope, states, new_year, is_last, stock } = setting;
        Chain {
            lines,
            deal,
            scope,
            states,
            new_year,
            is_last,
            owed,
            test,
            payments: Vec::new(),
            costs: Vec::new(),
            restated: Vec::new(),
            held_back: Vec::new(),
            stock,
            purchased: None,
            years,
            wanted: Vec::new(),
            in_step: Vec::new(),
            step: 0,
            from: Pot::Collection,
            gate: None,
        }
    }

    /// Lowers all steps.
    pub fn all(mut self) -> Paid {
        for place in 0..self.deal.steps.len() {
            self.one(place);
        }
        self.close()
    }

    /// Lowers one step.
    pub(super) fn one(&mut self, place: usize) {
        let step = &self.deal.steps[place];
        self.step = place;
        self.from = step.from;
        self.gate = self.states.gate(step, self.scope);
        self.in_step.clear();
        match step.sharing {
            Sharing::Sequential => {
                for (place, payment) in step.pay.iter().enumerate() {
                    self.in_turn(step, place, payment);
                }
            }
            Sharing::ProRata => self.side_by_side(step),
        }
    }

    fn in_turn(&mut self, step: &Step, place: usize, payment: &Payment) {
        if let Some(dated) = self.stock.dated.filter(|_| payment.due == Due::Purchase) {
            self.keep_for_purchases(place, payment, dated);
            return;
        }
        let held = self.open_on_paid(payment);
        let due = self.due(place, payment);
        let mut bounds = vec![Formula::Line(due)];
        bounds.extend(self.limit(step));
        let wanted =
            if bounds.len() == 1 { bounds[0].clone() } else { Formula::Least(bounds.clone()) };
        bounds.push(Formula::Line(self.owed.left[&self.from]));
        let able = Formula::Least(bounds);
        let (rule, odd) = self.per_unit(place, payment, able);
        let paid = self.pay(place, payment, rule.clone());
        self.want(&payment.due, wanted, paid);
        self.in_step.push(paid);
        let key = format!("{}.{}", self.step + 1, place + 1);
        self.restated.push((key, self.payee(payment), paid, rule));
        let mut left =
            Formula::less(Formula::Line(self.owed.left[&self.from]), Formula::Line(paid));
        if let Some(odd) = odd {
            left = self.keep_odd(place, payment, odd, paid, left);
        }
        if let Some(on_paid) = held {
            left = self.hold_back(&on_paid, paid, left);
        }
        self.leave(place, payment, left);
        self.credit(place, payment, paid);
        self.note_year(place, payment, paid);
    }

    /// Notes what a claim should have been paid. Transfers are nobody's claim.
    fn want(&mut self, due: &Due, wanted: Formula, paid: LineId) {
        let is_claim = match due {
            Due::Tax
            | Due::Fee(_)
            | Due::Interest(_)
            | Due::Principal(_)
            | Due::Facility(..)
            | Due::Swap(_)
            | Due::Termination(_) => true,
            Due::Remainder(_)
            | Due::TopUp(_)
            | Due::Excess(_)
            | Due::Amount(..)
            | Due::Purchase => false,
        };
        if is_claim {
            self.wanted.push((due.clone(), wanted, paid));
        }
    }

    /// What is left in the paying pot.
    pub(super) fn leave(&mut self, place: usize, payment: &Payment, left: Formula) {
        let column = self.column(place, payment, "left");
        let line = self.compute(column, left);
        self.lines.stock(line);
        self.owed.left.insert(self.from, line);
    }

    /// Adds a payment to the pot that it goes into.
    fn credit(&mut self, place: usize, payment: &Payment, paid: LineId) {
        let Some(pot) = due::into_pot(&payment.due) else { return };
        let sum = vec![Formula::Line(self.owed.left[&pot]), Formula::Line(paid)];
        let column = self.column(place, payment, "balance_then");
        let line = self.compute(column, Formula::sum(sum));
        self.lines.stock(line);
        self.owed.left.insert(pot, line);
    }

    /// Payee k takes the share of the first k claims less what the first k − 1 took.
    fn side_by_side(&mut self, step: &Step) {
        let dues: Vec<LineId> =
            step.pay.iter().enumerate().map(|(place, payment)| self.due(place, payment)).collect();
        let total = self.step_column("all_due");
        let total =
            self.compute(total, Formula::sum(dues.iter().map(|d| Formula::Line(*d)).collect()));
        let mut bounds = vec![Formula::Line(total)];
        bounds.extend(self.limit(step));
        let most = (bounds.len() > 1).then(|| Formula::Least(bounds.clone()));
        bounds.push(Formula::Line(self.owed.left[&self.from]));
        let pot = self.step_column("pot");
        let pot = self.compute(pot, Formula::Least(bounds));
        let mut paid_before: Vec<LineId> = Vec::new();
        for (place, payment) in step.pay.iter().enumerate() {
            let claims =
                Formula::sum(dues[..=place].iter().map(|due| Formula::Line(*due)).collect());
            let share =
                Formula::portion(Formula::Line(pot), vec![claims], vec![Formula::Line(total)]);
            let paid = paid_before
                .iter()
                .fold(share, |share, paid| Formula::less(share, Formula::Line(*paid)));
            let paid = self.pay(place, payment, paid);
            self.want(&payment.due, wanted(&dues, place, total, most.as_ref()), paid);
            paid_before.push(paid);
            self.note_year(place, payment, paid);
        }
        let shared = paid_before.iter().map(|paid| Formula::Line(*paid)).collect();
        let name = self.deal.steps[self.step].name.clone().unwrap_or_default();
        self.restated.push((format!("{}", self.step + 1), name, pot, Formula::sum(shared)));
        let left = Formula::less(Formula::Line(self.owed.left[&self.from]), Formula::Line(pot));
        let column = self.step_column("left");
        let line = self.compute(column, left);
        self.lines.stock(line);
        self.owed.left.insert(self.from, line);
        for (place, payment) in step.pay.iter().enumerate() {
            self.credit(place, payment, paid_before[place]);
        }
    }

    /// What is due to a payee: its claim or limit, capped, nothing while the step's gate is shut.
    fn due(&mut self, place: usize, payment: &Payment) -> LineId {
        let (outstanding, pays) = self.outstanding(place, payment);
        let mut bounds = vec![outstanding];
        if let Some(cap) = payment.cap {
            let key = format!("step.{}.{}.cap", self.step + 1, place + 1);
            let subject = self.payee(payment);
            bounds.push(self.scope.size(self.lines, cap, key, &subject, "cap"));
        }
        bounds.extend(self.left_of_year(place, payment));
        let gates: Vec<Formula> =
            self.gate.iter().cloned().chain(pays.map(Formula::Line)).collect();
        if payment.due == Due::Purchase {
            let step = &self.deal.steps[self.step];
            bounds.extend(self.limit(step));
            let price = self.purchase(place, payment, bounds, gates);
            let column = self.column(place, payment, "due");
            let line = self.compute(column, Formula::Line(price));
            return self.lines.stock(line);
        }
        let capped = if bounds.len() == 1 { bounds.remove(0) } else { Formula::Least(bounds) };
        let due = match gates.len() {
            0 => capped,
            1 => Formula::when(gates[0].clone(), capped, Formula::ZERO),
            _ => Formula::when(Formula::All(gates), capped, Formula::ZERO),
        };
        let column = self.column(place, payment, "due");
        let line = self.compute(column, due);
        self.lines.stock(line)
    }

    /// What this step may still pay.
    fn limit(&mut self, step: &Step) -> Option<Formula> {
        let remaining = match step.limit.as_ref()? {
            Limit::Amount(size) => {
                let limit = self.size_of_step(*size, "limit");
                let paid: Vec<Formula> =
                    self.in_step.iter().map(|line| Formula::Line(*line)).collect();
                if paid.is_empty() {
                    Formula::Greatest(vec![limit, Formula::ZERO])
                } else {
                    Formula::excess(limit, Formula::sum(paid))
                }
            }
            Limit::DownTo { of, target } => {
                let target = self.size_of_step(*target, "down_to");
                // A called deal is paid off, whatever its targets say.
                let target = match self.states.called() {
                    Some(called) => Formula::when(called, Formula::ZERO, target),
                    None => target,
                };
                let balances = of.iter().map(|place| self.owed.notes[*place].outstanding());
                Formula::excess(Formula::sum(balances.collect()), target)
            }
        };
        Some(remaining)
    }

    fn size_of_step(&mut self, size: Size, part: &'static str) -> Formula {
        let key = format!("step.{}.{part}", self.step + 1);
        let name = self.deal.steps[self.step].name.clone().unwrap_or_default();
        self.scope.size(self.lines, size, key, &name, part)
    }

    /// What a yearly cap leaves: the cap less what the calendar year has paid before this date.
    fn left_of_year(&mut self, place: usize, payment: &Payment) -> Option<Formula> {
        let cap = payment.cap_per_year?;
        let before = match self.years.get(&(self.step, place)) {
            Some(before) => *before,
            None => {
                let key = format!("step.{}.{}.paid_this_year", self.step + 1, place + 1);
                let subject = self.payee(payment);
                let column = Column::payment(Topic::Waterfall, key, &subject, "paid_this_year");
                let before = self.lines.promise(column, Sort::Amount);
                self.lines.stock(before);
                self.years.insert((self.step, place), before);
                before
            }
        };
        let key = format!("step.{}.{}.cap_per_year", self.step + 1, place + 1);
        let subject = self.payee(payment);
        let cap = self.lines.input(key, &subject, "cap_per_year", Sort::Amount, cap.minor());
        Some(Formula::excess(Formula::Input(cap), Formula::Line(before)))
    }

    /// What the year has paid after this date, which the next date reads.
    fn note_year(&mut self, place: usize, payment: &Payment, paid: LineId) {
        if payment.cap_per_year.is_none() || self.test.is_some() {
            return;
        }
        let before = self.years[&(self.step, place)];
        let column = self.column(place, payment, "paid_of_year");
        let sum = Formula::sum(vec![Formula::Line(before), Formula::Line(paid)]);
        let total = self.compute(column, sum);
        self.lines.stock(total);
        let prior = Formula::Prior(total);
        let formula = match self.new_year {
            Some(flag) => Formula::when(Formula::Line(flag), Formula::ZERO, prior),
            None => prior,
        };
        self.lines.keep(before, formula);
    }

    /// A payment per 100 of face, rounded down, times the units; with it what could be paid before.
    fn per_unit(
        &mut self,
        place: usize,
        payment: &Payment,
        able: Formula,
    ) -> (Formula, Option<(Formula, PerUnit)>) {
        let (Due::Interest(note) | Due::Principal(note)) = payment.due else {
            return (able, None);
        };
        let Some(per_unit) = self.deal.tranches[note].per_unit else { return (able, None) };
        let of = face_unit(self.lines, per_unit);
        let column = self.column(place, payment, "able");
        let able = self.compute(column, able);
        self.lines.stock(able);
        let face = Formula::Input(self.owed.notes[note].face);
        let column = self.column(place, payment, "per_unit");
        let share = self.compute(column, down(Formula::Line(able), of.clone(), face.clone()));
        self.lines.stock(share);
        let paid = down(face, Formula::Line(share), of);
        (paid, Some((Formula::Line(able), per_unit)))
    }

    /// Odd cents stay in the account, or go on to the steps below.
    fn keep_odd(
        &mut self,
        place: usize,
        payment: &Payment,
        (able, per_unit): (Formula, PerUnit),
        paid: LineId,
        left: Formula,
    ) -> Formula {
        match per_unit.odd {
            OddCents::PassedOn => left,
            OddCents::Kept => {
                let column = self.column(place, payment, "held_back");
                let odd = self.until_last(Formula::less(able, Formula::Line(paid)));
                let odd = self.compute(column, odd);
                self.lines.stock(odd);
                self.hold(odd);
                Formula::less(left, Formula::Line(odd))
            }
        }
    }

    /// What waits for the next date: after the last there is none to wait for, and what is odd goes
    /// on to the steps below.
    fn until_last(&self, odd: Formula) -> Formula {
        match self.is_last {
            Some(last) => Formula::when(Formula::Line(last), Formula::ZERO, odd),
            None => odd,
        }
    }

    /// Keeps an amount out of this date's steps, in the pot where it stands.
    pub(super) fn hold(&mut self, line: LineId) {
        self.held_back.push((self.from, line));
    }

    fn pay(&mut self, place: usize, payment: &Payment, paid: Formula) -> LineId {
        let column = self.column(place, payment, "paid");
        let line = self.compute(column, paid);
        if self.test.is_none() {
            let (from, to) = (ledger(self.from), due::account(&payment.due));
            self.lines.moves(line, Movement { from, to });
            self.payments.push((line, self.from, due::into_pot(&payment.due)));
            if matches!(payment.due, Due::Tax | Due::Fee(_)) {
                self.costs.push(line);
            }
        }
        if let Pot::Facility(place) = self.from {
            self.owed.facilities[place].draws.push(line);
        }
        self.settle(&payment.due, line);
        line
    }

    /// A fee on what is paid to holders accrues where it stands, on what can be paid below it.
    fn open_on_paid(&mut self, payment: &Payment) -> Option<OnPaid> {
        let Due::Fee(place) = payment.due else { return None };
        let fee = &self.deal.fees[place];
        let Charge::OnPaid { rate } = fee.charge else { return None };
        if self.owed.fees[place].is_some() {
            return None;
        }
        let claims = self.claims_below();
        let left = Formula::Line(self.owed.left[&self.from]);
        let key = self.key(&format!("fee.{}", fee.id));
        let on_paid = on_paid(self.lines, fee, &key, rate, left, claims);
        let topic = self.topic(Topic::Fees);
        let claim = Claim::open(self.lines, topic, &key, &fee.name, on_paid.fee);
        self.owed.fees[place] = Some(claim);
        Some(on_paid)
    }

    /// What holders can claim on this date by the steps below: known when every claim is known before
    /// the fee. `None` when a remainder takes all there is.
    fn claims_below(&self) -> Option<Formula> {
        let mut terms = Vec::new();
        let mut balances = vec![false; self.owed.notes.len()];
        for step in &self.deal.steps[self.step..] {
            if step.from != self.from {
                continue;
            }
            let gate = self.states.gate(step, self.scope);
            for payment in &step.pay {
                let (claim, pays) = match &payment.due {
                    Due::Interest(note) => (self.owed.notes[*note].interest.outstanding(), None),
                    Due::Principal(note) if !balances[*note] => {
                        balances[*note] = gate.is_none();
                        let note = &self.owed.notes[*note];
                        (note.principal_due(), note.pays)
                    }
                    // Open-ended: the whole pot, while the gate lets it.
                    Due::Remainder(Payee::Tranche(note)) | Due::Amount(Payee::Tranche(note), _) => {
                        match (&gate, self.owed.notes[*note].pays) {
                            (None, None) => return None,
                            (_, pays) => (Formula::Line(self.owed.left[&self.from]), pays),
                        }
                    }
                    _ => continue,
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

    /// Holders share no more than the base of the fee; the odd cent waits for the next date,
    /// or, on the last one, goes to them beyond the base of the fee.
    fn hold_back(&mut self, on_paid: &OnPaid, paid: LineId, left: Formula) -> Formula {
        let over = Formula::excess(left.clone(), Formula::Line(on_paid.distributable));
        // Where the claims are fewer than the cash, they bind, and the rest is nobody's share.
        let over = match &on_paid.most {
            Some(most) => {
                let distributable = Formula::Line(on_paid.distributable);
                let claimed = Formula::compare(Comparison::Below, distributable, most.clone());
                Formula::when(claimed, Formula::ZERO, over)
            }
            None => over,
        };
        // A fee that was capped or not due binds nobody: the rest goes on to the holders.
        let whole =
            Formula::compare(Comparison::AtLeast, Formula::Line(paid), Formula::Line(on_paid.fee));
        let held = Formula::when(whole, over, Formula::ZERO);
        let held = self.until_last(held);
        let column = self.step_column("held_back").about(&Text::default());
        let held = self.compute(column, held);
        self.lines.stock(held);
        self.hold(held);
        Formula::less(left, Formula::Line(held))
    }

    fn close(mut self) -> Paid {
        if let Some(tax) = &self.owed.tax {
            tax.close(self.lines, Topic::Fees, "tax", &tax_name());
        }
        for (fee, claim) in self.deal.fees.iter().zip(&self.owed.fees) {
            if let Some(claim) = claim {
                claim.close(self.lines, Topic::Fees, &format!("fee.{}", fee.id), &fee.name);
            }
        }
        let costs = self.costs.iter().map(|line| Formula::Line(*line)).collect();
        self.lines.compute(cash_column("costs_paid"), Formula::sum(costs));
        let column = Column::payment(
            Topic::Waterfall,
            "cash.carry".to_string(),
            &Text::default(),
            "carried_out",
        );
        let carry = self.lines.promise(column, Sort::Amount);
        self.lines.stock(carry);
        let left = self.owed.left[&Pot::Collection];
        Paid {
            owed: self.owed,
            payments: self.payments,
            restated: self.restated,
            carry,
            left,
            held_back: std::mem::take(&mut self.held_back),
            purchased: self.purchased,
        }
    }

    /// A key of this chain: that of a dry run stands under the support it is for.
    pub(super) fn key(&self, key: &str) -> String {
        match &self.test {
            Some(test) => format!("test.{test}.{key}"),
            None => key.to_string(),
        }
    }

    /// Whether nothing moves: a dry run of covered steps.
    pub(super) fn is_dry(&self) -> bool {
        self.test.is_some()
    }

    /// The gate of the step; `None` when it always pays.
    pub(super) fn gate(&self) -> Option<Formula> {
        self.gate.clone()
    }

    /// Whether the call has been exercised, if there is one.
    pub(super) fn called(&self) -> Option<Formula> {
        self.states.called()
    }

    fn topic(&self, topic: Topic) -> Topic {
        if self.test.is_some() { Topic::Support } else { topic }
    }

    pub(super) fn compute(&mut self, column: Column, formula: Formula) -> LineId {
        let line = self.lines.compute(column, formula);
        self.lines.of_step(line, self.step)
    }

    pub(super) fn column(&self, place: usize, payment: &Payment, part: &'static str) -> Column {
        let key = self.key(&format!("step.{}.{}.{part}", self.step + 1, place + 1));
        Column::payment(self.topic(Topic::Waterfall), key, &self.payee(payment), part)
    }

    fn step_column(&self, part: &'static str) -> Column {
        let name = self.deal.steps[self.step].name.clone().unwrap_or_default();
        let key = self.key(&format!("step.{}.{part}", self.step + 1));
        Column::payment(self.topic(Topic::Waterfall), key, &name, part)
    }

    pub(super) fn payee(&self, payment: &Payment) -> Text {
        due::payee(self.deal, &payment.due)
    }
}
