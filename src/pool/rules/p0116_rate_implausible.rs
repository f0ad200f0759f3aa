//! # P0116 · a rate beyond reason
//!
//! Above 100 % a year, 20 % an instalment or 1 % a day, the number is most likely a percentage that
//! was taken for a fraction, or of another period than said.

use super::Draft;
use crate::money::Rate;
use crate::pool::RatePeriod;
use crate::tape::{Fault, Field};

pub(super) fn check(draft: &Draft) -> Option<Fault> {
    let contract = draft.rate?;
    let most = match contract.per {
        RatePeriod::Year => Rate::ONE,
        RatePeriod::Instalment => Rate::from_parts(Rate::ONE.parts() / 5),
        RatePeriod::Day => Rate::from_parts(Rate::ONE.parts() / 100),
    };
    (contract.rate > most).then(|| {
        draft
            .fault("P0116", Field::Rate)
            .with("rate", contract.rate.percent())
            .with("most", most.percent())
    })
}
