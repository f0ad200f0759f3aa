//! The linear programme: how much of each stratum, under the limits.
//!
//! ```text
//! maximise  S = Σ x        x = principal of a stratum over the target, between 0 and what there is
//! subject   S ≤ 1            S is a variable of its own, so that rows stay short
//! share     Σ inside x ≤ m S           amount    Σ inside x ≤ a / target
//! groups    Σ group x ≤ m S each       average   Σ x (figure − m) ≤ 0
//! top n     n t + Σ z ≤ m S,  z ≥ Σ group x − t,  z ≥ 0
//! ```
//!
//! Then, without giving any of S away, the mix with the highest nominal rate.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::strata::{Strata, is_few};
use crate::portfolio::limits::{Limits, Measure, Reader};

/// How much of each stratum is taken, as parts of the target.
pub(super) struct Solution {
    /// By stratum.
    pub(super) parts: Vec<f64>,
    /// Their sum: 1 when the target is reached.
    pub(super) reached: f64,
    /// The limits that hold the solution back: with nothing to spare.
    pub(super) binding: Vec<usize>,
}

/// One inequality: Σ coefficients × x + coefficient × S ≤ right.
struct Row {
    limit: usize,
    terms: Vec<(usize, f64)>,
    of_total: f64,
    right: f64,
}

/// Solves for the strata under those of the limits that are `active`, each tightened by a margin.
/// `rates` is what the second step prefers. `None` when the limits leave no solution at all.
pub(super) fn solve(
    limits: &Limits,
    strata: &Strata,
    target: i64,
    (active, margin): (&dyn Fn(usize) -> bool, f64),
    rates: Option<&[f64]>,
) -> Option<Solution> {
    let rows = Rows { limits, strata, target: float(target), margin };
    let rows: Vec<Row> = (0..limits.limits().len())
        .filter(|number| active(*number))
        .flat_map(|number| rows.of(number))
        .collect();
    let tops: Vec<Top> = (0..limits.limits().len())
        .filter(|number| active(*number))
        .filter_map(|number| Top::of(limits, strata, number, margin))
        .collect();
    let capacity: Vec<f64> =
        strata.balances.iter().map(|balance| float(*balance) / float(target)).collect();
    let first = run(&rows, &tops, &capacity, |_| 1.0, None)?;
    let reached: f64 = first.iter().sum();
    let parts = rates
        .and_then(|rates| run(&rows, &tops, &capacity, |s| rates[s], Some(reached - 1e-7)))
        .unwrap_or(first);
    let total: f64 = parts.iter().sum();
    let spare = |row: &&Row| {
        let used: f64 = row.terms.iter().map(|(s, c)| c * parts[*s]).sum();
        row.right - used - row.of_total * total < 1e-6
    };
    let mut binding: Vec<usize> = rows.iter().filter(spare).map(|row| row.limit).collect();
    let full = |top: &&Top| top.spare(&parts) < 1e-6;
    binding.extend(tops.iter().filter(full).map(|top| top.limit));
    binding.sort_unstable();
    binding.dedup();
    Some(Solution { reached: total, parts, binding })
}

fn run(
    rows: &[Row],
    tops: &[Top],
    capacity: &[f64],
    worth: impl Fn(usize) -> f64,
    at_least: Option<f64>,
) -> Option<Vec<f64>> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let x: Vec<Variable> = capacity
        .iter()
        .enumerate()
        .map(|(stratum, most)| problem.add_var(worth(stratum), (0.0, *most)))
        .collect();
    let total = problem.add_var(0.0, (at_least.unwrap_or(0.0), 1.0));
    let mut all: Vec<(Variable, f64)> = x.iter().map(|x| (*x, 1.0)).collect();
    all.push((total, -1.0));
    problem.add_constraint(&all[..], ComparisonOp::Eq, 0.0);
    for row in rows {
        let mut terms: Vec<(Variable, f64)> = row.terms.iter().map(|(s, c)| (x[*s], *c)).collect();
        if row.of_total != 0.0 {
            terms.push((total, row.of_total));
        }
        problem.add_constraint(&terms[..], ComparisonOp::Le, row.right);
    }
    for top in tops {
        top.add(&mut problem, &x, total);
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    Some(x.iter().map(|x| solution.var_value(*x).max(0.0)).collect())
}

