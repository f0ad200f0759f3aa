//! Synthetic tapes: consumer instalment receivables of every repayment method, from a seed, with
//! known totals. Invented for arithmetic; no real obligor, product or price.
//!
//! The same seed gives the same tape on every machine: the generator is fixed by name.

mod planted;
mod spec;
mod tape;

use chrono::{Datelike, Months, NaiveDate};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

pub use planted::Planted;
pub use spec::{Spec, SpecError};
pub use tape::{ColumnKind, HEADERS, Line, Lines, Meant};

use crate::money::{Amount, Rate, Rounding};
use crate::plan::{Instalment, contract_schedule};
use crate::pool::{
    ContractRate, GivenInstalment, Method, ProductTerms, RatePeriod, Receivable, Remainder,
    RowOrigin,
};

/// One row of a synthetic tape.
#[derive(Clone, Debug)]
pub struct Row {
    /// The receivable, with its balance by contract at the cut-off date.
    pub receivable: Receivable,
    /// 产品名称.
    pub product: &'static str,
    /// 还款方式 as tapes write it.
    pub method: &'static str,
    /// 客户号.
    pub obligor: String,
    /// 省份.
    pub region: &'static str,
    /// 评分等级.
    pub grade: &'static str,
    /// The instalments after the cut-off date, for receivables whose schedule is given.
    pub schedule: Vec<Instalment>,
}

/// A product of the catalogue.
struct Product {
    name: &'static str,
    method: Method,
    word: &'static str,
    weight: u64,
    terms: &'static [u16],
    /// Rates in 10⁻⁴ parts, chosen evenly.
    rates: &'static [i64],
    per: RatePeriod,
    rounding: Rounding,
    least: u64,
    most: u64,
}

const PRODUCTS: [Product; 8] = [
    Product {
        name: "白条分期",
        method: Method::FlatFee,
        word: "等本等费",
        weight: 34,
        terms: &[3, 6, 12, 24],
        rates: &[50, 55, 60, 65, 80, 100],
        per: RatePeriod::Instalment,
        rounding: Rounding::HalfUp,
        least: 20_000,
        most: 900_000,
    },
    Product {
        name: "白条免息",
        method: Method::FlatFee,
        word: "免息分期",
        weight: 14,
        terms: &[3, 6],
        rates: &[0],
        per: RatePeriod::Instalment,
        rounding: Rounding::Down,
        least: 30_000,
        most: 600_000,
    },
    Product {
        name: "白条30天",
        method: Method::Bill,
        word: "账单",
        weight: 8,
        terms: &[1],
        rates: &[0],
        per: RatePeriod::Instalment,
        rounding: Rounding::HalfUp,
        least: 5_000,
        most: 300_000,
    },
    Product {
        name: "金条等额本息",
        method: Method::LevelPay,
        word: "等额本息",
        weight: 22,
        terms: &[6, 12, 18],
        rates: &[900, 1200, 1500, 1800, 2040],
        per: RatePeriod::Year,
        rounding: Rounding::Up,
        least: 100_000,
        most: 5_000_000,
    },
    Product {
        name: "金条等额本金",
        method: Method::EqualPrincipal,
        word: "等额本金",
        weight: 8,
        terms: &[6, 12],
        rates: &[960, 1200, 1440],
        per: RatePeriod::Year,
        rounding: Rounding::HalfUp,
        least: 100_000,
        most: 5_000_000,
    },
    Product {
        name: "金条先息后本",
        method: Method::InterestOnly,
        word: "先息后本",
        weight: 5,
        terms: &[3, 6],
        rates: &[1000, 1260],
        per: RatePeriod::Year,
        rounding: Rounding::HalfUp,
        least: 200_000,
        most: 3_000_000,
    },
    Product {
        name: "金条随借随还",
        method: Method::Daily,
        word: "按日计息",
        weight: 6,
        terms: &[3, 6, 12],
        rates: &[3, 4, 5],
        per: RatePeriod::Day,
        rounding: Rounding::HalfUp,
        least: 50_000,
        most: 2_000_000,
    },
    Product {
        name: "定制分期",
        method: Method::Given,
        word: "按计划",
        weight: 3,
        terms: &[4, 9],
        rates: &[0],
        per: RatePeriod::Instalment,
        rounding: Rounding::HalfUp,
        least: 100_000,
        most: 1_000_000,
    },
];

const REGIONS: [&str; 10] = [
    "广东省",
    "江苏省",
    "浙江省",
    "山东省",
    "河南省",
    "四川省",
    "北京市",
    "上海市",
    "湖北省",
    "新疆维吾尔自治区",
];
const GRADES: [&str; 5] = ["A", "B", "C", "D", "E"];

/// `count` rows at a cut-off date from a seed, ascending by identifier.
pub fn rows(seed: u64, count: usize, cutoff: NaiveDate) -> Vec<Row> {
    let mut random = Random(Pcg64Mcg::seed_from_u64(seed));
    (1..=count).map(|number| row(&mut random, number, cutoff)).collect()
}

