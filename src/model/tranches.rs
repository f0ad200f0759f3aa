//! Tranches as lines: balance before payment, interest as a claim, principal, balance after.

use super::build::{Builder, Column};
use super::dates::{Payments, basis};
use super::fees::Claim;
use super::line::{Closing, Topic};
use super::triggers::States;
use super::waterfall::Paid;
use crate::config::Text;
use crate::deal::{Deal, Frequency, State, Tranche};
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::ledger::{Account, Movement};

/// A tranche before anything is paid on a date.
pub(super) struct Note {
    /// Balance before payment.
    pub opening: LineId,
    /// The original face.
    pub face: InputId,
    /// Interest, when unpaid interest is carried.
    pub interest: Claim,
    /// Whether the tranche pays on this date; `None` when always.
    pub pays: Option<LineId>,
    /// Principal paid so far on this date.
    pub principal: Vec<LineId>,
}

impl Note {
    /// Balance less what this date has paid so far.
    pub fn outstanding(&self) -> Formula {
        self.principal.iter().fold(Formula::Line(self.opening), |balance, paid| {
            Formula::less(balance, Formula::Line(*paid))
        })
    }
}

/// Opens the tranches of a date.
pub(super) fn open(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    states: &States,
) -> Vec<Note> {
    let notes = deal.tranches.iter().map(|tranche| open_one(lines, tranche, deal, dates, states));
    notes.collect()
}

fn open_one(
    lines: &mut Builder,
    tranche: &Tranche,
    deal: &Deal,
    dates: &Payments,
    states: &States,
) -> Note {
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let face = lines.input(
        format!("{key}.face"),
        &tranche.name,
        "face",
        Sort::Amount,
        tranche.face.minor(),
    );
    let coupon = lines.input(
        format!("{key}.coupon"),
        &tranche.name,
        "coupon",
        Sort::Rate,
        tranche.coupon.parts(),
    );
    let opening = lines.promise(column("opening_balance"), Sort::Amount);
    lines.stock(opening);
    let basis = basis(lines, tranche.day_count);
    let days = dates.days(tranche.day_count);
    let slow = slow(tranche, deal.dates.payment_every);
    let pays = slow.then(|| lines.compute(column("pays"), pays(tranche, dates, states)));
    let accrued = match pays {
        None => {
            let interest = Formula::portion(
                Formula::Line(opening),
                vec![Formula::Input(coupon), days],
                vec![basis],
            );
            lines.compute(column("accrued"), interest)
        }
        Some(pays) => {
            // Balance × days is exact and adds up; the one rounding comes when interest falls due.
            let carried = lines.promise(column("balance_days_carried"), Sort::Amount);
            let balance_days = lines.compute(
                column("balance_days"),
                Formula::sum(vec![
                    Formula::Line(carried),
                    Formula::portion(Formula::Line(opening), vec![days], vec![]),
                ]),
            );
            let due = Formula::portion(
                Formula::Line(balance_days),
                vec![Formula::Input(coupon)],
                vec![basis],
            );
            let accrued = Formula::when(Formula::Line(pays), due, Formula::ZERO);
            let accrued = lines.compute(column("accrued"), accrued);
            let kept =
                Formula::when(Formula::Line(pays), Formula::ZERO, Formula::Line(balance_days));
            let kept = lines.compute(column("balance_days_kept"), kept);
            for line in [carried, balance_days, kept] {
                lines.stock(line);
            }
            lines.keep(carried, Formula::Prior(kept));
            accrued
        }
    };
    let interest = if tranche.cumulative {
        Claim::open(lines, Topic::Tranches, &key, &tranche.name, accrued)
    } else {
        Claim { owed: accrued, unpaid: accrued, paid: Vec::new() }
    };
    Note { opening, face, interest, pays, principal: Vec::new() }
}

/// Whether a tranche pays less often than the deal does, in some state.
fn slow(tranche: &Tranche, every: Frequency) -> bool {
    tranche.frequency.values().any(|frequency| *frequency > every)
}

/// Whether the tranche pays on a date: the flag of its frequency in the present state.
fn pays(tranche: &Tranche, dates: &Payments, states: &States) -> Formula {
    let due = |state: State| {
        let flag = tranche.frequency.get(&state).and_then(|frequency| dates.due.get(frequency));
        flag.map_or(Formula::Whole(1, Sort::Flag), |flag| Formula::Line(*flag))
    };
    let by_state = State::WORDS.map(|(_, state)| due(state));
    if by_state.windows(2).all(|pair| pair[0] == pair[1]) {
        return due(State::Amortising);
    }
    let amortising = due(State::Amortising);
    [State::Revolving, State::Accelerated].into_iter().rev().fold(amortising, |rest, state| {
        match states.flag(state) {
            Some(flag) => Formula::when(flag, due(state), rest),
            None => rest,
        }
    })
}

