//! What has been chosen so far, and whether one more receivable still fits.
//!
//! Shares are held against a reference amount that is not above what is chosen in the end, so that a
//! share within its cap here is within it there. A look at a candidate costs a few comparisons,
//! however many groups there are.

use super::strata::wide;
use super::top::Top;
use crate::money::Rate;
use crate::portfolio::limits::{Limits, Measure, Reader, average_scale};

/// One limit's data of every candidate, and its sums over the chosen ones.
struct Track {
    measure: Kind,
    least: Option<i64>,
    most: Option<i64>,
    data: Data,
    /// The most that sums may be by the present reference, without end where there is none: inside
    /// and outside of a condition, or of groups in the first.
    caps: [i64; 2],
    /// The sums: inside and outside of a condition, or by group.
    sums: Vec<i64>,
    /// The largest sums, where they count together.
    top: Top,
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

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is chosen.
    Chosen,
    /// It would worsen an average: it may fit when others have improved that.
    NotNow,
    /// It does not fit, and never will: sums only grow.
    Never,
}

/// The receivables chosen so far out of a list of candidates.
pub(super) struct State {
    balances: Vec<i64>,
    chosen: Vec<bool>,
    total: i64,
    target: i64,
    tracks: Vec<Track>,
    steps: u64,
}

impl State {
    /// Nothing chosen of the candidates (places of the pool).
    pub(super) fn new(limits: &Limits, candidates: &[usize], target: i64) -> State {
        let pool = limits.pool();
        let balance = |place: &usize| pool.receivables[*place].outstanding_principal.minor();
        let tracks = limits.limits().iter().enumerate().filter_map(|(number, limit)| {
            let reader = limits.reader(number)?;
            let (data, groups) = read(reader, limits, candidates);
            let measure = kind(&limit.measure);
            let many = if let Kind::TopShare(many) = measure { many } else { 0 };
            Some(Track {
                measure,
                least: limit.least,
                most: limit.most,
                data,
                caps: [i64::MAX; 2],
                sums: vec![0; groups],
                top: Top::of(many),
                drift: [0; 2],
                groups: 0,
            })
        });
        let balances = candidates.iter().map(balance).collect();
        let (chosen, tracks) = (vec![false; candidates.len()], tracks.collect());
        State { balances, chosen, total: 0, target, tracks, steps: 0 }
    }

    /// Forgets what was chosen; shares are held against `reference` from now on.
    pub(super) fn restart(&mut self, reference: i64) {
        self.chosen.iter_mut().for_each(|chosen| *chosen = false);
        self.total = 0;
        for track in &mut self.tracks {
            track.caps = track.caps_at(reference);
            track.sums.iter_mut().for_each(|sum| *sum = 0);
            track.top.clear();
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

    /// Receivables and sums looked at since the beginning.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Chooses a candidate when it fits. Averages are minded only `with_averages`: the first
    /// receivables of a portfolio are on one side of any average.
    pub(super) fn choose(&mut self, candidate: usize, with_averages: bool) -> Verdict {
        let balance = self.balances[candidate];
        self.steps += 1;
        if self.chosen[candidate] || self.total + balance > self.target {
            return Verdict::Never;
        }
        let total = self.total;
        if !self.tracks.iter().all(|track| track.has_room(candidate, balance, total)) {
            return Verdict::Never;
        }
        let keeps = |track: &Track| track.keeps_average(candidate, balance);
        if with_averages && !self.tracks.iter().all(keeps) {
            return Verdict::NotNow;
        }
        for track in &mut self.tracks {
            self.steps += track.add(candidate, balance);
        }
        self.chosen[candidate] = true;
        self.total += balance;
        Verdict::Chosen
    }
}

impl Track {
    /// The most that sums may be when shares are of `reference`. A whole number is at most a share
    /// when it is at most the share rounded down.
    fn caps_at(&self, reference: i64) -> [i64; 2] {
        let one = Rate::ONE.parts();
        let share = |share: i64| {
            let parts = i128::from(share) * i128::from(reference);
            i64::try_from(parts.div_euclid(one.into())).unwrap_or(i64::MAX)
        };
        let of_shares =
            matches!(self.measure, Kind::Share | Kind::LargestShare | Kind::TopShare(_));
        let most = self.most.map(|most| if of_shares { share(most) } else { most });
        // At least a share inside is at most the rest outside.
        let least = self.least.filter(|_| self.measure == Kind::Share);
        let outside = least.map(|least| share(one - least));
        [most, outside].map(|cap| cap.unwrap_or(i64::MAX))
    }

    /// Whether the sums have room for a candidate.
    fn has_room(&self, candidate: usize, balance: i64, total: i64) -> bool {
        match &self.data {
            Data::Inside(inside) => {
                let side = usize::from(!inside[candidate]);
                self.sums[side] + balance <= self.caps[side]
            }
            Data::Group(groups) => {
                let group = groups[candidate];
                let before = self.sums[wide(group)];
                let after = before + balance;
                let cap = self.caps[0];
                match self.measure {
                    Kind::LargestShare | Kind::LargestAmount => after <= cap,
                    Kind::TopShare(_) => self.top.when_grown(group, before, after) <= cap,
                    Kind::Groups => before > 0 || balance == 0 || self.groups < cap,
                    Kind::Share | Kind::Amount | Kind::Average | Kind::Total => true,
                }
            }
            Data::Figure(_) => true,
            Data::Nothing => total + balance <= self.caps[0],
        }
    }

    /// Whether an average stays on its side, or comes nearer to it.
    fn keeps_average(&self, candidate: usize, balance: i64) -> bool {
        let Data::Figure(figures) = &self.data else { return true };
        let Some(parts) = figures[candidate] else { return true };
        let change = |limit: i64| i128::from(balance) * (i128::from(parts) - i128::from(limit));
        let above = self.most.map(&change);
        let below = self.least.map(|least| -change(least));
        let holds = |change: Option<i128>, drift: i128| {
            change.is_none_or(|change| change <= 0 || drift + change <= 0)
        };
        holds(above, self.drift[0]) && holds(below, self.drift[1])
    }

    /// Takes a candidate into the sums. How many of them were looked at.
    fn add(&mut self, candidate: usize, balance: i64) -> u64 {
        match &self.data {
            Data::Inside(inside) => self.sums[usize::from(!inside[candidate])] += balance,
            Data::Group(groups) => {
                let group = groups[candidate];
                let sum = &mut self.sums[wide(group)];
                let before = *sum;
                *sum += balance;
                self.groups += i64::from(before == 0 && balance > 0);
                let moved = self.top.grow(group, before, *sum);
                return 1 + u64::try_from(moved).expect("groups are few");
            }
            Data::Figure(figures) => {
                let Some(parts) = figures[candidate].map(i128::from) else { return 1 };
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
        1
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
