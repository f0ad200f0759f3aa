//! Texts as small numbers, in the order of their first appearance.

use std::borrow::Cow;

/// Gives equal texts equal numbers. Open addressing over a fixed hash: no order reaches the output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    texts: Vec<Box<str>>,
    slots: Vec<Slot>,
    last: u32,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    code: u32,
}

const FREE: Slot = Slot { hash: 0, code: u32::MAX };

impl Interner {
    /// The number of `text`, a new one when it was not seen before.
    pub(crate) fn code(&mut self, text: &str) -> u32 {
        // Neighbours in a tape are often equal.
        if self.texts.get(self.last as usize).is_some_and(|last| **last == *text) {
            return self.last;
        }
        if self.texts.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = u32::try_from(hash(text) >> 32).expect("32 bits fit");
        let is_same = |slot: Slot| slot.hash == hash && *self.texts[slot.code as usize] == *text;
        let slot = self.slot(hash, is_same);
        if self.slots[slot].code == FREE.code {
            let code = u32::try_from(self.texts.len()).expect("a sheet has fewer than 2^32 texts");
            self.slots[slot] = Slot { hash, code };
            self.texts.push(text.into());
        }
        self.last = self.slots[slot].code;
        self.last
    }

    /// Puts other texts in the place of those that `change` changes, once no more are added: equal
    /// ones then have several numbers.
    pub(crate) fn replace(&mut self, change: impl Fn(&str) -> Cow<'_, str>) {
        for text in &mut self.texts {
            let changed = match change(text) {
                Cow::Owned(changed) => changed,
                Cow::Borrowed(_) => continue,
            };
            *text = changed.into();
        }
    }

    /// The texts by number.
    pub(crate) fn into_texts(self) -> Vec<Box<str>> {
        self.texts
    }

    /// The first slot from the hash onwards that is free or the one sought.
    fn slot(&self, hash: u32, is_same: impl Fn(Slot) -> bool) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot].code != FREE.code && !is_same(self.slots[slot]) {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let former = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in former.into_iter().filter(|slot| slot.code != FREE.code) {
            let free = self.slot(slot.hash, |_| false);
            self.slots[free] = slot;
        }
    }
}

/// A fixed 64-bit hash of a text, eight bytes at a time.
pub(crate) fn hash(text: &str) -> u64 {
    const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(PRIME);
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let state = words
        .iter()
        .fold(PRIME ^ text.len() as u64, |state, word| mix(state, u64::from_le_bytes(*word)));
    let tail = rest.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte));
    let state = mix(state, tail);
    (state ^ (state >> 29)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut interner = Interner::default();
        let codes: Vec<u32> = (0..5_000).map(|n| interner.code(&format!("t{}", n % 700))).collect();
        assert_eq!(interner.into_texts().len(), 700);
        assert!(codes.iter().enumerate().all(|(n, &code)| code as usize == n % 700));
    }
}
