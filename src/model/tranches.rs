//! Tranches as lines: balance before payment, interest as a claim, principal, balance after.

use super::build::{Builder, Column};
use super::dates::{Payments, basis};
use super::fees::Claim;
use super::line::{Closing, Topic};
use super::scope::Scope;
use super::triggers::States;
use super::waterfall::{Paid, down, face_unit};
use super::{notional, rates};
use crate::config::Text;
use crate::deal::{Amortisation, Deal, Frequency, State, Tranche, UnpaidInterest};
use crate::formula::{Formula, InputId, LineId, Sort};
use crate::ledger::{Account, Movement};
use crate::money::Rate;

/// The balances before payment: promised first, because everything may read them.
pub(super) struct Openings {
    /// Balance before payment, by tranche.
    pub opening: Vec<LineId>,
    /// The original face, by tranche.
    pub face: Vec<InputId>,
    /// All tranches together.
    pub securities: LineId,
    /// All tranches but the subordinated ones.
    pub senior: LineId,
}

impl Openings {
    /// Promises the balances and sums them.
    pub fn promise(lines: &mut Builder, deal: &Deal, scope: &mut Scope) -> Openings {
        let (mut opening, mut face) = (Vec::new(), Vec::new());
        for tranche in &deal.tranches {
            let key = format!("tranche.{}", tranche.id);
            let (name, minor) = (&tranche.name, tranche.face.minor());
            let input = format!("{key}.face");
            // A strip has no face: nothing that a user could change.
            let input = match tranche.strip {
                None => lines.input(input, name, "face", Sort::Amount, minor),
                Some(_) => lines.figure(input, name, "face", Sort::Amount, minor),
            };
            let column = Column::payment(
                Topic::Tranches,
                format!("{key}.opening_balance"),
                &tranche.name,
                "opening_balance",
            );
            let line = lines.promise(column, Sort::Amount);
            lines.stock(line);
            scope.add(format!("{key}.balance"), Formula::Line(line));
            scope.add(format!("{key}.face"), Formula::Input(input));
            opening.push(line);
            face.push(input);
        }
        let mut sum = |key: &str, part, keep: &dyn Fn(&Tranche) -> bool| {
            let kept = deal.tranches.iter().zip(&opening).filter(|(tranche, _)| keep(tranche));
            let sum = Formula::sum(kept.map(|(_, line)| Formula::Line(*line)).collect());
            let column = Column::payment(Topic::Tranches, key.to_string(), &Text::default(), part);
            let line = lines.compute(column, sum);
            lines.stock(line)
        };
        let securities = sum("tranches.securities_before", "securities_before", &|_| true);
        let senior =
            sum("tranches.senior_before", "senior_before", &|tranche| !tranche.subordinated);
        scope.add("securities.balance", Formula::Line(securities));
        scope.add("senior.balance", Formula::Line(senior));
        Openings { opening, face, securities, senior }
    }
}

/// Interest that has run up to a date, due or not.
pub(super) struct Accrual {
    /// Interest since it was last due.
    pub interest: Formula,
    /// What is still owed from earlier dates, where it is carried; promised.
    pub arrears: Option<LineId>,
    /// For tranches that pay less often than the deal: balance × days so far, and the promise of
    /// what is carried of them.
    balance_days: Option<(LineId, LineId)>,
}

/// Lowers what has accrued on every tranche.
pub(super) fn accrue(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    openings: &Openings,
    scope: &mut Scope,
) -> Vec<Accrual> {
    let tranches = deal.tranches.iter().enumerate();
    tranches.map(|(place, _)| accrue_one(lines, deal, dates, openings, scope, place)).collect()
}

/// The labels of what a slower payer carries and has so far: interest × 10,000 where its rate moves,
/// balance × days where it does not.
const SO_FAR: [[&str; 3]; 2] = [
    ["fine_carried", "fine", "fine_kept"],
    ["balance_days_carried", "balance_days", "balance_days_kept"],
];

