//! Synthetic ratings of any size, in the shape of MovieLens, for benchmarks and tests at scale without a download.
//!
//! Nothing in them comes from real ratings. A rating is, in stars,
//!
//! ```text
//! truth  = clip(mean + user_bias + item_bias + user_taste . item_taste)
//! rating = nearest step of the scale to clip(truth + noise)
//! ```
//!
//! with structure that a factorisation can learn and noise that it cannot. Only sums, products, quotients and square
//! roots are used, which every platform rounds identically: a seed gives bit-identical ratings everywhere.

use crate::dataset::Dataset;
use crate::error::DataError;
use crate::ids::{IdMap, IdOrder, LARGEST_RAW};
use crate::intern::Interner;
use crate::ratings::{Ratings, Scale};
use recburn_schema::{ItemIx, UserIx};

mod plan;
mod rows;
mod write;

pub use rows::{Rated, SyntheticRows};

/// The shape and seed of synthetic ratings. Fields can be set individually:
///
/// ```
/// use recburn_data::{IdOrder, Synthetic};
///
/// let shape = Synthetic { seed: 7, ..Synthetic::of(300, 200, 9_000) };
/// let dataset = shape.dataset(IdOrder::FirstSight)?;
/// assert_eq!((dataset.users.len(), dataset.items.len(), dataset.ratings.len()), (300, 200, 9_000));
/// # Ok::<(), recburn_data::DataError>(())
/// ```
///
/// The same ratings are available in three ways: [`Synthetic::rows`] yields them one by one without storing them,
/// [`Synthetic::dataset`] holds all of them, and [`Synthetic::write_csv`] writes a file in MovieLens's format.
#[derive(Clone, Debug, PartialEq)]
pub struct Synthetic {
    /// The name of the data set.
    pub name: String,
    /// The number of users; their ids count from 1.
    pub users: usize,
    /// The number of items, each rated at least once.
    pub items: usize,
    /// The largest item id; ids are spread from 1 to this number, which must be at least `items`.
    pub item_ids_up_to: u32,
    /// The number of ratings, all of distinct pairs.
    pub ratings: usize,
    /// The minimum number of items per user; lower if there are not enough items or ratings.
    pub least_per_user: usize,
    /// The possible ratings, from `min` to `max` by `step`.
    pub scale: Scale,
    /// The seed.
    pub seed: u64,
}

impl Synthetic {
    /// The most steps of the scale: with more it would not be recognised as a scale of steps when read back.
    const MOST_STEPS: f64 = 999.0;

    /// The shape of MovieLens 20M: 20,000,263 half stars by 138,493 users of 26,744 items with ids up to 131,262.
    pub fn ml_20m() -> Self {
        Self {
            name: "synthetic-20m".to_string(),
            item_ids_up_to: 131_262,
            ..Self::of(138_493, 26_744, 20_000_263)
        }
    }

    /// Half stars from 0.5 to 5, with these numbers of users, items and ratings, ids without gaps, and seed 42.
    pub fn of(users: usize, items: usize, ratings: usize) -> Self {
        Self {
            name: "synthetic".to_string(),
            users,
            items,
            item_ids_up_to: u32::try_from(items).unwrap_or(u32::MAX),
            ratings,
            least_per_user: 20,
            scale: Scale {
                min: 0.5,
                max: 5.0,
                step: 0.5,
            },
            seed: 42,
        }
    }

    /// The ratings one by one, ordered by user and item, as in MovieLens's files.
    ///
    /// Memory grows with the numbers of users and items, not of ratings.
    ///
    /// # Errors
    ///
    /// [`DataError::Synthetic`] for an impossible shape, such as more ratings than pairs.
    pub fn rows(&self) -> Result<SyntheticRows, DataError> {
        self.check()?;
        Ok(SyntheticRows::new(plan::Plan::of(self)))
    }

