//! The largest few of many sums that only grow.

/// The largest sums, kept while sums grow, so that nobody looks through all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Top {
    many: usize,
    /// Sums with their groups, the largest first.
    largest: Vec<(i64, u32)>,
    sum: i64,
}

impl Top {
    /// The largest so many of no sums yet.
    pub(super) fn of(many: usize) -> Top {
        Top { many, ..Top::default() }
    }

    /// Forgets all sums.
    pub(super) fn clear(&mut self) {
        self.largest.clear();
        self.sum = 0;
    }

    /// What the largest sum to when a group's sum grows from `before` to `after`.
    pub(super) fn when_grown(&self, group: u32, before: i64, after: i64) -> i64 {
        if self.place(group, before).is_some() {
            return self.sum - before + after;
        }
        let least = match self.largest.last() {
            Some((least, _)) if self.largest.len() >= self.many => *least,
            Some(_) | None => 0,
        };
        self.sum + if self.many == 0 { 0 } else { (after - least).max(0) }
    }

    /// A group's sum grows from `before` to `after`. How many entries that moved.
    pub(super) fn grow(&mut self, group: u32, before: i64, after: i64) -> usize {
        if self.many == 0 {
            return 0;
        }
        match self.place(group, before) {
            Some(place) => {
                self.largest.remove(place);
                self.sum -= before;
            }
            None if self.largest.len() < self.many => {}
            None => match self.largest.last() {
                Some((least, _)) if *least < after => {
                    self.sum -= *least;
                    self.largest.pop();
                }
                Some(_) | None => return 0,
            },
        }
        let place = self.largest.partition_point(|(sum, _)| *sum >= after);
        self.largest.insert(place, (after, group));
        self.sum += after;
        self.largest.len() - place
    }

    /// Where a group stands, by its sum.
    fn place(&self, group: u32, sum: i64) -> Option<usize> {
        let first = self.largest.partition_point(|(other, _)| *other > sum);
        let equal = self.largest[first..].iter().take_while(|(other, _)| *other == sum);
        let place = equal.map(|(_, other)| *other).position(|other| other == group)?;
        Some(first + place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::Pcg64Mcg;
    use rand_pcg::rand_core::SeedableRng;

    use crate::portfolio::draw::below;

    /// Against a sort of all sums after each step, small sums so that many are equal.
    #[test]
    fn the_largest_are_those_of_a_sort() {
        let mut random = Pcg64Mcg::seed_from_u64(1);
        for many in [0, 1, 3, 10, 50] {
            let (mut top, mut sums) = (Top::of(many), [0_i64; 20]);
            for _ in 0..500 {
                let group = u32::try_from(below(&mut random, 20)).expect("a group");
                let more = i64::try_from(below(&mut random, 4)).expect("little");
                let place = usize::try_from(group).expect("a group");
                let (before, after) = (sums[place], sums[place] + more);
                sums[place] = after;
                let mut sorted = sums;
                sorted.sort_unstable_by(|a, b| b.cmp(a));
                let largest: i64 = sorted.iter().take(many).sum();
                assert_eq!(top.when_grown(group, before, after), largest, "{many}");
                top.grow(group, before, after);
                assert_eq!(top.sum, largest, "{many}");
            }
        }
    }
}
