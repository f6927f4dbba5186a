//! Features of users and items.

mod derived;
mod feature;
mod gather;
mod histories;
mod lists;
mod merged;
mod words;

pub use feature::{Feature, FeatureValues, Scaling};
pub use gather::Gather;
pub(crate) use gather::inputs;
pub use lists::Lists;
pub use words::{in_order, numbered};

use crate::error::DataError;
use recburn_schema::{Input, Side};
use serde::{Deserialize, Serialize};

/// The features of users and items, each stored once per user or item, however many ratings there are.
/// For columns of ratings (the hour of a rating) they hold a typical value, used where a prediction has no rating behind it.
///
/// ```
/// use recburn_data::{Feature, Features, Lists, Side};
///
/// let mut features = Features::default();
/// features.add(Feature::numbers("age", Side::User, 1, vec![24.0, 53.0, 23.0]))?;
/// let genres = Lists::of([&[0, 2][..], &[1]]);
/// features.add(Feature::bags("genres", Side::Item, 3, genres))?;
/// assert_eq!(features.inputs().count(), 2);
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Features(Vec<Feature>);

impl Features {
    /// Adds a feature.
    ///
    /// # Errors
    ///
    /// [`DataError::Feature`] if the name is already in use or is that of the users or items themselves, for an id
    /// outside its table, a number that is not finite, and inconsistent lists or numbers.
    pub fn add(&mut self, feature: Feature) -> Result<(), DataError> {
        feature.check()?;
        let name = &feature.input.name;
        let taken = self.find(name).is_some() || name == Input::USERS || name == Input::ITEMS;
        let wrong = match feature.input.side {
            Side::Event if feature.rows() != 1 => {
                "a feature of events holds one typical value; a value per rating belongs in the ratings' own columns"
            }
            Side::User | Side::Item | Side::Event if taken => {
                "there is already an input with this name"
            }
            Side::User | Side::Item | Side::Event => "",
        };
        if !wrong.is_empty() {
            return Err(DataError::Feature {
                name: name.clone(),
                wrong: wrong.to_string(),
            });
        }
        self.0.push(feature);
        Ok(())
    }

    /// Adds a feature, or replaces the one with the same name.
    ///
    /// # Errors
    ///
    /// As [`Features::add`], except that the name may be in use.
    pub fn set(&mut self, feature: Feature) -> Result<(), DataError> {
        self.0.retain(|old| old.input.name != feature.input.name);
        self.add(feature)
    }

    /// Replaces the numbers of these rows of a feature of single numbers.
    ///
    /// # Errors
    ///
    /// [`DataError::Feature`] if there is no such feature, or no such row.
    pub fn replace_numbers(
        &mut self,
        name: &str,
        rows: &[u32],
        number: f32,
    ) -> Result<(), DataError> {
        let wrong = || DataError::Feature {
            name: name.to_string(),
            wrong: "it has no single numbers for these rows".to_string(),
        };
        let mut features = self.0.iter_mut();
        let feature = features.find(|feature| feature.input.name == name);
        let feature = feature.ok_or_else(wrong)?;
        let FeatureValues::Numbers(numbers) = &mut feature.values else {
            return Err(wrong());
        };
        for &row in rows {
            *numbers.get_mut(row as usize).ok_or_else(wrong)? = number;
        }
        Ok(())
    }

    /// The feature with this name.
    pub fn find(&self, name: &str) -> Option<&Feature> {
        self.0.iter().find(|feature| feature.input.name == name)
    }

    /// All features, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Feature> {
        self.0.iter()
    }

    /// The number of features.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The features as inputs of a model.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.0.iter().map(|feature| &feature.input)
    }

    /// The features of a subset of users and items, given by their old indices.
    pub(crate) fn take(&self, users: &[u32], items: &[u32]) -> Self {
        let of = |feature: &Feature| match feature.input.side {
            Side::User => feature.take(users),
            Side::Item => feature.take(items),
            Side::Event => feature.clone(),
        };
        Self(self.0.iter().map(of).collect())
    }

    /// Checks that each feature of `wanted` has a value for all of these users and items.
    ///
    /// # Errors
    ///
    /// [`DataError::Feature`] for the first that has too few.
    pub fn cover(&self, wanted: &[Input], users: usize, items: usize) -> Result<(), DataError> {
        for feature in wanted.iter().filter_map(|input| self.find(&input.name)) {
            let needed = match feature.input.side {
                Side::User => users,
                Side::Item => items,
                Side::Event => continue,
            };
            let rows = feature.rows();
            if rows < needed {
                return Err(DataError::Feature {
                    name: feature.input.name.clone(),
                    wrong: format!(
                        "it has values for {rows} {side}s, but there are {needed}",
                        side = feature.input.side
                    ),
                });
            }
        }
        Ok(())
    }
}