/// The mix that is worth most: shares of one whole, under ceilings on weighted sums.
///
/// ```text
/// maximise  Σ worth x      0 ≤ x      Σ x = 1      Σ weight x ≤ bound, each row
/// ```
///
/// With each row: whether it has nothing to spare. `None` when no mix meets the rows.
pub fn worst_mix(worth: &[f64], rows: &[(Vec<f64>, f64)]) -> Option<(Vec<f64>, Vec<bool>)> {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let x: Vec<Variable> = worth.iter().map(|worth| problem.add_var(*worth, (0.0, 1.0))).collect();
    let all: Vec<(Variable, f64)> = x.iter().map(|x| (*x, 1.0)).collect();
    problem.add_constraint(&all[..], ComparisonOp::Eq, 1.0);
    for (weights, bound) in rows {
        let terms: Vec<(Variable, f64)> = x.iter().copied().zip(weights.iter().copied()).collect();
        problem.add_constraint(&terms[..], ComparisonOp::Le, *bound);
    }
    let solution = problem.solve().ok()?.into_solution().ok()?;
    let mix: Vec<f64> = x.iter().map(|x| solution.var_value(*x).max(0.0)).collect();
    let full = rows.iter().map(|(weights, bound)| {
        let used: f64 = mix.iter().zip(weights).map(|(share, weight)| share * weight).sum();
        bound - used < 1e-6
    });
    let full = full.collect();
    Some((mix, full))
}

/// The most of a budget that can be spent on whole things, each of which may be bought in part.
///
/// ```text
/// maximise  Σ price x      0 ≤ x ≤ 1      Σ price x ≤ budget      Σ over x ≤ room, each row
/// ```
///
/// Whole things within the same rows never cost more. Prices and rows in one unit; a row without room
/// has 0. Nothing where the programme has no solution, which rows with room never leave.
///
/// ```
/// use cashfall::portfolio::selection::most_spent;
/// // Of 6, 5 and 4 for 10: 6 and 4. With at most 3 of the first: half of it, and all of the others
/// // but two.
/// assert_eq!(most_spent(&[6.0, 5.0, 4.0], 10.0, &[]).round(), 10.0);
/// assert_eq!(most_spent(&[6.0, 5.0], 20.0, &[(vec![6.0, 0.0], 3.0)]).round(), 8.0);
/// ```
pub fn most_spent(prices: &[f64], budget: f64, rows: &[(Vec<f64>, f64)]) -> f64 {
    if budget <= 0.0 || prices.is_empty() {
        return 0.0;
    }
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let x: Vec<Variable> =
        prices.iter().map(|price| problem.add_var(price / budget, (0.0, 1.0))).collect();
    let mut at_most = |weights: &[f64], most: f64| {
        let weights = weights.iter().map(|weight| weight / budget);
        let terms: Vec<(Variable, f64)> = x.iter().copied().zip(weights).collect();
        problem.add_constraint(&terms[..], ComparisonOp::Le, most / budget);
    };
    at_most(prices, budget);
    rows.iter().for_each(|(over, room)| at_most(over, room.max(0.0)));
    let solved = problem.solve().ok().and_then(|outcome| outcome.into_solution().ok());
    solved.map_or(0.0, |solution| solution.objective() * budget)
}

/// The inequalities of a limit.
struct Rows<'a> {
    limits: &'a Limits<'a>,
    strata: &'a Strata,
    target: f64,
    margin: f64,
}