fn accrue_one(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    openings: &Openings,
    scope: &mut Scope,
    place: usize,
) -> Accrual {
    let tranche = &deal.tranches[place];
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let coupon = rates::coupon(lines, deal, tranche);
    scope.add(format!("{key}.coupon"), coupon.clone());
    let carried = tranche.unpaid_interest == UnpaidInterest::Carried;
    let arrears = carried.then(|| {
        let arrears = lines.promise(column("arrears"), Sort::Amount);
        lines.stock(arrears)
    });
    let opening = Formula::Line(match &tranche.strip {
        None => openings.opening[place],
        Some(strip) => {
            let column = column("notional");
            notional::lower(lines, deal, openings, scope, &strip.notional, column)
        }
    });
    let balance = match arrears.filter(|_| tranche.interest_on_arrears) {
        Some(arrears) => Formula::sum(vec![opening, Formula::Line(arrears)]),
        None => opening,
    };
    let basis = basis(lines, tranche.day_count);
    let days = dates.days(tranche.day_count);
    if !slow(tranche, deal.dates.payment_every) {
        let interest = Formula::portion(balance, vec![coupon, days], vec![basis]);
        return Accrual { interest, arrears, balance_days: None };
    }
    // Balance × days is exact and adds up; the one rounding comes when interest falls due. A rate
    // that moves is part of the product.
    let constant = rates::is_constant(tranche);
    let [carried, so_far, _] = SO_FAR[usize::from(constant)];
    let promised = lines.promise(column("balance_days_carried").saying(carried), Sort::Amount);
    let (grown, times, over) = if constant {
        (Formula::portion(balance, vec![days], vec![]), vec![coupon], vec![basis])
    } else {
        // Ten-thousandths of the smallest unit add up; the rounding to the unit comes once.
        let fine = Formula::Input(lines.constant("unit.fine", "fine", 10_000));
        let times = vec![coupon, days, fine.clone()];
        (Formula::portion(balance, times, vec![basis]), vec![], vec![fine])
    };
    let balance_days = lines.compute(
        column("balance_days").saying(so_far),
        Formula::sum(vec![Formula::Line(promised), grown]),
    );
    for line in [promised, balance_days] {
        lines.stock(line);
    }
    let interest = Formula::portion(Formula::Line(balance_days), times, over);
    Accrual { interest, arrears, balance_days: Some((balance_days, promised)) }
}

/// A tranche before anything is paid on a date.
#[derive(Clone)]
pub(super) struct Note {
    /// Balance before payment.
    pub opening: LineId,
    /// The original face.
    pub face: InputId,
    /// Interest, when unpaid interest is carried.
    pub interest: Claim,
    /// Whether the tranche pays on this date; `None` when always.
    pub pays: Option<LineId>,
    /// The balance that a schedule leaves on this date; `None` for pass-through.
    pub target: Option<LineId>,
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

    /// Principal that may be paid: all that is outstanding, or what exceeds the schedule.
    pub fn principal_due(&self) -> Formula {
        match self.target {
            Some(target) => Formula::excess(self.outstanding(), Formula::Line(target)),
            None => self.outstanding(),
        }
    }
}

/// Opens the tranches of a date.
pub(super) fn open(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    states: &States,
    openings: &Openings,
    accruals: Vec<Accrual>,
    scope: &mut Scope,
) -> Vec<Note> {
    let accruals = accruals.into_iter().enumerate();
    let notes = accruals.map(|(place, accrual)| {
        let note = open_one(lines, deal, dates, states, openings, accrual, place);
        let key = format!("tranche.{}.interest_due", deal.tranches[place].id);
        scope.add(key, Formula::Line(note.interest.owed));
        note
    });
    notes.collect()
}

