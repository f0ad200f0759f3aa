//! A synthetic tape row by row, in bounded memory, with wrong rows planted on request.
//!
//! The same marginals, seed and number of rows give the same tape on every machine.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, Months, NaiveDate};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use super::planted::{KINDS, Kind, Planted};
use super::spec::{ProductSpec, Spec};
use super::{Random, on_day};
use crate::money::Amount;
use crate::plan::contract_schedule;
use crate::pool::{ContractRate, ProductTerms, RatePeriod, Receivable, RowOrigin};
use crate::time::due_date;

/// The headers of a synthetic tape, in the order of [`Line::cells`].
pub const HEADERS: [&str; 23] = [
    "借据号",
    "客户号",
    "产品名称",
    "还款方式",
    "放款日",
    "首期应还日",
    "到期日",
    "还款日",
    "初始本金(元)",
    "未偿本金余额(元)",
    "总期数",
    "已还期数",
    "利率(%)",
    "利率类型",
    "逾期天数",
    "资产状态",
    "是否质押",
    "省份",
    "消费场景",
    "评分等级",
    "年龄",
    "授信额度",
    "已用额度",
];

/// What a column of a synthetic tape holds, for formats whose columns have types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text as it is.
    Text,
    /// A day.
    Date,
    /// Money in the major unit, with two decimals.
    Money,
    /// A whole number.
    Count,
    /// A rate in percent, with up to ten decimals.
    Rate,
}

impl ColumnKind {
    /// The kind of the column under one of the [`HEADERS`], as long as no error is planted in it.
    pub fn of(header: &str) -> ColumnKind {
        match header {
            "放款日" | "首期应还日" | "到期日" => ColumnKind::Date,
            "初始本金(元)" | "未偿本金余额(元)" => ColumnKind::Money,
            "还款日" | "总期数" | "已还期数" | "逾期天数" | "年龄" | "授信额度" | "已用额度" => {
                ColumnKind::Count
            }
            "利率(%)" => ColumnKind::Rate,
            _ => ColumnKind::Text,
        }
    }
}

/// One row of a synthetic tape.
#[derive(Clone, Debug)]
pub struct Line {
    /// The row in the file, from 2.
    pub row: u32,
    /// What it was meant to be: all figures of the answers are of this.
    pub meant: Meant,
    /// The texts, by [`HEADERS`]; with an error they are not what was meant.
    pub cells: Vec<String>,
    /// The error, when one was planted.
    pub planted: Option<Planted>,
}

/// What a row means.
#[derive(Clone, Debug)]
pub struct Meant {
    /// 借据号.
    pub id: String,
    /// 产品名称.
    pub product: String,
    /// 初始本金.
    pub original: Amount,
    /// 未偿本金余额.
    pub outstanding: Amount,
    /// 总期数.
    pub term: u16,
    /// 资产状态.
    pub status: String,
    /// 省份.
    pub region: String,
    /// 消费场景.
    pub scene: String,
    /// 评分等级.
    pub grade: String,
    /// 放款日.
    pub origination: NaiveDate,
}

/// A synthetic tape while it is written.
#[derive(Debug)]
pub struct Lines<'s> {
    spec: &'s Spec,
    random: Random,
    cutoff: NaiveDate,
    rows: u32,
    next: u32,
    errors: BTreeSet<u32>,
    /// Errors whose row was not paid as agreed, to be planted further down.
    due: u32,
    error: usize,
    /// Whether the row above is wrong.
    after_error: bool,
    former: String,
}

