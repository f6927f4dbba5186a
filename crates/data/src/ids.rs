//! Raw ids (text in a file), indices (rows of a table), and the map between them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{DataError, excerpt};
use crate::intern::Interner;
use crate::word::WordError;
use recburn_schema::Index;

/// How indices are assigned to ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdOrder {
    /// The first id in the file is 0, the next new one is 1, and so on (`pandas.factorize`).
    #[default]
    FirstSight,
    /// By value if all ids are whole numbers, otherwise as text (`sorted(unique(...))`, pandas categories).
    Sorted,
    /// The id is a number and serves as the index. The table has one row more than the largest id, and unused rows: 944
    /// and 1,683 on MovieLens 100K, whose ids start at 1.
    Raw,
}

impl fmt::Display for IdOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstSight => "first_sight",
            Self::Sorted => "sorted",
            Self::Raw => "raw",
        })
    }
}

impl FromStr for IdOrder {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        match word.replace('-', "_").as_str() {
            "first_sight" => Ok(Self::FirstSight),
            "sorted" => Ok(Self::Sorted),
            "raw" => Ok(Self::Raw),
            _ => Err(WordError::Unknown {
                what: "order of ids",
                seen: word.to_string(),
                expected: "first_sight, sorted or raw",
            }),
        }
    }
}

/// A two-way map of raw ids and indices. A saved model contains one for its users and one for its items.
///
/// ```
/// use recburn_data::{IdMap, IdOrder, UserIx};
///
/// let users: IdMap<UserIx> = IdMap::new(["anna", "bert"], IdOrder::FirstSight)?;
/// assert_eq!(users.index("bert"), Some(UserIx(1)));
/// assert_eq!(users.id(UserIx(0)).as_deref(), Some("anna"));
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct IdMap<Ix>(Ids, PhantomData<Ix>);

/// The largest id in [`IdOrder::Raw`]: 2^31, the limit of the index types of common backends.
pub(crate) const LARGEST_RAW: u32 = 1 << 31;

#[derive(Clone, Debug, PartialEq)]
enum Ids {
    /// The number of a text is its index.
    Texts { order: IdOrder, texts: Interner },
    /// The existing ids, ascending: each is its own index.
    Numbers(Vec<u32>),
}

