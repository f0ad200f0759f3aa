//! Products: which factor is money, and whether the whole is money or a ratio.

use super::check::{Checker, Node, Typed};
use super::fault::Kind;
use super::seen::{Factors, Seen, is_whole, seen};
use super::{Expr, Names, Span};
use crate::formula::{EXACT_TENS, Sort, tens};

impl<N: Names> Checker<'_, N> {
    /// A product: `wanted` amounts must be left when those that divide are taken off.
    pub fn product<'e>(
        &mut self,
        parts: &'e [(bool, Expr)],
        sort: Option<Sort>,
        span: Span,
    ) -> Option<Typed<'e>> {
        let factors = Factors::of(parts, self.names);
        let wanted = match sort {
            Some(Sort::Amount) => 1,
            Some(Sort::Rate) | None => 0,
            Some(sort @ (Sort::Number | Sort::Flag | Sort::Date)) => {
                self.fault(Kind::Sort { wanted: sort, given: Sort::Rate }, span);
                return None;
            }
        };
        // A plain number that is money: `1000.00 × date.number`, `50000.00 ÷ pool.initial`.
        let money = factors.open.filter(|_| factors.amounts() + 1 == wanted);
        let amounts = factors.amounts() + i32::from(money.is_some());
        let fits = factors.lost || (amounts == wanted && (wanted == 1 || factors.over <= 1));
        let mut typed: Vec<(bool, Option<Typed>)> = Vec::new();
        for (place, (over, part)) in parts.iter().enumerate() {
            typed.push((*over, self.factor(part, *over, money == Some(place))));
        }
        if !fits && typed.iter().all(|(_, part)| part.is_some()) {
            let times = factors.times + usize::from(money.is_some());
            self.fault(Kind::Amounts { times, over: factors.over }, span);
        }
        let (mut times, mut over) = (Vec::new(), Vec::new());
        for (divides, part) in typed {
            if divides { &mut over } else { &mut times }.push(part?);
        }
        if !fits {
            return None;
        }
        let sort = if wanted == 1 { Sort::Amount } else { Sort::Rate };
        let product = Typed { sort, node: Node::Product { times, over } };
        if !is_exact(&product) {
            self.fault(Kind::TooManyFactors, span);
            return None;
        }
        Some(product)
    }

    fn factor<'e>(&mut self, part: &'e Expr, over: bool, money: bool) -> Option<Typed<'e>> {
        let sort = match seen(part, self.names) {
            Seen::Fixed(sort @ (Sort::Flag | Sort::Date)) => {
                self.fault(Kind::NoArithmetic { sort }, part.span);
                return None;
            }
            Seen::Fixed(sort) => Some(sort),
            Seen::Open if money => Some(Sort::Amount),
            Seen::Open => Some(if is_whole(part) { Sort::Number } else { Sort::Rate }),
            Seen::Lost => None,
        };
        let typed = self.typed(part, sort)?;
        if over && matches!(typed.node, Node::Literal(0)) {
            self.fault(Kind::DividesByZero, part.span);
            return None;
        }
        Some(typed)
    }
}

/// Whether the powers of ten that bring the units of a product together fit 128 bits.
fn is_exact(product: &Typed) -> bool {
    let Node::Product { times, over } = &product.node else { return true };
    let tens = |factors: &[Typed]| factors.iter().map(|factor| tens(factor.sort)).sum::<u32>();
    // A rate is rounded at each divisor, so that only one of them stands beside the factors.
    let over = match product.sort {
        Sort::Amount => tens(over),
        Sort::Rate | Sort::Number | Sort::Flag | Sort::Date => {
            over.iter().map(|divisor| self::tens(divisor.sort)).min().unwrap_or(0)
        }
    };
    tens(times).abs_diff(over + self::tens(product.sort)) <= EXACT_TENS
}
