//! What a receivable costs its obligor a year, by the contract.

use rayon::prelude::*;

use super::days::DayTable;
use super::schedule::Scratch;
use crate::money::Rate;
use crate::pool::{Method, Pool, ProductTerms, Receivable};

/// The decimals of the annual cost as a fraction: four in percent, as it is published.
const PARTS: i64 = 1_000_000;

/// The annualised cost of a receivable: the effective yearly rate at which its instalments are
/// worth what was lent.
///
/// ```text
/// P = Σ CF_i / (1 + IRR)^(i/n)
/// ```
///
/// | Symbol | Meaning                                  | Unit, domain                    |
/// |--------|------------------------------------------|---------------------------------|
/// | `P`    | amount lent, less what is kept from it   | money, above 0                  |
/// | `CF_i` | principal, interest and fee of instalment `i`, from 1 | money              |
/// | `n`    | instalments per year                     | 12 for monthly                  |
/// | `IRR`  | effective yearly rate                    | fraction of 1, above −1         |
///
/// `None` when `P` is not positive or no rate above −99.9 % per instalment fits (all instalments
/// are zero). The instalments of a receivable are not negative, so there is one solution.
///
/// # Rounding
///
/// None; published with 4 decimals in percent.
///
/// # Source
///
/// People's Bank of China, announcement (2021) no. 3 `[F]`.
///
/// # Excel
///
/// ```text
/// =(1+IRR(B1:B13))^12-1
/// ```
///
/// # Example
///
/// 100,000 lent, 110,000 returned after two years: 4.8809 %. Twelve instalments with 0.6 % of the
/// original principal each cost 13.8418 % a year, nearly twice the 7.2 % they seem to.
///
/// ```
/// use cashfall::plan::internal_rate;
/// let two_years = internal_rate(100_000.0, &[0.0, 110_000.0], 1.0).unwrap();
/// assert_eq!(format!("{:.4}", 100.0 * two_years), "4.8809");
/// let flat_fee = internal_rate(12.0, &[1.0 + 0.006 * 12.0; 12], 12.0).unwrap();
/// assert_eq!(format!("{:.4}", 100.0 * flat_fee), "13.8418");
/// ```
pub fn internal_rate(lent: f64, instalments: &[f64], per_year: f64) -> Option<f64> {
    if lent <= 0.0 {
        return None;
    }
    // In the discount factor v of one instalment this is a polynomial that rises from −P.
    let value_and_slope = |v: f64| {
        let (value, slope) = instalments
            .iter()
            .rev()
            .fold((0.0, 0.0), |(value, slope), &cash| (value * v + cash, slope * v + value));
        (value * v - lent, slope * v + value)
    };
    let mut high = 1.0;
    while value_and_slope(high).0 < 0.0 {
        high *= 2.0;
        if high > 1024.0 {
            return None;
        }
    }
    // Rising and convex, so Newton's steps from above never pass the solution: they end when rounding
    // lets them fall no further, or when the next one would fall by less than rounding does. What is
    // left after a step is of the order of its square.
    const STEPS: usize = 200;
    const LAST_STEP: f64 = 1e-9;
    let mut v = high;
    for _ in 0..STEPS {
        let (value, slope) = value_and_slope(v);
        let next = v - value / slope;
        if next >= v || next.is_nan() {
            break;
        }
        let step = v - next;
        v = next;
        if step < LAST_STEP * v {
            break;
        }
    }
    Some(v.powf(-per_year) - 1.0)
}

/// The annual cost of one receivable on its contractual plan: [`internal_rate`] of all instalments
/// of the contract over what was lent, twelve a year.
///
/// # Rounding
///
/// To four decimals in percent, as published; the rounded figure is what a cap is compared with.
///
/// `None` for a given schedule of which instalments were paid before the tape: the tape holds only
/// what remains.
///
/// # Source
///
/// People's Bank of China, announcement (2021) no. 3 `[F]`.
///
/// # Example
///
/// R1 of the worked example: six instalments with a fee of 0.55 % of the amount lent cost 11.8234 %
/// a year; the fees are rounded to the cent.
///
/// ```
/// # use cashfall::{money::Amount, plan::annual_cost};
/// # use cashfall::pool::{ContractRate, Method, ProductTerms, RatePeriod, Receivable, RowOrigin};
/// # let receivable = Receivable {
/// #     id: "R1".into(), origin: RowOrigin::default(), method: Method::FlatFee,
/// #     original_principal: Amount::from_minor(643_300),
/// #     outstanding_principal: Amount::from_minor(643_300),
/// #     instalments: 6, paid_instalments: 0,
/// #     rate: ContractRate { rate: "0.0055".parse().unwrap(), per: RatePeriod::Instalment },
/// #     origination: "2025-12-10".parse().unwrap(), first_due: "2026-01-10".parse().unwrap(),
/// #     due_day: 10, instalment: None, past_due_days: None, in_default: None, product: 0,
/// #     given: None, own_cutoff: None, is_rep_line: false,
/// # };
/// let cost = annual_cost(&receivable, &ProductTerms::default()).unwrap();
/// assert_eq!(cost.percent(), "11.8234 %");
/// ```
pub fn annual_cost(receivable: &Receivable, terms: &ProductTerms) -> Option<Rate> {
    let table = DayTable::of(receivable, receivable.first_due);
    cost(receivable, terms, &table, (&mut Scratch::for_one(), &mut Vec::new()))
}

/// The annual cost of every receivable of a pool, in its order.
pub fn annual_costs(pool: &Pool) -> Vec<Option<Rate>> {
    const CHUNK: usize = 1 << 13;
    let table = DayTable::around(pool.cutoff);
    let chunks = pool.receivables.par_chunks(CHUNK).map(|chunk| {
        let (mut scratch, mut cash) = (Scratch::for_pool(), Vec::new());
        let cost = |receivable| {
            cost(receivable, pool.terms(receivable), &table, (&mut scratch, &mut cash))
        };
        chunk.iter().map(cost).collect::<Vec<_>>()
    });
    chunks.collect::<Vec<_>>().concat()
}

fn cost(
    receivable: &Receivable,
    terms: &ProductTerms,
    table: &DayTable,
    (scratch, cash): (&mut Scratch, &mut Vec<f64>),
) -> Option<Rate> {
    if receivable.method == Method::Given && receivable.paid_instalments > 0 {
        return None;
    }
    scratch.whole(receivable, terms, table);
    cash.clear();
    cash.extend(scratch.cash.iter().map(|cash| cash.total().to_f64()));
    let rate = internal_rate(receivable.original_principal.to_f64(), cash, 12.0)?;
    Some(published(rate))
}

/// To four decimals in percent, halves away from zero.
fn published(rate: f64) -> Rate {
    let parts = Rate::from_f64(rate).parts();
    let rounded = crate::money::divide(parts.into(), PARTS.into(), crate::money::Rounding::HalfUp);
    Rate::from_parts(rounded * PARTS)
}
