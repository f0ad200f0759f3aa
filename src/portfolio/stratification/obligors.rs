//! The receivables looked at, obligor by obligor.

use super::{Facts, wide};
use crate::pool::Attribute;

/// The facts in the order of their obligors; nothing in it when the tape has no obligors.
#[derive(Default)]
pub(super) struct Obligors {
    /// Places among the facts, obligor by obligor.
    pub(super) order: Vec<u32>,
    /// The obligor of each of these, ascending.
    pub(super) of: Vec<u32>,
    /// Whether each of the facts is the only one of its obligor.
    pub(super) alone: Vec<bool>,
    /// Those of obligors with several, obligor by obligor, each with its obligor.
    pub(super) shared: Vec<(u32, u32)>,
    /// Different obligors; `None` when the tape has none.
    pub(super) count: Option<usize>,
}

impl Obligors {
    pub(super) fn of(facts: &Facts) -> Obligors {
        let (order, of) = match facts.pool.attributes.get("obligor_id") {
            Some(attribute) => by_code(attribute, &facts.places),
            None => (Vec::new(), Vec::new()),
        };
        let mut alone = vec![false; facts.places.len()];
        let (mut shared, mut count) = (Vec::new(), 0);
        let mut start = 0;
        for of_one in of.chunk_by(|a, b| a == b) {
            let indices = &order[start..start + of_one.len()];
            start += of_one.len();
            count += 1;
            match indices {
                [only] => alone[wide(*only)] = true,
                several => shared.extend(several.iter().map(|index| (*index, of_one[0]))),
            }
        }
        let count = (count > 0 || facts.places.is_empty()).then_some(count);
        Obligors { order, of, alone, shared, count }
    }
}

/// The facts ordered by the codes of a text column, equal ones in the order of the tape, and these
/// codes: a sort by counting.
fn by_code(attribute: &Attribute, chosen: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let code = |place: &u32| attribute.codes[wide(*place)];
    let mut starts = vec![0_u32; attribute.values.len() + 1];
    chosen.iter().for_each(|place| starts[wide(code(place)) + 1] += 1);
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let (mut order, mut codes) = (vec![0; chosen.len()], vec![0; chosen.len()]);
    for (index, place) in (0..).zip(chosen) {
        let start = &mut starts[wide(code(place))];
        (order[wide(*start)], codes[wide(*start)]) = (index, code(place));
        *start += 1;
    }
    (order, codes)
}
