//! Draws on credit lines (循环额度提款) that the trust buys at par from the seller's interest.
//!
//! ```text
//! offered = seller's interest at the end of the last collection month − what was bought of it since
//! bought  = MIN(budget, offered)
//! ```

use super::chain::Chain;
use crate::deal::Payment;
use crate::formula::{Formula, LineId, Sort};

impl Chain<'_> {
    /// Lowers what a date buys of the draws: what it costs, its principal, what was offered.
    pub(super) fn draws(
        &mut self,
        place: usize,
        payment: &Payment,
        budget: LineId,
        seller: LineId,
    ) -> (LineId, LineId, Option<LineId>) {
        let schedule = &self.deal.schedule;
        let ends: Vec<usize> = schedule.payments.iter().map(|date| date.months_to).collect();
        let months = schedule.collection_ends.len();
        // After the last month nothing would be collected of what is bought.
        let open = ends.iter().map(|end| i64::from(*end < months)).collect();
        let column = self.column(place, payment, "draws_count");
        let open = self.lines.recorded(column, Sort::Flag, open);
        let again: Vec<i64> = (0..ends.len())
            .map(|date| i64::from(date > 0 && ends[date] == ends[date - 1]))
            .collect();
        let before = again.contains(&1).then(|| {
            let column = self.column(place, payment, "draws_same_month");
            let again = self.lines.recorded(column, Sort::Flag, again);
            let column = self.column(place, payment, "draws_bought_before");
            let before = self.lines.promise(column, Sort::Amount);
            (again, self.lines.stock(before))
        });
        let offered = match before {
            Some((_, before)) => Formula::excess(Formula::Latest(seller), Formula::Line(before)),
            None => Formula::Latest(seller),
        };
        let column = self.column(place, payment, "draws_offered");
        let offered = Formula::when(Formula::Line(open), offered, Formula::ZERO);
        let offered = self.compute(column, offered);
        self.lines.stock(offered);
        let column = self.column(place, payment, "draws_bought");
        let bought = Formula::Least(vec![Formula::Line(budget), Formula::Line(offered)]);
        let bought = self.compute(column, bought);
        if let Some((again, before)) = before {
            let sum = Formula::sum(vec![Formula::Prior(before), Formula::Prior(bought)]);
            let formula = Formula::when(Formula::Line(again), sum, Formula::ZERO);
            self.lines.keep(before, formula);
        }
        (bought, bought, Some(offered))
    }
}
