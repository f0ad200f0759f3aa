//! The bucket of every receivable.

use rayon::prelude::*;

use super::{Cut, Dimension, Facts, wide};
use crate::config::{Text, in_chinese};
use crate::portfolio::characteristic::Kind;
use crate::portfolio::column::{Column, Figure};
use crate::portfolio::groups::Groups;

/// The buckets of a dimension in the order of a report, and the bucket of each receivable.
pub(super) struct Buckets {
    /// What they are called.
    pub(super) labels: Vec<Text>,
    /// Which of them holds what is missing.
    pub(super) missing: usize,
    /// For each receivable of the facts its bucket.
    pub(super) codes: Vec<u16>,
}

/// More buckets than this are no distribution; the smallest go together.
const MOST: usize = 1_000;

impl Buckets {
    pub(super) fn of(dimension: &Dimension, column: &Column, facts: &Facts) -> Buckets {
        match &dimension.cut {
            Cut::Edges { edges, zero } => Buckets::between(edges, *zero, column, facts),
            Cut::Each { most } => Buckets::each(most.unwrap_or(MOST).min(MOST), column, facts),
        }
    }

    /// (a, b] between edges: below the first, zero where it stands alone, the buckets, above the
    /// last, missing.
    fn between(edges: &[i64], zero: bool, column: &Column, facts: &Facts) -> Buckets {
        let inner = edges.len().saturating_sub(1);
        let (below, zeroes, first) = (0, 1, 2);
        let (above, missing) = (first + inner, first + inner + 1);
        let bucket = |place: &u32| {
            let Some(parts) = column.parts(wide(*place), facts.at) else { return missing };
            if zero && parts == 0 {
                return zeroes;
            }
            match edges.partition_point(|edge| *edge < parts) {
                0 if edges.first() == Some(&parts) && inner > 0 => first,
                0 if edges.first() == Some(&parts) => above,
                0 => below,
                after if after > inner => above,
                after => first + after - 1,
            }
        };
        let codes = facts.places.par_iter().map(|place| narrow(bucket(place))).collect();
        let figure = |parts: i64| Figure { kind: column.kind(), parts };
        let mut labels = vec![Text::default(); missing + 1];
        if let (Some(least), Some(most)) = (edges.first(), edges.last()) {
            labels[below] = Text::same(format!("< {}", figure(*least)));
            labels[zeroes] = Text::same(figure(0).to_string());
            for (place, pair) in edges.windows(2).enumerate() {
                let open = if place == 0 && !(zero && pair[0] == 0) { '[' } else { '(' };
                let label = format!("{open}{}, {}]", figure(pair[0]), figure(pair[1]));
                labels[first + place] = Text::same(label);
            }
            labels[above] = Text::same(format!("> {}", figure(*most)));
        }
        labels[missing] = nothing();
        Buckets { labels, missing, codes }.without_empty_ends(inner)
    }

    /// The outer buckets are shown when somebody is in them.
    fn without_empty_ends(mut self, inner: usize) -> Buckets {
        let outer = [0, 1, 2 + inner];
        let mut used = vec![false; self.labels.len()];
        self.codes.iter().for_each(|code| used[usize::from(*code)] = true);
        let keep: Vec<usize> =
            (0..self.labels.len()).filter(|place| !outer.contains(place) || used[*place]).collect();
        self.reorder(&keep);
        self
    }

    /// Keeps those buckets in that order; receivables of others must not be there.
    fn reorder(&mut self, keep: &[usize]) {
        let mut now = vec![u16::MAX; self.labels.len()];
        keep.iter().enumerate().for_each(|(place, old)| now[*old] = narrow(place));
        self.labels = keep.iter().map(|old| self.labels[*old].clone()).collect();
        self.missing = usize::from(now[self.missing]);
        self.codes.par_iter_mut().for_each(|code| *code = now[usize::from(*code)]);
    }

    /// A bucket for each value: figures ascending, texts by their order, or the largest first when
    /// there are too many of them.
    fn each(most: usize, column: &Column, facts: &Facts) -> Buckets {
        let groups = Groups::of(column, facts.at);
        let mut sums = vec![(0_i64, false); groups.len()];
        for (place, balance) in facts.places.iter().zip(&facts.balances) {
            let sum = &mut sums[groups.place(wide(*place))];
            *sum = (sum.0 + balance, true);
        }
        let named = |group: &usize| sums[*group].1 && !groups.labels[*group].is_empty();
        let mut shown: Vec<usize> = (0..groups.len()).filter(named).collect();
        let others = shown.len() > most;
        if others {
            shown.sort_by_key(|group| (std::cmp::Reverse(sums[*group].0), *group));
            shown.truncate(most);
        } else if column.texts().is_none() && column.kind() == Kind::Text {
            shown.sort_by(|a, b| groups.labels[*a].cmp(&groups.labels[*b]));
        }
        let rest = shown.len();
        let missing = rest + usize::from(others);
        let mut bucket = vec![narrow(rest); groups.len()];
        for (group, label) in groups.labels.iter().enumerate() {
            if label.is_empty() {
                bucket[group] = narrow(missing);
            }
        }
        shown.iter().enumerate().for_each(|(place, group)| bucket[*group] = narrow(place));
        let codes = facts.places.par_iter().map(|place| bucket[groups.place(wide(*place))]);
        let codes = codes.collect();
        // Words of the tool, such as methods of repayment; texts of the tape stand as they are.
        let own = column.texts().is_none() && column.kind() == Kind::Text;
        let label = |group: &usize| match groups.labels[*group].as_str() {
            word if own => Text { zh: in_chinese(word).to_string(), en: word.replace('_', " ") },
            text => Text::same(text),
        };
        let mut labels: Vec<Text> = shown.iter().map(label).collect();
        if others {
            labels.push(Text { zh: "其他".to_string(), en: "Others".to_string() });
        }
        labels.push(nothing());
        Buckets { labels, missing, codes }
    }
}

fn nothing() -> Text {
    Text { zh: "缺失".to_string(), en: "Missing".to_string() }
}

fn narrow(place: usize) -> u16 {
    u16::try_from(place).expect("buckets are few")
}
