//! # P0120 · the instalment given is not the one that the terms give

use super::{Draft, equal_part, level_instalment, per_instalment};
use crate::money::{Amount, Rounding};
use crate::pool::Method;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let given = draft.row.instalment_amount.filter(|given| *given > Amount::ZERO)?;
    let (original, total) = (draft.row.original_principal?, draft.instalments?);
    // What was lent on a representative line, and for how long, is not known.
    if total == 0 || original == Amount::ZERO || draft.is_rep_line {
        return None;
    }
    let contract = draft.rate?;
    let rate = per_instalment(contract)?;
    let rounding = draft.terms.instalment_rounding;
    let (computed, tolerance) = match draft.method? {
        Method::LevelPay => (level_instalment(original, contract, total, rounding)?, Amount::ZERO),
        Method::FlatFee => {
            let part = equal_part(original, total, rounding)?;
            let fee = original.to_decimal().checked_mul(rate)?;
            let fee = Amount::from_decimal_rounded(fee, Rounding::HalfUp)?;
            (part + fee, Amount::from_minor(1))
        }
        Method::EqualPrincipal
        | Method::InterestOnly
        | Method::Daily
        | Method::Bill
        | Method::Given
        | Method::Revolving => return None,
    };
    let difference = given - computed;
    (difference > tolerance || -difference > tolerance).then(|| {
        draft
            .fault("P0120", Field::InstalmentAmount)
            .showing(&["original_principal", "rate", "instalments"])
            .with("given", given)
            .with("computed", computed)
            .with("difference", difference)
    })
}
