//! The corkscrew of each cohort: from opening to closing balance.

use super::super::Timeline;
use super::super::build::{Builder, Column};
use super::super::line::{Axis, Closing, Dim, Topic};
use super::credit_lines::{Accounts, CreditLines};
use super::delinquency::{Buckets, Delinquent, roll_out};
use super::dilution::{self, Diluted};
use super::plan::Plan;
use super::rates::Rates;
use super::repurchase::{self, Repurchased};
use super::{Collateral, What};
use crate::assumptions::{Assumptions, Order};
use crate::formula::{Formula, LineId, Sort};

/// The lines of the corkscrew.
pub(super) struct CohortLines {
    pub joined: Option<LineId>,
    pub opening: LineId,
    /// What is bought.
    pub bought: Option<(LineId, What)>,
    /// The accounts of credit lines.
    pub accounts: Option<Accounts>,
    pub defaulted: LineId,
    pub scheduled: LineId,
    pub prepaid: LineId,
    pub closing: LineId,
    /// The closing balance before the purchases of the month, where limits count it.
    pub remaining: Option<LineId>,
    pub interest: LineId,
    pub fee: LineId,
    pub early: Option<LineId>,
    pub delinquent: Option<Delinquent>,
    pub diluted: Option<Diluted>,
    pub repurchased: Option<Repurchased>,
}

/// Lowers the corkscrew. What is bought on a payment date within a month pays by its contract from the
/// purchase on, and defaults and prepays from the next month on; what is bought between payment dates
/// pays, defaults and prepays from the next month on.
pub(super) fn corkscrew(
    lines: &mut Builder,
    pool: &Collateral,
    assumptions: &Assumptions,
    timeline: &Timeline,
    plan: &Plan,
    rates: &Rates,
) -> CohortLines {
    let column = |key: &str, part| {
        Column::month(Topic::Collections, Dim::Cohort, &format!("collections.{key}"), part)
    };
    let opening = lines.promise(column("opening", "opening_balance"), Sort::Amount);
    lines.stock(opening);
    let credit = CreditLines::lower(lines, pool, assumptions, timeline, rates, opening);
    let buckets = Buckets::lower(lines, pool, assumptions, plan);
    let defaulted = {
        let rolled = buckets.as_ref().map(Buckets::defaulted);
        let formula = default_formula(opening, plan, rates, rolled);
        let formula = match &credit {
            Some(credit) => credit.or(&formula, &|_| credit.defaulted()),
            None => formula,
        };
        lines.compute(column("default", "defaulted"), formula)
    };
    let drawn = credit.as_ref().map(|credit| (credit.bought, What::Draws(credit.sold)));
    let bought = plan.purchase_month.map(|month| {
        let bought = lines.promise(column("purchased", "purchased_principal"), Sort::Amount);
        if let Some(before) = rates.share.as_ref().and_then(|share| share.bought) {
            let sum = Formula::sum(vec![Formula::Prior(before), Formula::Prior(bought)]);
            lines.keep(before, sum);
        }
        (bought, What::Cohorts(month))
    });
    let bought = bought.or(drawn);
    let mut kept = Formula::less(Formula::Line(opening), Formula::Line(defaulted));
    let mut exposed = opening;
    let delinquent = buckets.map(|buckets| {
        let current = buckets.current(opening, defaulted);
        let current = lines.compute(column("current", "current"), current);
        exposed = lines.stock(current);
        let rolled = roll_out(lines, pool, assumptions, timeline, current);
        kept = Formula::less(Formula::Line(current), Formula::Line(rolled));
        buckets.close(lines, pool, assumptions, rolled)
    });
    let diluted =
        assumptions.segments.iter().any(|segment| segment.dilution.is_some()).then(|| {
            let surviving = lines.compute(column("surviving", "surviving"), kept.clone());
            lines.stock(surviving);
            kept = Formula::Line(surviving);
            surviving
        });
    let diluted = diluted
        .and_then(|surviving| dilution::lower(lines, pool, assumptions, timeline, plan, surviving));
    if let Some(diluted) = &diluted {
        kept = Formula::less(kept, Formula::Line(diluted.diluted));
    }
    let repurchased = repurchase::lower(lines, pool, assumptions, timeline, plan, kept.clone());
    if let Some(repurchased) = &repurchased {
        // A substitute is like what it stands for, so it stays on the same plan.
        kept = Formula::less(kept, Formula::Line(repurchased.paid));
    }
    // Between payment dates, purchases come after what the month collects: they join its end.
    let at_once = timeline.is_empty(Axis::Purchases);
    let performing = match bought {
        Some((bought, _)) if at_once => Formula::sum(vec![kept, Formula::Line(bought)]),
        Some(_) | None => kept,
    };
    let performing = lines.compute(column("performing", "performing"), performing);
    lines.stock(performing);
    let (part, whole) = shares_of_plan(lines, &column, plan, performing);
    let of_plan = |planned: LineId, part: LineId, whole: LineId| {
        Formula::portion(
            Formula::Line(part),
            vec![Formula::Line(planned)],
            vec![Formula::Line(whole)],
        )
    };
    let repaid = of_plan(plan.principal, performing, plan.opening);
    let repaid = match &credit {
        Some(credit) => {
            let of_lines = credit.principal(lines, performing);
            credit.or(&repaid, &|segment| of_lines[segment].clone())
        }
        None => repaid,
    };
    let scheduled = lines.compute(column("scheduled", "scheduled_principal"), repaid);
    let left = Formula::less(Formula::Line(performing), Formula::Line(scheduled));
    let prepaid = lines.compute(column("prepaid", "prepaid_principal"), {
        let prepaid = match (rates.smm, assumptions.order) {
            (None, _) => Formula::ZERO,
            (Some(smm), Order::Survivors) => {
                let left = match bought {
                    Some((bought, _)) if at_once => Formula::excess(left, Formula::Line(bought)),
                    Some(_) | None => left,
                };
                Formula::portion(left, vec![Formula::Line(smm)], vec![])
            }
            (Some(smm), Order::Bma) => {
                let after =
                    Formula::less(Formula::Line(plan.opening), Formula::Line(plan.principal));
                let survivors = Formula::portion(
                    Formula::Line(exposed),
                    vec![after, Formula::Line(smm)],
                    vec![Formula::Line(plan.opening)],
                );
                Formula::Least(vec![left, survivors])
            }
        };
        // Credit lines have no schedule to be ahead of.
        match &credit {
            Some(credit) if rates.smm.is_some() => credit.or(&prepaid, &|_| Formula::ZERO),
            Some(_) | None => prepaid,
        }
    });
    let left = Formula::less(
        Formula::less(Formula::Line(performing), Formula::Line(scheduled)),
        Formula::Line(prepaid),
    );
    let late = delinquent.iter().flat_map(|late| [late.returned, late.balance]);
    let joins = bought.filter(|_| !at_once).map(|(bought, _)| bought);
    let mut left: Vec<Formula> = std::iter::once(left).chain(late.map(Formula::Line)).collect();
    let balances = pool.cohorts.iter().map(|cohort| match cohort.joins {
        None => cohort.outstanding.minor(),
        Some(_) => 0,
    });
    let balances: Vec<i64> = balances.collect();
    let remaining = joins.filter(|_| !pool.limits.is_empty()).map(|_| {
        let sum = Formula::sum(std::mem::take(&mut left));
        let remaining = lines.compute(column("remaining", "before_purchases"), sum);
        left.push(Formula::Line(remaining));
        lines.stock(remaining);
        lines.closing(remaining, Closing::Given(balances.clone()))
    });
    left.extend(joins.map(Formula::Line));
    let closing = lines.compute(column("closing", "closing_balance"), Formula::sum(left));
    lines.stock(closing);
    lines.closing(closing, Closing::Given(balances));
    let joined = plan.joined.map(Formula::Line);
    let terms: Vec<Formula> = [Formula::Prior(closing)].into_iter().chain(joined).collect();
    lines.keep(opening, Formula::sum(terms));
    let interest = of_plan(plan.interest, part, whole);
    let interest = match &credit {
        Some(credit) => credit.or(&interest, &|_| credit.interest(performing)),
        None => interest,
    };
    let interest = lines.compute(column("interest", "interest"), interest);
    let fee = lines.compute(column("fee", "fee"), of_plan(plan.fee, part, whole));
    let early = plan.early.map(|early| {
        let after = Formula::less(Formula::Line(plan.opening), Formula::Line(plan.principal));
        let charge =
            Formula::portion(Formula::Line(prepaid), vec![Formula::Line(early)], vec![after]);
        lines.compute(column("early_charges", "early_charges_paid"), charge)
    });
    let joined = plan.joined;
    let accounts = credit.as_ref().map(|credit| credit.close(lines, closing));
    CohortLines {
        joined,
        opening,
        bought,
        accounts,
        defaulted,
        scheduled,
        prepaid,
        closing,
        remaining,
        interest,
        fee,
        early,
        delinquent,
        diluted,
        repurchased,
    }
}