impl<'s> Lines<'s> {
    /// `rows` rows at a cut-off date, of which `errors` are wrong; at most every third row is, and
    /// only rows that are paid as agreed: in the place of others a later one.
    pub fn new(
        spec: &'s Spec,
        (seed, rows): (u64, u32),
        cutoff: NaiveDate,
        errors: u32,
    ) -> Lines<'s> {
        let mut of_errors = Random(Pcg64Mcg::seed_from_u64(seed ^ 0x5EED_E44A));
        let mut places = BTreeSet::new();
        let most = errors.min(rows / 3);
        // Between two wrong rows stands a right one, and the first row is right.
        for place in 0..u64::from(most) {
            let (from, to) = (u64::from(rows) * place, u64::from(rows) * (place + 1));
            let (from, to) = (from / u64::from(most), to / u64::from(most));
            let row = from + 1 + of_errors.below((to - from - 2).max(1));
            places.insert(u32::try_from(row).expect("a row of the tape"));
        }
        Lines {
            spec,
            random: Random(Pcg64Mcg::seed_from_u64(seed)),
            cutoff,
            rows,
            next: 0,
            errors: places,
            due: 0,
            error: 0,
            after_error: false,
            former: String::new(),
        }
    }

    /// The next kind of error, each in turn, where the row at hand takes one.
    fn kind(&mut self, as_agreed: bool) -> Option<Kind> {
        self.due += u32::from(self.errors.contains(&self.next));
        let is_wrong = self.due > 0 && as_agreed && !self.after_error;
        self.after_error = is_wrong;
        if !is_wrong {
            return None;
        }
        self.due -= 1;
        self.error += 1;
        Some(KINDS[(self.error - 1) % KINDS.len()])
    }

    /// The next row as it is meant, and whether it is paid as agreed.
    fn line(&mut self) -> (Line, bool) {
        let spec = self.spec;
        let product = spec.products.pick(&mut self.random);
        let term = *product.terms.pick(&mut self.random);
        let principal = self.random.between(product.least, product.most);
        let (rate, percent) = product.rates.pick(&mut self.random).clone();
        let origination = self.origination(term);
        let day = u8::try_from(origination.day()).expect("a day of a month");
        let first_due = on_day(
            origination.with_day(1).expect("every month has a first day") + Months::new(1),
            day,
        );
        let due = |k: u16| due_date(first_due, day, u32::from(k));
        let fallen =
            (0..term).take_while(|k| due(*k) <= self.cutoff).count().min(usize::from(term) - 1);
        let fallen = u16::try_from(fallen).expect("terms are short");
        let late = self.random.below(1000) < spec.behind_per_mille;
        let missed = 1 + u16::try_from(self.random.below(3)).expect("below three");
        let behind = if late { missed.min(fallen) } else { 0 };
        let paid = fallen - behind;
        let days = (self.cutoff - due(paid)).num_days().max(0);
        let receivable = Receivable {
            id: String::new().into(),
            origin: RowOrigin::default(),
            method: product.method,
            original_principal: Amount::from_minor(principal),
            outstanding_principal: Amount::from_minor(principal),
            instalments: term,
            paid_instalments: paid,
            rate: ContractRate { rate, per: product.per },
            origination,
            first_due,
            due_day: day,
            instalment: None,
            past_due_days: None,
            in_default: None,
            product: 0,
            given: None,
            own_cutoff: None,
            is_rep_line: false,
        };
        let outstanding = contract_schedule(&receivable, &ProductTerms::default())
            .iter()
            .filter(|line| line.number > paid)
            .map(|line| line.principal)
            .sum();
        let status = match days {
            0 => "正常".to_string(),
            days => format!("M{}", (days + 29) / 30),
        };
        let meant = Meant {
            id: format!("JD{:04}{:09}", self.cutoff.year(), self.next + 1),
            product: product.name.clone(),
            original: receivable.original_principal,
            outstanding,
            term,
            status,
            region: spec.regions.pick(&mut self.random).clone(),
            scene: spec.scenes.pick(&mut self.random).clone(),
            grade: spec.grades.pick(&mut self.random).clone(),
            origination,
        };
        let dates = Dates { first_due, last_due: due(term - 1), days, paid };
        let cells = self.cells(&meant, product, &percent, &dates);
        (Line { row: self.next + 2, meant, cells, planted: None }, behind == 0)
    }

    /// A day of origination after which the term is not over, as often as the season says.
    fn origination(&mut self, term: u16) -> NaiveDate {
        let first = self.cutoff.with_day(1).expect("every month has a first day");
        let oldest = self.spec.months.min(u32::from(term) - 1);
        let month = |back: u32| first - Months::new(back);
        let weight = |back: u32| self.spec.season[month(back).month0() as usize];
        let total = (0..=oldest).map(weight).sum();
        let mut ticket = self.random.below(total);
        let back = (0..=oldest)
            .find(|back| match ticket.checked_sub(weight(*back)) {
                Some(rest) => {
                    ticket = rest;
                    false
                }
                None => true,
            })
            .expect("the weights sum to the total");
        let month = month(back);
        let last = if back == 0 { self.cutoff.day() } else { super::days_of(month) };
        month + Days::new(self.random.below(u64::from(last)))
    }

    fn cells(
        &mut self,
        meant: &Meant,
        product: &ProductSpec,
        percent: &str,
        dates: &Dates,
    ) -> Vec<String> {
        let per = match product.per {
            RatePeriod::Year => "年利率",
            RatePeriod::Instalment => "月费率",
            RatePeriod::Day => "日利率",
        };
        let customers = u64::from(self.rows) * 4 / 5 + 1;
        let limit = (meant.original.minor() / 100_000 + 1) * (1 + self.small(5)) * 1000;
        let used = meant.outstanding.minor() / 100 + 1;
        let used = used + self.small(u64::try_from(limit - used).unwrap_or(0) + 1);
        vec![
            meant.id.clone(),
            format!("U{:08}", self.random.below(customers)),
            meant.product.clone(),
            product.word.clone(),
            meant.origination.to_string(),
            dates.first_due.to_string(),
            dates.last_due.to_string(),
            meant.origination.day().to_string(),
            meant.original.to_string(),
            meant.outstanding.to_string(),
            meant.term.to_string(),
            dates.paid.to_string(),
            percent.to_string(),
            per.to_string(),
            dates.days.to_string(),
            meant.status.clone(),
            "否".to_string(),
            meant.region.clone(),
            meant.scene.clone(),
            meant.grade.clone(),
            (18 + self.random.below(42)).to_string(),
            limit.to_string(),
            used.to_string(),
        ]
    }

    fn small(&mut self, bound: u64) -> i64 {
        i64::try_from(self.random.below(bound.max(1))).expect("bounds are small")
    }
}

/// What a row says of its instalments.
struct Dates {
    first_due: NaiveDate,
    last_due: NaiveDate,
    days: i64,
    paid: u16,
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.next >= self.rows {
            return None;
        }
        let (mut line, as_agreed) = self.line();
        if let Some(kind) = self.kind(as_agreed) {
            line.planted = Some(kind.plant(&mut line.cells, (line.row, self.cutoff), &self.former));
        }
        self.former.clone_from(&line.cells[0]);
        self.next += 1;
        Some(line)
    }
}