impl Rows<'_> {
    fn of(&self, number: usize) -> Vec<Row> {
        let limit = &self.limits.limits()[number];
        let (least, most) = (limit.least.map(float), limit.most.map(float));
        let strata = 0..self.strata.balances.len();
        let one = float(crate::money::Rate::ONE.parts());
        let row = |terms: Vec<(usize, f64)>, of_total: f64, right: f64| Row {
            limit: number,
            terms,
            of_total,
            right,
        };
        match (&limit.measure, self.limits.reader(number)) {
            (Measure::Share(_), Some(Reader::Condition(condition))) => {
                let holds = |s: usize| condition.holds(self.example(s), self.limits.at());
                let inside: Vec<usize> = strata.filter(|s| holds(*s)).collect();
                let share = |end: f64, sign: f64| {
                    let terms = inside.iter().map(|s| (*s, sign)).collect();
                    row(terms, -sign * end, 0.0)
                };
                let most = most.map(|most| share(most / one * (1.0 - self.margin), 1.0));
                let least = least.map(|least| share(least / one * (1.0 + self.margin), -1.0));
                most.into_iter().chain(least).collect()
            }
            (Measure::Amount(_), Some(Reader::Condition(condition))) => {
                let holds = |s: &usize| condition.holds(self.example(*s), self.limits.at());
                let inside: Vec<usize> = strata.filter(holds).collect();
                let amount = |end: f64, sign: f64| {
                    let terms = inside.iter().map(|s| (*s, sign)).collect();
                    row(terms, 0.0, sign * end / self.target)
                };
                let most = most.map(|most| amount(most * (1.0 - self.margin), 1.0));
                let least = least.map(|least| amount(least * (1.0 + self.margin), -1.0));
                most.into_iter().chain(least).collect()
            }
            (
                Measure::LargestShare(_) | Measure::LargestAmount(_),
                Some(Reader::Groups(groups)),
            ) if is_few(&limit.measure, groups.len()) => {
                let Some(most) = most.map(|most| most * (1.0 - self.margin)) else {
                    return Vec::new();
                };
                let by_share = matches!(limit.measure, Measure::LargestShare(_));
                let mut of_group = vec![Vec::new(); groups.len()];
                strata.for_each(|s| of_group[groups.place(self.example(s))].push((s, 1.0)));
                of_group.retain(|terms| !terms.is_empty());
                let cap = |terms: Vec<(usize, f64)>| {
                    if by_share {
                        row(terms, -most / one, 0.0)
                    } else {
                        row(terms, 0.0, most / self.target)
                    }
                };
                of_group.into_iter().map(cap).collect()
            }
            (Measure::Average(_), _) => self.average(number, least, most),
            (Measure::Total, _) => {
                let most = most.map(|most| row(Vec::new(), 1.0, most / self.target));
                let least = least.map(|least| row(Vec::new(), -1.0, -least / self.target));
                most.into_iter().chain(least).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Σ x (figure − end), over those that have the figure, in parts of the end.
    fn average(&self, number: usize, least: Option<f64>, most: Option<f64>) -> Vec<Row> {
        let Some(sums) = &self.strata.averages[number] else { return Vec::new() };
        let ends = [(most, 1.0, 1.0 - self.margin), (least, -1.0, 1.0 + self.margin)];
        let row = |(end, sign, tight): (Option<f64>, f64, f64)| {
            let end = end? * tight;
            let size = end.abs().max(1.0);
            let terms = sums.iter().enumerate().filter_map(|(stratum, (weighted, weight))| {
                let balance = self.strata.balances[stratum];
                if *weight == 0 || balance == 0 {
                    return None;
                }
                let figure = wide_float(*weighted) / wide_float(*weight);
                let covered = wide_float(*weight) / float(balance);
                Some((stratum, sign * covered * (figure - end) / size))
            });
            Some(Row { limit: number, terms: terms.collect(), of_total: 0.0, right: 0.0 })
        };
        ends.into_iter().filter_map(row).filter(|row| !row.terms.is_empty()).collect()
    }

    fn example(&self, stratum: usize) -> usize {
        self.strata.examples[stratum]
    }
}

/// The largest few of few groups.
struct Top {
    limit: usize,
    many: usize,
    share: f64,
    /// The strata of each group.
    groups: Vec<Vec<usize>>,
}

impl Top {
    fn of(limits: &Limits, strata: &Strata, number: usize, margin: f64) -> Option<Top> {
        let limit = &limits.limits()[number];
        let (Measure::TopShare(_, many), Some(most)) = (&limit.measure, limit.most) else {
            return None;
        };
        let Some(Reader::Groups(groups)) = limits.reader(number) else { return None };
        if !is_few(&limit.measure, groups.len()) {
            return None;
        }
        let mut of_group = vec![Vec::new(); groups.len()];
        for (stratum, example) in strata.examples.iter().enumerate() {
            of_group[groups.place(*example)].push(stratum);
        }
        let share = float(most) / float(crate::money::Rate::ONE.parts()) * (1.0 - margin);
        Some(Top { limit: number, many: *many, share, groups: of_group })
    }

    /// n t + Σ z − m S ≤ 0 with z ≥ group − t: the n largest groups are at most m S together.
    fn add(&self, problem: &mut Problem, x: &[Variable], total: Variable) {
        let many = f64::from(u32::try_from(self.many).unwrap_or(u32::MAX));
        let threshold = problem.add_var(0.0, (0.0, f64::INFINITY));
        let mut terms = vec![(total, -self.share), (threshold, many)];
        for group in &self.groups {
            let above = problem.add_var(0.0, (0.0, f64::INFINITY));
            let mut row: Vec<(Variable, f64)> = group.iter().map(|s| (x[*s], 1.0)).collect();
            row.extend([(threshold, -1.0), (above, -1.0)]);
            problem.add_constraint(&row[..], ComparisonOp::Le, 0.0);
            terms.push((above, 1.0));
        }
        problem.add_constraint(&terms[..], ComparisonOp::Le, 0.0);
    }

    fn spare(&self, parts: &[f64]) -> f64 {
        let sum = |group: &Vec<usize>| group.iter().map(|s| parts[*s]).sum::<f64>();
        let mut sums: Vec<f64> = self.groups.iter().map(sum).collect();
        sums.sort_by(|a, b| b.total_cmp(a));
        let all: f64 = parts.iter().sum();
        self.share * all - sums.iter().take(self.many).sum::<f64>()
    }
}

/// Amounts and figures as the solver takes them; nothing of it becomes money.
#[allow(clippy::cast_precision_loss)]
pub(super) fn float(parts: i64) -> f64 {
    parts as f64
}

#[allow(clippy::cast_precision_loss)]
fn wide_float(parts: i128) -> f64 {
    parts as f64
}
