//! What has been chosen so far, and whether one more receivable still fits.
//!
//! Shares are held against a reference amount that is not above what is chosen in the end, so that a
//! share within its cap here is within it there.

use crate::money::Rate;
use crate::portfolio::limits::{Limits, Measure, Reader, average_scale};

/// One limit's data of every candidate, and its sums over the chosen ones.
struct Track {
    measure: Kind,
    least: Option<i64>,
    most: Option<i64>,
    data: Data,
    /// The sums: inside and outside of a condition, or by group.
    sums: Vec<i64>,
    /// Σ balance × (figure − limit), for averages.
    drift: [i128; 2],
    /// Different groups chosen.
    groups: i64,
}

/// The measures, without what they are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Share,
    Amount,
    LargestShare,
    LargestAmount,
    TopShare(usize),
    Groups,
    Average,
    Total,
}

enum Data {
    Inside(Vec<bool>),
    Group(Vec<u32>),
    Figure(Vec<Option<i64>>),
    Nothing,
}

/// The receivables chosen so far out of a list of candidates.
pub(super) struct State {
    balances: Vec<i64>,
    chosen: Vec<bool>,
    total: i64,
    target: i64,
    /// The amount that shares are held against.
    reference: i64,
    tracks: Vec<Track>,
}

impl State {
    /// Nothing chosen of the candidates (places of the pool).
    pub(super) fn new(limits: &Limits, candidates: &[usize], target: i64) -> State {
        let pool = limits.pool();
        let balance = |place: &usize| pool.receivables[*place].outstanding_principal.minor();
        let tracks = limits.limits().iter().enumerate().filter_map(|(number, limit)| {
            let reader = limits.reader(number)?;
            let (data, groups) = read(reader, limits, candidates);
            Some(Track {
                measure: kind(&limit.measure),
                least: limit.least,
                most: limit.most,
                data,
                sums: vec![0; groups],
                drift: [0; 2],
                groups: 0,
            })
        });
        let balances = candidates.iter().map(balance).collect();
        let (chosen, tracks) = (vec![false; candidates.len()], tracks.collect());
        State { balances, chosen, total: 0, target, reference: target, tracks }
    }

    /// Forgets what was chosen; shares are held against `reference` from now on.
    pub(super) fn restart(&mut self, reference: i64) {
        self.chosen.iter_mut().for_each(|chosen| *chosen = false);
        (self.total, self.reference) = (0, reference);
        for track in &mut self.tracks {
            track.sums.iter_mut().for_each(|sum| *sum = 0);
            (track.drift, track.groups) = ([0; 2], 0);
        }
    }

    pub(super) fn total(&self) -> i64 {
        self.total
    }

    pub(super) fn balance(&self, candidate: usize) -> i64 {
        self.balances[candidate]
    }

    pub(super) fn is_chosen(&self, candidate: usize) -> bool {
        self.chosen[candidate]
    }

    /// Chooses a candidate when it fits; whether it did. Averages are minded only `with_averages`:
    /// the first receivables of a portfolio are on one side of any average.
    pub(super) fn choose(&mut self, candidate: usize, with_averages: bool) -> bool {
        let balance = self.balances[candidate];
        if self.chosen[candidate] || self.total + balance > self.target {
            return false;
        }
        let (reference, total) = (self.reference, self.total);
        let fits =
            |track: &Track| track.admits(candidate, balance, (reference, total), with_averages);
        if !self.tracks.iter().all(fits) {
            return false;
        }
        self.tracks.iter_mut().for_each(|track| track.add(candidate, balance));
        self.chosen[candidate] = true;
        self.total += balance;
        true
    }
}