fn open_one(
    lines: &mut Builder,
    deal: &Deal,
    dates: &Payments,
    states: &States,
    openings: &Openings,
    accrual: Accrual,
    place: usize,
) -> Note {
    let tranche = &deal.tranches[place];
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let mut pays_line = None;
    let accrued = match accrual.balance_days {
        None => lines.compute(column("accrued"), accrual.interest),
        Some((balance_days, promised)) => {
            let pays = lines.compute(column("pays"), pays(tranche, dates, states));
            pays_line = Some(pays);
            let accrued = Formula::when(Formula::Line(pays), accrual.interest, Formula::ZERO);
            let accrued = lines.compute(column("accrued"), accrued);
            let kept =
                Formula::when(Formula::Line(pays), Formula::ZERO, Formula::Line(balance_days));
            let [.., label] = SO_FAR[usize::from(rates::is_constant(tranche))];
            let kept = lines.compute(column("balance_days_kept").saying(label), kept);
            lines.stock(kept);
            lines.keep(promised, Formula::Prior(kept));
            accrued
        }
    };
    let accrued = entitled(lines, tranche, openings.face[place], accrued);
    let interest = match accrual.arrears {
        Some(arrears) => {
            Claim::open_on(lines, Topic::Tranches, &key, &tranche.name, arrears, accrued)
        }
        None => Claim { owed: accrued, unpaid: accrued, paid: Vec::new() },
    };
    Note {
        opening: openings.opening[place],
        face: openings.face[place],
        interest,
        pays: pays_line,
        target: target(lines, deal, states, openings, place),
        principal: Vec::new(),
    }
}

/// What holders are entitled to: where they are paid per 100 of face, no more than that, rounded
/// down, times the units.
fn entitled(lines: &mut Builder, tranche: &Tranche, face: InputId, accrued: LineId) -> LineId {
    let Some(per_unit) = tranche.per_unit else { return accrued };
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let unit = face_unit(lines, per_unit);
    let face = Formula::Input(face);
    let share = down(Formula::Line(accrued), unit.clone(), face.clone());
    let share = lines.compute(column("accrued_per_unit"), share);
    lines.stock(share);
    lines.compute(column("entitled"), down(face, Formula::Line(share), unit))
}

/// The scheduled balance of a date: nothing once the deal is accelerated, in default or called.
fn target(
    lines: &mut Builder,
    deal: &Deal,
    states: &States,
    openings: &Openings,
    place: usize,
) -> Option<LineId> {
    let tranche = &deal.tranches[place];
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let count = deal.schedule.payments.len();
    let by_schedule = match &tranche.principal {
        Amortisation::PassThrough => return None,
        Amortisation::Scheduled(balances) => {
            let values = (0..count).map(|tick| balances.get(tick).map_or(0, |b| b.minor()));
            let line = lines.given(column("scheduled_balance"), Sort::Amount, values.collect());
            Formula::Line(lines.stock(line))
        }
        Amortisation::Bullet { payment } => {
            let flags = (1..=count).map(|number| i64::from(number >= *payment)).collect();
            let matures = lines.given(column("matures"), Sort::Flag, flags);
            // Before its date the whole balance stays; a balance that accretes has no fixed target.
            let whole = Formula::Line(openings.opening[place]);
            Formula::when(Formula::Line(matures), Formula::ZERO, whole)
        }
    };
    let formula = match states.all_due() {
        Some(flag) => Formula::when(flag, Formula::ZERO, by_schedule),
        None => by_schedule,
    };
    let line = lines.compute(column("target_balance"), formula);
    Some(lines.stock(line))
}

/// Whether a tranche pays less often than the deal does, in some state.
fn slow(tranche: &Tranche, every: Frequency) -> bool {
    tranche.frequency.values().any(|frequency| *frequency > every)
}

