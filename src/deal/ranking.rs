//! Which tranches stand before which, and on what collateral: read from the steps, not from the order
//! in which tranches are listed.

use std::collections::BTreeSet;

use super::Deal;
use super::step::{Due, Payee, Pot, Sharing, Step};

impl Deal {
    /// The tranches that are repaid before a tranche or with it, itself among them, by place: those
    /// whose losses it does not bear. Parts of a class rank equally.
    ///
    /// ```text
    /// rank(t) = (the first step that pays principal of t, its place there when the step pays in turn)
    /// ```
    ///
    /// A tranche that is repaid from an account of some sub-pools alone stands before or behind those
    /// of the same account. Of a tranche that no step repays (a strip), those listed before it.
    pub fn ranks_first(&self, place: usize) -> Vec<usize> {
        let Some(own) = self.rank(place) else { return (0..=place).collect() };
        let home = self.collateral_of(place);
        let class = |place: usize| self.tranches[place].class();
        let counts = |other: &usize| {
            let is_equal = class(*other) == class(place);
            let behind = self.tranches[place].subordinated && !self.tranches[*other].subordinated;
            let is_above = behind || self.rank(*other).is_some_and(|rank| rank <= own);
            let shares = home.is_empty() || self.collateral_of(*other) == home;
            is_equal || (is_above && shares)
        };
        (0..self.tranches.len()).filter(counts).collect()
    }

    /// The sub-pools, by place, whose cash repays a tranche first; empty for all of them, on which a
    /// subordinated tranche stands that is repaid from several accounts.
    pub fn collateral_of(&self, place: usize) -> BTreeSet<usize> {
        let pot = self.first_principal(place).map(|(step, _)| self.steps[step].from);
        let dues = [Due::Principal(place), Due::Remainder(Payee::Tranche(place))];
        let pays = |step: &&Step| step.pay.iter().any(|payment| dues.contains(&payment.due));
        let elsewhere = self.steps.iter().filter(pays).any(|step| Some(step.from) != pot);
        match pot {
            Some(_) if self.tranches[place].subordinated && elsewhere => BTreeSet::new(),
            Some(Pot::Account(account)) => self.accounts[account].pools.clone(),
            Some(Pot::Collection | Pot::Facility(_)) | None => BTreeSet::new(),
        }
    }

    /// The rank of the class of a tranche: that of its part which is repaid first.
    fn rank(&self, place: usize) -> Option<(usize, usize)> {
        let class = self.tranches[place].class();
        let parts = self.tranches.iter().enumerate().filter(|(_, other)| other.class() == class);
        parts.filter_map(|(part, _)| self.first_principal(part)).min()
    }

    /// The first step that pays principal of a tranche, and its place there.
    fn first_principal(&self, place: usize) -> Option<(usize, usize)> {
        self.steps.iter().enumerate().find_map(|(number, step)| {
            let among = step.pay.iter().position(|payment| payment.due == Due::Principal(place))?;
            let among = if step.sharing == Sharing::ProRata { 0 } else { among };
            Some((number, among))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(tranches: &[(&str, &str)], steps: &str) -> Deal {
        let mut text = String::from(
            "[deal]\nname = \"x\"\n[pool]\ntape = \"pool.csv\"\ncutoff = 2025-12-31\n\
             [dates]\nclosing = 2026-01-15\nfirst_payment = 2026-02-15\n\
             legal_maturity = 2026-08-15\ncalendar = \"weekends\"\n",
        );
        for (id, class) in tranches {
            text += &format!("[[tranche]]\nid = \"{id}\"\nface = 100.00\n");
            text += &format!("coupon = \"2 %\"\nclass = \"{class}\"\n");
        }
        let (deal, _) = Deal::from_toml("deal.toml", &(text + steps)).accept().expect("a deal");
        deal.expect("the deal was read")
    }

    fn step(clause: u8, pay: &str, more: &str) -> String {
        format!("[[step]]\nclause = \"{clause}\"\npay = [{pay}]\n{more}\n")
    }

    fn principal(id: &str) -> String {
        format!("{{ tranche = \"{id}\", due = \"principal\" }}")
    }

    #[test]
    fn steps_rank_and_the_list_does_not() {
        let interest = ["B", "A2", "A1"]
            .map(|id| step(1, &format!("{{ tranche = \"{id}\", due = \"interest\" }}"), ""));
        let steps = interest.concat()
            + &step(2, &[principal("A1"), principal("A2")].join(", "), "sharing = \"pro_rata\"")
            + &step(3, &principal("B"), "")
            + &step(4, "{ tranche = \"B\", due = \"remainder\" }", "");
        let deal = deal(&[("B", "B"), ("A2", "A2"), ("A1", "A1")], &steps);
        // B is listed first and stands behind both, which share a step.
        assert_eq!(deal.ranks_first(0), [0, 1, 2]);
        assert_eq!(deal.ranks_first(1), [1, 2]);
        assert_eq!(deal.ranks_first(2), [1, 2]);
        assert!(deal.collateral_of(0).is_empty());
    }

    #[test]
    fn parts_of_a_class_rank_equally() {
        let interest = ["A1", "A2", "B"]
            .map(|id| step(1, &format!("{{ tranche = \"{id}\", due = \"interest\" }}"), ""));
        let turns = [principal("A1"), principal("A2"), principal("B")].join(", ");
        let last = step(4, "{ tranche = \"B\", due = \"remainder\" }", "");
        let steps = interest.concat() + &step(2, &turns, "") + &last;
        let of_a_class = deal(&[("A1", "A"), ("A2", "A"), ("B", "B")], &steps);
        assert_eq!(of_a_class.ranks_first(0), [0, 1]);
        assert_eq!(of_a_class.ranks_first(1), [0, 1]);
        assert_eq!(of_a_class.ranks_first(2), [0, 1, 2]);
        let apart = deal(&[("A1", "A1"), ("A2", "A2"), ("B", "B")], &steps);
        assert_eq!(apart.ranks_first(0), [0]);
        assert_eq!(apart.ranks_first(1), [0, 1]);
    }
}
