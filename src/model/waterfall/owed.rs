//! What is owed on a date and what each pot still holds, while the steps pay.

use std::collections::BTreeMap;

use super::super::fees::Claim;
use super::super::pots::Lent;
use super::super::swaps::Exchange;
use super::super::tranches::Note;
use crate::deal::Pot;
use crate::formula::LineId;

/// Claims and balances of a date. A dry run works on a copy.
#[derive(Clone)]
pub(in crate::model) struct Owed {
    pub tax: Option<Claim>,
    /// By fee; fees on what is paid or left accrue inside the waterfall.
    pub fees: Vec<Option<Claim>>,
    pub notes: Vec<Note>,
    pub facilities: Vec<Lent>,
    pub swaps: Vec<Exchange>,
    /// Remainders by tranche.
    pub remainders: Vec<Vec<LineId>>,
    /// What is left in each pot.
    pub left: BTreeMap<Pot, LineId>,
}
