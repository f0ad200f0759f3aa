//! The marginals of a synthetic tape: products, terms, rates, seasons, regions, from a TOML file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Random;
use crate::money::Rate;
use crate::pool::{Method, RatePeriod};

/// The built-in marginals by name.
const BUILT_IN: [(&str, &str); 3] = [
    ("baitiao", include_str!("../../templates/synth/baitiao.toml")),
    ("jintiao", include_str!("../../templates/synth/jintiao.toml")),
    ("auto", include_str!("../../templates/synth/auto.toml")),
];

/// Why a file of marginals cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// It is no TOML, or has keys that are not known.
    #[error("{0}")]
    Form(String),
    /// A value cannot be: the key and what it must be.
    #[error("`{key}` = {value}: {expected}")]
    Value {
        /// The key.
        key: String,
        /// Its value.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// Choices with whole weights.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighted<T> {
    choices: Vec<(T, u64)>,
    total: u64,
}

impl<T> Weighted<T> {
    fn new(key: &str, choices: Vec<(T, u64)>) -> Result<Weighted<T>, SpecError> {
        let sum = choices.iter().try_fold(0_u64, |sum, (_, weight)| sum.checked_add(*weight));
        match sum.filter(|sum| (1..=1 << 40).contains(sum)) {
            Some(total) => Ok(Weighted { choices, total }),
            None => Err(value(key, "", "weights are whole numbers, not all of them zero")),
        }
    }

    /// One of the choices, as often as its weight says.
    pub(super) fn pick(&self, random: &mut Random) -> &T {
        let mut ticket = random.below(self.total);
        for (choice, weight) in &self.choices {
            if ticket < *weight {
                return choice;
            }
            ticket -= weight;
        }
        unreachable!("the weights sum to the total")
    }
}

/// A product with its marginals.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ProductSpec {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) word: String,
    pub(super) terms: Weighted<u16>,
    /// Rates with their percent as it was written.
    pub(super) rates: Weighted<(Rate, String)>,
    pub(super) per: RatePeriod,
    /// Principal in minor units.
    pub(super) least: u64,
    pub(super) most: u64,
}

/// What a synthetic tape is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub(super) months: u32,
    pub(super) behind_per_mille: u64,
    /// Weights of the calendar months, January first.
    pub(super) season: [u64; 12],
    pub(super) products: Weighted<ProductSpec>,
    pub(super) regions: Weighted<String>,
    pub(super) scenes: Weighted<String>,
    pub(super) grades: Weighted<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    months: u32,
    behind_per_mille: u64,
    season: BTreeMap<String, u64>,
    product: Vec<ProductFile>,
    weights: WeightsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeightsFile {
    region: BTreeMap<String, u64>,
    scene: BTreeMap<String, u64>,
    grade: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductFile {
    name: String,
    method: String,
    weight: u64,
    least: u64,
    most: u64,
    per: String,
    terms: BTreeMap<String, u64>,
    rates: BTreeMap<String, u64>,
}

impl Spec {
    /// The marginals that come with the program: `baitiao`, `jintiao`, `auto`.
    ///
    /// # Panics
    ///
    /// When a file of the program itself is wrong, which a test rules out.
    pub fn built_in(name: &str) -> Option<Spec> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Spec::from_toml(text).expect("built-in marginals are right"))
    }

    /// The marginals of a file.
    ///
    /// # Errors
    ///
    /// When it is not well formed, a key is unknown, or a value cannot be.
    pub fn from_toml(text: &str) -> Result<Spec, SpecError> {
        let file: File =
            toml::from_str(text).map_err(|error| SpecError::Form(error.to_string()))?;
        if file.months > 240 {
            return Err(value("months", file.months, "at most 240"));
        }
        if file.behind_per_mille > 1000 {
            return Err(value("behind_per_mille", file.behind_per_mille, "at most 1000"));
        }
        let mut season = [0; 12];
        for (month, weight) in &file.season {
            let place = month.parse::<usize>().ok().filter(|month| (1..=12).contains(month));
            let Some(place) = place.filter(|_| *weight <= 1 << 30) else {
                return Err(value("season", month, "months are 1 to 12"));
            };
            season[place - 1] = *weight;
        }
        if season.contains(&0) {
            return Err(value("season", "", "every month has a weight above zero"));
        }
        let mut products = Vec::new();
        for product in file.product {
            let weight = product.weight;
            products.push((product.checked()?, weight));
        }
        let named = |key: &str, weights: BTreeMap<String, u64>| {
            let plain = |name: &str| !name.contains([',', '"', '\n', '\r']);
            match weights.keys().find(|name| !plain(name)) {
                Some(name) => Err(value(key, name, "a name without commas and quotes")),
                None => Weighted::new(key, weights.into_iter().collect()),
            }
        };
        Ok(Spec {
            months: file.months,
            behind_per_mille: file.behind_per_mille,
            season,
            products: Weighted::new("product", products)?,
            regions: named("weights.region", file.weights.region)?,
            scenes: named("weights.scene", file.weights.scene)?,
            grades: named("weights.grade", file.weights.grade)?,
        })
    }

    /// The same with every month alike.
    #[must_use]
    pub fn without_season(self) -> Spec {
        Spec { season: [1; 12], ..self }
    }
}

