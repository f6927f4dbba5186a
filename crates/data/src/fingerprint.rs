//! Fingerprints that identify rows and ids without storing them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::IdMap;
use crate::ratings::Ratings;
use crate::row_keys::{Numbers, splitmix64};
use crate::split::Split;
use recburn_schema::{Index, ItemIx, UserIx};

/// The number of rows and a hash of their contents, in order: equal for equal data, on every platform and in every
/// version, and different for data that have grown, shrunk, changed or been sorted. Not collision-resistant against
/// deliberate manipulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint {
    /// Rows, or ids.
    pub rows: usize,
    /// The hash of the contents.
    pub hash: u64,
}

impl Fingerprint {
    /// The fingerprint of the same rows, processed in a given way.
    pub fn with(self, how: &[u8]) -> Self {
        let mut hash = Hash(self.hash);
        for &byte in how {
            hash.add(u64::from(byte));
        }
        Self {
            hash: hash.0,
            ..self
        }
    }
}

/// Rows and hash, as stored: `4823-9f86d081884c7d65`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.rows, self.hash)
    }
}

impl From<Fingerprint> for String {
    fn from(print: Fingerprint) -> Self {
        print.to_string()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(rows, hash)| {
            Some(Self {
                rows: rows.parse().ok()?,
                hash: u64::from_str_radix(hash, 16).ok()?,
            })
        });
        parsed.ok_or_else(|| format!("`{text}` is not a fingerprint"))
    }
}

/// A running hash of 64-bit words: each is mixed in by a multiplication and a shift (the finisher of MurmurHash3).
struct Hash(u64);

impl Hash {
    const START: Self = Self(0x9e37_79b9_7f4a_7c15);

    fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        self.0 ^= self.0 >> 33;
    }
}

impl Ratings {
    /// The fingerprint of users, items and ratings, in order. Timestamps are ignored.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Hash::START;
        for ((user, item), rating) in self.users.iter().zip(&self.items).zip(&self.ratings) {
            hash.add(u64::from(user.0) << 32 | u64::from(item.0));
            hash.add(u64::from(rating.to_bits()));
        }
        Fingerprint {
            rows: self.len(),
            hash: hash.0,
        }
    }
}

impl Split {
    /// The fingerprint of the split: of which rows, known by the ids of user and item, are in which part. Two programs,
    /// or two runs, with the same fingerprint evaluate on the same split, whatever the order of the file and of the
    /// indices: unlike that of ratings, it does not depend on the order of rows. Ratings and timestamps are ignored.
    ///
    /// It is the sum, modulo 2^64, of [`row_key`](crate::row_key)`(splitmix64(part), user, item)` over all rows, where the
    /// part is 0 for training, 1 for validation and 2 for test.
    ///
    /// ```
    /// use recburn_data::{Dataset, IdOrder};
    ///
    /// let print = |order| -> Result<_, Box<dyn std::error::Error>> {
    ///     let dataset = Dataset::sample(order);
    ///     let split = dataset.split(&"by-user-hashed:0.7/0.1/0.2".parse()?, 42)?;
    ///     Ok(split.fingerprint(&dataset.users, &dataset.items))
    /// };
    /// assert_eq!(print(IdOrder::FirstSight)?, print(IdOrder::Raw)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fingerprint(&self, users: &IdMap<UserIx>, items: &IdMap<ItemIx>) -> Fingerprint {
        let numbers = Numbers::of(users, items);
        let parts = [&self.train, &self.valid, &self.test];
        let keys = (0..)
            .zip(parts)
            .flat_map(|(part, rows)| numbers.keys(rows, splitmix64(part)));
        Fingerprint {
            rows: parts.iter().map(|part| part.len()).sum(),
            hash: keys.fold(0, |sum, (key, _)| sum.wrapping_add(key)),
        }
    }
}

impl<Ix: Index> IdMap<Ix> {
    /// The fingerprint of the raw ids and their rows.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Hash::START;
        for (row, id) in self.iter() {
            hash.add(u64::from(row.row()) << 32 | id.len() as u64);
            for eight in id.as_bytes().chunks(8) {
                let word = eight
                    .iter()
                    .fold(0, |word, &byte| word << 8 | u64::from(byte));
                hash.add(word);
            }
        }
        Fingerprint {
            rows: self.len(),
            hash: hash.0,
        }
    }
}