/// Whether the tranche pays on a date: the flag of its frequency in the present state, and whenever
/// the deal is called.
fn pays(tranche: &Tranche, dates: &Payments, states: &States) -> Formula {
    let due = |state: State| {
        let flag = tranche.frequency.get(&state).and_then(|frequency| dates.due.get(frequency));
        flag.map_or(Formula::Whole(1, Sort::Flag), |flag| Formula::Line(*flag))
    };
    let states_but_called = &State::WORDS[..4];
    let first = due(State::Amortising);
    let by_state = if states_but_called.iter().all(|(_, state)| due(*state) == first) {
        first
    } else {
        [State::Defaulted, State::Accelerated, State::Revolving].into_iter().fold(
            first,
            |rest, state| match states.flag(state) {
                Some(flag) => Formula::when(flag, due(state), rest),
                None => rest,
            },
        )
    };
    match states.called() {
        Some(called) => Formula::Any(vec![by_state, called]),
        None => by_state,
    }
}

/// The lines of the tranches after payment.
pub(super) struct Closed {
    /// Balance after payment, by tranche.
    pub closing: Vec<LineId>,
    /// The price paid in at closing, by tranche.
    pub issued: Vec<LineId>,
    /// Interest paid, by tranche.
    pub interest: Vec<LineId>,
    /// Interest added to the balance, by tranche.
    pub capitalised: Vec<Option<LineId>>,
    /// Principal written down, by tranche.
    pub written_down: Vec<Option<LineId>>,
}

/// What one tranche paid, before losses.
struct Settled {
    interest: LineId,
    principal: LineId,
    capitalised: Option<LineId>,
    /// Balance after payment, before it is written down.
    left: Formula,
}

/// Closes the tranches: balances after payment, per 100 face, the proceeds at closing.
pub(super) fn close(lines: &mut Builder, deal: &Deal, paid: &Paid, scope: &mut Scope) -> Closed {
    let mut closed = Closed {
        closing: Vec::new(),
        issued: Vec::new(),
        interest: Vec::new(),
        capitalised: Vec::new(),
        written_down: Vec::new(),
    };
    let settled: Vec<Settled> =
        (0..deal.tranches.len()).map(|place| settle(lines, deal, paid, place, scope)).collect();
    let written = write_downs(lines, deal, &settled, scope);
    for (place, settled) in settled.into_iter().enumerate() {
        let [closing, issued] = close_one(lines, deal, paid, place, &settled, written[place]);
        let key = format!("tranche.{}", deal.tranches[place].id);
        scope.add(format!("{key}.balance_after"), Formula::Line(closing));
        closed.closing.push(closing);
        closed.issued.push(issued);
        closed.interest.push(settled.interest);
        closed.capitalised.push(settled.capitalised);
        closed.written_down.push(written[place]);
    }
    closed
}

fn settle(
    lines: &mut Builder,
    deal: &Deal,
    paid: &Paid,
    place: usize,
    scope: &mut Scope,
) -> Settled {
    let (tranche, note) = (&deal.tranches[place], &paid.owed.notes[place]);
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let sum =
        |paid: &[LineId]| Formula::sum(paid.iter().map(|line| Formula::Line(*line)).collect());
    let interest = lines.compute(column("interest_paid"), sum(&note.interest.paid));
    let mut unpaid = Formula::ZERO;
    let mut capitalised = None;
    match tranche.unpaid_interest {
        UnpaidInterest::Carried => {
            let line = note.interest.close(lines, Topic::Tranches, &key, &tranche.name);
            unpaid = Formula::Line(line);
        }
        UnpaidInterest::Capitalised => {
            let line = lines.compute(column("capitalised"), note.interest.outstanding());
            capitalised = Some(line);
        }
        UnpaidInterest::Lapses => {}
    }
    let principal = lines.compute(column("principal_paid"), sum(&note.principal));
    if !paid.owed.remainders[place].is_empty() {
        lines.compute(column("remainder_paid"), sum(&paid.owed.remainders[place]));
    }
    scope.add(format!("{key}.interest_paid"), Formula::Line(interest));
    scope.add(format!("{key}.principal_paid"), Formula::Line(principal));
    scope.add(format!("{key}.interest_unpaid"), unpaid);
    let grown = std::iter::once(note.opening).chain(capitalised).map(Formula::Line).collect();
    let left = Formula::less(Formula::sum(grown), Formula::Line(principal));
    Settled { interest, principal, capitalised, left }
}

