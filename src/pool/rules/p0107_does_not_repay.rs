//! # P0107 · the instalments do not repay the balance
//!
//! The remaining instalments as given must bring the balance to nothing, give or take one minor unit
//! each; otherwise the projection would carry the difference to maturity and call it a loss.
//! Receivables past due are left out: theirs is an arrears, not a contradiction. A balance above the
//! original principal has a finding of its own.

use rust_decimal::Decimal;

use super::{Draft, growth, level_instalment, per_instalment};
use crate::money::{Amount, Rounding};
use crate::pool::{ContractRate, Method};
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let instalment = draft.row.instalment_amount?;
    let balance = draft.row.outstanding_principal.filter(|balance| *balance > Amount::ZERO)?;
    let remaining = draft.remaining().filter(|remaining| *remaining > 0)?;
    let above_original = draft.row.original_principal.is_some_and(|original| balance > original);
    if draft.is_past_due() || above_original {
        return None;
    }
    let contract = draft.rate?;
    let rate = per_instalment(contract)?;
    let (unpaid, needed) = match draft.method? {
        Method::LevelPay => level(balance, instalment, contract, remaining)?,
        Method::FlatFee => {
            let fee = draft.row.original_principal?.to_decimal().checked_mul(rate)?;
            flat(balance, instalment, fee, remaining)?
        }
        Method::EqualPrincipal
        | Method::InterestOnly
        | Method::Daily
        | Method::Bill
        | Method::Given
        | Method::Revolving => return None,
    };
    (unpaid > Amount::ZERO).then(|| {
        draft
            .fault("P0107", Field::InstalmentAmount)
            .showing(&["outstanding_principal", "rate", "instalments", "paid_instalments"])
            .with("unpaid", unpaid)
            .with("needed", needed)
            .with("given", instalment)
    })
}

/// What is left after the remaining instalments, and the instalment that leaves nothing.
fn level(
    balance: Amount,
    given: Amount,
    contract: ContractRate,
    left: u16,
) -> Option<(Amount, Amount)> {
    let rate = per_instalment(contract)?;
    let count = Decimal::from(left);
    let (growth, annuity) = match rate.is_zero() {
        true => (Decimal::ONE, count),
        false => {
            let growth = growth(rate, left)?;
            (growth, (growth - Decimal::ONE).checked_div(rate)?)
        }
    };
    let owed = balance.to_decimal().checked_mul(growth)?;
    let unpaid = owed.checked_sub(given.to_decimal().checked_mul(annuity)?)?;
    let tolerance = count.checked_mul(Decimal::new(1, 2))?.checked_mul(growth)?;
    let unpaid = if unpaid > tolerance { unpaid } else { Decimal::ZERO };
    let needed = level_instalment(balance, contract, left, Rounding::HalfUp)?;
    Some((Amount::from_decimal_rounded(unpaid, Rounding::HalfUp)?, needed))
}

fn flat(balance: Amount, given: Amount, fee: Decimal, left: u16) -> Option<(Amount, Amount)> {
    let count = Decimal::from(left);
    let principal = given.to_decimal().checked_sub(fee)?;
    let unpaid = balance.to_decimal().checked_sub(principal.checked_mul(count)?)?;
    let unpaid = if unpaid > count * Decimal::new(1, 2) { unpaid } else { Decimal::ZERO };
    let needed = balance.to_decimal().checked_div(count)?.checked_add(fee)?;
    let round = |value| Amount::from_decimal_rounded(value, Rounding::HalfUp);
    Some((round(unpaid)?, round(needed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_manual() {
        let amount = |text: &str| text.parse::<Amount>().expect("an amount");
        let rate = ContractRate {
            rate: "0.069".parse().expect("a rate"),
            per: crate::pool::RatePeriod::Year,
        };
        let found = level(amount("9840"), amount("191.20"), rate, 48);
        assert_eq!(found, Some((amount("2422.87"), amount("235.17"))));
        assert_eq!(
            level(amount("9840"), amount("235.17"), rate, 48).map(|f| f.0),
            Some(Amount::ZERO)
        );
    }
}