    /// The ratings as a data set with known truth and noise floor, with indices in this order.
    ///
    /// # Errors
    ///
    /// As [`Synthetic::rows`].
    pub fn dataset(&self, order: IdOrder) -> Result<Dataset, DataError> {
        let mut rows = self.rows()?;
        let (mut users, mut items) = (Interner::default(), Interner::default());
        let (mut columns, mut times) = (Ratings::default(), Vec::new());
        // Without enough memory the columns grow as needed.
        let _ = columns.users.try_reserve_exact(self.ratings);
        let _ = columns.items.try_reserve_exact(self.ratings);
        let _ = columns.ratings.try_reserve_exact(self.ratings);
        let _ = times.try_reserve_exact(self.ratings);
        let mut truths = Vec::with_capacity(self.ratings);
        // Each id is converted to text once, not once per rating.
        let mut user = (0, 0);
        let mut item_numbers: Vec<Option<u32>> = vec![None; self.items];
        while let Some((place, rated)) = rows.next_placed() {
            if user.0 != rated.user {
                user = (rated.user, number(&mut users, rated.user)?);
            }
            let item = match item_numbers[place] {
                Some(item) => item,
                None => *item_numbers[place].insert(number(&mut items, rated.item)?),
            };
            columns.users.push(UserIx(user.1));
            columns.items.push(ItemIx(item));
            columns.ratings.push(rated.rating);
            times.push(rated.timestamp);
            truths.push(rated.truth);
        }
        columns.timestamps = Some(times);
        let users = IdMap::of_column(users, order, &mut columns.users);
        let items = IdMap::of_column(items, order, &mut columns.items);
        let mut dataset = Dataset::new(self.name.as_str(), users, items, columns)?;
        dataset.synthetic = true;
        dataset.noise_floor = Some(dataset.error_of(&truths, 0..truths.len()));
        dataset.truth = Some(truths);
        Ok(dataset)
    }

    /// Refuses an impossible shape.
    fn check(&self) -> Result<(), DataError> {
        let Self {
            users,
            items,
            ratings,
            ..
        } = *self;
        let scale = self.scale;
        let steps = self.steps();
        let largest_id = LARGEST_RAW;
        let wrong = if users == 0 || items == 0 {
            format!("{users} users and {items} items; there must be at least one of each")
        } else if users > largest_id as usize {
            format!("{users} users; their ids would exceed {largest_id}")
        } else if self.item_ids_up_to > largest_id || (self.item_ids_up_to as usize) < items {
            format!(
                "{items} items with ids up to {}; the largest id must be between the number of items and {largest_id}",
                self.item_ids_up_to
            )
        } else if ratings < users.max(items) {
            format!("{ratings} ratings of {items} items by {users} users leave some without any")
        } else if ratings as u128 > users as u128 * items as u128 {
            format!(
                "{ratings} ratings are more than there are pairs of {users} users and {items} items"
            )
        } else if ratings >= u32::MAX as usize {
            format!("{ratings} ratings are more than can be counted in 32 bits")
        } else if !(steps.is_finite() && (1.0..=Self::MOST_STEPS).contains(&steps)) {
            format!(
                "a scale from {} to {} by {}; it must rise in 1 to {} steps",
                scale.min,
                scale.max,
                scale.step,
                Self::MOST_STEPS
            )
        } else {
            return Ok(());
        };
        Err(DataError::Synthetic { wrong })
    }

    /// The number of steps from the lowest rating to the highest; meaningless for an invalid scale.
    fn steps(&self) -> f64 {
        let Scale { min, max, step } = self.scale;
        ((f64::from(max) - f64::from(min)) / f64::from(step)).round_ties_even()
    }
}

/// The number assigned to the text of an id.
fn number(texts: &mut Interner, id: u32) -> Result<u32, DataError> {
    let full = |_| DataError::TooManyIds;
    texts.intern(&id.to_string()).map_err(full)
}
