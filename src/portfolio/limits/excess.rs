//! The excess concentration amount.

use crate::money::{Amount, Rate};

/// How much of the groups lies above a share of all of them together.
///
/// ```text
/// excess = Σ over groups of max(0, group − share × total)      share × total rounded down
/// ```
///
/// The total is that of the groups as they are: what would have to leave the calculation of
/// principal, not what would have to be sold.
///
/// # Example
///
/// Groups of 60.00, 30.00 and 10.00 under 25 % each: 35.00 and 5.00 are too much.
///
/// ```
/// use cashfall::money::Amount;
/// use cashfall::portfolio::limits::excess;
/// let groups = [60, 30, 10].map(|yuan| Amount::from_minor(yuan * 100));
/// assert_eq!(excess(&groups, "25 %".parse().unwrap()), Amount::from_minor(4_000));
/// ```
pub fn excess(groups: &[Amount], share: Rate) -> Amount {
    let total: Amount = groups.iter().copied().sum();
    let cap = share_of(total, share);
    groups.iter().map(|group| (*group - cap).max(Amount::ZERO)).sum()
}

/// A share of an amount, rounded down to the minor unit.
pub(super) fn share_of(total: Amount, share: Rate) -> Amount {
    let parts = i128::from(total.minor()) * i128::from(share.parts());
    let down = parts.div_euclid(i128::from(Rate::ONE.parts()));
    Amount::from_minor(i64::try_from(down).unwrap_or(i64::MAX))
}
