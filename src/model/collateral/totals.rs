//! The pool as a whole, and each sub-pool of a deal that has several: totals over the cohorts, and
//! the cash that they bring.

use super::corkscrew::CohortLines;
use super::delinquency::Delinquent;
use super::recovery::Recovered;
use super::share::Share;
use super::{Bought, Collateral, Flow, Months, Originator};
use crate::config::Text;
use crate::formula::{Formula, LineId, Sort};
use crate::ledger::{Account, Movement};
use crate::model::build::Builder;
use crate::model::line::Closing;

/// Collections that reach the account months later: what the servicer collected then.
fn transferred(
    lines: &mut Builder,
    share: &Share,
    flows: &[(LineId, &'static str)],
    months: u32,
) -> Vec<(LineId, &'static str)> {
    let late = flows.iter().map(|(flow, label)| {
        let late = (1..=months).fold(*flow, |line, month| {
            let key = format!("{label}.late.{month}");
            let column = share.column(&key, "received_from_servicer");
            lines.compute(column, Formula::Prior(line))
        });
        (late, *label)
    });
    late.collect()
}

/// What the originator makes good and takes back, over the cohorts.
struct ByOriginator {
    lines: Originator,
    /// Principal that leaves the pool, whoever pays for it.
    left: Vec<LineId>,
    /// Flows of principal, with their label.
    principal: Vec<(LineId, &'static str)>,
    /// Flows of charges, with their label.
    charges: Vec<(LineId, &'static str)>,
}

fn by_originator(lines: &mut Builder, share: &Share, cohort: &CohortLines) -> ByOriginator {
    let mut total =
        |key: &str, part: &'static str, line: LineId| share.total(lines, key, part, line);
    let mut of = ByOriginator {
        lines: Originator::default(),
        left: Vec::new(),
        principal: Vec::new(),
        charges: Vec::new(),
    };
    if let Some(refunds) = &cohort.diluted {
        let diluted = total("diluted", "diluted", refunds.diluted);
        of.lines.diluted = Some(diluted);
        of.left.push(diluted);
        let paid = total("dilution_paid", "dilution_paid", refunds.paid);
        of.principal.push((paid, "dilution_paid"));
        of.lines.dilution_loss = Some(total("dilution_loss", "dilution_loss", refunds.loss));
        if let Some(charges) = refunds.charges {
            let charges = total("dilution_charges", "dilution_charges", charges);
            of.charges.push((charges, "dilution_charges"));
        }
    }
    if let Some(taken) = &cohort.repurchased {
        let repurchased = total("repurchased", "repurchased", taken.repurchased);
        of.lines.repurchased = Some(repurchased);
        of.lines.substituted =
            taken.substituted.map(|line| total("substituted", "substituted", line));
        let paid = total("repurchase_paid", "repurchase_paid", taken.paid);
        // What is replaced leaves and comes back: only what is paid for is gone.
        of.left.push(paid);
        of.principal.push((paid, "repurchase_paid"));
        let charges = total("repurchase_charges", "repurchase_charges", taken.charges);
        of.charges.push((charges, "repurchase_charges"));
    }
    of
}

/// What is past due, over the cohorts.
struct Late {
    /// Collected of it.
    principal: LineId,
    interest: LineId,
    /// Fees and late fees, with their label.
    fees: Vec<(LineId, &'static str)>,
    /// The balance of every bucket.
    balances: Vec<LineId>,
    /// All balances, and those beyond 30, 60 and 90 days.
    past_due: [LineId; 4],
}

fn late(lines: &mut Builder, share: &Share, buckets: &Delinquent) -> Late {
    let mut total =
        |key: &str, part: &'static str, line: LineId| share.total(lines, key, part, line);
    let principal = total("arrears_principal", "arrears_principal", buckets.principal);
    let interest = total("arrears_interest", "arrears_interest", buckets.interest);
    let mut fees = vec![(total("arrears_fee", "arrears_fee", buckets.fee), "arrears_fee")];
    let late_fee = buckets.late_fee.map(|late| (total("late_fee", "late_fee", late), "late_fee"));
    fees.extend(late_fee);
    let balance = |(place, closing): (usize, &LineId)| {
        let bucket = format!("M{}", place + 1);
        let name = match share.place {
            None => Text::same(&bucket),
            Some(_) => Text {
                zh: format!("{} {bucket}", share.name.zh),
                en: format!("{} {bucket}", share.name.en),
            },
        };
        let column = share.column(&format!("m{}", place + 1), "past_due_balance").about(&name);
        let sum = share.sum(lines, *closing);
        let line = lines.compute(column, sum.clone());
        lines.closing(line, Closing::Formula(sum));
        lines.stock(line)
    };
    let balances: Vec<LineId> = buckets.closing.iter().enumerate().map(balance).collect();
    let classes = [
        ("delinquent", "delinquent"),
        ("delinquent_30", "delinquent_30"),
        ("delinquent_60", "delinquent_60"),
        ("delinquent_90", "delinquent_90"),
    ];
    let mut beyond = 0;
    let past_due = classes.map(|(key, part)| {
        let of = balances.iter().skip(beyond).map(|line| Formula::Line(*line)).collect();
        beyond += 1;
        let sum = Formula::sum(of);
        let line = lines.compute(share.column(key, part), sum.clone());
        lines.closing(line, Closing::Formula(sum));
        lines.stock(line)
    });
    Late { principal, interest, fees, balances, past_due }
}

/// Lowers the totals and the cash: of the whole, and of each sub-pool beside it. Where there are
/// sub-pools, it is their cash that moves, so that each may flow into an account of its own.
pub(super) fn totals(
    lines: &mut Builder,
    pool: &Collateral,
    days: LineId,
    cohort: &CohortLines,
    recovered: Option<&Recovered>,
    commingling_months: u32,
) -> Months {
    let mut of = |share: &Share, moves: bool| {
        let months = Commingling { moves, months: commingling_months };
        of_share(lines, share, days, cohort, recovered, months)
    };
    let mut whole = of(&Share::whole(pool), pool.subpools.is_empty());
    whole.offers.clone_from(&pool.offers);
    whole.parts =
        (0..pool.subpools.len()).map(|place| of(&Share::part(pool, place), true)).collect();
    if !whole.parts.is_empty() {
        whole.flows = whole.parts.iter().flat_map(|part| part.flows.clone()).collect();
        let of_pool = whole.parts.iter().flat_map(|part| part.of_pool.iter().copied());
        whole.of_pool.extend(of_pool.collect::<Vec<_>>());
    }
    whole
}

/// How collections reach the account.
#[derive(Clone, Copy)]
struct Commingling {
    /// Whether it is these lines that move cash.
    moves: bool,
    /// Months that they stay with the servicer.
    months: u32,
}

fn of_share(
    lines: &mut Builder,
    share: &Share,
    days: LineId,
    cohort: &CohortLines,
    recovered: Option<&Recovered>,
    commingling: Commingling,
) -> Months {
    let column = |key: &str, part| share.column(key, part);
    let total = |lines: &mut Builder, key: &str, part, line| share.total(lines, key, part, line);
    let joined = cohort.joined.map(|joined| total(lines, "joined", "joined", joined));
    let opening = total(lines, "opening", "opening_balance", cohort.opening);
    lines.stock(opening);
    let bought = cohort.bought.map(|(by_cohort, what)| {
        let bought = total(lines, "purchased", "purchased_principal", by_cohort);
        (by_cohort, what, bought)
    });
    let defaulted = total(lines, "default", "defaulted", cohort.defaulted);
    let scheduled = total(lines, "scheduled", "scheduled_principal", cohort.scheduled);
    let prepaid = total(lines, "prepaid", "prepaid_principal", cohort.prepaid);
    let closing = total(lines, "closing", "closing_balance", cohort.closing);
    lines.stock(closing);
    let sum = share.sum(lines, cohort.closing);
    lines.closing(closing, Closing::Formula(sum));
    let mut interest = total(lines, "interest", "interest", cohort.interest);
    let mut flows = vec![
        (scheduled, "scheduled_principal"),
        (prepaid, "prepaid_principal"),
        (interest, "interest"),
    ];
    let mut fee = total(lines, "fee", "fee", cohort.fee);
    flows.push((fee, "fee"));
    let mut fees = vec![fee];
    if let Some(early) = cohort.early {
        let early = total(lines, "early_charges", "early_charges_paid", early);
        flows.push((early, "early_charges_paid"));
        fees.push(early);
    }
    let (mut principal, mut left) = (vec![scheduled, prepaid], vec![scheduled, prepaid]);
    let paid = by_originator(lines, share, cohort);
    left.extend(paid.left);
    principal.extend(paid.principal.iter().map(|(flow, _)| *flow));
    fees.extend(paid.charges.iter().map(|(flow, _)| *flow));
    let past_due = cohort.delinquent.as_ref().map(|buckets| {
        let late = late(lines, share, buckets);
        principal.push(late.principal);
        left.push(late.principal);
        flows.push((late.principal, "arrears_principal"));
        flows.push((late.interest, "arrears_interest"));
        flows.extend(late.fees.iter().copied());
        fees.extend(late.fees.iter().map(|(fee, _)| *fee));
        let sum = vec![Formula::Line(interest), Formula::Line(late.interest)];
        interest = lines.compute(column("interest_income", "interest_income"), Formula::sum(sum));
        late
    });
    if fees.len() > 1 {
        let sum = fees.iter().map(|line| Formula::Line(*line)).collect();
        fee = lines.compute(column("fee_income", "fee_income"), Formula::sum(sum));
    }
    let mut of_pool = vec![opening, defaulted, closing];
    of_pool.extend(joined);
    of_pool.extend(past_due.iter().flat_map(|late| late.balances.iter().copied()));
    of_pool.extend(bought.map(|(.., total)| total));
    let disposed = recovered.and_then(|recovered| recovered.sold);
    let recovered =
        recovered.map(|recovered| total(lines, "recovered", "recovered", recovered.recovered));
    let disposed = disposed.map(|sold| total(lines, "disposed", "disposed", sold));
    flows.extend(recovered.map(|recovered| (recovered, "recovered")));
    flows.extend(disposed.map(|disposed| (disposed, "disposed")));
    of_pool.extend(flows.iter().map(|(flow, _)| *flow));
    let to = if commingling.months == 0 { Account::Collection } else { Account::Servicer };
    let moves = |lines: &mut Builder, flows: &[(LineId, &'static str)], movement: Movement| {
        for (flow, _) in flows.iter().filter(|_| commingling.moves) {
            lines.moves(*flow, movement);
        }
    };
    moves(lines, &flows, Movement { from: Account::Obligors, to });
    if commingling.months > 0 {
        flows = transferred(lines, share, &flows, commingling.months);
        moves(lines, &flows, Movement { from: Account::Servicer, to: Account::Collection });
    }
    // The originator pays into the account itself.
    let from_originator: Vec<_> = paid.principal.into_iter().chain(paid.charges).collect();
    let movement = Movement { from: Account::Originator, to: Account::Collection };
    moves(lines, &from_originator, movement);
    of_pool.extend(from_originator.iter().map(|(flow, _)| *flow));
    let originator = paid.lines;
    let others = [originator.diluted, originator.dilution_loss, originator.repurchased];
    of_pool.extend(others.into_iter().flatten().chain(originator.substituted));
    flows.extend(from_originator);
    let cash = lines.compute(
        column("cash", "cash_collected"),
        Formula::sum(flows.iter().map(|(line, _)| Formula::Line(*line)).collect()),
    );
    let cumulative =
        lines.promise(column("cumulative_default", "cumulative_default"), Sort::Amount);
    lines
        .keep(cumulative, Formula::sum(vec![Formula::Prior(cumulative), Formula::Line(defaulted)]));
    lines.stock(cumulative);
    let bought = bought.map(|(by_cohort, what, total)| {
        let column = column("cumulative_purchased", "cumulative_purchased");
        let cumulative = lines.promise(column, Sort::Amount);
        let sum = Formula::sum(vec![Formula::Prior(cumulative), Formula::Line(total)]);
        lines.keep(cumulative, sum);
        lines.stock(cumulative);
        Bought { by_cohort, what, total, cumulative }
    });
    let initial = lines.figure(
        share.key("initial_balance"),
        &share.name,
        "initial_balance",
        Sort::Amount,
        share.outstanding().minor(),
    );
    Months {
        opening,
        closing,
        days,
        defaulted,
        scheduled,
        prepaid,
        recovered,
        disposed,
        interest,
        fee,
        cash,
        cumulative_default: cumulative,
        initial,
        joined,
        left,
        principal,
        originator,
        delinquent: past_due.map(|late| late.past_due),
        bought,
        accounts: cohort.accounts,
        offers: Vec::new(),
        limits: Vec::new(),
        limited: closing,
        flows: flows
            .into_iter()
            .map(|(line, label)| Flow { line, label, pool: share.place })
            .collect(),
        of_pool,
        parts: Vec::new(),
    }
}
