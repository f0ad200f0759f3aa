//! Limits on the pool after a purchase (循环购买后的组合限制): what a date's purchases may be together.
//!
//! ```text
//! whole receivables, one after the other:
//!   allowed(i) = counted + counted so far + counted(i) ≤ ⌊bound × (pool + bought so far + offered(i))⌋
//!                or counted(i) ≤ ⌊bound × offered(i)⌋, which makes nothing worse
//!
//! standard receivables, all at once:
//!   over(i)   = ROUND(wanted(i) × (weight(i) − bound), 2) + 0.01, of those above the bound
//!   room      = MAX(⌊bound × pool⌋ + Σ spare(i) − counted, 0)
//!   factor    = MIN(ROUNDDOWN(room ÷ Σ over, 8), 1)
//!   bought(i) = ⌊wanted(i) × the least factor of the limits that it is over⌋
//! ```
//!
//! What an offer spares counts as room where no limit cuts that offer: where it is over none, or only
//! over limits that have room for all without help. So every limit that was met before is met after,
//! however many there are.

use super::super::build::Column;
use super::super::collateral::{
    Followed, LimitOf, LimitPart, OfferSize, PoolLimit, limit_down, limit_named,
};
use super::super::line::{Axis, Topic};
use super::market::Market;
use crate::config::Text;
use crate::formula::{Comparison, Formula, InputId, LineId, Sort};
use crate::money::{Rate, Rounding, divide};

/// The limits that purchases are held to.
#[derive(Clone, Copy)]
pub(in crate::model) struct Held<'a> {
    /// The limits, with what they count in the pool before a purchase.
    pub followed: &'a [Followed],
    /// The pool before a purchase: at the end of a month, or on a purchase date between payments.
    pub pool: LineId,
    /// Whether a limit cuts what is bought.
    pub cuts: bool,
}

/// The pool after a purchase.
pub(in crate::model) struct After {
    /// All of it.
    pub pool: LineId,
    /// What each part of each limit counts in it.
    pub counted: Vec<Vec<LineId>>,
}

/// Tests of whole receivables, promised until it stands what is bought.
pub(super) struct Trial {
    tests: Vec<Test>,
}

/// One limit in a trial.
struct Test {
    followed: Followed,
    place: usize,
    key: String,
    name: Text,
    /// What the limit counts of an offer.
    own: LineId,
    /// Whether the offer is within it.
    allowed: LineId,
}

/// A limit that may cut purchases by share.
struct Cut {
    followed: Followed,
    place: usize,
    /// How much each offer is over it.
    over: LineId,
    /// All of them together.
    all: LineId,
    /// The room that the pool itself leaves.
    room: LineId,
}

impl Trial {
    /// Whether an offer is within each limit.
    pub fn allowed(&self) -> impl Iterator<Item = Formula> {
        self.tests.iter().map(|test| Formula::Line(test.allowed))
    }
}

/// What the bound is called.
fn bound_part(limit: &PoolLimit) -> &'static str {
    match (limit.top > Rate::ONE, limit.is_floor) {
        (true, true) => "limit_average_at_least",
        (true, false) => "limit_average_at_most",
        (false, true) => "limit_at_least",
        (false, false) => "limit_at_most",
    }
}

fn at_most(one: Formula, other: Formula) -> Formula {
    Formula::compare(Comparison::AtMost, one, other)
}