impl Track {
    fn admits(
        &self,
        candidate: usize,
        balance: i64,
        (reference, total): (i64, i64),
        with_averages: bool,
    ) -> bool {
        let within = |part: i64, share: i64| {
            let one = i128::from(Rate::ONE.parts());
            i128::from(part) * one <= i128::from(share) * i128::from(reference)
        };
        match (&self.data, self.measure) {
            (Data::Inside(inside), Kind::Share) if inside[candidate] => {
                self.most.is_none_or(|most| within(self.sums[0] + balance, most))
            }
            (Data::Inside(_), Kind::Share) => self
                .least
                .is_none_or(|least| within(self.sums[1] + balance, Rate::ONE.parts() - least)),
            (Data::Inside(inside), Kind::Amount) => {
                !inside[candidate] || self.most.is_none_or(|most| self.sums[0] + balance <= most)
            }
            (Data::Group(groups), measure) => {
                let group = usize::try_from(groups[candidate]).expect("an index");
                let sum = self.sums[group] + balance;
                match (measure, self.most) {
                    (Kind::LargestShare, Some(most)) => within(sum, most),
                    (Kind::LargestAmount, Some(most)) => sum <= most,
                    (Kind::TopShare(many), Some(most)) => within(self.top(many, group, sum), most),
                    (Kind::Groups, Some(most)) => {
                        self.sums[group] > 0 || balance == 0 || self.groups < most
                    }
                    _ => true,
                }
            }
            (Data::Figure(figures), Kind::Average) if with_averages => {
                let Some(parts) = figures[candidate] else { return true };
                let change =
                    |limit: i64| i128::from(balance) * (i128::from(parts) - i128::from(limit));
                let above = self.most.map(&change);
                let below = self.least.map(|least| -change(least));
                let holds = |change: Option<i128>, drift: i128| {
                    change.is_none_or(|change| change <= 0 || drift + change <= 0)
                };
                holds(above, self.drift[0]) && holds(below, self.drift[1])
            }
            (Data::Nothing, Kind::Total) => self.most.is_none_or(|most| total + balance <= most),
            _ => true,
        }
    }

    /// The sum of the largest groups when one of them grows.
    fn top(&self, many: usize, group: usize, grown: i64) -> i64 {
        if many > 32 || self.sums.len() <= many {
            // A sufficient condition instead of a sort for every receivable.
            return grown.saturating_mul(i64::try_from(many).unwrap_or(i64::MAX));
        }
        let mut top: Vec<i64> = Vec::with_capacity(many + 1);
        for (place, sum) in self.sums.iter().enumerate() {
            let sum = if place == group { grown } else { *sum };
            let at = top.partition_point(|other| *other >= sum);
            if at < many {
                top.insert(at, sum);
                top.truncate(many);
            }
        }
        top.iter().sum()
    }

    fn add(&mut self, candidate: usize, balance: i64) {
        match &self.data {
            Data::Inside(inside) => self.sums[usize::from(!inside[candidate])] += balance,
            Data::Group(groups) => {
                let group = usize::try_from(groups[candidate]).expect("an index");
                self.groups += i64::from(self.sums[group] == 0 && balance > 0);
                self.sums[group] += balance;
            }
            Data::Figure(figures) => {
                let Some(parts) = figures[candidate].map(i128::from) else { return };
                let balance = i128::from(balance);
                if let Some(most) = self.most {
                    self.drift[0] += balance * (parts - i128::from(most));
                }
                if let Some(least) = self.least {
                    self.drift[1] -= balance * (parts - i128::from(least));
                }
            }
            Data::Nothing => {}
        }
    }
}

fn kind(measure: &Measure) -> Kind {
    match measure {
        Measure::Share(_) => Kind::Share,
        Measure::Amount(_) => Kind::Amount,
        Measure::LargestShare(_) => Kind::LargestShare,
        Measure::LargestAmount(_) => Kind::LargestAmount,
        Measure::TopShare(_, many) => Kind::TopShare(*many),
        Measure::Groups(_) => Kind::Groups,
        Measure::Average(_) => Kind::Average,
        Measure::Total => Kind::Total,
    }
}

/// What a limit reads of each candidate, and how many sums it needs.
fn read(reader: &Reader, limits: &Limits, candidates: &[usize]) -> (Data, usize) {
    let at = limits.at();
    match reader {
        Reader::Condition(condition) => {
            let inside = candidates.iter().map(|place| condition.holds(*place, at));
            (Data::Inside(inside.collect()), 2)
        }
        Reader::Groups(groups) => {
            let codes = candidates.iter().map(|place| groups.codes[*place]);
            (Data::Group(codes.collect()), groups.len())
        }
        Reader::Figure(column) => {
            let scale = i64::try_from(average_scale(column.kind())).expect("a million");
            let figure = |place: &usize| column.parts(*place, at).map(|parts| parts * scale);
            (Data::Figure(candidates.iter().map(figure).collect()), 0)
        }
        Reader::Balance => (Data::Nothing, 0),
    }
}