impl<Ix: Index> IdMap<Ix> {
    /// Maps these ids; repeated ids are ignored.
    ///
    /// # Errors
    ///
    /// [`DataError::RawId`] in [`IdOrder::Raw`] for an id that is no number up to 2^31, and [`DataError::TooManyIds`].
    pub fn new<'a>(
        ids: impl IntoIterator<Item = &'a str>,
        order: IdOrder,
    ) -> Result<Self, DataError> {
        let mut texts = Interner::default();
        for id in ids {
            let added = match order {
                IdOrder::Raw if raw_number(id).is_none() => {
                    return Err(DataError::RawId {
                        seen: excerpt(id.as_bytes()),
                    });
                }
                IdOrder::Raw => texts.intern(canonical(id)),
                IdOrder::FirstSight | IdOrder::Sorted => texts.intern(id),
            };
            added.map_err(|_| DataError::TooManyIds)?;
        }
        Ok(Self::numbered(texts, order).0)
    }

    /// Maps these texts, which are numbered in order of first sight, and converts the numbers in a column to indices.
    /// In raw order the texts must be canonical numbers up to 2^31.
    #[doc(hidden)] // for code that builds columns row by row
    pub fn of_column(texts: Interner, order: IdOrder, column: &mut [Ix]) -> Self {
        let (map, index) = Self::numbered(texts, order);
        if let Some(index) = index {
            for number in column {
                *number = Ix::new(index[number.row() as usize]);
            }
        }
        map
    }

    /// Converts texts in order of first sight to the requested order. The second part is the index of each text by its
    /// number; `None` if unchanged. In raw order the texts have been checked to be canonical numbers.
    fn numbered(texts: Interner, order: IdOrder) -> (Self, Option<Vec<u32>>) {
        match order {
            IdOrder::FirstSight => (Self(Ids::Texts { order, texts }, PhantomData), None),
            IdOrder::Sorted => {
                let all_numbers = texts
                    .iter()
                    .all(|id| id.bytes().all(|b| b.is_ascii_digit()));
                let mut by_size: Vec<(u32, &str)> = (0..).zip(texts.iter()).collect();
                match all_numbers {
                    // The longer of two numbers is the larger; equal ones ("7", "07") are ordered as text.
                    true => by_size
                        .sort_unstable_by_key(|&(_, id)| (canonical(id).len(), canonical(id), id)),
                    false => by_size.sort_unstable_by_key(|&(_, id)| id),
                }
                let mut index = vec![0; texts.len()];
                let mut sorted = Interner::default();
                for (place, &(number, id)) in (0..).zip(&by_size) {
                    index[number as usize] = place;
                    sorted.add(id).expect("the same texts fitted before");
                }
                (
                    Self(
                        Ids::Texts {
                            order,
                            texts: sorted,
                        },
                        PhantomData,
                    ),
                    Some(index),
                )
            }
            IdOrder::Raw => {
                let index: Vec<u32> = texts
                    .iter()
                    .map(|id| raw_number(id).expect("raw ids are checked on reading"))
                    .collect();
                let mut numbers = index.clone();
                numbers.sort_unstable();
                (Self(Ids::Numbers(numbers), PhantomData), Some(index))
            }
        }
    }

    /// The number of table rows for these ids: their count or, in raw order, one more than the largest.
    pub fn rows(&self) -> usize {
        match &self.0 {
            Ids::Texts { texts, .. } => texts.len(),
            Ids::Numbers(numbers) => numbers.last().map_or(0, |&last| last as usize + 1),
        }
    }

    /// The number of distinct ids.
    pub fn len(&self) -> usize {
        match &self.0 {
            Ids::Texts { texts, .. } => texts.len(),
            Ids::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How indices were assigned.
    pub fn order(&self) -> IdOrder {
        match &self.0 {
            Ids::Texts { order, .. } => *order,
            Ids::Numbers(_) => IdOrder::Raw,
        }
    }

    /// The index of an id; `None` for an unknown id.
    pub fn index(&self, id: &str) -> Option<Ix> {
        let row = match &self.0 {
            Ids::Texts { texts, .. } => texts.find(id.as_bytes()),
            Ids::Numbers(numbers) => {
                raw_number(id).filter(|number| numbers.binary_search(number).is_ok())
            }
        };
        row.map(Ix::new)
    }

    /// The id of an index; `None` outside the table, and in raw order for a row without an id.
    pub fn id(&self, index: Ix) -> Option<Cow<'_, str>> {
        let row = index.row();
        match &self.0 {
            Ids::Texts { texts, .. } => texts.get(row).map(Cow::Borrowed),
            Ids::Numbers(numbers) => numbers
                .binary_search(&row)
                .ok()
                .map(|_| Cow::Owned(row.to_string())),
        }
    }

    /// All indices and ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Ix, Cow<'_, str>)> {
        (0..self.len()).map(|place| match &self.0 {
            Ids::Texts { texts, .. } => {
                let id = texts.get(place as u32).expect("a place below the length");
                (Ix::new(place as u32), Cow::Borrowed(id))
            }
            Ids::Numbers(numbers) => (
                Ix::new(numbers[place]),
                Cow::Owned(numbers[place].to_string()),
            ),
        })
    }
}

/// Written as `{"order": ..., "ids": [...]}`: the ids as text, in the order of their indices.
impl<Ix: Index> Serialize for IdMap<Ix> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Texts<'a, Ix>(&'a IdMap<Ix>);
        impl<Ix: Index> Serialize for Texts<'_, Ix> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(|(_, id)| id))
            }
        }
        let mut map = serializer.serialize_struct("IdMap", 2)?;
        map.serialize_field("order", &self.order())?;
        map.serialize_field("ids", &Texts(self))?;
        map.end()
    }
}

impl<'de, Ix: Index> Deserialize<'de> for IdMap<Ix> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "IdMap")]
        struct Stored {
            order: IdOrder,
            ids: Vec<String>,
        }
        let stored = Stored::deserialize(deserializer)?;
        // The list is already in index order: sorting it would only hide modifications.
        let order = match stored.order {
            IdOrder::Sorted => IdOrder::FirstSight,
            other => other,
        };
        let mut map =
            Self::new(stored.ids.iter().map(String::as_str), order).map_err(de::Error::custom)?;
        if map.len() != stored.ids.len() {
            return Err(de::Error::custom("an id is listed twice"));
        }
        if let Ids::Texts { order, .. } = &mut map.0 {
            *order = stored.order;
        }
        Ok(map)
    }
}

/// The number of an id in [`IdOrder::Raw`], if it is one.
pub fn raw_number(id: &str) -> Option<u32> {
    // `parse` alone would accept "+7".
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { id.parse().ok() } else { None };
    number.filter(|&number| number <= LARGEST_RAW)
}

/// A number without leading zeros, so that "07" and "7" are the same id if ids are numbers.
pub fn canonical(digits: &str) -> &str {
    let rest = digits.trim_start_matches('0');
    if rest.is_empty() && !digits.is_empty() {
        &digits[digits.len() - 1..]
    } else {
        rest
    }
}