fn row(random: &mut Random, number: usize, cutoff: NaiveDate) -> Row {
    let product = random.product();
    let term = random.one_of(product.terms);
    let principal = random.between(product.least, product.most);
    let rate = random.one_of(product.rates);
    let seasoning = random.below(u64::from(term).min(12));
    // Due days 29 to 31 and leap days are there on purpose.
    let due_day = u8::try_from(1 + random.below(31)).expect("a day of a month");
    let paid = u16::try_from(seasoning).expect("terms are short");
    // The next instalment falls due in the month after the cut-off.
    let next = on_day(month_after(cutoff), due_day);
    let first_due = back(next, due_day, paid);
    let mut receivable = Receivable {
        id: format!("JD{:04}{number:08}", cutoff.year()).into(),
        origin: RowOrigin::default(),
        method: product.method,
        original_principal: Amount::from_minor(principal),
        outstanding_principal: Amount::from_minor(principal),
        instalments: term,
        paid_instalments: paid,
        rate: ContractRate { rate: Rate::from_parts(rate * 100_000_000), per: product.per },
        origination: first_due - Months::new(1),
        first_due,
        due_day,
        instalment: None,
        past_due_days: None,
        in_default: None,
        product: 0,
        given: None,
        own_cutoff: None,
        is_rep_line: false,
    };
    if product.method == Method::Given {
        receivable.given = Some(uneven(random, &receivable));
    }
    let terms = ProductTerms {
        instalment_rounding: product.rounding,
        remainder: Remainder::Last,
        ..ProductTerms::default()
    };
    let schedule: Vec<Instalment> = contract_schedule(&receivable, &terms)
        .into_iter()
        .filter(|instalment| instalment.number > paid)
        .collect();
    // A tape lists the instalments that are still due.
    receivable.given =
        receivable.given.map(|all| all.iter().filter(|line| line.number > paid).copied().collect());
    receivable.outstanding_principal = schedule.iter().map(|instalment| instalment.principal).sum();
    Row {
        receivable,
        product: product.name,
        method: product.word,
        obligor: format!("U{:07}", random.below(9_000_000)),
        region: random.one_of(&REGIONS),
        grade: GRADES[usize::try_from(random.below(5) * random.below(6) / 5).expect("below 5")],
        schedule: if product.method == Method::Given { schedule } else { Vec::new() },
    }
}

/// A schedule nobody's formula makes: a larger first part, a fee only at the start.
fn uneven(random: &mut Random, receivable: &Receivable) -> Box<[GivenInstalment]> {
    let count = i64::from(receivable.instalments);
    let principal = receivable.original_principal.minor();
    let first = principal / 4 + i64::try_from(random.below(10_000)).expect("small");
    let rest = (principal - first) / (count - 1);
    let instalments = (1..=receivable.instalments).map(|number| {
        let part = match number {
            1 => first,
            last if last == receivable.instalments => principal - first - rest * (count - 2),
            _ => rest,
        };
        GivenInstalment {
            number,
            due: crate::time::due_date(
                receivable.first_due,
                receivable.due_day,
                u32::from(number) - 1,
            ),
            principal: Amount::from_minor(part),
            interest: Amount::ZERO,
            fee: if number == 1 { Amount::from_minor(principal / 100) } else { Amount::ZERO },
        }
    });
    instalments.collect()
}

fn month_after(cutoff: NaiveDate) -> NaiveDate {
    cutoff.with_day(1).expect("every month has a first day") + Months::new(1)
}

/// The due date `instalments` months before `next`, on the same due day.
fn back(next: NaiveDate, due_day: u8, instalments: u16) -> NaiveDate {
    let month =
        next.with_day(1).expect("every month has a first day") - Months::new(instalments.into());
    on_day(month, due_day)
}

/// The due day of a month; months without it pay on their last day.
fn on_day(month: NaiveDate, due_day: u8) -> NaiveDate {
    let last = crate::time::days_in_month(month.year(), month.month());
    month.with_day(u32::from(due_day).min(last)).expect("a day of the month")
}

/// The days of a date's month.
fn days_of(date: NaiveDate) -> u32 {
    crate::time::days_in_month(date.year(), date.month())
}

#[derive(Debug)]
struct Random(Pcg64Mcg);

impl Random {
    /// A whole number below `bound`, evenly.
    fn below(&mut self, bound: u64) -> u64 {
        // The high bits of a 64 × 64 product: no bias that a tape could show.
        u64::try_from((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64)
            .expect("below bound")
    }

    /// Small amounts are common, large ones rare.
    fn between(&mut self, least: u64, most: u64) -> i64 {
        let spread = most - least;
        let shape = self.below(1_000) * self.below(1_000) / 1_000;
        i64::try_from(least + spread * shape / 1_000 + self.below(100)).expect("amounts are small")
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let place = self.below(u64::try_from(choices.len()).expect("choices are few"));
        choices[usize::try_from(place).expect("choices are few")]
    }

    fn product(&mut self) -> &'static Product {
        let total = PRODUCTS.iter().map(|product| product.weight).sum();
        let mut ticket = self.below(total);
        for product in &PRODUCTS {
            if ticket < product.weight {
                return product;
            }
            ticket -= product.weight;
        }
        unreachable!("the weights sum to the total")
    }
}
