//! Everything that is derived from the vintages of one product.

use super::{
    BackTest, BaseCase, Curves, Form, Ladder, Method, RollRates, StaticPool, Terms, Triangle,
};
use crate::finding::{Finding, Origin};

/// What the vintages of one product say.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// The product; empty when the table names none.
    pub product: String,
    /// Its vintages.
    pub pool: StaticPool,
    /// The ladder of defaults; `None` without defaults by vintage.
    pub ladder: Option<Ladder>,
    /// The base case.
    pub base: Option<BaseCase>,
    /// The ladder of some months ago against today.
    pub back_test: Option<BackTest>,
    /// Roll rates between buckets.
    pub rolls: Option<RollRates>,
    /// Curves by age.
    pub curves: Curves,
}

/// How a study is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Ways {
    /// The ladder.
    pub method: Method,
    /// The base case.
    pub terms: Terms,
    /// How many months the back-test goes back.
    pub back_test: u32,
    /// How many months of roll rates are averaged.
    pub roll_months: usize,
}

impl Default for Ways {
    fn default() -> Ways {
        let (method, terms) = (Method::default(), Terms::default());
        Ways { method, terms, back_test: 3, roll_months: 3 }
    }
}

impl Study {
    /// A study of each product.
    pub fn of_each(pool: &StaticPool, ways: &Ways) -> Vec<Study> {
        let product = |product: &&str| Study::new(pool.of_product(product), product, ways);
        pool.products().iter().map(product).collect()
    }

    fn new(pool: StaticPool, product: &str, ways: &Ways) -> Study {
        let by_vintage = pool.form != Form::Dynamic;
        let triangle = Triangle::of_defaults(&pool).filter(|_| by_vintage);
        let ladder = triangle.map(|triangle| Ladder::new(triangle, &ways.method));
        let base = ladder.as_ref().and_then(|ladder| BaseCase::new(&pool, ladder, &ways.terms));
        let back_test = ladder.as_ref().map(|ladder| ladder.back_test(ways.back_test));
        Study {
            product: product.to_string(),
            back_test: back_test.filter(|test| !test.rows.is_empty()),
            rolls: RollRates::of(&pool, ways.roll_months),
            curves: Curves::of(&pool, ladder.as_ref(), base.as_ref()),
            ladder,
            base,
            pool,
        }
    }

    /// What somebody should know: links of the ladder that no vintage states (V0120), more in a
    /// bucket than could have rolled there (V0140).
    pub fn findings(&self) -> Vec<Finding> {
        let links = self.ladder.as_ref().map(|ladder| self.unknown_links(ladder));
        let rolls = self.rolls.iter().flat_map(|rolls| &rolls.rolls);
        let above = rolls.filter_map(|roll| Some((roll, roll.mean.filter(|mean| *mean > 1.0)?)));
        let above = above.map(|(roll, mean)| {
            let finding = Finding::new("V0140", Origin::file(&self.pool.file));
            let finding = finding.with("from", roll.from.name()).with("to", roll.to.name());
            let product = match self.product.as_str() {
                "" => String::new(),
                product => format!("{product}: "),
            };
            finding.with("mean", format!("{:.2} %", 100.0 * mean)).with("product", product)
        });
        links.into_iter().flatten().chain(above).collect()
    }

    fn unknown_links(&self, ladder: &Ladder) -> Vec<Finding> {
        let mobs = &ladder.triangle.mobs;
        let unknown = ladder.links.iter().enumerate().filter(|(_, link)| link.is_none());
        let finding = |(place, _)| {
            let finding = Finding::new("V0120", Origin::file(&self.pool.file));
            finding.with("from", mobs[place]).with("to", mobs[place + 1])
        };
        unknown.map(finding).collect()
    }
}
