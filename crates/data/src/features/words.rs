//! Words as ids.

use std::collections::BTreeMap;

/// Words and their numbers, in alphabetical order.
pub fn numbered(words: impl Iterator<Item = String>) -> BTreeMap<String, u32> {
    let mut numbers: BTreeMap<String, u32> = words.map(|word| (word, 0)).collect();
    for (at, number) in (0..).zip(numbers.values_mut()) {
        *number = at;
    }
    numbers
}

/// The words in the order of their numbers.
pub fn in_order(numbers: BTreeMap<String, u32>) -> Vec<String> {
    let mut words: Vec<(u32, String)> = numbers
        .into_iter()
        .map(|(word, number)| (number, word))
        .collect();
    words.sort_unstable();
    words.into_iter().map(|(_, word)| word).collect()
}