fn default_formula(opening: LineId, plan: &Plan, rates: &Rates, rolled: Option<LineId>) -> Formula {
    let mut terms = Vec::new();
    let exposed = match plan.unpaid_arrears {
        Some(unpaid) => {
            terms.push(Formula::Line(unpaid));
            Formula::excess(Formula::Line(opening), Formula::Line(unpaid))
        }
        None => Formula::Line(opening),
    };
    if let Some(mdr) = rates.mdr {
        terms.push(Formula::portion(exposed, vec![Formula::Line(mdr)], vec![]));
    }
    if let Some(share) = &rates.share {
        let balances = std::iter::once(share.balance).chain(share.bought);
        let balance = Formula::sum(balances.map(Formula::Line).collect());
        terms.push(Formula::portion(balance, vec![Formula::Line(share.share)], vec![]));
    }
    // What leaves the last bucket of delinquency.
    terms.extend(rolled.map(Formula::Line));
    match terms.len() {
        0 => Formula::ZERO,
        1 if rates.share.is_none() && plan.unpaid_arrears.is_none() => terms.remove(0),
        _ => Formula::Least(vec![Formula::Line(opening), Formula::sum(terms)]),
    }
}

/// The share of the plan that is still paid: performing ÷ planned opening; after the last planned
/// principal, the share of the last month that had one.
fn shares_of_plan(
    lines: &mut Builder,
    column: &dyn Fn(&str, &'static str) -> Column,
    plan: &Plan,
    performing: LineId,
) -> (LineId, LineId) {
    if !plan.trailing {
        return (performing, plan.opening);
    }
    let alive = || {
        Formula::compare(
            crate::formula::Comparison::Above,
            Formula::Line(plan.opening),
            Formula::ZERO,
        )
    };
    let mut kept = |key: &str, part, now: LineId| {
        let line = lines.promise(column(key, part), Sort::Amount);
        lines.keep(line, Formula::when(alive(), Formula::Line(now), Formula::Prior(line)));
        lines.stock(line)
    };
    let part = kept("share_part", "share_part", performing);
    let whole = kept("share_whole", "share_whole", plan.opening);
    (part, whole)
}