/// Losses go to the last tranche first: each bears what the balances together exceed its amount by,
/// less what the tranches below it bear.
fn write_downs(
    lines: &mut Builder,
    deal: &Deal,
    settled: &[Settled],
    scope: &Scope,
) -> Vec<Option<LineId>> {
    let mut written = vec![None; settled.len()];
    if deal.tranches.iter().all(|tranche| tranche.write_down_to.is_none()) {
        return written;
    }
    let all = settled.iter().map(|settled| settled.left.clone()).collect();
    let column = Column::payment(
        Topic::Tranches,
        "tranches.before_losses".to_string(),
        &Text::default(),
        "before_losses",
    );
    let all = lines.compute(column, Formula::sum(all));
    lines.stock(all);
    for (place, tranche) in deal.tranches.iter().enumerate().rev() {
        let Some(size) = tranche.write_down_to else { continue };
        let key = format!("tranche.{}", tranche.id);
        let backing = format!("{key}.write_down_to");
        let backing = scope.size(lines, size, backing, &tranche.name, "write_down_to");
        let excess = Formula::excess(Formula::Line(all), backing);
        let below: Vec<Formula> =
            written[place + 1..].iter().flatten().map(|line| Formula::Line(*line)).collect();
        let borne =
            if below.is_empty() { excess } else { Formula::excess(excess, Formula::sum(below)) };
        let column = Column::payment(
            Topic::Tranches,
            format!("{key}.written_down"),
            &tranche.name,
            "written_down",
        );
        let loss = Formula::Least(vec![settled[place].left.clone(), borne]);
        written[place] = Some(lines.compute(column, loss));
    }
    written
}

fn close_one(
    lines: &mut Builder,
    deal: &Deal,
    paid: &Paid,
    place: usize,
    settled: &Settled,
    written: Option<LineId>,
) -> [LineId; 2] {
    let (tranche, note) = (&deal.tranches[place], &paid.owed.notes[place]);
    let key = format!("tranche.{}", tranche.id);
    let column = |part: &'static str| {
        Column::payment(Topic::Tranches, format!("{key}.{part}"), &tranche.name, part)
    };
    let left = match written {
        Some(written) => Formula::less(settled.left.clone(), Formula::Line(written)),
        None => settled.left.clone(),
    };
    let closing = lines.compute(column("closing_balance"), left);
    lines.stock(closing);
    lines.closing(closing, Closing::Formula(Formula::Input(note.face)));
    lines.keep(note.opening, Formula::Prior(closing));
    if tranche.strip.is_none() {
        per_hundred(lines, &column, note, [settled.interest, settled.principal, closing]);
    }
    let issued = lines.compute(column("issued"), Formula::ZERO);
    let face = Formula::Input(note.face);
    let proceeds = if let Some(strip) = &tranche.strip {
        let key = format!("{key}.price");
        let minor = strip.price.minor();
        Formula::Input(lines.input(key, &tranche.name, "strip_price", Sort::Amount, minor))
    } else if tranche.issue_price == Rate::ONE {
        face
    } else {
        let price = lines.input(
            format!("{key}.issue_price"),
            &tranche.name,
            "issue_price",
            Sort::Rate,
            tranche.issue_price.parts(),
        );
        Formula::portion(face, vec![Formula::Input(price)], vec![])
    };
    lines.closing(issued, Closing::Formula(proceeds));
    lines.moves(issued, Movement { from: Account::Holders(place), to: Account::Collection });
    [closing, issued]
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
