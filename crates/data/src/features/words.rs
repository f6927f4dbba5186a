//! Words as ids.

use std::collections::BTreeMap;

/// Words and their numbers, in the order of the alphabet.
pub fn numbered(words: impl Iterator<Item = String>) -> BTreeMap<String, u32> {
    let mut numbers: BTreeMap<String, u32> = words.map(|word| (word, 0)).collect();
    for (at, number) in (0..).zip(numbers.values_mut()) {
        *number = at;
    }
    numbers
}

/// The words by their numbers.
pub fn in_order(numbers: BTreeMap<String, u32>) -> Vec<String> {
    let mut words: Vec<(u32, String)> = numbers
        .into_iter()
        .map(|(word, number)| (number, word))
        .collect();
    words.sort_unstable();
    words.into_iter().map(|(_, word)| word).collect()
}
