//! Distinct texts, numbered in order of first sight, in three flat vectors: no allocation per text.

use std::ops::Range;

/// Marks a free slot; not the number of any text.
const FREE: u32 = u32::MAX;

/// Contiguous texts, their ends, and an open-addressing table of their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interner {
    text: String,
    ends: Vec<u32>,
    /// Its length is a power of two, and it is at most half full; the number of a text is at or after the slot of its
    /// hash.
    slots: Vec<u32>,
}

/// Too many texts, or too much text, for 32 bits.
#[derive(Debug)]
pub struct Full;

impl Interner {
    /// The number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text with this number.
    pub fn get(&self, number: u32) -> Option<&str> {
        ((number as usize) < self.len()).then(|| &self.text[self.range(number)])
    }

    /// All texts, in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|number| &self.text[self.range(number as u32)])
    }

    /// The number of a known text.
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot(text)];
        (number != FREE).then_some(number)
    }

    /// Numbers a new text.
    ///
    /// # Errors
    ///
    /// [`Full`].
    pub fn add(&mut self, text: &str) -> Result<u32, Full> {
        debug_assert!(self.find(text.as_bytes()).is_none());
        let number = u32::try_from(self.len()).map_err(|_| Full)?;
        let end = u32::try_from(self.text.len() + text.len()).map_err(|_| Full)?;
        if number == FREE {
            return Err(Full);
        }
        self.text.push_str(text);
        self.ends.push(end);
        if self.slots.len() < 2 * self.len() {
            self.grow();
        } else {
            let slot = self.slot(text.as_bytes());
            self.slots[slot] = number;
        }
        Ok(number)
    }

    /// The number of a text, which is added if it is new.
    ///
    /// # Errors
    ///
    /// [`Full`].
    pub fn intern(&mut self, text: &str) -> Result<u32, Full> {
        match self.find(text.as_bytes()) {
            Some(number) => Ok(number),
            None => self.add(text),
        }
    }

    fn range(&self, number: u32) -> Range<usize> {
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        start as usize..self.ends[number] as usize
    }

    /// The slot of this text's number, or the free one for it. The table must not be empty.
    fn slot(&self, text: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let bytes = self.text.as_bytes();
        let mut slot = hash(text) as usize & mask;
        while self.slots[slot] != FREE && &bytes[self.range(self.slots[slot])] != text {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (4 * self.len()).next_power_of_two().max(16);
        self.slots = vec![FREE; size];
        for number in 0..self.len() as u32 {
            let mut slot = hash(&self.text.as_bytes()[self.range(number)]) as usize & (size - 1);
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = number;
        }
    }
}

/// Eight bytes at a time, multiplied and folded. Ids come from local files, so resistance to deliberate collisions is
/// not needed; speed matters, since a short text is hashed per rating.
fn hash(text: &[u8]) -> u64 {
    let mut state = text.len() as u64;
    for chunk in text.chunks(8) {
        let word = chunk
            .iter()
            .rev()
            .fold(0, |word, &byte| word << 8 | u64::from(byte));
        let product = u128::from(state ^ word ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93;
        state = (product >> 64) as u64 ^ product as u64;
    }
    state
}
