//! The columns of a servicer's table, and the amounts among them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::tape::{Header, normal};

/// An amount that a servicer states of a vintage at an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Principal outstanding at the start of the month.
    BalanceBegin,
    /// Principal outstanding at its end.
    BalanceEnd,
    /// Of it, not past due.
    Normal,
    /// 1–30 days past due.
    M1,
    /// 31–60 days.
    M2,
    /// 61–90 days.
    M3,
    /// 91–120 days.
    M4,
    /// 121–150 days.
    M5,
    /// 151–180 days.
    M6,
    /// More than 180 days.
    M6Plus,
    /// Principal that defaulted in the month, before write-off and buy-back.
    NewDefault,
    /// Principal defaulted since origination.
    CumDefault,
    /// Recovered in the month from earlier defaults.
    Recovery,
    /// Recovered since origination.
    CumRecovery,
    /// Principal repaid early.
    Prepaid,
    /// Principal repaid as scheduled.
    Scheduled,
    /// Principal cancelled by returns of goods.
    Refund,
    /// Principal bought back by the originator.
    Repurchased,
    /// Principal written off.
    WrittenOff,
    /// Interest and fees collected.
    Interest,
}

impl Measure {
    /// All measures with their column names.
    pub const ALL: [(Measure, &'static str); 20] = [
        (Measure::BalanceBegin, "balance_begin"),
        (Measure::BalanceEnd, "balance_end"),
        (Measure::Normal, "normal"),
        (Measure::M1, "m1"),
        (Measure::M2, "m2"),
        (Measure::M3, "m3"),
        (Measure::M4, "m4"),
        (Measure::M5, "m5"),
        (Measure::M6, "m6"),
        (Measure::M6Plus, "m6_plus"),
        (Measure::NewDefault, "new_default"),
        (Measure::CumDefault, "cum_default"),
        (Measure::Recovery, "recovery"),
        (Measure::CumRecovery, "cum_recovery"),
        (Measure::Prepaid, "prepaid"),
        (Measure::Scheduled, "scheduled_paid"),
        (Measure::Refund, "refund"),
        (Measure::Repurchased, "repurchased"),
        (Measure::WrittenOff, "write_off"),
        (Measure::Interest, "interest"),
    ];

    /// The buckets of days past due, the mildest first.
    pub const BUCKETS: [Measure; 7] = [
        Measure::M1,
        Measure::M2,
        Measure::M3,
        Measure::M4,
        Measure::M5,
        Measure::M6,
        Measure::M6Plus,
    ];

    /// The name of its column.
    pub fn name(self) -> &'static str {
        Measure::ALL[self.index()].1
    }

    pub(super) fn index(self) -> usize {
        let place = Measure::ALL.iter().position(|(measure, _)| *measure == self);
        place.expect("every measure is listed")
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Id,
    Product,
    Vintage,
    Origination,
    OriginalAmount,
    OriginalCount,
    Mob,
    ObsDate,
    PastDueDays,
    Amount(Measure),
}

impl Column {
    /// The canonical name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Column::Id => "receivable_id",
            Column::Product => "product",
            Column::Vintage => "vintage",
            Column::Origination => "origination_date",
            Column::OriginalAmount => "original_amount",
            Column::OriginalCount => "original_count",
            Column::Mob => "mob",
            Column::ObsDate => "obs_date",
            Column::PastDueDays => "past_due_days",
            Column::Amount(measure) => measure.name(),
        }
    }

    fn of(name: &str) -> Option<Column> {
        const OTHERS: [Column; 9] = [
            Column::Id,
            Column::Product,
            Column::Vintage,
            Column::Origination,
            Column::OriginalAmount,
            Column::OriginalCount,
            Column::Mob,
            Column::ObsDate,
            Column::PastDueDays,
        ];
        let amounts = Measure::ALL.map(|(measure, _)| Column::Amount(measure));
        OTHERS.into_iter().chain(amounts).find(|column| column.name() == name)
    }

    /// The column that a header stands for.
    pub(super) fn meant_by(header: &Header) -> Option<Column> {
        header.names().iter().find_map(|name| dictionary().columns.get(name)).copied()
    }
}

/// What headers and rows of a servicer's table are called.
pub(super) struct Dictionary {
    columns: BTreeMap<String, Column>,
    totals: Vec<String>,
    mob_prefixes: Vec<String>,
    mob_suffixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    columns: BTreeMap<String, Vec<String>>,
    words: BTreeMap<String, Vec<String>>,
}

pub(super) fn dictionary() -> &'static Dictionary {
    static DICTIONARY: OnceLock<Dictionary> = OnceLock::new();
    DICTIONARY.get_or_init(|| {
        let text = include_str!("../../templates/static_pool.toml");
        let file: File = toml::from_str(text).expect("the table of aliases is well formed");
        let mut columns = BTreeMap::new();
        for (name, aliases) in &file.columns {
            let column = Column::of(name).unwrap_or_else(|| panic!("{name} is no column"));
            for alias in aliases.iter().chain([name]) {
                let former = columns.insert(normal(alias), column);
                assert!(former.is_none_or(|f| f == column), "{alias} is an alias of two columns");
            }
        }
        let words = |key: &str| file.words[key].iter().map(|word| normal(word)).collect();
        Dictionary {
            columns,
            totals: words("totals"),
            mob_prefixes: words("mob_prefixes"),
            mob_suffixes: words("mob_suffixes"),
        }
    })
}

impl Dictionary {
    /// Whether a text opens a row of sums.
    pub(super) fn is_total(&self, text: &str) -> bool {
        self.totals.contains(&normal(text))
    }

    /// The age that a heading of a matrix names: `4`, `MOB 4`, `第4期`.
    pub(super) fn mob(&self, text: &str) -> Option<u32> {
        let text = normal(text);
        let strip = |text: &str, prefixes: &[String], cut: fn(&str, &str) -> Option<String>| {
            let mut found: Vec<String> = prefixes.iter().filter_map(|p| cut(text, p)).collect();
            found.sort_by_key(String::len);
            found.into_iter().next().unwrap_or_else(|| text.to_string())
        };
        let text = strip(&text, &self.mob_prefixes, |text, prefix| {
            text.strip_prefix(prefix).map(str::to_string)
        });
        let text = strip(&text, &self.mob_suffixes, |text, suffix| {
            text.strip_suffix(suffix).map(str::to_string)
        });
        text.parse().ok().filter(|mob| *mob <= 600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_ages_are_known_by_any_spelling() {
        let column = |text: &str| Column::meant_by(&Header::new(text)).map(Column::name);
        assert_eq!(column("累计违约金额（万元）"), Some("cum_default"));
        assert_eq!(column("逾期31-60天"), Some("m2"));
        assert_eq!(column("Closing Balance"), Some("balance_end"));
        assert_eq!(column("remarks"), None);
        for text in ["4", "MOB 4", "mob4", "第4期", "4个月"] {
            assert_eq!(dictionary().mob(text), Some(4), "{text}");
        }
        assert_eq!(dictionary().mob("vintage"), None);
    }
}
