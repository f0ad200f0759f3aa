//! Texts as small numbers, in the order of their first appearance.

/// Gives equal texts equal numbers. Open addressing over a fixed hash: no order reaches the output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    texts: Vec<Box<str>>,
    slots: Vec<u32>,
    last: u32,
}

const FREE: u32 = u32::MAX;

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
        let slot = self.slot(text);
        if self.slots[slot] == FREE {
            self.slots[slot] =
                u32::try_from(self.texts.len()).expect("a sheet has fewer than 2^32 texts");
            self.texts.push(text.into());
        }
        self.last = self.slots[slot];
        self.last
    }

    /// The texts by number.
    pub(crate) fn texts(&self) -> &[Box<str>] {
        &self.texts
    }

    fn slot(&self, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = usize::try_from(hash(text) >> 20).expect("44 bits fit") & mask;
        while self.slots[slot] != FREE && *self.texts[self.slots[slot] as usize] != *text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(64)];
        for index in 0..self.texts.len() {
            let slot = self.slot(&self.texts[index]);
            self.slots[slot] = u32::try_from(index).expect("a sheet has fewer than 2^32 texts");
        }
    }
}

/// A fixed 64-bit hash of a text, eight bytes at a time.
pub(crate) fn hash(text: &str) -> u64 {
    const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = PRIME ^ text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(PRIME);
    }
    (state ^ (state >> 29)).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut interner = Interner::default();
        let codes: Vec<u32> = (0..5_000).map(|n| interner.code(&format!("t{}", n % 700))).collect();
        assert_eq!(interner.texts().len(), 700);
        assert!(codes.iter().enumerate().all(|(n, &code)| code as usize == n % 700));
    }
}