/// The sums of balances before payment that fees and triggers read; promised before the tranches.
pub(super) struct Balances {
    /// All tranches.
    pub securities: LineId,
    /// All tranches but the subordinated ones.
    pub senior: LineId,
}

impl Balances {
    /// Promises the sums.
    pub fn promise(lines: &mut Builder) -> Balances {
        let mut line = |key: &str, part| {
            let column = Column::payment(Topic::Tranches, key.to_string(), &Text::default(), part);
            let line = lines.promise(column, Sort::Amount);
            lines.stock(line)
        };
        Balances {
            securities: line("tranches.securities_before", "securities_before"),
            senior: line("tranches.senior_before", "senior_before"),
        }
    }

    fn keep(&self, lines: &mut Builder, closings: &[LineId], deal: &Deal) {
        let sum = |keep: &dyn Fn(&Tranche) -> bool| {
            let kept = deal.tranches.iter().zip(closings).filter(|(tranche, _)| keep(tranche));
            Formula::sum(kept.map(|(_, line)| Formula::Prior(*line)).collect())
        };
        lines.keep(self.securities, sum(&|_| true));
        lines.keep(self.senior, sum(&|tranche| !tranche.subordinated));
    }
}

/// The lines of the tranches after payment.
pub(super) struct Closed {
    /// Balance after payment, by tranche.
    pub closing: Vec<LineId>,
    /// The face paid in at closing, by tranche.
    pub issued: Vec<LineId>,
    /// Interest paid, by tranche.
    pub interest: Vec<LineId>,
}

/// Closes the tranches: balances after payment, per 100 face, the proceeds at closing.
pub(super) fn close(lines: &mut Builder, deal: &Deal, paid: &Paid, balances: &Balances) -> Closed {
    let mut closed = Closed { closing: Vec::new(), issued: Vec::new(), interest: Vec::new() };
    for place in 0..deal.tranches.len() {
        let [closing, issued, interest] = close_one(lines, deal, paid, place);
        closed.closing.push(closing);
        closed.issued.push(issued);
        closed.interest.push(interest);
    }
    balances.keep(lines, &closed.closing, deal);
    closed
}

fn close_one(lines: &mut Builder, deal: &Deal, paid: &Paid, place: usize) -> [LineId; 3] {
    let (tranche, note) = (&deal.tranches[place], &paid.notes[place]);
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let sum =
        |paid: &[LineId]| Formula::sum(paid.iter().map(|line| Formula::Line(*line)).collect());
    let interest = lines.compute(column("interest_paid"), sum(&note.interest.paid));
    if tranche.cumulative {
        note.interest.close(lines, Topic::Tranches, &key, &tranche.name);
    }
    let principal = lines.compute(column("principal_paid"), sum(&note.principal));
    if !paid.remainders[place].is_empty() {
        lines.compute(column("remainder_paid"), sum(&paid.remainders[place]));
    }
    let closing = lines.compute(
        column("closing_balance"),
        Formula::less(Formula::Line(note.opening), Formula::Line(principal)),
    );
    lines.stock(closing);
    lines.closing(closing, Closing::Formula(Formula::Input(note.face)));
    lines.keep(note.opening, Formula::Prior(closing));
    per_hundred(lines, &column, note, [interest, principal, closing]);
    let issued = lines.compute(column("issued"), Formula::ZERO);
    lines.closing(issued, Closing::Formula(Formula::Input(note.face)));
    lines.moves(issued, Movement { from: Account::Holders(place), to: Account::Collection });
    [closing, issued, interest]
}

/// Interest and principal per 100 of face, and the factor of what is left, to 6 decimals.
fn per_hundred(
    lines: &mut Builder,
    column: &dyn Fn(&'static str) -> Column,
    note: &Note,
    [interest, principal, closing]: [LineId; 3],
) {
    let places = lines.constant("unit.per_hundred_places", "per_hundred_places", 6);
    let hundred = lines.constant("unit.hundred", "hundred", 100);
    let of_face = |line: LineId, times: Vec<Formula>| Formula::Quotient {
        part: Box::new(Formula::Line(line)),
        times,
        whole: Box::new(Formula::Input(note.face)),
        places: (places, 6),
        rounding: crate::money::Rounding::HalfUp,
    };
    let hundred = || vec![Formula::Input(hundred)];
    lines.compute(column("interest_per_hundred"), of_face(interest, hundred()));
    lines.compute(column("principal_per_hundred"), of_face(principal, hundred()));
    let factor = lines.compute(column("factor"), of_face(closing, Vec::new()));
    lines.closing(factor, Closing::Formula(Formula::ONE));
}