impl Market<'_> {
    /// A figure of the pool before the purchases of a date: of the month before, or of the date itself.
    fn before(&self, line: LineId) -> Formula {
        match self.lines.axis(line) == self.axis {
            true => Formula::Line(line),
            false => Formula::Latest(line),
        }
    }

    /// The bound as the ceiling of what is counted.
    fn ceiling(&mut self, limit: &PoolLimit) -> Formula {
        let sort = match limit.of {
            LimitOf::Pool => Sort::Rate,
            LimitOf::Principal => Sort::Amount,
        };
        let (key, part) = (limit.key.clone(), bound_part(limit));
        let bound = Formula::Input(self.lines.input(key, &limit.name, part, sort, limit.bound));
        if limit.is_floor {
            return Formula::less(self.top(limit), bound);
        }
        bound
    }

    fn top(&mut self, limit: &PoolLimit) -> Formula {
        if limit.top == Rate::ONE {
            return Formula::ONE;
        }
        let key = format!("{}.top", limit.key);
        let parts = limit.top.parts();
        Formula::Input(self.lines.figure(key, &limit.name, "limit_top", Sort::Rate, parts))
    }

    /// The parts of limits that some offer could make worse, each with its pool line.
    fn binding(&self) -> Vec<(Followed, usize)> {
        let limits = self.limits.followed.iter();
        let some = |part: &LimitPart| part.offers.iter().any(|weight| *weight > Rate::ZERO);
        let parts = limits.flat_map(|followed| {
            let parts = followed.limit.parts.iter().enumerate();
            parts.filter(|(_, part)| some(part)).map(|(place, _)| (followed.clone(), place))
        });
        parts.collect()
    }

    fn limit_column(&self, key: &str, about: &Text, part: &'static str) -> Column {
        let column = self.offer_column(key, part);
        Column { subject: about.clone(), ..column }
    }

    /// Opens the trial of whole receivables: whether each is within the limits is promised.
    pub(super) fn trial(&mut self) -> Trial {
        let binding = if self.limits.cuts { self.binding() } else { Vec::new() };
        let mut tests = Vec::new();
        for (followed, place) in binding {
            let (limit, part) = (&followed.limit, &followed.limit.parts[place]);
            let key = format!("{}.{}", limit.key, place + 1);
            let name = limit_named(&limit.name, part);
            let own = self.offered_part(&key, &name, part);
            let column = self.limit_column(&format!("{key}.allowed"), &name, "limit_allowed");
            let allowed = self.lines.promise(column, Sort::Flag);
            tests.push(Test { followed, place, key, name, own, allowed });
        }
        Trial { tests }
    }

    /// Keeps what the trial promised, once it stands what is bought: an offer reads what was bought
    /// above it.
    pub(super) fn close_trial(&mut self, trial: Trial, offered: LineId, bought: LineId) {
        if trial.tests.is_empty() {
            return;
        }
        let column = self.offer_column("bought_so_far", "bought_so_far");
        let so_far = self.lines.promise(column, Sort::Amount);
        self.lines.stock(so_far);
        let sum = vec![Formula::Above(so_far), Formula::Line(bought)];
        self.lines.keep(so_far, Formula::sum(sum));
        for test in trial.tests {
            let Test { followed, place, key, name, own, allowed } = test;
            let column = self.limit_column(&format!("{key}.so_far"), &name, "limit_so_far");
            let counted = self.lines.promise(column, Sort::Amount);
            self.lines.stock(counted);
            let is_bought =
                Formula::compare(Comparison::Above, Formula::Line(bought), Formula::ZERO);
            let more = Formula::when(is_bought, Formula::Line(own), Formula::ZERO);
            self.lines.keep(counted, Formula::sum(vec![Formula::Above(counted), more]));
            let ceiling = self.ceiling(&followed.limit);
            let after = Formula::sum(vec![
                self.before(followed.counted[place]),
                Formula::Above(counted),
                Formula::Line(own),
            ]);
            let (most, alone) = match followed.limit.of {
                LimitOf::Pool => {
                    let pool = Formula::sum(vec![
                        self.before(self.limits.pool),
                        Formula::Above(so_far),
                        Formula::Line(offered),
                    ]);
                    let alone = limit_down(Formula::Line(offered), ceiling.clone());
                    (limit_down(pool, ceiling), alone)
                }
                LimitOf::Principal => (ceiling, Formula::ZERO),
            };
            let own = Formula::Line(own);
            let holds = Formula::Any(vec![at_most(after, most), at_most(own, alone)]);
            self.lines.keep(allowed, holds);
        }
    }

    /// What a limit counts of each receivable on offer, on its date.
    fn offered_part(&mut self, key: &str, name: &Text, part: &LimitPart) -> LineId {
        let column = self.limit_column(&format!("{key}.offered"), name, "limit_counted");
        if let Some(line) = self.lines.find(&column.key) {
            return line;
        }
        let dates = self.dates;
        let one = i128::from(Rate::ONE.parts());
        let of = |date: usize, place: usize| match &self.offers[place].size {
            OfferSize::Whole { payment, outstanding, .. } if *payment == date => {
                let product =
                    i128::from(outstanding.minor()) * i128::from(part.offers[place].parts());
                divide(product, one, Rounding::Down)
            }
            OfferSize::Whole { .. } | OfferSize::Share { .. } => 0,
        };
        let count = self.offers.len();
        let values = (1..=dates).flat_map(|date| (0..count).map(move |place| (date, place)));
        let values = values.map(|(date, place)| of(date, place)).collect();
        let line = self.lines.recorded(column, Sort::Amount, values);
        self.lines.stock(line)
    }

    /// What is bought of standard receivables: what was wanted, cut to what the limits allow.
    pub(super) fn cut(&mut self, wanted: Formula) -> Formula {
        let binding = if self.limits.cuts { self.binding() } else { Vec::new() };
        if binding.is_empty() {
            return wanted;
        }
        let column = self.offer_column("wanted", "wanted");
        let wanted = self.lines.compute(column, wanted);
        self.lines.stock(wanted);
        let cuts: Vec<Cut> = binding
            .into_iter()
            .map(|(followed, place)| self.over(wanted, followed, place))
            .collect();
        // A limit that all of them meet without help cuts nobody.
        let spared = |cut: &Cut| {
            Formula::Any(vec![
                at_most(Formula::Line(cut.over), Formula::ZERO),
                at_most(Formula::Line(cut.all), Formula::Line(cut.room)),
            ])
        };
        let free = Formula::All(cuts.iter().map(spared).collect());
        let column = self.offer_column("free_of_limits", "free_of_limits");
        let free = self.lines.compute(column, free);
        let mut factors = Vec::new();
        for cut in cuts {
            let factor = self.factor((wanted, free), &cut);
            let is_over =
                Formula::compare(Comparison::Above, Formula::Line(cut.over), Formula::ZERO);
            factors.push(Formula::when(is_over, Formula::Line(factor), Formula::ONE));
        }
        let factor = if factors.len() == 1 { factors.remove(0) } else { Formula::Least(factors) };
        let column = self.offer_column("cut_to", "cut_to");
        let factor = self.lines.compute(column, factor);
        limit_down(Formula::Line(wanted), Formula::Line(factor))
    }

    /// The weights of the offers, as inputs.
    fn weights(&mut self, key: &str, name: &Text, part: &LimitPart) -> Vec<InputId> {
        let weights = part.offers.iter().enumerate().map(|(place, weight)| {
            let key = format!("{key}.offer.{}", place + 1);
            self.lines.figure(key, name, "limit_weight", Sort::Rate, weight.parts())
        });
        weights.collect()
    }

    /// How much each offer is over a limit, and the room that the pool itself leaves.
    fn over(&mut self, wanted: LineId, followed: Followed, place: usize) -> Cut {
        let (limit, part) = (&followed.limit, &followed.limit.parts[place]);
        let (key, name) = (format!("{}.{}", limit.key, place + 1), limit_named(&limit.name, part));
        let ceiling = self.ceiling(limit);
        let cent = self.smallest();
        let of_weight = |weight: InputId| {
            let weight = Formula::Input(weight);
            let (is_over, above) = match limit.of {
                LimitOf::Pool => (
                    Formula::compare(Comparison::Above, weight.clone(), ceiling.clone()),
                    Formula::less(weight, ceiling.clone()),
                ),
                LimitOf::Principal => {
                    let zero = Formula::Whole(0, Sort::Rate);
                    (Formula::compare(Comparison::Above, weight.clone(), zero), weight)
                }
            };
            let over = Formula::portion(Formula::Line(wanted), vec![above], vec![]);
            Formula::when(is_over, Formula::sum(vec![over, cent.clone()]), Formula::ZERO)
        };
        let weights = self.weights(&key, &name, part);
        let formula = Formula::ByElement(weights.into_iter().map(of_weight).collect());
        let column = self.limit_column(&format!("{key}.over"), &name, "limit_over");
        let over = self.lines.compute(column, formula);
        self.lines.stock(over);
        let column = self.own_column(&key, &name, "limit_over");
        let all = self.lines.compute(column, Formula::Total(over));
        self.lines.stock(all);
        let most = match limit.of {
            LimitOf::Principal => ceiling,
            LimitOf::Pool => limit_down(self.before(self.limits.pool), ceiling),
        };
        let room = Formula::excess(most, self.before(followed.counted[place]));
        let column = self.own_column(&key, &name, "limit_room");
        let room = self.lines.compute(column, room);
        self.lines.stock(room);
        Cut { followed, place, over, all, room }
    }

    fn own_column(&self, key: &str, name: &Text, part: &'static str) -> Column {
        let key = format!("{}{key}.{part}", self.prefix);
        let column = Column::payment(Topic::Limits, key, name, part);
        Column { axis: self.axis, ..column }
    }

    /// The smallest amount of money.
    fn smallest(&mut self) -> Formula {
        let nobody = Text::default();
        let key = "unit.smallest".to_string();
        Formula::Input(self.lines.figure(key, &nobody, "smallest_amount", Sort::Amount, 1))
    }

    /// The factor to which a limit cuts the offers that are over it.
    fn factor(&mut self, (wanted, free): (LineId, LineId), cut: &Cut) -> LineId {
        let limit = &cut.followed.limit;
        let part = &limit.parts[cut.place];
        let (key, name) =
            (format!("{}.{}", limit.key, cut.place + 1), limit_named(&limit.name, part));
        let room = match limit.of {
            LimitOf::Principal => cut.room,
            LimitOf::Pool => {
                let ceiling = self.ceiling(limit);
                let cent = self.smallest();
                let spare = |weight: InputId| {
                    let wanted = || Formula::Line(wanted);
                    let counts = vec![
                        Formula::portion(wanted(), vec![Formula::Input(weight)], vec![]),
                        cent.clone(),
                    ];
                    Formula::excess(limit_down(wanted(), ceiling.clone()), Formula::sum(counts))
                };
                let weights = self.weights(&key, &name, part);
                let spares = weights
                    .into_iter()
                    .map(|weight| Formula::when(Formula::Line(free), spare(weight), Formula::ZERO));
                let formula = Formula::ByElement(spares.collect());
                let column = self.limit_column(&format!("{key}.spare"), &name, "limit_spare");
                let spare = self.lines.compute(column, formula);
                self.lines.stock(spare);
                let pool = limit_down(self.before(self.limits.pool), ceiling);
                let most = Formula::sum(vec![pool, Formula::Total(spare)]);
                let counted = self.before(cut.followed.counted[cut.place]);
                let column = self.own_column(&format!("{key}.with_spare"), &name, "limit_spare");
                let room = self.lines.compute(column, Formula::excess(most, counted));
                self.lines.stock(room)
            }
        };
        let places = self.lines.constant("unit.cut_places", "cut_places", 8);
        let ratio = Formula::Quotient {
            part: Box::new(Formula::Line(room)),
            times: vec![],
            whole: Box::new(Formula::Line(cut.all)),
            places: (places, 8),
            rounding: Rounding::Down,
        };
        let fits = at_most(Formula::Line(cut.all), Formula::Line(room));
        let column = self.own_column(&key, &name, "cut_to");
        self.lines.compute(column, Formula::when(fits, Formula::ONE, ratio))
    }

    /// Each limit after the purchase: what it counts, its value, its bound, what is spare, and whether
    /// it holds on a date on which something could be bought.
    pub(super) fn limits_after(&mut self, bought: LineId, budget: LineId) -> Option<After> {
        if self.limits.followed.is_empty() {
            return None;
        }
        let nobody = Text::default();
        let column = Column {
            key: format!("{}limits.pool", self.prefix),
            ..self.own_column("limits", &nobody, "pool_after_purchase")
        };
        let after = vec![self.before(self.limits.pool), Formula::Total(bought)];
        let pool = self.lines.compute(column, Formula::sum(after));
        self.lines.stock(pool);
        let followed = self.limits.followed.iter();
        let counted = followed.map(|followed| self.limit_after(followed, (bought, budget, pool)));
        Some(After { counted: counted.collect(), pool })
    }

    /// One limit after the purchase; the lines of what its parts count.
    fn limit_after(
        &mut self,
        followed: &Followed,
        (bought, budget, pool): (LineId, LineId, LineId),
    ) -> Vec<LineId> {
        let limit = &followed.limit;
        let mut sums = Vec::new();
        for (place, part) in limit.parts.iter().enumerate() {
            let (key, name) =
                (format!("{}.{}", limit.key, place + 1), limit_named(&limit.name, part));
            let mut terms = vec![self.before(followed.counted[place])];
            if part.offers.iter().any(|weight| *weight > Rate::ZERO) {
                let own = self.bought_part(&key, &name, part, bought);
                terms.push(Formula::Total(own));
            }
            sums.push(Formula::sum(terms));
        }
        // The date that follows goes on from each part.
        let mut parts = Vec::new();
        if self.axis == Axis::Purchases && sums.len() > 1 {
            for (place, sum) in sums.iter_mut().enumerate() {
                let name = limit_named(&limit.name, &limit.parts[place]);
                let key = format!("{}.{}", limit.key, place + 1);
                let column = self.own_column(&key, &name, "limit_counted");
                let line = self.lines.compute(column, std::mem::replace(sum, Formula::ZERO));
                *sum = Formula::Line(line);
                parts.push(self.lines.stock(line));
            }
        }
        let counted = if sums.len() == 1 { sums.remove(0) } else { Formula::Greatest(sums) };
        let column =
            |this: &Market, part: &'static str| this.own_column(&limit.key, &limit.name, part);
        let at = column(self, "limit_counted");
        let counted = self.lines.compute(at, counted);
        self.lines.stock(counted);
        let ceiling = self.ceiling(limit);
        let (value, most) = match limit.of {
            LimitOf::Principal => (Formula::Line(counted), ceiling.clone()),
            LimitOf::Pool => {
                let places =
                    self.lines.constant("unit.rate_places", "rate_places", Rate::DECIMALS.into());
                let share = Formula::Quotient {
                    part: Box::new(Formula::Line(counted)),
                    times: vec![],
                    whole: Box::new(Formula::Line(pool)),
                    places: (places, Rate::DECIMALS),
                    rounding: Rounding::HalfUp,
                };
                let value = match limit.is_floor {
                    true => Formula::less(self.top(limit), share),
                    false => share,
                };
                let plain = limit.top > Rate::ONE;
                let at = column(self, if plain { "limit_average" } else { "limit_value" });
                let value = self.lines.compute(at, value);
                (Formula::Line(value), limit_down(Formula::Line(pool), ceiling.clone()))
            }
        };
        let at = column(self, bound_part(limit));
        let bound = Formula::Input(self.lines.input(
            limit.key.clone(),
            &limit.name,
            at.part,
            if limit.of == LimitOf::Pool { Sort::Rate } else { Sort::Amount },
            limit.bound,
        ));
        let bound = self.lines.compute(at, bound);
        self.lines.stock(bound);
        let spare = match limit.is_floor {
            true => Formula::less(value, Formula::Line(bound)),
            false => Formula::less(Formula::Line(bound), value),
        };
        let plain = limit.top > Rate::ONE;
        let at = column(self, if plain { "limit_average_headroom" } else { "limit_headroom" });
        let spare = self.lines.compute(at, spare);
        self.lines.stock(spare);
        let buys = Formula::compare(Comparison::Above, Formula::Line(budget), Formula::ZERO);
        let holds = at_most(Formula::Line(counted), most);
        let at = column(self, "limit_met");
        self.lines.compute(at, Formula::Any(vec![Formula::Not(Box::new(buys)), holds]));
        if parts.is_empty() { vec![counted] } else { parts }
    }

    /// What a limit counts of what was bought.
    fn bought_part(&mut self, key: &str, name: &Text, part: &LimitPart, bought: LineId) -> LineId {
        let column = self.limit_column(&format!("{key}.bought"), name, "limit_bought");
        let whole = |size: &OfferSize| matches!(size, OfferSize::Whole { .. });
        if self.offers.iter().any(|offer| whole(&offer.size)) {
            let own = Formula::Line(self.offered_part(key, name, part));
            let is_bought =
                Formula::compare(Comparison::Above, Formula::Line(bought), Formula::ZERO);
            let line = self.lines.compute(column, Formula::when(is_bought, own, Formula::ZERO));
            return self.lines.stock(line);
        }
        let of = |(place, weight): (usize, &Rate)| match *weight {
            Rate::ZERO => Formula::ZERO,
            Rate::ONE => Formula::Line(bought),
            weight => {
                let key = format!("{key}.offer.{}", place + 1);
                let parts = weight.parts();
                let weight = self.lines.figure(key, name, "limit_weight", Sort::Rate, parts);
                limit_down(Formula::Line(bought), Formula::Input(weight))
            }
        };
        let formula = Formula::ByElement(part.offers.iter().enumerate().map(of).collect());
        let line = self.lines.compute(column, formula);
        self.lines.stock(line)
    }
}