impl ProductFile {
    fn checked(self) -> Result<ProductSpec, SpecError> {
        let method = Method::from_text(&self.method)
            .filter(|method| ![Method::Given, Method::Revolving].contains(method));
        let Some(method) = method else {
            return Err(value("product.method", self.method, "a known method other than `given`"));
        };
        let per = match self.per.as_str() {
            "year" => RatePeriod::Year,
            "instalment" => RatePeriod::Instalment,
            "day" => RatePeriod::Day,
            _ => return Err(value("product.per", self.per, "year, instalment or day")),
        };
        if self.name.contains([',', '"', '\n', '\r']) {
            return Err(value("product.name", self.name, "a name without commas and quotes"));
        }
        if self.least == 0 || self.least > self.most || self.most > 100_000_000 {
            return Err(value("product.least", self.least, "above zero, at most `most`"));
        }
        let mut terms = Vec::new();
        for (term, weight) in self.terms {
            let months = term.parse::<u16>().ok().filter(|term| (1..=360).contains(term));
            let fits = months.filter(|term| method != Method::Bill || *term == 1);
            let expected = "1 to 360 instalments, 1 for a bill";
            terms.push((fits.ok_or_else(|| value("product.terms", &term, expected))?, weight));
        }
        let mut rates = Vec::new();
        for (rate, weight) in self.rates {
            let number = format!("{rate} %").parse::<Rate>().ok();
            let number = number.filter(|rate| (Rate::ZERO..Rate::ONE).contains(rate));
            let number = number
                .ok_or_else(|| value("product.rates", &rate, "a percent from 0 to below 100"))?;
            rates.push(((number, rate), weight));
        }
        Ok(ProductSpec {
            name: self.name,
            method,
            word: self.method,
            terms: Weighted::new("product.terms", terms)?,
            rates: Weighted::new("product.rates", rates)?,
            per,
            least: self.least * 100,
            most: self.most * 100,
        })
    }
}

fn value(key: &str, value: impl ToString, expected: &'static str) -> SpecError {
    SpecError::Value { key: key.to_string(), value: value.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_marginals_are_right_and_wrong_ones_are_refused() {
        for (name, text) in BUILT_IN {
            assert!(Spec::built_in(name).is_some(), "{name}");
            assert!(Spec::from_toml(&text.replacen("weight = ", "wait = ", 1)).is_err());
        }
        let text = BUILT_IN[0].1;
        for (from, to) in [
            ("6 = 190", "13 = 190"),
            ("6 = 190", "6 = 0"),
            ("等本等费", "随意"),
            ("least = 200 ", "least = 20000 "),
            ("\"0.5\" = 20", "\"x\" = 20"),
            ("A = 30", "\"A,B\" = 30"),
        ] {
            assert!(text.contains(from), "{from}");
            let wrong = Spec::from_toml(&text.replacen(from, to, 1));
            assert!(matches!(wrong, Err(SpecError::Value { .. })), "{to}: {wrong:?}");
        }
    }
}
